/**
 * What one more of each thing takes on the disk, for who must say how large a disk is to be: the growth of a data folder, stopped before and after, by
 * `BENCH_DISK` (2,000) of each; and how long a start takes on what is there then, and how much memory the server has after it.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  ConnectCasesClient,
  CreateCaseCommand,
  CreateDomainCommand as CreateCasesDomainCommand,
  CreateTemplateCommand,
} from "@aws-sdk/client-connectcases";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
} from "@aws-sdk/client-customer-profiles";
import { type Figures, printTable, rounds, spread } from "./measure.ts";
import { inTurns, openContactCentre, signIn, wholeContact } from "./sides/contact-centre.ts";
import { call } from "./sides/load.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";
import { SignedConnection } from "./sides/signed-connection.ts";

const COUNT = Number(process.env.BENCH_DISK ?? 2000);
const BATCH = 500;
/** So that what is made once, tables and their first pages, is there. */
const WARM_UP = 200;
const TEAMS = 20;
const DATA = Buffer.alloc(1024, "contact-centre event ").toString("base64");

/** Makes so many of something; called twice, each time on a server that has just started. */
type Make<S> = (url: string, count: number, state: S) => Promise<void>;

export async function run(): Promise<void> {
  const figures = await rounds([
    { name: "whole voice contact, events and records on two streams", run: () => grown(centre, contacts) },
    { name: "Kinesis record of 1 KB", run: () => grown(stream, records) },
    { name: "event of 1 KB that no rule takes", run: () => grown(async () => {}, events) },
    { name: "SQS message of 1 KB", run: () => grown(queue, messages) },
    { name: "profile with one object of 0.4 KB", run: () => grown(profileDomain, profiles) },
    { name: "case of three fields", run: () => grown(casesDomain, cases) },
  ]);
  printTable(`What one more takes, of ${COUNT}`, [
    ["", "bytes on disk", "of them in logs", "bytes of memory", "start with all, ms"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "bytes"),
      spread(side, "logBytes"),
      spread(side, "memoryBytes"),
      spread(side, "startMs"),
    ]),
  ]);
}

/** Sets up, warms up, stops; makes `COUNT`, stops, and looks at the folder each time. */
function grown<S>(setUp: (url: string) => Promise<S>, make: Make<S>): Promise<Figures> {
  return withDataFolder(async (folder) => {
    let state: S | undefined;
    await onServer(folder, async ({ url }) => {
      state = await setUp(url);
      await make(url, WARM_UP, state);
    });
    const before = [bytesIn(folder), logBytesIn(folder)] as const;
    let grewBytes = 0;
    await onServer(folder, async (server) => {
      await make(server.url, WARM_UP, state as S);
      const { residentBytes: empty = 0 } = await memoryOf(server);
      await make(server.url, COUNT, state as S);
      grewBytes = ((await memoryOf(server)).residentBytes ?? 0) - empty;
    });
    const ofOne = (bytes: number, beforeBytes: number): number => (bytes - beforeBytes) / (COUNT + WARM_UP);
    const one = {
      bytes: ofOne(bytesIn(folder), before[0]),
      logBytes: ofOne(logBytesIn(folder), before[1]),
      memoryBytes: grewBytes / COUNT,
    };
    const startMs = performance.now();
    const again = await startProcess("trunkline", ["--data", folder]);
    const readyMs = performance.now() - startMs;
    await again.stop();
    return { ...one, startMs: readyMs };
  });
}

async function onServer(folder: string, use: (server: ServerProcess) => Promise<void>): Promise<void> {
  const server = await startProcess("trunkline", ["--data", folder]);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

async function memoryOf({ child }: ServerProcess): Promise<Record<string, number>> {
  const answered = new Promise<Record<string, number>>((resolve) => child.once("message", resolve as never));
  child.send("delay");
  return answered;
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** What logs take: each is kept for some time, and its room is used again. Everything else stays as long as what it is of. */
function logBytesIn(folder: string): number {
  const database = new DatabaseSync(join(folder, "trunkline.db"), { readOnly: true });
  try {
    const pages = database.prepare("SELECT sum(pgsize) AS bytes FROM dbstat WHERE name LIKE 'store_entries%'").get();
    return Number(pages?.bytes);
  } finally {
    database.close();
  }
}

const credentials = { accessKeyId: "test", secretAccessKey: "test" };

const centre = (url: string) => openContactCentre(url, { teams: TEAMS, agentsOfTeam: 1 });

async function contacts(url: string, count: number, made: Awaited<ReturnType<typeof centre>>): Promise<void> {
  await Promise.all(
    made.teams.map(async ({ queueId, agentIds: [agentId = ""] }) => {
      const connection = await SignedConnection.open(url);
      await signIn(connection, made, agentId).catch(() => {});
      for (let number = 0; number < count / TEAMS; number++) {
        await wholeContact(connection, made, { queueId, agentId });
      }
      connection.close();
    }),
  );
}

async function stream(url: string): Promise<void> {
  await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 1 });
}

