/** Related items of cases: contacts, comments, files, service levels, other cases and custom ones. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DescribeContactCommand, StartTaskContactCommand } from "@aws-sdk/client-connect";
import {
  DeleteCaseCommand,
  DeleteRelatedItemCommand,
  ListCasesForContactCommand,
  type RelatedItemInputContent,
  SearchRelatedItemsCommand,
  ServiceQuotaExceededException,
  UpdateRelatedItemCommand,
} from "@aws-sdk/client-connectcases";
import {
  audited,
  comment,
  EMPTY,
  ITEM_TYPES,
  type ItemMember,
  listOf,
  openCases,
  relate,
  sla,
  text,
} from "./cases-world.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
test("each kind of item is added, told and written down, and the case's own fields stay as they are", async () => {
  const world = await openCases(server);
  const { domainArn, create, values, told, custom } = world;
  const centre = await openCentre(server);
  after(() => centre.connect.destroy());
  const contactId = await centre.arrive({ channel: "VOICE", contactFlowId: centre.flowId });
  const contactArn = `arn:aws:connect:us-east-1:000000000000:instance/${centre.InstanceId}/contact/${contactId}`;
  const { ConnectedToSystemTimestamp } = await centre.describe(contactId);
  const caseId = await create();
  const other = await create();
  const before = await values(caseId);
  const fileArn = "arn:aws:connect:us-east-1:000000000000:instance/i/file/f";
  const contents: readonly (readonly [
    RelatedItemInputContent,
    told: object,
    attributes: readonly string[],
    audited?: string,
  ])[] = [
    [
      { contact: { contactArn } },
      { contact: { contactArn, channel: "VOICE", connectedToSystemTime: ConnectedToSystemTimestamp?.toISOString() } },
      ["contact.contactArn"],
    ],
    [
      comment("Looks valid"),
      { comment: { body: "Looks valid", contentType: "Text/Plain" } },
      ["comment.commentText"],
      "comment.body",
    ],
    [{ file: { fileArn } }, { file: { fileArn } }, ["file.fileArn"]],
    [{ connectCase: { caseId: other } }, { connectCase: { caseId: other } }, ["connectCase.caseId"]],
    [
      { custom: { fields: listOf({ [custom.Number]: { doubleValue: 2.5 }, [custom.Text]: EMPTY }) } },
      { custom: { fields: { [custom.Number]: { value: { doubleValue: 2.5 } } } } },
      [`custom.fields.${custom.Number}`],
    ],
  ];
  const performedBy = { customEntity: "claims-bot" };
  const ids: string[] = [];
  for (const [content] of contents) ids.push(await relate(world, caseId, content, { performedBy }));
  assert.deepEqual(await values(caseId), before);
  const events = (await told()).filter(({ detail }) => detail.relatedItem);
  assert.deepEqual(
    events.map(({ detail: { eventType, changedAttributes, relatedItem, performedBy: by } }) => ({
      eventType,
      changedAttributes,
      relatedItem,
      by,
    })),
    contents.map(([content, toldContent, changedAttributes], at) => ({
      eventType: "RELATED_ITEM.CREATED",
      changedAttributes,
      relatedItem: {
        relatedItemType: ITEM_TYPES[Object.keys(content)[0] as ItemMember],
        relatedItemId: ids[at],
        caseId,
        createdDateTime: events[at]?.detail.approximateChangeTime,
        ...toldContent,
      },
      by: { user: performedBy, iamPrincipalArn: "arn:aws:iam::000000000000:root" },
    })),
  );
  assert.deepEqual(
    events.map(({ resources }) => resources),
    ids.map((id) => [domainArn, `${domainArn}/case/${caseId}/related-item/${id}`]),
  );
  const auditEvents = await audited(world, caseId);
  assert.deepEqual(
    auditEvents.slice(0, -1).map(({ type, relatedItemType, fields, performedBy: by }) => ({
      type,
      relatedItemType,
      by,
      fields: fields.map(({ eventFieldId }) => eventFieldId),
    })),
    contents.toReversed().map(([content, , attributes, audited = attributes[0]]) => ({
      type: "RelatedItem.Created",
      relatedItemType: ITEM_TYPES[Object.keys(content)[0] as ItemMember],
      by: { user: performedBy, iamPrincipalArn: "arn:aws:iam::000000000000:root" },
      fields: [audited],
    })),
  );
});

test("comments and custom items are changed and deleted; what does not differ is no change", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, told, custom } = world;
  const caseId = await create();
  const of = { domainId, caseId };
  const relatedItemId = await relate(world, caseId, comment("a"), { performedBy: { customEntity: "ada" } });
  const change = (body: string, by?: string) =>
    cases.send(
      new UpdateRelatedItemCommand({
        ...of,
        relatedItemId,
        content: { comment: { body, contentType: "Text/Plain" } },
        ...(by !== undefined && { performedBy: { customEntity: by } }),
      }),
    );
  assert.partialDeepStrictEqual(await change("b", "bea"), {
    relatedItemId,
    type: "Comment",
    content: { comment: { body: "b", contentType: "Text/Plain" } },
    createdBy: { customEntity: "ada" },
    lastUpdatedUser: { customEntity: "bea" },
    tags: {},
  });
  await change("b", "cem");
  const customId = await relate(world, caseId, {
    custom: { fields: listOf({ [custom.Number]: { doubleValue: 1 }, [custom.Text]: text("x") }) },
  });
  const fields = listOf({ [custom.Text]: text("y") });
  const changed = await cases.send(
    new UpdateRelatedItemCommand({ ...of, relatedItemId: customId, content: { custom: { fields } } }),
  );
  assert.deepEqual(changed.content, { custom: { fields } });
  for (const id of [relatedItemId, customId]) {
    await cases.send(new DeleteRelatedItemCommand({ ...of, relatedItemId: id }));
    await assert.rejects(cases.send(new DeleteRelatedItemCommand({ ...of, relatedItemId: id })), {
      name: "ResourceNotFoundException",
      resourceType: "RelatedItem",
    });
  }
  const events = (await told()).slice(1).map(({ detail }) => detail);
  assert.deepEqual(
    events.map(({ eventType, changedAttributes, relatedItem }) => [
      eventType,
      changedAttributes,
      Object.keys(relatedItem ?? {}).slice(4),
    ]),
    [
      ["RELATED_ITEM.CREATED", ["comment.commentText"], ["comment"]],
      ["RELATED_ITEM.UPDATED", ["comment.commentText"], ["comment"]],
      ["RELATED_ITEM.CREATED", [`custom.fields.${custom.Number}`, `custom.fields.${custom.Text}`], ["custom"]],
      ["RELATED_ITEM.UPDATED", [`custom.fields.${custom.Number}`, `custom.fields.${custom.Text}`], ["custom"]],
      ["RELATED_ITEM.DELETED", [], []],
      ["RELATED_ITEM.DELETED", [], []],
    ],
  );
  const auditEvents = (await audited(world, caseId)).slice(0, 3);
  assert.deepEqual(
    auditEvents.map(({ type, fields: parts }) => [type, parts.map(({ oldValue, newValue }) => [oldValue, newValue])]),
    [
      ["RelatedItem.Deleted", [[text("y"), EMPTY]]],
      ["RelatedItem.Deleted", [[text("b"), EMPTY]]],
      [
        "RelatedItem.Updated",
        [
          [{ doubleValue: 1 }, EMPTY],
          [text("x"), text("y")],
        ],
      ],
    ],
  );
});

test("a contact leads to its cases, the newest association first, page by page", async () => {
  const world = await openCases(server);
  const { cases, domainId, templateId, create } = world;
  const centre = await openCentre(server);
  after(() => centre.connect.destroy());
  const contactArn = (id: string) =>
    `arn:aws:connect:us-east-1:000000000000:instance/${centre.InstanceId}/contact/${id}`;
  const contactId = await centre.arrive({ channel: "CHAT", contactFlowId: centre.flowId });
  const contact = { contact: { contactArn: contactArn(contactId) } };
  const ids: string[] = [];
  for (let at = 0; at < 12; at++) ids.push(await create());
  const [first = "", second = ""] = ids;
  for (const id of ids) {
    await relate(world, id, contact);
    await server.advance("PT1S");
  }
  // The same contact again is the item that is there.
  assert.equal(await relate(world, first, contact), await relate(world, first, contact));
  await cases.send(new DeleteCaseCommand({ domainId, caseId: second }));

  const found: (string | undefined)[] = [];
  let nextToken: string | undefined;
  const sizes: number[] = [];
  do {
    const page = await cases.send(
      new ListCasesForContactCommand({ domainId, contactArn: contactArn(contactId), maxResults: 5, nextToken }),
    );
    for (const one of page.cases ?? []) assert.equal(one.templateId, templateId);
    found.push(...(page.cases ?? []).map(({ caseId }) => caseId));
    sizes.push(page.cases?.length ?? 0);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  assert.deepEqual([found, sizes], [ids.filter((id) => id !== second).toReversed(), [5, 5, 1]]);
  const whole = await cases.send(new ListCasesForContactCommand({ domainId, contactArn: contactArn(contactId) }));
  assert.equal(whole.cases?.length, 10);
  const elsewhere = await cases.send(new ListCasesForContactCommand({ domainId, contactArn: contactArn("other") }));
  assert.deepEqual(elsewhere.cases, []);
  await assert.rejects(
    cases.send(
      new ListCasesForContactCommand({ domainId, contactArn: contactArn("other"), nextToken: whole.nextToken }),
    ),
    { name: "ValidationException", message: /nextToken/ },
  );
});

test("what cannot be a related item is refused, and neither kept nor told", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, told, custom } = world;
  const caseId = await create();
  const fileArn = "arn:aws:connect:us-east-1:000000000000:instance/i/file/f";
  const fileId = await relate(world, caseId, { file: { fileArn } });
  const commentId = await relate(world, caseId, comment("a"));
  const { sla: whole } = sla("s");
  const slaOf = (changes: object) =>
    ({ sla: { slaInputConfiguration: { ...whole?.slaInputConfiguration, ...changes } } }) as RelatedItemInputContent;
  const refusals: readonly (readonly [RegExp, RelatedItemInputContent, more?: object])[] = [
    [/must have the member file/, comment("x"), { type: "File" }],
    [
      /contact arn:.* does not exist/,
      { contact: { contactArn: "arn:aws:connect:us-east-1:000000000000:instance/i/contact/c" } },
    ],
    [/not an ARN/, { file: { fileArn: "file.txt" } }],
    [/related to itself/, { connectCase: { caseId } }],
    [/field of cases themselves/, { custom: { fields: listOf({ title: text("x") }) } }],
    [/at least one field/, { custom: { fields: listOf({ [custom.Text]: EMPTY }) } }],
    [/must be a doubleValue/, { custom: { fields: listOf({ [custom.Number]: text("1") }) } }],
    [/fieldId: must be status/, slaOf({ fieldId: "title" })],
    [/fieldId: must be status/, slaOf({ fieldId: undefined })],
    [/targetFieldValues/, slaOf({ targetFieldValues: undefined })],
    [/must be a stringValue/, slaOf({ targetFieldValues: [{ doubleValue: 1 }] })],
    [/no option elsewhere/, slaOf({ targetFieldValues: [{ stringValue: "elsewhere" }] })],
    [/targetSlaMinutes|1051200/, slaOf({ targetSlaMinutes: 1_051_201 })],
    [
      /user .* does not exist/,
      comment("x"),
      { performedBy: { userArn: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" } },
    ],
  ];
  for (const [message, content, more] of refusals) {
    await assert.rejects(
      relate(world, caseId, content, more),
      { name: "ValidationException", message },
      String(message),
    );
  }
  await assert.rejects(relate(world, caseId, { connectCase: { caseId: "none" } }), {
    name: "ResourceNotFoundException",
  });
  const change = (relatedItemId: string, content: object) =>
    cases.send(new UpdateRelatedItemCommand({ domainId, caseId, relatedItemId, content: content as never }));
  await assert.rejects(change(fileId, { comment: { body: "x", contentType: "Text/Plain" } }), /File cannot be updated/);
  await assert.rejects(
    change(commentId, { custom: { fields: listOf({ [custom.Text]: text("x") }) } }),
    /is of type Comment/,
  );
  await assert.rejects(cases.send(new DeleteRelatedItemCommand({ domainId, caseId, relatedItemId: fileId })), {
    name: "ValidationException",
    message: /File cannot be deleted/,
  });
  assert.equal((await told()).length, 3);
});

test("a case has so many service levels, and with limits so many items and files", async () => {
  const world = await openCases(server);
  const caseId = await world.create();
  for (let at = 0; at < 10; at++) await relate(world, caseId, sla(`s${at}`));
  const beyond = { name: "ServiceQuotaExceededException" };
  const refused: unknown = await relate(world, caseId, sla("eleventh")).catch((error: unknown) => error);
  assert.ok(refused instanceof ServiceQuotaExceededException);
  assert.equal(refused.$metadata.httpStatusCode, 402);

  const limits = { "related-items-per-case": 3, "files-per-case": 1, "fields-per-custom-related-item": 1 };
  const flags = Object.entries(limits).flatMap(([name, value]) => ["--limit", `cases.${name}=${value}`]);
  const calls = ["create-field", "create-related-item"].flatMap((name) => ["--limit", `cases.${name}-burst=100`]);
  const limited = await openCases(await startTrunkline("--enforce-limits", ...flags, ...calls));
  const full = await limited.create();
  const fileArn = "arn:aws:connect:us-east-1:000000000000:instance/i/file/f";
  await relate(limited, full, { file: { fileArn } });
  await assert.rejects(relate(limited, full, { file: { fileArn } }), beyond);
  const two = listOf({ [limited.custom.Text]: text("x"), [limited.custom.Number]: { doubleValue: 1 } });
  await assert.rejects(relate(limited, full, { custom: { fields: two } }), beyond);
  await relate(limited, full, comment("a"));
  const last = await relate(limited, full, comment("b"));
  await assert.rejects(relate(limited, full, comment("c")), beyond);
  await limited.cases.send(
    new DeleteRelatedItemCommand({ domainId: limited.domainId, caseId: full, relatedItemId: last }),
  );
  await relate(limited, full, comment("c"));
});

test("a contact is shown as it is, and once it is not kept any more as it was when it was added", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, told } = world;
  const { connect, InstanceId, flowId } = await openCentre(server);
  after(() => connect.destroy());
  const { clock } = server.app.platform();
  const begunMs = clock.now();
  const ScheduledTime = new Date(begunMs + 60 * 60_000);
  const { ContactId } = await connect.send(
    new StartTaskContactCommand({ InstanceId, ContactFlowId: flowId, Name: "Call back", ScheduledTime }),
  );
  const contactArn = `arn:aws:connect:us-east-1:000000000000:instance/${InstanceId}/contact/${ContactId}`;
  const caseId = await create();
  await relate(world, caseId, { contact: { contactArn } });
  const shown = async () => {
    const { relatedItems = [] } = await cases.send(new SearchRelatedItemsCommand({ domainId, caseId }));
    return relatedItems.map((item) => item?.content?.contact);
  };
  // It is not connected yet: then it counts from its beginning.
  assert.deepEqual(await shown(), [{ contactArn, channel: "TASK", connectedToSystemTime: new Date(begunMs) }]);
  await server.advance("PT2H");
  assert.deepEqual(await shown(), [{ contactArn, channel: "TASK", connectedToSystemTime: ScheduledTime }]);
  const seen = (await told()).length;
  await server.advance("P731D");
  await assert.rejects(connect.send(new DescribeContactCommand({ InstanceId, ContactId })), {
    name: "ResourceNotFoundException",
  });
  assert.deepEqual(await shown(), [{ contactArn, channel: "TASK", connectedToSystemTime: new Date(begunMs) }]);
  const found = await cases.send(new ListCasesForContactCommand({ domainId, contactArn }));
  assert.equal(found.cases?.[0]?.caseId, caseId);
  assert.equal(seen, 2);
});
