/** Workflows: what an application has had until now comes in batches, and an integration goes on. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type Batch,
  CreateDomainCommand,
  CreateIntegrationWorkflowCommand,
  type CreateIntegrationWorkflowRequest,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteWorkflowCommand,
  type FlowDefinition,
  GetDomainCommand,
  GetIntegrationCommand,
  GetWorkflowCommand,
  GetWorkflowStepsCommand,
  ListIntegrationsCommand,
  ListTagsForResourceCommand,
  ListWorkflowsCommand,
  PutIntegrationCommand,
  SearchProfilesCommand,
  TagResourceCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunklineIn } from "./server.ts";
import { SalesforceStandIn } from "./stand-ins/salesforce.ts";

const salesforce = await new SalesforceStandIn().start();
after(() => salesforce[Symbol.asyncDispose]());
const server = await startTrunklineIn({
  TRUNKLINE_CONNECTORS: JSON.stringify({
    sf: {
      connectorType: "Salesforce",
      instanceUrl: salesforce.url,
      clientId: salesforce.clientId,
      clientSecret: salesforce.clientSecret,
    },
  }),
});
const client = new CustomerProfilesClient(server.client);
const sqs = new SQSClient(server.client);
const ACCOUNT = "us-east-1:000000000000";
const RoleArn = "arn:aws:iam::000000000000:role/workflows";

const refused = (name: string, message?: RegExp) => (error: Error) => {
  assert.equal(error.name, name, error.message);
  if (message) assert.match(error.message, message);
  return true;
};

const openDomain = (DomainName: string) =>
  client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30 }));

interface Person {
  Id: string;
  LastName: string | null;
  SystemModstamp: string;
}

/** An object of Salesforce with people of three days, ten of each: of the first day `a0` to `a9`. */
function hire(object: string): Person[] {
  const rows = ["a", "b", "c"].flatMap((day, place) =>
    Array.from({ length: 10 }, (_, count) => ({
      Id: `${object}${day}${count}`,
      LastName: `Dyk ${count}`,
      SystemModstamp: `2026-06-1${place}T10:0${count}:00.000+0000`,
    })),
  );
  salesforce.objects.set(object, {
    fields: [
      { name: "Id", type: "id" },
      { name: "LastName", type: "string" },
      { name: "SystemModstamp", type: "datetime" },
    ],
    rows,
  });
  return rows;
}

const day = (date: number): Date => new Date(Date.UTC(2026, 5, date));
const DAYS: Batch[] = [10, 11, 12].map((date) => ({ StartTime: day(date), EndTime: day(date + 1) }));

const flowOf = (FlowName: string, object: string, more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  FlowName,
  KmsArn: `arn:aws:kms:${ACCOUNT}:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001`,
  SourceFlowConfig: {
    ConnectorType: "Salesforce",
    ConnectorProfileName: "sf",
    IncrementalPullConfig: { DatetimeTypeFieldName: "SystemModstamp" },
    SourceConnectorProperties: { Salesforce: { Object: object } },
  },
  Tasks: [
    {
      TaskType: "Filter",
      SourceFields: ["Id", "LastName", "SystemModstamp"],
      ConnectorOperator: { Salesforce: "PROJECTION" },
    },
  ],
  TriggerConfig: {
    TriggerType: "Scheduled",
    TriggerProperties: { Scheduled: { ScheduleExpression: "rate(1hours)", DataPullMode: "Incremental" } },
  },
  ...more,
});

const create = (
  DomainName: string,
  FlowDefinition: FlowDefinition,
  Batches?: Batch[],
  more: Partial<CreateIntegrationWorkflowRequest> = {},
) =>
  client.send(
    new CreateIntegrationWorkflowCommand({
      DomainName,
      WorkflowType: "APPFLOW_INTEGRATION",
      IntegrationConfig: { AppflowIntegration: { FlowDefinition, Batches } },
      ObjectTypeName: "Salesforce-Contact",
      RoleArn,
      ...more,
    }),
  );

const get = (DomainName: string, WorkflowId: string) => client.send(new GetWorkflowCommand({ DomainName, WorkflowId }));

async function steps(DomainName: string, WorkflowId: string) {
  const { Items = [] } = await client.send(new GetWorkflowStepsCommand({ DomainName, WorkflowId }));
  return Items.map(({ AppflowIntegration: step }) => {
    assert.ok(step);
    return step;
  });
}

