import type { Reader, Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { Domain } from "../domain.ts";
import type { ProfileChange } from "../profile-change.ts";
import type { StoredObject } from "../stored-object.ts";
import {
  ChangingSays,
  forgetSays,
  forgetSaysAt,
  newestSays,
  Places,
  readSays,
  type SaidValue,
  type Say,
  type SaysPlace,
  saysAnything,
  saysOfProfile,
  type Useful,
} from "./attribute-says.ts";
import { type AttributesOfType, attributesOf, type CompiledAttribute, oldestUsefulMs } from "./calculated-attribute.ts";
import { type Contribution, shortened } from "./calculated-statistic.ts";

/** Takes in what a change says of the calculated attributes of its profile, in the change's unit. */
export async function refreshCalculatedAttributes(
  unit: Unit,
  platform: Pick<Platform, "store" | "clock">,
  { domain, cause, after, before, objects, removed = [], merged = [] }: ProfileChange,
): Promise<void> {
  if (!after) {
    // What is known of one that is merged goes to the profile that it is merged into, which is told of behind it.
    if (before && cause !== "DELETED_BY_MERGE") await forgetSays(unit, domain, before.id);
    return;
  }
  if (objects.length === 0 && removed.length === 0 && merged.length === 0) return;
  const { byType } = await attributesOf(platform.store, unit, domain);
  const nowMs = platform.clock.now();
  for (const { id } of merged) await moveSays(unit, domain, { from: id, to: after.id, byType, nowMs });
  for (const [type, attributes] of byType) {
    const ofType = (object: StoredObject): boolean => object.type === type;
    const changes = [...removed.filter(ofType), ...objects.map(({ after: object }) => object).filter(ofType)];
    for (const profileId of new Set(changes.map((object) => object.profileId))) {
      const isHere = (object: StoredObject): boolean => ofType(object) && object.profileId === profileId;
      const put = objects.filter(({ after: object }) => isHere(object));
      const change = { removed: removed.filter(isHere), put };
      await takeIn(unit, attributes, { uid: domain.uid, profileId, type }, change, nowMs);
    }
  }
}

/** Takes in what objects of one profile and type say, of which some, as they were before, may have been taken in already. */
export async function takeIn(
  unit: Unit,
  attributes: AttributesOfType,
  place: SaysPlace,
  {
    put,
    removed = [],
  }: {
    readonly put: readonly { readonly before: StoredObject | undefined; readonly after: StoredObject }[];
    readonly removed?: readonly StoredObject[];
  },
  nowMs: number,
): Promise<void> {
  const says = await ChangingSays.open(unit, place);
  for (const { id, updatedMs } of removed) await says.remove(id, updatedMs);
  for (const { before, after } of put) await says.remove(after.id, (before ?? after).updatedMs);
  await says.add(put.map(({ after }) => sayOf(after, attributes, says.places)).filter(saysAnything));
  await says.write(usefulness(attributes, says.places, nowMs));
}

/** What was said of a profile that is merged is said of the one that it is merged into. */
async function moveSays(
  unit: Unit,
  domain: Domain,
  {
    from,
    to,
    byType,
    nowMs,
  }: {
    readonly from: string;
    readonly to: string;
    readonly byType: ReadonlyMap<string, AttributesOfType>;
    readonly nowMs: number;
  },
): Promise<void> {
  for (const place of await saysOfProfile(unit, domain, from)) {
    const { definitions, says: moved, isCut } = await readSays(unit, place);
    await forgetSaysAt(unit, place);
    const attributes = byType.get(place.type);
    if (!attributes) continue;
    const says = await ChangingSays.open(unit, { ...place, profileId: to });
    const said = moved.map(([id, ingestedMs, expiresMs, values]): Say => {
      const entries = Object.entries(values).map(([at, value]) => {
        return [says.places.of(definitions[Number(at)] ?? ""), value] as const;
      });
      return [id, ingestedMs, expiresMs, Object.fromEntries(entries)];
    });
    await says.add(said, isCut);
    await says.write(usefulness(attributes, says.places, nowMs));
  }
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

/**
 * What is still of use of a say: not what it says of a definition that is gone, or what is too old for one.
 *
 * Hot: each of the newest says is looked at for each new one. Mostly nothing has become useless, and mostly what it says is as old as it is.
 */
function usefulness({ all }: AttributesOfType, places: Places, nowMs: number): Useful {
  const oldestMs = new Map(all.map((each) => [places.of(each.definition.id), oldestUsefulMs(each, nowMs)]));
  const isUseful = (place: number, timeMs: number): boolean =>
    timeMs >= (oldestMs.get(place) ?? Number.POSITIVE_INFINITY);
  const isAllThere = places.ids.length === oldestMs.size && all.every(({ timeOf }) => timeOf === undefined);
  const alwaysMs = isAllThere ? Math.max(...oldestMs.values()) : Number.POSITIVE_INFINITY;
  return (say) => {
    const [id, ingestedMs, expiresMs, values] = say;
    if (expiresMs <= nowMs) return [id, ingestedMs, expiresMs, {}];
    if (ingestedMs >= alwaysMs) return say;
    const isKept = ([place, value]: [string, SaidValue]): boolean =>
      isUseful(Number(place), typeof value === "string" ? ingestedMs : value[1]);
    const entries = Object.entries(values);
    if (entries.every(isKept)) return say;
    return [id, ingestedMs, expiresMs, Object.fromEntries(entries.filter(isKept))];
  };
}

/** What is known of one type's attributes of a profile. */
export interface KnownOfType {
  /** In the order of their times, the oldest first. */
  contributionsTo(attribute: CompiledAttribute): readonly Contribution[];
  /** There were more objects than are kept. */
  readonly isCut: boolean;
}

/** Of attributes that look at the objects of one type. */
export async function readAttributeValues(
  reader: Reader,
  place: SaysPlace,
  attributes: AttributesOfType,
  nowMs: number,
): Promise<KnownOfType> {
  const { definitions, says: all, isCut } = await readSays(reader, place);
  const useful = all.length > 0 ? all.map(usefulness(attributes, new Places(definitions), nowMs)) : [];
  const says = useful.filter(saysAnything);
  const newest = newestSays(says);
  return {
    isCut: isCut || newest.length < says.length,
    contributionsTo({ definition: { id } }) {
      const at = definitions.indexOf(id);
      const contributions = newest.flatMap(([, ingestedMs, , values]) => {
        const value = values[at];
        if (value === undefined) return [];
        return [typeof value === "string" ? { value, timeMs: ingestedMs } : { value: value[0], timeMs: value[1] }];
      });
      return contributions.sort((one, other) => one.timeMs - other.timeMs);
    },
  };
}
