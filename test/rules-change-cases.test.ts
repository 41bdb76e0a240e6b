/** What Connect rules do to cases: create them, change them, give them service levels, end their tasks; and what becomes of what cannot be done. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  DescribeContactCommand,
  type EventSourceName,
  type RuleAction,
} from "@aws-sdk/client-connect";
import { DeleteCaseCommand, ListCasesForContactCommand } from "@aws-sdk/client-connectcases";
import { CreateDomainCommand, CreateProfileCommand, CustomerProfilesClient } from "@aws-sdk/client-customer-profiles";
import { type CasesWorld, openCases, relate, sla, text } from "./cases-world.ts";
import { call } from "./model-call.ts";
import { allOf, openRuleWorld, type RuleWorld } from "./rule-world.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const CALL = "OnPostCallAnalysisAvailable";
const CATEGORY: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
const RULES_ROLE =
  "arn:aws:iam::000000000000:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_trunkline";

type Fields = readonly { readonly Id: string; readonly Value: object }[];
type Condition = readonly [path: string, operator: string, operand: string];

interface World extends RuleWorld, CasesWorld {
  /** Creates a published rule. */
  on(
    source: EventSourceName,
    name: string,
    conditions: readonly Condition[],
    ...Actions: RuleAction[]
  ): Promise<string>;
  /** What was told of actions that failed: type, reason, whether it was tried again. */
  failures(): Promise<readonly (readonly [action: string, code: string, isRetried: boolean, message: string])[]>;
}

/** A contact centre with a Cases domain. */
async function open(hasDomain = true): Promise<World> {
  const casesWorld = await openCases(server);
  const ruleWorld = await openRuleWorld(server);
  const { connect, InstanceId, streams } = ruleWorld;
  after(() => connect.destroy());
  const association = { IntegrationType: "CASES_DOMAIN", IntegrationArn: casesWorld.domainArn } as const;
  if (hasDomain) await connect.send(new CreateIntegrationAssociationCommand({ InstanceId, ...association }));
  return {
    ...ruleWorld,
    ...casesWorld,
    async on(EventSourceName, Name, conditions, ...Actions) {
      const Operands = conditions.map(([path, Operator, operand]) => ({
        Operator,
        Operands: [operand],
        ComparisonValue: `$.${path}`,
        Negate: false,
      }));
      const asked = JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } });
      const rule = { InstanceId, Name, TriggerEventSource: { EventSourceName }, Function: asked, Actions };
      return (await connect.send(new CreateRuleCommand({ ...rule, PublishStatus: "PUBLISHED" }))).RuleId ?? "";
    },
    async failures() {
      const { contactEvents } = await streams();
      return contactEvents
        .filter((event) => event["detail-type"] === "Amazon Connect Rules Action Execution Failed")
        .map(({ detail }) => detail as unknown as Record<string, string>)
        .map(({ actionType = "", reasonCode = "", error = "", additionalInfo = "" }) => {
          return [actionType, reasonCode, JSON.parse(additionalInfo).retryable, error];
        });
    },
  };
}

const update = (...fields: Fields): RuleAction =>
  ({ ActionType: "UPDATE_CASE", UpdateCaseAction: { Fields: fields } }) as RuleAction;

const assign = (Name: string, target: string, TargetSlaMinutes: number): RuleAction => ({
  ActionType: "ASSIGN_SLA",
  AssignSlaAction: {
    SlaAssignmentType: "CASES",
    CaseSlaConfiguration: {
      Name,
      Type: "CaseField",
      FieldId: "status",
      TargetFieldValues: [{ StringValue: target }],
      TargetSlaMinutes,
    },
  },
});

const isStatus = (status: string): Condition => ["Case.Fields.status", "EQUALS", status];
const says = (Id: string, StringValue: string) => ({ Id, Value: { StringValue } });

async function mails(): Promise<readonly (readonly [subject: string, text: string])[]> {
  await server.advance("PT0S");
  const get = async (path: string) => {
    const sketch = { service: "trunkline", method: "GET", path: `/_trunkline/mailbox${path}` };
    return JSON.parse((await sendSigned(server.url, sketch)).body.toString());
  };
  const { mails: listed } = (await get("")) as { mails: readonly { readonly id: string }[] };
  const whole = await Promise.all(listed.map(({ id }) => get(`/${id}`)));
  return whole.map((mail: { subject: string; text: string }) => [mail.subject, mail.text]);
}

