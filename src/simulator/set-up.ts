import { type Api, ask, RefusedError } from "./api.ts";
import type { Parameters } from "./parameters.ts";
import { type Agent, STATUSES, TEAMS, TOPICS, type Topic } from "./roster.ts";

/** An instance of Connect with all that the simulated centre needs, by id. */
export interface Centre {
  readonly instanceId: string;
  readonly queueIds: Readonly<Record<Topic, string>>;
  /** Of calls: a greeting, a menu, the queue. */
  readonly callFlowId: string;
  /** Of everything else: straight to the queue. */
  readonly directFlowId: string;
  readonly statusIds: Readonly<Record<string, string>>;
  /** In the order of the roster. */
  readonly userIds: readonly string[];
}

/** Digits of the menu. */
export const MENU: Readonly<Record<Topic, string>> = { Billing: "1", Orders: "2", Support: "3" };

/**
 * Finds or makes everything by its name, through the public API: running it again changes nothing. `instance`: the id or alias of an
 * instance that is there; without it, one with `alias` is made.
 *
 * Throws `RefusedError`.
 */
export async function setUpCentre(
  api: Api,
  options: {
    readonly alias: string;
    readonly instance?: string | undefined;
    /** Whether events and records go to streams of Kinesis. */
    readonly streams: boolean;
    /** Whether the flows that are made switch analytics on, which rules look at. */
    readonly analysed?: boolean;
    readonly agents: readonly Agent[];
    readonly parameters: Parameters;
  },
): Promise<Centre> {
  const { id: instanceId, arn, alias, hasPasswords } = await findInstance(api, options);
  if (options.streams) await setUpStreams(api, instanceId, arn, alias);
  const hoursId = await named(api, instanceId, HOURS, "Simulated hours", {
    Description: "Around the clock",
    TimeZone: "UTC",
    Config: DAYS.map((Day) => ({ Day, StartTime: MIDNIGHT, EndTime: MIDNIGHT })),
  });
  const queueIds: Record<string, string> = {};
  for (const topic of TOPICS) {
    queueIds[topic] = await named(api, instanceId, QUEUES, topic, { HoursOfOperationId: hoursId });
  }
  const statusIds = await setUpStatuses(api, instanceId);
  const profileIds: Record<string, string> = {};
  for (const team of TEAMS) {
    const QueueConfigs = team.topics.flatMap((topic, at) =>
      team.channels.map((Channel) => ({
        QueueReference: { QueueId: queueIds[topic], Channel },
        Priority: at + 1,
        Delay: 0,
      })),
    );
    const concurrency = (channel: string) => (channel === "CHAT" ? options.parameters["chats-per-agent"] : 1);
    profileIds[team.name] = await named(api, instanceId, PROFILES, team.name, {
      Description: `Simulated: ${team.topics.join(", ")}`,
      DefaultOutboundQueueId: queueIds[team.topics[0] ?? TOPICS[0]],
      QueueConfigs,
      MediaConcurrencies: team.channels.map((Channel) => ({ Channel, Concurrency: concurrency(Channel) })),
    });
  }
  const flowOf = (name: string, content: string) =>
    named(api, instanceId, FLOWS, name, { Type: "CONTACT_FLOW", Content: content });
  return {
    instanceId,
    queueIds: queueIds as Record<Topic, string>,
    callFlowId: await flowOf("Simulated welcome", callFlow(queueIds, options.analysed === true)),
    directFlowId: await flowOf("Simulated direct", directFlow(options.analysed === true)),
    statusIds,
    userIds: await setUpUsers(api, { id: instanceId, hasPasswords }, options.agents, profileIds),
  };
}

