import type {
  AnsweringMachineDetectionStatus,
  Channel,
  ContactInitiationMethod,
  ContactRecordingType,
  EndpointType,
  Expression,
  QueueType,
  ReferenceType,
  RoutingCriteriaStepStatus,
} from "@aws-sdk/client-connect";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { type InstanceRef, instanceKey, parseArn, parseResourceId, resourceArn } from "./arns.ts";
import type { ChatMetrics } from "./chat-metrics.ts";
import { notFound } from "./errors.ts";

/**
 * One contact, from its creation until 24 months later. What changes it is in `contact-transitions.ts`, `routing.ts` and
 * `agent-contacts.ts`:
 *
 *     INITIATED ─► CONNECTED_TO_SYSTEM ─► QUEUED ─► CONNECTED_TO_AGENT ─► DISCONNECTED (after-contact work, then completed)
 *         └──────────────┴──────────────────┴────────────────────────────────▲
 *
 * A contact that waits, is offered and is paused is QUEUED throughout.
 */
export interface Contact extends InstanceRef {
  readonly id: string;
  readonly state: "INITIATED" | "CONNECTED_TO_SYSTEM" | "QUEUED" | "CONNECTED_TO_AGENT" | "DISCONNECTED";
  readonly channel: Channel;
  readonly initiationMethod: ContactInitiationMethod;
  /** The root of the chain that this contact continues; absent on the root itself. */
  readonly initialContactId?: string | undefined;
  readonly previousContactId?: string | undefined;
  /** The last contact that continues this one by a transfer or a callback. */
  readonly nextContactId?: string | undefined;
  readonly relatedContactId?: string | undefined;
  /** The root of the tree of previous and related contacts. */
  readonly associationId: string;
  readonly flowId?: string | undefined;
  /** The version of that flow, where one was named; else what is published runs. */
  readonly flowVersion?: number | undefined;
  /** Flows that a flow has set for what happens to the contact (`UpdateContactEventHooks`): ids by the hook's name. */
  readonly hooks?: Readonly<Record<string, string>> | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly references?: References | undefined;
  readonly segmentAttributes: SegmentAttributes;
  /** The caller's own; `contactTags` adds those of the system. */
  readonly tags: Readonly<Record<string, string>>;
  readonly customerEndpoint?: Endpoint | undefined;
  readonly systemEndpoint?: Endpoint | undefined;
  /** Whom to call back, where a flow has asked for another number than the caller's own. */
  readonly callbackNumber?: string | undefined;
  /** What a web call's customer and their agent may send beside their voices (in the API's spelling). */
  readonly capabilities?: { readonly customer?: Capabilities; readonly agent?: Capabilities } | undefined;
  readonly customerId?: string | undefined;
  readonly languageCode?: string | undefined;
  /** The voice of what flows say. There is no audio: it is only told. */
  readonly textToSpeechVoice?: string | undefined;
  readonly recording?: Recording | undefined;
  /** What has become of the recordings since, by their kind. */
  readonly recordingStates?: Readonly<Partial<Record<ContactRecordingType, RecordingState>>> | undefined;
  /** When which of them heard nothing. */
  readonly silences?: readonly RecordingSilence[] | undefined;
  readonly analytics?: Analytics | undefined;
  /** Whom a mail also went to. */
  readonly additionalRecipients?: { readonly to: readonly Recipient[]; readonly cc: readonly Recipient[] } | undefined;
  /** The working queue: named by the request or set by the flow, which sends the contact there. */
  readonly targetQueueId?: string | undefined;
  readonly queue?: ContactQueue | undefined;
  /** 1 to 2^63-1, the lower first. Absent: 5. */
  readonly priority?: number | undefined;
  /** What routing counts the contact as older (or, negative, younger) than it is. */
  readonly queueTimeAdjustmentMs?: number | undefined;
  /** Since when routing counts the contact that this one continues as waiting: it stays as old in an agent's own queue. */
  readonly continuedSinceMs?: number | undefined;
  readonly routingCriteria?: RoutingCriteria | undefined;
  /** To whom it is being offered: it rings, or a callback's agent is being connected. */
  readonly offer?: Offer | undefined;
  /** How often it was offered to agents (`AgentConnectionAttempts`). */
  readonly offerCount?: number | undefined;
  /** The agent who talks or talked with the customer. */
  readonly agent?: ContactAgent | undefined;
  /** The agent who dials this contact's other end: of an outbound call, of a transfer's second leg while they are on it. */
  readonly dialledBy?: string | undefined;
  /** Contacts of supervisors who listen: they end with this one. */
  readonly monitorIds?: readonly string[] | undefined;
  /** Of a supervisor's contact: they may take part as well as listen. */
  readonly mayBarge?: boolean | undefined;
  readonly pauses?: Pauses | undefined;
  readonly callback?: Callback | undefined;
  readonly call?: OutboundCall | undefined;
  /** When a customer whom the carrier connected hangs up, wherever they have been transferred to. */
  readonly lineEndsMs?: number | undefined;
  readonly campaignId?: string | undefined;
  readonly answeringMachineDetectionStatus?: AnsweringMachineDetectionStatus | undefined;
  readonly greeting?: { readonly startMs: number; readonly endMs: number } | undefined;
  readonly initiationMs: number;
  /** When the contact's flow starts, where that is not at once. */
  readonly scheduledMs?: number | undefined;
  readonly rescheduleCount?: number | undefined;
  readonly expiresMs?: number | undefined;
  readonly connectedToSystemMs?: number | undefined;
  /** When the agent left a customer who waits for the next one, or talks with somebody outside. */
  readonly transferCompletedMs?: number | undefined;
  readonly transferredTo?: Endpoint | undefined;
  /** Of a chat that has ended. */
  readonly chatMetrics?: ChatMetrics | undefined;
  /** Where a chat's transcript lies, once it has been written: `bucket/key`. */
  readonly transcriptLocation?: string | undefined;
  readonly disconnectMs?: number | undefined;
  /** Its customer was on hold when it ended. */
  readonly endedOnHold?: true | undefined;
  /** It ended because another contact goes on with its customer. */
  readonly handedOn?: "TRANSFER" | "QUEUE_TRANSFER" | undefined;
  readonly disconnectReason?: string | undefined;
  /** When everything was over, after-contact work included. */
  readonly completedMs?: number | undefined;
  /** What evaluations say of it, by the ids of their forms. */
  readonly evaluations?: Readonly<Record<string, ToldEvaluation>> | undefined;
  /** `LastUpdateTimestamp` of the contact record's last version, in whole seconds. */
  readonly recordMs?: number | undefined;
  /** A version of the record is to be published then. */
  readonly recordDueMs?: number | undefined;
  readonly lastUpdateMs: number;
  /** When it changed, the last times: what has happened then is kept in its history for a while. */
  readonly changesMs?: readonly number[] | undefined;
  /** How many contact events tell of this contact so far. Gives the next one its id. */
  readonly eventCount: number;
}

