import type { AskedServer } from "./asked-server.ts";
import { Finder, failed, inspected, type Pattern, unmatched } from "./matching.ts";
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
}

/**
 * Waits for an event that matches a pattern on a bus, since the server's start or reset, and answers with the first. Throws an
 * `AssertionError` that tells which event came nearest, and why it did not match.
 */
export async function expectEvent(
  server: AskedServer,
  pattern: Pattern,
  { bus = "default", ...waiting }: EventWaiting = {},
): Promise<BusEvent> {
  const finder = Finder.ofEvents<BusEvent>(server, pattern);
  let events: readonly BusEvent[] = [];
  const found = await waitFor(server.clock, waiting, async () => {
    events = await eventsOn(server, bus);
    return finder.find(events, idOf);
  });
  if (found !== undefined) return found;
  throw unmatched({
    what: `an event on the bus ${bus}`,
    wanted: pattern,
    candidates: events,
    nearest: await finder.nearest(events, idOf),
    at: await server.clock.now(),
  });
}

/**
 * Throws an `AssertionError` where an event that matches has come. With a manual clock, once all that was caused has happened and, with
 * `within`, so much time has passed; with a real one only what is there is looked at.
 */
export async function expectNoEvent(
  server: AskedServer,
  pattern: Pattern,
  { bus = "default", within = "PT0S" }: EventWaiting = {},
): Promise<void> {
  const finder = Finder.ofEvents<BusEvent>(server, pattern);
  const found = await waitFor(server.clock, { within }, async () => finder.find(await eventsOn(server, bus), idOf));
  if (found === undefined) return;
  throw failed(`No event on the bus ${bus} was to match ${inspected(pattern)}, and this does: ${inspected(found)}`);
}

async function eventsOn(server: AskedServer, bus: string): Promise<readonly BusEvent[]> {
  const path = `live?${new URLSearchParams({ name: `event-bus/${bus}`, from: "oldest", follow: "false" })}`;
  const events: BusEvent[] = [];
  for await (const line of server.connection.lines(path)) events.push(JSON.parse(line));
  return events;
}

function idOf({ id }: BusEvent): string {
  return id;
}
