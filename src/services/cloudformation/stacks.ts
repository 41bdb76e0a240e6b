import type {
  CreateStackInput,
  CreateStackOutput,
  DeleteStackInput,
  DescribeStacksInput,
  DescribeStacksOutput,
  ListStacksInput,
  ListStacksOutput,
  Stack as ShownStack,
  UpdateStackInput,
  UpdateStackOutput,
  UpdateTerminationProtectionInput,
  UpdateTerminationProtectionOutput,
} from "@aws-sdk/client-cloudformation";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { type Listing, listPage } from "../list-page.ts";
import { optionalDate } from "../optional-date.ts";
import type { Context } from "../service.ts";
import { closeSets } from "./change-set.ts";
import { changesOf } from "./changes.ts";
import { validationError } from "./errors.ts";
import { firstImporter } from "./finish.ts";
import { holdAnswer } from "./hold-answer.ts";
import { findResourceType } from "./resource-types/index.ts";
import { scopeOf } from "./scope.ts";
import { opened, openParameters } from "./secrets.ts";
import { findExpected } from "./signals.ts";
import {
  type Description,
  descriptionOf,
  EXPORTS,
  exportKey,
  findStack,
  getStack,
  type Operation,
  putStatus,
  STACKS,
  type Stack,
} from "./stack.ts";
import { shownParameters } from "./template/parameters.ts";
import { resolve } from "./template/resolve.ts";
import { parseTemplate } from "./template/template.ts";
import { describedBy } from "./templates.ts";
import { wakeEngine } from "./wake.ts";

const PAGE_SIZE = 100;

/** Begins to make a stack. Its resources follow. */
export async function createStack(input: Validated<CreateStackInput>, context: Context): Promise<CreateStackOutput> {
  refuseUnbuilt(input);
  const described = await describedBy(input, context);
  const { store } = context;
  const stack = newStack(input.StackName, described, context);
  const disableRollback = input.DisableRollback ?? input.OnFailure === "DO_NOTHING";
  const operation: Operation = {
    ...newOperation(described, context),
    kind: "create",
    onFailure: disableRollback ? "DO_NOTHING" : (input.OnFailure ?? "ROLLBACK"),
  };
  const isNested = await store.commit(async (unit) => {
    await checkFree(unit, context, input.StackName);
    const nesting = await findNesting(unit, context, input.ClientRequestToken);
    const created: Stack = {
      ...stack,
      ...nesting?.stack,
      ...settings(input),
      disableRollback,
      isProtected: input.EnableTerminationProtection ?? false,
    };
    await checkImports(context, unit, created, described);
    await putStatus(unit, context.clock.now(), created, "CREATE_IN_PROGRESS", {
      operation: { ...operation, ...nesting?.operation },
      reason: "User Initiated",
    });
    wakeEngine(unit, context);
    return nesting !== undefined;
  });
  // The step that makes a nested one would wait for itself.
  if (!isNested) await holdAnswer(context, stack.id);
  return { StackId: stack.id };
}

/** Where a stack's resource asks: what of its stack and operation follows from that. The token is nobody else's. */
async function findNesting(
  unit: Unit,
  context: Context,
  token: string | undefined,
): Promise<{ readonly stack: Partial<Stack>; readonly operation: Partial<Operation> } | undefined> {
  const expected = token === undefined ? undefined : await findExpected(unit, token);
  const parent = expected && (await findStack(unit, context, expected.stackId));
  if (expected === undefined || parent === undefined) return undefined;
  return {
    stack: { parentId: parent.id, rootId: parent.rootId ?? parent.id },
    operation: { token: expected.token },
  };
}

export function newStack(name: string, described: Description, { account, region, ids, clock }: Context): Stack {
  const { description } = parseTemplate(described.templateText);
  return {
    ...described,
    id: `arn:aws:cloudformation:${region}:${account}:stack/${name}/${ids.uuid()}`,
    account,
    region,
    name,
    status: "REVIEW_IN_PROGRESS",
    ...(description !== undefined && { description }),
    capabilities: [],
    notificationArns: [],
    disableRollback: false,
    isProtected: false,
    createdMs: clock.now(),
    outputs: [],
    imports: [],
  };
}

