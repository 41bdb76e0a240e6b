import type { Path } from "./condition.ts";
import { Leaves } from "./leaves.ts";
import type { Scalar } from "./predicate.ts";

/** A JSON object as `JSON.parse` gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The paths that somebody looks at, as a tree of steps, and the values that a document has there.
 *
 * A document is walked once along the tree, and only where somebody looks. Each path has a **slot** that takes the values; reading the
 * next document takes the slots anew, without anything to clear: a slot's values count if its `turn` is that of the tree.
 */
export class PathTree {
  /** Counts the documents that were read. */
  turn = 0;
  /** The slots that have values in the document read last. */
  readonly filled: Slot[] = [];
  readonly #root = new PathNode(undefined, "");
  #arrays = 0;
  /** How many arrays lie around the value that is being read. */
  #arrayLevels = 0;

  /** The slot of a path; `release` it when it is needed no more. */
  claim(path: Path): Slot {
    let node = this.#root;
    for (const step of path) node = node.child(step);
    node.slot ??= new Slot(path, node);
    node.slot.uses += 1;
    return node.slot;
  }

  release(slot: Slot): void {
    slot.uses -= 1;
    if (slot.uses === 0) slot.node.abandon();
  }

  /** Takes the values of a document. Hot. */
  read(document: JsonObject): void {
    this.turn += 1;
    this.filled.length = 0;
    this.#arrays = 0;
    this.#arrayLevels = 0;
    this.#object(this.#root, document, undefined);
  }

  /** Whether the document read last has a value at a slot. */
  has(slot: Slot): boolean {
    return slot.turn === this.turn;
  }

  #object(node: PathNode, object: JsonObject, element: Element | undefined): void {
    let before = node.start;
    for (const name in object) {
      let here = before.next;
      if (here === undefined || here.name !== name) here = node.keyAfter(before, name);
      before = here;
      const { child } = here;
      if (child !== undefined) this.#value(child, object[name], element);
    }
  }

  #value(node: PathNode, value: unknown, element: Element | undefined): void {
    if (typeof value !== "object" || value === null) {
      if (node.slot !== undefined) this.#fill(node.slot, value as Scalar, element);
    } else if (Array.isArray(value)) this.#array(node, value, element, node.elements);
    else if (node.hasChildren) this.#object(node, value as JsonObject, element);
  }

  /** `chosen` has the nodes of single elements: an index chooses from the array at its path, and not from arrays within that one. */
  #array(
    node: PathNode,
    array: readonly unknown[],
    outer: Element | undefined,
    chosen: ReadonlyMap<number, PathNode> | undefined,
  ): void {
    if (this.#arrayLevels === ARRAY_LEVELS_MAX) return;
    this.#arrayLevels += 1;
    const number = this.#arrays++;
    if (chosen !== undefined) {
      for (const [index, child] of chosen) if (index < array.length) this.#value(child, array[index], outer);
    }
    // Where only some elements are asked for, the others are not gone through.
    const isAsked = node.slot !== undefined || node.hasChildren;
    for (let index = 0; isAsked && index < array.length; index++) {
      const value = array[index];
      const isScalar = typeof value !== "object" || value === null;
      const element = isScalar ? (outer ?? IN_ARRAY) : { outer, array: number, index };
      if (Array.isArray(value)) this.#array(node, value, element, undefined);
      else this.#value(node, value, element);
    }
    this.#arrayLevels -= 1;
  }

  #fill(slot: Slot, value: Scalar, element: Element | undefined): void {
    if (slot.turn !== this.turn) {
      slot.begin(this.turn);
      this.filled.push(slot);
    }
    slot.push(value, element);
  }
}

/** What lies within more arrays than this is not looked at: a sender decides how deep they go, and the stack does not. */
const ARRAY_LEVELS_MAX = 1000;

/** An element of one of the document's arrays, within its outer ones: what makes a value's trail. */
interface Element {
  readonly outer: Element | undefined;
  readonly array: number;
  readonly index: number;
}

/** Of a scalar that stands directly in an outermost array: it lies in no element, as in aws/event-ruler, and yet not outside of arrays. */
const IN_ARRAY: Element = { outer: undefined, array: -1, index: -1 };

/**
 * A name that documents have at a node, and what it leads to: `undefined` where nobody looks. Documents of one kind have their keys in one
 * order, so each key remembers which one came after it last: to compare two names takes less than to look one up.
 */
class Key {
  name: string;
  child: PathNode | undefined;
  next: Key | undefined;

  constructor(name: string, child?: PathNode) {
    this.name = name;
    this.child = child;
    this.next = undefined;
  }
}

/** Names that a node remembers though nobody looks there. Bounded, since they are the sender's. */
const UNCLAIMED_KEYS_MAX = 1000;

/** A step of the paths that somebody looks at. */
class PathNode {
  /** Stands before the first key of a document. */
  readonly start: Key = new Key("");
  /** By index, where somebody looks at one element of an array. */
  elements: Map<number, PathNode> | undefined;
  slot: Slot | undefined;
  readonly #keys = new Map<string, Key>();
  #children = 0;
  readonly #parent: PathNode | undefined;
  readonly #step: string | number;

