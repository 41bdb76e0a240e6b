import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../../matching/machine.ts";
import { detectedMapping } from "./detected-mapping.ts";
import { type MappedObject, mapObject } from "./mapped-object.ts";
import { checkMapping } from "./mapping-rules.ts";

const RUNS = process.env.TRUNKLINE_FULL === "1" ? 10_000 : 300;

test("an order is known by its number, its buyer by their address, and a profile gets what it has fields for", () => {
  const mapping = detectedMapping([
    {
      order: { id: "o-1", total: 12.5 },
      customerId: "c-1",
      customer: {
        firstName: "Ina",
        surname: "Dyk",
        "e-mail": "ina@example.com",
        phone: "+49 421 555 01",
        zip: "28195",
      },
      lines: [{ sku: "A" }],
    },
    { order: { id: "o-2", total: "3" }, customerId: "c-1", customer: { "e-mail": "INA@example.com", phone: "" } },
  ]);
  assert.deepEqual(mapping?.fields, {
    order_id: { Source: "_source.order.id", ContentType: "STRING" },
    order_total: { Source: "_source.order.total", ContentType: "NUMBER" },
    customerId: { Source: "_source.customerId", ContentType: "STRING" },
    customer_firstName: { Source: "_source.customer.firstName", Target: "_profile.FirstName", ContentType: "NAME" },
    customer_surname: { Source: "_source.customer.surname", Target: "_profile.LastName", ContentType: "NAME" },
    "customer_e-mail": {
      Source: "_source.customer.e-mail",
      Target: "_profile.EmailAddress",
      ContentType: "EMAIL_ADDRESS",
    },
    customer_phone: { Source: "_source.customer.phone", Target: "_profile.PhoneNumber", ContentType: "PHONE_NUMBER" },
    customer_zip: { Source: "_source.customer.zip", Target: "_profile.Address.PostalCode", ContentType: "STRING" },
  });
  assert.deepEqual(mapping?.keys, {
    order_idKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["order_id"] }],
    _email: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["customer_e-mail"] }],
    _phone: [{ FieldNames: ["customer_phone"] }],
    customerIdKey: [{ FieldNames: ["customerId"] }],
  });
});

test("without an address a person is known by phone, then by a customer's id, then by the object's own", () => {
  const keysOf = (sample: JsonObject) => Object.entries(detectedMapping([sample])?.keys ?? {});
  assert.deepEqual(keysOf({ id: "1", mobile: "0421 555 0123", userId: "u" }), [
    ["idKey", [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }]],
    ["_phone", [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["mobile"] }]],
    ["userIdKey", [{ FieldNames: ["userId"] }]],
  ]);
  assert.deepEqual(keysOf({ id: "1", userId: "u" }), [
    ["idKey", [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }]],
    ["userIdKey", [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["userId"] }]],
  ]);
  assert.deepEqual(keysOf({ guid: "1" }), [
    ["guidKey", [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["guid"] }]],
  ]);
});

test("what not all samples have, or several have alike, identifies nothing", () => {
  assert.equal(detectedMapping([{ id: "1" }, { id: "1" }]), undefined);
  assert.equal(detectedMapping([{ id: "1" }, {}]), undefined);
  assert.equal(detectedMapping([{ colour: "red" }]), undefined);
  assert.ok(
    detectedMapping([
      { id: "1", key: "a" },
      { id: "1", key: "b" },
    ])?.keys.keyKey,
  );
});

test("whatever the samples are, the mapping that is proposed keeps the rules and maps them", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "id",
      "email",
      "phone",
      "customerId",
      "firstName",
      "tags",
      "Tags",
      "_a",
      "9",
      "__proto__",
      "constructor",
      "no",
    ),
    fc.string({ maxLength: 8 }),
    fc.string({ minLength: 60, maxLength: 80 }),
  );
  const value = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom("a@b.c", "+14155550199", "x-1"));
  const sample = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value)), { maxKeys: 12 });
  let proposed = 0;
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 2 }), (samples) => {
      const mapping = detectedMapping(samples as JsonObject[]);
      if (!mapping) return;
      proposed += 1;
      checkMapping(mapping, { allowProfileCreation: true });
      for (const field of Object.keys(mapping.fields)) assert.match(field, /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/);
      for (const key of Object.keys(mapping.keys)) assert.match(key, /^[a-zA-Z0-9_-]{1,64}$/);
      for (const object of samples) {
        const { keys }: MappedObject = mapObject(mapping, object as JsonObject);
        const unique = keys.find(({ identifiers }) => identifiers.includes("UNIQUE"));
        assert.equal(unique?.isEmpty, false);
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(proposed > 10, `only ${proposed} were proposed`);
});

test("a text that is long takes no longer than others", () => {
  const long = `a@${".".repeat(200_000)}@`;
  assert.equal(detectedMapping([{ id: long, mail: long }])?.fields.mail?.ContentType, "STRING");
});
