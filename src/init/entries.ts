/** What an init file asks for: its entries, with members as operations take them, checked against the models. */
import { createHash } from "node:crypto";
import { loadModel } from "../models/catalog.ts";
import type { ServiceModel } from "../models/model.ts";
import { nearest } from "../models/nearest.ts";
import { bytesBeside, codeOf, textBeside } from "./beside.ts";
import type { InitFile, Place } from "./init-file.ts";
import type { ExtraMember, Kind } from "./kind.ts";
import { kindOf, kindsWithin } from "./kinds/index.ts";
import { createInput, membersOf } from "./members.ts";
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
  /** Where members stand, at any depth, by what leads to them: `Targets`, `1`, `Arn`, in lower case. */
  readonly places: ReadonlyMap<string, Place>;
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

/** The entries of a file, parents before what stands in them. What is wrong with one is noted as a problem of the file. */
export async function readEntries(file: InitFile): Promise<{ entries: readonly Entry[]; region: string | undefined }> {
  if (file.root === undefined) return { entries: [], region: undefined };
  const pairs = file.pairs(file.root);
  if (!pairs) {
    file.problem(file.root, "an init file is a map of kinds, such as Instances");
    return { entries: [], region: undefined };
  }
  const reader = new EntryReader(file);
  let region: string | undefined;
  for (const { key, keyPlace, value } of pairs) {
    if (key === "Region") {
      region = file.scalar(value)?.source;
      if (!/^[a-z]+(-[a-z]+)+-\d$/.test(region ?? ""))
        file.problem(value ?? keyPlace, "Region is one such as us-east-1");
    } else if (!HEAD.includes(key) && !key.startsWith("x-")) await reader.section(undefined, key, keyPlace, value);
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
    if (!kind) return file.problem(keyPlace, `there is no kind ${key}${meantBy(key, kinds)}`);
    if (file.isEmpty(value)) return;
    const items = file.items(value);
    if (!items) return file.problem(value ?? keyPlace, `${key} is a list of entries`);
    for (const item of items) await this.#entry(kind, parent, item ?? keyPlace);
  }

  async #entry(kind: Kind, parent: Entry | undefined, place: Place): Promise<void> {
    const file = this.#file;
    const pairs = file.pairs(place);
    if (!pairs) return file.problem(place, `an entry of ${kind.section} is a map with ${kind.name}`);
    const named = pairs.find(({ key }) => key === kind.name);
    const scalar = named && file.scalar(named.value);
    if (!scalar || scalar.source === "") {
      return file.problem(place, `an entry of ${kind.section} needs ${kind.name}, which is a text`);
    }
    const values = new MemberReader(file, kind, titleOf({ kind, name: scalar.source, parent }));
    const name = values.reference(kind.name, scalar.source, named.value);
    const inside: { key: string; keyPlace: Place; value: Place }[] = [];
    const sections = kindsWithin(kind.section).map(({ section }) => section);
    const { members, required } = membersOf(kind);
    for (const pair of pairs) {
      if (sections.includes(pair.key)) inside.push(pair);
      else if (!Object.hasOwn(members, pair.key)) {
        const meant = hint(pair.key, [...Object.keys(members), ...sections]);
        file.problem(pair.keyPlace, `${values.title}: there is no member ${pair.key}${meant}`);
      } else await values.member(pair.key, pair.keyPlace, pair.value ?? pair.keyPlace);
    }
    const given = pairs.filter(({ value }) => !file.isEmpty(value)).map(({ key }) => key);
    const unknown = pairs
      .map(({ key }) => key)
      .filter((key) => !Object.hasOwn(members, key) && !sections.includes(key));
    const missing = unmet(required, [...given, ...Object.keys(kind.create.input ?? {})], unknown);
    if (missing.length > 0) file.problem(place, `${values.title}: needs ${missing.join(", ")}`);
    const { members: read, digests, references, places } = values;
    const entry: Entry = { kind, name, parent, place, members: read, digests, references, places };
    const title = titleOf(entry);
    const first = this.#seen.get(title);
    if (first) return file.problem(place, `${title} stands here twice; first at ${file.where(first)}`);
    this.#seen.set(title, place);
    this.entries.push(entry);
    for (const { key, keyPlace, value } of inside) await this.section(entry, key, keyPlace, value);
  }
}

