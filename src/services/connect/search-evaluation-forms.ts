import type {
  EvaluationFormSearchCriteria,
  EvaluationFormSearchSummary,
  SearchEvaluationFormsRequest,
  SearchEvaluationFormsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, resourceArn } from "./arns.ts";
import { type EvaluationForm, evaluationForms } from "./evaluation-forms.ts";
import { getInstance } from "./instances.ts";
import {
  attributeMatch,
  booleanLeaf,
  criteriaMatch,
  findAll,
  foundPage,
  numberLeaf,
  stringLeaf,
  timeLeaf,
} from "./search.ts";

/** Searches forms by their latest versions. The documentation names no fields: these are the summary's members (our choice). */
export async function searchEvaluationForms(
  input: Validated<SearchEvaluationFormsRequest>,
  context: Context,
): Promise<SearchEvaluationFormsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const match = [
    criteriaMatch<EvaluationForm, EvaluationFormSearchCriteria>(input.SearchCriteria, {
      StringCondition: stringLeaf({
        title: (form) => form.latest.Title,
        description: (form) => form.latest.Description,
        status: (form) => statusOf(form),
        evaluationFormId: (form) => form.id,
        evaluationFormArn: (form) => resourceArn("evaluationForm", form, form.id),
        createdBy: (form) => form.createdBy,
        lastModifiedBy: (form) => form.lastModifiedBy,
        lastActivatedBy: (form) => form.lastActivatedBy,
        evaluationFormLanguage: (form) => form.latest.LanguageConfiguration?.FormLanguage,
        contactInteractionType: (form) => form.latest.TargetConfiguration?.ContactInteractionType,
      }),
      NumberCondition: numberLeaf({
        latestVersion: (form) => form.latestVersion,
        activeVersion: (form) => form.activeVersion,
      }),
      BooleanCondition: booleanLeaf({
        autoEvaluationEnabled: (form) => form.latest.AutoEvaluationConfiguration?.Enabled ?? false,
      }),
      DateTimeCondition: timeLeaf({
        createdTime: (form) => form.createdMs,
        lastModifiedTime: (form) => form.lastModifiedMs,
        lastActivatedTime: (form) => form.lastActivatedMs,
      }),
    }),
    attributeMatch(input.SearchFilter?.AttributeFilter),
  ];
  const found = await findAll(context.store, evaluationForms, instanceKey(instance, ""), match);
  const page = foundPage(found, ({ id }) => id, instance, { operation: "SearchEvaluationForms", input });
  return {
    EvaluationFormSearchSummaryList: page.items.map(summarize),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** A form is ACTIVE while one of its versions is. */
function statusOf({ activeVersion }: EvaluationForm): "ACTIVE" | "DRAFT" {
  return activeVersion === undefined ? "DRAFT" : "ACTIVE";
}

function summarize(form: EvaluationForm): EvaluationFormSearchSummary {
  const { latest } = form;
  return {
    EvaluationFormId: form.id,
    EvaluationFormArn: resourceArn("evaluationForm", form, form.id),
    Title: latest.Title,
    Status: statusOf(form),
    Description: latest.Description,
    CreatedTime: new Date(form.createdMs),
    CreatedBy: form.createdBy,
    LastModifiedTime: new Date(form.lastModifiedMs),
    LastModifiedBy: form.lastModifiedBy,
    LastActivatedTime: form.lastActivatedMs === undefined ? undefined : new Date(form.lastActivatedMs),
    LastActivatedBy: form.lastActivatedBy,
    LatestVersion: form.latestVersion,
    ActiveVersion: form.activeVersion,
    AutoEvaluationEnabled: latest.AutoEvaluationConfiguration?.Enabled ?? false,
    EvaluationFormLanguage: latest.LanguageConfiguration?.FormLanguage,
    ContactInteractionType: latest.TargetConfiguration?.ContactInteractionType,
    Tags: { ...form.tags },
    AIVersion: latest.AIVersion,
  };
}
