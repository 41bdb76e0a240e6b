import { type Change, type Doc, docs, type Kind } from "../kind.ts";

const INSTANCE = { InstanceId: "Id" };

const STORED = [
  "CHAT_TRANSCRIPTS",
  "CALL_RECORDINGS",
  "SCHEDULED_REPORTS",
  "MEDIA_STREAMS",
  "CONTACT_TRACE_RECORDS",
  "AGENT_EVENTS",
  "REAL_TIME_CONTACT_ANALYSIS_SEGMENTS",
  "REAL_TIME_CONTACT_ANALYSIS_CHAT_SEGMENTS",
  "REAL_TIME_CONTACT_ANALYSIS_VOICE_SEGMENTS",
  "ATTACHMENTS",
  "CONTACT_EVALUATIONS",
  "SCREEN_RECORDINGS",
  "EMAIL_MESSAGES",
];

/** What an instance has at once when it is made, whoever makes it. */
const SYSTEM_NAME = /^(Default |Sample )/;

const flowTexts = { Content: "json" };

/** Flows that name each other: the first is made as this one, and gets its content when the other is there. */
const EMPTY_FLOW = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Actions: [{ Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} }],
});
const EMPTY_MODULE = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Actions: [{ Identifier: "end", Type: "EndFlowModuleExecution", Parameters: {}, Transitions: {} }],
  Settings: { InputParameters: [], OutputParameters: [], Transitions: [] },
});

