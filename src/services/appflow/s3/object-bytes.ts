import { pipeline, type Readable } from "node:stream";
import { createGunzip, type ZlibOptions } from "node:zlib";
import type { BucketFile, BucketFiles, BytePart } from "../../s3/index.ts";

/** An object that was replaced, or deleted, since its reading began. */
export class ReplacedError extends Error {
  override readonly name: string = "ReplacedError";
}

/** The bytes of an object, of a packed one as they are unpacked. */
export interface ObjectBytes {
  /** Throws `ReplacedError`. */
  read(part: BytePart, signal: AbortSignal): Promise<ReadBytes>;
  close(): void;
}

export interface ReadBytes {
  readonly bytes: Buffer;
  /** Nothing comes behind them. */
  readonly isEnd: boolean;
  /** Why nothing more can be read, though something should come. */
  readonly damage?: string | undefined;
}

export function plainBytes(files: BucketFiles, file: BucketFile): ObjectBytes {
  return {
    async read({ from, length }, signal) {
      const rest = Math.max(0, Math.min(length, file.size - from));
      const bytes = await readPart(files, file, { from, length: rest }, signal);
      if (bytes.length < rest) throw new ReplacedError();
      return { bytes, isEnd: from + rest >= file.size };
    },
    close() {},
  };
}

/** A part of an object as it was listed. Throws `ReplacedError`. */
export async function readPart(
  files: BucketFiles,
  file: BucketFile,
  part: BytePart,
  signal: AbortSignal,
): Promise<Buffer> {
  const bytes = await files.read(file, part, signal);
  if (!bytes) throw new ReplacedError();
  return bytes;
}

/** Packed bytes are read in parts of this size, and unpacked ones come in parts of that. */
const PACKED_BYTES = 262_144;
const UNPACKED_BYTES = 65_536;

/**
 * What gzip has packed can be read in one direction only: one that goes on where the last reading ended, or a little before, goes on; every other begins
 * anew and passes over what lies before.
 */
export class UnpackedBytes implements ObjectBytes {
  readonly #files: BucketFiles;
  readonly #file: BucketFile;
  #unpacking: Unpacking | undefined;

  constructor(files: BucketFiles, file: BucketFile) {
    this.#files = files;
    this.#file = file;
  }

  async read({ from, length }: BytePart, signal: AbortSignal): Promise<ReadBytes> {
    if (!this.#unpacking || this.#unpacking.start > from) {
      this.close();
      this.#unpacking = new Unpacking(this.#files, this.#file);
    }
    const unpacking = this.#unpacking;
    const abort = (): void => this.close();
    signal.addEventListener("abort", abort, { once: true });
    try {
      await unpacking.reach({ from, length });
    } catch (error) {
      this.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
    const { bytes, isEnd, damage } = unpacking;
    return { bytes: bytes.subarray(0, length), isEnd: isEnd && bytes.length <= length, damage };
  }

  close(): void {
    this.#unpacking?.stream.destroy();
    this.#unpacking = undefined;
  }
}

class Unpacking {
  readonly stream: Readable;
  readonly #pieces: AsyncIterator<Buffer>;
  /** Where `bytes` begin. */
  start = 0;
  bytes: Buffer = Buffer.alloc(0);
  isEnd = false;
  damage: string | undefined;

  constructor(files: BucketFiles, file: BucketFile) {
    const ending = new AbortController();
    // It is never ahead of its reader, since what fails throws away what it has ahead: how much is whole before that must not be chance.
    const gunzip = createGunzip({ readableHighWaterMark: 1, chunkSize: UNPACKED_BYTES } as ZlibOptions);
    // Whoever reads hears of what fails.
    pipeline(packedParts(files, file, ending.signal), gunzip, () => ending.abort());
    this.stream = gunzip;
    this.#pieces = this.stream[Symbol.asyncIterator]();
  }

  /** Reads until `bytes` begin at `from` and hold `length` and one more, or all that there are. */
  async reach({ from, length }: BytePart): Promise<void> {
    for (;;) {
      const passed = Math.min(from - this.start, this.bytes.length);
      this.bytes = this.bytes.subarray(passed);
      this.start += passed;
      if (this.isEnd || this.damage !== undefined || this.bytes.length > length) return;
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    try {
      const { done, value } = await this.#pieces.next();
      if (done) this.isEnd = true;
      else this.bytes = Buffer.concat([this.bytes, value]);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (!code?.startsWith("Z_")) throw error;
      this.damage = `it is packed with gzip, and damaged: ${message}`;
    }
  }
}

async function* packedParts(files: BucketFiles, file: BucketFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  for (let from = 0; from < file.size; from += PACKED_BYTES) {
    yield await readPart(files, file, { from, length: Math.min(PACKED_BYTES, file.size - from) }, signal);
  }
}
