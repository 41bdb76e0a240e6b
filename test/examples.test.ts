import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { startTrunkline } from "./server.ts";

test("examples/first-event.mjs prints a call's events from INITIATED to DISCONNECTED", async () => {
  const { url } = await startTrunkline("--clock", "real");
  const example = new URL("../examples/first-event.mjs", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [example], {
    env: { ...process.env, AWS_ENDPOINT_URL: url, DESTINATION: "+12065550101" },
    timeout: 60_000,
  });
  const [called, ...events] = stdout.trim().split("\n");
  assert.match(called ?? "", /^called [0-9a-f-]{36}$/);
  const types = events.map((line) => line.split(" ")[1]);
  assert.equal(types[0], "INITIATED");
  assert.equal(types.at(-1), "DISCONNECTED");
  const times = events.map((line) => line.split(" ")[0]);
  assert.deepEqual(times, [...times].sort());
});

for (const example of ["shop", "bank"]) {
  test(`examples/${example}.mjs finds in its domain what its objects say, counted by hand`, async () => {
    const { url } = await startTrunkline("--clock", "real");
    const path = new URL(`../examples/${example}.mjs`, import.meta.url).pathname;
    const objects = process.env.TRUNKLINE_FULL === "1" ? "300000" : "600";
    const { stdout } = await promisify(execFile)(process.execPath, [path, "--objects", objects], {
      env: { ...process.env, AWS_ENDPOINT_URL: url, TRUNKLINE_CREDENTIALS: "" },
    });
    const rows = [...stdout.matchAll(/^(\S.*?) {2,}(\d+) +(\d+)$/gm)];
    assert.ok(rows.length >= 5, stdout);
    for (const [, name, generated, found] of rows) assert.equal(found, generated, name);
    assert.ok(rows.filter(([, , generated]) => Number(generated) > 0).length >= 5, stdout);
    assert.match(stdout, / is RUNNING$/m);
    assert.match(stdout, new RegExp(`^${objects} objects in `, "m"));
  });
}

test("examples/shopify-day.mjs finds in its domain what the shop has told of, however often", async () => {
  const { url } = await startTrunkline("--clock", "real");
  const path = new URL("../examples/shopify-day.mjs", import.meta.url).pathname;
  const objects = process.env.TRUNKLINE_FULL === "1" ? "30000" : "200";
  const { stdout } = await promisify(execFile)(process.execPath, [path, "--objects", objects], {
    env: { ...process.env, AWS_ENDPOINT_URL: url, TRUNKLINE_CREDENTIALS: "" },
  });
  const rows = [...stdout.matchAll(/^(\S.*?) {2,}(\d+) +(\d+)$/gm)];
  assert.equal(rows.length, 7, stdout);
  for (const [, name, generated, found] of rows) {
    assert.equal(found, generated, name);
    assert.notEqual(found, "0", name);
  }
  assert.match(stdout, /^events on the bus and no more: products\/update$/m);
  assert.match(stdout, /^a forged delivery is answered with 401$/m);
});

test("examples/s3-csv.mjs finds in its domain the rows that its flow is to bring", async () => {
  const { url } = await startTrunkline("--clock", "real");
  const path = new URL("../examples/s3-csv.mjs", import.meta.url).pathname;
  const rows = process.env.TRUNKLINE_FULL === "1" ? "200000" : "600";
  const { stdout } = await promisify(execFile)(process.execPath, [path, "--objects", rows], {
    env: { ...process.env, AWS_ENDPOINT_URL: url, TRUNKLINE_CREDENTIALS: "" },
  });
  const found = [...stdout.matchAll(/^(\S.*?) {2,}(\d+) +(\d+)$/gm)];
  assert.equal(found.length, 6, stdout);
  for (const [, name, generated, there] of found) {
    assert.equal(there, generated, name);
    assert.notEqual(there, "0", name);
  }
  assert.match(stdout, /^ *100 %: 600 read, |^ *100 %: 200000 read, /m);
  assert.match(stdout, /^the run is Successful; /m);
  assert.match(stdout, /^the last one: \S+ .* of \S+, \+49431\d{3}\*{4}$/m);
});

test("examples/salesforce-nightly.mjs brings each night what has changed, at three in Berlin on both sides of the change of clocks", async () => {
  const path = new URL("../examples/salesforce-nightly.mjs", import.meta.url).pathname;
  const contacts = process.env.TRUNKLINE_FULL === "1" ? "18000" : "450";
  const { stdout } = await promisify(execFile)(process.execPath, [path, "--objects", contacts]);
  const rows = [...stdout.matchAll(/^(\S.*?) {2,}(\d+) +(\d+)$/gm)];
  assert.equal(rows.length, 6, stdout);
  for (const [, name, generated, found] of rows) {
    assert.equal(found, generated, name);
    assert.notEqual(found, "0", name);
  }
  const nights = rows.slice(0, 5).map(([, name = ""]) => name);
  assert.ok(
    nights.every((night) => night.includes(" 03:00 in Berlin")),
    stdout,
  );
  assert.deepEqual(
    nights.map((night) => night.slice(-9)),
    ["02:00 UTC", "02:00 UTC", "01:00 UTC", "01:00 UTC", "01:00 UTC"],
  );
  assert.match(stdout, /^6 nights, and a token that had ended in one of them$/m);
});
