/** Event triggers on the machine, compared with the definition below of what they mean. `TRUNKLINE_FULL=1` compares 100,000 pairs and more. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { EventTriggerCondition, ObjectAttribute } from "@aws-sdk/client-customer-profiles";
import fc from "fast-check";
import { compileEventTrigger, eventTriggerDocument } from "./event-trigger.ts";
import { Machine } from "./machine.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const RUNS = FULL ? 20_000 : 500;
const PAIRS_MIN = FULL ? 100_000 : 2_000;

interface Ingested {
  readonly object: Readonly<Record<string, unknown>>;
  readonly fields: Readonly<Record<string, Scalar | readonly Scalar[]>>;
}
type Scalar = string | number | boolean | null;
type Trigger = readonly EventTriggerCondition[];

/** Times as people write them, mostly a few that meet the bounds of the others. */
const anyDate = fc
  .oneof(
    {
      arbitrary: fc.constantFrom("2024-06-01T00:00:00.000Z", "2024-06-01T12:00:00.000Z", "2024-06-02T00:00:00.000Z"),
      weight: 4,
    },
    {
      arbitrary: fc
        .date({ min: new Date("2024-05-31T00:00:00Z"), max: new Date("2024-06-03T00:00:00Z"), noInvalidDate: true })
        .map((date) => date.toISOString()),
      weight: 1,
    },
  )
  .chain((iso) => {
    const millis = new Date(iso).getTime();
    return fc.constantFrom(
      ...[iso, iso.slice(0, 10), iso.slice(0, 19), `${iso.slice(0, 10)} ${iso.slice(11, 16)}+02`],
      ...[iso.replace("Z", "-05:30"), String(millis), String(Math.floor(millis / 1000))],
    );
  });
const anyNumber = fc.oneof(
  { arbitrary: fc.constantFrom(..."0 -0 5 5.0 05 5e-1 +.5 10 1e1 -5".split(" ")), weight: 4 },
  {
    arbitrary: fc.constantFrom(..."1e400 9007199254740992 9007199254740993 1717200000 1717286400".split(" ")),
    weight: 2,
  },
  { arbitrary: fc.double({ min: -12, max: 12, noNaN: true }).map(String), weight: 1 },
);
const anyWord = fc.constantFrom("a", "b", "ab", "A", "5", "true", "null");
const anyOddity = fc.constantFrom("", " 5", "*", "é", "2024-02-30", "2024-06-01T24:00:00Z");
const anyText = fc.oneof(
  { arbitrary: anyWord, weight: 8 },
  { arbitrary: anyNumber, weight: 6 },
  { arbitrary: anyDate, weight: 6 },
  { arbitrary: anyOddity, weight: 1 },
);
const anyScalar: fc.Arbitrary<Scalar> = fc.oneof(
  { arbitrary: anyText, weight: 5 },
  {
    arbitrary: fc.oneof(anyNumber, anyDate).map((text) => (Number.isFinite(Number(text)) ? Number(text) : text)),
    weight: 2,
  },
  { arbitrary: fc.constantFrom(true, false, null), weight: 1 },
);

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { arbitrary: anyScalar, weight: 3 },
    { arbitrary: fc.array(tie("value"), { maxLength: 3 }), weight: 2 },
    {
      arbitrary: fc.dictionary(fc.constantFrom("x", "y", "0", "x.y"), tie("value"), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      weight: 1,
    },
  ),
}));
const anyIngested: fc.Arbitrary<Ingested> = fc.record({
  object: fc.dictionary(fc.constantFrom("x", "y", "x.y"), anyValue, { maxKeys: 3, noNullPrototype: true }),
  fields: fc.dictionary(fc.constantFrom("x", "y", "x.y"), fc.oneof(anyScalar, fc.array(anyScalar, { maxLength: 3 })), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
});

const anyTarget = fc.oneof(
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "_source."),
        fc.constantFrom("x", "y", "x.y", "x[]", "x[0]", "x[].y", "x[1].y", "x.y[0]", "y[0][1]", "x.0", "x[0][]"),
      )
      .map(([prefix, path]) => ({ Source: prefix + path })),
    weight: 3,
  },
  { arbitrary: fc.constantFrom("x", "y", "x.y").map((FieldName) => ({ FieldName })), weight: 2 },
);
const anyQuestion = fc.oneof(
  {
    arbitrary: fc.record({
      ComparisonOperator: fc.constantFrom("INCLUSIVE", "EXCLUSIVE", "CONTAINS", "BEGINS_WITH", "ENDS_WITH"),
      Values: fc.array(fc.oneof(anyWord, anyWord, anyText.filter(Boolean)), { minLength: 1, maxLength: 3 }),
    }),
    weight: 5,
  },
  {
    arbitrary: fc.record({
      ComparisonOperator: fc.constantFrom(
        "GREATER_THAN",
        "LESS_THAN",
        "GREATER_THAN_OR_EQUAL",
        "LESS_THAN_OR_EQUAL",
        "EQUAL",
      ),
      Values: fc.tuple(anyNumber),
    }),
    weight: 5,
  },
  {
    arbitrary: fc.record({ ComparisonOperator: fc.constantFrom("BEFORE", "AFTER", "ON"), Values: fc.tuple(anyDate) }),
    weight: 3,
  },
  {
    arbitrary: fc.record({
      ComparisonOperator: fc.constantFrom("BETWEEN", "NOT_BETWEEN"),
      Values: fc.oneof(fc.tuple(anyNumber, anyNumber), fc.tuple(anyDate, anyDate)).map(([one, other]) => {
        // Mostly the right way round.
        return one < other ? [one, other] : [other, one];
      }),
    }),
    weight: 4,
  },
);
const anyAttribute = fc.tuple(anyTarget, anyQuestion).map(([target, question]) => ({ ...target, ...question }));
const anyDimension = fc.record({ ObjectAttributes: fc.array(anyAttribute, { minLength: 1, maxLength: 2 }) });
const anyTrigger = fc.array(
  fc.record({
    LogicalOperator: fc.constantFrom("ALL", "ANY", "NONE"),
    EventTriggerDimensions: fc.array(anyDimension, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 2 },
);

const anyStep = fc.oneof(
  { arbitrary: fc.record({ id: fc.integer({ min: 0, max: 5 }), trigger: anyTrigger }), weight: 3 },
  { arbitrary: fc.record({ removed: fc.integer({ min: 0, max: 5 }) }), weight: 1 },
  { arbitrary: fc.record({ ingested: anyIngested }), weight: 3 },
);

test("the machine finds and explains exactly the triggers that fire by definition, as they come and go", (t) => {
  let pairs = 0;
  let fired = 0;
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 4, maxLength: 16, size: "max" }), (steps) => {
      const machine = new Machine<number>();
      const triggers = new Map<number, Trigger>();
      for (const step of steps) {
        if ("trigger" in step) {
          machine.add(step.id, compileEventTrigger(step.trigger));
          triggers.set(step.id, step.trigger);
        } else if ("removed" in step) {
          machine.remove(step.removed);
          triggers.delete(step.removed);
        } else {
          const { object, fields } = step.ingested;
          const document = eventTriggerDocument(object, fields);
          const expected = [...triggers.keys()].filter((id) => fires(triggers.get(id) ?? [], step.ingested)).sort();
          assert.deepEqual([...machine.match(document)].sort(), expected);
          for (const id of triggers.keys()) {
            assert.equal(machine.explain(id, document)?.matched, expected.includes(id));
          }
          pairs += triggers.size;
          fired += expected.length;
        }
      }
    }),
    { numRuns: RUNS },
  );
  t.diagnostic(`${pairs} pairs, ${fired} of them matches`);
  assert.ok(pairs >= PAIRS_MIN, `only ${pairs} pairs`);
  assert.ok(fired > pairs / 5 && fired < (pairs * 4) / 5, `${fired} matches among ${pairs} pairs say little`);
});

