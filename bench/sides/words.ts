/** Words of a language that nobody speaks, some of them far more frequent than others, as in those that are spoken. */
const SYLLABLES = [
  "ba",
  "der",
  "fi",
  "gon",
  "ha",
  "ker",
  "la",
  "mi",
  "no",
  "par",
  "ro",
  "sta",
  "te",
  "ul",
  "ve",
  "zim",
];
const WORDS = SYLLABLES.length ** 3;

/** The frequent ones have the least numbers. */
export function wordOf(number: number): string {
  const syllable = (place: number): string =>
    SYLLABLES[Math.floor(number / SYLLABLES.length ** place) % SYLLABLES.length] ?? "";
  return syllable(2) + syllable(0) + syllable(1);
}

export function anyWord(): string {
  return wordOf(Math.floor(WORDS ** Math.random()) - 1);
}

export function words(number: number): string {
  return Array.from({ length: number }, anyWord).join(" ");
}
