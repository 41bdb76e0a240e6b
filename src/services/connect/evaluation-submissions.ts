import type { ContactEvaluation } from "./contact-evaluations.ts";
import { answerTo } from "./evaluation-answers.ts";
import { disabledQuestions } from "./evaluation-enablement.ts";
import { type FormContent, questionsOf, sectionsOf } from "./evaluation-form-content.ts";

/** An evaluation as it was submitted, as far as rules look at it. Scores are percentages; absent where nothing is scored. */
export interface EvaluationSubmission {
  readonly evaluationId: string;
  readonly formId: string;
  /** 1 for the first submission, then 2 … */
  readonly number: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly score?: number | undefined;
  readonly sections: readonly { readonly refId: string; readonly score?: number | undefined }[];
  /** Those that are asked. An answer is a number, or the reference id of a single-select question's option. */
  readonly questions: readonly {
    readonly refId: string;
    readonly value?: number | undefined;
    readonly valueRefId?: string | undefined;
  }[];
}

export function submissionOf(evaluation: ContactEvaluation, content: FormContent): EvaluationSubmission {
  const { answers, scores } = evaluation;
  const disabled = disabledQuestions(content, answers);
  return {
    evaluationId: evaluation.id,
    formId: evaluation.formId,
    number: evaluation.submissions ?? 1,
    tags: evaluation.tags,
    score: scores?.total.Percentage,
    sections: sectionsOf(content.Items).map(({ RefId }) => ({
      refId: RefId,
      score: scores?.items[RefId]?.Percentage,
    })),
    questions: questionsOf(content.Items)
      .filter(({ RefId }) => !disabled.has(RefId))
      .map(({ RefId, QuestionType }) => {
        const answer = answerTo(answers, RefId);
        return {
          refId: RefId,
          value: answer?.NumericValue,
          valueRefId: QuestionType === "SINGLESELECT" ? answer?.StringValue : undefined,
        };
      }),
  };
}
