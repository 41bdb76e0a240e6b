import type {
  AgentAvailabilityTimer,
  BehaviorType,
  Channel,
  DeleteRoutingProfileRequest,
  DescribeRoutingProfileRequest,
  DescribeRoutingProfileResponse,
  ListRoutingProfilesRequest,
  ListRoutingProfilesResponse,
  MediaConcurrency,
  RoutingProfile as RoutingProfileDescription,
  RoutingProfileSearchCriteria,
  SearchRoutingProfilesRequest,
  SearchRoutingProfilesResponse,
  UpdateRoutingProfileAgentAvailabilityTimerRequest,
  UpdateRoutingProfileConcurrencyRequest,
  UpdateRoutingProfileDefaultOutboundQueueRequest,
  UpdateRoutingProfileNameRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { refreshProfile } from "./agent-refresh.ts";
import { type InstanceRef, instanceKey, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { useQueue } from "./queues.ts";
import { criteriaMatch, findAll, searchResources, stringLeaf, tagMatch } from "./search.ts";
import { users } from "./users.ts";

/** Which queues agents serve, and how many contacts at once. */
export interface RoutingProfile extends InstanceResource, ChannelSettings {
  /** The queue that agents of this profile dial out for. */
  readonly defaultOutboundQueueId: string;
  /** The profile that the instance was created with. */
  readonly isDefault: boolean;
  /** What makes an agent the one who has waited longest. Absent: `TIME_SINCE_LAST_ACTIVITY`. */
  readonly availabilityTimer?: AgentAvailabilityTimer | undefined;
}

/** The channels on which agents take contacts. */
export interface ChannelSettings {
  readonly concurrency: Readonly<Partial<Record<Channel, number>>>;
  /** Whether who has a contact of this channel is offered those of others. Absent: `ROUTE_CURRENT_CHANNEL_ONLY`. */
  readonly crossChannel?: Readonly<Partial<Record<Channel, BehaviorType>>>;
}

export const routingProfiles: Collection<RoutingProfile> = instanceResources("connect_routing_profiles", {
  outboundQueue: { type: "text", value: (profile) => instanceKey(profile, profile.defaultOutboundQueueId) },
});

/** A queue and channel, of a routing profile. */
export interface RoutingProfilePair extends InstanceRef {
  readonly profileId: string;
  readonly queueId: string;
  readonly channel: Channel;
}

/** One that contacts are routed from, to agents of the profile. */
export interface RoutingProfileQueue extends RoutingProfilePair {
  /** The lower number first. */
  readonly priority: number;
  /** Seconds that a contact waits before agents of this profile may get it. */
  readonly delaySeconds: number;
}

export const routingProfileQueues: Collection<RoutingProfileQueue> = collection("connect_routing_profile_queues", {
  queue: { type: "text", value: (served) => instanceKey(served, served.queueId) },
});

/** Those that agents of a profile pick contacts from by hand. */
export const manualAssignmentQueues: Collection<RoutingProfilePair> = collection("connect_manual_assignment_queues", {
  queue: { type: "text", value: (picked) => instanceKey(picked, picked.queueId) },
});

export function routingProfileQueueKey(pair: RoutingProfilePair): string {
  return instanceKey(pair, pair.profileId, pair.queueId, pair.channel);
}

const HOLDERS_PER_READ = 1_000;

export async function describeRoutingProfile(
  input: Validated<DescribeRoutingProfileRequest>,
  context: Context,
): Promise<DescribeRoutingProfileResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const profile = await getRoutingProfile(context.store, instance, input.RoutingProfileId);
  const served = await pairsOf(context.store, routingProfileQueues, profile);
  const picked = await pairsOf(context.store, manualAssignmentQueues, profile);
  return { RoutingProfile: describe(profile, { served, picked, users: await countHolders(context.store, profile) }) };
}

/** How many users have a profile. Reads those and no others of the instance. */
async function countHolders(reader: Reader, profile: RoutingProfile): Promise<number> {
  const range = { index: "routingProfile", equals: resourceKey(profile), limit: HOLDERS_PER_READ };
  let count = 0;
  let after: string | undefined;
  do {
    const page = await reader.list(users, { ...range, after });
    count += page.documents.length;
    after = page.next;
  } while (after !== undefined);
  return count;
}

export async function listRoutingProfiles(
  input: Validated<ListRoutingProfilesRequest>,
  context: Context,
): Promise<ListRoutingProfilesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, routingProfiles, instance, {
    operation: "ListRoutingProfiles",
    input,
  });
  return {
    RoutingProfileSummaryList: page.items.map((profile) => ({
      Id: profile.id,
      Arn: resourceArn("routingProfile", profile, profile.id),
      Name: profile.name,
      LastModifiedTime: new Date(profile.lastModifiedMs),
      LastModifiedRegion: profile.region,
    })),
    NextToken: page.nextToken,
  };
}

