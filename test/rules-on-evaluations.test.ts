/** Connect rules on submitted evaluations: what they look at, how often they act, and the file that a submission leaves. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ActivateEvaluationFormCommand,
  AssociateInstanceStorageConfigCommand,
  CreateEvaluationFormCommand,
  CreateRuleCommand,
  DescribeContactCommand,
  DisassociateInstanceStorageConfigCommand,
  type EvaluationFormItem,
  type PreEvaluationFilter,
  type RuleAction,
  StartContactEvaluationCommand,
  SubmitContactEvaluationCommand,
} from "@aws-sdk/client-connect";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
const instanceArn = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;
const agent = await centre.agent("erin");
after(() => {
  connect.destroy();
  s3.destroy();
});

const select = (RefId: string, ...options: string[]): EvaluationFormItem => ({
  Question: {
    RefId,
    Title: `${RefId}?`,
    QuestionType: "SINGLESELECT",
    NotApplicableEnabled: true,
    QuestionTypeProperties: {
      SingleSelect: { Options: options.map((refId, index) => ({ RefId: refId, Text: refId, Score: index * 10 })) },
    },
  },
});
const items: EvaluationFormItem[] = [
  { Section: { RefId: "opening", Title: "Opening", Weight: 50, Items: [select("greeted", "no", "yes")] } },
  {
    Section: {
      RefId: "handling",
      Title: "Handling",
      Weight: 50,
      Items: [
        select("identity", "no", "yes"),
        {
          Question: {
            RefId: "hold",
            Title: "Seconds on hold",
            QuestionType: "NUMERIC",
            QuestionTypeProperties: { Numeric: { MinValue: 0, MaxValue: 900 } },
          },
        },
      ],
    },
  },
];
const form = await activeForm("Calls");
const otherForm = await activeForm("Others");

async function activeForm(Title: string): Promise<string> {
  const { EvaluationFormId } = await connect.send(
    new CreateEvaluationFormCommand({
      InstanceId,
      Title,
      Items: items,
      ScoringStrategy: { Mode: "SECTION_ONLY", Status: "ENABLED" },
    }),
  );
  await connect.send(new ActivateEvaluationFormCommand({ InstanceId, EvaluationFormId, EvaluationFormVersion: 1 }));
  return EvaluationFormId ?? "";
}

const PREFIX = "$.ContactLens.ContactEvaluation.";
type Condition = readonly [path: string, Operator: string, Operands: unknown[], more?: object];
const leaf = ([path, Operator, Operands, more = {}]: Condition): object => ({
  Operator,
  Operands,
  ComparisonValue: `${PREFIX}${path}`,
  Negate: false,
  ...more,
});
const and = (...conditions: readonly Condition[]): object => ({ Operator: "AND", Operands: conditions.map(leaf) });
const OF_FORM: Condition = ["Form.FormId", "EQUALS", [form]];
const GE = "NumberGreaterOrEqualTo";
const LE = "NumberLessOrEqualTo";

const event = (Name: string): RuleAction => ({ ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name } });

async function rule(
  Name: string,
  RuleFunction: object,
  more: { actions?: RuleAction[]; filters?: PreEvaluationFilter[]; draft?: boolean } = {},
): Promise<void> {
  await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName: "OnContactEvaluationSubmit" },
      Function: JSON.stringify({ Version: "2022-11-25", RuleFunction }),
      Actions: more.actions ?? [event("TOLD")],
      ...(more.filters && { PreEvaluationFilters: { AndConditions: more.filters } }),
      PublishStatus: more.draft ? "DRAFT" : "PUBLISHED",
    }),
  );
}

async function call(arrival: object = {}): Promise<string> {
  const contactId = await centre.arrive({ channel: "VOICE", contactFlowId: centre.flowId, ...arrival });
  await centre.act(agent, "accept", { contactId });
  await server.advance("PT40S");
  await centre.customer(contactId, "hang-up");
  await centre.act(agent, "clear", { contactId });
  return contactId;
}

async function start(ContactId: string, EvaluationFormId: string, Tags?: Record<string, string>): Promise<string> {
  const input = { InstanceId, ContactId, EvaluationFormId, Tags };
  return (await connect.send(new StartContactEvaluationCommand(input))).EvaluationId ?? "";
}

async function submit(EvaluationId: string, answers: Record<string, string | number> = {}): Promise<void> {
  const Answers = Object.fromEntries(
    Object.entries(answers).map(([refId, answer]) => [
      refId,
      { Value: typeof answer === "number" ? { NumericValue: answer } : { StringValue: answer } },
    ]),
  );
  await connect.send(new SubmitContactEvaluationCommand({ InstanceId, EvaluationId, Answers }));
  await server.advance("PT0S");
}

async function told(detailType: string, contactId: string): Promise<Record<string, string>[]> {
  const { contactEvents } = await centre.streams();
  return contactEvents
    .filter(({ "detail-type": type }) => type === detailType)
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .filter(({ contactArn }) => contactArn === `${instanceArn}/contact/${contactId}`);
}

const MATCHED = "Contact Lens Evaluation Rules Matched";

test("rules look at a submission's form, sections, questions and contact, and act once for each submission", async () => {
  const profile = `${instanceArn}/routing-profile/${centre.profileId}`;
  const cases: readonly (readonly [name: string, isMet: boolean, condition: object])[] = [
    ["results", true, and(OF_FORM)],
    ["other-form", false, and(["Form.FormId", "EQUALS", [otherForm]])],
    ["form-score", true, and(OF_FORM, ["Form.Score", LE, [50]])],
    ["form-score-more", false, and(OF_FORM, ["Form.Score", GE, [50.01]])],
    ["section", true, and(OF_FORM, ["Section.SectionRefId", "EQUALS", ["handling"]], ["Section.Score", LE, [0]])],
    [
      "section-of-another",
      false,
      and(OF_FORM, ["Section.SectionRefId", "EQUALS", ["opening"]], ["Section.Score", LE, [0]]),
    ],
    [
      "nested",
      true,
      {
        Operator: "OR",
        Operands: [
          and(
            OF_FORM,
            ["Question.QuestionRefId", "EQUALS", ["greeted"]],
            ["Question.Answer.ValueRefId", "EQUALS", ["no"]],
          ),
          and(
            OF_FORM,
            ["Question.QuestionRefId", "EQUALS", ["identity"]],
            ["Question.Answer.ValueRefId", "EQUALS", ["yes"], { Negate: true }],
          ),
        ],
      },
    ],
    [
      "answer-of-another",
      false,
      and(OF_FORM, ["Question.QuestionRefId", "EQUALS", ["greeted"]], ["Question.Answer.ValueRefId", "EQUALS", ["no"]]),
    ],
    [
      "no-such-question",
      false,
      and(
        OF_FORM,
        ["Question.QuestionRefId", "EQUALS", ["nothing"]],
        ["Question.Answer.ValueRefId", "EQUALS", ["yes"], { Negate: true }],
      ),
    ],
    ["held", true, and(OF_FORM, ["Question.QuestionRefId", "EQUALS", ["hold"]], ["Question.Answer.Value", GE, [100]])],
    [
      "held-more",
      false,
      and(OF_FORM, ["Question.QuestionRefId", "EQUALS", ["hold"]], ["Question.Answer.Value", GE, [101]]),
    ],
    ["agent", true, and(["Agent.AgentId", "CONTAINS_ANY", [agent]])],
    ["profile", true, and(["Agent.RoutingProfile", "CONTAINS_ANY", [profile]])],
    ["queue", true, and(["Queue.QueueId", "CONTAINS_ANY", [centre.queueId]])],
    ["never-queued", false, and(["Queue.QueueId", "EQUALS", []])],
    ["inbound", true, and(["InitiationMethod", "CONTAINS_ANY", ["INBOUND"]])],
    ["left", true, and(["DisconnectReason", "CONTAINS_ANY", ["CUSTOMER_DISCONNECT"]])],
    ["gold", true, and(["ContactAttribute.tier", "EQUALS", ["gold"]])],
    ["not-gold", false, and(["ContactAttribute.tier", "EQUALS", ["gold"], { Negate: true }])],
  ];
  for (const [name, , condition] of cases) await rule(name, condition);
  await rule("draft", and(OF_FORM), { draft: true });
  const tag = (ResourceType: string, FilterValue: string) =>
    ({
      ResourceType,
      FilterType: "TAG",
      FilterKey: "team",
      FilterValue,
      Operator: "EQUALS",
    }) as PreEvaluationFilter;
  await rule("tagged", and(OF_FORM), { filters: [tag("CONTACT_EVALUATION", "blue")] });
  await rule("tagged-otherwise", and(OF_FORM), { filters: [tag("CONTACT_EVALUATION", "red")] });
  await rule("contact-tagged", and(OF_FORM), { filters: [tag("CONTACT", "blue")] });

  const contactId = await call({ attributes: { tier: "gold" } });
  const evaluationId = await start(contactId, form, { team: "blue" });
  assert.deepEqual(await told(MATCHED, contactId), []);
  await submit(evaluationId, { greeted: "yes", identity: "no", hold: 100 });
  const expected = cases.filter(([, isMet]) => isMet).map(([name]) => name);
  const names = async () => (await told(MATCHED, contactId)).map(({ ruleName }) => ruleName).toSorted();
  assert.deepEqual(await names(), [...expected, "tagged"].toSorted());

  const results = (await told(MATCHED, contactId)).find(({ ruleName }) => ruleName === "results");
  assert.deepEqual(results, {
    version: "1.0",
    ruleName: "results",
    actionName: "TOLD",
    instanceArn,
    contactArn: `${instanceArn}/contact/${contactId}`,
    agentArn: `${instanceArn}/agent/${agent}`,
    queueArn: `${instanceArn}/queue/${centre.queueId}`,
    evaluationArn: `${instanceArn}/contact-evaluation/${evaluationId}`,
    evaluationFormArn: `${instanceArn}/evaluation-form/${form}`,
  });

  // A resubmission fires everything again, as it is then.
  await submit(evaluationId, { identity: "yes" });
  const isMetStill = new Set(["section", "nested", "form-score"]);
  const again = expected.filter((name) => !isMetStill.has(name));
  assert.deepEqual(await names(), [...expected, "tagged", ...again, "tagged", "form-score-more"].toSorted());
});

test("each submission leaves a file, which the contact and its record tell of", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "evaluated" }));
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName: "evaluated", BucketPrefix: "centre" } } as const;
  const { AssociationId } = await connect.send(
    new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType: "CONTACT_EVALUATIONS", StorageConfig }),
  );
  const contactId = await call();
  const evaluationId = await start(contactId, form);
  await server.advance("PT1M0.250S");
  await connect.send(
    new SubmitContactEvaluationCommand({
      InstanceId,
      EvaluationId: evaluationId,
      SubmittedBy: { ConnectUserArn: `${instanceArn}/agent/${agent}` },
      Answers: { greeted: { Value: { StringValue: "yes" } }, hold: { Value: { NumericValue: 12.5 } } },
      Notes: { greeted: { Value: "By name" }, handling: { Value: "Short" } },
    }),
  );
  await server.advance("PT0S");
  const [key = "", ...more] = await keys();
  assert.deepEqual(more, []);
  const file = await read(key);
  const { evaluationStartTimestamp, evaluationSubmitTimestamp, ...metadata } = file.metadata;
  const day = evaluationSubmitTimestamp.slice(0, 10).replaceAll("-", "/");
  assert.equal(key, `centre/Evaluations/${day}/${evaluationSubmitTimestamp.slice(11)}-${evaluationId}.json`);
  assert.equal(Date.parse(evaluationSubmitTimestamp) - Date.parse(evaluationStartTimestamp), 60_250);
  assert.deepEqual(metadata, {
    contactId,
    accountId: "000000000000",
    instanceId: InstanceId,
    agentId: agent,
    evaluationDefinitionId: form,
    evaluationDefinitionTitle: "Calls",
    evaluationDefinitionVersion: 1,
    evaluator: "erin",
    creator: "arn:aws:iam::000000000000:root",
    score: { percentage: 100 },
    autoEvaluated: false,
    resubmitted: false,
    evaluationSource: "MANUAL",
    evaluationType: "CONTACT_EVALUATION",
  });
  assert.equal(file.schemaVersion, "3.5");
  assert.deepEqual(file.sections, [
    { sectionRefId: "opening", sectionTitle: "Opening", score: { percentage: 100 } },
    { sectionRefId: "handling", sectionTitle: "Handling", notes: "Short", score: { notApplicable: true } },
  ]);
  assert.deepEqual(file.questions, [
    {
      questionRefId: "greeted",
      sectionRefId: "opening",
      questionType: "SINGLESELECT",
      questionText: "greeted?",
      answer: {
        values: [
          { valueText: "no", valueRefId: "no", selected: false },
          { valueText: "yes", valueRefId: "yes", selected: true },
          { valueText: "N/A", valueRefId: "system_default_null_value", selected: false },
        ],
        notes: "By name",
        metadata: { notApplicable: false },
      },
      score: { percentage: 100 },
    },
    {
      questionRefId: "identity",
      sectionRefId: "handling",
      questionType: "SINGLESELECT",
      questionText: "identity?",
      answer: {
        values: [
          { valueText: "no", valueRefId: "no", selected: false },
          { valueText: "yes", valueRefId: "yes", selected: false },
          { valueText: "N/A", valueRefId: "system_default_null_value", selected: false },
        ],
        metadata: { notApplicable: false },
      },
      score: { notApplicable: true },
    },
    {
      questionRefId: "hold",
      sectionRefId: "handling",
      questionType: "NUMERIC",
      questionText: "Seconds on hold",
      answer: { value: "12.5", metadata: { notApplicable: false } },
      score: { notApplicable: true },
    },
  ]);
  const location = async () => {
    const { records } = await centre.streams();
    const record = records.findLast(({ ContactId }) => ContactId === contactId) as unknown as {
      ContactEvaluations: Record<string, { ExportLocation: string | null }>;
    };
    return record.ContactEvaluations[form]?.ExportLocation;
  };
  assert.equal(await location(), `evaluated/${key}`);
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId: contactId }));
  assert.equal(Contact?.ContactEvaluations?.[form]?.ExportLocation, `evaluated/${key}`);

  await server.advance("PT1S");
  await submit(evaluationId, { greeted: "no" });
  const later = (await keys()).find((other) => other !== key) ?? "";
  assert.equal(await location(), `evaluated/${later}`);
  const { resubmitted, score, evaluator } = (await read(later)).metadata;
  assert.deepEqual(
    { resubmitted, score, evaluator },
    {
      resubmitted: true,
      score: { percentage: 0 },
      evaluator: "arn:aws:iam::000000000000:root",
    },
  );
  const input = { InstanceId, ResourceType: "CONTACT_EVALUATIONS", AssociationId } as const;
  await connect.send(new DisassociateInstanceStorageConfigCommand(input));
});

test("an event tells of a file that could not be written, once", async () => {
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName: "nowhere", BucketPrefix: "x" } } as const;
  await connect.send(
    new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType: "CONTACT_EVALUATIONS", StorageConfig }),
  );
  const contactId = await call();
  const evaluationId = await start(contactId, form);
  await submit(evaluationId, { greeted: "yes" });
  const failures = () => told("Contact Lens Evaluation Export Failed", contactId);
  assert.deepEqual(await failures(), []);
  await server.advance("PT3H");
  assert.deepEqual(await failures(), [
    {
      version: "1.0",
      instanceArn,
      contactArn: `${instanceArn}/contact/${contactId}`,
      evaluationArn: `${instanceArn}/contact-evaluation/${evaluationId}`,
      evaluationFormArn: `${instanceArn}/evaluation-form/${form}`,
      reasonCode: "NO_RESOURCE",
      error: "The specified bucket does not exist",
    },
  ]);
});

test("a rule on evaluations makes a task that continues the contact and names what was evaluated", async () => {
  await rule("coach", and(["Form.FormId", "EQUALS", [otherForm]]), {
    actions: [
      {
        ActionType: "CREATE_TASK",
        TaskAction: {
          Name: `Coach ${PREFIX}Agent.AgentName`,
          Description: `${PREFIX}EvaluationId gave ${PREFIX}Form.Score of ${PREFIX}ContactId.`,
          ContactFlowId: centre.flowId,
        },
      },
    ],
  });
  const contactId = await call();
  const evaluationId = await start(contactId, otherForm);
  await submit(evaluationId, { greeted: "yes", identity: "no" });
  const { contactEvents } = await centre.streams();
  const taskId = contactEvents
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .find(({ channel, previousContactId }) => channel === "TASK" && previousContactId === contactId)?.contactId;
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId: taskId }));
  assert.equal(Contact?.Name, "Coach erin");
  assert.equal(Contact?.Description, `${evaluationId} gave 50 of ${contactId}.`);
});

async function keys(): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "evaluated" }));
  return Contents.map(({ Key = "" }) => Key);
}

// biome-ignore lint/suspicious/noExplicitAny: a file of the service, of which the test knows what it looks for.
async function read(Key: string): Promise<any> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "evaluated", Key }));
  return JSON.parse((await Body?.transformToString()) ?? "");
}
