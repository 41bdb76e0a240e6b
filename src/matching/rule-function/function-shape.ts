import { JsonSyntaxError, JsonTokens } from "../json-tokens.ts";
import type { JsonObject } from "../path-tree.ts";
import { cut, refuse } from "./refusal.ts";

/**
 * The shape that all Connect rule functions share, whatever their event source: groups of groups and conditions. What a path may be
 * asked, and with which operands and filters, is for the source to say.
 *
 *     { "Version": "2022-11-25", "RuleFunction": { "Operator": "AND", "Operands": [ group or condition, … ] } }
 *
 * Members that the language does not know are ignored (our choice).
 */
export interface GroupShape {
  readonly kind: "group";
  /** Its place in the function's JSON: `RuleFunction.Operands[1]`. */
  readonly at: string;
  readonly operator: "AND" | "OR";
  /** At least one. */
  readonly nodes: readonly NodeShape[];
  readonly filters: readonly FilterShape[];
  readonly negate: boolean;
}

export interface ConditionShape {
  readonly kind: "condition";
  readonly at: string;
  readonly operator: LeafOperator;
  /** Empty also where the member is missing, which is a way to say "no value". */
  readonly operands: readonly unknown[];
  readonly comparisonValue: string;
  readonly filters: readonly FilterShape[];
  /** `FilterClause` is the list itself: so the AI agent's documentation writes it in one place. */
  readonly bareFilters: boolean;
  readonly negate: boolean;
}

export type NodeShape = GroupShape | ConditionShape;

export type LeafOperator = (typeof LEAF_OPERATORS)[number];

export interface FilterShape {
  readonly type: string;
  readonly data: unknown;
}

export const VERSION = "2022-11-25";

export const LEAF_OPERATORS = [
  "CONTAINS_ANY",
  "CONTAINS",
  "EQUALS",
  "NumberLessOrEqualTo",
  "NumberGreaterOrEqualTo",
] as const;

/** Groups within groups, the outermost counted (our choice; the documentation shows two). */
const DEPTH_MAX = 5;

/** "Conditions in a rule" (feature specifications): each operand of the outermost group counts. The same for any other group (our choice). */
const GROUP_OPERANDS_MAX = 20;

/** The outermost group of a function. Throws `InvalidRequestException`. */
export function readShape(text: string): GroupShape {
  const document = readObject(parseJson(text), "Function");
  if (document.Version !== VERSION) refuse("Version", `must be "${VERSION}"`);
  if (document.RuleFunction === undefined) refuse("RuleFunction", "is missing");
  const outermost = readNode(document.RuleFunction, "RuleFunction", 1);
  if (outermost.kind !== "group") refuse("RuleFunction.Operator", "the outermost operator must be AND or OR");
  return outermost;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readObject(value: unknown, at: string): JsonObject {
  if (!isObject(value)) refuse(at, "must be a JSON object");
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("Function", `is not valid JSON: ${syntaxError(text)}`);
  }
}

/** What is wrong, and in which line and column: `JSON.parse` names the place only of some mistakes. */
function syntaxError(text: string): string {
  const tokens = new JsonTokens(text);
  try {
    while (tokens.next().kind !== "end");
    return "it is empty";
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return `${cut(error.message)} (${lineAndColumn(text, error.at)})`;
  }
}

function lineAndColumn(text: string, at: number): string {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf("\n"); end >= 0 && end < at; end = text.indexOf("\n", lineStart)) {
    line += 1;
    lineStart = end + 1;
  }
  return `line ${line}, column ${at - lineStart + 1}`;
}

function readNode(value: unknown, at: string, depth: number): NodeShape {
  const node = readObject(value, at);
  const { Operator: operator } = node;
  if (operator === "AND" || operator === "OR") return readGroup(node, operator, at, depth);
  const leafOperator = LEAF_OPERATORS.find((known) => known === operator);
  if (leafOperator === undefined) refuse(`${at}.Operator`, `must be one of AND, OR, ${LEAF_OPERATORS.join(", ")}`);
  return readCondition(node, leafOperator, at);
}

function readGroup(node: JsonObject, operator: "AND" | "OR", at: string, depth: number): GroupShape {
  if (depth > DEPTH_MAX) refuse(at, `groups may be nested ${DEPTH_MAX} deep at most`);
  const operands = node.Operands;
  if (!Array.isArray(operands)) refuse(`${at}.Operands`, "must be a list of conditions and groups");
  if (operands.length === 0) refuse(`${at}.Operands`, "must not be empty");
  if (operands.length > GROUP_OPERANDS_MAX) {
    refuse(`${at}.Operands`, `at most ${GROUP_OPERANDS_MAX} conditions are allowed, but there are ${operands.length}`);
  }
  return {
    kind: "group",
    at,
    operator,
    nodes: operands.map((operand, index) => readNode(operand, `${at}.Operands[${index}]`, depth + 1)),
    filters: readFilters(node.FilterClause, `${at}.FilterClause`),
    negate: readNegate(node.Negate, at),
  };
}

function readCondition(node: JsonObject, operator: LeafOperator, at: string): ConditionShape {
  const { ComparisonValue: comparisonValue, Operands: operands = [], FilterClause: clause } = node;
  if (typeof comparisonValue !== "string" || !comparisonValue.startsWith("$.")) {
    refuse(`${at}.ComparisonValue`, 'must be a text that begins with "$."');
  }
  if (!Array.isArray(operands)) refuse(`${at}.Operands`, "must be a list");
  return {
    kind: "condition",
    at,
    operator,
    operands,
    comparisonValue,
    filters: readFilters(clause, `${at}.FilterClause`),
    bareFilters: Array.isArray(clause),
    negate: readNegate(node.Negate, at),
  };
}

function readNegate(value: unknown, at: string): boolean {
  if (value !== undefined && typeof value !== "boolean") refuse(`${at}.Negate`, "must be true or false");
  return value === true;
}

function readFilters(clause: unknown, at: string): readonly FilterShape[] {
  if (clause === undefined) return [];
  if (Array.isArray(clause)) return readFilterList(clause, at);
  const { LogicOperator: operator, Filters: filters } = readObject(clause, at);
  if (operator !== "AND") refuse(`${at}.LogicOperator`, "must be AND");
  return readFilterList(filters, `${at}.Filters`);
}

function readFilterList(filters: unknown, at: string): readonly FilterShape[] {
  if (!Array.isArray(filters)) refuse(at, "must be a list of filters");
  return filters.map((value, index) => {
    const { Type: type, Data: data } = readObject(value, `${at}[${index}]`);
    if (typeof type !== "string") refuse(`${at}[${index}].Type`, "must be the name of a filter");
    return { type, data };
  });
}