async function findInstance(
  api: Api,
  options: { readonly alias: string; readonly instance?: string | undefined },
): Promise<{ id: string; arn: string; alias: string; hasPasswords: boolean }> {
  const wanted = options.instance ?? options.alias;
  const instances = await listAll(api, "/instance", "InstanceSummaryList", { maxResults: "10" });
  const found = instances.find(({ Id, InstanceAlias }) => Id === wanted || InstanceAlias === wanted);
  if (found) {
    const hasPasswords = found.IdentityManagementType === "CONNECT_MANAGED";
    return {
      id: String(found.Id),
      arn: String(found.Arn),
      alias: String(found.InstanceAlias ?? found.Id),
      hasPasswords,
    };
  }
  if (options.instance !== undefined) throw new RefusedError(`There is no instance ${options.instance}`);
  const { Id, Arn } = await ask(api, {
    service: "connect",
    method: "PUT",
    path: "/instance",
    body: {
      // Its users have no passwords, each of which a server makes as slow as a guess is to be.
      IdentityManagementType: "SAML",
      InstanceAlias: options.alias,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    },
  });
  return { id: Id, arn: Arn, alias: options.alias, hasPasswords: false };
}

/** A stream for each kind of what the centre tells, where the instance has none yet. */
async function setUpStreams(api: Api, instanceId: string, instanceArn: string, alias: string): Promise<void> {
  const prefix = alias.replace(/[^A-Za-z0-9_.-]/g, "-");
  for (const [ResourceType, name] of [
    ["AGENT_EVENTS", `${prefix}-agent-events`],
    ["CONTACT_TRACE_RECORDS", `${prefix}-contact-records`],
  ] as const) {
    const path = `/instance/${instanceId}/storage-config`;
    const present = await ask(api, {
      service: "connect",
      method: "GET",
      path: `${path}s`,
      query: { resourceType: ResourceType },
    });
    if ((present.StorageConfigs ?? []).length > 0) continue;
    const StorageConfig = {
      StorageType: "KINESIS_STREAM",
      KinesisStreamConfig: { StreamArn: await streamArn(api, name) },
    };
    await ask(api, { service: "connect", method: "PUT", path, body: { ResourceType, StorageConfig } });
  }
  const name = `${prefix}-contact-events`;
  const Arn = await streamArn(api, name);
  const EventPattern = JSON.stringify({ source: ["aws.connect"], resources: [instanceArn] });
  await aws(api, "events", "AWSEvents.PutRule", { Name: name, EventPattern });
  await aws(api, "events", "AWSEvents.PutTargets", { Rule: name, Targets: [{ Id: "stream", Arn }] });
}

async function streamArn(api: Api, StreamName: string): Promise<string> {
  const create = { StreamName, ShardCount: 1 };
  const { status, body } = await api({
    service: "kinesis",
    method: "POST",
    path: "/",
    headers: target("Kinesis_20131202.CreateStream"),
    body: create,
  });
  if (status >= 300 && !String(body.__type).includes("ResourceInUseException")) {
    throw new RefusedError(`The stream ${StreamName} was not made: ${status} ${JSON.stringify(body)}`);
  }
  const { StreamDescriptionSummary } = await aws(api, "kinesis", "Kinesis_20131202.DescribeStreamSummary", {
    StreamName,
  });
  return StreamDescriptionSummary.StreamARN;
}

async function setUpStatuses(api: Api, instanceId: string): Promise<Readonly<Record<string, string>>> {
  for (const status of STATUSES) await named(api, instanceId, AGENT_STATUSES, status, { State: "ENABLED" });
  const all = await listAll(api, `/agent-status/${instanceId}`, "AgentStatusSummaryList");
  return Object.fromEntries(all.map(({ Name, Id }) => [String(Name), String(Id)]));
}

/** An instance, and whether its users sign in with passwords that it knows. */
interface Users {
  readonly id: string;
  readonly hasPasswords: boolean;
}

