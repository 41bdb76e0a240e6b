/** Files that go to an S3 endpoint outside: another Trunkline, and servers that fail in the ways that endpoints do. */
import assert from "node:assert/strict";
import dns from "node:dns";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, mock, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { ConfigError, readConfig } from "../src/config.ts";
import { type OutsideS3, OutsideS3Error, putOutside, storeFile } from "../src/services/s3/index.ts";
import { SystemWallClock } from "../src/time/clock.ts";
import { analysedChats } from "./analysed-flows.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline, startTrunklineIn } from "./server.ts";

const outside = await startTrunkline();
const inside = await startTrunkline();
const s3 = new S3Client({ ...outside.clientOf("other"), forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: "transcripts" }));
after(() => s3.destroy());

const wall = new SystemWallClock();
const keys = { TRUNKLINE_S3_ACCESS_KEY_ID: "other", TRUNKLINE_S3_SECRET_ACCESS_KEY: "other" };

function configured(flags: readonly string[], environment: Record<string, string> = keys): OutsideS3 {
  const { outsideS3 } = readConfig(flags, environment);
  assert(outsideS3);
  return outsideS3;
}

async function put(to: OutsideS3, key: string, text = "{}", clock: SystemWallClock = wall): Promise<void> {
  const object = { bucket: "transcripts", key, contentType: "application/json", body: Buffer.from(text) };
  await putOutside(to, clock, object);
}

async function failureOf(attempt: Promise<void>): Promise<OutsideS3Error["failure"]> {
  const error = await attempt.then(
    () => assert.fail("It was taken"),
    (error: unknown) => error,
  );
  assert(error instanceof OutsideS3Error, String(error));
  return error.failure;
}

