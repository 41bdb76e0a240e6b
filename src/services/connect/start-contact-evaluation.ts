import type { StartContactEvaluationRequest, StartContactEvaluationResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
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
import { getContact, retainedUntilMs } from "./contacts.ts";
import { invalidParameter } from "./errors.ts";
import { getEvaluationForm, getFormVersion } from "./evaluation-forms.ts";
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
    if (form.activeVersion === undefined) {
      throw new ModeledError("ResourceConflictException", `Evaluation form ${form.id} has no active version`);
    }
    // Each evaluation changes the contact's document, which guards the count.
    if ((await evaluationsOf(unit, contact)).length >= EVALUATIONS_PER_CONTACT) {
      throw new ModeledError(
        "ServiceQuotaExceededException",
        `A contact may have at most ${EVALUATIONS_PER_CONTACT} evaluations`,
      );
    }
    const { number: formVersion, content } = await getFormVersion(unit, form, form.activeVersion);
    const evaluation: ContactEvaluation = {
      ...refOf(instance),
      id,
      contactId: contact.id,
      agentId: contact.agent?.id,
      formId: form.id,
      formVersion,
      formTitle: content.Title,
      status: "DRAFT",
      creatorArn: context.principalArn,
      evaluatorArn: evaluatorArn(instance, context, undefined),
      answers: {},
      notes: {},
      tags: input.Tags ?? {},
      createdMs: nowMs,
      lastModifiedMs: nowMs,
      expiresMs: retainedUntilMs(contact.initiationMs),
    };
    const key = resourceKey(evaluation);
    unit.put(contactEvaluations, key, evaluation);
    unit.put(evaluatedForms, key, { key, content, expiresMs: evaluation.expiresMs });
    const told = { evaluationId: id, status: "IN_PROGRESS", startMs: nowMs } as const;
    await updateContactData(
      unit,
      context,
      { ...contact, evaluations: { ...contact.evaluations, [form.id]: told } },
      [],
    );
    return answerOf(instance, id);
  });
}

function answerOf(instance: InstanceRef, id: string): StartContactEvaluationResponse {
  return { EvaluationId: id, EvaluationArn: resourceArn("contactEvaluation", instance, id) };
}
