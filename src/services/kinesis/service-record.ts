import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { appendRecords, recordProblem } from "./append-records.ts";
import { streamDocumentId, streams } from "./documents.ts";
import { parseStreamArn } from "./find-stream.ts";

/** What a service of ours writes to a stream of its own account. */
export interface ServiceRecord {
  readonly data: string;
  readonly partitionKey: string;
}

/**
 * Appends a record to a stream, in the unit of the change that it tells of, whatever the rates. `false`: there is no such stream,
 * or it takes no record of this size.
 */
export async function appendServiceRecord(
  unit: Unit,
  platform: Pick<Platform, "store" | "flow">,
  streamArn: string,
  { data, partitionKey }: ServiceRecord,
): Promise<boolean> {
  const stream = await unit.get(streams, streamDocumentId(parseStreamArn(streamArn)));
  const record = { data, partitionKey, spread: partitionKey };
  if (stream === undefined || recordProblem(stream, record) !== undefined) return false;

  await appendRecords(unit, platform, stream, [record]);
  return true;
}
