/** Templates and layouts of Cases, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConnectCasesClient,
  CreateCaseRuleCommand,
  CreateDomainCommand,
  CreateFieldCommand,
  CreateLayoutCommand,
  CreateTemplateCommand,
  type CreateTemplateCommandInput,
  DeleteFieldCommand,
  DeleteLayoutCommand,
  DeleteTemplateCommand,
  GetLayoutCommand,
  GetTemplateCommand,
  type LayoutContent,
  ListLayoutsCommand,
  ListTemplatesCommand,
  UpdateLayoutCommand,
  UpdateTemplateCommand,
  type UpdateTemplateCommandInput,
} from "@aws-sdk/client-connectcases";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const client = new ConnectCasesClient(server.client);
const { domainId } = await client.send(new CreateDomainCommand({ name: "claims" }));

const refused = (name: string, message: RegExp | string) => (error: Error) => {
  assert.equal(error.name, name);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

let made = 0;
const newName = (): string => `n-${String(made++).padStart(3, "0")}`;

async function newField(): Promise<string> {
  const { fieldId } = await client.send(new CreateFieldCommand({ domainId, name: newName(), type: "Text" }));
  return fieldId ?? "";
}

async function newTemplate(input: Partial<CreateTemplateCommandInput> = {}): Promise<string> {
  const { templateId } = await client.send(new CreateTemplateCommand({ domainId, name: newName(), ...input }));
  return templateId ?? "";
}

async function newLayout(content: LayoutContent = { basic: {} }): Promise<string> {
  const { layoutId } = await client.send(new CreateLayoutCommand({ domainId, name: newName(), content }));
  return layoutId ?? "";
}

async function newRule(required = true): Promise<string> {
  const conditional = { defaultValue: true, conditions: [] };
  const rule = required ? { required: conditional } : { hidden: conditional };
  const { caseRuleId } = await client.send(new CreateCaseRuleCommand({ domainId, name: newName(), rule }));
  return caseRuleId ?? "";
}

async function template(templateId: string) {
  const { $metadata: _, ...got } = await client.send(new GetTemplateCommand({ domainId, templateId }));
  return got;
}

const update = (templateId: string, input: Omit<UpdateTemplateCommandInput, "domainId" | "templateId">) =>
  client.send(new UpdateTemplateCommand({ domainId, templateId, ...input }));

const group = (...ids: string[]) => ({
  sections: [{ fieldGroup: { name: "about", fields: ids.map((id) => ({ id })) } }],
});

test("a template is as it was created", async () => {
  const [fieldId, defaultLayout, caseRuleId] = [await newField(), await newLayout(), await newRule()];
  const input = {
    name: "Parcel damaged in transit",
    description: "Claims about damaged goods",
    layoutConfiguration: { defaultLayout },
    requiredFields: [{ fieldId }, { fieldId: "customer_id" }],
    status: "Inactive",
    rules: [{ caseRuleId, fieldId }],
    tagPropagationConfigurations: [{ resourceType: "Cases", tagMap: { "line-of-business": "parcel" } }],
  } satisfies Partial<CreateTemplateCommandInput>;
  const { templateId, templateArn } = await client.send(new CreateTemplateCommand({ domainId, ...input }));
  assert.equal(templateArn, `arn:aws:cases:us-east-1:000000000000:domain/${domainId}/template/${templateId}`);
  const now = new Date(server.app.platform().clock.now());
  assert.deepEqual(await template(templateId ?? ""), {
    ...input,
    templateId,
    templateArn,
    deleted: false,
    createdTime: now,
    lastModifiedTime: now,
    tags: {},
  });
  const { templates } = await client.send(new ListTemplatesCommand({ domainId, status: ["Inactive"] }));
  const { name, status, tagPropagationConfigurations } = input;
  assert.deepEqual(templates, [{ templateId, templateArn, name, status, tagPropagationConfigurations }]);
});

test("a template that says nothing is active and requires nothing", async () => {
  const got = await template(await newTemplate());
  assert.deepEqual([got.status, got.requiredFields, got.rules, got.layoutConfiguration], ["Active", [], [], undefined]);
});

test("what a template refers to must be there, and once", async () => {
  const [caseRuleId, deleted, layout] = [await newRule(), await newField(), await newLayout()];
  await client.send(new DeleteFieldCommand({ domainId, fieldId: deleted }));
  await client.send(new DeleteLayoutCommand({ domainId, layoutId: layout }));
  const wrong: readonly (readonly [Omit<UpdateTemplateCommandInput, "domainId" | "templateId">, RegExp])[] = [
    [{ layoutConfiguration: { defaultLayout: "nothing" } }, /^layoutConfiguration: there is no layout nothing$/],
    [{ layoutConfiguration: { defaultLayout: layout } }, /there is no layout/],
    [{ requiredFields: [{ fieldId: "nothing" }] }, /^requiredFields: there is no field nothing$/],
    [{ requiredFields: [{ fieldId: deleted }] }, /there is no field/],
    [{ requiredFields: [{ fieldId: "title" }, { fieldId: "title" }] }, /^requiredFields: title is there twice$/],
    [{ requiredFields: [{ fieldId: "last_closed_datetime" }] }, /filled in by the service/],
    [{ rules: [{ caseRuleId: "nothing", fieldId: "title" }] }, /^rules: there is no case rule nothing$/],
    [{ rules: [{ caseRuleId, fieldId: "nothing" }] }, /^rules: there is no field nothing$/],
    [{ rules: [{ caseRuleId }] }, /needs a fieldId/],
    [{ rules: [{ caseRuleId, fieldId: "created_by" }] }, /filled in by the service/],
    [{ rules: Array.from({ length: 2 }, () => ({ caseRuleId, fieldId: "title" })) }, /twice for the same field/],
  ];
  const templateId = await newTemplate({ requiredFields: [{ fieldId: "title" }] });
  const before = await template(templateId);
  for (const [input, why] of wrong) {
    await assert.rejects(newTemplate(input), refused("ValidationException", why));
    await assert.rejects(update(templateId, input), refused("ValidationException", why));
  }
  assert.deepEqual(await template(templateId), before);
});

test("an update keeps what it does not name, puts lists in the place of lists, and says something", async () => {
  const [fieldId, defaultLayout] = [await newField(), await newLayout()];
  const templateId = await newTemplate({
    description: "what it is",
    layoutConfiguration: { defaultLayout },
    requiredFields: [{ fieldId }, { fieldId: "customer_id" }],
    tagPropagationConfigurations: [{ resourceType: "Cases", tagMap: { a: "b" } }],
  });
  const before = await template(templateId);
  await server.advance("PT1S");
  await update(templateId, { status: "Inactive" });
  assert.deepEqual(await template(templateId), {
    ...before,
    status: "Inactive",
    lastModifiedTime: new Date(server.app.platform().clock.now()),
  });
  await update(templateId, { requiredFields: [{ fieldId: "title" }], tagPropagationConfigurations: [] });
  const after = await template(templateId);
  assert.deepEqual(after.requiredFields, [{ fieldId: "title" }]);
  assert.equal(after.tagPropagationConfigurations, undefined);
  await update(templateId, { layoutConfiguration: {} });
  assert.equal((await template(templateId)).layoutConfiguration, undefined);
  await assert.rejects(update(templateId, {}), refused("ValidationException", "At least one attribute must be given"));
  const body = JSON.stringify({ name: null, status: "Active" });
  const path = `/domains/${domainId}/templates/${templateId}`;
  assert.equal((await sendSigned(server.url, { service: "cases", method: "PUT", path, body })).status, 200);
  assert.deepEqual([(await template(templateId)).name, (await template(templateId)).status], [before.name, "Active"]);
});

test("names are a template's own, until it is deleted", async () => {
  const name = "Returns";
  const templateId = await newTemplate({ name });
  const other = await newTemplate();
  const taken = refused("ConflictException", "Template Returns already exists");
  await assert.rejects(newTemplate({ name }), taken);
  await assert.rejects(update(other, { name }), taken);
  await update(templateId, { name });
  await client.send(new DeleteTemplateCommand({ domainId, templateId }));
  await update(other, { name });
});

test("a deleted template is still there to look at, but can be used no more", async () => {
  const templateId = await newTemplate();
  await client.send(new DeleteTemplateCommand({ domainId, templateId }));
  assert.equal((await template(templateId)).deleted, true);
  const gone = refused("ValidationException", `Template ${templateId} is deleted`);
  await assert.rejects(update(templateId, { name: "x" }), gone);
  await assert.rejects(client.send(new DeleteTemplateCommand({ domainId, templateId })), gone);
  const { templates } = await client.send(new ListTemplatesCommand({ domainId }));
  assert.ok(!templates?.some((listed) => listed.templateId === templateId));
  const missing = refused("ResourceNotFoundException", "Template nothing was not found");
  await assert.rejects(template("nothing"), missing);
});

test("fields that are deleted later are left out of templates and layouts", async () => {
  const [fieldId, kept, caseRuleId] = [await newField(), await newField(), await newRule()];
  const templateId = await newTemplate({
    requiredFields: [{ fieldId }, { fieldId: kept }],
    rules: [
      { caseRuleId, fieldId },
      { caseRuleId, fieldId: kept },
    ],
  });
  const layoutId = await newLayout({ basic: { topPanel: group(fieldId, kept), moreInfo: group(fieldId) } });
  await client.send(new DeleteFieldCommand({ domainId, fieldId }));
  const got = await template(templateId);
  assert.deepEqual(got.requiredFields, [{ fieldId: kept }]);
  assert.deepEqual(got.rules, [{ caseRuleId, fieldId: kept }]);
  const { content } = await client.send(new GetLayoutCommand({ domainId, layoutId }));
  assert.deepEqual(content, { basic: { topPanel: group(kept), moreInfo: group() } });
});

test("templates are listed by their names, of one status, by pages", async () => {
  const { domainId: listed } = await client.send(new CreateDomainCommand({ name: "listed" }));
  for (const name of ["c", "a", "e", "b", "d"]) {
    const status = name === "b" || name === "e" ? "Inactive" : "Active";
    await client.send(new CreateTemplateCommand({ domainId: listed, name, status }));
  }
  const list = async (status?: ("Active" | "Inactive")[]) => {
    const names: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const input = { domainId: listed, maxResults: 2, nextToken, ...(status && { status }) };
      const page = await client.send(new ListTemplatesCommand(input));
      names.push(...(page.templates ?? []).map(({ name }) => name));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return names.join("");
  };
  assert.equal(await list(), "abcde");
  assert.equal(await list(["Active"]), "acd");
  assert.equal(await list(["Inactive"]), "be");
  assert.equal(await list(["Inactive", "Active"]), "abcde");
  const { nextToken } = await client.send(new ListTemplatesCommand({ domainId: listed, maxResults: 2 }));
  const other = new ListTemplatesCommand({ domainId: listed, maxResults: 2, nextToken, status: ["Active"] });
  await assert.rejects(client.send(other), refused("ValidationException", /^nextToken: /));
});

test("a layout is as it was created, and keeps what an update does not name", async () => {
  const content = { basic: { topPanel: group("status", "title", await newField()), moreInfo: { sections: [] } } };
  const { layoutId, layoutArn } = await client.send(new CreateLayoutCommand({ domainId, name: "Desk", content }));
  assert.equal(layoutArn, `arn:aws:cases:us-east-1:000000000000:domain/${domainId}/layout/${layoutId}`);
  const get = async () => {
    const { $metadata: _, ...got } = await client.send(new GetLayoutCommand({ domainId, layoutId }));
    return got;
  };
  const createdTime = new Date(server.app.platform().clock.now());
  const created = { layoutId, layoutArn, name: "Desk", content, deleted: false, createdTime, tags: {} };
  assert.deepEqual(await get(), { ...created, lastModifiedTime: createdTime });
  await server.advance("PT1S");
  await client.send(new UpdateLayoutCommand({ domainId, layoutId, name: "Front desk" }));
  const lastModifiedTime = new Date(server.app.platform().clock.now());
  assert.deepEqual(await get(), { ...created, name: "Front desk", lastModifiedTime });
  await client.send(new UpdateLayoutCommand({ domainId, layoutId, content: { basic: { moreInfo: group("title") } } }));
  assert.deepEqual((await get()).content, { basic: { moreInfo: group("title") } });
  await assert.rejects(
    client.send(new CreateLayoutCommand({ domainId, name: "Front desk", content })),
    refused("ConflictException", "Layout Front desk already exists"),
  );
});

test("the fields of a layout must be there, and are 100 at most", async () => {
  const missing = refused("ValidationException", "content: there is no field nothing, none");
  await assert.rejects(newLayout({ basic: { moreInfo: group("nothing", "title", "none") } }), missing);
  const many = Array.from({ length: 101 }, () => "title");
  const beyond = refused("ServiceQuotaExceededException", "Quota exceeded: Fields of a layout, at most 100");
  await assert.rejects(newLayout({ basic: { topPanel: group(...many) } }), beyond);
  await assert.rejects(
    newLayout({ basic: { topPanel: group(...many.slice(0, 50)), moreInfo: group(...many.slice(50)) } }),
    beyond,
  );
  await newLayout({ basic: { topPanel: group(...many.slice(1)) } });
});

test("a layout that a template has cannot be deleted; a deleted one can be used no more", async () => {
  const layoutId = await newLayout();
  const templateId = await newTemplate({ layoutConfiguration: { defaultLayout: layoutId } });
  const remove = () => client.send(new DeleteLayoutCommand({ domainId, layoutId }));
  await assert.rejects(remove(), refused("ConflictException", `Layout ${layoutId} is used by template ${templateId}`));
  await client.send(new DeleteTemplateCommand({ domainId, templateId }));
  await remove();
  assert.equal((await client.send(new GetLayoutCommand({ domainId, layoutId }))).deleted, true);
  const gone = refused("ValidationException", `Layout ${layoutId} is deleted`);
  await assert.rejects(client.send(new UpdateLayoutCommand({ domainId, layoutId, name: "x" })), gone);
  await assert.rejects(remove(), gone);
  const { layouts } = await client.send(new ListLayoutsCommand({ domainId }));
  assert.ok(!layouts?.some((layout) => layout.layoutId === layoutId));
  await assert.rejects(
    client.send(new GetLayoutCommand({ domainId, layoutId: "nothing" })),
    refused("ResourceNotFoundException", "Layout nothing was not found"),
  );
});

test("layouts are listed by their names, by pages", async () => {
  const { domainId: listed } = await client.send(new CreateDomainCommand({ name: "listed layouts" }));
  for (const name of ["c", "a", "b"]) {
    await client.send(new CreateLayoutCommand({ domainId: listed, name, content: { basic: {} } }));
  }
  const first = await client.send(new ListLayoutsCommand({ domainId: listed, maxResults: 2 }));
  const second = await client.send(
    new ListLayoutsCommand({ domainId: listed, maxResults: 2, nextToken: first.nextToken }),
  );
  assert.deepEqual(
    [first.layouts, second.layouts].map((page) => page?.map(({ name }) => name)),
    [["a", "b"], ["c"]],
  );
  assert.equal(second.nextToken, undefined);
});
