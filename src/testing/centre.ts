import { Agent, type TransferTarget } from "./agent.ts";
import type { AskedServer } from "./asked-server.ts";
import { Contact, ContactActs } from "./contact.ts";
import { welcomeFlow } from "./flow.ts";

export interface CentreOptions {
  /** The instance's alias. One that is taken gets a number behind it. Default: `centre`. */
  readonly alias?: string;
  /** Names of queues that are always open. Contacts that name none go to the first. Default: `support`. */
  readonly queues?: readonly string[];
  /** User names, of agents who serve all queues, or as said. Default: `anna`. */
  readonly agents?: readonly (string | AgentOptions)[];
  /**
   * The flow of all contacts, in the flow language. Default: one that switches Contact Lens on, in real time and afterwards, and sends the
   * contact to its queue. In a text, `{{queue:NAME}}` is replaced by the id of that queue.
   */
  readonly flow?: object | string;
  /** The language of conversations, for the flow that is made. Default: `en-US`. */
  readonly language?: string;
}

export interface AgentOptions {
  readonly name: string;
  /** Those of the centre's queues that they serve, the first before the others. Default: all alike. */
  readonly queues?: readonly string[];
  /** Contacts are theirs without their answering. Default: false. */
  readonly autoAccepts?: boolean;
  /** After so many seconds after-contact work ends by itself; 0, the default: when they say so. */
  readonly afterContactSeconds?: number;
}

/** Of a contact that arrives. */
export interface Arrival {
  /** Who it is: a number of a call (one is made up), the address of an e-mail. */
  readonly from?: string;
  /** The number or mailbox that they reach, whose own flow it then runs. */
  readonly to?: string;
  /** A queue of the centre, by name. */
  readonly queue?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Who the customer is known as elsewhere: the ARN of their profile, say. */
  readonly customerId?: string;
}

/** A contact centre: an instance of Connect with its queues, people and streams, and callers who call. */
export interface Centre {
  readonly instanceId: string;
  readonly instanceArn: string;
  /** By name. */
  readonly queueIds: Readonly<Record<string, string>>;
  readonly flowId: string;
  /** Kinesis streams that the instance tells of its agents and contacts. */
  readonly streams: { readonly agentEvents: string; readonly contactRecords: string };
  /** By user name. Throws for one that there is not. */
  agent(name: string): Agent;
  call(arrival?: Arrival): ContactActs;
  chat(arrival?: Arrival & { readonly name?: string }): ContactActs;
  task(arrival?: Arrival & { readonly name?: string }): ContactActs;
  email(arrival?: Arrival & { readonly subject?: string; readonly fromName?: string }): ContactActs;
}

interface Made {
  readonly instanceId: string;
  readonly instanceArn: string;
  readonly alias: string;
}

/** Makes one, through the public API. Throws `RefusedError`. */
export async function openCentre(server: AskedServer, options: CentreOptions): Promise<Centre> {
  const { queues = ["support"], agents = ["anna"] } = options;
  const [firstQueue] = queues;
  if (firstQueue === undefined) throw new TypeError("A centre has one queue at least");
  const made = await createInstance(server, options.alias ?? "centre");
  const { instanceId: InstanceId } = made;
  const connect = (operation: string, input: object) =>
    server.connection.call("connect", operation, { InstanceId, ...input });
  await connect("UpdateInstanceAttribute", { AttributeType: "CONTACT_LENS", Value: "true" });
  const streams = await createStreams(server, made);
  const queueIds = await createQueues(connect, queues);
  const { ContactFlowId: flowId } = await connect("CreateContactFlow", {
    Name: "Test flow",
    Type: "CONTACT_FLOW",
    Content: contentOf(options, queueIds),
  });
  const { AgentStatusSummaryList } = await connect("ListAgentStatuses", {});
  const statusIds = Object.fromEntries(
    (AgentStatusSummaryList as { Name: string; Id: string }[]).map(({ Name, Id }) => [Name, Id]),
  );
  const userIds: Record<string, string> = {};
  const placeOf = (target: TransferTarget): object => {
    if ("queue" in target) return { queueId: known("queue", queueIds, target.queue) };
    return "agent" in target ? { userId: known("agent", userIds, target.agent) } : target;
  };
  const workplace = { server, instanceId: InstanceId, statusIds, placeOf };
  const hire = usersOf(connect, queueIds);
  const people = new Map<string, Agent>();
  for (const agent of agents) {
    const wanted = typeof agent === "string" ? { name: agent } : agent;
    const userId = await hire(wanted);
    userIds[wanted.name] = userId;
    people.set(wanted.name, new Agent(workplace, wanted.name, userId));
  }

  let calls = 0;
  const arrive = (channel: Contact["channel"], { queue = firstQueue, ...arrival }: Arrival): ContactActs => {
    const from = channel === "VOICE" ? { from: `+1206555${String(100 + (calls++ % 9900)).padStart(4, "0")}` } : {};
    const contact = async (): Promise<Contact> => {
      const { contactId } = await server.connection.ask("POST", `contacts/${InstanceId}`, {
        channel,
        queueId: known("queue", queueIds, queue),
        ...(arrival.to === undefined && { contactFlowId: flowId }),
        ...from,
        ...arrival,
      });
      await server.clock.settle();
      return new Contact(server, { instanceId: InstanceId, id: contactId, channel });
    };
    return new ContactActs(contact());
  };
  return {
    instanceId: InstanceId,
    instanceArn: made.instanceArn,
    queueIds,
    flowId,
    streams,
    agent: (name) => {
      const agent = people.get(name);
      if (agent === undefined) throw new Error(`There is no agent ${name}; there are ${[...people.keys()].join(", ")}`);
      return agent;
    },
    call: (arrival = {}) => arrive("VOICE", arrival),
    chat: (arrival = {}) => arrive("CHAT", arrival),
    task: (arrival = {}) => arrive("TASK", { name: "Task", ...arrival } as Arrival),
    email: (arrival = {}) => arrive("EMAIL", { from: "customer@example.com", ...arrival }),
  };
}

