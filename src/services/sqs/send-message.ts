import { createHash } from "node:crypto";
import type {
  SendMessageBatchRequest,
  SendMessageBatchRequestEntry,
  SendMessageBatchResult,
  SendMessageRequest,
  SendMessageResult,
} from "@aws-sdk/client-sqs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { checkBatch, runBatch } from "./batch.ts";
import { invalidParameterValue, invalidValue, missingParameter } from "./errors.ts";
import { DELAY_SECONDS_MAX, MESSAGE_BYTES_MAX } from "./limits.ts";
import {
  attributesBytes,
  attributesMd5,
  bodyMd5,
  checkCharacters,
  parseAttribute,
  parseMessageAttributes,
} from "./message-attributes.ts";
import { type Content, enqueue, findDuplicate, type MessageAttribute, rememberDeduplication } from "./messages.ts";
import { attributeMs, getQueue, type Queue } from "./queue.ts";

type GivenMessage = Omit<Validated<SendMessageBatchRequestEntry>, "Id">;

const NEED_DEDUPLICATION_ID =
  "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";

export async function sendMessage(input: Validated<SendMessageRequest>, context: Context): Promise<SendMessageResult> {
  const messageId = context.ids.uuid();
  return await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "SendMessage");
    const message = { ...parseMessage(queue, input, context.account), messageId };
    checkSize(queue, message.content, "are invalid");
    return await addMessage(unit, context, queue, message);
  });
}

export async function sendMessageBatch(
  input: Validated<SendMessageBatchRequest>,
  context: Context,
): Promise<SendMessageBatchResult> {
  checkBatch(input.Entries, "SendMessageBatchRequestEntry");
  const messageIds = input.Entries.map(() => context.ids.uuid());
  return await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "SendMessage");
    checkBatchForFifo(queue, input.Entries);
    checkBatchSize(input.Entries);
    return await runBatch(input.Entries, async (entry, index) => {
      const message = { ...parseMessage(queue, entry, context.account), messageId: messageIds[index] as string };
      checkSize(queue, message.content, "cannot be validated");
      return { Id: entry.Id, ...(await addMessage(unit, context, queue, message)) };
    });
  });
}

/** A message that may be sent to a queue, but for its size. */
interface OutgoingMessage {
  readonly messageId: string;
  readonly content: Content;
  readonly delayMs: number;
}

interface AddedMessage {
  MessageId: string;
  MD5OfMessageBody: string;
  MD5OfMessageAttributes?: string;
  MD5OfMessageSystemAttributes?: string;
  SequenceNumber?: string;
}

/** Puts a message into a queue, or finds that a FIFO queue has had it already. */
export async function addMessage(
  unit: Unit,
  platform: Pick<Platform, "clock" | "flow">,
  queue: Queue,
  message: OutgoingMessage,
): Promise<AddedMessage> {
  const sentMs = platform.clock.now();
  const { content } = message;
  const known = queue.fifo ? await findDuplicate(unit, queue, content, sentMs) : undefined;
  const messageId = known?.messageId ?? message.messageId;
  const sequence = known?.sequence ?? (await enqueue(unit, platform, queue, { ...message, sentMs, receiveCount: 0 }));
  if (queue.fifo && !known) await rememberDeduplication(unit, queue, content, { messageId, sequence, sentMs });
  return {
    MessageId: messageId,
    MD5OfMessageBody: bodyMd5(content.body),
    ...(Object.keys(content.attributes).length > 0 && { MD5OfMessageAttributes: attributesMd5(content.attributes) }),
    ...(content.traceHeader && {
      MD5OfMessageSystemAttributes: attributesMd5({ AWSTraceHeader: content.traceHeader }),
    }),
    ...(queue.fifo && { SequenceNumber: sequenceNumber(sequence) }),
  };
}

/** A message's place in a FIFO queue as the API shows it: twenty digits. */
export function sequenceNumber(sequence: number): string {
  return String(10n ** 19n + BigInt(sequence));
}

function parseMessage(queue: Queue, given: GivenMessage, senderId: string): Omit<OutgoingMessage, "messageId"> {
  const body = given.MessageBody;
  if (body === "") throw missingParameter("MessageBody");
  checkCharacters(body, (message) => new ModeledError("InvalidMessageContents", message));
  const traceHeader = parseTraceHeader(given);
  return {
    content: {
      body,
      attributes: parseMessageAttributes(given.MessageAttributes),
      senderId,
      ...(traceHeader && { traceHeader }),
      ...parseGroup(queue, given),
    },
    delayMs: parseDelayMs(queue, given.DelaySeconds),
  };
}

