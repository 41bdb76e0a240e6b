import type { ContactInitiationMethod } from "@aws-sdk/client-connect";
import { derivedUuid } from "../../time/ids.ts";
import { instanceArn, resourceArn } from "./arns.ts";
import type { ChatMetrics, SideMetrics } from "./chat-metrics.ts";
import {
  type Analytics,
  type Contact,
  type ContactAgent,
  contactQueueArn,
  contactTags,
  type Endpoint,
  type RoutingCriteria,
  ringStartMs,
  type SegmentAttributes,
} from "./contacts.ts";

/** Contact events ("Amazon Connect contact events", administrator guide): what they are called and what they carry. */
export const CONTACT_EVENT_SOURCE = "aws.connect";
export const CONTACT_EVENT_DETAIL_TYPE = "Amazon Connect Contact Event";

export type ContactEventType =
  | "INITIATED"
  | "AMD_DISABLED"
  | "CONNECTED_TO_SYSTEM"
  | "QUEUED"
  | "CONNECTED_TO_AGENT"
  | "CONTACT_DATA_UPDATED"
  | "PAUSED"
  | "RESUMED"
  | "DISCONNECTED"
  | "COMPLETED";

/** What CONTACT_DATA_UPDATED names. `Segment Attributes` has the blank in the real service too. */
export type UpdatedProperty =
  | "UserDefinedAttributes"
  | "Tags"
  | "ScheduledTimestamp"
  | "ContactLens.ConversationalAnalytics.Configuration"
  | "Segment Attributes"
  | "RoutingCriteria.Step.Status";

/** The system endpoint of these is told in their records only. */
export const WITHOUT_SYSTEM_ENDPOINT: ReadonlySet<ContactInitiationMethod> = new Set([
  "CALLBACK",
  "MONITOR",
  "QUEUE_TRANSFER",
]);

/** `detail` of a contact event. A key without a value is left out, never null. Times are ISO 8601 with milliseconds. */
export interface ContactEventDetail {
  readonly eventType: ContactEventType;
  readonly contactId: string;
  readonly initialContactId?: string;
  readonly previousContactId?: string;
  readonly relatedContactId?: string;
  readonly channel: string;
  readonly instanceArn: string;
  readonly initiationMethod: string;
  readonly disconnectReason?: string;
  readonly updatedProperties?: readonly UpdatedProperty[];
  readonly answeringMachineDetectionStatus?: string;
  readonly campaign?: { readonly campaignId: string };
  readonly queueInfo?: { readonly queueArn: string; readonly queueType: string; readonly enqueueTimestamp: string };
  readonly agentInfo?: AgentInfo;
  readonly routingCriteria?: Readonly<Record<string, unknown>>;
  readonly initiationTimestamp: string;
  readonly scheduledTimestamp?: string;
  readonly ringStartTimestamp?: string;
  readonly connectedToSystemTimestamp?: string;
  readonly disconnectTimestamp?: string;
  readonly customerVoiceActivity?: { readonly greetingStartTimestamp: string; readonly greetingEndTimestamp: string };
  readonly customerEndpoint?: EventEndpoint;
  readonly systemEndpoint?: EventEndpoint;
  /** The analysis that the flow has switched on. */
  readonly contactLens?: Readonly<Record<string, unknown>>;
  /** By the ids of their forms. */
  readonly contactEvaluations?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Of a chat, once it has ended. */
  readonly chatMetrics?: Readonly<Record<string, unknown>>;
  readonly segmentAttributes: Readonly<Record<string, { readonly valueString: string }>>;
  readonly tags: Readonly<Record<string, string>>;
}

interface EventEndpoint {
  readonly address: string;
  readonly type: string;
  readonly displayName?: string;
}

/** From CONNECTED_TO_AGENT on. */
export interface AgentInfo {
  readonly agentArn: string;
  readonly connectedToAgentTimestamp: string;
  /** Seconds, once the contact has ended. */
  readonly agentInitiatedHoldDuration?: number;
  readonly afterContactWorkStartTimestamp?: string;
  readonly afterContactWorkEndTimestamp?: string;
  readonly afterContactWorkDuration?: number;
  readonly hierarchyGroups?: Readonly<Record<string, { readonly arn: string }>>;
  /** Of a supervisor. */
  readonly stateTransitions?: readonly {
    readonly state: string;
    readonly stateStartTimestamp: string;
    readonly stateEndTimestamp?: string;
  }[];
}

