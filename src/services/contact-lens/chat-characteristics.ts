/** `ConversationCharacteristics` of a chat, by the formulas that reproduce the published sample; where it is silent the choice is ours. */
import type { AnalysedTurn, Analysis } from "./analysis.ts";
import { isAnalysed, type ParticipantRole, type Turn } from "./conversation.ts";
import { type RankedSentiment, ranked, sentimentScore } from "./sentiment-score.ts";

type Side = "AGENT" | "CUSTOMER";
const SIDES: readonly Side[] = ["AGENT", "CUSTOMER"];

export interface ItemRef {
  readonly Id: string;
}

interface ScoreShift {
  readonly BeginScore: number;
  readonly EndScore: number;
}

interface ResponseTimes {
  readonly Average: { readonly ValueMillis: number };
  readonly Maximum: { readonly TranscriptItems: readonly ItemRef[]; readonly ValueMillis: number };
}

export interface ChatCharacteristics {
  readonly ResponseTime: {
    readonly AgentGreetingTimeMillis?: number;
    readonly DetailsByParticipantRole: Readonly<Partial<Record<Side, ResponseTimes>>>;
  };
  readonly Sentiment: {
    readonly DetailsByTranscriptItemGroup: readonly {
      readonly ParticipantRole: ParticipantRole;
      readonly ProgressiveScore: number;
      readonly Sentiment: string;
      readonly TranscriptItems: readonly ItemRef[];
    }[];
    readonly OverallSentiment: {
      readonly DetailsByInteraction: {
        readonly DetailsByParticipantRole: { readonly CUSTOMER?: Interactions<number> };
      };
      readonly DetailsByParticipantRole: Readonly<Partial<Record<Side, number>>>;
    };
    readonly SentimentShift: {
      readonly DetailsByInteraction: {
        readonly DetailsByParticipantRole: { readonly CUSTOMER?: Interactions<ScoreShift> };
      };
      readonly DetailsByParticipantRole: Readonly<Partial<Record<Side, ScoreShift>>>;
    };
  };
}

interface Interactions<T> {
  readonly WithAgent?: T;
  readonly WithoutAgent?: T;
}

/** Consecutive messages of one participant with the same sentiment, nothing from others between (our choice). */
interface Group extends RankedSentiment {
  readonly turns: readonly Turn[];
  readonly role: ParticipantRole;
}

export function chatCharacteristics({ turns }: Analysis): ChatCharacteristics {
  const messages = turns.filter(({ turn }) => isAnalysed(turn));
  const groups = groupsOf(messages);
  const agentFirst = turns.find(({ turn }) => turn.participant.role === "AGENT")?.turn;
  // A transcript of messages alone, as importers may have it, does not say when the agent joined.
  const joinedMs = agentFirst?.kind === "EVENT" ? agentFirst.beginMs : undefined;
  const isWithAgent = ({ turns: [first] }: Group): boolean =>
    agentFirst !== undefined && first !== undefined && first.beginMs >= agentFirst.beginMs;
  const withAgent = groups.filter((group) => group.role === "CUSTOMER" && isWithAgent(group));
  const withoutAgent = groups.filter((group) => group.role === "CUSTOMER" && !isWithAgent(group));
  return {
    ResponseTime: {
      ...greetingTime(messages, joinedMs),
      DetailsByParticipantRole: bySide((side) => responseTimes(messages, side, joinedMs)),
    },
    Sentiment: {
      // Role by role, as in the published sample.
      DetailsByTranscriptItemGroup: SIDES.flatMap((side) =>
        groups
          .filter(({ role }) => role === side)
          .map((group, at, own) => ({
            ParticipantRole: side,
            ProgressiveScore: progressiveScore(own.slice(Math.max(0, at - 2), at + 1)),
            Sentiment: group.label,
            TranscriptItems: group.turns.map(refOf),
          })),
      ),
      OverallSentiment: {
        DetailsByInteraction: byInteraction(withAgent, withoutAgent, sentimentScore),
        DetailsByParticipantRole: bySide((side) =>
          ofAny(
            groups.filter(({ role }) => role === side),
            sentimentScore,
          ),
        ),
      },
      SentimentShift: {
        DetailsByInteraction: byInteraction(withAgent, withoutAgent, shiftOf),
        DetailsByParticipantRole: bySide((side) =>
          ofAny(
            groups.filter(({ role }) => role === side),
            shiftOf,
          ),
        ),
      },
    },
  };
}

