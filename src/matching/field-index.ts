import { type AddressBlock, masked, parseAddress } from "./address.ts";
import { AffixIndex } from "./affix-index.ts";
import { type Decimal, parseDecimal } from "./decimal.ts";
import { GramIndex, gramOf } from "./gram-index.ts";
import { foldCase } from "./ignore-case.ts";
import { parseInstant, parseIsoInstant } from "./instant.ts";
import { type Interval, IntervalTree } from "./interval-tree.ts";
import type { Bound, Predicate, Scalar } from "./predicate.ts";
import { TextTable } from "./text-table.ts";

/**
 * Entries by a predicate on one field, found for a value that meets theirs without asking each.
 *
 * What is found may be too much and is never too little: a wildcard is filed under one stretch of its text, a decimal range under doubles.
 * What nearly every value meets (`exists`, `anything-but`) or what looks into it (`list-with`) shares one entry, and so does what asks for absence.
 */
export class FieldIndex<Entry> {
  /** Of what any value may meet. */
  present: Entry | undefined;
  /** Of what asks for no value. */
  absent: Entry | undefined;
  #exact: ExactIndex<Scalar, Entry> | undefined;
  #prefixes: AffixIndex<Entry> | undefined;
  #suffixes: AffixIndex<Entry> | undefined;
  #grams: GramIndex<Entry> | undefined;
  #ignoringCase: CaseFoldedIndex<Entry> | undefined;
  #blocks: BlockIndex<Entry> | undefined;
  #numbers: IntervalTree<Entry> | undefined;
  #decimals: IntervalTree<Entry> | undefined;
  #instants: IntervalTree<Entry> | undefined;
  #isoInstants: IntervalTree<Entry> | undefined;
  #texts: FieldIndex<Entry> | undefined;
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  get(predicate: Predicate): Entry | undefined {
    let found: Entry | undefined;
    this.#update(predicate, (entry) => {
      found = entry;
      return entry;
    });
    return found;
  }

  /** `undefined` takes the entry away. */
  set(predicate: Predicate, entry: Entry | undefined): void {
    this.#update(predicate, (before) => {
      this.#size += Number(entry !== undefined) - Number(before !== undefined);
      return entry;
    });
  }

  /** Adds the entries that a value may belong to, all but `present` and `absent`; some of them more than once. Hot. */
  collect(value: Scalar, into: Entry[]): void {
    const exact = this.#exact?.get(value);
    if (exact !== undefined) into.push(exact);
    if (typeof value === "string") {
      this.#prefixes?.collect(value, into);
      this.#suffixes?.collect(value, into);
      this.#grams?.collect(value, into);
      this.#ignoringCase?.collect(value, into);
      this.#blocks?.collect(value, into);
      if (this.#isoInstants) collectAt(this.#isoInstants, parseIsoInstant(value), into);
    } else if (typeof value === "number") {
      this.#numbers?.collect(value, into);
    }
    if (this.#decimals) collectAt(this.#decimals, toNumber(value), into);
    if (this.#instants) collectAt(this.#instants, parseInstant(value), into);
    if (this.#texts && value !== null) this.#texts.collectAll(String(value), into);
  }

  collectAll(value: Scalar, into: Entry[]): void {
    if (this.present !== undefined) into.push(this.present);
    this.collect(value, into);
  }

  #update(predicate: Predicate, change: Change<Entry>): void {
    switch (predicate.kind) {
      case "equals":
      case "named": {
        const key = predicate.kind === "named" ? predicate.name : predicate.value;
        this.#exact = updated(this.#exact, () => new ExactIndex<Scalar, Entry>(), key, change);
        return;
      }
      case "equals-ignore-case":
        this.#ignoringCase = updated(this.#ignoringCase, () => new CaseFoldedIndex<Entry>(), predicate, change);
        return;
      case "prefix":
      case "suffix":
        if (predicate.ignoreCase) {
          this.#ignoringCase = updated(this.#ignoringCase, () => new CaseFoldedIndex<Entry>(), predicate, change);
        } else this.#updateAffix(predicate, change);
        return;
      case "wildcard":
        this.#updateWildcard(predicate.pieces, change);
        return;
      case "cidr":
        this.#blocks = updated(this.#blocks, () => new BlockIndex<Entry>(), predicate.block, change);
        return;
      case "range":
        this.#numbers = updated(this.#numbers, () => new IntervalTree<Entry>(), interval(predicate, identity), change);
        return;
      case "decimal-range":
        this.#decimals = updated(
          this.#decimals,
          () => new IntervalTree<Entry>(),
          interval(predicate, asDouble),
          change,
        );
        return;
      case "instant-range": {
        const key = interval(predicate, identity);
        if (predicate.epoch) this.#instants = updated(this.#instants, () => new IntervalTree<Entry>(), key, change);
        else this.#isoInstants = updated(this.#isoInstants, () => new IntervalTree<Entry>(), key, change);
        return;
      }
      case "as-text":
        this.#texts = updated(this.#texts, () => new FieldIndex<Entry>(), predicate.predicate, change);
        return;
      case "anything-but":
      case "list-with":
      case "exists":
        this.present = change(this.present);
        return;
      case "absent":
        this.absent = change(this.absent);
        return;
    }
  }

  #updateAffix({ kind, text }: Affix, change: Change<Entry>): void {
    if (kind === "prefix")
      this.#prefixes = updated(this.#prefixes, () => new AffixIndex<Entry>("prefix"), text, change);
    else this.#suffixes = updated(this.#suffixes, () => new AffixIndex<Entry>("suffix"), text, change);
  }

  /** By its beginning or its end, where it has one, else by its longest piece. */
  #updateWildcard(pieces: readonly string[], change: Change<Entry>): void {
    const first = pieces[0] ?? "";
    const last = pieces.at(-1) ?? "";
    const longest = pieces.reduce((one, other) => (other.length > one.length ? other : one), "");
    if (longest === "") this.present = change(this.present);
    else if (first === "" && last === "") {
      this.#grams = updated(this.#grams, () => new GramIndex<Entry>(), gramOf(longest), change);
    } else {
      const isPrefix = first.length >= last.length;
      this.#updateAffix({ kind: isPrefix ? "prefix" : "suffix", text: isPrefix ? first : last }, change);
    }
  }
}

