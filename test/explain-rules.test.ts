/** Why did a Connect rule act, or not? `POST /_trunkline/explain` and `trunkline explain --contact` say so, from what was kept. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import {
  ActivateEvaluationFormCommand,
  CreateContactFlowCommand,
  CreateEvaluationFormCommand,
  DeleteContactFlowCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  type RuleAction,
  StartContactEvaluationCommand,
  SubmitContactEvaluationCommand,
  UpdateRuleCommand,
} from "@aws-sdk/client-connect";
import type { Verdict } from "../src/matching/explanation.ts";
import { analysedCalls } from "./analysed-flows.ts";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const world = await openRuleWorld(server);
const { connect, InstanceId, instanceArn, agentId } = world;
after(() => connect.destroy());
/** A flow that is deleted once a rule names it. */
const { ContactFlowId: goneFlow = "" } = await connect.send(
  new CreateContactFlowCommand({
    InstanceId,
    Name: "gone",
    Type: "CONTACT_FLOW",
    Content: analysedCalls(world.queueId, {}),
  }),
);

interface ExplainedRule {
  readonly rule: string;
  readonly name: string;
  readonly matched: boolean;
  readonly reason?: string;
  readonly condition: Verdict;
  readonly turn?: { readonly id: string; readonly speaker: string; readonly beginMs: number };
  readonly note?: string;
  readonly actions: readonly { readonly action: string; readonly outcome: string; readonly code?: string }[];
}

interface Answer {
  readonly status: number;
  readonly error?: string;
  readonly note?: string;
  readonly inputs: readonly {
    readonly source: string;
    readonly about?: string;
    readonly rules: readonly ExplainedRule[];
  }[];
}

async function explain(question: object, accessKeyId = "test"): Promise<Answer> {
  const body = JSON.stringify(question);
  const answer = await sendSigned(server.url, { service: "trunkline", path: "/_trunkline/explain", body, accessKeyId });
  return { status: answer.status, ...JSON.parse(answer.body.toString()) };
}

/** What one rule made of a contact. */
async function verdictOf(subject: string, name: string): Promise<ExplainedRule | undefined> {
  const { inputs } = await explain({ subject });
  return inputs.flatMap(({ rules }) => rules).find((rule) => rule.name === name);
}

const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const LATE_CALL = [
  ["AGENT", "Good morning, how can I help?"],
  ["CUSTOMER", "My parcel is really late and I am angry."],
  ["AGENT", "I am sorry."],
] as const;
const customer = { FilterClause: { LogicOperator: "AND", Filters: [{ Type: "ParticipantRole", Data: "CUSTOMER" }] } };

async function talk(lines: readonly (readonly ["AGENT" | "CUSTOMER", string])[], arrival?: object): Promise<string> {
  await world.status(agentId, "Available");
  return world.talk("VOICE", lines, arrival);
}

