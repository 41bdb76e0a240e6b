import { CUE_REACH, CUES, type Cue } from "./cues.ts";
import type { TextEntityType } from "./entity-types.ts";
import { namesIn, type Span } from "./names.ts";
import { PATTERNS, type Pattern } from "./patterns.ts";
import { type WrittenText, writtenOut } from "./spoken-digits.ts";

/** Personal data in a text. Offsets are UTF-16 code units, the end exclusive. */
export interface Entity extends Span {
  readonly type: TextEntityType;
}

export interface EntityContext {
  /** What the other side said just before: "And your PIN, please?" */
  readonly question?: string | undefined;
  /** Names of the participants, where contact data knows them. */
  readonly names?: readonly string[] | undefined;
}

/**
 * Finds personal data in what somebody says or writes, in English and, for names, addresses, dates and numbers behind their usual
 * words, in French, German, Italian, Portuguese and Spanish. Findings are in order and do not overlap; where two did, the longer one
 * is kept, then the one that a word before it or its check digits made surer.
 */
export function detectEntities(text: string, { question, names = [] }: EntityContext = {}): Entity[] {
  const found = [
    ...entitiesAsWritten(text, question),
    ...namesIn(text, question, names).map((span) => ({ ...span, type: "NAME" as const })),
  ];
  const written = writtenOut(text);
  if (written) found.push(...entitiesAsWritten(written.text, question).map((entity) => asSpoken(entity, written)));
  return withoutOverlaps(found);
}

function entitiesAsWritten(text: string, question: string | undefined): Entity[] {
  return [...CUES.flatMap((cue) => cued(text, question, cue)), ...PATTERNS.flatMap((pattern) => formed(text, pattern))];
}

function formed(text: string, { type, form, holds }: Pattern): Entity[] {
  return [...text.matchAll(form)].flatMap((found) => {
    const [begin, end] = found.indices?.groups?.value ?? found.indices?.[0] ?? [0, 0];
    return end > begin && (holds?.(compact(text.slice(begin, end))) ?? true) ? [{ type, begin, end }] : [];
  });
}

function cued(text: string, question: string | undefined, definition: Cue): Entity[] {
  const { type, cue, value, holds } = definition;
  const from = [...text.matchAll(cue)].map((found) => found.index + found[0].length);
  if (question !== undefined && question.search(cue) !== -1) from.push(0);
  return [
    ...before(text, definition),
    ...from.flatMap((start) => {
      value.lastIndex = start;
      for (let found = value.exec(text); found; found = value.exec(text)) {
        if (found.index > start + CUE_REACH) return [];
        const end = found.index + found[0].length;
        if (holds?.(compact(found[0])) ?? true) return [{ type, begin: found.index, end }];
      }
      return [];
    }),
  ];
}

/** What may stand between a value and its cue behind it: "4271 is my PIN", "it's PA0940443, that's an Australian passport". */
const LEADS_BACK =
  /^[,.]?(?: (?:is|was|as|that's|that is|it's|which is|on|for|in))*(?: (?:my|the|our|your|his|her|their|an?))?(?: [\p{L}]+)?(?: (?:to|of) (?:my|the|our))? ?$/iu;

/** The value that a cue follows. */
function before(text: string, { type, cue, value, holds }: Cue): Entity[] {
  const cues = [...text.matchAll(cue)].filter(({ 0: found }) => found !== "");
  if (cues.length === 0) return [];
  value.lastIndex = 0;
  return [...text.matchAll(value)].flatMap((found) => {
    const end = found.index + found[0].length;
    const next = cues.find(({ index }) => index >= end);
    if (!next || next.index > end + CUE_REACH || !LEADS_BACK.test(text.slice(end, next.index))) return [];
    return (holds?.(compact(found[0])) ?? true) ? [{ type, begin: found.index, end }] : [];
  });
}

function asSpoken(entity: Entity, { begins, ends }: WrittenText): Entity {
  return { type: entity.type, begin: begins[entity.begin] ?? 0, end: ends[entity.end - 1] ?? 0 };
}

function withoutOverlaps(found: readonly Entity[]): Entity[] {
  const kept: Entity[] = [];
  const byLength = [...found].sort((one, other) => other.end - other.begin - (one.end - one.begin));
  for (const entity of byLength) {
    if (kept.every(({ begin, end }) => entity.end <= begin || entity.begin >= end)) kept.push(entity);
  }
  return kept.sort((one, other) => one.begin - other.begin);
}

function compact(text: string): string {
  return text.replace(/[ .-]/g, "");
}
