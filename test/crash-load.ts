/**
 * Load over raw HTTP, and what it must have left behind after the server has died and was started again.
 *
 * ```
 * PutRecord(s) ──────────────────────────────► stream "direct"
 * SendMessage, ReceiveMessage, DeleteMessage ─► queue "direct"
 * PutEvents ─► bus "first" ─► rule ─┬────────► stream "routed", queue "routed", log group "routed"
 *                                   └► bus "second" ─► rule ─► stream "forwarded"
 * StartOutboundVoiceContact ─► default bus ─► rule ─► stream "contacts"
 * ```
 *
 * Whatever is sent has a mark of its own. What was acknowledged is written down in the ledger as the client has it. Afterwards everything
 * acknowledged is there once, and what was not acknowledged is there once or not at all, and then in all places or in none.
 */
import assert from "node:assert/strict";
import { call } from "./model-call.ts";
import { sendSigned } from "./signed-request.ts";

/** What a client knows, over all crashes. */
export class Ledger {
  /** Mark of a record → its sequence number. */
  readonly records: Map<string, string> = new Map();
  /** Marks of events. */
  readonly events: Set<string> = new Set();
  /** Marks of messages that were sent. */
  readonly messages: Set<string> = new Set();
  /** Marks of messages that somebody has tried to delete, and of those that are deleted for sure. */
  readonly deleting: Set<string> = new Set();
  readonly deleted: Set<string> = new Set();
  /** Marks of what was found in the queues after a crash, and deleted then. */
  readonly takenEvents: Set<string> = new Set();
  readonly takenMessages: Set<string> = new Set();
  /** Ids. */
  readonly contacts: Set<string> = new Set();
  /** Requests that were answered. */
  acknowledged = 0;

  toString(): string {
    const { records, events, messages, deleted, contacts } = this;
    return [
      `${this.acknowledged} requests acknowledged`,
      `${records.size} records, ${events.size} events, ${messages.size} messages (${deleted.size} deleted), ${contacts.size} contacts`,
    ].join(": ");
  }
}

const ACCOUNT = "000000000000";
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const queueUrl = (url: string, name: string): string => `${url}/${ACCOUNT}/${name}`;

/** Creates what the load works on. Answers with what a contact is started with. */
export async function prepare(url: string): Promise<Centre> {
  for (const StreamName of ["direct", "routed", "forwarded", "contacts"]) {
    await call(url, "kinesis", "CreateStream", { StreamName, ShardCount: 2 });
  }
  for (const QueueName of ["direct", "routed"]) await call(url, "sqs", "CreateQueue", { QueueName });
  await call(url, "logs", "CreateLogGroup", { logGroupName: "routed" });

  const bus = async (EventBusName: string, source: string, targets: readonly string[]): Promise<void> => {
    if (EventBusName !== "default") await call(url, "events", "CreateEventBus", { Name: EventBusName });
    const EventPattern = JSON.stringify({ source: [source] });
    await call(url, "events", "PutRule", { Name: "all", EventBusName, EventPattern });
    // One shard for all events of a contact, so that they are in order.
    const KinesisParameters = { PartitionKeyPath: "$.detail.contactId" };
    const Targets = targets.map((Arn, index) => ({
      Id: `target-${index}`,
      Arn,
      ...(Arn.includes(":kinesis:") && { KinesisParameters }),
    }));
    await call(url, "events", "PutTargets", { Rule: "all", EventBusName, Targets });
  };
  await bus("second", "load", [arn("kinesis", "stream/forwarded")]);
  await bus("first", "load", [
    arn("kinesis", "stream/routed"),
    arn("sqs", "routed"),
    arn("logs", "log-group:routed"),
    arn("events", "event-bus/second"),
  ]);
  await bus("default", "aws.connect", [arn("kinesis", "stream/contacts")]);

  const instance = { IdentityManagementType: "CONNECT_MANAGED", InboundCallsEnabled: true, OutboundCallsEnabled: true };
  const { Id: InstanceId } = await call(url, "connect", "CreateInstance", { ...instance, InstanceAlias: "load" });
  const ContactFlowTypes = ["CONTACT_FLOW"];
  const flows = await call(url, "connect", "ListContactFlows", { InstanceId, ContactFlowTypes });
  return { InstanceId, ContactFlowId: flows.ContactFlowSummaryList[0].Id };
}

