/** The keys that IAM and STS have given out: long-term ones of users, and temporary ones of sessions. */
import type { Tag } from "@aws-sdk/client-sts";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { identityArn, identityKey, USERS } from "./identity.ts";
import { secretKey, uniqueId } from "./unique-id.ts";

/** A user's access key. Kept under its id. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
  readonly userName: string;
  readonly status: "Active" | "Inactive";
  readonly createdMs: number;
}

export const ACCESS_KEYS: Collection<AccessKey> = collection<AccessKey>("iam_access_keys", {
  user: {
    type: "text",
    value: ({ account, userName, accessKeyId }) => compositeKey(account, userName.toLowerCase(), accessKeyId),
  },
});

/** Temporary keys, and what whoever uses them may do at most. Kept under the id of the access key. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly account: string;
  readonly principalArn: string;
  /** Whose policies count: a role's, a user's, or an account's root. */
  readonly of: "role" | "user" | "root";
  /** Of the role or user; absent for root. */
  readonly name?: string;
  /** The id of the role or user: one of the same name that was created later is another. */
  readonly identityId?: string;
  /** As `aws:userid` says it: `AROA…:ann`, `AIDA…`, `111122223333:ann`. */
  readonly userId: string;
  /** Documents and ARNs of managed policies that limit it. Absent: no limit. */
  readonly policies?: readonly string[];
  readonly policyArns?: readonly string[];
  readonly tags: readonly Tag[];
  /** Tags that a session which this one begins has too. */
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string;
  /** A federated session: somebody without a user of its own, for whom a user or the root vouches. */
  readonly federated?: true;
  /** Of the wall clock: signatures are checked by it. */
  readonly issuedMs: number;
  readonly expiresMs: number;
}

export const SESSIONS: Collection<Session> = collection<Session>("iam_sessions", {
  expiry: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** Who uses expired keys is told so for a while; then they are forgotten, and unknown. */
const FORGET_EXPIRED_MS = 3_600_000;
/** Each new session makes room for itself, so that they do not pile up. */
const FORGOTTEN_AT_ONCE = 10;

export type NewSession = Omit<Session, "accessKeyId" | "secretAccessKey" | "sessionToken" | "issuedMs" | "expiresMs">;

/** Begins a session; its keys are durable by the time they are answered. */
export async function beginSession(
  { store, wall, ids }: Pick<Platform, "store" | "wall" | "ids">,
  session: NewSession,
  durationSeconds: number,
): Promise<Session> {
  const issuedMs = wall.now();
  const begun: Session = {
    ...session,
    accessKeyId: uniqueId("ASIA", ids),
    secretAccessKey: secretKey(ids),
    sessionToken: Buffer.from(ids.bytes(192)).toString("base64"),
    issuedMs,
    // The API gives times in whole seconds.
    expiresMs: Math.floor(issuedMs / 1000 + durationSeconds) * 1000,
  };
  await store.commit(async (unit) => {
    await forgetExpired(unit, issuedMs);
    unit.put(SESSIONS, begun.accessKeyId, begun);
  });
  return begun;
}

async function forgetExpired(unit: Unit, nowMs: number): Promise<void> {
  const { documents } = await unit.list(SESSIONS, {
    index: "expiry",
    before: nowMs - FORGET_EXPIRED_MS,
    limit: FORGOTTEN_AT_ONCE,
  });
  for (const { accessKeyId } of documents) unit.delete(SESSIONS, accessKeyId);
}

/** A key as the front door wants it. */
export interface FoundKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
  readonly principalArn: string;
  readonly sessionToken?: string;
  readonly expiresAtMs?: number;
}

/** The key of that id. `undefined` for one that there is not, or that is inactive. */
export async function findKey(reader: Reader, accessKeyId: string): Promise<FoundKey | undefined> {
  const session = await reader.get(SESSIONS, accessKeyId);
  if (session !== undefined) {
    const { secretAccessKey, sessionToken, account, principalArn, expiresMs } = session;
    return { accessKeyId, secretAccessKey, sessionToken, account, principalArn, expiresAtMs: expiresMs };
  }
  const key = await reader.get(ACCESS_KEYS, accessKeyId);
  if (key?.status !== "Active") return undefined;
  const user = await reader.get(USERS, identityKey(key.account, key.userName));
  if (user === undefined) return undefined;
  const { secretAccessKey, account } = key;
  return { accessKeyId, secretAccessKey, account, principalArn: identityArn("user", user) };
}

const KEYS_READ = 10;

/** In the order of their ids. */
export async function accessKeysOf(
  reader: Reader,
  { account, name }: { readonly account: string; readonly name: string },
): Promise<readonly AccessKey[]> {
  const prefix = compositeKey(account, name.toLowerCase(), "");
  return (await reader.list(ACCESS_KEYS, { index: "user", prefix, limit: KEYS_READ })).documents;
}
