/**
 * Intrinsic functions: a template's value with all that it refers to put in.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { validationError } from "../errors.ts";
import { replacePlaceholders } from "./references.ts";
import { isMap, type Template, type Values } from "./template.ts";

/** What names stand for. */
export interface Scope {
  readonly template: Template;
  /** Values of parameters and pseudo parameters. Lists are lists. */
  readonly parameters: Values;
  /** What `Ref` of a resource is: its physical id. */
  findPhysicalId(logicalId: string): string | undefined;
  findAttribute(logicalId: string, attribute: string): unknown;
  findExport(name: string): string | undefined;
  /** Conditions that were asked already: one may rest on another many times over. */
  readonly held: Map<string, boolean>;
}

/** What one value may still become in characters: functions in functions make much of little. */
interface Resolving extends Scope {
  readonly room: { characters: number };
}

/** As long as a template may be. */
const CHARACTERS_MAX = 1_048_576;
/** Conditions that rest on one another, one behind the other. */
const CONDITIONS_DEEP_MAX = 100;

/** What `AWS::NoValue` stands for: the property is as if it were not there. */
const NO_VALUE: unique symbol = Symbol("AWS::NoValue");

/** Throws `ValidationError` where something cannot be resolved. `undefined`: `AWS::NoValue`. */
export function resolve(value: unknown, scope: Scope): unknown {
  const resolved = resolveAny(value, withRoom(scope));
  return resolved === NO_VALUE ? undefined : resolved;
}

/** Whether a condition of the template's holds. */
export function conditionHolds(name: string, scope: Scope, within: readonly string[] = []): boolean {
  const known = scope.held.get(name);
  if (known !== undefined) return known;
  if (within.length > CONDITIONS_DEEP_MAX) throw validationError("Template error: conditions are nested too deeply");
  if (!Object.hasOwn(scope.template.conditions, name)) {
    throw validationError(`Template error: unresolved condition dependency ${name}`);
  }
  const verdict = holds(scope.template.conditions[name], withRoom(scope), [...within, name]);
  scope.held.set(name, verdict);
  return verdict;
}

function withRoom(scope: Scope): Resolving {
  return { ...scope, room: { characters: CHARACTERS_MAX } };
}

/** A text that was put together, if there is room for it. */
function fitting(text: string, { room }: Resolving): string {
  room.characters -= text.length;
  if (room.characters < 0) {
    throw validationError(`Template error: the functions of one value make more than ${CHARACTERS_MAX} characters`);
  }
  return text;
}

/** Throws `ValidationError` for values of parameters that a rule of the template does not allow. */
export function checkRules(given: Scope): void {
  const scope = withRoom(given);
  for (const { condition, assertions } of Object.values(scope.template.rules)) {
    if (condition !== undefined && !holds(condition, scope, [])) continue;
    const failed = assertions.filter(({ assert }) => !holds(assert, scope, []));
    if (failed.length > 0) {
      throw validationError(`Template failed validation: ${failed.map(({ description }) => description).join(" ")}`);
    }
  }
}

function resolveAny(value: unknown, scope: Resolving): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveAny(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ["", undefined]] = entries;
  if (entries.length === 1 && (name === "Ref" || name.startsWith("Fn::"))) return call(name, argument, scope);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolveAny(item, scope)]).filter(([, item]) => item !== NO_VALUE),
  );
}

function call(name: string, argument: unknown, scope: Resolving): unknown {
  switch (name) {
    case "Ref":
      return ref(text(argument, name), scope);
    case "Fn::GetAtt":
      return getAtt(argument, scope);
    case "Fn::Sub":
      return sub(argument, scope);
    case "Fn::Join":
      return join(argument, scope);
    case "Fn::Select":
      return select(argument, scope);
    case "Fn::Split": {
      const [separator, source] = list(argument, 2, name);
      const parts = text(resolveAny(source, scope), name).split(text(separator, name));
      for (const part of parts) fitting(part, scope);
      return parts;
    }
    case "Fn::FindInMap":
      return findInMap(argument, scope);
    case "Fn::If": {
      const [condition, then, otherwise] = list(argument, 3, name);
      return resolveAny(conditionHolds(text(condition, name), scope) ? then : otherwise, scope);
    }
    case "Fn::Base64":
      return fitting(Buffer.from(text(resolveAny(argument, scope), name)).toString("base64"), scope);
    case "Fn::GetAZs": {
      const region = text(resolveAny(argument, scope), name) || String(scope.parameters["AWS::Region"]);
      return ["a", "b", "c"].map((zone) => region + zone);
    }
    case "Fn::ImportValue": {
      const wanted = text(resolveAny(argument, scope), name);
      const found = scope.findExport(wanted);
      if (found === undefined) throw validationError(`No export named ${wanted} found.`);
      return found;
    }
    case "Fn::Equals":
    case "Fn::And":
    case "Fn::Or":
    case "Fn::Not":
      return holds({ [name]: argument }, scope, []);
    default:
      throw validationError(`Template error: ${name} is not built in Trunkline`);
  }
}

function ref(name: string, scope: Resolving): unknown {
  if (name === "AWS::NoValue") return NO_VALUE;
  if (Object.hasOwn(scope.parameters, name)) {
    const value = scope.parameters[name];
    if (typeof value === "string") fitting(value, scope);
    else if (Array.isArray(value)) for (const item of value) fitting(String(item), scope);
    return value;
  }
  const id = scope.findPhysicalId(name);
  if (id === undefined) throw validationError(`Template format error: Unresolved resource dependencies [${name}]`);
  return id;
}

