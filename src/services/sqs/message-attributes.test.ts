import assert from "node:assert/strict";
import { test } from "node:test";
import { attributesBytes, attributesMd5, parseMessageAttributes } from "./message-attributes.ts";

const text = (StringValue: string): { DataType: string; StringValue: string } => ({ DataType: "String", StringValue });

test("the digest of attributes is the one that the service computes", () => {
  // Recorded from the service.
  assert.equal(attributesMd5(parseMessageAttributes({ Foo: text("Bar") })), "ae7155c6026991b6d54b11589678bf9c");
  const three = { General: text("Kenobi"), Hello: text("There"), "Help.Me": text("Me") };
  assert.equal(attributesMd5(parseMessageAttributes(three)), "4c360f3fdafd970e05fae2f149d997f5");
  const binary = {
    DataType: "Binary",
    BinaryValue: Buffer.from("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"),
  };
  assert.equal(attributesMd5(parseMessageAttributes({ attr1: binary })), "8cbe4db156db8a94db8b801b7addb984");
});

test("names, types and values count as bytes", () => {
  const attributes = parseMessageAttributes({
    a: text("é"),
    b: { DataType: "Binary", BinaryValue: Buffer.of(1, 2, 3) },
  });
  assert.equal(attributesBytes(attributes), 1 + 6 + 2 + (1 + 6 + 3));
});

test("attributes that the service does not take are refused in its words", () => {
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, text("x")]));
  const refused: [Parameters<typeof parseMessageAttributes>[0], string | RegExp][] = [
    [eleven, "Number of message attributes [11] exceeds the allowed maximum [10]."],
    [
      { ErrorDetails: text("") },
      "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.",
    ],
    [{ a: { DataType: "Binary" } }, "Message (user) attribute 'a' must contain a non-empty value of type 'Binary'."],
    [
      { a: { DataType: "Number", StringValue: "ten" } },
      "Can't cast the value of message (user) attribute 'a' to a number.",
    ],
    [{ a: { DataType: "Text", StringValue: "x" } }, /supported type prefixes: Binary, Number, String/],
    [{ "AWS.x": text("x") }, /reserved for internal use/],
    [{ "a b": text("x") }, /can only contain/],
    [{ ["a".repeat(256)]: text("x") }, "Message (user) attribute names must be shorter than 256 Bytes"],
    [{ a: text("\u0000") }, /^Invalid characters found/],
  ];
  for (const [attributes, message] of refused) {
    assert.throws(() => parseMessageAttributes(attributes), { code: "InvalidParameterValue", message });
  }
  assert.throws(() => parseMessageAttributes({ a: { DataType: "String", StringListValues: ["x"] } }), {
    code: "UnsupportedOperation",
  });
});
