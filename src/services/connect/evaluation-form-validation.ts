import type { EvaluationFormScoreThreshold } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { invalidParameter } from "./errors.ts";
import { type EnablementCondition, expressionsOf } from "./evaluation-enablement.ts";
import {
  type FormContent,
  type Item,
  optionsOf,
  type Question,
  type QuestionOption,
  questionsOf,
  type Section,
  sectionsOf,
} from "./evaluation-form-content.ts";
import { weighedItems } from "./evaluation-scores.ts";

/** API data types of EvaluationFormItem and what is in it, and the CloudFormation pages of AWS::Connect::EvaluationForm. */
const SECTIONS_MAX = 100;
const QUESTIONS_MAX = 100;
const ITEMS_PER_LIST = { min: 1, max: 100 };
/** "Evaluation forms can only contain sections and subsections (two level nesting)." */
const LEVELS_MAX = 2;
const REF_ID = /^[a-zA-Z0-9._-]{1,40}$/;
const TITLE = { min: 1, max: 128 };
const SECTION_TITLE = { min: 0, max: 128 };
const QUESTION_TITLE = { min: 0, max: 350 };
const INSTRUCTIONS = { min: 0, max: 1_024 };
const OPTION_TEXT = { min: 1, max: 128 };
const SCORE = { min: 0, max: 10 };
const PERCENT = { min: 0, max: 100 };
/** Our choice: the sources bound no list of options. */
const OPTIONS_PER_QUESTION = { min: 1, max: 256 };
/** Expressions of one enablement condition (our choice). */
const EXPRESSIONS_PER_CONDITION = { min: 1, max: 100 };

/** How far a sum of weights may be from 100: they may have been rounded. */
const WEIGHT_TOLERANCE = 0.01;

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Throws `InvalidParameterException` for content that makes no form; its message names the place. */
export function checkFormContent(content: FormContent): void {
  checkLength("Title", content.Title, TITLE);
  checkLength("Description", content.Description, INSTRUCTIONS);
  checkItems("Items", content.Items, []);
  const [sections, questions] = [sectionsOf(content.Items), questionsOf(content.Items)];
  if (sections.length > SECTIONS_MAX) throw invalidParameter(`Items: a form has at most ${SECTIONS_MAX} sections`);
  if (questions.length > QUESTIONS_MAX) throw invalidParameter(`Items: a form has at most ${QUESTIONS_MAX} questions`);
  checkUnique("Items", [...sections, ...questions]);

  checkThresholds("ScoringStrategy", content.ScoringStrategy?.ScoreThresholds);
  checkWeights(content);
  checkEnablement(questions);
  const days = content.ReviewConfiguration?.EligibilityDays;
  if (days !== undefined && days < 1) throw invalidParameter("ReviewConfiguration.EligibilityDays: must be at least 1");
}

/** `above`: the reference ids of the sections that the items lie in. */
function checkItems(place: string, items: readonly Item[], above: readonly string[]): void {
  checkCount(place, items, ITEMS_PER_LIST);
  for (const [index, { Section, Question }] of items.entries()) {
    if (Section) checkSection(`${place}[${index}].Section`, Section, above);
    if (Question) checkQuestion(`${place}[${index}].Question`, Question, above);
  }
}

function checkSection(place: string, section: Section, above: readonly string[]): void {
  if (above.length >= LEVELS_MAX) throw invalidParameter(`${place}: sections nest at most ${LEVELS_MAX} levels deep`);
  checkRefId(place, section.RefId);
  checkLength(`${place}.Title`, section.Title, SECTION_TITLE);
  checkLength(`${place}.Instructions`, section.Instructions, INSTRUCTIONS);
  checkRange(`${place}.Weight`, section.Weight, PERCENT);
  checkThresholds(place, section.ScoreThresholds);
  checkItems(`${place}.Items`, section.Items, [...above, section.RefId]);
}

function checkQuestion(place: string, question: Question, above: readonly string[]): void {
  if (above.length === 0) throw invalidParameter(`${place}: a question must be contained in a section`);
  checkRefId(place, question.RefId);
  checkLength(`${place}.Title`, question.Title, QUESTION_TITLE);
  checkLength(`${place}.Instructions`, question.Instructions, INSTRUCTIONS);
  checkRange(`${place}.Weight`, question.Weight, PERCENT);
  checkThresholds(`${place}.ScoringConfiguration`, question.ScoringConfiguration?.ScoreThresholds);
  const { MinPointValue: min = 0, MaxPointValue: max = 100 } = question.ScoringConfiguration?.PointsConfiguration ?? {};
  if (min > max) throw invalidParameter(`${place}.ScoringConfiguration: MinPointValue is above MaxPointValue`);
  checkProperties(place, question);
  for (const option of optionsOf(question)) checkOption(place, option, above);
  checkAutomation(place, question);
}

