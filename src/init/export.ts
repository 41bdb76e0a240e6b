/** What a server has, as an init file says it: ids replaced by names, long texts and code as files beside it. */
import { stringify } from "yaml";
import { loadModel } from "../models/catalog.ts";
import type { Call, Doc } from "./kind.ts";
import { kindsWithin } from "./kinds/index.ts";
import { type EntryMember, membersOf } from "./members.ts";
import { projected } from "./projected.ts";
import { referencesOf, referenceTo } from "./references.ts";
import { type Found, Server } from "./server.ts";

export interface ExportOptions {
  readonly call: Call;
  readonly region: string;
  readonly account: string;
  readonly format: "json" | "yaml";
  /** Takes the files beside, by their paths from the init file. Without it texts stand in the file itself. */
  readonly write?: (path: string, content: string | Buffer) => void;
  /** Reads the archive of a function's code. */
  readonly fetchCode: (url: string) => Promise<Buffer>;
}

/** What is on the server, before ids have become names. */
interface Node {
  readonly found: Found;
  readonly current: Doc;
  readonly children: readonly (readonly [section: string, nodes: readonly Node[]])[];
}

/** The text of an init file. Throws `Refused`. */
export async function exportText(options: ExportOptions): Promise<string> {
  const { call, region, account, format } = options;
  const server = new Server(call, { AccountId: account, Region: region });
  const sections = await sectionsOf(server, undefined);
  const document = await new Writer(options, sections).sections(sections);
  const whole = { Region: region, ...document };
  return format === "json"
    ? `${JSON.stringify(whole, null, 2)}\n`
    : stringify(whole, { lineWidth: 0, compat: "yaml-1.1" });
}

async function sectionsOf(server: Server, parent: Found | undefined): Promise<Node["children"]> {
  const sections: [string, Node[]][] = [];
  for (const kind of kindsWithin(parent?.kind.section)) {
    if (kind.isUnexported) continue;
    const list = [...(await server.list(kind, parent)).values()].filter(({ item }) => kind.isOwn?.(item) ?? true);
    const nodes: Node[] = [];
    for (const there of list.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { current: read, found } = await server.read(await server.completed(there));
      const current = { ...read, ...(await kind.exported?.(server.call, found.attributes, read)) };
      nodes.push({ found, current, children: await sectionsOf(server, found) });
    }
    // The default bus is always there.
    const told = nodes.filter(
      ({ found, children }) => !(kind.section === "EventBuses" && found.name === "default" && children.length === 0),
    );
    if (told.length > 0) sections.push([kind.section, told]);
  }
  return sections;
}

class Writer {
  readonly #options: ExportOptions;
  /** Ids, ARNs and URLs of what is exported, the longest first: one may begin as another does. */
  readonly #identifiers: readonly (readonly [value: string, node: Node, reference: string])[];
  /** Files beside that are written, in lower case: some file systems know no other. */
  readonly #paths = new Set<string>();

  constructor(options: ExportOptions, sections: Node["children"]) {
    this.#options = options;
    const all = flattened(sections).flatMap((node) => identifiersOf(node));
    this.#identifiers = all.sort(([a], [b]) => b.length - a.length);
  }

  async sections(sections: Node["children"]): Promise<Doc> {
    const document: Record<string, unknown> = {};
    for (const [section, nodes] of sections) {
      const entries: Doc[] = [];
      for (const node of nodes) entries.push(await this.#entry(node));
      document[section] = entries;
    }
    return document;
  }

  async #entry(node: Node): Promise<Doc> {
    const { kind } = node.found;
    const entry: Record<string, unknown> = {};
    const { members } = membersOf(kind);
    const names = [kind.name, ...Object.keys(members).filter((name) => name !== kind.name)];
    for (const name of names) {
      const member = members[name];
      const value = member && (await this.#member(node, name, member));
      if (value !== undefined) entry[name] = value;
    }
    return { ...entry, ...(await this.sections(node.children)) };
  }

  async #member(node: Node, name: string, member: EntryMember): Promise<unknown> {
    const { found, current } = node;
    if ("extra" in member && member.extra.code) return this.#code(node);
    const model = loadModel(found.kind.model);
    const taken = "extra" in member ? current[name] : projected(model, member.shape, current[name]);
    const isNeeded = membersOf(found.kind).required.includes(name);
    if (isNeeded ? taken === undefined : isEmpty(taken)) return undefined;
    const extension = found.kind.files?.[name];
    if (extension === undefined || !this.#options.write) {
      return this.#named(node, name, taken, "shape" in member ? member.shape : undefined);
    }
    const path = this.#pathOf(node, extension);
    this.#options.write(path, this.#replaced(node, readable(String(taken))));
    return `\${file:${path}}`;
  }

