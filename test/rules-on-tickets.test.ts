/**
 * Connect rules on tickets of Zendesk and cases of Salesforce: the partner event source and its bus, the event integration and its association,
 * and the two ways in which an event comes, as a partner event and by a webhook.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, test } from "node:test";
import {
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  CreateUseCaseCommand,
  DeleteIntegrationAssociationCommand,
  DeleteUseCaseCommand,
  DescribeContactCommand,
  type EventSourceName,
  ListContactReferencesCommand,
  type SourceType,
  UpdateRuleCommand,
} from "@aws-sdk/client-connect";
import {
  ActivateEventSourceCommand,
  CreateEventBusCommand,
  CreatePartnerEventSourceCommand,
  DeactivateEventSourceCommand,
  DeleteEventBusCommand,
  DeletePartnerEventSourceCommand,
  DeleteRuleCommand,
  DescribeEventSourceCommand,
  DescribePartnerEventSourceCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListEventSourcesCommand,
  ListPartnerEventSourceAccountsCommand,
  ListPartnerEventSourcesCommand,
  ListTargetsByRuleCommand,
  PutPartnerEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { openCentre } from "./contact-centre.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const centre = await openCentre(server);
const { connect, InstanceId } = centre;
const events = new EventBridgeClient(server.client);
const partner = new EventBridgeClient(server.clientOf("other"));
const ACCOUNT = "000000000000";
after(() => {
  for (const client of [connect, events, partner]) client.destroy();
});

const ZENDESK = "aws.partner/zendesk.com/5501234/default";
const SALESFORCE = `aws.partner/appflow/salesforce.com/${ACCOUNT}/acme-cases`;

const zendesk = await integrate("helpdesk", ZENDESK, "ZENDESK");
const salesforce = await integrate("acme/cases", SALESFORCE, "SALESFORCE");

/** All that has to be there before rules can listen. Answers with the integration association. */
async function integrate(
  Name: string,
  Source: string,
  SourceType: SourceType,
  InstanceOf = InstanceId,
): Promise<string> {
  await partner.send(new CreatePartnerEventSourceCommand({ Name: Source, Account: ACCOUNT }));
  await events.send(new CreateEventBusCommand({ Name: Source, EventSourceName: Source }));
  const { EventIntegrationArn } = await call(server.url, "appintegrations", "CreateEventIntegration", {
    Name,
    EventFilter: { Source },
    EventBridgeBus: Source,
  });
  const { IntegrationAssociationId = "" } = await connect.send(
    new CreateIntegrationAssociationCommand({
      InstanceId: InstanceOf,
      IntegrationType: "EVENT",
      IntegrationArn: EventIntegrationArn,
      SourceType,
      SourceApplicationName: "Acme",
      SourceApplicationUrl: "https://acme.example",
    }),
  );
  const useCase = { InstanceId: InstanceOf, IntegrationAssociationId, UseCaseType: "RULES_EVALUATION" } as const;
  await connect.send(new CreateUseCaseCommand(useCase));
  return IntegrationAssociationId;
}

type Condition = readonly [path: string, Operator: string, operand: string, more?: object];

async function rule(
  EventSourceName: EventSourceName,
  Name: string,
  prefix: string,
  conditions: readonly Condition[],
  more: { associationId?: string; text?: string } = {},
): Promise<string> {
  const Operands = conditions.map(([path, Operator, operand, other = {}]) => ({
    Operator,
    Operands: [operand],
    ComparisonValue: `$.ThirdParty.${prefix}.${path}`,
    Negate: false,
    ...other,
  }));
  const { associationId = EventSourceName.includes("Zendesk") ? zendesk : salesforce } = more;
  const { RuleId = "" } = await connect.send(
    new CreateRuleCommand({
      InstanceId,
      Name,
      TriggerEventSource: { EventSourceName, IntegrationAssociationId: associationId },
      Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } }),
      Actions: [
        {
          ActionType: "CREATE_TASK",
          TaskAction: {
            Name: more.text ?? Name,
            ContactFlowId: centre.flowId,
            References: { rule: { Type: "STRING", Value: "$.RuleName" } },
          },
        },
      ],
      PublishStatus: "PUBLISHED",
    }),
  );
  return RuleId;
}

