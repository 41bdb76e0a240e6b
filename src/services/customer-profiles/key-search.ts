import type { Reader } from "../../store/store.ts";
import { normalised } from "./content-type.ts";
import type { Domain } from "./domain.ts";
import { keyContentTypes } from "./key-names.ts";
import type { ObjectKey } from "./stored-object.ts";

/** Values as they are stored under a key of the domain, by the content types of its fields. `undefined`: it has no such key. */
export async function normalisedKey(
  reader: Reader,
  domain: Domain,
  name: string,
  values: readonly string[],
): Promise<ObjectKey | undefined> {
  const types = await keyContentTypes(reader, domain, name);
  if (!types) return undefined;
  return [name, ...values.map((value, place) => normalised(types[place] ?? types[0] ?? "STRING", value))];
}
