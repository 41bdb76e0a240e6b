import type { Unit } from "../../store/store.ts";
import { isRecordDoubled, recordDelayMs } from "../aws-delivery.ts";
import { findDomainOfInstance, ingestContactRecord } from "../customer-profiles/index.ts";
import type { Platform } from "../service.ts";
import { type InstanceRef, instanceArn, refOf, resourceArn } from "./arns.ts";
import type { ChatMetrics, SideMetrics } from "./chat-metrics.ts";
import { type Attributes, attributesOf } from "./contact-attributes.ts";
import { findRecordStream, putRecord } from "./contact-streams.ts";
import {
  type Capabilities,
  type Contact,
  type ContactAgent,
  contactKey,
  contactQueueArn,
  contacts,
  contactTags,
  type Endpoint,
  type HierarchyPath,
  type Recipient,
  type RoutingCriteria,
  wholeSeconds,
} from "./contacts.ts";

/** "2017-03-10" in all records published so far. */
const FORMAT_VERSION = "2017-03-10";

const LEVELS = [1, 2, 3, 4, 5] as const;

const SECOND_MS = 1_000;

/** A version of a record that is published later, with `--deliver-like-aws`. */
export const LATE_RECORD = "connect.late-record";

/**
 * Publishes a version of a completed contact's record, in the unit of the change that it tells of, and answers with the contact as it
 * is then: whoever calls stores it. With `--deliver-like-aws` it only sets when; what changes until then is told in one version.
 */
export async function publishContactRecord(unit: Unit, platform: Platform, contact: Contact): Promise<Contact> {
  const { awsDelivery, flow, clock } = platform;
  if (!awsDelivery) return publishVersion(unit, platform, contact, contact.lastUpdateMs);
  if (contact.recordDueMs !== undefined) return contact;

  const recordDueMs = clock.now() + recordDelayMs(awsDelivery, versionId(contact));
  const payload: LateRecord = { ...refOf(contact), id: contact.id };
  flow.schedule(unit, { id: `${LATE_RECORD}:${contactKey(contact)}`, kind: LATE_RECORD, dueMs: recordDueMs, payload });
  return { ...contact, recordDueMs };
}

export interface LateRecord extends InstanceRef {
  readonly id: string;
}

/** The time of a record has come. */
export async function onLateRecord(unit: Unit, platform: Platform, late: LateRecord): Promise<void> {
  const contact = await unit.get(contacts, contactKey(late));
  if (!contact) return;
  const published = await publishVersion(unit, platform, contact, platform.clock.now());
  // Nothing that metrics count has changed.
  unit.put(contacts, contactKey(contact), { ...published, recordDueMs: undefined });
}

/** `LastUpdateTimestamp`, which counts whole seconds, grows from version to version. */
async function publishVersion(unit: Unit, platform: Platform, contact: Contact, atMs: number): Promise<Contact> {
  const nowMs = Math.floor(atMs / SECOND_MS) * SECOND_MS;
  const recordMs = contact.recordMs === undefined ? nowMs : Math.max(nowMs, contact.recordMs + SECOND_MS);
  const recorded: Contact = { ...contact, recordMs };
  const stream = await findRecordStream(unit, contact, "CONTACT_TRACE_RECORDS");
  const profiles = await findDomainOfInstance(unit, contact, instanceArn(contact));
  if (stream === undefined && !profiles) return recorded;
  const record = contactRecord(recorded, await attributesOf(unit, contact));
  if (stream !== undefined) {
    const told = { data: JSON.stringify(record), key: contact.id };
    const of = { instance: contact, type: "CONTACT_TRACE_RECORDS" } as const;
    await putRecord(unit, platform, stream, told, of);
    const isDoubled = platform.awsDelivery && isRecordDoubled(platform.awsDelivery, versionId(contact));
    if (isDoubled) await putRecord(unit, platform, stream, told, of);
  }
  if (profiles) await ingestContactRecord(unit, platform, profiles, record);
  return recorded;
}

/** Tells the versions of a contact's record apart. */
function versionId({ id, recordMs = 0 }: Contact): string {
  return `${id} ${recordMs}`;
}

/**
 * A contact's record ("Data model for contact records", administrator guide): every key, null where it does not apply, times
 * truncated to seconds and durations the differences of truncated times. Pure.
 */
