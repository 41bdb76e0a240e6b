import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { type AttributesOfType, attributesOf, type CompiledAttribute, oldestUsefulMs } from "./calculated-attribute.ts";
import type { Contribution } from "./calculated-statistic.ts";
import { type Domain, inDomain } from "./domain.ts";
import type { ProfileChange } from "./profile-change.ts";
import type { StoredObject } from "./stored-object.ts";

/**
 * What a profile's objects of one type say of its calculated attributes. An object's say is kept when the object is ingested and goes with it,
 * so that a value is read without the objects; what a rolling range no longer reaches goes at the next change.
 */
interface AttributeValues {
  /** Of its domain. */
  readonly uid: string;
  readonly profileId: string;
  /** Of the objects. */
  readonly type: string;
  /** In the order of their last ingestion. */
  readonly objects: readonly Say[];
  /** There were more objects than are kept. */
  readonly isCut?: true | undefined;
}

/** What one object says, by the ids of definitions: a value, or with a time of its own that and the value. It says nothing once it has expired. */
type Say = readonly [
  objectId: string,
  ingestedMs: number,
  expiresMs: number,
  values: Readonly<Record<string, string | readonly [value: string, timeMs: number]>>,
];

export const attributeValues: Collection<AttributeValues> = collection("profiles_attribute_values");

export function attributeValuesKey({
  uid,
  profileId,
  type,
}: Pick<AttributeValues, "uid" | "profileId" | "type">): string {
  return inDomain({ uid }, profileId, type);
}

/** "Objects per profile: 1,000": of more, the newest count. */
const OBJECTS_MAX = 1_000;

/** A text is never shown at greater length. */
const VALUE_CHARACTERS_MAX = 255;

/** Takes in what a change says of the calculated attributes of its profile, in the change's unit. */
export async function refreshCalculatedAttributes(
  unit: Unit,
  platform: Pick<Platform, "store" | "clock">,
  { domain, cause, after, before, objects, removed = [], merged = [] }: ProfileChange,
): Promise<void> {
  if (!after) {
    // What is known of one that is merged goes to the profile that it is merged into, which is told of behind it.
    if (before && cause !== "DELETED_BY_MERGE") await forgetAttributeValues(unit, domain, before.id);
    return;
  }
  if (objects.length === 0 && removed.length === 0 && merged.length === 0) return;
  const { byType } = await attributesOf(platform.store, unit, domain);
  const nowMs = platform.clock.now();
  for (const { id } of merged) await moveAttributeValues(unit, domain, { from: id, to: after.id });
  const puts = objects.map(({ after: object }) => object);
  for (const [type, attributes] of byType) {
    const ofType = (object: StoredObject): boolean => object.type === type;
    const changes = [...removed.filter(ofType), ...puts.filter(ofType)];
    for (const profileId of new Set(changes.map((object) => object.profileId))) {
      const isHere = (object: StoredObject): boolean => ofType(object) && object.profileId === profileId;
      const change = { removed: removed.filter(isHere), put: puts.filter(isHere) };
      await takeIn(unit, attributes, { uid: domain.uid, profileId, type }, change, nowMs);
    }
  }
}

/** Takes in what objects of one profile and type say, of which some may have been taken in before. */
export async function takeIn(
  unit: Unit,
  attributes: AttributesOfType,
  place: Pick<AttributeValues, "uid" | "profileId" | "type">,
  { put, removed = [] }: { readonly put: readonly StoredObject[]; readonly removed?: readonly StoredObject[] },
  nowMs: number,
): Promise<void> {
  const key = attributeValuesKey(place);
  const old = await unit.get(attributeValues, key);
  const says = new Map((old?.objects ?? []).map((say) => [say[0], say]));
  for (const { id } of [...removed, ...put]) says.delete(id);
  for (const object of put) says.set(object.id, sayOf(object, attributes));
  const useful = [...says.values()].map((say) => stillUseful(say, attributes, nowMs)).filter(saysAnything);
  const kept = newestOf(useful);
  if (kept.length === 0) {
    if (old) unit.delete(attributeValues, key);
    return;
  }
  const isCut = old?.isCut === true || kept.length < useful.length;
  unit.put(attributeValues, key, { ...place, objects: kept, ...(isCut && { isCut }) });
}

