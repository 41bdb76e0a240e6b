import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { domainView } from "../domain-view.ts";
import { notFound } from "../errors.ts";
import type { SegmentStream } from "./segment-stream.ts";

/** Somebody wants to be told who joins a segment and who leaves it. */
export interface SegmentSubscription {
  /** Of its domain. */
  readonly uid: string;
  readonly segment: string;
  /** Another one each time that a segment is subscribed: what was known for one that is gone is not known for the next. */
  readonly id: string;
  readonly intervalHours: number;
  /** While it starts, who belongs to the segment is found out and not told. */
  readonly isStarting: boolean;
  /** Its members are being gone through: no other comparison begins. */
  readonly isComparing: boolean;
  readonly startedMs: number;
  readonly updatedMs: number;
  /** When members are compared with what was told of them. */
  readonly nextRunMs: number;
  readonly lastRunMs?: number | undefined;
}

export const segmentSubscriptions: Collection<SegmentSubscription> = collection("profiles_segment_subscriptions");

export function segmentSubscriptionKey({ uid, segment }: Pick<SegmentSubscription, "uid" | "segment">): string {
  return inDomain({ uid }, segment);
}

/** The subscriptions of a domain, as they are now. */
export const subscriptionsOf: ReturnType<typeof domainView<SegmentSubscription, readonly SegmentSubscription[]>> =
  domainView(segmentSubscriptions, (subscriptions) => subscriptions);

/** The subscription to a segment, or `ResourceNotFoundException`. */
export async function getSubscription(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  segment: string,
): Promise<SegmentSubscription> {
  const found = await reader.get(segmentSubscriptions, segmentSubscriptionKey({ uid, segment }));
  if (!found) throw notFound(`Subscription to segment ${segment} does not exist`);
  return found;
}

export type SubscriptionStatus = "STARTING" | "RUNNING" | "STOPPED" | "FAILED";

/** How a subscription is, with a message where it does not tell what it should. */
export function subscriptionStatus(
  { isStarting }: SegmentSubscription,
  stream: SegmentStream | undefined,
): { readonly status: SubscriptionStatus; readonly message?: string } {
  if (!stream || stream.disassociatedMs !== undefined) {
    return { status: "STOPPED", message: "The domain has no stream for segments" };
  }
  if (stream.failure !== undefined) return { status: "FAILED", message: stream.failure };
  return { status: isStarting ? "STARTING" : "RUNNING" };
}

/** Whether a profile belongs to a segment, as was told last. Of one that never did there is nothing. */
export interface SegmentMember {
  readonly uid: string;
  readonly subscriptionId: string;
  readonly profileId: string;
  readonly isMember: boolean;
  /** When that was told; absent: it was so when the subscription started. */
  readonly changedMs?: number | undefined;
  /** How often something was told of it. */
  readonly told: number;
  /** The profile is gone, and that it has left could not be told yet. */
  readonly isGone?: true | undefined;
}

export const segmentMembers: Collection<SegmentMember> = collection("profiles_segment_members", {
  /** Those that are gone untold, by their subscription. */
  gone: {
    type: "text",
    value: ({ isGone, uid, subscriptionId, profileId }) =>
      isGone ? compositeKey(uid, subscriptionId, profileId) : undefined,
  },
});

export function segmentMemberKey({
  uid,
  subscriptionId,
  profileId,
}: Pick<SegmentMember, "uid" | "subscriptionId" | "profileId">): string {
  return inDomain({ uid }, subscriptionId, profileId);
}
