import { ConfigError } from "../config.ts";
import type {
  TriggerBacktestLine,
  TriggerBacktestMatch,
  TriggerBacktestResult,
} from "../services/customer-profiles/index.ts";
import type { BacktestLine, BacktestMatch, BacktestResult } from "../services/rules/index.ts";
import { linesOf, readTarget, request, type Target } from "./client.ts";
import { readInput } from "./input.ts";
import { printable } from "./printable.ts";
import { shownExplanation } from "./shown-explanation.ts";

type Line = BacktestLine | TriggerBacktestLine;

/**
 * `trunkline backtest RULE.json|NAME`: what a rule would have matched, when, and why. `trunkline backtest TRIGGER.json` and `--trigger NAME`: the same
 * of an event trigger of Customer Profiles. Interrupted, it ends on the server too.
 */
export async function backtest(args: readonly string[]): Promise<number> {
  const target = readTarget("backtest", args);
  const { since, until, matches, json } = target.flags;
  const asked = { ...subjectOf(target), since, until, matches: Number(matches) };
  const response = await request(target, "POST", "/_trunkline/backtest", JSON.stringify(asked));
  let result: BacktestResult | TriggerBacktestResult | undefined;
  for await (const text of toldLines(response)) {
    if (json) console.log(text);
    const line = JSON.parse(text) as Line;
    if ("done" in line) result = line.done;
    if (json) continue;
    if ("progress" in line) showProgress(line.progress);
    if ("match" in line) console.log(shownMatch(line.match).map(printable).join("\n"));
  }
  if (!result) throw new ConfigError("the server ended the backtest before it was done");
  if (!json) console.log(shownResult(result).map(printable).join("\n"));
  return 0;
}

/** The rule or the trigger that is tried: what a file holds says which it is. */
function subjectOf({ names, flags }: Target): object {
  const { instance, trigger, domain } = flags;
  const [name] = names;
  if (names.length + Number(trigger !== undefined) !== 1 || name === "") {
    throw new ConfigError(
      'backtest takes a file with a rule or an event trigger, "-" for standard input, the name of a rule, or --trigger and the name of an event trigger',
    );
  }
  const tried = trigger ?? ruleOf(String(name));
  const isTrigger = trigger !== undefined || Object.hasOwn(Object(tried), "EventTriggerConditions");
  if (isTrigger && instance !== undefined) throw new ConfigError("--instance says nothing of an event trigger");
  if (!isTrigger && domain !== undefined) throw new ConfigError("--domain says nothing of a rule");
  return isTrigger ? { trigger: tried, domain } : { rule: tried, instance };
}

/** What looks like a file is one; a rule's name has no slash and does not end like that. */
function ruleOf(argument: string): unknown {
  if (argument !== "-" && !argument.endsWith(".json") && !argument.includes("/")) return argument;
  const text = readInput(argument);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`${argument} is not JSON: ${(error as Error).message}`);
  }
}

async function* toldLines(response: Response): AsyncGenerator<string> {
  try {
    yield* linesOf(response);
  } catch {
    // The server went away: what it sent has been shown, and the end is missing.
  }
}

function showProgress({ read, of, matched }: Extract<Line, { progress: unknown }>["progress"]): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${Math.floor((100 * read) / Math.max(1, of))} %, ${matched} matches\r`);
}

function shownMatch(match: BacktestMatch | TriggerBacktestMatch): readonly string[] {
  if ("outcome" in match) return shownTriggerMatch(match);
  const { subject, time, about, turn, ...explanation } = match;
  const what = about === undefined ? "" : `  ${about}`;
  const heard = turn ? `  by what ${turn.speaker} says at ${(turn.beginMs / 1_000).toFixed(1)} s` : "";
  const [, ...rows] = shownExplanation({ ...explanation, rule: subject });
  return [`${time}  ${subject}${what}${heard}`, ...rows.map((row) => `  ${row}`)];
}

function shownTriggerMatch({
  outcome,
  profile,
  object,
  time,
  cap,
  ...explanation
}: TriggerBacktestMatch): readonly string[] {
  const why = cap ? ` (${cap.max} within ${cap.value} ${cap.unit})` : "";
  const [, ...rows] = shownExplanation({ ...explanation, rule: object });
  return [`${time}  profile ${profile}  object ${object}  ${outcome}${why}`, ...rows.map((row) => `  ${row}`)];
}

const BAR_WIDTH = 40;

function shownResult(result: BacktestResult | TriggerBacktestResult): readonly string[] {
  const { since, until, asked, matched, histogram, gaps } = result;
  const most = Math.max(1, ...histogram.map((step) => step.matched));
  return [
    ...("trigger" in result
      ? shownTriggerResult(result)
      : [`${result.source}: ${matched} of ${asked} would have matched, ${since} to ${until}`]),
    ...("note" in result ? [String(result.note)] : []),
    ...gaps.map((gap) => `gap: nothing is known of ${gap.since} to ${gap.until}. ${gap.reason}`),
    ...histogram.map(
      (step) =>
        `${step.from.slice(0, 16)}  ${String(step.matched).padStart(6)} of ${String(step.asked).padEnd(6)}  ${"█".repeat(Math.ceil((BAR_WIDTH * step.matched) / most))}`,
    ),
  ];
}

function shownTriggerResult(result: TriggerBacktestResult): readonly string[] {
  const { trigger, objectType, since, until, asked, outside, matched, fired, capped, expired, profiles, most } = result;
  return [
    `${trigger} on ${objectType}: ${matched} of ${asked} would have matched, ${since} to ${until}`,
    `fired ${fired} times for ${profiles} profiles, capped ${capped}, expired ${expired}, outside of its segment ${outside}`,
    ...most.map(({ profile, ...counts }) => `  profile ${profile}  fired ${counts.fired}, capped ${counts.capped}`),
  ];
}
