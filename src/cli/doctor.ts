import { type Config, ConfigError, readConfig } from "../config.ts";
import { SystemWallClock } from "../time/clock.ts";
import { checkData } from "./doctor/data.ts";
import { type Finding, warn } from "./doctor/finding.ts";
import { checkMachine, checkNames, checkNode, checkPrograms } from "./doctor/machine.ts";
import { checkCertificate, checkCredentials, checkPort } from "./doctor/server.ts";

/**
 * `trunkline doctor`: looks at what a server with these flags needs, with one running or not, and changes nothing. Exit code 1 where
 * something would not work.
 */
export async function doctor(args: readonly string[]): Promise<number> {
  const own = ["--deep", "--json"];
  const isDeep = args.includes("--deep");
  const findings: Finding[] = [];
  const isJson = args.includes("--json");
  for await (const finding of examine(
    args.filter((arg) => !own.includes(arg)),
    isDeep,
  )) {
    findings.push(finding);
    if (!isJson) console.log(shown(finding));
  }
  const failed = findings.filter(({ state }) => state === "fail").length;
  if (isJson) console.log(JSON.stringify({ ok: failed === 0, findings }, undefined, 2));
  return failed === 0 ? 0 : 1;
}

/** What there is to find, in the order in which it is looked at. */
export async function* examine(args: readonly string[], isDeep: boolean): AsyncGenerator<Finding> {
  yield checkNode();
  const config = configOf(args);
  if ("state" in config) yield config;
  else {
    const wall = new SystemWallClock();
    for (const slip of config.slips) yield warn("configuration", slip, "trunkline start --help lists the variables");
    yield* checkPort(config, wall);
    yield* checkData(config, wall, isDeep);
    yield* checkCredentials(config, wall);
    yield* checkCertificate(config, wall);
  }
  yield* checkMachine();
  yield* checkNames();
  yield* checkPrograms();
}

/** As `start` would read it. */
function configOf(args: readonly string[]): Config | Finding {
  try {
    return readConfig(args, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { check: "configuration", state: "fail", found: error.message, advice: "trunkline start --help" };
  }
}

function shown({ check, state, found, advice }: Finding): string {
  return `${state.padEnd(5)} ${check.padEnd(14)} ${found}${advice === undefined ? "" : `\n${" ".repeat(21)}→ ${advice}`}`;
}
