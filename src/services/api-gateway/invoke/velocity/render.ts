import { PatternError } from "../../../bounded-pattern.ts";
import { callMethod, getProperty } from "./methods.ts";
import {
  type Block,
  type Expression,
  type Node,
  type Operator,
  type Reference,
  type Step,
  TemplateError,
} from "./parse.ts";
import { Budget, ExactNumber, isEqual, type JavaMap, numberOf, print, type Value } from "./values.ts";

/** Macros that call each other, and what they define. */
const CALLS_MAX = 20;
/** A body has at most 10 MB. */
const OUTPUT_CHARACTERS_MAX = 10_000_000;

/**
 * Renders a template with variables by their names, which it may change. How much it does, how deep it goes and how much it writes are
 * bounded, whatever it is; it reaches nothing but the variables. What has no value prints nothing where its reference begins with a `silent` name.
 *
 * Throws `TemplateError` for what is wrong with the template, and what methods of the variables throw.
 */
export function renderTemplate(template: Block, variables: JavaMap, silent: ReadonlySet<string> = new Set()): string {
  const rendering = new Rendering(variables, silent);
  try {
    rendering.block(template);
  } catch (error) {
    if (error instanceof PatternError || error instanceof RangeError) throw new TemplateError(error.message);
    throw error;
  }
  return rendering.output();
}

interface Macro {
  readonly parameters: readonly string[];
  readonly body: Block;
}

class Rendering {
  readonly #variables: JavaMap;
  readonly #silent: ReadonlySet<string>;
  readonly #macros = new Map<string, Macro>();
  readonly #defined = new Map<string, Block>();
  readonly #budget = new Budget();
  #parts: string[] = [];
  #written = 0;
  #calls = 0;
  #state: "running" | "breaking" | "stopped" = "running";

  constructor(variables: JavaMap, silent: ReadonlySet<string>) {
    this.#variables = variables;
    this.#silent = silent;
  }

  output(): string {
    return this.#parts.join("");
  }

  block(block: Block): void {
    for (const node of block) {
      if (this.#state !== "running") return;
      this.#node(node);
    }
  }

  #node(node: Node): void {
    this.#budget.step();
    switch (node.type) {
      case "text":
        this.#write(node.text);
        return;
      case "reference":
        this.#printReference(node);
        return;
      case "set":
        this.#set(node.target, this.#value(node.value));
        return;
      case "if":
        this.#if(node.branches);
        return;
      case "foreach":
        this.#foreach(node.variable, node.items, node.body);
        return;
      case "macro":
        this.#macros.set(node.name, node);
        return;
      case "call":
        this.#call(node.name, node.arguments);
        return;
      case "define":
        this.#defined.set(node.name, node.body);
        this.#variables.delete(node.name);
        return;
      case "break":
        this.#state = "breaking";
        return;
      case "stop":
        this.#state = "stopped";
        return;
    }
  }

  #write(text: string): void {
    this.#written += text.length;
    if (this.#written > OUTPUT_CHARACTERS_MAX) throw new TemplateError("The template writes too much");
    this.#parts.push(text);
  }

