import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chown } from "node:fs/promises";
import { after, test } from "node:test";
import { createFunction, createRole, invoke } from "./lambda-world.ts";
import { temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
const NOBODY = 65_534;

test("where the server is no root, Node's own permissions keep handlers from what is not theirs", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("needs root, to be somebody else");
  const folder = temporaryFolder();
  await chown(folder, NOBODY, NOBODY);
  const child = spawn(process.execPath, [BIN, "start", "--port", "0", "--data", folder, "--log-level", "error"], {
    uid: NOBODY,
    gid: NOBODY,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  let url = "";
  for await (const chunk of child.stdout) {
    url = /ready at (http:\S+)/.exec(String(chunk))?.[1] ?? "";
    if (url) break;
  }
  const client = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const role = await createRole(client, "fn", ["sqs:ListQueues"]);
  await createFunction(
    client,
    `
    import { readdirSync, writeFileSync, readFileSync } from "node:fs";
    import { spawnSync } from "node:child_process";
    import { SQSClient, ListQueuesCommand } from "@aws-sdk/client-sqs";
    const tried = (act) => { try { return act(); } catch (error) { return error.code; } };
    export const handler = async ({ folder }) => ({
      uid: process.getuid(),
      read: tried(() => readdirSync(folder)),
      write: tried(() => writeFileSync(folder + "/x", "x")),
      spawn: tried(() => spawnSync("ls").status),
      own: tried(() => { writeFileSync(process.env.TMPDIR + "/x", "y"); return readFileSync(process.env.TMPDIR + "/x", "utf8"); }),
      sdk: (await new SQSClient({}).send(new ListQueuesCommand({}))).$metadata.httpStatusCode,
      options: process.env.NODE_OPTIONS,
    });`,
    {
      FunctionName: "held",
      Role: role,
      Timeout: 10,
      Environment: { Variables: { NODE_OPTIONS: "--allow-fs-read=*" } },
    },
  );
  const { answer } = await invoke(client, "held", { folder });
  assert.deepEqual(answer, {
    uid: NOBODY,
    read: "ERR_ACCESS_DENIED",
    write: "ERR_ACCESS_DENIED",
    spawn: "ERR_ACCESS_DENIED",
    own: "y",
    sdk: 200,
  });
});
