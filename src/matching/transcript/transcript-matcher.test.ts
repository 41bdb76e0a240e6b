import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { type PointOfInterest, type Transcript, TranscriptMatcher, type Turn } from "./transcript-matcher.ts";
import type { Pattern, PatternElement, WordCondition } from "./word-condition.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";

const cases = JSON.parse(readFileSync(new URL("./transcript-matcher.cases.json", import.meta.url), "utf8")) as {
  readonly texts: readonly {
    readonly title: string;
    readonly condition: WordCondition;
    readonly texts: readonly { readonly text: string; readonly found: string | null }[];
  }[];
  readonly scopes: {
    readonly turns: readonly Turn[];
    readonly cases: readonly (Omit<Transcript, "turns"> & {
      readonly title: string;
      readonly condition: WordCondition;
      readonly turnsFound: readonly string[];
    })[];
  };
};

for (const { title, condition, texts } of cases.texts) {
  test(`words: ${title}`, () => {
    const matcher = new TranscriptMatcher();
    matcher.add("rule", condition);
    for (const { text, found } of texts) {
      const point = matcher.matchTurn(turnOf(text), {}).get("rule");
      assert.equal(point === undefined ? null : text.slice(point.beginChar, point.endChar), found, text);
      assert.equal(
        matchesByDefinition(condition, turnOf(text), {}) !== undefined,
        found !== null,
        `definition: ${text}`,
      );
    }
  });
}

for (const { title, condition, turnsFound, ...conversation } of cases.scopes.cases) {
  test(`scope: ${title}`, () => {
    const matcher = new TranscriptMatcher();
    matcher.add("rule", condition);
    const points = matcher.match({ ...conversation, turns: cases.scopes.turns }).get("rule") ?? [];
    assert.deepEqual(
      points.map(({ turn }) => turn.id),
      turnsFound,
    );
  });
}

test("a match lies within one turn", () => {
  const matcher = new TranscriptMatcher();
  matcher.add("rule", exact("speak to", "manager"));
  matcher.add("across", exact("to a"));
  const found = matcher.match({ turns: [turnOf("I want to speak to"), turnOf("a manager")] });
  assert.deepEqual([...found.keys()], ["rule"]);
  assert.deepEqual(
    found.get("rule")?.map(({ beginChar, endChar }) => [beginChar, endChar]),
    [
      [10, 18],
      [2, 9],
    ],
  );
});

test("however often a word comes, the next one after a place is known", () => {
  const matcher = new TranscriptMatcher();
  const word: PatternElement = { type: "PLAIN", text: "a" };
  matcher.add("twice", pattern([word, { type: "PROXIMITY", distance: 2, isWithin: true }, word]));
  for (let times = 2; times < 60; times++) {
    const { beginChar, endChar } = matcher.matchTurn(turnOf("a x x ".repeat(times)), {}).get("twice") ?? {};
    assert.deepEqual([beginChar, endChar], [0, 7], `${times} times`);
  }
});

test("a condition that was added twice goes when it was removed twice", () => {
  const matcher = new TranscriptMatcher();
  const found = () => [...matcher.matchTurn(turnOf("a refund"), {}).keys()];
  matcher.add("refund", exact("refund"));
  matcher.add("refund", exact("refund"));
  matcher.remove("refund");
  assert.deepEqual(found(), ["refund"]);
  matcher.remove("refund");
  assert.deepEqual(found(), []);
  matcher.remove("refund");
  assert.deepEqual(found(), []);
});

test("what says the same in other words is left to the semantics given, which are asked for only when needed", () => {
  let asked = 0;
  const matcher = new TranscriptMatcher(() => {
    asked += 1;
    return { threshold: 0.5, score: (intent, text) => (intent === "quit" && text.includes("enough") ? 0.5 : 0.49) };
  });
  const found = (role: string, text: string) => {
    const point = matcher.matchTurn({ ...turnOf(text), role }, {}).get("leaving");
    return point && text.slice(point.beginChar, point.endChar);
  };
  matcher.add("leaving", { kind: "semantic", role: "CUSTOMER", operands: ["cancel", "quit"] });
  assert.equal(found("AGENT", "I have had enough"), undefined);
  assert.equal(found("CUSTOMER", "Enough: I quit!"), "quit");
  assert.equal(asked, 0);
  assert.equal(found("CUSTOMER", "I have had enough!"), "I have had enough!");
  assert.equal(found("CUSTOMER", "I have had a sandwich"), undefined);
  matcher.remove("leaving");
  assert.equal(found("CUSTOMER", "I have had enough!"), undefined);
});

