/**
 * The walk through docs/get-started.md and recipes.md: blocks of shell, pasted in order into one shell in a clean folder, and what the page
 * shows compared with what they print. `sh` is for everybody, `sh curl` and `sh aws` are two ways to do the same and a walk each, `sh server`
 * starts the server, `sh background` runs beside the rest in a terminal of its own, and any other `sh …` is only to be read.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { spawnTrunkline, temporaryFolder } from "./server.ts";

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;

export interface Block {
  /** `sh`, or `text` for what is printed. */
  readonly language: string;
  /** `curl`, `aws`, `server`, `background`, or nothing. */
  readonly kind: string;
  readonly text: string;
}

/** The blocks of a guide, in order. */
export function blocksOf(guide: string): readonly Block[] {
  const page = readFileSync(new URL(`../docs/${guide}.md`, import.meta.url), "utf8");
  const found = page.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = "", kind = "", text = ""]) => ({ language, kind, text }));
}

export const blocks: readonly Block[] = blocksOf("get-started");

/** How a server is started, the variables, and the function `call`: what further pages are pasted below. */
export const beginning: readonly Block[] = blocks.slice(0, 3);

/** Pastes the page, or other blocks. Rejects where a block fails, or prints something else than is shown. */
export async function walk(way: "curl" | "aws", pasted: readonly Block[] = blocks): Promise<void> {
  const [start] = pasted.filter(({ kind }) => kind === "server");
  const [, flags = ""] = /^npx trunkline start (.*)$/m.exec(start?.text ?? "") ?? [];
  const { child, url } = await spawnTrunkline(temporaryFolder(), ...flags.split(" "));
  const shell = new Shell(url);
  try {
    let printed = "";
    for (const { language, kind, text } of pasted) {
      if (language === "sh" && kind === "background") shell.runBeside(text);
      else if (language === "sh" && (kind === "" || kind === way)) printed = await shell.run(text);
      else if (language === "text" && kind === "background") await shell.untilBeside(text);
      else if (language === "text") assertShown(printed, text);
    }
  } finally {
    shell.end();
    child.kill();
  }
}

function assertShown(printed: string, shown: string): void {
  const isShown = printed.replace(/^ +/gm, "").includes(shown.trim());
  assert.ok(isShown, `the page shows\n${shown}and the block printed\n${printed}`);
}

const END = "-- end of the block --";

/** One bash for a whole walk, so that variables and functions last as they do in a terminal. */
class Shell {
  readonly #url: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #beside: ChildProcess | undefined;
  #besidePrinted = "";
  #errors = "";

  constructor(url: string) {
    this.#url = url;
    this.#child = this.#spawn(["-eu", "-o", "pipefail"]);
    this.#lines = createInterface({ input: this.#child.stdout ?? process.stdin })[Symbol.asyncIterator]();
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.#errors += chunk));
  }

  /** What a block prints. Rejects where one of its commands fails. */
  async run(text: string): Promise<string> {
    this.#child.stdin?.write(`${this.#here(text)}\necho; echo "${END}"\n`);
    let printed = "";
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the shell has ended in\n${text}${printed}${this.#errors}`);
      if (value === END) return printed;
      printed += `${value}\n`;
    }
  }

  /** In a terminal of its own, with the variables of the page. */
  runBeside(text: string): void {
    const exports = blocks.find((block) => block.text.startsWith("export "))?.text ?? "";
    this.#beside = this.#spawn(["-c", `${this.#here(exports)}\n${text}`]);
    this.#beside.stdout?.on("data", (chunk: Buffer) => (this.#besidePrinted += chunk));
  }

  /** Waits for what the page shows of it. */
  async untilBeside(shown: string): Promise<void> {
    while (!this.#besidePrinted.includes(shown)) {
      const stream = this.#beside?.stdout;
      assert.ok(
        stream && !stream.readableEnded,
        `the page shows\n${shown}and beside it stands\n${this.#besidePrinted}`,
      );
      await new Promise((resolve) => stream.once("data", resolve).once("end", resolve));
    }
  }

  end(): void {
    for (const child of [this.#child, this.#beside]) {
      // The group, since a pipe is several processes.
      if (child?.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    }
  }

  #here(text: string): string {
    return text.replaceAll("http://127.0.0.1:4510", this.#url);
  }

  #spawn(args: readonly string[]): ChildProcess {
    const env = { PATH: `${shims}:${process.env.PATH}`, HOME: folder, LANG: "C.UTF-8" };
    const child = spawn("bash", args, { cwd: temporaryFolder(), env, detached: true });
    after(() => child.kill("SIGKILL"));
    return child;
  }
}

/** `npx trunkline` is this tree, as it would be the package. */
const folder = temporaryFolder();
const shims = join(folder, "bin");
mkdirSync(shims);
writeFileSync(
  join(shims, "npx"),
  `#!/bin/sh\ntest "$1" = trunkline || exit 127\nshift\nexec "${process.execPath}" "${BIN}" "$@"\n`,
);
chmodSync(join(shims, "npx"), 0o755);
