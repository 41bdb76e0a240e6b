/**
 * json-rules-engine with the same conditions, in a process of its own. Prints its outcome.
 *
 *     json-rules-engine.ts <file of events> <how many> <file of rules> <how many>
 *
 * It gets our predicates as its operator, and a resolver that follows names alone: its own, for JSONPath, takes several times as long.
 */
import { Engine, type NestedCondition, type TopLevelCondition } from "json-rules-engine";
import type { Condition } from "../../src/matching/condition.ts";
import { parseEventPattern } from "../../src/matching/event-pattern.ts";
import type { Predicate } from "../../src/matching/predicate.ts";
import { meetsField, valueAt } from "../matching/in-turn.ts";
import { firstLines } from "../matching/lines.ts";
import { CHUNK_EVENTS } from "../matching/passes.ts";

const [eventsFile = "", events, rulesFile = "", rules] = process.argv.slice(2);
const texts = firstLines(eventsFile, Number(events));
const engine = new Engine([], {
  allowUndefinedFacts: true,
  pathResolver: (value, path) => valueAt(value, path.split(".")),
});
engine.addOperator("meets", (value: unknown, predicates: readonly Predicate[]) => meetsField(value, predicates));
for (const [number, pattern] of firstLines(rulesFile, Number(rules)).entries()) {
  engine.addRule({ conditions: asRuleOf(parseEventPattern(pattern)), event: { type: `rule-${number}` } });
}

await pass(texts.slice(0, CHUNK_EVENTS));
console.log(JSON.stringify(await pass(texts)));

async function pass(texts: readonly string[]): Promise<{ perSecond: number; matches: number[] }> {
  const matches: number[] = [];
  const startMs = performance.now();
  for (const [number, text] of texts.entries()) {
    const { events } = await engine.run(JSON.parse(text));
    const chunk = Math.floor(number / CHUNK_EVENTS);
    matches[chunk] = (matches[chunk] ?? 0) + events.length;
  }
  return { perSecond: (texts.length / (performance.now() - startMs)) * 1000, matches };
}

function asRuleOf(condition: Condition): TopLevelCondition {
  switch (condition.kind) {
    case "fields":
      return {
        all: condition.fields.map(({ path: [fact, ...path], predicates }): NestedCondition => {
          const test = { fact: String(fact), operator: "meets", value: predicates };
          return path.length === 0 ? test : { ...test, path: path.join(".") };
        }),
      };
    case "all":
      return { all: condition.of.map(asRuleOf) };
    case "any":
      return { any: condition.of.map(asRuleOf) };
    case "not":
      return { not: asRuleOf(condition.of) };
  }
}
