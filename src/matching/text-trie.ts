/**
 * Entries by text, found for every longer text that begins (or ends) with theirs: one walk along the text finds all of them.
 *
 * A radix trie: each node's label is the stretch of code units that leads to it, so that a text costs one node however long it is.
 * From the end, labels hold their code units in the order in which they are read: backwards.
 */
export class TextTrie<Entry> {
  readonly #root: Node<Entry> = { label: "", entry: undefined, children: undefined };
  readonly #fromEnd: boolean;

  constructor(from: "start" | "end") {
    this.#fromEnd = from === "end";
  }

  get(text: string): Entry | undefined {
    const key = this.#key(text);
    let node: Node<Entry> | undefined = this.#root;
    let depth = 0;
    while (node !== undefined && depth < key.length) {
      node = node.children?.get(key.charCodeAt(depth));
      if (node === undefined || !key.startsWith(node.label, depth)) return undefined;
      depth += node.label.length;
    }
    return node?.entry;
  }

  /** `undefined` takes the entry away. */
  set(text: string, entry: Entry | undefined): void {
    const key = this.#key(text);
    const way: Node<Entry>[] = [this.#root];
    let node = this.#root;
    let depth = 0;
    while (depth < key.length) {
      const code = key.charCodeAt(depth);
      let child: Node<Entry> | undefined = node.children?.get(code);
      if (child === undefined) {
        child = { label: key.slice(depth), entry: undefined, children: undefined };
        node.children ??= new Map();
      } else {
        child = split(child, sharedLength(child.label, key, depth));
      }
      node.children?.set(code, child);
      depth += child.label.length;
      node = child;
      way.push(node);
    }
    node.entry = entry;
    if (entry === undefined) prune(way);
  }

  /** Adds the entries of all beginnings (or ends) of a text, the text itself included. */
  collect(text: string, into: Entry[]): void {
    const { length } = text;
    let node = this.#root;
    let depth = 0;
    for (;;) {
      if (node.entry !== undefined) into.push(node.entry);
      if (node.children === undefined || depth === length) return;
      const child = node.children.get(text.charCodeAt(this.#fromEnd ? length - 1 - depth : depth));
      if (child === undefined) return;
      const { label } = child;
      if (label.length > length - depth) return;
      for (let i = 1; i < label.length; i++) {
        const at = depth + i;
        if (text.charCodeAt(this.#fromEnd ? length - 1 - at : at) !== label.charCodeAt(i)) return;
      }
      depth += label.length;
      node = child;
    }
  }

  #key(text: string): string {
    return this.#fromEnd ? text.split("").reverse().join("") : text;
  }
}

interface Node<Entry> {
  label: string;
  entry: Entry | undefined;
  /** By the first code unit of their labels. */
  children: Map<number, Node<Entry>> | undefined;
}

function sharedLength(label: string, key: string, depth: number): number {
  let length = 1;
  while (length < label.length && label.charCodeAt(length) === key.charCodeAt(depth + length)) length += 1;
  return length;
}

/** The node for the first part of a label; what the label goes on with becomes its child. */
function split<Entry>(node: Node<Entry>, length: number): Node<Entry> {
  if (length === node.label.length) return node;
  const beginning = node.label.slice(0, length);
  node.label = node.label.slice(length);
  return { label: beginning, entry: undefined, children: new Map([[node.label.charCodeAt(0), node]]) };
}

/** Takes away the nodes at the end of a way that lead nowhere. */
function prune<Entry>(way: readonly Node<Entry>[]): void {
  for (let i = way.length - 1; i > 0; i--) {
    const node = way[i];
    if (node === undefined || node.entry !== undefined || node.children !== undefined) return;
    const siblings = way[i - 1]?.children;
    siblings?.delete(node.label.charCodeAt(0));
    if (siblings?.size !== 0) return;
    (way[i - 1] as Node<Entry>).children = undefined;
  }
}