  #printReference(reference: Reference): void {
    const defined = reference.path.length === 0 ? this.#defined.get(reference.name) : undefined;
    if (defined) {
      this.#nested(() => this.block(defined));
      return;
    }
    const value = this.#reference(reference);
    if (value !== undefined) this.#write(print(value, this.#budget));
    else if (!reference.quiet && !this.#silent.has(reference.name) && !this.#endsInPut(reference)) {
      this.#write(reference.source);
    }
  }

  /** `$map.put(…)` answers what was there before; where nothing was, nothing is printed. */
  #endsInPut({ path }: Reference): boolean {
    const last = path.at(-1);
    return last?.type === "method" && ["put", "putAll", "add", "clear", "remove", "set"].includes(last.name);
  }

  #if(branches: readonly { readonly condition?: Expression; readonly body: Block }[]): void {
    const taken = branches.find(({ condition }) => condition === undefined || isTrue(this.#value(condition)));
    if (taken) this.block(taken.body);
  }

  /** The variable, `$foreach` and `$velocityCount` are as they were afterwards. */
  #foreach(variable: string, from: Expression, body: Block): void {
    const value = this.#value(from);
    const items = Array.isArray(value) ? [...value] : value instanceof Map ? [...value.values()] : [];
    this.#budget.step(items.length);
    const parent = this.#variables.get("foreach");
    this.#keeping([variable, "foreach", "velocityCount"], () => {
      for (const [index, item] of items.entries()) {
        this.#budget.step();
        this.#setOrDelete(variable, item);
        this.#variables.set("velocityCount", index + 1);
        this.#variables.set("foreach", loopState(index, items.length, parent));
        this.block(body);
        if (this.#state === "breaking") {
          this.#state = "running";
          return;
        }
        if (this.#state === "stopped") return;
      }
    });
  }

  #call(name: string, given: readonly Expression[]): void {
    const macro = this.#macros.get(name);
    if (!macro) return;
    const values = given.map((argument) => this.#value(argument));
    this.#keeping(macro.parameters, () => {
      for (const [place, parameter] of macro.parameters.entries()) this.#setOrDelete(parameter, values[place]);
      this.#nested(() => this.block(macro.body));
    });
  }

  #keeping(names: readonly string[], run: () => void): void {
    const before = names.map((name) => [name, this.#variables.get(name)] as const);
    run();
    for (const [name, value] of before) this.#setOrDelete(name, value);
  }

  #nested(run: () => void): void {
    this.#calls += 1;
    if (this.#calls > CALLS_MAX) throw new TemplateError("Macros call each other too deeply");
    run();
    this.#calls -= 1;
  }

  #setOrDelete(name: string, value: Value): void {
    if (value === undefined) this.#variables.delete(name);
    else this.#variables.set(name, value);
  }

  /** A null changes nothing, as Velocity has it. */
  #set({ name, path }: Reference, value: Value): void {
    if (value === undefined) return;
    const last = path.at(-1);
    if (!last) {
      this.#defined.delete(name);
      this.#variables.set(name, value);
      return;
    }
    const holder = path.slice(0, -1).reduce((of, step) => this.#step(of, step), this.#variables.get(name));
    if (last.type === "method") throw new TemplateError("A method cannot be set");
    const key = last.type === "property" ? last.name : this.#value(last.index);
    if (holder instanceof Map) holder.set(typeof key === "string" ? key : print(key, this.#budget), value);
    else if (Array.isArray(holder)) {
      const place = numberOf(key);
      if (place === undefined || !Number.isInteger(place) || place < 0 || place >= holder.length) {
        throw new TemplateError("The place in the list is out of bounds");
      }
      holder[place] = value;
    }
  }

  #value(expression: Expression): Value {
    this.#budget.step();
    switch (expression.type) {
      case "literal":
        return expression.value === null ? undefined : expression.value;
      case "reference":
        return this.#reference(expression);
      case "interpolated":
        return this.#captured(expression.body);
      case "list":
        return expression.items.map((item) => this.#value(item));
      case "range":
        return this.#range(this.#value(expression.from), this.#value(expression.to));
      case "map":
        return new Map(
          expression.entries.map(([name, value]) => [print(this.#value(name), this.#budget), this.#value(value)]),
        );
      case "not":
        return !isTrue(this.#value(expression.operand));
      case "minus": {
        const number = numberOf(this.#value(expression.operand));
        return number === undefined ? undefined : -number;
      }
      case "binary":
        return this.#binary(expression.operator, expression.left, expression.right);
    }
  }

  /** What a block writes, as a text. */
  #captured(body: Block): string {
    const outer = this.#parts;
    const written = this.#written;
    this.#parts = [];
    this.block(body);
    const text = this.#parts.join("");
    this.#parts = outer;
    this.#written = written;
    this.#budget.characters(text.length);
    return text;
  }

  #range(from: Value, to: Value): Value {
    const [begin, end] = [numberOf(from), numberOf(to)];
    if (begin === undefined || end === undefined) return undefined;
    const length = Math.abs(Math.trunc(end) - Math.trunc(begin)) + 1;
    this.#budget.step(length);
    const step = end < begin ? -1 : 1;
    return Array.from({ length }, (_item, place) => Math.trunc(begin) + place * step);
  }

  #binary(operator: Operator, leftSide: Expression, rightSide: Expression): Value {
    if (operator === "||") return isTrue(this.#value(leftSide)) || isTrue(this.#value(rightSide));
    if (operator === "&&") return isTrue(this.#value(leftSide)) && isTrue(this.#value(rightSide));
    const left = this.#value(leftSide);
    const right = this.#value(rightSide);
    if (operator === "==") return this.#isSame(left, right);
    if (operator === "!=") return !this.#isSame(left, right);
    if (operator === "+" && (typeof left === "string" || typeof right === "string")) {
      if (left === undefined || right === undefined) return undefined;
      return print(left, this.#budget) + print(right, this.#budget);
    }
    const [a, b] = [numberOf(left), numberOf(right)];
    return a === undefined || b === undefined ? undefined : calculate(operator, a, b);
  }

  /** What is of different types is compared as text. */
  #isSame(left: Value, right: Value): boolean {
    if (left === undefined || right === undefined) return left === right;
    if (typeof left === typeof right || left instanceof ExactNumber || right instanceof ExactNumber) {
      if (isEqual(left, right, this.#budget)) return true;
      if (typeof left !== "object" && typeof right !== "object") return false;
    }
    return print(left, this.#budget) === print(right, this.#budget);
  }

  #reference({ name, path }: Reference): Value {
    this.#budget.step();
    let value = this.#variables.get(name);
    const defined = value === undefined ? this.#defined.get(name) : undefined;
    if (defined) {
      let text = "";
      this.#nested(() => {
        text = this.#captured(defined);
      });
      value = text;
    }
    for (const step of path) {
      if (value === undefined) return undefined;
      value = this.#step(value, step);
    }
    return value;
  }

  #step(of: Value, step: Step): Value {
    switch (step.type) {
      case "property":
        return getProperty(of, step.name, this.#budget);
      case "method":
        return callMethod(
          of,
          step.name,
          step.arguments.map((argument) => this.#value(argument)),
          this.#budget,
        );
      case "index": {
        const key = this.#value(step.index);
        if (of instanceof Map) return of.get(print(key, this.#budget));
        const place = numberOf(key);
        return Array.isArray(of) && place !== undefined ? of[place] : undefined;
      }
    }
  }
}

function loopState(index: number, length: number, parent: Value): JavaMap {
  return new Map<string, Value>([
    ["index", index],
    ["count", index + 1],
    ["hasNext", index + 1 < length],
    ["first", index === 0],
    ["last", index + 1 === length],
    ...(parent instanceof Map ? [["parent", parent] as const] : []),
  ]);
}

/** Velocity 1.7: everything but `false` and null, the empty text too. */
function isTrue(value: Value): boolean {
  return typeof value === "boolean" ? value : value !== undefined;
}

/** Whole numbers stay whole; a division by zero has no value. */
function calculate(operator: Operator, a: number, b: number): Value {
  const whole = Number.isInteger(a) && Number.isInteger(b);
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      if (b === 0) return undefined;
      return whole ? Math.trunc(a / b) : a / b;
    case "%":
      return b === 0 ? undefined : a % b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return undefined;
  }
}