/** A server that answers as told, until the file's tests end. */
async function endpoint(listener: RequestListener): Promise<OutsideS3> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return configured(["--s3-endpoint", `http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
}

/** Hands a request on as it is, under the host name that it was signed for. */
async function passOn(
  method: string | undefined,
  target: URL,
  headers: IncomingHttpHeaders,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const passed = request(target, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.end(body);
  await once(passed, "close");
}

async function read(Key: string): Promise<{ text: string | undefined; type: string | undefined }> {
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: "transcripts", Key }));
  return { text: await Body?.transformToString(), type: ContentType };
}

test("a file arrives whole with its type, and a later one takes its place", async () => {
  const to = configured(["--s3-endpoint", outside.url]);
  await put(to, "2026/11/30/a.json", "first");
  await put(to, "2026/11/30/a.json", "second, längere");
  assert.deepEqual(await read("2026/11/30/a.json"), { text: "second, längere", type: "application/json" });
});

test("any key that a URL can say arrives under that key", async () => {
  const to = configured(["--s3-endpoint", outside.url]);
  const part = fc
    .string({ unit: fc.constantFrom(..."aZ9-_.~ !'()*+,;=:@&$?#%[]|\\^\"<>ü漢😀"), minLength: 1, maxLength: 12 })
    .filter((text) => text !== "." && text !== "..");
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), async (parts) => {
      const key = parts.join("/");
      await put(to, key, key);
      assert.equal((await read(key)).text, key);
    }),
    { numRuns: 60 },
  );
});

test("what a service writes goes there, and what belongs to it is committed once it is there", async () => {
  const answers = [503, 200];
  const fails = await endpoint((request, response) => {
    request.resume().on("end", () => response.writeHead(answers.shift() ?? 200).end());
  });
  const platform = { ...inside.app.platform(), account: "000000000000", region: "us-east-1" };
  const file = { bucket: "transcripts", key: "of/a/service.json", contentType: "application/json", text: "{}" };
  let committed = 0;
  const alongside = async (): Promise<void> => {
    committed += 1;
  };

  assert.equal((await failureOf(storeFile({ ...platform, outsideS3: fails }, file, alongside))).code, "THROTTLING");
  assert.equal(committed, 0);
  await storeFile({ ...platform, outsideS3: fails }, file, alongside);
  assert.ok(committed > 0);

  await storeFile({ ...platform, outsideS3: configured(["--s3-endpoint", outside.url]) }, file, async () => {});
  assert.deepEqual(await read(file.key), { text: "{}", type: "application/json" });
  // Without an endpoint the buckets here count.
  await assert.rejects(
    storeFile(platform, file, async () => {}),
    { code: "NoSuchBucket" },
  );
});

test("transcripts and analyses are kept until the endpoint takes them, and arrive there", async () => {
  let isDown = true;
  const refused: string[] = [];
  const gate = await endpoint((asked, response) => {
    const target = new URL(asked.url ?? "", outside.url);
    if (isDown) {
      refused.push(target.pathname);
      asked.resume().on("end", () => response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>"));
      return;
    }
    const parts: Buffer[] = [];
    asked.on("data", (part: Buffer) => parts.push(part));
    asked.on("end", () => void passOn(asked.method, target, asked.headers, Buffer.concat(parts), response));
  });
  const server = await startTrunklineIn(keys, "--s3-endpoint", gate.endpoint.origin);
  const centre = await openCentre(server);
  const { connect, InstanceId } = centre;
  const agent = await centre.agent("vera");
  await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
  const S3Config = { BucketName: "transcripts", BucketPrefix: "centre" };
  const StorageConfig = { StorageType: "S3", S3Config } as const;
  const storage = { InstanceId, ResourceType: "CHAT_TRANSCRIPTS", StorageConfig } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand(storage));
  const flow = { Name: "analysed", Type: "CONTACT_FLOW", Content: analysedChats(centre.queueId, {}) } as const;
  const { ContactFlowId } = await connect.send(new CreateContactFlowCommand({ InstanceId, ...flow }));
  const contactId = await centre.arrive({ channel: "CHAT", contactFlowId: ContactFlowId });
  await centre.act(agent, "accept", { contactId });
  await centre.customer(contactId, "say", { speaker: "CUSTOMER", text: "My order has not arrived." });
  await centre.customer(contactId, "hang-up");
  await centre.act(agent, "clear", { contactId });
  await server.advance("PT10M");

  const arrived = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "transcripts", Prefix: "centre/" }));
    return Contents.map(({ Key = "" }) => Key.split("/")[1]).sort();
  };
  assert.ok(refused.length > 2, "It was put again and again");
  assert.deepEqual(await arrived(), []);
  isDown = false;
  await server.advance("PT2H");
  assert.deepEqual(await arrived(), ["Analysis", "ChatTranscripts"]);
  connect.destroy();
});

test("the bucket can be named before the host", async (context) => {
  const { port } = new URL(outside.url);
  const to = configured(["--s3-endpoint", `http://localhost:${port}`, "--s3-addressing", "host"]);
  const names: string[] = [];
  const lookup = mock.method(dns, "lookup", (name: string, options: dns.LookupOptions, done: unknown) => {
    names.push(name);
    const address = { address: "127.0.0.1", family: 4 };
    const answer = done as (error: null, ...found: unknown[]) => void;
    if (options.all) answer(null, [address]);
    else answer(null, address.address, address.family);
  });
  context.after(() => lookup.mock.restore());
  await put(to, "by-host.json", "here");
  assert.deepEqual(names, ["transcripts.localhost"]);
  assert.equal((await read("by-host.json")).text, "here");
});

test("an endpoint may lie below a path", async () => {
  const asked: unknown[] = [];
  const to = await endpoint((request, response) => {
    asked.push([request.method, request.url]);
    request.resume().on("end", () => response.end());
  });
  await put({ ...to, endpoint: new URL("/gateway/s3/", to.endpoint) }, "a b.json");
  assert.deepEqual(asked, [["PUT", "/gateway/s3/transcripts/a%20b.json"]]);
});

test("what the endpoint refuses may pass, and the failure says what it said", async () => {
  const wrongSecret = configured(["--s3-endpoint", outside.url], { ...keys, TRUNKLINE_S3_SECRET_ACCESS_KEY: "wrong" });
  const refused = await failureOf(put(wrongSecret, "a.json"));
  assert.deepEqual([refused.code, refused.retryable], ["NO_PERMISSIONS", true]);
  assert.match(refused.message, new RegExp(`^${outside.url} answered 403: SignatureDoesNotMatch, `));

  const to = configured(["--s3-endpoint", outside.url]);
  const object = { bucket: "nowhere", key: "a.json", contentType: "text/plain", body: Buffer.from("") };
  const missing = await failureOf(putOutside(to, wall, object));
  assert.deepEqual([missing.code, missing.retryable], ["NO_RESOURCE", true]);
  assert.match(missing.message, /NoSuchBucket/);

  const otherRegion = configured(["--s3-endpoint", outside.url, "--s3-region", "eu-west-1"]);
  assert.match((await failureOf(put(otherRegion, "a.json"))).message, /AuthorizationHeaderMalformed/);
});

