/** What routes contacts, as the SDK sees it: hours of operation, queues, quick connects, routing profiles and agent statuses. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AssociateHoursOfOperationsCommand,
  AssociateQueueEmailAddressesCommand,
  AssociateQueueQuickConnectsCommand,
  AssociateRoutingProfileQueuesCommand,
  type Channel,
  ConnectClient,
  type ContactFlowType,
  CreateAgentStatusCommand,
  CreateEmailAddressCommand,
  CreateHoursOfOperationCommand,
  CreateHoursOfOperationOverrideCommand,
  type CreateHoursOfOperationOverrideCommandInput,
  CreateInstanceCommand,
  CreateQueueCommand,
  CreateQuickConnectCommand,
  type CreateQuickConnectCommandInput,
  CreateRoutingProfileCommand,
  type CreateRoutingProfileCommandInput,
  CreateUserCommand,
  DeleteEmailAddressCommand,
  DeleteHoursOfOperationCommand,
  DeleteHoursOfOperationOverrideCommand,
  DeleteQueueCommand,
  DeleteQuickConnectCommand,
  DeleteRoutingProfileCommand,
  DeleteUserCommand,
  DescribeAgentStatusCommand,
  DescribeEmailAddressCommand,
  DescribeHoursOfOperationCommand,
  DescribeHoursOfOperationOverrideCommand,
  DescribeQueueCommand,
  DescribeQuickConnectCommand,
  DescribeRoutingProfileCommand,
  DisassociateHoursOfOperationsCommand,
  DisassociateQueueEmailAddressesCommand,
  DisassociateQueueQuickConnectsCommand,
  DisassociateRoutingProfileQueuesCommand,
  GetEffectiveHoursOfOperationsCommand,
  ListAgentStatusesCommand,
  ListContactFlowsCommand,
  ListHoursOfOperationsCommand,
  ListQueueEmailAddressesCommand,
  ListQueueQuickConnectsCommand,
  ListQueuesCommand,
  ListQuickConnectsCommand,
  ListRoutingProfileManualAssignmentQueuesCommand,
  ListRoutingProfileQueuesCommand,
  ListRoutingProfilesCommand,
  ListSecurityProfilesCommand,
  ListTagsForResourceCommand,
  paginateListChildHoursOfOperations,
  paginateListHoursOfOperationOverrides,
  paginateListQueueQuickConnects,
  paginateListRoutingProfileQueues,
  paginateListRoutingProfiles,
  paginateSearchHoursOfOperations,
  paginateSearchQuickConnects,
  paginateSearchResourceTags,
  type QuickConnectConfig,
  SearchAgentStatusesCommand,
  SearchEmailAddressesCommand,
  SearchHoursOfOperationOverridesCommand,
  SearchHoursOfOperationsCommand,
  SearchQueuesCommand,
  SearchQuickConnectsCommand,
  SearchResourceTagsCommand,
  SearchRoutingProfilesCommand,
  UpdateAgentStatusCommand,
  UpdateEmailAddressMetadataCommand,
  UpdateHoursOfOperationOverrideCommand,
  UpdateQueueOutboundEmailConfigCommand,
  UpdateQuickConnectConfigCommand,
  UpdateQuickConnectNameCommand,
  UpdateRoutingProfileAgentAvailabilityTimerCommand,
  UpdateRoutingProfileConcurrencyCommand,
  UpdateRoutingProfileDefaultOutboundQueueCommand,
  UpdateRoutingProfileNameCommand,
  UpdateRoutingProfileQueuesCommand,
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
const listedQueues = await client.send(new ListQueuesCommand({ InstanceId }));
const basicQueueId = listedQueues.QueueSummaryList?.[0]?.Id ?? "";
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

async function newQueue(Name: string, changes: object = {}): Promise<string> {
  const queue = new CreateQueueCommand({ InstanceId, Name, HoursOfOperationId: basicHoursId, ...changes });
  return (await client.send(queue)).QueueId ?? "";
}

async function flowOfType(type: ContactFlowType): Promise<string> {
  const flows = await client.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: [type] }));
  return flows.ContactFlowSummaryList?.[0]?.Id ?? "";
}

const flows = {
  inbound: await flowOfType("CONTACT_FLOW"),
  toAgent: await flowOfType("AGENT_TRANSFER"),
  toQueue: await flowOfType("QUEUE_TRANSFER"),
};
const toPhone = (PhoneNumber = "+12065550100"): QuickConnectConfig => ({
  QuickConnectType: "PHONE_NUMBER",
  PhoneConfig: { PhoneNumber },
});

async function newQuickConnect(Name: string, changes: Partial<CreateQuickConnectCommandInput> = {}): Promise<string> {
  const input = { InstanceId, Name, QuickConnectConfig: toPhone(), ...changes };
  return (await client.send(new CreateQuickConnectCommand(input))).QuickConnectId ?? "";
}

const listedProfiles = await client.send(new ListRoutingProfilesCommand({ InstanceId }));
const basicProfileId = listedProfiles.RoutingProfileSummaryList?.[0]?.Id ?? "";

async function newUser(Username: string, RoutingProfileId: string): Promise<string> {
  const { SecurityProfileSummaryList: profiles } = await client.send(new ListSecurityProfilesCommand({ InstanceId }));
  const user = new CreateUserCommand({
    InstanceId,
    Username,
    Password: "Passw0rd!",
    IdentityInfo: { FirstName: "Quick", LastName: "Connect", Email: `${Username}@example.com` },
    PhoneConfig: { PhoneType: "SOFT_PHONE" },
    RoutingProfileId,
    SecurityProfileIds: [profiles?.[0]?.Id ?? ""],
  });
  return (await client.send(user)).UserId ?? "";
}

async function newProfile(Name: string, changes: Partial<CreateRoutingProfileCommandInput> = {}): Promise<string> {
  const profile = new CreateRoutingProfileCommand({
    InstanceId,
    Name,
    Description: "For tests",
    DefaultOutboundQueueId: basicQueueId,
    MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
    ...changes,
  });
  return (await client.send(profile)).RoutingProfileId ?? "";
}

const reference = (QueueId: string, channel: Channel = "VOICE") => ({ QueueReference: { QueueId, Channel: channel } });

test("queues are searched by name, description, id, type and tags", async () => {
  const id = await newQueue("Searched queue", { Description: "Late calls", Tags: { floor: "3" } });
  const search = async (changes: object) => {
    const answer = await client.send(new SearchQueuesCommand({ InstanceId, ...changes }));
    assert.equal(answer.ApproximateTotalCount, answer.Queues?.length);
    return answer.Queues;
  };
  const where = (FieldName: string, Value: string, ComparisonType = "EXACT") => ({
    SearchCriteria: { StringCondition: { FieldName, Value, ComparisonType } },
  });
  const [found] = (await search(where("name", "searched", "STARTS_WITH"))) ?? [];
  assert.equal(found?.QueueId, id);
  assert.equal(found?.QueueArn, `${created.Arn}/queue/${id}`);
  assert.equal(found?.HoursOfOperationId, basicHoursId);
  assert.deepEqual(
    (await search(where("description", "late", "CONTAINS")))?.map(({ QueueId }) => QueueId),
    [id],
  );
  assert.equal((await search(where("resourceID", id)))?.length, 1);
  assert.ok(((await search({ SearchCriteria: { QueueTypeCondition: "STANDARD" } }))?.length ?? 0) >= 2);
  const TagFilter = { TagCondition: { TagKey: "floor", TagValue: "3" } };
  assert.equal((await search({ SearchFilter: { TagFilter } }))?.length, 1);
  await refuses("InvalidParameterException", search(where("status", "ENABLED")), /FieldName status/);
});

test("a quick connect is described, changed, listed, searched and deleted", async () => {
  const Tags = { team: "sales" };
  const QuickConnectId = await newQuickConnect("Front desk", { Description: "Downstairs", Tags });
  const one = { InstanceId, QuickConnectId };
  const { QuickConnect } = await client.send(new DescribeQuickConnectCommand(one));
  const arn = `${created.Arn}/transfer-destination/${QuickConnectId}`;
  assert.equal(QuickConnect?.QuickConnectARN, arn);
  assert.equal(QuickConnect?.Name, "Front desk");
  assert.equal(QuickConnect?.Description, "Downstairs");
  assert.deepEqual(QuickConnect?.QuickConnectConfig, toPhone());
  assert.deepEqual(QuickConnect?.Tags, Tags);
  assert.deepEqual((await client.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags, Tags);

  await client.send(new UpdateQuickConnectNameCommand({ ...one, Name: "Reception" }));
  const queueConfig: QuickConnectConfig = {
    QuickConnectType: "QUEUE",
    QueueConfig: { QueueId: basicQueueId, ContactFlowId: flows.toQueue },
  };
  await client.send(new UpdateQuickConnectConfigCommand({ ...one, QuickConnectConfig: queueConfig }));
  const changed = await client.send(new DescribeQuickConnectCommand(one));
  assert.equal(changed.QuickConnect?.Name, "Reception");
  assert.equal(changed.QuickConnect?.Description, "Downstairs");
  assert.deepEqual(changed.QuickConnect?.QuickConnectConfig, queueConfig);

  await newQuickConnect("Outside");
  const listed = await client.send(new ListQuickConnectsCommand({ InstanceId, QuickConnectTypes: ["QUEUE"] }));
  assert.deepEqual(
    listed.QuickConnectSummaryList?.map(({ Id, Arn, Name, QuickConnectType }) => ({ Id, Arn, Name, QuickConnectType })),
    [{ Id: QuickConnectId, Arn: arn, Name: "Reception", QuickConnectType: "QUEUE" }],
  );
  const byTag = { SearchFilter: { TagFilter: { TagCondition: { TagKey: "team", TagValue: "sales" } } } };
  const found = await client.send(new SearchQuickConnectsCommand({ InstanceId, ...byTag }));
  assert.deepEqual(found.QuickConnects, [changed.QuickConnect]);
  const all = await collect(
    paginateSearchQuickConnects({ client, pageSize: 1 }, { InstanceId }),
    (page) => page.QuickConnects,
  );
  assert.ok(all.length >= 2);

  await client.send(new DeleteQuickConnectCommand(one));
  await refuses("ResourceNotFoundException", client.send(new DescribeQuickConnectCommand(one)));
  await refuses("ResourceNotFoundException", client.send(new DeleteQuickConnectCommand(one)));
});

test("a quick connect leads to a user, a queue, a number or a flow, each with a flow of the type that fits", async () => {
  const UserId = await newUser("quick", basicProfileId);
  const toUser: QuickConnectConfig = {
    QuickConnectType: "USER",
    UserConfig: { UserId, ContactFlowId: flows.toAgent },
  };
  const toFlow: QuickConnectConfig = { QuickConnectType: "FLOW", FlowConfig: { ContactFlowId: flows.inbound } };
  for (const QuickConnectConfig of [toUser, toFlow]) {
    const Name = `To ${QuickConnectConfig.QuickConnectType}`;
    const QuickConnectId = await newQuickConnect(Name, { QuickConnectConfig });
    const { QuickConnect } = await client.send(new DescribeQuickConnectCommand({ InstanceId, QuickConnectId }));
    assert.deepEqual(QuickConnect?.QuickConnectConfig, QuickConnectConfig);
  }

  const refusesConfig = (name: string, QuickConnectConfig: QuickConnectConfig, words?: RegExp) =>
    refuses(name, newQuickConnect("Refused", { QuickConnectConfig }), words);
  const invalid = "InvalidParameterException";
  await refusesConfig(invalid, { QuickConnectType: "USER" }, /exactly one configuration/);
  await refusesConfig(invalid, { ...toUser, ...toFlow }, /exactly one configuration/);
  await refusesConfig(invalid, { ...toUser, QuickConnectType: "FLOW" }, /type FLOW/);
  await refusesConfig(invalid, toPhone("5550100"), /phoneNumber/);
  const wrongFlow = { UserId, ContactFlowId: flows.inbound };
  await refusesConfig(invalid, { QuickConnectType: "USER", UserConfig: wrongFlow }, /type AGENT_TRANSFER/);
  const nobody = { UserId: NOBODY, ContactFlowId: flows.toAgent };
  await refusesConfig("ResourceNotFoundException", { QuickConnectType: "USER", UserConfig: nobody });
  const nowhere = { QueueId: NOBODY, ContactFlowId: flows.toQueue };
  await refusesConfig("ResourceNotFoundException", { QuickConnectType: "QUEUE", QueueConfig: nowhere });
});

test("names of quick connects are unique", async () => {
  await newQuickConnect("Taken");
  await refuses("DuplicateResourceException", newQuickConnect("Taken"));
  const QuickConnectId = await newQuickConnect("Free");
  const rename = (changes: object) =>
    client.send(new UpdateQuickConnectNameCommand({ InstanceId, QuickConnectId, ...changes }));
  await refuses("InvalidParameterException", rename({ Name: "Taken" }), /already exists/);
  await refuses("InvalidParameterException", rename({}), /Name or Description/);
  await rename({ Description: "" });
});

test("a queue has quick connects, which go with them or with it", async () => {
  const first = await newQuickConnect("Of a queue");
  const second = await newQuickConnect("Of a queue, too");
  const QueueId = await newQueue("With quick connects", { QuickConnectIds: [first] });
  const queue = { InstanceId, QueueId };
  const offered = async () => {
    const pages = paginateListQueueQuickConnects({ client, pageSize: 1 }, { ...queue });
    return (await collect(pages, (page) => page.QuickConnectSummaryList)).map(({ Id }) => Id);
  };
  const associate = (...QuickConnectIds: string[]) =>
    client.send(new AssociateQueueQuickConnectsCommand({ ...queue, QuickConnectIds }));
  await associate(first, second);
  assert.deepEqual(await offered(), [first, second].sort());
  const page = await client.send(new ListQueueQuickConnectsCommand(queue));
  assert.ok(page.LastModifiedTime instanceof Date);

  await client.send(new DisassociateQueueQuickConnectsCommand({ ...queue, QuickConnectIds: [first, NOBODY] }));
  assert.deepEqual(await offered(), [second]);
  await client.send(new DeleteQuickConnectCommand({ InstanceId, QuickConnectId: second }));
  assert.deepEqual(await offered(), []);

  await refuses("ResourceNotFoundException", associate(NOBODY));
  await refuses("ResourceNotFoundException", newQueue("Never", { QuickConnectIds: [NOBODY] }));
  await refuses(
    "ResourceNotFoundException",
    client.send(new ListQueueQuickConnectsCommand({ InstanceId, QueueId: NOBODY })),
  );
  await associate(first);
  await client.send(new DeleteQueueCommand(queue));
  await refuses("ResourceNotFoundException", client.send(new ListQueueQuickConnectsCommand(queue)));
});

test("a queue that a quick connect leads to cannot be deleted", async () => {
  const QueueId = await newQueue("Led to");
  const QuickConnectId = await newQuickConnect("Leads to it", {
    QuickConnectConfig: { QuickConnectType: "QUEUE", QueueConfig: { QueueId, ContactFlowId: flows.toQueue } },
  });
  const removal = new DeleteQueueCommand({ InstanceId, QueueId });
  await refuses("ResourceInUseException", client.send(removal), /quick connect/);
  const QuickConnectConfig = toPhone();
  await client.send(new UpdateQuickConnectConfigCommand({ InstanceId, QuickConnectId, QuickConnectConfig }));
  await client.send(removal);
});

test("an agent status is created, described, changed, listed and searched", async () => {
  const { AgentStatusId = "", AgentStatusARN } = await client.send(
    new CreateAgentStatusCommand({
      InstanceId,
      Name: "Lunch",
      Description: "Away from the desk",
      State: "ENABLED",
      DisplayOrder: 3,
      Tags: { paid: "no" },
    }),
  );
  assert.equal(AgentStatusARN, `${created.Arn}/agent-state/${AgentStatusId}`);
  const one = { InstanceId, AgentStatusId };
  const describe = async () => {
    const { AgentStatus } = await client.send(new DescribeAgentStatusCommand(one));
    const { LastModifiedTime, ...rest } = AgentStatus ?? {};
    assert.ok(LastModifiedTime instanceof Date);
    return rest;
  };
  const lunch = await describe();
  assert.deepEqual(lunch, {
    AgentStatusARN,
    AgentStatusId,
    Name: "Lunch",
    Description: "Away from the desk",
    Type: "CUSTOM",
    State: "ENABLED",
    DisplayOrder: 3,
    Tags: { paid: "no" },
    LastModifiedRegion: "us-east-1",
  });
  const update = (changes: object) => client.send(new UpdateAgentStatusCommand({ ...one, ...changes }));
  await update({ State: "DISABLED", Name: "Long lunch" });
  assert.deepEqual(await describe(), { ...lunch, State: "DISABLED", Name: "Long lunch" });
  await update({ ResetOrderNumber: true });
  assert.equal((await describe()).DisplayOrder, undefined);
  await refuses("InvalidParameterException", update({ ResetOrderNumber: true, DisplayOrder: 1 }));

  const list = async (...AgentStatusTypes: ("ROUTABLE" | "OFFLINE" | "CUSTOM")[]) => {
    const { AgentStatusSummaryList } = await client.send(
      new ListAgentStatusesCommand({ InstanceId, AgentStatusTypes }),
    );
    return AgentStatusSummaryList;
  };
  assert.deepEqual(
    (await list("CUSTOM"))?.map(({ Name }) => Name),
    ["Long lunch"],
  );
  assert.equal((await list())?.length, 3);

  const search = async (changes: object) => {
    const answer = await client.send(new SearchAgentStatusesCommand({ InstanceId, ...changes }));
    assert.equal(answer.ApproximateTotalCount, answer.AgentStatuses?.length);
    return answer.AgentStatuses?.map(({ Name }) => Name);
  };
  const where = (FieldName: string, Value: string) => ({ StringCondition: { FieldName, Value } });
  assert.deepEqual(await search({ SearchCriteria: where("type", "ROUTABLE") }), ["Available"]);
  assert.deepEqual(await search({ SearchCriteria: where("state", "DISABLED") }), ["Long lunch"]);
  assert.deepEqual(await search({ SearchCriteria: where("displayOrder", "2") }), ["Offline"]);
  const tag = (TagKey: string, TagValue: string) => ({ TagKey, TagValue });
  const filter = (AttributeFilter: object) => search({ SearchFilter: { AttributeFilter } });
  assert.deepEqual(await filter({ TagCondition: tag("paid", "no") }), ["Long lunch"]);
  assert.deepEqual(await filter({ AndCondition: { TagConditions: [tag("paid", "yes")] } }), []);
  assert.deepEqual(
    await filter({ OrConditions: [{ TagConditions: [tag("paid", "no")] }, { TagConditions: [tag("x", "y")] }] }),
    ["Long lunch"],
  );
});

test("agent statuses have unique names, and the built-in ones stay enabled", async () => {
  const create = (Name: string) => client.send(new CreateAgentStatusCommand({ InstanceId, Name, State: "ENABLED" }));
  await create("Training");
  await refuses("DuplicateResourceException", create("Training"));
  await refuses("DuplicateResourceException", create("Available"));
  const { AgentStatusSummaryList: offline } = await client.send(
    new ListAgentStatusesCommand({ InstanceId, AgentStatusTypes: ["OFFLINE"] }),
  );
  const builtIn = { InstanceId, AgentStatusId: offline?.[0]?.Id ?? "" };
  const disable = new UpdateAgentStatusCommand({ ...builtIn, State: "DISABLED" });
  await refuses("InvalidParameterException", client.send(disable), /built-in/);
  const rename = new UpdateAgentStatusCommand({ ...builtIn, Name: "Training" });
  await refuses("DuplicateResourceException", client.send(rename));
  const unknown = { InstanceId, AgentStatusId: NOBODY };
  await refuses("ResourceNotFoundException", client.send(new DescribeAgentStatusCommand(unknown)));
  await refuses("ResourceNotFoundException", client.send(new UpdateAgentStatusCommand(unknown)));

  const { AgentStatusSummaryList: all = [] } = await client.send(new ListAgentStatusesCommand({ InstanceId }));
  for (let number = all.length; number < 50; number++) await create(`Status ${number}`);
  await refuses("LimitExceededException", create("One too many"));
});

test("a routing profile is created, described, changed, listed and searched", async () => {
  const QueueId = await newQueue("Served");
  const RoutingProfileId = await newProfile("Voice and chat", {
    MediaConcurrencies: [
      { Channel: "VOICE", Concurrency: 1 },
      { Channel: "CHAT", Concurrency: 3, CrossChannelBehavior: { BehaviorType: "ROUTE_ANY_CHANNEL" } },
    ],
    QueueConfigs: [{ ...reference(QueueId), Priority: 2, Delay: 30 }],
    ManualAssignmentQueueConfigs: [reference(QueueId, "CHAT")],
    AgentAvailabilityTimer: "TIME_SINCE_LAST_INBOUND",
    Tags: { group: "mixed" },
  });
  const one = { InstanceId, RoutingProfileId };
  const describe = async () => {
    const { RoutingProfile } = await client.send(new DescribeRoutingProfileCommand(one));
    const { LastModifiedTime, ...rest } = RoutingProfile ?? {};
    assert.ok(LastModifiedTime instanceof Date);
    return rest;
  };
  const only = "ROUTE_CURRENT_CHANNEL_ONLY";
  const profile = await describe();
  assert.deepEqual(profile, {
    InstanceId,
    Name: "Voice and chat",
    RoutingProfileArn: `${created.Arn}/routing-profile/${RoutingProfileId}`,
    RoutingProfileId,
    Description: "For tests",
    MediaConcurrencies: [
      { Channel: "VOICE", Concurrency: 1, CrossChannelBehavior: { BehaviorType: only } },
      { Channel: "CHAT", Concurrency: 3, CrossChannelBehavior: { BehaviorType: "ROUTE_ANY_CHANNEL" } },
    ],
    DefaultOutboundQueueId: basicQueueId,
    Tags: { group: "mixed" },
    NumberOfAssociatedQueues: 1,
    NumberOfAssociatedManualAssignmentQueues: 1,
    NumberOfAssociatedUsers: 0,
    AgentAvailabilityTimer: "TIME_SINCE_LAST_INBOUND",
    LastModifiedRegion: "us-east-1",
    IsDefault: false,
  });

  await client.send(new UpdateRoutingProfileNameCommand({ ...one, Name: "Chat and voice" }));
  const timer = { ...one, AgentAvailabilityTimer: "TIME_SINCE_LAST_ACTIVITY" as const };
  await client.send(new UpdateRoutingProfileAgentAvailabilityTimerCommand(timer));
  const outbound = { ...one, DefaultOutboundQueueId: QueueId };
  await client.send(new UpdateRoutingProfileDefaultOutboundQueueCommand(outbound));
  const MediaConcurrencies = (["VOICE", "CHAT", "TASK"] as const).map((channel) => ({
    Channel: channel,
    Concurrency: 1,
    CrossChannelBehavior: { BehaviorType: only as "ROUTE_CURRENT_CHANNEL_ONLY" },
  }));
  await client.send(new UpdateRoutingProfileConcurrencyCommand({ ...one, MediaConcurrencies }));
  const changed = await describe();
  assert.deepEqual(changed, {
    ...profile,
    Name: "Chat and voice",
    AgentAvailabilityTimer: "TIME_SINCE_LAST_ACTIVITY",
    DefaultOutboundQueueId: QueueId,
    MediaConcurrencies,
  });

  const listed = await collect(
    paginateListRoutingProfiles({ client, pageSize: 1 }, { InstanceId }),
    (page) => page.RoutingProfileSummaryList,
  );
  assert.deepEqual(
    listed.map(({ Id }) => Id),
    [basicProfileId, RoutingProfileId].sort(),
  );
  const search = async (changes: object) => {
    const answer = await client.send(new SearchRoutingProfilesCommand({ InstanceId, ...changes }));
    assert.equal(answer.ApproximateTotalCount, answer.RoutingProfiles?.length);
    return answer.RoutingProfiles;
  };
  const where = (FieldName: string, Value: string) => ({
    SearchCriteria: { StringCondition: { FieldName, Value, ComparisonType: "CONTAINS" } },
  });
  const [found] = (await search(where("associatedQueueIds", QueueId))) ?? [];
  assert.deepEqual(found?.AssociatedQueueIds, [QueueId]);
  assert.deepEqual(found?.AssociatedManualAssignmentQueueIds, [QueueId]);
  assert.equal(found?.Name, "Chat and voice");
  assert.equal((await search(where("name", "chat and")))?.length, 1);
  const TagFilter = { TagCondition: { TagKey: "group", TagValue: "mixed" } };
  assert.equal((await search({ SearchFilter: { TagFilter } }))?.length, 1);
  await client.send(new DeleteRoutingProfileCommand(one));
  await refuses("ResourceNotFoundException", client.send(new DescribeRoutingProfileCommand(one)));
});

test("queues are associated with a routing profile, changed, listed and disassociated", async () => {
  const first = await newQueue("First in line");
  const second = await newQueue("Second in line");
  const RoutingProfileId = await newProfile("With queues", {
    MediaConcurrencies: [
      { Channel: "VOICE", Concurrency: 1 },
      { Channel: "TASK", Concurrency: 10 },
    ],
  });
  const one = { InstanceId, RoutingProfileId };
  const pairs = async () => {
    const pages = paginateListRoutingProfileQueues({ client, pageSize: 1 }, { ...one });
    const summaries = await collect(pages, (page) => page.RoutingProfileQueueConfigSummaryList);
    return summaries.map(
      ({ QueueName, Channel: channel, Priority, Delay }) => `${QueueName} ${channel} ${Priority} ${Delay}`,
    );
  };
  const associate = (QueueConfigs: { QueueReference: { QueueId: string; Channel: Channel } }[]) =>
    client.send(
      new AssociateRoutingProfileQueuesCommand({
        ...one,
        QueueConfigs: QueueConfigs.map((config) => ({ Priority: 1, Delay: 0, ...config })),
      }),
    );
  await associate([reference(first), reference(first, "TASK"), reference(second)]);
  assert.deepEqual((await pairs()).sort(), [
    "First in line TASK 1 0",
    "First in line VOICE 1 0",
    "Second in line VOICE 1 0",
  ]);

  const update = (QueueId: string, Priority: number) =>
    client.send(
      new UpdateRoutingProfileQueuesCommand({
        ...one,
        QueueConfigs: [{ ...reference(QueueId), Priority, Delay: 5 }],
      }),
    );
  await update(first, 3);
  const QueueReferences = [reference(second).QueueReference, reference(NOBODY).QueueReference];
  await client.send(new DisassociateRoutingProfileQueuesCommand({ ...one, QueueReferences }));
  assert.deepEqual((await pairs()).sort(), ["First in line TASK 1 0", "First in line VOICE 3 5"]);
  const listed = await client.send(new ListRoutingProfileQueuesCommand(one));
  assert.equal(listed.RoutingProfileQueueConfigSummaryList?.[0]?.QueueArn, `${created.Arn}/queue/${first}`);

  const manual = { ...one, ManualAssignmentQueueConfigs: [reference(second, "TASK")] };
  await client.send(new AssociateRoutingProfileQueuesCommand(manual));
  const picked = async () =>
    (await client.send(new ListRoutingProfileManualAssignmentQueuesCommand(one)))
      .RoutingProfileManualAssignmentQueueConfigSummaryList;
  assert.deepEqual(await picked(), [
    { QueueId: second, QueueArn: `${created.Arn}/queue/${second}`, QueueName: "Second in line", Channel: "TASK" },
  ]);
  await refuses("ResourceInUseException", client.send(new DeleteQueueCommand({ InstanceId, QueueId: second })));
  const ManualAssignmentQueueReferences = [reference(second, "TASK").QueueReference];
  await client.send(new DisassociateRoutingProfileQueuesCommand({ ...one, ManualAssignmentQueueReferences }));
  assert.deepEqual(await picked(), []);
  await client.send(new DeleteQueueCommand({ InstanceId, QueueId: second }));
  await refuses("ResourceInUseException", client.send(new DeleteQueueCommand({ InstanceId, QueueId: first })));

  await refuses("ResourceNotFoundException", update(basicQueueId, 1), /does not have queue/);
  await refuses("ResourceNotFoundException", associate([reference(NOBODY)]));
  await refuses("InvalidParameterException", associate([reference(first, "CHAT")]), /CHAT/);
  await refuses("InvalidParameterException", associate([reference(first), reference(first)]), /twice/);
  await refuses(
    "InvalidParameterException",
    client.send(new AssociateRoutingProfileQueuesCommand(one)),
    /QueueConfigs/,
  );
  const eleven = { ...one, QueueReferences: Array.from({ length: 11 }, () => reference(first).QueueReference) };
  await refuses(
    "InvalidParameterException",
    client.send(new DisassociateRoutingProfileQueuesCommand(eleven)),
    /at most 10/,
  );
  const onlyTasks = { ...one, MediaConcurrencies: [{ Channel: "TASK" as const, Concurrency: 1 }] };
  await refuses(
    "InvalidParameterException",
    client.send(new UpdateRoutingProfileConcurrencyCommand(onlyTasks)),
    /VOICE/,
  );
});

test("routing profiles that make no sense are refused", async () => {
  const concurrencies = (...MediaConcurrencies: CreateRoutingProfileCommandInput["MediaConcurrencies"] & object) =>
    newProfile("Refused", { MediaConcurrencies });
  const invalid = "InvalidParameterException";
  await refuses(invalid, concurrencies(), /at least one channel/);
  await refuses(invalid, concurrencies({ Channel: "VOICE", Concurrency: 2 }), /VOICE must be 1/);
  await refuses(invalid, concurrencies({ Channel: "CHAT", Concurrency: 0 }), /from 1 to 10/);
  await refuses(invalid, concurrencies({ Channel: "CHAT" }), /from 1 to 10/);
  const chat = { Channel: "CHAT" as const, Concurrency: 2 };
  await refuses(invalid, concurrencies(chat, chat), /twice/);
  const WorkloadTypeConcurrencies = [{ WorkloadType: "sales", Concurrency: 1 }];
  await refuses(invalid, concurrencies({ ...chat, WorkloadTypeConcurrencies }), /WorkloadTypeConcurrencies/);
  const QueueConfigs = [{ ...reference(basicQueueId, "CHAT"), Priority: 1, Delay: 0 }];
  await refuses(invalid, newProfile("Refused", { QueueConfigs }), /CHAT/);
  await refuses("ResourceNotFoundException", newProfile("Refused", { DefaultOutboundQueueId: NOBODY }));
  const RoutingProfileId = await newProfile("Name in use");
  await refuses("DuplicateResourceException", newProfile("Name in use"));
  const rename = { InstanceId, RoutingProfileId: basicProfileId, Name: "Name in use" };
  await refuses("DuplicateResourceException", client.send(new UpdateRoutingProfileNameCommand(rename)));
  await client.send(new DeleteRoutingProfileCommand({ InstanceId, RoutingProfileId }));
});

test("a routing profile that a user has cannot be deleted", async () => {
  const RoutingProfileId = await newProfile("Of an agent");
  const UserId = await newUser("agent-of-profile", RoutingProfileId);
  const removal = new DeleteRoutingProfileCommand({ InstanceId, RoutingProfileId });
  await refuses("ResourceInUseException", client.send(removal), /user agent-of-profile/);
  const { RoutingProfile } = await client.send(new DescribeRoutingProfileCommand({ InstanceId, RoutingProfileId }));
  assert.equal(RoutingProfile?.NumberOfAssociatedUsers, 1);
  await client.send(new DeleteUserCommand({ InstanceId, UserId }));
  await client.send(removal);
});

test("a routing profile has at most 50 queues on their channels", async () => {
  const queueIds = await Promise.all(Array.from({ length: 13 }, (_, number) => newQueue(`Many ${number}`)));
  const channels = ["VOICE", "CHAT", "TASK", "EMAIL"] as const;
  const MediaConcurrencies = channels.map((channel) => ({ Channel: channel, Concurrency: 1 }));
  const RoutingProfileId = await newProfile("Full profile", { MediaConcurrencies });
  const configs = queueIds.flatMap((id) =>
    channels.map((channel) => ({ ...reference(id, channel), Priority: 1, Delay: 0 })),
  );
  const associate = (QueueConfigs: typeof configs) =>
    client.send(new AssociateRoutingProfileQueuesCommand({ InstanceId, RoutingProfileId, QueueConfigs }));
  for (let start = 0; start < 50; start += 10) await associate(configs.slice(start, start + 10));
  await associate(configs.slice(0, 10));
  await refuses("InvalidRequestException", associate(configs.slice(50)), /quota/);
});

test("the tags of an instance's resources are searched", async () => {
  const InstanceAlias = "tagged-centre";
  const { Id: instance = "" } = await client.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
      Tags: { owner: "not a resource of the instance" },
    }),
  );
  const status = (Name: string, Tags: Record<string, string>) =>
    client.send(new CreateAgentStatusCommand({ InstanceId: instance, Name, State: "ENABLED", Tags }));
  await status("First", { department: "sales", site: "Oslo" });
  await status("Second", { department: "sales", site: "Bergen" });
  await client.send(
    new CreateQuickConnectCommand({
      InstanceId: instance,
      Name: "Tagged",
      QuickConnectConfig: toPhone(),
      Tags: { department: "support" },
    }),
  );
  const search = async (changes: object = {}) => {
    const { Tags } = await client.send(new SearchResourceTagsCommand({ InstanceId: instance, ...changes }));
    return Tags?.map(({ key, value }) => `${key}=${value}`);
  };
  const all = ["department=sales", "department=support", "site=Bergen", "site=Oslo"];
  assert.deepEqual(await search(), all);
  assert.deepEqual(await search({ ResourceTypes: [] }), all);
  assert.deepEqual(await search({ ResourceTypes: ["transfer-destination", "prompt"] }), ["department=support"]);
  const where = (TagSearchCondition: object) => search({ SearchCriteria: { TagSearchCondition } });
  assert.deepEqual(await where({ tagKey: "DEPARTMENT" }), all.slice(0, 2));
  assert.deepEqual(await where({ tagKey: "i", tagKeyComparisonType: "CONTAINS" }), all.slice(2));
  assert.deepEqual(await where({ tagValue: "s", tagValueComparisonType: "STARTS_WITH" }), all.slice(0, 2));
  const pages = paginateSearchResourceTags({ client, pageSize: 1 }, { InstanceId: instance });
  assert.equal((await collect(pages, (page) => page.Tags)).length, 4);

  await refuses("InvalidParameterException", search({ ResourceTypes: ["colour"] }), /ResourceType colour/);
  await refuses("InvalidParameterException", search({ NextToken: "made-up" }));
  await refuses("ResourceNotFoundException", search({ InstanceId: NOBODY }));

  for (let number = 0; number < 20; number++) {
    const tags = Array.from({ length: 50 }, (_, index) => [`key-${index}`, `value-${number}`] as const);
    await status(`Status ${number}`, Object.fromEntries(tags));
  }
  await refuses("MaximumResultReturnedException", search(), /more than 1000/);
});

async function newEmailAddress(EmailAddress: string, changes: object = {}): Promise<string> {
  const address = new CreateEmailAddressCommand({ InstanceId, EmailAddress, ...changes });
  return (await client.send(address)).EmailAddressId ?? "";
}

test("an e-mail address is created once, described, changed, searched and deleted", async () => {
  const details = { DisplayName: "The shop", Description: "Orders", Tags: { brand: "north" }, ClientToken: "once" };
  const EmailAddressId = await newEmailAddress("shop@example.com", details);
  assert.equal(await newEmailAddress("shop@example.com", details), EmailAddressId);
  await refuses("IdempotencyException", newEmailAddress("other@example.com", details));
  await refuses("DuplicateResourceException", newEmailAddress("shop@example.com"));

  const one = { InstanceId, EmailAddressId };
  const { $metadata, CreateTimestamp, ModifiedTimestamp, ...described } = await client.send(
    new DescribeEmailAddressCommand(one),
  );
  assert.equal($metadata.httpStatusCode, 200);
  assert.equal(CreateTimestamp, ModifiedTimestamp);
  assert.ok(!Number.isNaN(Date.parse(CreateTimestamp ?? "")));
  const EmailAddressArn = `${created.Arn}/email-address/${EmailAddressId}`;
  const metadata = { EmailAddressId, EmailAddressArn, EmailAddress: "shop@example.com", Description: "Orders" };
  assert.deepEqual(described, { ...metadata, DisplayName: "The shop", Tags: details.Tags });

  const rename = { ...one, DisplayName: "North shop", ClientToken: "rename" };
  const updated = await client.send(new UpdateEmailAddressMetadataCommand(rename));
  assert.equal(updated.EmailAddressArn, EmailAddressArn);
  await client.send(new UpdateEmailAddressMetadataCommand(rename));
  await refuses(
    "IdempotencyException",
    client.send(new UpdateEmailAddressMetadataCommand({ ...rename, DisplayName: "South shop" })),
  );
  const StringCondition = { FieldName: "displayName", Value: "north", ComparisonType: "STARTS_WITH" as const };
  const TagFilter = { TagCondition: { TagKey: "brand", TagValue: "north" } };
  const search = { InstanceId, SearchCriteria: { StringCondition }, SearchFilter: { TagFilter } };
  const found = await client.send(new SearchEmailAddressesCommand(search));
  assert.deepEqual(found.EmailAddresses, [{ ...metadata, DisplayName: "North shop" }]);
  assert.equal(found.ApproximateTotalCount, 1);

  await client.send(new DeleteEmailAddressCommand(one));
  await refuses("ResourceNotFoundException", client.send(new DescribeEmailAddressCommand(one)));
  await refuses("ResourceNotFoundException", client.send(new UpdateEmailAddressMetadataCommand(one)));
  await refuses("ResourceNotFoundException", client.send(new DeleteEmailAddressCommand(one)));
});

test("a queue has a default e-mail address and others, which cannot be deleted meanwhile", async () => {
  const [first, second, third] = await Promise.all(
    ["first", "second", "third"].map((name) => newEmailAddress(`${name}@example.com`)),
  );
  assert.ok(first && second && third);
  const QueueId = await newQueue("With e-mail", {
    OutboundEmailConfig: { OutboundEmailAddressId: first },
    EmailAddressesConfig: [{ EmailAddressId: second }],
  });
  const queue = { InstanceId, QueueId };
  const offered = async () => {
    const summaries = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListQueueEmailAddressesCommand({ ...queue, MaxResults: 1, NextToken }));
      summaries.push(...(page.EmailAddressMetadataList ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return summaries.map(({ Id, IsDefaultOutboundEmail }) => `${Id}${IsDefaultOutboundEmail ? " by default" : ""}`);
  };
  const { Queue } = await client.send(new DescribeQueueCommand(queue));
  assert.deepEqual(Queue?.OutboundEmailConfig, { OutboundEmailAddressId: first });
  assert.deepEqual(await offered(), [`${first} by default`, second].sort());

  const associate = (...ids: string[]) => {
    const EmailAddressesConfig = ids.map((EmailAddressId) => ({ EmailAddressId }));
    return client.send(new AssociateQueueEmailAddressesCommand({ ...queue, EmailAddressesConfig }));
  };
  await associate(second, third);
  assert.deepEqual(await offered(), [`${first} by default`, second, third].sort());
  const EmailAddressesId = [second, NOBODY];
  await client.send(new DisassociateQueueEmailAddressesCommand({ ...queue, EmailAddressesId }));
  const setDefault = (OutboundEmailConfig: { OutboundEmailAddressId?: string }) =>
    client.send(new UpdateQueueOutboundEmailConfigCommand({ ...queue, OutboundEmailConfig }));
  await setDefault({ OutboundEmailAddressId: third });
  assert.deepEqual(await offered(), [`${third} by default`]);

  const removal = new DeleteEmailAddressCommand({ InstanceId, EmailAddressId: third });
  await refuses("ResourceConflictException", client.send(removal), /in use by queue/);
  await setDefault({});
  await refuses("ResourceConflictException", client.send(removal));
  await client.send(new DisassociateQueueEmailAddressesCommand({ ...queue, EmailAddressesId: [third] }));
  await client.send(removal);

  await refuses("ResourceNotFoundException", associate(NOBODY));
  await refuses("ResourceNotFoundException", setDefault({ OutboundEmailAddressId: NOBODY }));
  const unknown = { InstanceId, QueueId: NOBODY };
  await refuses("ResourceNotFoundException", client.send(new ListQueueEmailAddressesCommand(unknown)));

  const many = await Promise.all(
    Array.from({ length: 50 }, (_, number) => newEmailAddress(`no-${number}@example.com`)),
  );
  await associate(...many);
  await refuses("LimitExceededException", associate(first));
  await refuses("InvalidRequestException", setDefault({ OutboundEmailAddressId: first }));
});

test("quotas of quick connects and routing profiles hold with --enforce-limits", async () => {
  const flags = ["quick-connects-per-instance=1", "routing-profiles-per-instance=1"];
  const limited = await startTrunkline("--enforce-limits", ...flags.flatMap((flag) => ["--limit", `connect.${flag}`]));
  const connect = new ConnectClient(limited.client);
  const { Id = "" } = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "limited-centre",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const inIt = { InstanceId: Id };
  const quickConnect = (Name: string) =>
    connect.send(new CreateQuickConnectCommand({ ...inIt, Name, QuickConnectConfig: toPhone() }));
  await quickConnect("First");
  await refuses("LimitExceededException", quickConnect("Second"), /quota of quick connects/);

  const { QueueSummaryList: ownQueues } = await connect.send(new ListQueuesCommand(inIt));
  const profile = new CreateRoutingProfileCommand({
    ...inIt,
    Name: "Second",
    Description: "Beside the one that the instance was created with",
    DefaultOutboundQueueId: ownQueues?.[0]?.Id,
    MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
  });
  await refuses("LimitExceededException", connect.send(profile), /quota of routing profiles/);
});
