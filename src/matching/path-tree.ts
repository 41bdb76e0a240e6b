import type { Trail } from "./array-trail.ts";
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
    this.#object(this.#root, document, undefined);
  }

  /** Whether the document read last has a value at a slot. */
  has(slot: Slot): boolean {
    return slot.turn === this.turn;
  }

  #object(node: PathNode, object: JsonObject, element: Element | undefined): void {
    const { children } = node;
    for (const key in object) {
      let child = children.get(key);
      if (child === undefined) child = node.unclaimed(key);
      if (child !== null) this.#value(child, object[key], element);
    }
  }

  #value(node: PathNode, value: unknown, element: Element | undefined): void {
    if (typeof value !== "object" || value === null) {
      if (node.slot !== undefined) this.#fill(node.slot, value as Scalar, element);
    } else if (Array.isArray(value)) this.#array(node, value, element, node.elements);
    else if (node.children.size > 0) this.#object(node, value as JsonObject, element);
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
    for (let index = 0; index < array.length; index++) {
      const value = array[index];
      const isScalar = typeof value !== "object" || value === null;
      const element = isScalar ? (outer ?? IN_ARRAY) : { outer, array: number, index };
      if (Array.isArray(value)) this.#array(node, value, element, undefined);
      else this.#value(node, value, element);
      const child = chosen?.get(index);
      if (child !== undefined) this.#value(child, value, outer);
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

/** Keys that a node remembers as nobody's, so that a document's other keys cost one look-up each. Bounded, since they are the sender's. */
const UNCLAIMED_KEYS_MAX = 1000;

/** A step of the paths that somebody looks at. */
class PathNode {
  /** By member name; `null` for a name that was seen and that nobody looks at. */
  readonly children: Map<string, PathNode | null> = new Map<string, PathNode | null>();
  /** By index, where somebody looks at one element of an array. */
  elements: Map<number, PathNode> | undefined;
  slot: Slot | undefined;
  #claimed = 0;
  #unclaimed = 0;
  readonly #parent: PathNode | undefined;
  readonly #step: string | number;

  constructor(parent: PathNode | undefined, step: string | number) {
    this.#parent = parent;
    this.#step = step;
  }

  /** The node one step on, made where there is none. */
  child(step: string | number): PathNode {
    const known = typeof step === "string" ? this.children.get(step) : this.elements?.get(step);
    if (known) return known;
    const child = new PathNode(this, step);
    this.#claimed += 1;
    if (typeof step === "number") {
      this.elements ??= new Map();
      this.elements.set(step, child);
    } else {
      if (known === null) this.#unclaimed -= 1;
      this.children.set(step, child);
    }
    return child;
  }

  /** What a document's key leads to that is no step from here: with dots in it, it is several steps. */
  unclaimed(key: string): PathNode | null {
    if (key.includes(".")) return this.#descendant(key.split("."));
    if (this.#unclaimed < UNCLAIMED_KEYS_MAX) {
      this.children.set(key, null);
      this.#unclaimed += 1;
    }
    return null;
  }

  /** Nobody looks here any more: takes away what leads to nothing else. */
  abandon(): void {
    this.slot = undefined;
    this.#prune();
  }

  #prune(): void {
    const parent = this.#parent;
    if (parent === undefined || this.slot !== undefined || this.#claimed > 0) return;
    if (typeof this.#step === "string") parent.children.delete(this.#step);
    else parent.elements?.delete(this.#step);
    parent.#claimed -= 1;
    parent.#prune();
  }

  #descendant(steps: readonly string[]): PathNode | null {
    let node: PathNode = this;
    for (const step of steps) {
      const child = node.children.get(step);
      if (!child) return null;
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
    const leaves = new Leaves();
    for (let place = 0; place < this.count; place++) {
      leaves.add(this.values[place] ?? null, trailOf(this.#elements[place]));
    }
    return leaves;
  }
}

/** A slot that held more values than this lets them go with the next document. */
const KEPT_VALUES_MAX = 1000;

/** An array is numbered before those inside it, so that trails are in order from the outermost. */
function trailOf(element: Element | undefined): Trail {
  const trail: number[] = [];
  for (let each = element; each !== undefined && each !== IN_ARRAY; each = each.outer)
    trail.unshift(each.array, each.index);
  return trail;
}
