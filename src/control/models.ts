import { setImmediate } from "node:timers/promises";
import { catalog, loadModel } from "../models/catalog.ts";
import type { Shape } from "../models/model.ts";
import { operationNamed, shapeNamed } from "../models/shapes.ts";
import { type PlainRequest, type PlainResponse, patternText, streams } from "../wire/index.ts";
import { failure, json } from "./answer.ts";

/** Whether an operation of a model has been built. */
export type IsBuilt = (model: string, operation: string) => boolean;

/**
 * `GET /_trunkline/models`: which services and operations there are, and which of them are built. `GET /_trunkline/models/MODEL/OPERATION`:
 * what an operation takes, as the shapes of its API model: what an editor completes and checks with.
 */
export async function modelEndpoint(
  isBuilt: IsBuilt,
  { method }: Pick<PlainRequest, "method">,
  [name, operation, ...rest]: readonly string[],
): Promise<PlainResponse | undefined> {
  if (method !== "GET" || rest.length > 0) return undefined;
  if (name === undefined) {
    const models: object[] = [];
    for (const entry of catalog) {
      models.push(listed(isBuilt, entry.name));
      // Each is read at its first use, which takes some milliseconds: others have room between.
      await setImmediate();
    }
    return json({ models });
  }
  if (operation === undefined) return undefined;
  const known = catalog.some((entry) => entry.name === name);
  if (!known || !Object.hasOwn(loadModel(name).operations, operation)) {
    return failure(404, `There is no operation ${name} ${operation}`);
  }
  return json(described(isBuilt, name, operation));
}

function listed(isBuilt: IsBuilt, name: string): object {
  const { serviceId, operations } = loadModel(name);
  const names = Object.keys(operations).sort();
  return {
    name,
    serviceId,
    built: names.filter((operation) => isBuilt(name, operation)),
    notBuilt: names.filter((operation) => !isBuilt(name, operation)),
  };
}

function described(isBuilt: IsBuilt, name: string, operation: string): object {
  const model = loadModel(name);
  const { input } = operationNamed(model, operation);
  const shapes: Record<string, unknown> = {};
  const waiting = input === undefined ? [] : [input];
  for (let shapeName = waiting.pop(); shapeName !== undefined; shapeName = waiting.pop()) {
    if (Object.hasOwn(shapes, shapeName)) continue;
    const shape = shapeNamed(model, shapeName);
    shapes[shapeName] = compact(shape);
    waiting.push(...namesIn(shape));
  }
  return {
    model: name,
    operation,
    isBuilt: isBuilt(name, operation),
    // Those the console cannot call.
    ...(streams(model, operation) && { streams: true }),
    ...(input !== undefined && { input }),
    shapes,
  };
}

/** A shape without what is only about the wire. A pattern is one of JavaScript, with the flag `u`. */
function compact(shape: Shape): object {
  switch (shape.type) {
    case "structure":
      return {
        type: shape.type,
        members: Object.fromEntries(Object.entries(shape.members).map(([name, member]) => [name, member.shape])),
        ...(shape.required && { required: shape.required.filter((name) => !isToken(shape.members[name])) }),
        ...(shape.union && { union: true }),
      };
    case "list":
      return { type: shape.type, member: shape.member.shape, ...bounds(shape) };
    case "map":
      return { type: shape.type, key: shape.key.shape, value: shape.value.shape, ...bounds(shape) };
    case "string":
      return {
        type: shape.type,
        ...bounds(shape),
        ...(shape.pattern !== undefined && { pattern: patternText(shape.pattern) }),
        ...(shape.enum && { enum: shape.enum }),
      };
    default:
      return { type: shape.type, ...bounds(shape) };
  }
}

/** We fill in those that are missing. */
function isToken(member: { readonly idempotencyToken?: true } | undefined): boolean {
  return member?.idempotencyToken === true;
}

function bounds({ min, max }: { readonly min?: number; readonly max?: number }): object {
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

function namesIn(shape: Shape): readonly string[] {
  switch (shape.type) {
    case "structure":
      return Object.values(shape.members).map(({ shape: name }) => name);
    case "list":
      return [shape.member.shape];
    case "map":
      return [shape.key.shape, shape.value.shape];
    default:
      return [];
  }
}
