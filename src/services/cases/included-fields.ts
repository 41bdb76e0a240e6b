import type { EventConfiguration } from "./domain.ts";
import { SYSTEM_FIELDS } from "./field.ts";
import type { CaseValues } from "./field-value.ts";

const SYSTEM: ReadonlySet<string> = new Set(SYSTEM_FIELDS.map(({ id }) => id));

/** Ids of those fields of a case that its domain's events tell, where they have a value. `undefined`: values are not told. */
export function includedFields(
  { fields, autoIncludes }: EventConfiguration,
  values: CaseValues,
): readonly string[] | undefined {
  if (!fields) return undefined;
  const byThemselves = Object.keys(values).filter((id) => isIncluded(autoIncludes, id));
  return [...new Set([...fields, ...byThemselves])].filter((id) => Object.hasOwn(values, id));
}

function isIncluded(kind: EventConfiguration["autoIncludes"], id: string): boolean {
  if (kind === undefined || kind === "All") return kind === "All";
  return SYSTEM.has(id) === (kind === "System");
}
