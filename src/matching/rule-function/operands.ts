import { parseDecimal } from "../decimal.ts";
import { parseIsoInstant } from "../instant.ts";
import type { Bound } from "../predicate.ts";
import type { Pattern, PatternElement } from "../transcript/word-condition.ts";
import { type LeafOperator, readObject } from "./function-shape.ts";
import { refuse } from "./refusal.ts";

/** What an operator takes at a path. */
export type OperandRule =
  /** One text or more. */
  | {
      readonly kind: "texts";
      readonly countMax?: number;
      readonly charactersMax?: number;
      readonly oneOf?: readonly string[];
    }
  /** Exactly one text. */
  | { readonly kind: "text"; readonly oneOf?: readonly string[]; readonly orNoValue?: true }
  | { readonly kind: "no-value" }
  /** Exactly one number. */
  | { readonly kind: "integer" | "number"; readonly min?: number; readonly max?: number }
  /** Exactly one ISO 8601 text. */
  | { readonly kind: "instant" }
  /** Exactly one number, text of a number, or ISO 8601 text. */
  | { readonly kind: "number-or-instant" }
  /** Word patterns, at least one. */
  | { readonly kind: "patterns"; readonly countMax: number }
  /** Ids of AI agents, at least one: either plain ids, or `id:version` with one id. */
  | { readonly kind: "ai-agents" };

/** What a condition was given. */
export type Operands =
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  | { readonly kind: "patterns"; readonly patterns: readonly Pattern[] }
  | { readonly kind: "number"; readonly number: number }
  /** Milliseconds since 1970. */
  | { readonly kind: "instant"; readonly instant: number }
  /** The field must have no value. */
  | { readonly kind: "no-value" };

/** Throws `InvalidRequestException`. `at` is the place of the list. */
export function readOperands(operands: readonly unknown[], rule: OperandRule, at: string): Operands {
  switch (rule.kind) {
    case "texts":
      return { kind: "texts", texts: readTexts(operands, rule, at) };
    case "text": {
      if (rule.orNoValue && isNoValue(operands)) return { kind: "no-value" };
      return { kind: "texts", texts: [readText(readOnly(operands, "text", at), rule.oneOf, `${at}[0]`)] };
    }
    case "no-value": {
      if (!isNoValue(operands)) refuse(at, 'must be empty or [""], which asks for no value');
      return { kind: "no-value" };
    }
    case "integer":
    case "number":
      return { kind: "number", number: readNumber(readOnly(operands, "number", at), rule, `${at}[0]`) };
    case "instant": {
      const instant = instantOf(readOnly(operands, "date", at));
      return instant ?? refuse(`${at}[0]`, "must be a text with an ISO 8601 date or time");
    }
    case "number-or-instant":
      return readNumberOrInstant(readOnly(operands, "number or date", at), `${at}[0]`);
    case "patterns": {
      checkCount(operands, rule.countMax, at);
      return { kind: "patterns", patterns: operands.map((operand, index) => readPattern(operand, `${at}[${index}]`)) };
    }
    case "ai-agents":
      return { kind: "texts", texts: readAiAgents(operands, at) };
  }
}

/** What a numeric operator asks for: at least or at most the operand. */
export function boundOf(
  operator: LeafOperator,
  value: number,
): { readonly bottom: Bound<number> } | { readonly top: Bound<number> } {
  const bound = { value, inclusive: true };
  return operator === "NumberGreaterOrEqualTo" ? { bottom: bound } : { top: bound };
}

/** "No value" is written with no operand or with an empty one (our choice: the documentation does not say how). */
function isNoValue(operands: readonly unknown[]): boolean {
  return operands.length === 0 || (operands.length === 1 && operands[0] === "");
}

function readOnly(operands: readonly unknown[], what: string, at: string): unknown {
  if (operands.length !== 1) refuse(at, `must hold exactly one ${what}, but there are ${operands.length} operands`);
  return operands[0];
}

function checkCount(operands: readonly unknown[], countMax: number, at: string): void {
  if (operands.length === 0) refuse(at, "must not be empty");
  if (operands.length > countMax) refuse(at, `at most ${countMax} are allowed, but there are ${operands.length}`);
}

interface TextsRule {
  readonly countMax?: number;
  readonly charactersMax?: number;
  readonly oneOf?: readonly string[];
}

export function readTexts(
  operands: readonly unknown[],
  { countMax = Number.POSITIVE_INFINITY, charactersMax = Number.POSITIVE_INFINITY, oneOf }: TextsRule,
  at: string,
): readonly string[] {
  checkCount(operands, countMax, at);
  return operands.map((operand, index) => {
    const text = readText(operand, oneOf, `${at}[${index}]`);
    if (text.length > charactersMax) refuse(`${at}[${index}]`, `must have at most ${charactersMax} characters`);
    return text;
  });
}

/**
 * Characters of a word or phrase that a transcript is searched for (our choice): a phrase that repeats a word costs its length at each of
 * the word's places.
 */
export const PHRASE_CHARACTERS_MAX = 1000;

