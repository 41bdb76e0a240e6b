/**
 * Checks what metrics say against what agent events, contact events and contact records told: the invariants 33 to 36 of the contact
 * centre's streams. Given is everything that an instance has told so far, each stream in its order; expected figures are worked out
 * from that alone, the slow obvious way.
 */
import assert from "node:assert/strict";
import {
  type ConnectClient,
  type CurrentMetricName,
  GetCurrentMetricDataCommand,
  type GetCurrentMetricDataCommandOutput,
  GetMetricDataV2Command,
  type MetricResultV2,
  type MetricV2,
} from "@aws-sdk/client-connect";
import type { AgentEvent, AgentSnapshot } from "../src/services/connect/agent-events.ts";
import type { BusEvent, ContactRecord, Streams } from "./contact-invariants.ts";

export interface MetricsUnderTest {
  readonly connect: ConnectClient;
  readonly InstanceId: string;
  /** What the instance has told until now. */
  readonly streams: Streams;
}

type Counts = Readonly<Record<string, number>>;

/** An agent as their last event told of them. */
interface AgentNow {
  readonly snapshot: AgentSnapshot;
  readonly profileId: string;
  readonly queueIds: readonly string[];
}

const AGENT_METRICS = [
  "AGENTS_ONLINE",
  "AGENTS_STAFFED",
  "AGENTS_NON_PRODUCTIVE",
  "AGENTS_AVAILABLE",
  "AGENTS_ON_CONTACT",
  "AGENTS_AFTER_CONTACT_WORK",
  "AGENTS_ERROR",
  "SLOTS_ACTIVE",
  "SLOTS_AVAILABLE",
] as const satisfies readonly CurrentMetricName[];

const CONTACT_METRICS = ["CONTACTS_IN_QUEUE", "CONTACTS_SCHEDULED"] as const satisfies readonly CurrentMetricName[];

/** 33, 36: real-time metrics at this moment are a fold of all events until now. */
export async function checkCurrentMetrics({ connect, InstanceId, streams }: MetricsUnderTest): Promise<void> {
  const agents = agentsNow(streams.agentEvents);
  const waiting = waitingContacts(streams, agents);
  const profileIds = [...new Set(agents.map(({ profileId }) => profileId))];
  const queueIds = [
    ...new Set([...agents.flatMap((agent) => agent.queueIds), ...waiting.map(({ queueId }) => queueId)]),
  ];
  const ask = async (Filters: object, Groupings: "QUEUE" | "ROUTING_PROFILE" | undefined) => {
    const CurrentMetrics = [...AGENT_METRICS, ...CONTACT_METRICS].map((Name) => ({ Name }));
    const input = { InstanceId, Filters, Groupings: Groupings && [Groupings], CurrentMetrics };
    return currentByGroup(await connect.send(new GetCurrentMetricDataCommand(input)));
  };

  for (const some of chunks(profileIds)) {
    const byProfile = await ask({ RoutingProfiles: some }, "ROUTING_PROFILE");
    const together = await ask({ RoutingProfiles: some }, undefined);
    for (const profileId of some) {
      const ofProfile = agents.filter((agent) => agent.profileId === profileId);
      const found = byProfile.get(profileId) ?? {};
      assert.deepEqual(
        only(found, AGENT_METRICS),
        agentCounts(ofProfile),
        `33: agents of routing profile ${profileId}`,
      );
      checkSums(found, ofProfile);
    }
    const all = agentCounts(agents.filter(({ profileId }) => some.includes(profileId)));
    assert.deepEqual(only(together.get("") ?? {}, AGENT_METRICS), all, "33: agents of several routing profiles");
  }
  for (const some of chunks(queueIds)) {
    const byQueue = await ask({ Queues: some }, "QUEUE");
    for (const queueId of some) {
      const found = byQueue.get(queueId) ?? {};
      const serving = agents.filter((agent) => agent.queueIds.includes(queueId));
      assert.deepEqual(only(found, AGENT_METRICS), agentCounts(serving), `33: agents who serve queue ${queueId}`);
      const here = waiting.filter((contact) => contact.queueId === queueId);
      const { CONTACTS_IN_QUEUE: inQueue = 0, CONTACTS_SCHEDULED: scheduled = 0 } = found;
      assert.equal(inQueue + scheduled, here.length, `33: contacts that wait in queue ${queueId}`);
      // Events do not say when a callback's delay is over.
      assert.ok(scheduled <= here.filter(({ isCallback }) => isCallback).length, `33: callbacks of queue ${queueId}`);
    }
  }
}

