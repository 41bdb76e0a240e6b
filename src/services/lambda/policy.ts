/** A function's own policy: who else may do what with it. */
import type {
  AddPermissionRequest,
  AddPermissionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  RemovePermissionRequest,
} from "@aws-sdk/client-lambda";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { policyAllows } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { conflict, invalid, notFound, preconditionFailed } from "./errors.ts";
import {
  getAliasOf,
  getFunctionOf,
  getVersionOf,
  type Named,
  parseFunctionArn,
  parseOwnName,
} from "./find-function.ts";
import { type FunctionRef, functionArn, isVersion, LATEST } from "./function.ts";
import { POLICY_BYTES_MAX } from "./limits.ts";

/** One statement, as AddPermission was asked for it. */
export interface Permission {
  readonly sid: string;
  /** `lambda:InvokeFunction` or `lambda:*`. */
  readonly action: string;
  /** A service's name, an account's number, an ARN or `*`. */
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  readonly organization?: string;
  readonly eventSourceToken?: string;
  readonly urlAuthType?: string;
  readonly viaUrl?: boolean;
}

export interface FunctionPolicy {
  readonly permissions: readonly Permission[];
  readonly revisionId: string;
}

/** One for the function as such, and one for each version or alias that has some. */
export const policies: Collection<FunctionPolicy> = collection<FunctionPolicy>("lambda_policies");

/** `$LATEST` has the function's own. */
export function policyKey({ account, region, name }: FunctionRef, qualifier?: string): string {
  return compositeKey(account, region, name, qualifier === LATEST ? "" : (qualifier ?? ""));
}