function readText(operand: unknown, oneOf: readonly string[] | undefined, at: string): string {
  if (typeof operand !== "string") refuse(at, "must be a text");
  if (oneOf !== undefined && !oneOf.includes(operand)) refuse(at, `must be one of ${oneOf.join(", ")}`);
  if (operand.trim() === "") refuse(at, "must not be empty");
  return operand;
}

interface NumberRule {
  readonly kind: "integer" | "number";
  readonly min?: number;
  readonly max?: number;
}

export function readNumber(value: unknown, { kind, min, max }: NumberRule, at: string): number {
  const isRight = kind === "integer" ? Number.isInteger(value) : Number.isFinite(value);
  if (typeof value !== "number" || !isRight) refuse(at, kind === "integer" ? "must be an integer" : "must be a number");
  if (min !== undefined && value < min) refuse(at, `must be at least ${min}`);
  if (max !== undefined && value > max) refuse(at, `must be at most ${max}`);
  return value;
}

function instantOf(operand: unknown): Operands | undefined {
  const instant = typeof operand === "string" ? parseIsoInstant(operand) : undefined;
  return instant === undefined ? undefined : { kind: "instant", instant };
}

function readNumberOrInstant(operand: unknown, at: string): Operands {
  const instant = instantOf(operand);
  if (instant !== undefined) return instant;
  const number = typeof operand === "string" && parseDecimal(operand) !== undefined ? Number(operand) : operand;
  if (typeof number !== "number" || !Number.isFinite(number))
    refuse(at, "must be a number or an ISO 8601 date or time");
  return { kind: "number", number };
}

function readAiAgents(operands: readonly unknown[], at: string): readonly string[] {
  const texts = readTexts(operands, {}, at);
  const versioned = texts.filter((text) => text.includes(":"));
  if (versioned.length === 0) return texts;
  const ids = new Set(versioned.map((text) => text.slice(0, text.indexOf(":"))));
  if (versioned.length < texts.length || ids.size > 1)
    refuse(at, "must be plain ids, or versions id:version of one id");
  return texts;
}

/** Consoles write blanks of their own between elements. What is only blanks and punctuation holds no word and contributes nothing. */
const WORD = /[\p{L}\p{N}]/u;

/** An operand that holds no word, begins or ends with `PROXIMITY`, or has two in a row, is refused (our choice). */
function readPattern(operand: unknown, at: string): Pattern {
  if (!Array.isArray(operand)) refuse(at, "must be a list of pattern elements");
  const elements = operand
    .map((element, index) => readElement(element, `${at}[${index}]`))
    .filter((element) => element.type !== "PLAIN" || WORD.test(element.text));
  if (elements.length === 0) refuse(at, "must hold a word");
  if (elements[0]?.type === "PROXIMITY" || elements.at(-1)?.type === "PROXIMITY") {
    refuse(at, "must neither begin nor end with PROXIMITY");
  }
  if (elements.some(({ type }, index) => type === "PROXIMITY" && elements[index + 1]?.type === type)) {
    refuse(at, "must not hold two PROXIMITY in a row");
  }
  return elements;
}

function readElement(element: unknown, at: string): PatternElement {
  const { Type: type, Value: value } = readObject(element, at);
  switch (type) {
    case "PLAIN":
      return { type, text: readPlain(value, `${at}.Value`) };
    case "LIST":
      return { type, texts: readList(value, `${at}.Value`) };
    case "NUMERICAL":
      return { type, decimal: readBoolean(value, "Decimal", `${at}.Value`) };
    case "PROXIMITY": {
      const isWithin = readBoolean(value, "IsWithin", `${at}.Value`);
      const distance = readNumber(readObject(value, at).Distance, DISTANCE, `${at}.Value.Distance`);
      return { type, distance, isWithin };
    }
    default:
      return refuse(`${at}.Type`, "must be one of PLAIN, LIST, PROXIMITY, NUMERICAL");
  }
}

/** In words. The upper end is our choice: hardly a turn of a conversation is longer. */
const DISTANCE = { kind: "integer", min: 0, max: 1000 } as const;

function readPlain(value: unknown, at: string): string {
  if (typeof value !== "string") refuse(at, "must be a text");
  if (value.length > PHRASE_CHARACTERS_MAX) refuse(at, `must have at most ${PHRASE_CHARACTERS_MAX} characters`);
  return value;
}

function readList(value: unknown, at: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) refuse(at, "must be a list of PLAIN elements");
  return value.map((each, index) => {
    const { Type: type, Value: written } = readObject(each, `${at}[${index}]`);
    if (type !== "PLAIN") refuse(`${at}[${index}].Type`, "must be PLAIN");
    const text = readPlain(written, `${at}[${index}].Value`);
    if (!WORD.test(text)) refuse(`${at}[${index}].Value`, "must hold a word");
    return text;
  });
}

function readBoolean(value: unknown, member: string, at: string): boolean {
  const read = readObject(value, at)[member];
  if (typeof read !== "boolean") refuse(`${at}.${member}`, "must be true or false");
  return read;
}
