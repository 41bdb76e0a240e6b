/**
 * What rules have looked at, kept for 7 days or 2 GiB, whichever is less: so that a verdict can be computed again with its reasons, by the rules
 * as they stood then, and a rule that is new can be tried on it. It costs the same however many rules there are.
 *
 *     rules.inputs         ─ opened ─ conversation ─ submission ─ conversation ─ work ─ …        a log, in the order in which it was looked at
 *     rules_input_places   ─ contact or other subject → when its inputs were appended            to find them there
 *     rules_acts           ─ contact or other subject, rule, action → what has become of it
 */
import type { SinkFailure } from "../../flow/index.ts";
import type { JsonObject } from "../../matching/machine.ts";
import {
  type Collection,
  collection,
  type Entry,
  type Reader,
  type ReadingStore,
  type Unit,
} from "../../store/store.ts";
import { type InstanceRef, instanceKey, refOf } from "../connect/index.ts";
import type { ContactAnalysis } from "../contact-lens/index.ts";
import { isOpening, type KeptLog } from "../kept-log.ts";
import type { Platform } from "../service.ts";
import { countLooks } from "./count.ts";
import { analysisKept, type KeptAnalysis, keptAnalysis } from "./kept-analysis.ts";
import type { LiveConversation } from "./live-conversation.ts";
import type { KeptLook } from "./metric-look.ts";
import { type Attempted, subjectOf } from "./owed-action.ts";
import type { BuiltSource } from "./sources.ts";

export const INPUTS = "rules.inputs";

/** The subject of looks at metrics. */
export const METRICS_SUBJECT = "metrics";

const DAY_MS = 24 * 60 * 60_000;
export const HISTORY_KEPT_MS: number = 7 * DAY_MS;

export const RULE_INPUTS: KeptLog = {
  name: INPUTS,
  keepMs: HISTORY_KEPT_MS,
  keepBytes: 2 * 1024 ** 3,
  what: "What rules looked at",
};

interface Recorded {
  readonly instance: InstanceRef;
  /** The contact that it is about, or whatever else. */
  readonly subject: string;
  /** Of the instance's rules, when they looked at it. */
  readonly revision: number;
}

/** A conversation that is over, for rules after the contact, and as it was heard, for those in real time. */
export interface ConversationInput extends Recorded {
  readonly kind: "conversation";
  readonly analysis: ContactAnalysis;
  readonly tellsSentiment: boolean;
  /** Of the contact, below the prefix of the event source. */
  readonly facts: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  /** Where it was analysed in real time. */
  readonly live?: LiveBeginning | undefined;
}

/** What real-time rules knew when the analysis began, and what has happened to them since. */
export type LiveBeginning = Pick<
  LiveConversation,
  "section" | "languageCode" | "tellsSentiment" | "facts" | "tags" | "beganMs" | "turnsBefore" | "revisions"
>;

/** After-contact work is over: for rules that ask how long it took. What was said stands in the conversation's input. */
export interface WorkInput extends Recorded {
  readonly kind: "work";
  readonly facts: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
}

/** Whatever else: its fact document is all that there is to know, but for the texts of a mail (`mail-texts.ts`). */
export interface DocumentInput extends Recorded {
  readonly kind: "document";
  readonly source: BuiltSource;
  readonly about: string;
  /** Only rules that listen to this integration association look at it. */
  readonly associationId?: string;
  /** The rules by whose actions it came to this, which do not look at it again. */
  readonly byRules?: readonly string[];
  readonly document: JsonObject;
}

/** A look at metrics. It is found under the resources for which a rule acted, and its subject is all of them. */
export interface MetricsInput extends Recorded, KeptLook {
  readonly kind: "metrics";
  /** What the actions of the rules that acted are about, by the ids of the rules. */
  readonly acted: Readonly<Record<string, string>>;
}

export type RuleInput = ConversationInput | WorkInput | DocumentInput | MetricsInput;

interface InputPlace {
  readonly key: string;
  /** The subject of the input, where it is found under others. */
  readonly under?: string;
  readonly timeMs: number;
  readonly expiresMs: number;
}

