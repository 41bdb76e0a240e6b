import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  Alias,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { InitError } from "./init-error.ts";

/** A value of the file and where it stands. */
export type Place = Node | undefined;

export interface PlacedPair {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: Place;
}

/** So many values may a file come to with all that its aliases stand for: ten aliases of ten of ten … are few bytes. */
const VALUES_MAX = 1_000_000;

/** Nobody reads more lines of what is wrong. */
const TOLD_MAX = 20;

/** The text of an init file, as a tree whose every node knows its line and column, and what is found wrong with it. */
export class InitFile {
  readonly path: string;
  /** Where the files that it names lie. */
  readonly folder: string;
  readonly root: Place;
  readonly #lines = new LineCounter();
  readonly #targets = new Map<Node, Node>();
  readonly #problems: { readonly at: number; readonly message: string }[] = [];

  /** Reads JSON or YAML. Throws `InitError`. */
  constructor(path: string) {
    this.path = path;
    this.folder = dirname(path);
    const document = parseDocument(textOf(path), {
      lineCounter: this.#lines,
      prettyErrors: false,
      // "silent" would take the first of several documents without a word.
      logLevel: "error",
    });
    this.root = document.contents ?? undefined;
    for (const error of document.errors) {
      const isDouble = error.code === "DUPLICATE_KEY";
      const [said = ""] = error.message.split("\n");
      // The parser calls itself for each level.
      const isDeep = said.startsWith("Maximum call stack");
      const isSecond = error.code === "MULTIPLE_DOCS";
      const notation = isSecond ? "a second document begins here: a file has one" : `neither JSON nor YAML: ${said}`;
      const message = isDouble ? "this name stands here twice" : notation;
      this.#problems.push({ at: error.pos[0], message: isDeep ? "this is nested too deeply" : message });
      // What comes behind a mistake in the notation is mostly a consequence of it.
      if (!isDouble) this.throwProblems();
    }
    const anchors = new Map<string, Node>();
    visit(document, (_, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) this.#targets.set(node, target);
        else this.problem(node, `nothing before this is called &${node.source}`);
      } else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    });
    this.#refuseBomb();
  }

  #refuseBomb(): void {
    const counts = new Map<Node, number>();
    const count = (place: unknown): number => {
      if (!isNode(place)) return 0;
      const known = counts.get(place);
      if (known === Number.POSITIVE_INFINITY) throw this.error(place, "this stands for what it is part of");
      if (known !== undefined) return known;
      counts.set(place, Number.POSITIVE_INFINITY);
      let values = 1;
      if (place instanceof Alias) values = count(this.#targets.get(place));
      else if (isMap(place)) for (const { key, value } of place.items) values += count(key) + count(value);
      else if (isSeq(place)) for (const item of place.items) values += count(item);
      counts.set(place, values);
      return values;
    };
    if (count(this.root) > VALUES_MAX) {
      throw new InitError(`${this.path}: comes to more than ${VALUES_MAX} values with what its aliases stand for`);
    }
  }

  /** `centre.yaml:12:5`. */
  where(place: Place): string {
    return this.#at(place?.range?.[0]);
  }

  #at(offset: number | undefined): string {
    if (offset === undefined || offset < 0) return this.path;
    const { line, col } = this.#lines.linePos(offset);
    return `${this.path}:${line}:${col}`;
  }

  error(place: Place, message: string): InitError {
    return new InitError(`${this.where(place)}: ${message}`);
  }

  /** Notes what is wrong, so that all of it is told at once. */
  problem(place: Place, message: string): void {
    this.#problems.push({ at: place?.range?.[0] ?? -1, message });
  }

  /** Throws an `InitError` of all that is wrong, in the order of the file, with a line at the end that is no part of it. */
  throwProblems(last?: string): void {
    if (this.#problems.length === 0) return;
    const sorted = this.#problems.toSorted((a, b) => a.at - b.at);
    const lines = new Set(sorted.map(({ at, message }) => `${this.#at(at)}: ${message}`));
    const told = [...lines].slice(0, TOLD_MAX);
    if (lines.size > TOLD_MAX) told.push(`and ${lines.size - TOLD_MAX} more`);
    throw new InitError([...told, ...(last === undefined ? [] : [last])].join("\n"));
  }

  /** What an alias stands for; anything else as it is. */
  resolve(place: Place): Place {
    return isAlias(place) ? this.#targets.get(place) : place;
  }

  /** Names and values of a map, with those that `<<` takes from others; `undefined` for what is none. */
  pairs(place: Place): readonly PlacedPair[] | undefined {
    const node = this.resolve(place);
    if (!isMap(node)) return undefined;
    const pairs: PlacedPair[] = node.items.filter(isPair).map(({ key, value }) => ({
      key: String(isScalar(key) ? key.value : key),
      keyPlace: key as Node,
      value: this.resolve((value ?? undefined) as Place),
    }));
    const merged = pairs.filter(({ key }) => key === "<<");
    if (merged.length === 0) return pairs;
    // What stands there itself counts, then what is taken first.
    const own = new Map(pairs.filter(({ key }) => key !== "<<").map((pair) => [pair.key, pair]));
    for (const { value } of merged) {
      for (const one of this.items(value) ?? [value]) {
        for (const pair of this.pairs(one) ?? []) if (!own.has(pair.key)) own.set(pair.key, pair);
      }
    }
    return [...own.values()];
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

  /** Whether nothing stands there: `Queues:` and no more. */
  isEmpty(place: Place): boolean {
    return place === undefined || this.scalar(place)?.value === null;
  }

  /** All that a node holds, as JSON has it. */
  plain(place: Place): unknown {
    const pairs = this.pairs(place);
    if (pairs) return Object.fromEntries(pairs.map(({ key, value }) => [key, this.plain(value)]));
    return this.items(place)?.map((item) => this.plain(item)) ?? this.scalar(place)?.value ?? null;
  }
}

function textOf(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = { ENOENT: "there is no such file", EISDIR: "it is a folder", EACCES: "permission denied" }[code ?? ""];
    throw new InitError(`${path} cannot be read: ${why ?? message}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const before = bytes.toString("utf8").split("\uFFFD", 1)[0] ?? "";
    throw new InitError(`${path}:${before.split("\n").length}: is not UTF-8 text`);
  }
}
