import type {
  DescribeInstanceAttributeRequest,
  DescribeInstanceAttributeResponse,
  InstanceAttributeType,
  ListInstanceAttributesRequest,
  ListInstanceAttributesResponse,
  UpdateInstanceAttributeRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { instanceKey } from "./arns.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import { getInstance, instances } from "./instances.ts";

/** Largest page of ListInstanceAttributes, and its default. */
const ATTRIBUTES_PER_PAGE = 7;

export async function describeInstanceAttribute(
  input: Validated<DescribeInstanceAttributeRequest>,
  context: Context,
): Promise<DescribeInstanceAttributeResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  return { Attribute: { AttributeType: input.AttributeType, Value: instance.attributes[input.AttributeType] } };
}

export async function updateInstanceAttribute(
  input: Validated<UpdateInstanceAttributeRequest>,
  context: Context,
): Promise<Record<string, never>> {
  if (input.Value !== "true" && input.Value !== "false") {
    throw invalidParameter(`The value of ${input.AttributeType} must be true or false`);
  }
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const attributes = { ...instance.attributes, [input.AttributeType]: input.Value };
    unit.put(instances, instanceKey(instance), { ...instance, attributes });
  });
  return {};
}

export async function listInstanceAttributes(
  input: Validated<ListInstanceAttributesRequest>,
  context: Context,
): Promise<ListInstanceAttributesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const attributes = Object.entries(instance.attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const page = slicePage(attributes, ([type]) => type, {
    of: ["ListInstanceAttributes", instanceKey(instance)],
    token: input.NextToken,
    limit: input.MaxResults ?? ATTRIBUTES_PER_PAGE,
    refuse: invalidNextToken,
  });
  return {
    Attributes: page.items.map(([type, value]) => ({ AttributeType: type as InstanceAttributeType, Value: value })),
    NextToken: page.nextToken,
  };
}
