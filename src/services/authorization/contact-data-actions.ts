/** Customer Profiles, Cases, campaigns, AppIntegrations and AppFlow. */
import { type ActionTable, type Exception, fillTemplate, listResources } from "./action-table.ts";

const DOMAIN = "domains/{DomainName}";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnectcustomerprofiles.html */
export const customerProfilesActions: ActionTable = {
  prefix: "profile",
  arn: "arn:aws:profile:{region}:{account}:",
  oneOf: { resourceArn: "{}" },
  eachOf: {
    DomainName: "domains/{}",
    CalculatedAttributeName: `${DOMAIN}/calculated-attributes/{}`,
    EventStreamName: `${DOMAIN}/event-streams/{}`,
    EventTriggerName: `${DOMAIN}/event-triggers/{}`,
    SegmentDefinitionName: `${DOMAIN}/segment-definitions/{}`,
    Uri: `${DOMAIN}/integrations/{}`,
    ObjectTypeName: `${DOMAIN}/object-types/{}`,
  },
  operations: {
    // Where a stream goes and what a trigger looks at are theirs, and not asked for.
    CreateEventStream: { resources: { DomainName: "domains/{}", EventStreamName: `${DOMAIN}/event-streams/{}` } },
    CreateEventTrigger: { resources: { DomainName: "domains/{}", EventTriggerName: `${DOMAIN}/event-triggers/{}` } },
    UpdateEventTrigger: { resources: { DomainName: "domains/{}", EventTriggerName: `${DOMAIN}/event-triggers/{}` } },
    CreateIntegrationWorkflow: { resources: { DomainName: "domains/{}" } },
    ListProfileHistoryRecords: { resources: { DomainName: "domains/{}" } },
    ListAccountIntegrations: { resources: "*" },
    PutIntegration: { resources: { DomainName: "domains/{}", Uri: `${DOMAIN}/integrations/{}` } },
  },
  passes: {
    service: "profile.amazonaws.com",
    members: ["RoleArn", "DestinationRoleArn"],
    operations: ["PutIntegration", "CreateIntegrationWorkflow", "CreateDomain", "UpdateDomain"],
  },
};

const CASE_PARTS = {
  domainId: "domain/{}",
  caseId: "domain/{domainId}/case/{}",
  fieldId: "domain/{domainId}/field/{}",
  "fields.id": "domain/{domainId}/field/{}",
  templateId: "domain/{domainId}/template/{}",
  layoutId: "domain/{domainId}/layout/{}",
  "layoutConfiguration.defaultLayout": "domain/{domainId}/layout/{}",
  caseRuleId: "domain/{domainId}/case-rule/{}",
  "caseRules.id": "domain/{domainId}/case-rule/{}",
  relatedItemId: "domain/{domainId}/case/{caseId}/related-item/{}",
} as const;

/** What is created has no id yet: the permission is for any of its kind, beside all that its input names. */
const createdCasePart = (operation: string, kind: string): Exception => ({
  needs: (input, asking) => {
    const action = `cases:${operation}`;
    const arn = (template: string): string => fillTemplate(CASES_ARN + template, "*", input, asking);
    const named = listResources(CASES_ARN, CASE_PARTS, input, asking);
    return [...named, arn(kind)].map((resourceArn) => ({ action, resourceArn }));
  },
});

const CASES_ARN = "arn:aws:cases:{region}:{account}:";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnectcases.html */
export const casesActions: ActionTable = {
  prefix: "cases",
  arn: CASES_ARN,
  oneOf: { arn: "{}" },
  eachOf: CASE_PARTS,
  operations: {
    CreateCase: createdCasePart("CreateCase", "domain/{domainId}/case/{}"),
    CreateCaseRule: createdCasePart("CreateCaseRule", "domain/{domainId}/case-rule/{}"),
    CreateField: createdCasePart("CreateField", "domain/{domainId}/field/{}"),
    CreateLayout: createdCasePart("CreateLayout", "domain/{domainId}/layout/{}"),
    CreateRelatedItem: createdCasePart("CreateRelatedItem", "domain/{domainId}/case/{caseId}/related-item/{}"),
    CreateTemplate: createdCasePart("CreateTemplate", "domain/{domainId}/template/{}"),
    ListCasesForContact: { resources: { domainId: CASE_PARTS.domainId } },
    SearchCases: { resources: { domainId: CASE_PARTS.domainId } },
  },
};

export const campaignsActions: ActionTable = {
  prefix: "connect-campaigns",
  arn: "arn:aws:connect-campaigns:{region}:{account}:",
  oneOf: { arn: "{}", id: "campaign/{}" },
  // A campaign has no id yet when it is created.
  operations: { CreateCampaign: { resources: { name: "campaign/*" } } },
};

export const appIntegrationsActions: ActionTable = {
  prefix: "app-integrations",
  arn: "arn:aws:app-integrations:{region}:{account}:",
  oneOf: { resourceArn: "{}", EventIntegrationName: "event-integration/{}", Name: "event-integration/{}" },
  operations: { ListEventIntegrationAssociations: { resources: "*" } },
};

export const appFlowActions: ActionTable = {
  prefix: "appflow",
  arn: "arn:aws:appflow:{region}:{account}:",
  oneOf: { resourceArn: "{}", flowName: "flow/{}" },
};
