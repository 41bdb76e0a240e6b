import type { MessageAttributeValue } from "@aws-sdk/client-sns";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { isJsonObject, parseJsonObject } from "../json-text.ts";
import { invalidParameter } from "./errors.ts";

/** By name; a binary value is base64. */
export type MessageAttributes = Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;

/** A message on its way to the subscriptions of a topic. Plain JSON. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly timeMs: number;
  readonly subject?: string;
  /** What is delivered where its protocol has no text of its own. */
  readonly text: string;
  /** By protocol: `MessageStructure` json. */
  readonly textOf?: Readonly<Record<string, string>>;
  readonly attributes: MessageAttributes;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Of a FIFO topic: twenty digits. */
  readonly sequenceNumber?: string;
  /** By text. */
  readonly signatures?: Readonly<Record<string, string>>;
}

/** What a caller gives of a message, alone or in a batch. */
export interface GivenMessage {
  readonly Message: string;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: Readonly<Record<string, Validated<MessageAttributeValue>>> | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

/** A message with its attributes: 256 KiB, from the API reference of `Publish`. */
export const MESSAGE_BYTES_MAX = 262_144;

/** Checks a message as far as its topic does not matter. */
export function parseMessage(
  given: GivenMessage,
  id: { readonly messageId: string; readonly timeMs: number },
): PublishedMessage {
  const { Message, Subject, MessageStructure, MessageGroupId, MessageDeduplicationId } = given;
  if (Message === "") throw invalidParameter("Empty message");
  checkCharacters(Message, "Message");
  // "Subjects must be UTF-8 text with no line breaks or control characters, and less than 100 characters long."
  if (Subject !== undefined && !/^[^\p{Cc}]{1,100}$/u.test(Subject)) throw invalidParameter("Subject");
  const attributes = parseAttributes(given.MessageAttributes ?? {});
  checkFifoId("MessageGroupId", MessageGroupId);
  checkFifoId("MessageDeduplicationId", MessageDeduplicationId);
  const message: PublishedMessage = {
    ...id,
    ...structured(Message, MessageStructure),
    ...(Subject !== undefined && { subject: Subject }),
    attributes,
    ...(MessageGroupId !== undefined && { groupId: MessageGroupId }),
    ...(MessageDeduplicationId !== undefined && { deduplicationId: MessageDeduplicationId }),
  };
  if (givenBytes(given) > MESSAGE_BYTES_MAX) throw invalidParameter("Message too long");
  return message;
}

/** The text for a protocol. */
export function textFor({ text, textOf = {} }: PublishedMessage, protocol: string): string {
  return Object.hasOwn(textOf, protocol) ? (textOf[protocol] as string) : text;
}

/** What a message counts for: its body, and the names, types and values of its attributes. */
export function givenBytes({ Message, MessageAttributes = {} }: GivenMessage): number {
  return Object.entries(MessageAttributes)
    .map(([name, { DataType, StringValue = "", BinaryValue }]) =>
      [name, DataType, StringValue].reduce((sum, text) => sum + Buffer.byteLength(text), BinaryValue?.length ?? 0),
    )
    .reduce((sum, bytes) => sum + bytes, Buffer.byteLength(Message));
}

function structured(body: string, structure: string | undefined): Pick<PublishedMessage, "text" | "textOf"> {
  if (structure === undefined) return { text: body };
  if (structure !== "json") throw invalidParameter("Message Structure");
  const parsed = parseJsonObject(body);
  if (parsed === undefined || !isJsonObject(parsed)) {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  const { default: text } = parsed;
  if (typeof text !== "string") throw invalidParameter("Message Structure - No default entry in JSON message body");
  const texts = Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { text, textOf: Object.fromEntries(texts) };
}

/** XML cannot carry some characters, and neither SQS nor a subscriber's XML parser takes them. */
function checkCharacters(text: string, parameter: string): void {
  if (/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text)) return;
  throw invalidParameter(`${parameter} Reason: it has characters that are not allowed`);
}

function checkFifoId(parameter: string, id: string | undefined): void {
  if (id === undefined || /^[!-~]{1,128}$/.test(id)) return;
  throw invalidParameter(
    `${parameter} Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
  );
}

function parseAttributes(given: Readonly<Record<string, Validated<MessageAttributeValue>>>): MessageAttributes {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [checkedName(name), parseAttribute(name, value)]),
  );
}

function checkedName(name: string): string {
  if (name === "") throw invalidValue("The message attribute name must not be empty.");
  if (Buffer.byteLength(name) >= 256)
    throw invalidValue("Length of message attribute name must be less than 256 bytes.");
  if (name.startsWith(".")) throw invalidValue("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith(".")) throw invalidValue("Invalid message attribute name ending with character '.' was found.");
  if (name.includes("..")) throw invalidValue("Message attribute name can not have successive '.' character.");
  const [odd] = /[^\w.-]/u.exec(name) ?? [];
  if (odd === undefined) return name;
  const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase();
  throw invalidValue(
    `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
  );
}

function parseAttribute(
  name: string,
  { DataType: dataType, StringValue, BinaryValue }: Validated<MessageAttributeValue>,
): MessageAttributes[string] {
  const [, base] = /^(String|Number|Binary)(?:\..*)?$/s.exec(dataType) ?? [];
  if (base === undefined) {
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const wanted = base === "Binary" ? BinaryValue : StringValue;
  const other = base === "Binary" ? StringValue : BinaryValue;
  if (other?.length && !wanted?.length) {
    const field = base === "Binary" ? "Binary" : "String";
    throw invalidValue(`The message attribute '${name}' with type '${base}' must use field '${field}'.`);
  }
  if (!wanted?.length) {
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${base}'.`,
    );
  }
  if (typeof wanted !== "string") return { dataType, value: Buffer.from(wanted).toString("base64") };
  checkCharacters(wanted, `Attribute ${name}`);
  if (base === "Number" && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(wanted)) {
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  }
  return { dataType, value: wanted };
}

function invalidValue(message: string): ModeledError {
  return new ModeledError("InvalidParameterValueException", message);
}
