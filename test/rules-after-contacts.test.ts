/** Connect rules on calls and chats that are over: what they look at, their categories in the analysis file, and what else they do. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  CreatePredefinedAttributeCommand,
  CreateRuleCommand,
  DeleteContactFlowCommand,
  DescribeContactCommand,
  type EventSourceName,
  GetContactAttributesCommand,
  ListContactReferencesCommand,
  type RuleAction,
  UpdateContactCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
const agent = await centre.agent("vera");
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
for (const ResourceType of ["CALL_RECORDINGS", "CHAT_TRANSCRIPTS"] as const) {
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName: "kept", BucketPrefix: "demo" } } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
}
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const instanceArn = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;
let count = 0;

after(() => {
  connect.destroy();
  s3.destroy();
});

/** A condition, and whether it is true of the conversation that is played. */
type Case = readonly [name: string, isMet: boolean, path: string, operator: string, operands: unknown[], more?: object];

const filters = (...Filters: object[]): object => ({ FilterClause: { LogicOperator: "AND", Filters } });
const role = (Data: string): object => ({ Type: "ParticipantRole", Data });
const GE = "NumberGreaterOrEqualTo";
const LE = "NumberLessOrEqualTo";
const ANY = "CONTAINS_ANY";

function functionOf(
  section: string,
  conditions: readonly (readonly [string, string, unknown[], (object | undefined)?])[],
): string {
  const Operands = conditions.map(([path, Operator, operands, more = {}]) => ({
    Operator,
    Operands: operands,
    ComparisonValue: `$.ContactLens.${section}.${path}`,
    ...more,
  }));
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
}

async function rule(
  source: EventSourceName,
  Name: string,
  text: string,
  Actions: RuleAction[] = [CATEGORY],
): Promise<string> {
  const { RuleId = "" } = await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName: source },
      Function: text,
      Actions,
      PublishStatus: "PUBLISHED",
    }),
  );
  return RuleId;
}

async function createCases(source: EventSourceName, section: string, cases: readonly Case[]): Promise<void> {
  for (const [name, , path, operator, operands, more] of cases) {
    await rule(source, name, functionOf(section, [[path, operator, operands, more]]));
  }
}