export interface Centre {
  readonly InstanceId: string;
  readonly ContactFlowId: string;
}

export interface LoadOptions {
  readonly centre: Centre;
  readonly ledger: Ledger;
  /** What all marks of this load begin with. */
  readonly mark: string;
  readonly random: () => number;
}

/** Connections that send at once. */
const WORKERS = 6;

/** The crash comes after so many acknowledgements at most. */
const ACKNOWLEDGED_MAX = 200;

/** Sends until `crash`, which is called at a random moment, has returned. */
export async function loadUntilCrash(url: string, options: LoadOptions, crash: () => Promise<void>): Promise<void> {
  const crashAt = 1 + Math.floor(options.random() * ACKNOWLEDGED_MAX);
  // Somewhere on the way timers of contacts fire, while the load goes on.
  const moveAt = 1 + Math.floor(options.random() * crashAt);
  let isAlive = true;
  let acknowledged = 0;
  let crashing: Promise<void> | undefined;
  let moving: Promise<void> | undefined;
  const load: Load = {
    ...options,
    isAlive: () => isAlive,
    acknowledge(write) {
      if (!isAlive) return;
      write(options.ledger);
      options.ledger.acknowledged++;
      acknowledged++;
      if (acknowledged === moveAt) moving = advance(url, "PT10S").catch(assertBroken);
      if (acknowledged === crashAt) {
        crashing = crash().then(() => {
          isAlive = false;
        });
      }
    },
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(url, `${options.mark}.${worker}`, load)));
  await Promise.all([crashing, moving]);
}

interface Load extends LoadOptions {
  /** Whether the server still lives. What it answers later does not count. */
  isAlive(): boolean;
  /** Writes down what the server has answered. */
  acknowledge(write: (ledger: Ledger) => void): void;
}

async function work(url: string, mark: string, options: Load): Promise<void> {
  for (let number = 0; options.isAlive(); number++) {
    const act = options.random() < 0.1 ? startContact : pick(ACTS, options.random);
    try {
      await act(url, `${mark}.${number}`, options);
    } catch (error) {
      assertBroken(error);
      return;
    }
  }
}

/** A connection breaks when the server dies. Throws whatever else has failed. */
export function assertBroken(error: unknown): void {
  const { code = "" } = error as NodeJS.ErrnoException;
  if (!["ECONNRESET", "ECONNREFUSED", "EPIPE"].includes(code)) throw error;
}

type Act = (url: string, mark: string, options: Load) => Promise<void>;

const ACTS: readonly Act[] = [putRecord, putRecords, putEvents, putEvents, sendMessage, sendMessages, deleteMessages];

async function putRecord(url: string, mark: string, options: Load): Promise<void> {
  const Data = Buffer.from(mark + filler(options));
  const answer = await call(url, "kinesis", "PutRecord", { StreamName: "direct", Data, PartitionKey: mark });
  options.acknowledge(({ records }) => records.set(mark, answer.SequenceNumber));
}

async function putRecords(url: string, mark: string, options: Load): Promise<void> {
  const marks = marksOf(mark, options);
  const Records = marks.map((each) => ({ Data: Buffer.from(each + filler(options)), PartitionKey: each }));
  const answer = await call(url, "kinesis", "PutRecords", { StreamName: "direct", Records });
  options.acknowledge(({ records }) => {
    for (const [index, each] of marks.entries()) records.set(each, answer.Records[index].SequenceNumber);
  });
}

async function putEvents(url: string, mark: string, options: Load): Promise<void> {
  const marks = marksOf(mark, options);
  const Entries = marks.map((each) => ({
    Source: "load",
    DetailType: "load",
    Detail: JSON.stringify({ mark: each, filler: filler(options) }),
    EventBusName: "first",
  }));
  await call(url, "events", "PutEvents", { Entries });
  options.acknowledge(({ events }) => {
    for (const each of marks) events.add(each);
  });
}

async function sendMessage(url: string, mark: string, options: Load): Promise<void> {
  const MessageBody = mark + filler(options);
  await call(url, "sqs", "SendMessage", { QueueUrl: queueUrl(url, "direct"), MessageBody });
  options.acknowledge(({ messages }) => messages.add(mark));
}

