/** Event triggers of Customer Profiles: what fires, how often, where it goes, and why it did not. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import {
  ConnectCampaignsV2Client,
  CreateCampaignCommand,
  DeleteCampaignCommand,
} from "@aws-sdk/client-connectcampaignsv2";
import {
  CreateDomainCommand,
  CreateEventTriggerCommand,
  type CreateEventTriggerRequest,
  CreateSegmentDefinitionCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteEventTriggerCommand,
  DeleteIntegrationCommand,
  GetEventTriggerCommand,
  GetIntegrationCommand,
  ListAccountIntegrationsCommand,
  ListEventTriggersCommand,
  ListIntegrationsCommand,
  MergeProfilesCommand,
  PutIntegrationCommand,
  type PutIntegrationRequest,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  UpdateEventTriggerCommand,
} from "@aws-sdk/client-customer-profiles";
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { getDomain } from "../src/services/customer-profiles/domain.ts";
import type {
  TriggerBacktestLine,
  TriggerBacktestMatch,
  TriggerBacktestResult,
} from "../src/services/customer-profiles/index.ts";
import { acceptObject, ingestObject } from "../src/services/customer-profiles/ingest-object.ts";
import { findObjectType } from "../src/services/customer-profiles/object-types/object-type.ts";
import { startTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const kinesis = new KinesisClient(server.client);
const campaigns = new ConnectCampaignsV2Client(server.client);
const sqs = new SQSClient(server.client);
const events = new EventBridgeClient(server.client);

const BIN = new URL("../bin/trunkline.mjs", import.meta.url).pathname;
const RoleArn = "arn:aws:iam::000000000000:role/triggers";
const ACCOUNT = "us-east-1:000000000000";

interface Told {
  readonly clientToken: string;
  readonly profileId: string;
  readonly expirationTime?: string;
  readonly eventTriggerContext: { readonly sourceEvent: string };
  readonly eventTriggerName: string;
  readonly domainName: string;
  readonly objectTypeName: string;
}

const refused = (name: string, message?: RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  if (message) assert.match(error.message, message);
  return true;
};

/** A domain with the type of the parcels that are looked at here. */
async function openDomain(DomainName: string, more: object = {}): Promise<void> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, ...more }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "ParcelScan",
      Description: "a parcel has been seen",
      AllowProfileCreation: true,
      Fields: {
        scan: { Source: "_source.scan.id", ContentType: "STRING" },
        number: { Source: "_source.shopper.number", Target: "_profile.AccountNumber", ContentType: "STRING" },
        weight: { Source: "_source.kg", ContentType: "NUMBER" },
      },
      Keys: {
        scanKey: [{ FieldNames: ["scan"], StandardIdentifiers: ["UNIQUE"] }],
        shopperKey: [{ FieldNames: ["number"], StandardIdentifiers: ["PROFILE"] }],
      },
    }),
  );
}

const attribute = (Source: string, ComparisonOperator: "INCLUSIVE" | "BEGINS_WITH" | "AFTER", ...Values: string[]) => ({
  Source,
  ComparisonOperator,
  Values,
});

const HELD: Pick<CreateEventTriggerRequest, "ObjectTypeName" | "EventTriggerConditions"> = {
  ObjectTypeName: "ParcelScan",
  EventTriggerConditions: [
    {
      LogicalOperator: "ALL",
      EventTriggerDimensions: [{ ObjectAttributes: [attribute("scan.state", "INCLUSIVE", "HELD")] }],
    },
  ],
};
const UNLIMITED = { Periods: [{ Unit: "DAYS", Value: 1, Unlimited: true }] } as const;

async function createTrigger(DomainName: string, EventTriggerName: string, more: object = {}): Promise<void> {
  await client.send(new CreateEventTriggerCommand({ DomainName, EventTriggerName, ...HELD, ...more }));
}

async function sendTo(
  DomainName: string,
  trigger: string,
  Uri: string,
  more: Partial<PutIntegrationRequest> = {},
): Promise<void> {
  await client.send(new PutIntegrationCommand({ DomainName, Uri, EventTriggerNames: [trigger], RoleArn, ...more }));
}

/** A stream that a trigger of its own sends to. */
async function triggerToStream(DomainName: string, trigger: string, more: object = {}): Promise<string> {
  const stream = await createStream(kinesis, `${DomainName}-${trigger}`);
  await createTrigger(DomainName, trigger, more);
  await sendTo(DomainName, trigger, stream);
  return stream;
}

let scans = 0;

/** A scan of a parcel of a shopper. */
async function scan(DomainName: string, number: string, object: object = {}): Promise<string> {
  const id = `scan-${scans++}`;
  const { scan: more, ...others } = object as { scan?: object };
  const text = JSON.stringify({ scan: { id, state: "HELD", ...more }, shopper: { number }, ...others });
  await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName: "ParcelScan", Object: text }));
  return text;
}

const tokensOf = (told: readonly Told[]): readonly string[] => told.map(({ clientToken }) => clientToken);

