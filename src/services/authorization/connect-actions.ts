import type { ActionTable, Asking, Exception } from "./action-table.ts";

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
};

const NAMED = {
  QueueId: `${INSTANCE}/queue/{}`,
  DefaultOutboundQueueId: `${INSTANCE}/queue/{}`,
  "QueueConfigs.QueueReference.QueueId": `${INSTANCE}/queue/{}`,
  "Filters.Queues": `${INSTANCE}/queue/{}`,
  UserId: `${INSTANCE}/agent/{}`,
  "Filters.Agents": `${INSTANCE}/agent/{}`,
  RoutingProfileId: `${INSTANCE}/routing-profile/{}`,
  "Filters.RoutingProfiles": `${INSTANCE}/routing-profile/{}`,
  SecurityProfileId: `${INSTANCE}/security-profile/{}`,
  SecurityProfileIds: `${INSTANCE}/security-profile/{}`,
  "SecurityProfiles.Id": `${INSTANCE}/security-profile/{}`,
  HoursOfOperationId: `${INSTANCE}/operating-hours/{}`,
  ContactFlowId: `${INSTANCE}/contact-flow/{}`,
  ContactFlowModuleId: `${INSTANCE}/flow-module/{}`,
  QuickConnectId: `${INSTANCE}/transfer-destination/{}`,
  QuickConnectIds: `${INSTANCE}/transfer-destination/{}`,
  AgentStatusId: `${INSTANCE}/agent-state/{}`,
  HierarchyGroupId: `${INSTANCE}/agent-group/{}`,
  "Filters.UserHierarchyGroups": `${INSTANCE}/agent-group/{}`,
  ContactId: `${INSTANCE}/contact/{}`,
  InitialContactId: `${INSTANCE}/contact/{}`,
  EvaluationFormId: `${INSTANCE}/evaluation-form/{}`,
  EvaluationId: `${INSTANCE}/contact-evaluation/{}`,
  RuleId: `${INSTANCE}/rule/{}`,
  EmailAddressId: `${INSTANCE}/email-address/{}`,
  IntegrationAssociationId: `${INSTANCE}/integration-association/{}`,
  UseCaseId: `${INSTANCE}/use-case/{}`,
  PhoneNumberId: "phone-number/{}",
} as const;

type Named = keyof typeof NAMED;

/** Operations by name, each on what stands for an instance, and on other members that name something. */
function on(instance: string, names: readonly string[], others: readonly Named[] = Object.keys(NAMED) as Named[]) {
  const resources = { InstanceId: instance, ...Object.fromEntries(others.map((member) => [member, NAMED[member]])) };
  return Object.fromEntries(names.map((name): [string, Exception] => [name, { resources }]));
}

/** What is created has no id yet: the permission is for any of its kind, and for what it is made of. */
const creations: Readonly<Record<string, Exception>> = Object.assign(
  {},
  ...Object.entries(KINDS).map(([kind, segment]) => on(`instance/{}/${segment}/*`, [`Create${kind}`])),
);

/** On an instance beside what is in it. */
const OF_INSTANCE_TOO = [
  "AssociateContactWithUser",
  "AssociateSecurityProfiles",
  "AssociateUserProficiencies",
  "CreateHoursOfOperationOverride",
  "CreateParticipant",
  "CreatePersistentContactAssociation",
  "DeleteHoursOfOperationOverride",
  "DeleteIntegrationAssociation",
  "DescribeHoursOfOperationOverride",
  "DisassociateSecurityProfiles",
  "DisassociateUserProficiencies",
  "GetEffectiveHoursOfOperations",
  "ListHoursOfOperationOverrides",
  "ListSecurityProfileFlowModules",
  "ListUserProficiencies",
  "MonitorContact",
  "PauseContact",
  "PutUserStatus",
  "ResumeContact",
  "UpdateHoursOfOperationOverride",
  "UpdateParticipantRoleConfig",
  "UpdateUserProficiencies",
];

/** What is listed without its instance being named: all of a kind. */
const lists: Readonly<Record<string, Exception>> = {
  ...on("instance/{}/contact-flow/*", ["ListContactFlows"], []),
  ...on("instance/{}/queue/*", ["ListQueues"], []),
  ...on("instance/{}/transfer-destination/*", ["ListQuickConnects"], []),
  ...on("instance/{}/agent-state/*", ["ListAgentStatuses"], []),
  ...on("instance/{}/phone-number/*", ["ListPhoneNumbers"], []),
};

