import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { type Integration, listAll, shortUri, type Trigger } from "./domain-data.ts";

/** The triggers of a domain, and whom each tells. */
export async function loadTriggers(
  domain: string,
  signal: AbortSignal,
): Promise<readonly (Trigger & { readonly uri: string | undefined })[]> {
  const [triggers, integrations] = await Promise.all([
    listAll<Trigger>(domain, "ListEventTriggers", signal),
    listAll<Integration>(domain, "ListIntegrations", signal),
  ]);
  const uris = new Map(
    integrations.flatMap(({ Uri, EventTriggerNames = [] }) => EventTriggerNames.map((name) => [name, Uri] as const)),
  );
  return triggers.map((trigger) => ({ ...trigger, uri: uris.get(trigger.EventTriggerName) }));
}

/** Who is to be told of objects as they are ingested. */
export function TriggersTab({ domain }: { readonly domain: string }): JSX.Element {
  const { value, error } = useLoaded(domain, (signal) => loadTriggers(domain, signal), { everyMs: 5000 });
  return (
    <>
      <div class="filters">
        <a class="button" href={href(["profiles", domain, "new-trigger"])}>
          New trigger
        </a>
      </div>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>{domain} has no event trigger. A trigger looks at each object of one type as it is ingested.</Empty>
      )}
      {value && value.length > 0 && (
        <DataTable
          label="Event triggers"
          rows={value}
          keyOf={({ EventTriggerName }) => EventTriggerName}
          columns={[
            {
              name: "Trigger",
              cell: ({ EventTriggerName: name }) => <a href={href(["profiles", domain, "triggers", name])}>{name}</a>,
            },
            {
              name: "Looks at",
              cell: ({ ObjectTypeName: name }) => <a href={href(["profiles", domain, "types", name])}>{name}</a>,
            },
            {
              name: "Tells",
              cell: ({ uri }) =>
                uri === undefined ? (
                  <span class="warn">nobody: it has no integration</span>
                ) : (
                  <span title={uri}>{shortUri(uri)}</span>
                ),
            },
            { name: "Description", cell: ({ Description }) => Description },
            { name: "Changed", cell: ({ LastUpdatedAt }) => <Time at={LastUpdatedAt} /> },
          ]}
        />
      )}
    </>
  );
}
