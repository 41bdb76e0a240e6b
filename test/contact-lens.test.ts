/** Conversations analysed while they go on: on the streams of an instance, and by the two operations that list segments. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  ListRealtimeContactAnalysisSegmentsV2Command,
  type RealTimeContactAnalysisSegmentType,
  ResumeContactRecordingCommand,
  StopContactRecordingCommand,
  SuspendContactRecordingCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import {
  ANALYSES,
  type AnalysedTurn,
  type AnalysisEntry,
  findAnalysis,
  finishAnalysis,
  type MatchedCategory,
  offlineEngine,
  tellCategories,
} from "../src/services/contact-lens/index.ts";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { type Centre, openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

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

test("a call is told turn by turn, between STARTED and COMPLETED", async () => {
  const ContactId = await answered({ channel: "VOICE", from: "+447700900123" }, voiceFlow({}));
  await server.advance("PT1S");
  await say(ContactId, "AGENT", "Harbour Bank, how can I help?", 2);
  await server.advance("PT3S");
  await say(ContactId, "CUSTOMER", "You overcharged me. I am really angry about that!", 4);
  await server.advance("PT5S");
  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });

  const told = await toldOf("VOICE", ContactId);
  assert.deepEqual(
    told.map(({ EventType }) => EventType),
    ["STARTED", "SEGMENTS", "SEGMENTS", "COMPLETED"],
  );
  assert.deepEqual(told[0], {
    Version: "1.0.0",
    Channel: "VOICE",
    AccountId: "000000000000",
    InstanceId,
    ContactId,
    LanguageCode: "en-GB",
    EventType: "STARTED",
  });
  const [first, second, turn] = told[2]?.Segments ?? [];
  assert.equal(first?.Utterance?.PartialContent, "You overcharged me.");
  assert.equal(second?.Utterance?.PartialContent, "I am really angry about that!");
  assert.equal(second?.Utterance?.TranscriptId, turn?.Transcript?.Id);
  assert.deepEqual(turn?.Transcript, {
    Id: turn?.Transcript?.Id,
    ParticipantId: "CUSTOMER",
    ParticipantRole: "CUSTOMER",
    Content: "You overcharged me. I am really angry about that!",
    BeginOffsetMillis: 4_000,
    EndOffsetMillis: 8_000,
    Sentiment: "NEGATIVE",
    IssuesDetected: [{ CharacterOffsets: { BeginOffsetChar: 0, EndOffsetChar: 19 } }],
  });
});

test("what is said while the recording is suspended or stopped is heard by nobody", async () => {
  const ContactId = await answered({ channel: "VOICE" }, voiceFlow({}));
  const call = { InstanceId, ContactId, InitialContactId: ContactId };
  const speak = async (text: string) => {
    await server.advance("PT5S");
    await say(ContactId, "CUSTOMER", text, 1);
  };
  await speak("I would like to pay.");
  await server.advance("PT5S");
  await connect.send(new SuspendContactRecordingCommand(call));
  await speak("It is 4111 1111 1111 1111.");
  await server.advance("PT5S");
  await connect.send(new ResumeContactRecordingCommand(call));
  await speak("Thank you.");
  const resumedMs = (await centre.describe(ContactId)).LastUpdateTimestamp?.getTime() ?? 0;
  const at = new Date(resumedMs - 4_000).toISOString();
  const late = { speaker: "AGENT", text: "So 4111, I see.", seconds: 1, at };
  await centre.customer(ContactId, "say", late);
  await server.advance("PT5S");
  await connect.send(new StopContactRecordingCommand(call));
  await speak("By the way, my name is Mara.");
  await server.advance("PT5S");

  const { Segments } = await lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId }));
  const heard = ["I would like to pay.", "Thank you."];
  assert.deepEqual(
    Segments?.map(({ Transcript }) => Transcript?.Content),
    heard,
  );
  const { said } = await centre.contact(ContactId);
  assert.deepEqual(
    (said as { text: string }[]).map(({ text }) => text),
    heard,
  );
  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });
});

test("segments of a call are listed while it goes on: a token leads to what comes next", async () => {
  const ContactId = await answered({ channel: "VOICE" }, voiceFlow({}));
  await say(ContactId, "AGENT", "Hello.", 1);
  await server.advance("PT2S");
  const list = (NextToken?: string, MaxResults?: number) =>
    lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId, NextToken, MaxResults }));
  const page = await list();
  assert.deepEqual(
    page.Segments?.map(({ Transcript }) => Transcript?.Content),
    ["Hello."],
  );
  assert.ok(page.NextToken);
  assert.deepEqual((await list(page.NextToken)).Segments, []);

  await say(ContactId, "CUSTOMER", "Hi there.", 1);
  await server.advance("PT2S");
  await say(ContactId, "CUSTOMER", "Where is my parcel?", 1);
  await server.advance("PT2S");
  const next = await list(page.NextToken, 1);
  assert.deepEqual(
    next.Segments?.map(({ Transcript }) => Transcript?.Content),
    ["Hi there."],
  );
  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });
  await server.advance("PT0S");
  const last = await list(next.NextToken);
  assert.deepEqual(
    last.Segments?.map(({ Transcript }) => Transcript?.Content),
    ["Where is my parcel?"],
  );
  assert.equal(last.NextToken, undefined);

  await assert.rejects(list("bad"), { name: "InvalidRequestException" });
  await server.advance("PT24H1S");
  await assert.rejects(list(), { name: "ResourceNotFoundException" });
});

test("only what a flow has switched on for a call is told", async () => {
  const without = await answered({ channel: "VOICE" }, voiceFlow({ AnalyticsModes: ["PostContact"] }));
  const muted = await endedCall(without, "This is terrible.");
  assert.deepEqual(await toldOf("VOICE", muted), []);
  await assert.rejects(lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId: muted })), {
    name: "ResourceNotFoundException",
  });

  const plain = voiceFlow({ SentimentConfiguration: { Enabled: "False" } });
  const quiet = await endedCall(await answered({ channel: "VOICE" }, plain), "This is terrible.");
  const [, segments] = await toldOf("VOICE", quiet);
  const turn = segments?.Segments?.at(-1)?.Transcript;
  assert.equal(turn?.Content, "This is terrible.");
  assert.ok(turn && !("Sentiment" in turn));
});

test("a chat is told raw and redacted, from when the agent joins", async () => {
  const content = chatFlow({
    Enabled: "True",
    AnalyticsLanguage: "en-US",
    AnalyticsModes: ["ContactLens"],
    SentimentConfiguration: { Enabled: "True" },
    ConversationalAnalyticsRedactionConfiguration: {
      Enabled: "True",
      RedactionResults: "RedactedAndOriginal",
      RedactionMaskMode: "EntityType",
    },
  });
  const ContactId = await answered({ channel: "CHAT", name: "Nora" }, content);
  await server.advance("PT2S");
  await say(ContactId, "AGENT", "Who am I speaking to?", 0);
  await server.advance("PT4S");
  await say(ContactId, "CUSTOMER", "Olga Petrova. My card is charged twice!", 0);
  await server.advance("PT1S");
  const list = (OutputType: "Raw" | "Redacted", SegmentTypes: RealTimeContactAnalysisSegmentType[]) =>
    connect.send(new ListRealtimeContactAnalysisSegmentsV2Command({ InstanceId, ContactId, OutputType, SegmentTypes }));
  const live = await list("Redacted", ["Transcript", "Issues", "Event"]);
  assert.equal(live.Status, "IN_PROGRESS");
  assert.equal(live.Channel, "CHAT");
  assert.deepEqual(
    live.Segments?.map((segment) => Object.keys(segment)[0]),
    ["Event", "Transcript", "Transcript", "Issues"],
  );
  assert.equal(live.Segments?.[2]?.Transcript?.Content, "[NAME]. My card is charged twice!");
  assert.deepEqual(live.Segments?.[2]?.Transcript?.Redaction?.CharacterOffsets, [
    { BeginOffsetChar: 0, EndOffsetChar: 6 },
  ]);
  assert.equal(
    live.Segments?.[3]?.Issues?.IssuesDetected?.[0]?.TranscriptItems?.[0]?.Content,
    "My card is charged twice!",
  );
  const raw = await list("Raw", ["Transcript"]);
  assert.deepEqual(
    raw.Segments?.map(({ Transcript }) => Transcript?.Content),
    ["Who am I speaking to?", "Olga Petrova. My card is charged twice!"],
  );

  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });
  const told = await toldOf("CHAT", ContactId);
  assert.equal(told[0]?.StreamingEventType, "STARTED");
  assert.equal(told.at(-1)?.StreamingEventType, "COMPLETED");
  const segments = told.filter(({ StreamingEventType }) => StreamingEventType === "SEGMENTS");
  assert.deepEqual(
    segments.map(({ OutputType }) => OutputType),
    segments.map((_, at) => (at % 2 === 0 ? "Raw" : "Redacted")),
  );
  const redacted = segments.filter(({ OutputType }) => OutputType === "Redacted");
  assert.doesNotMatch(JSON.stringify(redacted), /Petrova/);
  assert.equal((await list("Raw", ["Transcript"])).Status, "COMPLETED");
});

test("a chat without redaction has no redacted output", async () => {
  const content = chatFlow({ Enabled: "True", AnalyticsLanguage: "en-US", AnalyticsModes: ["ContactLens"] });
  const ContactId = await answered({ channel: "CHAT" }, content);
  await endedCall(ContactId, undefined);
  await server.advance("PT0S");
  const asked = { InstanceId, ContactId, OutputType: "Redacted" as const, SegmentTypes: ["Transcript" as const] };
  await assert.rejects(connect.send(new ListRealtimeContactAnalysisSegmentsV2Command(asked)), {
    name: "OutputTypeNotFoundException",
  });
});

test("what cannot be analysed fails for itself alone, and an event tells of it", async () => {
  const content = chatFlow({
    Enabled: "True",
    AnalyticsLanguage: "$.Attributes.language",
    AnalyticsModes: ["ContactLens"],
  });
  const ContactId = await answered({ channel: "CHAT", attributes: { language: "Klingon" } }, content);
  await endedCall(ContactId, undefined);
  assert.deepEqual(
    (await toldOf("CHAT", ContactId)).map(({ StreamingEventType }) => StreamingEventType),
    ["STARTED", "FAILED"],
  );
  const { contactEvents } = await centre.streams();
  const failed = contactEvents.filter((event) => event["detail-type"] === "Contact Lens Analysis State Change");
  assert.equal(failed.length, 1);
  assert.partialDeepStrictEqual(failed[0]?.detail, { state: "FAILED", reasonCode: "INVALID_ANALYSIS_CONFIGURATION" });
});

test("an engine that fails ends the analysis of that contact alone", async (context) => {
  const ContactId = await answered({ channel: "VOICE" }, voiceFlow({}));
  const colleague = await centre.agent("otto");
  const beside = await arrived({ channel: "VOICE" }, voiceFlow({}));
  await centre.act(colleague, "accept", { contactId: beside });
  const { sentiment } = offlineEngine;
  const broken = context.mock.method(offlineEngine, "sentiment", (text: string, languageCode: string) => {
    if (text === "Hello.") throw new Error("The engine is broken");
    return sentiment(text, languageCode);
  });
  await say(beside, "CUSTOMER", "Good morning.", 1);
  await say(ContactId, "CUSTOMER", "Hello.", 1);
  await server.advance("PT2S");
  await say(beside, "CUSTOMER", "Where is my parcel?", 1);
  await server.advance("PT2S");
  broken.mock.restore();
  await say(ContactId, "CUSTOMER", "Is anybody there?", 1);
  await endedCall(ContactId, undefined);
  await centre.customer(beside, "hang-up");
  await centre.act(colleague, "clear", { contactId: beside });
  await centre.status(colleague, "Offline");
  assert.deepEqual(
    (await toldOf("VOICE", beside)).map(({ EventType }) => EventType),
    ["STARTED", "SEGMENTS", "SEGMENTS", "COMPLETED"],
  );
  assert.deepEqual(
    (await toldOf("VOICE", ContactId)).map(({ EventType }) => EventType),
    ["STARTED", "FAILED"],
  );

  const next = await endedCall(await answered({ channel: "VOICE" }, voiceFlow({})), "Hello.");
  assert.deepEqual(
    (await toldOf("VOICE", next)).map(({ EventType }) => EventType),
    ["STARTED", "SEGMENTS", "COMPLETED"],
  );
});

test("a call of more than four hours is too large to analyse, the next one is not", async () => {
  const ContactId = await answered({ channel: "VOICE" }, voiceFlow({}));
  await say(ContactId, "CUSTOMER", "Hello.", 1);
  await server.advance("PT4H1S");
  await say(ContactId, "CUSTOMER", "Are you still there?", 1);
  await endedCall(ContactId, undefined);
  assert.deepEqual(
    (await toldOf("VOICE", ContactId)).map(({ EventType }) => EventType),
    ["STARTED", "SEGMENTS", "FAILED"],
  );
  const { contactEvents } = await centre.streams();
  const failed = contactEvents.filter(({ detail }) => (detail as { reasonCode?: string }).reasonCode !== undefined);
  assert.partialDeepStrictEqual(failed.at(-1)?.detail, { channel: "VOICE", reasonCode: "RECORDING_FILE_TOO_LARGE" });
  const next = await endedCall(await answered({ channel: "VOICE" }, voiceFlow({})), "Hello.");
  assert.equal((await toldOf("VOICE", next)).at(-1)?.EventType, "COMPLETED");
});

test("categories are told once each, where they were found, and never behind COMPLETED", async () => {
  await using _ = categorising();
  const ContactId = await answered({ channel: "VOICE" }, voiceFlow({}));
  await server.advance("PT1S");
  await say(ContactId, "CUSTOMER", "I want a refund, a full refund.", 2);
  await server.advance("PT3S");
  await endedCall(ContactId, "Where is my refund?");
  const told = await toldOf("VOICE", ContactId);
  assert.deepEqual(
    told.map(({ EventType, Segments = [] }) => [EventType, Object.keys(Segments.at(-1) ?? {})[0]]),
    [
      ["STARTED", undefined],
      ["SEGMENTS", "Transcript"],
      ["SEGMENTS", "Categories"],
      ["SEGMENTS", "Transcript"],
      ["COMPLETED", undefined],
    ],
  );
  const told1000To3000 = { PointsOfInterest: [{ BeginOffsetMillis: 1_000, EndOffsetMillis: 3_000 }] };
  const categories = { MatchedCategories: ["Refund"], MatchedDetails: { Refund: told1000To3000 } };
  assert.deepEqual(told[2]?.Segments, [{ Categories: categories }]);
  const { Segments } = await lens.send(new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId, ContactId }));
  assert.deepEqual(Segments?.[1]?.Categories, categories);
});

test("categories of a chat point into the text as it is told", async () => {
  await using _ = categorising();
  const content = chatFlow({
    Enabled: "True",
    AnalyticsLanguage: "en-US",
    AnalyticsModes: ["ContactLens"],
    ConversationalAnalyticsRedactionConfiguration: { Enabled: "True", RedactionResults: "RedactedAndOriginal" },
  });
  const ContactId = await answered({ channel: "CHAT" }, content);
  await server.advance("PT1S");
  await endedCall(ContactId, "My name is Olga Petrova. Refund me!");
  const told = await toldOf("CHAT", ContactId);
  const pointed = told.flatMap(({ OutputType, Segments = [] }) =>
    Segments.flatMap(({ Categories }) =>
      Categories ? [[OutputType, Categories.MatchedDetails.Refund.PointsOfInterest[0].TranscriptItems[0]]] : [],
    ),
  );
  const Id = told.flatMap(({ Segments = [] }) => Segments).find(({ Transcript }) => Transcript)?.Transcript.Id;
  assert.deepEqual(pointed, [
    ["Raw", { Id, CharacterOffsets: { BeginOffsetChar: 25, EndOffsetChar: 31 } }],
    ["Redacted", { Id, CharacterOffsets: { BeginOffsetChar: 18, EndOffsetChar: 24 } }],
  ]);
});

test("an unknown contact, a contact of another channel and an unbuilt filter are refused", async () => {
  const ContactId = await endedCall(await answered({ channel: "VOICE" }, voiceFlow({})), "Hello.");
  await server.advance("PT0S");
  const v2 = new ListRealtimeContactAnalysisSegmentsV2Command({
    InstanceId,
    ContactId,
    OutputType: "Raw",
    SegmentTypes: ["Transcript"],
  });
  await assert.rejects(connect.send(v2), { name: "InvalidRequestException" });
  const unknown = { InstanceId, ContactId: "00000000-0000-4000-8000-000000000000" };
  await assert.rejects(lens.send(new ListRealtimeContactAnalysisSegmentsCommand(unknown)), {
    name: "ResourceNotFoundException",
  });
});

test("nobody says a sentence before the contact, or two at once", async () => {
  const ContactId = await answered({ channel: "VOICE" }, voiceFlow({}));
  await server.advance("PT60S");
  const { now } = (await centre.control("GET", "clock")).body as { now: string };
  const status = async (speaker: string, second: number, seconds: number, text = "Yes.") => {
    const at = new Date(Date.parse(now) + second * 1_000).toISOString();
    return (await control(ContactId, { speaker, text, at, seconds })).status;
  };
  assert.equal(await status("AGENT", -50, 20, "One moment, please."), 200);
  assert.equal(await status("AGENT", -40, 1), 400, "inside of it");
  assert.equal(await status("AGENT", -55, 30), 400, "around it");
  assert.equal(await status("AGENT", -55, 6), 400, "into it");
  assert.equal(await status("AGENT", -55, 5), 200, "up to it");
  assert.equal(await status("AGENT", -30, 1), 200, "from its end on");
  assert.equal(await status("AGENT", -3_600, 1), 400, "before the contact");
  for (let second = -45; second < -32; second += 1) assert.equal(await status("CUSTOMER", second, 0.5), 200);
  assert.equal(await status("AGENT", -31, 1), 400, "inside of it, behind many of others");
  await endedCall(ContactId, undefined);
  const told = await toldOf("VOICE", ContactId);
  assert.equal(told.filter(({ EventType }) => EventType === "SEGMENTS").length, 3 + 13);
});

test("a sentence has words, an end within the hour, and in a chat a time after its beginning", async () => {
  const call = await answered({ channel: "VOICE" }, voiceFlow({}));
  const said = { speaker: "CUSTOMER", text: "Hello." };
  assert.equal((await control(call, { ...said, text: " \n\t " })).status, 400);
  assert.equal((await control(call, { ...said, seconds: 3_601 })).status, 400);
  assert.equal((await control(call, { ...said, seconds: -1 })).status, 400);
  assert.equal((await control(call, { ...said, speaker: "LAWYER" })).status, 400);
  assert.equal((await control(call, { ...said, text: "x".repeat(16_385) })).status, 400);
  assert.equal((await control(call, { ...said, text: "請求書が間違っています。🙃", seconds: 2 })).status, 200);
  await endedCall(call, undefined);
  assert.deepEqual(
    (await toldOf("VOICE", call)).map(({ EventType }) => EventType),
    ["STARTED", "SEGMENTS", "COMPLETED"],
  );

  const chat = await answered({ channel: "CHAT" }, chatFlow({}));
  assert.equal((await control(chat, { ...said, at: "2001-01-01T00:00:00Z" })).status, 400);
  assert.equal((await control(chat, { ...said, text: " " })).status, 400);
  await endedCall(chat, undefined);
});

interface Told {
  readonly EventType?: string;
  readonly StreamingEventType?: string;
  readonly OutputType?: string;
  readonly ContactId: string;
  // biome-ignore lint/suspicious/noExplicitAny: segments of every kind, of which tests know what they look for.
  readonly Segments?: readonly Record<string, any>[];
}

/** What rules do: whoever says "refund" is told as Refund, and each contact, once it has ended, as Polite where nobody was rude. */
function categorising(): AsyncDisposable {
  const platform = server.app.platform();
  const consumer = platform.flow.consume({
    name: "test",
    log: ANALYSES,
    from: "newest",
    async handle(unit, entries) {
      for (const { value } of entries) {
        const entry = JSON.parse(String(value)) as AnalysisEntry;
        if (entry.kind === "heard") await tellCategories(unit, platform, entry.contact, refundsIn(entry.turn));
        if (entry.kind !== "ended") continue;
        const analysis = await findAnalysis(unit, entry.contact);
        const isPolite = analysis?.turns.every(({ turn }) => !turn.content.includes("idiot"));
        const polite = { name: "Polite", pointsOfInterest: [] };
        await finishAnalysis(unit, platform, entry.contact, isPolite ? [polite] : []);
      }
    },
  });
  return { [Symbol.asyncDispose]: () => consumer.stop() };
}

