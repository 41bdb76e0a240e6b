/**
 * Sections of the index that have most of the words, all of them before others; the last word may be only begun. The best first. Words of which
 * every question is made ("how", "do") count where there are no others.
 */
globalThis.searchSite = (index, query, limit = 12) => {
  index.sorted ??= Object.keys(index.words).sort();
  const asked = query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  const rare = asked.filter((word) => !COMMON.has(word));
  const counted = rare.length > 0 ? rare : asked;
  const found = new Map();
  for (const word of counted) {
    for (const [section, score] of scoresOf(index, word)) {
      const { words = 0, sum = 0 } = found.get(section) ?? {};
      found.set(section, { words: words + 1, sum: sum + score });
    }
  }
  const best = [...found]
    .filter(([, { words }]) => words > counted.length / 2)
    .sort(([a, left], [b, right]) => right.words - left.words || right.sum - left.sum || a - b)
    .slice(0, limit);
  return best.map(([place]) => {
    const [url, page, heading, text] = index.sections[place];
    return { url, page, heading, text };
  });
};

const COMMON = new Set(
  "a an and are be can did do does for from has have how i in is it its my not of on or so that the then there this to what when where which who why with you your".split(
    " ",
  ),
);

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