export interface ContactEvent {
  /** Derived from the contact and the event's number, so that a unit that runs again makes the same event. */
  readonly id: string;
  readonly resources: readonly [instanceArn: string, contactArn: string];
  readonly detail: ContactEventDetail;
}

/** The event that tells of a contact's state at a time. Pure. */
export function contactEvent(
  contact: Contact,
  eventType: ContactEventType,
  atMs: number,
  updatedProperties?: readonly UpdatedProperty[],
): ContactEvent {
  const detail = {
    eventType,
    contactId: contact.id,
    initialContactId: contact.initialContactId,
    previousContactId: contact.previousContactId,
    relatedContactId: contact.relatedContactId,
    channel: contact.channel,
    instanceArn: instanceArn(contact),
    initiationMethod: contact.initiationMethod,
    disconnectReason: contact.disconnectReason,
    updatedProperties,
    answeringMachineDetectionStatus: contact.answeringMachineDetectionStatus,
    campaign: contact.campaignId === undefined ? undefined : { campaignId: contact.campaignId },
    queueInfo: queueInfo(contact),
    agentInfo: contact.agent && agentInfo(contact, contact.agent, eventType),
    routingCriteria: contact.routingCriteria && routingCriteria(contact.routingCriteria),
    initiationTimestamp: iso(contact.initiationMs),
    scheduledTimestamp: optionalIso(contact.scheduledMs),
    ringStartTimestamp: contact.call?.isCampaign ? optionalIso(ringStartMs(contact, atMs)) : undefined,
    connectedToSystemTimestamp: optionalIso(contact.connectedToSystemMs),
    disconnectTimestamp: optionalIso(contact.disconnectMs),
    customerVoiceActivity: contact.greeting && {
      greetingStartTimestamp: iso(contact.greeting.startMs),
      greetingEndTimestamp: iso(contact.greeting.endMs),
    },
    customerEndpoint: endpoint(contact.customerEndpoint),
    systemEndpoint: WITHOUT_SYSTEM_ENDPOINT.has(contact.initiationMethod)
      ? undefined
      : endpoint(contact.systemEndpoint),
    contactLens: contact.analytics && contactLens(contact.analytics),
    contactEvaluations: contact.evaluations && evaluationsOf(contact, contact.evaluations),
    chatMetrics: contact.chatMetrics && chatMetricsOf(contact.chatMetrics),
    recordings: recordingsOf(contact),
    segmentAttributes: textsOf(contact.segmentAttributes),
    tags: contactTags(contact),
  };
  return {
    id: derivedUuid(contact.id, String(contact.eventCount)),
    resources: [instanceArn(contact), resourceArn("contact", contact, contact.id)],
    // What has no value leaves no key in JSON.
    detail: detail as unknown as ContactEventDetail,
  };
}

function queueInfo(contact: Contact): ContactEventDetail["queueInfo"] {
  const { queue, initiationMethod } = contact;
  if (!queue || initiationMethod === "OUTBOUND") return undefined;
  return {
    queueArn: contactQueueArn(contact, queue),
    queueType: queue.type,
    enqueueTimestamp: iso(queue.enqueueMs),
  };
}

function agentInfo(contact: Contact, agent: ContactAgent, eventType: ContactEventType): AgentInfo {
  const { workStartMs, workEndMs } = agent;
  const hasEnded = contact.state === "DISCONNECTED";
  const isWorked = eventType === "COMPLETED" && workStartMs !== undefined && workEndMs !== undefined;
  const groups = agent.hierarchy.map(({ id }, index) => [
    `level${index + 1}`,
    { arn: resourceArn("hierarchyGroup", contact, id) },
  ]);
  return {
    agentArn: resourceArn("user", contact, agent.id),
    connectedToAgentTimestamp: iso(agent.connectedMs),
    ...(hasEnded && { agentInitiatedHoldDuration: agent.holdSeconds }),
    ...(isWorked && {
      afterContactWorkStartTimestamp: iso(workStartMs),
      afterContactWorkEndTimestamp: iso(workEndMs),
      afterContactWorkDuration: Math.floor((workEndMs - workStartMs) / 1_000),
    }),
    ...(agent.monitoring && {
      stateTransitions: agent.monitoring.map(({ state, startMs, endMs }) => ({
        state,
        stateStartTimestamp: iso(startMs),
        ...(endMs !== undefined && { stateEndTimestamp: iso(endMs) }),
      })),
    }),
    ...(groups.length > 0 && { hierarchyGroups: Object.fromEntries(groups) }),
  };
}

