import { ConfigError } from "../config.ts";
import { linesOf, readTarget, request } from "./client.ts";

/** `trunkline tail NAME`: prints the records of a stream, or the events of a bus, one JSON document a line, until interrupted. */
export async function tail(args: readonly string[]): Promise<number> {
  const target = readTarget("tail", args);
  const [name] = target.names;
  if (name === undefined || target.names.length > 1)
    throw new ConfigError("tail takes one name: a stream's or an event bus's");
  const query = new URLSearchParams({ name, from: String(target.flags.from) });
  const response = await request(target, "GET", `/_trunkline/live?${query}`);
  try {
    for await (const line of linesOf(response)) process.stdout.write(`${line}\n`);
  } catch {
    // The server went away while we listened: what it sent has been printed.
    console.error("trunkline: the server closed the connection");
    return 1;
  }
  return 0;
}
