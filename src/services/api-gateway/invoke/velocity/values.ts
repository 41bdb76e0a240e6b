import { keptNumber, parseKeepingNumbers } from "../../../json-text.ts";
import { TemplateError } from "./parse.ts";

/**
 * What templates see: Java's null, booleans, numbers and strings, lists, maps, and objects that have nothing but methods. JavaScript's own
 * objects are none of these, so that no template reaches them: a property is an entry of a `Map`, a method one of a table.
 */
export type Value = undefined | boolean | number | string | ExactNumber | Value[] | JavaMap | JavaObject;

export type JavaMap = Map<string, Value>;

/** A number of a JSON text that a double would change: it is printed as it was written. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `$input`, `$util`, the entry of a map: its methods take what is given to them and answer a value. */
export class JavaObject {
  readonly methods: ReadonlyMap<string, (given: readonly Value[], budget: Budget) => Value>;

  constructor(methods: Readonly<Record<string, (given: readonly Value[], budget: Budget) => Value>>) {
    this.methods = new Map(Object.entries(methods));
  }
}

/** How much a rendering may still do. */
export class Budget {
  #steps = STEPS_MAX;
  #characters = CHARACTERS_MAX;

  /** One more value, or so many. Throws `TemplateError` where it was too much. */
  step(count: number = 1): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new TemplateError("The template does too much");
  }

  /** Characters that are made or looked at. */
  characters(count: number): void {
    this.#characters -= count;
    if (this.#characters < 0) throw new TemplateError("The template makes too much text");
  }
}

/** References, operators and items of loops: some tens of milliseconds. */
const STEPS_MAX = 500_000;
/** Six times the largest body. */
const CHARACTERS_MAX = 60_000_000;
/** Lists and maps in each other. */
const DEPTH_MAX = 200;

/** What `JSON.parse` would make of a text, as templates see it. Throws `SyntaxError`, or `TemplateError` for what is nested too deeply. */
export function parseJson(text: string, budget: Budget): Value {
  budget.characters(text.length);
  return toValue(parseKeepingNumbers(text), 0);
}

export function toValue(json: unknown, depth: number = 0): Value {
  if (depth > DEPTH_MAX) throw new TemplateError("The JSON is nested too deeply");
  if (json === null || json === undefined) return undefined;
  if (Array.isArray(json)) return json.map((item) => toValue(item, depth + 1));
  if (typeof json === "object") {
    const exact = keptNumber(json);
    if (exact !== undefined) return new ExactNumber(exact);
    return new Map(Object.entries(json).map(([name, value]) => [name, toValue(value, depth + 1)]));
  }
  return json as boolean | number | string;
}

/** `toString()` of a value: lists and maps as Java prints them. */
export function print(value: Value, budget: Budget, depth: number = 0): string {
  budget.step();
  if (depth > DEPTH_MAX) throw new TemplateError("A value is nested too deeply");
  const printed = printedParts(value, budget, depth);
  budget.characters(printed.length);
  return printed;
}

function printedParts(value: Value, budget: Budget, depth: number): string {
  if (value === undefined) return "null";
  if (typeof value === "string") return value;
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => print(item, budget, depth + 1)).join(", ")}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([name, item]) => `${name}=${print(item, budget, depth + 1)}`);
    return `{${entries.join(", ")}}`;
  }
  if (value instanceof JavaObject) return value.methods.get("toString")?.([], budget)?.toString() ?? "object";
  return String(value);
}

/** JSON text of a value. */
export function toJson(value: Value, budget: Budget, depth: number = 0): string {
  budget.step();
  if (depth > DEPTH_MAX) throw new TemplateError("A value is nested too deeply");
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item, budget, depth + 1)).join(",")}]`;
  if (value instanceof Map) {
    const members = [...value].map(([name, item]) => `${JSON.stringify(name)}:${toJson(item, budget, depth + 1)}`);
    return `{${members.join(",")}}`;
  }
  const text = value === undefined || value instanceof JavaObject ? "null" : JSON.stringify(value);
  budget.characters(text.length);
  return text;
}

/** `equals`: numbers by value, lists and maps by what they hold. */
export function isEqual(left: Value, right: Value, budget: Budget, depth: number = 0): boolean {
  budget.step();
  if (depth > DEPTH_MAX) throw new TemplateError("A value is nested too deeply");
  if (left === right) return true;
  if (left instanceof ExactNumber || right instanceof ExactNumber) {
    const [a, b] = [numberOf(left), numberOf(right)];
    return a !== undefined && a === b;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, place) => isEqual(item, right[place], budget, depth + 1));
  }
  if (left instanceof Map && right instanceof Map) {
    if (left.size !== right.size) return false;
    return [...left].every(([name, item]) => right.has(name) && isEqual(item, right.get(name), budget, depth + 1));
  }
  return false;
}

/** A number's value; `undefined` for what is none. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === "number") return value;
  return value instanceof ExactNumber ? Number(value.text) : undefined;
}
