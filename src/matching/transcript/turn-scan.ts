/**
 * How all phrases are found in one pass over a turn.
 *
 * The turn is read once, from its last token to its first. All phrases of all conditions stand in one trie, last token first; the nodes
 * that the tokens just read lead to are the phrases in flight. A token costs one look for each of these, and one for what begins
 * with it: phrases that share no end with the text cost nothing, however many there are.
 *
 *     waited NUMERICAL minutes              one phrase of three tests
 *     deliver* PROXIMITY(2) LIST(late, …)   two steps: [deliver*] --within 2--> [late, …]
 *
 * An expression is cut at its lists and gaps into steps. When a phrase of a step stands at the tokens from `begin` to `end`, the step is met
 * at `begin` if its right neighbour was met at one of the places from `end` to `end` + distance or, for a negative look-ahead, at none of
 * them. What lies to the right is known by then, so either is one look at the nearest such place: this is why we read backwards.
 * Forwards, each left side of a negative look-ahead would stay open until the turn ends, and several in one expression would multiply.
 * For each step we keep where it was met, as far as a later look can ask for it, and only where the turn has a token with which its left
 * neighbour begins: all tokens are looked up first. A left neighbour is looked for only once its right one was met in this turn, unless the
 * right one has to be missing.
 *
 * What lost: Aho and Corasick's failure links. They take each token in constant time even where phrases repeat themselves (`a a a a`), but all
 * have to be made anew when a phrase is added, and they want one symbol for a token where ours meets several tests (`deliver*` and
 * `delivery`). Lists multiplied out into phrases lost too: three lists of 100 would be a million.
 *
 * Time: for each token, in proportion to the partial matches that it lies in, at most to the size of the rules. Memory: in
 * proportion to the rules and the turn.
 */
import type { Gap } from "./parts.ts";
import type { PhraseNode, PhraseTrie } from "./phrase-trie.ts";
import type { Token } from "./tokens.ts";
import type { SharedTest, Vocabulary } from "./vocabulary.ts";

/** One step of an expression that belongs to an owner. */
export interface Step<Owner> {
  readonly owner: Owner;
  /** Those of its phrases. */
  readonly nodes: readonly PhraseNode<Step<Owner>>[];
  /** How many tokens its longest phrase has. */
  readonly length: number;
  readonly right: { readonly step: Step<Owner>; readonly gap: Gap } | undefined;
  left: Step<Owner> | undefined;
}

/** Whether each occurrence of a step's phrases has to be looked at, whatever else was found. */
export function isTriedAlways<Owner>({ right }: Step<Owner>): boolean {
  return right === undefined || !right.gap.isWithin;
}

/** A stretch of tokens, `end` exclusive. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** A turn whose tokens have been looked up: the last of all that were, with its number. */
interface ReadTurn {
  readonly number: number;
  /** The tests that each token meets. */
  readonly testsOf: readonly (readonly SharedTest[])[];
}

/** Turns that were read so far. */
let turns = 0;

export function readTurn(vocabulary: Vocabulary, tokens: readonly Token[]): ReadTurn {
  const number = ++turns;
  const testsOf = tokens.map(({ text }) => {
    const tests: SharedTest[] = [];
    vocabulary.collect(text, tests);
    for (const test of tests) test.turn = number;
    return tests;
  });
  return { number, testsOf };
}

/**
 * The owners that have an expression in a turn, each with its first match: the one that begins first and, of these, the one that ends first
 * where each gap is as short as it can be.
 */
export function scanTurn<Owner>(
  trie: PhraseTrie<Step<Owner>>,
  { number, testsOf }: ReadTurn,
): ReadonlyMap<Owner, Span> {
  const scan = new TurnScan<Owner>(number);
  let inFlight: PhraseNode<Step<Owner>>[] = [];
  for (let at = testsOf.length - 1; at >= 0; at--) {
    const next: PhraseNode<Step<Owner>>[] = [];
    const tests = testsOf[at];
    if (tests !== undefined && tests.length > 0) {
      follow(trie.root, tests, next);
      for (const node of inFlight) follow(node, tests, next);
      for (const node of next) scan.see(node, at);
    }
    inFlight = next;
  }
  return scan.found;
}

