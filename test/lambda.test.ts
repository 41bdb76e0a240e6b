import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  GetFunctionCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ZipFile } from "yazl";
import { createFunction, createRole, invoke, zipOf } from "./lambda-world.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";

const folder = temporaryFolder();
await chmod(folder, 0o755);
const server = await startTrunkline("--data", folder);
const { client } = server;
const lambda = new LambdaClient(client);
const role = await createRole(client, "functions", ["sqs:SendMessage"]);
const queue = await new SQSClient(client).send(new CreateQueueCommand({ QueueName: "work" }));

/** One function that does what its events say, since each start of a process costs. */
const TOOL = `
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { SQSClient, SendMessageCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
let calls = 0;
const acts = {
  echo: (event, context) => ({ event, name: context.functionName, arn: context.invokedFunctionArn, remaining: context.getRemainingTimeInMillis() > 0 }),
  calls: () => ++calls,
  nothing: () => undefined,
  log: ({ values }) => { console.log("seen", values); console.error("two\\nlines"); process.stdout.write("no end"); },
  throw: ({ message }) => { throw new TypeError(message); },
  throwText: () => { throw "just a text"; },
  exit: ({ status }) => process.exit(status),
  reject: () => new Promise(() => { Promise.reject(new Error("nobody looks")); }),
  size: ({ bytes }) => "x".repeat(bytes),
  shout: ({ megabytes }) => { for (let i = 0; i < megabytes * 16; i++) process.stdout.write("x".repeat(65535) + (i % 16 ? "" : "\\n")); },
  line: ({ bytes }) => console.log("x".repeat(bytes)),
  cycle: () => { const a = {}; a.a = a; return a; },
  read: ({ path }) => readdirSync(path).map((name) => readFileSync(path + "/" + name).length),
  environment: () => ({ ...process.env }),
  write: () => { writeFileSync(process.env.TMPDIR + "/x", "y"); return readFileSync(process.env.TMPDIR + "/x", "utf8"); },
  send: async ({ url }) => (await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: url, MessageBody: "from a function" }))).MessageId,
  list: async () => (await new SQSClient({}).send(new ListQueuesCommand({}))).QueueUrls,
};
export const handler = async (event, context) => acts[event.do](event, context);
`;
await createFunction(client, TOOL, { FunctionName: "tool", Role: role, Timeout: 30, MemorySize: 192 });
const act = (name: string, event: object = {}, input: Partial<Parameters<typeof invoke>[3]> = {}) =>
  invoke(client, "tool", { do: name, ...event }, { LogType: "Tail", ...input });

test("a function answers with what its handler returns, and the next call finds it warm", async () => {
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:tool";
  const { answer, version, status } = await act("echo", { a: 1 });
  assert.deepEqual(answer, { event: { do: "echo", a: 1 }, name: "tool", arn, remaining: true });
  assert.equal(version, "$LATEST");
  assert.equal(status, 200);
  await act("calls");
  assert.equal((await act("calls")).answer, 2);
  assert.equal((await act("nothing")).answer, null);
});

test("what a handler logs is told in the order in which it was written, between the service's own lines", async () => {
  const { log } = await act("log", { values: { a: 1 } });
  const [start, id] = /^START RequestId: (\S+) Version: \$LATEST$/.exec(log.split("\n")[0] ?? "") ?? [];
  assert.ok(start);
  assert.match(
    log.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME").replaceAll(String(id), "ID"),
    /^START RequestId: ID Version: \$LATEST\nTIME\tID\tINFO\tseen \{ a: 1 \}\nTIME\tID\tERROR\ttwo\nlines\nno end\nEND RequestId: ID\nREPORT RequestId: ID\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 192 MB\tMax Memory Used: \d+ MB\t\n$/,
  );
  await server.advance("PT0S");
  const logs = new CloudWatchLogsClient(client);
  const found = await logs.send(
    new FilterLogEventsCommand({ logGroupName: "/aws/lambda/tool", filterPattern: `"${id}"` }),
  );
  assert.equal(found.events?.length, 5);
  const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: "/aws/lambda/tool" }));
  assert.match(logStreams?.[0]?.logStreamName ?? "", /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
});

