/** The ends between which the map finds what was counted of Connect rules: how much they have looked at, and how often they were true. */
import { type InstanceRef, instanceArn, resourceArn } from "./arns.ts";

/** What an instance has given to its rules on an event source. It is counted once for all of them: more rules cost no more. */
export function looksEnds(
  instance: InstanceRef,
  source: string,
): { readonly countedFrom: string; readonly countedTo: string } {
  return { countedFrom: `${instanceArn(instance)} rules`, countedTo: source };
}

export const MATCHED_END = "matched";

/** How often one rule was true. */
export function matchedEnds(
  instance: InstanceRef,
  ruleId: string,
): { readonly countedFrom: string; readonly countedTo: string } {
  return { countedFrom: resourceArn("rule", instance, ruleId), countedTo: MATCHED_END };
}