test("a trigger fires for what its conditions say, as the example of the guide has it", async () => {
  await openDomain("table");
  const stream = await triggerToStream("table", "late", {
    EventTriggerConditions: [
      {
        LogicalOperator: "ALL",
        EventTriggerDimensions: [
          {
            ObjectAttributes: [
              { FieldName: "weight", ComparisonOperator: "GREATER_THAN_OR_EQUAL", Values: ["12.5"] },
              attribute("scan.state", "INCLUSIVE", "HELD", "LOST"),
            ],
          },
          { ObjectAttributes: [attribute("scan.at", "AFTER", "2024-06-01")] },
        ],
      },
      {
        LogicalOperator: "NONE",
        EventTriggerDimensions: [{ ObjectAttributes: [attribute("depot", "BEGINS_WITH", "Bremen", "Kiel")] }],
      },
    ],
  });
  const first = { kg: 13, scan: { state: "LOST", at: "2024-06-02" }, depot: "Bremen 2" };
  const second = { kg: 5, scan: { state: "OK" }, depot: "Ulm" };
  const fired = [await scan("table", "1", first), await scan("table", "2", second)];
  await scan("table", "3", { kg: 5, scan: { state: "OK" }, depot: "Kiel 1" });
  await scan("table", "4", { kg: 12.5, scan: { state: "LOST", at: "2024-05-31" }, depot: "Bremen" });
  const told = await readStream<Told>(kinesis, stream);
  assert.deepEqual(
    told.map(({ eventTriggerContext }) => eventTriggerContext.sourceEvent),
    fired,
  );
  const [{ clientToken = "", profileId = "", ...one } = {} as Partial<Told>] = told;
  assert.match(clientToken, new RegExp(`^late\\.${profileId}\\.[0-9a-f]{16}\\.1$`));
  assert.deepEqual([one.eventTriggerName, one.domainName, one.objectTypeName], ["late", "table", "ParcelScan"]);
  assert.equal(one.expirationTime, undefined);
});

test("without an integration, and after its end, a trigger is inert and can be deleted", async () => {
  await openDomain("inert");
  await createTrigger("inert", "held");
  const Uri = await createStream(kinesis, "inert");
  const DomainName = "inert";
  const EventTriggerName = "held";
  await scan("inert", "1");
  await sendTo("inert", "held", Uri);
  await scan("inert", "2");
  await assert.rejects(
    client.send(new DeleteEventTriggerCommand({ DomainName, EventTriggerName })),
    refused("BadRequestException", /^Event trigger held has an active integration and cannot be deleted$/),
  );
  await client.send(new DeleteIntegrationCommand({ DomainName, Uri }));
  await scan("inert", "3");
  const { Message } = await client.send(new DeleteEventTriggerCommand({ DomainName, EventTriggerName }));
  assert.equal(Message, "Event trigger held deleted");
  await assert.rejects(
    client.send(new GetEventTriggerCommand({ DomainName, EventTriggerName })),
    refused("ResourceNotFoundException"),
  );
  await assert.rejects(
    client.send(new DeleteEventTriggerCommand({ DomainName, EventTriggerName })),
    refused("ResourceNotFoundException"),
  );
  assert.equal((await readStream(kinesis, Uri)).length, 1);
});

test("for one profile a trigger fires ten times a day, unless its periods say otherwise", async () => {
  await openDomain("limits");
  const byDefault = await triggerToStream("limits", "default");
  const unlimited = await triggerToStream("limits", "unlimited", { EventTriggerLimits: UNLIMITED });
  const twice = await triggerToStream("limits", "twice", {
    EventTriggerLimits: {
      Periods: [
        { Unit: "HOURS", Value: 6, MaxInvocationsPerProfile: 1 },
        { Unit: "WEEKS", Value: 1, MaxInvocationsPerProfile: 3 },
      ],
    },
  });
  const counts = async () =>
    Promise.all([byDefault, unlimited, twice].map(async (stream) => (await readStream(kinesis, stream)).length));
  for (let at = 0; at < 11; at++) await scan("limits", "1");
  assert.deepEqual(await counts(), [10, 11, 1]);
  await scan("limits", "2");
  assert.deepEqual(await counts(), [11, 12, 2]);
  await server.advance("PT5H59M59S");
  await scan("limits", "1");
  assert.deepEqual(await counts(), [11, 13, 2]);
  await server.advance("PT1S");
  await scan("limits", "1");
  assert.deepEqual(await counts(), [11, 14, 3]);
  for (let at = 0; at < 3; at++) {
    await server.advance("PT6H");
    await scan("limits", "1");
  }
  // A day after the first ten they count no more; the week of the other goes on.
  assert.deepEqual(await counts(), [12, 17, 4]);
});