const statuses = async (DomainName: string, WorkflowId: string) =>
  (await steps(DomainName, WorkflowId)).map(({ Status, RecordsProcessed }) => `${Status} ${RecordsProcessed}`);

async function integrations(DomainName: string, IncludeHidden: boolean): Promise<readonly string[]> {
  const { Items = [] } = await client.send(new ListIntegrationsCommand({ DomainName, IncludeHidden }));
  return Items.map(({ Uri = "" }) => Uri.slice(Uri.indexOf("/") + 1));
}

const profileCount = async (DomainName: string) =>
  (await client.send(new GetDomainCommand({ DomainName }))).Stats?.ProfileCount;

const hasContact = async (DomainName: string, id: string) =>
  (await client.send(new SearchProfilesCommand({ DomainName, KeyName: "_salesforceContactId", Values: [id] }))).Items
    ?.length === 1;

test("a workflow brings batch after batch, and goes on as an integration that misses nothing", async () => {
  await openDomain("history");
  // Behind the last batch, long before the workflow.
  hire("Contact").push({ Id: "late", LastName: "Late", SystemModstamp: "2026-06-13T00:00:00.000+0000" });
  const { WorkflowId = "", Message } = await create("history", flowOf("contacts", "Contact"), DAYS, {
    Tags: { team: "crm" },
  });
  assert.match(WorkflowId, /^[a-f0-9]{32}$/);
  assert.match(Message ?? "", new RegExp(WorkflowId));
  const begun = await get("history", WorkflowId);
  assert.deepEqual(
    [begun.WorkflowId, begun.WorkflowType, begun.Metrics?.AppflowIntegration?.TotalSteps, begun.ErrorDescription],
    [WorkflowId, "APPFLOW_INTEGRATION", 3, undefined],
  );
  assert.deepEqual(begun.Attributes?.AppflowIntegration, {
    SourceConnectorType: "Salesforce",
    ConnectorProfileName: "sf",
    RoleArn,
  });

  await server.advance("PT0S");
  assert.deepEqual(await statuses("history", WorkflowId), ["COMPLETE 10", "COMPLETE 10", "COMPLETE 10"]);
  const done = await get("history", WorkflowId);
  assert.deepEqual(
    [done.Status, done.Metrics?.AppflowIntegration],
    ["COMPLETE", { RecordsProcessed: 30, StepsCompleted: 3, TotalSteps: 3 }],
  );
  const [first] = await steps("history", WorkflowId);
  assert.deepEqual(
    [first?.BatchRecordsStartTime, first?.BatchRecordsEndTime],
    ["2026-06-10T00:00:00.000Z", "2026-06-11T00:00:00.000Z"],
  );
  assert.match(first?.FlowName ?? "", /^contacts-/);
  // The flows of the batches are gone, and the one that goes on is known by its workflow.
  assert.deepEqual(await integrations("history", true), ["contacts"]);
  const Uri = `arn:aws:appflow:${ACCOUNT}:flow/contacts`;
  const going = await client.send(new GetIntegrationCommand({ DomainName: "history", Uri }));
  assert.deepEqual(
    [going.WorkflowId, going.ObjectTypeName, going.RoleArn, going.Tags],
    [WorkflowId, "Salesforce-Contact", RoleArn, { team: "crm" }],
  );
  const changed = await client.send(
    new PutIntegrationCommand({ DomainName: "history", Uri, ObjectTypeName: "Salesforce-Contact" }),
  );
  assert.equal(changed.WorkflowId, WorkflowId);
  await server.advance("PT1H");
  assert.equal(await hasContact("history", "late"), true);
  assert.equal(await profileCount("history"), 31);
});

test("a flow on demand runs once when its integration is made, and tells what it could not ingest", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "demand-rejected" }));
  await client.send(
    new CreateDomainCommand({ DomainName: "demand", DefaultExpirationDays: 30, DeadLetterQueueUrl: QueueUrl ?? "" }),
  );
  const [first] = hire("Demanded__c");
  assert.ok(first);
  first.LastName = "D".repeat(300);
  const flow = { ...flowOf("demanded", "Demanded__c"), TriggerConfig: { TriggerType: "OnDemand" } } as const;
  await client.send(
    new PutIntegrationCommand({ DomainName: "demand", ObjectTypeName: "Salesforce-Contact", FlowDefinition: flow }),
  );
  await server.advance("P1D");
  assert.equal(await profileCount("demand"), 29);
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
  const [told, ...others] = Messages.map(({ Body = "" }) => JSON.parse(Body));
  assert.deepEqual(others, []);
  assert.equal(told.ErrorMessage, "The value of _profile.LastName is too long");
  assert.equal(JSON.parse(told.Object).Id, "Demanded__ca0");
});

