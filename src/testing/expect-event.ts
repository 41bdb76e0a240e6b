import type { AskedServer } from "./asked-server.ts";
import { find, isFound, type Pattern, type Question, sinceOf, unmatched, unwanted } from "./matching.ts";
import { toldOfRules } from "./told-of-target.ts";
import { type Waiting, waitFor } from "./waiting.ts";

/** An event as its bus carries it. */
export interface BusEvent {
  readonly id: string;
  readonly source: string;
  readonly "detail-type": string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: whoever wants it knows what is in it.
  readonly detail: any;
}

export interface EventWaiting extends Waiting {
  /** The name of the event bus. Default: `default`. */
  readonly bus?: string;
  /** Only what came after this event, or, by its `time`, which has whole seconds, at this time or later. Default: all since the start or reset. */
  readonly since?: Pick<BusEvent, "id"> | Date;
}

/**
 * Waits for an event that matches a pattern on a bus, since the server's start or reset, and answers with the first. Throws an
 * `AssertionError` that tells which event came nearest, and why it did not match.
 */
export async function expectEvent(
  server: AskedServer,
  pattern: Pattern,
  { bus = "default", since, ...waiting }: EventWaiting = {},
): Promise<BusEvent> {
  const question = eventOn(bus, pattern, since);
  const finding = await waitFor(server.clock, waiting, () => find(server, question), isFound);
  if (finding.found !== undefined) return finding.found.candidate as BusEvent;
  const wish = { what: `an event on the bus ${bus}`, wanted: pattern, at: await server.clock.now() };
  throw unmatched(wish, finding, await toldOfRules(server, bus));
}

/**
 * Throws an `AssertionError` where an event that matches has come. With a manual clock, once all that was caused has happened and, with
 * `within`, so much time has passed; with a real one only what is there is looked at.
 */
export async function expectNoEvent(
  server: AskedServer,
  pattern: Pattern,
  { bus = "default", since, within = "PT0S" }: EventWaiting = {},
): Promise<void> {
  const question = eventOn(bus, pattern, since);
  const { found } = await waitFor(server.clock, { within }, () => find(server, question), isFound);
  if (found !== undefined) throw unwanted(`event on the bus ${bus}`, pattern, found.candidate);
}

function eventOn(bus: string, pattern: Pattern, since: EventWaiting["since"]): Question {
  return { name: `event-bus/${bus}`, pattern, since: sinceOf(since, "id") };
}