test("a new case gets a service level; when that is breached a mail says so, once", async () => {
  const { on, create, update: change, values, told, agentId } = await open();
  const notify: RuleAction = {
    ActionType: "SEND_NOTIFICATION",
    SendNotificationAction: {
      DeliveryMethod: "EMAIL",
      Subject: "Breached: $.RelatedItem.SlaConfiguration.Name",
      Content: "Case $.Case.Fields.reference_number waits",
      ContentType: "PLAIN_TEXT",
      Recipient: { UserIds: [agentId] },
    },
  };
  await on("OnCaseCreate", "assigns", [isStatus("open")], assign("first-answer", "waiting", 240));
  await on("OnSlaBreach", "notifies", [["RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", "first-answer"]], notify);
  const late = await create({ reference_number: text("R-LATE") });
  const met = await create();
  await server.advance("PT3H");
  const { next_sla_breach_datetime: due, created_datetime: created } = await values(late);
  assert.equal(Date.parse(due?.stringValue ?? "") - Date.parse(created?.stringValue ?? ""), 240 * 60_000);
  await change(met, { status: text("waiting") });
  assert.deepEqual(await mails(), []);
  await server.advance("PT1H");
  assert.deepEqual(await mails(), [["Breached: first-answer", "Case R-LATE waits"]]);
  await server.advance("PT4H");
  assert.equal((await mails()).length, 1);
  const statuses = (await told()).flatMap(({ detail: { relatedItem, performedBy } }) => {
    const { slaConfiguration } = (relatedItem?.sla ?? {}) as { slaConfiguration?: { status: string } };
    const which = relatedItem?.caseId === late ? "late" : "met";
    return slaConfiguration ? [[which, slaConfiguration.status, performedBy.iamPrincipalArn]] : [];
  });
  assert.deepEqual(statuses, [
    ["late", "Active", RULES_ROLE],
    ["met", "Active", RULES_ROLE],
    ["met", "Met", "arn:aws:iam::000000000000:root"],
    ["late", "Overdue", RULES_ROLE],
  ]);
});

test("a service level of the same name that is active is not added twice", async () => {
  const world = await open();
  const { on, create, update: change, told } = world;
  await on("OnCaseUpdate", "assigns", [isStatus("waiting")], assign("solution", "closed", 60));
  const caseId = await create();
  for (const title of ["a", "b"]) await change(caseId, { title: text(title), status: text("waiting") });
  assert.equal((await told()).filter(({ detail }) => detail.relatedItem).length, 1);
  await server.advance("PT1H");
  await change(caseId, { title: text("c") });
  const changes = (await told()).filter(({ detail }) => detail.relatedItem).map(({ detail }) => detail.eventType);
  assert.deepEqual(changes, ["RELATED_ITEM.CREATED", "RELATED_ITEM.UPDATED", "RELATED_ITEM.CREATED"]);
});

test("a case that triggers a rule is changed by it, with the values of variables as its fields have them", async () => {
  const { on, create, values, told, custom, templateId, failures } = await open();
  const rule = await on(
    "OnCaseCreate",
    "changes",
    [["Case.TemplateId", "CONTAINS_ANY", templateId]],
    update(
      says("summary", "$.RuleName: $.Case.Fields.title of $.Case.Fields.none"),
      says(custom.Number, "$.Case.Fields.reference_number"),
      says(custom.Boolean, "true"),
      says(custom.DateTime, "$.Case.Fields.created_datetime"),
      says(custom.User, "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u"),
      { Id: custom.Text, Value: { EmptyValue: {} } },
      { Id: custom.SingleSelect, Value: { StringValue: "gold" } },
    ),
  );
  const caseId = await create({ reference_number: text("42"), [custom.Text]: text("gone") });
  await server.advance("PT0S");
  const { created_datetime, ...after } = await values(caseId, [
    "summary",
    "created_datetime",
    "last_updated_user",
    ...Object.values(custom),
  ]);
  assert.deepEqual(after, {
    summary: text("changes: Kettle arrived cracked of "),
    last_updated_user: { userArnValue: RULES_ROLE },
    [custom.Number]: { doubleValue: 42 },
    [custom.Boolean]: { booleanValue: true },
    [custom.DateTime]: created_datetime,
    [custom.User]: { userArnValue: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" },
    [custom.SingleSelect]: text("gold"),
  });
  const changes = (await told()).map(({ detail }) => [detail.eventType, detail.performedBy.iamPrincipalArn]);
  assert.deepEqual(changes, [
    ["CASE.CREATED", "arn:aws:iam::000000000000:root"],
    ["CASE.UPDATED", RULES_ROLE],
  ]);
  assert.deepEqual([await failures(), typeof rule], [[], "string"]);
});

test("a rule is not asked of what its own action has led to, and chains of rules end after five", async () => {
  const { on, option, create, update: change, values } = await open();
  const steps = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];
  for (const step of [...steps, "ping", "pong"]) await option("status", step);
  for (const [at, step] of steps.entries()) {
    const next = steps[at + 1];
    if (next !== undefined) await on("OnCaseUpdate", `after-${step}`, [isStatus(step)], update(says("status", next)));
  }
  await on("OnCaseUpdate", "ping", [isStatus("ping")], update(says("status", "pong")));
  await on("OnCaseUpdate", "pong", [isStatus("pong")], update(says("status", "ping")));
  const caseId = await create();
  await change(caseId, { status: text("s0") });
  await server.advance("PT0S");
  assert.deepEqual((await values(caseId, ["status"])).status, text("s5"));
  await change(caseId, { status: text("ping") });
  await server.advance("PT0S");
  assert.deepEqual((await values(caseId, ["status"])).status, text("ping"));
});

