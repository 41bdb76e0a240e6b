import type { StreamingPayload } from "../models/streaming-payload.ts";

/** Requests and answers as protocols see them: what of HTTP matters, and bytes. */
export interface RawRequest {
  readonly method: string;
  /** As sent, undecoded, without the query. */
  readonly path: string;
  /** Raw, without the `?`. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked: neither chunked nor compressed. */
  readonly body: Buffer;
  /** In place of a body, of an operation that reads it while it comes in. */
  readonly payload?: StreamingPayload;
}

export interface RawResponse {
  readonly status: number;
  /** A list is sent as a header each. */
  readonly headers: Record<string, string | string[]>;
  /** Bytes, or a stream of them (objects, event streams, long lists in JSON). */
  readonly body: Buffer | AsyncIterable<Uint8Array>;
}
