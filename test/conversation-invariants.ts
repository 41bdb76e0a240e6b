/**
 * Checks what Contact Lens tells of conversations against each other: the invariants 25 to 32 of the contact centre's streams. Given is
 * everything that was told, listed and written of contacts that have ended. Numbers are computed anew here, from the documented rules.
 */
import assert from "node:assert/strict";
import type { BusEvent } from "./contact-invariants.ts";

// biome-ignore lint/suspicious/noExplicitAny: segments and files of every kind, as JSON.
export type Json = Record<string, any>;

/** What there is of one conversation. */
export interface Conversation {
  readonly contactId: string;
  readonly channel: "VOICE" | "CHAT";
  /** Its records on the stream of segments, in order. */
  readonly told: readonly Json[];
  /** All segments that the API lists, of calls and of chats as they were said. */
  readonly listed: readonly Json[];
  /** The analysis file as it was said. */
  readonly raw: Json;
  readonly redacted?: Json | undefined;
}

/** Throws for the first invariant that does not hold, and names it by its number. */
export function checkConversation(conversation: Conversation): void {
  checkOrder(conversation);
  if (conversation.channel === "VOICE") checkUtterances(conversation);
  checkOffsets(conversation);
  checkTranscripts(conversation);
  if (conversation.channel === "VOICE") checkCallNumbers(conversation.raw);
  else checkChatNumbers(conversation.raw);
  checkRedaction(conversation);
  checkCategories(conversation);
}

/** One event a rule, contact and source. */
export function checkRulesMatched(events: readonly BusEvent[]): void {
  const matched = events.filter((event) => event["detail-type"].endsWith("Rules Matched"));
  const keys = matched.map((event) => {
    const { ruleName, contactArn } = event.detail as unknown as Json;
    return `${event["detail-type"]} ${ruleName} ${contactArn}`;
  });
  assert.equal(new Set(keys).size, keys.length, "32");
}

function typeOf(record: Json): string {
  return record.EventType ?? record.StreamingEventType;
}

function checkOrder({ contactId, told }: Conversation): void {
  const types = told.map(typeOf);
  assert.equal(types[0], "STARTED", `25: ${contactId} ${types}`);
  assert.match(types.at(-1) ?? "", /^(?:COMPLETED|FAILED)$/, `25: ${contactId} ${types}`);
  assert.ok(
    types.slice(1, -1).every((type) => type === "SEGMENTS"),
    `25: ${contactId} ${types}`,
  );
  for (const { Segments = [] } of told) {
    for (const segment of Segments) assert.equal(Object.keys(segment).length, 1, "25: one key a segment");
  }
}

/** Of one output, in order. */
function segmentsOf({ channel, told }: Conversation, output: "Raw" | "Redacted"): Json[] {
  return told
    .filter(({ OutputType }) => channel === "VOICE" || OutputType === output)
    .flatMap(({ Segments = [] }) => Segments);
}

function checkUtterances(conversation: Conversation): void {
  let parts: Json[] = [];
  for (const { Utterance, Transcript } of segmentsOf(conversation, "Raw")) {
    if (Utterance) parts.push(Utterance);
    if (!Transcript) continue;
    const own = parts.filter(({ TranscriptId }) => TranscriptId === Transcript.Id);
    assert.equal(own.map(({ PartialContent }) => PartialContent).join(" "), Transcript.Content, "26");
    assert.equal(own[0]?.BeginOffsetMillis, Transcript.BeginOffsetMillis, "26");
    assert.equal(own.at(-1)?.EndOffsetMillis, Transcript.EndOffsetMillis, "26");
    for (const [at, { BeginOffsetMillis, EndOffsetMillis, ParticipantId }] of own.entries()) {
      assert.ok(BeginOffsetMillis <= EndOffsetMillis, "26");
      if (at > 0) assert.ok(BeginOffsetMillis >= own[at - 1]?.EndOffsetMillis, "26: parts follow each other");
      assert.equal(ParticipantId, Transcript.ParticipantId, "26");
    }
    parts = parts.filter(({ TranscriptId }) => TranscriptId !== Transcript.Id);
  }
  assert.deepEqual(parts, [], "26: every turn ends");
}

