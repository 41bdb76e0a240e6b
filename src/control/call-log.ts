/**
 * The calls of operations that were made lately, to be looked at: in memory alone, bounded for each account.
 *
 *     answered ─► kept(input): a small copy, without secrets ─► ring of its account ─► read a page at a time, or followed
 *
 * It is in memory since a log of its own in the store would double what a small write costs, and nobody needs calls of last week in order to see
 * what their program does now (docs/decisions/0007). A call's cost is the copy: at most a few hundred values, no text longer than a line.
 */
import { Bell } from "../flow/index.ts";
import type { Caller } from "../wire/index.ts";

/** As many calls of an account, … */
const CALLS_MAX = 2_000;
/** … of as many bytes together, … */
const BYTES_MAX = 16 * 1024 * 1024;
/** … beside some of the console, which asks all the time and pushes out nobody else's. */
const CONSOLE_CALLS_MAX = 300;
/** Accounts whose calls are kept: those that called last. */
const ACCOUNTS_MAX = 32;

/** Of an input: so many characters and values together. */
const INPUT_BUDGET = 6_000;
const TEXT_MAX = 1_024;
const BLOB_BYTES_MAX = 256;
const ITEMS_MAX = 25;
const DEPTH_MAX = 12;
/** What stands for what is left out. */
const CUT = "…";
const SECRET = "(not kept)";
/** What a call takes beside its input, about. */
const CALL_BYTES = 600;

/** A call that has been answered. */
export interface FinishedCall {
  readonly caller: Pick<Caller, "account" | "region" | "principalArn" | "accessKeyId">;
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly status: number;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly durationMs: number;
  readonly requestId: string;
  readonly userAgent: string | undefined;
  /** `api`: a request of the API itself. `document`: by `/_trunkline/api/`; `console`: so, from a browser. */
  readonly via: "api" | "document" | "console";
}

/** A call as it is kept. Calls are numbered in the order in which they were answered, for all accounts. */
export interface KeptCall extends Omit<FinishedCall, "caller"> {
  readonly number: number;
  readonly atMs: number;
  readonly region: string;
  readonly principalArn: string;
  readonly accessKeyId: string;
  /** Whether parts of its input are left out. */
  readonly isCut: boolean;
}

export class CallLog {
  readonly #now: () => number;
  readonly #accounts = new Map<string, AccountCalls>();
  #count = 0;

  /** `now`: in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  add({ caller, input, ...call }: FinishedCall): void {
    const { account, region, principalArn, accessKeyId } = caller;
    if (account === "") return;
    const budget: Budget = { left: INPUT_BUDGET, isCut: false };
    const { service, operation, code, message, userAgent } = call;
    const kept: KeptCall = {
      ...call,
      // Whoever calls writes these too.
      ...{ service: short(service), operation: short(operation), code: code && short(code) },
      ...{ message: message && short(message), userAgent: userAgent && short(userAgent) },
      number: ++this.#count,
      atMs: this.#now(),
      region,
      principalArn,
      accessKeyId,
      input: copyOf(withoutOwnSecret(service, operation, input, budget), budget, 0),
      isCut: budget.isCut,
    };
    this.#callsOf(account).add(kept, CALL_BYTES + 2 * (INPUT_BUDGET - budget.left));
  }

  of(account: string): AccountCalls {
    return this.#accounts.get(account) ?? this.#callsOf(account);
  }

  clear(): void {
    for (const calls of this.#accounts.values()) calls.clear();
  }

  #callsOf(account: string): AccountCalls {
    const found = this.#accounts.get(account);
    if (found) return found;
    if (this.#accounts.size >= ACCOUNTS_MAX) this.#forgetQuietest();
    const calls = new AccountCalls();
    this.#accounts.set(account, calls);
    return calls;
  }

  #forgetQuietest(): void {
    let quietest: [account: string, calls: AccountCalls] | undefined;
    for (const one of this.#accounts) if (!quietest || one[1].newest < quietest[1].newest) quietest = one;
    if (!quietest) return;
    this.#accounts.delete(quietest[0]);
    // Who follows it goes on with what is kept anew.
    quietest[1].wake();
  }
}

/** The calls of one account. */
export class AccountCalls {
  readonly #bell = new Bell();
  /** A bell costs as much as the copy of a small input: it rings where somebody listens. */
  #isAwaited = false;
  readonly #calls = new Ring(CALLS_MAX, BYTES_MAX);
  readonly #ofConsole = new Ring(CONSOLE_CALLS_MAX, BYTES_MAX / 8);

