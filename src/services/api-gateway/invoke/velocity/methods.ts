import { fullyMatches, withPattern } from "../../../bounded-pattern.ts";
import { TemplateError } from "./parse.ts";
import { type Budget, ExactNumber, isEqual, type JavaMap, JavaObject, numberOf, print, type Value } from "./values.ts";

/**
 * The methods of Java's String, List, Map, Number and Boolean that templates use. A method that is not here has no value, as with Velocity:
 * its reference is printed as it is written. Throws `TemplateError` where Java throws.
 */
export function callMethod(on: Value, name: string, given: readonly Value[], budget: Budget): Value {
  budget.step();
  const common = COMMON.get(name);
  if (typeof on === "string") return (STRING.get(name) ?? common)?.(on as never, given, budget);
  if (Array.isArray(on)) return (LIST.get(name) ?? common)?.(on as never, given, budget);
  if (on instanceof Map) {
    // `$foreach.hasNext()` is a method of Velocity's loops, as which its maps stand here.
    if (name === "hasNext") return on.get(name);
    return (MAP.get(name) ?? common)?.(on as never, given, budget);
  }
  if (on instanceof JavaObject) return on.methods.get(name)?.(given, budget);
  if (typeof on === "number" || on instanceof ExactNumber)
    return (NUMBER.get(name) ?? common)?.(on as never, given, budget);
  if (typeof on === "boolean") return (BOOLEAN.get(name) ?? common)?.(on as never, given, budget);
  return undefined;
}

