import { type Collection, collection, type Unit } from "../../store/store.ts";
import type { Limits } from "../service.ts";

/**
 * Counts per account and instance that hold with `--enforce-limits`: defaults of the quota page of the administrator guide
 * ("Amazon Connect service quotas").
 */
const QUOTAS = {
  "connect.instances-per-region": 2,
  "connect.queues-per-instance": 100,
  "connect.hours-of-operation-per-instance": 100,
  "connect.flows-per-instance": 100,
  "connect.concurrent-calls-per-instance": 10,
  "connect.concurrent-tasks-per-instance": 2_500,
  "connect.concurrent-emails-per-instance": 1_000,
} as const;

export type Quota = keyof typeof QUOTAS;

/** A decision that rests on a count writes the document that guards it, so that two such decisions cannot both be the last. */
const guards: Collection<{ decisions: number }> = collection("connect_guards");

/** Documents read at once to be counted. */
const COUNTED_PER_READ = 1_000;

/** Whether a quota is used up: as many documents as it allows have this prefix in id order, or in an index. */
export async function quotaReached<T>(
  unit: Unit,
  limits: Limits,
  quota: Quota,
  counted: { collection: Collection<T>; prefix: string; index?: string },
): Promise<boolean> {
  if (!limits.enforced) return false;
  return countReaches(unit, counted, limits.value(quota, QUOTAS[quota]));
}

/** Whether at least `count` documents have this prefix. */
export async function countReaches<T>(
  unit: Unit,
  counted: { collection: Collection<T>; prefix: string; index?: string },
  count: number,
): Promise<boolean> {
  const guard = `${counted.collection.name}:${counted.index ?? "id"}:${counted.prefix}`;
  const decisions = (await unit.get(guards, guard))?.decisions ?? 0;
  unit.put(guards, guard, { decisions: decisions + 1 });

  const range = { prefix: counted.prefix, ...(counted.index === undefined ? {} : { index: counted.index }) };
  let found = 0;
  let after: string | undefined;
  while (found < count) {
    const limit = Math.min(count - found, COUNTED_PER_READ);
    const page = await unit.list(counted.collection, { ...range, limit, after });
    found += page.documents.length;
    after = page.next;
    if (after === undefined) break;
  }
  return found >= count;
}
