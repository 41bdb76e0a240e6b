import type { JSX } from "preact";
import { useServerNow } from "../../clock.ts";
import { DataTable } from "../../parts/data-table.tsx";
import { ActionButton } from "../../parts/form.tsx";
import { Json } from "../../parts/json.tsx";
import { Empty, Failure, Figure } from "../../parts/notes.tsx";
import { Id, PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { shownDuration } from "../../parts/time.tsx";
import { nameOfUser } from "../../people.ts";
import { useLoaded } from "../../query.ts";
import { href, route, setQuery } from "../../route.ts";
import { call } from "../../server.ts";
import { ContactsOf } from "./contacts-of.tsx";
import { figuresNow, figuresOfDay, shownWait } from "./queue-figures.ts";
import { DOINGS, doingOf, signedIn } from "./user-data.ts";
import "./people.css";

interface Queue {
  readonly QueueId: string;
  readonly Name: string;
  readonly Description?: string;
  readonly Status: "ENABLED" | "DISABLED";
  readonly MaxContacts?: number;
  readonly HoursOfOperationId?: string;
}

/** Seconds within which an answer counts for the service level. */
const LEVELS = ["20", "60", "120", "300"];

/** One queue: who waits, who could take it, how well it was served in the last day, and its settings. */
export function QueuePage(): JSX.Element {
  const [, instanceId = "", queueId = ""] = route.value.path;
  const key = `${instanceId}/${queueId}`;
  const queue = useLoaded(
    key,
    async (signal) =>
      (await call<{ Queue: Queue }>("connect", "DescribeQueue", { InstanceId: instanceId, QueueId: queueId }, signal))
        .Queue,
    { everyMs: 5000 },
  );
  const isStandard = queue.value !== undefined;
  const seconds = LEVELS.find((level) => level === route.value.query.get("within")) ?? "20";
  const now = useLoaded(isStandard ? key : undefined, (signal) => figuresNow(instanceId, [queueId], signal), {
    everyMs: 2000,
  });
  const day = useLoaded(
    isStandard ? `${key} ${seconds}` : undefined,
    (signal) => figuresOfDay(instanceId, queueId, Number(seconds), signal),
    { everyMs: 10_000 },
  );
  const crumbs = [{ title: "Queues", to: href(["queues"]) }];
  const { value } = queue;
  if (!value) {
    return (
      <>
        <PageHead title="Queue" crumbs={crumbs} />
        <Failure error={queue.error} />
      </>
    );
  }
  const figures = now.value?.get(queueId) ?? {};
  return (
    <>
      <PageHead title={value.Name} crumbs={crumbs}>
        <label>
          Service level within{" "}
          <select value={seconds} onChange={(event) => setQuery({ within: event.currentTarget.value })}>
            {LEVELS.map((level) => (
              <option key={level} value={level}>
                {level} s
              </option>
            ))}
          </select>
        </label>
      </PageHead>
      <p class="buttons spaced">
        <span class={`dot ${value.Status === "ENABLED" ? "good" : "bad"}`}>{value.Status.toLowerCase()}</span>
        <Id id={queueId} />
        <span class="faint">{value.Description}</span>
      </p>
      <Failure error={queue.error ?? now.error ?? day.error} />
      <div class="figures">
        <Figure
          name="waiting"
          value={figures.CONTACTS_IN_QUEUE ?? 0}
          to={href(["contacts"], { state: "waiting", queue: queueId })}
        />
        <Figure name="longest wait" value={shownWait(figures.OLDEST_CONTACT_AGE)} />
        <Figure
          name="agents free"
          value={figures.AGENTS_AVAILABLE ?? 0}
          to={href(["queues", instanceId, queueId], { tab: "agents" })}
        />
        <Figure
          name={`answered within ${seconds} s, 24 h`}
          value={day.value?.serviceLevel === undefined ? "–" : `${day.value.serviceLevel.toFixed(1)} %`}
        />
        <Figure
          name="handled, 24 h"
          value={day.value?.handled ?? 0}
          to={href(["queues", instanceId, queueId], { tab: "contacts" })}
        />
        <Figure name="abandoned, 24 h" value={day.value?.abandoned ?? 0} />
        <Figure
          name="mean answer, 24 h"
          value={day.value?.answerSeconds === undefined ? "–" : shownDuration(day.value.answerSeconds * 1000)}
        />
      </div>
      <Tabs
        key={key}
        label="Parts of the queue"
        tabs={[
          {
            name: "waiting",
            title: "Waiting",
            view: () => <Waiting instanceId={instanceId} queueId={queueId} />,
          },
          { name: "agents", title: "Agents", view: () => <Serving instanceId={instanceId} queueId={queueId} /> },
          {
            name: "contacts",
            title: "All contacts",
            view: () => <ContactsOf instanceId={instanceId} filter={{ queue: queueId }} />,
          },
          {
            name: "settings",
            title: "Settings",
            view: () => <Settings instanceId={instanceId} queue={value} onSet={queue.reload} />,
          },
        ]}
      />
    </>
  );
}

interface OfQueue {
  readonly instanceId: string;
  readonly queueId: string;
}

function Waiting({ instanceId, queueId }: OfQueue): JSX.Element {
  const nowMs = useServerNow();
  return (
    <>
      <p class="faint">Who is being offered to an agent waits here too, and is not counted above.</p>
      <ContactsOf
        instanceId={instanceId}
        filter={{ state: "waiting", queue: queueId }}
        nowMs={nowMs ?? 0}
        empty="Nobody waits. Who calls while no agent of the queue is free stands here."
      />
    </>
  );
}

/** Who is signed in and serves the queue. */
function Serving({ instanceId, queueId }: OfQueue): JSX.Element {
  const { value, error } = useLoaded(
    `${instanceId}/${queueId}`,
    (signal) => signedIn(instanceId, { Queues: [queueId] }, signal),
    { everyMs: 2000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>
          Nobody who serves this queue is signed in. <a href={href(["agents"])}>Agents</a> can be signed in by hand.
        </Empty>
      )}
      {value && value.length > 0 && (
        <DataTable
          label="Agents of the queue"
          rows={value}
          keyOf={({ User }) => User.Id}
          columns={[
            {
              name: "Agent",
              cell: ({ User }) => (
                <a href={href(["agents", instanceId, User.Id])}>
                  {nameOfUser({ instanceId, userId: User.Id }) ?? User.Id.slice(0, 8)}
                </a>
              ),
            },
            { name: "Status", cell: ({ Status }) => Status.StatusName },
            { name: "Now", cell: (agent) => DOINGS[doingOf(agent)] },
            { name: "Contacts", isNumber: true, cell: ({ Contacts }) => Contacts.length },
          ]}
        />
      )}
    </>
  );
}

