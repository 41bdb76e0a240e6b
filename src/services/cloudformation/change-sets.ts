import type {
  Change,
  CreateChangeSetInput,
  CreateChangeSetOutput,
  DeleteChangeSetInput,
  DescribeChangeSetInput,
  DescribeChangeSetOutput,
  ExecuteChangeSetInput,
  ListChangeSetsInput,
  ListChangeSetsOutput,
} from "@aws-sdk/client-cloudformation";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { CHANGE_SETS, type ChangeSet, changeSetsOf, closeSets, findChangeSet, getChangeSet } from "./change-set.ts";
import { validationError } from "./errors.ts";
import { holdAnswer } from "./hold-answer.ts";
import { planChanges } from "./plan-changes.ts";
import { describedAs, findStack, getStack, type Operation, putStatus, type Stack } from "./stack.ts";
import { beginUpdate, checkName, checkUpdatable, newOperation, newStack, settings } from "./stacks.ts";
import { shownParameters } from "./template/parameters.ts";
import { parseTemplate } from "./template/template.ts";
import { describedBy } from "./templates.ts";
import { wakeEngine } from "./wake.ts";

/** A set whose plan is empty says so as a failure, in these words: the AWS CLI and the CDK look for them. */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

export async function createChangeSet(
  input: Validated<CreateChangeSetInput>,
  context: Context,
): Promise<CreateChangeSetOutput> {
  const { store, account, region, ids, clock } = context;
  const type = input.ChangeSetType ?? "UPDATE";
  if (type === "IMPORT") throw validationError("Change sets that import resources are not built in Trunkline");
  const before = await findStack(store, context, input.StackName);
  if (type === "UPDATE" && before === undefined) throw validationError(`Stack [${input.StackName}] does not exist`);
  if (type === "UPDATE" && before !== undefined) checkUpdatable(before);
  if (type === "CREATE" && before === undefined) checkName(input.StackName);
  if (type === "CREATE" && before !== undefined && before.status !== "REVIEW_IN_PROGRESS") {
    throw alreadyThere(input);
  }
  if (type === "CREATE" && input.UsePreviousTemplate) throw validationError("There is no previous template.");
  const described = await describedBy(input, context, type === "UPDATE" ? before : undefined);
  const made = before ?? newStack(input.StackName, described, context);
  const id = `arn:aws:cloudformation:${region}:${account}:changeSet/${input.ChangeSetName}/${ids.uuid()}`;
  const stackId = await store.commit(async (unit) => {
    // Somebody else may have made one of its name meanwhile.
    const stack = (await findStack(unit, context, made.name)) ?? made;
    if (type === "CREATE" && stack.status !== "REVIEW_IN_PROGRESS") throw alreadyThere(input);
    if ((await changeSetsOf(unit, stack.id)).some(({ name }) => name === input.ChangeSetName)) {
      throw new ModeledError("AlreadyExistsException", `ChangeSet ${input.ChangeSetName} already exists`);
    }
    const changes = await planChanges(context, unit, stack, described);
    const isEmpty = changes.length === 0 && JSON.stringify(stack.tags) === JSON.stringify(described.tags);
    const isSame = isEmpty && stack.templateText === described.templateText;
    // Outputs are no resources, and change all the same.
    const hasNoChanges =
      type === "UPDATE" && isEmpty && (isSame || sameOutputs(stack.templateText, described.templateText));
    if (stack === made && before === undefined) {
      const reason = "User Initiated";
      const empty = describedAs(stack, { templateText: stack.templateText, parameters: {}, tags: [] });
      await putStatus(unit, clock.now(), empty, "REVIEW_IN_PROGRESS", { reason });
    }
    unit.put(CHANGE_SETS, id, {
      id,
      account,
      region,
      name: input.ChangeSetName,
      stackId: stack.id,
      stackName: stack.name,
      type: type === "CREATE" ? "CREATE" : "UPDATE",
      described,
      settings: settings(input),
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.OnStackFailure !== undefined && { onStackFailure: input.OnStackFailure }),
      createdMs: clock.now(),
      status: hasNoChanges ? "FAILED" : "CREATE_COMPLETE",
      ...(hasNoChanges && { reason: NO_CHANGES }),
      executionStatus: hasNoChanges ? "UNAVAILABLE" : "AVAILABLE",
      changes,
    });
    return stack.id;
  });
  return { Id: id, StackId: stackId };
}

