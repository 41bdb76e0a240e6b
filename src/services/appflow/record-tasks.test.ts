import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../matching/machine.ts";
import { parseKeepingNumbers } from "../json-text.ts";
import type { FlowTask } from "./flow-plan.ts";
import { compileTasks, type TaskOutcome, wantedFields } from "./record-tasks.ts";

interface Given {
  readonly destination?: string;
  readonly properties?: Readonly<Record<string, string>>;
}

function task(type: FlowTask["type"], operator: string, fields: readonly string[], given: Given = {}): FlowTask {
  return { type, operator, fields, properties: {}, ...given };
}

function map(field: string, destination: string, properties = {}): FlowTask {
  return task("Map", "NO_OP", [field], { destination, properties });
}

function filter(operator: string, field: string, properties: Readonly<Record<string, string>>): FlowTask {
  return task("Filter", operator, [field], { properties });
}

function validate(operator: string, field: string): FlowTask {
  return task("Validate", operator, [field]);
}

function outcome(tasks: readonly FlowTask[], record: JsonObject): TaskOutcome {
  return compileTasks(tasks)(record);
}

/** What comes out, where something does. */
function made(tasks: readonly FlowTask[], record: JsonObject): JsonObject | string {
  const result = outcome(tasks, record);
  return result.kind === "record" ? result.record : result.kind;
}

const CONTACT = { Id: "003", FirstName: "Ina", LastName: "Dyk", Phone: "+494215550100", Status__c: "Active", Age: 41 };

test("without tasks a record passes as it is", () => {
  assert.deepEqual(made([], CONTACT), CONTACT);
});

test("the example of the reference: filtered, validated, masked, merged and mapped", () => {
  const tasks = [
    task("Filter", "PROJECTION", ["Id", "FirstName", "LastName", "Phone"]),
    filter("EQUAL_TO", "Status__c", { DATA_TYPE: "string", VALUE: "Active" }),
    task("Validate", "VALIDATE_NON_NULL", ["Id"], { properties: { VALIDATION_ACTION: "DropRecord" } }),
    task("Mask", "MASK_FIRST_N", ["Phone"], { properties: { MASK_LENGTH: "6", MASK_VALUE: "*" } }),
    task("Merge", "NO_OP", ["FirstName", "LastName"], {
      destination: "FirstName,LastName",
      properties: { CONCAT_FORMAT: `\${FirstName} \${LastName}` },
    }),
    map("FirstName,LastName", "FullName", { SOURCE_DATA_TYPE: "string", DESTINATION_DATA_TYPE: "string" }),
    map("Phone", "Phone"),
    map("Id", "Id"),
  ];
  assert.deepEqual(made(tasks, CONTACT), { FullName: "Ina Dyk", Phone: "******5550100", Id: "003" });
  assert.equal(made(tasks, { ...CONTACT, Status__c: "Gone" }), "filtered");
  assert.equal(made(tasks, { ...CONTACT, Id: null }), "dropped");
  assert.deepEqual(wantedFields(tasks), ["Id", "FirstName", "LastName", "Phone", "Status__c"]);
});

test("a projection without maps passes its fields on, under their names", () => {
  assert.deepEqual(made([task("Filter", "PROJECTION", ["Id", "Age", "Missing"])], CONTACT), { Id: "003", Age: 41 });
});

test("with maps nothing but their destinations is there, and what a record lacks is not", () => {
  assert.deepEqual(made([map("Id", "Number"), map("Missing", "Nothing")], CONTACT), { Number: "003" });
});

test("the source is asked for everything where no projection says otherwise", () => {
  assert.equal(wantedFields([map("Id", "Number")]), undefined);
});

test("fields within objects are found by their dots, and a member that has dots itself comes first", () => {
  const record = { address: { city: "Bremen", zip: "28195" }, "address.city": "flat" };
  assert.deepEqual(made([map("address.zip", "zip"), map("address.city", "city")], record), {
    zip: "28195",
    city: "flat",
  });
  assert.deepEqual(made([task("Filter", "PROJECTION", ["address.zip"])], record), { address: { zip: "28195" } });
  assert.deepEqual(made([task("Filter", "PROJECTION", ["address.city"])], record), { "address.city": "flat" });
});