test("rules after a call are explained condition by condition, with the words that were found, and what came of their actions", async () => {
  const TaskAction = { Name: "Never", ContactFlowId: goneFlow };
  const failing: RuleAction = { ActionType: "CREATE_TASK", TaskAction };
  await world.rule(
    "OnPostCallAnalysisAvailable",
    "late",
    allOf(
      "PostCall",
      ["ExactMatch.Transcript", "CONTAINS_ANY", ["really late", "delayed"], customer],
      ["Sentiment.OverallScore", "NumberLessOrEqualTo", [0], customer],
      ["ContactAttribute.tier", "EQUALS", ["gold"]],
      ["ExactMatch.Transcript", "CONTAINS_ANY", ["goodbye"], { Negate: true }],
    ),
    { Actions: [CATEGORY, failing] },
  );
  await connect.send(new DeleteContactFlowCommand({ InstanceId, ContactFlowId: goneFlow }));
  await world.rule(
    "OnPostCallAnalysisAvailable",
    "silver",
    allOf(
      "PostCall",
      ["ContactAttribute.tier", "EQUALS", ["silver"]],
      ["ExactMatch.Transcript", "CONTAINS_ANY", ["voucher"]],
    ),
  );
  const contactId = await talk(LATE_CALL, { attributes: { tier: "gold" } });

  const late = await verdictOf(contactId, "late");
  assert.deepEqual(late, {
    rule: late?.rule,
    name: "late",
    matched: true,
    condition: {
      kind: "all",
      met: true,
      of: [
        {
          kind: "field",
          met: true,
          path: "ContactLens.PostCall.ExactMatch.Transcript",
          asked: 'tells that CUSTOMER said "really late", "delayed" (exact match)',
          found: ["really late (CUSTOMER at 2.0 s)"],
        },
        {
          kind: "field",
          met: true,
          path: "ContactLens.PostCall.Sentiment.OverallScore (CUSTOMER)",
          asked: "is a number up to 0",
          found: [-5],
        },
        {
          kind: "field",
          met: true,
          path: "ContactLens.PostCall.ContactAttribute.tier",
          asked: 'is "gold"',
          found: ["gold"],
        },
        {
          kind: "not",
          met: true,
          of: [
            {
              kind: "field",
              met: false,
              path: "ContactLens.PostCall.ExactMatch.Transcript",
              asked: 'tells that anyone said "goodbye" (exact match)',
              found: "absent",
            },
          ],
        },
      ],
    },
    actions: late?.actions,
  });
  assert.deepEqual(
    late?.actions.map(({ action, outcome, code }) => [action, outcome, code]),
    [
      ["ASSIGN_CONTACT_CATEGORY", "done", undefined],
      ["CREATE_TASK", "failed", "ResourceNotFoundException"],
    ],
  );
  const silver = await verdictOf(contactId, "silver");
  assert.equal(silver?.matched, false);
  assert.equal(
    silver?.reason,
    'ContactLens.PostCall.ContactAttribute.tier is "gold", but the rule asks for a value that is "silver"',
  );
  assert.deepEqual(silver?.actions, []);
});

test("a rule is explained as it stood then, also once it was changed or deleted", async () => {
  const RuleId = await world.rule(
    "OnPostCallAnalysisAvailable",
    "changing",
    allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["parcel"]]),
  );
  const first = await talk(LATE_CALL);
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  const changed = {
    ...Rule,
    InstanceId,
    RuleId,
    Name: "changing",
    Function: allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["voucher"]]),
    Actions: [CATEGORY],
    PublishStatus: "PUBLISHED" as const,
  };
  await connect.send(new UpdateRuleCommand(changed));
  const second = await talk(LATE_CALL);
  assert.equal((await verdictOf(first, "changing"))?.matched, true);
  const reason = 'it was not found that anyone said "voucher" (exact match)';
  assert.equal((await verdictOf(second, "changing"))?.reason, reason);
  await connect.send(new DeleteRuleCommand({ InstanceId, RuleId }));
  const third = await talk(LATE_CALL);
  assert.equal((await verdictOf(first, "changing"))?.matched, true);
  assert.equal((await verdictOf(second, "changing"))?.reason, reason);
  assert.equal(await verdictOf(third, "changing"), undefined);
});

test("one rule alone is tried on a contact, also where it was no rule yet", async () => {
  const contactId = await talk(LATE_CALL);
  const text = allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["parcel"]]);
  const id = await world.rule("OnPostCallAnalysisAvailable", "later", text, { PublishStatus: "DRAFT" });
  for (const rule of ["later", id, `${instanceArn}/rule/${id}`]) {
    const { inputs } = await explain({ subject: contactId, instance: InstanceId, rule });
    assert.deepEqual(
      inputs.map(({ source, rules }) => [source, rules.map(({ name, matched }) => [name, matched])]),
      [["OnPostCallAnalysisAvailable", [["later", true]]]],
    );
    assert.match(inputs[0]?.rules[0]?.note ?? "", /not published then/);
  }
});

