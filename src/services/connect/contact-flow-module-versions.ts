import type {
  CreateContactFlowModuleVersionRequest,
  CreateContactFlowModuleVersionResponse,
  DeleteContactFlowModuleVersionRequest,
  ListContactFlowModuleVersionsRequest,
  ListContactFlowModuleVersionsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { resourceArn } from "./arns.ts";
import { contactFlowModules, getContactFlowModule } from "./contact-flow-modules.ts";
import { addVersion, deleteVersion, listVersions } from "./contact-flow-version-documents.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

export async function createContactFlowModuleVersion(
  input: Validated<CreateContactFlowModuleVersionRequest>,
  context: Context,
): Promise<CreateContactFlowModuleVersionResponse> {
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    const number = await addVersion(unit, module, {
      sha256: input.FlowModuleContentSha256,
      description: input.Description,
      lastModifiedMs: context.clock.now(),
      lastModifiedRegion: module.region,
    });
    unit.put(contactFlowModules, resourceKey(module), { ...module, lastVersion: number });
    return {
      ContactFlowModuleArn: `${resourceArn("contactFlowModule", module, module.id)}:${number}`,
      Version: number,
    };
  });
}

export async function listContactFlowModuleVersions(
  input: Validated<ListContactFlowModuleVersionsRequest>,
  context: Context,
): Promise<ListContactFlowModuleVersionsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const module = await getContactFlowModule(context.store, instance, input.ContactFlowModuleId);
  const page = await listVersions(context.store, module, "ListContactFlowModuleVersions", input);
  return {
    ContactFlowModuleVersionSummaryList: page.items.map(({ number, description }) => ({
      Arn: `${resourceArn("contactFlowModule", module, module.id)}:${number}`,
      Version: number,
      VersionDescription: description,
    })),
    NextToken: page.nextToken,
  };
}

/** Deletes a version to which no alias leads. */
export async function deleteContactFlowModuleVersion(
  input: Validated<DeleteContactFlowModuleVersionRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    await deleteVersion(unit, module, input.ContactFlowModuleVersion);
  });
  return {};
}
