import { type Collection, collection, type Unit } from "../../../store/store.ts";
import { appendServiceRecord } from "../../kinesis/index.ts";
import type { Platform } from "../../service.ts";
import { type Domain, inDomain } from "../domain.ts";
import { type SegmentStream, segmentStreamKey, segmentStreams } from "./segment-stream.ts";
import {
  type SegmentMember,
  type SegmentSubscription,
  segmentMemberKey,
  segmentMembers,
} from "./segment-subscription.ts";

/** Somebody joined a segment or left it. */
interface MembershipEvent {
  readonly uid: string;
  readonly subscriptionId: string;
  readonly profileId: string;
  readonly timeMs: number;
  /** Among those of the profile: several may come in one millisecond. */
  readonly number: number;
  readonly event: "JOINED" | "LEFT";
  readonly cause: "LIVE" | "SCHEDULE";
}

/** Counts what was told. */
export const MEMBERSHIP_EVENTS = "trunkline_segment_membership_events_total";

/** What was told lately, for ListSegmentSubscriptionEvents. */
export const membershipEvents: Collection<MembershipEvent> = collection("profiles_membership_events");

export function membershipEventKey({ uid, subscriptionId, timeMs, profileId, number }: MembershipEvent): string {
  return inDomain({ uid }, subscriptionId, timeMs, profileId, number);
}

/** Events can be listed for so long (our choice). */
const EVENTS_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Old events that go with each new one. */
const DROPPED_PER_EVENT = 2;

/** Everything that a change of membership is told to. */
export interface Telling {
  readonly domain: Domain;
  readonly subscription: SegmentSubscription;
  readonly stream: SegmentStream;
  readonly cause: "LIVE" | "SCHEDULE";
}

/** Whether a profile belongs to a segment now; one that is gone does not. */
interface Membership {
  readonly isMember: boolean;
  readonly isGone?: boolean;
}

/**
 * Compares whether a profile belongs to a segment with what was told last, and tells the difference, in the unit of what it was found in.
 *
 * Where the stream does not take the record, what was told last stays: the next comparison finds the difference again. Answers the stream as
 * it is then.
 */
export async function followMember(
  unit: Unit,
  platform: Platform,
  { domain, subscription, stream, cause }: Telling,
  profileId: string,
  { isMember, isGone = false }: Membership,
): Promise<SegmentStream> {
  const place = { uid: subscription.uid, subscriptionId: subscription.id, profileId };
  const key = segmentMemberKey(place);
  const known = await unit.get(segmentMembers, key);
  if ((known?.isMember ?? false) === isMember) {
    if (known && isGone) unit.delete(segmentMembers, key);
    return stream;
  }
  if (subscription.isStarting) {
    if (isGone) unit.delete(segmentMembers, key);
    else putMember(unit, { ...place, isMember, told: 0 });
    return stream;
  }
  const nowMs = platform.clock.now();
  const told = known?.told ?? 0;
  const event: MembershipEvent = {
    ...place,
    timeMs: nowMs,
    number: told,
    event: isMember ? "JOINED" : "LEFT",
    cause,
  };
  const data = recordText(domain, subscription, event, known?.changedMs);
  const isTaken = await appendServiceRecord(unit, platform, stream.arn, { data, partitionKey: profileId });
  if (!isTaken) {
    if (isGone) await keepGone(unit, subscription, profileId);
    return withFailure(unit, stream, `The Kinesis data stream ${stream.arn} does not exist or is not active`);
  }
  if (isGone) unit.delete(segmentMembers, key);
  else putMember(unit, { ...place, isMember, changedMs: nowMs, told: told + 1 });
  unit.put(membershipEvents, membershipEventKey(event), event);
  await dropOldEvents(unit, event);
  unit.afterCommit(() => platform.flow.metrics.count(MEMBERSHIP_EVENTS, { event: event.event, cause }));
  return withFailure(unit, stream, undefined);
}

/** A profile is gone, and nobody can be told now: the next comparison does, which would not come across the profile any more. */
export async function keepGone(unit: Unit, { uid, id }: SegmentSubscription, profileId: string): Promise<void> {
  const known = await unit.get(segmentMembers, segmentMemberKey({ uid, subscriptionId: id, profileId }));
  if (known) putMember(unit, { ...known, isGone: true });
}

function putMember(unit: Unit, member: SegmentMember): void {
  unit.put(segmentMembers, segmentMemberKey(member), member);
}

function withFailure(unit: Unit, stream: SegmentStream, failure: string | undefined): SegmentStream {
  if (stream.failure === failure) return stream;
  const changed = { ...stream, failure };
  unit.put(segmentStreams, segmentStreamKey(stream), changed);
  return changed;
}

/** Administrator Guide, "Track segment membership changes". */
function recordText(
  { account, name }: Domain,
  { segment }: SegmentSubscription,
  { profileId, event, timeMs, cause }: MembershipEvent,
  previousMs: number | undefined,
): string {
  return JSON.stringify({
    AccountId: account,
    DomainName: name,
    SegmentDefinitionName: segment,
    SegmentType: "CLASSIC",
    ProfileId: profileId,
    OperationType: event,
    MembershipCalculatedAt: Math.floor(timeMs / 1000),
    PreviousMembershipChangedAt: previousMs === undefined ? undefined : Math.floor(previousMs / 1000),
    EventType: cause,
  });
}

async function dropOldEvents(unit: Unit, { uid, subscriptionId, timeMs }: MembershipEvent): Promise<void> {
  const prefix = inDomain({ uid }, subscriptionId, "");
  const { documents } = await unit.list(membershipEvents, { prefix, limit: DROPPED_PER_EVENT });
  for (const old of documents) {
    if (old.timeMs < timeMs - EVENTS_KEPT_MS) unit.delete(membershipEvents, membershipEventKey(old));
  }
}
