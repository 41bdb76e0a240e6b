/** What is wrong with a text: that it is no JSON, or what its shapes say. The server's word is what counts; this one comes while one types. */
import type { Range } from "./range.ts";
import { fitsKind, type Kind, meantShape, type Shape, type Shapes, shapeNamed } from "./shapes.ts";
import {
  kindOf,
  memberShape,
  memberText,
  type Node,
  type Parsed,
  parseJson,
  propertiesOf,
  rootValue,
  stringAt,
  valuesIn,
} from "./tree.ts";

/** Something wrong at a place of the text. A warning changes nothing: a member that nobody reads. */
export interface Problem extends Range {
  readonly message: string;
  readonly severity: "error" | "warning";
}

/** More than a reader can mend at once. */
const PROBLEMS_MAX = 50;
/** Longer texts are checked by the server alone. */
const CHARACTERS_MAX = 500_000;
const LEVELS_MAX = 100;
/** As the server: a longer value is not held against a pattern, whose time may grow faster than the value. */
const PATTERN_CHARACTERS_MAX = 4096;

export function problemsOf(text: string, shapes: Shapes | undefined): readonly Problem[] {
  if (text.length > CHARACTERS_MAX) return [];
  const parsed = parseJson(text);
  const notJson = syntaxProblem(parsed);
  if (notJson) return [notJson];
  const root = rootValue(parsed);
  if (!root || !shapes) return [];
  const checking: Checking = { parsed, shapes, problems: [] };
  const input: Shape =
    shapes.input === undefined ? { type: "structure", members: {} } : shapeNamed(shapes, shapes.input);
  check(checking, root, input, 0);
  return checking.problems;
}

function syntaxProblem(parsed: Parsed): Problem | undefined {
  const { text } = parsed;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    const told = /at position (\d+)/.exec(message)?.[1];
    const at = Math.min(told === undefined ? errorPlace(parsed) : Number(told), text.length);
    const words = message.replace(/ in JSON at position .*$|, ".*is not valid JSON$/s, "");
    return {
      from: at > 0 && at === text.length ? at - 1 : at,
      to: Math.min(at + 1, text.length),
      message: text.trim() === "" ? "A JSON document belongs here" : `This is not JSON: ${words}`,
      severity: "error",
    };
  }
}

function errorPlace({ tree, text }: Parsed): number {
  let found: number | undefined;
  tree.iterate({
    enter: ({ type, from }) => {
      if (type.isError) found ??= from;
      return found === undefined;
    },
  });
  return found ?? text.length;
}

interface Checking {
  readonly parsed: Parsed;
  readonly shapes: Shapes;
  readonly problems: Problem[];
}

function check(checking: Checking, node: Node, declared: Shape, level: number): void {
  const { parsed, shapes, problems } = checking;
  const kind = kindOf(node);
  if (kind === undefined || level > LEVELS_MAX || problems.length >= PROBLEMS_MAX) return;
  const shape = meantShape(shapes, declared, kind, memberText(parsed, node));
  if (!fitsKind(shapes, shape, kind)) {
    report(checking, node, `is to be ${named(shapes, shape)}, and not ${article(kind)}`);
    return;
  }
  switch (shape.type) {
    case "structure":
      checkMembers(checking, node, shape, level);
      break;
    case "list": {
      const values = valuesIn(node);
      checkSize(checking, node, values.length, shape, "items");
      for (const value of values) check(checking, value, shapeNamed(shapes, shape.member), level + 1);
      break;
    }
    case "map": {
      const properties = propertiesOf(parsed, node);
      checkSize(checking, node, properties.length, shape, "members");
      const key = shapeNamed(shapes, shape.key);
      for (const { name, nameNode, value } of properties) {
        checkText(checking, nameNode, name, key);
        if (value && value.name !== "Null") check(checking, value, shapeNamed(shapes, shape.value), level + 1);
      }
      break;
    }
    case "string":
      checkText(checking, node, stringAt(parsed, node), shape);
      break;
    case "integer":
    case "long":
    case "float":
    case "double":
      checkNumber(checking, node, shape);
  }
}

