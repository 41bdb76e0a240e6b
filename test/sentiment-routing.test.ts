/** examples/sentiment-routing: two customers call twice, and the one who was unhappy is served first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CustomerProfilesClient, SearchProfilesCommand } from "@aws-sdk/client-customer-profiles";
import { runExample } from "./example.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { stdout } = await runExample(server, "sentiment-routing/run.mjs");
const lines = stdout.trim().split("\n");

test("who was unhappy goes to another queue than who was not, since a function has told the flow so", () => {
  // The first time both are strangers: or the function took too long to start, which costs nobody their call.
  const [mara, ole, ...again] = lines.slice(0, 4);
  assert.match(mara ?? "", /^Mara waits in BasicQueue: listen, ask, (?:decide \(UNKNOWN\), )?all, wait$/);
  assert.match(ole ?? "", /^Ole waits in BasicQueue: listen, ask, (?:decide \(UNKNOWN\), )?all, wait$/);
  assert.deepEqual(again, [
    "Ole waits in BasicQueue: listen, ask, decide (CONTENT), all, wait",
    "Mara waits in Care: listen, ask, decide (UNHAPPY), why, care, wait",
  ]);
});

test("they are served before who has waited longer, and supervisors hear of it once", () => {
  assert.deepEqual(lines.slice(4, 6), ["Ole still waits", "Mara is served first"]);
  const [told, ...more] = lines.slice(6);
  assert.deepEqual(more, []);
  const { phone, since } = JSON.parse(told?.replace("supervisors hear ", "") ?? "");
  assert.equal(phone, "+12065550142");
  assert.ok(Date.parse(since));
});

test("how somebody felt stands in their profile", async () => {
  const profiles = new CustomerProfilesClient(server.client);
  const moods = [];
  for (const phone of ["+12065550142", "+12065550143"]) {
    const known = { DomainName: "shop", KeyName: "_phone", Values: [phone] };
    const { Items = [] } = await profiles.send(new SearchProfilesCommand(known));
    moods.push(...Items.map(({ Attributes }) => Attributes?.Mood));
  }
  assert.deepEqual(moods, ["UNHAPPY", "CONTENT"]);
});
