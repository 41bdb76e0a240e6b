import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useServerNow } from "../clock.ts";
import { instanceId } from "../instance.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { ActionButton, ChoiceField, TextField } from "../parts/form.tsx";
import { JsonEditor, parseJson } from "../parts/json-editor.tsx";
import { NoInstance } from "../parts/no-instance.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { PageHead } from "../parts/page.tsx";
import { shownDuration, Time } from "../parts/time.tsx";
import { useLoaded, usePaged } from "../query.ts";
import { go, href, route, setQuery } from "../route.ts";
import { call, post, read } from "../server.ts";
import "./contacts.css";

/** As `GET /_trunkline/contacts/INSTANCE` lists them. */
interface Contact {
  readonly id: string;
  readonly stage: keyof typeof STAGES;
  readonly channel: string;
  readonly initiationMethod: string;
  readonly customer?: string;
  readonly name?: string;
  readonly queue?: { readonly id: string; readonly name?: string };
  readonly agent?: { readonly id: string; readonly name?: string };
  readonly began: string;
  readonly queued?: string;
  readonly connected?: string;
  readonly ended?: string;
  readonly reason?: string;
}

const STAGES = {
  "in-flow": "in a flow",
  waiting: "waiting",
  "with-agent": "with an agent",
  "after-contact": "after contact",
  ended: "ended",
};
const CHANNELS = ["VOICE", "CHAT", "TASK", "EMAIL"];
const FILTERS = ["state", "outcome", "channel", "queue", "agent", "text"] as const;

/** The contacts of the instance, the newest first, by what they do now. */
export function ContactsPage(): JSX.Element {
  const { query } = route.value;
  const instance = instanceId.value;
  const given = FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name) ?? ""]] : []));
  const search = new URLSearchParams(given).toString();
  const { rows, error, loading, more } = usePaged<Contact>(
    instance && `${instance}?${search}`,
    async (after, signal) => {
      const page = new URLSearchParams([...given, ...(after ? [["after", after]] : [])]);
      const path = `contacts/${encodeURIComponent(instance ?? "")}?${page}`;
      const { contacts, next } = await read<{ contacts: readonly Contact[]; next?: string }>(path, signal);
      return { rows: contacts, next };
    },
    { keyOf: ({ id }) => id, everyMs: 750 },
  );
  const now = useServerNow();
  const isCalling = useSignal(false);
  return (
    <>
      <PageHead title="Contacts">
        {instance && (
          <button type="button" class="primary" onClick={() => (isCalling.value = true)}>
            New contact
          </button>
        )}
      </PageHead>
      <Filters rows={rows} />
      <Failure error={error} />
      <NoInstance>nobody can call</NoInstance>
      {instance && rows.length === 0 && !loading && !more && !error && (
        <Empty>
          {given.length > 0 ? "No contact is like that." : "Nobody has called yet. A new contact makes one do so."}
        </Empty>
      )}
      {instance && (rows.length > 0 || more) && (
        <DataTable label="Contacts" columns={columnsOf(instance, now)} rows={rows} keyOf={({ id }) => id} more={more} />
      )}
      {isCalling.value && instance && <Arrival instance={instance} onClose={() => (isCalling.value = false)} />}
    </>
  );
}

function columnsOf(instance: string, now: number | undefined): readonly Column<Contact>[] {
  return [
    {
      name: "Contact",
      cell: ({ id }) => (
        <a href={href(["contacts", instance, id])} title={id}>
          <code>{id.slice(0, 8)}</code>
        </a>
      ),
    },
    { name: "State", cell: ({ stage }) => <span class={`stage ${stage}`}>{STAGES[stage]}</span> },
    { name: "Channel", cell: ({ channel }) => channel },
    { name: "Customer", cell: ({ customer, name }) => customer ?? name },
    { name: "Queue", cell: ({ queue }) => queue?.name ?? queue?.id },
    { name: "Agent", cell: ({ agent }) => agent?.name ?? agent?.id },
    { name: "Began", cell: ({ began }) => <Time at={began} /> },
    {
      name: "Lasted",
      isNumber: true,
      cell: ({ began, ended }) => {
        const end = ended === undefined ? now : Date.parse(ended);
        return end !== undefined && shownDuration(Math.max(0, end - Date.parse(began)));
      },
    },
    { name: "Begun by", cell: ({ initiationMethod }) => initiationMethod },
    { name: "Ended by", cell: ({ reason }) => reason },
  ];
}