test("a campaign, a queue, a bus and a webhook are told, each in its way", async () => {
  await openDomain("ways");
  const received: { headers: Record<string, unknown>; body: string }[] = [];
  let status = 503;
  const hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  after(() => hook.close());

  const { arn: campaign = "", id } = await campaigns.send(
    new CreateCampaignCommand({
      name: "late",
      connectInstanceId: "one",
      source: { eventTrigger: { customerProfilesDomainArn: `arn:aws:profile:${ACCOUNT}:domains/ways` } },
    }),
  );
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "ways" }));
  const queue = `arn:aws:sqs:${ACCOUNT}:ways`;
  await events.send(new CreateEventBusCommand({ Name: "ways" }));
  const EventPattern = JSON.stringify({ source: ["trunkline.customer-profiles"] });
  await events.send(new PutRuleCommand({ Name: "fired", EventBusName: "ways", EventPattern }));
  const behindBus = await createStream(kinesis, "ways-bus");
  await events.send(
    new PutTargetsCommand({ Rule: "fired", EventBusName: "ways", Targets: [{ Id: "stream", Arn: behindBus }] }),
  );
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/fired`;
  const destinations = { campaign, queue, bus: `arn:aws:events:${ACCOUNT}:event-bus/ways`, webhook: url };
  for (const [trigger, Uri] of Object.entries(destinations)) {
    await createTrigger("ways", trigger);
    await sendTo("ways", trigger, Uri, trigger === "webhook" ? { RoleArn: undefined } : {});
  }
  const sourceEvent = await scan("ways", "1");

  const path = `/_trunkline/campaigns/${id}/requests`;
  const asked = await sendSigned(server.url, { service: "trunkline", method: "GET", path });
  const { requests } = JSON.parse(asked.body.toString());
  const nowMs = server.app.platform().clock.now();
  assert.equal(requests.length, 1);
  assert.deepEqual(requests[0].eventTriggerContext, { sourceEvent });
  // A campaign is asked within 15 minutes, whatever the trigger says.
  assert.equal(requests[0].expirationTime, new Date(nowMs + 15 * 60_000).toISOString());

  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(JSON.parse(Messages[0]?.Body ?? "{}").eventTriggerName, "queue");

  await server.advance("PT0S");
  const [event] = await readStream<{ detail: Told; "detail-type": string; resources: string[] }>(kinesis, behindBus);
  assert.equal(event?.detail.eventTriggerName, "bus");
  assert.deepEqual(event?.resources, [`arn:aws:profile:${ACCOUNT}:domains/ways/event-triggers/bus`]);

  // The webhook was not there at first.
  assert.equal(received.length, 1);
  status = 204;
  await server.advance("PT1M");
  assert.equal(received.length, 2);
  const [, { headers, body } = { headers: {} as Record<string, unknown>, body: "" }] = received;
  assert.equal(JSON.parse(body).eventTriggerName, "webhook");
  assert.equal(headers["webhook-id"], received[0]?.headers["webhook-id"]);
  const secretPath = "/_trunkline/profile-webhooks/ways";
  const listed = await sendSigned(server.url, { service: "trunkline", method: "GET", path: secretPath });
  assert.deepEqual(JSON.parse(listed.body.toString()).webhooks, [{ uri: url }]);
  const uri = JSON.stringify({ uri: url });
  const revealed = await sendSigned(server.url, { service: "trunkline", path: `${secretPath}/reveal`, body: uri });
  const { secret } = JSON.parse(revealed.body.toString());
  const signed = (key: string): string =>
    `v1,${createHmac("sha256", Buffer.from(key.slice("whsec_".length), "base64"))
      .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`)
      .digest("base64")}`;
  assert.equal(headers["webhook-signature"], signed(secret));

  // A secret that is replaced signs beside the new one for a day.
  const rotated = await sendSigned(server.url, {
    service: "trunkline",
    path: `${secretPath}/rotate`,
    body: uri,
  });
  const { secret: next } = JSON.parse(rotated.body.toString());
  assert.notEqual(next, secret);
  await scan("ways", "2");
  await server.advance("PT0S");
  assert.equal(String(received[2]?.headers["webhook-signature"]).split(" ").length, 2);
  await server.advance("P1D");
  await scan("ways", "3");
  await server.advance("PT0S");
  assert.equal(String(received[3]?.headers["webhook-signature"]).split(" ").length, 1);
});

test("what cannot be sent does not count, and goes to the domain's dead-letter queue with the reason", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "undelivered" }));
  await openDomain("lost", { DeadLetterQueueUrl: QueueUrl });
  const { arn = "", id } = await campaigns.send(
    new CreateCampaignCommand({
      name: "lost",
      connectInstanceId: "one",
      source: { eventTrigger: { customerProfilesDomainArn: `arn:aws:profile:${ACCOUNT}:domains/lost` } },
    }),
  );
  const once = { Periods: [{ Unit: "DAYS", Value: 1, MaxInvocationsPerProfile: 1 }] };
  await createTrigger("lost", "held", { EventTriggerLimits: once });
  await sendTo("lost", "held", arn);
  await campaigns.send(new DeleteCampaignCommand({ id }));
  await scan("lost", "1");
  await scan("lost", "1");
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
  );
  assert.equal(Messages.length, 2);
  assert.equal(Messages[0]?.MessageAttributes?.ERROR_CODE?.StringValue, "NO_RESOURCE");
  assert.equal(Messages[0]?.MessageAttributes?.TARGET_ARN?.StringValue, arn);
  assert.match(JSON.parse(Messages[0]?.Body ?? "{}").clientToken, /^held\./);
});

