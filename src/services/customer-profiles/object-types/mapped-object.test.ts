import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../../matching/machine.ts";
import type { ModeledError } from "../../../models/modeled-error.ts";
import { type MappedObject, mapObject } from "./mapped-object.ts";
import { type ObjectMapping, objectMapping } from "./object-mapping.ts";

type Fields = ObjectMapping["fields"];

function map(fields: Fields, object: JsonObject, more: Partial<Omit<ObjectMapping, "fields">> = {}): MappedObject {
  return mapObject(objectMapping({ fields, keys: {}, ...more }), object);
}

test("a parcel scan is mapped to a profile and an order, and its keys are normalised", () => {
  const mapping = objectMapping({
    sourceLastUpdatedTimestampFormat: "yyyy-MM-dd'T'HH:mm:ssXXX",
    fields: {
      scanId: { Source: "_source.scan.id" },
      shopperNo: { Source: "_source.shopper.number", Target: "_profile.AccountNumber" },
      mail: { Source: "_source.shopper.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
      mobile: { Source: "_source.shopper.mobile", ContentType: "PHONE_NUMBER" },
      label: {
        Source: "{{#removeExtraSpace}}{{_source.shopper.first}} {{_source.shopper.last}}{{/removeExtraSpace}}",
        ContentType: "NAME",
      },
      parcelNo: { Source: "_source.parcel.no", Target: "_order.Name" },
      weight: { Source: "_source.parcel.kg", Target: "_order.TotalWeight", ContentType: "NUMBER" },
      depot: { Source: "_source.depot", Target: "_profile.Attributes.LastDepot" },
      changed: { Source: "_source.scan.at", Target: "_profile.SourceLastUpdatedTimestamp" },
    },
    keys: {
      parcelScanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["scanId"] }],
      shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["shopperNo", "weight"] }],
      parcelKey: [{ StandardIdentifiers: ["ORDER"], FieldNames: ["parcelNo"] }],
      _email: [{ StandardIdentifiers: ["PROFILE", "SECONDARY"], FieldNames: ["mail"] }],
      _phone: [{ FieldNames: ["mobile"] }],
      _fullName: [{ FieldNames: ["label"] }],
    },
  });
  const mapped = mapObject(mapping, {
    scan: { id: "s-9", at: "2024-06-10T15:04:05Z" },
    shopper: { number: 40017, mail: "Ina@Example.com", mobile: "(415) 555-0199", first: "Ina", last: " Dyk " },
    parcel: { no: "p-1", kg: 2.5 },
    depot: "",
  });
  assert.deepEqual(
    { ...mapped, fields: { ...mapped.fields } },
    {
      fields: {
        scanId: "s-9",
        shopperNo: 40017,
        mail: "Ina@Example.com",
        mobile: "(415) 555-0199",
        label: "Ina Dyk",
        parcelNo: "p-1",
        weight: 2.5,
        depot: "",
        changed: "2024-06-10T15:04:05Z",
      },
      keys: [
        { name: "parcelScanKey", identifiers: ["UNIQUE"], parts: ["s-9"], isEmpty: false },
        { name: "shopperKey", identifiers: ["PROFILE"], parts: ["40017", "2.5"], isEmpty: false },
        { name: "parcelKey", identifiers: ["ORDER"], parts: ["p-1"], isEmpty: false, object: "_order" },
        { name: "_email", identifiers: ["PROFILE", "SECONDARY"], parts: ["ina@example.com"], isEmpty: false },
        { name: "_phone", identifiers: [], parts: ["14155550199"], isEmpty: false },
        { name: "_fullName", identifiers: [], parts: ["ina dyk"], isEmpty: false },
      ],
      targets: [
        { object: "_profile", path: ["AccountNumber"], value: "40017" },
        { object: "_profile", path: ["EmailAddress"], value: "Ina@Example.com" },
        { object: "_order", path: ["Name"], value: "p-1" },
        { object: "_order", path: ["TotalWeight"], value: "2.5" },
      ],
      inferred: { PhoneNumber: "(415) 555-0199" },
      sourceMs: Date.parse("2024-06-10T15:04:05Z"),
    },
  );
});

