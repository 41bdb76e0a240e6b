/**
 * Changes of a case: whoever makes one calls this door in their unit, and everything that follows from it is in the same unit.
 *
 *     caller's unit ─► case ─► audit, event on the bus, log of changes for rules, SLAs that the change meets
 */
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { audit } from "./audit.ts";
import { type Case, caseKey, cases } from "./case.ts";
import { tellCaseChange } from "./case-changes.ts";
import { tellCaseEvent } from "./case-event.ts";
import type { Domain } from "./domain.ts";
import type { Field } from "./field.ts";
import type { CaseValues } from "./field-value.ts";

/** A change of a case's values, checked. */
export interface ChangedCase {
  readonly before?: Case | undefined;
  readonly after: Case;
  /** Those whose values differ, in the order of the domain's list, the last one `last_updated_datetime`. */
  readonly changed: readonly Field[];
  readonly actor: Actor;
  /** Ids of the Connect rules by whose actions it came to this. */
  readonly byRules?: readonly string[] | undefined;
}

/** Writes a case that was created or changed, and all that follows. */
export async function writeCase(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { before, after, changed, actor, byRules }: ChangedCase,
): Promise<void> {
  unit.put(cases, caseKey(after), after);
  audit(unit, platform, after, {
    type: before ? "Case.Updated" : "Case.Created",
    timeMs: after.changedMs,
    actor,
    fields: changed.map(({ id, type }) => ({ id, type, before: before?.values[id], after: after.values[id] })),
  });
  await tellCaseEvent(unit, platform, domain, {
    eventType: before ? "CASE.UPDATED" : "CASE.CREATED",
    changed: after,
    actor,
    changedFieldIds: changed.map(({ id }) => id),
  });
  tellCaseChange(unit, {
    account: domain.account,
    region: domain.region,
    domainId: domain.domainId,
    caseId: after.id,
    templateId: after.templateId,
    kind: before ? "updated" : "created",
    fields: after.values as CaseValues,
    ...(byRules && { byRules }),
  });
}

/** The time of a case's next change: now, and later than that of the last one. */
export function nextChangeMs({ clock }: Pick<Platform, "clock">, before: Pick<Case, "changedMs"> | undefined): number {
  return Math.max(clock.now(), (before?.changedMs ?? 0) + 1);
}