test("a webhook that refuses for good, or sends on, is asked once; what is too old is tried no more", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "refusing" }));
  await openDomain("refusing", { DeadLetterQueueUrl: QueueUrl });
  const asked: string[] = [];
  const statuses: Readonly<Record<string, number>> = { "/gone": 410, "/elsewhere": 302, "/busy": 503 };
  const hook = createServer((request, response) => {
    asked.push(request.url ?? "");
    request.resume().on("end", () => response.writeHead(statuses[request.url ?? ""] ?? 200, { location: "/ok" }).end());
  });
  await new Promise<void>((done) => hook.listen(0, "127.0.0.1", done));
  after(() => hook.close());
  const limits = { EventTriggerLimits: { EventExpiration: 10_000 } };
  for (const path of Object.keys(statuses)) {
    const trigger = path.slice(1);
    await createTrigger("refusing", trigger, limits);
    await sendTo("refusing", trigger, `http://127.0.0.1:${(hook.address() as AddressInfo).port}${path}`);
  }
  await scan("refusing", "1");
  await server.advance("PT10M");
  assert.deepEqual([...new Set(asked)].sort(), ["/busy", "/elsewhere", "/gone"]);
  assert.equal(asked.filter((path) => path !== "/busy").length, 2);
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
  );
  const reasons = Messages.map(({ MessageAttributes: attributes }) => [
    attributes?.ERROR_MESSAGE?.StringValue,
    attributes?.EXHAUSTED_RETRY_CONDITION?.StringValue,
  ]);
  assert.deepEqual(reasons.sort(), [
    ["The webhook answered 302.", undefined],
    ["The webhook answered 410.", undefined],
    ["The webhook answered 503.", "MaximumEventAgeInSeconds"],
  ]);
  const { objects } = await explain({ trigger: "gone", domain: "refusing" });
  assert.deepEqual(
    objects.map(({ outcome, why }) => [outcome, why]),
    [["failed", "INVALID_PARAMETER: The webhook answered 410."]],
  );
});

test("what a deleted domain could not send does not go to the queue of the next of its name", async () => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "reborn" }));
  await openDomain("reborn");
  await createTrigger("reborn", "held");
  // Nobody listens there.
  await sendTo("reborn", "held", "http://127.0.0.1:9/told");
  await scan("reborn", "1");
  await client.send(new DeleteDomainCommand({ DomainName: "reborn" }));
  await openDomain("reborn", { DeadLetterQueueUrl: QueueUrl });
  await server.advance("PT25H");
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.deepEqual(Messages, []);
});

test("a trigger that means nothing is refused, and nothing is there afterwards", async () => {
  await openDomain("refused");
  const create = (more: object) => createTrigger("refused", "bad", more);
  const ofAttribute = (more: object) => ({
    EventTriggerConditions: [
      { LogicalOperator: "ALL", EventTriggerDimensions: [{ ObjectAttributes: [{ Values: ["1"], ...more }] }] },
    ],
  });
  const bad: readonly (readonly [more: object, name: string, message: RegExp])[] = [
    [{ ObjectTypeName: "_profile" }, "BadRequestException", /_profile is a standard object/],
    [{ ObjectTypeName: "_order" }, "BadRequestException", /_order is a standard object/],
    [{ ObjectTypeName: "Unknown" }, "ResourceNotFoundException", /Object type Unknown does not exist/],
    [ofAttribute({ FieldName: "colour", ComparisonOperator: "EQUAL" }), "BadRequestException", /has no field colour/],
    [ofAttribute({ ComparisonOperator: "EQUAL" }), "BadRequestException", /exactly one of Source and FieldName/],
    [
      ofAttribute({ FieldName: "weight", Source: "kg", ComparisonOperator: "EQUAL" }),
      "BadRequestException",
      /exactly one of Source and FieldName/,
    ],
    [
      ofAttribute({ FieldName: "weight", ComparisonOperator: "BETWEEN" }),
      "BadRequestException",
      /BETWEEN needs exactly 2 values/,
    ],
    [{ EventTriggerLimits: { EventExpiration: -1 } }, "BadRequestException", /must not be negative/],
    [{ EventTriggerLimits: { Periods: [{ Unit: "DAYS", Value: 61 }] } }, "BadRequestException", /periods/i],
  ];
  for (const [more, name, message] of bad) await assert.rejects(create(more), refused(name, message));
  await assert.rejects(createTrigger("nowhere", "bad"), refused("ResourceNotFoundException", /Domain nowhere/));
  const { Items } = await client.send(new ListEventTriggersCommand({ DomainName: "refused" }));
  assert.deepEqual(Items, []);
});

