import { parseJsonObject } from "../../json-text.ts";
import { parseComparison } from "./comparison.ts";
import type { FilterPattern } from "./compiled-pattern.ts";
import { parseConditions, Scanner } from "./scanner.ts";

/*
 *   { $.eventType = "Update*" && ($.bytes > 1000 || $.users[0].name IS NULL) }
 *
 * A message that is no JSON object meets nothing. Neither does a condition whose path leads nowhere, or to an object or a list, but NOT EXISTS;
 * `!=` is no exception (the documentation does not say). With `[*]` one element has to meet it.
 */

type Step = string | number | typeof ALL;

const ALL: unique symbol = Symbol("[*]");

interface Selector {
  /** As it is written. */
  readonly text: string;
  readonly steps: readonly Step[];
}

type Condition = (document: unknown) => boolean;

const ROOT = /\$/y;
const STEP = /\.?\[\s*(?:(\d{1,9})|(\*)|'([^']*)'|"([^"]*)")\s*\]|\.([^\s.[\](){}=<>!&|,"'%]+)/uy;
const KEYWORD = /(IS\s+(NULL|TRUE|FALSE)|NOT\s+EXISTS|EXISTS)(?=[\s)}&|])/iy;

export function parseJsonPattern(text: string): FilterPattern {
  const scanner = new Scanner(text);
  const selectors: Selector[] = [];
  if (!scanner.takes("{")) scanner.fail("{");
  const holds = parseConditions<unknown>(scanner, () => {
    const selector = parseSelector(scanner);
    selectors.push(selector);
    return parseCondition(scanner, selector);
  });
  if (!scanner.takes("}") || !scanner.isAtEnd) scanner.fail("} at the end");
  return {
    matches(message) {
      const document = parseJsonObject(message);
      return document !== undefined && holds(document);
    },
    valuesOf(message) {
      const document = parseJsonObject(message);
      const found = selectors.flatMap((selector) => {
        const [value] = select(selector, document);
        return value === undefined ? [] : [[selector.text, textOf(value)] as const];
      });
      return new Map(found);
    },
  };
}

function parseSelector(scanner: Scanner): Selector {
  if (!scanner.take(ROOT)) scanner.fail("a property such as $.name");
  const steps: Step[] = [];
  let text = "$";
  for (;;) {
    const [step, index, all, single, double, name] = scanner.take(STEP) ?? [];
    if (step === undefined) break;
    text += step;
    const named = single ?? double ?? name ?? "";
    steps.push(index !== undefined ? Number(index) : all !== undefined ? ALL : named);
  }
  return steps.length > 0 ? { text, steps } : scanner.fail("a property behind $");
}

function parseCondition(scanner: Scanner, selector: Selector): Condition {
  const [, keyword, value] = scanner.take(KEYWORD) ?? [];
  if (value !== undefined) {
    const wanted = { NULL: null, TRUE: true, FALSE: false }[value.toUpperCase() as "NULL" | "TRUE" | "FALSE"];
    return (document) => select(selector, document).includes(wanted);
  }
  if (keyword !== undefined) {
    const isWanted = keyword.toUpperCase() === "EXISTS";
    return (document) => select(selector, document).length > 0 === isWanted;
  }
  const test = parseComparison(scanner);
  return (document) =>
    select(selector, document).some((found) => {
      const isScalar = typeof found === "string" || typeof found === "number" || typeof found === "boolean";
      return isScalar && test(found);
    });
}

/** What a selector leads to: at most one value without `[*]`. */
function select({ steps }: Selector, document: unknown): readonly unknown[] {
  let parts: readonly unknown[] = [document];
  for (const step of steps) parts = parts.flatMap((part) => below(part, step));
  return parts;
}

function below(part: unknown, step: Step): readonly unknown[] {
  if (typeof part !== "object" || part === null) return [];
  if (step === ALL) return Array.isArray(part) ? part : [];
  if (typeof step === "number" ? !Array.isArray(part) : Array.isArray(part)) return [];
  return Object.hasOwn(part, step) ? [(part as Readonly<Record<string | number, unknown>>)[step]] : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
