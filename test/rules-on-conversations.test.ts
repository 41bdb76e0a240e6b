/** Connect rules on calls and chats that go on: what they look at, and the categories that they assign. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  CreateRuleCommand,
  type CreateRuleCommandInput,
  DeleteRuleCommand,
  ListRealtimeContactAnalysisSegmentsV2Command,
  TagContactCommand,
  UpdateContactAttributesCommand,
  UpdateInstanceAttributeCommand,
  UpdateRuleCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

let flowCount = 0;
let ruleCount = 0;
const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const lens = new ConnectContactLensClient(server.client);
const kinesis = new KinesisClient(server.client);
const streams = {
  VOICE: await streamFor("REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS"),
  CHAT: await streamFor("REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS"),
};
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
const agent = await centre.agent("vera");

after(() => {
  for (const client of [connect, lens, kinesis]) client.destroy();
});

const CALL = "OnRealTimeCallAnalysisAvailable";
const CHAT = "OnRealTimeChatAnalysisAvailable";

/** A condition, by the end of its path. */
function leaf(section: string, path: string, Operator: string, Operands: unknown[], more: object = {}): object {
  return { Operator, Operands, ComparisonValue: `$.ContactLens.${section}.${path}`, ...more };
}

function filters(...Filters: object[]): object {
  return { FilterClause: { LogicOperator: "AND", Filters } };
}

const ofRole = (Data: string): object => ({ Type: "ParticipantRole", Data });

function all(...Operands: object[]): string {
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
}

function either(...Operands: object[]): string {
  return JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "OR", Operands } });
}

async function rule(
  source: NonNullable<CreateRuleCommandInput["TriggerEventSource"]>["EventSourceName"],
  text: string,
  changes: Partial<CreateRuleCommandInput> = {},
): Promise<{ Name: string; RuleId: string }> {
  ruleCount += 1;
  const Name = changes.Name ?? `category-${ruleCount}`;
  const { RuleId = "" } = await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName: source },
      Function: text,
      Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
      PublishStatus: "PUBLISHED",
      ...changes,
    }),
  );
  return { Name, RuleId };
}

test("the words of a call give it a category, once, on the stream and in the list", async () => {
  const { Name } = await rule(
    CALL,
    all(
      leaf("RealTimeCall", "ExactMatch.Transcript", "CONTAINS_ANY", ["overcharged", "charged twice"], {
        ...filters(ofRole("CUSTOMER")),
      }),
      leaf("RealTimeCall", "ExactMatch.Transcript", "CONTAINS_ANY", ["refund"], filters(ofRole("AGENT"))),
    ),
  );
  const ContactId = await answered({ channel: "VOICE" });
  await say(ContactId, "CUSTOMER", "Hello, you overcharged me.", 2);
  await say(ContactId, "AGENT", "Sorry, who overcharged you?", 2);
  assert.deepEqual(await listedCategories(ContactId), []);
  await say(ContactId, "AGENT", "You will get a refund.", 2);
  await say(ContactId, "CUSTOMER", "You overcharged me, so a refund is fine.", 2);
  await say(ContactId, "AGENT", "A refund it is.", 2);
  await hangUp(ContactId);

  const details = {
    [Name]: {
      PointsOfInterest: [
        { BeginOffsetMillis: 0, EndOffsetMillis: 2_000 },
        { BeginOffsetMillis: 4_000, EndOffsetMillis: 6_000 },
      ],
    },
  };
  assert.deepEqual(await listedCategories(ContactId), [{ MatchedCategories: [Name], MatchedDetails: details }]);
  const told = await toldOf("VOICE", ContactId);
  assert.deepEqual(
    told.map(({ EventType, Segments = [] }) => [EventType, ...Segments.flatMap((one) => Object.keys(one))]),
    [
      ["STARTED"],
      ["SEGMENTS", "Utterance", "Transcript"],
      ["SEGMENTS", "Utterance", "Transcript"],
      ["SEGMENTS", "Utterance", "Transcript"],
      ["SEGMENTS", "Categories"],
      ["SEGMENTS", "Utterance", "Transcript"],
      ["SEGMENTS", "Utterance", "Transcript"],
      ["COMPLETED"],
    ],
  );
  assert.deepEqual(told[4]?.Segments, [{ Categories: { MatchedCategories: [Name], MatchedDetails: details } }]);
});