test("a trigger is created once, updated member by member, listed and described", async () => {
  await openDomain("life");
  const DomainName = "life";
  for (const EventTriggerName of ["a", "b", "c"]) {
    await createTrigger(DomainName, EventTriggerName, { Description: "first", Tags: { team: EventTriggerName } });
  }
  await assert.rejects(
    createTrigger(DomainName, "a"),
    refused("BadRequestException", /^Event trigger with name a already exists$/),
  );
  const EventTriggerLimits = { EventExpiration: 60_000, Periods: [{ Unit: "MINUTES" as "HOURS", Value: 5 }] };
  await server.advance("PT1S");
  const updated = await client.send(
    new UpdateEventTriggerCommand({ DomainName, EventTriggerName: "a", EventTriggerLimits }),
  );
  assert.deepEqual(updated.EventTriggerLimits, EventTriggerLimits);
  assert.equal(updated.Description, "first");
  assert.equal(Number(updated.LastUpdatedAt) - Number(updated.CreatedAt), 1000);
  const got = await client.send(new GetEventTriggerCommand({ DomainName, EventTriggerName: "a" }));
  assert.deepEqual({ ...got, $metadata: undefined }, { ...updated, $metadata: undefined });
  assert.deepEqual(got.EventTriggerConditions, HELD.EventTriggerConditions);
  await assert.rejects(
    client.send(new UpdateEventTriggerCommand({ DomainName, EventTriggerName: "a", ObjectTypeName: "Unknown" })),
    refused("ResourceNotFoundException"),
  );
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListEventTriggersCommand({ DomainName, MaxResults: 2, NextToken }));
    names.push(...(page.Items ?? []).map(({ EventTriggerName }) => EventTriggerName));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(names, ["a", "b", "c"]);
});

test("an update counts from the next object on, and what was counted goes on to count", async () => {
  await openDomain("updated");
  const once = { Periods: [{ Unit: "DAYS", Value: 1, MaxInvocationsPerProfile: 1 }] };
  const stream = await triggerToStream("updated", "held", { EventTriggerLimits: once });
  await scan("updated", "1");
  await scan("updated", "1");
  const names = { DomainName: "updated", EventTriggerName: "held" };
  const twice = { Periods: [{ Unit: "DAYS" as const, Value: 1, MaxInvocationsPerProfile: 2 }] };
  await client.send(new UpdateEventTriggerCommand({ ...names, EventTriggerLimits: twice }));
  await scan("updated", "1");
  await scan("updated", "1");
  assert.equal((await readStream(kinesis, stream)).length, 2);
  const conditions = [
    {
      LogicalOperator: "ALL" as const,
      EventTriggerDimensions: [{ ObjectAttributes: [attribute("scan.state", "INCLUSIVE", "OK")] }],
    },
  ];
  await client.send(new UpdateEventTriggerCommand({ ...names, EventTriggerConditions: conditions }));
  await scan("updated", "2");
  await scan("updated", "3", { scan: { state: "OK" } });
  assert.equal((await readStream(kinesis, stream)).length, 3);
});

test("an object that comes too late is told to nobody, and explain says how late it was", async () => {
  await openDomain("late");
  const stream = await triggerToStream("late", "held", { EventTriggerLimits: { EventExpiration: 60_000 } });
  const platform = server.app.platform();
  const owner = { account: "000000000000", region: "us-east-1" };
  const domain = await getDomain(platform.store, owner, "late");
  const type = await findObjectType(platform.store, domain, "ParcelScan");
  assert.ok(type);
  // As it comes from elsewhere, some time after it has arrived.
  const ingest = (ageMs: number, id: string) =>
    platform.store.commit((unit) => {
      const content = JSON.stringify({ scan: { id, state: "HELD" }, shopper: { number: "1" } });
      const arrival = { acceptedMs: platform.clock.now() - ageMs, performedBy: "test" };
      return ingestObject(unit, platform, domain, acceptObject(domain, type, content, arrival));
    });
  const first = await ingest(60_000, "late-1");
  const second = await ingest(60_001, "late-2");
  const told = await readStream<Told>(kinesis, stream);
  assert.equal(told.length, 1);
  assert.equal(told[0]?.expirationTime, new Date(platform.clock.now()).toISOString());
  assert.deepEqual(first, second);
  const explained = await explain({ trigger: "held", domain: "late", profile: told[0]?.profileId });
  assert.deepEqual(explained.objects.map(({ outcome, matched }) => `${outcome} ${matched}`).sort(), [
    "expired true",
    "fired true",
  ]);
  assert.ok(
    explained.objects.some(({ why }) => why === "It came 60.001 s after it had arrived, and is of use for 60 s."),
  );
});

test("what is replaced or deleted and comes again asks anew, and the same version of it never twice", async () => {
  await openDomain("again");
  const stream = await triggerToStream("again", "held", { EventTriggerLimits: UNLIMITED });
  for (const version of [1, 2]) await scan("again", "1", { scan: { id: "same" }, version });
  const tokens = tokensOf(await readStream<Told>(kinesis, stream));
  assert.deepEqual(
    tokens.map((token) => token.split(".").at(-1)),
    ["1", "2"],
  );
});

