import type { AskedServer } from "./asked-server.ts";
import { documentOf } from "./expect-message.ts";
import { failed, find, inspected, isFound, missing, type Pattern, unmatched } from "./matching.ts";
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
 * which record came nearest, and why it did not match.
 */
export async function expectRecord(
  server: AskedServer,
  stream: string,
  wanted: Wanted,
  { since, ...waiting }: RecordWaiting = {},
): Promise<StreamRecord> {
  const what = `a record of the stream ${stream}`;
  if (typeof wanted !== "function") {
    const after = since instanceof Date ? since.toISOString() : since?.sequenceNumber;
    const question = { name: stream, pattern: wanted, since: after };
    const finding = await waitFor(server.clock, waiting, () => find(server, question), isFound);
    if (finding.found) return recordOf(finding.found.candidate as ShownRecord);
    const shown = (candidate: unknown): unknown => recordOf(candidate as ShownRecord);
    throw unmatched({ what, wanted, at: await server.clock.now(), shown }, finding);
  }
  const look = async (): Promise<Look> => {
    const records = await recordsOf(server, stream, since);
    return { records, found: records.find((record) => wanted(record.data, record)) };
  };
  const { records, found } = await waitFor(server.clock, waiting, look, (seen) => seen.found !== undefined);
  if (found !== undefined) return found;
  const told = missing({ what, wanted, at: await server.clock.now() });
  if (records.length === 0) throw failed([told, "There is none at all."]);
  throw failed([told, `There are ${records.length}; the last: ${inspected(records.at(-1))}`]);
}

interface Look {
  readonly records: readonly StreamRecord[];
  readonly found: StreamRecord | undefined;
}

async function recordsOf(server: AskedServer, stream: string, since: RecordWaiting["since"]): Promise<StreamRecord[]> {
  const query = new URLSearchParams({ name: stream, from: "oldest", follow: "false" });
  const records: ShownRecord[] = [];
  for await (const line of server.connection.lines(`live?${query}`)) records.push(JSON.parse(line));
  return records.slice(begin(records, since)).map(recordOf);
}

/** Where what is asked about begins. */
function begin(records: readonly ShownRecord[], since: RecordWaiting["since"]): number {
  if (since === undefined) return 0;
  if (!(since instanceof Date)) return records.findIndex((it) => it.SequenceNumber === since.sequenceNumber) + 1;
  const first = records.findIndex((it) => new Date(it.ApproximateArrivalTimestamp) >= since);
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
