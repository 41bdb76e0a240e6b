/**
 * The examples of docs/operate.md for nginx and Caddy, as they stand there, in front of a server: run where these programs are installed. Only
 * ports and the certificate's files are put in.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { StartChatContactCommand } from "@aws-sdk/client-connect";
import {
  ConnectParticipantClient,
  CreateParticipantConnectionCommand,
  SendMessageCommand as SayCommand,
} from "@aws-sdk/client-connectparticipant";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import {
  DescribeStreamConsumerCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from "@aws-sdk/client-kinesis";
import {
  AddPermissionCommand,
  CreateFunctionUrlConfigCommand,
  GetFunctionCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ChatClient } from "./chat-client.ts";
import { openCentre } from "./contact-centre.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";
import { createStream } from "./streams.ts";

const NAME = "trunkline.example.com";
const GUIDE = readFileSync(join(import.meta.dirname, "..", "docs", "operate.md"), "utf8");

/** The guide's block behind a line of text. */
function example(before: string): string {
  const [, block] = new RegExp(`^${before}:\\n\\n\`\`\`\\w*\\n(.*?)^\`\`\``, "ms").exec(GUIDE) ?? [];
  assert.ok(block, `the guide has an example for ${before}`);
  return block;
}

function replaced(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  for (const [from] of changes) assert.ok(text.includes(from), from);
  return changes.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
}

interface Proxy {
  readonly program: string;
  readonly url: string;
  readonly server: TestServer;
}

/** Whoever asks for the name, or one below it, finds this machine, and trusts the certificate. */
function certificate(): { cert: string; key: string } {
  const folder = temporaryFolder();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
  const what = ["-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME},DNS:*.${NAME}`];
  const { status, stderr } = spawnSync("openssl", [...kind, ...what, "-keyout", key, "-out", cert]);
  assert.equal(status, 0, String(stderr));
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(cert, "utf8")]);
  const real = dns.lookup;
  const lookup = (host: string, ...rest: unknown[]): void =>
    (real as (...args: unknown[]) => void)(host === NAME || host.endsWith(`.${NAME}`) ? "127.0.0.1" : host, ...rest);
  Object.assign(dns, { lookup });
  return { cert, key };
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}

const has = (...command: readonly [string, ...string[]]): boolean =>
  spawnSync(command[0], command.slice(1)).status === 0;
const hasOpenssl = has("openssl", "version");

