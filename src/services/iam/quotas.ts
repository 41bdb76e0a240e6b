import { type Collection, compositeKey, type Unit } from "../../store/store.ts";
import { countUpTo } from "../count-up-to.ts";
import { guardRange } from "../range-guard.ts";
import type { Context, Limit } from "../service.ts";
import { limitExceeded } from "./errors.ts";

const SOURCE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html";

/** Quotas that can be raised. What cannot be is below, and always holds. */
export const iamLimits: readonly Limit[] = [
  { name: "iam.users", default: 5000, meaning: "Users of an account.", source: SOURCE },
  { name: "iam.groups", default: 300, meaning: "Groups of an account.", source: SOURCE },
  { name: "iam.roles", default: 1000, meaning: "Roles of an account.", source: SOURCE },
  { name: "iam.policies", default: 1500, meaning: "Managed policies of an account.", source: SOURCE },
  { name: "iam.instance-profiles", default: 1000, meaning: "Instance profiles of an account.", source: SOURCE },
  {
    name: "iam.attached-policies",
    default: 10,
    meaning: "Managed policies attached to one user, role or group.",
    source: SOURCE,
  },
];

export const ACCESS_KEYS_PER_USER = 2;
export const GROUPS_PER_USER = 10;
export const VERSIONS_PER_POLICY = 5;
export const TAGS_MAX = 50;
/** Characters of documents, white space aside. */
export const MANAGED_POLICY_CHARACTERS = 6144;
export const TRUST_POLICY_CHARACTERS = 2048;
export const INLINE_POLICY_CHARACTERS = { user: 2048, role: 10_240, group: 5120 } as const;
/** Of a session's policies, its inline one and its tags together. */
export const SESSION_POLICY_CHARACTERS = 2048;

/** Pairs of an action and a resource that are simulated at once. Ours: a request has room for so many that the answer would fill all memory. */
export const SIMULATED_MAX = 10_000;

/** Throws `LimitExceeded` where an account has as many as it may, and limits are enforced. `quota` is what the message calls it. */
export async function checkCount<T>(
  unit: Unit,
  { limits, account }: Pick<Context, "limits" | "account">,
  collection: Collection<T>,
  { limit, quota }: { readonly limit: string; readonly quota: string },
): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(limit, iamLimits.find(({ name }) => name === limit)?.default ?? Infinity);
  await guardRange(unit, compositeKey(account, collection.name));
  const found = await countUpTo(unit, { collection, prefix: compositeKey(account, "") }, most);
  if (found >= most) throw limitExceeded(`Cannot exceed quota for ${quota}: ${most}`);
}
