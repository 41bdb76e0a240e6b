import type {
  ContactEvaluationAttributeCondition,
  EvaluationSearchCriteria,
  EvaluationSearchSummary,
  SearchContactEvaluationsRequest,
  SearchContactEvaluationsResponse,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { instanceKey, resourceArn } from "./arns.ts";
import { type ContactEvaluation, contactEvaluations } from "./contact-evaluations.ts";
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

/** Searches evaluations. The documentation names no fields: these are the members of the summary and of its metadata (our choice). */
export async function searchContactEvaluations(
  input: Validated<SearchContactEvaluationsRequest>,
  context: Context,
): Promise<SearchContactEvaluationsResponse> {
  const nowMs = context.clock.now();
  const instance = await getInstance(context.store, context, input.InstanceId);
  const match = [
    (evaluation: ContactEvaluation) => evaluation.expiresMs > nowMs,
    criteriaMatch<ContactEvaluation, EvaluationSearchCriteria>(input.SearchCriteria, {
      StringCondition: stringLeaf({
        evaluationId: (evaluation) => evaluation.id,
        evaluationArn: (evaluation) => resourceArn("contactEvaluation", evaluation, evaluation.id),
        evaluationFormId: (evaluation) => evaluation.formId,
        evaluationFormTitle: (evaluation) => evaluation.formTitle,
        status: (evaluation) => evaluation.status,
        evaluationType: () => "STANDARD",
        contactId: (evaluation) => evaluation.contactId,
        contactAgentId: (evaluation) => evaluation.agentId,
        evaluatorArn: (evaluation) => evaluation.evaluatorArn,
        performanceCategory: (evaluation) => evaluation.scores?.total.PerformanceCategory,
      }),
      NumberCondition: numberLeaf({
        evaluationFormVersion: (evaluation) => evaluation.formVersion,
        earnedPoints: (evaluation) => evaluation.scores?.total.EarnedPoints,
        maxBasePoint: (evaluation) => evaluation.scores?.total.MaxBasePoint,
      }),
      DecimalCondition: numberLeaf({ scorePercentage: (evaluation) => evaluation.scores?.total.Percentage }),
      BooleanCondition: booleanLeaf({
        scoreAutomaticFail: (evaluation) => evaluation.scores && (evaluation.scores.total.AutomaticFail ?? false),
        scoreNotApplicable: (evaluation) => evaluation.scores && (evaluation.scores.total.NotApplicable ?? false),
        autoEvaluationEnabled: () => false,
      }),
      DateTimeCondition: timeLeaf({
        createdTime: (evaluation) => evaluation.createdMs,
        lastModifiedTime: (evaluation) => evaluation.lastModifiedMs,
      }),
    }),
    attributeMatch(input.SearchFilter?.AttributeFilter),
    attributeMatch(input.SearchFilter?.ContactEvaluationAttributeFilter, {
      ContactEvaluationAttributeCondition: isOfAgent,
      AttributeConditions: (conditions: readonly ContactEvaluationAttributeCondition[]) => {
        const all = conditions.map(isOfAgent);
        return (evaluation) => all.every((matches) => matches(evaluation));
      },
    }),
  ];
  const found = await findAll(context.store, contactEvaluations, instanceKey(instance, ""), match);
  const page = foundPage(found, ({ id }) => id, instance, { operation: "SearchContactEvaluations", input });
  return {
    EvaluationSearchSummaryList: page.items.map(summarize),
    NextToken: page.nextToken,
    ApproximateTotalCount: page.total,
  };
}

/** The one attribute that there is: the agent who had the contact. */
function isOfAgent({
  AttributeValue,
}: ContactEvaluationAttributeCondition): (evaluation: ContactEvaluation) => boolean {
  return ({ agentId }) => agentId !== undefined && agentId === AttributeValue?.StringValue;
}

function summarize(evaluation: ContactEvaluation): EvaluationSearchSummary {
  const score = evaluation.scores?.total;
  return {
    EvaluationId: evaluation.id,
    EvaluationArn: resourceArn("contactEvaluation", evaluation, evaluation.id),
    EvaluationFormId: evaluation.formId,
    EvaluationFormVersion: evaluation.formVersion,
    EvaluationFormTitle: evaluation.formTitle,
    Metadata: {
      ContactId: evaluation.contactId,
      EvaluatorArn: evaluation.evaluatorArn,
      ContactAgentId: evaluation.agentId,
      ScorePercentage: score?.Percentage,
      ScoreAutomaticFail: score && (score.AutomaticFail ?? false),
      ScoreNotApplicable: score && (score.NotApplicable ?? false),
      AutoEvaluationEnabled: false,
      EarnedPoints: score?.EarnedPoints,
      MaxBasePoint: score?.MaxBasePoint,
      PerformanceCategory: score?.PerformanceCategory,
    },
    Status: evaluation.status,
    EvaluationType: "STANDARD",
    CreatedTime: new Date(evaluation.createdMs),
    LastModifiedTime: new Date(evaluation.lastModifiedMs),
    Tags: { ...evaluation.tags },
  };
}
