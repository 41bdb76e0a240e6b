import type {
  ApiKey,
  ApiKeyIds,
  ApiKeys,
  CreateApiKeyRequest,
  DeleteApiKeyRequest,
  GetApiKeyRequest,
  GetApiKeysRequest,
  ImportApiKeysRequest,
  UpdateApiKeyRequest,
} from "@aws-sdk/client-api-gateway";
import { parse } from "csv-parse/sync";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { countUpTo } from "../../count-up-to.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context } from "../../service.ts";
import { badRequest, conflict, limitExceeded, notFound } from "../errors.ts";
import { API_ID_LENGTH, newId } from "../new-id.ts";
import { positionPage } from "../paging.ts";
import { flag, type PatchTable, patched, text } from "../patch.ts";
import { API_KEYS_MAX } from "../quotas.ts";
import { checkTags, tagsMember } from "../tag-rules.ts";
import { type ApiKeyDocument, apiKeys, ownedKey, usagePlanKeys } from "./documents.ts";
import { addKeyToPlan } from "./usage-plan-keys.ts";

const MISSING = "Invalid API Key identifier specified";
const NAME_CHARACTERS_MAX = 1_024;
const DESCRIPTION_CHARACTERS_MAX = 125_000;
const VALUE_CHARACTERS_MIN = 20;
const VALUE_CHARACTERS_MAX = 128;
const GENERATED_VALUE_CHARACTERS = 40;

type KeyContent = ApiKeyDocument["key"];

export async function createApiKey(input: Validated<CreateApiKeyRequest>, context: Context): Promise<ApiKey> {
  const { generateDistinctId: _, tags, stageKeys = [], ...members } = input;
  checkTags(tags);
  const document = newKey(context, {
    ...members,
    stageKeys: stageKeys.map(({ restApiId, stageName }) => `${restApiId}/${stageName}`),
    ...tagsMember(tags),
  });
  return context.store.commit(async (unit) => {
    await putNewKey(unit, context, document);
    return shownKey(document, { withValue: true });
  });
}

function newKey(
  { account, region, ids, clock }: Context,
  given: Omit<Validated<CreateApiKeyRequest>, "stageKeys"> & Pick<KeyContent, "stageKeys">,
): ApiKeyDocument {
  const { name, value, enabled = false, ...rest } = given;
  const key: KeyContent = {
    ...rest,
    enabled,
    id: newId(ids, API_ID_LENGTH),
    // An empty name or value is none.
    ...(name && { name }),
    value: value || newId(ids, GENERATED_VALUE_CHARACTERS),
  };
  checkKey(key);
  const nowMs = clock.now();
  return { account, region, key, createdMs: nowMs, updatedMs: nowMs };
}

function checkKey({ name = "", description = "", value }: KeyContent): void {
  if (name.length > NAME_CHARACTERS_MAX) {
    throw badRequest(`Invalid API Key name, can be at most ${NAME_CHARACTERS_MAX} characters.`);
  }
  if (description.length > DESCRIPTION_CHARACTERS_MAX) throw badRequest("Invalid API Key description specified.");
  if (value.length < VALUE_CHARACTERS_MIN) {
    throw badRequest(`API Key value should be at least ${VALUE_CHARACTERS_MIN} characters`);
  }
  if (value.length > VALUE_CHARACTERS_MAX) {
    throw badRequest(`API Key value exceeds maximum size of ${VALUE_CHARACTERS_MAX} characters`);
  }
}

async function putNewKey(unit: Unit, context: Context, document: ApiKeyDocument): Promise<void> {
  const { account, region, limits } = context;
  if (limits.enforced) {
    await guardRange(unit, compositeKey(account, region, "apigateway.api-keys"));
    const max = limits.value("apigateway.api-keys", API_KEYS_MAX);
    const counted = { collection: apiKeys, prefix: compositeKey(account, region, "") };
    if ((await countUpTo(unit, counted, max)) >= max)
      throw limitExceeded(`Maximum number of API Keys for this account has been reached: ${max}`);
  }
  const equals = compositeKey(account, region, document.key.value);
  const { documents } = await unit.list(apiKeys, { index: "value", equals, limit: 1 });
  if (documents.length > 0) throw conflict("API Key already exists");
  unit.put(apiKeys, ownedKey(document, document.key.id), document);
}

export async function getKeyOf(reader: Reader, context: Context, id: string): Promise<ApiKeyDocument> {
  const found = await reader.get(apiKeys, ownedKey(context, id));
  if (found === undefined) throw notFound(MISSING);
  return found;
}

function shownKey({ key, createdMs, updatedMs }: ApiKeyDocument, { withValue }: { withValue: boolean }): ApiKey {
  const { value, ...rest } = key;
  return {
    stageKeys: [],
    ...rest,
    ...(withValue && { value }),
    createdDate: new Date(createdMs),
    lastUpdatedDate: new Date(updatedMs),
  };
}

