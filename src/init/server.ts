/** What a server has of each kind, found and changed by the operations of the kinds' table. */
import { loadModel } from "../models/catalog.ts";
import { Refused } from "./init-error.ts";
import type { Attributes, Call, Change, Doc, Kind, List } from "./kind.ts";
import { changeMembers, createInput } from "./members.ts";
import { projected } from "./projected.ts";

/** A resource that is there. */
export interface Found {
  readonly kind: Kind;
  readonly name: string;
  /** What its list says of it. */
  readonly item: Doc;
  /** Its attributes, its name as `Name`, and what says where it is. */
  readonly attributes: Attributes;
}

/** What a list's next page is asked for with, by what its output says. */
const PAGES: Readonly<Record<string, string>> = {
  NextToken: "NextToken",
  nextToken: "nextToken",
  NextMarker: "Marker",
  Marker: "Marker",
  position: "position",
  NextContinuationToken: "ContinuationToken",
  ContinuationToken: "ContinuationToken",
};

export class Server {
  readonly call: Call;
  readonly world: Attributes;
  readonly #lists = new Map<string, Promise<Map<string, Found>>>();
  readonly #completed = new WeakMap<Found, Promise<Found>>();

  constructor(call: Call, world: Attributes) {
    this.call = call;
    this.world = world;
  }

  /** All of a kind in a parent, or at the top, by name. Read once, and kept up by `create`. */
  async list(kind: Kind, parent: Found | undefined): Promise<Map<string, Found>> {
    const within = parent === undefined ? {} : await this.#within(kind, parent);
    const key = `${kind.section} ${JSON.stringify(within)}`;
    const list = this.#lists.get(key) ?? this.#read(kind, within);
    this.#lists.set(key, list);
    return await list;
  }

  async #read(kind: Kind, within: Doc): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    for (const item of await this.#items(kind, within)) {
      const name = kind.list.nameOf?.(item) ?? String(item[kind.list.name ?? kind.name]);
      if (!found.has(name))
        found.set(name, { kind, name, item, attributes: this.#attributes(kind, name, within, [item]) });
    }
    return found;
  }

