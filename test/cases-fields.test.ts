/** Domains of Cases, their fields and options, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchGetFieldCommand,
  BatchPutFieldOptionsCommand,
  ConnectCasesClient,
  CreateDomainCommand,
  CreateFieldCommand,
  DeleteDomainCommand,
  DeleteFieldCommand,
  type FieldType,
  GetDomainCommand,
  ListDomainsCommand,
  ListFieldOptionsCommand,
  ListFieldsCommand,
  ResourceNotFoundException,
  UpdateFieldCommand,
} from "@aws-sdk/client-connectcases";
import { domains } from "../src/services/cases/domain.ts";
import { fieldOptions, fields, SYSTEM_FIELDS } from "../src/services/cases/field.ts";
import type { Collection } from "../src/store/store.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const client = new ConnectCasesClient(server.client);

const refused = (name: string, message: RegExp | string) => (error: Error) => {
  assert.equal(error.name, name);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

async function createDomain(name: string): Promise<string> {
  return (await client.send(new CreateDomainCommand({ name }))).domainId ?? "";
}

async function createField(domainId: string, name: string, type: FieldType = "Text"): Promise<string> {
  return (await client.send(new CreateFieldCommand({ domainId, name, type }))).fieldId ?? "";
}

/** All items of a list, page by page. */
async function allPages<T>(
  list: (nextToken: string | undefined) => Promise<{ items: T[] | undefined; nextToken: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await list(nextToken);
    all.push(...(page.items ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return all;
}

test("a domain can be used at once, and its name is its own in the account and Region", async () => {
  const created = await client.send(new CreateDomainCommand({ name: "claims" }));
  assert.equal(created.domainStatus, "Active");
  assert.equal(created.domainArn, `arn:aws:cases:us-east-1:000000000000:domain/${created.domainId}`);
  const { domainId } = created;
  const { $metadata: _, createdTime, ...got } = await client.send(new GetDomainCommand({ domainId }));
  assert.deepEqual(got, { domainId, domainArn: created.domainArn, name: "claims", domainStatus: "Active", tags: {} });
  assert.equal(createdTime?.getTime(), server.app.platform().clock.now());
  await assert.rejects(
    client.send(new CreateDomainCommand({ name: "claims" })),
    refused("ConflictException", "Domain claims already exists"),
  );
  const elsewhere = new ConnectCasesClient(server.clientOf("test", "eu-west-1"));
  await elsewhere.send(new CreateDomainCommand({ name: "claims" }));
  await new ConnectCasesClient(server.clientOf("other")).send(new CreateDomainCommand({ name: "claims" }));
  await assert.rejects(elsewhere.send(new GetDomainCommand({ domainId })), refused("ResourceNotFoundException", /./));
});

test("what is not there is told with its id and its type", async () => {
  const domainId = await createDomain("errors");
  const missing = (error: Error, resourceType: string) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.deepEqual([error.resourceId, error.resourceType], ["nothing", resourceType]);
    return true;
  };
  await assert.rejects(client.send(new GetDomainCommand({ domainId: "nothing" })), (error: Error) =>
    missing(error, "Domain"),
  );
  await assert.rejects(client.send(new DeleteFieldCommand({ domainId, fieldId: "nothing" })), (error: Error) =>
    missing(error, "Field"),
  );
});

test("domains are listed by their names, by pages of at most ten", async () => {
  const account = new ConnectCasesClient(server.clientOf("test", "ap-south-1"));
  const names = Array.from({ length: 12 }, (_, at) => `d-${String(at).padStart(2, "0")}`);
  for (const name of [...names].reverse()) await account.send(new CreateDomainCommand({ name }));
  const first = await account.send(new ListDomainsCommand({}));
  assert.equal(first.domains?.length, 10);
  const listed = await allPages(async (nextToken) => {
    const page = await account.send(new ListDomainsCommand({ maxResults: 5, nextToken }));
    return { items: page.domains, nextToken: page.nextToken };
  });
  assert.deepEqual(
    listed.map(({ name }) => name),
    names,
  );
  const theirs = new ListDomainsCommand({ nextToken: first.nextToken });
  await assert.rejects(client.send(theirs), refused("ValidationException", /^nextToken: /));
});

test("a new domain has the system's fields, and the two options of a status", async () => {
  const domainId = await createDomain("new");
  const { fields: listed } = await client.send(new ListFieldsCommand({ domainId }));
  assert.deepEqual(
    listed?.map(({ fieldId, name, type, namespace }) => [fieldId, name, type, namespace]),
    SYSTEM_FIELDS.map(({ id, name, type }) => [id, name, type, "System"]),
  );
  assert.match(listed?.find(({ fieldId }) => fieldId === "status")?.fieldArn ?? "", /:domain\/[^/]+\/field\/status$/);
  const { options } = await client.send(new ListFieldOptionsCommand({ domainId, fieldId: "status" }));
  assert.deepEqual(options, [
    { name: "Closed", value: "closed", active: true },
    { name: "Open", value: "open", active: true },
  ]);
});

test("fields are listed by pages, those of the system first, then as they were created", async () => {
  const domainId = await createDomain("listed");
  for (const name of ["Zebra", "Ape", "Cat"]) await createField(domainId, name);
  const all = await allPages(async (nextToken) => {
    const page = await client.send(new ListFieldsCommand({ domainId, maxResults: 4, nextToken }));
    return { items: page.fields, nextToken: page.nextToken };
  });
  const names = all.map(({ name }) => name);
  assert.deepEqual(names.slice(SYSTEM_FIELDS.length), ["Zebra", "Ape", "Cat"]);
  assert.equal(new Set(names).size, SYSTEM_FIELDS.length + 3);
  const { nextToken } = await client.send(new ListFieldsCommand({ domainId, maxResults: 4 }));
  const other = new ListFieldsCommand({ domainId: await createDomain("other list"), nextToken });
  await assert.rejects(client.send(other), refused("ValidationException", /^nextToken: /));
});

test("fields are got in the order that is asked for, and the unknown are told apart", async () => {
  const domainId = await createDomain("got");
  const { fieldId, fieldArn } = await client.send(
    new CreateFieldCommand({
      domainId,
      name: "Remark",
      type: "Text",
      description: "what else",
      attributes: { text: { isMultiline: true } },
    }),
  );
  const answer = await client.send(
    new BatchGetFieldCommand({ domainId, fields: [{ id: fieldId }, { id: "nothing" }, { id: "title" }] }),
  );
  const now = new Date(server.app.platform().clock.now());
  assert.deepEqual(answer.fields?.[0], {
    fieldId,
    fieldArn,
    name: "Remark",
    description: "what else",
    type: "Text",
    namespace: "Custom",
    attributes: { text: { isMultiline: true } },
    deleted: false,
    createdTime: now,
    lastModifiedTime: now,
    tags: {},
  });
  assert.equal(answer.fields?.[1]?.namespace, "System");
  assert.deepEqual(answer.errors, [
    { id: "nothing", errorCode: "ResourceNotFoundException", message: "Field nothing was not found" },
  ]);
  const many = Array.from({ length: 51 }, () => ({ id: "title" }));
  await assert.rejects(
    client.send(new BatchGetFieldCommand({ domainId, fields: many })),
    refused("ValidationException", /50/),
  );
});

test("an update keeps what it does not name", async () => {
  const domainId = await createDomain("updated");
  const fieldId = await createField(domainId, "Amount", "Number");
  const other = await createField(domainId, "Remark");
  const get = async () => (await client.send(new BatchGetFieldCommand({ domainId, fields: [{ id: fieldId }] }))).fields;
  await server.advance("PT1M");
  await client.send(new UpdateFieldCommand({ domainId, fieldId, description: "of the claim" }));
  const [changed] = (await get()) ?? [];
  assert.deepEqual([changed?.name, changed?.description], ["Amount", "of the claim"]);
  assert.equal(Number(changed?.lastModifiedTime) - Number(changed?.createdTime), 60_000);

  await assert.rejects(
    client.send(new UpdateFieldCommand({ domainId, fieldId, name: "Remark" })),
    refused("ConflictException", "Field Remark already exists"),
  );
  await assert.rejects(createField(domainId, "Title"), refused("ConflictException", "Field Title already exists"));
  const attributes = { text: { isMultiline: true } };
  const notText = refused("ValidationException", "attributes: text is of fields of type Text, not of Number");
  await assert.rejects(client.send(new UpdateFieldCommand({ domainId, fieldId, attributes })), notText);
  await assert.rejects(
    client.send(new CreateFieldCommand({ domainId, name: "x", type: "Number", attributes })),
    notText,
  );
  await client.send(new UpdateFieldCommand({ domainId, fieldId: other, attributes }));
  const system = refused("ValidationException", "Field title is the system's and cannot be changed");
  await assert.rejects(client.send(new UpdateFieldCommand({ domainId, fieldId: "title", name: "x" })), system);
  await assert.rejects(client.send(new DeleteFieldCommand({ domainId, fieldId: "title" })), system);
});

test("a deleted field is still there to look at, but can be used no more, and its name is free", async () => {
  const domainId = await createDomain("deleted");
  const fieldId = await createField(domainId, "Depot", "SingleSelect");
  const options = [{ name: "Kiel", value: "kiel", active: true }];
  await client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options }));
  await client.send(new DeleteFieldCommand({ domainId, fieldId }));
  const { fields: got } = await client.send(new BatchGetFieldCommand({ domainId, fields: [{ id: fieldId }] }));
  assert.equal(got?.[0]?.deleted, true);
  const { fields: listed } = await client.send(new ListFieldsCommand({ domainId }));
  assert.ok(!listed?.some((field) => field.fieldId === fieldId));
  const gone = refused("ValidationException", `Field ${fieldId} is deleted`);
  await assert.rejects(client.send(new UpdateFieldCommand({ domainId, fieldId, name: "x" })), gone);
  await assert.rejects(client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options })), gone);
  await assert.rejects(client.send(new DeleteFieldCommand({ domainId, fieldId })), gone);
  assert.deepEqual((await client.send(new ListFieldOptionsCommand({ domainId, fieldId }))).options, options);
  assert.notEqual(await createField(domainId, "Depot"), fieldId);
});

