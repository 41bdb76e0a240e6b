/**
 * Calls that are analysed while they go on: how long after a sentence its segments can be read on the Kinesis stream, and what memory a call
 * takes that is in progress.
 *
 * The latency is that of a client: from sending the sentence to having read its record, with a PutRecord to a stream of its own between
 * two sentences to compare with. Memory is told as what the heap holds once its garbage is collected, and as what the process has.
 */
import { type Figures, median, percentile, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { type ContactCentre, inTurns, type Team } from "./sides/contact-centre.ts";
import { answeredCall, COMPARED, latestOf, SEGMENTS, withCalls } from "./sides/live-calls.ts";
import { call } from "./sides/load.ts";
import { usageOf } from "./sides/processes.ts";
import { SignedConnection } from "./sides/signed-connection.ts";

const TEAMS = 20;
const AGENTS_OF_TEAM = 100;
/** Said in each of the calls whose memory is measured, by turns. */
const SENTENCES = [
  "Thank you for calling Harbour Bank, how can I help you today?",
  "My card was charged twice for the same order and I am really angry about that.",
  "I am sorry to hear that. Could you give me the number on the front?",
  "It is 4111 1111 1111 1111, and my name is Nora Lind.",
  "I have sent you a refund, it will be there in three working days.",
  "Oh great, thank you so much.",
];

export async function run(): Promise<void> {
  const figures = await rounds([
    { name: "latency", run: latency },
    { name: "memory", run: memory },
  ]);
  const [latencies, memories] = [figures.get("latency"), figures.get("memory")];
  printTable("From a sentence to its segments on the stream, one call, nothing beside", [
    ["p50 ms", "p99 ms", "PutRecord p50 ms"],
    [spread(latencies, "p50Ms", 2), spread(latencies, "p99Ms", 2), spread(latencies, "putRecordP50Ms", 2)],
  ]);
  printBudget("idle p50, ms", median(latencies, "p50Ms"), { atMost: 10 });
  printTable(`${TEAMS * AGENTS_OF_TEAM} calls in progress, ${SENTENCES.length} sentences analysed in each`, [
    ["", "a call"],
    ["heap, KB", spread(memories, "heapKb", 1)],
    ["resident, KB", spread(memories, "residentKb", 1)],
    ["resident with all of them, MB", spread(memories, "residentMb")],
    ["main thread a sentence, ms (its share of the call's arrival included)", spread(memories, "sentenceMs", 2)],
  ]);
}

function latency(): Promise<Figures> {
  return withCalls({ teams: 1, agentsOfTeam: 1 }, async ({ server, centre, connection, flowId }) => {
    const [team] = centre.teams as [Team];
    const contactId = await answeredCall(connection, centre, { ...team, agentId: team.agentIds[0] ?? "", flowId });
    const latencies: number[] = [];
    const puts: number[] = [];
    for (const endMs = performance.now() + SECONDS * 1000; performance.now() < endMs; ) {
      let iterator = await latestOf(server.url, SEGMENTS);
      const startMs = performance.now();
      await say(connection, centre, contactId, latencies.length);
      for (;;) {
        const page = await call(server.url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator: iterator });
        if (page.Records.length > 0) break;
        iterator = page.NextShardIterator;
      }
      latencies.push(performance.now() - startMs);
      const putMs = performance.now();
      await call(server.url, "kinesis", "Kinesis_20131202.PutRecord", {
        StreamName: COMPARED,
        PartitionKey: "probe",
        Data: Buffer.from(SENTENCES.join(" ")).toString("base64"),
      });
      puts.push(performance.now() - putMs);
    }
    return {
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      putRecordP50Ms: percentile(puts, 0.5),
    };
  });
}

function memory(): Promise<Figures> {
  return withCalls({ teams: TEAMS, agentsOfTeam: AGENTS_OF_TEAM }, async ({ server, centre, flowId }) => {
    // Code is compiled and caches are filled by then.
    const [first] = centre.teams as [Team];
    const calls = await inTurns(centre.teams.length, async (place) => {
      const team = centre.teams[place] ?? first;
      const connection = await SignedConnection.open(server.url);
      const begin = async (agentId: string) => {
        const contactId = await answeredCall(connection, centre, { ...team, agentId, flowId });
        for (const turn of SENTENCES.keys()) await say(connection, centre, contactId, turn);
      };
      await begin(team.agentIds[0] ?? "");
      return { connection, begin, agentIds: team.agentIds.slice(1) };
    });
    const before = await usageOf(server);
    await Promise.all(
      calls.map(async ({ connection, begin, agentIds }) => {
        for (const agentId of agentIds) await begin(agentId);
        connection.close();
      }),
    );
    const count = TEAMS * (AGENTS_OF_TEAM - 1);
    await toldOf(server.url, TEAMS * AGENTS_OF_TEAM * (SENTENCES.length + 1));
    const after = await usageOf(server);
    const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    return {
      heapKb: grown("heapBytes") / count / 1024,
      residentKb: grown("residentBytes") / count / 1024,
      residentMb: (after.residentBytes ?? 0) / 1e6,
      sentenceMs: grown("mainThreadMs") / count / SENTENCES.length,
    };
  });
}

async function say(
  connection: SignedConnection,
  { instanceId }: ContactCentre,
  contactId: string,
  turn: number,
): Promise<void> {
  const speaker = turn % 2 === 0 ? "AGENT" : "CUSTOMER";
  const text = SENTENCES[turn % SENTENCES.length];
  await connection.post(`/_trunkline/contacts/${instanceId}/${contactId}/say`, { speaker, text });
}

/** Returns when the stream has as many records; throws for more. */
async function toldOf(url: string, count: number): Promise<void> {
  const from = { StreamName: SEGMENTS, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" };
  let { ShardIterator } = await call(url, "kinesis", "Kinesis_20131202.GetShardIterator", from);
  for (let told = 0; told < count; ) {
    const page = await call(url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator });
    told += page.Records.length;
    if (told > count) throw new Error(`More records than ${count} were told`);
    ShardIterator = page.NextShardIterator;
  }
}
