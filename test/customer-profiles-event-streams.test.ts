/** Event streams of Customer Profiles: what is told of profiles made by hand, and how streams sicken and recover. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteEventStreamCommand,
  DeleteProfileCommand,
  GetEventStreamCommand,
  ListEventStreamsCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { DeleteStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { createEventStream, deleteEventStream } from "../src/services/customer-profiles/event-streams/event-streams.ts";
import { keptRecords } from "../src/services/customer-profiles/event-streams/tell-event-stream.ts";
import type { Context } from "../src/services/service.ts";
import { startTrunkline } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);
const kinesis = new KinesisClient(server.client);

interface Told {
  readonly SchemaVersion: number;
  readonly EventId: string;
  readonly EventTimestamp: string;
  readonly EventType: string;
  readonly DomainName: string;
  readonly ObjectTypeName?: string;
  readonly AssociatedProfileId?: string;
  readonly Object?: Record<string, unknown>;
  readonly IsMessageRealTime: boolean;
}

async function openDomain(DomainName: string): Promise<string> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  return createStream(kinesis, DomainName);
}

const stateOf = async (DomainName: string) => {
  const got = await client.send(new GetEventStreamCommand({ DomainName, EventStreamName: "changes" }));
  return [got.State, got.DestinationDetails?.Status];
};

const refused = (name: string, message: RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  assert.match(error.message, message);
  return true;
};

test("a stream is told of what happens to profiles from its creation on, and of nothing that changes nothing", async () => {
  const DomainName = "told";
  const Uri = await openDomain(DomainName);
  await client.send(new CreateProfileCommand({ DomainName, FirstName: "Before" }));
  const stream = { DomainName, EventStreamName: "changes" };
  const { EventStreamArn } = await client.send(new CreateEventStreamCommand({ ...stream, Uri, Tags: { a: "b" } }));
  assert.equal(EventStreamArn, "arn:aws:profile:us-east-1:000000000000:domains/told/event-streams/changes");
  const { ProfileId } = await client.send(
    new CreateProfileCommand({ DomainName, FirstName: "Ina", GenderString: "diverse" }),
  );
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId, FirstName: "Ina" }));
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId, FirstName: "Ina-Marie" }));
  await client.send(new DeleteProfileCommand({ DomainName, ProfileId }));

  const told = await readStream<Told>(kinesis, Uri);
  assert.deepEqual(
    told.map(({ EventType, ObjectTypeName, Object: object }) => [EventType, ObjectTypeName, object]),
    [
      ["HEALTH_CHECK", undefined, undefined],
      ["CREATED", "_profile", { ProfileId, FirstName: "Ina", Gender: "diverse", GenderString: "diverse" }],
      ["UPDATED", "_profile", { ProfileId, FirstName: "Ina-Marie", Gender: "diverse", GenderString: "diverse" }],
    ],
  );
  for (const { SchemaVersion, DomainName: domain, IsMessageRealTime, AssociatedProfileId, EventTimestamp } of told) {
    assert.deepEqual([SchemaVersion, domain, IsMessageRealTime, AssociatedProfileId], [0, DomainName, true, undefined]);
    assert.match(EventTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  assert.equal(new Set(told.map(({ EventId }) => EventId)).size, told.length);

  await assert.rejects(
    client.send(new CreateEventStreamCommand({ ...stream, EventStreamName: "second", Uri })),
    refused(
      "BadRequestException",
      /^The Customer Profiles Domain: told is already associated with an active EventStream$/,
    ),
  );
  const { Items } = await client.send(new ListEventStreamsCommand({ DomainName }));
  assert.deepEqual(
    Items?.map(({ EventStreamName, State, DestinationSummary, Tags }) => [
      EventStreamName,
      State,
      DestinationSummary,
      Tags,
    ]),
    [["changes", "RUNNING", { Uri, Status: "HEALTHY" }, { a: "b" }]],
  );
});

test("what a missing stream did not take is told later, in order and as not in real time", async () => {
  const DomainName = "sick";
  const Uri = await openDomain(DomainName);
  await client.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri }));
  await kinesis.send(new DeleteStreamCommand({ StreamName: DomainName }));
  const names = Array.from({ length: 250 }, (_, place) => `n${place}`);
  const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName, FirstName: "n" }));
  for (const FirstName of names) await client.send(new UpdateProfileCommand({ DomainName, ProfileId, FirstName }));
  const got = await client.send(new GetEventStreamCommand({ DomainName, EventStreamName: "changes" }));
  assert.equal(got.State, "RUNNING");
  assert.equal(got.DestinationDetails?.Status, "UNHEALTHY");
  assert.ok(got.DestinationDetails?.UnhealthySince);
  assert.match(got.DestinationDetails?.Message ?? "", /does not exist or is not active/);

  await createStream(kinesis, DomainName);
  await server.advance("PT1M");
  assert.deepEqual(await stateOf(DomainName), ["RUNNING", "HEALTHY"]);
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId, FirstName: "live" }));
  const told = await readStream<Told>(kinesis, Uri);
  const changes = told.filter(({ EventType }) => EventType !== "HEALTH_CHECK");
  assert.deepEqual(
    changes.map(({ Object: object }) => object?.FirstName),
    ["n", ...names, "live"],
  );
  assert.deepEqual(
    changes.map(({ IsMessageRealTime }) => IsMessageRealTime),
    [...["n", ...names].map(() => false), true],
  );
});

test("a stream that was missed for a day stops, drops what was kept, and begins anew without it", async () => {
  const DomainName = "stopped";
  const Uri = await openDomain(DomainName);
  await client.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri }));
  await kinesis.send(new DeleteStreamCommand({ StreamName: DomainName }));
  await client.send(new CreateProfileCommand({ DomainName, FirstName: "kept" }));
  await server.advance("PT24H");
  await server.advance("PT2M");
  const got = await client.send(new GetEventStreamCommand({ DomainName, EventStreamName: "changes" }));
  assert.deepEqual([got.State, got.DestinationDetails?.Status], ["STOPPED", "UNHEALTHY"]);
  assert.ok(got.StoppedSince);
  const { store } = server.app.platform();
  assert.deepEqual((await store.list(keptRecords, { limit: 10 })).documents, []);
  await client.send(new CreateProfileCommand({ DomainName, FirstName: "lost" }));

  await createStream(kinesis, DomainName);
  await server.advance("PT1H");
  assert.deepEqual(await stateOf(DomainName), ["RUNNING", "HEALTHY"]);
  await client.send(new CreateProfileCommand({ DomainName, FirstName: "seen" }));
  const told = await readStream<Told>(kinesis, Uri);
  assert.deepEqual(
    told.filter(({ EventType }) => EventType !== "HEALTH_CHECK").map(({ Object: object }) => object?.FirstName),
    ["seen"],
  );
});

test("a stream is deleted once or twice, and what was kept for it goes", async () => {
  const DomainName = "deleted";
  const Uri = await openDomain(DomainName);
  const stream = { DomainName, EventStreamName: "changes" };
  await client.send(new CreateEventStreamCommand({ ...stream, Uri }));
  await kinesis.send(new DeleteStreamCommand({ StreamName: DomainName }));
  await client.send(new CreateProfileCommand({ DomainName, FirstName: "kept" }));
  await client.send(new DeleteEventStreamCommand(stream));
  await client.send(new DeleteEventStreamCommand(stream));
  await assert.rejects(
    client.send(new GetEventStreamCommand(stream)),
    refused("ResourceNotFoundException", /Event stream changes does not exist/),
  );
  await server.advance("PT2M");
  const { store } = server.app.platform();
  assert.deepEqual((await store.list(keptRecords, { limit: 10 })).documents, []);
  await client.send(new DeleteDomainCommand({ DomainName }));
});

test("a stream that takes the place of a deleted one tells nothing of what was kept for that", async () => {
  const DomainName = "replaced";
  const Uri = await openDomain(DomainName);
  const stream = { DomainName, EventStreamName: "changes" };
  await client.send(new CreateEventStreamCommand({ ...stream, Uri }));
  await kinesis.send(new DeleteStreamCommand({ StreamName: DomainName }));
  // More than goes in one step.
  for (let count = 0; count < 150; count++) {
    await client.send(new CreateProfileCommand({ DomainName, FirstName: "kept" }));
  }
  const other = await createStream(kinesis, `${DomainName}-other`);
  // Not even a step goes between the two.
  const context: Context = {
    ...server.app.platform(),
    account: "000000000000",
    region: "us-east-1",
    accessKeyId: "test",
    principalArn: "arn:aws:iam::000000000000:user/test",
    requestId: "replaced",
    signal: new AbortController().signal,
  };
  await Promise.all([
    deleteEventStream(stream, context),
    createEventStream({ ...stream, EventStreamName: "others", Uri: other }, context),
  ]);
  await kinesis.send(new DeleteStreamCommand({ StreamName: `${DomainName}-other` }));
  await client.send(new CreateProfileCommand({ DomainName, FirstName: "own" }));
  await createStream(kinesis, `${DomainName}-other`);
  await server.advance("PT1M");
  const told = await readStream<Told>(kinesis, other);
  assert.deepEqual(
    told.filter(({ EventType }) => EventType !== "HEALTH_CHECK").map(({ Object: object }) => object?.FirstName),
    ["own"],
  );
});

test("a stream of another account or Region, or none at all, is refused", async () => {
  const DomainName = "refused";
  await openDomain(DomainName);
  const stream = { DomainName, EventStreamName: "changes" };
  for (const [Uri, why] of [
    ["arn:aws:kinesis:us-east-1:111122223333:stream/refused", /not of this account and Region/],
    ["arn:aws:kinesis:eu-west-1:000000000000:stream/refused", /not of this account and Region/],
    ["arn:aws:sqs:us-east-1:000000000000:refused", /is no ARN of a Kinesis data stream/],
    ["arn:aws:kinesis:us-east-1:000000000000:stream/nowhere", /does not exist or is not active/],
  ] as const) {
    await assert.rejects(
      client.send(new CreateEventStreamCommand({ ...stream, Uri })),
      refused("BadRequestException", why),
    );
  }
  const { Items } = await client.send(new ListEventStreamsCommand({ DomainName }));
  assert.deepEqual(Items, []);
});
