/** Evaluation forms and evaluations of contacts, as the SDK sees them, and what contact records and events tell of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ActivateEvaluationFormCommand,
  ConnectClient,
  CreateEvaluationFormCommand,
  type CreateEvaluationFormCommandInput,
  DeactivateEvaluationFormCommand,
  DeleteContactEvaluationCommand,
  DeleteEvaluationFormCommand,
  DeleteInstanceCommand,
  DescribeContactEvaluationCommand,
  DescribeEvaluationFormCommand,
  type EvaluationAnswerData,
  type EvaluationAnswerInput,
  type EvaluationFormItem,
  ListContactEvaluationsCommand,
  ListEvaluationFormVersionsCommand,
  ListTagsForResourceCommand,
  paginateListContactEvaluations,
  paginateListEvaluationForms,
  paginateListEvaluationFormVersions,
  SearchContactEvaluationsCommand,
  SearchEvaluationFormsCommand,
  StartContactEvaluationCommand,
  SubmitContactEvaluationCommand,
  TagContactCommand,
  TagResourceCommand,
  UpdateContactEvaluationCommand,
  UpdateEvaluationFormCommand,
} from "@aws-sdk/client-connect";
import { contactEvaluations, evaluatedForms } from "../src/services/connect/contact-evaluations.ts";
import { evaluationForms, evaluationFormVersions } from "../src/services/connect/evaluation-forms.ts";
import { openCentre } from "./contact-centre.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const centre = await openCentre(server);
const { InstanceId } = centre;
const P = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;
const ROOT = "arn:aws:iam::000000000000:root";
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** The form of the reference: opening 40 %, handling 60 %. */
const ITEMS: EvaluationFormItem[] = [
  {
    Section: {
      RefId: "opening",
      Title: "Opening",
      Weight: 40,
      Items: [
        {
          Question: {
            RefId: "greet",
            Title: "Was the caller greeted by name?",
            QuestionType: "SINGLESELECT",
            NotApplicableEnabled: true,
            QuestionTypeProperties: {
              SingleSelect: {
                DisplayAs: "RADIO",
                Options: [
                  { RefId: "yes", Text: "Yes", Score: 10 },
                  { RefId: "no", Text: "No", Score: 0 },
                ],
              },
            },
          },
        },
      ],
    },
  },
  {
    Section: {
      RefId: "handling",
      Title: "Handling",
      Weight: 60,
      Items: [
        {
          Question: {
            RefId: "holdsecs",
            Title: "Seconds on hold",
            QuestionType: "NUMERIC",
            QuestionTypeProperties: {
              Numeric: {
                MinValue: 0,
                MaxValue: 900,
                Options: [
                  { MinValue: 0, MaxValue: 60, Score: 10 },
                  { MinValue: 61, MaxValue: 900, Score: 2 },
                ],
                Automation: { PropertyValue: { Label: "CUSTOMER_HOLD_TIME" } },
              },
            },
          },
        },
        {
          Question: {
            RefId: "idcheck",
            Title: "Identity checked?",
            QuestionType: "SINGLESELECT",
            QuestionTypeProperties: {
              SingleSelect: {
                Options: [
                  { RefId: "done", Text: "Done", Score: 10 },
                  { RefId: "skipped", Text: "Skipped", AutomaticFail: true },
                ],
              },
            },
          },
        },
      ],
    },
  },
];
const FORM = { Title: "Refund call check", Items: ITEMS, ScoringStrategy: { Mode: "SECTION_ONLY", Status: "ENABLED" } };

const createForm = async (changes: Partial<CreateEvaluationFormCommandInput> = {}): Promise<string> => {
  const input = { InstanceId, ...FORM, ...changes } as CreateEvaluationFormCommandInput;
  return (await client.send(new CreateEvaluationFormCommand(input))).EvaluationFormId ?? "";
};

const activeForm = async (changes: Partial<CreateEvaluationFormCommandInput> = {}): Promise<string> => {
  const EvaluationFormId = await createForm(changes);
  await client.send(new ActivateEvaluationFormCommand({ InstanceId, EvaluationFormId, EvaluationFormVersion: 1 }));
  return EvaluationFormId;
};

const describeForm = async (EvaluationFormId: string, EvaluationFormVersion?: number) => {
  const input = { InstanceId, EvaluationFormId, EvaluationFormVersion };
  const { EvaluationForm } = await client.send(new DescribeEvaluationFormCommand(input));
  assert.ok(EvaluationForm);
  return EvaluationForm;
};

const start = async (ContactId: string, EvaluationFormId: string): Promise<string> => {
  const input = { InstanceId, ContactId, EvaluationFormId };
  return (await client.send(new StartContactEvaluationCommand(input))).EvaluationId ?? "";
};

const describe = async (EvaluationId: string) => {
  const answer = await client.send(new DescribeContactEvaluationCommand({ InstanceId, EvaluationId }));
  assert.ok(answer.Evaluation && answer.EvaluationForm);
  return { evaluation: answer.Evaluation, form: answer.EvaluationForm };
};

