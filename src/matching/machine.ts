import { distinctWithin, extended, NO_ARRAYS, type Trail } from "./array-trail.ts";
import type { FieldCondition, Condition as Rule } from "./condition.ts";
import { Leaves } from "./leaves.ts";
import { holds, type Predicate, type Scalar } from "./predicate.ts";

/** A JSON object as `JSON.parse` gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * All patterns of one bus, asked together: which of them match this event?
 *
 * The paths of all patterns form a tree of steps. An event is walked once along it, and only where a pattern looks. Each conjunction is
 * filed under one of its conditions, its **handle**: preferably one with exact values only, under those values, and there the one
 * with the fewest conjunctions filed already; else under a path that must be present. A leaf of the event thus brings up the few conjunctions
 * whose handle it meets, and only those are evaluated. A thousand rules that share `source` and differ in one other exact value cost
 * one look-up and one evaluation each event. What shares all its exact values is evaluated one by one.
 */
export class Machine<Id> {
  readonly #root: PathNode = new PathNode(undefined, "");
  readonly #rules = new Map<Id, readonly Conjunction<Id>[]>();
  /** Conjunctions that no leaf needs to be there for: those of `exists: false` alone. */
  readonly #unfiled = new Set<Conjunction<Id>>();

  get size(): number {
    return this.#rules.size;
  }

