import { type CalculatedValue, calculatedKey } from "../../../matching/profile-segment.ts";
import type { Reader } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { Domain } from "../domain.ts";
import type { StoredProfile } from "../stored-profile.ts";
import { type KnownOfType, readAttributeValues } from "./attribute-values.ts";
import { AGE, AttributesOfType, attributesOf, type CompiledAttribute } from "./calculated-attribute.ts";
import { type CalculatedResult, calculate, DAY_MS } from "./calculated-statistic.ts";

/** What a calculated attribute is for a profile. */
export interface CalculatedReading extends CalculatedResult {
  /** It rests on a part of what it asks for: older objects are not known, or not yet. */
  readonly isPartial: boolean;
}

/** Of each attribute that is asked for and there is, by `calculatedKey`. */
type CalculatedReadings = ReadonlyMap<string, CalculatedReading>;

/**
 * What calculated attributes of a profile are at a moment, each over its own range or over another one. Reads what is said of
 * each object type that they look at.
 */
export async function readCalculated(
  reader: Reader,
  platform: Pick<Platform, "store">,
  domain: Domain,
  profile: StoredProfile,
  wanted: readonly CalculatedValue[],
  nowMs: number,
): Promise<CalculatedReadings> {
  const readings = new Map<string, CalculatedReading>();
  if (wanted.length === 0) return readings;
  const { byName, byType } = await attributesOf(platform.store, reader, domain);
  const known = new Map<string, KnownOfType>();
  for (const value of wanted) {
    const attribute = byName.get(value.name);
    if (!attribute) continue;
    if (attribute.definition.statistic === AGE) {
      readings.set(calculatedKey(value), ageOf(attribute, profile, nowMs));
      continue;
    }
    const { type } = attribute.expression;
    const place = { uid: domain.uid, profileId: profile.id, type };
    const attributes = byType.get(type) ?? new AttributesOfType([]);
    const ofType = known.get(type) ?? (await readAttributeValues(reader, place, attributes, nowMs));
    known.set(type, ofType);
    readings.set(calculatedKey(value), readingOf(attribute, ofType, value, nowMs));
  }
  return readings;
}

function readingOf(
  attribute: CompiledAttribute,
  known: KnownOfType,
  { range = attribute.calculation.range }: CalculatedValue,
  nowMs: number,
): CalculatedReading {
  const { definition, calculation } = attribute;
  // Typed without the profile's age, which is seen to before.
  const statistic = definition.statistic as Exclude<typeof definition.statistic, typeof AGE>;
  const result = calculate(known.contributionsTo(attribute), { ...calculation, statistic, range }, nowMs);
  const fromMs = range ? nowMs - range.start * DAY_MS : 0;
  const keptFromMs = calculation.range ? nowMs - calculation.range.start * DAY_MS : 0;
  const isPartial =
    definition.history !== undefined || known.isCut || fromMs < Math.max(definition.completeFromMs, keptFromMs);
  return { ...result, isPartial };
}

function ageOf({ calculation }: CompiledAttribute, { createdMs }: StoredProfile, nowMs: number): CalculatedReading {
  const days = String(Math.floor((nowMs - createdMs) / DAY_MS));
  const contributions = [{ value: days, timeMs: createdMs }];
  const { threshold } = calculation;
  return { ...calculate(contributions, { statistic: "LAST_OCCURRENCE", threshold }, nowMs), isPartial: false };
}