test("without batches a workflow brings all at once", async () => {
  await openDomain("at-once");
  hire("Lead__c");
  const { TriggerConfig: _, ...flow } = flowOf("leads", "Lead__c");
  const { WorkflowId = "" } = await create("at-once", { ...flow, TriggerConfig: { TriggerType: "OnDemand" } });
  await server.advance("PT0S");
  assert.deepEqual(await statuses("at-once", WorkflowId), ["COMPLETE 30"]);
  assert.equal(await profileCount("at-once"), 30);
  assert.deepEqual(await integrations("at-once", false), ["leads"]);
});

test("a step whose run fails is tried again, and then fails with its workflow, of which nothing goes on", async () => {
  await openDomain("fails");
  hire("Failing__c");
  const refusal = { status: 400, body: [{ errorCode: "INVALID_TYPE", message: "no such thing" }] };
  salesforce.fail(/query/, refusal, 2);
  const { WorkflowId = "" } = await create("fails", flowOf("failing", "Failing__c"), DAYS);
  await server.advance("PT0S");
  assert.deepEqual(await statuses("fails", WorkflowId), ["RETRY 0", "NOT_STARTED 0", "NOT_STARTED 0"]);
  const [{ ExecutionMessage } = assert.fail()] = await steps("fails", WorkflowId);
  assert.match(ExecutionMessage ?? "", /no such thing/);
  const [hidden = "", ...others] = await integrations("fails", true);
  assert.deepEqual(others, []);
  assert.deepEqual(await integrations("fails", false), []);
  await assert.rejects(
    client.send(
      new PutIntegrationCommand({
        DomainName: "fails",
        Uri: `arn:aws:appflow:${ACCOUNT}:flow/${hidden}`,
        ObjectTypeName: "Salesforce-Contact",
      }),
    ),
    refused("BadRequestException", /belongs to workflow/),
  );
  await server.advance("PT1M");
  assert.deepEqual((await statuses("fails", WorkflowId))[0], "RETRY 0");
  await server.advance("PT5M");
  assert.equal((await get("fails", WorkflowId)).Status, "COMPLETE");

  salesforce.fail(/query/, refusal, 3);
  const again = (await create("fails", flowOf("failing-again", "Failing__c"), DAYS)).WorkflowId ?? "";
  await server.advance("PT10M");
  assert.deepEqual(await statuses("fails", again), ["FAILED 0", "NOT_STARTED 0", "NOT_STARTED 0"]);
  const failed = await get("fails", again);
  assert.equal(failed.Status, "FAILED");
  assert.match(failed.ErrorDescription ?? "", /no such thing/);
  assert.deepEqual(await integrations("fails", true), ["failing"]);
});

test("a batch that does not get to its end is divided, and its halves bring it", async () => {
  await openDomain("divides");
  const rows = hire("Large__c");
  const odd = rows[9];
  assert.ok(odd);
  odd.LastName = null;
  const flow = flowOf("large", "Large__c", {
    Tasks: [
      {
        TaskType: "Validate",
        SourceFields: ["LastName"],
        ConnectorOperator: { Salesforce: "VALIDATE_NON_NULL" },
        TaskProperties: { VALIDATION_ACTION: "DropDataset" },
      },
    ],
  });
  const { WorkflowId = "" } = await create("divides", flow, DAYS);
  await server.advance("PT6M");
  assert.deepEqual(
    (await statuses("divides", WorkflowId)).map((status) => status.split(" ")[0]),
    ["SPLIT", "RETRY", "NOT_STARTED", "NOT_STARTED", "NOT_STARTED"],
  );
  odd.LastName = "Dyk";
  await server.advance("PT6M");
  assert.deepEqual(await statuses("divides", WorkflowId), [
    "SPLIT 9",
    "COMPLETE 10",
    "COMPLETE 0",
    "COMPLETE 10",
    "COMPLETE 10",
  ]);
  const all = await steps("divides", WorkflowId);
  const times = all.map((step) => [step.BatchRecordsStartTime, step.BatchRecordsEndTime]);
  assert.deepEqual([times[1]?.[0], times[1]?.[1], times[2]?.[1]], [times[0]?.[0], times[2]?.[0], times[0]?.[1]]);
  assert.deepEqual((await get("divides", WorkflowId)).Metrics?.AppflowIntegration, {
    RecordsProcessed: 30,
    StepsCompleted: 4,
    TotalSteps: 4,
  });
  assert.equal(await profileCount("divides"), 30);
});

