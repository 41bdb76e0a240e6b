import { hash, webcrypto } from "node:crypto";

/** Above this many bytes a hash is worth the trip to the thread pool: here it would hold up the event loop for 50 µs and more. */
const INLINE_BYTES_MAX = 65_536;

/** Hex SHA-256 of a body or a chunk. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return bytes.length <= INLINE_BYTES_MAX
    ? hash("sha256", bytes, "hex")
    : Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toString("hex");
}
