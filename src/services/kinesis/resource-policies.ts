import type {
  DeleteResourcePolicyInput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
  PutResourcePolicyInput,
} from "@aws-sdk/client-kinesis";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { parseJsonObject } from "../json-text.ts";
import { parsePolicy } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { changeResource, findResource } from "./find-resource.ts";

/** Attaches a policy to a stream or a registered consumer: it lets other accounts write and read there. */
export async function putResourcePolicy(
  input: Validated<PutResourcePolicyInput>,
  context: Context,
): Promise<Record<string, never>> {
  assertPolicy(input.Policy);
  await changeResource(context, input, "PutResourcePolicy", ({ tags }) => ({ tags, policy: input.Policy }));
  return {};
}

/** Policies of at most this many characters, as for other resource policies. Ours: Kinesis documents no bound. */
const POLICY_CHARACTERS_MAX = 20_480;

/** Refuses a text that is no policy document. */
function assertPolicy(text: string): void {
  if (text.length > POLICY_CHARACTERS_MAX)
    throw invalid(`The policy is longer than ${POLICY_CHARACTERS_MAX} characters.`);
  if (parseJsonObject(text)?.Statement === undefined) throw invalid("The policy is not a valid JSON policy document.");
  const isWhole = parsePolicy(text)?.Statement.every(
    ({ Principal, Action, NotAction }) => Principal !== undefined && (Action ?? NotAction) !== undefined,
  );
  if (isWhole) return;
  throw invalid("Each statement of the policy must have an Effect of Allow or Deny, a Principal and an Action.");
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

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidArgumentException", message);
}
