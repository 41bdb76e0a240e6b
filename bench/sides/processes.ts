import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server in a fresh process. */
export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts one of the servers beside this file and waits until it prints its port. */
export async function startProcess(
  name: "echo" | "kinesalite" | "trunkline",
  args: readonly string[] = [],
): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), args, {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    execArgv: ["--expose-gc", "--max-semi-space-size=32", "--disable-warning=ExperimentalWarning"],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  const { port } = JSON.parse(line.toString()) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill(name === "trunkline" ? "SIGTERM" : "SIGKILL");
      await ended;
    },
  };
}

/** What a server of ours has used since it began: processor time in ms by name, bytes written, and counts. */
export async function usageOf({ child }: ServerProcess): Promise<Record<string, number>> {
  child.send("usage");
  const [answer] = (await once(child, "message")) as [Record<string, number>];
  return answer;
}

/** Runs with a data folder of its own, on the disk that the working directory is on (a tmpfs would make syncs free). */
export async function withDataFolder<R>(run: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(process.env.BENCH_DATA ?? tmpdir(), "trunkline-bench-"));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
