import type { StoredValue } from "../field-value.ts";

/** A value as it is found by: reference numbers are the same in whatever case. */
export function searchedValue<T extends StoredValue | undefined>(field: string, value: T): T | string {
  return field === "reference_number" && value !== undefined ? String(value).toUpperCase() : value;
}