test("rules after a call look at all of it, and its categories stand in the file", async () => {
  const first = (First: number): object => ({ Type: "PostCallContactPeriodSeconds", Data: { First } });
  const last = (Last: number): object => ({ Type: "PostCallContactPeriodSeconds", Data: { Last } });
  const profile = `${instanceArn}/routing-profile/${centre.profileId}`;
  const cases: readonly Case[] = [
    ["words", true, "ExactMatch.Transcript", ANY, ["really late"], filters(role("CUSTOMER"))],
    ["words-other-role", false, "ExactMatch.Transcript", ANY, ["really late"], filters(role("AGENT"))],
    ["words-first", true, "ExactMatch.Transcript", ANY, ["harbour bank"], filters(first(2))],
    ["words-first-late", false, "ExactMatch.Transcript", ANY, ["really late"], filters(first(2))],
    ["words-last", true, "ExactMatch.Transcript", ANY, ["perfect"], filters(last(4))],
    ["words-last-early", false, "ExactMatch.Transcript", ANY, ["really late"], filters(last(4))],
    ["not-said", true, "ExactMatch.Transcript", ANY, ["goodbye"], { Negate: true }],
    ["said-after-all", false, "ExactMatch.Transcript", ANY, ["perfect"], { Negate: true }],
    [
      "pattern",
      true,
      "PatternMatch.Transcript",
      ANY,
      [
        [
          { Type: "PLAIN", Value: "waited" },
          { Type: "NUMERICAL", Value: { Decimal: false } },
        ],
      ],
      filters({ Type: "PatternMatchLanguageFilter", Data: "EN" }),
    ],
    [
      "pattern-language",
      false,
      "PatternMatch.Transcript",
      ANY,
      [[{ Type: "PLAIN", Value: "waited" }]],
      filters({ Type: "PatternMatchLanguageFilter", Data: "DE" }),
    ],
    ["semantic", true, "SemanticMatch.Transcript", ANY, ["the parcel arrived too late", "really late"]],
    ["remained-angry", true, "Sentiment.State", "EQUALS", ["NEGATIVE"], filters(role("CUSTOMER"), first(12))],
    ["remained-glad", true, "Sentiment.State", "EQUALS", ["POSITIVE"], filters(role("CUSTOMER"), last(4))],
    ["all-angry", false, "Sentiment.State", "EQUALS", ["NEGATIVE"], filters(role("CUSTOMER"), first(60))],
    ["score", true, "Sentiment.OverallScore", LE, [5], filters(role("CUSTOMER"))],
    ["score-too-high", false, "Sentiment.OverallScore", GE, [5], filters(role("CUSTOMER"))],
    ["began-badly", true, "Sentiment.Score.Beginning", LE, [-4], filters(role("CUSTOMER"))],
    ["ended-well", true, "Sentiment.Score.End", GE, [4], filters(role("CUSTOMER"))],
    ["silence", true, "NonTalkTime.TotalTimeSecs", GE, [10]],
    ["longest-silence", false, "NonTalkTime.LongestTimeSecs", GE, [11]],
    ["silence-percent", true, "Agent.NonTalkTimePct", GE, [30]],
    ["silence-percent-more", false, "Agent.NonTalkTimePct", GE, [40]],
    ["customer-talked", true, "TalkTime.TotalTimeSecs", GE, [16], filters(role("CUSTOMER"))],
    ["customer-talked-more", false, "TalkTime.TotalTimeSecs", GE, [17], filters(role("CUSTOMER"))],
    ["interrupted", true, "Interruptions.Instances", GE, [1]],
    ["interrupted-twice", false, "Interruptions.Instances", GE, [2]],
    ["no-loudness", false, "Loudness.HighestLoudnessScore", GE, [0], filters(role("AGENT"))],
    ["held", true, "Agent.NumberOfHolds", GE, [1]],
    ["hold-seconds", true, "Agent.CustomerHoldDurationSecs", GE, [10]],
    ["hold-longest", false, "Agent.LongestHoldDurationSecs", GE, [11]],
    ["hold-percent", true, "Agent.CustomerHoldDurationPct", GE, [33]],
    ["hold-percent-more", false, "Agent.CustomerHoldDurationPct", GE, [40]],
    ["interaction", true, "Agent.AgentInteractionDurationSecs", LE, [20]],
    ["agent", true, "Agent.AgentId", ANY, ["nobody", agent]],
    ["other-agent", false, "Agent.AgentId", ANY, ["nobody"]],
    ["profile", true, "Agent.RoutingProfile", ANY, [profile]],
    ["profile-arn", true, "Agent.RoutingProfile.ARN", ANY, [profile]],
    ["no-hierarchy", false, "Agent.HierarchyGroup.ARN", ANY, [`${instanceArn}/agent-group/none`]],
    ["queue", true, "Queue.QueueId", ANY, [centre.queueId]],
    ["never-queued", false, "Queue.QueueId", "EQUALS", []],
    ["inbound", true, "InitiationMethod", ANY, ["INBOUND"]],
    ["transferred", false, "InitiationMethod", ANY, ["TRANSFER"]],
    ["customer-left", true, "DisconnectReason", ANY, ["CUSTOMER_DISCONNECT"]],
    ["no-issue", true, "PotentialDisconnectIssue", "EQUALS", [""]],
    ["an-issue", false, "PotentialDisconnectIssue", ANY, ["AGENT_DEVICE_ISSUE"]],
    ["gold", true, "ContactAttribute.tier", "EQUALS", ["gold"]],
    ["not-wholesale", true, "ContactAttribute.segment", "EQUALS", ["wholesale"], { Negate: true }],
    ["line", true, "SegmentAttributes.UserDefined.line", ANY, ["retail", "b2b"]],
    ["other-line", false, "SegmentAttributes.UserDefined.line", ANY, ["retail"]],
    [
      "no-ai-agent",
      false,
      "AiAgent.IdWithVersion",
      ANY,
      ["an-agent"],
      filters({ Type: "AiAgentUseCase", Data: { Value: "SelfService" } }),
    ],
  ];
  await createCases("OnPostCallAnalysisAvailable", "PostCall", cases);
  await rule(
    "OnPostCallAnalysisAvailable",
    "long-work",
    functionOf("PostCall", [["Agent.AfterContactWorkDurationSecs", GE, [30]]]),
  );
  await rule(
    "OnPostCallAnalysisAvailable",
    "short-work",
    functionOf("PostCall", [["Agent.AfterContactWorkDurationSecs", LE, [29]]]),
  );
  await connect.send(
    new CreatePredefinedAttributeCommand({
      InstanceId,
      Name: "line",
      Values: { StringList: ["retail", "b2b"] },
      Purposes: ["ATTRIBUTE_VALIDATION"],
    }),
  );

  const ContactId = await answered("VOICE", analysedCalls(centre.queueId, { AnalyticsModes: ["PostContact"] }), {
    attributes: { tier: "gold" },
  });
  const SegmentAttributes = { line: { ValueString: "b2b" } };
  await connect.send(new UpdateContactCommand({ InstanceId, ContactId, SegmentAttributes }));
  await say(ContactId, "AGENT", "Harbour Bank, how can I help?", 2);
  await say(ContactId, "CUSTOMER", "The delivery was really late. I waited 40 minutes and I am angry.", 6);
  await centre.act(agent, "hold", { contactId: ContactId });
  await server.advance("PT10S");
  await centre.act(agent, "resume", { contactId: ContactId });
  await centre.customer(ContactId, "say", { speaker: "CUSTOMER", text: "I see, well, anyway, here I am.", seconds: 6 });
  await server.advance("PT2S");
  await say(ContactId, "AGENT", "One moment.", 4);
  await say(ContactId, "CUSTOMER", "Great, that is perfect, thank you!", 4);
  await centre.customer(ContactId, "hang-up");
  await server.advance("PT0S");
  const expected = cases.filter(([, isMet]) => isMet).map(([name]) => name);
  const atEnd = await fileOf(ContactId);
  assert.deepEqual(atEnd.Categories.MatchedCategories.toSorted(), expected.toSorted());
  assert.deepEqual(atEnd.Categories.MatchedDetails.words.PointsOfInterest, [
    { BeginOffsetMillis: 2_000, EndOffsetMillis: 8_000 },
  ]);
  assert.deepEqual(atEnd.Categories.MatchedDetails["not-said"].PointsOfInterest, []);
  assert.deepEqual(atEnd.Categories.MatchedDetails.held.PointsOfInterest, []);

  await server.advance("PT30S");
  await centre.act(agent, "clear", { contactId: ContactId });
  await server.advance("PT0S");
  const afterWork = await fileOf(ContactId);
  assert.deepEqual(afterWork.Categories.MatchedCategories.toSorted(), [...expected, "long-work"].toSorted());
});

