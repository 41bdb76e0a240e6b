/** A body as its signature vouches for it: out of its framing, held against its hash, its signatures and its checksums. */
import { createHash } from "node:crypto";
import type { Checksum, ChecksumAlgorithm } from "../models/checksum.ts";
import type { ServiceModel } from "../models/model.ts";
import type { StreamingPayload } from "../models/streaming-payload.ts";
import { type ChunkOptions, decodeChunked, type Trailers } from "./aws-chunked.ts";
import { ChecksumCheck } from "./checksums.ts";
import type { Headers } from "./exchange.ts";
import { sha256Hex } from "./hash.ts";
import { distrust, type Refusal } from "./refusal.ts";

/** What a signature says of the body that comes with it. */
export interface PayloadRules {
  /** In whose words it is refused. */
  readonly protocol: ServiceModel["protocol"];
  /** Hex SHA-256 of the body. */
  readonly contentHash?: string;
  /** The body comes in the framing of `aws-chunked`. */
  readonly framing?: ChunkOptions;
}

/** A body in memory. */
export interface WholePayload {
  readonly body: Buffer;
  /** Headers that came after it, in its framing. */
  readonly trailers?: Trailers;
}

/** Throws `Refusal` for a body that is not what its signature says. */
export async function wholePayload(
  body: Buffer,
  { protocol, contentHash, framing }: PayloadRules,
): Promise<WholePayload> {
  if (contentHash !== undefined && contentHash !== (await sha256Hex(body))) throw wrongHash(protocol);
  if (framing === undefined) return { body };
  const chunks: Buffer[] = [];
  const decoded = decodeChunked(once(body), framing);
  for (;;) {
    const { done, value } = await decoded.next();
    if (done) return { body: Buffer.concat(chunks), trailers: value };
    chunks.push(value);
  }
}

async function* once(body: Buffer): AsyncGenerator<Buffer, void, undefined> {
  yield body;
}

/** The same of a body that is still coming in, which it does as it is read. Throws `Refusal` for checksums that cannot be right. */
export function streamPayload(source: AsyncIterable<Buffer>, rules: PayloadRules, headers: Headers): StreamingPayload {
  return new CheckedPayload(source, rules, new ChecksumCheck(headers, rules.framing?.trailerNames));
}

class CheckedPayload implements StreamingPayload {
  readonly #source: AsyncIterable<Buffer>;
  readonly #rules: PayloadRules;
  readonly #check: ChecksumCheck;
  #checksum: Checksum | undefined;

  constructor(source: AsyncIterable<Buffer>, rules: PayloadRules, check: ChecksumCheck) {
    this.#source = source;
    this.#rules = rules;
    this.#check = check;
  }

  get checksumAlgorithm(): ChecksumAlgorithm | undefined {
    return this.#check.algorithm;
  }

  get checksum(): Checksum | undefined {
    return this.#checksum;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    const { framing } = this.#rules;
    const content = framing === undefined ? this.#hashed() : decodeChunked(this.#source, framing);
    for (;;) {
      const { done, value } = await content.next();
      if (done) {
        this.#checksum = this.#check.verify(value);
        return;
      }
      this.#check.update(value);
      yield value;
    }
  }

  async *#hashed(): AsyncGenerator<Buffer, Trailers, undefined> {
    const { protocol, contentHash } = this.#rules;
    const hash = contentHash === undefined ? undefined : createHash("sha256");
    for await (const chunk of this.#source) {
      hash?.update(chunk);
      yield chunk;
    }
    if (hash && hash.digest("hex") !== contentHash) throw wrongHash(protocol);
    return {};
  }
}

function wrongHash(protocol: PayloadRules["protocol"]): Refusal {
  return distrust(
    "wrong-content-hash",
    protocol,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}
