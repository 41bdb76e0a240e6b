import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import type { DomainRef } from "./domain.ts";

/**
 * What Connect rules look at of cases, appended by the changes themselves, in the order in which they happened. One case's entries lie in one
 * partition.
 */
export const CASE_CHANGES = "cases.changes";

export type CaseChange = DomainRef & {
  readonly caseId: string;
  readonly templateId: string;
  /**
   * All values that the case has after the change, by the ids of their fields, in whatever member they came: a time is an ISO 8601 text, a user or a
   * queue the text that was sent.
   */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
  /** Ids of the Connect rules by whose actions it came to this, one leading to the other. Absent: it was no rule. */
  readonly byRules?: readonly string[];
  /** Rules see what an event has, and see it as events are received: by an integration of events of Cases. */
  readonly onlyAsEvent?: true;
} & CaseHappening;

export type CaseHappening =
  | { readonly kind: "created" | "updated" }
  /** An SLA of the case was not met in time. Told once for each. `name` is absent where events do not tell it. */
  | { readonly kind: "sla-breached"; readonly sla: { readonly relatedItemId: string; readonly name?: string } };

/** Long enough for rules that were down; a reader that is behind keeps what it needs anyway. */
const KEEP_MS = 24 * 60 * 60_000;
const KEEP_BYTES = 64 * 1024 * 1024;

export async function declareCaseChanges({ store }: Platform): Promise<void> {
  if (await store.findLog(CASE_CHANGES)) return;
  await store.commit(async (unit) => unit.declareLog({ name: CASE_CHANGES, keepMs: KEEP_MS, keepBytes: KEEP_BYTES }));
}

/** In the unit that changes the case. */
export function tellCaseChange(unit: Unit, change: CaseChange): void {
  unit.append(CASE_CHANGES, change.caseId, JSON.stringify(change));
}
