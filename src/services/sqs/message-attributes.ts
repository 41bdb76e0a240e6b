import { createHash } from "node:crypto";
import type { MessageAttributeValue, MessageSystemAttributeValue } from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { invalidParameterValue } from "./errors.ts";
import { MESSAGE_ATTRIBUTES_MAX } from "./limits.ts";
import type { MessageAttribute } from "./messages.ts";

type Given = Validated<MessageAttributeValue> | Validated<MessageSystemAttributeValue>;
type Attributes = Readonly<Record<string, MessageAttribute>>;

/** Which of the two transports a value takes in the digest. */
const TEXT_TRANSPORT = 1;
const BYTES_TRANSPORT = 2;

/** The attributes that a sender gave, checked. */
export function parseMessageAttributes(given: Readonly<Record<string, Given>> = {}): Attributes {
  const names = Object.keys(given);
  if (names.length > MESSAGE_ATTRIBUTES_MAX) {
    throw invalidParameterValue(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${MESSAGE_ATTRIBUTES_MAX}].`,
    );
  }
  for (const name of names) checkName(name);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, parseAttribute(name, value)]));
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) >= 256) {
    throw invalidParameterValue("Message (user) attribute names must be shorter than 256 Bytes");
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidParameterValue(
      "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. ",
    );
  }
  if (/^(aws\.|amazon\.|\.)|\.$/i.test(name)) {
    throw invalidParameterValue(
      "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use. Additionally, they cannot start or end with '.'.",
    );
  }
}

/** One attribute: its data type is `String`, `Number` or `Binary`, with a label of the sender's behind a dot where wanted. */
export function parseAttribute(name: string, given: Given): MessageAttribute {
  const dataType = given.DataType;
  const [, base] = /^(String|Number|Binary)(?:\..*)?$/s.exec(dataType) ?? [];
  if (base === undefined) {
    throw invalidParameterValue(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (Buffer.byteLength(dataType) >= 256) {
    throw invalidParameterValue("Message (user) attribute types must be shorter than 256 Bytes");
  }
  if (given.StringListValues?.length || given.BinaryListValues?.length) {
    throw new ModeledError(
      "UnsupportedOperation",
      "Message attribute list values in SendMessage operation are not supported.",
    );
  }
  const value =
    base === "Binary" ? given.BinaryValue && Buffer.from(given.BinaryValue).toString("base64") : given.StringValue;
  if (!value) {
    throw invalidParameterValue(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${base === "Binary" ? "Binary" : "String"}'.`,
    );
  }
  if (base === "String") checkCharacters(value, invalidParameterValue);
  if (base === "Number" && !isNumber(value)) {
    throw invalidParameterValue(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
  return { dataType, value };
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

/** Refuses what XML cannot carry; the service refuses it in both of its protocols. */
export function checkCharacters(text: string, refuse: (message: string) => ModeledError): void {
  if (/^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(text)) return;
  throw refuse(
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
  );
}

/** What attributes count for in a message's size: names, types and values. */
export function attributesBytes(attributes: Attributes): number {
  return Object.entries(attributes)
    .map(
      ([name, { dataType, value }]) =>
        Buffer.byteLength(name) + Buffer.byteLength(dataType) + bytesOf({ dataType, value }).length,
    )
    .reduce((sum, bytes) => sum + bytes, 0);
}

/**
 * The MD5 that clients compare: over all attributes in the order of their names, each as length and name, length and type,
 * the transport, length and value.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
export function attributesMd5(attributes: Attributes): string {
  const hash = createHash("md5");
  const update = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name] as MessageAttribute;
    update(Buffer.from(name));
    update(Buffer.from(attribute.dataType));
    hash.update(Buffer.of(isBinary(attribute) ? BYTES_TRANSPORT : TEXT_TRANSPORT));
    update(bytesOf(attribute));
  }
  return hash.digest("hex");
}

export function bodyMd5(body: string): string {
  return createHash("md5").update(body).digest("hex");
}

/** An attribute as the API gives it back. */
export function toAttributeValue(attribute: MessageAttribute): MessageAttributeValue {
  return isBinary(attribute)
    ? { DataType: attribute.dataType, BinaryValue: bytesOf(attribute) }
    : { DataType: attribute.dataType, StringValue: attribute.value };
}

function isBinary(attribute: MessageAttribute): boolean {
  return attribute.dataType.startsWith("Binary");
}

function bytesOf(attribute: MessageAttribute): Buffer {
  return Buffer.from(attribute.value, isBinary(attribute) ? "base64" : "utf8");
}
