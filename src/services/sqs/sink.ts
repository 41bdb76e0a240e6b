import { createHash } from "node:crypto";
import type { Sink, SinkOutcome, SinkRequest } from "../../flow/sink.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { checkCharacters, parseMessageAttributes } from "./message-attributes.ts";
import { findQueueByArn, type Queue, attributeMs } from "./queue.ts";
import { addMessage, checkSize, parseGroup } from "./send-message.ts";

/** Queues as targets and as dead-letter queues of rules: each request is one message, its attributes of type `String`. */
export function sqsSink(platform: Pick<Platform, "clock" | "flow">): Sink {
  return {
    async append(unit, arn, requests) {
      const queue = await findQueueByArn(unit, arn);
      const outcomes: SinkOutcome[] = [];
      for (const request of requests) outcomes.push(await appendOne(unit, platform, queue, request));
      return outcomes;
    },
  };
}

async function appendOne(
  unit: Unit,
  platform: Pick<Platform, "clock" | "flow">,
  queue: Queue | undefined,
  request: SinkRequest,
): Promise<SinkOutcome> {
  if (queue === undefined) {
    return { code: "NO_RESOURCE", message: "The specified queue does not exist.", retryable: false };
  }
  if (queue.account !== request.account) {
    return { code: "NO_PERMISSIONS", message: "The queue belongs to another account.", retryable: false };
  }
  try {
    await sendToQueue(unit, platform, queue, {
      body: request.body,
      attributes: request.attributes ?? {},
      senderId: request.account,
      ...(request.key !== undefined && { groupId: request.key }),
      // The same for every run of the unit and every attempt.
      messageId: uuidFrom(request.deliveryId, queue.id),
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return { code: "INVALID_PARAMETER", message: error.message, retryable: false };
  }
}

/** A message that another part of the system sends, inside a unit. */
export interface InternalMessage {
  readonly body: string;
  /** Become attributes of type `String`; empty ones are left out, since SQS has none. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly senderId: string;
  /** A FIFO queue needs it, and its deduplication by content. */
  readonly groupId?: string;
  /** A UUID that does not change when the unit runs again. */
  readonly messageId: string;
}

/** Sends a message inside a unit. Throws the modelled error that SendMessage would answer with. */
export async function sendToQueue(
  unit: Unit,
  platform: Pick<Platform, "clock" | "flow">,
  queue: Queue,
  message: InternalMessage,
): Promise<void> {
  checkCharacters(message.body, (text) => new ModeledError("InvalidMessageContents", text));
  const given = Object.entries(message.attributes).filter(([, value]) => value !== "");
  const content = {
    body: message.body,
    attributes: parseMessageAttributes(
      Object.fromEntries(given.map(([name, value]) => [name, { DataType: "String", StringValue: value }])),
    ),
    senderId: message.senderId,
    ...parseGroup(queue, {
      MessageBody: message.body,
      ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
    }),
  };
  checkSize(queue, content, "are invalid");
  await addMessage(unit, platform, queue, {
    messageId: message.messageId,
    content,
    delayMs: attributeMs(queue, "DelaySeconds"),
  });
}

function uuidFrom(...parts: string[]): string {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
