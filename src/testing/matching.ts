/** Asks the server which of some documents matches a pattern, and tells what came nearest where none does. */
import { AssertionError } from "node:assert";
import type { AskedServer } from "./asked-server.ts";
import { type Explanation, shownVerdict } from "./shown-verdict.ts";

/** A pattern in EventBridge's language: `{ detail: { state: ["OPEN"], total: [{ numeric: [">", 5] }] } }`. An empty one matches all. */
export interface Pattern {
  readonly [member: string]: unknown;
}

/** What `POST /_trunkline/find` is asked: of a stream, bus or `function/NAME`, or of these documents. */
export type Question =
  | { readonly name: string; readonly pattern: Pattern; readonly since?: string | undefined }
  | { readonly documents: readonly unknown[]; readonly pattern: Pattern };

/** What it answers. `at` counts what was looked at from 0. */
export interface Finding {
  readonly looked: number;
  readonly found?: { readonly at: number; readonly candidate: unknown };
  /** The nearest first. Absent where something was found. */
  readonly nearest?: readonly (Omit<Explanation, "matched"> & { readonly at: number; readonly candidate: unknown })[];
}

/** Throws `RefusedError` for a pattern that is none. */
export async function find(server: AskedServer, question: Question): Promise<Finding> {
  return await server.connection.ask("POST", "find", question);
}

/** The only one of some names. Throws where it is not one. */
export function only(names: readonly string[], kind: string): string {
  const [first, ...others] = names;
  if (first === undefined) throw new Error(`There is no ${kind} yet`);
  if (others.length > 0) throw new Error(`There is more than one ${kind}, say which: ${names.join(", ")}`);
  return first;
}

export function isFound({ found }: Finding): boolean {
  return found !== undefined;
}

/** Where what is asked about begins: after something that was found before, by the member that is its id, or at a time. Throws `TypeError`. */
export function sinceOf(since: unknown, member: "id" | "sequenceNumber"): string | undefined {
  if (since === undefined) return undefined;
  if (since instanceof Date && !Number.isNaN(since.getTime())) return since.toISOString();
  const id = typeof since === "object" && since !== null ? (since as Record<string, unknown>)[member] : undefined;
  if (typeof id === "string" && id !== "") return id;
  throw new TypeError(`since is a Date or what was found before, with its ${member}, not ${inspected(since)}`);
}

export interface Wish {
  /** `an event on bus default`. */
  readonly what: string;
  readonly wanted: unknown;
  /** Until when was waited, in the contact centre's time. */
  readonly at: Date;
  /** What is to be told of the nearest, where that is not itself. */
  readonly shown?: (candidate: unknown) => unknown;
}

/** What a test prints where nothing matched: what was wanted, what came nearest, why that did not match, and `more`. */
export function unmatched(wish: Wish, { looked, nearest = [] }: Finding, more: readonly string[] = []): Error {
  const [first, ...others] = nearest;
  if (first === undefined) return failed([missing(wish), "There is none at all.", ...more]);
  const { reason = "", condition, candidate } = first;
  const next = [...new Set(others.map((other) => other.reason))].filter((it) => it !== undefined && it !== reason);
  return failed([
    missing(wish),
    `Of ${looked} the nearest does not match: ${asPattern(reason)}`,
    ...shownVerdict(condition),
    ...next.map((other) => `Of another: ${asPattern(other ?? "")}`),
    `The nearest is ${inspected(wish.shown?.(candidate) ?? candidate)}`,
    ...more,
  ]);
}

/** What a test prints where something has come that was not to. */
export function unwanted(what: string, pattern: unknown, found: unknown): Error {
  return failed([`No ${what} was to match ${inspected(pattern)}, and this does: ${inspected(found)}`]);
}

export function missing({ what, wanted, at }: Wish): string {
  return `There is not ${what} such as ${inspected(wanted)} by ${at.toISOString()}.`;
}

/** What was asked is no rule here. */
function asPattern(reason: string): string {
  return shortened(reason.replaceAll(", but the rule asks ", ", but the pattern asks "), LINE_CHARACTERS);
}

export function failed(rows: readonly string[]): Error {
  const error: Error & { diff?: unknown } = new AssertionError({ message: rows.join("\n"), stackStartFn: failed });
  // Runners other than Node's print it under the message, and it says nothing: "simple".
  delete error.diff;
  return error;
}

const SHOWN_CHARACTERS = 2_000;
/** Of a line that tells a reason or a condition. */
const LINE_CHARACTERS = 400;

export function inspected(value: unknown): string {
  const text = typeof value === "function" ? value.toString() : (JSON.stringify(value, null, 2) ?? String(value));
  return shortened(text, SHOWN_CHARACTERS);
}

export function shortened(text: string, most: number = LINE_CHARACTERS): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