export interface Offer {
  readonly agentId: string;
  readonly startMs: number;
  /** When the agent took it, where whispers are played to them before they talk with the customer. */
  readonly acceptedMs?: number | undefined;
}

export interface ContactQueue {
  readonly id: string;
  /** `AGENT`: an agent's own queue, whose id is the agent's. */
  readonly type: QueueType;
  /** An agent's own queue shows none. */
  readonly name?: string | undefined;
  readonly enqueueMs: number;
  /** Since when routing counts the contact as waiting, where that is not since it came to this queue. */
  readonly sinceMs?: number | undefined;
}

/** An agent's part in a contact. What the record says of the agent is as it was when they were connected. */
export interface ContactAgent {
  readonly id: string;
  readonly username: string;
  readonly routingProfile: { readonly id: string; readonly name: string };
  readonly hierarchy: HierarchyPath;
  readonly connectedMs: number;
  /** How long it rang, or was dialled, for them. */
  readonly connectingMs?: number | undefined;
  /** Holds of at least a second by the clock that records use, which truncates to seconds. */
  readonly holdCount: number;
  readonly holdSeconds: number;
  readonly longestHoldSeconds: number;
  readonly holdSinceMs?: number | undefined;
  /** Their part of the conversation is over, their after-contact work begins. */
  readonly workStartMs?: number | undefined;
  readonly workEndMs?: number | undefined;
  /** How a supervisor takes part in the contact that they monitor, the present stretch last. */
  readonly monitoring?: readonly Monitoring[] | undefined;
}

