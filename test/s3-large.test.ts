/**
 * An object that is much larger than the memory that it may take: it goes to disk as it comes, and to the client as it is read. 100 MB;
 * `TRUNKLINE_FULL=1`: 3 GB.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { temporaryFolder } from "./server.ts";

const MIB = 1024 * 1024;
const PIECES = process.env.TRUNKLINE_FULL === "1" ? 3000 : 100;
/** Pieces on their way that nobody has collected yet take some; the object would take all of it. */
const GROWTH_BYTES_MAX = 96 * MIB;

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

test("an object of any size goes in and out with memory flat", async (t) => {
  if (!existsSync("/proc/self/status")) return t.skip("skipped: memory is measured by Linux's /proc");
  const { url, memory } = await start();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const s3 = new S3Client({ endpoint: url, region: "us-east-1", credentials });
  const object = { Bucket: "large", Key: "large.bin" };
  await s3.send(new CreateBucketCommand(object));
  await s3.send(new PutObjectCommand({ ...object, Body: Buffer.alloc(MIB) }));
  const beforeBytes = memory();

  const sent = createHash("md5");
  const pieces = function* (): Generator<Buffer> {
    for (let number = 0; number < PIECES; number++) {
      const piece = Buffer.alloc(MIB, `piece ${number} `);
      sent.update(piece);
      yield piece;
    }
  };
  const etag = await put(await getSignedUrl(s3, new PutObjectCommand(object)), Readable.from(pieces()), PIECES * MIB);
  assert.equal(etag, `"${sent.digest("hex")}"`);
  const afterPutBytes = memory();

  const received = createHash("md5");
  const { Body } = await s3.send(new GetObjectCommand({ ...object, ChecksumMode: undefined }));
  for await (const piece of Body as Readable) received.update(piece);
  assert.equal(`"${received.digest("hex")}"`, etag);
  const growthBytes = memory() - beforeBytes;
  t.diagnostic(
    `${PIECES} MiB: most memory before ${Math.round(beforeBytes / MIB)} MiB, put +${Math.round((afterPutBytes - beforeBytes) / MIB)}, and got +${Math.round(growthBytes / MIB)}`,
  );
  assert.ok(growthBytes < GROWTH_BYTES_MAX, `${growthBytes} bytes more`);
});

function put(url: string, body: Readable, length: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "PUT", headers: { "content-length": length } }, (response) => {
      response.resume().once("end", () => resolve(response.headers.etag));
    });
    sent.once("error", reject);
    body.pipe(sent);
  });
}

/** A server in a process of its own, and the most memory that it has ever had. */
async function start(): Promise<{ url: string; memory: () => number }> {
  const flags = ["--port", "0", "--data", temporaryFolder(), "--log-level", "error"];
  const child: ChildProcess = spawn(process.execPath, [BIN, "start", ...flags], {
    env: { ...process.env, TRUNKLINE_CREDENTIALS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  let output = "";
  for await (const chunk of child.stdout as Readable) {
    output += chunk;
    const [, url] = /ready at (http:\S+)/.exec(output) ?? [];
    if (url !== undefined) return { url, memory: () => mostResidentBytes(child.pid as number) };
  }
  throw new Error(`The server has ended: ${output}`);
}

function mostResidentBytes(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
