/** Brings a stack's resources to what its template wants. */
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { changesOf } from "./changes.ts";
import { beginWayBack, finishApply } from "./finish.ts";
import { CallFailure, type Changing, type Made, type Properties, type ResourceType } from "./resource-type.ts";
import { findResourceType } from "./resource-types/index.ts";
import { type StackScope, scopeOf } from "./scope.ts";
import {
  LEFTOVERS,
  leftoverKey,
  type MadeResource,
  type Operation,
  resourceKey,
  STACK_RESOURCES,
  STACKS,
  type Stack,
  type StackResource,
  tell,
} from "./stack.ts";
import { resolve } from "./template/resolve.ts";
import { dependenciesOf } from "./template/template.ts";
import { type CallAs, callsOf, mergedTags, physicalName, workOn } from "./work.ts";

/** Resources of one stack that are worked on at a time. */
const RESOURCES_AT_ONCE = 16;

/** One step of an operation that is in the phase `apply`. */
export async function applyStep(platform: Platform, stack: Stack): Promise<void> {
  const { operation } = stack;
  if (operation === undefined) return;
  const scope = await scopeOf(platform.store, stack, operation);
  const failed = scope.wanted.flatMap((id) => {
    const resource = scope.resources.get(id);
    return resource !== undefined && isDealtWith(resource, operation) && resource.status.endsWith("_FAILED")
      ? [resource]
      : [];
  });
  if (failed.length > 0) return beginWayBack(platform, stack, operation, failed);

  const ready = readyResources(scope, operation).slice(0, RESOURCES_AT_ONCE);
  if (ready.length === 0) return finishApply(platform, stack, operation);
  const call = await callsOf(platform, stack, operation).catch((error: unknown) => failing(error));
  const job = { platform, stack, operation, scope, call };
  const outcomes = await Promise.all(ready.map((id) => applyResource(job, id)));
  await commitOutcomes(platform, stack, operation, outcomes);
}

/** Where the stack's role cannot be assumed every call fails, and says so. */
function failing(error: unknown): CallAs {
  return () => Promise.reject(error);
}

function isDealtWith({ operationId, status }: StackResource, operation: Operation): boolean {
  return operationId === operation.id && !status.endsWith("_IN_PROGRESS");
}

function readyResources({ template, wanted, resources }: StackScope, operation: Operation): readonly string[] {
  const done = (id: string): boolean => {
    const resource = resources.get(id);
    return resource !== undefined && isDealtWith(resource, operation);
  };
  const isWanted = new Set(wanted);
  return wanted.filter(
    (id) => !done(id) && dependenciesOf(template, id).every((other) => !isWanted.has(other) || done(other)),
  );
}

interface Job {
  readonly platform: Platform;
  readonly stack: Stack;
  readonly operation: Operation;
  readonly scope: StackScope;
  readonly call: CallAs;
}

/** What is to be written of a resource, once all that were worked on with it are through. */
type Outcome = (unit: Unit) => Promise<void>;

async function commitOutcomes(
  { store }: Platform,
  stack: Stack,
  operation: Operation,
  outcomes: readonly Outcome[],
): Promise<void> {
  await store.commitUnsynced(async (unit) => {
    if ((await unit.get(STACKS, stack.id))?.operation?.id !== operation.id) return;
    for (const outcome of outcomes) await outcome(unit);
  });
}