/** `$list.empty` is `isEmpty()`, `$entry.key` is `getKey()`: properties of what is no map. */
export function getProperty(of: Value, name: string, budget: Budget): Value {
  budget.step();
  if (of instanceof Map) return of.get(name) ?? (name === "empty" ? of.size === 0 : undefined);
  if (of instanceof JavaObject) {
    const getter = of.methods.get(`get${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    return getter?.([], budget);
  }
  if (name === "empty") return callMethod(of, "isEmpty", [], budget);
  return undefined;
}

type Method<T> = (on: T, given: readonly Value[], budget: Budget) => Value;

const COMMON = new Map<string, Method<Value>>([
  ["toString", (on, _given, budget) => print(on, budget)],
  ["equals", (on, [other], budget) => isEqual(on, other, budget)],
]);

const STRING = new Map<string, Method<string>>(
  Object.entries<Method<string>>({
    length: (on) => on.length,
    isEmpty: (on) => on === "",
    isBlank: (on) => on.trim() === "",
    equalsIgnoreCase: (on, [other]) => typeof other === "string" && on.toLowerCase() === other.toLowerCase(),
    compareTo: (on, [other]) => (on === text(other) ? 0 : on < text(other) ? -1 : 1),
    contains: (on, [part], budget) => looked(on, budget).includes(text(part)),
    startsWith: (on, [part]) => on.startsWith(text(part)),
    endsWith: (on, [part]) => on.endsWith(text(part)),
    indexOf: (on, [part, from], budget) => looked(on, budget).indexOf(text(part), integer(from ?? 0)),
    lastIndexOf: (on, [part], budget) => looked(on, budget).lastIndexOf(text(part)),
    charAt: (on, [place]) => on.charAt(within(integer(place), on.length - 1)),
    substring: (on, [from, to], budget) => {
      const end = to === undefined ? on.length : within(integer(to), on.length);
      const begin = within(integer(from), end);
      budget.characters(end - begin);
      return on.slice(begin, end);
    },
    toLowerCase: (on, _given, budget) => looked(on, budget).toLowerCase(),
    toUpperCase: (on, _given, budget) => looked(on, budget).toUpperCase(),
    trim: (on, _given, budget) => looked(on, budget).trim(),
    strip: (on, _given, budget) => looked(on, budget).trim(),
    concat: (on, [other], budget) => made(on, text(other), budget),
    repeat: (on, [times], budget) => {
      const count = within(integer(times), 10_000_000);
      budget.characters(on.length * count);
      return on.repeat(count);
    },
    replace: (on, [part, by], budget) => replaced(on, text(part), text(by), budget),
    replaceAll: (on, [pattern, by], budget) => replacedBy(on, text(pattern), text(by), "all", budget),
    replaceFirst: (on, [pattern, by], budget) => replacedBy(on, text(pattern), text(by), "first", budget),
    matches: (on, [pattern], budget) => fullyMatches(text(pattern), looked(on, budget)),
    split: (on, [pattern, limit], budget) => split(on, text(pattern), limit === undefined ? 0 : integer(limit), budget),
    toCharArray: (on, _given, budget) => {
      budget.step(on.length);
      return on.split("");
    },
    intValue: (on) => parsedInteger(on),
  }),
);

const LIST = new Map<string, Method<Value[]>>(
  Object.entries<Method<Value[]>>({
    size: (on) => on.length,
    length: (on) => on.length,
    isEmpty: (on) => on.length === 0,
    get: (on, [place]) => on[within(integer(place), on.length - 1)],
    set: (on, [place, value]) => {
      const at = within(integer(place), on.length - 1);
      const earlier = on[at];
      on[at] = value;
      return earlier;
    },
    add: (on, given) => {
      if (given.length < 2) {
        on.push(given[0]);
        return true;
      }
      on.splice(within(integer(given[0]), on.length), 0, given[1]);
      return undefined;
    },
    addAll: (on, [others], budget) => {
      if (!Array.isArray(others)) throw new TemplateError("addAll takes a list");
      budget.step(others.length);
      for (const item of [...others]) on.push(item);
      return others.length > 0;
    },
    remove: (on, [which], budget) => {
      budget.step(on.length);
      const place = numberOf(which);
      if (place !== undefined) return on.splice(within(place, on.length - 1), 1)[0];
      const at = on.findIndex((item) => isEqual(item, which, budget));
      if (at !== -1) on.splice(at, 1);
      return at !== -1;
    },
    contains: (on, [value], budget) => on.some((item) => isEqual(item, value, budget)),
    indexOf: (on, [value], budget) => on.findIndex((item) => isEqual(item, value, budget)),
    subList: (on, [from, to], budget) => {
      const end = within(integer(to), on.length);
      budget.step(on.length);
      return on.slice(within(integer(from), end), end);
    },
    clear: (on) => {
      on.length = 0;
      return undefined;
    },
  }),
);

const MAP = new Map<string, Method<JavaMap>>(
  Object.entries<Method<JavaMap>>({
    size: (on) => on.size,
    isEmpty: (on) => on.size === 0,
    get: (on, [name], budget) => on.get(keyOf(name, budget)),
    getOrDefault: (on, [name, fallback], budget) => on.get(keyOf(name, budget)) ?? fallback,
    put: (on, [name, value], budget) => {
      const key = keyOf(name, budget);
      const earlier = on.get(key);
      on.set(key, value);
      return earlier;
    },
    putAll: (on, [others], budget) => {
      if (!(others instanceof Map)) throw new TemplateError("putAll takes a map");
      budget.step(others.size);
      for (const [name, value] of [...others]) on.set(name, value);
      return undefined;
    },
    remove: (on, [name], budget) => {
      const key = keyOf(name, budget);
      const earlier = on.get(key);
      on.delete(key);
      return earlier;
    },
    containsKey: (on, [name], budget) => on.has(keyOf(name, budget)),
    containsValue: (on, [value], budget) => [...on.values()].some((item) => isEqual(item, value, budget)),
    keySet: (on, _given, budget) => listed(on.keys(), on.size, budget),
    values: (on, _given, budget) => listed(on.values(), on.size, budget),
    entrySet: (on, _given, budget) => {
      budget.step(on.size);
      return [...on].map(([name, value]) => entry(name, value));
    },
    clear: (on) => {
      on.clear();
      return undefined;
    },
  }),
);

const NUMBER = new Map<string, Method<Value>>(
  Object.entries<Method<Value>>({
    intValue: (on) => Math.trunc(numberOf(on) ?? 0),
    longValue: (on) => Math.trunc(numberOf(on) ?? 0),
    doubleValue: (on) => numberOf(on),
    compareTo: (on, [other]) => Math.sign((numberOf(on) ?? 0) - (numberOf(other) ?? 0)),
    // Static methods of Integer and Double, which templates reach through any number.
    parseInt: (_on, [written]) => parsedInteger(text(written)),
    parseLong: (_on, [written]) => parsedInteger(text(written)),
    parseDouble: (_on, [written]) => parsedNumber(text(written)),
  }),
);

NUMBER.set("valueOf", (_on, [written], budget) => numberOf(written) ?? parsedNumber(print(written, budget)));

const BOOLEAN = new Map<string, Method<boolean>>(
  Object.entries<Method<boolean>>({
    booleanValue: (on) => on,
    parseBoolean: (_on, [written]) => typeof written === "string" && written.toLowerCase() === "true",
  }),
);

function entry(name: string, value: Value): JavaObject {
  return new JavaObject({
    getKey: () => name,
    getValue: () => value,
    toString: (_given: readonly Value[], budget: Budget) => `${name}=${print(value, budget)}`,
  });
}

function listed(items: Iterable<Value>, size: number, budget: Budget): Value[] {
  budget.step(size);
  return [...items];
}

function keyOf(name: Value, budget: Budget): string {
  return typeof name === "string" ? name : print(name, budget);
}

function text(value: Value): string {
  if (typeof value !== "string") throw new TemplateError("A text is expected");
  return value;
}

function integer(value: Value): number {
  const number = numberOf(value);
  if (number === undefined || !Number.isInteger(number)) throw new TemplateError("An integer is expected");
  return number;
}

function within(place: number, max: number): number {
  if (place < 0 || place > max) throw new TemplateError(`${place} is out of bounds`);
  return place;
}

function parsedInteger(written: string): number {
  if (!/^[+-]?\d{1,18}$/.test(written)) throw new TemplateError(`For input string: "${written.slice(0, 40)}"`);
  return Number(written);
}

function parsedNumber(written: string): number {
  const number = written.trim() === "" ? Number.NaN : Number(written);
  if (Number.isNaN(number)) throw new TemplateError(`For input string: "${written.slice(0, 40)}"`);
  return number;
}

function looked(on: string, budget: Budget): string {
  budget.characters(on.length);
  return on;
}

function made(first: string, second: string, budget: Budget): string {
  budget.characters(first.length + second.length);
  return first + second;
}

function replaced(on: string, part: string, by: string, budget: Budget): string {
  budget.characters(on.length);
  const places = part === "" ? on.length + 1 : on.split(part).length - 1;
  budget.characters(places * by.length);
  return on.replaceAll(part, () => by);
}

/** Java's replacements: `$1` is a group, and a backslash makes the next character one that stands for itself. */
function replacedBy(on: string, pattern: string, by: string, which: "all" | "first", budget: Budget): string {
  budget.characters(on.length);
  let matches = 0;
  const result = withPattern(pattern, on, (expression) =>
    on.replace(expression, (...found) => {
      matches += 1;
      if (which === "first" && matches > 1) return found[0] as string;
      const replacement = by.replace(/\\([\s\S])|\$(\d)/g, (_all, literal?: string, group?: string) =>
        literal !== undefined ? literal : groupOf(found, Number(group)),
      );
      budget.characters(replacement.length);
      return replacement;
    }),
  );
  budget.characters(result.length);
  return result;
}

function groupOf(found: readonly unknown[], group: number): string {
  const captured = found[group];
  // Behind the groups come the place and the whole text.
  if (group >= found.findIndex((value) => typeof value === "number")) throw new TemplateError(`No group ${group}`);
  return typeof captured === "string" ? captured : "";
}

/** As in Java: empty texts at the end are left out unless there is a limit. */
function split(on: string, pattern: string, limit: number, budget: Budget): Value[] {
  budget.characters(on.length);
  const parts: string[] = [];
  let begin = 0;
  for (const found of withPattern(pattern, on, (expression) => [...on.matchAll(expression)])) {
    if (limit > 0 && parts.length === limit - 1) break;
    if (found[0] === "" && found.index === 0) continue;
    if (found[0] === "" && found.index >= on.length) break;
    parts.push(on.slice(begin, found.index));
    begin = found.index + found[0].length;
  }
  parts.push(on.slice(begin));
  budget.step(parts.length);
  if (limit === 0) while (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts;
}
