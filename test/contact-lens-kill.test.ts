/**
 * Kills the server (SIGKILL) in the middle of conversations that are analysed, and once more as soon as each has ended: every sentence that
 * was acknowledged is told once, on the stream, in the list and in the file, and the files are there. So is every category, and each event of
 * a rule that was true.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateContactFlowCommand,
  CreateInstanceCommand,
  CreateRuleCommand,
  CreateUserCommand,
  DescribeContactCommand,
  ListAgentStatusesCommand,
  ListQueuesCommand,
  ListRealtimeContactAnalysisSegmentsV2Command,
  ListRoutingProfilesCommand,
  ListSecurityProfilesCommand,
  PutUserStatusCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream } from "./streams.ts";

/** Conversations, calls and chats in turn. Each sees two kills. */
const CONVERSATIONS = process.env.TRUNKLINE_FULL === "1" ? 30 : 2;
const SENTENCES = 8;

test("what was said is told once and the files are there, whenever the server is killed", async () => {
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const restart = async (): Promise<void> => {
    const ended = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await ended;
    server = await spawnTrunkline(folder, "--port", new URL(url).port);
  };
  const centre = await openAnalysedCentre(url);
  for (let number = 0; number < CONVERSATIONS; number++) {
    const channel = number % 2 === 0 ? "VOICE" : "CHAT";
    const contactId = await centre.answered(channel);
    const acknowledged: string[] = [];
    for (let at = 0; at < SENTENCES; at++) {
      const text = `This is sentence ${at} of conversation ${number}.`;
      const saying = centre.say(contactId, text).then(() => acknowledged.push(text));
      // Another place in each conversation; the answer to what was being said is lost, or is not.
      if (at === 1 + (number % (SENTENCES - 2))) {
        await Promise.allSettled([restart(), saying]);
      } else await saying;
      await centre.advance();
    }
    await centre.hangUp(contactId);
    await restart();
    await centre.clear(contactId);
    await centre.advance();

    const file = await centre.analysisOf(contactId);
    const told = await centre.toldOf(channel, contactId);
    const listed = await centre.listedOf(channel, contactId);
    const texts = file.map(({ text }) => text);
    for (const text of acknowledged) assert.equal(texts.filter((other) => other === text).length, 1, text);
    assert.equal(new Set(texts).size, texts.length, "each sentence is there once");
    assert.deepEqual(told.states, ["STARTED", "COMPLETED"]);
    assert.deepEqual(told.turns, file, "28: the stream and the file tell the same");
    assert.deepEqual(listed, file, "28: so does the list");
    const categories = texts.map((text) => `says-${/sentence (\d)/.exec(text)?.[1]}-${channel}`);
    assert.deepEqual(told.categories, categories, "each sentence gives its category once, and has it in the file too");
    assert.deepEqual((await centre.categoriesOf(contactId)).toSorted(), [...categories, `after-${channel}`].toSorted());
    const acted = [...categories, `after-${channel}`].toSorted();
    assert.deepEqual(await centre.matchesOf(contactId), acted);
    assert.deepEqual(await centre.mailedOf(contactId), acted, "each rule has sent one mail");
    assert.deepEqual(await centre.explainedOf(contactId), acted, "what rules looked at is there, and once");
    if (channel === "VOICE") continue;
    const location = await centre.transcriptOf(contactId);
    assert.ok(location);
    assert.equal(await centre.recordedOf(contactId), location);
  }
});

interface Turn {
  readonly id: string;
  readonly text: string;
}

