/**
 * Connect rules on cases. The service that creates and changes cases is not built yet: their changes are appended here, to the log by which it
 * will tell of them.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  DescribeContactCommand,
  type EventSourceName,
  type RuleAction,
} from "@aws-sdk/client-connect";
import { type CaseChange, tellCaseChange } from "../src/services/cases/index.ts";
import type { BacktestLine } from "../src/services/rules/index.ts";
import { openCentre } from "./contact-centre.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();

const FIELDS = {
  title: "Kettle arrived cracked",
  status: "open",
  summary: "The kettle leaks",
  reference_number: "R-100",
  case_reason: "damaged_item",
  assigned_queue: "arn:aws:connect:us-east-1:000000000000:instance/i/queue/q-1",
  assigned_user: "u-1",
  created_datetime: "2026-01-19T08:00:00.000Z",
  last_updated_datetime: "2026-01-20T08:00:00.000Z",
  amount: 49.5,
  urgent: true,
  tier: "gold",
};

type Told = Partial<CaseChange> & { readonly kind: CaseChange["kind"] };
type Condition = readonly [path: string, Operator: string, operand: string | number, more?: object];

/** An instance with a Cases domain. */
async function open(name: string) {
  const { domainId } = await call(server.url, "connectcases", "CreateDomain", { name });
  const { connect, InstanceId, flowId, streams } = await openCentre(server);
  after(() => connect.destroy());
  await connect.send(
    new CreateIntegrationAssociationCommand({
      InstanceId,
      IntegrationType: "CASES_DOMAIN",
      IntegrationArn: `arn:aws:cases:us-east-1:000000000000:domain/${domainId}`,
    }),
  );
  return {
    InstanceId,
    async rule(
      EventSourceName: EventSourceName,
      Name: string,
      conditions: readonly Condition[],
      taskAction: object = {},
    ): Promise<string> {
      const Actions: RuleAction[] = [
        { ActionType: "CREATE_TASK", TaskAction: { Name, ContactFlowId: flowId, ...taskAction } },
      ];
      const input = { InstanceId, Name, TriggerEventSource: { EventSourceName }, Actions, Function: allOf(conditions) };
      const { RuleId = "" } = await connect.send(new CreateRuleCommand({ ...input, PublishStatus: "PUBLISHED" }));
      return RuleId;
    },
    /** Answers with the names of the tasks that follow, in order. */
    async tell(change: Told): Promise<string[]> {
      const of = { account: "000000000000", region: "us-east-1", domainId, caseId: "case-1", templateId: "returns" };
      const before = (await taskIds(streams)).length;
      const whole = { ...of, fields: FIELDS, ...change } as CaseChange;
      await server.app.platform().store.commit(async (unit) => tellCaseChange(unit, whole));
      await server.advance("PT0S");
      const made = (await taskIds(streams)).slice(before);
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

const OF_RETURNS: Condition = ["Case.TemplateId", "CONTAINS_ANY", "returns"];

test("rules look at the values that a case has after it was created or changed", async () => {
  const { rule, tell } = await open("values");
  const asked: readonly (readonly [isMet: boolean, condition: Condition])[] = [
    [true, OF_RETURNS],
    [false, ["Case.TemplateId", "CONTAINS_ANY", "repairs"]],
    [true, ["Case.Fields.assigned_queue", "CONTAINS_ANY", "q-1"]],
    [true, ["Case.Fields.assigned_user", "CONTAINS_ANY", "u-1"]],
    [true, ["Case.Fields.status", "EQUALS", "open"]],
    [true, ["Case.Fields.summary", "CONTAINS", "leaks"]],
    [false, ["Case.Fields.summary", "EQUALS", "leaks"]],
    [true, ["Case.Fields.reference_number", "CONTAINS", "R-1"]],
    [true, ["Case.Fields.case_reason", "EQUALS", "late", { Negate: true }]],
    [true, ["Case.Fields.created_datetime", "NumberLessOrEqualTo", "2026-01-19T09:00:00+01:00"]],
    [false, ["Case.Fields.last_closed_datetime", "NumberLessOrEqualTo", "2027-01-01T00:00:00Z"]],
    [true, ["Case.Fields.amount", "NumberGreaterOrEqualTo", 49]],
    [true, ["Case.Fields.amount", "EQUALS", "49.5"]],
    [true, ["Case.Fields.urgent", "EQUALS", "true"]],
    [true, ["Case.Fields.tier", "EQUALS", "gold"]],
  ];
  for (const source of ["OnCaseCreate", "OnCaseUpdate"] as const) {
    for (const [at, [, condition]] of asked.entries()) await rule(source, `${source}-${at}`, [condition]);
  }
  const met = (source: string) => asked.flatMap(([isMet], at) => (isMet ? `${source}-${at}` : [])).toSorted();
  assert.deepEqual(await tell({ kind: "created" }), met("OnCaseCreate"));
  assert.deepEqual(await tell({ kind: "updated" }), met("OnCaseUpdate"));
  const bare = { title: "Kettle arrived cracked", status: "closed" };
  assert.deepEqual(await tell({ kind: "updated", fields: bare, templateId: "none" }), ["OnCaseUpdate-8"]);
});

test("texts name the case, and the service level that was breached", async () => {
  const { rule, tell } = await open("texts");
  const breached: Condition = ["RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", "first-answer"];
  const ofCase = "$.Case.CaseId ($.Case.TemplateId, $.Case.Fields.amount, $.Case.Fields.none)";
  await rule("OnCaseCreate", "created", [OF_RETURNS], { Name: `${ofCase}: $.RelatedItem.SlaConfiguration.Name` });
  await rule("OnSlaBreach", "breached", [breached], { Name: `${ofCase}: $.RelatedItem.SlaConfiguration.Name` });
  await rule("OnSlaBreach", "other", [["RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", "solution"]]);
  // Of no breach there is no such variable, and the text is left as it is.
  const created = ["case-1 (returns, 49.5, ): $.RelatedItem.SlaConfiguration.Name"];
  assert.deepEqual(await tell({ kind: "created" }), created);
  const sla = { relatedItemId: "sla-1", name: "first-answer" };
  assert.deepEqual(await tell({ kind: "sla-breached", sla }), ["case-1 (returns, 49.5, ): first-answer"]);
});

test("the rules of the instance that the domain belongs to are asked, and no others", async () => {
  const [one, other] = [await open("one"), await open("other")];
  for (const { rule } of [one, other]) await rule("OnCaseCreate", "created", [OF_RETURNS]);
  assert.deepEqual(await one.tell({ kind: "created" }), ["created"]);
  assert.deepEqual(await one.tell({ kind: "created", domainId: "of-nobody" }), []);
  assert.deepEqual(await one.tell({ kind: "created", account: "111122223333" }), []);
  assert.deepEqual(await other.tell({ kind: "created" }), ["created"]);
});

test("a rule does not look at what its own action has led to, and chains of rules end", async () => {
  const { rule, tell } = await open("chains");
  const first = await rule("OnCaseUpdate", "first", [OF_RETURNS]);
  await rule("OnCaseUpdate", "second", [OF_RETURNS]);
  assert.deepEqual(await tell({ kind: "updated", byRules: ["another"] }), ["first", "second"]);
  assert.deepEqual(await tell({ kind: "updated", byRules: ["another", first] }), ["second"]);
  assert.deepEqual(await tell({ kind: "updated", byRules: ["1", "2", "3", "4", "5"] }), []);
});

test("what became of an action is explained under the case, a failure is told, and a draft is tried on its changes", async () => {
  const { rule, tell, failures, InstanceId } = await open("explained");
  await rule("OnCaseUpdate", "closed", [["Case.Fields.status", "EQUALS", "closed"]]);
  const References = { summary: { Type: "STRING", Value: "$.Case.Fields.summary" } };
  const failing = await rule("OnCaseUpdate", "failing", [OF_RETURNS], { References });
  const fields = { ...FIELDS, summary: "too long for a reference ".repeat(200) };
  await tell({ kind: "updated", fields });
  await tell({ kind: "updated", fields: { ...fields, status: "closed" } });
  const { inputs } = JSON.parse(await post("/_trunkline/explain", { subject: "case-1", instance: InstanceId }));
  const verdicts = inputs.map(({ rules }: { rules: { name: string; actions: { outcome: string }[] }[] }) =>
    rules.map(({ name, actions }) => [name, ...actions.map(({ outcome }) => outcome)]).toSorted(),
  );
  assert.deepEqual(verdicts, [
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
    ["case-1"],
  );
  assert.partialDeepStrictEqual(told.at(-1), { done: { asked: 2, matched: 1 } });
});
