/**
 * PutProfileObject, durable, from 64 connections, with 0, 10 and 1,000 event triggers in the domain that do not match; and from a request sent to
 * the record of a trigger that does, readable on its Kinesis stream.
 */
import {
  CreateDomainCommand,
  CreateEventTriggerCommand,
  CustomerProfilesClient,
  PutIntegrationCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
} from "@aws-sdk/client-customer-profiles";
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
import { call, signedPut } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const CONNECTIONS = 64;
/** Objects that are sent over and over, each of another profile: they are created first, and replaced from then on. */
const OBJECTS = 4_096;
const SAMPLES = 200;

const DomainName = "bench";
const ObjectTypeName = "ParcelScan";
const STREAM = "fired";
const STREAM_ARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;
const RoleArn = "arn:aws:iam::000000000000:role/bench";

export async function run(): Promise<void> {
  const sides = [0, 10, 1_000].map(
    (triggers): Side => ({ name: `${triggers.toLocaleString("en")} triggers`, run: () => puts(triggers) }),
  );
  const figures = await rounds(sides);
  const floor = median(figures.get("0 triggers"), "perSecond");
  printTable(`PutProfileObject of 0.4 KB, ${CONNECTIONS} connections, ${OBJECTS.toLocaleString("en")} profiles`, [
    ["", "requests/s", "of none", "p50 ms", "p99 ms"],
    ...[...figures].map(([name, side]) => [
      name,
      spread(side, "perSecond"),
      (median(side, "perSecond") / floor).toFixed(2),
      spread(side, "p50Ms", 1),
      spread(side, "p99Ms", 1),
    ]),
  ]);
  const ratio = median(figures.get("1,000 triggers"), "perSecond") / floor;
  printBudget("PutProfileObject with 1,000 triggers against none", ratio, { atLeast: 0.9 });

  const told = (await rounds([{ name: "one trigger", run: latency }])).get("one trigger");
  printTable("From PutProfileObject sent to the trigger's record readable, nothing beside", [
    ["p50 ms", "p99 ms", "PutProfileObject answered, p50 ms"],
    [spread(told, "p50Ms", 1), spread(told, "p99Ms", 1), spread(told, "answeredP50Ms", 1)],
  ]);
}

/** Objects put in a domain with triggers that do not match. */
function puts(triggers: number): Promise<Figures> {
  return withDomain(async (url, client) => {
    for (let at = 0; at < triggers; at++) await createTrigger(client, at, `STATE-${at}`);
    // Signed once, since a signature holds for five minutes.
    const path = `/domains/${DomainName}/profiles/objects`;
    const requests = await Promise.all(
      Array.from({ length: OBJECTS }, (_, at): Promise<autocannon.Request> => {
        return signedPut(url, "profile", path, { ObjectTypeName, Object: objectText(at) });
      }),
    );
    const result = await autocannon({
      url,
      connections: CONNECTIONS,
      duration: SECONDS,
      // Each connection has objects of its own.
      setupClient: (each) => each.setRequests(requests.splice(0, OBJECTS / CONNECTIONS)),
    });
    if (result.non2xx > 0 || result.errors > 0)
      throw new Error(`${result.non2xx} answers were no success, ${result.errors} requests failed`);
    return { perSecond: result.requests.average, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
  });
}

/** One object after the other, each until the record of its trigger is there. */
function latency(): Promise<Figures> {
  return withDomain(async (url, client) => {
    await createTrigger(client, 0, "HELD");
    const [latencies, answers]: [number[], number[]] = [[], []];
    const shard = { StreamName: STREAM, ShardId: "shardId-000000000000", ShardIteratorType: "LATEST" };
    for (let at = 0; at < SAMPLES; at++) {
      let { ShardIterator } = await call(url, "kinesis", "Kinesis_20131202.GetShardIterator", shard);
      const startMs = performance.now();
      const put = client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: objectText(at) }));
      const answered = put.then(() => answers.push(performance.now() - startMs));
      for (;;) {
        const page = await call(url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator });
        if (page.Records.length > 0) break;
        ShardIterator = page.NextShardIterator;
      }
      latencies.push(performance.now() - startMs);
      await answered;
    }
    return {
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      answeredP50Ms: percentile(answers, 0.5),
    };
  });
}

/** A server of its own with a domain, an object type and a stream. */
async function withDomain(
  measure: (url: string, client: CustomerProfilesClient) => Promise<Figures>,
): Promise<Figures> {
  return withDataFolder(async (folder) => {
    const server = await startProcess("trunkline", ["--data", folder]);
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new CustomerProfilesClient({ endpoint: server.url, region: "us-east-1", credentials });
    await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
    await client.send(
      new PutProfileObjectTypeCommand({
        DomainName,
        ObjectTypeName,
        Description: "a parcel has been seen",
        AllowProfileCreation: true,
        Fields: {
          scan: { Source: "_source.scan.id", ContentType: "STRING" },
          number: { Source: "_source.shopper.number", Target: "_profile.AccountNumber", ContentType: "STRING" },
          mail: { Source: "_source.shopper.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
          weight: { Source: "_source.kg", ContentType: "NUMBER" },
        },
        Keys: {
          scanKey: [{ FieldNames: ["scan"], StandardIdentifiers: ["UNIQUE"] }],
          shopperKey: [{ FieldNames: ["number"], StandardIdentifiers: ["PROFILE"] }],
        },
      }),
    );
    await call(server.url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: STREAM, ShardCount: 1 });
    try {
      return await measure(server.url, client);
    } finally {
      client.destroy();
      await server.stop();
    }
  });
}

/** As people write them: a state, a weight and a depot; the objects here are of no such state but `HELD`. */
async function createTrigger(client: CustomerProfilesClient, at: number, state: string): Promise<void> {
  const EventTriggerName = `trigger-${at}`;
  await client.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName,
      ObjectTypeName,
      EventTriggerConditions: [
        {
          LogicalOperator: "ALL",
          EventTriggerDimensions: [
            {
              ObjectAttributes: [
                { Source: "scan.state", ComparisonOperator: "INCLUSIVE", Values: [state] },
                { FieldName: "weight", ComparisonOperator: "GREATER_THAN", Values: [String(at % 10)] },
              ],
            },
            { ObjectAttributes: [{ Source: "depot", ComparisonOperator: "BEGINS_WITH", Values: ["Bremen", "Kiel"] }] },
          ],
        },
      ],
      EventTriggerLimits: { Periods: [{ Unit: "DAYS", Value: 1, Unlimited: true }] },
    }),
  );
  const EventTriggerNames = [EventTriggerName];
  await client.send(new PutIntegrationCommand({ DomainName, Uri: `${STREAM_ARN}#${at}`, RoleArn, EventTriggerNames }));
}

function objectText(at: number): string {
  return JSON.stringify({
    scan: { id: `scan-${at}`, state: "HELD", at: "2026-03-03T10:15:00Z" },
    shopper: { number: String(40_000 + at), mail: `shopper-${at}@example.com` },
    kg: 12.5,
    depot: "Bremen 2",
    note: "left at the neighbour's, who was asked to sign for it ".repeat(4),
  });
}
