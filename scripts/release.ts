/**
 * `npm run release`: makes what a release consists of, in `dist/release`, and says how it is published.
 *
 *   trunkline-VERSION.tgz            the package
 *   trunkline-VERSION.cdx.json       what is in it: an SBOM in CycloneDX's JSON, made by npm of the versions that it is locked to
 *   trunkline-VERSION.intoto.json    where it comes from: commit, tools and hashes as an in-toto statement (SLSA provenance, not signed)
 *   SHA256SUMS                       of all of them
 *
 * It refuses a tree with changes, a version that is tagged at another commit, and a changelog that does not begin with the version.
 * `--publish` hands the package to npm, whose `--provenance` signs where it comes from; that works on a CI machine with an identity alone.
 * `--out FOLDER` is another place for the files.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { packPackage, stagePackage } from "./build-package.ts";

const ROOT = join(import.meta.dirname, "..");

/** What stands in the way of a release: one line each. */
export function releaseTroubles(root: string): string[] {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { readonly version: string };
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { readonly version: string };
  const heading = /^## (.*)$/m.exec(readFileSync(join(root, "CHANGELOG.md"), "utf8"))?.[1]?.trim();
  const changed = git(root, "status", "--porcelain");
  const tagged = git(root, "tag", "--list", `v${version}`) !== "" && git(root, "rev-parse", `v${version}^{commit}`);
  return [
    ...(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version) ? [] : [`package.json: ${version} is no version of SemVer`]),
    ...(lock.version === version ? [] : [`package-lock.json has version ${lock.version}, package.json ${version}`]),
    ...(heading === version ? [] : [`CHANGELOG.md begins with ${heading ?? "no heading"}, not with ${version}`]),
    ...(changed === "" ? [] : [`the tree has changes that are not committed: ${changed.split("\n").length} files`]),
    ...(tagged && tagged !== commitOf(root)
      ? [`v${version} is tagged at another commit; give this one a new version`]
      : []),
  ];
}

/** Makes the files of a release. Answers with the tarball's path. */
async function makeRelease(root: string, out: string): Promise<string> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const stage = join(root, "dist/package");
  await stagePackage({ stage });
  const tarball = packPackage(stage, out);
  const stem = tarball.replace(/\.tgz$/, "");
  writeFileSync(`${stem}.cdx.json`, softwareBill(root, stage, sha256(tarball)));
  writeFileSync(`${stem}.intoto.json`, `${JSON.stringify(provenance(root, tarball), null, 2)}\n`);
  const files = [tarball, `${stem}.cdx.json`, `${stem}.intoto.json`];
  writeFileSync(join(out, "SHA256SUMS"), files.map((file) => `${sha256(file)}  ${basename(file)}\n`).join(""));
  return tarball;
}

interface SoftwareBill {
  serialNumber: string;
  readonly metadata: { timestamp: string; readonly component: { name: string } };
}

/** Of the lock file alone: nothing is installed for it. One commit has one bill: its time is the commit's, its number the package's hash. */
function softwareBill(root: string, stage: string, hash: string): string {
  const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"];
  const bill = JSON.parse(run("npm", args, stage)) as SoftwareBill;
  // npm takes the folder's.
  bill.metadata.component.name = "trunkline";
  bill.metadata.timestamp = new Date(git(root, "log", "-1", "--format=%cI")).toISOString();
  bill.serialNumber = `urn:uuid:${hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5")}`;
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** https://slsa.dev/spec/v1.0/provenance, as far as the machine that makes it can tell of itself. */
function provenance(root: string, tarball: string): object {
  const commit = commitOf(root);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: basename(tarball), digest: { sha256: sha256(tarball) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://trunkline.invalid/build/npm-run-release/v1",
        externalParameters: { script: "scripts/release.ts" },
        internalParameters: { node: process.version, npm: run("npm", ["--version"], root).trim() },
        resolvedDependencies: [
          { name: "source", digest: { gitCommit: commit } },
          { name: "package-lock.json", digest: { sha256: sha256(join(root, "package-lock.json")) } },
        ],
      },
      runDetails: { builder: { id: "https://trunkline.invalid/builder/unsigned" } },
    },
  };
}

function commitOf(root: string): string {
  return git(root, "rev-parse", "HEAD");
}

function git(root: string, ...args: string[]): string {
  return run("git", args, root).trim();
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 ** 2,
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`, { cause: error });
  return stdout;
}

function publish(tarball: string): number {
  const args = ["publish", tarball, "--provenance", "--access", "public"];
  return spawnSync("npm", args, { stdio: "inherit" }).status ?? 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { out: { type: "string", default: join(ROOT, "dist/release") }, publish: { type: "boolean" } },
  });
  const troubles = releaseTroubles(ROOT);
  for (const trouble of troubles) console.error(`release: ${trouble}`);
  if (troubles.length > 0) return 1;
  const tarball = await makeRelease(ROOT, values.out);
  console.log(
    `${relative(process.cwd(), values.out) || "."}: ${basename(tarball)}, its SBOM, its provenance and SHA256SUMS`,
  );
  if (values.publish) return publish(tarball);
  console.log(
    `Nothing is published. npm run release -- --publish does: npm publish ${basename(tarball)} --provenance --access public`,
  );
  return 0;
}

if (import.meta.main) process.exitCode = await main();
