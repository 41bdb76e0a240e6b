/** Connect rules on cases: what they look at when cases are created, changed, or not served in time. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  DescribeContactCommand,
  type EventSourceName,
  type RuleAction,
} from "@aws-sdk/client-connect";
import type { BacktestLine } from "../src/services/rules/index.ts";
import { EMPTY, openCases, relate, sla, text, type Values } from "./cases-world.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();

type Condition = readonly [path: string, Operator: string, operand: string | number, more?: object];

/** An instance with a Cases domain. */
async function open() {
  const world = await openCases(server);
  const { connect, InstanceId, flowId, streams } = await openCentre(server);
  after(() => connect.destroy());
  const association = { IntegrationType: "CASES_DOMAIN", IntegrationArn: world.domainArn } as const;
  await connect.send(new CreateIntegrationAssociationCommand({ InstanceId, ...association }));
  const created = new Set<string>();
  return {
    ...world,
    InstanceId,
    async rule(
      EventSourceName: EventSourceName,
      Name: string,
      conditions: readonly Condition[],
      action: object = {},
    ): Promise<string> {
      const Actions: RuleAction[] = [
        { ActionType: "CREATE_TASK", TaskAction: { Name, ContactFlowId: flowId, ...action } },
      ];
      const input = { InstanceId, Name, TriggerEventSource: { EventSourceName }, Actions, Function: allOf(conditions) };
      const { RuleId = "" } = await connect.send(new CreateRuleCommand({ ...input, PublishStatus: "PUBLISHED" }));
      return RuleId;
    },
    /** The names of the tasks that were made since they were asked for last, in order. */
    async tasks(): Promise<string[]> {
      await server.advance("PT0S");
      const made = (await taskIds(streams)).filter((id) => !created.has(id));
      for (const id of made) created.add(id);
      const described = await Promise.all(
        made.map((ContactId) => connect.send(new DescribeContactCommand({ InstanceId, ContactId }))),
      );
      return described.map(({ Contact }) => Contact?.Name ?? "").toSorted();
    },
    async failures(): Promise<unknown[]> {
      const events = (await streams()).contactEvents.map(({ "detail-type": type, detail }) => ({ type, detail }));
      return events.flatMap(({ type, detail }) => (type.endsWith("Execution Failed") ? [detail] : []));
    },
  };
}

async function taskIds(streams: Awaited<ReturnType<typeof openCentre>>["streams"]): Promise<readonly string[]> {
  return (await streams()).contactEvents
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .filter(({ channel, eventType }) => channel === "TASK" && eventType === "INITIATED")
    .map(({ contactId = "" }) => contactId);
}

function allOf(conditions: readonly Condition[]): string {
  const Operands = conditions.map(([path, Operator, operand, more = {}]) => ({
    Operator,
    Operands: [operand],
    ComparisonValue: `$.${path}`,
    Negate: false,
    ...more,
  }));
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
}

