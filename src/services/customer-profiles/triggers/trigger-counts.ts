import { type Collection, collection, type Unit } from "../../../store/store.ts";
import { inDomain } from "../domain.ts";
import type { EventTrigger } from "./event-trigger.ts";
import { type Cap, capOf, countedTimes, periodsOf } from "./trigger-limits.ts";

/** When a trigger has fired for a profile: as far back as its periods look. */
interface TriggerCount {
  readonly uid: string;
  readonly triggerId: string;
  readonly profileId: string;
  readonly timesMs: readonly number[];
  /** Nothing of it counts from then on. */
  readonly expiresMs: number;
}

export const triggerCounts: Collection<TriggerCount> = collection("profiles_trigger_counts", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

export function triggerCountKey({
  uid,
  triggerId,
  profileId,
}: Pick<TriggerCount, "uid" | "triggerId" | "profileId">): string {
  return inDomain({ uid }, triggerId, profileId);
}

/** What is over and is deleted with each that comes. */
const SWEPT = 2;

/** Counts an invocation, or tells why there may be none: in the unit that makes it, so that no two are counted as one. */
export async function countInvocation(
  unit: Unit,
  trigger: EventTrigger,
  profileId: string,
  nowMs: number,
): Promise<Cap | undefined> {
  const periods = periodsOf(trigger.limits);
  if (periods.length === 0) return undefined;
  const key = triggerCountKey({ uid: trigger.uid, triggerId: trigger.id, profileId });
  const timesMs = (await unit.get(triggerCounts, key))?.timesMs ?? [];
  const cap = capOf(periods, timesMs, nowMs);
  if (cap) return cap;
  const expired = await unit.list(triggerCounts, { index: "expires", before: nowMs, limit: SWEPT });
  for (const old of expired.documents) unit.delete(triggerCounts, triggerCountKey(old));
  const count = { uid: trigger.uid, triggerId: trigger.id, profileId };
  const expiresMs = nowMs + Math.max(...periods.map(({ windowMs }) => windowMs));
  unit.put(triggerCounts, key, { ...count, timesMs: countedTimes(periods, timesMs, nowMs), expiresMs });
  return undefined;
}

/** An invocation came to nothing: it does not count. */
export async function uncountInvocation(
  unit: Unit,
  invocation: Pick<TriggerCount, "uid" | "triggerId" | "profileId">,
  timeMs: number,
): Promise<void> {
  const key = triggerCountKey(invocation);
  const count = await unit.get(triggerCounts, key);
  const at = count?.timesMs.indexOf(timeMs) ?? -1;
  if (!count || at < 0) return;
  unit.put(triggerCounts, key, { ...count, timesMs: count.timesMs.toSpliced(at, 1) });
}
