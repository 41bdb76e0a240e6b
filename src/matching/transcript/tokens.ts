/**
 * Texts as tokens, for transcripts and for the phrases that are looked for in them; the rules are those of our reference (our choice, since
 * the real service does not say how it splits):
 *
 * - A token is a run of letters and digits, in which an apostrophe, a hyphen or a full stop may stand: `can't`, `check-in`, `1.5`. All
 *   else separates, so punctuation never matters.
 * - Commas between thousands are taken out: `1,000` and `1000` are the same token.
 * - Scripts that are written without spaces give one token per character: Han, Hiragana, Katakana, and Hangul too, since Korean
 *   attaches particles to words and spaces are set as one likes. The script decides, not the language, so that a phrase is split
 *   in the same way whatever it is looked for in.
 * - Tokens are compared in Unicode NFKC and lower case, without invisible characters, with one form of apostrophe, hyphen and sigma.
 */

export interface Token {
  /** As it is compared. */
  readonly text: string;
  /** Where it stands in the text that was split: UTF-16 code units, `end` exclusive. */
  readonly begin: number;
  readonly end: number;
  /** Whether a `*` follows directly. */
  readonly starred: boolean;
}

/** The tokens of a text, in order. Takes time in proportion to the text, whatever is in it. */
export function tokenize(text: string): Token[] {
  return ASCII.test(text) && !COMMA_IN_NUMBER.test(text) ? plainTokens(text.toLowerCase()) : anyTokens(text);
}

/** The definition. */
export function anyTokens(text: string): Token[] {
  const normal = normalize(text);
  const tokens: Token[] = [];
  for (const match of normal.text.matchAll(TOKEN)) {
    const starred = match[0].endsWith("*");
    const begin = match.index;
    const end = begin + match[0].length - Number(starred);
    tokens.push({
      text: normal.text.slice(begin, end).replaceAll(",", ""),
      begin: normal.begins?.[begin] ?? begin,
      end: normal.ends?.[end - 1] ?? end,
      starred,
    });
  }
  return tokens;
}

const COMMA_IN_NUMBER = /\d,\d/;

/**
 * The same of a text in ASCII and lower case, without a comma between digits. Hot: most of what is said in English is such a text, and the
 * expression takes four times as long for it.
 */
function plainTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const { length } = text;
  for (let at = 0; at < length; at++) {
    if (!isInWord(text.charCodeAt(at))) continue;
    const begin = at++;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (isInWord(code)) continue;
      const joins = code === APOSTROPHE || code === HYPHEN || code === FULL_STOP;
      if (!joins || !isInWord(text.charCodeAt(at + 1))) break;
    }
    tokens.push({ text: text.slice(begin, at), begin, end: at, starred: text.charCodeAt(at) === STAR });
  }
  return tokens;
}

const [APOSTROPHE, STAR, HYPHEN, FULL_STOP] = [39, 42, 45, 46];

/** Letters and digits. NaN, behind the end, is neither. */
function isInWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}

const ALONE = String.raw`[[\p{L}\p{N}]&&[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}]]`;
const START = String.raw`[[\p{L}\p{N}]--${ALONE}]`;
const INNER = String.raw`[${START}\p{M}]`;
/** At most nine groups, so that a long list of them is not looked through again from each of its numbers. */
const THOUSANDS = String.raw`\d{1,3}(?:,\d{3}){1,8}(?:\.\d+)?(?!${INNER}|['.\-]${START}|,\d)`;
const TOKEN = new RegExp(String.raw`(?:${THOUSANDS}|${ALONE}\p{M}*|${START}(?:${INNER}|['.\-](?=${START}))*)\*?`, "gv");

/** A text as it is compared, and for each of its code units where the piece of the original that it came from begins and ends. */
interface NormalText {
  readonly text: string;
  /** Absent where the positions are those of the original. */
  readonly begins?: readonly number[];
  readonly ends?: readonly number[];
}

/**
 * NFKC and lower case change lengths (`㎏`, `ﬁ`, `İ`, an `é` of two characters), so a text is taken in short runs, and one whose positions
 * change piece by piece: a character with all that may merge with it.
 */
function normalize(text: string): NormalText {
  if (ASCII.test(text)) return { text: text.toLowerCase() };
  const begins: number[] = [];
  const ends: number[] = [];
  let normal = "";
  let begin = 0;
  for (const [run] of text.matchAll(RUN)) {
    if (run.normalize("NFKC") === run && !CHANGES_LENGTH.test(run)) {
      normal += fold(run);
      for (let i = 0; i < run.length; i++) {
        begins.push(begin);
        begin += 1;
        ends.push(begin);
      }
      continue;
    }
    for (const piece of MERGES.test(run) ? [run] : run) {
      const folded = fold(piece);
      normal += folded;
      for (let i = 0; i < folded.length; i++) {
        begins.push(begin);
        ends.push(begin + piece.length);
      }
      begin += piece.length;
    }
  }
  return { text: normal, begins, ends };
}

const ASCII = /^[\0-\x7f]*$/;

/** What can merge with the character before it: marks, and the vowels and final consonants of Hangul, also in their compatibility forms. */
const MERGING = String.raw`\p{M}\u1160-\u11ff\u3131-\u318e\uff9e-\uffdc`;
const MERGES = new RegExp(`[${MERGING}]`, "u");
/** Characters with which nothing merges, or one with what does: at most 30, Unicode's "stream-safe" bound, as sorting marks takes quadratic time. */
const RUN = new RegExp(`[^${MERGING}]{1,16}(?![${MERGING}])|.[${MERGING}]{0,30}`, "gsu");
const CHANGES_LENGTH = /[\p{Default_Ignorable_Code_Point}İ]/u;

function fold(text: string): string {
  const lower = text.normalize("NFKC").toLowerCase();
  return VARIANT.test(lower) ? lower.replace(VARIANTS, (variant) => PLAIN_FORMS[variant] ?? "") : lower;
}

const VARIANT = /[\p{Default_Ignorable_Code_Point}‘’‛ʼ‐ς]/u;
const VARIANTS = new RegExp(VARIANT, "gu");
/** What is invisible has none. */
const PLAIN_FORMS: Readonly<Record<string, string>> = { "‘": "'", "’": "'", "‛": "'", ʼ: "'", "‐": "-", ς: "σ" };
