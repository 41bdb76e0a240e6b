/**
 * Checks what contact events, agent events and contact records say against each other: the invariants 1 to 24 of the contact centre's
 * streams (`conversation-invariants.ts` has 25 to 32). Given is everything that an instance has told so far, each stream in its order.
 */
import assert from "node:assert/strict";
import type { AgentEvent, AgentSnapshot, AgentSnapshotContact } from "../src/services/connect/agent-events.ts";
import type { ContactEventDetail } from "../src/services/connect/contact-events.ts";

export interface BusEvent {
  readonly version: string;
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly account: string;
  readonly region: string;
  readonly "detail-type": string;
  readonly resources: readonly string[];
  readonly detail: ContactEventDetail;
}

/** A version of a contact record, as far as it is checked. */
export interface ContactRecord {
  readonly ContactId: string;
  readonly LastUpdateTimestamp: string;
  readonly Channel: string;
  readonly InitiationMethod: string;
  readonly InitiationTimestamp: string;
  readonly ConnectedToSystemTimestamp: string | null;
  readonly DisconnectTimestamp: string;
  readonly DisconnectReason: string | null;
  readonly TransferCompletedTimestamp: string | null;
  readonly InitialContactId: string | null;
  readonly NextContactId: string | null;
  readonly PreviousContactId: string | null;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly Recordings: readonly Readonly<Record<string, unknown>>[] | null;
  readonly Queue: {
    readonly ARN: string;
    readonly EnqueueTimestamp: string;
    readonly DequeueTimestamp: string;
    readonly Duration: number;
  } | null;
  readonly Agent: {
    readonly ARN: string;
    readonly ConnectedToAgentTimestamp: string;
    readonly AfterContactWorkStartTimestamp: string;
    readonly AfterContactWorkEndTimestamp: string;
    readonly AfterContactWorkDuration: number;
    readonly AgentInteractionDuration: number;
    readonly CustomerHoldDuration: number;
    readonly AgentPauseDurationInSeconds: number;
    readonly LongestHoldDuration: number;
    readonly NumberOfHolds: number;
  } | null;
  readonly ChatMetrics: {
    readonly ContactMetrics: {
      readonly TotalMessages: number;
      readonly AgentFirstResponseTimeInMillis: number | null;
      readonly AgentFirstResponseTimestamp: string | null;
      readonly ConversationCloseTimeInMillis: number | null;
    };
    readonly AgentMetrics: ChatSide | null;
    readonly CustomerMetrics: ChatSide | null;
  } | null;
}

interface ChatSide {
  readonly MessagesSent: number;
  readonly MessageLengthInChars: number;
  readonly NumResponses: number;
  readonly TotalResponseTimeInMillis: number;
}

export interface Streams {
  readonly contactEvents: readonly BusEvent[];
  readonly agentEvents: readonly AgentEvent[];
  readonly records: readonly ContactRecord[];
}

/** Throws for the first invariant that does not hold, and names it by its number. */
export function checkInvariants({ contactEvents, agentEvents, records }: Streams): void {
  const byContact = Map.groupBy(contactEvents, ({ detail }) => detail.contactId);
  for (const event of contactEvents) checkEnvelope(event);
  for (const events of byContact.values()) checkContact(events);
  checkChains(byContact);
  const byAgent = Map.groupBy(agentEvents, ({ AgentARN }) => AgentARN);
  for (const events of byAgent.values()) checkAgent(events);
  checkConnections(byAgent, byContact);
  const versions = Map.groupBy(records, ({ ContactId }) => ContactId);
  for (const [id, ofOne] of versions) checkVersions(ofOne, byContact.get(id) ?? []);
  checkRecordChains(versions);
  const completed = [...byContact].filter(([, events]) =>
    events.some(({ detail }) => detail.eventType === "COMPLETED"),
  );
  assert.deepEqual(
    new Set(versions.keys()),
    new Set(completed.map(([id]) => id)),
    "23: a record for each completed contact",
  );
}

