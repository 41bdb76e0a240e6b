import type {
  CreateAccountAliasRequest,
  DeleteAccountAliasRequest,
  GetAccountSummaryResponse,
  ListAccountAliasesRequest,
  ListAccountAliasesResponse,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, compositeKey } from "../../store/store.ts";
import { countUpTo } from "../count-up-to.ts";
import type { Context } from "../service.ts";
import { alreadyExists, noSuchEntity } from "./errors.ts";
import { GROUPS, ROLES, USERS } from "./identity.ts";
import { INSTANCE_PROFILES } from "./instance-profile.ts";
import { POLICIES } from "./managed-policy.ts";
import {
  ACCESS_KEYS_PER_USER,
  GROUPS_PER_USER,
  INLINE_POLICY_CHARACTERS,
  iamLimits,
  MANAGED_POLICY_CHARACTERS,
  TRUST_POLICY_CHARACTERS,
  VERSIONS_PER_POLICY,
} from "./quotas.ts";

/** The other name of an account. Nobody signs in by it here; two accounts cannot have the same all the same. */
interface Alias {
  readonly account: string;
  readonly alias: string;
}

const ALIASES: Collection<Alias> = collection<Alias>("iam_account_aliases", {
  account: { type: "text", value: ({ account }) => account },
});

/** Takes the place of the one that the account has. */
export async function createAccountAlias(input: Validated<CreateAccountAliasRequest>, context: Context): Promise<void> {
  const { AccountAlias: alias } = input;
  const { account } = context;
  await context.store.commit(async (unit) => {
    const taken = await unit.get(ALIASES, alias);
    if (taken !== undefined && taken.account !== account)
      throw alreadyExists(`The account alias ${alias} already exists.`);
    const { documents } = await unit.list(ALIASES, { index: "account", equals: account, limit: 1 });
    for (const earlier of documents) unit.delete(ALIASES, earlier.alias);
    unit.put(ALIASES, alias, { account, alias });
  });
}

export async function deleteAccountAlias(input: Validated<DeleteAccountAliasRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const found = await unit.get(ALIASES, input.AccountAlias);
    if (found?.account !== context.account)
      throw noSuchEntity(`The account alias ${input.AccountAlias} cannot be found.`);
    unit.delete(ALIASES, input.AccountAlias);
  });
}

export async function listAccountAliases(
  _input: Validated<ListAccountAliasesRequest>,
  context: Context,
): Promise<ListAccountAliasesResponse> {
  const { documents } = await context.store.list(ALIASES, { index: "account", equals: context.account, limit: 1 });
  return { AccountAliases: documents.map(({ alias }) => alias), IsTruncated: false };
}

/** How much of what an account has, and may have. */
export async function getAccountSummary(
  _input: Record<string, never>,
  context: Context,
): Promise<GetAccountSummaryResponse> {
  const { store, account, limits } = context;
  const count = (counted: Collection<never>): Promise<number> =>
    countUpTo(store, { collection: counted, prefix: compositeKey(account, "") }, Infinity);
  const quota = (name: string): number =>
    limits.value(name, iamLimits.find((limit) => limit.name === name)?.default ?? 0);
  const attached = quota("iam.attached-policies");
  return {
    SummaryMap: {
      Users: await count(USERS as Collection<never>),
      UsersQuota: quota("iam.users"),
      Groups: await count(GROUPS as Collection<never>),
      GroupsQuota: quota("iam.groups"),
      Roles: await count(ROLES as Collection<never>),
      RolesQuota: quota("iam.roles"),
      Policies: await count(POLICIES as Collection<never>),
      PoliciesQuota: quota("iam.policies"),
      InstanceProfiles: await count(INSTANCE_PROFILES as Collection<never>),
      InstanceProfilesQuota: quota("iam.instance-profiles"),
      UserPolicySizeQuota: INLINE_POLICY_CHARACTERS.user,
      GroupPolicySizeQuota: INLINE_POLICY_CHARACTERS.group,
      RolePolicySizeQuota: INLINE_POLICY_CHARACTERS.role,
      PolicySizeQuota: MANAGED_POLICY_CHARACTERS,
      AssumeRolePolicySizeQuota: TRUST_POLICY_CHARACTERS,
      VersionsPerPolicyQuota: VERSIONS_PER_POLICY,
      AccessKeysPerUserQuota: ACCESS_KEYS_PER_USER,
      GroupsPerUserQuota: GROUPS_PER_USER,
      AttachedPoliciesPerUserQuota: attached,
      AttachedPoliciesPerGroupQuota: attached,
      AttachedPoliciesPerRoleQuota: attached,
      GlobalEndpointTokenVersion: 1,
      AccountMFAEnabled: 0,
      AccountAccessKeysPresent: 1,
      AccountPasswordPresent: 0,
      MFADevices: 0,
      MFADevicesInUse: 0,
      Providers: 0,
      ServerCertificates: 0,
    },
  };
}
