/** Connect. Templates name things by ARN where the API takes ids. */
import {
  type Changing,
  type Creating,
  type Existing,
  type Made,
  type Properties,
  type ResourceType,
  type Work,
  words,
} from "../resource-type.ts";
import { found, hasSame, idIn, listAt, listed, oneFound, pick, recoveryOf, retag, tagMap } from "./parts.ts";

/** `QueueArn` as `QueueId`, at whatever depth. */
function withIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (name.endsWith("Arn") && typeof item === "string") return [name.replace(/Arn$/, "Id"), idIn(item)];
      if (name.endsWith("Arns") && Array.isArray(item)) return [name.replace(/Arns$/, "Ids"), item.map(idIn)];
      return [name, withIds(item)];
    }),
  );
}

function ids(properties: Properties, names: readonly string[]): Properties {
  return withIds(pick(properties, names)) as Properties;
}

function instanceOf({ InstanceArn, InstanceId }: Properties): Properties {
  return { InstanceId: idIn(InstanceArn ?? InstanceId) };
}

/** One call of an update, made where one of its properties differs. */
interface UpdateCall {
  readonly operation: string;
  readonly properties: readonly string[];
  /** What else the input has, or has instead. */
  readonly more?: (properties: Properties) => Properties;
  /** Properties that its input has, whether they differ or not. */
  readonly always?: readonly string[];
}

interface InInstance {
  readonly create: string;
  readonly remove: string;
  readonly properties: readonly string[];
  readonly replacing?: readonly string[];
  readonly required: readonly string[];
  /** The attribute with its ARN: `QueueArn`. */
  readonly arn: string;
  /** The member of other operations with its id: `QueueId`. */
  readonly id: string;
  /** The member of `create`'s answer, where it is another than `arn`. */
  readonly answer?: string;
  readonly more?: (properties: Properties) => Properties;
  /** The operation that lists them, its member with them, and theirs with the name. Absent: `create` takes a client token. */
  readonly list?: readonly [operation: string, member: string, named: string];
  /** The property with the name. */
  readonly named?: string;
  readonly updates: readonly UpdateCall[];
  readonly afterwards?: (changing: Changing | Creating, key: Properties, before: Properties) => Promise<void>;
  readonly hasNoTags?: true;
  /** Attributes beside the ARN, as they are by now. */
  readonly attributes?: (work: Work, key: Properties) => Promise<Properties>;
}

/** A type that lives in an instance, has an ARN, and whose parts are updated one by one. */
function inInstance(of: InInstance): ResourceType {
  const keyOf = (properties: Properties, arn: string): Properties => ({
    ...instanceOf(properties),
    [of.id]: idIn(arn),
  });
  const [operation, member, named = "Name"] = of.list ?? [];
  async function complete(work: Creating, arn: string): Promise<Made> {
    await of.afterwards?.(work, keyOf(work.properties, arn), {});
    const more = await of.attributes?.(work, keyOf(work.properties, arn));
    return { physicalId: arn, attributes: { [of.arn]: arn, ...more } };
  }
  return {
    updatable: [...of.properties, ...(of.hasNoTags ? [] : ["Tags"])],
    replacing: ["InstanceArn", ...(of.replacing ?? [])],
    required: ["InstanceArn", ...of.required],
    async create(work: Creating): Promise<Made> {
      const { call, properties } = work;
      const members = [...of.properties, ...(of.replacing ?? [])];
      const answer = await call("connect", of.create, {
        ...instanceOf(properties),
        ...(of.more ? of.more(properties) : ids(properties, members)),
        ...(of.hasNoTags ? {} : tagMap(work, "Tags")),
        ...(of.list === undefined && { ClientToken: work.token }),
      });
      const arn = String(answer[of.answer ?? of.arn]);
      work.began(arn);
      return complete(work, arn);
    },
    ...(operation !== undefined &&
      member !== undefined && {
        recovery: {
          async candidates({ call, properties }: Work) {
            const items = await listed(call, "connect", operation, { member, ...instanceOf(properties) });
            const like = items.filter((item) => item[named] === properties[of.named ?? named]);
            return like.map(({ Arn }) => String(Arn));
          },
          complete,
        },
      }),
    async update(changing: Changing): Promise<Properties | undefined> {
      const { call, properties, physicalId } = changing;
      const key = keyOf(properties, physicalId);
      for (const { operation, properties: names, more, always = [] } of of.updates) {
        if (!changing.changed(...names)) continue;
        await call("connect", operation, { ...key, ...ids(properties, [...names, ...always]), ...more?.(properties) });
      }
      await of.afterwards?.(changing, key, changing.before);
      if (!of.hasNoTags) await retagConnect(changing, physicalId);
      return of.attributes?.(changing, key);
    },
    remove: ({ call, properties, physicalId }: Existing) => call("connect", of.remove, keyOf(properties, physicalId)),
  };
}