const PROXIES = {
  nginx: {
    isThere: has("nginx", "-v"),
    config: (port: number, serverPort: string, { cert, key }: ReturnType<typeof certificate>) =>
      `daemon off; worker_processes 1; pid nginx.pid; error_log stderr error; events {}\nhttp { access_log off;\n${replaced(
        example("nginx"),
        [
          ["443", String(port)],
          ["4510", serverPort],
          ["/etc/ssl/trunkline/fullchain.pem", cert],
          ["/etc/ssl/trunkline/key.pem", key],
        ],
      )}}`,
    run: (folder: string, config: string) =>
      spawn("nginx", ["-p", folder, "-c", config], { stdio: ["ignore", "ignore", "pipe"] }),
  },
  Caddy: {
    isThere: has("caddy", "version"),
    config: (port: number, serverPort: string, { cert, key }: ReturnType<typeof certificate>) =>
      `{\nadmin off\nauto_https disable_redirects\nhttps_port ${port}\nlog {\nlevel ERROR\n}\n}\n${replaced(
        example("Caddy"),
        [
          [`${NAME}, *.${NAME} {`, `${NAME}:${port}, *.${NAME}:${port} {\ntls ${cert} ${key}`],
          ["4510", serverPort],
        ],
      )}`,
    run: (folder: string, config: string) =>
      spawn("caddy", ["run", "--config", config, "--adapter", "caddyfile"], {
        stdio: ["ignore", "ignore", "pipe"],
        env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      }),
  },
} as const;

async function startBehind(program: keyof typeof PROXIES): Promise<Proxy> {
  const files = certificate();
  const { config, run } = PROXIES[program];
  const port = await freePort();
  const url = `https://${NAME}:${port}`;
  const server = await startTrunkline("--public-url", url, "--clock", "real");
  const folder = temporaryFolder();
  const path = join(folder, "config");
  writeFileSync(path, config(port, new URL(server.url).port, files));
  const child = run(folder, path);
  after(async () => {
    child.kill(program === "nginx" ? "SIGTERM" : "SIGKILL"); // nginx has a worker that it ends
    if (child.exitCode === null) await once(child, "exit");
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  for (;;) {
    if (child.exitCode !== null) assert.fail(`${program} has ended: ${said}`);
    const answer = await fetch(`${url}/_trunkline/health`).catch(() => undefined);
    if (answer?.status === 200) return { program, url, server };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const [program, { isThere }] of Object.entries(PROXIES)) {
  const skip = !(isThere && hasOpenssl) && `there is no ${isThere ? "openssl" : program.toLowerCase()}`;
  test(`what the guide writes for ${program} lets everything through as it is`, { skip }, async (t) => {
    const proxy = await startBehind(program as keyof typeof PROXIES);
    const client: TestServer["client"] = { ...proxy.server.client, endpoint: proxy.url };
    const part = (name: string, run: (proxy: Proxy, client: TestServer["client"]) => Promise<void>): Promise<void> =>
      t.test(name, () => run(proxy, client));
    await part("signatures hold, and URLs in answers lead through the proxy", callsAndUrls);
    await part("objects: large ones, odd keys, buckets as hosts, presigned URLs", objects);
    await part("streams are pushed: a shard's events over HTTP/2, the live feed over HTTP/1.1", streams);
    await part("chats: a WebSocket", chat);
    await part("a header that anybody can send changes nothing", spoofed);
  });
}

async function callsAndUrls({ url, server }: Proxy, client: TestServer["client"]): Promise<void> {
  const sqs = new SQSClient(client);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "through" }));
  assert.equal(QueueUrl, `${url}/000000000000/through`);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  assert.deepEqual(
    Messages?.map(({ Body }) => Body),
    ["hello"],
  );

  const lambda = new LambdaClient(client);
  const Role = await createRole(client, "runs");
  const source =
    "export const handler = async ({ rawPath, headers }) => ({ rawPath, proto: headers['x-forwarded-proto'] });";
  await createFunction(client, source, { FunctionName: "through", Role });
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: "through",
      StatementId: "all",
      Action: "lambda:InvokeFunctionUrl",
      Principal: "*",
      FunctionUrlAuthType: "NONE",
    }),
  );
  const { FunctionUrl = "" } = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: "through", AuthType: "NONE" }),
  );
  assert.match(FunctionUrl, new RegExp(`^${url}/_aws/lambda-url/[a-z2-7]{32}/$`));
  const answer = await fetch(`${FunctionUrl}a//b%2Fc`);
  assert.equal(((await answer.json()) as { rawPath: string }).rawPath, "/a//b%2Fc");
  // The zip is downloaded by a presigned URL.
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: "through" }));
  assert.ok(Code?.Location?.startsWith(url), Code?.Location);
  assert.equal((await fetch(Code?.Location ?? "")).status, 200);
  assert.equal(server.url.startsWith("http://127.0.0.1:"), true);
}

/** More than any body but an object may have. */
const LARGE_BYTES = 21 * 1024 * 1024;

async function objects(_proxy: Proxy, client: TestServer["client"]): Promise<void> {
  const byPath = new S3Client({ ...client, forcePathStyle: true });
  const byHost = new S3Client({ ...client, forcePathStyle: false });
  await byPath.send(new CreateBucketCommand({ Bucket: "through" }));
  const large = Buffer.alloc(LARGE_BYTES, "0123456789");
  await byPath.send(new PutObjectCommand({ Bucket: "through", Key: "large", Body: large }));
  const got = await byHost.send(new GetObjectCommand({ Bucket: "through", Key: "large" }));
  assert.ok(large.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0)));
  for (const Key of ["a//b", "/slash", "ä ö+ü%2F.txt", "what?#&=;,'()*!~@:$", "x/./y/../z", "dots..", "line\nbreak"]) {
    await byHost.send(new PutObjectCommand({ Bucket: "through", Key, Body: Key }));
    const { Body } = await byPath.send(new GetObjectCommand({ Bucket: "through", Key }));
    assert.equal(await Body?.transformToString(), Key);
  }
}