export function contactRecord(contact: Contact, attributes: Attributes): Record<string, unknown> {
  return {
    AWSAccountId: contact.account,
    AWSContactTraceRecordFormatVersion: FORMAT_VERSION,
    AdditionalEmailRecipients: contact.additionalRecipients
      ? {
          CcList: contact.additionalRecipients.cc.map(recipient),
          ToList: contact.additionalRecipients.to.map(recipient),
        }
      : null,
    Agent: contact.agent ? agentOf(contact, contact.agent) : null,
    AgentConnectionAttempts: contact.offerCount ?? 0,
    AnsweringMachineDetectionStatus: contact.answeringMachineDetectionStatus ?? null,
    Attributes: attributes,
    Campaign: { CampaignId: contact.campaignId ?? null },
    Channel: contact.channel,
    ChatMetrics: contact.chatMetrics ? chatMetricsOf(contact.chatMetrics) : null,
    ConnectedToSystemTimestamp: time(contact.connectedToSystemMs),
    ContactAssociationId: contact.associationId === contact.id ? null : contact.associationId,
    ContactDetails: {},
    ContactEvaluations: evaluationsOf(contact),
    ContactId: contact.id,
    ContactLens: contact.analytics ? { ConversationalAnalytics: { Configuration: contact.analytics } } : null,
    Customer: contact.capabilities?.customer ? { Capabilities: capabilities(contact.capabilities.customer) } : null,
    CustomerEndpoint: endpoint(contact.customerEndpoint),
    CustomerId: contact.customerId ?? null,
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
    // Somebody outside is no next contact, though they have one of their own.
    NextContactId: contact.transferredTo ? null : (contact.nextContactId ?? null),
    OutboundStrategy: null,
    PreviousContactId: contact.previousContactId ?? null,
    QualityMetrics: null,
    Queue: queueOf(contact),
    Recording: null,
    Recordings: recordingsOf(contact),
    References: Object.entries(contact.references ?? {}).map(([Name, { type, value }]) => ({
      Name,
      Type: type,
      Value: value ?? null,
    })),
    RelatedContactId: contact.relatedContactId ?? null,
    RoutingCriteria: contact.routingCriteria ? [criteriaOf(contact.routingCriteria)] : null,
    ScheduledTimestamp: time(contact.scheduledMs),
    SegmentAttributes: contact.segmentAttributes,
    SystemEndpoint: endpoint(contact.systemEndpoint ?? anonymous(contact)),
    Tags: contactTags(contact),
    TotalPauseCount: contact.pauses?.count ?? 0,
    TotalPauseDurationInSeconds: contact.pauses?.seconds ?? 0,
    TransferCompletedTimestamp: time(contact.transferCompletedMs),
    TransferredToEndpoint: endpoint(contact.transferredTo),
    VoiceIdResult: null,
    WisdomInfo: null,
  };
}

function chatMetricsOf({ customer, agent, ...metrics }: ChatMetrics): Record<string, unknown> {
  return {
    AgentMetrics: agent ? sideMetricsOf(agent, "Agent") : null,
    ContactMetrics: {
      AgentFirstResponseTimeInMillis: metrics.agentFirstResponseMs ?? null,
      AgentFirstResponseTimestamp: time(metrics.agentFirstMs),
      ConversationCloseTimeInMillis: metrics.closeMs ?? null,
      ConversationTurnCount: metrics.turns,
      MultiParty: metrics.isMultiParty,
      TotalBotMessageLengthInChars: metrics.botChars,
      TotalBotMessages: metrics.botMessages,
      TotalMessages: metrics.messages,
    },
    CustomerMetrics: customer ? sideMetricsOf(customer, "Customer") : null,
  };
}

function sideMetricsOf(side: SideMetrics, ParticipantType: "Agent" | "Customer"): Record<string, unknown> {
  return {
    ConversationAbandon: side.isAbandoned,
    LastMessageTimestamp: time(side.lastMs),
    MaxResponseTimeInMillis: side.responseMsMax,
    MessageLengthInChars: side.chars,
    MessagesSent: side.messages,
    NumResponses: side.responses,
    ParticipantId: side.participantId,
    ParticipantType,
    TotalResponseTimeInMillis: side.responseMs,
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
    Capabilities: capabilities(contact.capabilities?.agent),
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
function queueOf(contact: Contact): Record<string, unknown> | null {
  const { queue, agent, disconnectMs } = contact;
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

function evaluationsOf(contact: Contact): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(contact.evaluations ?? {}).map(
      ([formId, { evaluationId, status, startMs, endMs, deleteMs, exportLocation }]) => [
        formId,
        {
          DeleteTimestamp: time(deleteMs),
          EndTimestamp: time(endMs),
          EvaluationArn: resourceArn("contactEvaluation", contact, evaluationId),
          ExportLocation: exportLocation ?? null,
          FormId: formId,
          StartTimestamp: time(startMs),
          Status: status,
        },
      ],
    ),
  );
}

/** Calls have no audio here, so none of them has a recording. */
function recordingsOf(contact: Contact): readonly object[] | null {
  if (contact.transcriptLocation === undefined) return null;
  return [
    {
      DeletionReason: null,
      FragmentStartNumber: null,
      FragmentStopNumber: null,
      Location: contact.transcriptLocation,
      MediaStreamType: "CHAT",
      ParticipantType: null,
      StartTimestamp: time(contact.initiationMs),
      Status: "AVAILABLE",
      StopTimestamp: time(contact.disconnectMs),
      StorageType: "S3",
    },
  ];
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

/** `null`: not allowed. */
function capabilities(allowed: Capabilities | undefined): Record<string, unknown> | null {
  return allowed ? { Video: allowed.Video ?? null, ScreenShare: allowed.ScreenShare ?? null } : null;
}

function endpoint(found: Endpoint | undefined): Record<string, unknown> | null {
  return found?.address ? { Address: found.address, Type: found.type ?? null } : null;
}

/** What a callback shows that has no caller id. */
function anonymous({ initiationMethod }: Contact): Endpoint | undefined {
  return initiationMethod === "CALLBACK" ? { type: "TELEPHONE_NUMBER", address: "anonymous" } : undefined;
}

function recipient({ address, displayName }: Recipient): Record<string, unknown> {
  return { Address: address, DisplayName: displayName ?? null };
}

/** ISO 8601 without the milliseconds. */
function time(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
