import { isGroup, textOf } from "../object-types/json-value.ts";

/** One value that stands in an object. */
export interface Attribute {
  /** Names, joined by points. Arrays are looked into and have no name: two values may have one path. */
  readonly path: string;
  readonly text: string;
}

/** More are not looked at: no object that makes sense has them. */
const ATTRIBUTES_MAX = 10_000;
const PATH_LENGTH_MAX = 1000;

/** All values of an object that are no objects or arrays themselves, in document order. Nested as deep as may be. */
export function attributesOf(object: unknown): readonly Attribute[] {
  const found: Attribute[] = [];
  const open: { readonly path: string; readonly value: unknown }[] = [{ path: "", value: object }];
  while (open.length > 0 && found.length < ATTRIBUTES_MAX) {
    const { path, value } = open.pop() as (typeof open)[number];
    if (path.length > PATH_LENGTH_MAX) continue;
    if (Array.isArray(value)) {
      for (const element of value.toReversed()) open.push({ path, value: element });
    } else if (isGroup(value)) {
      for (const [name, member] of Object.entries(value).reverse()) {
        open.push({ path: path === "" ? name : `${path}.${name}`, value: member });
      }
    } else {
      const text = textOf(value);
      if (text !== undefined && path !== "") found.push({ path, text });
    }
  }
  return found;
}
