import type { Explanation } from "../../matching/explanation.ts";
import type { Context } from "../../services/service.ts";
import type { CallOperation } from "../api.ts";

/** What entries are about. Each has a lane of its own on the axis; what was said has one for each side. */
export const KINDS = [
  "contact",
  "flow",
  "agent",
  "transcript",
  "category",
  "rule",
  "action",
  "case",
  "profile",
  "object",
  "trigger",
  "item",
  "record",
  "file",
  "evaluation",
  "delivery",
] as const;

export type Kind = (typeof KINDS)[number];

/** One thing that has happened. */
export interface Entry {
  /** Stays the same from look to look. */
  readonly id: string;
  readonly at: string;
  /** Of what lasts. `null`: it still does. */
  readonly until?: string | null | undefined;
  readonly kind: Kind;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly tone?: "good" | "bad" | "warn" | undefined;
  /** Of what was said. */
  readonly speaker?: string | undefined;
  readonly sentiment?: { readonly label: string; readonly score: number } | undefined;
  /** Of a category: the entry of the utterance where it stands. */
  readonly of?: string | undefined;
  /** Of a rule: why. */
  readonly explanation?: Explanation | undefined;
  /** To pages of the console: the parts of their paths. */
  readonly links?: readonly Link[] | undefined;
  readonly document: unknown;
}

export interface Link {
  readonly title: string;
  readonly to: readonly string[];
}

/** All that is known of a contact, a profile or a case, in time. */
export interface Timeline {
  /** What it is now, in a few words. */
  readonly state: string;
  /** Nothing more is to come but what others do with it. */
  readonly isOver: boolean;
  readonly now: string;
  readonly entries: readonly Entry[];
  readonly related: readonly Link[];
  /** What is so now and has no time of its own. */
  readonly facts?: readonly { readonly title: string; readonly value: string; readonly to?: readonly string[] }[];
  /** What is not told, and why. */
  readonly notes: readonly string[];
}

/** Entries that are told at most, the newest ones of each kind first to go on. */
export const ENTRIES_MAX = 10_000;

/** Whoever asks: their policies hold for each operation that is called for them. */
export interface Asker {
  readonly context: Context;
  readonly callOperation: CallOperation;
}

/** What an operation answers, or why it does not, in one sentence. */
export async function called<T>(
  { context, callOperation }: Asker,
  model: string,
  operation: string,
  input: object,
): Promise<{ readonly value?: T; readonly problem?: string }> {
  const { status, document } = await callOperation({ model, operation, input }, context);
  if (status === 200) return { value: document as T };
  return { problem: `${operation}: ${(document as { readonly message?: string }).message ?? status}` };
}

/** All pages of a list, up to a number of items. */
export async function calledAll<T>(
  asker: Asker,
  [model, operation]: readonly [model: string, operation: string],
  input: object,
  { member, token = "nextToken", limit }: { readonly member: string; readonly token?: string; readonly limit: number },
): Promise<{ readonly items: readonly T[]; readonly isCut: boolean; readonly problem?: string }> {
  const items: T[] = [];
  let next: unknown;
  do {
    const page = { ...input, ...(next !== undefined && { [token]: next }) };
    const { value, problem } = await called<Readonly<Record<string, unknown>>>(asker, model, operation, page);
    if (!value) return { items, isCut: false, ...(problem && { problem }) };
    items.push(...((value[member] as readonly T[] | undefined) ?? []));
    next = value[token] ?? value[token.charAt(0).toUpperCase() + token.slice(1)] ?? undefined;
  } while (next !== undefined && items.length < limit);
  return { items: items.slice(0, limit), isCut: next !== undefined || items.length > limit };
}

/** In the order of their times; those of one time in the order of the lanes. */
export function inOrder(entries: readonly Entry[]): readonly Entry[] {
  return entries
    .map((entry, place) => ({ entry, place }))
    .sort((one, other) => compare(one.entry, other.entry) || one.place - other.place)
    .map(({ entry }) => entry);
}

function compare(one: Entry, other: Entry): number {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  return KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind);
}

export function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** An operation's time: ISO 8601, or seconds since 1970. */
export function isoOf(time: unknown): string {
  return iso(typeof time === "number" ? time * 1000 : Date.parse(String(time)));
}

/** The end of an ARN or a path. */
export function lastPart(arn: string): string {
  return arn.slice(Math.max(arn.lastIndexOf("/"), arn.lastIndexOf(":")) + 1);
}
