import type { JsonObject } from "../../matching/machine.ts";
import { isJsonObject } from "../json-text.ts";

/** Finds a value in a record; `undefined`: there is none. */
export type FieldReader = (record: JsonObject) => unknown;

/** Reads the member of that name; where there is none, and the name has dots, the one that they lead to: `address.city`. */
export function compileField(name: string): FieldReader {
  const steps = name.split(".");
  if (steps.length === 1) return (record) => (Object.hasOwn(record, name) ? record[name] : undefined);
  return (record) => (Object.hasOwn(record, name) ? record[name] : follow(record, steps));
}

function follow(record: JsonObject, steps: readonly string[]): unknown {
  let found: unknown = record;
  for (const step of steps) {
    if (!isJsonObject(found) || !Object.hasOwn(found, step)) return undefined;
    found = found[step];
  }
  return found;
}

/** A record that is being made, of plain data. */
export type MadeRecord = Record<string, unknown>;

/** Writes a value into a record that is being made. */
export type FieldWriter = (made: MadeRecord, value: unknown) => void;

/** Writes the member that the dots of a name lead to, within objects that are made for it: object types read `_source.address.city` so. */
export function compileWriter(name: string): FieldWriter {
  const steps = name.split(".");
  const last = steps.pop() ?? name;
  if (steps.length === 0) return (made, value) => setMember(made, last, value);
  return (made, value) => setMember(steps.reduce(innerObject, made), last, value);
}

/** Writes what a field of a record has become to where the record had it. */
export function compilePassing(name: string): (made: MadeRecord, value: unknown, record: JsonObject) => void {
  const write = compileWriter(name);
  return (made, value, record) => {
    if (Object.hasOwn(record, name)) setMember(made, name, value);
    else write(made, value);
  };
}

/** The object at a member, as a copy that may be written into: what came from the source is never changed. */
function innerObject(outer: MadeRecord, step: string): MadeRecord {
  const there = Object.hasOwn(outer, step) ? outer[step] : undefined;
  const inner: MadeRecord = isJsonObject(there) ? { ...there } : {};
  setMember(outer, step, inner);
  return inner;
}

/** Whatever the name is. */
export function setMember(object: MadeRecord, name: string, value: unknown): void {
  // Assigned, this name would change what the object inherits.
  if (name === "__proto__") {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else object[name] = value;
}

/** What a value is as text; nothing where there is none. Lists and objects are their JSON. */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether a record has nothing there, as far as object types see: also `null`, and the empty text that files have for it. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}
