/**
 * Rules on conversations: follows the log of analyses and evaluates an instance's published rules, in the unit that moves its cursor. So a
 * category is told once, whatever dies when.
 *
 *     began ─► facts are read      heard ─► real-time rules      ended ─► rules after the contact      completed ─► those after its work,
 *                                                                                                      or that ask how long that took
 */
import type { Entry, Reader, Unit } from "../../store/store.ts";
import { attributesOf, type Contact, contactTags, findContact, instanceKey, refOf } from "../connect/index.ts";
import {
  ANALYSES,
  type AnalysisEntry,
  type ContactAnalysis,
  findAnalysis,
  finishAnalysis,
  isAnalysed,
  type MatchedCategory,
  tellCategories,
} from "../contact-lens/index.ts";
import type { Platform } from "../service.ts";
import { act } from "./act.ts";
import { contactFacts, liveFacts } from "./contact-facts.ts";
import { countLooks } from "./count.ts";
import { type ConversationInput, type LiveBeginning, recordInput } from "./history.ts";
import { hearTurn, type LiveConversation, liveConversations, type Place } from "./live-conversation.ts";
import type { Occurrence } from "./occurrence.ts";
import { AFTERWARDS, afterContact } from "./replay.ts";
import type { ListedRule } from "./rule-set.ts";
import type { RuleSets } from "./rule-sets.ts";
import { ruleRevision } from "./rule-versions.ts";
import type { BuiltSource } from "./sources.ts";

type AnalysedContact = AnalysisEntry["contact"];
type StepOf<K> = Extract<AnalysisEntry, { kind: K }>;

/** Longer than any contact whose conversation is heard. */
const LASTS_MS_MAX = 8 * 24 * 60 * 60_000;
/** How many of those that are longer over a conversation that begins takes with it. */
const SWEPT = 20;

export function followAnalyses(evaluation: Evaluation): void {
  evaluation.platform.flow.consume({
    name: "rules",
    log: ANALYSES,
    async handle(unit, entries) {
      for (const entry of entries) await follow(unit, evaluation, entry);
    },
  });
}

/** What rules are evaluated with. */
export interface Evaluation {
  readonly platform: Platform;
  readonly sets: RuleSets;
}

async function follow(unit: Unit, evaluation: Evaluation, { value, timeMs }: Entry): Promise<void> {
  const entry = JSON.parse(String(value)) as AnalysisEntry;
  switch (entry.kind) {
    case "began":
      return begin(unit, entry, timeMs);
    case "heard":
      return hear(unit, evaluation, entry, timeMs);
    case "failed":
      return unit.delete(liveConversations, keyOf(entry.contact));
    case "ended": {
      const live = await unit.get(liveConversations, keyOf(entry.contact));
      unit.delete(liveConversations, keyOf(entry.contact));
      return finish(unit, evaluation, entry.contact, { nowMs: timeMs, isWorkOver: false, ...(live && { live }) });
    }
    case "completed":
      return finish(unit, evaluation, entry.contact, { nowMs: timeMs, isWorkOver: true });
  }
}

function keyOf(contact: AnalysedContact): string {
  return instanceKey(contact, contact.id);
}

async function begin(
  unit: Unit,
  { contact: ref, atMs, attributes, tags, turnsBefore }: StepOf<"began">,
  nowMs: number,
): Promise<void> {
  const expired = await unit.list(liveConversations, { index: "expires", before: nowMs, limit: SWEPT });
  for (const { key } of expired.documents) unit.delete(liveConversations, key);

  const asked = await findAsked(unit, ref, nowMs);
  if (!asked) return;
  const { contact, analysis } = asked;
  const key = keyOf(ref);
  const live: LiveConversation = {
    key,
    section: ref.channel === "CHAT" ? "RealTimeChat" : "RealTimeCall",
    languageCode: analysis.conversation.languageCode,
    tellsSentiment: tellsSentiment(contact),
    facts: liveFacts(contact, attributes),
    tags,
    acted: [],
    found: {},
    sentiment: {},
    beganMs: atMs - analysis.conversation.startMs,
    heardMs: 0,
    turnsBefore,
    revisions: [],
    expiresMs: nowMs + LASTS_MS_MAX,
  };
  unit.put(liveConversations, key, live);
}

async function hear(
  unit: Unit,
  { platform, sets }: Evaluation,
  { contact: ref, turn }: StepOf<"heard">,
  nowMs: number,
): Promise<void> {
  const source = realTimeSource(ref);
  const set = await sets.of(unit, ref, source);
  if (set.size === 0 || !isAnalysed(turn.turn)) return;
  const before = await unit.get(liveConversations, keyOf(ref));
  if (!before) return;

  const revision = await ruleRevision(unit, ref);
  const { live, document, matched } = hearTurn(set, withRevision(before, turn.turn.id, revision), turn);
  unit.put(liveConversations, live.key, live);
  const asked = matched.length > 0 ? await findAsked(unit, ref, nowMs) : undefined;
  if (!asked) return;
  const { contact, analysis } = asked;
  const categories = matched.map((listed) => categoryOf(listed, analysis, (name) => live.found[name] ?? []));
  await tellCategories(unit, platform, ref, categories);
  for (const { rule } of matched)
    await act(unit, platform, { rule, source, instance: contact, about: contact.id, contact, document });
}

