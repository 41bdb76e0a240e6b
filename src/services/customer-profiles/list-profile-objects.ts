import type {
  DeleteProfileObjectRequest,
  DeleteProfileObjectResponse,
  ListProfileObjectsRequest,
  ListProfileObjectsResponse,
} from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { compositeKey } from "../../store/store.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import { getDomain } from "./domain.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import { getProfile } from "./get-profile.ts";
import { normalisedKey } from "./key-search.ts";
import { removeObject } from "./object-removal.ts";
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
  const wanted = filter && (await normalisedKey(context.store, domain, filter.KeyName, filter.Values));
  const of = ["ListProfileObjects", domain.uid, ProfileId, type, filter];
  let after: string | undefined;
  if (input.NextToken !== undefined) {
    after = decodePageToken(of, input.NextToken);
    if (after === undefined) throw invalidNextToken();
  }
  const limit = input.MaxResults ?? PAGE_SIZE;
  const items: StoredObject[] = [];
  do {
    const page = await listObjects(context.store, { ...profile, type }, { limit: limit - items.length, after });
    for (const object of page.documents) {
      if (object.expiresMs <= nowMs) continue;
      if (wanted && !object.keys.some((key) => compositeKey(...key) === compositeKey(...wanted))) continue;
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