test("the built-in semantics judge where none are given", () => {
  const matcher = new TranscriptMatcher();
  matcher.add("leaving", { kind: "semantic", role: "ANY", operands: ["cancel my subscription"] });
  const transcript = { turns: ["hello", "I'd like to close my account", "anything else?"].map(turnOf) };
  assert.deepEqual(
    matcher
      .match(transcript)
      .get("leaving")
      ?.map(({ turn }) => turn.text),
    ["I'd like to close my account"],
  );
});

/* What is hostile must end in a test's time: no clock is needed, since what multiplies would not end. */

const PLENTY = 1 << 20;

const hostileTurns = {
  "the same word again and again": "a ".repeat(PLENTY / 2),
  "one endless word": "a".repeat(PLENTY),
  "an endless chain of words": "a-".repeat(PLENTY / 2),
  "endless thousands": "000,".repeat(PLENTY / 4),
  "endless accents in disorder": `e${"\u0301\u0323".repeat(PLENTY / 4)}`,
  "characters that are words": "日本！".repeat(PLENTY / 6),
};
const hostileConditions: Readonly<Record<string, WordCondition>> = {
  "hundreds of beginnings": pattern(
    ...Array.from({ length: 300 }, (_, i): PatternElement[] => [{ type: "PLAIN", text: `${"a".repeat(i)}*` }]),
  ),
  "hundreds of beginnings in a row": pattern([{ type: "PLAIN", text: "a* ".repeat(30) }]),
  "lists of a hundred, far apart": pattern(
    ...Array.from({ length: 100 }, (_, i): PatternElement[] => [
      list(i),
      { type: "PROXIMITY", distance: 1e9, isWithin: true },
      list(i),
      { type: "PROXIMITY", distance: 1e9, isWithin: false },
      list(i),
    ]),
  ),
  "lists of a hundred in a row": pattern(Array.from({ length: 100 }, () => list(1))),
  "gaps in gaps": pattern(
    Array.from({ length: 41 }, (_, i): PatternElement => {
      if (i % 2 === 0) return { type: "PLAIN", text: "a" };
      return { type: "PROXIMITY", distance: 10 ** (i % 9), isWithin: i % 4 === 1 };
    }),
  ),
  "a long phrase of one word": exact("a ".repeat(100)),
};

for (const [title, text] of Object.entries(hostileTurns)) {
  test(`a megabyte is read in time: ${title}`, { timeout: 20_000 }, () => {
    const matcher = new TranscriptMatcher();
    matcher.add("rule", exact("a", "refund", "000,000"));
    matcher.matchTurn(turnOf(text), {});
  });
}
for (const [title, condition] of Object.entries(hostileConditions)) {
  test(`a long turn is matched in time: ${title}`, { timeout: 20_000 }, () => {
    const matcher = new TranscriptMatcher();
    matcher.add("rule", condition);
    matcher.matchTurn(turnOf("a aa b ".repeat(2_000)), {});
    matcher.matchTurn(turnOf("a ".repeat(4_000)), {});
  });
}

/* Against the definition. */

const anyWord = fc.constantFrom("a", "b", "c", "ab", "abc", "b-c", "7", "2.5", "1,000", "can't");
const anyText = fc.oneof(
  fc
    .array(fc.tuple(anyWord, fc.constantFrom(" ", ", ", "! ", " - ", "*")), { maxLength: 10 })
    .map((words) => words.flat().join("")),
  // Many matches that overlap.
  fc.array(fc.constantFrom("a", "a", "b"), { maxLength: 50 }).map((words) => words.join(" ")),
);
const anyPhrase = fc
  .array(
    fc.tuple(
      fc.constantFrom("a", "a", "b", "c", "ab", "a*", "b*", "ab*", "7", "1000", "?"),
      fc.constantFrom(" ", "-- "),
    ),
    {
      maxLength: 3,
    },
  )
  .map((words) => words.flat().join(""));