/** 36: its second part of agents who have one contact at most. */
function checkSums(counts: Counts, agents: readonly AgentNow[]): void {
  const { AGENTS_STAFFED = 0, AGENTS_NON_PRODUCTIVE = 0, AGENTS_ONLINE = 0 } = counts;
  assert.equal(AGENTS_STAFFED + AGENTS_NON_PRODUCTIVE, AGENTS_ONLINE, "36");
  const { AGENTS_AVAILABLE = 0, AGENTS_ON_CONTACT = 0, AGENTS_ERROR = 0 } = counts;
  const isSingle = agents.every(({ snapshot: { Contacts, AgentStatus } }) =>
    AgentStatus.Type === "OFFLINE" ? Contacts.length === 0 : Contacts.length <= 1,
  );
  if (isSingle) assert.ok(AGENTS_AVAILABLE + AGENTS_ON_CONTACT + AGENTS_ERROR <= AGENTS_ONLINE, "36");
}

/** Those who are signed in. */
function agentsNow(events: readonly AgentEvent[]): AgentNow[] {
  const last = new Map<string, AgentEvent>();
  for (const event of events) if (event.EventType !== "HEART_BEAT") last.set(event.AgentARN, event);
  return [...last.values()]
    .filter(({ EventType }) => EventType !== "LOGOUT")
    .map(({ CurrentAgentSnapshot: snapshot }) => ({ snapshot, ...profileOf(snapshot) }));
}

function profileOf({ Configuration }: AgentSnapshot): { readonly profileId: string; readonly queueIds: string[] } {
  const profile = Configuration.RoutingProfile as { ARN: string; InboundQueues: readonly { ARN: string }[] };
  const standard = profile.InboundQueues.map(({ ARN }) => ARN).filter((arn) => !arn.includes("/queue/agent/"));
  return { profileId: idOf(profile.ARN), queueIds: standard.map(idOf) };
}

interface WaitingContact {
  readonly queueId: string;
  readonly isCallback: boolean;
}

/** Contacts that wait in a queue and ring at nobody. */
function waitingContacts({ contactEvents }: Streams, agents: readonly AgentNow[]): WaitingContact[] {
  const ringing = new Set(
    agents
      .flatMap(({ snapshot }) => snapshot.Contacts.filter((contact) => isOffered(contact, snapshot)))
      .map(idOfContact),
  );
  const waiting = new Map<string, WaitingContact>();
  for (const { detail } of contactEvents) {
    const { eventType, contactId, queueInfo, initiationMethod } = detail;
    if (eventType === "QUEUED" || eventType === "RESUMED") {
      if (!queueInfo || detail.agentInfo || isAgentQueue(queueInfo.queueArn)) continue;
      waiting.set(contactId, {
        queueId: idOf(queueInfo.queueArn),
        isCallback: initiationMethod.startsWith("CALLBACK"),
      });
    }
    if (["CONNECTED_TO_AGENT", "DISCONNECTED", "PAUSED"].includes(eventType)) waiting.delete(contactId);
  }
  return [...waiting].filter(([id]) => !ringing.has(id)).map(([, contact]) => contact);
}

type SnapshotContact = AgentSnapshot["Contacts"][number];

/** What the agent dials themselves is not offered: a call, or a second leg for the customer whom they have. */
function isOffered({ State, InitiationMethod, ...contact }: SnapshotContact, { Contacts }: AgentSnapshot): boolean {
  const chain = contact.InitialContactId ?? contact.ContactId;
  const isSecond = Contacts.some(
    ({ ContactId, InitialContactId }) => ContactId !== contact.ContactId && (InitialContactId ?? ContactId) === chain,
  );
  return ["CONNECTING", "INCOMING", "PENDING"].includes(State) && InitiationMethod !== "OUTBOUND" && !isSecond;
}

function idOfContact({ ContactId }: SnapshotContact): string {
  return ContactId;
}

