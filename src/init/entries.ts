/** What an init file asks for: its entries, with members as operations take them, checked against the models. */
import { createHash } from "node:crypto";
import { loadModel } from "../models/catalog.ts";
import type { ServiceModel } from "../models/model.ts";
import { nearest } from "../models/nearest.ts";
import { codeOf, textBeside } from "./beside.ts";
import type { InitFile, Place } from "./init-file.ts";
import type { ExtraMember, Kind } from "./kind.ts";
import { kindsWithin } from "./kinds/index.ts";
import { membersOf } from "./members.ts";
import { misspelt, type Reference, referencesOf, referenceTo } from "./references.ts";

export interface Entry {
  readonly kind: Kind;
  readonly name: string;
  readonly place: Place;
  readonly parent: Entry | undefined;
  readonly members: Readonly<Record<string, unknown>>;
  /** Of members that nothing reads back: their SHA-256, by what reads that. */
  readonly digests: Readonly<Record<string, string>>;
  readonly references: readonly PlacedReference[];
}

export interface PlacedReference extends Reference {
  readonly place: Place;
  /** The member of the entry that it stands in. */
  readonly member: string;
}

/** Words at the top of a file that are no kind. */
const HEAD = ["$schema", "Region"];

/** A resource's id or ARN stands for itself where a name could stand. */
const IDENTIFIER = /^(arn:|https?:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-)/;

/** `${…}` is the only thing in the text. */
const WHOLE = /^\$\{[^{}]*\}$/;

/** A queue of Connect, an object type and the like: `Instances centre / Queues Sales`. */
export function titleOf({ kind, name, parent }: Pick<Entry, "kind" | "name" | "parent">): string {
  const own = `${kind.section} ${name}`;
  return parent === undefined ? own : `${titleOf(parent)} / ${own}`;
}

/** The entries of a file, parents before what stands in them. Throws `InitError`. */
export async function readEntries(file: InitFile): Promise<{ entries: readonly Entry[]; region: string | undefined }> {
  if (file.root === undefined) return { entries: [], region: undefined };
  const pairs = file.pairs(file.root);
  if (!pairs) throw file.error(file.root, "an init file is a map of kinds, such as Instances");
  const reader = new EntryReader(file);
  let region: string | undefined;
  for (const { key, keyPlace, value } of pairs) {
    if (key === "Region") region = file.scalar(value)?.source;
    else if (!HEAD.includes(key)) await reader.section(undefined, key, keyPlace, value);
  }
  return { entries: reader.entries, region };
}

class EntryReader {
  readonly entries: Entry[] = [];
  readonly #file: InitFile;
  readonly #seen = new Map<string, Place>();

  constructor(file: InitFile) {
    this.#file = file;
  }

  async section(parent: Entry | undefined, key: string, keyPlace: Place, value: Place): Promise<void> {
    const file = this.#file;
    const kinds = kindsWithin(parent?.kind.section);
    const kind = kinds.find(({ section }) => section === key);
    if (!kind)
      throw file.error(keyPlace, `there is no kind ${key}${hint(key, [...kinds.map((one) => one.section), ...HEAD])}`);
    const items = file.items(value);
    if (!items) throw file.error(value ?? keyPlace, `${key} is a list of entries`);
    for (const item of items) await this.#entry(kind, parent, item ?? keyPlace);
  }

  async #entry(kind: Kind, parent: Entry | undefined, place: Place): Promise<void> {
    const file = this.#file;
    const pairs = file.pairs(place);
    if (!pairs) throw file.error(place, `an entry of ${kind.section} is a map with ${kind.name}`);
    const named = pairs.find(({ key }) => key === kind.name);
    const scalar = named && file.scalar(named.value);
    if (!scalar || scalar.source === "") throw file.error(place, `an entry of ${kind.section} needs ${kind.name}`);
    const values = new MemberReader(file, kind, scalar.source);
    const name = String(values.reference(kind.name, scalar.source, named.value));
    const inside: { key: string; keyPlace: Place; value: Place }[] = [];
    const sections = kindsWithin(kind.section).map(({ section }) => section);
    const { members, required } = membersOf(kind);
    for (const pair of pairs) {
      if (sections.includes(pair.key)) inside.push(pair);
      else if (!Object.hasOwn(members, pair.key)) {
        throw file.error(
          pair.keyPlace,
          `${kind.section} ${name}: there is no member ${pair.key}${hint(pair.key, [...Object.keys(members), ...sections])}`,
        );
      } else await values.member(pair.key, pair.value ?? pair.keyPlace);
    }
    const missing = required.find(
      (member) => values.members[member] === undefined && kind.create.input?.[member] === undefined,
    );
    if (missing !== undefined) throw file.error(place, `${kind.section} ${name}: needs ${missing}`);
    const entry: Entry = {
      ...{ kind, name, parent, place },
      members: values.members,
      digests: values.digests,
      references: values.references,
    };
    const title = titleOf(entry);
    if (this.#seen.has(title)) {
      throw file.error(place, `${title} stands here twice; first at ${file.where(this.#seen.get(title))}`);
    }
    this.#seen.set(title, place);
    this.entries.push(entry);
    for (const { key, keyPlace, value } of inside) await this.section(entry, key, keyPlace, value);
  }
}

