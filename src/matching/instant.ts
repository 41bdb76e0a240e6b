import type { Scalar } from "./predicate.ts";

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const EPOCH = /^(?:\d{10}|\d{13})$/;

/**
 * The instant, in milliseconds since 1970, that an ISO 8601 date or date-time stands for: UTC where no offset is given, midnight where no
 * time is. `undefined` for anything else.
 */
export function parseIsoInstant(value: Scalar): number | undefined {
  if (typeof value !== "string" || !ISO.test(value)) return undefined;
  const text = value.replace(" ", "T");
  const withOffset = text.includes("T") && !/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const instant = Date.parse(withOffset);
  return Number.isNaN(instant) ? undefined : instant;
}

/** An ISO instant, or a number of 10 digits (seconds since 1970) or 13 digits (milliseconds), as a JSON number or its text. */
export function parseInstant(value: Scalar): number | undefined {
  if ((typeof value === "number" || typeof value === "string") && EPOCH.test(String(value))) {
    return String(value).length === 10 ? Number(value) * 1000 : Number(value);
  }
  return parseIsoInstant(value);
}
