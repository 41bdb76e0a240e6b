/** Asks the server which of some documents match, and tells what came nearest where none does. */
import { AssertionError } from "node:assert";
import type { AskedServer } from "./asked-server.ts";
import { type Explanation, metFields, renamed, shownVerdict } from "./shown-verdict.ts";

/** A pattern in EventBridge's language: `{ detail: { state: ["OPEN"], total: [{ numeric: [">", 5] }] } }`. */
export interface Pattern {
  readonly [member: string]: unknown;
}

/** How many are asked at the same time. */
const AT_ONCE = 16;
/** Of those that did not match, so many of the newest are asked how near they came. */
const NEAR_MAX = 200;

/** Finds what matches a pattern among events, or among other documents. It asks of each once. */
export class Finder<T> {
  readonly #server: AskedServer;
  readonly #question: (candidate: T) => object;
  readonly #answer: (explanation: Explanation) => Explanation;
  readonly #asked = new Map<string, Explanation>();

  private constructor(
    server: AskedServer,
    question: (candidate: T) => object,
    answer: (explanation: Explanation) => Explanation,
  ) {
    this.#server = server;
    this.#question = question;
    this.#answer = answer;
  }

  static ofEvents<T>(server: AskedServer, pattern: Pattern): Finder<T> {
    return new Finder(
      server,
      (event) => ({ pattern, event }),
      (explanation) => explanation,
    );
  }

  /** Of what is no event: it is asked about as if it were an event's detail. */
  static ofDocuments<T>(server: AskedServer, pattern: Pattern, documentOf: (candidate: T) => unknown): Finder<T> {
    const question = (candidate: T): object => ({
      pattern: { detail: pattern },
      event: { id: "document", detail: documentOf(candidate) },
    });
    return new Finder(server, question, withoutDetail);
  }

  /** The first of them that matches. `keyOf` tells two apart. */
  async find(candidates: readonly T[], keyOf: (candidate: T) => string): Promise<T | undefined> {
    for (let at = 0; at < candidates.length; at += AT_ONCE) {
      const some = candidates.slice(at, at + AT_ONCE);
      const answers = await Promise.all(some.map((candidate) => this.#explain(candidate, keyOf(candidate))));
      const found = some.find((_, index) => answers[index]?.matched);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What came nearest, and why it did not match. */
  async nearest(candidates: readonly T[], keyOf: (candidate: T) => string): Promise<[T, Explanation] | undefined> {
    const some = candidates.slice(-NEAR_MAX);
    const answers = await Promise.all(some.map((candidate) => this.#explain(candidate, keyOf(candidate))));
    return some
      .map((candidate, at): [T, Explanation] => [candidate, answers[at] as Explanation])
      .reduce<[T, Explanation] | undefined>(
        (best, one) => (best && metFields(best[1].condition) > metFields(one[1].condition) ? best : one),
        undefined,
      );
  }

  async #explain(candidate: T, key: string): Promise<Explanation> {
    const known = this.#asked.get(key);
    if (known) return known;
    const answer = this.#answer(await this.#server.connection.ask("POST", "explain", this.#question(candidate)));
    this.#asked.set(key, answer);
    return answer;
  }
}

function withoutDetail({ reason, ...rest }: Explanation): Explanation {
  const condition = renamed(rest.condition, (path) => path.replace(/^detail\./, ""));
  return { ...rest, condition, ...(reason !== undefined && { reason: reason.replace(/^detail\./, "") }) };
}

export interface Failure<T> {
  /** `an event on bus default`. */
  readonly what: string;
  readonly wanted: unknown;
  readonly candidates: readonly T[];
  readonly nearest: [T, Explanation] | undefined;
  /** Until when was waited, in the contact centre's time. */
  readonly at: Date;
}

/** What a test prints where nothing matched: what was wanted, what came nearest, and why that did not match. */
export function unmatched<T>({ what, wanted, candidates, nearest, at }: Failure<T>): Error {
  const rows = [`There is not ${what} such as ${inspected(wanted)} by ${at.toISOString()}.`];
  if (candidates.length === 0) rows.push("There is none at all.");
  else if (nearest === undefined)
    rows.push(`There are ${candidates.length}; the last: ${inspected(candidates.at(-1))}`);
  else {
    const [candidate, { reason, condition }] = nearest;
    const why = `Of ${candidates.length} the nearest does not match: ${reason}`;
    rows.push(why, ...shownVerdict(condition), `It is ${inspected(candidate)}`);
  }
  return failed(rows.join("\n"));
}

export function failed(message: string): Error {
  return new AssertionError({ message });
}

const SHOWN_CHARACTERS = 2_000;

export function inspected(value: unknown): string {
  const text = typeof value === "function" ? value.toString() : JSON.stringify(value, null, 2);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