/** The names of the tasks that there are by now, in order. */
async function tasks(): Promise<string[]> {
  const { contactEvents } = await centre.streams();
  const ids = contactEvents
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .filter(({ channel, eventType }) => channel === "TASK" && eventType === "INITIATED")
    .map(({ contactId }) => contactId);
  const described = await Promise.all(
    ids.map((ContactId) => connect.send(new DescribeContactCommand({ InstanceId, ContactId }))),
  );
  return described.map(({ Contact }) => Contact?.Name ?? "").toSorted();
}

const TICKET = {
  id: 8812,
  created_at: "2026-01-19T08:00:00Z",
  type: "incident",
  priority: "urgent",
  status: "open",
  requester_id: 40100,
  submitter_id: 40101,
  assignee_id: null,
  organization_id: null,
  brand_id: 12,
  form_id: 77,
  external_id: "x-1",
  tags: ["vip", "kettle"],
  via: { channel: "email" },
};

async function putTicket(name: string, ticket: object, change: object = {}): Promise<void> {
  const Detail = JSON.stringify({ ticket_event: { meta: { version: "1.0" }, type: name, ...change, ticket } });
  const entry = { Source: ZENDESK, DetailType: `Support Ticket: ${name}`, Resources: ["Support Ticket"], Detail };
  const answer = await partner.send(new PutPartnerEventsCommand({ Entries: [entry] }));
  assert.equal(answer.FailedEntryCount, 0, JSON.stringify(answer));
  await server.advance("PT0S");
}

async function putCase(fields: object, header: object = {}): Promise<void> {
  const ChangeEventHeader = { entityName: "Case", recordIds: ["500A"], changeType: "CREATE", ...header };
  const Detail = JSON.stringify({ ChangeEventHeader, ...fields });
  const entry = { Source: SALESFORCE, DetailType: "CaseChangeEvent", Detail };
  await partner.send(new PutPartnerEventsCommand({ Entries: [entry] }));
  await server.advance("PT0S");
}

test("rules on tickets look at what is told of the ticket, at its creation or when its status changes", async () => {
  const created: readonly (readonly [boolean, Condition])[] = [
    [true, ["Type", "EQUALS", "incident"]],
    [false, ["Type", "EQUALS", "task"]],
    [true, ["Priority", "EQUALS", "urgent"]],
    [true, ["Status", "EQUALS", "open"]],
    [true, ["RequesterId", "EQUALS", "40100"]],
    [true, ["SubmitterId", "EQUALS", "40101"]],
    [true, ["AssigneeId", "EQUALS", "40222", { Negate: true }]],
    [false, ["AssigneeId", "EQUALS", "40222"]],
    [false, ["OrganizationId", "EQUALS", "1"]],
    [true, ["BrandId", "EQUALS", "12"]],
    [true, ["FormId", "EQUALS", "77"]],
    [true, ["ExternalId", "EQUALS", "x-1"]],
    [true, ["Channel", "EQUALS", "email"]],
    [true, ["Tags", "CONTAINS", "vip"]],
    [false, ["Tags", "CONTAINS", "vi"]],
  ];
  for (const [index, [, condition]] of created.entries()) {
    await rule("OnZendeskTicketCreate", `created-${condition[0]}-${index}`, "Zendesk.TicketCreate", [condition]);
  }
  await rule("OnZendeskTicketStatusUpdate", "closed", "Zendesk.StatusUpdate", [["Status", "EQUALS", "close"]], {
    text: "Ticket $.ThirdParty.Zendesk.TicketStatusUpdate.Id of $.ThirdParty.Zendesk.StatusUpdate.CreatedAt, $.ThirdParty.Zendesk.TicketStatusUpdate.AssigneeId.",
  });
  await rule("OnZendeskTicketStatusUpdate", "other-spelling", "Zendesk.TicketStatusUpdate", [
    ["Tags", "CONTAINS", "kettle"],
  ]);
  assert.deepEqual(await tasks(), []);
  await putTicket("Ticket Created", TICKET);
  const expected = created.flatMap(([isMet, [path]], index) => (isMet ? `created-${path}-${index}` : []));
  assert.deepEqual(await tasks(), expected.toSorted());
  await putTicket("Status Changed", { ...TICKET, status: "closed" }, { previous: "open", current: "closed" });
  await putTicket("Comment Created", TICKET);
  assert.deepEqual(await tasks(), [...expected, "Ticket 8812 of 2026-01-19T08:00:00Z, .", "other-spelling"].toSorted());
  // What is no ticket is nothing, and stops nobody.
  for (const detail of ["{}", '{"ticket_event":[]}', '{"ticket_event":{"ticket":{"id":{},"tags":7,"via":null}}}']) {
    const entry = { Source: ZENDESK, DetailType: "Support Ticket: Status Changed", Detail: detail };
    await partner.send(new PutPartnerEventsCommand({ Entries: [entry] }));
  }
  assert.equal((await tasks()).length, expected.length + 2);
});

