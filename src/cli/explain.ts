import { ConfigError } from "../config.ts";
import type { Explanation } from "../matching/explanation.ts";
import type { ExplainedSegment, ExplainedTrigger } from "../services/customer-profiles/index.ts";
import { readTarget, request, type Target } from "./client.ts";
import { readInput } from "./input.ts";
import { printable } from "./printable.ts";
import { type ShownExplanation, shownExplanation } from "./shown-explanation.ts";

/** What the server answers of a contact: the rules that looked at it, input by input. */
interface SubjectAnswer {
  readonly subject: string;
  readonly inputs: readonly {
    readonly source: string;
    readonly time: string;
    readonly about?: string;
    readonly isNow?: true;
    readonly rules: readonly ExplainedRule[];
  }[];
  readonly note?: string;
}

interface ExplainedRule extends Explanation {
  readonly name: string;
  readonly turn?: { readonly speaker: string; readonly beginMs: number };
  readonly note?: string;
  readonly actions: readonly {
    readonly action: string;
    readonly outcome: string;
    readonly message?: string;
    readonly part?: string;
  }[];
}

/**
 * `trunkline explain RULE EVENT.json` and `trunkline explain --pattern PATTERN.json EVENT.json`: why a rule or a pattern matches an event
 * or does not. Answers with 0 for a match and 1 for none, as `grep` does; trouble is thrown.
 */
export async function explain(args: readonly string[]): Promise<number> {
  const target = readTarget("explain", args);
  if (target.flags.contact !== undefined) return explainContact(target, String(target.flags.contact));
  if (target.flags.trigger !== undefined) return explainTrigger(target, String(target.flags.trigger));
  if (target.flags.segment !== undefined) return explainSegment(target, String(target.flags.segment));
  for (const flag of ["domain", "profile", "object"]) {
    if (target.flags[flag] !== undefined)
      throw new ConfigError(`--${flag} says nothing without --trigger or --segment`);
  }
  if (target.flags.instance !== undefined) throw new ConfigError("--instance says nothing without --contact");
  const response = await request(target, "POST", "/_trunkline/explain", question(target));
  const text = await response.text();
  const answer = parseAnswer(text, target);
  console.log(target.flags.json ? text.trimEnd() : shownExplanation(answer).map(printable).join("\n"));
  return answer.matched ? 0 : 1;
}

/** `trunkline explain --contact ID [RULE]`. Answers with 0 where a rule was true of it, with 1 where none was. */
async function explainContact(target: Target, subject: string): Promise<number> {
  const { flags, names } = target;
  if (flags.bus !== undefined || flags.pattern !== undefined || names.length > 1)
    throw new ConfigError("explain --contact takes one rule at most, and neither --bus nor --pattern");
  const [rule] = names;
  const instance = flags.instance;
  const body = JSON.stringify({ subject, rule, instance });
  const text = await (await request(target, "POST", "/_trunkline/explain", body)).text();
  const answer = JSON.parse(text) as SubjectAnswer;
  console.log(flags.json ? text.trimEnd() : [...shownSubject(answer)].map(printable).join("\n"));
  return answer.inputs.some(({ rules }) => rules.some(({ matched }) => matched)) ? 0 : 1;
}

/** `trunkline explain --trigger NAME`: of a profile, an object or a file. Answers with 0 where its conditions were met, with 1 where they were not. */
async function explainTrigger(target: Target, trigger: string): Promise<number> {
  const { flags, names } = target;
  const [file] = names;
  const { domain, profile, object } = flags;
  if (flags.bus !== undefined || flags.pattern !== undefined || flags.instance !== undefined)
    throw new ConfigError("explain --trigger takes neither --bus nor --pattern nor --instance");
  if (names.length + Number(profile !== undefined) + Number(object !== undefined) > 1)
    throw new ConfigError("explain --trigger takes one of --profile, --object and a file with an object");
  const asked = JSON.stringify({ trigger, domain, profile, object });
  const body = file === undefined ? asked : `${asked.slice(0, -1)},"object":${readEvent(file)}}`;
  const text = await (await request(target, "POST", "/_trunkline/explain", body)).text();
  const answer = JSON.parse(text) as ExplainedTrigger;
  console.log(flags.json ? text.trimEnd() : [...shownTrigger(trigger, answer)].map(printable).join("\n"));
  return answer.objects.some(({ matched }) => matched) ? 0 : 1;
}

