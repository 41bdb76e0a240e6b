/**
 * How the real service delivers, with `--deliver-like-aws`: contact events late, out of order and now and then twice, contact
 * records a minute later. The documentation promises no more ("best effort", "at least once"); the numbers are ours, those of
 * records measured on published ones.
 *
 * Chance comes from the seed and from what is delivered, so that a unit which runs twice decides the same, and a run with the same
 * seed and the same ids repeats.
 */
import { createHash } from "node:crypto";

export interface AwsDelivery {
  readonly seed: string;
}

/** An event arrives this long after what it tells of. */
const EVENT_DELAY_MS: Span = { from: 100, to: 900 };

/** Some are held up for longer, so that events up to two seconds younger overtake them. */
const HELD_UP_SHARE = 0.02;
const HELD_UP_MS: Span = { from: 900, to: 2_000 };

/** Some arrive twice. The second copy has the same id, and comes within the same two seconds. */
const DUPLICATE_SHARE = 0.001;

/** Records are published 65 s ± 4 s after the contact is complete. */
const RECORD_DELAY_MS: Span = { from: 61_000, to: 69_000 };

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds until each copy of an event arrives: of one copy, or two. Pure. */
export function eventDelaysMs({ seed }: AwsDelivery, eventId: string): readonly number[] {
  const chance = (purpose: string) => fraction(seed, purpose, eventId);
  const first = within(chance("held up") < HELD_UP_SHARE ? HELD_UP_MS : EVENT_DELAY_MS, chance("delay"));
  if (chance("duplicate") >= DUPLICATE_SHARE) return [first];
  return [first, within({ from: first, to: HELD_UP_MS.to }, chance("second delay"))];
}

/** Milliseconds until a version of a contact's record is published. Pure. */
export function recordDelayMs({ seed }: AwsDelivery, versionId: string): number {
  return within(RECORD_DELAY_MS, fraction(seed, "record", versionId));
}

/** Whether a version of a record is published twice: "at least once". Pure. */
export function isRecordDoubled({ seed }: AwsDelivery, versionId: string): boolean {
  return fraction(seed, "second record", versionId) < DUPLICATE_SHARE;
}

function within({ from, to }: Span, share: number): number {
  return Math.round(from + (to - from) * share);
}

/** A number in [0, 1) that depends on the texts only. */
function fraction(...texts: readonly string[]): number {
  return createHash("sha256").update(texts.join("\n")).digest().readUIntBE(0, 6) / 2 ** 48;
}
