import { Malformed } from "./malformed.ts";

/**
 * The bytes that base64 text stands for. Node skips what is not base64, so its answer is checked by length; that is cheaper than a
 * look at each character, and blobs are most of the bytes of a `PutRecord`.
 */
export function decodeBase64(text: string): Uint8Array {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Buffer.from(text, "base64");
  const complete = text.length % 4 === 0 && bytes.length === (text.length / 4) * 3 - padding;
  // Node also reads the URL-safe alphabet, which the services do not.
  if (!complete || text.includes("-") || text.includes("_")) {
    throw new Malformed("wrong-type", `'${text.slice(0, 64)}' can not be converted to a Blob: it is not valid Base64`);
  }
  return bytes;
}
