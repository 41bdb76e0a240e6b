import type { JsonObject } from "../../src/matching/machine.ts";

/** How many events are matched between two looks at the clock, and counted together. */
export const CHUNK_EVENTS = 200;

/** The share of the events that is matched once before the clock runs: a tenth. */
const WARM_UP_DIVISOR = 10;
/** The best of them counts, of every side. */
const PASSES_MIN = 2;

/** What a side found out about itself: the best of its passes over the events. */
export interface Outcome {
  /** Events a second, from their text. */
  readonly perSecond: number;
  /** Events a second that are parsed already, where a side can take such. */
  readonly parsedPerSecond?: number;
  /** Matches in each chunk of events: what all sides must agree on. */
  readonly matches: readonly number[];
}

/** Answers with the number of rules that match. */
export type CountMatches = (event: JsonObject) => number;

/** Passes over the events after a short one to warm up: at least two, the last begun before a quarter of the time is over. */
export function bestPass(texts: readonly string[], count: CountMatches, seconds: number): Outcome {
  pass(texts.slice(0, texts.length / WARM_UP_DIVISOR), count);
  const passes: Required<Outcome>[] = [];
  const endMs = performance.now() + seconds * 250;
  while (passes.length < PASSES_MIN || performance.now() < endMs) passes.push(pass(texts, count));
  return {
    perSecond: Math.max(...passes.map(({ perSecond }) => perSecond)),
    parsedPerSecond: Math.max(...passes.map(({ parsedPerSecond }) => parsedPerSecond)),
    matches: passes[0]?.matches ?? [],
  };
}

/** Matches each chunk of events twice: from their text, and parsed off the clock. */
function pass(texts: readonly string[], count: CountMatches): Required<Outcome> {
  const matches: number[] = [];
  let fromTextMs = 0;
  let parsedMs = 0;
  for (let start = 0; start < texts.length; start += CHUNK_EVENTS) {
    const chunk = texts.slice(start, start + CHUNK_EVENTS);
    let startMs = performance.now();
    let found = 0;
    for (const text of chunk) found += count(JSON.parse(text));
    fromTextMs += performance.now() - startMs;
    matches.push(found);

    const events = chunk.map((text) => JSON.parse(text) as JsonObject);
    startMs = performance.now();
    for (const event of events) found -= count(event);
    parsedMs += performance.now() - startMs;
    if (found !== 0) throw new Error("The same events had other matches the second time");
  }
  return {
    perSecond: (texts.length / fromTextMs) * 1000,
    parsedPerSecond: (texts.length / parsedMs) * 1000,
    matches,
  };
}
