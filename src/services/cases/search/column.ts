/**
 * What cases have in one field, by their ordinals: numbers and times as numbers, everything else as codes of its texts.
 *
 * Beside the values themselves a column has, from the first search on that needs it: an order (ranges of numbers, sorts), groups (who has a
 * text), and a bitmap for each text that was asked for and that many cases have.
 */
import { BoundedMap } from "../../bounded-map.ts";
import type { StoredValue } from "../field-value.ts";
import { Bitmap } from "./bitmap.ts";
import { type Bound, isUnder } from "./bound.ts";
import { BuiltOnUse } from "./built.ts";
import type { SortKey } from "./condition.ts";
import { Groups } from "./groups.ts";
import { Numbers } from "./numbers.ts";
import { Order, type Position } from "./order.ts";
import type { Pace } from "./pace.ts";
import { Texts } from "./texts.ts";

/** The cases of a domain: the code of a case's id is its ordinal. */
type Ordinals = Pick<Texts, "lastCode" | "compare">;

export abstract class Column {
  /** Which cases have a value. */
  readonly present: Bitmap = new Bitmap();
  protected readonly ordinals: Ordinals;
  protected readonly ordered: BuiltOnUse<Order>;

  constructor(ordinals: Ordinals) {
    this.ordinals = ordinals;
    this.ordered = new BuiltOnUse({
      structure: new Order((a, b) => this.compare(a, b) || ordinals.compare(a, b)),
      belongs: (ordinal) => this.present.has(ordinal),
      last: () => ordinals.lastCode,
    });
  }

  abstract set(ordinal: number, value: StoredValue | undefined): void;
  /** How two cases that have a value are ordered by it. */
  abstract compare(a: number, b: number): number;
  /** How a case that has a value is ordered against a key. */
  abstract compareKey(ordinal: number, key: SortKey): number;
  abstract keyOf(ordinal: number): SortKey;

  /** Those who have a value, in its order, of equals by their ids. */
  order(pace: Pace): Promise<Order> {
    return this.ordered.whole(pace);
  }
}

export class NumberColumn extends Column {
  readonly #isTime: boolean;
  readonly #values = Numbers.any();
  readonly #marks = new BoundedMap<string, Mark>(MARKS_MAX);

  /** `isTime`: of ISO 8601 texts. */
  constructor(ordinals: Ordinals, { isTime }: { readonly isTime: boolean }) {
    super(ordinals);
    this.#isTime = isTime;
  }