test("the words of a chat give it a category, with places in the raw and in the redacted text", async () => {
  const operand = [
    { Type: "PLAIN", Value: "card " },
    { Type: "PROXIMITY", Value: { Distance: 2, IsWithin: true } },
    {
      Type: "LIST",
      Value: [
        { Type: "PLAIN", Value: "declined" },
        { Type: "PLAIN", Value: "fail*" },
      ],
    },
  ];
  const { Name } = await rule(
    CHAT,
    all(leaf("RealTimeChat", "PatternMatch.Transcript", "CONTAINS_ANY", [operand], filters(ofRole("CUSTOMER")))),
  );
  const ContactId = await answered({ channel: "CHAT", name: "Nora" });
  await server.advance("PT2S");
  const text = "I am Olga Petrova. My card keeps failing";
  await say(ContactId, "CUSTOMER", text, 0);
  await server.advance("PT1S");
  const list = async (OutputType: "Raw" | "Redacted") => {
    const SegmentTypes = ["Transcript" as const, "Categories" as const];
    const asked = { InstanceId, ContactId, OutputType, SegmentTypes };
    return (await connect.send(new ListRealtimeContactAnalysisSegmentsV2Command(asked))).Segments ?? [];
  };
  for (const output of ["Raw", "Redacted"] as const) {
    const [transcript, category] = (await list(output)).slice(-2);
    const content = transcript?.Transcript?.Content ?? "";
    assert.equal(content.includes("Petrova"), output === "Raw");
    const BeginOffsetChar = content.indexOf("card");
    const item = {
      Id: transcript?.Transcript?.Id,
      CharacterOffsets: { BeginOffsetChar, EndOffsetChar: content.length },
    };
    assert.deepEqual(category?.Categories?.MatchedDetails, {
      [Name]: { PointsOfInterest: [{ TranscriptItems: [item] }] },
    });
  }
  await say(ContactId, "CUSTOMER", text, 0);
  await hangUp(ContactId);
  const told = (await toldOf("CHAT", ContactId)).filter(({ Segments = [] }) => Segments[0]?.Categories);
  assert.deepEqual(
    told.map(({ OutputType }) => OutputType),
    ["Raw", "Redacted"],
  );
});

test("real-time rules read agent, queue and attributes as they were, and how sentiment remained", async () => {
  const words = leaf("RealTimeCall", "ExactMatch.Transcript", "CONTAINS_ANY", ["begin"]);
  const attribute = (value: string) => leaf("RealTimeCall", "ContactAttribute.tier", "EQUALS", [value]);
  const made = {
    agent: await rule(CALL, all(words, leaf("RealTimeCall", "Agent.AgentId", "CONTAINS_ANY", [agent]))),
    otherAgent: await rule(CALL, all(words, leaf("RealTimeCall", "Agent.AgentId", "CONTAINS_ANY", ["nobody"]))),
    queue: await rule(CALL, all(words, leaf("RealTimeCall", "Queue.QueueId", "CONTAINS_ANY", [centre.queueId]))),
    otherQueue: await rule(
      CALL,
      all(words, leaf("RealTimeCall", "Queue.QueueId", "CONTAINS_ANY", [centre.queueId], { Negate: true })),
    ),
    gold: await rule(CALL, all(words, attribute("gold"))),
    silver: await rule(CALL, all(words, attribute("silver"))),
    angry: await rule(
      CALL,
      all(
        words,
        leaf("RealTimeCall", "Sentiment.State", "EQUALS", ["NEGATIVE"], {
          ...filters(ofRole("CUSTOMER"), { Type: "RealTimeCallContactPeriodSeconds", Data: { Past: 20 } }),
        }),
      ),
    ),
  };
  const ContactId = await answered({ channel: "VOICE", attributes: { tier: "gold" } });
  const attributes = { tier: "silver" };
  await connect.send(
    new UpdateContactAttributesCommand({ InstanceId, InitialContactId: ContactId, Attributes: attributes }),
  );
  await say(ContactId, "CUSTOMER", "Let us begin. You are great, thank you!", 5);
  await say(ContactId, "CUSTOMER", "This is terrible.", 10);
  await say(ContactId, "CUSTOMER", "I am really angry about this.", 9);
  const atOnce = [made.agent, made.queue, made.gold].map(({ Name }) => Name);
  assert.deepEqual((await categoryNames(ContactId)).toSorted(), atOnce.toSorted());
  await say(ContactId, "AGENT", "I see. One moment.", 1);
  await hangUp(ContactId);
  assert.deepEqual((await categoryNames(ContactId)).slice(atOnce.length), [made.angry.Name]);
});

