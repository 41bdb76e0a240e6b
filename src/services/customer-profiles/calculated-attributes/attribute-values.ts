import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Domain, inDomain } from "../domain.ts";
import type { ProfileChange } from "../profile-change.ts";
import type { StoredObject } from "../stored-object.ts";
import { type AttributesOfType, attributesOf, type CompiledAttribute, oldestUsefulMs } from "./calculated-attribute.ts";
import { type Contribution, shortened } from "./calculated-statistic.ts";

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
  /** The ids of the definitions that something is said of. Says name them by their places here, which never change: ids are long. */
  readonly definitions: readonly string[];
  /** In the order of their last ingestion. */
  readonly objects: readonly Say[];
  /** There were more objects than are kept. */
  readonly isCut?: true | undefined;
}

/** What one object says, by the places of definitions: a value, or with a time of its own that and the value. It says nothing once it has expired. */
type Say = readonly [
  objectId: string,
  ingestedMs: number,
  expiresMs: number,
  values: Readonly<Record<number, SaidValue>>,
];

type SaidValue = string | readonly [value: string, timeMs: number];

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
  const places = new Places(old?.definitions ?? []);
  const says = new Map((old?.objects ?? []).map((say) => [say[0], say]));
  for (const { id } of [...removed, ...put]) says.delete(id);
  for (const object of put) says.set(object.id, sayOf(object, attributes, places));
  const isUseful = usefulness(attributes, places, nowMs);
  const useful = [...says.values()].map((say) => stillUseful(say, isUseful, nowMs)).filter(saysAnything);
  const kept = newestOf(useful);
  if (kept.length === 0) {
    if (old) unit.delete(attributeValues, key);
    return;
  }
  const isCut = old?.isCut === true || kept.length < useful.length;
  unit.put(attributeValues, key, { ...place, definitions: places.ids, objects: kept, ...(isCut && { isCut }) });
}

/** The places of definitions, by their ids. */
class Places {
  readonly ids: string[];
  readonly #places: Map<string, number>;

  constructor(ids: readonly string[]) {
    this.ids = [...ids];
    this.#places = new Map(ids.map((id, place) => [id, place]));
  }

  /** One that has none yet gets the next. */
  of(id: string): number {
    const place = this.#places.get(id) ?? this.ids.push(id) - 1;
    this.#places.set(id, place);
    return place;
  }
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
    const places = new Places(old?.definitions ?? []);
    const said = moved.objects.map(([id, ingestedMs, expiresMs, values]): Say => {
      const entries = Object.entries(values).map(([at, value]) => {
        return [places.of(moved.definitions[Number(at)] ?? ""), value] as const;
      });
      return [id, ingestedMs, expiresMs, Object.fromEntries(entries)];
    });
    const all = [...(old?.objects ?? []), ...said];
    const kept = newestOf(all);
    const isCut = old?.isCut === true || moved.isCut === true || kept.length < all.length;
    const values = { ...place, definitions: places.ids, objects: kept, ...(isCut && { isCut }) };
    unit.put(attributeValues, attributeValuesKey(values), values);
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

function sayOf({ id, content, updatedMs, expiresMs }: StoredObject, attributes: AttributesOfType, places: Places): Say {
  const values: Record<number, SaidValue> = {};
  const object = JSON.parse(content) as Readonly<Record<string, unknown>>;
  for (const [{ definition, timeOf }, { value, timeMs }] of attributes.contributionsOf(object, updatedMs)) {
    const kept = definition.statistic === "COUNT" ? "" : shortened(value);
    values[places.of(definition.id)] = timeOf ? [kept, timeMs] : kept;
  }
  return [id, updatedMs, expiresMs, values];
}

/** Whether what is said of the definition at a place is still of use: that of a definition that is gone, or too old for it, is not. */
function usefulness(
  { all }: AttributesOfType,
  places: Places,
  nowMs: number,
): (place: number, timeMs: number) => boolean {
  const oldestMs = new Map(all.map((each) => [places.of(each.definition.id), oldestUsefulMs(each, nowMs)]));
  return (place, timeMs) => timeMs >= (oldestMs.get(place) ?? Number.POSITIVE_INFINITY);
}

/** Hot: of a profile with many objects, each is looked at for each new one. Mostly nothing has become useless. */
function stillUseful(say: Say, isUseful: (place: number, timeMs: number) => boolean, nowMs: number): Say {
  const [id, ingestedMs, expiresMs, values] = say;
  if (expiresMs <= nowMs) return [id, ingestedMs, expiresMs, {}];
  const isKept = ([place, value]: [string, SaidValue]): boolean =>
    isUseful(Number(place), typeof value === "string" ? ingestedMs : value[1]);
  const entries = Object.entries(values);
  if (entries.every(isKept)) return say;
  return [id, ingestedMs, expiresMs, Object.fromEntries(entries.filter(isKept))];
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
      const place = found?.definitions.indexOf(id) ?? -1;
      const contributions = (found?.objects ?? []).flatMap(([, ingestedMs, expiresMs, values]) => {
        const value = values[place];
        if (value === undefined || expiresMs <= nowMs) return [];
        return [typeof value === "string" ? { value, timeMs: ingestedMs } : { value: value[0], timeMs: value[1] }];
      });
      return contributions.sort((one, other) => one.timeMs - other.timeMs);
    },
  };
}