function retagConnect(changing: Changing, resourceArn: string): Promise<void> {
  return retag(changing, { model: "connect", resource: { resourceArn }, map: "tags" });
}

/** Attributes that are members of what an operation describes. */
function described(operation: string, member: string, names: readonly string[]): NonNullable<InInstance["attributes"]> {
  return async ({ call }, key) => pick((await call("connect", operation, key))[member], names);
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  AutoResolveBestVoices: "AUTO_RESOLVE_BEST_VOICES",
  ContactLens: "CONTACT_LENS",
  ContactflowLogs: "CONTACTFLOW_LOGS",
  EarlyMedia: "EARLY_MEDIA",
  EnhancedChatMonitoring: "ENHANCED_CHAT_MONITORING",
  EnhancedContactMonitoring: "ENHANCED_CONTACT_MONITORING",
  HighVolumeOutBound: "HIGH_VOLUME_OUTBOUND",
  InboundCalls: "INBOUND_CALLS",
  MultiPartyChatConference: "MULTI_PARTY_CHAT_CONFERENCE",
  MultiPartyConference: "MULTI_PARTY_CONFERENCE",
  OutboundCalls: "OUTBOUND_CALLS",
  UseCustomTTSVoices: "USE_CUSTOM_TTS_VOICES",
};

const instance: ResourceType = {
  updatable: ["Attributes", "Tags"],
  replacing: words("DirectoryId IdentityManagementType InstanceAlias"),
  required: ["Attributes", "IdentityManagementType"],
  async create(work) {
    const { call, properties, token } = work;
    const attributes = (properties.Attributes ?? {}) as Properties;
    const { Id, Arn } = await call("connect", "CreateInstance", {
      ...pick(properties, words("DirectoryId IdentityManagementType InstanceAlias")),
      InboundCallsEnabled: attributes.InboundCalls ?? false,
      OutboundCallsEnabled: attributes.OutboundCalls ?? false,
      ClientToken: token,
      ...tagMap(work, "Tags"),
    });
    work.began(String(Arn));
    await putAttributes(work, String(Id), attributes, {});
    const { Instance } = await call("connect", "DescribeInstance", { InstanceId: Id });
    const { CreatedTime, InstanceStatus, ServiceRole } = Instance;
    return { physicalId: String(Arn), attributes: { Arn, Id, CreatedTime, InstanceStatus, ServiceRole } };
  },
  async update(changing) {
    const now = (changing.properties.Attributes ?? {}) as Properties;
    await putAttributes(changing, idIn(changing.physicalId), now, (changing.before.Attributes ?? {}) as Properties);
    await retagConnect(changing, changing.physicalId);
    return undefined;
  },
  remove: ({ call, physicalId }) => call("connect", "DeleteInstance", { InstanceId: idIn(physicalId) }),
};

async function putAttributes({ call }: Work, InstanceId: string, now: Properties, before: Properties): Promise<void> {
  for (const [name, value] of Object.entries(now)) {
    const AttributeType = ATTRIBUTES[name];
    if (AttributeType === undefined)
      throw new Error(`Properties validation failed: #/Attributes: extraneous key [${name}] is not permitted`);
    if (before[name] === value) continue;
    await call("connect", "UpdateInstanceAttribute", { InstanceId, AttributeType, Value: String(value) });
  }
}

const hours = inInstance({
  create: "CreateHoursOfOperation",
  remove: "DeleteHoursOfOperation",
  properties: words("Name Description TimeZone Config"),
  required: words("Config Name TimeZone"),
  arn: "HoursOfOperationArn",
  id: "HoursOfOperationId",
  list: ["ListHoursOfOperations", "HoursOfOperationSummaryList", "Name"],
  updates: [{ operation: "UpdateHoursOfOperation", properties: words("Name Description TimeZone Config") }],
});

