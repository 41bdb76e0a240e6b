/** How phases of a stack's operation end, and which one follows. */

import { ModeledError } from "../../models/modeled-error.ts";
import { compositeKey, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { forgetSets } from "./change-set.ts";
import { validationError } from "./errors.ts";
import { forgetLater } from "./forget.ts";
import { scopeOf } from "./scope.ts";
import { forgetSignalsOf } from "./signals.ts";
import {
  describedAs,
  EXPORTS,
  exportKey,
  IMPORTS,
  importKey,
  LEFTOVERS,
  leftoverKey,
  listLeftovers,
  listResources,
  type Operation,
  putStatus,
  resourceKey,
  STACK_RESOURCES,
  STACKS,
  type Stack,
  type StackOutput,
  type StackResource,
  tell,
} from "./stack.ts";
import { conditionHolds, resolve } from "./template/resolve.ts";
import { endWait } from "./waiting.ts";

/** All resources are as the template wants them. */
export async function finishApply(platform: Platform, stack: Stack, operation: Operation): Promise<void> {
  const nowMs = platform.clock.now();
  try {
    await inOperation(platform, stack, operation, async (unit, current) => {
      const { scope, template, imported } = await scopeOf(platform, unit, current, operation);
      for (const { properties, condition } of Object.values(template.resources)) {
        if (condition === undefined || conditionHolds(condition, scope)) resolve(properties, scope);
      }
      const outputs = outputsOf(template.outputs, scope);
      await putExports(unit, current, outputs);
      await putImports(unit, current, [...imported]);
      const done: Stack = { ...describedAs(current, operation), outputs, imports: [...imported] };
      if (operation.kind === "create") return putStatus(unit, nowMs, done, "CREATE_COMPLETE");
      const isWayBack = operation.kind === "update-rollback";
      const status = isWayBack ? "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS" : "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";
      await putStatus(unit, nowMs, done, status, { operation: { ...operation, phase: "clean-up" } });
    });
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    await goBack(platform, stack, operation, error.message);
  }
}

function outputsOf(
  declared: Awaited<ReturnType<typeof scopeOf>>["template"]["outputs"],
  scope: Awaited<ReturnType<typeof scopeOf>>["scope"],
): readonly StackOutput[] {
  return Object.entries(declared).flatMap(([key, { value, description, exportName, condition }]) => {
    if (condition !== undefined && !conditionHolds(condition, scope)) return [];
    const name = exportName === undefined ? undefined : resolve(exportName, scope);
    return [
      {
        key,
        value: outputText(key, resolve(value, scope)),
        ...(description !== undefined && { description }),
        ...(name !== undefined && { exportName: outputText(key, name) }),
      },
    ];
  });
}

function outputText(key: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.join(",");
  throw validationError(`Template format error: Output ${key} is malformed: its value must be a string.`);
}

async function putExports(
  unit: Unit,
  { account, region, id, outputs: before }: Stack,
  outputs: readonly StackOutput[],
): Promise<void> {
  const named = outputs.flatMap(({ exportName }) => exportName ?? []);
  const names = new Set(named);
  if (names.has("")) throw validationError("Template format error: the Name of an Export must not be empty");
  const twice = named.find((name, place) => named.indexOf(name) !== place);
  if (twice !== undefined) throw validationError(`Duplicate Export names: ${twice}`);
  for (const { exportName: name, value } of before) {
    if (name === undefined) continue;
    const after = outputs.find(({ exportName }) => exportName === name);
    if (after?.value === value) continue;
    const importer = await firstImporter(unit, { account, region, name });
    if (importer !== undefined) {
      const verb = after === undefined ? "deleted" : "updated";
      throw validationError(
        `Cannot ${verb === "deleted" ? "delete" : "update"} export ${name} as it is in use by ${importer}`,
      );
    }
    if (!names.has(name)) unit.delete(EXPORTS, exportKey({ account, region, name }));
  }
  for (const { exportName: name, value } of outputs) {
    if (name === undefined) continue;
    const key = exportKey({ account, region, name });
    const found = await unit.get(EXPORTS, key);
    if (found !== undefined && found.stackId !== id) {
      throw validationError(`Export with name ${name} is already exported by stack ${stackName(found.stackId)}`);
    }
    unit.put(EXPORTS, key, { account, region, name, value, stackId: id });
  }
}

export function stackName(stackId: string): string {
  return stackId.split("/")[1] ?? stackId;
}

/** The name of a stack that uses an export. */
export async function firstImporter(
  reader: Pick<Unit, "list">,
  { account, region, name }: { readonly account: string; readonly region: string; readonly name: string },
): Promise<string | undefined> {
  const { documents } = await reader.list(IMPORTS, { prefix: compositeKey(account, region, name, ""), limit: 1 });
  return documents[0]?.stackName;
}

async function putImports(
  unit: Unit,
  { account, region, id, name, imports }: Stack,
  names: readonly string[],
): Promise<void> {
  for (const exportName of imports) unit.delete(IMPORTS, importKey({ account, region, exportName, stackId: id }));
  for (const exportName of names) {
    const one = { account, region, exportName, stackId: id, stackName: name };
    unit.put(IMPORTS, importKey(one), one);
  }
}

/** Some resources could not be made as the template wants them. */
export async function beginWayBack(
  platform: Platform,
  stack: Stack,
  operation: Operation,
  failed: readonly StackResource[],
): Promise<void> {
  const verb = operation.kind === "create" ? "create" : "update";
  const reason = `The following resource(s) failed to ${verb}: [${failed.map(({ logicalId }) => logicalId).join(", ")}]. `;
  await goBack(platform, stack, operation, reason);
}

/** An operation cannot go on, for this reason. */
export async function goBack(platform: Platform, stack: Stack, operation: Operation, reason: string): Promise<void> {
  const nowMs = platform.clock.now();
  const id = platform.ids.uuid();
  await inOperation(platform, stack, operation, async (unit, current) => {
    await endWaits(unit, platform, operation, current.id);
    switch (operation.kind) {
      case "create": {
        if (operation.onFailure === "DO_NOTHING") return putStatus(unit, nowMs, current, "CREATE_FAILED", { reason });
        const isDeletion = operation.onFailure === "DELETE";
        const kind = isDeletion ? "delete" : "create-rollback";
        const next: Operation = { ...operation, id, phase: "delete", kind, failure: reason };
        const status = isDeletion ? "DELETE_IN_PROGRESS" : "ROLLBACK_IN_PROGRESS";
        return putStatus(unit, nowMs, current, status, { operation: next, reason });
      }
      case "update": {
        if (current.disableRollback || operation.before === undefined) {
          return putStatus(unit, nowMs, current, "UPDATE_FAILED", { reason });
        }
        await takeBack(unit, current.id);
        const { before, ...rest } = operation;
        const next: Operation = {
          ...describedAs(rest, operation.before),
          id,
          kind: "update-rollback",
          phase: "apply",
          failure: reason,
        };
        return putStatus(unit, nowMs, current, "UPDATE_ROLLBACK_IN_PROGRESS", { operation: next, reason });
      }
      default:
        return putStatus(unit, nowMs, current, "UPDATE_ROLLBACK_FAILED", { reason });
    }
  });
}

/** What still waits is given up. What it may have begun goes with the rest. */
async function endWaits(unit: Unit, platform: Platform, operation: Operation, stackId: string): Promise<void> {
  for (const resource of await listResources(unit, stackId)) {
    const { waiting, logicalId, type, ...rest } = resource;
    if (waiting === undefined || resource.operationId !== operation.id) continue;
    endWait(unit, platform, waiting);
    const isCreation = resource.made === undefined;
    const made = resource.made ?? waiting.begun;
    if (!isCreation && waiting.begun) {
      const leftover = { stackId, logicalId, type, made: waiting.begun };
      unit.put(LEFTOVERS, leftoverKey(leftover), leftover);
    }
    const status = isCreation ? "CREATE_FAILED" : "UPDATE_FAILED";
    const reason = `Resource ${isCreation ? "creation" : "update"} cancelled`;
    unit.put(STACK_RESOURCES, resourceKey(resource), {
      ...rest,
      logicalId,
      type,
      status,
      reason,
      ...(made && { made }),
    });
    const physicalId = made?.physicalId ?? "";
    await tell(unit, stackId, platform.clock.now(), { logicalId, physicalId, type, status, reason });
  }
}

/** What was replaced is the stack's again, and what took its place is left over. */
async function takeBack(unit: Unit, stackId: string): Promise<void> {
  const replaced = (await listLeftovers(unit, stackId)).filter(({ isReplaced }) => isReplaced);
  for (const leftover of replaced) {
    unit.delete(LEFTOVERS, leftoverKey(leftover));
    const key = resourceKey(leftover);
    const resource = await unit.get(STACK_RESOURCES, key);
    if (resource === undefined) continue;
    if (resource.made !== undefined) {
      const { isReplaced: _, ...rest } = leftover;
      const taken = { ...rest, type: resource.type, made: resource.made };
      unit.put(LEFTOVERS, leftoverKey(taken), taken);
    }
    unit.put(STACK_RESOURCES, key, { ...resource, type: leftover.type, made: leftover.made });
  }
}

/** All that was to go has gone, but for what could not. */
export async function finishDelete(platform: Platform, stack: Stack, operation: Operation): Promise<void> {
  const nowMs = platform.clock.now();
  await inOperation(platform, stack, operation, async (unit, current) => {
    if (operation.phase === "clean-up") {
      const status = operation.kind === "update-rollback" ? "UPDATE_ROLLBACK_COMPLETE" : "UPDATE_COMPLETE";
      return putStatus(unit, nowMs, current, status);
    }
    const failed = (await listResources(unit, stack.id)).filter(({ status }) => status === "DELETE_FAILED");
    if (failed.length > 0) {
      const status = operation.kind === "create-rollback" ? "ROLLBACK_FAILED" : "DELETE_FAILED";
      const reason = `The following resource(s) failed to delete: [${failed.map(({ logicalId }) => logicalId).join(", ")}]. `;
      return putStatus(unit, nowMs, current, status, { reason });
    }
    if (operation.kind === "create-rollback") return putStatus(unit, nowMs, current, "ROLLBACK_COMPLETE");
    await putExports(unit, current, []);
    await putImports(unit, current, []);
    await putStatus(unit, nowMs, { ...current, deletedMs: nowMs, outputs: [], imports: [] }, "DELETE_COMPLETE");
    await forgetSignalsOf(unit, stack.id);
    await forgetSets(unit, stack.id);
    forgetLater(unit, platform, stack.id);
  });
}

/** A deletion or clean-up that cannot go on. */
export async function failDelete(
  platform: Platform,
  stack: Stack,
  operation: Operation,
  reason: string,
): Promise<void> {
  await inOperation(platform, stack, operation, (unit, current) => {
    const failed = operation.kind === "create-rollback" ? "ROLLBACK_FAILED" : "DELETE_FAILED";
    const done = operation.kind === "update-rollback" ? "UPDATE_ROLLBACK_COMPLETE" : "UPDATE_COMPLETE";
    const status = operation.phase === "clean-up" ? done : failed;
    return putStatus(unit, platform.clock.now(), current, status, { reason });
  });
}

/** Changes a stack, unless somebody else has given it another operation meanwhile. */
async function inOperation(
  { store }: Platform,
  stack: Stack,
  { id, phase }: Operation,
  change: (unit: Unit, current: Stack) => Promise<void>,
): Promise<void> {
  await store.commitUnsynced(async (unit) => {
    const current = await unit.get(STACKS, stack.id);
    if (current?.operation?.id === id && current.operation.phase === phase) await change(unit, current);
  });
}
