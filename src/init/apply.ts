/** Brings a server to what an init file says: what is missing is made, what differs is changed, all else is left alone. */
import { loadModel } from "../models/catalog.ts";
import { differs } from "./differs.ts";
import { type Entry, readEntries, titleOf } from "./entries.ts";
import { Refused } from "./init-error.ts";
import { InitFile, type Place } from "./init-file.ts";
import type { Call, Doc } from "./kind.ts";
import { kindOf } from "./kinds/index.ts";
import { changeableMembers, changeMembers, createInput } from "./members.ts";
import { ancestry, Names, type Plan, planned } from "./order.ts";
import { placeNamed } from "./place-named.ts";
import { inParallel } from "./pool.ts";
import { type Reference, referencesOf, replaced } from "./references.ts";
import { retried } from "./retried.ts";
import { type Found, Server } from "./server.ts";

/** So many entries are worked on at once: their commits are shared, and more would wait for each other. */
const AT_ONCE = 16;

export interface ApplyOptions {
  /** Calls operations in a Region: that of the file, or else what is passed as `region`. */
  readonly callIn: (region: string) => Call;
  readonly region: string;
  readonly account: string;
  /** Says what would be done, and does nothing. */
  readonly isDry?: boolean;
  /** Whether the server's clock stands still until somebody moves it: what is throttled stays so. */
  readonly clockStands?: () => Promise<boolean>;
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

/**
 * Throws `InitError`, whose message says where in the file, what is wrong, and what was done nevertheless: what is wrong with the file itself
 * is told before anything is done, and what a server refuses keeps only that from being done which needs it.
 */
export async function applyFile(path: string, options: ApplyOptions): Promise<Applied> {
  const file = new InitFile(path);
  const { entries, region = options.region } = await readEntries(file);
  const names = new Names(entries);
  const plan = planned(file, entries, names);
  const call = retried(options.callIn(region), options.clockStands);
  const server = new Server(call, { AccountId: options.account, Region: region });
  const run = new Run(file, names, plan, server, options);
  await run.findMissing(entries);
  file.throwProblems();
  for (const step of plan.steps) await run.applyAll(step);
  await run.applyDeferred();
  return run.result();
}

/** What became of an entry. */
interface Outcome {
  readonly done: "created" | "updated" | "unchanged";
  readonly changed: readonly string[];
}

class Run {
  readonly #file: InitFile;
  readonly #names: Names;
  readonly #plan: Plan;
  readonly #server: Server;
  readonly #isDry: boolean;
  readonly #say: (line: string) => void;
  /** Entries that are on the server, by now. */
  readonly #found = new Map<Entry, Found>();
  readonly #outcomes = new Map<Entry, Outcome>();
  /** Entries that were refused, and those that were not tried since they need one of them. */
  readonly #failed = new Set<Entry>();
  #untried = 0;
  readonly #unchangeable = new Set<string>();

  constructor(file: InitFile, names: Names, plan: Plan, server: Server, options: ApplyOptions) {
    this.#file = file;
    this.#names = names;
    this.#plan = plan;
    this.#server = server;
    this.#isDry = options.isDry ?? false;
    this.#say = options.say ?? (() => {});
  }

