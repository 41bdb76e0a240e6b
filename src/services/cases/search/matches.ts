/** Which cases a condition holds for: all of them as a bitmap, or whether one does. Both say the same of cases that do not change. */
import { Bitmap } from "./bitmap.ts";
import type { CaseIndex } from "./case-index.ts";
import { type Column, NumberColumn, TextColumn } from "./column.ts";
import { type Comparison, type Condition, compares } from "./condition.ts";
import type { Pace } from "./pace.ts";
import { tagText } from "./tags-text.ts";

type Leaf = Exclude<Condition, { readonly kind: "all" | "any" | "not" }>;

/** Whether a condition holds for a case as it is now. */
export function holds(index: CaseIndex, condition: Condition, ordinal: number): boolean {
  switch (condition.kind) {
    case "all":
      return condition.of.every((each) => holds(index, each, ordinal));
    case "any":
      return condition.of.some((each) => holds(index, each, ordinal));
    case "not":
      return !holds(index, condition.of, ordinal);
    case "empty":
      return !index.columns.get(condition.field)?.present.has(ordinal);
    case "equals": {
      const column = textColumn(index, condition.field);
      const code = column?.code(ordinal) ?? 0;
      return code !== 0 && code === column?.texts.find(condition.text);
    }
    case "compares": {
      const number = numberColumn(index, condition.field)?.get(ordinal);
      return number !== undefined && compares(number, condition);
    }
    case "contains":
      return contains(textColumn(index, condition.field), condition.text, ordinal);
    case "tag":
      return contains(index.tags, tagText(condition.key, condition.value), ordinal);
    case "word":
      return [...index.columns.values()].some((column) => hasWord(column, condition.word, ordinal));
  }
}

function contains(column: TextColumn | undefined, text: string, ordinal: number): boolean {
  const code = column?.code(ordinal) ?? 0;
  return column !== undefined && code !== 0 && column.texts.includes(code, column.texts.needleOf(text));
}

function hasWord(column: Column, word: string, ordinal: number): boolean {
  if (column instanceof TextColumn) return contains(column, word, ordinal);
  if (!(column instanceof NumberColumn) || !column.mayContain(word)) return false;
  return column.present.has(ordinal) && column.text(ordinal).toLowerCase().includes(word.toLowerCase());
}

/**
 * All cases that a condition holds for: the bitmap is the caller's. It gives others room again and again, and cases may change meanwhile: of those
 * it says nothing.
 *
 * `within`: others are not asked for. What takes long where there are many cases looks at these alone, where they are few.
 */
export async function findMatches(
  index: CaseIndex,
  condition: Condition,
  pace: Pace,
  within: Bitmap = index.cases,
): Promise<Bitmap> {
  await pace.rest();
  switch (condition.kind) {
    case "all": {
      let found = within.copy();
      for (const each of quickFirst(condition.of)) found = found.and(await findMatches(index, each, pace, found));
      return found;
    }
    case "any": {
      const found = new Bitmap(index.lastOrdinal + 1);
      for (const each of condition.of) found.or(await findMatches(index, each, pace, within));
      return found;
    }
    case "not":
      return within.copy().andNot(await findMatches(index, condition.of, pace, within));
    default:
      return findByLeaf(index, condition, pace, within);
  }
}

/** Those that look at parts of texts come last, where fewer cases are left. */
function quickFirst(conditions: readonly Condition[]): readonly Condition[] {
  return [...conditions].sort((a, b) => Number(isSlow(a)) - Number(isSlow(b)));
}

function isSlow(condition: Condition): boolean {
  switch (condition.kind) {
    case "all":
    case "any":
      return condition.of.some(isSlow);
    case "not":
      return isSlow(condition.of);
    default:
      return condition.kind === "contains" || condition.kind === "word";
  }
}

async function findByLeaf(index: CaseIndex, leaf: Leaf, pace: Pace, within: Bitmap): Promise<Bitmap> {
  switch (leaf.kind) {
    case "empty": {
      const present = index.columns.get(leaf.field)?.present;
      return present ? within.copy().andNot(present) : within.copy();
    }
    case "equals": {
      const column = textColumn(index, leaf.field);
      const code = column?.texts.find(leaf.text) ?? 0;
      return column && code !== 0 ? column.having(code, pace) : new Bitmap();
    }
    case "compares": {
      const column = numberColumn(index, leaf.field);
      return column ? inRange(column, leaf.by, leaf.number, pace) : new Bitmap();
    }
    case "contains": {
      const column = textColumn(index, leaf.field);
      return column ? containing(column, leaf.text, pace, within) : new Bitmap();
    }
    case "tag":
      return containing(index.tags, tagText(leaf.key, leaf.value), pace, within);
    case "word":
      return withWord(index, leaf.word, pace, within);
  }
}

async function inRange(column: NumberColumn, by: Comparison, number: number, pace: Pace): Promise<Bitmap> {
  const below = (): Promise<Bitmap> => column.under({ number, isIncluded: false }, pace);
  const upTo = (): Promise<Bitmap> => column.under({ number, isIncluded: true }, pace);
  switch (by) {
    case "=":
      return (await upTo()).andNot(await below());
    case ">":
      return column.present.copy().andNot(await upTo());
    case ">=":
      return column.present.copy().andNot(await below());
    case "<":
      return below();
    case "<=":
      return upTo();
  }
}

/** From so many times fewer cases than texts on, the cases are looked at one by one. */
const FEWER = 8;

/** Cases between two rests. */
const PIECE = 256;

async function containing(column: TextColumn, text: string, pace: Pace, within: Bitmap): Promise<Bitmap> {
  const { texts } = column;
  const needle = texts.needleOf(text);
  const found = new Bitmap(column.present.size);
  if (within.count * FEWER < texts.size) {
    await eachOf(within, pace, (ordinal) => {
      const code = column.code(ordinal);
      if (code !== 0 && texts.includes(code, needle)) found.add(ordinal);
    });
    return found;
  }
  const groups = await column.groups(pace);
  const add = (ordinal: number): void => found.add(ordinal);
  await texts.containing(needle, pace, (code) => groups.each(code, add));
  return found;
}

async function withWord(index: CaseIndex, word: string, pace: Pace, within: Bitmap): Promise<Bitmap> {
  const found = new Bitmap(index.lastOrdinal + 1);
  for (const column of index.columns.values()) {
    const others = within.copy().andNot(found);
    if (column instanceof TextColumn) found.or(await containing(column, word, pace, others));
    else if (column instanceof NumberColumn && column.mayContain(word)) {
      await eachOf(others, pace, (ordinal) => hasWord(column, word, ordinal) && found.add(ordinal));
    }
  }
  return found;
}

async function eachOf(bitmap: Bitmap, pace: Pace, visit: (ordinal: number) => void): Promise<void> {
  let visited = 0;
  for (const ordinal of bitmap) {
    visit(ordinal);
    if (++visited % PIECE === 0) await pace.rest();
  }
}

function textColumn(index: CaseIndex, field: string): TextColumn | undefined {
  const column = index.columns.get(field);
  return column instanceof TextColumn ? column : undefined;
}

function numberColumn(index: CaseIndex, field: string): NumberColumn | undefined {
  const column = index.columns.get(field);
  return column instanceof NumberColumn ? column : undefined;
}
