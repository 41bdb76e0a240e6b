import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useServerNow } from "../../clock.ts";
import { ActionButton, ChoiceField, TextField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { shownDuration } from "../../parts/time.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { post } from "../../server.ts";
import { type AgentContact, type AgentView, agentPath } from "./agent-view.ts";
import { listQueues, listUsers } from "./instance-lists.ts";

interface Desk {
  readonly instanceId: string;
  readonly userId: string;
  /** Whoever looks at the agent reads anew. */
  onChange(): void;
}

/** What an agent has in front of them, with the buttons that they would press. */
export function AgentDesk({ agent, ...desk }: Desk & { readonly agent: AgentView | undefined }): JSX.Element {
  if (!agent)
    return <Empty>Not signed in. A status that is chosen above signs them in, and routing offers contacts.</Empty>;
  return (
    <>
      {agent.contacts.length === 0 && (
        <Empty>
          {agent.status.type === "ROUTABLE"
            ? "No contact at the moment. The next one that a queue of the routing profile has is offered."
            : "No contact, and none is offered in this status."}
        </Empty>
      )}
      <ul class="has" aria-label="Contacts at the agent">
        {agent.contacts.map((contact) => (
          <li key={contact.id} class="card">
            <HeldContact contact={contact} others={agent.contacts.filter(({ id }) => id !== contact.id)} {...desk} />
          </li>
        ))}
      </ul>
      <Dial {...desk} />
    </>
  );
}

const WORDS: Readonly<Record<string, string>> = {
  INCOMING: "is offered as a callback",
  PENDING: "will be dialled",
  CONNECTING: "rings",
  CONNECTED: "is connected",
  CONNECTED_ONHOLD: "is on hold",
  PAUSED: "is paused",
  MISSED: "was missed",
  REJECTED: "was rejected",
  ERROR: "failed",
  ENDED: "has ended: after-contact work",
};

const CLEARED = new Set(["MISSED", "REJECTED", "ERROR", "ENDED"]);

function HeldContact({
  contact,
  others,
  ...desk
}: Desk & { readonly contact: AgentContact; readonly others: readonly AgentContact[] }): JSX.Element {
  const nowMs = useServerNow();
  const { id, channel, state, stateStartMs, queue, initiationMethod } = contact;
  return (
    <>
      <p>
        <strong>
          {channel} {WORDS[state] ?? state}
        </strong>
        {nowMs !== undefined && ` for ${shownDuration(Math.max(0, nowMs - stateStartMs))}`}{" "}
        <a href={href(["contacts", desk.instanceId, id])}>{id}</a>{" "}
        <span class="faint">
          {initiationMethod}
          {queue && (
            <>
              {" from "}
              <a href={href(["queues", desk.instanceId, queue.id])}>{queue.name ?? queue.id}</a>
            </>
          )}
        </span>
      </p>
      <div class="buttons">
        {actsOf(contact, others).map(([act, title]) => (
          <ActionButton key={act} act={() => doAct(desk, act, { contactId: id })} isPrimary={act === "accept"}>
            {title}
          </ActionButton>
        ))}
      </div>
      {state === "CONNECTED" && channel !== "TASK" && channel !== "EMAIL" && <Say contactId={id} {...desk} />}
      {(state === "CONNECTED" || state === "CONNECTED_ONHOLD") && <Transfer contact={contact} {...desk} />}
    </>
  );
}

/** What an agent can do with a contact in its state; the server refuses, and says why, what does not go in this moment. */
function actsOf(
  contact: AgentContact,
  others: readonly AgentContact[],
): readonly (readonly [act: string, title: string])[] {
  const { state, channel, initiationMethod } = contact;
  if (CLEARED.has(state)) return [["clear", "Clear"]];
  const hangUp = ["hang-up", channel === "TASK" ? "Complete" : "Hang up"] as const;
  if (state === "CONNECTING" || state === "INCOMING" || state === "PENDING") {
    if (initiationMethod === "OUTBOUND" || others.some((other) => isLegOf(contact, other))) return [hangUp];
    return [
      ["accept", "Accept"],
      ["reject", "Reject"],
    ];
  }
  const consults = others.some((other) => isLegOf(other, contact));
  return [
    ...(channel === "VOICE" && state === "CONNECTED" ? [["hold", "Hold"] as const] : []),
    ...(state === "CONNECTED_ONHOLD" ? [["resume", "Resume"] as const] : []),
    ...(consults ? [["join", "Join the calls"] as const, ["leave", "Leave to the other"] as const] : []),
    ...(initiationMethod === "MONITOR"
      ? [["barge", "Barge in"] as const, ["listen", "Only listen"] as const, ["take-over", "Take over"] as const]
      : []),
    hangUp,
  ];
}

/** Whether an agent has made the one to speak about the other: the second leg of a transfer. */
function isLegOf(leg: AgentContact, customers: AgentContact): boolean {
  const first = customers.initialContactId ?? customers.id;
  return (
    leg.initiationMethod === "TRANSFER" && leg.initialContactId === first && customers.initiationMethod !== "TRANSFER"
  );
}

async function doAct(desk: Desk, act: string, body: object): Promise<undefined> {
  await post(`${agentPath(desk.instanceId, desk.userId)}/${act}`, body);
  desk.onChange();
}

/** Does an act with what was typed, which is kept where it is refused. */
function useAct(): {
  readonly failure: Error | undefined;
  readonly isBusy: boolean;
  run(act: () => Promise<void>): void;
} {
  const failure = useSignal<Error | undefined>(undefined);
  const isBusy = useSignal(false);
  const run = async (act: () => Promise<void>): Promise<void> => {
    isBusy.value = true;
    failure.value = undefined;
    try {
      await act();
    } catch (error) {
      failure.value = error as Error;
    }
    isBusy.value = false;
  };
  return { failure: failure.value, isBusy: isBusy.value, run: (act) => void run(act) };
}

function Say({ contactId, ...desk }: Desk & { readonly contactId: string }): JSX.Element {
  const text = useSignal("");
  const { failure, isBusy, run } = useAct();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          const path = `contacts/${encodeURIComponent(desk.instanceId)}/${encodeURIComponent(contactId)}/say`;
          await post(path, { speaker: "AGENT", text: text.value });
          text.value = "";
          desk.onChange();
        });
      }}
    >
      <div class="inline">
        <TextField label="Say as the agent" value={text.value} onText={(said) => (text.value = said)} />
        <button type="submit" disabled={isBusy}>
          Say
        </button>
      </div>
      <Failure error={failure} />
    </form>
  );
}

