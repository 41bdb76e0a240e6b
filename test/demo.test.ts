/** The demo centre: one request on an empty store makes one of everything, with a past, in which something also fails. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import {
  ConnectClient,
  ListInstancesCommand,
  ListQueuesCommand,
  ListRulesCommand,
  ListUsersCommand,
  SearchContactsCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectCasesClient,
  ListDomainsCommand as ListCasesDomainsCommand,
  SearchCasesCommand,
} from "@aws-sdk/client-connectcases";
import {
  CustomerProfilesClient,
  ListDomainsCommand,
  ListEventStreamsCommand,
  ListEventTriggersCommand,
  ListProfileObjectTypesCommand,
  ListSegmentDefinitionsCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { EventBridgeClient, ListRulesCommand as ListBusRulesCommand } from "@aws-sdk/client-eventbridge";
import { FirehoseClient, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose";
import { KinesisClient, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline, type TestServer } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

interface Told {
  readonly state: string;
  readonly instanceId?: string;
  readonly demo?: { readonly isBuilt: boolean };
  readonly figures?: { readonly contacts: number };
  readonly error?: string;
}

async function ask(
  server: TestServer,
  method: string,
  path: string,
  body?: object,
  accessKeyId = "test",
): Promise<{
  status: number;
  body: Told & { error?: string; isPossible?: boolean; mode?: string; canReset?: boolean };
}> {
  const answer = await sendSigned(server.url, {
    service: "trunkline",
    method,
    path: `/_trunkline/${path}`,
    accessKeyId,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) };
}

/** Asks until the simulator is as wanted. */
async function simulatorWhen(server: TestServer, isSo: (told: Told) => boolean): Promise<Told> {
  for (;;) {
    const { body } = await ask(server, "GET", "simulator");
    assert.notEqual(body.state, "failed", body.error);
    if (isSo(body)) return body;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("one request on an empty store makes one of everything, with contacts, and a target that fails", async () => {
  const server = await startTrunkline();
  assert.deepEqual((await ask(server, "GET", "demo")).body.isPossible, true);
  const [first, second] = await Promise.all([ask(server, "POST", "demo", {}), ask(server, "POST", "demo", {})]);
  assert.deepEqual([first.status, second.status].sort(), [200, 202]);
  const built = await simulatorWhen(
    server,
    ({ demo, figures }) => demo?.isBuilt === true && (figures?.contacts ?? 0) >= 5,
  );
  const { status, body } = await ask(server, "POST", "simulator", { action: "stop" });
  assert.deepEqual([status, body.state], [200, "ended"], JSON.stringify(body));

  const connect = new ConnectClient(server.client);
  const { InstanceSummaryList = [] } = await connect.send(new ListInstancesCommand({}));
  assert.deepEqual(
    InstanceSummaryList.map(({ Id, InstanceAlias }) => [Id, InstanceAlias]),
    [[built.instanceId, "northwind"]],
  );
  const InstanceId = built.instanceId as string;
  assert.ok(
    (await connect.send(new ListQueuesCommand({ InstanceId }))).QueueSummaryList?.some(
      ({ Name }) => Name === "Billing",
    ),
  );
  assert.equal((await connect.send(new ListUsersCommand({ InstanceId }))).UserSummaryList?.length, 26);
  const { RuleSummaryList = [] } = await connect.send(new ListRulesCommand({ InstanceId }));
  assert.ok(
    RuleSummaryList.some(
      ({ PublishStatus, ActionSummaries }) => PublishStatus === "PUBLISHED" && (ActionSummaries?.length ?? 0) > 0,
    ),
  );
  assert.ok(RuleSummaryList.some(({ PublishStatus }) => PublishStatus === "DRAFT"));
  const now = server.app.platform().clock.now();
  const TimeRange = {
    Type: "INITIATION_TIMESTAMP",
    StartTime: new Date(now - 86_400_000),
    EndTime: new Date(now + 1000),
  } as const;
  assert.ok(((await connect.send(new SearchContactsCommand({ InstanceId, TimeRange }))).Contacts?.length ?? 0) >= 5);

  const profiles = new CustomerProfilesClient(server.client);
  const DomainName = "northwind";
  assert.deepEqual(
    (await profiles.send(new ListDomainsCommand({}))).Items?.map((domain) => domain.DomainName),
    [DomainName],
  );
  const types = (await profiles.send(new ListProfileObjectTypesCommand({ DomainName }))).Items ?? [];
  for (const name of ["Customer", "Order", "CTR"])
    assert.ok(
      types.some(({ ObjectTypeName }) => ObjectTypeName === name),
      name,
    );
  assert.equal((await profiles.send(new ListSegmentDefinitionsCommand({ DomainName }))).Items?.length, 2);
  assert.equal((await profiles.send(new ListEventTriggersCommand({ DomainName }))).Items?.length, 2);
  assert.equal((await profiles.send(new ListEventStreamsCommand({ DomainName }))).Items?.length, 1);
  const found = await profiles.send(
    new SearchProfilesCommand({ DomainName, KeyName: "customerKey", Values: ["NW-4001"] }),
  );
  assert.equal(found.Items?.length, 1);

  const cases = new ConnectCasesClient(server.client);
  const [domain] = (await cases.send(new ListCasesDomainsCommand({}))).domains ?? [];
  const opened = await cases.send(
    new SearchCasesCommand({ domainId: domain?.domainId ?? "", fields: [{ id: "title" }] }),
  );
  assert.ok((opened.cases?.length ?? 0) >= 4);

  const kinesis = new KinesisClient(server.client);
  const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
  for (const name of ["agent-events", "contact-records", "contact-events", "segments", "profile-changes"]) {
    assert.ok(StreamNames.includes(`northwind-${name}`), name);
  }
  const events = new EventBridgeClient(server.client);
  const rules = (await events.send(new ListBusRulesCommand({ NamePrefix: "northwind-" }))).Rules ?? [];
  assert.ok(rules.length >= 6);
  const lambda = new LambdaClient(server.client);
  assert.equal((await lambda.send(new ListFunctionsCommand({}))).Functions?.length, 3);
  assert.equal((await lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings?.length, 1);
  const firehose = new FirehoseClient(server.client);
  assert.equal((await firehose.send(new ListDeliveryStreamsCommand({}))).DeliveryStreamNames?.length, 1);
  const gateway = new ApiGatewayV2Client(server.client);
  const [api] = (await gateway.send(new GetApisCommand({}))).Items ?? [];
  const called = await fetch(`${server.url}/_aws/execute-api/${api?.ApiId}/$default/waiting-time/Billing`);
  assert.deepEqual(await called.json(), { topic: "Billing", minutes: 3 });

  const sqs = new SQSClient(server.client);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "northwind-dead-letters" }));
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 10,
      MessageAttributeNames: ["All"],
    }),
  );
  assert.ok(
    Messages.some(({ Body = "" }) => JSON.parse(Body).source === "northwind.export"),
    "what fails is a dead letter",
  );
  assert.ok(Messages[0]?.MessageAttributes?.ERROR_CODE);
  const others = await ask(server, "GET", "demo", undefined, "other");
  assert.deepEqual([others.body.isPossible, "demo" in others.body], [true, false], "another account has none");
  for (const client of [connect, profiles, cases, kinesis, events, lambda, firehose, gateway, sqs]) client.destroy();
  await server.close();
});