const answers = (
  values: Readonly<Record<string, EvaluationAnswerData | null>>,
): Record<string, EvaluationAnswerInput> =>
  Object.fromEntries(Object.entries(values).map(([refId, Value]) => [refId, Value === null ? {} : { Value }]));

const GOOD = answers({
  greet: { StringValue: "yes" },
  holdsecs: { NumericValue: 45 },
  idcheck: { StringValue: "done" },
});

const refuses = (name: string, call: Promise<unknown>, words = /./): Promise<void> =>
  assert.rejects(call, (error: Error) => {
    assert.equal(error.name, name, error.message);
    assert.match(error.message, words);
    return true;
  });

/** A contact that an agent has worked on and cleared. */
async function completedContact(): Promise<{ contactId: string; userId: string }> {
  const userId = await centre.agent(`agent-${++agents}`);
  const contactId = await centre.arrive({ channel: "VOICE" });
  await centre.act(userId, "accept", { contactId });
  await server.advance("PT1M");
  await centre.customer(contactId, "hang-up");
  await centre.act(userId, "clear", { contactId });
  await centre.act(userId, "sign-out");
  return { contactId, userId };
}
let agents = 0;
const { contactId, userId } = await completedContact();

test("a form is created as a draft, described as it was written, and listed", async () => {
  const EvaluationFormId = await createForm({ Description: "For refunds", Tags: { team: "quality" } });
  const form = await describeForm(EvaluationFormId);
  assert.deepEqual(
    {
      ...form,
      CreatedTime: undefined,
      LastModifiedTime: undefined,
    },
    {
      EvaluationFormId,
      EvaluationFormVersion: 1,
      Locked: false,
      EvaluationFormArn: `${P}/evaluation-form/${EvaluationFormId}`,
      Title: FORM.Title,
      Description: "For refunds",
      Status: "DRAFT",
      Items: ITEMS,
      ScoringStrategy: FORM.ScoringStrategy,
      CreatedTime: undefined,
      CreatedBy: ROOT,
      LastModifiedTime: undefined,
      LastModifiedBy: ROOT,
      Tags: { team: "quality" },
    },
  );
  assert.deepEqual(form.CreatedTime, form.LastModifiedTime);

  const second = await createForm();
  const found = [];
  for await (const page of paginateListEvaluationForms({ client, pageSize: 1 }, { InstanceId })) {
    assert.equal(page.EvaluationFormSummaryList?.length, 1);
    found.push(...(page.EvaluationFormSummaryList ?? []));
  }
  const summary = found.find((one) => one.EvaluationFormId === EvaluationFormId);
  assert.equal(summary?.Title, FORM.Title);
  assert.equal(summary?.LatestVersion, 1);
  assert.equal(summary?.ActiveVersion, undefined);
  assert.ok(found.some((one) => one.EvaluationFormId === second));
});

test("the same ClientToken makes one form, and one version", async () => {
  const ClientToken = "once";
  const EvaluationFormId = await createForm({ ClientToken });
  assert.equal(await createForm({ ClientToken }), EvaluationFormId);
  const input = {
    InstanceId,
    EvaluationFormId,
    EvaluationFormVersion: 1,
    CreateNewVersion: true,
    ...FORM,
    ClientToken,
  };
  const update = () => client.send(new UpdateEvaluationFormCommand(input as never));
  const [one, same] = [await update(), await update()];
  assert.deepEqual([one.EvaluationFormVersion, same.EvaluationFormVersion], [2, 2]);
});

