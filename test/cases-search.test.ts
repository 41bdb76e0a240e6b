/** SearchCases, as the SDK sees it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CaseFilter,
  ConnectCasesClient,
  DeleteCaseCommand,
  DeleteFieldCommand,
  type FieldFilter,
  type FieldValueUnion,
  paginateSearchCases,
  SearchCasesCommand,
  type SearchCasesCommandInput,
  type Sort,
  TagResourceCommand,
} from "@aws-sdk/client-connectcases";
import { encodePageToken } from "../src/services/page-token.ts";
import { type CasesWorld, EMPTY, openCases, text } from "./cases-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

type Operator = Exclude<keyof FieldFilter, "$unknown">;

const field = (id: string, operator: Operator, value: FieldValueUnion): CaseFilter =>
  ({ field: { [operator]: { id, value } } }) as CaseFilter;
const is = (id: string, value: FieldValueUnion): CaseFilter => field(id, "equalTo", value);

/** The titles of all cases that a search finds, in its order, by pages of `maxResults`; each page tells how many there are. */
async function titles(
  { cases, domainId }: CasesWorld,
  input: Omit<SearchCasesCommandInput, "domainId"> = {},
): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  const totals = new Set<number | undefined>();
  const { maxResults = 25, ...asked } = input;
  const pages = paginateSearchCases(
    { client: cases, pageSize: maxResults },
    { domainId, fields: [{ id: "title" }], ...asked },
  );
  for await (const page of pages) {
    found.push(...(page.cases ?? []).map((item) => item?.fields?.[0]?.value?.stringValue));
    totals.add(page.totalCount);
  }
  assert.deepEqual([...totals], [found.length]);
  return found;
}

/** Cases with these titles and values, each a second later than the one before. */
async function createAll(world: CasesWorld, cases: Readonly<Record<string, Record<string, FieldValueUnion>>>) {
  const ids: Record<string, string> = {};
  for (const [title, values] of Object.entries(cases)) {
    ids[title] = await world.create({ title: text(title), ...values });
    await server.advance("PT1S");
  }
  return ids;
}

test("cases are found by every operator that goes with the type of a field", async () => {
  const world = await openCases(server);
  const { custom } = world;
  const user = (id: string) => ({ userArnValue: `arn:aws:connect:us-east-1:000000000000:instance/i/agent/${id}` });
  await createAll(world, {
    one: {
      [custom.Text]: text("Kettle arrived cracked"),
      [custom.Number]: { doubleValue: 49.5 },
      [custom.Boolean]: { booleanValue: false },
      [custom.DateTime]: text("2026-02-11T09:59:02.004+01:00"),
      [custom.SingleSelect]: text("gold"),
      [custom.Url]: text("https://example.com/Claims?id=1"),
      [custom.User]: user("ada"),
    },
    two: {
      [custom.Text]: text("KETTLE, 2 parts"),
      [custom.Number]: { doubleValue: -3 },
      [custom.Boolean]: { booleanValue: true },
      [custom.DateTime]: text("2026-02-12T00:00:00Z"),
      [custom.SingleSelect]: text("blue"),
      [custom.Url]: text("https://example.com/claims?id=12"),
      [custom.User]: user("bea"),
    },
    none: {},
  });
  const expectations: readonly (readonly [id: string, Operator, FieldValueUnion, readonly string[]])[] = [
    [custom.Text, "equalTo", text("Kettle arrived cracked"), ["one"]],
    [custom.Text, "equalTo", text("kettle arrived cracked"), []],
    [custom.Text, "equalTo", EMPTY, ["none"]],
    [custom.Text, "equalTo", text(""), ["none"]],
    [custom.Text, "contains", text("kettle"), ["two", "one"]],
    [custom.Text, "contains", text("E A"), ["one"]],
    [custom.Text, "contains", text(""), ["two", "one"]],
    [custom.Number, "equalTo", { doubleValue: 49.5 }, ["one"]],
    [custom.Number, "greaterThan", { doubleValue: -3 }, ["one"]],
    [custom.Number, "greaterThanOrEqualTo", { doubleValue: -3 }, ["two", "one"]],
    [custom.Number, "lessThan", { doubleValue: 49.5 }, ["two"]],
    [custom.Number, "lessThanOrEqualTo", { doubleValue: 49.5 }, ["two", "one"]],
    [custom.Boolean, "equalTo", { booleanValue: false }, ["one"]],
    [custom.Boolean, "equalTo", EMPTY, ["none"]],
    [custom.DateTime, "equalTo", text("2026-02-11T08:59:02.004Z"), ["one"]],
    [custom.DateTime, "greaterThan", text("2026-02-11T08:59:02.004Z"), ["two"]],
    [custom.DateTime, "lessThan", text("2026-02-12T01:00:00+01:00"), ["one"]],
    [custom.SingleSelect, "equalTo", text("gold"), ["one"]],
    [custom.SingleSelect, "contains", text("gold"), ["one"]],
    [custom.SingleSelect, "contains", text("gol"), []],
    [custom.Url, "equalTo", text("https://example.com/Claims?id=1"), ["one"]],
    [custom.Url, "contains", text("/CLAIMS?id=1"), ["two", "one"]],
    [custom.User, "equalTo", user("ada"), ["one"]],
    ["status", "equalTo", text("open"), ["none", "two", "one"]],
    ["created_datetime", "lessThan", text("2000-01-01T00:00:00Z"), []],
  ];
  for (const [id, operator, value, expected] of expectations) {
    assert.deepEqual(
      await titles(world, { filter: field(id, operator, value) }),
      expected,
      JSON.stringify([id, operator, value]),
    );
  }
});

