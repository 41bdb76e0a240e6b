/** Customer Profiles, Cases, AppFlow and AppIntegrations. */
import { type Changing, type Made, type Properties, type ResourceType, type Work, words } from "../resource-type.ts";
import { idIn, listAt, listed, oneFound, pick, retag, tagMap, textAt } from "./parts.ts";
import { plain } from "./plain-type.ts";

const profiles = (path: (properties: Properties) => string) => ({
  model: "customer-profiles",
  tags: "Tags",
  arn: ({ region, account, properties }: Changing): string =>
    `arn:aws:profile:${region}:${account}:domains/${properties.DomainName}${path(properties)}`,
});

const domain = plain({
  ...profiles(() => ""),
  create: "CreateDomain",
  update: "UpdateDomain",
  remove: "DeleteDomain",
  updatable: words(
    "DeadLetterQueueUrl DefaultEncryptionKey DefaultExpirationDays Matching RuleBasedMatching DataStore",
  ),
  replacing: ["DomainName"],
  required: ["DefaultExpirationDays", "DomainName"],
  key: ({ DomainName }) => ({ DomainName }),
  existing: ({ call, properties }) =>
    oneFound(call("customer-profiles", "GetDomain", pick(properties, ["DomainName"]))),
  made: (answer, { properties }) => ({
    physicalId: textAt(properties, "DomainName"),
    attributes: pick(answer, ["CreatedAt", "LastUpdatedAt"]),
  }),
});

const objectType: ResourceType = {
  updatable:
    words(`AllowProfileCreation Description EncryptionKey ExpirationDays Fields Keys MaxProfileObjectCount SourceLastUpdatedTimestampFormat
    SourcePriority TemplateId Tags`),
  replacing: ["DomainName", "ObjectTypeName"],
  required: words("Description DomainName ObjectTypeName"),
  async create(work) {
    const answer = await work.call("customer-profiles", "PutProfileObjectType", {
      ...objectTypeInput(work.properties),
      ...tagMap(work, "Tags"),
    });
    const { DomainName, ObjectTypeName } = work.properties;
    return { physicalId: `${DomainName}|${ObjectTypeName}`, attributes: pick(answer, OBJECT_TYPE_ATTRIBUTES) };
  },
  async update(changing) {
    const { call, properties, region, account } = changing;
    const answer = await call("customer-profiles", "PutProfileObjectType", objectTypeInput(properties));
    const { DomainName, ObjectTypeName } = properties;
    const resourceArn = `arn:aws:profile:${region}:${account}:domains/${DomainName}/object-types/${ObjectTypeName}`;
    await retag(changing, { model: "customer-profiles", resource: { resourceArn }, map: "tags" });
    return pick(answer, OBJECT_TYPE_ATTRIBUTES);
  },
  remove: ({ call, properties }) =>
    call("customer-profiles", "DeleteProfileObjectType", pick(properties, ["DomainName", "ObjectTypeName"])),
};

const OBJECT_TYPE_ATTRIBUTES = words("CreatedAt LastUpdatedAt MaxAvailableProfileObjectCount");

/** Templates have lists of names with their fields and keys where the API has maps. */
function objectTypeInput({ Tags: _, Fields, Keys, ...rest }: Properties): Properties {
  const fields = (Fields ?? []) as { Name: string; ObjectTypeField: unknown }[];
  const keys = (Keys ?? []) as { Name: string; ObjectTypeKeyList: unknown }[];
  return {
    ...rest,
    ...(Fields !== undefined && {
      Fields: Object.fromEntries(fields.map(({ Name, ObjectTypeField }) => [Name, ObjectTypeField])),
    }),
    ...(Keys !== undefined && {
      Keys: Object.fromEntries(keys.map(({ Name, ObjectTypeKeyList }) => [Name, ObjectTypeKeyList])),
    }),
  };
}

const integrationInput = ({ ObjectTypeNames, ...rest }: Properties): Properties => ({
  ...rest,
  ...(Array.isArray(ObjectTypeNames) && {
    ObjectTypeNames: Object.fromEntries(
      (ObjectTypeNames as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]),
    ),
  }),
});

const integration = plain({
  model: "customer-profiles",
  tags: "Tags",
  arn: ({ region, account, physicalId }) =>
    `arn:aws:profile:${region}:${account}:domains/${physicalId.replace("|", "/integrations/")}`,
  create: "PutIntegration",
  update: "PutIntegration",
  remove: "DeleteIntegration",
  updatable: words("EventTriggerNames FlowDefinition ObjectTypeName ObjectTypeNames"),
  replacing: ["DomainName", "Uri", "Scope"],
  required: ["DomainName"],
  input: integrationInput,
  key: (properties, physicalId) => ({
    DomainName: properties.DomainName,
    Uri: physicalId.slice(physicalId.indexOf("|") + 1),
  }),
  made: (answer, { properties }) => ({
    physicalId: `${properties.DomainName}|${answer.Uri}`,
    attributes: pick(answer, ["CreatedAt", "LastUpdatedAt"]),
  }),
});

