/** SearchRelatedItems and SearchAllRelatedItems, as the SDK sees them. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  DeleteCaseCommand,
  paginateSearchAllRelatedItems,
  paginateSearchRelatedItems,
  type RelatedItemInputContent,
  type RelatedItemTypeFilter,
  SearchAllRelatedItemsCommand,
  type SearchAllRelatedItemsCommandInput,
  SearchRelatedItemsCommand,
  type SearchRelatedItemsCommandInput,
} from "@aws-sdk/client-connectcases";
import { type CasesWorld, comment, listOf, openCases, relate, sla, text } from "./cases-world.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const fileArn = "arn:aws:connect:us-east-1:000000000000:instance/i/file/f";
/** All items of a type. */
const nothing = (type: string) => ({ [type]: {} }) as unknown as RelatedItemTypeFilter;

/** Items of a case by the names that they were added under, in the order of the search. */
async function ofCase(
  { cases, domainId }: CasesWorld,
  caseId: string,
  names: Readonly<Record<string, string>>,
  input: Omit<SearchRelatedItemsCommandInput, "domainId" | "caseId"> = {},
): Promise<readonly (string | undefined)[]> {
  const { maxResults = 25, ...asked } = input;
  const found: (string | undefined)[] = [];
  const pages = paginateSearchRelatedItems({ client: cases, pageSize: maxResults }, { domainId, caseId, ...asked });
  for await (const page of pages) {
    assert.ok((page.relatedItems ?? []).length <= maxResults);
    found.push(...(page.relatedItems ?? []).map((item) => names[item?.relatedItemId ?? ""]));
  }
  return found;
}

/** The same of a domain. */
async function ofDomain(
  { cases, domainId }: CasesWorld,
  names: Readonly<Record<string, string>>,
  input: Omit<SearchAllRelatedItemsCommandInput, "domainId"> = {},
): Promise<readonly (string | undefined)[]> {
  const { maxResults = 25, ...asked } = input;
  const found: (string | undefined)[] = [];
  const pages = paginateSearchAllRelatedItems({ client: cases, pageSize: maxResults }, { domainId, ...asked });
  for await (const page of pages) {
    assert.ok((page.relatedItems ?? []).length <= maxResults);
    found.push(...(page.relatedItems ?? []).map((item) => names[item?.relatedItemId ?? ""]));
  }
  return found;
}

/** Adds items to a case, each a second later, and answers with their names by their ids. */
async function addAll(world: CasesWorld, caseId: string, contents: Readonly<Record<string, RelatedItemInputContent>>) {
  const names: Record<string, string> = {};
  for (const [name, content] of Object.entries(contents)) {
    names[await relate(world, caseId, content)] = name;
    await server.advance("PT1S");
  }
  return names;
}

