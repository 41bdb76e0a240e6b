/**
 * Attempts deliveries when they are due.
 *
 * As long as a target is owed something it has a lane of its own, so that a slow or dead one delays nobody else. A lane starts
 * with one attempt at a time; a success adds one, up to 16, and a failure halves them. So neither a dead target nor many of them
 * can fill the 512 that all lanes share. Lanes that find those full wait in line and are served in turn.
 *
 * Which deliveries are in flight is known in memory alone. The data folder belongs to one process, so a crash leaves no claim
 * behind, and the next start attempts again at once whatever was not settled. The unit that settles an attempt checks that
 * the row still stands as it was attempted: an attempt that is repeated settles once.
 */
import assert from "node:assert/strict";
import { compositeKey, type Unit } from "../store/store.ts";
import { type AttemptTold, ageEndMs, DELIVERIES, type Deliveries, type Delivery } from "./delivery.ts";
import type { FlowContext } from "./flow-context.ts";
import { Loop } from "./loop.ts";
import { noSink } from "./send.ts";
import type { Sink, SinkOutcome, TargetAnswer } from "./sink.ts";

/** Attempts in flight for all targets together: what bounds sockets and memory. */
const IN_FLIGHT_MAX = 512;
const IN_FLIGHT_PER_TARGET_MAX = 16;

/** Wall time after which an attempt counts as failed, where its sink says nothing else. Sinks with a shorter limit keep it themselves. */
const ATTEMPT_TIMEOUT_MS = 30_000;

/** Pause before a delivery is tried again whose outcome could not be written down, so that a fault of ours does not spin. */
const SETTLE_FAILURE_PAUSE_MS = 1_000;

interface Lane {
  readonly targetArn: string;
  readonly loop: Loop;
  /** Ids of deliveries. */
  readonly inFlight: Set<string>;
  /** How many attempts it may have in flight now. */
  width: number;
  /** Wakes the loop when its next delivery is due. */
  alarm?: Disposable;
}

export class DeliveryWorkers {
  readonly #context: FlowContext;
  readonly #deliveries: Deliveries;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that wait for one of the shared places, in line. */
  readonly #waiting = new Set<Lane>();
  readonly #attempts = new Set<Promise<void>>();
  /** Ends an attempt in flight without an outcome. */
  readonly #abandons = new Set<() => void>();
  #started = false;