const queue = inInstance({
  create: "CreateQueue",
  remove: "DeleteQueue",
  properties: words(
    "Name Description HoursOfOperationArn MaxContacts OutboundCallerConfig OutboundEmailConfig QuickConnectArns Status",
  ),
  required: words("HoursOfOperationArn Name"),
  arn: "QueueArn",
  id: "QueueId",
  list: ["ListQueues", "QueueSummaryList", "Name"],
  attributes: async (work, key) => ({
    Type: "STANDARD",
    ...(await described("DescribeQueue", "Queue", words("LastModifiedTime LastModifiedRegion"))(work, key)),
  }),
  more: (properties) =>
    ids(
      properties,
      words(
        "Name Description HoursOfOperationArn MaxContacts OutboundCallerConfig OutboundEmailConfig QuickConnectArns",
      ),
    ),
  updates: [
    { operation: "UpdateQueueName", properties: ["Name", "Description"] },
    { operation: "UpdateQueueHoursOfOperation", properties: ["HoursOfOperationArn"] },
    { operation: "UpdateQueueMaxContacts", properties: ["MaxContacts"] },
    {
      operation: "UpdateQueueOutboundCallerConfig",
      properties: ["OutboundCallerConfig"],
      more: ({ OutboundCallerConfig }) => (OutboundCallerConfig === undefined ? { OutboundCallerConfig: {} } : {}),
    },
    {
      operation: "UpdateQueueOutboundEmailConfig",
      properties: ["OutboundEmailConfig"],
      more: ({ OutboundEmailConfig }) => (OutboundEmailConfig === undefined ? { OutboundEmailConfig: {} } : {}),
    },
  ],
  async afterwards({ call, properties }, key, before) {
    const { Status } = properties;
    if (Status !== undefined && Status !== (before.Status ?? "ENABLED"))
      await call("connect", "UpdateQueueStatus", { ...key, Status });
    if (Object.keys(before).length === 0) return;
    const [now, then] = [
      listAt(properties, "QuickConnectArns").map(idIn),
      listAt(before, "QuickConnectArns").map(idIn),
    ];
    const gone = then.filter((id) => !now.includes(id));
    const added = now.filter((id) => !then.includes(id));
    if (gone.length > 0) await call("connect", "DisassociateQueueQuickConnects", { ...key, QuickConnectIds: gone });
    if (added.length > 0) await call("connect", "AssociateQueueQuickConnects", { ...key, QuickConnectIds: added });
  },
});

const routingProfile = inInstance({
  create: "CreateRoutingProfile",
  remove: "DeleteRoutingProfile",
  properties: words("Name Description DefaultOutboundQueueArn MediaConcurrencies QueueConfigs AgentAvailabilityTimer"),
  required: words("DefaultOutboundQueueArn Description MediaConcurrencies Name"),
  arn: "RoutingProfileArn",
  id: "RoutingProfileId",
  list: ["ListRoutingProfiles", "RoutingProfileSummaryList", "Name"],
  updates: [
    { operation: "UpdateRoutingProfileName", properties: ["Name", "Description"] },
    { operation: "UpdateRoutingProfileConcurrency", properties: ["MediaConcurrencies"] },
    { operation: "UpdateRoutingProfileDefaultOutboundQueue", properties: ["DefaultOutboundQueueArn"] },
    {
      operation: "UpdateRoutingProfileAgentAvailabilityTimer",
      properties: ["AgentAvailabilityTimer"],
      more: ({ AgentAvailabilityTimer = "TIME_SINCE_LAST_ACTIVITY" }) => ({ AgentAvailabilityTimer }),
    },
  ],
  async afterwards({ call, properties }, key, before) {
    const configs = (of: Properties): readonly QueueConfig[] =>
      withIds(listAt(of, "QueueConfigs")) as readonly QueueConfig[];
    if (Object.keys(before).length === 0 || JSON.stringify(configs(before)) === JSON.stringify(configs(properties)))
      return;
    const nameOf = ({ QueueReference: { Channel, QueueId } }: QueueConfig): string => `${Channel} ${QueueId}`;
    const kept = new Set(configs(properties).map(nameOf));
    const gone = configs(before).filter((config) => !kept.has(nameOf(config)));
    const QueueReferences = gone.map(({ QueueReference }) => QueueReference);
    if (gone.length > 0) await call("connect", "DisassociateRoutingProfileQueues", { ...key, QueueReferences });
    const QueueConfigs = configs(properties);
    if (QueueConfigs.length > 0) await call("connect", "AssociateRoutingProfileQueues", { ...key, QueueConfigs });
  },
});

interface QueueConfig {
  readonly QueueReference: { readonly Channel: string; readonly QueueId: string };
}

