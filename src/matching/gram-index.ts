/** Longer grams than this would be rarer, but cost more to keep. */
const GRAM_LENGTH_MAX = 4;

/** Entries by a short piece of text, found for every text that has theirs anywhere in it. */
export class GramIndex<Entry> {
  /** By the length of the gram, so that a text is cut into pieces of those lengths only that are in use. */
  readonly #byLength = new Map<number, Map<string, Entry>>();

  get(gram: string): Entry | undefined {
    return this.#byLength.get(gram.length)?.get(gram);
  }

  /** `undefined` takes the entry away. */
  set(gram: string, entry: Entry | undefined): void {
    const entries = this.#byLength.get(gram.length) ?? new Map<string, Entry>();
    if (entry === undefined) entries.delete(gram);
    else entries.set(gram, entry);
    if (entries.size === 0) this.#byLength.delete(gram.length);
    else this.#byLength.set(gram.length, entries);
  }

  /** Adds the entries of all grams in a text, some of them several times. */
  collect(text: string, into: Entry[]): void {
    for (const [length, entries] of this.#byLength) {
      for (let at = 0; at + length <= text.length; at++) {
        const entry = entries.get(text.slice(at, at + length));
        if (entry !== undefined) into.push(entry);
      }
    }
  }
}

/** The gram by which to look for a text that is not empty. */
export function gramOf(text: string): string {
  return text.slice(0, GRAM_LENGTH_MAX);
}
