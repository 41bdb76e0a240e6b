import { createHash, hash, randomBytes, randomUUID } from "node:crypto";

/** Where ids and chance come from. Passed in, so that a seed replays a run. */
export interface Ids {
  /** A random UUID (version 4), lower case, as AWS prints ids of resources, contacts and events. */
  uuid(): string;
  /** `length` cryptographically random bytes (in production). */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1). */
  random(): number;
}

/** Random bytes are drawn in blocks: one system call per 256 ids instead of one each. */
const BLOCK_BYTES = 4096;

export class RandomIds implements Ids {
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  uuid(): string {
    return randomUUID();
  }

  bytes(length: number): Uint8Array {
    if (length > BLOCK_BYTES) return randomBytes(length);
    if (this.#used + length > this.#block.length) {
      this.#block = randomBytes(BLOCK_BYTES);
      this.#used = 0;
    }
    this.#used += length;
    return this.#block.subarray(this.#used - length, this.#used);
  }

  random(): number {
    return Math.random();
  }
}

/** The same ids for the same seed: SHA-256 in counter mode. Not for secrets. */
export class SeededIds implements Ids {
  readonly #seed: string;
  #counter = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  uuid(): string {
    return uuidOfHex(Buffer.from(this.bytes(16)).toString("hex"));
  }

  bytes(length: number): Uint8Array {
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 32) {
      blocks.push(
        createHash("sha256")
          .update(`${this.#seed}:${this.#counter++}`)
          .digest(),
      );
    }
    return Buffer.concat(blocks).subarray(0, length);
  }

  random(): number {
    return Buffer.from(this.bytes(6)).readUIntBE(0, 6) / 2 ** 48;
  }
}

/** The same UUID (version 4 in form) for the same texts: for what must get the same id when it is made again. */
export function derivedUuid(...texts: readonly string[]): string {
  // Hot: each event has one. In one call this takes a quarter of what a hash object and a Buffer took.
  return uuidOfHex(hash("sha256", texts.join("\n"), "hex"));
}

/** The first 32 digits, but for those that say that it is version 4. */
function uuidOfHex(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