async function records(url: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += BATCH) {
    const Records = Array.from({ length: Math.min(BATCH, count - sent) }, (_, key) => ({
      PartitionKey: `contact-${key}`,
      Data: DATA,
    }));
    await call(url, "kinesis", "Kinesis_20131202.PutRecords", { StreamName: "bench", Records });
  }
}

async function events(url: string, count: number): Promise<void> {
  const entry = { Source: "bench", DetailType: "Order Placed", Detail: JSON.stringify({ filler: "x".repeat(1000) }) };
  await inTurns(count / 10, () => call(url, "events", "AWSEvents.PutEvents", { Entries: Array(10).fill(entry) }));
}

async function queue(url: string): Promise<string> {
  return (await call(url, "sqs", "AmazonSQS.CreateQueue", { QueueName: "bench" })).QueueUrl;
}

async function messages(url: string, count: number, queueUrl: string): Promise<void> {
  const path = new URL(queueUrl).pathname;
  const Entries = Array.from({ length: 10 }, (_, Id) => ({ Id: String(Id), MessageBody: "x".repeat(1024) }));
  await inTurns(count / 10, () => call(url, "sqs", "AmazonSQS.SendMessageBatch", { QueueUrl: url + path, Entries }));
}

async function profileDomain(url: string): Promise<{ next: number }> {
  const client = new CustomerProfilesClient({ endpoint: url, region: "us-east-1", credentials });
  await client.send(new CreateDomainCommand({ DomainName: "bench", DefaultExpirationDays: 366 }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName: "bench",
      ObjectTypeName: "Order",
      Description: "an order",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.id", ContentType: "STRING" },
        number: { Source: "_source.number", Target: "_profile.AccountNumber", ContentType: "STRING" },
        mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
      },
      Keys: {
        orderKey: [{ FieldNames: ["id"], StandardIdentifiers: ["UNIQUE"] }],
        customerKey: [{ FieldNames: ["number"], StandardIdentifiers: ["PROFILE"] }],
      },
    }),
  );
  return { next: 0 };
}

async function profiles(url: string, count: number, state: { next: number }): Promise<void> {
  const client = new CustomerProfilesClient({ endpoint: url, region: "us-east-1", credentials });
  await inTurns(count, async () => {
    const at = state.next++;
    const order = { id: `order-${at}`, number: `${at}`, mail: `c${at}@example.com`, note: "x".repeat(320) };
    const put = { DomainName: "bench", ObjectTypeName: "Order", Object: JSON.stringify(order) };
    await client.send(new PutProfileObjectCommand(put));
  });
  client.destroy();
}

async function casesDomain(url: string): Promise<{ domainId: string; templateId: string }> {
  const client = new ConnectCasesClient({ endpoint: url, region: "us-east-1", credentials });
  const { domainId = "" } = await client.send(new CreateCasesDomainCommand({ name: "bench" }));
  const { templateId = "" } = await client.send(new CreateTemplateCommand({ domainId, name: "Claim" }));
  return { domainId, templateId };
}

async function cases(url: string, count: number, domain: { domainId: string; templateId: string }): Promise<void> {
  const client = new ConnectCasesClient({ endpoint: url, region: "us-east-1", credentials });
  const text = (id: string, stringValue: string) => ({ id, value: { stringValue } });
  const customer = "arn:aws:profile:us-east-1:000000000000:domains/bench/profiles/0123456789abcdef0123456789abcdef";
  const fields = [
    text("title", "Kettle arrived cracked"),
    text("summary", "Customer sent photos; the claim looks valid, and the courier has been asked."),
    text("customer_id", customer),
  ];
  await inTurns(count, () => client.send(new CreateCaseCommand({ ...domain, fields })));
  client.destroy();
}
