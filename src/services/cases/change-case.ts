/**
 * Changes of a case: whoever makes one calls this door in their unit, and everything that follows from it is in the same unit.
 *
 *     caller's unit ─► case ─► audit, event on the bus, log of changes for rules ─► service levels that the change meets
 */
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { Actor } from "./actor.ts";
import { audit } from "./audit.ts";
import { type Case, caseKey, cases } from "./case.ts";
import { tellCaseEvent } from "./case-event.ts";
import type { Domain } from "./domain.ts";
import { type CaseValues, timeText } from "./field-value.ts";
import { SYSTEM_USED_FIELDS, type UsedField } from "./given-values.ts";
import { tellRules } from "./tell-rules.ts";

/** A change of a case's values, checked. */
export interface ChangedCase {
  readonly before?: Case | undefined;
  readonly after: Case;
  /** Fields that a request has named. Those of the system are known anyway. */
  readonly named: readonly UsedField[];
  readonly actor: Actor;
  /** Ids of the Connect rules by whose actions it came to this. */
  readonly byRules?: readonly string[] | undefined;
}

/** Writes a case that was created or changed, and tells of it. */
export async function writeCase(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { before, after, named, actor, byRules }: ChangedCase,
): Promise<void> {
  const changed = changedFields(named, before?.values ?? {}, after.values);
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
  tellRules(unit, domain, after, { kind: before ? "updated" : "created", byRules });
}

/** Those whose values differ, in the order of the domain's list, the last one `last_updated_datetime`. */
function changedFields(named: readonly UsedField[], before: CaseValues, after: CaseValues): readonly UsedField[] {
  const custom = named.filter(({ namespace }) => namespace === "Custom").sort((one, other) => one.place - other.place);
  const inOrder = [...SYSTEM_USED_FIELDS.filter(({ id }) => id !== LAST), ...custom];
  const last = SYSTEM_USED_FIELDS.filter(({ id }) => id === LAST);
  return [...inOrder, ...last].filter(({ id }) => before[id] !== after[id]);
}

const LAST = "last_updated_datetime";

/** The time of a case's next change: now, and later than that of the last one. */
export function nextChangeMs({ clock }: Pick<Platform, "clock">, before: Pick<Case, "changedMs"> | undefined): number {
  return Math.max(clock.now(), (before?.changedMs ?? 0) + 1);
}

/** What closing or reopening a case stamps. `from`: its status before; a new case has none. */
export function closingTimes(from: string | undefined, to: string, timeMs: number): CaseValues {
  if (to === "closed" && from !== "closed") return { last_closed_datetime: timeText(timeMs) };
  return from === "closed" && to !== "closed" ? { last_reopened_datetime: timeText(timeMs) } : {};
}
