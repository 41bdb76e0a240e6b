/** Rules on metrics afterwards: why one acted or did not, and what another one would have done. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateQueueCommand,
  CreateRuleCommand,
  ListHoursOfOperationsCommand,
  type RuleAction,
} from "@aws-sdk/client-connect";
import type { Verdict } from "../src/matching/explanation.ts";
import type { BacktestLine, BacktestMatch, BacktestResult } from "../src/services/rules/index.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline("--data", temporaryFolder());
const centre = await openCentre(server);
const { connect, InstanceId, queueId, flowId } = centre;
after(() => connect.destroy());

const startMs = server.app.platform().clock.now();
const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
const queue = async (Name: string): Promise<string> =>
  (await connect.send(new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId }))).QueueId ?? "";
const [alpha, beta, unseen] = [await queue("Alpha"), await queue("Beta"), await queue("Unseen")];

type Condition = readonly [metric: string, operator: string, operand: number | string, ...filters: object[]];

function functionOf(grouping: string, ...conditions: readonly Condition[]): string {
  const clause = (Filters: object[]): object => ({ FilterClause: { LogicOperator: "AND", Filters } });
  const Operands = conditions.map(([metric, Operator, operand, ...filters]) => ({
    Operator,
    Operands: [operand],
    ComparisonValue: `$.MetricData.${metric}`,
    Negate: false,
    ...clause(filters),
  }));
  const RuleFunction = {
    Operator: "AND",
    Operands: [{ Operator: "AND", Operands }],
    ...clause([{ Type: "MetricDataGrouping", Data: [grouping] }]),
  };
  return JSON.stringify({ Version: "2022-11-25", RuleFunction });
}

const by = (what: string, ...Data: string[]): object => ({ Type: `MetricDataFilterBy${what}`, Data });
const past = (Past: number): object => ({ Type: "MetricDataDurationSeconds", Data: { Past } });
const waiting = (count: number, ...queues: string[]): string =>
  functionOf("QUEUE", ["CONTACTS_IN_QUEUE", "NumberGreaterOrEqualTo", count, by("Queue", ...queues)]);

const TOLD: RuleAction = { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TOLD" } };

async function rule(Name: string, text: string, action: RuleAction = TOLD): Promise<void> {
  await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName: "OnMetricDataUpdate" },
      Function: text,
      Actions: [action],
      PublishStatus: "PUBLISHED",
    }),
  );
  await server.advance("PT0S");
}

async function post(path: string, body: object): Promise<string> {
  const answer = await sendSigned(server.url, { service: "trunkline", path, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, answer.body.toString());
  return answer.body.toString();
}

async function backtest(
  text: string,
  more: object = {},
): Promise<{ readonly matches: readonly BacktestMatch[]; readonly done: BacktestResult }> {
  const asked = { TriggerEventSource: { EventSourceName: "OnMetricDataUpdate" }, Function: text };
  const told = (await post("/_trunkline/backtest", { rule: asked, since: new Date(startMs).toISOString(), ...more }))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as BacktestLine);
  const last = told.at(-1);
  assert.ok(last && "done" in last);
  return { matches: told.flatMap((line) => ("match" in line ? line.match : [])), done: last.done };
}

const minute = (time: string): number => (Date.parse(time) - startMs) / 60_000;

/** Nobody looks for half an hour; then two wait in Alpha from minute 31 to 34 and again from 36 on, one in Beta from minute 32 on. */
await server.advance("PT30M");
await rule("crowded", waiting(2, alpha, beta));
await rule("useless", waiting(1, beta), {
  ActionType: "CREATE_TASK",
  TaskAction: {
    Name: "useless",
    ContactFlowId: flowId,
    References: { link: { Type: "URL", Value: "$.MetricData.Resources" } },
  },
});
const arrive = (id: string) => centre.arrive({ channel: "VOICE", queueId: id });
await server.advance("PT30S");
const [first] = [await arrive(alpha), await arrive(alpha)];
await server.advance("PT1M");
await arrive(beta);
await server.advance("PT2M");
await centre.customer(first, "hang-up");
await server.advance("PT2M");
await arrive(alpha);
await server.advance("PT10M30S");

