/** Connect rules that run when after-contact work is over, of calls and chats that were analysed, and of mails. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  AssociateFlowCommand,
  AssociateInstanceStorageConfigCommand,
  CreateContactFlowCommand,
  CreateEmailAddressCommand,
  CreateRuleCommand,
  DeleteContactDataCommand,
  type EventSourceName,
  type RuleAction,
  StartEmailContactCommand,
  StartOutboundEmailContactCommand,
  UpdateInstanceAttributeCommand,
} from "@aws-sdk/client-connect";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { analysedCalls, analysedChats } from "./analysed-flows.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const s3 = new S3Client({ ...server.client, forcePathStyle: true });
const agent = await centre.agent("wanda");
const instanceArn = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}`;
await connect.send(new UpdateInstanceAttributeCommand({ InstanceId, AttributeType: "CONTACT_LENS", Value: "true" }));
await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
for (const ResourceType of ["CALL_RECORDINGS", "CHAT_TRANSCRIPTS", "EMAIL_MESSAGES"] as const) {
  const StorageConfig = { StorageType: "S3", S3Config: { BucketName: "kept", BucketPrefix: "demo" } } as const;
  await connect.send(new AssociateInstanceStorageConfigCommand({ InstanceId, ResourceType, StorageConfig }));
}
after(() => {
  connect.destroy();
  s3.destroy();
});

const TOLD: RuleAction = { ActionType: "GENERATE_EVENTBRIDGE_EVENT", EventBridgeAction: { Name: "TOLD" } };
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const GE = "NumberGreaterOrEqualTo";
const ANY = "CONTAINS_ANY";

type Condition = readonly [path: string, Operator: string, Operands: unknown[], more?: object];

async function rule(
  EventSourceName: EventSourceName,
  Name: string,
  section: string,
  conditions: readonly Condition[],
  Actions: RuleAction[] = [TOLD],
): Promise<void> {
  const Operands = conditions.map(([path, Operator, operands, more = {}]) => ({
    Operator,
    Operands: operands,
    ComparisonValue: `$.ContactLens.${section}.${path}`,
    ...more,
  }));
  await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName },
      Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } }),
      Actions,
      PublishStatus: "PUBLISHED",
    }),
  );
}

async function told(detailType: string, contactId: string): Promise<string[]> {
  const { contactEvents } = await centre.streams();
  return contactEvents
    .filter(({ "detail-type": type }) => type === detailType)
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .filter(({ contactArn }) => contactArn === `${instanceArn}/contact/${contactId}`)
    .map(({ ruleName = "" }) => ruleName)
    .sort();
}

async function answered(channel: "VOICE" | "CHAT", Content: string): Promise<string> {
  const flow = { InstanceId, Name: `flow-${channel}`, Type: "CONTACT_FLOW", Content } as const;
  const { ContactFlowId } = await connect.send(new CreateContactFlowCommand(flow));
  const contactId = await centre.arrive({ channel, contactFlowId: ContactFlowId });
  await centre.act(agent, "accept", { contactId });
  return contactId;
}

for (const [channel, kind, content] of [
  ["VOICE", "Call", analysedCalls(centre.queueId, { AnalyticsModes: ["PostContact"] })],
  ["CHAT", "Chat", analysedChats(centre.queueId, {})],
] as const) {
  test(`rules run once when the work after a ${kind.toLowerCase()} is over, on all that is known by then`, async () => {
    const source = `OnAfter${kind}WorkAvailable` as const;
    const section = `Post${kind}`;
    const work: Condition = ["Agent.AfterContactWorkDurationSecs", GE, [30]];
    await rule(source, `long-${kind}`, section, [work]);
    await rule(source, `very-long-${kind}`, section, [["Agent.AfterContactWorkDurationSecs", GE, [60]]]);
    await rule(source, `words-${kind}`, section, [["ExactMatch.Transcript", ANY, ["broken"]]], [TOLD, CATEGORY]);
    await rule(source, `no-words-${kind}`, section, [["ExactMatch.Transcript", ANY, ["lovely"]]], [TOLD, CATEGORY]);
    await rule(source, `no-category-${kind}`, section, [["Agent.AgentId", ANY, [agent]]]);
    const contactId = await answered(channel, content);
    await centre.customer(contactId, "say", { speaker: "CUSTOMER", text: "It is broken.", seconds: 0 });
    await server.advance("PT5S");
    await centre.customer(contactId, "hang-up");
    const type = `Contact Lens After ${kind} Work Rules Matched`;
    await server.advance("PT31S");
    assert.deepEqual(await told(type, contactId), []);
    await centre.act(agent, "clear", { contactId });
    await server.advance("PT0S");
    assert.deepEqual(await told(type, contactId), [`long-${kind}`, `no-category-${kind}`, `words-${kind}`]);
    const { Categories } = await fileOf(contactId);
    assert.deepEqual(Categories.MatchedCategories, [`words-${kind}`]);

    const explained = await centre.control("POST", "explain", { subject: contactId, instance: InstanceId });
    const inputs = explained.body.inputs as { source: string; rules: { name: string; matched: boolean }[] }[];
    const verdicts = inputs.find((input) => input.source === source)?.rules.map(({ name, matched }) => [name, matched]);
    assert.deepEqual(Object.fromEntries(verdicts ?? []), {
      [`long-${kind}`]: true,
      [`very-long-${kind}`]: false,
      [`words-${kind}`]: true,
      [`no-words-${kind}`]: false,
      [`no-category-${kind}`]: true,
    });
  });
}

test("rules look at a mail once its contact is over: at its words, its agent, queue and attributes", async () => {
  const address = { InstanceId, EmailAddress: "help@northwind.example", DisplayName: "Northwind" };
  const { EmailAddressId: ResourceId = "" } = await connect.send(new CreateEmailAddressCommand(address));
  const associated = { InstanceId, ResourceId, FlowId: centre.flowId, ResourceType: "INBOUND_EMAIL" } as const;
  await connect.send(new AssociateFlowCommand(associated));
  const cases: readonly (readonly [name: string, isMet: boolean, condition: Condition])[] = [
    ["subject", true, ["ExactMatch.Transcript", ANY, ["refund not received"]]],
    ["body", true, ["ExactMatch.Transcript", ANY, ["where is my refund"]]],
    ["markup", false, ["ExactMatch.Transcript", ANY, ["span", "nbsp"]]],
    ["across", false, ["ExactMatch.Transcript", ANY, ["received where"]]],
    ["unsaid", true, ["ExactMatch.Transcript", ANY, ["thanks"], { Negate: true }]],
    [
      "pattern",
      true,
      [
        "PatternMatch.Transcript",
        ANY,
        [
          [
            { Type: "PLAIN", Value: "order" },
            { Type: "NUMERICAL", Value: { Decimal: false } },
          ],
        ],
      ],
    ],
    ["agent", true, ["Agent.AgentId", ANY, [agent]]],
    ["queue", true, ["Queue.QueueId", ANY, [centre.queueId]]],
    ["never-queued", false, ["Queue.QueueId", "EQUALS", []]],
    ["inbound", true, ["InitiationMethod", ANY, ["INBOUND"]]],
    ["reply", false, ["InitiationMethod", ANY, ["AGENT_REPLY"]]],
    ["order", true, ["ContactAttribute.order", "EQUALS", ["17"]]],
    ["worked", true, ["Agent.AfterContactWorkDurationSecs", GE, [20]]],
    ["worked-more", false, ["Agent.AfterContactWorkDurationSecs", GE, [21]]],
  ];
  for (const [name, , condition] of cases) await rule("OnEmailAnalysisAvailable", name, "Email", [condition]);
  const RawMessage = {
    Subject: "Refund not received",
    Body: "<style>span { x: y }</style><p>Where is my re<span>fund</span>?</p>&nbsp;Order 4711",
    ContentType: "text/html",
  };
  const { ContactId = "" } = await connect.send(
    new StartEmailContactCommand({
      InstanceId,
      FromEmailAddress: { EmailAddress: "sam@example.com" },
      DestinationEmailAddress: "help@northwind.example",
      EmailMessage: { MessageSourceType: "RAW", RawMessage },
      Attributes: { order: "17" },
    }),
  );
  await centre.act(agent, "accept", { contactId: ContactId });
  await server.advance("PT1M");
  const type = "Contact Lens Email Rules Matched";
  const { ContactId: replyId = "" } = await connect.send(
    new StartOutboundEmailContactCommand({
      InstanceId,
      ContactId,
      DestinationEmailAddress: { EmailAddress: "sam@example.com" },
      EmailMessage: {
        MessageSourceType: "RAW",
        RawMessage: { Subject: "Re", Body: "Soon", ContentType: "text/plain" },
      },
    }),
  );
  await server.advance("PT20S");
  assert.deepEqual(await told(type, ContactId), []);
  await centre.act(agent, "clear", { contactId: ContactId });
  assert.deepEqual(await told(type, ContactId), cases.flatMap(([name, isMet]) => (isMet ? name : [])).toSorted());
  // The answer is a mail of its own, with the attributes of the one that it answers.
  assert.deepEqual(await told(type, replyId), ["never-queued", "order", "reply", "unsaid"]);
  await assert.rejects(
    rule("OnEmailAnalysisAvailable", "category", "Email", [["Agent.AgentId", ANY, [agent]]], [CATEGORY]),
    {
      name: "InvalidRequestException",
      message: /categories of mails/,
    },
  );
  const explained = await centre.control("POST", "explain", { subject: ContactId, instance: InstanceId });
  const [input] = explained.body.inputs as { rules: { name: string; matched: boolean }[] }[];
  assert.deepEqual(
    input?.rules.map(({ name, matched }) => [name, matched]).toSorted(),
    cases.map(([name, isMet]) => [name, isMet]).toSorted(),
  );
  // Who plays a mail gives it a subject alone.
  const played = await centre.arrive({ channel: "EMAIL", queueId: centre.queueId, subject: "Refund not received" });
  await centre.customer(played, "hang-up");
  assert.deepEqual(await told(type, played), ["inbound", "queue", "subject", "unsaid"]);
  // A subject that is deleted is nowhere any more.
  const deleted = { InstanceId, ContactId, ContactFields: ["EMAIL_SUBJECT" as const] };
  await connect.send(new DeleteContactDataCommand(deleted));
  await server.advance("PT0S");
  const again = await centre.control("POST", "explain", { subject: ContactId, instance: InstanceId });
  const [later] = again.body.inputs as { rules: { name: string; matched: boolean }[] }[];
  assert.deepEqual(
    later?.rules
      .filter(({ matched }) => matched)
      .map(({ name }) => name)
      .toSorted(),
    cases.flatMap(([name, isMet]) => (isMet && name !== "subject" ? name : [])).toSorted(),
  );
  assert.equal(JSON.stringify(again.body).includes("Refund not received"), false);
  const { store } = server.app.platform();
  const kept = await store.read("rules.inputs", 0, 0, { entries: 1_000 });
  assert.equal(kept.length > 0, true);
  for (const { value } of kept) assert.equal(/refund/i.test(String(value)), false);
});

// biome-ignore lint/suspicious/noExplicitAny: a file of the service, of which the test knows what it looks for.
async function fileOf(contactId: string): Promise<any> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "kept" }));
  const Key = Contents.map((one) => one.Key ?? "").find((key) => key.includes(`${contactId}_analysis_2`));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "kept", Key }));
  return JSON.parse((await Body?.transformToString()) ?? "");
}
