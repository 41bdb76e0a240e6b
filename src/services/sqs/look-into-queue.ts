/** Messages of a queue for eyes: a look takes nothing, hides nothing and counts as no receive. */
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import {
  type Content,
  contents,
  countMessages,
  enqueue,
  findMessage,
  isHidden,
  type Message,
  messages,
  remove,
} from "./messages.ts";
import { attributeMs, contentsOf, type Queue, queueArn, queues, redrivePolicyOf } from "./queue.ts";

/** A message as it lies in its queue. */
export interface SeenMessage {
  /** Names it within the queue, as long as it is there. */
  readonly key: string;
  readonly messageId: string;
  readonly content: Content;
  readonly sentMs: number;
  readonly receiveCount: number;
  /** `hidden`: somebody has received it, or it was sent with a delay. `behind`: others of its group come first. */
  readonly state: "ready" | "hidden" | "behind";
  readonly visibleAtMs?: number;
}

/** A look ends after this much of bodies, but shows at least one message. */
const LOOK_CHARACTERS = 2 * 1024 * 1024;

/** Messages in the order in which they came to the queue, hidden ones among them. `after`, `next`: keys of this listing. */
export async function lookIntoQueue(
  reader: Reader,
  queue: Queue,
  {
    after = "0",
    limit,
    nowMs,
  }: { readonly after?: string | undefined; readonly limit: number; readonly nowMs: number },
): Promise<{ readonly messages: readonly SeenMessage[]; readonly next?: string }> {
  const owner = contentsOf(queue);
  const seen: SeenMessage[] = [];
  let characters = 0;
  let behind = Number(after);
  for (;;) {
    const page = await reader.list(messages, {
      prefix: compositeKey(owner, ""),
      from: compositeKey(owner, behind + 1),
      limit: Math.min(100, limit + 1),
    });
    for (const message of page.documents) {
      if (seen.length === limit || characters >= LOOK_CHARACTERS) return { messages: seen, next: String(behind) };
      behind = message.sequence;
      const shown = await see(reader, queue, message, nowMs);
      if (!shown) continue;
      characters += shown.content.body.length;
      seen.push(shown);
    }
    if (page.documents.length === 0) return { messages: seen };
  }
}

/** The message with this key; `undefined` where it is gone. */
export async function findSeen(
  reader: Reader,
  queue: Queue,
  key: string,
  nowMs: number,
): Promise<SeenMessage | undefined> {
  const message = await findByKey(reader, queue, key);
  return message && see(reader, queue, message, nowMs);
}

/** Takes a message out of its queue, unless it is gone or changed meanwhile. Answers whether it did. */
export async function takeOut(unit: Unit, queue: Queue, key: string): Promise<boolean> {
  const message = await findByKey(unit, queue, key);
  if (message) await remove(unit, message);
  return message !== undefined;
}

/** Puts what was taken out at the end of a queue, where it is new. */
export async function putInto(
  unit: Unit,
  platform: Pick<Platform, "flow" | "clock">,
  queue: Queue,
  { messageId, content: whole }: Pick<SeenMessage, "messageId" | "content">,
): Promise<void> {
  const { deadLetterSourceArn: _, ...content } = whole;
  const delayMs = attributeMs(queue, "DelaySeconds");
  await enqueue(unit, platform, queue, { messageId, sentMs: platform.clock.now(), content, delayMs, receiveCount: 0 });
}

/** How a queue stands. */
export interface QueueStatus {
  readonly name: string;
  readonly arn: string;
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
  /** When its oldest message was sent. */
  readonly oldestMs?: number;
  /** Where what is received too often goes. */
  readonly deadLetterArn?: string;
  readonly maxReceiveCount?: number;
  readonly isFifo: boolean;
  readonly createdMs: number;
}

/** The queues of an account in a Region, by name. `after`: the last name of the page before. */
export async function listQueueStatuses(
  reader: Reader,
  { account, region }: Pick<Queue, "account" | "region">,
  { after, limit, nowMs }: { readonly after?: string | undefined; readonly limit: number; readonly nowMs: number },
): Promise<{ readonly queues: readonly QueueStatus[]; readonly next?: string }> {
  const page = await reader.list(queues, {
    prefix: compositeKey(account, region, ""),
    ...(after !== undefined && { from: `${compositeKey(account, region, after)}\u0001` }),
    limit: limit + 1,
  });
  const listed = page.documents.slice(0, limit);
  const last = listed.at(-1);
  return {
    queues: await Promise.all(listed.map((queue) => queueStatus(reader, queue, nowMs))),
    ...(last && page.documents.length > limit && { next: last.name }),
  };
}

export async function queueStatus(reader: Reader, queue: Queue, nowMs: number): Promise<QueueStatus> {
  const redrive = redrivePolicyOf(queue);
  const range = { index: "sent", prefix: compositeKey(contentsOf(queue), ""), limit: 1 };
  const [oldest] = (await reader.list(messages, range)).documents;
  return {
    name: queue.name,
    arn: queueArn(queue),
    ...(await countMessages(reader, queue, nowMs)),
    ...(oldest && { oldestMs: oldest.sentMs }),
    ...(redrive && { deadLetterArn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount }),
    isFifo: queue.fifo,
    createdMs: queue.createdMs,
  };
}

async function findByKey(reader: Reader, queue: Queue, key: string): Promise<Message | undefined> {
  const [, sequence, messageId] = /^(\d{1,15})\.(.+)$/.exec(key) ?? [];
  const message = sequence === undefined ? undefined : await findMessage(reader, contentsOf(queue), Number(sequence));
  // A queue that was purged counts anew.
  return message?.messageId === messageId ? message : undefined;
}

async function see(reader: Reader, queue: Queue, message: Message, nowMs: number): Promise<SeenMessage | undefined> {
  const { contents: owner, sequence, messageId, sentMs, receiveCount, visibleAtMs, waiting } = message;
  const content = await reader.get(contents, compositeKey(owner, sequence));
  if (!content || nowMs >= sentMs + attributeMs(queue, "MessageRetentionPeriod")) return undefined;
  const hidden = isHidden(message, nowMs) && visibleAtMs !== undefined ? { visibleAtMs } : undefined;
  const state = hidden ? "hidden" : waiting ? "behind" : "ready";
  return { key: `${sequence}.${messageId}`, messageId, content, sentMs, receiveCount, state, ...hidden };
}
