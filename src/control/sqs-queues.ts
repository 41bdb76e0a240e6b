import type { Context } from "../services/service.ts";
import {
  findQueueByArn,
  findSeen,
  listQueueStatuses,
  lookIntoQueue,
  type Queue,
  type QueueStatus,
  queueStatus,
  type SeenMessage,
  takeOut,
} from "../services/sqs/index.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, type JsonAnswer, json } from "./answer.ts";
import { bodyOf, refusing, requireMembers } from "./connect-answer.ts";
import { invalid, listingQuery } from "./listing-query.ts";

/** Of a message's body, in a list. */
const BODY_CHARACTERS = 4_000;
/** What one request may name. */
const KEYS_MAX = 500;

/**
 * The caller's SQS queues, for eyes.
 *
 * - `GET sqs?limit=&after=`: with how many messages each holds.
 * - `GET sqs/NAME?limit=&after=`: its messages, hidden ones among them. Nothing is received by it.
 * - `GET sqs/NAME/KEY`: one message as it lies there, whole.
 * - `POST sqs/NAME/delete` with `{"messages": [KEY, …]}`: deletes them, whoever has received them.
 */
export async function sqsEndpoint(
  context: Context,
  method: string,
  [name, key, ...rest]: readonly string[],
  body: Buffer,
  query: URLSearchParams,
): Promise<PlainResponse | undefined> {
  if (rest.length > 0) return undefined;
  return refusing<JsonAnswer | undefined>(() =>
    context.store.durably(async () => {
      if (method === "GET" && name === undefined) return listQueues(context, query);
      const queue = await findOwnQueue(context, name ?? "");
      if (!queue) return failure(404, `There is no SQS queue ${name} in ${context.region}`);
      if (method === "GET" && key === undefined) return listMessages(context, queue, query);
      if (method === "GET") return describeMessage(context, queue, key ?? "");
      if (method === "POST" && key === "delete") return deleteMessages(context, queue, body);
      return undefined;
    }),
  );
}

/** A queue of the caller by its name. */
export function findOwnQueue(context: Context, name: string): Promise<Queue | undefined> {
  return findQueueByArn(context.store, `arn:aws:sqs:${context.region}:${context.account}:${name}`);
}

async function listQueues(context: Context, query: URLSearchParams): Promise<JsonAnswer> {
  const asked = listingQuery(query, ["sqs", context.account, context.region], []);
  const page = { limit: asked.limit, after: asked.after, nowMs: context.clock.now() };
  const { queues, next } = await listQueueStatuses(context.store, context, page);
  return json({ queues: queues.map(shownQueue), ...(next !== undefined && { next: asked.nextOf(next) }) });
}

async function listMessages(context: Context, queue: Queue, query: URLSearchParams): Promise<JsonAnswer> {
  const { messages, next, status } = await readMessages(context, queue, query);
  return json({ queue: shownQueue(status), messages: messages.map(shownMessage), ...(next && { next }) });
}

/** A page of a queue's messages, and how the queue stands. */
export async function readMessages(
  context: Context,
  queue: Queue,
  query: URLSearchParams,
): Promise<{ readonly messages: readonly SeenMessage[]; readonly next?: string; readonly status: QueueStatus }> {
  const nowMs = context.clock.now();
  const asked = listingQuery(query, ["messages", queue.id], []);
  const page = { limit: Math.min(asked.limit, 100), after: asked.after, nowMs };
  const { messages, next } = await lookIntoQueue(context.store, queue, page);
  const status = await queueStatus(context.store, queue, nowMs);
  return { messages, status, ...(next !== undefined && { next: asked.nextOf(next) }) };
}

async function describeMessage(context: Context, queue: Queue, key: string): Promise<JsonAnswer> {
  const message = await findSeen(context.store, queue, key, context.clock.now());
  if (!message) return failure(404, `There is no message ${key} in ${queue.name}`);
  return json({ ...shownMessage(message), body: message.content.body });
}

async function deleteMessages(context: Context, queue: Queue, body: Buffer): Promise<JsonAnswer> {
  const keys = keysOf(body);
  const deleted = await context.store.commit(async (unit) => {
    let count = 0;
    for (const key of keys) if (await takeOut(unit, queue, key)) count++;
    return count;
  });
  return json({ deleted });
}

/** The messages that a body names. Throws `InvalidParameterException`. */
export function keysOf(body: Buffer): readonly string[] {
  const read = bodyOf(body);
  if ("error" in read) throw invalid(read.error);
  requireMembers(read.value, "This", ["messages"]);
  const { messages } = read.value;
  const isList = Array.isArray(messages) && messages.every((key) => typeof key === "string");
  if (!isList || messages.length === 0) throw invalid("messages is a list of keys of messages");
  if (messages.length > KEYS_MAX) throw invalid(`messages may be at most ${KEYS_MAX}`);
  return [...new Set<string>(messages)];
}

export function shownQueue({ oldestMs, createdMs, visible, notVisible, delayed, ...queue }: QueueStatus): object {
  return {
    ...queue,
    messages: { visible, notVisible, delayed },
    ...(oldestMs !== undefined && { oldest: new Date(oldestMs).toISOString() }),
    created: new Date(createdMs).toISOString(),
  };
}

export function shownMessage({
  key,
  messageId,
  content,
  sentMs,
  receiveCount,
  state,
  visibleAtMs,
}: SeenMessage): object {
  const { body, attributes, senderId, groupId, deduplicationId, deadLetterSourceArn } = content;
  return {
    key,
    messageId,
    state,
    sent: new Date(sentMs).toISOString(),
    receiveCount,
    ...(visibleAtMs !== undefined && { visibleAt: new Date(visibleAtMs).toISOString() }),
    body: body.slice(0, BODY_CHARACTERS),
    bodyCharacters: body.length,
    attributes,
    senderId,
    ...(groupId !== undefined && { groupId }),
    ...(deduplicationId !== undefined && { deduplicationId }),
    ...(deadLetterSourceArn !== undefined && { deadLetterSource: deadLetterSourceArn }),
  };
}
