/**
 * The regular expressions of filter patterns: without groups and look-around, in time that grows with the text only, whoever wrote them.
 *
 *     ^ $   . \d \D \s \S \w \W \xhh [abc] [^a-z]   ? * + {n} {n,} {n,m}   |
 *
 * Each alternative is a chain of atoms, which repeat or may be left out; where in the chains a match may stand is a set of places. The sets that
 * are met become states of a machine that is built on the way and forgotten when it gets large: so a character mostly costs one look-up.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export type LinearRegex = (text: string) => boolean;

type IsIn = (code: number) => boolean;

interface Atom {
  readonly isIn: IsIn;
  readonly isOptional: boolean;
  readonly repeats: boolean;
}

interface Chain {
  readonly atoms: readonly Atom[];
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

/** Atoms of an expression, with `{n,m}` written out. */
const ATOMS_MAX = 1_024;

/** States that are kept before all are forgotten. */
const STATES_MAX = 500;

/** Compiles an expression. Throws `SyntaxError`. */
export function compileLinearRegex(source: string): LinearRegex {
  const chains = parseAlternatives(source);
  if (chains.reduce((sum, { atoms }) => sum + atoms.length, 0) > ATOMS_MAX) throw new SyntaxError("It is too large.");
  const machine = new StateMachine(chains);
  return (text) => machine.test(text);
}

/** A set of places in the chains, and where each character leads that was met in it. */
interface State {
  /** Place `p` of a chain: the atoms before `p` have been met. By chain, rising. */
  readonly places: readonly (readonly number[])[];
  readonly isMatch: boolean;
  readonly isMatchAtEnd: boolean;
  readonly next: Map<number, State>;
}

class StateMachine {
  readonly #chains: readonly Chain[];
  readonly #states = new Map<string, State>();

  constructor(chains: readonly Chain[]) {
    this.#chains = chains;
  }

  test(text: string): boolean {
    let state = this.#state(this.#chains.map(() => [0]));
    for (let index = 0; index < text.length; index++) {
      if (state.isMatch) return true;
      const code = text.charCodeAt(index);
      let next = state.next.get(code);
      if (next === undefined) {
        next = this.#step(state, code);
        if (state.next.size < STATES_MAX) state.next.set(code, next);
      }
      state = next;
    }
    return state.isMatch || state.isMatchAtEnd;
  }

  #step({ places }: State, code: number): State {
    const after = this.#chains.map(({ atoms, fromStart }, chain) => {
      // Unless it is bound to the start, a match may begin behind each character.
      const met = fromStart ? [] : [0];
      for (const place of places[chain] ?? []) {
        const atom = atoms[place];
        if (!atom?.isIn(code)) continue;
        met.push(place + 1);
        if (atom.repeats) met.push(place);
      }
      return met;
    });
    return this.#state(after);
  }

  #state(reached: readonly (readonly number[])[]): State {
    const places = reached.map((met, chain) => this.#withSkipped(met, chain));
    const key = places.map((each) => each.join(",")).join(";");
    const known = this.#states.get(key);
    if (known) return known;
    if (this.#states.size >= STATES_MAX) {
      for (const state of this.#states.values()) state.next.clear();
      this.#states.clear();
    }
    const ended = this.#chains.filter(({ atoms }, chain) => places[chain]?.at(-1) === atoms.length);
    const state: State = {
      places,
      isMatch: ended.some(({ toEnd }) => !toEnd),
      isMatchAtEnd: ended.length > 0,
      next: new Map(),
    };
    this.#states.set(key, state);
    return state;
  }

  /** With the places that lie behind atoms that may be left out. Rising, each once. */
  #withSkipped(met: readonly number[], chain: number): readonly number[] {
    const atoms = this.#chains[chain]?.atoms ?? [];
    const all = new Set<number>();
    for (const place of met) {
      for (let at = place; !all.has(at); at++) {
        all.add(at);
        if (!atoms[at]?.isOptional) break;
      }
    }
    return [...all].sort((a, b) => a - b);
  }
}

function parseAlternatives(source: string): readonly Chain[] {
  const chains: Chain[] = [];
  let rest = source;
  for (;;) {
    const [chain, behind] = parseChain(rest);
    chains.push(chain);
    if (behind === undefined) return chains;
    rest = behind;
  }
}

const QUANTIFIER = /^(?:([?*+])|\{(\d{1,4})(?:(,)(\d{1,4})?)?\})/;

