/**
 * Kills the process (SIGKILL) under load. What was written outlives a process, so this proves the restart: the lock is free, what
 * another process has left is read, and nothing is half there. That acknowledged units outlive the power is in `power-cut.test.ts`.
 *
 * This file is also the process that is killed.
 */
import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { after, test } from "node:test";
import { RealClock, SystemWallClock } from "../time/clock.ts";
import { SeededIds } from "../time/ids.ts";
import { type Acknowledged, verify, work } from "./crash-workload.ts";
import { openStore } from "./index.ts";
import type { Store } from "./store.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 100 : 3;
/** Small, so that kills also meet the worker that copies the WAL. */
const CHECKPOINT_BYTES = 256 * 1024;
/** A kill comes after so many acknowledged units at most. */
const UNITS_MAX = 1000;

const wall = new SystemWallClock();
const [, , command, directory = ""] = process.argv;

if (command === "work") {
  const ids = new SeededIds(directory);
  await work(await open(directory), {
    random: () => ids.random(),
    acknowledge: (writer, number) => process.stdout.write(`${JSON.stringify([writer, number])}\n`),
    signal: new AbortController().signal,
  });
} else {
  const root = mkdtempSync(join(tmpdir(), "trunkline-kill-"));
  after(() => rmSync(root, { recursive: true }));

  test("after a kill everything acknowledged is there, and nothing is half there", async (context) => {
    const folder = join(root, "data");
    const ids = new SeededIds(String(wall.now()));
    const acknowledged: Acknowledged = new Map();
    let unacknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await workUntilKilled(folder, acknowledged, ids.random() * UNITS_MAX);
      const store = await open(folder);
      unacknowledged += await verify(store, acknowledged).finally(() => store.close());
    }
    const units = [...acknowledged.values()].reduce((sum, number) => sum + number, 0);
    context.diagnostic(
      `${ROUNDS} kills: of ${units} acknowledged units 0 lost, of the others ${unacknowledged} kept, 0 halves`,
    );
  });

  test("a folder that another process holds is refused, until that is gone", async () => {
    const folder = join(root, "held");
    const child = startWorker(folder);
    await once(child.stdout, "data");
    await assert.rejects(open(folder), {
      name: "DataFolderError",
      message: `Data folder ${folder} is in use by another process`,
    });
    child.kill("SIGKILL");
    await once(child, "close");
    await (await open(folder)).close();
  });
}

function open(directory: string): Promise<Store> {
  return openStore({ directory, clock: new RealClock(wall), wall, checkpointBytes: CHECKPOINT_BYTES });
}

function startWorker(folder: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [import.meta.filename, "work", folder], { stdio: ["ignore", "pipe", "inherit"] });
}

async function workUntilKilled(folder: string, acknowledged: Acknowledged, units: number): Promise<void> {
  const child = startWorker(folder);
  const closed = once(child, "close");
  let left = units;
  for await (const line of createInterface({ input: child.stdout })) {
    // The kill may have cut the last line short; then it was not read by anybody.
    if (!line.endsWith("]")) continue;
    const [writer, number] = JSON.parse(line);
    acknowledged.set(writer, number);
    if (left-- <= 0) child.kill("SIGKILL");
  }
  const [code, signal] = await closed;
  assert.equal(signal, "SIGKILL", `the process ended by itself, with code ${code}`);
}