export async function addPermission(
  input: Validated<AddPermissionRequest>,
  context: Context,
): Promise<AddPermissionResponse> {
  const named = parseOwnName(input.FunctionName, context, "AddPermission", input.Qualifier);
  if (named.qualifier === LATEST) throw invalid("We currently do not support adding policies for $LATEST.");
  const permission = permissionOf(input);
  const revisionId = context.ids.uuid();
  await context.store.commit(async (unit) => {
    await requireNamed(unit, named);
    const { permissions, revisionId: current } = (await unit.get(policies, policyKey(named, named.qualifier))) ?? {
      permissions: [],
      revisionId: undefined,
    };
    if (input.RevisionId !== undefined && input.RevisionId !== current) throw preconditionFailed();
    if (permissions.some(({ sid }) => sid === permission.sid)) {
      throw conflict(
        `The statement id (${permission.sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
    const policy = { permissions: [...permissions, permission], revisionId };
    const bytes = Buffer.byteLength(policyText(named, policy));
    if (bytes > POLICY_BYTES_MAX) {
      throw new ModeledError(
        "PolicyLengthExceededException",
        `The final policy size (${bytes}) is bigger than the limit (${POLICY_BYTES_MAX}).`,
      );
    }
    unit.put(policies, policyKey(named, named.qualifier), policy);
  });
  return { Statement: JSON.stringify(statementOf(named, permission)) };
}

export async function getPolicy(input: Validated<GetPolicyRequest>, context: Context): Promise<GetPolicyResponse> {
  const named = parseOwnName(input.FunctionName, context, "GetPolicy", input.Qualifier);
  await requireNamed(context.store, named);
  const policy = await context.store.get(policies, policyKey(named, named.qualifier));
  if (policy === undefined) throw notFound("The resource you requested does not exist.");
  return { Policy: policyText(named, policy), RevisionId: policy.revisionId };
}

export async function removePermission(
  input: Validated<RemovePermissionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const named = parseOwnName(input.FunctionName, context, "RemovePermission", input.Qualifier);
  const revisionId = context.ids.uuid();
  await context.store.commit(async (unit) => {
    await requireNamed(unit, named);
    const key = policyKey(named, named.qualifier);
    const policy = await unit.get(policies, key);
    if (policy === undefined) throw notFound("No policy is associated with the given resource.");
    if (input.RevisionId !== undefined && input.RevisionId !== policy.revisionId) throw preconditionFailed();
    const permissions = policy.permissions.filter(({ sid }) => sid !== input.StatementId);
    if (permissions.length === policy.permissions.length) {
      throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
    }
    if (permissions.length > 0) unit.put(policies, key, { permissions, revisionId });
    else unit.delete(policies, key);
  });
  return {};
}

async function requireNamed(reader: Reader, named: Named): Promise<void> {
  await getFunctionOf(reader, named);
  if (named.qualifier === undefined) return;
  if (isVersion(named.qualifier)) await getVersionOf(reader, named);
  else await getAliasOf(reader, named, named.qualifier);
}

function permissionOf(input: Validated<AddPermissionRequest>): Permission {
  const { Principal: principal } = input;
  const isKnown =
    principal === "*" ||
    /^\d{12}$/.test(principal) ||
    /^arn:aws[a-zA-Z-]*:(iam|sts)::\d{12}:.+$/.test(principal) ||
    /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal) ||
    /^[a-z0-9.-]+\.amazon\.com$/.test(principal);
  if (!isKnown) throw invalid("The provided principal was invalid. Please check the principal and try again.");
  return {
    sid: input.StatementId,
    action: input.Action,
    principal,
    ...(input.SourceArn !== undefined && { sourceArn: input.SourceArn }),
    ...(input.SourceAccount !== undefined && { sourceAccount: input.SourceAccount }),
    ...(input.PrincipalOrgID !== undefined && { organization: input.PrincipalOrgID }),
    ...(input.EventSourceToken !== undefined && { eventSourceToken: input.EventSourceToken }),
    ...(input.FunctionUrlAuthType !== undefined && { urlAuthType: input.FunctionUrlAuthType }),
    ...(input.InvokedViaFunctionUrl !== undefined && { viaUrl: input.InvokedViaFunctionUrl }),
  };
}

/** The policy as IAM reads it. */
export function policyText(named: Named, { permissions }: Pick<FunctionPolicy, "permissions">): string {
  const Statement = permissions.map((permission) => statementOf(named, permission));
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement });
}

/** The policy of the function, version or alias that an ARN names. */
export async function policyOf(reader: Reader, arn: string): Promise<string | undefined> {
  const named = parseFunctionArn(arn);
  const policy = named && (await reader.get(policies, policyKey(named, named.qualifier)));
  return policy && policyText(named, policy);
}

function statementOf(named: Named, permission: Permission): object {
  const { sid, action, principal, sourceArn, sourceAccount, organization, eventSourceToken, urlAuthType, viaUrl } =
    permission;
  const equals = {
    ...(eventSourceToken !== undefined && { "lambda:EventSourceToken": eventSourceToken }),
    ...(sourceAccount !== undefined && { "AWS:SourceAccount": sourceAccount }),
    ...(organization !== undefined && { "aws:PrincipalOrgID": organization }),
    ...(urlAuthType !== undefined && { "lambda:FunctionUrlAuthType": urlAuthType }),
  };
  const conditions = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(viaUrl !== undefined && { Bool: { "lambda:InvokedViaFunctionUrl": String(viaUrl) } }),
    ...(sourceArn !== undefined && { ArnLike: { "AWS:SourceArn": sourceArn } }),
  };
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: principalOf(principal),
    Action: action,
    Resource: functionArn(named, named.qualifier),
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  return principal.startsWith("arn:") ? { AWS: principal } : { Service: principal };
}

/** A service that wants to invoke a function. */
export interface ServiceCaller {
  /** `events.amazonaws.com`. */
  readonly service: string;
  readonly sourceArn?: string | undefined;
  readonly sourceAccount: string;
}

/** Whether a function's policy lets a service invoke it. */
export function letsService(named: Named, policy: FunctionPolicy | undefined, caller: ServiceCaller): boolean {
  if (policy === undefined) return false;
  return policyAllows(policyText(named, policy), {
    principal: { account: "", arn: caller.service },
    action: "lambda:InvokeFunction",
    resourceArn: functionArn(named, named.qualifier),
    conditions: {
      "aws:SourceAccount": [caller.sourceAccount],
      ...(caller.sourceArn !== undefined && { "aws:SourceArn": [caller.sourceArn] }),
    },
  });
}