export function newOperation(described: Description, context: Context): Omit<Operation, "kind" | "onFailure"> {
  const { account, region, accessKeyId, principalArn, sourceIp, ids } = context;
  return {
    ...described,
    id: ids.uuid(),
    phase: "apply",
    caller: { account, region, accessKeyId, principalArn, ...(sourceIp !== undefined && { sourceIp }) },
  };
}

interface Settings {
  readonly Capabilities?: readonly string[] | undefined;
  readonly NotificationARNs?: readonly string[] | undefined;
  readonly RoleARN?: string | undefined;
  readonly TimeoutInMinutes?: number | undefined;
}

export function settings({ Capabilities, NotificationARNs, RoleARN, TimeoutInMinutes }: Settings): Partial<Stack> {
  return {
    ...(Capabilities && { capabilities: Capabilities }),
    ...(NotificationARNs && { notificationArns: NotificationARNs }),
    ...(RoleARN !== undefined && { roleArn: RoleARN }),
    ...(TimeoutInMinutes !== undefined && { timeoutInMinutes: TimeoutInMinutes }),
  };
}

function refuseUnbuilt(input: {
  readonly StackPolicyBody?: string | undefined;
  readonly StackPolicyURL?: string | undefined;
  readonly ResourceTypes?: readonly string[] | undefined;
  readonly RollbackConfiguration?: { readonly RollbackTriggers?: readonly unknown[] | undefined } | undefined;
}): void {
  if (input.StackPolicyBody !== undefined || input.StackPolicyURL !== undefined) {
    throw validationError("Stack policies are not built in Trunkline: StackPolicyBody, StackPolicyURL");
  }
  if (input.ResourceTypes?.length) throw validationError("ResourceTypes is not built in Trunkline");
  if (input.RollbackConfiguration?.RollbackTriggers?.length) {
    throw validationError("RollbackTriggers are not built in Trunkline: there are no alarms");
  }
}

async function checkFree(unit: Unit, context: Context, name: string): Promise<void> {
  checkName(name);
  if ((await findStack(unit, context, name)) === undefined) return;
  throw new ModeledError("AlreadyExistsException", `Stack [${name}] already exists`);
}

export function checkName(name: string): void {
  if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
    );
  }
}

/** What a stack imports must be there before it begins: the service says so at once. */
async function checkImports(context: Context, unit: Unit, stack: Stack, described: Description): Promise<void> {
  await scopeOf(context, unit, stack, described);
}

export async function updateStack(input: Validated<UpdateStackInput>, context: Context): Promise<UpdateStackOutput> {
  refuseUnbuilt(input);
  const before = await getStack(context.store, context, input.StackName);
  const described = await describedBy(input, context, before);
  await beginUpdate(context, before, {
    described,
    settings: settings(input),
    disableRollback: input.DisableRollback,
    token: input.ClientRequestToken,
  });
  return { StackId: before.id };
}

export interface UpdateOrder {
  readonly described: Description;
  readonly settings: Partial<Stack>;
  readonly disableRollback?: boolean | undefined;
  readonly token?: string | undefined;
  /** The change set that says so. */
  readonly changeSetId?: string;
}

const UPDATABLE = [
  "CREATE_COMPLETE",
  "UPDATE_COMPLETE",
  "UPDATE_ROLLBACK_COMPLETE",
  "UPDATE_FAILED",
  "CREATE_FAILED",
  "IMPORT_COMPLETE",
];

export function checkUpdatable({ id, status }: Stack): void {
  if (UPDATABLE.includes(status)) return;
  throw validationError(`Stack:${id} is in ${status} state and can not be updated.`);
}

/** Throws `ValidationError` where the stack cannot be updated now, or nothing would change. */
export async function beginUpdate(context: Context, stack: Stack, order: UpdateOrder): Promise<void> {
  const operation = newOperation(order.described, context);
  const isNested = await context.store.commit(async (unit) => {
    const current = await getStack(unit, context, stack.id);
    checkUpdatable(current);
    if (!(await isDifferent(context, unit, current, order.described)))
      throw validationError("No updates are to be performed.");
    await closeSets(unit, current.id, order.changeSetId);
    const nesting = await findNesting(unit, context, order.token);
    const { description: _, ...rest } = current;
    const { description } = parseTemplate(order.described.templateText);
    const next: Stack = {
      ...rest,
      ...order.settings,
      ...(description !== undefined && { description }),
      disableRollback: order.disableRollback ?? false,
      updatedMs: context.clock.now(),
    };
    await putStatus(unit, context.clock.now(), next, "UPDATE_IN_PROGRESS", {
      reason: "User Initiated",
      operation: {
        ...operation,
        ...nesting?.operation,
        kind: "update",
        onFailure: "ROLLBACK",
        before: descriptionOf(current),
      },
    });
    wakeEngine(unit, context);
    return nesting !== undefined;
  });
  if (!isNested) await holdAnswer(context, stack.id);
}

