import type {
  BatchPutFieldOptionsRequest,
  BatchPutFieldOptionsResponse,
  FieldOptionError,
  ListFieldOptionsRequest,
  ListFieldOptionsResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { getDomain, inDomain } from "./domain.ts";
import { invalid, invalidNextToken } from "./errors.ts";
import {
  type Field,
  type FieldOption,
  fieldOptionKey,
  fieldOptionListName,
  fieldOptions,
  getField,
  getLiveField,
} from "./field.ts";
import { beyond, roomLeft } from "./quotas.ts";
import { FIXED_STATUS_OPTIONS } from "./system-fields.ts";

const PAGE_SIZE = 100;

const OPTION_VALUE = /^[A-Za-z0-9_-]+$/;

/** Inserts options, or changes those that have the same value. Entries succeed or fail one by one. */
export async function batchPutFieldOptions(
  input: Validated<BatchPutFieldOptionsRequest>,
  context: Context,
): Promise<BatchPutFieldOptionsResponse> {
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const field = await getLiveField(unit, domain, input.fieldId);
    requireOptions(field);
    let room = await roomLeft(unit, context.limits, domain, {
      quota: "cases.options-per-field",
      collection: fieldOptions,
      prefix: inDomain(domain, field.id, ""),
    });
    const errors: FieldOptionError[] = [];
    const sent = new Set<string>();
    for (const { name, value, active } of input.options) {
      const option: FieldOption = { domainId: domain.domainId, fieldId: field.id, name, value, active };
      const problem = sent.has(value) ? "is sent twice" : problemOf(option);
      sent.add(value);
      if (problem !== undefined) {
        errors.push({ value, errorCode: "ValidationException", message: `Option ${value} ${problem}` });
        continue;
      }
      const key = fieldOptionKey(option);
      if (!(await unit.get(fieldOptions, key))) room -= 1;
      if (room < 0) {
        const { code, message } = beyond("cases.options-per-field", context.limits);
        errors.push({ value, errorCode: code, message });
        room = 0;
        continue;
      }
      unit.put(fieldOptions, key, option);
    }
    return { errors };
  });
}

/** In the order of their names, case-insensitively: as agents see them. */
export async function listFieldOptions(
  input: Validated<ListFieldOptionsRequest>,
  context: Context,
): Promise<ListFieldOptionsResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const field = await getField(context.store, domain, input.fieldId);
  requireOptions(field);
  const [value] = input.values ?? [];
  const page = await listPage(
    context.store,
    {
      collection: fieldOptions,
      index: "listed",
      under: [domain.domainId, field.id],
      nameOf: fieldOptionListName,
      keep: (option) => value === undefined || option.value === value,
    },
    {
      of: ["cases ListFieldOptions", domain.domainId, field.id, value],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    options: page.items.map(({ name, value, active }) => ({ name, value, active })),
    nextToken: page.nextToken,
  };
}

function requireOptions({ id, type }: Field): void {
  if (type !== "SingleSelect") throw invalid(`Field ${id} is of type ${type}: only SingleSelect fields have options`);
}

function problemOf({ fieldId, name, value, active }: FieldOption): string | undefined {
  if (!OPTION_VALUE.test(value)) return "has a value of other characters than letters, digits, - and _";
  const fixed = fieldId === "status" && FIXED_STATUS_OPTIONS.find((option) => option.value === value);
  if (!fixed) return undefined;
  return fixed.name === name && fixed.active === active ? undefined : "is the system's and cannot be changed";
}
