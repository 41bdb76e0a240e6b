/** The documentation as a site: everything leads somewhere, can be found, and can be read by everybody, from a folder and without a network. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import type { Page } from "playwright-core";
import { buildSite } from "../scripts/build-site.ts";
import { listMetrics } from "../scripts/site/generated-pages.ts";
import { renderMarkdown, slugOf } from "../scripts/site/markdown.ts";
import { commands } from "../src/cli/commands.ts";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone } from "./console-page.ts";
import { temporaryFolder } from "./server.ts";

const root = join(import.meta.dirname, "..");
// The folder's name is one that a URL must encode.
const out = join(temporaryFolder(), "the site");
const site = await buildSite(out);
const read = (path: string): string => readFileSync(join(out, path), "utf8");

interface Found {
  readonly url: string;
  readonly heading: string;
}

/** The browser's own scripts, in a context of theirs. */
function search(query: string): Found[] {
  const context = createContext({});
  for (const script of ["search-index.js", "search.js"]) runInContext(read(script), context);
  return JSON.parse(
    runInContext(`JSON.stringify(searchSite(searchIndex, ${JSON.stringify(query)}))`, context),
  ) as Found[];
}

test("no link and no anchor of the documentation leads nowhere", () => {
  assert.deepEqual(site.problems, []);
});

test("what was written is what links lead to: every address in every page is a file of the site", () => {
  for (const page of site.pages) {
    const html = read(page);
    for (const [, address = ""] of html.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^(?:https?:|mailto:|data:)/.test(address)) continue;
      const [path = "", anchor] = address.replaceAll("&amp;", "&").split("#", 2);
      const target = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), path));
      const text = read(target);
      if (anchor) assert.ok(text.includes(`id="${anchor}"`), `${page}: ${address}`);
    }
  }
});

test("every guide and every decision is in the navigation, and so are the pages that are made of the code", () => {
  const [, navigation = ""] = /<nav aria-label="Pages"([\s\S]*?)<\/nav>/.exec(read("index.html")) ?? [];
  const guides = globSync(["docs/*.md", "docs/decisions/*.md", "CHANGELOG.md"], { cwd: root });
  const made = ["services/index.html", "services/kinesis.html", "reference/commands.html", "reference/metrics.html"];
  for (const page of [...guides.map((path) => path.replace(/\.md$/, ".html")), ...made, "examples/index.html"]) {
    assert.ok(navigation.includes(`href="${page}"`), page);
  }
});

test("a dead link, a dead anchor and a picture on another host are told of, with their file", async () => {
  // What the build checks a page with, on links that lead nowhere.
  const asked: string[] = [];
  const leading = {
    link: (href: string) => String(asked.push(href)),
    picture: (href: string) => String(asked.push(href)),
  };
  renderMarkdown("[a](no.md) ![b](https://example.com/b.png)\n\n| [c](d.md#e) |\n| --- |\n| [f](#g) |\n", leading);
  assert.deepEqual(asked, ["no.md", "https://example.com/b.png", "d.md#e", "#g"]);
  const { problems } = await buildSite(join(temporaryFolder(), "with-faults"), {
    "docs/faulty.md": "# Faulty\n\n[a](no.md) [b](rules.md#no-such) [c](#here) ![d](https://example.com/b.png)\n",
  });
  assert.deepEqual(problems, [
    "docs/faulty.md: there is no no.md",
    "docs/faulty.md: the picture https://example.com/b.png lies on another host",
    "docs/faulty.md: docs/rules.md has no heading #no-such",
    "docs/faulty.md: docs/faulty.md has no heading #here",
  ]);
});

