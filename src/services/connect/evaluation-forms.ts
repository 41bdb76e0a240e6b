import type {
  DescribeEvaluationFormRequest,
  DescribeEvaluationFormResponse,
  EvaluationForm as EvaluationFormDescription,
  EvaluationFormVersionStatus,
  ListEvaluationFormsRequest,
  ListEvaluationFormsResponse,
} from "@aws-sdk/client-connect";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, resourceArn } from "./arns.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import { describedContent, type FormContent } from "./evaluation-form-content.ts";
import { PAGE_SIZE, resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/**
 * A form by which contacts are evaluated. What it asks is in its versions: at most one of them is ACTIVE, and evaluations that are
 * started use that one. A version that was ever active is locked, so that it stays as it is.
 */
export interface EvaluationForm extends InstanceRef {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly lastModifiedMs: number;
  readonly lastModifiedBy: string;
  readonly lastActivatedMs?: number | undefined;
  readonly lastActivatedBy?: string | undefined;
  readonly activeVersion?: number | undefined;
  /** The greatest version that there is, and what lists show of it. */
  readonly latestVersion: number;
  readonly latest: FormHead;
  /** The greatest number that was ever given to a version. None is given twice. */
  readonly lastNumber: number;
}

/** A version's content without its items. */
export type FormHead = Omit<FormContent, "Items">;

export const evaluationForms: Collection<EvaluationForm> = collection("connect_evaluation_forms");

export interface EvaluationFormVersion extends InstanceRef {
  readonly formId: string;
  readonly number: number;
  readonly isLocked: boolean;
  readonly content: FormContent;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly lastModifiedMs: number;
  readonly lastModifiedBy: string;
}

export const evaluationFormVersions: Collection<EvaluationFormVersion> = collection("connect_evaluation_form_versions");

/** "If the version property is not provided, the latest version of the evaluation form is described." */
export async function describeEvaluationForm(
  input: Validated<DescribeEvaluationFormRequest>,
  context: Context,
): Promise<DescribeEvaluationFormResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const form = await getEvaluationForm(context.store, instance, input.EvaluationFormId);
  const number = input.EvaluationFormVersion ?? form.latestVersion;
  return { EvaluationForm: describe(form, await getFormVersion(context.store, form, number)) };
}

export async function listEvaluationForms(
  input: Validated<ListEvaluationFormsRequest>,
  context: Context,
): Promise<ListEvaluationFormsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const page = await listPage(
    context.store,
    {
      collection: evaluationForms,
      under: [instance.account, instance.region, instance.instanceId],
      nameOf: ({ id }) => id,
    },
    {
      of: ["ListEvaluationForms", instanceKey(instance)],
      token: input.NextToken,
      limit: input.MaxResults ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return {
    EvaluationFormSummaryList: page.items.map((form) => ({
      EvaluationFormId: form.id,
      EvaluationFormArn: resourceArn("evaluationForm", form, form.id),
      Title: form.latest.Title,
      CreatedTime: new Date(form.createdMs),
      CreatedBy: form.createdBy,
      LastModifiedTime: new Date(form.lastModifiedMs),
      LastModifiedBy: form.lastModifiedBy,
      LastActivatedTime: form.lastActivatedMs === undefined ? undefined : new Date(form.lastActivatedMs),
      LastActivatedBy: form.lastActivatedBy,
      LatestVersion: form.latestVersion,
      ActiveVersion: form.activeVersion,
    })),
    NextToken: page.nextToken,
  };
}

/** A form of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getEvaluationForm(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
): Promise<EvaluationForm> {
  const id = parseResourceId("evaluationForm", instance, idOrArn);
  const form = id === undefined ? undefined : await reader.get(evaluationForms, instanceKey(instance, id));
  if (!form) throw notFound(`Evaluation form ${idOrArn} does not exist in instance ${instance.instanceId}`);
  return form;
}

/** A version of a form, or `ResourceNotFoundException`. */
export async function getFormVersion(
  reader: Reader,
  form: EvaluationForm,
  number: number,
): Promise<EvaluationFormVersion> {
  const version = number > 0 ? await reader.get(evaluationFormVersions, instanceKey(form, form.id, number)) : undefined;
  if (!version) throw notFound(`Version ${number} of evaluation form ${form.id} does not exist`);
  return version;
}

/** Stores a form with a version of it that is new or changed, and makes it the active one where the request wants no draft. */
/** The version that contacts are evaluated by, or `ResourceConflictException`. */
export async function getActiveVersion(reader: Reader, form: EvaluationForm): Promise<EvaluationFormVersion> {
  if (form.activeVersion !== undefined) return getFormVersion(reader, form, form.activeVersion);
  throw new ModeledError("ResourceConflictException", `Evaluation form ${form.id} has no active version`);
}

export function putFormVersion(
  unit: Unit,
  form: EvaluationForm,
  version: EvaluationFormVersion,
  isDraft: boolean,
): void {
  const changed = {
    ...form,
    latestVersion: Math.max(form.latestVersion, version.number),
    latest: version.number >= form.latestVersion ? headOf(version.content) : form.latest,
    lastNumber: Math.max(form.lastNumber, version.number),
    lastModifiedMs: version.lastModifiedMs,
    lastModifiedBy: version.lastModifiedBy,
  };
  unit.put(evaluationFormVersions, versionKey(version), version);
  unit.put(evaluationForms, resourceKey(changed), changed);
  if (!isDraft) activateVersion(unit, changed, version, { atMs: version.lastModifiedMs, by: version.lastModifiedBy });
}

/** Makes a version the active one, which locks it. The one that was is a draft again, and stays locked. */
export function activateVersion(
  unit: Unit,
  form: EvaluationForm,
  version: EvaluationFormVersion,
  activation: { readonly atMs: number; readonly by: string },
): void {
  unit.put(evaluationFormVersions, versionKey(version), { ...version, isLocked: true });
  unit.put(evaluationForms, resourceKey(form), {
    ...form,
    activeVersion: version.number,
    lastActivatedMs: activation.atMs,
    lastActivatedBy: activation.by,
  });
}

export function headOf({ Items: _items, ...head }: FormContent): FormHead {
  return head;
}

export function versionKey(version: EvaluationFormVersion): string {
  return instanceKey(version, version.formId, version.number);
}

export function statusOf({ activeVersion }: EvaluationForm, number: number): EvaluationFormVersionStatus {
  return activeVersion === number ? "ACTIVE" : "DRAFT";
}

function describe(form: EvaluationForm, version: EvaluationFormVersion): EvaluationFormDescription {
  return {
    ...describedContent(version.content),
    EvaluationFormId: form.id,
    EvaluationFormArn: resourceArn("evaluationForm", form, form.id),
    EvaluationFormVersion: version.number,
    Locked: version.isLocked,
    Status: statusOf(form, version.number),
    CreatedTime: new Date(version.createdMs),
    CreatedBy: version.createdBy,
    LastModifiedTime: new Date(version.lastModifiedMs),
    LastModifiedBy: version.lastModifiedBy,
    Tags: { ...form.tags },
  };
}
