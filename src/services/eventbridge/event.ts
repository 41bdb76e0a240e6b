/** An event as it is delivered, read back from a bus log. */
export interface BusEvent {
  readonly version: string;
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  /** Of an event that comes again out of an archive. */
  readonly "replay-name"?: string;
}

export interface NewEvent {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  /** Of who sends: it need not be the bus's account. */
  readonly account: string;
  readonly region: string;
  readonly timeMs: number;
  readonly resources: readonly string[];
  /** A JSON object as compact text. */
  readonly detail: string;
}

/**
 * The event as text, compact and with its keys in the documented order: some compare events as strings.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export function eventText({ id, source, detailType, account, region, timeMs, resources, detail }: NewEvent): string {
  // Assembled by hand: the detail is text already, and is by far the longest part.
  return (
    `{"version":"0","id":"${id}","detail-type":${JSON.stringify(detailType)},"source":${JSON.stringify(source)},` +
    `"account":"${account}","time":"${eventTime(timeMs)}","region":"${region}",` +
    `"resources":${JSON.stringify(resources)},"detail":${detail}}`
  );
}

/** What an event's `time` can say, with a year of four digits. */
export const TIME_MS_MIN: number = Date.parse("0000-01-01T00:00:00Z");
export const TIME_MS_MAX: number = Date.parse("9999-12-31T23:59:59Z");

/** Whole seconds, rounded down. */
function eventTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -".000Z".length)}Z`;
}

/**
 * How many buses an event has been sent on by before it came to this one. It travels in the key of its log entry, since the
 * event itself must not tell it.
 */
export function hopsOf(entryKey: string): number {
  return Number(HOP_KEY.exec(entryKey)?.[1] ?? 0);
}

/** The key of an event that a rule sends on to another bus. */
export function keyOfNextHop(entryKey: string, event: BusEvent): string {
  return `hop-${hopsOf(entryKey) + 1}:${event.id}`;
}

const HOP_KEY = /^hop-(\d+):/;

const SCHEDULED = "schedule:";

/** The key of the event that a rule's schedule puts on the bus. */
export function keyOfScheduled(ruleName: string): string {
  return SCHEDULED + ruleName;
}

/** The name of the rule whose schedule an event comes from. */
export function scheduledRule(entryKey: string): string | undefined {
  return entryKey.startsWith(SCHEDULED) ? entryKey.slice(SCHEDULED.length) : undefined;
}
