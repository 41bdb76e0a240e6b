/**
 * Kills the server (SIGKILL) while a webhook brings tickets, evaluations are submitted and the clock ticks: a rule acts once for each ticket,
 * however often its sender repeats it, once for each submission, and once for a breach of a metric that outlives all the kills.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { after, test } from "node:test";
import {
  ActivateEvaluationFormCommand,
  ConnectClient,
  CreateEvaluationFormCommand,
  CreateInstanceCommand,
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  CreateUseCaseCommand,
  DescribeContactCommand,
  type EventSourceName,
  ListContactFlowsCommand,
  ListQueuesCommand,
  type RuleAction,
  StartContactEvaluationCommand,
  StartTaskContactCommand,
  SubmitContactEvaluationCommand,
} from "@aws-sdk/client-connect";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { SeededIds } from "../src/time/ids.ts";
import { call } from "./model-call.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream } from "./streams.ts";

/** Each round sees a kill. */
const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 60 : 3;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const SECRET = "secret";
const SOURCE = "aws.partner/zendesk.com/1/default";

test("rules act once for each ticket, submission and breach, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`rules ${SEED}`);
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const centre = await prepare(url);
  let submissions = 0;
  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const ended = once(server.child, "exit");
    const work = Promise.allSettled([
      ...[0, 1, 2].map((number) => centre.bring(`ticket-${round}-${number}`)),
      ...[0, 1].map(async () => {
        submissions++;
        await centre.submit();
        acknowledged++;
      }),
      centre.advance(),
    ]);
    await new Promise((resolve) => setTimeout(resolve, ids.random() * 60));
    server.child.kill("SIGKILL");
    await Promise.all([ended, work]);
    server = await spawnTrunkline(folder, "--port", new URL(url).port);
    // The sender has no answer, or does not trust it.
    for (const number of [0, 1, 2]) await centre.bring(`ticket-${round}-${number}`);
    await centre.advance();
  }
  const tickets = Array.from({ length: ROUNDS }, (_, round) => [0, 1, 2].map((number) => `ticket-${round}-${number}`));
  const told = await centre.told();
  assert.deepEqual(told.tickets, tickets.flat().toSorted());
  assert.deepEqual(told.breaches, 1);
  assert.ok(
    told.evaluations >= acknowledged && told.evaluations <= submissions,
    `${told.evaluations} of ${submissions}`,
  );
  assert.equal(new Set(told.ids).size, told.ids.length);
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills, ${tickets.flat().length} tickets, ${told.evaluations} submissions`);
});

async function prepare(endpoint: string) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  const connect = new ConnectClient(client);
  const events = new EventBridgeClient(client);
  const kinesis = new KinesisClient(client);
  after(() => {
    for (const one of [connect, events, kinesis]) one.destroy();
  });
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  const control = async (path: string, body: object): Promise<any> => {
    const request = { service: "connect", method: "POST", path: `/_trunkline/${path}`, body: JSON.stringify(body) };
    const answer = await sendSigned(endpoint, request);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return JSON.parse(answer.body.toString());
  };

  const StreamARN = await createStream(kinesis, "told");
  await events.send(new PutRuleCommand({ Name: "told", EventPattern: JSON.stringify({ source: ["aws.connect"] }) }));
  await events.send(new PutTargetsCommand({ Rule: "told", Targets: [{ Id: "stream", Arn: StreamARN }] }));
  const created = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "killed",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const InstanceId = created.Id ?? "";
  const { QueueSummaryList } = await connect.send(new ListQueuesCommand({ InstanceId, QueueTypes: ["STANDARD"] }));
  const queueId = QueueSummaryList?.[0]?.Id ?? "";
  const flows = await connect.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }));
  const ContactFlowId = flows.ContactFlowSummaryList?.[0]?.Id ?? "";

  const webhook = await control("webhooks", { kind: "zendesk", source: SOURCE, secret: SECRET });
  await events.send(new CreateEventBusCommand({ Name: SOURCE, EventSourceName: SOURCE }));
  const integration = { Name: "desk", EventFilter: { Source: SOURCE }, EventBridgeBus: SOURCE };
  const { EventIntegrationArn } = await call(endpoint, "appintegrations", "CreateEventIntegration", integration);
  const association = { IntegrationType: "EVENT", IntegrationArn: EventIntegrationArn, SourceType: "ZENDESK" } as const;
  const associate = new CreateIntegrationAssociationCommand({ InstanceId, ...association });
  const { IntegrationAssociationId } = await connect.send(associate);
  const UseCaseType = "RULES_EVALUATION";
  await connect.send(new CreateUseCaseCommand({ InstanceId, IntegrationAssociationId, UseCaseType }));

  const rule = async (source: EventSourceName, RuleFunction: object, action: RuleAction, association?: string) => {
    const TriggerEventSource = { EventSourceName: source, IntegrationAssociationId: association };
    const text = JSON.stringify({ Version: "2022-11-25", RuleFunction });
    const definition = { Function: text, Actions: [action], PublishStatus: "PUBLISHED" as const };
    await connect.send(new CreateRuleCommand({ InstanceId, Name: source, TriggerEventSource, ...definition }));
  };
  const event: RuleAction = { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "told" } };
  const Name = "$.ThirdParty.Zendesk.TicketCreate.Id";
  const task: RuleAction = { ActionType: "CREATE_TASK", TaskAction: { Name, ContactFlowId } };
  const equals = (ComparisonValue: string, operand: string) => ({
    Operator: "AND",
    Operands: [{ Operator: "EQUALS", Operands: [operand], ComparisonValue }],
  });
  await rule(
    "OnZendeskTicketCreate",
    equals("$.ThirdParty.Zendesk.TicketCreate.Priority", "high"),
    task,
    IntegrationAssociationId,
  );
  const question = { RefId: "q", Title: "q", QuestionType: "TEXT" } as const;
  const Items = [{ Section: { RefId: "s", Title: "s", Items: [{ Question: question }] } }];
  const form = await connect.send(new CreateEvaluationFormCommand({ InstanceId, Title: "form", Items }));
  const { EvaluationFormId = "" } = form;
  const activate = new ActivateEvaluationFormCommand({ InstanceId, EvaluationFormId, EvaluationFormVersion: 1 });
  await connect.send(activate);
  await rule(
    "OnContactEvaluationSubmit",
    equals("$.ContactLens.ContactEvaluation.Form.FormId", EvaluationFormId),
    event,
  );
  const started = await connect.send(new StartTaskContactCommand({ InstanceId, ContactFlowId, Name: "evaluated" }));
  const evaluated = { InstanceId, ContactId: started.ContactId ?? "", EvaluationFormId };
  const { EvaluationId = "" } = await connect.send(new StartContactEvaluationCommand(evaluated));
  const clause = (Type: string, Data: string[]) => ({
    FilterClause: { LogicOperator: "AND", Filters: [{ Type, Data }] },
  });
  const waiting = {
    Operator: "NumberGreaterOrEqualTo",
    Operands: [1],
    ComparisonValue: "$.MetricData.CONTACTS_IN_QUEUE",
    ...clause("MetricDataFilterByQueue", [queueId]),
  };
  await rule(
    "OnMetricDataUpdate",
    {
      Operator: "AND",
      Operands: [{ Operator: "AND", Operands: [waiting] }],
      ...clause("MetricDataGrouping", ["QUEUE"]),
    },
    event,
  );
  await control(`contacts/${InstanceId}`, { channel: "VOICE", queueId });

  return {
    async bring(id: string): Promise<void> {
      const type = "zen:event-type:ticket.created";
      const body = JSON.stringify({
        id,
        type,
        time: "2026-01-20T10:11:12Z",
        detail: { id, priority: "HIGH" },
        event: {},
      });
      const timestamp = new Date().toISOString();
      const signature = createHmac("sha256", SECRET)
        .update(timestamp + body)
        .digest("base64");
      const headers = {
        "x-zendesk-webhook-signature": signature,
        "x-zendesk-webhook-signature-timestamp": timestamp,
      };
      const { status } = await fetch(webhook.url, { method: "POST", headers, body });
      assert.equal(status, 200);
    },
    submit: () => connect.send(new SubmitContactEvaluationCommand({ InstanceId, EvaluationId })),
    advance: () => control("clock", { advance: "PT1M" }),
    async told() {
      const begin = { StreamARN, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
      const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(begin));
      const { Records = [] } = await kinesis.send(new GetRecordsCommand({ StreamARN, ShardIterator }));
      // biome-ignore lint/suspicious/noExplicitAny: what a test reads from a stream, it checks.
      const all: any[] = Records.map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString()));
      const typed = (type: string) => all.filter((one) => one["detail-type"] === type);
      const tasks = typed("Amazon Connect Contact Event").filter(
        ({ detail }) => detail.channel === "TASK" && detail.eventType === "INITIATED",
      );
      const names: string[] = [];
      for (const { detail } of tasks) {
        const input = { InstanceId, ContactId: detail.contactId };
        names.push((await connect.send(new DescribeContactCommand(input))).Contact?.Name ?? "");
      }
      return {
        tickets: names.filter((name) => name.startsWith("ticket")).toSorted(),
        evaluations: typed("Contact Lens Evaluation Rules Matched").length,
        breaches: typed("Metrics Rules Matched").length,
        ids: all.map(({ id }) => id as string),
      };
    },
  };
}
