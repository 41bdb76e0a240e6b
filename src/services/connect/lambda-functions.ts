import type {
  AssociateLambdaFunctionRequest,
  DisassociateLambdaFunctionRequest,
  ListLambdaFunctionsRequest,
  ListLambdaFunctionsResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { invalidNextToken, invalidParameter, notFound } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";

/** A function that an instance may invoke. */
interface LambdaAssociation extends InstanceRef {
  readonly functionArn: string;
}

export const lambdaAssociations: Collection<LambdaAssociation> = collection("connect_lambda_associations");

export function lambdaAssociationKey(association: LambdaAssociation): string {
  return instanceKey(association, association.functionArn);
}

const PAGE_SIZE = 25;

const FUNCTION_ARN = /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+(?::[a-zA-Z0-9$_-]+)?$/;

/**
 * "Allows the specified Amazon Connect instance to access the specified Lambda function": from then on its flows need no policy of the
 * function. Whether there is such a function is not asked (our choice): it may be created later.
 */
export async function associateLambdaFunction(
  input: Validated<AssociateLambdaFunctionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { FunctionArn: functionArn } = input;
  if (!FUNCTION_ARN.test(functionArn)) throw invalidParameter(`${functionArn} is not the ARN of a Lambda function`);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const association = { ...refOf(instance), functionArn };
    if (await isLambdaAssociated(unit, instance, functionArn)) {
      throw new ModeledError(
        "ResourceConflictException",
        `Function ${functionArn} is associated with this instance already`,
      );
    }
    const counted = { collection: lambdaAssociations, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.lambda-functions-per-instance", counted)) {
      throw new ModeledError("ServiceQuotaExceededException", "The quota of Lambda functions per instance is used up");
    }
    unit.put(lambdaAssociations, lambdaAssociationKey(association), association);
  });
  return {};
}

export async function disassociateLambdaFunction(
  input: Validated<DisassociateLambdaFunctionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { FunctionArn: functionArn } = input;
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    if (!(await isLambdaAssociated(unit, instance, functionArn))) {
      throw notFound(`Function ${functionArn} is not associated with this instance`);
    }
    unit.delete(lambdaAssociations, lambdaAssociationKey({ ...refOf(instance), functionArn }));
  });
  return {};
}

export async function listLambdaFunctions(
  input: Validated<ListLambdaFunctionsRequest>,
  context: Context,
): Promise<ListLambdaFunctionsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { account, region, instanceId } = instance;
  const listing = {
    collection: lambdaAssociations,
    under: [account, region, instanceId],
    nameOf: ({ functionArn }: LambdaAssociation) => functionArn,
  };
  const page = await listPage(context.store, listing, {
    of: ["ListLambdaFunctions", instanceKey(instance)],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { LambdaFunctions: page.items.map(({ functionArn }) => functionArn), NextToken: page.nextToken };
}

export async function isLambdaAssociated(reader: Reader, instance: InstanceRef, functionArn: string): Promise<boolean> {
  return (await reader.get(lambdaAssociations, instanceKey(instance, functionArn))) !== undefined;
}