test("a task of a third party's event continues no contact", async () => {
  const { contactEvents } = await centre.streams();
  const ContactId = contactEvents.find(({ detail }) => detail.eventType === "INITIATED")?.detail.contactId ?? "";
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
  assert.equal(Contact?.PreviousContactId, undefined);
  const input = { InstanceId, ContactId, ReferenceTypes: ["STRING" as const, "URL" as const] };
  const { ReferenceSummaryList } = await connect.send(new ListContactReferencesCommand(input));
  assert.equal(ReferenceSummaryList?.length, 1);
});

test("rules on cases look at the fields of those that were created, each once", async () => {
  const before = (await tasks()).length;
  const path = "Salesforce.CaseCreate";
  await rule("OnSalesforceCaseCreate", "case", path, [["Priority", "EQUALS", "High"]], {
    text: "Case $.ThirdParty.Salesforce.CaseCreate.CaseNumber of $.ThirdParty.Salesforce.CaseCreate.Email",
  });
  const met: readonly Condition[] = [
    ["Subject", "CONTAINS", "cracked"],
    ["CustomAttribute.Region__c", "EQUALS", "North"],
    ["CustomAttribute.Amount__c", "EQUALS", "12.5"],
    ["Company", "EQUALS", "Acme", { Negate: true }],
  ];
  await rule("OnSalesforceCaseCreate", "fields", path, met);
  await rule("OnSalesforceCaseCreate", "unmet", path, [["Origin", "EQUALS", "Phone"]]);
  const fields = {
    CaseNumber: "00012077",
    Subject: "Kettle arrived cracked",
    Origin: "Web",
    Priority: "High",
    SuppliedEmail: "pat@example.org",
    Region__c: "North",
    Amount__c: 12.5,
  };
  await putCase(fields, { changeType: "UPDATE" });
  await putCase(fields, { entityName: "Account" });
  await putCase({ ...fields, Priority: "Low" }, { recordIds: ["500A", "500B"] });
  await putCase(fields);
  const made = (await tasks()).filter((name) => name.startsWith("Case") || name === "fields" || name === "unmet");
  assert.deepEqual(made, ["Case 00012077 of pat@example.org", "fields", "fields", "fields"]);
  assert.equal((await tasks()).length, before + 4);
});

