import type { GetUsageRequest, UpdateUsageRequest, Usage } from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, notFound } from "../errors.ts";
import { slicePositions } from "../paging.ts";
import { patched } from "../patch.ts";
import { planKeyKey, type UsagePlanDocument, usagePlanKeys } from "./documents.ts";
import { dayOf, periodStart, remainingQuota, setRemaining, usageDays } from "./usage.ts";
import { keysOfPlan } from "./usage-plan-keys.ts";
import { getPlanOf } from "./usage-plans.ts";

const DAY_MS = 86_400_000;
/** "…within 90 days." */
const DAYS_MAX = 90;

/** For each key and each day, how often it was used under a plan and what was left of the quota then. */
export async function getUsage(input: Validated<GetUsageRequest>, context: Context): Promise<Usage> {
  const { usagePlanId, startDate, endDate, keyId } = input;
  const owned = await getPlanOf(context.store, context, usagePlanId);
  const days = daysBetween(startDate, endDate);
  const ids = (await keysOfPlan(context, usagePlanId)).map(({ id }) => id);
  if (keyId !== undefined && !ids.includes(keyId)) throw notFound(`Usage Plan ${usagePlanId} has no key ${keyId}`);
  const wanted = keyId === undefined ? ids : [keyId];
  const page = slicePositions(context, wanted, (id) => id, input, ["GetUsage", usagePlanId, startDate, endDate, keyId]);
  const items: Record<string, number[][]> = {};
  for (const id of page.items) items[id] = await usageOf(context.store, owned, id, days);
  return { usagePlanId, startDate, endDate, items, ...(page.position && { position: page.position }) };
}

function daysBetween(startDate: string, endDate: string): readonly string[] {
  const startMs = dateMs(startDate);
  const endMs = dateMs(endDate);
  if (endMs < startMs) throw badRequest("Usage start date must not be after the end date");
  const count = (endMs - startMs) / DAY_MS + 1;
  if (count > DAYS_MAX) throw badRequest(`Usage date range must not be longer than ${DAYS_MAX} days`);
  return Array.from({ length: count }, (_, index) => dayOf(startMs + index * DAY_MS));
}

function dateMs(date: string): number {
  const timeMs = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(timeMs) || dayOf(timeMs) !== date) throw badRequest(`Invalid date specified: ${date}`);
  return timeMs;
}

async function usageOf(
  reader: Reader,
  { account, region, plan }: UsagePlanDocument,
  keyId: string,
  days: readonly string[],
): Promise<number[][]> {
  const limit = plan.quota?.limit ?? 0;
  let period = "";
  let remaining = limit;
  const rows: number[][] = [];
  for (const day of days) {
    const start = periodStart(plan.quota?.period, dateMs(day));
    if (start !== period) remaining = limit;
    period = start;
    const found = await reader.get(usageDays, compositeKey(account, region, plan.id, keyId, day));
    remaining = found?.remaining ?? remaining;
    rows.push([found?.used ?? 0, remaining]);
  }
  return rows;
}

/** Sets what a key has left of the quota in the running period. */
export async function updateUsage(input: Validated<UpdateUsageRequest>, context: Context): Promise<Usage> {
  const { usagePlanId, keyId } = input;
  const nowMs = context.clock.now();
  return context.store.commit(async (unit) => {
    const owned = await getPlanOf(unit, context, usagePlanId);
    if ((await unit.get(usagePlanKeys, planKeyKey(context, usagePlanId, keyId))) === undefined) {
      throw notFound(`Invalid Usage Plan Key identifier specified: ${keyId}`);
    }
    const before = await remainingQuota(unit, owned, keyId, nowMs);
    if (before === undefined) throw badRequest("Usage Plan has no quota");
    const draft = patched({ remaining: before }, input.patchOperations, remainingPath, "names-path");
    if (draft.remaining !== before) await setRemaining(unit, owned, keyId, nowMs, draft.remaining);
    const day = dayOf(nowMs);
    const today = await unit.get(usageDays, compositeKey(context.account, context.region, usagePlanId, keyId, day));
    const items = { [keyId]: [[today?.used ?? 0, draft.remaining]] };
    return { usagePlanId, startDate: day, endDate: day, items };
  });
}

const remainingPath = {
  "/remaining": {
    replace(draft: { remaining: number }, value: string | undefined): void {
      if (!/^\d{1,15}$/.test(value ?? "")) throw badRequest(`Invalid value specified for remaining: ${value ?? null}`);
      draft.remaining = Number(value);
    },
  },
};