async function moveAttributeValues(
  unit: Unit,
  domain: Domain,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<void> {
  for (const moved of await knownOf(unit, domain, from)) {
    unit.delete(attributeValues, attributeValuesKey(moved));
    const place = { uid: domain.uid, profileId: to, type: moved.type };
    const old = await unit.get(attributeValues, attributeValuesKey(place));
    const all = [...(old?.objects ?? []), ...moved.objects];
    const kept = newestOf(all);
    const isCut = old?.isCut === true || moved.isCut === true || kept.length < all.length;
    unit.put(attributeValues, attributeValuesKey(place), { ...place, objects: kept, ...(isCut && { isCut }) });
  }
}

function newestOf(says: readonly Say[]): readonly Say[] {
  return says.toSorted(([, one], [, other]) => one - other).slice(-OBJECTS_MAX);
}

/** Deletes what is known of a profile that is gone. */
async function forgetAttributeValues(unit: Unit, domain: Domain, profileId: string): Promise<void> {
  for (const values of await knownOf(unit, domain, profileId)) {
    unit.delete(attributeValues, attributeValuesKey(values));
  }
}

/** All that is known of a profile. */
async function knownOf(reader: Reader, domain: Domain, profileId: string): Promise<readonly AttributeValues[]> {
  const found: AttributeValues[] = [];
  let after: string | undefined;
  do {
    const range = { prefix: inDomain(domain, profileId, ""), limit: 100, after };
    const page = await reader.list(attributeValues, range);
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

function sayOf({ id, content, updatedMs, expiresMs }: StoredObject, attributes: AttributesOfType): Say {
  const values: Record<string, string | readonly [string, number]> = {};
  const object = JSON.parse(content) as Readonly<Record<string, unknown>>;
  for (const [{ definition, timeOf }, { value, timeMs }] of attributes.contributionsOf(object, updatedMs)) {
    const kept = definition.statistic === "COUNT" ? "" : value.slice(0, VALUE_CHARACTERS_MAX);
    values[definition.id] = timeOf ? [kept, timeMs] : kept;
  }
  return [id, updatedMs, expiresMs, values];
}

function stillUseful([id, ingestedMs, expiresMs, values]: Say, { all }: AttributesOfType, nowMs: number): Say {
  if (expiresMs <= nowMs) return [id, ingestedMs, expiresMs, {}];
  const useful: Record<string, string | readonly [string, number]> = {};
  for (const attribute of all) {
    const value = values[attribute.definition.id];
    if (value === undefined) continue;
    const timeMs = typeof value === "string" ? ingestedMs : value[1];
    if (timeMs >= oldestUsefulMs(attribute, nowMs)) useful[attribute.definition.id] = value;
  }
  return [id, ingestedMs, expiresMs, useful];
}

function saysAnything([, , , values]: Say): boolean {
  for (const _ in values) return true;
  return false;
}

/** What is known of one type's attributes of a profile. */
export interface KnownOfType {
  /** In the order of their times, the oldest first. */
  contributionsTo(attribute: CompiledAttribute): readonly Contribution[];
  /** There were more objects than are kept. */
  readonly isCut: boolean;
}

export async function readAttributeValues(
  reader: Reader,
  place: Pick<AttributeValues, "uid" | "profileId" | "type">,
  nowMs: number,
): Promise<KnownOfType> {
  const found = await reader.get(attributeValues, attributeValuesKey(place));
  return {
    isCut: found?.isCut === true,
    contributionsTo({ definition: { id } }) {
      const contributions = (found?.objects ?? []).flatMap(([, ingestedMs, expiresMs, values]) => {
        const value = values[id];
        if (value === undefined || expiresMs <= nowMs) return [];
        return [typeof value === "string" ? { value, timeMs: ingestedMs } : { value: value[0], timeMs: value[1] }];
      });
      return contributions.sort((one, other) => one.timeMs - other.timeMs);
    },
  };
}
