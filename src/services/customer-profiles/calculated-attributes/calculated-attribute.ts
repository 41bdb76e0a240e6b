import type { AttributeDetails, Conditions, Filter } from "@aws-sdk/client-customer-profiles";
import type { Condition } from "../../../matching/condition.ts";
import { parseInstant, parseIsoInstant } from "../../../matching/instant.ts";
import { Machine } from "../../../matching/machine.ts";
import { compileObjectFilter } from "../../../matching/object-filter.ts";
import type { DaysRange } from "../../../matching/profile-segment.ts";
import { type Collection, collection, type Reader } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";
import { domainView } from "../domain-view.ts";
import { badRequest, notFound } from "../errors.ts";
import { type Expression, parseExpression, parseReference, valueAt } from "./calculated-expression.ts";
import { type Calculation, type Contribution, DAY_MS, type StatisticName } from "./calculated-statistic.ts";
import { exactNumber } from "./exact-number.ts";

/** The definition of a calculated attribute: what is calculated of a profile's objects of one type. */
export interface CalculatedAttribute {
  /** Of its domain. */
  readonly uid: string;
  readonly name: string;
  /** Of this definition: another one where the name is used again. */
  readonly id: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly details: AttributeDetails;
  readonly statistic: StatisticName | typeof AGE;
  readonly conditions?: Conditions | undefined;
  readonly filter?: Filter | undefined;
  readonly useHistoricalData?: boolean | undefined;
  /** Came with the domain, and counts in no quota. */
  readonly isDefault?: true;
  /** Of what is older, not all is known. */
  readonly completeFromMs: number;
  /** Objects that were there before it are still read: how many were, and behind which object it goes on. */
  readonly history?: { readonly read: number; readonly after?: string | undefined } | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** The internal statistic of `_new_customer`, whose object is the profile itself: its age in days. */
export const AGE = "TIME_DIFFERENCE_FROM_NOW";

export const calculatedAttributes: Collection<CalculatedAttribute> = collection("profiles_calculated_attributes");

export function calculatedAttributeKey({ uid, name }: Pick<CalculatedAttribute, "uid" | "name">): string {
  return inDomain({ uid }, name);
}

/** A definition of a domain, or `ResourceNotFoundException`. */
export async function getCalculatedAttribute(
  reader: Reader,
  { uid }: Pick<Domain, "uid">,
  name: string,
): Promise<CalculatedAttribute> {
  const found = await reader.get(calculatedAttributes, calculatedAttributeKey({ uid, name }));
  if (!found) throw notFound(`Calculated attribute ${name} does not exist`);
  return found;
}

/** A definition, ready to look at objects. */
export interface CompiledAttribute {
  readonly definition: CalculatedAttribute;
  readonly expression: Expression;
  /** Of objects; absent: all count. */
  readonly filter?: Condition | undefined;
  readonly calculation: Omit<Calculation, "statistic">;
  /** When an object happened; absent: when it was ingested. `undefined`: it does not say. */
  readonly timeOf?: ((object: Readonly<Record<string, unknown>>) => number | undefined) | undefined;
}

/** Days that a range may reach to either side: "up to 366 days", Administrator Guide, "Calculated attributes". */
const RANGE_DAYS_MAX = 366;
/** Administrator Guide, "Calculated attributes". */
const OBJECT_COUNT_MAX = 100;

/** Throws `BadRequestException` for what the model cannot say, with the place of the first mistake. */
export function compileAttribute(definition: CalculatedAttribute): CompiledAttribute {
  const { details, conditions = {}, filter } = definition;
  const expression = parseExpression(details.Expression ?? "", "AttributeDetails.Expression");
  const names = details.Attributes?.map(({ Name }) => Name) ?? [];
  const unlisted = expression.paths.find((path) => !names.includes(path));
  if (unlisted !== undefined) {
    throw badRequest(`AttributeDetails.Attributes: ${unlisted}, which the expression names, is needed among them`);
  }
  const { Range: range, ObjectCount: objectCount, Threshold: threshold } = conditions;
  if (objectCount !== undefined && objectCount > OBJECT_COUNT_MAX) {
    throw badRequest(`Conditions.ObjectCount: at most ${OBJECT_COUNT_MAX} are allowed`);
  }
  const isOrdered = threshold?.Operator === "GREATER_THAN" || threshold?.Operator === "LESS_THAN";
  if (isOrdered && exactNumber(threshold.Value ?? "") === undefined) {
    throw badRequest(`Conditions.Threshold.Value: ${threshold.Operator} needs a number`);
  }
  return {
    definition,
    expression,
    filter: filter && compileObjectFilter(filter, "Filter"),
    calculation: { range: range && daysOf(range), objectCount, threshold },
    timeOf: range?.TimestampSource === undefined ? undefined : timeReader(range, expression.type),
  };
}

type Range = NonNullable<Conditions["Range"]>;

/** `undefined`: whenever. */
function daysOf({ Value: value, ValueRange: given }: Range): DaysRange | undefined {
  if (given) {
    const { Start: start = 0, End: end = 0 } = given;
    if (start <= end)
      throw badRequest("Conditions.Range.ValueRange: Start must be above End: days count into the past");
    if (start > RANGE_DAYS_MAX || end < -RANGE_DAYS_MAX) {
      throw badRequest(`Conditions.Range.ValueRange: at most ${RANGE_DAYS_MAX} days to either side are allowed`);
    }
    return { start, end };
  }
  if (value === undefined) return undefined;
  if (value < 1 || value > RANGE_DAYS_MAX) {
    throw badRequest(`Conditions.Range.Value: 1 to ${RANGE_DAYS_MAX} days are allowed`);
  }
  return { start: value, end: 0 };
}

const TIMESTAMP_FORMATS: Readonly<Record<string, (value: unknown) => number | undefined>> = {
  EPOCHMILLI: (value) => (/^\d{1,13}$/.test(String(value)) ? Number(value) : undefined),
  ISO_8601: parseIsoInstant,
};

function timeReader(
  { TimestampSource = "", TimestampFormat: format }: Range,
  type: string,
): CompiledAttribute["timeOf"] {
  const source = parseReference(TimestampSource, "Conditions.Range.TimestampSource");
  if (source.type !== type) {
    throw badRequest(`Conditions.Range.TimestampSource: it must be of ${type}, as the expression is`);
  }
  const parse = format === undefined ? parseInstant : TIMESTAMP_FORMATS[format];
  if (!parse) {
    throw badRequest(`Conditions.Range.TimestampFormat: one of ${Object.keys(TIMESTAMP_FORMATS).join(", ")} is needed`);
  }
  return (object) => parse(valueAt(object, source.path));
}

/** All attributes of a domain that look at objects of one type. */
export class AttributesOfType {
  readonly all: readonly CompiledAttribute[];
  readonly #filters = new Machine<string>();

