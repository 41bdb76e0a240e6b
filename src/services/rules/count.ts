import type { Unit } from "../../store/store.ts";
import { type InstanceRef, looksEnds, matchedEnds } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import type { BuiltSource } from "./sources.ts";

/** Counts, once the unit has committed, that the rules on some event sources have looked at something. */
export function countLooks(
  unit: Unit,
  platform: Platform,
  instance: InstanceRef,
  sources: readonly BuiltSource[],
): void {
  for (const source of sources) count(unit, platform, instance, looksEnds(instance, source));
}

/** Counts, once the unit has committed, that a rule was true of something. */
export function countMatch(unit: Unit, platform: Platform, instance: InstanceRef, ruleId: string): void {
  count(unit, platform, instance, matchedEnds(instance, ruleId));
}

function count(
  unit: Unit,
  { flow }: Platform,
  { account, region }: InstanceRef,
  { countedFrom: from, countedTo: to }: ReturnType<typeof looksEnds>,
): void {
  unit.afterCommit(() => flow.countPassed({ account, region, from, to }));
}
