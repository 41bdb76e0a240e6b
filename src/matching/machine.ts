import { type CompiledCondition, type CompiledField, compile, fieldsOf, isMet } from "./compiled-condition.ts";
import type { Condition } from "./condition.ts";
import type { Explanation } from "./explanation.ts";
import { FieldIndex } from "./field-index.ts";
import { type JsonObject, PathTree, type Slot } from "./path-tree.ts";
import type { Predicate, Scalar } from "./predicate.ts";
import { explain } from "./verdict.ts";

export type { JsonObject } from "./path-tree.ts";

/**
 * Many conditions asked together: which of them does this document meet?
 *
 * A document's values are read into slots, one for each path that some condition looks at. A condition is not asked unless one of its
 * **clauses** holds: fields of which at least one must be met wherever the whole is (each field of a conjunction is a clause by itself).
 * Each condition is filed under one clause, that which brings it up least often: under the fewest others, and rather under an exact value
 * than under a prefix, a range or mere presence. Where a **group** of conditions still shares a value, it is divided further by another
 * clause of theirs, and so on:
 *
 *     root ─ detail.queue.name ─ "billing" ── group ─ detail.channel ─ "VOICE" ── A, B
 *          │                   └ prefix "vip" ─ C     └ present ────────────────── D
 *          └ source ─────────── "aws.connect" ─ E
 *
 * So a document costs a look-up for each of its values that somebody looks at, and an evaluation for each condition that nearly matches;
 * how many others there are does not matter. What was found is always evaluated in full, so an index may find too much, never too little.
 *
 * A counter for each condition of how many of its fields were met, the other classic design, was left because it touches all conditions
 * that share a frequent value; so was one automaton for all (aws/event-ruler, quamina), which multiplies states.
 */
export class Machine<Id> {
  readonly #tree = new PathTree();
  readonly #rules = new Map<Id, Rule<Id>>();
  readonly #root = new Group<Id>([]);

  constructor() {
    this.#root.fields = new Map();
  }

  get size(): number {
    return this.#rules.size;
  }

