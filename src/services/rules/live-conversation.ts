import type { JsonObject } from "../../matching/machine.ts";
import type { Answer, DerivedFact, RoleFact } from "../../matching/rule-function/derived-fact.ts";
import { type Collection, collection } from "../../store/store.ts";
import { type AnalysedTurn, spokenSentiment } from "../contact-lens/index.ts";
import { askedTurn, stateOf } from "./analysis-facts.ts";
import { factDocument } from "./contact-facts.ts";
import type { ListedRule, RuleSet } from "./rule-set.ts";

/**
 * What real-time rules know of a conversation that goes on. It is as long as what was found, not as the conversation: each turn is looked at
 * once, a word condition holds from then on, and of sentiment only the last run of turns that agree matters.
 */
export interface LiveConversation {
  readonly key: string;
  /** `RealTimeCall`, `RealTimeChat`: where conditions look. */
  readonly section: string;
  readonly languageCode: string;
  /** Otherwise all turns count as neutral. */
  readonly tellsSentiment: boolean;
  /** As they were when the analysis began: "contact attributes are read once" (administrator guide). */
  readonly facts: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  /** Names of the rules that have acted: each does so once for a contact (our choice). */
  readonly acted: readonly string[];
  /** Where the words of conditions were found, by the names of these. */
  readonly found: Readonly<Record<string, readonly Place[]>>;
  readonly sentiment: Readonly<Partial<Record<RoleFact["role"], SentimentRun>>>;
  /** Offset at which real-time analysis began: turns of chats count from before that. */
  readonly beganMs: number;
  /** How far the conversation has been heard, by the offsets of its turns. */
  readonly heardMs: number;
  /** How many turns there were before that. */
  readonly turnsBefore: number;
  /** From which turn on which revision of the rules was asked, as far as there were any. */
  readonly revisions: readonly { readonly turnId: string; readonly revision: number }[];
  readonly expiresMs: number;
}

/** Words in a turn: UTF-16 code units of its text, `end` exclusive. */
export interface Place {
  readonly turnId: string;
  readonly begin: number;
  readonly end: number;
}

/** The last turns of a role that agree, and what was before. */
interface SentimentRun {
  readonly label: AnalysedTurn["sentiment"]["label"];
  readonly length: number;
  readonly lastEndMs: number;
  /** When the last turn ended that did not agree. */
  readonly otherEndMs?: number | undefined;
  /** The numerator of the overall score (see `sentimentScore` of Contact Lens), whose sign is the state of the whole. */
  readonly signed: number;
}

/** Gone once the analysis has ended or failed; of an instance that was deleted meanwhile, some time later. */
export const liveConversations: Collection<LiveConversation> = collection("rules_live_conversations", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** Places that are kept of a word condition: more are told of no category. */
const PLACES_MAX = 20;

/** Hears a turn: answers what is known then, the fact document, and the rules that are true by now and have not acted. Pure. */
export function hearTurn(
  set: RuleSet,
  before: LiveConversation,
  analysed: AnalysedTurn,
): { readonly live: LiveConversation; readonly document: JsonObject; readonly matched: readonly ListedRule[] } {
  const heard: LiveConversation = {
    ...before,
    found: withPlaces(set, before, analysed),
    sentiment: withSentiment(before, analysed),
    heardMs: Math.max(before.heardMs, analysed.turn.endMs),
  };
  const document = factDocument(heard.section, heard.facts, heard.tags);
  const matched = set
    .match(document, Object.keys(heard.found), (fact) => answerTo(fact, heard))
    .filter(({ rule }) => !heard.acted.includes(rule.name));
  const acted = [...heard.acted, ...matched.map(({ rule }) => rule.name)];
  return { live: { ...heard, acted }, document, matched };
}

function withPlaces(
  set: RuleSet,
  { found: before, languageCode: language }: LiveConversation,
  { turn }: AnalysedTurn,
): LiveConversation["found"] {
  const points = set.words.matchTurn(askedTurn(turn, 0), { language });
  if (points.size === 0) return before;
  const found = { ...before };
  for (const [name, { beginChar: begin, endChar: end }] of points) {
    const places = found[name] ?? [];
    if (places.length < PLACES_MAX) found[name] = [...places, { turnId: turn.id, begin, end }];
  }
  return found;
}

function withSentiment(
  { sentiment: runs, tellsSentiment }: LiveConversation,
  { turn, sentiment }: AnalysedTurn,
): LiveConversation["sentiment"] {
  const { role } = turn.participant;
  if (role !== "AGENT" && role !== "CUSTOMER") return runs;
  const label = tellsSentiment ? sentiment.label : "NEUTRAL";
  const run = runs[role];
  const agrees = run?.label === label;
  const length = agrees ? run.length + 1 : 1;
  const sign = { POSITIVE: 1, NEGATIVE: -1, NEUTRAL: 0, MIXED: 0 }[label];
  // Neutral and mixed turns are one state, though two runs for the score.
  const isSameState = run && spokenSentiment(run.label) === spokenSentiment(label);
  return {
    ...runs,
    [role]: {
      label,
      length,
      lastEndMs: Math.max(run?.lastEndMs ?? 0, turn.endMs),
      otherEndMs: isSameState ? run.otherEndMs : run?.lastEndMs,
      signed: (run?.signed ?? 0) + sign * length,
    },
  };
}

/** What is known of sentiment by now. */
export function answerTo(fact: DerivedFact, { sentiment, beganMs, heardMs }: LiveConversation): Answer {
  if (fact.kind !== "role") return undefined;
  const run = sentiment[fact.role];
  if (!run) return undefined;
  if (fact.period === undefined) return stateOf(run.signed);
  // It has to have remained so for as long as is asked (our choice), as far as the role was there.
  const sinceMs = heardMs - fact.period.seconds * 1_000;
  const isKnown = sinceMs >= beganMs && run.lastEndMs > sinceMs && (run.otherEndMs ?? 0) <= sinceMs;
  return isKnown ? spokenSentiment(run.label) : undefined;
}
