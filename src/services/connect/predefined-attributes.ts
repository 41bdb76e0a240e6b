import type {
  CreatePredefinedAttributeRequest,
  DeletePredefinedAttributeRequest,
  DescribePredefinedAttributeRequest,
  DescribePredefinedAttributeResponse,
  ListPredefinedAttributesRequest,
  ListPredefinedAttributesResponse,
  PredefinedAttribute as PredefinedAttributeDescription,
  PredefinedAttributeSearchCriteria,
  SearchPredefinedAttributesRequest,
  SearchPredefinedAttributesResponse,
  UpdatePredefinedAttributeRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { invalidNextToken, invalidParameter, notFound } from "./errors.ts";
import { PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";
import { criteriaMatch, findAll, foundPage, stringLeaf } from "./search.ts";
import { users } from "./users.ts";

/** An attribute whose values are agreed on in an instance: of contacts, and of agents that are good at one. */
export interface PredefinedAttribute extends InstanceRef {
  /** Also its key, in which upper and lower case are alike. */
  readonly name: string;
  /** The agreed values; with none it takes any value. */
  readonly values: readonly string[];
  readonly purposes?: readonly string[] | undefined;
  /** Whether contacts too take only the agreed values. */
  readonly validatesContacts?: boolean | undefined;
  /** Came with the instance: values may be added, and nothing else may change. */
  readonly isReadOnly: boolean;
  readonly lastModifiedMs: number;
}

export const predefinedAttributes: Collection<PredefinedAttribute> = collection("connect_predefined_attributes");

/** "Create predefined attributes for routing contacts to agents", administrator guide; for names and values. */
const TEXT = /^(?!aws:|connect:)[\p{L}\p{Z}\p{N}_.:/=+\-@']+$/u;

export async function createPredefinedAttribute(
  input: Validated<CreatePredefinedAttributeRequest>,
  context: Context,
): Promise<Record<string, never>> {
  requireText("Name", input.Name);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    if (await unit.get(predefinedAttributes, attributeKey(instance, input.Name))) {
      throw new ModeledError("DuplicateResourceException", `A predefined attribute named ${input.Name} already exists`);
    }
    const counted = { collection: predefinedAttributes, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.predefined-attributes-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of predefined attributes per instance is used up");
    }
    putPredefinedAttribute(unit, {
      ...refOf(instance),
      name: input.Name,
      values: newValues(input.Values?.StringList ?? [], []),
      purposes: input.Purposes,
      validatesContacts: input.AttributeConfiguration?.EnableValueValidationOnAssociation,
      isReadOnly: false,
      lastModifiedMs: context.clock.now(),
    });
  });
  return {};
}

export async function describePredefinedAttribute(
  input: Validated<DescribePredefinedAttributeRequest>,
  context: Context,
): Promise<DescribePredefinedAttributeResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  return { PredefinedAttribute: attributeDescription(await getAttribute(context.store, instance, input.Name)) };
}

export async function listPredefinedAttributes(
  input: Validated<ListPredefinedAttributesRequest>,
  context: Context,
): Promise<ListPredefinedAttributesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listPage(
    context.store,
    {
      collection: predefinedAttributes,
      under: [instance.account, instance.region, instance.instanceId],
      nameOf: ({ name }) => name.toLowerCase(),
    },
    {
      of: ["ListPredefinedAttributes", instanceKey(instance)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    PredefinedAttributeSummaryList: page.items.map((attribute) => ({
      Name: attribute.name,
      LastModifiedTime: new Date(attribute.lastModifiedMs),
      LastModifiedRegion: attribute.region,
    })),
    NextToken: page.nextToken,
  };
}

export async function searchPredefinedAttributes(
  input: Validated<SearchPredefinedAttributesRequest>,
  context: Context,
): Promise<SearchPredefinedAttributesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const match = criteriaMatch<PredefinedAttribute, PredefinedAttributeSearchCriteria>(input.SearchCriteria, {
    StringCondition: stringLeaf({ name: ({ name }) => name }),
  });
  const found = await findAll(context.store, predefinedAttributes, instanceKey(instance, ""), [match]);
  const page = foundPage(found, ({ name }) => name.toLowerCase(), instance, {
    operation: "SearchPredefinedAttributes",
    input,
  });
  return {
    PredefinedAttributes: page.items.map(attributeDescription),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** Replaces what is given and leaves the rest. A value that a user is good at cannot be removed (our choice). */
export async function updatePredefinedAttribute(
  input: Validated<UpdatePredefinedAttributeRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const attribute = await getAttribute(unit, instance, input.Name);
    if (attribute.isReadOnly) refuseChangingSystemAttribute(attribute, input);
    const values = input.Values?.StringList && newValues(input.Values.StringList, attribute.values);
    if (values) await refuseRemovingUsedValues(unit, attribute, values);
    putPredefinedAttribute(unit, {
      ...attribute,
      values: values ?? attribute.values,
      purposes: input.Purposes ?? attribute.purposes,
      validatesContacts:
        input.AttributeConfiguration?.EnableValueValidationOnAssociation ?? attribute.validatesContacts,
      lastModifiedMs: context.clock.now(),
    });
  });
  return {};
}

