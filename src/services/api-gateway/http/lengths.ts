/**
 * Lengths of texts, which the model of HTTP APIs says in the names of its shapes (`StringWithLengthBetween1And128`) and nowhere else.
 */
import { loadModel } from "../../../models/catalog.ts";
import { shapeNamed } from "../../../models/shapes.ts";
import type { Handler } from "../../service.ts";
import { badRequest } from "../errors.ts";

const LENGTH = /^(?:String|Uri)WithLengthBetween(\d+)And(\d+)(K?)$/;

/** A handler that sees input only whose texts have the lengths that they may have. */
export function checkingLengths(operation: string, handler: Handler): Handler {
  return async (input, context) => {
    const model = loadModel("apigatewayv2");
    const shape = model.operations[operation]?.input;
    if (shape !== undefined) check(shape, input, "");
    return handler(input, context);
  };
}

function check(shapeName: string, value: unknown, place: string): void {
  if (value === undefined || value === null) return;
  const [, min, max, kilo] = LENGTH.exec(shapeName) ?? [];
  if (max !== undefined) checkLength(String(value), place, Number(min), Number(max) * (kilo === "K" ? 1024 : 1));
  const shape = shapeNamed(loadModel("apigatewayv2"), shapeName);
  if (shape.type === "structure") {
    for (const [name, member] of Object.entries(shape.members)) {
      const own = member.locationName ?? name;
      check(member.shape, (value as Record<string, unknown>)[name], place === "" ? own : `${place}.${own}`);
    }
  } else if (shape.type === "list") {
    for (const [index, one] of (value as unknown[]).entries())
      check(shape.member.shape, one, `${place}.${index + 1}.member`);
  } else if (shape.type === "map") {
    for (const [key, one] of Object.entries(value)) check(shape.value.shape, one, `${place}.${key}.member`);
  }
}

function checkLength(value: string, place: string, min: number, max: number): void {
  const broken =
    value.length < min
      ? `greater than or equal to ${min}`
      : value.length > max
        ? `less than or equal to ${max}`
        : undefined;
  if (broken === undefined) return;
  throw badRequest(
    `1 validation error detected: Value at '${place}' failed to satisfy constraint: Member must have length ${broken}`,
  );
}