/** Unlike the description of one profile, those that are found name their queues. */
export async function searchRoutingProfiles(
  input: Validated<SearchRoutingProfilesRequest>,
  context: Context,
): Promise<SearchRoutingProfilesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const all = instanceKey(instance, "");
  const served = Map.groupBy(await findAll(context.store, routingProfileQueues, all, []), profileIdOf);
  const picked = Map.groupBy(await findAll(context.store, manualAssignmentQueues, all, []), profileIdOf);
  const holders = Map.groupBy(await findAll(context.store, users, all, []), (user) => user.routingProfileId);
  const page = await searchResources(context.store, routingProfiles, instance, {
    operation: "SearchRoutingProfiles",
    input,
    match: [
      criteriaMatch<RoutingProfile, RoutingProfileSearchCriteria>(input.SearchCriteria, {
        StringCondition: stringLeaf({
          associatedQueueIds: ({ id }) => queueIdsOf(served.get(id) ?? []),
          name: (profile) => profile.name,
          description: (profile) => profile.description,
          resourceID: (profile) => profile.id,
        }),
      }),
      tagMatch(input.SearchFilter?.TagFilter),
    ],
  });
  const RoutingProfiles = page.items.map((profile) => {
    const [servedOnes, pickedOnes] = [served.get(profile.id) ?? [], picked.get(profile.id) ?? []];
    const count = holders.get(profile.id)?.length ?? 0;
    return {
      ...describe(profile, { served: servedOnes, picked: pickedOnes, users: count }),
      AssociatedQueueIds: queueIdsOf(servedOnes),
      AssociatedManualAssignmentQueueIds: queueIdsOf(pickedOnes),
    };
  });
  return { RoutingProfiles, NextToken: page.nextToken, ApproximateTotalCount: page.total };
}

export async function updateRoutingProfileName(
  input: Validated<UpdateRoutingProfileNameRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const update = changeRoutingProfile(input, context, async (_unit, profile) => ({
    name: input.Name ?? profile.name,
    description: input.Description ?? profile.description,
  }));
  return refusingDuplicateName(input.Name, update);
}

/** Replaces the channels. One whose queues the profile still has must stay (our choice). */
export async function updateRoutingProfileConcurrency(
  input: Validated<UpdateRoutingProfileConcurrencyRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeRoutingProfile(input, context, async (unit, profile) => {
    const settings = channelSettings(input.MediaConcurrencies);
    const served = await pairsOf(unit, routingProfileQueues, profile);
    const picked = await pairsOf(unit, manualAssignmentQueues, profile);
    for (const { channel } of [...served, ...picked]) requireChannel(settings, channel);
    return settings;
  });
}

export async function updateRoutingProfileDefaultOutboundQueue(
  input: Validated<UpdateRoutingProfileDefaultOutboundQueueRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeRoutingProfile(input, context, async (unit, profile) => ({
    defaultOutboundQueueId: (await useQueue(unit, profile, input.DefaultOutboundQueueId)).id,
  }));
}

export async function updateRoutingProfileAgentAvailabilityTimer(
  input: Validated<UpdateRoutingProfileAgentAvailabilityTimerRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changeRoutingProfile(input, context, async () => ({ availabilityTimer: input.AgentAvailabilityTimer }));
}

/** Deletes a routing profile that no user has. */
export async function deleteRoutingProfile(
  input: Validated<DeleteRoutingProfileRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const profile = await getRoutingProfile(unit, instance, input.RoutingProfileId);
    const range = { index: "routingProfile", equals: resourceKey(profile), limit: 1 };
    const [user] = (await unit.list(users, range)).documents;
    if (user) {
      throw new ModeledError("ResourceInUseException", `Routing profile ${profile.id} is in use by user ${user.name}`, {
        ResourceType: "USER",
        ResourceId: user.id,
      });
    }
    for (const served of await pairsOf(unit, routingProfileQueues, profile)) {
      unit.delete(routingProfileQueues, routingProfileQueueKey(served));
    }
    for (const picked of await pairsOf(unit, manualAssignmentQueues, profile)) {
      unit.delete(manualAssignmentQueues, routingProfileQueueKey(picked));
    }
    unit.delete(routingProfiles, resourceKey(profile));
  });
  return {};
}

/** A routing profile of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getRoutingProfile(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<RoutingProfile> {
  return getResource(reader, routingProfiles, "routingProfile", instance, idOrArn);
}

/** The queues and channels of a profile. */
export async function pairsOf<T extends RoutingProfilePair>(
  reader: Reader,
  from: Collection<T>,
  profile: InstanceRef & { readonly id: string },
): Promise<T[]> {
  return findAll(reader, from, instanceKey(profile, profile.id, ""), []);
}

