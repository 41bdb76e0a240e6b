/** What a manual clock can do to a data folder, and how far it goes. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

/** The warnings of a start with the real clock. */
async function warnings(folder: string): Promise<string[]> {
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: "warn" }, { write: (text) => lines.push(JSON.parse(text)) });
  const app = await startApp(readConfig(["--port", "0", "--data", folder], {}), { log });
  after(() => app.close());
  await app.close();
  return lines.map(({ msg }) => msg);
}

test("a real clock that is behind the data folder's time says so in one line", async () => {
  const folder = temporaryFolder();
  assert.deepEqual(await warnings(folder), []);
  const manual = await startTrunkline("--data", folder);
  await manual.advance("P1Y");
  const then = new Date(manual.app.platform().clock.now()).toISOString();
  await manual.close();
  assert.deepEqual(await warnings(folder), [
    `The data folder was last used with a manual clock at ${then}: records keep that time until the machine's clock catches up`,
  ]);
});

test("a manual clock ends with the year 9999", async () => {
  const { url } = await startTrunkline();
  const move = async (body: object): Promise<unknown> => {
    const request = { service: "trunkline", path: "/_trunkline/clock", body: JSON.stringify(body) };
    return JSON.parse((await sendSigned(url, request)).body.toString());
  };
  assert.deepEqual(await move({ to: "+010000-01-01T00:00:00Z" }), { error: '"to" goes beyond the year 9999' });
  assert.deepEqual(await move({ advance: "P9000Y" }), { error: '"advance" goes beyond the year 9999' });
  const now = "9999-12-31T23:59:59.999Z";
  assert.deepEqual(await move({ to: now }), { now, running: [] });
});
