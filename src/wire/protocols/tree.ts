/**
 * Values by the model from trees and back: what JSON and CBOR bodies parse to. The two differ in blobs and timestamps only.
 *
 * This is on the hot path of `PutRecord`, so a shape is compiled once to a closure over its members' closures.
 */
import assert from "node:assert/strict";
import { compileOnce } from "../../models/compile-once.ts";
import type {
  ListShape,
  MapShape,
  Member,
  NumberShape,
  ServiceModel,
  Shape,
  StructureShape,
} from "../../models/model.ts";
import { shapeNamed } from "../../models/shapes.ts";
import { INTEGER_BITS, integerFits } from "./integers.ts";
import { assertNesting, Malformed } from "./malformed.ts";
import type { TimestampFormat } from "./timestamps.ts";

/** How a format writes what JSON has no type for. */
export interface TreeFormat {
  parseBlob(raw: unknown): Uint8Array;
  formatBlob(bytes: Uint8Array): unknown;
  parseTimestamp(raw: unknown): Date;
  formatTimestamp(date: Date, declared: TimestampFormat | undefined): unknown;
  /**
   * `wire`: the members that travel in a body, under the names that they have there. `model`: all of them under the model's names, as in
   * an SDK's own inputs and outputs.
   */
  readonly members: "wire" | "model";
}

export interface TreeCodec {
  /** The value that a parsed body stands for: unknown members and nulls dropped. Throws `Malformed`. */
  decode(model: ServiceModel, shapeName: string, raw: unknown): unknown;
  /** The tree of a handler's value: members by the model only. A value that does not fit its shape is our own mistake. */
  encode(model: ServiceModel, shapeName: string, value: unknown): unknown;
}

/** Present values only: callers drop `undefined` and `null` before. */
type Decode = (raw: unknown, level: number) => unknown;
type Encode = (value: unknown) => unknown;
type Compile<F> = (member: Member) => F;
type CompiledByName<F> = (model: ServiceModel, name: string) => F;

export function createTreeCodec(format: TreeFormat): TreeCodec {
  const decoder: CompiledByName<Decode> = compileOnce((model, name) =>
    compileDecode(shapeNamed(model, name), format, (member) => decoder(model, member.shape)),
  );
  const encoder: CompiledByName<Encode> = compileOnce((model, name) => {
    const compile: Compile<Encode> = (member) =>
      member.timestampFormat === undefined
        ? encoder(model, member.shape)
        : encodeTimestamp(member.shape, member.timestampFormat, format);
    return compileEncode(name, shapeNamed(model, name), format, compile);
  });
  return {
    decode: (model, shapeName, raw) => decoder(model, shapeName)(raw, 0),
    encode: (model, shapeName, value) => encoder(model, shapeName)(value),
  };
}

function compileDecode(shape: Shape, format: TreeFormat, compile: Compile<Decode>): Decode {
  switch (shape.type) {
    case "structure":
      return decodeStructure(shape, format, compile);
    case "list":
      return decodeList(shape, compile);
    case "map":
      return decodeMap(shape, compile);
    case "string":
      return (raw) => (typeof raw === "string" ? raw : refuseType(raw, "an String"));
    case "boolean":
      return (raw) => (typeof raw === "boolean" ? raw : refuseType(raw, "an Boolean"));
    case "integer":
    case "long":
      return decodeInteger(shape);
    case "float":
    case "double":
      return (raw) => (typeof raw === "number" && Number.isFinite(raw) ? raw : refuseType(raw, "an Double"));
    case "timestamp":
      return format.parseTimestamp;
    case "blob":
      return format.parseBlob;
  }
}

function decodeStructure(shape: StructureShape, format: TreeFormat, compile: Compile<Decode>): Decode {
  const members = membersOf(shape, format).map(({ name, key, member }) => ({
    name,
    key,
    decode: compile(member),
  }));
  return (raw, level) => {
    assertNesting(level);
    const source = asRecord(raw, "Expected null");
    const value: Record<string, unknown> = {};
    for (const { name, key, decode } of members) {
      const member = source[key];
      if (member !== undefined && member !== null) value[name] = decode(member, level + 1);
    }
    return value;
  };
}

interface NamedMember {
  readonly name: string;
  /** What it is called in the tree. */
  readonly key: string;
  readonly member: Member;
}

function membersOf(shape: StructureShape, { members }: TreeFormat): NamedMember[] {
  if (members === "model") return Object.entries(shape.members).map(([name, member]) => ({ name, key: name, member }));
  return bodyMembers(shape).map(([name, member]) => ({ name, key: member.locationName ?? name, member }));
}

/** Members that travel in the body: those without a place of their own. */
export function bodyMembers(shape: StructureShape): [string, Member][] {
  return Object.entries(shape.members).filter(([, member]) => member.location === undefined);
}

/** A null stays in a list: where it may not, validation reports it with its place. */
function decodeList(shape: ListShape, compile: Compile<Decode>): Decode {
  const decode = compile(shape.member);
  return (raw, level) => {
    assertNesting(level);
    if (!Array.isArray(raw)) {
      throw new Malformed("wrong-type", typeof raw === "object" ? structureFound : "Expected list or null");
    }
    return raw.map((element) => (element === null ? null : decode(element, level + 1)));
  };
}