function getAtt(argument: unknown, scope: Resolving): unknown {
  const parts = typeof argument === "string" ? argument.split(".") : list(argument, undefined, "Fn::GetAtt");
  const [id, ...path] = parts;
  const attribute = path.map((part) => text(resolveAny(part, scope), "Fn::GetAtt")).join(".");
  return attributeOf(text(id, "Fn::GetAtt"), attribute, scope);
}

function attributeOf(id: string, attribute: string, scope: Resolving): unknown {
  const value = scope.findAttribute(id, attribute);
  if (value !== undefined) return value;
  const type = scope.template.resources[id]?.type ?? "";
  throw validationError(
    `Template error: resource ${id} does not support attribute type ${attribute} in Fn::GetAtt (${type})`,
  );
}

function sub(argument: unknown, scope: Resolving): string {
  const [template, own = {}] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  if (!isMap(own)) throw validationError("Template error: Every Fn::Sub object must have a map as its second argument");
  // Each once, however often it is named.
  const given = new Map(Object.entries(own).map(([name, value]) => [name, text(resolveAny(value, scope), "Fn::Sub")]));
  return replacePlaceholders(text(template, "Fn::Sub"), (name) => {
    const dot = name.indexOf(".");
    const value =
      given.get(name) ?? (dot < 0 ? ref(name, scope) : attributeOf(name.slice(0, dot), name.slice(dot + 1), scope));
    return fitting(text(value, "Fn::Sub"), scope);
  });
}

function join(argument: unknown, scope: Resolving): string {
  const [separator, items] = list(argument, 2, "Fn::Join");
  const resolved = resolveAny(items, scope);
  if (!Array.isArray(resolved)) throw validationError("Template error: every Fn::Join object requires a list to join");
  const between = text(separator, "Fn::Join");
  for (const [place, item] of resolved.entries()) fitting(text(item, "Fn::Join") + (place > 0 ? between : ""), scope);
  return resolved.map((item) => text(item, "Fn::Join")).join(between);
}

function select(argument: unknown, scope: Resolving): unknown {
  const [index, items] = list(argument, 2, "Fn::Select");
  const place = Number(resolveAny(index, scope));
  const resolved = resolveAny(items, scope);
  if (!Array.isArray(resolved)) throw validationError("Template error: Fn::Select requires a list argument");
  if (!Number.isInteger(place) || place < 0 || place >= resolved.length) {
    throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
  }
  return resolved[place];
}

function findInMap(argument: unknown, scope: Resolving): unknown {
  const given = list(argument, undefined, "Fn::FindInMap");
  const [mapping, first, second] = given.slice(0, 3).map((part) => text(resolveAny(part, scope), "Fn::FindInMap"));
  const [, , , options] = given;
  const { mappings } = scope.template;
  const rows = Object.hasOwn(mappings, mapping ?? "") ? mappings[mapping ?? ""] : undefined;
  const row = rows && Object.hasOwn(rows, first ?? "") ? rows[first ?? ""] : undefined;
  if (isMap(row) && Object.hasOwn(row, second ?? "")) return row[second ?? ""];
  if (isMap(options) && options.DefaultValue !== undefined) return resolveAny(options.DefaultValue, scope);
  throw validationError(`Template error: Unable to get mapping for ${mapping}::${first}::${second}`);
}

function holds(condition: unknown, scope: Resolving, within: readonly string[]): boolean {
  if (!isMap(condition)) throw validationError("Template error: every condition must be a condition function");
  const [[name, argument] = ["", undefined]] = Object.entries(condition);
  const all = (bounds: readonly [number, number]): boolean[] => {
    const items = list(argument, undefined, name);
    if (items.length < bounds[0] || items.length > bounds[1]) {
      throw validationError(
        `Template error: every ${name} object requires a list of ${bounds.join(" to ")} conditions`,
      );
    }
    return items.map((item) => holds(item, scope, within));
  };
  switch (name) {
    case "Condition":
      return conditionHolds(text(argument, name), scope, within);
    case "Fn::Equals": {
      const [left, right] = list(argument, 2, name).map((side) => resolveAny(side, scope));
      return comparable(left) === comparable(right);
    }
    // These three are for rules.
    case "Fn::Contains": {
      const [items, value] = list(argument, 2, name).map((side) => resolveAny(side, scope));
      return list(items, undefined, name).some((item) => comparable(item) === comparable(value));
    }
    case "Fn::EachMemberEquals": {
      const [items, value] = list(argument, 2, name).map((side) => resolveAny(side, scope));
      return list(items, undefined, name).every((item) => comparable(item) === comparable(value));
    }
    case "Fn::EachMemberIn": {
      const [items, among] = list(argument, 2, name).map((side) => resolveAny(side, scope));
      const allowed = new Set(list(among, undefined, name).map(comparable));
      return list(items, undefined, name).every((item) => allowed.has(comparable(item)));
    }
    case "Fn::Not":
      return !all([1, 1])[0];
    case "Fn::And":
      return all([2, 10]).every(Boolean);
    case "Fn::Or":
      return all([2, 10]).some(Boolean);
    default:
      throw validationError(`Template error: ${name} is no condition function`);
  }
}

/** `true` and `"true"` are the same to templates. */
function comparable(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function list(argument: unknown, length: number | undefined, name: string): readonly unknown[] {
  if (Array.isArray(argument) && (length === undefined || argument.length === length)) return argument;
  throw validationError(`Template error: every ${name} object requires a list of ${length ?? "some"} parameters`);
}

function text(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw validationError(`Template error: ${name} requires a text where ${JSON.stringify(value) ?? "nothing"} is`);
}
