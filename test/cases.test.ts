/** Cases: what is created, read, changed and deleted, what is refused, and what is told and written down of it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  CreateCaseCommand,
  type CreateCaseCommandInput,
  CreateFieldCommand,
  DeleteCaseCommand,
  DeleteFieldCommand,
  GetCaseAuditEventsCommand,
  GetCaseCommand,
  UpdateCaseCommand,
  UpdateRelatedItemCommand,
} from "@aws-sdk/client-connectcases";
import { CreateDomainCommand, CreateProfileCommand, CustomerProfilesClient } from "@aws-sdk/client-customer-profiles";
import { auditEntries } from "../src/services/cases/audit.ts";
import { relatedItems } from "../src/services/cases/related-item.ts";
import { compositeKey } from "../src/store/store.ts";
import { audited, comment, EMPTY, listOf, openCases, relate, text } from "./cases-world.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

test("a case is created, read, changed and deleted", async () => {
  const { cases, domainId, domainArn, templateId, custom, create, update, values } = await openCases(server);
  const given = {
    title: text("Kettle arrived cracked"),
    [custom.Text]: text("a\nb"),
    [custom.Number]: { doubleValue: 49.5 },
    [custom.Boolean]: { booleanValue: false },
    [custom.DateTime]: text("2026-02-11T09:59:02.0041+01:00"),
    [custom.SingleSelect]: text("gold"),
    [custom.Url]: text("https://example.com/a?b"),
    [custom.User]: { userArnValue: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" },
  };
  const made = await cases.send(
    new CreateCaseCommand({
      domainId,
      templateId,
      fields: listOf(given),
      performedBy: { customEntity: "claims-bot" },
      tags: { priority: "p2" },
    }),
  );
  const caseId = made.caseId ?? "";
  assert.equal(made.caseArn, `${domainArn}/case/${caseId}`);
  const { reference_number, created_datetime, ...stored } = await values(caseId);
  assert.match(reference_number?.stringValue ?? "", /^[A-Z0-9]{9}$/);
  assert.deepEqual(stored, {
    ...given,
    [custom.DateTime]: text("2026-02-11T08:59:02.004Z"),
    case_id: text(caseId),
    status: text("open"),
    created_by: { userArnValue: "claims-bot" },
    last_updated_user: { userArnValue: "claims-bot" },
    last_updated_datetime: created_datetime,
  });
  const shown = await cases.send(
    new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }, { id: "summary" }] }),
  );
  assert.partialDeepStrictEqual(shown, {
    templateId,
    fields: listOf({ title: given.title }),
    tags: { priority: "p2" },
  });

  await update(caseId, { [custom.Number]: EMPTY, summary: text("It leaks"), title: given.title });
  assert.deepEqual(await values(caseId, [custom.Number, "summary", "title"]), {
    summary: text("It leaks"),
    title: given.title,
  });
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
  for (const command of [
    new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }] }),
    new UpdateCaseCommand({ domainId, caseId, fields: [] }),
    new DeleteCaseCommand({ domainId, caseId }),
    new GetCaseAuditEventsCommand({ domainId, caseId }),
  ]) {
    await assert.rejects(cases.send(command as GetCaseCommand), {
      name: "ResourceNotFoundException",
      resourceType: "Case",
      resourceId: caseId,
    });
  }
  assert.notEqual(await create(), caseId);
});

test("closing and reopening stamp their times, and what was closed once stays so", async () => {
  const { create, update, values } = await openCases(server);
  const caseId = await create();
  const times = ["last_closed_datetime", "last_reopened_datetime", "last_updated_datetime"];
  await update(caseId, { status: text("closed") });
  const closed = await values(caseId, times);
  assert.deepEqual(closed, {
    last_closed_datetime: closed.last_updated_datetime,
    last_updated_datetime: closed.last_updated_datetime,
  });
  await server.advance("PT1H");
  await update(caseId, { status: text("waiting") });
  const reopened = await values(caseId, times);
  assert.deepEqual(reopened.last_closed_datetime, closed.last_closed_datetime);
  assert.deepEqual(reopened.last_reopened_datetime, reopened.last_updated_datetime);
  await server.advance("PT1H");
  await update(caseId, { status: text("closed") });
  const again = await values(caseId, times);
  assert.deepEqual(again.last_closed_datetime, again.last_updated_datetime);
  assert.deepEqual(again.last_reopened_datetime, reopened.last_reopened_datetime);
});

test("what a case cannot have is refused, and neither changed nor told", async () => {
  const { cases, domainId, templateId, custom, create, update, values, told, template } = await openCases(server);
  const caseId = await create();
  const before = await values(caseId);
  const inactive = await template({ status: "Inactive" as const });
  const needing = await template({ requiredFields: ["customer_id", custom.Text].map((fieldId) => ({ fieldId })) });
  const refusals: readonly (readonly [
    message: RegExp,
    fields: Record<string, object>,
    more?: Partial<CreateCaseCommandInput>,
  ])[] = [
    [/title must/, { title: EMPTY }],
    [/title must/, { title: text("") }],
    [/customer_id, .* must have a value/, {}, { templateId: needing }],
    [/inactive/, {}, { templateId: inactive }],
    [/nothing does not exist/, { nothing: text("x") }],
    [/is of type Number: its value must be a doubleValue/, { [custom.Number]: text("1") }],
    [/is of type Boolean/, { [custom.Boolean]: { doubleValue: 1 } }],
    [/is of type User/, { [custom.User]: text("arn:aws:connect:us-east-1:000000000000:instance/i/agent/u") }],
    [/not the ARN of a user/, { [custom.User]: { userArnValue: "ada" } }],
    [/RFC 3339/, { [custom.DateTime]: text("2026-02-11") }],
    [/RFC 3339/, { [custom.DateTime]: text("2026-02-30T00:00:00Z") }],
    [/no option green/, { [custom.SingleSelect]: text("green") }],
    [/http or https/, { [custom.Url]: text("ftp://example.com") }],
    [/http or https/, { [custom.Url]: text("example.com") }],
    [/http or https/, { [custom.Url]: text("https://example.com/\n") }],
    [/http or https/, { [custom.Url]: text("https://exa\tmple.com/") }],
    [/filled by the service/, { case_id: text("x") }],
    [/filled by the service/, { created_datetime: text("2026-02-11T00:00:00Z") }],
    [/at most 3000/, { summary: text("x".repeat(3_001)) }],
    [/no option elsewhere/, { status: text("elsewhere") }],
    [/not the ARN of a profile/, { customer_id: text("ada") }],
    [
      /user .* does not exist/,
      {},
      { performedBy: { userArn: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" } },
    ],
  ];
  for (const [message, fields, more] of refusals) {
    await assert.rejects(create(fields as never, more), { name: "ValidationException", message }, String(message));
    if (more || "title" in fields) continue;
    await assert.rejects(update(caseId, fields as never), { name: "ValidationException", message }, String(message));
  }
  const twice = [...listOf({ title: text("a") }), ...listOf({ title: text("b") })];
  await assert.rejects(cases.send(new CreateCaseCommand({ domainId, templateId, fields: twice })), /more than once/);
  await assert.rejects(update(caseId, { title: EMPTY }), /title must keep a value/);
  await assert.rejects(update(caseId, { status: EMPTY }), /status must keep a value/);
  await assert.rejects(update(caseId, { reference_number: text("x") }), /cannot be changed/);
  await assert.rejects(create({}, { templateId: "none" }), {
    name: "ResourceNotFoundException",
    resourceType: "Template",
  });
  await assert.rejects(create({}, { domainId: "none" }), { name: "ResourceNotFoundException", resourceType: "Domain" });
  assert.deepEqual(await values(caseId), before);
  assert.equal((await told()).length, 1);
});

test("the same client token creates a case once in a day; with another request it is refused", async () => {
  const { cases, domainId, templateId, told } = await openCases(server);
  const fields = listOf({ title: text("a"), summary: text("b") });
  const input = { domainId, templateId, fields, clientToken: "t-1" };
  const made = await cases.send(new CreateCaseCommand(input));
  const again = await cases.send(new CreateCaseCommand({ ...input, fields: fields.map((field) => ({ ...field })) }));
  assert.deepEqual([again.caseId, again.caseArn], [made.caseId, made.caseArn]);
  const other = { ...input, fields: listOf({ title: text("other") }) };
  await assert.rejects(cases.send(new CreateCaseCommand(other)), { name: "ConflictException" });
  assert.equal((await told()).length, 1);
  await server.advance("PT23H59M");
  assert.equal((await cases.send(new CreateCaseCommand(input))).caseId, made.caseId);
  await server.advance("PT1M");
  assert.notEqual((await cases.send(new CreateCaseCommand(other))).caseId, made.caseId);
});

test("a reference number is one case's alone, in whatever case it is written, until that is deleted", async () => {
  const { cases, domainId, create, values } = await openCases(server);
  const caseId = await create({ reference_number: text("Order-17") });
  assert.deepEqual(await values(caseId, ["reference_number"]), { reference_number: text("Order-17") });
  const taken = { name: "ConflictException", message: /reference_number/ };
  await assert.rejects(create({ reference_number: text("ORDER-17") }), taken);
  const [done, refused] = await Promise.allSettled([
    create({ reference_number: text("at-once") }),
    create({ reference_number: text("AT-ONCE") }),
  ]).then((results) => results.toSorted((one) => (one.status === "fulfilled" ? -1 : 1)));
  assert.deepEqual([done?.status, refused?.status], ["fulfilled", "rejected"]);
  const elsewhere = await openCases(server);
  await elsewhere.create({ reference_number: text("Order-17") });
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
  await create({ reference_number: text("order-17") });
});

test("a customer is a profile that is there, where its domain is hosted here", async () => {
  const { create, values, update } = await openCases(server);
  const profiles = new CustomerProfilesClient(server.client);
  after(() => profiles.destroy());
  await profiles.send(new CreateDomainCommand({ DomainName: "customers", DefaultExpirationDays: 366 }));
  const { ProfileId } = await profiles.send(new CreateProfileCommand({ DomainName: "customers", FirstName: "Ina" }));
  const arn = (domain: string, profile: string | undefined, account = "000000000000") =>
    text(`arn:aws:profile:us-east-1:${account}:domains/${domain}/profiles/${profile}`);
  const ina = arn("customers", ProfileId);
  const caseId = await create({ customer_id: ina });
  assert.deepEqual(await values(caseId, ["customer_id"]), { customer_id: ina });
  const missing = { name: "ValidationException", message: /profile .* does not exist/ };
  await assert.rejects(create({ customer_id: arn("customers", "nobody") }), missing);
  await assert.rejects(update(caseId, { customer_id: arn("customers", "nobody") }), missing);
  // Of these nothing is known here.
  await create({ customer_id: arn("somewhere", "nobody") });
  await create({ customer_id: arn("customers", "nobody", "111122223333") });
  await assert.rejects(create({ customer_id: text("arn:aws:profile:us-east-1:000000000000:domains/customers") }), {
    message: /not the ARN of a profile/,
  });
});

test("users who act are users that are there, by either form of their ARN", async () => {
  const { create, values, update } = await openCases(server);
  const centre = await openCentre(server);
  after(() => centre.connect.destroy());
  const userId = await centre.agent("ada", { isOffline: true });
  const userArn = `arn:aws:connect:us-east-1:000000000000:instance/${centre.InstanceId}/agent/${userId}`;
  const caseId = await create({}, { performedBy: { userArn } });
  const other = userArn.replace("/agent/", "/user/");
  await update(caseId, { title: text("changed") }, { userArn: other });
  assert.deepEqual(await values(caseId, ["created_by", "last_updated_user"]), {
    created_by: { userArnValue: userArn },
    last_updated_user: { userArnValue: other },
  });
  const nobody = { userArn: userArn.replace(userId, "nobody") };
  await assert.rejects(update(caseId, { title: text("again") }, nobody), { name: "ValidationException" });
});

test("tags of the template go to its cases, and the caller's win", async () => {
  const { cases, domainId, template, create } = await openCases(server);
  const tagMap = { line: "parcel", priority: "p3" };
  const tagging = { tagPropagationConfigurations: [{ resourceType: "Cases" as const, tagMap }] };
  const caseId = await create({}, { templateId: await template(tagging), tags: { priority: "p1" } });
  const { tags } = await cases.send(new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }] }));
  assert.deepEqual(tags, { line: "parcel", priority: "p1" });
  const many = Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`t${at}`, ""]));
  await assert.rejects(create({}, { templateId: await template(tagging), tags: many }), /at most 50 tags/);
  const plain = await cases.send(new GetCaseCommand({ domainId, caseId: await create(), fields: [{ id: "title" }] }));
  assert.deepEqual(plain.tags, {});
});

test("a deleted field is kept by the cases that have it, and given to no other", async () => {
  const { cases, domainId, custom, create, update, values } = await openCases(server);
  const [having, lacking] = [await create({ [custom.Text]: text("kept") }), await create()];
  await cases.send(new DeleteFieldCommand({ domainId, fieldId: custom.Text }));
  assert.deepEqual(await values(having, [custom.Text]), { [custom.Text]: text("kept") });
  const deleted = { name: "ValidationException", message: new RegExp(`${custom.Text} is deleted`) };
  await assert.rejects(create({ [custom.Text]: text("x") }), deleted);
  await assert.rejects(update(lacking, { [custom.Text]: text("x") }), deleted);
  await update(having, { [custom.Text]: text("changed") });
  assert.deepEqual(await values(having, [custom.Text]), { [custom.Text]: text("changed") });
  await update(having, { [custom.Text]: EMPTY });
  assert.deepEqual(await values(having, [custom.Text]), {});
  await assert.rejects(update(having, { [custom.Text]: text("again") }), deleted);
});

test("an option that is switched off stays where it is, and cannot be chosen", async () => {
  const { custom, option, create, update, values } = await openCases(server);
  const [having, lacking] = [await create({ [custom.SingleSelect]: text("gold") }), await create()];
  await option(custom.SingleSelect, "gold", false);
  const inactive = { name: "ValidationException", message: /option gold is inactive/ };
  await assert.rejects(create({ [custom.SingleSelect]: text("gold") }), inactive);
  await assert.rejects(update(lacking, { [custom.SingleSelect]: text("gold") }), inactive);
  await update(having, { [custom.SingleSelect]: text("gold"), title: text("changed") });
  assert.deepEqual(await values(having, [custom.SingleSelect]), { [custom.SingleSelect]: text("gold") });
});

test("the audit history tells the newest first, page by page, with old and new values; what changed nothing is not in it", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, update, custom } = world;
  const caseId = await create({}, { performedBy: { customEntity: "bot" } });
  for (let at = 0; at < 30; at++) await update(caseId, { [custom.Number]: { doubleValue: at } });
  await update(caseId, { [custom.Number]: { doubleValue: 29 } });
  await update(caseId, {});
  const first = await cases.send(new GetCaseAuditEventsCommand({ domainId, caseId }));
  assert.equal(first.auditEvents?.length, 25);
  const entries = await audited(world, caseId);
  assert.equal(entries.length, 31);
  const numbers = entries.map(({ fields }) => fields.find(({ eventFieldId }) => eventFieldId === custom.Number));
  assert.deepEqual(
    numbers.map((field) => field?.newValue?.doubleValue),
    [...Array.from({ length: 30 }, (_, at) => 29 - at), undefined],
  );
  assert.deepEqual(numbers[0]?.oldValue, { doubleValue: 28 });
  assert.equal(numbers[29]?.oldValue, undefined);
  const times = entries.map(({ performedTime }) => performedTime?.getTime() ?? 0);
  assert.ok(times.every((time, at) => at === 0 || time < (times[at - 1] ?? 0)));
  assert.deepEqual(entries.at(-1)?.performedBy, {
    user: { customEntity: "bot" },
    iamPrincipalArn: "arn:aws:iam::000000000000:root",
  });
  const other = await create();
  await assert.rejects(
    cases.send(new GetCaseAuditEventsCommand({ domainId, caseId: other, nextToken: first.nextToken })),
    {
      name: "ValidationException",
      message: /nextToken/,
    },
  );
  await assert.rejects(cases.send(new GetCaseAuditEventsCommand({ domainId, caseId, maxResults: 26 })), {
    name: "ValidationException",
  });
});

test("a case with very much is gone at once, and what belonged to it goes in steps", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, told } = world;
  const caseId = await create();
  for (let at = 0; at < 120; at++) await relate(world, caseId, comment(`${at}`));
  const before = (await told()).length;
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
  await server.advance("PT0S");
  const { store } = server.app.platform();
  const range = { prefix: compositeKey(domainId, caseId, ""), limit: 1 };
  assert.deepEqual((await store.list(relatedItems, range)).documents, []);
  assert.deepEqual((await store.list(auditEntries, range)).documents, []);
  const events = (await told()).slice(before).map(({ detail }) => detail.eventType);
  assert.deepEqual(events, ["CASE.DELETED"]);
});

test("fields that are not asked for, or are of another domain, are not shown", async () => {
  const { cases, domainId, create, custom } = await openCases(server);
  const other = await openCases(server);
  const caseId = await create({ [custom.Text]: text("x") });
  const get = (id: string, domain = domainId) =>
    cases.send(new GetCaseCommand({ domainId: domain, caseId, fields: [{ id }, { id }] }));
  assert.deepEqual((await get(custom.Text)).fields, listOf({ [custom.Text]: text("x") }));
  assert.deepEqual((await get("summary")).fields, []);
  await assert.rejects(get(other.custom.Text), { name: "ValidationException", message: /does not exist/ });
  await assert.rejects(get("title", other.domainId), { name: "ResourceNotFoundException", resourceType: "Case" });
});

test("texts have as many characters as the model counts, whatever these are", async () => {
  const { cases, domainId, create, update, values } = await openCases(server);
  const attributes = { text: { isMultiline: false } };
  const field = { domainId, name: "Line", type: "Text", attributes } as const;
  const { fieldId: line = "" } = await cases.send(new CreateFieldCommand(field));
  const caseId = await create({ [line]: text("😀".repeat(500)), summary: text("😀".repeat(3_000)) });
  assert.equal((await values(caseId, [line]))[line]?.stringValue, "😀".repeat(500));
  const tooLong = { name: "ValidationException", message: /at most 500 characters/ };
  await assert.rejects(update(caseId, { [line]: text("😀".repeat(501)) }), tooLong);
});

test("the audit history loses none of its large entries, and cuts no character in two", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, custom } = world;
  const caseId = await create();
  // Each entry has both texts: some 180 KB.
  const body = (at: number) => `${at}${"\u0001".repeat(4_098)}${"😀".repeat(10_000)}`;
  const relatedItemId = await relate(world, caseId, comment(body(0)));
  const of = { domainId, caseId, relatedItemId };
  for (let at = 1; at < 10; at++) {
    const content = { comment: { body: body(at), contentType: "Text/Plain" } } as const;
    await cases.send(new UpdateRelatedItemCommand({ ...of, content }));
  }
  const entries = await audited(world, caseId);
  assert.deepEqual(
    entries.map(({ type }) => type),
    [...Array.from({ length: 9 }, () => "RelatedItem.Updated"), "RelatedItem.Created", "Case.Created"],
  );
  assert.equal(new Set(entries.map(({ eventId }) => eventId)).size, entries.length);
  const told = entries[0]?.fields[0]?.newValue?.stringValue ?? "";
  assert.equal(told, `9${"\u0001".repeat(4_098)}😀`);

  const user = { userArnValue: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" };
  await relate(world, caseId, { custom: { fields: listOf({ [custom.User]: user }) } });
  assert.deepEqual((await audited(world, caseId))[0]?.fields[0]?.newValue, user);
});
