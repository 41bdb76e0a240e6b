/** Object types of Customer Profiles and their templates, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateCalculatedAttributeDefinitionCommand,
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateEventTriggerCommand,
  CreateSegmentDefinitionCommand,
  CustomerProfilesClient,
  DeleteDomainCommand,
  DeleteProfileObjectTypeCommand,
  DetectProfileObjectTypeCommand,
  GetDomainCommand,
  GetProfileObjectTypeCommand,
  GetProfileObjectTypeTemplateCommand,
  ListProfileObjectsCommand,
  ListProfileObjectTypesCommand,
  ListProfileObjectTypeTemplatesCommand,
  ListTagsForResourceCommand,
  PutIntegrationCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  type PutProfileObjectTypeCommandInput,
  SearchProfilesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { getDomain } from "../src/services/customer-profiles/domain.ts";
import { objectTypeKey, objectTypes } from "../src/services/customer-profiles/object-types/object-type.ts";
import { beginTypeSweep } from "../src/services/customer-profiles/object-types/object-type-sweep.ts";
import { sweptTypeKey, sweptTypes } from "../src/services/customer-profiles/object-types/swept-type.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { createStream, readStream } from "./streams.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

const refused = (name: string, message: string | RegExp) => (error: Error) => {
  assert.equal(error.name, name, error.message);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

async function createDomain(DomainName: string): Promise<string> {
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  return DomainName;
}

const SCAN = {
  Description: "Parcel scans from the depot system",
  AllowProfileCreation: true,
  ExpirationDays: 120,
  SourcePriority: 2,
  SourceLastUpdatedTimestampFormat: "yyyy-MM-dd'T'HH:mm:ssXXX",
  Fields: {
    scanId: { Source: "_source.scan.id" },
    shopperNo: { Source: "_source.shopper.number", Target: "_profile.AccountNumber" },
    mail: { Source: "_source.shopper.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
    mobile: { Source: "_source.shopper.mobile", Target: "_profile.MobilePhoneNumber", ContentType: "PHONE_NUMBER" },
    label: {
      Source: "{{#removeExtraSpace}}{{_source.shopper.first}} {{_source.shopper.last}}{{/removeExtraSpace}}",
      ContentType: "NAME",
    },
    parcelNo: { Source: "_source.parcel.no", Target: "_order.Name" },
    weight: { Source: "_source.parcel.kg", Target: "_order.TotalWeight", ContentType: "NUMBER" },
    depot: { Source: "_source.depot", Target: "_profile.Attributes.LastDepot" },
    changed: { Source: "_source.scan.at", Target: "_profile.SourceLastUpdatedTimestamp" },
  },
  Keys: {
    parcelScanKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["scanId"] }],
    shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["shopperNo"] }],
    parcelKey: [{ StandardIdentifiers: ["ORDER"], FieldNames: ["parcelNo"] }],
    _email: [{ StandardIdentifiers: ["PROFILE", "SECONDARY"], FieldNames: ["mail"] }],
    _phone: [{ FieldNames: ["mobile"] }],
    _fullName: [{ FieldNames: ["label"] }],
  },
} satisfies Partial<PutProfileObjectTypeCommandInput>;

test("an object type is put and read back, and put anew it keeps its age and its tags", async () => {
  const DomainName = await createDomain("put-types");
  const ObjectTypeName = "ParcelScan";
  const put = await client.send(
    new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, ...SCAN, Tags: { team: "crm" } }),
  );
  const { $metadata: _metadata, CreatedAt, LastUpdatedAt, ...said } = put;
  assert.deepEqual(said, { ObjectTypeName, ...SCAN, MaxAvailableProfileObjectCount: 1000, Tags: { team: "crm" } });
  assert.deepEqual(CreatedAt, LastUpdatedAt);
  assert.deepEqual(Object.keys(put.Fields ?? {}), Object.keys(SCAN.Fields));

  await server.advance("PT1H");
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName,
      ...SCAN,
      Description: "Scans",
      SourcePriority: undefined,
      MaxProfileObjectCount: 7,
      Tags: { team: "other" },
    }),
  );
  const { $metadata, ...got } = await client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName }));
  assert.equal(got.Description, "Scans");
  assert.equal(got.SourcePriority, undefined);
  assert.equal(got.MaxProfileObjectCount, 7);
  assert.deepEqual(got.Tags, { team: "crm" });
  assert.deepEqual(got.CreatedAt, CreatedAt);
  assert.equal((got.LastUpdatedAt?.getTime() ?? 0) - (CreatedAt?.getTime() ?? 0), 3_600_000);
});

test("what breaks a rule is refused by name, and changes nothing", async () => {
  const DomainName = await createDomain("bad-types");
  const put = (change: Partial<PutProfileObjectTypeCommandInput>, ObjectTypeName = "T") =>
    client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, ...SCAN, ...change }));
  const { parcelScanKey: _without, ...Keys } = SCAN.Keys;
  await assert.rejects(put({ Keys }), refused("BadRequestException", /^Keys: exactly one key carries UNIQUE/));
  await assert.rejects(
    put({}, "_mine"),
    refused("BadRequestException", "ObjectTypeName: _mine begins with _, as only standard objects do."),
  );
  await assert.rejects(
    put({ TemplateId: "CTR" }),
    refused(
      "BadRequestException",
      "AllowProfileCreation, SourceLastUpdatedTimestampFormat, Fields, Keys: not allowed together with TemplateId.",
    ),
  );
  for (const member of ["Fields", "Keys"]) {
    await assert.rejects(
      put({ [member]: undefined }),
      refused("BadRequestException", "Either TemplateId, or both Fields and Keys, are needed."),
    );
  }
  await assert.rejects(
    client.send(
      new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "T", Description: "x", TemplateId: "Nothing" }),
    ),
    refused("BadRequestException", "TemplateId: there is no template Nothing."),
  );
  await assert.rejects(
    client.send(new PutProfileObjectTypeCommand({ DomainName: "nowhere", ObjectTypeName: "T", ...SCAN })),
    refused("ResourceNotFoundException", "Domain nowhere does not exist"),
  );
  await assert.rejects(
    client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName: "T" })),
    refused("ResourceNotFoundException", "Object type T does not exist"),
  );
  assert.deepEqual((await client.send(new ListProfileObjectTypesCommand({ DomainName }))).Items, []);
});

test("a key name keeps its content types while another type uses it", async () => {
  const DomainName = await createDomain("key-names");
  const put = (ObjectTypeName: string, ContentType: "STRING" | "PHONE_NUMBER") =>
    client.send(
      new PutProfileObjectTypeCommand({
        DomainName,
        ObjectTypeName,
        ...SCAN,
        Fields: { ...SCAN.Fields, mobile: { Source: "_source.mobile", ContentType } },
        Keys: { ...SCAN.Keys, mobileKey: [{ FieldNames: ["mobile"] }] },
      }),
    );
  const message =
    "Keys._phone: the content types of its fields (STRING) are not those that it has in the domain already (PHONE_NUMBER, by object type Calls).";
  await put("Calls", "PHONE_NUMBER");
  await put("Orders", "PHONE_NUMBER");
  await assert.rejects(put("Orders", "STRING"), refused("BadRequestException", message));
  await client.send(new DeleteProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Calls" }));
  await put("Orders", "STRING");
  await assert.rejects(put("Calls", "PHONE_NUMBER"), refused("BadRequestException", /by object type Orders/));
});

test("types are listed by name, page by page", async () => {
  const DomainName = await createDomain("list-types");
  for (const ObjectTypeName of ["C", "A", "B"]) {
    await client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, ...SCAN }));
  }
  const first = await client.send(new ListProfileObjectTypesCommand({ DomainName, MaxResults: 2 }));
  assert.deepEqual(
    first.Items?.map(({ ObjectTypeName }) => ObjectTypeName),
    ["A", "B"],
  );
  assert.deepEqual(Object.keys(first.Items?.[0] ?? {}).sort(), [
    "CreatedAt",
    "Description",
    "LastUpdatedAt",
    "MaxAvailableProfileObjectCount",
    "ObjectTypeName",
    "SourcePriority",
    "Tags",
  ]);
  const rest = await client.send(new ListProfileObjectTypesCommand({ DomainName, NextToken: first.NextToken }));
  assert.deepEqual(
    rest.Items?.map(({ ObjectTypeName }) => ObjectTypeName),
    ["C"],
  );
  assert.equal(rest.NextToken, undefined);
  await assert.rejects(
    client.send(new ListProfileObjectTypesCommand({ DomainName, NextToken: "nonsense" })),
    refused("BadRequestException", /nextToken/),
  );
});

test("a type that is deleted takes its objects, their keys and what it wrote with it", async () => {
  const DomainName = await createDomain("delete-types");
  const visits = {
    Description: "Visits to a shop",
    AllowProfileCreation: true,
    Fields: {
      id: { Source: "_source.id" },
      shopper: { Source: "_source.shopper", Target: "_profile.AccountNumber" },
      city: { Source: "_source.city", Target: "_profile.Address.City" },
      shop: { Source: "_source.shop", Target: "_profile.Attributes.LastShop" },
    },
    Keys: {
      visitKey: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
      shopperKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["shopper"] }],
    },
  } satisfies Partial<PutProfileObjectTypeCommandInput>;
  const members = { ...visits, Description: "Members", Fields: { ...visits.Fields, city: { Source: "_source.city" } } };
  const put = (ObjectTypeName: string, object: object) =>
    client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: JSON.stringify(object) }));
  const search = async (KeyName: string, value: string) =>
    (await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values: [value] }))).Items ?? [];

  await client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Visit", ...visits }));
  await client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Member", ...members }));
  await put("Member", { id: "m", shopper: "s-0" });
  // More than one step of the deletion.
  for (let index = 0; index < 130; index += 1) {
    await put("Visit", { id: `v-${index}`, shopper: `s-${index % 120}`, city: "Bremen", shop: "Harbour" });
  }
  const [before] = await search("shopperKey", "s-0");
  assert.equal(before?.Address?.City, "Bremen");
  const { ProfileId } = before;
  await client.send(new UpdateProfileCommand({ DomainName, ProfileId, Attributes: { LastShop: "By hand" } }));

  const kinesis = new KinesisClient(server.client);
  const Uri = await createStream(kinesis, "deleted-types");
  await client.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "events", Uri }));
  const { Message } = await client.send(new DeleteProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Visit" }));
  assert.equal(Message, "Object type Visit deleted");
  await assert.rejects(
    client.send(new DeleteProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Visit" })),
    refused("ResourceNotFoundException", "Object type Visit does not exist"),
  );

  const [after] = await search("shopperKey", "s-0");
  assert.equal(after?.ProfileId, ProfileId);
  assert.equal(after?.Address, undefined);
  assert.deepEqual(after?.Attributes, { LastShop: "By hand" });
  assert.deepEqual(await search("visitKey", "v-0"), []);
  assert.deepEqual(await search("shopperKey", "s-77"), []);
  const left = await client.send(new ListProfileObjectsCommand({ DomainName, ProfileId, ObjectTypeName: "Visit" }));
  assert.deepEqual(left.Items, []);
  const { Stats } = await client.send(new GetDomainCommand({ DomainName }));
  assert.equal(Stats?.ObjectCount, 1);
  assert.equal(Stats?.ProfileCount, 120);

  const records = await readStream<{ EventType: string; ObjectTypeName: string }>(kinesis, Uri);
  const told = records.filter(({ EventType }) => EventType === "UPDATED");
  assert.equal(told.length, 120);
  assert.ok(told.every(({ ObjectTypeName }) => ObjectTypeName === "_profile"));
  await put("Member", { id: "m", shopper: "s-0" });
  await client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Visit", ...visits }));
});

test("a deletion that was interrupted goes on by itself, and until then the name cannot be used", async () => {
  const DomainName = await createDomain("interrupted");
  const ObjectTypeName = "Zendesk-users";
  const user = { DomainName, ObjectTypeName, Object: JSON.stringify({ id: 1, email: "ina@example.com" }) };
  await client.send(new PutProfileObjectCommand(user));
  const platform = server.app.platform();
  const domain = await getDomain(platform.store, { account: "000000000000", region: "us-east-1" }, DomainName);
  const swept = { uid: domain.uid, account: domain.account, region: domain.region, domainName: DomainName };
  const deleted = { ...swept, type: ObjectTypeName, performedBy: "somebody" };
  // As a process leaves it that ends in the middle.
  await platform.store.commit(async (unit) => {
    unit.delete(objectTypes, objectTypeKey({ uid: domain.uid, name: ObjectTypeName }));
    unit.put(sweptTypes, sweptTypeKey(deleted), deleted);
  });
  await assert.rejects(
    client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, ...SCAN })),
    refused("BadRequestException", "Object type Zendesk-users is being deleted"),
  );
  await assert.rejects(
    client.send(new PutProfileObjectCommand(user)),
    refused("ResourceNotFoundException", "Object type Zendesk-users does not exist"),
  );

  await platform.store.commit(async (unit) => {
    beginTypeSweep(unit, platform, domain, deleted);
  });
  await server.advance("PT1S");
  const found = await client.send(new SearchProfilesCommand({ DomainName, KeyName: "_zendeskUserId", Values: ["1"] }));
  assert.deepEqual(found.Items, []);
  const { Stats } = await client.send(new GetDomainCommand({ DomainName }));
  assert.deepEqual([Stats?.ProfileCount, Stats?.ObjectCount], [1, 0]);
  await client.send(new PutProfileObjectCommand(user));
});

test("types of one account and domain are not those of another", async () => {
  const DomainName = await createDomain("mine");
  await client.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "T", ...SCAN }));
  const other = new CustomerProfilesClient(server.clientOf("other"));
  await assert.rejects(
    other.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName: "T" })),
    refused("ResourceNotFoundException", "Domain mine does not exist"),
  );
  await client.send(new DeleteDomainCommand({ DomainName }));
  await createDomain(DomainName);
  assert.deepEqual((await client.send(new ListProfileObjectTypesCommand({ DomainName }))).Items, []);
});

test("a type can be the copy of a template", async () => {
  const DomainName = await createDomain("copies");
  const TemplateId = "CTR-NoInferred";
  const template = await client.send(new GetProfileObjectTypeTemplateCommand({ TemplateId }));
  assert.equal(template.SourceName, "CTR");
  assert.equal(template.SourceObject, "NoInferred");
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Contacts",
      Description: "Contact records",
      TemplateId,
    }),
  );
  const got = await client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName: "Contacts" }));
  assert.equal(got.TemplateId, TemplateId);
  assert.equal(got.AllowProfileCreation, true);
  assert.deepEqual(got.Fields, template.Fields);
  assert.deepEqual(got.Keys, template.Keys);
});

test("there are 22 templates, and the mapping of each can be put as a type's own", async () => {
  const DomainName = await createDomain("templates");
  const ids: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListProfileObjectTypeTemplatesCommand({ MaxResults: 10, NextToken }));
    ids.push(...(page.Items ?? []).map(({ TemplateId }) => TemplateId));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  assert.equal(ids.length, 22);
  assert.deepEqual(ids, ids.toSorted());
  for (const TemplateId of ids) {
    const { AllowProfileCreation, Fields, Keys } = await client.send(
      new GetProfileObjectTypeTemplateCommand({ TemplateId }),
    );
    await client.send(
      new PutProfileObjectTypeCommand({
        DomainName,
        ObjectTypeName: `My-${TemplateId}`,
        Description: "x",
        AllowProfileCreation,
        Fields,
        Keys,
      }),
    );
  }
  await assert.rejects(
    client.send(new GetProfileObjectTypeTemplateCommand({ TemplateId: "Nothing" })),
    refused("ResourceNotFoundException", "Object type template Nothing does not exist"),
  );
});

test("a template is an object type as soon as it is used", async () => {
  const DomainName = await createDomain("implicit");
  const ObjectTypeName = "Zendesk-users";
  await assert.rejects(
    client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName })),
    refused("ResourceNotFoundException", "Object type Zendesk-users does not exist"),
  );
  const user = JSON.stringify({ id: 35436, email: "ina@example.com" });
  await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName, Object: user }));
  const { Items } = await client.send(new ListProfileObjectTypesCommand({ DomainName }));
  assert.deepEqual(
    Items?.map((item) => item.ObjectTypeName),
    [ObjectTypeName],
  );
  const got = await client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName }));
  assert.equal(got.TemplateId, ObjectTypeName);
  assert.ok(got.CreatedAt && got.CreatedAt.getTime() > 0);
  await client.send(new DeleteProfileObjectTypeCommand({ DomainName, ObjectTypeName }));
  assert.deepEqual((await client.send(new ListProfileObjectTypesCommand({ DomainName }))).Items, []);
});

test("the quota of object types holds where limits are enforced", async () => {
  const limited = await startTrunkline("--enforce-limits", "--limit", "customer-profiles.object-types-per-domain=2");
  const its = new CustomerProfilesClient(limited.client);
  const DomainName = "limited";
  await its.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 1 }));
  const put = (ObjectTypeName: string) =>
    its.send(new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName, ...SCAN }));
  await put("A");
  await put("B");
  await assert.rejects(put("C"), refused("BadRequestException", "Limit exceeded: object types per domain"));
  await put("B");
});

test("domains and what lies in them can be tagged, by ARNs that are encoded in the path", async () => {
  const DomainName = await createDomain("tagged");
  await client.send(
    new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "ParcelScan", ...SCAN, Tags: { team: "crm" } }),
  );
  await client.send(
    new CreateCalculatedAttributeDefinitionCommand({
      DomainName,
      CalculatedAttributeName: "scans",
      AttributeDetails: { Attributes: [{ Name: "scan.id" }], Expression: "{ParcelScan.scan.id}" },
      Statistic: "COUNT",
    }),
  );
  const Uri = await createStream(new KinesisClient(server.client), DomainName);
  await client.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri }));
  const ObjectAttributes = [{ Source: "depot", ComparisonOperator: "INCLUSIVE" as const, Values: ["Bremen 2"] }];
  await client.send(
    new CreateEventTriggerCommand({
      DomainName,
      EventTriggerName: "depot",
      ObjectTypeName: "ParcelScan",
      EventTriggerConditions: [{ EventTriggerDimensions: [{ ObjectAttributes }], LogicalOperator: "ALL" }],
    }),
  );
  const RoleArn = "arn:aws:iam::000000000000:role/triggers";
  await client.send(new PutIntegrationCommand({ DomainName, Uri, EventTriggerNames: ["depot"], RoleArn }));
  const Gender = { DimensionType: "INCLUSIVE" as const, Values: ["f"] };
  await client.send(
    new CreateSegmentDefinitionCommand({
      DomainName,
      SegmentDefinitionName: "women",
      DisplayName: "Women",
      SegmentGroups: { Groups: [{ Dimensions: [{ ProfileAttributes: { GenderString: Gender } }] }] },
    }),
  );
  const domain = `arn:aws:profile:us-east-1:000000000000:domains/${DomainName}`;
  const resources = [
    "",
    "/object-types/ParcelScan",
    "/calculated-attributes/scans",
    "/event-streams/changes",
    "/event-triggers/depot",
    "/segment-definitions/women",
    `/integrations/${Uri}`,
  ];
  for (const resource of resources) {
    const resourceArn = domain + resource;
    const tagsOf = async () => (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags ?? {};
    const before = await tagsOf();
    await client.send(new TagResourceCommand({ resourceArn, tags: { stage: "test", "a+b=c:d": "" } }));
    assert.deepEqual(await tagsOf(), { ...before, stage: "test", "a+b=c:d": "" });
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["stage", "never"] }));
    assert.deepEqual(await tagsOf(), { ...before, "a+b=c:d": "" });

    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, "v"]));
    await assert.rejects(
      client.send(new TagResourceCommand({ resourceArn, tags: many })),
      refused("BadRequestException", "A resource may have at most 50 tags"),
    );
    await assert.rejects(
      client.send(new TagResourceCommand({ resourceArn, tags: { "aws:x": "v" } })),
      refused("BadRequestException", /tags/),
    );
    assert.deepEqual(await tagsOf(), { ...before, "a+b=c:d": "" });
  }
  const got = await client.send(new GetProfileObjectTypeCommand({ DomainName, ObjectTypeName: "ParcelScan" }));
  assert.deepEqual(got.Tags, { team: "crm", "a+b=c:d": "" });
});

test("an ARN that a proxy has decoded is the same ARN", async () => {
  const DomainName = await createDomain("decoded");
  await client.send(
    new PutProfileObjectTypeCommand({ DomainName, ObjectTypeName: "T", ...SCAN, Tags: { team: "crm" } }),
  );
  const path = `/tags/arn:aws:profile:us-east-1:000000000000:domains/${DomainName}/object-types/T`;
  const { status, body } = await sendSigned(server.url, { service: "profile", method: "GET", path });
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(String(body)), { tags: { team: "crm" } });
});

test("tags of what is not there, or is another's, are not found", async () => {
  const DomainName = await createDomain("untagged");
  const own = "arn:aws:profile:us-east-1:000000000000:domains";
  const arns = [
    `${own}/nowhere`,
    `${own}/${DomainName}/object-types/Nothing`,
    `${own}/${DomainName}/event-streams/none`,
    `${own}/${DomainName}/unheard-of/x`,
    `arn:aws:profile:eu-west-1:000000000000:domains/${DomainName}`,
    `arn:aws:profile:us-east-1:111122223333:domains/${DomainName}`,
    "arn:aws:profile",
  ];
  for (const resourceArn of arns) {
    const missing = refused("ResourceNotFoundException", `Resource ${resourceArn} does not exist`);
    await assert.rejects(client.send(new ListTagsForResourceCommand({ resourceArn })), missing);
    await assert.rejects(client.send(new TagResourceCommand({ resourceArn, tags: { a: "b" } })), missing);
    await assert.rejects(client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a"] })), missing);
  }
});

test("a mapping is proposed for sample objects, and can be put as it is", async () => {
  const DomainName = await createDomain("detected");
  const detect = (...objects: readonly string[]) =>
    client.send(new DetectProfileObjectTypeCommand({ DomainName, Objects: [...objects] }));
  const sample = JSON.stringify({ ticket: { id: "t-1" }, user: { email: "ina@example.com", city: "Bremen" } });
  const [detected] = (await detect(sample)).DetectedProfileObjectTypes ?? [];
  assert.deepEqual(detected?.Keys?._email, [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["user_email"] }]);
  const type = {
    DomainName,
    ObjectTypeName: "Ticket",
    Description: "Tickets",
    AllowProfileCreation: true,
    ...detected,
  };
  await client.send(new PutProfileObjectTypeCommand(type));
  await client.send(new PutProfileObjectCommand({ DomainName, ObjectTypeName: "Ticket", Object: sample }));
  const found = await client.send(
    new SearchProfilesCommand({ DomainName, KeyName: "_email", Values: ["INA@example.com"] }),
  );
  assert.equal(found.Items?.[0]?.Address?.City, "Bremen");

  assert.deepEqual((await detect('{"colour":"red"}')).DetectedProfileObjectTypes, []);
  const unread = refused("BadRequestException", "Could not parse object string into JSON");
  for (const text of ["{", "[]", "1", `{"a":${"[".repeat(2000)}${"]".repeat(2000)}}`]) {
    await assert.rejects(detect(sample, text), unread);
  }
  await assert.rejects(
    detect(...Array.from({ length: 6 }, () => sample)),
    refused("BadRequestException", /'objects'.*Member must have length less than or equal to 5/),
  );
  const wide = Object.fromEntries(Array.from({ length: 121 }, (_, index) => [`a${index}`, index]));
  await assert.rejects(
    detect(sample, JSON.stringify(wide)),
    refused("BadRequestException", "Objects[1]: at most 120 attributes are allowed"),
  );
});
