import type { JsonObject } from "../../../matching/machine.ts";

/**
 * A record of Salesforce as a flow sees it: without `attributes`, which say where it is in the API, and without what was asked for only to know its
 * place. `hidden`: names in lower case.
 */
export function shaped(record: JsonObject, hidden: ReadonlySet<string>): JsonObject {
  // Hot: in place, it takes a tenth of what it takes by entries.
  const { attributes: _, ...fields }: Record<string, unknown> = record;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "object" && value !== null) fields[name] = plain(value);
    if (hidden.size > 0 && hidden.has(name.toLowerCase())) delete fields[name];
  }
  return fields;
}

/** The value of a field, however its name is spelt: Salesforce answers with the names as they are defined. */
export function fieldOf(record: JsonObject, name: string): unknown {
  const exact = record[name];
  if (exact !== undefined) return exact;
  const found = Object.keys(record).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : record[found];
}

/**
 * A record that this one relates to has `attributes` too. What has none is an address, whose parts begin with a capital, as flows name them
 * (`MailingAddress.Street`): https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/compound_fields_address.htm
 */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { attributes, ...rest } = value as JsonObject;
  const isRelated = attributes !== undefined;
  return Object.fromEntries(
    Object.entries(rest).map(([name, inner]) => [isRelated ? name : capitalized(name), plain(inner)]),
  );
}

function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
