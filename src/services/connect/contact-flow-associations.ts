/**
 * Which flow a resource's contacts run: telephone numbers have theirs with them (AssociatePhoneNumberContactFlow), everything else has
 * it here. Resources of services that are not hosted here (numbers for text messages, connectors of analytics) are not looked up.
 */
import type {
  AssociateFlowRequest,
  BatchGetFlowAssociationRequest,
  BatchGetFlowAssociationResponse,
  DisassociateFlowRequest,
  FlowAssociationResourceType,
  FlowAssociationSummary,
  GetFlowAssociationRequest,
  GetFlowAssociationResponse,
  ListFlowAssociationResourceType,
  ListFlowAssociationsRequest,
  ListFlowAssociationsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { type FlowAssociation, flowAssociationKey, flowAssociations } from "./contact-flow-association-documents.ts";
import { parseQualified } from "./contact-flow-contents.ts";
import { getRunnableFlow } from "./contact-flows.ts";
import { getEmailAddress } from "./email-addresses.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import { PAGE_SIZE } from "./instance-resources.ts";
import { getInstance, type Instance } from "./instances.ts";
import { parsePhoneNumberId, phoneNumberArn, phoneNumberKey, phoneNumbers } from "./phone-numbers.ts";
import { findAll } from "./search.ts";

/** Contacts of a resource run this flow from then on. Another one takes its place. */
export async function associateFlow(
  input: Validated<AssociateFlowRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const resourceId = await resourceIdOf(unit, instance, input);
    const flow = await getRunnableFlow(unit, instance, parseQualified(input.FlowId).idOrArn);
    const association = { ...refOf(instance), type: input.ResourceType, resourceId, flowId: flow.id };
    unit.put(flowAssociations, flowAssociationKey(association), association);
  });
  return {};
}

export async function getFlowAssociation(
  input: Validated<GetFlowAssociationRequest>,
  context: Context,
): Promise<GetFlowAssociationResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { ResourceId, FlowId, ResourceType } = summaryOf(await getAssociation(context.store, instance, input));
  return { ResourceId, FlowId, ResourceType };
}

export async function disassociateFlow(
  input: Validated<DisassociateFlowRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    unit.delete(flowAssociations, flowAssociationKey(await getAssociation(unit, instance, input)));
  });
  return {};
}

/** Those of telephone numbers too; those of numbers for text messages not, which the operation has no type for. */
export async function listFlowAssociations(
  input: Validated<ListFlowAssociationsRequest>,
  context: Context,
): Promise<ListFlowAssociationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const all = await findAll(context.store, flowAssociations, instanceKey(instance, ""), []);
  const others = all
    .map(summaryOf)
    .flatMap(({ ResourceType, ...rest }) => (ResourceType === "SMS_PHONE_NUMBER" ? [] : [{ ResourceType, ...rest }]));
  const found: FlowAssociationSummary[] = [...others, ...(await ofPhoneNumbers(context.store, instance))]
    .filter(({ ResourceType }) => input.ResourceType === undefined || ResourceType === input.ResourceType)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const page = slicePage(found, nameOf, {
    of: ["ListFlowAssociations", instanceKey(instance), input.ResourceType],
    token: input.NextToken,
    limit: input.MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { FlowAssociationSummaryList: [...page.items], NextToken: page.nextToken };
}

/** Those of some resources. Resources that run no flow, or that are not there, are left out (our choice). */
export async function batchGetFlowAssociation(
  input: Validated<BatchGetFlowAssociationRequest>,
  context: Context,
): Promise<BatchGetFlowAssociationResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const ResourceType = input.ResourceType ?? "VOICE_PHONE_NUMBER";
  const found = await Promise.all(
    input.ResourceIds.map(async (ResourceId) => {
      const flowId = await flowIdOf(context, instance, { ResourceId, ResourceType });
      if (flowId === undefined) return [];
      return [{ ResourceId, FlowId: resourceArn("contactFlow", instance, flowId), ResourceType }];
    }),
  );
  return { FlowAssociationSummaryList: found.flat() };
}

async function flowIdOf(
  context: Context,
  instance: Instance,
  { ResourceId, ResourceType }: { readonly ResourceId: string; readonly ResourceType: ListFlowAssociationResourceType },
): Promise<string | undefined> {
  if (ResourceType === "VOICE_PHONE_NUMBER") {
    const id = parsePhoneNumberId(ResourceId, context);
    const number = id && (await context.store.get(phoneNumbers, phoneNumberKey({ ...context, id })));
    return number && number.instanceId === instance.instanceId ? number.flowId : undefined;
  }
  const association = await findAssociation(context.store, instance, { ResourceId, ResourceType });
  return association?.flowId;
}

interface Resource {
  readonly ResourceId: string;
  readonly ResourceType: FlowAssociationResourceType;
}

async function getAssociation(reader: Reader, instance: Instance, resource: Resource): Promise<FlowAssociation> {
  const association = await findAssociation(reader, instance, resource);
  if (!association) throw notFound(`No flow is associated with ${resource.ResourceType} ${resource.ResourceId}`);
  return association;
}

async function findAssociation(
  reader: Reader,
  instance: Instance,
  resource: Resource,
): Promise<FlowAssociation | undefined> {
  const { ResourceId, ResourceType: type } = resource;
  // An e-mail address that is not there has no flow either.
  const resourceId = await resourceIdOf(reader, instance, resource).catch(() => ResourceId);
  return reader.get(flowAssociations, flowAssociationKey({ ...refOf(instance), type, resourceId }));
}

async function resourceIdOf(
  reader: Reader,
  instance: Instance,
  { ResourceId, ResourceType }: Resource,
): Promise<string> {
  const isEmail = ResourceType === "INBOUND_EMAIL" || ResourceType === "OUTBOUND_EMAIL";
  return isEmail ? (await getEmailAddress(reader, instance, ResourceId)).id : ResourceId;
}

function summaryOf({ type, resourceId, flowId, ...instance }: FlowAssociation) {
  const isEmail = type === "INBOUND_EMAIL" || type === "OUTBOUND_EMAIL";
  return {
    ResourceId: isEmail ? resourceArn("emailAddress", instance, resourceId) : resourceId,
    FlowId: resourceArn("contactFlow", instance, flowId),
    ResourceType: type,
  };
}

async function ofPhoneNumbers(reader: Reader, instance: Instance): Promise<FlowAssociationSummary[]> {
  const range = { index: "instance", prefix: instanceKey(instance, ""), limit: NUMBERS_MAX };
  const { documents } = await reader.list(phoneNumbers, range);
  return documents.flatMap(({ flowId, ...number }) =>
    flowId === undefined
      ? []
      : [
          {
            ResourceId: phoneNumberArn(number),
            FlowId: resourceArn("contactFlow", instance, flowId),
            ResourceType: "VOICE_PHONE_NUMBER" as const,
          },
        ],
  );
}

/** Telephone numbers of an instance whose flows are listed: more are not read. */
const NUMBERS_MAX = 1_000;

function nameOf({ ResourceType, ResourceId }: FlowAssociationSummary): string {
  return `${ResourceType} ${ResourceId}`;
}