function agentCounts(agents: readonly AgentNow[]): Counts {
  const count = (isCounted: (snapshot: AgentSnapshot) => boolean) =>
    agents.filter(({ snapshot }) => isCounted(snapshot)).length;
  const contacts = agents.flatMap(({ snapshot }) => snapshot.Contacts);
  const slots = agents.map(({ snapshot }) => freeSlots(snapshot)).reduce((total, free) => total + free, 0);
  const expected = {
    AGENTS_ONLINE: count(({ AgentStatus }) => AgentStatus.Type !== "OFFLINE"),
    AGENTS_STAFFED: count(({ AgentStatus }) => AgentStatus.Type === "ROUTABLE"),
    AGENTS_NON_PRODUCTIVE: count(({ AgentStatus }) => AgentStatus.Type === "CUSTOM"),
    AGENTS_AVAILABLE: count((snapshot) => snapshot.Contacts.length === 0 && freeSlots(snapshot) > 0),
    AGENTS_ON_CONTACT: count(({ Contacts }) => Contacts.some(isWorkedOn)),
    AGENTS_AFTER_CONTACT_WORK: contacts.filter(({ State }) => State === "ENDED").length,
    AGENTS_ERROR: count(({ Contacts }) => Contacts.some(isFailed)),
    SLOTS_ACTIVE: contacts.length,
    SLOTS_AVAILABLE: slots,
  };
  return only(expected, AGENT_METRICS);
}

function freeSlots({ Configuration }: AgentSnapshot): number {
  const { Concurrency } = Configuration.RoutingProfile as { Concurrency: readonly { AvailableSlots: number }[] };
  return Concurrency.reduce((total, { AvailableSlots }) => total + AvailableSlots, 0);
}

function isWorkedOn({ State, InitiationMethod }: SnapshotContact): boolean {
  if (State === "CONNECTING") return InitiationMethod === "OUTBOUND";
  return ["CONNECTED", "CONNECTED_ONHOLD", "PAUSED", "ENDED"].includes(State);
}

function isFailed({ State }: SnapshotContact): boolean {
  return ["MISSED", "REJECTED", "ERROR"].includes(State);
}

/** The values of each result, by the id that it is grouped by. */
function currentByGroup({ MetricResults = [], NextToken }: GetCurrentMetricDataCommandOutput): Map<string, Counts> {
  assert.equal(NextToken, undefined, "all on one page");
  return new Map(
    MetricResults.map(({ Dimensions, Collections = [] }) => [
      Dimensions?.Queue?.Id ?? Dimensions?.RoutingProfile?.Id ?? "",
      Object.fromEntries(Collections.map(({ Metric, Value = 0 }) => [Metric?.Name ?? "", Value])),
    ]),
  );
}

/** These figures, without those that are 0: nothing is told of a group in which all are. */
function only(counts: Counts, names: readonly string[]): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([name, value]) => names.includes(name) && value !== 0));
}

/** A stretch of time between two marks of five minutes. */
export interface ClosedInterval {
  readonly startMs: number;
  readonly endMs: number;
}

/** What a historical metric is made of: a record, with what the record itself does not say. */
interface EndedContact {
  readonly record: ContactRecord;
  readonly queueId: string | undefined;
  readonly agentId: string | undefined;
  readonly isQueued: boolean;
  readonly isHandedOn: boolean;
  readonly endedOnHold: boolean;
}

type Formula = (contacts: readonly EndedContact[]) => number | undefined;

const THRESHOLD_SECONDS = 20;

/** The formulas of section 6.3, of records that ended in the interval. */
const CONTACT_FORMULAS: Readonly<Record<string, Formula>> = {
  CONTACTS_QUEUED: (all) => all.filter(({ isQueued }) => isQueued).length,
  CONTACTS_HANDLED: (all) => all.filter(isHandled).length,
  CONTACTS_ABANDONED: (all) => all.filter(isAbandoned).length,
  CONTACTS_TRANSFERRED_OUT: (all) => all.filter(isTransferred).length,
  CONTACTS_HOLD_ABANDONS: (all) => all.filter(({ endedOnHold }) => endedOnHold).length,
  CONTACTS_PUT_ON_HOLD: (all) => all.filter(({ record }) => (record.Agent?.CustomerHoldDuration ?? 0) > 0).length,
  SUM_CONTACTS_DISCONNECTED: (all) => all.length,
  ABANDONMENT_RATE: (all) => ratio(100 * all.filter(isAbandoned).length, all.filter(({ isQueued }) => isQueued).length),
  AVG_ABANDON_TIME: (all) => mean(all.filter(isAbandoned).map(waitSeconds)),
  AVG_HANDLE_TIME: (all) => mean(all.filter(isHandled).map(handleSeconds)),
  SUM_HANDLE_TIME: (all) => total(all.filter(isHandled).map(handleSeconds)),
  AVG_HOLD_TIME_ALL_CONTACTS: (all) =>
    mean(all.filter(isHandled).map(({ record }) => record.Agent?.CustomerHoldDuration ?? 0)),
  AVG_HOLDS: (all) => mean(all.filter(isHandled).map(({ record }) => record.Agent?.NumberOfHolds ?? 0)),
  AVG_AFTER_CONTACT_WORK_TIME: (all) =>
    mean(all.filter(isHandled).map(({ record }) => record.Agent?.AfterContactWorkDuration ?? 0)),
  AVG_CONTACT_DURATION: (all) =>
    mean(all.map(({ record }) => seconds(record.InitiationTimestamp, record.DisconnectTimestamp))),
  MAX_QUEUED_TIME: (all) => {
    const waits = all.filter(({ isQueued }) => isQueued).map(waitSeconds);
    return waits.length === 0 ? undefined : waits.reduce((longest, wait) => Math.max(longest, wait), 0);
  },
};