test("real-time rules are explained by the turn that made them true, while the call goes on and afterwards", async () => {
  const words = (text: string) => allOf("RealTimeCall", ["ExactMatch.Transcript", "CONTAINS_ANY", [text]]);
  await world.rule("OnRealTimeCallAnalysisAvailable", "live-late", words("really late"));
  await world.rule("OnRealTimeCallAnalysisAvailable", "live-never", words("voucher"));
  await world.status(agentId, "Available");
  const contactId = await world.begin("VOICE");
  for (const line of LATE_CALL.slice(0, 2)) await world.say(contactId, line);
  const check = async (): Promise<void> => {
    const late = await verdictOf(contactId, "live-late");
    assert.partialDeepStrictEqual(late, {
      matched: true,
      turn: { speaker: "CUSTOMER", beginMs: 2_000 },
      condition: {
        of: [{ path: "ContactLens.RealTimeCall.ExactMatch.Transcript", found: ["really late (CUSTOMER at 2.0 s)"] }],
      },
    });
    assert.deepEqual(
      late?.actions.map(({ action, outcome }) => [action, outcome]),
      [["ASSIGN_CONTACT_CATEGORY", "done"]],
    );
    assert.match((await verdictOf(contactId, "live-never"))?.reason ?? "", /voucher/);
  };
  await check();
  // What is published now was not asked by then.
  await world.rule("OnRealTimeCallAnalysisAvailable", "live-sorry", words("sorry"));
  assert.equal(await verdictOf(contactId, "live-sorry"), undefined);
  await world.say(contactId, ["AGENT", "I am sorry."]);
  assert.partialDeepStrictEqual(await verdictOf(contactId, "live-sorry"), {
    matched: true,
    turn: { speaker: "AGENT" },
  });
  await world.end(contactId);
  await check();
  assert.partialDeepStrictEqual(await verdictOf(contactId, "live-sorry"), {
    matched: true,
    turn: { speaker: "AGENT" },
  });
});

test("a rule on after-contact work is explained when that is over", async () => {
  const text = allOf("PostCall", ["Agent.AfterContactWorkDurationSecs", "NumberGreaterOrEqualTo", [30]]);
  await world.rule("OnPostCallAnalysisAvailable", "long-work", text);
  await world.status(agentId, "Available");
  const contactId = await world.begin("VOICE");
  await world.say(contactId, ["CUSTOMER", "Hello."]);
  await world.customer(contactId, "hang-up");
  await server.advance("PT0S");
  assert.equal(await verdictOf(contactId, "long-work"), undefined);
  await server.advance("PT40S");
  await world.act(agentId, "clear", { contactId });
  await server.advance("PT0S");
  assert.partialDeepStrictEqual(await verdictOf(contactId, "long-work"), {
    matched: true,
    condition: { of: [{ path: "ContactLens.PostCall.Agent.AfterContactWorkDurationSecs", found: [40] }] },
  });
});

