/**
 * Takes the pictures of the console that the README and `docs/console.md` show: `npm run pictures`, or `npm run pictures -- map` for one. A server of its own, in
 * memory, gets the demo centre, and a browser opens page after page once two hours of it are there.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";

const FOLDER = join(import.meta.dirname, "../docs/pictures");
const SIZE = { width: 1280, height: 800 };
/** Charts are empty when a page is opened. */
const CHARTED_MS = 8_000;
const PAINTED_MS = 1_500;

interface Server {
  readonly url: string;
  readonly cookie: string;
  readonly instance: string;
}

interface Picture {
  readonly name: string;
  /** Below the console's address. */
  path(server: Server): string | Promise<string>;
  /** What must be there. */
  readonly ready: string;
  readonly waitMs?: number;
  readonly colorScheme?: "dark";
  prepare?(page: Page): Promise<void>;
}

const PICTURES: readonly Picture[] = [
  { name: "overview", path: () => "", ready: ".chart canvas", waitMs: CHARTED_MS },
  { name: "overview-dark", path: () => "", ready: ".chart canvas", waitMs: CHARTED_MS, colorScheme: "dark" },
  { name: "map", path: () => "map", ready: "main svg", waitMs: CHARTED_MS },
  { name: "contacts", path: () => "contacts", ready: "tbody a" },
  { name: "contact", path: talkedContact, ready: "main svg" },
  {
    name: "conversation",
    path: async (server) => `${await talkedContact(server)}?tab=conversation`,
    ready: "#tab-panel li",
  },
  { name: "rules", path: () => "rules", ready: "tbody a" },
  { name: "rule", path: firstRule, ready: "main h1" },
  { name: "agents", path: () => "agents", ready: "tbody a" },
  { name: "profile", path: firstProfile, ready: "main h1" },
  { name: "case", path: firstCase, ready: "main h1" },
  { name: "bus", path: () => "buses/default", ready: "main li" },
  { name: "stream", path: () => "streams/northwind-contact-records", ready: "main h1" },
  { name: "deliveries", path: () => "deliveries?tab=attempts", ready: "main h1" },
  { name: "dead-letters", path: () => "dead-letters", ready: "main table" },
  { name: "calls", path: () => "calls", ready: "main h1" },
  { name: "operate", path: () => "operate", ready: "main h2" },
];

const named = process.argv.slice(2);
await takeAll(PICTURES.filter(({ name }) => named.length === 0 || named.includes(name)));

async function takeAll(pictures: readonly Picture[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const app = await startApp(readConfig(["--port", "0", "--data", ":memory:", "--log-level", "error"], {}));
  const browser = await openBrowser();
  try {
    const server = await demoCentre(app.url);
    for (const picture of pictures) {
      await take(browser, server, picture);
      console.log(picture.name);
    }
  } finally {
    await browser.close();
    await app.close();
  }
}

async function openBrowser(): Promise<Browser> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (executablePath === undefined) throw new Error("There is no Chromium to take pictures with");
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** Builds it, and waits until its past has been played and it goes on live. */
async function demoCentre(url: string): Promise<Server> {
  const signedIn = await fetch(`${url}/_trunkline/session`, { method: "POST", body: "{}" });
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  await fetch(`${url}/_trunkline/demo`, { method: "POST", body: "{}", headers: { cookie } });
  for (;;) {
    const answer = await fetch(`${url}/_trunkline/demo`, { headers: { cookie } });
    const { clock, demo } = (await answer.json()) as {
      clock: string;
      demo?: { state: string; instanceId?: string; error?: string };
    };
    if (demo?.error) throw new Error(`The demo centre was not built: ${demo.error}`);
    if (demo?.state === "playing" && demo.instanceId && clock === "real")
      return { url, cookie, instance: demo.instanceId };
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function take(
  browser: Browser,
  server: Server,
  { name, path, ready, waitMs = PAINTED_MS, colorScheme, prepare }: Picture,
): Promise<void> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme: colorScheme ?? "light" });
  await page.goto(`${server.url}/_trunkline/console/${await path(server)}`);
  await page.locator(ready).first().waitFor();
  await page.waitForTimeout(waitMs);
  await prepare?.(page);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await page.close();
}

/** What an endpoint or an operation answers. */
async function ask<T>({ url, cookie }: Server, path: string, input?: object): Promise<T> {
  const answer = await fetch(`${url}/_trunkline/${path}`, {
    headers: { cookie },
    ...(input && { method: "POST", body: JSON.stringify(input) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** A call that rules have opened a case for. */
async function talkedContact(server: Server): Promise<string> {
  const [domainId, caseId] = await anyCase(server);
  const input = { domainId, caseId, filters: [{ contact: {} }] };
  const { relatedItems } = await ask<{ relatedItems: readonly { content: { contact?: { contactArn: string } } }[] }>(
    server,
    "api/connectcases/SearchRelatedItems",
    input,
  );
  const contactArn = relatedItems[0]?.content.contact?.contactArn ?? "";
  return `contacts/${server.instance}/${contactArn.slice(contactArn.lastIndexOf("/") + 1)}`;
}

async function firstRule(server: Server): Promise<string> {
  const input = { InstanceId: server.instance, MaxResults: 1, EventSourceName: "OnPostCallAnalysisAvailable" };
  const { RuleSummaryList } = await ask<{ RuleSummaryList: readonly { RuleId: string }[] }>(
    server,
    "api/connect/ListRules",
    input,
  );
  return `rules/${server.instance}/${RuleSummaryList[0]?.RuleId}`;
}

/** The customer of a case. */
async function firstProfile(server: Server): Promise<string> {
  const [, , customer] = await anyCase(server);
  const [, domain = "", profile = ""] = /domains\/([^/]+)\/profiles\/(.+)$/.exec(customer) ?? [];
  return `profiles/${domain}/${profile}`;
}

async function firstCase(server: Server): Promise<string> {
  const [domainId, caseId] = await anyCase(server);
  return `cases/${domainId}/${caseId}`;
}

async function anyCase(server: Server): Promise<readonly [domainId: string, caseId: string, customer: string]> {
  const { domains } = await ask<{ domains: readonly { domainId: string }[] }>(
    server,
    "api/connectcases/ListDomains",
    {},
  );
  const domainId = domains[0]?.domainId ?? "";
  const input = { domainId, maxResults: 1, fields: [{ id: "customer_id" }] };
  const { cases } = await ask<{
    cases: readonly { caseId: string; fields: readonly { value: { stringValue?: string } }[] }[];
  }>(server, "api/connectcases/SearchCases", input);
  return [domainId, cases[0]?.caseId ?? "", cases[0]?.fields[0]?.value.stringValue ?? ""];
}
