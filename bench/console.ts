/**
 * The console against a store with many contacts (`BENCH_CONTACTS`, default 100,000): from opening an address in a real browser to what it
 * is opened for being there, pages of the list of contacts and of a search in it, and how long the event loop is held up while ten readers
 * have the overview open.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";
import { type Figures, median, percentile, printBudget, printTable, rounds, spread } from "./measure.ts";
import { openContactCentre, signIn, wholeContact } from "./sides/contact-centre.ts";
import { type ServerProcess, startProcess, withDataFolder } from "./sides/processes.ts";
import { SignedConnection } from "./sides/signed-connection.ts";

const CONTACTS = Number(process.env.BENCH_CONTACTS ?? 100_000);
const READERS = 10;
const WATCH_MS = 10_000;
const PAGES = 40;
const ARRIVALS = 20;

/** Pages with what they are opened for. */
const VIEWS: readonly (readonly [path: string, wanted: string])[] = [
  ["", ".figure-value"],
  ["contacts", "tbody tr:nth-child(20) a"],
  ["contacts?text=%2B447700099", "tbody tr a"],
];

export async function run(): Promise<void> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (executablePath === undefined) return console.log("\nconsole: skipped, there is no Chromium");
  await using browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  await withDataFolder(async (folder) => {
    const instance = await fill(folder);
    const figures = await rounds([{ name: "console", run: () => measure(folder, instance, browser) }]);
    const side = figures.get("console");
    printTable(`The console against ${CONTACTS.toLocaleString("en")} contacts`, [
      ["", "ms"],
      ...VIEWS.map(([path]) => [`/${path}, there after`, spread(side, path)]),
      ["a call that arrives, on the list of contacts after", spread(side, "onList")],
      ["a call that arrives, on the overview after", spread(side, "onOverview")],
      ["a page of 100 contacts, p50", spread(side, "page50", 1)],
      ["a page of 100 contacts, p99", spread(side, "page99", 1)],
      ["a page of a search that looks at all of them", spread(side, "search", 1)],
      [`event loop held up, ${READERS} overviews open, p99`, spread(side, "loop99", 1)],
      [`event loop held up, ${READERS} overviews open, most`, spread(side, "loopMax", 1)],
    ]);
    printBudget("overview there, ms", median(side, ""), { atMost: 1000 });
    printBudget("contacts there, ms", median(side, "contacts"), { atMost: 1000 });
    printBudget("event loop beside the readers, p99 ms", median(side, "loop99"), { atMost: 10 });
  });
}

/** Answers with the id of the instance. */
async function fill(folder: string): Promise<string> {
  const server = await startProcess("trunkline", ["--data", folder]);
  const centre = await openContactCentre(server.url, { teams: 20, agentsOfTeam: 2 });
  const connection = await SignedConnection.open(server.url);
  for (const {
    queueId,
    agentIds: [agentId = ""],
  } of centre.teams.slice(0, 5)) {
    await signIn(connection, centre, agentId);
    await wholeContact(connection, centre, { queueId, agentId });
  }
  await server.stop();
  const script = join(import.meta.dirname, "sides/fill-contacts.ts");
  await promisify(execFile)(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    script,
    folder,
    String(CONTACTS),
  ]);
  return centre.instanceId;
}

async function measure(folder: string, instance: string, browser: Browser): Promise<Figures> {
  const server = await startProcess("trunkline", ["--data", folder]);
  try {
    return {
      ...(await views(server, browser)),
      ...(await arrivals(server, instance, browser)),
      ...(await lists(server, instance)),
      ...(await loopBesideReaders(server, instance)),
    };
  } finally {
    await server.stop();
  }
}

/** Each in a browser that has seen nothing yet: nothing lies in its cache, and it signs in. */
async function views({ url }: ServerProcess, browser: Browser): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const [path, wanted] of VIEWS) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const startMs = performance.now();
    await page.goto(`${url}/_trunkline/console/${path}`, { waitUntil: "commit" });
    await page.locator(wanted).first().waitFor();
    figures[path] = performance.now() - startMs;
    await context.close();
  }
  return figures;
}

