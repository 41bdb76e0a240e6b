/**
 * Subscription filters: events of a group that match go on, as they are stored, to a stream of Kinesis or Firehose or to a function.
 *
 * They are few, and whoever writes events needs them all, so they lie in the document of their group.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
import { gzipSync } from "node:zlib";
import type { Message } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Platform } from "../service.ts";
import type { FilterPattern } from "./filter-pattern/compiled-pattern.ts";
import { compileFilterPattern } from "./filter-pattern/filter-pattern.ts";
import { eventId, type LogEvent } from "./log-event.ts";
import { groupArn, type LogGroup, type SubscriptionFilter } from "./log-group.ts";
import type { LogStream } from "./log-stream.ts";

/** The subscriptions of a group whose pattern some of the events match get those. */
export async function tellSubscriptions(
  unit: Unit,
  platform: Pick<Platform, "flow">,
  group: LogGroup,
  stream: LogStream,
  events: readonly LogEvent[],
): Promise<void> {
  const messages = (group.subscriptions ?? []).flatMap((filter) => messageFor(filter, group, stream, events) ?? []);
  if (messages.length > 0) await platform.flow.send(unit, messages);
}

function messageFor(
  filter: SubscriptionFilter,
  group: LogGroup,
  stream: LogStream,
  events: readonly LogEvent[],
): Message | undefined {
  const pattern = compiled(filter.pattern);
  const matching = events.filter(({ message }) => pattern.matches(message));
  const [first] = matching;
  if (first === undefined) return undefined;
  const text = JSON.stringify({
    messageType: "DATA_MESSAGE",
    owner: group.account,
    logGroup: group.name,
    logStream: stream.name,
    subscriptionFilters: [filter.name],
    logEvents: matching.map((event) => ({
      id: eventId(event),
      timestamp: event.timestampMs,
      message: event.message,
    })),
  });
  const source = `${groupArn(group)}:*`;
  return {
    targetArn: filter.destinationArn,
    event: text,
    ruleArn: source,
    timeMs: first.ingestedMs,
    request: {
      deliveryId: `${stream.id}.${first.sequence}>${filter.name}`,
      ...packed(filter.destinationArn, text),
      ...(filter.distribution === "ByLogStream" && { key: stream.name.slice(0, KEY_CHARACTERS_MAX) }),
      account: group.account,
      principal: "logs.amazonaws.com",
      sourceArn: source,
    },
  };
}

/** Characters of a partition key. */
const KEY_CHARACTERS_MAX = 256;

/** A stream gets the compressed text as bytes, a function gets them in base64 within JSON. */
export function packed(destinationArn: string, text: string): { readonly body: string; readonly isBase64?: true } {
  const data = gzipSync(text).toString("base64");
  if (destinationArn.split(":")[2] === "lambda") return { body: JSON.stringify({ awslogs: { data } }) };
  return { body: data, isBase64: true };
}

/** Patterns are asked again at each put; compiling one is as much work as asking it a few times. */
const patterns = new BoundedMap<string, FilterPattern>(1_000);

/** A pattern that was found good when it was stored. */
export function compiled(pattern: string): FilterPattern {
  const known = patterns.get(pattern) ?? compileFilterPattern(pattern);
  if (!patterns.has(pattern)) patterns.set(pattern, known);
  return known;
}
