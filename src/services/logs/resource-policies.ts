import type {
  DeleteResourcePolicyRequest,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  ResourcePolicy as ResourcePolicySummary,
} from "@aws-sdk/client-cloudwatch-logs";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import { slicePage } from "../list-page.ts";
import { parsePolicy } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { DESCRIBE_LIMIT, RESOURCE_POLICIES_MAX } from "./limits.ts";
import { invalidToken } from "./position.ts";

interface ResourcePolicy {
  readonly name: string;
  readonly document: string;
  readonly updatedMs: number;
}

/**
 * The policies of an account in a region, in the order of their names: few, so they are one document. They have a say in what
 * users and roles of the account do. No service is refused for the lack of one, since rules write only to groups of their own account.
 */
interface AccountPolicies {
  readonly policies: readonly ResourcePolicy[];
}

const accountPolicies: Collection<AccountPolicies> = collection<AccountPolicies>("logs_account_policies");

export async function putResourcePolicy(
  input: Validated<PutResourcePolicyRequest>,
  context: Context,
): Promise<PutResourcePolicyResponse> {
  const name = accountPolicyName(input);
  if (!input.policyDocument || !parseJsonObject(input.policyDocument)) {
    throw new ModeledError("InvalidParameterException", "The policy document must be a JSON object.");
  }
  const policy: ResourcePolicy = { name, document: input.policyDocument, updatedMs: context.clock.now() };
  await context.store.commit(async (unit) => {
    const others = (await listPolicies(unit, context)).filter((other) => other.name !== name);
    if (
      context.limits.enforced &&
      others.length >= context.limits.value("logs.resource-policies", RESOURCE_POLICIES_MAX)
    ) {
      throw new ModeledError("LimitExceededException", "Resource limit exceeded.");
    }
    const policies = [...others, policy].sort((a, b) => (a.name < b.name ? -1 : 1));
    unit.put(accountPolicies, policiesKey(context), { policies });
  });
  return { resourcePolicy: summary(policy) };
}

export async function deleteResourcePolicy(
  input: Validated<DeleteResourcePolicyRequest>,
  context: Context,
): Promise<void> {
  const name = accountPolicyName(input);
  await context.store.commit(async (unit) => {
    const before = await listPolicies(unit, context);
    const policies = before.filter((policy) => policy.name !== name);
    if (policies.length === before.length) {
      throw new ModeledError("ResourceNotFoundException", `Policy with name [${name}] does not exist.`);
    }
    unit.put(accountPolicies, policiesKey(context), { policies });
  });
}

export async function describeResourcePolicies(
  input: Validated<DescribeResourcePoliciesRequest>,
  context: Context,
): Promise<DescribeResourcePoliciesResponse> {
  refuseResourceScope(input.resourceArn ?? (input.policyScope === "RESOURCE" ? input.policyScope : undefined));
  const page = slicePage(await listPolicies(context.store, context), ({ name }) => name, {
    of: ["DescribeResourcePolicies", context.account, context.region],
    token: input.nextToken,
    limit: input.limit ?? DESCRIBE_LIMIT,
    refuse: invalidToken,
  });
  return {
    resourcePolicies: page.items.map(summary),
    ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
  };
}

async function listPolicies(reader: Reader, context: Context): Promise<readonly ResourcePolicy[]> {
  return (await reader.get(accountPolicies, policiesKey(context)))?.policies ?? [];
}

/** All policies of the account and Region in an ARN, as one. */
export async function policyOf(reader: Reader, arn: string): Promise<string | undefined> {
  const [, , , region = "", account = ""] = arn.split(":", 5);
  const found = await reader.get(accountPolicies, policiesKey({ account, region }));
  const statements = found?.policies.flatMap(({ document }) => parsePolicy(document)?.Statement ?? []) ?? [];
  return statements.length === 0 ? undefined : JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

function policiesKey(context: Pick<Context, "account" | "region">): string {
  return compositeKey(context.account, context.region);
}

function accountPolicyName(input: { policyName?: string | undefined; resourceArn?: string | undefined }): string {
  refuseResourceScope(input.resourceArn);
  if (!input.policyName) throw new ModeledError("InvalidParameterException", "policyName must be specified.");
  return input.policyName;
}

function refuseResourceScope(asked: string | undefined): void {
  if (asked === undefined) return;
  throw new ModeledError(
    "InvalidParameterException",
    "Policies of single resources are not supported, only those of the account.",
  );
}

function summary(policy: ResourcePolicy): ResourcePolicySummary {
  return {
    policyName: policy.name,
    policyDocument: policy.document,
    lastUpdatedTime: policy.updatedMs,
    policyScope: "ACCOUNT",
  };
}