const PROPERTIES: Readonly<Record<Question["QuestionType"], string | undefined>> = {
  TEXT: "Text",
  SINGLESELECT: "SingleSelect",
  MULTISELECT: "MultiSelect",
  NUMERIC: "Numeric",
  DATETIME: undefined,
};

/** "Text questions do not have to define question type properties." */
function checkProperties(place: string, question: Question): void {
  const { QuestionType: type, QuestionTypeProperties: properties } = question;
  const [given] = Object.keys(properties ?? {});
  const wanted = PROPERTIES[type];
  if (given !== wanted && !(given === undefined && type === "TEXT")) {
    const needed = wanted === undefined ? "none" : wanted;
    throw invalidParameter(`${place}.QuestionTypeProperties: a ${type} question has the member ${needed}`);
  }
  const options = optionsOf(question);
  const where = `${place}.QuestionTypeProperties.${wanted}`;
  if (properties?.Numeric) checkRanges(where, properties.Numeric, options);
  if (properties?.SingleSelect ?? properties?.MultiSelect) {
    checkCount(`${where}.Options`, options, OPTIONS_PER_QUESTION);
    checkUnique(`${where}.Options`, options);
  }
}

/** Ranges lie within the question's own and do not overlap (our choice). */
function checkRanges(
  where: string,
  numeric: { MinValue: number; MaxValue: number },
  options: readonly QuestionOption[],
) {
  checkCount(`${where}.Options`, options, { ...OPTIONS_PER_QUESTION, min: 0 });
  const ranges = options.map(({ MinValue = 0, MaxValue = 0 }) => ({ MinValue, MaxValue }));
  for (const { MinValue, MaxValue } of [numeric, ...ranges]) {
    if (MinValue > MaxValue) throw invalidParameter(`${where}: MinValue ${MinValue} is above MaxValue ${MaxValue}`);
    if (MinValue < numeric.MinValue || MaxValue > numeric.MaxValue) {
      throw invalidParameter(`${where}: the range ${MinValue} to ${MaxValue} is not within that of the question`);
    }
  }
  const sorted = ranges.sort((a, b) => a.MinValue - b.MinValue);
  for (const [index, { MinValue }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before && before.MaxValue >= MinValue) throw invalidParameter(`${where}: two ranges hold ${MinValue}`);
  }
}

function checkOption(
  place: string,
  option: QuestionOption & { readonly Text?: string },
  above: readonly string[],
): void {
  if (option.RefId !== undefined) {
    checkRefId(place, option.RefId);
    checkLength(`${place}: the Text of option ${option.RefId}`, option.Text, OPTION_TEXT);
  }
  checkRange(`${place}: the Score of an option`, option.Score, SCORE);
  const target = option.AutomaticFailConfiguration?.TargetSection;
  if (target !== undefined && !above.includes(target)) {
    throw invalidParameter(`${place}: TargetSection ${target} is not a section that contains the question`);
  }
}

/** What fills answers in by itself is kept; it must name options that there are. */
function checkAutomation(place: string, { QuestionTypeProperties: properties }: Question): void {
  const select = properties?.SingleSelect ?? properties?.MultiSelect;
  if (!select) return;
  const refIds = new Set(select.Options.map(({ RefId }) => RefId));
  const { Options: rules = [], ...defaults } = (select.Automation ?? {}) as Automation;
  const named = [defaults, ...rules.flatMap((rule) => Object.values(rule))].flatMap(
    ({ OptionRefId, OptionRefIds = [], DefaultOptionRefId, DefaultOptionRefIds = [] }) =>
      [OptionRefId, ...OptionRefIds, DefaultOptionRefId, ...DefaultOptionRefIds].filter((refId) => refId !== undefined),
  );
  const unknown = named.find((refId) => !refIds.has(refId));
  if (unknown !== undefined) throw invalidParameter(`${place}: Automation names option ${unknown}, which there is not`);
}

/** Single-select and multi-select questions in one; the SDK's types lag behind the model's `AutomationRule`. */
interface Automation extends NamedOptions {
  readonly Options?: readonly Readonly<Record<string, NamedOptions>>[];
}

interface NamedOptions {
  readonly OptionRefId?: string;
  readonly OptionRefIds?: readonly string[];
  readonly DefaultOptionRefId?: string;
  readonly DefaultOptionRefIds?: readonly string[];
}

/** "The total weight must always equal 100%" ("Use scoring and weights", administrator guide). */
function checkWeights(content: FormContent): void {
  if (content.ScoringStrategy?.Status !== "ENABLED") return;
  const items = weighedItems(content);
  const given = items.filter(({ isGiven }) => isGiven);
  const sum = given.reduce((total, { weight }) => total + weight, 0);
  const isComplete = given.length > 0 && given.length === items.length;
  if (sum > 100 + WEIGHT_TOLERANCE || (isComplete && sum < 100 - WEIGHT_TOLERANCE)) {
    throw invalidParameter(`Items: the weights add up to ${sum} rather than 100`);
  }
}

