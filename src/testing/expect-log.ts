import type { AskedServer } from "./asked-server.ts";
import { RefusedError } from "./connection.ts";
import { failed, inspected, shortened } from "./matching.ts";
import { lookAgain, type Waiting, waitFor } from "./waiting.ts";

/** A line of a log group. */
export interface LogLine {
  readonly logStreamName: string;
  /** In milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

/** Functions' lines are written a moment after they were logged, in the machine's time. */
const WRITTEN_SECONDS = 1;
const LINES_MAX = 10_000;
const TOLD_MAX = 10;

/**
 * Waits for a line of a log group that has a text in it, or that a regular expression matches, and answers with the first: what a function `NAME`
 * has printed is in `/aws/lambda/NAME`. Throws an `AssertionError` that tells the last lines.
 */
export async function expectLog(
  server: AskedServer,
  logGroupName: string,
  wanted: string | RegExp,
  waiting: Waiting = {},
): Promise<LogLine> {
  const find = (lines: readonly LogLine[] = []): LogLine | undefined =>
    lines.find(({ message }) => (typeof wanted === "string" ? message.includes(wanted) : message.search(wanted) >= 0));
  const isThere = (lines: readonly LogLine[] | undefined): boolean => find(lines) !== undefined;
  const look = (): Promise<readonly LogLine[] | undefined> => linesOf(server, logGroupName);
  const seen = await waitFor(server.clock, waiting, look, isThere);
  const lines = isThere(seen) ? seen : await lookAgain(WRITTEN_SECONDS, look, isThere);
  const found = find(lines);
  if (found !== undefined) return found;
  const text = typeof wanted === "string" ? inspected(wanted) : String(wanted);
  const at = (await server.clock.now()).toISOString();
  const told = `There is not a line with ${text} in the log group ${logGroupName} by ${at}.`;
  if (lines === undefined) throw failed([told, "There is no such log group: nothing has written to it."]);
  if (lines.length === 0) throw failed([told, "There is none at all."]);
  const last = lines.slice(-TOLD_MAX).map(({ message }) => `  ${shortened(message.trimEnd())}`);
  throw failed([told, `There are ${lines.length}; the last:`, ...last]);
}

/** `undefined` where there is no such group. */
async function linesOf(server: AskedServer, logGroupName: string): Promise<readonly LogLine[] | undefined> {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await server.connection.call("logs", "FilterLogEvents", { logGroupName, nextToken });
      lines.push(...page.events);
      nextToken = page.nextToken;
    } while (nextToken !== undefined && lines.length < LINES_MAX);
    return lines;
  } catch (error) {
    if (error instanceof RefusedError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}
