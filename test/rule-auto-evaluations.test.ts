/** Evaluations that rules start, answer and submit: SUBMIT_AUTO_EVALUATION. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ActivateEvaluationFormCommand,
  CreateEvaluationFormCommand,
  DescribeContactEvaluationCommand,
  type EvaluationFormItem,
  ListContactEvaluationsCommand,
  type RuleAction,
  StartContactEvaluationCommand,
} from "@aws-sdk/client-connect";
import { allOf, openRuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const world = await openRuleWorld(server);
const { connect, InstanceId, instanceArn } = world;
after(() => connect.destroy());

const CALL = "OnPostCallAnalysisAvailable";
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };

const evaluateBy = (EvaluationFormId: string): RuleAction => ({
  ActionType: "SUBMIT_AUTO_EVALUATION",
  SubmitAutoEvaluationAction: { EvaluationFormId },
});

const options = (...refIds: string[]) => refIds.map((RefId, Score) => ({ RefId, Text: RefId, Score }));

const byCategory = (Category: string, Condition: string, chosen: object): object => ({
  RuleCategory: { Category, Condition, ...chosen },
});

function question(RefId: string, QuestionType: string, properties?: object): EvaluationFormItem {
  const asked = { RefId, Title: RefId, QuestionType, ...(properties && { QuestionTypeProperties: properties }) };
  return { Question: asked } as EvaluationFormItem;
}

async function form(Title: string, ...questions: EvaluationFormItem[]): Promise<string> {
  const { EvaluationFormId = "" } = await connect.send(
    new CreateEvaluationFormCommand({
      InstanceId,
      Title,
      Items: [{ Section: { RefId: "s", Title: "S", Items: questions } }],
      ScoringStrategy: { Mode: "QUESTION_ONLY", Status: "ENABLED" },
    }),
  );
  await connect.send(new ActivateEvaluationFormCommand({ InstanceId, EvaluationFormId, EvaluationFormVersion: 1 }));
  return EvaluationFormId;
}

const saying = (words: string): string => allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", [words]]);

async function evaluationsOf(ContactId: string) {
  const { EvaluationSummaryList = [] } = await connect.send(
    new ListContactEvaluationsCommand({ InstanceId, ContactId }),
  );
  return Promise.all(
    EvaluationSummaryList.map(({ EvaluationId }) =>
      connect.send(new DescribeContactEvaluationCommand({ InstanceId, EvaluationId })),
    ),
  );
}

async function told(detailType: string): Promise<Record<string, string>[]> {
  const { contactEvents } = await world.streams();
  return contactEvents
    .filter((one) => one["detail-type"] === detailType)
    .map(({ detail }) => detail as unknown as Record<string, string>);
}

test("an evaluation answers itself from categories and measures, is scored, and triggers rules on evaluations", async () => {
  const formId = await form(
    "Automatic",
    question("greeted", "SINGLESELECT", {
      SingleSelect: {
        Options: options("no", "yes"),
        Automation: {
          Options: [byCategory("greeting", "PRESENT", { OptionRefId: "yes" })],
          DefaultOptionRefId: "no",
        },
      },
    }),
    question("pressed", "SINGLESELECT", {
      SingleSelect: {
        Options: options("yes", "no"),
        Automation: { Options: [byCategory("pressure", "NOT_PRESENT", { OptionRefId: "no" })] },
      },
    }),
    question("topics", "MULTISELECT", {
      MultiSelect: {
        Options: options("billing", "delivery", "none"),
        Automation: {
          Options: [
            byCategory("greeting", "PRESENT", { OptionRefIds: ["billing"] }),
            byCategory("evaluated", "PRESENT", { OptionRefIds: ["delivery", "billing"] }),
          ],
          DefaultOptionRefIds: ["none"],
        },
      },
    }),
    question("silence", "NUMERIC", {
      Numeric: {
        MinValue: 0,
        MaxValue: 600,
        Options: [{ MinValue: 0, MaxValue: 600, Score: 10 }],
        Automation: { PropertyValue: { Label: "NON_TALK_TIME" } },
      },
    }),
    question("remarks", "TEXT"),
  );
  await world.rule(CALL, "greeting", saying("good morning"));
  const ruleId = await world.rule(CALL, "evaluated", saying("parcel"), { Actions: [evaluateBy(formId), CATEGORY] });
  await world.rule(
    "OnContactEvaluationSubmit",
    "after",
    allOf("ContactEvaluation", ["Form.FormId", "EQUALS", [formId]]),
    { Actions: [{ ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "EVALUATED" } }] },
  );
  const contactId = await world.talk("VOICE", [
    ["AGENT", "Good morning."],
    ["CUSTOMER", "My parcel is late."],
  ]);
  const [evaluated, ...more] = await evaluationsOf(contactId);
  assert.deepEqual(more, []);
  assert.partialDeepStrictEqual(evaluated?.Evaluation, {
    Status: "SUBMITTED",
    Metadata: {
      ContactId: contactId,
      EvaluatorArn: `${instanceArn}/agent/${instanceArn}/rule/${ruleId}`,
      AutoEvaluation: { AutoEvaluationEnabled: true, AutoEvaluationStatus: "SUCCEEDED" },
    },
  });
  const answers = Object.entries(evaluated?.Evaluation?.Answers ?? {}).map(([refId, { Value }]) => [refId, Value]);
  assert.deepEqual(Object.fromEntries(answers), {
    greeted: { StringValue: "yes" },
    pressed: { StringValue: "no" },
    topics: { StringValues: ["billing", "delivery"] },
    silence: { NumericValue: 0 },
  });
  assert.equal((evaluated?.Evaluation?.Metadata?.Score?.Percentage ?? 0) > 0, true);
  assert.equal((await told("Contact Lens Evaluation Rules Matched")).length, 1);

  // The rule is looked at again: an evaluation by the same form is never overridden.
  await world.rule(
    "OnContactEvaluationSubmit",
    "again",
    allOf("ContactEvaluation", ["Form.FormId", "EQUALS", [formId]]),
    {
      Actions: [evaluateBy(formId)],
    },
  );
  await world.status(world.agentId, "Available");
  const second = await world.talk("VOICE", [["CUSTOMER", "Another parcel."]]);
  assert.equal((await evaluationsOf(second)).length, 1);
  const [failed, ...others] = await told("Contact Lens Automated Evaluation Submission Failed");
  assert.deepEqual(others, []);
  assert.partialDeepStrictEqual(failed, {
    contactArn: `${instanceArn}/contact/${second}`,
    evaluationFormArn: `${instanceArn}/evaluation-form/${formId}`,
    reasonCode: "ResourceConflictException",
  });
  const [failedAction] = await told("Amazon Connect Rules Action Execution Failed");
  assert.partialDeepStrictEqual(failedAction, {
    actionType: "SUBMIT_AUTO_EVALUATION",
    triggerEvent: "CONTACT_EVALUATION",
    reasonCode: "ResourceConflictException",
  });
});

test("what cannot be answered or does not exist is not evaluated at all", async () => {
  const open = await form("Open", question("q", "SINGLESELECT", { SingleSelect: { Options: options("no", "yes") } }));
  await world.rule(CALL, "open", saying("refund"), { Actions: [evaluateBy(open), CATEGORY] });
  await world.rule(CALL, "unknown", saying("refund"), { Actions: [evaluateBy("no-form"), CATEGORY] });
  await world.status(world.agentId, "Available");
  const before = (await told("Contact Lens Automated Evaluation Submission Failed")).length;
  const contactId = await world.talk("VOICE", [["CUSTOMER", "I want a refund."]]);
  assert.deepEqual(await evaluationsOf(contactId), []);
  const failed = (await told("Contact Lens Automated Evaluation Submission Failed")).slice(before);
  assert.deepEqual(failed.map(({ reasonCode }) => reasonCode).sort(), [
    "InvalidRequestException",
    "ResourceNotFoundException",
  ]);
  await connect.send(new StartContactEvaluationCommand({ InstanceId, ContactId: contactId, EvaluationFormId: open }));
});
