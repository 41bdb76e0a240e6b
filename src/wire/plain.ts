import type { Caller } from "../models/caller.ts";
import type { Head } from "./exchange.ts";

/** A request to a route that no API model describes: `/_trunkline/…`, later webhooks and invoke URLs. */
export interface PlainRequest extends Head {
  readonly requestId: string;
  /** Names and values in turn, each as it was sent. */
  readonly rawHeaders: readonly string[];
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** The client's address. */
  readonly remoteAddress: string;
  /** Aborted when the client goes away or the server stops: ends what is pushed. */
  readonly signal: AbortSignal;
  /** The body, read at the first call. Throws `Refusal` for one that is too big or too slow. */
  body(): Promise<Buffer>;
  /**
   * Who signed the request: for the service of that name in the signature's scope, without one for whatever service.
   *
   * Throws `Refusal` for one that is not signed, or not rightly; left to fall through, it becomes the answer.
   */
  verify(service?: string): Promise<Caller>;
  /** Whether it says at all who sends it. */
  readonly isSigned: boolean;
  /** The keys that it was signed with: for what goes on in the name of who sent it. Throws as `verify` does. */
  signingKeys(service: string): Promise<SigningKeys>;
}

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface PlainResponse {
  readonly status: number;
  /** Names in lower case. `content-length` is added. A list is sent as a header each. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** What is iterated is sent as it comes: server-sent events. */
  readonly body?: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** Why the request is refused, for the log. */
  readonly refusal?: string;
}

/**
 * Answers a plain request. A `ModeledError` that it throws is answered with status 400 (a `Refusal`: its own) and
 * `{"code": …, "message": …}`; anything else with 500.
 */
export type PlainHandler = (request: PlainRequest) => Promise<PlainResponse>;
