/** Brings a stack's resources to what its template wants. */
import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { changesOf, isAny } from "./changes.ts";
import { beginWayBack, finishApply } from "./finish.ts";
import { withReferences } from "./parameter-store.ts";
import {
  type Awaited,
  CallFailure,
  type Changing,
  type Creating,
  type Made,
  type Properties,
  type ResourceType,
  type Told,
  ToldFailure,
  type Work,
} from "./resource-type.ts";
import { findResourceType } from "./resource-types/index.ts";
import { type StackScope, scopeOf } from "./scope.ts";
import { keep, opened } from "./secrets.ts";
import { expectSignal, forgetSignals, tokenOf } from "./signals.ts";
import {
  type Kept,
  LEFTOVERS,
  leftoverKey,
  type MadeResource,
  type Operation,
  resourceKey,
  STACK_RESOURCES,
  type Stack,
  type StackResource,
  tell,
} from "./stack.ts";
import { resolve } from "./template/resolve.ts";
import { dependenciesOf, isMap } from "./template/template.ts";
import { beginWait, endWait, isAwaited, toldOf } from "./waiting.ts";
import { type CallAs, callsOf, mergedTags, physicalName, workOn } from "./work.ts";

/** Resources of one stack that are worked on at a time. */
const RESOURCES_AT_ONCE = 16;

/** One step of an operation that is in the phase `apply`. `false`: what is left of it waits for somebody else. */
export async function applyStep(platform: Platform, stack: Stack): Promise<boolean> {
  const { operation } = stack;
  if (operation === undefined) return false;
  const scope = await scopeOf(platform, platform.store, stack, operation);
  const failed = scope.wanted.flatMap((id) => {
    const resource = scope.resources.get(id);
    return resource !== undefined && isDealtWith(resource, operation) && resource.status.endsWith("_FAILED")
      ? [resource]
      : [];
  });
  const told = await toldOfWaits(platform, scope, operation);
  const open = failed.length > 0 ? uninterrupted(scope, told) : readyResources(scope, operation);
  const ready = open.filter((id) => told.get(id) !== "waits").slice(0, RESOURCES_AT_ONCE);
  if (ready.length === 0) {
    if (open.length > 0) return false;
    if (failed.length > 0) await beginWayBack(platform, stack, operation, failed);
    else await finishApply(platform, stack, operation);
    return true;
  }
  const call = await callsOf(platform, stack, operation).catch((error: unknown) => failing(error));
  const job = { platform, stack, operation, scope, call, told, claimed: new Set<string>() };
  const outcomes = await Promise.all(ready.map((id) => applyResource(job, id)));
  await commitOutcomes(platform, outcomes);
  return true;
}

/** What has come for the resources that this operation has wait. */
async function toldOfWaits(platform: Platform, { resources }: StackScope, operation: Operation): Promise<Job["told"]> {
  const waiting = [...resources.values()].filter((one) => one.waiting && one.operationId === operation.id);
  const told = waiting.map(
    async ({ logicalId, waiting: wait }): Promise<[string, Told | "waits"]> => [
      logicalId,
      (wait && (await toldOf(platform, wait))) ?? "waits",
    ],
  );
  return new Map(await Promise.all(told));
}

/** What goes on where others have failed: an update of a nested stack cannot be taken back before it has ended. */
function uninterrupted({ resources }: StackScope, told: Job["told"]): readonly string[] {
  return [...told.keys()].filter((id) => {
    const resource = resources.get(id);
    return resource?.made !== undefined && findResourceType(resource.type)?.isUninterrupted === true;
  });
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
  /** By logical id, of those that wait. */
  readonly told: ReadonlyMap<string, Told | "waits">;
  /** Types and physical ids that resumed creations of this step have found. */
  readonly claimed: Set<string>;
}

/** What is to be written of a resource, once all that were worked on with it are through. */
type Outcome = (unit: Unit) => Promise<void>;

