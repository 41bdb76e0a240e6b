/** Customer Profiles, Cases, campaigns, AppIntegrations and AppFlow. */
import type { ActionTable } from "./action-table.ts";

const DOMAIN = "domains/{DomainName}";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnectcustomerprofiles.html */
export const customerProfilesActions: ActionTable = {
  prefix: "profile",
  arn: "arn:aws:profile:{region}:{account}:",
  oneOf: {
    resourceArn: "{}",
    CalculatedAttributeName: `${DOMAIN}/calculated-attributes/{}`,
    EventStreamName: `${DOMAIN}/event-streams/{}`,
    EventTriggerName: `${DOMAIN}/event-triggers/{}`,
    SegmentDefinitionName: `${DOMAIN}/segment-definitions/{}`,
    Uri: `${DOMAIN}/integrations/{}`,
    ObjectTypeName: `${DOMAIN}/object-types/{}`,
    DomainName: "domains/{}",
  },
  passes: {
    service: "profile.amazonaws.com",
    members: ["RoleArn", "DestinationRoleArn"],
    operations: ["PutIntegration", "CreateIntegrationWorkflow", "CreateDomain", "UpdateDomain"],
  },
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnectcases.html */
export const casesActions: ActionTable = {
  prefix: "cases",
  arn: "arn:aws:cases:{region}:{account}:",
  oneOf: {
    arn: "{}",
    relatedItemId: "domain/{domainId}/case/{caseId}/related-item/{}",
    caseId: "domain/{domainId}/case/{}",
    fieldId: "domain/{domainId}/field/{}",
    templateId: "domain/{domainId}/template/{}",
    layoutId: "domain/{domainId}/layout/{}",
    caseRuleId: "domain/{domainId}/case-rule/{}",
    domainId: "domain/{}",
  },
  // The template of a new case is a resource beside its domain.
  operations: { CreateCase: { resources: { domainId: "domain/{}" } } },
};

export const campaignsActions: ActionTable = {
  prefix: "connect-campaigns",
  arn: "arn:aws:connect-campaigns:{region}:{account}:",
  oneOf: { arn: "{}", id: "campaign/{}" },
};

export const appIntegrationsActions: ActionTable = {
  prefix: "app-integrations",
  arn: "arn:aws:app-integrations:{region}:{account}:",
  oneOf: { resourceArn: "{}", EventIntegrationName: "event-integration/{}", Name: "event-integration/{}" },
};

export const appFlowActions: ActionTable = {
  prefix: "appflow",
  arn: "arn:aws:appflow:{region}:{account}:",
  oneOf: { resourceArn: "{}", flowName: "flow/{}" },
};
