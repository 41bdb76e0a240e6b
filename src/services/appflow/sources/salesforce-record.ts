import type { JsonObject } from "../../../matching/machine.ts";

/** What of a record is shown. */
export interface RecordShape {
  /** Fields that were asked for to know a record's place, in lower case. */
  readonly hidden: ReadonlySet<string>;
  /** Addresses are put together of their parts. */
  readonly withAddresses: boolean;
}

/** A record of Salesforce as a flow sees it: without `attributes`, which say where it is in the API. */
export function shaped(record: JsonObject, { hidden, withAddresses }: RecordShape): JsonObject {
  const fields = Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name !== "attributes" && !hidden.has(name.toLowerCase()))
      .map(([name, value]) => [name, plain(value)]),
  );
  return withAddresses ? { ...addressesOf(fields), ...fields } : fields;
}

/** The value of a field, however its name is spelt: Salesforce answers with the names as they are defined. */
export function fieldOf(record: JsonObject, name: string): unknown {
  const exact = record[name];
  if (exact !== undefined) return exact;
  const found = Object.keys(record).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : record[found];
}

/** A record that this one relates to has `attributes` too. What has none is an address: its parts begin with a capital, as the templates read them. */
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

const ADDRESS_PART = /^(.*)(Street|City|State|Country|PostalCode)$/;

/**
 * `MailingStreet` and `MailingCity` are also parts of `MailingAddress`. A query could be asked for that, but a job of the Bulk API could not, and
 * records are the same whichever way they come: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/compound_fields_address.htm
 */
function addressesOf(fields: JsonObject): JsonObject {
  const addresses: Record<string, Record<string, unknown>> = {};
  for (const [name, value] of Object.entries(fields)) {
    const [, prefix, part] = ADDRESS_PART.exec(name) ?? [];
    if (prefix === undefined || part === undefined) continue;
    const address = `${prefix}Address`;
    addresses[address] = { ...addresses[address], [part]: value };
  }
  return Object.fromEntries(Object.entries(addresses).filter(([, parts]) => "Street" in parts));
}