test("a rule acts for its own association, and only while that has the use case", async () => {
  const source = "aws.partner/zendesk.com/77/other";
  const other = await integrate("second", source, "ZENDESK");
  const within = { InstanceId, IntegrationAssociationId: other };
  const text = "Second $.ThirdParty.Zendesk.TicketCreate.Id";
  const condition: Condition = ["Channel", "EQUALS", "api"];
  const RuleId = await rule("OnZendeskTicketCreate", "second", "Zendesk.TicketCreate", [condition], {
    associationId: other,
    text,
  });
  const put = (id: number) =>
    partner.send(
      new PutPartnerEventsCommand({
        Entries: [
          {
            Source: source,
            DetailType: "Support Ticket: Ticket Created",
            Detail: JSON.stringify({ ticket_event: { ticket: { id, via: { channel: "api" } } } }),
          },
        ],
      }),
    );
  const seconds = async () => (await tasks()).filter((name) => name.startsWith("Second"));
  await putTicket("Ticket Created", { ...TICKET, priority: "low", type: "task", via: { channel: "api" } });
  assert.deepEqual(await seconds(), []);
  await put(1);
  assert.deepEqual(await seconds(), ["Second 1"]);

  await assert.rejects(connect.send(new DeleteIntegrationAssociationCommand(within)), /use cases/);
  const { UseCaseSummaryList } = await call(server.url, "connect", "ListUseCases", within);
  await connect.send(new DeleteUseCaseCommand({ ...within, UseCaseId: UseCaseSummaryList[0].UseCaseId }));
  await put(2);
  assert.deepEqual(await seconds(), ["Second 1"]);
  await assert.rejects(
    rule("OnZendeskTicketCreate", "useless", "Zendesk.TicketCreate", [condition], { associationId: other }),
    {
      name: "InvalidRequestException",
      message: /no use case RULES_EVALUATION/,
    },
  );
  await assert.rejects(connect.send(new DeleteIntegrationAssociationCommand(within)), /Published rules/);
  const { Rule } = await call(server.url, "connect", "DescribeRule", { InstanceId, RuleId });
  await connect.send(new UpdateRuleCommand({ InstanceId, ...Rule, RuleId, PublishStatus: "DRAFT" }));
  await assert.rejects(connect.send(new UpdateRuleCommand({ InstanceId, ...Rule, RuleId })), {
    name: "InvalidRequestException",
    message: /no use case RULES_EVALUATION/,
  });

  const listed = await call(server.url, "appintegrations", "ListEventIntegrationAssociations", {
    Name: "second",
    EventIntegrationName: "second",
  });
  const [{ EventBridgeRuleName: Name, ClientId, EventIntegrationAssociationId }] = listed.EventIntegrationAssociations;
  assert.deepEqual([ClientId, EventIntegrationAssociationId], [InstanceId, other]);
  assert.equal(Name, `trunkline-connect-${other.slice(0, 8)}`);
  const ofRule = { Name, EventBusName: source };
  const described = await events.send(new DescribeRuleCommand(ofRule));
  assert.equal(described.ManagedBy, "app-integrations.amazonaws.com");
  assert.deepEqual(JSON.parse(described.EventPattern ?? ""), { source: [source] });
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName: source }));
  assert.deepEqual(
    Targets?.map(({ Id }) => Id),
    ["events"],
  );
  for (const refused of [
    events.send(new DisableRuleCommand(ofRule)),
    events.send(new PutRuleCommand({ ...ofRule, EventPattern: described.EventPattern })),
    events.send(new PutTargetsCommand({ Rule: Name, EventBusName: source, Targets })),
    events.send(new RemoveTargetsCommand({ Rule: Name, EventBusName: source, Ids: ["events"] })),
  ]) {
    await assert.rejects(refused, { name: "ManagedRuleException" });
  }
  await assert.rejects(events.send(new DeleteRuleCommand(ofRule)), { name: "ManagedRuleException" });
  await assert.rejects(
    call(server.url, "appintegrations", "DeleteEventIntegration", { Name: "second" }),
    /associations/,
  );
  await connect.send(new DeleteIntegrationAssociationCommand(within));
  await assert.rejects(connect.send(new UpdateRuleCommand({ InstanceId, ...Rule, RuleId })), {
    name: "ResourceNotFoundException",
  });
  await assert.rejects(events.send(new DescribeRuleCommand(ofRule)), { name: "ResourceNotFoundException" });
  await call(server.url, "appintegrations", "DeleteEventIntegration", { Name: "second" });
});

