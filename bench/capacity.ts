/**
 * What a server holds and needs by how much there is: contacts that wait, contacts that are over, records of streams. For each the data folder, the
 * memory of the server that has just made it all, and, after a stop, the next start: until it is ready, until a list of contacts and the metrics of a
 * queue are answered, and its memory then.
 *
 * `BENCH_CAPACITY` (100,000) contacts, a tenth of them for comparison, and ten times as many records.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Figures, median, printBudget, printTable, rounds, spread } from "./measure.ts";
import { actsOfAll, type ContactCentre, openContactCentre, signIn } from "./sides/contact-centre.ts";
import { call } from "./sides/load.ts";
import { type ServerProcess, startProcess, usageOf } from "./sides/processes.ts";
import { SignedConnection } from "./sides/signed-connection.ts";

const MOST = Number(process.env.BENCH_CAPACITY ?? 100_000);
const FEW = Math.round(MOST / 10);
const RECORDS = MOST * 10;
const TEAMS = 20;
/** Contacts that go through all that a contact goes through; copies of them are the rest. */
const WHOLE = 2_000;
const ARRIVALS_OF_PLAY = 500;
const BATCH = 500;
const ACTS_OF_CONTACT = 4;

/** Fills a data folder, with the server on it, and answers with the instance that is to be asked about. */
type Fill = (server: ServerProcess) => Promise<ContactCentre>;

interface Filled {
  readonly name: string;
  readonly folder: string;
  readonly centre: ContactCentre;
  readonly held: Figures;
}

