/**
 * What the models say of values beyond their types: required members, lengths, ranges, patterns, enumerations, unions. Enumerations are
 * closed for every service.
 *
 * On the hot path of every request, so a shape is compiled once to a closure. Places are linked lists that are spelled out only when
 * there is something to report.
 */
import type { ProblemKind } from "../models/catalog.ts";
import { compileOnce } from "../models/compile-once.ts";
import type { ListShape, MapShape, Member, ServiceModel, Shape, StructureShape } from "../models/model.ts";
import { shapeNamed } from "../models/shapes.ts";
import { type Pattern, patternOf } from "./validate-pattern.ts";

/** One broken constraint. */
export interface Problem {
  readonly kind: Extract<ProblemKind, "missing" | "constraint">;
  /** From the input down: members by name; of lists, the 1-based index and `member`; of maps, the key and `member`. */
  readonly place: Place;
  /** What is there; `undefined` where a required member is not. */
  readonly value: unknown;
  /** Of the value; it says how the value may be shown. */
  readonly shape: string;
  /** In the framework's words: "Member must not be null". */
  readonly rule: string;
}

export interface Place {
  readonly parent: Place | undefined;
  readonly segment: string;
}

/** No message lists more; what comes after is not looked at, so that bad input is never dearer than good. */
const PROBLEMS_MAX = 10;

/** Holds a decoded input against its shape. An empty answer means that it is valid. */
export function validate(model: ServiceModel, shapeName: string, value: unknown): Problem[] {
  const problems: Problem[] = [];
  checkOf(model, shapeName)(value, undefined, problems);
  return problems;
}

type Check = (value: unknown, place: Place | undefined, problems: Problem[]) => void;

/** Of shapes that nothing can be wrong with. */
const accept: Check = () => {};

const checkOf = compileOnce<Parameters<Check>, void>((model, name) => compile(model, name, shapeNamed(model, name)));

function compile(model: ServiceModel, shapeName: string, shape: Shape): Check {
  switch (shape.type) {
    case "structure":
      return compileStructure(model, shapeName, shape);
    case "list":
      return compileList(model, shapeName, shape);
    case "map":
      return compileMap(model, shapeName, shape);
    default:
      return compileScalar(shapeName, shape);
  }
}

function compileStructure(model: ServiceModel, shapeName: string, shape: StructureShape): Check {
  const required = new Set(shape.required);
  const members = Object.entries(shape.members).map(([name, member]) => ({
    name,
    shape: member.shape,
    required: required.has(name),
    check: checkOf(model, member.shape),
  }));
  const checked = members.filter((member) => member.required || member.check !== accept);
  const union = shape.union ? Object.keys(shape.members).join(", ") : undefined;
  return (value, parent, problems) => {
    const structure = value as Record<string, unknown>;
    for (const member of checked) {
      if (problems.length >= PROBLEMS_MAX) return;
      const present = structure[member.name];
      if (present === undefined) {
        if (member.required) report(problems, "missing", at(parent, member.name), undefined, member.shape, NOT_NULL);
      } else member.check(present, at(parent, member.name), problems);
    }
    if (union !== undefined && Object.keys(structure).length !== 1) {
      report(problems, "constraint", parent, value, shapeName, `Member must have exactly one of: [${union}]`);
    }
  };
}

function compileList(model: ServiceModel, shapeName: string, shape: ListShape): Check {
  const size = sizeCheck(shapeName, shape, (value) => (value as unknown[]).length);
  const scalar = isScalar(model, shape.member) ? compileRules(shapeNamed(model, shape.member.shape)) : undefined;
  const each = isScalar(model, shape.member) ? undefined : checkOf(model, shape.member.shape);
  return (value, place, problems) => {
    const list = value as unknown[];
    size?.(value, place, problems);
    if (!shape.sparse && list.includes(null)) {
      const element = elementPlace(place, list.indexOf(null) + 1);
      report(problems, "missing", element, undefined, shape.member.shape, NOT_NULL);
    } else if (scalar !== undefined) {
      if (!list.every((element) => element === null || scalar.hold(element))) {
        report(problems, "constraint", place, value, shapeName, `Member must satisfy constraint: [${scalar.text}]`);
      }
    } else if (each !== undefined) {
      for (let index = 0; index < list.length && problems.length < PROBLEMS_MAX; index++) {
        if (list[index] !== null) each(list[index], elementPlace(place, index + 1), problems);
      }
    }
  };
}

function compileMap(model: ServiceModel, shapeName: string, shape: MapShape): Check {
  const size = sizeCheck(shapeName, shape, (value) => Object.keys(value as object).length);
  const keys = compileRules(shapeNamed(model, shape.key.shape));
  const scalar = isScalar(model, shape.value) ? compileRules(shapeNamed(model, shape.value.shape)) : undefined;
  const each = isScalar(model, shape.value) ? undefined : checkOf(model, shape.value.shape);
  if (size === undefined && keys === undefined && scalar === undefined && each === undefined) return accept;
  return (value, place, problems) => {
    const map = value as Record<string, unknown>;
    size?.(value, place, problems);
    if (keys !== undefined && !Object.keys(map).every((key) => keys.hold(key))) {
      report(problems, "constraint", place, value, shapeName, `Map keys must satisfy constraint: [${keys.text}]`);
    }
    if (scalar !== undefined && !Object.values(map).every((element) => element === null || scalar.hold(element))) {
      report(problems, "constraint", place, value, shapeName, `Map value must satisfy constraint: [${scalar.text}]`);
    }
    if (each === undefined) return;
    for (const [key, element] of Object.entries(map)) {
      if (problems.length >= PROBLEMS_MAX) return;
      if (element !== null) each(element, at(at(place, key), "member"), problems);
    }
  };
}

