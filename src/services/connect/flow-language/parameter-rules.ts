/** What values the parameters of actions may have. `action-types.ts` puts these rules together. */
import type { ContactFlowType } from "@aws-sdk/client-connect";
import { isJsonObject } from "../../json-text.ts";
import type { NamedResource } from "./flow.ts";
import { hasKnownReferences, hasReference, isReference } from "./references.ts";

/** Takes what the check of a document finds. */
export interface Findings {
  problem(message: string): void;
  resource(resource: NamedResource): void;
}

/** Checks a value that stands at a path, `Actions[1].Parameters.Text`. */
export type Rule = (value: unknown, path: string, findings: Findings) => void;

/** Rules for the members of an object. Members without a rule are accepted: there may be more than is documented. */
export interface ObjectShape {
  readonly members: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
  readonly exactlyOneOf?: readonly string[];
  readonly atLeastOneOf?: readonly string[];
  readonly atMostOneOf?: readonly string[];
}

export function invalidValue(path: string): string {
  return `Invalid Action property value. Path: ${path}`;
}

export function missingProperty(path: string): string {
  return `Action is missing required property. Path: ${path}`;
}

/** A rule for values that pass a test. */
function valueThat(passes: (value: unknown) => boolean): Rule {
  return (value, path, findings) => {
    if (!passes(value)) findings.problem(invalidValue(path));
  };
}

/** Spoken or shown text: "6,000 characters, of which 3,000 billed". Static or dynamic. */
const TEXT_CHARACTERS_MAX = 6_000;

/** Text in which references are replaced. An empty one is refused, a single blank is not. */
export const text: Rule = valueThat((value) => typeof value === "string" && value !== "" && hasKnownReferences(value));

export const message: Rule = valueThat(
  (value) =>
    typeof value === "string" && value !== "" && value.length <= TEXT_CHARACTERS_MAX && hasKnownReferences(value),
);

export const reference: Rule = valueThat((value) => typeof value === "string" && isReference(value));

/** Text without references. */
export const staticText: Rule = valueThat(isStaticText);

/** Text without references, or nothing but one reference. */
export const staticOrReference: Rule = valueThat(isStaticOrReference);

/** Whatever value: for members of which only the presence is ruled. */
export const anything: Rule = () => {};

/** For a parameter that another one rules out. */
export const forbidden: Rule = valueThat(() => false);

/** `True`, in any letters, or a JSON boolean. */
export const flag: Rule = valueThat(
  (value) => typeof value === "boolean" || (typeof value === "string" && /^(?:true|false)$/i.test(value)),
);

/** Whether such a parameter says yes. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

export function choice(...values: readonly string[]): Rule {
  return valueThat((value) => typeof value === "string" && values.includes(value));
}

/** The same where exports and pages disagree about capitals. */
export function choiceInAnyLetters(...values: readonly string[]): Rule {
  const known = new Set(values.map((value) => value.toLowerCase()));
  return valueThat((value) => typeof value === "string" && (known.has(value.toLowerCase()) || isReference(value)));
}

/** A whole number in a range, as JSON number or as text. */
export function integer(min: number | bigint, max: number | bigint): Rule {
  return valueThat((value) => isIntegerIn(value, min, max));
}

/** The same, or one reference. */
export function integerOrReference(min: number, max: number): Rule {
  return valueThat((value) => isIntegerIn(value, min, max) || (typeof value === "string" && isReference(value)));
}

/** Text that has a form, without references. */
export function matching(form: RegExp): Rule {
  return valueThat((value) => typeof value === "string" && form.test(value));
}

/** A number in E.164, or one reference. */
export const phoneNumber: Rule = valueThat(
  (value) => typeof value === "string" && (/^\+[1-9]\d{1,14}$/.test(value) || isReference(value)),
);

/** The id or ARN of something in the instance, or one reference. */
export function idOf(kind: NamedResource["kind"], flowTypes?: readonly ContactFlowType[]): Rule {
  return (value, path, findings) => {
    if (!isStaticOrReference(value)) findings.problem(invalidValue(path));
    else if (!isReference(value)) findings.resource({ kind, idOrArn: value, path, flowTypes });
  };
}

export function listOf(rule: Rule, size: { readonly min?: number; readonly max?: number } = {}): Rule {
  return (value, path, findings) => {
    const { min = 0, max = Number.POSITIVE_INFINITY } = size;
    if (!Array.isArray(value) || value.length < min || value.length > max) return findings.problem(invalidValue(path));
    for (const [at, item] of value.entries()) rule(item, `${path}[${at}]`, findings);
  };
}

/** An object whose keys the author chooses. */
export function mapOf(
  rule: Rule,
  {
    min = 0,
    max = Number.POSITIVE_INFINITY,
    key = /^/,
  }: { readonly min?: number; readonly max?: number; readonly key?: RegExp } = {},
): Rule {
  return (value, path, findings) => {
    if (!isJsonObject(value)) return findings.problem(invalidValue(path));
    const entries = Object.entries(value);
    if (entries.length < min || entries.length > max) return findings.problem(invalidValue(path));
    for (const [name, item] of entries) {
      if (!key.test(name) || !hasKnownReferences(name)) findings.problem(invalidValue(`${path}.${name}`));
      rule(item, `${path}.${name}`, findings);
    }
  };
}

export function object(shape: ObjectShape): Rule {
  return (value, path, findings) => {
    if (!isJsonObject(value)) return findings.problem(invalidValue(path));

    const has = (name: string) => Object.hasOwn(value, name) && value[name] !== null;
    const at = (name: string) => `${path}.${name}`;
    for (const name of shape.required ?? []) if (!has(name)) findings.problem(missingProperty(at(name)));
    for (const names of [shape.exactlyOneOf, shape.atLeastOneOf]) {
      const [first] = names ?? [];
      if (first !== undefined && !names?.some(has)) findings.problem(missingProperty(at(first)));
    }
    for (const names of [shape.exactlyOneOf, shape.atMostOneOf]) {
      const [, second] = (names ?? []).filter(has);
      if (second !== undefined) findings.problem(invalidValue(at(second)));
    }
    for (const [name, rule] of Object.entries(shape.members)) if (has(name)) rule(value[name], at(name), findings);
  };
}

/** Two forms of a value: one for texts, another for everything else. */
export function textOr(other: Rule, forText: Rule): Rule {
  return (value, path, findings) => (typeof value === "string" ? forText : other)(value, path, findings);
}

/** How deep free data of a view may go (our choice). */
const FREE_DATA_LEVELS_MAX = 20;

/** Data of any form, in whose texts references are replaced. No text may be empty. */
export const freeData: Rule = (value, path, findings) => {
  if (!isFreeData(value, 0)) findings.problem(invalidValue(path));
};

function isFreeData(value: unknown, level: number): boolean {
  if (typeof value === "string") return value !== "" && hasKnownReferences(value);
  if (typeof value !== "object" || value === null) return true;
  return level < FREE_DATA_LEVELS_MAX && Object.values(value).every((member) => isFreeData(member, level + 1));
}

function isStaticText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !hasReference(value);
}

function isStaticOrReference(value: unknown): value is string {
  return isStaticText(value) || (typeof value === "string" && isReference(value));
}

function isIntegerIn(value: unknown, min: number | bigint, max: number | bigint): boolean {
  const digits = typeof value === "number" ? String(value) : value;
  if (typeof digits !== "string" || !/^-?\d{1,19}$/.test(digits)) return false;
  const number = BigInt(digits);
  return number >= min && number <= max;
}
