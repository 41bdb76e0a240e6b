/** The Connect rules API: what is kept, what is refused, and in which order. What rules do is in `rules-on-conversations.test.ts`. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  ConnectClient,
  CreateInstanceCommand,
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  type CreateRuleCommandInput,
  CreateUseCaseCommand,
  DeleteInstanceCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  type EventSourceName,
  ListContactFlowsCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  paginateListRules,
  type RuleAction,
  SearchRulesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateRuleCommand,
  type UpdateRuleCommandInput,
} from "@aws-sdk/client-connect";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

let instances = 0;
let names = 0;
const server = await startTrunkline();
const connect = new ConnectClient(server.client);
after(() => connect.destroy());
const InstanceId = await newInstance(connect);

const { ContactFlowSummaryList } = await connect.send(
  new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }),
);
const ContactFlowId = ContactFlowSummaryList?.[0]?.Id ?? "";

const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const TASK: RuleAction = {
  ActionType: "CREATE_TASK",
  TaskAction: { Name: "Call back $.ContactLens.PostCall.ContactId", ContactFlowId },
};

async function newInstance(client: ConnectClient): Promise<string> {
  instances += 1;
  const input = { IdentityManagementType: "CONNECT_MANAGED", InstanceAlias: `rules-${instances}` } as const;
  const { Id = "" } = await client.send(
    new CreateInstanceCommand({ ...input, InboundCallsEnabled: true, OutboundCallsEnabled: true }),
  );
  return Id;
}

function said(...words: string[]): string {
  return functionOf("PostCall", words);
}

function functionOf(section: string, words: readonly string[], changes: object = {}): string {
  const condition = {
    Operator: "CONTAINS_ANY",
    Operands: words,
    ComparisonValue: `$.ContactLens.${section}.ExactMatch.Transcript`,
    ...changes,
  };
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [condition] } });
}

function ruleInput(changes: Partial<CreateRuleCommandInput> = {}): CreateRuleCommandInput {
  names += 1;
  return {
    InstanceId,
    Name: `rule-${names}`,
    TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
    Function: said("late"),
    Actions: [CATEGORY],
    PublishStatus: "PUBLISHED",
    ...changes,
  };
}

async function create(changes: Partial<CreateRuleCommandInput> = {}): Promise<{ RuleId: string; RuleArn: string }> {
  const { RuleId = "", RuleArn = "" } = await connect.send(new CreateRuleCommand(ruleInput(changes)));
  return { RuleId, RuleArn };
}

async function refused(changes: Partial<CreateRuleCommandInput>, message: RegExp, name = "InvalidRequestException") {
  await assert.rejects(create(changes), { name, message });
}

test("a rule is described as it was created", async () => {
  const PreEvaluationFilters = {
    AndConditions: [
      {
        ResourceType: "CONTACT",
        FilterType: "TAG",
        FilterKey: "line",
        FilterValue: "b2b",
        Operator: "EQUALS",
      } as const,
    ],
  };
  const input = ruleInput({ PreEvaluationFilters, Tags: { team: "logistics" } });
  const { RuleId, RuleArn } = await connect.send(new CreateRuleCommand(input));
  assert.equal(RuleArn, `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}/rule/${RuleId}`);
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.ok(Rule?.CreatedTime);
  const { CreatedTime, LastUpdatedTime } = Rule;
  assert.deepEqual(CreatedTime, LastUpdatedTime);
  assert.deepEqual(Rule, {
    Name: input.Name,
    RuleId,
    RuleArn,
    TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
    Function: input.Function,
    Actions: [CATEGORY],
    PublishStatus: "PUBLISHED",
    PreEvaluationFilters,
    CreatedTime,
    LastUpdatedTime,
    LastUpdatedBy: "arn:aws:iam::000000000000:root",
    Tags: { team: "logistics" },
  });
  const byArns = { InstanceId: RuleArn?.split("/rule/")[0] ?? "", RuleId: RuleArn ?? "" };
  assert.equal((await connect.send(new DescribeRuleCommand(byArns))).Rule?.RuleId, RuleId);
});

test("an update replaces all but source and tags; filters stay unless they are given", async () => {
  const PreEvaluationFilters = {
    AndConditions: [
      {
        ResourceType: "CONTACT",
        FilterType: "TAG",
        FilterKey: "line",
        FilterValue: "b2b",
        Operator: "EQUALS",
      } as const,
    ],
  };
  const input = ruleInput({ PreEvaluationFilters, Tags: { team: "logistics" } });
  const { RuleId } = await connect.send(new CreateRuleCommand(input));
  await server.advance("PT1M");
  const update = {
    InstanceId,
    RuleId,
    Name: input.Name,
    Function: said("delayed"),
    Actions: [CATEGORY, TASK],
    PublishStatus: "DRAFT",
  } as const;
  const changed = { ...update, Actions: [...update.Actions] };
  await connect.send(new UpdateRuleCommand(changed));
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.partialDeepStrictEqual(Rule, {
    Function: said("delayed"),
    Actions: [CATEGORY, TASK],
    PublishStatus: "DRAFT",
    PreEvaluationFilters,
    Tags: { team: "logistics" },
  });
  assert.equal((Rule?.LastUpdatedTime?.getTime() ?? 0) - (Rule?.CreatedTime?.getTime() ?? 0), 60_000);

  await connect.send(new UpdateRuleCommand({ ...changed, PreEvaluationFilters: {} }));
  const cleared = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.equal(cleared.Rule?.PreEvaluationFilters, undefined);

  const other = new UpdateRuleCommand({ ...changed, Name: "another-category" });
  await assert.rejects(connect.send(other), { name: "InvalidRequestException", message: /cannot be renamed/ });
  const unknown = new UpdateRuleCommand({ ...changed, RuleId: "nothing" });
  await assert.rejects(connect.send(unknown), { name: "ResourceNotFoundException" });
});

test("a deleted rule is gone, and so is its name", async () => {
  const input = ruleInput();
  const { RuleId } = await connect.send(new CreateRuleCommand(input));
  await connect.send(new DeleteRuleCommand({ InstanceId, RuleId }));
  for (const command of [
    new DescribeRuleCommand({ InstanceId, RuleId }),
    new DeleteRuleCommand({ InstanceId, RuleId }),
  ]) {
    await assert.rejects(connect.send(command as DescribeRuleCommand), { name: "ResourceNotFoundException" });
  }
  await connect.send(new CreateRuleCommand({ ...input, ClientToken: undefined }));
});

test("a client token makes one rule, for 24 hours", async () => {
  const input = ruleInput({ ClientToken: "once" });
  const made = await connect.send(new CreateRuleCommand(input));
  const again = await connect.send(new CreateRuleCommand(input));
  assert.deepEqual([again.RuleId, again.RuleArn], [made.RuleId, made.RuleArn]);
  const other = new CreateRuleCommand({ ...input, PublishStatus: "DRAFT" });
  await assert.rejects(connect.send(other), { name: "ResourceConflictException" });

  await connect.send(new DeleteRuleCommand({ InstanceId, RuleId: made.RuleId }));
  const anew = await connect.send(new CreateRuleCommand(input));
  assert.notEqual(anew.RuleId, made.RuleId);
  assert.equal((await connect.send(new CreateRuleCommand(input))).RuleId, anew.RuleId);
  await server.advance("PT24H1S");
  await assert.rejects(connect.send(new CreateRuleCommand(input)), { name: "ResourceConflictException" });
});

test("rules are listed from the oldest on, page by page, and by status and source", async () => {
  const own = { InstanceId: await newInstance(connect) };
  const made: string[] = [];
  for (const [at, status] of (["PUBLISHED", "DRAFT", "PUBLISHED", "DRAFT", "PUBLISHED"] as const).entries()) {
    const source: Partial<CreateRuleCommandInput> =
      at % 2 === 0
        ? {}
        : {
            TriggerEventSource: { EventSourceName: "OnRealTimeCallAnalysisAvailable" },
            Function: functionOf("RealTimeCall", ["late"]),
          };
    made.push((await create({ ...own, ...source, PublishStatus: status })).RuleId);
    await server.advance("PT1S");
  }
  const listed: string[] = [];
  for await (const page of paginateListRules({ client: connect, pageSize: 2 }, { ...own })) {
    listed.push(...(page.RuleSummaryList ?? []).map(({ RuleId }) => RuleId ?? ""));
  }
  assert.deepEqual(listed, made);
  const drafts = await connect.send(new ListRulesCommand({ ...own, PublishStatus: "DRAFT" }));
  assert.deepEqual(
    drafts.RuleSummaryList?.map(({ RuleId }) => RuleId),
    [made[1], made[3]],
  );
  const postCall = { ...own, EventSourceName: "OnPostCallAnalysisAvailable", MaxResults: 1 } as const;
  const first = await connect.send(new ListRulesCommand(postCall));
  const { CreatedTime, LastUpdatedTime } = first.RuleSummaryList?.[0] ?? {};
  assert.deepEqual(first.RuleSummaryList, [
    {
      Name: first.RuleSummaryList?.[0]?.Name,
      RuleId: made[0],
      RuleArn: `arn:aws:connect:us-east-1:000000000000:instance/${own.InstanceId}/rule/${made[0]}`,
      EventSourceName: "OnPostCallAnalysisAvailable",
      PublishStatus: "PUBLISHED",
      ActionSummaries: [{ ActionType: "ASSIGN_CONTACT_CATEGORY" }],
      CreatedTime,
      LastUpdatedTime,
    },
  ]);
  const foreign = new ListRulesCommand({ ...own, NextToken: first.NextToken });
  await assert.rejects(connect.send(foreign), { name: "InvalidRequestException" });
});

test("rules are searched by what they are and by their tags", async () => {
  const own = { InstanceId: await newInstance(connect) };
  await create({ ...own, Name: "LATE_DELIVERY", Tags: { team: "logistics", line: "b2b" } });
  await create({
    ...own,
    Name: "late_refund",
    PublishStatus: "DRAFT",
    Actions: [CATEGORY, { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TOLD" } }],
    Tags: { team: "billing" },
  });
  const found = async (input: object): Promise<(string | undefined)[]> => {
    const { Rules, ApproximateTotalCount } = await connect.send(new SearchRulesCommand({ ...own, ...input }));
    assert.equal(ApproximateTotalCount, Rules?.length);
    return (Rules ?? []).map(({ Name }) => Name).sort();
  };
  const by = (FieldName: string, Value: string, ComparisonType = "EXACT") =>
    found({ SearchCriteria: { StringCondition: { FieldName, Value, ComparisonType } } });
  assert.deepEqual(await found({}), ["LATE_DELIVERY", "late_refund"]);
  assert.deepEqual(await by("Name", "Late", "STARTS_WITH"), ["LATE_DELIVERY", "late_refund"]);
  assert.deepEqual(await by("PublishStatus", "DRAFT"), ["late_refund"]);
  assert.deepEqual(await by("ActionSummaries", "GENERATE_EVENTBRIDGE_EVENT"), ["late_refund"]);
  assert.deepEqual(await by("EventSourceName", "OnPostCall", "STARTS_WITH"), ["LATE_DELIVERY", "late_refund"]);
  const TagConditions = [{ TagKey: "team", TagValue: "logistics" }];
  const attributes = { AttributeFilter: { AndCondition: { TagConditions } } };
  assert.deepEqual(await found({ SearchFilter: attributes }), ["LATE_DELIVERY"]);
  await assert.rejects(by("Colour", "red"), { name: "InvalidParameterException" });
});

test("a rule has tags like any other resource", async () => {
  const { RuleArn, RuleId } = await create({ Tags: { team: "billing" } });
  await connect.send(new TagResourceCommand({ resourceArn: RuleArn, tags: { line: "b2b" } }));
  await connect.send(new UntagResourceCommand({ resourceArn: RuleArn, tagKeys: ["team"] }));
  const { tags } = await connect.send(new ListTagsForResourceCommand({ resourceArn: RuleArn }));
  assert.deepEqual(tags, { line: "b2b" });
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.deepEqual(Rule?.Tags, { line: "b2b" });
});

test("the first thing that is wrong is told: name, instance, integration, function, actions, name taken", async () => {
  const { RuleId } = await create({ Name: "taken" });
  assert.ok(RuleId);
  const wrong = {
    Name: "has blank",
    InstanceId: "nothing",
    TriggerEventSource: { EventSourceName: "OnZendeskTicketCreate" },
    Function: "true",
    Actions: [],
    PublishStatus: "DRAFT",
  } as const;
  const steps: [Partial<CreateRuleCommandInput>, string, RegExp][] = [
    [{ Name: "taken" }, "InvalidRequestException", /'name'/],
    [{ InstanceId }, "ResourceNotFoundException", /Instance nothing/],
    [
      { TriggerEventSource: { EventSourceName: "OnZendeskTicketCreate", IntegrationAssociationId: "none" } },
      "InvalidRequestException",
      /TriggerEventSource\.IntegrationAssociationId: is required/,
    ],
    [
      { TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" } },
      "ResourceNotFoundException",
      /Integration association none/,
    ],
    [{ Function: said("late") }, "InvalidRequestException", /Function/],
    [{ Actions: [CATEGORY] }, "InvalidRequestException", /Actions: must hold at least one/],
    [{ Name: "free" }, "ResourceConflictException", /named taken/],
  ];
  let input: Partial<CreateRuleCommandInput> = { ...wrong, Actions: [] };
  for (const [change, name, message] of steps) {
    await refused(input, message, name);
    input = { ...input, ...change };
  }
  await create(input);
});

test("an update may not take another rule's name", async () => {
  const associated = await integration();
  const zendesk = {
    TriggerEventSource: { EventSourceName: "OnZendeskTicketCreate", IntegrationAssociationId: associated },
    Function: ticketFunction(),
    Actions: [TASK],
    PublishStatus: "DRAFT",
  } as const;
  await create({ ...zendesk, Actions: [TASK], Name: "ticket-one" });
  const { RuleId } = await create({ ...zendesk, Actions: [TASK], Name: "ticket-two" });
  const { TriggerEventSource: _, ...rest } = zendesk;
  const rename = (Name: string) =>
    connect.send(new UpdateRuleCommand({ InstanceId, RuleId, ...rest, Actions: [TASK], Name }));
  await assert.rejects(rename("ticket-one"), { name: "ResourceConflictException" });
  await rename("ticket-three");
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.equal(Rule?.Name, "ticket-three");
  assert.equal(Rule.TriggerEventSource?.IntegrationAssociationId, associated);
});

let integrations = 0;
async function integration(): Promise<string> {
  integrations += 1;
  const { EventIntegrationArn } = await call(server.url, "appintegrations", "CreateEventIntegration", {
    Name: `tickets-${integrations}`,
    EventFilter: { Source: "aws.partner/zendesk.com/1/default" },
    EventBridgeBus: "default",
  });
  const { IntegrationAssociationId = "" } = await connect.send(
    new CreateIntegrationAssociationCommand({
      InstanceId,
      IntegrationType: "EVENT",
      IntegrationArn: EventIntegrationArn,
      SourceType: "ZENDESK",
      SourceApplicationName: "Tickets",
      SourceApplicationUrl: "https://tickets.example",
    }),
  );
  const useCase = { InstanceId, IntegrationAssociationId, UseCaseType: "RULES_EVALUATION" } as const;
  await connect.send(new CreateUseCaseCommand(useCase));
  return IntegrationAssociationId;
}

function ticketFunction(): string {
  const condition = {
    Operator: "EQUALS",
    Operands: ["urgent"],
    ComparisonValue: "$.ThirdParty.Zendesk.TicketCreate.Priority",
    Negate: false,
  };
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [condition] } });
}

test("functions are refused with the place of what is wrong", async () => {
  const with_ = (RuleFunction: object) => JSON.stringify({ Version: "2022-11-25", RuleFunction });
  const leaf = {
    Operator: "CONTAINS_ANY",
    Operands: ["late"],
    ComparisonValue: "$.ContactLens.PostCall.ExactMatch.Transcript",
  };
  await refused({ Function: with_(leaf) }, /RuleFunction\.Operator/);
  await refused({ Function: JSON.stringify({ Version: "2020-01-01", RuleFunction: {} }) }, /Version/);
  await refused(
    { Function: functionOf("PostChat", ["late"]) },
    /Unsupported ComparisonValue: \$\.ContactLens\.PostChat\.ExactMatch\.Transcript/,
  );
  await refused({ Function: said(...Array.from({ length: 101 }, (_, at) => `word ${at}`)) }, /Operands/);
  const many = Array.from({ length: 21 }, () => leaf);
  await refused({ Function: with_({ Operator: "AND", Operands: many }) }, /at most 20/);
  await refused(
    {
      TriggerEventSource: { EventSourceName: "OnRealTimeCallAnalysisAvailable" },
      Function: functionOf("RealTimeCall", ["late"], { Negate: true }),
    },
    /Negate/,
  );
});

test("actions are refused with the place of what is wrong", async () => {
  const event = (Name: string): RuleAction => ({
    ActionType: "GENERATE_EVENTBRIDGE_EVENT",
    EventBridgeAction: { Name },
  });
  await refused({ Actions: [TASK] }, /needs the action ASSIGN_CONTACT_CATEGORY/);
  await refused({ Actions: [CATEGORY, CATEGORY] }, /Actions\[1\]\.ActionType: a rule may have only one/);
  await refused({ Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY" }] }, /Actions\[0\]\.AssignContactCategoryAction/);
  await refused(
    { Actions: [CATEGORY, { ActionType: "UPDATE_CASE", UpdateCaseAction: { Fields: [] } }] },
    /UPDATE_CASE does not go with OnPostCallAnalysisAvailable/,
  );
  await refused(
    {
      TriggerEventSource: { EventSourceName: "OnRealTimeChatAnalysisAvailable" },
      Function: functionOf("RealTimeChat", ["late"]),
      Actions: [CATEGORY, TASK],
    },
    /CREATE_TASK does not go with OnRealTimeChatAnalysisAvailable/,
  );
  const task = (References: NonNullable<RuleAction["TaskAction"]>["References"]): RuleAction => ({
    ActionType: "CREATE_TASK",
    TaskAction: { Name: "Call", ContactFlowId, References },
  });
  await refused(
    { Actions: [CATEGORY, task({ shop: { Type: "URL", Value: "ftp://shop.example" } })] },
    /References\.shop/,
  );
  await refused({ Actions: [CATEGORY, task({ long: { Type: "STRING", Value: "x".repeat(4_093) } })] }, /4096 bytes/);
  const mail = (Recipient: object): RuleAction => ({
    ActionType: "SEND_NOTIFICATION",
    SendNotificationAction: { DeliveryMethod: "EMAIL", Content: "Hello", ContentType: "PLAIN_TEXT", Recipient },
  });
  await refused({ Actions: [CATEGORY, mail({})] }, /Recipient: must name users/);
  await refused({ Actions: [CATEGORY, mail({ UserIds: ["1", "2", "3", "4", "5", "6"] })] }, /at most 5 users/);
  const createCase: RuleAction = {
    ActionType: "CREATE_CASE",
    CreateCaseAction: { TemplateId: "t", Fields: [{ Id: "status", Value: {} as { StringValue: string } }] },
  };
  await refused({ Actions: [CATEGORY, createCase] }, /Fields\[0\]\.Value: must hold exactly one/);
  await refused({ Actions: [CATEGORY, event("x".repeat(101))] }, /length|100/);
});

test("a flow or user that an action names and that is not there is refused with its place, in drafts too", async () => {
  const NOBODY = "00000000-0000-4000-8000-000000000000";
  const mail = (Recipient: object, Exclusion?: object): RuleAction => ({
    ActionType: "SEND_NOTIFICATION",
    SendNotificationAction: {
      DeliveryMethod: "EMAIL",
      Content: "Hello",
      ContentType: "PLAIN_TEXT",
      Recipient,
      ...(Exclusion && { Exclusion }),
    },
  });
  const agent = "$.ContactLens.PostCall.Agent.AgentId";
  const task = (flowId: string): RuleAction => ({
    ActionType: "CREATE_TASK",
    TaskAction: { Name: "Call", ContactFlowId: flowId },
  });
  const notFound = async (action: RuleAction, place: string): Promise<void> => {
    const message = (text: string): boolean =>
      ["flow", "user"].some((kind) => text.startsWith(`${place}: there is no ${kind} ${NOBODY} in instance`));
    for (const PublishStatus of ["PUBLISHED", "DRAFT"] as const) {
      await assert.rejects(
        create({ Actions: [CATEGORY, action], PublishStatus }),
        (error: Error) => error.name === "ResourceNotFoundException" && message(error.message),
      );
    }
  };
  await notFound(task(NOBODY), "Actions[1].TaskAction.ContactFlowId");
  await notFound(mail({ UserIds: [agent, NOBODY] }), "Actions[1].SendNotificationAction.Recipient.UserIds[1]");
  const excluding = mail({ UserTags: { role: "lead" } }, { UserIds: [NOBODY] });
  await notFound(excluding, "Actions[1].SendNotificationAction.Exclusion.UserIds[0]");
  const inApp = { Content: { en_US: "New" }, Recipient: { UserIds: [NOBODY] } };
  const answer = await post(`/rules/${InstanceId}`, {
    ...ruleInput(),
    Actions: [CATEGORY, { ActionType: "SEND_IN_APP_NOTIFICATION", SendInAppNotificationAction: inApp }],
  });
  assert.equal(answer.status, 404);
  assert.match(JSON.stringify(answer.body), /SendInAppNotificationAction\.Recipient\.UserIds\[0\]: there is no user/);

  const { RuleId } = await create({ Actions: [CATEGORY, task(ContactFlowId), mail({ UserIds: [agent] })] });
  const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.ok(Rule);
  const { Name, Function: text, PublishStatus } = Rule;
  const update = new UpdateRuleCommand({
    InstanceId,
    RuleId,
    Name,
    Function: text,
    PublishStatus,
    Actions: [CATEGORY, task(NOBODY)],
  });
  await assert.rejects(connect.send(update), { name: "ResourceNotFoundException", message: /^Actions\[1\]/ });
  const after = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
  assert.deepEqual(after.Rule, Rule);
  // A version of a flow is a matter of the moment when the task is made.
  await create({ Actions: [CATEGORY, task(`${ContactFlowId}:$LATEST`)] });
});

test("what is not built is kept as a draft, and refused by name where it is to be published", async () => {
  const drafts: Partial<CreateRuleCommandInput>[] = [
    {
      Actions: [
        CATEGORY,
        {
          ActionType: "EXTRACT_INFORMATION",
          ExtractInformationAction: { RulesExtractionDefinitions: [{ Identifier: "x" }] },
        },
      ],
    },
    {
      Function: JSON.stringify({
        Version: "2022-11-25",
        RuleFunction: {
          Operator: "AND",
          Operands: [
            {
              Operator: "EQUALS",
              Operands: ["The customer was angry"],
              ComparisonValue: "$.ContactLens.PostCall.SemanticMatch.Phrase",
            },
          ],
        },
      }),
    },
  ];
  const named = [/action EXTRACT_INFORMATION is not built/, /SemanticMatch\.Phrase/];
  for (const [at, draft] of drafts.entries()) {
    await refused({ ...draft, PublishStatus: "PUBLISHED" }, named[at] as RegExp);
    const { RuleId } = await create({ ...draft, PublishStatus: "DRAFT" });
    const { Rule } = await connect.send(new DescribeRuleCommand({ InstanceId, RuleId }));
    assert.deepEqual(Rule?.RuleCapabilityTiers, at === 1 ? ["GenerativeAI"] : undefined);
    assert.ok(Rule);
    const publish = { InstanceId, ...Rule, RuleId, PublishStatus: "PUBLISHED" } as UpdateRuleCommandInput;
    await assert.rejects(connect.send(new UpdateRuleCommand(publish)), { message: named[at] as RegExp });
  }
});

test("a draft may be kept for every event source", async () => {
  const association = await integration();
  const sources: Readonly<
    Record<EventSourceName, readonly [section: string, condition: object, action: RuleAction | undefined]>
  > = {
    OnPostCallAnalysisAvailable: ["ContactLens.PostCall", {}, CATEGORY],
    OnRealTimeCallAnalysisAvailable: ["ContactLens.RealTimeCall", {}, CATEGORY],
    OnRealTimeChatAnalysisAvailable: ["ContactLens.RealTimeChat", {}, CATEGORY],
    OnPostChatAnalysisAvailable: ["ContactLens.PostChat", {}, CATEGORY],
    OnAfterCallWorkAvailable: ["ContactLens.PostCall", {}, TASK],
    OnAfterChatWorkAvailable: ["ContactLens.PostChat", {}, TASK],
    OnEmailAnalysisAvailable: ["ContactLens.Email", {}, TASK],
    OnContactEvaluationSubmit: ["ContactLens.ContactEvaluation", {}, TASK],
    OnZendeskTicketCreate: ["ThirdParty.Zendesk.TicketCreate", TICKET, TASK],
    OnZendeskTicketStatusUpdate: ["ThirdParty.Zendesk.StatusUpdate", TICKET, TASK],
    OnSalesforceCaseCreate: ["ThirdParty.Salesforce.CaseCreate", { ...TICKET, path: "Priority" }, TASK],
    OnMetricDataUpdate: ["MetricData", {}, TASK],
    OnCaseCreate: ["Case", { path: "TemplateId" }, TASK],
    OnCaseUpdate: [
      "Case",
      { path: "TemplateId" },
      { ActionType: "END_ASSOCIATED_TASKS", EndAssociatedTasksAction: {} },
    ],
    OnSlaBreach: ["RelatedItem.SlaConfiguration", { path: "Name" }, TASK],
    OnAlertUpdate: ["Anything", {}, undefined],
    OnSchedulePublish: ["Anything", {}, undefined],
    OnScheduleUpdate: ["Anything", {}, undefined],
    OnScheduleTimeOffRequestActivity: ["Anything", {}, undefined],
  };
  for (const [source, [section, changes, action]] of Object.entries(sources) as [
    EventSourceName,
    (typeof sources)[EventSourceName],
  ][]) {
    const { path = "Agent.AgentId", ...rest } = changes as { path?: string };
    const condition = {
      Operator: "CONTAINS_ANY",
      Operands: ["one"],
      ComparisonValue: `$.${section}.${path}`,
      Negate: false,
      ...rest,
    };
    const text = JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [condition] } });
    const isThirdParty = section.startsWith("ThirdParty");
    const IntegrationAssociationId = isThirdParty ? association : undefined;
    const inApp = {
      ActionType: "SEND_IN_APP_NOTIFICATION",
      SendInAppNotificationAction: { Content: { en_US: "New" }, Recipient: { UserTags: { role: "lead" } } },
    };
    const actions = action ?? (source === "OnAlertUpdate" ? undefined : inApp);
    // The SDK's client drops members that it does not know.
    const answer = await post(`/rules/${InstanceId}`, {
      Name: `of-${source}`,
      TriggerEventSource: { EventSourceName: source, IntegrationAssociationId },
      Function: source === "OnMetricDataUpdate" ? METRIC_FUNCTION : text,
      Actions: actions ? [actions] : [],
      PublishStatus: "DRAFT",
    });
    assert.equal(answer.status, 200, `${source}: ${JSON.stringify(answer.body)}`);
    if (section !== "Anything") continue;
    const published = await post(`/rules/${InstanceId}`, {
      Name: `published-${source}`,
      TriggerEventSource: { EventSourceName: source },
      Function: text,
      Actions: actions ? [actions] : [],
      PublishStatus: "PUBLISHED",
    });
    assert.equal(published.status, 400);
    assert.match(JSON.stringify(published.body), new RegExp(`rules for ${source} are not built`));
  }
});

const TICKET = { path: "Priority", Operator: "EQUALS", Operands: ["high"] };
const METRIC_FUNCTION = JSON.stringify({
  Version: "2022-11-25",
  RuleFunction: {
    Operator: "AND",
    Operands: [
      {
        Operator: "AND",
        Operands: [
          {
            Operator: "NumberGreaterOrEqualTo",
            ComparisonValue: "$.MetricData.CONTACTS_IN_QUEUE",
            Operands: [12],
            FilterClause: { LogicOperator: "AND", Filters: [{ Type: "MetricDataFilterByQueue", Data: ["queue"] }] },
            Negate: false,
          },
        ],
      },
    ],
    FilterClause: { LogicOperator: "AND", Filters: [{ Type: "MetricDataGrouping", Data: ["QUEUE"] }] },
  },
});

async function post(path: string, body: object): Promise<{ status: number; body: unknown }> {
  const answer = await sendSigned(server.url, { service: "connect", method: "POST", path, body: JSON.stringify(body) });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) };
}

test("filters on tags are of contacts, and of evaluations where there is one", async () => {
  const filter = (ResourceType: "CONTACT") => ({
    AndConditions: [
      { ResourceType, FilterType: "TAG", FilterKey: "line", FilterValue: "b2b", Operator: "EQUALS" } as const,
    ],
  });
  const evaluation = filter("CONTACT_EVALUATION" as "CONTACT");
  await refused({ PreEvaluationFilters: evaluation }, /PreEvaluationFilters\.AndConditions\[0\]\.ResourceType/);
  const metric = {
    TriggerEventSource: { EventSourceName: "OnMetricDataUpdate" },
    Function: METRIC_FUNCTION,
    Actions: [TASK],
    PublishStatus: "DRAFT",
  } as const;
  await refused({ ...metric, Actions: [TASK], PreEvaluationFilters: filter("CONTACT") }, /no contact whose tags/);
});

test("another account sees no rule, and a deleted instance has none", async () => {
  const { RuleId, RuleArn } = await create();
  const other = new ConnectClient(server.clientOf("other"));
  await assert.rejects(other.send(new DescribeRuleCommand({ InstanceId, RuleId })), {
    name: "ResourceNotFoundException",
  });
  await assert.rejects(other.send(new ListTagsForResourceCommand({ resourceArn: RuleArn })), {
    name: "ResourceNotFoundException",
  });
  other.destroy();

  const gone = await newInstance(connect);
  await create({ InstanceId: gone });
  await connect.send(new DeleteInstanceCommand({ InstanceId: gone }));
  await assert.rejects(connect.send(new ListRulesCommand({ InstanceId: gone })), { name: "ResourceNotFoundException" });
});

test("quotas hold with --enforce-limits, per source and for natural language", async () => {
  const strict = await startTrunkline(
    "--enforce-limits",
    ...[
      "connect.rules-per-instance-and-event-source=2",
      "connect.natural-language-rules-per-instance-and-event-source=1",
    ].flatMap((limit) => ["--limit", limit]),
    ...["connect.create-rule-per-second=1000", "connect.create-rule-burst=1000"].flatMap((limit) => ["--limit", limit]),
  );
  const client = new ConnectClient(strict.client);
  const own = await newInstance(client);
  const make = (changes: Partial<CreateRuleCommandInput>) =>
    client.send(new CreateRuleCommand(ruleInput({ InstanceId: own, ...changes })));
  const quota = { name: "ServiceQuotaExceededException" };
  const phrase = said("x").replace("ExactMatch.Transcript", "SemanticMatch.Phrase").replace("CONTAINS_ANY", "EQUALS");
  await make({ Function: phrase, PublishStatus: "DRAFT" });
  await assert.rejects(make({ Function: phrase, PublishStatus: "DRAFT" }), quota);
  await make({});
  await assert.rejects(make({ PublishStatus: "DRAFT" }), quota);
  await make({
    TriggerEventSource: { EventSourceName: "OnRealTimeCallAnalysisAvailable" },
    Function: functionOf("RealTimeCall", ["late"]),
  });
  client.destroy();
});
