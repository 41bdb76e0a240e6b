/**
 * The conditions of a policy's statement: `{"StringLike": {"aws:PrincipalArn": ["arn:…"]}}`. All operators and all keys must hold; of the
 * values of one key, one must. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from "node:net";
import { isJsonObject } from "../json-text.ts";
import { compileArnPattern, compilePattern, type Keys, type Pattern } from "./glob.ts";

/** Whether a condition holds for a request. */
export type Condition = (keys: Keys) => boolean;

export interface ConditionOptions {
  readonly variables: boolean;
}

/** A test of one value that the request has, made of one that the policy has; `undefined` for a value that is none of its type. */
type MakeTest = (value: string, options: ConditionOptions) => Pattern | undefined;

interface Operator {
  readonly test: MakeTest;
  /** Holds where no value of the policy meets the request's. */
  readonly negated?: true;
}

const equals: MakeTest = (value, options) => compilePattern(value, { ...options, literal: true });
const equalsIgnoringCase: MakeTest = (value, options) =>
  compilePattern(value, { ...options, literal: true, ignoreCase: true });
const like: MakeTest = (value, options) => compilePattern(value, options);
const arnLike: MakeTest = (value, options) => compileArnPattern(value, options);
const sameBytes: MakeTest = (value) => (text) => text === value;
const sameBool: MakeTest = (value) => {
  const wanted = value.toLowerCase();
  return wanted === "true" || wanted === "false" ? (text) => text.toLowerCase() === wanted : undefined;
};

type Compare = (given: number, wanted: number) => boolean;

const comparing =
  (read: (text: string) => number | undefined, compare: Compare): MakeTest =>
  (value) => {
    const wanted = read(value);
    if (wanted === undefined) return undefined;
    return (text) => {
      const given = read(text);
      return given !== undefined && compare(given, wanted);
    };
  };

function comparisons(name: string, read: (text: string) => number | undefined): [string, Operator][] {
  const same = comparing(read, (given, wanted) => given === wanted);
  return [
    [`${name}Equals`, { test: same }],
    [`${name}NotEquals`, { test: same, negated: true }],
    [`${name}LessThan`, { test: comparing(read, (given, wanted) => given < wanted) }],
    [`${name}LessThanEquals`, { test: comparing(read, (given, wanted) => given <= wanted) }],
    [`${name}GreaterThan`, { test: comparing(read, (given, wanted) => given > wanted) }],
    [`${name}GreaterThanEquals`, { test: comparing(read, (given, wanted) => given >= wanted) }],
  ];
}

function readNumber(text: string): number | undefined {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Seconds since 1970, or a date of ISO 8601; as milliseconds. */
function readDate(text: string): number | undefined {
  if (/^\d+$/.test(text) && text.length > 4) return Number(text) * 1000;
  if (!/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/.test(text)) return undefined;
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes("T");
  const ms = Date.parse(hasZone ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** An address, or a block of them: `203.0.113.0/24`, `2001:db8::/32`. */
const inBlock: MakeTest = (value) => {
  const [address = "", length] = value.split("/");
  const family = isIP(address);
  if (family === 0 || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  const list = new BlockList();
  list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
  return (text) => {
    const of = isIP(text);
    return of !== 0 && list.check(text, of === 4 ? "ipv4" : "ipv6");
  };
};

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["StringEquals", { test: equals }],
  ["StringNotEquals", { test: equals, negated: true }],
  ["StringEqualsIgnoreCase", { test: equalsIgnoringCase }],
  ["StringNotEqualsIgnoreCase", { test: equalsIgnoringCase, negated: true }],
  ["StringLike", { test: like }],
  ["StringNotLike", { test: like, negated: true }],
  ...comparisons("Numeric", readNumber),
  ...comparisons("Date", readDate),
  ["Bool", { test: sameBool }],
  ["BinaryEquals", { test: sameBytes }],
  ["IpAddress", { test: inBlock }],
  ["NotIpAddress", { test: inBlock, negated: true }],
  ["ArnEquals", { test: arnLike }],
  ["ArnLike", { test: arnLike }],
  ["ArnNotEquals", { test: arnLike, negated: true }],
  ["ArnNotLike", { test: arnLike, negated: true }],
]);

/** One block of conditions; `undefined` for what is none, or has an operator that there is not. */
export function compileConditions(block: unknown, options: ConditionOptions): readonly Condition[] | undefined {
  if (!isJsonObject(block)) return undefined;
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(block)) {
    if (!isJsonObject(keys)) return undefined;
    for (const [key, values] of Object.entries(keys)) {
      const condition = compileCondition(operator, key, values, options);
      if (condition === undefined) return undefined;
      conditions.push(condition);
    }
  }
  return conditions;
}

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/;

function compileCondition(
  name: string,
  keyName: string,
  given: unknown,
  options: ConditionOptions,
): Condition | undefined {
  const [, set, base = "", ifExists] = OPERATOR.exec(name) ?? [];
  const values = valuesOf(given);
  const key = keyName.toLowerCase();
  if (values === undefined) return undefined;
  if (base === "Null") return set === undefined && ifExists === undefined ? compileNull(key, values) : undefined;
  const operator = OPERATORS.get(base);
  if (operator === undefined) return undefined;
  const { test, negated = false } = operator;
  // A value that is none of its type meets nothing.
  const tests = values.map((value) => test(value, options)).filter((made) => made !== undefined);
  const meets = (text: string, keys: Keys): boolean => tests.some((matches) => matches(text, keys)) !== negated;

  return (keys) => {
    const found = keys(key);
    if (set === "ForAllValues") return found === undefined || found.every((text) => meets(text, keys));
    if (found === undefined || found.length === 0) return ifExists !== undefined || (set === undefined && negated);
    if (set === "ForAnyValue") return found.some((text) => meets(text, keys));
    // A key with several values needs a set operator; without one, a negation holds where it holds for all of them.
    return negated ? found.every((text) => meets(text, keys)) : found.some((text) => meets(text, keys));
  };
}

/** "true": the request has no such key. */
function compileNull(key: string, values: readonly string[]): Condition | undefined {
  const wanted = values.map((value) => value.toLowerCase());
  if (wanted.some((value) => value !== "true" && value !== "false")) return undefined;
  return (keys) => wanted.includes(String((keys(key)?.length ?? 0) === 0));
}

function valuesOf(given: unknown): readonly string[] | undefined {
  const values = Array.isArray(given) ? given : [given];
  const isScalar = values.every((value) => ["string", "number", "boolean"].includes(typeof value));
  return isScalar ? values.map(String) : undefined;
}

/** Whether there is an operator of this name, with or without its set operator and `IfExists`. */
export function isConditionOperator(name: string): boolean {
  const [, set, base = "", ifExists] = OPERATOR.exec(name) ?? [];
  return OPERATORS.has(base) || (base === "Null" && set === undefined && ifExists === undefined);
}