test("versions: one is active, what was active is locked, and a new one has the next number", async () => {
  const EvaluationFormId = await createForm();
  const within = { InstanceId, EvaluationFormId };
  const update = (EvaluationFormVersion: number, changes: object = {}) =>
    client.send(new UpdateEvaluationFormCommand({ ...within, EvaluationFormVersion, ...FORM, ...changes } as never));
  const activate = (EvaluationFormVersion: number) =>
    client.send(new ActivateEvaluationFormCommand({ ...within, EvaluationFormVersion }));
  const deactivate = (EvaluationFormVersion: number) =>
    client.send(new DeactivateEvaluationFormCommand({ ...within, EvaluationFormVersion }));
  const versions = async () => {
    const listed = [];
    for await (const page of paginateListEvaluationFormVersions({ client, pageSize: 2 }, { ...within })) {
      listed.push(...(page.EvaluationFormVersionSummaryList ?? []));
    }
    return listed.map((version) => [version.EvaluationFormVersion, version.Status, version.Locked]);
  };

  await server.advance("PT1M");
  await update(1, { Title: "Changed", Description: "now" });
  const changed = await describeForm(EvaluationFormId);
  assert.deepEqual([changed.Title, changed.Description, changed.EvaluationFormVersion], ["Changed", "now", 1]);
  assert.ok(Number(changed.LastModifiedTime) > Number(changed.CreatedTime));

  assert.deepEqual((await activate(1)).EvaluationFormVersion, 1);
  assert.deepEqual(await versions(), [[1, "ACTIVE", true]]);
  await refuses("ResourceConflictException", update(1), /locked/);
  assert.equal((await update(1, { CreateNewVersion: true, Title: "Second" })).EvaluationFormVersion, 2);
  await refuses("ResourceConflictException", deactivate(2), /not the active one/);
  await activate(2);
  assert.deepEqual(await versions(), [
    [1, "DRAFT", true],
    [2, "ACTIVE", true],
  ]);
  await deactivate(2);
  assert.equal((await update(2, { CreateNewVersion: true, AsDraft: false })).EvaluationFormVersion, 3);
  assert.deepEqual(await versions(), [
    [1, "DRAFT", true],
    [2, "DRAFT", true],
    [3, "ACTIVE", true],
  ]);
  assert.equal((await describeForm(EvaluationFormId, 2)).Title, "Second");

  await client.send(new DeleteEvaluationFormCommand({ ...within, EvaluationFormVersion: 3 }));
  assert.equal((await describeForm(EvaluationFormId)).Title, "Second");
  await refuses("ResourceConflictException", client.send(startCommand(EvaluationFormId)), /no active version/);
  // No number is given twice.
  assert.equal((await update(2, { CreateNewVersion: true })).EvaluationFormVersion, 4);
  for (const number of [0, -1, 3, 99]) await refuses("ResourceNotFoundException", activate(number));
  await refuses("ResourceNotFoundException", deactivate(3));
  await refuses("ResourceNotFoundException", update(3));
  await refuses("ResourceNotFoundException", describeForm(EvaluationFormId, 3));
  const page = new ListEvaluationFormVersionsCommand({ ...within, NextToken: "x" });
  await refuses("InvalidParameterException", client.send(page));

  await client.send(new DeleteEvaluationFormCommand(within));
  await refuses("ResourceNotFoundException", describeForm(EvaluationFormId));
  await refuses("ResourceNotFoundException", client.send(new DeleteEvaluationFormCommand(within)));
});

const startCommand = (EvaluationFormId: string) =>
  new StartContactEvaluationCommand({ InstanceId, ContactId: contactId, EvaluationFormId });

test("a form has at most 100 versions, and goes with its last one", async () => {
  const EvaluationFormId = await createForm({ AsDraft: false });
  assert.equal((await describeForm(EvaluationFormId)).Status, "ACTIVE");
  const within = { InstanceId, EvaluationFormId };
  const next = () =>
    client.send(
      new UpdateEvaluationFormCommand({
        ...within,
        ...FORM,
        EvaluationFormVersion: 1,
        CreateNewVersion: true,
      } as never),
    );
  for (let number = 2; number <= 100; number++) await next();
  await refuses("ServiceQuotaExceededException", next());
  await client.send(new DeleteEvaluationFormCommand({ ...within, EvaluationFormVersion: 100 }));
  await next();
  await client.send(new DeleteEvaluationFormCommand(within));
  await refuses("ResourceNotFoundException", describeForm(EvaluationFormId));

  const single = { InstanceId, EvaluationFormId: await createForm() };
  await client.send(new DeleteEvaluationFormCommand({ ...single, EvaluationFormVersion: 1 }));
  await refuses("ResourceNotFoundException", describeForm(single.EvaluationFormId));
});

test("content that makes no form is refused, with the place, and reviewers must be users", async () => {
  const bad = [{ Section: { RefId: "a", Title: "A", Items: [] } }];
  await refuses("InvalidParameterException", createForm({ Items: bad }), /Items\[0\]\.Section\.Items/);
  const EvaluationFormId = await createForm();
  const update = new UpdateEvaluationFormCommand({
    InstanceId,
    EvaluationFormId,
    EvaluationFormVersion: 1,
    Title: "",
    Items: ITEMS,
  });
  await refuses("InvalidParameterException", client.send(update), /Title/);
  const reviewedBy = (UserId: string, EligibilityDays = 30) => ({
    ReviewConfiguration: {
      EligibilityDays,
      ReviewNotificationRecipients: [{ Type: "USER_ID" as const, Value: { UserId } }],
    },
  });
  await refuses("ResourceNotFoundException", createForm(reviewedBy(NOBODY)));
  await refuses("InvalidParameterException", createForm(reviewedBy(userId, 0)), /EligibilityDays/);
  const reviewed = await describeForm(await createForm(reviewedBy(userId)));
  assert.deepEqual(reviewed.ReviewConfiguration, reviewedBy(userId).ReviewConfiguration);
  await refuses("ResourceNotFoundException", createForm({ InstanceId: NOBODY }));
});

