import { createHash } from "node:crypto";
import { PlaceError } from "../store/store.ts";

/** Enough of a hash that a token for another request, or a damaged one, is told from a good one. */
const DIGEST_BYTES = 9;
const DIGEST_CHARACTERS = 12;

/**
 * A `NextToken`: where a listing goes on (`position`, usually the last key that was given out), bound to the request that it
 * continues: whatever must stay the same from page to page, the account and region first.
 *
 * It is no secret and not a permission: who forges one only gets what asking for that page openly would have given. So a
 * position must be a key that the handler puts into a range of the caller's own account, never a raw place in the store.
 */
export function encodePageToken(request: readonly unknown[], position: string): string {
  return digest(request, position) + Buffer.from(position).toString("base64url");
}

/** The position of a token that `encodePageToken` made for the same request; `undefined` for every other text. */
export function decodePageToken(request: readonly unknown[], token: string): string | undefined {
  const position = Buffer.from(token.slice(DIGEST_CHARACTERS), "base64url").toString();
  return encodePageToken(request, position) === token ? position : undefined;
}

/** Reads a page of the store behind a token's position. Anybody can make a token: what it names may be no place there, which is refused. */
export async function atPlace<R>(read: () => Promise<R>, refuse: () => Error): Promise<R> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof PlaceError ? refuse() : error;
  }
}

function digest(request: readonly unknown[], position: string): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([request, position]))
    .digest();
  return hash.subarray(0, DIGEST_BYTES).toString("base64url");
}
