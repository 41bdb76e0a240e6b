/** What functions were called with and answered, what did not come, and why: with resources from a file, which are there again after each test. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import {
  expectEvent,
  expectInvocation,
  expectMessage,
  expectNoInvocation,
  expectNoMessage,
  expectNoRecord,
  expectRecord,
  useTrunkline,
} from "../../src/testing/index.ts";

const init = join(import.meta.dirname, "notes/notes.yaml");
const trunkline = useTrunkline({ init });
const call = (model: string, operation: string, input: object) => trunkline.connection.call(model, operation, input);

test("a function's invocations are asked for by event, answer and error", async () => {
  const centre = await trunkline.centre();
  const first = await centre.call().hangsUp();
  const event = { detail: { contactId: [first.id] } };
  const noted = await expectInvocation(trunkline, "note-end", { event, status: ["success"] });
  assert.deepEqual(noted.answer, { noted: first.id });
  assert.equal(noted.event["detail-type"], "Amazon Connect Contact Event");
  await expectNoInvocation(trunkline, "note-end", { status: ["error"] });
  await expectNoInvocation(trunkline, "note-end", {}, { since: noted });

  const chat = await centre.chat().hangsUp();
  const failure = { error: { errorType: ["TypeError"], errorMessage: [{ suffix: "CHAT" }] } };
  const failed = await expectInvocation(trunkline, "note-end", failure, { since: noted });
  assert.equal(failed.event.detail.contactId, chat.id);
  assert.equal(failed.answer, undefined);
  // It is tried again, by the same id.
  await assert.rejects(expectInvocation(trunkline, "note-end", {}, { since: failed }), {
    message: /There is none at all\.\nEvents that wait for note-end, to be handled or tried again: 1\./,
  });
  const again = await expectInvocation(trunkline, "note-end", {}, { since: failed, within: "PT2M" });
  assert.equal(again.requestId, failed.requestId);
  await assert.rejects(expectNoInvocation(trunkline, "note-end", { event }), {
    message: /^No invocation of note-end was to match \{.*\}, and this does: \{.*"status": "success"/s,
  });
  await assert.rejects(expectInvocation(trunkline, "nobody"), /There is no function nobody in us-east-1/);
});

test("where nothing came to a function, it is told why its rule did not send", async () => {
  const centre = await trunkline.centre();
  await centre.call();
  await assert.rejects(expectInvocation(trunkline, "note-end"), {
    message:
      /There is none at all\.\nWhat sends there:\n {2}rule ended of default: It matched none of the last \d events of the bus default\. Of the nearest: detail\.eventType is "QUEUED", but .*"DISCONNECTED"\n(.*\n)* +✗ detail\.eventType/,
  });
});

test("a record that an event trigger did not send is told of with the reason", async () => {
  const DomainName = "parcels";
  const put = (id: string, state: string) =>
    call("customer-profiles", "PutProfileObject", {
      ...{ DomainName, ObjectTypeName: "Scan" },
      Object: JSON.stringify({ id, shopper: "7", state }),
    });
  const missing = async (message: RegExp) => assert.rejects(expectRecord(trunkline, "held", {}), { message });
  await put("1", "HELD");
  await missing(
    /\nNothing is set up to send there: .*\nEvent trigger held of parcels tells nobody: no integration carries it\./,
  );

  const { StreamARN } = (await call("kinesis", "DescribeStreamSummary", { StreamName: "held" }))
    .StreamDescriptionSummary;
  const RoleArn = "arn:aws:iam::000000000000:role/notes";
  await call("customer-profiles", "PutIntegration", {
    ...{ DomainName, Uri: `${StreamARN}#held`, EventTriggerNames: ["held"], RoleArn },
  });
  await missing(/looked at nothing of the kind.* of type Scan was refused at .*: No profile matched and AllowProf/);
  await call("customer-profiles", "CreateProfile", { DomainName, AccountNumber: "7" });
  await put("2", "MOVING");
  await missing(/held of parcels: kept silent on object .*state is "MOVING", but .*"HELD"\n +✗ _source\.state/);
  await expectNoRecord(trunkline, "held", {});
  await expectNoRecord(trunkline, "held", () => true);

  await put("3", "HELD");
  const told = await expectRecord(trunkline, "held", { eventTriggerName: ["held"] });
  await expectNoRecord(trunkline, "held", {}, { since: told });
  await expectNoRecord(trunkline, "held", () => true, { since: told });
  await assert.rejects(expectNoRecord(trunkline, "held", {}), {
    message: /^No record of the stream held was to match \{\}, and this does: \{\s+"sequenceNumber"/,
  });
  await assert.rejects(
    expectRecord(trunkline, "held", () => false),
    { message: /There are 1; the last: (.*\n)*What sends there:\n {2}event trigger held of parcels: fired on object/ },
  );
});

test("a message that is not to come, and one that nothing would send", async () => {
  await call("sqs", "CreateQueue", { QueueName: "quiet" });
  await expectNoMessage(trunkline, "quiet");
  await assert.rejects(expectMessage(trunkline, "quiet"), { message: /Nothing is set up to send there: no rule, / });
  const { QueueUrl } = await call("sqs", "GetQueueUrl", { QueueName: "quiet" });
  await call("sqs", "SendMessage", { QueueUrl, MessageBody: '{"id":7}' });
  await expectNoMessage(trunkline, "quiet", { id: [8] });
  await assert.rejects(expectNoMessage(trunkline, "quiet", { id: [7] }), /No message in quiet was to match/);
});

test("what is no beginning is refused as `since`, whatever is asked for", async () => {
  for (const since of ["yesterday", {}, { id: 7 }, 1, null, new Date("never")] as never[]) {
    const refusal = { name: "TypeError", message: /^since is a Date or what was found before, with its / };
    await assert.rejects(expectEvent(trunkline, {}, { since }), refusal);
    await assert.rejects(expectRecord(trunkline, "held", {}, { since }), refusal);
    await assert.rejects(
      expectRecord(trunkline, "held", () => true, { since }),
      refusal,
    );
    await assert.rejects(expectInvocation(trunkline, "note-end", {}, { since }), refusal);
  }
  await assert.rejects(expectEvent(trunkline, {}, { since: { id: "nobody" } }), /has nothing of the id nobody/);
});