/** On some kinds of things of an instance, whichever they are. */
const onKinds = (action: string, kinds: readonly string[]): Exception => ({
  needs: ({ InstanceId }, { account, region }) =>
    kinds.map((kind) => ({
      action: `connect:${action}`,
      resourceArn: `arn:aws:connect:${region}:${account}:${kind.replace("{}", String(InstanceId))}`,
    })),
});

/** Numbers are an account's, not an instance's. */
const onAnyNumber = (action: string, target?: string): Exception => ({
  needs: (input, asking) => {
    const numbers = `arn:aws:connect:${asking.region}:${asking.account}:phone-number/*`;
    const named = target === undefined ? undefined : input[target];
    const arns = typeof named === "string" ? [numbers, targetArn(named, asking)] : [numbers];
    return arns.map((resourceArn) => ({ action: `connect:${action}`, resourceArn }));
  },
});

function targetArn(target: string, { account, region }: Asking): string {
  return target.startsWith("arn:") ? target : `arn:aws:connect:${region}:${account}:instance/${target}`;
}

/** Amazon Connect. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html */
export const connectActions: ActionTable = {
  prefix: "connect",
  arn: "arn:aws:connect:{region}:{account}:",
  oneOf: { ResourceArn: "{}", resourceArn: "{}" },
  eachOf: NAMED,
  otherwise: { InstanceId: "instance/{}", TargetArn: "{}" },
  operations: {
    ...creations,
    ...lists,
    ...on("instance/{}", OF_INSTANCE_TOO),
    ...on("instance/{}", ["TransferContact"], ["ContactId", "ContactFlowId"]),
    ...on("instance/{}", ["CreateEmailAddress", "ListContactEvaluations", "ListUseCases"], []),
    ...on("instance/{}", ["DeleteUseCase"], ["UseCaseId"]),
    SearchHoursOfOperationOverrides: onKinds("SearchHoursOfOperationOverrides", [
      "instance/{}",
      "instance/{}/operating-hours/*",
    ]),
    CreateIntegrationAssociation: onKinds("CreateIntegrationAssociation", [
      "instance/{}",
      "instance/{}/integration-association/*",
    ]),
    CreateUseCase: onKinds("CreateUseCase", ["instance/{}", "instance/{}/use-case/*"]),
    AssociateFlow: { resources: { FlowId: `${INSTANCE}/contact-flow/{}`, ResourceId: "phone-number/{}" } },
    GetFlowAssociation: { resources: { ResourceId: "phone-number/{}" } },
    DisassociateFlow: { resources: { ResourceId: "phone-number/{}" } },
    BatchGetFlowAssociation: { resources: { ResourceIds: "phone-number/{}" } },
    ...on("instance/{}/contact-evaluation/*", ["StartContactEvaluation"]),
    // The reference names nothing for it. Policies in guides name contacts.
    ...on("instance/{}/contact/*", ["StartOutboundVoiceContact"], []),
    DismissUserContact: { resources: { UserId: NAMED.UserId } },
    CreateInstance: { resources: "*" },
    ClaimPhoneNumber: onAnyNumber("ClaimPhoneNumber", "TargetArn"),
    ImportPhoneNumber: onAnyNumber("ImportPhoneNumber", "InstanceId"),
    SearchAvailablePhoneNumbers: onAnyNumber("SearchAvailablePhoneNumbers"),
    ListPhoneNumbersV2: onAnyNumber("ListPhoneNumbersV2"),
    UpdatePhoneNumber: { resources: { PhoneNumberId: NAMED.PhoneNumberId, TargetArn: "{}" } },
  },
  passes: { service: "connect.amazonaws.com", members: ["RoleArn"], operations: ["CreateIntegrationAssociation"] },
  conditions: ({ InstanceId }) => (typeof InstanceId === "string" ? { "connect:InstanceId": [InstanceId] } : {}),
};

/** Contact Lens has a model of its own, and Connect's permissions. */
export const contactLensActions: ActionTable = { ...connectActions, operations: {} };