test("filters combine, and what a case has no value for is true of no comparison", async () => {
  const world = await openCases(server);
  const { custom, cases } = world;
  const ids = await createAll(world, {
    cheap: { [custom.Number]: { doubleValue: 10 } },
    dear: { [custom.Number]: { doubleValue: 1_000 } },
    unknown: {},
  });
  const arn = `${world.domainArn}/case/${ids.unknown}`;
  await cases.send(new TagResourceCommand({ arn, tags: { priority: "p1" } }));
  // No value reads like another tag.
  for (const end of ["\u001f", "\u0000"]) {
    const tags = { line: `parcel${end}priority\u001ep2${end}` };
    await assert.rejects(cases.send(new TagResourceCommand({ arn, tags })), { name: "ValidationException" });
  }
  const above100 = field(custom.Number, "greaterThan", { doubleValue: 100 });
  const p1: CaseFilter = { tag: { equalTo: { key: "priority", value: "p1" } } };
  const expectations: readonly (readonly [CaseFilter, readonly string[]])[] = [
    [{ not: above100 }, ["unknown", "cheap"]],
    [{ andAll: [] }, ["unknown", "dear", "cheap"]],
    [{ orAll: [] }, []],
    [{ not: { orAll: [] } }, ["unknown", "dear", "cheap"]],
    [{ orAll: [above100, p1] }, ["unknown", "dear"]],
    [
      { andAll: [is("status", text("open")), { orAll: [above100, p1] }, { not: is("title", text("dear")) }] },
      ["unknown"],
    ],
    [{ tag: { equalTo: { key: "priority" } } }, ["unknown"]],
    [{ tag: { equalTo: { key: "priority", value: "P1" } } }, []],
    [{ tag: { equalTo: { key: "Priority", value: "p1" } } }, []],
  ];
  for (const [filter, expected] of expectations) {
    assert.deepEqual(await titles(world, { filter }), expected, JSON.stringify(filter));
  }
  assert.deepEqual(await titles(world, { filter: { orAll: [above100, p1] }, searchTerm: "UNK" }), ["unknown"]);
});

