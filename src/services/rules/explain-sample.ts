/** What a rule makes of a sample: of a conversation that nobody has held, of a case that nobody has. Nothing is kept, and nothing happens. */
import type { Explanation } from "../../matching/explanation.ts";
import type { JsonObject } from "../../matching/machine.ts";
import type { ModeledError } from "../../models/modeled-error.ts";
import { invalidRequest, type Rule } from "../connect/index.ts";
import {
  type AnalysedTurn,
  analyse,
  type ContactAnalysis,
  ConversationError,
  isAnalysed,
  knowsSentiment,
  offlineEngine,
  readTranscript,
} from "../contact-lens/index.ts";
import { isJsonObject } from "../json-text.ts";
import { explainRule } from "./explain-rule.ts";
import { afterContact, hearAgain, type Moment, onDocument, unheard } from "./replay.ts";
import { RuleSet, TAGS } from "./rule-set.ts";

export interface ExplainedSample extends Explanation {
  /** In real time, of a rule that became true: by which turn. */
  readonly turn?: { readonly id: string; readonly speaker: string; readonly beginMs: number };
}

/**
 * A sample: what stands at the paths of conditions as `facts` (`{"Case": {"Fields": {"status": "open"}}}`), tags of the contact as `tags`;
 * for rules on conversations the `turns` (or `Transcript`) of one, as `trunkline analyze` reads them; for rules on mails their `texts`.
 */
export type Sample = Readonly<Record<string, unknown>>;

const MEMBERS = [
  "facts",
  "tags",
  "texts",
  "turns",
  "channel",
  "languageCode",
  "Transcript",
  "Channel",
  "LanguageCode",
  "Participants",
];

/** Throws `InvalidRequestException` for a sample that cannot be read, or is none for the rule's event source. */
export function explainSample(rule: Rule, sample: Sample): ExplainedSample {
  const unknown = Object.keys(sample).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw invalidRequest(`sample has no member ${unknown}: it has ${MEMBERS.join(", ")}`);
  const set = new RuleSet();
  set.add(rule);
  const facts = objectOf(sample, "facts");
  const tags = textsOf(sample);
  if (rule.source === "OnMetricDataUpdate") {
    throw invalidRequest("sample: a rule on metrics is tried on a queue, an agent, a routing profile or a flow");
  }
  const channel = CHANNELS[rule.source];
  if (channel === undefined) {
    const { texts = [] } = sample;
    if (!Array.isArray(texts) || !texts.every((text) => typeof text === "string")) {
      throw invalidRequest("sample.texts: must be a list of texts");
    }
    return explained(rule, onDocument(set, { ...facts, [TAGS]: tags }, texts), []);
  }
  const analysis = analysisOf(sample, channel.channel);
  const tellsSentiment = knowsSentiment(analysis.conversation.languageCode);
  const ofContact = objectOf(objectOf(facts, "ContactLens"), channel.section);
  if (channel.isLive) {
    return hear(rule, set, { section: channel.section, facts: ofContact, tags, tellsSentiment, analysis });
  }
  const { account, region, instanceId } = rule;
  const instance = { account, region, instanceId };
  const input = { kind: "conversation", instance, subject: "sample", revision: 0 } as const;
  const moment = afterContact(set, { ...input, analysis, tellsSentiment, facts: ofContact, tags });
  return explained(rule, moment, analysis.turns);
}

interface Heard {
  readonly section: string;
  readonly facts: JsonObject;
  readonly tags: Readonly<Record<string, string>>;
  readonly tellsSentiment: boolean;
  readonly analysis: ContactAnalysis;
}

/** Turn by turn, until the rule is true. */
function hear(rule: Rule, set: RuleSet, { analysis, ...known }: Heard): ExplainedSample {
  const { languageCode } = analysis.conversation;
  let live = unheard({ ...known, languageCode, beganMs: 0, turnsBefore: 0, revisions: [] });
  let moment: Moment | undefined;
  for (const turn of analysis.turns) {
    if (!isAnalysed(turn.turn)) continue;
    const heard = hearAgain(set, live, turn);
    ({ live, moment } = heard);
    if (heard.matched.length > 0) break;
  }
  if (!moment) throw invalidRequest("sample: nobody says anything in it");
  const explanation = explained(rule, moment, analysis.turns);
  const { turn } = moment;
  if (!explanation.matched || !turn) return explanation;
  return { ...explanation, turn: { id: turn.id, speaker: turn.participant.role, beginMs: turn.beginMs } };
}

function explained(rule: Rule, moment: Moment, turns: readonly AnalysedTurn[]): Explanation {
  return explainRule(rule, moment, new Map(turns.map(({ turn }) => [turn.id, turn])));
}

interface Channel {
  readonly channel: "VOICE" | "CHAT";
  readonly section: string;
  readonly isLive?: true;
}

/** The sources whose rules look at a conversation. */
const CHANNELS: Readonly<Partial<Record<Rule["source"], Channel>>> = {
  OnPostCallAnalysisAvailable: { channel: "VOICE", section: "PostCall" },
  OnAfterCallWorkAvailable: { channel: "VOICE", section: "PostCall" },
  OnRealTimeCallAnalysisAvailable: { channel: "VOICE", section: "RealTimeCall", isLive: true },
  OnPostChatAnalysisAvailable: { channel: "CHAT", section: "PostChat" },
  OnAfterChatWorkAvailable: { channel: "CHAT", section: "PostChat" },
  OnRealTimeChatAnalysisAvailable: { channel: "CHAT", section: "RealTimeChat", isLive: true },
};

/** How long a turn takes, and when a chat began, of a sample that does not say. */
const TURN_MS = 2_000;
const CHAT_BEGAN_MS = Date.UTC(2026, 0, 1);

function analysisOf({ turns, ...rest }: Sample, channel: Channel["channel"]): ContactAnalysis {
  const { channel: named = channel } = rest;
  if (named !== channel) throw notOf(named, channel);
  const told = Array.isArray(turns) ? turns.map((turn, at) => timed(turn, at, channel)) : turns;
  try {
    const conversation = readTranscript(JSON.stringify({ ...rest, channel, turns: told }));
    if (conversation.channel !== channel) throw notOf(conversation.channel, channel);
    const analysis = analyse(conversation, offlineEngine);
    return { ...analysis, heard: analysis.turns.map(({ turn }) => turn.id) };
  } catch (error) {
    if (error instanceof ConversationError) throw invalidRequest(`sample: ${error.message}`);
    throw error;
  }
}

function notOf(found: unknown, channel: Channel["channel"]): ModeledError {
  return invalidRequest(`sample: it is a ${String(found)}, and the rule looks at a ${channel}`);
}

/** A turn that has no times of its own follows the one before it. */
function timed(turn: unknown, at: number, channel: Channel["channel"]): unknown {
  if (!isJsonObject(turn)) return turn;
  const beginMs = at * TURN_MS;
  return channel === "CHAT"
    ? { at: new Date(CHAT_BEGAN_MS + beginMs).toISOString(), ...turn }
    : { beginMs, endMs: beginMs + TURN_MS, ...turn };
}

function objectOf(of: Readonly<Record<string, unknown>>, name: string): JsonObject {
  const value = of[name] ?? {};
  if (!isJsonObject(value)) throw invalidRequest(`sample: ${name} must be an object`);
  return value as JsonObject;
}

function textsOf(sample: Sample): Readonly<Record<string, string>> {
  const tags = objectOf(sample, "tags");
  if (!Object.values(tags).every((value) => typeof value === "string")) {
    throw invalidRequest("sample.tags: must hold texts");
  }
  return tags as Readonly<Record<string, string>>;
}