test("the looks that let a rule act are explained under each resource, with what it is at now", async () => {
  interface Explained {
    readonly time: string;
    readonly isNow?: true;
    readonly rules: readonly {
      readonly name: string;
      readonly matched: boolean;
      readonly condition: Verdict;
      readonly actions: readonly { readonly action: string; readonly outcome: string; readonly code?: string }[];
    }[];
  }
  const explain = async (subject: string, rule?: string): Promise<readonly Explained[]> =>
    JSON.parse(await post("/_trunkline/explain", { subject, rule })).inputs;
  const shown = (inputs: readonly Explained[]): unknown =>
    inputs.map(({ time, isNow, rules }) => [
      isNow ? "now" : minute(time),
      ...rules
        .map(({ name, matched, actions }) => [name, matched, ...actions.map(({ outcome }) => outcome)])
        .toSorted(),
    ]);
  const ofAlpha = await explain(alpha);
  assert.deepEqual(shown(ofAlpha), [
    [31, ["crowded", true, "done"]],
    [36, ["crowded", true, "done"]],
    ["now", ["crowded", true]],
  ]);
  const field = {
    kind: "field",
    met: true,
    path: "MetricData.CONTACTS_IN_QUEUE",
    asked: "is a number of at least 2",
    found: [2],
  };
  assert.deepEqual(ofAlpha[0]?.rules[0]?.condition, {
    kind: "all",
    met: true,
    of: [{ kind: "all", met: true, of: [field] }],
  });
  assert.deepEqual(shown(await explain(beta)), [
    [32, ["crowded", false], ["useless", true, "failed"]],
    ["now", ["crowded", false], ["useless", true]],
  ]);
  assert.deepEqual(shown(await explain(beta, "crowded")), [
    [32, ["crowded", false]],
    ["now", ["crowded", false]],
  ]);
  assert.deepEqual(await explain(unseen), []);
});

const NO_LOOK = "No look is kept: no rule on metrics was published, or rules looked at more than 500 resources.";

test("a draft with another threshold is tried on what published rules looked at, and what nobody looked at is a gap", async () => {
  const again = await backtest(waiting(2, alpha, beta));
  assert.deepEqual(
    again.matches.map(({ subject, time, resources }) => [subject, minute(time), resources?.length]),
    [
      ["Alpha", 31, 1],
      ["Alpha", 36, 1],
    ],
  );
  const one = await backtest(waiting(1, beta, alpha));
  assert.deepEqual(
    one.matches.map(({ subject, time, resources }) => [subject, minute(time), resources?.length]),
    [
      ["Alpha", 31, 1],
      ["Beta", 32, 2],
    ],
  );
  assert.deepEqual([one.done.asked, one.done.matched, one.done.note], [18, 2, undefined]);
  const gaps = one.done.gaps.map(({ since, until, reason }) => [minute(since), minute(until), reason]);
  assert.deepEqual(gaps, [[0, 30, NO_LOOK]]);

  const other = await backtest(waiting(1, unseen));
  assert.deepEqual([other.done.asked, other.done.matched], [0, 0]);
  assert.deepEqual(
    other.done.gaps.map(({ since, until, reason }) => [minute(since), minute(until), reason]),
    [
      [0, 30, NO_LOOK],
      [30, 46, "No published rule looked at CONTACTS_IN_QUEUE of all that MetricDataFilterByQueue names."],
    ],
  );
});

test("a draft of trailing metrics alone is tried on the sums of historical metrics, which nobody has to have looked at", async () => {
  const userId = await centre.agent("tina");
  const contactId = await arrive(queueId);
  await centre.act(userId, "accept", { contactId });
  await server.advance("PT2M");
  await centre.customer(contactId, "hang-up");
  await centre.act(userId, "clear", { contactId });
  const endMs = server.app.platform().clock.now();
  await server.advance("PT2H");
  const handled = (seconds: number): string =>
    functionOf("QUEUE", ["AVG_HANDLE_TIME", "NumberGreaterOrEqualTo", seconds, by("Queue", queueId), past(3_600)]);
  const { matches, done } = await backtest(handled(100));
  assert.deepEqual(
    matches.map(({ time, condition }) => [Date.parse(time), condition.kind]),
    [[endMs - (endMs % 300_000) + 300_000, "all"]],
  );
  assert.match(JSON.stringify(matches[0]), /AVG_HANDLE_TIME \(past 3600 seconds\)/);
  assert.deepEqual(done.gaps, []);
  assert.match(done.note ?? "", /every five minutes/);
  assert.equal((await backtest(handled(1_000))).done.matched, 0);
  // Two of five minutes at least, wherever these begin.
  const occupied = functionOf("AGENT", [
    "AGENT_OCCUPANCY",
    "NumberGreaterOrEqualTo",
    30,
    by("Agent", userId),
    past(300),
  ]);
  assert.equal((await backtest(occupied)).done.matched, 1);
  const old = await backtest(handled(100), { since: "200d", until: "101d" });
  assert.match(old.done.gaps[0]?.reason ?? "", /100 days/);
});
