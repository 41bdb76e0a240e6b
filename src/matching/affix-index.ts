import { TextTable } from "./text-table.ts";

/**
 * Entries by text, found for every text that begins (or ends) with theirs: one look-up for each length that is in use.
 *
 * A trie, which this replaced, follows a reference or more for each character; with 20,000 phone numbers in it most are far from the
 * processor's cache, and a look-up took several times as long.
 */
export class AffixIndex<Entry> {
  readonly #kind: "prefix" | "suffix";
  readonly #table = new TextTable<Entry>();
  /** How many texts there are of each length. */
  readonly #counts = new Map<number, number>();
  /** The lengths that there are, in ascending order. */
  #lengths: readonly number[] = [];
  /** Of the empty text, with which every text begins and ends. */
  #ofEmpty: Entry | undefined;

  constructor(kind: "prefix" | "suffix") {
    this.#kind = kind;
  }

  get(text: string): Entry | undefined {
    return text === "" ? this.#ofEmpty : this.#table.get(text, 0, text.length);
  }

  /** `undefined` takes the entry away. */
  set(text: string, entry: Entry | undefined): void {
    if (text === "") {
      this.#ofEmpty = entry;
      return;
    }
    const change = Number(entry !== undefined) - Number(this.get(text) !== undefined);
    this.#table.set(text, entry);
    this.#count(text.length, change);
  }

  /** Adds the entries of all beginnings (or ends) of a text, the text itself included. Hot. */
  collect(text: string, into: Entry[]): void {
    if (this.#ofEmpty !== undefined) into.push(this.#ofEmpty);
    for (const length of this.#lengths) {
      if (length > text.length) return;
      const entry = this.#table.get(text, this.#kind === "prefix" ? 0 : text.length - length, length);
      if (entry !== undefined) into.push(entry);
    }
  }

  #count(length: number, change: number): void {
    const before = this.#counts.get(length) ?? 0;
    const after = before + change;
    if (after > 0) this.#counts.set(length, after);
    else this.#counts.delete(length);
    if (before > 0 === after > 0) return;
    this.#lengths = [...this.#counts.keys()].sort((one, other) => one - other);
  }
}