interface Affix {
  readonly kind: "prefix" | "suffix";
  readonly text: string;
}

type Change<Entry> = (entry: Entry | undefined) => Entry | undefined;

interface Lookup<Key, Entry> {
  get(key: Key): Entry | undefined;
  set(key: Key, entry: Entry | undefined): void;
}

/** The look-up with one entry changed; made where there was none and is one now. */
function updated<Key, Entry, L extends Lookup<Key, Entry>>(
  lookup: L | undefined,
  create: () => L,
  key: Key,
  change: Change<Entry>,
): L | undefined {
  const before = lookup?.get(key);
  const after = change(before);
  if (after === before) return lookup;
  const changed = lookup ?? create();
  changed.set(key, after);
  return changed;
}

/** Texts that are longer have no hash when they are read. */
const HASHED_TEXT_MAX = 10;

class ExactIndex<Key, Entry> implements Lookup<Key, Entry> {
  readonly #entries = new Map<Key, Entry>();
  #long: TextTable<Entry> | undefined;

  get(key: Key): Entry | undefined {
    if (typeof key === "string" && key.length > HASHED_TEXT_MAX) return this.#long?.get(key, 0, key.length);
    return this.#entries.get(key);
  }

  set(key: Key, entry: Entry | undefined): void {
    if (typeof key === "string" && key.length > HASHED_TEXT_MAX) {
      this.#long ??= new TextTable();
      this.#long.set(key, entry);
    } else if (entry === undefined) this.#entries.delete(key);
    else this.#entries.set(key, entry);
  }
}

type IgnoringCase = Affix | { readonly kind: "equals-ignore-case"; readonly text: string };

/** What ignores case, by the one form that all texts share which differ in case only. */
class CaseFoldedIndex<Entry> implements Lookup<IgnoringCase, Entry> {
  readonly #whole = new ExactIndex<string, Entry>();
  readonly #prefixes = new AffixIndex<Entry>("prefix");
  readonly #suffixes = new AffixIndex<Entry>("suffix");

  get({ kind, text }: IgnoringCase): Entry | undefined {
    return this.#lookup(kind).get(foldCase(text));
  }

  set({ kind, text }: IgnoringCase, entry: Entry | undefined): void {
    this.#lookup(kind).set(foldCase(text), entry);
  }

  collect(value: string, into: Entry[]): void {
    const folded = foldCase(value);
    const whole = this.#whole.get(folded);
    if (whole !== undefined) into.push(whole);
    this.#prefixes.collect(folded, into);
    this.#suffixes.collect(folded, into);
  }

  #lookup(kind: IgnoringCase["kind"]): Lookup<string, Entry> {
    if (kind === "prefix") return this.#prefixes;
    return kind === "suffix" ? this.#suffixes : this.#whole;
  }
}

/** Blocks of addresses: an address is looked up once for each length of mask that is in use. */
class BlockIndex<Entry> implements Lookup<AddressBlock, Entry> {
  /** By family and length of mask, then by the bits that count. */
  readonly #masks = new Map<string, { family: 4 | 6; maskBits: number; entries: Map<bigint, Entry> }>();

  get({ base, maskBits }: AddressBlock): Entry | undefined {
    return this.#masks.get(`${base.family}/${maskBits}`)?.entries.get(base.bits);
  }

  set({ base: { family, bits }, maskBits }: AddressBlock, entry: Entry | undefined): void {
    const name = `${family}/${maskBits}`;
    const mask = this.#masks.get(name) ?? { family, maskBits, entries: new Map<bigint, Entry>() };
    if (entry === undefined) mask.entries.delete(bits);
    else mask.entries.set(bits, entry);
    if (mask.entries.size === 0) this.#masks.delete(name);
    else this.#masks.set(name, mask);
  }

  collect(value: string, into: Entry[]): void {
    const address = this.#masks.size > 0 ? parseAddress(value) : undefined;
    if (address === undefined) return;
    for (const { family, maskBits, entries } of this.#masks.values()) {
      const entry = family === address.family ? entries.get(masked(address, maskBits)) : undefined;
      if (entry !== undefined) into.push(entry);
    }
  }
}

function collectAt<Entry>(intervals: IntervalTree<Entry>, value: number | undefined, into: Entry[]): void {
  if (value !== undefined) intervals.collect(value, into);
}

/** As wide as the range or wider: ends count, and a double may be a little off on both sides alike. */
function interval<T>(
  { bottom, top }: { readonly bottom?: Bound<T>; readonly top?: Bound<T> },
  number: (value: T) => number,
): Interval {
  return {
    low: bottom === undefined ? Number.NEGATIVE_INFINITY : number(bottom.value),
    high: top === undefined ? Number.POSITIVE_INFINITY : number(top.value),
  };
}

function identity(value: number): number {
  return value;
}

/** Rounding keeps the order of numbers, though not their difference: what lies within a range lies within its rounded ends. */
function asDouble({ negative, digits, exponent }: Decimal): number {
  return Number(`${negative ? "-" : ""}0.${digits || "0"}e${exponent}`);
}

function toNumber(value: Scalar): number | undefined {
  const decimal = parseDecimal(value);
  return decimal && asDouble(decimal);
}
