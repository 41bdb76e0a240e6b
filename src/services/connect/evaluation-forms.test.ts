/** What makes a form, and what an evaluation by one is worth. The scores are compared with a slow definition, mode by mode. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { EvaluationScore } from "@aws-sdk/client-connect";
import fc from "fast-check";
import type { Answer, Answers } from "./evaluation-answers.ts";
import { disabledQuestions } from "./evaluation-enablement.ts";
import {
  type FormContent,
  type Item,
  optionsOf,
  type Question,
  questionsOf,
  type Section,
  sectionsOf,
} from "./evaluation-form-content.ts";
import { checkFormContent } from "./evaluation-form-validation.ts";
import { scoresOf } from "./evaluation-scores.ts";

type Mode = "QUESTION_ONLY" | "SECTION_ONLY" | "POINTS_BASED";

const yesNo = (RefId: string, changes: Partial<Question> = {}): Question => ({
  Title: RefId,
  RefId,
  QuestionType: "SINGLESELECT",
  NotApplicableEnabled: true,
  QuestionTypeProperties: {
    SingleSelect: {
      Options: [
        { RefId: "yes", Text: "Yes", Score: 10, PointsConfiguration: { PointValue: 4 } },
        { RefId: "half", Text: "Half", Score: 5, PointsConfiguration: { PointValue: 2 } },
        { RefId: "no", Text: "No", Score: 0, PointsConfiguration: { PointValue: 0 } },
        { RefId: "extra", Text: "More", Score: 10, PointsConfiguration: { PointValue: 3, IsBonus: true } },
        { RefId: "never", Text: "Never", AutomaticFail: true },
      ],
    },
  },
  ...changes,
});

const section = (RefId: string, items: readonly (Question | Section)[], changes: Partial<Section> = {}): Section => ({
  Title: RefId,
  RefId,
  Items: items.map((item) => ("Items" in item ? { Section: item } : { Question: item }) as Item),
  ...changes,
});

const form = (Mode: Mode, sections: readonly Section[], changes: Partial<FormContent> = {}): FormContent => ({
  Title: "Form",
  Items: sections.map((Section) => ({ Section })) as Item[],
  ScoringStrategy: { Mode, Status: "ENABLED" },
  ...changes,
});

const answer = (values: Readonly<Record<string, string | number | readonly string[] | null>>): Answers =>
  Object.fromEntries(
    Object.entries(values).map(([refId, value]): [string, Answer] => {
      if (value === null) return [refId, { NotApplicable: true }];
      if (typeof value === "number") return [refId, { NumericValue: value }];
      return [refId, typeof value === "string" ? { StringValue: value } : { StringValues: value }];
    }),
  );

const percentages = (content: FormContent, answers: Answers): Record<string, number | undefined> => {
  const scores = scoresOf(content, answers);
  assert.ok(scores);
  const items = Object.entries(scores.items).map(([refId, { Percentage }]) => [refId, Percentage]);
  return { ...Object.fromEntries(items), total: scores.total.Percentage };
};

suite("scores", () => {
  const questions = form("QUESTION_ONLY", [
    section("a", [yesNo("q1", { Weight: 60 }), yesNo("q2", { Weight: 20 })]),
    section("b", [yesNo("q3", { Weight: 20 })]),
  ]);

  test("QUESTION_ONLY weighs questions", () => {
    const answers = answer({ q1: "yes", q2: "no", q3: "half" });
    assert.deepEqual(percentages(questions, answers), { q1: 100, q2: 0, a: 75, q3: 50, b: 50, total: 70 });
  });

  test("what is not applicable or not answered leaves its weight to the others", () => {
    const scores = scoresOf(questions, answer({ q1: null, q2: "no", q3: "yes" }));
    assert.deepEqual(scores?.items.q1, { NotApplicable: true });
    assert.deepEqual(scores?.total.Percentage, 50);
    assert.equal(scores?.items.q3?.AppliedWeight, 50);
    assert.deepEqual(scoresOf(questions, {})?.total, { NotApplicable: true });
    assert.deepEqual(scoresOf(questions, answer({ q3: "yes" }))?.items.a, { NotApplicable: true });
  });

  test("SECTION_ONLY weighs sections, which are the means of their questions", () => {
    const content = form("SECTION_ONLY", [
      section("a", [yesNo("q1"), section("sub", [yesNo("q2"), yesNo("q3")])], { Weight: 60 }),
      section("b", [yesNo("q4")], { Weight: 40 }),
    ]);
    const answers = answer({ q1: "yes", q2: "no", q3: "half", q4: "yes" });
    const expected = { q1: 100, q2: 0, q3: 50, sub: 25, a: 50, q4: 100, b: 100, total: 70 };
    assert.deepEqual(percentages(content, answers), expected);
  });

  test("POINTS_BASED counts points, and bonus points on top of them up to 100 percent", () => {
    const content = form("POINTS_BASED", [section("a", [yesNo("q1"), yesNo("q2")])]);
    const scores = scoresOf(content, answer({ q1: "extra", q2: "half" }));
    assert.deepEqual(scores?.total, {
      Percentage: 62.5,
      EarnedPoints: 5,
      MaxBasePoint: 8,
      PerformanceCategory: undefined,
    });
    const bonus = yesNo("q3", { ScoringConfiguration: { PointsConfiguration: { IsBonus: true } } });
    const withBonus = form("POINTS_BASED", [section("a", [yesNo("q1"), bonus])]);
    const best = scoresOf(withBonus, answer({ q1: "yes", q3: "yes" }));
    assert.equal(best?.total.Percentage, 100);
    assert.deepEqual(best?.items.q3, { EarnedPoints: 4, MaxBasePoint: 0 });
    const bounded = yesNo("q4", {
      ScoringConfiguration: { PointsConfiguration: { MinPointValue: 1, MaxPointValue: 2 } },
    });
    const within = form("POINTS_BASED", [section("a", [bounded])]);
    assert.deepEqual(percentages(within, answer({ q4: "no" })), { q4: 50, a: 50, total: 50 });
    assert.deepEqual(percentages(within, answer({ q4: "yes" })), { q4: 100, a: 100, total: 100 });
  });

  test("an automatic fail makes the form 0, or the section that it names", () => {
    const failing = yesNo("q2", {
      QuestionTypeProperties: {
        SingleSelect: {
          Options: [
            { RefId: "yes", Text: "Yes", Score: 10 },
            { RefId: "no", Text: "No", AutomaticFail: true, AutomaticFailConfiguration: { TargetSection: "sub" } },
          ],
        },
      },
    });
    const content = form("SECTION_ONLY", [
      section("a", [yesNo("q1"), section("sub", [failing, yesNo("q3")])]),
      section("b", [yesNo("q4")]),
    ]);
    const inSection = scoresOf(content, answer({ q1: "yes", q2: "no", q3: "yes", q4: "yes" }));
    assert.deepEqual(inSection?.items.sub, { Percentage: 0, AutomaticFail: true, PerformanceCategory: undefined });
    assert.equal(inSection?.items.a?.Percentage, 33.33);
    assert.equal(inSection?.items.a?.AutomaticFail, undefined);
    assert.equal(inSection?.items.q2?.AutomaticFail, true);
    assert.equal(inSection?.total.AutomaticFail, undefined);
    assert.equal(inSection?.total.Percentage, 66.67);

    const whole = scoresOf(content, answer({ q1: "yes", q2: "yes", q3: "never", q4: "yes" }));
    assert.equal(whole?.total.Percentage, 0);
    assert.deepEqual(
      ["total", "a", "sub", "q3", "b", "q1"].map((refId) =>
        Boolean(refId === "total" ? whole?.total.AutomaticFail : whole?.items[refId]?.AutomaticFail),
      ),
      [true, true, true, true, false, false],
    );
  });

  test("an automatic fail counts where nothing else is scored", () => {
    const Options = [
      { RefId: "yes", Text: "Yes" },
      { RefId: "no", Text: "No", AutomaticFail: true },
    ];
    const question = yesNo("q", { QuestionTypeProperties: { SingleSelect: { Options } } });
    const content = form("QUESTION_ONLY", [section("a", [question])]);
    assert.deepEqual(scoresOf(content, answer({ q: "yes" }))?.total, { NotApplicable: true });
    assert.equal(scoresOf(content, answer({ q: "no" }))?.total.Percentage, 0);
  });

  test("numbers score by their range, and chosen options add up", () => {
    const numeric = yesNo("n", {
      QuestionType: "NUMERIC",
      QuestionTypeProperties: {
        Numeric: {
          MinValue: 0,
          MaxValue: 900,
          Options: [
            { MinValue: 0, MaxValue: 60, Score: 10 },
            { MinValue: 61, MaxValue: 300, Score: 2 },
          ],
        },
      },
    });
    const many = yesNo("m", {
      QuestionType: "MULTISELECT",
      QuestionTypeProperties: {
        MultiSelect: {
          Options: [
            { RefId: "x", Text: "X", Score: 3 },
            { RefId: "y", Text: "Y", Score: 5 },
          ],
        },
      },
    });
    const content = form("QUESTION_ONLY", [section("a", [numeric, many])]);
    const of = (n: number, m: string[]) => percentages(content, answer({ n, m }));
    assert.deepEqual(of(60, ["y"]), { n: 100, m: 62.5, a: 81.25, total: 81.25 });
    assert.deepEqual(of(61, ["x", "y"]), { n: 20, m: 100, a: 60, total: 60 });
    assert.deepEqual(of(900, ["x"]).n, 0);
  });

  test("what is excluded from scoring, or disabled by another answer, does not count", () => {
    const asked = yesNo("q2", {
      Enablement: {
        Condition: {
          Operands: [
            {
              Expression: {
                Source: { Type: "QUESTION_REF_ID", RefId: "q1" },
                Values: [{ Type: "OPTION_REF_ID", RefId: "yes" }],
                Comparator: "IN",
              },
            },
          ],
        },
        Action: "ENABLE",
      },
    });
    const content = form("QUESTION_ONLY", [
      section("a", [yesNo("q1"), asked]),
      section("out", [yesNo("q3")], { IsExcludedFromScoring: true }),
      section("b", [yesNo("q4", { ScoringConfiguration: { IsExcludedFromScoring: true } })]),
    ]);
    const scores = scoresOf(content, answer({ q1: "no", q2: "never", q3: "never", q4: "yes" }));
    assert.equal(scores?.total.Percentage, 0);
    assert.equal(scores?.total.AutomaticFail, undefined);
    for (const refId of ["q2", "q3", "out", "q4", "b"]) assert.deepEqual(scores?.items[refId], { NotApplicable: true });
    assert.equal(scoresOf(content, answer({ q1: "yes", q2: "never" }))?.total.AutomaticFail, true);
  });

  test("a category tells of the score, by the thresholds of the form, the section or the question", () => {
    const ScoreThresholds = [
      { PerformanceCategory: "NEEDS_IMPROVEMENT", MaxScorePercentage: 49.99 },
      { PerformanceCategory: "EXCEEDS_EXPECTATIONS", MinScorePercentage: 90 },
    ] as NonNullable<Section["ScoreThresholds"]>;
    const content = form("QUESTION_ONLY", [section("a", [yesNo("q1")], { ScoreThresholds })], {
      ScoringStrategy: { Mode: "QUESTION_ONLY", Status: "ENABLED", ScoreThresholds },
    });
    const of = (value: string) => scoresOf(content, answer({ q1: value }));
    assert.equal(of("no")?.total.PerformanceCategory, "NEEDS_IMPROVEMENT");
    assert.equal(of("half")?.total.PerformanceCategory, undefined);
    assert.equal(of("yes")?.items.a?.PerformanceCategory, "EXCEEDS_EXPECTATIONS");
    assert.equal(of("yes")?.items.q1?.PerformanceCategory, undefined);
  });

  test("a form that is not scored has no scores", () => {
    const { ScoringStrategy: _none, ...unscored } = questions;
    assert.equal(scoresOf(unscored, answer({ q1: "yes" })), undefined);
    const disabled = form("QUESTION_ONLY", [section("a", [yesNo("q1")])], {
      ScoringStrategy: { Mode: "QUESTION_ONLY", Status: "DISABLED" },
    });
    assert.equal(scoresOf(disabled, answer({ q1: "yes" })), undefined);
  });

  test("a question may be called like what every object has", () => {
    const content = form("QUESTION_ONLY", [section("constructor", [yesNo("__proto__"), yesNo("toString")])]);
    checkFormContent(content);
    const scores = scoresOf(content, {});
    assert.deepEqual(Object.keys(scores?.items ?? {}).sort(), ["__proto__", "constructor", "toString"]);
    assert.deepEqual(scores?.total, { NotApplicable: true });
  });
});

/** Forms of up to two levels, with questions of all scored types, and answers to them. Conditions look back only, so there are no circles. */
const anyForm: fc.Arbitrary<FormContent> = fc.gen().map((gen) => {
  const [below, maybe] = [(n: number) => gen(fc.nat, { max: n - 1 }), () => gen(fc.boolean)];
  const mode = (["QUESTION_ONLY", "SECTION_ONLY", "POINTS_BASED"] as const)[below(3)] as Mode;
  let number = 0;
  const asked: Question[] = [];

  const anyOptions = (above: readonly string[]) =>
    Array.from({ length: 1 + below(4) }, (_, index) => ({
      RefId: `o${index}`,
      Text: `Option ${index}`,
      ...(maybe() && { Score: below(11) }),
      ...(maybe() && { PointsConfiguration: { PointValue: below(20), ...(below(4) === 0 && { IsBonus: true }) } }),
      ...(below(8) === 0 && {
        AutomaticFail: true,
        ...(maybe() && { AutomaticFailConfiguration: { TargetSection: above[below(above.length)] as string } }),
      }),
    }));
  const anyQuestion = (above: readonly string[]): Question => {
    const RefId = `q${++number}`;
    const type = (["SINGLESELECT", "MULTISELECT", "NUMERIC", "TEXT"] as const)[below(4)];
    const selects = asked.filter(({ QuestionType }) => QuestionType !== "NUMERIC" && QuestionType !== "TEXT");
    const source = below(3) === 0 ? selects[below(Math.max(1, selects.length))] : undefined;
    const Comparator = (["IN", "NOT_IN", "ALL_IN", "EXACT"] as const)[below(4)] as "IN";
    const question: Question = {
      Title: RefId,
      RefId,
      QuestionType: type as "TEXT",
      NotApplicableEnabled: true,
      ...(below(8) === 0 && { ScoringConfiguration: { IsExcludedFromScoring: true } }),
      ...(source && {
        Enablement: {
          Action: maybe() ? "ENABLE" : "DISABLE",
          Condition: {
            Operands: [
              {
                Expression: {
                  Source: { Type: "QUESTION_REF_ID", RefId: source.RefId },
                  Values: [{ Type: "OPTION_REF_ID", RefId: "o0" }],
                  Comparator,
                },
              },
            ],
          },
        },
      }),
      ...(type === "SINGLESELECT" && { QuestionTypeProperties: { SingleSelect: { Options: anyOptions(above) } } }),
      ...(type === "MULTISELECT" && { QuestionTypeProperties: { MultiSelect: { Options: anyOptions(above) } } }),
      ...(type === "NUMERIC" && {
        QuestionTypeProperties: {
          Numeric: {
            MinValue: 0,
            MaxValue: 100,
            Options: anyOptions(above).map(({ RefId: _ref, Text: _text, ...option }, index) => ({
              ...option,
              MinValue: index * 20,
              MaxValue: index * 20 + 19,
            })),
          },
        },
      }),
    };
    asked.push(question);
    return question;
  };
  const anySection = (above: readonly string[]): Section => {
    const RefId = `s${++number}`;
    const path = [...above, RefId];
    const items = Array.from({ length: 1 + below(3) }, () =>
      path.length < 2 && below(3) === 0 ? anySection(path) : anyQuestion(path),
    );
    return section(RefId, items, below(8) === 0 ? { IsExcludedFromScoring: true } : {});
  };
  return form(
    mode,
    Array.from({ length: 1 + below(3) }, () => anySection([])),
  );
});

