/** Domains of Customer Profiles, and profiles made by hand, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteProfileCommand,
  GetDomainCommand,
  ListDomainsCommand,
  UpdateDomainCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { profiles } from "../src/services/customer-profiles/stored-profile.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

const refused = (name: string, message?: string) => (error: Error) => {
  assert.equal(error.name, name);
  if (message !== undefined) assert.equal(error.message, message);
  return true;
};

async function profileOf(DomainName: string, id: string) {
  const { Profiles } = await client.send(new BatchGetProfileCommand({ DomainName, ProfileIds: [id] }));
  return Profiles?.[0];
}

test("a domain has a name of its own, and keeps what an update does not name", async () => {
  const DomainName = "harbor-retail";
  const DeadLetterQueueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/harbor-dlq";
  const created = await client.send(
    new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, DeadLetterQueueUrl, Tags: { team: "crm" } }),
  );
  assert.deepEqual(created.Tags, { team: "crm" });
  await assert.rejects(
    client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 })),
    refused("BadRequestException", "Domain harbor-retail already exists"),
  );
  await assert.rejects(
    client.send(new GetDomainCommand({ DomainName: "nowhere" })),
    refused("ResourceNotFoundException", "Domain nowhere does not exist"),
  );
  await client.send(new UpdateDomainCommand({ DomainName, DefaultExpirationDays: 30 }));
  assert.equal((await client.send(new GetDomainCommand({ DomainName }))).DeadLetterQueueUrl, DeadLetterQueueUrl);
  await client.send(new UpdateDomainCommand({ DomainName, DeadLetterQueueUrl: "" }));
  const got = await client.send(new GetDomainCommand({ DomainName }));
  assert.equal(got.DeadLetterQueueUrl, undefined);
  assert.equal(got.DefaultExpirationDays, 30);
  assert.deepEqual(got.CreatedAt, created.CreatedAt);
  assert.deepEqual(got.Stats, { ProfileCount: 0, MeteringProfileCount: 0, ObjectCount: 0, TotalSize: 0 });
});

test("matching by machine learning is refused by name, and changes nothing", async () => {
  const DomainName = "matched";
  const Matching = { Enabled: true };
  await assert.rejects(
    client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, Matching })),
    (error: Error) => error.name === "BadRequestException" && /machine learning is not built/.test(error.message),
  );
  await assert.rejects(client.send(new GetDomainCommand({ DomainName })), refused("ResourceNotFoundException"));
});

test("a dead-letter queue is one of the same account and Region, and changes nothing where it is not", async () => {
  const DomainName = "queued";
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  for (const [DeadLetterQueueUrl, why] of [
    ["nonsense", /is no address of an SQS queue/],
    ["arn:aws:sqs:us-east-1:000000000000:dead", /is no address of an SQS queue/],
    ["https://sqs.us-east-1.amazonaws.com/111122223333/dead", /not of this account and Region/],
    ["https://sqs.eu-west-1.amazonaws.com/000000000000/dead", /not of this account and Region/],
  ] as const) {
    const isRefused = (error: Error) => error.name === "BadRequestException" && why.test(error.message);
    await assert.rejects(client.send(new UpdateDomainCommand({ DomainName, DeadLetterQueueUrl })), isRefused);
    const input = { DomainName: "other", DefaultExpirationDays: 366, DeadLetterQueueUrl };
    await assert.rejects(client.send(new CreateDomainCommand(input)), isRefused);
  }
  assert.equal((await client.send(new GetDomainCommand({ DomainName }))).DeadLetterQueueUrl, undefined);
});

test("domains are listed by pages", async () => {
  for (const name of ["page-a", "page-b", "page-c"]) {
    await client.send(new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 366 }));
  }
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListDomainsCommand({ MaxResults: 2, NextToken }));
    names.push(...(page.Items ?? []).map(({ DomainName }) => DomainName));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(
    names.filter((name) => name?.startsWith("page-")),
    ["page-a", "page-b", "page-c"],
  );
  await assert.rejects(client.send(new ListDomainsCommand({ NextToken: "made-up" })), refused("BadRequestException"));
});

test("an update keeps what it does not name, and an empty text clears", async () => {
  const DomainName = "people";
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const { ProfileId } = await client.send(
    new CreateProfileCommand({
      DomainName,
      FirstName: "Ina",
      LastName: "Möller",
      Gender: "FEMALE",
      EmailAddress: "Ina@Example.com",
      Address: { City: "Bremen", Country: "DE" },
      Attributes: { depot: "Bremen 2", "a.b": "dotted" },
    }),
  );
  assert.match(ProfileId ?? "", /^[a-f0-9]{32}$/);
  await client.send(
    new UpdateProfileCommand({
      DomainName,
      ProfileId,
      LastName: "",
      GenderString: "diverse",
      Address: { City: "Kiel" },
      Attributes: { depot: "", "a.b": "still" },
    }),
  );
  assert.deepEqual(await profileOf(DomainName, ProfileId ?? ""), {
    ProfileId,
    FirstName: "Ina",
    GenderString: "diverse",
    EmailAddress: "Ina@Example.com",
    Address: { City: "Kiel", Country: "DE" },
    Attributes: { "a.b": "still" },
  });
  await assert.rejects(
    client.send(new UpdateProfileCommand({ DomainName, ProfileId, Gender: "MALE", GenderString: "x" })),
    refused("BadRequestException"),
  );
  await client.send(new DeleteProfileCommand({ DomainName, ProfileId }));
  assert.equal(await profileOf(DomainName, ProfileId ?? ""), undefined);
  await assert.rejects(
    client.send(new DeleteProfileCommand({ DomainName, ProfileId })),
    refused("ResourceNotFoundException"),
  );
});

test("a deleted domain leaves nothing behind, and its name can be used at once", async () => {
  const DomainName = "gone";
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const { ProfileId } = await client.send(new CreateProfileCommand({ DomainName, FirstName: "Ina" }));
  const { store } = server.app.platform();
  const of = async () => (await store.list(profiles, { limit: 1000 })).documents.map(({ id }) => id);
  assert.ok((await of()).includes(ProfileId ?? ""));
  await client.send(new DeleteDomainCommand({ DomainName }));
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  assert.equal(await profileOf(DomainName, ProfileId ?? ""), undefined);
  await server.advance("PT1S");
  assert.ok(!(await of()).includes(ProfileId ?? ""));
});
