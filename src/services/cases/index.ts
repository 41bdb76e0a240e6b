/** Cases: what customers' matters become, from their opening to their closing, with the events that follow every change. */
import type { Handler, Service } from "../service.ts";
import { declareCaseChanges } from "./case-changes.ts";
import { sweepDomains } from "./domain-sweep.ts";
import { createDomain, deleteDomain, getDomainOperation, listDomains } from "./domains.ts";
import { batchPutFieldOptions, listFieldOptions } from "./field-options.ts";
import { batchGetField, createField, deleteField, listFields, updateField } from "./fields.ts";
import { quotaLimits } from "./quotas.ts";
import { rateLimits, throttled } from "./rates.ts";
import { createTemplate, deleteTemplate, getTemplateOperation, listTemplates, updateTemplate } from "./templates.ts";

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
};

export const cases: Service = {
  operations: { connectcases: throttled(operations) },
  limits: [...quotaLimits, ...rateLimits(Object.keys(operations))],

  async start(platform) {
    await declareCaseChanges(platform);
    sweepDomains(platform);
  },
};
