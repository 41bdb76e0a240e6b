import type { JSX } from "preact";
import { DataTable } from "../../parts/data-table.tsx";
import { shownDuration } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import type { QueueRow } from "./picture.ts";

/** Queues with who waits in them, and how long those waited who were answered today. */
export function QueuesCard({
  instance,
  queues,
  more,
  seconds,
}: {
  readonly instance: string;
  readonly queues: readonly QueueRow[];
  readonly more: boolean;
  readonly seconds: number;
}): JSX.Element {
  const part = (id: string, tab: string): string => href(["queues", instance, id], { tab });
  return (
    <section aria-labelledby="queues-now">
      <h2 id="queues-now">Queues</h2>
      <DataTable
        label="Queues"
        rows={queues}
        keyOf={({ id }) => id}
        columns={[
          { name: "Queue", cell: ({ id, name }) => <a href={href(["queues", instance, id])}>{name}</a> },
          {
            name: "Waiting",
            isNumber: true,
            cell: ({ id, figures }) => (
              <a href={href(["contacts"], { state: "waiting", queue: id })}>{figures.CONTACTS_IN_QUEUE ?? 0}</a>
            ),
          },
          {
            name: "Longest wait",
            isNumber: true,
            cell: ({ figures }) => <Wait seconds={figures.OLDEST_CONTACT_AGE ?? 0} threshold={seconds} />,
          },
          {
            name: "Agents free",
            isNumber: true,
            cell: ({ id, figures }) => <a href={part(id, "agents")}>{figures.AGENTS_AVAILABLE ?? 0}</a>,
          },
          {
            name: "Agents on a contact",
            isNumber: true,
            cell: ({ id, figures }) => <a href={part(id, "agents")}>{figures.AGENTS_ON_CONTACT ?? 0}</a>,
          },
          {
            name: `Within ${seconds} s today`,
            isNumber: true,
            cell: ({ today }) => <ServiceLevel today={today} />,
          },
          {
            name: "Abandoned today",
            isNumber: true,
            cell: ({ id, today }) => (
              <a href={href(["contacts"], { state: "ended", queue: id, outcome: "abandoned" })}>
                {today.CONTACTS_ABANDONED ?? 0}
              </a>
            ),
          },
          {
            name: "Handled today",
            isNumber: true,
            cell: ({ id, today }) => (
              <a href={href(["contacts"], { state: "ended", queue: id, outcome: "handled" })}>
                {today.CONTACTS_HANDLED ?? 0}
              </a>
            ),
          },
        ]}
      />
      {more && <p class="faint">The instance has more queues; the first {queues.length} are shown.</p>}
    </section>
  );
}

function Wait({ seconds, threshold }: { readonly seconds: number; readonly threshold: number }): JSX.Element {
  const shown = shownDuration(seconds * 1000);
  return seconds > threshold ? <span class="warn">▲ {shown}</span> : <span>{seconds === 0 ? "–" : shown}</span>;
}

function ServiceLevel({ today }: { readonly today: QueueRow["today"] }): JSX.Element {
  if (!today.CONTACTS_QUEUED) return <span class="faint">–</span>;
  const percent = Math.round(today.SERVICE_LEVEL ?? 0);
  return <span class={percent >= 80 ? "good" : percent >= 50 ? "warn" : "bad"}>{percent} %</span>;
}