test("a workflow that is deleted ends with its flows, and can be asked for until the next day", async () => {
  await openDomain("ends");
  hire("Ending__c");
  salesforce.fail(/query/, { status: 400, body: [{ errorCode: "X", message: "not now" }] });
  const waiting = (await create("ends", flowOf("ending", "Ending__c"), DAYS)).WorkflowId ?? "";
  await server.advance("PT0S");
  assert.equal((await integrations("ends", true)).length, 1);
  const rival = refused("BadRequestException", new RegExp(`ending is being created by workflow ${waiting}`));
  await assert.rejects(create("ends", flowOf("ending", "Ending__c"), DAYS), rival);
  await client.send(new DeleteWorkflowCommand({ DomainName: "ends", WorkflowId: waiting }));
  await client.send(new DeleteWorkflowCommand({ DomainName: "ends", WorkflowId: waiting }));
  assert.deepEqual(await integrations("ends", true), []);
  await server.advance("PT10M");
  assert.deepEqual(await statuses("ends", waiting), ["CANCELLED 0", "CANCELLED 0", "CANCELLED 0"]);
  assert.equal((await get("ends", waiting)).Status, "CANCELLED");

  const done = (await create("ends", flowOf("ended", "Ending__c"), DAYS)).WorkflowId ?? "";
  await server.advance("PT0S");
  assert.deepEqual(await integrations("ends", true), ["ended"]);
  await client.send(new DeleteWorkflowCommand({ DomainName: "ends", WorkflowId: done }));
  assert.deepEqual(await integrations("ends", true), []);
  assert.deepEqual(await statuses("ends", done), ["COMPLETE 10", "COMPLETE 10", "COMPLETE 10"]);
  assert.equal(await profileCount("ends"), 30);

  await server.advance("P1D");
  for (const id of [waiting, done]) await assert.rejects(get("ends", id), refused("ResourceNotFoundException"));
  await create("ends", flowOf("ended", "Ending__c"), DAYS);
});

test("a domain that is deleted takes its workflows with it, in whatever state they are", async () => {
  await openDomain("leaves");
  hire("Leaving__c");
  salesforce.fail(/query/, { status: 400, body: [{ errorCode: "X", message: "not now" }] });
  await create("leaves", flowOf("leaving", "Leaving__c"), DAYS);
  await server.advance("PT0S");
  await client.send(new DeleteDomainCommand({ DomainName: "leaves" }));
  await server.advance("PT10M");
  await openDomain("leaves");
  assert.deepEqual((await client.send(new ListWorkflowsCommand({ DomainName: "leaves" }))).Items, []);
  const { WorkflowId = "" } = await create("leaves", flowOf("leaving", "Leaving__c"), DAYS);
  await server.advance("PT0S");
  assert.equal((await get("leaves", WorkflowId)).Status, "COMPLETE");
});