/** The same, of what was written in chats. */
const CHAT_FORMULAS: Readonly<Record<string, Formula>> = {
  AVG_MESSAGES: (all) => mean(chatsOf(all).map(({ ContactMetrics }) => ContactMetrics.TotalMessages)),
  AVG_CONVERSATION_CLOSE_TIME: (all) =>
    mean(chatsOf(all).flatMap(({ ContactMetrics }) => inSeconds(ContactMetrics.ConversationCloseTimeInMillis))),
  AVG_FIRST_RESPONSE_TIME_AGENT: (all) =>
    mean(chatsOf(all).flatMap(({ ContactMetrics }) => inSeconds(ContactMetrics.AgentFirstResponseTimeInMillis))),
  AVG_CONTACT_FIRST_RESPONSE_TIME_AGENT: (all) =>
    mean(
      all.flatMap(({ record }) => {
        const firstAt = record.ChatMetrics?.ContactMetrics.AgentFirstResponseTimestamp;
        return firstAt ? [(Date.parse(firstAt) - Date.parse(record.InitiationTimestamp)) / 1_000] : [];
      }),
    ),
  ...ofSide("AGENT", "AgentMetrics"),
  ...ofSide("CUSTOMER", "CustomerMetrics"),
};

type ChatMetrics = NonNullable<ContactRecord["ChatMetrics"]>;

function ofSide(name: string, side: "AgentMetrics" | "CustomerMetrics"): Record<string, Formula> {
  const sidesOf = (all: readonly EndedContact[]) => chatsOf(all).flatMap((chat) => chat[side] ?? []);
  type Figure = keyof NonNullable<ChatMetrics[typeof side]>;
  const sumOf = (all: readonly EndedContact[], figure: Figure) => total(sidesOf(all).map((one) => one[figure]));
  return {
    [`AVG_MESSAGES_${name}`]: (all) => mean(sidesOf(all).map(({ MessagesSent }) => MessagesSent)),
    [`AVG_MESSAGE_LENGTH_${name}`]: (all) => ratio(sumOf(all, "MessageLengthInChars"), sumOf(all, "MessagesSent")),
    [`AVG_RESPONSE_TIME_${name}`]: (all) =>
      ratio(sumOf(all, "TotalResponseTimeInMillis") / 1_000, sumOf(all, "NumResponses")),
  };
}

function chatsOf(all: readonly EndedContact[]): readonly ChatMetrics[] {
  return all.flatMap(({ record }) => record.ChatMetrics ?? []);
}

function inSeconds(milliseconds: number | null): readonly number[] {
  return milliseconds === null ? [] : [milliseconds / 1_000];
}

const FORMULAS: Readonly<Record<string, Formula>> = { ...CONTACT_FORMULAS, ...CHAT_FORMULAS };

/** The same, of metrics that cannot be told apart by agent, and are asked for with a threshold where their name says so. */
const QUEUE_FORMULAS: Readonly<Record<string, Formula>> = {
  SERVICE_LEVEL: (all) => {
    const queued = all.filter(({ isQueued }) => isQueued);
    return ratio(100 * queued.filter((one) => waitSeconds(one) < THRESHOLD_SECONDS).length, queued.length);
  },
  SUM_CONTACTS_ANSWERED_IN_X: (all) =>
    all.filter((one) => one.isQueued && isHandled(one) && waitSeconds(one) < THRESHOLD_SECONDS).length,
  SUM_CONTACTS_ABANDONED_IN_X: (all) =>
    all.filter((one) => isAbandoned(one) && waitSeconds(one) < THRESHOLD_SECONDS).length,
  AVG_QUEUE_ANSWER_TIME: (all) => mean(all.filter((one) => one.isQueued && isHandled(one)).map(waitSeconds)),
  AVG_RESOLUTION_TIME: (all) =>
    mean(
      all.map(({ record }) => {
        const ends = [record.DisconnectTimestamp, record.Agent?.AfterContactWorkEndTimestamp ?? ""].sort();
        return seconds(record.InitiationTimestamp, ends[1] ?? "");
      }),
    ),
};

