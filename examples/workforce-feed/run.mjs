/**
 * A feed for workforce management: every 15 minutes, how many calls each queue was offered, and how they were handled, as CSV in S3.
 *
 *   EventBridge schedule → Lambda → GetMetricDataV2, by queue and interval → S3: intervals/2026-03-03/0900.csv
 *
 * The schedule is off for an hour in the middle: the next run fills the gap (functions/export.mjs says how). Unmodified AWS SDK clients.
 * Start the server with a clock that can be moved, then run this in a second terminal:
 *
 *   npm start -- --clock manual
 *   node examples/workforce-feed/run.mjs
 */
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import {
  account,
  advance,
  allow,
  createFunction,
  lambda,
  moveTo,
  now,
  openCentre,
  options,
} from "../contact-centre.mjs";

const events = new EventBridgeClient(options);
const s3 = new S3Client({ ...options, forcePathStyle: true });
const name = process.env.NAME ?? `workforce-feed-${Date.now()}`;
const { InstanceId, instanceArn, setStatus, act, call, hangUp, close } = await openCentre(name, ["ada"]);

// --- the feed ---------------------------------------------------------------------------------------------------------------

const bucket = `${name}-${account}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
const { RuleArn } = await events.send(
  new PutRuleCommand({ Name: name, ScheduleExpression: "cron(0/15 * * * ? *)", State: "ENABLED" }),
);
const feed = await createFunction(name, {
  file: new URL("functions/export.mjs", import.meta.url),
  variables: { BUCKET: bucket, INSTANCE_ID: InstanceId, INSTANCE_ARN: instanceArn },
  may: [
    allow(["connect:GetMetricDataV2", "connect:ListQueues"], [instanceArn, `${instanceArn}/*`]),
    allow("s3:PutObject", `arn:aws:s3:::${bucket}/intervals/*`),
    allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
  ],
  source: RuleArn,
});
await events.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "feed", Arn: feed }] }));

// --- three hours, with one in which the schedule is off -----------------------------------------------------------------------

const QUARTER_MS = 15 * 60_000;
const startMs = Math.ceil((await now()).getTime() / QUARTER_MS) * QUARTER_MS;
await moveTo(new Date(startMs));
await setStatus("ada", "Available");

await quarters(4);
await events.send(new DisableRuleCommand({ Name: name }));
await quarters(4);
console.log(`after an hour without the schedule there are ${(await list()).length} intervals`);
await events.send(new EnableRuleCommand({ Name: name }));
await quarters(4);
console.log(`after another hour with it there are ${(await list()).length}`);

// A call of 14 minutes whose after-contact work goes on into the next quarter: it is not in its interval's first file, but in the second.
const late = await call("+4930901820104");
await act("ada", "accept", late);
await advance("PT14M");
await hangUp(late);
await advance("PT2M");
await act("ada", "clear", late);
await advance("PT14M");
await close();
await events.send(new DisableRuleCommand({ Name: name }));
console.log("and half an hour later:\n");

/**
 * Each quarter three people call: Ada takes one after 10 seconds and one after 4 minutes, and one hangs up after 10 seconds. Ada talks for
 * 3 and 2 minutes, and works for a minute after each.
 */
async function quarters(count) {
  for (let quarter = 0; quarter < count; quarter++) {
    const [first, second, third] = [
      await call("+4930901820101"),
      await call("+4930901820102"),
      await call("+4930901820103"),
    ];
    await advance("PT10S");
    await hangUp(third);
    for (const [contactId, minutes] of [
      [first, 3],
      [second, 2],
    ]) {
      await act("ada", "accept", contactId);
      await advance(`PT${minutes}M`);
      await hangUp(contactId);
      await advance("PT1M");
      await act("ada", "clear", contactId);
    }
    await advance("PT7M50S");
  }
}

/** The objects of these hours, by key. The first run has written the day before too. */
async function list() {
  const first = `intervals/${new Date(startMs - 1).toISOString().slice(0, 16).replace("T", "/").replace(":", "")}.csv`;
  const found = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "intervals/", StartAfter: first }));
  return found.Contents ?? [];
}

// --- what the workforce-management system finds -------------------------------------------------------------------------------

const before = await list();
for (const [place, { Key }] of before.entries()) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  const lines = (await Body.transformToString()).trim().split("\n");
  console.log((place === 0 ? lines : lines.slice(1)).join("\n"));
}

// Whoever runs it again changes nothing.
const time = (await now()).toISOString();
await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify({ time }) }));
const after = await list();
const isSame = after.length === before.length && after.every(({ ETag }, place) => ETag === before[place].ETag);
console.log(`\nexported once more: ${isSame ? "the same files" : "OTHER FILES"}`);
