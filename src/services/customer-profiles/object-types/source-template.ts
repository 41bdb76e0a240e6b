/**
 * Handlebars templates of mappings: parsed by the library, and evaluated here over an object. Nothing is compiled to code, no member is read
 * that an object does not have itself, and what a template may cost has a bound.
 *
 * Built: values, comments, `if`, `unless`, `each`, `with` with `else`, block parameters, `@index`, `@key`, `@first`, `@last`, `@root`, `this`, `../`, and
 * `removeExtraSpace`. Values are written as they are, without escapes of HTML. Everything else, such as partials and other helpers, is no valid
 * template (our choice). https://handlebarsjs.com/guide/
 */
import { parse } from "@handlebars/parser";
import type { JsonObject } from "../../../matching/machine.ts";
import { badRequest } from "../errors.ts";
import { withoutExtraSpace } from "./content-type.ts";
import { isGroup, memberOf, textOf } from "./json-value.ts";

/** What is used of the parser's tree; its own types name files that TypeScript does not find. */
interface Program {
  readonly body: readonly Statement[];
  readonly blockParams?: readonly string[];
}

type Statement =
  | { readonly type: "ContentStatement"; readonly value: string }
  | { readonly type: "CommentStatement" }
  | ({ readonly type: "MustacheStatement" } & Call)
  | ({ readonly type: "BlockStatement"; readonly program?: Program; readonly inverse?: Program } & Call);

type BlockStatement = Extract<Statement, { readonly type: "BlockStatement" }>;

interface Call {
  readonly path: Expression;
  readonly params: readonly Expression[];
  readonly hash?: object;
}

interface Expression {
  /** All that follows belongs to a `PathExpression`. */
  readonly type: string;
  /** Begins with `@`. */
  readonly data: boolean;
  /** How often it begins with `../`. */
  readonly depth: number;
  readonly parts: readonly unknown[];
  readonly original: string;
}

/** Statements that the templates of one mapping may take for one object: a loop over all that it can hold stays below. */
const STEPS_MAX = 100_000;
/** UTF-16 units that they may write: several times those of the largest object. */
const WRITTEN_MAX = 1_000_000;

/** What the templates of one mapping may still cost for one object. */
export class TemplateBudget {
  #steps = STEPS_MAX;
  #written = WRITTEN_MAX;

