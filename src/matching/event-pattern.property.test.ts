import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseEventPattern } from "./event-pattern.ts";
import { type JsonObject, Machine } from "./machine.ts";
import type { Scalar } from "./predicate.ts";

/**
 * Event patterns against their definition: slow and obvious, it reads the pattern itself and shares nothing with the matcher. Each run compares
 * some patterns with some events, in a machine that they come to and go from.
 */
const RUNS = process.env.TRUNKLINE_FULL === "1" ? 2_500 : 300;
const CHANGES = 10;
const EVENTS = 8;

/** Few names, and some texts more often than others, so that patterns and events meet. */
const anyName = fc.oneof({ arbitrary: fc.constantFrom("a", "b"), weight: 4 }, fc.constantFrom("c", "a.b"));
const texts = ["", "x", "y", "xy", "xyx", "XY", "é", "É", "ß", "SS", "ss", "x*y", "x\\y", "5", "true", "ǅ"];
const addresses = ["10.0.0.1", "10.0.0.01", "10.0.1.1", "10.0.0.256", "::1", "0:0::1", "1::", "::ffff:a00:1"];
const blocks = ["10.0.0.0/24", "10.0.0.77/31", "0.0.0.0/0", "::/127", "::/0", "1::/16", "::ffff:a00:1/24"];

const anyText = fc.oneof(
  { arbitrary: fc.constantFrom("x", "xy"), weight: 2 },
  fc.constantFrom(...texts),
  fc.constantFrom(...addresses),
);
const anyEventScalar = fc.oneof(
  { arbitrary: anyText, weight: 3 },
  fc.constantFrom<Scalar>(-1.5, 0, 1, 5, 300, 1e300, true, false, null),
);
const anyEventField = fc.oneof(
  { arbitrary: anyEventScalar, weight: 4 },
  fc.array(anyEventScalar, { maxLength: 3 }),
  fc.array(objectOf(anyEventScalar), { maxLength: 3 }),
  fc.array(fc.oneof(anyEventScalar, objectOf(fc.array(anyEventScalar, { maxLength: 2 }))), { maxLength: 3 }),
  objectOf(fc.oneof(anyEventScalar, fc.array(objectOf(anyEventScalar), { maxLength: 2 }), objectOf(anyEventScalar))),
  fc.array(fc.array(objectOf(anyEventScalar), { maxLength: 2 }), { maxLength: 2 }),
);
const anyEvent = objectOf(anyEventField, 2, 4);

