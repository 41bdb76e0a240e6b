import type {
  EvaluationFormItemEnablementCondition,
  EvaluationFormItemEnablementConfiguration,
  EvaluationFormItemEnablementExpression,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { type Answers, answerTo } from "./evaluation-answers.ts";
import { type FormContent, type Question, questionsOf } from "./evaluation-form-content.ts";

type Enablement = Validated<EvaluationFormItemEnablementConfiguration>;
export type EnablementCondition = Validated<EvaluationFormItemEnablementCondition>;
type Expression = Validated<EvaluationFormItemEnablementExpression>;

/**
 * Which questions of a form are not asked, given the answers to others: by their reference ids. What an answer to a disabled question
 * says counts as little as no answer. A form has no question that depends on itself (`evaluation-form-validation.ts`).
 */
export function disabledQuestions(content: FormContent, answers: Answers): ReadonlySet<string> {
  const questions = new Map(questionsOf(content.Items).map((question) => [question.RefId, question]));
  const decided = new Map<string, boolean>();
  return new Set([...questions.values()].filter(isDisabled).map(({ RefId }) => RefId));

  function isDisabled({ RefId, Enablement }: Question): boolean {
    if (!Enablement) return false;
    const before = decided.get(RefId);
    if (before !== undefined) return before;
    const disabled = actionOf(Enablement, chosenOptions) === "DISABLE";
    decided.set(RefId, disabled);
    return disabled;
  }

  /** What was chosen of a question: nothing where it is not answered, not applicable or not asked. */
  function chosenOptions(refId: string): readonly string[] {
    const question = questions.get(refId);
    const answer = answerTo(answers, refId);
    if (!question || !answer || isDisabled(question)) return [];
    return answer.StringValues ?? (answer.StringValue === undefined ? [] : [answer.StringValue]);
  }
}

type ChosenOptions = (refId: string) => readonly string[];

/** Without a `DefaultAction` it is the other one (our choice). */
function actionOf({ Condition, Action, DefaultAction }: Enablement, chosenOptions: ChosenOptions): string {
  if (isMet(Condition, chosenOptions)) return Action;
  return DefaultAction ?? (Action === "ENABLE" ? "DISABLE" : "ENABLE");
}

/** Without an `Operator` all operands must hold (our choice). */
function isMet({ Operands, Operator = "AND" }: EnablementCondition, chosenOptions: ChosenOptions): boolean {
  const holds = ({ Expression, Condition }: EnablementCondition["Operands"][number]): boolean =>
    Expression ? isTrue(Expression, chosenOptions) : Condition !== undefined && isMet(Condition, chosenOptions);
  return Operator === "AND" ? Operands.every(holds) : Operands.some(holds);
}

function isTrue({ Source, Values, Comparator }: Expression, chosenOptions: ChosenOptions): boolean {
  const chosen = new Set(chosenOptions(Source.RefId ?? ""));
  const wanted = new Set(Values.map(({ RefId = "" }) => RefId));
  switch (Comparator) {
    case "IN":
      return !chosen.isDisjointFrom(wanted);
    case "NOT_IN":
      return chosen.isDisjointFrom(wanted);
    case "ALL_IN":
      return wanted.isSubsetOf(chosen);
    case "EXACT":
      return wanted.isSubsetOf(chosen) && chosen.isSubsetOf(wanted);
  }
}

/** The expressions of a condition, however deep. */
export function expressionsOf({ Operands }: EnablementCondition): Expression[] {
  return Operands.flatMap(({ Expression, Condition }) =>
    Expression ? [Expression] : Condition ? expressionsOf(Condition) : [],
  );
}
