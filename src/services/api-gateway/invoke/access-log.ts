import { appendServiceEvents } from "../../logs/index.ts";
import { perStore } from "../../per-store.ts";
import type { Platform } from "../../service.ts";
import { contextValue } from "./call.ts";
import type { JavaMap } from "./velocity/values.ts";

interface Line {
  readonly account: string;
  readonly region: string;
  readonly group: string;
  readonly stream: string;
  readonly timestampMs: number;
  readonly message: string;
}

/** Lines that wait for the writer. What comes while it is that far behind is left out: no call waits for its log. */
const WAITING_MAX = 10_000;
/** In one commit, which others wait for. */
const COMMIT_LINES = 200;

interface Writer {
  readonly waiting: Line[];
  isWriting: boolean;
}

const writers = perStore<Writer>(() => ({ waiting: [], isWriting: false }));

/** Writes lines to CloudWatch Logs beside the calls: those that came meanwhile are one commit. */
export function writeLogLines(platform: Platform, lines: readonly Line[]): void {
  const writer = writers(platform.store);
  for (const line of lines) if (writer.waiting.length < WAITING_MAX) writer.waiting.push(line);
  if (!writer.isWriting && writer.waiting.length > 0) void write(platform, writer);
}

async function write(platform: Platform, writer: Writer): Promise<void> {
  writer.isWriting = true;
  try {
    while (writer.waiting.length > 0) {
      const lines = writer.waiting.splice(0, COMMIT_LINES);
      const byStream = Map.groupBy(lines, ({ account, region, group, stream }) =>
        JSON.stringify([account, region, group, stream]),
      );
      await platform.store.commitUnsynced(async (unit) => {
        for (const events of byStream.values()) {
          const [first] = events;
          if (first) await appendServiceEvents(unit, platform, first, events);
        }
      });
    }
  } catch (error) {
    // A store that has closed, or a group that cannot be written: calls go on without their log.
    platform.log.debug({ err: error }, "log lines of calls were not written");
    writer.waiting.length = 0;
  } finally {
    writer.isWriting = false;
  }
}

/** The line of a call in the stage's own format: variables of `$context` are replaced, one that has no value by `-`. */
export function accessLogLine(format: string, context: JavaMap): string {
  return format.replace(/\$context\.([\w.-]*[\w])/g, (_all, path: string) => {
    const value = contextValue(context, path);
    return value === undefined || (typeof value === "object" && !Array.isArray(value) && value instanceof Map)
      ? "-"
      : escaped(String(value));
  });
}

/** Most formats are JSON, in which a value must not end its text. */
function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
