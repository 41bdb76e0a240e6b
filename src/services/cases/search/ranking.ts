/**
 * The first ones of many cases in an order: by each sort in turn, those without a value last, and of equals by their ids.
 *
 * Where many match, the order of the first sort's column is walked until enough of them were met: of half of all cases some fifty steps find 25. Where
 * few match, or matches are nowhere near, the first ones are chosen from all that match.
 */
import { Bitmap } from "./bitmap.ts";
import { type Bound, type Bounds, boundsOf, isUnder } from "./bound.ts";
import type { CaseIndex } from "./case-index.ts";
import type { Column } from "./column.ts";
import type { Condition, Place, Sort, SortKey } from "./condition.ts";
import type { Order, Position } from "./order.ts";
import type { Pace } from "./pace.ts";

/** Of fewer it takes no time to choose. */
const MANY = 8_192;

/** So many equals are put in order by comparing them; more are ranked as if they were all that match. */
const EQUALS_MAX = 1_024;

/** So many steps of what match are taken along an order before they are chosen from instead. */
const STEPS_SHARE = 1 / 4;

interface ColumnSort {
  /** Absent: no case has a value. */
  readonly column: Column | undefined;
  readonly isDescending: boolean;
  /** All that match are within them, as far as they have a value. */
  readonly bounds: Bounds;
}

interface Wanted {
  readonly matches: Bitmap;
  readonly count: number;
  readonly sorts: readonly ColumnSort[];
  /** Only those behind this place. */
  readonly behind: Place | undefined;
  readonly limit: number;
}

/** Ranks cases of a domain. */
export class Ranking {
  readonly #index: CaseIndex;
  readonly #sorts: readonly Sort[];
  readonly #condition: Condition;
  /** Of columns, and of the ids. */
  readonly #orders = new Map<Column | "id", Order>();

  /** Of cases that meet the condition. */
  constructor(index: CaseIndex, sorts: readonly Sort[], condition: Condition) {
    this.#index = index;
    this.#sorts = sorts;
    this.#condition = condition;
  }

  /** Makes what is needed to rank so many, where it is not there yet. */
  async prepare(count: number, pace: Pace): Promise<void> {
    if (count < MANY) return;
    for (const { column } of this.#columnSorts) if (column) this.#orders.set(column, await column.order(pace));
    this.#orders.set("id", await this.#index.byId(pace));
  }

  /** The first `limit` of the cases of a bitmap, of those behind a place. */
  first(matches: Bitmap, behind: Place | undefined, limit: number): readonly number[] {
    return this.#first({ matches, count: matches.count, sorts: this.#columnSorts, behind, limit });
  }

  /** The place of a case in this order. */
  placeOf(ordinal: number): Place {
    const keyOf = ({ column }: ColumnSort) => (column?.present.has(ordinal) ? column.keyOf(ordinal) : undefined);
    return { keys: this.#columnSorts.map(keyOf), id: this.#index.idOf(ordinal) };
  }

  /** A field may have got its first value since. */
  get #columnSorts(): readonly ColumnSort[] {
    return this.#sorts.map(({ field, isDescending }) => ({
      column: this.#index.columns.get(field),
      isDescending,
      bounds: boundsOf(this.#condition, field),
    }));
  }

  #first(wanted: Wanted): readonly number[] {
    const { matches, count, sorts, behind, limit } = wanted;
    if (count < MANY) return this.#choose(wanted);
    const [sort, ...rest] = sorts;
    if (!sort) return this.#firstById(wanted) ?? this.#choose(wanted);
    const { column } = sort;
    const isPastValues = behind !== undefined && behind.keys[0] === undefined;
    const valued = column && { ...wanted, matches: matches.copy().and(column.present) };
    const found = !valued || isPastValues ? [] : (this.#firstByValue(valued, column, sort) ?? this.#choose(valued));
    if (found.length === limit) return found;
    const others = column ? matches.copy().andNot(column.present) : matches;
    const more = this.#first({
      matches: others,
      count: others.count,
      sorts: rest,
      behind: behind && isPastValues ? amongEquals(behind) : undefined,
      limit: limit - found.length,
    });
    return [...found, ...more];
  }

  /** Goes from value to value. `undefined` where that would take longer than to choose. */
  #firstByValue(wanted: Wanted, column: Column, sort: ColumnSort): readonly number[] | undefined {
    const { count, behind, limit } = wanted;
    const order = this.#orders.get(column);
    if (!order) return undefined;
    const { isDescending } = sort;
    const rest = wanted.sorts.slice(1);
    const key = behind?.keys[0];
    const found: number[] = [];
    let position = startAt(order, column, sort, key);
    let steps = 0;
    while (found.length < limit) {
      const equals = isDescending ? equalsBefore(order, column, position) : equalsFrom(order, column, position);
      if (!equals) break;
      steps += equals.few?.length ?? 1;
      if (steps > count * STEPS_SHARE) return undefined;
      const isAtKey = key !== undefined && column.compareKey(equals.one, key) === 0;
      const among = { ...wanted, sorts: rest, behind: behind && isAtKey ? amongEquals(behind) : undefined };
      found.push(...this.#firstOfEquals({ ...among, limit: limit - found.length }, order, equals));
      position = isDescending ? equals.from : equals.to;
    }
    return found;
  }

  #firstOfEquals(wanted: Wanted, order: Order, { from, to, few }: Equals): readonly number[] {
    const { matches, sorts, behind, limit } = wanted;
    if (few) {
      const found = few.filter(
        (ordinal) => matches.has(ordinal) && (!behind || this.#compareTo(sorts, ordinal, behind) > 0),
      );
      return found.sort((a, b) => this.#compare(sorts, a, b)).slice(0, limit);
    }
    const those = new Bitmap(matches.size);
    order.each(from, to, (ordinal) => matches.has(ordinal) && those.add(ordinal));
    return this.#first({ ...wanted, matches: those, count: those.count });
  }

  #firstById({ matches, count, behind, limit }: Wanted): readonly number[] | undefined {
    const order = this.#orders.get("id");
    if (!order) return undefined;
    const found: number[] = [];
    let position = behind ? order.find((ordinal) => this.#index.compareId(ordinal, behind.id) <= 0) : order.start;
    for (let steps = 0; found.length < limit; steps++) {
      const ordinal = order.at(position);
      if (ordinal === undefined) break;
      if (steps > count * STEPS_SHARE) return undefined;
      if (matches.has(ordinal)) found.push(ordinal);
      position = order.next(position);
    }
    return found;
  }

  #choose({ matches, sorts, behind, limit }: Wanted): readonly number[] {
    const first: number[] = [];
    const [{ column, isDescending } = { column: undefined, isDescending: false }] = sorts;
    const visit = (ordinal: number): void => {
      const last = first.length === limit ? first.at(-1) : undefined;
      // Hot: of very many nearly all are refused here.
      if (last !== undefined && column?.present.has(last) && column.present.has(ordinal)) {
        const difference = column.compare(ordinal, last);
        if (isDescending ? difference < 0 : difference > 0) return;
      }
      if (last !== undefined && this.#compare(sorts, ordinal, last) > 0) return;
      if (behind && this.#compareTo(sorts, ordinal, behind) <= 0) return;
      if (last !== undefined) first.pop();
      let at = first.length;
      while (at > 0 && this.#compare(sorts, first[at - 1] as number, ordinal) > 0) at--;
      first.splice(at, 0, ordinal);
    };
    // The newest cases mostly have the greatest ordinals: so most others are refused at once.
    if (isDescending) matches.eachBack(visit);
    else matches.each(visit);
    return first;
  }

  #compare(sorts: readonly ColumnSort[], a: number, b: number): number {
    for (const { column, isDescending } of sorts) {
      if (!column) continue;
      const [hasOne, hasOther] = [column.present.has(a), column.present.has(b)];
      if (hasOne !== hasOther) return hasOne ? -1 : 1;
      const difference = hasOne ? column.compare(a, b) : 0;
      if (difference !== 0) return isDescending ? -difference : difference;
    }
    return this.#index.compareIds(a, b);
  }

  #compareTo(sorts: readonly ColumnSort[], ordinal: number, { keys, id }: Place): number {
    for (const [place, { column, isDescending }] of sorts.entries()) {
      const key = keys[place];
      const isPresent = column?.present.has(ordinal) ?? false;
      if (isPresent !== (key !== undefined)) return isPresent ? -1 : 1;
      const difference = column && key !== undefined ? column.compareKey(ordinal, key) : 0;
      if (difference !== 0) return isDescending ? -difference : difference;
    }
    return this.#index.compareId(ordinal, id);
  }
}

