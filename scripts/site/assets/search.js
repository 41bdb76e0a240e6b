/** Sections of the index that have all words, the last of which may be only begun; the best first. */
globalThis.searchSite = (index, query, limit = 12) => {
  const asked = query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  if (asked.length === 0) return [];
  index.sorted ??= Object.keys(index.words).sort();
  let scores;
  for (const word of asked) {
    const found = scoresOf(index, word);
    scores = scores ? new Map([...found].flatMap(([s, n]) => (scores.has(s) ? [[s, n + scores.get(s)]] : []))) : found;
  }
  const best = [...scores].sort(([a, left], [b, right]) => right - left || a - b).slice(0, limit);
  return best.map(([place]) => {
    const [url, page, heading, text] = index.sections[place];
    return { url, page, heading, text };
  });
};

/** Section → how well it fits a word or its beginning. Rare words count more, whole ones twice. */
function scoresOf({ sorted, words, sections }, begun) {
  const scores = new Map();
  for (let place = firstFrom(sorted, begun); sorted[place]?.startsWith(begun); place++) {
    const held = words[sorted[place]];
    const rarity = Math.log(1 + (2 * sections.length) / held.length);
    const share = sorted[place] === begun ? 2 : begun.length / sorted[place].length;
    for (let i = 0; i < held.length; i += 2) {
      scores.set(held[i], Math.max(scores.get(held[i]) ?? 0, held[i + 1] * rarity * share));
    }
  }
  return scores;
}

/** The place of the first word that is not before this one. */
function firstFrom(sorted, word) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < word) low = middle + 1;
    else high = middle;
  }
  return low;
}
