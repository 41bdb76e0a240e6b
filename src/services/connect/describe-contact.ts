import type {
  AgentInfo,
  Contact as ContactDescription,
  DescribeContactRequest,
  DescribeContactResponse,
  EndpointInfo,
  ParticipantMetrics,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { optionalDate } from "../optional-date.ts";
import type { Context } from "../service.ts";
import { resourceArn } from "./arns.ts";
import type { ChatMetrics, SideMetrics } from "./chat-metrics.ts";
import { type Attributes, attributesOf } from "./contact-attributes.ts";
import { WITHOUT_SYSTEM_ENDPOINT } from "./contact-events.ts";
import {
  type Analytics,
  type Contact,
  type ContactAgent,
  contactTags,
  type Endpoint,
  getContact,
  priorityOf,
  type Recipient,
  type RoutingCriteria,
  ringStartMs,
} from "./contacts.ts";
import { getInstance } from "./instances.ts";

export async function describeContact(
  input: Validated<DescribeContactRequest>,
  context: Context,
): Promise<DescribeContactResponse> {
  const nowMs = context.clock.now();
  const instance = await getInstance(context.store, context, input.InstanceId);
  const contact = await getContact(context.store, instance, input.ContactId, nowMs);
  return { Contact: descriptionOf(contact, await attributesOf(context.store, contact), nowMs) };
}

/** The client's types are older than the model. */
type Description = ContactDescription & { readonly ContactLens?: object | undefined };

function descriptionOf(contact: Contact, attributes: Attributes, nowMs: number): Description {
  return {
    Arn: resourceArn("contact", contact, contact.id),
    Id: contact.id,
    InitialContactId: contact.initialContactId,
    PreviousContactId: contact.previousContactId,
    ContactAssociationId: contact.associationId,
    RelatedContactId: contact.relatedContactId,
    InitiationMethod: contact.initiationMethod,
    Name: contact.name,
    Description: contact.description,
    Channel: contact.channel,
    // Whoever is called by an agent was in no queue; it is kept for what the call counts for.
    QueueInfo:
      contact.queue && contact.initiationMethod !== "OUTBOUND"
        ? { Id: contact.queue.id, EnqueueTimestamp: new Date(contact.queue.enqueueMs) }
        : undefined,
    AgentInfo: contact.agent && agentInfo(contact, contact.agent),
    QueuePriority: contact.queue && priorityOf(contact),
    QueueTimeAdjustmentSeconds:
      contact.queueTimeAdjustmentMs === undefined ? undefined : contact.queueTimeAdjustmentMs / 1_000,
    RoutingCriteria: contact.routingCriteria && routingCriteria(contact.routingCriteria),
    InitiationTimestamp: new Date(contact.initiationMs),
    ScheduledTimestamp: optionalDate(contact.scheduledMs),
    RingStartTimestamp: optionalDate(ringStartMs(contact, nowMs)),
    ConnectedToSystemTimestamp: optionalDate(contact.connectedToSystemMs),
    DisconnectTimestamp: optionalDate(contact.disconnectMs),
    DisconnectReason: contact.disconnectReason,
    LastUpdateTimestamp: new Date(contact.lastUpdateMs),
    LastPausedTimestamp: optionalDate(contact.pauses?.lastPausedMs),
    LastResumedTimestamp: optionalDate(contact.pauses?.lastResumedMs),
    ...(contact.channel === "TASK"
      ? {
          TotalPauseCount: contact.pauses?.count ?? 0,
          TotalPauseDurationInSeconds: contact.pauses?.seconds ?? 0,
        }
      : {}),
    CustomerId: contact.customerId,
    Customer: contact.capabilities?.customer && { Capabilities: contact.capabilities.customer },
    ChatMetrics: contact.chatMetrics && chatMetricsOf(contact.chatMetrics),
    Recordings: recordingsOf(contact),
    CustomerEndpoint: endpointInfo(contact.customerEndpoint),
    SystemEndpoint: WITHOUT_SYSTEM_ENDPOINT.has(contact.initiationMethod)
      ? undefined
      : endpointInfo(contact.systemEndpoint),
    AdditionalEmailRecipients: contact.additionalRecipients && {
      ToList: contact.additionalRecipients.to.map(recipient),
      CcList: contact.additionalRecipients.cc.map(recipient),
    },
    Campaign: contact.campaignId === undefined ? undefined : { CampaignId: contact.campaignId },
    AnsweringMachineDetectionStatus: contact.answeringMachineDetectionStatus,
    CustomerVoiceActivity: contact.greeting && {
      GreetingStartTimestamp: new Date(contact.greeting.startMs),
      GreetingEndTimestamp: new Date(contact.greeting.endMs),
    },
    ContactEvaluations: contact.evaluations && evaluationsOf(contact, contact.evaluations),
    ContactLens: contact.analytics && contactLens(contact.analytics),
    SegmentAttributes: contact.segmentAttributes as ContactDescription["SegmentAttributes"],
    Tags: contactTags(contact),
    Attributes: { ...attributes },
  };
}

function agentInfo(contact: Contact, agent: ContactAgent): AgentInfo {
  const { workStartMs, workEndMs } = agent;
  return {
    Id: agent.id,
    ConnectedToAgentTimestamp: new Date(agent.connectedMs),
    AgentPauseDurationInSeconds: contact.pauses?.agentSeconds ?? 0,
    Capabilities: contact.capabilities?.agent,
    AgentInitiatedHoldDuration: agent.holdSeconds,
    AfterContactWorkStartTimestamp: optionalDate(workStartMs),
    AfterContactWorkEndTimestamp: optionalDate(workEndMs),
    AfterContactWorkDuration:
      workStartMs === undefined || workEndMs === undefined ? undefined : Math.floor((workEndMs - workStartMs) / 1_000),
    HierarchyGroups:
      agent.hierarchy.length === 0
        ? undefined
        : Object.fromEntries(
            agent.hierarchy.map(({ id }, index) => [
              `Level${index + 1}`,
              { Arn: resourceArn("hierarchyGroup", contact, id) },
            ]),
          ),
  };
}

function contactLens({ LanguageLocale, RedactionConfiguration, ...analytics }: Analytics): object {
  const { Entities, MaskMode, ...redaction } = RedactionConfiguration;
  const Configuration = {
    ...analytics,
    ...(LanguageLocale !== null && { LanguageLocale }),
    RedactionConfiguration: { ...redaction, ...(Entities && { Entities }), ...(MaskMode !== null && { MaskMode }) },
  };
  return { ConversationalAnalytics: { Configuration } };
}

/** The transcript of a chat, once it has been written. The model has no type of media for it. */
function recordingsOf(contact: Contact): ContactDescription["Recordings"] {
  if (contact.transcriptLocation === undefined) return undefined;
  return [
    {
      StorageType: "S3",
      Location: contact.transcriptLocation,
      StartTimestamp: new Date(contact.initiationMs),
      StopTimestamp: optionalDate(contact.disconnectMs),
      Status: "AVAILABLE",
    },
  ];
}

function chatMetricsOf({ customer, agent, ...metrics }: ChatMetrics): ContactDescription["ChatMetrics"] {
  return {
    ChatContactMetrics: {
      MultiParty: metrics.isMultiParty,
      TotalMessages: metrics.messages,
      TotalBotMessages: metrics.botMessages,
      TotalBotMessageLengthInChars: metrics.botChars,
      ConversationCloseTimeInMillis: metrics.closeMs,
      ConversationTurnCount: metrics.turns,
      AgentFirstResponseTimestamp: optionalDate(metrics.agentFirstMs),
      AgentFirstResponseTimeInMillis: metrics.agentFirstResponseMs,
    },
    CustomerMetrics: customer && sideMetricsOf(customer, "CUSTOMER"),
    AgentMetrics: agent && sideMetricsOf(agent, "AGENT"),
  };
}

function sideMetricsOf(side: SideMetrics, ParticipantType: "AGENT" | "CUSTOMER"): ParticipantMetrics {
  return {
    ParticipantId: side.participantId,
    ParticipantType,
    ConversationAbandon: side.isAbandoned,
    MessagesSent: side.messages,
    NumResponses: side.responses,
    MessageLengthInChars: side.chars,
    TotalResponseTimeInMillis: side.responseMs,
    MaxResponseTimeInMillis: side.responseMsMax,
    LastMessageTimestamp: optionalDate(side.lastMs),
  };
}

function routingCriteria({ activationMs, index, steps }: RoutingCriteria): ContactDescription["RoutingCriteria"] {
  return {
    ActivationTimestamp: new Date(activationMs),
    Index: index,
    Steps: steps.map(({ status, expression, seconds, expiresMs }) => ({
      Status: status,
      Expression: expression,
      Expiry:
        seconds === undefined ? undefined : { DurationInSeconds: seconds, ExpiryTimestamp: optionalDate(expiresMs) },
    })),
  };
}

function evaluationsOf(
  contact: Contact,
  evaluations: NonNullable<Contact["evaluations"]>,
): NonNullable<ContactDescription["ContactEvaluations"]> {
  return Object.fromEntries(
    Object.entries(evaluations).map(([formId, { evaluationId, status, startMs, endMs, deleteMs, exportLocation }]) => [
      formId,
      {
        FormId: formId,
        EvaluationArn: resourceArn("contactEvaluation", contact, evaluationId),
        Status: status,
        StartTimestamp: new Date(startMs),
        EndTimestamp: optionalDate(endMs),
        DeleteTimestamp: optionalDate(deleteMs),
        ExportLocation: exportLocation,
      },
    ]),
  );
}

function endpointInfo(endpoint: Endpoint | undefined): EndpointInfo | undefined {
  return endpoint && { Type: endpoint.type, Address: endpoint.address, DisplayName: endpoint.displayName };
}

function recipient({ address, displayName }: Recipient) {
  return { Address: address, DisplayName: displayName };
}
