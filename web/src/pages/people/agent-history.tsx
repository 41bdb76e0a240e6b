import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { type PageOf, usePaged } from "../../query.ts";
import { href } from "../../route.ts";
import { read } from "../../server.ts";
import { agentPath } from "./agent-view.ts";

interface Snapshot {
  readonly AgentStatus: { readonly Name: string };
  readonly NextAgentStatus?: { readonly Name: string } | null;
  readonly Contacts: readonly { readonly ContactId: string; readonly Channel: string; readonly State: string }[];
}

interface AgentEvent {
  readonly EventId: string;
  readonly EventType: string;
  readonly EventTimestamp: string;
  readonly CurrentAgentSnapshot: Snapshot;
  readonly PreviousAgentSnapshot: Snapshot | null;
}

interface Answer {
  readonly stream: string | null;
  readonly events: readonly AgentEvent[];
  readonly next?: string;
}

/** What an agent did, as far as the stream of agent events keeps it. */
export function AgentHistory({
  instanceId,
  userId,
}: {
  readonly instanceId: string;
  readonly userId: string;
}): JSX.Element {
  const stream = useSignal<string | null | undefined>(undefined);
  const load = async (after: string | undefined, signal: AbortSignal): Promise<PageOf<AgentEvent>> => {
    const path = `${agentPath(instanceId, userId)}/events${after ? `?after=${after}` : ""}`;
    const answer = await read<Answer>(path, signal);
    stream.value = answer.stream;
    return { rows: answer.events, next: answer.next };
  };
  const { rows, error, loading, more } = usePaged(`${instanceId}/${userId}`, load, {
    keyOf: ({ EventId }) => EventId,
    everyMs: 3000,
  });
  const name = stream.value?.split("/").at(-1);
  return (
    <>
      <Failure error={error} />
      {stream.value === null && (
        <Empty>
          Agent events of this instance go nowhere, so nothing is kept.{" "}
          <a href={href(["api"], { model: "connect", operation: "AssociateInstanceStorageConfig" })}>
            AssociateInstanceStorageConfig
          </a>{" "}
          with the type AGENT_EVENTS and a Kinesis stream keeps what agents do from then on.
        </Empty>
      )}
      {name && (
        <p class="faint">
          From the stream <a href={href(["streams", name])}>{name}</a>, without heartbeats.
        </p>
      )}
      {name && rows.length === 0 && !loading && !more && <Empty>The stream has no event of this agent any more.</Empty>}
      <ol class="history" aria-label="What the agent did">
        {rows.map((event) => (
          <li key={event.EventId}>
            <Unfolding
              summary={
                <>
                  <Time at={event.EventTimestamp} /> {inWords(event)}
                </>
              }
              document={event}
            />
          </li>
        ))}
      </ol>
      {more && (
        <button type="button" onClick={more}>
          Earlier
        </button>
      )}
    </>
  );
}

/** What changed from the snapshot before to the one after. */
function inWords({ EventType, CurrentAgentSnapshot: now, PreviousAgentSnapshot: before }: AgentEvent): string {
  if (EventType === "LOGIN") return "signed in";
  if (EventType === "LOGOUT") return "signed out";
  const changes: string[] = [];
  if (before?.AgentStatus.Name !== now.AgentStatus.Name) changes.push(`status ${now.AgentStatus.Name}`);
  if (now.NextAgentStatus && before?.NextAgentStatus?.Name !== now.NextAgentStatus.Name) {
    changes.push(`then ${now.NextAgentStatus.Name}`);
  }
  const earlier = new Map((before?.Contacts ?? []).map(({ ContactId, State }) => [ContactId, State]));
  for (const { ContactId, Channel, State } of now.Contacts) {
    if (earlier.get(ContactId) !== State) changes.push(`${Channel} ${ContactId.slice(0, 8)} ${State.toLowerCase()}`);
    earlier.delete(ContactId);
  }
  for (const id of earlier.keys()) changes.push(`${id.slice(0, 8)} cleared`);
  return changes.join(", ") || "configuration changed";
}
