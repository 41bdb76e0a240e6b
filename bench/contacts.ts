/**
 * A contact centre at work: whole voice contacts a second, from their arrival to their record, with contact events through a rule to
 * one Kinesis stream, and agent events and contact records to another; what GetCurrentMetricData for 100 queues costs, and how long it takes
 * beside them.
 *
 * The processor time of the server is what tells most on a shared machine. Acts come over HTTP, one a request, as a script sends them, or
 * as calls in the server's own process, as those of `trunkline simulate --own-server` do.
 */
import { openOwnServer } from "../src/cli/own-server.ts";
import { type Figures, median, percentile, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import {
  actsOfAll,
  type ContactCentre,
  EVENT_STREAM,
  inTurns,
  openContactCentre,
  RECORD_STREAM,
  readStream,
  signIn,
  wholeContact,
} from "./sides/contact-centre.ts";
import { type ServerProcess, startProcess, usageOf, withDataFolder } from "./sides/processes.ts";
import { SignedConnection } from "./sides/signed-connection.ts";

/** Each with two agents, who take turns: so whoever sends for a team knows whom a call is offered to. */
const TEAMS = 100;
const AGENTS_OF_TEAM = 2;

/** INITIATED, QUEUED, CONNECTED_TO_AGENT, DISCONNECTED, COMPLETED. */
const EVENTS_OF_CONTACT = 5;

/** It comes, is taken, ended and cleared. */
const ACTS_OF_CONTACT = 4;

const WARM_UP_SECONDS = 2;

/** Contacts a second beside which metrics are asked for: the budget, and a load that leaves the thread time for others. */
const PACED_PER_SECOND = 500;
const SOME_PER_SECOND = 150;

/** Calls by which the processor time of one is measured. */
const CALLS = 500;

const METRICS = [
  "AGENTS_ONLINE",
  "AGENTS_AVAILABLE",
  "AGENTS_ON_CONTACT",
  "AGENTS_AFTER_CONTACT_WORK",
  "CONTACTS_IN_QUEUE",
  "OLDEST_CONTACT_AGE",
  "SLOTS_ACTIVE",
  "SLOTS_AVAILABLE",
];

export async function run(): Promise<void> {
  const figures = await rounds([
    { name: "contacts", run: () => contacts([]) },
    { name: "played", run: played },
    { name: "counted", run: () => contacts(["--count"]) },
    { name: "metrics", run: metrics },
  ]);
  const [side, own] = [figures.get("contacts"), figures.get("played")];
  const [counted, asked] = [figures.get("counted"), figures.get("metrics")];
  printTable("Whole voice contacts of 200 agents, from 100 connections or played, events and records on two streams", [
    ["", "contacts/s", "last record readable after, ms", "CPU ms a contact", "of it on the main thread"],
    ...(
      [
        ["an act a request", side],
        ["played in its own process", own],
      ] as const
    ).map(([name, figures]) => [
      name,
      spread(figures, "perSecond"),
      spread(figures, "lagMs"),
      spread(figures, "cpuMs", 2),
      spread(figures, "mainThreadMs", 2),
    ]),
  ]);
  printTable("Of one contact", [
    ["puts", "deletes", "appends", "gets", "lists", "commits", "syncs", "KB written"],
    ["put", "delete", "append", "get", "list", "commits", "syncs", "writtenKb"].map((name) => spread(counted, name, 2)),
  ]);
  const busy = (median(side, "perSecond") * median(side, "mainThreadMs")) / 10;
  console.log(`  bound by the main thread, which has the processor for ${busy.toFixed(0)} % of the time`);
  printBudget("contacts/s, an act a request", median(side, "perSecond"), { atLeast: 500 });
  printBudget(
    "contacts/s for which the processor time of one core is enough, an act a request",
    1000 / median(side, "mainThreadMs"),
    {
      atLeast: 500,
    },
  );
  printBudget("contacts/s, played in its own process", median(own, "perSecond"), { atLeast: 500 });
  printTable("Of 100 queues: GetCurrentMetricData, 8 metrics each, and GetCurrentUserData", [
    ["", "main thread, ms a call, nothing beside"],
    ["GetCurrentMetricData", spread(asked, "metricsMainThreadMs", 2)],
    ["GetCurrentUserData", spread(asked, "usersMainThreadMs", 2)],
  ]);
  printTable(
    "GetCurrentMetricData beside contacts, and DescribeQueue, which waits for the same thread and does next to nothing",
    [
      ["contacts/s beside", "p50 ms", "p99 ms", "DescribeQueue p50 ms", "p99 ms"],
      ...["", "Most"].map((load) => [
        spread(asked, `perSecond${load}`),
        ...["p50Ms", "p99Ms", "smallP50Ms", "smallP99Ms"].map((name) => spread(asked, `${name}${load}`, 1)),
      ]),
    ],
  );
  for (const load of ["", "Most"]) {
    const besides = `beside ${median(asked, `perSecond${load}`).toFixed(0)} contacts/s`;
    printBudget(`GetCurrentMetricData p99 ${besides}, ms`, median(asked, `p99Ms${load}`), { atMost: 10 });
  }
}

/** As many contacts as go in some seconds, counted when the last event and record are on their streams. */
function contacts(flags: readonly string[]): Promise<Figures> {
  return withCentre(flags, async (server, centre) => {
    await drive(server.url, centre, { seconds: WARM_UP_SECONDS });
    const before = await usageOf(server);
    const routedBefore = await routedEvents(server.url);
    const startMs = performance.now();
    const count = await drive(server.url, centre, { seconds: SECONDS });
    const sentMs = performance.now();
    while ((await routedEvents(server.url)) < routedBefore + count * EVENTS_OF_CONTACT) {}
    const doneMs = performance.now();
    const after = await usageOf(server);
    const ofContact = Object.fromEntries(
      Object.entries(after).map(([name, value]) => [name, (value - (before[name] ?? 0)) / count]),
    );
    await checkStreams(server.url);
    return {
      ...ofContact,
      perSecond: count / ((doneMs - startMs) / 1000),
      lagMs: doneMs - sentMs,
      writtenKb: (ofContact.writtenBytes ?? 0) / 1024,
    };
  });
}

/** The same in one process: what is done for contacts without what their requests cost. Durable at the end. */
function played(): Promise<Figures> {
  return withDataFolder(async (folder) => {
    await using server = await openOwnServer(folder);
    const centre = await openCentre(server.url, { teams: TEAMS * AGENTS_OF_TEAM, agentsOfTeam: 1 });
    const path = `/_trunkline/play/${centre.instanceId}`;
    let nowMs = Date.parse(
      (await server.api({ service: "connect", method: "GET", path: "/_trunkline/clock" })).body.now,
    );
    let since: number | undefined;
    let count = 0;
    const playFor = (seconds: number) =>
      server.run(async () => {
        const endMs = performance.now() + seconds * 1000;
        while (performance.now() < endMs) {
          const acts = actsOfAll(centre, nowMs);
          nowMs += 1000;
          const body = { acts, until: new Date(nowMs).toISOString(), since };
          const { results, next } = (await server.api({ service: "connect", method: "POST", path, body })).body;
          const refused = results.find(({ status }: { status: number }) => status !== 200);
          if (refused) throw new Error(`An act was refused: ${JSON.stringify(refused)}`);
          since = next;
          count += acts.length / ACTS_OF_CONTACT;
        }
      });
    await playFor(WARM_UP_SECONDS);
    count = 0;
    const [beginMs, cpu, main] = [performance.now(), process.cpuUsage(), process.threadCpuUsage()];
    await playFor(SECONDS);
    const seconds = (performance.now() - beginMs) / 1000;
    const [all, own] = [process.cpuUsage(cpu), process.threadCpuUsage(main)];
    await checkStreams(server.url);
    return {
      perSecond: count / seconds,
      lagMs: 0,
      cpuMs: (all.user + all.system) / 1000 / count,
      mainThreadMs: (own.user + own.system) / 1000 / count,
    };
  });
}

/** What metrics of all queues cost, and how long they take beside contacts: some, and as many as go up to the budget. */
function metrics(): Promise<Figures> {
  return withCentre([], async (server, centre) => {
    await drive(server.url, centre, { seconds: WARM_UP_SECONDS });
    const connection = await SignedConnection.open(server.url);
    const Filters = { Queues: centre.teams.map(({ queueId }) => queueId) };
    const askMetrics = async () => {
      const input = {
        Filters: { ...Filters, Channels: ["VOICE"] },
        Groupings: ["QUEUE"],
        CurrentMetrics: METRICS.map((Name) => ({ Name })),
      };
      const path = `/metrics/current/${centre.instanceId}`;
      const { MetricResults } = await connection.post<{ MetricResults: unknown[] }>(path, input);
      if (MetricResults.length !== TEAMS) throw new Error(`${MetricResults.length} queues have metrics`);
    };
    const askUsers = async () => {
      const path = `/metrics/userdata/${centre.instanceId}`;
      const { UserDataList } = await connection.post<{ UserDataList: unknown[] }>(path, { Filters });
      if (UserDataList.length !== TEAMS) throw new Error(`${UserDataList.length} users have data`);
    };
    const askLittle = () => connection.get(`/queues/${centre.instanceId}/${centre.teams[0]?.queueId}`);
    const figures = {
      metricsMainThreadMs: await mainThreadMsOf(server, askMetrics),
      usersMainThreadMs: await mainThreadMsOf(server, askUsers),
    };
    const beside = async (perSecond: number, load: string): Promise<Figures> => {
      const [latencies, little]: [number[], number[]] = [[], []];
      let isOver = false;
      const asking = (async () => {
        while (!isOver) {
          latencies.push(await msOf(askMetrics));
          little.push(await msOf(askLittle));
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })();
      const seconds = SECONDS * 2;
      const count = await drive(server.url, centre, { seconds, perSecond });
      isOver = true;
      await asking;
      return {
        [`perSecond${load}`]: count / seconds,
        [`p50Ms${load}`]: percentile(latencies, 0.5),
        [`p99Ms${load}`]: percentile(latencies, 0.99),
        [`smallP50Ms${load}`]: percentile(little, 0.5),
        [`smallP99Ms${load}`]: percentile(little, 0.99),
      };
    };
    const some = await beside(SOME_PER_SECOND, "");
    const most = await beside(PACED_PER_SECOND, "Most");
    connection.close();
    return { ...figures, ...some, ...most };
  });
}

/** Processor time of the server's main thread for one call, when it is asked again and again. */
async function mainThreadMsOf(server: ServerProcess, ask: () => Promise<unknown>): Promise<number> {
  for (let call = 0; call < CALLS; call++) await ask();
  const before = await usageOf(server);
  for (let call = 0; call < CALLS; call++) await ask();
  const after = await usageOf(server);
  return ((after.mainThreadMs ?? 0) - (before.mainThreadMs ?? 0)) / CALLS;
}

async function msOf(ask: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await ask();
  return performance.now() - startMs;
}

interface Drive {
  readonly seconds: number;
  readonly perSecond?: number;
}

/** Each team takes one call after the other, in all at most `perSecond`. Answers with how many there were. */
async function drive(
  url: string,
  centre: ContactCentre,
  { seconds, perSecond = Number.POSITIVE_INFINITY }: Drive,
): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let count = 0;
  await Promise.all(
    centre.teams.map(async ({ queueId, agentIds }) => {
      const connection = await SignedConnection.open(url);
      // As many calls as agents: whoever had the first is then first in line again.
      while (performance.now() < endMs) {
        for (const agentId of agentIds) {
          const dueMs = startMs + (count / perSecond) * 1000;
          count += 1;
          if (dueMs > performance.now()) await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
          await wholeContact(connection, centre, { queueId, agentId });
        }
      }
      connection.close();
    }),
  );
  return count;
}

function withCentre(
  flags: readonly string[],
  use: (server: ServerProcess, centre: ContactCentre) => Promise<Figures>,
): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder, ...flags]);
    const figures = await use(server, await openCentre(server.url));
    await server.stop();
    return figures;
  });
}