function Filters({ rows }: { readonly rows: readonly Contact[] }): JSX.Element {
  const { query } = route.value;
  return (
    <div class="filters">
      <label>
        State{" "}
        <select value={query.get("state") ?? ""} onChange={(event) => setQuery({ state: event.currentTarget.value })}>
          <option value="">all</option>
          {Object.entries(STAGES).map(([name, title]) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <label>
        Channel{" "}
        <select
          value={query.get("channel") ?? ""}
          onChange={(event) => setQuery({ channel: event.currentTarget.value })}
        >
          <option value="">all</option>
          {CHANNELS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Find{" "}
        <input
          type="search"
          placeholder="Number, address, name or id"
          value={query.get("text") ?? ""}
          onInput={(event) => setQuery({ text: event.currentTarget.value })}
        />
      </label>
      <Narrowed name="outcome" title={query.get("outcome") ?? undefined} />
      <Narrowed name="queue" title={rows.find(({ queue }) => queue?.id === query.get("queue"))?.queue?.name} />
      <Narrowed name="agent" title={rows.find(({ agent }) => agent?.id === query.get("agent"))?.agent?.name} />
    </div>
  );
}

/** A filter that a link has set, with a button that ends it. */
function Narrowed({
  name,
  title,
}: {
  readonly name: "outcome" | "queue" | "agent";
  readonly title: string | undefined;
}): JSX.Element | null {
  const id = route.value.query.get(name);
  if (!id) return null;
  return (
    <button type="button" aria-label={`Of all ${name}s`} onClick={() => setQuery({ [name]: undefined })}>
      {name} {title ?? id} ✕
    </button>
  );
}

/** A customer calls, writes or leaves a task: what `POST /_trunkline/contacts/INSTANCE` takes. */
function Arrival({ instance, onClose }: { readonly instance: string; onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const channel = useSignal("VOICE");
  const from = useSignal("+447700900123");
  const queueId = useSignal("");
  const attributes = useSignal("{}");
  const queues = useLoaded(instance, (signal) =>
    call<{ QueueSummaryList?: readonly { Id: string; Name?: string }[] }>(
      "connect",
      "ListQueues",
      { InstanceId: instance, QueueTypes: ["STANDARD"], MaxResults: 100 },
      signal,
    ),
  );
  const arrive = async (): Promise<undefined> => {
    const parsed = parseJson(attributes.value);
    if ("error" in parsed) throw new Error(`The attributes are no JSON: ${parsed.error}`);
    const { contactId } = await post<{ contactId: string }>(`contacts/${encodeURIComponent(instance)}`, {
      channel: channel.value,
      ...(from.value && { from: from.value }),
      ...(queueId.value && { queueId: queueId.value }),
      attributes: parsed.value,
    });
    onClose();
    go(href(["contacts", instance, contactId]));
  };
  return (
    <dialog ref={dialog} class="confirm" aria-label="New contact" onClose={onClose}>
      <h2>New contact</h2>
      <div class="form">
        <ChoiceField
          label="Channel"
          value={channel.value}
          choices={CHANNELS}
          onChoice={(one) => (channel.value = one)}
        />
        <TextField
          label="From"
          hint="A number, or an address"
          value={from.value}
          onText={(text) => (from.value = text)}
        />
        <ChoiceField
          label="Queue"
          hint="The working queue that its flow begins with"
          value={queueId.value}
          choices={[
            ["", "as the flow says"],
            ...(queues.value?.QueueSummaryList ?? []).map(({ Id, Name = Id }) => [Id, Name] as const),
          ]}
          onChoice={(id) => (queueId.value = id)}
        />
        <JsonEditor label="Attributes" text={attributes.value} onText={(text) => (attributes.value = text)} rows={3} />
      </div>
      <div class="buttons">
        <ActionButton isPrimary act={arrive}>
          Let it arrive
        </ActionButton>
        <button type="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
      </div>
    </dialog>
  );
}
