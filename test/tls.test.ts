/**
 * HTTPS on the one port, by a certificate that openssl makes here, and a server that others reach by another URL.
 */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { CreateFunctionUrlConfigCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { WebSocket } from "ws";
import { certificateWarnings, readCertificate } from "../src/certificate.ts";
import { CHAT_SOCKET_PATH } from "../src/services/connect/index.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { openPage } from "./console-page.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline, startTrunklineIn, type TestServer, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
const run = promisify(execFile);
const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const needsOpenssl = { skip: !hasOpenssl && "there is no openssl" };
const hasBoto3 = spawnSync("python3", ["-c", "import boto3"]).status === 0;

interface Files {
  readonly cert: string;
  readonly key: string;
  readonly flags: readonly string[];
}

/** A certificate that signs itself, for this machine's names. */
function certificate(name = "localhost"): Files {
  const folder = temporaryFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
  const what = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`];
  const { status, stderr } = spawnSync("openssl", [...kind, ...what, "-keyout", key, "-out", cert]);
  assert.equal(status, 0, String(stderr));
  return { cert, key, flags: ["--tls-cert", cert, "--tls-key", key] };
}

function clientOf({ client }: TestServer, { cert }: Files): TestServer["client"] {
  const requestHandler = new NodeHttpHandler({ httpsAgent: { ca: readFileSync(cert) } });
  return { ...client, requestHandler } as TestServer["client"];
}

function connected(server: TestServer, cert: string, protocols: readonly string[]): Promise<TLSSocket> {
  const ALPNProtocols = [...protocols];
  return new Promise((resolve, reject) => {
    const port = Number(new URL(server.url).port);
    const socket = connect({ host: "127.0.0.1", port, ca: readFileSync(cert), ALPNProtocols }, () => resolve(socket));
    socket.once("error", reject);
  });
}

const SCRIPT = `
import { CreateStreamCommand, KinesisClient, ListShardsCommand, PutRecordCommand, RegisterStreamConsumerCommand, SubscribeToShardCommand } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
const client = { endpoint: process.env.URL, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
const kinesis = new KinesisClient(client);
await kinesis.send(new CreateStreamCommand({ StreamName: "calls", ShardCount: 1 }));
const StreamARN = "arn:aws:kinesis:us-east-1:000000000000:stream/calls";
await kinesis.send(new PutRecordCommand({ StreamName: "calls", PartitionKey: "k", Data: Buffer.from("over TLS") }));
const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: "calls" }));
const pushed = [];
for (const requestHandler of [kinesis.config.requestHandler, new NodeHttpHandler()]) {
  const subscriber = new KinesisClient({ ...client, requestHandler });
  const ConsumerName = requestHandler.constructor.name;
  const { Consumer } = await subscriber.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  const { EventStream } = await subscriber.send(new SubscribeToShardCommand({
    ConsumerARN: Consumer.ConsumerARN, ShardId: Shards[0].ShardId, StartingPosition: { Type: "TRIM_HORIZON" } }));
  for await (const { SubscribeToShardEvent } of EventStream) {
    const record = SubscribeToShardEvent?.Records[0];
    if (record) { pushed.push(ConsumerName, Buffer.from(record.Data).toString()); break; }
  }
}
const s3 = new S3Client({ ...client, forcePathStyle: true });
await s3.send(new CreateBucketCommand({ Bucket: "tls" }));
await s3.send(new PutObjectCommand({ Bucket: "tls", Key: "large", Body: Buffer.alloc(3_000_000, "x") }));
const { Body } = await s3.send(new GetObjectCommand({ Bucket: "tls", Key: "large" }));
console.log(pushed.join(" "), (await Body.transformToByteArray()).length);
process.exit(0);
`;

test("unmodified SDKs that trust the certificate work, over HTTP/1.1 and HTTP/2", needsOpenssl, async () => {
  const files = certificate();
  const server = await startTrunkline(...files.flags);
  assert.match(server.url, /^https:/);
  for (const [offered, chosen] of [
    [["h2", "http/1.1"], "h2"],
    [["http/1.1"], "http/1.1"],
    [[], false],
  ] as const) {
    const socket = await connected(server, files.cert, offered);
    assert.equal(socket.alpnProtocol, chosen);
    socket.destroy();
  }
  // Beside our own modules, where a bare name is found.
  const args = ["--input-type=module", "--eval", SCRIPT];
  const environment = { ...process.env, URL: server.url, NODE_EXTRA_CA_CERTS: files.cert };
  const cwd = join(import.meta.dirname, "..");
  const { stdout } = await run(process.execPath, args, { env: environment, cwd });
  assert.equal(stdout, "NodeHttp2Handler over TLS NodeHttpHandler over TLS 3000000\n");
  // And who does not trust it gets nothing.
  await assert.rejects(fetch(`${server.url}/_trunkline/health`));
});

test("boto3 works with AWS_CA_BUNDLE", {
  skip: !(hasOpenssl && hasBoto3) && "there is no openssl, or no boto3",
}, async () => {
  const files = certificate();
  const server = await startTrunkline(...files.flags);
  const script =
    "import boto3, os; print(boto3.client('sqs', endpoint_url=os.environ['URL']).create_queue(QueueName='q')['QueueUrl'])";
  const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_DEFAULT_REGION: "us-east-1" };
  const env = { ...process.env, ...keys, URL: server.url, AWS_CA_BUNDLE: files.cert };
  const { stdout } = await run("python3", ["-c", script], { env });
  assert.equal(stdout, `${server.url}/000000000000/q\n`);
});

test(
  "WebSockets, pushed events and sessions of the console go over TLS, whose cookies are for it alone",
  needsOpenssl,
  async () => {
    const files = certificate();
    const server = await startTrunkline(...files.flags);
    const ca = readFileSync(files.cert);
    const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: string) => {
      const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
      request(`${server.url}${path}`, { method, headers, ca }, resolve).once("error", reject).end(body);
      return promise;
    };
    const signedIn = await ask("POST", "/_trunkline/session", {}, "{}");
    const [cookie = ""] = signedIn.headers["set-cookie"] ?? [];
    assert.equal(signedIn.statusCode, 200);
    assert.match(cookie, /; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/);
    assert.match((await buffer(signedIn)).toString(), /"accessKeyId":"test"/);
    const live = await ask("GET", "/_trunkline/live?name=default", { cookie: cookie.split(";")[0] ?? "" });
    assert.equal(live.headers["content-type"], "application/x-ndjson");
    live.destroy();

    const socket = new WebSocket(`${server.url.replace("https", "wss")}${CHAT_SOCKET_PATH}?token=none`, { ca });
    const answer = await new Promise((resolve) => {
      socket.once("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.once("error", resolve);
    });
    // Nobody has such a token; what is asked there has come through.
    assert.equal(answer, 403, String(answer));
  },
);

test(
  "the console in a browser: over HTTP/2, with pushed feeds, and a cookie for TLS alone",
  needsOpenssl,
  async (t) => {
    const browser = await openBrowser();
    if (!browser) return t.skip(NO_BROWSER);
    const files = certificate();
    const server = await startTrunkline(...files.flags);
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    {
      await using page = await openPage(context, server.url, "calls");
      await page.getByText("Connected", { exact: true }).waitFor();
      await new SQSClient(clientOf(server, files)).send(new CreateQueueCommand({ QueueName: "q" }));
      await page.getByText("CreateQueue").first().waitFor();
      const protocols = await page.evaluate(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((one) => one.nextHopProtocol)",
      );
      assert.deepEqual([...new Set(protocols as string[])], ["h2"]);
      const [cookie] = await context.cookies();
      assert.deepEqual([cookie?.secure, cookie?.httpOnly, cookie?.sameSite], [true, true, "Strict"]);
    }
    await context.close();
  },
);

test("a chain is shown as it stands in the file: who knows its authority alone trusts it", needsOpenssl, async () => {
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync("openssl", args, { cwd: folder });
    assert.equal(status, 0, String(stderr));
  };
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-subj",
    "/CN=Authority",
    "-days",
    "30",
    "-keyout",
    "root.key",
    "-out",
    "root.pem",
  );
  for (const [name, by, extension] of [
    ["middle", "root", "basicConstraints=critical,CA:TRUE"],
    ["leaf", "middle", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  ] as const) {
    writeFileSync(path(`${name}.ext`), extension);
    openssl("req", ...newKey, "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    const signer = ["-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial", "-days", "30"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signer, "-extfile", `${name}.ext`, "-out", `${name}.pem`);
  }
  const files = [path("leaf.pem"), path("middle.pem")].map((file) => readFileSync(file, "utf8"));
  writeFileSync(path("fullchain.pem"), files.join(""));
  const server = await startTrunkline("--tls-cert", path("fullchain.pem"), "--tls-key", path("leaf.key"));
  const socket = await connected(server, path("root.pem"), ["h2"]);
  assert.ok(socket.authorized);
  socket.destroy();
  const bare = await startTrunkline("--tls-cert", path("leaf.pem"), "--tls-key", path("leaf.key"));
  await assert.rejects(connected(bare, path("root.pem"), []), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
});

test("functions call back by HTTPS, and the server itself needs nobody's trust", needsOpenssl, async () => {
  const files = certificate();
  const server = await startTrunkline(...files.flags);
  const client = clientOf(server, files);
  const role = await createRole(client, "runs");
  const source = `export const handler = async () => {
    const { status } = await fetch(process.env.AWS_ENDPOINT_URL + "/_trunkline/health");
    return { status, endpoint: process.env.AWS_ENDPOINT_URL, bundle: process.env.AWS_CA_BUNDLE };
  };`;
  await createFunction(client, source, { FunctionName: "calls-back", Role: role, Timeout: 20 });
  const { Payload, FunctionError } = await new LambdaClient(client).send(
    new InvokeCommand({ FunctionName: "calls-back" }),
  );
  const told = JSON.parse(Buffer.from(Payload ?? []).toString());
  assert.equal(FunctionError, undefined, JSON.stringify(told));
  assert.deepEqual([told.status, told.endpoint], [200, server.url]);
  assert.ok(readFileSync(told.bundle, "utf8").includes(readFileSync(files.cert, "utf8").trim()));
  const { ownUrl } = server.app.platform();
  assert.match(ownUrl, /^http:\/\/127[.]0[.]0[.]1:/);
  assert.equal((await fetch(`${ownUrl}/_trunkline/health`)).status, 200);
  await server.close();
  await assert.rejects(fetch(`${ownUrl}/_trunkline/health`));
});

test(
  "a certificate that is replaced is shown to who comes then; one that is of no use is not",
  needsOpenssl,
  async () => {
    const [files, second] = [certificate(), certificate()];
    const server = await startTrunkline(...files.flags);
    const first = readFileSync(files.cert);
    const shown = async (ca: string): Promise<string> => {
      const socket = await connected(server, ca, ["http/1.1"]);
      socket.destroy();
      return socket.authorized ? "trusted" : "not trusted";
    };
    writeFileSync(files.cert, "nothing");
    server.app.renewCertificate();
    writeFileSync(files.cert, first);
    assert.equal(await shown(files.cert), "trusted");
    copyFileSync(second.cert, files.cert);
    server.app.renewCertificate();
    writeFileSync(join(temporaryFolder(), "first.pem"), first);
    copyFileSync(second.key, files.key);
    server.app.renewCertificate();
    assert.equal(await shown(second.cert), "trusted");
  },
);

test("SIGHUP reads the certificate again", needsOpenssl, async () => {
  const [files, second] = [certificate(), certificate()];
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, [BIN, "start", "--port", "0", "--data", ":memory:", ...files.flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const heard = async (from: Readable, pattern: RegExp): Promise<RegExpExecArray> => {
    let output = "";
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      output += chunk;
      const found = pattern.exec(output);
      if (found) return found;
    }
    throw new Error(`It ended without ${pattern}: ${output}`);
  };
  try {
    const [, url = ""] = await heard(child.stdout, /ready at (https:\S+)/);
    copyFileSync(second.cert, files.cert);
    copyFileSync(second.key, files.key);
    child.kill("SIGHUP");
    await heard(child.stderr, /certificate read again/);
    const socket = await connected({ url } as TestServer, second.cert, []);
    assert.ok(socket.authorized);
    socket.destroy();
  } finally {
    child.kill("SIGKILL");
  }
});

test(
  "a certificate that cannot be used: one line, exit code 1; one that has expired is warned of",
  needsOpenssl,
  async () => {
    const [files, other] = [certificate(), certificate()];
    const refused = async (cert: string, key: string, message: RegExp): Promise<void> => {
      const args = [BIN, "start", "--port", "0", "--data", ":memory:", "--tls-cert", cert, "--tls-key", key];
      const ended = await run(process.execPath, args).catch((error) => error);
      assert.equal(ended.code, 1, ended.stderr);
      assert.equal(ended.stdout, "");
      assert.match(ended.stderr, /^trunkline: [^\n]*\n$/);
      assert.match(ended.stderr, message);
    };
    const noGood = (certFile: string, keyFile: string, message: RegExp): void =>
      assert.throws(() => readCertificate({ certFile, keyFile }), { name: "ConfigError", message });
    const rubbish = join(temporaryFolder(), "rubbish.pem");
    writeFileSync(rubbish, "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n");
    const locked = join(temporaryFolder(), "locked.pem");
    spawnSync("openssl", ["pkey", "-in", files.key, "-aes256", "-passout", "pass:secret", "-out", locked]);
    noGood(`${files.cert}.gone`, files.key, /--tls-cert: .*[.]gone cannot be read: ENOENT/);
    noGood(dirname(files.cert), files.key, /--tls-cert: .* cannot be read: EISDIR/);
    noGood(rubbish, files.key, /--tls-cert: .*rubbish[.]pem holds no certificate/);
    noGood(files.cert, rubbish, /--tls-key: .*rubbish[.]pem holds no private key/);
    noGood(files.cert, locked, /--tls-key: .* is encrypted; give the key without a passphrase/);
    await refused(files.cert, other.key, /--tls-key: .* is not the key of the certificate in/);
    await refused(files.cert, "", /--tls-cert: goes with --tls-key/);

    const read = readCertificate({ certFile: files.cert, keyFile: files.key });
    const { validToDate, validFromDate } = read.leaf;
    assert.deepEqual(certificateWarnings(read, "https://localhost:4510", validToDate.getTime() - 1), []);
    assert.match(String(certificateWarnings(read, "https://127.0.0.1", validToDate.getTime())), /has expired/);
    assert.match(
      String(certificateWarnings(read, "https://127.0.0.1", validFromDate.getTime() - 1)),
      /not valid before/,
    );
    const [foreign] = certificateWarnings(read, "https://trunkline.example.com", validFromDate.getTime());
    assert.match(
      String(foreign),
      /not for trunkline[.]example[.]com but for DNS:localhost, IP Address:127[.]0[.]0[.]1/,
    );
  },
);

test("URLs in answers begin with --public-url, behind which a server is open to others", async () => {
  const environment = { TRUNKLINE_PUBLIC_URL: "https://trunkline.example.com/" };
  const server = await startTrunklineIn(environment);
  assert.match(server.url, /^http:\/\/127/);
  const { QueueUrl } = await new SQSClient(server.client).send(new CreateQueueCommand({ QueueName: "q" }));
  assert.equal(QueueUrl, "https://trunkline.example.com/000000000000/q");
  const role = await createRole(server.client, "runs");
  await createFunction(server.client, "export const handler = async () => 1;", { FunctionName: "called", Role: role });
  const { FunctionUrl } = await new LambdaClient(server.client).send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "called", AuthType: "NONE" }),
  );
  assert.match(String(FunctionUrl), /^https:[/][/]trunkline[.]example[.]com[/]_aws[/]lambda-url[/][a-z2-7]{32}[/]$/);
  // The next label to the left is a bucket; the name itself is none.
  const bucket = async (host: string, path: string, method = "PUT"): Promise<number> =>
    (await sendSigned(server.url, { service: "s3", method, path, headers: { host } })).status;
  assert.equal(await bucket("trunkline.example.com", "/kept"), 200);
  assert.equal(await bucket("kept.trunkline.example.com", "/key"), 200);
  assert.equal(await bucket("trunkline.example.com", "/kept/key", "HEAD"), 200);
  const session = await fetch(`${server.url}/_trunkline/session`);
  assert.deepEqual(await session.json(), { needsSecret: true });
  const origin = { host: "trunkline.example.com", origin: "https://trunkline.example.com" };
  const body = JSON.stringify({ accessKeyId: "test", secretAccessKey: "test" });
  const post = async (headers: Record<string, string>): Promise<import("node:http").IncomingMessage> => {
    const { request: requestPlain } = await import("node:http");
    const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
    const url = `${server.url}/_trunkline/session`;
    requestPlain(url, { method: "POST", headers }, resolve).once("error", reject).end(body);
    return promise;
  };
  const signedIn = await post(origin);
  assert.equal(signedIn.statusCode, 200);
  assert.match(String(signedIn.headers["set-cookie"]), /; Secure$/);
  assert.equal((await post({ ...origin, origin: "https://evil.example.com" })).statusCode, 403);

  const below = await startTrunklineIn({ TRUNKLINE_PUBLIC_URL: "https://trunkline.localhost" });
  const put = async (host: string, path: string): Promise<number> =>
    (await sendSigned(below.url, { service: "s3", method: "PUT", path, headers: { host } })).status;
  assert.equal(await put("trunkline.localhost", "/kept"), 200);
  assert.equal(await put("kept.trunkline.localhost", "/key"), 200);
  assert.equal(await put("kept.localhost", "/key"), 200);

  // Nobody knows who comes through a proxy: the key that everybody knows is not there.
  const open = startTrunklineIn({ ...environment, TRUNKLINE_CREDENTIALS: "" });
  await assert.rejects(open, /--public-url https:\/\/trunkline[.]example[.]com: others can reach this address/);
  const wrong = startTrunklineIn({ TRUNKLINE_PUBLIC_URL: "https://example.com/trunkline" });
  await assert.rejects(wrong, /TRUNKLINE_PUBLIC_URL: .* is not a URL without a path/);
});
