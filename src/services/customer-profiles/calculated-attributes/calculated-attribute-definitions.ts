import type {
  CreateCalculatedAttributeDefinitionResponse,
  DeleteCalculatedAttributeDefinitionRequest,
  DeleteCalculatedAttributeDefinitionResponse,
  GetCalculatedAttributeDefinitionRequest,
  GetCalculatedAttributeDefinitionResponse,
  ListCalculatedAttributeDefinitionsRequest,
  ListCalculatedAttributeDefinitionsResponse,
  Statistic,
  UpdateCalculatedAttributeDefinitionRequest,
  UpdateCalculatedAttributeDefinitionResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import { listPage } from "../../list-page.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { domainStats } from "../domain-stats.ts";
import { badRequest, invalidNextToken } from "../errors.ts";
import {
  AGE,
  type CalculatedAttribute,
  calculatedAttributeKey,
  calculatedAttributes,
  compileAttribute,
  getCalculatedAttribute,
  oldestUsefulMs,
} from "./calculated-attribute.ts";

const PAGE_SIZE = 100;

export async function getCalculatedAttributeDefinition(
  input: Validated<GetCalculatedAttributeDefinitionRequest>,
  context: Context,
): Promise<GetCalculatedAttributeDefinitionResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const found = await getCalculatedAttribute(context.store, domain, input.CalculatedAttributeName);
  return describedAttribute(context.store, found);
}

/**
 * Changes what is given. Where the range grows, what lay outside of it stays unknown; by which of an object's times it goes never changes.
 */
export async function updateCalculatedAttributeDefinition(
  input: Validated<UpdateCalculatedAttributeDefinitionRequest>,
  context: Context,
): Promise<UpdateCalculatedAttributeDefinitionResponse> {
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const old = await getCalculatedAttribute(unit, domain, input.CalculatedAttributeName);
    const nowMs = context.clock.now();
    const keptFromMs = Math.max(oldestUsefulMs(compileAttribute(old), nowMs), 0);
    const changed: CalculatedAttribute = {
      ...old,
      displayName: input.DisplayName ?? old.displayName,
      description: input.Description ?? old.description,
      conditions: input.Conditions ? changedConditions(old, input.Conditions) : old.conditions,
      completeFromMs: input.Conditions ? Math.max(old.completeFromMs, keptFromMs) : old.completeFromMs,
      updatedMs: nowMs,
    };
    compileAttribute(changed);
    unit.put(calculatedAttributes, calculatedAttributeKey(changed), changed);
    return describedAttribute(unit, changed);
  });
}

type Conditions = NonNullable<CalculatedAttribute["conditions"]>;

function changedConditions({ conditions: old }: CalculatedAttribute, given: Conditions): Conditions {
  const { TimestampSource: source, TimestampFormat: format } = old?.Range ?? {};
  for (const [member, kept] of Object.entries({ TimestampSource: source, TimestampFormat: format })) {
    const wanted = given.Range?.[member as "TimestampSource" | "TimestampFormat"];
    if (wanted !== undefined && wanted !== kept) {
      throw badRequest(`Conditions.Range.${member}: it cannot be changed once the attribute is created`);
    }
  }
  if (source === undefined) return given;
  const range = { ...(given.Range ?? { Unit: "DAYS" as const }), TimestampSource: source };
  return { ...given, Range: format === undefined ? range : { ...range, TimestampFormat: format } };
}

/** What was known of profiles goes with it, at each profile's next change. Segments that look at it find no value. */
export async function deleteCalculatedAttributeDefinition(
  input: Validated<DeleteCalculatedAttributeDefinitionRequest>,
  context: Context,
): Promise<DeleteCalculatedAttributeDefinitionResponse> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const found = await getCalculatedAttribute(unit, domain, input.CalculatedAttributeName);
    unit.delete(calculatedAttributes, calculatedAttributeKey(found));
  });
  return {};
}

export async function listCalculatedAttributeDefinitions(
  input: Validated<ListCalculatedAttributeDefinitionsRequest>,
  context: Context,
): Promise<ListCalculatedAttributeDefinitionsResponse> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const page = await listPage(
    context.store,
    { collection: calculatedAttributes, under: [domain.uid], nameOf: ({ name }) => name },
    {
      of: ["ListCalculatedAttributeDefinitions", domain.uid],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const items = page.items.map((attribute) => ({
    CalculatedAttributeName: attribute.name,
    DisplayName: attribute.displayName,
    Description: attribute.description,
    CreatedAt: new Date(attribute.createdMs),
    LastUpdatedAt: new Date(attribute.updatedMs),
    UseHistoricalData: attribute.useHistoricalData,
    Status: statusOf(attribute),
    Tags: attribute.tags,
  }));
  return { Items: items, NextToken: page.nextToken };
}

/** A definition as every operation answers with it. */
export async function describedAttribute(
  reader: Reader,
  attribute: CalculatedAttribute,
): Promise<CreateCalculatedAttributeDefinitionResponse> {
  const { statistic } = attribute;
  return {
    CalculatedAttributeName: attribute.name,
    DisplayName: attribute.displayName,
    Description: attribute.description,
    AttributeDetails: attribute.details,
    Conditions: attribute.conditions,
    Filter: attribute.filter,
    // The internal one is in no model.
    Statistic: statistic === AGE ? undefined : (statistic as Statistic),
    CreatedAt: new Date(attribute.createdMs),
    LastUpdatedAt: new Date(attribute.updatedMs),
    UseHistoricalData: attribute.useHistoricalData,
    Status: statusOf(attribute),
    Readiness: await readinessOf(reader, attribute),
    Tags: attribute.tags,
  };
}

function statusOf({ history }: CalculatedAttribute): "PREPARING" | "IN_PROGRESS" | "COMPLETED" {
  if (!history) return "COMPLETED";
  return history.read === 0 ? "PREPARING" : "IN_PROGRESS";
}

/** How far it is with older objects, of as many as the domain has at most. */
async function readinessOf(
  reader: Reader,
  { uid, history }: CalculatedAttribute,
): Promise<{ readonly ProgressPercentage: number; readonly Message: string }> {
  if (!history) return { ProgressPercentage: 100, Message: "The attribute is ready" };
  const { ObjectCount: objects = 0 } = await domainStats(reader, { uid });
  const percentage = Math.min(99, Math.floor((100 * history.read) / Math.max(objects, 1)));
  return { ProgressPercentage: percentage, Message: `${history.read} objects that were there before have been read` };
}
