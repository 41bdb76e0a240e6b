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

const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const V4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);
const GROUP = /^[0-9a-fA-F]{1,4}$/;

/** The address that a text writes, in any of its notations; `undefined` where it is none. */
export function parseAddress(text: string): Address | undefined {
  return text.includes(":") ? parseV6(text) : parseV4(text);
}

/** The block of a base address: its bits behind the mask do not count. */
export function addressBlock(base: Address, maskBits: number): AddressBlock {
  return { base: { family: base.family, bits: masked(base, maskBits) }, maskBits };
}

export function isWithin(address: Address, { base, maskBits }: AddressBlock): boolean {
  return address.family === base.family && masked(address, maskBits) === base.bits;
}

/** The address with all but the leading bits 0. */
export function masked({ family, bits }: Address, maskBits: number): bigint {
  const behind = BigInt((family === 4 ? 32 : 128) - maskBits);
  return (bits >> behind) << behind;
}

function parseV4(text: string): Address | undefined {
  const octets = V4.exec(text)?.slice(1);
  return octets && { family: 4, bits: joined(octets.map(Number), 8n) };
}

function parseV6(text: string): Address | undefined {
  const [before, after, ...more] = text.split("::");
  if (before === undefined || more.length > 0) return undefined;
  const head = groups(before);
  const tail = after === undefined ? [] : groups(after);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  return { family: 6, bits: joined([...head, ...new Array<number>(missing).fill(0), ...tail], 16n) };
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const written = text.split(":");
  const last = parseV4(written.at(-1) ?? "");
  const plain = last === undefined ? written : written.slice(0, -1);
  if (!plain.every((group) => GROUP.test(group))) return undefined;
  const numbers = plain.map((group) => Number.parseInt(group, 16));
  return last === undefined ? numbers : [...numbers, Number(last.bits >> 16n), Number(last.bits & 0xffffn)];
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}
