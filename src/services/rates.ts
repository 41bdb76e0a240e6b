/**
 * Rates with `--enforce-limits`: calls, records and bytes a second.
 *
 * Use is counted in windows of a second of the centre's clock. A window that has taken more bytes than a second allows lasts as
 * long as these bytes need: so a full answer of 10 MiB blocks a Kinesis shard for the documented 5 seconds, and a single record
 * may be larger than what a shard takes in a second. A process counts for itself.
 */
import type { Store } from "../store/store.ts";
import { BoundedMap } from "./bounded-map.ts";
import { perStore } from "./per-store.ts";

export interface Rate {
  readonly perSecond: number;
  readonly bytesPerSecond?: number;
}

export interface Use {
  readonly count: number;
  readonly bytes: number;
}

/** One call, whatever it carries. */
export const ONE_CALL: Use = { count: 1, bytes: 0 };

interface Window extends Use {
  readonly startMs: number;
}

const NOTHING: Use = { count: 0, bytes: 0 };

/** Windows that are remembered: those that were used last. */
const WINDOWS_MAX = 10_000;

class Rates {
  /** What a server is started with is no traffic: meanwhile they do not hold. */
  areOff = false;
  readonly #windows = new BoundedMap<string, Window>(WINDOWS_MAX);

  /** Takes what is asked for where there is room. */
  take(key: string, rate: Rate, use: Use, nowMs: number): boolean {
    if (this.areOff) return true;
    const room = this.hasRoom(key, rate, use, nowMs);
    if (room) this.charge(key, rate, use, nowMs);
    return room;
  }

  /** `pending` is use that is not counted yet. */
  hasRoom(key: string, rate: Rate, use: Use, nowMs: number, pending: Use = NOTHING): boolean {
    const window = this.#current(key, rate, nowMs) ?? NOTHING;
    const count = window.count + pending.count;
    const bytes = window.bytes + pending.bytes;
    const { bytesPerSecond = Number.POSITIVE_INFINITY } = rate;
    // The first record of a window may be as large as it likes.
    const bytesFit = count === 0 || bytes + Math.max(use.bytes, 1) <= bytesPerSecond;
    return count + use.count <= rate.perSecond && bytesFit;
  }

  /** Counts what has been used, room or not. */
  charge(key: string, rate: Rate, use: Use, nowMs: number): void {
    const { startMs, count, bytes } = this.#current(key, rate, nowMs) ?? { startMs: nowMs, ...NOTHING };
    this.#windows.set(key, { startMs, count: count + use.count, bytes: bytes + use.bytes });
  }

  #current(key: string, rate: Rate, nowMs: number): Window | undefined {
    const window = this.#windows.get(key);
    if (window === undefined) return undefined;
    const { bytesPerSecond = Number.POSITIVE_INFINITY } = rate;
    const lengthMs = Math.max(1, window.bytes / bytesPerSecond) * 1000;
    return nowMs < window.startMs + lengthMs ? window : undefined;
  }
}

/** The rates of what lies in a store. Keys begin with the service and the operation, then name whose rate it is. */
export const ratesOf: (store: Store) => Rates = perStore(() => new Rates());

/** What the names of an operation's limits begin with: `kinesis.create-stream` for `CreateStream`. */
export function limitsOf(service: string, operation: string): string {
  return `${service}.${operation.replace(/(?!^)[A-Z]/g, "-$&").toLowerCase()}`;
}
