/** What rules are asked of an input: the same when it comes and when it is replayed. Pure. */
import type { JsonObject } from "../../matching/machine.ts";
import type { Answer, DerivedFact } from "../../matching/rule-function/derived-fact.ts";
import type { PointOfInterest } from "../../matching/transcript/transcript-matcher.ts";
import type { Rule } from "../connect/index.ts";
import { type AnalysedTurn, isAnalysed } from "../contact-lens/index.ts";
import { analysisFacts } from "./analysis-facts.ts";
import { factDocument } from "./contact-facts.ts";
import type { ConversationInput, DocumentInput, LiveBeginning, WorkInput } from "./history.ts";
import { answerTo, hearTurn, type LiveConversation, type Place } from "./live-conversation.ts";
import type { AskedResource } from "./metric-look.ts";
import type { RuleSet } from "./rule-set.ts";
import type { BuiltSource } from "./sources.ts";

/** What is known when rules are asked. */
export interface Moment {
  readonly document: JsonObject;
  /** Where the words of conditions were found, by the names of these. */
  readonly found: ReadonlyMap<string, readonly Place[]>;
  readonly answerTo: (fact: DerivedFact) => Answer;
  /** In real time: the turn that was heard last. */
  readonly turn?: AnalysedTurn["turn"];
}

/** What looks at a conversation once it is over: at its end, or when after-contact work is over. */
export const AFTERWARDS: Readonly<
  Record<"VOICE" | "CHAT", readonly [afterwards: BuiltSource, afterWork: BuiltSource]>
> = {
  VOICE: ["OnPostCallAnalysisAvailable", "OnAfterCallWorkAvailable"],
  CHAT: ["OnPostChatAnalysisAvailable", "OnAfterChatWorkAvailable"],
};

/** When a conversation is over; with `work`, when after-contact work is. */
export function afterContact(set: RuleSet, input: ConversationInput, work?: WorkInput): Moment {
  const { analysis, tellsSentiment } = input;
  const { facts: ofContact, tags } = work ?? input;
  const { transcript, facts, answerTo } = analysisFacts(analysis, { tellsSentiment });
  const merged = { ...ofContact, ...facts, Agent: { ...Object(ofContact.Agent), ...Object(facts.Agent) } };
  const found = placesOf(set.words.match(transcript));
  const section = analysis.conversation.channel === "CHAT" ? "PostChat" : "PostCall";
  return { document: factDocument(section, merged, tags), found, answerTo };
}

/** So many rules may lead one to the other by changing a case; then it ends (our choice). */
const CHAIN_MAX = 5;

/** Whether a rule looks at an input of its event source: it listens to where that comes from, and has not brought it about itself. */
export function isFor(
  { id, integrationAssociationId }: Pick<Rule, "id" | "integrationAssociationId">,
  { associationId, byRules = [] }: Pick<DocumentInput, "associationId" | "byRules">,
): boolean {
  return integrationAssociationId === associationId && byRules.length < CHAIN_MAX && !byRules.includes(id);
}

/** Whatever else, with the places of words where there are texts, which stand for turns. */
export function onDocument(set: RuleSet, document: JsonObject, texts: readonly string[]): Moment {
  const turns = texts.map((text, index) => ({
    id: String(index),
    role: "CUSTOMER",
    text,
    beginOffsetMs: 0,
    endOffsetMs: 0,
  }));
  return { document, found: placesOf(set.words.match({ turns })), answerTo: () => undefined };
}

/** Of one resource, in a look at metrics. */
export function ofResource({ answers }: AskedResource): Moment {
  const byKey = new Map(answers.map(([{ key }, answer]) => [key, answer]));
  return { document: {}, found: new Map(), answerTo: ({ key }) => byKey.get(key) };
}

function placesOf(points: ReadonlyMap<string, readonly PointOfInterest[]>): Moment["found"] {
  return new Map(
    [...points].map(([name, list]): [string, readonly Place[]] => [
      name,
      list.map(({ turn, beginChar, endChar }) => ({ turnId: turn.id, begin: beginChar, end: endChar })),
    ]),
  );
}

/** A turn that was heard while the conversation went on. */
export interface HeardTurn {
  readonly turn: AnalysedTurn;
  readonly revision: number;
}

/** The turns that real-time rules have heard, in the order in which they did. */
export function heardTurns({ analysis }: ConversationInput, live: LiveBeginning): readonly HeardTurn[] {
  const byId = new Map(analysis.turns.map((turn) => [turn.turn.id, turn]));
  const changes = new Map(live.revisions.map(({ turnId, revision }) => [turnId, revision]));
  let revision = -1;
  return analysis.heard.slice(live.turnsBefore).flatMap((id) => {
    const turn = byId.get(id);
    if (!turn || !isAnalysed(turn.turn)) return [];
    revision = changes.get(id) ?? revision;
    return [{ turn, revision }];
  });
}

/** A conversation of which nothing has been heard yet. */
export function unheard(live: LiveBeginning): LiveConversation {
  return { ...live, key: "", acted: [], found: {}, sentiment: {}, heardMs: 0, expiresMs: 0 };
}

/** Hears a turn: what is known then, and which rules are true for the first time. */
export function hearAgain(
  set: RuleSet,
  before: LiveConversation,
  turn: AnalysedTurn,
): {
  readonly live: LiveConversation;
  readonly moment: Moment;
  readonly matched: ReturnType<typeof hearTurn>["matched"];
} {
  const { live, document, matched } = hearTurn(set, before, turn);
  const found = new Map(Object.entries(live.found));
  return { live, matched, moment: { document, found, answerTo: (fact) => answerTo(fact, live), turn: turn.turn } };
}
