/** Who a caller is, and what policies say of it. Found once, and kept until something of it changes: each request asks. */

import type { Reader, Store } from "../../store/store.ts";
import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import { compiledPolicy, type IdentityPolicies, type Policy, type Principal } from "../policy/index.ts";
import type { Caller } from "../service.ts";
import { findPolicy } from "./find-policy.ts";
import {
  collectionOf,
  GROUPS,
  type Identity,
  type IdentityKind,
  identityArn,
  identityKey,
  ROLES,
  USERS,
} from "./identity.ts";
import { ACCESS_KEYS, SESSIONS, type Session } from "./keys.ts";
import { ATTACHMENTS, attachmentsOf, defaultDocument, POLICIES } from "./managed-policy.ts";
import { groupsOf, MEMBERSHIPS } from "./membership.ts";

export interface Identified {
  readonly principal: Principal;
  /** Absent for an account's root, which may do everything in its account. */
  readonly policies?: IdentityPolicies;
  /** Condition keys that say who calls, by their names in lower case. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

export type Asking = Pick<Caller, "account" | "accessKeyId" | "principalArn">;

/** Who a caller is. Nobody's policies allow anything: that is so where what it acts as was deleted. */
export function identify(store: Store, caller: Asking): Promise<Identified> {
  return identities(store).find(caller);
}

/** Whether a caller is an account's root: most are, and nobody is asked about them. */
export function isRoot({ account, principalArn }: Pick<Caller, "account" | "principalArn">): boolean {
  return principalArn === `arn:aws:iam::${account}:root`;
}

const everything = compiledPolicy('{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}');
/** What an account's root may do. */
export const EVERYTHING: readonly Policy[] = everything === undefined ? [] : [everything];

const KEPT_MAX = 10_000;

const identities = perStore((store) => new Identities(store));

class Identities {
  readonly #store: Store;
  readonly #kept = new BoundedMap<string, Identified>(KEPT_MAX);
  #changes = 0;

  constructor(store: Store) {
    this.#store = store;
    for (const { name } of [USERS, ROLES, GROUPS, MEMBERSHIPS, POLICIES, ATTACHMENTS]) {
      store.watchCollection(name, () => {
        this.#changes += 1;
        this.#kept.clear();
      });
    }
    for (const { name } of [ACCESS_KEYS, SESSIONS]) {
      store.watchCollection(name, (ids) => {
        this.#changes += 1;
        for (const id of ids) this.#kept.delete(id);
      });
    }
  }