const inputPlaces: Collection<InputPlace> = collection("rules_input_places", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** What has become of an action. */
export interface Act extends Attempted {
  /** `held-back`: it was refused, and is tried again. */
  readonly outcome: "done" | "held-back" | "failed";
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly timeMs: number;
  readonly expiresMs: number;
}

const acts: Collection<Act> = collection("rules_acts", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** What is longer is not kept: a chat may have 20,000 messages of 16 KB. */
const INPUT_CHARACTERS_MAX = 4 * 1024 * 1024;

/** What is over and is deleted with each that comes: a little more than comes. */
const SWEPT = 4;
const LISTED = 1_000;

/** Keeps what rules look at, in the unit in which they do. `subjects`: what it is found under, where that is not its own. */
export async function recordInput(
  unit: Unit,
  platform: Platform,
  input: RuleInput,
  subjects: readonly string[] = [input.subject],
): Promise<void> {
  if (input.kind === "document") countLooks(unit, platform, input.instance, [input.source]);
  if (input.kind === "metrics") countLooks(unit, platform, input.instance, ["OnMetricDataUpdate"]);
  const timeMs = platform.clock.now();
  const text = JSON.stringify(toText(input));
  if (text.length > INPUT_CHARACTERS_MAX) return;
  const expired = await unit.list(inputPlaces, { index: "expires", before: timeMs, limit: SWEPT });
  for (const { key } of expired.documents) unit.delete(inputPlaces, key);
  const about = input.kind === "document" ? input.about : input.kind;
  for (const subject of subjects) {
    const key = instanceKey(input.instance, subject, timeMs, about);
    const under = subject === input.subject ? {} : { under: input.subject };
    unit.put(inputPlaces, key, { key, ...under, timeMs, expiresMs: timeMs + HISTORY_KEPT_MS });
  }
  unit.append(INPUTS, input.subject, text);
}

function toText(input: RuleInput): object {
  const instance = refOf(input.instance);
  return input.kind === "conversation"
    ? { ...input, instance, analysis: keptAnalysis(input.analysis) }
    : { ...input, instance };
}

/** What was kept. `undefined`: the entry is the log's beginning. */
export function inputOf({ key, value }: Entry): RuleInput | undefined {
  if (isOpening({ key })) return undefined;
  const input = JSON.parse(String(value)) as RuleInput;
  if (input.kind !== "conversation") return input;
  return { ...input, analysis: analysisKept(input.analysis as unknown as KeptAnalysis) };
}

/** What rules have looked at of a contact or another subject, in that order, as far as it is kept. */
export async function inputsOf(
  store: ReadingStore,
  instance: InstanceRef,
  subject: string,
): Promise<readonly { readonly input: RuleInput; readonly timeMs: number }[]> {
  const places = await store.list(inputPlaces, { prefix: instanceKey(instance, subject, ""), limit: LISTED });
  const [times, keys] = [new Set<number>(), new Set<string>()];
  for (const { timeMs, under = subject } of places.documents) {
    times.add(timeMs);
    keys.add(under);
  }
  const partitions = (await store.findLog(INPUTS))?.partitions ?? 0;
  const found = new Map<string, { readonly input: RuleInput; readonly timeMs: number }>();
  for (let partition = 0; partition < partitions; partition++) {
    for (const timeMs of times) {
      for await (const entry of entriesFrom(store, partition, timeMs)) {
        // What is committed at that time lies there, and what a busy clock has let slip lies shortly behind.
        if (entry.timeMs > timeMs + COMMIT_MS_MAX) break;
        if (!keys.has(entry.key)) continue;
        const input = inputOf(entry);
        if (input?.kind === "metrics" && !isLookThatActed(input, subject)) continue;
        if (input && instanceKey(input.instance) === instanceKey(instance)) {
          found.set(`${partition} ${entry.sequence}`, { input, timeMs: entry.timeMs });
        }
      }
    }
  }
  return [...found.values()].sort((one, other) => one.timeMs - other.timeMs);
}

/** What was said in a contact, as rules have looked at it: longer than its analysis is kept otherwise. */
export async function keptConversation(
  store: ReadingStore,
  instance: InstanceRef,
  contactId: string,
): Promise<Pick<ConversationInput, "analysis" | "tellsSentiment"> | undefined> {
  const inputs = await inputsOf(store, instance, contactId);
  return inputs.flatMap(({ input }) => (input.kind === "conversation" ? [input] : [])).at(-1);
}

function isLookThatActed({ resources, acted }: MetricsInput, subject: string): boolean {
  return Object.keys(acted).length > 0 && resources.some(([end]) => end.endsWith(`/${subject}`));
}

/** From taking the time to the commit, at most. */
const COMMIT_MS_MAX = 10_000;
const ENTRIES_READ = 128;

/** The entries of a partition that were appended at a time or later. */
export async function* entriesFrom(store: ReadingStore, partition: number, timeMs: number): AsyncGenerator<Entry> {
  let sequence = await store.sequenceAt(INPUTS, partition, timeMs);
  for (;;) {
    const entries = await store.read(INPUTS, partition, sequence, { entries: ENTRIES_READ });
    yield* entries;
    const last = entries.at(-1);
    if (!last) return;
    sequence = last.sequence + 1;
  }
}

/** Keeps what has become of an action. */
export async function recordAct(
  unit: Unit,
  platform: Platform,
  attempted: Attempted,
  outcome: Act["outcome"],
  failure?: SinkFailure,
): Promise<void> {
  const timeMs = platform.clock.now();
  const expired = await unit.list(acts, { index: "expires", before: timeMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(acts, actKey(old));
  const act: Act = {
    ...attempted,
    outcome,
    ...(failure && { code: failure.code, message: failure.message }),
    timeMs,
    expiresMs: timeMs + HISTORY_KEPT_MS,
  };
  unit.put(acts, actKey(act), act);
}

function actKey(attempted: Attempted): string {
  const { instance, about, ruleId, actionType, part = "" } = attempted;
  return instanceKey(instance, subjectOf(attempted), ruleId, about, actionType, part);
}

/** What has become of an action so far. */
export function findAct(reader: Reader, attempted: Attempted): Promise<Act | undefined> {
  return reader.get(acts, actKey(attempted));
}

/** What has become of the actions on a contact or another subject. */
export async function actsOn(reader: Reader, instance: InstanceRef, subject: string): Promise<readonly Act[]> {
  return (await reader.list(acts, { prefix: instanceKey(instance, subject, ""), limit: LISTED })).documents;
}