function checkEnablement(questions: readonly Question[]): void {
  const byRefId = new Map(questions.map((question) => [question.RefId, question]));
  for (const { RefId, Enablement } of questions) {
    if (!Enablement) continue;
    const place = `Question ${RefId}: Enablement`;
    checkGroups(place, Enablement.Condition);
    const expressions = expressionsOf(Enablement.Condition);
    checkCount(place, expressions, EXPRESSIONS_PER_CONDITION);
    for (const { Source, Values, Comparator } of expressions) {
      const { Type: type } = Source as { Type: string };
      if (type !== "QUESTION_REF_ID") throw invalidParameter(`${place}: a source of type ${type} is not supported`);
      if (!COMPARATORS.has(Comparator)) throw invalidParameter(`${place}: options are not compared by ${Comparator}`);
      const source = byRefId.get(Source.RefId ?? "");
      if (source?.QuestionType !== "SINGLESELECT" && source?.QuestionType !== "MULTISELECT") {
        throw invalidParameter(`${place}: ${Source.RefId} is not a select question of the form`);
      }
      const options = new Set(optionsOf(source).map((option) => option.RefId));
      checkCount(`${place}.Values`, Values, OPTIONS_PER_QUESTION);
      const unknown = Values.find((value) => (value.Type as string) !== "OPTION_REF_ID" || !options.has(value.RefId));
      if (unknown) throw invalidParameter(`${place}: question ${source.RefId} has no option ${unknown.RefId}`);
    }
  }
  refuseCircles(questions);
}

function checkGroups(place: string, { Operands }: EnablementCondition): void {
  checkCount(`${place}.Operands`, Operands, EXPRESSIONS_PER_CONDITION);
  for (const { Condition } of Operands) if (Condition) checkGroups(place, Condition);
}

/** Those that the SDK's types have; those of numbers and times belong to sources that are not supported. */
const COMPARATORS: ReadonlySet<string> = new Set(["IN", "NOT_IN", "ALL_IN", "EXACT"]);

/** Whether a question is asked may not rest, by way of others, on its own answer. */
function refuseCircles(questions: readonly Question[]): void {
  const sources = new Map(
    questions.map(({ RefId, Enablement }) => [
      RefId,
      Enablement ? expressionsOf(Enablement.Condition).map(({ Source }) => Source.RefId ?? "") : [],
    ]),
  );
  const settled = new Set<string>();
  for (const refId of sources.keys()) visit(refId, []);

  function visit(refId: string, path: readonly string[]): void {
    if (path.includes(refId)) throw invalidParameter(`Question ${refId}: Enablement rests on its own answer`);
    if (settled.has(refId)) return;
    for (const source of sources.get(refId) ?? []) visit(source, [...path, refId]);
    settled.add(refId);
  }
}

function checkThresholds(place: string, thresholds: readonly Validated<EvaluationFormScoreThreshold>[] = []): void {
  const categories = new Set<string>();
  for (const { PerformanceCategory: category, MinScorePercentage: min, MaxScorePercentage: max } of thresholds) {
    const where = `${place}.ScoreThresholds: ${category}`;
    if (categories.has(category)) throw invalidParameter(`${where} is there twice`);
    categories.add(category);
    if (min === undefined && max === undefined) throw invalidParameter(`${where} has neither bound`);
    checkRange(`${where}: MinScorePercentage`, min, PERCENT);
    checkRange(`${where}: MaxScorePercentage`, max, PERCENT);
    if ((min ?? 0) > (max ?? 100)) throw invalidParameter(`${where}: its bounds are the wrong way round`);
  }
}

function checkRefId(place: string, refId: string): void {
  if (!REF_ID.test(refId)) throw invalidParameter(`${place}: RefId ${refId} does not match ${REF_ID.source}`);
}

function checkUnique(place: string, named: readonly { readonly RefId?: string }[]): void {
  const seen = new Set<string>();
  for (const { RefId } of named) {
    if (RefId !== undefined && seen.has(RefId)) throw invalidParameter(`${place}: RefId ${RefId} is there twice`);
    if (RefId !== undefined) seen.add(RefId);
  }
}

function checkLength(place: string, text: string | undefined, { min, max }: Bounds): void {
  if (text === undefined || (text.length >= min && text.length <= max)) return;
  throw invalidParameter(`${place}: must have ${min} to ${max} characters`);
}

function checkCount(place: string, list: readonly unknown[], { min, max }: Bounds): void {
  if (list.length < min || list.length > max) throw invalidParameter(`${place}: must have ${min} to ${max} elements`);
}

function checkRange(place: string, number: number | undefined, { min, max }: Bounds): void {
  if (number === undefined || (number >= min && number <= max)) return;
  throw invalidParameter(`${place}: must be between ${min} and ${max}`);
}