/** A chain, and what stands behind the `|` that ends it. */
function parseChain(source: string): [Chain, string | undefined] {
  const fromStart = source.startsWith("^");
  const atoms: Atom[] = [];
  let rest = fromStart ? source.slice(1) : source;
  while (rest !== "" && !rest.startsWith("|")) {
    if (rest.startsWith("$")) {
      const behind = rest.slice(1);
      if (behind !== "" && !behind.startsWith("|")) throw new SyntaxError("$ stands at an end only.");
      return [{ atoms, fromStart, toEnd: true }, behind === "" ? undefined : behind.slice(1)];
    }
    const { isIn, length } = parseAtom(rest);
    rest = rest.slice(length);
    const [text = "", sign, least, comma, most] = QUANTIFIER.exec(rest) ?? [];
    rest = rest.slice(text.length);
    atoms.push(...repeated(isIn, bounds(sign, least, comma, most)));
    if (atoms.length > ATOMS_MAX) throw new SyntaxError("It is too large.");
  }
  return [{ atoms, fromStart, toEnd: false }, rest === "" ? undefined : rest.slice(1)];
}

function bounds(sign?: string, least?: string, comma?: string, most?: string): readonly [number, number] {
  if (sign === "?") return [0, 1];
  if (sign === "*") return [0, Number.POSITIVE_INFINITY];
  if (sign === "+") return [1, Number.POSITIVE_INFINITY];
  if (least === undefined) return [1, 1];
  if (comma === undefined) return [Number(least), Number(least)];
  const max = most === undefined ? Number.POSITIVE_INFINITY : Number(most);
  if (max < Number(least)) throw new SyntaxError("A count ends before it begins.");
  return [Number(least), max];
}

function repeated(isIn: IsIn, [least, most]: readonly [number, number]): readonly Atom[] {
  const size = most === Number.POSITIVE_INFINITY ? least + 1 : most;
  if (size > ATOMS_MAX) throw new SyntaxError("It is too large.");
  const atoms = Array.from({ length: size }, (_, index) => ({ isIn, isOptional: index >= least, repeats: false }));
  if (most === Number.POSITIVE_INFINITY) atoms[least] = { isIn, isOptional: true, repeats: true };
  return atoms;
}

interface ParsedAtom {
  readonly isIn: IsIn;
  readonly length: number;
}

const ESCAPED: Readonly<Record<string, IsIn>> = {
  d: (code) => code >= 48 && code <= 57,
  s: (code) => code === 32 || (code >= 9 && code <= 13),
  w: (code) => (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122),
};

function parseAtom(rest: string): ParsedAtom {
  const first = rest[0] ?? "";
  if (first === "[") return parseClass(rest);
  if (first === ".") return { isIn: (code) => code !== 10, length: 1 };
  if ("()?*+{}]".includes(first)) throw new SyntaxError(`${first} cannot stand there.`);
  if (first !== "\\") return { isIn: (code) => code === first.charCodeAt(0), length: 1 };
  const { isIn, code, length } = parseEscape(rest);
  return { isIn: isIn ?? ((other) => other === code), length };
}

/** What a backslash means: a class, or one character. */
function parseEscape(rest: string): { readonly isIn?: IsIn; readonly code: number; readonly length: number } {
  const [hex] = /(?<=^\\x)[\dA-Fa-f]{2}/.exec(rest) ?? [];
  if (hex !== undefined) return { code: Number.parseInt(hex, 16), length: 4 };
  const letter = rest[1] ?? "";
  if (letter === "") throw new SyntaxError("It ends with a backslash.");
  const named = ESCAPED[letter.toLowerCase()];
  if (named === undefined && /[A-Za-z\d]/.test(letter)) throw new SyntaxError(`\\${letter} is not known.`);
  const code = letter.charCodeAt(0);
  if (named === undefined) return { code, length: 2 };
  return { isIn: letter === letter.toLowerCase() ? named : (other) => !named(other), code, length: 2 };
}

/** `[abc]`, `[^a-z\d]`. */
function parseClass(rest: string): ParsedAtom {
  const isNegated = rest[1] === "^";
  const members: IsIn[] = [];
  let at = isNegated ? 2 : 1;
  const take = (): { readonly isIn?: IsIn; readonly code: number } => {
    if (at >= rest.length) throw new SyntaxError("[ has no end.");
    if (rest[at] !== "\\") return { code: rest.charCodeAt(at++) };
    const escaped = parseEscape(rest.slice(at));
    at += escaped.length;
    return escaped;
  };
  while (rest[at] !== "]") {
    const { isIn, code } = take();
    const isRange = isIn === undefined && rest[at] === "-" && rest[at + 1] !== "]";
    if (!isRange) {
      members.push(isIn ?? ((other) => other === code));
      continue;
    }
    at++;
    const last = take();
    if (last.isIn !== undefined || last.code < code) throw new SyntaxError("A range ends before it begins.");
    members.push((other) => other >= code && other <= last.code);
  }
  if (members.length === 0) throw new SyntaxError("[] holds nothing.");
  const isIn: IsIn = (code) => members.some((member) => member(code)) !== isNegated;
  return { isIn, length: at + 1 };
}