const eventStream = plain({
  ...profiles(({ EventStreamName }) => `/event-streams/${EventStreamName}`),
  create: "CreateEventStream",
  remove: "DeleteEventStream",
  updatable: [],
  replacing: words("DomainName EventStreamName Uri"),
  required: words("DomainName EventStreamName Uri"),
  key: (properties) => pick(properties, ["DomainName", "EventStreamName"]),
  existing: ({ call, properties }) =>
    oneFound(call("customer-profiles", "GetEventStream", pick(properties, ["DomainName", "EventStreamName"]))),
  made: ({ EventStreamArn }, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.EventStreamName}`,
    attributes: { EventStreamArn },
  }),
  async attributes({ call, properties }) {
    const key = pick(properties, ["DomainName", "EventStreamName"]);
    const { CreatedAt, State, DestinationDetails } = await call("customer-profiles", "GetEventStream", key);
    const { Uri, Status } = DestinationDetails;
    return { CreatedAt, State, "DestinationDetails.Uri": Uri, "DestinationDetails.Status": Status };
  },
});

const eventTrigger = plain({
  ...profiles(({ EventTriggerName }) => `/event-triggers/${EventTriggerName}`),
  create: "CreateEventTrigger",
  update: "UpdateEventTrigger",
  remove: "DeleteEventTrigger",
  updatable: words("Description EventTriggerConditions EventTriggerLimits ObjectTypeName SegmentFilter"),
  replacing: ["DomainName", "EventTriggerName"],
  required: words("DomainName EventTriggerConditions EventTriggerName ObjectTypeName"),
  key: (properties) => pick(properties, ["DomainName", "EventTriggerName"]),
  existing: ({ call, properties }) =>
    oneFound(call("customer-profiles", "GetEventTrigger", pick(properties, ["DomainName", "EventTriggerName"]))),
  made: (answer, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.EventTriggerName}`,
    attributes: pick(answer, ["CreatedAt", "LastUpdatedAt"]),
  }),
});

const segment = plain({
  ...profiles(({ SegmentDefinitionName }) => `/segment-definitions/${SegmentDefinitionName}`),
  create: "CreateSegmentDefinition",
  remove: "DeleteSegmentDefinition",
  updatable: [],
  replacing: words(
    "Description DisplayName DomainName SegmentDefinitionName SegmentGroups SegmentSqlQuery SegmentSort",
  ),
  required: words("DisplayName DomainName SegmentDefinitionName"),
  key: (properties) => pick(properties, ["DomainName", "SegmentDefinitionName"]),
  existing: ({ call, properties }) =>
    oneFound(
      call("customer-profiles", "GetSegmentDefinition", pick(properties, ["DomainName", "SegmentDefinitionName"])),
    ),
  made: ({ SegmentDefinitionArn, CreatedAt }, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.SegmentDefinitionName}`,
    attributes: { SegmentDefinitionArn, CreatedAt },
  }),
  async attributes({ call, properties }) {
    const key = pick(properties, ["DomainName", "SegmentDefinitionName"]);
    return pick(await call("customer-profiles", "GetSegmentDefinition", key), ["SegmentType"]);
  },
});

const calculatedAttribute = plain({
  ...profiles(({ CalculatedAttributeName }) => `/calculated-attributes/${CalculatedAttributeName}`),
  create: "CreateCalculatedAttributeDefinition",
  update: "UpdateCalculatedAttributeDefinition",
  remove: "DeleteCalculatedAttributeDefinition",
  updatable: words("Conditions Description DisplayName"),
  replacing: words("AttributeDetails CalculatedAttributeName DomainName Statistic UseHistoricalData"),
  required: words("AttributeDetails CalculatedAttributeName DomainName Statistic"),
  key: (properties) => pick(properties, ["DomainName", "CalculatedAttributeName"]),
  existing: ({ call, properties }) =>
    oneFound(
      call(
        "customer-profiles",
        "GetCalculatedAttributeDefinition",
        pick(properties, ["DomainName", "CalculatedAttributeName"]),
      ),
    ),
  made: (answer, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.CalculatedAttributeName}`,
    attributes: pick(answer, ["CreatedAt", "LastUpdatedAt", "Status"]),
  }),
});

