/** Scalars as text: in labels, queries, headers, forms and XML. */
import assert from "node:assert/strict";
import type { Member, Shape } from "../../models/model.ts";
import { decodeBase64 } from "./base64.ts";
import { INTEGER_BITS, integerFits } from "./integers.ts";
import { Malformed } from "./malformed.ts";
import { formatTimestamp, parseTimestamp, type TimestampFormat } from "./timestamps.ts";

const integerText = /^[+-]?\d{1,19}$/;
const decimalText = /^[+-]?(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:[eE][+-]?\d{1,4})?$/;

/** The value that `text` stands for. Throws `Malformed`. */
export function parseText(shape: Shape, text: string): unknown {
  switch (shape.type) {
    case "string":
      return text;
    case "boolean":
      if (text === "true") return true;
      if (text === "false") return false;
      throw unreadable(text, "Boolean");
    case "integer":
    case "long": {
      const value = integerText.test(text) ? Number(text) : Number.NaN;
      if (integerFits(value, INTEGER_BITS[shape.type])) return value;
      throw unreadable(text, shape.type === "long" ? "Long" : "Integer");
    }
    case "float":
    case "double": {
      const value = decimalText.test(text) ? Number(text) : Number.NaN;
      if (Number.isFinite(value)) return value;
      throw unreadable(text, "Double");
    }
    case "timestamp":
      return parseTimestamp(text);
    case "blob":
      return decodeBase64(text);
    default:
      throw new Malformed("malformed", "Start of structure or map found where not expected.");
  }
}

/** The text of a handler's value. One that does not fit its shape is our own mistake. */
export function formatText(shape: Shape, member: Member, value: unknown, timestampFormat: TimestampFormat): string {
  switch (shape.type) {
    case "string":
      assert.ok(typeof value === "string", `${member.shape} is a string`);
      return value;
    case "boolean":
      assert.ok(typeof value === "boolean", `${member.shape} is a boolean`);
      return String(value);
    case "integer":
    case "long":
    case "float":
    case "double":
      assert.ok(typeof value === "number" && Number.isFinite(value), `${member.shape} is a number`);
      return String(value);
    case "timestamp":
      assert.ok(value instanceof Date, `${member.shape} is a timestamp`);
      return formatTimestamp(value, member.timestampFormat ?? shape.timestampFormat ?? timestampFormat);
    case "blob":
      assert.ok(value instanceof Uint8Array, `${member.shape} is a blob`);
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
    default:
      assert.fail(`${member.shape} is a ${shape.type}, which has no text`);
  }
}

function unreadable(text: string, type: string): Malformed {
  return new Malformed("wrong-type", `'${text.slice(0, 64)}' can not be converted to an ${type}`);
}
