/** What conditions may ask of a finished analysis. Pure. */
import type { JsonObject } from "../../matching/machine.ts";
import type { Answer, DerivedFact, RoleFact } from "../../matching/rule-function/derived-fact.ts";
import type { Transcript, Turn } from "../../matching/transcript/transcript-matcher.ts";
import {
  type AnalysedTurn,
  type ContactAnalysis,
  chatCharacteristics,
  isAnalysed,
  spokenSentiment,
  voiceCharacteristics,
} from "../contact-lens/index.ts";

type Role = RoleFact["role"];

/** A value for each role that has one. */
type ByRole = Readonly<Partial<Record<Role, number>>>;

/** An analysis as rules see it. */
export interface AnalysisFacts {
  /** What word conditions are looked for in. */
  readonly transcript: Transcript;
  /** Facts with a path of their own, below the prefix of the event source. */
  readonly facts: JsonObject;
  /** Facts that depend on a role and a part of the contact. */
  readonly answerTo: (fact: DerivedFact) => Answer;
}

/** `tellsSentiment`: the flow has not switched it off. "Contacts without sentiment data count as neutral" (administrator guide). */
export function analysisFacts(
  analysis: ContactAnalysis,
  { tellsSentiment }: { readonly tellsSentiment: boolean },
): AnalysisFacts {
  const { conversation, durationMs } = analysis;
  const isChat = conversation.channel === "CHAT";
  const turns = analysis.turns.filter(({ turn }) => isAnalysed(turn));
  // Offsets of chats count from the first message (our choice).
  const originMs = isChat ? (turns[0]?.turn.beginMs ?? 0) : 0;
  const lastMs = Math.max(0, ...turns.map(({ turn }) => turn.endMs));
  const heard: Heard = {
    turns,
    originMs,
    durationMs: (durationMs ?? lastMs) - originMs,
    tellsSentiment,
  };
  const { facts, scores } = isChat ? chatFacts(analysis) : callFacts(analysis, turns);
  return {
    transcript: {
      language: conversation.languageCode,
      durationMs: heard.durationMs,
      turns: turns.map(({ turn }) => askedTurn(turn, originMs)),
    },
    facts,
    answerTo: (fact) => (fact.kind === "role" ? roleAnswer(fact, heard, scores) : undefined),
  };
}

/** A turn as word conditions see it. */
export function askedTurn({ id, participant, content, beginMs, endMs }: AnalysedTurn["turn"], originMs: number): Turn {
  return {
    id,
    role: participant.role,
    text: content,
    beginOffsetMs: beginMs - originMs,
    endOffsetMs: endMs - originMs,
  };
}

interface Heard {
  readonly turns: readonly AnalysedTurn[];
  readonly originMs: number;
  readonly durationMs: number;
  readonly tellsSentiment: boolean;
}

/** By the ends of their paths. */
interface Scores {
  readonly "Sentiment.OverallScore": ByRole;
  readonly "Sentiment.Score.Beginning": ByRole;
  readonly "Sentiment.Score.End": ByRole;
  readonly "TalkTime.TotalTimeSecs"?: ByRole;
  readonly "Loudness.HighestLoudnessScore"?: ByRole;
}

const SECOND_MS = 1_000;

function callFacts(analysis: ContactAnalysis, turns: readonly AnalysedTurn[]): { facts: JsonObject; scores: Scores } {
  const { TotalConversationDurationMillis: totalMs, ...found } = voiceCharacteristics(analysis);
  const { Sentiment, Interruptions, NonTalkTime, TalkTime } = found;
  const { QUARTER } = Sentiment.SentimentByPeriod;
  return {
    facts: {
      NonTalkTime: {
        TotalTimeSecs: NonTalkTime.TotalTimeMillis / SECOND_MS,
        LongestTimeSecs: Math.max(0, ...NonTalkTime.Instances.map((one) => one.DurationMillis)) / SECOND_MS,
      },
      // "How many times the agent interrupted the customer."
      Interruptions: { Instances: Interruptions.InterruptionsByInterrupter.AGENT?.length ?? 0 },
      ...(totalMs > 0 && { Agent: { NonTalkTimePct: (100 * NonTalkTime.TotalTimeMillis) / totalMs } }),
    },
    scores: {
      "Sentiment.OverallScore": Sentiment.OverallSentiment,
      "Sentiment.Score.Beginning": byRole((role) => QUARTER[role]?.[0]?.Score),
      "Sentiment.Score.End": byRole((role) => QUARTER[role]?.at(-1)?.Score),
      "TalkTime.TotalTimeSecs": byRole((role) => {
        const talk = TalkTime.DetailsByParticipant[role];
        return talk && talk.TotalTimeMillis / SECOND_MS;
      }),
      "Loudness.HighestLoudnessScore": byRole((role) => loudest(turns, role)),
    },
  };
}