test("an integration carries one trigger to one destination that is there and its own", async () => {
  await openDomain("carries");
  await openDomain("carries-too");
  for (const trigger of ["one", "two"]) await createTrigger("carries", trigger);
  await createTrigger("carries-too", "one");
  const Uri = await createStream(kinesis, "carries");
  const put = (more: object) =>
    client.send(
      new PutIntegrationCommand({ DomainName: "carries", Uri, EventTriggerNames: ["one"], RoleArn, ...more }),
    );
  const bad: readonly (readonly [more: object, message: RegExp])[] = [
    [{ EventTriggerNames: ["one", "two"] }, /eventTriggerNames/i],
    [{ EventTriggerNames: undefined }, /EventTriggerNames: the event trigger that sends there is needed/],
    [{ RoleArn: undefined }, /RoleArn: a role is needed/],
    [{ RoleArn: "arn:aws:iam::111122223333:role/x" }, /another account/],
    [{ ObjectTypeName: "ParcelScan" }, /brings no objects/],
    [{ Scope: "DOMAIN" }, /Scope/],
    [{ Uri: undefined }, /Uri: it is needed/],
    [{ Uri: Uri.replace("000000000000", "111122223333") }, /another account or Region/],
    [{ Uri: Uri.replace("us-east-1", "eu-west-1") }, /another account or Region/],
    [{ Uri: `${Uri}-2` }, /does not exist/],
    [{ Uri: `arn:aws:lambda:${ACCOUNT}:function:f` }, /AWS Lambda functions are not built yet/],
    [{ Uri: `arn:aws:appflow:${ACCOUNT}:flow/f` }, /EventTriggerNames: an event trigger sends to/],
    [{ Uri: "arn:aws:s3:::bucket/prefix" }, /EventTriggerNames: an event trigger sends to/],
    [{ Uri: `arn:aws:connect-campaigns:${ACCOUNT}:campaign/none` }, /does not exist, or its source is not/],
    [{ Uri: "http://example.com/hook" }, /needs https/],
    [{ Uri: "anything" }, /no campaign, Kinesis data stream/],
  ];
  for (const [more, message] of bad) await assert.rejects(put(more), refused("BadRequestException", message));
  await assert.rejects(put({ EventTriggerNames: ["none"] }), refused("ResourceNotFoundException"));
  const created = await put({ Tags: { team: "crm" } });
  assert.deepEqual([created.Uri, created.EventTriggerNames, created.Scope], [Uri, ["one"], "PROFILE"]);
  const got = await client.send(new GetIntegrationCommand({ DomainName: "carries", Uri }));
  assert.deepEqual({ ...got, $metadata: undefined }, { ...created, $metadata: undefined });

  await assert.rejects(put({ Uri: `${Uri}#more` }), refused("BadRequestException", /has an integration already/));
  await assert.rejects(
    put({ DomainName: "carries-too" }),
    refused("BadRequestException", /is an integration of domain carries already/),
  );
  // The same Uri again carries another trigger; more Uris of one stream carry several.
  await put({ EventTriggerNames: ["two"] });
  await put({ Uri: `${Uri}#more` });
  await put({ DomainName: "carries-too", Uri: `${Uri}#too` });
  await scan("carries", "1");
  await scan("carries-too", "1");
  const told = await readStream<Told>(kinesis, Uri);
  assert.deepEqual(
    told.map(({ domainName, eventTriggerName }) => `${domainName} ${eventTriggerName}`),
    ["carries one", "carries two", "carries-too one"],
  );
  const listed = await client.send(new ListIntegrationsCommand({ DomainName: "carries", MaxResults: 1 }));
  const rest = await client.send(
    new ListIntegrationsCommand({ DomainName: "carries", MaxResults: 1, NextToken: listed.NextToken }),
  );
  assert.deepEqual(
    [...(listed.Items ?? []), ...(rest.Items ?? [])].map((item) => item.Uri),
    [Uri, `${Uri}#more`],
  );
  const ofAccount = async () =>
    (await client.send(new ListAccountIntegrationsCommand({ Uri: `${Uri}#too` }))).Items?.map(
      (item) => item.DomainName,
    );
  assert.deepEqual(await ofAccount(), ["carries-too"]);
  await client.send(new DeleteDomainCommand({ DomainName: "carries-too" }));
  assert.deepEqual(await ofAccount(), []);
  const { Message } = await client.send(new DeleteIntegrationCommand({ DomainName: "carries", Uri }));
  assert.equal(Message, `Integration ${Uri} deleted`);
  await assert.rejects(
    client.send(new GetIntegrationCommand({ DomainName: "carries", Uri })),
    refused("ResourceNotFoundException"),
  );
  await assert.rejects(
    client.send(new DeleteIntegrationCommand({ DomainName: "carries", Uri })),
    refused("ResourceNotFoundException"),
  );
});

interface Explained {
  readonly error?: string;
  readonly note?: string;
  readonly objects: readonly {
    readonly outcome?: string;
    readonly matched?: boolean;
    readonly reason?: string;
    readonly why?: string;
    readonly note?: string;
    readonly version?: number;
    readonly profile?: string;
    readonly object?: string;
    readonly condition?: unknown;
  }[];
}

