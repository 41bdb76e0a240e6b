/**
 * A template's properties as an operation's input. Templates write `"true"` for true, `30` for "30", a policy as an object where the operation
 * takes its text, and `DelaySeconds` where the API has `delaySeconds`: the model says which it is.
 */
import { loadModel } from "../../models/catalog.ts";
import type { ServiceModel } from "../../models/model.ts";
import { operationNamed, shapeNamed } from "../../models/shapes.ts";
import { validationError } from "./errors.ts";

/** Throws `ValidationError` for a member that the operation does not have: `at` a path in the properties. */
export function shapedInput(modelName: string, operation: string, input: unknown): unknown {
  const model = loadModel(modelName);
  const shape = operationNamed(model, operation).input;
  return shape === undefined ? {} : shaped(model, shape, input, "#");
}

function shaped(model: ServiceModel, name: string, value: unknown, at: string): unknown {
  const shape = shapeNamed(model, name);
  switch (shape.type) {
    case "structure": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      const members = new Map(Object.keys(shape.members).map((member) => [member.toLowerCase(), member]));
      const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
        if (item === undefined) return [];
        const member = Object.hasOwn(shape.members, key) ? key : members.get(key.toLowerCase());
        const reference = member === undefined ? undefined : shape.members[member];
        if (member === undefined || reference === undefined) {
          throw validationError(`Properties validation failed: ${at}: extraneous key [${key}] is not permitted`);
        }
        return [[member, shaped(model, reference.shape, item, `${at}/${key}`)]];
      });
      return Object.fromEntries(entries);
    }
    case "list":
      if (!Array.isArray(value)) return value;
      return value.map((item, place) => shaped(model, shape.member.shape, item, `${at}/${place}`));
    case "map":
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, shaped(model, shape.value.shape, item, `${at}/${key}`)]),
      );
    case "integer":
    case "long":
    case "float":
    case "double":
      return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
    case "boolean":
      return value === "true" ? true : value === "false" ? false : value;
    case "string":
      return textOf(value);
    default:
      return value;
  }
}

function textOf(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
