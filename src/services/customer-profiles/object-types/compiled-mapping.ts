import type { FieldContentType, ObjectTypeField, StandardIdentifier } from "@aws-sdk/client-customer-profiles";
import { BoundedMap } from "../../bounded-map.ts";
import { badRequest } from "../errors.ts";
import { compileDatePattern, type ParseDate } from "./date-pattern.ts";
import { compileSource, type FieldSource } from "./field-source.ts";
import { compileTarget, type FieldTarget } from "./field-target.ts";
import type { ObjectMapping } from "./object-mapping.ts";
import { identifiedObjects } from "./standard-objects.ts";

export interface CompiledMapping {
  /** In document order. */
  readonly fields: readonly CompiledField[];
  readonly keys: readonly CompiledKey[];
  /** Absent where the mapping does not say when the source has changed its objects. */
  readonly sourceTimestamp?: { readonly field: string; readonly parse: ParseDate };
}

export interface CompiledField {
  readonly name: string;
  readonly contentType: FieldContentType;
  readonly read: FieldSource;
  readonly target?: FieldTarget;
}

export interface CompiledKey {
  readonly name: string;
  readonly identifiers: readonly StandardIdentifier[];
  readonly fields: readonly Pick<CompiledField, "name" | "contentType">[];
  readonly object?: string;
}

/** How many mappings stay compiled: those of a hundred domains with a dozen types. */
const KEPT_MAX = 1_000;
const kept = new BoundedMap<string, CompiledMapping>(KEPT_MAX);

/** A mapping ready for use. Throws `BadRequestException`, which names the field, where a source, a target or the format of its time is not valid. */
export function compiledMapping(mapping: ObjectMapping): CompiledMapping {
  let compiled = kept.get(mapping.digest);
  if (compiled === undefined) {
    compiled = compile(mapping);
    kept.set(mapping.digest, compiled);
  }
  return compiled;
}

function compile(mapping: ObjectMapping): CompiledMapping {
  const fields = Object.entries(mapping.fields).map(([name, field]) => compileField(name, field));
  const byName = new Map(fields.map((field) => [field.name, field]));
  const keys = Object.entries(mapping.keys).flatMap(([name, entries]) =>
    entries.flatMap(({ StandardIdentifiers: identifiers = [], FieldNames = [] }) => {
      const key = { name, identifiers, fields: FieldNames.flatMap((field) => byName.get(field) ?? []) };
      const objects = identifiers.flatMap((identifier) => identifiedObjects.get(identifier) ?? []);
      return objects.length === 0 ? [key] : objects.map((object) => ({ ...key, object }));
    }),
  );
  const timestamp = fields.findLast(({ target }) => target?.isSourceTimestamp);
  const format = mapping.sourceLastUpdatedTimestampFormat;
  if (!timestamp || format === undefined) return { fields, keys };
  return { fields, keys, sourceTimestamp: { field: timestamp.name, parse: parserOf(format) } };
}

function compileField(name: string, { Source, Target, ContentType = "STRING" }: ObjectTypeField): CompiledField {
  if (Source === undefined) throw badRequest(`Fields.${name}: a Source is needed.`);
  return {
    name,
    contentType: ContentType,
    read: compileSource(Source, `Fields.${name}.Source`),
    ...(Target !== undefined && { target: compileTarget(Target, `Fields.${name}.Target`) }),
  };
}

const EPOCH_MILLI = "EpochMilli";

function parserOf(format: string): ParseDate {
  if (format === EPOCH_MILLI) return parseEpochMilli;
  try {
    return compileDatePattern(format);
  } catch (error) {
    // The pattern is the caller's; the error says what is wrong with it.
    throw badRequest(
      `SourceLastUpdatedTimestampFormat: ${EPOCH_MILLI} or a pattern of SimpleDateFormat is needed, and in ${format} ${(error as Error).message}.`,
    );
  }
}

const TIME_MS_MAX = 8.64e15;

function parseEpochMilli(text: string): number | undefined {
  const timeMs = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Math.abs(timeMs) <= TIME_MS_MAX ? timeMs : undefined;
}