function checkMembers(checking: Checking, node: Node, shape: Shape & { type: "structure" }, level: number): void {
  const { parsed, shapes } = checking;
  const seen = new Set<string>();
  let given = 0;
  for (const { name, nameNode, value } of propertiesOf(parsed, node)) {
    if (seen.has(name)) report(checking, nameNode, `${name} stands here twice; the last one counts`, "warning");
    // Who says null says nothing.
    const isNothing = value?.name === "Null" && !fitsKind(shapes, memberShape(shapes, shape, name), "null");
    if (!isNothing) seen.add(name);
    const isMember = Object.hasOwn(shape.members, name);
    if (!isMember && shape.others === undefined) {
      const near = nearest(name, Object.keys(shape.members));
      report(checking, nameNode, `There is no member ${name}${near ? `; ${near} is one` : ""}`, "warning");
    } else if (value && !isNothing) {
      given += 1;
      check(checking, value, memberShape(shapes, shape, name), level + 1);
    }
  }
  for (const name of shape.required ?? []) {
    if (!seen.has(name)) report(checking, opening(node), `${name} is missing`);
  }
  if (shape.union && given !== 1) {
    report(checking, opening(node), `Exactly one of these belongs here: ${Object.keys(shape.members).join(", ")}`);
  }
}

function checkText(checking: Checking, node: Node, text: string, shape: Shape): void {
  if (shape.type !== "string") return;
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, enum: values } = shape;
  const characters = text.length > max || text.length < 2 * min ? [...text].length : text.length;
  if (characters < min) report(checking, node, `is to have at least ${counted(min, "character")}`);
  if (characters > max) report(checking, node, `is to have at most ${counted(max, "character")}`);
  if (values && !values.includes(text)) report(checking, node, `is to be one of ${listed(values)}`);
  if (pattern === undefined || characters > max || text.length > PATTERN_CHARACTERS_MAX) return;
  if (!expressionOf(pattern).test(text)) report(checking, node, `is to be like ${pattern}`);
}

function checkNumber(
  checking: Checking,
  node: Node,
  shape: Shape & { readonly min?: number; readonly max?: number },
): void {
  const value = Number(checking.parsed.text.slice(node.from, node.to));
  const { type, min, max } = shape;
  if ((type === "integer" || type === "long") && !Number.isInteger(value))
    report(checking, node, "is to be an integer");
  if (min !== undefined && value < min) report(checking, node, `is to be at least ${min}`);
  if (max !== undefined && value > max) report(checking, node, `is to be at most ${max}`);
}

function checkSize(
  checking: Checking,
  node: Node,
  count: number,
  { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number },
  what: string,
): void {
  if (count < min) report(checking, opening(node), `is to have at least ${min} ${what}`);
  if (count > max) report(checking, opening(node), `is to have at most ${max} ${what}`);
}

/** What is missing in an object is told where it begins: the whole of it would be marked else. */
function opening({ from }: Node): Range {
  return { from, to: from + 1 };
}

function report(
  { problems }: Checking,
  { from, to }: Range,
  message: string,
  severity: Problem["severity"] = "error",
): void {
  if (problems.length < PROBLEMS_MAX)
    problems.push({ from, to, message: message.replace(/^is to/, "This is to"), severity });
}

const expressions = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known) return known;
  const made = new RegExp(pattern, "u");
  expressions.set(pattern, made);
  return made;
}

function named(shapes: Shapes, shape: Shape): string {
  switch (shape.type) {
    case "structure":
    case "map":
    case "choice":
      return "an object";
    case "list":
      return "a list";
    case "string":
      return "a text";
    case "blob":
      return "a text in base64";
    case "timestamp":
      return "a time, such as 2026-03-01T09:00:00Z";
    case "boolean":
      return "true or false";
    case "any":
      return "anything";
    case "null":
      return "null";
    case "either":
      return shape.of.map((name) => named(shapes, shapeNamed(shapes, name))).join(" or ");
    default:
      return "a number";
  }
}

const ARTICLES: Readonly<Record<Kind, string>> = {
  object: "an object",
  list: "a list",
  string: "a text",
  number: "a number",
  boolean: "true or false",
  null: "null",
};

function article(kind: Kind): string {
  return ARTICLES[kind];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

const LISTED_MAX = 12;

function listed(values: readonly string[]): string {
  const more = values.length - LISTED_MAX;
  return `${values.slice(0, LISTED_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** A member whose name differs in case, or in a letter. */
function nearest(name: string, names: readonly string[]): string | undefined {
  const low = name.toLowerCase();
  return (
    names.find((one) => one.toLowerCase() === low) ??
    names.find((one) => Math.abs(one.length - name.length) <= 1 && differsByOne(one.toLowerCase(), low))
  );
}

function differsByOne(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(one.length, other.length) - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return Math.max(one.length, other.length) - start - end <= 1;
}