/** Expressions are in camel case here, and in the API's own spelling everywhere else. */
function routingCriteria({ activationMs, index, steps }: RoutingCriteria): Record<string, unknown> {
  return {
    activationTimestamp: iso(activationMs),
    index,
    steps: steps.map(({ status, expression, seconds, expiresMs }) =>
      present({
        status,
        expression: expression && camelCase(expression),
        expiry:
          seconds === undefined
            ? undefined
            : present({ durationInSeconds: seconds, expiryTimestamp: optionalIso(expiresMs) }),
      }),
    ),
  };
}

function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && member !== null)
      .map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), camelCase(member)]),
  );
}

/** Summaries are in the record only. */
function contactLens({ SummaryConfiguration: _summaries, ...configuration }: Analytics): Record<string, unknown> {
  return { conversationalAnalytics: { configuration: camelCase(configuration) } };
}

function evaluationsOf(
  contact: Contact,
  evaluations: NonNullable<Contact["evaluations"]>,
): ContactEventDetail["contactEvaluations"] {
  return Object.fromEntries(
    Object.entries(evaluations).map(([formId, { evaluationId, status, startMs, endMs, deleteMs, exportLocation }]) => [
      formId,
      present({
        evaluationArn: resourceArn("contactEvaluation", contact, evaluationId),
        status,
        startTimestamp: iso(startMs),
        endTimestamp: optionalIso(endMs),
        deleteTimestamp: optionalIso(deleteMs),
        exportLocation,
      }),
    ]),
  );
}

function chatMetricsOf({ customer, agent, ...metrics }: ChatMetrics): Record<string, unknown> {
  return present({
    chatContactMetrics: present({
      multiParty: metrics.isMultiParty,
      totalMessages: metrics.messages,
      totalBotMessages: metrics.botMessages,
      totalBotMessageLengthInChars: metrics.botChars,
      conversationCloseTimeInMillis: metrics.closeMs,
      conversationTurnCount: metrics.turns,
      agentFirstResponseTimestamp: optionalIso(metrics.agentFirstMs),
      agentFirstResponseTimeInMillis: metrics.agentFirstResponseMs,
    }),
    customerMetrics: customer && sideMetricsOf(customer, "Customer"),
    agentMetrics: agent && sideMetricsOf(agent, "Agent"),
  });
}

/** The transcript of a chat, once it has been written. */
function recordingsOf(contact: Contact): readonly Record<string, unknown>[] | undefined {
  if (contact.transcriptLocation === undefined) return undefined;
  return [
    present({
      storageType: "S3",
      location: contact.transcriptLocation,
      mediaStreamType: "CHAT",
      startTimestamp: iso(contact.initiationMs),
      stopTimestamp: optionalIso(contact.disconnectMs),
      status: "AVAILABLE",
    }),
  ];
}

function sideMetricsOf(side: SideMetrics, participantType: "Agent" | "Customer"): Record<string, unknown> {
  return present({
    participantId: side.participantId,
    participantType,
    conversationAbandon: side.isAbandoned,
    messagesSent: side.messages,
    numResponses: side.responses,
    messageLengthInChars: side.chars,
    totalResponseTimeInMillis: side.responseMs,
    maxResponseTimeInMillis: side.responseMsMax,
    lastMessageTimestamp: optionalIso(side.lastMs),
  });
}

/** Events carry endpoints with an address only. */
function endpoint(found: Endpoint | undefined): ContactEventDetail["customerEndpoint"] {
  if (!found?.address || !found.type) return undefined;
  const { address, type, displayName } = found;
  return { address, type, ...(displayName !== undefined && { displayName }) };
}

/** Events carry segment attributes with a text only; expiries and other maps are in DescribeContact. */
function textsOf(attributes: SegmentAttributes): Record<string, { valueString: string }> {
  const texts = Object.entries(attributes).flatMap(([name, { ValueString: valueString }]) =>
    valueString === undefined ? [] : [[name, { valueString }] as const],
  );
  return Object.fromEntries(texts);
}

function present(detail: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined));
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function optionalIso(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : iso(timeMs);
}
