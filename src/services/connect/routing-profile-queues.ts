import type {
  AssociateRoutingProfileQueuesRequest,
  DisassociateRoutingProfileQueuesRequest,
  ListRoutingProfileManualAssignmentQueuesRequest,
  ListRoutingProfileManualAssignmentQueuesResponse,
  ListRoutingProfileQueuesRequest,
  ListRoutingProfileQueuesResponse,
  RoutingProfileManualAssignmentQueueConfig,
  RoutingProfileQueueConfig,
  RoutingProfileQueueReference,
  UpdateRoutingProfileQueuesRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Unit } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context, Limit, Limits } from "../service.ts";
import { refreshProfile } from "./agent-refresh.ts";
import { instanceKey, parseResourceId, refOf } from "./arns.ts";
import { invalidNextToken, invalidParameter, invalidRequest, notFound } from "./errors.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { queueArn, queues, useQueue } from "./queues.ts";
import { QUOTA_PAGE } from "./quotas.ts";
import {
  getRoutingProfile,
  manualAssignmentQueues,
  pairsOf,
  type RoutingProfile,
  type RoutingProfilePair,
  requireChannel,
  routingProfileQueueKey,
  routingProfileQueues,
  routingProfiles,
} from "./routing-profiles.ts";

/** It always holds, since events of agents list the queues of their profiles. */
export const QUEUES_PER_PROFILE: Limit = {
  name: "connect.queues-per-routing-profile",
  default: 50,
  meaning: "Queues of a routing profile, counted once for each channel; those for manual assignment are counted apart",
  source: QUOTA_PAGE,
  always: true,
};

/** "More than 10 queue references results in a single call results in an InvalidParameterException." */
const DISASSOCIATED_MAX = 10;

/** The configurations of queues that a request may have: for routing, for manual assignment, or both. */
export interface QueueConfigs {
  readonly QueueConfigs?: Validated<RoutingProfileQueueConfig>[] | undefined;
  readonly ManualAssignmentQueueConfigs?: Validated<RoutingProfileManualAssignmentQueueConfig>[] | undefined;
}

/** Adds queues to a profile. One that it has already gets the new priority and delay (our choice). */
export async function associateRoutingProfileQueues(
  input: Validated<AssociateRoutingProfileQueuesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changePairs(input, context, async (unit, profile) => {
    if (!input.QueueConfigs && !input.ManualAssignmentQueueConfigs) {
      throw invalidParameter("QueueConfigs or ManualAssignmentQueueConfigs are needed");
    }
    const fits = await addQueues(unit, profile, input, context.limits);
    if (!fits) throw invalidRequest(TOO_MANY_QUEUES);
  });
}

/** Takes queues from a profile. Those that it does not have are ignored (our choice). */
export async function disassociateRoutingProfileQueues(
  input: Validated<DisassociateRoutingProfileQueuesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { QueueReferences: served = [], ManualAssignmentQueueReferences: picked = [] } = input;
  return changePairs(input, context, async (unit, profile) => {
    if (served.length > DISASSOCIATED_MAX || picked.length > DISASSOCIATED_MAX) {
      throw invalidParameter(`A request may have at most ${DISASSOCIATED_MAX} queue references`);
    }
    for (const reference of served) unit.delete(routingProfileQueues, keyOf(profile, reference));
    for (const reference of picked) unit.delete(manualAssignmentQueues, keyOf(profile, reference));
  });
}

/** Changes priorities and delays of queues that a profile has. */
export async function updateRoutingProfileQueues(
  input: Validated<UpdateRoutingProfileQueuesRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return changePairs(input, context, async (unit, profile) => {
    refuseTwice(input.QueueConfigs);
    for (const { QueueReference, Priority, Delay } of input.QueueConfigs) {
      const key = keyOf(profile, QueueReference);
      const served = await unit.get(routingProfileQueues, key);
      if (!served) {
        const { QueueId, Channel } = QueueReference;
        throw notFound(`Routing profile ${profile.id} does not have queue ${QueueId} on ${Channel}`);
      }
      unit.put(routingProfileQueues, key, { ...served, priority: Priority, delaySeconds: Delay });
    }
  });
}

export async function listRoutingProfileQueues(
  input: Validated<ListRoutingProfileQueuesRequest>,
  context: Context,
): Promise<ListRoutingProfileQueuesResponse> {
  const { page, ...modified } = await pairsPage(input, context, routingProfileQueues, "ListRoutingProfileQueues");
  return {
    RoutingProfileQueueConfigSummaryList: page.items.map(({ pair, ...summary }) => ({
      ...summary,
      Priority: pair.priority,
      Delay: pair.delaySeconds,
    })),
    NextToken: page.nextToken,
    ...modified,
  };
}

