/** Of some words the one that a misspelt one most likely stands for; none where all are too different. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  const far = (word: string): number => edits(given.toLowerCase(), word.toLowerCase());
  const close = words.filter((word) => far(word) <= Math.max(1, Math.floor(Math.max(given.length, word.length) / 3)));
  const begun = given.length >= 3 ? words.filter((word) => word.startsWith(given)) : [];
  return close.sort((a, b) => far(a) - far(b))[0] ?? begun[0];
}

/** How many letters must be put in, taken out, changed, or swapped with their neighbour to make one word of another. */
function edits(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, place) => place)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const ways = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (isSame ? 0 : 1)];
      row.push(Math.min(...ways, isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY));
    }
  }
  return at(a.length, b.length);
}
