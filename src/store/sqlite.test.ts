import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { SystemWallClock } from "../time/clock.ts";
import { storeContract } from "./contract.ts";
import { openStore } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "trunkline-store-"));
after(() => rmSync(folder, { recursive: true }));

let folders = 0;
const inFolder = (): string => join(folder, String(folders++));
const wall = new SystemWallClock();
const randomCases = process.env.TRUNKLINE_FULL === "1" ? 1000 : 50;

storeContract("in memory", {
  open: (clock) => openStore({ directory: ":memory:", clock, wall }),
  randomCases,
});
storeContract("in a folder", {
  open: (clock) => openStore({ directory: inFolder(), clock, wall }),
  randomCases: Math.ceil(randomCases / 20),
});
storeContract("in a folder, each unit run twice, copying the write-ahead log all the time", {
  open: (clock) => openStore({ directory: inFolder(), clock, wall, runUnitsTwice: true, checkpointBytes: 1 }),
  randomCases: Math.ceil(randomCases / 50),
});
