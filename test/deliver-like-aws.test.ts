/** `--deliver-like-aws`: what is told comes late, out of order and maybe twice, and all of it comes, whatever is killed meanwhile. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { UpdateContactAttributesCommand } from "@aws-sdk/client-connect";
import { openCentre } from "./contact-centre.ts";
import { type BusEvent, checkInvariants } from "./contact-invariants.ts";
import { advance, prepare, readStream } from "./crash-load.ts";
import { call } from "./model-call.ts";
import { spawnTrunkline, startTrunkline, temporaryFolder } from "./server.ts";

const CALLS = 40;

/** What a consumer does: every event once, each contact's in the order in which they happened. */
function inOrder(events: readonly BusEvent[]): BusEvent[] {
  const types = ["INITIATED", "QUEUED", "CONNECTED_TO_AGENT", "DISCONNECTED", "COMPLETED"];
  const once = new Map(events.map((event) => [event.id, event]));
  return [...once.values()].sort(
    (a, b) => a.time.localeCompare(b.time) || types.indexOf(a.detail.eventType) - types.indexOf(b.detail.eventType),
  );
}

test("contact events come within two seconds and out of order, records after a minute, and agents' in order", async () => {
  const server = await startTrunkline("--deliver-like-aws", "--seed", "7");
  const centre = await openCentre(server);
  const { InstanceId, connect } = centre;
  const agent = await centre.agent("ada");
  const calls: string[] = [];
  for (let count = 0; count < CALLS; count++) {
    const contactId = await centre.arrive({ channel: "VOICE", from: "+447700900123" });
    calls.push(contactId);
    await centre.act(agent, "accept", { contactId });
    await centre.customer(contactId, "hang-up");
    if (count === 0) {
      assert.deepEqual((await centre.streams()).contactEvents, [], "nothing comes at once");
      await server.advance("PT0.099S");
      assert.deepEqual((await centre.streams()).contactEvents, [], "nothing comes before 100 ms");
    }
    await centre.act(agent, "clear", { contactId });
    await server.advance("PT1S");
  }
  await server.advance("PT2S");
  const { contactEvents, agentEvents, records } = await centre.streams();
  const ordered = inOrder(contactEvents);
  assert.equal(ordered.length, CALLS * 5, "all have come");
  const isFirst = calls.map((id) => contactEvents.find(({ detail }) => detail.contactId === id)?.detail.eventType);
  assert.ok(new Set(isFirst).size > 1, "not each contact is told of from its beginning");
  assert.deepEqual(records.length, 0, "the first call ended less than 61 s ago");
  assert.deepEqual(agentEvents.at(-1)?.CurrentAgentSnapshot.Contacts, []);

  const late = { InstanceId, InitialContactId: calls[0] };
  await connect.send(new UpdateContactAttributesCommand({ ...late, Attributes: { order: "17" } }));
  await server.advance("PT69S");
  const published = (await centre.streams()).records;
  const first = published.filter(({ ContactId }) => ContactId === calls[0]);
  assert.deepEqual(new Set(published.map(({ ContactId }) => ContactId)), new Set(calls));
  assert.deepEqual(first[0]?.Attributes, { order: "17" }, "what changed before it was published is in it");
  const endedMs = Date.parse(first[0]?.DisconnectTimestamp ?? "");
  const delayMs = Date.parse(first[0]?.LastUpdateTimestamp ?? "") - endedMs;
  assert.ok(delayMs >= 60_000 && delayMs <= 70_000, `${delayMs}`);

  await connect.send(new UpdateContactAttributesCommand({ ...late, Attributes: { order: "18" } }));
  await server.advance("PT69S");
  const streams = await centre.streams();
  const again = streams.records.findLast(({ ContactId }) => ContactId === calls[0]);
  assert.deepEqual(again?.Attributes, { order: "18" });

  const versions = new Map(
    streams.records.map((record) => [`${record.ContactId} ${record.LastUpdateTimestamp}`, record]),
  );
  const told = streams.contactEvents.filter(({ detail }) => detail.eventType !== "CONTACT_DATA_UPDATED");
  checkInvariants({ ...streams, contactEvents: inOrder(told), records: [...versions.values()] });
  connect.destroy();
});

test("what is on its way when the server is killed comes after it has started again", async () => {
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder, "--deliver-like-aws");
  const { InstanceId, ContactFlowId } = await prepare(server.url);
  const dial = { InstanceId, ContactFlowId, SourcePhoneNumber: "+12065550000", DestinationPhoneNumber: "+12065550110" };
  for (let count = 0; count < 20; count++) await call(server.url, "connect", "StartOutboundVoiceContact", dial);
  // All calls find the line busy after a second: half of what tells of it is out by then.
  await advance(server.url, "PT1.5S");
  const before = await readStream(server.url, "contacts");
  const ended = once(server.child, "exit");
  server.child.kill("SIGKILL");
  await ended;

  server = await spawnTrunkline(folder);
  await advance(server.url, "PT2S");
  const ids = (await readStream(server.url, "contacts")).map(({ text }) => (JSON.parse(text) as BusEvent).id);
  assert.ok(before.length < ids.length, "some were on their way");
  assert.equal(new Set(ids).size, 20 * 3, "INITIATED, DISCONNECTED and COMPLETED of each call");
});