/** A profile, and its ARN. */
async function openProfile(DomainName: string): Promise<string> {
  const profiles = new CustomerProfilesClient(server.client);
  after(() => profiles.destroy());
  await profiles.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const { ProfileId } = await profiles.send(new CreateProfileCommand({ DomainName, FirstName: "Ina" }));
  return `arn:aws:profile:us-east-1:000000000000:domains/${DomainName}/profiles/${ProfileId}`;
}

const createCase = (TemplateId: string, ...fields: Fields): RuleAction =>
  ({ ActionType: "CREATE_CASE", CreateCaseAction: { TemplateId, Fields: fields } }) as RuleAction;

const saysBroken = allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["broken"]]);

test("a call leads to a case of its customer, which has the call and starts other rules", async () => {
  const { rule, on, talk, cases, domainId, templateId, custom, told, values, failures, instanceArn } = await open();
  const customer = await openProfile("callers");
  await rule(CALL, "BROKEN", saysBroken, {
    Actions: [
      CATEGORY,
      createCase(
        templateId,
        says("title", "$.RuleName: call $.ContactLens.PostCall.ContactId"),
        says(custom.Text, "agent $.ContactLens.PostCall.Agent.AgentName"),
        { Id: custom.Number, Value: { DoubleValue: 2.5 } },
        { Id: custom.Boolean, Value: { BooleanValue: false } },
      ),
    ],
  });
  await on(
    "OnCaseCreate",
    "greets",
    [["Case.TemplateId", "CONTAINS_ANY", templateId]],
    update(says("summary", "greeted")),
  );
  const contactId = await talk("VOICE", [["CUSTOMER", "it is broken"]], { customerId: customer });
  const contactArn = `${instanceArn}/contact/${contactId}`;
  const found = await cases.send(new ListCasesForContactCommand({ domainId, contactArn }));
  assert.equal(found.cases?.length, 1, JSON.stringify(await failures()));
  const caseId = found.cases?.[0]?.caseId ?? "";
  const shown = await values(caseId, ["title", "customer_id", "created_by", "summary", ...Object.values(custom)]);
  assert.deepEqual(shown, {
    title: text(`BROKEN: call ${contactId}`),
    customer_id: text(customer),
    created_by: { userArnValue: RULES_ROLE },
    summary: text("greeted"),
    [custom.Text]: text("agent vera"),
    [custom.Number]: { doubleValue: 2.5 },
    [custom.Boolean]: { booleanValue: false },
  });
  const changes = (await told()).map(({ detail }) => [detail.eventType, detail.relatedItem?.relatedItemType]);
  assert.deepEqual(changes, [
    ["CASE.CREATED", undefined],
    ["RELATED_ITEM.CREATED", "Contact"],
    ["CASE.UPDATED", undefined],
  ]);
});

test("a customer is found by the domain of profiles that the instance is bound to, or set by the rule", async () => {
  const { rule, talk, cases, domainId, templateId, values, failures, instanceArn } = await open();
  const customer = await openProfile("bound");
  const other = await openProfile("other");
  await call(server.url, "customer-profiles", "PutProfileObjectType", {
    DomainName: "bound",
    ObjectTypeName: "CTR",
    Description: "contact records",
    TemplateId: "CTR-NoInferred",
  });
  await call(server.url, "customer-profiles", "PutIntegration", {
    DomainName: "bound",
    Uri: instanceArn,
    ObjectTypeName: "CTR",
  });
  await rule(CALL, "BROKEN", saysBroken, { Actions: [CATEGORY, createCase(templateId, says("title", "found"))] });
  const saysLost = allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["lost"]]);
  const setting = createCase(
    templateId,
    says("title", "set"),
    says("customer_id", "$.ContactLens.PostCall.ContactAttribute.who"),
  );
  await rule(CALL, "LOST", saysLost, { Actions: [CATEGORY, setting] });
  const customersOf = async (contactId: string) => {
    const contactArn = `${instanceArn}/contact/${contactId}`;
    const found = await cases.send(new ListCasesForContactCommand({ domainId, contactArn }));
    return Promise.all(
      (found.cases ?? []).map(async (one) => (await values(one?.caseId ?? "", ["customer_id"])).customer_id),
    );
  };
  const byId = await talk("VOICE", [["CUSTOMER", "it is broken"]], { customerId: customer.split("/").at(-1) });
  assert.deepEqual(await customersOf(byId), [text(customer)], JSON.stringify(await failures()));
  const set = await talk("VOICE", [["CUSTOMER", "it is lost"]], { attributes: { who: other } });
  assert.deepEqual(await customersOf(set), [text(other)], JSON.stringify(await failures()));
});

