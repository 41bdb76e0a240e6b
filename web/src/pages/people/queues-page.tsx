import type { JSX } from "preact";
import { instanceId } from "../../instance.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { NoInstance } from "../../parts/no-instance.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { useLoaded } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { listQueues } from "./instance-lists.ts";
import { figuresNow, shownWait } from "./queue-figures.ts";
import "./people.css";

/** The queues of an instance with who waits there and who could take it. */
export function QueuesPage(): JSX.Element {
  const instance = instanceId.value;
  const queues = useLoaded(instance, (signal) => listQueues(instance ?? "", signal), { everyMs: 10_000 });
  const ids = (queues.value ?? []).map(({ Id }) => Id);
  const now = useLoaded(
    instance && ids.length > 0 ? `${instance} ${ids.length}` : undefined,
    (signal) => figuresNow(instance ?? "", ids, signal),
    { everyMs: 2000 },
  );
  const text = (route.value.query.get("text") ?? "").toLowerCase();
  const found = (queues.value ?? []).filter(({ Name }) => Name.toLowerCase().includes(text));
  const of = (id: string) => now.value?.get(id) ?? {};
  return (
    <>
      <PageHead title="Queues" />
      <search class="filters">
        <label>
          Name{" "}
          <input
            type="search"
            value={route.value.query.get("text") ?? ""}
            onInput={(event) => setQuery({ text: event.currentTarget.value })}
          />
        </label>
      </search>
      <Failure error={queues.error ?? now.error} />
      <NoInstance>there are no queues</NoInstance>
      {queues.value && found.length === 0 && <Empty>No queue is called like that.</Empty>}
      {instance && found.length > 0 && (
        <DataTable
          label="Queues"
          rows={found}
          keyOf={({ Id }) => Id}
          columns={[
            { name: "Queue", cell: ({ Id, Name }) => <a href={href(["queues", instance, Id])}>{Name}</a> },
            {
              name: "Waiting",
              isNumber: true,
              cell: ({ Id }) => (
                <a href={href(["contacts"], { state: "waiting", queue: Id })}>{of(Id).CONTACTS_IN_QUEUE ?? 0}</a>
              ),
            },
            {
              name: "Longest wait",
              isNumber: true,
              cell: ({ Id }) => shownWait(of(Id).OLDEST_CONTACT_AGE),
            },
            { name: "Agents free", isNumber: true, cell: ({ Id }) => of(Id).AGENTS_AVAILABLE ?? 0 },
            { name: "On a contact", isNumber: true, cell: ({ Id }) => of(Id).AGENTS_ON_CONTACT ?? 0 },
            { name: "After contact", isNumber: true, cell: ({ Id }) => of(Id).AGENTS_AFTER_CONTACT_WORK ?? 0 },
          ]}
        />
      )}
    </>
  );
}