function chatFacts(analysis: ContactAnalysis): { facts: JsonObject; scores: Scores } {
  const { ResponseTime, Sentiment } = chatCharacteristics(analysis);
  const responses = ResponseTime.DetailsByParticipantRole.AGENT;
  const shift = Sentiment.SentimentShift.DetailsByParticipantRole;
  return {
    facts: {
      ResponseTime: {
        Agent: {
          FirstResponseTimeSecs: seconds(ResponseTime.AgentGreetingTimeMillis),
          AverageTimeSecs: seconds(responses?.Average.ValueMillis),
          LongestTimeSecs: seconds(responses?.Maximum.ValueMillis),
        },
      },
    },
    scores: {
      "Sentiment.OverallScore": Sentiment.OverallSentiment.DetailsByParticipantRole,
      "Sentiment.Score.Beginning": byRole((role) => shift[role]?.BeginScore),
      "Sentiment.Score.End": byRole((role) => shift[role]?.EndScore),
    },
  };
}

function byRole(of: (role: Role) => number | undefined): ByRole {
  const [agent, customer] = [of("AGENT"), of("CUSTOMER")];
  return { ...(agent !== undefined && { AGENT: agent }), ...(customer !== undefined && { CUSTOMER: customer }) };
}

function loudest(turns: readonly AnalysedTurn[], role: Role): number | undefined {
  const own = turns.filter(({ turn }) => turn.participant.role === role);
  const values = own.flatMap(({ turn }) => turn.loudness ?? []).filter((value) => value !== null);
  return values.length > 0 ? values.reduce((most, value) => Math.max(most, value)) : undefined;
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / SECOND_MS;
}

function roleAnswer(fact: RoleFact, heard: Heard, scores: Scores): Answer {
  const { role, period } = fact;
  const path = fact.path.split(".").slice(2).join(".");
  if (path !== "Sentiment.State") {
    const isScore = path.startsWith("Sentiment.");
    return isScore && !heard.tellsSentiment ? undefined : scores[path as keyof Scores]?.[role];
  }
  if (period === undefined) {
    return stateOf(heard.tellsSentiment ? (scores["Sentiment.OverallScore"][role] ?? 0) : 0);
  }
  return stateIn(period, role, heard);
}

/** The state of a whole contact (our choice: the sign of the score). */
export function stateOf(score: number): "POSITIVE" | "NEGATIVE" | "NEUTRAL" {
  if (score === 0) return "NEUTRAL";
  return score > 0 ? "POSITIVE" : "NEGATIVE";
}

/** That which all turns of a role in a part of the contact have; the borders are those of word conditions. */
function stateIn(period: NonNullable<RoleFact["period"]>, role: Role, heard: Heard): Answer {
  const { part, seconds: length } = period;
  const states = new Set(
    heard.turns
      .filter(({ turn }) => turn.participant.role === role)
      .filter(({ turn }) =>
        part === "first"
          ? turn.beginMs - heard.originMs < length * SECOND_MS
          : turn.endMs - heard.originMs > heard.durationMs - length * SECOND_MS,
      )
      .map(({ sentiment }) => (heard.tellsSentiment ? spokenSentiment(sentiment.label) : "NEUTRAL")),
  );
  return states.size === 1 ? [...states][0] : undefined;
}
