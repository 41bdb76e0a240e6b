import type { CreateEvaluationFormRequest, CreateEvaluationFormResponse } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, refOf, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { contentOf, type FormContent } from "./evaluation-form-content.ts";
import { checkFormContent } from "./evaluation-form-validation.ts";
import { headOf, putFormVersion } from "./evaluation-forms.ts";
import { getInstance } from "./instances.ts";
import { getUser } from "./users.ts";

/** Creates a form with its version 1, a draft unless `AsDraft` says otherwise. Titles need not be unique (our choice). */
export async function createEvaluationForm(
  input: Validated<CreateEvaluationFormRequest>,
  context: Context,
): Promise<CreateEvaluationFormResponse> {
  const content = contentOf(input);
  checkFormContent(content);
  const id = context.ids.uuid();
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const nowMs = context.clock.now();
    const request = { scope: refOf(instance), operation: "CreateEvaluationForm", input };
    const earlier = await claimClientToken(unit, request, { id, nowMs });
    if (earlier) return answerOf(instance, earlier.madeId);

    await checkReviewers(unit, instance, content);
    const made = { createdMs: nowMs, createdBy: context.principalArn };
    const modified = { lastModifiedMs: nowMs, lastModifiedBy: context.principalArn };
    putFormVersion(
      unit,
      {
        ...refOf(instance),
        id,
        tags: input.Tags ?? {},
        ...made,
        ...modified,
        latestVersion: 1,
        latest: headOf(content),
        lastNumber: 1,
      },
      { ...refOf(instance), formId: id, number: 1, isLocked: false, content, ...made, ...modified },
      input.AsDraft ?? true,
    );
    return answerOf(instance, id);
  });
}

/** Whoever is told of reviews must be a user of the instance. */
export async function checkReviewers(unit: Unit, instance: InstanceRef, content: FormContent): Promise<void> {
  for (const { Value } of content.ReviewConfiguration?.ReviewNotificationRecipients ?? []) {
    await getUser(unit, instance, Value.UserId ?? "");
  }
}

function answerOf(instance: InstanceRef, id: string): CreateEvaluationFormResponse {
  return { EvaluationFormId: id, EvaluationFormArn: resourceArn("evaluationForm", instance, id) };
}