test("an evaluation is answered, submitted with its scores, and submitted again", async () => {
  const EvaluationFormId = await activeForm();
  const EvaluationId = await start(contactId, EvaluationFormId);
  const within = { InstanceId, EvaluationId };
  const draft = await describe(EvaluationId);
  assert.deepEqual(draft.evaluation.Metadata, {
    ContactId: contactId,
    EvaluatorArn: `${P}/agent/${ROOT}`,
    ContactAgentId: userId,
  });
  assert.deepEqual([draft.evaluation.Status, draft.evaluation.Answers, draft.evaluation.Notes], ["DRAFT", {}, {}]);
  assert.equal(draft.evaluation.EvaluationArn, `${P}/contact-evaluation/${EvaluationId}`);
  assert.deepEqual(draft.form.Items, ITEMS);
  assert.equal(draft.form.EvaluationFormVersion, 1);

  await server.advance("PT1M");
  await client.send(
    new UpdateContactEvaluationCommand({
      ...within,
      Answers: answers({ greet: { StringValue: "no" }, holdsecs: { NumericValue: 45 } }),
      Notes: { holdsecs: { Value: "Short hold while the order was looked up" }, opening: { Value: "Friendly" } },
      UpdatedBy: { ConnectUserArn: `${P}/agent/${userId}` },
    }),
  );
  const updated = await describe(EvaluationId);
  assert.equal(updated.evaluation.Metadata?.EvaluatorArn, `${P}/agent/${userId}`);
  assert.deepEqual(updated.evaluation.Answers?.holdsecs, { Value: { NumericValue: 45 } });
  assert.ok(Number(updated.evaluation.LastModifiedTime) > Number(updated.evaluation.CreatedTime));
  assert.equal(updated.evaluation.Scores, undefined);
  await client.send(
    new UpdateContactEvaluationCommand({
      ...within,
      Answers: answers({ greet: null }),
      Notes: { opening: {} },
    }),
  );
  const without = await describe(EvaluationId);
  assert.deepEqual(Object.keys(without.evaluation.Answers ?? {}), ["holdsecs"]);
  assert.deepEqual(Object.keys(without.evaluation.Notes ?? {}), ["holdsecs"]);

  const submit = (Answers?: Record<string, EvaluationAnswerInput>) =>
    client.send(new SubmitContactEvaluationCommand({ ...within, Answers }));
  await submit(GOOD);
  const submitted = await describe(EvaluationId);
  assert.equal(submitted.evaluation.Status, "SUBMITTED");
  assert.deepEqual(submitted.evaluation.Metadata?.Score, { Percentage: 100 });
  assert.deepEqual(submitted.evaluation.Scores, {
    opening: { Percentage: 100, AppliedWeight: 40 },
    greet: { Percentage: 100 },
    handling: { Percentage: 100, AppliedWeight: 60 },
    holdsecs: { Percentage: 100 },
    idcheck: { Percentage: 100 },
  });
  await refuses("ResourceConflictException", client.send(new UpdateContactEvaluationCommand(within)), /submitted/);

  await submit(answers({ idcheck: { StringValue: "skipped" } }));
  const again = await describe(EvaluationId);
  assert.deepEqual(again.evaluation.Metadata?.Score, { Percentage: 0, AutomaticFail: true });
  assert.equal(again.evaluation.Scores?.handling?.AutomaticFail, true);
  assert.equal(again.evaluation.Scores?.opening?.AutomaticFail, undefined);
  await submit(answers({ greet: { NotApplicable: true }, idcheck: { StringValue: "done" } }));
  const last = await describe(EvaluationId);
  assert.deepEqual(last.evaluation.Scores?.greet, { NotApplicable: true });
  assert.deepEqual(last.evaluation.Scores?.handling, { Percentage: 100, AppliedWeight: 100 });

  // The evaluation keeps its form.
  await client.send(new DeleteEvaluationFormCommand({ InstanceId, EvaluationFormId }));
  assert.deepEqual((await describe(EvaluationId)).form.Items, ITEMS);
  await submit();
});