function checkOffsets(conversation: Conversation): void {
  const { raw, redacted, channel, listed } = conversation;
  const totalMs = channel === "VOICE" ? raw.ConversationCharacteristics.TotalConversationDurationMillis : 0;
  // What is hidden of a chat stands, in both files, where the marks are in the redacted text.
  const own = channel === "CHAT" ? without(raw, new Set(["Redaction"])) : raw;
  for (const file of redacted ? [own, redacted] : [own]) checkPlaces(file, contentsIn(file.Transcript), totalMs);
  for (const output of ["Raw", "Redacted"] as const) {
    const segments = segmentsOf(conversation, output);
    checkPlaces(segments, contentsIn(segments.flatMap(({ Transcript }) => Transcript ?? [])), totalMs);
  }
  checkPlaces(listed, contentsIn(listed.flatMap(({ Transcript }) => Transcript ?? [])), totalMs);
}

function contentsIn(items: readonly Json[]): ReadonlyMap<string, string> {
  return new Map(items.map(({ Id, Content = "" }) => [Id, Content]));
}

/** Goes through whatever is nested; a place in a text belongs to the item whose id stands nearest around it. */
function checkPlaces(value: unknown, contents: ReadonlyMap<string, string>, totalMs: number, itemId = ""): void {
  if (Array.isArray(value)) {
    for (const member of value) checkPlaces(member, contents, totalMs, itemId);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const { Id = itemId, BeginOffsetChar, EndOffsetChar, BeginOffsetMillis, EndOffsetMillis } = value as Json;
  if (BeginOffsetChar !== undefined) {
    const length = contents.get(Id)?.length ?? -1;
    const isInside = BeginOffsetChar >= 0 && BeginOffsetChar < EndOffsetChar && EndOffsetChar <= length;
    assert.ok(isInside, `27: ${BeginOffsetChar} to ${EndOffsetChar} of ${length} in ${Id}`);
  }
  if (BeginOffsetMillis !== undefined) {
    const isInside = BeginOffsetMillis >= 0 && BeginOffsetMillis <= EndOffsetMillis && EndOffsetMillis <= totalMs;
    assert.ok(isInside, `27: ${BeginOffsetMillis} to ${EndOffsetMillis} of ${totalMs}`);
  }
  for (const member of Object.values(value)) checkPlaces(member, contents, totalMs, Id);
}

function checkTranscripts(conversation: Conversation): void {
  const { contactId, raw, listed } = conversation;
  const textOf = ({ Id, Content }: Json): [string, string] => [Id, Content];
  const stream = segmentsOf(conversation, "Raw").flatMap(({ Transcript }) => (Transcript ? [textOf(Transcript)] : []));
  const api = listed.flatMap(({ Transcript }) => (Transcript ? [textOf(Transcript)] : []));
  const file = raw.Transcript.filter(({ Type = "MESSAGE" }: Json) => Type === "MESSAGE").map(textOf);
  assert.deepEqual(api, stream, `28: stream and API of ${contactId}`);
  assert.deepEqual(file, stream, `28: stream and file of ${contactId}`);
}

/** 5 × Σ(sign × weight) / Σ weight. */
function score(turns: readonly { readonly sentiment: string; readonly run: number }[]): number {
  let [signed, weights] = [0, 0];
  for (const { sentiment, run } of turns) {
    const weight = sentiment === "POSITIVE" || sentiment === "NEGATIVE" ? run : 1;
    signed += sentiment === "POSITIVE" ? weight : sentiment === "NEGATIVE" ? -weight : 0;
    weights += weight;
  }
  return weights === 0 ? 0 : (5 * signed) / weights;
}

/** With the place of each in its run of equal ones. */
function runs(sentiments: readonly string[]): { sentiment: string; run: number }[] {
  const found: { sentiment: string; run: number }[] = [];
  for (const sentiment of sentiments) {
    const before = found.at(-1);
    found.push({ sentiment, run: before?.sentiment === sentiment ? before.run + 1 : 1 });
  }
  return found;
}

function halfUp(value: number): number {
  return Math.floor(value * 10 + 0.5) / 10;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function checkCallNumbers({ Transcript, ConversationCharacteristics: told, CustomerMetadata }: Json): void {
  const name = `29: ${CustomerMetadata.ContactId}`;
  const ends = Transcript.map(({ EndOffsetMillis }: Json) => EndOffsetMillis) as number[];
  assert.equal(told.TotalConversationDurationMillis, Math.max(0, ...ends), name);
  let talkMs = 0;
  for (const speaker of ["AGENT", "CUSTOMER"]) {
    const own = Transcript.filter(({ ParticipantId }: Json) => ParticipantId === speaker) as Json[];
    if (own.length === 0) continue;
    const whole = halfUp(score(runs(own.map(({ Sentiment }) => Sentiment))));
    assert.equal(told.Sentiment.OverallSentiment[speaker], whole, name);
    const lastMs = Math.max(...own.map(({ EndOffsetMillis }) => EndOffsetMillis));
    const borders = [0, 1, 2, 3, 4].map((part) => Math.floor((part * lastMs) / 4));
    const quarters = [0, 1, 2, 3].map((part) => {
      const [begin = 0, end = 0] = [borders[part], borders[part + 1]];
      const within = own.filter(({ BeginOffsetMillis: at }) => at >= begin && (part === 3 ? at <= end : at < end));
      const Score = halfUp(score(runs(within.map(({ Sentiment }) => Sentiment))));
      return { BeginOffsetMillis: begin, EndOffsetMillis: end, Score };
    });
    assert.deepEqual(told.Sentiment.SentimentByPeriod.QUARTER[speaker], quarters, name);
    const ownMs = sum(own.map(({ BeginOffsetMillis, EndOffsetMillis }) => EndOffsetMillis - BeginOffsetMillis));
    talkMs += ownMs;
    assert.equal(told.TalkTime.DetailsByParticipant[speaker].TotalTimeMillis, ownMs, name);
    const words = sum(own.map(({ Content }) => Content.split(/\s+/).filter((word: string) => word !== "").length));
    const speed = told.TalkSpeed.DetailsByParticipant[speaker].AverageWordsPerMinute;
    if (ownMs > 0) assert.equal(speed, Math.round((words * 60_000) / ownMs), name);
  }
  assert.equal(told.TalkTime.TotalTimeMillis, talkMs, name);
  checkSilences(Transcript, told.NonTalkTime, name);
  checkInterruptions(Transcript, told.Interruptions, name);
}

function checkSilences(transcript: readonly Json[], { Instances, TotalTimeMillis }: Json, name: string): void {
  let spokenMs = 0;
  const silences: Json[] = [];
  for (const { BeginOffsetMillis: beginMs, EndOffsetMillis: endMs } of transcript) {
    if (beginMs - spokenMs > 3_000) {
      silences.push({ BeginOffsetMillis: spokenMs, DurationMillis: beginMs - spokenMs, EndOffsetMillis: beginMs });
    }
    spokenMs = Math.max(spokenMs, endMs);
  }
  assert.deepEqual(Instances, silences, name);
  assert.equal(TotalTimeMillis, sum(silences.map(({ DurationMillis }) => DurationMillis)), name);
}

function checkInterruptions(transcript: readonly Json[], told: Json, name: string): void {
  const all = Object.entries(told.InterruptionsByInterrupter as Record<string, Json[]>);
  for (const [speaker, own] of all) {
    for (const { BeginOffsetMillis: beginMs, EndOffsetMillis: endMs, DurationMillis } of own) {
      assert.equal(DurationMillis, endMs - beginMs, name);
      const begins = transcript.some((turn) => turn.ParticipantId === speaker && turn.BeginOffsetMillis === beginMs);
      const isOver = transcript.some(
        (turn) =>
          turn.ParticipantId !== speaker &&
          turn.BeginOffsetMillis <= beginMs &&
          turn.EndOffsetMillis - beginMs >= 1_500,
      );
      assert.ok(begins && isOver, name);
    }
  }
  const durations = all.flatMap(([, own]) => own.map(({ DurationMillis }) => DurationMillis as number));
  assert.equal(told.TotalCount, durations.length, name);
  assert.equal(told.TotalTimeMillis, sum(durations), name);
}

function checkChatNumbers({ Transcript, ConversationCharacteristics: told, CustomerMetadata }: Json): void {
  const name = `29: ${CustomerMetadata.ContactId}`;
  const messages = (Transcript as Json[]).filter(
    ({ Type, ContentType, ParticipantRole }) =>
      Type === "MESSAGE" &&
      /^text\/(?:plain|markdown)$/.test(ContentType) &&
      /^(?:AGENT|CUSTOMER)$/.test(ParticipantRole),
  );
  const order = messages.map(({ Id }) => Id);
  // The file has them role by role.
  const groups = (told.Sentiment.DetailsByTranscriptItemGroup as Json[])
    .filter(({ ParticipantRole }) => /^(?:AGENT|CUSTOMER)$/.test(ParticipantRole))
    .sort((one, other) => order.indexOf(one.TranscriptItems[0].Id) - order.indexOf(other.TranscriptItems[0].Id));
  const grouped = groups.flatMap(({ TranscriptItems }) => TranscriptItems.map(({ Id }: Json) => Id));
  assert.deepEqual(grouped, order, name);
  for (const role of ["AGENT", "CUSTOMER"]) {
    const ofRole = groups.filter(({ ParticipantRole }) => ParticipantRole === role);
    const own = runs(ofRole.map(({ Sentiment }) => Sentiment));
    if (own.length === 0) continue;
    assert.equal(told.Sentiment.OverallSentiment.DetailsByParticipantRole[role], score(own) || 0, name);
    const missing = { sentiment: "NEUTRAL", run: 1 };
    for (const [at, { ProgressiveScore }] of ofRole.entries()) {
      assert.equal(ProgressiveScore, score([missing, missing, ...own].slice(at, at + 3)) || 0, name);
    }
    const responses = messages.flatMap(({ ParticipantRole, AbsoluteTime }, at) => {
      const before = messages[at - 1];
      if (ParticipantRole !== role || !before || before.ParticipantRole === role) return [];
      return [Date.parse(AbsoluteTime) - Date.parse(before.AbsoluteTime)];
    });
    const times = told.ResponseTime.DetailsByParticipantRole[role];
    assert.equal(times !== undefined, responses.length > 0, name);
    if (times === undefined) continue;
    // An agent who joins after the customer has written responds from then on: sooner than the messages alone say.
    assert.ok(times.Maximum.ValueMillis <= Math.max(...responses), name);
    if (role === "AGENT") continue;
    assert.equal(times.Maximum.ValueMillis, Math.max(...responses), name);
    assert.equal(times.Average.ValueMillis, Math.round(sum(responses) / responses.length), name);
  }
}

/** What may differ between what was said and what is told of it as redacted. */
const REDACTED_MEMBERS: ReadonlySet<string> = new Set([
  "Content",
  "DisplayName",
  "AttachmentName",
  "CharacterOffsets",
  "Redaction",
  "Text",
  "OutputType",
  "ContentMetadata",
]);

function withoutRedacted(value: unknown): unknown {
  return without(value, REDACTED_MEMBERS);
}

function without(value: unknown, names: ReadonlySet<string>): Json {
  return JSON.parse(JSON.stringify(value, (name, member) => (names.has(name) ? undefined : member)) ?? "null");
}

function checkRedaction({ channel, told, raw, redacted, contactId }: Conversation): void {
  if (redacted) {
    assert.deepEqual(withoutRedacted(redacted), withoutRedacted(raw), `30: the files of ${contactId}`);
    const hiddenIn = ({ Transcript }: Json) => Transcript.map(({ Redaction }: Json) => Redaction);
    assert.deepEqual(hiddenIn(redacted), hiddenIn(raw), `30: where both files of ${contactId} say that it is`);
  }
  if (channel === "VOICE" || told[0]?.StreamingSettings?.Output !== "RedactedAndRaw") return;
  const of = (output: string) => told.filter(({ OutputType }) => OutputType === output);
  assert.deepEqual(withoutRedacted(of("Redacted")), withoutRedacted(of("Raw")), `30: the stream of ${contactId}`);
}

function checkCategories(conversation: Conversation): void {
  const told = segmentsOf(conversation, "Raw").flatMap(({ Categories }) => Categories?.MatchedCategories ?? []);
  assert.equal(new Set(told).size, told.length, "31: each once");
  const written = new Set<string>(conversation.raw.Categories.MatchedCategories);
  for (const name of told) assert.ok(written.has(name), `31: ${name} of ${conversation.contactId}`);
}
