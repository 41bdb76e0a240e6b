import type {
  DescribeUserHierarchyStructureRequest,
  DescribeUserHierarchyStructureResponse,
  HierarchyStructureUpdate,
  UpdateUserHierarchyStructureRequest,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { instanceKey, resourceArn } from "./arns.ts";
import { invalidParameter } from "./errors.ts";
import {
  getHierarchyStructure,
  type HierarchyStructure,
  hierarchyStructureKey,
  hierarchyStructures,
} from "./hierarchy-levels.ts";
import { getInstance } from "./instances.ts";
import { hierarchyGroups, LEVELS } from "./user-hierarchy.ts";

const LEVEL_NAME_MAX = 50;

export async function describeUserHierarchyStructure(
  input: Validated<DescribeUserHierarchyStructureRequest>,
  context: Context,
): Promise<DescribeUserHierarchyStructureResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const { levels } = await getHierarchyStructure(context.store, instance);
  const described = levels.map(({ id, name, lastModifiedMs }, at) => [
    LEVELS[at],
    {
      Id: id,
      Arn: resourceArn("hierarchyLevel", instance, id),
      Name: name,
      LastModifiedTime: new Date(lastModifiedMs),
      LastModifiedRegion: instance.region,
    },
  ]);
  return { HierarchyStructure: Object.fromEntries(described) };
}

/** Replaces the levels: what is left out is removed, a new name keeps the id. */
export async function updateUserHierarchyStructure(
  input: Validated<UpdateUserHierarchyStructureRequest>,
  context: Context,
): Promise<Record<string, never>> {
  const names = levelNames(input.HierarchyStructure);
  const newIds = names.map(() => context.ids.uuid());
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const structure = await getHierarchyStructure(unit, instance);
    await refuseRemovingUsedLevels(unit, structure, names.length);
    const levels = names.map((name, at) => {
      const level = structure.levels[at];
      return level?.name === name ? level : { id: level?.id ?? newIds[at] ?? "", name, lastModifiedMs: nowMs };
    });
    unit.put(hierarchyStructures, hierarchyStructureKey(instance), { ...structure, levels });
  });
  return {};
}

/** The names of the levels that a request gives, from the top, without a gap. */
function levelNames(update: Validated<HierarchyStructureUpdate>): string[] {
  const names = LEVELS.map((level) => update[level]?.Name);
  const given = names.filter((name) => name !== undefined);
  if (names.slice(0, given.length).includes(undefined)) {
    throw invalidParameter("A hierarchy level needs the levels above it");
  }
  if (given.some((name) => name.trim() === "" || name.length > LEVEL_NAME_MAX)) {
    throw invalidParameter(`The name of a hierarchy level has 1 to ${LEVEL_NAME_MAX} characters`);
  }
  return given;
}

async function refuseRemovingUsedLevels(unit: Unit, structure: HierarchyStructure, left: number): Promise<void> {
  for (const [at, level] of structure.levels.entries()) {
    if (at < left) continue;
    const range = { index: "depth", equals: instanceKey(structure, at + 1), limit: 1 };
    const { documents } = await unit.list(hierarchyGroups, range);
    if (documents.length > 0) {
      throw new ModeledError("ResourceInUseException", `Hierarchy level ${level.name} has groups`, {
        ResourceType: "HIERARCHY_LEVEL",
        ResourceId: level.id,
      });
    }
  }
}