test("rules on evaluations are explained with the contact, submission by submission", async () => {
  const select = {
    SingleSelect: {
      Options: [
        { RefId: "no", Text: "No" },
        { RefId: "yes", Text: "Yes" },
      ],
    },
  };
  const Question = { RefId: "q", Title: "Q", QuestionType: "SINGLESELECT", QuestionTypeProperties: select } as const;
  const form = { InstanceId, Title: "F", Items: [{ Section: { RefId: "s", Title: "S", Items: [{ Question }] } }] };
  const { EvaluationFormId = "" } = await connect.send(new CreateEvaluationFormCommand(form));
  await connect.send(new ActivateEvaluationFormCommand({ InstanceId, EvaluationFormId, EvaluationFormVersion: 1 }));
  await world.rule(
    "OnContactEvaluationSubmit",
    "no-identity",
    allOf(
      "ContactEvaluation",
      ["Form.FormId", "EQUALS", [EvaluationFormId]],
      ["Question.QuestionRefId", "EQUALS", ["q"]],
      ["Question.Answer.ValueRefId", "EQUALS", ["no"]],
    ),
    { Actions: [{ ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TELL" } }] },
  );
  const ContactId = await talk(LATE_CALL);
  const started = await connect.send(new StartContactEvaluationCommand({ InstanceId, ContactId, EvaluationFormId }));
  const EvaluationId = started.EvaluationId ?? "";
  for (const StringValue of ["no", "yes"]) {
    await connect.send(
      new SubmitContactEvaluationCommand({ InstanceId, EvaluationId, Answers: { q: { Value: { StringValue } } } }),
    );
    await server.advance("PT0S");
  }
  const { inputs } = await explain({ subject: ContactId });
  const submissions = inputs.filter(({ source }) => source === "OnContactEvaluationSubmit");
  assert.deepEqual(
    submissions.map(({ about, rules }) => [about, rules[0]?.matched, rules[0]?.actions.length]),
    [
      [`${EvaluationId}/1`, true, 1],
      [`${EvaluationId}/2`, false, 0],
    ],
  );
});

test("what cannot be explained is told, and nobody else sees anything", async () => {
  const contactId = await talk(LATE_CALL);
  assert.match((await explain({ subject: "no-contact" })).note ?? "", /nothing of it/);
  const refusals: readonly (readonly [object, number, RegExp])[] = [
    [{ subject: contactId, rule: "no-rule" }, 404, /no rule no-rule/],
    [{ subject: contactId, instance: "no-instance" }, 404, /no-instance/],
    [{ subject: "" }, 400, /subject/],
    [{ subject: contactId, event: {} }, 400, /event/],
    [{ subject: contactId, rule: 1 }, 400, /rule/],
  ];
  for (const [question, status, error] of refusals) {
    const answer = await explain(question);
    assert.equal(answer.status, status);
    assert.match(answer.error ?? "", error);
  }
  assert.equal((await explain({ subject: contactId, instance: InstanceId }, "other")).status, 404);
  assert.match((await explain({ subject: contactId }, "other")).error ?? "", /no instance/);
});

test("the command line shows it", async () => {
  const contactId = await talk(LATE_CALL, { attributes: { tier: "gold" } });
  const late = await trunkline("explain", "--contact", contactId, "late");
  assert.equal(late.code, 0);
  assert.match(late.output, /^OnPostCallAnalysisAvailable {2}\S+\n {2}match: late\n {2}✓ all of these:\n/);
  assert.match(late.output, new RegExp(`→ CREATE_TASK: failed: The flow ${goneFlow} does not exist`));
  const silver = await trunkline("explain", "--contact", contactId, "silver", "--instance", InstanceId);
  assert.equal(silver.code, 1);
  assert.match(silver.output, /no match: silver: ContactLens\.PostCall\.ContactAttribute\.tier is "gold"/);
  assert.equal((await trunkline("explain", "--contact", contactId, "no-rule")).code, 2);
});

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

async function trunkline(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [BIN, ...args, "--url", server.url], { stdio: ["ignore", "pipe", "ignore"] });
  const closed = once(child, "close");
  let output = "";
  for await (const chunk of child.stdout) output += chunk;
  await closed;
  return { code: child.exitCode, output };
}

test("where no rule was published that looks at it, or the one that is named looks at other things, a note says so", async () => {
  const other = await startTrunkline();
  const ruleless = await openRuleWorld(other);
  after(() => ruleless.connect.destroy());
  const subject = await ruleless.talk("VOICE", LATE_CALL);
  const noteOn = async (rule?: string): Promise<unknown> =>
    (await ruleless.control("POST", "explain", { subject, ...(rule !== undefined && { rule }) })).body.note;
  assert.equal(await noteOn(), "No rule that looks at it was published then.");
  const late = allOf("PostChat", ["ExactMatch.Transcript", "CONTAINS_ANY", ["late"]]);
  await ruleless.rule("OnPostChatAnalysisAvailable", "of-chats", late);
  assert.equal(
    await noteOn("of-chats"),
    "of-chats is a rule for OnPostChatAnalysisAvailable, and looks at nothing of it.",
  );
});
