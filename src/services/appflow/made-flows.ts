/**
 * Flows that AppFlow's own API makes. They lead into Customer Profiles, as all flows here do; what else a flow could say is refused by name.
 * Those that an integration made (`PutIntegration` with a `FlowDefinition`) are changed and deleted here too.
 */
import type {
  CreateFlowRequest,
  CreateFlowResponse,
  DeleteFlowRequest,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateFlowRequest,
  UpdateFlowResponse,
} from "@aws-sdk/client-appflow";
import type { FlowDefinition } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { conflict, notFound, quotaExceeded, validation } from "./errors.ts";
import { CONNECTOR_MEMBERS, planFlow, TASK_TYPES } from "./flow-definition.ts";
import { type Flow, type FlowRef, flowArn, flowKey, flows, parseFlowArn } from "./flow-document.ts";
import { getFlow } from "./flow-operations.ts";
import { FlowDefinitionError, type FlowPlan } from "./flow-plan.ts";
import { createFlow, deleteFlow, replanFlow } from "./flows.ts";

type Definition = Validated<CreateFlowRequest> | Validated<UpdateFlowRequest>;

/** One on demand is `Active` at once; one with a schedule or events is a `Draft` until `StartFlow`. */
export async function createFlowOperation(
  input: Validated<CreateFlowRequest>,
  context: Context,
): Promise<CreateFlowResponse> {
  const plan = plannedFlow(input, input.kmsArn);
  const tags = checkedTags(input.tags ?? {});
  const flow = await context.store.commit(async (unit) => {
    const { account, region, principalArn: createdBy } = context;
    const ref = { account, region, name: input.flowName };
    const made = await createFlow(unit, context, {
      ...ref,
      plan,
      ...destinationOf(input, ref),
      createdBy,
      isOwn: true,
      status: plan.trigger.type === "OnDemand" ? "Active" : "Draft",
      tags,
    });
    if (!made) throw conflict(`Flow with name ${input.flowName} already exists.`);
    return made;
  });
  return { flowArn: flowArn(flow), flowStatus: flow.status };
}

/** Its runs so far stay; one that reads now goes on as it began. */
export async function updateFlow(input: Validated<UpdateFlowRequest>, context: Context): Promise<UpdateFlowResponse> {
  const flow = await context.store.commit(async (unit) => {
    const old = await getFlow(unit, context, input.flowName);
    const plan = plannedFlow(input, old.plan.kmsArn);
    return replanFlow(unit, context, { ...old, plan, ...destinationOf(input, old) });
  });
  return { flowStatus: flow.status };
}

/** Throws `ConflictException` while a run of it is in progress, unless `forceDelete` ends that too. */
export async function deleteFlowOperation(
  input: Validated<DeleteFlowRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const flow = await getFlow(unit, context, input.flowName);
    if (flow.activeRunId !== undefined && input.forceDelete !== true) {
      throw conflict(`Flow ${flow.name} is running: stop it first, or delete it with forceDelete`);
    }
    await deleteFlow(unit, context, flow);
  });
  return {};
}

export async function tagFlow(input: Validated<TagResourceRequest>, context: Context): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const flow = await flowOfArn(unit, context, input.resourceArn);
    unit.put(flows, flowKey(flow), { ...flow, tags: checkedTags({ ...flow.tags, ...input.tags }) });
  });
  return {};
}

export async function untagFlow(
  input: Validated<UntagResourceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const gone = new Set(input.tagKeys);
  await context.store.commit(async (unit) => {
    const flow = await flowOfArn(unit, context, input.resourceArn);
    const kept = Object.entries(flow.tags).filter(([key]) => !gone.has(key));
    unit.put(flows, flowKey(flow), { ...flow, tags: Object.fromEntries(kept) });
  });
  return {};
}

export async function listTagsOfFlow(
  input: Validated<ListTagsForResourceRequest>,
  context: Context,
): Promise<ListTagsForResourceResponse> {
  return { tags: { ...(await flowOfArn(context.store, context, input.resourceArn)).tags } };
}

