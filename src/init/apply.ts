/** Brings a server to what an init file says: what is missing is made, what differs is changed, all else is left alone. */
import { loadModel } from "../models/catalog.ts";
import { differs } from "./differs.ts";
import { type Entry, readEntries, titleOf } from "./entries.ts";
import { InitError, Refused } from "./init-error.ts";
import { InitFile, type Place } from "./init-file.ts";
import type { Attributes, Call, Doc } from "./kind.ts";
import { kindOf, kinds } from "./kinds/index.ts";
import { changeMembers, createInput } from "./members.ts";
import { ancestry, entryNamed, ordered } from "./order.ts";
import { type Reference, replaced } from "./references.ts";
import { type Found, Server } from "./server.ts";

export interface ApplyOptions {
  /** Calls operations in a Region: that of the file, or else what is passed as `region`. */
  readonly callIn: (region: string) => Call;
  readonly region: string;
  readonly account: string;
  /** Says what would be done, and does nothing. */
  readonly isDry?: boolean;
  /** Hears of each thing that is done, a line each. */
  readonly say?: (line: string) => void;
}

export interface Applied {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** What differs and no operation changes. */
  readonly unchangeable: readonly string[];
}

/** Throws `InitError`, whose message says where in the file, what is wrong, and what was done before. */
export async function applyFile(path: string, options: ApplyOptions): Promise<Applied> {
  const file = new InitFile(path);
  const { entries, region = options.region } = await readEntries(file);
  const byKind = kinds.flatMap((kind) => entries.filter((entry) => entry.kind === kind));
  const inOrder = ordered(file, byKind);
  const world = { AccountId: options.account, Region: region };
  const run = new Run(file, entries, new Server(options.callIn(region), world), options);
  await run.findMissing();
  for (const entry of inOrder) await run.apply(entry);
  for (const entry of inOrder) await run.applyLater(entry);
  return run.result;
}

class Run {
  readonly #file: InitFile;
  readonly #entries: readonly Entry[];
  readonly #server: Server;
  readonly #isDry: boolean;
  readonly #say: (line: string) => void;
  /** Entries that are on the server, by now. */
  readonly #found = new Map<Entry, Found>();
  readonly #created: string[] = [];
  readonly #updated: string[] = [];
  readonly #unchangeable: string[] = [];
  #unchanged = 0;

  constructor(file: InitFile, entries: readonly Entry[], server: Server, options: ApplyOptions) {
    this.#file = file;
    this.#entries = entries;
    this.#server = server;
    this.#isDry = options.isDry ?? false;
    this.#say = options.say ?? (() => {});
  }

  get result(): Applied {
    return {
      created: this.#created.length,
      updated: this.#updated.length,
      unchanged: this.#unchanged,
      unchangeable: this.#unchangeable,
    };
  }

  /** Refuses references to what neither the file nor the server has, before anything is done. */
  async findMissing(): Promise<void> {
    for (const entry of this.#entries) {
      for (const reference of entry.references) {
        if (entryNamed(this.#entries, reference, entry)) continue;
        const { isKnown, found } = await this.#told(entry, reference.place, () => this.#onServer(reference, entry));
        if (isKnown && !found) throw this.#missing(reference, reference.place, entry);
      }
    }
  }

  async apply(entry: Entry): Promise<void> {
    await this.#told(entry, entry.place, async () => {
      const parent = entry.parent && this.#found.get(entry.parent);
      if (entry.parent && !parent) return this.#create(entry, undefined);
      const there = (await this.#server.list(entry.kind, parent?.attributes)).get(this.#nameOf(entry));
      await (there ? this.#update(entry, there) : this.#create(entry, parent?.attributes));
    });
  }

  /** What only now can be said of an entry. */
  async applyLater(entry: Entry): Promise<void> {
    const later = entry.kind.later?.filter((member) => entry.members[member] !== undefined) ?? [];
    const found = this.#found.get(entry);
    if (later.length > 0 && found) await this.#told(entry, entry.place, () => this.#update(entry, found, later));
  }

  /** A name that is a reference is, on the server, what that stands for. */
  #nameOf(entry: Entry): string {
    return String(replaced(entry.name, (reference) => this.#value(reference, entry), this.#server.world));
  }

  async #create(entry: Entry, parent: Attributes | undefined): Promise<void> {
    const title = titleOf(entry);
    if (!this.#isDry) {
      const wanted = await this.#resolved(entry);
      const found = await this.#server.create(entry.kind, this.#nameOf(entry), parent, wanted);
      this.#found.set(entry, found);
      const taken = createInput(loadModel(entry.kind.model), entry.kind).members;
      const left = Object.fromEntries(Object.entries(wanted).filter(([name]) => isLeft(name, taken, entry)));
      this.#created.push(title);
      if (Object.keys(left).length > 0) await this.#change(entry, found, left, wanted, {});
    } else this.#created.push(title);
    this.#say(`${this.#isDry ? "would create" : "created"}  ${title}`);
  }

  /** Changes what differs; of an entry that has been applied already only the members that were `later`. */
  async #update(entry: Entry, there: Found, later?: readonly string[]): Promise<void> {
    const found = await this.#server.completed(there);
    this.#found.set(entry, found);
    const { kind } = entry;
    const current = await this.#server.read(found);
    const wanted = await this.#resolved(entry, later);
    const changed = Object.entries(wanted).filter(([name, value]) => {
      if (name === kind.name || kind.secret?.includes(name)) return false;
      const digest = kind.extra?.[name]?.digest;
      const told = digest === undefined ? undefined : entry.digests[digest];
      return digest !== undefined && told !== undefined ? told !== current[digest] : differs(value, current[name]);
    });
    if (changed.length === 0) {
      if (!later) this.#unchanged += 1;
      return;
    }
    const names = changed.map(([name]) => name);
    const title = `${titleOf(entry)}: ${names.join(", ")}`;
    const known = this.#changeable(entry, names);
    const fixed = names.filter((name) => !known.includes(name));
    if (fixed.length > 0) {
      const line = `${this.#file.where(entry.place)}: ${titleOf(entry)}: no operation changes ${fixed.join(", ")}; it stays as it is`;
      this.#unchangeable.push(line);
    }
    if (known.length === 0) return;
    if (!this.#isDry) {
      const differing = Object.fromEntries(changed.filter(([name]) => known.includes(name)));
      await this.#change(entry, found, differing, wanted, current);
    }
    if (later && this.#created.includes(titleOf(entry))) return;
    this.#updated.push(title);
    this.#say(`${this.#isDry ? "would update" : "updated"}  ${titleOf(entry)}: ${known.join(", ")}`);
  }

  #changeable({ kind }: Entry, names: readonly string[]): readonly string[] {
    const model = loadModel(kind.model);
    const taken = (kind.changes ?? []).flatMap((change) => [
      ...Object.keys(changeMembers(model, kind, change)),
      ...(change.only ?? []),
    ]);
    return names.filter((name) => taken.includes(name));
  }

  async #change(entry: Entry, found: Found, differing: Doc, wanted: Doc, current: Doc): Promise<void> {
    const { kind } = entry;
    const model = loadModel(kind.model);
    for (const change of kind.changes ?? []) {
      const takes = [...Object.keys(changeMembers(model, kind, change)), ...(change.only ?? [])];
      const here = Object.fromEntries(Object.entries(differing).filter(([name]) => takes.includes(name)));
      if (Object.keys(here).length === 0) continue;
      await this.#server.change(found, change, here, { ...current, ...wanted, before: current });
    }
  }