/** Numbers in several notations: `written` takes the mark away. */
const anyNumber = fc.constantFrom(
  "#-1.5",
  "#-15e-1",
  "#0",
  "#-0",
  "#0.0e5",
  "#1",
  "#1.00",
  "#5",
  "#0.5E+1",
  "#300",
  "#3e2",
  "#1e300",
);
const anyWildcard = fc.constantFrom("*", "x*", "*y", "*x*y*", "x\\*y", "x\\\\*", "*é", "xy", "10.*", "*:*1", "");
const oneOrMore = (text: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }));
const anyAffix = fc.constantFrom("x", "X", "y", "xy", "é", "ß", "10.", "1");
const anyBound = fc.tuple(fc.constantFrom("<", "<=", ">", ">=", "="), anyNumber);
const anyOperator: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ exactly: anyText }),
  fc.record({ prefix: fc.oneof(anyText, fc.record({ "equals-ignore-case": anyText })) }),
  fc.record({ suffix: fc.oneof(anyText, fc.record({ "equals-ignore-case": anyText })) }),
  fc.record({ "equals-ignore-case": anyText }),
  fc.record({ wildcard: anyWildcard }),
  fc.record({ "anything-but": fc.oneof(oneOrMore(anyText), oneOrMore(anyNumber)) }),
  fc.record({ "anything-but": fc.record({ prefix: oneOrMore(anyAffix) }) }),
  fc.record({ "anything-but": fc.record({ suffix: oneOrMore(anyAffix) }) }),
  fc.record({ "anything-but": fc.record({ "equals-ignore-case": oneOrMore(anyText) }) }),
  fc.record({ "anything-but": fc.record({ wildcard: oneOrMore(anyWildcard) }) }),
  fc.record({ numeric: anyBound }),
  fc.record({
    numeric: fc.tuple(
      fc.constantFrom(">", ">="),
      fc.constantFrom("#-2", "#0", "#1"),
      fc.constantFrom("<", "<="),
      fc.constantFrom("#5", "#3e2"),
    ),
  }),
  fc.record({ cidr: fc.constantFrom(...blocks) }),
  { arbitrary: fc.record({ exists: fc.boolean() }), weight: 3 },
);
const anyElement = fc.oneof(
  { arbitrary: anyText, weight: 4 },
  { arbitrary: anyNumber, weight: 2 },
  fc.constantFrom(true, false, null),
  { arbitrary: anyOperator, weight: 8 },
);
const anyElements = fc.array(anyElement, { minLength: 1, maxLength: 3 });
const anyFields = objectOf(
  fc.oneof({ arbitrary: anyElements, weight: 3 }, objectOf(anyElements, 1), objectOf(objectOf(anyElements, 1), 1, 1)),
  1,
);
const anyAlternatives = (branch: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(objectOf(anyElements), fc.array(branch, { minLength: 2, maxLength: 3 }), objectOf(anyElements))
    .map(([before, $or, after]) => ({ ...before, $or, ...after }));
const anyPattern = fc
  .oneof(
    { arbitrary: anyFields, weight: 4 },
    anyAlternatives(anyFields),
    anyAlternatives(fc.oneof(anyFields, anyAlternatives(anyFields))),
    anyAlternatives(anyFields).map((pattern) => ({ a: pattern })),
  )
  .filter((pattern) => !isTooComplex(pattern));

/** Wildcards that met on one field by chance: such a pattern is refused, which is held elsewhere. */
function isTooComplex(pattern: JsonObject): boolean {
  try {
    parseEventPattern(written(pattern));
    return false;
  } catch (error) {
    assert.match(String(error), /Rule is too complex/);
    return true;
  }
}

function objectOf(value: fc.Arbitrary<unknown>, minKeys = 0, maxKeys = 2): fc.Arbitrary<JsonObject> {
  return fc.dictionary(anyName, value, { minKeys, maxKeys, noNullPrototype: true });
}

/** Ids that a machine is given something at, and what: nothing means that it is taken away. */
const anyChange = fc.record({ id: fc.nat(6), pattern: fc.option(anyPattern, { freq: 6, nil: undefined }) });

test("whatever patterns came and went, the machine finds those that match by definition, and explains each so", () => {
  let pairs = 0;
  fc.assert(
    fc.property(
      fc.array(anyChange, { minLength: CHANGES, maxLength: CHANGES }),
      fc.array(anyEvent, { minLength: EVENTS, maxLength: EVENTS }),
      (changes, events) => {
        const machine = new Machine<number>();
        const expected = new Map<number, readonly boolean[]>();
        for (const { id, pattern } of changes) {
          machine.remove(id);
          expected.delete(id);
          if (pattern !== undefined) {
            const text = written(pattern);
            machine.add(id, parseEventPattern(text));
            expected.set(id, matchesByDefinition(JSON.parse(text) as JsonObject, events));
            pairs += events.length;
          }
          for (const [index, event] of events.entries()) {
            const ids = [...expected].filter(([, matches]) => matches[index]).map(([each]) => each);
            assert.deepEqual([...machine.match(event)].sort(), ids.sort());
          }
        }
        for (const [id, matches] of expected) {
          assert.deepEqual(
            events.map((event) => machine.explain(id, event)?.matched),
            matches,
          );
        }
      },
    ),
    { numRuns: RUNS },
  );
  assert.ok(pairs > RUNS * CHANGES * EVENTS * 0.7);
});

/** An upper bound on work that no clock is needed for: a machine that compared leaves in pairs would not end in a test's time. */
test("a field in each of many elements costs no square", { timeout: 20_000 }, () => {
  const machine = new Machine<string>();
  machine.add("rule", parseEventPattern('{"a":{"b":{"c":[1],"d":[2]},"e":[3]}}'));
  const elements = Array.from({ length: 30_000 }, (_, i) => ({
    b: [
      { c: 1, d: 1 },
      { c: 2, d: 2 },
    ],
    e: i % 2 ? 3 : 4,
  }));
  assert.deepEqual(machine.match({ a: elements }), []);
  assert.deepEqual(machine.match({ a: [...elements, { b: [{ c: 1, d: 2 }], e: 3 }] }), ["rule"]);
});

function written(pattern: JsonObject): string {
  return JSON.stringify(pattern).replace(/"#([^"]*)"/g, "$1");
}