test("answers and notes that do not fit the form are refused, and change nothing", async () => {
  const section = (questions: object[]) => [{ Section: { RefId: "s", Title: "S", Items: questions } }];
  const Items = section([
    { Question: { RefId: "text", Title: "T", QuestionType: "TEXT" } },
    { Question: { RefId: "when", Title: "W", QuestionType: "DATETIME" } },
    {
      Question: {
        RefId: "many",
        Title: "M",
        QuestionType: "MULTISELECT",
        NotApplicableEnabled: true,
        QuestionTypeProperties: {
          MultiSelect: {
            Options: [
              { RefId: "a", Text: "A" },
              { RefId: "b", Text: "B" },
            ],
          },
        },
      },
    },
    {
      Question: {
        RefId: "one",
        Title: "O",
        QuestionType: "SINGLESELECT",
        QuestionTypeProperties: { SingleSelect: { Options: [{ RefId: "a", Text: "A" }] } },
      },
    },
    {
      Question: {
        RefId: "number",
        Title: "N",
        QuestionType: "NUMERIC",
        QuestionTypeProperties: { Numeric: { MinValue: 1, MaxValue: 5 } },
      },
    },
  ]) as EvaluationFormItem[];
  const EvaluationFormId = await activeForm({ Items, ScoringStrategy: undefined });
  const EvaluationId = await start((await completedContact()).contactId, EvaluationFormId);
  const within = { InstanceId, EvaluationId };
  const wrong: readonly [string, EvaluationAnswerData][] = [
    ["nothing", { StringValue: "a" }],
    ["text", { NumericValue: 1 }],
    ["text", { NotApplicable: true }],
    ["when", { DateTimeValue: "yesterday" }],
    ["when", { DateTimeValue: "2026-02-30T99:00:00Z" }],
    ["when", { StringValue: "2026-03-03" }],
    ["many", { StringValue: "a" }],
    ["many", { StringValues: [] }],
    ["many", { StringValues: ["a", "c"] }],
    ["many", { StringValues: ["a", "a"] }],
    ["many", { NotApplicable: false }],
    ["one", { StringValue: "b" }],
    ["one", { StringValues: ["a"] }],
    ["number", { NumericValue: 6 }],
    ["number", { NumericValue: 0 }],
    ["number", { StringValue: "2" }],
  ];
  for (const [refId, value] of wrong) {
    const Answers = answers({ text: { StringValue: "fine" }, [refId]: value });
    const update = client.send(new UpdateContactEvaluationCommand({ ...within, Answers }));
    await refuses("InvalidParameterException", update, new RegExp(refId));
    const submit = client.send(new SubmitContactEvaluationCommand({ ...within, Answers }));
    await refuses("InvalidParameterException", submit);
  }
  const note = (Notes: object) => client.send(new UpdateContactEvaluationCommand({ ...within, Notes: Notes as never }));
  await refuses("InvalidParameterException", note({ nothing: { Value: "x" } }), /nothing/);
  const long = { Value: "x".repeat(3072) };
  await refuses("InvalidParameterException", note({ text: long, when: long }), /5120 characters/);
  const by = { ConnectUserArn: `${P}/agent/${NOBODY}` };
  await refuses(
    "ResourceNotFoundException",
    client.send(new UpdateContactEvaluationCommand({ ...within, UpdatedBy: by })),
  );
  const untouched = await describe(EvaluationId);
  assert.deepEqual([untouched.evaluation.Status, untouched.evaluation.Answers], ["DRAFT", {}]);

  const Answers = answers({
    text: { StringValue: "fine" },
    when: { DateTimeValue: "2026-03-03T09:00:00Z" },
    many: { StringValues: ["b", "a"] },
    one: { StringValue: "a" },
    number: { NumericValue: 2.5 },
  });
  await client.send(new SubmitContactEvaluationCommand({ ...within, Answers, Notes: { text: long } }));
  const { evaluation } = await describe(EvaluationId);
  assert.deepEqual(evaluation.Answers, Answers);
  assert.equal(evaluation.Metadata?.Score, undefined);
});

test("an evaluation needs a contact and an active form, and a contact has at most ten", async () => {
  const EvaluationFormId = await activeForm();
  const { contactId: ContactId } = await completedContact();
  const begin = (changes: object = {}) =>
    client.send(new StartContactEvaluationCommand({ InstanceId, ContactId, EvaluationFormId, ...changes }));
  await refuses("ResourceNotFoundException", begin({ ContactId: NOBODY }));
  await refuses("ResourceNotFoundException", begin({ EvaluationFormId: NOBODY }));
  await refuses("ResourceNotFoundException", begin({ InstanceId: NOBODY }));
  await refuses("ResourceConflictException", begin({ EvaluationFormId: await createForm() }), /no active version/);
  await refuses(
    "InvalidParameterException",
    begin({ AutoEvaluationConfiguration: { Enabled: true } }),
    /not supported/,
  );

  const first = await begin({ ClientToken: "one", AutoEvaluationConfiguration: { Enabled: false } });
  assert.deepEqual((await begin({ ClientToken: "one" })).EvaluationId, first.EvaluationId);
  for (let number = 2; number <= 10; number++) await begin();
  await refuses("ServiceQuotaExceededException", begin(), /10/);
  const listed = [];
  for await (const page of paginateListContactEvaluations({ client }, { InstanceId, ContactId })) {
    listed.push(...(page.EvaluationSummaryList ?? []));
  }
  assert.equal(listed.length, 10);
  const oldest = listed.find((summary) => summary.EvaluationId === first.EvaluationId);
  assert.deepEqual(
    [oldest?.EvaluationFormTitle, oldest?.EvaluationFormId, oldest?.Status, oldest?.EvaluatorArn],
    [FORM.Title, EvaluationFormId, "DRAFT", `${P}/agent/${ROOT}`],
  );
  const list = (changes: object) =>
    client.send(new ListContactEvaluationsCommand({ InstanceId, ContactId, ...changes }));
  await refuses("InvalidParameterException", list({ NextToken: "x" }));
  await refuses("ResourceNotFoundException", list({ ContactId: NOBODY }));

  const gone = { InstanceId, EvaluationId: first.EvaluationId };
  await client.send(new DeleteContactEvaluationCommand(gone));
  await begin();
  const missing = "ResourceNotFoundException";
  await refuses(missing, client.send(new DeleteContactEvaluationCommand(gone)));
  await refuses(missing, client.send(new DescribeContactEvaluationCommand(gone)));
  await refuses(missing, client.send(new UpdateContactEvaluationCommand(gone)));
  await refuses(missing, client.send(new SubmitContactEvaluationCommand(gone)));
});

