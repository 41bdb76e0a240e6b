/**
 * The whole server against clients that break HTTP, or use it to harm: each gets the answer that its service has for it, is logged once and
 * not as a failure of ours, changes nothing, and leaves the server as it was. What of this needs time-outs is with the front door's own tests.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, afterEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { call, sketchOf } from "./model-call.ts";
import { type Answer, type Sketch, sendSigned } from "./signed-request.ts";

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly requestId?: string;
  readonly status?: number;
  readonly errorCode?: string;
}

const WARN = 40;
const MIB = 1024 * 1024;

/** What was logged since the last test. */
let logged: LogLine[] = [];
const onLogged = new Set<() => void>();

const config = readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual"], {
  TRUNKLINE_UNITS_TWICE: process.env.TRUNKLINE_UNITS_TWICE,
});
const app = await startApp(config, {
  log: pino(
    { level: "info" },
    {
      write: (line: string) => {
        logged.push(JSON.parse(line));
        for (const check of onLogged) check();
      },
    },
  ),
});
after(() => app.close());
const { hostname, port } = new URL(app.url);
await call(app.url, "kinesis", "CreateStream", { StreamName: "orders", ShardCount: 1 });
logged = [];

/** Whatever a test did: the server answers, the stream is empty, and nothing was logged as a failure of ours. */
afterEach(async () => {
  const summary = await call(app.url, "kinesis", "DescribeStreamSummary", { StreamName: "orders" });
  assert.equal(summary.StreamDescriptionSummary.StreamStatus, "ACTIVE");
  const from = { StreamName: "orders", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" };
  const { ShardIterator } = await call(app.url, "kinesis", "GetShardIterator", from);
  const { Records } = await call(app.url, "kinesis", "GetRecords", { ShardIterator });
  assert.deepEqual(Records, []);
  assert.deepEqual(
    logged.filter(({ level }) => level >= WARN),
    [],
  );
  logged = [];
});

/** Returns once so many lines are logged. */
async function loggedLines(count: number): Promise<readonly LogLine[]> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = (): void => {
    if (logged.length >= count) resolve();
  };
  onLogged.add(check);
  check();
  await promise;
  onLogged.delete(check);
  return logged;
}

const putRecord = (data: Buffer = Buffer.from("x")): Sketch =>
  sketchOf("kinesis", "PutRecord", { StreamName: "orders", Data: data, PartitionKey: "key" });

/** Sends a signed request that is refused so, and logged once, by its request id. */
async function refused(sketch: Sketch, status: number, code: string): Promise<Answer> {
  const before = logged.length;
  const answer = await sendSigned(app.url, sketch);
  assert.deepEqual([answer.status, answer.code], [status, code], String(answer.body));
  const lines = (await loggedLines(before + 1)).slice(before);
  assert.deepEqual(
    lines.map(({ status, errorCode, msg }) => [status, errorCode, msg]),
    [[status, code, "request refused"]],
  );
  return answer;
}

function open(): Socket {
  const socket = connect(Number(port), hostname);
  // A reset is an end like any other.
  socket.on("error", () => {});
  return socket;
}

/** Writes to a new connection, and gives back what the server says until it closes it. */
async function exchange(...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = open();
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  for (const part of parts) socket.write(part);
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return text;
}

/** How a request is logged that was under way when its body turned out to be broken: as one whose client went away. */
const GONE = 499;

const HOST = `host: ${hostname}:${port}\r\n`;

