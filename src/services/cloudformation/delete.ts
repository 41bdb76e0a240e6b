/** Deletes a stack's resources, those that others need last: what an update has left behind, or all of them. */
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { reasonOf } from "./apply.ts";
import { finishDelete } from "./finish.ts";
import { CallFailure } from "./resource-type.ts";
import { findResourceType } from "./resource-types/index.ts";
import { scopeOf } from "./scope.ts";
import {
  LEFTOVERS,
  type Leftover,
  leftoverKey,
  listLeftovers,
  listResources,
  type MadeResource,
  type Operation,
  resourceKey,
  STACK_RESOURCES,
  STACKS,
  type Stack,
  type StackResource,
  tell,
} from "./stack.ts";
import { type CallAs, callsOf, workOn } from "./work.ts";

const RESOURCES_AT_ONCE = 16;

/** What is to go: a resource, or what it was before. */
interface Doomed {
  readonly logicalId: string;
  readonly type: string;
  readonly made: MadeResource | undefined;
  readonly resource?: StackResource;
  readonly leftover?: Leftover;
}

/** One step of an operation in the phase `delete` or `clean-up`. */
export async function deleteStep(platform: Platform, stack: Stack): Promise<void> {
  const { operation } = stack;
  if (operation === undefined) return;
  const doomed = await listDoomed(platform, stack, operation);
  const ready = lastOnes(doomed).slice(0, RESOURCES_AT_ONCE);
  if (ready.length === 0) return finishDelete(platform, stack, operation);
  const call = await callsOf(platform, stack, operation).catch(
    (error: unknown): CallAs =>
      () =>
        Promise.reject(error),
  );
  const outcomes = await Promise.all(ready.map((one) => remove(platform, { stack, operation, call }, one)));
  await platform.store.commitUnsynced(async (unit) => {
    if ((await unit.get(STACKS, stack.id))?.operation?.id !== operation.id) return;
    for (const outcome of outcomes) await outcome(unit);
  });
}

async function listDoomed({ store }: Platform, stack: Stack, operation: Operation): Promise<readonly Doomed[]> {
  const leftovers = await listLeftovers(store, stack.id);
  const resources = await listResources(store, stack.id);
  const wanted = operation.phase === "delete" ? [] : (await scopeOf(store, stack, operation)).wanted;
  return [
    ...leftovers.map((leftover) => ({ ...leftover, leftover })),
    ...resources.flatMap((resource) => {
      const isOver =
        resource.operationId === operation.id &&
        ["DELETE_COMPLETE", "DELETE_SKIPPED", "DELETE_FAILED"].includes(resource.status);
      if (wanted.includes(resource.logicalId) || isOver || resource.status === "DELETE_COMPLETE") return [];
      const { logicalId, type, made } = resource;
      return [{ logicalId, type, made, resource }];
    }),
  ];
}

/** Those that no other one that is still there was built on. */
function lastOnes(doomed: readonly Doomed[]): readonly Doomed[] {
  const needed = new Set(
    doomed.flatMap(({ made, logicalId }) => (made?.dependsOn ?? []).filter((other) => other !== logicalId)),
  );
  const free = doomed.filter(({ logicalId }) => !needed.has(logicalId));
  // Two updates may have turned a dependency round.
  return free.length === 0 ? doomed : free;
}

interface Job {
  readonly stack: Stack;
  readonly operation: Operation;
  readonly call: CallAs;
}

async function remove(platform: Platform, job: Job, doomed: Doomed): Promise<(unit: Unit) => Promise<void>> {
  const { stack, operation } = job;
  const { logicalId, type: typeName, made } = doomed;
  const nowMs = (): number => platform.clock.now();
  const end = (status: string, reason?: string) => (unit: Unit) => write(unit, nowMs(), job, doomed, status, reason);
  const type = findResourceType(typeName);
  if (made === undefined || type === undefined) return end("DELETE_COMPLETE");
  if (isRetained(operation, doomed)) return end("DELETE_SKIPPED");

  await platform.store.commitUnsynced((unit) =>
    tell(unit, stack.id, nowMs(), {
      logicalId,
      physicalId: made.physicalId,
      type: typeName,
      status: "DELETE_IN_PROGRESS",
    }),
  );
  const { physicalId, attributes, properties } = made;
  const work = workOn(platform, job, { logicalId, properties, name: physicalId, token: operation.id + logicalId });
  try {
    await type.remove({ ...work, physicalId, attributes });
  } catch (error) {
    const isGone = error instanceof CallFailure && error.isNotFound;
    if (!isGone) return end("DELETE_FAILED", reasonOf(error, typeName, logicalId));
  }
  return end("DELETE_COMPLETE");
}

function isRetained(operation: Operation, { made, leftover, logicalId }: Doomed): boolean {
  if (made === undefined) return false;
  if (operation.retained?.includes(logicalId)) return true;
  if (leftover !== undefined) return leftover.isReplaced === true && made.updateReplacePolicy !== "Delete";
  if (made.deletionPolicy === "Retain" || made.deletionPolicy === "Snapshot") return true;
  return made.deletionPolicy === "RetainExceptOnCreate" && operation.kind !== "create-rollback";
}

async function write(
  unit: Unit,
  nowMs: number,
  { stack, operation }: Job,
  { logicalId, type, made, resource, leftover }: Doomed,
  status: string,
  reason: string | undefined,
): Promise<void> {
  if (leftover !== undefined) unit.delete(LEFTOVERS, leftoverKey(leftover));
  if (resource !== undefined) {
    const isCleaning = operation.phase === "clean-up";
    // A clean-up that fails leaves the resource behind, as the service does; a deletion keeps it for another try.
    if (isCleaning) unit.delete(STACK_RESOURCES, resourceKey(resource));
    else {
      const { made: _made, reason: _reason, ...rest } = resource;
      unit.put(STACK_RESOURCES, resourceKey(resource), {
        ...rest,
        ...(made && { made }),
        status,
        changedMs: nowMs,
        operationId: operation.id,
        ...(reason !== undefined && { reason }),
      });
    }
  }
  if (made === undefined) return;
  await tell(unit, stack.id, nowMs, { logicalId, physicalId: made.physicalId, type, status, reason });
}