async function setUpUsers(
  api: Api,
  instance: Users,
  agents: readonly Agent[],
  profileIds: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const present = await listAll(api, `/users-summary/${instance.id}`, "UserSummaryList", { maxResults: "1000" });
  const known = new Map(present.map(({ Username, Id }) => [String(Username), String(Id)]));
  const security = await listAll(api, `/security-profiles-summary/${instance.id}`, "SecurityProfileSummaryList");
  const securityId = (security.find(({ Name }) => Name === "Agent") ?? security[0])?.Id;
  const ids: string[] = [];
  for (const agent of agents) {
    const found = known.get(agent.username);
    ids.push(found ?? (await createUser(api, instance, agent, [profileIds[agent.team.name], securityId])));
  }
  return ids;
}

async function createUser(
  api: Api,
  { id: instanceId, hasPasswords }: Users,
  agent: Agent,
  [RoutingProfileId, securityId]: readonly unknown[],
): Promise<string> {
  const { UserId } = await ask(api, {
    service: "connect",
    method: "PUT",
    path: `/users/${instanceId}`,
    body: {
      Username: agent.username,
      ...(hasPasswords && { Password: "Simulated-1" }),
      IdentityInfo: {
        FirstName: agent.firstName,
        LastName: agent.lastName,
        ...(hasPasswords && { Email: `${agent.username}@example.com` }),
      },
      PhoneConfig: { PhoneType: "SOFT_PHONE", AutoAccept: agent.autoAccepts, AfterContactWorkTimeLimit: 0 },
      SecurityProfileIds: [securityId],
      RoutingProfileId,
    },
  });
  const UserProficiencies = Object.entries(agent.languages).map(([AttributeValue, Level]) => ({
    AttributeName: "connect:Language",
    AttributeValue,
    Level,
  }));
  await ask(api, {
    service: "connect",
    method: "POST",
    path: `/users/${instanceId}/${UserId}/associate-proficiencies`,
    body: { UserProficiencies },
  });
  return UserId;
}

/** A kind of resource: where it is listed and made, and how its answers call it. */
interface Kind {
  readonly listPath: string;
  readonly list: string;
  readonly createPath: string;
  readonly id: string;
}

const HOURS: Kind = {
  listPath: "/hours-of-operations-summary",
  list: "HoursOfOperationSummaryList",
  createPath: "/hours-of-operations",
  id: "HoursOfOperationId",
};
const QUEUES: Kind = { listPath: "/queues-summary", list: "QueueSummaryList", createPath: "/queues", id: "QueueId" };
const PROFILES: Kind = {
  listPath: "/routing-profiles-summary",
  list: "RoutingProfileSummaryList",
  createPath: "/routing-profiles",
  id: "RoutingProfileId",
};
const FLOWS: Kind = {
  listPath: "/contact-flows-summary",
  list: "ContactFlowSummaryList",
  createPath: "/contact-flows",
  id: "ContactFlowId",
};
const AGENT_STATUSES: Kind = {
  listPath: "/agent-status",
  list: "AgentStatusSummaryList",
  createPath: "/agent-status",
  id: "AgentStatusId",
};

/** The id of what has this name, made where there is none. */
async function named(api: Api, instanceId: string, kind: Kind, Name: string, contents: object): Promise<string> {
  const present = await listAll(api, `${kind.listPath}/${instanceId}`, kind.list);
  const found = present.find((summary) => summary.Name === Name);
  if (found) return String(found.Id);
  const path = `${kind.createPath}/${instanceId}`;
  return (await ask(api, { service: "connect", method: "PUT", path, body: { Name, ...contents } }))[kind.id];
}

async function listAll(
  api: Api,
  path: string,
  list: string,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const found: Readonly<Record<string, unknown>>[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ask(api, {
      service: "connect",
      method: "GET",
      path,
      query: { ...query, ...(nextToken !== undefined && { nextToken }) },
    });
    found.push(...(page[list] ?? []));
    nextToken = page.NextToken;
  } while (nextToken);
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is.
function aws(api: Api, service: "kinesis" | "events", operation: string, body: object): Promise<any> {
  return ask(api, { service, method: "POST", path: "/", headers: target(operation), body });
}

function target(operation: string): Readonly<Record<string, string>> {
  return { "x-amz-target": operation, "content-type": "application/x-amz-json-1.1" };
}

const DAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] as const;
const MIDNIGHT = { Hours: 0, Minutes: 0 };