/* The definition. */

/** An element of a field's array, as the pattern writes it. */
type Element = Scalar | Readonly<Record<string, unknown>>;

/** Elements by path, its steps joined by dots. */
type Fields = ReadonlyMap<string, readonly Element[]>;

function matchesByDefinition(pattern: JsonObject, events: readonly JsonObject[]): readonly boolean[] {
  // Fields are looked at in the order of their paths: it decides which of an array's elements must lack what has to be absent.
  const alternatives = alternativesOf(pattern, "", [new Map()]).map((fields) =>
    [...fields].sort(([one], [other]) => (one < other ? -1 : 1)),
  );
  return events.map((event) => {
    const leaves = leavesOf(event, "", "$", new Map());
    return alternatives.some((fields) => canBeMet(fields, leaves, new Map()));
  });
}

/** What is asked by an object's fields, beside each of what was asked so far: the later one counts, and `$or` multiplies. */
function alternativesOf(object: JsonObject, prefix: string, soFar: readonly Fields[]): readonly Fields[] {
  return Object.entries(object).reduce((alternatives, [name, value]) => {
    if (name === "$or")
      return (value as JsonObject[]).flatMap((branch) => alternativesOf(branch, prefix, alternatives));
    if (!Array.isArray(value)) return alternativesOf(value as JsonObject, `${prefix}${name}.`, alternatives);
    return alternatives.map((fields) => new Map([...fields, [prefix + name, value as readonly Element[]]]));
  }, soFar);
}

/** Tries every choice of one leaf, or absence, for each field. */
function canBeMet(
  [field, ...rest]: readonly (readonly [path: string, elements: readonly Element[]])[],
  leaves: readonly Leaf[],
  chosen: Leaf["elements"],
): boolean {
  if (field === undefined) return true;
  const [path, elements] = field;
  const reachable = leaves.filter((leaf) => leaf.path === path && agree(leaf.elements, chosen));
  return elements.some((element) => {
    if (isObject(element) && element.exists === false) return reachable.length === 0 && canBeMet(rest, leaves, chosen);
    return reachable.some(
      (leaf) => isMetBy(element, leaf.value) && canBeMet(rest, leaves, new Map([...chosen, ...leaf.elements])),
    );
  });
}

interface Leaf {
  readonly path: string;
  readonly value: Scalar;
  /** Which element the leaf lies in, by the array's place in the event. */
  readonly elements: ReadonlyMap<string, number>;
}

function agree(some: Leaf["elements"], others: Leaf["elements"]): boolean {
  return [...some].every(([array, index]) => (others.get(array) ?? index) === index);
}

function leavesOf(value: unknown, path: string, place: string, elements: Leaf["elements"]): readonly Leaf[] {
  if (typeof value !== "object" || value === null) return [{ path, value: value as Scalar, elements }];
  if (!Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, member]) =>
      leavesOf(member, path === "" ? key : `${path}.${key}`, `${place}/${key}`, elements),
    );
  }
  return value.flatMap((element: unknown, index) => {
    const isScalar = typeof element !== "object" || element === null;
    const within = isScalar ? elements : new Map([...elements, [place, index]]);
    return leavesOf(element, path, `${place}[${index}]`, within);
  });
}

