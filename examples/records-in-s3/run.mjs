/**
 * Contact records outlive Connect: it forgets a contact after 24 months, and an archive in S3 keeps it for as long as you have to.
 *
 *   contact records → Firehose (gzip, a folder a day) → S3 → a query by days (query.mjs)
 *                                                        → a lifecycle, which ends it
 *
 * Three days of calls are recorded, 25 months pass, and then another year. Unmodified AWS SDK clients. Start the server with a clock that
 * can be moved, then run this in a second terminal:
 *
 *   npm start -- --clock manual
 *   node examples/records-in-s3/run.mjs
 */
import { AssociateInstanceStorageConfigCommand, DescribeContactCommand } from "@aws-sdk/client-connect";
import { CreateDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { account, advance, allow, connect, createRole, moveTo, now, openCentre, options } from "../contact-centre.mjs";
import { findRecords, printRecords } from "./query.mjs";

const firehose = new FirehoseClient(options);
const s3 = new S3Client({ ...options, forcePathStyle: true });
const name = process.env.NAME ?? `records-in-s3-${Date.now()}`;
const { InstanceId, setStatus, act, call, hangUp, close } = await openCentre(name, ["ada"]);

// --- the archive: cheaper after 90 days, gone after three years -----------------------------------------------------------

const bucket = `${name}-${account}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
await s3.send(
  new PutBucketLifecycleConfigurationCommand({
    Bucket: bucket,
    LifecycleConfiguration: {
      Rules: [
        {
          ID: "three years",
          Status: "Enabled",
          Filter: { Prefix: "contact-records/" },
          Transitions: [{ Days: 90, StorageClass: "GLACIER_IR" }],
          Expiration: { Days: 3 * 365 + 1 },
        },
      ],
    },
  }),
);

// --- the delivery stream ------------------------------------------------------------------------------------------------------

const newline = { ParameterName: "Delimiter", ParameterValue: "\\n" };
const { DeliveryStreamARN } = await firehose.send(
  new CreateDeliveryStreamCommand({
    DeliveryStreamName: name,
    ExtendedS3DestinationConfiguration: {
      RoleARN: await createRole(name, "firehose.amazonaws.com", [
        allow("s3:PutObject", `arn:aws:s3:::${bucket}/*`),
        allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
      ]),
      BucketARN: `arn:aws:s3:::${bucket}`,
      Prefix: "contact-records/!{timestamp:yyyy/MM/dd}/",
      ErrorOutputPrefix: "failed/!{firehose:error-output-type}/",
      FileExtension: ".jsonl.gz",
      CompressionFormat: "GZIP",
      // What comes within 15 minutes is one object, up to 64 MB: a few large ones are read faster than many small ones.
      BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 64 },
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [{ Type: "AppendDelimiterToRecord", Parameters: [newline] }],
      },
    },
  }),
);
await connect.send(
  new AssociateInstanceStorageConfigCommand({
    InstanceId,
    ResourceType: "CONTACT_TRACE_RECORDS",
    StorageConfig: { StorageType: "KINESIS_FIREHOSE", KinesisFirehoseConfig: { FirehoseArn: DeliveryStreamARN } },
  }),
);

// --- three days -----------------------------------------------------------------------------------------------------------------

const DAY_MS = 86_400_000;
const days = [];
const contactIds = [];
let midnight = new Date(Math.ceil((await now()).getTime() / DAY_MS) * DAY_MS);
for (let day = 1; day <= 3; day++) {
  days.push(midnight.toISOString().slice(0, 10));
  await moveTo(new Date(midnight.getTime() + DAY_MS / 3));
  await setStatus("ada", "Available");
  for (let calls = 0; calls <= day; calls++) contactIds.push(await talk(`+49309018201${day}${calls}`));
  await setStatus("ada", "Offline");

  // Somebody calls before midnight and gives up after it: the record lies in the folder of the next day.
  midnight = new Date(midnight.getTime() + DAY_MS);
  await moveTo(new Date(midnight.getTime() - 30_000));
  contactIds.push(await giveUp(`+49309018202${day}0`));
}
await advance("PT1H");
await close();
console.log(`${contactIds.length} calls on three days, in these objects:`);
for (const key of await listKeys()) console.log(`  ${key}`);

async function talk(from) {
  const contactId = await call(from);
  await act("ada", "accept", contactId);
  await advance("PT2M");
  await hangUp(contactId);
  await act("ada", "clear", contactId);
  return contactId;
}

async function giveUp(from) {
  const contactId = await call(from);
  await advance("PT1M");
  await hangUp(contactId);
  return contactId;
}

async function listKeys() {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "contact-records/" }));
  return Contents.map(({ Key }) => Key);
}

// --- 25 months later --------------------------------------------------------------------------------------------------------------

console.log(`\nConnect knows ${await knownToConnect()} of ${contactIds.length} contacts`);
await advance("P25M");
console.log(
  `25 months later Connect knows ${await knownToConnect()} of them; the archive has, of the second and the third day:`,
);
printRecords(await findRecords(bucket, days[1], days[2]));

await advance("P1Y");
console.log(`\nafter another year the archive has ${(await listKeys()).length} objects`);

async function knownToConnect() {
  let known = 0;
  for (const ContactId of contactIds) {
    await connect.send(new DescribeContactCommand({ InstanceId, ContactId })).then(
      () => known++,
      (error) => {
        if (error.name !== "ResourceNotFoundException") throw error;
      },
    );
  }
  return known;
}
