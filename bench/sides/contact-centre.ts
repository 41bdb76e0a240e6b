/** A contact centre to be measured: an instance with its streams, queues, and agents who wait for calls. */
import { randomUUID } from "node:crypto";
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  CreateInstanceCommand,
  CreateQueueCommand,
  CreateRoutingProfileCommand,
  CreateUserCommand,
  ListAgentStatusesCommand,
  ListHoursOfOperationsCommand,
  ListSecurityProfilesCommand,
} from "@aws-sdk/client-connect";
import { call } from "./load.ts";
import type { SignedConnection } from "./signed-connection.ts";

/** A queue, and the agents whose routing profile serves it alone. */
export interface Team {
  readonly queueId: string;
  readonly agentIds: readonly string[];
}

export interface ContactCentre {
  readonly instanceId: string;
  readonly teams: readonly Team[];
  readonly availableId: string;
}

/** Contact events go to the one stream, contact records and agent events to the other. */
export const EVENT_STREAM = "contact-events";
export const RECORD_STREAM = "records";

const ACCOUNT_ARN = "arn:aws:kinesis:us-east-1:000000000000";

/** Makes it over the API. Nobody is signed in yet. */
export async function openContactCentre(
  url: string,
  { teams, agentsOfTeam }: { readonly teams: number; readonly agentsOfTeam: number },
): Promise<ContactCentre> {
  const connect = new ConnectClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const { Id: InstanceId = "" } = await connect.send(
    new CreateInstanceCommand({
      // Passwords take longer to hash than all else here.
      IdentityManagementType: "SAML",
      InstanceAlias: "bench",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  for (const StreamName of [EVENT_STREAM, RECORD_STREAM]) {
    await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName, ShardCount: 4 });
  }
  for (const ResourceType of ["AGENT_EVENTS", "CONTACT_TRACE_RECORDS"] as const) {
    const KinesisStreamConfig = { StreamArn: `${ACCOUNT_ARN}:stream/${RECORD_STREAM}` };
    const StorageConfig = { StorageType: "KINESIS_STREAM", KinesisStreamConfig } as const;
    await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  }
  const EventPattern = JSON.stringify({ source: ["aws.connect"], "detail-type": ["Amazon Connect Contact Event"] });
  await call(url, "events", "AWSEvents.PutRule", { Name: "contacts", EventPattern });
  await call(url, "events", "AWSEvents.PutTargets", {
    Rule: "contacts",
    Targets: [
      {
        Id: "stream",
        Arn: `${ACCOUNT_ARN}:stream/${EVENT_STREAM}`,
        KinesisParameters: { PartitionKeyPath: "$.detail.contactId" },
      },
    ],
  });

  const statuses = await connect.send(new ListAgentStatusesCommand({ InstanceId, AgentStatusTypes: ["ROUTABLE"] }));
  const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId }));
  const security = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
  const made = await inTurns(teams, async (team) => {
    const { QueueId = "" } = await connect.send(
      new CreateQueueCommand({
        InstanceId,
        Name: `queue-${team}`,
        HoursOfOperationId: hours.HoursOfOperationSummaryList?.[0]?.Id,
      }),
    );
    const { RoutingProfileId } = await connect.send(
      new CreateRoutingProfileCommand({
        InstanceId,
        Name: `profile-${team}`,
        Description: "One queue",
        DefaultOutboundQueueId: QueueId,
        QueueConfigs: [{ QueueReference: { QueueId, Channel: "VOICE" }, Priority: 1, Delay: 0 }],
        MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
      }),
    );
    const agentIds: string[] = [];
    for (let agent = 0; agent < agentsOfTeam; agent++) {
      const { UserId = "" } = await connect.send(
        new CreateUserCommand({
          InstanceId,
          Username: `agent-${team}-${agent}`,
          IdentityInfo: { FirstName: "Ada", LastName: `Agent ${team} ${agent}` },
          PhoneConfig: { PhoneType: "SOFT_PHONE" },
          SecurityProfileIds: [security.SecurityProfileSummaryList?.[0]?.Id ?? ""],
          RoutingProfileId,
        }),
      );
      agentIds.push(UserId);
    }
    return { queueId: QueueId, agentIds };
  });
  connect.destroy();
  return { instanceId: InstanceId, teams: made, availableId: statuses.AgentStatusSummaryList?.[0]?.Id ?? "" };
}

/** Signs an agent in, and makes them available. */
export async function signIn(
  connection: SignedConnection,
  { instanceId, availableId }: ContactCentre,
  agentId: string,
): Promise<void> {
  const agent = `/_trunkline/agents/${instanceId}/${agentId}`;
  await connection.post(`${agent}/sign-in`);
  await connection.post(`${agent}/status`, { agentStatusId: availableId });
}

/** What a team does with one call: it comes, is offered to whoever has been idle longest, taken, ended by the customer, and cleared. */
export async function wholeContact(
  connection: SignedConnection,
  { instanceId }: ContactCentre,
  { queueId, agentId }: { readonly queueId: string; readonly agentId: string },
): Promise<void> {
  const agent = `/_trunkline/agents/${instanceId}/${agentId}`;
  const { contactId } = await connection.post<{ contactId: string }>(`/_trunkline/contacts/${instanceId}`, {
    channel: "VOICE",
    from: "+447700900123",
    to: "+442079460100",
    queueId,
  });
  await connection.post(`${agent}/accept`, { contactId });
  await connection.post(`/_trunkline/contacts/${instanceId}/${contactId}/hang-up`);
  await connection.post(`${agent}/clear`, { contactId });
}

/** The same for the only agent of each team, as the acts of one play. */
export function actsOfAll({ teams }: ContactCentre, atMs: number): readonly object[] {
  const at = new Date(atMs).toISOString();
  return teams.flatMap(({ queueId, agentIds: [agentId] }) => {
    const contactId = randomUUID();
    const arrival = { contactId, channel: "VOICE", from: "+447700900123", to: "+442079460100", queueId };
    return [
      { at, post: "contacts", body: arrival },
      { at, post: `agents/${agentId}/accept`, body: { contactId } },
      { at, post: `contacts/${contactId}/hang-up` },
      { at, post: `agents/${agentId}/clear`, body: { contactId } },
    ];
  });
}

/** All records of a stream, as the text of their data. */
export async function readStream(url: string, StreamName: string): Promise<string[]> {
  const found: string[] = [];
  const { Shards } = await call(url, "kinesis", "Kinesis_20131202.ListShards", { StreamName });
  for (const { ShardId } of Shards as { ShardId: string }[]) {
    let { ShardIterator } = await call(url, "kinesis", "Kinesis_20131202.GetShardIterator", {
      StreamName,
      ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    });
    for (let behind = 1; behind > 0; ) {
      const page = await call(url, "kinesis", "Kinesis_20131202.GetRecords", { ShardIterator });
      for (const { Data } of page.Records) found.push(Buffer.from(Data, "base64").toString());
      behind = page.MillisBehindLatest;
      ShardIterator = page.NextShardIterator;
    }
  }
  return found;
}

const AT_ONCE = 16;

/** Does something for each number below `count`, some at once, and answers in their order. */
export async function inTurns<T>(count: number, run: (number: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) done[number] = await run(number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return done;
}
