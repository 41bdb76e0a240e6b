import type { JSX } from "preact";
import { Json } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Opening } from "../../parts/opening.tsx";
import { Person } from "../../parts/person.tsx";
import { Time } from "../../parts/time.tsx";
import { usePaged } from "../../query.ts";
import { ask } from "./domain-data.ts";

interface HistoryRecord {
  readonly Id: string;
  readonly ObjectTypeName: string;
  readonly CreatedAt: string;
  readonly ActionType: string;
  readonly ProfileObjectUniqueKey?: string;
  readonly PerformedBy?: string;
  readonly Content?: string;
}

const PAGE = 50;

/** What happened to a profile in the last 30 days, the newest first; each line opens to what was written. */
export function ProfileHistory({
  domain,
  profile,
}: {
  readonly domain: string;
  readonly profile: string;
}): JSX.Element {
  const { rows, more, loading, error } = usePaged<HistoryRecord>(
    `${domain} ${profile}`,
    async (next, signal) => {
      const asked = { ProfileId: profile, MaxResults: PAGE, NextToken: next };
      const page = await ask<{ ProfileHistoryRecords?: readonly HistoryRecord[]; NextToken?: string }>(
        domain,
        "ListProfileHistoryRecords",
        asked,
        signal,
      );
      return { rows: page.ProfileHistoryRecords ?? [], next: page.NextToken };
    },
    { keyOf: ({ Id }) => Id, everyMs: 3000 },
  );
  return (
    <section aria-label="History">
      <Failure error={error} />
      {!loading && rows.length === 0 && !error && <Empty>Nothing happened to it within the last 30 days.</Empty>}
      <ol class="explained">
        {rows.map(({ Id, CreatedAt, ActionType, ObjectTypeName, ProfileObjectUniqueKey, PerformedBy }) => (
          <li key={Id}>
            <Opening
              name={`${domain} ${profile} ${Id}`}
              load={(signal) =>
                ask<HistoryRecord>(domain, "GetProfileHistoryRecord", { ProfileId: profile, Id }, signal)
              }
              summary={
                <>
                  <Time at={CreatedAt} /> <strong>{ActionType}</strong> {ObjectTypeName}{" "}
                  <span class="faint">
                    {ProfileObjectUniqueKey}{" "}
                    {PerformedBy && (
                      <>
                        by <Person arn={PerformedBy} />
                      </>
                    )}
                  </span>
                </>
              }
            >
              {({ Content, ...record }) => (
                <Json value={Content === undefined ? record : contentOf(Content)} name={Id} />
              )}
            </Opening>
          </li>
        ))}
      </ol>
      {more && (
        <button type="button" onClick={more}>
          Older
        </button>
      )}
    </section>
  );
}

/** What was written is JSON; what is not is shown as it is. */
function contentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