const { matches } = JSON.parse(readFileSync(new URL("./event-trigger.cases.json", import.meta.url), "utf8")) as {
  readonly matches: readonly (Partial<Ingested> & {
    readonly title: string;
    readonly conditions?: Trigger;
    readonly attribute?: ObjectAttribute;
    readonly expected: boolean;
  })[];
};

test("the definition agrees with the cases", () => {
  for (const { title, conditions, attribute, object = {}, fields = {}, expected } of matches) {
    const single = {
      LogicalOperator: "ALL" as const,
      EventTriggerDimensions: [{ ObjectAttributes: [attribute as ObjectAttribute] }],
    };
    assert.equal(fires(conditions ?? [single], { object, fields }), expected, title);
  }
});

/** The definition: whether an ingested object fires a trigger, read from the conditions as they were sent. */
function fires(conditions: Trigger, ingested: Ingested): boolean {
  return conditions.some(({ LogicalOperator, EventTriggerDimensions = [] }) => {
    const dimensions = EventTriggerDimensions.map(({ ObjectAttributes = [] }) =>
      ObjectAttributes.every((attribute) => isTrue(attribute, ingested)),
    );
    if (LogicalOperator === "ALL") return !dimensions.includes(false);
    return dimensions.includes(true) === (LogicalOperator === "ANY");
  });
}

interface Found {
  readonly value: Scalar;
  readonly inArray: boolean;
}

