import type { Reader } from "../../../store/store.ts";
import { instanceArn, instanceKey, resourceArn } from "../arns.ts";
import { attributesOf } from "../contact-attributes.ts";
import { type Contact, contactTags, type SegmentAttribute } from "../contacts.ts";
import type { FlowAction, FlowKind, JsonObject } from "../flow-language/flow.ts";
import { type ReferencePath, resolveReferences, rootsIn, textOf } from "../flow-language/references.ts";
import { outboundNumberOf, queueArn, queues } from "../queues.ts";
import { users } from "../users.ts";
import type { FlowProgress, Frame } from "./flow-runs.ts";

/** What references of a run can see: the value of each root that is wanted. */
export type ReferenceValues = Readonly<Record<string, unknown>>;

/** A run, as far as references look at it. */
export interface Seen {
  readonly contact: Contact;
  readonly kind: FlowKind;
  readonly progress: FlowProgress;
  readonly frame: Frame;
}

/** Whether an action, its operands included, refers to anything. */
export function hasReferences(action: FlowAction): boolean {
  return rootsOf(action).length > 0;
}

/** Reads what the references in an action lead to. */
export async function valuesFor(reader: Reader, action: FlowAction, seen: Seen): Promise<ReferenceValues> {
  const values: Record<string, unknown> = {};
  for (const root of rootsOf(action)) values[root] = await valueOfRoot(reader, root, seen);
  return values;
}

/** Parameters with their references replaced, in keys too. An object is left as the value of a reference to one. */
export function resolveParameters(parameters: JsonObject, values: ReferenceValues): JsonObject {
  return resolved(parameters, values) as JsonObject;
}

export function resolveText(text: string, values: ReferenceValues): string | undefined {
  return textOf(resolveReferences(text, (path) => valueAt(values, path)));
}

function resolved(value: unknown, values: ReferenceValues): unknown {
  if (typeof value === "string") return resolveReferences(value, (path) => valueAt(values, path));
  if (Array.isArray(value)) return value.map((member) => resolved(member, values));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [
    resolveText(key, values) ?? "",
    resolved(member, values),
  ]);
  return Object.fromEntries(entries);
}

/** What a path leads to; null where nothing is. */
export function valueAt(values: ReferenceValues, path: ReferencePath): unknown {
  let value: unknown = values;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Record<string, unknown>)[key];
  }
  return value ?? null;
}

const ROOTS_OF = new WeakMap<FlowAction, readonly string[]>();

function rootsOf(action: FlowAction): readonly string[] {
  const known = ROOTS_OF.get(action);
  if (known) return known;
  const texts: string[] = action.conditions.map(({ operand }) => operand);
  collectTexts(action.parameters, texts);
  const roots = [...new Set(texts.flatMap(rootsIn))];
  ROOTS_OF.set(action, roots);
  return roots;
}

function collectTexts(value: unknown, into: string[]): void {
  if (typeof value === "string") into.push(value);
  else if (typeof value === "object" && value !== null) {
    if (!Array.isArray(value)) into.push(...Object.keys(value));
    for (const member of Object.values(value)) collectTexts(member, into);
  }
}

/** "List of available contact attributes and their JSONPath references", administrator guide. Of roots that nothing fills yet: null. */
async function valueOfRoot(reader: Reader, root: string, { contact, kind, progress, frame }: Seen): Promise<unknown> {
  switch (root) {
    case "ContactId":
      return contact.id;
    case "InitialContactId":
      return contact.initialContactId ?? contact.id;
    case "PreviousContactId":
      return contact.previousContactId ?? contact.id;
    case "RelatedContactId":
      return contact.relatedContactId;
    case "Task":
      return { ContactId: progress.taskId };
    case "Channel":
      return contact.channel;
    case "InitiationMethod":
      return kind === "AGENT_WHISPER" || kind === "CUSTOMER_WHISPER" ? null : contact.initiationMethod;
    case "InstanceARN":
      return instanceArn(contact);
    case "AwsRegion":
      return contact.region;
    case "CustomerEndpoint":
      return endpoint(contact.customerEndpoint);
    case "SystemEndpoint":
      return endpoint(contact.systemEndpoint);
    case "CustomerCallbackNumber":
      return contact.callbackNumber ?? (contact.channel === "VOICE" ? contact.customerEndpoint?.address : null);
    case "CustomerId":
      return contact.customerId;
    case "Name":
      return contact.name;
    case "Description":
      return contact.description;
    case "LanguageCode":
      return contact.languageCode;
    case "TextToSpeechVoiceId":
      return contact.textToSpeechVoice;
    case "References":
      return Object.fromEntries(
        Object.entries(contact.references ?? {}).map(([name, { type, value }]) => [name, { Type: type, Value: value }]),
      );
    case "Tags":
      return contactTags(contact);
    case "Attributes":
      return attributesOf(reader, contact);
    case "SegmentAttributes":
      return Object.fromEntries(
        Object.entries(contact.segmentAttributes).map(([name, attribute]) => [name, segmentValue(attribute)]),
      );
    case "Email":
      return { Subject: contact.segmentAttributes["connect:EmailSubject"]?.ValueString };
    case "Queue":
      return workingQueue(reader, contact);
    case "Agent":
      return agentOf(reader, contact, kind);
    case "FlowAttributes":
      return frame.flowAttributes;
    case "StoredCustomerInput":
      return progress.input;
    case "External":
      return progress.external;
    case "Metrics":
      return progress.metrics;
    default:
      return null;
  }
}

function endpoint(found: Contact["customerEndpoint"]): unknown {
  return { Address: found?.address, Type: found?.type };
}

/** The value itself, without the member that tells its type. */
function segmentValue({ ValueString, ValueInteger, ValueArn, ValueMap, ValueList }: SegmentAttribute): unknown {
  if (ValueMap) {
    return Object.fromEntries(Object.entries(ValueMap).map(([name, attribute]) => [name, segmentValue(attribute)]));
  }
  return ValueString ?? ValueInteger ?? ValueArn ?? ValueList?.map(segmentValue);
}

/** The queue that is chosen, as flows and their functions see it; null where none is. */
export async function workingQueue(reader: Reader, contact: Contact): Promise<unknown> {
  const id = contact.queue?.id ?? contact.targetQueueId;
  const queue = id === undefined ? undefined : await reader.get(queues, instanceKey(contact, id));
  if (!queue) return null;
  const number = await outboundNumberOf(reader, queue);
  return {
    Name: queue.type === "AGENT" ? null : queue.name,
    ARN: queueArn(queue),
    OutboundCallerId: number ? { Address: number, Type: "TELEPHONE_NUMBER" } : null,
  };
}

/** In whispers and hold flows the agent who has the contact or is about to; in a transfer to an agent that one. */
async function agentOf(reader: Reader, contact: Contact, kind: FlowKind): Promise<unknown> {
  const whoever = contact.offer?.agentId ?? contact.agent?.id ?? contact.dialledBy;
  const id = kind === "AGENT_TRANSFER" ? contact.targetQueueId : isBesideAgent(kind) ? whoever : undefined;
  const user = id === undefined ? undefined : await reader.get(users, instanceKey(contact, id));
  return (
    user && {
      UserName: user.name,
      FirstName: user.identity.FirstName,
      LastName: user.identity.LastName,
      ARN: resourceArn("user", contact, user.id),
    }
  );
}

function isBesideAgent(kind: FlowKind): boolean {
  return kind.endsWith("_WHISPER") || kind.endsWith("_HOLD");
}
