import { ConfigError } from "../config.ts";
import { applyFile, type Call, Refused } from "../init/index.ts";
import { readTarget, refusal, send, type Target } from "./client.ts";
import { counted } from "./counted.ts";
import { printable } from "./printable.ts";

/** `trunkline apply FILE [--dry-run]`: makes on a running server what an init file says. */
export async function apply(args: readonly string[]): Promise<number> {
  const target = readTarget("apply", args);
  const [file] = target.names;
  if (file === undefined || target.names.length > 1) throw new ConfigError("apply takes one file");
  const isDry = target.flags["dry-run"] === true;
  const applied = await applyFile(file, {
    callIn: (region) => callTo({ ...target, region }),
    region: target.region,
    account: await accountOf(target),
    isDry,
    clockStands: () => clockStands(target),
    say: (line) => console.log(printable(line)),
  });
  for (const line of applied.unchangeable) console.error(printable(line));
  console.log(isDry ? counted(applied).replace(/(created|updated)/g, "to be $1") : counted(applied));
  return 0;
}

/** Calls operations of the server with the keys of the environment. */
export function callTo(target: Target): Call {
  return async (model, operation, input) => {
    const path = `/_trunkline/api/${model}/${operation}`;
    const response = await send(target, "POST", path, JSON.stringify(input));
    const text = await response.text().catch((error: Error) => {
      throw new ConfigError(`${target.url.origin} went away while it answered ${operation}: ${error.message}`);
    });
    if (response.ok) {
      const output = documentOf(text);
      if (output === undefined) throw new ConfigError(`${target.url.origin} does not answer as Trunkline does`);
      return output;
    }
    const code = String(documentOf(text)?.code ?? response.status);
    throw new Refused(code, `${operation}: ${code}: ${refusal(text)}`);
  };
}

async function clockStands(target: Target): Promise<boolean> {
  const response = await send(target, "GET", "/_trunkline/clock");
  return response.ok && documentOf(await response.text())?.mode === "manual";
}

/** Whose keys the environment has. */
export async function accountOf(target: Target): Promise<string> {
  try {
    return String((await callTo(target)("sts", "GetCallerIdentity", {})).Account);
  } catch (error) {
    throw error instanceof Refused ? new ConfigError(`${target.url.origin}: ${error.message}`) : error;
  }
}

/** The object that a text is, as JSON; `undefined` where it is none. */
function documentOf(text: string): Doc | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Doc) : undefined;
  } catch {
    return undefined;
  }
}

type Doc = Readonly<Record<string, unknown>>;