function sizeCheck(
  shapeName: string,
  { min, max }: ListShape | MapShape,
  size: (value: unknown) => number,
): Check | undefined {
  if (min === undefined && max === undefined) return undefined;
  return (value, place, problems) => {
    const count = size(value);
    if (min !== undefined && count < min)
      report(problems, "constraint", place, value, shapeName, atLeast("length", min));
    if (max !== undefined && count > max)
      report(problems, "constraint", place, value, shapeName, atMost("length", max));
  };
}

function compileScalar(shapeName: string, shape: Shape): Check {
  const rules = rulesOf(shape);
  if (rules.length === 0) return accept;
  return (value, place, problems) => {
    for (const rule of rules) {
      if (!rule.holds(value)) report(problems, "constraint", place, value, shapeName, rule.text);
    }
  };
}

/** All rules of a scalar as one: how lists and maps of scalars report them. */
function compileRules(shape: Shape): { hold(value: unknown): boolean; text: string } | undefined {
  const rules = rulesOf(shape);
  if (rules.length === 0) return undefined;
  return {
    hold: (value) => rules.every((rule) => rule.holds(value)),
    text: rules.map((rule) => rule.text).join(", "),
  };
}

interface Rule {
  readonly text: string;
  holds(value: unknown): boolean;
}

function rulesOf(shape: Shape): Rule[] {
  switch (shape.type) {
    case "string":
      return [...stringLengthRules(shape), ...patternRules(shape), ...enumRules(shape)];
    case "blob":
      return boundRules(shape, "length", (value) => (value as Uint8Array).length);
    case "integer":
    case "long":
    case "float":
    case "double":
      return boundRules(shape, "value", (value) => value as number);
    default:
      return [];
  }
}

type Bounds = Pick<ListShape, "min" | "max">;

function boundRules({ min, max }: Bounds, what: "length" | "value", measure: (value: unknown) => number): Rule[] {
  const rules: Rule[] = [];
  if (max !== undefined) rules.push({ text: atMost(what, max), holds: (value) => measure(value) <= max });
  if (min !== undefined) rules.push({ text: atLeast(what, min), holds: (value) => measure(value) >= min });
  return rules;
}

/** Lengths are in characters (code points). Counting them is left for strings whose UTF-16 length does not settle it. */
function stringLengthRules({ min, max }: Bounds): Rule[] {
  const rules: Rule[] = [];
  if (max !== undefined) {
    const holds = (value: unknown): boolean => (value as string).length <= max || characters(value as string) <= max;
    rules.push({ text: atMost("length", max), holds });
  }
  if (min !== undefined) {
    const holds = (value: unknown): boolean =>
      (value as string).length >= 2 * min || characters(value as string) >= min;
    rules.push({ text: atLeast("length", min), holds });
  }
  return rules;
}

function characters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** A string that is too long is not held against the pattern: it is refused anyway. */
function patternRules({ pattern: source, max = Number.POSITIVE_INFINITY }: Shape & { type: "string" }): Rule[] {
  if (source === undefined) return [];
  let pattern: Pattern | undefined;
  const holds = (value: unknown): boolean => {
    pattern ??= patternOf(source);
    return (value as string).length > 2 * max || pattern.matches(value as string);
  };
  return [{ text: `Member must satisfy regular expression pattern: ${source}`, holds }];
}

function enumRules({ enum: values }: Shape & { type: "string" }): Rule[] {
  if (values === undefined) return [];
  const allowed = new Set<unknown>(values);
  return [{ text: `Member must satisfy enum value set: [${values.join(", ")}]`, holds: (value) => allowed.has(value) }];
}

function isScalar(model: ServiceModel, member: Member): boolean {
  const { type } = shapeNamed(model, member.shape);
  return type !== "structure" && type !== "list" && type !== "map";
}

const NOT_NULL = "Member must not be null";

function atLeast(what: "length" | "value", bound: number): string {
  return `Member must have ${what} greater than or equal to ${bound}`;
}

function atMost(what: "length" | "value", bound: number): string {
  return `Member must have ${what} less than or equal to ${bound}`;
}

function elementPlace(list: Place | undefined, number: number): Place {
  return at(at(list, String(number)), "member");
}

function at(parent: Place | undefined, segment: string): Place {
  return { parent, segment };
}

function report(
  problems: Problem[],
  kind: Problem["kind"],
  place: Place | undefined,
  value: unknown,
  shape: string,
  rule: string,
): void {
  if (problems.length < PROBLEMS_MAX)
    problems.push({ kind, place: place ?? { parent: undefined, segment: "input" }, value, shape, rule });
}
