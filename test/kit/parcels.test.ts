/** What somebody would write who tests with `trunkline/testing` and node:test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateRuleCommand } from "@aws-sdk/client-connect";
import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateStreamCommand, DescribeStreamSummaryCommand } from "@aws-sdk/client-kinesis";
import { expectEvent, expectNoEvent, expectRecord, expectRule, useTrunkline } from "../../src/testing/index.ts";

const trunkline = useTrunkline();

/** A rule of Connect that listens to what customers say. */
async function ruleOnWords(InstanceId: string, Name: string, ...words: string[]): Promise<void> {
  const condition = {
    Operator: "CONTAINS_ANY",
    Operands: words,
    ComparisonValue: "$.ContactLens.PostCall.ExactMatch.Transcript",
    Negate: false,
  };
  await trunkline.clients.connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
      Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands: [condition] } }),
      Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
      PublishStatus: "PUBLISHED",
    }),
  );
}

test("a call is answered, talked through, and told of", async () => {
  const centre = await trunkline.centre({ queues: ["support"], agents: ["anna"] });
  const anna = await centre.agent("anna").signsIn();
  const begun = await trunkline.clock.now();

  const call = await centre.call({ from: "+447700900123" });
  await anna.answers(call).says("Good morning, how can I help?");
  await call.says("Where is my parcel?").hangsUp();
  await anna.clears();

  assert.ok((await trunkline.clock.now()).getTime() > begun.getTime(), "talking takes its time");
  assert.deepEqual(
    (await call.view()).said.map(({ speaker, text }) => [speaker, text]),
    [
      ["AGENT", "Good morning, how can I help?"],
      ["CUSTOMER", "Where is my parcel?"],
    ],
  );
  const event = await expectEvent(trunkline, {
    source: ["aws.connect"],
    detail: { eventType: ["DISCONNECTED"], contactId: [call.id] },
  });
  assert.equal(event.detail.queueInfo.queueArn.split("/").at(-1), centre.queueIds.support);
  const record = await expectRecord(trunkline, centre.streams.contactRecords, { ContactId: [call.id] });
  assert.equal(record.data.Agent.Username, "anna");
  await expectRecord(trunkline, centre.streams.agentEvents, (told) => told.EventType === "LOGIN");
});

test("a rule listens to what is said", async () => {
  const centre = await trunkline.centre();
  await ruleOnWords(centre.instanceId, "late", "parcel");
  await ruleOnWords(centre.instanceId, "angry", "outrageous");
  const anna = await centre.agent("anna").signsIn();
  const call = await centre.call();
  await anna.answers(call);
  await call.says("Where is my parcel?").hangsUp();
  await anna.clears();
  await expectRule(trunkline, "late").toMatch(call, { within: "PT5M" });
  await expectRule(trunkline, "angry").notToMatch(call);
  await assert.rejects(expectRule(trunkline, "angry").toMatch(call), (error: Error) => {
    assert.match(error.message, /^Rule angry was to match VOICE contact [0-9a-f-]{36}, and did not\.\nOnPostCall/);
    assert.match(error.message, /✗ .*outrageous/);
    assert.match(error.message, /\nIt was said:\n {2}CUSTOMER: Where is my parcel\?$/);
    return true;
  });
  await assert.rejects(expectRule(trunkline, "late").notToMatch(call), /was not to match .*\n.*\n.*✓ .*parcel/s);
});

test("an event that did not come is told of with the one that came nearest", async () => {
  const centre = await trunkline.centre({ queues: ["orders", "billing"] });
  const call = await centre.call({ queue: "billing" }).waits("PT90S").hangsUp();
  const pattern = { source: ["aws.connect"], detail: { contactId: [call.id], eventType: ["CONNECTED_TO_AGENT"] } };
  await expectNoEvent(trunkline, pattern, { within: "PT1H" });
  await assert.rejects(expectEvent(trunkline, pattern), (error: Error) => {
    assert.match(error.message, /^There is not an event on the bus default such as \{/);
    assert.match(error.message, /✓ detail\.contactId/);
    assert.match(error.message, /✗ detail\.eventType .*CONNECTED_TO_AGENT/);
    return true;
  });
  await assert.rejects(expectNoEvent(trunkline, { detail: { contactId: [call.id] } }), /and this does: \{/);
});

test("a rule of EventBridge is asked about an event, and brings one to a stream", async () => {
  const { eventBridge, kinesis } = trunkline.clients;
  await kinesis.send(new CreateStreamCommand({ StreamName: "parcels", ShardCount: 1 }));
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: "parcels" }));
  await eventBridge.send(new PutRuleCommand({ Name: "lost", EventPattern: '{"detail":{"state":["LOST"]}}' }));
  const Arn = StreamDescriptionSummary?.StreamARN;
  await eventBridge.send(new PutTargetsCommand({ Rule: "lost", Targets: [{ Id: "parcels", Arn }] }));
  const parcel = (state: string) => ({ source: "parcels", "detail-type": "Parcel", detail: { state } });
  await expectRule(trunkline, "lost").toMatch(parcel("LOST"));
  await expectRule(trunkline, "lost").notToMatch(parcel("FOUND"));
  await assert.rejects(expectRule(trunkline, "lost").toMatch(parcel("FOUND")), /✗ detail\.state .*LOST.*FOUND/);
  await trunkline.connection.call("events", "PutEvents", {
    Entries: [{ Source: "parcels", DetailType: "Parcel", Detail: '{"state":"LOST"}' }],
  });
  const { data } = await expectRecord(trunkline, "parcels", { detail: { state: ["LOST"] } });
  assert.equal(data.source, "parcels");
  await assert.rejects(
    expectRecord(trunkline, "parcels", { detail: { state: ["FOUND"] } }),
    /not a record of the stream parcels.*✗ detail\.state/s,
  );
});

test("what one test has made is not there in the next", async () => {
  const { InstanceSummaryList } = await trunkline.connection.call("connect", "ListInstances");
  assert.deepEqual(InstanceSummaryList, []);
});
