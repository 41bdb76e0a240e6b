/** A release is made of a clean copy of the repository, and never published. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { releaseTroubles } from "../scripts/release.ts";
import { packedTarball } from "./packed.ts";
import { temporaryFolder } from "./server.ts";

const root = join(import.meta.dirname, "..");
/** What the package is made of. */
const PACKAGED = ["src", "web", "scripts", "docs", "packaging", "package.json", "package-lock.json", "CHANGELOG.md"];
const isRepository = existsSync(join(root, ".git"));

function git(folder: string, ...args: string[]): string {
  const own = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  return execFileSync("git", [...own, ...args], { cwd: folder, encoding: "utf8" });
}

function repository(version: string, changelog: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), JSON.stringify({ version }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ version }));
  writeFileSync(join(folder, "CHANGELOG.md"), changelog);
  git(folder, "init", "--quiet");
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message", "All");
  return folder;
}

test("what stands in the way of a release is told, a line each", () => {
  const fine = repository("1.2.3", "# Changelog\n\n## 1.2.3\n\n- A.\n\n## 1.2.2\n");
  assert.deepEqual(releaseTroubles(fine), []);
  git(fine, "tag", "v1.2.3");
  assert.deepEqual(releaseTroubles(fine), [], "the commit that has the tag is released again");
  writeFileSync(join(fine, "more"), "");
  assert.deepEqual(releaseTroubles(fine), ["the tree has changes that are not committed: 1 files"]);
  git(fine, "add", ".");
  git(fine, "commit", "--quiet", "--message", "More");
  assert.deepEqual(releaseTroubles(fine), ["v1.2.3 is tagged at another commit; give this one a new version"]);

  const wrong = repository("1.2", "# Changelog\n\n## 1.1.0\n");
  writeFileSync(join(wrong, "package-lock.json"), '{"version":"1.1.0"}');
  assert.deepEqual(releaseTroubles(wrong), [
    "package.json: 1.2 is no version of SemVer",
    "package-lock.json has version 1.1.0, package.json 1.2",
    "CHANGELOG.md begins with 1.1.0, not with 1.2",
    "the tree has changes that are not committed: 1 files",
  ]);
});

test("a release has the package, an SBOM, provenance and checksums, and nothing is published", {
  skip: !isRepository && "these sources are no git repository",
}, async (t) => {
  const copy = join(temporaryFolder(), "trunkline");
  git(root, "clone", "--quiet", "--shared", "--no-tags", root, copy);
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  // Which is ignored as a folder, and not as a link.
  writeFileSync(join(copy, ".git/info/exclude"), "node_modules\n");
  const tools = join(copy, "..", "tools");
  mkdirSync(tools);
  // npm, but for publishing: that would be seen.
  const realNpm = execFileSync("which", ["npm"], { encoding: "utf8" }).trim();
  writeFileSync(
    join(tools, "npm"),
    `#!/bin/sh\n[ "$1" != publish ] || { echo published > "${tools}/published"; exit 1; }\nexec "${realNpm}" "$@"\n`,
    { mode: 0o755 },
  );
  const out = join(copy, "..", "release");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/release.ts", "--out", out], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, PATH: `${tools}:${dirname(process.execPath)}:${process.env.PATH}` },
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /Nothing is published/);
  assert.ok(!existsSync(join(tools, "published")));

  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const stem = `trunkline-${version}`;
  assert.deepEqual(readdirSync(out).sort(), ["SHA256SUMS", `${stem}.cdx.json`, `${stem}.intoto.json`, `${stem}.tgz`]);
  const sums = new Map<string, string>();
  for (const line of readFileSync(join(out, "SHA256SUMS"), "utf8").trim().split("\n")) {
    const [sum = "", file = ""] = line.split("  ");
    sums.set(file, sum);
    assert.equal(
      createHash("sha256")
        .update(readFileSync(join(out, file)))
        .digest("hex"),
      sum,
    );
  }

  const bill = JSON.parse(readFileSync(join(out, `${stem}.cdx.json`), "utf8"));
  assert.deepEqual(
    [bill.bomFormat, bill.metadata.component.name, bill.metadata.component.version],
    ["CycloneDX", "trunkline", version],
  );
  const names = new Set(bill.components.map((component: { name: string }) => component.name));
  for (const name of ["ws", "pino", "fast-xml-parser"]) assert.ok(names.has(name), name);
  for (const name of ["typescript", "esbuild", "preact", "node"]) assert.ok(!names.has(name), name);

  const refs = bill.components.map((component: { "bom-ref": string }) => component["bom-ref"]);
  assert.equal(new Set(refs).size, refs.length);
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);

  const statement = JSON.parse(readFileSync(join(out, `${stem}.intoto.json`), "utf8"));
  assert.deepEqual(statement.subject, [{ name: `${stem}.tgz`, digest: { sha256: sums.get(`${stem}.tgz`) } }]);
  const [source] = statement.predicate.buildDefinition.resolvedDependencies;
  assert.equal(source.digest.gitCommit, git(root, "rev-parse", "HEAD").trim());

  if (git(root, "status", "--porcelain", "--", ...PACKAGED) !== "") {
    return t.diagnostic("not compared with the package of these sources, which are changed");
  }
  const packed = readFileSync(await packedTarball());
  assert.ok(packed.equals(readFileSync(join(out, `${stem}.tgz`))), "made twice, it is the same byte for byte");
});

test("the package's build refuses what it does not know, before it builds anything", () => {
  const script = join(root, "scripts/build-package.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--stage-onyl"], { encoding: "utf8" });
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /Unknown option '--stage-onyl'/);
});