async function explain(question: object, accessKeyId = "test"): Promise<Explained> {
  const body = JSON.stringify(question);
  const answer = await sendSigned(server.url, { service: "trunkline", path: "/_trunkline/explain", body, accessKeyId });
  return JSON.parse(answer.body.toString());
}

const outcomesOf = ({ objects }: Explained) => objects.map(({ outcome, matched }) => [outcome, matched]);

test("why a trigger fired, was capped, failed or kept silent is told later, by the trigger as it stood then", async () => {
  await openDomain("why");
  const once = { Periods: [{ Unit: "DAYS", Value: 1, MaxInvocationsPerProfile: 1 }] };
  const stream = await triggerToStream("why", "held", { EventTriggerLimits: once });
  await scan("why", "1", { scan: { id: "why-1", state: "OK" } });
  await server.advance("PT1S");
  await scan("why", "1", { scan: { id: "why-2" } });
  await server.advance("PT1S");
  await scan("why", "1", { scan: { id: "why-3" } });
  const told = await readStream<Told>(kinesis, stream);
  assert.equal(told.length, 1);
  const of = { trigger: "held", domain: "why" };
  const explained = await explain({ ...of, profile: told[0]?.profileId });
  assert.deepEqual(outcomesOf(explained), [
    ["capped", true],
    ["fired", true],
    ["silent", false],
  ]);
  const [capped, fired, silent] = explained.objects;
  assert.match(capped?.why ?? "", /^It had fired 1 times for this profile within 1 DAYS, and may again from /);
  assert.match(silent?.reason ?? "", /scan\.state/);
  assert.deepEqual(outcomesOf(await explain({ ...of, object: fired?.object })), [["fired", true]]);
  assert.deepEqual(outcomesOf(await explain(of)), outcomesOf(explained), "the last that it looked at");

  // Conditions that are other ones now say nothing of what was then.
  const names = { DomainName: "why", EventTriggerName: "held" };
  const EventTriggerConditions = [
    {
      LogicalOperator: "ALL" as const,
      EventTriggerDimensions: [{ ObjectAttributes: [attribute("scan.state", "INCLUSIVE", "OK")] }],
    },
  ];
  await client.send(new UpdateEventTriggerCommand({ ...names, EventTriggerConditions }));
  assert.deepEqual(await explain({ ...of, profile: told[0]?.profileId }), explained);
  const unseen = { scan: { id: "x", state: "OK" }, shopper: { number: "1" } };
  assert.deepEqual(outcomesOf(await explain({ ...of, object: unseen })), [[undefined, true]]);

  // A trigger that was not asked then tells what it would have made of it.
  await createTrigger("why", "later");
  const [, , later] = (await explain({ ...of, trigger: "later", profile: told[0]?.profileId })).objects;
  assert.deepEqual([later?.outcome, later?.matched], ["silent", false]);
  assert.match(later?.note ?? "", /had no integration then/);

  assert.match((await explain({ ...of, trigger: "none" })).error ?? "", /Event trigger none does not exist/);
  assert.match((await explain({ ...of, object: "none" })).error ?? "", /Object none of type ParcelScan/);
  assert.match((await explain({ ...of, colour: "red" })).error ?? "", /no member colour/);
  assert.match((await explain(of, "other")).error ?? "", /Domain why does not exist/);
});

test("what fired for a profile that is merged away is told of the one that stays", async () => {
  const DomainName = "why-merged";
  await openDomain(DomainName);
  const stream = await triggerToStream(DomainName, "held");
  await scan(DomainName, "1", { scan: { id: "merged-1" } });
  await server.advance("PT1S");
  await scan(DomainName, "2", { scan: { id: "merged-2" } });
  const [one, two] = (await readStream<Told>(kinesis, stream)).map(({ profileId }) => profileId);
  const ProfileIdsToBeMerged = [two ?? assert.fail()];
  await client.send(new MergeProfilesCommand({ DomainName, MainProfileId: one, ProfileIdsToBeMerged }));
  const { objects } = await explain({ trigger: "held", domain: DomainName, profile: one });
  assert.deepEqual(
    objects.map(({ outcome, matched, profile }) => [outcome, matched, profile]),
    [
      ["fired", true, two],
      ["fired", true, one],
    ],
  );
});

test("the command line tells why a trigger fired", async () => {
  await openDomain("line");
  await triggerToStream("line", "held");
  await scan("line", "1", { scan: { id: "line-1" } });
  const args = ["explain", "--trigger", "held", "--domain", "line", "--url", server.url];
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, ...args]);
  assert.match(stdout, /^fired {2}\S+Z {2}profile [a-f0-9]{32} {2}object \S+ version 1\n {2}match: held\n/);
  assert.match(stdout, /✓ _source\.scan\.state/);
});

interface Backtested {
  readonly error?: string;
  readonly matches: readonly TriggerBacktestMatch[];
  readonly done?: TriggerBacktestResult | undefined;
}

