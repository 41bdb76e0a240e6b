import type { Tag } from "@aws-sdk/client-iam";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";

/** What gives a machine a role. There are no machines here; those who create stacks create it all the same. */
export interface InstanceProfile {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly createdMs: number;
  readonly roleName?: string;
  readonly tags: readonly Tag[];
}

export const INSTANCE_PROFILES: Collection<InstanceProfile> = collection<InstanceProfile>("iam_instance_profiles", {
  role: {
    type: "text",
    value: ({ account, roleName, name }) =>
      roleName === undefined ? undefined : compositeKey(account, roleName.toLowerCase(), name.toLowerCase()),
  },
});

/** The instance profiles that a role is in. */
export async function profilesOf(
  reader: Reader,
  { account, name }: { readonly account: string; readonly name: string },
  { limit }: { readonly limit: number },
): Promise<readonly InstanceProfile[]> {
  const prefix = compositeKey(account, name.toLowerCase(), "");
  return (await reader.list(INSTANCE_PROFILES, { index: "role", prefix, limit })).documents;
}
