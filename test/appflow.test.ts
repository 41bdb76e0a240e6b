/** Flows by AppFlow's API, the endpoints of `/_trunkline/flows` and the command: from files of S3 into Customer Profiles. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import {
  AppflowClient,
  CancelFlowExecutionsCommand,
  DescribeFlowCommand,
  DescribeFlowExecutionRecordsCommand,
  ListFlowsCommand,
  StartFlowCommand,
  StopFlowCommand,
} from "@aws-sdk/client-appflow";
import { DeleteIntegrationCommand, PutIntegrationCommand } from "@aws-sdk/client-customer-profiles";
import { offerToFlows } from "../src/services/appflow/index.ts";
import { ManualClock } from "../src/time/clock.ts";
import { FlowWorld, flowNamed, mapped, scheduled } from "./flow-world.ts";
import { startTrunklineIn } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

/** An S3 endpoint that answers as a test says. */
class Endpoint {
  /** What it answers, in turn; the last one stays. */
  answers: ((response: ServerResponse) => void)[] = [];
  asked = 0;
  readonly #server = createServer((_, response) => {
    this.asked += 1;
    const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    answer?.(response);
  });

  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    after(() => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
}

const EMPTY = (response: ServerResponse): void => {
  response.end("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
};
const refusing =
  (status: number, code: string) =>
  (response: ServerResponse): void => {
    response.writeHead(status).end(`<Error><Code>${code}</Code><Message>Not now</Message></Error>`);
  };
/** Until the test's process ends. */
const NOTHING = (): void => {};

const endpoint = new Endpoint();
const outside = { endpoint: await endpoint.open(), region: "us-east-1", accessKeyId: "key", secretAccessKey: "s3cr3t" };
const server = await startTrunklineIn({
  TRUNKLINE_CONNECTORS: JSON.stringify({ lake: { connectorType: "S3", buckets: { lake: outside } } }),
});
const world = new FlowWorld(server);
const { appflow, profiles } = world;
await world.openBucket("guests");

const lake = { ConnectorType: "S3", SourceConnectorProperties: { S3: { BucketName: "lake" } } } as const;
const jsonLines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const refused =
  (name: string, message?: RegExp) =>
  (error: Error): boolean => {
    assert.equal(error.name, name);
    if (message) assert.match(error.message, message);
    return true;
  };

async function own(method: string, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const sketch = { service: "trunkline", method, path: `/_trunkline/flows${path}` };
  const { status, body } = await sendSigned(server.url, sketch);
  return { status, body: JSON.parse(body.toString("utf8")) };
}

test("a flow on demand runs as it is made: its records go through the tasks, and what is wrong with some is told", async () => {
  await world.openDomain("hotel");
  await world.putFile(
    "in/a.jsonl",
    jsonLines(
      { guest: "g-1", mail: "ina@example.com", first: "Ina", last: "Dyk", kind: "person" },
      { guest: "g-2", mail: "ole@example.com", first: "Ole", last: "Un", kind: "person" },
      { guest: "g-3", mail: "x@example.com", kind: "company" },
      { guest: null, mail: "y@example.com", kind: "person" },
      { guest: "", first: "No", last: "Id", kind: "person", keep: true },
    ) + '{"guest":"g-9",\n',
  );
  await world.putFlow(
    "hotel",
    flowNamed("hotel-guests", {
      Tasks: [
        {
          TaskType: "Filter",
          SourceFields: ["kind"],
          ConnectorOperator: { S3: "EQUAL_TO" },
          TaskProperties: { DATA_TYPE: "string", VALUE: "person" },
        },
        {
          TaskType: "Merge",
          SourceFields: ["first", "last"],
          DestinationField: "first,last",
          TaskProperties: { CONCAT_FORMAT: `\${first} \${last}` },
        },
        {
          TaskType: "Validate",
          SourceFields: ["last"],
          ConnectorOperator: { S3: "VALIDATE_NON_NULL" },
          TaskProperties: { VALIDATION_ACTION: "DropRecord" },
        },
        mapped("first,last", "name"),
        mapped("guest", "id"),
        mapped("mail"),
      ],
    }),
  );
  await server.advance("PT1S");
  assert.deepEqual(await world.guest("hotel", "g-1"), { name: "Ina Dyk", id: "g-1", mail: "ina@example.com" });
  assert.equal(await world.profileCount("hotel"), 2);
  const rejected = await world.rejected("hotel");
  assert.deepEqual(rejected.map(({ ErrorMessage }) => ErrorMessage.replace(/ .*/s, "")).toSorted(), [
    "Object:",
    "in/a.jsonl,",
  ]);
  assert.equal(rejected.find(({ ErrorMessage }) => ErrorMessage.startsWith("in/"))?.Object, '{"guest":"g-9",');

  const [run, ...others] = await world.runs("hotel-guests");
  assert.deepEqual(others, []);
  assert.equal(run?.executionStatus, "Successful");
  assert.deepEqual([run?.executionResult?.recordsProcessed, run?.executionResult?.errorInfo?.putFailuresCount], [6, 2]);
  const { body } = await own("GET", "/hotel-guests");
  const { read, filtered, dropped, failed, ingested } = (body.runs as Record<string, unknown>[])[0] ?? {};
  assert.deepEqual(
    { read, filtered, dropped, failed, ingested },
    { read: 6, filtered: 1, dropped: 1, failed: 2, ingested: 2 },
  );
  assert.equal(body.health, "HEALTHY");
});

test("a flow is described as it was defined", async () => {
  await world.openDomain("described");
  const definition = flowNamed("described", {
    Description: "Nightly guests",
    Tasks: [{ TaskType: "Filter", SourceFields: ["id"], ConnectorOperator: { S3: "PROJECTION" } }],
    ...scheduled("rate(1hours)", { DataPullMode: "Incremental", Timezone: "Europe/Berlin", ScheduleOffset: 60 }),
  });
  const flowArn = await world.putFlow("described", definition);
  const flow = await appflow.send(new DescribeFlowCommand({ flowName: "described" }));
  assert.equal(flow.flowArn, flowArn);
  assert.deepEqual(flow.sourceFlowConfig, {
    connectorType: "S3",
    sourceConnectorProperties: { S3: { bucketName: "guests", bucketPrefix: "in/" } },
  });
  assert.deepEqual(flow.destinationFlowConfigList, [
    {
      connectorType: "CustomerProfiles",
      destinationConnectorProperties: { CustomerProfiles: { domainName: "described" } },
    },
  ]);
  assert.deepEqual(flow.tasks, [
    { taskType: "Filter", connectorOperator: { S3: "PROJECTION" }, sourceFields: ["id"], taskProperties: {} },
  ]);
  assert.deepEqual(flow.triggerConfig, {
    triggerType: "Scheduled",
    triggerProperties: {
      Scheduled: {
        scheduleExpression: "rate(1hours)",
        dataPullMode: "Incremental",
        timezone: "Europe/Berlin",
        scheduleOffset: 60,
      },
    },
  });
  assert.deepEqual([flow.description, flow.flowStatus, flow.kmsArn], ["Nightly guests", "Active", definition.KmsArn]);
});

test("a client token starts one run, and another one is refused while that goes on", async () => {
  await world.openDomain("tokens");
  endpoint.answers = [EMPTY];
  await world.putFlow("tokens", flowNamed("tokens", { SourceFlowConfig: lake }));
  await server.advance("PT1S");
  assert.equal((await world.runs("tokens")).length, 1);

  endpoint.answers = [NOTHING];
  const start = (clientToken: string) => appflow.send(new StartFlowCommand({ flowName: "tokens", clientToken }));
  const { executionId, flowStatus } = await start("first");
  assert.equal(flowStatus, "Active");
  assert.equal((await start("first")).executionId, executionId);
  await assert.rejects(start("second"), refused("ConflictException", /already running/));

  await appflow.send(new CancelFlowExecutionsCommand({ flowName: "tokens" }));
  const [cancelled] = await world.runs("tokens");
  assert.deepEqual([cancelled?.executionId, cancelled?.executionStatus], [executionId, "Canceled"]);
  const again = await appflow.send(
    new CancelFlowExecutionsCommand({ flowName: "tokens", executionIds: [executionId ?? "", "other"] }),
  );
  assert.deepEqual(again.invalidExecutions, [executionId, "other"]);
  assert.equal((await start("first")).executionId, executionId, "Its run is known after it has ended");
  endpoint.answers = [EMPTY];
  assert.notEqual((await start("third")).executionId, executionId);
  await server.advance("PT1S");
  assert.equal((await world.runs("tokens"))[0]?.executionStatus, "Successful");
});

test("a schedule runs a flow, reads what is new since its last run, and stops and starts", async () => {
  await world.openDomain("scheduled");
  const bucket = { S3: { BucketName: "guests", BucketPrefix: "scheduled/" } };
  const SourceFlowConfig = { ConnectorType: "S3", SourceConnectorProperties: bucket } as const;
  const schedule = scheduled("rate(1hours)", { DataPullMode: "Incremental" });
  await world.putFile("scheduled/1.jsonl", jsonLines({ id: "1", mail: "1@example.com" }));
  await world.putFlow("scheduled", flowNamed("scheduled", { SourceFlowConfig, ...schedule }));
  await server.advance("PT1M");
  assert.deepEqual(
    await world.recordsRead("scheduled"),
    [0],
    "What was put at the moment of the run is for the next one",
  );
  await world.putFile("scheduled/2.jsonl", jsonLines({ id: "2", mail: "2@example.com" }));
  await server.advance("PT1H");
  assert.deepEqual(await world.recordsRead("scheduled"), [2, 0]);
  await server.advance("PT1H");
  assert.deepEqual(await world.recordsRead("scheduled"), [0, 2, 0]);

  assert.equal((await appflow.send(new StopFlowCommand({ flowName: "scheduled" }))).flowStatus, "Suspended");
  assert.equal((await appflow.send(new StopFlowCommand({ flowName: "scheduled" }))).flowStatus, "Suspended");
  await world.putFile("scheduled/3.jsonl", jsonLines({ id: "3", mail: "3@example.com" }));
  await server.advance("PT5H");
  assert.equal((await world.runs("scheduled")).length, 3);
  const started = await appflow.send(new StartFlowCommand({ flowName: "scheduled" }));
  assert.deepEqual([started.flowStatus, started.executionId], ["Active", undefined]);
  await server.advance("PT1M");
  assert.deepEqual(await world.recordsRead("scheduled"), [1, 0, 2, 0]);
  assert.equal(await world.profileCount("scheduled"), 3);
});

test("a complete pull reads all each time, and a run of a schedule can be asked for", async () => {
  await world.openDomain("complete");
  await world.putFile("complete/1.csv", "id,mail\n1,1@example.com\n2,2@example.com\n");
  const bucket = { S3: { BucketName: "guests", BucketPrefix: "complete/" } };
  const SourceFlowConfig = { ConnectorType: "S3", SourceConnectorProperties: bucket } as const;
  const night = scheduled("cron(0 3 * * ? *)", { Timezone: "Europe/Berlin" });
  await world.putFlow("complete", flowNamed("complete", { SourceFlowConfig, ...night }));
  await server.advance("P2D");
  assert.deepEqual(await world.recordsRead("complete"), [2, 2]);
  const { status, body } = await own("POST", "/complete/runs");
  assert.equal(status, 200);
  await server.advance("PT1S");
  const { body: run } = await own("GET", `/complete/runs/${body.id}`);
  assert.deepEqual([run.status, run.read, run.cause], ["Successful", 2, "on demand"]);
  assert.equal(await world.profileCount("complete"), 2);
});

test("objects that are put into a bucket with an integration are read, each as it is put", async () => {
  await world.openDomain("drops");
  const Uri = "arn:aws:s3:::guests/drop/";
  await world.putFile("drop/before.jsonl", jsonLines({ id: "0", mail: "0@example.com" }));
  await profiles.send(new PutIntegrationCommand({ DomainName: "drops", ObjectTypeName: "Guest", Uri }));
  await Promise.all(
    Array.from({ length: 20 }, (_, id) => world.putFile(`drop/${id}.csv`, `id,mail\nd-${id},${id}@example.com\n`)),
  );
  await world.putFile("elsewhere/x.csv", "id,mail\nx,x@example.com\n");
  await server.advance("PT1S");
  assert.equal(await world.profileCount("drops"), 20);
  await world.putFile("drop/3.csv", "id,mail\nd-3,3@example.com\nlate,late@example.com\n");
  await server.advance("PT1S");
  assert.equal(await world.profileCount("drops"), 21);

  const { flows: listed = [] } = await appflow.send(new ListFlowsCommand({}));
  assert(!listed.some(({ flowName }) => flowName?.startsWith("s3-")), "Its flow is hidden");
  const { body } = await own("GET", "");
  const [hidden] = (body.flows as Record<string, unknown>[]).filter(({ isHidden }) => isHidden);
  assert.equal(hidden?.object, "guests/drop/");
  const name = String(hidden?.name);
  await assert.rejects(appflow.send(new DescribeFlowCommand({ flowName: name })), refused("ResourceNotFoundException"));

  await profiles.send(new DeleteIntegrationCommand({ DomainName: "drops", Uri }));
  await world.putFile("drop/after.csv", "id,mail\nafter,after@example.com\n");
  await server.advance("PT1S");
  assert.equal(await world.profileCount("drops"), 21);
});

test("what fails and may pass is tried again later, and the run goes on", async () => {
  await world.openDomain("retried");
  endpoint.answers = [refusing(503, "SlowDown"), refusing(500, "InternalError"), EMPTY];
  endpoint.asked = 0;
  await world.putFlow("retried", flowNamed("retried", { SourceFlowConfig: lake }));
  await server.advance("PT0S");
  const [waiting] = await world.runs("retried");
  assert.deepEqual([endpoint.asked, waiting?.executionStatus], [1, "InProgress"]);
  assert.match(waiting?.executionResult?.errorInfo?.executionMessage ?? "", /answered 503: SlowDown/);
  await server.advance("PT30S");
  assert.deepEqual([endpoint.asked, (await world.runs("retried"))[0]?.executionStatus], [3, "Successful"]);
});

test("a run that fails is told, its flow is unhealthy until a run is successful, and no secret is in any message", async () => {
  await world.openDomain("failing");
  endpoint.answers = [refusing(403, "AccessDenied")];
  await world.putFlow("failing", flowNamed("failing", { SourceFlowConfig: lake }));
  await server.advance("PT1S");
  const flow = await appflow.send(new DescribeFlowCommand({ flowName: "failing" }));
  assert.equal(flow.flowStatus, "Errored");
  assert.match(flow.flowStatusMessage ?? "", /^Bucket lake: .* answered 403: AccessDenied, Not now$/);
  assert.equal(flow.lastRunExecutionDetails?.mostRecentExecutionStatus, "Error");
  const { body } = await own("GET", "/failing");
  assert.equal(body.health, "UNHEALTHY");
  assert(!JSON.stringify([flow, body]).includes("s3cr3t"));

  endpoint.answers = [EMPTY];
  await appflow.send(new StartFlowCommand({ flowName: "failing" }));
  await server.advance("PT1S");
  assert.equal(await world.status("failing"), "Active");
  assert.equal((await own("GET", "/failing")).body.health, "HEALTHY");
});

test("a source that fails on and on ends the run after a while", async () => {
  await world.openDomain("down");
  endpoint.answers = [refusing(503, "SlowDown")];
  endpoint.asked = 0;
  await world.putFlow("down", flowNamed("down", { SourceFlowConfig: lake }));
  await server.advance("PT2H");
  assert.deepEqual([endpoint.asked, (await world.runs("down"))[0]?.executionStatus], [10, "Error"]);
});

test("DropDataset ends the run where a record fails, and what came before it stays", async () => {
  await world.openDomain("strict");
  const rows = Array.from({ length: 30 }, (_, id) => ({
    id: String(id),
    mail: id === 20 ? null : `${id}@example.com`,
  }));
  await world.putFile("strict/a.jsonl", jsonLines(...rows));
  const bucket = { S3: { BucketName: "guests", BucketPrefix: "strict/" } };
  await world.putFlow(
    "strict",
    flowNamed("strict", {
      SourceFlowConfig: { ConnectorType: "S3", SourceConnectorProperties: bucket },
      Tasks: [
        {
          TaskType: "Validate",
          SourceFields: ["mail"],
          ConnectorOperator: { S3: "VALIDATE_NON_NULL" },
          TaskProperties: { VALIDATION_ACTION: "DropDataset" },
        },
      ],
    }),
  );
  await server.advance("PT1S");
  const [run] = await world.runs("strict");
  assert.equal(run?.executionStatus, "Error");
  assert.equal(run?.executionResult?.errorInfo?.executionMessage, "VALIDATE_NON_NULL: mail is missing");
  assert.equal(await world.profileCount("strict"), 20);
});

test("a flow that is deleted while it runs ends, and another one of its name has a history of its own", async () => {
  await world.openDomain("deleted");
  endpoint.answers = [NOTHING];
  const Uri = await world.putFlow("deleted", flowNamed("deleted", { SourceFlowConfig: lake }));
  await profiles.send(new DeleteIntegrationCommand({ DomainName: "deleted", Uri }));
  await assert.rejects(world.runs("deleted"), refused("ResourceNotFoundException"));
  endpoint.answers = [EMPTY];
  await world.putFlow("deleted", flowNamed("deleted", { SourceFlowConfig: lake }));
  await server.advance("PT1S");
  const runs = await world.runs("deleted");
  assert.deepEqual(
    runs.map(({ executionStatus }) => executionStatus),
    ["Successful"],
  );
});

test("a tick of the schedule during a run makes no other one", async () => {
  await world.openDomain("slow");
  endpoint.answers = [refusing(503, "SlowDown")];
  await world.putFlow("slow", flowNamed("slow", { SourceFlowConfig: lake, ...scheduled("rate(1minutes)") }));
  await server.advance("PT4M");
  assert.equal((await world.runs("slow")).length, 1);
  endpoint.answers = [EMPTY];
  await server.advance("PT10M");
  const statuses = (await world.runs("slow")).map(({ executionStatus }) => executionStatus);
  assert(statuses.length > 1 && statuses.every((status) => status === "Successful"));
  await appflow.send(new StopFlowCommand({ flowName: "slow" }));
});

test("for all ticks that nobody was there for there is one run, and it reads up to now", async () => {
  await world.openDomain("away");
  const bucket = { S3: { BucketName: "guests", BucketPrefix: "away/" } };
  const SourceFlowConfig = { ConnectorType: "S3", SourceConnectorProperties: bucket } as const;
  const schedule = scheduled("rate(1minutes)", { DataPullMode: "Incremental" });
  await world.putFlow("away", flowNamed("away", { SourceFlowConfig, ...schedule }));
  await server.advance("PT1S");
  await world.putFile("away/1.jsonl", jsonLines({ id: "1", mail: "1@example.com" }));
  const { clock } = server.app.platform();
  assert(clock instanceof ManualClock);
  clock.moveTo(clock.now() + 10 * 3_600_000 + 30_000);
  await server.advance("PT0S");
  assert.deepEqual(await world.recordsRead("away"), [1, 0]);
  const [run] = await world.runs("away");
  assert.equal(run?.dataPullEndTime?.getTime(), clock.now());
  await server.advance("PT1M");
  assert.deepEqual(await world.recordsRead("away"), [0, 1, 0]);
  await appflow.send(new StopFlowCommand({ flowName: "away" }));
});

test("changes of Salesforce go through the flows that they start, and a run of the day counts them", async () => {
  await world.openDomain("changes");
  await world.putFlow(
    "changes",
    flowNamed("changes", {
      SourceFlowConfig: {
        ConnectorType: "Salesforce",
        ConnectorProfileName: "sf",
        SourceConnectorProperties: { Salesforce: { Object: "Contact" } },
      },
      Tasks: [
        { TaskType: "Map", SourceFields: ["Id"], DestinationField: "id" },
        { TaskType: "Map", SourceFields: ["Email"], DestinationField: "mail" },
        { TaskType: "Map", SourceFields: ["FirstName"], DestinationField: "name" },
      ],
      TriggerConfig: { TriggerType: "Event" },
    }),
  );
  const platform = server.app.platform();
  const change = (changeType: string, recordIds: readonly string[], fields: object = {}): Record<string, unknown> => ({
    ChangeEventHeader: { entityName: "Contact", recordIds, changeType },
    ...fields,
  });
  const offer = (entityName: string, ...events: Record<string, unknown>[]): Promise<number> =>
    platform.store.commit((unit) =>
      offerToFlows(unit, platform, { account: "000000000000", region: "us-east-1", entityName, events }),
    );
  await offer("Account", change("CREATE", ["1"], { Email: "no@example.com" }));
  await offer(
    "Contact",
    change("CREATE", ["c-1"], { Email: "ina@example.com", Name: { FirstName: "Ina", LastName: "D" } }),
  );
  await offer(
    "Contact",
    change("UPDATE", ["c-1", "c-2"], { Email: "both@example.com" }),
    change("GAP_UPDATE", ["c-3"]),
  );
  await offer("Contact", change("DELETE", ["c-2"]), change("CREATE", []));
  assert.equal(await world.profileCount("changes"), 2);
  assert.deepEqual(await world.guest("changes", "c-2"), { id: "c-2", mail: "both@example.com" });
  const [open, ...others] = await world.runs("changes");
  assert.deepEqual(others, []);
  assert.deepEqual([open?.executionStatus, open?.executionResult?.recordsProcessed], ["InProgress", 4]);
  await server.advance("P1D");
  assert.equal((await world.runs("changes"))[0]?.executionStatus, "Successful");
  await offer("Contact", change("CREATE", ["c-9"], { Email: "nine@example.com" }));
  assert.equal((await world.runs("changes")).length, 2);
  await appflow.send(new StopFlowCommand({ flowName: "changes" }));
  await offer("Contact", change("CREATE", ["c-10"], { Email: "ten@example.com" }));
  assert.equal(await world.profileCount("changes"), 3);
});

test("flows and runs are listed by pages", async () => {
  const names: (string | undefined)[] = [];
  let nextToken: string | undefined;
  do {
    const page = await appflow.send(new ListFlowsCommand({ maxResults: 2, nextToken }));
    assert((page.flows?.length ?? 0) <= 2);
    names.push(...(page.flows ?? []).map(({ flowName }) => flowName));
    nextToken = page.nextToken;
  } while (nextToken);
  assert.deepEqual(names, names.toSorted());
  assert(names.includes("hotel-guests") && names.length > 8);

  const flowName = "scheduled";
  const page = (maxResults: number, token?: string) =>
    appflow.send(new DescribeFlowExecutionRecordsCommand({ flowName, maxResults, nextToken: token }));
  const { flowExecutions: runs = [] } = await page(100);
  assert(runs.length > 20);
  const first = await page(7);
  const second = await page(100, first.nextToken);
  assert.deepEqual([...(first.flowExecutions ?? []), ...(second.flowExecutions ?? [])], runs);
  assert.equal(second.nextToken, undefined);
  await assert.rejects(appflow.send(new ListFlowsCommand({ nextToken: "x" })), refused("ValidationException"));
  const foreign = new DescribeFlowExecutionRecordsCommand({ flowName: "hotel-guests", nextToken: first.nextToken });
  await assert.rejects(appflow.send(foreign), refused("ValidationException"));
});

test("what is not there, and what is another account's, is not found", async () => {
  const other = new AppflowClient(server.clientOf("other"));
  for (const [client, flowName] of [
    [appflow, "nobody"],
    [other, "hotel-guests"],
  ] as const) {
    const input = { flowName };
    for (const send of [
      () => client.send(new StartFlowCommand(input)),
      () => client.send(new StopFlowCommand(input)),
      () => client.send(new DescribeFlowCommand(input)),
      () => client.send(new DescribeFlowExecutionRecordsCommand(input)),
      () => client.send(new CancelFlowExecutionsCommand(input)),
    ]) {
      await assert.rejects(send(), refused("ResourceNotFoundException"));
    }
  }
  assert.deepEqual((await other.send(new ListFlowsCommand({}))).flows, []);
  for (const path of ["/nobody", "/hotel-guests/runs/x", "/nobody/runs/x"])
    assert.equal((await own("GET", path)).status, 404);
  assert.equal((await own("POST", "/nobody/runs")).status, 404);
  assert.equal((await own("DELETE", "/hotel-guests")).status, 404);
});

test("a flow on demand cannot be stopped", async () => {
  const stop = new StopFlowCommand({ flowName: "hotel-guests" });
  await assert.rejects(appflow.send(stop), refused("UnsupportedOperationException", /on demand/));
});