function follow<User>(node: PhraseNode<User>, tests: readonly SharedTest[], into: PhraseNode<User>[]): void {
  if (node.children === undefined) return;
  for (const test of tests) {
    const child = node.children.get(test);
    if (child !== undefined) into.push(child);
  }
}

/** What is known of a turn that has been read up to some token from its end. */
class TurnScan<Owner> {
  readonly found = new Map<Owner, Span>();
  readonly #places = new Map<Step<Owner>, Places>();
  /** Steps whose right neighbour was met. */
  readonly #turn: number;
  readonly #awaited = new Map<PhraseNode<Step<Owner>>, Step<Owner>[]>();

  constructor(turn: number) {
    this.#turn = turn;
  }

  /** A phrase stands at a token. */
  see(node: PhraseNode<Step<Owner>>, begin: number): void {
    const end = begin + node.length;
    if (node.users !== undefined) for (const step of node.users) this.#tryStep(step, begin, end);
    const awaited = this.#awaited.get(node);
    if (awaited !== undefined) for (const step of awaited) this.#tryStep(step, begin, end);
  }

  #tryStep(step: Step<Owner>, begin: number, end: number): void {
    const matchEnd = this.#matchEnd(step, end);
    if (matchEnd === undefined) return;
    if (step.left === undefined) this.#find(step.owner, begin, matchEnd);
    else this.#meet(step, step.left, begin, matchEnd);
  }

  /** Where the match ends whose phrase for this step ends at `end`; `undefined` if what follows is not as it should be. */
  #matchEnd({ right }: Step<Owner>, end: number): number | undefined {
    if (right === undefined) return end;
    const { step, gap } = right;
    const next = this.#places.get(step)?.nearest(end);
    const isMet = next !== undefined && next.begin - end <= gap.distance;
    if (!gap.isWithin) return isMet ? undefined : end;
    return isMet ? next.end : undefined;
  }

  #find(owner: Owner, begin: number, end: number): void {
    const known = this.found.get(owner);
    if (known === undefined || begin < known.begin || end < known.end) this.found.set(owner, { begin, end });
  }

  #meet(step: Step<Owner>, left: Step<Owner>, begin: number, end: number): void {
    // Hot: mostly what should stand to the left begins with a word that the turn does not have.
    if (!left.nodes.some(({ test }) => test?.turn === this.#turn)) return;
    const known = this.#places.get(step);
    if (known !== undefined) {
      known.add(begin, end);
      return;
    }
    this.#places.set(step, new Places(left.length, begin, end));
    if (!isTriedAlways(left)) this.#await(left);
  }

  #await(step: Step<Owner>): void {
    for (const node of step.nodes) {
      const awaited = this.#awaited.get(node);
      if (awaited === undefined) this.#awaited.set(node, [step]);
      else awaited.push(step);
    }
  }
}

/**
 * Where a step was met, from right to left, and where the shortest match from there ends. While token `at` is read, a left neighbour
 * whose phrases have up to `reach` tokens asks for the nearest place from some token up to `at` + `reach`: of the places
 * beyond that, only the nearest is kept.
 */
class Places {
  readonly #reach: number;
  readonly #begins: number[];
  readonly #ends: number[];

  constructor(reach: number, begin: number, end: number) {
    this.#reach = reach;
    this.#begins = [begin];
    this.#ends = [end];
  }

  add(begin: number, end: number): void {
    const last = this.#begins.length - 1;
    if (this.#begins[last] === begin) {
      this.#ends[last] = Math.min(this.#ends[last] ?? end, end);
      return;
    }
    if (this.#begins.length > 2 * this.#reach + PLACES_KEPT_MIN) {
      const needless = this.#countFrom(begin + this.#reach + 1) - 1;
      this.#begins.splice(0, needless);
      this.#ends.splice(0, needless);
    }
    this.#begins.push(begin);
    this.#ends.push(end);
  }

  /** The nearest place at or after a token. */
  nearest(token: number): Span | undefined {
    const last = this.#countFrom(token) - 1;
    const begin = this.#begins[last];
    const end = this.#ends[last];
    return begin === undefined || end === undefined ? undefined : { begin, end };
  }

  /** How many places lie at or after a token. */
  #countFrom(token: number): number {
    let low = 0;
    let high = this.#begins.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#begins[middle] ?? 0) >= token) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Short lists are not worth shortening. */
const PLACES_KEPT_MIN = 16;