const HAS_THRESHOLD = /^SERVICE_LEVEL$|_IN_X$/;

/** 34, 35: historical metrics of a closed interval are those of the contact records that ended in it. */
export async function checkHistoricalMetrics(
  { connect, InstanceId, streams }: MetricsUnderTest,
  { startMs, endMs }: ClosedInterval,
): Promise<void> {
  const ended = endedContacts(streams).filter(({ record }) => isIn(record.DisconnectTimestamp, { startMs, endMs }));
  const queueIds = [...new Set(ended.flatMap(({ queueId }) => queueId ?? []))];
  const ask = (FilterKey: string, FilterValues: string[], Groupings: string[], names: readonly string[], more = {}) =>
    askHistorical(connect, {
      ResourceArn: resourceArnOf(streams, InstanceId),
      StartTime: new Date(startMs),
      EndTime: new Date(endMs),
      Filters: [{ FilterKey, FilterValues }],
      Groupings,
      Metrics: names.map(metricOf),
      ...more,
    });

  const ofQueues = [...Object.keys(FORMULAS), ...Object.keys(QUEUE_FORMULAS)];
  for (const some of chunks(queueIds)) {
    const inThese = ended.filter(({ queueId }) => queueId !== undefined && some.includes(queueId));
    const whole = await ask("QUEUE", some, [], ofQueues);
    checkFormulas(whole, [[{}, inThese]], { ...FORMULAS, ...QUEUE_FORMULAS });

    const byQueue = await ask("QUEUE", some, ["QUEUE", "CHANNEL"], ofQueues);
    const groups = Map.groupBy(inThese, ({ queueId, record }) =>
      JSON.stringify({ QUEUE: queueId, CHANNEL: record.Channel }),
    );
    checkFormulas(byQueue, groupsOf(groups), { ...FORMULAS, ...QUEUE_FORMULAS });

    const byPeriod = await ask("QUEUE", some, ["QUEUE"], COUNTS, {
      Interval: { IntervalPeriod: endMs - startMs < 3 * DAY_MS ? "FIFTEEN_MIN" : "DAY" },
    });
    for (const name of COUNTS) {
      const expected = sumOf(whole, name);
      assert.equal(sumOf(byQueue, name), expected, `35: ${name} by queue and channel`);
      assert.equal(sumOf(byPeriod, name), expected, `35: ${name} by queue and interval`);
    }
  }

  const agentIds = [...new Set(ended.flatMap(({ agentId }) => agentId ?? []))];
  for (const some of chunks(agentIds)) {
    const ofThese = ended.filter(({ agentId }) => agentId !== undefined && some.includes(agentId));
    const byAgent = await ask("AGENT", some, ["AGENT"], Object.keys(FORMULAS));
    checkFormulas(
      byAgent,
      groupsOf(Map.groupBy(ofThese, ({ agentId }) => JSON.stringify({ AGENT: agentId }))),
      FORMULAS,
    );
  }
  await checkTimed({ connect, InstanceId, streams }, { startMs, endMs });
  await checkAgents({ connect, InstanceId, streams }, { startMs, endMs });
}

/** Counts at the time of what is counted, of contacts that have ended by now. */
async function checkTimed({ connect, InstanceId, streams }: MetricsUnderTest, interval: ClosedInterval): Promise<void> {
  const ended = endedContacts(streams);
  const times = {
    CONTACTS_CREATED: ({ record }: EndedContact) => record.InitiationTimestamp,
    CONTACTS_QUEUED_BY_ENQUEUE: ({ record }: EndedContact) => record.Queue?.EnqueueTimestamp,
    CONTACTS_HANDLED_BY_CONNECTED_TO_AGENT: ({ record }: EndedContact) => record.Agent?.ConnectedToAgentTimestamp,
  } as const;
  const queueIds = [...new Set(ended.flatMap(({ queueId }) => queueId ?? []))];
  for (const queueId of queueIds) {
    const results = await askHistorical(connect, {
      ResourceArn: resourceArnOf(streams, InstanceId),
      StartTime: new Date(interval.startMs),
      EndTime: new Date(interval.endMs),
      Filters: [{ FilterKey: "QUEUE", FilterValues: [queueId] }],
      // One of them knows neither routing profiles nor agents.
      Groupings: ["QUEUE"],
      Metrics: Object.keys(times).map(metricOf),
    });
    for (const [name, timeOf] of Object.entries(times)) {
      const expected = ended.filter((one) => one.queueId === queueId && isIn(timeOf(one) ?? "", interval)).length;
      assert.equal(sumOf(results, name), expected, `34: ${name} of queue ${queueId}`);
    }
  }
}

