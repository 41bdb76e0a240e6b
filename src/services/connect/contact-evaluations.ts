import type {
  DescribeContactEvaluationRequest,
  DescribeContactEvaluationResponse,
  Evaluation,
  EvaluationSummary,
  ListContactEvaluationsRequest,
  ListContactEvaluationsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { type Collection, collection, type Reader, type Unit } from "../../store/store.ts";
import { listBehind } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceArn, instanceKey, parseResourceId, resourceArn } from "./arns.ts";
import { getContact } from "./contacts.ts";
import { invalidNextToken, notFound } from "./errors.ts";
import type { Answers, Notes } from "./evaluation-answers.ts";
import { disabledQuestions } from "./evaluation-enablement.ts";
import { describedContent, type FormContent, questionsOf } from "./evaluation-form-content.ts";
import type { EvaluationScores } from "./evaluation-scores.ts";
import { resourceKey } from "./instance-resources.ts";
import { getInstance } from "./instances.ts";

/** What an evaluator says of a contact, by a form: a DRAFT, which may be changed, until it is SUBMITTED. Kept as long as the contact. */
export interface ContactEvaluation extends InstanceRef {
  readonly id: string;
  readonly contactId: string;
  /** The agent who had the contact when the evaluation was started. */
  readonly agentId?: string | undefined;
  readonly formId: string;
  readonly formVersion: number;
  readonly formTitle: string;
  readonly status: "DRAFT" | "SUBMITTED";
  /** Who started it: the caller. */
  readonly creatorArn: string;
  /** Who changed it last. */
  readonly evaluatorArn: string;
  readonly answers: Answers;
  readonly notes: Notes;
  /** Once it is submitted, where the form is scored. */
  readonly scores?: EvaluationScores | undefined;
  /** How often it was submitted. */
  readonly submissions?: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** A rule has started, answered and submitted it. */
  readonly isAutomated?: true | undefined;
  readonly createdMs: number;
  readonly lastModifiedMs: number;
  readonly expiresMs: number;
}

export const contactEvaluations: Collection<ContactEvaluation> = collection("connect_contact_evaluations", {
  contact: {
    type: "text",
    value: (evaluation) => instanceKey(evaluation, evaluation.contactId, evaluation.createdMs, evaluation.id),
  },
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** The form of an evaluation as it was when that began: the form may change and go. */
export interface EvaluatedForm {
  /** The evaluation's. */
  readonly key: string;
  readonly content: FormContent;
  readonly expiresMs: number;
}

export const evaluatedForms: Collection<EvaluatedForm> = collection("connect_evaluated_forms", {
  expires: { type: "integer", value: ({ expiresMs }) => expiresMs },
});

/** Evaluations of one contact at once. */
export const EVALUATIONS_PER_CONTACT = 10;

export async function describeContactEvaluation(
  input: Validated<DescribeContactEvaluationRequest>,
  context: Context,
): Promise<DescribeContactEvaluationResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const evaluation = await getContactEvaluation(context.store, instance, input.EvaluationId, context.clock.now());
  const content = await getEvaluatedForm(context.store, evaluation);
  return {
    Evaluation: describe(evaluation, content),
    EvaluationForm: {
      ...describedContent(content),
      EvaluationFormId: evaluation.formId,
      EvaluationFormArn: resourceArn("evaluationForm", evaluation, evaluation.formId),
      EvaluationFormVersion: evaluation.formVersion,
    },
  };
}

/** A contact's evaluations, the oldest first. There are so few that all are on one page ("NextToken is always returned as null"). */
export async function listContactEvaluations(
  input: Validated<ListContactEvaluationsRequest>,
  context: Context,
): Promise<ListContactEvaluationsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const contact = await getContact(context.store, instance, input.ContactId, context.clock.now());
  if (input.NextToken !== undefined) throw invalidNextToken();
  const evaluations = await evaluationsOf(context.store, contact);
  return { EvaluationSummaryList: evaluations.map(summarize) };
}

/** Of a contact, in the order in which they were started. */
export async function evaluationsOf(
  reader: Reader,
  contact: InstanceRef & { readonly id: string },
): Promise<readonly ContactEvaluation[]> {
  return listBehind(
    reader,
    {
      collection: contactEvaluations,
      index: "contact",
      under: [contact.account, contact.region, contact.instanceId, contact.id],
      nameOf: ({ id }) => id,
    },
    undefined,
    EVALUATIONS_PER_CONTACT,
  );
}

