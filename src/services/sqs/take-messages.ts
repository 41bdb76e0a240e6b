/** Messages for a reader of our own, an event source mapping: taken and deleted in its units. */
import type { MessageSystemAttributeName } from "@aws-sdk/client-sqs";
import type { Reader, Store, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { bodyMd5 } from "./message-attributes.ts";
import {
  countOfAll,
  findMessage,
  hasReady,
  type MessageAttribute,
  messages,
  nextVisibleMs,
  receive,
  remove,
} from "./messages.ts";
import { attributeMs, contentsOf, type Queue } from "./queue.ts";
import { decodeReceiptHandle, encodeReceiptHandle } from "./receipt-handle.ts";
import { systemAttributes } from "./receive-message.ts";

export interface TakenMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly systemAttributes: Partial<Record<MessageSystemAttributeName, string>>;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

/** Takes up to `limit` messages, as ReceiveMessage does, and hides them for the queue's visibility timeout. */
export async function takeMessages(
  unit: Unit,
  platform: Pick<Platform, "flow" | "clock">,
  queue: Queue,
  limit: number,
): Promise<TakenMessage[]> {
  const visibilityMs = attributeMs(queue, "VisibilityTimeout");
  const received = await receive(unit, platform, queue, { limit, visibilityMs });
  return received.map(({ message, content }) => ({
    messageId: message.messageId,
    receiptHandle: encodeReceiptHandle(message),
    body: content.body,
    bodyMd5: bodyMd5(content.body),
    systemAttributes: systemAttributes(queue, { message, content }),
    attributes: content.attributes,
  }));
}

/** Deletes messages that were taken, but for those that somebody else has received since. */
export async function deleteTaken(unit: Unit, queue: Queue, taken: readonly TakenMessage[]): Promise<void> {
  for (const { receiptHandle } of taken) {
    const receipt = decodeReceiptHandle(receiptHandle, queue);
    const message = await findMessage(unit, receipt.contents, receipt.sequence);
    if (message?.receiveCount === receipt.receiveCount) await remove(unit, message);
  }
}

/** What a queue holds, as far as a few reads tell. */
export interface QueueLook {
  /** Messages, hidden ones among them. */
  readonly total: number;
  /** Whether some can be received now. */
  readonly isReady: boolean;
  /** When the next hidden one comes back. */
  readonly nextVisibleMs: number | undefined;
}

export async function peekQueue(reader: Reader, queue: Queue, nowMs: number): Promise<QueueLook> {
  const contents = contentsOf(queue);
  const hiddenUntilMs = await nextVisibleMs(reader, contents);
  const isBack = hiddenUntilMs !== undefined && hiddenUntilMs <= nowMs;
  return {
    total: await countOfAll(reader, contents),
    isReady: isBack || (await hasReady(reader, contents)),
    nextVisibleMs: hiddenUntilMs,
  };
}

/** Calls back after each commit that changed a message of a queue. */
export function watchQueue(store: Store, queue: Queue, callback: () => void): Disposable {
  return store.watchCollection(messages.name, (ids) => {
    if (ids.some((id) => id.startsWith(`${queue.id}.`))) callback();
  });
}
