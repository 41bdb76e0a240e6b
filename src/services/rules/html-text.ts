/** Elements whose text nobody reads, with how each ends. */
const UNREAD = new Map(["script", "style", "head", "title"].map((name) => [name, new RegExp(`</${name}\\b`, "gi")]));

/** Elements that change how a word looks, and part none. */
const INLINE: ReadonlySet<string> = new Set("a abbr b big em font i mark s small span strong sub sup u wbr".split(" "));

const NAME = /^<(\/?)([a-z][a-z0-9]*)/i;
/** Longer ones are no element that is known here. */
const NAME_CHARACTERS_MAX = 20;

/**
 * What a person reads of an HTML mail, near enough to look for words in it. Pure; takes as long as the text, whatever is in it: anybody may
 * have written it.
 */
export function textOfHtml(html: string): string {
  const read: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    if (open === -1) break;
    read.push(html.slice(at, open));
    if (html.startsWith("<!--", open)) {
      at = behind(html, "-->", open);
      continue;
    }
    const [, slash, name = ""] = NAME.exec(html.slice(open, open + NAME_CHARACTERS_MAX)) ?? [];
    if (name === "" && html[open + 1] !== "!") {
      read.push("<");
      at = open + 1;
      continue;
    }
    const element = name.toLowerCase();
    read.push(INLINE.has(element) ? "" : " ");
    at = behind(html, ">", open);
    const end = slash === "" ? UNREAD.get(element) : undefined;
    if (end) {
      end.lastIndex = at;
      at = end.exec(html)?.index ?? html.length;
    }
  }
  read.push(html.slice(at));
  return read.join("").replaceAll(REFERENCE, character);
}

function behind(html: string, end: string, from: number): number {
  const found = html.indexOf(end, from);
  return found === -1 ? html.length : found + end.length;
}

const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi;

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  lsquo: "\u2018",
  rsquo: "\u2019",
  euro: "\u20ac",
  pound: "\u00a3",
};

function character(whole: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return Object.hasOwn(NAMED, name.toLowerCase()) ? (NAMED[name.toLowerCase()] ?? "") : whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
