import type { ServiceModel } from "../models/model.ts";

/** What a shape takes of a document: outputs say more than inputs may. */
export function projected(model: ServiceModel, shapeName: string, value: unknown): unknown {
  const shape = model.shapes[shapeName];
  if (value === undefined || value === null) return undefined;
  switch (shape?.type) {
    case "structure": {
      const known = Object.entries(shape.members)
        .map(
          ([name, member]) => [name, projected(model, member.shape, (value as Record<string, unknown>)[name])] as const,
        )
        .filter(([, one]) => one !== undefined);
      return Object.fromEntries(known);
    }
    case "list":
      return Array.isArray(value) ? value.map((item) => projected(model, shape.member.shape, item)) : undefined;
    case "map":
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, projected(model, shape.value.shape, item)]),
      );
    default:
      return value;
  }
}