  async #code(node: Node): Promise<string> {
    const path = this.#pathOf(node, "zip");
    const { write, fetchCode } = this.#options;
    if (write) write(path, await fetchCode(String(node.current.CodeUrl)));
    return `\${file:${path}}`;
  }

  /** `flows/Greeting.json`, with nothing in it that a file system takes amiss; `flows/Greeting-2.json` for another of that name. */
  #pathOf({ found: { kind, name } }: Node, extension: string): string {
    const path = `${kind.section.toLowerCase()}/${name.replace(/[^\w.-]+/g, "-")}`;
    let free = `${path}.${extension}`;
    for (let count = 2; this.#paths.has(free.toLowerCase()); count += 1) free = `${path}-${count}.${extension}`;
    this.#paths.add(free.toLowerCase());
    return free;
  }

  /** Keys of a map are no members: what they hold names no resource by itself. */
  #named(node: Node, name: string, value: unknown, shapeName: string | undefined): unknown {
    if (typeof value === "string") return this.#text(node, name, value);
    if (typeof value !== "object" || value === null) return value;
    const shape = shapeName === undefined ? undefined : loadModel(node.found.kind.model).shapes[shapeName];
    if (Array.isArray(value)) {
      const item = shape?.type === "list" ? shape.member.shape : undefined;
      return value.map((one) => this.#named(node, name, one, item));
    }
    const named = Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => {
        if (shape?.type !== "structure")
          return [key, this.#named(node, name, one, shape?.type === "map" ? shape.value.shape : undefined)];
        return [key, this.#named(node, key, one, shape.members[key]?.shape)];
      });
    return Object.fromEntries(named);
  }

  #text(node: Node, name: string, text: string): unknown {
    const replaced = this.#replaced(node, text);
    const section = node.found.kind.refs?.[name];
    const [reference, ...others] = section === undefined ? [] : referencesOf(replaced);
    const isPlain = reference && others.length === 0 && reference.text === replaced && reference.section === section;
    if (isPlain && referencesOf(referenceTo(section, reference.name))[0]?.attribute === reference.attribute)
      return reference.name;
    return documentOf(replaced) ?? replaced;
  }

  /** With references in place of ids, and what looks like one made a text. */
  #replaced(node: Node, text: string): string {
    let result = text;
    for (const { text: written } of referencesOf(text)) result = result.replaceAll(written, () => `$${written}`);
    for (const [value, other, reference] of this.#identifiers) {
      if (other !== node && result.includes(value)) result = result.replaceAll(whole(value), () => reference);
    }
    const { region, account } = this.#options;
    return result
      .replaceAll(`:${region}:${account}:`, () => `:\${Region}:\${AccountId}:`)
      .replaceAll(`::${account}:`, () => `::\${AccountId}:`);
  }
}

/** An id is found only as a word of its own: some are as short as six characters. */
function whole(identifier: string): RegExp {
  return new RegExp(`(?<![\\w-])${identifier.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`, "g");
}

function flattened(sections: Node["children"]): readonly Node[] {
  return sections.flatMap(([, nodes]) => nodes.flatMap((node) => [node, ...flattened(node.children)]));
}

function identifiersOf(node: Node): readonly (readonly [string, Node, string])[] {
  const { kind, name, attributes } = node.found;
  return Object.keys(kind.attributes)
    .filter((attribute) => attribute !== "Name" && attribute !== "Version")
    .map((attribute) => [attributes[attribute] ?? "", node, referenceTo(kind.section, name, attribute)] as const)
    .filter(([value]) => value !== name && value.length >= 6);
}

/** A document that a text holds, where nothing is lost by writing it as one. */
function documentOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text) || /\d{16}/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** With an indentation, where a text is JSON. */
function readable(text: string): string {
  const document = documentOf(text);
  return document === undefined ? text : `${JSON.stringify(document, null, 2)}\n`;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && !("EventBridgeConfiguration" in value) && Object.values(value).every(isEmpty);
}
