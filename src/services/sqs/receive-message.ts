import type {
  Message,
  MessageSystemAttributeName,
  ReceiveMessageRequest,
  ReceiveMessageResult,
} from "@aws-sdk/client-sqs";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { invalidValue } from "./errors.ts";
import { RECEIVED_MESSAGES_MAX, VISIBILITY_SECONDS_MAX, WAIT_SECONDS_MAX } from "./limits.ts";
import { attributesMd5, bodyMd5, toAttributeValue } from "./message-attributes.ts";
import { messages, nextVisibleMs, type Received, receive } from "./messages.ts";
import { attributeMs, contentsOf, getQueue, type Queue } from "./queue.ts";
import { isQueueAttribute, unknownAttribute } from "./queue-attributes.ts";
import { encodeReceiptHandle } from "./receipt-handle.ts";
import { sequenceNumber } from "./send-message.ts";

type Input = Validated<ReceiveMessageRequest>;

/**
 * What a message tells of itself. `AttributeNames`, which is older than `MessageSystemAttributeNames`, takes these too, although
 * the model types it as names of queue attributes.
 */
const SYSTEM_ATTRIBUTES: readonly string[] = [
  "SenderId",
  "SentTimestamp",
  "ApproximateReceiveCount",
  "ApproximateFirstReceiveTimestamp",
  "SequenceNumber",
  "MessageDeduplicationId",
  "MessageGroupId",
  "AWSTraceHeader",
  "DeadLetterQueueSourceArn",
];

/**
 * Takes up to ten messages. Where there are none it waits, as long as asked for, for one to be sent or to become visible
 * again: by the wall clock, since the wait is the client's, while the messages live by the domain's clock.
 */
export async function receiveMessage(input: Input, context: Context): Promise<ReceiveMessageResult> {
  checkRange(input.WaitTimeSeconds, "WaitTimeSeconds", WAIT_SECONDS_MAX);
  checkRange(input.VisibilityTimeout, "VisibilityTimeout", VISIBILITY_SECONDS_MAX);
  const limit = input.MaxNumberOfMessages ?? 1;
  if (limit < 1 || limit > RECEIVED_MESSAGES_MAX) {
    throw invalidValue(limit, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.");
  }
  const unknown = input.AttributeNames?.find((name) => !isQueueAttribute(name) && !SYSTEM_ATTRIBUTES.includes(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  const queue = await getQueue(context.store, input.QueueUrl, context, "ReceiveMessage");
  const waitMs =
    input.WaitTimeSeconds === undefined
      ? attributeMs(queue, "ReceiveMessageWaitTimeSeconds")
      : input.WaitTimeSeconds * 1000;
  const endMs = context.wall.monotonicMs() + waitMs;

  while (!context.signal.aborted) {
    // Watching begins before the look, so that nothing can come between the two unseen.
    using changes = watch(context, contentsOf(queue));
    const received = await attempt(input, context, limit);
    const restMs = endMs - context.wall.monotonicMs();
    if (received.length > 0 || restMs <= 0) {
      // The service leaves the member out where there are none.
      return received.length === 0 ? {} : { Messages: received };
    }
    await changes.next(restMs, await nextVisibleMs(context.store, contentsOf(queue)));
  }
  return {};
}

function checkRange(seconds: number | undefined, parameter: string, max: number): void {
  if (seconds === undefined || (seconds >= 0 && seconds <= max)) return;
  throw invalidValue(seconds, parameter, `Must be >= 0 and <= ${max}, if provided.`);
}

async function attempt(input: Input, context: Context, limit: number): Promise<Message[]> {
  return await context.store.commit(async (unit) => {
    const queue = await getQueue(unit, input.QueueUrl, context, "ReceiveMessage");
    const visibilityMs =
      input.VisibilityTimeout === undefined ? attributeMs(queue, "VisibilityTimeout") : input.VisibilityTimeout * 1000;
    const received = await receive(unit, context, queue, { limit, visibilityMs });
    return received.map((one) => toMessage(queue, one, input));
  });
}

function toMessage(queue: Queue, { message, content }: Received, input: Input): Message {
  const systemAttributes = pickSystemAttributes(queue, { message, content }, input);
  const attributes = Object.fromEntries(
    Object.entries(content.attributes).filter(([name]) => isWanted(name, input.MessageAttributeNames ?? [])),
  );
  const has = (members: object): boolean => Object.keys(members).length > 0;
  return {
    MessageId: message.messageId,
    ReceiptHandle: encodeReceiptHandle(message),
    MD5OfBody: bodyMd5(content.body),
    Body: content.body,
    ...(has(systemAttributes) && { Attributes: systemAttributes }),
    ...(has(attributes) && {
      // Over those that are given out, not over all that were sent.
      MD5OfMessageAttributes: attributesMd5(attributes),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, attribute]) => [name, toAttributeValue(attribute)]),
      ),
    }),
  };
}

/** A name list holds names, `All` or `.*` for all, and prefixes as `foo.*`. */
function isWanted(name: string, names: readonly string[]): boolean {
  return names.some((wanted) =>
    wanted === "All" || wanted === "*"
      ? true
      : wanted.endsWith(".*")
        ? name.startsWith(wanted.slice(0, -2))
        : wanted === name,
  );
}

function pickSystemAttributes(queue: Queue, received: Received, input: Input): Message["Attributes"] & object {
  const asked: readonly string[] = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  if (asked.length === 0) return {};
  const all = Object.entries(systemAttributes(queue, received));
  return Object.fromEntries(all.filter(([name]) => asked.includes("All") || asked.includes(name)));
}

/** What a message tells of itself, all of it. */
export function systemAttributes(
  queue: Queue,
  { message, content }: Received,
): Partial<Record<MessageSystemAttributeName, string>> {
  return {
    SenderId: content.senderId,
    SentTimestamp: String(message.sentMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ...(queue.fifo && { SequenceNumber: sequenceNumber(message.sequence) }),
    ...given("MessageGroupId", content.groupId),
    ...given("MessageDeduplicationId", content.deduplicationId),
    ...given("AWSTraceHeader", content.traceHeader?.value),
    ...given("DeadLetterQueueSourceArn", content.deadLetterSourceArn),
  };
}

function given(name: MessageSystemAttributeName, value: string | undefined): Partial<Record<string, string>> {
  return value === undefined ? {} : { [name]: value };
}

interface Changes extends Disposable {
  /** Returns when a message of the queue changed, the domain's clock reached `dueMs`, `restMs` went by, or the client left. */
  next(restMs: number, dueMs: number | undefined): Promise<void>;
}

function watch(context: Context, contents: string): Changes {
  const stack = new DisposableStack();
  const { promise, resolve } = Promise.withResolvers<void>();
  stack.use(
    context.store.watchCollection(messages.name, (ids) => {
      if (ids.some((id) => id.startsWith(contents))) resolve();
    }),
  );
  return {
    next: (restMs, dueMs) => {
      const left = (): void => resolve();
      context.signal.addEventListener("abort", left);
      stack.defer(() => context.signal.removeEventListener("abort", left));
      if (context.signal.aborted) resolve();
      stack.use(context.wall.after(restMs, resolve));
      if (dueMs !== undefined) stack.use(context.clock.wakeAt(dueMs, resolve));
      return promise;
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}