/** Whether anything of a stack's resources or outputs would be another. What cannot be resolved yet counts as such. */
async function isDifferent(context: Context, unit: Unit, stack: Stack, described: Description): Promise<boolean> {
  if (JSON.stringify(stack.tags) !== JSON.stringify(described.tags)) return true;
  if (!stack.status.endsWith("_COMPLETE")) return true;
  const { template, scope, wanted, resources } = await scopeOf(context, unit, stack, described);
  const there = [...resources.values()].filter(({ made }) => made !== undefined).map(({ logicalId }) => logicalId);
  if ([...there].sort().join() !== [...wanted].sort().join()) return true;
  try {
    for (const id of wanted) {
      const declared = template.resources[id];
      const resource = resources.get(id);
      const type = findResourceType(resource?.type ?? "");
      if (declared === undefined || resource?.made === undefined || type === undefined) return true;
      if (declared.type !== resource.type) return true;
      const { deletionPolicy, updateReplacePolicy } = resource.made;
      if (declared.deletionPolicy !== deletionPolicy || declared.updateReplacePolicy !== updateReplacePolicy)
        return true;
      const properties = (resolve(declared.properties, scope) ?? {}) as Record<string, unknown>;
      const before = opened(context, resource, resource.made.properties);
      if (type.isAlwaysChanged || changesOf(type, before, properties).length > 0) return true;
    }
    const now = parseTemplate(stack.templateText);
    return JSON.stringify(now.outputs) !== JSON.stringify(template.outputs) || outputsDiffer(context, stack, described);
  } catch (error) {
    if (error instanceof ModeledError) return true;
    throw error;
  }
}

function outputsDiffer(context: Context, stack: Stack, described: Description): boolean {
  const values = (of: Description): string => JSON.stringify([openParameters(context, stack, of), of.looked]);
  return stack.outputs.length > 0 && values(stack) !== values(described);
}

