import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { ProfileChange } from "../profile-change.ts";
import { followMember, keepGone } from "./membership-event.ts";
import { Memberships } from "./segment-membership.ts";
import { findSegmentStream } from "./segment-stream.ts";
import { subscriptionsOf } from "./segment-subscription.ts";

/** Tells which subscribed segments a changed profile has joined or left by that, in the change's unit. One that is gone has left all. */
export async function followMembership(
  unit: Unit,
  platform: Platform,
  { domain, before, after }: ProfileChange,
): Promise<void> {
  const profile = after ?? before;
  if (!profile) return;
  const subscriptions = await subscriptionsOf(platform.store, unit, domain);
  if (subscriptions.length === 0) return;
  let stream = await findSegmentStream(unit, domain);
  if (!stream || stream.disassociatedMs !== undefined) {
    if (!after) for (const subscription of subscriptions) await keepGone(unit, subscription, profile.id);
    return;
  }
  const memberships = new Memberships(unit, platform, domain, profile);
  for (const subscription of subscriptions) {
    const isMember = after !== undefined && (await memberships.isIn(subscription.segment));
    stream = await followMember(unit, platform, { domain, subscription, stream, cause: "LIVE" }, profile.id, {
      isMember,
      isGone: !after,
    });
  }
}
