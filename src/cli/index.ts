import { ConfigError, START_FLAGS, version } from "../config.ts";

/** Runs one command with its arguments (without its name) and answers with the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./start.ts")).start,
  tail: async () => (await import("./tail.ts")).tail,
  send: async () => (await import("./send.ts")).send,
  operations: async () => (await import("./operations.ts")).operations,
  credentials: async () => (await import("./credentials.ts")).credentials,
  version: async () => async () => print(version()),
  help: async () => async () => print(HELP),
};

const HELP = `Trunkline ${version()}: a contact-centre event platform that speaks Amazon Connect's APIs.

Usage: trunkline COMMAND [FLAGS]

  start                  run the server
  tail STREAM-OR-BUS     print records or events as they arrive
  send EVENT.json        put events on a bus ("-" reads standard input); sources of aws. are allowed
  operations             list the API operations that are built
  credentials            add, list or remove access keys
  version                print the version
  help                   print this

Flags of start:${START_FLAGS}

Flags of tail and send:
  --url URL              the server                       (TRUNKLINE_URL or AWS_ENDPOINT_URL, default http://127.0.0.1:4510)
  --region REGION        (AWS_REGION, default us-east-1)
  Keys are taken from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default test, test).

Flags of tail:
  --from oldest|newest   where to begin                   (default newest)

Credentials: trunkline credentials add [KEY SECRET] --account ACCOUNT | list | remove KEY   [--credentials FILE | --data DIR]`;

/**
 * Runs the command line and answers with the exit code: 0, 1 for what went wrong, 2 for a command that is not understood.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  const [name = "help", ...rest] = args;
  if (["--help", "-h"].includes(name) || rest.includes("--help") || rest.includes("-h")) return print(HELP);
  if (["--version", "-v"].includes(name)) return print(version());
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    console.error(`trunkline: there is no command ${name}; see trunkline help`);
    return 2;
  }
  try {
    return await (await load())(rest);
  } catch (error) {
    if (!(error instanceof Error) || !isForUsers(error)) throw error;
    console.error(`trunkline: ${error.message}`);
    return 1;
  }
}

/** Errors whose message alone tells the user what to do; anything else is a defect and keeps its stack. */
function isForUsers(error: Error): boolean {
  return error instanceof ConfigError || error.name === "DataFolderError" || error.name === "CredentialsError";
}

function print(text: string): number {
  console.log(text);
  return 0;
}
