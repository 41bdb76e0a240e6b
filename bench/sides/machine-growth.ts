/**
 * How many bytes a rule takes in a machine of many, and how fast rules come and go there. Prints its figures. Needs `--expose-gc`.
 *
 *     machine-growth.ts <file of rules> <how many>
 */
import { parseEventPattern } from "../../src/matching/event-pattern.ts";
import { Machine } from "../../src/matching/machine.ts";
import { lines } from "../matching/lines.ts";
import type { Figures } from "../measure.ts";

/** Rules that come and go while the others stay. */
const COMING_AND_GOING = 2000;
const REPETITIONS = 5;

const [rulesFile = "", rules] = process.argv.slice(2);
const patterns = lines(rulesFile);
const machine = new Machine<string>();

const bytesBefore = bytesInUse();
const startMs = performance.now();
for (let number = 0; number < Number(rules); number++) machine.add(`rule-${number}`, nextCondition());
const buildMs = performance.now() - startMs;
const bytesPerRule = (bytesInUse() - bytesBefore) / Number(rules);

const extra = Array.from({ length: COMING_AND_GOING }, (_, number) => ({
  id: `extra-${number}`,
  condition: nextCondition(),
}));
comeAndGo();
const repetitions = Array.from({ length: REPETITIONS }, comeAndGo);
if (machine.size !== Number(rules)) throw new Error(`${machine.size} rules are left of ${rules}`);
console.log(JSON.stringify({ bytesPerRule, builtPerSecond: (Number(rules) / buildMs) * 1000, repetitions }));

function nextCondition(): ReturnType<typeof parseEventPattern> {
  const { value, done } = patterns.next();
  if (done) throw new Error(`${rulesFile} has too few rules`);
  return parseEventPattern(value);
}

function comeAndGo(): Figures {
  const startMs = performance.now();
  for (const { id, condition } of extra) machine.add(id, condition);
  const addedMs = performance.now();
  for (const { id } of extra) machine.remove(id);
  const removedMs = performance.now();
  return {
    addsPerSecond: (COMING_AND_GOING / (addedMs - startMs)) * 1000,
    removesPerSecond: (COMING_AND_GOING / (removedMs - addedMs)) * 1000,
  };
}

function bytesInUse(): number {
  if (globalThis.gc === undefined) throw new Error("Run this with --expose-gc");
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