const USER = words(
  "DirectoryUserId HierarchyGroupArn IdentityInfo Password PhoneConfig RoutingProfileArn SecurityProfileArns Username",
);
const user = inInstance({
  create: "CreateUser",
  remove: "DeleteUser",
  properties: [...USER.filter((name) => name !== "Username" && name !== "DirectoryUserId"), "UserProficiencies"],
  replacing: ["Username", "DirectoryUserId"],
  required: words("RoutingProfileArn SecurityProfileArns Username"),
  // Nothing changes a password but its owner: a change of the template's stays without effect, as it does there.
  more: (properties) => ids(properties, USER),
  arn: "UserArn",
  id: "UserId",
  list: ["ListUsers", "UserSummaryList", "Username"],
  updates: [
    { operation: "UpdateUserIdentityInfo", properties: ["IdentityInfo"] },
    { operation: "UpdateUserPhoneConfig", properties: ["PhoneConfig"] },
    { operation: "UpdateUserRoutingProfile", properties: ["RoutingProfileArn"] },
    { operation: "UpdateUserSecurityProfiles", properties: ["SecurityProfileArns"] },
    { operation: "UpdateUserHierarchy", properties: ["HierarchyGroupArn"] },
  ],
  async afterwards({ call, properties }, key, before) {
    const now = listAt(properties, "UserProficiencies") as readonly Proficiency[];
    const isNew = Object.keys(before).length === 0;
    if (isNew && now.length === 0) return;
    // A creation that was cut short may have given it some.
    const then: readonly Proficiency[] = isNew
      ? await listed(call, "connect", "ListUserProficiencies", { member: "UserProficiencyList", ...key })
      : listAt(before, "UserProficiencies");
    const named = (list: readonly Proficiency[] = []): Map<string, Proficiency> =>
      new Map(list.map((one) => [`${one.AttributeName} ${one.AttributeValue}`, one]));
    const [wanted, had] = [named(now), named(then)];
    const gone = [...had].flatMap(([name, { AttributeName, AttributeValue }]) =>
      wanted.has(name) ? [] : [{ AttributeName, AttributeValue }],
    );
    const added = [...wanted].flatMap(([name, one]) => (had.has(name) ? [] : [one]));
    const other = [...wanted].flatMap(([name, one]) =>
      had.has(name) && had.get(name)?.Level !== one.Level ? [one] : [],
    );
    for (const [operation, UserProficiencies] of [
      ["DisassociateUserProficiencies", gone],
      ["AssociateUserProficiencies", added],
      ["UpdateUserProficiencies", other],
    ] as const) {
      if (UserProficiencies.length > 0) await call("connect", operation, { ...key, UserProficiencies });
    }
  },
});

interface Proficiency {
  readonly AttributeName: string;
  readonly AttributeValue: string;
  readonly Level: unknown;
}

const hierarchyGroup = inInstance({
  create: "CreateUserHierarchyGroup",
  remove: "DeleteUserHierarchyGroup",
  properties: ["Name"],
  replacing: ["ParentGroupArn"],
  required: ["Name"],
  arn: "UserHierarchyGroupArn",
  answer: "HierarchyGroupArn",
  id: "HierarchyGroupId",
  list: ["ListUserHierarchyGroups", "UserHierarchyGroupSummaryList", "Name"],
  updates: [{ operation: "UpdateUserHierarchyGroupName", properties: ["Name"] }],
});

/** An instance has one structure; a level that is no longer named goes. */
const hierarchyStructure: ResourceType = {
  updatable: ["UserHierarchyStructure"],
  replacing: ["InstanceArn"],
  required: ["InstanceArn"],
  async create({ call, properties }) {
    await putStructure(call, properties);
    const arn = `${properties.InstanceArn}/user-hierarchy-structure`;
    return { physicalId: arn, attributes: { UserHierarchyStructureArn: arn } };
  },
  async update({ call, properties }) {
    await putStructure(call, properties);
    return undefined;
  },
  remove: ({ call, properties }) => putStructure(call, pick(properties, ["InstanceArn"])),
};

async function putStructure(call: Work["call"], properties: Properties): Promise<void> {
  const given = (properties.UserHierarchyStructure ?? {}) as Readonly<
    Record<string, { readonly Name: unknown } | undefined>
  >;
  const levels = words("LevelOne LevelTwo LevelThree LevelFour LevelFive").flatMap((level) => {
    const named = given[level];
    return named === undefined ? [] : [[level, { Name: named.Name }]];
  });
  const HierarchyStructure = Object.fromEntries(levels);
  await call("connect", "UpdateUserHierarchyStructure", { ...instanceOf(properties), HierarchyStructure });
}

