import { ModeledError } from "../../models/modeled-error.ts";
import type { Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { instanceArn } from "./arns.ts";
import { evaluationsOf } from "./contact-evaluations.ts";
import type { Contact } from "./contacts.ts";
import { invalidRequest } from "./errors.ts";
import { type Answers, answerTo, mergeAnswers } from "./evaluation-answers.ts";
import { disabledQuestions } from "./evaluation-enablement.ts";
import { type FormContent, questionsOf } from "./evaluation-form-content.ts";
import { getActiveVersion, getEvaluationForm } from "./evaluation-forms.ts";
import { startEvaluation } from "./start-contact-evaluation.ts";
import { submitEvaluation } from "./update-contact-evaluation.ts";

interface AutomatedEvaluation {
  readonly id: string;
  readonly formId: string;
  /** Whose ARN stands where that of a caller would. */
  readonly byArn: string;
  /** Pure. */
  readonly answersOf: (content: FormContent) => Answers;
}

/**
 * Starts, answers and submits an evaluation of a contact, in somebody else's unit. "It never overrides an existing evaluation" by the form. Every
 * question that is asked must have its answer, but for those that are answered by texts and dates (our choice).
 *
 * Throws a `ModeledError` before anything is there.
 */
export async function evaluateAutomatically(
  unit: Unit,
  platform: Platform,
  contact: Contact,
  { id, formId, byArn, answersOf }: AutomatedEvaluation,
): Promise<void> {
  const form = await getEvaluationForm(unit, contact, formId);
  const { content } = await getActiveVersion(unit, form);
  const answers = checkedAnswers(content, answersOf(content));
  if ((await evaluationsOf(unit, contact)).some((other) => other.formId === form.id)) {
    throw new ModeledError(
      "ResourceConflictException",
      `Contact ${contact.id} is evaluated by form ${form.id} already`,
    );
  }
  const { evaluation } = await startEvaluation(unit, platform, {
    contact,
    form,
    id,
    creatorArn: byArn,
    evaluatorArn: `${instanceArn(contact)}/agent/${byArn}`,
    tags: {},
    isAutomated: true,
  });
  await submitEvaluation(unit, platform, { ...evaluation, answers }, content);
}

function checkedAnswers(content: FormContent, found: Answers): Answers {
  const changes = Object.fromEntries(Object.entries(found).map(([refId, answer]) => [refId, { Value: answer }]));
  const answers = mergeAnswers(content, {}, changes as Parameters<typeof mergeAnswers>[2]);
  const disabled = disabledQuestions(content, answers);
  const open = questionsOf(content.Items).find(
    ({ RefId, QuestionType }) =>
      QuestionType !== "TEXT" && QuestionType !== "DATETIME" && !disabled.has(RefId) && !answerTo(answers, RefId),
  );
  if (open) throw invalidRequest(`Question ${open.RefId} of the evaluation form has no automatic answer`);
  return answers;
}