test("all words of a term are in some value, in whatever case", async () => {
  const world = await openCases(server);
  const { custom } = world;
  const ids = await createAll(world, {
    "Kettle cracked": { [custom.Number]: { doubleValue: 49.5 }, reference_number: text("ABC123XYZ") },
    "Parcel late": { summary: text("The kettle came late"), [custom.DateTime]: text("2031-05-06T00:00:00Z") },
  });
  const expectations: readonly (readonly [term: string, readonly string[]])[] = [
    ["kettle", ["Parcel late", "Kettle cracked"]],
    ["  LATE\tkettle ", ["Parcel late"]],
    ["late cracked", []],
    ["ttl", ["Parcel late", "Kettle cracked"]],
    ["49.5", ["Kettle cracked"]],
    ["abc123xyz", ["Kettle cracked"]],
    ["2031-05-06", ["Parcel late"]],
    ["gone", []],
    ["  ", ["Parcel late", "Kettle cracked"]],
    [ids["Parcel late"] ?? "", ["Parcel late"]],
  ];
  for (const [searchTerm, expected] of expectations)
    assert.deepEqual(await titles(world, { searchTerm }), expected, searchTerm);
  const number = { filter: is("reference_number", text("abc123xyz")) };
  assert.deepEqual(await titles(world, number), ["Kettle cracked"]);
});

test("cases come in the order of the sorts, those without a value last, and page by page", async () => {
  const world = await openCases(server);
  const { custom, update } = world;
  const ids = await createAll(world, {
    b: { [custom.Number]: { doubleValue: 2 }, [custom.SingleSelect]: text("gold") },
    A: { [custom.Number]: { doubleValue: 10 }, [custom.SingleSelect]: text("blue") },
    c: { [custom.SingleSelect]: text("gold") },
    d: { [custom.Number]: { doubleValue: 2 } },
  });
  const sort = (fieldId: string, sortOrder: Sort["sortOrder"]) => ({ fieldId, sortOrder });
  const [asc, desc] = ["Asc", "Desc"] as const;
  const ties = (...titles: string[]) => titles.sort((a, b) => ((ids[a] ?? "") < (ids[b] ?? "") ? -1 : 1));
  const expectations: readonly (readonly [Sort[], readonly string[]])[] = [
    [[], ["d", "c", "A", "b"]],
    [[sort("title", asc)], ["A", "b", "c", "d"]],
    [[sort("title", desc)], ["d", "c", "b", "A"]],
    [[sort("created_datetime", asc)], ["b", "A", "c", "d"]],
    [[sort(custom.Number, asc)], [...ties("b", "d"), "A", "c"]],
    [[sort(custom.Number, desc)], ["A", ...ties("b", "d"), "c"]],
    [
      [sort(custom.SingleSelect, asc), sort("title", desc)],
      ["A", "c", "b", "d"],
    ],
    [
      [sort(custom.SingleSelect, desc), sort(custom.Number, asc)],
      ["b", "c", "A", "d"],
    ],
    [[sort(custom.Text, desc)], ties("b", "A", "c", "d")],
  ];
  for (const [sorts, expected] of expectations) {
    for (const maxResults of [1, 3, 100]) {
      assert.deepEqual(await titles(world, { sorts, maxResults }), expected, JSON.stringify([sorts, maxResults]));
    }
  }
  await update(ids.A ?? "", { [custom.Number]: EMPTY });
  assert.deepEqual(await titles(world), ["A", "d", "c", "b"]);
});

test("what is found is told with the fields that are asked for", async () => {
  const { cases, domainId, templateId, custom, create } = await openCases(server);
  const values = { [custom.Boolean]: { booleanValue: true }, [custom.DateTime]: text("2026-02-12T00:00:00.000Z") };
  const caseId = await create(values, { tags: { line: "parcel" } });
  const fields = [{ id: custom.DateTime }, { id: "summary" }, { id: custom.Boolean }, { id: custom.DateTime }];
  const { $metadata: _, ...found } = await cases.send(new SearchCasesCommand({ domainId, fields }));
  assert.deepEqual(found, {
    cases: [
      {
        caseId,
        templateId,
        tags: { line: "parcel" },
        fields: [custom.DateTime, custom.Boolean].map((id) => ({ id, value: values[id] })),
      },
    ],
    totalCount: 1,
  });
  const plain = await cases.send(new SearchCasesCommand({ domainId }));
  assert.deepEqual(plain.cases?.[0]?.fields, []);
});

