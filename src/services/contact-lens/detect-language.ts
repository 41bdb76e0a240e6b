/** Words that nearly every text of a language has and that its neighbours do not have, or not often. */
const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  "en-US": "the and you is to of it that this my i have what are your was with not can how please thank do be we",
  "de-DE":
    "der die das und ich nicht sie ist ein eine es mit für auf wie kann haben mein meine ihnen wir bitte danke zu was habe",
  "fr-FR":
    "le la les et je ne pas vous est une un des du que mon ma avec pour bonjour merci votre nous c'est j'ai sur ai",
  "es-ES": "el los las y no que es una un mi con por para su gracias hola está usted lo me qué cómo tengo ha he del",
  "it-IT":
    "il la che non è un una di e per con mi ho sono grazie buongiorno come mio mia gli della può ha lo si questo",
  "pt-BR":
    "o os as e não que é um uma meu minha com para obrigado obrigada você está por eu do da no na como foi muito",
};

const WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(FUNCTION_WORDS).map(([languageCode, words]) => [languageCode, new Set(words.split(" "))]),
);

/** Words that are looked at: a language shows early. */
const WORDS_MAX = 2_000;

/**
 * The language in which most is said, of those that the built-in engine knows anything of, as the code of its most spoken variety. `undefined`
 * where none stands out.
 */
export function detectLanguage(texts: Iterable<string>): string | undefined {
  const counts = new Map<string, number>();
  let looked = 0;
  for (const text of texts) {
    for (const word of text
      .toLowerCase()
      .replaceAll("’", "'")
      .match(/[\p{L}']+/gu) ?? []) {
      for (const [languageCode, words] of WORDS) {
        if (words.has(word)) counts.set(languageCode, (counts.get(languageCode) ?? 0) + 1);
      }
      looked += 1;
    }
    if (looked >= WORDS_MAX) break;
  }
  const [first, second] = [...counts].sort(([, one], [, other]) => other - one);
  return first && first[1] > (second?.[1] ?? 0) ? first[0] : undefined;
}
