import type {
  DeleteResourcePolicyInput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
  PutResourcePolicyInput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { changeResource, findResource } from "./find-resource.ts";
import { assertPolicyDocument } from "./policy-document.ts";

/** Attaches a policy to a stream or a registered consumer: it lets other accounts write and read there. */
export async function putResourcePolicy(
  input: Validated<PutResourcePolicyInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertPolicyDocument(input.Policy);
  await changeResource(context, input, "PutResourcePolicy", ({ tags }) => ({ tags, policy: input.Policy }));
  return {};
}

export async function getResourcePolicy(
  input: Validated<GetResourcePolicyInput>,
  context: Context,
): Promise<GetResourcePolicyOutput> {
  const { policy } = await findResource(context.store, input, context, "GetResourcePolicy");
  if (policy === undefined) throw noPolicy(input.ResourceARN);
  return { Policy: policy };
}

export async function deleteResourcePolicy(
  input: Validated<DeleteResourcePolicyInput>,
  context: Context,
): Promise<Record<string, never>> {
  await changeResource(context, input, "DeleteResourcePolicy", ({ tags, policy }) => {
    if (policy === undefined) throw noPolicy(input.ResourceARN);
    return { tags };
  });
  return {};
}

function noPolicy(arn: string): ModeledError {
  return new ModeledError("ResourceNotFoundException", `No resource policy found for resource ARN ${arn}`);
}
