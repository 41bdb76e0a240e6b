import type {
  ContactFlowModuleState,
  DeleteContactFlowModuleRequest,
  DescribeContactFlowModuleRequest,
  DescribeContactFlowModuleResponse,
  ListContactFlowModulesRequest,
  ListContactFlowModulesResponse,
  ContactFlowModule as ModuleDescription,
  UpdateContactFlowModuleMetadataRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader, Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, resourceArn } from "./arns.ts";
import { deletePublished, findContent, type Publication, parseQualified } from "./contact-flow-contents.ts";
import { deleteVersionsOf, getQualifiedVersion } from "./contact-flow-version-documents.ts";
import {
  getResource,
  type InstanceResource,
  instanceResources,
  listResources,
  refusingDuplicateName,
  resourceKey,
} from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** A part of flows that several of them invoke, without its contents. What is created or changed is published at once. */
export interface ContactFlowModule extends InstanceResource {
  readonly state: ContactFlowModuleState;
  readonly published: Publication;
  /** JSON: parameters and named branches of the module, where its document does not say them. */
  readonly settings?: string | undefined;
  /** Whether others than flows may invoke it. */
  readonly isExternallyInvocable?: boolean | undefined;
  /** The number of the newest version. Absent: it never had one. */
  readonly lastVersion?: number | undefined;
}

export const contactFlowModules: Collection<ContactFlowModule> = instanceResources("connect_contact_flow_modules");

export async function describeContactFlowModule(
  input: Validated<DescribeContactFlowModuleRequest>,
  context: Context,
): Promise<DescribeContactFlowModuleResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { idOrArn, qualifier } = parseQualified(input.ContactFlowModuleId);
  const module = await getContactFlowModule(context.store, instance, idOrArn);
  // What is saved is published, so the draft is the same.
  const isCurrent = qualifier === undefined || qualifier === "$SAVED";
  const version = isCurrent ? undefined : await getQualifiedVersion(context.store, module, qualifier);
  const content = await findContent(context.store, module, version?.number ?? "PUBLISHED");
  return {
    ContactFlowModule: {
      ...describeModule(module),
      Content: content?.content,
      FlowModuleContentSha256: content?.sha256,
      Version: version?.number,
      VersionDescription: version?.description,
    },
  };
}

export async function listContactFlowModules(
  input: Validated<ListContactFlowModulesRequest>,
  context: Context,
): Promise<ListContactFlowModulesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listResources(context.store, contactFlowModules, instance, {
    operation: "ListContactFlowModules",
    input,
    types: {
      wanted: input.ContactFlowModuleState === undefined ? [] : [input.ContactFlowModuleState],
      typeOf: ({ state }) => state,
    },
  });
  return {
    ContactFlowModulesSummaryList: page.items.map((module) => ({
      Id: module.id,
      Arn: resourceArn("contactFlowModule", module, module.id),
      Name: module.name,
      State: module.state,
    })),
    NextToken: page.nextToken,
  };
}

export async function updateContactFlowModuleMetadata(
  input: Validated<UpdateContactFlowModuleMetadataRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    unit.put(contactFlowModules, resourceKey(module), {
      ...module,
      name: input.Name ?? module.name,
      description: input.Description ?? module.description,
      state: input.State ?? module.state,
      lastModifiedMs: context.clock.now(),
    });
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

/** Deletes a module with its versions and aliases. Flows that invoke it take their error branch from then on. */
export async function deleteContactFlowModule(
  input: Validated<DeleteContactFlowModuleRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    deleteModuleDocuments(unit, module);
    await deleteVersionsOf(unit, module);
  });
  return {};
}

/** What the API tells of a module, its content aside. */
export function describeModule(module: ContactFlowModule): ModuleDescription {
  return {
    Arn: resourceArn("contactFlowModule", module, module.id),
    Id: module.id,
    Name: module.name,
    Description: module.description,
    State: module.state,
    Status: "PUBLISHED",
    Tags: { ...module.tags },
    Settings: module.settings,
    ExternalInvocationConfiguration:
      module.isExternallyInvocable === undefined ? undefined : { Enabled: module.isExternallyInvocable },
  };
}

/** A module of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getContactFlowModule(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<ContactFlowModule> {
  return getResource(reader, contactFlowModules, "contactFlowModule", instance, idOrArn);
}

/** Removes a module with its content, those of its versions aside. */
export function deleteModuleDocuments(unit: Unit, module: ContactFlowModule): void {
  unit.delete(contactFlowModules, resourceKey(module));
  deletePublished(unit, module);
}
