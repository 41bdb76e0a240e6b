import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
  ChangeMessageVisibilityRequest,
} from "@aws-sdk/client-sqs";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { checkBatch, runBatch } from "./batch.ts";
import { invalidValue, missingParameter } from "./errors.ts";
import { VISIBILITY_SECONDS_MAX } from "./limits.ts";
import { changeVisibility, findMessage, isHidden } from "./messages.ts";
import { getQueue, type Queue } from "./queue.ts";
import { decodeReceiptHandle } from "./receipt-handle.ts";

export async function changeMessageVisibility(
  input: Validated<ChangeMessageVisibilityRequest>,
  context: Context,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "ChangeMessageVisibility");
    await changeByHandle(unit, queue, input, context.clock.now());
  });
}

export async function changeMessageVisibilityBatch(
  input: Validated<ChangeMessageVisibilityBatchRequest>,
  context: Context,
): Promise<ChangeMessageVisibilityBatchResult> {
  checkBatch(input.Entries, "ChangeMessageVisibilityBatchRequestEntry");
  return await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "ChangeMessageVisibility");
    return await runBatch(input.Entries, async (entry) => {
      await changeByHandle(unit, queue, entry, context.clock.now());
      return { Id: entry.Id };
    });
  });
}

interface Change {
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number | undefined;
}

async function changeByHandle(unit: Unit, queue: Queue, change: Change, nowMs: number): Promise<void> {
  const { ReceiptHandle: handle, VisibilityTimeout: seconds } = change;
  if (seconds === undefined) throw missingParameter("VisibilityTimeout");
  if (seconds < 0 || seconds > VISIBILITY_SECONDS_MAX) {
    throw invalidValue(seconds, "VisibilityTimeout", `Must be between 0 and ${VISIBILITY_SECONDS_MAX}.`);
  }
  const receipt = decodeReceiptHandle(handle, queue);
  const message = await findMessage(unit, receipt.contents, receipt.sequence);
  if (message === undefined || message.receiveCount !== receipt.receiveCount) {
    throw invalidValue(
      handle,
      "ReceiptHandle",
      "Message does not exist or is not available for visibility timeout change.",
    );
  }
  // A standard queue takes the change after the time-out as well, as long as nobody received the message again.
  if (queue.fifo && !isHidden(message, nowMs)) {
    throw invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.");
  }
  const sinceReceiveMs = nowMs - (message.lastReceivedMs ?? nowMs);
  if (sinceReceiveMs + seconds * 1000 > VISIBILITY_SECONDS_MAX * 1000) {
    throw invalidValue(
      seconds,
      "VisibilityTimeout",
      `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds].`,
    );
  }
  changeVisibility(unit, message, seconds === 0 ? undefined : nowMs + seconds * 1000);
}
