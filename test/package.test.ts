/** The package as its users get it: packed, installed in an empty folder, and used from there. */
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { CreateEventTriggerCommand } from "@aws-sdk/client-customer-profiles";
import { CreateStreamCommand, KinesisClient, PutRecordCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { linkPackage } from "../scripts/package/linked.ts";
import { slugOf } from "../scripts/site/markdown.ts";
import { FlowWorld, flowNamed } from "./flow-world.ts";
import { createFunction, createRole, invoke } from "./lambda-world.ts";
import { packedTarball } from "./packed.ts";
import { temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const root = join(import.meta.dirname, "..");
const folder = temporaryFolder();
const home = join(folder, "home");
const client = {
  endpoint: "",
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
};
/** What a user has who has Node 24 and npm. */
const environment = {
  ...process.env,
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  NODE_COMPILE_CACHE: join(folder, "compiled"),
  TRUNKLINE_CREDENTIALS: "",
  NODE_OPTIONS: "",
};

let tarball: string;
let place: string;
let server: ChildProcess | undefined;

before(async () => {
  tarball = await packedTarball();
  place = linkPackage(tarball, home);
});
after(() => signal("SIGKILL"));

function signal(name: NodeJS.Signals): void {
  if (server?.pid !== undefined && server.exitCode === null && server.signalCode === null)
    process.kill(-server.pid, name);
}

/** Runs a command of the package in the folder that it is installed in. */
function npx(...args: string[]) {
  return promisify(execFile)("npx", ["--no-install", "trunkline", ...args], { cwd: home, env: environment });
}

async function started(): Promise<string> {
  if (client.endpoint !== "") return client.endpoint;
  server = spawn("npx", ["--no-install", "trunkline", "start", "--port", "0", "--clock", "manual"], {
    cwd: home,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
    // npx starts a shell, and that our program: they are ended together, as Ctrl-C ends them.
    detached: true,
  });
  let output = "";
  for await (const chunk of server.stdout as NodeJS.ReadableStream) {
    output += chunk;
    const [, url] = /ready at (http:\S+)/.exec(output) ?? [];
    if (url === undefined) continue;
    client.endpoint = url;
    return url;
  }
  throw new Error(`The server has ended: ${output}`);
}

test("the tarball holds what runs, and nothing of how it was made", () => {
  const files = globSync("**/*", { cwd: place, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));
  const strange = files.filter(
    (file) => /\.test\.|\.cases\.|\.map$|^test\/|^src\/|contract/.test(file) || /(?<!\.d)\.ts$/.test(file),
  );
  assert.deepEqual(strange, []);
  for (const file of ["bin/trunkline.mjs", "dist/main.js", "dist/index.d.ts", "web/dist/manifest.json", "LICENSE"])
    assert.ok(files.includes(file), file);
  for (const file of files.filter((it) => /\.(m?js|json|ts)$/.test(it))) {
    const text = readFileSync(join(place, file), "utf8");
    assert.ok(!text.includes(root) && !text.includes("sourceMappingURL"), file);
  }
  const bytes = readFileSync(tarball).length;
  assert.ok(bytes < 3e6, `${bytes} bytes`);
});

test("it declares what it imports, and nothing that only the repository needs", () => {
  const manifest = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.deepEqual([manifest.version, manifest.engines], [own.version, { node: ">=24" }]);
  for (const name of ["node", "esbuild", "preact", "uplot", "codemirror"])
    assert.ok(!(name in manifest.dependencies), name);
  for (const [name, version] of Object.entries(manifest.dependencies)) assert.equal(own.dependencies[name], version);
  for (const name of ["ws", "pino", "vader-sentiment", "fast-xml-parser", "ajv", "ajv-draft-04"])
    assert.ok(name in manifest.dependencies, name);
});

test("every link of its documents leads to something in it", () => {
  const documents = new Map(
    globSync("**/*.md", { cwd: place }).map((page) => [page, readFileSync(join(place, page), "utf8")]),
  );
  assert.ok(documents.has("README.md") && documents.size > 30);
  const headings = (text: string): string[] => [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) => slugOf(title));
  const dead = [...documents].flatMap(([page, text]) =>
    [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
      if (/^(https?|mailto):/.test(target)) return [];
      const [file = "", anchor] = target.split("#");
      const led = file === "" ? page : join(dirname(page), file);
      const isThere = existsSync(join(place, led));
      const hasAnchor = anchor === undefined || headings(documents.get(led) ?? "").includes(anchor);
      return isThere && hasAnchor ? [] : [`${page}: ${target}`];
    }),
  );
  assert.deepEqual(dead, []);
});

