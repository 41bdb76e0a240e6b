/**
 * Entries by interval of numbers, both ends included, found for every number that lies within theirs.
 *
 * A treap ordered by the intervals' lower ends, in which each node knows the highest upper end below it: whole branches whose intervals
 * all end before a number are passed over. Priorities come from a fixed sequence, so that the same additions make the same tree.
 */
export class IntervalTree<Entry> {
  #root: Node<Entry> | undefined;
  #lastPriority = 1;

  get(interval: Interval): Entry | undefined {
    let node = this.#root;
    while (node !== undefined) {
      const order = compare(interval, node);
      if (order === 0) return node.entry;
      node = order < 0 ? node.left : node.right;
    }
    return undefined;
  }

  /** `undefined` takes the entry away. */
  set(interval: Interval, entry: Entry | undefined): void {
    if (entry === undefined) this.#root = without(this.#root, interval);
    else this.#root = withEntry(this.#root, interval, entry, this.#nextPriority());
  }

  /** Adds the entries of all intervals that a number lies in. */
  collect(value: number, into: Entry[]): void {
    collectBelow(this.#root, value, into);
  }

  /** Xorshift: good enough to keep the tree flat. */
  #nextPriority(): number {
    let next = this.#lastPriority;
    next ^= next << 13;
    next ^= next >>> 17;
    next ^= next << 5;
    this.#lastPriority = next;
    return next;
  }
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

interface Node<Entry> extends Interval {
  entry: Entry;
  readonly priority: number;
  /** The highest upper end of this node and all below it. */
  highest: number;
  left: Node<Entry> | undefined;
  right: Node<Entry> | undefined;
}

function compare(one: Interval, other: Interval): number {
  if (one.low !== other.low) return one.low < other.low ? -1 : 1;
  if (one.high !== other.high) return one.high < other.high ? -1 : 1;
  return 0;
}

function withEntry<Entry>(
  node: Node<Entry> | undefined,
  { low, high }: Interval,
  entry: Entry,
  priority: number,
): Node<Entry> {
  if (node === undefined) return { low, high, entry, priority, highest: high, left: undefined, right: undefined };
  const order = compare({ low, high }, node);
  if (order === 0) {
    node.entry = entry;
    return node;
  }
  if (order < 0) {
    node.left = withEntry(node.left, { low, high }, entry, priority);
    return settled(node.left.priority > node.priority ? rotatedRight(node, node.left) : node);
  }
  node.right = withEntry(node.right, { low, high }, entry, priority);
  return settled(node.right.priority > node.priority ? rotatedLeft(node, node.right) : node);
}

function without<Entry>(node: Node<Entry> | undefined, interval: Interval): Node<Entry> | undefined {
  if (node === undefined) return undefined;
  const order = compare(interval, node);
  if (order === 0) return merged(node.left, node.right);
  if (order < 0) node.left = without(node.left, interval);
  else node.right = without(node.right, interval);
  return settled(node);
}

/** One tree of two, all of the first before all of the second. */
function merged<Entry>(first: Node<Entry> | undefined, second: Node<Entry> | undefined): Node<Entry> | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  if (first.priority > second.priority) {
    first.right = merged(first.right, second);
    return settled(first);
  }
  second.left = merged(first, second.left);
  return settled(second);
}

function rotatedRight<Entry>(node: Node<Entry>, left: Node<Entry>): Node<Entry> {
  node.left = left.right;
  left.right = settled(node);
  return left;
}

function rotatedLeft<Entry>(node: Node<Entry>, right: Node<Entry>): Node<Entry> {
  node.right = right.left;
  right.left = settled(node);
  return right;
}

function settled<Entry>(node: Node<Entry>): Node<Entry> {
  node.highest = Math.max(
    node.high,
    node.left?.highest ?? Number.NEGATIVE_INFINITY,
    node.right?.highest ?? Number.NEGATIVE_INFINITY,
  );
  return node;
}

function collectBelow<Entry>(node: Node<Entry> | undefined, value: number, into: Entry[]): void {
  if (node === undefined || node.highest < value) return;
  collectBelow(node.left, value, into);
  if (node.low > value) return;
  if (node.high >= value) into.push(node.entry);
  collectBelow(node.right, value, into);
}