export async function run(): Promise<void> {
  const place = mkdtempSync(join(process.env.BENCH_DATA ?? tmpdir(), "trunkline-bench-"));
  try {
    const count = (number: number): string => number.toLocaleString("en");
    const filled = [
      await fill(place, "a contact centre without contacts", openCentre),
      await fill(place, `${count(FEW)} contacts that wait`, (server) => waiting(server, FEW)),
      await fill(place, `${count(MOST)} contacts that wait`, (server) => waiting(server, MOST)),
      await fill(place, `${count(FEW)} contacts that are over`, over, FEW),
      await fill(place, `${count(MOST)} contacts that are over`, over, MOST),
      await fill(place, `${count(RECORDS)} records of 100 bytes`, records),
    ];
    const figures = await rounds(
      filled.map(({ name, folder, centre }) => ({ name, run: () => started(folder, centre) })),
    );
    printTable("What is held, and the start with it", [
      ["", "disk, MB", "held, MB", "ready, ms", "first answers, ms", "memory then, MB"],
      ...filled.map(({ name, held }) => {
        const side = figures.get(name);
        return [
          name,
          spread([held], "diskMb"),
          spread([held], "heldMb"),
          spread(side, "readyMs"),
          spread(side, "answersMs"),
          spread(side, "residentMb"),
        ];
      }),
    ]);
    const ready = (at: number): number => median(figures.get(filled[at]?.name ?? ""), "readyMs");
    for (const at of [2, 4, 5])
      printBudget(`start with ${filled[at]?.name}, × without`, ready(at) / ready(0), { atMost: 2 });
    const resident = (at: number): number => median(figures.get(filled[at]?.name ?? ""), "residentMb");
    const bytes = ((resident(2) - resident(0)) / MOST) * 1e6;
    console.log(`  ${bytes.toFixed(0)} bytes of memory a contact that waits, once its queue's metrics were asked for`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** `copies`: so many contacts that are over there are to be in the end, made of those that `make` has left, without a server. */
async function fill(place: string, name: string, make: Fill, copies = 0): Promise<Filled> {
  console.error(`  filling: ${name}`);
  const folder = mkdtempSync(join(place, "data-"));
  const server = await startProcess("trunkline", ["--data", folder, "--clock", "manual"]);
  const centre = await make(server);
  const { heapBytes = 0, bufferBytes = 0 } = await usageOf(server);
  await server.stop();
  if (copies > WHOLE) {
    const script = join(import.meta.dirname, "sides/fill-contacts.ts");
    const args = ["--disable-warning=ExperimentalWarning", script, folder, String(copies - WHOLE)];
    await promisify(execFile)(process.execPath, args);
  }
  return { name, folder, centre, held: { diskMb: bytesIn(folder) / 1e6, heldMb: (heapBytes + bufferBytes) / 1e6 } };
}

async function openCentre({ url }: ServerProcess): Promise<ContactCentre> {
  return openContactCentre(url, { teams: TEAMS, agentsOfTeam: 1 });
}

/** They come, and nobody is there. */
async function waiting(server: ServerProcess, count: number): Promise<ContactCentre> {
  const centre = await openCentre(server);
  await play(server, centre, (at, done) =>
    Array.from({ length: Math.min(ARRIVALS_OF_PLAY, count - done) }, (_, number) => ({
      at,
      post: "contacts",
      body: {
        contactId: randomUUID(),
        channel: "VOICE",
        from: `+4477${String(done + number).padStart(8, "0")}`,
        to: "+442079460100",
        queueId: centre.teams[number % TEAMS]?.queueId,
      },
    })),
  );
  return centre;
}

/** They come, are taken, ended and cleared. */
async function over(server: ServerProcess): Promise<ContactCentre> {
  const centre = await openCentre(server);
  const connection = await SignedConnection.open(server.url);
  for (const { agentIds } of centre.teams) await signIn(connection, centre, agentIds[0] ?? "");
  connection.close();
  await play(server, centre, (at, done) => (done < WHOLE * ACTS_OF_CONTACT ? actsOfAll(centre, Date.parse(at)) : []));
  return centre;
}

async function records(server: ServerProcess): Promise<ContactCentre> {
  const Data = Buffer.alloc(100, "event ").toString("base64");
  const Records = Array.from({ length: BATCH }, (_, key) => ({ PartitionKey: `contact-${key}`, Data }));
  const centre = await openCentre(server);
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    await call(server.url, "kinesis", "Kinesis_20131202.PutRecords", { StreamName: "records", Records });
  }
  return centre;
}

/** One second of the centre's time after the other, until there is nothing more to do. */
async function play(
  { url }: ServerProcess,
  { instanceId }: ContactCentre,
  actsAt: (at: string, done: number) => readonly object[],
): Promise<void> {
  const connection = await SignedConnection.open(url);
  let nowMs = Date.parse(JSON.parse(await connection.get("/_trunkline/clock")).now);
  let since: number | undefined;
  for (let done = 0; ; ) {
    const acts = actsAt(new Date(nowMs).toISOString(), done);
    if (acts.length === 0) break;
    nowMs += 1000;
    const body = { acts, until: new Date(nowMs).toISOString(), since };
    const played = await connection.post<{ results: { status: number }[]; next: number }>(
      `/_trunkline/play/${instanceId}`,
      body,
    );
    const refused = played.results.find(({ status }) => status !== 200);
    if (refused) throw new Error(`An act was refused: ${JSON.stringify(refused)}`);
    since = played.next;
    done += acts.length;
  }
  connection.close();
}

async function started(folder: string, centre: ContactCentre): Promise<Figures> {
  const beginMs = performance.now();
  const server = await startProcess("trunkline", ["--data", folder, "--clock", "manual"]);
  const readyMs = performance.now() - beginMs;
  const connection = await SignedConnection.open(server.url);
  const askedMs = performance.now();
  await connection.post("/search-contacts", {
    InstanceId: centre.instanceId,
    TimeRange: {
      Type: "INITIATION_TIMESTAMP",
      StartTime: Date.now() / 1000 - 86_400,
      EndTime: Date.now() / 1000 + 86_400,
    },
  });
  await connection.post(`/metrics/current/${centre.instanceId}`, {
    Filters: { Queues: centre.teams.map(({ queueId }) => queueId), Channels: ["VOICE"] },
    Groupings: ["QUEUE"],
    CurrentMetrics: [{ Name: "CONTACTS_IN_QUEUE" }],
  });
  const answersMs = performance.now() - askedMs;
  connection.close();
  const { residentBytes = 0 } = await usageOf(server);
  await server.stop();
  return { readyMs, answersMs, residentMb: residentBytes / 1e6 };
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
