import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { version } from "../config.ts";
import { commands, flagsOf } from "./commands.ts";
import { help } from "./help.ts";
import { runCommand } from "./index.ts";

const root = join(import.meta.dirname, "../..");

for (const [name, command] of Object.entries(commands)) {
  test(`${name} has a page in the order of a manual's, no wider than a terminal`, () => {
    const page = help(name);
    const headings = [...page.matchAll(/^(Usage(?=: )|[A-Z][a-z ]+(?=:$))/gm)].map(([, heading]) => heading);
    const variables = headings.includes("Environment") ? ["Environment"] : [];
    assert.deepEqual(headings, ["Usage", "Flags", ...variables, "Exit codes", "Examples", "See also"]);
    for (const line of page.split("\n")) assert.ok(line.length <= 120, line);
    for (const [flag, { says, isHidden }] of Object.entries(flagsOf(name))) {
      assert.equal(page.includes(`--${flag}`), !isHidden || command.description.includes(`--${flag}`), flag);
      assert.match(says, /^[a-z7J]/, `${flag} is explained in half a sentence`);
    }
  });

  test(`what the page of ${name} names is there: examples are understood, commands and guides exist`, () => {
    for (const line of Object.keys(command.examples)) {
      const [first = "", ...rest] = line.split(" ");
      assert.equal(first, name);
      const given = rest.filter((word) => word.startsWith("--")).map((word) => word.slice(2));
      assert.deepEqual(
        given.filter((flag) => !(flag in flagsOf(name))),
        [],
      );
    }
    const missing = command.seeAlso.filter((it) => !(it in commands) && !existsSync(join(root, it)));
    assert.deepEqual(missing, []);
  });
}

test("every variable that the code reads stands in help, and none beside", () => {
  const sources = globSync(["src/config.ts", "src/credentials.ts", "src/cli/*.ts"], { cwd: root })
    .filter((file) => !/\.test\.ts$|commands\.ts$/.test(file))
    .map((file) => readFileSync(join(root, file), "utf8"));
  const named = (texts: readonly string[]): string[] =>
    [...new Set(texts.flatMap((text) => text.match(/TRUNKLINE_[A-Z0-9_]+/g) ?? []))].sort();
  // It is for our own tests.
  const read = named(sources).filter((name) => name !== "TRUNKLINE_UNITS_TWICE" && name !== "TRUNKLINE_DATABASE");
  assert.deepEqual(named(Object.keys(commands).map(help)), read);
});

test("the README's table has every flag of start and its variables", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const [flag, { environment = [], isHidden }] of Object.entries(flagsOf("start"))) {
    assert.equal(readme.includes(`--${flag}`), !isHidden, flag);
    for (const name of environment) {
      const short = `\`_${name.split("_").slice(2).join("_")}\``;
      assert.ok(readme.includes(`\`${name}\``) || readme.includes(short), name);
    }
  }
});

test("the list of all commands has each of them, and the version", () => {
  const text = help(undefined);
  for (const name of Object.keys(commands)) assert.match(text, new RegExp(`^ {2}${name} `, "m"));
  assert.match(text, new RegExp(`^Trunkline ${version().replaceAll(".", "\\.")}:`));
  for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
});

test("each command that is described runs, and each that runs is described", async () => {
  const { loaders } = await import("./index.ts");
  assert.deepEqual(Object.keys(loaders).sort(), Object.keys(commands).sort());
});

test("a command that is misspelt is told the nearest, with exit code 2", async (t) => {
  const lines = t.mock.method(console, "error", () => {}).mock;
  assert.equal(await runCommand(["strat", "--port", "0"]), 2);
  assert.equal(await runCommand(["fly"]), 2);
  assert.equal(await runCommand(["help", "simulat"]), 1);
  assert.deepEqual(
    lines.calls.map((call) => call.arguments[0]),
    [
      "trunkline: there is no command strat; did you mean start? (trunkline help lists all)",
      "trunkline: there is no command fly (trunkline help lists all)",
      "trunkline: there is no command simulat; did you mean simulate? (trunkline help lists all)",
    ],
  );
});