test("a case for a caller whom no profile knows yet is opened when the contact's record has made one", async () => {
  const { rule, begin, say, customer, act, agentId, cases, domainId, templateId, failures, instanceArn, told } =
    await open();
  await openProfile("strangers");
  const type = {
    DomainName: "strangers",
    ObjectTypeName: "CTR",
    Description: "contact records",
    TemplateId: "CTR-NoInferred",
  };
  await call(server.url, "customer-profiles", "PutProfileObjectType", type);
  const integration = { DomainName: "strangers", Uri: instanceArn, ObjectTypeName: "CTR" };
  await call(server.url, "customer-profiles", "PutIntegration", integration);
  const Actions = [CATEGORY, createCase(templateId, says("title", "found"))];
  await rule(CALL, "BROKEN", saysBroken, { Actions });
  const from = "+14155550177";
  const contactId = await begin("VOICE", { from });
  await say(contactId, ["CUSTOMER", "it is broken"]);
  // Until the agent has done with the call there is no record of it, and its analysis is there.
  await customer(contactId, "hang-up");
  await server.advance("PT1S");
  assert.equal((await told()).length, 0);
  await act(agentId, "clear", { contactId });
  await server.advance("PT1M");
  const contactArn = `${instanceArn}/contact/${contactId}`;
  const found = await cases.send(new ListCasesForContactCommand({ domainId, contactArn }));
  assert.equal(found.cases?.length, 1, JSON.stringify(await failures()));
  const { Items } = (await call(server.url, "customer-profiles", "SearchProfiles", {
    DomainName: "strangers",
    KeyName: "_phone",
    Values: [from],
  })) as { Items: readonly { readonly ProfileId: string }[] };
  assert.equal(Items.length, 1);

  // Not for as long as one likes.
  const other = await begin("VOICE", { from });
  await say(other, ["CUSTOMER", "it is broken"]);
  await customer(other, "hang-up");
  await server.advance("PT5M");
  assert.deepEqual(await failures(), []);
  await server.advance("PT15M");
  assert.deepEqual(await failures(), [
    ["CREATE_CASE", "ResourceNotReadyException", true, `No customer profile is associated with contact ${other}`],
  ]);
});

test("tasks that rules make of a case belong to it, and are ended together", async () => {
  const { on, connect, InstanceId, flowId, create, update: change, cases, domainId, told } = await open();
  const task: RuleAction = { ActionType: "CREATE_TASK", TaskAction: { Name: "Call back", ContactFlowId: flowId } };
  const end: RuleAction = { ActionType: "END_ASSOCIATED_TASKS", EndAssociatedTasksAction: {} };
  await on("OnCaseCreate", "task", [isStatus("open")], task);
  await on("OnCaseUpdate", "ends", [isStatus("closed")], end);
  const [one, other] = [await create(), await create()];
  await server.advance("PT0S");
  const items = (await told()).flatMap(({ detail: { relatedItem } }) => relatedItem ?? []);
  assert.deepEqual(
    items.map(({ caseId }) => caseId),
    [one, other],
  );
  const tasks = items.map(({ contact }) => (contact as { contactArn: string; channel: string }).contactArn);
  await change(one, { status: text("closed") });
  await server.advance("PT0S");
  const states = await Promise.all(
    tasks.map(async (arn) => {
      const ContactId = arn.split("/").at(-1);
      const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
      return [Contact?.Name, Contact?.DisconnectReason];
    }),
  );
  assert.deepEqual(states, [
    ["Call back", "API"],
    ["Call back", undefined],
  ]);
  await cases.send(new DeleteCaseCommand({ domainId, caseId: other }));
});

