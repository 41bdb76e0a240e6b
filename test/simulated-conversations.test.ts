/** A simulated play whose calls and chats are analysed: what is told, listed and written of them agrees. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateRuleCommand,
  DescribeContactFlowCommand,
  type EventSourceName,
  type InstanceStorageResourceType,
  ListContactFlowsCommand,
  ListRealtimeContactAnalysisSegmentsV2Command,
  UpdateContactFlowContentCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { checkInvariants } from "./contact-invariants.ts";
import { type Conversation, checkConversation, checkRulesMatched, type Json } from "./conversation-invariants.ts";
import { startTrunkline } from "./server.ts";
import { apiOf, playScenario, type Scenario, StreamReader } from "./simulated-day.ts";
import { createStream, readStream } from "./streams.ts";

const isFull = process.env.TRUNKLINE_FULL === "1";
const server = await startTrunkline();
const connect = new ConnectClient(server.client);
const lens = new ConnectContactLensClient(server.client);
const kinesis = new KinesisClient(server.client);
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
after(() => {
  for (const client of [connect, lens, kinesis, s3]) client.destroy();
});

const BUCKET = "conversations";
const REDACTION = {
  ConversationalAnalyticsRedactionConfiguration: {
    Enabled: "True",
    RedactionResults: "RedactedAndOriginal",
    RedactionMaskMode: "EntityType",
  },
  SentimentConfiguration: { Enabled: "True" },
};

test("invariants 25 to 32 hold over every conversation of a simulated play, and 1 to 24 beside them", async () => {
  const small: Scenario = {
    seed: "5",
    alias: "talks",
    beginHour: 9,
    hours: 0.02,
    parameters: { agents: isFull ? 20 : 6, "spoken-share": 1, "transfer-share": 0.2 },
  };
  // Sets everything up; then its flows switch analytics on.
  const { outcome } = await playScenario(server.url, small);
  const { instanceId: InstanceId } = outcome;
  const streams = await switchOn(InstanceId);
  await playScenario(server.url, { ...small, beginHour: 10, hours: isFull ? 2 : 0.3 });
  await server.advance("PT1H");

  const told = [
    ...(await readStream<Json>(kinesis, streams.VOICE)),
    ...(await readStream<Json>(kinesis, streams.CHAT)),
  ];
  const files = await filesIn(BUCKET);
  const conversations: Conversation[] = [];
  for (const [contactId, records] of Map.groupBy(told, ({ ContactId }) => String(ContactId))) {
    const channel = records[0]?.Channel === "CHAT" ? "CHAT" : "VOICE";
    const ofContact = files.filter(({ CustomerMetadata }) => CustomerMetadata?.ContactId === contactId);
    const [raw, redacted] = ["Raw", "Redacted"].map((output) =>
      ofContact.find(({ ContentMetadata }) => ContentMetadata.Output === output),
    );
    assert.ok(raw && redacted, `${contactId} has its files`);
    conversations.push({
      contactId,
      channel,
      told: records,
      listed: await listed(channel, InstanceId, contactId),
      raw,
      redacted,
    });
  }
  const { contactEvents, ...others } = await new StreamReader(apiOf(server.url), small.alias).read();
  checkRulesMatched(contactEvents);
  const sources = new Set(
    contactEvents.map((event) => event["detail-type"]).filter((type) => type.endsWith("Rules Matched")),
  );
  assert.equal(sources.size, 4, `32: ${[...sources]}`);
  checkInvariants({
    ...others,
    contactEvents: contactEvents.filter((event) => event["detail-type"] === "Amazon Connect Contact Event"),
  });
  for (const conversation of conversations) checkConversation(conversation);

  // It was a play in which there is something to hold against each other.
  const all = JSON.stringify(conversations);
  for (const channel of ["VOICE", "CHAT"]) {
    const own = conversations.filter((conversation) => conversation.channel === channel);
    const turns = own.flatMap(({ raw }) => raw.Transcript);
    assert.ok(own.length >= 3 && turns.length >= 30, `${channel}: ${own.length} conversations, ${turns.length} turns`);
    const categories = own.flatMap(({ raw }) => raw.Categories.MatchedCategories);
    assert.ok(new Set(categories).size >= 2, `${channel}: ${categories}`);
  }
  for (const found of ["IssuesDetected", "NEGATIVE", "POSITIVE", "Redaction", "[NAME]"])
    assert.ok(all.includes(found), found);
});

/** Streams, storage, rules, and flows that begin with analytics. */
async function switchOn(InstanceId: string): Promise<Readonly<Record<Conversation["channel"], string>>> {
  await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const ResourceType of ["CALL_RECORDINGS", "CHAT_TRANSCRIPTS"] as const) {
    const S3Config = { BucketName: BUCKET, BucketPrefix: "talks" };
    const StorageConfig = { StorageType: "S3", S3Config } as const;
    await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  }
  for (const [source, section] of [
    ["OnRealTimeCallAnalysisAvailable", "RealTimeCall"],
    ["OnPostCallAnalysisAvailable", "PostCall"],
    ["OnRealTimeChatAnalysisAvailable", "RealTimeChat"],
    ["OnPostChatAnalysisAvailable", "PostChat"],
  ] as const) {
    await rule(InstanceId, source, section);
  }
  const { ContactFlowSummaryList = [] } = await connect.send(
    new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }),
  );
  for (const { Id: ContactFlowId, Name = "" } of ContactFlowSummaryList) {
    const behaviors = { "Simulated welcome": VOICE, "Simulated direct": CHAT } as Readonly<Record<string, object>>;
    const behavior = behaviors[Name];
    if (!behavior) continue;
    const { ContactFlow } = await connect.send(new DescribeContactFlowCommand({ InstanceId, ContactFlowId }));
    const Content = analysedFirst(JSON.parse(ContactFlow?.Content ?? ""), behavior);
    await connect.send(new UpdateContactFlowContentCommand({ InstanceId, ContactFlowId, Content }));
  }
  return {
    VOICE: await segmentStream(InstanceId, "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS"),
    CHAT: await segmentStream(InstanceId, "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS"),
  };
}

