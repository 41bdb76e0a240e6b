/**
 * Cases: CreateCase and UpdateCase from 64 connections, durable, their events delivered through a rule to a Kinesis stream, against PutRecord; and
 * SearchCases with three filters and a sort among 10,000, 100,000 and `BENCH_CASES` cases (default 100,000).
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  BatchPutFieldOptionsCommand,
  ConnectCasesClient,
  CreateCaseCommand,
  CreateDomainCommand,
  CreateFieldCommand,
  CreateTemplateCommand,
  PutCaseEventConfigurationCommand,
} from "@aws-sdk/client-connectcases";
import autocannon from "autocannon";
import {
  type Figures,
  median,
  percentile,
  printBudget,
  printTable,
  rounds,
  SECONDS,
  type Side,
  spread,
} from "./measure.ts";
import { inTurns, readStream } from "./sides/contact-centre.ts";
import { call, load, type SignedRequest, send, signedCall, signedPost, signedPut } from "./sides/load.ts";
import { type ServerProcess, startProcess, usageOf, withDataFolder } from "./sides/processes.ts";
import { anyWord } from "./sides/words.ts";

const CONNECTIONS = 64;
/** Cases that are updated over and over, each to another status than it has. */
const UPDATED = 512;

const LARGE = Number(process.env.BENCH_CASES ?? 100_000);
const SIZES = [...new Set([10_000, 100_000, LARGE])].filter((size) => size <= LARGE || size === 10_000);
const SEARCHES = 400;

const STREAM = "told";
const STREAM_ARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;

export async function run(): Promise<void> {
  await writes();
  await searches();
}

async function writes(): Promise<void> {
  const figures = await rounds([
    { name: "PutRecord of 1 KB", run: records },
    { name: "CreateCase", run: () => told(creating) },
    { name: "UpdateCase", run: () => told(updating) },
  ]);
  const floor = median(figures.get("PutRecord of 1 KB"), "perSecond");
  printTable(`Cases, ${CONNECTIONS} connections, durable; each tells an event that a rule brings to a Kinesis stream`, [
    ["", "requests/s", "of PutRecord", "p50 ms", "p99 ms", "events/s to the last one readable"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      (median(side, "perSecond") / floor).toFixed(2),
      spread(side, "p50Ms", 1),
      spread(side, "p99Ms", 1),
      Number.isNaN(median(side, "eventsPerSecond")) ? "" : spread(side, "eventsPerSecond"),
    ]),
  ]);
}

function records(): Promise<Figures> {
  return withServer(async ({ url }) => {
    await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: STREAM, ShardCount: 1 });
    const Data = Buffer.alloc(1024, "contact-centre event ").toString("base64");
    const input = { StreamName: STREAM, PartitionKey: "case-42", Data };
    const request = await signedCall(url, "kinesis", "Kinesis_20131202.PutRecord", input);
    return load(url, request, { connections: CONNECTIONS, seconds: SECONDS });
  });
}

/** Requests that each change something, by the number of the connection that sends them. */
type Requests = (url: string, domain: BenchDomain) => Promise<(connection: number) => SignedRequest[]>;

