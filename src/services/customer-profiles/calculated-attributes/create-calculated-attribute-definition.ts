import type {
  CreateCalculatedAttributeDefinitionRequest,
  CreateCalculatedAttributeDefinitionResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Reader, Unit } from "../../../store/store.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit } from "../../service.ts";
import { type Domain, getDomain, inDomain } from "../domain.ts";
import { allIn } from "../domain-view.ts";
import { badRequest, notFound } from "../errors.ts";
import { findObjectType } from "../object-types/object-type.ts";
import { standardObjects } from "../object-types/standard-objects.ts";
import { computeHistoryTimer } from "./attribute-history.ts";
import {
  type CalculatedAttribute,
  calculatedAttributeKey,
  calculatedAttributes,
  compileAttribute,
} from "./calculated-attribute.ts";
import { describedAttribute } from "./calculated-attribute-definitions.ts";

export const CALCULATED_ATTRIBUTES: Limit = {
  name: "customer-profiles.calculated-attributes-per-domain",
  default: 50,
  meaning: "Calculated attributes of a domain, beside those that it began with",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

/** Defines a calculated attribute. With `UseHistoricalData` it reads the objects that are there already, in small steps. */
export async function createCalculatedAttributeDefinition(
  input: Validated<CreateCalculatedAttributeDefinitionRequest>,
  context: Context,
): Promise<CreateCalculatedAttributeDefinitionResponse> {
  const { CalculatedAttributeName: name, UseHistoricalData: useHistoricalData } = input;
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const attribute: CalculatedAttribute = {
      uid: domain.uid,
      name,
      id,
      displayName: input.DisplayName,
      description: input.Description,
      details: input.AttributeDetails,
      statistic: input.Statistic,
      conditions: input.Conditions,
      filter: input.Filter,
      useHistoricalData,
      completeFromMs: useHistoricalData ? 0 : nowMs,
      history: useHistoricalData ? { read: 0 } : undefined,
      createdMs: nowMs,
      updatedMs: nowMs,
      tags: input.Tags ?? {},
    };
    const { expression } = compileAttribute(attribute);
    await requireType(unit, domain, expression.type);
    const key = calculatedAttributeKey(attribute);
    if (await unit.get(calculatedAttributes, key)) {
      throw badRequest(`Calculated attribute definition with name ${name} already exists`);
    }
    await requireQuota(unit, context, domain);
    unit.put(calculatedAttributes, key, attribute);
    if (useHistoricalData) context.flow.schedule(unit, computeHistoryTimer(attribute, nowMs));
    return describedAttribute(unit, attribute);
  });
}

async function requireType(reader: Reader, domain: Domain, type: string): Promise<void> {
  if (type === "_profile") throw badRequest("AttributeDetails.Expression: _profile has no objects");
  if (standardObjects.has(type) || (await findObjectType(reader, domain, type))) return;
  throw notFound(`Object type ${type} does not exist`);
}

async function requireQuota(unit: Unit, { limits }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  await guardRange(unit, inDomain(domain, calculatedAttributes.name));
  const own = (await allIn(unit, calculatedAttributes, domain)).filter(({ isDefault }) => !isDefault);
  if (own.length < limits.value(CALCULATED_ATTRIBUTES.name, CALCULATED_ATTRIBUTES.default)) return;
  throw badRequest("Limit exceeded: calculated attributes per domain");
}