test("only published rules run, as they are when a turn is heard, for contacts with the wanted tags", async () => {
  const words = all(leaf("RealTimeCall", "ExactMatch.Transcript", "CONTAINS_ANY", ["parcel"]));
  const draft = await rule(CALL, words, { PublishStatus: "DRAFT" });
  const deleted = await rule(CALL, words);
  await connect.send(new DeleteRuleCommand({ InstanceId, RuleId: deleted.RuleId }));
  const tagged = (FilterValue: string) => ({
    PreEvaluationFilters: {
      AndConditions: [
        { ResourceType: "CONTACT", FilterType: "TAG", FilterKey: "line", FilterValue, Operator: "EQUALS" } as const,
      ],
    },
  });
  await rule(CALL, words, tagged("b2b"));
  const retail = await rule(CALL, words, tagged("retail"));
  const ContactId = await answered({ channel: "VOICE" }, (id) =>
    connect.send(new TagContactCommand({ InstanceId, ContactId: id, Tags: { line: "retail" } })),
  );
  await say(ContactId, "CUSTOMER", "Where is my parcel?", 1);
  assert.deepEqual(await categoryNames(ContactId), [retail.Name]);
  const Actions = [{ ActionType: "ASSIGN_CONTACT_CATEGORY" as const, AssignContactCategoryAction: {} }];
  const publish = { InstanceId, ...draft, Function: words, Actions, PublishStatus: "PUBLISHED" } as const;
  await connect.send(new UpdateRuleCommand({ ...publish, Actions }));
  await say(ContactId, "CUSTOMER", "My parcel, where is it?", 1);
  assert.deepEqual(await categoryNames(ContactId), [retail.Name, draft.Name]);
  await hangUp(ContactId);
});

test("several categories of one turn are told in one segment, the oldest rule first", async () => {
  const words = either(leaf("RealTimeCall", "ExactMatch.Transcript", "CONTAINS_ANY", ["warranty"]));
  const first = await rule(CALL, words, { Name: "z-first" });
  await server.advance("PT1S");
  const second = await rule(CALL, words, { Name: "a-second" });
  const ContactId = await answered({ channel: "VOICE" });
  await say(ContactId, "CUSTOMER", "It is under warranty.", 1);
  const [told, ...more] = await listedCategories(ContactId);
  assert.deepEqual(told?.MatchedCategories, [first.Name, second.Name]);
  assert.deepEqual(more, []);
  await hangUp(ContactId);
});

const CONTENTS = {
  VOICE: analysedCalls(centre.queueId, { AnalyticsModes: ["RealTime", "PostContact"] }),
  CHAT: analysedChats(centre.queueId, {
    SentimentConfiguration: { Enabled: "True" },
    ConversationalAnalyticsRedactionConfiguration: {
      Enabled: "True",
      RedactionResults: "RedactedAndOriginal",
      RedactionMaskMode: "EntityType",
    },
  }),
};

interface Told {
  readonly EventType?: string;
  readonly StreamingEventType?: string;
  readonly OutputType?: string;
  readonly ContactId: string;
  readonly Segments?: readonly Record<string, unknown>[];
}

/** A contact that the agent has answered, in a flow of its own which has analytics switched on. */
async function answered(
  arrival: { readonly channel: "VOICE" | "CHAT"; readonly name?: string; readonly attributes?: object },
  beforeAnswer?: (contactId: string) => Promise<unknown>,
): Promise<string> {
  flowCount += 1;
  const flow = {
    InstanceId,
    Name: `flow-${flowCount}`,
    Type: "CONTACT_FLOW",
    Content: CONTENTS[arrival.channel],
  } as const;
  const { ContactFlowId } = await connect.send(new CreateContactFlowCommand(flow));
  const ContactId = await centre.arrive({ ...arrival, contactFlowId: ContactFlowId });
  await beforeAnswer?.(ContactId);
  await centre.act(agent, "accept", { contactId: ContactId });
  return ContactId;
}

async function hangUp(ContactId: string): Promise<void> {
  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });
  await server.advance("PT0S");
}

/** Somebody speaks for so many seconds, and all that follows has happened. */
async function say(ContactId: string, speaker: string, text: string, seconds: number): Promise<void> {
  await centre.customer(ContactId, "say", { speaker, text, seconds });
  await server.advance(`PT${seconds}S`);
}

async function listedCategories(ContactId: string) {
  const { Segments = [] } = await lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId }));
  return Segments.flatMap(({ Categories }) => Categories ?? []);
}

async function categoryNames(ContactId: string): Promise<string[]> {
  return (await listedCategories(ContactId)).flatMap(({ MatchedCategories }) => MatchedCategories ?? []);
}

async function streamFor(
  ResourceType: "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS" | "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS",
): Promise<string> {
  const StreamArn = await createStream(kinesis, ResourceType.toLowerCase());
  const StorageConfig = { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn } } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  return StreamArn;
}

/** What a stream has of a contact. */
async function toldOf(channel: keyof typeof streams, contactId: string): Promise<Told[]> {
  await server.advance("PT0S");
  return (await readStream<Told>(kinesis, streams[channel])).filter(({ ContactId }) => ContactId === contactId);
}