function realTimeSource({ channel }: AnalysedContact): BuiltSource {
  return channel === "CHAT" ? "OnRealTimeChatAnalysisAvailable" : "OnRealTimeCallAnalysisAvailable";
}

/** The rules have changed since the turn before. */
function withRevision(live: LiveConversation, turnId: string, revision: number): LiveConversation {
  if (live.revisions.at(-1)?.revision === revision) return live;
  return { ...live, revisions: [...live.revisions, { turnId, revision }] };
}

async function finish(
  unit: Unit,
  { platform, sets }: Evaluation,
  ref: AnalysedContact,
  { live, ...when }: { readonly nowMs: number; readonly isWorkOver: boolean; readonly live?: LiveConversation },
): Promise<void> {
  const asked = await findAsked(unit, ref, when.nowMs);
  if (!asked) return finishAnalysis(unit, platform, ref, []);

  const { contact, analysis } = asked;
  const input: ConversationInput = {
    kind: "conversation",
    instance: refOf(contact),
    subject: contact.id,
    revision: await ruleRevision(unit, ref),
    analysis,
    tellsSentiment: tellsSentiment(contact),
    facts: contactFacts(contact, await attributesOf(unit, contact), when),
    tags: contactTags(contact),
    live: live && beginningOf(live),
  };
  const { instance, subject, revision, facts, tags } = input;
  await recordInput(
    unit,
    platform,
    when.isWorkOver ? { kind: "work", instance, subject, revision, facts, tags } : input,
  );

  const [afterwards, afterWork] = AFTERWARDS[ref.channel === "CHAT" ? "CHAT" : "VOICE"];
  const inRealTime = live ? [realTimeSource(ref)] : [];
  countLooks(unit, platform, instance, when.isWorkOver ? [afterWork] : [...inRealTime, afterwards]);

  const categories: MatchedCategory[] = [];
  const occurrences: Occurrence[] = [];
  for (const source of [afterwards, afterWork]) {
    const set = await sets.of(unit, ref, source);
    if (when.isWorkOver ? !set.awaitsWork : set.size === 0) continue;
    const { document, found, answerTo } = afterContact(set, input);
    const matched = set
      .match(document, found.keys(), answerTo)
      .filter(({ awaitsWork }) => awaitsWork === when.isWorkOver);
    for (const listed of matched) {
      const { rule } = listed;
      const isCategory = rule.actions.some(({ AssignContactCategoryAction }) => AssignContactCategoryAction);
      if (isCategory) categories.push(categoryOf(listed, analysis, (name) => found.get(name) ?? []));
      occurrences.push({ rule, source, instance: contact, about: contact.id, contact, document });
    }
  }
  if (!when.isWorkOver || categories.length > 0) await finishAnalysis(unit, platform, ref, categories);
  for (const occurrence of occurrences) await act(unit, platform, occurrence);
}

/** What real-time rules knew of a conversation when it began, and how they have changed since. */
function beginningOf(live: LiveConversation): LiveBeginning {
  const { section, languageCode, tellsSentiment, facts, tags, beganMs, turnsBefore, revisions } = live;
  return { section, languageCode, tellsSentiment, facts, tags, beganMs, turnsBefore, revisions };
}

async function findAsked(
  reader: Reader,
  ref: AnalysedContact,
  nowMs: number,
): Promise<{ readonly contact: Contact; readonly analysis: ContactAnalysis } | undefined> {
  const contact = await findContact(reader, ref, ref.id, nowMs);
  const analysis = contact && (await findAnalysis(reader, ref));
  return analysis && { contact, analysis };
}

function tellsSentiment({ analytics }: Contact): boolean {
  return analytics?.SentimentConfiguration.Behavior === "Enable";
}

/** The category of a rule, whose points of interest are the words that its conditions have found, in the order of the conversation. */
function categoryOf(
  { rule, words }: ListedRule,
  { turns }: ContactAnalysis,
  placesOf: (name: string) => readonly Place[],
): MatchedCategory {
  const places = new Map(
    words.flatMap(placesOf).map((place) => [`${place.turnId} ${place.begin} ${place.end}`, place]),
  );
  const byTurn = Map.groupBy(places.values(), ({ turnId }) => turnId);
  const pointsOfInterest = turns.flatMap((turn) =>
    (byTurn.get(turn.turn.id) ?? [])
      .toSorted((one, other) => one.begin - other.begin)
      .map(({ begin, end }) => ({ items: [{ turn, offsets: { BeginOffsetChar: begin, EndOffsetChar: end } }] })),
  );
  return { name: rule.name, pointsOfInterest };
}