/** Everybody is signed in. */
async function openCentre(url: string, size = { teams: TEAMS, agentsOfTeam: AGENTS_OF_TEAM }): Promise<ContactCentre> {
  const centre = await openContactCentre(url, size);
  await inTurns(size.teams, async (team) => {
    const connection = await SignedConnection.open(url);
    for (const agentId of centre.teams[team]?.agentIds ?? []) await signIn(connection, centre, agentId);
    connection.close();
  });
  return centre;
}

/** How many events the rule has sent on. */
async function routedEvents(url: string): Promise<number> {
  const connection = await SignedConnection.open(url);
  const text = await connection.get("/_trunkline/metrics");
  connection.close();
  return Number(/^trunkline_matched_events_total\{.*rule="contacts".*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Each contact that began has its events and its record. */
async function checkStreams(url: string): Promise<void> {
  const types = (await readStream(url, EVENT_STREAM)).map((text) => JSON.parse(text).detail.eventType as string);
  const records = (await readStream(url, RECORD_STREAM)).filter((text) => JSON.parse(text).ContactId !== undefined);
  const begun = types.filter((type) => type === "INITIATED").length;
  const isWhole = types.length === begun * EVENTS_OF_CONTACT && records.length === begun;
  if (!isWhole) throw new Error(`${begun} contacts have ${types.length} events and ${records.length} records`);
}
