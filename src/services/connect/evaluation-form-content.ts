import type {
  CreateEvaluationFormRequest,
  EvaluationFormContent,
  EvaluationFormItem,
  EvaluationFormQuestion,
  EvaluationFormSection,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";

/** What one version of an evaluation form asks and how it is scored, in the API's own spelling. */
export type FormContent = Validated<
  Pick<
    CreateEvaluationFormRequest,
    | "Title"
    | "Description"
    | "Items"
    | "ScoringStrategy"
    | "AutoEvaluationConfiguration"
    | "ReviewConfiguration"
    | "TargetConfiguration"
    | "LanguageConfiguration"
    | "AIVersion"
  >
>;

export type Item = Validated<EvaluationFormItem>;
export type Section = Validated<EvaluationFormSection>;
export type Question = Validated<EvaluationFormQuestion>;

/** What may be answered: the options of a question of any type that has options. */
export interface QuestionOption {
  /** Of select questions. */
  readonly RefId?: string;
  /** The range of a numeric question's option. */
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly Score?: number | undefined;
  readonly AutomaticFail?: boolean | undefined;
  readonly AutomaticFailConfiguration?: { readonly TargetSection?: string | undefined } | undefined;
  readonly PointsConfiguration?: { readonly PointValue: number; readonly IsBonus?: boolean | undefined } | undefined;
}

/** The content that a request to create or to update a form has. */
export function contentOf(input: FormContent): FormContent {
  return {
    Title: input.Title,
    Description: input.Description,
    Items: input.Items,
    ScoringStrategy: input.ScoringStrategy,
    AutoEvaluationConfiguration: input.AutoEvaluationConfiguration,
    ReviewConfiguration: input.ReviewConfiguration,
    TargetConfiguration: input.TargetConfiguration,
    LanguageConfiguration: input.LanguageConfiguration,
    AIVersion: input.AIVersion,
  };
}

/** The content in the SDK's types, which differ from validated ones in unions' unknown members only. */
export function describedContent(content: FormContent): Omit<EvaluationFormContent, `EvaluationForm${string}`> {
  return content as Omit<EvaluationFormContent, `EvaluationForm${string}`>;
}

/** All sections among items and below, in the order in which a reader meets them. */
export function sectionsOf(items: readonly Item[]): Section[] {
  return items.flatMap(({ Section }) => (Section ? [Section, ...sectionsOf(Section.Items)] : []));
}

/** All questions, likewise. */
export function questionsOf(items: readonly Item[]): Question[] {
  return items.flatMap(({ Section, Question }) => (Question ? [Question] : Section ? questionsOf(Section.Items) : []));
}

/** Of text and date questions there are none. */
export function optionsOf({ QuestionTypeProperties: properties }: Question): readonly QuestionOption[] {
  return (properties?.SingleSelect ?? properties?.MultiSelect ?? properties?.Numeric)?.Options ?? [];
}
