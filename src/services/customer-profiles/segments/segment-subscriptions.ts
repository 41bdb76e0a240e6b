import type { Timer } from "../../../flow/index.ts";
import type { Unit } from "../../../store/store.ts";
import { optionalDate } from "../../optional-date.ts";
import { decodePageToken, encodePageToken } from "../../page-token.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit, Platform } from "../../service.ts";
import { type Domain, domainKey, domains, getDomain, inDomain } from "../domain.ts";
import { allIn } from "../domain-view.ts";
import { badRequest, invalidNextToken } from "../errors.ts";
import { followMember, MEMBERSHIP_EVENTS, membershipEventKey, membershipEvents } from "./membership-event.ts";
import { segmentChain } from "./segment-chains.ts";
import { getSegment } from "./segment-definition.ts";
import { type ScannedFrom, scanProfiles } from "./segment-scan.ts";
import { findSegmentStream } from "./segment-stream.ts";
import {
  getSubscription,
  type SegmentSubscription,
  type SubscriptionStatus,
  segmentMemberKey,
  segmentMembers,
  segmentSubscriptionKey,
  segmentSubscriptions,
  subscriptionStatus,
} from "./segment-subscription.ts";

/*
 * The SDK that types come from does not have these operations yet: their shapes are those of the model.
 */

interface OfSegment {
  readonly DomainName: string;
  readonly SegmentDefinitionName: string;
}

interface ScheduleConfiguration {
  readonly Interval: number;
  readonly Unit?: "HOURLY" | undefined;
}

interface DescribedSubscription {
  readonly Status: SubscriptionStatus;
  readonly Message?: string | undefined;
  readonly ScheduleConfiguration: ScheduleConfiguration;
  readonly StartedAt: Date;
}

export const SUBSCRIPTIONS: Limit = {
  name: "customer-profiles.segment-subscriptions-per-domain",
  default: 10,
  meaning: "Segment subscriptions of a domain",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

/** API Reference, `ScheduleConfiguration`: "Default: 24". */
const INTERVAL_HOURS = 24;
const HOUR_MS = 60 * 60 * 1000;
const PAGE_SIZE = 100;

/** A timer of this kind begins to compare the members of a segment with what was told of them. */
const BEGIN = "customer-profiles.segment-comparison";
/** One of this kind goes on with it, a step at a time. */
const COMPARE = "customer-profiles.segment-comparison-step";
/** One of this kind deletes what was known for a subscription that is gone. */
const FORGET = "customer-profiles.segment-subscription-sweep";

const SWEPT_PER_STEP = 500;

/** Profiles that are gone, and of which that is told late: more wait for the next comparison. */
const GONE_PER_COMPARISON = 500;

/** Subscribes to a segment, or changes how often its members are compared. Who belongs to it at the beginning is not told. */
export async function putSegmentSubscription(
  input: OfSegment & { readonly ScheduleConfiguration?: ScheduleConfiguration },
  context: Context,
): Promise<DescribedSubscription> {
  const { SegmentDefinitionName: name, ScheduleConfiguration: schedule } = input;
  const nowMs = context.clock.now();
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    await getSegment(unit, domain, name);
    const stream = await findSegmentStream(unit, domain);
    if (!stream || stream.disassociatedMs !== undefined) {
      throw badRequest(`Domain ${domain.name} has no stream for segments: AssociateStreamForSegments makes one`);
    }
    const key = segmentSubscriptionKey({ uid: domain.uid, segment: name });
    const old = await unit.get(segmentSubscriptions, key);
    if (!old) await requireQuota(unit, context, domain);
    const intervalHours = schedule?.Interval ?? old?.intervalHours ?? INTERVAL_HOURS;
    const subscription: SegmentSubscription = {
      ...(old ?? {
        uid: domain.uid,
        segment: name,
        id,
        isStarting: true,
        isComparing: true,
        startedMs: nowMs,
      }),
      intervalHours,
      updatedMs: nowMs,
      nextRunMs: nextRunMs(old?.startedMs ?? nowMs, intervalHours, nowMs),
    };
    unit.put(segmentSubscriptions, key, subscription);
    const of = timed(domain, subscription);
    if (!old) context.flow.schedule(unit, compareTimer({ ...of, from: "beginning" }, nowMs));
    context.flow.schedule(unit, beginTimer(of, subscription.nextRunMs));
    return described(subscription, stream);
  });
}

export async function getSegmentSubscription(
  input: OfSegment,
  context: Context,
): Promise<
  DescribedSubscription & {
    readonly ScheduledExecutions: { readonly NextExecutedAt: Date; readonly LastExecutedAt?: Date | undefined };
    readonly LastUpdatedAt: Date;
  }
> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const subscription = await getSubscription(context.store, domain, input.SegmentDefinitionName);
  const { lastRunMs } = subscription;
  return {
    ...described(subscription, await findSegmentStream(context.store, domain)),
    ScheduledExecutions: {
      NextExecutedAt: new Date(subscription.nextRunMs),
      LastExecutedAt: optionalDate(lastRunMs),
    },
    LastUpdatedAt: new Date(subscription.updatedMs),
  };
}

export async function deleteSegmentSubscription(
  input: OfSegment,
  context: Context,
): Promise<{ readonly Message: string }> {
  const { SegmentDefinitionName: name } = input;
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    await getSegment(unit, domain, name);
    await getSubscription(unit, domain, name);
    await forgetSubscription(unit, context, domain, name);
  });
  return { Message: `Subscription to segment ${name} deleted` };
}

/** What was told of a segment lately, the newest first. */
export async function listSegmentSubscriptionEvents(
  input: OfSegment & { readonly MaxResults?: number; readonly NextToken?: string },
  context: Context,
): Promise<{ readonly Events: readonly object[]; readonly NextToken?: string | undefined }> {
  const domain = await getDomain(context.store, context, input.DomainName);
  const { id } = await getSubscription(context.store, domain, input.SegmentDefinitionName);
  const of = ["ListSegmentSubscriptionEvents", domain.uid, id];
  const behind = input.NextToken === undefined ? undefined : decodePageToken(of, input.NextToken);
  if (input.NextToken !== undefined && behind === undefined) throw invalidNextToken();
  const limit = input.MaxResults ?? PAGE_SIZE;
  const { documents } = await context.store.list(membershipEvents, {
    prefix: inDomain(domain, id, ""),
    ...(behind !== undefined && { before: inDomain(domain, id, "") + behind }),
    descending: true,
    limit: limit + 1,
  });
  const shown = documents.slice(0, limit);
  const last = shown.at(-1);
  const position = last && membershipEventKey(last).slice(inDomain(domain, id, "").length);
  return {
    Events: shown.map(({ profileId, timeMs, cause, event }) => ({
      ProfileId: profileId,
      UpdatedAt: new Date(timeMs),
      EventType: cause,
      Event: event,
    })),
    NextToken: documents.length > limit && position !== undefined ? encodePageToken(of, position) : undefined,
  };
}

/** A subscription is gone, if there is one: nothing is told any more, and what was known for it goes in small steps. */
export async function forgetSubscription(
  unit: Unit,
  { flow, clock }: Platform,
  domain: Domain,
  segment: string,
): Promise<void> {
  const key = segmentSubscriptionKey({ uid: domain.uid, segment });
  const subscription = await unit.get(segmentSubscriptions, key);
  if (!subscription) return;
  unit.delete(segmentSubscriptions, key);
  for (const kind of [BEGIN, COMPARE]) flow.cancel(unit, timerId(kind, domain, segment));
  flow.schedule(unit, forgetTimer({ uid: domain.uid, subscriptionId: subscription.id }, clock.now()));
}

function described(
  subscription: SegmentSubscription,
  stream: Parameters<typeof subscriptionStatus>[1],
): DescribedSubscription {
  const { status, message } = subscriptionStatus(subscription, stream);
  return {
    Status: status,
    Message: message,
    ScheduleConfiguration: { Interval: subscription.intervalHours, Unit: "HOURLY" },
    StartedAt: new Date(subscription.startedMs),
  };
}

async function requireQuota(unit: Unit, { limits }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  await guardRange(unit, inDomain(domain, segmentSubscriptions.name));
  const all = await allIn(unit, segmentSubscriptions, domain);
  if (all.length < limits.value(SUBSCRIPTIONS.name, SUBSCRIPTIONS.default)) return;
  throw badRequest("Limit exceeded: segment subscriptions per domain");
}

/** The first full interval from the beginning on that is still ahead: one that was late is skipped. */
function nextRunMs(startedMs: number, intervalHours: number, nowMs: number): number {
  const intervalMs = intervalHours * HOUR_MS;
  return startedMs + (Math.floor((nowMs - startedMs) / intervalMs) + 1) * intervalMs;
}

/** Which subscription a timer is of. */
interface Timed {
  readonly owner: Pick<Domain, "account" | "region" | "name" | "uid">;
  readonly segment: string;
  readonly subscriptionId: string;
}

type Step = Timed & { readonly from: ScannedFrom };

function timed({ account, region, name, uid }: Domain, { segment, id }: SegmentSubscription): Timed {
  return { owner: { account, region, name, uid }, segment, subscriptionId: id };
}

function timerId(kind: string, { uid }: Pick<Domain, "uid">, segment: string): string {
  return `${kind} ${uid} ${segment}`;
}