test("an event integration that is not there cannot be associated", async () => {
  const IntegrationArn = `arn:aws:app-integrations:us-east-1:${ACCOUNT}:event-integration/nothing`;
  const input = { InstanceId, IntegrationType: "EVENT", IntegrationArn, SourceType: "ZENDESK" } as const;
  await assert.rejects(connect.send(new CreateIntegrationAssociationCommand(input)), {
    name: "ResourceNotFoundException",
  });
});

test("a partner offers a source, an account accepts it by a bus, and either lets go of it", async () => {
  const Name = "aws.partner/example.com/orders";
  const { EventSourceArn } = await partner.send(new CreatePartnerEventSourceCommand({ Name, Account: ACCOUNT }));
  assert.equal(EventSourceArn, `arn:aws:events:us-east-1::event-source/${Name}`);
  const again = new CreatePartnerEventSourceCommand({ Name, Account: ACCOUNT });
  await assert.rejects(partner.send(again), { name: "ResourceAlreadyExistsException" });
  const state = async () => (await events.send(new DescribeEventSourceCommand({ Name }))).State;
  const described = await events.send(new DescribeEventSourceCommand({ Name }));
  assert.partialDeepStrictEqual(described, {
    Arn: EventSourceArn,
    CreatedBy: "aws.partner/example.com",
    State: "PENDING",
  });
  assert.ok(described.ExpirationTime);
  const bus = { Name, EventSourceName: Name };
  await assert.rejects(events.send(new CreateEventBusCommand({ Name })), { name: "ValidationException" });
  await assert.rejects(events.send(new CreateEventBusCommand({ Name: "orders", EventSourceName: Name })), {
    name: "ValidationException",
  });
  const unknown = `${Name}/none`;
  await assert.rejects(events.send(new CreateEventBusCommand({ Name: unknown, EventSourceName: unknown })), {
    name: "ResourceNotFoundException",
  });
  await assert.rejects(events.send(new ActivateEventSourceCommand({ Name })), { name: "InvalidStateException" });
  await events.send(new CreateEventBusCommand(bus));
  assert.equal(await state(), "ACTIVE");
  await events.send(new DeactivateEventSourceCommand({ Name }));
  await assert.rejects(events.send(new DeactivateEventSourceCommand({ Name })), { name: "InvalidStateException" });
  assert.equal(await state(), "PENDING");
  await events.send(new ActivateEventSourceCommand({ Name }));

  const offered = await partner.send(new ListPartnerEventSourcesCommand({ NamePrefix: "aws.partner/example.com/" }));
  assert.deepEqual(offered.PartnerEventSources, [{ Arn: EventSourceArn, Name }]);
  const one = await partner.send(new DescribePartnerEventSourceCommand({ Name }));
  assert.equal(one.Arn, EventSourceArn);
  const accounts = await partner.send(new ListPartnerEventSourceAccountsCommand({ EventSourceName: Name }));
  assert.partialDeepStrictEqual(accounts.PartnerEventSourceAccounts, [{ Account: ACCOUNT, State: "ACTIVE" }]);
  await assert.rejects(events.send(new DescribePartnerEventSourceCommand({ Name })), {
    name: "ResourceNotFoundException",
  });
  const own = await events.send(new ListEventSourcesCommand({ NamePrefix: "aws.partner/example.com" }));
  assert.deepEqual(
    own.EventSources?.map((source) => source.Name),
    [Name],
  );

  // Nobody else tells its events, and nobody deletes it but its partner.
  const entry = { Source: Name, DetailType: "order", Detail: "{}" };
  const refused = await events.send(new PutPartnerEventsCommand({ Entries: [entry] }));
  assert.equal(refused.Entries?.[0]?.ErrorCode, "NotAuthorizedForSourceException");
  await events.send(new DeletePartnerEventSourceCommand({ Name, Account: ACCOUNT }));
  assert.equal(await state(), "ACTIVE");
  const taken = await partner.send(new PutPartnerEventsCommand({ Entries: [entry, { ...entry, Detail: "[]" }] }));
  assert.deepEqual([taken.FailedEntryCount, taken.Entries?.[1]?.ErrorCode], [1, "MalformedDetail"]);

  await partner.send(new DeletePartnerEventSourceCommand({ Name, Account: ACCOUNT }));
  assert.equal(await state(), "DELETED");
  await events.send(new DeleteEventBusCommand({ Name }));
  await assert.rejects(state(), { name: "ResourceNotFoundException" });
  await partner.send(new CreatePartnerEventSourceCommand({ Name, Account: ACCOUNT }));
  await server.advance("P15D");
  await assert.rejects(state(), { name: "ResourceNotFoundException" });
});