const anyAnswers = (content: FormContent): fc.Arbitrary<Answers> =>
  fc.gen().map((gen) => {
    const answers = questionsOf(content.Items).flatMap((question): [string, Answer][] => {
      const what = gen(fc.nat, { max: 5 });
      if (what === 0) return [];
      if (what === 1) return [[question.RefId, { NotApplicable: true }]];
      if (question.QuestionType === "TEXT") return [[question.RefId, { StringValue: "said" }]];
      if (question.QuestionType === "NUMERIC") return [[question.RefId, { NumericValue: gen(fc.nat, { max: 100 }) }]];
      const refIds = optionsOf(question).map(({ RefId = "" }) => RefId);
      const [first = ""] = gen(fc.shuffledSubarray, refIds, { minLength: 1 });
      const single = question.QuestionType === "SINGLESELECT";
      const StringValues = gen(fc.subarray, refIds, { minLength: 1 });
      return [[question.RefId, single ? { StringValue: first } : { StringValues }]];
    });
    return Object.fromEntries(answers);
  });

const anyEvaluation = anyForm.chain((content) => anyAnswers(content).map((answers) => ({ content, answers })));

/** The definition: one mode after the other, question by question. All weights are equal. */
function totalByDefinition(content: FormContent, answers: Answers): number | undefined {
  const mode = content.ScoringStrategy?.Mode;
  const disabled = disabledQuestions(content, answers);
  const placed = content.Items.flatMap(({ Section }) => (Section ? placedIn(Section, []) : []));
  const counted = placed.filter(({ question, isExcluded }) => !isExcluded && !disabled.has(question.RefId));
  const failures = counted.flatMap(({ question, path }) =>
    chosen(question, answers)
      .filter(({ AutomaticFail }) => AutomaticFail)
      .map((option) => ({ path, target: option.AutomaticFailConfiguration?.TargetSection })),
  );
  const failed = new Set(failures.map(({ target }) => target));

  const worths = counted.flatMap(({ question, path }) => {
    if (!answers[question.RefId] || answers[question.RefId]?.NotApplicable) return [];
    const worth = mode === "POINTS_BASED" ? points(question, answers) : fraction(question, answers);
    const isLost = path.some((refId) => failed.has(refId));
    return worth ? [{ top: path[0], earned: isLost ? 0 : worth.earned, base: worth.base }] : [];
  });
  const ratio = (of: typeof worths): number =>
    addUp(of.map(({ earned }) => earned)) / addUp(of.map(({ base }) => base));
  const tops = [...new Set(worths.map(({ top }) => top))];
  const total =
    mode === "SECTION_ONLY"
      ? addUp(tops.map((top) => ratio(worths.filter((worth) => worth.top === top)))) / tops.length
      : ratio(worths);
  if (failed.has(undefined)) return 0;
  return Number.isFinite(total) ? Math.min(100, total * 100) : undefined;
}

