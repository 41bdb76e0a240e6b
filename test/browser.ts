import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import { type Browser, chromium } from "playwright-core";

/** What a test says that is skipped without one. */
export const NO_BROWSER = "skipped: browser (needs Chromium; as root on Debian it is installed)";

/** Without windows at all, first: with what a window of the others has around a page, that takes twice the processor time. */
const SHELL = "chromium-headless-shell";
const NAMES = [SHELL, "chromium", "chromium-browser", "google-chrome"];

/** Of what asks other machines. */
const INSTALL_TIMEOUT_MS = 120_000;

/** Chromium without a window, ended after the test file; `undefined` where there is none and none may be installed. */
export async function openBrowser(): Promise<Browser | undefined> {
  if (findAny(NAMES) === undefined) install();
  const executablePath = findAny(NAMES);
  if (executablePath === undefined) return undefined;
  // Chromium's sandbox does not run as root.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  after(() => browser.close());
  return browser;
}

/** Installs the fastest one where that may be done, before many test files at once look for one. */
export function provideBrowser(): void {
  if (findAny([SHELL]) === undefined) install();
}

function findAny(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}

/** From Debian, as root. */
function install(): void {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return;
  const options = { timeout: INSTALL_TIMEOUT_MS, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  spawnSync("apt-get", ["update", "-qq"], options);
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", SHELL], options);
}