  add(call: KeptCall, bytes: number): void {
    (call.via === "console" ? this.#ofConsole : this.#calls).add(call, bytes);
    if (this.#isAwaited) this.wake();
  }

  /** The number of the last call; 0 without any. */
  get newest(): number {
    return Math.max(this.#calls.newest, this.#ofConsole.newest);
  }

  /** Calls with numbers between, both excluded, the newest first. */
  *between(after: number, before: number): Generator<KeptCall> {
    const [ours, theirs] = [this.#calls.newestFirst(after, before), this.#ofConsole.newestFirst(after, before)];
    let [one, other] = [ours.next(), theirs.next()];
    while (!one.done || !other.done) {
      if (other.done || (!one.done && one.value.number > other.value.number)) {
        yield one.value as KeptCall;
        one = ours.next();
      } else {
        yield other.value;
        other = theirs.next();
      }
    }
  }

  /** Resolves at the next call. */
  next(): Promise<void> {
    this.#isAwaited = true;
    return this.#bell.next();
  }

  /** Whoever waits looks again. */
  wake(): void {
    this.#isAwaited = false;
    this.#bell.ring();
  }

  clear(): void {
    this.#calls.clear();
    this.#ofConsole.clear();
    this.#bell.ring();
  }
}

/** The last calls, in the order of their numbers. */
class Ring {
  readonly #countMax: number;
  readonly #bytesMax: number;
  /** A place for each; the oldest is at `#first`. */
  readonly #places: { readonly call: KeptCall; readonly bytes: number }[] = [];
  #first = 0;
  #count = 0;
  #bytes = 0;

  constructor(countMax: number, bytesMax: number) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
  }

  get newest(): number {
    return this.#count === 0 ? 0 : (this.#at(this.#count - 1)?.call.number ?? 0);
  }

  add(call: KeptCall, bytes: number): void {
    if (this.#count === this.#countMax) this.#dropOldest();
    this.#places[(this.#first + this.#count) % this.#countMax] = { call, bytes };
    this.#count++;
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax && this.#count > 1) this.#dropOldest();
  }

  *newestFirst(after: number, before: number): Generator<KeptCall, undefined> {
    for (let place = this.#count - 1; place >= 0; place--) {
      const call = this.#at(place)?.call;
      if (call === undefined || call.number <= after) return;
      if (call.number < before) yield call;
    }
  }

  clear(): void {
    this.#places.length = 0;
    this.#first = 0;
    this.#count = 0;
    this.#bytes = 0;
  }

  #dropOldest(): void {
    this.#bytes -= this.#at(0)?.bytes ?? 0;
    delete this.#places[this.#first];
    this.#first = (this.#first + 1) % this.#countMax;
    this.#count--;
  }

  #at(place: number): { readonly call: KeptCall; readonly bytes: number } | undefined {
    return this.#places[(this.#first + place) % this.#countMax];
  }
}

interface Budget {
  left: number;
  isCut: boolean;
}

/** A copy that holds on to nothing large, and has no secrets. */
function copyOf(value: unknown, budget: Budget, depth: number): unknown {
  if (typeof value === "string") return textOf(value, budget);
  if (typeof value !== "object" || value === null) {
    budget.left -= 8;
    return typeof value === "bigint" ? String(value) : value;
  }
  if (value instanceof Uint8Array) return blobOf(value, budget);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= DEPTH_MAX || budget.left <= 0) return cut(budget);
  // Also one that is empty takes place.
  budget.left -= 16;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      if (items.length === ITEMS_MAX || budget.left <= 0) {
        items.push(cut(budget));
        break;
      }
      items.push(copyOf(item, budget, depth + 1));
    }
    return items;
  }
  // What streams has been read by now.
  if (Symbol.asyncIterator in value) return cut(budget);
  return membersOf(value as Readonly<Record<string, unknown>>, budget, depth);
}

