/**
 * Kills the server (SIGKILL) while flows read files and files are put into a bucket: in the end each row has been ingested once, which an event trigger
 * tells of, those that are wrong have been told to the dead-letter queue once, and none is missing.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { CreateEventTriggerCommand, PutIntegrationCommand } from "@aws-sdk/client-customer-profiles";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { SeededIds } from "../src/time/ids.ts";
import { FlowWorld, flowNamed } from "./flow-world.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const ROWS = FULL ? 20_000 : 500;
const KILLS = FULL ? 30 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const DomainName = "killed";

interface Told {
  readonly eventTriggerContext: { readonly sourceEvent: string };
}

test("flows go on behind the last row that they have handed on, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`flows ${SEED}`);
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const client = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 5,
  };
  const world = new FlowWorld({ url, client });
  const kinesis = new KinesisClient(client);
  after(() => kinesis.destroy());
  const stream = await prepare(world, kinesis);

  const dropped: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    // The machine may be busy: what counts is how much has come through.
    const wanted = (await world.profileCount(DomainName)) + 1 + Math.floor((ids.random() * 1.6 * ROWS) / KILLS);
    const drops = Promise.allSettled(
      Array.from({ length: 6 }, async (_, file) => {
        await sleep(ids.random() * 200);
        const id = `drop-${kill}-${file}`;
        await world.putFile(`drop/${id}.csv`, `id,mail\n${id},${id}@example.com\n`);
        dropped.push(id);
      }),
    );
    while ((await world.profileCount(DomainName)) < Math.min(wanted, 2 * ROWS)) await sleep(5);
    const ended = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await ended;
    server = await spawnTrunkline(folder, "--port", new URL(url).port);
    await drops;
  }
  const isOver = async (): Promise<boolean> => {
    const runs = [...(await world.runs("plain")), ...(await world.runs("packed"))];
    for (const { executionStatus } of runs) assert.notEqual(executionStatus, "Error");
    const count = await world.profileCount(DomainName);
    return runs.every(({ executionStatus }) => executionStatus === "Successful") && count >= 2 * ROWS + dropped.length;
  };
  while (!(await isOver())) await sleep(50);

  for (const name of ["plain", "packed"]) {
    const [run, ...others] = await world.runs(name);
    assert.deepEqual(others, []);
    assert.equal(run?.executionResult?.recordsProcessed, ROWS + 1);
    assert.equal(run?.executionResult?.errorInfo?.putFailuresCount, 1);
  }
  const told = (await readStream<Told>(kinesis, stream)).map(
    ({ eventTriggerContext }) => (JSON.parse(eventTriggerContext.sourceEvent) as { id: string }).id,
  );
  // A put without an answer may have been repeated by the client: then there were two.
  const flowed = told.filter((id) => !id.startsWith("drop-"));
  assert.equal(new Set(flowed).size, flowed.length, "None is ingested twice");
  const known = new Set(told);
  const expected = ["plain", "packed"].flatMap((name) => Array.from({ length: ROWS }, (_, row) => `${name}-${row}`));
  assert.deepEqual(expected.filter((id) => !known.has(id)).slice(0, 10), [], "None is missing");
  assert.equal(flowed.length, expected.length);
  for (const id of dropped) assert(known.has(id), `${id} was acknowledged, and is not there`);
  assert.equal((await world.rejected(DomainName)).length, 2);
  t.diagnostic(`seed ${SEED}: ${KILLS} kills, ${told.length} rows`);
});

/** Two flows that begin to read, a bucket that starts one, and a stream that is told of each row once. */
async function prepare(world: FlowWorld, kinesis: KinesisClient): Promise<string> {
  await world.openBucket("guests");
  await world.openDomain(DomainName);
  const Uri = await createStream(kinesis, "told");
  const attribute = { Source: "mail", ComparisonOperator: "CONTAINS" as const, Values: ["@"] };
  await world.profiles.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName: "all",
      ObjectTypeName: "Guest",
      EventTriggerConditions: [{ LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: [attribute] }] }],
      EventTriggerLimits: { Periods: [{ Unit: "DAYS", Value: 1, Unlimited: true }] },
    }),
  );
  const RoleArn = "arn:aws:iam::000000000000:role/triggers";
  await world.profiles.send(new PutIntegrationCommand({ DomainName, Uri, RoleArn, EventTriggerNames: ["all"] }));
  const drop = { DomainName, ObjectTypeName: "Guest", Uri: "arn:aws:s3:::guests/drop/" };
  await world.profiles.send(new PutIntegrationCommand(drop));
  for (const [name, pack] of [
    ["plain", (text: string) => text],
    ["packed", (text: string) => gzipSync(text)],
  ] as const) {
    const rows = Array.from({ length: ROWS }, (_, row) => `${name}-${row},"${name}-${row}@example.com",\n`);
    rows.splice(ROWS >> 1, 0, "of three values it has one\n");
    await world.putFile(`${name}/a.csv`, pack(`id,mail,more\n${rows.join("")}`));
    const source = { S3: { BucketName: "guests", BucketPrefix: `${name}/` } };
    const SourceFlowConfig = { ConnectorType: "S3", SourceConnectorProperties: source } as const;
    await world.putFlow(DomainName, flowNamed(name, { SourceFlowConfig }));
  }
  return Uri;
}
