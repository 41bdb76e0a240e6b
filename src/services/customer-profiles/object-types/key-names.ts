import type { FieldContentType } from "@aws-sdk/client-customer-profiles";
import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { compiledMapping } from "./compiled-mapping.ts";
import type { ObjectType } from "./object-type.ts";
import { standardObjects } from "./standard-objects.ts";

/** A key name that object types of a domain use. Its values are compared in one form, whichever type they come from. */
interface KeyName {
  /** Of its domain. */
  readonly uid: string;
  readonly name: string;
  /** Of its fields, place by place. */
  readonly contentTypes: readonly FieldContentType[];
  /** Who uses it, by name. */
  readonly objectTypes: readonly string[];
}

export const keyNames: Collection<KeyName> = collection("profiles_key_names");

export function keyNameKey({ uid, name }: Pick<KeyName, "uid" | "name">): string {
  return inDomain({ uid }, name);
}

/** Keys that profiles have by their fields: those are compared in this form whatever an object type says of its own. */
const DERIVED: ReadonlyMap<string, readonly FieldContentType[]> = new Map([
  ["_phone", ["PHONE_NUMBER"]],
  ["_email", ["EMAIL_ADDRESS"]],
  ["_fullName", ["NAME"]],
  ["_account", ["STRING"]],
]);

/** Every domain has these: "The predefined keys you can use to search include", API Reference, `SearchProfiles`, and those of templates. */
const PREDEFINED: ReadonlySet<string> = new Set([
  ...DERIVED.keys(),
  ...[...standardObjects.values()].flatMap(({ indexKeys }) => indexKeys.map(({ name }) => name)),
  "_ctrContactId",
  "_marketoLeadId",
  "_salesforceAccountId",
  "_salesforceContactId",
  "_salesforceAssetId",
  "_zendeskUserId",
  "_zendeskExternalId",
  "_zendeskTicketId",
  "_serviceNowSystemId",
  "_serviceNowTaskId",
  "_serviceNowIncidentId",
  "_segmentUserId",
  "_shopifyCustomerId",
  "_shopifyOrderId",
  "_campaignOutboundRequestId",
  "_campaignEventId",
]);

/** Whether a mapping may use a name that begins with `_`. */
export function isPredefinedKey(name: string): boolean {
  return PREDEFINED.has(name);
}

/** The content types of a key's fields, place by place: in which form values are searched for. `undefined`: the domain has no such key. */
export async function keyContentTypes(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  name: string,
): Promise<readonly FieldContentType[] | undefined> {
  const derived = DERIVED.get(name);
  if (derived) return derived;
  const used = await reader.get(keyNames, keyNameKey({ uid, name }));
  return used?.contentTypes ?? (PREDEFINED.has(name) ? ["STRING"] : undefined);
}

/**
 * Keeps which names a domain has as one of its types takes the place of another: `undefined` for one that is new or gone. Throws
 * `BadRequestException` for a name that other types use with other content types.
 */
export async function followKeyNames(
  unit: Unit,
  before: ObjectType | undefined,
  after: ObjectType | undefined,
): Promise<void> {
  const used = after ? keyNamesOf(after) : new Map<string, readonly FieldContentType[]>();
  for (const [name, contentTypes] of used) {
    if (after) await useKeyName(unit, after, name, contentTypes);
  }
  for (const name of Object.keys(before?.keys ?? {})) {
    if (before && !used.has(name)) await abandonKeyName(unit, before, name);
  }
}

function keyNamesOf(type: ObjectType): ReadonlyMap<string, readonly FieldContentType[]> {
  const { keys } = compiledMapping(type);
  return new Map(keys.map(({ name, fields }) => [name, fields.map(({ contentType }) => contentType)]));
}

async function useKeyName(
  unit: Unit,
  { uid, name: objectType }: ObjectType,
  name: string,
  contentTypes: readonly FieldContentType[],
): Promise<void> {
  const key = keyNameKey({ uid, name });
  const found = await unit.get(keyNames, key);
  const others = found?.objectTypes.filter((other) => other !== objectType) ?? [];
  if (found && others.length > 0 && found.contentTypes.join() !== contentTypes.join()) {
    throw badRequest(
      `Keys.${name}: the content types of its fields (${contentTypes.join(", ")}) are not those that it has in the domain already (${found.contentTypes.join(", ")}, by object type ${others[0]}).`,
    );
  }
  unit.put(keyNames, key, { uid, name, contentTypes, objectTypes: [...others, objectType] });
}

async function abandonKeyName(unit: Unit, { uid, name: objectType }: ObjectType, name: string): Promise<void> {
  const key = keyNameKey({ uid, name });
  const found = await unit.get(keyNames, key);
  if (!found) return;
  const others = found.objectTypes.filter((other) => other !== objectType);
  if (others.length > 0) unit.put(keyNames, key, { ...found, objectTypes: others });
  else unit.delete(keyNames, key);
}