  constructor(context: FlowContext, deliveries: Deliveries) {
    this.#context = context;
    this.#deliveries = deliveries;
    deliveries.onOwed = (targetArn) => this.#wake(targetArn);
    context.metrics.describe("trunkline_deliveries_in_flight", "Attempts that are being made.");
    context.metrics.gauge("trunkline_deliveries_in_flight", () => this.#attempts.size);
  }

  /** Finds the targets that are owed something since an earlier run. */
  async start(): Promise<void> {
    this.#started = true;
    let from = "";
    for (;;) {
      const page = await this.#context.store.list(DELIVERIES, { index: "targetDue", from, limit: 1 });
      const [delivery] = page.documents;
      if (!delivery) return;
      const { targetArn } = delivery.message;
      this.#wake(targetArn);
      // Due times are digits: "~" is behind all of this target's.
      from = compositeKey(targetArn, "~");
    }
  }

  /** Abandons attempts in flight; they are repeated after the next start. */
  async stop(): Promise<void> {
    this.#started = false;
    for (const abandon of this.#abandons) abandon();
    for (const lane of this.#lanes.values()) lane.alarm?.[Symbol.dispose]();
    await Promise.all([...this.#lanes.values()].map(({ loop }) => loop.stop()));
    await Promise.all(this.#attempts);
  }

  running(): string[] {
    return [...this.#lanes.values()].flatMap(({ targetArn, inFlight }) =>
      [...inFlight].map((deliveryId) => `Delivery ${deliveryId} to ${targetArn}`),
    );
  }

  isInFlight({ message }: Delivery): boolean {
    return this.#lanes.get(message.targetArn)?.inFlight.has(message.request.deliveryId) ?? false;
  }

  async quiet(): Promise<boolean> {
    const nextMs = await this.nextDueMs();
    return this.#attempts.size === 0 && (nextMs === undefined || nextMs > this.#context.clock.now());
  }

  async nextDueMs(): Promise<number | undefined> {
    const page = await this.#context.store.list(DELIVERIES, { index: "due", limit: 1 });
    return page.documents[0]?.dueMs;
  }

  #wake(targetArn: string): void {
    if (!this.#started) return;
    let lane = this.#lanes.get(targetArn);
    if (!lane) {
      const created: Lane = {
        targetArn,
        loop: new Loop(`Deliveries to ${targetArn}`, this.#context, async () => {
          await this.#launch(created);
          return false;
        }),
        inFlight: new Set(),
        width: 1,
      };
      lane = created;
      this.#lanes.set(targetArn, lane);
    }
    lane.loop.wake();
  }

  /** Starts as many attempts as are due and have a place. The end of each wakes the lane again. */
  async #launch(lane: Lane): Promise<void> {
    const room = this.#room(lane);
    if (room <= 0) return;

    // Before the list is read: one that ends meanwhile may be in it still, as it was.
    const inFlight = new Set(lane.inFlight);
    const { due, nextMs } = await this.#listDue(lane, inFlight, room);
    lane.alarm?.[Symbol.dispose]();
    if (nextMs !== undefined) lane.alarm = this.#context.clock.wakeAt(nextMs, () => lane.loop.wake());

    // Nothing leaves the process before what it rests on is durable.
    if (due.size > 0) await this.#context.store.durable();
    for (const [deliveryId, delivery] of due) {
      if (!this.#started) return;
      lane.inFlight.add(deliveryId);
      const attempt = this.#attempt(lane, deliveryId, delivery);
      this.#attempts.add(attempt);
      void attempt.then(() => this.#ended(lane, deliveryId, attempt));
    }
    this.#admitNext();

    // Nothing is owed to the target any more, and nobody has said otherwise meanwhile.
    const isIdle = due.size === 0 && nextMs === undefined && lane.inFlight.size === 0;
    if (isIdle && !lane.loop.woken) this.#lanes.delete(lane.targetArn);
  }

  /** How many attempts the lane may start. Where all places are taken, or others are in line for them, it gets in line. */
  #room(lane: Lane): number {
    const ownRoom = lane.width - lane.inFlight.size;
    const isNext = this.#waiting.size === 0 || this.#waiting.values().next().value === lane;
    if (ownRoom > 0 && (!isNext || this.#attempts.size >= IN_FLIGHT_MAX)) {
      this.#waiting.add(lane);
      return 0;
    }
    this.#waiting.delete(lane);
    return Math.min(ownRoom, IN_FLIGHT_MAX - this.#attempts.size);
  }

  #admitNext(): void {
    if (this.#attempts.size >= IN_FLIGHT_MAX) return;
    const [next] = this.#waiting;
    next?.loop.wake();
  }

  /** The first `room` deliveries that are due and not in flight; where there are fewer, when the next one is. */
  async #listDue(
    lane: Lane,
    inFlight: ReadonlySet<string>,
    room: number,
  ): Promise<{ due: Map<string, Delivery>; nextMs?: number }> {
    const nowMs = this.#context.clock.now();
    const due = new Map<string, Delivery>();
    let after: string | undefined;
    do {
      const page = await this.#context.store.list(DELIVERIES, {
        index: "targetDue",
        prefix: compositeKey(lane.targetArn, ""),
        limit: inFlight.size + room,
        after,
      });
      for (const delivery of page.documents) {
        const { deliveryId } = delivery.message.request;
        if (inFlight.has(deliveryId)) continue;
        if (delivery.dueMs > nowMs) return { due, nextMs: delivery.dueMs };
        due.set(deliveryId, delivery);
        if (due.size === room) return { due };
      }
      after = page.next;
    } while (after !== undefined);
    return { due };
  }

  async #attempt(lane: Lane, deliveryId: string, delivery: Delivery): Promise<void> {
    try {
      const sink = this.#context.findSink(lane.targetArn);
      if (this.#deliveries.tooOld(delivery)) {
        await this.#settle(deliveryId, delivery, (unit) => this.#deliveries.expire(unit, delivery));
      } else if (sink?.append) {
        await this.#attemptInside(lane, sink, deliveryId, delivery);
      } else {
        if (sink?.reserve && !delivery.isPlaced && (await this.#postpone(sink, deliveryId, delivery))) return;
        const told: { durationMs?: number; answer?: TargetAnswer } = {};
        const outcome = sink?.attempt ? await this.#attemptOutside(lane, sink, delivery, told) : noSink(lane.targetArn);
        if (outcome === "abandoned") return;
        await this.#settle(deliveryId, delivery, (unit) => this.#note(unit, delivery, outcome, told));
        adapt(lane, outcome);
      }
    } catch (error) {
      this.#context.log.error({ err: error, deliveryId, targetArn: lane.targetArn }, "A delivery could not be settled");
      await lane.loop.pause(SETTLE_FAILURE_PAUSE_MS);
    }
  }

  /** Lets a delivery wait that has no place yet now. Answers whether it does. */
  async #postpone(sink: Sink, deliveryId: string, delivery: Delivery): Promise<boolean> {
    assert(sink.reserve);
    const { message } = delivery;
    const placeMs = await sink.reserve(message.targetArn, message.request, ageEndMs(message));
    if (placeMs <= this.#context.clock.now()) return false;
    await this.#settle(deliveryId, delivery, async (unit) => this.#deliveries.postponed(unit, delivery, placeMs));
    return true;
  }

  async #attemptInside(lane: Lane, sink: Sink, deliveryId: string, delivery: Delivery): Promise<void> {
    const outcome = await this.#settle(deliveryId, delivery, async (unit) => {
      assert(sink.append);
      const [failure] = await sink.append(unit, lane.targetArn, [delivery.message.request]);
      await this.#note(unit, delivery, failure);
      return failure;
    });
    adapt(lane, outcome);
  }

  async #attemptOutside(
    lane: Lane,
    sink: Sink,
    { message }: Delivery,
    told: { durationMs?: number; answer?: TargetAnswer },
  ): Promise<SinkOutcome | "abandoned"> {
    assert(sink.attempt);
    const { wall, log } = this.#context;
    const ending = new AbortController();
    const { promise: ended, resolve: end } = Promise.withResolvers<SinkOutcome | "abandoned">();
    const startedMs = wall.monotonicMs();
    const tell = (answer: TargetAnswer): void => {
      told.answer = answer;
    };
    const timeoutMs = sink.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS;
    using _timer = wall.after(timeoutMs, () => {
      end({ code: "TIMEOUT", message: `No answer within ${timeoutMs / 1000} s.`, retryable: true });
      ending.abort();
    });
    const abandon = (): void => {
      end("abandoned");
      ending.abort();
    };
    this.#abandons.add(abandon);
    try {
      // A sink that does not heed the signal keeps no place either.
      return await Promise.race([sink.attempt(lane.targetArn, message.request, ending.signal, tell), ended]);
    } catch (error) {
      log.error({ err: error, targetArn: lane.targetArn }, "A sink threw instead of answering with a failure");
      return { code: "INTERNAL_ERROR", message: String(error), retryable: true };
    } finally {
      told.durationMs = Math.round(wall.monotonicMs() - startedMs);
      this.#abandons.delete(abandon);
    }
  }

  /** Runs a move of the delivery in a unit, unless it has moved already. */
  async #settle<R>(deliveryId: string, attempted: Delivery, move: (unit: Unit) => Promise<R>): Promise<R | undefined> {
    return this.#context.store.commitUnsynced(async (unit) => {
      const delivery = await unit.get(DELIVERIES, deliveryId);
      return delivery?.attempts === attempted.attempts ? move(unit) : undefined;
    });
  }

  async #note(unit: Unit, { message, attempts }: Delivery, failure: SinkOutcome, told?: AttemptTold): Promise<void> {
    if (failure) await this.#deliveries.failed(unit, message, attempts + 1, failure, told);
    else this.#deliveries.delivered(unit, message, attempts + 1, told);
  }

  #ended(lane: Lane, deliveryId: string, attempt: Promise<void>): void {
    lane.inFlight.delete(deliveryId);
    this.#attempts.delete(attempt);
    this.#context.activity.ring();
    lane.loop.wake();
    this.#admitNext();
  }
}

/** A failure that another attempt cannot mend says nothing about the target's health. */
function adapt(lane: Lane, failure: SinkOutcome): void {
  lane.width = failure?.retryable ? Math.max(1, lane.width >> 1) : Math.min(IN_FLIGHT_PER_TARGET_MAX, lane.width + 1);
}
