import type {
  AddProfileKeyRequest,
  AddProfileKeyResponse,
  DeleteProfileKeyRequest,
  DeleteProfileKeyResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type Domain, getDomain } from "./domain.ts";
import { badRequest, notFound } from "./errors.ts";
import { getProfile } from "./get-profile.ts";
import { normalised } from "./object-types/content-type.ts";
import { keyContentTypes } from "./object-types/key-names.ts";
import { giveKey, profileKeyId, profileKeys } from "./profile-keys.ts";
import type { ObjectKey } from "./stored-object.ts";
import type { StoredProfile } from "./stored-profile.ts";
import { tellChange } from "./tell-change.ts";

/** Gives a profile keys by which it can be found. Another profile may have the same. */
export async function addProfileKey(
  input: Validated<AddProfileKeyRequest>,
  context: Context,
): Promise<AddProfileKeyResponse> {
  await changeKeys(input, context, "ADDED_PROFILE_KEY", async (unit, profile, keys) => {
    for (const key of keys) {
      const [, ...parts] = key;
      // As of an object: what is empty is no key.
      if (parts.every((part) => part === "")) throw badRequest("Values: a value is empty");
      await giveKey(unit, profile, key, "hand");
    }
  });
  return { KeyName: input.KeyName, Values: input.Values };
}

/** Takes keys from a profile, whoever gave them. */
export async function deleteProfileKey(
  input: Validated<DeleteProfileKeyRequest>,
  context: Context,
): Promise<DeleteProfileKeyResponse> {
  await changeKeys(input, context, "DELETED_PROFILE_KEY", async (unit, { uid, id: profileId }, keys) => {
    for (const [name, ...parts] of keys) {
      const id = profileKeyId({ uid, name, parts, profileId });
      if (!(await unit.get(profileKeys, id))) {
        throw notFound(`Profile ${profileId} has no key ${name} with the value ${parts.join(" ")}`);
      }
      unit.delete(profileKeys, id);
    }
  });
  return { Message: `Key ${input.KeyName} deleted` };
}

async function changeKeys(
  input: Validated<AddProfileKeyRequest>,
  context: Context,
  cause: "ADDED_PROFILE_KEY" | "DELETED_PROFILE_KEY",
  change: (unit: Unit, profile: StoredProfile, keys: readonly ObjectKey[]) => Promise<void>,
): Promise<void> {
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const profile = await getProfile(unit, domain, input.ProfileId, context.clock.now());
    await change(unit, profile, await namedKeys(unit, domain, input.KeyName, input.Values));
    await tellChange(unit, context, {
      domain,
      cause,
      before: profile,
      after: profile,
      objects: [],
      performedBy: context.principalArn,
    });
  });
}

/** A key of one field has a value for each profile key; the values of a key of several fields are its parts. */
async function namedKeys(
  unit: Unit,
  domain: Domain,
  name: string,
  values: readonly string[],
): Promise<readonly ObjectKey[]> {
  if (name === "_profileId") throw badRequest("KeyName: _profileId is given by the service");
  const types = await keyContentTypes(unit, domain, name);
  if (!types) throw badRequest(`KeyName: the domain has no key ${name}`);
  if (values.length === 0) throw badRequest("Values: at least one is needed");
  const [only = "STRING"] = types;
  if (types.length <= 1) return values.map((value) => [name, normalised(only, value)]);
  if (values.length !== types.length) {
    throw badRequest(`Values: key ${name} has ${types.length} parts, and ${values.length} are given`);
  }
  return [[name, ...types.map((type, place) => normalised(type, values[place] ?? ""))]];
}