function isTrue(
  { Source, FieldName = "", ComparisonOperator, Values = [] }: ObjectAttribute,
  { object, fields }: Ingested,
): boolean {
  const found = (
    Source === undefined ? find(fields, FieldName.split("."), false) : find(object, stepsOf(Source), false)
  ).filter(({ value }) => value !== null);
  const texts = found.map(({ value }) => String(value));
  const [first = "", second = ""] = Values;
  const anyNumberIs = (holds: (target: bigint, value: bigint) => boolean): boolean =>
    found.some(({ value }) => holdsOf(numberOf(value), numberOf(first), holds));
  const anyInstantIs = (holds: (target: number, value: number) => boolean): boolean =>
    found.some(({ value }) => holdsOf(instantOf(value), instantOf(first), holds));
  const between = found.map(({ value }) => isBetween(value, first, second));

  switch (ComparisonOperator) {
    case "INCLUSIVE": {
      const scalars = found.filter(({ inArray }) => !inArray).map(({ value }) => String(value));
      return scalars.some((text) => Values.includes(text)) || Values.every((value) => texts.includes(value));
    }
    case "EXCLUSIVE":
      return !texts.some((text) => Values.includes(text));
    case "CONTAINS":
      return texts.some((text) => Values.some((value) => text.includes(value)));
    case "BEGINS_WITH":
      return texts.some((text) => Values.some((value) => text.slice(0, value.length) === value));
    case "ENDS_WITH":
      return texts.some((text) => Values.some((value) => text.slice(-value.length) === value));
    case "GREATER_THAN":
      return anyNumberIs((target, value) => target > value);
    case "LESS_THAN":
      return anyNumberIs((target, value) => target < value);
    case "GREATER_THAN_OR_EQUAL":
      return anyNumberIs((target, value) => target >= value);
    case "LESS_THAN_OR_EQUAL":
      return anyNumberIs((target, value) => target <= value);
    case "EQUAL":
      return anyNumberIs((target, value) => target === value);
    case "BEFORE":
      return anyInstantIs((target, value) => target < value);
    case "AFTER":
      return anyInstantIs((target, value) => target > value);
    case "ON":
      return anyInstantIs((target, value) => dayOf(target) === dayOf(value));
    case "BETWEEN":
      return between.includes(true);
    case "NOT_BETWEEN":
      return between.includes(false) && !between.includes(true);
    default:
      return false;
  }
}

function holdsOf<T>(target: T | undefined, value: T | undefined, holds: (target: T, value: T) => boolean): boolean {
  return target !== undefined && value !== undefined && holds(target, value);
}

/** `undefined` for a target that cannot be compared with the two values. */
function isBetween(target: Scalar, low: string, high: string): boolean | undefined {
  const [lowNumber, highNumber] = [numberOf(low), numberOf(high)];
  const [lowInstant, highInstant] = [instantOf(low), instantOf(high)];
  const [number, instant] = [numberOf(target), instantOf(target)];
  if (lowNumber !== undefined && highNumber !== undefined && number !== undefined) {
    return lowNumber <= number && number <= highNumber;
  }
  if (lowInstant === undefined || highInstant === undefined || instant === undefined) return undefined;
  return lowInstant <= instant && instant <= highInstant;
}

/** `x[0].y[]` as `x`, 0, `y`: what walks an array is not needed, since all arrays are walked but where an index picks one element. */
function stepsOf(source: string): readonly (string | number)[] {
  const path = source.startsWith("_source.") ? source.slice("_source.".length) : source;
  const steps = path.replaceAll("[]", "").match(/[^.[\]]+|\[\d+\]/g) ?? [];
  return steps.map((step) => (step.startsWith("[") ? Number(step.slice(1, -1)) : step));
}

function find(value: unknown, steps: readonly (string | number)[], inArray: boolean): readonly Found[] {
  if (Array.isArray(value)) {
    const [step, ...rest] = steps;
    if (typeof step === "number") return find(value[step], rest, inArray);
    return value.flatMap((element) => find(element, steps, true));
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => {
      const names = key.split(".");
      return names.every((name, place) => name === steps[place]) ? find(inner, steps.slice(names.length), inArray) : [];
    });
  }
  return value === undefined || steps.length > 0 ? [] : [{ value: value as Scalar, inArray }];
}

const PLACES = 1000;

/** The number, times 10 to the power of `PLACES`. */
function numberOf(value: Scalar): bigint | undefined {
  if (typeof value === "boolean" || value === null) return undefined;
  const found = /^([+-]?)(?=[.]?\d)(\d*)[.]?(\d*)(?:e([+-]?\d+))?$/i.exec(String(value));
  if (found === null) return undefined;
  const [, sign, whole = "", fraction = "", power = "0"] = found;
  const size = BigInt(whole + fraction) * 10n ** BigInt(PLACES - fraction.length + Number(power));
  return sign === "-" ? -size : size;
}

/** Milliseconds since 1970. */
function instantOf(value: Scalar): number | undefined {
  const text = String(value);
  if (typeof value !== "boolean" && /^\d+$/.test(text)) {
    if (text.length === 10) return Number(`${text}000`);
    return text.length === 13 ? Number(text) : undefined;
  }
  const found = /^(.{10})(?:[T ](\d\d:\d\d)(:\d\d)?([.]\d+)?(?:Z|(?:([+-]\d\d):?(\d\d)?))?)?$/.exec(text);
  if (typeof value !== "string" || found === null) return undefined;
  const [, day, time = "00:00", seconds = ":00", fraction = ".", hours = "+00", minutes = "00"] = found;
  const local = `${day}T${time}${seconds}${fraction.padEnd(4, "0").slice(0, 4)}Z`;
  const date = new Date(local);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== local) return undefined;
  const offset = (Number(hours.slice(1)) * 60 + Number(minutes)) * 60_000;
  return hours.startsWith("-") ? date.getTime() + offset : date.getTime() - offset;
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}
