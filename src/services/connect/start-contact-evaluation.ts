import type { StartContactEvaluationRequest, StartContactEvaluationResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { type InstanceRef, refOf, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import {
  type ContactEvaluation,
  contactEvaluations,
  EVALUATIONS_PER_CONTACT,
  evaluatedForms,
  evaluationsOf,
  evaluatorArn,
} from "./contact-evaluations.ts";
import { updateContactData } from "./contact-transitions.ts";
import { type Contact, getContact, retainedUntilMs } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import type { FormContent } from "./evaluation-form-content.ts";
import { type EvaluationForm, getActiveVersion, getEvaluationForm } from "./evaluation-forms.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** Starts an empty evaluation of a contact by the active version of a form. */
export async function startContactEvaluation(
  input: Validated<StartContactEvaluationRequest>,
  context: Context,
): Promise<StartContactEvaluationResponse> {
  if (input.AutoEvaluationConfiguration?.Enabled) {
    throw invalidParameter("AutoEvaluationConfiguration: evaluations that answer themselves are not supported");
  }
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const nowMs = context.clock.now();
    const request = { scope: refOf(instance), operation: "StartContactEvaluation", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) return answerOf(instance, earlier.madeId);

    const contact = await getContact(unit, instance, input.ContactId, nowMs);
    const form = await getEvaluationForm(unit, instance, input.EvaluationFormId);
    const [creatorArn, by] = [context.principalArn, evaluatorArn(instance, context, undefined)];
    await startEvaluation(unit, context, { contact, form, id, creatorArn, evaluatorArn: by, tags: input.Tags ?? {} });
    return answerOf(instance, id);
  });
}

interface NewEvaluation extends Pick<ContactEvaluation, "id" | "creatorArn" | "evaluatorArn" | "tags" | "isAutomated"> {
  readonly contact: Contact;
  readonly form: EvaluationForm;
}

/** Puts an evaluation without answers, in somebody else's unit. Throws what StartContactEvaluation answers, before anything is there. */
export async function startEvaluation(
  unit: Unit,
  platform: Platform,
  { contact, form, id, creatorArn, evaluatorArn, tags, isAutomated }: NewEvaluation,
): Promise<{ readonly evaluation: ContactEvaluation; readonly content: FormContent }> {
  const nowMs = platform.clock.now();
  const { number: formVersion, content } = await getActiveVersion(unit, form);
  // Each evaluation changes the contact's document, which guards the count.
  if ((await evaluationsOf(unit, contact)).length >= EVALUATIONS_PER_CONTACT) {
    throw new ModeledError(
      "ServiceQuotaExceededException",
      `A contact may have at most ${EVALUATIONS_PER_CONTACT} evaluations`,
    );
  }
  const evaluation: ContactEvaluation = {
    ...refOf(contact),
    id,
    contactId: contact.id,
    agentId: contact.agent?.id,
    formId: form.id,
    formVersion,
    formTitle: content.Title,
    status: "DRAFT",
    creatorArn,
    evaluatorArn,
    answers: {},
    notes: {},
    tags,
    ...(isAutomated && { isAutomated }),
    createdMs: nowMs,
    lastModifiedMs: nowMs,
    expiresMs: retainedUntilMs(contact.initiationMs),
  };
  const key = resourceKey(evaluation);
  unit.put(contactEvaluations, key, evaluation);
  unit.put(evaluatedForms, key, { key, content, expiresMs: evaluation.expiresMs });
  const told = { evaluationId: id, status: "IN_PROGRESS", startMs: nowMs } as const;
  await updateContactData(unit, platform, { ...contact, evaluations: { ...contact.evaluations, [form.id]: told } }, []);
  return { evaluation, content };
}

function answerOf(instance: InstanceRef, id: string): StartContactEvaluationResponse {
  return { EvaluationId: id, EvaluationArn: resourceArn("contactEvaluation", instance, id) };
}