/** Reads members as the model has them: numbers where texts belong are texts, documents where JSON texts belong are JSON. */
class MemberReader {
  readonly members: Record<string, unknown> = {};
  readonly digests: Record<string, string> = {};
  readonly references: PlacedReference[] = [];
  readonly #file: InitFile;
  readonly #kind: Kind;
  readonly #name: string;
  readonly #model: ServiceModel;
  #member: string;

  constructor(file: InitFile, kind: Kind, name: string) {
    this.#file = file;
    this.#kind = kind;
    this.#name = name;
    this.#member = kind.name;
    this.#model = loadModel(kind.model);
  }

  async member(name: string, place: Place): Promise<void> {
    const known = membersOf(this.#kind).members[name];
    if (!known) return;
    this.#member = name;
    const value =
      "extra" in known ? await this.#extra(name, known.extra, place) : this.#value(name, known.shape, place);
    if (value !== undefined) this.members[name] = value;
  }

  async #extra(name: string, extra: ExtraMember, place: Place): Promise<unknown> {
    if (extra.code) {
      const text = this.#file.scalar(place)?.source;
      if (text === undefined) return this.#value(name, "FunctionCode", place);
      const bytes = await codeOf(this.#file, place, text);
      this.digests[extra.digest ?? name] = createHash("sha256").update(bytes).digest("base64");
      return { ZipFile: bytes.toString("base64") };
    }
    const value = this.#text(name, place);
    if (extra.enum && !extra.enum.includes(value)) throw this.#wrong(place, name, `one of ${extra.enum.join(", ")}`);
    if (extra.digest) this.digests[extra.digest] = createHash("sha256").update(value).digest("hex");
    return value;
  }

  #value(name: string, shapeName: string, place: Place): unknown {
    const file = this.#file;
    const shape = this.#model.shapes[shapeName];
    const scalar = file.scalar(place);
    if (place === undefined || (scalar && scalar.value === null)) return undefined;
    switch (shape?.type) {
      case "structure": {
        const pairs = file.pairs(place);
        if (!pairs) throw this.#wrong(place, name, "a map");
        const read = pairs.map(({ key, keyPlace, value }) => {
          const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
          if (!member) {
            const meant = hint(key, Object.keys(shape.members));
            throw file.error(keyPlace, `${this.#title()}: ${name} has no member ${key}${meant}`);
          }
          return [key, this.#value(key, member.shape, value)] as const;
        });
        const missing = shape.required?.find(
          (key) => !read.some(([known, value]) => known === key && value !== undefined),
        );
        if (missing !== undefined) throw file.error(place, `${this.#title()}: ${name} needs ${missing}`);
        return Object.fromEntries(read.filter(([, value]) => value !== undefined));
      }
      case "list": {
        const items = file.items(place);
        if (!items) throw this.#wrong(place, name, "a list");
        return items.map((item) => this.#value(name, shape.member.shape, item));
      }
      case "map": {
        const pairs = file.pairs(place);
        if (!pairs) throw this.#wrong(place, name, "a map");
        return Object.fromEntries(pairs.map(({ key, value }) => [key, this.#value(key, shape.value.shape, value)]));
      }
      case "boolean":
        if (typeof scalar?.value !== "boolean") throw this.#wrong(place, name, "true or false");
        return scalar.value;
      case "integer":
      case "long":
      case "float":
      case "double":
        if (typeof scalar?.value !== "number") throw this.#wrong(place, name, "a number");
        return scalar.value;
      case "timestamp":
        if (!scalar) throw this.#wrong(place, name, "a time");
        return typeof scalar.value === "number" ? scalar.value : scalar.source;
      default: {
        const text = this.#text(name, place);
        const allowed = shape?.type === "string" ? shape.enum : undefined;
        if (allowed && !allowed.includes(text) && !text.includes("${")) {
          const meant =
            allowed.length <= 8 ? `one of ${allowed.join(", ")}` : `one of its values${hint(text, allowed)}`;
          throw this.#wrong(place, name, meant);
        }
        return text;
      }
    }
  }

  /** A text, a file's or a document as JSON. */
  #text(name: string, place: Place): string {
    const scalar = this.#file.scalar(place);
    const written = scalar ? scalar.source : JSON.stringify(this.#file.plain(place));
    const text = textBeside(this.#file, place, written);
    return this.reference(name, text, place);
  }

  /** A plain name where a resource is named becomes a reference; all references are noted. */
  reference(member: string, text: string, place: Place): string {
    const section = this.#kind.refs?.[member];
    const isName = section !== undefined && !IDENTIFIER.test(text) && !WHOLE.test(text);
    const whole = isName && !text.includes("${") ? referenceTo(section, text) : text;
    const wrong = misspelt(whole);
    if (wrong) throw this.#file.error(place, `${wrong.written} names no kind: did you mean ${wrong.meant}?`);
    this.references.push(...referencesOf(whole).map((reference) => ({ ...reference, place, member: this.#member })));
    return whole;
  }

  #title(): string {
    return `${this.#kind.section} ${this.#name}`;
  }

  #wrong(place: Place, name: string, wanted: string): Error {
    return this.#file.error(place, `${this.#title()}: ${name} is ${wanted}`);
  }
}

function hint(given: string, words: readonly string[]): string {
  const meant = nearest(given, words);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
