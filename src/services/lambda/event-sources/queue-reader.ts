import type { WokenLoop } from "../../../flow/index.ts";
import type { JsonObject } from "../../../matching/machine.ts";
import {
  deleteTaken,
  findQueueByArn,
  peekQueue,
  type Queue,
  type TakenMessage,
  takeMessages,
  watchQueue,
} from "../../sqs/index.ts";
import { parseFailedItems } from "./batch-answer.ts";
import { functionsOf } from "./functions.ts";
import { countBatch, type EventSourceMapping } from "./mapping.ts";
import {
  CANNOT_ASSUME_ROLE,
  type Current,
  type MappingReader,
  type ReadingMapping,
  wakeAt,
} from "./reading-mapping.ts";
import { decodedContent } from "./record-filter.ts";
import { findMissingAction } from "./source-access.ts";

/**
 * Batches with the function at the same time, where the mapping does not say: the real service begins with five and goes up to 1,250, which
 * would be as many processes here.
 */
const CONCURRENCY_DEFAULT = 10;
/** Messages that one unit takes, so that none takes long. */
const TAKE_AT_ONCE = 10;
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
/** How long until a queue that cannot be read is looked at again, in the domain's time. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Reads a queue: takes messages as they come, sends them to the function in batches, and deletes those that the function has processed. The
 * others come back when their visibility timeout is over.
 *
 * Each batch with the function has a worker. One that has found messages wakes the next: so there are as many as there is work for.
 */
export class QueueReader implements MappingReader {
  readonly #mapping: ReadingMapping;
  readonly #workers: Worker[] = [];
  #watched: { readonly queueId: string; readonly watch: Disposable } | undefined;
  /** A batch that is not full waits until then, in the domain's time. */
  #windowEndMs: number | undefined;
  #wakeAtMs: number | undefined;
  /** How often in a row the function could not be invoked, and until when it is left alone. */
  #refusals = 0;
  #resumeMs = 0;

  constructor(mapping: ReadingMapping) {
    this.#mapping = mapping;
  }

  wake(part?: string): void {
    if (part !== undefined) this.#wakeAtMs = undefined;
    this.#wakeWorker();
  }

  async stop(): Promise<void> {
    this.#watched?.watch[Symbol.dispose]();
    await Promise.all(this.#workers.map(({ loop }) => loop.stop()));
  }

  /** One that has nothing to do, or looks for something just now. Where all are waiting for the function, they look again afterwards. */
  #wakeWorker(): void {
    const free = this.#workers.find(({ isWaiting }) => !isWaiting);
    if (free !== undefined) free.loop.wake();
    else if (this.#workers.length < CONCURRENCY_MAX) this.#hire().loop.wake();
  }

  #hire(): Worker {
    const { flow } = this.#mapping.platform;
    const place = this.#workers.length;
    const worker: Worker = {
      place,
      isWaiting: false,
      held: 0,
      loop: flow.loop(`Event source mapping ${this.#mapping.key}, batch ${place}`, () => this.#work(worker)),
    };
    this.#workers.push(worker);
    return worker;
  }

  async #work(worker: Worker): Promise<boolean> {
    const { store, clock } = this.#mapping.platform;
    const current = await this.#mapping.current();
    if (current === undefined) return false;
    const { mapping, function: target } = current;
    if (worker.place >= (mapping.settings.ScalingConfig?.MaximumConcurrency ?? CONCURRENCY_DEFAULT)) return false;
    const queue = await findQueueByArn(store, mapping.sourceArn);
    if (queue === undefined) return this.#lookAgain("PROBLEM: The specified queue does not exist.");
    this.#watch(queue);
    if (target === undefined) return this.#lookAgain("PROBLEM: Function not found");
    const denied = await this.#deniedReason(queue, mapping, target.roleArn);
    if (denied !== undefined) return this.#lookAgain(`PROBLEM: ${denied}`);

    if (this.#resumeMs > clock.now() || !(await this.#isDue(queue, mapping))) return false;
    const batch = await this.#take(queue, current);
    if (batch.length === 0) return true;
    this.#wakeWorker();
    worker.isWaiting = true;
    worker.held = batch.length;
    try {
      return await this.#send(queue, mapping, batch);
    } finally {
      worker.isWaiting = false;
      worker.held = 0;
    }
  }

  async #deniedReason(queue: Queue, mapping: EventSourceMapping, roleArn: string): Promise<string | undefined> {
    const { platform } = this.#mapping;
    const caller = await functionsOf(platform.store).actAs(platform, mapping, roleArn);
    if (caller === undefined) return CANNOT_ASSUME_ROLE;
    return (await findMissingAction(platform, mapping, caller, queue.attributes.Policy))?.message;
  }

