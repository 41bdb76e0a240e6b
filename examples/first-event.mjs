/**
 * The first thing to try: a call is made, and its life arrives on a Kinesis stream while it happens.
 *
 *   contact → event on the default bus → EventBridge rule → Kinesis stream → SubscribeToShard, live
 *
 * Unmodified AWS SDK clients; nothing here knows Trunkline but the URL. Start the server (`npm start`), then
 * `node examples/first-event.mjs`.
 */
import {
  ConnectClient,
  CreateInstanceCommand,
  ListContactFlowsCommand,
  ListQueuesCommand,
  StartOutboundVoiceContactCommand,
} from "@aws-sdk/client-connect";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";

const options = {
  endpoint: process.env.AWS_ENDPOINT_URL ?? "http://127.0.0.1:4510",
  region: process.env.AWS_REGION ?? "us-east-1",
  credentials: {
    accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "test",
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "test",
  },
};
const kinesis = new KinesisClient(options);
const events = new EventBridgeClient(options);
const connect = new ConnectClient(options);
const name = `first-event-${Date.now()}`;

// A stream, and a rule that sends the contact events of the account to it.
await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, { StreamName: name });
const { StreamDescriptionSummary: stream } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }));
await events.send(
  new PutRuleCommand({
    Name: name,
    EventPattern: JSON.stringify({ source: ["aws.connect"], "detail-type": ["Amazon Connect Contact Event"] }),
  }),
);
await events.send(
  new PutTargetsCommand({
    Rule: name,
    Targets: [
      {
        Id: "stream",
        Arn: stream.StreamARN,
        RoleArn: "arn:aws:iam::000000000000:role/events-to-kinesis",
        KinesisParameters: { PartitionKeyPath: "$.detail.contactId" },
      },
    ],
  }),
);

// A live subscription to the stream's only shard.
const { Consumer: consumer } = await kinesis.send(
  new RegisterStreamConsumerCommand({ StreamARN: stream.StreamARN, ConsumerName: "reader" }),
);
const {
  Shards: [shard],
} = await kinesis.send(new ListShardsCommand({ StreamName: name }));
const { EventStream: live } = await kinesis.send(
  new SubscribeToShardCommand({
    ConsumerARN: consumer.ConsumerARN,
    ShardId: shard.ShardId,
    StartingPosition: { Type: "TRIM_HORIZON" },
  }),
);

// A contact centre, as it comes out of the box, and a call. The number decides what the carrier does: this one answers
// and hangs up soon after (docs/carrier.md).
const { Id: instance } = await connect.send(
  new CreateInstanceCommand({
    IdentityManagementType: "CONNECT_MANAGED",
    InstanceAlias: name,
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  }),
);
const {
  ContactFlowSummaryList: [flow],
} = await connect.send(new ListContactFlowsCommand({ InstanceId: instance, ContactFlowTypes: ["CONTACT_FLOW"] }));
const {
  QueueSummaryList: [queue],
} = await connect.send(new ListQueuesCommand({ InstanceId: instance, QueueTypes: ["STANDARD"] }));
const { ContactId: contact } = await connect.send(
  new StartOutboundVoiceContactCommand({
    InstanceId: instance,
    ContactFlowId: flow.Id,
    QueueId: queue.Id,
    DestinationPhoneNumber: process.env.DESTINATION ?? "+12065550102",
  }),
);
console.log(`called ${contact}`);

// Its events, as they arrive.
reading: for await (const { SubscribeToShardEvent: page } of live) {
  for (const record of page?.Records ?? []) {
    const { time, detail } = JSON.parse(Buffer.from(record.Data).toString("utf8"));
    if (detail.contactId !== contact) continue;
    console.log(time, detail.eventType);
    if (detail.eventType === "DISCONNECTED") break reading;
  }
}
// The subscription would go on for its five minutes.
process.exit();