test("every module that is started by its address is there", () => {
  const started = globSync("src/**/*.ts", { cwd: root, exclude: (file) => /\.test\.ts$|contract/.test(file) }).flatMap(
    (file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(/new URL\("([^"]+)\.ts", import\.meta\.url\)/g)].map(
        ([, name]) => join(dirname(file), `${name}.js`).replace(/^src/, "dist"),
      ),
  );
  assert.ok(started.length >= 5, `${started}`);
  assert.deepEqual(
    started.filter((file) => !existsSync(join(place, file))),
    [],
  );
});

test("npm installs the tarball in an empty folder", async (t) => {
  const empty = temporaryFolder();
  writeFileSync(join(empty, "package.json"), "{}");
  const args = ["install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", tarball];
  const { status, stderr } = spawnSync("npm", args, { cwd: empty, env: environment, encoding: "utf8" });
  if (/ENOTCACHED/.test(stderr)) {
    t.skip(`npm's cache lacks a package and no registry is asked: ${/ENOTCACHED.*/.exec(stderr)?.[0]}`);
    return;
  }
  assert.equal(status, 0, stderr);
  const { stdout } = await promisify(execFile)("npx", ["--no-install", "trunkline", "--version"], {
    cwd: empty,
    env: environment,
  });
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("npx trunkline --version and help work", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal((await npx("--version")).stdout, `${version}\n`);
  assert.match((await npx("start", "--help")).stdout, /^Usage: trunkline start \[FLAGS\]\n/);
});

test("in the repository itself npm pack is refused, and told what makes the package", () => {
  const { status, stderr } = spawnSync("npm", ["pack", "--dry-run"], { cwd: root, env: environment, encoding: "utf8" });
  assert.notEqual(status, 0);
  assert.match(stderr, /npm run package/);
});

const OLD_NODES = ["/usr/bin/node", "/usr/local/bin/node"].filter((node) => {
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "";
  return /^v(1\d|2[0-3])\./.test(version);
});

test("an older Node says in one line what is needed", {
  skip: OLD_NODES.length === 0 && "there is no older Node",
}, () => {
  for (const node of OLD_NODES) {
    const { status, stdout, stderr } = spawnSync(node, [join(place, "bin/trunkline.mjs"), "start"], {
      encoding: "utf8",
      env: environment,
    });
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(
      stderr,
      /^trunkline: needs Node\.js 24 or later; this is v\d+\.\d+\.\d+ \([^\n]+\)\. A project can bring it: [^\n]+\n$/,
    );
    for (const [subpath, start] of [
      ["trunkline", "startServer"],
      ["trunkline/testing", "startTrunkline"],
    ]) {
      const program = `import { ${start} } from "${subpath}"; await ${start}().catch((error) => console.log(error.message));`;
      const { stdout: told } = spawnSync(node, ["--input-type=module", "-e", program], {
        cwd: home,
        encoding: "utf8",
        env: environment,
      });
      assert.match(told, /^trunkline needs Node\.js 24 or later; this is v[^\n]+\n$/, subpath);
    }
  }
});

test("npx trunkline start serves an SDK, and its console", async () => {
  const url = await started();
  const kinesis = new KinesisClient(client);
  await kinesis.send(new CreateStreamCommand({ StreamName: "calls", ShardCount: 1 }));
  const put = { StreamName: "calls", PartitionKey: "a", Data: Buffer.from("hello") };
  assert.match((await kinesis.send(new PutRecordCommand(put))).SequenceNumber ?? "", /^\d{56}$/);
  kinesis.destroy();
  const page = await (await fetch(`${url}/_trunkline/console`)).text();
  const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(page) ?? [];
  const loaded = await fetch(new URL(script, url));
  assert.deepEqual([loaded.status, loaded.headers.get("content-type")], [200, "text/javascript; charset=utf-8"]);
});

test("the write-ahead log is copied in its thread", async () => {
  await started();
  const data = join(home, ".trunkline");
  const bytes = (): number => statSync(join(data, "trunkline.db")).size;
  const before = bytes();
  const kinesis = new KinesisClient(client);
  // Twice as much as the log takes before it is copied. Should the thread be missing, the server ends, and so does this.
  const a = { PartitionKey: "a", Data: Buffer.from("a") };
  const Records = Array.from({ length: 5 }, () => ({ ...a, Data: Buffer.alloc(900_000, 1) }));
  for (let put = 0; put < 4; put++) await kinesis.send(new PutRecordsCommand({ StreamName: "calls", Records }));
  while (bytes() < before + 8e6) await kinesis.send(new PutRecordsCommand({ StreamName: "calls", Records: [a] }));
  kinesis.destroy();
});

test("functions run", async () => {
  await started();
  const Role = await createRole(client, "runs");
  const source = "export const handler = async ({ name }) => `Hello, ${name}`;";
  await createFunction(client, source, { FunctionName: "greets", Role });
  assert.equal((await invoke(client, "greets", { name: "Ina" })).answer, "Hello, Ina");
});

test("Parquet is read in its thread, and a trigger is tried in its thread on what it brought", async () => {
  const url = await started();
  const world = new FlowWorld({ client, url });
  const cases = JSON.parse(readFileSync(join(root, "src/services/appflow/s3/parquet.cases.json"), "utf8"));
  await world.openBucket("guests");
  await world.openDomain("inn");
  await world.putFile("in/guests.parquet", Buffer.from(cases.SNAPPY ?? Object.values(cases)[0], "base64"));
  await world.putFlow("inn", flowNamed("inn"));
  const body = JSON.stringify({ advance: "PT1S" });
  const moved = await sendSigned(url, { service: "trunkline", path: "/_trunkline/clock", body });
  assert.equal(moved.status, 200, moved.body.toString());
  assert.deepEqual(await world.recordsRead("inn"), [30]);
  assert.equal(await world.profileCount("inn"), 30);

  const fromGuests = { Source: "id", ComparisonOperator: "BEGINS_WITH" as const, Values: ["g-"] };
  const EventTriggerConditions = [
    { LogicalOperator: "ALL" as const, EventTriggerDimensions: [{ ObjectAttributes: [fromGuests] }] },
  ];
  const trigger = { DomainName: "inn", EventTriggerName: "came", ObjectTypeName: "Guest", EventTriggerConditions };
  await world.profiles.send(new CreateEventTriggerCommand(trigger));
  const { stdout } = await npx("backtest", "--trigger", "came", "--domain", "inn", "--url", url, "--json");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(lines.at(-1).done.matched, 30, stdout.slice(0, 400));
});

test("a conversation is analysed: sentiment, and names that are redacted", async () => {
  const turns = [
    { speaker: "AGENT", text: "Good morning, how can I help?", beginMs: 0, endMs: 1400 },
    {
      speaker: "CUSTOMER",
      text: "This is Alice Johnson. I am really angry, my bill is wrong.",
      beginMs: 2000,
      endMs: 5400,
    },
  ];
  writeFileSync(join(home, "call.json"), JSON.stringify({ channel: "VOICE", turns }));
  const { stdout } = await npx("analyze", "call.json", "--json", "--redact", "EntityType");
  const { Transcript } = JSON.parse(stdout);
  assert.equal(Transcript[1].Sentiment, "NEGATIVE");
  assert.match(Transcript[1].Content, /\[NAME\]/);
});

test("what its README shows runs when it is pasted: a server in a program, and a test", async () => {
  const readme = readFileSync(join(place, "README.md"), "utf8");
  const [shownTest = "", program = ""] = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  const asked = `${program}console.log((await fetch(server.url + "/_trunkline/health")).status, server.accessKeyIds.join());`;
  writeFileSync(join(home, "program.mjs"), asked);
  writeFileSync(join(home, "parcels.test.mjs"), shownTest);
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, args, { cwd: home, env: { ...environment, NODE_TEST_CONTEXT: undefined } });
  assert.match((await run("program.mjs")).stdout, /^http:\S+\n200 test\n$/);
  assert.match((await run("--test", "parcels.test.mjs")).stdout, /^ℹ pass 1\nℹ fail 0$/m);
});