function groupsOf(messages: readonly AnalysedTurn[]): Group[] {
  const groups: { role: ParticipantRole; label: Group["label"]; turns: Turn[] }[] = [];
  for (const { turn, sentiment } of messages) {
    if (turn.participant.role !== "AGENT" && turn.participant.role !== "CUSTOMER") continue;
    const last = groups.at(-1);
    const isSame = last?.turns[0]?.participant.id === turn.participant.id && last.label === sentiment.label;
    if (last && isSame) last.turns.push(turn);
    else groups.push({ role: turn.participant.role, label: sentiment.label, turns: [turn] });
  }
  const ranks = new Map<object, number>();
  for (const side of SIDES) {
    const own = groups.filter(({ role }) => role === side);
    for (const [at, { rank }] of ranked(own.map(({ label }) => label)).entries()) ranks.set(own[at] ?? {}, rank);
  }
  return groups.map((group) => ({ ...group, rank: ranks.get(group) ?? 1 }));
}

/** Over the last three groups of a role; those that are not there yet count as neutral. */
function progressiveScore(last: readonly Group[]): number {
  const missing = Array.from({ length: 3 - last.length }, () => ({ label: "NEUTRAL" as const, rank: 1 }));
  return sentimentScore([...missing, ...last]);
}

/** Over the first and the last quarter of the groups, at least one each (our choice). */
function shiftOf(groups: readonly Group[]): ScoreShift {
  const size = Math.max(1, Math.floor(groups.length / 4));
  const scoreOf = (part: readonly Group[]): number => sentimentScore(ranked(part.map(({ label }) => label)));
  return { BeginScore: scoreOf(groups.slice(0, size)), EndScore: scoreOf(groups.slice(-size)) };
}

function byInteraction<T>(
  withAgent: readonly Group[],
  withoutAgent: readonly Group[],
  of: (groups: readonly Group[]) => T,
): { readonly DetailsByParticipantRole: { readonly CUSTOMER?: Interactions<T> } } {
  if (withAgent.length === 0 && withoutAgent.length === 0) return { DetailsByParticipantRole: {} };
  return {
    DetailsByParticipantRole: {
      CUSTOMER: {
        ...(withAgent.length > 0 && { WithAgent: of(withAgent) }),
        ...(withoutAgent.length > 0 && { WithoutAgent: of(withoutAgent) }),
      },
    },
  };
}

/** From the agent's joining to their first message. */
function greetingTime(
  messages: readonly AnalysedTurn[],
  joinedMs: number | undefined,
): { readonly AgentGreetingTimeMillis?: number } {
  const first = messages.find(({ turn }) => turn.participant.role === "AGENT")?.turn;
  return first && joinedMs !== undefined ? { AgentGreetingTimeMillis: first.beginMs - joinedMs } : {};
}

/**
 * A response is the first message of one side after one of the other. It took as long as since the other side's last message or, for an
 * agent, since they joined (our choice: what was written before is waiting, not responding).
 */
function responseTimes(
  messages: readonly AnalysedTurn[],
  side: Side,
  joinedMs: number | undefined,
): ResponseTimes | undefined {
  const spoken = messages
    .map(({ turn }) => turn)
    .filter(({ participant: { role } }) => role === "AGENT" || role === "CUSTOMER");
  const times = spoken.flatMap((turn, at) => {
    const asked = spoken[at - 1];
    if (!asked || turn.participant.role !== side || asked.participant.role === side) return [];
    const sinceMs = side === "AGENT" ? Math.max(asked.beginMs, joinedMs ?? 0) : asked.beginMs;
    return [{ turn, ms: turn.beginMs - sinceMs }];
  });
  const longest = times.reduce<(typeof times)[number] | undefined>(
    (most, time) => (most === undefined || time.ms > most.ms ? time : most),
    undefined,
  );
  if (!longest) return undefined;
  return {
    Average: { ValueMillis: Math.round(times.reduce((total, { ms }) => total + ms, 0) / times.length) },
    Maximum: { TranscriptItems: [refOf(longest.turn)], ValueMillis: longest.ms },
  };
}

function bySide<R>(of: (side: Side) => R | undefined): Partial<Record<Side, R>> {
  const found: Partial<Record<Side, R>> = {};
  for (const side of SIDES) {
    const value = of(side);
    if (value !== undefined) found[side] = value;
  }
  return found;
}

function ofAny<R>(groups: readonly Group[], of: (groups: readonly Group[]) => R): R | undefined {
  return groups.length > 0 ? of(groups) : undefined;
}

function refOf({ id }: Turn): ItemRef {
  return { Id: id };
}