const anyElement: fc.Arbitrary<PatternElement> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("PLAIN" as const), text: anyPhrase }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("LIST" as const),
      texts: fc.array(anyPhrase, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("NUMERICAL" as const), decimal: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("PROXIMITY" as const),
      distance: fc.oneof(fc.nat(3), fc.constant(1e9)),
      isWithin: fc.boolean(),
    }),
  },
);
const anyScope = fc.record({
  role: fc.constantFrom("ANY" as const, "AGENT" as const, "CUSTOMER" as const),
  period: fc.option(fc.record({ part: fc.constantFrom("first" as const, "last" as const), seconds: fc.nat(4) }), {
    freq: 1,
    nil: undefined,
  }),
});
const anyOperands = fc.oneof(
  fc.record({ kind: fc.constant("exact" as const), operands: fc.array(anyPhrase, { maxLength: 3 }) }),
  fc.record({
    kind: fc.constant("pattern" as const),
    operands: fc.array(fc.array(anyElement, { maxLength: 7 }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant("pattern" as const),
    operands: fc.array(fc.array(anyElement, { maxLength: 7 }), { minLength: 1, maxLength: 3 }),
    language: fc.constantFrom("EN", "DE"),
  }),
);
const anyCondition: fc.Arbitrary<WordCondition> = fc
  .tuple(anyOperands, anyScope)
  .map(([operands, { role, period }]) => ({ ...operands, role, ...(period && { period }) }));
const anyTranscript: fc.Arbitrary<Transcript> = fc.record(
  {
    language: fc.constantFrom("en-US", "de"),
    durationMs: fc.constantFrom(3000, 4500),
    turns: fc.array(
      fc.record({
        id: fc.constant("1"),
        role: fc.constantFrom("AGENT", "CUSTOMER", "SYSTEM"),
        text: anyText,
        beginOffsetMs: fc.constantFrom(0, 999, 1000, 2000),
        endOffsetMs: fc.constantFrom(2000, 2001, 3000),
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ["turns"] },
);

/** In full, each run has some six pairs of a condition and a transcript: about 250,000. */
test("the matcher finds exactly what the definition does, while conditions come and go", () => {
  const anyChange = fc.record({ name: fc.nat(5), condition: fc.option(anyCondition, { freq: 3, nil: undefined }) });
  const anyWork = fc.array(fc.tuple(fc.array(anyChange, { maxLength: 4 }), anyTranscript), { maxLength: 6 });
  fc.assert(
    fc.property(anyWork, (work) => {
      const matcher = new TranscriptMatcher();
      const conditions = new Map<string, WordCondition>();
      for (const [changes, transcript] of work) {
        for (const { name, condition } of changes) {
          matcher.remove(String(name));
          conditions.delete(String(name));
          if (condition === undefined) continue;
          matcher.add(String(name), condition);
          conditions.set(String(name), condition);
        }
        const expected = [...conditions].flatMap(([name, condition]): [string, PointOfInterest[]][] => {
          const points = transcript.turns.flatMap((turn) => matchesByDefinition(condition, turn, transcript) ?? []);
          return points.length === 0 ? [] : [[name, points]];
        });
        assert.deepEqual(matcher.match(transcript), new Map(expected));
      }
    }),
    { numRuns: FULL ? 40_000 : 150 },
  );
});

function turnOf(text: string): Turn {
  return { id: "1", role: "CUSTOMER", text, beginOffsetMs: 0, endOffsetMs: 1000 };
}

function exact(...operands: readonly string[]): WordCondition {
  return { kind: "exact", role: "ANY", operands };
}

function pattern(...operands: readonly Pattern[]): WordCondition {
  return { kind: "pattern", role: "ANY", operands };
}

function list(seed: number): PatternElement {
  return {
    type: "LIST",
    texts: Array.from({ length: 100 }, (_, i) => ["a", "a a", "b", "a*", `x${seed}-${i}`][i % 5] ?? ""),
  };
}

/* The definition, slow and obvious: try every place, every choice and every distance. */

function matchesByDefinition(
  condition: WordCondition,
  turn: Turn,
  { language, durationMs }: Omit<Transcript, "turns">,
): PointOfInterest | undefined {
  if (condition.role !== "ANY" && condition.role !== turn.role) return undefined;
  if (condition.period !== undefined) {
    const { part, seconds } = condition.period;
    if (part === "first" && !(turn.beginOffsetMs < seconds * 1000)) return undefined;
    if (part === "last" && durationMs === undefined) return undefined;
    if (part === "last" && !(turn.endOffsetMs > (durationMs ?? 0) - seconds * 1000)) return undefined;
  }
  if (condition.kind === "pattern" && condition.language !== undefined && language !== undefined) {
    if (!new RegExp(`^${condition.language}($|-)`, "i").test(language)) return undefined;
  }
  const words = wordsOf(turn.text);
  const elements = condition.operands.map(
    (operand): Pattern =>
      typeof operand === "string" ? [{ type: "PLAIN", text: operand.replaceAll("*", " ") }] : operand,
  );
  for (let begin = 0; begin < words.length; begin++) {
    const ends = elements.flatMap((operand) => endByDefinition(withoutBlanks(operand), words, begin) ?? []);
    if (ends.length === 0) continue;
    const last = words[Math.min(...ends) - 1];
    return { turn, beginChar: words[begin]?.index ?? 0, endChar: last === undefined ? 0 : last.index + last.length };
  }
  return undefined;
}

/** Elements without those that contribute nothing; none at all where PROXIMITY stands where it must not. */
function withoutBlanks(operand: Pattern): Pattern {
  const elements = operand.filter((element) => {
    if (element.type === "PLAIN") return wordsOf(element.text).length > 0;
    return element.type !== "LIST" || element.texts.some((text) => wordsOf(text).length > 0);
  });
  const shape = elements.map(({ type }) => (type === "PROXIMITY" ? "?" : "x")).join("");
  return /^\?|\?$|\?\?/.test(shape) ? [] : elements;
}

/** Where the match of an operand's elements ends that begins at a word: of several choices the first to end, over the smallest gaps. */
function endByDefinition(elements: Pattern, words: readonly Word[], at: number): number | undefined {
  const [element, ...rest] = elements;
  if (element === undefined) return undefined;
  const restEnd = (from: number): number | undefined => (rest.length === 0 ? from : endByDefinition(rest, words, from));
  switch (element.type) {
    case "PLAIN":
    case "LIST": {
      const texts = element.type === "PLAIN" ? [element.text] : element.texts;
      const ends = texts.flatMap((text) => {
        const wanted = wordsOf(text);
        if (wanted.length === 0 || !wanted.every((word, i) => isWord(words[at + i], word))) return [];
        return restEnd(at + wanted.length) ?? [];
      });
      return ends.length === 0 ? undefined : Math.min(...ends);
    }
    case "NUMERICAL":
      if (!(element.decimal ? /^\d+([.]\d+)?$/ : /^\d+$/).test(words[at]?.text ?? "")) return undefined;
      return restEnd(at + 1);
    case "PROXIMITY":
      for (let gap = 0; gap <= element.distance && at + gap < words.length; gap++) {
        const end = restEnd(at + gap);
        if (end !== undefined) return element.isWithin ? end : undefined;
      }
      return element.isWithin ? undefined : at;
  }
}

interface Word {
  readonly text: string;
  readonly beginning: boolean;
  /** Right only where normalising moves nothing. */
  readonly index: number;
  readonly length: number;
}

function isWord(word: Word | undefined, wanted: Word): boolean {
  if (word === undefined) return false;
  return wanted.beginning ? word.text.startsWith(wanted.text) : word.text === wanted.text;
}

function wordsOf(text: string): Word[] {
  const normal = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u00ad\u200b]/g, "")
    .replace(/[‘’]/g, "'")
    .replace(/‐/g, "-")
    .replace(/ς/g, "σ");
  const alone = "\\p{sc=Han}|\\p{sc=Hira}|\\p{sc=Kana}|\\p{sc=Hang}";
  const letter = `(?!${alone})[\\p{L}\\p{N}]\\p{M}*`;
  const grouped = "\\d{1,3}(,\\d{3})+([.]\\d+)?(?![.'-]?[\\p{L}\\p{N}]|,\\d)";
  const words = normal.matchAll(
    new RegExp(`${grouped}|${alone}|(${letter}|(?<=[\\p{L}\\p{N}\\p{M}])['.-](?=[\\p{L}\\p{N}]))+`, "gu"),
  );
  return [...words].map(({ 0: word, index }) => ({
    text: word.replace(/,/g, ""),
    beginning: normal[index + word.length] === "*",
    index,
    length: word.length,
  }));
}
