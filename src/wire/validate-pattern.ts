/**
 * The models' patterns. They are Java's, a value must match from end to end, and clients choose the values: so each is translated, and
 * none may take long on any input.
 */

/** A pattern that a value can be held against. */
export interface Pattern {
  matches(value: string): boolean;
}

const compiled = new Map<string, Pattern>();

/** The pattern of that text, compiled once. */
export function patternOf(source: string): Pattern {
  const pattern = compiled.get(source) ?? compile(source);
  compiled.set(source, pattern);
  return pattern;
}

/**
 * Beyond this a value is refused by patterns whose time could grow faster than the value. Their members are names, ARNs and URLs; where
 * the model bounds their length at all, it is below.
 */
const BACKTRACKING_CHARACTERS_MAX = 4096;

/** A pattern of a model as one of JavaScript, for a whole value and with the flag `u`. */
export function patternText(source: string): string {
  const text = unquoted(source);
  return `^(?:${translate(rewritten[text] ?? text)})${prefixes.has(text) ? "" : "$"}`;
}

function compile(source: string): Pattern {
  const text = unquoted(source);
  const expression = new RegExp(patternText(source), "u");
  if (isLinear(text)) return { matches: (value) => expression.test(value) };
  return { matches: (value) => value.length <= BACKTRACKING_CHARACTERS_MAX && expression.test(value) };
}

/** Some patterns were escaped once too often (`\\d` for a digit), or stand between slashes. None is about backslashes. */
function unquoted(source: string): string {
  return source.replaceAll("\\\\", "\\").replace(/^\/(.*)\/$/, "$1");
}

/** Whether time grows with the value alone: one class for all characters (`[…]*`), or known to be so. */
function isLinear(text: string): boolean {
  return text in rewritten || linear.has(text) || /^\^?(?:\[(?:[^\\\]]|\\.)+\]|\.|\\[A-Za-z])[*+]\$?$/.test(text);
}

/** Of texts that may be long. */
const linear: ReadonlySet<string> = new Set([
  "^(?!\\s*$).+",
  "^([a-zA-Z0-9_=]+)\\.([a-zA-Z0-9_=]+)\\.([a-zA-Z0-9_\\-\\+\\/=]*)",
]);

/**
 * Meant as what the value begins with: from end to end, it would refuse the ARN of everything that can be tagged.
 */
const prefixes: ReadonlySet<string> = new Set(["^arn:[a-z0-9]{1,10}:profile"]);

/**
 * Patterns whose time would grow with a power of the value's length, as equal ones whose time does not; and some that cannot be meant as
 * they stand. `validate-pattern.test.ts` holds that the others are fast.
 */
const rewritten: Readonly<Record<string, string>> = {
  ".*\\S.*": "(?=.*\\S).*",
  "^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$":
    "\\t*[^\\x00-\\x1F:\\x7F][^\\x00-\\x08\\x0A-\\x1F:\\x7F]*",
  "^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$": "\\t*[\\x20-\\x7E][\\t\\x20-\\x7E]*",
  "^((\\w+\\:\\/\\/[\\w.-]+[\\w/!@#+=.-]+)|(\\w+\\:\\/\\/[\\w.-]+[\\w/!@#+=.-]+[\\w/!@#+=.-]+[\\w/!@#+=.,-]+))$":
    "\\w+:\\/\\/[\\w.-](?:[\\w/!@#+=.-]+|[\\w/!@#+=.-]{2}[\\w/!@#+=.,-]+)",
  "arn:[a-zA-Z0-9-]+:[a-zA-Z0-9-]+:[a-z]{2}-[a-z]+-\\d{1,2}:[a-zA-Z0-9-]+:[^:]+(?:/[^:]+)*(?:/[^:]+)?(?:\\:[^:]+)?":
    "arn:[a-zA-Z0-9-]+:[a-zA-Z0-9-]+:[a-z]{2}-[a-z]+-\\d{1,2}:[a-zA-Z0-9-]+:[^:]+(?::[^:]+)?",
  "arn:([a-z\\d-]+):profile:.*:.*:.+": "arn:[a-z\\d-]+:profile:[^:\\n]*:[^:\\n]*:.+",
  // One character for a SHA-256, and addresses without dots.
  "^[a-zA-Z0-9]$": "[a-zA-Z0-9]{64}",
  "^[A-Za-z0-9:/]*$": "[A-Za-z0-9.:/]*",
};

/** Characters that Java lets one escape anywhere, and JavaScript's Unicode mode only where they mean something. */
const escapable = /[\^$\\.*+?()[\]{}|/]/;

/** Java's syntax in JavaScript's Unicode mode. */
function translate(text: string): string {
  let result = "";
  let inClass = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === "\\") {
      at++;
      const keeps = /[A-Za-z0-9]/.test(next) || escapable.test(next) || (inClass && next === "-");
      result += keeps ? `\\${next}` : next;
    } else if (inClass && character === "-" && isLiteralHyphen(result, text.slice(at + 1))) {
      result += "\\-";
    } else {
      if (character === "[") inClass = true;
      if (character === "]") inClass = false;
      result += character;
    }
  }
  return result;
}

/** In a class, a hyphen beside `\w` or another class is itself: `[\w-/]`. */
function isLiteralHyphen(before: string, after: string): boolean {
  return /\\[wdsWDS]$|\\[pP]\{\w+\}$/.test(before) || /^\\[wdsWDSpP]/.test(after);
}