test("items are found by what they are, each filter by itself, the newest first", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, custom, update } = world;
  const centre = await openCentre(server);
  after(() => centre.connect.destroy());
  const contactId = await centre.arrive({ channel: "VOICE", contactFlowId: centre.flowId });
  const contactArn = `arn:aws:connect:us-east-1:000000000000:instance/${centre.InstanceId}/contact/${contactId}`;
  const [caseId, other] = [await create(), await create()];
  const names = await addAll(world, caseId, {
    contact: { contact: { contactArn } },
    comment: comment("Looks valid"),
    file: { file: { fileArn } },
    met: sla("first answer", "waiting"),
    active: sla("solution", "closed"),
    case: { connectCase: { caseId: other } },
    dear: { custom: { fields: listOf({ [custom.Number]: { doubleValue: 250 }, [custom.Text]: text("Kettle") }) } },
    cheap: { custom: { fields: listOf({ [custom.Number]: { doubleValue: 2.5 } }) } },
  });
  await update(caseId, { status: text("waiting") });
  const price = (operator: string, doubleValue: number) => ({
    field: { [operator]: { id: custom.Number, value: { doubleValue } } },
  });
  const customIs = (fields: object) => ({ custom: { fields } }) as RelatedItemTypeFilter;
  const kettle = { field: { contains: { id: custom.Text, value: text("KETT") } } };
  const expectations: readonly (readonly [RelatedItemTypeFilter[] | undefined, readonly string[]])[] = [
    [undefined, ["cheap", "dear", "case", "active", "met", "file", "comment", "contact"]],
    [[], ["cheap", "dear", "case", "active", "met", "file", "comment", "contact"]],
    [[nothing("comment")], ["comment"]],
    [
      [nothing("custom"), nothing("comment")],
      ["cheap", "dear", "comment"],
    ],
    [[nothing("contact")], ["contact"]],
    [[{ contact: { contactArn } }], ["contact"]],
    [[{ contact: { contactArn, channel: ["CHAT", "VOICE"] } }], ["contact"]],
    [[{ contact: { channel: ["CHAT"] } }], []],
    [[{ contact: { contactArn: `${contactArn}x` } }], []],
    [[{ contact: { contactArn } }, nothing("contact")], ["contact"]],
    [[{ file: { fileArn } }], ["file"]],
    [[{ file: { fileArn: "other" } }], []],
    [[nothing("sla")], ["active", "met"]],
    [[{ sla: { status: "Met" } }], ["met"]],
    [[{ sla: { name: "solution", status: "Met" } }], []],
    [[{ sla: { name: "solution" } }], ["active"]],
    [[{ connectCase: { caseId: other } }], ["case"]],
    [[{ connectCase: { caseId } }], []],
    [[customIs(price("greaterThan", 2.5))], ["dear"]],
    [[customIs({ not: kettle })], ["cheap"]],
    [[customIs({ andAll: [price("lessThan", 300), kettle] })], ["dear"]],
    [[customIs({ orAll: [price("equalTo", 2.5), kettle] })], ["cheap", "dear"]],
    [[customIs({ field: { equalTo: { id: custom.Text, value: { emptyValue: {} } } } })], ["cheap"]],
  ];
  for (const [filters, expected] of expectations) {
    const what = JSON.stringify(filters);
    for (const maxResults of [1, 25]) {
      assert.deepEqual(await ofCase(world, caseId, names, { filters, maxResults }), expected, what);
      assert.deepEqual(await ofDomain(world, names, { filters, maxResults }), expected, what);
    }
  }
  assert.deepEqual(await ofCase(world, other, names), []);
  const { relatedItems = [] } = await cases.send(
    new SearchRelatedItemsCommand({ domainId, caseId, filters: [{ contact: { contactArn } }] }),
  );
  const { ConnectedToSystemTimestamp } = await centre.describe(contactId);
  assert.deepEqual(relatedItems[0]?.content, {
    contact: { contactArn, channel: "VOICE", connectedToSystemTime: ConnectedToSystemTimestamp },
  });
});

test("an item is told with what it is, who added it and when", async () => {
  const world = await openCases(server);
  const { cases, domainId, create } = world;
  const caseId = await create();
  const performedBy = { customEntity: "claims-bot" };
  await server.advance("PT1S");
  const associationTime = new Date(server.app.platform().clock.now());
  const relatedItemId = await relate(world, caseId, comment("Looks valid"), { performedBy });
  const item = {
    relatedItemId,
    type: "Comment",
    associationTime,
    content: { comment: { body: "Looks valid", contentType: "Text/Plain" } },
    performedBy,
    tags: {},
  };
  const { relatedItems } = await cases.send(new SearchRelatedItemsCommand({ domainId, caseId }));
  assert.deepEqual(relatedItems, [item]);
  const all = await cases.send(new SearchAllRelatedItemsCommand({ domainId }));
  assert.deepEqual(all.relatedItems, [{ ...item, caseId }]);
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
  assert.deepEqual((await cases.send(new SearchAllRelatedItemsCommand({ domainId }))).relatedItems, []);
  await assert.rejects(cases.send(new SearchRelatedItemsCommand({ domainId, caseId })), {
    name: "ResourceNotFoundException",
    resourceType: "Case",
  });
});