/** What an agent did from one of their events to the next, as somebody who has their routing profile then. */
interface Stretch {
  readonly agentId: string;
  readonly profileId: string;
  readonly snapshot: AgentSnapshot;
  readonly milliseconds: number;
}

/** An offer that an agent did not take. */
interface FailedOffer {
  readonly agentId: string;
  readonly profileId: string;
  readonly atMs: number;
}

const AGENT_TIMES: Readonly<Record<string, (snapshot: AgentSnapshot) => boolean>> = {
  SUM_ONLINE_TIME_AGENT: ({ AgentStatus }) => AgentStatus.Type !== "OFFLINE",
  SUM_NON_PRODUCTIVE_TIME_AGENT: ({ AgentStatus }) => AgentStatus.Type === "CUSTOM",
  SUM_ERROR_STATUS_TIME_AGENT: (snapshot) => isRoutable(snapshot) && snapshot.Contacts.some(isFailed),
  SUM_CONTACT_TIME_AGENT: (snapshot) =>
    isRoutable(snapshot) && !snapshot.Contacts.some(isFailed) && snapshot.Contacts.some(isWorkedOn),
  SUM_IDLE_TIME_AGENT: (snapshot) => isRoutable(snapshot) && snapshot.Contacts.length === 0,
};

function isRoutable({ AgentStatus }: AgentSnapshot): boolean {
  return AgentStatus.Type === "ROUTABLE";
}

/** 34: agents' times and offers are those that agent events tell of. */
async function checkAgents(
  { connect, InstanceId, streams }: MetricsUnderTest,
  interval: ClosedInterval,
): Promise<void> {
  const stretches = stretchesIn(streams.agentEvents, interval);
  const failed = failedOffers(streams.agentEvents).filter(
    ({ atMs }) => atMs >= interval.startMs && atMs < interval.endMs,
  );
  for (const dimension of ["AGENT", "ROUTING_PROFILE"] as const) {
    const idOfOne = (one: Stretch | FailedOffer) => (dimension === "AGENT" ? one.agentId : one.profileId);
    for (const some of chunks([...new Set(stretches.map(idOfOne))])) {
      const results = await askHistorical(connect, {
        ResourceArn: resourceArnOf(streams, InstanceId),
        StartTime: new Date(interval.startMs),
        EndTime: new Date(interval.endMs),
        Filters: [{ FilterKey: dimension, FilterValues: some }],
        Groupings: [dimension],
        Metrics: [...Object.keys(AGENT_TIMES), "AGENT_OCCUPANCY", "AVG_AGENT_CONCURRENCY", "AGENT_NON_RESPONSE"].map(
          metricOf,
        ),
      });
      for (const id of some) {
        const own = results.filter(({ Dimensions }) => Dimensions?.[dimension] === id);
        const ofOne = stretches.filter((stretch) => idOfOne(stretch) === id);
        const expected = Object.entries(AGENT_TIMES).map(([name, isCounted]) => {
          const counted = ofOne.filter(({ snapshot }) => isCounted(snapshot));
          return [name, total(counted.map(({ milliseconds }) => milliseconds)) / 1_000] as const;
        });
        for (const [name, time] of expected) {
          const told = `34: ${name} of ${id}: ${sumOf(own, name)}, by the events ${time}`;
          assert.ok(Math.abs(sumOf(own, name) - time) < 1e-6, told);
        }
        const { SUM_CONTACT_TIME_AGENT: onContact = 0, SUM_IDLE_TIME_AGENT: idle = 0 } = Object.fromEntries(expected);
        const occupancy = ratio(100 * onContact, onContact + idle) ?? 0;
        assert.ok(Math.abs(sumOf(own, "AGENT_OCCUPANCY") - occupancy) < 1e-6, `34: AGENT_OCCUPANCY of ${id}`);
        const atWork = ofOne
          .filter(({ snapshot }) => snapshot.AgentStatus.Type !== "OFFLINE")
          .map(({ snapshot, milliseconds }) => ({
            milliseconds,
            contacts: snapshot.Contacts.filter(isWorkedOn).length,
          }))
          .filter(({ contacts }) => contacts > 0);
        const busyMs = total(atWork.map(({ milliseconds }) => milliseconds));
        const concurrency = ratio(total(atWork.map((one) => one.milliseconds * one.contacts)), busyMs) ?? 0;
        assert.ok(Math.abs(sumOf(own, "AVG_AGENT_CONCURRENCY") - concurrency) < 1e-6, `34: concurrency of ${id}`);
        const missed = failed.filter((offer) => idOfOne(offer) === id).length;
        assert.equal(sumOf(own, "AGENT_NON_RESPONSE"), missed, `34: AGENT_NON_RESPONSE of ${id}`);
      }
    }
  }
}

