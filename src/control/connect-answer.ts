import { ModeledError } from "../models/modeled-error.ts";
import { isJsonObject } from "../services/json-text.ts";
import { failure, type JsonAnswer, json, parseBody } from "./answer.ts";

/** Refusals that mean that something is not there, or not so. All others are the request's fault. */
const STATUS: Readonly<Record<string, number>> = { ResourceNotFoundException: 404, InvalidRequestException: 409 };

/** What an act answers, or why it was refused. */
export async function answering(act: () => Promise<unknown>): Promise<JsonAnswer> {
  return refusing(async () => json(await act()));
}

/** What an endpoint answers, or why it refuses what it read of the body. */
export async function refusing<R extends JsonAnswer | undefined>(respond: () => Promise<R>): Promise<R | JsonAnswer> {
  try {
    return await respond();
  } catch (error) {
    if (error instanceof ModeledError) return failure(STATUS[error.code] ?? 400, error.message);
    throw error;
  }
}

/** What a request brings, or an act of a play, which was read with the play. */
export type ActBody = Buffer | Readonly<Record<string, unknown>>;

/** A body that is an object, or empty. */
export function bodyOf(body: ActBody): { value: Readonly<Record<string, unknown>> } | { error: string } {
  if (!Buffer.isBuffer(body)) return { value: body };
  if (body.length === 0) return { value: {} };
  const parsed = parseBody(body);
  if ("error" in parsed) return parsed;
  return isJsonObject(parsed.value) ? { value: parsed.value } : { error: "The body is not an object" };
}

/**
 * Throws `InvalidParameterException` for a member that is none of these: one that is misspelt would do nothing, and nobody would notice.
 * `what`: whose members they are.
 */
export function requireMembers(
  body: Readonly<Record<string, unknown>>,
  what: string,
  members: readonly string[],
): void {
  const unknown = Object.keys(body).find((name) => !members.includes(name));
  if (unknown === undefined) return;
  const known = members.length > 0 ? `it has ${members.join(", ")}` : "it has none";
  throw new ModeledError("InvalidParameterException", `${what} has no member ${unknown}: ${known}`);
}

/** A member that is a text; an empty one is none. Throws `InvalidParameterException` for anything else. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name] ?? "";
  if (typeof value !== "string") throw new ModeledError("InvalidParameterException", `${name} is not a text`);
  return value === "" ? undefined : value;
}

/** A member that is a number of at least 0, and within what a time can bear. Throws `InvalidParameterException` for anything else. */
export function countOf(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && value >= 0 && value <= COUNT_MAX) return value;
  throw new ModeledError("InvalidParameterException", `${name} is not a number from 0 to ${COUNT_MAX}`);
}

/** Seconds of about 30 years. */
const COUNT_MAX = 1_000_000_000;
