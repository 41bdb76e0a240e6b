import { readdirSync, readFileSync, statSync } from "node:fs";

const PAGE_BYTES = 4096;

/** A sandbox's processes: those of its user where it has one of its own, else those of its group. */
export interface ProcessSet {
  readonly group: number;
  readonly user: number | undefined;
}

/**
 * Resident bytes of the processes of each set, in their order, by one look at all processes. Linux alone tells them; elsewhere there are none.
 */
export function residentBytes(sets: readonly ProcessSet[]): readonly number[] {
  const bytes = sets.map(() => 0);
  const byGroup = new Map(sets.flatMap(({ group, user }, place) => (user === undefined ? [[group, place]] : [])));
  const byUser = new Map(sets.flatMap(({ user }, place) => (user === undefined ? [] : [[user, place]])));
  for (const pid of processIds()) {
    const found = read(pid, byUser, byGroup);
    if (found) bytes[found.place] = (bytes[found.place] ?? 0) + found.bytes;
  }
  return bytes;
}

/** Processes of a user that have not ended: what a handler has left behind in a group of its own. */
export function processesOf(user: number): readonly number[] {
  return processIds().filter((pid) => userOf(pid) === user && !hasEnded(pid));
}

/** Nobody has waited for it yet. */
function hasEnded(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return true;
  }
}

/** The most resident bytes that a process ever had; 0 where that is not known. */
export function peakResidentBytes(pid: number): number {
  try {
    const [, kilobytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    // It has ended, or there is no /proc.
    return 0;
  }
}

function processIds(): readonly number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function userOf(pid: number): number | undefined {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    // It has ended.
    return undefined;
  }
}

function read(
  pid: number,
  byUser: ReadonlyMap<number | undefined, number | undefined>,
  byGroup: ReadonlyMap<number | undefined, number | undefined>,
): { place: number; bytes: number } | undefined {
  let place = byUser.size > 0 ? byUser.get(userOf(pid)) : undefined;
  if (place === undefined && byGroup.size === 0) return undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is a name in brackets, which may hold anything. Behind it: state, parent, group, …, resident pages as the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    place ??= byGroup.get(Number(fields[2]));
    return place === undefined ? undefined : { place, bytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    // It has ended.
    return undefined;
  }
}
