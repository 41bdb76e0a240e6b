/**
 * Asks the archive of contact records for those of contacts that began in a range of days (UTC), both included.
 *
 *   node examples/records-in-s3/query.mjs BUCKET 2026-03-01 2026-03-31
 *
 * Objects lie by the day on which Firehose got the record, so a range of days is a range of keys: only that is read, however large the
 * archive is. (At AWS the same folders are a partitioned table for Athena.)
 */
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { options } from "../contact-centre.mjs";

const PREFIX = "contact-records/";
const DAY_MS = 86_400_000;
const s3 = new S3Client({ ...options, forcePathStyle: true });

/** The records of contacts that began on these days (`2026-03-01`), in order of time. */
export async function findRecords(Bucket, firstDay, lastDay) {
  // A contact is published when it is complete, which may be after midnight, or days later where it is a task.
  const lastKey = folderOf(Date.parse(lastDay) + 8 * DAY_MS);
  const search = { Bucket, Prefix: PREFIX, StartAfter: folderOf(Date.parse(firstDay)) };
  const records = new Map();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, search)) {
    for (const { Key } of Contents) {
      if (Key > lastKey) return inOrder(records);
      for (const record of await readObject(Bucket, Key)) {
        const day = record.InitiationTimestamp.slice(0, 10);
        if (day < firstDay || day > lastDay) continue;
        // A record comes again when something is added to it (an evaluation, say), and may come twice. The latest has everything.
        const known = records.get(record.ContactId);
        if (known && known.LastUpdateTimestamp > record.LastUpdateTimestamp) continue;
        records.set(record.ContactId, record);
      }
    }
  }
  return inOrder(records);
}

/** As the delivery stream names them: `contact-records/2026/03/01/`. */
function folderOf(timeMs) {
  return `${PREFIX}${new Date(timeMs).toISOString().slice(0, 10).replaceAll("-", "/")}/`;
}

async function readObject(Bucket, Key) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const text = gunzipSync(await Body.transformToByteArray()).toString();
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function inOrder(records) {
  return [...records.values()].sort((one, other) => (one.InitiationTimestamp < other.InitiationTimestamp ? -1 : 1));
}

export function printRecords(records) {
  for (const { InitiationTimestamp, CustomerEndpoint, Queue, Agent, DisconnectReason } of records) {
    const agent = Agent ? `${Agent.Username}, ${Agent.AgentInteractionDuration} s` : "nobody";
    console.log(`${InitiationTimestamp}  ${CustomerEndpoint.Address}  ${Queue.Name}  ${agent}  ${DisconnectReason}`);
  }
}

if (import.meta.main) {
  const [bucket, firstDay, lastDay = firstDay] = process.argv.slice(2);
  printRecords(await findRecords(bucket, firstDay, lastDay));
}
