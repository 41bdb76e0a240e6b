/** Analysis files and transcripts in S3, once a contact has ended. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  ListRealtimeContactAnalysisSegmentsV2Command,
  StartChatContactCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import {
  CompleteAttachmentUploadCommand,
  ConnectParticipantClient,
  CreateParticipantConnectionCommand,
  StartAttachmentUploadCommand,
} from "@aws-sdk/client-connectparticipant";
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { offlineEngine } from "../src/services/contact-lens/index.ts";
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
await store("CALL_RECORDINGS", "kept", "connect/demo");
await store("CHAT_TRANSCRIPTS", "kept", "connect/demo/ChatTranscripts");
const REDACTED_AND_ORIGINAL = {
  ConversationalAnalyticsRedactionConfiguration: {
    Enabled: "True",
    RedactionResults: "RedactedAndOriginal",
    RedactionMaskMode: "EntityType",
  },
};

after(() => {
  connect.destroy();
  s3.destroy();
});

test("the file of a call has what was said, raw and redacted, and what follows from it", async () => {
  const ContactId = await answered("VOICE", analysedCalls(centre.queueId, REDACTED_AND_ORIGINAL));
  await server.advance("PT1S");
  await say(ContactId, "AGENT", "Harbour Bank, who am I speaking to?", 2);
  await server.advance("PT3S");
  await say(ContactId, "CUSTOMER", "Nora Lind. You overcharged me, I am really angry about that!", 4);
  await server.advance("PT5S");
  await end(ContactId);

  const files = await filesOf(ContactId);
  const [raw, redacted] = files.map(({ file }) => file);
  assert.deepEqual(
    files.map(({ key }) => key.replace(ContactId, "ID").replaceAll(/\d\d/g, "00")),
    [
      "connect/demo/Analysis/Voice/0000/00/00/ID_analysis_0000-00-00T00:00:00Z.json",
      "connect/demo/Analysis/Voice/Redacted/0000/00/00/ID_analysis_redacted_0000-00-00T00:00:00Z.json",
    ],
  );
  const { Transcript, ...rest } = raw;
  const [asked, answer] = Transcript;
  assert.deepEqual(rest, {
    Version: "1.1.0",
    AccountId: "000000000000",
    Channel: "VOICE",
    LanguageCode: "en-GB",
    JobStatus: "COMPLETED",
    ContentMetadata: { Output: "Raw" },
    Participants: [
      { ParticipantId: "AGENT", ParticipantRole: "AGENT" },
      { ParticipantId: "CUSTOMER", ParticipantRole: "CUSTOMER" },
    ],
    Categories: { MatchedCategories: [], MatchedDetails: {} },
    CustomModels: [],
    CustomerMetadata: { ContactId, InstanceId },
    ConversationCharacteristics: {
      TotalConversationDurationMillis: 8_000,
      Sentiment: {
        OverallSentiment: { AGENT: 0, CUSTOMER: -5 },
        SentimentByPeriod: rest.ConversationCharacteristics.Sentiment.SentimentByPeriod,
      },
      Interruptions: { InterruptionsByInterrupter: {}, TotalCount: 0, TotalTimeMillis: 0 },
      NonTalkTime: { TotalTimeMillis: 0, Instances: [] },
      TalkSpeed: {
        DetailsByParticipant: { AGENT: { AverageWordsPerMinute: 210 }, CUSTOMER: { AverageWordsPerMinute: 165 } },
      },
      TalkTime: {
        TotalTimeMillis: 6_000,
        DetailsByParticipant: { AGENT: { TotalTimeMillis: 2_000 }, CUSTOMER: { TotalTimeMillis: 4_000 } },
      },
    },
  });
  assert.equal(asked.Content, "Harbour Bank, who am I speaking to?");
  assert.equal(asked.Sentiment, "NEUTRAL");
  assert.ok(!("Redaction" in asked));
  assert.equal(answer.Content, "Nora Lind. You overcharged me, I am really angry about that!");
  assert.deepEqual(answer.Redaction, { RedactedTimestamps: [{ BeginOffsetMillis: 4_000, EndOffsetMillis: 4_600 }] });
  assert.equal(redacted.Transcript[1].Content, "[NAME]. You overcharged me, I am really angry about that!");
  assert.equal(redacted.ContentMetadata.RedactionTypesMetadata.PII.RedactionMaskMode, "ENTITY_TYPE");
  assert.deepEqual(redacted.Transcript[1].Redaction, answer.Redaction);
});

test("only the redacted file is written where the flow asks for no other", async () => {
  const redaction = { Enabled: "True", RedactionResults: "RedactedOnly" };
  const flow = analysedCalls(centre.queueId, { ConversationalAnalyticsRedactionConfiguration: redaction });
  const ContactId = await answered("VOICE", flow);
  await say(ContactId, "CUSTOMER", "My name is Nora Lind.", 2);
  await server.advance("PT3S");
  await end(ContactId);
  const files = await filesOf(ContactId);
  assert.deepEqual(
    files.map(({ file }) => [file.ContentMetadata.Output, file.Transcript[0].Content]),
    [["Redacted", "My name is [PII]."]],
  );
});

test("the file of a chat points at its transcript, which the record tells of once it is there", async () => {
  const ContactId = await answered("CHAT", analysedChats(centre.queueId, REDACTED_AND_ORIGINAL));
  await server.advance("PT2S");
  await say(ContactId, "AGENT", "Who am I speaking to?");
  await server.advance("PT4S");
  await say(ContactId, "CUSTOMER", "Olga Petrova. My card is charged twice!");
  await server.advance("PT1S");
  await end(ContactId);

  const [raw, redacted, transcript] = await filesOf(ContactId);
  assert.match(
    transcript?.key ?? "",
    /^connect\/demo\/ChatTranscripts\/\d{4}\/\d\d\/\d\d\/[^/]+_\d{8}T\d\d:\d\d_UTC\.json$/,
  );
  const { Version, AWSAccountId, InitialContactId, Participants, Transcript } = transcript?.file ?? {};
  assert.deepEqual([Version, AWSAccountId, InitialContactId], ["2019-08-26", "000000000000", ContactId]);
  assert.equal(Participants.length, 2);
  assert.deepEqual(
    Transcript.map(({ Type, Content }: { Type: string; Content?: string }) => Content ?? Type),
    ["EVENT", "EVENT", "Who am I speaking to?", "Olga Petrova. My card is charged twice!", "EVENT", "EVENT", "EVENT"],
  );

  assert.equal(raw?.file.CustomerMetadata.InputS3Uri, `s3://kept/${transcript?.key}`);
  assert.equal(raw?.file.Version, "CHAT-2022-11-30");
  const said = ({ file }: { file: { Transcript: { Type: string; Content: string }[] } }) =>
    file.Transcript.filter(({ Type }) => Type === "MESSAGE").map(({ Content }) => Content);
  assert.ok(raw && redacted);
  assert.deepEqual(said(raw), ["Who am I speaking to?", "Olga Petrova. My card is charged twice!"]);
  assert.deepEqual(said(redacted), ["Who am I speaking to?", "[NAME]. My card is charged twice!"]);
  const sides = ({ file }: { file: { Participants: { ParticipantRole: string }[] } }) =>
    file.Participants.map(({ ParticipantRole }) => ParticipantRole);
  assert.deepEqual([sides(raw), sides(redacted)], Array(2).fill(["AGENT", "CUSTOMER"]));
  const ended = raw.file.Transcript.at(-1);
  assert.deepEqual(Object.keys(ended).sort(), ["AbsoluteTime", "ContentType", "Id", "Type"], "the end is nobody's");
  const hidden = [{ CharacterOffsets: [{ BeginOffsetChar: 0, EndOffsetChar: "[NAME]".length }] }];
  const marks = ({ file }: { file: { Transcript: { Redaction?: object }[] } }) =>
    file.Transcript.flatMap(({ Redaction }) => Redaction ?? []);
  assert.deepEqual([marks(raw), marks(redacted)], [hidden, hidden]);
  assert.deepEqual(
    ids(raw.file),
    ids(transcript?.file).filter((id) => ids(raw.file).includes(id)),
  );

  const { records } = await centre.streams();
  const versions = records.filter((record) => record.ContactId === ContactId);
  const { StartTimestamp, StopTimestamp, ...recording } = versions.at(-1)?.Recordings?.[0] ?? {};
  assert.deepEqual(recording, {
    DeletionReason: null,
    FragmentStartNumber: null,
    FragmentStopNumber: null,
    Location: `kept/${transcript?.key}`,
    MediaStreamType: "CHAT",
    ParticipantType: null,
    Status: "AVAILABLE",
    StorageType: "S3",
  });
  assert.deepEqual(
    [StartTimestamp, StopTimestamp],
    [versions.at(-1)?.InitiationTimestamp, versions.at(-1)?.DisconnectTimestamp],
  );
  assert.equal((await centre.describe(ContactId)).Recordings?.[0]?.Location, `kept/${transcript?.key}`);
});

test("the names that a chat shows are hidden in it, words for people are not", async () => {
  const said = async (name: string | undefined) => {
    const flow = analysedChats(centre.queueId, REDACTED_AND_ORIGINAL);
    const ContactId = await arrived("CHAT", flow, name);
    await say(ContactId, "CUSTOMER", "Hello!");
    await centre.act(agent, "accept", { contactId: ContactId });
    await say(ContactId, "AGENT", "Dear Customer, is it you, Zbyszko?");
    await server.advance("PT1S");
    await end(ContactId);
    const { file } = (await filesOf(ContactId))[1] ?? {};
    return file.Transcript.filter(({ Type }: { Type: string }) => Type === "MESSAGE")[1].Content;
  };
  assert.equal(await said("Zbyszko"), "Dear Customer, is it you, [NAME]?");
  assert.equal(await said(undefined), "Dear Customer, is it you, Zbyszko?");
});

test("an attachment is told by its name, in redacted output without it", async () => {
  const participants = new ConnectParticipantClient(server.client);
  await store("ATTACHMENTS", "kept", "attached");
  const flow = await flowOf(analysedChats(centre.queueId, REDACTED_AND_ORIGINAL));
  const { ContactId = "", ParticipantToken } = await connect.send(
    new StartChatContactCommand({ InstanceId, ContactFlowId: flow, ParticipantDetails: { DisplayName: "Nora" } }),
  );
  const { ConnectionCredentials } = await participants.send(
    new CreateParticipantConnectionCommand({ Type: ["CONNECTION_CREDENTIALS"], ParticipantToken }),
  );
  const { ConnectionToken } = ConnectionCredentials ?? {};
  await server.advance("PT1S");
  await centre.act(agent, "accept", { contactId: ContactId });
  const file = { AttachmentName: "nora-lind.csv", ContentType: "text/csv", AttachmentSizeInBytes: 3 };
  const { AttachmentId = "", UploadMetadata } = await participants.send(
    new StartAttachmentUploadCommand({ ConnectionToken, ...file }),
  );
  const put = { method: "PUT", headers: UploadMetadata?.HeadersToInclude ?? {}, body: "a,b" };
  assert.equal((await fetch(UploadMetadata?.Url ?? "", put)).status, 200);
  await participants.send(new CompleteAttachmentUploadCommand({ ConnectionToken, AttachmentIds: [AttachmentId] }));
  await server.advance("PT1S");

  const attached = async (OutputType: "Raw" | "Redacted") => {
    const asked = { InstanceId, ContactId, OutputType, SegmentTypes: ["Attachments" as const] };
    const { Segments } = await connect.send(new ListRealtimeContactAnalysisSegmentsV2Command(asked));
    return Segments?.map(({ Attachments }) => [Attachments?.ParticipantRole, Attachments?.Attachments]);
  };
  const told = { AttachmentId, ContentType: "text/csv", Status: "APPROVED" };
  assert.deepEqual(await attached("Raw"), [["CUSTOMER", [{ ...told, AttachmentName: "nora-lind.csv" }]]]);
  assert.deepEqual(await attached("Redacted"), [["CUSTOMER", [{ ...told, AttachmentName: "[NAME]" }]]]);
  await end(ContactId);
  const [raw, redacted] = await filesOf(ContactId);
  assert.deepEqual(
    [raw, redacted].map((one) =>
      one?.file.Transcript.flatMap(({ Type, AttachmentName }: { Type: string; AttachmentName?: string }) =>
        Type === "ATTACHMENT" ? [AttachmentName] : [],
      ),
    ),
    [["nora-lind.csv"], ["[NAME]"]],
  );
  participants.destroy();
});

test("a call has no recording, since there is no audio", async () => {
  const ContactId = await answered("VOICE", analysedCalls(centre.queueId, {}));
  await end(ContactId);
  const { records } = await centre.streams();
  const versions = records.filter((record) => record.ContactId === ContactId);
  assert.deepEqual(
    versions.map(({ Recordings }) => Recordings),
    [null],
  );
  const [silent] = await filesOf(ContactId);
  assert.deepEqual(silent?.file.Transcript, []);
});

test("files wait for a bucket that is not there yet", async () => {
  const late = await openCentre(server);
  const InstanceId = late.InstanceId;
  await late.connect.send(
    new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }),
  );
  const config = { StorageType: "S3", S3Config: { BucketName: "late", BucketPrefix: "p" } } as const;
  await late.connect.send(
    new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType: "CHAT_TRANSCRIPTS", StorageConfig: config }),
  );
  const clerk = await late.agent("otto");
  const Content = analysedChats(late.queueId, {});
  const flow = { InstanceId, Name: "analysed", Type: "CONTACT_FLOW", Content } as const;
  const { ContactFlowId } = await late.connect.send(new CreateContactFlowCommand(flow));
  const ContactId = await late.arrive({ channel: "CHAT", contactFlowId: ContactFlowId });
  await late.act(clerk, "accept", { contactId: ContactId });
  await late.customer(ContactId, "say", { speaker: "CUSTOMER", text: "Hello?", seconds: 0 });
  await late.customer(ContactId, "hang-up");
  await late.act(clerk, "clear", { contactId: ContactId });
  await server.advance("PT1M");
  assert.equal((await late.describe(ContactId)).Recordings, undefined);

  await s3.send(new CreateBucketCommand({ Bucket: "late" }));
  await server.advance("PT10M");
  const keys = await keysOf("late");
  assert.deepEqual(
    keys.map((key) => key.split("/").slice(0, 3).join("/")),
    ["p/Analysis/Chat", `p/ChatTranscripts/${keys[1]?.split("/")[2]}`],
  );
  assert.equal((await late.describe(ContactId)).Recordings?.[0]?.Location, `late/${keys[1]}`);
  late.connect.destroy();
});

test("a call is analysed after it has ended where the flow wants it then, with the menus where it wants those too", async () => {
  const greeting = { says: "Welcome to Harbour Bank." };
  const heard = async (AnalyticsModes: readonly string[]) => {
    const ContactId = await arrived("VOICE", analysedCalls(centre.queueId, { AnalyticsModes }, greeting));
    await server.advance("PT3S");
    await centre.act(agent, "accept", { contactId: ContactId });
    await server.advance("PT1S");
    await say(ContactId, "AGENT", "Vera speaking.", 1);
    await server.advance("PT2S");
    await end(ContactId);
    const [{ file } = { file: undefined }] = await filesOf(ContactId);
    return file;
  };
  const after = await heard(["PostContact"]);
  assert.deepEqual(after.Transcript.map(turnOf), [["AGENT", "Vera speaking.", 1_000]]);
  const whole = await heard(["PostContact", "AutomatedInteraction"]);
  assert.deepEqual(whole.Transcript.map(turnOf), [
    ["SYSTEM", "Welcome to Harbour Bank.", 0],
    ["AGENT", "Vera speaking.", 4_000],
  ]);
  assert.deepEqual(
    whole.Participants.map(({ ParticipantRole }: { ParticipantRole: string }) => ParticipantRole),
    ["AGENT", "CUSTOMER", "SYSTEM"],
  );
});

test("a call that nobody answers is analysed with AutomatedInteraction alone", async () => {
  const abandoned = async (AnalyticsModes: readonly string[]) => {
    const flow = analysedCalls(centre.queueId, { AnalyticsModes }, { says: "Welcome." });
    const ContactId = await arrived("VOICE", flow);
    await server.advance("PT3S");
    await centre.customer(ContactId, "hang-up");
    await server.advance("PT0S");
    return (await filesOf(ContactId)).map(({ file }) => file.Transcript.map(turnOf));
  };
  await centre.status(agent, "Offline");
  assert.deepEqual(await abandoned(["RealTime"]), []);
  assert.deepEqual(await abandoned(["RealTime", "AutomatedInteraction"]), [[["SYSTEM", "Welcome.", 0]]]);
  await centre.status(agent, "Available");
});

test("the file of a chat begins before the agent joined, its real-time segments do not", async () => {
  const flow = analysedChats(centre.queueId, {}, { says: "You are in the queue." });
  const ContactId = await arrived("CHAT", flow);
  await say(ContactId, "CUSTOMER", "Is anybody there?");
  await centre.act(agent, "accept", { contactId: ContactId });
  await say(ContactId, "AGENT", "Hello.");
  await server.advance("PT0S");
  const { Segments = [] } = await connect.send(
    new ListRealtimeContactAnalysisSegmentsV2Command({
      InstanceId,
      ContactId,
      OutputType: "Raw",
      SegmentTypes: ["Transcript"],
    }),
  );
  assert.deepEqual(
    Segments.map(({ Transcript }) => Transcript?.Content),
    ["Hello."],
  );
  await end(ContactId);
  const [analysis, transcript] = await filesOf(ContactId);
  const messages = analysis?.file.Transcript.filter(({ Type }: { Type: string }) => Type === "MESSAGE");
  assert.deepEqual(
    messages.map(({ ParticipantRole, Content }: Record<string, string>) => [ParticipantRole, Content]),
    [
      ["SYSTEM", "You are in the queue."],
      ["CUSTOMER", "Is anybody there?"],
      ["AGENT", "Hello."],
    ],
  );
  const known = ids(transcript?.file);
  assert.deepEqual(known.slice(known.indexOf(ids(analysis?.file)[0] ?? "")), ids(analysis?.file));
});

test("an analysis that fails has no file, and the next one has", async (context) => {
  const flow = analysedCalls(centre.queueId, { AnalyticsModes: ["PostContact"] });
  const failed = await answered("VOICE", flow);
  const broken = context.mock.method(offlineEngine, "findings", () => {
    throw new Error("The engine is broken");
  });
  await say(failed, "CUSTOMER", "Hello.", 1);
  await server.advance("PT2S");
  broken.mock.restore();
  await end(failed);
  const next = await answered("VOICE", flow);
  await say(next, "CUSTOMER", "Hello.", 1);
  await server.advance("PT2S");
  await end(next);

  assert.deepEqual(await filesOf(failed), []);
  assert.deepEqual((await filesOf(next))[0]?.file.Transcript.map(turnOf), [["CUSTOMER", "Hello.", 0]]);
  const { contactEvents } = await centre.streams();
  const changes = contactEvents.filter((event) => event["detail-type"] === "Contact Lens Analysis State Change");
  const reasons = changes.map(({ detail }) => Object.entries(detail).filter(([name]) => name === "reasonCode")[0]?.[1]);
  assert.deepEqual(reasons, ["RECORDING_FILE_INVALID"]);
});

test("no rule can have a file written, whatever its target says", async () => {
  const ContactId = await answered("CHAT", analysedChats(centre.queueId, {}));
  await end(ContactId);
  const events = new EventBridgeClient(server.client);
  const order = { contactId: ContactId };
  const instance = { account: "000000000000", region: "us-east-1", instanceId: InstanceId };
  const Input = JSON.stringify({ instance, bucket: "kept", key: "stolen.json", order });
  await events.send(new PutRuleCommand({ Name: "thief", EventPattern: JSON.stringify({ source: ["thief"] }) }));
  const Arn = "arn:aws:connect:us-east-1:000000000000:file/chat-transcript/kept";
  await events.send(new PutTargetsCommand({ Rule: "thief", Targets: [{ Id: "it", Arn, Input }] }));
  await events.send(new PutEventsCommand({ Entries: [{ Source: "thief", DetailType: "any", Detail: "{}" }] }));
  await server.advance("PT1M");
  assert.ok(!(await keysOf("kept")).includes("stolen.json"));
  events.destroy();
});

interface StoredFile {
  readonly key: string;
  // biome-ignore lint/suspicious/noExplicitAny: files of the service, of which tests know what they look for.
  readonly file: any;
}

function turnOf(turn: Record<string, unknown>): unknown[] {
  return [turn.ParticipantId, turn.Content, turn.BeginOffsetMillis];
}

function ids({ Transcript }: StoredFile["file"]): string[] {
  return Transcript.map(({ Id }: { Id: string }) => Id);
}

async function store(
  ResourceType: "CALL_RECORDINGS" | "CHAT_TRANSCRIPTS" | "ATTACHMENTS",
  BucketName: string,
  BucketPrefix: string,
): Promise<void> {
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName, BucketPrefix } } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
}

let flowCount = 0;

/** A contact that the agent has answered, in a flow of its own. */
async function answered(channel: "VOICE" | "CHAT", content: string): Promise<string> {
  const contactId = await arrived(channel, content);
  await centre.act(agent, "accept", { contactId });
  return contactId;
}

