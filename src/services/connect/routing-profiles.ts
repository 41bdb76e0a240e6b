import type { Channel } from "@aws-sdk/client-connect";
import { type Collection, collection, type Reader } from "../../store/store.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { type InstanceResource, instanceResources } from "./instance-resources.ts";

/** Which queues agents serve, and how many contacts at once. */
export interface RoutingProfile extends InstanceResource {
  readonly concurrency: Readonly<Partial<Record<Channel, number>>>;
  /** The queue that agents of this profile dial out for. */
  readonly defaultOutboundQueueId: string;
  /** The profile that the instance was created with. */
  readonly isDefault: boolean;
}

export const routingProfiles: Collection<RoutingProfile> = instanceResources("connect_routing_profiles", {
  outboundQueue: { type: "text", value: (profile) => instanceKey(profile, profile.defaultOutboundQueueId) },
});

/** A queue and channel that a routing profile serves. */
export interface RoutingProfileQueue extends InstanceRef {
  readonly profileId: string;
  readonly queueId: string;
  readonly channel: Channel;
  /** The lower number first. */
  readonly priority: number;
  /** Seconds that a contact waits before agents of this profile may get it. */
  readonly delaySeconds: number;
}

export const routingProfileQueues: Collection<RoutingProfileQueue> = collection("connect_routing_profile_queues", {
  queue: { type: "text", value: (served) => instanceKey(served, served.queueId) },
});

export function routingProfileQueueKey(served: RoutingProfileQueue): string {
  return instanceKey(served, served.profileId, served.queueId, served.channel);
}

/** The id of a routing profile that serves a queue or dials out for it, if there is one. */
export async function findProfileOfQueue(
  reader: Reader,
  queue: InstanceRef & { id: string },
): Promise<string | undefined> {
  const range = { equals: instanceKey(queue, queue.id), limit: 1 };
  const served = await reader.list(routingProfileQueues, { index: "queue", ...range });
  const dialling = await reader.list(routingProfiles, { index: "outboundQueue", ...range });
  return served.documents[0]?.profileId ?? dialling.documents[0]?.id;
}
