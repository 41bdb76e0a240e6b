/** Functions and APIs in the console, and finding things by their names. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, goByLetter, openPage, writeJson } from "./console-page.ts";
import { createFunction, createRole } from "./lambda-world.ts";
import { startTrunkline } from "./server.ts";
import { createStream } from "./streams.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
const HOSTILE = `<img src=x onerror="document.title='run'">`;

test("a function is invoked by hand: its answer, its failure and what it has logged are shown", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const Role = await createRole(server.client, "fn");
  const source = `export const handler = async (event) => {
    console.log("seen", event.name);
    if (event.fails) throw new RangeError("no such " + event.name);
    return { greeted: event.name };
  };`;
  await createFunction(server.client, source, { FunctionName: "greets", Role });
  await using page = await openPage(browser, server.url, "functions");
  await page.getByRole("link", { name: "greets" }).click();
  const write = (text: string): Promise<void> => writeJson(page.locator(".cm-content"), text);
  await write(`{"name": ${JSON.stringify(HOSTILE)}}`);
  await page.getByRole("button", { name: "Invoke" }).click();
  const answer = page.getByRole("region", { name: "Answer" });
  await answer.getByText(HOSTILE, { exact: true }).waitFor();
  await answer.getByText(`seen ${HOSTILE}`).waitFor();
  await write('{"name": "thing", "fails": true}');
  await page.getByRole("button", { name: "Invoke" }).click();
  await answer.getByText("Failed: Unhandled").waitFor();
  await answer.getByText("no such thing", { exact: true }).waitFor();
  await write('{"name": ');
  await page.getByRole("button", { name: "Invoke" }).click();
  await page.getByRole("alert").getByText("The event is no JSON").waitFor();

  await page.getByRole("tab", { name: "Log" }).click();
  await page.getByRole("region", { name: "Log of the last hour" }).getByText("seen thing").waitFor();
  await assertAccessible(page);
  await page.getByRole("tab", { name: "Failures" }).click();
  await page.getByText("No invocation has failed").or(page.getByText("no such thing").first()).waitFor();
  await page.getByRole("tab", { name: "What calls it" }).click();
  await page.getByText("No event source mapping").waitFor();
  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByText("nodejs24.x", { exact: true }).waitFor();
  await assertFitsPhone(page);
});

test("what is configured is found by its name, by keys alone", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await createStream(new KinesisClient(server.client), "invoices-eu");
  await using page = await openPage(browser, server.url);
  await page.getByText("Connected").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("oices-e");
  await page.getByRole("option", { name: /invoices-eu/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /invoices-eu/ }).waitFor();
  await goByLetter(page, "f", "Functions");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });
});

test("no two pages have the same letter", async () => {
  const source = await readFile(new URL("../web/src/pages.tsx", import.meta.url), "utf8");
  const letters = [...source.matchAll(/letter: "(.)"/g)].map(([, letter]) => letter);
  assert.equal(new Set(letters).size, letters.length, letters.join(" "));
});

after(() => server.close());
