import type {
  AgentContactReference,
  Channel,
  ContactState,
  GetCurrentUserDataRequest,
  GetCurrentUserDataResponse,
  HierarchyPathReference,
  UserData,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { getConfiguration } from "./agent-configuration.ts";
import { type Agent, type AgentContact, availableSlots, findAgent, listSignedIn } from "./agents.ts";
import { type InstanceRef, instanceKey, resourceArn } from "./arns.ts";
import { contactQueueArn, type HierarchyPath } from "./contacts.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import { getResource, PAGE_SIZE } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { getQueue } from "./queues.ts";
import { getRoutingProfile, routingProfileQueues } from "./routing-profiles.ts";
import { hierarchyGroups } from "./user-hierarchy.ts";
import { getUser } from "./users.ts";

type Filters = Validated<GetCurrentUserDataRequest>["Filters"];

/** Routing profiles that serve one queue: more are not read. */
const READ_SIZE = 1_000;

const PRIMARY = ["Queues", "RoutingProfiles", "Agents", "UserHierarchyGroups"] as const;

/** What agents who are signed in do now: those whom the one filter finds that a request has. In the order of their ids. */
export async function getCurrentUserData(
  input: Validated<GetCurrentUserDataRequest>,
  context: Context,
): Promise<GetCurrentUserDataResponse> {
  const { store } = context;
  const instance = await getInstance(store, context, input.InstanceId);
  const states = input.Filters.ContactFilter?.ContactStates ?? [];
  const found = (await findAgents(store, instance, input.Filters)).filter(
    ({ isSignedIn, state }) =>
      isSignedIn && (states.length === 0 || state.contacts.some((contact) => states.includes(stateOf(contact)))),
  );
  const byId = [...new Map(found.map((agent) => [agent.id, agent])).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = slicePage(byId, ({ id }) => id, {
    of: ["GetCurrentUserData", instanceKey(instance), input.Filters],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  const UserDataList: UserData[] = [];
  for (const agent of page.items) UserDataList.push(await userData(store, agent));
  return { UserDataList, NextToken: page.nextToken, ApproximateTotalCount: byId.length };
}

async function findAgents(reader: Reader, instance: InstanceRef, filters: Filters): Promise<Agent[]> {
  const given = PRIMARY.filter((name) => (filters[name] ?? []).length > 0);
  if (given.length !== 1) throw invalidParameter(`Filters must have exactly one of ${PRIMARY.join(", ")}`);

  const found: Agent[] = [];
  for (const idOrArn of filters.Agents ?? []) {
    const agent = await findAgent(reader, instance, (await getUser(reader, instance, idOrArn)).id);
    if (agent) found.push(agent);
  }
  for (const idOrArn of filters.RoutingProfiles ?? []) {
    const { id } = await getRoutingProfile(reader, instance, idOrArn);
    found.push(...(await listSignedIn(reader, instanceKey(instance, id, ""))));
  }
  for (const idOrArn of filters.Queues ?? []) {
    const { id } = await getQueue(reader, instance, idOrArn);
    const range = { index: "queue", equals: instanceKey(instance, id), limit: READ_SIZE };
    const served = (await reader.list(routingProfileQueues, range)).documents;
    for (const profileId of new Set(served.map((pair) => pair.profileId))) {
      found.push(...(await listSignedIn(reader, instanceKey(instance, profileId, ""))));
    }
  }
  if (filters.UserHierarchyGroups?.length)
    found.push(...(await inGroups(reader, instance, filters.UserHierarchyGroups)));
  return found;
}

/** Who is in one of these groups, or in one below. */
async function inGroups(reader: Reader, instance: InstanceRef, idsOrArns: readonly string[]): Promise<Agent[]> {
  const wanted = new Set<string>();
  for (const idOrArn of idsOrArns) {
    wanted.add((await getResource(reader, hierarchyGroups, "hierarchyGroup", instance, idOrArn)).id);
  }
  const found: Agent[] = [];
  for (const agent of await listSignedIn(reader, instanceKey(instance, ""))) {
    const { hierarchy } = await getConfiguration(reader, agent, agent.state.configurationVersion);
    if (hierarchy.some(({ id }) => wanted.has(id))) found.push(agent);
  }
  return found;
}

async function userData(reader: Reader, agent: Agent): Promise<UserData> {
  const { state, settings } = agent;
  const { hierarchy } = await getConfiguration(reader, agent, state.configurationVersion);
  const channels = Object.keys(settings.concurrency) as Channel[];
  const slots = (countOf: (channel: Channel) => number) =>
    Object.fromEntries(channels.map((channel) => [channel, countOf(channel)]));
  return {
    User: { Id: agent.id, Arn: resourceArn("user", agent, agent.id) },
    RoutingProfile: { Id: settings.profileId, Arn: resourceArn("routingProfile", agent, settings.profileId) },
    HierarchyPath: hierarchy.length > 0 ? hierarchyPath(agent, hierarchy) : undefined,
    Status: {
      StatusStartTimestamp: new Date(state.status.startMs),
      StatusArn: resourceArn("agentStatus", agent, state.status.id),
      StatusName: state.status.name,
    },
    AvailableSlotsByChannel: slots((channel) => availableSlots(state, settings, channel)),
    MaxSlotsByChannel: slots((channel) => settings.concurrency[channel]?.slots ?? 0),
    ActiveSlotsByChannel: slots((channel) => state.contacts.filter((contact) => contact.channel === channel).length),
    Contacts: state.contacts.map((contact) => contactReference(agent, contact)),
    NextStatus: state.nextStatus?.name,
  };
}

function hierarchyPath(instance: InstanceRef, path: HierarchyPath): HierarchyPathReference {
  const [LevelOne, LevelTwo, LevelThree, LevelFour, LevelFive] = path.map(({ id }) => ({
    Id: id,
    Arn: resourceArn("hierarchyGroup", instance, id),
  }));
  return { LevelOne, LevelTwo, LevelThree, LevelFour, LevelFive };
}

function contactReference(instance: InstanceRef, contact: AgentContact): AgentContactReference {
  const { id, channel, initiationMethod, stateStartMs, connectedMs, queue } = contact;
  return {
    ContactId: id,
    Channel: channel,
    InitiationMethod: initiationMethod,
    AgentContactState: stateOf(contact),
    StateStartTimestamp: new Date(stateStartMs),
    ConnectedToAgentTimestamp: connectedMs === undefined ? undefined : new Date(connectedMs),
    Queue: queue && { Id: queue.id, Arn: contactQueueArn(instance, queue) },
  };
}

/** Agent events know paused tasks, the states of this operation do not: they are connected (our choice). */
function stateOf({ state }: AgentContact): ContactState {
  return state === "PAUSED" ? "CONNECTED" : state;
}
