import type { ActionTable, Exception } from "./action-table.ts";

const INSTANCE = "instance/{InstanceId}";

/** Kinds of what is in an instance, as ARNs name them. */
const KINDS: Readonly<Record<string, string>> = {
  Queue: "queue",
  User: "agent",
  RoutingProfile: "routing-profile",
  SecurityProfile: "security-profile",
  HoursOfOperation: "operating-hours",
  ContactFlow: "contact-flow",
  ContactFlowModule: "flow-module",
  QuickConnect: "transfer-destination",
  AgentStatus: "agent-state",
  UserHierarchyGroup: "agent-group",
  EvaluationForm: "evaluation-form",
  Rule: "rule",
  EmailAddress: "email-address",
  IntegrationAssociation: "integration-association",
};

/** What is created has no id yet: the permission is for any of its kind. */
const creations: Readonly<Record<string, Exception>> = Object.fromEntries(
  Object.entries(KINDS).map(([kind, segment]) => [
    `Create${kind}`,
    { resources: { InstanceId: `instance/{}/${segment}/*` } },
  ]),
);

/** Amazon Connect. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html */
export const connectActions: ActionTable = {
  prefix: "connect",
  arn: "arn:aws:connect:{region}:{account}:",
  oneOf: { ResourceArn: "{}", resourceArn: "{}" },
  eachOf: {
    QueueId: `${INSTANCE}/queue/{}`,
    UserId: `${INSTANCE}/agent/{}`,
    RoutingProfileId: `${INSTANCE}/routing-profile/{}`,
    SecurityProfileId: `${INSTANCE}/security-profile/{}`,
    SecurityProfileIds: `${INSTANCE}/security-profile/{}`,
    HoursOfOperationId: `${INSTANCE}/operating-hours/{}`,
    ContactFlowId: `${INSTANCE}/contact-flow/{}`,
    ContactFlowModuleId: `${INSTANCE}/flow-module/{}`,
    QuickConnectId: `${INSTANCE}/transfer-destination/{}`,
    QuickConnectIds: `${INSTANCE}/transfer-destination/{}`,
    AgentStatusId: `${INSTANCE}/agent-state/{}`,
    HierarchyGroupId: `${INSTANCE}/agent-group/{}`,
    ContactId: `${INSTANCE}/contact/{}`,
    EvaluationFormId: `${INSTANCE}/evaluation-form/{}`,
    EvaluationId: `${INSTANCE}/contact-evaluation/{}`,
    RuleId: `${INSTANCE}/rule/{}`,
    EmailAddressId: `${INSTANCE}/email-address/{}`,
    IntegrationAssociationId: `${INSTANCE}/integration-association/{}`,
    PhoneNumberId: "phone-number/{}",
  },
  otherwise: { InstanceId: "instance/{}", TargetArn: "{}" },
  operations: { ...creations, CreateInstance: { resources: "*" } },
  passes: { service: "connect.amazonaws.com", members: ["RoleArn"], operations: ["CreateIntegrationAssociation"] },
  conditions: ({ InstanceId }) => (typeof InstanceId === "string" ? { "connect:InstanceId": [InstanceId] } : {}),
};

/** Contact Lens has a model of its own, and Connect's permissions. */
export const contactLensActions: ActionTable = { ...connectActions, operations: {} };
