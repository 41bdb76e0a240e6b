import type {
  CreateContactFlowVersionRequest,
  CreateContactFlowVersionResponse,
  DeleteContactFlowVersionRequest,
  ListContactFlowVersionsRequest,
  ListContactFlowVersionsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { resourceArn } from "./arns.ts";
import { addVersion, deleteVersion, listVersions } from "./contact-flow-version-documents.ts";
import { contactFlows, getContactFlow } from "./contact-flows.ts";
import { invalidParameter } from "./errors.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** Gives the published content the next number. A number that the caller names must be that one (our choice). */
export async function createContactFlowVersion(
  input: Validated<CreateContactFlowVersionRequest>,
  context: Context,
): Promise<CreateContactFlowVersionResponse> {
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const flow = await getContactFlow(unit, instance, input.ContactFlowId);
    const number = await addVersion(unit, flow, {
      sha256: input.FlowContentSha256,
      description: input.Description,
      lastModifiedMs: input.LastModifiedTime?.getTime() ?? context.clock.now(),
      lastModifiedRegion: input.LastModifiedRegion ?? flow.region,
    });
    if (input.ContactFlowVersion !== undefined && input.ContactFlowVersion !== number) {
      throw invalidParameter(`The next version of flow ${flow.id} is ${number}`);
    }
    unit.put(contactFlows, resourceKey(flow), { ...flow, lastVersion: number });
    return { ContactFlowArn: versionArn(resourceArn("contactFlow", flow, flow.id), number), Version: number };
  });
}

export async function listContactFlowVersions(
  input: Validated<ListContactFlowVersionsRequest>,
  context: Context,
): Promise<ListContactFlowVersionsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const flow = await getContactFlow(context.store, instance, input.ContactFlowId);
  const page = await listVersions(context.store, flow, "ListContactFlowVersions", input);
  return {
    ContactFlowVersionSummaryList: page.items.map((version) => ({
      Arn: versionArn(resourceArn("contactFlow", flow, flow.id), version.number),
      Version: version.number,
      VersionDescription: version.description,
      LastModifiedTime: new Date(version.lastModifiedMs),
      LastModifiedRegion: version.lastModifiedRegion,
    })),
    NextToken: page.nextToken,
  };
}

export async function deleteContactFlowVersion(
  input: Validated<DeleteContactFlowVersionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const flow = await getContactFlow(unit, instance, input.ContactFlowId);
    await deleteVersion(unit, flow, input.ContactFlowVersion);
  });
  return {};
}

function versionArn(arn: string, number: number): string {
  return `${arn}:${number}`;
}
