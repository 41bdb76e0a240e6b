import { parseComparison } from "./comparison.ts";
import type { FilterPattern } from "./compiled-pattern.ts";
import { parseConditions, Scanner } from "./scanner.ts";

/*
 *   [ip, user, ..., status = 4* && status != 404, bytes > 1000]
 *
 * A message's columns stand between blanks; what is in `[ ]` or `" "` is one column. There are as many as the pattern names, unless one of its
 * places is `...`, which stands for any number.
 */

interface Column {
  /** Absent: it has a number. */
  readonly name?: string;
  readonly holds?: (value: string) => boolean;
}

const ELLIPSIS = "...";
const NAME = /[^\s,[\]()=<>!&|"%]+/uy;

export function parseColumnsPattern(text: string): FilterPattern {
  const scanner = new Scanner(text);
  if (!scanner.takes("[")) scanner.fail("[");
  const before: Column[] = [];
  let behind: Column[] | undefined;
  do {
    if (scanner.takes(ELLIPSIS)) {
      if (behind) scanner.fail("a second ... has no meaning; a column");
      behind = [];
    } else (behind ?? before).push(parseColumn(scanner));
  } while (scanner.takes(","));
  if (!scanner.takes("]") || !scanner.isAtEnd) scanner.fail("] at the end");

  const assigned = (message: string): readonly (readonly [Column, string])[] | undefined => {
    const values = columnsOf(message);
    const least = before.length + (behind?.length ?? 0);
    if (behind ? values.length < least : values.length !== least) return undefined;
    const skipped = values.length - least;
    return [...before, ...Array<Column>(skipped).fill({}), ...(behind ?? [])].map((column, index) => [
      column,
      values[index] ?? "",
    ]);
  };
  return {
    matches: (message) => assigned(message)?.every(([{ holds }, value]) => holds?.(value) ?? true) ?? false,
    valuesOf: (message) =>
      new Map((assigned(message) ?? []).map(([{ name }, value], index) => [`$${name ?? index + 1}`, value])),
  };
}

function parseColumn(scanner: Scanner): Column {
  let name: string | undefined;
  const parseOne = (): ((value: string) => boolean) => {
    const [named] = scanner.take(NAME) ?? scanner.fail("the name of a column");
    // All that is said about a column names it.
    if (name !== undefined && named !== name) scanner.fail(`the name ${name} again`);
    name = named;
    return scanner.takes(",") ? scanner.fail("a comparison") : parseComparison(scanner);
  };
  const [simple] = scanner.take(/[^\s,[\]()=<>!&|"%]+(?=\s*[,\]])/uy) ?? [];
  if (simple !== undefined) return { name: simple };
  if (scanner.take(/(?=[,\]])/y)) return {};
  const holds = parseConditions(scanner, parseOne);
  return { ...(name !== undefined && { name }), holds };
}

/** Each column of a message, without the quotes or brackets around it. In one pass, whatever the message is. */
function columnsOf(message: string): readonly string[] {
  const columns: string[] = [];
  const closings = { '"': new Closing(message, '"'), "[": new Closing(message, "]") };
  const word = /\S+/y;
  for (let at = nextColumn(message, 0); at < message.length; at = nextColumn(message, at)) {
    const closing = closings[message[at] as '"' | "["]?.behind(at);
    if (closing !== undefined) {
      columns.push(message.slice(at + 1, closing));
      at = closing + 1;
      continue;
    }
    word.lastIndex = at;
    columns.push(word.exec(message)?.[0] ?? "");
    at = word.lastIndex;
  }
  return columns;
}

function nextColumn(message: string, from: number): number {
  const blanks = /\s*/y;
  blanks.lastIndex = from;
  blanks.exec(message);
  return blanks.lastIndex;
}

/** Where a quote or bracket is closed: looked for once, however many are opened before. */
class Closing {
  readonly #message: string;
  readonly #mark: string;
  #at = 0;

  constructor(message: string, mark: string) {
    this.#message = message;
    this.#mark = mark;
  }

  /** The closing behind a place, if a blank or the end follows it. */
  behind(opening: number): number | undefined {
    if (this.#at <= opening && this.#at >= 0) this.#at = this.#message.indexOf(this.#mark, opening + 1);
    const isEnd = this.#at > 0 && /^(?:\s|$)/.test(this.#message.slice(this.#at + 1, this.#at + 2));
    return isEnd ? this.#at : undefined;
  }
}