async function openAnalysedCentre(endpoint: string) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  const connect = new ConnectClient(client);
  const lens = new ConnectContactLensClient(client);
  const kinesis = new KinesisClient(client);
  const events = new EventBridgeClient(client);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  after(() => {
    for (const one of [connect, lens, kinesis, s3, events]) one.destroy();
  });

  const { Id: InstanceId = "" } = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "killed",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
  await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  const S3Config = { BucketName: "kept", BucketPrefix: "p" };
  for (const ResourceType of ["CALL_RECORDINGS", "CHAT_TRANSCRIPTS"] as const) {
    const StorageConfig = { StorageType: "S3", S3Config } as const;
    await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  }
  const streams: Record<string, string> = {};
  for (const channel of ["VOICE", "CHAT"] as const) {
    const StreamArn = await createStream(kinesis, channel);
    streams[channel] = StreamArn;
    const ResourceType = `REAL_TIME_CONTACT_ANALYSIS_${channel}_SEGMENTS` as const;
    const StorageConfig = { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn } } as const;
    await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  }
  const { QueueSummaryList = [] } = await connect.send(new ListQueuesCommand({ InstanceId, QueueTypes: ["STANDARD"] }));
  const queueId = QueueSummaryList[0]?.Id ?? "";
  const flows: Record<string, string> = {};
  for (const [Name, Content] of [
    ["VOICE", analysedCalls(queueId, {})],
    ["CHAT", analysedChats(queueId, {})],
  ] as const) {
    const flow = { InstanceId, Name, Type: "CONTACT_FLOW", Content } as const;
    flows[Name] = (await connect.send(new CreateContactFlowCommand(flow))).ContactFlowId ?? "";
  }
  streams.BUS = await createStream(kinesis, "BUS");
  const EventPattern = JSON.stringify({ "detail-type": [{ suffix: " Rules Matched" }] });
  await events.send(new PutRuleCommand({ Name: "matches", EventPattern }));
  await events.send(new PutTargetsCommand({ Rule: "matches", Targets: [{ Id: "bus", Arn: streams.BUS }] }));
  for (const channel of ["VOICE", "CHAT"] as const) {
    const kind = channel === "VOICE" ? "Call" : "Chat";
    const rules = Array.from({ length: SENTENCES }, (_, at) => ["RealTime", `says-${at}`, `sentence ${at}`] as const);
    for (const [when, name, words] of [...rules, ["Post", "after", "sentence"] as const]) {
      const condition = {
        Operator: "CONTAINS_ANY",
        Operands: [words],
        ComparisonValue: `$.ContactLens.${when}${kind}.ExactMatch.Transcript`,
      };
      const RuleFunction = { Operator: "AND", Operands: [condition] };
      await connect.send(
        new CreateRuleCommand({
          InstanceId,
          Name: `${name}-${channel}`,
          TriggerEventSource: { EventSourceName: `On${when}${kind}AnalysisAvailable` },
          Function: JSON.stringify({ Version: "2022-11-25", RuleFunction }),
          Actions: [
            { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} },
            { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "told" } },
            {
              ActionType: "SEND_NOTIFICATION",
              SendNotificationAction: {
                DeliveryMethod: "EMAIL",
                Content: "It was said.",
                ContentType: "PLAIN_TEXT",
                Recipient: { UserIds: [`$.ContactLens.${when}${kind}.Agent.AgentId`] },
              },
            },
          ],
          PublishStatus: "PUBLISHED",
        }),
      );
    }
  }
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from a stream, it checks.
  const recordsOf = async (StreamARN: string | undefined): Promise<any[]> => {
    const begin = { StreamARN, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
    const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(begin));
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ StreamARN, ShardIterator }));
    return Records.map(({ Data }) => JSON.parse(Buffer.from(Data ?? []).toString()));
  };
  const security = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
  const profiles = await connect.send(new ListRoutingProfilesCommand({ InstanceId }));
  const { UserId = "" } = await connect.send(
    new CreateUserCommand({
      InstanceId,
      Username: "vera",
      Password: "Secret-1234",
      IdentityInfo: { FirstName: "Vera", LastName: "Holm", Email: "vera@example.com" },
      PhoneConfig: { PhoneType: "SOFT_PHONE" },
      SecurityProfileIds: [security.SecurityProfileSummaryList?.[0]?.Id ?? ""],
      RoutingProfileId: profiles.RoutingProfileSummaryList?.[0]?.Id ?? "",
    }),
  );
  const { AgentStatusSummaryList = [] } = await connect.send(new ListAgentStatusesCommand({ InstanceId }));
  const AgentStatusId = AgentStatusSummaryList.find(({ Name }) => Name === "Available")?.Id ?? "";
  await connect.send(new PutUserStatusCommand({ InstanceId, UserId, AgentStatusId }));

  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
  const control = async (path: string, body: object): Promise<any> => {
    const request = { service: "connect", method: "POST", path: `/_trunkline/${path}`, body: JSON.stringify(body) };
    const answer = await sendSigned(endpoint, request);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return JSON.parse(answer.body.toString());
  };
  const act = (contactId: string, what: string) => control(`agents/${InstanceId}/${UserId}/${what}`, { contactId });
  const keysOf = async (contactId: string): Promise<string[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "kept" }));
    return Contents.map(({ Key = "" }) => Key).filter((key) => key.includes(contactId));
  };
  const analysisFileOf = async (contactId: string): Promise<AnalysisFile> => {
    const keys = (await keysOf(contactId)).filter((key) => key.startsWith("p/Analysis/"));
    assert.equal(keys.length, 1, "one analysis file");
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key: keys[0] }));
    return JSON.parse((await Body?.transformToString()) ?? "");
  };
  return {
    async answered(channel: "VOICE" | "CHAT"): Promise<string> {
      const { contactId } = await control(`contacts/${InstanceId}`, { channel, contactFlowId: flows[channel] });
      await act(contactId, "accept");
      return contactId;
    },
    say: (contactId: string, text: string) =>
      control(`contacts/${InstanceId}/${contactId}/say`, { speaker: "CUSTOMER", text, seconds: 0 }),
    hangUp: (contactId: string) => control(`contacts/${InstanceId}/${contactId}/hang-up`, {}),
    clear: (contactId: string) => act(contactId, "clear"),
    advance: () => control("clock", { advance: "PT1S" }),

    async analysisOf(contactId: string): Promise<Turn[]> {
      const { Transcript } = await analysisFileOf(contactId);
      return Transcript.filter(({ Type = "MESSAGE" }) => Type === "MESSAGE").map(({ Id, Content }) => ({
        id: Id,
        text: Content,
      }));
    },
    /** Subjects of mails about a contact: the names of the rules that have sent them, in order. */
    async mailedOf(contactId: string): Promise<string[]> {
      const request = { service: "trunkline", method: "GET", path: "/_trunkline/mailbox", query: "limit=1000" };
      const { mails } = JSON.parse((await sendSigned(endpoint, request)).body.toString()) as {
        mails: readonly { subject: string; contactId: string }[];
      };
      return mails
        .filter((mail) => mail.contactId === contactId)
        .map(({ subject }) => subject)
        .toSorted();
    },
    /** Names of the rules that were true of a contact as explain has it, in order. */
    async explainedOf(subject: string): Promise<string[]> {
      const { inputs } = (await control("explain", { subject, instance: InstanceId })) as {
        inputs: readonly { rules: readonly { name: string; matched: boolean }[] }[];
      };
      const found = inputs.flatMap(({ rules }) => rules).filter(({ matched }) => matched);
      return found.map(({ name }) => name).toSorted();
    },
    categoriesOf: async (contactId: string) => (await analysisFileOf(contactId)).Categories.MatchedCategories,
    /** Names of the rules that have told the bus, in order. */
    async matchesOf(contactId: string): Promise<string[]> {
      const events = (await recordsOf(streams.BUS)) as { detail: { ruleName: string; contactArn: string } }[];
      return events
        .filter(({ detail }) => detail.contactArn.endsWith(`/${contactId}`))
        .map(({ detail }) => detail.ruleName)
        .sort();
    },
    async transcriptOf(contactId: string): Promise<string | undefined> {
      const [key] = (await keysOf(contactId)).filter((one) => one.startsWith("p/ChatTranscripts/"));
      return key && `kept/${key}`;
    },
    async recordedOf(ContactId: string): Promise<string | undefined> {
      const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
      return Contact?.Recordings?.[0]?.Location;
    },
    async toldOf(channel: "VOICE" | "CHAT", contactId: string) {
      const told = (await recordsOf(streams[channel])).filter(({ ContactId }) => ContactId === contactId);
      const states = told.map(({ EventType, StreamingEventType = EventType }) => StreamingEventType);
      assert.deepEqual([states[0], states.at(-1)], ["STARTED", "COMPLETED"]);
      return {
        states: states.filter((state) => state !== "SEGMENTS"),
        turns: turnsIn(told.flatMap(({ Segments = [] }) => Segments)),
        categories: told.flatMap(({ Segments = [] }) => Segments).flatMap(categoriesIn),
      };
    },
    async listedOf(channel: "VOICE" | "CHAT", ContactId: string): Promise<Turn[]> {
      if (channel === "VOICE") {
        const list = new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId });
        return turnsIn((await lens.send(list)).Segments ?? []);
      }
      const asked = { InstanceId, ContactId, OutputType: "Raw" as const, SegmentTypes: ["Transcript" as const] };
      return turnsIn((await connect.send(new ListRealtimeContactAnalysisSegmentsV2Command(asked))).Segments ?? []);
    },
  };
}

interface AnalysisFile {
  readonly Transcript: readonly { readonly Type?: string; readonly Id: string; readonly Content: string }[];
  readonly Categories: { readonly MatchedCategories: readonly string[] };
}

function categoriesIn({ Categories }: { readonly Categories?: { readonly MatchedDetails: object } }): string[] {
  return Object.keys(Categories?.MatchedDetails ?? {});
}

interface Segment {
  readonly Transcript?: { readonly Id?: string | undefined; readonly Content?: string | undefined } | undefined;
}

function turnsIn(segments: readonly Segment[]): Turn[] {
  return segments.flatMap(({ Transcript }) =>
    Transcript ? [{ id: Transcript.Id ?? "", text: Transcript.Content ?? "" }] : [],
  );
}
