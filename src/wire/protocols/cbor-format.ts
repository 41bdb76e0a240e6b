/**
 * CBOR (RFC 8949) as far as Kinesis uses it. Written here, since what it reads comes from anywhere: the libraries at hand load
 * 12 MB, write warnings to the console or compile functions from what they are sent.
 *
 * An item is a head (3 bits of type; 5 bits, or the 1 to 8 bytes after them, of argument) and what the head announces.
 */
import { isUtf8 } from "node:buffer";
import { assertNesting, Malformed } from "./malformed.ts";
import { setEntry } from "./tree.ts";

/** Time in CBOR is a number under tag 1. The standard counts seconds; Kinesis counts milliseconds. */
export class EpochMilliseconds {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

const TYPE = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;
const SIMPLE = { false: 20, true: 21, null: 22, undefined: 23, float16: 25, float32: 26, float64: 27 } as const;
const EPOCH_TAG = 1;
/** Ends an item of indefinite length, whose head has 31 for its argument. */
const BREAK = 0xff;
const INDEFINITE = 31;

/** The value that a whole body stands for. Integers beyond 53 bits are `bigint`. Throws `Malformed`. */
export function parseCbor(body: Buffer): unknown {
  const reader = new Reader(body);
  const value = reader.item(0);
  reader.end();
  return value;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw malformed();
  }

  item(level: number): unknown {
    assertNesting(level);
    const head = this.#byte();
    const type = head >> 5;
    const info = head & 0x1f;
    switch (type) {
      case TYPE.unsigned:
        return this.#argument(info);
      case TYPE.negative: {
        const argument = this.#argument(info);
        return typeof argument === "bigint" ? -1n - argument : -1 - argument;
      }
      case TYPE.bytes:
      case TYPE.text:
        return this.#string(type, info);
      case TYPE.list:
        return this.#list(info, level);
      case TYPE.map:
        return this.#map(info, level);
      case TYPE.tag:
        return this.#tagged(info, level);
      default:
        return this.#simple(info);
    }
  }

  #byte(): number {
    return this.#take(1).readUInt8();
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return this.#byte();
    if (info === 25) return this.#take(2).readUInt16BE();
    if (info === 26) return this.#take(4).readUInt32BE();
    if (info !== 27) throw malformed();
    const wide = this.#take(8).readBigUInt64BE();
    return wide > Number.MAX_SAFE_INTEGER ? wide : Number(wide);
  }

  /** Each of what follows takes a byte at least, so no length needs more room than there are bytes. */
  #length(info: number): number {
    const length = this.#argument(info);
    if (length > this.#bytes.length - this.#at) throw malformed();
    return Number(length);
  }

  #atBreak(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at++;
    return true;
  }

  #string(type: number, info: number): Buffer | string {
    const bytes = info === INDEFINITE ? this.#chunks(type) : this.#take(this.#length(info));
    if (type === TYPE.bytes) return bytes;
    if (!isUtf8(bytes)) throw malformed();
    return bytes.toString("utf8");
  }

  #chunks(type: number): Buffer {
    const chunks: Buffer[] = [];
    while (!this.#atBreak()) {
      const head = this.#byte();
      if (head >> 5 !== type) throw malformed();
      chunks.push(this.#take(this.#length(head & 0x1f)));
    }
    return Buffer.concat(chunks);
  }

  #list(info: number, level: number): unknown[] {
    const list: unknown[] = [];
    if (info === INDEFINITE) {
      while (!this.#atBreak()) list.push(this.item(level + 1));
    } else {
      for (let rest = this.#length(info); rest > 0; rest--) list.push(this.item(level + 1));
    }
    return list;
  }

  #map(info: number, level: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    if (info === INDEFINITE) {
      while (!this.#atBreak()) this.#entry(map, level);
    } else {
      for (let rest = this.#length(info); rest > 0; rest--) this.#entry(map, level);
    }
    return map;
  }

  #entry(map: Record<string, unknown>, level: number): void {
    const key = this.item(level + 1);
    if (typeof key !== "string") throw malformed();
    setEntry(map, key, this.item(level + 1));
  }

  /** Tags other than the time's say how to show a value, not which it is. */
  #tagged(info: number, level: number): unknown {
    const tag = this.#argument(info);
    const value = this.item(level + 1);
    return tag === EPOCH_TAG ? new EpochMilliseconds(value) : value;
  }

  #simple(info: number): boolean | null | number {
    switch (info) {
      case SIMPLE.false:
        return false;
      case SIMPLE.true:
        return true;
      case SIMPLE.null:
      case SIMPLE.undefined:
        return null;
      case SIMPLE.float16:
        return float16(this.#take(2).readUInt16BE());
      case SIMPLE.float32:
        return this.#take(4).readFloatBE();
      case SIMPLE.float64:
        return this.#take(8).readDoubleBE();
      default:
        throw malformed();
    }
  }
}

/** 1 bit of sign, 5 of exponent, 10 of fraction. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function malformed(): Malformed {
  return new Malformed("malformed", "Could not parse request body into cbor");
}

/** The bytes of a tree of objects, arrays, strings, numbers, booleans, nulls, bytes and times. */
export function formatCbor(tree: unknown): Buffer {
  const pieces: Uint8Array[] = [];
  append(pieces, tree);
  return Buffer.concat(pieces);
}

function append(pieces: Uint8Array[], value: unknown): void {
  if (typeof value === "string") {
    const text = Buffer.from(value);
    pieces.push(head(TYPE.text, text.length), text);
  } else if (typeof value === "number") {
    pieces.push(number(value));
  } else if (typeof value === "boolean") {
    pieces.push(head(TYPE.simple, value ? SIMPLE.true : SIMPLE.false));
  } else if (value === null) {
    pieces.push(head(TYPE.simple, SIMPLE.null));
  } else if (value instanceof Uint8Array) {
    pieces.push(head(TYPE.bytes, value.length), value);
  } else if (value instanceof EpochMilliseconds) {
    pieces.push(head(TYPE.tag, EPOCH_TAG));
    append(pieces, value.value);
  } else if (Array.isArray(value)) {
    pieces.push(head(TYPE.list, value.length));
    for (const element of value) append(pieces, element);
  } else {
    const entries = Object.entries(value as object);
    pieces.push(head(TYPE.map, entries.length));
    for (const [key, element] of entries) {
      append(pieces, key);
      append(pieces, element);
    }
  }
}

function number(value: number): Buffer {
  if (Number.isSafeInteger(value)) return value < 0 ? head(TYPE.negative, -1 - value) : head(TYPE.unsigned, value);
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8((TYPE.simple << 5) | SIMPLE.float64);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function head(type: number, argument: number): Buffer {
  const major = type << 5;
  if (argument < 24) return Buffer.from([major | argument]);
  if (argument < 2 ** 8) return Buffer.from([major | 24, argument]);
  if (argument < 2 ** 16) return Buffer.from([major | 25, argument >> 8, argument & 0xff]);
  const wide = argument >= 2 ** 32;
  const bytes = Buffer.alloc(wide ? 9 : 5);
  bytes.writeUInt8(major | (wide ? 27 : 26));
  if (wide) bytes.writeBigUInt64BE(BigInt(argument), 1);
  else bytes.writeUInt32BE(argument, 1);
  return bytes;
}
