import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { refreshCalculatedAttributes } from "./calculated-attributes/attribute-values.ts";
import { tellEventStream } from "./event-streams/tell-event-stream.ts";
import { keepHistory } from "./history-record.ts";
import { tellMatching } from "./matching/matching-log.ts";
import type { ProfileChange } from "./profile-change.ts";
import { followMembership } from "./segments/follow-membership.ts";
import { sweepExpired } from "./sweep-expired.ts";
import { followTriggers } from "./triggers/follow-triggers.ts";

/** Tells all who follow of a change of a profile, in the unit that makes it and after all that it writes. */
export async function tellChange(unit: Unit, platform: Platform, change: ProfileChange): Promise<void> {
  await tellEventStream(unit, platform, change);
  await refreshCalculatedAttributes(unit, platform, change);
  await followTriggers(unit, platform, change);
  await followMembership(unit, platform, change);
  await keepHistory(unit, platform, change);
  tellMatching(unit, change);
  await sweepExpired(unit, platform);
}