export async function listRoutingProfileManualAssignmentQueues(
  input: Validated<ListRoutingProfileManualAssignmentQueuesRequest>,
  context: Context,
): Promise<ListRoutingProfileManualAssignmentQueuesResponse> {
  const operation = "ListRoutingProfileManualAssignmentQueues";
  const { page, ...modified } = await pairsPage(input, context, manualAssignmentQueues, operation);
  return {
    RoutingProfileManualAssignmentQueueConfigSummaryList: page.items.map(({ pair, ...summary }) => summary),
    NextToken: page.nextToken,
    ...modified,
  };
}

export const TOO_MANY_QUEUES = "The quota of queues per routing profile is used up";

/** Gives queues to a profile, which the caller writes. Answers whether it may have so many. */
export async function addQueues(
  unit: Unit,
  profile: RoutingProfile,
  configs: QueueConfigs,
  limits: Limits,
): Promise<boolean> {
  const { QueueConfigs: served = [], ManualAssignmentQueueConfigs: picked = [] } = configs;
  refuseTwice(served);
  refuseTwice(picked);
  for (const { QueueReference, Priority, Delay } of served) {
    const pair = { ...(await pairOf(unit, profile, QueueReference)), priority: Priority, delaySeconds: Delay };
    unit.put(routingProfileQueues, routingProfileQueueKey(pair), pair);
  }
  for (const { QueueReference } of picked) {
    const pair = await pairOf(unit, profile, QueueReference);
    unit.put(manualAssignmentQueues, routingProfileQueueKey(pair), pair);
  }
  const max = limits.value(QUEUES_PER_PROFILE.name, QUEUES_PER_PROFILE.default);
  const counts = [
    (await pairsOf(unit, routingProfileQueues, profile)).length,
    (await pairsOf(unit, manualAssignmentQueues, profile)).length,
  ];
  return counts.every((count) => count <= max);
}

async function changePairs(
  input: { InstanceId: string; RoutingProfileId: string },
  context: Context,
  change: (unit: Unit, profile: RoutingProfile) => Promise<void>,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const profile = await getRoutingProfile(unit, instance, input.RoutingProfileId);
    await change(unit, profile);
    unit.put(routingProfiles, resourceKey(profile), { ...profile, lastModifiedMs: context.clock.now() });
    refreshProfile(unit, context, profile);
  });
  return {};
}

async function pairOf(
  unit: Unit,
  profile: RoutingProfile,
  { QueueId, Channel }: Validated<RoutingProfileQueueReference>,
): Promise<RoutingProfilePair> {
  requireChannel(profile, Channel);
  const { id: queueId } = await useQueue(unit, profile, QueueId);
  return { ...refOf(profile), profileId: profile.id, queueId, channel: Channel };
}

function keyOf(profile: RoutingProfile, { QueueId, Channel }: Validated<RoutingProfileQueueReference>): string {
  const queueId = parseResourceId("queue", profile, QueueId) ?? QueueId;
  return routingProfileQueueKey({ ...refOf(profile), profileId: profile.id, queueId, channel: Channel });
}

function refuseTwice(configs: readonly { QueueReference: Validated<RoutingProfileQueueReference> }[]): void {
  const references = configs.map(({ QueueReference: { QueueId, Channel } }) => `${QueueId} on ${Channel}`);
  const twice = references.find((reference, index) => references.indexOf(reference) !== index);
  if (twice !== undefined) throw invalidParameter(`Queue ${twice} stands in the request twice`);
}

/** A page of a profile's queues, in the order of queue ids and channels. */
async function pairsPage<T extends RoutingProfilePair>(
  input: {
    InstanceId: string;
    RoutingProfileId: string;
    NextToken?: string | undefined;
    MaxResults?: number | undefined;
  },
  context: Context,
  from: Collection<T>,
  operation: string,
) {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const profile = await getRoutingProfile(context.store, instance, input.RoutingProfileId);
  const page = slicePage(
    await pairsOf(context.store, from, profile),
    ({ queueId, channel }) => `${queueId}/${channel}`,
    {
      of: [operation, resourceKey(profile)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const found = await Promise.all(page.items.map((pair) => context.store.get(queues, instanceKey(pair, pair.queueId))));
  const items = page.items.flatMap((pair, index) => {
    const queue = found[index];
    return queue
      ? [{ pair, QueueId: queue.id, QueueArn: queueArn(queue), QueueName: queue.name, Channel: pair.channel }]
      : [];
  });
  return {
    page: { items, nextToken: page.nextToken },
    LastModifiedTime: new Date(profile.lastModifiedMs),
    LastModifiedRegion: profile.region,
  };
}
