import type {
  AddressDimension,
  CalculatedAttributeDimension,
  Dimension,
  Group,
  ProfileAttributes,
  SegmentGroup,
} from "@aws-sdk/client-customer-profiles";
import {
  combinedBy,
  compareWithAny,
  compileEach,
  DATE_OPERATORS,
  field,
  type Known,
  NUMBER_OPERATORS,
  refused,
  TEXT_OPERATORS,
  valuesNeeded,
} from "./comparison.ts";
import type { Condition, Path } from "./condition.ts";
import type { Explanation } from "./explanation.ts";
import { addDuration, type Duration, parseDuration } from "./iso-duration.ts";
import { Machine } from "./machine.ts";
import type { Predicate } from "./predicate.ts";

/**
 * Segments of Customer Profiles: validated, and compiled to conditions over one document per profile.
 *
 *     segment     ALL, ANY or NONE of its groups (`Include`, ALL where it is absent)
 *     group       its source segments, ALL, ANY or NONE of them (`SourceType`, ANY), and its dimensions, so many of them (`Type`, ALL)
 *     dimension   all of its attributes
 *     attribute   an operator over one field of the profile, or over one of its calculated attributes; several values are alternatives
 *
 * What has no parts is met: a segment without groups, a group without source segments or without dimensions.
 *
 * Algebra: API Reference, `SegmentGroup`, `Group` and `Dimension`; Administrator Guide, "Build customer segments". The operators are those of
 * event triggers (`comparison.ts`) and two for lists. Where the two say nothing, docs/where-sources-are-silent.md says what we chose.
 *
 * Some values are known only when a profile is looked at: `{{_profile.AccountNumber}}` and `{{_calculated_attribute._orders_count}}` are the
 * profile's own, and `-P7D` is a week ago. They are put in before the condition is compiled, so that an explanation names what was compared.
 * A segment without them is compiled once; one with dates that move is compiled once for each moment that it is asked for.
 *
 * Source segments are not written out: nested five deep they would grow without bound. Each is asked once for a profile, and its name stands
 * in the document if it is met (`SegmentChain`).
 */
export class ProfileSegment {
  /** The names of the segments that it rests on, each once. */
  readonly sources: readonly string[];
  /** The calculated attributes that it looks at, each once. */
  readonly calculated: readonly CalculatedValue[];
  /** What it looks at, as people write it: `FirstName`, `Address.City`, `Attributes.Tier`, `_calculated._orders_count`. */
  readonly attributes: ReadonlySet<string>;
  readonly #parts: Parts;
  readonly #changes: "never" | "with time" | "with profile";
  #compiled: { readonly nowMs: number; readonly machine: Machine<string> } | undefined;

  /** Throws `BadRequestException` with the place of the first mistake, which begins with `at`, and the reason. */
  constructor(groups: SegmentGroup, at: string) {
    const tests = new Tests();
    this.#parts = parseSegment(groups, at, tests);
    this.sources = [...tests.sources];
    this.calculated = [...tests.calculated.values()];
    this.attributes = tests.attributes;
    this.#changes = tests.changes;
  }

  matches(document: SegmentDocument, nowMs: number): boolean {
    return this.#machine(document, nowMs).match(document).length > 0;
  }

  explain(document: SegmentDocument, nowMs: number): Explanation {
    const explanation = this.#machine(document, nowMs).explain(ONLY, document);
    if (explanation === undefined) throw new Error("A segment's machine has no condition");
    return explanation;
  }

