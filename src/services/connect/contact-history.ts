/**
 * What has happened to contacts, step by step, kept for 7 days or 1 GiB, whichever is less: a bus forgets its events when they are routed, and a
 * contact or an agent only knows what it is now.
 *
 *     connect.contact-history   ─ opened ─ event ─ agent ─ event ─ …      in the order in which it happened
 *     contact.changesMs         ─ when the contact changed                to find its entries there
 */
import type { ReadingStore, Unit } from "../../store/store.ts";
import { type Gap, gapIn, isOpening, type KeptLog } from "../kept-log.ts";
import type { Agent, AgentContact } from "./agents.ts";
import { instanceArn, resourceArn } from "./arns.ts";
import type { ContactEvent } from "./contact-events.ts";
import { type Contact, REDACTED } from "./contacts.ts";

const DAY_MS = 24 * 60 * 60_000;

export const CONTACT_HISTORY: KeptLog = {
  name: "connect.contact-history",
  keepMs: 7 * DAY_MS,
  keepBytes: 1024 ** 3,
  what: "What happens to contacts",
};

/** A contact event as it was told, or what the contact became for one of its agents. */
export type ContactStep = ToldEvent | AgentStep;

export interface ToldEvent {
  readonly kind: "event";
  readonly at: string;
  readonly id: string;
  readonly detail: ContactEvent["detail"];
}

export interface AgentStep {
  readonly kind: "agent";
  readonly at: string;
  readonly instanceArn: string;
  readonly agentArn: string;
  /** As agent events call it, or `CLEARED`: they have it no more. */
  readonly state: AgentContact["state"] | "CLEARED";
  readonly stateBefore?: AgentContact["state"] | undefined;
  /** The agent's own status. */
  readonly status: string;
  readonly nextStatus?: string | undefined;
  /** Their other contacts at that moment. */
  readonly others: readonly { readonly id: string; readonly channel: string; readonly state: string }[];
}

/** Keeps a contact event, in the unit that tells it. */
export function keepToldEvent(unit: Unit, contact: Contact, { id, detail }: ContactEvent, timeMs: number): void {
  const step: ToldEvent = { kind: "event", at: iso(timeMs), id, detail };
  unit.append(CONTACT_HISTORY.name, contact.id, JSON.stringify(step));
}

/** Keeps which of an agent's contacts have another state than before, in the unit that changes them. */
export function keepAgentSteps(unit: Unit, before: Agent, after: Agent): void {
  const states = new Map(before.state.contacts.map(({ id, state }) => [id, state]));
  for (const { id, state } of after.state.contacts) {
    if (states.get(id) !== state) keepAgentStep(unit, after, id, state, states.get(id));
    states.delete(id);
  }
  for (const [id, state] of states) keepAgentStep(unit, after, id, "CLEARED", state);
}

function keepAgentStep(
  unit: Unit,
  agent: Agent,
  contactId: string,
  state: AgentStep["state"],
  stateBefore: AgentStep["stateBefore"],
): void {
  const { status, nextStatus, contacts } = agent.state;
  const step: AgentStep = {
    kind: "agent",
    at: iso(agent.lastEventMs),
    instanceArn: instanceArn(agent),
    agentArn: resourceArn("user", agent, agent.id),
    state,
    stateBefore,
    status: status.name,
    nextStatus: nextStatus?.name,
    others: contacts.filter(({ id }) => id !== contactId).map(({ id, channel, state }) => ({ id, channel, state })),
  };
  unit.append(CONTACT_HISTORY.name, contactId, JSON.stringify(step));
}

/** Times that a contact remembers: the last ones. */
const CHANGES_MAX = 200;

/** The times of a contact's changes with one more. */
export function withChange(changesMs: readonly number[] | undefined, atMs: number): readonly number[] {
  if (changesMs === undefined) return [atMs];
  return changesMs.at(-1) === atMs ? changesMs : [...changesMs.slice(1 - CHANGES_MAX), atMs];
}

/** From taking the time to the commit, at most. */
const COMMIT_MS_MAX = 2_000;
const ENTRIES_READ = 64;
/** Entries that are looked through for one change: what lies behind so many others at one time is not found. */
const LOOKED_THROUGH_MAX = 2_048;

export interface ContactHistory {
  readonly steps: readonly ContactStep[];
  /** Of the contact's time, where nothing is kept of it. */
  readonly gap?: Gap;
}

/** The steps of a contact, in their order, as far as they are kept. */
export async function contactHistory(store: ReadingStore, contact: Contact, nowMs: number): Promise<ContactHistory> {
  const { name } = CONTACT_HISTORY;
  const partitions = (await store.findLog(name))?.partitions ?? 0;
  const own = instanceArn(contact);
  const found = new Map<string, ContactStep>();
  for (let partition = 0; partition < partitions; partition++) {
    let readUntil = 0;
    for (const timeMs of timesOf(contact)) {
      let sequence = Math.max(readUntil, await store.sequenceAt(name, partition, timeMs));
      const last = sequence + LOOKED_THROUGH_MAX;
      let ends = false;
      while (!ends && sequence < last) {
        const entries = await store.read(name, partition, sequence, { entries: ENTRIES_READ });
        let isHere = false;
        for (const entry of entries) {
          if (entry.key !== contact.id || isOpening(entry)) continue;
          const step = JSON.parse(String(entry.value)) as ContactStep;
          if ((step.kind === "event" ? step.detail.instanceArn : step.instanceArn) !== own) continue;
          found.set(`${partition} ${entry.sequence}`, step);
          isHere ||= step.at >= iso(timeMs);
        }
        sequence = (entries.at(-1)?.sequence ?? sequence - 1) + 1;
        // What belongs together is committed together: a read further is enough.
        ends = entries.length < ENTRIES_READ || isHere || (entries.at(-1)?.timeMs ?? 0) > timeMs + COMMIT_MS_MAX;
      }
      readUntil = sequence;
    }
  }
  const steps = [...found.values()]
    .map((step) => withoutDeleted(contact, step))
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  const span = { sinceMs: contact.initiationMs, untilMs: contact.completedMs ?? nowMs, nowMs };
  const gap = await gapIn(store, CONTACT_HISTORY, span);
  return { steps, ...(gap && { gap }) };
}

/** What was deleted of a contact (`DeleteContactData`) is not shown again. */
function withoutDeleted({ segmentAttributes }: Contact, step: ContactStep): ContactStep {
  const deleted = segmentAttributes[REDACTED]?.ValueString?.split(",") ?? [];
  if (step.kind !== "event" || deleted.length === 0) return step;
  const { customerEndpoint, segmentAttributes: told, ...detail } = step.detail;
  const { "connect:EmailSubject": subject, ...attributes } = told;
  const keepsSubject = subject !== undefined && !deleted.includes("EMAIL_SUBJECT");
  return {
    ...step,
    detail: {
      ...detail,
      ...(customerEndpoint && !deleted.includes("CUSTOMER_ENDPOINT") && { customerEndpoint }),
      segmentAttributes: { ...attributes, ...(keepsSubject && { "connect:EmailSubject": subject }) },
    },
  };
}

/** When something changed, in order; of contacts from before changes were noted, what they know themselves. */
function timesOf({ changesMs, ...contact }: Contact): readonly number[] {
  const { initiationMs, connectedToSystemMs, queue, agent, disconnectMs, completedMs } = contact;
  const own = [initiationMs, connectedToSystemMs, queue?.enqueueMs, agent?.connectedMs, disconnectMs, completedMs];
  const times = new Set([...(changesMs ?? []), ...own.filter((time) => time !== undefined)]);
  return [...times].sort((one, other) => one - other);
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
