import type { Reader } from "../../store/store.ts";
import { type InstanceRef, instanceKey, parseArn, resourceArn } from "./arns.ts";
import { findResource } from "./instance-resources.ts";
import { findAll } from "./search.ts";
import { type User, users } from "./users.ts";

/** The users of an instance with these ids or ARNs, and those that carry all of these tags, if there are any: each once. */
export async function findUsers(
  reader: Reader,
  instance: InstanceRef,
  { ids, tags }: { readonly ids: readonly string[]; readonly tags: Readonly<Record<string, string>> },
): Promise<readonly User[]> {
  const found = new Map<string, User>();
  for (const id of ids) {
    const user = await findResource(reader, users, "user", instance, id);
    if (user) found.set(user.id, user);
  }
  const wanted = Object.entries(tags);
  if (wanted.length === 0) return [...found.values()];
  const carriesAll = (user: User): boolean => wanted.every(([key, value]) => user.tags[key] === value);
  for (const user of await findAll(reader, users, instanceKey(instance, ""), [carriesAll])) found.set(user.id, user);
  return [...found.values()];
}

/** A user of any instance of the caller, by ARN. Some pages of the documentation write `user` where all others write `agent`. */
export async function findUserByArn(
  reader: Reader,
  caller: { readonly account: string; readonly region: string },
  arn: string,
): Promise<User | undefined> {
  const { instance, resource } = parseArn(arn.replace(/\/user\/([^/]+)$/, "/agent/$1"), caller) ?? {};
  if (!instance || resource?.kind !== "user") return undefined;
  return findResource(reader, users, "user", instance, resourceArn("user", instance, resource.id));
}
