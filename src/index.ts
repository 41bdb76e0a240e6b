/** What `import … from "trunkline"` gives: a server in your own process. */
import { assertNode } from "./node-version.ts";

/** It runs until it is closed, or disposed of. */
export interface Server extends AsyncDisposable {
  /** What clients take as their endpoint: `http://127.0.0.1:4510`. */
  readonly url: string;
  /** Keys that it knows. */
  readonly accessKeyIds: readonly string[];
  /** Finishes what is in flight, and lets go of the port and the data folder. */
  close(): Promise<void>;
}

/**
 * Starts a server as `trunkline start` does. `flags` and variables are those that `trunkline start --help` lists; the process's own
 * variables count only where they are given.
 *
 * Throws a `ConfigError`, `DataFolderError` or `CredentialsError`, whose message is one line for the user.
 */
export async function startServer(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Server> {
  assertNode();
  const { readConfig } = await import("./config.ts");
  const config = readConfig(flags, environment);
  const { startApp } = await import("./app.ts");
  const app = await startApp(config);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= app.close());
  return { url: app.url, accessKeyIds: app.accessKeyIds, close, [Symbol.asyncDispose]: close };
}