  async #items(kind: Kind, within: Doc): Promise<readonly Doc[]> {
    const { each, input } = kind.list;
    if (!each) return this.#pages(kind, kind.list, { ...within, ...input });
    const items: Doc[] = [];
    for (const value of each.values) {
      const found = await this.#pages(kind, kind.list, { ...within, ...input, [each.member]: value });
      items.push(...found.map((item) => ({ ...item, [each.member]: value })));
    }
    return items;
  }

  async #pages(kind: Kind, { operation, items, itemsOf, none = [] }: List, input: Doc): Promise<readonly Doc[]> {
    const all: Doc[] = [];
    let page: Doc = {};
    for (;;) {
      let output: Doc;
      try {
        output = await this.call(kind.model, operation, { ...input, ...page });
      } catch (error) {
        if (error instanceof Refused && none.includes(error.code)) return all;
        throw error;
      }
      const found = itemsOf?.(output) ?? ((output[items] ?? []) as readonly (Doc | string)[]);
      all.push(...found.map((item) => (typeof item === "string" ? { [kind.name]: item } : item)));
      // The last page of a bucket's objects says again what it was asked with.
      if (output.IsTruncated === false) return all;
      const [token] = Object.entries(PAGES).filter(
        ([member]) => typeof output[member] === "string" && output[member] !== "",
      );
      if (token) page = { [token[1]]: output[token[0]] };
      else if (output.HasMoreDeliveryStreams) page = { ExclusiveStartDeliveryStreamName: found.at(-1) };
      else return all;
    }
  }

  /** A resource as operations that make it would be told, with what reading tells of its attributes. */
  async read(there: Found): Promise<{ readonly current: Doc; readonly found: Found }> {
    const described = await this.#described(there);
    const { found } = described;
    const { kind, name, attributes } = found;
    let { current } = described;
    for (const { operation, input = {}, members } of kind.more ?? []) {
      const asked = { ...withinValues(kind, attributes), ...mapped(input, attributes) };
      try {
        current = { ...current, ...members(await this.call(kind.model, operation, asked), attributes) };
      } catch (error) {
        // That there is no policy, for example, is told as an error.
        if (!(error instanceof Refused)) throw error;
      }
    }
    return { current: { ...current, [kind.name]: name }, found };
  }

  async #described(there: Found): Promise<{ readonly current: Doc; readonly found: Found }> {
    const { kind, name, item, attributes } = there;
    if (!kind.read) return { current: item, found: there };
    const { operation, at = [], input, inputOf, shaped } = kind.read;
    const within = withinValues(kind, attributes);
    const asked = { ...within, ...mapped(input, attributes), ...inputOf?.(attributes) };
    const output = await this.call(kind.model, operation, asked);
    const told = at.reduce<Doc>((value, key) => (value[key] ?? {}) as Doc, output);
    const current = { ...item, ...((await shaped?.(told, this.call, attributes)) ?? told) };
    const known = { ...this.#attributes(kind, name, within, [current]), ...attributes };
    return { current, found: { ...there, attributes: known } };
  }

  /** Makes a resource. Attributes that its operation does not answer with are read when somebody asks for them. */
  async create(kind: Kind, name: string, parent: Found | undefined, members: Doc): Promise<Found> {
    const within = parent === undefined ? {} : await this.#within(kind, parent);
    const { operation, wrap, input, inputOf = (taken) => taken, failure } = kind.create;
    const model = loadModel(kind.model);
    const taken = inputOf(chosen(members, Object.keys(createInput(model, kind).members)));
    const asked = wrap === undefined ? { ...input, ...within, ...taken } : { ...input, ...within, [wrap]: [taken] };
    const output = await this.call(kind.model, operation, asked);
    refuse(failure?.(output));
    const answers = [output, ...Object.values(output).filter((value) => typeof value === "object")] as Doc[];
    const attributes = this.#attributes(kind, name, within, [...answers, members]);
    const found: Found = { kind, name, item: members, attributes };
    (await this.list(kind, parent)).set(name, found);
    return found;
  }

  /** What a list has by a name now, whatever it had before. */
  async listedAnew(kind: Kind, name: string, parent: Found | undefined): Promise<Found | undefined> {
    const within = parent === undefined ? {} : await this.#within(kind, parent);
    const found = (await this.#read(kind, within)).get(name);
    if (found) (await this.list(kind, parent)).set(name, found);
    return found;
  }

  /** An attribute, read where nothing has told it yet; `undefined` where the server has none. */
  async attribute(found: Found, name: string): Promise<string | undefined> {
    return found.attributes[name] ?? (await this.completed(found)).attributes[name];
  }

  /** As it is listed after a change. */
  async renewed({ kind, name, attributes }: Found): Promise<Found | undefined> {
    return (await this.#read(kind, withinValues(kind, attributes))).get(name);
  }

  /** With what its own operation of reading is told. */
  async readable(found: Found): Promise<Found> {
    return isReadable(found) ? found : await this.completed(found);
  }

  /** With attributes that only reading tells. */
  completed(found: Found): Promise<Found> {
    if (this.#isComplete(found)) return Promise.resolve(found);
    const known = this.#completed.get(found) ?? this.#complete(found);
    this.#completed.set(found, known);
    return known;
  }

  async #complete(there: Found): Promise<Found> {
    const { kind, name, attributes } = there;
    // What was just made and answered with no id is found in its list.
    const { found } = isReadable(there) ? await this.#described(there) : { found: there };
    if (this.#isComplete(found)) return found;
    const listed = (await this.#read(kind, withinValues(kind, attributes))).get(name);
    return listed ? { ...found, attributes: { ...listed.attributes, ...found.attributes } } : found;
  }

  async #within(kind: Kind, parent: Found): Promise<Attributes> {
    const needed = Object.values(kind.within ?? {});
    const isKnown = needed.every((attribute) => parent.attributes[attribute] !== undefined);
    const { attributes } = isKnown ? parent : await this.completed(parent);
    return mapped(kind.within ?? {}, attributes) as Attributes;
  }

  /**
   * Calls one operation that changes what differs. `wanted`: what differs of what it takes; `whole`: all that the resource shall be, with
   * what it is as `before`.
   */
  async change({ kind, attributes }: Found, change: Change, wanted: Doc, whole: Doc): Promise<void> {
    const { operation, input = {}, inputsOf, wrap, from = {}, failure } = change;
    const model = loadModel(kind.model);
    const own = { ...withinValues(kind, attributes), ...mapped(input, attributes) };
    const taken = chosen(whole, Object.keys(changeMembers(model, kind, change)));
    const called = Object.fromEntries(Object.entries(taken).map(([name, value]) => [from[name] ?? name, value]));
    const plain = wrap === undefined ? { ...own, ...called } : { ...own, [wrap]: [called] };
    for (const one of inputsOf?.(wanted, whole, attributes) ?? [plain]) {
      const shape = model.operations[operation]?.input ?? "";
      const output = await this.call(kind.model, operation, projected(model, shape, { ...own, ...one }) as Doc);
      refuse(failure?.(output));
    }
  }

  #attributes(kind: Kind, name: string, within: Doc, sources: readonly Doc[]): Attributes {
    const found: Record<string, string> = { ...this.world, ...(within as Attributes), Name: name };
    for (const [attribute, members] of Object.entries(kind.attributes)) {
      const values = members.flatMap((member) => sources.map((source) => source[member]));
      const value = values.find((one) => typeof one === "string" || typeof one === "number");
      if (value !== undefined) found[attribute] = String(value);
    }
    return found;
  }

  #isComplete({ kind, attributes }: Found): boolean {
    return Object.keys(kind.attributes).every((attribute) => attributes[attribute] !== undefined);
  }
}

function isReadable({ kind: { read }, attributes }: Found): boolean {
  return Object.values(read?.input ?? {}).every((attribute) => attributes[attribute] !== undefined);
}

function refuse(failure: string | undefined): void {
  if (failure !== undefined) throw new Refused("Failed", failure);
}

/** A resource's own attributes have what says where it is, by the inputs' names. */
function withinValues({ within = {} }: Kind, attributes: Attributes): Doc {
  return chosen(attributes, Object.keys(within));
}

function mapped(input: Readonly<Record<string, string>>, attributes: Attributes): Doc {
  return Object.fromEntries(Object.entries(input).map(([member, attribute]) => [member, attributes[attribute]]));
}

function chosen(from: Doc, names: readonly string[]): Doc {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]));
}