test("workflows are listed, the newest first, and can be tagged", async () => {
  await openDomain("lists");
  hire("Listed__c");
  const ids: string[] = [];
  for (const name of ["one", "two", "three"]) {
    ids.unshift((await create("lists", flowOf(`listed-${name}`, "Listed__c"), DAYS)).WorkflowId ?? "");
    await server.advance("PT1M");
  }
  const [newest = "", middle = "", oldest = ""] = ids;
  await client.send(new DeleteWorkflowCommand({ DomainName: "lists", WorkflowId: middle }));
  const list = async (more: object) => {
    const { Items = [] } = await client.send(new ListWorkflowsCommand({ DomainName: "lists", ...more }));
    return Items.map(({ WorkflowId }) => WorkflowId);
  };
  assert.deepEqual(await list({}), ids);
  assert.deepEqual(await list({ WorkflowType: "APPFLOW_INTEGRATION", Status: "COMPLETE" }), [newest, oldest]);
  assert.deepEqual(await list({ Status: "CANCELLED" }), [middle]);
  const { StartDate } = await get("lists", middle);
  assert.deepEqual(await list({ QueryStartDate: StartDate }), [newest, middle]);
  assert.deepEqual(await list({ QueryEndDate: StartDate }), [middle, oldest]);
  const page = await client.send(new ListWorkflowsCommand({ DomainName: "lists", MaxResults: 2 }));
  assert.equal(page.Items?.length, 2);
  assert.deepEqual(await list({ MaxResults: 2, NextToken: page.NextToken }), [oldest]);
  assert.match(page.Items?.[0]?.StatusDescription ?? "", /3 of 3 steps/);
  const some = await client.send(
    new GetWorkflowStepsCommand({ DomainName: "lists", WorkflowId: newest, MaxResults: 2 }),
  );
  const rest = await client.send(
    new GetWorkflowStepsCommand({ DomainName: "lists", WorkflowId: newest, NextToken: some.NextToken }),
  );
  assert.deepEqual([some.Items?.length, rest.Items?.length, rest.NextToken], [2, 1, undefined]);

  const resourceArn = `arn:aws:profile:${ACCOUNT}:domains/lists/workflows/${newest}`;
  await client.send(new TagResourceCommand({ resourceArn, tags: { team: "crm" } }));
  const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
  assert.deepEqual(tags, { team: "crm" });
});

test("what cannot be a workflow is refused, and nothing is left of it", async () => {
  await openDomain("refuses");
  hire("Refused__c");
  const flow = flowOf("refused", "Refused__c");
  const { IncrementalPullConfig: _, ...timeless } = flow.SourceFlowConfig ?? assert.fail();
  const zendesk: FlowDefinition = {
    ...flow,
    SourceFlowConfig: {
      ConnectorType: "Zendesk",
      ConnectorProfileName: "zd",
      SourceConnectorProperties: { Zendesk: { Object: "users" } },
    },
    Tasks: [],
    TriggerConfig: { TriggerType: "OnDemand" },
  };
  const onDemand = { TriggerConfig: { TriggerType: "OnDemand" } } as const;
  const bad: readonly (readonly [refusal: Promise<unknown>, message: RegExp])[] = [
    [create("refuses", zendesk), /not Zendesk/],
    [create("refuses", { ...flow, ...onDemand, SourceFlowConfig: timeless }, DAYS), /IncrementalPullConfig/],
    [create("refuses", flow, [{ StartTime: day(11), EndTime: day(11) }]), /EndTime must be after StartTime/],
    [
      create(
        "refuses",
        flow,
        Array.from({ length: 251 }, () => DAYS[0] ?? assert.fail()),
      ),
      /more than 250/,
    ],
    [create("refuses", { ...flow, KmsArn: "arn:aws:kms:us-east-1:111122223333:key/x" }), /KmsArn/],
    [create("refuses", flow, DAYS, { RoleArn: "arn:aws:iam::111122223333:role/x" }), /another account/],
    [create("refuses", flow, DAYS, { IntegrationConfig: {} }), /AppflowIntegration is needed/],
  ];
  for (const [refusal, message] of bad) await assert.rejects(refusal, refused("BadRequestException", message));
  await assert.rejects(
    create("refuses", flow, DAYS, { ObjectTypeName: "None" }),
    refused("ResourceNotFoundException", /Object type None/),
  );
  await assert.rejects(get("refuses", "0".repeat(32)), refused("ResourceNotFoundException"));
  assert.deepEqual((await client.send(new ListWorkflowsCommand({ DomainName: "refuses" }))).Items, []);
  const { WorkflowId = "" } = await create("refuses", flow, DAYS);
  await server.advance("PT0S");
  await assert.rejects(
    create("refuses", flow, DAYS),
    refused("BadRequestException", /^Flow with name refused already/),
  );
  const other = new CustomerProfilesClient(server.clientOf("other"));
  await other.send(new CreateDomainCommand({ DomainName: "refuses", DefaultExpirationDays: 30 }));
  await assert.rejects(
    other.send(new GetWorkflowCommand({ DomainName: "refuses", WorkflowId })),
    refused("ResourceNotFoundException"),
  );
});