test("a destination with dots makes objects, as object types read them", () => {
  const tasks = [map("Id", "contact.id"), map("Age", "contact.facts.age")];
  assert.deepEqual(made(tasks, CONTACT), { contact: { id: "003", facts: { age: 41 } } });
});

test("what is inherited by every object is no field, and no name changes what a record inherits", () => {
  assert.deepEqual(made([map("constructor", "a"), map("__proto__", "b"), map("toString.name", "c")], CONTACT), {});
  const result = made([map("Id", "__proto__")], CONTACT);
  assert.equal(JSON.stringify(result), '{"__proto__":"003"}');
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.equal(({} as Record<string, unknown>).Id, undefined);
});

test("the source's record is left as it is", () => {
  const record = { address: { phone: "123456" }, list: [{ a: 1 }] };
  const before = structuredClone(record);
  const mask = task("Mask", "MASK_ALL", ["address.phone"]);
  assert.deepEqual(made([mask], record), { address: { phone: "******" }, list: [{ a: 1 }] });
  made([mask, map("address", "a"), map("address.phone", "p")], record);
  made([task("Filter", "PROJECTION", ["address"]), mask], record);
  assert.deepEqual(record, before);
});

test("a field within one that is projected may be masked", () => {
  const tasks = [task("Filter", "PROJECTION", ["address"]), task("Mask", "MASK_ALL", ["address.phone"])];
  assert.deepEqual(made(tasks, { address: { phone: "12", city: "Bremen" }, id: 1 }), {
    address: { phone: "**", city: "Bremen" },
  });
});

