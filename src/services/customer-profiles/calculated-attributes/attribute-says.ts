/**
 * What objects of one type say of the calculated attributes of their profile, as it is stored: the newest in one document, the older ones in pages
 * that seldom change. A profile may have a thousand objects that say fifty things each; when all of it was one document, that was written anew with
 * each object, and took 15 ms of it.
 *
 *     page 0 │ page 1 │ … │ newest      64 objects a page, 64 to 128 in the newest
 */
import { type Collection, collection, type Reader, type Unit } from "../../../store/store.ts";
import { type Domain, inDomain } from "../domain.ts";

/** Whose says they are. */
export interface SaysPlace {
  /** Of its domain. */
  readonly uid: string;
  readonly profileId: string;
  /** Of the objects. */
  readonly type: string;
}

interface AttributeValues extends SaysPlace {
  /** The ids of the definitions that something is said of. Says name them by their places here, which never change: ids are long. */
  readonly definitions: readonly string[];
  /** The newest, in the order of their last ingestion. */
  readonly objects: readonly Say[];
  /** Another one each time that it is written. */
  readonly version?: number | undefined;
  /** Where the older ones are, the oldest first. */
  readonly pages?: readonly PageEntry[] | undefined;
  /** There were more objects than are kept. */
  readonly isCut?: true | undefined;
}

interface PageEntry {
  readonly number: number;
  readonly count: number;
  /** Times of the first and of the last. */
  readonly fromMs: number;
  readonly toMs: number;
}

interface AttributePage extends SaysPlace {
  readonly number: number;
  readonly objects: readonly Say[];
}

/** What one object says, by the places of definitions: a value, or with a time of its own that and the value. It says nothing once it has expired. */
export type Say = readonly [
  objectId: string,
  ingestedMs: number,
  expiresMs: number,
  values: Readonly<Record<number, SaidValue>>,
];

export type SaidValue = string | readonly [value: string, timeMs: number];

export const attributeValues: Collection<AttributeValues> = collection("profiles_attribute_values");
export const attributePages: Collection<AttributePage> = collection("profiles_attribute_pages");

export function attributeValuesKey({ uid, profileId, type }: SaysPlace): string {
  return inDomain({ uid }, profileId, type);
}

export function attributePageKey({ uid, profileId, type, number }: SaysPlace & { readonly number: number }): string {
  return inDomain({ uid }, profileId, type, number);
}

const PAGE_OBJECTS = 64;

/** "Objects per profile: 1,000": of more, the newest count. */
const OBJECTS_MAX = 1_000;

/** What is left of a say that is of use; one that says nothing is of none. */
export type Useful = (say: Say) => Say;

/** All that is said at a place, the oldest first. */
export async function readSays(reader: Reader, place: SaysPlace): Promise<KnownSays> {
  for (;;) {
    const found = await reader.get(attributeValues, attributeValuesKey(place));
    const says: Say[] = [];
    for (const { number } of found?.pages ?? []) {
      says.push(...((await reader.get(attributePages, attributePageKey({ ...place, number })))?.objects ?? []));
    }
    // Outside of a unit they may have changed in between.
    if (found?.pages && (await reader.get(attributeValues, attributeValuesKey(place)))?.version !== found.version)
      continue;
    says.push(...(found?.objects ?? []));
    return { definitions: found?.definitions ?? [], says, isCut: found?.isCut === true };
  }
}

interface KnownSays {
  readonly definitions: readonly string[];
  readonly says: readonly Say[];
  readonly isCut: boolean;
}

/** Those that count. */
export function newestSays(says: readonly Say[]): readonly Say[] {
  return says.slice(-OBJECTS_MAX);
}

export function saysAnything([, , , values]: Say): boolean {
  for (const _ in values) return true;
  return false;
}

/** The says of a place while they change, in a unit. */
export class ChangingSays {
  readonly places: Places;
  readonly #unit: Unit;
  readonly #place: SaysPlace;
  readonly #isStored: boolean;
  readonly #version: number;
  #newest: readonly Say[];
  #pages: readonly PageEntry[];
  #isCut: boolean;
  /** All of them are at hand, to be written anew. */
  #isWhole = false;

  private constructor(unit: Unit, place: SaysPlace, old: AttributeValues | undefined) {
    this.#unit = unit;
    this.#place = place;
    this.#isStored = old !== undefined;
    this.#version = (old?.version ?? 0) + 1;
    this.places = new Places(old?.definitions ?? []);
    this.#newest = old?.objects ?? [];
    this.#pages = old?.pages ?? [];
    this.#isCut = old?.isCut === true;
  }

  static async open(unit: Unit, { uid, profileId, type }: SaysPlace): Promise<ChangingSays> {
    const place = { uid, profileId, type };
    return new ChangingSays(unit, place, await unit.get(attributeValues, attributeValuesKey(place)));
  }

  /** Takes away what an object says. `timeMs`: when that was ingested. */
  async remove(id: string, timeMs: number): Promise<void> {
    const isAnother = ([objectId]: Say): boolean => objectId !== id;
    const kept = this.#newest.filter(isAnother);
    if (kept.length < this.#newest.length || this.#isWhole) {
      this.#newest = kept;
      return;
    }
    for (const page of this.#pages.filter(({ fromMs, toMs }) => fromMs <= timeMs && timeMs <= toMs)) {
      await this.#changePage(page, (says) => says.filter(isAnother));
    }
  }