const VOICE = {
  VoiceBehavior: {
    VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"] },
    VoiceAnalyticsBehavior: { Enabled: "True", AnalyticsLanguage: "en-GB", AnalyticsModes: ["RealTime"], ...REDACTION },
  },
};
const CHAT = {
  ChatBehavior: {
    ChatAnalyticsBehavior: {
      Enabled: "True",
      AnalyticsLanguage: "en-GB",
      AnalyticsModes: ["ContactLens"],
      ...REDACTION,
    },
  },
};

/** The same flow, which switches analytics on first; contacts of other channels go on as before. */
function analysedFirst(flow: Json, Parameters: object): string {
  const NextAction = flow.StartAction;
  const errors = [
    "NoMatchingError",
    "ChannelMismatch",
    ...("ChatBehavior" in Parameters ? ["InFlightRedactionConfigurationFailed"] : []),
  ];
  const analyse = {
    Identifier: "analyse",
    Type: "UpdateContactRecordingAndAnalyticsBehavior",
    Parameters,
    Transitions: { NextAction, Errors: errors.map((ErrorType) => ({ ErrorType, NextAction })), Conditions: [] },
  };
  return JSON.stringify({ ...flow, StartAction: "analyse", Actions: [analyse, ...flow.Actions] });
}

/** A rule on words that the simulator's people use. */
async function rule(InstanceId: string, EventSourceName: EventSourceName, section: string): Promise<void> {
  const Operand = {
    Operator: "CONTAINS_ANY",
    Operands: ["order", "bill", "help", "thank"],
    ComparisonValue: `$.ContactLens.${section}.ExactMatch.Transcript`,
  };
  await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name: `words-${section}`,
      TriggerEventSource: { EventSourceName },
      Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [Operand] } }),
      Actions: [
        { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
        { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "words" } },
      ],
      PublishStatus: "PUBLISHED",
    }),
  );
}

async function segmentStream(InstanceId: string, ResourceType: InstanceStorageResourceType): Promise<string> {
  const KinesisStreamConfig = { StreamArn: await createStream(kinesis, ResourceType.toLowerCase()) };
  const StorageConfig = { StorageType: "KINESIS_STREAM", KinesisStreamConfig } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  return KinesisStreamConfig.StreamArn;
}

async function filesIn(Bucket: string): Promise<Json[]> {
  const found: Json[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key } of Contents) {
      if (!Key?.includes("/Analysis/")) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      found.push(JSON.parse((await Body?.transformToString()) ?? ""));
    }
  }
  return found;
}

/** As it was said, page by page. */
async function listed(channel: Conversation["channel"], InstanceId: string, ContactId: string): Promise<Json[]> {
  const found: Json[] = [];
  let NextToken: string | undefined;
  do {
    const page =
      channel === "VOICE"
        ? await lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId, NextToken }))
        : await connect.send(
            new ListRealtimeContactAnalysisSegmentsV2Command({
              InstanceId,
              ContactId,
              NextToken,
              OutputType: "Raw",
              SegmentTypes: ["Transcript", "Categories", "Issues", "Event"],
            }),
          );
    found.push(...((page.Segments ?? []) as Json[]));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}
