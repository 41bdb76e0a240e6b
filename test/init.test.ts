/** Resources at start: `start --init`, `apply` and what is wrong with files. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  ConnectClient,
  DescribeContactFlowCommand,
  ListContactFlowsCommand,
  ListInstancesCommand,
  ListQueuesCommand,
} from "@aws-sdk/client-connect";
import { EventBridgeClient, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { callTo } from "../src/cli/apply.ts";
import { type Applied, applyFile, initSchemaText, kindsText } from "../src/init/index.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";

const EXAMPLE = join(import.meta.dirname, "../examples/init/centre.yaml");
const BIN = join(import.meta.dirname, "../bin/trunkline.mjs");

/** Exports ask for them. */
process.env.TRUNKLINE_USERS_PASSWORD = "Trunkline-1";
process.env.TRUNKLINE_CONNECTIONS_SECRET = "secret";
process.env.TRUNKLINE_API_KEY = "abcdefghijklmnopqrstuvwxyz";
const committed = readFileSync(join(import.meta.dirname, "../docs/init.schema.json"), "utf8");
const isValid = new Ajv({ strict: false }).compile(JSON.parse(committed));
const example = await startTrunkline("--init", EXAMPLE);
const server = await startTrunkline();

interface Outcome extends Applied {
  readonly lines: readonly string[];
}

async function apply(server: TestServer, file: string, isDry = false): Promise<Outcome> {
  const lines: string[] = [];
  const target = { url: new URL(server.url), names: [], flags: {} };
  const applied = await applyFile(file, {
    callIn: (region) => callTo({ ...target, region }),
    region: "us-east-1",
    account: "000000000000",
    isDry,
    say: (line) => lines.push(line),
  });
  return { ...applied, lines };
}

/** A file of a folder of its own. */
function written(text: string, name = "init.yaml"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [BIN, ...args],
      { env: { ...process.env, TRUNKLINE_CREDENTIALS: "" } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

suite("the example", () => {
  const server = example;

  test("is there for any SDK once the server is ready", async () => {
    const connect = new ConnectClient(server.client);
    after(() => connect.destroy());
    const { InstanceSummaryList: [instance] = [] } = await connect.send(new ListInstancesCommand({}));
    assert.equal(instance?.InstanceAlias, "centre");
    const InstanceId = instance?.Id;
    const { QueueSummaryList: queues = [] } = await connect.send(
      new ListQueuesCommand({ InstanceId, QueueTypes: ["STANDARD"] }),
    );
    const sales = queues.find(({ Name }) => Name === "Sales");
    assert.ok(sales && queues.some(({ Name }) => Name === "Care"));
    const { ContactFlowSummaryList: flows = [] } = await connect.send(new ListContactFlowsCommand({ InstanceId }));
    const ContactFlowId = flows.find(({ Name }) => Name === "Greeting")?.Id;
    const { ContactFlow } = await connect.send(new DescribeContactFlowCommand({ InstanceId, ContactFlowId }));
    assert.ok(ContactFlow?.Content?.includes(String(sales.Arn)), "the flow names the queue's ARN");

    const events = new EventBridgeClient(server.client);
    const lambda = new LambdaClient(server.client);
    after(() => [events, lambda].map((client) => client.destroy()));
    const { Targets = [] } = await events.send(new ListTargetsByRuleCommand({ Rule: "calls-that-end" }));
    const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: "note-call" }));
    assert.equal(Targets.find(({ Id }) => Id === "note")?.Arn, Configuration?.FunctionArn);
    assert.match(Configuration?.Environment?.Variables?.QUEUE_URL ?? "", /\/000000000000\/notes$/);
  });

  test("applied again changes nothing, and a dry run says so", async () => {
    const { created, updated, unchanged, lines } = await apply(server, EXAMPLE);
    assert.deepEqual({ created, updated, lines }, { created: 0, updated: 0, lines: [] });
    assert.ok(unchanged > 30);
    assert.deepEqual((await apply(server, EXAMPLE, true)).lines, []);
  });
});

