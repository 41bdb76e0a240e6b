import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { instanceArn, resourceArn } from "./arns.ts";
import { type Attributes, attributesOf } from "./contact-attributes.ts";
import { findRecordStream, putRecord } from "./contact-streams.ts";
import {
  type Contact,
  type ContactAgent,
  contactQueueArn,
  contactTags,
  type Endpoint,
  type HierarchyPath,
  type RoutingCriteria,
  wholeSeconds,
} from "./contacts.ts";

/** "2017-03-10" in all records published so far. */
const FORMAT_VERSION = "2017-03-10";

const LEVELS = [1, 2, 3, 4, 5] as const;

const SECOND_MS = 1_000;

/**
 * Publishes a version of a completed contact's record, in the unit of the change that it tells of, and answers with the contact as it
 * is then. `LastUpdateTimestamp`, which counts whole seconds, grows from version to version.
 */
export async function publishContactRecord(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const nowMs = Math.floor(contact.lastUpdateMs / SECOND_MS) * SECOND_MS;
  const recordMs = contact.recordMs === undefined ? nowMs : Math.max(nowMs, contact.recordMs + SECOND_MS);
  const recorded: Contact = { ...contact, recordMs };
  const stream = await findRecordStream(unit, contact, "CONTACT_TRACE_RECORDS");
  if (stream !== undefined) {
    const record = contactRecord(recorded, await attributesOf(unit, contact));
    await putRecord(unit, platform, stream, { data: JSON.stringify(record), key: contact.id });
  }
  return recorded;
}

/**
 * A contact's record ("Data model for contact records", administrator guide): every key, null where it does not apply, times
 * truncated to seconds and durations the differences of truncated times. Pure.
 */
export function contactRecord(contact: Contact, attributes: Attributes): Record<string, unknown> {
  return {
    AWSAccountId: contact.account,
    AWSContactTraceRecordFormatVersion: FORMAT_VERSION,
    AdditionalEmailRecipients: null,
    Agent: contact.agent ? agentOf(contact, contact.agent) : null,
    AgentConnectionAttempts: contact.offerCount ?? 0,
    AnsweringMachineDetectionStatus: contact.answeringMachineDetectionStatus ?? null,
    Attributes: attributes,
    Campaign: { CampaignId: contact.campaignId ?? null },
    Channel: contact.channel,
    ChatMetrics: null,
    ConnectedToSystemTimestamp: time(contact.connectedToSystemMs),
    ContactAssociationId: contact.associationId === contact.id ? null : contact.associationId,
    ContactDetails: {},
    ContactEvaluations: {},
    ContactId: contact.id,
    ContactLens: null,
    Customer: null,
    CustomerEndpoint: endpoint(contact.customerEndpoint),
    CustomerId: null,
    CustomerVoiceActivity: contact.greeting
      ? {
          GreetingEndTimestamp: new Date(contact.greeting.endMs).toISOString(),
          GreetingStartTimestamp: new Date(contact.greeting.startMs).toISOString(),
        }
      : null,
    DisconnectDetails: null,
    DisconnectReason: contact.disconnectReason ?? null,
    DisconnectTimestamp: time(contact.disconnectMs),
    ExternalThirdParty:
      contact.initiationMethod === "EXTERNAL_OUTBOUND" && contact.connectedToSystemMs !== undefined
        ? {
            ExternalThirdPartyInteractionDuration: wholeSeconds(
              contact.connectedToSystemMs,
              contact.disconnectMs ?? contact.lastUpdateMs,
            ),
          }
        : null,
    GlobalResiliencyMetadata: null,
    InitialContactId: contact.initialContactId ?? null,
    InitiationMethod: contact.initiationMethod,
    InitiationTimestamp: time(contact.initiationMs),
    InstanceARN: instanceArn(contact),
    LastPausedTimestamp: time(contact.pauses?.lastPausedMs),
    LastResumedTimestamp: time(contact.pauses?.lastResumedMs),
    LastUpdateTimestamp: time(contact.recordMs),
    MediaStreams: mediaStreams(contact),
    NextContactId: contact.nextContactId ?? null,
    OutboundStrategy: null,
    PreviousContactId: contact.previousContactId ?? null,
    QualityMetrics: null,
    Queue: queueOf(contact),
    Recording: null,
    Recordings: null,
    References: Object.entries(contact.references ?? {}).map(([Name, { type, value }]) => ({
      Name,
      Type: type,
      Value: value ?? null,
    })),
    RelatedContactId: contact.relatedContactId ?? null,
    RoutingCriteria: contact.routingCriteria ? [criteriaOf(contact.routingCriteria)] : null,
    ScheduledTimestamp: time(contact.scheduledMs),
    SegmentAttributes: contact.segmentAttributes,
    SystemEndpoint: endpoint(contact.systemEndpoint),
    Tags: contactTags(contact),
    TotalPauseCount: contact.pauses?.count ?? 0,
    TotalPauseDurationInSeconds: contact.pauses?.seconds ?? 0,
    TransferCompletedTimestamp: time(contact.transferCompletedMs),
    TransferredToEndpoint: endpoint(contact.transferredTo),
    VoiceIdResult: null,
    WisdomInfo: null,
  };
}