function membersOf(value: Readonly<Record<string, unknown>>, budget: Budget, depth: number): object {
  const members: Record<string, unknown> = {};
  const key = value.Key ?? value.key;
  const hidesValue = value.IsValueSecret === true || (typeof key === "string" && isSecret(key));
  for (const name in value) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) continue;
    if (budget.left <= 0) {
      budget.isCut = true;
      break;
    }
    budget.left -= name.length + 4;
    const isHidden = isSecret(name) || (hidesValue && (name === "Value" || name === "value"));
    if (isHidden) budget.isCut = true;
    // Such a name would be the copy's prototype.
    if (name !== "__proto__") members[name] = isHidden ? SECRET : memberOf(name, value[name], budget, depth + 1);
  }
  return members;
}

/** What a function's environment holds is its own business; which variables there are, is told. */
function memberOf(name: string, value: unknown, budget: Budget, depth: number): unknown {
  if (name !== "Variables" || typeof value !== "object" || value === null) return copyOf(value, budget, depth);
  budget.isCut = true;
  return copyOf(Object.fromEntries(Object.keys(value).map((variable) => [variable, SECRET])), budget, depth);
}

/** Secrets whose names do not tell: of a whole input. */
const OWN_SECRETS: Readonly<Record<string, string>> = {
  "apigateway CreateApiKey": "value",
  "apigateway ImportApiKeys": "body",
  // Whether it is a secure string may have been said when the parameter was made.
  "ssm PutParameter": "Value",
};

function withoutOwnSecret(service: string, operation: string, input: unknown, budget: Budget): unknown {
  // Most services have none: no text is made for them.
  const secret = service === "apigateway" || service === "ssm" ? OWN_SECRETS[`${service} ${operation}`] : undefined;
  if (secret === undefined || typeof input !== "object" || input === null || !(secret in input)) return input;
  budget.isCut = true;
  return { ...input, [secret]: SECRET };
}

function short(text: string): string {
  return text.length <= TEXT_MAX ? text : Buffer.from(text.slice(0, TEXT_MAX)).toString() + CUT;
}

/** A password within an address. */
const SIGNED_IN = /(:\/\/[^/\s:@]{0,256}:)[^/\s@]{1,256}@/g;

function textOf(text: string, budget: Budget): string {
  const told = text.includes("://") ? withoutSignIn(text) : text;
  if (told !== text) budget.isCut = true;
  return shortened(told, budget);
}

function withoutSignIn(text: string): string {
  // No more than can be kept.
  return text.length > TEXT_MAX
    ? text.slice(0, TEXT_MAX).replaceAll(SIGNED_IN, `$1${SECRET}@`) + text.slice(TEXT_MAX)
    : text.replaceAll(SIGNED_IN, `$1${SECRET}@`);
}

function shortened(text: string, budget: Budget): string {
  if (text.length <= TEXT_MAX && text.length <= budget.left) {
    budget.left -= text.length;
    return text;
  }
  budget.isCut = true;
  const length = Math.max(0, Math.min(TEXT_MAX / 4, budget.left));
  budget.left -= length;
  // Through bytes: a part of a text would hold on to the whole.
  return Buffer.from(text.slice(0, length)).toString() + CUT;
}

function blobOf(bytes: Uint8Array, budget: Budget): string {
  const length = Math.max(0, Math.min(bytes.length, BLOB_BYTES_MAX, budget.left));
  budget.left -= length;
  const { buffer, byteOffset } = bytes;
  if (length === bytes.length) return Buffer.from(buffer, byteOffset, length).toString("base64");
  budget.isCut = true;
  return Buffer.from(buffer, byteOffset, Math.min(length, 48)).toString("base64") + CUT;
}

function cut(budget: Budget): string {
  budget.isCut = true;
  return CUT;
}

const SECRET_NAME =
  /password|passwd|passphrase|secret|credential|authorization|cookie|private_?key|api_?key_?value|^x-api-key$|^access_?key$|^parameter_?value$|sse_?customer_?key$|signature|assertion|authentication_?code|(access|session|refresh|bearer|auth|security|connection|participant|authentication|id|identity|trade_?in|hec|device|view)_?token$|^token(code)?$/i;

const secretNames = new Map<string, boolean>();
/** Names come from models, and from keys of maps that users choose. */
const NAMES_MAX = 5_000;

function isSecret(name: string): boolean {
  const known = secretNames.get(name);
  if (known !== undefined) return known;
  const is = SECRET_NAME.test(name);
  if (secretNames.size < NAMES_MAX) secretNames.set(name, is);
  return is;
}