  /** Throws `InitError` where something was refused. */
  result(): Applied {
    const outcomes = [...this.#outcomes.values()];
    const count = (done: Outcome["done"]): number => outcomes.filter((one) => one.done === done).length;
    const [created, updated, unchanged] = [count("created"), count("updated"), count("unchanged")];
    const untried = this.#untried === 0 ? "" : `, ${this.#untried} not tried since they need what was refused`;
    this.#file.throwProblems(
      this.#isDry
        ? undefined
        : `what was not refused is done: ${created} created, ${updated} updated, ${unchanged} as they were${untried}`,
    );
    return { created, updated, unchanged, unchangeable: [...this.#unchangeable] };
  }

  /** Notes references to what neither the file nor the server has, before anything is done. */
  async findMissing(entries: readonly Entry[]): Promise<void> {
    const elsewhere = entries.flatMap((entry) =>
      entry.references
        .filter((reference) => !this.#names.find(reference, entry))
        .map((reference) => ({ entry, reference })),
    );
    await inParallel(elsewhere, AT_ONCE, async ({ entry, reference }) => {
      await this.#told(entry, reference.place, async () => {
        const { isKnown, found } = await this.#onServer(reference, entry);
        if (isKnown && !found) this.#missing(reference, reference.place, entry);
      });
    });
  }

  /** Says what was done in the order of the file, whatever was done first. */
  async applyAll(entries: readonly Entry[]): Promise<void> {
    await inParallel(entries, AT_ONCE, async (entry) => {
      if (this.#plan.needs.get(entry)?.some((needed) => this.#failed.has(needed))) {
        this.#failed.add(entry);
        this.#untried += 1;
      } else await this.#told(entry, entry.place, () => this.#apply(entry));
    });
    for (const entry of entries) this.#sayDone(entry, this.#outcomes.get(entry));
  }

  /** What could not be said of an entry before all were there. */
  async applyDeferred(): Promise<void> {
    const entries = [...this.#plan.deferred.keys()].filter((entry) => !this.#failed.has(entry));
    const isLost = (entry: Entry): boolean =>
      entry.references.some((reference) => {
        const needed = this.#names.find(reference, entry);
        return needed !== undefined && this.#failed.has(needed);
      });
    const possible = entries.filter((entry) => !isLost(entry));
    this.#untried += entries.length - possible.length;
    await inParallel(possible, AT_ONCE, (entry) =>
      this.#told(entry, entry.place, async () => {
        const [found, before] = [this.#found.get(entry), this.#outcomes.get(entry)];
        if (!found || !before) return;
        const after = await this.#update(entry, found, this.#plan.deferred.get(entry));
        if (before.done === "created" || after.done === "unchanged") return;
        this.#outcomes.set(entry, { done: "updated", changed: [...before.changed, ...after.changed] });
        this.#sayDone(entry, after);
      }),
    );
  }

  #sayDone(entry: Entry, outcome: Outcome | undefined): void {
    if (outcome === undefined || outcome.done === "unchanged") return;
    const { done, changed } = outcome;
    const verb = this.#isDry ? `would ${done.slice(0, -1)}` : done;
    this.#say(`${verb}  ${titleOf(entry)}${done === "updated" ? `: ${changed.join(", ")}` : ""}`);
  }

  async #apply(entry: Entry): Promise<void> {
    const parent = entry.parent && this.#found.get(entry.parent);
    const list = entry.parent && !parent ? undefined : await this.#server.list(entry.kind, parent);
    const there = list?.get(await this.#nameOf(entry));
    if (there) this.#outcomes.set(entry, await this.#update(entry, there));
    else await this.#createOrFind(entry, parent);
  }

  /** Somebody else may apply the same file at the same time: what they have made meanwhile is there, and becomes what this one says. */
  async #createOrFind(entry: Entry, parent: Found | undefined): Promise<void> {
    try {
      await this.#create(entry, parent);
    } catch (error) {
      if (!(error instanceof Refused) || this.#found.has(entry)) throw error;
      const made = await this.#server.listedAnew(entry.kind, await this.#nameOf(entry), parent);
      if (made === undefined) throw error;
      this.#outcomes.set(entry, await this.#update(entry, made));
    }
  }

  /** A name that is a reference is, on the server, what that stands for. */
  async #nameOf(entry: Entry): Promise<string> {
    if (!entry.name.includes("${")) return entry.name;
    const values = await this.#values(entry, (member) => member === entry.kind.name);
    return String(replaced(entry.name, ({ text }) => values.get(text), this.#server.world));
  }

  async #create(entry: Entry, parent: Found | undefined): Promise<void> {
    const { kind } = entry;
    if (this.#isDry) return void this.#outcomes.set(entry, { done: "created", changed: [] });
    const wanted = await this.#resolved(entry);
    const taken = createInput(loadModel(kind.model), kind).members;
    const first = { ...wanted, ...this.#standIns(entry, Object.keys(taken)) };
    const found = await this.#server.create(kind, await this.#nameOf(entry), parent, first);
    this.#found.set(entry, found);
    this.#outcomes.set(entry, { done: "created", changed: [] });
    const left = Object.fromEntries(Object.entries(wanted).filter(([name]) => isLeft(name, taken, entry)));
    if (Object.keys(left).length > 0) await this.#change(entry, found, left, wanted, {});
  }

  /** Changes what differs; of an entry that has been applied already only the members that were `deferred`. */
  async #update(entry: Entry, there: Found, deferred?: ReadonlySet<string>): Promise<Outcome> {
    const { current, found } = await this.#server.read(await this.#server.readable(there));
    this.#found.set(entry, found);
    const { kind } = entry;
    const wanted = await this.#resolved(entry, deferred);
    const changed = Object.entries(wanted).filter(([name, value]) => {
      if (name === kind.name || kind.secret?.includes(name)) return false;
      const digest = kind.extra?.[name]?.digest;
      const told = digest === undefined ? undefined : entry.digests[digest];
      return digest !== undefined && told !== undefined ? told !== current[digest] : differs(value, current[name]);
    });
    const names = changed.map(([name]) => name);
    const changeable = changeableMembers(kind);
    const known = names.filter((name) => changeable.includes(name));
    const fixed = names.filter((name) => !known.includes(name));
    if (fixed.length > 0) {
      this.#unchangeable.add(
        `${this.#file.where(entry.place)}: ${titleOf(entry)}: no operation changes ${fixed.join(", ")}; it stays as it is`,
      );
    }
    if (known.length === 0) return { done: "unchanged", changed: [] };
    if (!this.#isDry) {
      const differing = Object.fromEntries(changed.filter(([name]) => known.includes(name)));
      await this.#change(entry, found, differing, wanted, current);
      if (kind.renews) this.#found.set(entry, (await this.#server.renewed(found)) ?? found);
    }
    return { done: "updated", changed: known };
  }

