import type { Checksum, ChecksumAlgorithm } from "./checksum.ts";

/**
 * A payload that a handler reads while it comes in, of an operation whose model has it streaming: large ones go to disk without ever
 * being in memory.
 *
 * To be read once, and to its end: it throws `ModeledError` for bytes that are not what the signature, the announced length or a checksum
 * says, and of some of these that is known only there. What was read before must then count for nothing.
 */
export interface StreamingPayload extends AsyncIterable<Uint8Array> {
  /** What kind of checksum comes with it; known from the beginning. */
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
  /** The checksum that came with it, in a header or behind it. It is known, and verified, once the payload has been read to its end. */
  readonly checksum: Checksum | undefined;
}
