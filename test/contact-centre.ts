/** A contact centre under test: an instance with its streams, its agents, and everything that it has told so far. */
import assert from "node:assert/strict";
import {
  AssociateInstanceStorageConfigCommand,
  ConnectClient,
  type Contact,
  CreateInstanceCommand,
  CreateUserCommand,
  DescribeContactCommand,
  ListContactFlowsCommand,
  ListQueuesCommand,
  ListSecurityProfilesCommand,
  PutUserStatusCommand,
  type UserPhoneConfig,
} from "@aws-sdk/client-connect";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import type { AgentEvent } from "../src/services/connect/agent-events.ts";
import { agentStatuses } from "../src/services/connect/agent-statuses.ts";
import { routingProfiles } from "../src/services/connect/routing-profiles.ts";
import { compositeKey } from "../src/store/store.ts";
import type { BusEvent, ContactRecord, Streams } from "./contact-invariants.ts";
import type { TestServer } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

export interface Centre {
  readonly connect: ConnectClient;
  readonly InstanceId: string;
  readonly queueId: string;
  readonly flowId: string;
  readonly profileId: string;
  readonly statuses: Readonly<Record<string, string>>;
  /** A user, signed in and available unless told otherwise. */
  agent(name: string, options?: { readonly phone?: UserPhoneConfig; readonly isOffline?: boolean }): Promise<string>;
  status(userId: string, name: string): Promise<void>;
  /** What an agent does; throws for a refusal. */
  act(userId: string, act: string, body?: object): Promise<{ contactId?: string; agent: AgentView }>;
  view(userId: string): Promise<AgentView>;
  arrive(body: object): Promise<string>;
  customer(contactId: string, act: string, body?: object): Promise<{ contactId?: string }>;
  control(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  contact(contactId: string): Promise<Record<string, unknown>>;
  describe(contactId: string): Promise<Contact>;
  streams(): Promise<Streams>;
  types(contactId: string): Promise<string[]>;
}

export interface AgentView {
  readonly isSignedIn: boolean;
  readonly status: { readonly name: string };
  readonly nextStatus?: { readonly name: string };
  readonly contacts: readonly { readonly id: string; readonly state: string }[];
}

let centres = 0;

export async function openCentre(server: TestServer): Promise<Centre> {
  const connect = new ConnectClient(server.client);
  const kinesis = new KinesisClient(server.client);
  const name = `centre-${++centres}`;
  const created = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: name,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const InstanceId = created.Id ?? "";
  const streamOf = (suffix: string) => createStream(kinesis, `${name}-${suffix}`);
  const [agentStream, recordStream, busStream] = [
    await streamOf("agents"),
    await streamOf("records"),
    await streamOf("bus"),
  ];
  for (const [ResourceType, StreamArn] of [
    ["AGENT_EVENTS", agentStream],
    ["CONTACT_TRACE_RECORDS", recordStream],
  ] as const) {
    const StorageConfig = { StorageType: "KINESIS_STREAM", KinesisStreamConfig: { StreamArn } } as const;
    await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
  }
  const events = new EventBridgeClient(server.client);
  const instanceArn = created.Arn ?? "";
  const EventPattern = JSON.stringify({ source: ["aws.connect"], resources: [instanceArn] });
  await events.send(new PutRuleCommand({ Name: name, EventPattern }));
  await events.send(new PutTargetsCommand({ Rule: name, Targets: [{ Id: "stream", Arn: busStream }] }));

  const queues = await connect.send(new ListQueuesCommand({ InstanceId, QueueTypes: ["STANDARD"] }));
  const flows = await connect.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }));
  const { store } = server.app.platform();
  const within = { prefix: compositeKey("000000000000", "us-east-1", InstanceId, ""), limit: 100 };
  const security = await connect.send(new ListSecurityProfilesCommand({ InstanceId }));
  const profileId = (await store.list(routingProfiles, within)).documents[0]?.id ?? "";
  const statuses = (await store.list(agentStatuses, within)).documents.map(({ name, id }) => [name, id]);
  const statusIds = Object.fromEntries(statuses) as Record<string, string>;

  const control: Centre["control"] = async (method, asked, body) => {
    const [path = "", query = ""] = asked.split("?");
    const answer = await sendSigned(server.url, {
      service: "connect",
      method,
      path: `/_trunkline/${path}`,
      query,
      body: body === undefined ? "" : JSON.stringify(body),
    });
    return { status: answer.status, body: JSON.parse(answer.body.toString()) as Record<string, unknown> };
  };
  const done = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await control(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  };
  const centre: Centre = {
    connect,
    InstanceId,
    queueId: queues.QueueSummaryList?.[0]?.Id ?? "",
    flowId: flows.ContactFlowSummaryList?.[0]?.Id ?? "",
    profileId,
    statuses: statusIds,
    control,
    async agent(username, { phone, isOffline } = {}) {
      const { UserId = "" } = await connect.send(
        new CreateUserCommand({
          InstanceId,
          Username: username,
          Password: "Secret-1234",
          IdentityInfo: { FirstName: "Ada", LastName: username, Email: `${username}@example.com` },
          PhoneConfig: { PhoneType: "SOFT_PHONE", ...phone },
          SecurityProfileIds: [security.SecurityProfileSummaryList?.[0]?.Id ?? ""],
          RoutingProfileId: profileId,
        }),
      );
      if (!isOffline) await centre.status(UserId, "Available");
      return UserId;
    },
    async status(UserId, statusName) {
      const AgentStatusId = statusIds[statusName];
      assert.ok(AgentStatusId, statusName);
      await connect.send(new PutUserStatusCommand({ InstanceId, UserId, AgentStatusId }));
    },
    act: (userId, act, body) => done("POST", `agents/${InstanceId}/${userId}/${act}`, body),
    view: async (userId) => (await done<{ agent: AgentView }>("GET", `agents/${InstanceId}/${userId}`)).agent,
    arrive: async (body) => (await done<{ contactId: string }>("POST", `contacts/${InstanceId}`, body)).contactId,
    customer: (contactId, act, body) => done("POST", `contacts/${InstanceId}/${contactId}/${act}`, body),
    contact: (contactId) => done("GET", `contacts/${InstanceId}/${contactId}`),
    describe: (ContactId) => describeIn(connect, InstanceId, ContactId),
    async streams() {
      await server.advance("PT0S");
      const contactEvents = await readStream<BusEvent>(kinesis, busStream);
      const agentEvents = await readStream<AgentEvent>(kinesis, agentStream);
      const records = await readStream<ContactRecord>(kinesis, recordStream);
      return { contactEvents, agentEvents, records };
    },
    async types(contactId) {
      const { contactEvents } = await centre.streams();
      return contactEvents.filter(({ detail }) => detail.contactId === contactId).map(({ detail }) => detail.eventType);
    },
  };
  return centre;
}

async function describeIn(connect: ConnectClient, InstanceId: string, ContactId: string): Promise<Contact> {
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
  assert.ok(Contact);
  return Contact;
}
