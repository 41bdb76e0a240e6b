/** A layer version's own policy: which other accounts may use it. */
import type {
  AddLayerVersionPermissionRequest,
  AddLayerVersionPermissionResponse,
  GetLayerVersionPolicyRequest,
  GetLayerVersionPolicyResponse,
  RemoveLayerVersionPermissionRequest,
} from "@aws-sdk/client-lambda";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { conflict, notFound } from "./errors.ts";
import { checkNumber, getLayerVersionOf, parseOwnLayer } from "./find-layer.ts";
import { type LayerVersionRef, layerArn, layerVersionKey } from "./layer.ts";
import { POLICY_BYTES_MAX } from "./limits.ts";

interface LayerPermission {
  readonly sid: string;
  /** An account's number, the ARN of its root, or `*`. */
  readonly principal: string;
  readonly organization?: string;
}

interface LayerPolicy {
  readonly permissions: readonly LayerPermission[];
  readonly revisionId: string;
}

/** By layer version. */
export const layerPolicies: Collection<LayerPolicy> = collection<LayerPolicy>("lambda_layer_policies");

export async function addLayerVersionPermission(
  input: Validated<AddLayerVersionPermissionRequest>,
  context: Context,
): Promise<AddLayerVersionPermissionResponse> {
  const ref = parseVersion(input, context, "AddLayerVersionPermission");
  const { StatementId: sid, Principal: principal, OrganizationId: organization } = input;
  const permission: LayerPermission = { sid, principal, ...(organization !== undefined && { organization }) };
  const revisionId = context.ids.uuid();
  await context.store.commit(async (unit) => {
    await getLayerVersionOf(unit, ref);
    const before = await unit.get(layerPolicies, layerVersionKey(ref));
    checkRevision(input.RevisionId, before);
    const permissions = before?.permissions ?? [];
    if (permissions.some((one) => one.sid === sid)) {
      throw conflict(
        `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
    const policy = { permissions: [...permissions, permission], revisionId };
    const bytes = Buffer.byteLength(policyText(ref, policy));
    if (bytes > POLICY_BYTES_MAX) {
      throw new ModeledError(
        "PolicyLengthExceededException",
        `The final policy size (${bytes}) is bigger than the limit (${POLICY_BYTES_MAX}).`,
      );
    }
    unit.put(layerPolicies, layerVersionKey(ref), policy);
  });
  return { Statement: JSON.stringify(statementOf(ref, permission)), RevisionId: revisionId };
}

export async function getLayerVersionPolicy(
  input: Validated<GetLayerVersionPolicyRequest>,
  context: Context,
): Promise<GetLayerVersionPolicyResponse> {
  const ref = parseVersion(input, context, "GetLayerVersionPolicy");
  await getLayerVersionOf(context.store, ref);
  const policy = await context.store.get(layerPolicies, layerVersionKey(ref));
  if (policy === undefined) throw notFound("No policy is associated with the given resource.");
  return { Policy: policyText(ref, policy), RevisionId: policy.revisionId };
}

export async function removeLayerVersionPermission(
  input: Validated<RemoveLayerVersionPermissionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const ref = parseVersion(input, context, "RemoveLayerVersionPermission");
  const revisionId = context.ids.uuid();
  await context.store.commit(async (unit) => {
    await getLayerVersionOf(unit, ref);
    const key = layerVersionKey(ref);
    const policy = await unit.get(layerPolicies, key);
    if (policy === undefined) throw notFound("No policy is associated with the given resource.");
    checkRevision(input.RevisionId, policy);
    const permissions = policy.permissions.filter(({ sid }) => sid !== input.StatementId);
    if (permissions.length === policy.permissions.length) {
      throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
    }
    if (permissions.length > 0) unit.put(layerPolicies, key, { permissions, revisionId });
    else unit.delete(layerPolicies, key);
  });
  return {};
}

/** Whether a layer version's policy lets another account use it. Nobody here is in an organization. */
export async function letsAccountUse(reader: Reader, ref: LayerVersionRef, account: string): Promise<boolean> {
  const policy = await reader.get(layerPolicies, layerVersionKey(ref));
  return (policy?.permissions ?? []).some(
    ({ principal, organization }) =>
      organization === undefined && (principal === "*" || principal === account || principal.split(":")[4] === account),
  );
}

function parseVersion(
  { LayerName, VersionNumber }: { readonly LayerName: string; readonly VersionNumber: number },
  context: Context,
  operation: string,
): LayerVersionRef {
  return { ...parseOwnLayer(LayerName, context, operation), number: checkNumber(VersionNumber) };
}

function checkRevision(expected: string | undefined, policy: LayerPolicy | undefined): void {
  if (expected === undefined || expected === policy?.revisionId) return;
  throw new ModeledError(
    "PreconditionFailedException",
    "The RevisionId provided does not match the latest RevisionId. Call the GetLayerPolicy API to retrieve the latest Revision Id",
  );
}

function policyText(ref: LayerVersionRef, { permissions }: Pick<LayerPolicy, "permissions">): string {
  const Statement = permissions.map((permission) => statementOf(ref, permission));
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement });
}

function statementOf(ref: LayerVersionRef, { sid, principal, organization }: LayerPermission): object {
  const arn = /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal;
  return {
    Sid: sid,
    Effect: "Allow",
    Principal: principal === "*" ? "*" : { AWS: arn },
    Action: "lambda:GetLayerVersion",
    Resource: layerArn(ref, ref.number),
    ...(organization !== undefined && { Condition: { StringEquals: { "aws:PrincipalOrgID": organization } } }),
  };
}