for (const [operator, properties, value, isKept] of [
  ["EQUAL_TO", { DATA_TYPE: "string", VALUE: "Active" }, "Active", true],
  ["EQUAL_TO", { DATA_TYPE: "string", VALUE: "Active" }, "active", false],
  ["EQUAL_TO", { DATA_TYPE: "string", VALUE: "a,b" }, "a,b", true],
  ["EQUAL_TO", { DATA_TYPE: "string", VALUES: "a, b" }, "b", true],
  ["EQUAL_TO", { DATA_TYPE: "string", VALUES: "a,b" }, "c", false],
  ["EQUAL_TO", { DATA_TYPE: "picklist", VALUE: "Hot" }, "Hot", true],
  ["EQUAL_TO", { DATA_TYPE: "string", VALUE: "7" }, 7, true],
  ["EQUAL_TO", { DATA_TYPE: "string", VALUE: "07" }, 7, false],
  ["EQUAL_TO", { DATA_TYPE: "number", VALUE: "07.0" }, "7", true],
  ["EQUAL_TO", { DATA_TYPE: "long", VALUE: "90071992547409931" }, "90071992547409930", false],
  ["EQUAL_TO", { DATA_TYPE: "boolean", VALUE: "true" }, true, true],
  ["EQUAL_TO", { DATA_TYPE: "boolean", VALUE: "true" }, "TRUE", true],
  ["EQUAL_TO", { DATA_TYPE: "boolean", VALUE: "true" }, 1, false],
  ["EQUAL_TO", { VALUE: "7.0" }, 7, true],
  ["EQUAL_TO", { VALUE: "x" }, "x", true],
  ["EQUAL_TO", { DATA_TYPE: "datetime", VALUE: "2024-06-10T15:00:00Z" }, "2024-06-10T17:00:00.000+0200", true],
  ["EQUAL_TO", { DATA_TYPE: "datetime", VALUE: "1718031600000" }, "2024-06-10 15:00:00", true],
  ["NOT_EQUAL_TO", { DATA_TYPE: "string", VALUE: "a" }, "b", true],
  ["NOT_EQUAL_TO", { DATA_TYPE: "string", VALUE: "a" }, "a", false],
  ["NOT_EQUAL_TO", { DATA_TYPE: "string", VALUE: "a" }, undefined, true],
  ["NOT_EQUAL_TO", { DATA_TYPE: "string", VALUES: "a,b" }, "b", false],
  ["LESS_THAN", { DATA_TYPE: "number", VALUE: "10" }, "9", true],
  ["LESS_THAN", { DATA_TYPE: "number", VALUE: "10" }, 10, false],
  ["LESS_THAN", { DATA_TYPE: "string", VALUE: "10" }, "9", false],
  ["LESS_THAN", { DATA_TYPE: "number", VALUE: "10" }, "nine", false],
  ["LESS_THAN", { DATA_TYPE: "number", VALUE: "10" }, undefined, false],
  ["LESS_THAN", { DATA_TYPE: "number", VALUE: "10" }, null, false],
  ["LESS_THAN", { DATA_TYPE: "number", VALUE: "10" }, "", false],
  ["LESS_THAN_OR_EQUAL_TO", { DATA_TYPE: "integer", VALUE: "10" }, 10, true],
  ["GREATER_THAN", { DATA_TYPE: "double", VALUE: "-1.5" }, -1.4, true],
  ["GREATER_THAN_OR_EQUAL_TO", { DATA_TYPE: "date", VALUE: "2024-06-10" }, "2024-06-10", true],
  ["GREATER_THAN", { DATA_TYPE: "datetime", VALUE: "1718031600" }, 1718031600001, true],
  ["GREATER_THAN", { DATA_TYPE: "boolean", VALUE: "false" }, true, true],
  ["CONTAINS", { DATA_TYPE: "string", VALUE: "ell" }, "hello", true],
  ["CONTAINS", { DATA_TYPE: "string", VALUES: "xx,ell" }, "hello", true],
  ["CONTAINS", { DATA_TYPE: "string", VALUE: "ell" }, undefined, false],
  ["BETWEEN", { DATA_TYPE: "number", LOWER_BOUND: "1", UPPER_BOUND: "3" }, 1, true],
  ["BETWEEN", { DATA_TYPE: "number", LOWER_BOUND: "1", UPPER_BOUND: "3" }, "3.0", true],
  ["BETWEEN", { DATA_TYPE: "number", LOWER_BOUND: "1", UPPER_BOUND: "3" }, 3.01, false],
  ["BETWEEN", { DATA_TYPE: "number", LOWER_BOUND: "1", UPPER_BOUND: "3" }, undefined, false],
  [
    "BETWEEN",
    { DATA_TYPE: "datetime", LOWER_BOUND: "1718031600000", UPPER_BOUND: "1718035200000" },
    "2024-06-10T15:30:00Z",
    true,
  ],
] as const) {
  const given = JSON.stringify(value) ?? "nothing";
  test(`${operator} ${JSON.stringify(properties)} ${isKept ? "keeps" : "filters"} ${given}`, () => {
    const { kind } = outcome([filter(operator, "x", properties)], value === undefined ? {} : { x: value });
    assert.equal(kind, isKept ? "record" : "filtered");
  });
}

test("a record is kept where all filters hold", () => {
  const tasks = [
    filter("GREATER_THAN", "Age", { DATA_TYPE: "number", VALUE: "40" }),
    filter("EQUAL_TO", "FirstName", { DATA_TYPE: "string", VALUE: "Ina" }),
  ];
  assert.deepEqual(made(tasks, CONTACT), CONTACT);
  assert.equal(made(tasks, { ...CONTACT, Age: 40 }), "filtered");
  assert.equal(made(tasks, { ...CONTACT, FirstName: "Ole" }), "filtered");
});

