/**
 * Names of people: behind words that introduce one ("my name is", "this is", "put me through to"), behind a title or a greeting, words
 * that are written with a capital and commonly are first names, and names that are known beforehand. In languages that write all nouns
 * with a capital only the first two count.
 */
import { readFileSync } from "node:fs";

/** Offsets in the text, the end exclusive. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

const WORD = "\\p{Lu}[\\p{L}'’.-]*[\\p{L}]";
const FULL_NAME = `${WORD}(?: (?:${WORD}|van|von|de|da|di|del|bin|al)){0,3}`;
const ANY_CASE_NAME = "[\\p{L}'’-]{2,}(?: [\\p{L}'’-]{2,})?";

/** What follows is a name, however it is written. */
const INTRODUCES = new RegExp(
  `\\b(?:[Mm]y (?:full |last |first |middle |maiden |family )?(?:name|surname)(?:'s| is)|(?<!user|file|brand|product|company|domain) name on (?:it|the (?:card|account|booking|policy|order|ticket)) is|[Mm]ein Name ist|[Jj]e m'appelle|[Mm]e llamo|[Mm]i nombre es|[Mm]i chiamo|[Oo] meu nome é|[Mm]eu nome é) (?<value>${ANY_CASE_NAME})`,
  "dgu",
);
/** What follows with a capital is a name. */
const PRECEDES = new RegExp(
  `\\b(?:[Tt]his is|I'm|I am|[Ss]peaking with|[Ss]peak (?:to|with)|[Ss]poke (?:to|with)|[Tt]alk(?:ed|ing)? to|[Tt]hrough to|[Aa]ccount holder is|name of|[Aa]sk for|called|[Nn]amed|[Ss]urname(?: is)?|[Ff]irst name(?: is)?|[Ll]ast name(?: is)?|[Mm]aiden name(?: is)?|(?<![Uu]ser ?|[Ff]ile ?|[Bb]rand ?)\\bname|(?:account|booking|order|policy|reservation)(?: is|'s)? (?:under|for|with)|[Pp]assenger is|[Pp]atient is|[Mm]anager is|[Rr]egards,|[Ii]ch bin|[Ii]ch heiße|[Jj]e suis|[Ss]oy|[Ss]ono|[Ss]ou|[Mm]y (?:husband|wife|son|daughter|mother|father|brother|sister|partner|friend|colleague|boss|neighbou?r|mum|mom|dad)) (?<value>${FULL_NAME})`,
  "dgu",
);
const TITLED = new RegExp(
  `\\b(?<value>(?:(?:Mr|Dr) (?:and|&) )?(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Sir|Madam|Lady|Lord|Rev|Herr|Frau|Señora?|Signora?|Senhora?|Monsieur|Madame)\\.? ${FULL_NAME})`,
  "dgu",
);
const GREETED = new RegExp(
  `\\b(?:Hi|Hello|Hey|Dear|Thanks|Thank you|Good (?:morning|afternoon|evening)|Bye|Goodbye|Hallo|Bonjour|Hola|Ciao|Olá),? (?<value>${FULL_NAME})`,
  "dgu",
);
/** Who speaks, by name behind or before. */
const SPEAKING = new RegExp(`(?<![\\p{L}'])(?<value>${FULL_NAME})(?= (?:here|speaking|calling)\\b)`, "dgu");
const CAPITALISED = new RegExp(FULL_NAME, "dgu");
/** A short answer to who somebody is. */
const ASKS_NAME =
  /\b(?:who am i speaking|your (?:full |first |last )?name|take your name|who is (?:this|calling)|your name)\b/i;
const ANSWER = new RegExp(`^(?:Yes,? |Sure,? |It's |This is |I'm |My name is )*(?<value>${FULL_NAME})`, "du");

/** Words with a capital that follow a greeting or "I'm" and are no names. */
const NO_NAMES: ReadonlySet<string> = new Set(
  "i i'm i'd i've i'll yes no not sorry there sir madam again everyone all team guys ok okay sure thanks thank english german french spanish italian british american irish scottish welsh indian canadian just calling very so really still also and but for the a an your my our it that this how what we you they can could would please monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december customer".split(
    " ",
  ),
);

/** `known`: names of the participants, from contact data. `question`: what the other side said just before. */
export function namesIn(text: string, question: string | undefined, known: readonly string[]): Span[] {
  const spans: Span[] = [];
  for (const name of known) spans.push(...occurrences(text, name));
  for (const form of [INTRODUCES, PRECEDES, TITLED, GREETED, SPEAKING]) {
    for (const found of text.matchAll(form)) {
      const span = nameIn(found, text);
      if (span) spans.push(span);
    }
  }
  for (const found of text.matchAll(CAPITALISED)) spans.push(...commonNames(found));
  const answer = question !== undefined && ASKS_NAME.test(question) ? ANSWER.exec(text) : undefined;
  const answered = answer && nameIn(answer, text);
  if (answered) spans.push(answered);
  return spans;
}

/** The name in a match, without what follows it and is none. */
function nameIn(found: RegExpExecArray, text: string): Span | undefined {
  const [begin, end] = found.indices?.groups?.value ?? [0, 0];
  const words = [...text.slice(begin, end).matchAll(/\S+/g)];
  const stop = words.findIndex(({ 0: word }) => NO_NAMES.has(word.toLowerCase().replace(/[.,!?]+$/, "")));
  const last = (stop === -1 ? words : words.slice(0, stop)).at(-1);
  return last ? { begin, end: begin + last.index + last[0].length } : undefined;
}

/** Words of a run of capitalised words from the first that commonly is a first name on. */
function commonNames(found: RegExpExecArray): Span[] {
  const words = [...found[0].matchAll(/\S+/g)];
  const first = words.findIndex(({ 0: word }) => firstNames().has(word.toLowerCase()));
  if (first === -1) return [];
  const begin = found.index + (words[first]?.index ?? 0);
  return [{ begin, end: found.index + found[0].length }];
}

function occurrences(text: string, name: string): Span[] {
  const spans: Span[] = [];
  const [lowerText, lowerName] = [text.toLowerCase(), name.toLowerCase()];
  if (lowerName === "" || lowerText.length !== text.length) return spans;
  for (let at = lowerText.indexOf(lowerName); at !== -1; at = lowerText.indexOf(lowerName, at + lowerName.length)) {
    const isWord = !/\p{L}/u.test(text[at - 1] ?? " ") && !/\p{L}/u.test(text[at + name.length] ?? " ");
    if (isWord) spans.push({ begin: at, end: at + name.length });
  }
  return spans;
}

let loaded: ReadonlySet<string> | undefined;

/** Those that are also everyday words or places at the beginning of a sentence are left out. */
const EVERYDAY: ReadonlySet<string> = new Set([
  "will",
  "may",
  "mark",
  "rose",
  "grace",
  "joy",
  "hope",
  "faith",
  "dawn",
  "eve",
  "bill",
  "rob",
  "sue",
  "pat",
  "max",
  "jade",
  "ruby",
  "amber",
  "violet",
  "florence",
  "sofia",
  "sandy",
  "jordan",
  "chase",
  "art",
  "an",
  "mars",
]);

function firstNames(): ReadonlySet<string> {
  if (!loaded) {
    const file = readFileSync(new URL("first-names.txt", import.meta.url), "utf8");
    loaded = new Set(file.split(/\s+/).filter((name) => name !== "" && !EVERYDAY.has(name)));
  }
  return loaded;
}