test("a page goes on behind the last case of the one before, whatever has happened meanwhile", async () => {
  const world = await openCases(server);
  const { cases, domainId, update } = world;
  const all = ["a", "b", "c", "d", "e", "f"];
  const ids = await createAll(world, Object.fromEntries(all.map((title) => [title, {}])));
  const asked = { domainId, sorts: [{ fieldId: "created_datetime", sortOrder: "Asc" as const }], maxResults: 2 };
  const first = await cases.send(new SearchCasesCommand(asked));
  const shown = first.cases?.map((found) => found?.caseId);
  assert.deepEqual(shown, [ids.a, ids.b]);
  await cases.send(new DeleteCaseCommand({ domainId, caseId: ids.b }));
  await cases.send(new DeleteCaseCommand({ domainId, caseId: ids.d }));
  await update(ids.a ?? "", { title: text("z") });
  const { nextToken } = first;
  const second = await cases.send(new SearchCasesCommand({ ...asked, nextToken, fields: [{ id: "title" }] }));
  assert.deepEqual(
    second.cases?.map((found) => found?.caseId),
    [ids.c, ids.e],
  );
  assert.equal(second.totalCount, 4);
  const third = await cases.send(new SearchCasesCommand({ ...asked, nextToken: second.nextToken, maxResults: 1 }));
  assert.equal(third.cases?.[0]?.caseId, ids.f);
  assert.equal(third.nextToken, undefined);
});

test("deleted fields are found by what cases still have in them", async () => {
  const world = await openCases(server);
  const { cases, domainId, custom } = world;
  await createAll(world, { had: { [custom.Text]: text("Old remark") }, not: {} });
  await cases.send(new DeleteFieldCommand({ domainId, fieldId: custom.Text }));
  assert.deepEqual(await titles(world, { filter: is(custom.Text, text("Old remark")) }), ["had"]);
  assert.deepEqual(await titles(world, { filter: field(custom.Text, "contains", text("old")) }), ["had"]);
  assert.deepEqual(await titles(world, { searchTerm: "remark" }), ["had"]);
});

test("a change is found as soon as it is acknowledged, and a case that is deleted no more", async () => {
  const world = await openCases(server);
  const { cases, domainId, create, update } = world;
  const open = { filter: is("status", text("open")) };
  for (let round = 0; round < 10; round++) {
    const caseId = await create({ title: text(`case ${round}`) });
    assert.deepEqual(await titles(world, open), [`case ${round}`]);
    await update(caseId, { status: text("closed") });
    assert.deepEqual(await titles(world, open), []);
    await cases.send(new DeleteCaseCommand({ domainId, caseId }));
    assert.deepEqual(await titles(world), []);
  }
});

