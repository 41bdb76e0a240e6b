import { spawn } from "node:child_process";
import type { WallClock } from "../../../time/clock.ts";
import { processesOf } from "./process-memory.ts";

const ATTEMPTS_MAX = 20;
const PAUSE_MS = 20;
const PAUSE_MS_MAX = 1_000;

/**
 * Ends all processes of a user, and answers whether none is left.
 *
 * Who forks faster than we look through all processes gets away from kills one by one. The system's own kill of all that a user may signal
 * is one step, but only a process of that user can ask for it; one that fights it by killing it first is met again.
 */
export async function endProcessesOf(user: number, wall: WallClock): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const wasAsked = await killAllAs(user);
    if (wasAsked && processesOf(user).length === 0) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    wall.after(Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** attempt), resolve);
    await promise;
  }
  return false;
}

/** Whether it came to that: what it is to end may have ended it first. */
function killAllAs(user: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn("/bin/sh", ["-c", "kill -9 -1"], { uid: user, gid: user, stdio: "ignore", cwd: "/", env: {} });
  child.once("exit", (_status, signal) => resolve(signal === null)).once("error", () => resolve(false));
  return promise;
}