export interface Monitoring {
  readonly state: "SILENT_MONITOR" | "BARGE";
  readonly startMs: number;
  readonly endMs?: number | undefined;
}

/** The last evaluation of a contact by one form, as the contact tells of it. */
export interface ToldEvaluation {
  readonly evaluationId: string;
  readonly status: "IN_PROGRESS" | "COMPLETE" | "DELETED";
  readonly startMs: number;
  /** When it was last submitted. */
  readonly endMs?: number | undefined;
  readonly deleteMs?: number | undefined;
  /** Where the file of its last submission lies, once it has been written: `bucket/key`. */
  readonly exportLocation?: string | undefined;
}

/** The groups above and with an agent, the topmost first, at most five. */
export type HierarchyPath = readonly { readonly id: string; readonly name: string }[];

/** Pauses of a task. */
export interface Pauses {
  readonly count: number;
  readonly seconds: number;
  /** Those of them while an agent had it. */
  readonly agentSeconds: number;
  /** It is paused now. */
  readonly sinceMs?: number | undefined;
  readonly lastPausedMs: number;
  readonly lastResumedMs?: number | undefined;
}

/** A queued callback: the agent accepts first, then the customer is dialled; or the customer is dialled first, and waits then. */
export interface Callback {
  readonly isCustomerFirst?: true | undefined;
  readonly attemptsLeft: number;
  /** Attempts that did not reach the customer and were tried again. */
  readonly retries?: number | undefined;
  readonly retryDelayMs: number;
  /** It may be offered from then on: it is delayed, or an attempt has failed. */
  readonly waitsUntilMs?: number | undefined;
}

/** A call that the system dials. */
export interface OutboundCall {
  readonly dialledMs: number;
  /** When the other end begins to ring; may lie ahead. Absent: it never does. */
  readonly ringStartMs?: number | undefined;
  readonly ringTimeoutMs: number;
  readonly isCampaign: boolean;
  readonly detectsMachines: boolean;
}

/** Steps that narrow down who may get a contact, one after the other (as the API has them, in its own spelling). */
export interface RoutingCriteria {
  readonly activationMs: number;
  /** How many criteria the contact had before these. */
  readonly index: number;
  readonly steps: readonly RoutingStep[];
}

export interface RoutingStep {
  readonly expression?: Expression | undefined;
  readonly seconds?: number | undefined;
  readonly status: RoutingCriteriaStepStatus;
  readonly expiresMs?: number | undefined;
}

export type RecordingState = "STARTED" | "SUSPENDED" | "STOPPED";

/** A recording was suspended, or stopped for good. */
export interface RecordingSilence {
  readonly kind: ContactRecordingType;
  readonly startMs: number;
  /** Absent: it still is. */
  readonly endMs?: number | undefined;
}

export interface Capabilities {
  readonly Video?: "SEND" | undefined;
  readonly ScreenShare?: "SEND" | undefined;
}

/** What a flow has asked to record. */
export interface Recording {
  readonly participants: readonly string[];
  readonly screens: readonly string[];
  /** Menus and bots, before an agent. */
  readonly isAutomatedPartRecorded: boolean;
}

/**
 * `ContactLens.ConversationalAnalytics.Configuration` of the contact record, in its own spelling. `Enabled`: the flow has switched
 * it on and the instance allows it.
 */
export interface Analytics {
  readonly Enabled: boolean;
  readonly ChannelConfiguration: { readonly AnalyticsModes: readonly string[] };
  readonly LanguageLocale: string | null;
  readonly RedactionConfiguration: {
    readonly Behavior: "Enable" | "Disable";
    readonly Policy: string;
    readonly Entities: readonly string[] | null;
    readonly MaskMode: string | null;
  };
  readonly SentimentConfiguration: { readonly Behavior: "Enable" | "Disable" };
  readonly SummaryConfiguration: { readonly SummaryModes: readonly string[] };
}

