import { ConfigError, version } from "../config.ts";
import { help, noSuchCommand } from "./help.ts";

/** Runs one command with its arguments (without its name) and answers with the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

/** What each command runs; how it is used is in `commands.ts`. */
export const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./start.ts")).start,
  tail: async () => (await import("./tail.ts")).tail,
  send: async () => (await import("./send.ts")).send,
  simulate: async () => (await import("./simulate.ts")).simulate,
  explain: async () => (await import("./explain.ts")).explain,
  backtest: async () => (await import("./backtest.ts")).backtest,
  import: async () => (await import("./import.ts")).importProfiles,
  backup: async () => (await import("./backup.ts")).backup,
  restore: async () => (await import("./restore.ts")).restoreBackup,
  apply: async () => (await import("./apply.ts")).apply,
  doctor: async () => (await import("./doctor.ts")).doctor,
  export: async () => (await import("./export.ts")).exportResources,
  flows: async () => (await import("./flows.ts")).flows,
  apis: async () => (await import("./apis.ts")).apis,
  mailbox: async () => (await import("./mailbox.ts")).mailbox,
  analyze: async () => (await import("./analyze.ts")).analyze,
  operations: async () => (await import("./operations.ts")).operations,
  credentials: async () => (await import("./credentials.ts")).credentials,
  completion: async () => (await import("./completion.ts")).completion,
  version: async () => async () => print(version()),
  help:
    async () =>
    async ([command]) =>
      print(help(command)),
};

/** `explain` answers 1 for an event that does not match, so trouble is something else. */
const TROUBLE_CODES: Readonly<Record<string, number>> = { explain: 2 };

/**
 * Runs the command line and answers with the exit code: 0, 1 for what went wrong, 2 for a command that is not understood.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  if (["--help", "-h"].includes(name)) return print(help(undefined));
  if (["--version", "-v"].includes(name)) return print(version());
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (!load) {
    console.error(`trunkline: ${noSuchCommand(name)}`);
    return 2;
  }
  // Who reads what we print, `head` say, may have enough of it. A server goes on without.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    if (name !== "start") process.exit();
  });
  if (rest.includes("--help") || rest.includes("-h")) return print(help(name));
  try {
    return await (await load())(rest);
  } catch (error) {
    if (!(error instanceof Error) || !isForUsers(error)) throw error;
    console.error(`trunkline: ${error.message}`);
    return TROUBLE_CODES[name] ?? 1;
  }
}

/** Errors whose message alone tells the user what to do; anything else is a defect and keeps its stack. */
function isForUsers(error: Error): boolean {
  return error instanceof ConfigError || FOR_USERS.includes(error.name);
}

const FOR_USERS: readonly string[] = ["DataFolderError", "CredentialsError", "BackupError", "InitError"];

function print(text: string): number {
  console.log(text);
  return 0;
}
