import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after } from "node:test";
import { type Browser, chromium } from "playwright-core";

/** What a test says that is skipped without one. */
export const NO_BROWSER = "skipped: browser (needs Chromium; as root on Debian it is installed)";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Chromium without a window, ended after the test file; `undefined` where there is none and none may be installed. */
export async function openBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium() ?? installChromium();
  if (executablePath === undefined) return undefined;
  // Chromium's sandbox does not run as root.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  after(() => browser.close());
  return browser;
}

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((file) => existsSync(file));
}

/** From Debian, where we may. */
function installChromium(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  spawnSync("apt-get", ["update", "-qq"]);
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  return findChromium();
}
