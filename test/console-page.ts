import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Locator, Page } from "playwright-core";

const CONSOLE = "/_trunkline/console/";

/** How long a page is given: a machine with much else to do may stand still for a while. */
const PATIENCE_MS = 120_000;

/** A page of a server's console, by its path there. Errors of its own fail the test when it is closed, and it may ask nobody but the server. */
export async function openPage(
  browser: Pick<Browser, "newPage">,
  url: string,
  path = "",
): Promise<Page & AsyncDisposable> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // A refusal is shown by the page; that the browser notes it too is no fault of ours.
    const isRefusal = /^Failed to load resource: the server responded with a status of 4/.test(message.text());
    if (message.type() === "error" && !isRefusal) problems.push(message.text());
  });
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !/^(data|blob):/.test(asked)) problems.push(`asked ${asked}`);
  });
  await page.goto(url + (path.startsWith("/") ? path : CONSOLE + path));
  return Object.assign(page, {
    async [Symbol.asyncDispose]() {
      await page.close();
      assert.deepEqual(problems, []);
    },
  });
}

/** Goes to another page of the console as its links do, without loading it anew. */
export async function goTo(page: Page, path: string): Promise<void> {
  const address = JSON.stringify(CONSOLE + path);
  await page.evaluate(`history.pushState(null, "", ${address}); dispatchEvent(new PopStateEvent("popstate"))`);
}

/** Presses what is called so without a mouse: by Tab from where the keys are, and Enter. */
export async function pressByKeys(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 200; step++) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate("document.activeElement.textContent")) === name) return page.keyboard.press("Enter");
  }
  assert.fail(`Tab does not lead to ${name} on ${page.url()}`);
}

const LETTER_ATTEMPTS_MAX = 10;
const SHOWN_WITHIN_MS = 3000;

/** Goes to a page by `g` and its letter. The letter must follow within a moment: where the machine stood still in between, both are pressed again. */
export async function goByLetter(page: Page, letter: string, heading: string): Promise<void> {
  const shown = page.getByRole("heading", { name: heading, level: 1 });
  for (let attempt = 0; attempt < LETTER_ATTEMPTS_MAX; attempt++) {
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    const isThere = await shown.waitFor({ timeout: SHOWN_WITHIN_MS }).then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
  assert.fail(`g and ${letter} do not lead to ${heading} from ${page.url()}`);
}

const WRITES_MAX = 20;

/**
 * Writes a text into an editor of JSON, in place of what it has. One that has just opened may put the selection back between the choice of all
 * its text and what is written over it: then it is written again.
 */
export async function writeJson(editor: Locator, text: string): Promise<void> {
  const opened = editor.and(editor.page().locator(".cm-content"));
  for (let attempt = 0; attempt < WRITES_MAX; attempt++) {
    await opened.fill(text);
    if ((await opened.textContent()) === text.replaceAll("\n", "")) return;
  }
  assert.fail(`The editor does not take ${text}`);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** In dark a page has other colours and nothing else. */
const RULES = {
  light: { type: "tag", values: ["wcag2a", "wcag2aa"] },
  dark: { type: "rule", values: ["color-contrast"] },
} as const;

/** Holds what a page shows against the accessibility rules of WCAG AA, light and dark. */
export async function assertAccessible(page: Page): Promise<void> {
  // What a page may run is its own scripts alone; the checker is put in from outside, once a document.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    const options = { runOnly: RULES[colorScheme], resultTypes: ["violations"], preload: false };
    const found = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as {
      violations: { id: string; nodes: { html: string }[] }[];
    };
    const wrong = found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    assert.deepEqual(wrong, [], `${page.url()} ${colorScheme}`);
  }
}

/** At the width of a phone a page must not scroll sideways; tables do so inside of their box. */
export async function assertFitsPhone(page: Page): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  const over = await page.evaluate(
    '[document.documentElement, ...document.querySelectorAll("main")].map((box) => box.scrollWidth - box.clientWidth)',
  );
  assert.ok(
    (over as number[]).every((pixels) => pixels === 0),
    `${page.url()} is wider than a phone`,
  );
  if (before) await page.setViewportSize(before);
}
