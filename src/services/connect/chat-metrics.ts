/**
 * What a chat contact's messages come to (`ChatMetrics` of "Data model for contact records"), counted with each message. Pure.
 *
 * A response is a message that follows one of the other side, customer or agent; its time counts from the other side's last message.
 * What flows and bots say is counted, and is nobody's side.
 */

/** The counts of a contact that goes on. */
export interface ChatCounts {
  readonly messages: number;
  readonly botMessages: number;
  readonly botChars: number;
  readonly isMultiParty: boolean;
  readonly agentJoinedMs?: number | undefined;
  readonly agentFirstMs?: number | undefined;
  readonly customer?: SideCounts | undefined;
  readonly agent?: SideCounts | undefined;
  /** Who wrote last, customer or agent, and when. */
  readonly last?: { readonly side: Side; readonly timeMs: number } | undefined;
}

export type Side = "customer" | "agent";

export interface SideCounts {
  readonly participantId: string;
  readonly messages: number;
  readonly chars: number;
  readonly responses: number;
  readonly responseMs: number;
  readonly responseMsMax: number;
  readonly lastMs?: number | undefined;
}

/** The counts of a contact that has ended. */
export interface ChatMetrics {
  readonly messages: number;
  readonly botMessages: number;
  readonly botChars: number;
  readonly isMultiParty: boolean;
  readonly turns: number;
  readonly agentFirstMs?: number | undefined;
  readonly agentFirstResponseMs?: number | undefined;
  readonly closeMs?: number | undefined;
  readonly customer?: SideMetrics | undefined;
  readonly agent?: SideMetrics | undefined;
}

export interface SideMetrics extends SideCounts {
  readonly isAbandoned: boolean;
}

export const NO_MESSAGES: ChatCounts = { messages: 0, botMessages: 0, botChars: 0, isMultiParty: false };

export function sideOf(participantId: string): SideCounts {
  return { participantId, messages: 0, chars: 0, responses: 0, responseMs: 0, responseMsMax: 0 };
}

/** With one message more. `by`: whose it is, where it is one of the two sides' or a flow's or a bot's. */
export function countMessage(
  counts: ChatCounts,
  message: { readonly by: Side | "bot" | undefined; readonly chars: number; readonly timeMs: number },
): ChatCounts {
  const { by: side, chars, timeMs } = message;
  const counted = { ...counts, messages: counts.messages + 1 };
  if (side === undefined) return counted;
  if (side === "bot") {
    return { ...counted, botMessages: counts.botMessages + 1, botChars: counts.botChars + chars };
  }
  const own = counts[side];
  if (!own) return counted;
  const answered = counts.last !== undefined && counts.last.side !== side ? counts.last : undefined;
  const waitedMs = answered ? Math.max(timeMs - answered.timeMs, 0) : 0;
  return {
    ...counted,
    last: { side, timeMs },
    agentFirstMs: side === "agent" ? (counts.agentFirstMs ?? timeMs) : counts.agentFirstMs,
    [side]: {
      ...own,
      messages: own.messages + 1,
      chars: own.chars + chars,
      responses: own.responses + (answered ? 1 : 0),
      responseMs: own.responseMs + waitedMs,
      responseMsMax: Math.max(own.responseMsMax, waitedMs),
      lastMs: timeMs,
    },
  };
}

/**
 * The metrics of a contact that ends. Whoever still had to answer when it was ended since nobody wrote any more has abandoned the
 * conversation (our choice).
 */
export function metricsOf(counts: ChatCounts, end: { readonly timeMs: number; readonly isIdle: boolean }): ChatMetrics {
  const { messages, botMessages, botChars, isMultiParty, agentJoinedMs, agentFirstMs, customer, agent, last } = counts;
  const withEnd = (own: SideCounts | undefined, side: Side): SideMetrics | undefined =>
    own && { ...own, isAbandoned: end.isIdle && last !== undefined && last.side !== side };
  return {
    messages,
    botMessages,
    botChars,
    isMultiParty,
    turns: (customer?.responses ?? 0) + (agent?.responses ?? 0),
    agentFirstMs,
    agentFirstResponseMs:
      agentJoinedMs === undefined || agentFirstMs === undefined ? undefined : Math.max(agentFirstMs - agentJoinedMs, 0),
    closeMs: customer?.lastMs === undefined ? undefined : Math.max(end.timeMs - customer.lastMs, 0),
    customer: withEnd(customer, "customer"),
    agent: withEnd(agent, "agent"),
  };
}