function stretchesIn(events: readonly AgentEvent[], { startMs, endMs }: ClosedInterval): Stretch[] {
  const changes = events.filter(({ EventType }) => EventType !== "HEART_BEAT");
  return [...Map.groupBy(changes, ({ AgentARN }) => AgentARN)].flatMap(([arn, own]) =>
    own.map(({ EventType, EventTimestamp, CurrentAgentSnapshot: snapshot }, index) => {
      const next = own[index + 1];
      const untilMs = Math.min(next ? Date.parse(next.EventTimestamp) : endMs, endMs);
      const milliseconds = EventType === "LOGOUT" ? 0 : untilMs - Math.max(Date.parse(EventTimestamp), startMs);
      return { agentId: idOf(arn), ...profileOf(snapshot), snapshot, milliseconds: Math.max(milliseconds, 0) };
    }),
  );
}

function failedOffers(events: readonly AgentEvent[]): FailedOffer[] {
  return events.flatMap(({ EventType, AgentARN, EventTimestamp, PreviousAgentSnapshot, CurrentAgentSnapshot }) => {
    if (EventType === "HEART_BEAT") return [];
    const stateBefore = (id: string) =>
      PreviousAgentSnapshot?.Contacts.find(({ ContactId }) => ContactId === id)?.State;
    const failed = CurrentAgentSnapshot.Contacts.filter(
      ({ State, ContactId }) => ["MISSED", "REJECTED"].includes(State) && stateBefore(ContactId) !== State,
    );
    const offer = { agentId: idOf(AgentARN), ...profileOf(CurrentAgentSnapshot), atMs: Date.parse(EventTimestamp) };
    return failed.map(() => offer);
  });
}

const DAY_MS = 24 * 60 * 60_000;

/** Metrics that are counts: their sum over all groups is the count of all. */
const COUNTS = ["CONTACTS_QUEUED", "CONTACTS_HANDLED", "CONTACTS_ABANDONED", "CONTACTS_TRANSFERRED_OUT"] as const;

/** The last version of each record. */
function endedContacts({ records, agentEvents, contactEvents }: Streams): EndedContact[] {
  const last = new Map(records.map((record) => [record.ContactId, record]));
  const methods = new Map(contactEvents.map(({ detail }) => [detail.contactId, detail.initiationMethod]));
  const onHold = heldAtEnd(agentEvents);
  const dialled = dialledQueues(agentEvents);
  return [...last.values()].map((record) => {
    const queueArn = record.Queue?.ARN ?? dialled.get(record.ContactId);
    const isMoved = ["TRANSFER", "QUEUE_TRANSFER"].includes(methods.get(record.NextContactId ?? "") ?? "");
    const isHandedOver =
      record.TransferCompletedTimestamp !== null ||
      (record.DisconnectReason === "AGENT_DISCONNECT" && record.NextContactId !== null);
    return {
      record,
      queueId: queueArn === undefined || isAgentQueue(queueArn) ? undefined : idOf(queueArn),
      agentId: record.Agent ? idOf(record.Agent.ARN) : undefined,
      isQueued: record.Queue !== null,
      isHandedOn: isMoved && ["OTHER", "TRANSFERRED"].includes(record.DisconnectReason ?? ""),
      endedOnHold: onHold.has(record.ContactId) && !isHandedOver,
    };
  });
}

/** The queues that agents' own calls are made for, which their records do not say. */
function dialledQueues(events: readonly AgentEvent[]): ReadonlyMap<string, string> {
  const contacts = events.flatMap(({ CurrentAgentSnapshot }) => CurrentAgentSnapshot.Contacts);
  const own = contacts.filter(({ InitiationMethod }) => InitiationMethod === "OUTBOUND");
  return new Map(own.flatMap(({ ContactId, Queue }) => (Queue ? [[ContactId, Queue.ARN] as const] : [])));
}

