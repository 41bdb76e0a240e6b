/** Managed policies and their versions. */
import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  SetDefaultPolicyVersionRequest,
  Policy as ShownPolicy,
  PolicyVersion as ShownVersion,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { listBehind } from "../list-page.ts";
import type { Context } from "../service.ts";
import { awsPolicies } from "./aws-policies.ts";
import { checkDocument, documentCharacters, encodeDocument } from "./documents.ts";
import { accessDenied, alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from "./errors.ts";
import { findPolicy } from "./find-policy.ts";
import { more, sliceMarked } from "./listed.ts";
import { type ManagedPolicy, POLICIES, type PolicyVersion, policyKey, usesOf } from "./managed-policy.ts";
import { checkCount, MANAGED_POLICY_CHARACTERS, VERSIONS_PER_POLICY } from "./quotas.ts";
import { newTags } from "./tags.ts";
import { uniqueId } from "./unique-id.ts";

export async function createPolicy(
  input: Validated<CreatePolicyRequest>,
  context: Context,
): Promise<CreatePolicyResponse> {
  checkManaged(input.PolicyDocument);
  const { account } = context;
  const { PolicyName: name, Path: path = "/", Description: description } = input;
  const createdMs = context.clock.now();
  const policy: ManagedPolicy = {
    account,
    name,
    path,
    id: uniqueId("ANPA", context.ids),
    arn: `arn:aws:iam::${account}:policy${path}${name}`,
    ...(description !== undefined && { description }),
    createdMs,
    updatedMs: createdMs,
    versions: [{ id: "v1", document: input.PolicyDocument, createdMs }],
    defaultVersion: "v1",
    nextVersion: 2,
    tags: newTags(input.Tags),
  };
  await context.store.commit(async (unit) => {
    const key = policyKey(account, name);
    if (await unit.get(POLICIES, key)) {
      throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
    }
    await checkCount(unit, context, POLICIES, { limit: "iam.policies", quota: "PoliciesPerAccount" });
    unit.put(POLICIES, key, policy);
  });
  return { Policy: showPolicy(policy, NO_USES) };
}

export async function getPolicyOperation(
  input: Validated<GetPolicyRequest>,
  context: Context,
): Promise<GetPolicyResponse> {
  const policy = await getPolicy(context.store, input.PolicyArn, context);
  return { Policy: showPolicy(policy, await countUses(context.store, context.account, policy)) };
}

/** The policies of the account, of AWS, or both, in the order of their names. */
export async function listPolicies(
  input: Validated<ListPoliciesRequest>,
  context: Context,
): Promise<ListPoliciesResponse> {
  const { account, store } = context;
  const { Scope: scope = "All", OnlyAttached: onlyAttached = false, PathPrefix: path = "/", PolicyUsageFilter } = input;
  const nameOf = ({ name, account: owner }: ManagedPolicy): string => `${name.toLowerCase()} ${owner}`;
  const own =
    scope === "AWS"
      ? []
      : await listBehind(store, { collection: POLICIES, under: [account], nameOf }, undefined, POLICIES_MAX);
  const policies = [...own, ...(scope === "Local" ? [] : awsPolicies)].filter((policy) => policy.path.startsWith(path));
  const shown: [ManagedPolicy, Uses][] = [];
  for (const policy of policies) {
    const uses = await countUses(store, account, policy);
    const isUsed = PolicyUsageFilter === "PermissionsBoundary" ? uses.boundaries > 0 : uses.attached > 0;
    if (isUsed || !(onlyAttached || PolicyUsageFilter !== undefined)) shown.push([policy, uses]);
  }
  shown.sort(([a], [b]) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const of = [account, "ListPolicies", scope, onlyAttached, path, PolicyUsageFilter];
  const page = sliceMarked(shown, ([policy]) => nameOf(policy), input, of);
  return {
    // As the real service does, without descriptions and tags.
    Policies: page.items.map(([policy, uses]) => {
      const { Description: _, Tags: __, ...rest } = showPolicy(policy, uses);
      return rest;
    }),
    ...more(page),
  };
}

const POLICIES_MAX = 10_000;

export async function deletePolicy(input: Validated<DeletePolicyRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const policy = await getOwnPolicy(unit, input.PolicyArn, context, "DeletePolicy");
    if ((await usesOf(unit, context.account, policy.arn)).length > 0) {
      throw deleteConflict("Cannot delete a policy attached to entities.");
    }
    if (policy.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    unit.delete(POLICIES, policyKey(policy.account, policy.name));
  });
}

export async function createPolicyVersion(
  input: Validated<CreatePolicyVersionRequest>,
  context: Context,
): Promise<CreatePolicyVersionResponse> {
  checkManaged(input.PolicyDocument);
  const createdMs = context.clock.now();
  const changed = await changePolicy(context, input.PolicyArn, "CreatePolicyVersion", (policy) => {
    if (policy.versions.length >= VERSIONS_PER_POLICY) {
      throw limitExceeded(
        `A managed policy can have up to ${VERSIONS_PER_POLICY} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    const version = { id: `v${policy.nextVersion}`, document: input.PolicyDocument, createdMs };
    return {
      ...policy,
      updatedMs: createdMs,
      versions: [...policy.versions, version],
      defaultVersion: input.SetAsDefault ? version.id : policy.defaultVersion,
      nextVersion: policy.nextVersion + 1,
    };
  });
  const { Document: _, ...version } = showVersion(changed, changed.versions.at(-1) as PolicyVersion);
  return { PolicyVersion: version };
}

export async function getPolicyVersion(
  input: Validated<GetPolicyVersionRequest>,
  context: Context,
): Promise<GetPolicyVersionResponse> {
  const policy = await getPolicy(context.store, input.PolicyArn, context);
  return { PolicyVersion: showVersion(policy, getVersion(policy, input.VersionId)) };
}

/** The newest first. */
export async function listPolicyVersions(
  input: Validated<ListPolicyVersionsRequest>,
  context: Context,
): Promise<ListPolicyVersionsResponse> {
  const policy = await getPolicy(context.store, input.PolicyArn, context);
  const versions = policy.versions.toReversed();
  const placeOf = (version: PolicyVersion): string => String(versions.indexOf(version));
  const page = sliceMarked(versions, placeOf, input, [context.account, "ListPolicyVersions", policy.arn]);
  return {
    Versions: page.items.map((version) => {
      const { Document: _, ...shown } = showVersion(policy, version);
      return shown;
    }),
    ...more(page),
  };
}

export async function deletePolicyVersion(
  input: Validated<DeletePolicyVersionRequest>,
  context: Context,
): Promise<void> {
  await changePolicy(context, input.PolicyArn, "DeletePolicyVersion", (policy) => {
    const { id } = getVersion(policy, input.VersionId);
    if (id === policy.defaultVersion) throw deleteConflict("Cannot delete the default version of a policy.");
    return { ...policy, versions: policy.versions.filter((version) => version.id !== id) };
  });
}

export async function setDefaultPolicyVersion(
  input: Validated<SetDefaultPolicyVersionRequest>,
  context: Context,
): Promise<void> {
  const updatedMs = context.clock.now();
  await changePolicy(context, input.PolicyArn, "SetDefaultPolicyVersion", (policy) => {
    return { ...policy, updatedMs, defaultVersion: getVersion(policy, input.VersionId).id };
  });
}

/** Changes a policy of the caller's account. AWS's own cannot be changed. */
export async function changePolicy(
  context: Context,
  arn: string,
  operation: string,
  change: (policy: ManagedPolicy) => ManagedPolicy,
): Promise<ManagedPolicy> {
  return context.store.commit(async (unit) => {
    const changed = change(await getOwnPolicy(unit, arn, context, operation));
    unit.put(POLICIES, policyKey(changed.account, changed.name), changed);
    return changed;
  });
}

/** A policy of the account or of AWS. Throws `NoSuchEntity`. */
export async function getPolicy(
  reader: Reader,
  arn: string,
  { account }: Pick<Context, "account">,
): Promise<ManagedPolicy> {
  const policy = await findPolicy(reader, arn);
  if (policy === undefined || (policy.account !== "aws" && policy.account !== account)) {
    throw noSuchEntity(`Policy ${arn} was not found.`);
  }
  return policy;
}

async function getOwnPolicy(reader: Reader, arn: string, context: Context, operation: string): Promise<ManagedPolicy> {
  const policy = await getPolicy(reader, arn, context);
  if (policy.account !== "aws") return policy;
  throw accessDenied(
    `User: ${context.principalArn} is not authorized to perform: iam:${operation} on resource: policy ${arn}`,
  );
}

function getVersion(policy: ManagedPolicy, id: string): PolicyVersion {
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (version === undefined)
    throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
}

function checkManaged(text: string): void {
  checkDocument(text, "identity");
  if (documentCharacters(text) > MANAGED_POLICY_CHARACTERS) {
    throw limitExceeded(`Cannot exceed quota for PolicySize: ${MANAGED_POLICY_CHARACTERS}`);
  }
}

interface Uses {
  readonly attached: number;
  readonly boundaries: number;
}

const NO_USES: Uses = { attached: 0, boundaries: 0 };

async function countUses(reader: Reader, account: string, { arn }: ManagedPolicy): Promise<Uses> {
  const uses = await usesOf(reader, account, arn);
  const attached = uses.filter(({ usage }) => usage === "PermissionsPolicy").length;
  return { attached, boundaries: uses.length - attached };
}

function showPolicy(policy: ManagedPolicy, { attached, boundaries }: Uses): ShownPolicy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: boundaries,
    IsAttachable: true,
    ...(policy.description !== undefined && { Description: policy.description }),
    CreateDate: new Date(policy.createdMs),
    UpdateDate: new Date(policy.updatedMs),
    ...(policy.tags.length > 0 && { Tags: [...policy.tags] }),
  };
}

function showVersion(policy: ManagedPolicy, { id, document, createdMs }: PolicyVersion): ShownVersion {
  return {
    Document: encodeDocument(document),
    VersionId: id,
    IsDefaultVersion: id === policy.defaultVersion,
    CreateDate: new Date(createdMs),
  };
}