const SECURITY = words(
  "AllowedAccessControlHierarchyGroupId AllowedAccessControlTags Applications Description HierarchyRestrictedResources Permissions TagRestrictedResources",
);
const securityProfile = inInstance({
  create: "CreateSecurityProfile",
  remove: "DeleteSecurityProfile",
  properties: SECURITY,
  replacing: ["SecurityProfileName"],
  required: ["SecurityProfileName"],
  arn: "SecurityProfileArn",
  id: "SecurityProfileId",
  list: ["ListSecurityProfiles", "SecurityProfileSummaryList", "Name"],
  named: "SecurityProfileName",
  attributes: described("DescribeSecurityProfile", "SecurityProfile", words("LastModifiedTime LastModifiedRegion")),
  more: (properties) => ({ ...pick(properties, ["SecurityProfileName", ...SECURITY]), ...mapped(properties) }),
  updates: [{ operation: "UpdateSecurityProfile", properties: SECURITY, more: mapped }],
});

/** Templates have these tags as a list. */
function mapped({ AllowedAccessControlTags: tags }: Properties): Properties {
  if (!Array.isArray(tags)) return {};
  const map = Object.fromEntries((tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]));
  return { AllowedAccessControlTags: map };
}

const flow = inInstance({
  create: "CreateContactFlow",
  remove: "DeleteContactFlow",
  properties: words("Content Description Name State"),
  replacing: ["Type"],
  required: words("Content Name Type"),
  arn: "ContactFlowArn",
  id: "ContactFlowId",
  list: ["ListContactFlows", "ContactFlowSummaryList", "Name"],
  more: (properties) => pick(properties, words("Content Description Name Type")),
  updates: [{ operation: "UpdateContactFlowContent", properties: ["Content"] }],
  async afterwards({ call, properties }, key, before) {
    const { Name, Description, State } = properties;
    const isNew = Object.keys(before).length === 0;
    if (isNew && (State === undefined || State === "ACTIVE")) return;
    await call("connect", "UpdateContactFlowMetadata", {
      ...key,
      Name,
      Description: Description ?? "",
      ContactFlowState: State ?? "ACTIVE",
    });
  },
});

const flowModule = inInstance({
  create: "CreateContactFlowModule",
  remove: "DeleteContactFlowModule",
  properties: words("Content Description Name State Settings"),
  required: words("Content Name"),
  arn: "ContactFlowModuleArn",
  answer: "Arn",
  id: "ContactFlowModuleId",
  list: ["ListContactFlowModules", "ContactFlowModulesSummaryList", "Name"],
  attributes: described("DescribeContactFlowModule", "ContactFlowModule", ["Status"]),
  more: (properties) => pick(properties, words("Content Description Name Settings")),
  updates: [{ operation: "UpdateContactFlowModuleContent", properties: ["Content", "Settings"] }],
  async afterwards({ call, properties }, key, before) {
    const { Name, Description, State } = properties;
    if (Object.keys(before).length === 0 && (State === undefined || String(State).toUpperCase() === "ACTIVE")) return;
    await call("connect", "UpdateContactFlowModuleMetadata", {
      ...key,
      Name,
      Description: Description ?? "",
      State: String(State ?? "ACTIVE").toUpperCase(),
    });
  },
});

const quickConnect = inInstance({
  create: "CreateQuickConnect",
  remove: "DeleteQuickConnect",
  properties: words("Description Name QuickConnectConfig"),
  required: words("Name QuickConnectConfig"),
  arn: "QuickConnectArn",
  answer: "QuickConnectARN",
  id: "QuickConnectId",
  list: ["ListQuickConnects", "QuickConnectSummaryList", "Name"],
  attributes: ({ properties: { QuickConnectConfig } }) =>
    Promise.resolve(pick(QuickConnectConfig as Properties, ["QuickConnectType"])),
  updates: [
    { operation: "UpdateQuickConnectName", properties: ["Name", "Description"] },
    { operation: "UpdateQuickConnectConfig", properties: ["QuickConnectConfig"] },
  ],
});