test("the contact's record is published again with each step of an evaluation, and contact events carry it", async () => {
  const { contactId: ContactId } = await completedContact();
  const EvaluationFormId = await activeForm();
  const records = async (): Promise<readonly EvaluatedRecord[]> =>
    (await centre.streams()).records.filter((record) => record.ContactId === ContactId) as unknown as EvaluatedRecord[];
  assert.deepEqual(
    (await records()).map((record) => record.ContactEvaluations),
    [{}],
  );

  const EvaluationId = await start(ContactId, EvaluationFormId);
  await server.advance("PT2M");
  await client.send(new SubmitContactEvaluationCommand({ InstanceId, EvaluationId, Answers: GOOD }));
  await server.advance("PT1M");
  await client.send(new TagContactCommand({ InstanceId, ContactId, Tags: { checked: "yes" } }));
  const { ContactEvaluations: described } = await centre.describe(ContactId);
  assert.equal(described?.[EvaluationFormId]?.Status, "COMPLETE");
  const minutes =
    Number(described?.[EvaluationFormId]?.EndTimestamp) - Number(described?.[EvaluationFormId]?.StartTimestamp);
  assert.equal(minutes, 120_000);
  await client.send(new DeleteContactEvaluationCommand({ InstanceId, EvaluationId }));

  const published = (await records()).map((record) => record.ContactEvaluations[EvaluationFormId]);
  const startTime = published[1]?.StartTimestamp;
  const told = {
    DeleteTimestamp: null,
    EndTimestamp: null,
    EvaluationArn: `${P}/contact-evaluation/${EvaluationId}`,
    ExportLocation: null,
    FormId: EvaluationFormId,
    StartTimestamp: startTime,
    Status: "IN_PROGRESS",
  };
  const end = new Date(Date.parse(String(startTime)) + 120_000).toISOString().replace(".000", "");
  const complete = { ...told, Status: "COMPLETE", EndTimestamp: end };
  const gone = new Date(Date.parse(String(startTime)) + 180_000).toISOString().replace(".000", "");
  const deleted = { ...complete, Status: "DELETED", DeleteTimestamp: gone };
  assert.deepEqual(published, [undefined, told, complete, complete, deleted]);
  const updates = (await records()).map((record) => String(record.LastUpdateTimestamp));
  assert.deepEqual(updates, [...new Set(updates)].sort());

  const { contactEvents } = await centre.streams();
  const event = contactEvents.find(
    ({ detail }) => detail.contactId === ContactId && detail.eventType === "CONTACT_DATA_UPDATED",
  );
  assert.ok(event);
  const { contactEvaluations: carried = {} } = event.detail as unknown as { contactEvaluations?: Evaluations };
  assert.deepEqual(Object.keys(carried), [EvaluationFormId]);
  assert.equal(carried[EvaluationFormId]?.status, "COMPLETE");
});

type Evaluations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface EvaluatedRecord {
  readonly LastUpdateTimestamp: string;
  readonly ContactEvaluations: Evaluations;
}

test("a contact that is not over can be evaluated; its record tells of it in the end", async () => {
  const user = await centre.agent("evaluated-live");
  const ContactId = await centre.arrive({ channel: "VOICE" });
  await centre.act(user, "accept", { contactId: ContactId });
  const EvaluationFormId = await activeForm();
  const EvaluationId = await start(ContactId, EvaluationFormId);
  await client.send(new SubmitContactEvaluationCommand({ InstanceId, EvaluationId, Answers: GOOD }));
  await centre.customer(ContactId, "hang-up");
  await centre.act(user, "clear", { contactId: ContactId });
  await centre.act(user, "sign-out");
  const { records } = await centre.streams();
  const own = records.filter((record) => record.ContactId === ContactId) as unknown as EvaluatedRecord[];
  assert.equal(own.length, 1);
  assert.equal(own[0]?.ContactEvaluations[EvaluationFormId]?.Status, "COMPLETE");
  assert.equal((await describe(EvaluationId)).evaluation.Metadata?.ContactAgentId, user);
});

test("questions that other answers disable are not scored, and are told of", async () => {
  const [opening, handling] = ITEMS as [EvaluationFormItem, EvaluationFormItem];
  const [hold, check] = handling.Section?.Items ?? [];
  const Enablement = {
    Action: "DISABLE",
    Condition: {
      Operands: [
        {
          Expression: {
            Source: { Type: "QUESTION_REF_ID", RefId: "greet" },
            Values: [{ Type: "OPTION_REF_ID", RefId: "no" }],
            Comparator: "IN",
          },
        },
      ],
    },
  };
  const Items = [
    opening,
    { Section: { ...handling.Section, Items: [hold, { Question: { ...check?.Question, Enablement } }] } },
  ] as EvaluationFormItem[];
  const EvaluationId = await start((await completedContact()).contactId, await activeForm({ Items }));
  const Answers = answers({
    greet: { StringValue: "no" },
    holdsecs: { NumericValue: 61 },
    idcheck: { StringValue: "skipped" },
  });
  await client.send(new SubmitContactEvaluationCommand({ InstanceId, EvaluationId, Answers }));
  const { evaluation } = await describe(EvaluationId);
  assert.deepEqual(evaluation.Metadata?.Score, { Percentage: 12 });
  assert.deepEqual(evaluation.Scores?.idcheck, { NotApplicable: true });
  // The SDK lags behind the model.
  const raw = await call(server.url, "connect", "DescribeContactEvaluation", { InstanceId, EvaluationId });
  assert.deepEqual(raw.Evaluation.ItemEnablementStatus, { idcheck: "DISABLED" });
});