async function arrived(channel: "VOICE" | "CHAT", Content: string, name?: string): Promise<string> {
  return centre.arrive({ channel, contactFlowId: await flowOf(Content), ...(name !== undefined && { name }) });
}

async function flowOf(Content: string): Promise<string> {
  const flow = { InstanceId, Name: `flow-${++flowCount}`, Type: "CONTACT_FLOW", Content } as const;
  return (await connect.send(new CreateContactFlowCommand(flow))).ContactFlowId ?? "";
}

async function say(contactId: string, speaker: string, text: string, seconds = 0): Promise<void> {
  await centre.customer(contactId, "say", { speaker, text, seconds });
}

async function end(contactId: string): Promise<void> {
  await centre.customer(contactId, "hang-up");
  await centre.act(agent, "clear", { contactId });
  await server.advance("PT0S");
}

/** What S3 has of a contact, by key. */
async function filesOf(contactId: string): Promise<StoredFile[]> {
  const keys = (await keysOf("kept")).filter((key) => key.includes(contactId));
  return Promise.all(
    keys.map(async (Key) => {
      const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key }));
      assert.equal(ContentType, "application/json");
      return { key: Key, file: JSON.parse((await Body?.transformToString()) ?? "") };
    }),
  );
}

async function keysOf(Bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = "" }) => Key);
}
