/** Cases: what customers' matters become, from their opening to their closing, with the events that follow every change. */
import type { Handler, Service } from "../service.ts";
import { declareCaseChanges } from "./case-changes.ts";
import { DROPPED_METRIC } from "./case-event.ts";
import { createCase } from "./create-case.ts";
import { deleteCase, sweepCases } from "./delete-case.ts";
import { sweepDomains } from "./domain-sweep.ts";
import { createDomain, deleteDomain, getDomainOperation, listDomains } from "./domains.ts";
import { batchPutFieldOptions, listFieldOptions } from "./field-options.ts";
import { batchGetField, createField, deleteField, listFields, updateField } from "./fields.ts";
import { getCaseOperation } from "./get-case.ts";
import { getCaseAuditEvents } from "./get-case-audit-events.ts";
import { quotaLimits } from "./quotas.ts";
import { rateLimits, throttled } from "./rates.ts";
import { breachSlas } from "./slas.ts";
import { createTemplate, deleteTemplate, getTemplateOperation, listTemplates, updateTemplate } from "./templates.ts";
import { updateCase } from "./update-case.ts";

export { CASE_CHANGES, type CaseChange, tellCaseChange } from "./case-changes.ts";
export { domainArn } from "./domain.ts";

const operations: Readonly<Record<string, Handler>> = {
  CreateDomain: createDomain,
  GetDomain: getDomainOperation,
  ListDomains: listDomains,
  DeleteDomain: deleteDomain,
  CreateField: createField,
  BatchGetField: batchGetField,
  ListFields: listFields,
  UpdateField: updateField,
  DeleteField: deleteField,
  BatchPutFieldOptions: batchPutFieldOptions,
  ListFieldOptions: listFieldOptions,
  CreateTemplate: createTemplate,
  GetTemplate: getTemplateOperation,
  ListTemplates: listTemplates,
  UpdateTemplate: updateTemplate,
  DeleteTemplate: deleteTemplate,
  CreateCase: createCase,
  GetCase: getCaseOperation,
  UpdateCase: updateCase,
  DeleteCase: deleteCase,
  GetCaseAuditEvents: getCaseAuditEvents,
};

export const cases: Service = {
  operations: { connectcases: throttled(operations) },
  limits: [...quotaLimits, ...rateLimits(Object.keys(operations))],

  async start(platform) {
    platform.flow.metrics.describe(
      DROPPED_METRIC,
      "Values that were left out of events of cases, which would have been too big.",
    );
    sweepDomains(platform);
    sweepCases(platform);
    breachSlas(platform);
    await declareCaseChanges(platform);
  },
};