  #watch(queue: Queue): void {
    if (this.#watched?.queueId === queue.id) return;
    this.#watched?.watch[Symbol.dispose]();
    const watch = watchQueue(this.#mapping.platform.store, queue, () => this.#wakeWorker());
    this.#watched = { queueId: queue.id, watch };
  }

  /** The queue or the function is not there, or the role may not read. */
  async #lookAgain(result: string): Promise<false> {
    const { platform } = this.#mapping;
    await platform.store.commitUnsynced(async (unit) => {
      if (!(await this.#mapping.isThere(unit))) return;
      await this.#mapping.tell(unit, result);
      wakeAt(unit, platform, { mapping: this.#mapping.key, part: "" }, platform.clock.now() + LOOK_AGAIN_MS);
    });
    return false;
  }

  /** Whether there are messages, and as many as a batch needs or long enough. */
  async #isDue(queue: Queue, { settings }: EventSourceMapping): Promise<boolean> {
    const { store, clock } = this.#mapping.platform;
    const look = await peekQueue(store, queue, clock.now());
    if (!look.isReady) {
      if (look.nextVisibleMs !== undefined) await this.#wakeLater(look.nextVisibleMs);
      return false;
    }
    const windowMs = (settings.MaximumBatchingWindowInSeconds ?? 0) * 1000;
    const withFunctions = this.#workers.reduce((sum, { held = 0 }) => sum + held, 0);
    const isFull = look.total - withFunctions >= (settings.BatchSize ?? 10);
    if (windowMs === 0 || isFull) return true;
    this.#windowEndMs ??= clock.now() + windowMs;
    if (clock.now() >= this.#windowEndMs) return true;
    await this.#wakeLater(this.#windowEndMs);
    return false;
  }

  async #leaveAlone(): Promise<false> {
    const nowMs = this.#mapping.platform.clock.now();
    this.#refusals++;
    this.#resumeMs = nowMs + Math.min(REFUSED_MS_MAX, REFUSED_MS_FIRST * 2 ** (this.#refusals - 1));
    await this.#wakeLater(this.#resumeMs);
    return false;
  }

  async #wakeLater(dueMs: number): Promise<void> {
    if (this.#wakeAtMs !== undefined && this.#wakeAtMs <= dueMs) return;
    const { platform, key } = this.#mapping;
    this.#wakeAtMs = dueMs;
    await platform.store.commitUnsynced(async (unit) => {
      wakeAt(unit, platform, { mapping: key, part: "" }, dueMs);
    });
  }

  /** Takes a batch; messages that do not pass the filter are deleted in the unit that takes them. */
  async #take({ account, region, name, id }: Queue, { mapping, filter }: Current): Promise<readonly Sent[]> {
    const { platform } = this.#mapping;
    const { BatchSize = 10, FilterCriteria } = mapping.settings;
    this.#windowEndMs = undefined;
    const messages: Sent[] = [];
    let bytes = 0;
    while (messages.length < BatchSize && !this.#mapping.signal.aborted) {
      const got = await platform.store.commitUnsynced(async (unit) => {
        const queue = await findQueueByArn(unit, `arn:aws:sqs:${region}:${account}:${name}`);
        if (queue?.id !== id) return [];
        const largest = Number(queue.attributes.MaximumMessageSize);
        const room = Math.floor((PAYLOAD_BYTES_MAX - bytes) / largest);
        const limit = Math.min(
          TAKE_AT_ONCE,
          BatchSize - messages.length,
          messages.length === 0 ? Math.max(1, room) : room,
        );
        if (limit === 0) return [];
        const received = (await takeMessages(unit, platform, queue, limit)).map((message) => toSent(message, mapping));
        if (!FilterCriteria?.Filters?.length) return received;
        const passed = received.filter(({ document }) => filter(document));
        await deleteTaken(
          unit,
          queue,
          received.filter((message) => !passed.includes(message)).map(({ message }) => message),
        );
        return received.map((message) => ({ ...message, isFiltered: !passed.includes(message) }));
      });
      if (got.length === 0) break;
      const passed = got.filter((message) => !message.isFiltered);
      messages.push(...passed);
      bytes += passed.reduce((sum, { text }) => sum + Buffer.byteLength(text) + 1, 0);
    }
    return messages;
  }

  async #send(queue: Queue, mapping: EventSourceMapping, batch: readonly Sent[]): Promise<boolean> {
    const { platform, signal } = this.#mapping;
    // Nothing leaves the process before what it rests on is durable.
    await platform.store.durable();
    const result = await functionsOf(platform.store).invoke(platform, {
      functionArn: mapping.functionArn,
      payload: `{"Records":[${batch.map(({ text }) => text).join(",")}]}`,
      by: { sourceAccount: mapping.account },
      signal,
    });
    if ("timedOut" in result) return false;
    countBatch(platform, mapping, batch.length, result);
    if ("refused" in result) return this.#leaveAlone();
    this.#refusals = 0;
    if (result.functionError !== undefined) return true;

    const isReported = mapping.settings.FunctionResponseTypes?.includes("ReportBatchItemFailures");
    const ids = new Set(batch.map(({ message }) => message.messageId));
    const failed = isReported
      ? parseFailedItems(result.answer, (identifier) => ids.has(identifier))
      : new Set<string>();
    if (failed === "all") return true;
    const processed = batch.filter(({ message }) => !failed.has(message.messageId));
    await platform.store.commitUnsynced(async (unit) => {
      const current = await findQueueByArn(unit, mapping.sourceArn);
      if (current?.id !== queue.id) return;
      if (mapping.lastResult !== undefined) await this.#mapping.tell(unit, "OK");
      await deleteTaken(
        unit,
        current,
        processed.map(({ message }) => message),
      );
    });
    return true;
  }
}

/** How long a function that could not be invoked (throttled, gone) is left alone: a second, doubled each time, in the domain's time. */
const REFUSED_MS_FIRST = 1_000;
const REFUSED_MS_MAX = 60_000;

/** As many workers as a mapping may ask for. */
const CONCURRENCY_MAX = 1_000;

interface Worker {
  readonly place: number;
  readonly loop: WokenLoop;
  /** Whether it waits for the function. */
  isWaiting: boolean;
  /** How many messages are with the function. */
  held: number;
}

/** A message as it is sent to the function, and as a filter sees it. */
interface Sent {
  readonly message: TakenMessage;
  readonly text: string;
  readonly document: JsonObject;
  readonly isFiltered?: boolean;
}

function toSent(message: TakenMessage, mapping: EventSourceMapping): Sent {
  const record = {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.systemAttributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { dataType, value }]) => [
        name,
        {
          ...(dataType.startsWith("Binary") ? { binaryValue: value } : { stringValue: value }),
          stringListValues: [],
          binaryListValues: [],
          dataType,
        },
      ]),
    ),
    md5OfBody: message.bodyMd5,
    eventSource: "aws:sqs",
    eventSourceARN: mapping.sourceArn,
    awsRegion: mapping.region,
  };
  const document = { ...record, body: decodedContent(message.body) };
  return { message, text: JSON.stringify(record), document: document as JsonObject };
}