test("rules after a chat look at response times and at the first and last seconds since its first message", async () => {
  const first = (First: number): object => ({ Type: "PostChatContactPeriodSeconds", Data: { First } });
  const cases: readonly Case[] = [
    ["chat-greeting", true, "ResponseTime.Agent.FirstResponseTimeSecs", GE, [20]],
    ["chat-greeting-late", false, "ResponseTime.Agent.FirstResponseTimeSecs", GE, [21]],
    ["chat-average", true, "ResponseTime.Agent.AverageTimeSecs", LE, [30]],
    ["chat-longest", true, "ResponseTime.Agent.LongestTimeSecs", GE, [30]],
    ["chat-longest-more", false, "ResponseTime.Agent.LongestTimeSecs", GE, [31]],
    ["chat-words-first", true, "ExactMatch.Transcript", ANY, ["hello"], filters(first(1))],
    ["chat-words-later", false, "ExactMatch.Transcript", ANY, ["broken"], filters(first(10))],
    ["chat-words", true, "ExactMatch.Transcript", ANY, ["broken"], filters(role("CUSTOMER"))],
    ["chat-state", true, "Sentiment.State", "EQUALS", ["NEGATIVE"], filters(role("CUSTOMER"))],
    ["chat-score", true, "Sentiment.OverallScore", LE, [-4], filters(role("CUSTOMER"))],
    ["chat-agent-score", false, "Sentiment.OverallScore", LE, [-4], filters(role("AGENT"))],
    ["chat-no-issue", true, "PotentialDisconnectIssue", "EQUALS", []],
    ["chat-agent", true, "Agent.AgentId", ANY, [agent]],
  ];
  await createCases("OnPostChatAnalysisAvailable", "PostChat", cases);
  const analytics = { SentimentConfiguration: { Enabled: "True" } };
  const ContactId = await answered("CHAT", analysedChats(centre.queueId, analytics));
  await server.advance("PT20S");
  await say(ContactId, "AGENT", "Hello, how can I help?", 0);
  await server.advance("PT15S");
  await say(ContactId, "CUSTOMER", "The card form is broken, this is terrible.", 0);
  await server.advance("PT30S");
  await say(ContactId, "AGENT", "Let me see.", 0);
  await server.advance("PT10S");
  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });
  await server.advance("PT0S");
  const { Categories, Transcript } = await fileOf(ContactId);
  const expected = cases.filter(([, isMet]) => isMet).map(([name]) => name);
  assert.deepEqual(Categories.MatchedCategories.toSorted(), expected.toSorted());
  const broken = Transcript.find(({ Content = "" }: { Content?: string }) => Content.includes("broken"));
  const CharacterOffsets = { BeginOffsetChar: 17, EndOffsetChar: 23 };
  assert.deepEqual(Categories.MatchedDetails["chat-words"].PointsOfInterest, [
    { TranscriptItems: [{ Id: broken.Id, CharacterOffsets }] },
  ]);
});