/** Templates have a list for each kind of action, the API one list. */
const ACTIONS: Readonly<Record<string, readonly [actionType: string, member: string]>> = {
  AssignContactCategoryActions: ["ASSIGN_CONTACT_CATEGORY", "AssignContactCategoryAction"],
  CreateCaseActions: ["CREATE_CASE", "CreateCaseAction"],
  EndAssociatedTasksActions: ["END_ASSOCIATED_TASKS", "EndAssociatedTasksAction"],
  EventBridgeActions: ["GENERATE_EVENTBRIDGE_EVENT", "EventBridgeAction"],
  SendNotificationActions: ["SEND_NOTIFICATION", "SendNotificationAction"],
  SubmitAutoEvaluationActions: ["SUBMIT_AUTO_EVALUATION", "SubmitAutoEvaluationAction"],
  TaskActions: ["CREATE_TASK", "TaskAction"],
  UpdateCaseActions: ["UPDATE_CASE", "UpdateCaseAction"],
};

function ruleInput(properties: Properties): Properties {
  const { Actions, TriggerEventSource, ...rest } = pick(
    properties,
    words("Actions Function Name PublishStatus TriggerEventSource"),
  );
  const actions = Object.entries((Actions ?? {}) as Properties).flatMap(([name, list]) => {
    const [ActionType, member] = ACTIONS[name] ?? [];
    if (ActionType === undefined || member === undefined) {
      throw new Error(`Properties validation failed: #/Actions: extraneous key [${name}] is not permitted`);
    }
    return (Array.isArray(list) ? list : []).map((one) => ({ ActionType, [member]: withIds(one) }));
  });
  return {
    ...rest,
    ...(TriggerEventSource !== undefined && { TriggerEventSource: withIds(TriggerEventSource) }),
    Actions: actions,
  };
}

const rule = inInstance({
  create: "CreateRule",
  remove: "DeleteRule",
  properties: words("Actions Function Name PublishStatus"),
  replacing: ["TriggerEventSource"],
  required: words("Actions Function Name PublishStatus TriggerEventSource"),
  arn: "RuleArn",
  id: "RuleId",
  more: ruleInput,
  updates: [
    {
      operation: "UpdateRule",
      properties: words("Actions Function Name PublishStatus"),
      more: (properties) => {
        const { TriggerEventSource: _, ...rest } = ruleInput(properties);
        return rest;
      },
    },
  ],
});

const phoneNumber: ResourceType = {
  updatable: ["TargetArn", "Description", "Tags"],
  replacing: words("CountryCode Prefix SourcePhoneNumberArn Type"),
  required: ["TargetArn"],
  async create(work) {
    const { call, properties, token } = work;
    const { TargetArn, Description, CountryCode, Type, Prefix, SourcePhoneNumberArn } = properties;
    if (SourcePhoneNumberArn !== undefined)
      throw new Error("Numbers that are imported are not built in stacks: SourcePhoneNumberArn");
    const { AvailableNumbersList = [] } = await call("connect", "SearchAvailablePhoneNumbers", {
      TargetArn,
      PhoneNumberCountryCode: CountryCode,
      PhoneNumberType: Type,
      ...(Prefix !== undefined && { PhoneNumberPrefix: Prefix }),
      MaxResults: 1,
    });
    const PhoneNumber = AvailableNumbersList[0]?.PhoneNumber;
    if (PhoneNumber === undefined) throw new Error("No phone number is available");
    const { PhoneNumberArn } = await call("connect", "ClaimPhoneNumber", {
      TargetArn,
      PhoneNumber,
      ...(Description !== undefined && { PhoneNumberDescription: Description }),
      ClientToken: token,
      ...tagMap(work, "Tags"),
    });
    return { physicalId: String(PhoneNumberArn), attributes: { PhoneNumberArn, Address: PhoneNumber } };
  },
  recovery: recoveryOf(
    async ({ call, properties }) => {
      const { TargetArn, CountryCode, Type, Description } = properties;
      const items = await listed(call, "connect", "ListPhoneNumbersV2", {
        member: "ListPhoneNumbersSummaryList",
        TargetArn,
      });
      const like = { PhoneNumberCountryCode: CountryCode, PhoneNumberType: Type, PhoneNumberDescription: Description };
      return items.filter((item) => hasSame(item, like, Object.keys(like)));
    },
    ({ PhoneNumberArn, PhoneNumber }) => ({
      physicalId: String(PhoneNumberArn),
      attributes: { PhoneNumberArn, Address: PhoneNumber },
    }),
  ),
  async update(changing) {
    const { call, physicalId, properties } = changing;
    if (changing.changed("TargetArn")) {
      await call("connect", "UpdatePhoneNumber", { PhoneNumberId: idIn(physicalId), TargetArn: properties.TargetArn });
    }
    if (changing.changed("Description")) {
      const PhoneNumberDescription = properties.Description ?? "";
      await call("connect", "UpdatePhoneNumberMetadata", { PhoneNumberId: idIn(physicalId), PhoneNumberDescription });
    }
    await retagConnect(changing, physicalId);
    return undefined;
  },
  remove: ({ call, physicalId }) => call("connect", "ReleasePhoneNumber", { PhoneNumberId: idIn(physicalId) }),
};

