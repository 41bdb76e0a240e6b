/**
 * A file of customers in S3 becomes profiles: a CSV with a row a customer, read by a flow that filters, joins, masks and maps, while its progress
 * and the server's memory are shown.
 *
 *   node examples/s3-csv.mjs                      a few thousand rows
 *   node examples/s3-csv.mjs --objects 1000000    a million: some 100 MB
 *
 * Start the server first (`npm start`).
 */
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDomainCommand,
  GetDomainCommand,
  PutIntegrationCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import {
  chance,
  cleanUp,
  control,
  objectCount,
  options,
  pick,
  printTable,
  profiles,
  queueLength,
  settled,
  sqs,
} from "./customer-data.mjs";

const began = Date.now();
const DomainName = `csv-${began}`;
const flowName = `customers-${began}`;
const s3 = new S3Client({ ...options, forcePathStyle: true });

// The file: most customers are active, and of a few the number is missing.
const FIRST = ["Ina", "Jonas", "Mette", "Yusuf", "Olga", "Piet", "Aylin", "Chiara"];
const LAST = ["Möller", "Petersen", "Yılmaz", "Nowak", '"Rocky" O\'Brien', "Graf", "Lindqvist", "van Dijk, jr."];
const CITIES = ["Kiel", "Bremen", "Lübeck", "Husum", "Rostock"];
const made = { active: 0, gone: 0, unknown: 0 };
const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
const folder = mkdtempSync(join(tmpdir(), "trunkline-csv-"));
const path = join(folder, "customers.csv");
const file = createWriteStream(path);
file.write("number,first,last,mail,phone,city,status\n");
for (let place = 0; place < objectCount; place++) {
  const isActive = chance(0.9);
  const isKnown = chance(0.995);
  made[isActive ? (isKnown ? "active" : "unknown") : "gone"]++;
  const row = [
    isKnown ? 40000 + place : "",
    pick(FIRST),
    quoted(pick(LAST)),
    `customer.${place}@example.com`,
    `+49431${1000000 + place}`,
    pick(CITIES),
    isActive ? "active" : "gone",
  ];
  if (!file.write(`${row.join(",")}\n`)) await new Promise((resolve) => file.once("drain", resolve));
}
file.end();
await finished(file);
const { size } = statSync(path);
await s3.send(new CreateBucketCommand({ Bucket: DomainName }));
await s3.send(
  new PutObjectCommand({
    Bucket: DomainName,
    Key: "export/customers.csv",
    Body: createReadStream(path),
    ContentLength: size,
  }),
);
rmSync(folder, { recursive: true });
console.log(`${objectCount} rows, ${(size / 1e6).toFixed(1)} MB, lie in s3://${DomainName}/export/customers.csv`);

// Where they go, and who is told of what cannot be ingested.
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: DomainName }));
await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, DeadLetterQueueUrl: QueueUrl }));
const field = (name, Target, ContentType = "STRING") => ({ Source: `_source.${name}`, Target, ContentType });
await profiles.send(
  new PutProfileObjectTypeCommand({
    DomainName,
    ObjectTypeName: "Customer",
    Description: "rows of the export",
    AllowProfileCreation: true,
    Fields: {
      number: field("number", "_profile.AccountNumber"),
      name: field("name", "_profile.Attributes.FullName"),
      mail: field("mail", "_profile.EmailAddress", "EMAIL_ADDRESS"),
      phone: field("phone", "_profile.Attributes.Phone"),
      city: field("city", "_profile.Address.City"),
    },
    Keys: { customerKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["number"] }] },
  }),
);

// The flow. It runs once, now.
const task = (TaskType, operator, SourceFields, more = {}) => {
  return { TaskType, ConnectorOperator: { S3: operator }, SourceFields, ...more };
};
const map = (from, DestinationField) => task("Map", "NO_OP", [from], { DestinationField });
await profiles.send(
  new PutIntegrationCommand({
    DomainName,
    ObjectTypeName: "Customer",
    FlowDefinition: {
      FlowName: flowName,
      KmsArn: `arn:aws:kms:${options.region}:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001`,
      SourceFlowConfig: {
        ConnectorType: "S3",
        SourceConnectorProperties: { S3: { BucketName: DomainName, BucketPrefix: "export" } },
      },
      Tasks: [
        task("Filter", "PROJECTION", ["number", "first", "last", "mail", "phone", "city", "status"]),
        task("Filter", "EQUAL_TO", ["status"], { TaskProperties: { DATA_TYPE: "string", VALUE: "active" } }),
        task("Mask", "MASK_LAST_N", ["phone"], { TaskProperties: { MASK_LENGTH: "4", MASK_VALUE: "*" } }),
        task("Merge", "NO_OP", ["first", "last"], {
          DestinationField: "first,last",
          TaskProperties: { CONCAT_FORMAT: "${first} ${last}" },
        }),
        map("first,last", "name"),
        ...["number", "mail", "phone", "city"].map((name) => map(name, name)),
      ],
      TriggerConfig: { TriggerType: "OnDemand" },
    },
  }),
);

/** The server's memory, in MB. */
async function memory() {
  const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(await control("GET", "metrics"));
  return Number(bytes) / 1e6;
}

// The one run of the flow, until it is over. `trunkline flows show` shows the same.
const started = Date.now();
const seen = [];
let shown = -1;
let run;
do {
  await sleep(500);
  run = (await control("GET", `flows/${flowName}`)).runs[0];
  seen.push(await memory());
  const isOver = run.status !== "InProgress";
  if (!isOver && run.read - shown < objectCount / 20) continue;
  shown = run.read;
  const perSecond = Math.round((1000 * run.ingested) / (Date.now() - started));
  const share = `${Math.floor((100 * run.read) / objectCount)} %`;
  const found = `${run.read} read, ${run.filtered} filtered, ${run.failed} failed, ${run.ingested} ingested`;
  console.log(`${share.padStart(5)}: ${found}, ${perSecond}/s, ${seen.at(-1).toFixed(0)} MB`);
} while (run.status === "InProgress");

const told = await settled(() => queueLength(QueueUrl), made.unknown);
const { Stats } = await profiles.send(new GetDomainCommand({ DomainName }));
printTable([
  ["rows read", objectCount, run.read],
  ["filtered: not active", made.gone, run.filtered],
  ["failed: without a number", made.unknown, run.failed],
  ["dead letters", made.unknown, told],
  ["profiles", made.active, Stats.ProfileCount],
  ["objects", made.active, Stats.ObjectCount],
]);
const search = new SearchProfilesCommand({
  DomainName,
  KeyName: "_email",
  Values: [`customer.${objectCount - 1}@example.com`],
});
const [profile] = (await profiles.send(search)).Items;
if (profile)
  console.log(`the last one: ${profile.Attributes.FullName} of ${profile.Address.City}, ${profile.Attributes.Phone}`);
console.log(
  `the run is ${run.status}; memory of the server: ${seen[0].toFixed(0)} MB when it began, ${Math.max(...seen).toFixed(0)} at most`,
);
console.log(`${((Date.now() - started) / 1000).toFixed(1)} s, ${((Date.now() - began) / 1000).toFixed(1)} s with all`);
cleanUp();
