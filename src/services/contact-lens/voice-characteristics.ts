/**
 * `ConversationCharacteristics` of a call. The formulas reproduce published analysis files number by number; where those are silent the
 * choice is ours and says so.
 */
import type { AnalysedTurn, Analysis } from "./analysis.ts";
import { isAnalysed, type Turn } from "./conversation.ts";
import { ranked, roundedScore, sentimentScore } from "./sentiment-score.ts";

type Speaker = "AGENT" | "CUSTOMER";
const SPEAKERS: readonly Speaker[] = ["AGENT", "CUSTOMER"];

/** A stretch of the call in milliseconds from its beginning. */
export interface Stretch {
  readonly BeginOffsetMillis: number;
  readonly DurationMillis: number;
  readonly EndOffsetMillis: number;
}

export interface QuarterScore {
  readonly BeginOffsetMillis: number;
  readonly EndOffsetMillis: number;
  readonly Score: number;
}

export interface VoiceCharacteristics {
  readonly TotalConversationDurationMillis: number;
  readonly Sentiment: {
    readonly OverallSentiment: Readonly<Partial<Record<Speaker, number>>>;
    readonly SentimentByPeriod: { readonly QUARTER: Readonly<Partial<Record<Speaker, readonly QuarterScore[]>>> };
  };
  readonly Interruptions: {
    readonly InterruptionsByInterrupter: Readonly<Partial<Record<Speaker, readonly Stretch[]>>>;
    readonly TotalCount: number;
    readonly TotalTimeMillis: number;
  };
  readonly NonTalkTime: { readonly TotalTimeMillis: number; readonly Instances: readonly Stretch[] };
  readonly TalkSpeed: {
    readonly DetailsByParticipant: Readonly<Partial<Record<Speaker, { readonly AverageWordsPerMinute: number }>>>;
  };
  readonly TalkTime: {
    readonly TotalTimeMillis: number;
    readonly DetailsByParticipant: Readonly<Partial<Record<Speaker, { readonly TotalTimeMillis: number }>>>;
  };
}

/** Silence that is longer counts as non-talk time, hold included. */
const SILENCE_MS = 3_000;
/** Who is spoken over for at least this long is interrupted (our choice). */
const INTERRUPTION_MS = 1_500;

export function voiceCharacteristics({ turns }: Analysis): VoiceCharacteristics {
  const spoken = turns.filter(({ turn }) => isAnalysed(turn));
  const interruptions = interruptionsOf(spoken);
  const instances = silencesOf(spoken);
  const talkTimes = bySpeaker(spoken, (own) => ({ TotalTimeMillis: sum(own.map(lengthMs)) }));
  return {
    TotalConversationDurationMillis: Math.max(0, ...turns.map(({ turn }) => turn.endMs)),
    Sentiment: {
      OverallSentiment: bySpeaker(spoken, (own) => roundedScore(sentimentScore(ranked(labelsOf(own))))),
      SentimentByPeriod: { QUARTER: bySpeaker(spoken, quartersOf) },
    },
    Interruptions: {
      InterruptionsByInterrupter: interruptions,
      TotalCount: sum(Object.values(interruptions).map((list) => list.length)),
      TotalTimeMillis: sum(Object.values(interruptions).flatMap((list) => list.map((one) => one.DurationMillis))),
    },
    NonTalkTime: { TotalTimeMillis: sum(instances.map((one) => one.DurationMillis)), Instances: instances },
    TalkSpeed: { DetailsByParticipant: bySpeaker(spoken, wordsPerMinute) },
    TalkTime: {
      TotalTimeMillis: sum(Object.values(talkTimes).map((one) => one.TotalTimeMillis)),
      DetailsByParticipant: talkTimes,
    },
  };
}

/** Only of speakers who said something. */
function bySpeaker<R>(
  turns: readonly AnalysedTurn[],
  of: (own: readonly AnalysedTurn[]) => R,
): Partial<Record<Speaker, R>> {
  const found: Partial<Record<Speaker, R>> = {};
  for (const speaker of SPEAKERS) {
    const own = turns.filter(({ turn }) => turn.participant.role === speaker);
    if (own.length > 0) found[speaker] = of(own);
  }
  return found;
}

/** Four parts of the time until a speaker's last word; a turn belongs to the part in which it begins. */
function quartersOf(own: readonly AnalysedTurn[]): QuarterScore[] {
  const lastEndMs = Math.max(...own.map(({ turn }) => turn.endMs));
  const border = (quarter: number): number => Math.floor((quarter * lastEndMs) / 4);
  return [0, 1, 2, 3].map((quarter) => {
    const [begin, end] = [border(quarter), border(quarter + 1)];
    const inside = own.filter(({ turn }) => turn.beginMs >= begin && (turn.beginMs < end || quarter === 3));
    return {
      BeginOffsetMillis: begin,
      EndOffsetMillis: end,
      Score: roundedScore(sentimentScore(ranked(labelsOf(inside)))),
    };
  });
}

/** Each turn that begins while somebody else goes on speaking for a while, under the one who began it. */
function interruptionsOf(turns: readonly AnalysedTurn[]): Partial<Record<Speaker, Stretch[]>> {
  const found: Partial<Record<Speaker, Stretch[]>> = {};
  /** What each participant began last. */
  const begun = new Map<string, Turn>();
  for (const { turn } of turns) {
    const { id, role } = turn.participant;
    const others = [...begun.values()].filter((other) => other.participant.id !== id && other.beginMs < turn.beginMs);
    const spokenUntilMs = Math.max(0, ...others.map(({ endMs }) => endMs));
    begun.set(id, turn);
    if (spokenUntilMs - turn.beginMs < INTERRUPTION_MS) continue;
    if (role !== "AGENT" && role !== "CUSTOMER") continue;
    const own = found[role] ?? [];
    own.push(stretch(turn.beginMs, Math.min(turn.endMs, spokenUntilMs)));
    found[role] = own;
  }
  return found;
}

function silencesOf(turns: readonly AnalysedTurn[]): Stretch[] {
  const silences: Stretch[] = [];
  let spokenUntilMs = 0;
  for (const { turn } of turns) {
    if (turn.beginMs - spokenUntilMs > SILENCE_MS) silences.push(stretch(spokenUntilMs, turn.beginMs));
    spokenUntilMs = Math.max(spokenUntilMs, turn.endMs);
  }
  return silences;
}

function wordsPerMinute(own: readonly AnalysedTurn[]): { AverageWordsPerMinute: number } {
  const words = sum(own.map(({ turn }) => wordsIn(turn.content)));
  const talkMs = sum(own.map(lengthMs));
  // One division of whole numbers: halves stay halves, and are rounded up.
  return { AverageWordsPerMinute: talkMs === 0 ? 0 : Math.round((words * 60_000) / talkMs) };
}

/** Stretches without white space. Hot: rules ask it of each turn. */
function wordsIn(text: string): number {
  let words = 0;
  let isInWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isSpace = code <= 32 ? code === 32 || (code >= 9 && code <= 13) : code >= 160 && /\s/.test(text.charAt(at));
    if (!isSpace && !isInWord) words += 1;
    isInWord = !isSpace;
  }
  return words;
}

function stretch(beginMs: number, endMs: number): Stretch {
  return { BeginOffsetMillis: beginMs, DurationMillis: endMs - beginMs, EndOffsetMillis: endMs };
}

function lengthMs({ turn }: AnalysedTurn): number {
  return turn.endMs - turn.beginMs;
}

function labelsOf(turns: readonly AnalysedTurn[]): AnalysedTurn["sentiment"]["label"][] {
  return turns.map(({ sentiment }) => sentiment.label);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
