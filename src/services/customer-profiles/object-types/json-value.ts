import type { JsonObject } from "../../../matching/machine.ts";

/**
 * A member that a JSON value has itself: of an object by its name, of an array by its index. Nothing is inherited, and a number that was kept as
 * it was written (`parseKeepingNumbers`) has none.
 */
export function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return ARRAY_INDEX.test(name) ? value[Number(name)] : undefined;
  return isGroup(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

const ARRAY_INDEX = /^(?:0|[1-9]\d{0,8})$/;

/** Whether a JSON value is an object with members. */
export function isGroup(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

/** What Node 24 has of the proposal "JSON.parse source text access", and TypeScript does not declare yet. */
const { isRawJSON } = JSON as unknown as { readonly isRawJSON: (value: unknown) => boolean };

/** A JSON value as a field takes it: a text as it is, everything else as its compact JSON text; nothing for `null`. */
export function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
