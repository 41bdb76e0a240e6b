import type { Properties, ResourceType } from "./resource-type.ts";

/** A property that an update changes. */
export interface PropertyChange {
  readonly name: string;
  /** Whether it takes another resource. */
  readonly replaces: boolean;
}

export function changesOf(type: ResourceType, before: Properties, after: Properties): readonly PropertyChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    sameValue(before[name], after[name])
      ? []
      : [{ name, replaces: type.update === undefined || !(type.updatable.includes(name) || isAny(type)) }],
  );
}

/** Whether it has properties of any name. */
export function isAny({ updatable }: ResourceType): boolean {
  return updatable.includes("*");
}

/** The order of keys is nobody's business. */
function sameValue(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      typeof item === "object" && item !== null && !Array.isArray(item)
        ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)))
        : item,
    ) ?? ""
  );
}
