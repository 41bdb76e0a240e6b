import { ModeledError } from "../../models/modeled-error.ts";
import type { Context, Limits } from "../service.ts";

/** PutEvents requests a second in an account and region: the service quota of us-east-1, the greatest. */
const REQUESTS_PER_SECOND_MAX = 10_000;

const WINDOW_MS = 1000;

interface Window {
  readonly startMs: number;
  requests: number;
}

/** Account and region → the running second. Belongs to the process that has these limits, and ends with it. */
const windows = new WeakMap<Limits, Map<string, Window>>();

/** Counts a PutEvents request where rates hold. Throws `ThrottlingException` when the second is used up. */
export function takeFromRate({ limits, clock, account, region }: Context): void {
  if (!limits.enforced) return;
  const byCaller = windows.get(limits) ?? new Map<string, Window>();
  windows.set(limits, byCaller);
  const key = `${account}/${region}`;
  const nowMs = clock.now();
  const running = byCaller.get(key);
  const window = running && nowMs < running.startMs + WINDOW_MS ? running : { startMs: nowMs, requests: 0 };
  byCaller.set(key, window);
  if (window.requests >= limits.value("events.put-events-per-second", REQUESTS_PER_SECOND_MAX)) {
    throw new ModeledError("ThrottlingException", "Rate exceeded");
  }
  window.requests += 1;
}