for (const [operator, value, isValid] of [
  ["VALIDATE_NON_NULL", "x", true],
  ["VALIDATE_NON_NULL", 0, true],
  ["VALIDATE_NON_NULL", false, true],
  ["VALIDATE_NON_NULL", "", false],
  ["VALIDATE_NON_NULL", null, false],
  ["VALIDATE_NON_NULL", undefined, false],
  ["VALIDATE_NON_ZERO", 1, true],
  ["VALIDATE_NON_ZERO", "0.00", false],
  ["VALIDATE_NON_ZERO", 0, false],
  ["VALIDATE_NON_ZERO", "none", true],
  ["VALIDATE_NON_ZERO", undefined, true],
  ["VALIDATE_NON_NEGATIVE", 0, true],
  ["VALIDATE_NON_NEGATIVE", "-0.01", false],
  ["VALIDATE_NON_NEGATIVE", "-x", true],
  ["VALIDATE_NUMERIC", " 12.5e3 ", true],
  ["VALIDATE_NUMERIC", -3, true],
  ["VALIDATE_NUMERIC", "12 EUR", false],
  ["VALIDATE_NUMERIC", "", false],
  ["VALIDATE_NUMERIC", "0x10", false],
  ["VALIDATE_NUMERIC", "Infinity", false],
  ["VALIDATE_NUMERIC", true, false],
] as const) {
  test(`${operator} ${isValid ? "takes" : "drops"} ${JSON.stringify(value) ?? "nothing"}`, () => {
    const { kind } = outcome([task("Validate", operator, ["x"])], value === undefined ? {} : { x: value });
    assert.equal(kind, isValid ? "record" : "dropped");
  });
}

test("DropDataset stops at a record that fails, and says why", () => {
  const tasks = [task("Validate", "VALIDATE_NON_NULL", ["Id"], { properties: { VALIDATION_ACTION: "DropDataset" } })];
  assert.deepEqual(outcome(tasks, { Id: "" }), { kind: "stop", reason: "VALIDATE_NON_NULL: Id is missing" });
  assert.equal(outcome(tasks, { Id: "1" }).kind, "record");
});

test("what a filter refuses is not validated", () => {
  const tasks = [
    task("Validate", "VALIDATE_NON_NULL", ["Id"], { properties: { VALIDATION_ACTION: "DropDataset" } }),
    filter("EQUAL_TO", "x", { DATA_TYPE: "string", VALUE: "1" }),
  ];
  assert.equal(outcome(tasks, { x: "2" }).kind, "filtered");
});

for (const [operator, a, b, result] of [
  ["ADDITION", 0.1, 0.2, 0.3],
  ["ADDITION", "1.5", 2, 3.5],
  ["SUBTRACTION", 5, "7", -2],
  ["MULTIPLICATION", "1.1", "1.1", 1.21],
  ["DIVISION", 10, 4, 2.5],
  ["DIVISION", 1, 3, 0.333333333333333],
  ["DIVISION", 10, 0, undefined],
  ["ADDITION", "one", 2, undefined],
  ["ADDITION", null, 2, undefined],
  ["ADDITION", "", 2, undefined],
  ["MULTIPLICATION", 1e300, 1e300, undefined],
] as const) {
  test(`${operator} of ${a} and ${b} is ${result}`, () => {
    const tasks = [task("Arithmetic", operator, ["a", "b"], { destination: "a,b" }), map("a,b", "result")];
    assert.deepEqual(made(tasks, { a, b }), result === undefined ? {} : { result });
  });
}

test("arithmetic goes by the order that it is told, and goes on from what came before", () => {
  const order = { MATH_OPERATION_FIELDS_ORDER: "total,paid" };
  const tasks = [
    task("Arithmetic", "SUBTRACTION", ["paid", "total"], { properties: order }),
    task("Arithmetic", "MULTIPLICATION", ["paid,total", "rate"], { destination: "due" }),
    map("due", "due"),
  ];
  assert.deepEqual(made(tasks, { paid: 40, total: 100, rate: 2 }), { due: 120 });
});

test("a merge leaves out what is missing, and is nothing where all is", () => {
  const tasks = [
    task("Merge", "NO_OP", ["a", "b"], { destination: "a,b", properties: { CONCAT_FORMAT: `<\${a}|\${b}|\${a}>` } }),
    map("a,b", "ab"),
  ];
  assert.deepEqual(made(tasks, { a: "1", b: 2 }), { ab: "<1|2|1>" });
  assert.deepEqual(made(tasks, { a: "$&" }), { ab: "<$&||$&>" });
  assert.deepEqual(made(tasks, { a: "", b: null }), {});
});

