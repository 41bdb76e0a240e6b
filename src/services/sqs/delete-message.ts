import type { DeleteMessageBatchRequest, DeleteMessageBatchResult, DeleteMessageRequest } from "@aws-sdk/client-sqs";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { checkBatch, runBatch } from "./batch.ts";
import { invalidValue } from "./errors.ts";
import { findMessage, isHidden, remove } from "./messages.ts";
import { getQueue, type Queue } from "./queue.ts";
import { decodeReceiptHandle } from "./receipt-handle.ts";

export async function deleteMessage(input: Validated<DeleteMessageRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "DeleteMessage");
    await deleteByHandle(unit, queue, input.ReceiptHandle, context.clock.now());
  });
}

export async function deleteMessageBatch(
  input: Validated<DeleteMessageBatchRequest>,
  context: Context,
): Promise<DeleteMessageBatchResult> {
  checkBatch(input.Entries, "DeleteMessageBatchRequestEntry");
  return await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "DeleteMessage");
    return await runBatch(input.Entries, async (entry) => {
      await deleteByHandle(unit, queue, entry.ReceiptHandle, context.clock.now());
      return { Id: entry.Id };
    });
  });
}

/**
 * Deletes what a handle stands for. Succeeds where the message is gone already, and, without deleting, where it was received
 * again since. A FIFO queue refuses a handle whose time is over, because the message may be with another consumer soon.
 */
async function deleteByHandle(unit: Unit, queue: Queue, handle: string, nowMs: number): Promise<void> {
  const receipt = decodeReceiptHandle(handle, queue);
  const message = await findMessage(unit, receipt.contents, receipt.sequence);
  if (message === undefined) return;
  const latest = message.receiveCount === receipt.receiveCount;
  if (queue.fifo && !(latest && isHidden(message, nowMs))) {
    throw invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.");
  }
  if (latest) await remove(unit, message);
}
