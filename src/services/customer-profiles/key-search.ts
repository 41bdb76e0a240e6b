import type { Reader } from "../../store/store.ts";
import type { Domain } from "./domain.ts";
import { normalised } from "./object-types/content-type.ts";
import { keyContentTypes } from "./object-types/key-names.ts";
import type { ObjectKey } from "./stored-object.ts";

/**
 * Values as they are stored under a key of the domain, by the content types of its fields: alternatives where it has one field, the parts of one
 * key where it has several. None where the domain has no such key.
 */
export async function normalisedKeys(
  reader: Reader,
  domain: Domain,
  name: string,
  values: readonly string[],
): Promise<readonly ObjectKey[]> {
  const types = await keyContentTypes(reader, domain, name);
  if (!types) return [];
  const [only] = types;
  if (types.length <= 1) return values.map((value) => [name, normalised(only, value)]);
  return [[name, ...values.map((value, place) => normalised(types[place], value))]];
}