function Settings({
  instanceId,
  queue,
  onSet,
}: {
  readonly instanceId: string;
  readonly queue: Queue;
  onSet(): void;
}): JSX.Element {
  const hoursId = queue.HoursOfOperationId;
  const hours = useLoaded(hoursId, (signal) =>
    call<{ HoursOfOperation: { readonly Name: string; readonly TimeZone: string } }>(
      "connect",
      "DescribeHoursOfOperation",
      { InstanceId: instanceId, HoursOfOperationId: hoursId },
      signal,
    ),
  );
  const { Name = hoursId, TimeZone = "" } = hours.value?.HoursOfOperation ?? {};
  const other = queue.Status === "ENABLED" ? "DISABLED" : "ENABLED";
  return (
    <>
      <dl class="pairs">
        <dt>Hours</dt>
        <dd>
          {Name} {TimeZone && `(${TimeZone})`}
        </dd>
        <dt>Room for</dt>
        <dd>{queue.MaxContacts === undefined ? "any number of contacts" : `${queue.MaxContacts} contacts`}</dd>
      </dl>
      <div class="buttons spaced">
        <ActionButton
          key={queue.Status}
          act={async () => {
            const input = { InstanceId: instanceId, QueueId: queue.QueueId, Status: other };
            await call("connect", "UpdateQueueStatus", input);
            onSet();
          }}
        >
          {other === "DISABLED" ? "Disable the queue" : "Enable the queue"}
        </ActionButton>
      </div>
      <Json value={queue} open={3} name={`queue-${queue.QueueId}`} />
    </>
  );
}