  set(ordinal: number, value: StoredValue | undefined): void {
    const number = value === undefined ? Number.NaN : this.#isTime ? Date.parse(String(value)) : Number(value);
    const wasPresent = this.present.has(ordinal);
    const isPresent = !Number.isNaN(number);
    if (wasPresent === isPresent && (!isPresent || this.#values.get(ordinal) === number)) return;
    if (wasPresent) {
      this.ordered.delete(ordinal);
      for (const { members } of this.#marks.values()) members.delete(ordinal);
    }
    this.present.put(ordinal, isPresent);
    if (!isPresent) return;
    this.#values.set(ordinal, number);
    this.ordered.add(ordinal);
    for (const { bound, members } of this.#marks.values()) if (isUnder(number, bound)) members.add(ordinal);
  }

  get(ordinal: number): number | undefined {
    return this.present.has(ordinal) ? this.#values.get(ordinal) : undefined;
  }

  /** As the API tells it. */
  text(ordinal: number): string {
    const number = this.#values.get(ordinal);
    return this.#isTime ? new Date(number).toISOString() : String(number);
  }

  /** Whether such a text may have a part like this. */
  mayContain(part: string): boolean {
    if (!this.#isTime) return /^[\d.e+-]+$/i.test(part);
    return /^[\dtz:.-]+$/i.test(part) && TIME_SHAPE.includes(part.toLowerCase().replaceAll(/\d/g, "0"));
  }

  compare(a: number, b: number): number {
    return this.#values.get(a) - this.#values.get(b);
  }

  compareKey(ordinal: number, key: SortKey): number {
    return this.#values.get(ordinal) - (key as number);
  }

  keyOf(ordinal: number): number {
    return this.#values.get(ordinal);
  }

  /**
   * Which cases have a number under a bound: those of the order up to there. Where they are many, and so are the others, a mark near the bound is
   * taken and put right by what lies between: without one, one is made there.
   */
  async under(bound: Bound, pace: Pace): Promise<Bitmap> {
    const order = await this.order(pace);
    const near = Math.max(NEAR_MIN, order.size * NEAR_SHARE);
    const end = this.#positionOf(order, bound);
    if (order.count(order.start, end) <= near) return putRight(new Bitmap(this.present.size), order, order.start, end);
    if (order.count(end, order.end) <= near) return putRight(this.present.copy(), order, order.end, end);
    const mark = this.#marks.get(boundText(bound)) ?? this.#nearest(order, bound, near) ?? this.#makeMark(bound);
    const members = await mark.members.whole(pace);
    return putRight(members.copy(), order, this.#positionOf(order, mark.bound), this.#positionOf(order, bound));
  }

  #positionOf(order: Order, bound: Bound): Position {
    return order.find((ordinal) => isUnder(this.#values.get(ordinal), bound));
  }

  /** A mark between which and the bound there are few. */
  #nearest(order: Order, bound: Bound, near: number): Mark | undefined {
    let [below, above]: (Mark | undefined)[] = [];
    for (const mark of this.#marks.values()) {
      if (mark.bound.number <= bound.number) below = !below || mark.bound.number > below.bound.number ? mark : below;
      else above = !above || mark.bound.number < above.bound.number ? mark : above;
    }
    const end = this.#positionOf(order, bound);
    const isNear = (mark: Mark | undefined): boolean =>
      mark !== undefined && distance(order, this.#positionOf(order, mark.bound), end) <= near;
    return [below, above].find(isNear);
  }

  #makeMark(bound: Bound): Mark {
    const members = new BuiltOnUse({
      structure: new Bitmap(this.present.size),
      belongs: (ordinal) => this.present.has(ordinal) && isUnder(this.#values.get(ordinal), bound),
      last: () => this.ordinals.lastCode,
    });
    const mark = { bound, members };
    this.#marks.set(boundText(bound), mark);
    return mark;
  }
}

/** Which cases have a number under a bound, kept. */
interface Mark {
  readonly bound: Bound;
  readonly members: BuiltOnUse<Bitmap>;
}

/** With so many marks at chance places one is near most bounds. */
const MARKS_MAX = 64;

/** Between a mark and a bound that it is near there are no more, or no more than this share of all. */
const NEAR_MIN = 1_024;
const NEAR_SHARE = 1 / 32;

function boundText({ number, isIncluded }: Bound): string {
  return `${number} ${isIncluded}`;
}

function distance(order: Order, a: Position, b: Position): number {
  return Math.max(order.count(a, b), order.count(b, a));
}

/** Makes of those before one position those before another one. */
function putRight(members: Bitmap, order: Order, from: Position, to: Position): Bitmap {
  order.each(from, to, (ordinal) => members.add(ordinal));
  order.each(to, from, (ordinal) => members.delete(ordinal));
  return members;
}

const TIME_SHAPE = "0000-00-00t00:00:00.000z";

/** A text is frequent that so many cases have, and no less than this share of all. */
const FREQUENT_MIN = 1_024;
const FREQUENT_SHARE = 1 / 64;

export class TextColumn extends Column {
  readonly texts: Texts;
  readonly #codes = Numbers.whole();
  readonly #groups: BuiltOnUse<Groups>;
  /** By their codes; no more texts than these can be frequent at once. */
  readonly #frequent = new BoundedMap<number, BuiltOnUse<Bitmap>>(1 / FREQUENT_SHARE);

  /** `folds`: parts of a text are found in whatever case. */
  constructor(ordinals: Ordinals, { folds }: { readonly folds: boolean }) {
    super(ordinals);
    this.texts = new Texts({ folds });
    this.#groups = new BuiltOnUse({
      structure: new Groups((ordinal) => this.code(ordinal)),
      belongs: (ordinal) => this.code(ordinal) !== 0,
      last: () => ordinals.lastCode,
    });
  }

  set(ordinal: number, value: StoredValue | undefined): void {
    const before = this.code(ordinal);
    const after = value === undefined ? 0 : this.texts.add(String(value));
    if (before !== 0) {
      if (before !== after) this.#leave(ordinal, before);
      this.texts.release(before);
    }
    if (before !== after) this.#enter(ordinal, after);
  }

  /** The code of a case's text, 0 for none. */
  code(ordinal: number): number {
    return this.#codes.get(ordinal);
  }

  compare(a: number, b: number): number {
    return this.texts.compare(this.code(a), this.code(b));
  }

  compareKey(ordinal: number, key: SortKey): number {
    return this.texts.compareKey(this.code(ordinal), key as Uint8Array);
  }

  keyOf(ordinal: number): Uint8Array {
    return this.texts.orderKey(this.code(ordinal));
  }

  groups(pace: Pace): Promise<Groups> {
    return this.#groups.whole(pace);
  }

  /** Which cases have a text, by its code. */
  async having(code: number, pace: Pace): Promise<Bitmap> {
    const last = this.ordinals.lastCode;
    const uses = this.texts.uses(code);
    if (uses >= FREQUENT_MIN && uses >= last * FREQUENT_SHARE) return (await this.#frequentOf(code, pace)).copy();
    const found = new Bitmap(last + 1);
    const groups = await this.groups(pace);
    groups.each(code, (ordinal) => found.add(ordinal));
    return found;
  }

  #frequentOf(code: number, pace: Pace): Promise<Bitmap> {
    let bitmap = this.#frequent.get(code);
    if (!bitmap) {
      bitmap = new BuiltOnUse({
        structure: new Bitmap(this.ordinals.lastCode + 1),
        belongs: (ordinal) => this.code(ordinal) === code,
        last: () => this.ordinals.lastCode,
      });
      this.#frequent.set(code, bitmap);
    }
    return bitmap.whole(pace);
  }

  #leave(ordinal: number, code: number): void {
    this.ordered.delete(ordinal);
    this.#groups.delete(ordinal);
    this.#frequent.get(code)?.delete(ordinal);
    // The code may become that of another text.
    if (this.texts.uses(code) === 1) this.#frequent.delete(code);
  }

  #enter(ordinal: number, code: number): void {
    this.#codes.set(ordinal, code);
    this.present.put(ordinal, code !== 0);
    if (code === 0) return;
    this.ordered.add(ordinal);
    this.#groups.add(ordinal);
    this.#frequent.get(code)?.add(ordinal);
  }
}
