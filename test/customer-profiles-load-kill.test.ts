/**
 * Kills the server (SIGKILL) while a file is imported: what the import has written down as done is there after a restart, and in the end each
 * row is there once, on a profile of its own, and is counted once.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const ROWS = FULL ? 60_000 : 3_000;
const KILLS = FULL ? 20 : 1;
const DomainName = "loaded";
const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

test("an import outlives the server's crashes, and nothing of it is lost or counted twice", async (t) => {
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const client = new CustomerProfilesClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  after(() => client.destroy());
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Row",
      Description: "rows of a file",
      AllowProfileCreation: true,
      Fields: { no: { Source: "_source.no", Target: "_profile.AccountNumber" } },
      Keys: { rowKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["no"] }] },
    }),
  );
  const found = async (no: number): Promise<number> => {
    const search = new SearchProfilesCommand({ DomainName, KeyName: "rowKey", Values: [String(no)] });
    return (await client.send(search)).Items?.length ?? 0;
  };

  const file = join(temporaryFolder(), "rows.jsonl");
  writeFileSync(file, Array.from({ length: ROWS }, (_, place) => JSON.stringify({ no: place + 1 })).join("\n"));
  const place = `${file}.${DomainName}.Row.import`;
  /** All rows up to this one were acknowledged. */
  const done = (): number => (existsSync(place) ? JSON.parse(readFileSync(place, "utf8")).done : 0);

  const way = await wayThroughHere(url);
  let importing = startImport();
  let kills = 0;
  for (; kills < KILLS; kills++) {
    const wanted = Math.max(done() + 1, Math.floor(((kills + 0.3) / KILLS) * ROWS));
    while (done() < wanted && !importing.ended) await sleep(20);
    if (importing.ended && importing.code === 0) break;
    const acknowledged = done();
    const exit = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await exit;
    server = await spawnTrunkline(folder, "--port", new URL(url).port);
    for (const no of new Set([1, Math.ceil(acknowledged / 2), acknowledged])) {
      if (no > 0 && no <= acknowledged) assert.equal(await found(no), 1, `row ${no} of ${acknowledged}`);
    }
    if (importing.ended) importing = startImport();
  }
  assert.ok(kills > 0, "it was killed in the middle");
  while ((await importing.closed) !== 0) importing = startImport();
  t.diagnostic(`${kills} kills, ${ROWS} rows`);
  const { ProfileCount, ObjectCount } = (await client.send(new GetDomainCommand({ DomainName }))).Stats ?? {};
  assert.deepEqual([ProfileCount, ObjectCount], [ROWS, ROWS]);
  for (let no = 1; no <= ROWS; no += Math.ceil(ROWS / 100)) assert.equal(await found(no), 1, `row ${no}`);

  function startImport() {
    const line = [BIN, "import", file, "--domain", DomainName, "--type", "Row", "--url", way];
    const child = spawn(process.execPath, line, {
      stdio: "ignore",
      env: { ...process.env, TRUNKLINE_CREDENTIALS: "" },
    });
    after(() => child.kill("SIGKILL"));
    const state = {
      ended: false,
      code: undefined as number | undefined,
      closed: once(child, "close").then(([code]) => {
        state.ended = true;
        // It goes on, or says why it does not.
        assert.ok(code === 0 || code === 1 || code === null, `the import ended with ${code}`);
        state.code = code;
        return code as number;
      }),
    };
    return state;
  }
});

/** An address of a server by way of this process: where this one stands still, who imports does not come to an end unseen. */
async function wayThroughHere(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const way = createServer((socket) => {
    const onward = connect(Number(port), hostname);
    for (const [from, to] of [[socket, onward] as const, [onward, socket] as const]) {
      from.pipe(to);
      from.once("error", () => to.destroy());
      from.once("close", () => to.destroy());
    }
  });
  way.listen(0, "127.0.0.1");
  after(() => way.close());
  await once(way, "listening");
  return `http://127.0.0.1:${(way.address() as AddressInfo).port}`;
}