async function applyResource(job: Job, logicalId: string): Promise<Outcome> {
  const { scope, operation, stack, platform } = job;
  const declared = scope.template.resources[logicalId];
  const existing = scope.resources.get(logicalId);
  const nowMs = (): number => platform.clock.now();
  const base = {
    stackId: stack.id,
    logicalId,
    type: declared?.type ?? "",
    operationId: operation.id,
  };
  const failed = (verb: string, error: unknown, rest: Partial<StackResource> = {}): Outcome => {
    const reason = reasonOf(error, base.type, logicalId);
    return (unit) => put(unit, nowMs(), { ...base, changedMs: nowMs(), ...rest, status: `${verb}_FAILED`, reason });
  };

  const type = findResourceType(base.type);
  if (declared === undefined || type === undefined) {
    return failed("CREATE", new Error(`Template format error: Unrecognized resource types: [${base.type}]`));
  }
  const rules = {
    dependsOn: dependenciesOf(scope.template, logicalId),
    deletionPolicy: declared.deletionPolicy,
    updateReplacePolicy: declared.updateReplacePolicy,
  };
  const kept = existing?.made && { made: existing.made, ...(existing.attempted && { attempted: existing.attempted }) };
  let properties: Properties;
  try {
    properties = (resolve(declared.properties, scope.scope) ?? {}) as Properties;
    checkProperties(type, properties, logicalId);
  } catch (error) {
    return failed(kept ? "UPDATE" : "CREATE", error, kept);
  }
  const isWayBack = operation.kind === "update-rollback";

  if (existing?.made === undefined || existing.type !== declared.type) return create("CREATE");
  const { made } = existing;
  const changes = changesOf(type, made.properties, properties);
  if (changes.length === 0 && existing.attempted === undefined && !tagsChanged()) {
    return (unit) => {
      unit.put(STACK_RESOURCES, resourceKey(base), {
        ...existing,
        operationId: operation.id,
        status: /FAILED|PROGRESS/.test(existing.status) ? "UPDATE_COMPLETE" : existing.status,
        made: { ...made, ...rules },
      });
      return Promise.resolve();
    };
  }
  if (changes.some(({ replaces }) => replaces) && !isWayBack) {
    const nameRule = type.name?.property;
    if (
      nameRule !== undefined &&
      typeof properties[nameRule] === "string" &&
      properties[nameRule] === made.properties[nameRule]
    ) {
      const name = String(properties[nameRule]);
      const why = `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`;
      return failed("UPDATE", new Error(why), kept);
    }
    return create("UPDATE", "Requested update requires the creation of a new physical resource; hence creating one.");
  }
  return update();

  function tagsChanged(): boolean {
    if (type?.updatable.includes("Tags") !== true || type.update === undefined) return false;
    const had = made.tags ?? mergedTags(operation.before?.tags ?? operation.tags, made.properties.Tags);
    return JSON.stringify(had) !== JSON.stringify(mergedTags(operation.tags, properties.Tags));
  }

  async function create(verb: "CREATE" | "UPDATE", reason?: string): Promise<Outcome> {
    const random = (): number => platform.ids.random();
    const resumed = existing?.operationId === operation.id && existing.started !== undefined;
    const started =
      resumed && existing?.started !== undefined
        ? existing.started
        : {
            name: physicalName(type as ResourceType, { stackName: stack.name, logicalId, properties }, random),
            token: platform.ids.uuid(),
          };
    const begun: StackResource = {
      ...base,
      status: `${verb}_IN_PROGRESS`,
      ...(reason !== undefined && { reason }),
      changedMs: nowMs(),
      started,
      ...(existing?.made && { made: existing.made }),
    };
    if (!resumed) await platform.store.commitUnsynced((unit) => put(unit, nowMs(), begun));
    let begunId: string | undefined;
    const work = {
      ...workOn(platform, job, { logicalId, properties, ...started }),
      began: (physicalId: string) => {
        begunId = physicalId;
      },
    };
    let result: Made;
    try {
      result = await createOrFind(type as ResourceType, work, resumed);
    } catch (error) {
      const partial =
        begunId === undefined
          ? undefined
          : { physicalId: begunId, attributes: {}, properties, tags: work.tags, ...rules };
      const fail = failed(verb, error, kept ?? (partial && { made: partial }));
      return async (unit) => {
        await fail(unit);
        // What was there before is there still; what was begun beside it goes.
        if (kept && partial) leave(unit, partial);
      };
    }
    function leave(unit: Unit, left: MadeResource): void {
      const leftover = { stackId: stack.id, logicalId, type: base.type, made: left };
      unit.put(LEFTOVERS, leftoverKey(leftover), leftover);
    }
    return async (unit) => {
      const done: StackResource = {
        ...base,
        status: `${verb}_COMPLETE`,
        changedMs: nowMs(),
        made: {
          physicalId: result.physicalId,
          attributes: result.attributes ?? {},
          properties,
          tags: work.tags,
          ...rules,
        },
      };
      if (existing?.made !== undefined) {
        const replaced = { stackId: stack.id, logicalId, type: existing.type, made: existing.made, isReplaced: true };
        unit.put(LEFTOVERS, leftoverKey(replaced), replaced);
      }
      if (verb === "CREATE") {
        await put(unit, nowMs(), { ...done, status: "CREATE_IN_PROGRESS", reason: "Resource creation Initiated" });
      }
      await put(unit, nowMs(), done);
    };
  }

  async function update(): Promise<Outcome> {
    const begun: StackResource = {
      ...base,
      status: "UPDATE_IN_PROGRESS",
      changedMs: nowMs(),
      made,
      attempted: properties,
    };
    await platform.store.commitUnsynced((unit) => put(unit, nowMs(), begun));
    const before = made.properties;
    // After an update that was cut short or failed, nobody knows what it has changed.
    const isUnknown = existing?.attempted !== undefined;
    const changing: Changing = {
      ...workOn(platform, job, { logicalId, properties, name: made.physicalId, token: operation.id + logicalId }),
      physicalId: made.physicalId,
      attributes: made.attributes,
      before,
      tagKeysBefore: (made.tags ?? mergedTags(operation.before?.tags ?? [], before.Tags)).map(({ Key = "" }) => Key),
      changed: (...names) =>
        isUnknown || names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(properties[name])),
    };
    try {
      const attributes = { ...made.attributes, ...(await type?.update?.(changing)) };
      return (unit) =>
        put(unit, nowMs(), {
          ...base,
          status: "UPDATE_COMPLETE",
          changedMs: nowMs(),
          made: { physicalId: made.physicalId, attributes, properties, tags: changing.tags, ...rules },
        });
    } catch (error) {
      return failed("UPDATE", error, { made, attempted: properties });
    }
  }
}