function refundsIn(turn: AnalysedTurn): MatchedCategory[] {
  const begin = turn.turn.content.toLowerCase().indexOf("refund");
  if (begin === -1) return [];
  const offsets = { BeginOffsetChar: begin, EndOffsetChar: begin + "refund".length };
  return [{ name: "Refund", pointsOfInterest: [{ items: [{ turn, offsets }] }] }];
}

/** A call that the agent has answered, in a flow of its own. */
async function answered(arrival: object, content: string): Promise<string> {
  const ContactId = await arrived(arrival, content);
  await centre.act(agent, "accept", { contactId: ContactId });
  return ContactId;
}

async function arrived(arrival: object, content: string): Promise<string> {
  flowCount += 1;
  const Name = `flow-${flowCount}`;
  const flow = { InstanceId, Name, Type: "CONTACT_FLOW", Content: content } as const;
  const { ContactFlowId } = await connect.send(new CreateContactFlowCommand(flow));
  return centre.arrive({ ...arrival, contactFlowId: ContactFlowId });
}

let flowCount = 0;

async function endedCall(ContactId: string, text: string | undefined): Promise<string> {
  if (text !== undefined) await say(ContactId, "CUSTOMER", text, 1);
  await server.advance("PT10S");
  await centre.customer(ContactId, "hang-up");
  await centre.act(agent, "clear", { contactId: ContactId });
  return ContactId;
}

async function say(ContactId: string, speaker: string, text: string, seconds: number): Promise<void> {
  await centre.customer(ContactId, "say", { speaker, text, seconds });
}

function control(ContactId: string, said: object): ReturnType<Centre["control"]> {
  return centre.control("POST", `contacts/${InstanceId}/${ContactId}/say`, said);
}

function voiceFlow(analytics: object): string {
  return analysedCalls(centre.queueId, analytics);
}

function chatFlow(analytics: object): string {
  return analysedChats(centre.queueId, analytics);
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
