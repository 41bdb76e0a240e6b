/**
 * A contact centre at work: whole voice contacts a second, from their arrival to their record, with contact events through a rule to
 * one Kinesis stream, and agent events and contact records to another; and how long GetCurrentMetricData for 100 queues takes beside them.
 *
 * The processor time of the server is what tells most on a shared machine. Acts come over HTTP, one a request, as a script sends them, or
 * many, as the simulator does.
 */
import { type Figures, median, percentile, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import {
  type ContactCentre,
  EVENT_STREAM,
  inTurns,
  openContactCentre,
  playContacts,
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

const WARM_UP_SECONDS = 2;

/** Calls of each agent in one request of acts that are played. */
const PLAYED_ROUNDS = 5;

/** Contacts a second beside which metrics are asked for: the budget. */
const PACED_PER_SECOND = 500;

export async function run(): Promise<void> {
  const figures = await rounds([
    { name: "contacts", run: () => contacts([]) },
    { name: "played", run: () => contacts([], true) },
    { name: "counted", run: () => contacts(["--count"]) },
    { name: "metrics", run: metrics },
  ]);
  const [side, played] = [figures.get("contacts"), figures.get("played")];
  const [counted, asked] = [figures.get("counted"), figures.get("metrics")];
  printTable("Whole voice contacts from 100 connections, 200 agents, events and records on two streams", [
    ["", "contacts/s", "last record readable after, ms", "CPU ms a contact", "of it on the main thread"],
    ...(
      [
        ["an act a request", side],
        ["40 acts a request", played],
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
  printBudget("the same, 40 acts a request", 1000 / median(played, "mainThreadMs"), { atLeast: 500 });
  printTable("GetCurrentMetricData of 100 queues, 8 metrics each, beside contacts", [
    ["contacts/s beside", "p50 ms", "p99 ms"],
    [spread(asked, "perSecond"), spread(asked, "p50Ms", 1), spread(asked, "p99Ms", 1)],
  ]);
  printBudget("GetCurrentMetricData p99, ms", median(asked, "p99Ms"), { atMost: 10 });
}

/** As many contacts as go in some seconds, counted when the last event and record are on their streams. */
function contacts(flags: readonly string[], isPlayed = false): Promise<Figures> {
  return withCentre(flags, async (server, centre) => {
    await drive(server.url, centre, { seconds: WARM_UP_SECONDS, isPlayed });
    const before = await usageOf(server);
    const routedBefore = await routedEvents(server.url);
    const startMs = performance.now();
    const count = await drive(server.url, centre, { seconds: SECONDS, isPlayed });
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

function metrics(): Promise<Figures> {
  return withCentre([], async (server, centre) => {
    await drive(server.url, centre, { seconds: WARM_UP_SECONDS });
    const connection = await SignedConnection.open(server.url);
    const input = {
      Filters: { Queues: centre.teams.map(({ queueId }) => queueId), Channels: ["VOICE"] },
      Groupings: ["QUEUE"],
      CurrentMetrics: [
        "AGENTS_ONLINE",
        "AGENTS_AVAILABLE",
        "AGENTS_ON_CONTACT",
        "AGENTS_AFTER_CONTACT_WORK",
        "CONTACTS_IN_QUEUE",
        "OLDEST_CONTACT_AGE",
        "SLOTS_ACTIVE",
        "SLOTS_AVAILABLE",
      ].map((Name) => ({ Name })),
    };
    const latencies: number[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        const startMs = performance.now();
        const answer = await connection.post<{ MetricResults: unknown[] }>(
          `/metrics/current/${centre.instanceId}`,
          input,
        );
        latencies.push(performance.now() - startMs);
        if (answer.MetricResults.length !== TEAMS)
          throw new Error(`${answer.MetricResults.length} queues have metrics`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const seconds = SECONDS * 2;
    const count = await drive(server.url, centre, { seconds, perSecond: PACED_PER_SECOND });
    isOver = true;
    await asking;
    connection.close();
    return { perSecond: count / seconds, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
  });
}

interface Drive {
  readonly seconds: number;
  readonly perSecond?: number;
  /** Many acts come in one request. */
  readonly isPlayed?: boolean;
}

/** Each team takes one call after the other, in all at most `perSecond`. Answers with how many there were. */
async function drive(
  url: string,
  centre: ContactCentre,
  { seconds, perSecond = Number.POSITIVE_INFINITY, isPlayed = false }: Drive,
): Promise<number> {
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  let count = 0;
  await Promise.all(
    centre.teams.map(async ({ queueId, agentIds }) => {
      const connection = await SignedConnection.open(url);
      // As many calls as agents: whoever had the first is then first in line again.
      while (performance.now() < endMs) {
        if (isPlayed) {
          const rounds = Array.from({ length: PLAYED_ROUNDS }, () => agentIds).flat();
          count += rounds.length;
          await playContacts(connection, centre, { queueId, agentIds: rounds });
          continue;
        }
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
    const centre = await openContactCentre(server.url, { teams: TEAMS, agentsOfTeam: AGENTS_OF_TEAM });
    await inTurns(TEAMS, async (team) => {
      const connection = await SignedConnection.open(server.url);
      for (const agentId of centre.teams[team]?.agentIds ?? []) await signIn(connection, centre, agentId);
      connection.close();
    });
    const figures = await use(server, centre);
    await server.stop();
    return figures;
  });
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
