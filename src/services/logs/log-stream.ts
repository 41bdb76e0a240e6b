import { ModeledError } from "../../models/modeled-error.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { LogGroup } from "./log-group.ts";

export interface LogStream {
  readonly groupId: string;
  readonly name: string;
  /** Minted at creation: a stream that is deleted and created anew starts empty. */
  readonly id: string;
  readonly createdMs: number;
  /** Sequence of the next event: tells events of the same millisecond apart, in the order in which they came. */
  readonly next: number;
  readonly firstEventMs?: number;
  readonly lastEventMs?: number;
  readonly lastIngestionMs?: number;
}

export const logStreams: Collection<LogStream> = collection<LogStream>("logs_streams", {
  lastEvent: { type: "text", value: lastEventKey },
});

export function newStream(group: LogGroup, name: string, id: string, createdMs: number): LogStream {
  return { groupId: group.id, name, id, createdMs, next: 1 };
}

export function streamKey(stream: Pick<LogStream, "groupId" | "name">): string {
  return compositeKey(stream.groupId, stream.name);
}

/** Streams without events come first. */
export function lastEventKey(stream: LogStream): string {
  return compositeKey(stream.groupId, stream.lastEventMs ?? 0, stream.name);
}

export async function getStream(reader: Reader, group: LogGroup, name: string): Promise<LogStream> {
  const stream = await reader.get(logStreams, streamKey({ groupId: group.id, name }));
  if (stream === undefined) {
    throw new ModeledError("ResourceNotFoundException", "The specified log stream does not exist.");
  }
  return stream;
}

/** Nobody needs it any more, but clients still pass it along: 56 digits, as the service has them. */
export function sequenceToken(stream: LogStream): string {
  return String(stream.next).padStart(56, "4");
}