const addUp = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function placedIn(
  { RefId, Items, IsExcludedFromScoring: leavesOut = false }: Section,
  above: readonly string[],
): { question: Question; path: readonly string[]; isExcluded: boolean }[] {
  const path = [...above, RefId];
  return Items.flatMap(({ Section, Question }) => {
    if (Section) {
      return placedIn(Section, path).map((placed) => ({ ...placed, isExcluded: placed.isExcluded || leavesOut }));
    }
    const isExcluded = leavesOut || Boolean(Question?.ScoringConfiguration?.IsExcludedFromScoring);
    return Question ? [{ question: Question, path, isExcluded }] : [];
  });
}

function chosen(question: Question, answers: Answers) {
  const { StringValue, StringValues = [], NumericValue = -1 } = answers[question.RefId] ?? {};
  return optionsOf(question).filter(
    ({ RefId, MinValue = 0, MaxValue = 0 }) =>
      (RefId !== undefined && (RefId === StringValue || StringValues.includes(RefId))) ||
      (RefId === undefined && NumericValue >= MinValue && NumericValue <= MaxValue),
  );
}

function fraction(question: Question, answers: Answers): { earned: number; base: number } | undefined {
  const scores = optionsOf(question).map(({ Score = 0 }) => Score);
  const best = question.QuestionType === "MULTISELECT" ? addUp(scores) : Math.max(0, ...scores);
  const reached = addUp(chosen(question, answers).map(({ Score = 0 }) => Score));
  return best > 0 ? { earned: reached / best, base: 1 } : undefined;
}

