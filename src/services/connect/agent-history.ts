import { newestRecordsOfKey, type RecordPlace } from "../kinesis/index.ts";
import type { Context } from "../service.ts";
import type { AgentEvent } from "./agent-events.ts";
import { resourceArn } from "./arns.ts";
import { findRecordStream } from "./contact-streams.ts";
import { invalidParameter } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { getUser } from "./users.ts";

/** What an agent did, as the stream of agent events of their instance still has it. */
export interface AgentHistory {
  /** The ARN of the Kinesis stream; `null` where the instance tells agent events to none. */
  readonly stream: string | null;
  /** Without heartbeats, the newest first. */
  readonly events: readonly AgentEvent[];
  /** Give it as `after` for older ones. */
  readonly next?: string | undefined;
}

/** Events of other agents and heartbeats are passed over: at most so many in one call. */
const LOOKED_AT_MAX = 5_000;

const PLACE = /^(\d{1,9})-(\d{1,15})$/;

/** Throws `ResourceNotFoundException` for an unknown instance or user, `InvalidParameterException` for an `after` that is none. */
export async function listAgentHistory(
  context: Context,
  who: { readonly instanceId: string; readonly userId: string },
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<AgentHistory> {
  const { store } = context;
  const instance = await getInstance(store, context, who.instanceId);
  const user = await getUser(store, instance, who.userId);
  const from = after === undefined ? undefined : placeOf(after);
  const stream = await findRecordStream(store, instance, "AGENT_EVENTS");
  const found =
    stream !== undefined && stream.split(":")[2] === "kinesis"
      ? await newestRecordsOfKey(store, stream, {
          key: resourceArn("user", instance, user.id),
          from,
          limit,
          lookAt: LOOKED_AT_MAX,
          isWanted: (data) => !data.includes('"EventType":"HEART_BEAT"'),
        })
      : undefined;
  if (stream === undefined || found === undefined) return { stream: null, events: [] };
  const { records, next } = found;
  return {
    stream,
    events: records.flatMap(({ data }) => agentEventIn(data)),
    next: next && `${next.shard}-${next.before}`,
  };
}

/** Anybody may write to the stream, with any key. */
function agentEventIn(data: string): readonly AgentEvent[] {
  try {
    const event = JSON.parse(data) as Partial<AgentEvent>;
    return event.CurrentAgentSnapshot && event.EventType ? [event as AgentEvent] : [];
  } catch {
    return [];
  }
}

function placeOf(text: string): RecordPlace {
  const [, shard, before] = PLACE.exec(text) ?? [];
  if (shard === undefined || before === undefined) throw invalidParameter("after was not handed out here");
  return { shard: Number(shard), before: Number(before) };
}
