import type {
  AccessKeyMetadata,
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  UpdateAccessKeyRequest,
} from "@aws-sdk/client-iam";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { limitExceeded, noSuchEntity } from "./errors.ts";
import { identify } from "./identified.ts";
import { getIdentity, identityKey, USERS, type User } from "./identity.ts";
import { ACCESS_KEYS, type AccessKey, accessKeysOf } from "./keys.ts";
import { LAST_USES } from "./last-use.ts";
import { more, sliceMarked } from "./listed.ts";
import { ACCESS_KEYS_PER_USER } from "./quotas.ts";
import { secretKey, uniqueId } from "./unique-id.ts";

/** Gives a user a key. Its secret is told now and never again. */
export async function createAccessKey(
  input: Validated<CreateAccessKeyRequest>,
  context: Context,
): Promise<CreateAccessKeyResponse> {
  const name = await userNameOf(input, context);
  const accessKeyId = uniqueId("AKIA", context.ids);
  const secretAccessKey = secretKey(context.ids);
  const createdMs = context.clock.now();
  const key = await context.store.commit(async (unit) => {
    const user = await getIdentity(unit, "user", context, name);
    if ((await accessKeysOf(unit, user)).length >= ACCESS_KEYS_PER_USER) {
      throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${ACCESS_KEYS_PER_USER}`);
    }
    const { account, name: userName } = user;
    const made: AccessKey = { accessKeyId, secretAccessKey, account, userName, status: "Active", createdMs };
    unit.put(ACCESS_KEYS, accessKeyId, made);
    // Two at once must not both find room, and who deletes the user at the same time must not miss it.
    unit.put(USERS, identityKey(account, userName), user);
    return made;
  });
  return { AccessKey: { ...showKey(key), SecretAccessKey: secretAccessKey } };
}

export async function listAccessKeys(
  input: Validated<ListAccessKeysRequest>,
  context: Context,
): Promise<ListAccessKeysResponse> {
  const user = await getIdentity(context.store, "user", context, await userNameOf(input, context));
  const keys = await accessKeysOf(context.store, user);
  const page = sliceMarked(keys, (key) => key.accessKeyId, input, [user.account, "ListAccessKeys", user.name]);
  return { AccessKeyMetadata: page.items.map(showKey), ...more(page) };
}

/** Switches a key off or on again. An inactive one is refused at once. */
export async function updateAccessKey(input: Validated<UpdateAccessKeyRequest>, context: Context): Promise<void> {
  const name = await userNameOf(input, context);
  const { Status: status } = input;
  if (status !== "Active" && status !== "Inactive") {
    throw new ModeledError("InvalidInputException", `The status ${status} cannot be set.`);
  }
  await context.store.commit(async (unit) => {
    const key = await getKey(unit, context, name, input.AccessKeyId);
    unit.put(ACCESS_KEYS, key.accessKeyId, { ...key, status });
  });
}

export async function deleteAccessKey(input: Validated<DeleteAccessKeyRequest>, context: Context): Promise<void> {
  const name = await userNameOf(input, context);
  await context.store.commit(async (unit) => {
    const key = await getKey(unit, context, name, input.AccessKeyId);
    unit.delete(ACCESS_KEYS, key.accessKeyId);
    unit.delete(LAST_USES, key.accessKeyId);
  });
}

export async function getAccessKeyLastUsed(
  input: Validated<GetAccessKeyLastUsedRequest>,
  context: Context,
): Promise<GetAccessKeyLastUsedResponse> {
  const key = await context.store.get(ACCESS_KEYS, input.AccessKeyId);
  if (key?.account !== context.account) {
    throw new ModeledError(
      "AccessDenied",
      `User: ${context.principalArn} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${input.AccessKeyId}`,
    );
  }
  const use = await context.store.get(LAST_USES, key.accessKeyId);
  return {
    UserName: key.userName,
    AccessKeyLastUsed:
      use === undefined
        ? { ServiceName: "N/A", Region: "N/A" }
        : { LastUsedDate: new Date(use.atMs), ServiceName: use.service, Region: use.region },
  };
}

async function getKey(reader: Reader, context: Context, userName: string, accessKeyId: string): Promise<AccessKey> {
  const user: User = await getIdentity(reader, "user", context, userName);
  const key = await reader.get(ACCESS_KEYS, accessKeyId);
  if (key?.account !== user.account || key.userName !== user.name) {
    throw noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
  }
  return key;
}

/** Without a name: the user who asks. Keys of an account's root are in the credentials file. */
export async function userNameOf(input: { readonly UserName?: string | undefined }, context: Context): Promise<string> {
  const name = input.UserName ?? (await callingUserName(context));
  if (name === undefined)
    throw new ModeledError("ValidationError", "Must specify userName when calling with non-User credentials");
  return name;
}

/** The name of the user who calls; `undefined` for an account's root and for roles. */
export async function callingUserName(
  context: Pick<Context, "store" | "account" | "accessKeyId" | "principalArn">,
): Promise<string | undefined> {
  return (await identify(context.store, context)).keys.get("aws:username")?.[0];
}

function showKey({ userName, accessKeyId, status, createdMs }: AccessKey): Required<AccessKeyMetadata> {
  return { UserName: userName, AccessKeyId: accessKeyId, Status: status, CreateDate: new Date(createdMs) };
}