test("an endpoint that is busy, gone, odd or slow fails in a way that may pass", async () => {
  const busy = await endpoint((_, response) => response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>"));
  assert.deepEqual(await failureOf(put(busy, "a.json")), {
    code: "THROTTLING",
    message: `${busy.endpoint.origin} answered 503: SlowDown`,
    retryable: true,
  });

  const elsewhere = await endpoint((_, response) => response.writeHead(307, { location: outside.url }).end());
  assert.deepEqual(await failureOf(put(elsewhere, "a.json")), {
    code: "INVALID_PARAMETER",
    message: `${elsewhere.endpoint.origin} answered 307`,
    retryable: true,
  });

  const breaking = await endpoint((request) => request.socket.destroy());
  assert.deepEqual((await failureOf(put(breaking, "a.json"))).code, "NO_RESOURCE");

  const talkative = await endpoint((_, response) => {
    response.writeHead(500);
    const talk = (): boolean => response.write("x".repeat(65_536)) || response.once("drain", talk) === undefined;
    talk();
    response.on("error", () => {});
  });
  assert.deepEqual((await failureOf(put(talkative, "a.json"))).code, "INTERNAL_ERROR");

  const hurried = new (class extends SystemWallClock {
    override after(delayMs: number, callback: () => void): Disposable {
      return super.after(delayMs / 200, callback);
    }
  })();
  const silent = await endpoint(() => {});
  assert.deepEqual((await failureOf(put(silent, "a.json", "{}", hurried))).code, "TIMEOUT");
  const halting = await endpoint((_, response) => void response.writeHead(500).write("<Error>"));
  assert.deepEqual((await failureOf(put(halting, "a.json", "{}", hurried))).code, "TIMEOUT");

  const gone = configured(["--s3-endpoint", "http://127.0.0.1:1"]);
  assert.deepEqual((await failureOf(put(gone, "a.json"))).code, "NO_RESOURCE");
});

test("a key that would come to lie elsewhere is not sent", async () => {
  const to = configured(["--s3-endpoint", outside.url]);
  for (const key of ["../secrets/a.json", "a/./b", "a/.."]) {
    assert.equal((await failureOf(put(to, key))).retryable, false, key);
  }
});

test("a configuration that cannot work is refused in one line", () => {
  const refused: [readonly string[], Record<string, string>, RegExp][] = [
    [["--s3-endpoint", "https://s3.example.com"], {}, /^--s3-endpoint: needs TRUNKLINE_S3_ACCESS_KEY_ID and /],
    [["--s3-endpoint", "s3.example.com"], keys, /^--s3-endpoint: s3.example.com is no endpoint/],
    [["--s3-endpoint", "ftp://s3.example.com"], keys, /is no endpoint/],
    [["--s3-endpoint", "https://s3.example.com/?a=b"], keys, /is no endpoint/],
    [["--s3-endpoint", "http://10.0.0.7:9000", "--s3-addressing", "host"], keys, /^--s3-addressing: no bucket /],
    [["--s3-endpoint", "http://[::1]:9000", "--s3-addressing", "host"], keys, /^--s3-addressing: no bucket /],
    [
      ["--s3-endpoint", "https://s3.example.com", "--s3-addressing", "dns"],
      keys,
      /^--s3-addressing: dns is not one of/,
    ],
    [["--s3-region", "eu-west-1"], keys, /^--s3-region: says nothing without --s3-endpoint/],
  ];
  for (const [flags, environment, message] of refused) {
    assert.throws(
      () => readConfig(flags, environment),
      (error) => error instanceof ConfigError && message.test(error.message) && !error.message.includes("\n"),
      flags.join(" "),
    );
  }
  assert.equal(readConfig([], keys).outsideS3, undefined);
});