const STORAGE = words("KinesisFirehoseConfig KinesisStreamConfig KinesisVideoStreamConfig S3Config StorageType");
const storageConfig: ResourceType = {
  updatable: STORAGE,
  replacing: ["InstanceArn", "ResourceType"],
  required: words("InstanceArn ResourceType StorageType"),
  async create({ call, properties, token }) {
    const { AssociationId } = await call("connect", "AssociateInstanceStorageConfig", {
      ...instanceOf(properties),
      ClientToken: token,
      ResourceType: properties.ResourceType,
      StorageConfig: pick(properties, STORAGE),
    });
    const { InstanceArn, ResourceType: kind } = properties;
    return { physicalId: `${InstanceArn}|${AssociationId}|${kind}`, attributes: { AssociationId } };
  },
  async update({ call, properties, attributes: { AssociationId } }) {
    const { ResourceType: kind } = properties;
    const StorageConfig = { AssociationId, ...pick(properties, STORAGE) };
    await call("connect", "UpdateInstanceStorageConfig", {
      ...instanceOf(properties),
      AssociationId,
      ResourceType: kind,
      StorageConfig,
    });
    return undefined;
  },
  remove: ({ call, properties, attributes: { AssociationId } }) =>
    call("connect", "DisassociateInstanceStorageConfig", {
      ...instanceOf(properties),
      AssociationId,
      ResourceType: properties.ResourceType,
    }),
};

const integrationAssociation: ResourceType = {
  updatable: [],
  replacing: words("InstanceId IntegrationArn IntegrationType"),
  required: words("InstanceId IntegrationArn IntegrationType"),
  async create({ call, properties }) {
    const { IntegrationArn, IntegrationType } = properties;
    const instance = instanceOf(properties);
    const physicalId = associationId(properties);
    if (IntegrationType === "LAMBDA_FUNCTION") {
      await call("connect", "AssociateLambdaFunction", { ...instance, FunctionArn: IntegrationArn });
      return { physicalId, attributes: { IntegrationAssociationId: IntegrationArn } };
    }
    const { IntegrationAssociationId } = await call("connect", "CreateIntegrationAssociation", {
      ...instance,
      IntegrationArn,
      IntegrationType,
    });
    return { physicalId, attributes: { IntegrationAssociationId } };
  },
  recovery: recoveryOf(
    async ({ call, properties }) => {
      const { IntegrationArn, IntegrationType } = properties;
      const instance = instanceOf(properties);
      if (IntegrationType === "LAMBDA_FUNCTION") {
        const arns = await listed(call, "connect", "ListLambdaFunctions", { member: "LambdaFunctions", ...instance });
        return arns.filter((arn) => arn === IntegrationArn).map((arn) => ({ IntegrationAssociationId: arn }));
      }
      const given = { member: "IntegrationAssociationSummaryList", ...instance, IntegrationType };
      const items = await listed(call, "connect", "ListIntegrationAssociations", given);
      return items.filter((item) => item.IntegrationArn === IntegrationArn);
    },
    ({ IntegrationAssociationId }, { properties }) => ({
      physicalId: associationId(properties),
      attributes: { IntegrationAssociationId },
    }),
  ),
  remove({ call, properties, attributes: { IntegrationAssociationId } }) {
    const instance = instanceOf(properties);
    if (properties.IntegrationType === "LAMBDA_FUNCTION") {
      return call("connect", "DisassociateLambdaFunction", { ...instance, FunctionArn: properties.IntegrationArn });
    }
    return call("connect", "DeleteIntegrationAssociation", { ...instance, IntegrationAssociationId });
  },
};

function associationId({ InstanceId, IntegrationType, IntegrationArn }: Properties): string {
  return `${InstanceId}|${IntegrationType}|${IntegrationArn}`;
}