function beginTimer(payload: Timed, dueMs: number): Timer {
  return { id: timerId(BEGIN, payload.owner, payload.segment), kind: BEGIN, dueMs, payload };
}

function compareTimer(payload: Step, dueMs: number): Timer {
  return { id: timerId(COMPARE, payload.owner, payload.segment), kind: COMPARE, dueMs, payload };
}

/** What was known for a subscription. */
interface Forgotten {
  readonly uid: string;
  readonly subscriptionId: string;
}

function forgetTimer(payload: Forgotten, dueMs: number): Timer {
  return { id: `${FORGET} ${payload.uid} ${payload.subscriptionId}`, kind: FORGET, dueMs, payload };
}

export function compareSubscriptions(platform: Platform): void {
  const { flow } = platform;
  flow.metrics.describe(MEMBERSHIP_EVENTS, "Profiles that joined or left a subscribed segment, by event and cause.");
  flow.onTimer(BEGIN, (unit, { payload }) => begin(unit, platform, payload as Timed));
  flow.onTimer(COMPARE, (unit, { payload }) => compare(unit, platform, payload as Step));
  flow.onTimer(FORGET, async (unit, { payload }) => {
    const place = payload as Forgotten;
    const range = { prefix: inDomain(place, place.subscriptionId, ""), limit: SWEPT_PER_STEP };
    const members = (await unit.list(segmentMembers, range)).documents;
    for (const member of members) unit.delete(segmentMembers, segmentMemberKey(member));
    const events = (await unit.list(membershipEvents, range)).documents;
    for (const event of events) unit.delete(membershipEvents, membershipEventKey(event));
    if (members.length > 0 || events.length > 0) flow.schedule(unit, forgetTimer(place, platform.clock.now()));
  });
}

/** The subscription that a timer is of, unless it is gone meanwhile. */
async function find(
  unit: Unit,
  { owner, segment, subscriptionId }: Timed,
): Promise<{ readonly domain: Domain; readonly subscription: SegmentSubscription } | undefined> {
  const domain = await unit.get(domains, domainKey(owner, owner.name));
  if (domain?.uid !== owner.uid) return undefined;
  const subscription = await unit.get(segmentSubscriptions, segmentSubscriptionKey({ uid: domain.uid, segment }));
  return subscription?.id === subscriptionId ? { domain, subscription } : undefined;
}

/** Comparisons of one segment never overlap: where one is late, the next is skipped. */
async function begin(unit: Unit, { flow, clock }: Platform, of: Timed): Promise<void> {
  const found = await find(unit, of);
  if (!found) return;
  const { subscription } = found;
  const nowMs = clock.now();
  const next = nextRunMs(subscription.startedMs, subscription.intervalHours, nowMs);
  put(unit, { ...subscription, isComparing: true, nextRunMs: next });
  flow.schedule(unit, beginTimer(of, next));
  if (!subscription.isComparing) flow.schedule(unit, compareTimer({ ...of, from: "beginning" }, nowMs));
}

async function compare(unit: Unit, platform: Platform, { from, ...of }: Step): Promise<void> {
  const found = await find(unit, of);
  if (!found) return;
  const { domain, subscription } = found;
  const first = await findSegmentStream(unit, domain);
  // Nobody is told of anything: who has joined or left is found once there is a stream again.
  if (!first || first.disassociatedMs !== undefined) {
    put(unit, { ...subscription, isComparing: false });
    return;
  }
  let stream = first;
  const chain = await segmentChain(platform.store, unit, domain, subscription.segment);
  const { next } = await scanProfiles(unit, platform, domain, from, async (profile, memberships) => {
    const isMember = await memberships.isInChain(chain);
    const telling = { domain, subscription, stream, cause: "SCHEDULE" } as const;
    stream = await followMember(unit, platform, telling, profile.id, { isMember });
  });
  const nowMs = platform.clock.now();
  if (next !== undefined) {
    platform.flow.schedule(unit, compareTimer({ ...of, from: next }, nowMs));
    return;
  }
  const gone = await unit.list(segmentMembers, {
    index: "gone",
    prefix: inDomain(domain, subscription.id, ""),
    limit: GONE_PER_COMPARISON,
  });
  for (const { profileId } of gone.documents) {
    const telling = { domain, subscription, stream, cause: "SCHEDULE" } as const;
    stream = await followMember(unit, platform, telling, profileId, { isMember: false, isGone: true });
  }
  put(unit, {
    ...subscription,
    isStarting: false,
    isComparing: false,
    ...(!subscription.isStarting && { lastRunMs: nowMs }),
  });
}

function put(unit: Unit, subscription: SegmentSubscription): void {
  unit.put(segmentSubscriptions, segmentSubscriptionKey(subscription), subscription);
}
