/**
 * What a submitted evaluation is worth. Published are automatic fails, and that what is not applicable is left out; the rest is our
 * choice:
 *
 * - A question is worth the score that was chosen, of the best one possible. Of a multi-select question scores add up. Where no
 *   score can be reached (texts, dates), or none was (no answer), the question is left out.
 * - QUESTION_ONLY: a section and the form are the weighted means of their questions.
 * - SECTION_ONLY: a section is the mean of its questions, also of those in its subsections; the form is the weighted mean of its
 *   topmost sections.
 * - POINTS_BASED: the points earned, of the base maximum. Bonus points come on top, up to 100 percent.
 * - Items without a weight share equally what the others leave of 100. Of what is left out the others take over the weight, in
 *   proportion.
 * - A failed section counts 0 and a failed form is 0. All that contains the failed question is flagged, up to what has failed.
 */
import type { EvaluationScore } from "@aws-sdk/client-connect";
import { type Answer, type Answers, answerTo } from "./evaluation-answers.ts";
import { disabledQuestions } from "./evaluation-enablement.ts";
import {
  type FormContent,
  type Item,
  optionsOf,
  type Question,
  type QuestionOption,
  type Section,
} from "./evaluation-form-content.ts";

export interface EvaluationScores {
  readonly total: EvaluationScore;
  /** By the reference ids of all sections and questions. */
  readonly items: Readonly<Record<string, EvaluationScore>>;
}

/** What was earned, and what of it counts as all: points, weights or questions, as the mode has it. Absent: not applicable. */
type Tally = { readonly earned: number; readonly base: number } | undefined;

/** The failing answer to a question; without a target the form fails. */
interface Failure {
  readonly question: string;
  readonly target: string | undefined;
}

type Thresholds = Section["ScoreThresholds"];

/** `undefined` where the form is not scored. */
export function scoresOf(content: FormContent, answers: Answers): EvaluationScores | undefined {
  const { Items, ScoringStrategy: strategy } = content;
  if (strategy?.Status !== "ENABLED") return undefined;
  const { Mode: mode } = strategy;

  const disabled = disabledQuestions(content, answers);
  const failures = includedQuestions(Items)
    .filter(({ RefId }) => !disabled.has(RefId))
    .flatMap((question) => failuresOf(question, answerTo(answers, question.RefId)));
  const weights = new Map(weighedItems(content).map(({ RefId, weight }) => [RefId, weight]));
  const items = new Map<string, EvaluationScore>();

  const tallies = Items.map((item) => tallyItem(item, [], false));
  const tally = mode === "SECTION_ONLY" ? weightedMean(Items, tallies) : sum(tallies);
  const fails = failures.some(({ target }) => target === undefined);
  addAppliedWeights();
  return {
    total: scoreOf(fails ? failed(tally) : tally, strategy.ScoreThresholds, fails),
    items: Object.fromEntries(items),
  };

  function tallyItem({ Section, Question }: Item, above: readonly string[], isExcluded: boolean): Tally {
    if (Section) return tallySection(Section, above, isExcluded);
    return Question && tallyQuestion(Question, isExcluded);
  }

  function tallySection(section: Section, above: readonly string[], isExcluded: boolean): Tally {
    const path = [...above, section.RefId];
    const leftOut = isExcluded || section.IsExcludedFromScoring === true;
    const children = sum(section.Items.map((item) => tallyItem(item, path, leftOut)));

    const inside = new Set(leftOut ? [] : includedQuestions(section.Items).map(({ RefId }) => RefId));
    const failing = failures.filter(({ question }) => inside.has(question));
    const own = failing.some(({ target }) => target === section.RefId) ? failed(children) : children;
    const isFlagged = failing.some(({ target }) => target === undefined || path.includes(target));
    items.set(section.RefId, scoreOf(own, section.ScoreThresholds, isFlagged));
    return own;
  }

  function tallyQuestion(question: Question, isExcluded: boolean): Tally {
    const { RefId, ScoringConfiguration: configuration } = question;
    const leftOut = isExcluded || configuration?.IsExcludedFromScoring === true || disabled.has(RefId);
    const reached = leftOut ? undefined : reachedBy(question, answerTo(answers, RefId), mode);
    const isFailed = failures.some(({ question }) => question === RefId);
    items.set(RefId, scoreOf(reached, configuration?.ScoreThresholds, isFailed));

    if (!reached || mode === "POINTS_BASED") return reached;
    const weight = mode === "QUESTION_ONLY" ? (weights.get(RefId) ?? 0) : 1;
    return { earned: (weight * reached.earned) / reached.base, base: weight };
  }

  function weightedMean(sections: readonly Item[], scored: readonly Tally[]): Tally {
    return sum(
      sections.map(({ Section }, index) => {
        const weight = weights.get(Section?.RefId ?? "") ?? 0;
        const own = scored[index];
        return own && { earned: (weight * own.earned) / own.base, base: weight };
      }),
    );
  }

  function scoreOf(of: Tally, thresholds: Thresholds, isFailed: boolean): EvaluationScore {
    const points = of && mode === "POINTS_BASED" ? { EarnedPoints: of.earned, MaxBasePoint: of.base } : undefined;
    const reached = of && of.base > 0 ? Math.min(100, rounded((of.earned / of.base) * 100)) : undefined;
    const percentage = reached ?? (isFailed ? 0 : undefined);
    if (percentage === undefined) return points ?? { NotApplicable: true };
    return {
      Percentage: percentage,
      ...points,
      ...(isFailed && { AutomaticFail: true }),
      PerformanceCategory: categoryOf(percentage, thresholds),
    };
  }

  function addAppliedWeights(): void {
    const applied = [...weights].filter(([refId]) => items.get(refId)?.NotApplicable === undefined);
    const all = total(applied.map(([, weight]) => weight));
    for (const [refId, weight] of applied) {
      items.set(refId, { ...items.get(refId), AppliedWeight: all === 0 ? 0 : rounded((weight / all) * 100) });
    }
  }
}