function alreadyThere({ StackName, ChangeSetName }: { StackName: string; ChangeSetName: string }): Error {
  return validationError(
    `Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
  );
}

function sameOutputs(one: string, other: string): boolean {
  return JSON.stringify(parseTemplate(one).outputs) === JSON.stringify(parseTemplate(other).outputs);
}

export async function describeChangeSet(
  input: Validated<DescribeChangeSetInput>,
  context: Context,
): Promise<DescribeChangeSetOutput> {
  const set = await getChangeSet(context.store, context, input.ChangeSetName, input.StackName);
  const { described, settings: given } = set;
  return {
    ...shownSummary(set),
    Parameters: shownParameters(parseTemplate(described.templateText), described),
    Tags: [...described.tags],
    Capabilities: [...(given.capabilities ?? [])] as DescribeChangeSetOutput["Capabilities"],
    NotificationARNs: [...(given.notificationArns ?? [])],
    ...(set.onStackFailure !== undefined && {
      OnStackFailure: set.onStackFailure as DescribeChangeSetOutput["OnStackFailure"],
    }),
    Changes: set.changes.map(
      ({ action, logicalId, physicalId, type, replacement, properties }): Change => ({
        Type: "Resource",
        ResourceChange: {
          Action: action,
          LogicalResourceId: logicalId,
          ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
          ResourceType: type,
          ...(replacement !== undefined && { Replacement: replacement }),
          Scope: properties.length > 0 ? ["Properties"] : [],
          Details: properties.map(({ name, replaces }) => ({
            Target: { Attribute: "Properties", Name: name, RequiresRecreation: replaces ? "Always" : "Never" },
            Evaluation: "Static",
            ChangeSource: "DirectModification",
          })),
        },
      }),
    ),
  };
}

function shownSummary(set: ChangeSet): NonNullable<ListChangeSetsOutput["Summaries"]>[number] {
  return {
    ChangeSetId: set.id,
    ChangeSetName: set.name,
    StackId: set.stackId,
    StackName: set.stackName,
    ...(set.description !== undefined && { Description: set.description }),
    CreationTime: new Date(set.createdMs),
    Status: set.status,
    ...(set.reason !== undefined && { StatusReason: set.reason }),
    ExecutionStatus: set.executionStatus,
    IncludeNestedStacks: false,
  };
}

export async function listChangeSets(
  input: Validated<ListChangeSetsInput>,
  context: Context,
): Promise<ListChangeSetsOutput> {
  const stack = await getStack(context.store, context, input.StackName);
  const sets = await changeSetsOf(context.store, stack.id);
  return { Summaries: sets.filter(({ executionStatus }) => executionStatus !== "EXECUTE_COMPLETE").map(shownSummary) };
}

export async function deleteChangeSet(input: Validated<DeleteChangeSetInput>, context: Context): Promise<object> {
  await context.store.commit(async (unit) => {
    const set = await findChangeSet(unit, context, input.ChangeSetName, input.StackName);
    if (set !== undefined) unit.delete(CHANGE_SETS, set.id);
  });
  return {};
}

/** Begins to do what a change set has planned. Other sets of the stack are obsolete then. */
export async function executeChangeSet(input: Validated<ExecuteChangeSetInput>, context: Context): Promise<object> {
  const { store, clock } = context;
  const set = await getChangeSet(store, context, input.ChangeSetName, input.StackName);
  if (set.executionStatus !== "AVAILABLE") {
    throw new ModeledError(
      "InvalidChangeSetStatus",
      `ChangeSet [${set.id}] cannot be executed in its current execution status of [${set.executionStatus}]`,
    );
  }
  const stack = await getStack(store, context, set.stackId);
  const disableRollback = input.DisableRollback ?? set.onStackFailure === "DO_NOTHING";
  if (set.type === "UPDATE") {
    const given = { ...set.settings, changeSetId: set.id };
    const order = { described: set.described, settings: given, disableRollback, changeSetId: set.id };
    await beginUpdate(context, stack, order);
    return {};
  }
  const operation: Operation = {
    ...newOperation(set.described, context),
    kind: "create",
    onFailure: disableRollback ? "DO_NOTHING" : set.onStackFailure === "DELETE" ? "DELETE" : "ROLLBACK",
  };
  await store.commit(async (unit) => {
    const current = await getStack(unit, context, set.stackId);
    if (current.status !== "REVIEW_IN_PROGRESS") {
      throw validationError(`Stack:${current.id} is in ${current.status} state and can not be updated.`);
    }
    await closeSets(unit, set.stackId, set.id);
    const described = describedAs(current, set.described);
    const next: Stack = { ...described, ...set.settings, disableRollback, changeSetId: set.id };
    await putStatus(unit, clock.now(), next, "CREATE_IN_PROGRESS", { operation, reason: "User Initiated" });
    wakeEngine(unit, context);
  });
  await holdAnswer(context, set.stackId);
  return {};
}
