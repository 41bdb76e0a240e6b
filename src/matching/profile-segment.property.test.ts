/** Segments compared with the definition below of what they mean. `TRUNKLINE_FULL=1` compares 100,000 pairs and more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dimension, Group, SegmentGroup } from "@aws-sdk/client-customer-profiles";
import fc from "fast-check";
import { ModeledError } from "../models/modeled-error.ts";
import { calculatedKey, ProfileSegment, SegmentChain, type SegmentDocument } from "./profile-segment.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const RUNS = FULL ? 40_000 : 800;
const PAIRS_MIN = FULL ? 100_000 : 2_000;
const NOW = Date.parse("2024-06-15T12:00:00Z");
const DAY = 86_400_000;

const anyDate = fc.constantFrom(
  ...["2024-06-15", "2024-06-15T12:00:00Z", "2024-06-14T23:59:59Z", "2024-06-08T12:00:00+00:00", "1718452800"],
  ...["2024-05-15T12:00:00.000Z", "1718452800000", "2024-06-17T12:00:00Z", "2024-02-30"],
);
const anyNumber = fc.constantFrom(..."0 -0 5 5.0 05 5e-1 .5 10 1e1 -5 9007199254740993 9007199254740992".split(" "));
const anyWord = fc.constantFrom("a", "b", "ab", "A", "true", "a,b", "b , a", '["a","b"]', "[5]", "[a", "-P7D");
const anyText = fc.oneof(anyWord, anyWord, anyNumber, anyDate);
const anyDuration = fc.constantFrom("-P7D", "P2D", "-P1M", "P0D", "-PT36H");

const CUSTOM = ["x", "y", "x.y"];
const CALCULATED = ["_orders_count", "visits"];
const anyReference = fc.constantFrom(
  ...["{{_profile.FirstName}}", "{{ _profile.Attributes.y }}", "{{_profile.Address.City}}", "{{_profile.BirthDate}}"],
  ...["{{_calculated_attribute.visits}}", "{{_profile.Attributes.x.y}}"],
);

interface Asked {
  readonly DimensionType: string;
  readonly Values: string[];
}
const several = (value: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.array(value, { minLength: 1, maxLength: 3 });
const two = (value: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(value, { minLength: 2, maxLength: 2 });
const asked = (types: readonly string[], values: fc.Arbitrary<string[]>): fc.Arbitrary<Asked> =>
  fc.record({ DimensionType: fc.constantFrom(...types), Values: values });

const soundDate = anyDate.filter((date) => date !== "2024-02-30");
const texts = ["INCLUSIVE", "EXCLUSIVE", "CONTAINS", "BEGINS_WITH", "ENDS_WITH"];
const anyTextQuestion = asked(texts, several(anyText));
const anyDateQuestion = fc.oneof(
  asked(["BEFORE", "AFTER", "ON"], several(fc.oneof(soundDate, anyDuration))),
  asked(["BETWEEN", "NOT_BETWEEN"], two(fc.oneof(soundDate, anyDuration))),
);
const orDynamic = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: value, weight: 5 }, { arbitrary: anyReference, weight: 1 });
const anyQuestion = fc.oneof(
  anyTextQuestion,
  anyDateQuestion,
  asked([...texts, "LIST_CONTAINS", "LIST_CONTAINS_ALL", "EQUAL"], several(orDynamic(anyText))),
  asked(["GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"], several(orDynamic(anyNumber))),
  asked(["BETWEEN", "NOT_BETWEEN"], two(anyNumber)),
  asked(["BEFORE", "AFTER", "ON"], several(orDynamic(soundDate))),
);

const OVERRIDE = { Start: 7, Unit: "DAYS" as const };
const anyDimension = fc.oneof(
  fc.record({
    ProfileAttributes: fc.record(
      {
        FirstName: anyTextQuestion,
        BirthDate: anyDateQuestion,
        Address: fc.record({ City: anyTextQuestion, Country: anyTextQuestion }, { requiredKeys: [] }),
        Attributes: fc.dictionary(fc.constantFrom(...CUSTOM), anyQuestion, { maxKeys: 2, noNullPrototype: true }),
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    CalculatedAttributes: fc.dictionary(
      fc.constantFrom(...CALCULATED),
      fc
        .tuple(anyQuestion, fc.boolean())
        .map(([question, isOver]) => (isOver ? { ...question, ConditionOverrides: { Range: OVERRIDE } } : question)),
      { maxKeys: 2, noNullPrototype: true },
    ),
  }),
) as fc.Arbitrary<Dimension>;
const anySome = fc.constantFrom("ALL", "ANY", "NONE");
const anyGroup = (sources: readonly string[]): fc.Arbitrary<Group> =>
  fc.record(
    {
      Dimensions: fc.array(anyDimension, { maxLength: 3 }),
      SourceSegments: fc.array(
        fc.constantFrom("s0", ...sources).map((SegmentDefinitionName) => ({ SegmentDefinitionName })),
        { maxLength: sources.length === 0 ? 0 : 2 },
      ),
      Type: anySome,
      SourceType: anySome,
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Group>;
const anySegment = (...sources: readonly string[]): fc.Arbitrary<SegmentGroup> =>
  fc.record(
    { Groups: fc.array(anyGroup(sources), { maxLength: 3 }), Include: anySome },
    { requiredKeys: [] },
  ) as fc.Arbitrary<SegmentGroup>;

const anyDocument: fc.Arbitrary<SegmentDocument> = fc.record({
  _profile: fc.record(
    {
      FirstName: anyText,
      BirthDate: anyDate,
      Address: fc.record({ City: anyText, Country: anyText }, { requiredKeys: [] }),
      Attributes: fc.dictionary(fc.constantFrom(...CUSTOM), anyText, { maxKeys: 3, noNullPrototype: true }),
    },
    { requiredKeys: [] },
  ),
  _calculated: fc.dictionary(
    fc.constantFrom(...CALCULATED, ...CALCULATED.map((name) => calculatedKey({ name, range: { start: 7, end: 0 } }))),
    anyText,
    { maxKeys: 4, noNullPrototype: true },
  ),
});

test("a profile is found and explained to be in exactly the segments that it belongs to by definition", (t) => {
  let pairs = 0;
  let inside = 0;
  fc.assert(
    fc.property(
      fc.tuple(anySegment(), anySegment("s0"), anySegment("s0", "s1")),
      fc.array(anyDocument, { minLength: 1, maxLength: 2 }),
      (groups, documents) => {
        const links = groups.map((each, index) => [`s${index}`, new ProfileSegment(each, "SegmentGroups")] as const);
        const chains = links.map((_, index) => new SegmentChain(links.slice(0, index + 1)));
        for (const document of documents) {
          for (const [index, chain] of chains.entries()) {
            const expected = belongs(groups, index, document);
            assert.equal(chain.matches(document, NOW), expected);
            const { matched, reason } = chain.explain(document, NOW);
            assert.equal(matched, expected);
            assert.equal(reason === undefined, expected);
            pairs += 1;
            inside += Number(expected);
          }
        }
      },
    ),
    { numRuns: RUNS },
  );
  t.diagnostic(`${pairs} pairs, ${inside} of them members`);
  assert.ok(pairs >= PAIRS_MIN, `only ${pairs} pairs`);
  assert.ok(inside > pairs / 5 && inside < (pairs * 4) / 5, `${inside} members among ${pairs} pairs say little`);
});

/** Members that are nearly those of a segment: any part may be wrong, or not there. */
const anyOddText = fc.oneof(
  anyText,
  anyReference,
  fc.constantFrom("{{", "{{_profile}}", "{{_profile.Nothing}}", ""),
  fc.string(),
);
const anyOddQuestion = fc.record(
  {
    DimensionType: fc.constantFrom("EQUAL", "ON", "BETWEEN", "INCLUSIVE", "__proto__", "", "LIST_CONTAINS"),
    Values: fc.array(anyOddText, { maxLength: 3 }),
    ConditionOverrides: fc.record({ Range: fc.record({ Start: fc.integer(), End: fc.integer() }) }),
  },
  { requiredKeys: [] },
);
const anyOddSegment = fc.record(
  {
    Include: fc.constantFrom("ALL", "XOR"),
    Groups: fc.array(
      fc.record(
        {
          Type: fc.constantFrom("NONE", "none"),
          SourceSegments: fc.array(fc.record({ SegmentDefinitionName: fc.string() }, { requiredKeys: [] }), {
            maxLength: 7,
          }),
          Dimensions: fc.array(
            fc.record(
              {
                ProfileAttributes: fc.record(
                  {
                    FirstName: anyOddQuestion,
                    BirthDate: anyOddQuestion,
                    Attributes: fc.dictionary(fc.string(), anyOddQuestion),
                  },
                  { requiredKeys: [] },
                ),
                CalculatedAttributes: fc.dictionary(fc.string(), anyOddQuestion, { maxKeys: 2 }),
              },
              { requiredKeys: [] },
            ),
            { maxLength: 2 },
          ),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

test("whatever a segment consists of, it compiles and can be asked, or is refused with the place", () => {
  fc.assert(
    fc.property(anyOddSegment, anyDocument, (groups, document) => {
      try {
        new ProfileSegment(groups as unknown as SegmentGroup, "SegmentGroups").matches(document, NOW);
      } catch (error) {
        assert.ok(error instanceof ModeledError, String(error));
        assert.equal(error.code, "BadRequestException");
        assert.match(error.message, /^SegmentGroups[.[][\s\S]*: [\s\S]+\.$/);
        assert.ok(error.message.length < 500, error.message);
      }
    }),
    { numRuns: FULL ? 20_000 : 1_000 },
  );
});

/** The definition: whether a profile belongs to a segment, read from the groups as they were sent. */
function belongs(segments: readonly SegmentGroup[], index: number, document: SegmentDocument): boolean {
  const { Groups = [], Include = "ALL" } = segments[index] ?? {};
  return some(
    Include,
    Groups.map(({ Dimensions = [], SourceSegments = [], Type = "ALL", SourceType = "ANY" }) => {
      const sources = SourceSegments.map(({ SegmentDefinitionName: name = "" }) =>
        belongs(segments, Number(name.slice(1)), document),
      );
      const dimensions = Dimensions.map((dimension) => questionsOf(dimension, document).every(isTrue));
      return some(SourceType, sources) && some(Type, dimensions);
    }),
  );

  function isTrue({ target, asked: { DimensionType, Values }, isDate }: Question): boolean {
    const values = Values.map((text) => knownValue(text, DimensionType, document));
    if (values.includes(undefined)) return false;
    return holds(DimensionType, target, values as (string | Date)[], isDate);
  }
}

function some(operator: string, parts: readonly boolean[]): boolean {
  if (parts.length === 0) return true;
  if (operator === "ALL") return parts.every(Boolean);
  return parts.some(Boolean) === (operator === "ANY");
}

interface Question {
  readonly target: string | undefined;
  readonly asked: Asked;
  readonly isDate: boolean;
}

function questionsOf(dimension: Dimension, { _profile, _calculated }: SegmentDocument): readonly Question[] {
  const { FirstName, BirthDate, Address, Attributes = {} } = dimension.ProfileAttributes ?? {};
  const address = (_profile.Address ?? {}) as Readonly<Record<string, string>>;
  const custom = (_profile.Attributes ?? {}) as Readonly<Record<string, string>>;
  const question = (asked: unknown, target: unknown, isDate = false): readonly Question[] =>
    asked === undefined ? [] : [{ asked: asked as Asked, target: target as string | undefined, isDate }];
  return [
    ...question(FirstName, _profile.FirstName),
    ...question(BirthDate, _profile.BirthDate, true),
    ...question(Address?.City, address.City),
    ...question(Address?.Country, address.Country),
    ...Object.entries(Attributes).flatMap(([name, asked]) => question(asked, custom[name])),
    ...Object.entries(dimension.CalculatedAttributes ?? {}).flatMap(([name, asked]) =>
      question(asked, _calculated[asked.ConditionOverrides ? `${name} (days 7 to 0)` : name]),
    ),
  ];
}

/** `undefined` where the profile has none. */
function knownValue(
  text: string,
  operator: string,
  { _profile, _calculated }: SegmentDocument,
): string | Date | undefined {
  const custom = (_profile.Attributes ?? {}) as Readonly<Record<string, string>>;
  switch (text.replaceAll(" ", "")) {
    case "{{_profile.FirstName}}":
      return _profile.FirstName as string | undefined;
    case "{{_profile.BirthDate}}":
      return _profile.BirthDate as string | undefined;
    case "{{_profile.Attributes.y}}":
      return custom.y;
    case "{{_profile.Attributes.x.y}}":
      return custom["x.y"];
    case "{{_profile.Address.City}}":
      return ((_profile.Address ?? {}) as { readonly City?: string }).City;
    case "{{_calculated_attribute.visits}}":
      return _calculated.visits;
  }
  if (!["BEFORE", "AFTER", "ON", "BETWEEN", "NOT_BETWEEN"].includes(operator)) return text;
  const offsets: Readonly<Record<string, number>> = {
    "-P7D": -7 * DAY,
    P2D: 2 * DAY,
    "-P1M": -31 * DAY,
    P0D: 0,
    "-PT36H": -1.5 * DAY,
  };
  const offset = offsets[text];
  return offset === undefined ? text : new Date(NOW + offset);
}

function holds(
  operator: string,
  target: string | undefined,
  values: readonly (string | Date)[],
  isDate: boolean,
): boolean {
  const strings = values.map(String);
  const anyText = (fits: (text: string, value: string) => boolean): boolean =>
    target !== undefined && strings.some((value) => fits(target, value));
  const anyNumber = (fits: (one: bigint, other: bigint) => boolean): boolean => {
    const numbers = strings.map(numberOf);
    const number = numberOf(target);
    return !numbers.includes(undefined) && number !== undefined && numbers.some((value) => fits(number, value ?? 0n));
  };
  const anyInstant = (fits: (one: number, other: number) => boolean): boolean => {
    const instants = values.map(instantOf);
    const instant = instantOf(target);
    if (instants.includes(undefined) || instant === undefined) return false;
    return instants.some((value) => fits(instant, value ?? 0));
  };
  switch (operator) {
    case "INCLUSIVE":
      return anyText((text, value) => text === value);
    case "EXCLUSIVE":
      return !anyText((text, value) => text === value);
    case "CONTAINS":
      return anyText((text, value) => text.includes(value));
    case "BEGINS_WITH":
      return anyText((text, value) => text.startsWith(value));
    case "ENDS_WITH":
      return anyText((text, value) => text.endsWith(value));
    case "EQUAL":
      return anyText((text, value) => {
        const [one, other] = [numberOf(text), numberOf(value)];
        return one !== undefined && other !== undefined ? one === other : text === value;
      });
    case "GREATER_THAN":
      return anyNumber((one, other) => one > other);
    case "LESS_THAN":
      return anyNumber((one, other) => one < other);
    case "GREATER_THAN_OR_EQUAL":
      return anyNumber((one, other) => one >= other);
    case "LESS_THAN_OR_EQUAL":
      return anyNumber((one, other) => one <= other);
    case "BEFORE":
      return anyInstant((one, other) => one < other);
    case "AFTER":
      return anyInstant((one, other) => one > other);
    case "ON":
      return anyInstant((one, other) => Math.floor(one / DAY) === Math.floor(other / DAY));
    case "BETWEEN":
      return isBetween(target, values, isDate) === true;
    case "NOT_BETWEEN":
      return isBetween(target, values, isDate) === false;
    case "LIST_CONTAINS":
      return strings.some((value) => listOf(target).includes(value));
    case "LIST_CONTAINS_ALL":
      return strings.every((value) => listOf(target).includes(value));
    default:
      throw new Error(operator);
  }
}

/** `undefined` where the target cannot be compared. */
function isBetween(
  target: string | undefined,
  [low, high]: readonly (string | Date)[],
  isDate: boolean,
): boolean | undefined {
  const numbers = [numberOf(low), numberOf(target), numberOf(high)];
  const [least, number, most] = numbers;
  if (!isDate && least !== undefined && number !== undefined && most !== undefined)
    return least <= number && number <= most;
  // A number is no date where the bounds are numbers.
  const [first, instant, last] = [instantOf(low), instantOf(target), instantOf(high)];
  if (first === undefined || instant === undefined || last === undefined) return undefined;
  return first <= instant && instant <= last;
}

function listOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed.map(String);
  } catch {
    // No JSON: commas separate.
  }
  return text.split(",").map((item) => item.trim());
}

const PLACES = 20;

/** The number, times 10 to the power of `PLACES`. */
function numberOf(value: string | Date | undefined): bigint | undefined {
  const found = typeof value === "string" ? /^([+-]?)(?=[.]?\d)(\d*)[.]?(\d*)(?:e([+-]?\d+))?$/i.exec(value) : null;
  if (found === null) return undefined;
  const [, sign, whole = "", fraction = "", power = "0"] = found;
  const size = BigInt(whole + fraction) * 10n ** BigInt(PLACES - fraction.length + Number(power));
  return sign === "-" ? -size : size;
}

function instantOf(value: string | Date | undefined): number | undefined {
  if (value instanceof Date) return value.getTime();
  if (value === undefined) return undefined;
  if (/^\d{10}$/.test(value)) return Number(value) * 1000;
  if (/^\d{13}$/.test(value)) return Number(value);
  if (!/^\d{4}-\d\d-\d\d/.test(value) || value === "2024-02-30") return undefined;
  return Date.parse(value);
}
