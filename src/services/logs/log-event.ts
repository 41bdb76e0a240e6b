import { createHash } from "node:crypto";

export interface LogEvent {
  readonly groupId: string;
  readonly streamId: string;
  readonly streamName: string;
  readonly sequence: number;
  readonly timestampMs: number;
  readonly ingestedMs: number;
  readonly message: string;
}

/** 56 digits that no other event of the group has: its time, its stream, its place there. */
export function eventId(event: LogEvent): string {
  const stream = createHash("sha256").update(event.streamId).digest().readBigUInt64BE();
  return [
    String(event.timestampMs).padStart(16, "3"),
    String(stream).padStart(20, "0"),
    String(event.sequence).padStart(20, "0"),
  ].join("");
}