type Target = "queueId" | "userId" | "number";

function Transfer({ contact, ...desk }: Desk & { readonly contact: AgentContact }): JSX.Element {
  const kind = useSignal<Target>("queueId");
  const chosen = useSignal("");
  const { failure, isBusy, run } = useAct();
  const { value } = useLoaded(desk.instanceId, async (signal) => ({
    queues: await listQueues(desk.instanceId, signal),
    users: await listUsers(desk.instanceId, signal),
  }));
  const others = (value?.users ?? []).filter(({ Id }) => Id !== desk.userId);
  const choices =
    kind.value === "queueId"
      ? (value?.queues ?? []).map(({ Id, Name }) => [Id, Name] as const)
      : others.map(({ Id, Username }) => [Id, Username] as const);
  const target =
    kind.value === "number" ? chosen.value : (choices.find(([id]) => id === chosen.value) ?? choices[0])?.[0];
  const kinds: readonly (readonly [Target, string])[] = [
    ["queueId", "a queue"],
    ["userId", "an agent"],
    ...(contact.channel === "VOICE" ? [["number", "a number"] as const] : []),
  ];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run(() => doAct(desk, "transfer", { contactId: contact.id, to: { [kind.value]: target ?? "" } }));
      }}
    >
      <div class="inline">
        <ChoiceField
          label="Transfer to"
          value={kind.value}
          choices={kinds}
          onChoice={(choice) => {
            kind.value = choice as Target;
            chosen.value = "";
          }}
        />
        {kind.value === "number" ? (
          <TextField
            label="Number"
            value={chosen.value}
            placeholder="+12065550100"
            onText={(text) => (chosen.value = text)}
          />
        ) : (
          <ChoiceField
            label={kind.value === "queueId" ? "Queue" : "Agent"}
            value={target ?? ""}
            choices={choices}
            onChoice={(choice) => (chosen.value = choice)}
          />
        )}
        <button type="submit" disabled={isBusy}>
          Transfer
        </button>
      </div>
      <Failure error={failure} />
    </form>
  );
}

function Dial(desk: Desk): JSX.Element {
  const number = useSignal("");
  const { failure, isBusy, run } = useAct();
  return (
    <form
      class="card spaced"
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          await doAct(desk, "dial", { number: number.value });
          number.value = "";
        });
      }}
    >
      <div class="inline">
        <TextField
          label="Call a number"
          value={number.value}
          placeholder="+12065550100"
          onText={(text) => (number.value = text)}
        />
        <button type="submit" disabled={isBusy}>
          Call
        </button>
      </div>
      <Failure error={failure} />
    </form>
  );
}