test("what a handler does wrong is told in the real service's words", async () => {
  const thrown = await act("throw", { message: "no" });
  assert.equal(thrown.status, 200);
  assert.equal(thrown.error, "Unhandled");
  const { trace, ...error } = thrown.answer as { trace: string[] };
  assert.deepEqual(error, { errorType: "TypeError", errorMessage: "no" });
  assert.equal(trace[0], "TypeError: no");
  assert.match(thrown.log, /\tERROR\tInvoke Error \t\{"errorType":"TypeError"/);

  assert.deepEqual((await act("throwText")).answer, { errorType: "string", errorMessage: "just a text", trace: [] });
  assert.equal(((await act("cycle")).answer as { errorType: string }).errorType, "TypeError");

  const id = /RequestId: (\S+)/.exec((await act("exit", { status: 0 })).log)?.[1];
  assert.ok(id);
  const exits: unknown[] = [];
  for (const status of [0, 3]) exits.push((await act("exit", { status })).answer);
  assert.deepEqual(
    exits.map((answer) => JSON.stringify(answer).replace(/RequestId: \S+/, "RequestId: ID")),
    [
      '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited without providing a reason"}',
      '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 3"}',
    ],
  );
  const rejected = (await act("reject")).answer as { errorType: string; errorMessage: string };
  assert.equal(rejected.errorType, "Runtime.UnhandledPromiseRejection");
  assert.equal(rejected.errorMessage, "Error: nobody looks");
});

test("an answer may have 6,291,556 bytes and no more", async () => {
  assert.equal(((await act("size", { bytes: 6_291_554 })).answer as string).length, 6_291_554);
  const { error, answer } = await act("size", { bytes: 6_291_555 });
  assert.equal(error, "Unhandled");
  assert.deepEqual(answer, {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  });
});

test("a handler that writes 100 MB hurts nobody, and its log ends where it must", async () => {
  const { error } = await act("shout", { megabytes: 100 });
  assert.equal(error, undefined);
  const { log } = await act("line", { bytes: 300_000 });
  assert.match(log, /REPORT/);
});

test("a handler has an environment, a folder and a user of its own, and cannot read the data folder", async () => {
  const environment = (await act("environment")).answer as Record<string, string>;
  assert.equal(environment.AWS_LAMBDA_FUNCTION_NAME, "tool");
  assert.equal(environment.AWS_EXECUTION_ENV, "AWS_Lambda_nodejs24.x");
  assert.equal(environment.AWS_ENDPOINT_URL, server.url);
  assert.match(environment.AWS_ACCESS_KEY_ID ?? "", /^ASIA/);
  assert.equal(environment.TRUNKLINE_CREDENTIALS, undefined);
  assert.equal((await act("write")).answer, "y");
  const { error, answer } = await act("read", { path: folder });
  assert.equal(error, "Unhandled");
  assert.match((answer as { errorMessage: string }).errorMessage, /EACCES|Access to this API has been restricted/);
});

test("a function calls back with the SDK that is there and its role", async () => {
  assert.equal(typeof (await act("send", { url: queue.QueueUrl })).answer, "string");
  const { Messages } = await new SQSClient(client).send(new ReceiveMessageCommand({ QueueUrl: queue.QueueUrl }));
  assert.equal(Messages?.[0]?.Body, "from a function");
});

test("what a function's role may not do is refused", async () => {
  const { answer } = await act("list");
  assert.match(JSON.stringify(answer), /AccessDenied/);
});

test("a handler that does not end is ended, with all that it has begun, and its last words are kept", async () => {
  await createFunction(
    client,
    `
    import { spawn } from "node:child_process";
    export const handler = async ({ hang }) => {
      if (!hang) return "well";
      console.log("before");
      spawn("sleep", ["1000"], { detached: true, stdio: "inherit" });
      for (;;);
    };`,
    { FunctionName: "endless", Role: role, Timeout: 1 },
  );
  const { error, answer, log } = await invoke(client, "endless", { hang: true }, { LogType: "Tail" });
  assert.equal(error, "Unhandled");
  const told = answer as { errorType: string; errorMessage: string };
  assert.equal(told.errorType, "Sandbox.Timedout");
  assert.match(told.errorMessage, /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds$/);
  assert.match(
    log,
    /\tINFO\tbefore\n.*Task timed out after 1.00 seconds\nEND RequestId: .*\nREPORT .*\tStatus: timeout\t\n$/s,
  );
  assert.equal((await invoke(client, "endless")).answer, "well");
});

const isHeldBack = process.getuid?.() === 0 && existsSync("/usr/bin/python3");
test("processes that fork faster than anybody looks end with their sandbox", { skip: !isHeldBack }, async () => {
  await createFunction(
    client,
    {
      "index.py": `
import os, signal, time
def handler(event, context):
    if "token" not in event:
        return
    if os.fork() > 0:
        time.sleep(60)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for stream in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    ends = time.time() + 20
    while time.time() < ends and os.fork() == 0:
        time.sleep(0.001)
        if os.path.exists(event["token"]):
            os.unlink(event["token"])
    os._exit(0)`,
    },
    { FunctionName: "forking", Role: role, Timeout: 1, Runtime: "python3.12" },
  );
  // Whoever of it lives takes the token away.
  const shared = temporaryFolder();
  await chmod(shared, 0o777);
  const token = join(shared, "token");
  assert.equal((await invoke(client, "forking", { token })).error, "Unhandled");
  for (let look = 0; look < 20; look++) {
    await writeFile(token, "");
    for (let call = 0; call < 20; call++) await invoke(client, "forking");
    if (existsSync(token)) return;
  }
  assert.fail("something of it still lives");
});

test("a handler that takes more memory than it has is killed", async () => {
  await createFunction(
    client,
    `
    import { setTimeout } from "node:timers/promises";
    export const handler = async () => { const held = []; for (;;) { held.push(Buffer.alloc(1 << 24, 1)); await setTimeout(10); } };`,
    { FunctionName: "greedy", Role: role, Timeout: 30 },
  );
  const { answer, log } = await invoke(client, "greedy", {}, { LogType: "Tail" });
  const told = answer as { errorType: string; errorMessage: string };
  assert.equal(told.errorType, "Runtime.ExitError");
  assert.match(told.errorMessage, /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: signal: killed$/);
  assert.match(log, /\tStatus: error\tError Type: Runtime\.ExitError\t\n$/);
});

test("code that cannot be loaded is told of at each call, in the real service's words", async () => {
  await createFunction(
    client,
    {
      "index.js": "require('not-there')",
      "broken.mjs": "export const = 1",
      "good.cjs": "exports.a = { b: async () => 'nested' }",
    },
    { FunctionName: "loads", Role: role },
  );
  const errors: unknown[] = [];
  for (const Handler of ["index.handler", "missing.handler", "broken.handler", "good.a.c", "nodot", "../x.handler"]) {
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "loads", Handler }));
    const { answer, error } = await invoke(client, "loads");
    assert.equal(error, "Unhandled");
    errors.push((answer as { errorType: string }).errorType);
  }
  assert.deepEqual(errors, [
    "Runtime.ImportModuleError",
    "Runtime.ImportModuleError",
    "Runtime.UserCodeSyntaxError",
    "Runtime.HandlerNotFound",
    "Runtime.MalformedHandlerName",
    "Runtime.MalformedHandlerName",
  ]);
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "loads", Handler: "good.a.b" }));
  assert.equal((await invoke(client, "loads")).answer, "nested");
});

