/**
 * Asks the HTTP API of a source, for one read of a connector.
 *
 *     call ─► send, with the token that is known ─► token refused? ─► a fresh one, and once more ─► answer, or `SourceError`
 *
 * What an answer means is the same for all vendors but for what their `Dialect` says. No message says more than the vendor did, and none has a secret.
 */
import type { JsonObject } from "../../../matching/machine.ts";
import type { WallClock } from "../../../time/clock.ts";
import { SourceError } from "../connector.ts";
import type { ConnectorProfile } from "../connector-profile.ts";
import { Secret } from "../secret.ts";
import { limitResetMs, retryAfterMs } from "./retry-after.ts";

/** Wall time for all calls of one read: with the step before, less than a delivery has for an attempt. */
const READ_MS = 20_000;
/** How long a source that has had too many requests is left alone where it does not say. */
const LIMIT_MS = 60_000;
/** Of an answer, after it is unpacked: pages are asked for that have a fraction of it. */
const BODY_BYTES_MAX = 32 * 1024 ** 2;
/** Of what is told of a vendor's message. */
const MESSAGE_CHARACTERS_MAX = 500;
const REDIRECTS_MAX = 3;
/** A text shorter than this is in many others by chance. */
const SECRET_CHARACTERS_MIN = 4;

export interface SourceCall {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SourceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The body, if it is JSON. */
  readonly parsed: unknown;
  /** Throws `SourceError` where the body is no JSON object. */
  object(): JsonObject;
  /** A member that is a list of objects; `undefined` where there is none. Throws `SourceError` where it is something else. */
  listIfAny(member: string): readonly JsonObject[] | undefined;
  /** The same of a member that has to be there. */
  list(member: string): readonly JsonObject[];
}

/** What a vendor has refused. */
export class SourceRefusal extends SourceError {
  /** As the vendor calls it. */
  readonly vendorCode: string | undefined;

  constructor({ code, message, retryAfterMs }: SourceError, vendorCode: string | undefined) {
    super(code, message, retryAfterMs);
    this.vendorCode = vendorCode;
  }
}

/** What a vendor's API says in its own way. */
export interface Dialect {
  readonly vendor: string;
  /** What a body that is JSON complains of. */
  complaint(body: unknown): Complaint | undefined;
  /** What an answer is, where its status alone does not tell. */
  meaning?(answer: { readonly status: number; readonly complaint: Complaint | undefined }): Meaning | undefined;
  /** When a source that has had too many requests is to be asked again, where it says so in its complaint alone. */
  limitMs?(complaint: Complaint | undefined): number | undefined;
  /** It complains in answers whose status is 200 too. */
  readonly complainsInside?: true;
}

export interface Complaint {
  readonly code?: string | undefined;
  readonly message: string;
}

export type Meaning = "fine" | "token refused" | SourceError["code"];

/** How a source knows us. */
export interface Access {
  current(client: SourceClient): Promise<Grant>;
  /** Another grant, after one was refused. Absent: there is no other. */
  renewed?(client: SourceClient, refused: Grant): Promise<Grant>;
}

export interface Grant {
  /** The header `Authorization`. */
  readonly authorization: string;
  /** Where the API is, if the vendor tells with the token. */
  readonly baseUrl?: string | undefined;
}

export interface SourceClientOptions {
  readonly wall: WallClock;
  /** Of who waits for the read. */
  readonly signal: AbortSignal;
  readonly profile: ConnectorProfile;
  readonly dialect: Dialect;
  readonly access: Access;
}

export class SourceClient implements Disposable {
  readonly wall: WallClock;
  readonly #dialect: Dialect;
  readonly #access: Access;
  readonly #signal: AbortSignal;
  readonly #late = new AbortController();
  readonly #timer: Disposable;
  readonly #secrets: Set<string>;

