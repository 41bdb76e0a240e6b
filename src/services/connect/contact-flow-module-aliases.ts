import type {
  CreateContactFlowModuleAliasRequest,
  CreateContactFlowModuleAliasResponse,
  DeleteContactFlowModuleAliasRequest,
  DescribeContactFlowModuleAliasRequest,
  DescribeContactFlowModuleAliasResponse,
  ListContactFlowModuleAliasesRequest,
  ListContactFlowModuleAliasesResponse,
  UpdateContactFlowModuleAliasRequest,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { refOf, resourceArn } from "./arns.ts";
import { type ContactFlowModule, contactFlowModules, getContactFlowModule } from "./contact-flow-modules.ts";
import {
  aliasKey,
  flowAliases,
  getAlias,
  listAliases,
  putAlias,
  requireRoomForAlias,
} from "./contact-flow-version-documents.ts";
import { invalidParameter } from "./errors.ts";
import { refusingDuplicateName, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

export async function createContactFlowModuleAlias(
  input: Validated<CreateContactFlowModuleAliasRequest>,
  context: Context,
): Promise<CreateContactFlowModuleAliasResponse> {
  requireOwnName(input.AliasName);
  const id = context.ids.uuid();
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    await requireRoomForAlias(unit, module);
    unit.put(contactFlowModules, resourceKey(module), module);
    await putAlias(unit, {
      ...refOf(instance),
      ownerId: module.id,
      id,
      name: input.AliasName,
      description: input.Description,
      version: input.ContactFlowModuleVersion,
      lastModifiedMs: context.clock.now(),
    });
    return { Id: id, ContactFlowModuleArn: aliasArn(module, id) };
  });
  return refusingDuplicateName(input.AliasName, commit);
}

export async function describeContactFlowModuleAlias(
  input: Validated<DescribeContactFlowModuleAliasRequest>,
  context: Context,
): Promise<DescribeContactFlowModuleAliasResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const module = await getContactFlowModule(context.store, instance, input.ContactFlowModuleId);
  const alias = await getAlias(context.store, module, input.AliasId);
  return {
    ContactFlowModuleAlias: {
      ContactFlowModuleId: module.id,
      ContactFlowModuleArn: aliasArn(module, alias.id),
      AliasId: alias.id,
      Version: alias.version,
      Name: alias.name,
      Description: alias.description,
      LastModifiedRegion: alias.region,
      LastModifiedTime: new Date(alias.lastModifiedMs),
    },
  };
}

export async function listContactFlowModuleAliases(
  input: Validated<ListContactFlowModuleAliasesRequest>,
  context: Context,
): Promise<ListContactFlowModuleAliasesResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const module = await getContactFlowModule(context.store, instance, input.ContactFlowModuleId);
  const page = await listAliases(context.store, module, "ListContactFlowModuleAliases", input);
  return {
    ContactFlowModuleAliasSummaryList: page.items.map((alias) => ({
      Arn: aliasArn(module, alias.id),
      AliasId: alias.id,
      Version: alias.version,
      AliasName: alias.name,
      AliasDescription: alias.description,
      LastModifiedTime: new Date(alias.lastModifiedMs),
    })),
    NextToken: page.nextToken,
  };
}

/** Changes what is given: the name, the description, the version that the alias leads to. */
export async function updateContactFlowModuleAlias(
  input: Validated<UpdateContactFlowModuleAliasRequest>,
  context: Context,
): Promise<Record<string, never>> {
  if (input.Name !== undefined) requireOwnName(input.Name);
  const commit = context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    const alias = await getAlias(unit, module, input.AliasId);
    await putAlias(unit, {
      ...alias,
      name: input.Name ?? alias.name,
      description: input.Description ?? alias.description,
      version: input.ContactFlowModuleVersion ?? alias.version,
      lastModifiedMs: context.clock.now(),
    });
  });
  await refusingDuplicateName(input.Name, commit);
  return {};
}

export async function deleteContactFlowModuleAlias(
  input: Validated<DeleteContactFlowModuleAliasRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const module = await getContactFlowModule(unit, instance, input.ContactFlowModuleId);
    unit.delete(flowAliases, aliasKey(await getAlias(unit, module, input.AliasId)));
  });
  return {};
}

/** `$SAVED`, `$LATEST` and numbers behind an ARN have a meaning of their own (our choice). */
function requireOwnName(name: string): void {
  if (/^(?:\$.*|\d+)$/.test(name)) throw invalidParameter(`${name} cannot be the name of an alias`);
}

function aliasArn(module: ContactFlowModule, aliasId: string): string {
  return `${resourceArn("contactFlowModule", module, module.id)}:${aliasId}`;
}