test("a merge without a format puts a space between its fields", () => {
  const tasks = [task("Merge", "NO_OP", ["FirstName", "LastName"]), map("FirstName,LastName", "Name")];
  assert.deepEqual(made(tasks, CONTACT), { Name: "Ina Dyk" });
});

for (const [operator, properties, value, result] of [
  ["MASK_ALL", {}, "secret", "******"],
  ["MASK_ALL", { MASK_VALUE: "#" }, "ab", "##"],
  ["MASK_ALL", {}, 12345, "*****"],
  ["MASK_ALL", {}, "👩🏽x", "***"],
  ["MASK_FIRST_N", { MASK_LENGTH: "2" }, "abcd", "**cd"],
  ["MASK_FIRST_N", { MASK_LENGTH: "9" }, "abcd", "****"],
  ["MASK_LAST_N", { MASK_LENGTH: "3" }, "abcd", "a***"],
  ["MASK_LAST_N", { MASK_LENGTH: "9", MASK_VALUE: "•" }, "abcd", "••••"],
  ["MASK_ALL", {}, "", ""],
  ["MASK_ALL", {}, null, null],
] as const) {
  test(`${operator} ${JSON.stringify(properties)} makes ${JSON.stringify(result)} of ${JSON.stringify(value)}`, () => {
    assert.deepEqual(made([task("Mask", operator, ["x"], { properties })], { x: value }), { x: result });
  });
}

test("a truncation keeps the first characters, and none of them half", () => {
  const truncate = task("Truncate", "NO_OP", ["x"], { properties: { TRUNCATE_LENGTH: "3" } });
  assert.deepEqual(made([truncate], { x: "abcdef" }), { x: "abc" });
  assert.deepEqual(made([truncate], { x: "ab" }), { x: "ab" });
  assert.deepEqual(made([truncate], { x: 123456 }), { x: "123" });
  assert.deepEqual(made([truncate], { x: "ab😀cd" }), { x: "ab😀" });
  assert.deepEqual(made([truncate], {}), {});
});

test("whatever order the tasks stand in, they work in the documented one", () => {
  const tasks = [
    map("FirstName,LastName", "Name"),
    map("FirstName", "First"),
    task("Mask", "MASK_ALL", ["FirstName"]),
    task("Truncate", "NO_OP", ["FirstName,LastName"], { properties: { TRUNCATE_LENGTH: "5" } }),
    task("Merge", "NO_OP", ["FirstName", "LastName"]),
  ];
  assert.deepEqual(made(tasks, CONTACT), { Name: "Ina D", First: "***" });
});

test("mapped to a string, a number becomes its text", () => {
  const types = { SOURCE_DATA_TYPE: "double", DESTINATION_DATA_TYPE: "string" };
  assert.deepEqual(made([map("Age", "a", types), map("Age", "b")], CONTACT), { a: "41", b: 41 });
});

test("a number that is kept as it was written is a number like any other", () => {
  const record = parseKeepingNumbers('{"card":12345678901234567,"total":7.50,"none":0.00}') as JsonObject;
  const kept = JSON.stringify(record);
  for (const task of [
    filter("GREATER_THAN", "total", { DATA_TYPE: "number", VALUE: "7.4" }),
    filter("EQUAL_TO", "card", { DATA_TYPE: "number", VALUE: "12345678901234567" }),
    filter("LESS_THAN", "total", { VALUE: "10" }),
    validate("VALIDATE_NUMERIC", "card"),
    validate("VALIDATE_NON_ZERO", "total"),
  ]) {
    assert.equal(JSON.stringify(made([task], record)), kept, JSON.stringify(task));
  }
  assert.equal(outcome([validate("VALIDATE_NON_ZERO", "none")], record).kind, "dropped");
  const sum = task("Arithmetic", "ADDITION", ["total", "total"], { destination: "sum" });
  assert.deepEqual(made([sum, map("sum", "sum")], record), { sum: 15 });
  const toText = map("card", "card", { SOURCE_DATA_TYPE: "long", DESTINATION_DATA_TYPE: "string" });
  assert.deepEqual(made([toText], record), { card: "12345678901234567" });
});

