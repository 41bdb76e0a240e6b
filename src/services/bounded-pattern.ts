import { createContext, Script } from "node:vm";
import { BoundedMap } from "./bounded-map.ts";

/** A regular expression that cannot be read, or that took too long: what holds for a configuration that is wrong. */
export class PatternError extends Error {
  override readonly name: string = "PatternError";
}

const PATTERN_CHARACTERS_MAX = 4096;
/** How long one search may take. Those that people write take microseconds. */
const SEARCH_MS_MAX = 50;
const kept = new BoundedMap<string, RegExp>(1000);

/** Whether all of a text matches a pattern in Java's syntax. Throws `PatternError`. */
export function fullyMatches(pattern: string, text: string): boolean {
  const expression = compile(`^(?:${pattern})$`, pattern, "");
  return bounded(pattern, text, () => expression.test(text));
}

/** What a search does with a pattern in Java's syntax. Throws `PatternError`. */
export function withPattern<T>(pattern: string, text: string, use: (expression: RegExp) => T): T {
  const expression = compile(pattern, pattern, "g");
  return bounded(pattern, text, () => {
    expression.lastIndex = 0;
    return use(expression);
  });
}

function compile(source: string, pattern: string, flags: string): RegExp {
  const key = `${flags} ${source}`;
  const found = kept.get(key);
  if (found) return found;
  if (pattern.length > PATTERN_CHARACTERS_MAX) throw new PatternError("The pattern is too long");
  const { text, ownFlags } = fromJava(source);
  try {
    const compiled = new RegExp(text, flags + ownFlags);
    kept.set(key, compiled);
    return compiled;
  } catch (error) {
    throw new PatternError(`Not a regular expression: ${(error as Error).message}`);
  }
}

const POSIX: Readonly<Record<string, string>> = {
  Alpha: "A-Za-z",
  Digit: "0-9",
  Alnum: "A-Za-z0-9",
  Upper: "A-Z",
  Lower: "a-z",
  Punct: "!-\\/:-@\\[-`{-~",
  Space: "\\s",
  XDigit: "0-9A-Fa-f",
};

/** What Java writes otherwise: flags at the beginning, quoted texts, anchors, named classes, possessive quantifiers. */
function fromJava(source: string): { text: string; ownFlags: string } {
  let ownFlags = "";
  const text = source
    .replace(/^(\^\(\?:)?\(\?([ims]+)\)/, (_all, opening = "", flags: string) => {
      ownFlags = [...new Set(flags)].join("");
      return opening;
    })
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_all, quoted: string) => quoted.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"))
    .replace(/\\A/g, "^")
    .replace(/\\[zZ]/g, "$")
    .replace(/(\[[^\]]*)?\\p\{(\w+)\}/g, (all, inside: string | undefined, name: string) => {
      const posix = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
      if (posix !== undefined) return inside === undefined ? `[${posix}]` : `${inside}${posix}`;
      if (!ownFlags.includes("u")) ownFlags += "u";
      return all;
    })
    .replace(/([*+?}])\+/g, "$1");
  return { text, ownFlags };
}

/** Without groups that repeat, and with few quantifiers, a search over a short text cannot take long. */
function isHarmless(pattern: string, text: string): boolean {
  if (text.length > 2000 || /\)[*+{?]|\\\d/.test(pattern)) return false;
  return (pattern.match(/[*+{]/g)?.length ?? 0) <= 2;
}

const context = createContext({ run: undefined as unknown });
const script = new Script("run()");

function bounded<T>(pattern: string, text: string, search: () => T): T {
  return isHarmless(pattern, text) ? search() : withinMs(SEARCH_MS_MAX, search);
}

/**
 * Runs something pure and synchronous, and breaks it off where it takes too long: V8 looks for this also inside of regular expressions.
 * Throws `PatternError` then. It costs a third of a millisecond.
 */
export function withinMs<T>(ms: number, run: () => T): T {
  context.run = run;
  try {
    return script.runInContext(context, { timeout: ms });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new PatternError("It took too long");
  } finally {
    context.run = undefined;
  }
}