  constructor(all: readonly CompiledAttribute[]) {
    this.all = all;
    for (const { definition, filter } of all) if (filter) this.#filters.add(definition.id, filter);
  }

  /** What an object says of each, by their ids; of those that it says nothing of, nothing. */
  contributionsOf(
    object: Readonly<Record<string, unknown>>,
    ingestedMs: number,
  ): ReadonlyMap<CompiledAttribute, Contribution> {
    const passed = new Set(this.#filters.match(object));
    const found = new Map<CompiledAttribute, Contribution>();
    for (const attribute of this.all) {
      if (attribute.filter && !passed.has(attribute.definition.id)) continue;
      const value = attribute.expression.calculate(object);
      const timeMs = attribute.timeOf ? attribute.timeOf(object) : ingestedMs;
      if (value !== undefined && timeMs !== undefined) found.set(attribute, { value, timeMs });
    }
    return found;
  }
}

/** Compiled definitions of a domain. */
export interface DomainAttributes {
  readonly byName: ReadonlyMap<string, CompiledAttribute>;
  /** By object type. The age of a profile looks at none. */
  readonly byType: ReadonlyMap<string, AttributesOfType>;
}

/** A domain's calculated attributes, as they are now. */
export const attributesOf: ReturnType<typeof domainView<CalculatedAttribute, DomainAttributes>> = domainView(
  calculatedAttributes,
  (definitions) => {
    const compiled = definitions.map(compileAttribute);
    const types = Map.groupBy(compiled, ({ definition, expression }) =>
      definition.statistic === AGE ? undefined : expression.type,
    );
    const byType = new Map<string, AttributesOfType>();
    for (const [type, all] of types) if (type !== undefined) byType.set(type, new AttributesOfType(all));
    return { byName: new Map(compiled.map((each) => [each.definition.name, each])), byType };
  },
);

/** What is older than that is of no use to an attribute; negative infinity where all is. */
export function oldestUsefulMs({ calculation: { range } }: CompiledAttribute, nowMs: number): number {
  return range ? nowMs - range.start * DAY_MS : Number.NEGATIVE_INFINITY;
}