test("what cannot be done is told as a failed action, and changes nothing", async () => {
  const world = await open();
  const { on, rule, talk, cases, domainId, create, update: change, values, told, failures, templateId } = world;
  await on("OnCaseUpdate", "unknown-field", [isStatus("waiting")], update(says("nothing", "x")));
  await on(
    "OnCaseUpdate",
    "wrong-option",
    [isStatus("waiting")],
    update(says("title", "x"), says("case_reason", "none")),
  );
  await on("OnCaseUpdate", "too-many", [isStatus("closed")], assign("eleventh", "waiting", 1));
  const caseId = await create();
  await change(caseId, { status: text("waiting") });
  // Rules are asked in no particular order.
  assert.deepEqual((await failures()).toSorted(), [
    ["UPDATE_CASE", "ValidationException", false, "Field case_reason has no option none"],
    ["UPDATE_CASE", "ValidationException", false, `fields: nothing does not exist in domain ${domainId}`],
  ]);
  assert.deepEqual((await values(caseId, ["title"])).title, text("Kettle arrived cracked"));
  assert.equal((await told()).length, 2);
  for (let at = 0; at < 10; at++) await relate(world, caseId, sla(`sla ${at}`, "open", 600));
  await change(caseId, { status: text("closed") });
  await server.advance("PT1M");
  assert.deepEqual((await failures()).slice(2), [
    ["ASSIGN_SLA", "ServiceQuotaExceededException", true, "Quota exceeded: Service levels of a case, at most 10"],
  ]);

  // A case of a call: without a profile, of a template that is not there, in an instance without a domain.
  const Actions = [CATEGORY, createCase(templateId, says("title", "x"))];
  await rule(CALL, "no-profile", saysBroken, { Actions });
  const contactId = await talk("VOICE", [["CUSTOMER", "it is broken"]]);
  assert.deepEqual((await failures()).slice(3), [
    ["CREATE_CASE", "InvalidRequestException", false, `No customer profile is associated with contact ${contactId}`],
  ]);
  const without = await open(false);
  const customer = await openProfile("nowhere");
  await without.rule(CALL, "no-domain", saysBroken, { Actions });
  await without.talk("VOICE", [["CUSTOMER", "it is broken"]], { customerId: customer });
  assert.deepEqual(await without.failures(), [
    ["CREATE_CASE", "ValidationException", false, `No Cases domain is associated with instance ${without.InstanceId}`],
  ]);
  const unknown = await open();
  await unknown.rule(CALL, "no-template", saysBroken, { Actions: [CATEGORY, createCase("none", says("title", "x"))] });
  await unknown.talk("VOICE", [["CUSTOMER", "it is broken"]], { customerId: customer });
  assert.deepEqual(await unknown.failures(), [
    ["CREATE_CASE", "ResourceNotFoundException", false, "Template none was not found"],
  ]);
  assert.equal((await unknown.told()).length, 0);
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
});

test("where it is set so, rules see of cases what events tell, through an integration of events", async () => {
  const { on, set, configure, create, values, custom, connect, InstanceId } = await open();
  await set({ rulesSeeEventsOnly: true });
  const changed = update(says("summary", "seen"));
  await on("OnCaseCreate", "sees", [["Case.Fields.status", "EQUALS", "open"]], changed);
  await on(
    "OnCaseCreate",
    "sees-text",
    [[`Case.Fields.${custom.Text}`, "EQUALS", "x"]],
    update(says(custom.Url, "https://seen.example")),
  );
  const made = async () => {
    const caseId = await create({ [custom.Text]: text("x") });
    await server.advance("PT0S");
    const { summary, [custom.Url]: url } = await values(caseId, ["summary", custom.Url]);
    return [summary !== undefined, url !== undefined];
  };
  assert.deepEqual(await made(), [false, false]);
  await call(server.url, "appintegrations", "CreateEventIntegration", {
    Name: "cases",
    EventFilter: { Source: "aws.cases" },
    EventBridgeBus: "default",
  });
  const IntegrationArn = "arn:aws:app-integrations:us-east-1:000000000000:event-integration/cases";
  const association = { IntegrationType: "EVENT", SourceType: "CASES", IntegrationArn } as const;
  await connect.send(new CreateIntegrationAssociationCommand({ InstanceId, ...association }));
  assert.deepEqual(await made(), [true, true]);
  await configure({ enabled: true, includedData: { caseData: { fields: [{ id: "status" }] } } });
  assert.deepEqual(await made(), [true, false]);
  await configure({ enabled: true });
  assert.deepEqual(await made(), [false, false]);
  await configure({ enabled: false });
  assert.deepEqual(await made(), [false, false]);
  await set({});
  assert.deepEqual(await made(), [true, true]);
});