/** From a call's arrival to its being seen by somebody who has the page open: medians. */
async function arrivals({ url }: ServerProcess, instance: string, browser: Browser): Promise<Figures> {
  const headers = { cookie: await cookieOf(url) };
  const arrive = async (): Promise<string> => {
    const body = JSON.stringify({ channel: "VOICE", from: "+447700900123" });
    const answer = await fetch(`${url}/_trunkline/contacts/${instance}`, { method: "POST", headers, body });
    return ((await answer.json()) as { contactId: string }).contactId;
  };
  const seen = { onList: [] as number[], onOverview: [] as number[] };
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const [name, path, wanted] of [
    ["onList", "contacts", "tbody tr a"],
    ["onOverview", "", ".figure-value"],
  ] as const) {
    await page.goto(`${url}/_trunkline/console/${path}`);
    await page.locator(wanted).first().waitFor();
    for (let count = 0; count < ARRIVALS; count++) {
      // Not in step with what is pushed.
      await page.waitForTimeout(500 + 97 * (count % 8));
      const isList = name === "onList";
      const waiting = isList ? 0 : Number(await page.locator(".figure-value").first().textContent());
      const startMs = performance.now();
      const id = await arrive();
      await page.waitForFunction(isSeen, { id: isList ? id : undefined, waiting }, { polling: "raf" });
      seen[name].push(performance.now() - startMs);
    }
  }
  await context.close();
  return { onList: percentile(seen.onList, 0.5), onOverview: percentile(seen.onOverview, 0.5) };
}

/** Runs in the page, whose policy allows no text as a program. */
function isSeen({ id, waiting }: { readonly id: string | undefined; readonly waiting: number }): boolean {
  const { document } = globalThis as unknown as {
    readonly document: { querySelector(selector: string): { readonly textContent: string } | null };
  };
  if (id !== undefined) return document.querySelector(`a[title="${id}"]`) !== null;
  return Number(document.querySelector(".figure-value")?.textContent) > waiting;
}

async function lists({ url }: ServerProcess, instance: string): Promise<Figures> {
  const cookie = await cookieOf(url);
  const page = async (query: string): Promise<{ ms: number; next?: string | undefined }> => {
    const startMs = performance.now();
    const answer = await fetch(`${url}/_trunkline/contacts/${instance}?${query}`, { headers: { cookie } });
    const { next } = (await answer.json()) as { next?: string };
    return { ms: performance.now() - startMs, next };
  };
  const times: number[] = [];
  let next: string | undefined;
  for (let count = 0; count < PAGES; count++) {
    const read = await page(next ? `after=${encodeURIComponent(next)}` : "");
    times.push(read.ms);
    next = read.next;
  }
  const search = await page("text=nobody-has-this");
  return { page50: percentile(times, 0.5), page99: percentile(times, 0.99), search: search.ms };
}

async function loopBesideReaders({ url, child }: ServerProcess, instance: string): Promise<Figures> {
  const cookie = await cookieOf(url);
  const abort = new AbortController();
  const { signal } = abort;
  const reading = Array.from({ length: READERS }, async () => {
    const answer = await fetch(`${url}/_trunkline/overview?instance=${instance}`, { headers: { cookie }, signal });
    for await (const _ of answer.body ?? []);
  });
  const delay = async (): Promise<{ p99Ms: number; maxMs: number }> => {
    child.send("delay");
    return new Promise((resolve) =>
      child.once("message", (answer) => resolve(answer as { p99Ms: number; maxMs: number })),
    );
  };
  await delay();
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  const { p99Ms, maxMs } = await delay();
  abort.abort();
  await Promise.allSettled(reading);
  return { loop99: p99Ms, loopMax: maxMs };
}

async function cookieOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/_trunkline/session`, { method: "POST", body: "{}" });
  return (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}
