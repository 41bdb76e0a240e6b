import { ConfigError } from "../config.ts";
import {
  parseChange,
  simulate as play,
  RefusedError,
  ScenarioError,
  Statistics,
  summary,
  withChanges,
} from "../simulator/index.ts";
import { SystemWallClock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { connectTo } from "./api.ts";
import { readTarget } from "./client.ts";
import { onEnding } from "./ending.ts";
import { readInput } from "./input.ts";
import { openOwnServer } from "./own-server.ts";

/**
 * `trunkline simulate`: plays a contact centre against a server, and prints what it was like. Ctrl-C ends the play, with the summary
 * so far; a second one ends at once.
 */
export async function simulate(args: readonly string[]): Promise<number> {
  const target = readTarget(
    "simulate",
    args.map((arg) => arg.replace(/^--endpoint(?==|$)/, "--url")),
  );
  const { flags } = target;
  if (target.names.length > 0) throw new ConfigError(`simulate takes flags only, not ${target.names[0]}`);
  if (flags.data !== undefined && !flags["own-server"]) throw new ConfigError("--data is for --own-server alone");
  const wall = new SystemWallClock();
  const statistics = new Statistics();
  const ending = new AbortController();
  using _ending = onEnding(wall, () => ending.abort());
  await using server = flags["own-server"] ? await openOwnServer(String(flags.data ?? ":memory:")) : undefined;
  const { api, run } = server ?? { api: connectTo(target), run: (play) => play() };
  const begunMs = wall.monotonicMs();
  const progress = new Progress(wall);
  try {
    const outcome = await run(() =>
      play(api, {
        seed: String(flags.seed),
        parameters: parametersOf(flags),
        alias: String(flags.alias),
        instance: flags.instance === undefined ? undefined : String(flags.instance),
        streams: true,
        beginHour: hourOf(String(flags.begin)),
        hours: numberOf("--hours", String(flags.hours)),
        speed: flags.speed === "max" ? undefined : numberOf("--speed", String(flags.speed)),
        monotonicMs: () => wall.monotonicMs(),
        sleep,
        signal: ending.signal,
        statistics,
        onProgress: (nowMs, line) => progress.show(nowMs, line),
      }),
    );
    progress.end();
    const seconds = ((wall.monotonicMs() - begunMs) / 1_000).toFixed(1);
    const { instanceId, counts, beginMs, endMs } = outcome;
    const [from, until] = [beginMs, endMs].map((ms) => new Date(ms).toISOString().slice(0, 16).replace("T", " "));
    console.log(summary(statistics));
    console.log(
      `\nInstance ${instanceId}, ${from} to ${until}, seed ${flags.seed}: in ${seconds} s, ${counts.acts} acts`,
    );
    return 0;
  } catch (error) {
    progress.end();
    if (error instanceof RefusedError || error instanceof ScenarioError) throw new ConfigError(error.message);
    const { code } = error as { code?: unknown };
    if (typeof code === "string") throw new ConfigError(`no answer from ${target.url.origin}: ${code}`);
    throw error;
  }
}

function parametersOf(flags: Readonly<Record<string, unknown>>): ReturnType<typeof withChanges> {
  const scenario = flags.scenario === undefined ? {} : parseScenario(String(flags.scenario));
  const sets = [flags.set ?? []].flat().map((change) => parseChange(String(change)));
  const agents = flags.agents === undefined ? {} : { agents: numberOf("--agents", String(flags.agents)) };
  return withChanges({ ...scenario, ...Object.fromEntries(sets), ...agents });
}

function parseScenario(file: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readInput(file));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

function hourOf(text: string): number {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined) throw new ConfigError(`--begin: ${text} is no time of day such as 08:00`);
  return Number(hours) + Number(minutes) / 60;
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1_000_000)) throw new ConfigError(`${flag}: ${text} is no number above 0`);
  return value;
}

/** A terminal's line is drawn again so often, in milliseconds. */
const REDRAW_MS = 200;
const HOUR_MS = 3_600_000;

/** One line that changes, on a terminal; elsewhere one for each simulated hour. On standard error, beside the summary. */
class Progress {
  readonly #wall: SystemWallClock;
  #drawnMs = 0;
  #hour = 0;
  #hasLine = false;

  constructor(wall: SystemWallClock) {
    this.#wall = wall;
  }

  show(nowMs: number, line: () => string): void {
    const hour = Math.floor(nowMs / HOUR_MS);
    if (process.stderr.isTTY && this.#wall.monotonicMs() - this.#drawnMs >= REDRAW_MS) {
      process.stderr.write(`\r\u001b[2K${line()}`);
      this.#drawnMs = this.#wall.monotonicMs();
      this.#hasLine = true;
    } else if (!process.stderr.isTTY && hour > this.#hour) process.stderr.write(`${line()}\n`);
    this.#hour = hour;
  }

  end(): void {
    if (this.#hasLine) process.stderr.write("\n");
    this.#hasLine = false;
  }
}
