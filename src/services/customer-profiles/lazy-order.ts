/**
 * What comes again and again keeps its places in the indexes: to move an entry changes a page of the index that nothing else of the change
 * needs, and in a domain of a million profiles each such page is one of its own.
 */

const DAY_MS = 24 * 60 * 60 * 1000;

/** Orders what changed by the day: within one it lies as it lay. */
export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

interface Expiring {
  readonly expiresMs: number;
  /** When a sweep looks whether it has expired. It has not where it came again since: the sweep then gives it its new time. */
  readonly dueMs?: number;
}

/** When a sweep has to look at what is put: no later than it expires, and where that is later than it was, when it would have looked anyway. */
export function dueMs(before: Expiring | undefined, { expiresMs }: Expiring): number {
  return Math.min(before?.dueMs ?? expiresMs, expiresMs);
}
