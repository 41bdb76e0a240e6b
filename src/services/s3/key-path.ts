/**
 * Where an object's file lies under its bucket's folder, by its key. A person finds `recordings/2026/call.wav` where they would look for
 * it, and two keys never get in each other's way:
 *
 * - Each `/` of a key begins a folder. **A folder's name has no dot, a file's has one.** So `a` and `a/b` can both be there. In a folder's
 *   name a dot is written `%2E`. A file's name without a dot gets one at its end; a dot that stands there itself is written `%2E`.
 * - `%` begins an escape: two hexadecimal digits for a byte of UTF-8 that no name may hold (`%` itself and control characters), nothing for
 *   an empty part (`a//b` is `a/%/b.`), `+` at the end of a folder's name for one that goes on in the next, since file systems bound names.
 * - Where the file system takes `A` for `a`, capitals and all that is not ASCII are escaped too.
 *
 * The way back is unambiguous: `keyOf`.
 */

/** Bytes of a name that file systems take, with room for what is put behind. */
const NAME_BYTES_MAX = 240;

/** `foldsCase`: the file system takes some different names for the same. */
export function pathOf(key: string, foldsCase: boolean): string {
  const escaped = foldsCase ? FOLDED : UNNAMEABLE;
  const parts = key.split("/");
  const name = parts.pop() as string;
  const folders = parts.flatMap((part) => {
    const pieces = cut(part, escaped);
    return pieces.map((piece, at) => folderName(piece, escaped) + (at < pieces.length - 1 ? "%+" : ""));
  });
  const pieces = cut(name, escaped);
  const last = pieces.pop() as string;
  return [...folders, ...pieces.map((piece) => `${folderName(piece, escaped)}%+`), fileName(last, escaped)].join("/");
}

/** The key of a file's path under its bucket's folder. */
export function keyOf(path: string): string {
  const names = path.split("/");
  const file = (names.pop() as string).replace(/\.$/, "");
  return [...names, file].map(unescaped).join("/").replaceAll(`${GOES_ON}/`, "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNNAMEABLE = /[%\u0000-\u001f\u007f]/gu;
const FOLDED = /[^!-$&-@[-~ ]/gu;

function folderName(part: string, pattern: RegExp): string {
  return part === "" ? "%" : escapePart(part, pattern).replaceAll(".", "%2E");
}

function fileName(part: string, pattern: RegExp): string {
  if (part === "") return "%.";
  const name = escapePart(part, pattern).replace(/\.$/, "%2E");
  return name.includes(".") ? name : `${name}.`;
}

function escapePart(part: string, pattern: RegExp): string {
  return part.replaceAll(pattern, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** A part in pieces that fit into names; mostly it is one. */
function cut(part: string, pattern: RegExp): string[] {
  if (part.length * 9 <= NAME_BYTES_MAX) return [part];
  const pieces = [""];
  let bytes = 0;
  for (const character of part) {
    const length = Buffer.byteLength(folderName(character, pattern));
    bytes += length;
    if (bytes > NAME_BYTES_MAX) {
      pieces.push("");
      bytes = length;
    }
    pieces[pieces.length - 1] += character;
  }
  return pieces;
}

/** Stands for `%+` in between: no key has a lone surrogate. */
const GOES_ON = "\ud800";

function unescaped(name: string): string {
  if (name === "%") return "";
  const goesOn = name.endsWith("%+");
  const text = decodeURIComponent(goesOn ? name.slice(0, -2) : name);
  return goesOn ? text + GOES_ON : text;
}
