/** EventBridge. */
import { type Properties, type ResourceType, type Work, words } from "../resource-type.ts";
import { found, idIn, listAt, pick, retag, tagList } from "./parts.ts";

type Call = Work["call"];

const RULE = words("Description EventBusName EventPattern RoleArn ScheduleExpression State");
const rule: ResourceType = {
  updatable: [...RULE.filter((name) => name !== "EventBusName"), "Targets", "Tags"],
  replacing: ["EventBusName", "Name"],
  required: [],
  name: { property: "Name", charactersMax: 64 },
  async create(work) {
    const { call, name: Name, properties } = work;
    const { RuleArn } = await call("events", "PutRule", { Name, ...pick(properties, RULE), ...tagList(work) });
    const physicalId = ruleId(Name, properties);
    work.began(physicalId);
    await putTargets(call, Name, properties, {});
    return { physicalId, attributes: { Arn: RuleArn } };
  },
  async update(changing) {
    const { call, physicalId, properties, before, attributes } = changing;
    const Name = idIn(physicalId.replaceAll("|", "/"));
    await call("events", "PutRule", { Name, ...pick(properties, RULE) });
    await putTargets(call, Name, properties, before);
    await retag(changing, { model: "events", resource: { ResourceARN: attributes.Arn }, keys: "TagKeys" });
    return undefined;
  },
  async remove({ call, physicalId, properties }) {
    const Name = idIn(physicalId.replaceAll("|", "/"));
    const bus = pick(properties, ["EventBusName"]);
    const { Targets = [] } = await call("events", "ListTargetsByRule", { Rule: Name, ...bus });
    const Ids = (Targets as { Id: string }[]).map(({ Id }) => Id);
    if (Ids.length > 0) await call("events", "RemoveTargets", { Rule: Name, ...bus, Ids });
    await call("events", "DeleteRule", { Name, ...bus });
  },
};

/** On the default bus its name; on another one `BUS|NAME`. */
function ruleId(name: string, { EventBusName }: Properties): string {
  const bus = EventBusName === undefined ? "default" : idIn(EventBusName);
  return bus === "default" ? name : `${bus}|${name}`;
}

async function putTargets(call: Call, Rule: string, properties: Properties, before: Properties): Promise<void> {
  const bus = pick(properties, ["EventBusName"]);
  const now = listAt(properties, "Targets") as { Id: string }[];
  const gone = (listAt(before, "Targets") as { Id: string }[]).filter(({ Id }) => !now.some((one) => one.Id === Id));
  if (gone.length > 0) await call("events", "RemoveTargets", { Rule, ...bus, Ids: gone.map(({ Id }) => Id) });
  if (now.length === 0) return;
  const { FailedEntries = [] } = await call("events", "PutTargets", { Rule, ...bus, Targets: now });
  const [failed] = FailedEntries;
  if (failed) throw new Error(`Target ${failed.TargetId} was refused: ${failed.ErrorMessage} (${failed.ErrorCode})`);
}

const bus: ResourceType = {
  updatable: ["Description", "Policy", "Tags", "DeadLetterConfig"],
  replacing: ["Name", "EventSourceName"],
  required: ["Name"],
  name: { property: "Name", charactersMax: 256 },
  async create(work) {
    const { call, name: Name, properties } = work;
    const members = words("Description EventSourceName DeadLetterConfig");
    const { EventBusArn } = await call("events", "CreateEventBus", {
      Name,
      ...pick(properties, members),
      ...tagList(work),
    });
    work.began(Name);
    await putBusPolicy(work);
    return { physicalId: Name, attributes: { Arn: EventBusArn, Name } };
  },
  async update(changing) {
    const { call, physicalId: EventBusName, properties, before, attributes } = changing;
    if (changing.changed("Description", "DeadLetterConfig")) {
      await call("events", "UpdateEventBus", {
        Name: EventBusName,
        ...pick(properties, ["Description", "DeadLetterConfig"]),
      });
    }
    if (properties.Policy !== undefined)
      await call("events", "PutPermission", { EventBusName, Policy: properties.Policy });
    else if (before.Policy !== undefined)
      await call("events", "RemovePermission", { EventBusName, RemoveAllPermissions: true });
    await retag(changing, { model: "events", resource: { ResourceARN: attributes.Arn }, keys: "TagKeys" });
    return undefined;
  },
  complete: putBusPolicy,
  remove: ({ call, physicalId: Name }) => call("events", "DeleteEventBus", { Name }),
  async find({ call, name: Name }) {
    const answer = await found(call("events", "DescribeEventBus", { Name }));
    return answer && { physicalId: Name, attributes: { Arn: answer.Arn, Name } };
  },
};

async function putBusPolicy({ call, name: EventBusName, properties: { Policy } }: Work): Promise<void> {
  if (Policy !== undefined) await call("events", "PutPermission", { EventBusName, Policy });
}