test("a merge of merges ends where it is longer than any object", () => {
  const merges = Array.from({ length: 12 }, (_, place) => {
    const properties = { CONCAT_FORMAT: `\${a${place}}`.repeat(4) };
    return task("Merge", "NO_OP", [`a${place}`], { destination: `a${place + 1}`, properties });
  });
  const { out } = made([...merges, map("a12", "out")], { a0: "x".repeat(100) }) as { readonly out: string };
  assert.equal(out, "x".repeat(262_144));
});

test("with dynamic fields what no task names goes along", () => {
  const tasks = [task("Filter", "PROJECTION", ["Id"]), map("Id", "Number"), map("Phone", "Phone")];
  assert.deepEqual(compileTasks(tasks, { isDynamic: true })({ Id: "1", Phone: "2", New__c: "x" }), {
    kind: "record",
    record: { Number: "1", Phone: "2", New__c: "x" },
  });
});

const json = fc.object({ maxDepth: 2, key: fc.constantFrom("a", "b", "a.b", "c", "__proto__", "constructor") });
const field = fc.constantFrom("a", "b", "a.b", "c", "a,b", "constructor", "__proto__", "missing");
const anyTask = fc.oneof(
  fc.tuple(field, field).map(([from, to]) => map(from, to)),
  fc
    .constantFrom("MASK_ALL", "MASK_FIRST_N", "MASK_LAST_N")
    .chain((operator) => field.map((name) => task("Mask", operator, [name], { properties: { MASK_LENGTH: "2" } }))),
  field.map((name) => task("Truncate", "NO_OP", [name], { properties: { TRUNCATE_LENGTH: "2" } })),
  fc.tuple(field, field).map(([one, other]) => task("Merge", "NO_OP", [one, other])),
  fc
    .tuple(fc.constantFrom("ADDITION", "DIVISION"), field, field)
    .map(([operator, one, other]) => task("Arithmetic", operator, [one, other], { destination: "a,b" })),
  fc
    .constantFrom("VALIDATE_NON_NULL", "VALIDATE_NUMERIC")
    .chain((operator) => field.map((name) => task("Validate", operator, [name]))),
  fc
    .tuple(fc.constantFrom("EQUAL_TO", "NOT_EQUAL_TO", "GREATER_THAN"), field)
    .map(([operator, name]) => filter(operator, name, { VALUE: "1" })),
);

test("whatever tasks and records are, one of the outcomes comes of it, and the record stays as it was", () => {
  fc.assert(
    fc.property(fc.array(anyTask, { maxLength: 6 }), json, (tasks, record) => {
      const before = JSON.stringify(record);
      const apply = compileTasks(tasks);
      const first = apply(record as JsonObject);
      assert.deepEqual(apply(record as JsonObject), first);
      assert.equal(JSON.stringify(record), before);
      assert.doesNotThrow(() => JSON.stringify(first));
      if (first.kind === "record") assert.equal(Object.getPrototypeOf(first.record), Object.prototype);
    }),
    { numRuns: 500 },
  );
});

test("a filter and its opposite divide all records", () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.boolean()), fc.integer(), (value, bound) => {
      const kept = (operator: string): boolean =>
        outcome([filter(operator, "x", { DATA_TYPE: "number", VALUE: String(bound) })], { x: value }).kind === "record";
      assert.equal(kept("EQUAL_TO"), !kept("NOT_EQUAL_TO"));
      if (typeof value === "number") {
        assert.equal(kept("LESS_THAN"), value < bound);
        assert.equal(kept("GREATER_THAN_OR_EQUAL_TO"), !kept("LESS_THAN"));
      }
    }),
  );
});
