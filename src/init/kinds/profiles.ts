import { loadModel } from "../../models/catalog.ts";
import type { ServiceModel } from "../../models/model.ts";
import { type Doc, type Kind, lastPart } from "../kind.ts";

const FLOW = /^arn:[^:]+:appflow:.*:flow\//;

/** An integration that makes its flow is not told an ARN: it comes of the flow's name. */
function withFlow({ Uri, FlowDefinition, ...members }: Doc): Doc {
  if (FlowDefinition === undefined) return { Uri, ...members };
  return { ...members, FlowDefinition: { ...(FlowDefinition as Doc), FlowName: lastPart(Uri, "/") } };
}

/** What AppFlow tells of a flow, with members as Customer Profiles writes them: those begin with capitals. */
function capitalized(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = model.shapes[shapeName];
  if (value === undefined || value === null) return undefined;
  if (shape?.type === "list") {
    return Array.isArray(value) ? value.map((item) => capitalized(model, shape.member.shape, item)) : undefined;
  }
  if (shape?.type !== "structure") return value;
  const given = new Map(Object.entries(value).map(([name, item]) => [name.toLowerCase(), item as unknown]));
  return Object.fromEntries(
    Object.entries(shape.members)
      .map(([name, member]) => [name, capitalized(model, member.shape, given.get(name.toLowerCase()))] as const)
      .filter(([, item]) => item !== undefined),
  );
}

const DOMAIN = { DomainName: "Name" };

export const profileKinds: readonly Kind[] = [
  {
    section: "ProfileDomains",
    model: "customer-profiles",
    name: "DomainName",
    attributes: { Name: ["DomainName"] },
    list: { operation: "ListDomains", items: "Items", name: "DomainName" },
    read: { operation: "GetDomain", input: { DomainName: "Name" } },
    create: { operation: "CreateDomain" },
    changes: [{ operation: "UpdateDomain", input: { DomainName: "Name" } }],
    refs: { DeadLetterQueueUrl: "SqsQueues" },
  },
  {
    section: "ProfileObjectTypes",
    model: "customer-profiles",
    parent: "ProfileDomains",
    name: "ObjectTypeName",
    within: DOMAIN,
    attributes: { Name: ["ObjectTypeName"] },
    list: { operation: "ListProfileObjectTypes", items: "Items", name: "ObjectTypeName" },
    read: { operation: "GetProfileObjectType", input: { ObjectTypeName: "Name" } },
    create: { operation: "PutProfileObjectType" },
    changes: [{ operation: "PutProfileObjectType", input: { ObjectTypeName: "Name" } }],
    secret: ["Tags"],
    isOwn: ({ ObjectTypeName }) => !String(ObjectTypeName).startsWith("_"),
  },
  {
    section: "CalculatedAttributes",
    model: "customer-profiles",
    parent: "ProfileDomains",
    name: "CalculatedAttributeName",
    within: DOMAIN,
    attributes: { Name: ["CalculatedAttributeName"] },
    list: { operation: "ListCalculatedAttributeDefinitions", items: "Items", name: "CalculatedAttributeName" },
    read: { operation: "GetCalculatedAttributeDefinition", input: { CalculatedAttributeName: "Name" } },
    create: { operation: "CreateCalculatedAttributeDefinition" },
    changes: [{ operation: "UpdateCalculatedAttributeDefinition", input: { CalculatedAttributeName: "Name" } }],
    isOwn: ({ CalculatedAttributeName }) => !String(CalculatedAttributeName).startsWith("_"),
  },
  {
    section: "SegmentDefinitions",
    model: "customer-profiles",
    parent: "ProfileDomains",
    name: "SegmentDefinitionName",
    within: DOMAIN,
    attributes: { Name: ["SegmentDefinitionName"], Arn: ["SegmentDefinitionArn"] },
    list: { operation: "ListSegmentDefinitions", items: "Items", name: "SegmentDefinitionName" },
    read: { operation: "GetSegmentDefinition", input: { SegmentDefinitionName: "Name" } },
    create: { operation: "CreateSegmentDefinition" },
  },
  {
    section: "ProfileEventStreams",
    model: "customer-profiles",
    parent: "ProfileDomains",
    name: "EventStreamName",
    within: DOMAIN,
    attributes: { Name: ["EventStreamName"], Arn: ["EventStreamArn"] },
    list: { operation: "ListEventStreams", items: "Items", name: "EventStreamName" },
    read: {
      operation: "GetEventStream",
      input: { EventStreamName: "Name" },
      shaped: (found) => ({ Uri: (found.DestinationDetails as Doc).Uri, Tags: found.Tags }),
    },
    create: { operation: "CreateEventStream" },
    refs: { Uri: "Streams" },
  },
  {
    section: "EventTriggers",
    model: "customer-profiles",
    parent: "ProfileDomains",
    name: "EventTriggerName",
    within: DOMAIN,
    attributes: { Name: ["EventTriggerName"] },
    list: { operation: "ListEventTriggers", items: "Items", name: "EventTriggerName" },
    read: { operation: "GetEventTrigger", input: { EventTriggerName: "Name" } },
    create: { operation: "CreateEventTrigger" },
    changes: [{ operation: "UpdateEventTrigger", input: { EventTriggerName: "Name" } }],
    refs: { ObjectTypeName: "ProfileObjectTypes", SegmentFilter: "SegmentDefinitions" },
  },
  {
    section: "ProfileIntegrations",
    model: "customer-profiles",
    parent: "ProfileDomains",
    name: "Uri",
    within: DOMAIN,
    attributes: { Uri: ["Uri"] },
    list: { operation: "ListIntegrations", items: "Items", name: "Uri" },
    read: { operation: "GetIntegration", input: { Uri: "Uri" } },
    create: { operation: "PutIntegration", inputOf: withFlow },
    changes: [{ operation: "PutIntegration", input: { Uri: "Uri" } }],
    secret: ["FlowDefinition", "Tags"],
    exported: async (call, _attributes, { Uri }) => {
      if (!FLOW.test(String(Uri))) return {};
      const flow = await call("appflow", "DescribeFlow", { flowName: lastPart(Uri, "/") });
      return { FlowDefinition: capitalized(loadModel("customer-profiles"), "FlowDefinition", flow) };
    },
    refs: { EventTriggerNames: "EventTriggers", ObjectTypeName: "ProfileObjectTypes" },
  },
];