function points(question: Question, answers: Answers): { earned: number; base: number } | undefined {
  const all = optionsOf(question).flatMap(({ PointsConfiguration }) => PointsConfiguration ?? []);
  const regular = all.filter(({ IsBonus }) => !IsBonus).map(({ PointValue }) => PointValue);
  const base = question.QuestionType === "MULTISELECT" ? addUp(regular) : Math.max(0, ...regular);
  const earned = addUp(chosen(question, answers).map(({ PointsConfiguration: of }) => of?.PointValue ?? 0));
  return all.length > 0 ? { earned, base } : undefined;
}

test("any evaluation is worth what the definition says, in every mode", () => {
  const modes = new Set<string>();
  fc.assert(
    fc.property(anyEvaluation, ({ content, answers }) => {
      const total = scoresOf(content, answers)?.total;
      const expected = totalByDefinition(content, answers);
      modes.add(
        `${content.ScoringStrategy?.Mode} ${expected === undefined ? "nothing" : expected === 0 ? "0" : "some"}`,
      );
      if (expected === undefined) assert.equal(total?.Percentage, undefined);
      else assert.ok(Math.abs((total?.Percentage ?? -1) - expected) <= 0.005001, `${total?.Percentage} ${expected}`);
    }),
    { numRuns: 500 },
  );
  assert.equal(modes.size, 9);
});

