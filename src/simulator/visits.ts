import type { AgentAtWork } from "./agent-at-work.ts";
import type { Channel } from "./arrivals.ts";
import type { Conversation } from "./conversations.ts";
import type { Topic } from "./roster.ts";

/**
 * A customer's way through the centre, from their arrival until they are gone: one contact, or several where they are transferred or
 * called back.
 */
export interface Visit {
  /** Names the streams of chance that belong to it. */
  readonly key: string;
  readonly channel: Channel;
  readonly topic: Topic;
  readonly number: string;
  readonly conversation: Conversation;
  readonly arrivedMs: number;
  /** How often they have called about it before. */
  readonly callsBefore: number;
  /** Not of this play: its customer does nothing. */
  readonly isForeign?: boolean;
  /** The contact that the customer is on now. */
  contactId: string;
  /** All of them. */
  readonly contactIds: string[];
  /** Counts the talks; what was planned for an earlier one is void. */
  talk: number;
  /** Counts the waits in the same way. */
  waits: number;
  /** Since when they wait for an agent; not while they talk with one. */
  queuedMs: number | undefined;
  transfer: Transfer | undefined;
  /** By second leg: who dialled it. */
  readonly dialled: Map<string, AgentAtWork>;
  isCalledBack: boolean;
  isHandled: boolean;
  /** They have left without a sign. */
  isGone: boolean;
  isOver: boolean;
}

export interface Transfer {
  readonly kind: "cold" | "warm" | "external" | "consultation";
  /** Who transfers. */
  readonly agent: AgentAtWork;
  /** The second leg, once it is there. */
  legId: string | undefined;
  /** Somebody has answered on it: an agent (`other`), or somebody outside. */
  isAnswered: boolean;
  other: AgentAtWork | undefined;
}

/** Who keeps account of all visits. */
export interface Visitors {
  /** A visit goes on with another contact. */
  follow(visit: Visit, contactId: string): void;
  /** A customer begins to wait. */
  waits(visit: Visit, atMs: number): void;
}
