import type { Ids } from "../../time/ids.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * An id as IAM makes them, whose beginning tells what it is of.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function uniqueId(
  prefix: "AIDA" | "AROA" | "AGPA" | "ANPA" | "AIPA" | "AKIA" | "ASIA",
  ids: Pick<Ids, "bytes">,
): string {
  const length = prefix === "AKIA" || prefix === "ASIA" ? 16 : 17;
  return prefix + [...ids.bytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

/** A secret of 240 bits, as text of 40 characters. */
export function secretKey(ids: Pick<Ids, "bytes">): string {
  return Buffer.from(ids.bytes(30)).toString("base64");
}