export async function getApiKey(input: Validated<GetApiKeyRequest>, context: Context): Promise<ApiKey> {
  const document = await getKeyOf(context.store, context, input.apiKey);
  return shownKey(document, { withValue: input.includeValue ?? false });
}

/** Keys whose names begin with `nameQuery`, and that are a customer's. */
export async function getApiKeys(input: Validated<GetApiKeysRequest>, context: Context): Promise<ApiKeys> {
  const { account, region } = context;
  const { nameQuery = "", customerId, includeValues = false } = input;
  const listing = {
    collection: apiKeys,
    under: [account, region],
    nameOf: ({ key }: ApiKeyDocument) => key.id,
    keep: ({ key }: ApiKeyDocument) =>
      (key.name ?? "").startsWith(nameQuery) && (customerId === undefined || key.customerId === customerId),
  };
  const { items, position } = await positionPage(context, listing, input, ["GetApiKeys", nameQuery, customerId]);
  return { items: items.map((document) => shownKey(document, { withValue: includeValues })), position };
}

const keyPaths: PatchTable<KeyContent> = {
  "/description": { replace: text("description") },
  "/enabled": { replace: flag("enabled") },
  "/name": { replace: text("name") },
  "/customerId": { replace: text("customerId") },
  "/stages": {
    add: (draft, value = "") => {
      draft.stageKeys = [...new Set([...(draft.stageKeys ?? []), value])];
    },
    remove: (draft, value) => {
      draft.stageKeys = (draft.stageKeys ?? []).filter((one) => one !== value);
    },
  },
};

export async function updateApiKey(input: Validated<UpdateApiKeyRequest>, context: Context): Promise<ApiKey> {
  return context.store.commit(async (unit) => {
    const document = await getKeyOf(unit, context, input.apiKey);
    const key = patched(document.key, input.patchOperations, keyPaths, "lists-paths");
    checkKey(key);
    const changed = { ...document, key, updatedMs: context.clock.now() };
    unit.put(apiKeys, ownedKey(context, key.id), changed);
    return shownKey(changed, { withValue: false });
  });
}

/** Deletes a key. Usage plans forget it. */
export async function deleteApiKey(input: Validated<DeleteApiKeyRequest>, context: Context): Promise<void> {
  const { account, region } = context;
  await context.store.commit(async (unit) => {
    const { key } = await getKeyOf(unit, context, input.apiKey);
    unit.delete(apiKeys, ownedKey(context, key.id));
    const prefix = compositeKey(account, region, key.id, "");
    const { documents } = await unit.list(usagePlanKeys, { index: "key", prefix, limit: 1_000 });
    for (const { planId } of documents) unit.delete(usagePlanKeys, compositeKey(account, region, planId, key.id));
  });
}

/** Keys that one import can make. */
const IMPORTED_KEYS_MAX = 1_000;

/**
 * Imports keys from CSV with the columns name, key, description, enabled and usageplanIds, of which key is needed:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-key-file-format.html
 */
export async function importApiKeys(input: Validated<ImportApiKeysRequest>, context: Context): Promise<ApiKeyIds> {
  const rows = readCsv(Buffer.from(input.body).toString("utf8"));
  const wanted = rows.map((row) => ({
    document: newKey(context, {
      value: row.key ?? "",
      enabled: (row.enabled ?? "").trim().toLowerCase() === "true",
      stageKeys: [],
      ...(row.name && { name: row.name }),
      ...(row.description && { description: row.description }),
    }),
    planIds: (row.usageplanids ?? "")
      .split(",")
      .map((id) => id.trim())
      .filter((id) => id !== ""),
  }));
  return context.store.commit(async (unit) => {
    const ids: string[] = [];
    const warnings: string[] = [];
    for (const { document, planIds } of wanted) {
      const equals = compositeKey(document.account, document.region, document.key.value);
      const { documents } = await unit.list(apiKeys, { index: "value", equals, limit: 1 });
      if (documents.length > 0) {
        warnings.push(`API Key already exists: ${document.key.name ?? document.key.id}`);
        continue;
      }
      await putNewKey(unit, context, document);
      for (const planId of planIds) await addKeyToPlan(unit, context, planId, document.key.id);
      ids.push(document.key.id);
    }
    if (input.failOnWarnings && warnings.length > 0)
      throw badRequest(`Warnings found during import: ${warnings.join("; ")}`);
    return { ids, warnings };
  });
}

function readCsv(body: string): readonly Readonly<Record<string, string>>[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(body, {
      bom: true,
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      skip_empty_lines: true,
      to: IMPORTED_KEYS_MAX + 1,
    });
  } catch (error) {
    throw badRequest(`Invalid CSV: ${(error as Error).message}`);
  }
  if (rows.length === 0) throw badRequest("The file has no API keys");
  if (rows.length > IMPORTED_KEYS_MAX)
    throw badRequest(`At most ${IMPORTED_KEYS_MAX} API keys can be imported at once`);
  if (rows.some((row) => !row.key)) throw badRequest("Each row of the file needs a value in the column key");
  return rows;
}