/** The kind that is meant, and where it stands if that is elsewhere. */
function meantBy(key: string, here: readonly Kind[]): string {
  const elsewhere = kindOf(key);
  if (elsewhere) return ` here: it stands ${elsewhere.parent === undefined ? "at the top" : `in ${elsewhere.parent}`}`;
  return hint(key, [...here.map(({ section }) => section), ...HEAD]);
}

/** Reads members as the model has them: numbers where texts belong are texts, documents where JSON texts belong are JSON. */
class MemberReader {
  readonly members: Record<string, unknown> = {};
  readonly digests: Record<string, string> = {};
  readonly references: PlacedReference[] = [];
  readonly places = new Map<string, Place>();
  readonly title: string;
  readonly #file: InitFile;
  readonly #kind: Kind;
  readonly #model: ServiceModel;
  #member: string;

  constructor(file: InitFile, kind: Kind, title: string) {
    this.title = title;
    this.#file = file;
    this.#kind = kind;
    this.#member = kind.name;
    this.#model = loadModel(kind.model);
  }

  async member(name: string, keyPlace: Place, place: Place): Promise<void> {
    const known = membersOf(this.#kind).members[name];
    if (!known) return;
    this.#member = name;
    const path = name.toLowerCase();
    this.places.set(path, keyPlace);
    const value =
      "extra" in known ? await this.#extra(name, known.extra, place) : this.#value(name, known.shape, place, path);
    if (value !== undefined) this.members[name] = value;
  }

  async #extra(name: string, extra: ExtraMember, place: Place): Promise<unknown> {
    if (extra.code) {
      const text = this.#file.scalar(place)?.source;
      const shape = createInput(this.#model, this.#kind).members[name]?.shape ?? "";
      if (text === undefined) return this.#value(name, shape, place, name.toLowerCase());
      const bytes = await codeOf(this.#file, place, text);
      if (bytes === undefined) return undefined;
      this.digests[extra.digest ?? name] = createHash("sha256").update(bytes).digest("base64");
      return { ZipFile: bytes.toString("base64") };
    }
    if (extra.bytes) {
      const bytes = bytesBeside(
        this.#file,
        place,
        this.#file.scalar(place)?.source ?? JSON.stringify(this.#file.plain(place)),
      );
      if (bytes === undefined) return undefined;
      this.digests[extra.digest ?? name] = `"${createHash("md5").update(bytes).digest("hex")}"`;
      return bytes.toString("base64");
    }
    const value = this.#text(name, place);
    if (value === undefined) return undefined;
    if (extra.enum && !extra.enum.includes(value)) return this.#wrong(place, name, `one of ${extra.enum.join(", ")}`);
    if (extra.digest) this.digests[extra.digest] = createHash("sha256").update(value).digest("hex");
    return value;
  }

  /** `undefined` for what is not given and for what is wrong. `path` is that of `places`. */
  #value(name: string, shapeName: string, place: Place, path: string): unknown {
    const file = this.#file;
    const shape = this.#model.shapes[shapeName];
    const scalar = file.scalar(place);
    if (place === undefined || file.isEmpty(place)) return undefined;
    switch (shape?.type) {
      case "structure": {
        const pairs = file.pairs(place);
        if (!pairs) return this.#wrong(place, name, "a map");
        const read = pairs.map(({ key, keyPlace, value }) => {
          const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
          if (!member) {
            const meant = hint(key, Object.keys(shape.members));
            file.problem(keyPlace, `${this.title}: ${name} has no member ${key}${meant}`);
            return [key, undefined] as const;
          }
          return [key, this.#within(key, keyPlace, member.shape, value, path)] as const;
        });
        const given = pairs.filter(({ value }) => !file.isEmpty(value)).map(({ key }) => key);
        const missing = unmet(
          shape.required ?? [],
          given,
          given.filter((key) => !Object.hasOwn(shape.members, key)),
        );
        if (missing.length > 0) file.problem(place, `${this.title}: ${name} needs ${missing.join(", ")}`);
        return Object.fromEntries(read.filter(([, value]) => value !== undefined));
      }
      case "list": {
        const items = file.items(place);
        if (!items) return this.#wrong(place, name, "a list");
        return items.map((item, at) => {
          const inner = `${path} ${at + 1}`;
          this.places.set(inner, item);
          return this.#value(name, shape.member.shape, item, inner);
        });
      }
      case "map": {
        const pairs = file.pairs(place);
        if (!pairs) return this.#wrong(place, name, "a map");
        return Object.fromEntries(
          pairs.map(({ key, keyPlace, value }) => {
            const inner = `${path} ${key.toLowerCase()}`;
            this.places.set(inner, keyPlace);
            // Whoever chose the key meant no member: a tag `Role` names no role.
            return [key, this.#value(name, shape.value.shape, value, inner)];
          }),
        );
      }
      case "boolean":
        if (typeof scalar?.value !== "boolean") return this.#wrong(place, name, "true or false");
        return scalar.value;
      case "integer":
      case "long":
      case "float":
      case "double":
        if (!Number.isFinite(scalar?.value)) return this.#wrong(place, name, "a number");
        return scalar?.value;
      case "timestamp":
        if (!scalar) return this.#wrong(place, name, "a time");
        return typeof scalar.value === "number" ? scalar.value : scalar.source;
      default: {
        const text = this.#text(name, place);
        if (text === undefined) return undefined;
        const allowed = shape?.type === "string" ? shape.enum : undefined;
        if (allowed && !allowed.includes(text) && !text.includes("${")) {
          const meant =
            allowed.length <= 8 ? `one of ${allowed.join(", ")}` : `one of its values${hint(text, allowed)}`;
          return this.#wrong(place, name, meant);
        }
        return text;
      }
    }
  }

  #within(name: string, keyPlace: Place, shape: string, place: Place, path: string): unknown {
    const inner = `${path} ${name.toLowerCase()}`;
    this.places.set(inner, keyPlace);
    return this.#value(name, shape, place, inner);
  }

  /** A text, a file's or a document as JSON. */
  #text(name: string, place: Place): string | undefined {
    const scalar = this.#file.scalar(place);
    const written = scalar ? scalar.source : JSON.stringify(this.#file.plain(place));
    const text = textBeside(this.#file, place, written);
    return text === undefined ? undefined : this.reference(name, text, place);
  }

  /** A plain name where a resource is named becomes a reference; all references are noted. */
  reference(member: string, text: string, place: Place): string {
    const section = this.#kind.refs?.[member];
    const isName = section !== undefined && !IDENTIFIER.test(text) && !WHOLE.test(text);
    const whole = isName && !text.includes("${") ? referenceTo(section, text) : text;
    const wrong = misspelt(whole);
    if (wrong) this.#file.problem(place, `${this.title}: ${wrong.written} names no kind: did you mean ${wrong.meant}?`);
    this.references.push(...referencesOf(whole).map((reference) => ({ ...reference, place, member: this.#member })));
    return whole;
  }

  #wrong(place: Place, name: string, wanted: string): undefined {
    this.#file.problem(place, `${this.title}: ${name} is ${wanted}`);
  }
}

/** Members that are required and not given, but for those that somebody has most likely misspelt. */
function unmet(required: readonly string[], given: readonly string[], unknown: readonly string[]): readonly string[] {
  const missing = required.filter((member) => !given.includes(member));
  const misspelt = unknown.map((key) => nearest(key, missing));
  return missing.filter((member) => !misspelt.includes(member));
}

function hint(given: string, words: readonly string[]): string {
  const meant = nearest(given, words);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
