/** Random conversations, of which streams and files tell the same, by every invariant. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  CreateRuleCommand,
  ListRealtimeContactAnalysisSegmentsV2Command,
  type RealTimeContactAnalysisSegmentType,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { openCentre } from "./contact-centre.ts";
import { checkConversation, type Json } from "./conversation-invariants.ts";
import { startTrunkline } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

const CONVERSATIONS = process.env.TRUNKLINE_FULL === "1" ? 150 : 6;

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const lens = new ConnectContactLensClient(server.client);
const kinesis = new KinesisClient(server.client);
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
const agent = await centre.agent("vera");
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
const [streams, flows] = [new Map<string, string>(), new Map<string, string>()];
const settings = {
  SentimentConfiguration: { Enabled: "True" },
  ConversationalAnalyticsRedactionConfiguration: { Enabled: "True", RedactionResults: "RedactedAndOriginal" },
};
for (const [channel, files, source, section, Content] of [
  [
    "VOICE",
    "CALL_RECORDINGS",
    "OnRealTimeCallAnalysisAvailable",
    "RealTimeCall",
    analysedCalls(centre.queueId, settings),
  ],
  [
    "CHAT",
    "CHAT_TRANSCRIPTS",
    "OnRealTimeChatAnalysisAvailable",
    "RealTimeChat",
    analysedChats(centre.queueId, settings),
  ],
] as const) {
  const S3Config = { BucketName: "kept", BucketPrefix: "p" };
  await associate(files, { StorageType: "S3", S3Config });
  const StreamArn = await createStream(kinesis, channel);
  streams.set(channel, StreamArn);
  const KinesisStreamConfig = { StreamArn };
  await associate(`REAL_TIME_CONTACT_ANALYSIS_${channel}_SEGMENTS`, {
    StorageType: "KINESIS_STREAM",
    KinesisStreamConfig,
  });
  const flow = { InstanceId, Name: channel, Type: "CONTACT_FLOW", Content } as const;
  flows.set(channel, (await connect.send(new CreateContactFlowCommand(flow))).ContactFlowId ?? "");
  const condition = {
    Operator: "CONTAINS_ANY",
    Operands: ["refund", "card"],
    ComparisonValue: `$.ContactLens.${section}.ExactMatch.Transcript`,
    Negate: false,
  };
  await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name: `money-${channel}`,
      TriggerEventSource: { EventSourceName: source },
      Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [condition] } }),
      Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
      PublishStatus: "PUBLISHED",
    }),
  );
}

after(() => {
  for (const client of [connect, lens, kinesis, s3]) client.destroy();
});

const anyTurn = fc.record({
  speaker: fc.constantFrom("AGENT" as const, "CUSTOMER" as const),
  text: fc.oneof(
    fc.constantFrom(
      "My card is charged twice! I want a refund.",
      "My name is Olga Petrova.",
      "Please write to olga@example.com. It keeps failing.",
      "This is terrible, I am really angry about that.",
      "I have refunded it. I will send you an email within the hour.",
      "Great, thank you. That is exactly what I wanted!",
      "What is your name?",
    ),
    fc.stringMatching(/^[a-zA-Z0-9.,!?']{1,30}$/),
  ),
  seconds: fc.integer({ min: 1, max: 5 }),
  gapSeconds: fc.integer({ min: 0, max: 6 }),
});
const anyConversation = fc.record({
  channel: fc.constantFrom("VOICE" as const, "CHAT" as const),
  turns: fc.array(anyTurn, { maxLength: 8 }),
});

test("whatever is said, streams and files tell of it by the invariants", async (t) => {
  let categories = 0;
  await fc.assert(
    fc.asyncProperty(anyConversation, async ({ channel, turns }) => {
      const contactId = await centre.arrive({ channel, contactFlowId: flows.get(channel), name: "Olga Petrova" });
      await centre.act(agent, "accept", { contactId });
      let at = 0;
      const speaksUntil = { AGENT: 0, CUSTOMER: 0 };
      for (const { speaker, text, seconds, gapSeconds } of turns) {
        // Two may speak at once, one may not.
        const waits = Math.max(gapSeconds, speaksUntil[speaker] - at);
        await server.advance(`PT${waits}S`);
        at += waits;
        await centre.customer(contactId, "say", { speaker, text, seconds: channel === "VOICE" ? seconds : 0 });
        speaksUntil[speaker] = at + seconds;
      }
      await server.advance("PT6S");
      await centre.customer(contactId, "hang-up");
      await centre.act(agent, "clear", { contactId });
      await server.advance("PT0S");
      const [raw = {}, redacted = {}] = await filesOf(contactId);
      categories += raw.Categories.MatchedCategories.length;
      checkConversation({
        contactId,
        channel,
        told: await toldOf(channel, contactId),
        listed: await listedOf(channel, contactId),
        raw,
        redacted,
      });
    }),
    { numRuns: CONVERSATIONS, seed: 1 },
  );
  t.diagnostic(`${categories} categories in ${CONVERSATIONS} conversations`);
  assert.ok(categories > 0);
});

type Config = ConstructorParameters<typeof AssociateInstanceStorageConfigCommand>[0];

async function associate(
  ResourceType: NonNullable<Config["ResourceType"]>,
  StorageConfig: NonNullable<Config["StorageConfig"]>,
): Promise<void> {
  await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
}

async function toldOf(channel: string, contactId: string): Promise<Json[]> {
  const told = await readStream<Json>(kinesis, streams.get(channel) ?? "");
  return told.filter(({ ContactId }) => ContactId === contactId);
}

async function listedOf(channel: "VOICE" | "CHAT", ContactId: string): Promise<Json[]> {
  if (channel === "VOICE") {
    return (await lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId }))).Segments ?? [];
  }
  const SegmentTypes: RealTimeContactAnalysisSegmentType[] = ["Transcript", "Categories", "Issues"];
  const asked = { InstanceId, ContactId, OutputType: "Raw", SegmentTypes } as const;
  return (await connect.send(new ListRealtimeContactAnalysisSegmentsV2Command(asked))).Segments ?? [];
}

/** The raw analysis file and the redacted one. */
async function filesOf(contactId: string): Promise<Json[]> {
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: "kept", Prefix: "p/Analysis/", ContinuationToken }));
    keys.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  const own = keys.filter((key) => key.includes(contactId));
  assert.equal(own.length, 2);
  return Promise.all(
    own.map(async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key }));
      return JSON.parse((await Body?.transformToString()) ?? "");
    }),
  );
}