for (const [what, request, status, loggedAs] of [
  ["words that are no request", "HELLO THERE\r\n\r\n", 400],
  ["a version that does not exist", `GET / HTTP/9.9\r\n${HOST}\r\n`, 400],
  ["a header without a colon", `GET / HTTP/1.1\r\n${HOST}nonsense\r\n\r\n`, 400],
  ["a header with a line break inside", `GET / HTTP/1.1\r\n${HOST}a: b\r\n c\r\n\r\n`, 400],
  ["a header with a NUL", `GET / HTTP/1.1\r\n${HOST}a: \0\r\n\r\n`, 400],
  ["headers without an end", `GET / HTTP/1.1\r\n${HOST}a: ${"x".repeat(200_000)}`, 431],
  ["a negative length", `POST / HTTP/1.1\r\n${HOST}content-length: -1\r\n\r\n`, 400],
  ["two lengths", `POST / HTTP/1.1\r\n${HOST}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, 400],
  [
    "a length and chunks",
    `POST / HTTP/1.1\r\n${HOST}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    "an encoding of transfer that nobody knows",
    `POST / HTTP/1.1\r\n${HOST}transfer-encoding: nothing\r\n\r\nab`,
    400,
    GONE,
  ],
  ["a chunk whose length is none", `POST / HTTP/1.1\r\n${HOST}transfer-encoding: chunked\r\n\r\nxyz\r\n`, 400, GONE],
  ["a method that does not exist", `BREW / HTTP/1.1\r\n${HOST}\r\n`, 400],
  [
    "a TLS greeting",
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0d, 0x0a, 0x0d, 0x0a]),
    400,
  ],
] as readonly (readonly [string, string | Buffer, number, number?])[]) {
  test(`${what}: ${status}, logged once`, async () => {
    const answer = await exchange(request);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    const lines = await loggedLines(1);
    assert.deepEqual(
      lines.map((line) => line.status),
      [loggedAs ?? status],
    );
  });
}

test("a request smuggled behind another one is a request of its own, and unsigned", async () => {
  const inner = `POST / HTTP/1.1\r\n${HOST}x-amz-target: Kinesis_20131202.DeleteStream\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`;
  const answer = await exchange(`POST / HTTP/1.1\r\n${HOST}content-length: 0\r\n\r\n${inner}`);
  assert.equal(answer.match(/MissingAuthenticationToken/g)?.length, 2, answer);
  assert.equal((await loggedLines(2)).length, 2);
});

