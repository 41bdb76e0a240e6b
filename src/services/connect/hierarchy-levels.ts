import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { invalidParameter } from "./errors.ts";

/** The levels that the groups of an instance lie on, from the top. A new instance has none. */
export interface HierarchyStructure extends InstanceRef {
  readonly levels: readonly HierarchyLevel[];
}

interface HierarchyLevel {
  readonly id: string;
  readonly name: string;
  readonly lastModifiedMs: number;
}

export const hierarchyStructures: Collection<HierarchyStructure> = collection("connect_hierarchy_structures");

export async function getHierarchyStructure(reader: Reader, instance: InstanceRef): Promise<HierarchyStructure> {
  return (await reader.get(hierarchyStructures, hierarchyStructureKey(instance))) ?? { ...refOf(instance), levels: [] };
}

export function hierarchyStructureKey(instance: InstanceRef): string {
  return instanceKey(instance, "structure");
}

/**
 * The id of the level for a group at a depth, from 1. Writes the structure as well, since whether a level may be removed rests on
 * which groups lie on it.
 */
export async function useHierarchyLevel(unit: Unit, instance: InstanceRef, depth: number): Promise<string> {
  const structure = await getHierarchyStructure(unit, instance);
  const level = structure.levels[depth - 1];
  if (!level) throw invalidParameter(`The hierarchy structure of the instance has no level ${depth}`);
  unit.put(hierarchyStructures, hierarchyStructureKey(instance), structure);
  return level.id;
}