/** The place among those who are equal in the first sort. */
function amongEquals({ keys, id }: Place): Place {
  return { keys: keys.slice(1), id };
}

/** Ordinals of an order that have the same value in a column. */
interface Equals {
  readonly from: Position;
  readonly to: Position;
  readonly one: number;
  /** All of them, where they are few. */
  readonly few?: readonly number[];
}

/** Where to begin: at the beginning of those who have the key and are within the bounds, or at their end. */
function startAt(
  order: Order,
  column: Column,
  { isDescending, bounds }: ColumnSort,
  key: SortKey | undefined,
): Position {
  const compare = (ordinal: number): number => (key === undefined ? 0 : column.compareKey(ordinal, key));
  const isUnderOne = (ordinal: number, { number, isIncluded }: Bound): boolean =>
    isUnder(column.compareKey(ordinal, number), { number: 0, isIncluded });
  return isDescending
    ? order.find((ordinal) => compare(ordinal) <= 0 && bounds.under.every((bound) => isUnderOne(ordinal, bound)))
    : order.find((ordinal) => compare(ordinal) < 0 || bounds.beyond.some((bound) => isUnderOne(ordinal, bound)));
}

function equalsFrom(order: Order, column: Column, from: Position): Equals | undefined {
  const one = order.at(from);
  if (one === undefined) return undefined;
  const few: number[] = [];
  let to = from;
  for (let other: number | undefined = one; other !== undefined && column.compare(other, one) === 0; ) {
    if (few.length === EQUALS_MAX) return allEquals(order, column, one);
    few.push(other);
    to = order.next(to);
    other = order.at(to);
  }
  return { from, to, one, few };
}

function equalsBefore(order: Order, column: Column, to: Position): Equals | undefined {
  let from = order.previous(to);
  if (!from) return undefined;
  const one = order.at(from) as number;
  const few = [one];
  for (let before = order.previous(from); before; before = order.previous(from)) {
    const other = order.at(before) as number;
    if (column.compare(other, one) !== 0) break;
    if (few.length === EQUALS_MAX) return allEquals(order, column, one);
    few.push(other);
    from = before;
  }
  return { from, to, one, few };
}

function allEquals(order: Order, column: Column, one: number): Equals {
  const from = order.find((other) => column.compare(other, one) < 0);
  const to = order.find((other) => column.compare(other, one) <= 0);
  return { from, to, one };
}
