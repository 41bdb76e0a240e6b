/**
 * The index of a domain's cases, kept in step with their collection.
 *
 * It is made when cases of the domain are first searched, page by page, and told of each change in the order of commits, before the commit is
 * acknowledged: the ids that have changed are noted, and the documents read anew, at once or by whoever searches before that.
 */
import type { Store } from "../../../store/store.ts";
import type { WallClock } from "../../../time/clock.ts";
import { perStore } from "../../per-store.ts";
import { type Case, cases } from "../case.ts";
import { type DomainRef, inDomain } from "../domain.ts";
import { type FieldType, fieldKey, fields, SYSTEM_FIELDS } from "../field.ts";
import { CaseIndex } from "./case-index.ts";
import { Pace } from "./pace.ts";

/** Documents read at once: some milliseconds. */
const READ_SIZE = 100;

type DomainId = Pick<DomainRef, "domainId">;

/** What a search may have to look at again. */
export interface Changes {
  /** Ordinals of cases that have changed since it began. */
  readonly applied: Set<number>;
  /** Keys of cases whose change has been committed. */
  readonly committed: Set<string>;
}

export class FollowedCases {
  readonly index: CaseIndex = new CaseIndex();
  readonly #store: Store;
  readonly #wall: WallClock;
  readonly #domain: DomainId;
  /** Nothing is left to follow. */
  readonly #emptied: () => void;
  /** Keys of cases that may not be in the index as they are in the store. */
  readonly #stale = new Set<string>();
  readonly #watching = new Set<Changes>();
  #isRead = false;
  #catchingUp: Promise<void> | undefined;

  constructor(store: Store, wall: WallClock, domain: DomainId, emptied: () => void) {
    this.#store = store;
    this.#wall = wall;
    this.#domain = domain;
    this.#emptied = emptied;
  }

  /** Of cases that were committed. */
  note(keys: readonly string[]): void {
    for (const key of keys) this.#stale.add(key);
    for (const { committed } of this.#watching) for (const key of keys) committed.add(key);
    if (this.#isRead && !this.#catchingUp) void this.#follow();
  }

  /** Whether the index is what is committed. */
  get isUpToDate(): boolean {
    return this.#isRead && this.#stale.size === 0 && !this.#catchingUp;
  }

  /** Returns once the index has all that was committed when it was called. */
  async upToDate(pace: Pace): Promise<void> {
    while (!this.isUpToDate) {
      this.#catchingUp ??= this.#catchUp(pace).finally(() => {
        this.#catchingUp = undefined;
      });
      await this.#catchingUp;
    }
  }

  /** Notes what changes until it is disposed of. */
  watch(): Changes & Disposable {
    const changes = { applied: new Set<number>(), committed: new Set<string>() };
    this.#watching.add(changes);
    return { ...changes, [Symbol.dispose]: () => this.#watching.delete(changes) };
  }

  async #follow(): Promise<void> {
    try {
      await this.upToDate(new Pace(this.#wall));
      if (this.isUpToDate && this.index.size === 0) this.#emptied();
    } catch {
      // What could not be read is still stale: whoever searches next reads it, and is told why that fails.
    }
  }

  async #catchUp(pace: Pace): Promise<void> {
    if (!this.#isRead) await this.#readAll(pace);
    while (this.#stale.size > 0) {
      const keys = [...this.#stale].slice(0, READ_SIZE);
      // Whatever changes from here on is stale again.
      for (const key of keys) this.#stale.delete(key);
      try {
        await this.#readAnew(keys);
      } catch (error) {
        for (const key of keys) this.#stale.add(key);
        throw error;
      }
      await pace.rest();
    }
  }

  async #readAnew(keys: readonly string[]): Promise<void> {
    const documents = await Promise.all(keys.map((key) => this.#store.get(cases, key)));
    await this.#knowFields(documents.filter((document) => document !== undefined));
    for (const [place, document] of documents.entries()) {
      const { index } = this;
      const ordinal = document ? index.put(document) : index.delete(idIn(keys[place] as string, this.#domain));
      for (const { applied } of this.#watching) applied.add(ordinal);
    }
  }

  /** What changes while it is read is stale, and read again. */
  async #readAll(pace: Pace): Promise<void> {
    let after: string | undefined;
    do {
      const page = await this.#store.list(cases, { prefix: inDomain(this.#domain, ""), limit: READ_SIZE, after });
      await this.#knowFields(page.documents);
      for (const document of page.documents) this.index.put(document);
      after = page.next;
      await pace.rest();
    } while (after !== undefined);
    this.#isRead = true;
  }

  /** Makes columns of the fields that are new. */
  async #knowFields(documents: readonly Case[]): Promise<void> {
    const unknown = new Set<string>();
    for (const { values } of documents) for (const id in values) if (!this.index.columns.has(id)) unknown.add(id);
    for (const id of unknown) this.index.addField(id, SYSTEM_TYPES.get(id) ?? (await this.#typeOf(id)));
  }

  /** A field is never quite gone while there are cases that have a value in it. */
  async #typeOf(id: string): Promise<FieldType> {
    const field = await this.#store.get(fields, fieldKey({ ...this.#domain, id }));
    return field?.type ?? "Text";
  }
}

const SYSTEM_TYPES: ReadonlyMap<string, FieldType> = new Map(SYSTEM_FIELDS.map(({ id, type }) => [id, type]));

/** Ids have no character that a key would write differently. */
function idIn(key: string, domain: DomainId): string {
  return key.slice(inDomain(domain, "").length);
}

/** Those of all domains that were searched. */
class AllFollowedCases {
  readonly #store: Store;
  readonly #domains = new Map<string, FollowedCases>();

  constructor(store: Store) {
    this.#store = store;
    store.watchCollection(cases.name, (keys) => this.#note(keys));
  }

  of({ domainId }: DomainId, wall: WallClock): FollowedCases {
    const prefix = inDomain({ domainId }, "");
    let followed = this.#domains.get(prefix);
    if (!followed) {
      followed = new FollowedCases(this.#store, wall, { domainId }, () => this.#domains.delete(prefix));
      this.#domains.set(prefix, followed);
    }
    return followed;
  }

  #note(keys: readonly string[]): void {
    for (const [prefix, followed] of this.#domains) {
      const own = keys.filter((key) => key.startsWith(prefix));
      if (own.length > 0) followed.note(own);
    }
  }
}

export const followedCases: (store: Store) => AllFollowedCases = perStore((store) => new AllFollowedCases(store));