  constructor(parent: PathNode | undefined, step: string | number) {
    this.#parent = parent;
    this.#step = step;
  }

  /** Whether there are steps from here by name. */
  get hasChildren(): boolean {
    return this.#children > 0;
  }

  /** The node one step on, made where there is none. */
  child(step: string | number): PathNode {
    if (typeof step === "number") {
      this.elements ??= new Map();
      const element = this.elements.get(step) ?? new PathNode(this, step);
      this.elements.set(step, element);
      return element;
    }
    const key = this.#keys.get(step) ?? new Key(step);
    this.#keys.set(step, key);
    if (key.child === undefined) {
      key.child = new PathNode(this, step);
      this.#children += 1;
    }
    return key.child;
  }

  /** The key of a document's member that comes after another one. */
  keyAfter(before: Key, name: string): Key {
    const known = this.#keys.get(name);
    if (known !== undefined) {
      // The parser's own copy of the name, which the runtime compares by reference.
      known.name = name;
      before.next = known;
      return known;
    }
    // With dots in it a key is several steps. It is not remembered: what it leads to can change without the key.
    if (name.includes(".")) return new Key(name, this.#descendant(name.split(".")));
    const key = new Key(name);
    if (this.#keys.size - this.#children < UNCLAIMED_KEYS_MAX) {
      this.#keys.set(name, key);
      before.next = key;
    }
    return key;
  }

  /** Nobody looks here any more: takes away what leads to nothing else. */
  abandon(): void {
    this.slot = undefined;
    this.#prune();
  }

  #prune(): void {
    const parent = this.#parent;
    if (parent === undefined || this.slot !== undefined || this.hasChildren || this.elements !== undefined) return;
    parent.#forget(this.#step);
    parent.#prune();
  }

  #forget(step: string | number): void {
    if (typeof step === "number") {
      this.elements?.delete(step);
      if (this.elements?.size === 0) this.elements = undefined;
      return;
    }
    const key = this.#keys.get(step);
    if (key !== undefined) key.child = undefined;
    this.#children -= 1;
    if (this.#keys.size > UNCLAIMED_KEYS_MAX + 2 * this.#children) this.#forgetUnclaimed();
  }

  /** Other keys remember them as the next one, and would go on to find them where somebody looks there again. */
  #forgetUnclaimed(): void {
    this.start.next = undefined;
    for (const [name, key] of this.#keys) {
      key.next = undefined;
      if (key.child === undefined) this.#keys.delete(name);
    }
  }

  #descendant(steps: readonly string[]): PathNode | undefined {
    let node: PathNode = this;
    for (const step of steps) {
      const child = node.#keys.get(step)?.child;
      if (child === undefined) return undefined;
      node = child;
    }
    return node;
  }
}

/** The values that a document has at one path. */
export class Slot {
  readonly path: Path;
  readonly node: PathNode;
  /** How many claims there are on it. */
  uses = 0;
  /** The document whose values these are. */
  turn = 0;
  /** How many there are. What `values` holds beyond them is of earlier documents. */
  count = 0;
  values: Scalar[] = [];
  /** Whether no value lies in an array's element, so that all go together with everything. */
  isFlat = true;
  #elements: (Element | undefined)[] = [];
  #leaves: Leaves | undefined;

  constructor(path: Path, node: PathNode) {
    this.path = path;
    this.node = node;
  }

  begin(turn: number): void {
    this.turn = turn;
    this.count = 0;
    this.isFlat = true;
    this.#leaves = undefined;
    if (this.values.length > KEPT_VALUES_MAX) {
      this.values = [];
      this.#elements = [];
    }
  }

  push(value: Scalar, element: Element | undefined): void {
    this.values[this.count] = value;
    this.#elements[this.count] = element;
    this.count += 1;
    if (element !== undefined && element !== IN_ARRAY) this.isFlat = false;
  }

  isOutsideArrays(place: number): boolean {
    return this.#elements[place] === undefined;
  }

  /** The values by the elements they lie in. */
  get leaves(): Leaves {
    this.#leaves ??= this.#arranged();
    return this.#leaves;
  }

  #arranged(): Leaves {
    const outside = new Leaves();
    const byElement = new Map<Element | undefined, Leaves>([
      [undefined, outside],
      [IN_ARRAY, outside],
    ]);
    const leavesIn = (element: Element | undefined): Leaves => {
      const known = byElement.get(element);
      if (known !== undefined || element === undefined) return known ?? outside;
      const leaves = leavesIn(element.outer).within(element.array, element.index);
      byElement.set(element, leaves);
      return leaves;
    };
    for (let place = 0; place < this.count; place++) leavesIn(this.#elements[place]).add(this.values[place] ?? null);
    return outside;
  }
}

/** A slot that held more values than this lets them go with the next document. */
const KEPT_VALUES_MAX = 1000;
