import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Id } from "../../parts/page.tsx";
import { usePaged } from "../../query.ts";
import { read } from "../../server.ts";
import { profileHref } from "./domain-data.ts";

export interface MatchingRules {
  readonly Enabled?: boolean;
  readonly Status?: string;
  readonly MatchingRules?: readonly { readonly Rule: readonly string[] }[];
  readonly MaxAllowedRuleLevelForMatching?: number;
  readonly MaxAllowedRuleLevelForMerging?: number;
}

/** As `GET /_trunkline/profile-domains/DOMAIN/matches` tells it. */
interface Match {
  readonly id: string;
  readonly level: number;
  readonly profiles: readonly string[];
  readonly count: number;
}

/** Who is the same by the domain's rules: those who were not sure enough to be merged. */
export function MatchingTab({
  domain,
  rules,
}: {
  readonly domain: string;
  readonly rules: MatchingRules | undefined;
}): JSX.Element {
  if (!rules?.Enabled) {
    return (
      <Empty>
        {domain} has no rules that find out who is the same: <code>RuleBasedMatching</code> of UpdateDomain turns them
        on.
      </Empty>
    );
  }
  return (
    <>
      <Levels rules={rules} />
      <Matches domain={domain} />
    </>
  );
}

function Levels({ rules }: { readonly rules: MatchingRules }): JSX.Element {
  const { MatchingRules: levels = [], MaxAllowedRuleLevelForMerging: merging = 0 } = rules;
  return (
    <section>
      <h2>
        Rules <span class="faint">{rules.Status}</span>
      </h2>
      <DataTable
        label="Matching rules"
        rows={levels.map(({ Rule }, place) => ({ level: place + 1, Rule }))}
        keyOf={({ level }) => String(level)}
        columns={[
          { name: "Level", isNumber: true, cell: ({ level }) => level },
          { name: "Equal in", cell: ({ Rule }) => Rule.join(", ") },
          { name: "Then", cell: ({ level }) => (level <= merging ? "merged" : "told as a match") },
        ]}
      />
    </section>
  );
}

const PAGE = 50;

function Matches({ domain }: { readonly domain: string }): JSX.Element {
  const { rows, more, loading, error } = usePaged<Match>(
    domain,
    async (next, signal) => {
      const query = new URLSearchParams({ limit: String(PAGE), ...(next !== undefined && { after: next }) });
      const path = `profile-domains/${encodeURIComponent(domain)}/matches?${query}`;
      const page = await read<{ matches: readonly Match[]; nextToken?: string }>(path, signal);
      return { rows: page.matches, next: page.nextToken };
    },
    { keyOf: ({ id }) => id, everyMs: 5000 },
  );
  return (
    <section>
      <h2>Matches</h2>
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && <Empty>No two profiles match.</Empty>}
      {rows.length > 0 && (
        <DataTable
          label="Matches"
          rows={rows}
          keyOf={({ id }) => id}
          more={more}
          columns={[
            { name: "Match", cell: ({ id }) => <Id id={id} /> },
            { name: "Level", isNumber: true, cell: ({ level }) => level },
            { name: "Profiles", isNumber: true, cell: ({ count }) => count },
            {
              name: "Who",
              cell: ({ profiles }) =>
                profiles.map((id) => (
                  <span key={id}>
                    <a href={profileHref(domain, id, { tab: "matches" })}>{id.slice(0, 8)}…</a>{" "}
                  </span>
                )),
            },
          ]}
        />
      )}
    </section>
  );
}