async function backtest(question: object): Promise<Backtested> {
  const body = JSON.stringify(question);
  const answer = await sendSigned(server.url, { service: "trunkline", path: "/_trunkline/backtest", body });
  if (answer.status !== 200) return { matches: [], ...JSON.parse(answer.body.toString()) };
  const texts = answer.body.toString().trim().split("\n");
  const lines = texts.map((text) => JSON.parse(text) as TriggerBacktestLine);
  return {
    matches: lines.flatMap((line) => ("match" in line ? [line.match] : [])),
    done: lines.flatMap((line) => ("done" in line ? [line.done] : []))[0],
  };
}

test("a trigger that is not there yet is tried on what was ingested: for whom, how often, and capped where", async () => {
  await openDomain("past");
  const DomainName = "past";
  for (const number of ["1", "1", "1", "2"]) await scan(DomainName, number);
  await scan(DomainName, "3", { scan: { state: "OK" } });
  await server.advance("PT2H");
  await scan(DomainName, "1");
  const stream = await createStream(kinesis, "past");
  const trigger = {
    ...HELD,
    EventTriggerLimits: { Periods: [{ Unit: "HOURS", Value: 1, MaxInvocationsPerProfile: 2 }] },
  };
  const { matches, done } = await backtest({ trigger, domain: DomainName });
  assert.partialDeepStrictEqual(done, { asked: 6, matched: 5, fired: 4, capped: 1, expired: 0, profiles: 2 });
  assert.deepEqual(
    matches.map(({ outcome, matched }) => [outcome, matched]),
    [
      ["fired", true],
      ["fired", true],
      ["capped", true],
      ["fired", true],
      ["fired", true],
    ],
  );
  assert.deepEqual(matches[2]?.cap, { unit: "HOURS", value: 1, max: 2 });
  assert.deepEqual(
    done?.most.map(({ profile, fired, capped }) => [profile === matches[0]?.profile, fired, capped]),
    [
      [true, 3, 1],
      [false, 1, 0],
    ],
  );
  const asked = (done?.histogram ?? []).reduce((sum, step) => sum + step.asked, 0);
  assert.equal(asked, 6);
  assert.match(done?.gaps[0]?.reason ?? "", /was not kept before/);

  // What would have fired before a moment counts, though it is not told.
  await scan(DomainName, "1");
  await scan(DomainName, "1");
  const late = await backtest({ trigger, domain: DomainName, since: "1m" });
  assert.partialDeepStrictEqual(late.done, { asked: 3, fired: 2, capped: 1 });
  await server.advance("PT1S");
  await scan(DomainName, "1");
  assert.partialDeepStrictEqual((await backtest({ trigger, domain: DomainName, since: "PT1S" })).done, { capped: 2 });

  // Who is in a segment is found out of what the profile was then.
  const dimension = { AccountNumber: { DimensionType: "INCLUSIVE" as const, Values: ["1"] } };
  await client.send(
    new CreateSegmentDefinitionCommand({
      DomainName,
      SegmentDefinitionName: "first",
      DisplayName: "first",
      SegmentGroups: { Groups: [{ Dimensions: [{ ProfileAttributes: dimension }] }] },
    }),
  );
  const filtered = { trigger: { ...trigger, SegmentFilter: "first" }, domain: DomainName };
  assert.partialDeepStrictEqual((await backtest(filtered)).done, { matched: 7, outside: 1, profiles: 1 });

  // A trigger that is there is tried as it is now, and nothing is sent.
  await createTrigger(DomainName, "held", { EventTriggerLimits: UNLIMITED });
  assert.partialDeepStrictEqual((await backtest({ trigger: "held", domain: DomainName })).done, { fired: 8 });
  assert.deepEqual(await readStream(kinesis, stream), []);

  const refusals: readonly (readonly [question: object, error: RegExp])[] = [
    [{ trigger: "none", domain: DomainName }, /Event trigger none does not exist/],
    [{ trigger: "held", domain: "nowhere" }, /Domain nowhere does not exist/],
    [{ trigger: 7, domain: DomainName }, /trigger is a name/],
    [{ trigger: { ...HELD, EventTriggerConditions: "all" }, domain: DomainName }, /./],
    [{ trigger: { ...HELD, EventTriggerConditions: [] }, domain: DomainName }, /length greater than or equal to 1/],
    [{ trigger: { ...HELD, ObjectTypeName: "_order" }, domain: DomainName }, /_order is a standard object/],
    [{ trigger: HELD, domain: DomainName, instance: "x" }, /no member instance/],
  ];
  for (const [question, error] of refusals) assert.match((await backtest(question)).error ?? "", error);

  const file = join(temporaryFolder(), "trigger.json");
  writeFileSync(file, JSON.stringify(trigger));
  const args = ["backtest", file, "--domain", DomainName, "--since", "1d", "--url", server.url];
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, ...args]);
  assert.match(stdout, /draft on ParcelScan: 8 of 9 would have matched/);
  assert.match(stdout, /fired 5 times for 2 profiles, capped 3, expired 0, outside of its segment 0/);
  assert.match(stdout, /capped \(2 within 1 HOURS\)/);
});
