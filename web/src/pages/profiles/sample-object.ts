/** An object of a type that one can begin with: what its mapping reads, with a value of the right form in each place. */
import { leavesOf, type ObjectType, type Profile } from "./domain-data.ts";

const SAMPLES: Readonly<Record<string, unknown>> = {
  NUMBER: 1,
  EMAIL_ADDRESS: "ina@example.com",
  PHONE_NUMBER: "+14155550199",
  NAME: "Ina Dyk",
};

/** A mapping may read the thousandth element of a list; a sample has a few. */
const INDEX_MAX = 4;

type Json = { [name: string]: unknown };

/** With values that are given for some fields, and the profile's own where a field goes to it. */
export function sampleObject(
  type: ObjectType,
  profile?: Profile,
  given: ReadonlyMap<string, string> = new Map<string, string>(),
): object {
  const known = new Map(profile ? leavesOf(profile) : []);
  const sample: Json = {};
  for (const [field, { Source = "", Target, ContentType = "STRING" }] of Object.entries(type.Fields ?? {})) {
    const value =
      given.get(field) ?? (Target && known.get(Target.replace(/^_profile\./, ""))) ?? SAMPLES[ContentType] ?? field;
    for (const path of pathsIn(Source)) put(sample, path, value);
  }
  return sample;
}

/** The members that a field's source reads: one, or those of a template. */
export function pathsIn(source: string): readonly string[] {
  if (!source.includes("{{")) return source.startsWith("_source.") ? [source.slice("_source.".length)] : [];
  return [...source.matchAll(/_source\.([A-Za-z0-9_.[\]-]+)/g)].flatMap(([, path]) => (path ? [path] : []));
}

/** Members and places in lists, from the outside in: `items[0].sku`. */
export function partsOf(path: string): readonly (string | number)[] {
  return path.split(".").flatMap((part): (string | number)[] => {
    const [, name = part, index] = /^(.*?)\[(\d*)\]$/.exec(part) ?? [];
    return index === undefined ? [name] : [name, Math.min(Number(index || 0), INDEX_MAX)];
  });
}

function put(sample: Json, path: string, value: unknown): void {
  const parts = partsOf(path);
  let at: Json = sample;
  for (const [place, part] of parts.entries()) {
    const next = parts[place + 1];
    if (next === undefined) {
      if (!Object.hasOwn(at, part)) at[part] = value;
      return;
    }
    const inside = Object.hasOwn(at, part) ? at[part] : undefined;
    if (typeof inside !== "object" || inside === null) at[part] = typeof next === "number" ? [] : {};
    at = at[part] as Json;
  }
}
