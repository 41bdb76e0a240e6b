/**
 * Transcribed speech has digits as words at times, one by one or in pairs: "oh seven seven double zero", "nineteen eighty four", and
 * letters one by one: "j g one zero". Where at least three such characters follow each other, they are written together here, and "at"
 * and "dot" of a spoken address as the characters that they mean, so that one set of patterns finds both. Each character of the new text
 * knows where it came from.
 */
export interface WrittenText {
  readonly text: string;
  /** Offset in the spoken text of the word that each character was made of. */
  readonly begins: readonly number[];
  /** Offset in the spoken text of that word's end. */
  readonly ends: readonly number[];
}

const DIGITS: Readonly<Record<string, string>> = {
  zero: "0",
  oh: "0",
  o: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
};
const TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(" ");
const TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3 };
const SIGNS: Readonly<Record<string, string>> = { at: "@", dot: ".", underscore: "_", dash: "-", hyphen: "-" };

const RUN_MIN = 3;
const ONES = "one two three four five six seven eight nine".split(" ");
/** A number below a hundred in words, as the source of an expression. */
export const NUMBER_IN_WORDS: string = `(?:(?:${TENS.join("|")})(?:[ -](?:${ONES.join("|")}))?|${[...TEENS, ...ONES].join("|")})`;
const NUMBER_WORDS = [...Object.keys(DIGITS), ...TEENS, ...TENS].join("|");
const REPEATED = `(?:(?:double|triple)\\s+)?(?:${NUMBER_WORDS}|[a-z]|\\d)`;
/** Runs of number words, single letters and single digits. */
const RUN = new RegExp(`(?<![\\w'.@-])${REPEATED}(?:(?:,?\\s+|-)${REPEATED})+(?![\\w'@]|-\\w|\\.\\w)`, "gi");

/** A word, and more of them behind signs; a number may follow without one. */
const SPOKEN_NAME = `[\\w.+-]{1,64}(?: (?:dot|underscore|dash|hyphen) [\\w.+-]{1,64}){0,5}(?: (?:${NUMBER_WORDS})){0,4}`;
const SPOKEN_DOMAIN = "[\\w-]{1,63}(?: (?:dash|hyphen) [\\w-]{1,63}){0,3}(?: dot [\\w-]{1,63}){1,5}";
const SPOKEN_ADDRESSES: readonly RegExp[] = [
  new RegExp(`(?<![\\w.+-])${SPOKEN_NAME} at ${SPOKEN_DOMAIN}`, "gi"),
  // Nobody says where the words of a name are written together, but behind www they are.
  /\b(?:www|w w w) dot [\w-]{1,63}(?: [\w-]{1,63}){0,2}(?: dot [\w-]{1,63}){1,3}/gi,
  new RegExp(`(?<![\\w.-])${SPOKEN_DOMAIN}`, "gi"),
];

/** `undefined` where nothing is spelt out. */
export function writtenOut(text: string): WrittenText | undefined {
  const parts = [...spokenAddresses(text), ...runs(text)].sort(
    (one, other) => one.begin - other.begin || other.end - one.end,
  );
  if (parts.length === 0) return undefined;

  let written = "";
  const begins: number[] = [];
  const ends: number[] = [];
  const add = (characters: string, begin: number, end: number): void => {
    for (const character of characters) {
      written += character;
      begins.push(begin);
      ends.push(end);
    }
  };
  let at = 0;
  for (const part of parts) {
    if (part.begin < at) continue;
    for (; at < part.begin; at += 1) add(text[at] ?? "", at, at + 1);
    for (const word of part.words) add(word.characters, word.begin, word.end);
    at = part.end;
  }
  for (; at < text.length; at += 1) add(text[at] ?? "", at, at + 1);
  return { text: written, begins, ends };
}

interface Part {
  readonly begin: number;
  readonly end: number;
  readonly words: readonly { readonly characters: string; readonly begin: number; readonly end: number }[];
}

function runs(text: string): Part[] {
  return [...text.matchAll(RUN)].flatMap((run) => {
    const words = asCharacters(
      wordsOf(run, /[^\s,-]+/g).map((word) => ({ ...word, text: word.text.toUpperCase(), sign: undefined })),
    );
    // "a" and "I" before digits alone are words.
    const [first, ...rest] = words;
    if (first && /^[AI]$/.test(first.characters) && rest.every(({ characters }) => /^\d+$/.test(characters)))
      words.shift();
    const count = words.reduce((sum, { characters }) => sum + characters.length, 0);
    const begin = words[0]?.begin ?? 0;
    return count < RUN_MIN ? [] : [{ begin, end: run.index + run[0].length, words }];
  });
}

interface SpokenWord {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
}

/** Words as the letters, digits and signs that they mean. */
function asCharacters(words: readonly (SpokenWord & { readonly sign: string | undefined })[]): Part["words"][number][] {
  let repeat = 1;
  return words.flatMap(({ text, begin, end, sign }, at) => {
    const word = text.toLowerCase();
    const next = REPEATS[word];
    if (next !== undefined && sign === undefined && at + 1 < words.length) {
      repeat = next;
      return [];
    }
    const characters = (sign ?? numberOf(word, words[at + 1]?.text) ?? text).repeat(repeat);
    repeat = 1;
    return [{ characters, begin, end }];
  });
}

/** "forty two" is 42: before a digit, tens leave out their zero. */
function numberOf(word: string, next: string | undefined): string | undefined {
  const tens = TENS.indexOf(word);
  if (tens !== -1) return `${tens + 2}${(DIGITS[next?.toLowerCase() ?? ""] ?? "0") === "0" ? "0" : ""}`;
  const teens = TEENS.indexOf(word);
  return teens === -1 ? DIGITS[word] : `${teens + 10}`;
}

function spokenAddresses(text: string): Part[] {
  return SPOKEN_ADDRESSES.flatMap((form) =>
    [...text.matchAll(form)].map((found) => ({
      begin: found.index,
      end: found.index + found[0].length,
      words: asCharacters(wordsOf(found, /\S+/g).map((word) => ({ ...word, sign: SIGNS[word.text.toLowerCase()] }))),
    })),
  );
}

function wordsOf(found: RegExpExecArray, form: RegExp): SpokenWord[] {
  return [...found[0].matchAll(form)].map(({ 0: text, index }) => ({
    text,
    begin: found.index + index,
    end: found.index + index + text.length,
  }));
}
