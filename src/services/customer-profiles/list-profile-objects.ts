import type {
  DeleteProfileObjectRequest,
  DeleteProfileObjectResponse,
  ListProfileObjectsRequest,
  ListProfileObjectsResponse,
  ObjectFilter,
} from "@aws-sdk/client-customer-profiles";
import type { JsonObject } from "../../matching/machine.ts";
import type { Validated } from "../../models/validated.ts";
import { compositeKey, type Reader } from "../../store/store.ts";
import { parseKeepingNumbers } from "../json-text.ts";
import { atPlace, decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { type Domain, getDomain } from "./domain.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import { getProfile } from "./get-profile.ts";
import { normalisedKeys } from "./key-search.ts";
import { removeObject } from "./object-removal.ts";
import { mapObject } from "./object-types/mapped-object.ts";
import { findObjectType } from "./object-types/object-type.ts";
import { findObject, listObjects, type StoredObject } from "./stored-object.ts";
import { findProfile } from "./stored-profile.ts";
import { tellChange } from "./tell-change.ts";

const PAGE_SIZE = 100;

/** The objects of a profile that are of one type, the newest first: ingested ones as they came, or standard ones. */
export async function listProfileObjects(
  input: Validated<ListProfileObjectsRequest>,
  context: Context,
): Promise<ListProfileObjectsResponse> {
  const { ObjectTypeName: type, ObjectFilter: filter, ProfileId } = input;
  const nowMs = context.clock.now();
  const domain = await getDomain(context.store, context, input.DomainName);
  const profile = await getProfile(context.store, domain, ProfileId, nowMs);
  const isWanted = filter && (await hasKey(context.store, domain, type, filter));
  const of = ["ListProfileObjects", domain.uid, ProfileId, type, filter];
  let after: string | undefined;
  if (input.NextToken !== undefined) {
    after = decodePageToken(of, input.NextToken);
    if (after === undefined) throw invalidNextToken();
  }
  const limit = input.MaxResults ?? PAGE_SIZE;
  const items: StoredObject[] = [];
  do {
    const page = await atPlace(
      () => listObjects(context.store, { ...profile, type }, { limit: limit - items.length, after }),
      invalidNextToken,
    );
    for (const object of page.documents) {
      if (object.expiresMs <= nowMs) continue;
      if (isWanted?.(object) === false) continue;
      items.push(object);
    }
    after = page.next;
  } while (after !== undefined && items.length < limit);
  return {
    Items: items.map((object) => ({
      ObjectTypeName: object.type,
      ProfileObjectUniqueKey: object.id,
      Object: object.content,
    })),
    NextToken: after === undefined ? undefined : encodePageToken(of, after),
  };
}

/** Whether an object has a key: one that it has given its profile, or one that its type reads of it and that is kept nowhere. */
async function hasKey(
  reader: Reader,
  domain: Domain,
  typeName: string,
  { KeyName, Values }: Validated<ObjectFilter>,
): Promise<(object: StoredObject) => boolean> {
  const wanted = new Set((await normalisedKeys(reader, domain, KeyName, Values)).map((key) => compositeKey(...key)));
  const type = await findObjectType(reader, domain, typeName);
  return ({ keys, content }) => {
    if (wanted.size === 0) return false;
    if (keys.some((key) => wanted.has(compositeKey(...key)))) return true;
    if (!type || !Object.hasOwn(type.keys, KeyName)) return false;
    const mapped = mapObject(type, parseKeepingNumbers(content) as JsonObject);
    return mapped.keys.some(({ name, parts }) => wanted.has(compositeKey(name, ...parts)));
  };
}

/** Deletes an object and the keys that only it gave. What it wrote to the profile and to standard objects stays. */
export async function deleteProfileObject(
  input: Validated<DeleteProfileObjectRequest>,
  context: Context,
): Promise<DeleteProfileObjectResponse> {
  const { ProfileId, ObjectTypeName, ProfileObjectUniqueKey } = input;
  await context.store.commit(async (unit) => {
    const nowMs = context.clock.now();
    const domain = await getDomain(unit, context, input.DomainName);
    const before = await getProfile(unit, domain, ProfileId, nowMs);
    const object = await findObject(unit, domain, ObjectTypeName, ProfileObjectUniqueKey, nowMs);
    if (object?.profileId !== ProfileId) {
      throw notFound(
        `Object ${ProfileObjectUniqueKey} of type ${ObjectTypeName} does not exist on profile ${ProfileId}`,
      );
    }
    await removeObject(unit, domain, object, nowMs);
    await tellChange(unit, context, {
      domain,
      cause: "DELETED_BY_CUSTOMER",
      before,
      after: await findProfile(unit, domain, ProfileId, nowMs),
      objects: [],
      removed: [object],
      performedBy: context.principalArn,
    });
  });
  return { Message: `Object ${ProfileObjectUniqueKey} deleted` };
}