test("options are put and changed by their values, and what is wrong with one is told of it alone", async () => {
  const domainId = await createDomain("options");
  const fieldId = await createField(domainId, "Depot", "SingleSelect");
  const put = async (...options: [name: string, value: string, active?: boolean][]) => {
    const sent = options.map(([name, value, active = true]) => ({ name, value, active }));
    return (await client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options: sent }))).errors;
  };
  const errors = await put(["Kiel", "kiel"], ["bremen", "bremen"], ["Aachen", "a c"], ["Rom", "kiel"]);
  assert.deepEqual(errors, [
    {
      value: "a c",
      errorCode: "ValidationException",
      message: "Option a c has a value of other characters than letters, digits, - and _",
    },
    { value: "kiel", errorCode: "ValidationException", message: "Option kiel is sent twice" },
  ]);
  assert.deepEqual(await put(["Zandvoort", "kiel", false], ["Aachen", "aachen"]), []);
  const list = (values?: string[]) => client.send(new ListFieldOptionsCommand({ domainId, fieldId, values }));
  assert.deepEqual((await list()).options, [
    { name: "Aachen", value: "aachen", active: true },
    { name: "bremen", value: "bremen", active: true },
    { name: "Zandvoort", value: "kiel", active: false },
  ]);
  assert.deepEqual(
    (await list(["bremen"])).options?.map(({ value }) => value),
    ["bremen"],
  );
  assert.deepEqual((await list(["nothing"])).options, []);
  const pages = await allPages(async (nextToken) => {
    const page = await client.send(new ListFieldOptionsCommand({ domainId, fieldId, maxResults: 2, nextToken }));
    return { items: page.options, nextToken: page.nextToken };
  });
  assert.equal(pages.length, 3);
});

