import type {
  ActivateEvaluationFormRequest,
  ActivateEvaluationFormResponse,
  DeactivateEvaluationFormRequest,
  DeactivateEvaluationFormResponse,
  DeleteEvaluationFormRequest,
  ListEvaluationFormVersionsRequest,
  ListEvaluationFormVersionsResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { instanceKey, resourceArn } from "./arns.ts";
import { invalidNextToken } from "./errors.ts";
import {
  activateVersion,
  type EvaluationForm,
  type EvaluationFormVersion,
  evaluationForms,
  evaluationFormVersions,
  getEvaluationForm,
  getFormVersion,
  headOf,
  statusOf,
  versionKey,
} from "./evaluation-forms.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** Evaluations that are started from now on use this version. */
export async function activateEvaluationForm(
  input: Validated<ActivateEvaluationFormRequest>,
  context: Context,
): Promise<ActivateEvaluationFormResponse> {
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const form = await getEvaluationForm(unit, instance, input.EvaluationFormId);
    const version = await getFormVersion(unit, form, input.EvaluationFormVersion);
    activateVersion(unit, form, version, { atMs: context.clock.now(), by: context.principalArn });
    return answerOf(version);
  });
}

/** No evaluation can be started until a version is active again. What is started goes on. */
export async function deactivateEvaluationForm(
  input: Validated<DeactivateEvaluationFormRequest>,
  context: Context,
): Promise<DeactivateEvaluationFormResponse> {
  return context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const form = await getEvaluationForm(unit, instance, input.EvaluationFormId);
    const version = await getFormVersion(unit, form, input.EvaluationFormVersion);
    if (form.activeVersion !== version.number) {
      throw new ModeledError("ResourceConflictException", `Version ${version.number} is not the active one`);
    }
    unit.put(evaluationForms, resourceKey(form), { ...form, activeVersion: undefined });
    return answerOf(version);
  });
}

export async function listEvaluationFormVersions(
  input: Validated<ListEvaluationFormVersionsRequest>,
  context: Context,
): Promise<ListEvaluationFormVersionsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const form = await getEvaluationForm(context.store, instance, input.EvaluationFormId);
  const page = await listPage(
    context.store,
    {
      collection: evaluationFormVersions,
      under: [form.account, form.region, form.instanceId, form.id],
      nameOf: ({ number }) => String(number).padStart(16, "0"),
    },
    {
      of: ["ListEvaluationFormVersions", instanceKey(form, form.id)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    EvaluationFormVersionSummaryList: page.items.map((version) => ({
      ...answerOf(version),
      Locked: version.isLocked,
      Status: statusOf(form, version.number),
      CreatedTime: new Date(version.createdMs),
      CreatedBy: version.createdBy,
      LastModifiedTime: new Date(version.lastModifiedMs),
      LastModifiedBy: version.lastModifiedBy,
    })),
    NextToken: page.nextToken,
  };
}

/**
 * Deletes a version, or the whole form. With its last version a form goes too (our choice). Evaluations by the form stay: they have a
 * copy of it.
 */
export async function deleteEvaluationForm(
  input: Validated<DeleteEvaluationFormRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    const form = await getEvaluationForm(unit, instance, input.EvaluationFormId);
    const versions = await versionsOf(unit, form);
    if (input.EvaluationFormVersion === undefined) return deleteAll(unit, form, versions);

    const version = await getFormVersion(unit, form, input.EvaluationFormVersion);
    const latest = versions.filter(({ number }) => number !== version.number).at(-1);
    if (!latest) return deleteAll(unit, form, versions);
    unit.delete(evaluationFormVersions, versionKey(version));
    unit.put(evaluationForms, resourceKey(form), {
      ...form,
      activeVersion: form.activeVersion === version.number ? undefined : form.activeVersion,
      latestVersion: latest.number,
      latest: headOf(latest.content),
    });
  });
  return {};
}

/** All versions of a form, in their order. */
async function versionsOf(unit: Unit, form: EvaluationForm): Promise<EvaluationFormVersion[]> {
  const versions: EvaluationFormVersion[] = [];
  let after: string | undefined;
  do {
    const page = await unit.list(evaluationFormVersions, { prefix: instanceKey(form, form.id, ""), limit: 100, after });
    versions.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return versions;
}

function deleteAll(unit: Unit, form: EvaluationForm, versions: readonly EvaluationFormVersion[]): void {
  for (const version of versions) unit.delete(evaluationFormVersions, versionKey(version));
  unit.delete(evaluationForms, resourceKey(form));
}

function answerOf(version: EvaluationFormVersion): ActivateEvaluationFormResponse {
  return {
    EvaluationFormId: version.formId,
    EvaluationFormArn: resourceArn("evaluationForm", version, version.formId),
    EvaluationFormVersion: version.number,
  };
}
