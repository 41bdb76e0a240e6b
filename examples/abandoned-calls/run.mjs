/**
 * Who hangs up in the queue is called back: at most once an hour, and not if they called again and were helped.
 *
 *   contact events ─┬─ DISCONNECTED, no agent → SQS, five minutes later → Lambda → task for an agent, with the number
 *                   └─ CONNECTED_TO_AGENT ───────────────────────────→ Lambda → no task; one that waits is stopped
 *
 * The five minutes let people call again by themselves. What the functions know of a caller is kept for a day (functions/recover.mjs).
 * Unmodified AWS SDK clients. Start the server with a clock that can be moved, then run this in a second terminal:
 *
 *   npm start -- --clock manual
 *   node examples/abandoned-calls/run.mjs
 */
import { DescribeContactCommand, SearchContactsCommand } from "@aws-sdk/client-connect";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, PutBucketLifecycleConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  account,
  advance,
  allow,
  arnOf,
  connect,
  createFunction,
  lambda,
  now,
  openCentre,
  options,
  policy,
} from "../contact-centre.mjs";

const events = new EventBridgeClient(options);
const s3 = new S3Client({ ...options, forcePathStyle: true });
const sqs = new SQSClient(options);
const name = process.env.NAME ?? `abandoned-calls-${Date.now()}`;
const beganAt = await now();
const { InstanceId, instanceArn, flow, setStatus, act, call, hangUp, close } = await openCentre(name, ["ada"]);

// --- what is known of callers, for a day ------------------------------------------------------------------------------

const bucket = `${name}-${account}`;
await s3.send(new CreateBucketCommand({ Bucket: bucket }));
await s3.send(
  new PutBucketLifecycleConfigurationCommand({
    Bucket: bucket,
    LifecycleConfiguration: {
      Rules: [{ ID: "forget", Status: "Enabled", Filter: { Prefix: "callers/" }, Expiration: { Days: 1 } }],
    },
  }),
);

// --- calls that were abandoned, five minutes later ----------------------------------------------------------------------

const abandonedRule = await createRule("abandoned", {
  eventType: ["DISCONNECTED"],
  disconnectReason: ["CUSTOMER_DISCONNECT", "TELECOM_PROBLEM"],
  queueInfo: { queueArn: [{ exists: true }] },
  agentInfo: { agentArn: [{ exists: false }] },
});
const queueArn = arnOf("sqs", `${name}-abandoned`);
const fromRule = { Principal: { Service: "events.amazonaws.com" } };
await sqs.send(
  new CreateQueueCommand({
    QueueName: `${name}-abandoned`,
    Attributes: {
      DelaySeconds: "300",
      VisibilityTimeout: "180",
      Policy: policy(
        allow("sqs:SendMessage", queueArn, {
          ...fromRule,
          Condition: { ArnEquals: { "aws:SourceArn": abandonedRule } },
        }),
      ),
    },
  }),
);
await events.send(new PutTargetsCommand({ Rule: `${name}-abandoned`, Targets: [{ Id: "queue", Arn: queueArn }] }));

const shared = {
  file: new URL("functions/recover.mjs", import.meta.url),
  variables: { BUCKET: bucket, INSTANCE_ID: InstanceId, FLOW_ID: flow.Id },
};
const may = [
  allow(["connect:StartTaskContact", "connect:StopContact"], [instanceArn, `${instanceArn}/*`]),
  allow(["s3:GetObject", "s3:PutObject"], `arn:aws:s3:::${bucket}/callers/*`),
  // Else what is not there yet is told to be forbidden.
  allow("s3:ListBucket", `arn:aws:s3:::${bucket}`),
];
const recover = await createFunction(`${name}-recover`, {
  ...shared,
  handler: "abandoned",
  may: [...may, allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queueArn)],
});
await lambda.send(
  new CreateEventSourceMappingCommand({ FunctionName: recover, EventSourceArn: queueArn, BatchSize: 1 }),
);

