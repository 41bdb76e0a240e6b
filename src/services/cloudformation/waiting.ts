/** Waits of resources: begun in the unit that notes what was done, ended by signals or by the clock. */

import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Awaited, Told } from "./resource-type.ts";
import { signalsFor } from "./signals.ts";
import type { Waiting } from "./stack.ts";
import { wakeEngine } from "./wake.ts";

const WAIT = "cloudformation.wait";

export function startWaiting(platform: Platform): void {
  platform.flow.onTimer(WAIT, (unit) => {
    wakeEngine(unit, platform);
    return Promise.resolve();
  });
}

export function isAwaited(answer: unknown): answer is Awaited {
  return typeof answer === "object" && answer !== null && "awaited" in answer;
}

/** Sets the timer of a wait, and gives what is kept of it. */
export function beginWait(unit: Unit, { flow, clock }: Platform, { awaited }: Awaited): Waiting {
  const { token, count, waitMs } = awaited;
  if (waitMs === undefined) return { token, count };
  const dueMs = clock.now() + waitMs;
  flow.schedule(unit, { id: `${WAIT}/${token}`, kind: WAIT, dueMs, payload: token });
  return { token, count, dueMs };
}

/** Ends a wait's timer. */
export function endWait(unit: Unit, { flow }: Platform, { token, dueMs }: Waiting): void {
  if (dueMs !== undefined) flow.cancel(unit, `${WAIT}/${token}`);
}

/** What has come for a wait; `undefined` as long as it goes on. */
export async function toldOf(
  { store, clock }: Platform,
  { token, count, dueMs, begun }: Waiting,
): Promise<Told | undefined> {
  const physicalId = begun?.physicalId;
  const signals = await signalsFor(store, token);
  if (signals.length >= count || signals.some(({ body }) => isFailure(body)))
    return { signals, count, isLate: false, physicalId };
  return dueMs !== undefined && clock.now() >= dueMs ? { signals, count, isLate: true, physicalId } : undefined;
}

export function isFailure({ Status }: Readonly<Record<string, unknown>>): boolean {
  return Status !== "SUCCESS";
}
