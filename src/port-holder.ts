/** Which program listens on a port of this machine, as far as its user may know. */

import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { basename } from "node:path";
import { text } from "node:stream/consumers";

/** `node (pid 4711)`, or what of it is known; `undefined` where nothing is. `host` matters little: one port is one program nearly always. */
export async function findHolder(host: string, port: number): Promise<string | undefined> {
  const health = await askHealth(host, port);
  const answer = health && `Trunkline ${health.version}`;
  const found = process.platform === "linux" ? findByProc(port) : await findByLsof(port);
  const program = found && `${found.name} (pid ${found.pid})`;
  if (answer === undefined) return program;
  return program === undefined ? answer : `${answer}, ${program}`;
}

export interface Health {
  readonly version: string;
  /** By the server's own clock. */
  readonly time: string;
}

/** What Trunkline says of itself there, with TLS or without; whose certificate it has does not matter here. `undefined`: nobody of ours answers. */
export async function askHealth(host: string, port: number): Promise<Health | undefined> {
  const [plain, tls] = await Promise.all([askBy(request, host, port), askBy(requestTls, host, port)]);
  return plain ?? tls;
}

async function askBy(open: typeof request, host: string, port: number): Promise<Health | undefined> {
  const hostname = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const { promise, resolve } = Promise.withResolvers<string>();
  const where = { hostname, port, path: "/_trunkline/health", rejectUnauthorized: false, agent: false };
  open(
    { ...where, signal: AbortSignal.timeout(ASK_MS) },
    (response) => void text(response).then(resolve, () => resolve("")),
  )
    .once("error", () => resolve(""))
    .end();
  try {
    const { status, version, time } = JSON.parse(await promise);
    return status === "ok" ? { version, time } : undefined;
  } catch {
    return undefined;
  }
}

const ASK_MS = 2000;
const LISTENING = "0A";

interface Holder {
  readonly pid: number;
  readonly name: string;
}

/** Linux tells which socket listens, and each process's own files; those of other users only to root. */
function findByProc(port: number): Holder | undefined {
  const inodes = new Set([...listening("/proc/net/tcp", port), ...listening("/proc/net/tcp6", port)]);
  if (inodes.size === 0) return undefined;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    if (socketsOf(entry).some((inode) => inodes.has(inode))) return { pid: Number(entry), name: nameOf(entry) };
  }
  return undefined;
}

/** Inodes of the sockets that listen on a port; see proc_pid_net(5). */
function* listening(table: string, port: number): Generator<string> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  for (const row of readOr(table, "").split("\n").slice(1)) {
    const fields = row.trim().split(/\s+/);
    if (fields[3] === LISTENING && fields[1]?.endsWith(`:${wanted}`) && fields[9]) yield fields[9];
  }
}

function socketsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((file) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOr(`/proc/${pid}/fd/${file}`)) ?? [];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    // Another user's, or gone by now.
    return [];
  }
}

/** The name of a process's program, as it was called: its main thread may have a name of its own, as Node's has. */
export function nameOf(pid: string | number): string {
  const [program = ""] = readOr(`/proc/${pid}/cmdline`, "").split("\0");
  return basename(program) || readOr(`/proc/${pid}/comm`, "a program").trim();
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

async function findByLsof(port: number): Promise<Holder | undefined> {
  const child = spawn("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.on("error", () => {
    // There is no lsof: then nobody knows.
  });
  const output = await text(child.stdout);
  const [, pid] = /^p(\d+)$/m.exec(output) ?? [];
  const [, name = "a program"] = /^c(.+)$/m.exec(output) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), name };
}
