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
  ContinuationToken: "ContinuationToken",
};

export class Server {
  readonly call: Call;
  readonly world: Attributes;
  readonly #lists = new Map<string, Promise<Map<string, Found>>>();

  constructor(call: Call, world: Attributes) {
    this.call = call;
    this.world = world;
  }

  /** All of a kind in a parent, or at the top, by name. Read once, and kept up by `create`. */
  list(kind: Kind, parent: Attributes | undefined): Promise<Map<string, Found>> {
    const within = withinOf(kind, parent);
    const key = `${kind.section} ${JSON.stringify(within)}`;
    const list = this.#lists.get(key) ?? this.#read(kind, within);
    this.#lists.set(key, list);
    return list;
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
      const [token] = Object.entries(PAGES).filter(
        ([member]) => typeof output[member] === "string" && output[member] !== "",
      );
      if (token) page = { [token[1]]: output[token[0]] };
      else if (output.HasMoreDeliveryStreams) page = { ExclusiveStartDeliveryStreamName: found.at(-1) };
      else return all;
    }
  }

  /** A resource as operations that make it would be told. */
  async read({ kind, name, item, attributes }: Found): Promise<Doc> {
    let current = item;
    if (kind.read) {
      const { operation, at = [], input, inputOf, shaped } = kind.read;
      const asked = { ...withinValues(kind, attributes), ...mapped(input, attributes), ...inputOf?.(attributes) };
      const output = await this.call(kind.model, operation, asked);
      const found = at.reduce<Doc>((value, key) => (value[key] ?? {}) as Doc, output);
      current = { ...item, ...((await shaped?.(found, this.call, attributes)) ?? found) };
    }
    for (const { operation, input = {}, members } of kind.more ?? []) {
      const asked = { ...withinValues(kind, attributes), ...mapped(input, attributes) };
      try {
        current = { ...current, ...members(await this.call(kind.model, operation, asked), attributes) };
      } catch (error) {
        // That there is no policy, for example, is told as an error.
        if (!(error instanceof Refused)) throw error;
      }
    }
    return { ...current, [kind.name]: name };
  }

  async create(kind: Kind, name: string, parent: Attributes | undefined, members: Doc): Promise<Found> {
    const within = withinOf(kind, parent);
    const { operation, wrap, input, failure } = kind.create;
    const model = loadModel(kind.model);
    const taken = chosen(members, Object.keys(createInput(model, kind).members));
    const asked = wrap === undefined ? { ...input, ...within, ...taken } : { ...input, ...within, [wrap]: [taken] };
    const output = await this.call(kind.model, operation, asked);
    refuse(failure?.(output));
    const answers = [output, ...Object.values(output).filter((value) => typeof value === "object")] as Doc[];
    let found: Found = {
      kind,
      name,
      item: members,
      attributes: this.#attributes(kind, name, within, [...answers, members]),
    };
    if (!this.#isComplete(found)) {
      this.#lists.delete(`${kind.section} ${JSON.stringify(within)}`);
      found = (await this.list(kind, parent)).get(name) ?? found;
    }
    found = await this.completed(found);
    (await this.list(kind, parent)).set(name, found);
    return found;
  }

  /** With attributes that only reading tells. */
  async completed(found: Found): Promise<Found> {
    if (this.#isComplete(found)) return found;
    const read = await this.read(found);
    const { kind, name, item, attributes } = found;
    return { ...found, attributes: this.#attributes(kind, name, withinValues(kind, attributes), [item, read]) };
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

function refuse(failure: string | undefined): void {
  if (failure !== undefined) throw new Refused("Failed", failure);
}

function withinOf({ within = {} }: Kind, parent: Attributes | undefined): Doc {
  return parent === undefined ? {} : mapped(within, parent);
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
