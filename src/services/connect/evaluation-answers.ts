import type { EvaluationAnswerInput, EvaluationNote } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { invalidParameter } from "./errors.ts";
import { type FormContent, optionsOf, type Question, questionsOf, sectionsOf } from "./evaluation-form-content.ts";

/** The answer to a question: the one member that its type has, or `NotApplicable`. */
export interface Answer {
  /** A text, or the reference id of a single-select question's option. */
  readonly StringValue?: string;
  readonly NumericValue?: number;
  /** Reference ids of a multi-select question's options. */
  readonly StringValues?: readonly string[];
  readonly DateTimeValue?: string;
  readonly NotApplicable?: boolean;
}

/** By the reference ids of questions. */
export type Answers = Readonly<Record<string, Answer>>;

/** A reference id may be the name of something that every object has. */
export function answerTo(answers: Answers, refId: string): Answer | undefined {
  return Object.hasOwn(answers, refId) ? answers[refId] : undefined;
}

/** By the reference ids of questions and sections. */
export type Notes = Readonly<Record<string, string>>;

/** Characters that all notes together may have, for each question of the form. */
const NOTE_CHARACTERS_PER_QUESTION = 1_024;

/** Answers with those of a request in their place; a question to which it has an empty object has no answer then. */
export function mergeAnswers(
  content: FormContent,
  answers: Answers,
  changes: Readonly<Record<string, Validated<EvaluationAnswerInput>>> = {},
): Answers {
  const questions = new Map(questionsOf(content.Items).map((question) => [question.RefId, question]));
  const merged = new Map(Object.entries(answers));
  for (const [refId, { Value }] of Object.entries(changes)) {
    const question = questions.get(refId);
    if (!question) throw invalidParameter(`Answers: the form has no question ${refId}`);
    if (Value === undefined) merged.delete(refId);
    else merged.set(refId, checkedAnswer(question, Value as Answer));
  }
  return Object.fromEntries(merged);
}

/** The same for notes. Sections may have notes too. */
export function mergeNotes(
  content: FormContent,
  notes: Notes,
  changes: Readonly<Record<string, Validated<EvaluationNote>>> = {},
): Notes {
  const questions = questionsOf(content.Items);
  const known = new Set([...questions, ...sectionsOf(content.Items)].map(({ RefId }) => RefId));
  const merged = new Map(Object.entries(notes));
  for (const [refId, { Value }] of Object.entries(changes)) {
    if (!known.has(refId)) throw invalidParameter(`Notes: the form has no question or section ${refId}`);
    if (Value === undefined) merged.delete(refId);
    else merged.set(refId, Value);
  }
  const max = questions.length * NOTE_CHARACTERS_PER_QUESTION;
  const characters = [...merged.values()].reduce((sum, note) => sum + note.length, 0);
  if (characters > max) throw invalidParameter(`Notes: all notes together may have at most ${max} characters`);
  return Object.fromEntries(merged);
}

function checkedAnswer(question: Question, answer: Answer): Answer {
  const { RefId, QuestionType: type } = question;
  if (answer.NotApplicable !== undefined) {
    if (answer.NotApplicable && question.NotApplicableEnabled) return answer;
    throw invalidParameter(
      `Answers.${RefId}: the question cannot be answered with NotApplicable ${answer.NotApplicable}`,
    );
  }
  const problem = problemOf(question, answer);
  if (problem !== undefined) throw invalidParameter(`Answers.${RefId}: an answer to a ${type} question ${problem}`);
  return answer;
}

/** What is wrong with an answer, if anything. */
function problemOf(question: Question, answer: Answer): string | undefined {
  const refIds = new Set(optionsOf(question).map(({ RefId }) => RefId));
  switch (question.QuestionType) {
    case "TEXT":
      return answer.StringValue === undefined ? "is a StringValue" : undefined;
    case "SINGLESELECT":
      if (answer.StringValue === undefined) return "is a StringValue with the RefId of an option";
      return refIds.has(answer.StringValue) ? undefined : `cannot be ${answer.StringValue}: there is no such option`;
    case "MULTISELECT": {
      const chosen = answer.StringValues;
      if (chosen === undefined || chosen.length === 0) return "is StringValues with the RefIds of options";
      const unknown = chosen.find((refId) => !refIds.has(refId));
      if (unknown !== undefined) return `cannot hold ${unknown}: there is no such option`;
      return new Set(chosen).size === chosen.length ? undefined : "names each option once";
    }
    case "NUMERIC": {
      const { MinValue = 0, MaxValue = 0 } = question.QuestionTypeProperties?.Numeric ?? {};
      const number = answer.NumericValue;
      if (number === undefined) return "is a NumericValue";
      return number >= MinValue && number <= MaxValue ? undefined : `lies between ${MinValue} and ${MaxValue}`;
    }
    case "DATETIME":
      if (answer.DateTimeValue === undefined) return "is a DateTimeValue";
      return isDateTime(answer.DateTimeValue) ? undefined : "is a date and time of ISO 8601";
  }
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && !Number.isNaN(Date.parse(text));
}