  /** Adds a condition, or replaces the one with the same id. */
  add(id: Id, condition: Condition): void {
    this.remove(id);
    const compiled = compile(condition, this.#tree);
    const alternatives = compiled.kind === "any" ? compiled.of : [compiled];
    const rule: Rule<Id> = { id, compiled, branches: [], turn: 0 };
    rule.branches = alternatives.map((each) => new Branch(rule, each));
    this.#rules.set(id, rule);
    for (const branch of rule.branches) file(branch, this.#root);
    for (const field of fieldsOf(compiled)) if (USES_TO_REFILE.has(field.uses)) this.#refileUnder(field);
  }

  /** Removes a condition, if it is there. */
  remove(id: Id): void {
    const rule = this.#rules.get(id);
    if (rule === undefined) return;
    for (const branch of rule.branches) unfile(branch, this.#root);
    for (const field of fieldsOf(rule.compiled)) {
      field.uses -= 1;
      this.#tree.release(field.slot);
    }
    this.#rules.delete(id);
  }

  /** The ids of the conditions that a document meets, each once. */
  match(document: JsonObject): readonly Id[] {
    const tree = this.#tree;
    const matched: Id[] = [];
    if (this.#rules.size === 0) return matched;
    tree.read(document);
    const found: Filed<Id>[] = [this.#root];
    for (let next = found.pop(); next !== undefined; next = found.pop()) {
      if (next.turn === tree.turn) continue;
      next.turn = tree.turn;
      if (next instanceof Group) {
        for (const branch of next.branches) found.push(branch);
        findIn(next, tree, found);
      } else if (next.rule.turn !== tree.turn && isMet(next.condition, tree)) {
        next.rule.turn = tree.turn;
        matched.push(next.rule.id);
      }
    }
    return matched;
  }

  /** Why a document meets a condition or does not; `undefined` where there is none of that id. */
  explain(id: Id, document: JsonObject): Explanation | undefined {
    const rule = this.#rules.get(id);
    if (rule === undefined) return undefined;
    this.#tree.read(document);
    return explain(rule.compiled, this.#tree);
  }

  /** A value has turned out to be common: what was filed under it while it seemed rare may have a better place. */
  #refileUnder({ slot, predicates }: CompiledField): void {
    const index = this.#root.fields?.get(slot);
    for (const predicate of predicates) {
      const there = index?.get(predicate);
      const few = there instanceof Group ? (there.fields === undefined ? [...there.branches] : []) : there && [there];
      for (const branch of few ?? []) {
        unfile(branch, this.#root);
        file(branch, this.#root);
      }
    }
  }
}

interface Rule<Id> {
  readonly id: Id;
  readonly compiled: CompiledCondition;
  /** It matches when one of these is met. */
  branches: readonly Branch<Id>[];
  /** The document that it was last found to match. */
  turn: number;
}

class Branch<Id> {
  readonly rule: Rule<Id>;
  readonly condition: CompiledCondition;
  /** Where it is filed: the groups that divide it, the last one first. */
  choice: Choice<Id> | undefined;
  /** How many places it is filed at, and how many it may be: both are set by its first clause. */
  places = 0;
  placesMax: number = Number.POSITIVE_INFINITY;
  turn = 0;

  constructor(rule: Rule<Id>, condition: CompiledCondition) {
    this.rule = rule;
    this.condition = condition;
  }

  choiceAt(group: Group<Id>): Clause | undefined {
    let { choice } = this;
    while (choice !== undefined && choice.group !== group) choice = choice.before;
    return choice && clausesOf(this.condition)[choice.clause];
  }
}

/** By which of its clauses, counted from 0, a group divides a branch. */
interface Choice<Id> {
  readonly group: Group<Id>;
  readonly clause: number;
  readonly before: Choice<Id> | undefined;
}

/** Branches that the same values bring up. */
class Group<Id> {
  /** Those that are not divided further. */
  readonly branches = new Set<Branch<Id>>();
  /** Those that are, by one of their clauses. `undefined` while there are few. */
  fields: Map<Slot, FieldIndex<Filed<Id>>> | undefined;
  /** The slots at which some are filed under absence. */
  askingAbsence: Set<Slot> | undefined;
  /** The slots whose values have led here. */
  readonly slots: readonly Slot[];
  /** How many branches are below. */
  size = 0;
  turn = 0;

  constructor(slots: readonly Slot[]) {
    this.slots = slots;
  }
}

type Filed<Id> = Branch<Id> | Group<Id>;

/** Fields of which one must be met at least. */
type Clause = readonly CompiledField[];

/**
 * When a field is found to be shared by so many conditions, those that were filed under it early are filed again: the first rules of a bus
 * cannot know that all others will have the same `source`.
 */
const USES_TO_REFILE: ReadonlySet<number> = new Set([4, 16, 64]);
/** A group of more branches than this is divided. */
const GROUP_BRANCHES_MAX = 8;
/**
 * What still is together after so many divisions stays so. The fields that tell conditions apart are asked first, so that these are all but the
 * same; to divide them by each of their other fields would make adding one take quadratic time.
 */
const DIVISIONS_MAX = 16;
/**
 * A branch is filed under each value that a clause names, and there again under each that its next clause names. So many places it may
 * take beyond those of the first clause.
 */
const FURTHER_PLACES_MAX = 64;

/** A list of many values that all bring up the same is made shorter from here on, since it would outgrow the memory. */
const FOUND_MAX = 100_000;

function findIn<Id>(group: Group<Id>, tree: PathTree, found: Filed<Id>[]): void {
  const { fields, askingAbsence } = group;
  if (fields === undefined) return;
  if (fields.size <= tree.filled.length) {
    for (const [slot, index] of fields) if (tree.has(slot)) findAt(slot, index, found);
  } else {
    for (const slot of tree.filled) {
      const index = fields.get(slot);
      if (index !== undefined) findAt(slot, index, found);
    }
  }
  if (askingAbsence === undefined) return;
  for (const slot of askingAbsence) {
    const absent = fields.get(slot)?.absent;
    // In arrays, a field may be absent from the elements that a conjunction is about and be there in others.
    if (absent !== undefined && (!tree.has(slot) || !slot.isFlat)) found.push(absent);
  }
}

function findAt<Id>(slot: Slot, index: FieldIndex<Filed<Id>>, found: Filed<Id>[]): void {
  if (index.present !== undefined) found.push(index.present);
  let most = FOUND_MAX;
  for (let place = 0; place < slot.count; place++) {
    index.collect(slot.values[place] as Scalar, found);
    if (found.length <= most) continue;
    const distinct = new Set(found);
    found.length = 0;
    for (const each of distinct) found.push(each);
    most = Math.max(FOUND_MAX, 2 * distinct.size);
  }
}

function file<Id>(branch: Branch<Id>, group: Group<Id>): void {
  if (group.branches.has(branch) || branch.choiceAt(group) !== undefined) return;
  group.size += 1;
  const clause = group.fields && bestClause(branch, group);
  if (clause === undefined) {
    group.branches.add(branch);
    if (group.branches.size > GROUP_BRANCHES_MAX && isDivisible(group)) divide(group);
    return;
  }
  divideBy(clause, branch, group);
}

function isDivisible<Id>({ fields, slots }: Group<Id>): boolean {
  return fields === undefined && slots.length < DIVISIONS_MAX;
}

/** Files all branches of a group further down that can be. */
function divide<Id>(group: Group<Id>): void {
  group.fields = new Map();
  for (const branch of group.branches) {
    const clause = bestClause(branch, group);
    if (clause === undefined) continue;
    group.branches.delete(branch);
    divideBy(clause, branch, group);
  }
}

function divideBy<Id>(chosen: number, branch: Branch<Id>, group: Group<Id>): void {
  const clause = clausesOf(branch.condition)[chosen] ?? [];
  branch.choice = { group, clause: chosen, before: branch.choice };
  if (group.slots.length === 0) {
    branch.places = placesOf(clause);
    branch.placesMax = branch.places + FURTHER_PLACES_MAX;
  } else branch.places += placesOf(clause) - 1;
  for (const { slot, predicates } of clause) {
    const index = group.fields?.get(slot) ?? new FieldIndex<Filed<Id>>();
    group.fields?.set(slot, index);
    for (const predicate of predicates) {
      const there = index.get(predicate);
      if (there === undefined) index.set(predicate, branch);
      else if (there instanceof Group) file(branch, there);
      else if (there !== branch) index.set(predicate, groupOf(there, branch, [...group.slots, slot]));
    }
    if (index.absent !== undefined) {
      group.askingAbsence ??= new Set();
      group.askingAbsence.add(slot);
    }
  }
}

function groupOf<Id>(one: Branch<Id>, other: Branch<Id>, slots: readonly Slot[]): Group<Id> {
  const group = new Group<Id>(slots);
  file(one, group);
  file(other, group);
  return group;
}

function unfile<Id>(branch: Branch<Id>, group: Group<Id>): void {
  const clause = branch.choiceAt(group);
  if (clause === undefined) {
    if (group.branches.delete(branch)) group.size -= 1;
    return;
  }
  // Forgotten first, since two predicates may have led to the same group.
  branch.choice = without(branch.choice, group);
  group.size -= 1;
  for (const { slot, predicates } of clause) {
    const index = group.fields?.get(slot);
    if (index === undefined) continue;
    for (const predicate of predicates) {
      const there = index.get(predicate);
      if (there instanceof Group) unfile(branch, there);
      if (there === branch || (there instanceof Group && there.size === 0)) index.set(predicate, undefined);
    }
    if (index.absent === undefined) group.askingAbsence?.delete(slot);
    if (index.isEmpty) group.fields?.delete(slot);
  }
}

function without<Id>(choice: Choice<Id> | undefined, group: Group<Id>): Choice<Id> | undefined {
  if (choice === undefined || choice.group === group) return choice?.before;
  return { ...choice, before: without(choice.before, group) };
}

/** Which clause brings a branch up least often, of those that do not merely ask again what has led to the group. */
function bestClause<Id>(branch: Branch<Id>, group: Group<Id>): number | undefined {
  let best: number | undefined;
  let leastCost = Number.POSITIVE_INFINITY;
  for (const [number, clause] of clausesOf(branch.condition).entries()) {
    if (branch.places + placesOf(clause) - 1 > branch.placesMax) continue;
    if (clause.some(({ slot }) => group.slots.includes(slot))) continue;
    const cost = costOf(clause, group);
    if (cost < leastCost) [best, leastCost] = [number, cost];
  }
  return best;
}

/** Fields of which at least one is met wherever a condition is: all that can be told apart. */
function clausesOf(condition: CompiledCondition): readonly Clause[] {
  switch (condition.kind) {
    case "fields":
      return condition.fields.map((field) => [field]);
    case "all":
      return condition.of.flatMap(clausesOf);
    case "any": {
      const parts = condition.of.map((part) => narrowest(clausesOf(part)));
      return parts.includes(undefined) ? [] : [parts.flatMap((clause) => clause ?? [])];
    }
    case "not":
      return [];
  }
}

function narrowest(clauses: readonly Clause[]): Clause | undefined {
  let best: Clause | undefined;
  for (const clause of clauses) if (best === undefined || breadthOf(clause) < breadthOf(best)) best = clause;
  return best;
}

function placesOf(clause: Clause): number {
  return clause.reduce((places, { predicates }) => places + predicates.length, 0);
}

/** How many conditions ask the same as a clause at most, as far as that is known, weighed by how often values meet such a predicate. */
function costOf<Id>(clause: Clause, group: Group<Id>): number {
  let cost = 0;
  for (const { slot, predicates, uses } of clause) {
    const index = group.fields?.get(slot);
    for (const predicate of predicates) {
      const there = index?.get(predicate);
      const others = there instanceof Group ? there.size : Number(there !== undefined);
      cost = Math.max(cost, Math.max(uses, others + 1) * breadth(predicate));
    }
  }
  return cost;
}

function breadthOf(clause: Clause): number {
  return clause.reduce(
    (most, { predicates }) => predicates.reduce((each, predicate) => Math.max(each, breadth(predicate)), most),
    0,
  );
}

/** How much of a field's values a predicate lets through, roughly: only the order matters much. */
function breadth(predicate: Predicate): number {
  switch (predicate.kind) {
    case "equals":
    case "equals-ignore-case":
    case "named":
      return 1;
    case "prefix":
    case "suffix":
      return predicate.text === "" ? 64 : 4;
    case "cidr":
      return 4;
    case "wildcard":
      return predicate.pieces.every((piece) => piece === "") ? 64 : 8;
    case "range":
    case "decimal-range":
    case "instant-range":
      return 16;
    case "as-text":
      return breadth(predicate.predicate);
    case "anything-but":
    case "list-with":
    case "exists":
    case "absent":
      return 64;
  }
}
