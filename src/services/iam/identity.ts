/**
 * What policies can be attached to: users, roles and groups. IAM is one for an account, whatever the Region, and does not tell names apart by
 * case: documents are kept under names in lower case.
 */
import type { Tag } from "@aws-sdk/client-iam";
import { type Collection, collection, compositeKey, type Reader } from "../../store/store.ts";
import type { Caller } from "../service.ts";
import { noSuchEntity } from "./errors.ts";

export type IdentityKind = "user" | "role" | "group";

/** What users, roles and groups have in common. */
export interface Identity {
  readonly account: string;
  readonly name: string;
  /** `/`, or `/agents/europe/`. */
  readonly path: string;
  /** `AIDA…`, `AROA…`, `AGPA…`: another one after each creation. */
  readonly id: string;
  readonly createdMs: number;
  /** Inline policies: documents by name. */
  readonly policies: Readonly<Record<string, string>>;
  /** The managed policy that is its permissions boundary. */
  readonly boundaryArn?: string;
  readonly tags: readonly Tag[];
}

export interface User extends Identity {}

export interface Group extends Identity {}

export interface Role extends Identity {
  readonly description?: string;
  readonly maxSessionSeconds: number;
  /** Who may assume it, as a policy document. */
  readonly trustPolicy: string;
  /** The service that a service-linked role belongs to. */
  readonly linkedTo?: string;
}

export const USERS: Collection<User> = collection("iam_users");
export const GROUPS: Collection<Group> = collection("iam_groups");
export const ROLES: Collection<Role> = collection("iam_roles");

interface Identities {
  user: User;
  group: Group;
  role: Role;
}

const COLLECTIONS: { readonly [K in IdentityKind]: Collection<Identities[K]> } = {
  user: USERS,
  group: GROUPS,
  role: ROLES,
};

export function collectionOf<K extends IdentityKind>(kind: K): Collection<Identities[K]> {
  return COLLECTIONS[kind];
}

export function identityKey(account: string, name: string): string {
  return compositeKey(account, name.toLowerCase());
}

/** Throws `NoSuchEntity`. */
export async function getIdentity<K extends IdentityKind>(
  reader: Reader,
  kind: K,
  { account }: Pick<Caller, "account">,
  name: string,
): Promise<Identities[K]> {
  const found = await reader.get(collectionOf(kind), identityKey(account, name));
  if (found === undefined) throw noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
  return found;
}

export function identityArn(
  kind: IdentityKind,
  { account, path, name }: Pick<Identity, "account" | "path" | "name">,
): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}

/** The role that an ARN names, where it is of this path; `undefined` for every other text. */
export async function findRoleByArn(reader: Reader, arn: string): Promise<Role | undefined> {
  const [, account, name] = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(arn) ?? [];
  if (account === undefined || name === undefined) return undefined;
  const role = await reader.get(ROLES, identityKey(account, name));
  return role !== undefined && identityArn("role", role) === arn ? role : undefined;
}
