import type { SegmentAttribute, SegmentAttributes } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";

/** System-defined attributes that a caller may set. */
const SETTABLE = ["connect:Subtype", "connect:ContactExpiry", "connect:CreatedByUser", "connect:AssignmentType"];

const MINUTE_MS = 60_000;

/** "Expires after 7 days by default", at most 90 (administrator guide, tasks). */
export const TASK_EXPIRY_MS: number = 7 * 24 * 60 * MINUTE_MS;
const EXPIRY_MINUTES_MAX = 90 * 24 * 60;

/** The segment attributes of a contact with those that a request adds or overwrites. */
export function mergeSegmentAttributes(
  before: SegmentAttributes,
  added: SegmentAttributes | undefined = {},
): SegmentAttributes {
  for (const name of Object.keys(added)) {
    if (!SETTABLE.includes(name) && !/^[A-Za-z0-9_-]+$/.test(name)) {
      throw invalidParameter(`Segment attribute ${name} cannot be set`);
    }
  }
  const merged = { ...before, ...added };
  expiryMs(merged);
  return merged;
}

/** How long after its start a contact expires: what `connect:ContactExpiry` says, if anything. */
export function expiryMs(attributes: SegmentAttributes): number | undefined {
  const expiry: SegmentAttribute | undefined = attributes["connect:ContactExpiry"];
  if (expiry === undefined) return undefined;

  const minutes = expiry.ValueMap?.ExpiryDuration?.ValueInteger;
  if (minutes === undefined) throw invalidParameter("connect:ContactExpiry needs a ValueMap with ExpiryDuration");
  return requireExpiry(minutes);
}

/** Minutes as milliseconds, within the limits of an expiry. */
export function requireExpiry(minutes: number): number {
  if (minutes < 1 || minutes > EXPIRY_MINUTES_MAX) {
    throw invalidParameter(`A contact must expire within 1 to ${EXPIRY_MINUTES_MAX} minutes`);
  }
  return minutes * MINUTE_MS;
}
