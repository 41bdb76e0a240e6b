import { newestRecordMs } from "../../kinesis/index.ts";
import type { Context } from "../../service.ts";
import { getDomain, inDomain } from "../domain.ts";
import { findEventStream } from "./event-stream.ts";
import { keptRecords } from "./tell-event-stream.ts";

/** How a domain's event stream is, and what of it the API does not tell. */
export interface EventStreamHealth {
  readonly name: string;
  /** ARN of the stream of Kinesis. */
  readonly uri: string;
  readonly state: "RUNNING" | "STOPPED";
  readonly status: "HEALTHY" | "UNHEALTHY";
  readonly since?: string | undefined;
  readonly message: string;
  readonly created: string;
  /** Records that wait for the stream of Kinesis to take them. */
  readonly waiting: number;
  /** When the newest record of the domain arrived there, if it is among the last few of a shard. */
  readonly lastTold?: string | undefined;
}

/** `undefined`: the domain has none. */
export async function eventStreamHealth(context: Context, domainName: string): Promise<EventStreamHealth | undefined> {
  const { store } = context;
  const domain = await getDomain(store, context, domainName);
  const stream = await findEventStream(store, domain);
  if (!stream) return undefined;
  const { documents } = await store.list(keptRecords, { prefix: inDomain(stream, stream.id, ""), limit: 1 });
  const [oldest] = documents;
  const sinceMs = stream.stoppedSinceMs ?? stream.unhealthySinceMs;
  // Records are written by us, the domain's name in front of what others say.
  const isOurs = (data: string): boolean => data.startsWith('{"SchemaVersion"') && data.includes(named(domain.name));
  const lastMs = await newestRecordMs(store, stream.uri, isOurs);
  return {
    name: stream.name,
    uri: stream.uri,
    state: stream.state,
    status: stream.unhealthySinceMs === undefined ? "HEALTHY" : "UNHEALTHY",
    since: optionalTime(sinceMs),
    message: stream.message,
    created: new Date(stream.createdMs).toISOString(),
    // Numbers are dense: what is told or dropped goes from the front.
    waiting: oldest ? stream.nextKept - oldest.number : 0,
    lastTold: optionalTime(lastMs),
  };
}

function named(domainName: string): string {
  return `"DomainName":${JSON.stringify(domainName)}`;
}

function optionalTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