async function post(path: string, body: object): Promise<string> {
  const answer = await sendSigned(server.url, { service: "trunkline", path, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, answer.body.toString());
  return answer.body.toString();
}

test("rules look at the values that a case has after it was created or changed", async () => {
  const { rule, tasks, create, update, custom, templateId, option } = await open();
  await option("case_reason", "damaged_item");
  const queue = "arn:aws:connect:us-east-1:000000000000:instance/i/queue/q-1";
  const values: Values = {
    summary: text("The kettle leaks"),
    reference_number: text("R-100"),
    case_reason: text("damaged_item"),
    assigned_queue: text(queue),
    assigned_user: text("u-1"),
    [custom.Number]: { doubleValue: 49.5 },
    [custom.Boolean]: { booleanValue: true },
    [custom.SingleSelect]: text("gold"),
  };
  const now = new Date(server.app.platform().clock.now() + 60_000).toISOString();
  const asked: readonly (readonly [isMet: boolean, condition: Condition])[] = [
    [true, ["Case.TemplateId", "CONTAINS_ANY", templateId]],
    [false, ["Case.TemplateId", "CONTAINS_ANY", "repairs"]],
    [true, ["Case.Fields.assigned_queue", "CONTAINS_ANY", "q-1"]],
    [true, ["Case.Fields.assigned_user", "CONTAINS_ANY", "u-1"]],
    [true, ["Case.Fields.status", "EQUALS", "open"]],
    [true, ["Case.Fields.summary", "CONTAINS", "leaks"]],
    [false, ["Case.Fields.summary", "EQUALS", "leaks"]],
    [true, ["Case.Fields.reference_number", "CONTAINS", "R-1"]],
    [true, ["Case.Fields.case_reason", "EQUALS", "late", { Negate: true }]],
    [true, ["Case.Fields.created_datetime", "NumberLessOrEqualTo", now]],
    [false, ["Case.Fields.last_closed_datetime", "NumberLessOrEqualTo", now]],
    [true, [`Case.Fields.${custom.Number}`, "NumberGreaterOrEqualTo", 49]],
    [true, [`Case.Fields.${custom.Number}`, "EQUALS", "49.5"]],
    [true, [`Case.Fields.${custom.Boolean}`, "EQUALS", "true"]],
    [true, [`Case.Fields.${custom.SingleSelect}`, "EQUALS", "gold"]],
  ];
  for (const source of ["OnCaseCreate", "OnCaseUpdate"] as const) {
    for (const [at, [, condition]] of asked.entries()) await rule(source, `${source}-${at}`, [condition]);
  }
  const met = (source: string) => asked.flatMap(([isMet], at) => (isMet ? `${source}-${at}` : [])).toSorted();
  const caseId = await create(values);
  assert.deepEqual(await tasks(), met("OnCaseCreate"));
  await update(caseId, { title: text("changed") });
  assert.deepEqual(await tasks(), met("OnCaseUpdate"));
  const { reference_number: _, ...cleared } = values;
  await update(caseId, {
    ...Object.fromEntries(Object.keys(cleared).map((id) => [id, EMPTY])),
    status: text("closed"),
  });
  // What has no value is not late, the number stays, and the times are there.
  assert.deepEqual(await tasks(), [
    "OnCaseUpdate-0",
    "OnCaseUpdate-10",
    "OnCaseUpdate-7",
    "OnCaseUpdate-8",
    "OnCaseUpdate-9",
  ]);
});

test("texts name the case, and the service level that was breached", async () => {
  const world = await open();
  const { rule, tasks, create, custom, templateId } = world;
  const breached: Condition = ["RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", "first-answer"];
  const ofCase = `$.Case.CaseId ($.Case.TemplateId, $.Case.Fields.${custom.Number}, $.Case.Fields.none)`;
  const Name = `${ofCase}: $.RelatedItem.SlaConfiguration.Name`;
  await rule("OnCaseCreate", "created", [["Case.TemplateId", "CONTAINS_ANY", templateId]], { Name });
  await rule("OnSlaBreach", "breached", [breached], { Name });
  await rule("OnSlaBreach", "other", [["RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", "solution"]]);
  const caseId = await create({ [custom.Number]: { doubleValue: 49.5 } });
  // Of no breach there is no such variable, and the text is left as it is.
  assert.deepEqual(await tasks(), [`${caseId} (${templateId}, 49.5, ): $.RelatedItem.SlaConfiguration.Name`]);
  await relate(world, caseId, sla("first-answer", "waiting", 30));
  await server.advance("PT29M");
  assert.deepEqual(await tasks(), []);
  await server.advance("PT1M");
  assert.deepEqual(await tasks(), [`${caseId} (${templateId}, 49.5, ): first-answer`]);
  await server.advance("PT1H");
  assert.deepEqual(await tasks(), []);
});

test("the rules of the instance that the domain belongs to are asked, and no others", async () => {
  const [one, other] = [await open(), await open()];
  for (const { rule } of [one, other])
    await rule("OnCaseCreate", "created", [["Case.Fields.status", "EQUALS", "open"]]);
  await one.create();
  assert.deepEqual([await one.tasks(), await other.tasks()], [["created"], []]);
  await (await openCases(server)).create();
  assert.deepEqual([await one.tasks(), await other.tasks()], [[], []]);
  await other.create();
  assert.deepEqual([await one.tasks(), await other.tasks()], [[], ["created"]]);
});

test("what became of an action is explained under the case, a failure is told, and a draft is tried on its changes", async () => {
  const { rule, create, update, failures, InstanceId, templateId } = await open();
  await rule("OnCaseUpdate", "closed", [["Case.Fields.status", "EQUALS", "closed"]]);
  const References = { summary: { Type: "STRING", Value: "$.Case.Fields.summary" } };
  const failing = await rule("OnCaseUpdate", "failing", [["Case.TemplateId", "CONTAINS_ANY", templateId]], {
    References,
  });
  const caseId = await create();
  // Three bytes each: too long for a reference.
  await update(caseId, { summary: text("€".repeat(3_000)) });
  await update(caseId, { status: text("closed") });
  await server.advance("PT0S");
  const { inputs } = JSON.parse(await post("/_trunkline/explain", { subject: caseId, instance: InstanceId }));
  const verdicts = inputs.map(({ rules }: { rules: { name: string; actions: { outcome: string }[] }[] }) =>
    rules.map(({ name, actions }) => [name, ...actions.map(({ outcome }) => outcome)]).toSorted(),
  );
  assert.deepEqual(verdicts, [
    [],
    [["closed"], ["failing", "failed"]],
    [
      ["closed", "done"],
      ["failing", "failed"],
    ],
  ]);
  assert.partialDeepStrictEqual(await failures(), [
    { ruleId: failing, triggerEvent: "CASE", actionType: "CREATE_TASK" },
    { ruleId: failing, triggerEvent: "CASE", actionType: "CREATE_TASK" },
  ]);
  const draft = {
    TriggerEventSource: { EventSourceName: "OnCaseUpdate" },
    Function: allOf([["Case.Fields.status", "EQUALS", "closed"]]),
  };
  const lines = (await post("/_trunkline/backtest", { rule: draft, instance: InstanceId })).trim().split("\n");
  const told = lines.map((line) => JSON.parse(line) as BacktestLine);
  assert.deepEqual(
    told.flatMap((line) => ("match" in line ? line.match.subject : [])),
    [caseId],
  );
  assert.partialDeepStrictEqual(told.at(-1), { done: { asked: 2, matched: 1 } });
});
