import type {
  ApiStage,
  CreateUsagePlanRequest,
  DeleteUsagePlanRequest,
  GetUsagePlanRequest,
  GetUsagePlansRequest,
  QuotaPeriodType,
  QuotaSettings,
  ThrottleSettings,
  UpdateUsagePlanRequest,
  UsagePlan,
  UsagePlans,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { countUpTo } from "../../count-up-to.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, limitExceeded, notFound } from "../errors.ts";
import { API_ID_LENGTH, newId } from "../new-id.ts";
import { positionPage, slicePositions } from "../paging.ts";
import { type PatchTable, patched, removal, text } from "../patch.ts";
import { USAGE_PLANS_MAX } from "../quotas.ts";
import { type Owned, partKey, stages } from "../rest/documents.ts";
import { findApi } from "../rest/rest-api.ts";
import { checkTags, tagsMember } from "../tag-rules.ts";
import { apiKeys, ownedKey, type UsagePlanDocument, usagePlanKeys, usagePlans } from "./documents.ts";

type PlanContent = UsagePlanDocument["plan"];

export async function createUsagePlan(input: Validated<CreateUsagePlanRequest>, context: Context): Promise<UsagePlan> {
  const { account, region, limits } = context;
  const { tags, apiStages = [], quota, ...members } = input;
  if (input.name === "") throw badRequest("Usage Plan name cannot be blank");
  checkTags(tags);
  const plan: PlanContent = {
    ...members,
    id: newId(context.ids, API_ID_LENGTH),
    apiStages,
    ...(quota !== undefined && { quota: { offset: 0, ...quota } }),
    ...tagsMember(tags),
  };
  checkPlan(plan);
  return context.store.commit(async (unit) => {
    if (limits.enforced) {
      await guardRange(unit, compositeKey(account, region, "apigateway.usage-plans"));
      const max = limits.value("apigateway.usage-plans", USAGE_PLANS_MAX);
      const counted = { collection: usagePlans, prefix: compositeKey(account, region, "") };
      if ((await countUpTo(unit, counted, max)) >= max) {
        throw limitExceeded(`Maximum number of Usage Plans for this account has been reached: ${max}`);
      }
    }
    for (const stage of apiStages) await checkStage(unit, context, stage, plan.id);
    unit.put(usagePlans, ownedKey(context, plan.id), { account, region, plan });
    return plan;
  });
}

function checkPlan({ throttle, quota, apiStages = [] }: PlanContent): void {
  checkThrottle(throttle);
  for (const stage of apiStages) for (const one of Object.values(stage.throttle ?? {})) checkThrottle(one);
  if (quota === undefined) return;
  const { limit = 0, offset = 0, period } = quota;
  if (limit < 0) throw badRequest("Usage Plan quota limit must not be negative");
  if (offset < 0) throw badRequest("Usage Plan quota offset must not be negative");
  if (period === undefined) throw badRequest("Usage Plan quota period must be one of: DAY, WEEK, MONTH");
}

function checkThrottle(throttle: ThrottleSettings | undefined): void {
  const { rateLimit = 0, burstLimit = 0 } = throttle ?? {};
  if (!(rateLimit >= 0) || !(burstLimit >= 0)) throw badRequest("Usage Plan throttle limits must not be negative");
}

async function checkStage(reader: Reader, owner: Owned, { apiId, stage }: ApiStage, planId: string): Promise<void> {
  if (!apiId || !stage) throw badRequest("Invalid API Stage specified");
  const api = await findApi(reader, owner, apiId);
  if (api && (await reader.get(stages, partKey(apiId, stage)))) return;
  throw notFound(`Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan ${planId}`);
}

export async function getPlanOf(reader: Reader, owner: Owned, id: string): Promise<UsagePlanDocument> {
  const found = await reader.get(usagePlans, ownedKey(owner, id));
  if (found === undefined) throw notFound("Invalid Usage Plan ID specified");
  return found;
}

export async function getUsagePlan(input: Validated<GetUsagePlanRequest>, context: Context): Promise<UsagePlan> {
  return (await getPlanOf(context.store, context, input.usagePlanId)).plan;
}

/** The plans of the account, or those that a key is in. */
export async function getUsagePlans(input: Validated<GetUsagePlansRequest>, context: Context): Promise<UsagePlans> {
  const { account, region } = context;
  const { keyId } = input;
  if (keyId !== undefined) {
    const prefix = compositeKey(account, region, keyId, "");
    const { documents } = await context.store.list(usagePlanKeys, { index: "key", prefix, limit: 1_000 });
    const plans: PlanContent[] = [];
    for (const { planId } of documents) plans.push((await getPlanOf(context.store, context, planId)).plan);
    return slicePositions(context, plans, ({ id }) => id, input, ["GetUsagePlans", keyId]);
  }
  const listing = {
    collection: usagePlans,
    under: [account, region],
    nameOf: ({ plan }: UsagePlanDocument) => plan.id,
  };
  const { items, position } = await positionPage(context, listing, input, ["GetUsagePlans"]);
  return { items: items.map(({ plan }) => plan), position };
}

const planPaths: PatchTable<PlanContent> = {
  "/name": {
    replace(draft, value) {
      if (!value) throw badRequest("Usage Plan name cannot be blank");
      draft.name = value;
    },
  },
  "/description": { replace: text("description"), remove: removal("description") },
  "/productCode": { replace: text("productCode"), remove: removal("productCode") },
  "/quota": { remove: removal("quota") },
  "/quota/limit": quota((value) => ({ limit: whole(value) })),
  "/quota/offset": quota((value) => ({ offset: whole(value) })),
  "/quota/period": quota((value) => ({ period: periodOf(value) })),
  "/throttle": { remove: removal("throttle") },
  "/throttle/burstLimit": throttle((value) => ({ burstLimit: whole(value) })),
  "/throttle/rateLimit": throttle((value) => ({ rateLimit: rate(value) })),
  "/apiStages": {
    add(draft, value) {
      const added = stageNamed(value);
      const others = (draft.apiStages ?? []).filter((one) => !isSameStage(one, added));
      draft.apiStages = [...others, added];
    },
    remove(draft, value) {
      const removed = stageNamed(value);
      stageIn(draft, removed);
      draft.apiStages = (draft.apiStages ?? []).filter((one) => !isSameStage(one, removed));
    },
  },
  "/apiStages/{stage}/throttle": {
    remove(draft, _, [name]) {
      delete stageIn(draft, stageNamed(name)).throttle;
    },
  },
  "/apiStages/{stage}/throttle/{method}": {
    remove(draft, _, [name, method = ""]) {
      const stage = stageIn(draft, stageNamed(name));
      const { [method]: __, ...rest } = stage.throttle ?? {};
      stage.throttle = rest;
    },
  },
  "/apiStages/{stage}/throttle/{method}/rateLimit": methodThrottle((value) => ({ rateLimit: rate(value) })),
  "/apiStages/{stage}/throttle/{method}/burstLimit": methodThrottle((value) => ({ burstLimit: whole(value) })),
};

type Step = (draft: PlanContent, value: string | undefined, names: readonly string[]) => void;

function quota(parse: (value: string) => QuotaSettings): { add: Step; replace: Step } {
  const set: Step = (draft, value = "") => {
    draft.quota = { limit: 0, offset: 0, ...draft.quota, ...parse(value) };
  };
  return { add: set, replace: set };
}

function throttle(parse: (value: string) => ThrottleSettings): { add: Step; replace: Step } {
  const set: Step = (draft, value = "") => {
    draft.throttle = { burstLimit: 0, rateLimit: 0, ...draft.throttle, ...parse(value) };
  };
  return { add: set, replace: set };
}

function methodThrottle(parse: (value: string) => ThrottleSettings): { add: Step; replace: Step } {
  const set: Step = (draft, value = "", [name, method = ""]) => {
    const stage = stageIn(draft, stageNamed(name));
    const before = { burstLimit: 0, rateLimit: 0, ...stage.throttle?.[method] };
    stage.throttle = { ...stage.throttle, [method]: { ...before, ...parse(value) } };
  };
  return { add: set, replace: set };
}

/** A stage of an API as patch operations write it: `apiId:stage`. */
function stageNamed(value: string | undefined): { apiId: string; stage: string } {
  const [, apiId, stage] = /^([^:]+):([^:]+)$/.exec(value ?? "") ?? [];
  if (apiId === undefined || stage === undefined) throw badRequest("Invalid API Stage specified");
  return { apiId, stage };
}

function isSameStage(one: ApiStage, other: ApiStage): boolean {
  return one.apiId === other.apiId && one.stage === other.stage;
}

function stageIn(draft: PlanContent, wanted: ApiStage): ApiStage {
  const found = draft.apiStages?.find((one) => isSameStage(one, wanted));
  if (found) return found;
  throw notFound(
    `Invalid API Stage {api: ${wanted.apiId}, stage: ${wanted.stage}} specified for usageplan ${draft.id}`,
  );
}

function whole(value: string): number {
  if (/^\d{1,10}$/.test(value) && Number(value) <= 2_147_483_647) return Number(value);
  throw badRequest(`Invalid value specified: ${value} is no whole number`);
}

function rate(value: string): number {
  const parsed = value.trim() === "" ? Number.NaN : Number(value);
  if (Number.isFinite(parsed) && parsed >= 0) return parsed;
  throw badRequest(`Invalid value specified: ${value} is no rate`);
}

function periodOf(value: string): QuotaPeriodType {
  if (value === "DAY" || value === "WEEK" || value === "MONTH") return value;
  throw badRequest("Usage Plan quota period must be one of: DAY, WEEK, MONTH");
}

export async function updateUsagePlan(input: Validated<UpdateUsagePlanRequest>, context: Context): Promise<UsagePlan> {
  return context.store.commit(async (unit) => {
    const document = await getPlanOf(unit, context, input.usagePlanId);
    const plan = patched(document.plan, input.patchOperations, planPaths, "names-path");
    checkPlan(plan);
    const changed = { ...document, plan };
    const added = (plan.apiStages ?? []).filter(
      (one) => !document.plan.apiStages?.some((old) => isSameStage(one, old)),
    );
    for (const stage of added) await checkStage(unit, context, stage, plan.id);
    if (added.length > 0) await checkKeysMay(unit, context, changed);
    unit.put(usagePlans, ownedKey(context, plan.id), changed);
    return plan;
  });
}

/** The keys of a plan that is given stages may have no other plan with them. */
async function checkKeysMay(unit: Unit, context: Context, changed: UsagePlanDocument): Promise<void> {
  const { account, region } = context;
  let after: string | undefined;
  do {
    const prefix = compositeKey(account, region, changed.plan.id, "");
    const page = await unit.list(usagePlanKeys, { prefix, limit: 1_000, after });
    for (const { keyId } of page.documents) {
      const key = await unit.get(apiKeys, ownedKey(context, keyId));
      if (key) unit.put(apiKeys, ownedKey(context, keyId), key);
      const others = await unit.list(usagePlanKeys, {
        index: "key",
        prefix: compositeKey(account, region, keyId, ""),
        limit: 1_000,
      });
      for (const { planId } of others.documents) {
        const other = planId === changed.plan.id ? undefined : await unit.get(usagePlans, ownedKey(context, planId));
        if (other) checkNoSharedStage(changed, other, keyId);
      }
    }
    after = page.next;
  } while (after !== undefined);
}

/** For one stage a key has one plan, so two plans of a key share none. */
export function checkNoSharedStage({ plan }: UsagePlanDocument, other: UsagePlanDocument, keyId: string): void {
  const shared = plan.apiStages?.find(({ apiId, stage }) =>
    other.plan.apiStages?.some((one) => one.apiId === apiId && one.stage === stage),
  );
  if (shared === undefined) return;
  throw conflict(
    `Usage Plan ${plan.id} cannot be added because API Key ${keyId} cannot reference multiple Usage Plans with the same API stage: ${shared.apiId}:${shared.stage}`,
  );
}

/** Deletes a plan that has no stages any more. */
export async function deleteUsagePlan(input: Validated<DeleteUsagePlanRequest>, context: Context): Promise<void> {
  const { account, region } = context;
  await context.store.commit(async (unit) => {
    const { plan } = await getPlanOf(unit, context, input.usagePlanId);
    if (plan.apiStages?.length) {
      throw badRequest(
        `Cannot delete Usage Plan ${plan.id} because API Stages are associated with it. Please remove all API stages from the usage plan before deleting.`,
      );
    }
    unit.delete(usagePlans, ownedKey(context, plan.id));
    let after: string | undefined;
    do {
      const prefix = compositeKey(account, region, plan.id, "");
      const page = await unit.list(usagePlanKeys, { prefix, limit: 1_000, after });
      for (const { keyId } of page.documents) unit.delete(usagePlanKeys, compositeKey(account, region, plan.id, keyId));
      after = page.next;
    } while (after !== undefined);
  });
}

/** Takes a stage that goes, or all stages of an API that goes, out of the account's plans. */
export async function leavePlans(unit: Unit, owner: Owned, apiId: string, stageName?: string): Promise<void> {
  const { account, region } = owner;
  const goes = (one: ApiStage): boolean => one.apiId === apiId && (stageName === undefined || one.stage === stageName);
  let after: string | undefined;
  do {
    const page = await unit.list(usagePlans, { prefix: compositeKey(account, region, ""), limit: 1_000, after });
    for (const { plan } of page.documents) {
      if (!plan.apiStages?.some(goes)) continue;
      const apiStages = plan.apiStages.filter((one) => !goes(one));
      unit.put(usagePlans, ownedKey(owner, plan.id), { account, region, plan: { ...plan, apiStages } });
    }
    after = page.next;
  } while (after !== undefined);
}