const event = (Name: string): RuleAction => ({ ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name } });

test("a rule that is true tells an event and makes a task that continues the contact", async () => {
  const Content = analysedCalls(centre.queueId, {}).replace('"StartAction":"analyse"', '"StartAction":"queue"');
  const flow = { InstanceId, Type: "CONTACT_FLOW", Content } as const;
  const { ContactFlowId = "" } = await connect.send(new CreateContactFlowCommand({ ...flow, Name: "tasks" }));
  const gone = await connect.send(new CreateContactFlowCommand({ ...flow, Name: "gone" }));
  const goneId = gone.ContactFlowId ?? "";
  const path = "$.ContactLens.RealTimeCall";
  const task: RuleAction = {
    ActionType: "CREATE_TASK",
    TaskAction: {
      Name: `Call back ${path}.ContactId.`,
      Description: `${path}.Agent.AgentName took it in ${path}.Queue.QueueName, ${path}.ContactAttribute.none$.Unknown, tier ${path}.ContactAttribute.tier`,
      ContactFlowId,
      References: { shop: { Type: "URL", Value: "https://shop.example/$.RuleName" } },
    },
  };
  const failing: RuleAction = { ActionType: "CREATE_TASK", TaskAction: { Name: "Never", ContactFlowId: goneId } };
  const words = functionOf("RealTimeCall", [["ExactMatch.Transcript", ANY, ["voucher"]]]);
  await rule("OnRealTimeCallAnalysisAvailable", "vouchers", words, [CATEGORY, event("TELL_SHOP"), task]);
  const failingId = await rule("OnRealTimeCallAnalysisAvailable", "failing", words, [
    failing,
    CATEGORY,
    event("AND_ON"),
  ]);
  await connect.send(new DeleteContactFlowCommand({ InstanceId, ContactFlowId: goneId }));
  const afterwards = functionOf("PostCall", [["ExactMatch.Transcript", ANY, ["voucher"]]]);
  await rule("OnPostCallAnalysisAvailable", "vouchers-after", afterwards, [event("TELL_LATER"), CATEGORY]);

  const analytics = { AnalyticsModes: ["RealTime", "PostContact"] };
  const attributes = { tier: "gold" };
  const ContactId = await answered("VOICE", analysedCalls(centre.queueId, analytics), { attributes });
  await say(ContactId, "CUSTOMER", "My gift voucher does not work.", 3);
  await say(ContactId, "CUSTOMER", "The voucher, you know.", 3);

  const contactArn = `${instanceArn}/contact/${ContactId}`;
  const detail = (ruleName: string, actionName: string) => ({
    version: "1.0",
    ruleName,
    actionName,
    instanceArn,
    contactArn,
    agentArn: `${instanceArn}/agent/${agent}`,
    queueArn: `${instanceArn}/queue/${centre.queueId}`,
  });
  assert.deepEqual(await told("Contact Lens Realtime Rules Matched", contactArn), [
    detail("failing", "AND_ON"),
    detail("vouchers", "TELL_SHOP"),
  ]);
  const { contactEvents } = await centre.streams();
  const [failed, ...more] = contactEvents.filter(
    (one) => one["detail-type"] === "Amazon Connect Rules Action Execution Failed",
  );
  assert.deepEqual(more, []);
  assert.ok(failed);
  const { additionalInfo, ...rest } = failed.detail as unknown as Record<string, string>;
  assert.deepEqual(rest, {
    ruleId: failingId,
    actionType: "CREATE_TASK",
    triggerEvent: "REAL_TIME_CALL",
    instanceArn,
    reasonCode: "ResourceNotFoundException",
    error: `The flow ${goneId} does not exist in instance ${InstanceId}`,
  });
  assert.partialDeepStrictEqual(JSON.parse(additionalInfo ?? ""), {
    code: "ResourceNotFoundException",
    statusCode: 404,
    retryable: false,
  });

  const taskId = contactEvents
    .map(
      (one) =>
        one.detail as unknown as { contactId: string; channel: string; eventType: string; previousContactId?: string },
    )
    .find(({ channel, eventType }) => channel === "TASK" && eventType === "INITIATED")?.contactId;
  assert.ok(taskId);
  const made = await connect.send(new DescribeContactCommand({ InstanceId, ContactId: taskId }));
  assert.partialDeepStrictEqual(made.Contact, {
    Channel: "TASK",
    InitiationMethod: "API",
    PreviousContactId: ContactId,
    Name: `Call back ${ContactId}.`,
    Description: "vera took it in BasicQueue, $.Unknown, tier gold",
  });
  const shared = await connect.send(new GetContactAttributesCommand({ InstanceId, InitialContactId: taskId }));
  assert.deepEqual(shared.Attributes, attributes);
  const references = await connect.send(
    new ListContactReferencesCommand({ InstanceId, ContactId: taskId, ReferenceTypes: ["URL"] }),
  );
  assert.deepEqual(references.ReferenceSummaryList, [
    { Url: { Name: "shop", Value: "https://shop.example/vouchers" } },
    { Url: { Name: "taskRef", Value: "https://centre-1.my.connect.aws/real-time-metrics" } },
  ]);

  await centre.customer(ContactId, "hang-up");
  assert.deepEqual(await told("Contact Lens Post Call Rules Matched", contactArn), [
    detail("vouchers-after", "TELL_LATER"),
  ]);
  assert.equal((await told("Contact Lens Realtime Rules Matched", contactArn)).length, 2);
});

