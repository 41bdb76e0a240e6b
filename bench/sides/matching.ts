/**
 * A matcher that is called with parsed events, in a process of its own. Prints its outcome.
 *
 *     matching.ts trunkline|in-turn|json-parse <file of events> <how many> <file of rules> <how many> <seconds>
 */
import { parseEventPattern } from "../../src/matching/event-pattern.ts";
import { Machine } from "../../src/matching/machine.ts";
import { meets } from "../matching/in-turn.ts";
import { firstLines } from "../matching/lines.ts";
import { bestPass, type CountMatches } from "../matching/passes.ts";

const MATCHERS: Readonly<Record<string, (patterns: readonly string[]) => CountMatches>> = {
  trunkline: (patterns) => {
    const machine = new Machine<string>();
    for (const [number, pattern] of patterns.entries()) machine.add(`rule-${number}`, parseEventPattern(pattern));
    return (event) => machine.match(event).length;
  },
  "in-turn": (patterns) => {
    const conditions = patterns.map(parseEventPattern);
    return (event) => {
      let matches = 0;
      for (const condition of conditions) if (meets(event, condition)) matches += 1;
      return matches;
    };
  },
  /** The floor: parses, and asks nothing. */
  "json-parse": () => () => 0,
};

const [matcher = "", eventsFile = "", events, rulesFile = "", rules, seconds] = process.argv.slice(2);
const count = MATCHERS[matcher]?.(firstLines(rulesFile, Number(rules)));
if (count === undefined) throw new Error(`There is no matcher ${matcher}`);
console.log(JSON.stringify(bestPass(firstLines(eventsFile, Number(events)), count, Number(seconds))));
