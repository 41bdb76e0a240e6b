/** Deletes a stack's resources, those that others need last: what an update has left behind, or all of them. */
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { candidatesOf, reasonOf } from "./apply.ts";
import { finishDelete } from "./finish.ts";
import { withReferences } from "./parameter-store.ts";
import { type Awaited, CallFailure, type Told } from "./resource-type.ts";
import { findResourceType } from "./resource-types/index.ts";
import { scopeOf } from "./scope.ts";
import { opened } from "./secrets.ts";
import { expectSignal, forgetSignals, tokenOf } from "./signals.ts";
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
  type Waiting,
} from "./stack.ts";
import { beginWait, endWait, isAwaited, toldOf } from "./waiting.ts";
import { type CallAs, callsOf, workOn } from "./work.ts";

const RESOURCES_AT_ONCE = 16;

/** What is to go: a resource, or what it was before. */
interface Doomed {
  readonly logicalId: string;
  readonly type: string;
  readonly made: MadeResource | undefined;
  readonly resource?: StackResource;
  readonly leftover?: Leftover;
  /** What this operation has its deletion wait for, and what has come of it. */
  readonly waiting?: Waiting | undefined;
  readonly told?: Told | undefined;
}

/** One step of an operation in the phase `delete` or `clean-up`. `false`: what is left of it waits for somebody else. */
export async function deleteStep(platform: Platform, stack: Stack): Promise<boolean> {
  const { operation } = stack;
  if (operation === undefined) return false;
  const doomed = await listDoomed(platform, stack, operation);
  const ready = lastOnes(doomed)
    .filter(({ waiting, told }) => waiting === undefined || told !== undefined)
    .slice(0, RESOURCES_AT_ONCE);
  if (ready.length === 0) {
    if (doomed.length > 0) return false;
    await finishDelete(platform, stack, operation);
    return true;
  }
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
  return true;
}

async function listDoomed(platform: Platform, stack: Stack, operation: Operation): Promise<readonly Doomed[]> {
  const { store } = platform;
  const leftovers = await listLeftovers(store, stack.id);
  const resources = await listResources(store, stack.id);
  const kept = neededByFailed(resources, operation);
  const wanted = operation.phase === "delete" ? [] : (await scopeOf(platform, store, stack, operation)).wanted;
  const doomed: readonly Doomed[] = [
    ...leftovers.map((leftover) => ({ ...leftover, leftover })),
    ...resources.flatMap((resource) => {
      const isOver =
        resource.operationId === operation.id &&
        ["DELETE_COMPLETE", "DELETE_SKIPPED", "DELETE_FAILED"].includes(resource.status);
      if (wanted.includes(resource.logicalId) || isOver || resource.status === "DELETE_COMPLETE") return [];
      if (kept.has(resource.logicalId)) return [];
      const { logicalId, type, waiting, status } = resource;
      const isWaiting =
        waiting !== undefined && resource.operationId === operation.id && status === "DELETE_IN_PROGRESS";
      // A creation that waited when its stack was told to go has begun something.
      const made = resource.made ?? waiting?.begun;
      return [{ logicalId, type, made, resource, ...(isWaiting && { waiting }) }];
    }),
  ];
  return Promise.all(
    doomed.map(async (one) => (one.waiting ? { ...one, told: await toldOf(platform, one.waiting) } : one)),
  );
}