const casesDomain: ResourceType = {
  updatable: ["Tags"],
  replacing: ["Name"],
  required: ["Name"],
  async create(work) {
    const { domainArn } = await work.call("connectcases", "CreateDomain", pick(work.properties, ["Name"]));
    work.began(String(domainArn));
    return completeCasesDomain(work, String(domainArn));
  },
  recovery: {
    async candidates({ call, properties: { Name } }) {
      const items = await listed(call, "connectcases", "ListDomains", { member: "domains" });
      return items.filter(({ name }) => name === Name).map(({ domainArn }) => String(domainArn));
    },
    complete: completeCasesDomain,
  },
  async update(changing) {
    await retag(changing, {
      model: "connectcases",
      resource: { arn: changing.physicalId },
      map: "tags",
    });
    return undefined;
  },
  remove: ({ call, physicalId }) => call("connectcases", "DeleteDomain", { domainId: idIn(physicalId) }),
};

async function completeCasesDomain(work: Work, arn: string): Promise<Made> {
  if (work.tags.length > 0) await work.call("connectcases", "TagResource", { arn, ...tagMap(work, "tags") });
  const DomainId = idIn(arn);
  const { createdTime, domainStatus } = await work.call("connectcases", "GetDomain", { domainId: DomainId });
  const attributes = { DomainArn: arn, DomainId, DomainStatus: domainStatus, CreatedTime: createdTime };
  return { physicalId: arn, attributes };
}

/** What is in a domain of Cases: `field`, `layout`, `template`, `case-rule`. */
function inCasesDomain(
  name: string,
  member: string,
  updatable: readonly string[],
  replacing: readonly string[],
  required: readonly string[],
): ResourceType {
  const idMember = `${member}Id`;
  const capital = member[0]?.toUpperCase() + member.slice(1);
  const isRead = name === "Layout" || name === "Template";
  /** When it was made and changed, and whose it is. Fields and rules are read as lists. */
  async function times({ call, properties: { DomainId } }: Work, arn: string): Promise<Properties> {
    const id = idIn(arn);
    const list = `${member}s`;
    const answer = isRead
      ? await call("connectcases", `Get${name}`, { DomainId, [idMember]: id })
      : await call("connectcases", `BatchGet${name}`, { DomainId, [list]: [{ id }] });
    const { createdTime, lastModifiedTime, namespace } = isRead ? answer : answer[list][0];
    return {
      CreatedTime: createdTime,
      LastModifiedTime: lastModifiedTime,
      ...(namespace !== undefined && { Namespace: namespace }),
    };
  }
  async function complete(work: Work, arn: string): Promise<Made> {
    if (work.tags.length > 0) await work.call("connectcases", "TagResource", { arn, ...tagMap(work, "tags") });
    const attributes = { [`${capital}Arn`]: arn, [`${capital}Id`]: idIn(arn), ...(await times(work, arn)) };
    return { physicalId: arn, attributes };
  }
  return {
    updatable: [...updatable, "Tags"],
    replacing: ["DomainId", ...replacing],
    required,
    async create(work) {
      const answer = await work.call(
        "connectcases",
        `Create${name}`,
        pick(work.properties, ["DomainId", ...updatable, ...replacing]),
      );
      const arn = String(answer[`${member}Arn`]);
      work.began(arn);
      return complete(work, arn);
    },
    recovery: {
      async candidates({ call, properties: { DomainId, Name } }) {
        const items = await listed(call, "connectcases", `List${name}s`, { member: `${member}s`, DomainId });
        return items.filter((item) => item.name === Name).map((item) => String(item[`${member}Arn`]));
      },
      complete,
    },
    async update(changing) {
      const { call, properties, physicalId } = changing;
      if (changing.changed(...updatable)) {
        const key = { DomainId: properties.DomainId, [idMember]: idIn(physicalId) };
        await call("connectcases", `Update${name}`, { ...pick(properties, updatable), ...key });
      }
      await retag(changing, { model: "connectcases", resource: { arn: physicalId }, map: "tags" });
      return times(changing, physicalId);
    },
    remove: ({ call, properties, physicalId }) =>
      call("connectcases", `Delete${name}`, { DomainId: properties.DomainId, [idMember]: idIn(physicalId) }),
  };
}

/** Templates have a task's properties as a list, and the one kind of trigger that has some without its name. */
function flowInput({ Tasks, TriggerConfig, FlowStatus: _, ...rest }: Properties): Properties {
  const { TriggerProperties, TriggerType } = (TriggerConfig ?? {}) as Properties;
  const tasks = listAt({ Tasks }, "Tasks").map(({ TaskProperties, ...task }: Properties) => {
    const pairs = listAt({ TaskProperties }, "TaskProperties") as { Key: string; Value: string }[];
    return { ...task, TaskProperties: Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value])) };
  });
  return {
    ...rest,
    ...(Tasks !== undefined && { Tasks: tasks }),
    ...(TriggerConfig !== undefined && {
      TriggerConfig: {
        TriggerType,
        ...(TriggerProperties !== undefined && { TriggerProperties: { [String(TriggerType)]: TriggerProperties } }),
      },
    }),
  };
}

