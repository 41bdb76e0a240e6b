import { ConfigError } from "../config.ts";
import type { BacktestLine, BacktestMatch, BacktestResult } from "../services/rules/index.ts";
import { readTarget, request } from "./client.ts";
import { readInput } from "./input.ts";
import { printable } from "./printable.ts";
import { shownExplanation } from "./shown-explanation.ts";

/** `trunkline backtest RULE.json|NAME`: what a rule would have matched, when, and why. Interrupted, it ends on the server too. */
export async function backtest(args: readonly string[]): Promise<number> {
  const target = readTarget(args, {
    since: { type: "string", default: "7d" },
    until: { type: "string" },
    instance: { type: "string" },
    matches: { type: "string", default: "20" },
    json: { type: "boolean", default: false },
  });
  const { names, flags } = target;
  const [rule] = names;
  if (rule === undefined || names.length > 1) {
    throw new ConfigError('backtest takes a file with a rule, "-" for standard input, or the name of a rule');
  }
  const { since, until, instance, matches, json } = flags;
  const asked = { rule: ruleOf(rule), since, until, instance, matches: Number(matches) };
  const response = await request(target, "POST", "/_trunkline/backtest", JSON.stringify(asked));
  let result: BacktestResult | undefined;
  for await (const text of linesOf(response)) {
    if (json) console.log(text);
    const line = JSON.parse(text) as BacktestLine;
    if ("done" in line) result = line.done;
    if (json) continue;
    if ("progress" in line) showProgress(line.progress);
    if ("match" in line) console.log(shownMatch(line.match).map(printable).join("\n"));
  }
  if (!result) throw new ConfigError("the server ended the backtest before it was done");
  if (!json) console.log(shownResult(result).map(printable).join("\n"));
  return 0;
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

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch {
    // The server went away: what it sent has been shown, and the end is missing.
  }
}

function showProgress({ read, of, matched }: Extract<BacktestLine, { progress: unknown }>["progress"]): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${Math.floor((100 * read) / Math.max(1, of))} %, ${matched} matches\r`);
}

function shownMatch({ subject, time, about, turn, ...explanation }: BacktestMatch): readonly string[] {
  const what = about === undefined ? "" : `  ${about}`;
  const heard = turn ? `  by what ${turn.speaker} says at ${(turn.beginMs / 1_000).toFixed(1)} s` : "";
  const [, ...rows] = shownExplanation({ ...explanation, rule: subject });
  return [`${time}  ${subject}${what}${heard}`, ...rows.map((row) => `  ${row}`)];
}

const BAR_WIDTH = 40;

function shownResult({
  source,
  since,
  until,
  asked,
  matched,
  histogram,
  gaps,
  note,
}: BacktestResult): readonly string[] {
  const most = Math.max(1, ...histogram.map((step) => step.matched));
  return [
    `${source}: ${matched} of ${asked} would have matched, ${since} to ${until}`,
    ...(note === undefined ? [] : [note]),
    ...gaps.map((gap) => `gap: nothing is known of ${gap.since} to ${gap.until}. ${gap.reason}`),
    ...histogram.map(
      (step) =>
        `${step.from.slice(0, 16)}  ${String(step.matched).padStart(6)} of ${String(step.asked).padEnd(6)}  ${"█".repeat(Math.ceil((BAR_WIDTH * step.matched) / most))}`,
    ),
  ];
}
