/** What the examples of Customer Profiles share: clients, chance from a seed, the loader, and the table of what came of it. */
import { execFile } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import {
  CreateSegmentEstimateCommand,
  CustomerProfilesClient,
  GetSegmentEstimateCommand,
} from "@aws-sdk/client-customer-profiles";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { Sha256Node } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";

export const options = {
  endpoint: process.env.AWS_ENDPOINT_URL ?? "http://127.0.0.1:4510",
  region: process.env.AWS_REGION ?? "us-east-1",
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "test",
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "test",
  },
};
export const profiles = new CustomerProfilesClient(options);
export const kinesis = new KinesisClient(options);
export const sqs = new SQSClient(options);

const { values } = parseArgs({
  options: { objects: { type: "string", default: "3000" }, seed: { type: "string", default: "1" } },
});

/** How many objects to make, of all types together. */
export const objectCount = Number(values.objects);

/** A role that the server's account has. Nothing looks into it here. */
export const role = "arn:aws:iam::000000000000:role/examples";

/** Chance that repeats: the same seed makes the same objects. (mulberry32) */
let state = Number(values.seed);
export function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}
export const below = (bound) => Math.floor(random() * bound);
export const pick = (from) => from[below(from.length)];
export const chance = (probability) => random() < probability;

const folder = mkdtempSync(join(tmpdir(), "trunkline-example-"));
const importer = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

/** Writes objects of one type into a file, one a line, and has the loader put them. */
export async function load(domain, type, objects) {
  const path = join(folder, `${type}.jsonl`);
  const file = createWriteStream(path);
  for (const object of objects) {
    if (!file.write(`${JSON.stringify(object)}\n`)) await new Promise((resolve) => file.once("drain", resolve));
  }
  file.end();
  await finished(file);
  const args = [importer, "import", path, "--domain", domain, "--type", type, "--url", options.endpoint];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  console.log(`${type}: ${stdout.trim()}`);
  rmSync(path);
}

/** Asks one of Trunkline's own endpoints, which take requests that are signed as those of AWS are. Answers with its text, or what its JSON says. */
export async function control(method, path, input) {
  const { host, hostname, protocol } = new URL(options.endpoint);
  const signer = new SignatureV4({ ...options, service: "trunkline", sha256: Sha256Node });
  const body = input === undefined ? undefined : JSON.stringify(input);
  const request = { method, protocol, hostname, path: `/_trunkline/${path}`, query: {}, headers: { host }, body };
  const { host: _, ...headers } = (await signer.sign(request)).headers;
  const answer = await fetch(`${options.endpoint}${request.path}`, { method, headers, body });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.headers.get("content-type") === "application/json" ? answer.json() : answer.text();
}

/** How many profiles belong to a segment. */
export async function segmentSize(DomainName, SegmentQuery) {
  const { EstimateId } = await profiles.send(new CreateSegmentEstimateCommand({ DomainName, SegmentQuery }));
  for (;;) {
    const { Status, Estimate } = await profiles.send(new GetSegmentEstimateCommand({ DomainName, EstimateId }));
    if (Status === "SUCCEEDED") return Number(Estimate);
    if (Status !== "RUNNING") throw new Error(`the estimate has ${Status}`);
    await sleep(100);
  }
}

/** How many messages lie in a queue. */
export async function queueLength(QueueUrl) {
  const AttributeNames = ["ApproximateNumberOfMessages"];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return Number(Attributes.ApproximateNumberOfMessages);
}

/** Waits for what follows an object after it was put. */
export async function settled(read, expected) {
  for (let tries = 0; tries < 600; tries++) {
    if ((await read()) >= expected) break;
    await sleep(100);
  }
  return read();
}

/** Prints a table: what was generated, and what is in the domain. */
export function printTable(rows) {
  const line = (name, made, found) =>
    console.log(name.padEnd(34) + String(made).padStart(12) + String(found).padStart(16));
  line("", "generated", "in the domain");
  for (const [name, made, found] of rows) line(name, made, found);
}

export function cleanUp() {
  rmSync(folder, { recursive: true, force: true });
}