test("a list of the source fills the list of a target place by place", () => {
  const fields: Fields = {
    title: { Source: "_source.line_items[].title", Target: "_order.OrderItems[].Title" },
    price: { Source: "_source.line_items[].price", Target: "_order.OrderItems[].Price" },
    titles: { Source: "_source.line_items[].title", Target: "_order.Attributes.titles" },
    only: { Source: "_source.only", Target: "_order.OrderItems[].Quantity" },
  };
  const mapped = map(fields, { line_items: [{ title: "Tea", price: 3 }, { price: 4 }, { title: "Cup" }], only: 7 });
  assert.deepEqual(mapped.targets, [
    { object: "_order", path: ["OrderItems", 0, "Title"], value: "Tea" },
    { object: "_order", path: ["OrderItems", 2, "Title"], value: "Cup" },
    { object: "_order", path: ["OrderItems", 0, "Price"], value: "3" },
    { object: "_order", path: ["OrderItems", 1, "Price"], value: "4" },
    { object: "_order", path: ["Attributes", "titles"], value: '["Tea","Cup"]' },
    { object: "_order", path: ["OrderItems", 0, "Quantity"], value: "7" },
  ]);
  assert.deepEqual(mapped.fields.title, ["Tea", "Cup"]);
});

test("a name in a map can be given by the object", () => {
  const fields: Fields = {
    at: { Source: "_source.at", Target: "_communicationRecord.Events.{{kind}}.UpdatedDate" },
    why: { Source: "_source.why", Target: "_communicationRecord.Events.{{_source.kind}}.Attributes.A.b" },
  };
  assert.deepEqual(map(fields, { kind: "Open", at: "today", why: "x" }).targets, [
    { object: "_communicationRecord", path: ["Events", "Open", "UpdatedDate"], value: "today" },
    { object: "_communicationRecord", path: ["Events", "Open", "Attributes", "A.b"], value: "x" },
  ]);
  for (const kind of [undefined, "", "__proto__"]) assert.deepEqual(map(fields, { kind, at: "today" }).targets, []);
});

test("of several fields with one target the last that has something counts", () => {
  const fields: Fields = {
    a: { Source: "_source.a", Target: "_profile.FirstName" },
    b: { Source: "_source.b", Target: "_profile.FirstName" },
  };
  assert.deepEqual(map(fields, { a: "A", b: "B" }).targets, [{ object: "_profile", path: ["FirstName"], value: "B" }]);
  assert.deepEqual(map(fields, { a: "A", b: "" }).targets, [{ object: "_profile", path: ["FirstName"], value: "A" }]);
});

test("a field of numbers takes numbers alone", () => {
  const fields: Fields = {
    width: { Source: "_source.width", Target: "_device.ScreenWidth" },
    height: { Source: "_source.height", Target: "_device.ScreenHeight" },
    model: { Source: "_source.width", Target: "_device.Model" },
  };
  assert.deepEqual(map(fields, { width: "1920", height: "high" }).targets, [
    { object: "_device", path: ["ScreenWidth"], value: 1920 },
    { object: "_device", path: ["Model"], value: "1920" },
  ]);
});

test("a key of several fields is empty where all of them are", () => {
  const fields: Fields = { a: { Source: "_source.a" }, b: { Source: "_source.b", ContentType: "NAME" } };
  const keys = { both: [{ FieldNames: ["a", "b"] }], one: [{ FieldNames: ["a"] }, { FieldNames: ["b"] }] };
  const [both, ...one] = map(fields, { b: " X " }, { keys }).keys;
  assert.deepEqual(both, { name: "both", identifiers: [], parts: ["", "x"], isEmpty: false });
  assert.deepEqual(
    one.map(({ parts, isEmpty }) => [parts, isEmpty]),
    [
      [[""], true],
      [["x"], false],
    ],
  );
  assert.equal(map(fields, { b: "   " }, { keys }).keys[0]?.isEmpty, true);
});

test("a key entry for two standard objects stands for each", () => {
  const keys = { k: [{ StandardIdentifiers: ["ASSET", "PROFILE", "ORDER"] as const, FieldNames: ["a"] }] };
  const mapped = map({ a: { Source: "_source.a" } }, { a: 1 }, { keys: keys as unknown as ObjectMapping["keys"] });
  assert.deepEqual(
    mapped.keys.map(({ object }) => object),
    ["_asset", "_order"],
  );
});