  /** Throws `BadRequestException`. */
  step(): void {
    this.#steps -= 1;
    if (this.#steps < 0) throw badRequest("The templates of the object type take too many steps for this object");
  }

  /** Throws `BadRequestException`. */
  write(length: number): void {
    this.#written -= length;
    if (this.#written < 0) throw badRequest("The templates of the object type write too much for this object");
  }
}

/** The text that a template makes of its context. Throws `BadRequestException` where it costs more than the budget. */
export type SourceTemplate = (context: JsonObject, budget: TemplateBudget) => string;

/** Throws `BadRequestException`, which begins with `at`, for what is no template. */
export function compileTemplate(text: string, at: string): SourceTemplate {
  const write = block(parsed(text, at), at);
  return (context, budget) => {
    const output = new Output(budget);
    write({ value: context, data: new Map(), names: new Map() }, output);
    return output.text;
  };
}

function parsed(text: string, at: string): Program {
  try {
    return parse(text) as unknown as Program;
  } catch (error) {
    // Whatever a parser says of a text is that it cannot read it.
    const [reason = ""] = (error instanceof Error ? error.message : "").split("\n");
    throw badRequest(`${at}: the Handlebars syntax is not valid. ${reason}`.trimEnd());
  }
}

/** What a part of a template is evaluated in. */
interface Scope {
  /** `this`. */
  readonly value: unknown;
  /** Without the `@`. */
  readonly data: ReadonlyMap<string, unknown>;
  /** Block parameters in sight. */
  readonly names: ReadonlyMap<string, unknown>;
  /** What `../` leads to. */
  readonly outer?: Scope;
}

type Write = (scope: Scope, output: Output) => void;
type Read = (scope: Scope) => unknown;

class Output {
  text = "";
  readonly budget: TemplateBudget;

  constructor(budget: TemplateBudget) {
    this.budget = budget;
  }

  append(text: string): void {
    this.budget.write(text.length);
    this.text += text;
  }
}

function block(program: Program | undefined, at: string): Write {
  const writes = (program?.body ?? []).map((statement) => compileStatement(statement, at));
  return (scope, output) => {
    for (const write of writes) {
      output.budget.step();
      write(scope, output);
    }
  };
}

function compileStatement(statement: Statement, at: string): Write {
  switch (statement.type) {
    case "ContentStatement": {
      const { value } = statement;
      return (_scope, output) => output.append(value);
    }
    case "CommentStatement":
      return () => {};
    case "MustacheStatement": {
      const { path, params, hash } = statement;
      if (params.length > 0 || hash !== undefined) throw refused(at, "helpers with parameters are not built");
      const read = compilePath(path, at);
      return (scope, output) => output.append(textOf(read(scope)) ?? "");
    }
    case "BlockStatement":
      return compileBlock(statement, at);
    default:
      throw refused(at, `a ${(statement as { readonly type: string }).type} is not built`);
  }
}

function compileBlock({ path, params, hash, program, inverse }: BlockStatement, at: string): Write {
  const name = path.type === "PathExpression" ? path.original : "";
  const parameters = program?.blockParams ?? [];
  const then = block(program, at);
  const otherwise = block(inverse, at);
  if (hash !== undefined) throw refused(at, `${name} takes no named parameters`);

  if (name === "removeExtraSpace") {
    if (params.length > 0 || inverse !== undefined)
      throw refused(at, "removeExtraSpace takes no parameters and no else");
    return (scope, output) => {
      const before = output.text;
      output.text = "";
      then(scope, output);
      const inside = withoutExtraSpace(output.text);
      output.text = before;
      output.append(inside);
    };
  }
  const make = BLOCKS.get(name);
  if (make === undefined) throw refused(at, `there is no block ${name}`);
  const [of, ...more] = params;
  if (of === undefined || more.length > 0) throw refused(at, `${name} takes one parameter`);
  return make({ read: compilePath(of, at), then, otherwise, parameters });
}

interface Block {
  readonly read: Read;
  readonly then: Write;
  readonly otherwise: Write;
  /** Names that it gives to what it goes through. */
  readonly parameters: readonly string[];
}

const BLOCKS: ReadonlyMap<string, (block: Block) => Write> = new Map([
  [
    "if",
    ({ read, then, otherwise }: Block): Write =>
      (scope, output) =>
        (holds(read(scope)) ? then : otherwise)(scope, output),
  ],
  [
    "unless",
    ({ read, then, otherwise }: Block): Write =>
      (scope, output) =>
        (holds(read(scope)) ? otherwise : then)(scope, output),
  ],
  [
    "with",
    ({ read, then, otherwise, parameters: [name] }: Block): Write =>
      (scope, output) => {
        const value = read(scope);
        if (!holds(value)) return otherwise(scope, output);
        then({ ...inside(scope, value), names: named(scope, [name, value]) }, output);
      },
  ],
  ["each", each],
]);

function each({ read, then, otherwise, parameters: [item, key] }: Block): Write {
  return (scope, output) => {
    const members = membersOf(read(scope));
    if (members.length === 0) return otherwise(scope, output);
    for (const [index, [name, value]] of members.entries()) {
      const data = new Map<string, unknown>([
        ["index", index],
        ["key", name],
        ["first", index === 0],
        ["last", index === members.length - 1],
      ]);
      output.budget.step();
      then({ ...inside(scope, value), data, names: named(scope, [item, value], [key, name]) }, output);
    }
  };
}

function inside(scope: Scope, value: unknown): Scope {
  return { value, data: scope.data, names: scope.names, outer: scope };
}

function named(
  { names }: Scope,
  ...added: readonly (readonly [name: string | undefined, value: unknown])[]
): ReadonlyMap<string, unknown> {
  const more = added.flatMap(([name, value]) => (name === undefined ? [] : [[name, value] as const]));
  return more.length === 0 ? names : new Map([...names, ...more]);
}

function membersOf(value: unknown): readonly (readonly [name: string | number, value: unknown])[] {
  if (Array.isArray(value)) return value.map((element, index) => [index, element]);
  return isGroup(value) ? Object.entries(value) : [];
}

/** As Handlebars has it: nothing, `false`, `""`, 0 and an empty list do not. */
function holds(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== "object" || value === null || isGroup(value)) return Boolean(value);
  return Number(textOf(value)) !== 0;
}

function compilePath(expression: Expression, at: string): Read {
  if (expression.type !== "PathExpression") throw refused(at, `a ${expression.type} is not built`);
  const { data, depth, parts, original } = expression;
  const steps = parts.filter((part) => typeof part === "string");
  if (steps.length < parts.length) throw refused(at, "helpers in paths are not built");
  const [head = "", ...tail] = steps;
  const isScoped = /^(?:this|\.)(?![^./])/.test(original);

  return (scope) => {
    let from: Scope | undefined = scope;
    for (let level = 0; level < depth; level += 1) from = from?.outer;
    if (from === undefined) return undefined;
    if (data) return follow(head === "root" ? rootOf(from).value : from.data.get(head), tail);
    if (depth === 0 && !isScoped && from.names.has(head)) return follow(from.names.get(head), tail);
    return follow(from.value, steps);
  };
}

function follow(value: unknown, steps: readonly string[]): unknown {
  let found = value;
  for (const step of steps) found = memberOf(found, step);
  return found;
}

function rootOf(scope: Scope): Scope {
  let root = scope;
  while (root.outer !== undefined) root = root.outer;
  return root;
}

function refused(at: string, reason: string): Error {
  return badRequest(`${at}: the Handlebars syntax is not valid, ${reason}.`);
}
