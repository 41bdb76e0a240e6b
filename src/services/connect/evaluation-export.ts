import type { EvaluationScore } from "@aws-sdk/client-connect";
import type { ContactEvaluation } from "./contact-evaluations.ts";
import { type Answer, answerTo } from "./evaluation-answers.ts";
import {
  type FormContent,
  type Item,
  type Question,
  type QuestionOption,
  questionsOf,
  sectionsOf,
} from "./evaluation-form-content.ts";

/** "3.5" in the guide's newest sample. */
const SCHEMA_VERSION = "3.5";

/** What stands for "not applicable" among the options of a question. */
const NOT_APPLICABLE = { valueText: "N/A", valueRefId: "system_default_null_value" };

/**
 * The file of a submitted evaluation ("Agent evaluation form output", administrator guide). What does not apply is left out. `evaluator`: the
 * name of who has submitted it, or their ARN where they are no user. Pure.
 */
export function evaluationExport(
  evaluation: ContactEvaluation,
  content: FormContent,
  evaluator: string,
): Record<string, unknown> {
  const { answers, notes, scores, submissions = 1 } = evaluation;
  const parents = parentsOf(content.Items);
  const scoreAt = (refId: string) => scoreOf(scores?.items[refId]);
  return {
    schemaVersion: SCHEMA_VERSION,
    evaluationId: evaluation.id,
    metadata: {
      contactId: evaluation.contactId,
      accountId: evaluation.account,
      instanceId: evaluation.instanceId,
      agentId: evaluation.agentId,
      evaluationDefinitionId: evaluation.formId,
      evaluationDefinitionTitle: evaluation.formTitle,
      evaluationDefinitionVersion: evaluation.formVersion,
      evaluator,
      creator: evaluation.creatorArn,
      evaluationStartTimestamp: new Date(evaluation.createdMs).toISOString(),
      evaluationSubmitTimestamp: new Date(evaluation.lastModifiedMs).toISOString(),
      score: scoreOf(scores?.total),
      autoEvaluated: evaluation.isAutomated === true,
      resubmitted: submissions > 1,
      evaluationSource: evaluation.isAutomated ? "AUTOMATED" : "MANUAL",
      evaluationType: "CONTACT_EVALUATION",
    },
    sections: sectionsOf(content.Items).map(({ RefId, Title }) => ({
      sectionRefId: RefId,
      sectionTitle: Title,
      parentSectionRefId: parents.get(RefId),
      notes: noteOn(notes, RefId),
      score: scoreAt(RefId),
    })),
    questions: questionsOf(content.Items).map((question) => ({
      questionRefId: question.RefId,
      sectionRefId: parents.get(question.RefId),
      questionType: question.QuestionType,
      questionText: question.Title,
      answer: answerOf(question, answerTo(answers, question.RefId), noteOn(notes, question.RefId)),
      score: scoreAt(question.RefId),
    })),
  };
}

function noteOn(notes: ContactEvaluation["notes"], refId: string): string | undefined {
  return Object.hasOwn(notes, refId) ? notes[refId] : undefined;
}

/** The section that each section and question lies in, by their reference ids. */
function parentsOf(items: readonly Item[], parent?: string): ReadonlyMap<string, string> {
  return new Map(
    items.flatMap(({ Section, Question }): (readonly [string, string])[] => {
      const refId = Section?.RefId ?? Question?.RefId ?? "";
      const own: (readonly [string, string])[] = parent === undefined ? [] : [[refId, parent]];
      return Section ? [...own, ...parentsOf(Section.Items, Section.RefId)] : own;
    }),
  );
}

function answerOf(question: Question, answer: Answer | undefined, notes: string | undefined): object {
  const metadata = { notApplicable: answer?.NotApplicable === true };
  const options = question.QuestionTypeProperties?.SingleSelect ?? question.QuestionTypeProperties?.MultiSelect;
  if (!options) {
    const value = answer?.StringValue ?? answer?.NumericValue ?? answer?.DateTimeValue;
    return { value: value === undefined ? undefined : String(value), notes, metadata };
  }
  const chosen = new Set([answer?.StringValue, ...(answer?.StringValues ?? [])]);
  const values = (options.Options as readonly (QuestionOption & { Text?: string })[]).map(({ Text, RefId }) => ({
    valueText: Text,
    valueRefId: RefId,
    selected: chosen.has(RefId),
  }));
  const none = question.NotApplicableEnabled ? [{ ...NOT_APPLICABLE, selected: metadata.notApplicable }] : [];
  return { values: [...values, ...none], notes, metadata };
}

function scoreOf(score: EvaluationScore | undefined): object | undefined {
  if (!score) return undefined;
  if (score.NotApplicable) return { notApplicable: true };
  return { percentage: score.Percentage, ...(score.AutomaticFail && { automaticFail: true }) };
}
