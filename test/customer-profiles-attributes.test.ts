/** What stands in objects and profiles: names, values and figures, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateDomainCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  GetObjectTypeAttributeStatisticsCommand,
  ListObjectTypeAttributesCommand,
  ListObjectTypeAttributeValuesCommand,
  ListProfileAttributeValuesCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

const refused = (name: string, message: string) => (error: Error) => {
  assert.equal(error.name, name, error.message);
  assert.equal(error.message, message);
  return true;
};

const DomainName = "attributes";
const ObjectTypeName = "Order";
await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 2 }));
await client.send(
  new PutProfileObjectTypeCommand({
    DomainName,
    ObjectTypeName,
    Description: "Orders",
    AllowProfileCreation: true,
    Fields: {
      id: { Source: "_source.id" },
      total: { Source: "_source.total", Target: "_order.TotalPrice" },
      city: { Source: "_source.ship.city", Target: "_profile.Address.City" },
    },
    Keys: { orderKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE", "ORDER"], FieldNames: ["id"] }] },
  }),
);
const put = (object: object) =>
  client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: JSON.stringify(object) }));

test("the attributes and values of a type's objects are told, the newest first", async () => {
  await put({ id: 1, total: 10, ship: { city: "Bremen" }, lines: [{ sku: "A" }, { sku: "B" }] });
  await server.advance("PT1M");
  await put({ id: 2, total: "2.50", ship: { city: "Hamburg", note: "" } });
  await server.advance("PT1M");
  await put({ id: 3, total: 30, ship: { city: "Bremen" } });

  const attributes = await client.send(new ListObjectTypeAttributesCommand({ DomainName, ObjectTypeName }));
  assert.deepEqual(
    attributes.Items?.map(({ AttributeName }) => AttributeName),
    ["id", "ship.city", "total", "ship.note", "lines.sku"],
  );
  const ages = (attributes.Items ?? []).map(({ LastUpdatedAt }) => LastUpdatedAt?.getTime() ?? 0);
  assert.equal((ages[0] ?? 0) - (ages[3] ?? 0), 60_000);
  assert.equal((ages[0] ?? 0) - (ages[4] ?? 0), 120_000);

  const valuesOf = async (AttributeName: string, page: { MaxResults?: number; NextToken?: string | undefined } = {}) =>
    client.send(new ListObjectTypeAttributeValuesCommand({ DomainName, ObjectTypeName, AttributeName, ...page }));
  assert.deepEqual(
    (await valuesOf("ship.city")).Items?.map(({ Value }) => Value),
    ["Bremen", "Hamburg"],
  );
  assert.deepEqual(
    (await valuesOf("lines.sku")).Items?.map(({ Value }) => Value),
    ["A", "B"],
  );
  assert.deepEqual((await valuesOf("nothing")).Items, []);
  assert.deepEqual((await valuesOf("ship.note")).Items, []);
  const first = await valuesOf("total", { MaxResults: 2 });
  const rest = await valuesOf("total", { MaxResults: 2, NextToken: first.NextToken });
  assert.deepEqual(
    [...(first.Items ?? []), ...(rest.Items ?? [])].map(({ Value }) => Value),
    ["30", "2.50", "10"],
  );
  assert.equal(rest.NextToken, undefined);

  const ofOrders = await client.send(new ListObjectTypeAttributesCommand({ DomainName, ObjectTypeName: "_order" }));
  assert.deepEqual(
    ofOrders.Items?.map(({ AttributeName }) => AttributeName),
    ["OrderId", "TotalPrice"],
  );
});

test("figures are made of what is a number", async () => {
  await put({ id: 4, total: "free" });
  const { Statistics, CalculatedAt } = await client.send(
    new GetObjectTypeAttributeStatisticsCommand({ DomainName, ObjectTypeName, AttributeName: "total" }),
  );
  assert.ok(CalculatedAt);
  assert.equal(Statistics?.Minimum, 2.5);
  assert.equal(Statistics?.Maximum, 30);
  assert.equal(Statistics?.Average?.toFixed(6), "14.166667");
  assert.equal(Statistics?.StandardDeviation?.toFixed(6), "11.606990");
  assert.deepEqual(Statistics?.Percentiles, { P5: 3.25, P25: 6.25, P50: 10, P75: 20, P95: 28 });
  await assert.rejects(
    client.send(
      new GetObjectTypeAttributeStatisticsCommand({ DomainName, ObjectTypeName, AttributeName: "ship.city" }),
    ),
    refused("BadRequestException", "AttributeName: ship.city has no numbers in objects of type Order"),
  );
});

test("values of profiles are offered, the newest first, each once", async () => {
  const { ProfileId } = await client.send(
    new CreateProfileCommand({ DomainName, Address: { City: "Oslo" }, Attributes: { LastDepot: "North", "a.b": "c" } }),
  );
  const valuesOf = async (AttributeName: string) => {
    const answer = await client.send(new ListProfileAttributeValuesCommand({ DomainName, AttributeName }));
    assert.equal(answer.AttributeName, AttributeName);
    assert.equal(answer.StatusCode, 200);
    return answer.Items?.map(({ Value }) => Value);
  };
  assert.deepEqual((await valuesOf("Address.City"))?.toSorted(), ["Bremen", "Hamburg", "Oslo"]);
  assert.deepEqual(await valuesOf("Attributes.LastDepot"), ["North"]);
  assert.deepEqual(await valuesOf("Attributes.a.b"), ["c"]);
  await server.advance("PT1M");
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId, Address: { City: "Bergen" } }));
  assert.equal((await valuesOf("Address.City"))?.[0], "Bergen");
  for (const name of ["constructor", "Address", "Attributes.constructor", "__proto__.toString", "Nothing"]) {
    assert.deepEqual(await valuesOf(name), []);
  }
  const path = `/domains/${DomainName}/profile-attributes/FirstName/values`;
  const { status, body } = await sendSigned(server.url, { service: "profile", method: "GET", path });
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(String(body)), { DomainName, AttributeName: "FirstName", Items: [] });
});

test("what is not there is not found, and what has expired is told no more", async () => {
  await assert.rejects(
    client.send(new ListObjectTypeAttributesCommand({ DomainName, ObjectTypeName: "Nothing" })),
    refused("ResourceNotFoundException", "Object type Nothing does not exist"),
  );
  await assert.rejects(
    client.send(new ListObjectTypeAttributesCommand({ DomainName: "nowhere", ObjectTypeName })),
    refused("ResourceNotFoundException", "Domain nowhere does not exist"),
  );
  await server.advance("P3D");
  const attributes = await client.send(new ListObjectTypeAttributesCommand({ DomainName, ObjectTypeName }));
  assert.deepEqual(attributes.Items, []);
  const values = await client.send(
    new ListProfileAttributeValuesCommand({ DomainName, AttributeName: "Address.City" }),
  );
  assert.deepEqual(values.Items, []);
});
