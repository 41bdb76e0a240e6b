import type { JsonObject } from "../../../matching/machine.ts";
import { badRequest } from "../errors.ts";
import { compileTemplate, type TemplateBudget } from "./source-template.ts";
import {
  SOURCE_TIMESTAMP,
  type StandardField,
  type StandardFields,
  type StandardObject,
  standardObjects,
} from "./standard-objects.ts";

/** Where a target leads in its standard object: names, and indexes in lists. */
export type TargetPath = readonly (string | number)[];

export interface FieldTarget {
  readonly object: StandardObject;
  /** The field of the object, which may be a group that it leads into. */
  readonly field: string;
  /** Whether it is `_profile.SourceLastUpdatedTimestamp`, which is read and not stored. */
  readonly isSourceTimestamp: boolean;
  /** Whether it names a number. */
  readonly isNumber: boolean;
  /** Whether it goes through a list: then each value of a source that walks an array has a place of its own. */
  readonly isWalk: boolean;
  /** The place for the value at an index of the source's; nothing where a part of it that the object gives is empty. */
  readonly pathFor: (index: number, object: JsonObject, budget: TemplateBudget) => TargetPath | undefined;
}

const ATTRIBUTE_NAME_MAX = 255;

/** A part of a target between points; points in braces do not count. */
const PARTS = /(?:\{\{[^{}]*\}\}|[^.])+/g;

/** Of a path: a name, the place of an index, or a name that the object gives. */
type Step = string | typeof INDEX | ((object: JsonObject, budget: TemplateBudget) => string);
const INDEX: unique symbol = Symbol("index");

/**
 * Compiles the `Target` of a field: `_profile.Address.City`, `_order.OrderItems[].Title`, `_profile.Attributes.Any name`,
 * `_communicationRecord.Events.{{campaign_event_type}}.UpdatedDate`. Braces are resolved in the object, with or without `_source.` before.
 *
 * Throws `BadRequestException`, which begins with `at`, where it names no field of a standard object.
 */
export function compileTarget(target: string, at: string): FieldTarget {
  const [name = "", ...parts] = target.match(PARTS) ?? [];
  const object = standardObjects.get(name);
  if (object === undefined || parts.join(".").length + name.length + 1 !== target.length) {
    throw badRequest(`${at}: ${target} names no field of a standard object.`);
  }
  const steps: Step[] = [];
  const field = walk(object.fields, parts, steps, { target, at });
  const walks = steps.filter((step) => step === INDEX).length;
  if (walks > 1) throw badRequest(`${at}: [] is allowed once.`);
  return {
    object,
    field: String(steps[0]),
    isSourceTimestamp: target === `_profile.${SOURCE_TIMESTAMP}`,
    isNumber: field.kind === "number",
    isWalk: walks > 0,
    pathFor: (index, source, budget) => {
      const path = steps.map((step) =>
        step === INDEX ? index : typeof step === "string" ? step : step(source, budget),
      );
      return path.some((step) => step === "" || step === "__proto__") ? undefined : path;
    },
  };
}

interface Place {
  readonly target: string;
  readonly at: string;
}

function walk(fields: StandardFields, parts: readonly string[], steps: Step[], place: Place): StandardField {
  const [part = "", ...rest] = parts;
  const isList = part.endsWith("[]");
  const name = isList ? part.slice(0, -"[]".length) : part;
  const field = fields.get(name);
  if (field === undefined || (field.kind === "list") !== isList) throw unknownField(place);
  steps.push(name);
  if (isList) steps.push(INDEX);
  switch (field.kind) {
    case "text":
    case "number":
      if (rest.length > 0) throw unknownField(place);
      return field;
    case "group":
    case "list":
      return walk(field.fields, rest, steps, place);
    case "map": {
      const { fields: inMember } = field;
      const [key = "", ...behind] = inMember === undefined ? [rest.join(".")] : rest;
      steps.push(memberName(key, place));
      return inMember === undefined ? { kind: "text" } : walk(inMember, behind, steps, place);
    }
  }
}

function memberName(key: string, place: Place): Step {
  if (key === "" || key === "__proto__" || key.length > ATTRIBUTE_NAME_MAX) throw unknownField(place);
  if (!key.includes("{{")) return key;
  const template = compileTemplate(key, place.at);
  return (object, budget) => template({ ...object, _source: object }, budget);
}

function unknownField({ target, at }: Place): Error {
  return badRequest(`${at}: ${target} names no field of a standard object.`);
}
