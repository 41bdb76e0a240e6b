import type { UpdateEvaluationFormRequest, UpdateEvaluationFormResponse } from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { instanceKey, refOf, resourceArn } from "./arns.ts";
import { claimClientToken } from "./client-tokens.ts";
import { checkReviewers } from "./create-evaluation-form.ts";
import { contentOf } from "./evaluation-form-content.ts";
import { checkFormContent } from "./evaluation-form-validation.ts";
import {
  type EvaluationForm,
  evaluationFormVersions,
  getEvaluationForm,
  getFormVersion,
  putFormVersion,
} from "./evaluation-forms.ts";
import { getInstance } from "./instances.ts";
import { countReaches } from "./quotas.ts";

/** Versions of one form at once, always (our choice): so many are deleted with it in one step. */
const VERSIONS_MAX = 100;

/**
 * Replaces the whole content of a version, or gives it to a new version. It leaves nothing as it was: "This operation does not support
 * partial updates."
 */
export async function updateEvaluationForm(
  input: Validated<UpdateEvaluationFormRequest>,
  context: Context,
): Promise<UpdateEvaluationFormResponse> {
  const content = contentOf(input);
  checkFormContent(content);
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const form = await getEvaluationForm(unit, instance, input.EvaluationFormId);
    const nowMs = context.clock.now();
    const number = input.CreateNewVersion ? form.lastNumber + 1 : input.EvaluationFormVersion;
    const request = { scope: refOf(instance), operation: "UpdateEvaluationForm", input };
    const earlier = await claimClientToken(unit, request, { id: String(number), nowMs });
    if (earlier) return answerOf(form, Number(earlier.madeId));

    const version = await getFormVersion(unit, form, input.EvaluationFormVersion);
    if (input.CreateNewVersion) await requireRoom(unit, form);
    else if (version.isLocked) {
      throw new ModeledError("ResourceConflictException", `Version ${number} is locked: create a new version instead`);
    }
    await checkReviewers(unit, instance, content);
    const modified = { content, lastModifiedMs: nowMs, lastModifiedBy: context.principalArn };
    const made = { createdMs: nowMs, createdBy: context.principalArn, isLocked: false };
    const changed = input.CreateNewVersion ? { ...version, ...made, number, ...modified } : { ...version, ...modified };
    putFormVersion(unit, form, changed, input.AsDraft ?? true);
    return answerOf(form, number);
  });
}

/** The form's document, which is written with each version, guards the count. */
async function requireRoom(unit: Unit, form: EvaluationForm): Promise<void> {
  const counted = { collection: evaluationFormVersions, prefix: instanceKey(form, form.id, "") };
  if (await countReaches(unit, counted, VERSIONS_MAX)) {
    throw new ModeledError("ServiceQuotaExceededException", `A form may have at most ${VERSIONS_MAX} versions`);
  }
}

function answerOf(form: EvaluationForm, number: number): UpdateEvaluationFormResponse {
  return {
    EvaluationFormId: form.id,
    EvaluationFormArn: resourceArn("evaluationForm", form, form.id),
    EvaluationFormVersion: number,
  };
}
