/**
 * How often a key was used under a plan that has a quota: a document for each day that had calls, which GetUsage lists, and one for each
 * period, which says what is left. Whoever answers calls counts them here.
 */
import type { QuotaSettings } from "@aws-sdk/client-api-gateway";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import type { UsagePlanDocument } from "./documents.ts";

export interface UsageDay {
  readonly planId: string;
  readonly keyId: string;
  /** Such as `2026-11-30`, in UTC. */
  readonly day: string;
  readonly used: number;
  /** What was left of the quota when the day's last call was counted. */
  readonly remaining: number;
}

interface UsagePeriod {
  readonly used: number;
  /** What UpdateUsage added to the quota of this period, or took from it. */
  readonly extra: number;
}

export const usageDays: Collection<UsageDay> = collection("apigateway_usage_days");
const usagePeriods: Collection<UsagePeriod> = collection("apigateway_usage_periods");

const DAY_MS = 86_400_000;

/** The first day of the period that a time is in: of the day, the week (which begins on Monday) or the month, in UTC. */
export function periodStart(period: QuotaSettings["period"], nowMs: number): string {
  const now = new Date(nowMs);
  if (period === "MONTH") return `${now.toISOString().slice(0, 7)}-01`;
  const back = period === "WEEK" ? (now.getUTCDay() + 6) % 7 : 0;
  return dayOf(nowMs - back * DAY_MS);
}

export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/** How many calls a key may still make in this period; `undefined` where its plan has no quota. */
export async function remainingQuota(
  reader: Reader,
  { account, region, plan }: UsagePlanDocument,
  keyId: string,
  nowMs: number,
): Promise<number | undefined> {
  if (plan.quota?.limit === undefined) return undefined;
  const start = periodStart(plan.quota.period, nowMs);
  const period = await reader.get(usagePeriods, compositeKey(account, region, plan.id, keyId, start));
  if (period !== undefined) return quotaOf(plan.quota) + period.extra - period.used;
  return quotaOf(plan.quota) - (await firstPeriodOffset(reader, { account, region, plan }, keyId));
}

/** Counts calls under a plan that has a quota; those of a plan without one are not counted. */
export async function countUsage(
  unit: Unit,
  owned: UsagePlanDocument,
  keyId: string,
  nowMs: number,
  calls: number,
): Promise<void> {
  const remaining = await remainingQuota(unit, owned, keyId, nowMs);
  if (remaining !== undefined) await change(unit, owned, keyId, nowMs, { used: calls, remaining: remaining - calls });
}

/** Sets what is left of the quota in this period, as UpdateUsage does. */
export async function setRemaining(
  unit: Unit,
  owned: UsagePlanDocument,
  keyId: string,
  nowMs: number,
  remaining: number,
): Promise<void> {
  await change(unit, owned, keyId, nowMs, { used: 0, remaining });
}

async function change(
  unit: Unit,
  { account, region, plan }: UsagePlanDocument,
  keyId: string,
  nowMs: number,
  { used, remaining }: { used: number; remaining: number },
): Promise<void> {
  const key = compositeKey(account, region, plan.id, keyId, periodStart(plan.quota?.period, nowMs));
  const usedInPeriod = ((await unit.get(usagePeriods, key))?.used ?? 0) + used;
  const extra = remaining + usedInPeriod - quotaOf(plan.quota);
  unit.put(usagePeriods, key, { used: usedInPeriod, extra });
  const day = dayOf(nowMs);
  const dayKey = compositeKey(account, region, plan.id, keyId, day);
  const usedToday = ((await unit.get(usageDays, dayKey))?.used ?? 0) + used;
  unit.put(usageDays, dayKey, { planId: plan.id, keyId, day, used: usedToday, remaining });
}

function quotaOf(quota: QuotaSettings | undefined): number {
  return quota?.limit ?? 0;
}

/** "The number of requests subtracted from the given limit in the initial time period": the first that has calls. */
async function firstPeriodOffset(
  reader: Reader,
  { account, region, plan }: UsagePlanDocument,
  keyId: string,
): Promise<number> {
  const offset = plan.quota?.offset ?? 0;
  if (offset === 0) return 0;
  const prefix = compositeKey(account, region, plan.id, keyId, "");
  const { documents } = await reader.list(usagePeriods, { prefix, limit: 1 });
  return documents.length === 0 ? offset : 0;
}
