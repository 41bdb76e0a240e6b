import type { Channel } from "@aws-sdk/client-connect";
import { type Collection, collection, type Unit } from "../../store/store.ts";
import { type Agent, type AgentContact, agentKey, agents, availableSlots, isFailed, isWorkedOn } from "./agents.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { type Contact, contactKey, contacts, isWaiting, subtypeOf, wholeSeconds } from "./contacts.ts";

/**
 * What real-time metrics count, kept as documents: one for each routing profile with its agents, one for each queue with its
 * contacts. Each change of an agent or a contact changes them in its own unit, by the difference between what it counted for before
 * and what it counts for now: so they are as true, and as durable, as agents and contacts are, and no call reads more the more there
 * are of those.
 */

/** Counts by name. A name is a figure and, behind a colon, what it is told apart by: `slotsActive:CHAT/connect:SMS`. None is 0. */
export type Tally = Readonly<Record<string, number>>;

/** A tally, or handle times, with its own id: of a routing profile or a queue. */
export interface Kept<T> {
  readonly key: string;
  readonly kept: T;
}

/** Of the agents who are signed in with a routing profile. */
export const agentTallies: Collection<Kept<Tally>> = collection("connect_agent_tallies");

/** Of the contacts in a queue. */
export const queueTallies: Collection<Kept<Tally>> = collection("connect_queue_tallies");

/** How long agents handled the contacts of a queue lately, by channel. */
export const handleTimes: Collection<Kept<HandleTimes>> = collection("connect_handle_times");

export type HandleTimes = Readonly<Partial<Record<Channel, number>>>;

/** How much the last contact weighs in the average handle time of recent ones (our choice). */
const LAST_CONTACT_WEIGHT = 0.1;

/** A routing profile's tally, and a queue's tally and handle times, lie under these. */
export function tallyKey(instance: InstanceRef, profileOrQueueId: string): string {
  return instanceKey(instance, profileOrQueueId);
}

/** Counts an agent as they will be stored, instead of as they are stored. Called before each `put` of an agent. */
export async function countAgent(unit: Unit, agent: Agent): Promise<void> {
  const before = await unit.get(agents, agentKey(agent));
  const counted = before && { key: tallyKey(before, before.settings.profileId), tally: tallyOfAgent(before) };
  await recount(unit, agentTallies, counted, {
    key: tallyKey(agent, agent.settings.profileId),
    tally: tallyOfAgent(agent),
  });
}

/** The same for a contact. A contact stays in the queue that it was put into, or is scheduled for. */
export async function countContact(unit: Unit, contact: Contact): Promise<void> {
  const queueId = queueOf(contact);
  if (queueId === undefined) return;
  const before = await unit.get(contacts, contactKey(contact));
  const key = tallyKey(contact, queueId);
  const counted = before && queueOf(before) === queueId ? { key, tally: tallyOfContact(before) } : undefined;
  await recount(unit, queueTallies, counted, { key, tally: tallyOfContact(contact) });
  if (before?.completedMs === undefined) await learnHandleTime(unit, key, contact);
}

/** A callback is scheduled for its queue before it enters it. */
function queueOf({ queue, callback, targetQueueId }: Contact): string | undefined {
  return queue?.id ?? (callback?.waitsUntilMs === undefined ? undefined : targetQueueId);
}

/** A figure of a tally: all of it, or what it is told apart by where that is wanted. */
export function figureOf(tally: Tally, figure: string, isWanted: (detail: string) => boolean = () => true): number {
  const prefix = `${figure}:`;
  let sum = 0;
  for (const [name, count] of Object.entries(tally)) {
    if (name.startsWith(prefix) && isWanted(name.slice(prefix.length))) sum += count;
  }
  return sum;
}

/** Joins the kinds of an agent's contacts to one detail, under which the agent counts once. */
const KIND_SEPARATOR = ",";
const SUBTYPE_SEPARATOR = "/";

/** Of contacts, those of some channels and, where it says so, some subtypes. */
export interface Kinds {
  readonly channels: ReadonlySet<string>;
  readonly subtypes?: ReadonlySet<string> | undefined;
}

/** Whether a detail is of one of these kinds. A slot that is free for a channel is one for each subtype of it. */
export function hasKind(detail: string, { channels, subtypes }: Kinds): boolean {
  return detail.split(KIND_SEPARATOR).some((kind) => {
    const [channel = "", subtype] = kind.split(SUBTYPE_SEPARATOR);
    if (!channels.has(channel)) return false;
    if (!subtypes) return true;
    if (subtype !== undefined) return subtypes.has(decodeURIComponent(subtype));
    return [...subtypes].some((wanted) => CHANNELS[wanted] === channel);
  });
}

/** The subtypes of contacts that a tally has. */
export function subtypesIn(tally: Tally): readonly string[] {
  return Object.keys(tally).flatMap((name) =>
    name
      .slice(name.indexOf(":") + 1)
      .split(KIND_SEPARATOR)
      .flatMap((kind) => kind.split(SUBTYPE_SEPARATOR).map(decodeURIComponent)[1] ?? []),
  );
}

