/** An IP address as the bits it consists of: 32 or 128. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** All addresses that begin with the same bits. */
export interface AddressBlock {
  readonly base: Address;
  /** How many leading bits count; the others of `base` are 0. */
  readonly maskBits: number;
}

/*
 * What is an address, and how it is read, is that of EventBridge's engine (aws/event-ruler, `CIDR`, which asks Java's `InetAddress`): any
 * number of zeros before an octet's digits, but no more than 15 characters in all; any before a group's; no IPv4 notation within IPv6, no
 * zone; and an IPv4 address that is written as an IPv6 one (`::ffff:a00:1`) is the IPv4 address.
 */
const V4_LIKE = /^\d+\.\d+\.\d+\.\d+$/;
const V4_CHARACTERS_MAX = 15;
const V6_LIKE = /^[\da-fA-F]*:[\da-fA-F:]*$/;
const GROUP = /^0*[\da-fA-F]{1,4}$/;
const MAPPED_V4 = 0xffffn;

/** The address that a text writes, in any of its notations; `undefined` where it is none. */
export function parseAddress(text: string): Address | undefined {
  if (V4_LIKE.test(text)) return parseV4(text);
  return V6_LIKE.test(text) ? parseV6(text) : undefined;
}

/**
 * The block that a CIDR text such as `10.0.0.0/24` writes; the base's bits behind the mask do not count. `refuse` is told what is wrong, in
 * the words of EventBridge's engine.
 */
export function parseAddressBlock(text: string, refuse: (reason: string) => never): AddressBlock {
  const parts = text.split("/");
  while (parts.at(-1) === "") parts.pop();
  const [base = "", mask = ""] = parts;
  if (parts.length !== 2) refuse("Malformed CIDR, one '/' required");
  const maskBits = /^[+-]?\d+$/.test(mask) ? Number(mask) : Number.NaN;
  if (!(Math.abs(maskBits) < 2 ** 31)) refuse("Malformed CIDR, mask bits must be an integer");
  if (maskBits < 0) refuse("Malformed CIDR, mask bits must not be negative");
  const address = parseAddress(base);
  if (address === undefined) {
    return refuse(`${V4_LIKE.test(base) || V6_LIKE.test(base) ? "Invalid" : "Nonstandard"} IP address: ${base}`);
  }
  const bits = bitsOf(address);
  if (maskBits >= bits) refuse(`IPv${address.family} mask bits must be < ${bits}`);
  return addressBlock(address, maskBits);
}

/** The block of a base address: its bits behind the mask do not count. */
export function addressBlock(base: Address, maskBits: number = bitsOf(base)): AddressBlock {
  return { base: { family: base.family, bits: masked(base, maskBits) }, maskBits };
}

export function isWithin(address: Address, { base, maskBits }: AddressBlock): boolean {
  return address.family === base.family && masked(address, maskBits) === base.bits;
}

/** The address with all but the leading bits 0. */
export function masked(address: Address, maskBits: number): bigint {
  const behind = BigInt(bitsOf(address) - maskBits);
  return (address.bits >> behind) << behind;
}

function bitsOf({ family }: Address): number {
  return family === 4 ? 32 : 128;
}

function parseV4(text: string): Address | undefined {
  const octets = text.split(".").map(Number);
  if (text.length > V4_CHARACTERS_MAX || octets.some((octet) => octet > 255)) return undefined;
  return { family: 4, bits: joined(octets, 8n) };
}

function parseV6(text: string): Address | undefined {
  const [before = "", after, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const head = groups(before);
  const tail = groups(after ?? "");
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const bits = joined([...head, ...new Array<number>(missing).fill(0), ...tail], 16n);
  return bits >> 32n === MAPPED_V4 ? { family: 4, bits: bits & 0xffffffffn } : { family: 6, bits };
}

function groups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const written = text.split(":");
  return written.every((group) => GROUP.test(group)) ? written.map((group) => Number.parseInt(group, 16)) : undefined;
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}