test("the first address without a target is for an inferred profile", () => {
  const fields: Fields = {
    mapped: { Source: "_source.a", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
    none: { Source: "_source.none", ContentType: "EMAIL_ADDRESS" },
    first: { Source: "_source.b", ContentType: "EMAIL_ADDRESS" },
    second: { Source: "_source.a", ContentType: "EMAIL_ADDRESS" },
  };
  assert.deepEqual(map(fields, { a: "a@x", b: "B@x" }).inferred, { EmailAddress: "B@x" });
});

test("a time that its format does not read is none", () => {
  const fields: Fields = { at: { Source: "_source.at", Target: "_profile.SourceLastUpdatedTimestamp" } };
  const format = { sourceLastUpdatedTimestampFormat: "EpochMilli" };
  assert.equal(map(fields, { at: 1718031845217 }, format).sourceMs, 1718031845217);
  assert.equal(map(fields, { at: "1718031845217" }, format).sourceMs, 1718031845217);
  for (const at of ["yesterday", "", "99999999999999999", 1.5])
    assert.equal("sourceMs" in map(fields, { at }, format), false);
});

test("names that objects of JavaScript have are names like others", () => {
  const fields: Fields = {
    constructor: { Source: "_source.constructor", Target: "_profile.Attributes.constructor" } as object,
    toString: { Source: "_source.toString" } as object,
  };
  const mapped = map(fields, JSON.parse('{"constructor":"c"}'), {
    keys: { valueOf: [{ FieldNames: ["constructor"] }] } as unknown as ObjectMapping["keys"],
  });
  assert.equal(mapped.fields.constructor, "c");
  assert.equal(mapped.fields.toString, undefined);
  assert.deepEqual(mapped.targets, [{ object: "_profile", path: ["Attributes", "constructor"], value: "c" }]);
  assert.deepEqual(mapped.keys, [{ name: "valueOf", identifiers: [], parts: ["c"], isEmpty: false }]);
});

test("targets that name nothing are refused with their place", () => {
  const bad = [
    "_profile",
    "_profile.",
    "_profile.Address",
    "_profile.Address.Planet",
    "_profile.FirstName.x",
    "_profile.Attributes",
    "_profile.Attributes.",
    "_profile.Attributes.__proto__",
    "_profile.constructor",
    "_profile..FirstName",
    "_nothing.Name",
    "FirstName",
    "_order.OrderItems.Title",
    "_order.Name[]",
    "_order.OrderItems[]",
    "_communicationRecord.Events.Open",
    "_profile.{{field}}",
    "{{object}}.Name",
    "_communicationRecord.Events.{{> x}}.EventId",
  ];
  for (const Target of bad) {
    assert.throws(
      () => map({ f: { Source: "_source.a", Target } }, {}),
      (error: ModeledError) => error.code === "BadRequestException" && error.message.startsWith("Fields.f.Target: "),
      Target,
    );
  }
});

test("whatever an object is, it is mapped to texts and numbers that are not empty", () => {
  const mapping = objectMapping({
    fields: {
      a: { Source: "_source.a", Target: "_profile.FirstName" },
      b: { Source: "_source.b[].c", Target: "_webAnalytics.ItemsList[].Quantity" },
      c: { Source: "{{#each _source.b}}{{c}}{{/each}}", Target: "_profile.Attributes.{{a}}", ContentType: "NUMBER" },
    },
    keys: { k: [{ FieldNames: ["a", "b", "c"] }] },
  });
  const anyObject = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(fc.constant("c"), fc.jsonValue()))),
  );
  fc.assert(
    fc.property(anyObject, (object) => {
      const { targets, keys } = mapObject(mapping, object as JsonObject);
      for (const { path, value } of targets) {
        assert.ok(value !== "" && (typeof value === "string" || Number.isFinite(value)));
        assert.ok(path.every((step) => step !== "" && step !== "__proto__"));
      }
      assert.deepEqual(
        keys.map(({ parts }) => parts.length),
        [3],
      );
    }),
  );
});