const busPolicy: ResourceType = {
  updatable: words("Action Condition Principal Statement"),
  replacing: ["EventBusName", "StatementId"],
  required: ["StatementId"],
  async create({ call, properties }) {
    await call("events", "PutPermission", permission(properties));
    const { StatementId, EventBusName = "default" } = properties;
    return { physicalId: `${EventBusName}|${StatementId}` };
  },
  async update({ call, properties }) {
    await call("events", "PutPermission", permission(properties));
    return undefined;
  },
  remove: ({ call, properties }) =>
    call("events", "RemovePermission", pick(properties, ["EventBusName", "StatementId"])),
};

function permission({ Statement, ...properties }: Properties): Properties {
  if (Statement === undefined) return properties;
  const { StatementId, EventBusName } = properties;
  const Policy = { Version: "2012-10-17", Statement: [{ Sid: StatementId, ...(Statement as Properties) }] };
  return { ...(EventBusName !== undefined && { EventBusName }), Policy };
}

const archive: ResourceType = {
  updatable: words("Description EventPattern RetentionDays"),
  replacing: ["ArchiveName", "SourceArn"],
  required: ["SourceArn"],
  name: { property: "ArchiveName", charactersMax: 48 },
  async create({ call, name: ArchiveName, properties: { SourceArn, ...rest } }) {
    const { ArchiveArn } = await call("events", "CreateArchive", { ...rest, ArchiveName, EventSourceArn: SourceArn });
    return { physicalId: ArchiveName, attributes: { Arn: ArchiveArn, ArchiveName } };
  },
  async update({ call, physicalId: ArchiveName, properties }) {
    await call("events", "UpdateArchive", {
      ArchiveName,
      ...pick(properties, words("Description EventPattern RetentionDays")),
    });
    return undefined;
  },
  remove: ({ call, physicalId: ArchiveName }) => call("events", "DeleteArchive", { ArchiveName }),
  async find({ call, name: ArchiveName }) {
    const answer = await found(call("events", "DescribeArchive", { ArchiveName }));
    return answer && { physicalId: ArchiveName, attributes: { Arn: answer.ArchiveArn, ArchiveName } };
  },
};

const connection: ResourceType = {
  updatable: words("AuthParameters AuthorizationType Description"),
  replacing: ["Name"],
  required: [],
  name: { property: "Name", charactersMax: 64 },
  async create({ call, name: Name, properties }) {
    await call("events", "CreateConnection", { ...properties, Name });
    return { physicalId: Name, attributes: await connectionAttributes(call, Name) };
  },
  async update({ call, physicalId: Name, properties }) {
    await call("events", "UpdateConnection", { ...properties, Name });
    return connectionAttributes(call, Name);
  },
  remove: ({ call, physicalId: Name }) => call("events", "DeleteConnection", { Name }),
  async find({ call, name: Name }) {
    const answer = await found(call("events", "DescribeConnection", { Name }));
    return answer && { physicalId: Name, attributes: await connectionAttributes(call, Name) };
  },
};

async function connectionAttributes(call: Call, Name: string): Promise<Properties> {
  const { ConnectionArn, SecretArn } = await call("events", "DescribeConnection", { Name });
  return { ...arns(ConnectionArn), ...(SecretArn !== undefined && { SecretArn }) };
}

/** An ARN ends with an id that is new with each resource of a name; policies name it without. */
function arns(arn: unknown): Properties {
  const text = String(arn);
  return { Arn: text, ArnForPolicy: text.slice(0, text.lastIndexOf("/")) };
}

const apiDestination: ResourceType = {
  updatable: words("ConnectionArn Description HttpMethod InvocationEndpoint InvocationRateLimitPerSecond"),
  replacing: ["Name"],
  required: words("ConnectionArn HttpMethod InvocationEndpoint"),
  name: { property: "Name", charactersMax: 64 },
  async create({ call, name: Name, properties }) {
    const { ApiDestinationArn } = await call("events", "CreateApiDestination", { ...properties, Name });
    return { physicalId: Name, attributes: arns(ApiDestinationArn) };
  },
  async update({ call, physicalId: Name, properties }) {
    await call("events", "UpdateApiDestination", { ...properties, Name });
    return undefined;
  },
  remove: ({ call, physicalId: Name }) => call("events", "DeleteApiDestination", { Name }),
  async find({ call, name: Name }) {
    const answer = await found(call("events", "DescribeApiDestination", { Name }));
    return answer && { physicalId: Name, attributes: arns(answer.ApiDestinationArn) };
  },
};

export const eventTypes: Readonly<Record<string, ResourceType>> = {
  "AWS::Events::ApiDestination": apiDestination,
  "AWS::Events::Archive": archive,
  "AWS::Events::Connection": connection,
  "AWS::Events::EventBus": bus,
  "AWS::Events::EventBusPolicy": busPolicy,
  "AWS::Events::Rule": rule,
};