test("TypeScript finds the types of what can be imported", async () => {
  writeFileSync(
    join(home, "program.mts"),
    `import { type Server, startServer } from "trunkline";
import { expectEvent, expectRule, startTrunkline } from "trunkline/testing";
const server: Server = await startServer(["--port", "0"]);
// @ts-expect-error: it is no number
const url: number = server.url;
await using trunkline = await startTrunkline({ process: true });
const centre = await trunkline.centre({ agents: ["anna"] });
const id: string = (await centre.call().says("Hello").hangsUp()).id;
await centre.agent("anna").signsIn().answers(centre.call());
// @ts-expect-error: an agent is no caller
centre.agent("anna").presses("1");
await trunkline.clients.kinesis.send({} as never);
const event = await expectEvent(trunkline, { detail: { contactId: [id] } }, { within: "PT1M" });
await expectEvent(trunkline, {}, { since: event });
await expectRule(trunkline, "big").toMatch({ source: "shop", "detail-type": "Order", detail: { total: 250 } });
export { url };`,
  );
  for (const [module, moduleResolution] of [
    ["node16", "node16"],
    ["esnext", "bundler"],
  ]) {
    const compilerOptions = {
      noEmit: true,
      strict: true,
      module,
      moduleResolution,
      target: "es2024",
      lib: ["es2024", "esnext.disposable"],
      types: [],
    };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["program.mts"] }));
    const args = [join(root, "node_modules/typescript/bin/tsc"), "--project", home];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error);
    assert.equal(stdout, "");
  }
});

test("interrupted, it ends properly", async () => {
  const url = await started();
  signal("SIGINT");
  await once(server as ChildProcess, "exit");
  await assert.rejects(fetch(`${url}/_trunkline/health`));
  assert.ok(existsSync(join(home, ".trunkline/trunkline.db")), "the data folder is where it was started");
});
