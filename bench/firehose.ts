/**
 * A delivery stream: PutRecordBatch of 500 records of 1 KB, durable, held against PutRecords of the same to a Kinesis stream; and how fast such
 * records come to be objects of 5 MB in S3, held against plain Node that writes, syncs and moves files of that size.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { type Figures, median, printBudget, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";
import { call, load, signedCall } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";

const SIZE = 500;
const DATA = Buffer.from("contact-centre event ".repeat(49).slice(0, 1024));
const Data = DATA.toString("base64");
const CONNECTIONS = 8;
const OBJECT_MIB = 5;
const MIB = 1024 * 1024;
const Bucket = "bench";

export async function run(): Promise<void> {
  const sides: readonly Side[] = [
    { name: "PutRecords", run: () => withServer(putRecords) },
    { name: "PutRecordBatch", run: () => withServer(putRecordBatch) },
    { name: "plain files", run: plainFiles },
  ];
  const figures = await rounds(sides);
  const [kinesis, firehose, files] = sides.map(({ name }) => figures.get(name));
  const accepted = median(firehose, "recordsPerSecond") / median(kinesis, "recordsPerSecond");
  const put = (median(firehose, "recordsPerSecond") * DATA.length) / MIB;
  const delivered = median(firehose, "mibPerSecond");
  printTable(`Records of 1 KB, ${SIZE} a request, durable, ${CONNECTIONS} connections`, [
    ["", "records/s", "MiB/s in files or objects"],
    ["PutRecords", spread(kinesis, "recordsPerSecond"), ""],
    ["PutRecordBatch", spread(firehose, "recordsPerSecond"), spread(firehose, "mibPerSecond", 1)],
    ["plain files", "", spread(files, "mibPerSecond", 1)],
  ]);
  printBudget("PutRecordBatch against PutRecords", accepted, { atLeast: 0.5 });
  printBudget("MiB/s put and delivered against MiB/s put", delivered / put, { atLeast: 0.5 });
  console.log(`  against plain files ${(delivered / median(files, "mibPerSecond")).toFixed(3)}`);
}

function withServer(measure: (server: ServerProcess) => Promise<Figures>): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const figures = await measure(server);
    await server.stop();
    return figures;
  });
}

async function putRecords({ url }: ServerProcess): Promise<Figures> {
  await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 1 });
  const Records = Array.from({ length: SIZE }, (_, at) => ({ PartitionKey: `contact-${at}`, Data }));
  const request = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecords", { StreamName: "bench", Records });
  const { perSecond } = await load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
  return { recordsPerSecond: perSecond * SIZE };
}

/** Objects are written beside the puts; those that are not by the end count with the time that they still take. */
async function putRecordBatch({ url }: ServerProcess): Promise<Figures> {
  const s3 = new S3Client({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  await s3.send(new CreateBucketCommand({ Bucket }));
  const stream = { DeliveryStreamName: "bench" };
  await call(url, "firehose", "Firehose_20150804.CreateDeliveryStream", {
    ...stream,
    S3DestinationConfiguration: {
      RoleARN: "arn:aws:iam::000000000000:role/firehose",
      BucketARN: `arn:aws:s3:::${Bucket}`,
      BufferingHints: { SizeInMBs: OBJECT_MIB, IntervalInSeconds: 900 },
    },
  });
  const Records = Array.from({ length: SIZE }, () => ({ Data }));
  const request = await signedCall(url, "firehose", "Firehose_20150804.PutRecordBatch", { ...stream, Records });
  const beganMs = performance.now();
  const { perSecond } = await load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
  // What is left belongs to the last object.
  const owed = Math.floor((perSecond * SECONDS * SIZE * DATA.length) / (OBJECT_MIB * MIB)) * OBJECT_MIB * MIB;
  let stored = 0;
  while (stored < owed * 0.98) {
    stored = await bytesIn(s3);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = (performance.now() - beganMs) / 1000;
  return { recordsPerSecond: perSecond * SIZE, mibPerSecond: stored / MIB / seconds };
}

async function bytesIn(s3: S3Client): Promise<number> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.reduce((sum, { Size = 0 }) => sum + Size, 0);
}

function plainFiles(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    await mkdir(join(folder, "files"));
    const body = randomBytes(OBJECT_MIB * MIB);
    const beganMs = performance.now();
    let files = 0;
    for (; performance.now() < beganMs + SECONDS * 1000; files += 1) {
      const draft = join(folder, "draft");
      {
        await using file = await open(draft, "w");
        await file.writeFile(body);
        await file.sync();
      }
      await rename(draft, join(folder, "files", String(files)));
    }
    return { mibPerSecond: (files * OBJECT_MIB * 1000) / (performance.now() - beganMs) };
  });
}
