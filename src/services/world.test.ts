/** What the tests of services share: a store in memory, a manual clock and callers of several accounts. Holds no test itself. */
import { pino } from "pino";
import { createFlow } from "../flow/index.ts";
import { openStore } from "../store/index.ts";
import { ManualClock, SystemWallClock, type WallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import type { Context, Platform, Service } from "./service.ts";

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

export interface ServiceWorld extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly platform: Platform;
  /** What a handler is given; without arguments, of the default account and region. */
  context(caller?: Partial<Context>): Context;
  /** Moves the clock on and returns when what became due is done. */
  advance(ms: number): Promise<void>;
}

/** Every unit runs twice, as it may in production. */
export async function openServiceWorld(
  service: Service,
  { enforced = false }: { enforced?: boolean } = {},
): Promise<ServiceWorld> {
  const clock = new ManualClock(START_MS);
  const wall = new HurriedWallClock();
  const store = await openStore({ directory: ":memory:", clock, wall, runUnitsTwice: true });
  const ids = new SeededIds("services");
  const log = pino({ level: "silent" });
  const flow = createFlow({ store, clock, wall, ids, log });
  const limits = { enforced, value: (_name: string, fallback: number): number => fallback };
  const platform: Platform = { store, clock, wall, ids, flow, limits, log, endpoint: "http://127.0.0.1:4510" };
  await service.start?.(platform);
  await flow.start();

  return {
    clock,
    platform,
    context: (caller = {}) => {
      const account = caller.account ?? ACCOUNT;
      return {
        ...platform,
        account,
        region: REGION,
        accessKeyId: "test",
        principalArn: `arn:aws:iam::${account}:root`,
        requestId: "request",
        signal: new AbortController().signal,
        ...caller,
      };
    },
    async advance(ms) {
      clock.moveTo(clock.now() + ms);
      if (!(await flow.drained(PATIENCE_MS))) throw new Error(`Still running: ${flow.running().join(", ")}`);
    },
    async [Symbol.asyncDispose]() {
      await flow.stop();
      await store.close();
    },
  };
}