export const connectKinds: readonly Kind[] = [
  {
    section: "Instances",
    model: "connect",
    name: "InstanceAlias",
    attributes: { Id: ["Id"], Arn: ["Arn"] },
    list: { operation: "ListInstances", items: "InstanceSummaryList", name: "InstanceAlias" },
    read: { operation: "DescribeInstance", at: ["Instance"], input: { InstanceId: "Id" } },
    create: { operation: "CreateInstance" },
    changes: [
      {
        operation: "UpdateInstanceAttribute",
        only: ["InboundCallsEnabled", "OutboundCallsEnabled"],
        inputsOf: (wanted, _current, { Id }) =>
          Object.entries(wanted).map(([member, value]) => ({
            InstanceId: Id,
            AttributeType: member === "InboundCallsEnabled" ? "INBOUND_CALLS" : "OUTBOUND_CALLS",
            Value: String(value),
          })),
      },
      { operation: "UpdateUserHierarchyStructure", input: { InstanceId: "Id" } },
    ],
    more: [
      {
        operation: "DescribeUserHierarchyStructure",
        input: { InstanceId: "Id" },
        members: ({ HierarchyStructure = {} }) => ({
          HierarchyStructure: Object.fromEntries(
            Object.entries(HierarchyStructure as Record<string, Doc>).map(([level, { Name }]) => [level, { Name }]),
          ),
        }),
      },
    ],
  },
  {
    section: "StorageConfigs",
    model: "connect",
    parent: "Instances",
    name: "ResourceType",
    within: INSTANCE,
    attributes: { Id: ["AssociationId"] },
    list: {
      operation: "ListInstanceStorageConfigs",
      items: "StorageConfigs",
      name: "ResourceType",
      each: { member: "ResourceType", values: STORED },
    },
    read: {
      operation: "DescribeInstanceStorageConfig",
      input: { AssociationId: "Id", ResourceType: "Name" },
      shaped: ({ StorageConfig }) => {
        const { AssociationId: _, ...config } = StorageConfig as Doc;
        return { StorageConfig: config };
      },
    },
    create: { operation: "AssociateInstanceStorageConfig" },
    changes: [{ operation: "UpdateInstanceStorageConfig", input: { AssociationId: "Id", ResourceType: "Name" } }],
    refs: { BucketName: "Buckets" },
  },
  {
    section: "InstanceFunctions",
    model: "connect",
    parent: "Instances",
    name: "FunctionArn",
    within: INSTANCE,
    attributes: { Arn: ["FunctionArn"] },
    list: { operation: "ListLambdaFunctions", items: "LambdaFunctions" },
    create: { operation: "AssociateLambdaFunction" },
    refs: { FunctionArn: "Functions" },
  },
  {
    section: "IntegrationAssociations",
    model: "connect",
    parent: "Instances",
    name: "IntegrationArn",
    within: INSTANCE,
    attributes: { Id: ["IntegrationAssociationId"], Arn: ["IntegrationAssociationArn"] },
    list: {
      operation: "ListIntegrationAssociations",
      items: "IntegrationAssociationSummaryList",
      name: "IntegrationArn",
    },
    create: { operation: "CreateIntegrationAssociation" },
  },
  {
    section: "UseCases",
    model: "connect",
    parent: "IntegrationAssociations",
    name: "UseCaseType",
    within: { InstanceId: "InstanceId", IntegrationAssociationId: "Id" },
    attributes: { Id: ["UseCaseId"], Arn: ["UseCaseArn"] },
    list: { operation: "ListUseCases", items: "UseCaseSummaryList", name: "UseCaseType" },
    create: { operation: "CreateUseCase" },
  },
  {
    section: "EmailAddresses",
    model: "connect",
    parent: "Instances",
    name: "EmailAddress",
    within: INSTANCE,
    attributes: { Id: ["EmailAddressId"], Arn: ["EmailAddressArn"] },
    list: { operation: "SearchEmailAddresses", items: "EmailAddresses", name: "EmailAddress" },
    read: { operation: "DescribeEmailAddress", input: { EmailAddressId: "Id" } },
    create: { operation: "CreateEmailAddress" },
    changes: [{ operation: "UpdateEmailAddressMetadata", input: { EmailAddressId: "Id" } }],
  },
  {
    section: "HoursOfOperations",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["HoursOfOperationId", "Id"], Arn: ["HoursOfOperationArn", "Arn"] },
    list: { operation: "ListHoursOfOperations", items: "HoursOfOperationSummaryList", name: "Name" },
    read: { operation: "DescribeHoursOfOperation", at: ["HoursOfOperation"], input: { HoursOfOperationId: "Id" } },
    create: { operation: "CreateHoursOfOperation" },
    changes: [{ operation: "UpdateHoursOfOperation", input: { HoursOfOperationId: "Id" } }],
  },
  {
    section: "HoursOfOperationOverrides",
    model: "connect",
    parent: "HoursOfOperations",
    name: "Name",
    within: { InstanceId: "InstanceId", HoursOfOperationId: "Id" },
    attributes: { Id: ["HoursOfOperationOverrideId"] },
    list: { operation: "ListHoursOfOperationOverrides", items: "HoursOfOperationOverrideList", name: "Name" },
    create: { operation: "CreateHoursOfOperationOverride" },
    changes: [{ operation: "UpdateHoursOfOperationOverride", input: { HoursOfOperationOverrideId: "Id" } }],
  },
  {
    section: "PredefinedAttributes",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Name: ["Name"] },
    list: { operation: "ListPredefinedAttributes", items: "PredefinedAttributeSummaryList", name: "Name" },
    read: { operation: "DescribePredefinedAttribute", at: ["PredefinedAttribute"], input: { Name: "Name" } },
    create: { operation: "CreatePredefinedAttribute" },
    changes: [{ operation: "UpdatePredefinedAttribute", input: { Name: "Name" } }],
    isOwn: ({ Name }) => !String(Name).startsWith("connect:"),
  },
  {
    section: "AgentStatuses",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["AgentStatusId", "Id"], Arn: ["AgentStatusARN", "Arn"] },
    list: { operation: "ListAgentStatuses", items: "AgentStatusSummaryList", name: "Name" },
    read: { operation: "DescribeAgentStatus", at: ["AgentStatus"], input: { AgentStatusId: "Id" } },
    create: { operation: "CreateAgentStatus" },
    changes: [{ operation: "UpdateAgentStatus", input: { AgentStatusId: "Id" } }],
    isOwn: ({ Type }) => Type === "CUSTOM",
  },
  {
    section: "SecurityProfiles",
    model: "connect",
    parent: "Instances",
    name: "SecurityProfileName",
    within: INSTANCE,
    attributes: { Id: ["SecurityProfileId", "Id"], Arn: ["SecurityProfileArn", "Arn"] },
    list: { operation: "ListSecurityProfiles", items: "SecurityProfileSummaryList", name: "Name" },
    read: { operation: "DescribeSecurityProfile", at: ["SecurityProfile"], input: { SecurityProfileId: "Id" } },
    create: { operation: "CreateSecurityProfile" },
    changes: [{ operation: "UpdateSecurityProfile", input: { SecurityProfileId: "Id" } }],
    more: [
      {
        operation: "ListSecurityProfilePermissions",
        input: { SecurityProfileId: "Id" },
        members: ({ Permissions }) => ({ Permissions }),
      },
    ],
  },
  {
    section: "ContactFlowModules",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["Id"], Arn: ["Arn"] },
    list: { operation: "ListContactFlowModules", items: "ContactFlowModulesSummaryList", name: "Name" },
    read: { operation: "DescribeContactFlowModule", at: ["ContactFlowModule"], input: { ContactFlowModuleId: "Id" } },
    create: { operation: "CreateContactFlowModule" },
    changes: [
      { operation: "UpdateContactFlowModuleContent", input: { ContactFlowModuleId: "Id" } },
      { operation: "UpdateContactFlowModuleMetadata", input: { ContactFlowModuleId: "Id" } },
    ],
    placeholders: { Content: EMPTY_MODULE },
    files: flowTexts,
    isOwn: ({ Name }) => !SYSTEM_NAME.test(String(Name)),
  },
  {
    section: "ContactFlows",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["ContactFlowId", "Id"], Arn: ["ContactFlowArn", "Arn"] },
    list: { operation: "ListContactFlows", items: "ContactFlowSummaryList", name: "Name" },
    read: { operation: "DescribeContactFlow", at: ["ContactFlow"], input: { ContactFlowId: "Id" } },
    create: { operation: "CreateContactFlow" },
    changes: [
      { operation: "UpdateContactFlowContent", input: { ContactFlowId: "Id" } },
      { operation: "UpdateContactFlowMetadata", input: { ContactFlowId: "Id" } },
    ],
    placeholders: { Content: EMPTY_FLOW },
    files: flowTexts,
    hidden: ["ContactFlowState"],
    isOwn: ({ Name }) => !SYSTEM_NAME.test(String(Name)),
  },
  {
    section: "Queues",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["QueueId", "Id"], Arn: ["QueueArn", "Arn"] },
    list: {
      operation: "ListQueues",
      input: { QueueTypes: ["STANDARD"] },
      items: "QueueSummaryList",
      name: "Name",
    },
    read: { operation: "DescribeQueue", at: ["Queue"], input: { QueueId: "Id" } },
    create: { operation: "CreateQueue" },
    changes: [
      { operation: "UpdateQueueName", input: { QueueId: "Id" } },
      { operation: "UpdateQueueHoursOfOperation", input: { QueueId: "Id" } },
      { operation: "UpdateQueueMaxContacts", input: { QueueId: "Id" } },
      { operation: "UpdateQueueOutboundCallerConfig", input: { QueueId: "Id" } },
      { operation: "UpdateQueueOutboundEmailConfig", input: { QueueId: "Id" } },
      { operation: "UpdateQueueStatus", input: { QueueId: "Id" } },
      ...membership("QueueQuickConnects", "QuickConnectIds", { QueueId: "Id" }, String),
      ...membership(
        "QueueEmailAddresses",
        "EmailAddressesConfig",
        { QueueId: "Id" },
        (config) => String((config as Doc).EmailAddressId),
        ({ EmailAddressId }) => EmailAddressId,
        "EmailAddressesId",
      ),
    ],
    more: [
      {
        operation: "ListQueueQuickConnects",
        input: { QueueId: "Id" },
        members: (output) => ({ QuickConnectIds: docs(output, "QuickConnectSummaryList").map(({ Id }) => Id) }),
      },
      {
        operation: "ListQueueEmailAddresses",
        input: { QueueId: "Id" },
        members: (output) => ({
          EmailAddressesConfig: docs(output, "EmailAddressMetadataList").map(({ Id }) => ({ EmailAddressId: Id })),
        }),
      },
    ],
    refs: {
      HoursOfOperationId: "HoursOfOperations",
      QuickConnectIds: "QuickConnects",
      OutboundFlowId: "ContactFlows",
      OutboundCallerIdNumberId: "PhoneNumbers",
      EmailAddressId: "EmailAddresses",
      OutboundEmailAddressId: "EmailAddresses",
    },
  },
  {
    section: "QuickConnects",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["QuickConnectId", "Id"], Arn: ["QuickConnectARN", "Arn"] },
    list: { operation: "ListQuickConnects", items: "QuickConnectSummaryList", name: "Name" },
    read: { operation: "DescribeQuickConnect", at: ["QuickConnect"], input: { QuickConnectId: "Id" } },
    create: { operation: "CreateQuickConnect" },
    changes: [
      { operation: "UpdateQuickConnectConfig", input: { QuickConnectId: "Id" } },
      { operation: "UpdateQuickConnectName", input: { QuickConnectId: "Id" } },
    ],
    refs: { QueueId: "Queues", ContactFlowId: "ContactFlows", UserId: "Users" },
  },
  {
    section: "RoutingProfiles",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["RoutingProfileId", "Id"], Arn: ["RoutingProfileArn", "Arn"] },
    list: { operation: "ListRoutingProfiles", items: "RoutingProfileSummaryList", name: "Name" },
    read: { operation: "DescribeRoutingProfile", at: ["RoutingProfile"], input: { RoutingProfileId: "Id" } },
    create: { operation: "CreateRoutingProfile" },
    changes: [
      { operation: "UpdateRoutingProfileName", input: { RoutingProfileId: "Id" } },
      { operation: "UpdateRoutingProfileConcurrency", input: { RoutingProfileId: "Id" } },
      { operation: "UpdateRoutingProfileDefaultOutboundQueue", input: { RoutingProfileId: "Id" } },
      { operation: "UpdateRoutingProfileAgentAvailabilityTimer", input: { RoutingProfileId: "Id" } },
      ...routingQueues("QueueConfigs", "QueueReferences"),
      ...routingQueues("ManualAssignmentQueueConfigs", "ManualAssignmentQueueReferences"),
      {
        operation: "UpdateRoutingProfileQueues",
        only: ["QueueConfigs"],
        inputsOf: ({ QueueConfigs }, { before }, { InstanceId, Id }) => {
          const there = docs((before ?? {}) as Doc, "QueueConfigs");
          const kept = (QueueConfigs as readonly Doc[]).filter((config) => {
            const same = there.find((one) => referenceKey(one) === referenceKey(config));
            return same !== undefined && (same.Priority !== config.Priority || same.Delay !== config.Delay);
          });
          return kept.length === 0 ? [] : [{ InstanceId, RoutingProfileId: Id, QueueConfigs: kept }];
        },
      },
    ],
    more: [
      {
        operation: "ListRoutingProfileQueues",
        input: { RoutingProfileId: "Id" },
        members: (output) => ({
          QueueConfigs: byQueue(output, "RoutingProfileQueueConfigSummaryList").map(
            ({ QueueId, Channel, Priority, Delay }) => ({ QueueReference: { QueueId, Channel }, Priority, Delay }),
          ),
        }),
      },
      {
        operation: "ListRoutingProfileManualAssignmentQueues",
        input: { RoutingProfileId: "Id" },
        members: (output) => ({
          ManualAssignmentQueueConfigs: byQueue(output, "RoutingProfileManualAssignmentQueueConfigSummaryList").map(
            ({ QueueId, Channel }) => ({ QueueReference: { QueueId, Channel } }),
          ),
        }),
      },
    ],
    refs: { QueueId: "Queues", DefaultOutboundQueueId: "Queues" },
  },
  {
    section: "HierarchyGroups",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["HierarchyGroupId", "Id"], Arn: ["HierarchyGroupArn", "Arn"] },
    list: { operation: "ListUserHierarchyGroups", items: "UserHierarchyGroupSummaryList", name: "Name" },
    read: {
      operation: "DescribeUserHierarchyGroup",
      at: ["HierarchyGroup"],
      input: { HierarchyGroupId: "Id" },
      shaped: (found) => {
        const levels = (found.HierarchyPath ?? {}) as Record<string, Doc | undefined>;
        const path = ["LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive"].map((level) => levels[level]?.Id);
        return { ...found, ParentGroupId: path.filter((id) => id !== undefined).at(-2) };
      },
    },
    create: { operation: "CreateUserHierarchyGroup" },
    refs: { ParentGroupId: "HierarchyGroups" },
  },
  {
    section: "Users",
    model: "connect",
    parent: "Instances",
    name: "Username",
    within: INSTANCE,
    attributes: { Id: ["UserId", "Id"], Arn: ["UserArn", "Arn"] },
    list: { operation: "ListUsers", items: "UserSummaryList", name: "Username" },
    read: { operation: "DescribeUser", at: ["User"], input: { UserId: "Id" } },
    create: { operation: "CreateUser" },
    changes: [
      { operation: "UpdateUserIdentityInfo", input: { UserId: "Id" } },
      { operation: "UpdateUserPhoneConfig", input: { UserId: "Id" } },
      { operation: "UpdateUserRoutingProfile", input: { UserId: "Id" } },
      { operation: "UpdateUserSecurityProfiles", input: { UserId: "Id" } },
      { operation: "UpdateUserConfig", input: { UserId: "Id" } },
      { operation: "UpdateUserHierarchy", input: { UserId: "Id" } },
      ...membership(
        "UserProficiencies",
        "UserProficiencies",
        { UserId: "Id" },
        (one) => proficiencyKey(one as Doc),
        ({ AttributeName, AttributeValue }) => ({ AttributeName, AttributeValue }),
      ),
      {
        operation: "UpdateUserProficiencies",
        only: ["UserProficiencies"],
        inputsOf: ({ UserProficiencies }, { before }, { InstanceId, Id }) => {
          const there = docs((before ?? {}) as Doc, "UserProficiencies");
          const kept = (UserProficiencies as readonly Doc[]).filter((one) =>
            there.some((other) => proficiencyKey(other) === proficiencyKey(one) && other.Level !== one.Level),
          );
          return kept.length === 0 ? [] : [{ InstanceId, UserId: Id, UserProficiencies: kept }];
        },
      },
    ],
    more: [
      {
        operation: "ListUserProficiencies",
        input: { UserId: "Id" },
        members: (output) => ({ UserProficiencies: docs(output, "UserProficiencyList") }),
      },
    ],
    secret: ["Password"],
    // Nobody can read it back, and an instance that manages identities asks for one.
    exported: async (call, { InstanceId }) => {
      const { Instance } = await call("connect", "DescribeInstance", { InstanceId });
      const isManaged = (Instance as Doc).IdentityManagementType === "CONNECT_MANAGED";
      return isManaged ? { Password: "${env:TRUNKLINE_USERS_PASSWORD}" } : {};
    },
    refs: {
      SecurityProfileIds: "SecurityProfiles",
      RoutingProfileId: "RoutingProfiles",
      HierarchyGroupId: "HierarchyGroups",
      AttributeName: "PredefinedAttributes",
    },
  },
  {
    section: "PhoneNumbers",
    model: "connect",
    parent: "Instances",
    name: "PhoneNumber",
    within: INSTANCE,
    attributes: { Id: ["PhoneNumberId"], Arn: ["PhoneNumberArn"] },
    list: { operation: "ListPhoneNumbersV2", items: "ListPhoneNumbersSummaryList", name: "PhoneNumber" },
    create: { operation: "ClaimPhoneNumber" },
    changes: [
      { operation: "UpdatePhoneNumberMetadata", input: { PhoneNumberId: "Id" } },
      { operation: "AssociatePhoneNumberContactFlow", input: { PhoneNumberId: "Id" } },
    ],
    more: [
      {
        operation: "ListFlowAssociations",
        members: (output, { Id, Arn }) => {
          const found = docs(output, "FlowAssociationSummaryList").find(
            ({ ResourceId }) => ResourceId === Id || ResourceId === Arn,
          );
          return found === undefined ? {} : { ContactFlowId: String(found.FlowId).split("/").at(-1) };
        },
      },
    ],
    hidden: ["TargetArn"],
    refs: { ContactFlowId: "ContactFlows" },
  },
  {
    section: "EvaluationForms",
    model: "connect",
    parent: "Instances",
    name: "Title",
    within: INSTANCE,
    attributes: {
      Id: ["EvaluationFormId"],
      Arn: ["EvaluationFormArn"],
      Version: ["EvaluationFormVersion", "LatestVersion"],
    },
    list: { operation: "ListEvaluationForms", items: "EvaluationFormSummaryList", name: "Title" },
    read: { operation: "DescribeEvaluationForm", at: ["EvaluationForm"], input: { EvaluationFormId: "Id" } },
    create: { operation: "CreateEvaluationForm" },
    changes: [
      {
        operation: "UpdateEvaluationForm",
        input: { EvaluationFormId: "Id" },
        inputsOf: (_wanted, whole, { Id, Version = "1" }) => [
          { ...whole, EvaluationFormId: Id, EvaluationFormVersion: Number(Version), CreateNewVersion: true },
        ],
      },
      {
        operation: "ActivateEvaluationForm",
        only: ["Status"],
        inputsOf: ({ Status }, _current, { InstanceId, Id, Version = "1" }) =>
          Status === "ACTIVE" ? [{ InstanceId, EvaluationFormId: Id, EvaluationFormVersion: Number(Version) }] : [],
      },
    ],
    hidden: ["EvaluationFormVersion", "AsDraft"],
    extra: { Status: { enum: ["DRAFT", "ACTIVE"], says: "ACTIVE: its latest version is activated" } },
  },
  {
    section: "Rules",
    model: "connect",
    parent: "Instances",
    name: "Name",
    within: INSTANCE,
    attributes: { Id: ["RuleId"], Arn: ["RuleArn"] },
    list: { operation: "ListRules", items: "RuleSummaryList", name: "Name" },
    read: { operation: "DescribeRule", at: ["Rule"], input: { RuleId: "Id" } },
    create: { operation: "CreateRule" },
    changes: [{ operation: "UpdateRule", input: { RuleId: "Id" } }],
    refs: { ContactFlowId: "ContactFlows", EvaluationFormId: "EvaluationForms", TemplateId: "CaseTemplates" },
  },
];

