import assert from "node:assert/strict";
import type { OperationModel, ServiceModel, Shape, StructureShape } from "./model.ts";

/** The shape of that name. Names come from the model itself, so one without a shape is a mistake of the importer. */
export function shapeNamed(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  assert.ok(shape !== undefined, `${model.name} has no shape ${name}`);
  return shape;
}

export function structureNamed(model: ServiceModel, name: string): StructureShape {
  const shape = shapeNamed(model, name);
  assert.ok(shape.type === "structure", `${name} of ${model.name} is no structure`);
  return shape;
}

export function operationNamed(model: ServiceModel, name: string): OperationModel {
  const operation = model.operations[name];
  assert.ok(operation !== undefined, `${model.name} has no operation ${name}`);
  return operation;
}