test("a webhook brings a signed event once, and nothing that is not signed", async () => {
  const source = "aws.partner/zendesk.com/9001/default";
  const secret = "c2VjcmV0IG9mIHplbmRlc2s=";
  const made = await centre.control("POST", "webhooks", { kind: "zendesk", source, secret });
  assert.equal(made.status, 200);
  const { id, url } = made.body as { id: string; url: string };
  assert.equal(url, `${server.url}/_trunkline/webhooks/${id}`);
  await events.send(new CreateEventBusCommand({ Name: source, EventSourceName: source }));
  const arn = (
    await call(server.url, "appintegrations", "CreateEventIntegration", {
      Name: "hooked",
      EventFilter: { Source: source },
      EventBridgeBus: source,
    })
  ).EventIntegrationArn;
  const { IntegrationAssociationId = "" } = await connect.send(
    new CreateIntegrationAssociationCommand({
      InstanceId,
      IntegrationType: "EVENT",
      IntegrationArn: arn,
      SourceType: "ZENDESK",
    }),
  );
  await connect.send(
    new CreateUseCaseCommand({ InstanceId, IntegrationAssociationId, UseCaseType: "RULES_EVALUATION" }),
  );
  await rule(
    "OnZendeskTicketStatusUpdate",
    "hooked",
    "Zendesk.StatusUpdate",
    [
      ["Priority", "EQUALS", "high"],
      ["Status", "EQUALS", "solved"],
    ],
    {
      associationId: IntegrationAssociationId,
      text: "Hooked $.ThirdParty.Zendesk.StatusUpdate.Id",
    },
  );
  const hooked = async () => {
    await server.advance("PT0S");
    return (await tasks()).filter((name) => name.startsWith("Hooked"));
  };
  const body = (id: string, changes: object = {}): string =>
    JSON.stringify({
      account_id: 9001,
      id,
      subject: "zen:ticket:35436",
      time: "2026-01-20T10:11:12Z",
      type: "zen:event-type:ticket.status_changed",
      zendesk_event_version: "2022-11-06",
      detail: {
        id: "35436",
        priority: "HIGH",
        status: "SOLVED",
        tags: [],
        type: "TASK",
        via: { channel: "web_service" },
      },
      event: { current: "SOLVED", previous: "OPEN" },
      ...changes,
    });
  const brought: string[] = [];
  const sent = async (text: string, { signature = "", timestamp = new Date().toISOString() } = {}): Promise<number> => {
    const own = createHmac("sha256", secret)
      .update(timestamp + text)
      .digest("base64");
    const headers = {
      "content-type": "application/json",
      "x-zendesk-webhook-signature": signature || own,
      "x-zendesk-webhook-signature-timestamp": timestamp,
    };
    const answer = await fetch(url, { method: "POST", headers, body: text });
    if (answer.ok) brought.push(...((await answer.json()) as { events: string[] }).events);
    return answer.status;
  };
  assert.equal(await sent(body("01GS"), { signature: "d3Jvbmc=" }), 401);
  assert.equal(await sent(body("01GS"), { timestamp: "2020-01-01T00:00:00Z" }), 401);
  assert.equal(await sent(body("01GS"), { timestamp: "never" }), 401);
  assert.equal((await fetch(url, { method: "POST", body: body("01GS") })).status, 401);
  assert.equal((await fetch(`${server.url}/_trunkline/webhooks/nothing`, { method: "POST" })).status, 404);
  assert.equal(await sent("[]"), 400);
  assert.equal(await sent(body("01GS", { detail: 7 })), 400);
  assert.deepEqual(await hooked(), []);
  assert.equal(await sent(body("01GS")), 200);
  assert.equal(await sent(body("01GS")), 200);
  assert.deepEqual(await hooked(), ["Hooked 35436"]);
  assert.equal(await sent(body("01GT", { type: "zen:event-type:ticket.comment_added" })), 200);
  assert.equal(await sent(body("01GU", { detail: { id: "35437", priority: "HIGH", status: "SOLVED" } })), 200);
  assert.deepEqual(await hooked(), ["Hooked 35436", "Hooked 35437"]);

  const [first, again, other] = brought;
  assert.equal(brought.length, 3);
  assert.equal(first, again);
  assert.notEqual(first, other);
  const explained = await centre.control("POST", "explain", { subject: first, instance: InstanceId });
  const [{ rules }] = explained.body.inputs as [{ rules: { name: string; verdict: boolean }[] }];
  assert.deepEqual(
    rules.map((one) => one.name),
    ["hooked"],
    JSON.stringify(explained.body),
  );

  const listed = await centre.control("GET", "webhooks");
  assert.deepEqual(listed.body, { webhooks: [{ id, kind: "zendesk", source, url }] });
  assert.equal((await centre.control("POST", "webhooks", { kind: "zendesk", source: SALESFORCE, secret })).status, 400);
  assert.equal((await centre.control("POST", "webhooks", { kind: "jira", source, secret })).status, 400);
  assert.equal((await centre.control("DELETE", `webhooks/${id}`)).status, 200);
  assert.equal((await centre.control("DELETE", `webhooks/${id}`)).status, 404);
  assert.equal(await sent(body("01GV")), 404);
});

