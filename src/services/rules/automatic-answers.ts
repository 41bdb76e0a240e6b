/** How an evaluation answers itself: from the categories of a contact, and from what is measured of it. Pure. */
import type { Answers, FormContent, Question } from "../connect/index.ts";
import { questionsOf } from "../connect/index.ts";

/** What is known of a contact. */
export interface KnownOfContact {
  readonly categories: ReadonlySet<string>;
  /** By the labels of the form's language: `NON_TALK_TIME`. */
  readonly measures: Readonly<Record<string, number | undefined>>;
}

/** The SDK's types lag behind the model: single-select and multi-select questions in one. */
interface Automation {
  readonly Options?: readonly { readonly RuleCategory?: CategoryOption }[];
  readonly DefaultOptionRefId?: string;
  readonly DefaultOptionRefIds?: readonly string[];
  readonly PropertyValue?: { readonly Label: string };
}

interface CategoryOption {
  readonly Category: string;
  readonly Condition: "PRESENT" | "NOT_PRESENT";
  readonly OptionRefId?: string;
  readonly OptionRefIds?: readonly string[];
}

/**
 * The answers that a form's automation gives: of a single-select question the first option whose category is there, or is not, as it asks; of a
 * multi-select one all of them; else the default. What would need a generative model has none.
 */
export function automaticAnswers(content: FormContent, known: KnownOfContact): Answers {
  return Object.fromEntries(
    questionsOf(content.Items).flatMap((question) => {
      const answer = answerOf(question, known);
      return answer ? [[question.RefId, answer]] : [];
    }),
  );
}

function answerOf(question: Question, { categories, measures }: KnownOfContact): Answers[string] | undefined {
  const { SingleSelect, MultiSelect, Numeric } = question.QuestionTypeProperties ?? {};
  const automation = (SingleSelect ?? MultiSelect ?? Numeric)?.Automation as Automation | undefined;
  if (!automation) return undefined;
  const met = (automation.Options ?? []).flatMap(({ RuleCategory: option }) =>
    option && categories.has(option.Category) === (option.Condition === "PRESENT") ? [option] : [],
  );
  if (SingleSelect) {
    const chosen = met[0]?.OptionRefId ?? automation.DefaultOptionRefId;
    return chosen === undefined ? undefined : { StringValue: chosen };
  }
  if (MultiSelect) {
    const found = [...new Set(met.flatMap(({ OptionRefIds = [] }) => OptionRefIds))];
    const chosen = found.length > 0 ? found : (automation.DefaultOptionRefIds ?? []);
    return chosen.length > 0 ? { StringValues: chosen } : undefined;
  }
  const { Label = "" } = automation.PropertyValue ?? {};
  const value = Object.hasOwn(measures, Label) ? measures[Label] : undefined;
  return value === undefined ? undefined : { NumericValue: value };
}