  #machine(document: SegmentDocument, nowMs: number): Machine<string> {
    const known = this.#compiled;
    if (known !== undefined && (this.#changes === "never" || known.nowMs === nowMs)) return known.machine;
    const machine = new Machine<string>();
    machine.add(ONLY, conditionOf(this.#parts, { document, nowMs }));
    if (this.#changes !== "with profile") this.#compiled = { nowMs, machine };
    return machine;
  }
}

/** A segment's machine holds one condition. */
const ONLY = "segment";

/** What segments are asked of. (A type, since an interface is no JSON object to the compiler.) */
export type SegmentDocument = {
  /** In the shape of the API. */
  readonly _profile: Readonly<Record<string, unknown>>;
  /** By `calculatedKey`. What has no value is absent. */
  readonly _calculated: Readonly<Record<string, string>>;
  /** The source segments that the profile belongs to. */
  readonly _segments?: readonly string[];
};

/** A calculated attribute, or what it would be over another range. */
export interface CalculatedValue {
  readonly name: string;
  readonly range?: DaysRange | undefined;
}

/** From so many days ago to so many days ago; what is negative lies ahead. */
export interface DaysRange {
  readonly start: number;
  readonly end: number;
}

/** The member of `_calculated` that holds a value: its name, and the range that takes the place of its own. */
export function calculatedKey({ name, range }: CalculatedValue): string {
  return range === undefined ? name : `${name} (days ${range.start} to ${range.end})`;
}

/** A segment and all that it rests on, each after those that it rests on itself. */
export class SegmentChain {
  readonly #links: readonly (readonly [name: string, segment: ProfileSegment])[];
  /** All calculated attributes that are looked at, each once. */
  readonly calculated: readonly CalculatedValue[];

  /** The segment itself comes last. */
  constructor(links: readonly (readonly [name: string, segment: ProfileSegment])[]) {
    this.#links = links;
    const values = links.flatMap(([, { calculated }]) => calculated);
    this.calculated = [...new Map(values.map((value) => [calculatedKey(value), value])).values()];
  }

  matches(document: SegmentDocument, nowMs: number): boolean {
    const met = this.#metBefore(document, nowMs);
    return this.#last[1].matches({ ...document, _segments: met }, nowMs);
  }

  /** Of the segment itself: of a source segment it says whether the profile belongs to it. */
  explain(document: SegmentDocument, nowMs: number): Explanation {
    const met = this.#metBefore(document, nowMs);
    return this.#last[1].explain({ ...document, _segments: met }, nowMs);
  }

  /** Of those that the segment rests on, by their names. */
  explainSources(document: SegmentDocument, nowMs: number): readonly (readonly [name: string, Explanation])[] {
    const met = this.#metBefore(document, nowMs);
    return this.#links
      .slice(0, -1)
      .map(([name, segment]) => [name, segment.explain({ ...document, _segments: met }, nowMs)]);
  }

  #metBefore(document: SegmentDocument, nowMs: number): readonly string[] {
    const met: string[] = [];
    for (const [name, segment] of this.#links.slice(0, -1)) {
      if (segment.matches({ ...document, _segments: met }, nowMs)) met.push(name);
    }
    return met;
  }

  get #last(): readonly [name: string, segment: ProfileSegment] {
    const last = this.#links.at(-1);
    if (last === undefined) throw new Error("A chain of segments has at least one");
    return last;
  }
}

/** Source segments of one group: https://docs.aws.amazon.com/connect/latest/adminguide/customer-segments-building-segments.html */
const SOURCES_MAX = 5;
const VALUES_MAX = 50;

const TEXT_FIELDS = [
  ...["AccountNumber", "AdditionalInformation", "FirstName", "MiddleName", "LastName", "GenderString"],
  ...["PartyTypeString", "PhoneNumber", "HomePhoneNumber", "MobilePhoneNumber", "BusinessPhoneNumber", "EmailAddress"],
  ...["PersonalEmailAddress", "BusinessEmailAddress", "BusinessName"],
] as const satisfies readonly (keyof ProfileAttributes)[];
const ADDRESSES = [
  ...["Address", "ShippingAddress", "MailingAddress", "BillingAddress"],
] as const satisfies readonly (keyof ProfileAttributes)[];
const ADDRESS_FIELDS = [
  ...["City", "Country", "County", "PostalCode", "Province", "State"],
] as const satisfies readonly (keyof AddressDimension)[];

const LIST_OPERATORS: readonly string[] = ["LIST_CONTAINS", "LIST_CONTAINS_ALL"];

/** What may be asked of an attribute. */
interface Kind {
  readonly operators: readonly string[];
  /** It is a date: numbers stand for times only. */
  readonly isDate?: true;
  /** Values may be the profile's own. */
  readonly isDynamic?: true;
}

const TEXT: Kind = { operators: TEXT_OPERATORS };
const DATE: Kind = { operators: DATE_OPERATORS, isDate: true };
const PROFILE_TYPE: Kind = { operators: ["INCLUSIVE", "EXCLUSIVE"] };
const ANY: Kind = {
  operators: [...TEXT_OPERATORS, ...NUMBER_OPERATORS, ...DATE_OPERATORS, ...LIST_OPERATORS],
  isDynamic: true,
};

/** What a segment consists of: conditions, with tests whose values may not be known yet in the place of the leaves. */
type Parts =
  | { readonly kind: "ALL" | "ANY" | "NONE"; readonly of: readonly Parts[] }
  | { readonly kind: "test"; readonly test: Test };

interface Test {
  readonly path: Path;
  readonly operator: string;
  readonly isDate: boolean;
  readonly values: readonly Value[];
  /** Where no value waits for the profile or the time. */
  readonly condition?: Condition;
}

type Value =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "profile's"; readonly find: (document: SegmentDocument) => unknown }
  | { readonly kind: "relative"; readonly duration: Duration };

/** What is found while a segment is parsed. */
class Tests {
  readonly sources = new Set<string>();
  readonly calculated = new Map<string, CalculatedValue>();
  readonly attributes = new Set<string>();
  changes: "never" | "with time" | "with profile" = "never";
}

function parseSegment({ Groups = [], Include = "ALL" }: SegmentGroup, at: string, tests: Tests): Parts {
  const groups = Groups.map((group, index) => parseGroup(group, `${at}.Groups[${index}]`, tests));
  return someOf(Include, groups, `${at}.Include`);
}

function parseGroup(group: Group, at: string, tests: Tests): Parts {
  const { Dimensions = [], SourceSegments = [], Type = "ALL", SourceType = "ANY" } = group;
  if (SourceSegments.length > SOURCES_MAX) {
    throw refused(
      `${at}.SourceSegments`,
      `at most ${SOURCES_MAX} are allowed, and ${SourceSegments.length} are given.`,
    );
  }
  const sources = SourceSegments.map(({ SegmentDefinitionName: name }, index): Parts => {
    if (name === undefined) throw refused(`${at}.SourceSegments[${index}].SegmentDefinitionName`, "a name is needed.");
    tests.sources.add(name);
    const named: Predicate = { kind: "named", name, meaning: `the profile is in segment ${name}` };
    const condition = field(["_segments"], [named]);
    return { kind: "test", test: { path: ["_segments"], operator: "", isDate: false, values: [], condition } };
  });
  const dimensions = Dimensions.map((dimension, index) =>
    parseDimension(dimension, `${at}.Dimensions[${index}]`, tests),
  );
  return {
    kind: "ALL",
    of: [someOf(SourceType, sources, `${at}.SourceType`), someOf(Type, dimensions, `${at}.Type`)],
  };
}

function someOf(operator: string, of: readonly Parts[], at: string): Parts {
  if (operator !== "ALL" && operator !== "ANY" && operator !== "NONE") throw refused(at, "ALL, ANY or NONE is needed.");
  return of.length === 0 ? { kind: "ALL", of } : { kind: operator, of };
}

function parseDimension(dimension: Dimension, at: string, tests: Tests): Parts {
  const { ProfileAttributes: profile, CalculatedAttributes: calculated } = dimension;
  if ((profile === undefined) === (calculated === undefined)) {
    throw refused(at, "exactly one of ProfileAttributes and CalculatedAttributes is needed.");
  }
  const of =
    profile === undefined
      ? parseCalculated(calculated ?? {}, `${at}.CalculatedAttributes`, tests)
      : parseProfile(profile, `${at}.ProfileAttributes`, tests);
  return { kind: "ALL", of };
}

function parseProfile(attributes: ProfileAttributes, at: string, tests: Tests): readonly Parts[] {
  const parts: Parts[] = [];
  const add = (names: readonly string[], asked: Asked | undefined, kind: Kind, place = names.join(".")): void => {
    if (asked === undefined) return;
    tests.attributes.add(names.join("."));
    const path = ["_profile", ...names.flatMap((name) => name.split("."))];
    parts.push(parseTest(path, asked, kind, `${at}.${place}`, tests));
  };
  for (const name of TEXT_FIELDS) add([name], attributes[name], TEXT);
  add(["BirthDate"], attributes.BirthDate, DATE);
  add(["ProfileType"], attributes.ProfileType, PROFILE_TYPE);
  for (const address of ADDRESSES) {
    for (const name of ADDRESS_FIELDS) add([address, name], attributes[address]?.[name], TEXT);
  }
  for (const [name, asked] of Object.entries(attributes.Attributes ?? {})) {
    add(["Attributes", name], asked, ANY, `Attributes[${quoted(name)}]`);
  }
  return parts;
}

function parseCalculated(
  attributes: Readonly<Record<string, CalculatedAttributeDimension>>,
  at: string,
  tests: Tests,
): readonly Parts[] {
  return Object.entries(attributes).map(([name, asked]) => {
    const place = `${at}[${quoted(name)}]`;
    const overriding = asked.ConditionOverrides?.Range;
    const range = overriding && daysRange(overriding, `${place}.ConditionOverrides.Range`);
    const value: CalculatedValue = range === undefined ? { name } : { name, range };
    addCalculated(value, tests);
    return parseTest(["_calculated", calculatedKey(value)], asked, ANY, place, tests);
  });
}

function addCalculated(value: CalculatedValue, tests: Tests): void {
  tests.calculated.set(calculatedKey(value), value);
  tests.attributes.add(`_calculated.${value.name}`);
}

/** Throws `BadRequestException`, which begins with `at`. */
export function daysRange(
  { Start: start, End: end = 0 }: { readonly Start?: number | undefined; readonly End?: number | undefined },
  at: string,
): DaysRange {
  if (start === undefined || start < end) throw refused(at, "Start must be at least End: days count into the past.");
  return { start, end };
}

/** What a request asks of an attribute. */
interface Asked {
  readonly DimensionType?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

function parseTest(path: Path, asked: Asked, kind: Kind, at: string, tests: Tests): Parts {
  const { DimensionType: operator = "" } = asked;
  if (!kind.operators.includes(operator)) {
    throw refused(`${at}.DimensionType`, `one of ${kind.operators.join(", ")} is needed.`);
  }
  const isDate = kind.isDate === true;
  const values = compileEach(asked.Values, `${at}.Values`, VALUES_MAX, (text, place) =>
    parseValue(text, { operator, kind, at: place, tests }),
  );
  if ((operator === "BETWEEN" || operator === "NOT_BETWEEN") && values.length !== 2) {
    throw refused(`${at}.Values`, `${operator} needs exactly 2 values, and ${values.length} are given.`);
  }
  const test = { path, operator, isDate, values };
  if (values.some((value) => value.kind !== "text")) return { kind: "test", test };
  const condition = compareWithAny(test, textsOf(values), (wrong) => {
    const place = wrong === undefined ? `${at}.Values` : `${at}.Values[${wrong}]`;
    const duration = wrong !== undefined && DATE_OPERATORS.includes(operator) ? ", or a duration such as -P7D" : "";
    return refused(place, `${operator} needs ${valuesNeeded(operator, isDate)}${duration}.`);
  });
  return { kind: "test", test: { ...test, condition } };
}

function textsOf(values: readonly Value[]): readonly string[] {
  return values.flatMap((value) => (value.kind === "text" ? [value.text] : []));
}

const REFERENCE = /^\{\{\s*(_profile|_calculated_attribute)\.([^{}]+?)\s*\}\}$/;
const CALCULATED_NAME = /^[a-zA-Z_][a-zA-Z_0-9-]{0,254}$/;

function parseValue(
  text: string,
  { operator, kind, at, tests }: { operator: string; kind: Kind; at: string; tests: Tests },
): Value {
  if (text.includes("{{")) {
    if (!kind.isDynamic)
      throw refused(at, "only custom and calculated attributes are compared with the profile's own.");
    const [, from, name = ""] = REFERENCE.exec(text) ?? [];
    const find = from === "_profile" ? profileReference(name, tests) : calculatedReference(from, name, tests);
    if (find === undefined) {
      throw refused(at, "{{_profile.FIELD}} or {{_calculated_attribute.NAME}}, with nothing around it, is needed.");
    }
    tests.changes = "with profile";
    return { kind: "profile's", find };
  }
  const duration = DATE_OPERATORS.includes(operator) ? parseDuration(text) : undefined;
  if (duration === undefined) return { kind: "text", text };
  if (tests.changes === "never") tests.changes = "with time";
  return { kind: "relative", duration };
}

type Find = (document: SegmentDocument) => unknown;

function profileReference(name: string, tests: Tests): Find | undefined {
  const [first = "", second = "", ...more] = name.split(".");
  const fields: readonly string[] = [...TEXT_FIELDS, "BirthDate", "ProfileType"];
  const isField = fields.includes(name);
  const isAddress = isOneOf(ADDRESSES, first) && isOneOf(ADDRESS_FIELDS, second) && more.length === 0;
  if (!isField && !isAddress && (first !== "Attributes" || name === "Attributes")) return undefined;
  tests.attributes.add(name);
  if (isField) return ({ _profile }) => _profile[name];
  const member = name.slice(first.length + 1);
  return ({ _profile }) => (_profile[first] as Readonly<Record<string, unknown>> | undefined)?.[member];
}

function calculatedReference(from: string | undefined, name: string, tests: Tests): Find | undefined {
  if (from === undefined || !CALCULATED_NAME.test(name)) return undefined;
  addCalculated({ name }, tests);
  return ({ _calculated }) => _calculated[name];
}

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

/** A name in a message, not at full length. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 63).replace(/[\ud800-\udbff]$/, "")}…` : name);
}

/** What a segment is compiled for. */
interface Occasion {
  readonly document: SegmentDocument;
  readonly nowMs: number;
}

const NEVER: Condition = { kind: "any", of: [] };

function conditionOf(parts: Parts, occasion: Occasion): Condition {
  if (parts.kind === "test") return parts.test.condition ?? conditionNow(parts.test, occasion);
  return combinedBy(
    parts.kind,
    parts.of.map((part) => conditionOf(part, occasion)),
  );
}

/** A value that is missing, or of no use to the operator, makes the test false. */
function conditionNow(test: Test, { document, nowMs }: Occasion): Condition {
  const values: Known[] = [];
  for (const value of test.values) {
    const known = knownOf(value, document, nowMs);
    if (known === undefined) return NEVER;
    values.push(known);
  }
  try {
    return compareWithAny(test, values, (wrong) => new UselessValue(wrong));
  } catch (error) {
    if (error instanceof UselessValue) return NEVER;
    throw error;
  }
}

class UselessValue extends Error {
  constructor(wrong: number | undefined) {
    super(`Value ${wrong ?? ""} is of no use`);
  }
}

function knownOf(value: Value, document: SegmentDocument, nowMs: number): Known | undefined {
  switch (value.kind) {
    case "text":
      return value.text;
    case "relative":
      return addDuration(nowMs, value.duration);
    case "profile's": {
      const found = value.find(document);
      return typeof found === "string" ? found : undefined;
    }
  }
}