  constructor({ wall, signal, profile, dialect, access }: SourceClientOptions) {
    this.wall = wall;
    this.#dialect = dialect;
    this.#access = access;
    this.#signal = signal;
    this.#timer = wall.after(READ_MS, () => this.#late.abort());
    this.#secrets = new Set(secretsOf(profile.settings));
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  /** Calls as who the profile says. `make`: the call, given where the API is, if the token told. Throws `SourceError`. */
  async call(make: (baseUrl: string | undefined) => SourceCall): Promise<SourceAnswer> {
    const grant = await this.#access.current(this);
    const first = await this.#callAs(grant, make);
    if (first.meaning !== "token refused") return this.#accepted(first);
    if (!this.#access.renewed) throw this.#refusal("AUTH", first);
    const renewed = await this.#access.renewed(this, grant);
    const second = await this.#callAs(renewed, make);
    if (second.meaning === "token refused") throw this.#refusal("AUTH", second);
    return this.#accepted(second);
  }

  /** Calls without a token: for one. What is refused is `AUTH`, and the answer is JSON. */
  async callForToken(call: SourceCall): Promise<JsonObject> {
    const weighed = await this.#weighed(await this.#send(call));
    const { meaning } = weighed;
    if (meaning === "REQUEST" || meaning === "token refused") throw this.#refusal("AUTH", weighed);
    return this.#accepted(weighed).object();
  }

  /** What could get somebody in is not told from now on. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  async #callAs(grant: Grant, make: (baseUrl: string | undefined) => SourceCall): Promise<Weighed> {
    this.hide(grant.authorization.replace(/^\S+ /, ""));
    const call = make(grant.baseUrl);
    const headers = { ...call.headers, authorization: grant.authorization };
    return this.#weighed(await this.#send({ ...call, headers }));
  }

  #weighed(answer: SourceAnswer): Weighed {
    const { status } = answer;
    const isFine = status >= 200 && status < 300;
    const said = isFine && !this.#dialect.complainsInside ? undefined : answer.parsed;
    const complaint = said === undefined ? undefined : this.#dialect.complaint(said);
    const meaning = this.#dialect.meaning?.({ status, complaint }) ?? meaningOf(status);
    return { answer, complaint, meaning };
  }

  #accepted(weighed: Weighed): SourceAnswer {
    const { answer, meaning } = weighed;
    if (meaning === "fine") return answer;
    throw this.#refusal(meaning === "token refused" ? "AUTH" : meaning, weighed);
  }

  #refusal(code: SourceError["code"], { answer: { status, headers }, complaint }: Weighed): SourceError {
    const { code: name, message = "" } = complaint ?? {};
    const said = [name, message].filter((text) => text !== undefined && text !== "").join(", ");
    const text = `${this.#dialect.vendor} answered ${status}${said === "" ? "" : `: ${said}`}`;
    const afterMs = (code === "LIMIT" ? limitResetMs : retryAfterMs)(headers, this.wall.now());
    const laterMs = code === "LIMIT" ? (afterMs ?? this.#dialect.limitMs?.(complaint) ?? LIMIT_MS) : afterMs;
    return new SourceRefusal(this.error(code, text, laterMs), name);
  }

  /** An error whose message is short and has no secret. */
  error(code: SourceError["code"], message: string, afterMs?: number): SourceError {
    let shown = message;
    for (const secret of this.#secrets) {
      if (secret.length < SECRET_CHARACTERS_MIN) continue;
      shown = shown.replaceAll(secret, "[secret]").replaceAll(encodeURIComponent(secret), "[secret]");
    }
    shown = shown.replace(/[\p{Cc}\s]+/gu, " ").trim();
    const short = shown.length > MESSAGE_CHARACTERS_MAX ? `${shown.slice(0, MESSAGE_CHARACTERS_MAX)}…` : shown;
    return new SourceError(code, short.toWellFormed(), afterMs);
  }

  /** Sends, and reads the whole answer. Follows redirects to the same host alone: tokens go to no other. */
  async #send(call: SourceCall): Promise<SourceAnswer> {
    let { url } = call;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
      const answer = await this.#sendOnce({ ...call, url });
      const location = answer.headers.get("location");
      if (answer.status < 300 || answer.status >= 400 || location === null) return answer;
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (!next || next.origin !== url.origin || (call.method ?? "GET") !== "GET") {
        const where = next === undefined || next.origin === url.origin ? "" : ` to ${next.origin}`;
        throw this.error("REQUEST", `${this.#dialect.vendor} answered ${answer.status}: it redirects${where}`);
      }
      url = next;
    }
    throw this.error("REQUEST", `${this.#dialect.vendor} redirects more than ${REDIRECTS_MAX} times`);
  }

