import type {
  BatchGetFieldRequest,
  BatchGetFieldResponse,
  CreateFieldRequest,
  CreateFieldResponse,
  DeleteFieldRequest,
  DeleteFieldResponse,
  FieldSummary,
  GetFieldResponse,
  ListFieldsRequest,
  ListFieldsResponse,
  UpdateFieldRequest,
  UpdateFieldResponse,
} from "@aws-sdk/client-connectcases";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type Domain, getDomain, inDomain } from "./domain.ts";
import { invalid, invalidNextToken } from "./errors.ts";
import {
  type Field,
  fieldArn,
  fieldKey,
  fieldListName,
  fields,
  findField,
  getLiveField,
  SYSTEM_FIELDS,
} from "./field.ts";
import { commitNamed } from "./named.ts";
import { requireRoom } from "./quotas.ts";

const PAGE_SIZE = 100;

export async function createField(
  input: Validated<CreateFieldRequest>,
  context: Context,
): Promise<CreateFieldResponse> {
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return commitNamed(context, `Field ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    requireTextAttributes(input, input.type);
    await requireRoom(unit, context, domain, {
      quota: "cases.fields-per-domain",
      collection: fields,
      index: "name",
      prefix: inDomain(domain, ""),
      free: SYSTEM_FIELDS.length,
    });
    unit.put(fields, fieldKey({ domainId: domain.domainId, id }), {
      domainId: domain.domainId,
      id,
      name: input.name,
      description: input.description,
      type: input.type,
      namespace: "Custom",
      isMultiline: input.attributes?.text?.isMultiline,
      place: await nextPlace(unit, domain),
      createdMs: nowMs,
      updatedMs: nowMs,
      tags: {},
    });
    return { fieldId: id, fieldArn: fieldArn(domain, id) };
  });
}

/** Deleted ones too. In the order of the request; those that are not there are told apart. */
export async function batchGetField(
  input: Validated<BatchGetFieldRequest>,
  context: Context,
): Promise<BatchGetFieldResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const found: GetFieldResponse[] = [];
  const errors: BatchGetFieldResponse["errors"] = [];
  for (const { id } of input.fields) {
    const field = await findField(context.store, domain, id);
    if (field) found.push(described(domain, field));
    else errors.push({ id, errorCode: "ResourceNotFoundException", message: `Field ${id} was not found` });
  }
  return { fields: found, errors };
}

/** The system's first, then in the order of their creation. */
export async function listFields(input: Validated<ListFieldsRequest>, context: Context): Promise<ListFieldsResponse> {
  const domain = await getDomain(context.store, context, input.domainId);
  const page = await listPage(
    context.store,
    { collection: fields, index: "place", under: [domain.domainId], nameOf: fieldListName },
    {
      of: ["cases ListFields", domain.domainId],
      token: input.nextToken,
      limit: input.maxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { fields: page.items.map((field) => summary(domain, field)), nextToken: page.nextToken };
}

/** Changes what is given and keeps the rest. */
export async function updateField(
  input: Validated<UpdateFieldRequest>,
  context: Context,
): Promise<UpdateFieldResponse> {
  await commitNamed(context, `Field ${input.name}`, async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const field = await getCustomField(unit, domain, input.fieldId);
    requireTextAttributes(input, field.type);
    unit.put(fields, fieldKey(field), {
      ...field,
      name: input.name ?? field.name,
      description: input.description ?? field.description,
      isMultiline: input.attributes?.text?.isMultiline ?? field.isMultiline,
      updatedMs: context.clock.now(),
    });
  });
  return {};
}

/** Nobody can use the field from now on; cases keep their values, and its name is free. */
export async function deleteField(
  input: Validated<DeleteFieldRequest>,
  context: Context,
): Promise<DeleteFieldResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.domainId);
    const field = await getCustomField(unit, domain, input.fieldId);
    await requireRoom(unit, context, domain, {
      quota: "cases.deleted-fields-per-domain",
      collection: fields,
      index: "deleted",
      prefix: inDomain(domain, ""),
    });
    unit.put(fields, fieldKey(field), { ...field, isDeleted: true, updatedMs: context.clock.now() });
  });
  return {};
}

async function getCustomField(reader: Reader, domain: Domain, id: string): Promise<Field> {
  const field = await getLiveField(reader, domain, id);
  if (field.namespace === "System") throw invalid(`Field ${id} is the system's and cannot be changed`);
  return field;
}

function requireTextAttributes(
  { attributes }: Pick<Validated<UpdateFieldRequest>, "attributes">,
  type: Field["type"],
): void {
  if (attributes?.text && type !== "Text") throw invalid(`attributes: text is of fields of type Text, not of ${type}`);
}

/** Behind all that are there. */
async function nextPlace(unit: Unit, { domainId }: Domain): Promise<number> {
  const last = await unit.list(fields, {
    index: "place",
    prefix: compositeKey(domainId, ""),
    descending: true,
    limit: 1,
  });
  return (last.documents[0]?.place ?? -1) + 1;
}

function summary(domain: Domain, { id, name, type, namespace, isMultiline }: Field): FieldSummary {
  return {
    fieldId: id,
    fieldArn: fieldArn(domain, id),
    name,
    type,
    namespace,
    ...(isMultiline !== undefined && { attributes: { text: { isMultiline } } }),
  };
}

function described(domain: Domain, field: Field): GetFieldResponse {
  return {
    ...summary(domain, field),
    description: field.description,
    deleted: field.isDeleted ?? false,
    createdTime: new Date(field.createdMs),
    lastModifiedTime: new Date(field.updatedMs),
    tags: { ...field.tags },
  };
}
