/** Dockerfiles without Docker: read, and their steps done in a folder as a script would do them. Knows what ours uses, and refuses the rest. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, matchesGlob, relative } from "node:path";

export interface Instruction {
  readonly name: string;
  readonly text: string;
  readonly line: number;
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly steps: readonly Instruction[];
}

/** What an image is, once all its steps are done. */
export interface Image {
  /** Where its files lie on this machine. */
  readonly root: string;
  readonly workFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
}

const NAMES = "FROM WORKDIR COPY RUN ENV USER VOLUME EXPOSE HEALTHCHECK ENTRYPOINT CMD".split(" ");

/** The stages of a Dockerfile. Throws for what is no instruction, or none that we know. */
export function parseDockerfile(text: string): Stage[] {
  const stages: { image: string; name: string | undefined; steps: Instruction[] }[] = [];
  for (const instruction of instructionsOf(text)) {
    const { name, text: rest, line } = instruction;
    assert.ok(NAMES.includes(name), `line ${line}: ${name} is no instruction that is known`);
    if (name === "FROM") {
      const [, image = "", stage] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      assert.ok(image, `line ${line}: FROM takes an image`);
      stages.push({ image, name: stage, steps: [] });
    } else {
      const stage = stages.at(-1);
      assert.ok(stage, `line ${line}: the first instruction is FROM`);
      stage.steps.push(instruction);
    }
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let begun: { text: string; line: number } | undefined;
  for (const [place, line] of text.split("\n").entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    begun = { text: begun ? `${begun.text} ${line.trim()}` : line.trim(), line: begun?.line ?? place + 1 };
    if (begun.text.endsWith("\\")) {
      begun.text = begun.text.slice(0, -1).trimEnd();
      continue;
    }
    const [, name = "", rest = ""] = /^([A-Za-z]+)\s+(.*)$/.exec(begun.text) ?? [];
    instructions.push({ name: name.toUpperCase(), text: rest, line: begun.line });
    begun = undefined;
  }
  assert.equal(begun, undefined, "the last line goes on");
  return instructions;
}

/** Words of an instruction in its exec form; `undefined` for a shell's line. */
export function execForm(text: string): readonly string[] | undefined {
  try {
    const words = JSON.parse(text) as unknown;
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}

/** Files of the context that `.dockerignore` lets through: the last pattern that fits a path, or a folder around it, decides. */
export function contextFiles(root: string): string[] {
  const patterns = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => ({ isKept: line.startsWith("!"), pattern: line.replace(/^!/, "").trim() }));
  const isKept = (path: string): boolean => {
    const around = path.split("/").map((_, place, parts) => parts.slice(0, place + 1).join("/"));
    const found = patterns.findLast(({ pattern }) => around.some((part) => matchesGlob(part, pattern)));
    return found?.isKept ?? true;
  };
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === "node_modules" || entry.name === ".git") return [];
      if (entry.isDirectory()) return walk(path);
      return isKept(path) ? [path] : [];
    });
  return walk("");
}

export interface Builder {
  /** The context. */
  readonly root: string;
  /** Holds the files of all stages. */
  readonly folder: string;
  /** Does a line of RUN, with its paths already in `folder`; answers false for one that the shell is to do. */
  readonly instead: (line: string, workFolder: string) => boolean;
}

/** Does the steps of all stages; answers with the last one's image. */
export function buildImage(stages: readonly Stage[], builder: Builder): Image {
  const images = new Map<string, Image>();
  let last: Image | undefined;
  for (const [place, stage] of stages.entries()) {
    last = buildStage(stage, join(builder.folder, String(place)), images, builder);
    if (stage.name) images.set(stage.name, last);
  }
  assert.ok(last);
  return last;
}

function buildStage(stage: Stage, root: string, images: ReadonlyMap<string, Image>, builder: Builder): Image {
  let [workFolder, user] = ["/", "root"];
  const environment: Record<string, string> = {};
  mkdirSync(root, { recursive: true });
  for (const { name, text, line } of stage.steps) {
    if (name === "WORKDIR") {
      workFolder = text;
      mkdirSync(join(root, workFolder), { recursive: true });
    } else if (name === "USER") user = text;
    else if (name === "ENV") Object.assign(environment, variables(text));
    else if (name === "COPY") copy(text, { root, workFolder, images, builder, line });
    else if (name === "RUN") runLine(text, { root, workFolder, builder, line });
  }
  return { root, workFolder, environment, user };
}

function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [String(name), String(value)]),
  );
}

interface Step {
  readonly root: string;
  readonly workFolder: string;
  readonly builder: Builder;
  readonly line: number;
}

function copy(text: string, step: Step & { readonly images: ReadonlyMap<string, Image> }): void {
  const { root, workFolder, images, builder, line } = step;
  const [, stage, rest = ""] = /^(?:--from=(\S+) )?(.*)$/.exec(text) ?? [];
  const words = rest.split(/\s+/);
  const target = join(root, words.at(-1)?.startsWith("/") ? "" : workFolder, words.at(-1) ?? "");
  for (const source of words.slice(0, -1)) {
    if (stage !== undefined) {
      const from = images.get(stage);
      assert.ok(from, `line ${line}: there is no stage ${stage}`);
      assert.ok(existsSync(join(from.root, source)), `line ${line}: ${stage} has no ${source}`);
      cpSync(join(from.root, source), target, { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const files = contextFiles(builder.root).filter(
      (file) => source === "." || file === source || file.startsWith(`${source}/`),
    );
    assert.ok(files.length > 0, `line ${line}: the context has no ${source}`);
    for (const file of files) {
      const place = join(
        target,
        relative(statSync(join(builder.root, source)).isDirectory() ? source : dirname(source), file),
      );
      mkdirSync(dirname(place), { recursive: true });
      cpSync(join(builder.root, file), place);
    }
  }
}

/** Paths of the image become those of its folder; nothing is run outside of it. */
function runLine(text: string, { root, workFolder, builder, line }: Step): void {
  const placed = text.replaceAll(/(?<=^|[\s="'])\/(?=\w)/g, `${root}/`);
  for (const command of placed.split(" && ")) {
    const folder = join(root, workFolder);
    if (builder.instead(command, folder)) continue;
    const { status, stderr } = spawnSync("/bin/sh", ["-c", command], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: root },
    });
    assert.equal(status, 0, `line ${line}: ${command}: ${stderr}`);
  }
}