  async find(caller: Asking): Promise<Identified> {
    const kept = this.#kept.get(caller.accessKeyId);
    if (kept?.principal.arn === caller.principalArn) return kept;
    const changes = this.#changes;
    const found = await findIdentified(this.#store, caller);
    // What was read while something changed may be what it was before.
    if (changes === this.#changes) this.#kept.set(caller.accessKeyId, found);
    return found;
  }
}

async function findIdentified(reader: Reader, caller: Asking): Promise<Identified> {
  const { account, principalArn: arn } = caller;
  const session = await reader.get(SESSIONS, caller.accessKeyId);
  if (session?.principalArn === arn) return identifySession(reader, session);
  const key = await reader.get(ACCESS_KEYS, caller.accessKeyId);
  if (key?.status === "Active") {
    const user = await reader.get(USERS, identityKey(account, key.userName));
    if (user !== undefined && identityArn("user", user) === arn) return identifyUser(reader, user);
  }
  if (isRoot(caller))
    return { principal: { account, arn }, keys: keysOf({ account, arn, type: "Account", userId: account }) };
  return nobody(account, arn);
}

function nobody(account: string, arn: string): Identified {
  return { principal: { account, arn }, policies: { identity: [] }, keys: keysOf({ account, arn, type: "Unknown" }) };
}

async function identifyUser(reader: Reader, user: Identity): Promise<Identified> {
  const { account, id, name, tags } = user;
  const arn = identityArn("user", user);
  return {
    principal: { account, arn },
    policies: await policiesOf(reader, "user", user),
    keys: keysOf({ account, arn, type: "User", userId: id, userName: name, tags }),
  };
}

async function identifySession(reader: Reader, session: Session): Promise<Identified> {
  const { account, principalArn: arn, userId, name, sourceIdentity } = session;
  const who = { account, userId, issuedMs: session.issuedMs, sourceIdentity };
  const limits = await sessionLimits(reader, session);
  if (session.of === "root" || name === undefined) {
    if (!session.federated) return { principal: { account, arn }, keys: keysOf({ ...who, arn, type: "Account" }) };
    const policies = { identity: EVERYTHING, ...(limits && { session: limits }) };
    return {
      principal: { account, arn },
      policies,
      keys: keysOf({ ...who, arn, type: "FederatedUser", tags: session.tags }),
    };
  }
  const identity = await reader.get(collectionOf(session.of), identityKey(account, name));
  if (identity === undefined || identity.id !== session.identityId) return nobody(account, arn);
  const own = identityArn(session.of, identity);
  const policies = { ...(await policiesOf(reader, session.of, identity)), ...(limits && { session: limits }) };
  if (session.of === "user" && !session.federated) {
    return {
      principal: { account, arn },
      policies,
      keys: keysOf({ ...who, arn, type: "User", userName: name, tags: identity.tags }),
    };
  }
  const tags = [...identity.tags.filter(({ Key }) => !session.tags.some((tag) => tag.Key === Key)), ...session.tags];
  return session.federated
    ? {
        principal: { account, arn },
        policies,
        keys: keysOf({ ...who, arn, type: "FederatedUser", tags: session.tags }),
      }
    : {
        principal: { account, arn, roleArn: own },
        policies,
        keys: keysOf({ ...who, arn: own, type: "AssumedRole", tags }),
      };
}

async function sessionLimits(
  reader: Reader,
  { policies, policyArns }: Session,
): Promise<readonly Policy[] | undefined> {
  if (policies === undefined && policyArns === undefined) return undefined;
  const managed = await Promise.all((policyArns ?? []).map((arn) => managedDocument(reader, arn)));
  return compileAll([...(policies ?? []), ...managed]);
}

async function managedDocument(reader: Reader, arn: string): Promise<string> {
  const policy = await findPolicy(reader, arn);
  return policy === undefined ? "" : defaultDocument(policy);
}

/** All policies of a user, its groups', of a role, or of a group, and its boundary. */
export async function policiesOf(reader: Reader, kind: IdentityKind, identity: Identity): Promise<IdentityPolicies> {
  const documents = await documentsWithGroups(reader, kind, identity);
  const { boundaryArn } = identity;
  const boundary = boundaryArn === undefined ? undefined : await managedDocument(reader, boundaryArn);
  return {
    identity: compileAll(documents),
    // A boundary that cannot be read lets nothing through.
    ...(boundary !== undefined && { boundary: compiledPolicy(boundary) ?? NOTHING }),
  };
}

/** The documents of all policies of a user and its groups, of a role, or of a group. */
export async function documentsWithGroups(
  reader: Reader,
  kind: IdentityKind,
  identity: Identity,
): Promise<readonly string[]> {
  const documents = await documentsOf(reader, kind, identity);
  if (kind !== "user") return documents;
  for (const group of await groupsOf(reader, identity.account, identity.name)) {
    documents.push(...(await documentsOf(reader, "group", group)));
  }
  return documents;
}

const NOTHING: Policy = { statements: [] };

async function documentsOf(reader: Reader, kind: IdentityKind, identity: Identity): Promise<string[]> {
  const attached = await attachmentsOf(reader, kind, identity);
  const managed = await Promise.all(attached.map(({ policyArn }) => managedDocument(reader, policyArn)));
  return [...Object.values(identity.policies), ...managed];
}

function compileAll(documents: readonly string[]): readonly Policy[] {
  return documents.map((document) => compiledPolicy(document)).filter((policy) => policy !== undefined);
}

interface Described {
  readonly account: string;
  readonly arn: string;
  readonly type: "Account" | "User" | "FederatedUser" | "AssumedRole" | "Unknown";
  readonly userId?: string;
  readonly userName?: string;
  readonly tags?: Identity["tags"];
  readonly issuedMs?: number;
  readonly sourceIdentity?: string | undefined;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties */
function keysOf(who: Described): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>([
    ["aws:principalarn", [who.arn]],
    ["aws:principalaccount", [who.account]],
    ["aws:principaltype", [who.type]],
    ["aws:principalisawsservice", ["false"]],
    ["aws:viaawsservice", ["false"]],
  ]);
  const add = (name: string, value: string | undefined): void => void (value !== undefined && keys.set(name, [value]));
  add("aws:userid", who.userId);
  add("aws:username", who.userName);
  add("aws:sourceidentity", who.sourceIdentity);
  if (who.issuedMs !== undefined) {
    add("aws:tokenissuetime", new Date(who.issuedMs).toISOString().replace(/\.\d{3}/, ""));
    add("aws:multifactorauthpresent", "false");
  }
  for (const { Key, Value } of who.tags ?? []) add(`aws:principaltag/${String(Key).toLowerCase()}`, String(Value));
  return keys;
}
