import type {
  CreateUsagePlanKeyRequest,
  DeleteUsagePlanKeyRequest,
  GetUsagePlanKeyRequest,
  GetUsagePlanKeysRequest,
  UsagePlanKey,
  UsagePlanKeys,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Unit } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { PLANS_PER_KEY_MAX } from "../deployed-api.ts";
import { badRequest, conflict, limitExceeded, notFound } from "../errors.ts";
import { slicePositions } from "../paging.ts";
import { type ApiKeyDocument, apiKeys, ownedKey, planKeyKey, usagePlanKeys, usagePlans } from "./documents.ts";
import { checkNoSharedStage, getPlanOf } from "./usage-plans.ts";

/** Lets a key use a plan's stages. For one stage a key has one plan. */
export async function createUsagePlanKey(
  input: Validated<CreateUsagePlanKeyRequest>,
  context: Context,
): Promise<UsagePlanKey> {
  if (input.keyType !== "API_KEY") throw badRequest("Invalid key type specified. Valid options are API_KEY");
  return context.store.commit(async (unit) => {
    const { key } = await addKeyToPlan(unit, context, input.usagePlanId, input.keyId);
    return shownPlanKey(key);
  });
}

export async function addKeyToPlan(
  unit: Unit,
  context: Context,
  planId: string,
  keyId: string,
): Promise<ApiKeyDocument> {
  const { account, region } = context;
  const owned = await getPlanOf(unit, context, planId);
  const key = await unit.get(apiKeys, ownedKey(context, keyId));
  if (key === undefined) throw notFound("Invalid API Key identifier specified");
  // Whatever changes a plan's stages or a key's plans writes the key, or reads it here.
  unit.put(apiKeys, ownedKey(context, keyId), key);
  const prefix = compositeKey(account, region, keyId, "");
  const { documents } = await unit.list(usagePlanKeys, { index: "key", prefix, limit: PLANS_PER_KEY_MAX });
  if (documents.some((one) => one.planId === planId)) {
    throw conflict("Usage Plan Key already exists for this Usage Plan");
  }
  if (documents.length >= PLANS_PER_KEY_MAX) {
    throw limitExceeded(`An API Key can be in at most ${PLANS_PER_KEY_MAX} Usage Plans`);
  }
  for (const other of documents) {
    const found = await unit.get(usagePlans, ownedKey(context, other.planId));
    if (found) checkNoSharedStage(owned, found, keyId);
  }
  unit.put(usagePlanKeys, planKeyKey(context, planId, keyId), { account, region, planId, keyId });
  return key;
}

function shownPlanKey({ id, name, value }: ApiKeyDocument["key"]): UsagePlanKey {
  return { id, type: "API_KEY", value, ...(name !== undefined && { name }) };
}

export async function getUsagePlanKey(
  input: Validated<GetUsagePlanKeyRequest>,
  context: Context,
): Promise<UsagePlanKey> {
  await getPlanOf(context.store, context, input.usagePlanId);
  const { keyId } = input;
  const found = await context.store.get(usagePlanKeys, planKeyKey(context, input.usagePlanId, keyId));
  const document = found && (await context.store.get(apiKeys, ownedKey(context, keyId)));
  if (document === undefined) throw notFound(missingKey(keyId));
  return shownPlanKey(document.key);
}

function missingKey(keyId: string): string {
  return `Invalid Usage Plan Key identifier specified: ${keyId}`;
}

/** Keys of one plan that are looked at to be listed. */
const LISTED_KEYS_MAX = 10_000;

export async function getUsagePlanKeys(
  input: Validated<GetUsagePlanKeysRequest>,
  context: Context,
): Promise<UsagePlanKeys> {
  const { usagePlanId, nameQuery = "" } = input;
  await getPlanOf(context.store, context, usagePlanId);
  const all = await keysOfPlan(context, usagePlanId);
  const wanted = all.filter(({ name = "" }) => name.startsWith(nameQuery));
  const { items, position } = slicePositions(context, wanted, ({ id }) => id, input, [
    "GetUsagePlanKeys",
    usagePlanId,
    nameQuery,
  ]);
  return { items: items.map(shownPlanKey), position };
}

/** The keys of a plan, in the order of their ids. */
export async function keysOfPlan(context: Context, planId: string): Promise<readonly ApiKeyDocument["key"][]> {
  const { account, region, store } = context;
  const keys: ApiKeyDocument["key"][] = [];
  let after: string | undefined;
  do {
    const prefix = compositeKey(account, region, planId, "");
    const page = await store.list(usagePlanKeys, { prefix, limit: 1_000, after });
    for (const { keyId } of page.documents) {
      const found = await store.get(apiKeys, ownedKey(context, keyId));
      if (found) keys.push(found.key);
    }
    after = page.next;
  } while (after !== undefined && keys.length < LISTED_KEYS_MAX);
  return keys;
}

export async function deleteUsagePlanKey(input: Validated<DeleteUsagePlanKeyRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    await getPlanOf(unit, context, input.usagePlanId);
    const key = planKeyKey(context, input.usagePlanId, input.keyId);
    if ((await unit.get(usagePlanKeys, key)) === undefined) throw notFound(missingKey(input.keyId));
    unit.delete(usagePlanKeys, key);
  });
}