async function streams({ url }: Proxy, client: TestServer["client"]): Promise<void> {
  const kinesis = new KinesisClient(client);
  const StreamARN = await createStream(kinesis, "through");
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "one" }));
  const ConsumerARN = Consumer?.ConsumerARN ?? "";
  for (;;) {
    const { ConsumerDescription } = await kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    if (ConsumerDescription?.ConsumerStatus === "ACTIVE") break;
  }
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamARN }));
  const { EventStream } = await kinesis.send(
    new SubscribeToShardCommand({
      ConsumerARN,
      ShardId: Shards[0]?.ShardId ?? "",
      StartingPosition: { Type: "TRIM_HORIZON" },
    }),
  );
  const put = (what: string): Promise<unknown> =>
    kinesis.send(new PutRecordCommand({ StreamARN, PartitionKey: "k", Data: Buffer.from(what) }));
  await put("record 0");
  const seen: string[] = [];
  for await (const { SubscribeToShardEvent } of EventStream ?? []) {
    for (const { Data } of SubscribeToShardEvent?.Records ?? []) {
      seen.push(Buffer.from(Data ?? []).toString());
      // Only once the one before has arrived: what is held back on the way would be waited for for ever.
      if (seen.length < 3) await put(`record ${seen.length}`);
    }
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, ["record 0", "record 1", "record 2"]);
  kinesis.destroy();

  const signedIn = await fetch(`${url}/_trunkline/session`, {
    method: "POST",
    headers: { origin: url },
    body: JSON.stringify({ accessKeyId: "test", secretAccessKey: "test" }),
  });
  const cookie = signedIn.headers.get("set-cookie") ?? "";
  assert.match(cookie, /; Secure$/);
  const abort = new AbortController();
  const live = await fetch(`${url}/_trunkline/live?name=default`, {
    headers: { cookie: cookie.split(";")[0] ?? "" },
    signal: abort.signal,
  });
  assert.equal(live.status, 200);
  const entry = { Source: "through", DetailType: "proxy", Detail: "{}" };
  await new EventBridgeClient(client).send(new PutEventsCommand({ Entries: [entry] }));
  let text = "";
  for await (const bytes of live.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(bytes).toString();
    if (text.includes('"through"')) break;
  }
  abort.abort();
}

async function chat({ url, server }: Proxy, client: TestServer["client"]): Promise<void> {
  const centre = await openCentre({ ...server, client });
  const { ParticipantToken } = await centre.connect.send(
    new StartChatContactCommand({
      InstanceId: centre.InstanceId,
      ContactFlowId: centre.flowId,
      ParticipantDetails: { DisplayName: "Mara" },
    }),
  );
  const participants = new ConnectParticipantClient(client);
  const { Websocket, ConnectionCredentials } = await participants.send(
    new CreateParticipantConnectionCommand({ Type: ["WEBSOCKET", "CONNECTION_CREDENTIALS"], ParticipantToken }),
  );
  assert.ok(Websocket?.Url?.startsWith(url.replace("https:", "wss:")), Websocket?.Url);
  const socket = await ChatClient.subscribe(Websocket?.Url ?? "");
  await participants.send(
    new SayCommand({
      ConnectionToken: ConnectionCredentials?.ConnectionToken,
      Content: "hello",
      ContentType: "text/plain",
    }),
  );
  await socket.until(() => socket.shown.some(({ Content }) => Content === "hello"));
  socket.close();
}

async function spoofed({ url }: Proxy, client: TestServer["client"]): Promise<void> {
  const sqs = new SQSClient(client);
  const forged = {
    "X-Forwarded-Host": "evil.example.com",
    "X-Forwarded-Proto": "http",
    Forwarded: "host=evil.example.com",
  };
  sqs.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, forged);
      return next(args);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "forged" }));
  assert.equal(QueueUrl, `${url}/000000000000/forged`);
  const session = await fetch(`${url}/_trunkline/session`, { headers: { "x-forwarded-for": "127.0.0.1" } });
  assert.deepEqual(await session.json(), { needsSecret: true });
}
