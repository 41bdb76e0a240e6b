import type { AskedServer } from "./asked-server.ts";
import { documentOf } from "./expect-message.ts";
import { failed, find, inspected, isFound, missing, type Pattern, sinceOf, unmatched, unwanted } from "./matching.ts";
import { toldOfTarget } from "./told-of-target.ts";
import { type Waiting, waitFor } from "./waiting.ts";

export interface RecordWaiting extends Waiting {
  /** Only what came after this record, or at this time or later. Default: all since the start or reset. */
  readonly since?: Pick<StreamRecord, "sequenceNumber"> | Date;
}

/** A record of a Kinesis stream. */
// biome-ignore lint/suspicious/noExplicitAny: whoever wants it knows what is in it.
export interface StreamRecord<T = any> {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** What its data say: the document where they are JSON, else the text; bytes that are no text in base64. */
  readonly data: T;
}

/** What a record is to be like: a pattern in EventBridge's language of its document, or a function of it. */
// biome-ignore lint/suspicious/noExplicitAny: whoever wants it knows what is in it.
export type Wanted = Pattern | ((data: any, record: StreamRecord) => boolean);

/**
 * Waits for a record of a Kinesis stream, by its name, that is as wanted, and answers with the first. Throws an `AssertionError` that tells
 * which record came nearest and why it did not match, and what is set up to send to the stream: rules and event triggers with what they made of
 * what they saw last.
 */
export async function expectRecord(
  server: AskedServer,
  stream: string,
  wanted: Wanted,
  { since, ...waiting }: RecordWaiting = {},
): Promise<StreamRecord> {
  const { found, told } = await lookFor(server, { stream, wanted, after: sinceOf(since, "sequenceNumber") }, waiting);
  if (found !== undefined) return found;
  throw told(await server.clock.now(), await toldOfTarget(server, stream));
}

/**
 * Throws an `AssertionError` where a record that is as wanted has come. With a manual clock, once all that was caused has happened and, with
 * `within`, so much time has passed; with a real one only what is there is looked at, or what comes `within`.
 */
export async function expectNoRecord(
  server: AskedServer,
  stream: string,
  wanted: Wanted,
  { since, within = "PT0S" }: RecordWaiting = {},
): Promise<void> {
  const { found } = await lookFor(server, { stream, wanted, after: sinceOf(since, "sequenceNumber") }, { within });
  if (found !== undefined) throw unwanted(`record of the stream ${stream}`, wanted, found);
}

interface Search {
  readonly stream: string;
  readonly wanted: Wanted;
  /** A sequence number or a time. */
  readonly after: string | undefined;
}

interface Result {
  readonly found: StreamRecord | undefined;
  /** What a test prints where it is missing. */
  told(at: Date, more: readonly string[]): Error;
}

async function lookFor(server: AskedServer, { stream, wanted, after }: Search, waiting: Waiting): Promise<Result> {
  const what = `a record of the stream ${stream}`;
  if (typeof wanted !== "function") {
    const question = { name: stream, pattern: wanted, since: after };
    const finding = await waitFor(server.clock, waiting, () => find(server, question), isFound);
    const shown = (candidate: unknown): unknown => recordOf(candidate as ShownRecord);
    return {
      found: finding.found && recordOf(finding.found.candidate as ShownRecord),
      told: (at, more) => unmatched({ what, wanted, at, shown }, finding, more),
    };
  }
  const look = async (): Promise<{ readonly records: readonly StreamRecord[]; readonly found?: StreamRecord }> => {
    const records = await recordsOf(server, stream, after);
    const found = records.find((record) => wanted(record.data, record));
    return { records, ...(found && { found }) };
  };
  const { records, found } = await waitFor(server.clock, waiting, look, (seen) => seen.found !== undefined);
  const last = records.at(-1);
  const there =
    last === undefined ? "There is none at all." : `There are ${records.length}; the last: ${inspected(last)}`;
  return { found, told: (at, more) => failed([missing({ what, wanted, at }), there, ...more]) };
}

async function recordsOf(server: AskedServer, stream: string, after: string | undefined): Promise<StreamRecord[]> {
  const query = new URLSearchParams({ name: stream, from: "oldest", follow: "false" });
  const records: ShownRecord[] = [];
  for await (const line of server.connection.lines(`live?${query}`)) records.push(JSON.parse(line));
  return records.slice(begin(records, after)).map(recordOf);
}

/** Where what is asked about begins. */
function begin(records: readonly ShownRecord[], after: string | undefined): number {
  if (after === undefined) return 0;
  const at = records.findIndex(({ SequenceNumber }) => SequenceNumber === after);
  if (at >= 0) return at + 1;
  const time = new Date(after);
  const first = records.findIndex((it) => new Date(it.ApproximateArrivalTimestamp) >= time);
  return first < 0 ? records.length : first;
}

interface ShownRecord {
  readonly SequenceNumber: string;
  readonly PartitionKey: string;
  readonly Data: string;
  readonly ApproximateArrivalTimestamp: string;
}

function recordOf({ SequenceNumber, PartitionKey, Data }: ShownRecord): StreamRecord {
  return { sequenceNumber: SequenceNumber, partitionKey: PartitionKey, data: documentOf(Data) };
}