test("a webhook of Salesforce brings change events", async () => {
  const secret = "key of salesforce";
  const made = await centre.control("POST", "webhooks", { kind: "salesforce", source: SALESFORCE, secret });
  const { url } = made.body as { url: string };
  await rule("OnSalesforceCaseCreate", "hooked-case", "Salesforce.CaseCreate", [["Origin", "EQUALS", "Hook"]], {
    text: "Hooked case $.ThirdParty.Salesforce.CaseCreate.CaseNumber",
  });
  const change = (CaseNumber: string, sequenceNumber: number): object => ({
    ChangeEventHeader: {
      entityName: "Case",
      recordIds: [CaseNumber],
      changeType: "CREATE",
      transactionKey: "0004",
      sequenceNumber,
    },
    CaseNumber,
    Origin: "Hook",
  });
  const send = async (content: object): Promise<number> => {
    const text = JSON.stringify(content);
    const signature = createHmac("sha256", secret).update(text).digest("base64");
    return (await fetch(url, { method: "POST", headers: { "x-signature": signature }, body: text })).status;
  };
  assert.equal(await send(change("1", 1)), 200);
  assert.equal(await send({ schema: "x", payload: change("1", 1) }), 200);
  assert.equal(await send({ events: [change("2", 2), change("3", 3)] }), 200);
  assert.equal(await send({ hello: "there" }), 400);
  assert.equal((await fetch(url, { method: "POST", headers: { "x-signature": "x" }, body: "{}" })).status, 401);
  await server.advance("PT0S");
  const made3 = (await tasks()).filter((name) => name.startsWith("Hooked case"));
  assert.deepEqual(made3, ["Hooked case 1", "Hooked case 2", "Hooked case 3"]);
});