/** `trunkline explain --segment NAME --profile ID`. Answers with 0 where the profile belongs to the segment, with 1 where it does not. */
async function explainSegment(target: Target, segment: string): Promise<number> {
  const { flags, names } = target;
  const { domain, profile } = flags;
  const others = ["bus", "pattern", "instance", "object"].filter((flag) => flags[flag] !== undefined);
  if (profile === undefined || names.length > 0 || others.length > 0)
    throw new ConfigError("explain --segment takes --profile, and --domain where there are several");
  const body = JSON.stringify({ segment, profile, domain });
  const text = await (await request(target, "POST", "/_trunkline/explain", body)).text();
  const answer = JSON.parse(text) as ExplainedSegment;
  console.log(flags.json ? text.trimEnd() : [...shownSegment(segment, answer)].map(printable).join("\n"));
  return answer.matched ? 0 : 1;
}

function* shownSegment(name: string, { sources, ...answer }: ExplainedSegment): Generator<string> {
  yield* shownExplanation({ ...answer, rule: name });
  for (const source of sources.toReversed()) {
    yield "";
    yield `segment ${source.name}`;
    yield* shownExplanation({ ...source, rule: source.name }).map((row) => `  ${row}`);
  }
}

function* shownTrigger(trigger: string, { objects, note }: ExplainedTrigger): Generator<string> {
  if (note !== undefined) yield note;
  for (const { outcome, why, time, profile, object, version, note: aside, ...answer } of objects) {
    if (time !== undefined) {
      yield `${outcome}  ${time}  profile ${profile}  object ${object} version ${version}${why === undefined ? "" : `: ${why}`}`;
    }
    const { matched, reason, condition } = answer;
    const shown = { matched: matched ?? false, ...(reason !== undefined && { reason }), rule: trigger };
    const rows = condition
      ? shownExplanation({ ...shown, ...(aside !== undefined && { note: aside }), condition })
      : [aside ?? ""];
    yield* time === undefined ? rows : rows.map((row) => `  ${row}`);
    yield "";
  }
}

function* shownSubject({ inputs, note }: SubjectAnswer): Generator<string> {
  if (note !== undefined) yield note;
  for (const { source, time, about, isNow, rules } of inputs) {
    yield `${source}  ${time}${about === undefined ? "" : `  ${about}`}${isNow ? "  (as it is now)" : ""}`;
    for (const rule of rules) yield* shownRule(rule).map((line) => `  ${line}`);
    yield "";
  }
}

function shownRule({ name, turn, actions, ...answer }: ExplainedRule): readonly string[] {
  const heard = turn ? ` by what ${turn.speaker} says at ${(turn.beginMs / 1_000).toFixed(1)} s` : "";
  const [head, ...rows] = shownExplanation({ ...answer, rule: `${name}${heard}` });
  const done = actions.map(
    ({ action, outcome, message, part }) =>
      `→ ${action}${part === undefined ? "" : ` (${part})`}: ${outcome}${message === undefined ? "" : `: ${message}`}`,
  );
  return [answer.matched ? String(head) : `no match: ${name}: ${answer.reason}`, ...rows, ...done];
}

/** The request's body, with the event as its file has it. */
function question({ names, flags }: Target): string {
  const { pattern, bus } = flags;
  if (pattern !== undefined) {
    const [file] = names;
    if (bus !== undefined) throw new ConfigError("a pattern is on no bus: leave out --bus");
    if (file === undefined || names.length > 1 || (pattern === "-" && file === "-"))
      throw new ConfigError(
        "explain --pattern takes two files: the pattern's and the event's, or \"-\" for standard input",
      );
    return `{"pattern":${JSON.stringify(readInput(String(pattern)))},"event":${readEvent(file)}}`;
  }
  const [rule, file] = names;
  if (rule === undefined || file === undefined || names.length > 2)
    throw new ConfigError('explain takes a rule and a file with an event, or "-" for standard input');
  if (bus !== undefined && rule.includes("/"))
    throw new ConfigError(`${rule} says already which bus it is on: leave out --bus`);
  return `{"rule":${JSON.stringify(bus === undefined ? rule : `${bus}/${rule}`)},"event":${readEvent(file)}}`;
}

function readEvent(file: string): string {
  const text = readInput(file);
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new ConfigError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

/** What is no explanation is trouble, and must not pass for "no match". */
function parseAnswer(text: string, { url }: Target): ShownExplanation {
  try {
    const answer = JSON.parse(text);
    if (typeof answer.matched === "boolean") return answer;
  } catch {
    // Not JSON: refused below.
  }
  throw new ConfigError(`${url.origin} answered with something that is no explanation`);
}
