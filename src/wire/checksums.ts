import { setImmediate } from "node:timers/promises";
import {
  CHECKSUM_BYTES,
  type Checksum,
  type ChecksumAlgorithm,
  createDigest,
  type Digest,
} from "../models/checksum.ts";
import type { Headers } from "./exchange.ts";
import { Refusal } from "./refusal.ts";

/** Between pieces of this size other requests get their turn: the dearest sum takes about a millisecond for one. */
const PIECE_BYTES = 262_144;

const ALGORITHMS = Object.keys(CHECKSUM_BYTES) as readonly ChecksumAlgorithm[];
const PREFIX = "x-amz-checksum-";
const headerOf = (algorithm: ChecksumAlgorithm): string => PREFIX + algorithm.toLowerCase();

/**
 * Holds a body against the checksums that come with it, in headers or trailers: `x-amz-checksum-…` and `Content-MD5`.
 *
 * Throws `Refusal` (400): `BadDigest` for one that differs, `InvalidRequest` or `InvalidDigest` for one that cannot be right.
 */
export class ChecksumCheck {
  /** Of the checksum that comes with the body, if one does. */
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly #headers: Headers;
  readonly #checksum: Digest | undefined;
  readonly #md5: Digest | undefined;

  /** `trailerNames` are those of the trailers that are announced. */
  constructor(headers: Headers, trailerNames: readonly string[] = []) {
    this.#headers = headers;
    const named = ALGORITHMS.filter((algorithm) => {
      const header = headerOf(algorithm);
      return headers[header] !== undefined || trailerNames.includes(header);
    });
    if (named.length > 1) {
      throw new Refusal(
        400,
        "InvalidRequest",
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
      );
    }
    this.algorithm = named[0];
    this.#checksum = this.algorithm && createDigest(this.algorithm);
    if (this.algorithm !== undefined) this.#checkForm(headers[headerOf(this.algorithm)], this.algorithm);
    const md5 = headers["content-md5"];
    if (md5 === undefined) return;
    this.#md5 = createDigest("MD5");
    if (base64Bytes(md5)?.length !== CHECKSUM_BYTES.MD5) {
      throw new Refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
    }
  }

  update(piece: Uint8Array): void {
    this.#checksum?.update(piece);
    this.#md5?.update(piece);
  }

  /** At the end of the body. Answers with the checksum that came with it, if one did. */
  verify(trailers: Headers = {}): Checksum | undefined {
    const checksum = this.#verifyChecksum(trailers);
    const md5 = this.#headers["content-md5"];
    if (md5 !== undefined && md5 !== this.#md5?.digest().toString("base64")) {
      throw new Refusal(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
    }
    return checksum;
  }

  #verifyChecksum(trailers: Headers): Checksum | undefined {
    const algorithm = this.algorithm;
    if (algorithm === undefined) return undefined;
    const header = headerOf(algorithm);
    const value = this.#headers[header] ?? trailers[header] ?? "";
    this.#checkForm(value, algorithm);
    if (value !== this.#checksum?.digest().toString("base64")) {
      throw new Refusal(400, "BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
    }
    return { algorithm, value };
  }

  #checkForm(value: string | undefined, algorithm: ChecksumAlgorithm): void {
    if (value === undefined || base64Bytes(value)?.length === CHECKSUM_BYTES[algorithm]) return;
    throw new Refusal(400, "InvalidRequest", `Value for ${headerOf(algorithm)} header is invalid.`);
  }
}

/** The same of a body in memory. */
export async function verifyChecksums(headers: Headers, body: Buffer): Promise<void> {
  const check = new ChecksumCheck(headers);
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    if (at > 0) await setImmediate();
    check.update(body.subarray(at, at + PIECE_BYTES));
  }
  check.verify();
}

function base64Bytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
