import { AffixIndex } from "../affix-index.ts";

/** What one token is asked to be: a word, any word with a beginning, or a number written in digits, with a fraction if `decimal`. */
export type TokenTest =
  | { readonly kind: "word" | "prefix"; readonly text: string }
  | { readonly kind: "number"; readonly decimal: boolean };

/** A test that a vocabulary holds: equal tests are the same object. */
export interface SharedTest {
  readonly test: TokenTest;
  /** How many hold it. */
  holders: number;
  /** The number of the last turn that has a token which meets it. */
  turn: number;
}

/** All tests of tokens that phrases make, each once; finds those that a token meets, mostly none or one, without looking at the others. */
export class Vocabulary {
  readonly #words = new Map<string, SharedTest>();
  readonly #prefixes = new AffixIndex<SharedTest>("prefix");
  #prefixCount = 0;

  /** The shared form of a test, which stays until it was released as often as it was acquired. */
  acquire(test: TokenTest): SharedTest {
    const shared = this.#find(test) ?? this.#put({ test, holders: 0, turn: 0 });
    shared.holders += 1;
    return shared;
  }

  release(shared: SharedTest): void {
    shared.holders -= 1;
    if (shared.holders > 0) return;
    const { test } = shared;
    if (test.kind === "word") this.#words.delete(test.text);
    if (test.kind !== "prefix") return;
    this.#prefixes.set(test.text, undefined);
    this.#prefixCount -= 1;
  }

  /** Adds all tests that a token meets. */
  collect(token: string, into: SharedTest[]): void {
    const word = this.#words.get(token);
    if (word !== undefined) into.push(word);
    if (this.#prefixCount > 0) this.#prefixes.collect(token, into);
    const first = token.charCodeAt(0);
    if (first < DIGIT_0 || first > DIGIT_9) return;
    if (INTEGER_TEXT.test(token)) into.push(INTEGER, DECIMAL);
    else if (FRACTION_TEXT.test(token)) into.push(DECIMAL);
  }

  #find(test: TokenTest): SharedTest | undefined {
    if (test.kind === "number") return test.decimal ? DECIMAL : INTEGER;
    return test.kind === "word" ? this.#words.get(test.text) : this.#prefixes.get(test.text);
  }

  #put(shared: SharedTest): SharedTest {
    const { test } = shared;
    if (test.kind === "word") this.#words.set(test.text, shared);
    if (test.kind === "prefix") {
      this.#prefixes.set(test.text, shared);
      this.#prefixCount += 1;
    }
    return shared;
  }
}

/** The two tests of numbers are always there: nothing is looked up for them. */
const INTEGER: SharedTest = { test: { kind: "number", decimal: false }, holders: 1, turn: 0 };
const DECIMAL: SharedTest = { test: { kind: "number", decimal: true }, holders: 1, turn: 0 };
const [DIGIT_0, DIGIT_9] = [48, 57];
const INTEGER_TEXT = /^[0-9]+$/;
const FRACTION_TEXT = /^[0-9]+\.[0-9]+$/;