/** An evaluation of the instance, by id or ARN, or `ResourceNotFoundException`. */
export async function getContactEvaluation(
  reader: Reader,
  instance: InstanceRef,
  idOrArn: string,
  nowMs: number,
): Promise<ContactEvaluation> {
  const id = parseResourceId("contactEvaluation", instance, idOrArn);
  const found = id === undefined ? undefined : await reader.get(contactEvaluations, instanceKey(instance, id));
  if (!found || found.expiresMs <= nowMs) {
    throw notFound(`Contact evaluation ${idOrArn} does not exist in instance ${instance.instanceId}`);
  }
  return found;
}

export async function getEvaluatedForm(reader: Reader, evaluation: ContactEvaluation): Promise<FormContent> {
  const form = await reader.get(evaluatedForms, resourceKey(evaluation));
  if (!form) throw new Error(`Evaluation ${evaluation.id} has no form`);
  return form.content;
}

export function deleteEvaluationDocuments(unit: Unit, evaluation: ContactEvaluation): void {
  unit.delete(contactEvaluations, resourceKey(evaluation));
  unit.delete(evaluatedForms, resourceKey(evaluation));
}

/** The ARN of who evaluates: the user that they name, or else one that the real service makes up of the caller's own. */
export function evaluatorArn(instance: InstanceRef, context: Context, userId: string | undefined): string {
  return userId === undefined
    ? `${instanceArn(instance)}/agent/${context.principalArn}`
    : resourceArn("user", instance, userId);
}

/** The SDK's types lag behind the model by this. */
type Enablement = { readonly ItemEnablementStatus?: Record<string, "ENABLED" | "DISABLED"> };

function describe(evaluation: ContactEvaluation, content: FormContent): Evaluation & Enablement {
  return {
    EvaluationId: evaluation.id,
    EvaluationArn: resourceArn("contactEvaluation", evaluation, evaluation.id),
    Metadata: {
      ContactId: evaluation.contactId,
      EvaluatorArn: evaluation.evaluatorArn,
      ContactAgentId: evaluation.agentId,
      Score: evaluation.scores?.total,
      ...(evaluation.isAutomated && {
        AutoEvaluation: { AutoEvaluationEnabled: true, AutoEvaluationStatus: "SUCCEEDED" },
      }),
    },
    Answers: Object.fromEntries(
      Object.entries(evaluation.answers).map(([refId, answer]) => [refId, { Value: answer }]),
    ) as NonNullable<Evaluation["Answers"]>,
    Notes: Object.fromEntries(Object.entries(evaluation.notes).map(([refId, note]) => [refId, { Value: note }])),
    Status: evaluation.status,
    Scores: evaluation.scores && { ...evaluation.scores.items },
    CreatedTime: new Date(evaluation.createdMs),
    LastModifiedTime: new Date(evaluation.lastModifiedMs),
    EvaluationType: "STANDARD",
    Tags: { ...evaluation.tags },
    ...enablementOf(evaluation, content),
  };
}

/** Which of the questions with a condition are asked. */
function enablementOf({ answers }: ContactEvaluation, content: FormContent): Enablement {
  const conditional = questionsOf(content.Items).filter((question) => question.Enablement);
  if (conditional.length === 0) return {};
  const disabled = disabledQuestions(content, answers);
  return {
    ItemEnablementStatus: Object.fromEntries(
      conditional.map(({ RefId }) => [RefId, disabled.has(RefId) ? "DISABLED" : "ENABLED"]),
    ),
  };
}

function summarize(evaluation: ContactEvaluation): EvaluationSummary {
  return {
    EvaluationId: evaluation.id,
    EvaluationArn: resourceArn("contactEvaluation", evaluation, evaluation.id),
    EvaluationFormTitle: evaluation.formTitle,
    EvaluationFormId: evaluation.formId,
    Status: evaluation.status,
    EvaluatorArn: evaluation.evaluatorArn,
    Score: evaluation.scores?.total,
    EvaluationType: "STANDARD",
    CreatedTime: new Date(evaluation.createdMs),
    LastModifiedTime: new Date(evaluation.lastModifiedMs),
  };
}
