import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import { GROUPS, type Group, identityKey } from "./identity.ts";

/** One user in one group. Kept in the order of groups and their users. */
export interface Membership {
  readonly account: string;
  readonly groupName: string;
  readonly userName: string;
}

export const MEMBERSHIPS: Collection<Membership> = collection<Membership>("iam_memberships", {
  user: {
    type: "text",
    value: ({ account, userName, groupName }) => compositeKey(account, userName.toLowerCase(), groupName.toLowerCase()),
  },
});

export function membershipKey({ account, groupName, userName }: Membership): string {
  return compositeKey(account, groupName.toLowerCase(), userName.toLowerCase());
}

/** Bounded by the quota of groups per user. */
const GROUPS_READ = 100;

export async function membershipsOf(reader: Reader, account: string, userName: string): Promise<readonly Membership[]> {
  const prefix = compositeKey(account, userName.toLowerCase(), "");
  return (await reader.list(MEMBERSHIPS, { index: "user", prefix, limit: GROUPS_READ })).documents;
}

export async function groupsOf(reader: Reader, account: string, userName: string): Promise<readonly Group[]> {
  const groups: Group[] = [];
  for (const { groupName } of await membershipsOf(reader, account, userName)) {
    const group = await reader.get(GROUPS, identityKey(account, groupName));
    if (group !== undefined) groups.push(group);
  }
  return groups;
}
