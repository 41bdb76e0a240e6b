/**
 * Objects put and got, of 1 KB and of 64 MB, against what the disk alone takes: a file that is written, synced and moved to its place by
 * plain Node, and one that is read. Both with the same number at once, in processes of their own.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Figures, median, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

interface Case {
  readonly name: string;
  readonly bytes: number;
  readonly atOnce: number;
  /** How many files or objects are written over and read, in turn. */
  readonly keys: number;
}

const CASES: readonly Case[] = [
  { name: "1 KB", bytes: 1024, atOnce: 16, keys: 100 },
  { name: "64 MB", bytes: 64 * 1024 * 1024, atOnce: 1, keys: 4 },
];

const Bucket = "bench";

export async function run(): Promise<void> {
  for (const each of CASES) {
    const { name, atOnce } = each;
    const body = randomBytes(each.bytes);
    const figures = await rounds([
      { name: "plain files", run: () => plainFiles(body, each) },
      { name: "Trunkline", run: () => objects(body, each) },
    ]);
    const [files, ours] = [figures.get("plain files"), figures.get("Trunkline")];
    const row = (what: "puts" | "gets"): string[] => [
      what,
      spread(files, what, 1),
      spread(ours, what, 1),
      (median(ours, what) / median(files, what)).toFixed(2),
    ];
    printTable(`${name}, ${atOnce} at once`, [["", "plain files/s", "objects/s", "ratio"], row("puts"), row("gets")]);
    console.log(
      `  CPU time of the server for a put ${spread(ours, "putCpuMs", 2)} ms, for a get ${spread(ours, "getCpuMs", 2)} ms`,
    );
  }
}

function plainFiles(body: Buffer, { atOnce, keys }: Case): Promise<Figures> {
  return withDataFolder(async (folder) => {
    await mkdir(join(folder, "files"));
    const write = async (number: number): Promise<void> => {
      const draft = join(folder, `draft-${number}`);
      {
        await using file = await open(draft, "w");
        await file.writeFile(body);
        await file.sync();
      }
      await rename(draft, join(folder, "files", String(number % keys)));
    };
    const read = async (number: number): Promise<void> => {
      await using file: FileHandle = await open(join(folder, "files", String(number % keys)), "r");
      for await (const _ of file.createReadStream({ autoClose: false }));
    };
    const puts = await perSecond(atOnce, write);
    await fill(keys, write);
    return { puts: puts.perSecond, gets: (await perSecond(atOnce, read)).perSecond };
  });
}

function objects(body: Buffer, { atOnce, keys }: Case): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client: S3ClientConfig = { endpoint: server.url, region: "us-east-1", credentials };
    const s3 = new S3Client(client);
    await s3.send(new CreateBucketCommand({ Bucket }));
    // Presigned, so that the client signs and sums nothing while it is measured.
    const urls = (make: (Key: string) => PutObjectCommand | GetObjectCommand): Promise<string[]> =>
      Promise.all(Array.from({ length: keys }, (_, key) => getSignedUrl(s3, make(String(key)) as GetObjectCommand)));
    const putUrls = await urls((Key) => new PutObjectCommand({ Bucket, Key }));
    const getUrls = await urls((Key) => new GetObjectCommand({ Bucket, Key }));
    const put = (number: number): Promise<void> => send("PUT", putUrls[number % keys] as string, body);
    const get = (number: number): Promise<void> => send("GET", getUrls[number % keys] as string);
    const usage = async (): Promise<number> => {
      const { promise, resolve } = Promise.withResolvers<{ cpuMs: number }>();
      server.child.once("message", (message) => resolve(message as { cpuMs: number }));
      server.child.send("usage");
      return (await promise).cpuMs;
    };
    const measured = async (act: (number: number) => Promise<void>) => {
      const beforeMs = await usage();
      const { perSecond: rate, count } = await perSecond(atOnce, act);
      return { rate, cpuMs: ((await usage()) - beforeMs) / count };
    };
    const puts = await measured(put);
    await fill(keys, put);
    const gets = await measured(get);
    await server.stop();
    return { puts: puts.rate, gets: gets.rate, putCpuMs: puts.cpuMs, getCpuMs: gets.cpuMs };
  });
}

/** All keys are there. */
async function fill(keys: number, write: (number: number) => Promise<void>): Promise<void> {
  for (let number = 0; number < keys; number++) await write(number);
}

/** Acts so many times at once for `SECONDS`. */
async function perSecond(
  atOnce: number,
  act: (number: number) => Promise<void>,
): Promise<{ perSecond: number; count: number }> {
  let count = 0;
  const startMs = performance.now();
  const endMs = startMs + SECONDS * 1000;
  const work = async (): Promise<void> => {
    while (performance.now() < endMs) await act(count++);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { perSecond: (count * 1000) / (performance.now() - startMs), count };
}

function send(method: string, url: string, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-length": body?.length ?? 0 };
    const sent = request(url, { method, headers }, (response) => {
      response.resume().once("error", reject);
      response.once("end", () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`${method}: ${response.statusCode}`)),
      );
    });
    sent.once("error", reject).end(body);
  });
}