test("forms are found by what they are, and evaluations by theirs", async () => {
  const Title = "Onboarding check";
  const [one, other] = [
    await activeForm({
      Title,
      Tags: { team: "gold" },
      AutoEvaluationConfiguration: { Enabled: true },
      TargetConfiguration: { ContactInteractionType: "AGENT" },
      LanguageConfiguration: { FormLanguage: "de-DE" },
    }),
    await createForm({ Title: `${Title} two` }),
  ];
  const forms = async (SearchCriteria: object | undefined, SearchFilter?: object): Promise<string[]> => {
    const found: string[] = [];
    const input = { InstanceId, SearchCriteria, SearchFilter, MaxResults: 1 };
    for (let NextToken: string | undefined; ; ) {
      const page = await client.send(new SearchEvaluationFormsCommand({ ...input, NextToken } as never));
      found.push(...(page.EvaluationFormSearchSummaryList ?? []).map((form) => form.EvaluationFormId ?? ""));
      NextToken = page.NextToken;
      if (NextToken === undefined) return found.sort();
    }
  };
  const string = (FieldName: string, Value: string, ComparisonType = "EXACT") => ({
    StringCondition: { FieldName, Value, ComparisonType },
  });
  const titled = string("title", Title, "STARTS_WITH");
  assert.deepEqual(await forms(titled), [one, other].sort());
  assert.deepEqual(await forms({ AndConditions: [titled, string("status", "ACTIVE")] }), [one]);
  const all = (...AndConditions: object[]) => forms({ AndConditions: [titled, ...AndConditions] });
  assert.deepEqual(await all(string("contactInteractionType", "AGENT")), [one]);
  const auto = { FieldName: "autoEvaluationEnabled", ComparisonType: "IS_FALSE" };
  assert.deepEqual(await all({ BooleanCondition: auto }), [other]);
  const version = { FieldName: "activeVersion", MinValue: 1, ComparisonType: "EQUAL" };
  assert.deepEqual(await all({ NumberCondition: version }), [one]);
  const early = { FieldName: "createdTime", MaxValue: "2020-01-01T00:00:00Z", ComparisonType: "LESS_THAN" };
  assert.deepEqual(await all({ DateTimeCondition: early }), []);
  const since = { FieldName: "lastActivatedTime", MinValue: "2020-01-01T00:00:00", ComparisonType: "GREATER_THAN" };
  assert.deepEqual(await all({ DateTimeCondition: since }), [one]);
  assert.deepEqual(await forms(titled, { AttributeFilter: { TagCondition: { TagKey: "team", TagValue: "gold" } } }), [
    one,
  ]);
  const bad = (SearchCriteria: object) =>
    client.send(new SearchEvaluationFormsCommand({ InstanceId, SearchCriteria } as never));
  await refuses("InvalidParameterException", bad(string("colour", "red")), /colour/);
  await refuses("InvalidParameterException", bad({ BooleanCondition: { FieldName: "autoEvaluationEnabled" } }));
  await refuses(
    "InvalidParameterException",
    bad({ DateTimeCondition: { ...early, MaxValue: "2020-13-01T00:00:00Z" } }),
  );
  const page = await client.send(new SearchEvaluationFormsCommand({ InstanceId, MaxResults: 1 }));
  assert.ok((page.ApproximateTotalCount ?? 0) > 2);

  const { contactId: ContactId, userId: agentId } = await completedContact();
  const [good, poor, draft] = [await start(ContactId, one), await start(ContactId, one), await start(ContactId, one)];
  await client.send(
    new TagResourceCommand({ resourceArn: `${P}/contact-evaluation/${draft}`, tags: { note: "later" } }),
  );
  const submit = (EvaluationId: string, idcheck: string) =>
    client.send(
      new SubmitContactEvaluationCommand({
        InstanceId,
        EvaluationId,
        Answers: { ...GOOD, idcheck: { Value: { StringValue: idcheck } } },
      }),
    );
  await submit(good, "done");
  await submit(poor, "skipped");
  const evaluations = async (SearchCriteria: object, SearchFilter?: object): Promise<string[]> => {
    const found: string[] = [];
    const AndConditions = [string("contactId", ContactId), SearchCriteria];
    const input = { InstanceId, SearchCriteria: { AndConditions }, SearchFilter, MaxResults: 2 };
    for (let NextToken: string | undefined; ; ) {
      const page = await client.send(new SearchContactEvaluationsCommand({ ...input, NextToken } as never));
      found.push(...(page.EvaluationSearchSummaryList ?? []).map((summary) => summary.EvaluationId ?? ""));
      NextToken = page.NextToken;
      if (NextToken === undefined) return found.sort();
    }
  };
  assert.deepEqual(await evaluations({}), [good, poor, draft].sort());
  assert.deepEqual(await evaluations(string("status", "DRAFT")), [draft]);
  const score = { FieldName: "scorePercentage", MinValue: 99.5, ComparisonType: "GREATER" };
  assert.deepEqual(await evaluations({ DecimalCondition: score }), [good]);
  const fails = { FieldName: "scoreAutomaticFail", ComparisonType: "IS_TRUE" };
  assert.deepEqual(await evaluations({ BooleanCondition: fails }), [poor]);
  const tagged = { AttributeFilter: { AndCondition: { TagConditions: [{ TagKey: "note", TagValue: "later" }] } } };
  assert.deepEqual(await evaluations({}, tagged), [draft]);
  const byAgent = (StringValue: string) => ({
    ContactEvaluationAttributeFilter: {
      ContactEvaluationAttributeCondition: {
        AttributeKey: "ContactAgentId",
        AttributeValue: { StringValue },
        ComparisonType: "EXACT",
      },
    },
  });
  assert.deepEqual(await evaluations({}, byAgent(agentId)), [good, poor, draft].sort());
  assert.deepEqual(await evaluations({}, byAgent(NOBODY)), []);
  const one1 = await client.send(
    new SearchContactEvaluationsCommand({ InstanceId, SearchCriteria: string("evaluationId", poor) } as never),
  );
  const [summary] = one1.EvaluationSearchSummaryList ?? [];
  assert.deepEqual(summary?.Metadata, {
    ContactId,
    EvaluatorArn: `${P}/agent/${ROOT}`,
    ContactAgentId: agentId,
    ScorePercentage: 0,
    ScoreAutomaticFail: true,
    ScoreNotApplicable: false,
    AutoEvaluationEnabled: false,
  });
  assert.equal(one1.ApproximateTotalCount, 1);
});