test("every section and question has a score between 0 and 100, or is not applicable, and fails only where it says so", () => {
  fc.assert(
    fc.property(anyEvaluation, ({ content, answers }) => {
      const scores = scoresOf(content, answers);
      const refIds = [...sectionsOf(content.Items), ...questionsOf(content.Items)].map(({ RefId }) => RefId);
      assert.deepEqual(Object.keys(scores?.items ?? {}).sort(), refIds.sort());
      for (const score of [scores?.total, ...Object.values(scores?.items ?? {})] as EvaluationScore[]) {
        const { Percentage = 0, NotApplicable, EarnedPoints } = score;
        assert.ok(Percentage >= 0 && Percentage <= 100);
        assert.equal(NotApplicable === true, score.Percentage === undefined && EarnedPoints === undefined);
      }
      const applied = Object.values(scores?.items ?? {}).flatMap(({ AppliedWeight = 0 }) => AppliedWeight);
      const sum = addUp(applied);
      assert.ok(sum === 0 || Math.abs(sum - 100) < 0.1, String(sum));
    }),
  );
});

suite("what makes a form", () => {
  test("generated forms are accepted", () => {
    fc.assert(fc.property(anyForm, (content) => checkFormContent(content)));
  });

  test("two things with one reference id are refused, wherever they are", () => {
    fc.assert(
      fc.property(anyForm, fc.nat(), fc.nat(), (content, one, other) => {
        const named = [...sectionsOf(content.Items), ...questionsOf(content.Items)];
        const [first, second] = [named[one % named.length], named[other % named.length]];
        fc.pre(first !== undefined && second !== undefined && first !== second);
        const copy = JSON.parse(
          JSON.stringify(content).replaceAll(`"RefId":"${second?.RefId}"`, `"RefId":"${first?.RefId}"`),
        );
        assert.throws(() => checkFormContent(copy), { code: "InvalidParameterException" });
      }),
    );
  });

  const wrong: readonly [string, Partial<FormContent> | readonly Section[], RegExp][] = [
    ["an empty title", { Title: "" }, /^Title/],
    ["a long title", { Title: "x".repeat(129) }, /^Title/],
    ["a long description", { Description: "x".repeat(1025) }, /^Description/],
    ["no items", { Items: [] }, /^Items: must have 1 to 100/],
    ["a question outside sections", { Items: [{ Question: yesNo("q") }] as Item[] }, /contained in a section/],
    ["an empty section", [section("a", [])], /^Items\[0\].Section.Items: must have 1 to 100/],
    ["three levels", [section("a", [section("b", [section("c", [yesNo("q")])])])], /at most 2 levels/],
    ["a bad reference id", [section("a b", [yesNo("q")])], /RefId/],
    ["a long reference id", [section("a", [yesNo("q".repeat(41))])], /RefId/],
    ["a long question", [section("a", [yesNo("q", { Title: "x".repeat(351) })])], /Question.Title/],
    ["a long section title", [section("a", [yesNo("q")], { Title: "x".repeat(129) })], /Section.Title/],
    ["long instructions", [section("a", [yesNo("q", { Instructions: "x".repeat(1025) })])], /Instructions/],
    ["a weight above 100", [section("a", [yesNo("q", { Weight: 101 })])], /Weight: must be between 0 and 100/],
    ["a section's weight below 0", [section("a", [yesNo("q")], { Weight: -1 })], /Section.Weight/],
    ["weights that add up to more", [section("a", [yesNo("q", { Weight: 60 }), yesNo("r", { Weight: 50 })])], /110/],
    ["weights that add up to less", [section("a", [yesNo("q", { Weight: 60 }), yesNo("r", { Weight: 30 })])], /90/],
    [
      "properties of another type",
      [section("a", [yesNo("q", { QuestionType: "MULTISELECT" })])],
      /QuestionTypeProperties: a MULTISELECT question has the member MultiSelect/,
    ],
    ["properties of a date", [section("a", [yesNo("q", { QuestionType: "DATETIME" })])], /none/],
    ["no options", [section("a", [select([])])], /Options: must have 1 to 256/],
    ["an option twice", [section("a", [select([option("x"), option("x")])])], /RefId x is there twice/],
    ["an option without a text", [section("a", [select([{ ...option("x"), Text: "" }])])], /Text of option x/],
    ["a score above 10", [section("a", [select([{ ...option("x"), Score: 11 }])])], /Score/],
    ["a number's range the wrong way round", [section("a", [numeric([[9, 1]])])], /MinValue 9 is above/],
    ["a range outside the question's", [section("a", [numeric([[50, 101]])])], /not within/],
    [
      "overlapping ranges",
      [
        section("a", [
          numeric([
            [5, 10],
            [0, 5],
          ]),
        ]),
      ],
      /two ranges hold 5/,
    ],
    [
      "a fail of a section elsewhere",
      [
        section("a", [select([{ ...option("x"), AutomaticFailConfiguration: { TargetSection: "b" } }])]),
        section("b", [yesNo("q")]),
      ],
      /TargetSection b/,
    ],
    [
      "automation by an option that there is not",
      [section("a", [select([option("x")], { DefaultOptionRefId: "y" })])],
      /Automation names option y/,
    ],
    [
      "a rule by an option that there is not",
      [
        section("a", [
          select([option("x")], {
            Options: [{ RuleCategory: { Category: "Greeting", Condition: "PRESENT", OptionRefId: "z" } }],
          }),
        ]),
      ],
      /Automation names option z/,
    ],
    ["points the wrong way round", [section("a", [yesNo("q", points2(9, 3))])], /MinPointValue is above/],
    [
      "thresholds without bounds",
      [section("a", [yesNo("q")], { ScoreThresholds: [{ PerformanceCategory: "NEEDS_IMPROVEMENT" }] })],
      /neither bound/,
    ],
    [
      "a condition on a question that there is not",
      [section("a", [yesNo("q", when("r", "yes"))])],
      /r is not a select/,
    ],
    [
      "a condition on an option that there is not",
      [section("a", [yesNo("q"), yesNo("r", when("q", "x"))])],
      /no option x/,
    ],
    [
      "a condition on a text",
      [section("a", [yesNo("r", when("t", "x")), { Title: "t", RefId: "t", QuestionType: "TEXT" }])],
      /t is not a select/,
    ],
    ["a condition on itself", [section("a", [yesNo("q", when("q", "yes"))])], /rests on its own answer/],
    [
      "conditions in a circle",
      [section("a", [yesNo("q", when("r", "yes")), yesNo("r", when("s", "no")), yesNo("s", when("q", "no"))])],
      /rests on its own answer/,
    ],
    [
      "a condition of nothing",
      [section("a", [yesNo("q", { Enablement: { Action: "ENABLE", Condition: { Operands: [] } } })])],
      /Operands: must have/,
    ],
    ["101 questions", many(101).map((questions, index) => section(`s${index}`, questions)), /at most 100 questions/],
  ];
  for (const [what, content, words] of wrong) {
    test(`${what} is refused`, () => {
      const base = form(
        "QUESTION_ONLY",
        Array.isArray(content) ? (content as Section[]) : [section("a", [yesNo("q")])],
      );
      const changed = Array.isArray(content) ? base : { ...base, ...content };
      assert.throws(() => checkFormContent(changed), { code: "InvalidParameterException", message: words });
    });
  }

  test("100 sections and 100 questions are a form, and missing weights share the rest", () => {
    checkFormContent(
      form(
        "QUESTION_ONLY",
        many(100).map((questions, index) => section(`s${index}`, questions)),
      ),
    );
    const content = form("QUESTION_ONLY", [section("a", [yesNo("q", { Weight: 60 }), yesNo("r"), yesNo("s")])]);
    checkFormContent(content);
    const scores = scoresOf(content, answer({ q: "no", r: "yes", s: "no" }));
    assert.equal(scores?.items.r?.AppliedWeight, 20);
    assert.equal(scores?.total.Percentage, 20);
  });

  test("weights that a mode does not use, and those of a form that is not scored, may be anything", () => {
    checkFormContent(form("SECTION_ONLY", [section("a", [yesNo("q", { Weight: 60 }), yesNo("r", { Weight: 60 })])]));
    checkFormContent(
      form("QUESTION_ONLY", [section("a", [yesNo("q", { Weight: 60 }), yesNo("r", { Weight: 60 })])], {
        ScoringStrategy: { Mode: "QUESTION_ONLY", Status: "DISABLED" },
      }),
    );
  });
});

