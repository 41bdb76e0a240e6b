import type { Entry, Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { Domain } from "../domain.ts";
import type { ProfileChange } from "../profile-change.ts";

/** Profiles to be matched with others of their domain by its rules. */
export const MATCHING_LOG = "customer-profiles.matching";

export interface ToMatch {
  /** Of its domain. */
  readonly uid: string;
  readonly profileId: string;
}

export async function declareMatchingLog({ store }: Platform): Promise<void> {
  await store.commit(async (unit) => unit.declareLog({ name: MATCHING_LOG, keepMs: 0 }));
}

/** A profile that has changed, or is gone, may match others than before. */
export function tellMatching(unit: Unit, { domain, before, after }: ProfileChange): void {
  const profile = after ?? before;
  if (!domain.ruleBasedMatching?.Enabled || !profile || before?.fields === after?.fields) return;
  askToMatch(unit, domain, profile.id);
}

export function askToMatch(unit: Unit, { uid }: Pick<Domain, "uid">, profileId: string): void {
  const toMatch: ToMatch = { uid, profileId };
  unit.append(MATCHING_LOG, profileId, JSON.stringify(toMatch));
}

export function toMatchOf({ value }: Entry): ToMatch {
  return JSON.parse(String(value)) as ToMatch;
}