export interface Endpoint {
  readonly type?: EndpointType | undefined;
  readonly address?: string | undefined;
  /** Who has it, as an e-mail says. */
  readonly displayName?: string | undefined;
}

export interface Recipient {
  readonly address: string;
  readonly displayName?: string | undefined;
}

export type References = Readonly<
  Record<string, { readonly type: ReferenceType; readonly value?: string | undefined }>
>;

export type SegmentAttributes = Readonly<Record<string, SegmentAttribute>>;

/** The segment attribute in which it is written what of a contact was deleted. */
export const REDACTED = "connect:RedactedFields";

export interface SegmentAttribute {
  readonly ValueString?: string | undefined;
  readonly ValueInteger?: number | undefined;
  readonly ValueArn?: string | undefined;
  readonly ValueMap?: SegmentAttributes | undefined;
  readonly ValueList?: readonly SegmentAttribute[] | undefined;
}

export const contacts: Collection<Contact> = collection("connect_contacts", {
  /** Contacts that have not ended, by channel. */
  open: {
    type: "text",
    value: (contact) =>
      contact.state === "DISCONNECTED" ? undefined : instanceKey(contact, contact.channel, contact.id),
  },
  /** Contacts that wait for an agent and are offered to none, by queue and channel, in the order that agents get them. */
  waiting: {
    type: "text",
    value: (contact) =>
      contact.queue && isWaiting(contact)
        ? instanceKey(contact, contact.queue.id, contact.channel, priorityOf(contact), queueAgeMs(contact), contact.id)
        : undefined,
  },
  /** The same contacts, in the order in which they came to the queue. */
  waitingSince: {
    type: "text",
    value: (contact) =>
      contact.queue && isWaiting(contact)
        ? instanceKey(contact, contact.queue.id, contact.channel, contact.queue.enqueueMs, contact.id)
        : undefined,
  },
  /** Contacts of a chain, under its root. */
  chain: { type: "text", value: (contact) => instanceKey(contact, contact.initialContactId ?? contact.id, contact.id) },
  initiated: { type: "text", value: (contact) => instanceKey(contact, contact.initiationMs, contact.id) },
  scheduled: { type: "text", value: timeKey((contact) => contact.scheduledMs) },
  enqueued: { type: "text", value: timeKey((contact) => contact.queue?.enqueueMs) },
  connectedToAgent: { type: "text", value: timeKey((contact) => contact.agent?.connectedMs) },
  disconnected: { type: "text", value: timeKey((contact) => contact.disconnectMs) },
  /** Contacts that continue another one. */
  previous: {
    type: "text",
    value: (contact) =>
      contact.previousContactId === undefined
        ? undefined
        : instanceKey(contact, contact.previousContactId, contact.channel, contact.id),
  },
  expires: { type: "integer", value: (contact) => retainedUntilMs(contact.initiationMs) },
});

/** `connect:Telephony`, … */
export function subtypeOf({ segmentAttributes }: Pick<Contact, "segmentAttributes">): string | undefined {
  return segmentAttributes["connect:Subtype"]?.ValueString;
}

/** "The default priority for new contacts is 5." */
const DEFAULT_PRIORITY = 5;

export function priorityOf(contact: Contact): number {
  return Math.min(contact.priority ?? DEFAULT_PRIORITY, Number.MAX_SAFE_INTEGER);
}

/** Since when routing counts a contact as waiting. */
export function queueAgeMs({ queue, queueTimeAdjustmentMs = 0 }: Contact): number {
  return Math.max((queue?.sinceMs ?? queue?.enqueueMs ?? 0) - queueTimeAdjustmentMs, 0);
}

/** Whether agents take it before its customer is on the line. */
export function isAgentFirst({ callback }: Contact): boolean {
  return callback !== undefined && !callback.isCustomerFirst;
}

/** A callback whose customer is not on the line yet: they are dialled once an agent has accepted. */
export function isDialledNext(contact: Contact): boolean {
  return isAgentFirst(contact) && contact.connectedToSystemMs === undefined;
}