async function told(requestsOf: Requests): Promise<Figures> {
  return withServer(async ({ url }) => {
    const domain = await createDomain(url);
    const requests = await requestsOf(url, domain);
    await tellToStream(url);
    let connection = 0;
    const startMs = performance.now();
    const result = await autocannon({
      url,
      connections: CONNECTIONS,
      duration: SECONDS,
      setupClient: (client) => client.setRequests(requests(connection++)),
    });
    if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were no success`);
    // What was sent last may be answered by nobody, and still be told.
    let events = 0;
    while (events < result["2xx"]) events = (await readStream(url, STREAM)).length;
    return {
      perSecond: result.requests.average,
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      eventsPerSecond: events / ((performance.now() - startMs) / 1000),
    };
  });
}

async function creating(url: string, { domainId, templateId, numberField }: BenchDomain) {
  const fields = fieldsOf(numberField);
  const request = await signedPost(url, "cases", `/domains/${domainId}/cases`, { templateId, fields });
  return () => [request];
}

async function updating(url: string, { domainId, templateId, numberField, client }: BenchDomain) {
  const fields = fieldsOf(numberField);
  const caseIds = await inTurns(UPDATED, async () => {
    return (await client.send(new CreateCaseCommand({ domainId, templateId, fields }))).caseId ?? "";
  });
  const signed = (caseId: string, status: string): Promise<SignedRequest> =>
    signedPut(url, "cases", `/domains/${domainId}/cases/${caseId}`, { fields: [text("status", status)] });
  const requests = await inTurns(UPDATED * 2, (number) =>
    signed(caseIds[number % UPDATED] ?? "", number < UPDATED ? "waiting" : "open"),
  );
  return (connection: number) => requests.filter((_, number) => number % CONNECTIONS === connection);
}

const text = (id: string, stringValue: string) => ({ id, value: { stringValue } });

function fieldsOf(numberField: string) {
  return [
    text("title", "Kettle arrived cracked"),
    text("summary", "Customer sent photos; the claim looks valid, and the courier has been asked. ".repeat(3)),
    text("case_reason", "damaged"),
    { id: numberField, value: { doubleValue: 49.5 } },
  ];
}

async function tellToStream(url: string): Promise<void> {
  await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: STREAM, ShardCount: 1 });
  const EventPattern = JSON.stringify({ source: ["aws.cases"] });
  await call(url, "events", "AWSEvents.PutRule", { Name: STREAM, EventPattern });
  await call(url, "events", "AWSEvents.PutTargets", { Rule: STREAM, Targets: [{ Id: "stream", Arn: STREAM_ARN }] });
}

interface BenchDomain {
  readonly client: ConnectCasesClient;
  readonly domainId: string;
  readonly templateId: string;
  readonly numberField: string;
}

async function createDomain(url: string): Promise<BenchDomain> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new ConnectCasesClient({ endpoint: url, region: "us-east-1", credentials });
  const { domainId = "" } = await client.send(new CreateDomainCommand({ name: "bench" }));
  const field = new CreateFieldCommand({ domainId, name: "Price", type: "Number" });
  const { fieldId: numberField = "" } = await client.send(field);
  for (const [fieldId, value] of [
    ["status", "waiting"],
    ["case_reason", "damaged"],
  ] as const) {
    const options = [{ name: value, value, active: true }];
    await client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options }));
  }
  const { templateId = "" } = await client.send(new CreateTemplateCommand({ domainId, name: "Claim" }));
  const caseData = { fields: ["title", "status", "case_reason", numberField].map((id) => ({ id })) };
  const includedData = { caseData, relatedItemData: { includeContent: true } };
  const eventBridge = { enabled: true, includedData };
  await client.send(new PutCaseEventConfigurationCommand({ domainId, eventBridge }));
  return { client, domainId, templateId, numberField };
}

async function withServer<R>(work: (server: ServerProcess) => Promise<R>): Promise<R> {
  return withDataFolder((folder) => onServer(folder, work));
}

async function onServer<R>(folder: string, work: (server: ServerProcess) => Promise<R>): Promise<R> {
  const server = await startProcess("trunkline", ["--data", folder]);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Each domain is filled once, and searched by a server that has just started in each round. */
async function searches(): Promise<void> {
  const sides: Side[] = [];
  const measured = async (sizes: readonly number[]): Promise<void> => {
    const [size, ...more] = sizes;
    if (size === undefined) return printSearches(await rounds(sides));
    await withDataFolder(async (folder) => {
      const domain = await onServer(folder, ({ url }) => createDomain(url));
      const filled = [folder, domain.domainId, domain.templateId, domain.numberField, String(size)];
      const filler = join(import.meta.dirname, "sides/fill-cases.ts");
      await promisify(execFile)(process.execPath, ["--disable-warning=ExperimentalWarning", filler, ...filled]);
      sides.push({ name: size.toLocaleString("en"), run: () => searchIn(folder, domain, size) });
      await measured(more);
    });
  };
  await measured(SIZES);
}

function printSearches(figures: ReadonlyMap<string, readonly Figures[]>): void {
  printTable(`SearchCases with three filters and a sort, one at a time, pages of 25`, [
    ["cases", "p50 ms", "p99 ms", "a part of a title among them, p50 ms", "by a term, p50 ms"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "p50Ms", 2),
      spread(side, "p99Ms", 1),
      spread(side, "containsP50Ms", 1),
      spread(side, "termP50Ms", 1),
    ]),
  ]);
  printTable("What that takes", [
    [
      "cases",
      "first search after a start, s",
      "of it processor time, s",
      "index, bytes a case",
      "resident, MB",
      "event loop held, max ms",
    ],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "firstSeconds", 2),
      spread(side, "firstCpuSeconds", 2),
      spread(side, "bytes"),
      spread(side, "residentMb"),
      spread(side, "heldMs", 1),
    ]),
  ]);
  const all = [...figures.values()];
  const [few, many] = [all[0], all.at(-1)];
  printBudget(`SearchCases among ${LARGE.toLocaleString("en")} cases, p99 ms`, median(many, "p99Ms"), { atMost: 50 });
  const growth = median(many, "p50Ms") / median(few, "p50Ms");
  printBudget("what a search costs there, against 10,000 cases", growth, { atMost: 2 });
}

function searchIn(folder: string, domain: BenchDomain, size: number): Promise<Figures> {
  return onServer(folder, async (server) => {
    const { url } = server;
    const path = `/domains/${domain.domainId}/cases-search`;
    const ask = async (input: object): Promise<number> => {
      const request = await signedPost(url, "cases", path, input);
      const startMs = performance.now();
      const { totalCount } = await send(url, request);
      const tookMs = performance.now() - startMs;
      if (typeof totalCount !== "number") throw new Error("SearchCases has not counted");
      return tookMs;
    };
    const askAll = async (number: number, inputOf: () => object): Promise<number[]> => {
      const taken: number[] = [];
      for (let search = 0; search < number; search++) taken.push(await ask(inputOf()));
      return taken;
    };
    const before = await usageOf(server);
    const firstMs = await ask({});
    const found = await usageOf(server);
    // The first ones make what they need of orders, marks and signatures.
    await askAll(SEARCHES, () => threeFilters(domain));
    await delayOf(server);
    const taken = await askAll(SEARCHES, () => threeFilters(domain));
    const { maxMs } = await delayOf(server);
    const containing = (await askAll(SEARCHES / 4, () => threeFilters(domain, partOfTitle()))).slice(SEARCHES / 8);
    const byTerm = (await askAll(SEARCHES / 8, () => ({ searchTerm: `${anyWord()} ${anyWord()}` }))).slice(
      SEARCHES / 16,
    );
    const after = await usageOf(server);
    const spent = (name: string, at = found): number => (at[name] ?? 0) - (before[name] ?? 0);
    return {
      firstSeconds: firstMs / 1000,
      firstCpuSeconds: spent("mainThreadMs") / 1000,
      bytes: spent("bufferBytes", after) / size,
      residentMb: (after.residentBytes ?? 0) / 1e6,
      heldMs: maxMs,
      p50Ms: percentile(taken, 0.5),
      p99Ms: percentile(taken, 0.99),
      containsP50Ms: percentile(containing, 0.5),
      termP50Ms: percentile(byTerm, 0.5),
    };
  });
}

/** How long the event loop was held since the last time. */
async function delayOf({ child }: ServerProcess): Promise<{ readonly maxMs: number }> {
  child.send("delay");
  return new Promise((resolve) => child.once("message", (answer) => resolve(answer as { maxMs: number })));
}

const below = (end: number): number => Math.floor(Math.random() * end);
const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;

type Comparison = "equalTo" | "greaterThanOrEqualTo" | "lessThan" | "contains";

const field = (operator: Comparison, id: string, value: object) => ({ field: { [operator]: { id, value } } });

function partOfTitle(): object {
  return field("contains", "title", { stringValue: `${anyWord().toUpperCase()} ${anyWord().slice(0, 3)}` });
}

/** What people ask for: a status, a queue or a reason or a tag or a price, since some day; by what was changed last, by price, or by age. */
function threeFilters({ numberField }: BenchDomain, third: object = since()): object {
  const filters = [
    field("equalTo", "status", { stringValue: one(["open", "waiting", "closed"]) }),
    one([
      field("equalTo", "case_reason", { stringValue: one(["late", "spam", "refund"]) }),
      field("greaterThanOrEqualTo", numberField, { doubleValue: below(500) }),
      { not: field("equalTo", "case_reason", { stringValue: "spam" }) },
      { tag: { equalTo: { key: "priority", value: "p1" } } },
    ]),
    third,
  ];
  const sorts = one([
    [{ fieldId: "last_updated_datetime", sortOrder: "Desc" }],
    [{ fieldId: "created_datetime", sortOrder: "Asc" }],
    [{ fieldId: numberField, sortOrder: "Desc" }],
  ]);
  const fields = ["title", "status", "created_datetime", numberField].map((id) => ({ id }));
  return { filter: { andAll: filters }, sorts, fields };
}

function since(): object {
  const stringValue = new Date(Date.parse("2026-01-01T00:00:00Z") + below(365) * 24 * 3_600_000).toISOString();
  return field(one(["greaterThanOrEqualTo", "lessThan"]), "created_datetime", { stringValue });
}