function kindOf(channel: Channel, subtype: string | undefined): string {
  if (subtype === undefined) return channel;
  // It may be any text of a caller's.
  return `${channel}${SUBTYPE_SEPARATOR}${subtype.replaceAll(/[%,/]/g, encodeURIComponent)}`;
}

/** Of which channel the subtypes are (`connect:Subtype` of the predefined attributes). */
const CHANNELS: Readonly<Record<string, Channel | undefined>> = {
  "connect:Telephony": "VOICE",
  "connect:WebRTC": "VOICE",
  "connect:ExternalAudio": "VOICE",
  "connect:Chat": "CHAT",
  "connect:SMS": "CHAT",
  "connect:WhatsApp": "CHAT",
  "connect:Apple": "CHAT",
  "connect:Guide": "CHAT",
  "connect:Task": "TASK",
  "connect:ExternalTask": "TASK",
  "connect:Email": "EMAIL",
};

/** What an agent counts for ("Real-time metrics definitions", administrator guide). Pure. */
function tallyOfAgent({ isSignedIn, state, settings }: Agent): Tally {
  const tally: Record<string, number> = {};
  const add = (figure: string, detail: string, count: number) => {
    if (count > 0) tally[`${figure}:${detail}`] = (tally[`${figure}:${detail}`] ?? 0) + count;
  };
  const addOnce = (figure: string, kinds: readonly string[]) => {
    add(figure, [...new Set(kinds)].sort().join(KIND_SEPARATOR), kinds.length > 0 ? 1 : 0);
  };
  const kindsIn = (isCounted: (contact: AgentContact) => boolean) =>
    state.contacts.filter(isCounted).map(({ channel, subtype }) => kindOf(channel, subtype));
  if (!isSignedIn) return tally;

  const { id, type } = state.status;
  if (type !== "OFFLINE") add("online", id, 1);
  if (type === "ROUTABLE") add("staffed", id, 1);
  if (type === "CUSTOM") add("nonProductive", id, 1);
  const free = (Object.keys(settings.concurrency) as Channel[]).map((channel) => ({
    channel,
    slots: availableSlots(state, settings, channel),
  }));
  for (const { channel, slots } of free) add("slotsAvailable", channel, slots);
  for (const kind of kindsIn(() => true)) add("slotsActive", kind, 1);
  for (const kind of kindsIn((contact) => contact.state === "ENDED")) add("afterContactWork", kind, 1);
  if (state.contacts.length === 0) {
    addOnce(
      "available",
      free.filter(({ slots }) => slots > 0).map(({ channel }) => channel),
    );
  }
  addOnce("onContact", kindsIn(isWorkedOn));
  addOnce(
    "error",
    kindsIn((contact) => isFailed(contact.state)),
  );
  return tally;
}

/** A callback that is not to be tried yet, the first time or again, is scheduled (the latter our choice). */
function tallyOfContact(contact: Contact): Tally {
  const kind = kindOf(contact.channel, subtypeOf(contact));
  if (isWaiting(contact)) return { [`inQueue:${kind}`]: 1 };
  const isScheduled = contact.state !== "DISCONNECTED" && contact.callback?.waitsUntilMs !== undefined;
  return isScheduled ? { [`scheduled:${kind}`]: 1 } : {};
}

interface Counted {
  readonly key: string;
  readonly tally: Tally;
}

async function recount(
  unit: Unit,
  into: Collection<Kept<Tally>>,
  before: Counted | undefined,
  after: Counted,
): Promise<void> {
  if (before && before.key !== after.key) await change(unit, into, before.key, difference(before.tally, {}));
  const counted = before?.key === after.key ? before.tally : {};
  await change(unit, into, after.key, difference(counted, after.tally));
}

function difference(before: Tally, after: Tally): readonly (readonly [string, number])[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)] as const)
    .filter(([, change]) => change !== 0);
}

async function change(
  unit: Unit,
  into: Collection<Kept<Tally>>,
  key: string,
  changes: readonly (readonly [string, number])[],
): Promise<void> {
  if (changes.length === 0) return;
  const tally = { ...(await unit.get(into, key))?.kept };
  for (const [name, by] of changes) {
    const count = (tally[name] ?? 0) + by;
    if (count === 0) delete tally[name];
    else tally[name] = count;
  }
  unit.put(into, key, { key, kept: tally });
}

async function learnHandleTime(unit: Unit, key: string, { channel, agent, completedMs }: Contact): Promise<void> {
  if (completedMs === undefined || agent?.workEndMs === undefined) return;
  const seconds = wholeSeconds(agent.connectedMs, agent.workEndMs);
  const times = (await unit.get(handleTimes, key))?.kept ?? {};
  const mean = times[channel] ?? seconds;
  const kept = { ...times, [channel]: mean + (seconds - mean) * LAST_CONTACT_WEIGHT };
  unit.put(handleTimes, key, { key, kept });
}