test("with a real clock the centre has a past that leads into the present, in which it goes on", async () => {
  const server = await startTrunkline("--clock", "real");
  const { clock, wall } = server.app.platform();
  await ask(server, "POST", "demo", {});
  await simulatorWhen(server, ({ figures }) => (figures?.contacts ?? 0) >= 3);
  assert.equal((await ask(server, "GET", "clock")).body.mode, "catching-up");
  assert.ok(clock.now() < wall.now() - 3_600_000);
  // A past that is stopped is caught up with at once.
  await ask(server, "POST", "simulator", { action: "stop" });
  assert.equal((await ask(server, "GET", "clock")).body.mode, "real");
  assert.ok(Math.abs(clock.now() - wall.now()) < 5_000);
  await ask(server, "POST", "simulator", { action: "start", instance: "northwind", agents: 26 });
  await simulatorWhen(server, ({ state, figures }) => state === "playing" && figures !== undefined);
  assert.deepEqual((await ask(server, "POST", "demo", {})).status, 409);
  await server.close();
});

test("what is there already is not touched, unless one says so and gives another name", async () => {
  const server = await startTrunkline();
  const connect = new ConnectClient(server.client);
  after(() => connect.destroy());
  await ask(server, "POST", "api/connect/CreateInstance", {
    IdentityManagementType: "SAML",
    InstanceAlias: "ours",
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  });
  assert.equal((await ask(server, "GET", "demo")).body.isPossible, false);
  const refused = await ask(server, "POST", "demo", {});
  assert.deepEqual([refused.status, /anyway/.test(refused.body.error ?? "")], [409, true]);
  assert.equal((await ask(server, "POST", "demo", { anyway: true, name: "ours" })).status, 409);
  for (const body of [{ name: "No" }, { name: 7 }, { anyway: "yes" }, { other: 1 }]) {
    assert.equal((await ask(server, "POST", "demo", body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await connect.send(new ListInstancesCommand({}))).InstanceSummaryList?.length, 1);
  assert.equal((await ask(server, "POST", "demo", { anyway: true, name: "beside" })).status, 202);
  await simulatorWhen(server, ({ demo }) => demo?.isBuilt === true);
  assert.equal((await connect.send(new ListInstancesCommand({}))).InstanceSummaryList?.length, 2);
  await ask(server, "POST", "reset", {});
  assert.equal((await ask(server, "GET", "simulator")).body.state, "off", "a reset ends it");
  assert.equal((await ask(server, "GET", "demo")).body.isPossible, true);
  await server.close();
});

test("what is asked while everything is thrown away is answered from what comes after", async () => {
  const own = await startTrunkline();
  const failures: string[] = [];
  let isOver = false;
  const askAlways = async (path: string): Promise<void> => {
    while (!isOver) {
      const { status } = await ask(own, "GET", path);
      if (status >= 500) failures.push(`${path}: ${status}`);
    }
  };
  const asking = Promise.all([askAlways("map"), askAlways("demo")]);
  for (let at = 0; at < 3; at++) {
    await ask(own, "GET", "map");
    assert.equal((await ask(own, "POST", "reset", {})).status, 200);
  }
  isOver = true;
  await asking;
  assert.deepEqual(failures, []);
  await own.close();
});