  /** Adds what objects say. Those that are not newer than all others, such as of a profile that was merged, have all of it written anew. */
  async add(says: readonly Say[], isCut = false): Promise<void> {
    this.#isCut ||= isCut;
    const lastMs = this.#newest.at(-1)?.[1] ?? this.#pages.at(-1)?.toMs ?? 0;
    const isInOrder = says.every(([, ingestedMs], place) => ingestedMs >= (says[place - 1]?.[1] ?? lastMs));
    if (!isInOrder) await this.#readWhole();
    const all = [...this.#newest, ...says];
    this.#newest = isInOrder ? all : all.sort(([, one], [, other]) => one - other);
  }

  /** Writes what is of use: of older pages the oldest is looked at, each time that another one is full. */
  async write(useful: Useful): Promise<void> {
    this.#newest = this.#newest.map(useful).filter(saysAnything);
    if (this.#isWhole) {
      const kept = newestSays(this.#newest);
      this.#isCut ||= kept.length < this.#newest.length;
      this.#newest = kept;
    }
    while (this.#newest.length >= 2 * PAGE_OBJECTS) {
      this.#turnPage();
      if (!this.#isWhole) await this.#trim(useful);
    }
    const key = attributeValuesKey(this.#place);
    if (this.#newest.length > 0 || this.#pages.length > 0) {
      this.#unit.put(attributeValues, key, {
        ...this.#place,
        version: this.#version,
        definitions: this.places.ids,
        objects: this.#newest,
        ...(this.#pages.length > 0 && { pages: this.#pages }),
        ...(this.#isCut && { isCut: true }),
      });
    } else if (this.#isStored) this.#unit.delete(attributeValues, key);
  }

  #turnPage(): void {
    const objects = this.#newest.slice(0, PAGE_OBJECTS);
    this.#newest = this.#newest.slice(PAGE_OBJECTS);
    const number = (this.#pages.at(-1)?.number ?? -1) + 1;
    this.#pages = [...this.#pages, entryOf(number, objects)];
    this.#put(number, objects);
  }

  /** The oldest page goes where there are enough without it, and else keeps what is of use. */
  async #trim(useful: Useful): Promise<void> {
    const [oldest, ...younger] = this.#pages;
    if (!oldest) return;
    const others = younger.reduce((total, { count }) => total + count, this.#newest.length);
    let isOfUse = false;
    await this.#changePage(oldest, (says) => {
      const kept = says.map(useful).filter(saysAnything);
      isOfUse = kept.length > 0;
      return others >= OBJECTS_MAX ? [] : kept;
    });
    this.#isCut ||= isOfUse && others >= OBJECTS_MAX;
  }

  async #changePage({ number }: PageEntry, change: (says: readonly Say[]) => readonly Say[]): Promise<void> {
    const before = await this.#read(number);
    const after = change(before);
    if (after.length === before.length && after.every((say, place) => say === before[place])) return;
    this.#pages = this.#pages.flatMap((page) => {
      if (page.number !== number) return [page];
      return after.length === 0 ? [] : [entryOf(number, after)];
    });
    if (after.length === 0) this.#unit.delete(attributePages, attributePageKey({ ...this.#place, number }));
    else this.#put(number, after);
  }

  async #readWhole(): Promise<void> {
    if (this.#isWhole) return;
    const older: Say[] = [];
    for (const { number } of this.#pages) {
      older.push(...(await this.#read(number)));
      this.#unit.delete(attributePages, attributePageKey({ ...this.#place, number }));
    }
    this.#newest = [...older, ...this.#newest];
    this.#pages = [];
    this.#isWhole = true;
  }

  async #read(number: number): Promise<readonly Say[]> {
    return (await this.#unit.get(attributePages, attributePageKey({ ...this.#place, number })))?.objects ?? [];
  }

  #put(number: number, objects: readonly Say[]): void {
    this.#unit.put(attributePages, attributePageKey({ ...this.#place, number }), { ...this.#place, number, objects });
  }
}

function entryOf(number: number, says: readonly Say[]): PageEntry {
  return { number, count: says.length, fromMs: says[0]?.[1] ?? 0, toMs: says.at(-1)?.[1] ?? 0 };
}

/** The places of definitions, by their ids. */
export class Places {
  readonly ids: string[];
  readonly #places: Map<string, number>;

  constructor(ids: readonly string[]) {
    this.ids = [...ids];
    this.#places = new Map(ids.map((id, place) => [id, place]));
  }

  /** One that has none yet gets the next. */
  of(id: string): number {
    const place = this.#places.get(id) ?? this.ids.push(id) - 1;
    this.#places.set(id, place);
    return place;
  }
}

/** Deletes all that is said of a profile. */
export async function forgetSays(unit: Unit, domain: Pick<Domain, "uid">, profileId: string): Promise<void> {
  for (const place of await saysOfProfile(unit, domain, profileId)) await forgetSaysAt(unit, place);
}

export async function forgetSaysAt(unit: Unit, place: SaysPlace): Promise<void> {
  const key = attributeValuesKey(place);
  const found = await unit.get(attributeValues, key);
  unit.delete(attributeValues, key);
  for (const { number } of found?.pages ?? []) unit.delete(attributePages, attributePageKey({ ...place, number }));
}

/** The places at which something is said of a profile. */
export async function saysOfProfile(
  reader: Reader,
  domain: Pick<Domain, "uid">,
  profileId: string,
): Promise<readonly SaysPlace[]> {
  const found: SaysPlace[] = [];
  let after: string | undefined;
  do {
    const range = { prefix: inDomain(domain, profileId, ""), limit: 100, after };
    const page = await reader.list(attributeValues, range);
    found.push(...page.documents.map(({ uid, type }) => ({ uid, profileId, type })));
    after = page.next;
  } while (after !== undefined);
  return found;
}
