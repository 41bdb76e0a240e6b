/** The Dockerfile and compose.yaml, held against rules and run step by step; no Docker engine is needed. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";
import { linkDependencies } from "../scripts/package/linked.ts";
import { commands } from "../src/cli/commands.ts";
import { buildImage, contextFiles, execForm, type Image, parseDockerfile } from "./dockerfile.ts";
import { temporaryFolder } from "./server.ts";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "Dockerfile"), "utf8");
const stages = parseDockerfile(text);
const last = stages.at(-1);
assert.ok(last);
const find = (name: string): string => last.steps.find((step) => step.name === name)?.text ?? "";
const startFlags = commands.start?.flags ?? {};
const known = Object.values(startFlags).flatMap(({ environment = [] }) => environment);

const has = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

test("hadolint finds nothing", { skip: !has("hadolint") && "there is no hadolint" }, () => {
  const { status, stdout } = spawnSync("hadolint", [join(root, "Dockerfile")], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

test("the image is small, of one line of Node, and has nothing of the build but the package", () => {
  for (const { image } of stages) assert.equal(image, "node:24-slim");
  const copied = last.steps.filter(({ name }) => name === "COPY").map((step) => step.text);
  assert.deepEqual(copied, ["--from=build /build/dist/package /app"]);
});

test("it runs as nobody in particular, and what it runs is not theirs to change", () => {
  const names = last.steps.map(({ name }) => name);
  assert.equal(find("USER"), "1000:1000");
  for (const needsRoot of ["RUN", "COPY"]) assert.ok(names.lastIndexOf(needsRoot) < names.indexOf("USER"), needsRoot);
  assert.ok(!/--chown/.test(text));
});

test("signals reach the server itself: nothing is started by a shell", () => {
  assert.deepEqual(execForm(find("CMD")), ["start"]);
  assert.equal(execForm(find("ENTRYPOINT"))?.[0], "node");
  assert.ok(execForm(find("HEALTHCHECK").replace(/^.* CMD /, "")));
});

test("ports, volume and variables are those that the command line knows", () => {
  assert.equal(find("EXPOSE"), startFlags.port?.default);
  assert.deepEqual(execForm(find("VOLUME")), ["/data"]);
  const set = [...find("ENV").matchAll(/(TRUNKLINE_\w+)=/g)].map(([, name]) => String(name));
  assert.deepEqual(
    set.filter((name) => !known.includes(name)),
    [],
  );
  assert.ok(!/SECRET|PASSWORD|CREDENTIALS/.test(find("ENV")), "no key is built in");
});

test("the context holds what the package is made of, and no more", () => {
  const files = contextFiles(root);
  for (const file of ["package-lock.json", "src/main.ts", "web/src/main.tsx", "scripts/build-package.ts", "LICENSE"]) {
    assert.ok(files.includes(file), file);
  }
  const strange = files.filter((file) =>
    /\.test\.ts$|^(test|bench|dist|web\/dist|examples)\/|\.trunkline|\.log$/.test(file),
  );
  assert.deepEqual(strange, []);
});

/** In place of a registry: what the repository has installed. */
function npm(line: string, folder: string): boolean {
  if (!line.startsWith("npm ")) return false;
  assert.match(line, /^npm ci (--omit=dev )?--ignore-scripts --no-audit --no-fund$/);
  if (line.includes("--omit=dev")) linkDependencies(folder);
  else symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return true;
}

/** Only root may give files away. */
const isRoot = process.getuid?.() === 0;

let built: Image | undefined;
function image(): Image {
  built ??= buildImage(stages, {
    root,
    folder: temporaryFolder(),
    instead: (line, folder) => npm(line, folder) || (/^chown /.test(line) && !isRoot),
  });
  return built;
}

/** Runs what an image would, with its paths in the folder. */
function start(words: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const { root: folder, environment: own, workFolder } = image();
  const placed = (value: string): string => (/^\/(app|data|tmp)\b/.test(value) ? join(folder, value) : value);
  const [program = "", ...args] = words.map(placed);
  const variables = Object.fromEntries(Object.entries(own).map(([name, value]) => [name, placed(value)]));
  const child = spawn(program, args, {
    cwd: join(folder, workFolder),
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...variables, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  after(() => child.kill("SIGKILL"));
  return child;
}

const entry = [...(execForm(find("ENTRYPOINT")) ?? []), ...(execForm(find("CMD")) ?? [])];
const check = execForm(find("HEALTHCHECK").replace(/^.* CMD /, "")) ?? [];

async function exitCode(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, "exit");
  return code;
}

function makeCertificate(folder: string): [cert: string, key: string] {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  spawnSync("openssl", [...kind, "-subj", "/CN=trunkline.test", "-keyout", key, "-out", cert]);
  return [cert, key];
}

for (const scheme of ["http", "https"]) {
  const needsOpenssl = scheme === "https" && spawnSync("openssl", ["version"]).status !== 0;
  test(`its steps make an image that serves ${scheme}, is found healthy, and ends when it is told to`, {
    skip: needsOpenssl && "there is no openssl",
  }, async () => {
    const folder = scheme === "https" ? temporaryFolder() : undefined;
    const [cert, key] = folder === undefined ? ["", ""] : makeCertificate(folder);
    const tls = folder === undefined ? {} : { TRUNKLINE_TLS_CERT: cert, TRUNKLINE_TLS_KEY: key };
    const child = start(entry, { TRUNKLINE_CREDENTIALS: "test, test, 000000000000", TRUNKLINE_PORT: "0", ...tls });
    let output = "";
    for await (const chunk of child.stdout as NodeJS.ReadableStream) {
      output += chunk;
      if (/ready at \S+:\d+/.test(output)) break;
    }
    const [, spoken, port = ""] = /ready at (https?):\/\/\S+?:(\d+)/.exec(output) ?? [];
    assert.equal(spoken, scheme);
    assert.equal(await exitCode(start(check, { TRUNKLINE_PORT: port, ...tls })), 0);
    const ended = exitCode(child);
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
    assert.equal(await exitCode(start(check, { TRUNKLINE_PORT: port, ...tls })), 1, "nobody is there any more");
  });
}

test("without keys it refuses to be reached by others, in one line", async () => {
  const child = start(entry, {});
  let said = "";
  child.stderr?.on("data", (chunk) => (said += chunk));
  assert.equal(await exitCode(child), 1);
  assert.match(said, /^trunkline: [^\n]*credentials[^\n]*\n$/);
});

test("compose starts it for this machine alone, keeps its data, and names variables that are known", () => {
  const compose = readFileSync(join(root, "compose.yaml"), "utf8");
  const { services, volumes } = parse(compose);
  const { trunkline } = services;
  assert.deepEqual(Object.keys(services), ["trunkline"]);
  assert.deepEqual(trunkline.ports, [`127.0.0.1:${startFlags.port?.default}:${startFlags.port?.default}`]);
  assert.deepEqual([trunkline.volumes, Object.keys(volumes)], [["data:/data"], ["data"]]);
  assert.deepEqual(
    Object.keys(trunkline.environment).filter((name) => !known.includes(name)),
    [],
  );
  const later = parse(
    compose.replaceAll(
      /^(\s*)# (?=\s*(TRUNKLINE_|depends_on|postgres|image|restart|environment|POSTGRES|healthcheck|test|interval|volumes|condition|- postgres))/gm,
      "$1",
    ),
  );
  assert.deepEqual(Object.keys(later.services), ["trunkline", "postgres"], "the place of PostgreSQL is well-formed");
  assert.deepEqual(Object.keys(later.volumes), ["data", "postgres"]);
});
