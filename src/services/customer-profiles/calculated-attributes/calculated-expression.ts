import { parseIsoInstant } from "../../../matching/instant.ts";
import { badRequest } from "../errors.ts";
import { add, divide, type ExactNumber, exactNumber, multiply, numberText, subtract } from "./exact-number.ts";

/**
 * What a calculated attribute takes from an object: `{CTR.channel}`, or two attributes of one object type with an operator between them,
 * `{CTR.agent.holdMillis} + {CTR.queue.durationMillis}`. `*` and `/` go before `+` and `-`; there are no parentheses and no constants.
 */
export interface Expression {
  /** Object type, or standard object. */
  readonly type: string;
  /** The paths that it reads, each once. */
  readonly paths: readonly string[];
  /** `undefined`: the object has no such value, or it is no number where one is needed. */
  readonly calculate: (object: Readonly<Record<string, unknown>>) => string | undefined;
}

/** Attributes of one object: https://docs.aws.amazon.com/connect/latest/adminguide/customerprofiles-calculated-attributes.html */
const ATTRIBUTES_MAX = 2;

/** Longest value of the API's shape: what is longer is none, since a part of a number would be another one. */
const VALUE_CHARACTERS_MAX = 255;

/** Of an object type's name and of an attribute's path, as the model has them. */
const REFERENCE = /\{([a-zA-Z_][a-zA-Z_0-9-]*)\.([a-zA-Z0-9_.-]+)\}/y;
const OPERATOR = /[+\-*/]/y;
const SPACE = /\s*/y;

interface Operand {
  readonly type: string;
  readonly path: string;
  /** Before it: of the first one `+`. */
  readonly operator: string;
}

/** Parses an expression. Throws `BadRequestException`, which begins with `at`. */
export function parseExpression(text: string, at: string): Expression {
  const operands = parseOperands(text, at);
  const [first, ...others] = operands;
  if (first === undefined) throw badRequest(`${at}: {ObjectType.attribute} is needed`);
  const elsewhere = others.find(({ type }) => type !== first.type);
  if (elsewhere) throw badRequest(`${at}: ${first.type} and ${elsewhere.type} are two object types, and one is needed`);
  const paths = [...new Set(operands.map(({ path }) => path))];
  if (paths.length > ATTRIBUTES_MAX) {
    throw badRequest(`${at}: at most ${ATTRIBUTES_MAX} attributes are allowed, and ${paths.length} are named`);
  }
  const calculate = others.length === 0 ? textAt(first.path) : resultOf(operands);
  return { type: first.type, paths, calculate };
}

/** An attribute by itself, as in `TimestampSource`. */
export function parseReference(text: string, at: string): { readonly type: string; readonly path: string } {
  const [only, ...more] = parseOperands(text, at);
  if (only === undefined || more.length > 0) throw badRequest(`${at}: one {ObjectType.attribute} is needed`);
  return only;
}

function parseOperands(text: string, at: string): readonly Operand[] {
  const operands: Operand[] = [];
  let place = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = place;
    const found = pattern.exec(text);
    if (found !== null) place = pattern.lastIndex;
    return found;
  };
  let operator = "+";
  for (;;) {
    next(SPACE);
    const [, type, path] = next(REFERENCE) ?? [];
    if (type === undefined || path === undefined) {
      throw badRequest(`${at}: at character ${place + 1}, {ObjectType.attribute} is needed`);
    }
    operands.push({ type, path, operator });
    next(SPACE);
    if (place === text.length) return operands;
    const found = next(OPERATOR);
    if (found === null) throw badRequest(`${at}: at character ${place + 1}, one of + - * / is needed`);
    operator = found[0];
  }
}

function resultOf(operands: readonly Operand[]): Expression["calculate"] {
  return (object) => {
    let sum: ExactNumber | undefined;
    let product: ExactNumber | undefined;
    let sign = "+";
    const settle = (): void => {
      if (sum === undefined || product === undefined) sum = product;
      else sum = sign === "-" ? subtract(sum, product) : add(sum, product);
    };
    for (const { path, operator } of operands) {
      const number = numberAt(object, path);
      if (number === undefined) return undefined;
      if (operator === "+" || operator === "-") {
        settle();
        [product, sign] = [number, operator];
      } else {
        product = product && (operator === "*" ? multiply(product, number) : divide(product, number));
        if (product === undefined) return undefined;
      }
    }
    settle();
    const text = sum && numberText(sum);
    return text === undefined || text.length > VALUE_CHARACTERS_MAX ? undefined : text;
  };
}

/** Dates count in milliseconds since 1970, so that their difference is a time. */
function numberAt(object: Readonly<Record<string, unknown>>, path: string): ExactNumber | undefined {
  const value = valueAt(object, path);
  return exactNumber(value) ?? exactNumber(parseIsoInstant(value));
}

function textAt(path: string): Expression["calculate"] {
  return (object) => {
    const value = valueAt(object, path);
    return value === undefined ? undefined : String(value);
  };
}

/**
 * The text, number or Boolean at a path of names. A key of the object may have dots in it. There is no value in arrays (our choice), and
 * null is none.
 */
export function valueAt(
  object: Readonly<Record<string, unknown>>,
  path: string,
): string | number | boolean | undefined {
  return valueOfSteps(object, path.split("."));
}

function valueOfSteps(value: unknown, steps: readonly string[]): string | number | boolean | undefined {
  if (steps.length === 0) {
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  for (let count = 1; count <= steps.length; count++) {
    const key = steps.slice(0, count).join(".");
    if (!Object.hasOwn(value, key)) continue;
    const found = valueOfSteps((value as Readonly<Record<string, unknown>>)[key], steps.slice(count));
    if (found !== undefined) return found;
  }
  return undefined;
}