function contentOf({ flow, language = "en-US" }: CentreOptions, queueIds: Readonly<Record<string, string>>): string {
  if (flow === undefined) return welcomeFlow(language);
  const text = typeof flow === "string" ? flow : JSON.stringify(flow);
  return text.replaceAll(/\{\{queue:([^}]+)\}\}/g, (_, name: string) => known("queue", queueIds, name));
}

function known(kind: string, ids: Readonly<Record<string, string>>, name: string): string {
  const id = Object.hasOwn(ids, name) ? ids[name] : undefined;
  if (id !== undefined) return id;
  throw new Error(`There is no ${kind} ${name}; there are ${Object.keys(ids).join(", ")}`);
}

async function createInstance(server: AskedServer, wanted: string): Promise<Made> {
  const { InstanceSummaryList } = await server.connection.call("connect", "ListInstances", {});
  const taken = new Set((InstanceSummaryList as { InstanceAlias?: string }[]).map((it) => it.InstanceAlias));
  let alias = wanted;
  for (let number = 2; taken.has(alias); number++) alias = `${wanted}-${number}`;
  const { Id, Arn } = await server.connection.call("connect", "CreateInstance", {
    // Its users have no passwords, each of which a server makes as slow as a guess is to be.
    IdentityManagementType: "SAML",
    InstanceAlias: alias,
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  });
  return { instanceId: Id, instanceArn: Arn, alias };
}

async function createStreams(server: AskedServer, { instanceId, alias }: Made): Promise<Centre["streams"]> {
  const names = { agentEvents: `${alias}-agent-events`, contactRecords: `${alias}-contact-records` };
  for (const [ResourceType, StreamName] of [
    ["AGENT_EVENTS", names.agentEvents],
    ["CONTACT_TRACE_RECORDS", names.contactRecords],
  ] as const) {
    await server.connection.call("kinesis", "CreateStream", { StreamName, ShardCount: 1 });
    const { StreamDescriptionSummary } = await server.connection.call("kinesis", "DescribeStreamSummary", {
      StreamName,
    });
    const KinesisStreamConfig = { StreamArn: StreamDescriptionSummary.StreamARN };
    await server.connection.call("connect", "AssociateInstanceStorageConfig", {
      InstanceId: instanceId,
      ResourceType,
      StorageConfig: { StorageType: "KINESIS_STREAM", KinesisStreamConfig },
    });
  }
  return names;
}

// biome-ignore lint/suspicious/noExplicitAny: whoever calls knows what the answer is.
type Connect = (operation: string, input: object) => Promise<any>;

async function createQueues(connect: Connect, names: readonly string[]): Promise<Record<string, string>> {
  const midnight = { Hours: 0, Minutes: 0 };
  const { HoursOfOperationId } = await connect("CreateHoursOfOperation", {
    Name: "Always",
    TimeZone: "UTC",
    Config: ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"].map((Day) => ({
      Day,
      StartTime: midnight,
      EndTime: midnight,
    })),
  });
  const ids: Record<string, string> = {};
  for (const Name of names) ids[Name] = (await connect("CreateQueue", { Name, HoursOfOperationId })).QueueId;
  return ids;
}

/** Hires agents: with a routing profile for those who serve the same queues. */
function usersOf(connect: Connect, queueIds: Readonly<Record<string, string>>) {
  const channels = ["VOICE", "CHAT", "TASK", "EMAIL"];
  const profileIds = new Map<string, string>();
  let securityId: string | undefined;
  const profileOf = async (queues: readonly string[] | undefined): Promise<string> => {
    const name = queues?.join(", ") ?? "All queues";
    const served = queues ?? Object.keys(queueIds);
    const found = profileIds.get(name);
    if (found !== undefined) return found;
    const ids = served.map((queue) => known("queue", queueIds, queue));
    const { RoutingProfileId } = await connect("CreateRoutingProfile", {
      Name: name.slice(0, 127),
      Description: name,
      DefaultOutboundQueueId: ids[0],
      MediaConcurrencies: channels.map((Channel) => ({ Channel, Concurrency: Channel === "CHAT" ? 5 : 1 })),
      QueueConfigs: ids.flatMap((QueueId, at) =>
        channels.map((Channel) => ({
          QueueReference: { QueueId, Channel },
          Priority: queues === undefined ? 1 : at + 1,
          Delay: 0,
        })),
      ),
    });
    profileIds.set(name, RoutingProfileId);
    return RoutingProfileId;
  };
  return async ({ name, queues, autoAccepts = false, afterContactSeconds = 0 }: AgentOptions): Promise<string> => {
    securityId ??= (await connect("ListSecurityProfiles", {})).SecurityProfileSummaryList.find(
      (profile: { Name: string }) => profile.Name === "Agent",
    )?.Id;
    const { UserId } = await connect("CreateUser", {
      Username: name,
      IdentityInfo: { FirstName: name, LastName: "Agent" },
      PhoneConfig: {
        PhoneType: "SOFT_PHONE",
        AutoAccept: autoAccepts,
        AfterContactWorkTimeLimit: afterContactSeconds,
      },
      SecurityProfileIds: [securityId],
      RoutingProfileId: await profileOf(queues),
    });
    return UserId;
  };
}
