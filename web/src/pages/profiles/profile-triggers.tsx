import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Opening } from "../../parts/opening.tsx";
import { Id } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { post, read } from "../../server.ts";
import { listAll, shortUri, type Trigger } from "./domain-data.ts";
import { ExplainedObjects, type ExplainedTrigger, type Outcome, OutcomeMark } from "./explained.tsx";

interface Decision {
  readonly trigger: string;
  readonly outcome: Outcome;
  readonly objectType: string;
  readonly object: string;
  readonly version: number;
  readonly uri: string;
  readonly time: string;
}

/** What event triggers decided of a profile's objects, and why each fired or kept silent. */
export function ProfileTriggers({
  domain,
  profile,
}: {
  readonly domain: string;
  readonly profile: string;
}): JSX.Element {
  const { value, error } = useLoaded(
    `${domain} ${profile}`,
    async (signal) => {
      const path = `profile-domains/${encodeURIComponent(domain)}/profiles/${encodeURIComponent(profile)}/decisions`;
      const [triggers, told] = await Promise.all([
        listAll<Trigger>(domain, "ListEventTriggers", signal),
        read<{ decisions: readonly Decision[]; more: boolean }>(`${path}?limit=100`, signal),
      ]);
      return { triggers, ...told };
    },
    { everyMs: 3000 },
  );
  return (
    <>
      <Failure error={error} />
      {value && (
        <>
          <section>
            <h2>Decisions</h2>
            {value.decisions.length === 0 && <Empty>No trigger's conditions were met within the last 7 days.</Empty>}
            {value.decisions.length > 0 && <Decisions domain={domain} decisions={value.decisions} />}
            {value.more && <p class="faint">… and earlier ones</p>}
          </section>
          <section>
            <h2>Why</h2>
            {value.triggers.length === 0 && (
              <Empty>
                <a href={href(["profiles", domain], { tab: "triggers" })}>{domain}</a> has no event trigger.
              </Empty>
            )}
            <ul class="explained">
              {value.triggers.map(({ EventTriggerName: name, ObjectTypeName }) => (
                <li key={name}>
                  <Opening
                    name={`${domain} ${name} ${profile}`}
                    load={(signal) => post<ExplainedTrigger>("explain", { domain, trigger: name, profile }, signal)}
                    summary={
                      <>
                        <strong>{name}</strong> <span class="faint">on objects of {ObjectTypeName}</span>
                      </>
                    }
                  >
                    {(explained) => <ExplainedObjects domain={domain} explained={explained} />}
                  </Opening>
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </>
  );
}

function Decisions({
  domain,
  decisions,
}: {
  readonly domain: string;
  readonly decisions: readonly Decision[];
}): JSX.Element {
  return (
    <DataTable
      label="Decisions"
      rows={decisions}
      keyOf={({ trigger, object, version, time }) => `${trigger} ${object} ${version} ${time}`}
      columns={[
        {
          name: "Trigger",
          cell: ({ trigger }) => <a href={href(["profiles", domain, "triggers", trigger])}>{trigger}</a>,
        },
        { name: "Decided", cell: ({ outcome }) => <OutcomeMark outcome={outcome} /> },
        { name: "When", cell: ({ time }) => <Time at={time} /> },
        { name: "Type", cell: ({ objectType }) => objectType },
        { name: "Object", cell: ({ object }) => <Id id={object} /> },
        { name: "To", cell: ({ uri }) => <span title={uri}>{shortUri(uri)}</span> },
      ]}
    />
  );
}
