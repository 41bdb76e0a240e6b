/** What the machine has, whatever a server is told. */
import { spawnSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { availableParallelism, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { isLoopback } from "../../config.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const NODE_MIN = 24;
const MEMORY_BYTES_MIN = 512 * 1024 * 1024;
/** A connection takes one, an object that is read another. */
const FILES_MIN = 4096;
/** A program that has not answered by then is told as it is. */
const PROGRAM_MS = 5000;

export function checkNode(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= NODE_MIN) return ok("node", `${process.version} on ${process.platform} ${process.arch}`);
  return fail("node", `${process.version} is too old`, `install Node.js ${NODE_MIN} or later`);
}

export function* checkMachine(): Generator<Finding> {
  // 0 or more than there is: nothing holds the process but the machine.
  const bound = process.constrainedMemory();
  const memory = bound > 0 && bound < totalmem() ? bound : totalmem();
  const text = `${(memory / 1024 ** 3).toFixed(1)} GiB`;
  yield memory >= MEMORY_BYTES_MIN
    ? ok("memory", text)
    : warn("memory", text, "give it 512 MiB or more; functions of Lambda need theirs beside");
  yield ok("processors", `${availableParallelism()}`);
  const files = openFilesMax();
  if (files !== undefined) {
    yield files >= FILES_MIN
      ? ok("open files", Number.isFinite(files) ? `${files}` : "as many as it likes")
      : warn("open files", `${files} at most`, `ulimit -n ${FILES_MIN} before it starts (systemd: LimitNOFILE=)`);
  }
}

/** `undefined` where the system does not tell. Node takes as many as it may. */
function openFilesMax(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return undefined;
  }
}

/** Names of buckets, APIs and functions stand before `localhost`. */
export async function* checkNames(): AsyncGenerator<Finding> {
  const name = "bucket.localhost";
  const found = await lookup(name).then(
    ({ address }) => address,
    () => undefined,
  );
  const isOurs = found !== undefined && isIP(found) !== 0 && isLoopback(found);
  yield isOurs
    ? ok("names", `*.localhost is this machine (${found})`)
    : warn(
        "names",
        `${name} is ${found ?? "not found"}`,
        "use paths in the place of names: forcePathStyle for S3, /_aws/execute-api/… for APIs; or have *.localhost resolved (systemd-resolved does)",
      );
}

/** For information: who needs them knows. */
export function* checkPrograms(): Generator<Finding> {
  yield program("python", ["python3", "--version"], "functions with a Python runtime need it");
  // It takes seconds to say its version.
  const aws = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "aws"))
    .find(existsSync);
  yield ok("aws cli", aws ?? "is not there (nothing here needs it)");
}

function program(check: string, [name = "", ...args]: readonly string[], use: string): Finding {
  const { status, stdout } = spawnSync(name, args, { encoding: "utf8", timeout: PROGRAM_MS });
  return ok(check, status === 0 ? (stdout.trim().split("\n")[0] ?? name) : `is not there (${use})`);
}
