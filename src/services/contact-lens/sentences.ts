/** A sentence of a text, without the blanks around it. */
export interface Sentence {
  readonly text: string;
  /** Its offset in the text. */
  readonly begin: number;
}

/** What ends a sentence is followed by a blank: points in numbers, addresses and versions are inside of words. */
const END = /[.!?]+(?=\s|$)/g;
/** Initials and titles end none. */
const ABBREVIATION = /(?:^|\s)(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e)\.$/u;

/** Cuts a text into sentences. Joined by blanks they are the text, but for blanks that it has more of. */
export function sentencesOf(text: string): Sentence[] {
  const sentences: Sentence[] = [];
  let from = 0;
  const add = (until: number): void => {
    const part = text.slice(from, until);
    const body = part.trim();
    if (body !== "") sentences.push({ text: body, begin: from + part.length - part.trimStart().length });
    from = until;
  };
  for (const end of text.matchAll(END)) {
    const until = end.index + end[0].length;
    if (!ABBREVIATION.test(text.slice(Math.max(from, until - 8), until))) add(until);
  }
  add(text.length);
  return sentences;
}
