import type { Ids } from "../../time/ids.ts";

const CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** An id as API Gateway mints them: 10 characters of `[a-z0-9]` for APIs, keys and plans, 6 for most of what is in an API. */
export function newId(ids: Ids, length: number): string {
  return Array.from(ids.bytes(length), (byte) => CHARACTERS.charAt(byte % CHARACTERS.length)).join("");
}

export const API_ID_LENGTH = 10;
export const PART_ID_LENGTH = 6;