function checkEnvelope({ detail, resources, ...event }: BusEvent): void {
  assert.equal(event.source, "aws.connect", "1");
  assert.equal(event["detail-type"], "Amazon Connect Contact Event", "1");
  assert.equal(event.version, "0", "1");
  assert.deepEqual(resources, [detail.instanceArn, `${detail.instanceArn}/contact/${detail.contactId}`], "1");
  assert.ok(detail.instanceArn.startsWith(`arn:aws:connect:${event.region}:${event.account}:instance/`), "1");
  checkKeys(detail);
  assert.equal(detail.eventType === "CONTACT_DATA_UPDATED", detail.updatedProperties !== undefined, "5");
  assert.notEqual(detail.updatedProperties?.length, 0, "5");
  const { agentInfo: info } = detail;
  const seconds = info?.afterContactWorkDuration;
  const work = [info?.afterContactWorkStartTimestamp, info?.afterContactWorkEndTimestamp, seconds];
  assert.ok([0, 3].includes(work.filter((field) => field !== undefined).length), "6: together or not at all");
  if (seconds !== undefined) {
    assert.equal(detail.eventType, "COMPLETED", "6");
    assert.equal(seconds, Math.floor((msOf(String(work[1])) - msOf(String(work[0]))) / 1_000), "6");
  }
}

/** No null anywhere; no capital at the beginning of a key, those of tags and segment attributes apart. */
function checkKeys(value: unknown): void {
  if (typeof value !== "object" || Array.isArray(value)) return;
  assert.notEqual(value, null, "2: no null");
  for (const [key, member] of Object.entries(value ?? {})) {
    assert.match(key, /^[a-z]/, "2: camel case");
    assert.notEqual(member, null, "2: no null");
    if (key !== "tags" && key !== "segmentAttributes") checkKeys(member);
  }
}

function checkContact(events: readonly BusEvent[]): void {
  const all = events.map(({ detail }) => detail.eventType);
  const types = all.filter((type) => type !== "CONTACT_DATA_UPDATED");
  const count = (type: string) => types.filter((candidate) => candidate === type).length;
  const told = `${all}`;
  assert.equal(all[0], "INITIATED", `3: ${told}`);
  assert.equal(count("INITIATED"), 1, `3: ${told}`);
  for (const type of ["QUEUED", "DISCONNECTED", "COMPLETED"]) assert.ok(count(type) <= 1, `3: ${told}`);
  if (types.includes("COMPLETED")) assert.equal(types.at(-1), "COMPLETED", `3: ${told}`);
  const ended = types.indexOf("DISCONNECTED");
  if (ended >= 0)
    assert.ok(
      types.slice(ended + 1).every((type) => type === "COMPLETED"),
      `3: ${told}`,
    );

  let queued = false;
  let connected = false;
  let isPaused = false;
  for (const { detail } of events) {
    queued ||= detail.eventType === "QUEUED";
    if (detail.eventType === "CONNECTED_TO_AGENT") {
      const needsNone = ["OUTBOUND", "EXTERNAL_OUTBOUND", "MONITOR"].includes(detail.initiationMethod);
      assert.ok(queued || needsNone, `7.1: connected without a queue: ${told}`);
      connected = true;
    }
    assert.equal(detail.queueInfo !== undefined, queued && detail.initiationMethod !== "OUTBOUND", `4: ${told}`);
    assert.equal(detail.agentInfo !== undefined, connected, `4: ${told}`);
    if (detail.eventType === "PAUSED" || detail.eventType === "RESUMED") {
      assert.equal(detail.channel, "TASK", "8");
      assert.equal(detail.eventType === "PAUSED", !isPaused, `8: ${told}`);
      isPaused = !isPaused;
    }
  }
  const [disconnected, completed] = ["DISCONNECTED", "COMPLETED"].map(
    (type) => events.find(({ detail }) => detail.eventType === type)?.detail,
  );
  if (completed && !connected) assert.deepEqual({ ...completed, eventType: "DISCONNECTED" }, disconnected, "7");
}

function checkChains(byContact: ReadonlyMap<string, readonly BusEvent[]>): void {
  for (const [id, [first]] of byContact) {
    const previousId = first?.detail.previousContactId;
    if (first === undefined || previousId === undefined) continue;
    const previous = byContact.get(previousId)?.[0];
    assert.ok(previous && previous.time <= first.time, `9: ${id} continues ${previousId}`);
    assert.equal(first.detail.initialContactId, previous.detail.initialContactId ?? previousId, "9");
  }
}

const LEGAL: Readonly<Record<string, readonly string[]>> = {
  INCOMING: ["PENDING", "MISSED", "REJECTED", "ERROR"],
  PENDING: ["CONNECTING", "ERROR"],
  CONNECTING: ["CONNECTED", "MISSED", "REJECTED", "ERROR"],
  CONNECTED: ["CONNECTED_ONHOLD", "PAUSED", "ENDED"],
  CONNECTED_ONHOLD: ["CONNECTED", "ENDED"],
  PAUSED: ["CONNECTED", "ENDED"],
};

const UNCLEARED = ["MISSED", "REJECTED", "ERROR", "ENDED"];