/** Deletes an attribute of the instance's own that no user is good at. */
export async function deletePredefinedAttribute(
  input: Validated<DeletePredefinedAttributeRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const attribute = await getAttribute(unit, instance, input.Name);
    if (attribute.isReadOnly) throw invalidParameter(`${attribute.name} is a system attribute`);
    if ((await valuesInUse(unit, attribute)).size > 0) {
      // The model's list of resource types has none for predefined attributes.
      throw new ModeledError("ResourceInUseException", `Users have proficiencies of ${attribute.name}`, {
        ResourceId: attribute.name,
      });
    }
    unit.delete(predefinedAttributes, attributeKey(attribute, attribute.name));
  });
  return {};
}

/**
 * The attribute of a proficiency, whose value it takes. Writes it as well, since whether it may be deleted, or lose a value, rests on
 * which users are good at it.
 */
export async function useAttributeValue(
  unit: Unit,
  instance: InstanceRef,
  name: string,
  value: string,
): Promise<PredefinedAttribute> {
  const attribute = await unit.get(predefinedAttributes, attributeKey(instance, name));
  if (!attribute) throw invalidParameter(`Predefined attribute ${name} does not exist`);
  if (attribute.values.length > 0 && !attribute.values.includes(value)) {
    throw invalidParameter(`${value} is not a value of the predefined attribute ${attribute.name}`);
  }
  putPredefinedAttribute(unit, attribute);
  return attribute;
}

/** Throws where a contact is to have a value that an attribute which validates contacts does not know. */
export async function requireAgreedValues(
  reader: Reader,
  instance: InstanceRef,
  given: Readonly<Record<string, { readonly ValueString?: string | undefined }>> = {},
): Promise<void> {
  for (const [name, { ValueString: value }] of Object.entries(given)) {
    const attribute = await reader.get(predefinedAttributes, attributeKey(instance, name));
    if (!attribute?.validatesContacts || attribute.values.length === 0) continue;
    if (value === undefined || !attribute.values.includes(value)) {
      throw invalidParameter(`Segment attribute ${name} must have a value of its predefined attribute`);
    }
  }
}

export function putPredefinedAttribute(unit: Unit, attribute: PredefinedAttribute): void {
  unit.put(predefinedAttributes, attributeKey(attribute, attribute.name), attribute);
}

export function attributeKey(instance: InstanceRef, name: string): string {
  return instanceKey(instance, name.toLowerCase());
}

async function getAttribute(reader: Reader, instance: InstanceRef, name: string): Promise<PredefinedAttribute> {
  const attribute = await reader.get(predefinedAttributes, attributeKey(instance, name));
  if (!attribute) throw notFound(`Predefined attribute ${name} does not exist in instance ${instance.instanceId}`);
  return attribute;
}

/** Values that an attribute is to have. Those that it had need no check: a system attribute's begin with what others' must not. */
function newValues(values: readonly string[], before: readonly string[]): readonly string[] {
  for (const value of values) if (!before.includes(value)) requireText("A value", value);
  if (new Set(values).size < values.length) throw invalidParameter("Values must be unique");
  return values;
}

function requireText(what: string, text: string): void {
  if (TEXT.test(text)) return;
  throw invalidParameter(
    `${what} may have letters, digits, spaces and _.:/=+-@', and must not begin with aws: or connect:`,
  );
}

function refuseChangingSystemAttribute(
  attribute: PredefinedAttribute,
  input: Validated<UpdatePredefinedAttributeRequest>,
): void {
  const values = input.Values?.StringList ?? attribute.values;
  const losesValue = attribute.values.some((value) => !values.includes(value));
  if (losesValue || input.Purposes || input.AttributeConfiguration) {
    throw invalidParameter(`${attribute.name} is a system attribute: values may be added, and nothing else changed`);
  }
}

async function refuseRemovingUsedValues(
  unit: Unit,
  attribute: PredefinedAttribute,
  values: readonly string[],
): Promise<void> {
  if (values.length === 0) return;
  const used = await valuesInUse(unit, attribute);
  const lost = [...used].find((value) => !values.includes(value));
  if (lost !== undefined) throw invalidParameter(`Users have proficiencies of ${attribute.name} with value ${lost}`);
}

async function valuesInUse(reader: Reader, attribute: PredefinedAttribute): Promise<ReadonlySet<string>> {
  const all = await findAll(reader, users, instanceKey(attribute, ""), []);
  const proficiencies = all.flatMap((user) => user.proficiencies);
  return new Set(proficiencies.filter(({ name }) => name === attribute.name).map(({ value }) => value));
}

function attributeDescription(attribute: PredefinedAttribute): PredefinedAttributeDescription {
  const { values, purposes } = attribute;
  return {
    Name: attribute.name,
    Values: values.length === 0 ? undefined : { StringList: [...values] },
    Purposes: purposes && [...purposes],
    AttributeConfiguration: {
      EnableValueValidationOnAssociation: attribute.validatesContacts ?? false,
      IsReadOnly: attribute.isReadOnly,
    },
    LastModifiedTime: new Date(attribute.lastModifiedMs),
    LastModifiedRegion: attribute.region,
  };
}
