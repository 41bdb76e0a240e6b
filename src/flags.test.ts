import assert from "node:assert/strict";
import test from "node:test";
import { ConfigError, readFlags } from "./flags.ts";
import { nearest } from "./models/nearest.ts";

const FLAGS = {
  port: { takes: "PORT", says: "where to listen", environment: ["A_PORT", "OTHER_PORT"], default: "4510" },
  region: { takes: "REGION", says: "where", environment: ["A_REGION"], otherwise: "us-east-1" },
  set: { takes: "NAME=VALUE", says: "change one", repeats: true },
  json: { says: "as it is" },
} as const;

test("a flag wins over its variables, the first of them that says something over the default", () => {
  const port = (args: string[], environment: Record<string, string>): string =>
    readFlags("start", FLAGS, args, { environment }).values.port;
  assert.equal(port([], {}), "4510");
  assert.equal(port([], { A_PORT: "", OTHER_PORT: "2" }), "2");
  assert.equal(port([], { A_PORT: "1", OTHER_PORT: "2" }), "1");
  assert.equal(port(["--port", "0"], { A_PORT: "1" }), "0");
  assert.equal(port(["--port="], {}), "", "what was said is not taken for nothing");
});

test("a variable of a flag without a default is left to whoever knows what it depends on", () => {
  assert.deepEqual(readFlags("start", FLAGS, [], { environment: { A_REGION: "x" } }).values, {
    port: "4510",
    region: undefined,
    set: undefined,
    json: false,
  });
});

test("flags that repeat are a list, and names are told apart", () => {
  const { values, names } = readFlags("start", FLAGS, ["a", "--set", "x=1", "--json", "--set=y=2", "b"], {
    takesNames: true,
  });
  assert.deepEqual([values.set, values.json, names], [["x=1", "y=2"], true, ["a", "b"]]);
  assert.throws(() => readFlags("start", FLAGS, ["a"]), ConfigError);
});

test("a flag that is none names the nearest, if one is near", () => {
  for (const [args, message] of [
    [["--prot", "1"], "start has no flag --prot; did you mean --port? (trunkline start --help)"],
    [["--regoin=x"], "start has no flag --regoin; did you mean --region? (trunkline start --help)"],
    [["--nonsense"], "start has no flag --nonsense (trunkline start --help)"],
    [["-x"], "start has no flag -x (trunkline start --help)"],
  ] as const) {
    assert.throws(() => readFlags("start", FLAGS, args, { takesNames: true }), { name: "ConfigError", message });
  }
});

test("the nearest word is the one with the fewest slips, swapped letters being one", () => {
  const words = ["start", "tail", "send", "explain", "simulate", "completion"];
  for (const [given, word] of [
    ["strat", "start"],
    ["START", "start"],
    ["explian", "explain"],
    ["simulat", "simulate"],
    ["complet", "completion"],
    ["snd", "send"],
    ["fly", undefined],
    ["", undefined],
  ] as const) {
    assert.equal(nearest(given, words), word, given);
  }
});
