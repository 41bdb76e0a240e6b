import type { JsonObject } from "../../../matching/machine.ts";
import { badRequest } from "../errors.ts";
import { memberOf, textOf } from "./json-value.ts";
import { compileTemplate, type TemplateBudget } from "./source-template.ts";

/** One value of a field. Lists and objects have become their JSON text. */
export type Scalar = string | number | boolean;

/** What a source finds: a value, nothing, or for a source that walks an array one or nothing for each of its elements. */
export type Found = Scalar | undefined | readonly (Scalar | undefined)[];

export type FieldSource = (object: JsonObject, budget: TemplateBudget) => Found;

const ROOT = "_source";

/** `name`, `name[0]`, `name[0][1]`, `name[]`. */
const STEP = /^([^.[\]{}]*)((?:\[\d{1,9}\])*)(\[\])?$/;

/**
 * Compiles the `Source` of a field: an accessor such as `_source.items[0].sku` or `_source.items[].sku`, or a Handlebars template. Throws
 * `BadRequestException`, which begins with `at`, where it is neither.
 */
export function compileSource(source: string, at: string): FieldSource {
  if (!source.includes("{{")) return compileAccessor(source, at);
  const template = compileTemplate(source, at);
  return (object, budget) => template({ [ROOT]: object }, budget) || undefined;
}

function compileAccessor(source: string, at: string): FieldSource {
  const [root = "", ...rest] = source.split(".").flatMap((step, place) => stepsOf(step, place, at));
  if (root !== ROOT)
    throw badRequest(`${at}: a Handlebars template, or an accessor that begins with _source, is needed.`);
  const walked = rest.indexOf(WALK);
  if (walked < 0) return (object) => scalarOf(follow(object, rest));
  const [before, behind] = [rest.slice(0, walked), rest.slice(walked + 1)];
  if (behind.includes(WALK)) throw badRequest(`${at}: [] is allowed once.`);
  return (object) => {
    const list = follow(object, before);
    return Array.isArray(list) ? list.map((element) => scalarOf(follow(element, behind))) : undefined;
  };
}

/** No name can be like this. */
const WALK = "[]";

function stepsOf(step: string, place: number, at: string): readonly string[] {
  const [, name = "", indexes = "", walk] = STEP.exec(step) ?? [];
  if (name === "") throw badRequest(`${at}: step ${place + 1} of the accessor is not valid.`);
  return [name, ...(indexes.match(/\d+/g) ?? []).map((digits) => String(Number(digits))), ...(walk ? [WALK] : [])];
}

function follow(value: unknown, steps: readonly string[]): unknown {
  let found = value;
  for (const step of steps) found = memberOf(found, step);
  return found;
}

/** Numbers that a double would change, and everything that is no scalar, become text. */
function scalarOf(value: unknown): Scalar | undefined {
  return typeof value === "number" || typeof value === "boolean" ? value : textOf(value);
}