export async function deleteStack(input: Validated<DeleteStackInput>, context: Context): Promise<void> {
  const { store, clock } = context;
  const operationId = newOperation({ templateText: "", parameters: {}, tags: [] }, context);
  const begun = await store.commit(async (unit): Promise<string | undefined> => {
    const stack = await findStack(unit, context, input.StackName);
    // Deleting what is not there succeeds.
    if (stack === undefined || stack.deletedMs !== undefined) return undefined;
    const nesting = await findNesting(unit, context, input.ClientRequestToken);
    if (stack.status === "DELETE_IN_PROGRESS") {
      if (nesting && stack.operation) {
        unit.put(STACKS, stack.id, { ...stack, operation: { ...stack.operation, ...nesting.operation } });
      }
      return undefined;
    }
    if (/^UPDATE_.*IN_PROGRESS$/.test(stack.status)) {
      throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`);
    }
    if (stack.isProtected) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
    }
    if (input.RetainResources?.length && stack.status !== "DELETE_FAILED") {
      throw validationError(
        "Invalid operation on stack. RetainResources can only be specified when the stack is in the DELETE_FAILED state.",
      );
    }
    const operation: Operation = {
      ...operationId,
      ...nesting?.operation,
      ...descriptionOf(stack),
      kind: "delete",
      phase: "delete",
      onFailure: "DO_NOTHING",
      ...(input.RetainResources && { retained: input.RetainResources }),
    };
    const inUse = await exportInUse(unit, stack);
    if (inUse !== undefined) {
      const reason = "User Initiated";
      await putStatus(unit, clock.now(), stack, "DELETE_IN_PROGRESS", { operation, reason });
      await putStatus(unit, clock.now(), { ...stack, operation }, "DELETE_FAILED", { reason: inUse });
      return undefined;
    }
    for (const { exportName: name } of stack.outputs) {
      if (name !== undefined) unit.delete(EXPORTS, exportKey({ ...stack, name }));
    }
    const next = input.RoleARN === undefined ? stack : { ...stack, roleArn: input.RoleARN };
    await putStatus(unit, clock.now(), next, "DELETE_IN_PROGRESS", { operation, reason: "User Initiated" });
    wakeEngine(unit, context);
    return nesting === undefined ? stack.id : undefined;
  });
  if (begun !== undefined) await holdAnswer(context, begun);
}

async function exportInUse(unit: Unit, { account, region, outputs }: Stack): Promise<string | undefined> {
  for (const { exportName: name } of outputs) {
    if (name === undefined) continue;
    const importer = await firstImporter(unit, { account, region, name });
    if (importer !== undefined) return `Export ${name} cannot be deleted as it is in use by ${importer}`;
  }
  return undefined;
}

export async function describeStacks(
  input: Validated<DescribeStacksInput>,
  context: Context,
): Promise<DescribeStacksOutput> {
  const { store, account, region } = context;
  if (input.StackName !== undefined) {
    return { Stacks: [shownStack(await getStack(store, context, input.StackName))] };
  }
  const listing = { ...listingOf(context), keep: ({ deletedMs }: Stack) => deletedMs === undefined };
  const page = await listPage(store, listing, {
    of: [account, region, "DescribeStacks"],
    token: input.NextToken,
    limit: PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { Stacks: page.items.map(shownStack), ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

function listingOf({ account, region }: Context): Listing<Stack> {
  return {
    collection: STACKS,
    under: [],
    prefix: `arn:aws:cloudformation:${region}:${account}:stack/`,
    nameOf: ({ id }) => id,
  };
}

export function invalidNextToken(): Error {
  return validationError("The NextToken is invalid.");
}

export async function listStacks(input: Validated<ListStacksInput>, context: Context): Promise<ListStacksOutput> {
  const { store, account, region } = context;
  const wanted: readonly string[] = input.StackStatusFilter ?? [];
  const listing = {
    ...listingOf(context),
    keep: ({ status }: Stack) => wanted.length === 0 || wanted.includes(status),
  };
  const page = await listPage(store, listing, {
    of: [account, region, "ListStacks", wanted],
    token: input.NextToken,
    limit: PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return {
    StackSummaries: page.items.map((stack) => ({
      StackId: stack.id,
      StackName: stack.name,
      StackStatus: stack.status,
      ...(stack.parentId !== undefined && { ParentId: stack.parentId, RootId: stack.rootId }),
      ...(stack.reason !== undefined && { StackStatusReason: stack.reason }),
      ...(stack.description !== undefined && { TemplateDescription: stack.description }),
      CreationTime: new Date(stack.createdMs),
      LastUpdatedTime: optionalDate(stack.updatedMs),
      DeletionTime: optionalDate(stack.deletedMs),
      DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
    })),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}

function shownStack(stack: Stack): ShownStack {
  return {
    StackId: stack.id,
    StackName: stack.name,
    StackStatus: stack.status,
    ...(stack.reason !== undefined && { StackStatusReason: stack.reason }),
    ...(stack.description !== undefined && { Description: stack.description }),
    ...(stack.changeSetId !== undefined && { ChangeSetId: stack.changeSetId }),
    ...(stack.parentId !== undefined && { ParentId: stack.parentId, RootId: stack.rootId }),
    ...(stack.roleArn !== undefined && { RoleARN: stack.roleArn }),
    Parameters: shownParameters(parseTemplate(stack.templateText), stack),
    CreationTime: new Date(stack.createdMs),
    LastUpdatedTime: optionalDate(stack.updatedMs),
    DeletionTime: optionalDate(stack.deletedMs),
    DisableRollback: stack.disableRollback,
    TimeoutInMinutes: stack.timeoutInMinutes,
    NotificationARNs: [...stack.notificationArns],
    Capabilities: [...stack.capabilities] as ShownStack["Capabilities"],
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      ...(description !== undefined && { Description: description }),
      ...(exportName !== undefined && { ExportName: exportName }),
    })),
    Tags: [...stack.tags],
    EnableTerminationProtection: stack.isProtected,
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

export async function updateTerminationProtection(
  input: Validated<UpdateTerminationProtectionInput>,
  context: Context,
): Promise<UpdateTerminationProtectionOutput> {
  const StackId = await context.store.commit(async (unit) => {
    const stack = await getStack(unit, context, input.StackName);
    unit.put(STACKS, stack.id, { ...stack, isProtected: input.EnableTerminationProtection });
    return stack.id;
  });
  return { StackId };
}