const FORM = words(
  "AutoEvaluationConfiguration Description Items LanguageConfiguration ReviewConfiguration ScoringStrategy TargetConfiguration Title",
);
const evaluationForm: ResourceType = {
  updatable: [...FORM, "Status", "Tags"],
  replacing: ["InstanceArn"],
  required: words("InstanceArn Items Status Title"),
  async create(work) {
    const { call, properties, token } = work;
    const instance = instanceOf(properties);
    const answer = await call("connect", "CreateEvaluationForm", {
      ...instance,
      ...pick(properties, FORM),
      ClientToken: token,
      ...tagMap(work, "Tags"),
    });
    const arn = String(answer.EvaluationFormArn);
    work.began(arn);
    if (properties.Status === "ACTIVE") {
      await call("connect", "ActivateEvaluationForm", {
        ...instance,
        EvaluationFormId: idIn(arn),
        EvaluationFormVersion: 1,
      });
    }
    return { physicalId: arn, attributes: { EvaluationFormArn: arn } };
  },
  async update(changing) {
    const { call, properties, physicalId } = changing;
    const key = { ...instanceOf(properties), EvaluationFormId: idIn(physicalId) };
    const { EvaluationForm } = await call("connect", "DescribeEvaluationForm", key);
    let version = Number(EvaluationForm.EvaluationFormVersion);
    if (changing.changed(...FORM)) {
      const answer = await call("connect", "UpdateEvaluationForm", {
        ...key,
        EvaluationFormVersion: version,
        CreateNewVersion: EvaluationForm.Locked === true,
        ...pick(properties, FORM),
      });
      version = Number(answer.EvaluationFormVersion);
    }
    const operation = properties.Status === "ACTIVE" ? "ActivateEvaluationForm" : "DeactivateEvaluationForm";
    if (changing.changed(...FORM, "Status"))
      await call("connect", operation, { ...key, EvaluationFormVersion: version });
    await retagConnect(changing, physicalId);
    return undefined;
  },
  remove: ({ call, properties, physicalId }) =>
    call("connect", "DeleteEvaluationForm", { ...instanceOf(properties), EvaluationFormId: idIn(physicalId) }),
};

const predefinedAttribute: ResourceType = {
  updatable: words("AttributeConfiguration Purposes Values"),
  replacing: ["InstanceArn", "Name"],
  required: ["InstanceArn", "Name"],
  async create({ call, properties }) {
    await call("connect", "CreatePredefinedAttribute", withIds(properties) as Properties);
    return { physicalId: `${properties.InstanceArn}|${properties.Name}`, attributes: await modified(call, properties) };
  },
  recovery: recoveryOf(
    ({ call, properties }) => {
      const key = { ...instanceOf(properties), ...pick(properties, ["Name"]) };
      return oneFound(call("connect", "DescribePredefinedAttribute", key));
    },
    async (_answer, { call, properties }) => ({
      physicalId: `${properties.InstanceArn}|${properties.Name}`,
      attributes: await modified(call, properties),
    }),
  ),
  async update({ call, properties }) {
    await call("connect", "UpdatePredefinedAttribute", withIds(properties) as Properties);
    return modified(call, properties);
  },
  async remove({ call, properties }) {
    await found(
      call("connect", "DeletePredefinedAttribute", { ...instanceOf(properties), ...pick(properties, ["Name"]) }),
    );
  },
};

async function modified(call: Work["call"], properties: Properties): Promise<Properties> {
  const key = { ...instanceOf(properties), Name: properties.Name };
  const { PredefinedAttribute } = await call("connect", "DescribePredefinedAttribute", key);
  return pick(PredefinedAttribute, words("LastModifiedTime LastModifiedRegion"));
}

export const connectTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::Connect::ContactFlow": flow,
  "AWS::Connect::ContactFlowModule": flowModule,
  "AWS::Connect::EvaluationForm": evaluationForm,
  "AWS::Connect::HoursOfOperation": hours,
  "AWS::Connect::Instance": instance,
  "AWS::Connect::InstanceStorageConfig": storageConfig,
  "AWS::Connect::IntegrationAssociation": integrationAssociation,
  "AWS::Connect::PhoneNumber": phoneNumber,
  "AWS::Connect::PredefinedAttribute": predefinedAttribute,
  "AWS::Connect::Queue": queue,
  "AWS::Connect::QuickConnect": quickConnect,
  "AWS::Connect::RoutingProfile": routingProfile,
  "AWS::Connect::Rule": rule,
  "AWS::Connect::SecurityProfile": securityProfile,
  "AWS::Connect::User": user,
  "AWS::Connect::UserHierarchyGroup": hierarchyGroup,
  "AWS::Connect::UserHierarchyStructure": hierarchyStructure,
};