  /** Members with references replaced. In a dry run what is not there yet stays as it is written. */
  async #resolved(entry: Entry, later?: readonly string[]): Promise<Doc> {
    const isMeant = (member: string): boolean => later?.includes(member) ?? !entry.kind.later?.includes(member);
    const members = Object.fromEntries(Object.entries(entry.members).filter(([member]) => isMeant(member)));
    const values = new Map<string, string>();
    for (const reference of entry.references.filter(({ member }) => isMeant(member))) {
      const needed = entryNamed(this.#entries, reference, entry);
      const found = needed ? this.#found.get(needed) : (await this.#onServer(reference, entry)).found;
      const value = found && (await this.#server.completed(found)).attributes[reference.attribute];
      if (value !== undefined) values.set(reference.text, value);
      else if (!this.#isDry) throw this.#missing(reference, reference.place, entry);
    }
    return replaced(members, ({ text }) => values.get(text), this.#server.world) as Doc;
  }

  #value(reference: Reference, entry: Entry): string | undefined {
    const needed = entryNamed(this.#entries, reference, entry);
    return needed && this.#found.get(needed)?.attributes[reference.attribute];
  }

  /** What the server has by that name near an entry. Not known: what it would stand in is not there yet. */
  async #onServer(reference: Reference, entry: Entry): Promise<{ isKnown: boolean; found?: Found | undefined }> {
    const kind = kindOf(reference.section);
    if (!kind) return { isKnown: false };
    let parent: Attributes | undefined;
    if (kind.parent !== undefined) {
      const above = ancestry(entry).find((one) => one.kind.section === kind.parent);
      const there = above && (this.#found.get(above) ?? (await this.#find(above)));
      if (!there) return { isKnown: above === undefined };
      parent = there.attributes;
    }
    const list = await this.#server.list(kind, parent);
    const named =
      list.get(reference.name) ??
      [...list.values()].find((one) => Object.values(one.attributes).includes(reference.name));
    return { isKnown: true, found: named };
  }

  async #find(entry: Entry): Promise<Found | undefined> {
    const parent = entry.parent && (await this.#find(entry.parent));
    if (entry.parent && !parent) return undefined;
    return (await this.#server.list(entry.kind, parent?.attributes)).get(entry.name);
  }

  #missing({ section, name }: Reference, place: Place, entry: Entry): Error {
    return this.#file.error(place, `${titleOf(entry)}: there is no ${section} ${name}, here or on the server`);
  }

  /** Says of whatever is refused where it stands in the file and what was done before. */
  async #told<T>(entry: Entry, place: Place, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const before = this.#before();
      if (error instanceof InitError) throw before ? new InitError(`${error.message}${before}`) : error;
      if (!(error instanceof Refused)) throw error;
      throw this.#file.error(place, `${titleOf(entry)}: ${error.message}${before}`);
    }
  }

  #before(): string {
    const done = [...this.#created, ...this.#updated];
    if (this.#isDry || done.length === 0) return "";
    const named = done.slice(-3).join("; ");
    return ` (done before: ${done.length}${done.length > 3 ? ", the last" : ""}: ${named})`;
  }
}

function isLeft(name: string, taken: Readonly<Record<string, unknown>>, { kind }: Entry): boolean {
  const isCode = kind.extra?.[name]?.code === true;
  return !Object.hasOwn(taken, name) && !isCode && name !== kind.name;
}