suite("files that change", () => {
  test("change what differs and leave the rest", async () => {
    const sqs = new SQSClient(server.client);
    after(() => sqs.destroy());
    const first = written(
      "SqsQueues:\n  - QueueName: a\n    Attributes: { VisibilityTimeout: 20, DelaySeconds: 3 }\n  - QueueName: b\n",
    );
    assert.equal((await apply(server, first)).created, 2);
    const second = written("SqsQueues:\n  - QueueName: a\n    Attributes: { VisibilityTimeout: 40 }\n");
    assert.deepEqual((await apply(server, second, true)).lines, ["would update  SqsQueues a: Attributes"]);
    assert.deepEqual((await apply(server, second)).lines, ["updated  SqsQueues a: Attributes"]);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "a" }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    assert.equal(Attributes?.VisibilityTimeout, "40");
    assert.equal(Attributes?.DelaySeconds, "3");
    assert.ok((await sqs.send(new GetQueueUrlCommand({ QueueName: "b" }))).QueueUrl);
  });

  test("say what no operation changes", async () => {
    const field = (type: string): string =>
      written(`CaseDomains:\n  - name: d\n    CaseFields:\n      - { name: Size, type: ${type} }\n`);
    await apply(server, field("Text"));
    const { updated, unchangeable } = await apply(server, field("Number"));
    assert.equal(updated, 0);
    assert.match(
      unchangeable.join(),
      /init\.yaml:4:9: CaseDomains d \/ CaseFields Size: no operation changes type; it stays as it is$/,
    );
  });

  test("change a function's code, and only when it differs", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "code"));
    const source = (word: string): void =>
      writeFileSync(join(folder, "code/index.mjs"), `export const handler = async () => "${word}";\n`);
    const init = join(folder, "init.yaml");
    writeFileSync(
      init,
      `Roles:
  - RoleName: r
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" }]
Functions:
  - { FunctionName: f, Runtime: nodejs22.x, Handler: index.handler, Role: r, Code: "\${file:code}" }
`,
    );
    source("one");
    assert.equal((await apply(server, init)).created, 2);
    assert.equal((await apply(server, init)).unchanged, 2);
    source("two");
    assert.deepEqual((await apply(server, init)).lines, ["updated  Functions f: Code"]);
    assert.equal((await apply(server, init)).unchanged, 2);
  });

  test("publish a version of a function, and let its alias follow", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "init.yaml");
    const say = (answer: number, version: string): void => {
      writeFileSync(join(folder, "answer.mjs"), `export const handler = async () => ${answer};`);
      const role = `{ Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }] }`;
      writeFileSync(
        file,
        `Roles:
  - { RoleName: versioned, AssumeRolePolicyDocument: ${role} }
Functions:
  - FunctionName: versioned
    Runtime: nodejs24.x
    Handler: answer.handler
    Role: versioned
    Code: "\${file:answer.mjs}"
    FunctionVersions: [{ Description: ${version} }]
    FunctionAliases: [{ Name: live, FunctionVersion: "\${FunctionVersions.${version}.Version}" }]
`,
      );
    };
    const lambda = new LambdaClient(server.client);
    after(() => lambda.destroy());
    const answer = async (Qualifier: string): Promise<string> => {
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: "versioned", Qualifier }));
      return Buffer.from(Payload ?? []).toString();
    };
    say(1, "spring");
    assert.equal((await apply(server, file)).created, 4);
    assert.deepEqual((await apply(server, file)).lines, []);
    assert.equal(await answer("live"), "1");
    say(2, "summer");
    assert.deepEqual((await apply(server, file)).lines.toSorted(), [
      "created  Functions versioned / FunctionVersions summer",
      "updated  Functions versioned / FunctionAliases live: FunctionVersion",
      "updated  Functions versioned: Code",
    ]);
    assert.deepEqual([await answer("live"), await answer("1")], ["2", "1"]);
    assert.deepEqual((await apply(server, file)).lines, []);
  });

  test("may say once what stands often", async () => {
    const file = written(`x-queue: &queue { Attributes: { DelaySeconds: 7 }, tags: { team: a } }
SqsQueues:
  - { <<: *queue, QueueName: merged }
  - { QueueName: merged-too, <<: [*queue], tags: { team: b } }
`);
    assert.equal((await apply(server, file)).created, 2);
    const sqs = new SQSClient(server.client);
    after(() => sqs.destroy());
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "merged-too" }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    assert.equal(Attributes?.DelaySeconds, "7");
    assert.deepEqual((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags, { team: "b" });
    assert.ok(isValid(parse(readFileSync(file, "utf8"), { merge: true })), JSON.stringify(isValid.errors?.[0]));
  });

  test("converge: what lists hold, layers and objects", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lib.mjs"), "export const one = 1;\n");
    writeFileSync(join(folder, "hello.txt"), "Hello");
    const quickConnect = (Name: string): object => ({
      Name,
      QuickConnectConfig: { QuickConnectType: "PHONE_NUMBER", PhoneConfig: { PhoneNumber: "+442079460999" } },
    });
    const queueOf = (QueueId: string, Priority: number): object => ({
      QueueReference: { QueueId, Channel: "VOICE" },
      ...{ Priority, Delay: 0 },
    });
    const init = join(folder, "init.json");
    const write = (more: { connects: string[]; queues: object[]; levels: object[]; type: string }): void =>
      writeFileSync(
        init,
        JSON.stringify({
          Buckets: [
            {
              Bucket: "greetings",
              BucketObjects: [{ Key: "hello", Body: "${file:hello.txt}", ContentType: more.type }],
            },
          ],
          Layers: [{ LayerName: "lib", Content: "${file:lib.mjs}", CompatibleRuntimes: ["nodejs22.x"] }],
          LogGroups: [{ logGroupName: "/lib", tags: { layer: "${Layers.lib.Arn}" } }],
          Instances: [
            {
              InstanceAlias: "lists",
              IdentityManagementType: "SAML",
              InboundCallsEnabled: true,
              OutboundCallsEnabled: true,
              PredefinedAttributes: [{ Name: "Language", Values: { StringList: ["en", "fr", "de"] } }],
              QuickConnects: ["a", "b", "c"].map(quickConnect),
              Queues: [
                { Name: "one", HoursOfOperationId: "Basic Hours", QuickConnectIds: more.connects },
                { Name: "two", HoursOfOperationId: "Basic Hours" },
                { Name: "three", HoursOfOperationId: "Basic Hours" },
              ],
              RoutingProfiles: [
                {
                  ...{ Name: "rp", Description: "x", DefaultOutboundQueueId: "one" },
                  MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
                  QueueConfigs: more.queues,
                },
              ],
              Users: [
                {
                  Username: "cy@example.com",
                  IdentityInfo: { FirstName: "Cy", LastName: "C" },
                  PhoneConfig: { PhoneType: "SOFT_PHONE" },
                  ...{ RoutingProfileId: "rp", SecurityProfileIds: ["Agent"], UserProficiencies: more.levels },
                },
              ],
            },
          ],
        }),
      );
    const level = (AttributeValue: string, Level: number): object => ({
      ...{ AttributeName: "Language", AttributeValue, Level },
    });
    write({
      connects: ["a", "b"],
      queues: [queueOf("one", 1), queueOf("two", 1)],
      levels: [level("en", 1), level("fr", 1)],
      type: "text/plain",
    });
    assert.equal((await apply(server, init)).updated, 0);
    assert.deepEqual((await apply(server, init)).lines, []);
    write({
      connects: ["b", "c"],
      queues: [queueOf("two", 5), queueOf("three", 1)],
      levels: [level("fr", 4), level("de", 2)],
      type: "text/html",
    });
    writeFileSync(join(folder, "lib.mjs"), "export const one = 2;\n");
    assert.deepEqual((await apply(server, init)).lines, [
      "updated  Layers lib: Content",
      "updated  LogGroups /lib: tags",
      "updated  Buckets greetings / BucketObjects hello: ContentType",
      "updated  Instances lists / Queues one: QuickConnectIds",
      "updated  Instances lists / RoutingProfiles rp: QueueConfigs",
      "updated  Instances lists / Users cy@example.com: UserProficiencies",
    ]);
    writeFileSync(join(folder, "hello.txt"), "Good morning");
    assert.deepEqual((await apply(server, init)).lines, ["updated  Buckets greetings / BucketObjects hello: Body"]);
    assert.deepEqual((await apply(server, init)).lines, []);
  });

  test("are finished by the next apply where one was killed, with nothing there twice", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `killed-${i}`);
    const file = written(
      JSON.stringify({
        LogGroups: [{ logGroupName: "/killed" }],
        HttpApis: names.map((Name) => ({ Name, ProtocolType: "HTTP" })),
        ApiKeys: names.map((name) => ({ name })),
      }),
      "init.json",
    );
    const child = spawn(process.execPath, [BIN, "apply", file, "--url", server.url], { stdio: ["ignore", "pipe", 2] });
    // The first line comes when the first step is done, and the next is on its way.
    await once(child.stdout as NodeJS.ReadableStream, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const { created, unchanged } = await apply(server, file);
    assert.equal(created + unchanged, 121);
    assert.ok(unchanged > 0);
    const call = callTo({ url: new URL(server.url), names: [], flags: {}, region: "us-east-1" });
    const { Items } = await call("apigatewayv2", "GetApis", { MaxResults: "500" });
    const { items } = await call("apigateway", "GetApiKeys", { limit: 500 });
    const apis = (Items as { Name: string }[]).map(({ Name }) => Name).filter((name) => name.startsWith("killed-"));
    assert.deepEqual(apis.sort(), names.toSorted());
    assert.deepEqual((items as { name: string }[]).map(({ name }) => name).sort(), names.toSorted());
  });

  test("two that are applied at once both end well, with nothing there twice", async () => {
    const fresh = await startTrunkline();
    const [one, other] = await Promise.all([apply(fresh, EXAMPLE), apply(fresh, EXAMPLE)]);
    const all = await apply(fresh, EXAMPLE);
    assert.deepEqual([all.created, all.lines], [0, []]);
    for (const outcome of [one, other]) {
      assert.equal(outcome.created + outcome.updated + outcome.unchanged, all.unchanged);
    }
    await fresh.close();
  });

  test("are made at the start without being throttled, and by apply not while the clock stands", async () => {
    const queues = (count: number): string =>
      written(
        JSON.stringify({
          Instances: [
            {
              ...{ InstanceAlias: "many", IdentityManagementType: "SAML" },
              ...{ InboundCallsEnabled: true, OutboundCallsEnabled: true },
              Queues: Array.from({ length: count }, (_, at) => ({
                Name: `queue-${at}`,
                HoursOfOperationId: "Basic Hours",
              })),
            },
          ],
        }),
        "init.json",
      );
    const limited = await startTrunkline("--init", queues(20), "--enforce-limits", "--clock", "manual");
    const { code, stderr } = await run("apply", queues(40), "--url", limited.url);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /queue-\d+: CreateQueue: ThrottlingException: .* \(the clock is manual: move it by a second or more, and apply/,
    );
    await limited.close();
  });

  test("that are refused half way tell what was made, and go on once mended", async () => {
    const text = `Streams:
  - { StreamName: one, ShardCount: 1 }
LogGroups:
  - logGroupName: "/ok"
    retentionInDays: RETENTION
`;
    const broken = written(text.replace("RETENTION", "31"));
    await assert.rejects(apply(server, broken), (error: Error) => {
      assert.match(
        error.message,
        /init\.yaml:5:5: LogGroups \/ok: PutRetentionPolicy: InvalidParameterException: .*\nwhat was not refused is done: 2 created, 0 updated, 0 as they were$/,
      );
      return true;
    });
    const { created, updated } = await apply(server, written(text.replace("RETENTION", "30")));
    assert.deepEqual({ created, updated }, { created: 0, updated: 1 });
  });
});