/** What those rest on that this deletion could not delete: it stays with them. */
function neededByFailed(resources: readonly StackResource[], { id, phase }: Operation): ReadonlySet<string> {
  const needed = new Set<string>();
  if (phase !== "delete") return needed;
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const failed = resources.filter(({ operationId, status }) => operationId === id && status === "DELETE_FAILED");
  const open = failed.flatMap(({ made }) => made?.dependsOn ?? []);
  for (const logicalId of open) {
    if (needed.has(logicalId)) continue;
    needed.add(logicalId);
    open.push(...(byId.get(logicalId)?.made?.dependsOn ?? []));
  }
  return needed;
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
  const { logicalId, type: typeName } = doomed;
  const nowMs = (): number => platform.clock.now();
  let made = doomed.made;
  const end = (status: string, reason?: string) => (unit: Unit) =>
    write(unit, nowMs(), job, { ...doomed, made }, status, reason);
  const type = findResourceType(typeName);
  if (type === undefined) return end("DELETE_COMPLETE");
  try {
    made ??= await findBegun(platform, job, doomed);
  } catch (error) {
    return end("DELETE_FAILED", reasonOf(error, typeName, logicalId));
  }
  if (made === undefined) return end("DELETE_COMPLETE");
  if (isRetained(operation, doomed)) return end("DELETE_SKIPPED");

  const { physicalId } = made;
  const attributes = opened(platform, { stackId: stack.id, logicalId }, made.attributes);
  const properties = opened(platform, { stackId: stack.id, logicalId }, made.properties);
  const token = tokenOf(operation.id, "delete", logicalId, physicalId);
  const { told, waiting } = doomed;
  if (told === undefined) {
    await platform.store.commitUnsynced(async (unit) => {
      await tell(unit, stack.id, nowMs(), { logicalId, physicalId, type: typeName, status: "DELETE_IN_PROGRESS" });
      if (type.told) expectSignal(unit, { token, stackId: stack.id });
    });
  }
  let after = end("DELETE_COMPLETE");
  try {
    // What it was made with may be gone by now, and its deletion seldom needs that.
    const given = await withReferences(properties, job.call).catch(() => properties);
    const work = workOn(platform, job, { logicalId, type: typeName, properties: given, name: physicalId, token });
    const result = told
      ? void type.told?.(work, told, { physicalId, attributes })
      : await type.remove({ ...work, physicalId, attributes });
    if (isAwaited(result)) return (unit) => wait(unit, platform, job, { ...doomed, made }, result);
  } catch (error) {
    const isGone = error instanceof CallFailure && error.isNotFound;
    if (!isGone) after = end("DELETE_FAILED", reasonOf(error, typeName, logicalId));
  }
  return async (unit) => {
    if (waiting) {
      endWait(unit, platform, waiting);
      await forgetSignals(unit, waiting.token);
    }
    await after(unit);
  };
}

/** What a creation may have made that was cut short before it was noted. */
async function findBegun(platform: Platform, job: Job, doomed: Doomed): Promise<MadeResource | undefined> {
  const { logicalId, type: name, resource } = doomed;
  const type = findResourceType(name);
  const { started } = resource ?? {};
  if (started?.properties === undefined || type === undefined) return undefined;
  const kept = started.properties;
  const properties = opened(platform, { stackId: job.stack.id, logicalId }, kept);
  const rules = { dependsOn: [], deletionPolicy: "Delete", updateReplacePolicy: "Delete" };
  // Whoever makes it may have been asked to: only they know.
  if (type.find === undefined && type.recovery === undefined) {
    return type.told && { physicalId: started.name, attributes: {}, properties: kept, ...rules };
  }
  const given = await withReferences(properties, job.call).catch(() => properties);
  const work = workOn(platform, job, { logicalId, type: name, ...started, properties: given });
  if (type.recovery) {
    const others = started.others ?? [];
    const mine = (await candidatesOf(type, work))?.find((id) => !others.includes(id));
    if (mine === undefined) return undefined;
    const made = await type.recovery.complete({ ...work, began: () => {} }, mine).catch(() => undefined);
    return { physicalId: mine, attributes: made?.attributes ?? {}, properties: kept, tags: work.tags, ...rules };
  }
  const there = await type.find?.(work);
  if (there === undefined) return undefined;
  const physicalId = isAwaited(there) ? there.awaited.physicalId : there.physicalId;
  if (physicalId === undefined) return undefined;
  const attributes = isAwaited(there) ? {} : (there.attributes ?? {});
  return { physicalId, attributes, properties: kept, tags: work.tags, ...rules };
}

function wait(
  unit: Unit,
  platform: Platform,
  { operation }: Job,
  { resource, leftover, made }: Doomed,
  awaited: Awaited,
): Promise<void> {
  const waiting = beginWait(unit, platform, awaited);
  if (leftover) unit.put(LEFTOVERS, leftoverKey(leftover), { ...leftover, waiting });
  if (resource) {
    const status = "DELETE_IN_PROGRESS";
    const changedMs = platform.clock.now();
    const next = { ...resource, ...(made && { made }), status, changedMs, operationId: operation.id, waiting };
    unit.put(STACK_RESOURCES, resourceKey(resource), next);
  }
  return Promise.resolve();
}

function isRetained(operation: Operation, { made, leftover, logicalId }: Doomed): boolean {
  if (made === undefined) return false;
  if (operation.retained?.includes(logicalId)) return true;
  if (leftover !== undefined) return leftover.isReplaced === true && made.updateReplacePolicy !== "Delete";
  if (made.deletionPolicy === "Retain" || made.deletionPolicy === "Snapshot") return true;
  // What an update has made that goes back was created by it.
  const isCreation = operation.kind === "create-rollback" || operation.kind === "update-rollback";
  return made.deletionPolicy === "RetainExceptOnCreate" && !isCreation;
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
      const { made: _made, reason: _reason, waiting: _waiting, ...rest } = resource;
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
