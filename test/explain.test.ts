/** Why did my rule not fire? `POST /_trunkline/explain` and `trunkline explain` say so. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import {
  CreateEventBusCommand,
  DisableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import type { Explanation } from "../src/matching/explanation.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const events = new EventBridgeClient(server.client);
after(() => events.destroy());

const PATTERN = JSON.stringify({ source: ["aws.connect"], detail: { state: ["CONNECTED"] } });
const RULE_ARN = "arn:aws:events:us-east-1:000000000000:rule/connected";
const ON_BUS_ARN = "arn:aws:events:us-east-1:000000000000:rule/calls/connected";
await events.send(new CreateEventBusCommand({ Name: "calls" }));
const TARGETS = [{ Id: "queue", Arn: "arn:aws:sqs:us-east-1:000000000000:calls" }];
for (const EventBusName of ["default", "calls"]) {
  await events.send(new PutRuleCommand({ Name: "connected", EventBusName, EventPattern: PATTERN }));
  await events.send(new PutTargetsCommand({ Rule: "connected", EventBusName, Targets: TARGETS }));
}
await events.send(new PutRuleCommand({ Name: "idle", EventPattern: PATTERN }));
await events.send(new PutRuleCommand({ Name: "asleep", EventPattern: PATTERN }));
await events.send(new DisableRuleCommand({ Name: "asleep" }));

const QUEUED = { source: "aws.connect", "detail-type": "Amazon Connect Contact Event", detail: { state: "QUEUED" } };
const CONNECTED = { ...QUEUED, detail: { state: "CONNECTED" } };
const REASON = 'detail.state is "QUEUED", but the rule asks for a value that is "CONNECTED"';

interface Answered extends Partial<Explanation> {
  readonly status: number;
  readonly rule?: string;
  readonly pattern?: string;
  readonly state?: string;
  readonly note?: string;
  readonly error?: string;
}

async function ask(question: unknown, as: { accessKeyId?: string; region?: string } = {}): Promise<Answered> {
  const body = typeof question === "string" ? question : JSON.stringify(question);
  const answer = await sendSigned(server.url, { service: "trunkline", path: "/_trunkline/explain", body, ...as });
  return { status: answer.status, ...JSON.parse(answer.body.toString("utf8")) };
}

suite("POST /_trunkline/explain", () => {
  test("a rule that does not match says why, condition by condition", async () => {
    assert.deepEqual(await ask({ rule: "connected", event: QUEUED }), {
      status: 200,
      rule: RULE_ARN,
      state: "ENABLED",
      matched: false,
      reason: REASON,
      condition: {
        kind: "together",
        met: false,
        of: [
          { kind: "field", met: false, path: "detail.state", asked: 'is "CONNECTED"', found: ["QUEUED"] },
          { kind: "field", met: true, path: "source", asked: 'is "aws.connect"', found: ["aws.connect"] },
        ],
      },
    });
  });

  test("a rule is named by its name, its bus and name, or its ARN", async () => {
    for (const [rule, arn] of [
      ["connected", RULE_ARN],
      ["default/connected", RULE_ARN],
      [RULE_ARN, RULE_ARN],
      ["calls/connected", ON_BUS_ARN],
      [ON_BUS_ARN, ON_BUS_ARN],
    ]) {
      const answer = await ask({ rule, event: CONNECTED });
      assert.deepEqual([answer.status, answer.rule, answer.matched, answer.reason], [200, arn, true, undefined]);
    }
  });

  test("a rule that is disabled is explained, and says that it would not run", async () => {
    const { matched, state, note } = await ask({ rule: "asleep", event: CONNECTED });
    assert.deepEqual([matched, state, note], [true, "DISABLED", "The rule is DISABLED: it would not run."]);
  });

  test("a rule without targets is explained, and says that nobody would hear of it", async () => {
    const { matched, note } = await ask({ rule: "idle", event: CONNECTED });
    assert.deepEqual([matched, note], [true, "The rule has no targets: a match would reach nobody."]);
  });

  test("numbers that no double holds are compared as TestEventPattern and delivery compare them", async () => {
    const question =
      '{"pattern":{"detail":{"n":[1e400]}},"event":{"source":"a","detail-type":"b","detail":{"n":1e400}}}';
    assert.equal((await ask(question)).matched, true);
    assert.equal((await ask(question.replace('"source"', '"id":"1","source"'))).matched, true);
  });

  test("a pattern needs no rule, and is given as an object or as text", async () => {
    for (const pattern of [PATTERN, JSON.parse(PATTERN)]) {
      const answer = await ask({ pattern, event: QUEUED });
      assert.deepEqual([answer.status, answer.pattern, answer.reason], [200, PATTERN, REASON]);
    }
  });

  test("it says what TestEventPattern says", async () => {
    const event = { id: "1", account: "000000000000", time: "2026-01-02T03:04:05Z", region: "us-east-1", ...QUEUED };
    for (const pattern of [PATTERN, '{"detail":{"state":[{"prefix":"Q"}]}}', '{"resources":[{"exists":false}]}']) {
      const { Result } = await events.send(
        new TestEventPatternCommand({ EventPattern: pattern, Event: JSON.stringify(event) }),
      );
      assert.equal((await ask({ pattern, event })).matched, Result, pattern);
    }
  });

  test("an event without an id is completed as PutEvents would complete it, in either spelling", async () => {
    const pattern = {
      id: [{ exists: true }],
      version: ["0"],
      account: ["000000000000"],
      region: ["us-east-1"],
      time: ["2026-01-02T03:04:05Z"],
      resources: ["arn:x"],
      source: ["aws.connect"],
      "detail-type": ["call"],
      detail: { state: ["QUEUED"] },
    };
    const [Detail, Time] = ['{"state":"QUEUED"}', "2026-01-02T03:04:05.678Z"];
    for (const event of [
      { Source: "aws.connect", DetailType: "call", Detail, Time, Resources: ["arn:x"] },
      { source: "aws.connect", "detail-type": "call", detail: JSON.parse(Detail), time: Time, resources: ["arn:x"] },
    ]) {
      assert.equal((await ask({ pattern, event })).reason, undefined);
    }
  });

  test("an event with an id, or with parts only, is taken as it is", async () => {
    const pattern = { account: [{ exists: false }] };
    assert.equal((await ask({ pattern, event: { ...QUEUED, id: "1" } })).matched, true);
    assert.equal((await ask({ pattern, event: { detail: { state: "QUEUED" } } })).matched, true);
  });

  test("what is not there is named", async () => {
    for (const [rule, error] of [
      ["missing", "Rule missing does not exist on EventBus default."],
      ["calls/missing", "Rule missing does not exist on EventBus calls."],
      ["nowhere/connected", "Event bus nowhere does not exist."],
    ]) {
      assert.deepEqual(await ask({ rule, event: QUEUED }), { status: 404, error });
    }
  });

  test("nobody's rules are explained to another account, or in another Region", async () => {
    const other = { accessKeyId: "other" };
    const elsewhere = { region: "eu-west-1" };
    assert.equal((await ask({ rule: "connected", event: QUEUED }, other)).status, 404);
    assert.equal((await ask({ rule: "connected", event: QUEUED }, elsewhere)).status, 404);
    assert.equal((await ask({ rule: ON_BUS_ARN, event: QUEUED }, other)).status, 403);
    assert.equal((await ask({ rule: ON_BUS_ARN, event: QUEUED }, elsewhere)).status, 404);
    assert.equal((await ask({ rule: "connected", event: QUEUED }, { accessKeyId: "nobody" })).status, 403);
  });

  test("a question that is not clear says what to give", async () => {
    const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    for (const [question, words] of [
      ["", /not JSON/],
      ["[]", /either a rule, a pattern or a bus/],
      [{ event: QUEUED }, /either a rule, a pattern or a bus: give \{"rule"/],
      [{ rule: "connected", pattern: PATTERN, event: QUEUED }, /either a rule, a pattern or a bus/],
      [{ rule: "connected" }, /event is not an object/],
      [{ rule: "connected", event: [QUEUED] }, /event is not an object/],
      [{ rule: "connected", event: { Source: "shop" } }, /event lacks its Source, DetailType or Detail/],
      [{ rule: "connected", event: { Source: "shop", DetailType: "x", Detail: "[]" } }, /^Detail is malformed\.$/],
      [{ rule: 7, event: QUEUED }, /rule is not a name or an ARN/],
      [{ rule: "", event: QUEUED }, /rule is not a name or an ARN/],
      [{ pattern: 7, event: QUEUED }, /pattern is not an object or its text/],
      [{ pattern: "x".repeat(5000), event: QUEUED }, /longer than the 4096 characters/],
      [
        { rule: "arn:aws:connect:us-east-1:000000000000:instance/i/rule/r", event: QUEUED },
        /cannot be explained.*BUS\/NAME/,
      ],
      [`{"pattern":{"a":[1]},"event":${deep(1100)}}`, /nested too deep/],
      [`{"pattern":{"a":[1]},"event":${deep(200_000)}}`, /nested too deep/],
      [`{"pattern":${deep(200_000)},"event":{}}`, /nested too deep/],
    ] as const) {
      const { status, error = "" } = await ask(question);
      assert.equal(status, 400, JSON.stringify(question).slice(0, 100));
      assert.match(error, words);
    }
  });

  test("a pattern that is not valid is refused with the service's message", async () => {
    const { status, error = "" } = await ask({ pattern: '{"source": "aws.connect"}', event: QUEUED });
    assert.equal(status, 400);
    assert.match(error, /^Event pattern is not valid\. Reason: "source" must be an object or an array\n at \[Source: /);
  });
});

suite("trunkline explain", () => {
  const folder = temporaryFolder();
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  };
  const [queued, connected] = [file("queued.json", QUEUED), file("connected.json", CONNECTED)];

  test("a rule that does not match: the reason, the tree, and exit code 1", async () => {
    assert.deepEqual(await explain(["connected", queued]), {
      code: 1,
      stderr: "",
      stdout: [
        `no match: ${REASON}`,
        "✗ all of these:",
        '  ✗ detail.state  is "CONNECTED"    "QUEUED"',
        '  ✓ source        is "aws.connect"  "aws.connect"',
        "",
      ].join("\n"),
    });
  });

  test("a rule that matches: its ARN, the tree, and exit code 0", async () => {
    const { code, stdout } = await explain(["connected", connected, "--bus", "calls"]);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^match: ${ON_BUS_ARN}\n✓ all of these.*:\n {2}✓ detail\\.state`));
    assert.match(
      (await explain(["asleep", connected])).stdout,
      /^match: .*\nThe rule is DISABLED: it would not run\.\n/,
    );
  });

  test("the event is read from standard input, and the answer printed as it is", async () => {
    const { code, stdout } = await explain(["calls/connected", "-", "--json"], JSON.stringify(QUEUED));
    assert.equal(code, 1);
    assert.deepEqual({ status: 200, ...JSON.parse(stdout) }, await ask({ rule: "calls/connected", event: QUEUED }));
  });

  test("a pattern from a file needs no rule", async () => {
    const pattern = file("pattern.json", { detail: { state: [{ exists: false }, { "anything-but": ["QUEUED"] }] } });
    const { code, stdout } = await explain(["--pattern", pattern, queued]);
    assert.equal(code, 1);
    assert.equal(
      stdout,
      'no match: detail.state is "QUEUED", but the rule asks that it is absent, or is anything but "QUEUED"\n' +
        '✗ detail.state  is absent, or is anything but "QUEUED"  "QUEUED"\n',
    );
  });

  test("what an event says does not steer the terminal", async () => {
    const event = file("escape.json", { ...QUEUED, detail: { state: "\u009b2J\u001b[2J" } });
    const { stdout } = await explain(["connected", event]);
    assert.match(stdout, /"\\u009b2J\\u001b\[2J"/);
    assert.doesNotMatch(stdout.replaceAll("\n", ""), /\p{Cc}/u);
  });

  test("trouble is exit code 2 and one line", async () => {
    for (const [args, words] of [
      [["connected"], /a rule and a file with an event/],
      [["connected", queued, queued], /a rule and a file with an event/],
      [["--pattern", queued, queued, queued], /takes two files/],
      [["calls/connected", queued, "--bus", "calls"], /leave out --bus/],
      [["connected", "/nowhere/event.json"], /event.json cannot be read/],
      [["connected", file("broken.json", "{")], /broken.json is not JSON/],
      [["connected", file("deep.json", `${"[".repeat(100_000)}${"]".repeat(100_000)}`)], /400: .*nested too deep/],
      [["missing", queued], /404: Rule missing does not exist on EventBus default\.$/m],
      [["connected", queued, "--nonsense"], /--nonsense/],
      [["connected", queued, "--url", "localhost:4510"], /localhost:4510 is no server's URL: give one such as http/],
      [["--pattern", queued, queued, "--bus", "calls"], /leave out --bus/],
      [["connected", queued, "--url", "http://127.0.0.1:1"], /no answer from/],
    ] as const) {
      const { code, stdout, stderr } = await explain(args);
      assert.deepEqual([code, stdout], [2, ""], `${args}`);
      assert.match(stderr, /^trunkline: [^\n]*\n$/);
      assert.match(stderr, words);
    }
  });
});

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function explain(args: readonly string[], input: string = ""): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, "explain", ...args], {
    env: { ...process.env, TRUNKLINE_URL: server.url, TRUNKLINE_CREDENTIALS: "" },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}
