import type {
  DeleteContactEvaluationRequest,
  SubmitContactEvaluationRequest,
  SubmitContactEvaluationResponse,
  UpdateContactEvaluationRequest,
  UpdateContactEvaluationResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { resourceArn } from "./arns.ts";
import {
  type ContactEvaluation,
  contactEvaluations,
  deleteEvaluationDocuments,
  evaluatorArn,
  getContactEvaluation,
  getEvaluatedForm,
} from "./contact-evaluations.ts";
import { updateContactData } from "./contact-transitions.ts";
import { findContact, type ToldEvaluation } from "./contacts.ts";
import { mergeAnswers, mergeNotes } from "./evaluation-answers.ts";
import type { FormContent } from "./evaluation-form-content.ts";
import { scoresOf } from "./evaluation-scores.ts";
import { submissionOf } from "./evaluation-submissions.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";
import { tellOccasion } from "./occasions.ts";
import { getUser } from "./users.ts";
import { oweEvaluationExport } from "./write-evaluation-exports.ts";

/** "A contact evaluation must be in draft state." */
export async function updateContactEvaluation(
  input: Validated<UpdateContactEvaluationRequest>,
  context: Context,
): Promise<UpdateContactEvaluationResponse> {
  return context.store.commit(async (unit) => {
    const evaluation = await getEvaluation(unit, context, input);
    if (evaluation.status !== "DRAFT") {
      throw new ModeledError("ResourceConflictException", `Evaluation ${evaluation.id} is submitted`);
    }
    const changed = await answered(unit, context, evaluation, { ...input, by: input.UpdatedBy?.ConnectUserArn });
    unit.put(contactEvaluations, resourceKey(changed), changed);
    return answerOf(changed);
  });
}

/** Takes the last answers and scores the evaluation. "If it is already in submitted state, this operation will trigger a resubmission." */
export async function submitContactEvaluation(
  input: Validated<SubmitContactEvaluationRequest>,
  context: Context,
): Promise<SubmitContactEvaluationResponse> {
  return context.store.commit(async (unit) => {
    const evaluation = await getEvaluation(unit, context, input);
    const changed = await answered(unit, context, evaluation, { ...input, by: input.SubmittedBy?.ConnectUserArn });
    const content = await getEvaluatedForm(unit, changed);
    await submitEvaluation(unit, context, changed, content);
    return answerOf(changed);
  });
}

/** Scores an evaluation as it is answered, and tells of it, in somebody else's unit. */
export async function submitEvaluation(
  unit: Unit,
  platform: Platform,
  changed: ContactEvaluation,
  content: FormContent,
): Promise<void> {
  const submitted: ContactEvaluation = {
    ...changed,
    status: "SUBMITTED",
    scores: scoresOf(content, changed.answers),
    submissions: (changed.submissions ?? 0) + 1,
  };
  unit.put(contactEvaluations, resourceKey(submitted), submitted);
  await tellContact(unit, platform, submitted, { status: "COMPLETE", endMs: submitted.lastModifiedMs });
  await oweEvaluationExport(unit, platform, submitted);
  const submission = submissionOf(submitted, content);
  tellOccasion(unit, { ...submitted, id: submitted.contactId }, { kind: "evaluation-submitted", submission });
}

/** Deletes a draft or what was submitted. The contact's record tells of it. */
export async function deleteContactEvaluation(
  input: Validated<DeleteContactEvaluationRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const evaluation = await getEvaluation(unit, context, input);
    deleteEvaluationDocuments(unit, evaluation);
    await tellContact(unit, context, evaluation, { status: "DELETED", deleteMs: context.clock.now() });
  });
  return {};
}

async function getEvaluation(
  unit: Unit,
  context: Context,
  input: { InstanceId: string; EvaluationId: string },
): Promise<ContactEvaluation> {
  const instance = await getInstance(unit, context, input.InstanceId);
  return getContactEvaluation(unit, instance, input.EvaluationId, context.clock.now());
}

/** An evaluation with the answers and notes of a request. */
async function answered(
  unit: Unit,
  context: Context,
  evaluation: ContactEvaluation,
  {
    Answers,
    Notes,
    by,
  }: Pick<Validated<UpdateContactEvaluationRequest>, "Answers" | "Notes"> & { by: string | undefined },
): Promise<ContactEvaluation> {
  const content = await getEvaluatedForm(unit, evaluation);
  const userId = by === undefined ? undefined : (await getUser(unit, evaluation, by)).id;
  return {
    ...evaluation,
    answers: mergeAnswers(content, evaluation.answers, Answers),
    notes: mergeNotes(content, evaluation.notes, Notes),
    evaluatorArn: evaluatorArn(evaluation, context, userId),
    lastModifiedMs: context.clock.now(),
  };
}

/** Writes to the contact what has become of the evaluation, unless a later one by the same form has taken its place there. */
async function tellContact(
  unit: Unit,
  platform: Platform,
  { formId, ...evaluation }: ContactEvaluation,
  change: Partial<ToldEvaluation>,
): Promise<void> {
  const contact = await findContact(unit, evaluation, evaluation.contactId, platform.clock.now());
  const told = contact?.evaluations?.[formId];
  if (!contact || told?.evaluationId !== evaluation.id) return;
  const evaluations = { ...contact.evaluations, [formId]: { ...told, ...change } };
  await updateContactData(unit, platform, { ...contact, evaluations }, []);
}

function answerOf(evaluation: ContactEvaluation): UpdateContactEvaluationResponse {
  return {
    EvaluationId: evaluation.id,
    EvaluationArn: resourceArn("contactEvaluation", evaluation, evaluation.id),
  };
}