function isMetBy(element: Element, value: Scalar): boolean {
  if (typeof element === "string") return value === element || isSameAddress(value, element);
  if (!isObject(element)) return value === element;
  const [[operator, operand] = assert.fail()] = Object.entries(element);
  switch (operator) {
    case "exists":
      return true;
    case "anything-but":
      return !isExcluded(operand, value);
    case "numeric":
      return typeof value === "number" && isWithinBounds(value, operand as (string | number)[]);
    case "cidr":
      return isInBlock(value, operand as string);
    default:
      return typeof value === "string" && isTextMet(operator, operand, value);
  }
}

function isTextMet(operator: string, operand: unknown, value: string): boolean {
  const forms = isObject(operand) ? formsOf(operand["equals-ignore-case"] as string) : [operand as string];
  switch (operator) {
    case "exactly":
      return value === operand;
    case "prefix":
      return forms.some((form) => value.slice(0, form.length) === form);
    case "suffix":
      return forms.some((form) => form.length <= value.length && value.slice(value.length - form.length) === form);
    case "equals-ignore-case":
      return formsOf(operand as string).includes(value);
    case "wildcard":
      return isWildcardMet([...(operand as string)], [...value]);
    default:
      return assert.fail(operator);
  }
}

function isExcluded(operand: unknown, value: Scalar): boolean {
  if (!isObject(operand)) return [operand].flat().includes(value);
  const [[operator, texts] = assert.fail()] = Object.entries(operand);
  return typeof value === "string" && [texts].flat().some((text) => isTextMet(operator, text, value));
}

function isWithinBounds(value: number, bounds: readonly (string | number)[]): boolean {
  const [operator, bound, ...others] = bounds as [string, number, ...(string | number)[]];
  const compared = {
    "<": value < bound,
    "<=": value <= bound,
    ">": value > bound,
    ">=": value >= bound,
    "=": value === bound,
  };
  return compared[operator as keyof typeof compared] && (others.length === 0 || isWithinBounds(value, others));
}

/** All texts that come of a choice between lower and upper case for each character. */
function formsOf(text: string): readonly string[] {
  return [...text].reduce<string[]>(
    (forms, character) => forms.flatMap((form) => [form + character.toLowerCase(), form + character.toUpperCase()]),
    [""],
  );
}

function isWildcardMet([first, ...rest]: readonly string[], text: readonly string[]): boolean {
  if (first === undefined) return text.length === 0;
  if (first === "*")
    return isWildcardMet(rest, text) || (text.length > 0 && isWildcardMet([first, ...rest], text.slice(1)));
  const [character, after] = first === "\\" ? [rest[0], rest.slice(1)] : [first, rest];
  return text[0] === character && isWildcardMet(after, text.slice(1));
}

function isSameAddress(value: Scalar, text: string): boolean {
  const bits = bitsOf(text);
  return bits !== undefined && bits === bitsOf(value);
}

function isInBlock(value: Scalar, block: string): boolean {
  const [base = "", mask = ""] = block.split("/");
  const [bits, blockBits] = [bitsOf(value), bitsOf(base)];
  return bits?.length === blockBits?.length && bits?.slice(0, Number(mask)) === blockBits?.slice(0, Number(mask));
}

/** An address's bits, as a text of 32 or 128 digits. */
function bitsOf(value: Scalar): string | undefined {
  const text = String(value);
  if (/^\d+(\.\d+){3}$/.test(text)) {
    const octets = text.split(".").map((octet) => Number(octet).toString(2).padStart(8, "0"));
    return octets.every(({ length }) => length === 8) ? octets.join("") : undefined;
  }
  if (!/^[\da-f:]*:[\da-f:]*$/i.test(text)) return undefined;
  const [before = [], after = []] = text.split("::").map((side) => side.split(":").filter((group) => group !== ""));
  const groups = [...before, ...new Array<string>(8 - before.length - after.length).fill("0"), ...after];
  const bits = groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
  const mapped = `${"0".repeat(80)}${"1".repeat(16)}`;
  return bits.startsWith(mapped) ? bits.slice(mapped.length) : bits;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