/** Whether it may be offered now. */
export function isWaiting({ state, offer, pauses, callback }: Contact): boolean {
  return state === "QUEUED" && !offer && pauses?.sinceMs === undefined && callback?.waitsUntilMs === undefined;
}

export function contactQueueArn(instance: InstanceRef, { id, type }: Pick<ContactQueue, "id" | "type">): string {
  return resourceArn("queue", instance, type === "AGENT" ? `agent/${id}` : id);
}

function timeKey(timeOf: (contact: Contact) => number | undefined): (contact: Contact) => string | undefined {
  return (contact) => {
    const timeMs = timeOf(contact);
    return timeMs === undefined ? undefined : instanceKey(contact, timeMs, contact.id);
  };
}

/** Whole seconds of a time or a stretch as contact records count them: the difference of truncated times. */
export function wholeSeconds(fromMs: number, toMs: number): number {
  return Math.floor(toMs / 1_000) - Math.floor(fromMs / 1_000);
}

/** Contacts are kept this long from their initiation (DescribeContact). */
const RETENTION_MONTHS = 24;

export function retainedUntilMs(initiationMs: number): number {
  const date = new Date(initiationMs);
  return date.setUTCMonth(date.getUTCMonth() + RETENTION_MONTHS);
}

export function contactKey(contact: InstanceRef & { readonly id: string }): string {
  return instanceKey(contact, contact.id);
}

/** Finds a contact by id or ARN; `undefined` where the instance has none, or had it more than 24 months ago. */
export async function findContact(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
  nowMs: number,
): Promise<Contact | undefined> {
  const id = parseResourceId("contact", instance, idOrArn);
  const contact = id === undefined ? undefined : await reader.get(contacts, instanceKey(instance, id));
  return contact && retainedUntilMs(contact.initiationMs) > nowMs ? contact : undefined;
}

/** The same, or `ResourceNotFoundException`. */
export async function getContact(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
  nowMs: number,
): Promise<Contact> {
  const contact = await findContact(reader, instance, idOrArn, nowMs);
  if (!contact) throw notFound(`Contact ${idOrArn} does not exist in instance ${instance.instanceId}`);
  return contact;
}

/** A contact of any instance of the caller, by its ARN; `undefined` where there is none, or was more than 24 months ago. */
export async function findContactByArn(
  reader: Reader,
  caller: { readonly account: string; readonly region: string },
  arn: string,
  nowMs: number,
): Promise<Contact | undefined> {
  const { instance, resource } = parseArn(arn, caller) ?? {};
  if (!instance || resource?.kind !== "contact") return undefined;
  return findContact(reader, instance, resource.id, nowMs);
}

/** Where the customer of a contact is: one who is being handed over is on the next leg. */
export async function customerLegOf(reader: Reader, contact: Contact): Promise<Contact> {
  let leg = contact;
  while (leg.transferCompletedMs !== undefined && leg.nextContactId !== undefined) {
    const next: Contact | undefined = await reader.get(contacts, contactKey({ ...leg, id: leg.nextContactId }));
    if (!next || next.state === "DISCONNECTED") break;
    leg = next;
  }
  return leg;
}

/** Contacts of a chain, among which are at most 12 tasks; more are not read. */
const CHAIN_MAX = 100;

/** The chain that a contact is part of, itself included. */
export async function chainOf(reader: Reader, contact: Contact): Promise<readonly Contact[]> {
  const prefix = instanceKey(contact, contact.initialContactId ?? contact.id, "");
  return (await reader.list(contacts, { index: "chain", prefix, limit: CHAIN_MAX })).documents;
}

/** The caller's tags and those that the system sets on every contact. */
export function contactTags(contact: Contact): Record<string, string> {
  const { type, address } = contact.systemEndpoint ?? {};
  return {
    "aws:connect:instanceId": contact.instanceId,
    ...(type === "TELEPHONE_NUMBER" && address !== undefined && { "aws:connect:systemEndpoint": address }),
    ...contact.tags,
  };
}

/** When the other end began to ring, as known at a time. */
export function ringStartMs(contact: Contact, nowMs: number): number | undefined {
  const startMs = contact.call?.ringStartMs;
  return startMs !== undefined && startMs <= nowMs ? startMs : undefined;
}