/** How long an agent may be silent. */
const QUIET_MS = 120_000;
const AFTER_SIGN_OUT_MS = 3_600_000;

function checkAgent(events: readonly AgentEvent[]): void {
  let before: AgentEvent | undefined;
  let lastChange: AgentEvent | undefined;
  let signedOutMs: number | undefined;
  for (const event of events) {
    const atMs = msOf(event.EventTimestamp);
    if (before && event.EventType !== "LOGIN") {
      assert.ok(atMs - msOf(before.EventTimestamp) <= QUIET_MS, `10: ${before.EventTimestamp} ${event.EventTimestamp}`);
    }
    if (signedOutMs !== undefined && event.EventType !== "LOGIN")
      assert.ok(atMs <= signedOutMs + AFTER_SIGN_OUT_MS, "17");
    if (event.EventType === "LOGOUT") signedOutMs = atMs;
    if (event.EventType === "LOGIN") signedOutMs = undefined;

    if (event.EventType === "HEART_BEAT") {
      assert.deepEqual(event.CurrentAgentSnapshot, before?.CurrentAgentSnapshot, "12");
      assert.deepEqual(event.PreviousAgentSnapshot, lastChange?.PreviousAgentSnapshot, "12");
    } else {
      assert.deepEqual(event.PreviousAgentSnapshot, lastChange?.CurrentAgentSnapshot ?? null, "11");
      if (lastChange && event.EventType === "STATE_CHANGE") checkChange(lastChange.CurrentAgentSnapshot, event);
      lastChange = event;
    }
    checkSlots(event.CurrentAgentSnapshot);
    for (const contact of event.CurrentAgentSnapshot.Contacts) checkAgentContact(contact);
    before = event;
  }
}

function checkChange(before: AgentSnapshot, { CurrentAgentSnapshot: after, EventTimestamp }: AgentEvent): void {
  assert.notDeepEqual(after, before, "3.6: a change changes something");
  if (after.AgentStatus.ARN !== before.AgentStatus.ARN) {
    assert.equal(after.AgentStatus.StartTimestamp, EventTimestamp, "3.6");
  } else assert.equal(after.AgentStatus.StartTimestamp, before.AgentStatus.StartTimestamp, "3.6");

  const was = new Map(before.Contacts.map((contact) => [contact.ContactId, contact]));
  const is = new Map(after.Contacts.map((contact) => [contact.ContactId, contact]));
  const removed = [...was.keys()].filter((id) => !is.has(id));
  const added = [...is.keys()].filter((id) => !was.has(id));
  const moved = [...is.values()].filter(({ ContactId, State }) => {
    const earlier = was.get(ContactId)?.State;
    return earlier !== undefined && earlier !== State;
  });
  assert.ok(removed.length + added.length + moved.length <= 1, "13: one contact at a time");
  for (const id of added) assert.match(is.get(id)?.State ?? "", /^(CONNECTING|INCOMING)$/, "14");
  for (const { ContactId, State, StateStartTimestamp } of moved) {
    const from = was.get(ContactId)?.State ?? "";
    assert.ok(LEGAL[from]?.includes(State), `14: ${from} to ${State}`);
    assert.equal(StateStartTimestamp, EventTimestamp, "3.6");
  }
  for (const id of removed) {
    const contact = was.get(id);
    const isSecondLeg = contact?.InitiationMethod === "TRANSFER" || contact?.InitiationMethod === "EXTERNAL_OUTBOUND";
    assert.ok(isSecondLeg || UNCLEARED.includes(contact?.State ?? ""), `14: ${contact?.State} removed`);
  }
}