/** What a creation that was cut short may have made is found again, where the type can tell. */
async function createOrFind(
  type: ResourceType,
  work: Parameters<ResourceType["create"]>[0],
  resumed: boolean,
): Promise<Made> {
  const found = resumed ? await type.find?.(work) : undefined;
  return found ?? type.create(work);
}

async function put(unit: Unit, nowMs: number, resource: StackResource): Promise<void> {
  unit.put(STACK_RESOURCES, resourceKey(resource), resource);
  const { stackId, logicalId, type, status, reason, made } = resource;
  await tell(unit, stackId, nowMs, { logicalId, physicalId: made?.physicalId ?? "", type, status, reason });
}

function checkProperties(type: ResourceType, properties: Properties, logicalId: string): void {
  const known = [...type.updatable, ...type.replacing];
  const unknown = Object.keys(properties).find((name) => !known.includes(name));
  if (unknown !== undefined && known.length > 0) throw new Error(`Encountered unsupported property ${unknown}`);
  const missing = type.required.find((name) => properties[name] === undefined);
  if (missing !== undefined) {
    throw new Error(
      `Properties validation failed for resource ${logicalId} with message: #: required key [${missing}] not found`,
    );
  }
}

/** Why something failed, in the words in which stack events say it. */
export function reasonOf(error: unknown, type: string, logicalId: string): string {
  if (error instanceof CallFailure) {
    return `Resource handler returned message: "${error.message}" (Service: ${error.call.model}, Operation: ${error.call.operation}, Status Code: ${error.status}, Error Code: ${error.code})`;
  }
  if (error instanceof ModeledError || error instanceof Error) return error.message;
  return `${type} ${logicalId} failed`;
}
