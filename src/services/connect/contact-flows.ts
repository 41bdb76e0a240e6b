import { createHash } from "node:crypto";
import type {
  ContactFlowState,
  ContactFlowStatus,
  ContactFlowType,
  CreateContactFlowRequest,
  CreateContactFlowResponse,
  DeleteContactFlowRequest,
  DescribeContactFlowRequest,
  DescribeContactFlowResponse,
  ListContactFlowsRequest,
  ListContactFlowsResponse,
  UpdateContactFlowContentRequest,
  UpdateContactFlowMetadataRequest,
  UpdateContactFlowNameRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, refOf, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { quotaReached } from "./quotas.ts";

/**
 * A flow without its content. A flow has up to two contents: the published one, which contacts run, and the saved one, which
 * `:$SAVED` behind the id asks for. They are documents of their own, since a list of flows needs neither.
 */
export interface ContactFlow extends InstanceResource {
  readonly type: ContactFlowType;
  readonly state: ContactFlowState;
  /** `SAVED`: never published. */
  readonly status: ContactFlowStatus;
  /** One of those that the instance was created with. */
  readonly isDefault: boolean;
}

export const contactFlows: Collection<ContactFlow> = instanceResources("connect_contact_flows");

/** The text as it came. By flow and status. */
const contactFlowContents: Collection<{ readonly content: string; readonly sha256: string }> = collection(
  "connect_contact_flow_contents",
);

/** Content of a flow, in characters (API reference of CreateContactFlow). */
const CONTENT_LENGTH_MAX = 256_000;

/** Behind a flow's id or ARN: asks for the content that is saved and perhaps not published. */
const SAVED_ALIAS = ":$SAVED";

export async function createContactFlow(
  input: Validated<CreateContactFlowRequest>,
  context: Context,
): Promise<CreateContactFlowResponse> {
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    checkContent(input.Content);
    const counted = { collection: contactFlows, prefix: instanceKey(instance, "") };
    if (await quotaReached(unit, context.limits, "connect.flows-per-instance", counted)) {
      throw new ModeledError("LimitExceededException", "The quota of flows per instance is used up");
    }
    const flow: ContactFlow = {
      ...refOf(instance),
      id,
      name: input.Name,
      description: input.Description,
      type: input.Type,
      state: "ACTIVE",
      status: input.Status ?? "PUBLISHED",
      isDefault: false,
      tags: input.Tags ?? {},
      lastModifiedMs: context.clock.now(),
    };
    putContactFlow(unit, flow, input.Content);
    return {
      ContactFlowId: id,
      ContactFlowArn: resourceArn("contactFlow", instance, id),
      FlowContentSha256: sha256(input.Content),
    };
  });
  return refusingDuplicateName(input.Name, commit);
}

export async function describeContactFlow(
  input: Validated<DescribeContactFlowRequest>,
  context: Context,
): Promise<DescribeContactFlowResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { idOrArn, saved } = parseAlias(input.ContactFlowId);
  const flow = await getContactFlow(context.store, instance, idOrArn);
  if (flow.status === "SAVED" && !saved) {
    throw new ModeledError("ContactFlowNotPublishedException", `Flow ${flow.id} has never been published`);
  }
  const status = saved ? "SAVED" : "PUBLISHED";
  const content = await context.store.get(contactFlowContents, contentKey(flow, status));
  return {
    ContactFlow: {
      Arn: resourceArn("contactFlow", flow, flow.id),
      Id: flow.id,
      Name: flow.name,
      Type: flow.type,
      State: flow.state,
      Status: status,
      Description: flow.description,
      Content: content?.content,
      Tags: { ...flow.tags },
      FlowContentSha256: content?.sha256,
      LastModifiedTime: new Date(flow.lastModifiedMs),
      LastModifiedRegion: flow.region,
    },
  };
}

/** Publishes a new content, or, for an id with `:$SAVED`, only saves it. */
export async function updateContactFlowContent(
  input: Validated<UpdateContactFlowContentRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const { idOrArn, saved } = parseAlias(input.ContactFlowId);
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const flow = await getContactFlow(unit, instance, idOrArn);
    checkContent(input.Content);
    const lastModifiedMs = context.clock.now();
    if (saved) {
      unit.put(contactFlows, resourceKey(flow), { ...flow, lastModifiedMs });
      putContent(unit, flow, "SAVED", input.Content);
    } else {
      putContactFlow(unit, { ...flow, status: "PUBLISHED", lastModifiedMs }, input.Content);
    }
  });
  return {};
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
  });
  return {};
}

/** A flow of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getContactFlow(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<ContactFlow> {
  return getResource(reader, contactFlows, "contactFlow", instance, idOrArn);
}

/** The same, for a contact that is to run it: published, active and of a type that contacts start with. */
export async function getRunnableFlow(reader: Reader, instance: InstanceRef, idOrArn: string): Promise<ContactFlow> {
  const flow = await getContactFlow(reader, instance, idOrArn);
  if (flow.status === "SAVED") throw invalidParameter(`Flow ${flow.id} has never been published`);
  if (flow.state === "ARCHIVED") throw invalidParameter(`Flow ${flow.id} is archived`);
  if (flow.type !== "CONTACT_FLOW") throw invalidParameter(`Flow ${flow.id} is of type ${flow.type}`);
  return flow;
}

/** Stores a flow with the content that its status says. A published content is the saved one too, until another is saved. */
export function putContactFlow(unit: Unit, flow: ContactFlow, content: string): void {
  unit.put(contactFlows, resourceKey(flow), flow);
  putContent(unit, flow, "SAVED", content);
  if (flow.status === "PUBLISHED") putContent(unit, flow, "PUBLISHED", content);
}

/** Removes a flow with its contents. */
export function deleteFlowDocuments(unit: Unit, flow: ContactFlow): void {
  unit.delete(contactFlows, resourceKey(flow));
  unit.delete(contactFlowContents, contentKey(flow, "PUBLISHED"));
  unit.delete(contactFlowContents, contentKey(flow, "SAVED"));
}

function putContent(unit: Unit, flow: ContactFlow, status: ContactFlowStatus, content: string): void {
  unit.put(contactFlowContents, contentKey(flow, status), { content, sha256: sha256(content) });
}

function contentKey(flow: ContactFlow, status: ContactFlowStatus): string {
  return instanceKey(flow, flow.id, status);
}

function parseAlias(idOrArn: string): { idOrArn: string; saved: boolean } {
  return idOrArn.endsWith(SAVED_ALIAS)
    ? { idOrArn: idOrArn.slice(0, -SAVED_ALIAS.length), saved: true }
    : { idOrArn, saved: false };
}

/** Flows are opaque documents: their content must be a JSON object, and no more is asked of it. */
function checkContent(content: string): void {
  if (content.length < 1 || content.length > CONTENT_LENGTH_MAX) {
    throw invalidParameter(`Content must have 1 to ${CONTENT_LENGTH_MAX} characters`);
  }
  if (!parseJsonObject(content)) {
    const problems = [{ message: "Invalid JSON content" }];
    throw new ModeledError("InvalidContactFlowException", "The flow is not valid", { problems });
  }
}

function sha256(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