/** Queues of a routing profile in an order that does not hang on their ids. */
function byQueue(output: Doc, member: string): readonly Doc[] {
  const key = ({ QueueName, Channel }: Doc): string => `${QueueName} ${Channel}`;
  return docs(output, member).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** `Associate…` and `Disassociate…` of a list of members, so that there are those that the file says and no others. */
function membership(
  what: string,
  member: string,
  input: Readonly<Record<string, string>>,
  keyOf: (item: unknown) => string,
  named: (item: Doc) => unknown = (item) => item,
  goneMember = member,
): readonly Change[] {
  const owner = (attributes: Doc): Doc => ({
    InstanceId: attributes.InstanceId,
    ...Object.fromEntries(Object.entries(input).map(([one, attribute]) => [one, attributes[attribute]])),
  });
  const without = (these: unknown, others: unknown): readonly unknown[] => {
    const keys = new Set(((others ?? []) as readonly unknown[]).map(keyOf));
    return ((these ?? []) as readonly unknown[]).filter((item) => !keys.has(keyOf(item)));
  };
  return [
    {
      operation: `Associate${what}`,
      only: [member],
      inputsOf: (wanted, { before }, attributes) => {
        const added = without(wanted[member], (before as Doc | undefined)?.[member]);
        return added.length === 0 ? [] : [{ ...owner(attributes), [member]: added }];
      },
    },
    {
      operation: `Disassociate${what}`,
      only: [member],
      inputsOf: (wanted, { before }, attributes) => {
        const gone = without((before as Doc | undefined)?.[member], wanted[member]);
        return gone.length === 0
          ? []
          : [{ ...owner(attributes), [goneMember]: gone.map((item) => named(item as Doc)) }];
      },
    },
  ];
}

function routingQueues(member: string, goneMember: string): readonly Change[] {
  const input = { RoutingProfileId: "Id" };
  return membership(
    "RoutingProfileQueues",
    member,
    input,
    (item) => referenceKey(item as Doc),
    ({ QueueReference }) => QueueReference,
    goneMember,
  );
}

function referenceKey({ QueueReference }: Doc): string {
  const { QueueId, Channel } = QueueReference as Doc;
  return `${QueueId} ${Channel}`;
}

function proficiencyKey({ AttributeName, AttributeValue }: Doc): string {
  return `${AttributeName} ${AttributeValue}`;
}