  async #change(entry: Entry, found: Found, differing: Doc, wanted: Doc, current: Doc): Promise<void> {
    const { kind } = entry;
    const model = loadModel(kind.model);
    for (const change of kind.changes ?? []) {
      const takes = [...Object.keys(changeMembers(model, kind, change)), ...(change.only ?? [])];
      const here = Object.fromEntries(Object.entries(differing).filter(([name]) => takes.includes(name)));
      if (Object.keys(here).length === 0) continue;
      const whole = await this.#server.completed(found);
      await this.#server.change(whole, change, here, { ...told(current), ...wanted, before: current });
    }
  }

  /** What a new entry has of its deferred members: of maps the parts that refer to nothing, of others what the kind says. */
  #standIns(entry: Entry, taken: readonly string[]): Doc {
    const members = [...(this.#plan.deferred.get(entry) ?? [])].filter((member) => taken.includes(member));
    return Object.fromEntries(
      members.flatMap((member) => {
        const value = entry.members[member];
        const placeholder = entry.kind.placeholders?.[member];
        if (placeholder !== undefined) return [[member, placeholder] as const];
        if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
        const parts = Object.entries(value).filter(([, part]) => referencesOf(JSON.stringify(part)).length === 0);
        return [[member, replaced(Object.fromEntries(parts), () => undefined, this.#server.world)] as const];
      }),
    );
  }

  /** Members with references replaced. In a dry run what is not there yet stays as it is written. */
  async #resolved(entry: Entry, deferred?: ReadonlySet<string>): Promise<Doc> {
    const isMeant = (member: string): boolean =>
      deferred?.has(member) ?? this.#plan.deferred.get(entry)?.has(member) !== true;
    const members = Object.fromEntries(Object.entries(entry.members).filter(([member]) => isMeant(member)));
    const values = await this.#values(entry, isMeant);
    return replaced(members, ({ text }) => values.get(text), this.#server.world) as Doc;
  }

  /** What references of some members stand for, as they are written. Throws `Refused`. */
  async #values(entry: Entry, isMeant: (member: string) => boolean): Promise<ReadonlyMap<string, string>> {
    const values = new Map<string, string>();
    for (const reference of entry.references.filter(({ member }) => isMeant(member))) {
      const needed = this.#names.find(reference, entry);
      const found = needed ? this.#found.get(needed) : (await this.#onServer(reference, entry)).found;
      const value = found && (await this.#server.attribute(found, reference.attribute));
      if (value !== undefined) values.set(reference.text, value);
      else if (!this.#isDry) throw new Refused("Missing", `there is no ${reference.text.slice(2, -1)} on the server`);
    }
    return values;
  }

  /** What the server has by that name near an entry. Not known: what it would stand in is not there yet. */
  async #onServer(reference: Reference, entry: Entry): Promise<{ isKnown: boolean; found?: Found | undefined }> {
    const kind = kindOf(reference.section);
    if (!kind) return { isKnown: false };
    let parent: Found | undefined;
    if (kind.parent !== undefined) {
      const above = ancestry(entry).find((one) => one.kind.section === kind.parent);
      parent = above && (this.#found.get(above) ?? (await this.#find(above)));
      if (!parent) return { isKnown: above === undefined };
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
    return (await this.#server.list(entry.kind, parent)).get(entry.name);
  }

  #missing({ section, name }: Reference, place: Place, entry: Entry): void {
    this.#file.problem(place, `${titleOf(entry)}: there is no ${section} ${name}, here or on the server`);
  }

  /** Notes of whatever the server refuses where it stands in the file. */
  async #told(entry: Entry, place: Place, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#failed.add(entry);
      this.#file.problem(placeNamed(entry.places, error.message) ?? place, `${titleOf(entry)}: ${error.message}`);
    }
  }
}

/** Without empty lists: many an operation tells one where it takes none. */
function told(current: Doc): Doc {
  return Object.fromEntries(Object.entries(current).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

function isLeft(name: string, taken: Readonly<Record<string, unknown>>, { kind }: Entry): boolean {
  const isCode = kind.extra?.[name]?.code === true;
  return !Object.hasOwn(taken, name) && !isCode && name !== kind.name;
}
