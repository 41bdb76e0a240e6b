import type {
  BatchGetCalculatedAttributeForProfileError,
  BatchGetCalculatedAttributeForProfileRequest,
  BatchGetCalculatedAttributeForProfileResponse,
  CalculatedAttributeValue,
  GetCalculatedAttributeForProfileRequest,
  GetCalculatedAttributeForProfileResponse,
  ListCalculatedAttributesForProfileRequest,
  ListCalculatedAttributesForProfileResponse,
} from "@aws-sdk/client-customer-profiles";
import { type CalculatedValue, calculatedKey, daysRange } from "../../../matching/profile-segment.ts";
import type { Validated } from "../../../models/validated.ts";
import { slicePage } from "../../list-page.ts";
import { optionalDate } from "../../optional-date.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { allIn } from "../domain-view.ts";
import { invalidNextToken } from "../errors.ts";
import { getProfile } from "../get-profile.ts";
import { findProfile } from "../stored-profile.ts";
import { type CalculatedAttribute, calculatedAttributes, getCalculatedAttribute } from "./calculated-attribute.ts";
import { type CalculatedReading, readCalculated } from "./calculated-values.ts";

const PAGE_SIZE = 100;

export async function getCalculatedAttributeForProfile(
  input: Validated<GetCalculatedAttributeForProfileRequest>,
  context: Context,
): Promise<GetCalculatedAttributeForProfileResponse> {
  const { store } = context;
  const nowMs = context.clock.now();
  const domain = await getDomain(store, context, input.DomainName);
  const attribute = await getCalculatedAttribute(store, domain, input.CalculatedAttributeName);
  const profile = await getProfile(store, domain, input.ProfileId, nowMs);
  const { name } = attribute;
  const readings = await readCalculated(store, context, domain, profile, [{ name }], nowMs);
  return described(attribute, readings.get(name));
}

export async function listCalculatedAttributesForProfile(
  input: Validated<ListCalculatedAttributesForProfileRequest>,
  context: Context,
): Promise<ListCalculatedAttributesForProfileResponse> {
  const { store } = context;
  const nowMs = context.clock.now();
  const domain = await getDomain(store, context, input.DomainName);
  const profile = await getProfile(store, domain, input.ProfileId, nowMs);
  const page = slicePage(await allIn(store, calculatedAttributes, domain), ({ name }) => name, {
    of: ["ListCalculatedAttributesForProfile", domain.uid, profile.id],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  const readings = await readCalculated(store, context, domain, profile, page.items, nowMs);
  return {
    Items: page.items.map((attribute) => described(attribute, readings.get(attribute.name))),
    NextToken: page.nextToken,
  };
}

/** One attribute of several profiles, over its own range or another one. */
export async function batchGetCalculatedAttributeForProfile(
  input: Validated<BatchGetCalculatedAttributeForProfileRequest>,
  context: Context,
): Promise<BatchGetCalculatedAttributeForProfileResponse> {
  const { store } = context;
  const nowMs = context.clock.now();
  const overriding = input.ConditionOverrides?.Range;
  const range = overriding && daysRange(overriding, "ConditionOverrides.Range");
  const domain = await getDomain(store, context, input.DomainName);
  const attribute = await getCalculatedAttribute(store, domain, input.CalculatedAttributeName);
  const wanted: CalculatedValue = { name: attribute.name, range };
  const values: CalculatedAttributeValue[] = [];
  const errors: BatchGetCalculatedAttributeForProfileError[] = [];
  for (const id of new Set(input.ProfileIds)) {
    const profile = await findProfile(store, domain, id, nowMs);
    if (!profile) {
      errors.push({ Code: "ResourceNotFoundException", Message: `Profile ${id} does not exist`, ProfileId: id });
      continue;
    }
    const readings = await readCalculated(store, context, domain, profile, [wanted], nowMs);
    values.push({ ...described(attribute, readings.get(calculatedKey(wanted))), ProfileId: id });
  }
  return { CalculatedAttributeValues: values, Errors: errors, ConditionOverrides: input.ConditionOverrides };
}

function described(
  { name, displayName }: CalculatedAttribute,
  reading: CalculatedReading | undefined,
): GetCalculatedAttributeForProfileResponse {
  const { value, lastMs, isPartial = false } = reading ?? {};
  return {
    CalculatedAttributeName: name,
    DisplayName: displayName,
    IsDataPartial: String(isPartial),
    Value: value,
    LastObjectTimestamp: optionalDate(lastMs),
  };
}
