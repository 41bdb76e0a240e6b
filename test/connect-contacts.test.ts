/** What the API does with contacts, beside agents: pauses, transfers, schedules, routing data, searches; and what it refuses. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateContactWithUserCommand,
  type ContactField,
  CreateContactCommand,
  DeleteContactDataCommand,
  ListContactReferencesCommand,
  PauseContactCommand,
  ResumeContactCommand,
  SearchContactsCommand,
  type SearchContactsCommandInput,
  StartTaskContactCommand,
  type StartTaskContactCommandInput,
  TransferContactCommand,
  type TransferContactCommandInput,
  UpdateContactRoutingDataCommand,
  UpdateContactScheduleCommand,
} from "@aws-sdk/client-connect";
import { type Centre, openCentre } from "./contact-centre.ts";
import { checkInvariants } from "./contact-invariants.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centres: Centre[] = [];
const NOBODY = "00000000-0000-4000-8000-000000000000";
const CALL = { channel: "VOICE", from: "+447700900123", to: "+442079460100" };

function inCentre(title: string, run: (centre: Centre) => Promise<void>): void {
  test(title, async () => {
    const centre = await openCentre(server);
    centres.push(centre);
    await run(centre);
    checkInvariants(await centre.streams());
  });
}

after(() => {
  for (const { connect } of centres) connect.destroy();
});

async function startTask(centre: Centre, input: Partial<StartTaskContactCommandInput> = {}): Promise<string> {
  const { InstanceId, flowId: ContactFlowId, connect } = centre;
  const task = new StartTaskContactCommand({ InstanceId, ContactFlowId, Name: "Call back", ...input });
  return (await connect.send(task)).ContactId ?? "";
}

const refusal = (name: string) => (error: { name: string; message: string }) => {
  assert.equal(error.name, name, error.message);
  return true;
};

inCentre("a task is paused at its agent and in the queue, at most ten times", async (centre) => {
  const { InstanceId, connect } = centre;
  const ContactId = await startTask(centre);
  const pause = () => connect.send(new PauseContactCommand({ InstanceId, ContactId }));
  const resume = () => connect.send(new ResumeContactCommand({ InstanceId, ContactId }));
  await assert.rejects(resume(), refusal("ConflictException"));
  await pause();
  await assert.rejects(pause(), refusal("ConflictException"));
  const agent = await centre.agent("quin");
  assert.deepEqual((await centre.view(agent)).contacts, []);
  await server.advance("PT10S");
  await resume();
  await centre.act(agent, "accept", { contactId: ContactId });
  for (let count = 1; count < 10; count++) {
    await pause();
    assert.equal((await centre.view(agent)).contacts[0]?.state, "PAUSED");
    await server.advance("PT5S");
    await resume();
  }
  await assert.rejects(pause(), refusal("LimitExceededException"));
  const described = await centre.describe(ContactId);
  assert.equal(described.TotalPauseCount, 10);
  assert.equal(described.TotalPauseDurationInSeconds, 55);
  assert.equal(described.AgentInfo?.AgentPauseDurationInSeconds, 45);
  await centre.act(agent, "hang-up", { contactId: ContactId });
  await centre.act(agent, "clear", { contactId: ContactId });
  assert.equal((await centre.describe(ContactId)).DisconnectReason, "AGENT_COMPLETED");
  await assert.rejects(pause(), refusal("ConflictException"));

  const call = await centre.arrive(CALL);
  const ofCall = { InstanceId, ContactId: call };
  await assert.rejects(connect.send(new PauseContactCommand(ofCall)), refusal("InvalidRequestException"));
  const ofNobody = { InstanceId, ContactId: NOBODY };
  await assert.rejects(connect.send(new PauseContactCommand(ofNobody)), refusal("ResourceNotFoundException"));
  await assert.rejects(connect.send(new ResumeContactCommand(ofNobody)), refusal("ResourceNotFoundException"));
});

inCentre("a task is transferred to a queue and to an agent's own, eleven times", async (centre) => {
  const { InstanceId, flowId: ContactFlowId, queueId: QueueId, connect } = centre;
  const transfer = async (ContactId: string, input: Partial<TransferContactCommandInput> = {}) =>
    (await connect.send(new TransferContactCommand({ InstanceId, ContactId, ContactFlowId, ...input }))).ContactId ??
    "";
  const root = await startTask(centre, { Attributes: { order: "17" } });
  const agent = await centre.agent("rex");
  await centre.act(agent, "accept", { contactId: root });
  let last = await transfer(root, { QueueId, ClientToken: "once" });
  assert.equal(await transfer(root, { QueueId, ClientToken: "once" }), last);
  await assert.rejects(transfer(last, { QueueId, ClientToken: "once" }), refusal("IdempotencyException"));
  await centre.act(agent, "clear", { contactId: root });
  last = await transfer(last, { UserId: agent });
  const described = await centre.describe(last);
  assert.equal(described.InitiationMethod, "TRANSFER");
  assert.equal(described.QueueInfo?.Id, agent);
  assert.deepEqual(described.Attributes, { order: "17" });
  for (let count = 2; count < 11; count++) last = await transfer(last);
  await assert.rejects(transfer(last), refusal("ServiceQuotaExceededException"));
  await assert.rejects(transfer(root, { QueueId }), refusal("InvalidRequestException"));
  await assert.rejects(transfer(last, { QueueId, UserId: agent }), refusal("InvalidRequestException"));
  await assert.rejects(transfer(last, { QueueId: NOBODY }), refusal("ResourceNotFoundException"));
  await assert.rejects(transfer(last, { UserId: NOBODY }), refusal("ResourceNotFoundException"));
  await assert.rejects(transfer(await centre.arrive(CALL), { QueueId }), refusal("InvalidRequestException"));
});

inCentre("a scheduled task is moved, twenty times", async (centre) => {
  const { InstanceId, connect } = centre;
  const nowMs = server.app.platform().clock.now();
  const at = (seconds: number) => new Date(nowMs + seconds * 1_000);
  const ContactId = await startTask(centre, { ScheduledTime: at(3_600) });
  const move = (ScheduledTime: Date, id: string = ContactId) =>
    connect.send(new UpdateContactScheduleCommand({ InstanceId, ContactId: id, ScheduledTime }));
  for (let count = 0; count < 20; count++) await move(at(120 + count));
  await assert.rejects(move(at(60)), refusal("LimitExceededException"));
  await assert.rejects(move(at(-1)), refusal("InvalidParameterException"));
  await assert.rejects(move(at(60), NOBODY), refusal("ResourceNotFoundException"));
  await assert.rejects(move(at(60), await startTask(centre)), refusal("InvalidRequestException"));
  await server.advance("PT139S");
  const types = await centre.types(ContactId);
  assert.deepEqual([types[0], types.at(-1), types.length], ["INITIATED", "QUEUED", 23]);
});

inCentre("priority, age and criteria decide who gets what", async (centre) => {
  const { InstanceId, connect } = centre;
  const [old, urgent, aged] = [await centre.arrive(CALL), await centre.arrive(CALL), await centre.arrive(CALL)];
  const route = (ContactId: string, input: object) =>
    connect.send(new UpdateContactRoutingDataCommand({ InstanceId, ContactId, ...input }));
  await route(urgent, { QueuePriority: 1 });
  await route(aged, { QueueTimeAdjustmentSeconds: 600 });
  const agent = await centre.agent("sam");
  const order: string[] = [];
  for (let count = 0; count < 3; count++) {
    const contactId = (await centre.view(agent)).contacts[0]?.id ?? "";
    order.push(contactId);
    await centre.act(agent, "accept", { contactId });
    await server.advance("PT1S");
    await centre.customer(contactId, "hang-up");
    await centre.act(agent, "clear", { contactId });
  }
  assert.deepEqual(order, [urgent, aged, old]);
  await assert.rejects(route(old, { QueuePriority: 1 }), refusal("ResourceConflictException"));
  await centre.status(agent, "Offline");
  const call = await centre.arrive(CALL);
  await assert.rejects(
    route(call, { QueuePriority: 1, QueueTimeAdjustmentSeconds: 1 }),
    refusal("InvalidParameterException"),
  );
  await assert.rejects(route(NOBODY, { QueuePriority: 1 }), refusal("ResourceNotFoundException"));

  const Expression = { AttributeCondition: { MatchCriteria: { AgentsCriteria: { AgentIds: [NOBODY] } } } };
  const Steps = [{ Expression, Expiry: { DurationInSeconds: 30 } }];
  await route(call, { RoutingCriteria: { Steps } });
  await centre.status(agent, "Available");
  assert.deepEqual((await centre.view(agent)).contacts, []);
  await server.advance("PT29S");
  assert.deepEqual((await centre.view(agent)).contacts, []);
  await server.advance("PT1S");
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id }) => id),
    [call],
  );
  assert.equal((await centre.describe(call)).RoutingCriteria?.Steps?.[0]?.Status, "EXPIRED");
  const twoParts = { AttributeCondition: {}, OrExpression: [] };
  await centre.act(agent, "reject", { contactId: call });
  await assert.rejects(
    route(call, { RoutingCriteria: { Steps: [{ Expression: twoParts }] } }),
    refusal("InvalidParameterException"),
  );
});

inCentre(
  "contacts are found by time, channel, agent, queue, name, tags and attributes, page by page",
  async (centre) => {
    const { InstanceId, connect } = centre;
    const nowMs = server.app.platform().clock.now();
    const agent = await centre.agent("tia");
    const call = await centre.arrive({ ...CALL, attributes: { order: "17" } });
    await centre.act(agent, "accept", { contactId: call });
    await server.advance("PT1S");
    const task = await startTask(centre, { Name: "Fix the roof" });
    const find = async (input: Partial<SearchContactsCommandInput> = {}, type = "INITIATION_TIMESTAMP") => {
      const TimeRange = { Type: type, StartTime: new Date(nowMs - 1_000), EndTime: new Date(nowMs + 60_000) } as never;
      return connect.send(new SearchContactsCommand({ InstanceId, TimeRange, ...input }));
    };
    const ids = async (SearchCriteria: SearchContactsCommandInput["SearchCriteria"], type?: string) =>
      (await find({ SearchCriteria }, type)).Contacts?.map(({ Id }) => Id);
    assert.deepEqual(await ids({}), [task, call]);
    assert.deepEqual(await ids({}, "CONNECTED_TO_AGENT_TIMESTAMP"), [call]);
    assert.deepEqual(await ids({}, "ENQUEUE_TIMESTAMP"), [task, call]);
    assert.deepEqual(await ids({}, "DISCONNECT_TIMESTAMP"), []);
    assert.deepEqual(await ids({ Channels: ["TASK"] }), [task]);
    assert.deepEqual(await ids({ AgentIds: [agent] }), [call]);
    assert.deepEqual(await ids({ QueueIds: [centre.queueId], InitiationMethods: ["INBOUND"] }), [call]);
    assert.deepEqual(await ids({ Name: { SearchText: ["ROOF"], MatchType: "MATCH_ANY" } }), [task]);
    assert.deepEqual(await ids({ SearchableContactAttributes: { Criteria: [{ Key: "order", Values: ["17"] }] } }), [
      call,
    ]);
    const tagged = { TagCondition: { TagKey: "aws:connect:systemEndpoint", TagValue: "+442079460100" } };
    assert.deepEqual(await ids({ ContactTags: tagged }), [call]);
    const first = await find({ MaxResults: 1, Sort: { FieldName: "CHANNEL", Order: "ASCENDING" } });
    assert.deepEqual([first.Contacts?.[0]?.Id, first.TotalCount], [task, 2]);
    const { NextToken } = first;
    const second = await find({ MaxResults: 1, Sort: { FieldName: "CHANNEL", Order: "ASCENDING" }, NextToken });
    assert.deepEqual([second.Contacts?.[0]?.Id, second.NextToken], [call, undefined]);
    await assert.rejects(find({ NextToken: "nonsense" }), refusal("InvalidParameterException"));
    const years = { Type: "INITIATION_TIMESTAMP", StartTime: new Date(0), EndTime: new Date(nowMs) } as const;
    await assert.rejects(find({ TimeRange: years }), refusal("InvalidParameterException"));
    await assert.rejects(
      find({ SearchCriteria: { ActiveRegions: ["us-east-1"] } }),
      refusal("InvalidRequestException"),
    );
    await assert.rejects(find({ InstanceId: NOBODY }), refusal("ResourceNotFoundException"));
  },
);

inCentre("references are listed by type", async (centre) => {
  const { InstanceId, connect } = centre;
  const ContactId = await startTask(centre, {
    References: { invoice: { Type: "URL", Value: "https://example.com/7" }, sum: { Type: "NUMBER", Value: "17" } },
  });
  const list = (ReferenceTypes: readonly string[], id: string = ContactId) =>
    connect.send(
      new ListContactReferencesCommand({ InstanceId, ContactId: id, ReferenceTypes: ReferenceTypes as never }),
    );
  const { ReferenceSummaryList } = await list(["URL", "DATE"]);
  assert.deepEqual(ReferenceSummaryList, [{ Url: { Name: "invoice", Value: "https://example.com/7" } }]);
  await assert.rejects(list(["URL"], NOBODY), refusal("ResourceNotFoundException"));
});

inCentre("a contact of another system is connected to its user at once", async (centre) => {
  const { InstanceId, connect } = centre;
  const agent = await centre.agent("uma");
  const create = (UserId: string) =>
    connect.send(
      new CreateContactCommand({
        InstanceId,
        Channel: "TASK",
        InitiationMethod: "API",
        InitiateAs: "CONNECTED_TO_USER",
        UserInfo: { UserId },
      }),
    );
  const { ContactId = "" } = await create(agent);
  assert.deepEqual(
    (await centre.view(agent)).contacts.map(({ id, state }) => [id, state]),
    [[ContactId, "CONNECTED"]],
  );
  await assert.rejects(create(NOBODY), refusal("ResourceNotFoundException"));
  const associated = { InstanceId, ContactId, UserId: agent };
  await assert.rejects(
    connect.send(new AssociateContactWithUserCommand(associated)),
    refusal("InvalidRequestException"),
  );
});

inCentre("personal data of an ended contact is deleted, and its record comes again without it", async (centre) => {
  const { InstanceId, connect } = centre;
  const mail = { channel: "EMAIL", from: "sam@example.com", to: "help@example.com", subject: "My bill" };
  const contactId = await centre.arrive(mail);
  const forget = (ContactFields: ContactField[], ContactId: string = contactId) =>
    connect.send(new DeleteContactDataCommand({ InstanceId, ContactId, ContactFields }));
  await assert.rejects(forget(["EMAIL_SUBJECT"]), refusal("ContactNotTerminatedException"));
  await centre.customer(contactId, "hang-up");
  await forget(["EMAIL_SUBJECT"]);
  await forget(["CUSTOMER_ENDPOINT"]);
  const { record } = (await centre.contact(contactId)) as { record: Record<string, unknown> };
  assert.equal(record.CustomerEndpoint, null);
  assert.deepEqual(record.SegmentAttributes, {
    "connect:Subtype": { ValueString: "connect:Email" },
    "connect:Direction": { ValueString: "INBOUND" },
    "connect:RedactedFields": { ValueString: "CUSTOMER_ENDPOINT,EMAIL_SUBJECT" },
  });
  assert.equal((await centre.streams()).records.length, 3);
  await assert.rejects(forget([]), refusal("InvalidParameterException"));
  await assert.rejects(forget(["CUSTOMER_ENDPOINT"], NOBODY), refusal("ResourceNotFoundException"));
  const call = await centre.arrive(CALL);
  await centre.customer(call, "hang-up");
  await forget(["EMAIL_SUBJECT"], call);
  assert.equal((await centre.streams()).records.filter(({ ContactId }) => ContactId === call).length, 1, "no subject");
});
