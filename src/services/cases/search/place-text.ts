import type { FieldType } from "../field.ts";
import type { Place } from "./condition.ts";

/** A place as a text, which a token carries: the id, and for each sort a number, bytes in base64, or null where the case has no value. */
export function placeText({ keys, id }: Place): string {
  const told = keys.map((key) => (key instanceof Uint8Array ? Buffer.from(key).toString("base64") : (key ?? null)));
  return JSON.stringify([id, ...told]);
}

/** `undefined` for what is no place in the order by such fields: whoever forges a token can write anything. */
export function parsePlace(text: string, fields: readonly { readonly type: FieldType }[]): Place | undefined {
  const told = parseJson(text);
  if (!Array.isArray(told) || told.length !== fields.length + 1) return undefined;
  const [id, ...given] = told as unknown[];
  const keys: Place["keys"][number][] = [];
  for (const [place, key] of given.entries()) {
    const type = fields[place]?.type;
    const isNumeric = type === "Number" || type === "DateTime";
    if (key === null) keys.push(undefined);
    else if (isNumeric && typeof key === "number") keys.push(key);
    else if (!isNumeric && typeof key === "string") keys.push(Buffer.from(key, "base64"));
    else return undefined;
  }
  return typeof id === "string" ? { id, keys } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
