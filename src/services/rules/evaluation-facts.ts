import type { JsonObject } from "../../matching/machine.ts";
import type { EvaluationSubmission } from "../connect/index.ts";

/**
 * What conditions may ask of a submitted evaluation, below the prefix of its event source. What a question has no answer to, and what is not
 * scored, has no value. Pure.
 */
export function evaluationFacts({
  evaluationId,
  formId,
  score,
  sections,
  questions,
}: EvaluationSubmission): JsonObject {
  return {
    EvaluationId: evaluationId,
    Form: { FormId: formId, Score: score ?? null },
    Section: sections.map(({ refId, score }) => ({ SectionRefId: refId, Score: score ?? null })),
    Question: questions.map(({ refId, value, valueRefId }) => ({
      QuestionRefId: refId,
      Answer: { Value: value ?? null, ValueRefId: valueRefId ?? null },
    })),
  };
}
