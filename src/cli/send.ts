import { ConfigError } from "../config.ts";
import { parseKeepingNumbers } from "../services/json-text.ts";
import { readTarget, request } from "./client.ts";
import { readInput } from "./input.ts";

/**
 * `trunkline send FILE`: puts the events of a file on their buses.
 *
 * The file holds one event, an array of them, or one a line; each as PutEvents takes it (`Source`, `DetailType`, `Detail`, …) or
 * as a bus carries it (`source`, `detail-type`, `detail`, …).
 */
export async function send(args: readonly string[]): Promise<number> {
  const target = readTarget("send", args);
  const [file] = target.names;
  if (file === undefined || target.names.length > 1)
    throw new ConfigError('send takes one file, or "-" for standard input');
  const events = parseEvents(readInput(file), file);
  const response = await request(target, "POST", "/_trunkline/events", JSON.stringify(events));
  const outcomes = (await response.json()) as { EventId?: string; ErrorCode?: string; ErrorMessage?: string }[];
  for (const outcome of outcomes) console.log(outcome.EventId ?? `${outcome.ErrorCode}: ${outcome.ErrorMessage}`);
  return outcomes.every((outcome) => outcome.EventId) ? 0 : 1;
}

function parseEvents(text: string, file: string): unknown[] {
  try {
    return [parseKeepingNumbers(text)].flat();
  } catch (whole) {
    try {
      return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => parseKeepingNumbers(line));
    } catch {
      throw new ConfigError(`${file} is not JSON: ${(whole as Error).message}`);
    }
  }
}
