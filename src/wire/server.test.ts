import assert from "node:assert/strict";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import test, { type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { Sha256Node } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { ModeledError } from "../models/modeled-error.ts";
import type { StreamingPayload } from "../models/streaming-payload.ts";
import { SystemWallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { DEFAULT_CREDENTIAL } from "./credentials.ts";
import { type FinishedRequest, type PlainHandler, startServer, type WireOptions, type WireServer } from "./index.ts";

interface Door extends WireServer {
  readonly finished: FinishedRequest[];
  /** Returns once so many requests are finished. */
  finishedCount(count: number): Promise<void>;
}

async function openDoor(t: TestContext, options: Partial<WireOptions> = {}): Promise<Door> {
  const finished: FinishedRequest[] = [];
  const waiting = new Set<() => void>();
  const server = await startServer({
    host: "127.0.0.1",
    port: 0,
    wall: new SystemWallClock(),
    ids: new SeededIds("door"),
    findCredential: (id) => (id === "test" ? DEFAULT_CREDENTIAL : undefined),
    findHandler: async () => async () => ({}),
    onFinished: (request) => {
      finished.push(request);
      for (const check of waiting) check();
    },
    ...options,
  });
  t.after(() => server.close(0));
  const finishedCount = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (finished.length < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { ...server, finished, finishedCount };
}

interface Sketch {
  readonly method?: string;
  readonly path?: string;
  readonly service?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** Headers of a signed request, as an SDK sends them. */
async function signedHeaders(door: Door, sketch: Sketch): Promise<Record<string, string>> {
  const { method = "POST", path = "/", service = "kinesis", headers = {}, body = "" } = sketch;
  const credentials = DEFAULT_CREDENTIAL;
  const signer = new SignatureV4({ service, region: "us-east-1", credentials, sha256: Sha256Node });
  const [pathname = "", query = ""] = path.split("?");
  const request = {
    method,
    protocol: "http:",
    hostname: "127.0.0.1",
    path: pathname,
    query: Object.fromEntries(new URLSearchParams(query)),
    headers: { host: `127.0.0.1:${door.port}`, ...headers },
    body,
  };
  return (await signer.sign(request)).headers;
}

async function signedRequest(door: Door, sketch: Sketch): Promise<Buffer> {
  const headers = { ...(await signedHeaders(door, sketch)), "content-length": Buffer.byteLength(sketch.body ?? "") };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`${sketch.method ?? "POST"} ${sketch.path ?? "/"} HTTP/1.1\r\n${lines.join("")}\r\n`),
    Buffer.from(sketch.body ?? ""),
  ]);
}

const target = (operation: string): Record<string, string> => ({
  "x-amz-target": `Kinesis_20131202.${operation}`,
  "content-type": "application/x-amz-json-1.1",
});
const LIST_STREAMS = { headers: target("ListStreams"), body: "{}" };

function open(t: TestContext, door: Door): Socket {
  const socket = connect(door.port, "127.0.0.1");
  t.after(() => socket.destroy());
  return socket;
}

/** All that the server says until it closes the connection. */
async function said(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  // A reset after the answer is an end like any other.
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

/** Writes to a new connection and gives back all that the server says. */
async function exchange(t: TestContext, door: Door, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = open(t, door);
  for (const part of parts) socket.write(part);
  return said(socket);
}

async function call(door: Door, sketch: Sketch): Promise<{ status: number; headers: Headers; json: unknown }> {
  const headers = await signedHeaders(door, sketch);
  const method = sketch.method ?? "POST";
  const response = await fetch(`${door.url}${sketch.path ?? "/"}`, {
    method,
    headers,
    ...(method !== "GET" && method !== "HEAD" && { body: sketch.body ?? "" }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === "" ? undefined : JSON.parse(text) };
}

const CLOSE = "connection: close\r\n";
const withClose = (request: Buffer): Buffer => Buffer.from(String(request).replace("\r\n", `\r\n${CLOSE}`));

test("a request goes through signature, route, validation and handler, and is told once", async (t) => {
  const calls: unknown[] = [];
  const door = await openDoor(t, {
    findHandler: async (model, operation) => async (input, caller) => {
      const { signal, ...rest } = caller;
      calls.push({ model, operation, input, ...rest, aborted: signal.aborted });
      return { StreamNames: ["a"], HasMoreStreams: false };
    },
  });
  const { status, headers, json } = await call(door, {
    headers: target("ListStreams"),
    body: '{"Limit":1,"Unknown":2}',
  });
  assert.deepEqual([status, json], [200, { StreamNames: ["a"], HasMoreStreams: false }]);
  const requestId = headers.get("x-amzn-requestid") as string;
  assert.match(requestId, /^[0-9a-f-]{36}$/);
  assert.ok(Date.parse(headers.get("date") as string) > 0);
  const account = "000000000000";
  assert.deepEqual(calls, [
    {
      model: "kinesis",
      operation: "ListStreams",
      input: { Limit: 1 },
      account,
      region: "us-east-1",
      accessKeyId: "test",
      principalArn: "arn:aws:iam::000000000000:root",
      sourceIp: "127.0.0.1",
      requestId,
      aborted: false,
    },
  ]);
  await door.finishedCount(1);
  const [{ durationMs, call: heard, ...finished }] = door.finished as [FinishedRequest];
  assert.ok(durationMs > 0);
  assert.deepEqual(finished, { requestId, model: "kinesis", operation: "ListStreams", account, status: 200 });
  assert.deepEqual(heard?.input, { Limit: 1 });
});

test("bad input gets its error also where the operation is not built, and good input is told so by name", async (t) => {
  const door = await openDoor(t, { findHandler: async () => undefined });
  const bad = await call(door, { headers: target("CreateStream"), body: "{}" });
  assert.equal(bad.status, 400);
  assert.match(JSON.stringify(bad.json), /ValidationException/);
  const good = await call(door, { headers: target("CreateStream"), body: '{"StreamName":"a"}' });
  assert.equal(good.status, 501);
  assert.deepEqual(good.json, {
    __type: "NotImplementedException",
    message: "Kinesis CreateStream is not built in this version of Trunkline.",
  });
});

test("what a handler throws becomes the service's error, and our own faults say nothing of themselves", async (t) => {
  const errors = [new ModeledError("ResourceNotFoundException", "Stream a not found."), new Error("secret detail")];
  const door = await openDoor(t, {
    findHandler: async () => async () => {
      throw errors.shift();
    },
  });
  const modeled = await call(door, LIST_STREAMS);
  assert.deepEqual(
    [modeled.status, modeled.json],
    [400, { __type: "ResourceNotFoundException", message: "Stream a not found." }],
  );
  const ours = await call(door, LIST_STREAMS);
  assert.equal(ours.status, 500);
  assert.doesNotMatch(JSON.stringify(ours.json), /secret/);
  await door.finishedCount(2);
  assert.deepEqual(
    door.finished.map(({ errorCode, error }) => [errorCode, (error as Error | undefined)?.message]),
    [
      ["ResourceNotFoundException", undefined],
      ["InternalFailure", "secret detail"],
    ],
  );
});

test("the authorizer is asked once the input is known to be good, and before the handler", async (t) => {
  const asked: unknown[] = [];
  const door = await openDoor(t, {
    findHandler: async () => () => assert.fail("called"),
    authorize: async ({ account }, ...rest) => {
      asked.push([account, ...rest]);
      throw new ModeledError("AccessDeniedException", "No.");
    },
  });
  assert.equal((await call(door, { headers: target("CreateStream"), body: "{}" })).status, 400);
  const denied = await call(door, LIST_STREAMS);
  assert.match(JSON.stringify(denied.json), /AccessDeniedException/);
  assert.deepEqual(asked, [["000000000000", "kinesis", "ListStreams", {}]]);
});

test("what cannot be found is refused in the style of its service", async (t) => {
  const door = await openDoor(t);
  const cases: [Sketch, number, RegExp][] = [
    [{ headers: target("NoSuchOperation") }, 400, /"__type":"UnknownOperationException"/],
    [{ headers: target("toString") }, 400, /"__type":"UnknownOperationException"/],
    [{ headers: { "x-amz-target": "Nobody.ListStreams" } }, 400, /"__type":"UnknownOperationException"/],
    [{}, 400, /"__type":"UnknownOperationException"/],
    [
      { headers: { "x-amz-target": "AWSEvents.ListRules" } },
      400,
      /Credential should be scoped to correct service: 'events'/,
    ],
    [{ service: "connect", path: "/no/such/path" }, 404, /No operation has this path/],
    [{ service: "connect", path: "/tags/x", method: "PATCH" }, 405, /PATCH is not allowed/],
    [
      { service: "dynamodb", headers: { "x-amz-target": "DynamoDB_20120810.ListTables" } },
      501,
      /The service dynamodb is not built/,
    ],
    [{ service: "glacier", path: "/a" }, 501, /The service glacier is not built/],
  ];
  for (const [sketch, status, text] of cases) {
    const answer = await call(door, sketch);
    assert.deepEqual([answer.status, sketch], [status, sketch]);
    assert.match(JSON.stringify(answer.json), text);
  }
});

test("services that share a signing name are told apart by their paths", async (t) => {
  const found: string[] = [];
  const door = await openDoor(t, {
    findHandler: async (model, operation) => {
      found.push(`${model} ${operation}`);
      return undefined;
    },
  });
  const instance = "11111111-1111-4111-8111-111111111111";
  await call(door, { service: "connect", method: "GET", path: `/instance/${instance}` });
  await call(door, {
    service: "connect",
    path: "/realtime-contact-analysis/analysis-segments",
    body: JSON.stringify({ InstanceId: instance, ContactId: instance }),
    headers: { "content-type": "application/json" },
  });
  const domain = { path: "/domains/abc", headers: { "content-type": "application/json" } };
  await call(door, { service: "cases", ...domain });
  await call(door, { service: "profile", ...domain, body: '{"DefaultExpirationDays":1}' });
  assert.deepEqual(found, [
    "connect DescribeInstance",
    "connect-contact-lens ListRealtimeContactAnalysisSegments",
    "connectcases GetDomain",
    "customer-profiles CreateDomain",
  ]);
});

test("unsigned requests are refused, but for operations that carry their own token", async (t) => {
  const callers: unknown[] = [];
  const door = await openDoor(t, {
    findHandler:
      async (_model, operation) =>
      async (_input, { account, accessKeyId }) => {
        callers.push([operation, account, accessKeyId]);
        return {};
      },
  });
  const post = async (path: string, headers: Record<string, string>, body = ""): Promise<[number, string]> => {
    const response = await fetch(door.url + path, { method: "POST", headers, body });
    return [response.status, await response.text()];
  };
  const [rpcStatus, rpcText] = await post("/", target("ListStreams"));
  assert.equal(rpcStatus, 400);
  assert.match(rpcText, /"__type":"MissingAuthenticationTokenException"/);
  const [restStatus, restText] = await post("/instance", {});
  assert.equal(restStatus, 403);
  assert.match(restText, /Missing Authentication Token/);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const [queryStatus, queryText] = await post("/", form, "Action=GetCallerIdentity&Version=2011-06-15");
  assert.equal(queryStatus, 403);
  assert.match(queryText, /<Code>MissingAuthenticationToken<\/Code>/);

  const json = { "content-type": "application/json", "x-amz-bearer": "token" };
  assert.equal((await post("/participant/disconnect", json, '{"ClientToken":"a"}'))[0], 200);
  assert.equal((await post("/participant/nothing", json))[0], 403);
  const web =
    "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::000000000000:role/a&RoleSessionName=abc&WebIdentityToken=abcd";
  assert.equal((await post("/", form, web))[0], 200);
  assert.deepEqual(callers, [
    ["DisconnectParticipant", "", ""],
    ["AssumeRoleWithWebIdentity", "", ""],
  ]);
});

test("a browser at the root is sent to the console", async (t) => {
  const door = await openDoor(t);
  const response = await fetch(door.url, { headers: { accept: "text/html,*/*" }, redirect: "manual" });
  assert.deepEqual([response.status, response.headers.get("location")], [302, "/_trunkline/console/"]);
  assert.equal((await fetch(door.url)).status, 403);
});

test("plain routes come first, verify signatures when they want, and stream", async (t) => {
  const handler: PlainHandler = async (request) => {
    switch (request.path) {
      case "/_trunkline/open":
        return { status: 200, headers: { "content-type": "text/plain" }, body: `${request.method} ${request.query}` };
      case "/_trunkline/signed": {
        const { account } = await request.verify();
        return { status: 200, body: JSON.stringify({ account, body: String(await request.body()) }) };
      }
      case "/_trunkline/live":
        return {
          status: 200,
          headers: { "content-type": "text/event-stream" },
          body: (async function* () {
            yield "data: 1\n\n";
            yield Buffer.from("data: 2\n\n");
          })(),
        };
      case "/_trunkline/bad":
        throw new ModeledError("BadThing", "That is bad.");
      default:
        throw new Error("secret detail");
    }
  };
  const door = await openDoor(t, { plainRoute: ({ path }) => (path.startsWith("/_trunkline/") ? handler : undefined) });

  assert.equal(await (await fetch(`${door.url}/_trunkline/open?a=b`)).text(), "GET a=b");
  assert.equal((await fetch(`${door.url}/_trunkline/signed`)).status, 403);
  const signed = await call(door, { service: "trunkline", path: "/_trunkline/signed", body: "text" });
  assert.deepEqual(signed.json, { account: "000000000000", body: "text" });
  assert.equal(await (await fetch(`${door.url}/_trunkline/live`)).text(), "data: 1\n\ndata: 2\n\n");
  const bad = await fetch(`${door.url}/_trunkline/bad`);
  assert.deepEqual([bad.status, await bad.json()], [400, { code: "BadThing", message: "That is bad." }]);
  const broken = await fetch(`${door.url}/_trunkline/broken`);
  assert.equal(broken.status, 500);
  assert.doesNotMatch(await broken.text(), /secret/);
});

test("requests may be pipelined, and are answered in order", async (t) => {
  let count = 0;
  const door = await openDoor(t, {
    findHandler: async () => async () => ({ StreamNames: [String(++count)], HasMoreStreams: false }),
  });
  const request = await signedRequest(door, LIST_STREAMS);
  const refused = Buffer.from("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  const text = await exchange(t, door, Buffer.concat([request, request, refused, withClose(request)]));
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+|"StreamNames":\["\d"\]/g), [
    "HTTP/1.1 200",
    '"StreamNames":["1"]',
    "HTTP/1.1 200",
    '"StreamNames":["2"]',
    "HTTP/1.1 403",
    "HTTP/1.1 200",
    '"StreamNames":["3"]',
  ]);
});

test("a request may come one byte at a time", async (t) => {
  const door = await openDoor(t);
  const socket = open(t, door).setNoDelay(true);
  const answer = said(socket);
  for (const byte of withClose(await signedRequest(door, LIST_STREAMS))) {
    await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
  }
  assert.match(await answer, /^HTTP\/1\.1 200 /);
});

test("what is not HTTP is answered with 400 and harms nobody", async (t) => {
  const door = await openDoor(t);
  for (const garbage of [
    "\u0016\u0003\u0001\u0000\u0000",
    "GET\r\n\r\n",
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
  ]) {
    assert.match(await exchange(t, door, garbage), /^HTTP\/1\.1 400 /, garbage);
  }
  assert.match(
    await exchange(t, door, `GET / HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(40_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 /,
  );
  assert.match(await exchange(t, door, `GET /\u00e4 HTTP/1.1\r\nhost: a\r\n${CLOSE}\r\n`), /^HTTP\/1\.1 400 /);
  assert.match(await exchange(t, door, `OPTIONS * HTTP/1.1\r\nhost: a\r\n${CLOSE}\r\n`), /^HTTP\/1\.1 400 /);
  assert.equal((await call(door, LIST_STREAMS)).status, 200);
});

test("a proxy's absolute target is read like any other", async (t) => {
  const door = await openDoor(t);
  const request = String(await signedRequest(door, LIST_STREAMS)).replace("POST / ", `POST ${door.url}/ `);
  assert.match(await exchange(t, door, withClose(Buffer.from(request))), /^HTTP\/1\.1 200 /);
});

test("HTTP/2 that breaks off or turns to garbage harms nobody", async (t) => {
  const door = await openDoor(t);
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  await exchange(t, door, `${preface}not frames at all, but long enough to be taken for some`);
  await exchange(t, door, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n and more");
  const broken = open(t, door);
  await new Promise<void>((resolve) => broken.write(preface, () => resolve()));
  broken.resetAndDestroy();
  assert.equal((await call(door, LIST_STREAMS)).status, 200);
});

test("HTTP/2 with prior knowledge carries many requests at once", async (t) => {
  const door = await openDoor(t, { findHandler: async () => async () => ({ StreamNames: [], HasMoreStreams: false }) });
  const session = connectHttp2(door.url);
  t.after(() => session.destroy());
  const headers = await signedHeaders(door, LIST_STREAMS);
  const { host, ...rest } = headers;
  const one = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":method": "POST", ":path": "/", ":authority": host as string, ...rest });
      stream.on("response", (response: IncomingHttpHeaders) => {
        assert.equal(response.connection, undefined);
        resolve(Number(response[":status"]));
      });
      stream.on("error", reject);
      stream.resume();
      stream.end("{}");
    });
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 200 }, one))), new Set([200]));
});

test("a client that is too slow with its headers is cut off", async (t) => {
  const door = await openDoor(t, { headersTimeoutMs: 300 });
  for (const start of ["", "P", "POST / HTTP/1.1\r\nhost: a\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]) {
    await exchange(t, door, start);
  }
  assert.equal((await call(door, LIST_STREAMS)).status, 200);
});

test("a client that is too slow with its body gets 408", async (t) => {
  const door = await openDoor(t, { bodyTimeoutMs: 50, lingerMs: 20 });
  const request = await signedRequest(door, LIST_STREAMS);
  const text = await exchange(t, door, request.subarray(0, -1));
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.match(text, /RequestTimeout/);
});

test("a body that is too big is refused unread, whether announced or not", async (t) => {
  const door = await openDoor(t, { bodyBytesMax: 1000, lingerMs: 200 });
  const body = Buffer.alloc(1001, "a");
  const announced = await signedRequest(door, { headers: target("PutRecord"), body });
  assert.match(
    await exchange(t, door, announced.subarray(0, -1000)),
    /^HTTP\/1\.1 413 .*connection: close.*RequestEntityTooLargeException/is,
  );
  const chunked = Buffer.from(
    String(announced.subarray(0, -1001)).replace("content-length: 1001", "transfer-encoding: chunked"),
  );
  assert.match(await exchange(t, door, chunked, `3e9\r\n${body}\r\n`), /^HTTP\/1\.1 413 /);
  // All of it arrives, and the answer too: the connection is not reset in between.
  const large = await call(door, { headers: target("PutRecord"), body: Buffer.alloc(8_000_000) });
  assert.equal(large.status, 413);
});

test("who expects 100-continue gets it, or is refused before the body is sent", async (t) => {
  const door = await openDoor(t, {
    bodyBytesMax: 1000,
    lingerMs: 20,
    findHandler: async () => async () => ({ StreamNames: [], HasMoreStreams: false }),
  });
  const expecting = async (body: string): Promise<Buffer> =>
    Buffer.from(
      String(withClose(await signedRequest(door, { ...LIST_STREAMS, body }))).replace(
        "\r\n",
        "\r\nexpect: 100-continue\r\n",
      ),
    );
  const request = await expecting("{}");
  const socket = open(t, door);
  socket.write(request.subarray(0, -2));
  const answer = said(socket);
  socket.once("data", (chunk) => {
    assert.equal(String(chunk), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("{}");
  });
  assert.match(await answer, /HTTP\/1\.1 200 /);

  const refused = await expecting("a".repeat(1001));
  assert.match(await exchange(t, door, refused.subarray(0, -1001)), /^HTTP\/1\.1 413 /);
  const unsigned = "PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n";
  assert.match(await exchange(t, door, unsigned), /^HTTP\/1\.1 403 /);
});

test("a streaming payload reaches its handler while it comes, and is judged at its end", async (t) => {
  const first = Promise.withResolvers<void>();
  const outcomes: string[] = [];
  const options: Partial<WireOptions> = {
    // It does not hold for what is never in memory.
    bodyBytesMax: 1000,
    lingerMs: 20,
    findHandler: async () => async (input) => {
      const { Body, Key } = input as { Body: StreamingPayload; Key: string };
      if (Key === "unread") throw new ModeledError("NoSuchBucket", "The specified bucket does not exist");
      let bytes = 0;
      try {
        for await (const piece of Body) {
          bytes += piece.length;
          first.resolve();
        }
        outcomes.push(`${Key}: ${bytes}`);
      } catch (error) {
        outcomes.push(`${Key}: ${(error as Error).name}`);
        throw error;
      }
      return {};
    },
  };
  const door = await openDoor(t, options);
  const impatient = await openDoor(t, { ...options, bodyTimeoutMs: 50 });
  const body = Buffer.alloc(300_000, "a");
  const put = async (key: string, to: Door = door): Promise<Buffer> =>
    withClose(await signedRequest(to, { method: "PUT", path: `/b/${key}`, service: "s3", body }));

  const socket = open(t, door);
  const answer = said(socket);
  const whole = await put("whole");
  socket.write(whole.subarray(0, -1));
  await first.promise;
  socket.write(whole.subarray(-1));
  assert.match(await answer, /^HTTP\/1\.1 200 /);

  const changed = await put("changed");
  changed[changed.length - 1] = 0;
  assert.match(await exchange(t, door, changed), /^HTTP\/1\.1 400 .*XAmzContentSHA256Mismatch/s);
  const slow = (await put("slow", impatient)).subarray(0, -1);
  assert.match(await exchange(t, impatient, slow), /^HTTP\/1\.1 408 .*RequestTimeout/s);
  assert.match(await exchange(t, door, await put("unread")), /^HTTP\/1\.1 404 .*NoSuchBucket/s);

  const broken = open(t, door);
  await put("broken").then(
    (request) => new Promise<void>((resolve) => broken.write(request.subarray(0, -9), () => resolve())),
  );
  broken.destroy();
  await door.finishedCount(4);
  assert.deepEqual(outcomes.slice(0, 3), ["whole: 300000", "changed: Refusal", "slow: Refusal"]);
  assert.deepEqual(
    door.finished.map(({ status, error }) => [status, error]),
    [200, 400, 404, 499].map((status) => [status, undefined]),
  );
});

test("gzip is undone, up to the size that any body may have", async (t) => {
  const inputs: unknown[] = [];
  const door = await openDoor(t, {
    bodyBytesMax: 10_000,
    findHandler: async () => async (input) => {
      inputs.push(input);
      return { StreamNames: [], HasMoreStreams: false };
    },
  });
  const zipped = (body: Buffer, encoding = "gzip"): Promise<{ status: number }> =>
    call(door, { headers: { ...target("ListStreams"), "content-encoding": encoding }, body });
  assert.equal((await zipped(gzipSync('{"Limit":5}'))).status, 200);
  assert.deepEqual(inputs, [{ Limit: 5 }]);
  assert.equal((await zipped(gzipSync(Buffer.alloc(5_000_000)))).status, 413);
  assert.equal((await zipped(Buffer.from("not gzip"))).status, 400);
  assert.equal((await zipped(gzipSync("{}").subarray(0, 12))).status, 400);
  assert.equal((await zipped(Buffer.from("{}"), "br")).status, 415);
});

test("an upload that is broken off is told as such and answered by nobody", async (t) => {
  const door = await openDoor(t);
  const request = await signedRequest(door, { headers: target("PutRecord"), body: "a".repeat(1000) });
  const socket = open(t, door);
  await new Promise<void>((resolve) => socket.write(request.subarray(0, -500), () => resolve()));
  socket.destroy();
  await door.finishedCount(1);
  assert.deepEqual(
    door.finished.map(({ status, error }) => [status, error]),
    [[499, undefined]],
  );
});

test("a client that goes away aborts its request", async (t) => {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const door = await openDoor(t, {
    findHandler:
      async () =>
      async (_input, { signal }) => {
        signal.addEventListener("abort", () => ended.resolve());
        started.resolve();
        await ended.promise;
        return {};
      },
  });
  const socket = open(t, door);
  socket.write(await signedRequest(door, LIST_STREAMS));
  await started.promise;
  socket.destroy();
  await ended.promise;
  await door.finishedCount(1);
});

test("headers that come twice count as one value, so that nothing is signed that is not read", async (t) => {
  const door = await openDoor(t);
  const request = String(withClose(await signedRequest(door, LIST_STREAMS)));
  for (const name of ["x-amz-target", "x-amz-date", "authorization", "host"]) {
    const line = new RegExp(`^${name}: .*\r\n`, "im").exec(request)?.[0] as string;
    const text = await exchange(t, door, request.replace(line, `${line}${name}: other\r\n`));
    assert.match(text, /^HTTP\/1\.1 40[03] /, name);
  }
});

test("closing lets requests finish, ends pushes, and takes no more connections", async (t) => {
  const started = Promise.withResolvers<void>();
  const door = await openDoor(t, {
    findHandler:
      async () =>
      async (_input, { signal }) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        return { StreamNames: ["finished"], HasMoreStreams: false };
      },
  });
  const idle = open(t, door);
  const idleClosed = said(idle);
  const answer = call(door, LIST_STREAMS);
  await started.promise;
  await door.close(60_000);
  assert.deepEqual((await answer).json, { StreamNames: ["finished"], HasMoreStreams: false });
  assert.equal((await answer).headers.get("connection"), "close");
  assert.equal(await idleClosed, "");
  await assert.rejects(fetch(door.url));
});

test("closing ends a push, and the connection that it came over", async (t) => {
  const door = await openDoor(t, {
    plainRoute:
      () =>
      async ({ signal }) => ({
        status: 200,
        body: (async function* () {
          yield "first";
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          yield "last";
        })(),
      }),
  });
  const socket = open(t, door);
  socket.write("GET /live HTTP/1.1\r\nhost: a\r\n\r\n");
  const answer = said(socket);
  await new Promise((resolve) => socket.once("data", resolve));
  await door.close(60_000);
  assert.match(await answer, /first.*last.*\r\n0\r\n\r\n$/s);
});

test("closing breaks off what does not finish in time", async (t) => {
  const started = Promise.withResolvers<void>();
  const door = await openDoor(t, {
    findHandler: async () => () => {
      started.resolve();
      return new Promise(() => {});
    },
  });
  const answer = call(door, LIST_STREAMS);
  await started.promise;
  const rejected = assert.rejects(answer);
  await door.close(10);
  await rejected;
});

test("an address that is taken is an error and no server", async (t) => {
  const door = await openDoor(t);
  await assert.rejects(openDoor(t, { port: door.port }), { code: "EADDRINUSE" });
});