// --- callers who were helped, at once -------------------------------------------------------------------------------------

const helpedRule = await createRule("helped", { eventType: ["CONNECTED_TO_AGENT"] });
const forget = await createFunction(`${name}-helped`, { ...shared, handler: "helped", may, source: helpedRule });
await events.send(new PutTargetsCommand({ Rule: `${name}-helped`, Targets: [{ Id: "function", Arn: forget }] }));

/** A rule over the calls that come in to this instance. */
async function createRule(suffix, detail) {
  const { RuleArn } = await events.send(
    new PutRuleCommand({
      Name: `${name}-${suffix}`,
      EventPattern: JSON.stringify({
        source: ["aws.connect"],
        "detail-type": ["Amazon Connect Contact Event"],
        detail: { instanceArn: [instanceArn], channel: ["VOICE"], initiationMethod: ["INBOUND"], ...detail },
      }),
    }),
  );
  return RuleArn;
}

// --- an afternoon ---------------------------------------------------------------------------------------------------------

/** Who calls, and what is to come of it: tasks that an agent finds, and those that were stopped. */
const callers = {
  "gives up": { number: "+4930901820101", expected: [1, 0] },
  "gives up three times": { number: "+4930901820102", expected: [1, 0] },
  "gives up, is helped at once": { number: "+4930901820103", expected: [0, 0] },
  "gives up, is helped later": { number: "+4930901820104", expected: [0, 1] },
  "gives up, and after an hour": { number: "+4930901820105", expected: [2, 0] },
};

/** Waits for two minutes, and hangs up. */
async function giveUp(caller) {
  const contactId = await call(callers[caller].number);
  await advance("PT2M");
  await hangUp(contactId);
}

/** Is taken by Ada, who is there for this call. Tasks wait for others. */
async function getHelp(caller) {
  const contactId = await call(callers[caller].number);
  await advance("PT30S");
  await setStatus("ada", "Available");
  await act("ada", "accept", contactId);
  await setStatus("ada", "Offline");
  await advance("PT3M");
  await hangUp(contactId);
  await act("ada", "clear", contactId);
}

await giveUp("gives up");
for (let times = 0; times < 3; times++) await giveUp("gives up three times");
await giveUp("gives up, is helped at once");
await getHelp("gives up, is helped at once");
await giveUp("gives up, is helped later");
await giveUp("gives up, and after an hour");
await advance("PT10M");
await getHelp("gives up, is helped later");
await advance("PT1H");
await giveUp("gives up, and after an hour");
await advance("PT10M");
await close();

// --- what came of it --------------------------------------------------------------------------------------------------------

const found = await connect.send(
  new SearchContactsCommand({
    InstanceId,
    TimeRange: { Type: "INITIATION_TIMESTAMP", StartTime: beganAt, EndTime: await now() },
    MaxResults: 100,
  }),
);
const contacts = await Promise.all(
  found.Contacts.map(async ({ Id: ContactId }) => {
    const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
    return Contact;
  }),
);
console.log(`${"".padEnd(30)}calls  helped  callbacks  stopped`);
for (const [caller, { number, expected }] of Object.entries(callers)) {
  const calls = contacts.filter(({ CustomerEndpoint }) => CustomerEndpoint?.Address === number);
  const tasks = contacts.filter(({ Attributes }) => Attributes.phone === number);
  const waiting = tasks.filter(({ DisconnectTimestamp }) => !DisconnectTimestamp).length;
  const helped = calls.filter(({ AgentInfo }) => AgentInfo).length;
  const row = [calls.length, helped, waiting, tasks.length - waiting];
  const isRight = `${row.slice(2)}` === `${expected}`;
  console.log(
    caller.padEnd(30) + row.map((count) => String(count).padEnd(8)).join("") + (isRight ? "as meant" : "WRONG"),
  );
}
