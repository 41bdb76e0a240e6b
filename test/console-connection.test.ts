/** What the console does where the server goes away, the session ends, or a page is not looked at; and where the keys are meanwhile. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ConnectClient, CreateInstanceCommand } from "@aws-sdk/client-connect";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import type { Page } from "playwright-core";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { goByLetter, goTo, openPage, writeJson } from "./console-page.ts";
import { startTrunkline, startTrunklineIn } from "./server.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
after(() => server.close());

/** Tells a page that it is looked at, or not. */
async function look(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    `Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} });
    document.dispatchEvent(new Event("visibilitychange"));`,
  );
}

test("a page that asks for nothing notices that the server is away and back, and keeps what is written on it", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const first = await startTrunkline("--clock", "real");
  const { port } = new URL(first.url);
  await using page = await openPage(browser, first.url, "buses/default/~new");
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("not-saved");
  await writeJson(page.getByRole("textbox", { name: "Event pattern" }), '{"source":["half wri');
  await page.getByText("Connected", { exact: true }).waitFor();
  page.removeAllListeners("console");
  await first.close();
  await page.getByText("Connection lost").waitFor();
  await startTrunklineIn({}, "--clock", "real", "--port", port);
  await page.getByText("Connected", { exact: true }).waitFor();
  // The session of the server before is renewed without a word.
  await page.getByRole("link", { name: "API calls" }).waitFor();
  assert.equal(await name.inputValue(), "not-saved");
  assert.match((await page.getByRole("textbox", { name: "Event pattern" }).textContent()) ?? "", /half wri/);
});

test("a page that is hidden for a while lets its connection go, and begins anew when it is looked at", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "map");
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.clock.install();
  const followed = page.waitForRequest(/calls\?.*follow=true/);
  await page.goto(`${server.url}/_trunkline/console/calls`);
  const request = await followed;
  const ended = page.waitForEvent("requestfailed", (one) => one === request);
  await look(page, true);
  await page.clock.fastForward(9_000);
  assert.equal(request.failure(), null);
  await page.clock.fastForward(2_000);
  await ended;
  const again = page.waitForRequest(/calls\?.*follow=true/);
  await look(page, false);
  await again;
});

test("tabs that were opened in the background leave the one in front able to ask", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const context = await browser.newContext();
  // A browser has six connections to a server.
  for (let number = 0; number < 7; number++) {
    const tab = await context.newPage();
    await tab.addInitScript('Object.defineProperty(document, "hidden", { configurable: true, get: () => true })');
    await tab.goto(`${server.url}/_trunkline/console/${number % 2 === 0 ? "" : "buses/default"}`);
    await tab.getByText("Connected", { exact: true }).waitFor();
  }
  const front = await context.newPage();
  await front.goto(`${server.url}/_trunkline/console/buses`);
  await front.getByRole("link", { name: "default" }).waitFor();
  await context.close();
});

test("a session that has ended is renewed over the page, which keeps what is written on it", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const open = await startTrunkline("--host", "0.0.0.0", "--clock", "real");
  const url = open.url.replace("0.0.0.0", "127.0.0.1");
  await using page = await openPage(browser, url);
  const signIn = async (): Promise<void> => {
    await page.getByLabel("Access key").fill("test");
    await page.getByLabel("Secret").fill("test");
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn();
  // Whoever goes away before the answer is not signed in.
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.goto(`${url}/_trunkline/console/buses/default/~new`);
  await page.getByLabel("Name", { exact: true }).fill("kept");
  await page.context().clearCookies();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await signIn();
  await dialog.waitFor({ state: "detached" });
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "kept");
});

test("the keys go on from the page that was gone to, and from the button that asked", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const bridge = new EventBridgeClient(server.client);
  await bridge.send(new PutEventsCommand({ Entries: [{ Source: "shop", DetailType: "One", Detail: "{}" }] }));
  await using page = await openPage(browser, server.url);
  await page.getByText("Connected", { exact: true }).waitFor();
  await goByLetter(page, "b", "Event buses");
  await page.locator("#content:focus").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByLabel("Page, name or id").fill("operate");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Operate", level: 1 }).waitFor();
  await page.locator("#content:focus").waitFor();
  const reset = page.getByRole("button", { name: /^Reset/ });
  await reset.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator("button:focus", { hasText: /^Reset/ }).waitFor();
});

test("a page whose server has got another console meanwhile says so, and loads it when asked", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "mailbox");
  await page.getByText("Connected", { exact: true }).waitFor();
  page.removeAllListeners("console");
  await page.route("**/_trunkline/console/", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replaceAll(/main-[^.]+\.js/g, "main-newer.js") });
  });
  await page.context().setOffline(true);
  await page.getByText("Connection lost").waitFor();
  await page.context().setOffline(false);
  await page.getByText("There is a newer console").waitFor();
  await page.unroute("**/_trunkline/console/");
  await page.getByRole("button", { name: "Load it" }).click();
  await page.getByText("There is a newer console").waitFor({ state: "detached" });
});

test("another Region is chosen, and shows what is there", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const connect = new ConnectClient({ ...server.client, region: "eu-west-2" });
  await connect.send(
    new CreateInstanceCommand({
      InstanceAlias: "london",
      IdentityManagementType: "CONNECT_MANAGED",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  await using page = await openPage(browser, server.url, "api");
  await page.getByLabel("Region", { exact: true }).selectOption("eu-west-2");
  await page.getByLabel("Connect instance").getByText("london").waitFor({ state: "attached" });
  await page.getByLabel("Region", { exact: true }).selectOption("us-west-2");
  await page.getByLabel("Connect instance").waitFor({ state: "detached" });
  await page.goto(`${server.url}/_trunkline/console/nowhere/at/all`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
});

test("who may nothing is told so on every page, and never that there is nothing", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const open = await startTrunkline("--host", "0.0.0.0", "--clock", "real");
  const url = open.url.replace("0.0.0.0", "127.0.0.1");
  const iam = new IAMClient({ ...open.client, endpoint: url });
  await iam.send(new CreateUserCommand({ UserName: "nobody" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "nobody" }));
  await using page = await openPage(browser, url);
  await page.getByLabel("Access key").fill(AccessKey?.AccessKeyId ?? "");
  await page.getByLabel("Secret").fill(AccessKey?.SecretAccessKey ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const pages = ["", "contacts", "agents", "queues", "rules", "cases", "profiles", "streams", "buses", "deliveries"];
  for (const path of [...pages, "dead-letters", "queues-sqs", "functions", "apis", "operate", "calls", "mailbox"]) {
    await goTo(page, path);
    await page.getByRole("alert").filter({ hasText: "is not authorized to perform" }).first().waitFor();
    assert.equal(await page.locator("main .empty").count(), 0, path);
  }
});
