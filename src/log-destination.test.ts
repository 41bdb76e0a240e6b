import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";

const DESTINATION = new URL("./log-destination.ts", import.meta.url).href;
const CLOCK = new URL("./time/clock.ts", import.meta.url).href;

/** The process imports a source by its name: it has no need of what the runner has put before the sources. */
const env = { ...process.env, NODE_OPTIONS: "" };

/** A process that logs so many lines, does something more, and ends by itself. */
const logging = (lines: number, more = ""): string => `
  import { logDestination } from ${JSON.stringify(DESTINATION)};
  import { SystemWallClock } from ${JSON.stringify(CLOCK)};
  const destination = logDestination(new SystemWallClock());
  for (let number = 0; number < ${lines}; number++) destination.write(number + "\\n");
  ${more}
`;

const lines = (count: number): string => [...Array(count).keys()].map((number) => `${number}\n`).join("");

test("all lines are written, in order, also those before an end at once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const more of ["", "process.exit(3);"]) {
    const path = join(folder, "log");
    const file = openSync(path, "w");
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", logging(20_000, more)], {
      env,
      stdio: ["ignore", "ignore", file],
    });
    closeSync(file);
    assert.deepEqual(await once(child, "exit"), [more === "" ? 0 : 3, null]);
    assert.equal(readFileSync(path, "utf8"), lines(20_000));
  }
});

test("a reader who is slow gets all of it", async () => {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", logging(50_000)], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  assert.equal(await text(child.stderr), lines(50_000));
});

test("what nobody takes holds nothing up, and ends nothing", {
  skip: !existsSync("/dev/full") && "there is no /dev/full",
}, async () => {
  const full = openSync("/dev/full", "w");
  const later = 'setTimeout(() => { destination.write("more\\n"); console.log("goes on"); }, 100);';
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", logging(10, later)], {
    env,
    stdio: ["ignore", "pipe", full],
  });
  closeSync(full);
  const exit = once(child, "exit");
  assert.equal(await text(child.stdout as NodeJS.ReadableStream), "goes on\n");
  assert.deepEqual(await exit, [0, null]);
});
