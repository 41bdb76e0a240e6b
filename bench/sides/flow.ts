/**
 * A flow with 20 mapping tasks, in a process of its own, from the start of its run to its end: `--source s3` reads JSON Lines, `--source http` pages of a
 * query of Salesforce at `--url`, `--source none` has no flow and ingests the same objects as a flow's units do; `--to drop` is a destination that takes
 * and drops, `--to profiles` a domain of Customer Profiles. Prints what it measured.
 */
import assert from "node:assert/strict";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  PutIntegrationCommand,
  PutProfileObjectTypeCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { findFlow, findRun } from "../../src/services/appflow/flow-document.ts";
import { createFlow, type FlowPlan, runFlow } from "../../src/services/appflow/index.ts";
import { FIELDS, objectOf, rowOf } from "./flow-records.ts";

const { values } = parseArgs({
  options: {
    source: { type: "string", default: "s3" },
    to: { type: "string", default: "drop" },
    records: { type: "string", default: "10000" },
    data: { type: "string", default: ":memory:" },
    url: { type: "string", default: "http://127.0.0.1:1" },
  },
});
const RECORDS = Number(values.records);
const OWNER = { account: "000000000000", region: "us-east-1" };
const REF = { ...OWNER, name: "bench" };
const DOMAIN = "bench";
const PRINCIPAL = "appflow.amazonaws.com";

const salesforce = {
  connectorType: "Salesforce",
  instanceUrl: values.url,
  clientId: "bench",
  clientSecret: "bench",
  bulkAbove: 100_000_000,
};
const app = await startApp(
  readConfig(["--port", "0", "--data", values.data, "--log-level", "error"], {
    TRUNKLINE_CONNECTORS: JSON.stringify({ bench: salesforce }),
  }),
  {},
);
const platform = app.platform();
const { store, flow } = platform;
flow.sink("bench", "", { append: async (_unit, _arn, requests) => requests.map(() => undefined) });
const options = {
  endpoint: app.url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};

async function main(): Promise<void> {
  const destinationArn = values.to === "profiles" ? await openDomain() : "arn:aws:bench:us-east-1:000000000000:drop";
  if (values.source === "s3") await fillBucket();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.threadCpuUsage();
  const startMs = performance.now();
  await (values.source === "none" ? ingest(destinationArn) : runOnce(destinationArn));
  const seconds = (performance.now() - startMs) / 1000;
  const after = process.threadCpuUsage(before);
  console.log(
    JSON.stringify({
      perSecond: RECORDS / seconds,
      threadUs: (after.user + after.system) / RECORDS,
      delayP99Ms: delay.percentile(99) / 1e6,
      delayMaxMs: delay.max / 1e6,
      residentMb: process.memoryUsage.rss() / 1024 ** 2,
    }),
  );
  await app.close();
}

async function openDomain(): Promise<string> {
  const client = new CustomerProfilesClient(options);
  await client.send(new CreateDomainCommand({ DomainName: DOMAIN, DefaultExpirationDays: 366 }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName: DOMAIN,
      ObjectTypeName: "Guest",
      Description: "Guests",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.id" },
        mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
        first: { Source: "_source.first", Target: "_profile.FirstName" },
        last: { Source: "_source.last", Target: "_profile.LastName" },
      },
      Keys: { guestKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["id"] }] },
    }),
  );
  const Uri = "arn:aws:s3:::bench/none/";
  await new S3Client({ ...options, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: "bench" }));
  await client.send(new PutIntegrationCommand({ DomainName: DOMAIN, ObjectTypeName: "Guest", Uri }));
  client.destroy();
  return `arn:aws:profile:us-east-1:000000000000:ingest/${DOMAIN}/${Uri}`;
}

async function fillBucket(): Promise<void> {
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  if (values.to !== "profiles") await s3.send(new CreateBucketCommand({ Bucket: "bench" }));
  const lines = Array.from({ length: RECORDS }, (_, at) => `${JSON.stringify(rowOf(at))}\n`);
  await s3.send(new PutObjectCommand({ Bucket: "bench", Key: "in/rows.jsonl", Body: lines.join("") }));
  s3.destroy();
}

function plan(): FlowPlan {
  const map = (field: string, destination: string) => ({
    type: "Map" as const,
    operator: "NO_OP",
    fields: [field],
    destination,
    properties: {},
  });
  const isHttp = values.source === "http";
  return {
    kmsArn: "",
    source: isHttp
      ? { connector: "Salesforce", profileName: "bench", properties: { Object: "Contact" } }
      : { connector: "S3", properties: { BucketName: "bench", BucketPrefix: "in/" } },
    tasks: [
      { type: "Filter", operator: "PROJECTION", fields: FIELDS.map(([field]) => field), properties: {} },
      ...FIELDS.map(([field, destination]) => map(field, destination)),
    ],
    trigger: { type: "OnDemand" },
  };
}

async function runOnce(destinationArn: string): Promise<void> {
  const runId = await store.commit(async (unit) => {
    const made = await createFlow(unit, platform, { ...REF, plan: plan(), destinationArn, createdBy: "bench" });
    assert(made);
    return runFlow(unit, platform, made);
  });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const run = await findRun(store, REF, runId);
    if (run?.endedMs === undefined) continue;
    assert.deepEqual(
      [run.status, run.counts.ingested],
      ["Successful", RECORDS],
      JSON.stringify(await findFlow(store, REF)),
    );
    return;
  }
}

/** What a flow's units do, with nothing before them. */
async function ingest(destinationArn: string): Promise<void> {
  const append = flow.findSink(destinationArn)?.append;
  assert(append);
  for (let at = 0; at < RECORDS; at += 8) {
    const requests = Array.from({ length: Math.min(8, RECORDS - at) }, (_, place) => ({
      deliveryId: platform.ids.uuid(),
      account: OWNER.account,
      principal: PRINCIPAL,
      sourceArn: destinationArn,
      body: JSON.stringify(objectOf(at + place)),
    }));
    const outcomes = await store.commitUnsynced((unit) => append(unit, destinationArn, requests));
    assert(outcomes.every((outcome) => outcome === undefined));
  }
  await store.durable();
}

await main();