suite("what refers to each other", () => {
  const transferTo = (name: string): object => ({
    Version: "2019-10-30",
    StartAction: "go",
    Actions: [
      {
        Identifier: "go",
        Type: "TransferToFlow",
        Parameters: { ContactFlowId: `\${ContactFlows.${name}.Arn}` },
        Transitions: { NextAction: "end", Errors: [{ NextAction: "end", ErrorType: "NoMatchingError" }] },
      },
      { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
    ],
  });
  const file = written(
    JSON.stringify({
      SqsQueues: [
        {
          QueueName: "own",
          Attributes: {
            DelaySeconds: 4,
            RedriveAllowPolicy: {
              redrivePermission: "byQueue",
              sourceQueueArns: ["${SqsQueues.own.Arn}"],
            },
          },
        },
      ],
      Instances: [
        {
          InstanceAlias: "circles",
          IdentityManagementType: "SAML",
          InboundCallsEnabled: true,
          OutboundCallsEnabled: true,
          ContactFlows: [
            { Name: "A", Type: "CONTACT_FLOW", Content: transferTo("B") },
            { Name: "B", Type: "CONTACT_FLOW", Content: transferTo("A") },
            { Name: "Again", Type: "CONTACT_FLOW", Content: transferTo("Again") },
          ],
          Queues: [{ Name: "Q", HoursOfOperationId: "Basic Hours", QuickConnectIds: ["To Q"] }],
          QuickConnects: [
            {
              Name: "To Q",
              QuickConnectConfig: {
                QuickConnectType: "QUEUE",
                QueueConfig: { QueueId: "Q", ContactFlowId: "Default queue transfer" },
              },
            },
          ],
        },
      ],
    }),
    "init.json",
  );

  test("is made without what leads back, which follows; once", async () => {
    assert.deepEqual((await apply(server, file)).lines, [
      "created  SqsQueues own",
      ...["", " / ContactFlows A", " / ContactFlows Again", " / ContactFlows B"].map(
        (path) => `created  Instances circles${path}`,
      ),
      ...["Queues Q", "QuickConnects To Q"].map((path) => `created  Instances circles / ${path}`),
    ]);
    assert.deepEqual((await apply(server, file)).lines, []);
    const connect = new ConnectClient(server.client);
    after(() => connect.destroy());
    const { InstanceSummaryList: instances = [] } = await connect.send(new ListInstancesCommand({}));
    const InstanceId = instances.find(({ InstanceAlias }) => InstanceAlias === "circles")?.Id;
    const { ContactFlowSummaryList: flows = [] } = await connect.send(new ListContactFlowsCommand({ InstanceId }));
    for (const [one, other] of [
      ["A", "B"],
      ["B", "A"],
      ["Again", "Again"],
    ]) {
      const ContactFlowId = flows.find(({ Name }) => Name === one)?.Id;
      const { ContactFlow } = await connect.send(new DescribeContactFlowCommand({ InstanceId, ContactFlowId }));
      assert.ok(ContactFlow?.Content?.includes(String(flows.find(({ Name }) => Name === other)?.Arn)), one);
    }
  });
});

/** All kinds of the schema: definitions that others hold lists of. */
function sectionNames(): readonly string[] {
  const text = initSchemaText();
  return [
    ...new Set([...text.matchAll(/"items":\{"\$ref":"#\/definitions\/([A-Za-z]+)"/g)].map(([, name = ""]) => name)),
  ];
}

/** An export makes a server whose export is byte for byte the same. */
async function makesTheSame(first: string, second: string, beside: readonly string[]): Promise<void> {
  const copy = await startTrunkline("--init", first);
  assert.ok((copy.app.initialized?.created ?? 0) > 30);
  assert.equal((await run("export", "--file", second, "--url", copy.url)).code, 0);
  assert.equal(readFileSync(second, "utf8"), readFileSync(first, "utf8"));
  for (const path of beside) {
    const [one, other] = [first, second].map((file) => readFileSync(join(file, "..", path)));
    assert.ok(one && other?.equals(one), path);
  }
  await copy.close();
}

suite("an export", () => {
  test("makes the same of an empty server, and of that the same export", async () => {
    const first = join(temporaryFolder(), "centre.yaml");
    const second = join(temporaryFolder(), "centre.yaml");
    assert.deepEqual(await run("export", "--file", first, "--url", example.url), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual((await apply(example, first)).lines, []);
    const text = readFileSync(first, "utf8");
    assert.match(text, /^# yaml-language-server: \$schema=.*init\.schema\.json\nRegion: us-east-1\n/);
    // Nothing in it is of this server alone.
    assert.doesNotMatch(text, /[0-9a-f]{8}-[0-9a-f]{4}-|000000000000|127\.0\.0\.1/);

    await makesTheSame(first, second, ["contactflows/Greeting.json", "functions/note-call.zip"]);
  });

  test("of every kind makes the same, too", async () => {
    const all = join(import.meta.dirname, "init-kinds/all.yaml");
    const server = await startTrunkline("--init", all);
    const { lines, unchangeable } = await apply(server, all);
    assert.deepEqual([lines, unchangeable], [[], []]);
    await apply(server, EXAMPLE);
    const first = join(temporaryFolder(), "all.yaml");
    assert.equal((await run("export", "--file", first, "--url", server.url)).code, 0);
    await server.close();
    assert.ok(isValid(parse(readFileSync(first, "utf8"))), JSON.stringify(isValid.errors?.[0]));
    assert.ok(isValid(parse(readFileSync(all, "utf8"))), JSON.stringify(isValid.errors?.[0]));
    const sections = readFileSync(first, "utf8").matchAll(/^ *(?:- )?([A-Z]\w+):$/gm);
    const told = new Set([...sections].map(([, section]) => section));
    // Neither objects of buckets are in an export, nor the code of versions.
    assert.deepEqual(
      [...sectionNames()].filter((section) => !told.has(section)),
      ["BucketObjects", "FunctionVersions"],
    );
    // Keys that somebody chose are no members, whatever they are called.
    assert.match(
      readFileSync(first, "utf8"),
      /Role: reader\n +Layers: \$\{Roles.firehose.Arn\}\n +constructor: nobody/,
    );
    const flows = ["contactflows/..-in-out.json", "contactflows/..-in-out-2.json"];
    const beside = ["restapis/shop.json", "functions/reader.zip", ...flows];
    await makesTheSame(first, join(temporaryFolder(), "all.yaml"), beside);
  });

  test("is printed, too, as JSON with all contents in it", async () => {
    const { stdout } = await run("export", "--format", "json", "--url", example.url);
    const { Instances } = JSON.parse(stdout) as { Instances: { ContactFlows: { Content: object }[] }[] };
    assert.ok(JSON.stringify(Instances[0]?.ContactFlows[0]?.Content).includes("${Queues.Sales.Arn}"));
  });

  test("that cannot be written is one line", async () => {
    const file = written("");
    const { code, stderr } = await run("export", "--file", join(file, "x.yaml"), "--url", example.url);
    assert.equal(code, 1);
    assert.match(stderr, /^trunkline: .* cannot be written: [^\n]+\n$/);
  });
});

suite("the schema", () => {
  test("is what the table and the models make of it", () => {
    assert.ok(committed === initSchemaText(), "node scripts/init-schema.ts writes it anew");
    const guide = readFileSync(join(import.meta.dirname, "../docs/init.md"), "utf8");
    assert.ok(guide.includes(`\n\n${kindsText()}\n`), "node scripts/init-schema.ts writes the list of kinds anew");
  });

  test("takes the example and the one of the guide", () => {
    const guide = readFileSync(join(import.meta.dirname, "../docs/init.md"), "utf8");
    const [, block = ""] = /```yaml\n(Region[\s\S]*?)```/.exec(guide) ?? [];
    for (const text of [readFileSync(EXAMPLE, "utf8"), block]) {
      assert.ok(isValid(parse(text)), JSON.stringify(isValid.errors?.[0]));
    }
  });

  test("refuses what applying refuses", () => {
    for (const text of ["Stream: []", "Streams: [{ ShardCount: 1 }]", "Streams: [{ StreamName: a, ShardCounts: 1 }]"]) {
      assert.ok(!isValid(parse(text)), text);
    }
    assert.ok(!isValid(parse("Streams: [{ StreamName: a, StreamModeDetails: { StreamMode: SOME } }]")));
    assert.ok(!isValid(parse("Streams: [{ StreamName: a b }]")));
  });

  test("and the guide's example is applied", async () => {
    const guide = readFileSync(join(import.meta.dirname, "../docs/init.md"), "utf8");
    const [, block = ""] = /```yaml\n(Region[\s\S]*?)```/.exec(guide) ?? [];
    const empty = await startTrunkline();
    assert.equal((await apply(empty, written(block))).created, 7);
    await empty.close();
  });
});

suite("what is wrong with a file", () => {
  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    "no YAML": ["Streams: [\n", /init\.yaml:2:1: neither JSON nor YAML: /],
    "a list": ["- a\n", /init\.yaml:1:1: an init file is a map of kinds/],
    "an unknown kind": ["Stream: []\n", /:1:1: there is no kind Stream; did you mean Streams\?/],
    "a kind in the wrong place": ["Queues: []\n", /:1:1: there is no kind Queues/],
    "no list": ["Streams: { StreamName: a }\n", /:1:10: Streams is a list of entries/],
    "no name": ["Streams:\n  - ShardCount: 1\n", /:2:5: an entry of Streams needs StreamName/],
    "an unknown member": [
      "Streams:\n  - StreamName: a\n    ShardCounts: 1\n",
      /:3:5: Streams a: there is no member ShardCounts; did you mean ShardCount\?/,
    ],
    "an unknown member inside": [
      "Streams:\n  - StreamName: a\n    StreamModeDetails: { StreamMod: PROVISIONED }\n",
      /:3:26: Streams a: StreamModeDetails has no member StreamMod; did you mean StreamMode\?/,
    ],
    "a wrong type": ["Streams:\n  - StreamName: a\n    ShardCount: many\n", /:3:17: Streams a: ShardCount is a number/],
    "a number without end": [
      "Streams:\n  - StreamName: a\n    ShardCount: .inf\n",
      /:3:17: Streams a: ShardCount is a number/,
    ],
    "two documents": ["Streams: []\n---\nStreams: []\n", /:2:1: a second document begins here: a file has one/],
    "a wrong value": [
      "Streams:\n  - StreamName: a\n    StreamModeDetails: { StreamMode: SOME }\n",
      /:3:38: Streams a: StreamMode is one of PROVISIONED, ON_DEMAND/,
    ],
    "a missing member": [
      "EventIntegrations:\n  - Name: a\n    EventBridgeBus: default\n",
      /:2:5: EventIntegrations a: needs EventFilter/,
    ],
    "two of a name": [
      "LogGroups:\n  - logGroupName: a\n  - logGroupName: a\n",
      /:3:5: LogGroups a stands here twice; first at .*:2:5/,
    ],
    "a missing file": [
      'IamUsers:\n  - UserName: a\n    UserPolicies:\n      - { PolicyName: p, PolicyDocument: "${file:none.json}" }\n',
      /:4:42: the file none\.json cannot be read: it is not there/,
    ],
    "a missing reference": [
      "ApiDestinations:\n  - { Name: a, ConnectionArn: none, InvocationEndpoint: https://example.com, HttpMethod: POST }\n",
      /:2:31: ApiDestinations a: there is no Connections none, here or on the server/,
    ],
    "a misspelt reference": [
      'Topics:\n  - Name: a\n    Subscriptions: [{ Protocol: sqs, Endpoint: "${SqsQueue.x.Arn}" }]\n',
      /:3:48: Topics a \/ Subscriptions .*: \$\{SqsQueue\.x\.Arn\} names no kind: did you mean SqsQueues\?/,
    ],
    "references in a circle": [
      'LogGroups:\n  - { logGroupName: a, kmsKeyId: "${LogGroups.b.Arn}" }\n  - { logGroupName: b, kmsKeyId: "${LogGroups.a.Arn}" }\n',
      /:2:5: these refer to each other in a circle: LogGroups a → LogGroups b → LogGroups a/,
    ],
  };
  for (const [name, [text, message]] of Object.entries(cases)) {
    test(name, async () => {
      const good = "Region: us-east-1\n";
      await assert.rejects(apply(server, written(text)), (error: Error) => {
        assert.equal(error.name, "InitError");
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
      assert.equal((await apply(server, written(good))).created, 0);
    });
  }

  test("is all told at once, in the order of the file, and nothing is done", async () => {
    const text = `LogGroups:
  - logGroupName: fine
Streams:
  - { StreamName: s, ShardCounts: 1, StreamModeDetails: { StreamMode: SOME } }
  - ShardCount: 2
Queues: []
IamUsers:
  - UserName: u
    UserPolicies: [{ PolicyName: p, PolicyDocument: "\${file:none.json}" }]
Topics: [{ Name: t, Subscriptions: [{ Protocol: sqs, Endpoint: "\${SqsQueues.none}" }] }]
`;
    const file = written(text);
    await assert.rejects(apply(server, file), (error: Error) => {
      assert.deepEqual(
        error.message.split("\n").map((line) => line.slice(file.length + 1)),
        [
          "4:22: Streams s: there is no member ShardCounts; did you mean ShardCount?",
          "4:71: Streams s: StreamMode is one of PROVISIONED, ON_DEMAND",
          "5:5: an entry of Streams needs StreamName, which is a text",
          "6:1: there is no kind Queues here: it stands in Instances",
          "9:53: the file none.json cannot be read: it is not there",
          "10:64: Topics t / Subscriptions ${SqsQueues.none}: there is no SqsQueues none, here or on the server",
        ],
      );
      return true;
    });
    assert.deepEqual((await apply(server, written("LogGroups: [{ logGroupName: fine }]"), true)).lines, [
      "would create  LogGroups fine",
    ]);
  });

  test("is told of every entry that the server refuses; all but those that need it are made", async () => {
    const text = `Topics:
  - Name: has spaces in it
    Subscriptions: [{ Protocol: sqs, Endpoint: "\${SqsQueues.kept.Arn}" }]
  - Name: made-nevertheless
SqsQueues:
  - QueueName: kept
  - QueueName: refused
    Attributes: { VisibilityTimeout: 1000000 }
`;
    const file = written(text);
    await assert.rejects(apply(server, file), (error: Error) => {
      const lines = error.message.split("\n");
      assert.match(lines[0] ?? "", /init\.yaml:2:5: Topics has spaces in it: CreateTopic: InvalidParameter/);
      assert.match(
        lines[1] ?? "",
        /init\.yaml:8:19: SqsQueues refused: CreateQueue: InvalidAttributeValue: .*VisibilityTimeout/,
      );
      assert.equal(
        lines[2],
        "what was not refused is done: 2 created, 0 updated, 0 as they were, 1 not tried since they need what was refused",
      );
      return lines.length === 3;
    });
  });

  const bomb = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  const unreadable: Readonly<Record<string, readonly [string | Buffer, RegExp]>> = {
    "a name twice in a map": [
      "Streams:\n  - StreamName: a\n    ShardCount: 1\n    ShardCount: 2\n",
      /^\S+init\.yaml:4:5: this name stands here twice$/,
    ],
    "a tab": ["Streams:\n\t- StreamName: a\n", /^\S+:2:1: neither JSON nor YAML: Tabs are not allowed as indentation$/],
    "bytes that are no text": [Buffer.from("Streams:\n  - StreamName: \xe4\n", "latin1"), /^\S+:2: is not UTF-8 text$/],
    "aliases of aliases": [bomb.join("\n"), /^\S+: comes to more than 1000000 values with what its aliases stand for$/],
    "an alias of what it stands in": ["Streams: &a [*a]\n", /^\S+:1:13: this stands for what it is part of$/],
    "an alias of nothing": ["Streams: *none\n", /^\S+:1:10: nothing before this is called &none$/],
    "too many levels": ["[".repeat(20_000), /^\S+:1:\d+: this is nested too deeply$/],
  };
  for (const [name, [text, message]] of Object.entries(unreadable)) {
    test(name, async () => {
      const path = written("");
      writeFileSync(path, text);
      await assert.rejects(apply(server, path), (error: Error) => {
        assert.equal(error.name, "InitError");
        assert.match(error.message, message);
        return true;
      });
    });
  }

  test("a server that is none, or goes away while it answers", async () => {
    const answers = ["<html>", "null"];
    const other = createServer((request, response) => {
      request.resume();
      const answer = answers.shift();
      if (answer !== undefined) response.end(answer);
      else response.writeHead(200, { "content-length": 9 }).write("{", () => response.destroy());
    }).listen(0, "127.0.0.1");
    after(() => other.close());
    await once(other, "listening");
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const call = callTo({ url: new URL(url), region: "us-east-1", names: [], flags: {} });
    for (const told of [
      / does not answer as Trunkline does$/,
      / as Trunkline does$/,
      / went away while it answered ListQueues: /,
    ])
      await assert.rejects(call("sqs", "ListQueues", {}), { name: "ConfigError", message: told });
  });

  test("a folder", async () => {
    await assert.rejects(apply(server, temporaryFolder()), { message: /^\S+ cannot be read: it is a folder$/ });
  });

  test("is one line and exit code 1 for start and apply, and the folder can be used", async () => {
    const folder = join(temporaryFolder(), "data");
    const broken = written("LogGroups:\n  - logGroupName: kept\nStream: []\n");
    const start = await run("start", "--port", "0", "--data", folder, "--log-level", "error", "--init", broken);
    assert.deepEqual(
      { code: start.code, stdout: start.stdout, stderr: start.stderr },
      { code: 1, stdout: "", stderr: `trunkline: ${broken}:3:1: there is no kind Stream; did you mean Streams?\n` },
    );
    const applied = await run("apply", broken, "--url", server.url);
    assert.equal(applied.code, 1);
    assert.match(applied.stderr, /^trunkline: .*:3:1: there is no kind Stream; did you mean Streams\?\n$/);
    const gone = await run("apply", join(folder, "none.yaml"), "--url", server.url);
    assert.match(gone.stderr, /^trunkline: .*none\.yaml cannot be read: there is no such file\n$/);
    const again = await startTrunkline(
      "--data",
      folder,
      "--init",
      written(readFileSync(broken, "utf8").replace("Stream: []", "")),
    );
    assert.equal(again.app.initialized?.created, 1);
    await again.close();
  });
});