/** What `MediaConcurrencies` say. VOICE takes 1 contact, the other channels 1 to 10 (EMAIL: our choice). */
export function channelSettings(concurrencies: readonly Validated<MediaConcurrency>[]): ChannelSettings {
  const concurrency: Partial<Record<Channel, number>> = {};
  const crossChannel: Partial<Record<Channel, BehaviorType>> = {};
  for (const { Channel, Concurrency, CrossChannelBehavior, WorkloadTypeConcurrencies } of concurrencies) {
    if (WorkloadTypeConcurrencies) throw invalidParameter("WorkloadTypeConcurrencies are not supported");
    if (concurrency[Channel] !== undefined)
      throw invalidParameter(`Channel ${Channel} stands in MediaConcurrencies twice`);
    const max = Channel === "VOICE" ? 1 : 10;
    if (Concurrency === undefined || Concurrency < 1 || Concurrency > max) {
      throw invalidParameter(`The Concurrency of ${Channel} must be ${max === 1 ? "1" : `from 1 to ${max}`}`);
    }
    concurrency[Channel] = Concurrency;
    if (CrossChannelBehavior) crossChannel[Channel] = CrossChannelBehavior.BehaviorType;
  }
  if (Object.keys(concurrency).length === 0) throw invalidParameter("MediaConcurrencies need at least one channel");
  return { concurrency, crossChannel };
}

export function requireChannel({ concurrency }: ChannelSettings, channel: Channel): void {
  if (concurrency[channel] === undefined) {
    throw invalidParameter(`A queue is served on ${channel}, which MediaConcurrencies do not have`);
  }
}

/** The id of a routing profile that serves a queue or dials out for it, if there is one. */
export async function findProfileOfQueue(
  reader: Reader,
  queue: InstanceRef & { id: string },
): Promise<string | undefined> {
  const range = { equals: instanceKey(queue, queue.id), limit: 1 };
  const served = await reader.list(routingProfileQueues, { index: "queue", ...range });
  const picked = await reader.list(manualAssignmentQueues, { index: "queue", ...range });
  const dialling = await reader.list(routingProfiles, { index: "outboundQueue", ...range });
  return served.documents[0]?.profileId ?? picked.documents[0]?.profileId ?? dialling.documents[0]?.id;
}

async function changeRoutingProfile(
  input: { InstanceId: string; RoutingProfileId: string },
  context: Context,
  change: (unit: Unit, profile: RoutingProfile) => Promise<Partial<RoutingProfile>>,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const profile = await getRoutingProfile(unit, instance, input.RoutingProfileId);
    const changes = await change(unit, profile);
    unit.put(routingProfiles, resourceKey(profile), { ...profile, ...changes, lastModifiedMs: context.clock.now() });
    refreshProfile(unit, context, profile);
  });
  return {};
}

/** Queues are counted once, however many channels they are served on (our choice). */
function describe(
  profile: RoutingProfile,
  has: { served: readonly RoutingProfilePair[]; picked: readonly RoutingProfilePair[]; users: number },
): RoutingProfileDescription {
  return {
    InstanceId: profile.instanceId,
    Name: profile.name,
    RoutingProfileArn: resourceArn("routingProfile", profile, profile.id),
    RoutingProfileId: profile.id,
    Description: profile.description,
    MediaConcurrencies: mediaConcurrencies(profile),
    DefaultOutboundQueueId: profile.defaultOutboundQueueId,
    Tags: { ...profile.tags },
    NumberOfAssociatedQueues: queueIdsOf(has.served).length,
    NumberOfAssociatedManualAssignmentQueues: queueIdsOf(has.picked).length,
    NumberOfAssociatedUsers: has.users,
    AgentAvailabilityTimer: profile.availabilityTimer ?? "TIME_SINCE_LAST_ACTIVITY",
    LastModifiedTime: new Date(profile.lastModifiedMs),
    LastModifiedRegion: profile.region,
    IsDefault: profile.isDefault,
  };
}

function mediaConcurrencies({ concurrency, crossChannel }: ChannelSettings): MediaConcurrency[] {
  return (Object.keys(concurrency) as Channel[]).map((Channel) => ({
    Channel,
    Concurrency: concurrency[Channel],
    CrossChannelBehavior: { BehaviorType: crossChannel?.[Channel] ?? "ROUTE_CURRENT_CHANNEL_ONLY" },
  }));
}

function profileIdOf({ profileId }: RoutingProfilePair): string {
  return profileId;
}

function queueIdsOf(pairs: readonly RoutingProfilePair[]): string[] {
  return [...new Set(pairs.map(({ queueId }) => queueId))];
}