  async #sendOnce({ method = "GET", url, headers = {}, body }: SourceCall): Promise<SourceAnswer> {
    const { vendor } = this.#dialect;
    let isAnswered = false;
    try {
      const answer = await fetch(url, {
        method,
        headers: { accept: "application/json", "user-agent": "Trunkline", ...headers },
        ...(body !== undefined && { body }),
        redirect: "manual",
        signal: AbortSignal.any([this.#signal, this.#late.signal]),
      });
      isAnswered = true;
      const bytes = await this.#bytesOf(answer);
      return this.#answer(answer, bytes);
    } catch (error) {
      if (this.#signal.aborted || error instanceof SourceError) throw error;
      if (this.#late.signal.aborted) {
        throw this.error("UNAVAILABLE", `${vendor} did not answer within ${READ_MS / 1000} s`);
      }
      const { cause, message } = error as Error;
      const reason = (cause as Error | undefined)?.message || message;
      const what = isAnswered ? "broke off its answer" : "cannot be reached";
      throw this.error("UNAVAILABLE", `${vendor} ${what}: ${reason}`);
    }
  }

  async #bytesOf(answer: Response): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of answer.body ?? []) {
      bytes += piece.length;
      if (bytes > BODY_BYTES_MAX) {
        throw this.error("DATA", `${this.#dialect.vendor} answered with more than ${BODY_BYTES_MAX / 1024 ** 2} MiB`);
      }
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  #answer({ status, headers }: Response, bytes: Buffer): SourceAnswer {
    let parsed: { readonly value: unknown } | undefined;
    const parse = (): unknown => {
      parsed ??= { value: jsonIfAny(bytes) };
      return parsed.value;
    };
    const { vendor } = this.#dialect;
    const object = (): JsonObject => {
      const value = parse();
      if (isObject(value)) return value;
      throw this.error("DATA", `${vendor} answered with what is no JSON${value === undefined ? "" : " object"}`);
    };
    const listIfAny = (member: string): readonly JsonObject[] | undefined => {
      const { [member]: found } = object();
      if (found === undefined || (Array.isArray(found) && found.every(isObject))) return found;
      throw this.error("DATA", `${vendor} answered with ${member} that are no list of objects`);
    };
    return {
      status,
      headers,
      bytes,
      get parsed() {
        return parse();
      },
      object,
      listIfAny,
      list: (member) => {
        const found = listIfAny(member);
        if (found) return found;
        throw this.error("DATA", `${vendor} answered without ${member}`);
      },
    };
  }
}

interface Weighed {
  readonly answer: SourceAnswer;
  readonly complaint: Complaint | undefined;
  readonly meaning: Meaning;
}

function meaningOf(status: number): Meaning {
  if (status >= 200 && status < 300) return "fine";
  switch (status) {
    case 401:
      return "token refused";
    case 429:
      return "LIMIT";
    case 408:
      return "UNAVAILABLE";
    default:
      return status >= 500 ? "UNAVAILABLE" : "REQUEST";
  }
}

/** `undefined`: they are no JSON. */
function jsonIfAny(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function secretsOf(settings: unknown): readonly string[] {
  if (settings instanceof Secret) return [settings.reveal()];
  if (typeof settings !== "object" || settings === null) return [];
  return Object.values(settings).flatMap(secretsOf);
}
