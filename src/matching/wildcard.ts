/**
 * Whether a text consists of pieces in their order, with anything, or nothing, between one and the next.
 *
 * Each piece is taken where it first fits, which never loses a match; so there is nothing to go back to, and the cost is at most that
 * of looking for each piece once.
 */
export function matchesWildcard(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (let i = 1; i < pieces.length - 1; i++) {
    const piece = pieces[i] ?? "";
    const found = indexOf(text, piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** From this product of lengths on, a search that is linear in the worst case is worth its table. */
const LONG_SEARCH = 1_000_000;

/** `String.indexOf`, but never slower than linear: an engine's own search can be led to compare every piece at every place. */
function indexOf(text: string, piece: string, from: number): number {
  if ((text.length - from) * piece.length < LONG_SEARCH) return text.indexOf(piece, from);
  const borders = bordersOf(piece);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    while (matched > 0 && text[at] !== piece[matched]) matched = borders[matched - 1] ?? 0;
    if (text[at] === piece[matched]) matched += 1;
    if (matched === piece.length) return at - matched + 1;
  }
  return -1;
}

/** For each beginning of a piece, the length of its longest end that is a beginning too (Knuth, Morris, Pratt). */
function bordersOf(piece: string): Uint32Array {
  const borders = new Uint32Array(piece.length);
  let length = 0;
  for (let i = 1; i < piece.length; i++) {
    while (length > 0 && piece[i] !== piece[length]) length = borders[length - 1] ?? 0;
    if (piece[i] === piece[length]) length += 1;
    borders[i] = length;
  }
  return borders;
}

const PARTS = /[^*\\]+|\\[*\\]|[*\\]/g;

/**
 * The pieces of EventBridge's wildcard text, in which `*` stands for anything; `\*` and `\\` are the characters themselves. One piece if
 * there is no wildcard. `refuse` is told what is wrong, in the words of EventBridge's engine, which counts the bytes of the text in quotes.
 */
export function parseWildcard(text: string, refuse: (reason: string) => never): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  let before = "";
  for (const { 0: part, index } of text.matchAll(PARTS)) {
    if (part === "*") {
      if (before === "*") refuse(`Consecutive wildcard characters at pos ${byteIn(text, index - 1)}`);
      pieces.push(piece);
      piece = "";
    } else {
      if (part === "\\") refuse(`Invalid escape character at pos ${byteIn(text, index)}`);
      piece += part.startsWith("\\") ? part.slice(1) : part;
    }
    before = part;
  }
  return [...pieces, piece];
}

function byteIn(text: string, at: number): number {
  return Buffer.byteLength(`"${text.slice(0, at)}`);
}