function option(RefId: string): { RefId: string; Text: string } {
  return { RefId, Text: RefId };
}

function select(Options: readonly object[], Automation?: object): Question {
  return yesNo("q", { QuestionTypeProperties: { SingleSelect: { Options, Automation } as never } });
}

function numeric(ranges: readonly (readonly [number, number])[]): Question {
  const Options = ranges.map(([MinValue, MaxValue]) => ({ MinValue, MaxValue }));
  const QuestionTypeProperties = { Numeric: { MinValue: 0, MaxValue: 100, Options } };
  return yesNo("q", { QuestionType: "NUMERIC", QuestionTypeProperties });
}

function points2(MinPointValue: number, MaxPointValue: number): Partial<Question> {
  return { ScoringConfiguration: { PointsConfiguration: { MinPointValue, MaxPointValue } } };
}

function when(source: string, RefId: string): Partial<Question> {
  const Source = { Type: "QUESTION_REF_ID", RefId: source } as const;
  const Expression = { Source, Values: [{ Type: "OPTION_REF_ID" as const, RefId }], Comparator: "IN" as const };
  return { Enablement: { Action: "ENABLE", Condition: { Operands: [{ Expression }] } } };
}

/** Questions in a hundred lists. */
function many(count: number): Question[][] {
  const lists: Question[][] = Array.from({ length: 100 }, () => []);
  for (let index = 0; index < count; index++) lists[index % 100]?.push(yesNo(`q${index}`));
  return lists;
}