test("forms and evaluations can be tagged", async () => {
  const EvaluationFormId = await activeForm({ Tags: { team: "quality" } });
  const input = {
    InstanceId,
    ContactId: (await completedContact()).contactId,
    EvaluationFormId,
    Tags: { team: "care" },
  };
  const { EvaluationArn, EvaluationId = "" } = await client.send(new StartContactEvaluationCommand(input));
  for (const [resourceArn, team] of [
    [`${P}/evaluation-form/${EvaluationFormId}`, "quality"],
    [EvaluationArn, "care"],
  ] as const) {
    await client.send(new TagResourceCommand({ resourceArn, tags: { tier: "gold" } }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { team, tier: "gold" });
  }
  assert.deepEqual((await describe(EvaluationId)).evaluation.Tags, { team: "care", tier: "gold" });
  assert.deepEqual((await describeForm(EvaluationFormId)).Tags, { team: "quality", tier: "gold" });
});

test("what is evaluated is forgotten with the contact, 24 months on, and goes with the instance", async () => {
  const second = await openCentre(server);
  const user = await second.agent("short");
  const ContactId = await second.arrive({ channel: "TASK", name: "x" });
  const within = { InstanceId: second.InstanceId };
  const created = await client.send(new CreateEvaluationFormCommand({ ...within, ...FORM, AsDraft: false } as never));
  const { EvaluationFormId } = created;
  const begun = await client.send(new StartContactEvaluationCommand({ ...within, ContactId, EvaluationFormId }));
  await second.act(user, "sign-out");
  await server.advance("P731D");
  const old = { ...within, EvaluationId: begun.EvaluationId };
  await refuses("ResourceNotFoundException", client.send(new DescribeContactEvaluationCommand(old)));
  const { EvaluationSearchSummaryList } = await client.send(new SearchContactEvaluationsCommand(within));
  assert.deepEqual(EvaluationSearchSummaryList, []);
  const { store, clock } = server.app.platform();
  const expired = { index: "expires", before: clock.now(), limit: 9 };
  const left = async () => [
    ...(await store.list(contactEvaluations, expired)).documents,
    ...(await store.list(evaluatedForms, expired)).documents,
  ];
  // New contacts sweep, each one of eight collections by the chance of its id, so that how many are needed is not known.
  for (let number = 0; number < 500 && (await left()).length > 0; number++)
    await second.arrive({ channel: "TASK", name: "new" });
  assert.deepEqual(await left(), []);

  await client.send(new DeleteInstanceCommand(within));
  await server.advance("PT1M");
  const forms = await store.list(evaluationForms, { limit: 1000 });
  const versions = await store.list(evaluationFormVersions, { limit: 1000 });
  const all = [...forms.documents, ...versions.documents];
  assert.ok(!all.some((document) => document.instanceId === second.InstanceId));
});
