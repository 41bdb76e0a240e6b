import type {
  AnsweringMachineDetectionStatus,
  Channel,
  ContactInitiationMethod,
  EndpointType,
  ReferenceType,
} from "@aws-sdk/client-connect";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { type InstanceRef, instanceKey, parseResourceId } from "./arns.ts";
import { notFound } from "./errors.ts";

/**
 * One contact, from its creation until 24 months later. What changes it is in `contact-transitions.ts`:
 *
 *     INITIATED ─► CONNECTED_TO_SYSTEM ─► QUEUED ─► DISCONNECTED
 *         └──────────────┴──────────────────┴────────────▲
 */
export interface Contact extends InstanceRef {
  readonly id: string;
  readonly state: "INITIATED" | "CONNECTED_TO_SYSTEM" | "QUEUED" | "DISCONNECTED";
  readonly channel: Channel;
  readonly initiationMethod: ContactInitiationMethod;
  /** The root of the chain that this contact continues; absent on the root itself. */
  readonly initialContactId?: string | undefined;
  readonly previousContactId?: string | undefined;
  readonly relatedContactId?: string | undefined;
  /** The root of the tree of previous and related contacts. */
  readonly associationId: string;
  readonly flowId?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly references?: References | undefined;
  readonly segmentAttributes: SegmentAttributes;
  /** The caller's own; `contactTags` adds those of the system. */
  readonly tags: Readonly<Record<string, string>>;
  readonly customerEndpoint?: Endpoint | undefined;
  readonly systemEndpoint?: Endpoint | undefined;
  /** The queue that the request named, where the flow sends the contact to. */
  readonly targetQueueId?: string | undefined;
  readonly queue?: { readonly id: string; readonly enqueueMs: number } | undefined;
  readonly call?: OutboundCall | undefined;
  readonly campaignId?: string | undefined;
  readonly answeringMachineDetectionStatus?: AnsweringMachineDetectionStatus | undefined;
  readonly greeting?: { readonly startMs: number; readonly endMs: number } | undefined;
  readonly initiationMs: number;
  /** When the contact's flow starts, where that is not at once. */
  readonly scheduledMs?: number | undefined;
  readonly connectedToSystemMs?: number | undefined;
  readonly disconnectMs?: number | undefined;
  readonly disconnectReason?: string | undefined;
  readonly lastUpdateMs: number;
  /** How many contact events tell of this contact so far. Gives the next one its id. */
  readonly eventCount: number;
}

/** A call that the system dials. */
interface OutboundCall {
  /** When the other end begins to ring; may lie ahead. Absent: it never does. */
  readonly ringStartMs?: number | undefined;
  readonly ringTimeoutMs: number;
  readonly isCampaign: boolean;
  readonly detectsMachines: boolean;
}

export interface Endpoint {
  readonly type?: EndpointType | undefined;
  readonly address?: string | undefined;
}

export type References = Readonly<
  Record<string, { readonly type: ReferenceType; readonly value?: string | undefined }>
>;

export type SegmentAttributes = Readonly<Record<string, SegmentAttribute>>;

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
  /** Contacts that wait, by queue, the oldest first. */
  waiting: {
    type: "text",
    value: (contact) =>
      contact.state === "QUEUED" && contact.queue
        ? instanceKey(contact, contact.queue.id, contact.queue.enqueueMs, contact.id)
        : undefined,
  },
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

/** The caller's tags and those that the system sets on every contact. */
export function contactTags(contact: Contact): Record<string, string> {
  const address = contact.systemEndpoint?.address;
  return {
    "aws:connect:instanceId": contact.instanceId,
    ...(address === undefined ? {} : { "aws:connect:systemEndpoint": address }),
    ...contact.tags,
  };
}

/** When the other end began to ring, as known at a time. */
export function ringStartMs(contact: Contact, nowMs: number): number | undefined {
  const startMs = contact.call?.ringStartMs;
  return startMs !== undefined && startMs <= nowMs ? startMs : undefined;
}