function decodeMap(shape: MapShape, compile: Compile<Decode>): Decode {
  const decode = compile(shape.value);
  return (raw, level) => {
    assertNesting(level);
    const value: Record<string, unknown> = {};
    for (const [key, element] of Object.entries(asRecord(raw, "Expected map or null"))) {
      if (element !== null) setEntry(value, key, decode(element, level + 1));
      else if (shape.sparse) setEntry(value, key, null);
    }
    return value;
  };
}

/** Assigning to `__proto__` would change the object's prototype; a client's key is data. */
export function setEntry(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true });
  else record[key] = value;
}

function decodeInteger(shape: NumberShape): Decode {
  const bits = shape.type === "long" ? INTEGER_BITS.long : INTEGER_BITS.integer;
  const expected = shape.type === "long" ? "an Long" : "an Integer";
  return (raw) => {
    // CBOR gives integers beyond 53 bits as bigint.
    const value = typeof raw === "bigint" ? Number(raw) : raw;
    return typeof value === "number" && integerFits(value, bits) ? value : refuseType(raw, expected);
  };
}

const listFound = "Start of list found where not expected";
const structureFound = "Start of structure or map found where not expected.";

function asRecord(raw: unknown, message: string): Record<string, unknown> {
  if (Array.isArray(raw)) throw new Malformed("wrong-type", listFound);
  if (typeof raw !== "object" || raw === null || raw instanceof Uint8Array) throw new Malformed("wrong-type", message);
  return raw as Record<string, unknown>;
}

/** A value of the wrong type, in the words of the services' own framework. */
export function refuseType(raw: unknown, expected: string): never {
  throw new Malformed("wrong-type", wrongTypeMessage(raw, expected));
}

function wrongTypeMessage(raw: unknown, expected: string): string {
  switch (typeof raw) {
    case "boolean":
      return `class java.lang.Boolean can not be converted to ${expected}`;
    case "string":
      return `class java.lang.String can not be converted to ${expected}`;
    case "number":
    case "bigint":
      return `class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to ${expected}`;
    default:
      return Array.isArray(raw) ? listFound : structureFound;
  }
}

function compileEncode(name: string, shape: Shape, format: TreeFormat, compile: Compile<Encode>): Encode {
  switch (shape.type) {
    case "structure":
      return encodeStructure(name, shape, format, compile);
    case "list":
      return encodeList(name, shape, compile);
    case "map":
      return encodeMap(name, shape, compile);
    case "string":
      return expecting(name, "string", (value) => typeof value === "string");
    case "boolean":
      return expecting(name, "boolean", (value) => typeof value === "boolean");
    case "integer":
    case "long":
    case "float":
    case "double":
      return expecting(name, "number", (value) => typeof value === "number" && Number.isFinite(value));
    case "timestamp":
      return encodeTimestamp(name, shape.timestampFormat, format);
    case "blob":
      return (value) => {
        assert.ok(value instanceof Uint8Array, `${name} is a blob`);
        return format.formatBlob(value);
      };
  }
}

function encodeStructure(
  shapeName: string,
  shape: StructureShape,
  format: TreeFormat,
  compile: Compile<Encode>,
): Encode {
  const members = membersOf(shape, format).map(({ name, key, member }) => ({
    name,
    key,
    encode: compile(member),
  }));
  const mistake = `${shapeName} is a structure`;
  return (value) => {
    assert.ok(typeof value === "object" && value !== null, mistake);
    const tree: Record<string, unknown> = {};
    for (const { name, key, encode } of members) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined && member !== null) tree[key] = encode(member);
    }
    return tree;
  };
}

function encodeList(shapeName: string, shape: ListShape, compile: Compile<Encode>): Encode {
  const encode = compile(shape.member);
  const mistake = `${shapeName} is a list`;
  return (value) => {
    assert.ok(Array.isArray(value), mistake);
    return value.map((element) => (element === null && shape.sparse ? null : encode(element)));
  };
}

function encodeMap(shapeName: string, shape: MapShape, compile: Compile<Encode>): Encode {
  const encode = compile(shape.value);
  const mistake = `${shapeName} is a map`;
  return (value) => {
    assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), mistake);
    const tree: Record<string, unknown> = {};
    for (const [key, element] of Object.entries(value)) {
      if (element !== undefined) setEntry(tree, key, element === null && shape.sparse ? null : encode(element));
    }
    return tree;
  };
}

function encodeTimestamp(shapeName: string, declared: TimestampFormat | undefined, format: TreeFormat): Encode {
  const mistake = `${shapeName} is a timestamp`;
  return (value) => {
    assert.ok(value instanceof Date && !Number.isNaN(value.getTime()), mistake);
    return format.formatTimestamp(value, declared);
  };
}

function expecting(shapeName: string, type: string, fits: (value: unknown) => boolean): Encode {
  const mistake = `${shapeName} is a ${type}`;
  return (value) => {
    assert.ok(fits(value), mistake);
    return value;
  };
}
