import type { AskedServer } from "./asked-server.ts";
import { Finder, type Pattern, unmatched } from "./matching.ts";
import { type Waiting, waitFor } from "./waiting.ts";

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
  waiting: Waiting = {},
): Promise<StreamRecord> {
  const isTest = typeof wanted === "function";
  const finder = Finder.ofDocuments<StreamRecord>(server, isTest ? {} : wanted, ({ data }) => data);
  let records: readonly StreamRecord[] = [];
  const found = await waitFor(server.clock, waiting, async () => {
    records = await recordsOf(server, stream);
    return isTest ? records.find((record) => wanted(record.data, record)) : await finder.find(records, numberOf);
  });
  if (found !== undefined) return found;
  throw unmatched({
    what: `a record of the stream ${stream}`,
    wanted,
    candidates: records,
    nearest: isTest ? undefined : await finder.nearest(records, numberOf),
    at: await server.clock.now(),
  });
}

async function recordsOf(server: AskedServer, stream: string): Promise<readonly StreamRecord[]> {
  const path = `live?${new URLSearchParams({ name: stream, from: "oldest", follow: "false" })}`;
  const records: StreamRecord[] = [];
  for await (const line of server.connection.lines(path)) {
    const { SequenceNumber, PartitionKey, Data } = JSON.parse(line);
    records.push({ sequenceNumber: SequenceNumber, partitionKey: PartitionKey, data: documentOf(Data) });
  }
  return records;
}

function documentOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function numberOf({ sequenceNumber }: StreamRecord): string {
  return sequenceNumber;
}
