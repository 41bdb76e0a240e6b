import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import type { PlannedChange } from "./change-set.ts";
import { changesOf } from "./changes.ts";
import type { Properties } from "./resource-type.ts";
import { findResourceType } from "./resource-types/index.ts";
import { type StackScope, scopeOf } from "./scope.ts";
import { type Holder, opened } from "./secrets.ts";
import type { Description, Stack, StackResource } from "./stack.ts";
import { resolve } from "./template/resolve.ts";

/** What would be done to bring a stack to a description. */
export async function planChanges(
  holder: Holder,
  reader: Reader,
  stack: Stack,
  described: Description,
): Promise<readonly PlannedChange[]> {
  const scope = await scopeOf(holder, reader, stack, described);
  const added = scope.wanted.flatMap((id) => plannedFor(holder, scope, id));
  const removed = [...scope.resources.values()]
    .filter(({ logicalId, made }) => made !== undefined && !scope.wanted.includes(logicalId))
    .map(({ logicalId, type, made }): PlannedChange => {
      return { action: "Remove", logicalId, type, ...(made && { physicalId: made.physicalId }), properties: [] };
    });
  return [...added, ...removed];
}

function plannedFor(
  holder: Holder,
  { template, scope, resources }: StackScope,
  logicalId: string,
): readonly PlannedChange[] {
  const declared = template.resources[logicalId];
  if (declared === undefined) return [];
  const existing = resources.get(logicalId);
  if (existing?.made === undefined) return [{ action: "Add", logicalId, type: declared.type, properties: [] }];
  const base = { action: "Modify", logicalId, type: declared.type, physicalId: existing.made.physicalId } as const;
  if (existing.type !== declared.type) return [{ ...base, replacement: "True", properties: [] }];
  const properties = resolved(declared.properties, scope);
  // It rests on what is not there yet.
  if (properties === undefined) return [{ ...base, replacement: "Conditional", properties: [] }];
  const changes = changesIn(holder, existing, properties);
  if (changes.length === 0 && !findResourceType(existing.type)?.isAlwaysChanged) return [];
  return [{ ...base, replacement: changes.some(({ replaces }) => replaces) ? "True" : "False", properties: changes }];
}

function changesIn(holder: Holder, resource: StackResource, properties: Properties): PlannedChange["properties"] {
  const { type: name, made } = resource;
  const type = findResourceType(name);
  return type === undefined || made === undefined
    ? []
    : changesOf(type, opened(holder, resource, made.properties), properties);
}

function resolved(properties: Properties, scope: StackScope["scope"]): Properties | undefined {
  try {
    return (resolve(properties, scope) ?? {}) as Properties;
  } catch (error) {
    if (error instanceof ModeledError) return undefined;
    throw error;
  }
}
