/**
 * Texts of policies with wildcards and variables: `arn:aws:s3:::calls/${aws:username}/*`.
 *
 * A text is a list of tokens: characters, `*` (any number of characters), `?` (one) and variables. What a variable stands for is taken
 * as it is: a user named `*` gets nothing that is not its own. Matching goes back to the last `*` only, so that no pattern takes more
 * than its length times the text's.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** Values of a condition key by its name in lower case; `undefined` where the request has no such key. */
export type Keys = (name: string) => readonly string[] | undefined;

/** Whether a text is one that a pattern stands for. */
export type Pattern = (text: string, keys: Keys) => boolean;

interface Variable {
  /** In lower case. */
  readonly key: string;
  readonly fallback: string | undefined;
}

type Token = number | Variable;

const ANY = -1;
const ONE = -2;
const COLON = ":".charCodeAt(0);

export interface PatternOptions {
  /** Whether `${…}` is a variable: in policies of the version of 2012. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
  /** `*` and `?` stand for themselves. */
  readonly literal?: boolean;
}

/** A pattern for a text as a whole. */
export function compilePattern(text: string, options: PatternOptions): Pattern {
  const matches = compileTokens(tokensOf(text, options));
  return options.ignoreCase ? (candidate, keys) => matches(candidate.toLowerCase(), keys) : matches;
}

/**
 * A pattern for ARNs: each of the six parts between colons is matched by itself, so that a `*` stays in its part. Parts that the pattern
 * ends before may be anything: `arn:aws:sqs` names every queue.
 */
export function compileArnPattern(text: string, options: PatternOptions): Pattern {
  const tokens = tokensOf(text, options);
  if (tokens.length > 0 && tokens.every((token) => token === ANY)) return () => true;
  const parts = splitParts(tokens).map(compileTokens);
  return (arn, keys) => {
    const candidates = arnParts(arn);
    return candidates !== undefined && parts.every((matches, place) => matches(candidates[place] as string, keys));
  };
}

/** The six parts of an ARN; `undefined` for what has fewer. The last one may hold colons. */
function arnParts(arn: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < 5) {
    const colon = arn.indexOf(":", from);
    if (colon === -1) return undefined;
    parts.push(arn.slice(from, colon));
    from = colon + 1;
  }
  parts.push(arn.slice(from));
  return parts;
}

function splitParts(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === COLON && parts.length < 6) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** `${key}` or `${key, 'default'}`; `${*}`, `${?}` and `${$}` are those characters themselves. */
const VARIABLE = /^\$\{\s*(?:([*?$])|([^,}]+?)\s*(?:,\s*'([^']*)'\s*)?)\}/;

function tokensOf(text: string, { variables, ignoreCase = false, literal = false }: PatternOptions): Token[] {
  const tokens: Token[] = [];
  const source = ignoreCase ? text.toLowerCase() : text;
  let at = 0;
  while (at < source.length) {
    const found = variables && source.startsWith("${", at) ? VARIABLE.exec(source.slice(at)) : null;
    if (found) {
      const [whole, character, key, fallback] = found;
      tokens.push(character?.charCodeAt(0) ?? { key: (key as string).toLowerCase(), fallback });
      at += whole.length;
      continue;
    }
    const character = source[at++];
    if (!literal && character === "*") tokens.push(ANY);
    else if (!literal && character === "?") tokens.push(ONE);
    else tokens.push(source.charCodeAt(at - 1));
  }
  return tokens;
}

function compileTokens(tokens: readonly Token[]): Pattern {
  if (tokens.some((token) => typeof token === "object")) {
    return (text, keys) => {
      const filled = fill(tokens, keys);
      return filled !== undefined && globMatches(filled, text);
    };
  }
  const plain = tokens as readonly number[];
  const wildcard = plain.findIndex((token) => token < 0);
  // Most patterns are a text, or a text with a `*` behind it.
  if (wildcard === -1) {
    const whole = textOf(plain);
    return (text) => text === whole;
  }
  if (wildcard === plain.length - 1 && plain[wildcard] === ANY) {
    const start = textOf(plain.slice(0, -1));
    return (text) => text.startsWith(start);
  }
  return (text) => globMatches(plain, text);
}

function textOf(codes: readonly number[]): string {
  return codes.map((code) => String.fromCharCode(code)).join("");
}

/** `undefined` where a variable has no value, or more than one: nothing matches then. */
function fill(tokens: readonly Token[], keys: Keys): number[] | undefined {
  const filled: number[] = [];
  for (const token of tokens) {
    if (typeof token === "number") {
      filled.push(token);
      continue;
    }
    const values = keys(token.key);
    const value = values?.length === 1 ? values[0] : values === undefined ? token.fallback : undefined;
    if (value === undefined) return undefined;
    for (let at = 0; at < value.length; at++) filled.push(value.charCodeAt(at));
  }
  return filled;
}

function globMatches(pattern: readonly number[], text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === ANY) {
      star = p++;
      resumeAt = t;
    } else if (p < pattern.length && (pattern[p] === ONE || pattern[p] === text.charCodeAt(t))) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === ANY) p++;
  return p === pattern.length;
}