function agentOf(contact: Contact, agent: ContactAgent): Record<string, unknown> {
  const { connectedMs, workStartMs, workEndMs, holdSeconds } = agent;
  const pauseSeconds = contact.pauses?.agentSeconds ?? 0;
  const conversationSeconds = wholeSeconds(connectedMs, workStartMs ?? contact.disconnectMs ?? connectedMs);
  return {
    ARN: resourceArn("user", contact, agent.id),
    AcceptedByAgentTimestamp: null,
    ActiveRegion: null,
    AfterContactWorkDuration:
      workStartMs === undefined || workEndMs === undefined ? 0 : wholeSeconds(workStartMs, workEndMs),
    AfterContactWorkEndTimestamp: time(workEndMs),
    AfterContactWorkStartTimestamp: time(workStartMs),
    AgentInitiatedHoldDuration: holdSeconds,
    AgentInteractionDuration: conversationSeconds - holdSeconds - pauseSeconds,
    AgentPauseDurationInSeconds: pauseSeconds,
    Capabilities: null,
    ConnectedToAgentTimestamp: time(connectedMs),
    CustomerHoldDuration: holdSeconds,
    DeviceInfo: null,
    HierarchyGroups: hierarchyGroups(contact, agent.hierarchy),
    LongestHoldDuration: agent.longestHoldSeconds,
    NumberOfHolds: agent.holdCount,
    PreviewEndTimestamp: null,
    RoutingProfile: {
      ARN: resourceArn("routingProfile", contact, agent.routingProfile.id),
      Name: agent.routingProfile.name,
    },
    StateTransitions:
      agent.monitoring?.map(({ state, startMs, endMs }) => ({
        state,
        stateStartTimestamp: time(startMs),
        stateEndTimestamp: time(endMs),
      })) ?? null,
    Username: agent.username,
    VoiceEnhancementMode: null,
  };
}

function hierarchyGroups(contact: Contact, path: HierarchyPath): Record<string, unknown> | null {
  if (path.length === 0) return null;
  const levels = LEVELS.map((level) => {
    const group = path[level - 1];
    return [
      `Level${level}`,
      group ? { ARN: resourceArn("hierarchyGroup", contact, group.id), GroupName: group.name } : null,
    ];
  });
  return Object.fromEntries(levels);
}

/** An agent's own call was in no queue. */
function queueOf({ queue, agent, disconnectMs, ...contact }: Contact): Record<string, unknown> | null {
  if (!queue || contact.initiationMethod === "OUTBOUND") return null;
  const dequeueMs = agent?.connectedMs ?? disconnectMs ?? contact.lastUpdateMs;
  return {
    ARN: contactQueueArn(contact, queue),
    DequeueTimestamp: time(dequeueMs),
    Duration: wholeSeconds(queue.enqueueMs, dequeueMs),
    EnqueueTimestamp: time(queue.enqueueMs),
    Name: queue.name ?? null,
  };
}

function mediaStreams({ channel }: Contact): readonly object[] {
  if (channel === "VOICE") return [{ Type: "AUDIO" }];
  return channel === "CHAT" ? [{ Type: "CHAT" }] : [];
}

function criteriaOf({ activationMs, index, steps }: RoutingCriteria): Record<string, unknown> {
  return {
    ActivationTimestamp: time(activationMs),
    Index: index,
    Steps: steps.map(({ expression, seconds, status, expiresMs }) => ({
      Expiry: seconds === undefined ? null : { DurationInSeconds: seconds, ExpiryTimestamp: time(expiresMs) },
      Expression: expression ?? null,
      Status: status,
    })),
  };
}

function endpoint(found: Endpoint | undefined): Record<string, unknown> | null {
  return found?.address ? { Address: found.address, Type: found.type ?? null } : null;
}

/** ISO 8601 without the milliseconds. */
function time(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