const FLOW = words("Description DestinationFlowConfigList MetadataCatalogConfig SourceFlowConfig Tasks TriggerConfig");
const plainFlow = plain({
  model: "appflow",
  tags: "Tags",
  create: "CreateFlow",
  update: "UpdateFlow",
  remove: "DeleteFlow",
  updatable: FLOW,
  replacing: ["FlowName", "KMSArn"],
  required: words("DestinationFlowConfigList FlowName SourceFlowConfig Tasks TriggerConfig"),
  input: flowInput,
  key: ({ FlowName }) => ({ FlowName }),
  arn: ({ attributes }) => attributes.FlowArn,
  existing: ({ call, properties }) => oneFound(call("appflow", "DescribeFlow", pick(properties, ["FlowName"]))),
  made: ({ flowArn }, { properties }) => ({
    physicalId: textAt(properties, "FlowName"),
    attributes: { FlowArn: flowArn },
  }),
});

/** A flow on a schedule or by events runs once its status says so. */
const flow: ResourceType = {
  ...plainFlow,
  updatable: [...FLOW, "FlowStatus", "Tags"],
  async create(work) {
    const made = await plainFlow.create(work);
    work.began(textAt(work.properties, "FlowName"));
    await putFlowStatus(work);
    return made;
  },
  recovery: {
    candidates: (work) => plainFlow.recovery?.candidates(work) ?? Promise.resolve([]),
    async complete(work, physicalId) {
      await putFlowStatus(work);
      const attributes = await plainFlow.recovery?.complete(work, physicalId);
      return { physicalId, ...attributes };
    },
  },
  async update(changing) {
    await plainFlow.update?.(changing);
    if (changing.changed("FlowStatus")) await putFlowStatus(changing);
    return undefined;
  },
};

async function putFlowStatus({ call, properties: { FlowName, FlowStatus, TriggerConfig } }: Work): Promise<void> {
  const { TriggerType } = (TriggerConfig ?? {}) as Properties;
  if (FlowStatus === undefined || TriggerType === "OnDemand") return;
  if (FlowStatus === "Active") await call("appflow", "StartFlow", { FlowName });
  else if (FlowStatus === "Suspended") await call("appflow", "StopFlow", { FlowName });
}

const eventIntegration = plain({
  model: "appintegrations",
  tags: "Tags",
  create: "CreateEventIntegration",
  update: "UpdateEventIntegration",
  remove: "DeleteEventIntegration",
  updatable: ["Description"],
  replacing: words("EventBridgeBus EventFilter Name"),
  required: words("EventBridgeBus EventFilter Name"),
  key: ({ Name }) => ({ Name }),
  existing: ({ call, properties }) =>
    oneFound(call("appintegrations", "GetEventIntegration", pick(properties, ["Name"]))),
  arn: ({ attributes }) => attributes.EventIntegrationArn,
  made: ({ EventIntegrationArn }, { properties }) => ({
    physicalId: textAt(properties, "Name"),
    attributes: { EventIntegrationArn },
  }),
});

export const customerDataTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::AppFlow::Flow": flow,
  "AWS::AppIntegrations::EventIntegration": eventIntegration,
  "AWS::Cases::CaseRule": inCasesDomain("CaseRule", "caseRule", words("Description Name Rule"), [], ["Name", "Rule"]),
  "AWS::Cases::Domain": casesDomain,
  "AWS::Cases::Field": inCasesDomain(
    "Field",
    "field",
    words("Attributes Description Name"),
    ["Type"],
    ["Name", "Type"],
  ),
  "AWS::Cases::Layout": inCasesDomain("Layout", "layout", words("Content Name"), [], ["Content", "Name"]),
  "AWS::Cases::Template": inCasesDomain(
    "Template",
    "template",
    words("Description LayoutConfiguration Name RequiredFields Rules Status"),
    [],
    ["Name"],
  ),
  "AWS::CustomerProfiles::CalculatedAttributeDefinition": calculatedAttribute,
  "AWS::CustomerProfiles::Domain": domain,
  "AWS::CustomerProfiles::EventStream": eventStream,
  "AWS::CustomerProfiles::EventTrigger": eventTrigger,
  "AWS::CustomerProfiles::Integration": integration,
  "AWS::CustomerProfiles::ObjectType": objectType,
  "AWS::CustomerProfiles::SegmentDefinition": segment,
};