test("handlers may use callbacks up to Node.js 22, and not later", async () => {
  const source = {
    "index.cjs":
      "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, event.n * 2), 5); };",
  };
  await createFunction(client, source, { FunctionName: "callbacks", Role: role, Runtime: "nodejs22.x" });
  assert.equal((await invoke(client, "callbacks", { n: 21 })).answer, 42);
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "callbacks", Runtime: "nodejs24.x" }));
  const { answer } = await invoke(client, "callbacks", { n: 21 });
  assert.equal((answer as { errorType: string }).errorType, "Runtime.CallbackHandlerDeprecated");
});

test("functions may be written in Python, or bring a runtime of their own", async () => {
  const python = `
import os
def handler(event, context):
    print("seen", event)
    if event.get("fail"):
        raise ValueError("no")
    return {"n": event["n"] + 1, "id": context.aws_request_id, "path": os.environ["LAMBDA_TASK_ROOT"] != ""}
`;
  await createFunction(
    client,
    { "app/main.py": python },
    { FunctionName: "python", Role: role, Runtime: "python3.12", Handler: "app/main.handler" },
  );
  const { answer, log } = await invoke(client, "python", { n: 1 }, { LogType: "Tail" });
  assert.equal((answer as { n: number }).n, 2);
  assert.match(log, /\nseen \{'n': 1\}\nEND/);
  const failed = (await invoke(client, "python", { n: 1, fail: true })).answer as {
    errorType: string;
    errorMessage: string;
  };
  assert.deepEqual([failed.errorType, failed.errorMessage], ["ValueError", "no"]);

  const bootstrap = `#!/usr/bin/python3
import http.client, os
while True:
    c = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    c.request("GET", "/2018-06-01/runtime/invocation/next")
    r = c.getresponse(); body = r.read(); id = r.headers["Lambda-Runtime-Aws-Request-Id"]
    print("own runtime", flush=True)
    c.request("POST", f"/2018-06-01/runtime/invocation/{id}/response", body=b'{"got":' + body + b'}')
    c.getresponse().read()
`;
  await createFunction(
    client,
    { bootstrap },
    { FunctionName: "own", Role: role, Runtime: "provided.al2023", Handler: "any" },
  );
  const own = await invoke(client, "own", { n: 1 }, { LogType: "Tail" });
  assert.deepEqual(own.answer, { got: { n: 1 } });
  assert.match(own.log, /\nown runtime\nEND/);
});

