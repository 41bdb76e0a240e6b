/**
 * How many beginnings of wildcards one text can be in the middle of at once: EventBridge's measure of a pattern's complexity.
 *
 * All wildcards of a field, each in quotes, make one automaton, whose states are their beginnings; a beginning that ends with a `*` stays
 * where it is whatever comes. So `*a*b` has the states
 *
 *     "   "*   "*a   "*a*   "*a*b   "*a*b"
 *
 * and a text that begins with `"aab` is in `"*`, `"*a*` and `"*a*b` at once: 3. Wildcards share the states up to their first star, and a
 * state counts once for each wildcard that goes through it. A list within one `anything-but` counts as one wildcard, and its ends as one state.
 *
 * This was found by asking the real engine (aws/event-ruler, `MachineComplexityEvaluator`): it agrees for thousands of random patterns.
 */

/** The pieces of a wildcard between its stars, as `parseWildcard` gives them. */
type Wildcard = readonly string[];

/** What counts as one wildcard: a `wildcard` by itself, or all of one `anything-but`. */
export type WildcardGroup = readonly Wildcard[];

/** How many steps from one set of states to the next are tried for one event pattern; far more than one of the size AWS allows needs. */
const STEPS_MAX = 100_000;

/**
 * The highest complexity of any of the fields, or `cap` if it is `cap` or more: whatever lies beyond is not looked at, nor any automaton that
 * takes too long to look through.
 */
export function wildcardComplexity(fields: readonly (readonly WildcardGroup[])[], cap: number): number {
  const budget = { steps: STEPS_MAX };
  let highest = 0;
  for (const groups of fields) {
    highest = Math.max(highest, complexityOf(groups, cap, budget));
    if (highest === cap) break;
  }
  return highest;
}

function complexityOf(groups: readonly WildcardGroup[], cap: number, budget: { steps: number }): number {
  // A wildcard is in the middle of all its stars at once when the last of them was passed.
  if (groups.length >= cap || groups.some((group) => group.some((pieces) => pieces.length > cap))) return cap;
  const characters = groups.flat(2).reduce((sum, piece) => sum + piece.length, 0);
  if (characters > budget.steps) return cap;

  const seen = new Set<string>();
  const waiting = [after(automatonOf(groups), QUOTE)];
  let highest = 0;
  for (let states = waiting.pop(); states !== undefined; states = waiting.pop()) {
    const distinct = [...new Set(states)].sort((one, other) => one.id - other.id);
    const name = distinct.map(({ id }) => id).join();
    if (seen.has(name)) continue;
    seen.add(name);
    highest = Math.max(highest, weightOf(distinct));
    if (highest >= cap) return cap;
    // A character that no state waits for leads to a part of what any other leads to, so it need not be tried.
    for (const symbol of new Set(distinct.flatMap(({ next }) => [...next.keys()]))) {
      if (symbol === STAR) continue;
      if (budget.steps-- <= 0) return cap;
      waiting.push(distinct.flatMap((state) => after(state, symbol)));
    }
  }
  return highest;
}

/** What some of the wildcards begin with. */
interface State {
  readonly id: number;
  /** Whether it ends with a star, and so stays whatever comes. */
  readonly stays: boolean;
  /** The groups whose wildcards begin so. */
  readonly groups: Set<number>;
  readonly next: Map<number, State[]>;
}

const QUOTE = 0x22;
/** Beside the bytes of texts. */
const STAR = 256;

/** The state in which nothing was read yet. */
function automatonOf(groups: readonly WildcardGroup[]): State {
  const root: State = { id: 0, stays: false, groups: new Set(), next: new Map() };
  let count = 1;
  for (const [group, wildcards] of groups.entries()) {
    for (const pieces of wildcards) {
      let state = root;
      let shares = true;
      for (const symbol of symbolsOf(pieces)) {
        const known = state.next.get(symbol) ?? [];
        state.next.set(symbol, known);
        if (known.length === 0 || !shares) {
          known.push({ id: count++, stays: symbol === STAR, groups: new Set(), next: new Map() });
        }
        const next = known.at(-1) as State;
        next.groups.add(group);
        shares &&= symbol !== STAR;
        state = next;
      }
    }
  }
  return root;
}

/** A wildcard in quotes as the engine reads it: bytes and stars. */
function symbolsOf(pieces: Wildcard): readonly number[] {
  const [first = "", ...others] = pieces;
  return [...Buffer.from(`"${first}`), ...others.flatMap((piece) => [STAR, ...Buffer.from(piece)]), QUOTE];
}

/** The states that a symbol leads to from one. A star may stand for nothing, so where one follows it has begun too. */
function after(state: State, symbol: number): readonly State[] {
  const next = state.next.get(symbol) ?? [];
  const stars = next.flatMap((each) => each.next.get(STAR) ?? []);
  return [...(state.stays ? [state] : []), ...next, ...stars];
}

function weightOf(states: readonly State[]): number {
  const [ends, others] = [states.filter(({ next }) => next.size === 0), states.filter(({ next }) => next.size > 0)];
  return (
    others.reduce((sum, { groups }) => sum + groups.size, 0) + new Set(ends.flatMap(({ groups }) => [...groups])).size
  );
}
