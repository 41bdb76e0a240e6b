/** What the tests of services share: a store in memory, a manual clock and callers of several accounts. Holds no test itself. */
import assert from "node:assert/strict";
import { pino } from "pino";
import { createFlow } from "../flow/index.ts";
import { openStore } from "../store/index.ts";
import { ManualClock, SystemWallClock, type WallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { FileSteps } from "./file-steps.ts";
import type { Caller, Context, Platform, Service } from "./service.ts";

export const START_MS: number = Date.parse("2026-11-21T04:16:10Z");
export const ACCOUNT = "000000000000";
export const OTHER_ACCOUNT = "111122223333";
export const REGION = "us-east-1";

/** Wall time that passes a thousand times as fast. */
class HurriedWallClock extends SystemWallClock implements WallClock {
  override monotonicMs(): number {
    return super.monotonicMs() * 1_000;
  }

  override after(delayMs: number, callback: () => void): Disposable {
    return super.after(delayMs / 1_000, callback);
  }
}

/** In milliseconds of the hurried clock: 20 s. */
const PATIENCE_MS = 20_000_000;

/**
 * A platform in memory whose flow has not started. Every unit runs twice, as it may in production. Limits are enforced where they
 * are given, an empty object for the documented ones.
 */
export async function openPlatform(parts: {
  readonly clock: ManualClock;
  readonly wall: WallClock;
  readonly seed: string;
  readonly limits?: Readonly<Record<string, number>> | undefined;
}): Promise<Platform> {
  const { clock, wall, seed, limits } = parts;
  const log = pino({ level: "silent" });
  const ids = new SeededIds(seed);
  const store = await openStore({ directory: ":memory:", clock, wall, log, runUnitsTwice: true });
  return {
    store,
    clock,
    wall,
    ids,
    flow: createFlow({ store, clock, wall, ids, log }),
    limits: { enforced: limits !== undefined, value: (name, fallback) => limits?.[name] ?? fallback },
    log,
    folder: { isKept: false, path: () => assert.fail("These tests have no folder"), steps: new FileSteps() },
    callOperation: () => assert.fail("These tests have no front door"),
    endpoint: "http://127.0.0.1:4510",
    ownUrl: "http://127.0.0.1:4510",
  };
}

export async function closePlatform({ flow, store }: Platform): Promise<void> {
  await flow.stop();
  await store.close();
}

/** Who calls: an account's root. */
export function callerOf(account: string, region: string = REGION): Caller {
  return {
    account,
    region,
    accessKeyId: "test",
    principalArn: `arn:aws:iam::${account}:root`,
    requestId: "0f8e1d2c-0000-4000-8000-000000000000",
    signal: new AbortController().signal,
  };
}

export interface ServiceWorld extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly platform: Platform;
  /** What a handler is given; without arguments, of the default account and region. */
  context(caller?: Partial<Context>): Context;
  /** Moves the clock on and returns when what became due is done. */
  advance(ms: number): Promise<void>;
}

export async function openServiceWorld(
  service: Service,
  { enforced = false }: { enforced?: boolean } = {},
): Promise<ServiceWorld> {
  const clock = new ManualClock(START_MS);
  const limits = enforced ? {} : undefined;
  const platform = await openPlatform({ clock, wall: new HurriedWallClock(), seed: "services", limits });
  const { flow } = platform;
  await service.start?.(platform);
  await flow.start();

  return {
    clock,
    platform,
    context: (caller = {}) => ({ ...platform, ...callerOf(caller.account ?? ACCOUNT), ...caller }),
    async advance(ms) {
      clock.moveTo(clock.now() + ms);
      if (!(await flow.drained(PATIENCE_MS))) throw new Error(`Still running: ${flow.running().join(", ")}`);
    },
    [Symbol.asyncDispose]: () => closePlatform(platform),
  };
}
