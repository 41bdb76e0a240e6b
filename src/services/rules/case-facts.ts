import type { JsonObject } from "../../matching/machine.ts";
import type { CaseChange } from "../cases/index.ts";

/** The fact document of a change of a case: what conditions and texts may name of the case as it is then, and of an SLA that was breached. Pure. */
export function caseFacts(change: CaseChange): JsonObject {
  const { caseId, templateId, fields } = change;
  return {
    Case: { CaseId: caseId, TemplateId: templateId, Fields: fields },
    ...(change.kind === "sla-breached" && { RelatedItem: { SlaConfiguration: { Name: change.sla.name } } }),
  };
}