function checkAgentContact(contact: AgentSnapshotContact): void {
  if (["CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "ENDED"].includes(contact.State)) {
    assert.ok(contact.ConnectedToAgentTimestamp !== null, "14");
  }
  if (contact.InitiationMethod === "OUTBOUND") assert.equal(contact.QueueTimestamp, null, "14");
}

/** An agent on a second leg, or who dialled out, has more than was routed to them. */
function checkSlots({ Configuration, Contacts }: AgentSnapshot): void {
  const { Concurrency } = Configuration.RoutingProfile as {
    Concurrency: readonly { AvailableSlots: number; Channel: string; MaximumSlots: number }[];
  };
  for (const { AvailableSlots, Channel, MaximumSlots } of Concurrency) {
    assert.ok(AvailableSlots >= 0 && AvailableSlots <= MaximumSlots, "16");
    const held = Contacts.filter((contact) => contact.Channel === Channel).length;
    assert.ok(AvailableSlots === 0 || held + AvailableSlots <= MaximumSlots, "16");
  }
}

function checkConnections(
  byAgent: ReadonlyMap<string, readonly AgentEvent[]>,
  byContact: ReadonlyMap<string, readonly BusEvent[]>,
): void {
  for (const events of byAgent.values()) {
    for (const { ContactId, InitiationMethod, State, ConnectedToAgentTimestamp } of events.flatMap(
      ({ CurrentAgentSnapshot }) => CurrentAgentSnapshot.Contacts,
    )) {
      if (State !== "CONNECTED" || InitiationMethod === "EXTERNAL_OUTBOUND") continue;
      const connected =
        byContact.get(ContactId)?.filter(({ detail }) => detail.eventType === "CONNECTED_TO_AGENT") ?? [];
      const times = connected.map(({ detail }) => detail.agentInfo?.connectedToAgentTimestamp);
      assert.ok(
        times.includes(ConnectedToAgentTimestamp ?? ""),
        `15: ${ContactId} ${ConnectedToAgentTimestamp} ${times}`,
      );
    }
  }
}

function checkVersions(versions: readonly ContactRecord[], events: readonly BusEvent[]): void {
  let before: ContactRecord | undefined;
  for (const record of versions) {
    if (before) assert.ok(record.LastUpdateTimestamp > before.LastUpdateTimestamp, "21");
    checkRecord(record, events);
    before = record;
  }
}

function checkRecord(record: ContactRecord, events: readonly BusEvent[]): void {
  const { Queue, Agent } = record;
  if (Queue) {
    assert.equal(Queue.Duration, secondsBetween(Queue.EnqueueTimestamp, Queue.DequeueTimestamp), "18");
    assert.equal(Queue.DequeueTimestamp, Agent?.ConnectedToAgentTimestamp ?? record.DisconnectTimestamp, "18");
  }
  if (Agent) {
    const talkedSeconds = secondsBetween(Agent.ConnectedToAgentTimestamp, Agent.AfterContactWorkStartTimestamp);
    const { AgentInteractionDuration, CustomerHoldDuration, AgentPauseDurationInSeconds } = Agent;
    assert.equal(AgentInteractionDuration + CustomerHoldDuration + AgentPauseDurationInSeconds, talkedSeconds, "19");
    const workSeconds = secondsBetween(Agent.AfterContactWorkStartTimestamp, Agent.AfterContactWorkEndTimestamp);
    assert.equal(Agent.AfterContactWorkDuration, workSeconds, "19");
    assert.ok(Agent.LongestHoldDuration <= CustomerHoldDuration, "19");
    assert.equal(Agent.NumberOfHolds === 0, CustomerHoldDuration === 0, "19");
  }
  const last = events.findLast(({ detail }) => detail.eventType === "COMPLETED")?.detail;
  const pairs = [
    [last?.initiationTimestamp, record.InitiationTimestamp],
    [last?.connectedToSystemTimestamp, record.ConnectedToSystemTimestamp],
    [last?.disconnectTimestamp, record.DisconnectTimestamp],
    [last?.queueInfo?.enqueueTimestamp, Queue?.EnqueueTimestamp],
    [last?.agentInfo?.connectedToAgentTimestamp, Agent?.ConnectedToAgentTimestamp],
    [last?.agentInfo?.afterContactWorkStartTimestamp, Agent?.AfterContactWorkStartTimestamp],
    [last?.agentInfo?.afterContactWorkEndTimestamp, Agent?.AfterContactWorkEndTimestamp],
  ];
  for (const [told, recorded] of pairs) assert.equal(told && truncated(told), recorded ?? undefined, "20");
  assert.ok(Buffer.byteLength(JSON.stringify(record)) <= 1_048_576, "24");
  const attributeBytes = Object.entries(record.Attributes).flat().join("");
  assert.ok(Buffer.byteLength(attributeBytes) <= 32_768, "24");
}

function checkRecordChains(versions: ReadonlyMap<string, readonly ContactRecord[]>): void {
  for (const ofOne of versions.values()) {
    const record = ofOne.at(-1);
    const next = record?.NextContactId ? versions.get(record.NextContactId)?.at(-1) : undefined;
    if (!record || !next) continue;
    assert.equal(next.PreviousContactId, record.ContactId, "22");
    assert.equal(next.InitialContactId, record.InitialContactId ?? record.ContactId, "22");
  }
}

function secondsBetween(from: string, to: string): number {
  return (msOf(to) - msOf(from)) / 1_000;
}

function truncated(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

function msOf(time: string): number {
  return Date.parse(time);
}