interface Step {
  readonly Identifier: string;
  readonly [member: string]: unknown;
}

/** A greeting, a menu with a digit for each topic, and its queue; who presses nothing gets the first one. */
function callFlow(queueIds: Readonly<Record<string, string>>, isAnalysed: boolean): string {
  const first = `queue ${TOPICS[0]}`;
  const menu: Step = {
    Identifier: "menu",
    Type: "GetParticipantInput",
    Parameters: {
      Text: `Welcome to Northwind Home. For ${TOPICS.map((topic) => `${topic} press ${MENU[topic]}`).join(", for ")}.`,
      InputTimeLimitSeconds: "180",
      StoreInput: "False",
    },
    Transitions: {
      NextAction: first,
      Errors: ["NoMatchingError", "NoMatchingCondition", "InputTimeLimitExceeded"].map((ErrorType) => ({
        ErrorType,
        NextAction: first,
      })),
      Conditions: TOPICS.map((topic) => ({
        NextAction: `queue ${topic}`,
        Condition: { Operator: "Equals", Operands: [MENU[topic]] },
      })),
    },
  };
  return flowOf([
    ...(isAnalysed ? [analysis("VoiceBehavior", VOICE_ANALYSIS, "menu")] : []),
    menu,
    ...TOPICS.map((topic) =>
      step(`queue ${topic}`, "UpdateContactTargetQueue", { QueueId: queueIds[topic] }, "transfer"),
    ),
    ...TRANSFER,
  ]);
}

/** The queue is in the contact's attributes. */
function directFlow(isAnalysed: boolean): string {
  return flowOf([
    ...(isAnalysed ? [analysis("ChatBehavior", CHAT_ANALYSIS, "queue")] : []),
    step("queue", "UpdateContactTargetQueue", { QueueId: "$.Attributes.queue" }, "transfer"),
    ...TRANSFER,
  ]);
}

const VOICE_ANALYSIS = {
  VoiceRecordingBehavior: { RecordedParticipants: ["Agent", "Customer"], IVRRecordingBehavior: "Enabled" },
  VoiceAnalyticsBehavior: {
    Enabled: "True",
    AnalyticsLanguage: "en-GB",
    AnalyticsModes: ["RealTime"],
    SentimentConfiguration: { Enabled: "True" },
  },
};

const CHAT_ANALYSIS = {
  ChatAnalyticsBehavior: {
    Enabled: "True",
    AnalyticsLanguage: "en-GB",
    AnalyticsModes: ["ContactLens"],
    SentimentConfiguration: { Enabled: "True" },
  },
};

/** What is of another channel goes on without. */
function analysis(behavior: "VoiceBehavior" | "ChatBehavior", settings: object, NextAction: string): Step {
  const errors = ["NoMatchingError", "ChannelMismatch"];
  if (behavior === "ChatBehavior") errors.push("InFlightRedactionConfigurationFailed");
  return step("analyse", "UpdateContactRecordingAndAnalyticsBehavior", { [behavior]: settings }, NextAction, errors);
}

const TRANSFER: readonly Step[] = [
  step("transfer", "TransferContactToQueue", {}, "end", ["NoMatchingError", "QueueAtCapacity"]),
  { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
];

function step(
  Identifier: string,
  Type: string,
  Parameters: object,
  NextAction: string,
  errors: readonly string[] = ["NoMatchingError"],
): Step {
  const Errors = errors.map((ErrorType) => ({ ErrorType, NextAction: errors.length > 1 ? NextAction : "end" }));
  return { Identifier, Type, Parameters, Transitions: { NextAction, Errors } };
}

function flowOf(Actions: readonly Step[]): string {
  return JSON.stringify({ Version: "2019-10-30", StartAction: Actions[0]?.Identifier, Metadata: {}, Actions });
}