test("items of a domain come by their times and by their cases, either way, and of equals by the other", async () => {
  const world = await openCases(server);
  const [a = "", b = ""] = [await world.create(), await world.create()].sort();
  const names: Record<string, string> = {};
  // Two at a time, of one case each.
  for (const time of ["1", "2", "3"]) {
    for (const [name, caseId] of Object.entries({ b, a })) {
      names[await relate(world, caseId, time === "2" ? sla(`s${time}`) : comment(time))] = name + time;
    }
    await server.advance("PT1S");
  }
  const by = (...sorts: readonly string[]): SearchAllRelatedItemsCommandInput["sorts"] =>
    sorts.map((sort) => ({
      sortProperty: sort.startsWith("time") ? "AssociationTime" : "CaseId",
      sortOrder: sort.endsWith("+") ? "Asc" : "Desc",
    }));
  const expectations: readonly (readonly [SearchAllRelatedItemsCommandInput["sorts"], readonly string[]])[] = [
    [undefined, ["b3", "a3", "b2", "a2", "b1", "a1"]],
    [by("time+"), ["a1", "b1", "a2", "b2", "a3", "b3"]],
    [by("time-", "case+"), ["a3", "b3", "a2", "b2", "a1", "b1"]],
    [by("time+", "case-"), ["b1", "a1", "b2", "a2", "b3", "a3"]],
    [by("time+", "time-"), ["a1", "b1", "a2", "b2", "a3", "b3"]],
    [by("case+"), ["a3", "a2", "a1", "b3", "b2", "b1"]],
    [by("case-"), ["b3", "b2", "b1", "a3", "a2", "a1"]],
    [by("case+", "time+"), ["a1", "a2", "a3", "b1", "b2", "b3"]],
    [by("case-", "time+"), ["b1", "b2", "b3", "a1", "a2", "a3"]],
  ];
  for (const [sorts, expected] of expectations) {
    for (const maxResults of [1, 2, 5, 25]) {
      assert.deepEqual(await ofDomain(world, names, { sorts, maxResults }), expected, JSON.stringify(sorts));
    }
    const filters = [nothing("sla")];
    const levels = expected.filter((name) => name.endsWith("2"));
    assert.deepEqual(await ofDomain(world, names, { sorts, filters, maxResults: 1 }), levels, JSON.stringify(sorts));
  }
});

test("what items cannot be searched for is refused", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, custom } = world;
  const caseId = await create();
  for (let number = 0; number < 3; number++) await relate(world, caseId, comment("x"));
  const { nextToken } = await cases.send(new SearchRelatedItemsCommand({ domainId, caseId, maxResults: 1 }));
  const { nextToken: ofAll } = await cases.send(new SearchAllRelatedItemsCommand({ domainId, maxResults: 1 }));
  const asks = (fields: object) => [{ custom: { fields } }] as RelatedItemTypeFilter[];
  const refusals: readonly (readonly [
    message: RegExp,
    input: Omit<SearchRelatedItemsCommandInput, "domainId" | "caseId">,
  ])[] = [
    [/nothing does not exist/, { filters: asks({ field: { equalTo: { id: "nothing", value: text("x") } } }) }],
    [/contains does not go/, { filters: asks({ field: { contains: { id: custom.Number, value: text("x") } } }) }],
    [/must be a doubleValue/, { filters: asks({ field: { equalTo: { id: custom.Number, value: text("x") } } }) }],
    [/exactly one of/, { filters: [{} as RelatedItemTypeFilter] }],
    [/filters/, { filters: Array.from({ length: 11 }, () => nothing("comment")) }],
    [/status/, { filters: [{ sla: { status: "Late" as "Met" } }] }],
    [/channel/, { filters: [{ contact: { channel: ["VOICE", "CHAT", "TASK", "EMAIL"] } }] }],
    [/maxResults/, { maxResults: 26 }],
    [/^nextToken: /, { nextToken: "nothing" }],
    [/^nextToken: /, { nextToken, filters: [nothing("comment")] }],
    [/^nextToken: /, { nextToken: ofAll, filters: [nothing("comment")] }],
  ];
  for (const [message, input] of refusals) {
    const refused = { name: "ValidationException", message };
    const what = JSON.stringify(input);
    await assert.rejects(cases.send(new SearchRelatedItemsCommand({ domainId, caseId, ...input })), refused, what);
    await assert.rejects(cases.send(new SearchAllRelatedItemsCommand({ domainId, ...input })), refused, what);
  }
  const sorts = [{ sortProperty: "CaseId" as const, sortOrder: "Asc" as const }];
  await assert.rejects(cases.send(new SearchAllRelatedItemsCommand({ domainId, sorts, nextToken: ofAll })), {
    name: "ValidationException",
    message: /^nextToken: /,
  });
  for (const [command, resourceType] of [
    [new SearchRelatedItemsCommand({ domainId: "nothing", caseId }), "Domain"],
    [new SearchRelatedItemsCommand({ domainId, caseId: "nothing" }), "Case"],
    [new SearchAllRelatedItemsCommand({ domainId: "nothing" }), "Domain"],
  ] as const) {
    await assert.rejects(cases.send(command as SearchRelatedItemsCommand), {
      name: "ResourceNotFoundException",
      resourceType,
    });
  }
});
