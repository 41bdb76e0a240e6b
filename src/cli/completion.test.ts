import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { commands } from "./commands.ts";
import { completion } from "./completion.ts";

async function scriptFor(shell: string, t: test.TestContext): Promise<string> {
  const { mock } = t.mock.method(console, "log", () => {});
  assert.equal(await completion([shell]), 0);
  const [call] = mock.calls;
  mock.restore();
  return String(call?.arguments[0]);
}

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "trunkline-test-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "rule one.json"), "");
mkdirSync(join(folder, "runs"));

test("bash completes commands, verbs, flags, values, files and folders", {
  skip: !has("bash") && "there is no bash",
}, async (t) => {
  const script = join(folder, "completion.bash");
  writeFileSync(script, await scriptFor("bash", t));
  // As readline calls it: the words, the place of the last one, and the name of the command.
  const offered = (...words: string[]): string[] => {
    const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _trunkline; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-uc", ask, "bash", script, "trunkline", ...words], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(stderr, "");
    return stdout.split("\n").filter((line) => line !== "");
  };
  assert.deepEqual(offered(""), [...Object.keys(commands), "--help", "--version"]);
  assert.deepEqual(offered("si"), ["simulate"]);
  assert.deepEqual(offered("start", "--enf"), ["--enforce-limits"]);
  assert.deepEqual(offered("start", "--database"), [], "what is hidden is not offered");
  assert.deepEqual(offered("start", "--clock", ""), ["real", "manual"]);
  assert.deepEqual(offered("start", "--clock", "=", "m"), ["manual"]);
  assert.deepEqual(offered("start", "--clock", "="), ["real", "manual"]);
  assert.deepEqual(offered("start", "--port", ""), []);
  assert.deepEqual(offered("start", "--data", "r"), ["runs"]);
  assert.deepEqual(offered("flows", ""), ["list", "show", "run"]);
  assert.deepEqual(offered("flows", "show", ""), []);
  assert.deepEqual(offered("explain", "rule"), ["rule one.json"]);
  assert.deepEqual(offered("explain", "--pattern", "ru").sort(), ["rule one.json", "runs"]);
  assert.deepEqual(offered("help", "comp"), ["completion"]);
  assert.deepEqual(offered("nonsense", ""), []);
});

for (const shell of ["zsh", "fish"]) {
  test(`${shell} takes its script`, { skip: !has(shell) && `there is no ${shell}` }, async (t) => {
    const script = join(folder, `completion.${shell}`);
    writeFileSync(script, await scriptFor(shell, t));
    const { status, stderr } = spawnSync(shell, ["-n", script], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  });
}

test("zsh completes commands, verbs, flags, values, files and folders when Tab is pressed", {
  skip: !has("zsh") && "there is no zsh",
}, async (t) => {
  const script = join(folder, "tab.zsh");
  writeFileSync(script, await scriptFor("zsh", t));
  const offered = (line: string): string[] => {
    const args = ["-f", join(import.meta.dirname, "press-tab.zsh"), script, line];
    const { stdout } = spawnSync("zsh", args, { cwd: folder, encoding: "utf8", timeout: 60_000 });
    // What is said twice (a file is looked for by its pattern, too) is offered once.
    return [...new Set(stdout.split("\n").filter((it) => it !== ""))];
  };
  assert.deepEqual(offered("trunkline "), Object.keys(commands));
  assert.deepEqual(offered("trunkline --v"), ["--version"]);
  assert.deepEqual(offered("trunkline si"), ["simulate"]);
  assert.deepEqual(offered("trunkline start --enf"), ["--enforce-limits"]);
  assert.deepEqual(offered("trunkline start --clock "), ["real", "manual"]);
  assert.deepEqual(offered("trunkline start --clock=m"), ["manual"]);
  assert.deepEqual(offered("trunkline start --port "), []);
  assert.deepEqual(offered("trunkline start --data r"), ["runs"]);
  assert.deepEqual(offered("trunkline flows "), ["list", "show", "run"]);
  assert.deepEqual(offered("trunkline flows show "), []);
  assert.deepEqual(offered("trunkline explain rule"), ["rule\\ one.json"]);
  assert.deepEqual(offered("trunkline help comp"), ["completion"]);
});

test("fish completes commands and flags", { skip: !has("fish") && "there is no fish" }, async (t) => {
  const script = join(folder, "trunkline.fish");
  writeFileSync(script, await scriptFor("fish", t));
  const offered = (line: string): string[] => {
    const { stdout } = spawnSync("fish", ["-c", `source ${script}; complete -C '${line}'`], {
      cwd: folder,
      encoding: "utf8",
    });
    return stdout.split("\n").flatMap((it) => (it === "" ? [] : [it.split("\t")[0] ?? ""]));
  };
  assert.deepEqual(offered("trunkline si"), ["simulate"]);
  assert.deepEqual(offered("trunkline start --clock "), ["manual", "real"]);
  assert.deepEqual(offered("trunkline start --clock=m"), ["--clock=manual"]);
  assert.deepEqual(offered("trunkline start --enf"), ["--enforce-limits"]);
  assert.deepEqual(offered("trunkline --v"), ["--version"]);
  assert.deepEqual(offered("trunkline help comp"), ["completion"]);
  assert.deepEqual(offered("trunkline flows "), ["list", "run", "show"]);
  assert.deepEqual(offered("trunkline flows show "), []);
  assert.deepEqual(offered("trunkline start --data r"), ["runs/"]);
  assert.deepEqual(offered("trunkline explain rule"), ["rule one.json"]);
});

test("another shell is refused by name of those that there are", async () => {
  await assert.rejects(completion(["tcsh"]), { name: "ConfigError", message: /bash, zsh or fish/ });
});
