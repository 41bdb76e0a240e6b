import type { Unit } from "../../store/store.ts";
import type { Case } from "./case.ts";
import { type CaseHappening, tellCaseChange } from "./case-changes.ts";
import type { Domain } from "./domain.ts";
import type { CaseValues } from "./field-value.ts";
import { includedFields } from "./included-fields.ts";

/** Tells Connect rules of a change, in its unit: the whole case, or what the domain's events have of it. */
export function tellRules(
  unit: Unit,
  domain: Domain,
  { id, templateId, values }: Case,
  happening: CaseHappening & { readonly byRules?: readonly string[] | undefined },
): void {
  const { account, region, domainId, settings, events } = domain;
  const { byRules, ...told } = happening;
  const change = { account, region, domainId, caseId: id, templateId, ...(byRules && { byRules }) };
  if (!settings.rulesSeeEventsOnly) {
    tellCaseChange(unit, { ...change, fields: values, ...told });
    return;
  }
  if (!events.enabled) return;
  const visible: CaseHappening =
    told.kind === "sla-breached" && !events.includesContent
      ? { kind: told.kind, sla: { relatedItemId: told.sla.relatedItemId } }
      : told;
  tellCaseChange(unit, {
    ...change,
    fields: included(values, includedFields(events, values)),
    ...visible,
    onlyAsEvent: true,
  });
}

function included(values: CaseValues, fieldIds: readonly string[] = []): CaseValues {
  return Object.fromEntries(Object.entries(values).filter(([id]) => fieldIds.includes(id)));
}
