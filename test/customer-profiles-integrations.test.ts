/** Integrations that bring objects into a domain of Customer Profiles. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteIntegrationCommand,
  DeleteProfileObjectTypeCommand,
  type FlowDefinition,
  GetIntegrationCommand,
  ListAccountIntegrationsCommand,
  ListIntegrationsCommand,
  PutIntegrationCommand,
  type PutIntegrationRequest,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { SinkOutcome } from "../src/flow/index.ts";
import { loadModel } from "../src/models/catalog.ts";
import { builtOperations } from "./built-operations.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const sqs = new SQSClient(server.client);
const ACCOUNT = "us-east-1:000000000000";

const refused = (name: string, message?: RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  if (message) assert.match(error.message, message);
  return true;
};

async function putGuests(DomainName: string): Promise<void> {
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Guest",
      Description: "Guests of the house",
      AllowProfileCreation: true,
      Fields: {
        id: { Source: "_source.id" },
        mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
      },
      Keys: {
        guestKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
        _email: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["mail"] }],
      },
    }),
  );
}

/** A domain with the type `Guest`, and the queue for what it cannot take. */
async function openDomain(DomainName: string): Promise<void> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${DomainName}-rejected` }));
  await client.send(
    new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30, DeadLetterQueueUrl: QueueUrl ?? "" }),
  );
  await putGuests(DomainName);
}

interface Rejected {
  readonly DomainName: string;
  readonly ObjectTypeName: string;
  readonly ErrorMessage: string;
  readonly Object: string;
}

async function rejected(DomainName: string): Promise<readonly Rejected[]> {
  const QueueUrl = `${server.url}/000000000000/${DomainName}-rejected`;
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
  );
  return Messages.map(({ Body = "" }) => JSON.parse(Body));
}

/** A flow that nothing starts by itself within this test. */
const flowNamed = (FlowName: string, more: Partial<FlowDefinition> = {}): FlowDefinition => ({
  FlowName,
  KmsArn: `arn:aws:kms:${ACCOUNT}:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001`,
  SourceFlowConfig: {
    ConnectorType: "S3",
    SourceConnectorProperties: { S3: { BucketName: "guests", BucketPrefix: "nightly" } },
  },
  Tasks: [{ TaskType: "Filter", SourceFields: ["id", "mail"], ConnectorOperator: { S3: "PROJECTION" } }],
  TriggerConfig: {
    TriggerType: "Scheduled",
    TriggerProperties: { Scheduled: { ScheduleExpression: "rate(7days)", ScheduleStartTime: new Date("2037-01-01") } },
  },
  ...more,
});

const putFlow = (DomainName: string, FlowName: string, more: Partial<PutIntegrationRequest> = {}) =>
  client.send(
    new PutIntegrationCommand({
      DomainName,
      ObjectTypeName: "Guest",
      FlowDefinition: flowNamed(FlowName),
      ...more,
    }),
  );

/** Brings records as a flow does: all in one unit. */
async function bring(
  DomainName: string,
  Uri: string,
  records: readonly (object | string)[],
  { principal = "appflow.amazonaws.com", account = "000000000000", unreadable = "" } = {},
): Promise<readonly SinkOutcome[]> {
  const { store, flow, ids } = server.app.platform();
  const arn = `arn:aws:profile:${ACCOUNT}:ingest/${DomainName}/${Uri}`;
  const sink = flow.findSink(arn);
  assert.ok(sink?.append);
  const requests = records.map((record) => ({
    deliveryId: ids.uuid(),
    body: typeof record === "string" ? record : JSON.stringify(record),
    account,
    principal,
    sourceArn: arn,
    ...(unreadable !== "" && { parameters: { unreadable } }),
  }));
  return store.commit(async (unit) => (await sink.append?.(unit, arn, requests)) ?? []);
}

async function found(DomainName: string, mail: string): Promise<number> {
  const { Items } = await client.send(new SearchProfilesCommand({ DomainName, KeyName: "_email", Values: [mail] }));
  return Items?.length ?? 0;
}

test("a flow is made with its integration, brings records into the domain, and goes with it", async () => {
  await openDomain("flows");
  const made = await putFlow("flows", "guests-nightly", { Tags: { team: "house" } });
  const Uri = `arn:aws:appflow:${ACCOUNT}:flow/guests-nightly`;
  assert.equal(made.Uri, Uri);
  assert.deepEqual(
    [made.DomainName, made.ObjectTypeName, made.EventTriggerNames, made.Scope, made.IsUnstructured, made.Tags],
    ["flows", "Guest", [], "PROFILE", false, { team: "house" }],
  );
  const got = await client.send(new GetIntegrationCommand({ DomainName: "flows", Uri }));
  assert.deepEqual({ ...got, $metadata: undefined }, { ...made, $metadata: undefined });

  await assert.rejects(
    putFlow("flows", "guests-nightly"),
    refused("BadRequestException", /^Flow with name guests-nightly already exists\.$/),
  );
  const outcomes = await bring("flows", Uri, [
    { id: 1, mail: "ina@example.com" },
    { id: 1, mail: "ina@example.com" },
    { id: 2, mail: "bo@example.com" },
  ]);
  assert.deepEqual(outcomes, [undefined, undefined, undefined]);
  assert.deepEqual([await found("flows", "ina@example.com"), await found("flows", "bo@example.com")], [1, 1]);

  const listed = await client.send(new ListIntegrationsCommand({ DomainName: "flows" }));
  assert.deepEqual(
    listed.Items?.map((item) => item.Uri),
    [Uri],
  );
  await client.send(new DeleteIntegrationCommand({ DomainName: "flows", Uri }));
  assert.equal((await bring("flows", Uri, [{ id: 3, mail: "cy@example.com" }]))[0]?.code, "NO_RESOURCE");
  assert.deepEqual([await found("flows", "cy@example.com"), await found("flows", "ina@example.com")], [0, 1]);
  // The name is free again.
  await putFlow("flows", "guests-nightly");
});

test("what an integration cannot ingest goes to the dead-letter queue, whole and with the reason", async () => {
  await openDomain("rejects");
  const { Uri = "" } = await putFlow("rejects", "guests-odd");
  const odd = [{ id: 1 }, { mail: "x@example.com" }, "no JSON", [1], { id: 2, mail: `${"m".repeat(300)}@example.com` }];
  const outcomes = await bring("rejects", Uri, [...odd, { id: 3, mail: "ina@example.com" }]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome?.retryable),
    [false, false, false, false, false, undefined],
  );
  await bring("rejects", Uri, ['3,"ina'], { unreadable: "Line 4: a quote is not closed" });
  const told = await rejected("rejects");
  assert.deepEqual(
    told.map(({ ErrorMessage }) => ErrorMessage),
    [
      "Object: no profile key (_email) of object type Guest has a value in it",
      "Object: the unique key guestKey of object type Guest has no value in it",
      "Object: could not parse object string into JSON",
      "Object: a JSON object is needed",
      "The value of _profile.EmailAddress is too long",
      "Line 4: a quote is not closed",
    ],
  );
  assert.deepEqual(told.map(({ Object: object }) => object).slice(0, 3), [
    '{"id":1}',
    '{"mail":"x@example.com"}',
    "no JSON",
  ]);
  assert.ok(told.every(({ DomainName, ObjectTypeName }) => DomainName === "rejects" && ObjectTypeName === "Guest"));
  assert.equal(await found("rejects", "ina@example.com"), 1);
});

test("an integration whose object type was deleted ingests nothing until there is one again", async () => {
  await openDomain("typeless");
  const { Uri = "" } = await putFlow("typeless", "guests-typeless");
  await client.send(new DeleteProfileObjectTypeCommand({ DomainName: "typeless", ObjectTypeName: "Guest" }));
  const bringOne = (id: number) => bring("typeless", Uri, [{ id, mail: `${id}@example.com` }]);
  assert.equal((await bringOne(1))[0]?.retryable, false);
  assert.deepEqual(
    (await rejected("typeless")).map(({ ErrorMessage }) => ErrorMessage),
    ["Object type Guest does not exist"],
  );
  const listed = await client.send(new ListIntegrationsCommand({ DomainName: "typeless" }));
  assert.equal(listed.Items?.length, 1);
  await putGuests("typeless");
  assert.deepEqual(await bringOne(2), [undefined]);
  assert.deepEqual([await found("typeless", "1@example.com"), await found("typeless", "2@example.com")], [0, 1]);
});

test("nobody but its flow brings something into a domain, and no other account's", async () => {
  await openDomain("guarded");
  const { Uri = "" } = await putFlow("guarded", "guests-guarded");
  const guest = [{ id: 1, mail: "ina@example.com" }];
  for (const foreign of [{ principal: "lambda.amazonaws.com" }, { account: "111122223333" }]) {
    assert.equal((await bring("guarded", Uri, guest, foreign))[0]?.code, "NO_PERMISSIONS");
  }
  assert.equal(await found("guarded", "ina@example.com"), 0);
  const other = new CustomerProfilesClient(server.clientOf("other"));
  await assert.rejects(
    other.send(new GetIntegrationCommand({ DomainName: "guarded", Uri })),
    refused("ResourceNotFoundException"),
  );
});

test("what cannot be an integration with a flow is refused, and nothing is left of it", async () => {
  await openDomain("refuses");
  await openDomain("refuses-too");
  const Uri = `arn:aws:appflow:${ACCOUNT}:flow/refused`;
  const bad: readonly (readonly [more: Partial<PutIntegrationRequest>, message: RegExp])[] = [
    [{ Uri }, /Uri and FlowDefinition/],
    [{ FlowDefinition: undefined }, /Uri: it is needed, or FlowDefinition/],
    [{ FlowDefinition: undefined, Uri }, /does not exist/],
    [{ ObjectTypeName: undefined }, /ObjectTypeName: it is needed/],
    [{ ObjectTypeNames: { a: "Guest" } }, /ObjectTypeName and ObjectTypeNames/],
    [{ ObjectTypeName: undefined, ObjectTypeNames: { a: "Guest" } }, /give ObjectTypeName/],
    [{ ObjectTypeName: "_unstructured" }, /_unstructured/],
    [{ FlowDefinition: flowNamed("n".repeat(220)) }, /^FlowDefinition\.FlowName: the flow's ARN, which is the Uri/],
    [{ EventTriggerNames: ["any"] }, /EventTriggerNames: an event trigger sends to/],
    [{ Scope: "DOMAIN" }, /Scope/],
    [{ RoleArn: "arn:aws:iam::111122223333:role/x" }, /another account/],
    [{ FlowDefinition: flowNamed("refused", { KmsArn: "arn:aws:kms:us-east-1:111122223333:key/x" }) }, /KmsArn/],
    [{ FlowDefinition: flowNamed("refused", { KmsArn: "arn:aws:kms:eu-west-1:000000000000:key/x" }) }, /KmsArn/],
    [
      { FlowDefinition: flowNamed("refused", { TriggerConfig: { TriggerType: "Scheduled" } }) },
      /^FlowDefinition\.TriggerConfig\.TriggerProperties: Scheduled is needed/,
    ],
  ];
  for (const [more, message] of bad) {
    await assert.rejects(putFlow("refuses", "refused", more), refused("BadRequestException", message));
  }
  await assert.rejects(putFlow("refuses", "refused", { ObjectTypeName: "None" }), refused("ResourceNotFoundException"));
  await assert.rejects(putFlow("no-such-domain", "refused"), refused("ResourceNotFoundException"));
  assert.deepEqual((await client.send(new ListIntegrationsCommand({ DomainName: "refuses" }))).Items, []);
  await putFlow("refuses", "refused");
  const again = { FlowDefinition: undefined, Uri };
  await assert.rejects(
    putFlow("refuses-too", "", again),
    refused("BadRequestException", /is an integration of domain refuses already/),
  );
  // One that is there changes its type; templates are types.
  const changed = await putFlow("refuses", "", { ...again, ObjectTypeName: "Zendesk-users" });
  assert.equal(changed.ObjectTypeName, "Zendesk-users");
  // Tags are given at creation; later they are changed by TagResource.
  const tagged = await putFlow("refuses", "", { ...again, Tags: { team: "crm" } });
  assert.deepEqual(tagged.Tags, {});
  assert.deepEqual(tagged.CreatedAt, changed.CreatedAt);
});

test("a domain has so many integrations as its quota allows, where limits hold", async () => {
  const limited = await startTrunkline("--enforce-limits", "--limit", "customer-profiles.integrations-per-domain=2");
  const profiles = new CustomerProfilesClient(limited.client);
  await profiles.send(new CreateDomainCommand({ DomainName: "limited", DefaultExpirationDays: 30 }));
  const put = (FlowName: string) =>
    profiles.send(
      new PutIntegrationCommand({
        DomainName: "limited",
        ObjectTypeName: "Zendesk-users",
        FlowDefinition: flowNamed(FlowName),
      }),
    );
  const { Uri } = await put("first");
  await put("second");
  await assert.rejects(put("third"), refused("BadRequestException", /^Limit exceeded: integrations per domain$/));
  await profiles.send(new PutIntegrationCommand({ DomainName: "limited", Uri, ObjectTypeName: "Marketo-leads" }));
  await profiles.send(new DeleteIntegrationCommand({ DomainName: "limited", Uri }));
  await put("third");
});

test("a deleted domain takes the flows of its integrations with it", async () => {
  await openDomain("leaves");
  for (let index = 0; index < 12; index += 1) await putFlow("leaves", `leaves-${index}`);
  await client.send(new DeleteDomainCommand({ DomainName: "leaves" }));
  await openDomain("leaves");
  const { Uri = "" } = await putFlow("leaves", "leaves-11");
  assert.deepEqual((await client.send(new ListIntegrationsCommand({ DomainName: "leaves" }))).Items?.length, 1);
  const ofAccount = await client.send(new ListAccountIntegrationsCommand({ Uri }));
  assert.equal(ofAccount.Items?.length, 1);
});

test("every operation of Customer Profiles is built but for those around what it does not have", () => {
  const built = new Set(builtOperations.map(({ operation }) => operation));
  const { operations } = loadModel("customer-profiles");
  const absent =
    /Recommend|Layout|UploadJob|DomainObjectType|IdentityResolutionJob|^GetMatches$|^GetAutoMergingPreview$/;
  assert.deepEqual(
    Object.keys(operations).filter((operation) => !built.has(operation) && !absent.test(operation)),
    [],
  );
});