async function told(detailType: string, contactArn: string): Promise<object[]> {
  const { contactEvents } = await centre.streams();
  return contactEvents
    .filter(
      (one) => one["detail-type"] === detailType && (one.detail as { contactArn?: string }).contactArn === contactArn,
    )
    .map(({ detail }) => detail as unknown as { ruleName: string })
    .sort((one, other) => (one.ruleName < other.ruleName ? -1 : 1));
}

/** A contact that the agent has answered, in a flow of its own. */
async function answered(channel: "VOICE" | "CHAT", Content: string, arrival: object = {}): Promise<string> {
  const flow = { InstanceId, Name: `flow-${++count}`, Type: "CONTACT_FLOW", Content } as const;
  const { ContactFlowId } = await connect.send(new CreateContactFlowCommand(flow));
  const ContactId = await centre.arrive({ ...arrival, channel, contactFlowId: ContactFlowId });
  await centre.act(agent, "accept", { contactId: ContactId });
  return ContactId;
}

/** Somebody speaks for so many seconds, and all that follows has happened. */
async function say(contactId: string, speaker: string, text: string, seconds: number): Promise<void> {
  await centre.customer(contactId, "say", { speaker, text, seconds });
  await server.advance(`PT${seconds}S`);
}

/** The raw analysis file of a contact. */
// biome-ignore lint/suspicious/noExplicitAny: a file of the service, of which tests know what they look for.
async function fileOf(contactId: string): Promise<any> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "kept" }));
  const Key = Contents.map((one) => one.Key ?? "").find((key) => key.includes(`${contactId}_analysis_2`));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key }));
  return JSON.parse((await Body?.transformToString()) ?? "");
}
