import type { Verdict } from "./explanation.ts";
import { listed, valuesText } from "./predicate-words.ts";

/**
 * The first reason why a condition is not met, in one sentence without a full stop: the first part of several that fails; of
 * alternatives the one that came nearest; of what must not hold, what holds.
 */
export function reasonOf(verdict: Verdict): string {
  const { sentence, others } = missOf(verdict);
  if (others === 0) return sentence();
  return `${sentence()}; ${others === 1 ? "the other alternative fails" : `the ${others} other alternatives fail`} too`;
}

type FieldVerdict = Extract<Verdict, { kind: "field" }>;

/** How far an unmet verdict is from being met. */
interface Miss {
  /** Fields that fail; of alternatives, those of the nearest. What must not hold counts as one. */
  readonly unmet: number;
  /** Parts beside them that are met. */
  readonly met: number;
  readonly sentence: () => string;
  /** Alternatives that the sentence does not speak of. */
  readonly others: number;
}

function missOf(verdict: Verdict): Miss {
  switch (verdict.kind) {
    case "field":
      return { unmet: 1, met: 0, sentence: () => fieldSentence(verdict), others: 0 };
    case "all":
    case "together":
      return missOfAll(verdict.of);
    case "any":
      return missOfAny(verdict.of);
    case "not":
      // What must not "not hold" must hold.
      if (verdict.of[0]?.kind === "not") return missOfAll(verdict.of[0].of);
      return { unmet: 1, met: 0, sentence: () => exclusionSentence(verdict.of), others: 0 };
  }
}

function missOfAll(parts: readonly Verdict[]): Miss {
  const misses = parts.filter(({ met }) => !met).map(missOf);
  const met = parts.length - misses.length;
  const [first] = misses;
  if (first === undefined) return { unmet: 1, met, sentence: () => togetherSentence(parts), others: 0 };
  return { ...first, unmet: sum(misses, "unmet"), met: met + sum(misses, "met") };
}

function missOfAny(alternatives: readonly Verdict[]): Miss {
  const misses = alternatives.map(missOf);
  const [first, ...rest] = misses;
  if (first === undefined)
    return { unmet: 1, met: 0, sentence: () => "the rule asks for one of no alternatives", others: 0 };
  const nearest = rest.reduce((best, each) => (isNearer(each, best) ? each : best), first);
  return { ...nearest, others: sum(misses, "others") + misses.length - 1 };
}

function isNearer(one: Miss, other: Miss): boolean {
  return one.unmet < other.unmet || (one.unmet === other.unmet && one.met > other.met);
}

function sum(misses: readonly Miss[], count: "unmet" | "met" | "others"): number {
  return misses.reduce((total, miss) => total + miss[count], 0);
}

/** Why a field's verdict is not what it should be: it is not met, or it is and must not be. */
function fieldSentence(field: FieldVerdict): string {
  const [, told] = /^tells that (.*)$/s.exec(field.asked) ?? [];
  if (told !== undefined) return field.met ? `${told}, which the rule excludes` : `it was not found that ${told}`;
  const isOfPresence = /^is (?:absent|present)/.test(field.asked);
  const ruling = field.met
    ? `excludes ${isOfPresence ? "that it" : "a value that"}`
    : `asks ${isOfPresence ? "that it" : "for a value that"}`;
  return `${foundWords(field)}, but the rule ${ruling} ${field.asked}`;
}

function togetherSentence(parts: readonly Verdict[]): string {
  const inArrays = fieldsThatDecide(parts).filter((field) => field.inArrays);
  const paths = inArrays.map(({ path }) => path);
  return `no single element of the arrays meets all that is asked of ${listed(paths, ", ", " and ")}`;
}

function exclusionSentence(excluded: readonly Verdict[]): string {
  const [only, ...more] = fieldsThatDecide(excluded);
  if (only === undefined) return "the rule excludes every event";
  if (more.length === 0) return fieldSentence(only);
  return `${listed([only, ...more].map(foundWords), ", ", " and ")}, which the rule excludes`;
}

/** The fields by which these verdicts are what they are. */
function fieldsThatDecide(verdicts: readonly Verdict[]): readonly FieldVerdict[] {
  return verdicts.flatMap((verdict) =>
    verdict.kind === "field" ? [verdict] : fieldsThatDecide(partsThatDecide(verdict)),
  );
}

function partsThatDecide({ kind, met, of }: Exclude<Verdict, FieldVerdict>): readonly Verdict[] {
  const alike = of.filter((part) => part.met === met);
  const oneIsEnough = kind === "any" ? met : !met;
  // What is met in part by part and not together is decided by all of them, as `not` is by its one.
  if (kind === "not" || alike.length === 0) return of;
  return oneIsEnough ? alike.slice(0, 1) : alike;
}

function foundWords({ path, found, foundMore = 0 }: FieldVerdict): string {
  if (found === "absent") return `${path} is absent`;
  return `${path} ${found.length === 1 ? "is" : "has the values"} ${valuesText(found, foundMore)}`;
}
