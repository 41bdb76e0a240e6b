/**
 * Text as the database holds it.
 *
 * SQLite keeps text as UTF-8 and sorts it by its bytes, which is the order of code points. A JavaScript string can also hold
 * lone surrogates, which have no UTF-8 form: the binding would turn each into U+FFFD, and two ids would become one. So they
 * are escaped: U+FFFF (which no text is meant to contain) and four hexadecimal digits. A real U+FFFF is escaped the same
 * way. Lone surrogates thus sort between the other characters up to U+FFFE and those from U+10000 on.
 */
const ESCAPE = "\uffff";
const ESCAPED = /\uffff([0-9a-f]{4})/g;
/** With the `u` flag a surrogate pair is one character, so that the range finds lone ones alone. */
const TO_ESCAPE = /[\ud800-\udfff\uffff]/gu;

export function encodeText(text: string): string {
  if (text.isWellFormed() && !text.includes(ESCAPE)) return text;
  return text.replace(TO_ESCAPE, (unit) => ESCAPE + unit.charCodeAt(0).toString(16));
}

export function decodeText(stored: string): string {
  if (!stored.includes(ESCAPE)) return stored;
  return stored.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The least stored text that sorts behind all that start with a prefix; `undefined` where there is none. */
export function behindPrefix(prefix: string): string | undefined {
  const characters = Array.from(encodeText(prefix));
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const codePoint = last.codePointAt(0) ?? 0;
    if (codePoint === 0x10ffff) continue;
    // The surrogates are no code points of stored text.
    const next = codePoint === 0xd7ff ? 0xe000 : codePoint + 1;
    return characters.join("") + String.fromCodePoint(next);
  }
  return undefined;
}
