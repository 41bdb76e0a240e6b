import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { InitError } from "./init-error.ts";

/** A value of the file and where it stands. */
export type Place = Node | undefined;

/** The text of an init file, as a tree whose every node knows its line and column. */
export class InitFile {
  readonly path: string;
  /** Where the files that it names lie. */
  readonly folder: string;
  readonly root: Place;
  readonly #lines: LineCounter;
  readonly #document: Document;

  /** Reads JSON or YAML. Throws `InitError`. */
  constructor(path: string) {
    this.path = path;
    this.folder = dirname(path);
    this.#lines = new LineCounter();
    this.#document = parseDocument(textOf(path), { lineCounter: this.#lines, prettyErrors: false, logLevel: "silent" });
    const [error] = this.#document.errors;
    if (error) {
      const { line, col } = this.#lines.linePos(error.pos[0]);
      throw new InitError(`${path}:${line}:${col}: neither JSON nor YAML: ${error.message.split("\n")[0]}`);
    }
    this.root = this.#document.contents ?? undefined;
  }

  /** `centre.yaml:12:5`. */
  where(place: Place): string {
    const at = place?.range?.[0];
    if (at === undefined) return this.path;
    const { line, col } = this.#lines.linePos(at);
    return `${this.path}:${line}:${col}`;
  }

  error(place: Place, message: string): InitError {
    return new InitError(`${this.where(place)}: ${message}`);
  }

  /** What an alias stands for; anything else as it is. */
  resolve(place: Place): Place {
    return isAlias(place) ? place.resolve(this.#document) : place;
  }

  /** Names and values of a map; `undefined` for what is none. */
  pairs(
    place: Place,
  ): readonly { readonly key: string; readonly keyPlace: Place; readonly value: Place }[] | undefined {
    const node = this.resolve(place);
    if (!isMap(node)) return undefined;
    return node.items.filter(isPair).map(({ key, value }) => ({
      key: String(isScalar(key) ? key.value : key),
      keyPlace: key as Node,
      value: this.resolve((value ?? undefined) as Place),
    }));
  }

  items(place: Place): readonly Place[] | undefined {
    const node = this.resolve(place);
    return isSeq(node) ? node.items.map((item) => this.resolve(item as Node)) : undefined;
  }

  /** The value of a text, number or the like, and how it is written. */
  scalar(place: Place): { readonly value: unknown; readonly source: string } | undefined {
    const node = this.resolve(place);
    if (!isScalar(node)) return undefined;
    return { value: node.value, source: typeof node.value === "string" ? node.value : (node.source ?? "") };
  }

  /** All that a node holds, as JSON has it. */
  plain(place: Place): unknown {
    return place?.toJS(this.#document, { maxAliasCount: 100 });
  }
}

function textOf(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new InitError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
