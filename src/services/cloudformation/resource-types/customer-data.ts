/** Customer Profiles, Cases, AppFlow and AppIntegrations. */
import { type Changing, type Properties, type ResourceType, words } from "../resource-type.ts";
import { idIn, listAt, pick, retag, tagMap, textAt } from "./parts.ts";
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
    return { physicalId: `${DomainName}|${ObjectTypeName}`, attributes: pick(answer, ["CreatedAt", "LastUpdatedAt"]) };
  },
  async update({ call, properties }) {
    await call("customer-profiles", "PutProfileObjectType", objectTypeInput(properties));
    return undefined;
  },
  remove: ({ call, properties }) =>
    call("customer-profiles", "DeleteProfileObjectType", pick(properties, ["DomainName", "ObjectTypeName"])),
};

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
  create: "PutIntegration",
  update: "PutIntegration",
  remove: "DeleteIntegration",
  updatable: words("EventTriggerNames FlowDefinition ObjectTypeName ObjectTypeNames"),
  replacing: ["DomainName", "Uri", "Scope", "RoleArn"],
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
  model: "customer-profiles",
  tags: "Tags",
  create: "CreateEventStream",
  remove: "DeleteEventStream",
  updatable: [],
  replacing: words("DomainName EventStreamName Uri"),
  required: words("DomainName EventStreamName Uri"),
  key: (properties) => pick(properties, ["DomainName", "EventStreamName"]),
  made: ({ EventStreamArn }, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.EventStreamName}`,
    attributes: { EventStreamArn },
  }),
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
  made: (answer, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.EventTriggerName}`,
    attributes: pick(answer, ["CreatedAt", "LastUpdatedAt"]),
  }),
});

const segment = plain({
  model: "customer-profiles",
  tags: "Tags",
  create: "CreateSegmentDefinition",
  remove: "DeleteSegmentDefinition",
  updatable: [],
  replacing: words(
    "Description DisplayName DomainName SegmentDefinitionName SegmentGroups SegmentSqlQuery SegmentSort",
  ),
  required: words("DisplayName DomainName SegmentDefinitionName"),
  key: (properties) => pick(properties, ["DomainName", "SegmentDefinitionName"]),
  made: ({ SegmentDefinitionArn, CreatedAt }, { properties }) => ({
    physicalId: `${properties.DomainName}|${properties.SegmentDefinitionName}`,
    attributes: { SegmentDefinitionArn, CreatedAt },
  }),
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
    const { domainArn, domainId, domainStatus } = await work.call(
      "connectcases",
      "CreateDomain",
      pick(work.properties, ["Name"]),
    );
    const arn = String(domainArn);
    work.began(arn);
    if (work.tags.length > 0) await work.call("connectcases", "TagResource", { arn, ...tagMap(work, "tags") });
    return { physicalId: arn, attributes: { DomainArn: arn, DomainId: domainId, DomainStatus: domainStatus } };
  },
  async update(changing) {
    await retag(changing, changing.before, {
      model: "connectcases",
      resource: { arn: changing.physicalId },
      map: "tags",
    });
    return undefined;
  },
  remove: ({ call, physicalId }) => call("connectcases", "DeleteDomain", { domainId: idIn(physicalId) }),
};

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
      if (work.tags.length > 0) await work.call("connectcases", "TagResource", { arn, ...tagMap(work, "tags") });
      return { physicalId: arn, attributes: { [`${capital}Arn`]: arn, [`${capital}Id`]: answer[idMember] } };
    },
    async update(changing) {
      const { call, properties, physicalId } = changing;
      if (changing.changed(...updatable)) {
        const key = { DomainId: properties.DomainId, [idMember]: idIn(physicalId) };
        await call("connectcases", `Update${name}`, { ...pick(properties, updatable), ...key });
      }
      await retag(changing, changing.before, { model: "connectcases", resource: { arn: physicalId }, map: "tags" });
      return undefined;
    },
    remove: ({ call, properties, physicalId }) =>
      call("connectcases", `Delete${name}`, { DomainId: properties.DomainId, [idMember]: idIn(physicalId) }),
  };
}

const appFlow = plain({
  model: "appflow",
  tags: "tags",
  create: "CreateFlow",
  update: "UpdateFlow",
  remove: "DeleteFlow",
  updatable: words("Description DestinationFlowConfigList SourceFlowConfig Tasks TriggerConfig MetadataCatalogConfig"),
  replacing: ["FlowName", "KMSArn"],
  required: words("DestinationFlowConfigList FlowName SourceFlowConfig Tasks TriggerConfig"),
  input: ({ Tasks, ...rest }) => ({
    ...rest,
    ...(Array.isArray(Tasks) && { Tasks: (Tasks as Properties[]).map(taskInput) }),
  }),
  key: ({ FlowName }) => ({ FlowName }),
  made: ({ flowArn }, { properties }) => ({
    physicalId: textAt(properties, "FlowName"),
    attributes: { FlowArn: flowArn },
  }),
});

/** Templates have a task's properties as a list. */
function taskInput({ TaskProperties, ...rest }: Properties): Properties {
  const list = listAt({ TaskProperties }, "TaskProperties") as { Key: string; Value: string }[];
  return { ...rest, taskProperties: Object.fromEntries(list.map(({ Key, Value }) => [Key, Value])) };
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
  arn: ({ attributes }) => attributes.EventIntegrationArn,
  made: ({ EventIntegrationArn }, { properties }) => ({
    physicalId: textAt(properties, "Name"),
    attributes: { EventIntegrationArn },
  }),
});

export const customerDataTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::AppFlow::Flow": appFlow,
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
    words("Description LayoutConfiguration Name RequiredFields Rules Status TagPropagationConfigurations"),
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
