/** How long the JSON of something is, roughly. */
export interface Size {
  characters: number;
}

/**
 * What JSON would make of a value and back: without members that have no value, and nobody else's to change. Adds its size to `size`.
 *
 * Throws what `JSON.stringify` throws; `undefined` for what has no JSON.
 */
export function plainCopy(value: unknown, size: Size): unknown {
  switch (typeof value) {
    case "string":
      size.characters += value.length + 2;
      return value;
    case "number":
      size.characters += 8;
      // There is no -0 either.
      return Number.isFinite(value) ? value + 0 : null;
    case "boolean":
      size.characters += 4;
      return value;
    case "object":
      break;
    default:
      return throughJson(value, size);
  }
  if (value === null) {
    size.characters += 4;
    return null;
  }
  if (Array.isArray(value)) return Array.from(value, (member) => plainCopy(member, size) ?? null);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return throughJson(value, size);

  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    // `toJSON` decides what becomes of the object; `__proto__` cannot be assigned.
    if (name === "__proto__" || name === "toJSON") return throughJson(value, size);
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    size.characters += name.length + 4;
    const copied = plainCopy(member, size);
    if (copied !== undefined) copy[name] = copied;
  }
  return copy;
}

function throughJson(value: unknown, size: Size): unknown {
  const text = JSON.stringify(value);
  size.characters += text?.length ?? 0;
  return text === undefined ? undefined : JSON.parse(text);
}