/** Where the stack is to be deleted by now too: what was made is there, and has to go with it. */
async function commitOutcomes({ store }: Platform, outcomes: readonly Outcome[]): Promise<void> {
  await store.commitUnsynced(async (unit) => {
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
    const reason = withoutSecrets(reasonOf(error, base.type, logicalId), scope.secrets);
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
  const there = existing?.made && { made: existing.made, ...(existing.attempted && { attempted: existing.attempted }) };
  const kept = (values: Properties): Kept => keep(platform, base, operation, values);
  let properties: Properties;
  try {
    const resolved = resolve(declared.properties, scope.scope) ?? {};
    if (!isMap(resolved)) throw new Error(`Properties of ${logicalId} must be an object`);
    properties = resolved;
    checkProperties(type, properties, logicalId);
    physicalName(type, { stackName: stack.name, logicalId, properties }, () => 0);
    mergedTags([], properties.Tags);
  } catch (error) {
    return failed(there ? "UPDATE" : "CREATE", error, there);
  }
  const isWayBack = operation.kind === "update-rollback";

  if (existing?.made === undefined || existing.type !== declared.type) return create("CREATE");
  const { made } = existing;
  const before = opened(platform, base, made.properties);
  const attributes = opened(platform, base, made.attributes);
  const changes = changesOf(type, before, properties);
  // It was looked at before it began to wait.
  if (waited()) return existing.started === undefined ? update() : create("UPDATE");
  if (changes.length === 0 && existing.attempted === undefined && !type.isAlwaysChanged && !tagsChanged()) {
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
      properties[nameRule] === before[nameRule]
    ) {
      const name = String(properties[nameRule]);
      const why = `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`;
      return failed("UPDATE", new Error(why), there);
    }
    return create("UPDATE", "Requested update requires the creation of a new physical resource; hence creating one.");
  }
  return update();

  /** What this operation's wait for it has brought. */
  function waited(): Told | undefined {
    const told = job.told.get(logicalId);
    return told === "waits" ? undefined : told;
  }

  function tagsChanged(): boolean {
    if (type?.updatable.includes("Tags") !== true || type.update === undefined) return false;
    const had = made.tags ?? mergedTags(operation.before?.tags ?? operation.tags, before.Tags);
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
            properties: kept(properties),
          };
    const begunAs = (others: readonly string[] | undefined): StackResource => ({
      ...base,
      status: `${verb}_IN_PROGRESS`,
      ...(reason !== undefined && { reason }),
      changedMs: nowMs(),
      started: { ...started, ...(others && { others }) },
      ...(existing?.made && { made: existing.made }),
    });
    let begun = begunAs(existing?.started?.others);
    // What is kept is the reference: a value that is another by the next update is no change of the template.
    const given = await withReferences(properties, job.call).catch((error: unknown) => failed(verb, error, there));
    if (typeof given === "function") return given;
    const asked = workOn(platform, job, { logicalId, type: base.type, ...started, properties: given });
    if (!resumed) {
      try {
        await checkFree(type as ResourceType, asked);
        begun = begunAs(await candidatesOf(type as ResourceType, asked));
      } catch (error) {
        return failed(verb, error, there);
      }
      await platform.store.commitUnsynced(async (unit) => {
        await put(unit, nowMs(), begun);
        if (type?.told || type?.isSignalled) expectSignal(unit, { token: started.token, stackId: stack.id });
      });
    }
    let begunId = resumed ? existing?.waiting?.begun?.physicalId : undefined;
    const work = {
      ...asked,
      began: (physicalId: string) => {
        begunId = physicalId;
      },
    };
    try {
      const told = waited();
      const result = told
        ? toldMade(type as ResourceType, work, told)
        : await createOrFind(type as ResourceType, work, resumed ? begun.started : undefined, job.claimed);
      if (isAwaited(result)) {
        const physicalId = result.awaited.physicalId ?? started.name;
        const given = kept(properties);
        return waits(begun, result, { physicalId, attributes: {}, properties: given, tags: work.tags, ...rules });
      }
      return settled(verb, result, work.tags, true);
    } catch (error) {
      begunId = (error instanceof ToldFailure ? error.physicalId : undefined) ?? begunId;
      const partial =
        begunId === undefined
          ? undefined
          : { physicalId: begunId, attributes: {}, properties: kept(properties), tags: work.tags, ...rules };
      const fail = failed(verb, error, there ?? (partial && { made: partial }));
      return async (unit) => {
        await endWaiting(unit);
        await fail(unit);
        // What was there before is there still; what was begun beside it goes.
        if (there && partial) {
          const leftover = { stackId: stack.id, logicalId, type: base.type, made: partial };
          unit.put(LEFTOVERS, leftoverKey(leftover), leftover);
        }
      };
    }
  }

  function waits(begun: StackResource, awaited: Awaited, made?: MadeResource): Outcome {
    return (unit) => {
      const waiting = { ...beginWait(unit, platform, awaited), ...(made && { begun: made }) };
      unit.put(STACK_RESOURCES, resourceKey(begun), { ...begun, waiting });
      return Promise.resolve();
    };
  }

  async function endWaiting(unit: Unit): Promise<void> {
    const { waiting } = existing ?? {};
    if (waiting === undefined) return;
    endWait(unit, platform, waiting);
    // What others are signalled at stays as long as its stack.
    if (findResourceType(base.type)?.isSignalled !== true) await forgetSignals(unit, waiting.token);
  }

  /** It is there; what it replaces goes later. */
  function settled(verb: "CREATE" | "UPDATE", result: Made, tags: MadeResource["tags"], replaces: boolean): Outcome {
    const [keptAttributes, keptProperties] = [kept(result.attributes ?? {}), kept(properties)];
    return async (unit) => {
      await endWaiting(unit);
      const done: StackResource = {
        ...base,
        status: `${verb}_COMPLETE`,
        changedMs: nowMs(),
        made: {
          physicalId: result.physicalId,
          attributes: keptAttributes,
          properties: keptProperties,
          ...(tags && { tags }),
          ...rules,
        },
      };
      if (existing?.made !== undefined && replaces) {
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
    const attempted = kept(properties);
    const begun: StackResource = {
      ...base,
      status: "UPDATE_IN_PROGRESS",
      changedMs: nowMs(),
      made,
      attempted,
    };
    const token = tokenOf(operation.id, "update", logicalId);
    const told = waited();
    if (told === undefined) {
      await platform.store.commitUnsynced(async (unit) => {
        await put(unit, nowMs(), begun);
        if (type?.told) expectSignal(unit, { token, stackId: stack.id });
      });
    }
    const given = await withReferences(properties, job.call).catch((error: unknown) => failed("UPDATE", error, there));
    if (typeof given === "function") return given;
    // After an update that was cut short or failed, nobody knows what it has changed.
    const isUnknown = existing?.attempted !== undefined;
    const changing: Changing = {
      ...workOn(platform, job, { logicalId, type: base.type, properties: given, name: made.physicalId, token }),
      physicalId: made.physicalId,
      attributes,
      before,
      tagKeysBefore: (made.tags ?? mergedTags(operation.before?.tags ?? [], before.Tags)).map(({ Key = "" }) => Key),
      changed: (...names) =>
        isUnknown || names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(properties[name])),
    };
    try {
      const was = { physicalId: made.physicalId, attributes };
      const result = told ? toldMade(type as ResourceType, changing, told, was) : await type?.update?.(changing);
      if (isAwaited(result)) return waits(begun, result);
      if (told)
        return settled("UPDATE", result as Made, changing.tags, (result as Made).physicalId !== made.physicalId);
      const now = { ...attributes, ...(result as Properties | undefined) };
      return settled("UPDATE", { physicalId: made.physicalId, attributes: now }, changing.tags, false);
    } catch (error) {
      const fail = failed("UPDATE", error, { made, attempted });
      return async (unit) => {
        await endWaiting(unit);
        await fail(unit);
      };
    }
  }
}

function toldMade(type: ResourceType, work: Work, told: Told, before?: Made): Made {
  if (type.told === undefined) throw new Error("It waits for nobody");
  return type.told(work, told, before);
}

/**
 * What a creation that was cut short may have made is found again, where the type can tell. What is found by then is the stack's, since
 * what was there before it began was somebody else's, and refused.
 */
async function createOrFind(
  type: ResourceType,
  work: Creating,
  started: StackResource["started"],
  claimed: Set<string>,
): Promise<Made | Awaited> {
  const { recovery } = type;
  if (started === undefined) return type.create(work);
  if (recovery !== undefined) {
    const others = started.others ?? [];
    const candidates = (await candidatesOf(type, work)) ?? [];
    // One of the same looks that is beside it may have been cut short as well.
    const found = candidates.find((id) => !others.includes(id) && !claimed.has(`${work.type} ${id}`));
    if (found === undefined) return type.create(work);
    claimed.add(`${work.type} ${found}`);
    work.began(found);
    return recovery.complete(work, found);
  }
  const found = await type.find?.(work);
  if (found === undefined) return type.create(work);
  if (isAwaited(found)) return found;
  work.began(found.physicalId);
  await type.complete?.(work);
  return found;
}

/** What is there that looks as a resource will. */
export async function candidatesOf({ recovery }: ResourceType, work: Work): Promise<readonly string[] | undefined> {
  return recovery?.candidates(work).catch((error: unknown) => {
    // What it is to lie in is not there, or it may not be looked at: its creation says so.
    if (error instanceof CallFailure) return undefined;
    throw error;
  });
}

/** Refuses what is there already: another stack's, or made by hand. */
async function checkFree(type: ResourceType, work: Work): Promise<void> {
  // A name that was made up is nobody else's.
  if (type.name !== undefined && work.properties[type.name.property] === undefined) return;
  const found = await type.find?.(work).catch((error: unknown) => {
    // Whoever may not look may create all the same.
    if (!(error instanceof CallFailure)) throw error;
  });
  if (found === undefined || isAwaited(found)) return;
  throw new Error(`Resource of type '${work.type}' with identifier '${found.physicalId}' already exists.`);
}

async function put(unit: Unit, nowMs: number, resource: StackResource): Promise<void> {
  unit.put(STACK_RESOURCES, resourceKey(resource), resource);
  const { stackId, logicalId, type, status, reason, made } = resource;
  await tell(unit, stackId, nowMs, { logicalId, physicalId: made?.physicalId ?? "", type, status, reason });
}

function checkProperties(type: ResourceType, properties: Properties, logicalId: string): void {
  const known = [...type.updatable, ...type.replacing];
  const unknown = isAny(type) ? undefined : Object.keys(properties).find((name) => !known.includes(name));
  if (unknown !== undefined && known.length > 0) throw new Error(`Encountered unsupported property ${unknown}`);
  const missing = type.required.find((name) => properties[name] === undefined);
  if (missing !== undefined) {
    throw new Error(
      `Properties validation failed for resource ${logicalId} with message: #: required key [${missing}] not found`,
    );
  }
}

/** Services say what is wrong with a value by telling it. */
function withoutSecrets(reason: string, secrets: readonly string[]): string {
  const told = secrets.filter((secret) => secret.length >= SECRET_CHARACTERS_MIN);
  return told.reduce((text, secret) => text.replaceAll(secret, "****"), reason);
}

/** What is shorter is in many a word. */
const SECRET_CHARACTERS_MIN = 4;

/** Why something failed, in the words in which stack events say it. */
export function reasonOf(error: unknown, type: string, logicalId: string): string {
  if (error instanceof CallFailure) {
    return `Resource handler returned message: "${error.message}" (Service: ${error.call.model}, Operation: ${error.call.operation}, Status Code: ${error.status}, Error Code: ${error.code})`;
  }
  // A property that is a text where a list has to be, deep inside.
  if (error instanceof TypeError) {
    return `Properties validation failed for resource ${logicalId}: a property is not of the type that it has to be`;
  }
  if (error instanceof ModeledError || error instanceof Error) return error.message;
  return `${type} ${logicalId} failed`;
}
