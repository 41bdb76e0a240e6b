import type { Channel, ContactInitiationMethod } from "@aws-sdk/client-connect";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import type { ContactQueue } from "./contacts.ts";
import type { Figures } from "./metrics.ts";

/**
 * A user at work: there is one from the user's first sign-in on. What the agent does changes it (`agent-sessions.ts`,
 * `agent-contacts.ts`), and so does what is done to the contacts that they have (`contact-transitions.ts`, `routing.ts`).
 */
export interface Agent extends InstanceRef {
  /** The user's id. */
  readonly id: string;
  readonly isSignedIn: boolean;
  readonly signedOutMs?: number | undefined;
  readonly settings: AgentSettings;
  readonly state: AgentState;
  /** The state before the last event that was not a heartbeat. */
  readonly previous?: AgentState | undefined;
  /** Whoever had least to do since is offered the next contact: since the last change of status or contact. */
  readonly idleSinceMs: number;
  /** What they did that historical metrics do not sum up yet. Absent once they have signed out. */
  readonly times?: AgentTimes | undefined;
  /** When the last event that was not a heartbeat was told. */
  readonly lastEventMs: number;
  /** How many events were told, heartbeats apart. Gives the next one its id. */
  readonly eventCount: number;
}

/** What of an agent's configuration decides how contacts come and go. */
export interface AgentSettings {
  readonly profileId: string;
  /** By channel of the routing profile: how many contacts at once, and whether contacts of other channels may join them. */
  readonly concurrency: Readonly<
    Partial<Record<Channel, { readonly slots: number; readonly sharesWithOthers: boolean }>>
  >;
  /** Offers in these are accepted at once. */
  readonly autoAccepts: readonly Channel[];
  /** After-contact work ends by itself after this long. 0: never. */
  readonly workLimitMs: Readonly<Partial<Record<Channel, number>>>;
  /** Calls that they dial do not count against their time without contacts. */
  readonly idlesThroughOutbound: boolean;
}

/** What an agent event's snapshot tells, but for the configuration, which has a document of its own. */
export interface AgentState {
  readonly status: { readonly id: string; readonly name: string; readonly type: string; readonly startMs: number };
  /** Chosen while there were contacts; taken when the last one is cleared. No new contacts come until then. */
  readonly nextStatus?:
    | { readonly id: string; readonly name: string; readonly type: string; readonly enqueuedMs: number }
    | undefined;
  readonly configurationVersion: number;
  readonly contacts: readonly AgentContact[];
}

/** What an agent did that is not in the sums of historical metrics yet (`agent-times.ts`). */
export interface AgentTimes {
  /** Until then everything is counted. Since then they do what their state says. */
  readonly countedMs: number;
  /** Milliseconds by activity, for the five minutes that begin at a time, all in one hour. */
  readonly parts: Readonly<Record<string, Figures>>;
}

/** A contact as its agent sees it. */
export interface AgentContact {
  readonly id: string;
  readonly channel: Channel;
  /** `connect:Telephony`, … */
  readonly subtype?: string | undefined;
  readonly initiationMethod: ContactInitiationMethod;
  readonly initialContactId?: string | undefined;
  readonly queue?: Pick<ContactQueue, "id" | "type" | "name"> | undefined;
  readonly enqueueMs?: number | undefined;
  readonly state: AgentContactState;
  readonly stateStartMs: number;
  readonly connectedMs?: number | undefined;
}

/**
 *     CONNECTING ─► CONNECTED ◄─► CONNECTED_ONHOLD, PAUSED       MISSED, REJECTED, ERROR: the offer failed
 *         └─► MISSED, REJECTED, ERROR     └─► ENDED              ENDED: after-contact work
 *
 * A callback is INCOMING, then PENDING, before it is CONNECTING. The agent clears ENDED and the failed ones.
 */
export type AgentContactState =
  | "INCOMING"
  | "PENDING"
  | "CONNECTING"
  | "CONNECTED"
  | "CONNECTED_ONHOLD"
  | "PAUSED"
  | "MISSED"
  | "REJECTED"
  | "ERROR"
  | "ENDED";

export const agents: Collection<Agent> = collection("connect_agents", {
  availableVoice: { type: "text", value: availableFor("VOICE") },
  availableChat: { type: "text", value: availableFor("CHAT") },
  availableTask: { type: "text", value: availableFor("TASK") },
  availableEmail: { type: "text", value: availableFor("EMAIL") },
  /** By routing profile, for those who must learn of its changes. */
  profile: {
    type: "text",
    value: (agent) => (agent.isSignedIn ? instanceKey(agent, agent.settings.profileId, agent.id) : undefined),
  },
});

/** The index of the agents who have a slot free for a channel. */
export const AVAILABLE: Readonly<Record<Channel, string>> = {
  VOICE: "availableVoice",
  CHAT: "availableChat",
  TASK: "availableTask",
  EMAIL: "availableEmail",
};

export function agentKey(agent: InstanceRef & { readonly id: string }): string {
  return instanceKey(agent, agent.id);
}

/** The agent of a contact or an offer, who is there as long as the contact is. */
export async function findAgent(reader: Reader, instance: InstanceRef, userId: string): Promise<Agent | undefined> {
  return reader.get(agents, instanceKey(instance, userId));
}

/** Agents are read in steps. */
const READ_SIZE = 1_000;

/** Those who are signed in: of an instance (`instanceKey(instance, "")`) or of a routing profile in it. */
export async function listSignedIn(reader: Reader, prefix: string): Promise<Agent[]> {
  const found: Agent[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(agents, { index: "profile", prefix, limit: READ_SIZE, after });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

export function contactOf(agent: Agent, contactId: string): AgentContact | undefined {
  return agent.state.contacts.find(({ id }) => id === contactId);
}

/** Of each routing profile, who has been idle longest comes first. */
function availableFor(channel: Channel): (agent: Agent) => string | undefined {
  return (agent) =>
    agent.isSignedIn && availableSlots(agent.state, agent.settings, channel) > 0
      ? instanceKey(agent, agent.settings.profileId, agent.idleSinceMs, agent.id)
      : undefined;
}

/** The offer failed, and the agent has not yet seen it. */
const FAILED: readonly AgentContactState[] = ["MISSED", "REJECTED", "ERROR"];

/**
 * How many more contacts of a channel may be offered. Pure.
 *
 * A contact takes a slot of its channel from its offer until it is cleared. None is free in a status that is not routable, while
 * a next status waits, while a failed offer is not cleared, and beside a contact of another channel that allows no others.
 */
export function availableSlots(
  state: AgentState,
  { concurrency }: Pick<AgentSettings, "concurrency">,
  channel: Channel,
): number {
  const own = concurrency[channel];
  if (!own || state.status.type !== "ROUTABLE" || state.nextStatus) return 0;
  if (state.contacts.some((contact) => FAILED.includes(contact.state))) return 0;
  const isAlone = (other: Channel) => concurrency[other]?.sharesWithOthers !== true;
  if (state.contacts.some((contact) => contact.channel !== channel && isAlone(contact.channel))) return 0;
  return Math.max(own.slots - state.contacts.filter((contact) => contact.channel === channel).length, 0);
}

/** They have it, or dial it: after-contact work is part of that. */
export function isWorkedOn({ state, initiationMethod }: Pick<AgentContact, "state" | "initiationMethod">): boolean {
  if (state === "CONNECTING") return initiationMethod === "OUTBOUND";
  return state === "CONNECTED" || state === "CONNECTED_ONHOLD" || state === "PAUSED" || state === "ENDED";
}

export function isFailed(state: AgentContactState): boolean {
  return FAILED.includes(state);
}