test("a name of an option does not end with a space", async () => {
  const domainId = await createDomain("trailing");
  const fieldId = await createField(domainId, "Depot", "SingleSelect");
  const options = [{ name: "Kiel ", value: "kiel", active: true }];
  await assert.rejects(
    client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options })),
    refused("ValidationException", /name/),
  );
});

test("the fixed options of a status stay as they are, and others can be added", async () => {
  const domainId = await createDomain("statuses");
  const options = [
    { name: "Open", value: "open", active: true },
    { name: "Done", value: "closed", active: true },
    { name: "Waiting", value: "waiting", active: true },
  ];
  const { errors } = await client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId: "status", options }));
  assert.deepEqual(errors, [
    {
      value: "closed",
      errorCode: "ValidationException",
      message: "Option closed is the system's and cannot be changed",
    },
  ]);
  const list = await client.send(new ListFieldOptionsCommand({ domainId, fieldId: "status" }));
  assert.deepEqual(
    list.options?.map(({ name }) => name),
    ["Closed", "Open", "Waiting"],
  );
});

test("only single-select fields have options", async () => {
  const domainId = await createDomain("texts");
  const noOptions = refused(
    "ValidationException",
    "Field title is of type Text: only SingleSelect fields have options",
  );
  await assert.rejects(client.send(new ListFieldOptionsCommand({ domainId, fieldId: "title" })), noOptions);
  await assert.rejects(
    client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId: "title", options: [] })),
    noOptions,
  );
});

test("a deleted domain is gone with all that lay in it, and its name can be used at once", async () => {
  const domainId = await createDomain("gone");
  await createField(domainId, "Depot", "SingleSelect");
  await client.send(new DeleteDomainCommand({ domainId }));
  const gone = refused("ResourceNotFoundException", `Domain ${domainId} was not found`);
  await assert.rejects(client.send(new GetDomainCommand({ domainId })), gone);
  await assert.rejects(client.send(new ListFieldsCommand({ domainId })), gone);
  await assert.rejects(client.send(new DeleteDomainCommand({ domainId })), gone);
  await createDomain("gone");
  await server.advance("PT1S");
  const { store } = server.app.platform();
  for (const from of [domains, fields, fieldOptions] as Collection<{ domainId: string }>[]) {
    const { documents } = await store.list(from, { limit: 10_000 });
    assert.ok(documents.length > 0);
    assert.ok(!documents.some((document) => document.domainId === domainId));
  }
});

test("a read takes an empty body, an empty object and any content type, and times are ISO texts", async () => {
  const domainId = await createDomain("raw");
  const read = { service: "cases", method: "POST", path: `/domains/${domainId}` };
  const answers = await Promise.all([
    sendSigned(server.url, read),
    sendSigned(server.url, { ...read, path: `${read.path}/`, body: "{}" }),
    sendSigned(server.url, { ...read, body: "{}", headers: { "content-type": "text/plain" } }),
  ]);
  for (const { status, body } of answers) {
    assert.equal(status, 200);
    assert.match(JSON.parse(body.toString()).createdTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});
