import assert from "node:assert/strict";
import { type Collection, collection, compositeKey, type Range, type Reader, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { DEDUPLICATION_MS } from "./limits.ts";
import {
  attributeMs,
  contentsOf,
  findQueueByArn,
  type Queue,
  queueArn,
  queueKey,
  queues,
  redrivePolicyOf,
} from "./queue.ts";

/*
 * The life of a message.
 *
 *              sent with a delay            received
 *   (sent) ──────────────────────► hidden ◄─────────── ready ◄────── (sent)
 *                                    │ ▲                 ▲ │
 *                                    │ └ time-out changed│ └ received too often: to the dead-letter queue
 *                                    └───────────────────┘
 *                                    its time has come (`promote`)
 *
 * A message is two documents: its state, small and rewritten with every receive, and its content, written once. The state's
 * indexes are the queue: `ready` in the order in which messages were sent, `hidden` in the order in which they come back.
 * Coming back is a write, made by the next receive, because an index may hang on nothing but its document.
 *
 * In a FIFO queue only the first message of each group is in `ready`; the others wait for it to be deleted. A receive takes the
 * first and those right behind it, up to one that is hidden (recorded from the service), so a group stays in order.
 */

/** The state of one message. Its key: `compositeKey(contents, sequence)`. */
export interface Message {
  /** `contentsOf` its queue. */
  readonly contents: string;
  /** Place among the messages of the queue, in the order in which they were sent. */
  readonly sequence: number;
  readonly messageId: string;
  readonly sentMs: number;
  /** Hidden until then: delayed, or in flight. Absent: ready. */
  readonly visibleAtMs?: number;
  readonly receiveCount: number;
  readonly firstReceivedMs?: number;
  readonly lastReceivedMs?: number;
  /** The group, in a FIFO queue. */
  readonly group?: string;
  /** Others of its group come first. */
  readonly waiting?: true;
}

/** What was sent. It keeps the key of its message. */
export interface Content {
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly traceHeader?: MessageAttribute;
  readonly senderId: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly deadLetterSourceArn?: string;
}

export interface MessageAttribute {
  readonly dataType: string;
  /** Text, or bytes as base64 where the data type begins with `Binary`. */
  readonly value: string;
}

/** A FIFO queue's memory of a deduplication id. */
interface Deduplication {
  readonly contents: string;
  /** The group, where each has its own ids; else empty. */
  readonly scope: string;
  readonly deduplicationId: string;
  readonly sequence: number;
  readonly messageId: string;
  readonly sentMs: number;
}

interface Counter {
  readonly next: number;
  readonly total: number;
}

export const messages: Collection<Message> = collection<Message>("sqs_messages", {
  ready: {
    type: "text",
    value: (message) =>
      message.visibleAtMs === undefined && !message.waiting
        ? compositeKey(message.contents, message.sequence)
        : undefined,
  },
  hidden: {
    type: "text",
    value: (message) =>
      message.visibleAtMs === undefined
        ? undefined
        : compositeKey(message.contents, message.visibleAtMs, message.sequence),
  },
  /** Oldest first, for retention. A message that came to a dead-letter queue is older than its place. */
  sent: {
    type: "text",
    value: (message) => compositeKey(message.contents, message.sentMs, message.sequence),
  },
  messageGroup: {
    type: "text",
    value: (message) =>
      message.group === undefined ? undefined : compositeKey(message.contents, message.group, message.sequence),
  },
});

export const contents: Collection<Content> = collection<Content>("sqs_contents");

const deduplications: Collection<Deduplication> = collection<Deduplication>("sqs_deduplications", {
  sent: { type: "text", value: (known) => compositeKey(known.contents, known.sentMs) },
});

/** Hands out sequences and counts what is there, without a scan. Its key: the contents. */
const counters: Collection<Counter> = collection<Counter>("sqs_counters");

const EXPIRE = "sqs.expire";
const DISCARD = "sqs.discard";
/** Rows that one step of a clean-up deletes, so that no commit takes long. */
const STEP_ROWS = 100;
/** Messages that one receive brings back from hiding, and that it looks at: many times what it can return. */
const RECEIVE_ROWS = 100;
/** Messages that expire within the same second are deleted together. */
const EXPIRY_GRAIN_MS = 1000;

type Scheduler = Pick<Platform, "flow" | "clock">;

export interface NewMessage {
  readonly messageId: string;
  readonly sentMs: number;
  readonly content: Content;
  readonly delayMs: number;
  /** How often it was received already, in the queue that it comes from. */
  readonly receiveCount: number;
}

/** Puts a message at the end of a queue. Returns its sequence. */
export async function enqueue(unit: Unit, platform: Scheduler, queue: Queue, added: NewMessage): Promise<number> {
  const owner = contentsOf(queue);
  const counter = (await unit.get(counters, owner)) ?? { next: 1, total: 0 };
  const group = queue.fifo ? added.content.groupId : undefined;
  const waits = group !== undefined && (await listGroup(unit, owner, group, { from: 0, limit: 1 })).length > 0;
  const nowMs = platform.clock.now();

  unit.put(counters, owner, { next: counter.next + 1, total: counter.total + 1 });
  unit.put(contents, compositeKey(owner, counter.next), added.content);
  put(unit, {
    contents: owner,
    sequence: counter.next,
    messageId: added.messageId,
    sentMs: added.sentMs,
    receiveCount: added.receiveCount,
    ...(added.delayMs > 0 && { visibleAtMs: nowMs + added.delayMs }),
    ...(group !== undefined && { group }),
    ...(waits && { waiting: true }),
  });
  // A queue that holds messages has one timer, for the oldest. One that was moved here may be the oldest: the timer finds out.
  if (counter.total === 0) scheduleExpiry(unit, platform, queue, expiresMs(queue, added));
  else if (added.sentMs < nowMs) scheduleExpiry(unit, platform, queue, nowMs);
  return counter.next;
}

/** What a FIFO queue accepted under the same deduplication id within the last five minutes. */
export async function findDuplicate(
  reader: Reader,
  queue: Queue,
  content: Content,
  nowMs: number,
): Promise<{ messageId: string; sequence: number } | undefined> {
  const known = await reader.get(deduplications, deduplicationKey(deduplicationOf(queue, content)));
  return known !== undefined && nowMs < known.sentMs + DEDUPLICATION_MS ? known : undefined;
}

/** Remembers a deduplication id, and forgets up to two whose time is over: so they never pile up, and need no timer. */
export async function rememberDeduplication(
  unit: Unit,
  queue: Queue,
  content: Content,
  accepted: { messageId: string; sequence: number; sentMs: number },
): Promise<void> {
  const known: Deduplication = { ...deduplicationOf(queue, content), ...accepted };
  const over = await unit.list(deduplications, {
    index: "sent",
    from: compositeKey(known.contents, 0),
    before: compositeKey(known.contents, known.sentMs - DEDUPLICATION_MS + 1),
    limit: 2,
  });
  for (const forgotten of over.documents) unit.delete(deduplications, deduplicationKey(forgotten));
  unit.put(deduplications, deduplicationKey(known), known);
}

function deduplicationOf(
  queue: Queue,
  content: Content,
): Pick<Deduplication, "contents" | "scope" | "deduplicationId"> {
  return {
    contents: contentsOf(queue),
    scope: queue.attributes.DeduplicationScope === "messageGroup" ? (content.groupId ?? "") : "",
    deduplicationId: content.deduplicationId ?? "",
  };
}

function deduplicationKey(known: Pick<Deduplication, "contents" | "scope" | "deduplicationId">): string {
  return compositeKey(known.contents, known.scope, known.deduplicationId);
}

export interface Received {
  readonly message: Message;
  readonly content: Content;
}

/**
 * Takes up to `limit` messages, in the order in which they were sent, and hides them for `visibilityMs`. What has been received
 * too often goes to the dead-letter queue instead (and is delivered on where that queue is gone).
 */
export async function receive(
  unit: Unit,
  platform: Scheduler,
  queue: Queue,
  { limit, visibilityMs }: { limit: number; visibilityMs: number },
): Promise<Received[]> {
  const nowMs = platform.clock.now();
  const deadLetters = await findDeadLetterQueue(unit, queue);
  await promote(unit, contentsOf(queue), nowMs);

  const received: Received[] = [];
  let looked = 0;
  for (let from = 0; received.length < limit && looked < RECEIVE_ROWS; ) {
    const heads = await listReady(unit, contentsOf(queue), { from, limit: limit - received.length });
    const last = heads.at(-1);
    if (last === undefined) break;
    from = last.sequence + 1;
    for (const head of heads) {
      // What came first in its group only now may have been taken already, behind the one before it.
      let message: Message | undefined = received.some((one) => one.message.sequence === head.sequence)
        ? undefined
        : head;
      while (message !== undefined && received.length < limit && looked++ < RECEIVE_ROWS) {
        if (nowMs >= expiresMs(queue, message)) {
          await remove(unit, message);
        } else if (deadLetters !== undefined && message.receiveCount >= deadLetters.maxReceiveCount) {
          await moveToDeadLetters(unit, platform, queue, deadLetters.queue, message);
        } else {
          received.push(await take(unit, message, nowMs, visibilityMs));
        }
        message = await findNextInGroup(unit, message, nowMs);
      }
    }
  }
  return received;
}

export interface Move {
  readonly limit: number;
  /** The queue that a message goes to, or why there is none. */
  readonly to: (content: Content) => Promise<Queue | string>;
  /** Moved messages are new ones. */
  readonly idOf: (message: Message) => string;
}

/**
 * Moves up to `limit` messages that could be received, in the order in which they were sent, to other queues, where they are new. Ends before
 * one that cannot go anywhere: `stuck` says why.
 */
export async function moveReady(
  unit: Unit,
  platform: Scheduler,
  queue: Queue,
  { limit, to, idOf }: Move,
): Promise<{ readonly count: number; readonly stuck?: string }> {
  const nowMs = platform.clock.now();
  await promote(unit, contentsOf(queue), nowMs);
  for (let count = 0; count < limit; count++) {
    // One by one: in a FIFO queue the next one of a group is ready only when the one before it is gone.
    const [message] = await listReady(unit, contentsOf(queue), { from: 0, limit: 1 });
    if (message === undefined) return { count };
    const whole = await getContent(unit, message);
    const target = await to(whole);
    if (typeof target === "string") return { count, stuck: target };
    const { deadLetterSourceArn: _, ...content } = whole;
    await remove(unit, message);
    await enqueue(unit, platform, target, {
      messageId: idOf(message),
      sentMs: nowMs,
      content,
      delayMs: attributeMs(target, "DelaySeconds"),
      receiveCount: 0,
    });
  }
  return { count: limit };
}

/** Makes ready what was hidden until now. */
async function promote(unit: Unit, owner: string, nowMs: number): Promise<void> {
  const due = await listForUpdate(unit, {
    index: "hidden",
    from: compositeKey(owner, 0),
    before: compositeKey(owner, nowMs + 1),
    limit: RECEIVE_ROWS,
  });
  for (const message of due) put(unit, withVisibleAt(message, undefined));
}

async function take(unit: Unit, message: Message, nowMs: number, visibilityMs: number): Promise<Received> {
  const taken: Message = {
    ...withVisibleAt(message, visibilityMs > 0 ? nowMs + visibilityMs : undefined),
    receiveCount: message.receiveCount + 1,
    firstReceivedMs: message.firstReceivedMs ?? nowMs,
    lastReceivedMs: nowMs,
  };
  put(unit, taken);
  return { message: taken, content: await getContent(unit, message) };
}

async function findNextInGroup(unit: Unit, message: Message, nowMs: number): Promise<Message | undefined> {
  if (message.group === undefined) return undefined;
  const [next] = await listGroup(unit, message.contents, message.group, { from: message.sequence + 1, limit: 1 });
  return next === undefined || isHidden(next, nowMs) ? undefined : next;
}

async function findDeadLetterQueue(
  unit: Unit,
  queue: Queue,
): Promise<{ queue: Queue; maxReceiveCount: number } | undefined> {
  const redrive = redrivePolicyOf(queue);
  const target = redrive && (await findQueueByArn(unit, redrive.deadLetterTargetArn));
  return target && { queue: target, maxReceiveCount: redrive.maxReceiveCount };
}

/**
 * The message keeps its id, its content and its count. In a standard queue it also keeps its age (retention counts from when
 * it was first sent); in a FIFO queue it starts anew.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
async function moveToDeadLetters(
  unit: Unit,
  platform: Scheduler,
  source: Queue,
  target: Queue,
  message: Message,
): Promise<void> {
  const content = await getContent(unit, message);
  await remove(unit, message);
  await enqueue(unit, platform, target, {
    messageId: message.messageId,
    sentMs: target.fifo ? platform.clock.now() : message.sentMs,
    content: { ...content, deadLetterSourceArn: queueArn(source) },
    delayMs: 0,
    receiveCount: message.receiveCount,
  });
}

/** Deletes a message; in a FIFO queue, the next one of its group comes first now. */
export async function remove(unit: Unit, message: Message): Promise<void> {
  const counter = await unit.get(counters, message.contents);
  assert(counter, "a queue with a message has a counter");
  unit.put(counters, message.contents, { next: counter.next, total: counter.total - 1 });
  unit.delete(messages, messageKey(message));
  unit.delete(contents, messageKey(message));
  if (message.group === undefined || message.waiting) return;

  const [next] = await listGroup(unit, message.contents, message.group, { from: message.sequence + 1, limit: 1 });
  if (next === undefined) return;
  const { waiting: _, ...first } = next;
  put(unit, first);
}

/** The message with this sequence in a queue, as long as it is there. */
export function findMessage(reader: Reader, owner: string, sequence: number): Promise<Message | undefined> {
  return reader.get(messages, messageKey({ contents: owner, sequence }));
}

/** Hides a message until `visibleAtMs`, or makes it ready. */
export function changeVisibility(unit: Unit, message: Message, visibleAtMs: number | undefined): void {
  put(unit, withVisibleAt(message, visibleAtMs));
}

export function isHidden(message: Message, nowMs: number): boolean {
  return message.visibleAtMs !== undefined && message.visibleAtMs > nowMs;
}

/** When the next hidden message of a queue comes back. */
export async function nextVisibleMs(reader: Reader, owner: string): Promise<number | undefined> {
  const page = await reader.list(messages, { index: "hidden", prefix: compositeKey(owner, ""), limit: 1 });
  return page.documents[0]?.visibleAtMs;
}

/** How many messages a queue holds, hidden ones among them. */
export async function countOfAll(reader: Reader, owner: string): Promise<number> {
  return (await reader.get(counters, owner))?.total ?? 0;
}

/** Whether a queue has messages that are neither hidden nor behind others of their group. */
export async function hasReady(reader: Reader, owner: string): Promise<boolean> {
  const page = await reader.list(messages, { index: "ready", prefix: compositeKey(owner, ""), limit: 1 });
  return page.documents.length > 0;
}

/** How many messages a queue holds. Reads the state of each hidden one; the service allows at most 120,000 in flight. */
export async function countMessages(
  reader: Reader,
  queue: Queue,
  nowMs: number,
): Promise<{ visible: number; notVisible: number; delayed: number }> {
  const owner = contentsOf(queue);
  const total = await countOfAll(reader, owner);
  let notVisible = 0;
  let delayed = 0;
  let after: string | undefined;
  do {
    const page = await reader.list(messages, {
      index: "hidden",
      from: compositeKey(owner, nowMs + 1),
      before: compositeKey(owner, Number.MAX_SAFE_INTEGER),
      limit: 1000,
      after,
    });
    const sentLater = page.documents.filter((message) => message.lastReceivedMs === undefined).length;
    delayed += sentLater;
    notVisible += page.documents.length - sentLater;
    after = page.next;
  } while (after !== undefined);
  return { visible: total - notVisible - delayed, notVisible, delayed };
}

/** Gives up all messages of a queue: they are out of reach with the commit, and deleted in small steps after it. */
export function discardContents(unit: Unit, platform: Scheduler, queue: Queue): void {
  platform.flow.cancel(unit, `${EXPIRE}/${contentsOf(queue)}`);
  scheduleDiscard(unit, platform, contentsOf(queue));
}

/** Has the messages of a queue looked at when the oldest may have expired. */
export function scheduleExpiry(unit: Unit, platform: Scheduler, queue: Queue, dueMs: number): void {
  const payload: ExpiryPayload = { queue: queueKey(queue), contents: contentsOf(queue) };
  platform.flow.schedule(unit, {
    id: `${EXPIRE}/${payload.contents}`,
    kind: EXPIRE,
    dueMs: Math.ceil(dueMs / EXPIRY_GRAIN_MS) * EXPIRY_GRAIN_MS,
    payload,
  });
}

interface ExpiryPayload {
  readonly queue: string;
  readonly contents: string;
}

/** Declares the clean-ups: of messages past their retention, and of the contents of queues that were purged or deleted. */
export function registerMessageTimers(platform: Platform): void {
  platform.flow.onTimer(EXPIRE, (unit, timer) => expire(unit, platform, timer.payload as ExpiryPayload));
  platform.flow.onTimer(DISCARD, (unit, timer) => discard(unit, platform, String(timer.payload)));
}

async function expire(unit: Unit, platform: Scheduler, payload: ExpiryPayload): Promise<void> {
  const queue = await unit.get(queues, payload.queue);
  if (queue === undefined || contentsOf(queue) !== payload.contents) return;

  const nowMs = platform.clock.now();
  const oldest = await unit.list(messages, {
    index: "sent",
    prefix: compositeKey(payload.contents, ""),
    limit: STEP_ROWS,
  });
  const left = oldest.documents.find((message) => nowMs < expiresMs(queue, message));
  for (const message of oldest.documents) {
    if (message === left) break;
    // Fresh, since removing the one before it may have changed it.
    const current = await findMessage(unit, message.contents, message.sequence);
    if (current !== undefined) await remove(unit, current);
  }
  if (left !== undefined) scheduleExpiry(unit, platform, queue, expiresMs(queue, left));
  else if (oldest.documents.length > 0) scheduleExpiry(unit, platform, queue, nowMs);
}

async function discard(unit: Unit, platform: Scheduler, owner: string): Promise<void> {
  const step = { prefix: compositeKey(owner, ""), limit: STEP_ROWS };
  const rest = await unit.list(messages, step);
  const known = await unit.list(deduplications, step);
  for (const message of rest.documents) {
    unit.delete(messages, messageKey(message));
    unit.delete(contents, messageKey(message));
  }
  for (const deduplication of known.documents) unit.delete(deduplications, deduplicationKey(deduplication));
  unit.delete(counters, owner);
  if (rest.documents.length > 0 || known.documents.length > 0) scheduleDiscard(unit, platform, owner);
}

function scheduleDiscard(unit: Unit, platform: Scheduler, owner: string): void {
  platform.flow.schedule(unit, {
    id: `${DISCARD}/${owner}`,
    kind: DISCARD,
    dueMs: platform.clock.now(),
    payload: owner,
  });
}

function expiresMs(queue: Queue, message: Pick<Message, "sentMs">): number {
  return message.sentMs + attributeMs(queue, "MessageRetentionPeriod");
}

interface SequenceRange {
  readonly from: number;
  readonly limit: number;
}

function listReady(unit: Unit, owner: string, range: SequenceRange): Promise<readonly Message[]> {
  return listForUpdate(unit, {
    index: "ready",
    from: compositeKey(owner, range.from),
    before: compositeKey(owner, Number.MAX_SAFE_INTEGER),
    limit: range.limit,
  });
}

function listGroup(unit: Unit, owner: string, group: string, range: SequenceRange): Promise<readonly Message[]> {
  return listForUpdate(unit, {
    index: "messageGroup",
    from: compositeKey(owner, group, range.from),
    before: compositeKey(owner, group, Number.MAX_SAFE_INTEGER),
    limit: range.limit,
  });
}

/**
 * The messages of a range, each read again by its key: where units of several nodes run at the same time, only documents
 * that were read so are checked for conflicts.
 */
async function listForUpdate(unit: Unit, range: Range): Promise<readonly Message[]> {
  const page = await unit.list(messages, range);
  const current: Message[] = [];
  for (const { contents: owner, sequence } of page.documents) {
    const message = await findMessage(unit, owner, sequence);
    if (message !== undefined) current.push(message);
  }
  return current;
}

async function getContent(reader: Reader, message: Message): Promise<Content> {
  const content = await reader.get(contents, messageKey(message));
  assert(content, "a message has its content");
  return content;
}

function withVisibleAt(message: Message, visibleAtMs: number | undefined): Message {
  const { visibleAtMs: _, ...ready } = message;
  return visibleAtMs === undefined ? ready : { ...ready, visibleAtMs };
}

function put(unit: Unit, message: Message): void {
  unit.put(messages, messageKey(message), message);
}

function messageKey(message: Pick<Message, "contents" | "sequence">): string {
  return compositeKey(message.contents, message.sequence);
}
