/** Cases: what customers' matters become, from their opening to their closing, with the events that follow every change. */

import type { Handler, Service } from "../service.ts";
import { answerConnect } from "./answer-connect.ts";
import { declareCaseChanges } from "./case-changes.ts";
import { DROPPED_METRIC } from "./case-event.ts";
import { batchGetCaseRule, createCaseRule, deleteCaseRule, listCaseRules, updateCaseRule } from "./case-rules.ts";
import { createCase } from "./create-case.ts";
import { createRelatedItem } from "./create-related-item.ts";
import { deleteCase, sweepCases } from "./delete-case.ts";
import { deleteRelatedItem } from "./delete-related-item.ts";
import { sweepDomains } from "./domain-sweep.ts";
import { createDomain, deleteDomain, getDomainOperation, listDomains } from "./domains.ts";
import { getCaseEventConfiguration, putCaseEventConfiguration } from "./event-configuration.ts";
import { batchPutFieldOptions, listFieldOptions } from "./field-options.ts";
import { batchGetField, createField, deleteField, listFields, updateField } from "./fields.ts";
import { getCaseOperation } from "./get-case.ts";
import { getCaseAuditEvents } from "./get-case-audit-events.ts";
import { createLayout, deleteLayout, getLayoutOperation, listLayouts, updateLayout } from "./layouts.ts";
import { listCasesForContact } from "./list-cases-for-contact.ts";
import { mapOfCases } from "./map.ts";
import { quotaLimits } from "./quotas.ts";
import { rateLimits, throttled } from "./rates.ts";
import { searchAllRelatedItems } from "./search-all-related-items.ts";
import { searchCases } from "./search-cases.ts";
import { searchRelatedItems } from "./search-related-items.ts";
import { breachSlas } from "./slas.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { createTemplate, deleteTemplate, getTemplateOperation, listTemplates, updateTemplate } from "./templates.ts";
import { updateCase } from "./update-case.ts";
import { updateRelatedItem } from "./update-related-item.ts";

export {
  assignSlaByRule,
  contactsOfCase,
  createCaseByRule,
  type RuleValue,
  relateContactByRule,
  updateCaseByRule,
} from "./by-rules.ts";
export { CASE_CHANGES, type CaseChange } from "./case-changes.ts";
export { type DomainSettings, domainArn } from "./domain.ts";
export { DOMAIN_SETTINGS, getDomainSettings, putDomainSettings } from "./domain-settings.ts";

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
  CreateLayout: createLayout,
  GetLayout: getLayoutOperation,
  ListLayouts: listLayouts,
  UpdateLayout: updateLayout,
  DeleteLayout: deleteLayout,
  CreateCaseRule: createCaseRule,
  BatchGetCaseRule: batchGetCaseRule,
  ListCaseRules: listCaseRules,
  UpdateCaseRule: updateCaseRule,
  DeleteCaseRule: deleteCaseRule,
  GetCaseEventConfiguration: getCaseEventConfiguration,
  PutCaseEventConfiguration: putCaseEventConfiguration,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsForResource: listTagsForResource,
  CreateCase: createCase,
  GetCase: getCaseOperation,
  UpdateCase: updateCase,
  DeleteCase: deleteCase,
  SearchCases: searchCases,
  SearchRelatedItems: searchRelatedItems,
  SearchAllRelatedItems: searchAllRelatedItems,
  ListCasesForContact: listCasesForContact,
  GetCaseAuditEvents: getCaseAuditEvents,
  CreateRelatedItem: createRelatedItem,
  UpdateRelatedItem: updateRelatedItem,
  DeleteRelatedItem: deleteRelatedItem,
};

export const cases: Service = {
  map: mapOfCases,
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
    answerConnect(platform);
  },
};