async function sendMessages(url: string, mark: string, options: Load): Promise<void> {
  const marks = marksOf(mark, options);
  const Entries = marks.map((each, index) => ({ Id: String(index), MessageBody: each + filler(options) }));
  await call(url, "sqs", "SendMessageBatch", { QueueUrl: queueUrl(url, "direct"), Entries });
  options.acknowledge(({ messages }) => {
    for (const each of marks) messages.add(each);
  });
}

async function deleteMessages(url: string, _mark: string, options: Load): Promise<void> {
  const QueueUrl = queueUrl(url, "direct");
  const { Messages = [] } = await call(url, "sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 2 });
  for (const { Body, ReceiptHandle } of Messages) {
    if (!options.isAlive()) return;
    options.ledger.deleting.add(markOf(Body));
    await call(url, "sqs", "DeleteMessage", { QueueUrl, ReceiptHandle });
    options.acknowledge(({ deleted }) => deleted.add(markOf(Body)));
  }
}

/** Numbers whose calls end by themselves within a minute or so: answered, answered at once, busy, no such number. */
const NUMBERS = ["+12065550100", "+12065550102", "+12065550101", "+12065550110", "+12065550111"];

async function startContact(url: string, _mark: string, options: Load): Promise<void> {
  const { ContactId } = await call(url, "connect", "StartOutboundVoiceContact", {
    ...options.centre,
    DestinationPhoneNumber: pick(NUMBERS, options.random),
    SourcePhoneNumber: "+12065550000",
  });
  options.acknowledge(({ contacts }) => contacts.add(ContactId));
}

function marksOf(mark: string, { random }: LoadOptions): readonly string[] {
  return Array.from({ length: 1 + Math.floor(random() * 8) }, (_, index) => `${mark}.${index}`);
}

/** Some bytes to fill pages with; a mark ends where they begin. */
function filler({ random }: LoadOptions): string {
  return `|${"x".repeat(random() < 0.05 ? 20_000 : random() * 300)}`;
}

const markOf = (text: string): string => text.slice(0, text.indexOf("|"));

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** What was found after a crash. */
export interface Found {
  /** Things that are there although nobody was told so. */
  readonly unacknowledged: number;
}

/** How long every contact of the load has ended after. */
const CONTACTS_END = "PT5M";

/** Throws an assertion error where something is lost, doubled or out of order. Messages that are found are taken away. */
export async function verify(url: string, centre: Centre, ledger: Ledger): Promise<Found> {
  await advance(url, "PT0S");
  await verifyContactsAreThere(url, centre, ledger);
  await advance(url, CONTACTS_END);

  const records = await readStream(url, "direct");
  const direct = new Map(records.map(({ text, SequenceNumber }) => [markOf(text), SequenceNumber]));
  assert.equal(direct.size, records.length, "records are doubled");
  for (const [mark, sequenceNumber] of ledger.records) {
    assert.equal(direct.get(mark), sequenceNumber, `record ${mark} was acknowledged`);
  }

  const marks = await verifyEvents(url, ledger);
  await takeMessages(url, "direct", ledger.takenMessages, markOf);
  assert.deepEqual([...ledger.takenMessages.intersection(ledger.deleted)], [], "deleted messages are back");
  const gone = ledger.messages.difference(ledger.takenMessages).difference(ledger.deleting);
  assert.deepEqual([...gone], [], "messages that were acknowledged are lost");

  const contacts = await verifyContactEvents(url, ledger);
  const unacknowledged = [
    direct.size - ledger.records.size,
    marks.size - ledger.events.size,
    ledger.takenMessages.difference(ledger.messages).size,
    contacts.size - ledger.contacts.size,
  ];
  return { unacknowledged: unacknowledged.reduce((sum, count) => sum + count) };
}

/** Moves the manual clock, and returns when everything that follows has happened. */
export async function advance(url: string, duration: string): Promise<void> {
  const body = JSON.stringify({ advance: duration });
  const answer = await sendSigned(url, { service: "trunkline", path: "/_trunkline/clock", body });
  assert.equal(answer.status, 200, String(answer.body));
  assert.deepEqual(JSON.parse(answer.body.toString()).running, []);
}

interface ReadRecord {
  readonly text: string;
  readonly SequenceNumber: string;
}

/** All records of a stream. Within a shard their sequence numbers rise. */
export async function readStream(url: string, StreamName: string): Promise<readonly ReadRecord[]> {
  const all: ReadRecord[] = [];
  const { Shards } = await call(url, "kinesis", "ListShards", { StreamName });
  for (const { ShardId } of Shards) {
    const from = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" };
    let { ShardIterator } = await call(url, "kinesis", "GetShardIterator", from);
    let last = -1n;
    for (let behind = true; behind; ) {
      const answer = await call(url, "kinesis", "GetRecords", { ShardIterator });
      for (const { Data, SequenceNumber } of answer.Records) {
        assert.ok(BigInt(SequenceNumber) > last, `${StreamName} ${ShardId}: ${SequenceNumber} after ${last}`);
        last = BigInt(SequenceNumber);
        all.push({ text: Buffer.from(Data, "base64").toString(), SequenceNumber });
      }
      ShardIterator = answer.NextShardIterator;
      behind = answer.MillisBehindLatest > 0 || answer.Records.length > 0;
    }
  }
  return all;
}

/** Events are in each place exactly once. Answers with the marks of all that have come. */
async function verifyEvents(url: string, ledger: Ledger): Promise<ReadonlySet<string>> {
  const mark = (text: string): string => JSON.parse(text).detail.mark;
  const streams = ["routed", "forwarded"];
  const logged = (await readLogGroup(url)).map(mark);
  const marks = new Set(logged);
  assert.equal(marks.size, logged.length, "events are doubled in the log group");
  for (const stream of streams) {
    const found = (await readStream(url, stream)).map(({ text }) => mark(text));
    assert.equal(new Set(found).size, found.length, `events are doubled on the stream ${stream}`);
    assert.deepEqual(
      [...marks.symmetricDifference(new Set(found))],
      [],
      `events are not both in the log group and on ${stream}`,
    );
  }
  await takeMessages(url, "routed", ledger.takenEvents, mark);
  const inOne = [...marks.symmetricDifference(ledger.takenEvents)];
  assert.deepEqual(inOne, [], "events are not both in the log group and in the queue");
  assert.deepEqual([...ledger.events.difference(marks)], [], "events that were acknowledged are lost");
  return marks;
}

async function readLogGroup(url: string): Promise<readonly string[]> {
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const input = { logGroupName: "routed", ...(nextToken && { nextToken }) };
    const page = await call(url, "logs", "FilterLogEvents", input);
    for (const { message } of page.events) messages.push(message);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return messages;
}

/** Receives and deletes all that is in a queue. What was taken before does not come again. */
async function takeMessages(
  url: string,
  name: string,
  taken: Set<string>,
  mark: (body: string) => string,
): Promise<void> {
  const QueueUrl = queueUrl(url, name);
  for (;;) {
    const { Messages = [] } = await call(url, "sqs", "ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    if (Messages.length === 0) return;
    for (const { Body } of Messages) {
      assert.ok(!taken.has(mark(Body)), `message ${mark(Body)} is in the queue ${name} twice`);
      taken.add(mark(Body));
    }
    const Entries = Messages.map(({ ReceiptHandle }: { ReceiptHandle: string }, index: number) => ({
      Id: String(index),
      ReceiptHandle,
    }));
    await call(url, "sqs", "DeleteMessageBatch", { QueueUrl, Entries });
  }
}

async function verifyContactsAreThere(url: string, { InstanceId }: Centre, { contacts }: Ledger): Promise<void> {
  for (const ContactId of contacts) await call(url, "connect", "DescribeContact", { InstanceId, ContactId });
}

/** Every contact has begun, ended, and been told of once. Answers with the ids of all. */
async function verifyContactEvents(url: string, { contacts }: Ledger): Promise<ReadonlySet<string>> {
  const types = new Map<string, string[]>();
  for (const { text } of await readStream(url, "contacts")) {
    const { contactId, eventType } = JSON.parse(text).detail;
    types.set(contactId, [...(types.get(contactId) ?? []), eventType]);
  }
  const found = new Set(types.keys());
  assert.deepEqual([...contacts.difference(found)], [], "contacts that were acknowledged have no events");
  for (const [contactId, [first, ...others]] of types) {
    assert.equal(first, "INITIATED", `the first event of ${contactId}`);
    assert.equal(new Set(others).size, others.length, `events of ${contactId}: ${others}`);
    assert.ok(others.includes("DISCONNECTED"), `events of ${contactId}: ${others}`);
  }
  return found;
}