function parseTraceHeader(given: GivenMessage): MessageAttribute | undefined {
  const header = given.MessageSystemAttributes?.AWSTraceHeader;
  return header && parseAttribute("AWSTraceHeader", header);
}

/** Group and deduplication id. A standard queue may have groups (for fairness), which change nothing of the order. */
export function parseGroup(
  queue: Queue,
  given: Pick<GivenMessage, "MessageBody" | "MessageGroupId" | "MessageDeduplicationId">,
): Pick<Content, "groupId" | "deduplicationId"> {
  const { MessageGroupId: groupId, MessageDeduplicationId: givenId } = given;
  checkFifoId("MessageGroupId", groupId);
  checkFifoId("MessageDeduplicationId", givenId);
  if (!queue.fifo) {
    if (givenId === undefined) return groupId === undefined ? {} : { groupId };
    throw invalidValue(
      givenId,
      "MessageDeduplicationId",
      "The request includes a parameter that is not valid for this queue type.",
    );
  }
  if (groupId === undefined) throw missingParameter("MessageGroupId");
  const deduplicationId = givenId ?? contentDeduplicationId(queue, given.MessageBody);
  if (deduplicationId === undefined) throw invalidParameterValue(NEED_DEDUPLICATION_ID);
  return { groupId, deduplicationId };
}

function checkFifoId(parameter: string, id: string | undefined): void {
  // All printing characters of ASCII: alphanumeric and punctuation.
  if (id === undefined || /^[!-~]{1,128}$/.test(id)) return;
  throw invalidValue(
    id,
    parameter,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function contentDeduplicationId(queue: Queue, body: string): string | undefined {
  if (queue.attributes.ContentBasedDeduplication !== "true") return undefined;
  return createHash("sha256").update(body).digest("hex");
}

function parseDelayMs(queue: Queue, seconds: number | undefined): number {
  if (seconds === undefined) return attributeMs(queue, "DelaySeconds");
  if (seconds < 0 || seconds > DELAY_SECONDS_MAX) {
    throw invalidValue(seconds, "DelaySeconds", `DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`);
  }
  if (!queue.fifo) return seconds * 1000;
  if (seconds === 0) return attributeMs(queue, "DelaySeconds");
  throw invalidValue(seconds, "DelaySeconds", "The request include parameter that is not valid for this queue type.");
}

/** The service's sentence about a message that is too long differs between one message and a batch. */
export function checkSize(queue: Queue, content: Content, saying: "are invalid" | "cannot be validated"): void {
  const max = Number(queue.attributes.MaximumMessageSize);
  if (Buffer.byteLength(content.body) + attributesBytes(content.attributes) <= max) return;
  throw invalidParameterValue(`One or more parameters ${saying}. Reason: Message must be shorter than ${max} bytes.`);
}

/** In a batch these two fail all entries, whichever lacks the parameter. */
function checkBatchForFifo(queue: Queue, entries: readonly GivenMessage[]): void {
  if (!queue.fifo) return;
  if (
    queue.attributes.ContentBasedDeduplication !== "true" &&
    entries.some((entry) => entry.MessageDeduplicationId === undefined)
  ) {
    throw invalidParameterValue(NEED_DEDUPLICATION_ID);
  }
  if (entries.some((entry) => entry.MessageGroupId === undefined)) {
    throw invalidParameterValue("The request must contain the parameter MessageGroupId.");
  }
}

function checkBatchSize(entries: readonly GivenMessage[]): void {
  const bytes = entries.map(givenBytes).reduce((sum, entryBytes) => sum + entryBytes, 0);
  if (bytes <= MESSAGE_BYTES_MAX) return;
  throw new ModeledError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${MESSAGE_BYTES_MAX} bytes. You have sent ${bytes} bytes.`,
  );
}

/** The size of an entry that has not been checked yet. */
function givenBytes(entry: GivenMessage): number {
  const attributes = Object.entries(entry.MessageAttributes ?? {});
  return attributes
    .map(([name, { DataType, StringValue = "", BinaryValue }]) =>
      [name, DataType, StringValue].reduce((sum, text) => sum + Buffer.byteLength(text), BinaryValue?.length ?? 0),
    )
    .reduce((sum, bytes) => sum + bytes, Buffer.byteLength(entry.MessageBody));
}
