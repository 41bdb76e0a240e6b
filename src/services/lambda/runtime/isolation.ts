import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Logger } from "pino";

/**
 * What keeps a handler from the server's files and from other handlers.
 *
 * `own-user`: each process has a user id of its own, and no rights beyond what everybody has. That needs root, and that everybody may run our
 * Node and read our bootstrap. `permissions`: Node's own permission flags; other runtimes are then not held back at all.
 */
export type Isolation = { readonly kind: "own-user"; readonly firstUser: number } | { readonly kind: "permissions" };

/** Sandboxes of this process at one time, whatever the limit says: each has its place and with it a user id. */
export const PLACES_MAX = 250;

/**
 * User ids that nobody else has: another range for each server on this machine. In a container with a user namespace there are only 65,536
 * ids, and mostly one server.
 */
function candidates(): readonly number[] {
  return [1_000_000_000 + process.pid * PLACES_MAX, 62_000];
}

const run = promisify(execFile);

/** Finds out what can be done here, by doing it: `bootstrap` is run as another user. */
export async function findIsolation(bootstrap: string, log: Logger): Promise<Isolation> {
  if (process.getuid?.() !== 0) return { kind: "permissions" };
  for (const firstUser of candidates()) {
    try {
      await run(process.execPath, [bootstrap, "--probe"], { uid: firstUser, gid: firstUser, env: {}, cwd: "/" });
      return { kind: "own-user", firstUser };
    } catch (error) {
      log.debug({ err: error, firstUser }, "a handler cannot run as this user");
    }
  }
  log.warn(
    "Handlers cannot run as users of their own here: other users may not run Trunkline's Node or read its files",
  );
  return { kind: "permissions" };
}
