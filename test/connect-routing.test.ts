/** What routes contacts, as the SDK sees it: hours of operation, queues, quick connects, routing profiles and agent statuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociateHoursOfOperationsCommand,
  ConnectClient,
  CreateHoursOfOperationCommand,
  CreateHoursOfOperationOverrideCommand,
  type CreateHoursOfOperationOverrideCommandInput,
  CreateInstanceCommand,
  DeleteHoursOfOperationCommand,
  DeleteHoursOfOperationOverrideCommand,
  DescribeHoursOfOperationCommand,
  DescribeHoursOfOperationOverrideCommand,
  DisassociateHoursOfOperationsCommand,
  GetEffectiveHoursOfOperationsCommand,
  ListHoursOfOperationsCommand,
  paginateListChildHoursOfOperations,
  paginateListHoursOfOperationOverrides,
  paginateSearchHoursOfOperations,
  SearchHoursOfOperationOverridesCommand,
  SearchHoursOfOperationsCommand,
  UpdateHoursOfOperationOverrideCommand,
} from "@aws-sdk/client-connect";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new ConnectClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";

const created = await client.send(
  new CreateInstanceCommand({
    IdentityManagementType: "CONNECT_MANAGED",
    InstanceAlias: "routing-centre",
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  }),
);
const InstanceId = created.Id ?? "";
const listedHours = await client.send(new ListHoursOfOperationsCommand({ InstanceId }));
const basicHoursId = listedHours.HoursOfOperationSummaryList?.[0]?.Id ?? "";

async function refuses(name: string, call: Promise<unknown>, words?: RegExp): Promise<void> {
  await assert.rejects(call, (error: { name: string; message: string }) => {
    assert.equal(error.name, name, error.message);
    if (words) assert.match(error.message, words);
    return true;
  });
}

async function collect<P, T>(pages: AsyncIterable<P>, itemsOf: (page: P) => T[] | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...(itemsOf(page) ?? []));
  return found;
}

const at = (Hours: number, Minutes = 0) => ({ Hours, Minutes });

async function newHours(Name: string, changes: object = {}): Promise<string> {
  const answer = await client.send(
    new CreateHoursOfOperationCommand({
      InstanceId,
      Name,
      TimeZone: "Europe/Berlin",
      Config: [{ Day: "MONDAY", StartTime: at(9), EndTime: at(17) }],
      ...changes,
    }),
  );
  return answer.HoursOfOperationId ?? "";
}

async function newOverride(
  HoursOfOperationId: string,
  changes: Partial<CreateHoursOfOperationOverrideCommandInput> = {},
): Promise<string> {
  const answer = await client.send(
    new CreateHoursOfOperationOverrideCommand({
      InstanceId,
      HoursOfOperationId,
      Name: "Company party",
      EffectiveFrom: "2026-12-07",
      EffectiveTill: "2026-12-07",
      Config: [],
      ...changes,
    }),
  );
  return answer.HoursOfOperationOverrideId ?? "";
}

test("an override is described, changed, listed and deleted", async () => {
  const HoursOfOperationId = await newHours("With overrides");
  const Description = "Everybody is away";
  const HoursOfOperationOverrideId = await newOverride(HoursOfOperationId, { Description });
  const one = { InstanceId, HoursOfOperationId, HoursOfOperationOverrideId };
  const described = await client.send(new DescribeHoursOfOperationOverrideCommand(one));
  assert.deepEqual(described.HoursOfOperationOverride, {
    HoursOfOperationOverrideId,
    HoursOfOperationId,
    HoursOfOperationArn: `${created.Arn}/operating-hours/${HoursOfOperationId}`,
    Name: "Company party",
    Description,
    Config: [],
    EffectiveFrom: "2026-12-07",
    EffectiveTill: "2026-12-07",
    OverrideType: "STANDARD",
  });

  const RecurrenceConfig = {
    RecurrencePattern: { Frequency: "YEARLY" as const, Interval: 1, ByMonth: [12], ByWeekdayOccurrence: [1] },
  };
  const Config = [{ Day: "MONDAY" as const, StartTime: at(12), EndTime: at(17) }];
  const changes = { Name: "Yearly party", EffectiveTill: "2030-12-31", OverrideType: "CLOSED" as const };
  await client.send(new UpdateHoursOfOperationOverrideCommand({ ...one, ...changes, Config, RecurrenceConfig }));
  const changed = await client.send(new DescribeHoursOfOperationOverrideCommand(one));
  const expected = { ...described.HoursOfOperationOverride, ...changes, Config, RecurrenceConfig };
  assert.deepEqual(changed.HoursOfOperationOverride, expected);

  await newOverride(HoursOfOperationId);
  const listed = await collect(
    paginateListHoursOfOperationOverrides({ client, pageSize: 1 }, { InstanceId, HoursOfOperationId }),
    (page) => page.HoursOfOperationOverrideList,
  );
  assert.deepEqual(listed.map(({ Name }) => Name).sort(), ["Company party", "Yearly party"]);

  await client.send(new DeleteHoursOfOperationOverrideCommand(one));
  await refuses("ResourceNotFoundException", client.send(new DescribeHoursOfOperationOverrideCommand(one)));
  await refuses("ResourceNotFoundException", client.send(new UpdateHoursOfOperationOverrideCommand(one)));
  await refuses("ResourceNotFoundException", client.send(new DeleteHoursOfOperationOverrideCommand(one)));
});

test("overrides that make no sense are refused", async () => {
  const id = await newHours("Refusing");
  const refusesOverride = (changes: Partial<CreateHoursOfOperationOverrideCommandInput>, words: RegExp) =>
    refuses("InvalidParameterException", newOverride(id, changes), words);
  const recurring = (pattern: object) => ({
    OverrideType: "CLOSED" as const,
    RecurrenceConfig: { RecurrencePattern: { Frequency: "MONTHLY" as const, Interval: 1, ...pattern } },
  });
  await refusesOverride({ EffectiveFrom: "2026-02-30" }, /2026-02-30 is not a date/);
  await refusesOverride({ EffectiveTill: "2026-12-06" }, /before EffectiveFrom/);
  await refusesOverride({ OverrideType: "OPEN" }, /needs a Config/);
  await refusesOverride({ Config: [{ Day: "MONDAY", StartTime: at(9) }] }, /both StartTime and EndTime/);
  await refusesOverride({ ...recurring({ ByMonthDay: [1] }), OverrideType: "STANDARD" }, /cannot recur/);
  await refusesOverride(recurring({ ByMonthDay: [1, 2] }), /take one value/);
  await refusesOverride(recurring({ ByMonthDay: [0] }), /cannot be 0/);
  await refusesOverride(recurring({ ByMonth: [4], ByMonthDay: [1] }), /ByMonth goes with YEARLY/);
  await refusesOverride(recurring({ ByWeekdayOccurrence: [1] }), /needs a Config, and its Day/);
  await refusesOverride(recurring({}), /either ByMonthDay or ByWeekdayOccurrence/);
  await refuses("ResourceNotFoundException", newOverride(NOBODY));
  await newOverride(id);
  await refuses("DuplicateResourceException", newOverride(id));
  const HoursOfOperationOverrideId = await newOverride(id, { Name: "Another" });
  const renamed = { InstanceId, HoursOfOperationId: id, HoursOfOperationOverrideId, Name: "Company party" };
  await refuses("DuplicateResourceException", client.send(new UpdateHoursOfOperationOverrideCommand(renamed)));
});

test("hours have at most 50 overrides", async () => {
  const id = await newHours("Full");
  for (let number = 0; number < 50; number++) await newOverride(id, { Name: `Override ${number}` });
  await refuses("LimitExceededException", newOverride(id));
});

test("effective hours are the week's, with the overrides of a date applied", async () => {
  const HoursOfOperationId = await newHours("Effective");
  await newOverride(HoursOfOperationId, {
    Name: "Short Monday",
    Config: [{ Day: "MONDAY", StartTime: at(10), EndTime: at(12) }],
  });
  const range = { InstanceId, HoursOfOperationId, FromDate: "2026-11-29", ToDate: "2026-12-07" };
  const effective = await client.send(new GetEffectiveHoursOfOperationsCommand(range));
  assert.equal(effective.TimeZone, "Europe/Berlin");
  assert.equal(effective.EffectiveHoursOfOperationList?.length, 9);
  const open = effective.EffectiveHoursOfOperationList?.filter(
    ({ OperationalHours = [] }) => OperationalHours.length > 0,
  );
  assert.deepEqual(open, [
    { Date: "2026-11-30", OperationalHours: [{ Start: at(9), End: at(17) }] },
    { Date: "2026-12-07", OperationalHours: [{ Start: at(10), End: at(12) }] },
  ]);
  assert.deepEqual(effective.EffectiveOverrideHoursList, [
    {
      Date: "2026-12-07",
      OverrideHours: [{ Start: at(10), End: at(12), OverrideName: "Short Monday", OperationalStatus: "OPEN" }],
    },
  ]);

  const refusesRange = (changes: object) =>
    refuses(
      "InvalidParameterException",
      client.send(new GetEffectiveHoursOfOperationsCommand({ ...range, ...changes })),
    );
  await refusesRange({ FromDate: "2026-02-30" });
  await refusesRange({ ToDate: "2026-12-32" });
  await refusesRange({ ToDate: "2026-11-28" });
  await refusesRange({ ToDate: "2027-11-30" });
  const unknown = { ...range, HoursOfOperationId: NOBODY };
  await refuses("ResourceNotFoundException", client.send(new GetEffectiveHoursOfOperationsCommand(unknown)));
});

test("hours inherit the overrides of their parents, which cannot be deleted meanwhile", async () => {
  const parent = await newHours("Public holidays");
  const HoursOfOperationId = await newHours("Child", {
    ParentHoursOfOperationConfigs: [{ HoursOfOperationId: parent }],
  });
  await newOverride(parent, { Name: "Holiday" });
  const range = { InstanceId, HoursOfOperationId, FromDate: "2026-12-07", ToDate: "2026-12-07" };
  const closed = [{ Date: "2026-12-07", OperationalHours: [] }];
  const inherited = await client.send(new GetEffectiveHoursOfOperationsCommand(range));
  assert.deepEqual(inherited.EffectiveHoursOfOperationList, closed);
  assert.equal(inherited.EffectiveOverrideHoursList?.[0]?.OverrideHours?.[0]?.OperationalStatus, "CLOSED");

  const second = await newHours("Company holidays");
  const child = { InstanceId, HoursOfOperationId };
  const parents = (...ids: string[]) => ids.map((id) => ({ HoursOfOperationId: id }));
  const associate = (...ids: string[]) =>
    client.send(new AssociateHoursOfOperationsCommand({ ...child, ParentHoursOfOperationConfigs: parents(...ids) }));
  await associate(second, parent);
  const { HoursOfOperation } = await client.send(new DescribeHoursOfOperationCommand(child));
  assert.deepEqual(
    HoursOfOperation?.ParentHoursOfOperations?.map(({ Name }) => Name),
    ["Public holidays", "Company holidays"],
  );
  const another = await newHours("Another child", { ParentHoursOfOperationConfigs: parents(parent) });
  const children = await collect(
    paginateListChildHoursOfOperations({ client, pageSize: 1 }, { InstanceId, HoursOfOperationId: parent }),
    (page) => page.ChildHoursOfOperationsSummaryList,
  );
  assert.deepEqual(
    children.map(({ Id }) => Id),
    [HoursOfOperationId, another].sort(),
  );

  const removal = { InstanceId, HoursOfOperationId: second };
  await refuses("InvalidRequestException", client.send(new DeleteHoursOfOperationCommand(removal)), /inherit/);
  const gone = { ...child, ParentHoursOfOperationIds: [second, NOBODY] };
  await client.send(new DisassociateHoursOfOperationsCommand(gone));
  await client.send(new DeleteHoursOfOperationCommand(removal));

  await refuses("ResourceNotFoundException", associate(NOBODY));
  await refuses("InvalidParameterException", associate(HoursOfOperationId), /themselves/);
  await associate(await newHours("Third"), await newHours("Fourth"));
  await refuses("ServiceQuotaExceededException", associate(await newHours("Fifth")));
});

test("hours are searched by their fields and tags", async () => {
  const Tags = { desk: "north", shift: "late" };
  const id = await newHours("Searched", { Description: "Found by words", TimeZone: "Asia/Tokyo", Tags });
  const search = async (changes: object) => {
    const answer = await client.send(new SearchHoursOfOperationsCommand({ InstanceId, ...changes }));
    assert.equal(answer.ApproximateTotalCount, answer.HoursOfOperations?.length);
    return answer.HoursOfOperations?.map(({ HoursOfOperationId }) => HoursOfOperationId);
  };
  const where = (FieldName: string, Value: string, ComparisonType = "EXACT") => ({
    StringCondition: { FieldName, Value, ComparisonType },
  });
  assert.deepEqual(await search({ SearchCriteria: where("name", "searched") }), [id]);
  assert.deepEqual(await search({ SearchCriteria: where("description", "by wo", "CONTAINS") }), [id]);
  assert.deepEqual(await search({ SearchCriteria: where("timezone", "asia/", "STARTS_WITH") }), [id]);
  assert.deepEqual(await search({ SearchCriteria: where("resourceID", id) }), [id]);
  const either = { OrConditions: [where("name", "searched"), where("resourceID", basicHoursId)] };
  assert.deepEqual(await search({ SearchCriteria: either }), [id, basicHoursId].sort());
  assert.deepEqual(await search({ SearchCriteria: { AndConditions: [either, where("timezone", "UTC")] } }), [
    basicHoursId,
  ]);

  const tag = (TagKey: string, TagValue?: string) => ({ TagKey, TagValue });
  const filter = (TagFilter: object) => search({ SearchFilter: { TagFilter } });
  assert.deepEqual(await filter({ TagCondition: tag("desk", "north") }), [id]);
  assert.deepEqual(await filter({ TagCondition: tag("desk") }), [id]);
  assert.deepEqual(await filter({ AndConditions: [tag("desk", "north"), tag("shift", "early")] }), []);
  const orConditions = [[tag("desk", "south")], [tag("desk", "north"), tag("shift", "late")]];
  assert.deepEqual(await filter({ OrConditions: orConditions }), [id]);

  const all = await collect(
    paginateSearchHoursOfOperations({ client, pageSize: 2 }, { InstanceId }),
    (page) => page.HoursOfOperations,
  );
  const first = await client.send(new SearchHoursOfOperationsCommand({ InstanceId, MaxResults: 2 }));
  assert.equal(first.ApproximateTotalCount, all.length);
  assert.equal(new Set(all.map(({ HoursOfOperationId }) => HoursOfOperationId)).size, all.length);
});

test("searches that make no sense are refused", async () => {
  const refusesSearch = (changes: object, words: RegExp) =>
    refuses(
      "InvalidParameterException",
      client.send(new SearchHoursOfOperationsCommand({ InstanceId, ...changes })),
      words,
    );
  const where = (StringCondition: object) => ({ SearchCriteria: { StringCondition } });
  await refusesSearch(where({ FieldName: "colour", Value: "red" }), /FieldName colour .* name, description, timezone/);
  await refusesSearch(where({ Value: "red" }), /FieldName/);
  await refusesSearch(where({ FieldName: "name" }), /needs a Value/);
  await refusesSearch(where({ FieldName: "name", Value: "x", ComparisonType: "CONTAINS" }), /2 to 25 characters/);
  await refusesSearch({ SearchFilter: { TagFilter: { TagCondition: { TagValue: "north" } } } }, /TagKey/);
  await refusesSearch({ NextToken: "made-up" }, /NextToken/);
  const many = Array.from({ length: 101 }, () => ({ StringCondition: { FieldName: "name", Value: "x" } }));
  await refusesSearch({ SearchCriteria: { OrConditions: many } }, /at most 100 conditions/);

  const first = await client.send(new SearchHoursOfOperationsCommand({ InstanceId, MaxResults: 1 }));
  const otherSearch = { ...where({ FieldName: "name", Value: "x" }), NextToken: first.NextToken };
  await refusesSearch(otherSearch, /NextToken/);
  await refuses("ResourceNotFoundException", client.send(new SearchHoursOfOperationsCommand({ InstanceId: NOBODY })));
});

test("overrides are searched by their fields, their dates and the tags of their hours", async () => {
  const id = await newHours("Override search", { Tags: { searched: "overrides" } });
  const TagFilter = { TagCondition: { TagKey: "searched", TagValue: "overrides" } };
  await newOverride(id, { Name: "Easter", EffectiveFrom: "2027-03-26", EffectiveTill: "2027-03-29" });
  await newOverride(id, { Name: "Whitsun", EffectiveFrom: "2027-05-17", EffectiveTill: "2027-05-17" });
  const search = async (SearchCriteria?: object) => {
    const input = { InstanceId, SearchFilter: { TagFilter }, ...(SearchCriteria && { SearchCriteria }) };
    const answer = await client.send(new SearchHoursOfOperationOverridesCommand(input));
    assert.equal(answer.ApproximateTotalCount, answer.HoursOfOperationOverrides?.length);
    return answer.HoursOfOperationOverrides?.map(({ Name }) => Name).sort();
  };
  const from = (ComparisonType: string, Value: string) => ({
    DateCondition: { FieldName: "effectiveFrom", ComparisonType, Value },
  });
  assert.deepEqual(await search(), ["Easter", "Whitsun"]);
  assert.deepEqual(await search({ StringCondition: { FieldName: "name", Value: "EASTER" } }), ["Easter"]);
  assert.deepEqual(await search(from("GREATER_THAN", "2027-03-26")), ["Whitsun"]);
  assert.deepEqual(await search(from("GREATER_THAN_OR_EQUAL_TO", "2027-03-26")), ["Easter", "Whitsun"]);
  assert.deepEqual(await search(from("LESS_THAN", "2027-05-17")), ["Easter"]);
  assert.deepEqual(await search(from("LESS_THAN_OR_EQUAL_TO", "2027-05-17")), ["Easter", "Whitsun"]);
  assert.deepEqual(await search(from("EQUAL_TO", "2027-05-17")), ["Whitsun"]);
  await refuses(
    "InvalidParameterException",
    search({ DateCondition: { FieldName: "effectiveFrom" } }),
    /needs a Value/,
  );
  await refuses("InvalidParameterException", search({ DateCondition: { FieldName: "name", Value: "2027-05-17" } }));
});
