/** The folder that a server keeps everything in, and the disk that it is on. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../../config.ts";
import { nameOf } from "../../port-holder.ts";
import { inspectDatabase } from "../../store/index.ts";
import type { WallClock } from "../../time/clock.ts";
import { RandomIds } from "../../time/ids.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const FREE_BYTES_WARN = 1024 ** 3;
const FREE_BYTES_FAIL = 100 * 1024 ** 2;
const SYNCS = 15;
const SYNC_BYTES = 4096;
/** Whoever writes waits for one: up to this nobody minds. */
const SYNC_MS_MAX = 10;

/** By the magic numbers of statfs(2), and what is to be said of them. */
const FILE_SYSTEMS: Readonly<Record<number, readonly [name: string, advice?: string]>> = {
  61267: ["ext4"],
  1481003842: ["xfs"],
  2435016766: ["btrfs"],
  801189825: ["zfs"],
  4076150800: ["f2fs"],
  16914836: ["tmpfs", "it lies in memory and is gone with the machine; choose a disk, or --data :memory:"],
  2035054128: ["overlayfs", "it is a container's own layer, gone with the container; mount a volume"],
  26985: ["nfs", "locks and syncs over the network are not to be relied upon; choose a local disk"],
  4283649346: ["cifs", "locks and syncs over the network are not to be relied upon; choose a local disk"],
  4266872130: ["smb2", "locks and syncs over the network are not to be relied upon; choose a local disk"],
};

export function* checkData({ data }: Config, wall: WallClock, isDeep: boolean): Generator<Finding> {
  if (data === ":memory:") return yield ok("data", "in memory, gone when the server stops");
  const folder = resolve(data);
  const base = existing(folder);
  if (!statSync(base).isDirectory()) return yield fail("data", `${base} is a file`, "name a folder with --data");
  try {
    accessSync(base, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return yield fail("data", `${base} cannot be written by this user`, "give it to the user that the server runs as");
  }
  yield ok("data", base === folder ? folder : `${folder} will be made`);
  yield* disk(base);
  yield* syncs(base, wall);
  if (existsSync(join(folder, "trunkline.db"))) yield* database(folder, isDeep);
}

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}

function* disk(base: string): Generator<Finding> {
  const { type, bavail, bsize } = statfsSync(base);
  const [name, advice] = FILE_SYSTEMS[type] ?? [];
  if (process.platform === "linux") {
    const text = name ?? `unknown (0x${type.toString(16)})`;
    yield advice === undefined ? ok("file system", text) : warn("file system", text, advice);
  }
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  if (free < FREE_BYTES_FAIL) yield fail("disk", text, "make room: a server whose disk is full takes nothing more");
  else yield free < FREE_BYTES_WARN ? warn("disk", text, "make room before it is full") : ok("disk", text);
}

/** As a commit of a small unit syncs: some bytes at the end of a file. */
function* syncs(base: string, wall: WallClock): Generator<Finding> {
  const path = join(base, `.trunkline-doctor-${new RandomIds().uuid()}`);
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      const bytes = Buffer.alloc(SYNC_BYTES, 1);
      const each = Array.from({ length: SYNCS }, () => {
        writeSync(file, bytes);
        const begunMs = wall.monotonicMs();
        fdatasyncSync(file);
        return wall.monotonicMs() - begunMs;
      }).sort((a, b) => a - b);
      const median = each[SYNCS >> 1] ?? 0;
      const text = `${median.toFixed(2)} ms (median of ${SYNCS}, longest ${each.at(-1)?.toFixed(2)} ms)`;
      yield median <= SYNC_MS_MAX
        ? ok("sync", text)
        : warn(
            "sync",
            text,
            "each answer that something rests on waits for one; a disk with a shorter sync makes all faster",
          );
    } finally {
      closeSync(file);
    }
  } catch (error) {
    yield fail("sync", (error as Error).message, "the server could not write there either");
  } finally {
    rmSync(path, { force: true });
  }
}

function* database(folder: string, isDeep: boolean): Generator<Finding> {
  const { version, known, holds, trouble, integrity } = inspectDatabase(folder, isDeep);
  if (trouble !== undefined)
    return yield fail("version", trouble, "restore a backup, or start the version that wrote it");
  yield ok(
    "version",
    `data of version ${version}; this program knows up to ${known}${version === known ? "" : ", and brings it there at the next start"}`,
  );
  const pid = holds ? lockHolder(join(folder, "trunkline.lock")) : undefined;
  yield ok("lock", holds ? `held by ${pid === undefined ? "another process" : `${nameOf(pid)} (pid ${pid})`}` : "free");
  if (integrity === undefined) return;
  yield integrity === "ok"
    ? ok("integrity", "every page and index of the database is as it should be")
    : fail("integrity", integrity, "stop the server, keep a copy of the folder, and restore the last backup");
}

/** Linux tells who holds which lock, by the file's inode; see proc_locks(5). */
function lockHolder(path: string): number | undefined {
  try {
    const { ino } = statSync(path);
    const rows = readFileSync("/proc/locks", "utf8").split("\n");
    const row = rows.find((text) => new RegExp(` WRITE +\\d+ [0-9a-f]+:[0-9a-f]+:${ino} `).test(text));
    const [, pid] = /WRITE +(\d+)/.exec(row ?? "") ?? [];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}