function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, tally) =>
      total && tally ? { earned: total.earned + tally.earned, base: total.base + tally.base } : (total ?? tally),
    undefined,
  );
}

function failed(tally: Tally): Tally {
  return tally && { ...tally, earned: 0 };
}

/** To two decimals. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function categoryOf(percentage: number, thresholds: Thresholds): EvaluationScore["PerformanceCategory"] {
  return thresholds?.find(
    ({ MinScorePercentage: min = 0, MaxScorePercentage: max = 100 }) => percentage >= min && percentage <= max,
  )?.PerformanceCategory;
}

/** What an answer reaches of what a question has to give. Absent: there is nothing to reach, or no answer. */
function reachedBy(question: Question, answer: Answer | undefined, mode: Mode): Tally {
  if (!canScore(question, mode) || !answer || answer.NotApplicable) return undefined;
  const chosen = chosenOptions(question, answer);
  return mode === "POINTS_BASED" ? pointsReached(question, chosen) : scoreReached(question, chosen);
}

function scoreReached(question: Question, chosen: readonly QuestionOption[]): Tally {
  const scores = optionsOf(question).map(({ Score = 0 }) => Score);
  const base = question.QuestionType === "MULTISELECT" ? total(scores) : Math.max(...scores);
  return { earned: total(chosen.map(({ Score = 0 }) => Score)), base };
}

/** `MinPointValue` and `MaxPointValue` bound what the options give that are no bonus. */
function pointsReached(question: Question, chosen: readonly QuestionOption[]): Tally {
  const {
    MinPointValue: min = 0,
    MaxPointValue: max,
    IsBonus,
  } = question.ScoringConfiguration?.PointsConfiguration ?? {};
  const possible = pointsOf(optionsOf(question), false);
  const best = max ?? (question.QuestionType === "MULTISELECT" ? total(possible) : Math.max(0, ...possible));
  const regular = Math.min(Math.max(total(pointsOf(chosen, false)), min), best);
  return { earned: regular + total(pointsOf(chosen, true)), base: IsBonus ? 0 : best };
}

function pointsOf(options: readonly QuestionOption[], areBonus: boolean): number[] {
  return options.flatMap(({ PointsConfiguration: points }) =>
    points && (points.IsBonus ?? false) === areBonus ? [points.PointValue] : [],
  );
}

function total(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function failuresOf(question: Question, answer: Answer | undefined): Failure[] {
  return chosenOptions(question, answer)
    .filter(({ AutomaticFail: fails, AutomaticFailConfiguration: how }) => fails ?? how !== undefined)
    .map(({ AutomaticFailConfiguration: how }) => ({ question: question.RefId, target: how?.TargetSection }));
}

/** The options that an answer names, or the range of numbers in which it lies. */
function chosenOptions(question: Question, answer: Answer | undefined): readonly QuestionOption[] {
  const { StringValue, StringValues = [], NumericValue: number } = answer ?? {};
  const named = new Set([...StringValues, ...(StringValue === undefined ? [] : [StringValue])]);
  return optionsOf(question).filter(({ RefId, MinValue, MaxValue }) => {
    if (RefId !== undefined) return named.has(RefId);
    return (
      number !== undefined &&
      MinValue !== undefined &&
      MaxValue !== undefined &&
      number >= MinValue &&
      number <= MaxValue
    );
  });
}

type Mode = NonNullable<FormContent["ScoringStrategy"]>["Mode"];

/** Whether a question has anything to give. */
function canScore(question: Question, mode: Mode): boolean {
  const options = optionsOf(question);
  if (mode === "POINTS_BASED") return options.some(({ PointsConfiguration }) => PointsConfiguration !== undefined);
  return options.some(({ Score = 0 }) => Score > 0);
}

/** The questions that are not excluded from scoring, nor is what contains them. */
function includedQuestions(items: readonly Item[]): Question[] {
  return items.flatMap(({ Section, Question }) => {
    if (Section) return Section.IsExcludedFromScoring ? [] : includedQuestions(Section.Items);
    return Question && !Question.ScoringConfiguration?.IsExcludedFromScoring ? [Question] : [];
  });
}

/** An item on which the form's score rests, in percent: as given, or its share of what the others leave. */
export interface WeighedItem {
  readonly RefId: string;
  readonly isGiven: boolean;
  readonly weight: number;
}

/** The topmost sections or the questions that are scored, as the scoring mode has it. Points have no weights. */
export function weighedItems({ Items, ScoringStrategy }: FormContent): readonly WeighedItem[] {
  const mode = ScoringStrategy?.Mode ?? "POINTS_BASED";
  if (mode === "POINTS_BASED") return [];
  const scored =
    mode === "QUESTION_ONLY"
      ? includedQuestions(Items).filter((question) => canScore(question, mode))
      : Items.flatMap((item) =>
          item.Section && includedQuestions([item]).some((question) => canScore(question, mode)) ? [item.Section] : [],
        );
  const given = total(scored.map(({ Weight = 0 }) => Weight));
  const missing = scored.filter(({ Weight }) => Weight === undefined).length;
  return scored.map(({ RefId, Weight }) => ({
    RefId,
    isGiven: Weight !== undefined,
    weight: Weight ?? Math.max(0, 100 - given) / missing,
  }));
}