test("markup in texts is shown and does not run; headings get the anchors that GitHub gives them", () => {
  const leading = { link: (href: string) => href, picture: (href: string) => href };
  const { html, headings } = renderMarkdown(
    "# A `b` & c\n\n## Same\n\n## Same\n\n<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n```sh\necho '<b>' # no\n```\n",
    leading,
  );
  assert.doesNotMatch(html, /<script|<img|<b>/);
  assert.deepEqual(
    headings.map(({ id }) => id),
    ["a-b--c", "same", "same-1"],
  );
  assert.match(html, /<span class="string">'&lt;b&gt;'<\/span> <span class="comment"># no<\/span>/);
  assert.equal(slugOf("What `--init` does, and why_not"), "what---init-does-and-why_not");
});

test("search finds pages, sections, operations, flags and metrics, the best first, and words that are only begun", () => {
  const first = (query: string): string | undefined => search(query)[0]?.url;
  assert.equal(first("cases"), "docs/cases.html");
  assert.equal(first("simulated carrier"), "docs/carrier.html");
  assert.match(first("segm") ?? "", /segments/);
  assert.ok(search("PutRecordBatch").some(({ url }) => url.startsWith("services/firehose.html")));
  assert.ok(search("enforce-limits").length > 0);
  assert.ok(search("trunkline_deliveries_total").some(({ url }) => url.startsWith("reference/metrics.html")));
  assert.ok(search("answering machine detection").some(({ url }) => url.startsWith("docs/carrier.html#")));
  // Questions as somebody asks them, and words of which one is missing; what tells of the project's making comes behind.
  assert.equal(first("How do I move the clock?"), "docs/get-started.html#6-move-the-clock");
  assert.equal(first("why did my rule not fire"), "docs/eventbridge.html#why-did-my-rule-not-fire");
  assert.equal(first("docker compose zzz"), "docs/install.html#docker");
  assert.ok(search("manual clock").findIndex(({ url }) => url.startsWith("docs/decisions/")) !== 0);
  assert.deepEqual(search("zzznothing"), []);
  assert.deepEqual(search("constructor __proto__ zzz"), []);
  assert.deepEqual(search(' <>" '), []);
});

test("pages that are made of the code say what the code says", () => {
  const kinesis = read("services/kinesis.html");
  assert.match(kinesis, /<code>SplitShard<\/code><\/td>\s*<td>built<\/td>/);
  assert.match(
    kinesis,
    /<code>kinesis:PutRecord<\/code> on <code>arn:aws:kinesis:\{region\}:\{account\}:stream\/\{StreamName\}/,
  );
  assert.match(kinesis, /<td>501<\/td>/);
  const all = read("reference/commands.html");
  for (const name of Object.keys(commands)) assert.ok(all.includes(`id="trunkline-${name}"`), name);
  const metrics = listMetrics();
  assert.ok(metrics.length > 30);
  for (const { name, help } of metrics) assert.match(`${name} ${help}`, /^trunkline_\w+ [A-Z][^$]+\.$/);
});

const browser = await openBrowser();

/** A page of the site in a folder. It may ask for nothing but files. */
async function open(path: string): Promise<Page> {
  assert.ok(browser);
  const page = await browser.newPage();
  after(() => page.close());
  page.on("request", (request) => {
    if (!/^(?:file|data):/.test(request.url())) problems.push(`asked ${request.url()}`);
  });
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(`${pathToFileURL(join(out, path))}`);
  return page;
}
const problems: string[] = [];

test("pages are readable by everybody: WCAG AA, light and dark, and at the width of a phone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const page = await open("index.html");
  const go = (path: string) => page.goto(`${pathToFileURL(join(out, path))}`);
  for (const path of ["docs/get-started.html", "services/sts.html", "examples/first-event.mjs.html"]) {
    await go(path);
    await assertAccessible(page);
    await assertFitsPhone(page);
  }
  // Pages with long tables, pictures and code.
  for (const path of ["index.html", "docs/rules.html", "services/kinesis.html", "docs/console.html"]) {
    await go(path);
    await assertFitsPhone(page);
  }
  assert.deepEqual(problems, []);
});

test("somebody searches from a folder, by keys alone, and gets to the section", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const page = await open("docs/decisions/0003-in-order-at-once.html");
  await page.keyboard.press("/");
  await page.keyboard.type("answering machine detect");
  await page.getByRole("link", { name: /Campaign calls and answering machine detection/ }).waitFor();
  await assertAccessible(page);
  await page.keyboard.press("Enter");
  await page.waitForURL(/carrier\.html#campaign-calls/);
  await page.keyboard.press("/");
  await page.keyboard.type("zzznothing");
  await page.getByText("Nothing has all of these words.").waitFor();
  assert.deepEqual(problems, []);
});

test("a block of code is copied as it stands", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const page = await open("docs/install.html");
  await page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }");
  const code = page.locator(".code").first();
  await code.hover();
  await code.getByRole("button", { name: "Copy" }).click();
  await code.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(
    await page.evaluate("window.copied"),
    "npm run package     # writes dist/trunkline-VERSION.tgz, byte for byte the same of the same sources",
  );
  assert.deepEqual(problems, []);
});