test("an upload that breaks off in the middle is logged once, and nothing comes of it", async () => {
  const { headers = {}, body = "" } = putRecord(Buffer.alloc(100_000));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST / HTTP/1.1\r\n${HOST}${lines.join("")}content-length: ${body.length}\r\n`;
  const scope = "20260101/us-east-1/kinesis/aws4_request";
  const authorization = `authorization: AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0\r\n\r\n`;
  const socket = open();
  socket.write(head + authorization);
  socket.write(Buffer.from(body as Uint8Array).subarray(0, 1000));
  socket.destroySoon();
  const [line] = await loggedLines(1);
  assert.equal(logged.length, 1);
  assert.ok([499, 400].includes(line?.status ?? 0), JSON.stringify(line));
});

test("connections that say nothing hinder nobody", async () => {
  const idle = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const socket = open();
      await once(socket, "connect");
      return socket;
    }),
  );
  const half = idle.slice(0, 100);
  for (const socket of half) socket.write(`POST / HTTP/1.1\r\n${HOST}content-length: 10\r\n`);
  await call(app.url, "kinesis", "DescribeLimits", {});
  for (const socket of idle) socket.destroy();
  assert.equal((await loggedLines(half.length)).length, half.length);
});

test("a body beyond 20 MiB is refused, and one that is merely too long for its operation in the operation's words", async () => {
  await refused({ ...putRecord(), body: Buffer.alloc(21 * MIB, "x") }, 413, "RequestEntityTooLargeException");
  const tooLarge = putRecord(Buffer.alloc(11 * MIB));
  await refused(tooLarge, 400, "ValidationException");
});

test("what inflates beyond any body is refused, and what is not gzip too", async () => {
  const packed = (body: Buffer, encoding = "gzip"): Sketch => {
    const { headers, ...rest } = putRecord();
    return { ...rest, headers: { ...headers, "content-encoding": encoding }, body };
  };
  const bomb = gzipSync(Buffer.alloc(200 * MIB));
  await refused(packed(bomb), 413, "RequestEntityTooLargeException");
  await refused(packed(bomb.subarray(0, 1000)), 400, "SerializationException");
  await refused(packed(Buffer.from("not packed")), 400, "SerializationException");
  await refused(packed(gzipSync(gzipSync(putRecord().body as Buffer))), 400, "SerializationException");
  await refused(packed(putRecord().body as Buffer, "br"), 415, "UnsupportedMediaTypeException");
});

/** One operation of each protocol, with what its service says of requests it cannot trust. */
const protocols: readonly {
  readonly sketch: Sketch;
  readonly status: number;
  readonly unknownKey: string;
  readonly wrongSignature: string;
}[] = [
  {
    sketch: putRecord(),
    status: 400,
    unknownKey: "UnrecognizedClientException",
    wrongSignature: "InvalidSignatureException",
  },
  {
    sketch: sketchOf("connect", "ListInstances", {}),
    status: 403,
    unknownKey: "UnrecognizedClientException",
    wrongSignature: "InvalidSignatureException",
  },
  {
    sketch: sketchOf("sts", "GetCallerIdentity", {}),
    status: 403,
    unknownKey: "InvalidClientTokenId",
    wrongSignature: "SignatureDoesNotMatch",
  },
  {
    sketch: sketchOf("s3", "ListBuckets", {}),
    status: 403,
    unknownKey: "InvalidAccessKeyId",
    wrongSignature: "SignatureDoesNotMatch",
  },
];

for (const { sketch, status, unknownKey, wrongSignature } of protocols) {
  test(`${sketch.service} refuses unknown keys, wrong secrets and clocks that stand wrong in its own words`, async () => {
    await refused({ ...sketch, accessKeyId: "nobody" }, status, unknownKey);
    await refused({ ...sketch, secretAccessKey: "wrong" }, status, wrongSignature);
    const skewed = sketch.service === "s3" ? "RequestTimeTooSkewed" : wrongSignature;
    for (const hours of [-1, 1]) await refused({ ...sketch, clockOffsetMs: hours * 3_600_000 }, status, skewed);
  });
}

test("our own endpoints refuse what is not for them", async () => {
  const own = (path: string, more: Partial<Sketch> = {}): Sketch => ({
    service: "trunkline",
    path: `/_trunkline/${path}`,
    ...more,
  });
  const status = async (sketch: Sketch): Promise<number> => (await sendSigned(app.url, sketch)).status;
  assert.equal((await fetch(`${app.url}/_trunkline/metrics`)).status, 403);
  assert.equal(await status(own("clock", { accessKeyId: "nobody" })), 403);
  assert.equal(await status(own("clock", { headers: { origin: "http://elsewhere.example" } })), 403);
  for (const body of [
    "",
    "{",
    "[]",
    "null",
    '{"advance":"never"}',
    '{"advance":-1}',
    '{"to":"1999-01-01T00:00:00Z"}',
    '{"advance":"P1D","to":"2099-01-01T00:00:00Z"}',
    '{"advance":"P99999999999D"}',
  ]) {
    assert.equal(await status(own("clock", { body })), 400, body);
  }
  for (const body of [
    "",
    "{",
    "{}",
    "[1]",
    "[null]",
    '[{"source":"x"}]',
    '[{"Source":1,"DetailType":"x","Detail":{}}]',
    `[{"Source":"x","DetailType":"x","Detail":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}]`,
  ]) {
    assert.equal(await status(own("events", { body })), 400, body);
  }
  for (const query of ["name=missing", "", "name=orders&from=yesterday"]) {
    assert.ok([400, 404].includes(await status(own("live", { method: "GET", query }))), query);
  }
  for (const path of ["nothing", "__proto__", "constructor", "clock/", "../kinesis", "%63lock"]) {
    assert.equal(await status(own(path, { method: "GET" })), 404, path);
  }
});
