/**
 * Transcribed speech has digits as words at times: "oh seven seven double zero". Where at least three digits follow each other, they
 * are written as digits here, and "at" and "dot" of a spoken address as the characters that they mean, so that one set of patterns
 * finds both. Each character of the new text knows where it came from.
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
const REPEATS: Readonly<Record<string, number>> = { double: 2, triple: 3 };
const SIGNS: Readonly<Record<string, string>> = { at: "@", dot: ".", underscore: "_", dash: "-", hyphen: "-" };

const RUN_MIN = 3;
const DIGIT_WORDS =
  /\b(?:(?:double|triple)\s+)?(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine)(?:[\s,-]+(?:(?:double|triple)\s+)?(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine))+\b/gi;
const SPOKEN_ADDRESS =
  /(?<![\w.+-])[\w.+-]{1,64}(?: (?:dot|underscore|dash|hyphen) [\w.+-]{1,64}){0,5} at [\w-]{1,63}(?: dot [\w-]{1,63}){1,5}/gi;

/** `undefined` where nothing is spelt out. */
export function writtenOut(text: string): WrittenText | undefined {
  const parts = [...digitRuns(text), ...spokenAddresses(text)].sort((one, other) => one.begin - other.begin);
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

function digitRuns(text: string): Part[] {
  return [...text.matchAll(DIGIT_WORDS)].flatMap((run) => {
    let repeat = 1;
    const words = wordsOf(run).flatMap((word) => {
      const digit = DIGITS[word.text.toLowerCase()];
      if (digit === undefined) {
        repeat = REPEATS[word.text.toLowerCase()] ?? 1;
        return [];
      }
      const characters = digit.repeat(repeat);
      repeat = 1;
      return [{ characters, begin: word.begin, end: word.end }];
    });
    const count = words.reduce((sum, { characters }) => sum + characters.length, 0);
    return count < RUN_MIN ? [] : [{ begin: run.index, end: run.index + run[0].length, words }];
  });
}

function spokenAddresses(text: string): Part[] {
  return [...text.matchAll(SPOKEN_ADDRESS)].map((found) => ({
    begin: found.index,
    end: found.index + found[0].length,
    words: wordsOf(found).map(({ text: word, begin, end }) => ({ characters: SIGNS[word] ?? word, begin, end })),
  }));
}

function wordsOf(found: RegExpExecArray): { text: string; begin: number; end: number }[] {
  return [...found[0].matchAll(/[^\s,]+/g)].map(({ 0: text, index }) => ({
    text,
    begin: found.index + index,
    end: found.index + index + text.length,
  }));
}
