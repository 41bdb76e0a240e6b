import type { StandardIdentifier } from "@aws-sdk/client-customer-profiles";
import { parseDecimal } from "../../../matching/decimal.ts";
import type { JsonObject } from "../../../matching/machine.ts";
import { type CompiledField, type CompiledKey, type CompiledMapping, compiledMapping } from "./compiled-mapping.ts";
import { normalised } from "./content-type.ts";
import type { Found, Scalar } from "./field-source.ts";
import type { TargetPath } from "./field-target.ts";
import { textOf } from "./json-value.ts";
import type { ObjectMapping } from "./object-mapping.ts";
import { TemplateBudget } from "./source-template.ts";

/** What an object type makes of an object: all that ingestion, triggers and search read of it. */
export interface MappedObject {
  /** By field name, before normalisation; without those for which the object has nothing. A field that walks an array has a list. No prototype. */
  readonly fields: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  /** In document order. */
  readonly keys: readonly MappedKey[];
  /** Without those whose source is empty. Of several fields with one target the last that is not empty counts. */
  readonly targets: readonly MappedTarget[];
  /** What an inferred profile gets if no target gives it: of the first field of a content type without a target. */
  readonly inferred: { readonly EmailAddress?: string; readonly PhoneNumber?: string };
  /** When the source says that it has changed the object, in milliseconds since 1970. */
  readonly sourceMs?: number;
}

/** One entry of a key. An entry that identifies several standard objects stands there once for each. */
export interface MappedKey {
  readonly name: string;
  readonly identifiers: readonly StandardIdentifier[];
  /** Normalised, one for each field; empty where the object has nothing. */
  readonly parts: readonly string[];
  /** Whether all parts are. */
  readonly isEmpty: boolean;
  /** The standard object that it identifies: `_order`. */
  readonly object?: string;
}

export interface MappedTarget {
  /** `_profile`, `_order`, … */
  readonly object: string;
  /** Names, and indexes in lists, which may have gaps: `["OrderItems", 2, "Title"]`. No part is `__proto__`, but it may be another name of `Object`. */
  readonly path: TargetPath;
  /** Not empty. A number where the field is one. */
  readonly value: string | number;
}

/**
 * Maps an object as its type says. Pure. Numbers that a double would change are exact if the object was parsed with `parseKeepingNumbers`; it must
 * not be nested deeper than `isNestedTooDeep` lets through.
 *
 * Throws `BadRequestException` where templates would cost too much.
 */
export function mapObject(mapping: ObjectMapping, object: JsonObject): MappedObject {
  const compiled = compiledMapping(mapping);
  const budget = new TemplateBudget();
  const found = new Map(compiled.fields.map((field) => [field.name, field.read(object, budget)]));
  const sourceMs = sourceMsOf(compiled, found);
  return {
    fields: fieldsOf(found),
    keys: compiled.keys.map((key) => mappedKey(key, found)),
    targets: targetsOf(compiled, found, object, budget),
    inferred: inferredOf(compiled, found),
    ...(sourceMs !== undefined && { sourceMs }),
  };
}

function fieldsOf(found: ReadonlyMap<string, Found>): MappedObject["fields"] {
  const fields: Record<string, Scalar | readonly Scalar[]> = Object.create(null);
  for (const [name, value] of found) {
    if (isList(value)) fields[name] = value.filter((element) => element !== undefined);
    else if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function isList(value: Found): value is readonly (Scalar | undefined)[] {
  return typeof value === "object";
}

/** What a field takes as one value. */
function foundText(value: Found): string {
  return textOf(isList(value) ? value.filter((element) => element !== undefined) : value) ?? "";
}

function mappedKey({ name, identifiers, fields, object }: CompiledKey, found: ReadonlyMap<string, Found>): MappedKey {
  const parts = fields.map((field) => normalised(field.contentType, foundText(found.get(field.name))));
  return { name, identifiers, parts, isEmpty: parts.every((part) => part === ""), ...(object && { object }) };
}

function targetsOf(
  { fields }: CompiledMapping,
  found: ReadonlyMap<string, Found>,
  object: JsonObject,
  budget: TemplateBudget,
): readonly MappedTarget[] {
  const targets = new Map<string, MappedTarget>();
  for (const { name, target } of fields) {
    if (target === undefined || target.isSourceTimestamp) continue;
    for (const [index, text] of textsFor(target, found.get(name)).entries()) {
      const value = target.isNumber ? numberOf(text) : text;
      const path = value === "" ? undefined : target.pathFor(index, object, budget);
      if (path === undefined) continue;
      targets.set(JSON.stringify([target.object.name, ...path]), { object: target.object.name, path, value });
    }
  }
  return [...targets.values()];
}

/** A text for each place that a target fills. */
function textsFor({ isWalk }: NonNullable<CompiledField["target"]>, value: Found): readonly string[] {
  return isWalk && isList(value) ? value.map((element) => textOf(element) ?? "") : [foundText(value)];
}

/** Empty for a text that is no number: a field of numbers takes nothing else. */
function numberOf(text: string): number | "" {
  const value = parseDecimal(text.trim()) === undefined ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : "";
}

function inferredOf({ fields }: CompiledMapping, found: ReadonlyMap<string, Found>): MappedObject["inferred"] {
  const first = (contentType: CompiledField["contentType"]): string | undefined => {
    const candidates = fields.filter((field) => field.contentType === contentType && field.target === undefined);
    return candidates.map(({ name }) => foundText(found.get(name))).find((text) => text !== "");
  };
  const [email, phone] = [first("EMAIL_ADDRESS"), first("PHONE_NUMBER")];
  return { ...(email !== undefined && { EmailAddress: email }), ...(phone !== undefined && { PhoneNumber: phone }) };
}

function sourceMsOf({ sourceTimestamp }: CompiledMapping, found: ReadonlyMap<string, Found>): number | undefined {
  return sourceTimestamp?.parse(foundText(found.get(sourceTimestamp.field)));
}