/** Contacts that were on hold when they ended, as their agents saw it. */
function heldAtEnd(events: readonly AgentEvent[]): ReadonlySet<string> {
  const held = new Set<string>();
  for (const { EventType, CurrentAgentSnapshot: now, PreviousAgentSnapshot: before } of events) {
    if (EventType === "HEART_BEAT") continue;
    for (const { ContactId, State } of before?.Contacts ?? []) {
      const state = now.Contacts.find((contact) => contact.ContactId === ContactId)?.State;
      if (State === "CONNECTED_ONHOLD" && (state === "ENDED" || state === undefined)) held.add(ContactId);
    }
  }
  return held;
}

function isHandled({ record }: EndedContact): boolean {
  return record.Agent !== null;
}

function isAbandoned({ record, isQueued }: EndedContact): boolean {
  const { Agent, NextContactId, TransferCompletedTimestamp } = record;
  return isQueued && Agent === null && NextContactId === null && TransferCompletedTimestamp === null;
}

function isTransferred({ record, isHandedOn }: EndedContact): boolean {
  return record.TransferCompletedTimestamp !== null || isHandedOn;
}

function waitSeconds({ record }: EndedContact): number {
  return record.Queue?.Duration ?? 0;
}

function handleSeconds({ record: { Agent } }: EndedContact): number {
  if (!Agent) return 0;
  const { AgentInteractionDuration, CustomerHoldDuration, AfterContactWorkDuration } = Agent;
  return AgentInteractionDuration + CustomerHoldDuration + AfterContactWorkDuration + Agent.AgentPauseDurationInSeconds;
}

function groupsOf<T>(groups: ReadonlyMap<string, T>): (readonly [Counted, T])[] {
  return [...groups].map(([by, contacts]) => [JSON.parse(by) as Counted, contacts]);
}

type Counted = Readonly<Record<string, string>>;

function checkFormulas(
  results: readonly MetricResultV2[],
  groups: readonly (readonly [Counted, readonly EndedContact[]])[],
  formulas: Readonly<Record<string, Formula>>,
): void {
  for (const [by, contacts] of groups) {
    const result = results.find(({ Dimensions }) => JSON.stringify(Dimensions) === JSON.stringify(by));
    for (const [name, formula] of Object.entries(formulas)) {
      const value = result?.Collections?.find(({ Metric }) => Metric?.Name === name)?.Value;
      const expected = formula(contacts);
      const told = `34: ${name} of ${JSON.stringify(by)}: ${value}, by the records ${expected}`;
      if (expected === undefined || value === undefined)
        assert.equal(value ?? (result ? undefined : 0), expected, told);
      else assert.ok(Math.abs(value - expected) < 1e-6 * Math.max(1, Math.abs(expected)), told);
    }
  }
}

async function askHistorical(
  connect: ConnectClient,
  input: ConstructorParameters<typeof GetMetricDataV2Command>[0],
): Promise<MetricResultV2[]> {
  const found: MetricResultV2[] = [];
  let NextToken: string | undefined;
  do {
    const page = await connect.send(new GetMetricDataV2Command({ ...input, NextToken }));
    found.push(...(page.MetricResults ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

function metricOf(Name: string): MetricV2 {
  return HAS_THRESHOLD.test(Name)
    ? { Name, Threshold: [{ Comparison: "LT", ThresholdValue: THRESHOLD_SECONDS }] }
    : { Name };
}

function sumOf(results: readonly MetricResultV2[], name: string): number {
  return total(
    results.map(({ Collections = [] }) => Collections.find(({ Metric }) => Metric?.Name === name)?.Value ?? 0),
  );
}

/** Filters take 100 values. */
function chunks(ids: readonly string[]): string[][] {
  const sorted = [...ids].sort();
  return sorted.flatMap((_, index) => (index % 100 === 0 ? [sorted.slice(index, index + 100)] : []));
}

function resourceArnOf({ contactEvents }: Streams, InstanceId: string): string {
  const event: BusEvent | undefined = contactEvents[0];
  return event ? event.detail.instanceArn : `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;
}

function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

function isAgentQueue(arn: string): boolean {
  return arn.includes("/queue/agent/");
}

function isIn(time: string, { startMs, endMs }: ClosedInterval): boolean {
  const timeMs = Date.parse(time);
  return timeMs >= startMs && timeMs < endMs;
}

function seconds(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1_000;
}

function total(values: readonly number[]): number {
  return values.reduce((result, value) => result + value, 0);
}

function mean(values: readonly number[]): number | undefined {
  return ratio(total(values), values.length);
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