test("events and bodies that cannot be are refused", async () => {
  const send = (input: Partial<ConstructorParameters<typeof InvokeCommand>[0]>) =>
    lambda.send(new InvokeCommand({ FunctionName: "tool", ...input }));
  await assert.rejects(send({ Payload: Buffer.from("no json") }), { name: "InvalidRequestContentException" });
  await assert.rejects(send({ Payload: Buffer.alloc(6_291_457, 0x20) }), {
    name: "RequestTooLargeException",
    message: "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)",
  });
  await assert.rejects(send({ Payload: Buffer.alloc(1_048_577, 0x20), InvocationType: "Event" }), {
    name: "RequestTooLargeException",
  });
  await assert.rejects(send({ FunctionName: "nobody" }), {
    name: "ResourceNotFoundException",
    message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody",
  });
  await assert.rejects(send({ FunctionName: "tool", Qualifier: "7" }), { name: "ResourceNotFoundException" });
  await assert.rejects(
    send({ ClientContext: "e30", FunctionName: "arn:aws:lambda:eu-west-1:000000000000:function:tool" }),
    {
      message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    },
  );
  assert.equal((await send({ InvocationType: "DryRun" })).StatusCode, 204);
  await assert.rejects(
    new LambdaClient(server.clientOf("other")).send(
      new InvokeCommand({ FunctionName: "arn:aws:lambda:us-east-1:000000000000:function:tool" }),
    ),
    { name: "AccessDeniedException" },
  );
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "loads", ReservedConcurrentExecutions: 0 }));
  await assert.rejects(send({ FunctionName: "loads" }), {
    name: "TooManyRequestsException",
    message: "Rate Exceeded.",
    Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    Type: "User",
  });
  const older = await lambda.send(
    new InvokeAsyncCommand({ FunctionName: "tool", InvokeArgs: Buffer.from('{"do":"nothing"}') }),
  );
  assert.equal(older.Status, 202);
});

test("code comes from a request or from a bucket, and can be downloaded again", async () => {
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: "code" }));
  const zip = await zipOf({ "index.mjs": "export const handler = async () => 'from a bucket';" });
  await s3.send(new PutObjectCommand({ Bucket: "code", Key: "f.zip", Body: zip }));
  await createFunction(client, "export const handler = async () => 'first'", { FunctionName: "coded", Role: role });
  assert.equal((await invoke(client, "coded")).answer, "first");
  const updated = await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: "coded", S3Bucket: "code", S3Key: "f.zip" }),
  );
  assert.equal(updated.CodeSha256, createHash("sha256").update(zip).digest("base64"));
  assert.equal((await invoke(client, "coded")).answer, "from a bucket");
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: "coded" }));
  const response = await fetch(Code?.Location ?? "");
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), zip);
  assert.equal((await fetch(`${Code?.Location}x`)).status, 403);
  await assert.rejects(
    lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "coded", S3Bucket: "code", S3Key: "not-there" })),
    {
      name: "InvalidParameterValueException",
      message:
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    },
  );
  assert.equal(
    (await readdir(`${folder}/functions`)).includes(`${createHash("sha256").update(zip).digest("hex")}.zip`),
    true,
  );
});

test("bad zips are refused, whatever they say of themselves", async () => {
  const create = (ZipFile: Buffer) =>
    createFunction(client, "", { FunctionName: "bad", Role: role, Code: { ZipFile } });
  const badZip = {
    name: "InvalidParameterValueException",
    message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
  };
  await assert.rejects(create(Buffer.from("no zip")), badZip);
  const good = await zipOf({ "a/index.mjs": "export const handler = 1;" });
  const named = (name: string): Buffer => {
    const zip = Buffer.from(good);
    for (let at = zip.indexOf("a/index.mjs"); at >= 0; at = zip.indexOf("a/index.mjs", at + 1))
      zip.write(name, at, "latin1");
    return zip;
  };
  for (const name of ["../ndex.mjs", "/etc/passwd", "a/../../mjs", "C:/inde.mjs"])
    await assert.rejects(create(named(name)), badZip);
  const damaged = Buffer.from(good);
  damaged[damaged.indexOf("a/index.mjs") + 14] = 0;
  await assert.rejects(create(damaged), badZip);
  const bomb = new ZipFile();
  const zeros = Buffer.alloc(131_072_000);
  for (const name of ["a", "b"]) bomb.addBuffer(zeros, name, { compressionLevel: 1 });
  bomb.end();
  const chunks: Buffer[] = [];
  for await (const chunk of bomb.outputStream) chunks.push(chunk as Buffer);
  await assert.rejects(create(Buffer.concat(chunks)), {
    message: "Unzipped size must be smaller than 262144000 bytes",
  });
  await assert.rejects(lambda.send(new GetFunctionCommand({ FunctionName: "bad" })), {
    name: "ResourceNotFoundException",
  });
  assert.deepEqual(
    (await readdir(`${folder}/functions`)).filter((file) => !file.endsWith(".zip")),
    [],
  );
});