test("what cannot be searched for is refused", async () => {
  const { cases, domainId, custom, create } = await openCases(server);
  for (let number = 0; number < 3; number++) await create();
  const number = { doubleValue: 1 };
  const nested = (depth: number): CaseFilter => (depth === 0 ? is("status", text("open")) : { not: nested(depth - 1) });
  const { nextToken } = await cases.send(new SearchCasesCommand({ domainId, maxResults: 1 }));
  const refusals: readonly (readonly [message: RegExp, input: Omit<SearchCasesCommandInput, "domainId">])[] = [
    [/^filter: field nothing does not exist/, { filter: is("nothing", text("x")) }],
    [/^filter: contains does not go with field .* Number/, { filter: field(custom.Number, "contains", number) }],
    [/contains does not go/, { filter: field(custom.Boolean, "contains", { booleanValue: true }) }],
    [/contains does not go/, { filter: field(custom.DateTime, "contains", text("2026")) }],
    [/contains does not go/, { filter: field(custom.User, "contains", { userArnValue: "a" }) }],
    [/lessThan does not go/, { filter: field(custom.Text, "lessThan", text("a")) }],
    [/greaterThan does not go/, { filter: field("status", "greaterThan", text("a")) }],
    [/greaterThanOrEqualTo does not go/, { filter: field(custom.Boolean, "greaterThanOrEqualTo", number) }],
    [/lessThanOrEqualTo does not go/, { filter: field(custom.Url, "lessThanOrEqualTo", text("a")) }],
    [/lessThan does not go/, { filter: field(custom.User, "lessThan", text("a")) }],
    [/must be a doubleValue/, { filter: is(custom.Number, text("1")) }],
    [/must be a stringValue/, { filter: is(custom.Text, number) }],
    [/must be a userArnValue/, { filter: is(custom.User, text("a")) }],
    [/RFC 3339/, { filter: is(custom.DateTime, text("yesterday")) }],
    [/contains needs a value/, { filter: field(custom.Text, "contains", EMPTY) }],
    [/greaterThan needs a value/, { filter: field(custom.Number, "greaterThan", EMPTY) }],
    [/nested more than 10 deep/, { filter: nested(11) }],
    [/by its key/, { filter: { tag: { equalTo: { value: "p1" } } } }],
    [/^sorts: field nothing does not exist/, { sorts: [{ fieldId: "nothing", sortOrder: "Asc" }] }],
    [/^fields: field nothing does not exist/, { fields: [{ id: "nothing" }] }],
    [/^nextToken: /, { nextToken: "nothing" }],
    [/^nextToken: /, { nextToken, searchTerm: "kettle" }],
    [/^nextToken: /, { nextToken, filter: { andAll: [] } }],
    [/^nextToken: /, { nextToken, sorts: [{ fieldId: "title", sortOrder: "Asc" }] }],
    [/sorts/, { sorts: ["title", "status", "summary"].map((fieldId) => ({ fieldId, sortOrder: "Asc" as const })) }],
    [/maxResults/, { maxResults: 101 }],
    [/maxResults/, { maxResults: 0 }],
    [/searchTerm/, { searchTerm: "x".repeat(256) }],
    [/fields/, { fields: Array.from({ length: 26 }, () => ({ id: "title" })) }],
    [/andAll/, { filter: { andAll: Array.from({ length: 11 }, () => ({ andAll: [] })) } }],
    [/exactly one of/, { filter: { andAll: [{} as CaseFilter] } }],
  ];
  for (const [message, input] of refusals) {
    await assert.rejects(
      cases.send(new SearchCasesCommand({ domainId, ...input })),
      { name: "ValidationException", message },
      JSON.stringify(input),
    );
  }
  await cases.send(new SearchCasesCommand({ domainId, filter: nested(10) }));
  await assert.rejects(cases.send(new SearchCasesCommand({ domainId: "nothing" })), {
    name: "ResourceNotFoundException",
    resourceType: "Domain",
  });
  const others = new ConnectCasesClient(server.clientOf("other"));
  await assert.rejects(others.send(new SearchCasesCommand({ domainId })), { name: "ResourceNotFoundException" });
});

test("a token that somebody has made up is refused, or is a place as any other", async () => {
  const { cases, domainId, create } = await openCases(server);
  const caseId = await create();
  const request = (sorts: readonly object[]) => [
    "SearchCases",
    `000000000000\u001fus-east-1\u001f${domainId}`,
    null,
    null,
    sorts,
  ];
  const byTitle = request([{ field: "title", isDescending: false }]);
  const sorts = [{ fieldId: "title", sortOrder: "Asc" as const }];
  const send = (position: string) =>
    cases.send(new SearchCasesCommand({ domainId, sorts, nextToken: encodePageToken(byTitle, position) }));
  for (const position of ["", "{", "[]", "{}", '["a"]', '["a",1]', '[1,""]', '["a",{}]', '["a","",""]']) {
    await assert.rejects(send(position), { name: "ValidationException", message: /^nextToken: / }, position);
  }
  assert.deepEqual(
    (await send('["",""]')).cases?.map((found) => found?.caseId),
    [caseId],
  );
  assert.deepEqual((await send('["",null]')).cases, []);
});