async function flowOfArn(reader: Reader, context: Context, arn: string): Promise<Flow> {
  const ref = parseFlowArn(arn);
  if (!ref || ref.account !== context.account || ref.region !== context.region) {
    throw notFound(`Resource ${arn} is not found.`);
  }
  return getFlow(reader, context, ref.name);
}

const TAGS_MAX = 50;

function checkedTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const keys = Object.keys(tags);
  if (keys.some((key) => key.toLowerCase().startsWith("aws:"))) throw validation("tags: keys cannot begin with aws:");
  if (keys.length > TAGS_MAX) throw quotaExceeded(`A resource may have at most ${TAGS_MAX} tags`);
  return tags;
}

/** Where it leads, which is one place. */
function destinationOf(
  { destinationFlowConfigList: [first, second] }: Definition,
  ref: FlowRef,
): Pick<Flow, "destinationArn" | "objectType"> {
  const at = "destinationFlowConfigList";
  if (!first || second) throw validation(`${at}: a flow has one destination`);
  const { connectorType, destinationConnectorProperties } = first;
  const properties = destinationConnectorProperties.CustomerProfiles;
  if (connectorType !== "CustomerProfiles") {
    throw validation(`${at}[0].connectorType: ${connectorType} is not built; flows lead to CustomerProfiles`);
  }
  if (!properties) throw validation(`${at}[0].destinationConnectorProperties: CustomerProfiles is needed`);
  const { domainName, objectTypeName: objectType } = properties;
  const { account, region } = ref;
  return { destinationArn: `arn:aws:profile:${region}:${account}:ingest/${domainName}/${flowArn(ref)}`, objectType };
}

/** What a definition says. Throws `ValidationException`, which names the member. */
function plannedFlow(input: Definition, kmsArn: string | undefined): FlowPlan {
  refuseUnbuilt(input);
  const { description, sourceFlowConfig, tasks, triggerConfig } = input;
  try {
    const definition = capitalized({
      description,
      sourceFlowConfig,
      tasks,
      triggerConfig,
    }) as Validated<FlowDefinition>;
    return { ...planFlow(definition), kmsArn };
  } catch (error) {
    if (!(error instanceof FlowDefinitionError)) throw error;
    const [, path = "", rest = ""] = /^([^:]*)(.*)$/s.exec(error.message) ?? [];
    throw validation(`${path.replaceAll(/(^|\.)([A-Z])(?=[a-z])/g, (text) => text.toLowerCase())}${rest}`);
  }
}

/** What Customer Profiles' definitions of flows do not have. */
function refuseUnbuilt({ metadataCatalogConfig, sourceFlowConfig, tasks, triggerConfig }: Definition): void {
  const { connectorType, apiVersion, sourceConnectorProperties } = sourceFlowConfig;
  const unbuilt = (member: string): Error => validation(`${member} is not built`);
  if (metadataCatalogConfig) throw unbuilt("metadataCatalogConfig");
  if (!(connectorType in CONNECTOR_MEMBERS)) throw unbuilt(`sourceFlowConfig.connectorType: ${connectorType}`);
  if (apiVersion !== undefined) throw unbuilt("sourceFlowConfig.apiVersion");
  const { S3, Salesforce } = sourceConnectorProperties;
  const at = "sourceFlowConfig.sourceConnectorProperties";
  if (S3?.s3InputFormatConfig) throw unbuilt(`${at}.S3.s3InputFormatConfig`);
  if (Salesforce?.dataTransferApi) throw unbuilt(`${at}.Salesforce.dataTransferApi`);
  if (triggerConfig.triggerProperties?.Scheduled?.flowErrorDeactivationThreshold !== undefined) {
    throw unbuilt("triggerConfig.triggerProperties.Scheduled.flowErrorDeactivationThreshold");
  }
  for (const [place, { taskType }] of tasks.entries()) {
    if (!TASK_TYPES.has(taskType)) throw unbuilt(`tasks[${place}].taskType: ${taskType}`);
  }
}

/** With its members, at whatever depth, as Customer Profiles spells them: `BucketName` for `bucketName`. */
function capitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalized);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name.charAt(0).toUpperCase() + name.slice(1),
    capitalized(member),
  ]);
  return Object.fromEntries(members);
}
