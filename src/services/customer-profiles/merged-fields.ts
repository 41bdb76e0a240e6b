import { type Leaf, type ProfileFields, withLeaves } from "./profile-fields.ts";
import type { StoredProfile, Writer } from "./stored-profile.ts";

/** What profiles that are merged have to agree on: a member of the API's shape, an address as a whole, or one attribute (`Attributes.x`). */
export type MergedField = string;

/**
 * Which profile's value a field gets. `given`: those that have one, the main profile first where it has. It may pick another one of the
 * profiles, which has none: then the field is empty.
 */
export type Choose = (field: MergedField, given: readonly [StoredProfile, ...StoredProfile[]]) => StoredProfile;

/** The fields of profiles that become one, and who wrote them. `profiles`: the main one first. */
export function mergedFields(
  profiles: readonly StoredProfile[],
  choose: Choose,
): Pick<StoredProfile, "fields" | "writers"> {
  const names = new Set(profiles.flatMap(({ fields }) => fieldsIn(fields)));
  let fields: ProfileFields = {};
  const writers: Record<Leaf, Writer> = {};
  for (const field of names) {
    const given = profiles.filter((profile) => hasField(profile.fields, field));
    const [first, ...others] = given;
    if (!first) continue;
    const chosen = choose(field, [first, ...others]);
    const leaves = leavesIn(chosen.fields, field);
    fields = withLeaves(fields, leaves);
    const { EngagementPreferences } = chosen.fields;
    if (field === "EngagementPreferences" && EngagementPreferences) fields = { ...fields, EngagementPreferences };
    for (const leaf of leaves.keys()) {
      const writer = chosen.writers[leaf];
      if (writer) writers[leaf] = writer;
    }
  }
  return { fields, writers };
}

function fieldsIn(fields: ProfileFields): readonly MergedField[] {
  const { Attributes = {}, ...members } = fields;
  return [...Object.keys(members), ...Object.keys(Attributes).map((name) => `Attributes.${name}`)];
}

function hasField(fields: ProfileFields, field: MergedField): boolean {
  return field === "EngagementPreferences"
    ? fields.EngagementPreferences !== undefined
    : leavesIn(fields, field).size > 0;
}

/** A field's leaves with their values: several where it is an address. */
export function leavesIn(fields: ProfileFields, field: MergedField): ReadonlyMap<Leaf, string> {
  if (field.startsWith("Attributes.")) {
    const name = field.slice("Attributes.".length);
    const attributes = fields.Attributes;
    const value = attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return value === undefined ? new Map() : new Map([[field, value]]);
  }
  const value: unknown = fields[field as keyof ProfileFields];
  if (typeof value === "string") return new Map([[field, value]]);
  if (field === "EngagementPreferences" || typeof value !== "object" || value === null) return new Map();
  return new Map(Object.entries(value).map(([name, text]) => [`${field}.${name}`, String(text)]));
}
