import type {
  ContactFlow as ContactFlowDescription,
  ContactFlowState,
  ContactFlowStatus,
  ContactFlowType,
  DeleteContactFlowRequest,
  DescribeContactFlowRequest,
  DescribeContactFlowResponse,
  ListContactFlowsRequest,
  ListContactFlowsResponse,
  UpdateContactFlowMetadataRequest,
  UpdateContactFlowNameRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, resourceArn } from "./arns.ts";
import {
  deleteContent,
  deletePublished,
  findContent,
  type Publication,
  parseQualified,
  publishContent,
  putContent,
} from "./contact-flow-contents.ts";
import { deleteVersionsOf, getQualifiedVersion } from "./contact-flow-version-documents.ts";
import type { Contact } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import {
  findResource,
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** A flow without its contents (`contact-flow-contents.ts`), of which it has a published one, a saved one and one for each version. */
export interface ContactFlow extends InstanceResource {
  readonly type: ContactFlowType;
  readonly state: ContactFlowState;
  /** `SAVED`: never published. */
  readonly status: ContactFlowStatus;
  /** One of those that the instance was created with. */
  readonly isDefault: boolean;
  /** Absent: never published. */
  readonly published?: Publication | undefined;
  /** The number of the newest version. Absent: it never had one. */
  readonly lastVersion?: number | undefined;
}

export const contactFlows: Collection<ContactFlow> = instanceResources("connect_contact_flows", {
  default: {
    type: "text",
    unique: true,
    value: (flow) => (flow.isDefault ? instanceKey(flow, flow.type) : undefined),
  },
});

export async function describeContactFlow(
  input: Validated<DescribeContactFlowRequest>,
  context: Context,
): Promise<DescribeContactFlowResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { idOrArn, qualifier } = parseQualified(input.ContactFlowId);
  const flow = await getContactFlow(context.store, instance, idOrArn);
  const saved = qualifier === "$SAVED";
  const version =
    qualifier === undefined || saved ? undefined : await getQualifiedVersion(context.store, flow, qualifier);
  if (flow.status === "SAVED" && !saved && !version) {
    throw new ModeledError("ContactFlowNotPublishedException", `Flow ${flow.id} has never been published`);
  }
  const status = saved ? "SAVED" : "PUBLISHED";
  const content = await findContent(context.store, flow, version?.number ?? status);
  return {
    ContactFlow: {
      ...describeFlow(flow),
      Status: status,
      Content: content?.content,
      FlowContentSha256: content?.sha256,
      Version: version?.number,
      VersionDescription: version?.description,
    },
  };
}

export async function updateContactFlowMetadata(
  input: Validated<UpdateContactFlowMetadataRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const flow = await getContactFlow(unit, instance, input.ContactFlowId);
    unit.put(contactFlows, resourceKey(flow), {
      ...flow,
      name: input.Name ?? flow.name,
      description: input.Description ?? flow.description,
      state: input.ContactFlowState ?? flow.state,
      lastModifiedMs: context.clock.now(),
    });
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

/** The older way to do the same. */
export async function updateContactFlowName(
  input: Validated<UpdateContactFlowNameRequest>,
  context: Context,
): Promise<Record<string, never>> {
  return updateContactFlowMetadata(input, context);
}

export async function listContactFlows(
  input: Validated<ListContactFlowsRequest>,
  context: Context,
): Promise<ListContactFlowsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, contactFlows, instance, {
    operation: "ListContactFlows",
    input,
    types: { wanted: input.ContactFlowTypes, typeOf: ({ type }) => type },
  });
  return {
    ContactFlowSummaryList: page.items.map((flow) => ({
      Id: flow.id,
      Arn: resourceArn("contactFlow", flow, flow.id),
      Name: flow.name,
      ContactFlowType: flow.type,
      ContactFlowState: flow.state,
      ContactFlowStatus: flow.status,
    })),
    NextToken: page.nextToken,
  };
}

/**
 * Deletes a flow. The defaults of an instance stay: contacts fall back on them. AccessDeniedException is the error that the
 * operation has for it (our choice).
 */
export async function deleteContactFlow(
  input: Validated<DeleteContactFlowRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const flow = await getContactFlow(unit, instance, input.ContactFlowId);
    if (flow.isDefault) {
      throw new ModeledError("AccessDeniedException", `Flow ${flow.id} is a default flow of the instance`);
    }
    deleteFlowDocuments(unit, flow);
    await deleteVersionsOf(unit, flow);
  });
  return {};
}

/** What the API tells of a flow, its content aside. */
export function describeFlow(flow: ContactFlow): ContactFlowDescription {
  return {
    Arn: resourceArn("contactFlow", flow, flow.id),
    Id: flow.id,
    Name: flow.name,
    Type: flow.type,
    State: flow.state,
    Status: flow.status,
    Description: flow.description,
    Tags: { ...flow.tags },
    LastModifiedTime: new Date(flow.lastModifiedMs),
    LastModifiedRegion: flow.region,
  };
}

/** A flow of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getContactFlow(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<ContactFlow> {
  return getResource(reader, contactFlows, "contactFlow", instance, idOrArn);
}

/** Whether a flow of the instance is there, by id or ARN, whatever version of it is named. */
export async function hasContactFlow(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<boolean> {
  const { idOrArn: unqualified } = parseQualified(idOrArn);
  return (await findResource(reader, contactFlows, "contactFlow", instance, unqualified)) !== undefined;
}

/** What a contact keeps of the flow that it is to run. */
export type FlowChoice = Pick<Contact, "flowId" | "flowVersion">;

/** The flow that a request names for a contact, by id or ARN, perhaps with a qualifier: `:$LATEST`, `:3`. */
export async function chooseFlow(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<FlowChoice> {
  const { idOrArn: unqualified, qualifier } = parseQualified(idOrArn);
  const flow = await getRunnableFlow(reader, instance, unqualified);
  if (qualifier === "$SAVED") throw invalidParameter(`The saved content of flow ${flow.id} cannot be run`);
  if (qualifier === undefined) return { flowId: flow.id };
  return { flowId: flow.id, flowVersion: (await getQualifiedVersion(reader, flow, qualifier)).number };
}

/** A flow that can be run: published, active and of a type that contacts start with. */
export async function getRunnableFlow(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<ContactFlow> {
  const flow = await getContactFlow(reader, instance, idOrArn);
  if (flow.status === "SAVED") throw invalidParameter(`Flow ${flow.id} has never been published`);
  if (flow.state === "ARCHIVED") throw invalidParameter(`Flow ${flow.id} is archived`);
  if (flow.type !== "CONTACT_FLOW") throw invalidParameter(`Flow ${flow.id} is of type ${flow.type}`);
  return flow;
}

/** Stores a flow with the content that its status says. A published content is the saved one too, until another is saved. */
export async function putContactFlow(unit: Unit, flow: ContactFlow, content: string): Promise<void> {
  putContent(unit, flow, "SAVED", content);
  const isPublished = flow.status === "PUBLISHED";
  const published = isPublished ? await publishContent(unit, flow, content, flow.lastModifiedMs) : undefined;
  unit.put(contactFlows, resourceKey(flow), { ...flow, published });
}

/** Removes a flow with its contents, those of its versions aside. */
export function deleteFlowDocuments(unit: Unit, flow: ContactFlow): void {
  unit.delete(contactFlows, resourceKey(flow));
  deletePublished(unit, flow);
  deleteContent(unit, flow, "SAVED");
}
