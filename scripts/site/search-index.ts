/**
 * The index that a browser searches in: for each word the sections that have it, and how much it counts there. It is a script and not
 * a document to be fetched, since pages that were opened from a folder may fetch nothing. `assets/search.js` reads it.
 */
import { plainText } from "./markdown.ts";

export interface Section {
  readonly url: string;
  readonly page: string;
  readonly heading: string;
  readonly text: string;
}

export interface SearchIndex {
  /** Address, title of the page, heading, and the beginning of the text. */
  readonly sections: readonly (readonly [string, string, string, string])[];
  /** Word → section, weight, section, weight, … */
  readonly words: Readonly<Record<string, readonly number[]>>;
}

/** A word of a heading counts more than any number of the same in the text, and one of the page's title a little for all its sections. */
const WEIGHT = { page: 15, heading: 60, text: 10, textMax: 30 };
/** How the project is made and was made is found, too, behind what tells how it is used. */
const ASIDE = /^(CHANGELOG|CONTRIBUTING|bench\/|docs\/(decisions|NOTES|ARCHITECTURE|where-sources))/;
const ASIDE_SHARE = 0.25;
const EXCERPT_CHARACTERS = 140;

/** A page cut at its headings: what is found is a place, not a page. */
export function sectionsOf({ url, title, html }: { url: string; title: string; html: string }): Section[] {
  const parts = html.split(/(?=<h[1-3] id=")/);
  return parts.flatMap((part, place) => {
    const [, depth = "1", id = "", heading = title] = /^<h([1-3]) id="([^"]*)">(.*)<\/h\1>/.exec(part) ?? [];
    if (place > 0 && part.trim() === "") return [];
    const text = plainText(part.replace(/^<h[1-3].*?<\/h[1-3]>/, ""));
    const isPage = depth === "1";
    return part.trim() === "" && parts.length > 1
      ? []
      : [{ url: isPage ? url : `${url}#${id}`, page: title, heading: isPage ? title : plainText(heading), text }];
  });
}

export function indexOf(sections: readonly Section[]): SearchIndex {
  const words = new Map<string, number[]>();
  for (const [place, section] of sections.entries()) {
    const share = ASIDE.test(section.url) ? ASIDE_SHARE : 1;
    for (const [word, weight] of weightsOf(section)) {
      words.set(word, [...(words.get(word) ?? []), place, Math.round(weight * share)]);
    }
  }
  return {
    sections: sections.map(({ url, page, heading, text }) => [url, page, heading, excerpt(text)]),
    words: Object.fromEntries([...words].sort()),
  };
}

function weightsOf({ page, heading, text }: Section): Map<string, number> {
  const weights = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const [word, count] of counts) {
    weights.set(word, Math.min(Math.round(WEIGHT.text * (1 + Math.log(count))), WEIGHT.textMax));
  }
  for (const [from, weight] of [
    [page, WEIGHT.page],
    [heading, WEIGHT.heading],
  ] as const) {
    for (const word of new Set(wordsOf(from))) weights.set(word, (weights.get(word) ?? 0) + weight);
  }
  return weights;
}

/** `PutRecord` is found by itself, by `put` and by `record`. */
export function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).flatMap((word) => {
    const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])/);
    return [word, ...(parts.length > 1 ? parts : [])]
      .filter((part) => part.length > 1)
      .map((part) => part.toLowerCase());
  });
}

function excerpt(text: string): string {
  if (text.length <= EXCERPT_CHARACTERS) return text;
  return `${text.slice(0, text.lastIndexOf(" ", EXCERPT_CHARACTERS))} …`;
}
