/** examples/live-transcript: a call is read along in a real browser while it goes on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { People, runExample } from "./example.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { named: told } = await runExample(server, "live-transcript/setup.mjs");
const people = new People(server, told("instance"));

test("what is said in a call shows on the page while it goes on, with speaker, sentiment, issue and category", async (t) => {
  await people.findAgent();
  const contactId = await people.call("+12065550142", told("flow"));
  await people.agent("accept", { contactId });
  const say = async (speaker: "AGENT" | "CUSTOMER", text: string): Promise<void> => {
    await people.say(contactId, speaker, text);
    await server.advance("PT3S");
  };
  await say("AGENT", "Harbour Post, how can I help?");

  const browser = await openBrowser();
  const page = await browser?.newPage();
  await page?.goto(told("page"));
  await page?.getByText("Harbour Post, how can I help?").waitFor();
  const turns = () => page?.getByRole("listitem").evaluateAll((items) => items.map((item) => ({ ...item.dataset })));
  assert.deepEqual(await turns(), page && [{ speaker: "AGENT", sentiment: "NEUTRAL" }]);

  await say("CUSTOMER", "You overcharged me. I am <b>really</b> angry about that, I want to cancel!");
  await page?.getByText("I am <b>really</b> angry").waitFor();
  await page?.getByText("CANCELLATION", { exact: true }).waitFor();
  assert.equal(await page?.locator("mark").first().textContent(), page && "You overcharged me.");
  await say("AGENT", "I am sorry, I have paid that back.");
  await say("CUSTOMER", "Great, thank you so much, that was very helpful!");
  await page?.getByText("Great, thank you").waitFor();
  assert.deepEqual(
    await turns(),
    page && [
      { speaker: "AGENT", sentiment: "NEUTRAL" },
      { speaker: "CUSTOMER", sentiment: "NEGATIVE" },
      { speaker: "AGENT", sentiment: "NEUTRAL" },
      { speaker: "CUSTOMER", sentiment: "POSITIVE" },
    ],
  );
  // The lanes stand beside each other.
  const [left, right] = [page?.locator("li").nth(1), page?.locator("li").nth(2)];
  const [customer, agent] = [await left?.boundingBox(), await right?.boundingBox()];
  assert.ok(!page || (customer && agent && customer.x + customer.width <= agent.x));

  assert.equal(await page?.getByRole("status").textContent(), page && "Live");
  await people.hangUp(contactId);
  await people.agent("clear", { contactId });
  await server.advance("PT1S");
  await page?.getByText("Over", { exact: true }).waitFor();

  const kept = await new S3Client({ ...server.client, forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: told("bucket"), Key: `transcripts/${contactId}.json` }),
  );
  const call = JSON.parse((await kept.Body?.transformToString()) ?? "");
  assert.deepEqual([call.turns.length, call.categories, call.isOver], [4, ["CANCELLATION"], true]);
  if (!browser) t.skip(NO_BROWSER);
});

test("a call that is not there is not found", async () => {
  const answer = await fetch(`${told("API")}calls/00000000-0000-0000-0000-000000000000`);
  assert.equal(answer.status, 404);
});
