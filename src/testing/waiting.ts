import { setTimeout as elapsed } from "node:timers/promises";
import { SystemWallClock } from "../time/clock.ts";
import type { TestClock } from "./clock.ts";

/** How long an assertion waits. */
export interface Waiting {
  /**
   * An ISO 8601 duration of days, hours, minutes and seconds. With a manual clock what has been caused is awaited anyway, and only where that is not enough is the clock moved on, by so
   * much at most; default: not at all. With a real clock so much time may pass; default: `PT5S`.
   */
  readonly within?: string;
}

const wall = new SystemWallClock();
/** With a real clock: how long after a look the next one follows. */
const LOOK_MS = 20;

/** Looks until what is seen is good, or the time is over, and answers with what was seen last. */
export async function waitFor<T>(
  clock: TestClock,
  { within }: Waiting,
  look: () => Promise<T>,
  isGood: (seen: T) => boolean,
): Promise<T> {
  return clock.isManual
    ? await lookAhead(clock, within === undefined ? 0 : secondsOf(within), look, isGood)
    : await lookAgain(secondsOf(within ?? "PT5S"), look, isGood);
}

/** In growing steps: a wait of an hour is a dozen looks, and the clock goes no more than twice as far as it must. */
async function lookAhead<T>(
  clock: TestClock,
  seconds: number,
  look: () => Promise<T>,
  isGood: (seen: T) => boolean,
): Promise<T> {
  await clock.settle();
  let passed = 0;
  for (let step = 1; ; step *= 2) {
    const seen = await look();
    if (isGood(seen) || passed >= seconds) return seen;
    const next = Math.min(step, seconds - passed);
    await clock.advance(`PT${next}S`);
    passed += next;
  }
}

/** The same in the machine's time, whatever the clock is. */
export async function lookAgain<T>(seconds: number, look: () => Promise<T>, isGood: (seen: T) => boolean): Promise<T> {
  const endMs = wall.monotonicMs() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (isGood(seen) || wall.monotonicMs() >= endMs) return seen;
    // Unlike timers of the server, it keeps the process alive: a test waits for it.
    await elapsed(LOOK_MS);
  }
}

const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

/** Of a duration of days, hours, minutes and seconds. Throws `TypeError`. */
function secondsOf(duration: string): number {
  const [, ...parts] = DURATION.exec(duration) ?? [];
  if (parts.every((part) => part === undefined)) {
    throw new TypeError(`within: ${duration} is no duration such as PT30S or PT2H`);
  }
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