  /** Adds a pattern, or replaces the one with the same id. */
  add(id: Id, rule: Rule): void {
    this.remove(id);
    const conjunctions = conjunctionsOf(rule).map((conditions) => this.#file(id, conditions));
    this.#rules.set(id, conjunctions);
  }

  /** Removes a pattern, if it is there. */
  remove(id: Id): void {
    for (const conjunction of this.#rules.get(id) ?? []) this.#unfile(conjunction);
    this.#rules.delete(id);
  }

  /** The ids of the patterns that match, each once. */
  match(event: JsonObject): readonly Id[] {
    if (this.#rules.size === 0) return [];
    const walk = new Walk<Id>();
    walk.object(this.#root, event, NO_ARRAYS);
    const matched = new Set<Id>();
    for (const candidates of [this.#unfiled, ...walk.candidates]) {
      for (const conjunction of candidates) {
        if (!matched.has(conjunction.id) && isMet(conjunction, walk.leaves)) matched.add(conjunction.id);
      }
    }
    return [...matched];
  }

  #file(id: Id, conditions: readonly FieldCondition[]): Conjunction<Id> {
    const compiled = conditions.map((condition) => compile(condition, this.#claim(condition.path)));
    const conjunction: Conjunction<Id> = { id, conditions: compiled, handle: handleAmong(compiled) };
    const { handle } = conjunction;
    if (handle === undefined) this.#unfiled.add(conjunction);
    else if (handle.values === undefined) handle.node.whenPresent.add(conjunction);
    else for (const value of handle.values) handle.node.file(value, conjunction);
    return conjunction;
  }

  #unfile(conjunction: Conjunction<Id>): void {
    const { handle, conditions } = conjunction;
    if (handle === undefined) this.#unfiled.delete(conjunction);
    else if (handle.values === undefined) handle.node.whenPresent.delete(conjunction);
    else for (const value of handle.values) handle.node.unfile(value, conjunction);
    for (const { node } of conditions) node.release();
  }

  #claim(path: FieldCondition["path"]): PathNode {
    let node = this.#root;
    for (const step of path.map(String)) node = node.child(step);
    node.uses += 1;
    return node;
  }
}

function conjunctionsOf(rule: Rule): readonly (readonly FieldCondition[])[] {
  if (rule.kind === "fields") return [rule.fields];
  return rule.kind === "any" ? rule.of.flatMap(conjunctionsOf) : [];
}

/** A step of the paths that patterns look at. */
class PathNode {
  readonly children = new Map<string, PathNode>();
  /** How many conditions look at this path. */
  uses = 0;
  /** Conjunctions whose handle asks for one of these values here. */
  // biome-ignore lint/suspicious/noExplicitAny: a machine files only conjunctions of its own kind of ids.
  readonly withValue = new Map<Scalar, Set<Conjunction<any>>>();
  /** Conjunctions whose handle only asks for a leaf here. */
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  readonly whenPresent = new Set<Conjunction<any>>();
  readonly #parent: PathNode | undefined;
  readonly #step: string;

  constructor(parent: PathNode | undefined, step: string) {
    this.#parent = parent;
    this.#step = step;
  }

  child(step: string): PathNode {
    const child = this.children.get(step) ?? new PathNode(this, step);
    this.children.set(step, child);
    return child;
  }

  /** One condition looks here no more; what nobody needs goes. */
  release(): void {
    this.uses -= 1;
    this.#prune();
  }

  file(value: Scalar, conjunction: Conjunction<unknown>): void {
    const filed = this.withValue.get(value);
    if (filed === undefined) this.withValue.set(value, new Set([conjunction]));
    else filed.add(conjunction);
  }

  unfile(value: Scalar, conjunction: Conjunction<unknown>): void {
    const filed = this.withValue.get(value);
    filed?.delete(conjunction);
    if (filed?.size === 0) this.withValue.delete(value);
  }

  #prune(): void {
    if (this.uses > 0 || this.children.size > 0 || this.#parent === undefined) return;
    this.#parent.children.delete(this.#step);
    this.#parent.#prune();
  }
}

interface Conjunction<Id> {
  readonly id: Id;
  /** In the order of their paths: the order in which the engine looks for absent fields. */
  readonly conditions: readonly Condition[];
  readonly handle: Condition | undefined;
}

interface Condition {
  readonly node: PathNode;
  /** Whether a leaf meets it. */
  readonly test: (leaf: Scalar) => boolean;
  /** Whether it is also met when no leaf is there. */
  readonly absentToo: boolean;
  /** The values it asks for, where it asks for nothing else. */
  readonly values: ReadonlySet<Scalar> | undefined;
}

function compile({ predicates }: FieldCondition, node: PathNode): Condition {
  const values = exactValues(predicates);
  return {
    node,
    test: values ? (leaf) => values.has(leaf) : (leaf) => predicates.some((predicate) => holds(predicate, leaf)),
    absentToo: predicates.some(({ kind }) => kind === "absent"),
    values,
  };
}

function exactValues(predicates: readonly Predicate[]): ReadonlySet<Scalar> | undefined {
  const values = new Set<Scalar>();
  for (const predicate of predicates) {
    if (predicate.kind !== "equals") return undefined;
    values.add(predicate.value);
  }
  return values;
}

function handleAmong(conditions: readonly Condition[]): Condition | undefined {
  let best: Condition | undefined;
  let leastFiled = Number.POSITIVE_INFINITY;
  for (const condition of conditions) {
    if (condition.absentToo) continue;
    const filed = filedUnder(condition);
    if (filed < leastFiled) [best, leastFiled] = [condition, filed];
  }
  return best;
}

/** How many conjunctions an event brings up at worst by this condition, counted so that exact values come first. */
function filedUnder({ node, values }: Condition): number {
  if (values === undefined) return Number.MAX_SAFE_INTEGER;
  let most = 0;
  for (const value of values) most = Math.max(most, node.withValue.get(value)?.size ?? 0);
  return most;
}

/** One event on its way through the tree of paths. */
class Walk<Id> {
  readonly leaves = new Map<PathNode, Leaves>();
  readonly candidates = new Set<ReadonlySet<Conjunction<Id>>>();
  #arrays = 0;

  object(node: PathNode, object: JsonObject, trail: Trail): void {
    for (const key of Object.keys(object)) {
      const child = node.children.get(key) ?? (key.includes(".") ? descendant(node, key) : undefined);
      if (child !== undefined) this.#value(child, object[key], trail);
    }
  }

  #value(node: PathNode, value: unknown, trail: Trail): void {
    if (Array.isArray(value)) this.#array(node, value, trail);
    else if (typeof value === "object" && value !== null) this.object(node, value as JsonObject, trail);
    else if (node.uses > 0) this.#leaf(node, value as Scalar, trail);
  }

  #array(node: PathNode, array: readonly unknown[], trail: Trail): void {
    const number = this.#arrays++;
    for (const [index, element] of array.entries()) {
      const isScalar = typeof element !== "object" || element === null;
      this.#value(node, element, isScalar ? trail : extended(trail, number, index));
    }
  }

  #leaf(node: PathNode, leaf: Scalar, trail: Trail): void {
    const leaves = this.leaves.get(node) ?? new Leaves();
    this.leaves.set(node, leaves);
    leaves.add(leaf, trail);
    if (node.whenPresent.size > 0) this.candidates.add(node.whenPresent);
    const filed = node.withValue.get(leaf);
    if (filed !== undefined) this.candidates.add(filed);
  }
}

/** An event's key with dots in it is a path. */
function descendant(node: PathNode, key: string): PathNode | undefined {
  let found: PathNode | undefined = node;
  for (const step of key.split(".")) found = found?.children.get(step);
  return found;
}

function isMet({ conditions }: Conjunction<unknown>, leavesAt: ReadonlyMap<PathNode, Leaves>): boolean {
  for (const { node, test, absentToo } of conditions) {
    const leaves = leavesAt.get(node);
    if (leaves === undefined ? absentToo : !leaves.flat || leaves.some(test)) continue;
    return false;
  }
  const inArrays = conditions.some(({ node }) => leavesAt.get(node)?.flat === false);
  return !inArrays || isMetConsistently(conditions, leavesAt);
}

/**
 * Goes through the conditions with all trails that are still possible. Arrays that no later condition looks into are forgotten on the way,
 * so that the number of trails stays near the number of leaves.
 */
function isMetConsistently(conditions: readonly Condition[], leavesAt: ReadonlyMap<PathNode, Leaves>): boolean {
  let trails: readonly Trail[] = [NO_ARRAYS];
  for (const [place, { node, test, absentToo }] of conditions.entries()) {
    const leaves = leavesAt.get(node);
    const next: Trail[] = [];
    for (const trail of trails) {
      leaves?.follow(trail, test, next);
      if (absentToo && !leaves?.anyAlong(trail)) next.push(trail);
    }
    if (next.length === 0) return false;
    trails = next.length === 1 ? next : distinctWithin(next, arraysAt(conditions.slice(place + 1), leavesAt));
  }
  return true;
}

function arraysAt(conditions: readonly Condition[], leavesAt: ReadonlyMap<PathNode, Leaves>): ReadonlySet<number> {
  const arrays = new Set<number>();
  for (const { node } of conditions) leavesAt.get(node)?.addArrays(arrays);
  return arrays;
}
