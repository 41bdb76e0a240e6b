/**
 * All cases of a domain, as searches look at them: in memory, made of the documents, and following them.
 *
 * ```
 * case id ─► ordinal ─► column of status:  code ─► texts: "open"      groups, bitmaps of what many have
 *                   ├─► column of title:   code ─► texts: "Kettle …"  groups, order
 *                   ├─► column of a price: number                     order
 *                   └─► column of tags:    code ─► texts: all tags of a case as one
 * ```
 *
 * A filter becomes a bitmap of ordinals, whatever it is made of: so the number of all that match is counted in some 50 µs a million. A page is read
 * off the order of what it is sorted by, where most of that match, or else chosen from those that do.
 */
import type { Case } from "../case.ts";
import type { FieldType } from "../field.ts";
import { Bitmap } from "./bitmap.ts";
import { BuiltOnUse } from "./built.ts";
import { type Column, NumberColumn, TextColumn } from "./column.ts";
import { Order } from "./order.ts";
import type { Pace } from "./pace.ts";
import { searchedValue } from "./searched-value.ts";
import { tagsText } from "./tags-text.ts";
import { Texts } from "./texts.ts";

export class CaseIndex {
  /** Which ordinals are those of cases. */
  readonly cases: Bitmap = new Bitmap();
  readonly columns: ReadonlyMap<string, Column>;
  readonly tags: TextColumn;
  readonly #columns = new Map<string, Column>();
  readonly #ids = new Texts({ folds: false });
  readonly #byId: BuiltOnUse<Order>;

  constructor() {
    this.columns = this.#columns;
    this.tags = new TextColumn(this.#ids, { folds: false });
    this.#byId = new BuiltOnUse({
      structure: new Order((a, b) => this.#ids.compare(a, b)),
      belongs: (ordinal) => this.cases.has(ordinal),
      last: () => this.#ids.lastCode,
    });
  }

  /** How many cases there are. */
  get size(): number {
    return this.#ids.size;
  }

  /** No ordinal is greater. */
  get lastOrdinal(): number {
    return this.#ids.lastCode;
  }

  /** Makes the column of a field, before the first case that has a value in it. */
  addField(id: string, type: FieldType): void {
    if (this.#columns.has(id)) return;
    const isTime = type === "DateTime";
    const column =
      isTime || type === "Number"
        ? new NumberColumn(this.#ids, { isTime })
        : new TextColumn(this.#ids, { folds: true });
    this.#columns.set(id, column);
  }

  /** Adds a case, or replaces what is known of it; answers its ordinal. */
  put({ id, values, tags }: Pick<Case, "id" | "values" | "tags">): number {
    const known = this.#ids.find(id);
    const ordinal = known === 0 ? this.#ids.add(id) : known;
    if (known === 0) {
      this.cases.add(ordinal);
      this.#byId.add(ordinal);
    }
    for (const [field, column] of this.#columns) column.set(ordinal, searchedValue(field, values[field]));
    this.tags.set(ordinal, tagsText(tags));
    return ordinal;
  }

  /** Answers the ordinal that it had; 0 where there was no such case. */
  delete(id: string): number {
    const ordinal = this.#ids.find(id);
    if (ordinal === 0) return 0;
    for (const column of this.#columns.values()) column.set(ordinal, undefined);
    this.tags.set(ordinal, undefined);
    this.#byId.delete(ordinal);
    this.cases.delete(ordinal);
    this.#ids.release(ordinal);
    return ordinal;
  }

  /** All cases, in the order of their ids. */
  byId(pace: Pace): Promise<Order> {
    return this.#byId.whole(pace);
  }

  idOf(ordinal: number): string {
    return this.#ids.text(ordinal);
  }

  compareIds(a: number, b: number): number {
    return this.#ids.compare(a, b);
  }

  compareId(ordinal: number, id: string): number {
    return this.#ids.compareKey(ordinal, Buffer.from(id));
  }
}
