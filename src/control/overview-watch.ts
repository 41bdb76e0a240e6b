import { Bell } from "../flow/index.ts";
import type { InstanceRef } from "../services/connect/index.ts";
import { perStore } from "../services/per-store.ts";
import type { Platform } from "../services/service.ts";
import { type CentreMoment, CentrePictures } from "./centre-picture.ts";
import { onAbort } from "./pause.ts";
import { readTotals, totalsOf } from "./totals.ts";
import { MOMENT_MS, MOMENTS_MAX } from "./totals-history.ts";

/** How often a picture is made, in wall time: so often that whatever happens is told within a second, its making and its way included. */
const EVERY_MS = 750;
/** How long an instance is still watched, every five seconds, when nobody looks any more: whoever comes back has its history at once. */
const LINGER_MS = 15 * 60_000;
/** Deliveries that wait are counted up to here, and read at most so often. */
const WAITING_MAX = 200;
const WAITING_EVERY_MS = 3_000;

/** What several readers look at. Without an instance: the account in its Region. */
export interface Watch {
  look(): Look;
  /** How the centre was, every five seconds, oldest first. */
  readonly history: readonly CentreMoment[];
}

export interface Look extends Disposable {
  /** The next picture that this reader has not seen, as JSON; `undefined`: it is over. */
  next(signal: AbortSignal): Promise<string | undefined>;
}

const watches = perStore(() => new Map<string, RunningWatch>());

export function findWatch(platform: Platform, instance: InstanceRef): Watch {
  const all = watches(platform.store);
  const key = [instance.account, instance.region, instance.instanceId].join(" ");
  const found = all.get(key) ?? new RunningWatch(platform, instance, () => all.delete(key));
  all.set(key, found);
  return found;
}

/** Ends all watches, before the store closes. */
export async function endWatches(platform: Platform): Promise<void> {
  await Promise.all([...watches(platform.store).values()].map((watch) => watch.end()));
}

class RunningWatch implements Watch {
  readonly #platform: Platform;
  readonly #instance: InstanceRef;
  readonly #centre: CentrePictures | undefined;
  readonly #bell = new Bell();
  /** Ends the pause where a reader comes who need not wait for the next second. */
  #wake: (() => void) | undefined;
  #isWoken = false;
  readonly #onEnd: () => void;
  readonly #moments: CentreMoment[] = [];
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  #readers = 0;
  #unwatchedSinceMs: number;
  #latest: { readonly number: number; readonly text: string } | undefined;
  #waiting: { readonly atMs: number; readonly count: number; readonly more: boolean } | undefined;

  constructor(platform: Platform, instance: InstanceRef, onEnd: () => void) {
    this.#platform = platform;
    this.#instance = instance;
    this.#onEnd = onEnd;
    this.#unwatchedSinceMs = platform.wall.now();
    this.#centre = instance.instanceId === "" ? undefined : new CentrePictures(platform, instance);
    this.#running = this.#run();
  }

  get history(): readonly CentreMoment[] {
    return this.#moments;
  }

  look(): Look {
    this.#readers += 1;
    if (this.#latest === undefined) {
      this.#isWoken = true;
      this.#wake?.();
    }
    let seen = 0;
    return {
      next: async (signal) => {
        for (;;) {
          const rung = this.#bell.next();
          if (signal.aborted || this.#abort.signal.aborted) return undefined;
          if (this.#latest && this.#latest.number > seen) {
            seen = this.#latest.number;
            return this.#latest.text;
          }
          const { promise: ended, resolve } = Promise.withResolvers<void>();
          using _end = onAbort(signal, resolve);
          await Promise.race([rung, ended]);
        }
      },
      [Symbol.dispose]: () => {
        this.#readers -= 1;
        this.#unwatchedSinceMs = this.#platform.wall.now();
        // Later readers begin with a picture of their own time.
        if (this.#readers === 0) this.#latest = undefined;
      },
    };
  }

  async end(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { wall, log } = this.#platform;
    let number = 0;
    try {
      for (;;) {
        const startedMs = wall.monotonicMs();
        this.#isWoken = false;
        if (this.#readers > 0 || number === 0) this.#latest = { number: ++number, text: await this.#picture() };
        else if (this.#isDue()) await this.#centre?.stages();
        this.#keep();
        this.#bell.ring();
        if (this.#readers === 0 && wall.now() - this.#unwatchedSinceMs > LINGER_MS) return;
        await this.#pause(Math.max(EVERY_MS / 2, EVERY_MS - (wall.monotonicMs() - startedMs)));
        if (this.#abort.signal.aborted) return;
      }
    } catch (error) {
      // An instance that is gone is no fault: whoever reads asks again, and is told so.
      if (!this.#abort.signal.aborted) log.debug({ err: error }, "The overview of an instance ended");
    } finally {
      this.#abort.abort();
      this.#centre?.[Symbol.dispose]();
      this.#onEnd();
      this.#bell.ring();
    }
  }

  async #picture(): Promise<string> {
    const { clock, wall, flow, store } = this.#platform;
    const { account, region } = this.#instance;
    const centre = await this.#centre?.now();
    const picture = {
      time: new Date(clock.now()).toISOString(),
      atMs: wall.now(),
      ...centre,
      totals: totalsOf(readTotals(flow.metrics), account, region),
      deliveries: await this.#deliveries(),
    };
    // Nothing leaves the process before it is durable.
    await store.durable();
    return JSON.stringify(picture);
  }

  /** Deliveries that are owed, counted up to a bound. */
  async #deliveries(): Promise<{ readonly waiting: number; readonly more: boolean }> {
    const { flow, wall } = this.#platform;
    const atMs = wall.monotonicMs();
    if (this.#waiting === undefined || atMs - this.#waiting.atMs >= WAITING_EVERY_MS) {
      const page = await flow.owed.list(this.#instance, {}, { limit: WAITING_MAX });
      this.#waiting = { atMs, count: page.deliveries.length, more: page.next !== undefined };
    }
    return { waiting: this.#waiting.count, more: this.#waiting.more };
  }

  #isDue(): boolean {
    return this.#platform.wall.now() - (this.#moments.at(-1)?.atMs ?? 0) >= MOMENT_MS;
  }

  #keep(): void {
    const moment = this.#isDue() ? this.#centre?.moment(this.#platform.wall.now()) : undefined;
    if (moment === undefined) return;
    this.#moments.push(moment);
    if (this.#moments.length > MOMENTS_MAX) this.#moments.shift();
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isWoken) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    using _timer = this.#platform.wall.after(ms, resolve);
    using _end = onAbort(this.#abort.signal, resolve);
    await promise;
    this.#wake = undefined;
  }
}
