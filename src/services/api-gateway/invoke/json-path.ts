import { JSONPath } from "jsonpath-plus";
import { withinMs } from "../../bounded-pattern.ts";
import { keptNumber } from "../../json-text.ts";

/** A path that cannot be read. */
export class JsonPathError extends Error {
  override readonly name: string = "JsonPathError";
}

const PATH_CHARACTERS_MAX = 1024;
/** How long one question to a document may take. */
const QUERY_MS_MAX = 250;
/** The library keeps every path that it has read, without a bound of its own. */
const CLEARED_AFTER = 1000;
let asked = 0;

const PLAIN = /^\$(?:\.[\w-]+|\[\d+\]|\['[^'\\]*'\])*$/;
const STEP = /\.([\w-]+)|\[(\d+)\]|\['([^'\\]*)'\]/g;

/**
 * What a path finds in a document; `undefined` where it finds nothing. At its end may stand `.length()`. A path with a wildcard, a slice or `..` finds a list. Expressions in
 * brackets (`[?(…)]`) are not evaluated: they are JavaScript to the library.
 */
export function queryJson(document: unknown, path: string): unknown {
  if (path === "$") return document;
  const [, of] = /^(.+)\.(?:length|size)\(\)$/s.exec(path) ?? [];
  if (of !== undefined) return lengthOf(queryJson(document, of));
  if (path.length > PATH_CHARACTERS_MAX) throw new JsonPathError("The JSONPath is too long");
  return PLAIN.test(path) ? walk(document, path) : ask(document, path);
}

function lengthOf(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || keptNumber(value) !== undefined) return undefined;
  return Object.keys(value).length;
}

/** Most paths are plain: names and places. */
function walk(document: unknown, path: string): unknown {
  let value = document;
  for (const [, name, place, quoted] of path.matchAll(STEP)) {
    if (typeof value !== "object" || value === null || keptNumber(value) !== undefined) return undefined;
    const key = name ?? place ?? quoted ?? "";
    if (!Object.hasOwn(value, key) || (Array.isArray(value) && key === "length")) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function ask(document: unknown, path: string): unknown {
  if (!path.startsWith("$") || /[?^~`(]|@/.test(path.replace(/'[^']*'/g, ""))) {
    throw new JsonPathError(`Invalid JSONPath specified: ${path}`);
  }
  if (typeof document !== "object" || document === null) return undefined;
  try {
    asked += 1;
    if (asked % CLEARED_AFTER === 0) JSONPath.clearCache();
    const found: unknown = withinMs(QUERY_MS_MAX, () => JSONPath({ path, json: document, eval: false, wrap: true }));
    return Array.isArray(found) ? found : undefined;
  } catch (error) {
    throw new JsonPathError(`Invalid JSONPath specified: ${path}: ${(error as Error).message}`);
  }
}
