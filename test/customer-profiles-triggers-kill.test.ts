/**
 * Kills the server (SIGKILL) while objects flow in from many sides: an event trigger fires for a profile never more often than its periods allow, tells
 * a stream of each time once, and of none that was acknowledged and had room left is nothing told. A backtest finds the same.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import {
  CreateDomainCommand,
  CreateEventTriggerCommand,
  CustomerProfilesClient,
  PutIntegrationCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
} from "@aws-sdk/client-customer-profiles";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { SeededIds } from "../src/time/ids.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

/** Each round sees a kill. */
const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 60 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const DomainName = "killed";
const ObjectTypeName = "Visit";
const SHOPPERS = 3;
const CAP = 5;

test("caps hold and nothing is told twice or lost, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`triggers ${SEED}`);
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const options = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const client = new CustomerProfilesClient(options);
  const kinesis = new KinesisClient(options);
  after(() => {
    for (const one of [client, kinesis]) one.destroy();
  });
  const streams = await prepare(client, kinesis);
  const acknowledged: { readonly shopper: string; readonly id: string }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ended = once(server.child, "exit");
    // The machine may be busy: what counts is how much has come through.
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const wanted = acknowledged.length + 1 + Math.floor(ids.random() * 16);
    const work = Promise.allSettled(
      Array.from({ length: 24 }, async (_, at) => {
        // Of each round other shoppers, and one of all rounds.
        const shopper = at % 2 ? "always" : `${round}-${at % SHOPPERS}`;
        const id = `visit-${round}-${at}`;
        const text = JSON.stringify({ id, shopper });
        await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: text }));
        if (acknowledged.push({ shopper, id }) === wanted) resolve();
      }),
    );
    void work.then(() => resolve());
    await enough;
    server.child.kill("SIGKILL");
    await Promise.all([ended, work]);
    server = await spawnTrunkline(folder, "--port", new URL(url).port);
  }
  const [capped, all] = await Promise.all(streams.map((stream) => readStream<Told>(kinesis, stream)));
  assert.ok(capped && all);
  for (const told of [capped, all]) {
    const tokens = told.map(({ clientToken }) => clientToken);
    assert.equal(new Set(tokens).size, tokens.length);
  }
  const toldOfAll = new Set(all.map(visitOf).map(({ id }) => id));
  for (const { id } of acknowledged) assert.ok(toldOfAll.has(id), `${id} was acknowledged, and nothing is told of it`);
  const fired = new Map<string, number>();
  for (const told of capped) fired.set(visitOf(told).shopper, (fired.get(visitOf(told).shopper) ?? 0) + 1);
  const ingested = new Map<string, number>();
  for (const told of all) ingested.set(visitOf(told).shopper, (ingested.get(visitOf(told).shopper) ?? 0) + 1);
  // Time stands still here: it is all within the one day.
  for (const [shopper, visits] of ingested) assert.equal(fired.get(shopper), Math.min(CAP, visits), shopper);
  // A backtest counts as the ingestions did: on a data folder, in a thread of its own.
  const body = JSON.stringify({ trigger: "capped" });
  const answer = await sendSigned(url, { service: "trunkline", path: "/_trunkline/backtest", body });
  const { done } = JSON.parse(answer.body.toString().trim().split("\n").at(-1) ?? "");
  assert.partialDeepStrictEqual(done, {
    asked: all.length,
    fired: capped.length,
    capped: all.length - capped.length,
    profiles: ingested.size,
  });
  t.diagnostic(`seed ${SEED}: ${ROUNDS} kills, ${acknowledged.length} acknowledged, ${all.length} ingested`);
});

interface Told {
  readonly clientToken: string;
  readonly eventTriggerContext: { readonly sourceEvent: string };
}

function visitOf({ eventTriggerContext }: Told): { readonly id: string; readonly shopper: string } {
  return JSON.parse(eventTriggerContext.sourceEvent);
}

/** The streams of a trigger that is capped and of one that is not. */
async function prepare(client: CustomerProfilesClient, kinesis: KinesisClient): Promise<readonly string[]> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName,
      Description: "a visit of the shop",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.id", ContentType: "STRING" },
        shopper: { Source: "_source.shopper", Target: "_profile.AccountNumber", ContentType: "STRING" },
      },
      Keys: {
        visitKey: [{ FieldNames: ["id"], StandardIdentifiers: ["UNIQUE"] }],
        shopperKey: [{ FieldNames: ["shopper"], StandardIdentifiers: ["PROFILE"] }],
      },
    }),
  );
  const limits = { capped: { MaxInvocationsPerProfile: CAP }, all: { Unlimited: true } };
  const streams: string[] = [];
  for (const [EventTriggerName, limit] of Object.entries(limits)) {
    const Uri = await createStream(kinesis, EventTriggerName);
    streams.push(Uri);
    const attribute = { Source: "id", ComparisonOperator: "BEGINS_WITH" as const, Values: ["visit"] };
    await client.send(
      new CreateEventTriggerCommand({
        DomainName,
        EventTriggerName,
        ObjectTypeName,
        EventTriggerConditions: [
          { LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: [attribute] }] },
        ],
        EventTriggerLimits: { Periods: [{ Unit: "DAYS", Value: 1, ...limit }] },
      }),
    );
    const RoleArn = "arn:aws:iam::000000000000:role/triggers";
    const EventTriggerNames = [EventTriggerName];
    await client.send(new PutIntegrationCommand({ DomainName, Uri, RoleArn, EventTriggerNames }));
  }
  return streams;
}
