/** What `GET /_trunkline/timeline/…` pushes, put together. */
import { useFollowed } from "../query.ts";
import type { VerdictTree } from "./verdict.tsx";

export interface Entry {
  readonly id: string;
  readonly at: string;
  readonly until?: string | null;
  readonly kind: string;
  readonly title: string;
  readonly detail?: string;
  readonly tone?: "good" | "bad" | "warn";
  readonly speaker?: string;
  readonly sentiment?: { readonly label: string; readonly score: number };
  /** The entry of the utterance that it belongs to. */
  readonly of?: string;
  readonly explanation?: { readonly matched: boolean; readonly reason?: string; readonly condition: VerdictTree };
  readonly links?: readonly Link[];
  readonly document: unknown;
}

export interface Link {
  readonly title: string;
  readonly to: readonly string[];
}

interface Head {
  readonly state: string;
  readonly isOver: boolean;
  readonly now: string;
  readonly related: readonly Link[];
  readonly facts?: readonly { readonly title: string; readonly value: string; readonly to?: readonly string[] }[];
  readonly notes: readonly string[];
}

interface Pushed extends Head {
  /** Nothing more of this look is to come. */
  readonly isWhole: boolean;
  readonly entries: readonly Entry[];
  readonly gone: readonly string[];
}

export interface TimelineData extends Head {
  readonly isWhole: boolean;
  readonly entries: readonly Entry[];
  readonly byId: ReadonlyMap<string, Entry>;
}

/** A timeline as it grows: `["contacts", INSTANCE, CONTACT]`. */
export function useTimeline(path: readonly string[]): {
  readonly value: TimelineData | undefined;
  readonly error: Error | undefined;
} {
  return useFollowed<Pushed, TimelineData>(`timeline/${path.map(encodeURIComponent).join("/")}?follow=true`, added);
}

function added(before: TimelineData | undefined, { entries, gone, ...head }: Pushed): TimelineData {
  if (before && entries.length === 0 && gone.length === 0) return { ...before, ...head };
  const byId = new Map(before?.byId);
  for (const id of gone) byId.delete(id);
  for (const entry of entries) byId.set(entry.id, entry);
  const places = new Map((before?.entries ?? []).map(({ id }, place) => [id, place]));
  const placeOf = ({ id }: Entry): number => places.get(id) ?? places.size;
  // Of one time: as the server had them.
  const sorted = [...byId.values()].sort((one, other) =>
    one.at === other.at ? placeOf(one) - placeOf(other) : one.at < other.at ? -1 : 1,
  );
  return { ...head, entries: sorted, byId };
}

/** Lanes from the top, with what stands in each. */
export const LANES: readonly { readonly title: string; has(entry: Entry): boolean }[] = [
  lane("Contact", "contact"),
  lane("Flow", "flow"),
  lane("Agent", "agent"),
  { title: "Customer says", has: (entry) => entry.kind === "transcript" && sideOf(entry) === "customer" },
  { title: "Agent says", has: (entry) => entry.kind === "transcript" && sideOf(entry) === "agent" },
  { title: "System says", has: (entry) => entry.kind === "transcript" && sideOf(entry) === "system" },
  lane("Categories", "category"),
  lane("Rules", "rule"),
  lane("Actions", "action"),
  lane("Objects", "object"),
  lane("Triggers", "trigger"),
  lane("Profile", "profile"),
  lane("Case", "case"),
  lane("Items", "item"),
  lane("Records", "record", "file", "evaluation"),
  lane("Deliveries", "delivery"),
];

function lane(title: string, ...kinds: readonly string[]): (typeof LANES)[number] {
  return { title, has: ({ kind }) => kinds.includes(kind) };
}

/** What kinds are called where one chooses among them. */
export const KIND_TITLES: Readonly<Record<string, string>> = {
  contact: "Contact",
  flow: "Flow",
  agent: "Agent",
  transcript: "Said",
  category: "Category",
  rule: "Rule",
  action: "Action",
  object: "Object",
  trigger: "Trigger",
  profile: "Profile",
  case: "Case",
  item: "Item",
  record: "Record",
  file: "File",
  evaluation: "Evaluation",
  delivery: "Delivery",
};

/** Of a conversation: everybody else stands in the middle. */
export function sideOf({ speaker = "" }: Entry): "customer" | "agent" | "system" {
  if (speaker === "CUSTOMER") return "customer";
  return speaker === "AGENT" || speaker === "SUPERVISOR" ? "agent" : "system";
}

/** A sentiment in a word and a sign, so that nobody needs its colour. */
export function shownSentiment({ sentiment }: Entry): { readonly word: string; readonly sign: string } | undefined {
  if (!sentiment) return undefined;
  const word = sentiment.label.toLowerCase();
  return { word, sign: SIGNS[word] ?? "•" };
}

const SIGNS: Readonly<Record<string, string>> = { positive: "▲", negative: "▼", neutral: "●", mixed: "◆" };

/** From when to when, in milliseconds: what still lasts, lasts until now. */
export function spanOf(entry: Entry, nowMs: number): readonly [fromMs: number, toMs: number] {
  const fromMs = Date.parse(entry.at);
  if (entry.until === undefined) return [fromMs, fromMs];
  return [fromMs, Math.max(fromMs, entry.until === null ? nowMs : Date.parse(entry.until))];
}
