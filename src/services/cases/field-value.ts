import type { FieldValueUnion } from "@aws-sdk/client-connectcases";
import type { Field } from "./field.ts";

/** A value as it is stored: a time is an ISO 8601 text with milliseconds in UTC, a user the ARN or what else names them. */
export type StoredValue = string | number | boolean;

/** By the ids of their fields. */
export type CaseValues = Readonly<Record<string, StoredValue>>;

/** A value in the member that its field's type has in the API. */
export function valueUnion({ type }: Pick<Field, "type">, value: StoredValue): FieldValueUnion {
  switch (type) {
    case "Number":
      return { doubleValue: Number(value) };
    case "Boolean":
      return { booleanValue: value === true };
    case "User":
      return { userArnValue: String(value) };
    default:
      return { stringValue: String(value) };
  }
}

/** A time as it is stored and told. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
