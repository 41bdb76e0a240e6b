/** People in Connect as its SDK sees them: users, security profiles, hierarchies, predefined attributes and proficiencies. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  AssociateUserProficienciesCommand,
  ConnectClient,
  CreateContactFlowModuleCommand,
  CreateInstanceCommand,
  type CreateInstanceCommandInput,
  CreatePredefinedAttributeCommand,
  CreateQueueCommand,
  CreateSecurityProfileCommand,
  CreateUserCommand,
  type CreateUserCommandInput,
  CreateUserHierarchyGroupCommand,
  DeleteInstanceCommand,
  DeletePredefinedAttributeCommand,
  DeleteQueueCommand,
  DeleteSecurityProfileCommand,
  DeleteUserCommand,
  DeleteUserHierarchyGroupCommand,
  DescribePredefinedAttributeCommand,
  DescribeQueueCommand,
  DescribeSecurityProfileCommand,
  DescribeUserCommand,
  DescribeUserHierarchyGroupCommand,
  DescribeUserHierarchyStructureCommand,
  DisassociateUserProficienciesCommand,
  type HierarchyStructureUpdate,
  ListContactFlowsCommand,
  ListHoursOfOperationsCommand,
  ListPredefinedAttributesCommand,
  ListQueuesCommand,
  ListRoutingProfilesCommand,
  ListSecurityProfileAIAgentsCommand,
  ListSecurityProfileApplicationsCommand,
  ListSecurityProfileFlowModulesCommand,
  ListSecurityProfilePermissionsCommand,
  ListTagsForResourceCommand,
  ListUserHierarchyGroupsCommand,
  ListUserProficienciesCommand,
  paginateListSecurityProfiles,
  paginateListUsers,
  paginateSearchUsers,
  ResourceInUseException,
  SearchPredefinedAttributesCommand,
  SearchSecurityProfilesCommand,
  SearchUserHierarchyGroupsCommand,
  SearchUsersCommand,
  type SearchUsersCommandInput,
  StartTaskContactCommand,
  TagResourceCommand,
  UpdateContactCommand,
  UpdatePredefinedAttributeCommand,
  UpdateQueueStatusCommand,
  UpdateSecurityProfileCommand,
  UpdateUserConfigCommand,
  UpdateUserHierarchyCommand,
  UpdateUserHierarchyGroupNameCommand,
  UpdateUserHierarchyStructureCommand,
  UpdateUserIdentityInfoCommand,
  UpdateUserPhoneConfigCommand,
  UpdateUserProficienciesCommand,
  UpdateUserRoutingProfileCommand,
  UpdateUserSecurityProfilesCommand,
} from "@aws-sdk/client-connect";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";
import { StoredRows } from "./stored-rows.ts";

const folder = temporaryFolder();
const server = await startTrunkline("--data", folder);
const client = new ConnectClient(server.client);
const NOBODY = "00000000-0000-4000-8000-000000000000";
const PASSWORD = "Correct-Horse-7-Battery";
const IDENTITY = { FirstName: "Ada", LastName: "Okafor", Email: "ada@example.com" };

let instanceCount = 0;

/** An instance of its own for a test, with the profiles that users of it need. */
async function newInstance(input: Partial<CreateInstanceCommandInput> = {}, of: TestServer = server) {
  const connect = new ConnectClient(of.client);
  const created = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: `people-${++instanceCount}`,
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
      ...input,
    }),
  );
  const InstanceId = created.Id ?? "";
  const search = await connect.send(
    new SearchSecurityProfilesCommand({
      InstanceId,
      SearchCriteria: { StringCondition: { FieldName: "name", Value: "agent", ComparisonType: "EXACT" } },
    }),
  );
  const securityProfileId = search.SecurityProfiles?.[0]?.Id ?? "";
  const routingProfiles = await connect.send(new ListRoutingProfilesCommand({ InstanceId }));
  const routingProfileId = routingProfiles.RoutingProfileSummaryList?.[0]?.Id ?? "";
  const user = { InstanceId, SecurityProfileIds: [securityProfileId], RoutingProfileId: routingProfileId };
  return { InstanceId, arn: created.Arn ?? "", securityProfileId, routingProfileId, user };
}

const centre = await newInstance();
const { InstanceId } = centre;

let userCount = 0;

async function createUser(input: Partial<CreateUserCommandInput> = {}): Promise<string> {
  const user = { ...centre.user, Username: `agent-${++userCount}`, Password: PASSWORD, IdentityInfo: IDENTITY };
  return (await client.send(new CreateUserCommand({ ...user, ...input }))).UserId ?? "";
}

async function describe(UserId: string) {
  const { User } = await client.send(new DescribeUserCommand({ InstanceId, UserId }));
  assert.ok(User);
  return User;
}

async function refuses(name: string, call: Promise<unknown>, status?: number): Promise<void> {
  await assert.rejects(call, (error: { name: string; message: string; $metadata: { httpStatusCode?: number } }) => {
    assert.equal(error.name, name, error.message);
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}

async function createGroup(Name: string, ParentGroupId?: string, at: string = InstanceId): Promise<string> {
  const group = new CreateUserHierarchyGroupCommand({ InstanceId: at, Name, ParentGroupId });
  return (await client.send(group)).HierarchyGroupId ?? "";
}

async function setLevels(at: string, ...names: string[]): Promise<void> {
  const levels = ["LevelOne", "LevelTwo", "LevelThree", "LevelFour", "LevelFive"];
  const HierarchyStructure = Object.fromEntries(names.map((Name, index) => [levels[index], { Name }]));
  await client.send(new UpdateUserHierarchyStructureCommand({ InstanceId: at, HierarchyStructure }));
}

suite("users", () => {
  test("a new user is described as it was created, and has a queue of its own", async () => {
    const PhoneConfig = { PhoneType: "SOFT_PHONE", AutoAccept: true, AfterContactWorkTimeLimit: 30 } as const;
    const IdentityInfo = { ...IDENTITY, SecondaryEmail: "ada@example.org", Mobile: "+12065550177" };
    const { UserId = "", UserArn } = await client.send(
      new CreateUserCommand({
        ...centre.user,
        InstanceId: centre.arn,
        Username: "ada@example.com",
        Password: PASSWORD,
        IdentityInfo,
        PhoneConfig,
        VoiceEnhancementConfigs: [{ Channel: "VOICE", VoiceEnhancementMode: "NOISE_SUPPRESSION" }],
        Tags: { team: "blue" },
      }),
    );
    assert.equal(UserArn, `${centre.arn}/agent/${UserId}`);
    const { LastModifiedTime, ...user } = await describe(UserId);
    assert.ok(LastModifiedTime instanceof Date);
    assert.deepEqual(user, {
      Id: UserId,
      Arn: UserArn,
      Username: "ada@example.com",
      IdentityInfo,
      PhoneConfig,
      VoiceEnhancementConfigs: [{ Channel: "VOICE", VoiceEnhancementMode: "NOISE_SUPPRESSION" }],
      SecurityProfileIds: [centre.securityProfileId],
      RoutingProfileId: centre.routingProfileId,
      Tags: { team: "blue" },
      LastModifiedRegion: "us-east-1",
    });

    const { QueueSummaryList = [] } = await client.send(new ListQueuesCommand({ InstanceId, QueueTypes: ["AGENT"] }));
    const { LastModifiedTime: _at, ...own } = QueueSummaryList.find(({ Id }) => Id === UserId) ?? {};
    const QueueArn = `${centre.arn}/queue/agent/${UserId}`;
    assert.deepEqual(own, { Id: UserId, Arn: QueueArn, QueueType: "AGENT", LastModifiedRegion: "us-east-1" });
    const { Queue } = await client.send(new DescribeQueueCommand({ InstanceId, QueueId: QueueArn }));
    assert.equal(Queue?.QueueId, UserId);
    const queue = { InstanceId, QueueId: UserId };
    await refuses("InvalidParameterException", client.send(new DeleteQueueCommand(queue)));
    await refuses(
      "InvalidParameterException",
      client.send(new UpdateQueueStatusCommand({ ...queue, Status: "DISABLED" })),
    );

    await client.send(new TagResourceCommand({ resourceArn: UserArn, tags: { skill: "billing" } }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: UserArn }));
    assert.deepEqual(tags, { team: "blue", skill: "billing" });

    await client.send(new DeleteUserCommand({ InstanceId, UserId: UserArn }));
    await refuses("ResourceNotFoundException", describe(UserId), 404);
    await refuses("ResourceNotFoundException", client.send(new DescribeQueueCommand(queue)));
  });

  test("a password is neither kept nor told", async () => {
    const id = await createUser();
    const stored = [...new StoredRows(folder).all()];
    assert.ok(stored.some((row) => row.includes(id)));
    assert.ok(!stored.some((row) => row.includes(PASSWORD)));
    assert.ok(
      !JSON.stringify(await describe(id))
        .toLowerCase()
        .includes("password"),
    );
  });

  test("user names are unique in their instance", async () => {
    await createUser({ Username: "taken" });
    await refuses("DuplicateResourceException", createUser({ Username: "taken" }), 409);
    const elsewhere = await newInstance();
    await client.send(
      new CreateUserCommand({
        ...elsewhere.user,
        Username: "taken",
        Password: PASSWORD,
        IdentityInfo: IDENTITY,
      }),
    );
  });

  test("what a user needs depends on who manages identities", async () => {
    const invalid = (input: Partial<CreateUserCommandInput>) => refuses("InvalidParameterException", createUser(input));
    await invalid({ Password: undefined });
    await refuses("InvalidParameterException", createUser({ Password: "short" }), 400);
    await invalid({ IdentityInfo: undefined });
    await invalid({ IdentityInfo: { ...IDENTITY, LastName: "" } });
    await invalid({ IdentityInfo: { ...IDENTITY, LastName: "x".repeat(257) } });
    await invalid({ IdentityInfo: { ...IDENTITY, FirstName: "Ame\u0301lie" } });
    await invalid({ IdentityInfo: { ...IDENTITY, SecondaryEmail: "nowhere" } });
    await invalid({ DirectoryUserId: "S-1-5" });
    await invalid({ Username: "x".repeat(21) });
    await invalid({ Username: "ada@example" });
    await invalid({ Username: "a b" });
    await createUser({ Username: "unreachable", IdentityInfo: { ...IDENTITY, Email: undefined } });

    const saml = await newInstance({ IdentityManagementType: "SAML" });
    const names = { FirstName: "Ada", LastName: "Okafor" };
    const federated = { ...saml.user, Username: "x".repeat(64), Password: undefined, IdentityInfo: names };
    await createUser(federated);
    await invalid({ ...federated, Password: PASSWORD });
    await invalid({ ...federated, IdentityInfo: IDENTITY });
    await invalid({ ...federated, DirectoryUserId: "S-1-5" });

    const directory = await newInstance({
      IdentityManagementType: "EXISTING_DIRECTORY",
      DirectoryId: "d-1234567890",
      InstanceAlias: undefined,
    });
    const known = { ...directory.user, Username: "ada", Password: undefined, IdentityInfo: undefined };
    await invalid(known);
    const UserId = await createUser({ ...known, DirectoryUserId: "S-1-5" });
    const identity = { InstanceId: directory.InstanceId, UserId, IdentityInfo: { FirstName: "Ada" } };
    await refuses("InvalidRequestException", client.send(new UpdateUserIdentityInfoCommand(identity)));
  });

  test("a user's settings are checked, and said in one form only", async () => {
    const invalid = (input: Partial<CreateUserCommandInput>) => refuses("InvalidParameterException", createUser(input));
    const work = { AfterContactWorkTimeLimit: 2_000_001 };
    await invalid({ PhoneConfig: work });
    await invalid({ AfterContactWorkConfigs: [{ Channel: "CHAT", AfterContactWorkConfig: work }] });
    await invalid({ PhoneConfig: { PhoneType: "DESK_PHONE" } });
    await invalid({ PhoneConfig: { PhoneType: "DESK_PHONE", DeskPhoneNumber: "911" } });
    await invalid({ PhoneNumberConfigs: [{ Channel: "VOICE", PhoneType: "DESK_PHONE" }] });
    await invalid({ PhoneNumberConfigs: [{ Channel: "CHAT", PhoneType: "SOFT_PHONE" }] });
    await invalid({ AutoAcceptConfigs: [{ Channel: "TASK", AutoAccept: true, AgentFirstCallbackAutoAccept: true }] });
    const voice = { Channel: "VOICE", AutoAccept: true } as const;
    await invalid({ AutoAcceptConfigs: [voice, voice] });
    await invalid({ AutoAcceptConfigs: [voice], PhoneConfig: { AutoAccept: false } });
    await createUser({ AutoAcceptConfigs: [voice], PhoneConfig: { AfterContactWorkTimeLimit: 5 } });
  });

  test("each part of a user is changed by itself", async () => {
    const UserId = await createUser({ PhoneConfig: { AutoAccept: true, AfterContactWorkTimeLimit: 10 } });
    const user = { InstanceId, UserId };
    const before = await describe(UserId);
    await server.advance("PT1S");

    const IdentityInfo = { FirstName: "Bo", LastName: "Lind", Email: "bo@example.com" };
    await client.send(new UpdateUserIdentityInfoCommand({ ...user, IdentityInfo }));
    const { SecurityProfileId = "" } = await client.send(
      new CreateSecurityProfileCommand({ InstanceId, SecurityProfileName: "Second" }),
    );
    const SecurityProfileIds = [centre.securityProfileId, SecurityProfileId, SecurityProfileId];
    await client.send(new UpdateUserSecurityProfilesCommand({ ...user, SecurityProfileIds }));
    await client.send(new UpdateUserRoutingProfileCommand({ ...user, RoutingProfileId: centre.routingProfileId }));
    const changed = await describe(UserId);
    assert.deepEqual(changed.IdentityInfo, IdentityInfo);
    assert.deepEqual(changed.SecurityProfileIds, [centre.securityProfileId, SecurityProfileId]);
    assert.ok((changed.LastModifiedTime ?? 0) > (before.LastModifiedTime ?? 0));

    const AutoAcceptConfigs = [{ Channel: "VOICE", AutoAccept: false }] as const;
    await client.send(new UpdateUserConfigCommand({ ...user, AutoAcceptConfigs: [...AutoAcceptConfigs] }));
    const configured = await describe(UserId);
    assert.deepEqual(configured.AutoAcceptConfigs, AutoAcceptConfigs);
    assert.deepEqual(configured.PhoneConfig, { AfterContactWorkTimeLimit: 10 });

    const PhoneConfig = { PhoneType: "DESK_PHONE", DeskPhoneNumber: "+12065550188" } as const;
    await client.send(new UpdateUserPhoneConfigCommand({ ...user, PhoneConfig }));
    const phoned = await describe(UserId);
    assert.deepEqual(phoned.PhoneConfig, PhoneConfig);
    assert.equal(phoned.AutoAcceptConfigs, undefined);

    await refuses(
      "InvalidParameterException",
      client.send(new UpdateUserIdentityInfoCommand({ ...user, IdentityInfo: { FirstName: "Bo" } })),
    );
    await refuses(
      "ResourceNotFoundException",
      client.send(new UpdateUserRoutingProfileCommand({ ...user, RoutingProfileId: NOBODY })),
      404,
    );
    await refuses(
      "ResourceNotFoundException",
      client.send(new UpdateUserSecurityProfilesCommand({ ...user, SecurityProfileIds: [NOBODY] })),
    );
    await refuses(
      "ResourceNotFoundException",
      client.send(new UpdateUserHierarchyCommand({ ...user, HierarchyGroupId: NOBODY })),
    );
    assert.deepEqual(await describe(UserId), phoned);
  });

  test("a user names what exists in its own instance", async () => {
    const elsewhere = await newInstance();
    const missing = (input: Partial<CreateUserCommandInput>) => refuses("ResourceNotFoundException", createUser(input));
    await missing({ RoutingProfileId: NOBODY });
    await missing({ RoutingProfileId: elsewhere.routingProfileId });
    await missing({ SecurityProfileIds: [elsewhere.securityProfileId] });
    await missing({ HierarchyGroupId: NOBODY });
    await missing({ InstanceId: NOBODY });
  });

  test("with limits enforced, agents' own queues are no queues of the quota, and users have theirs", async () => {
    const limits = ["--limit", "connect.users-per-instance=2", "--limit", "connect.queues-per-instance=2"];
    const rates = ["--limit", "connect.create-user-burst=10"];
    const limited = await startTrunkline("--enforce-limits", ...limits, ...rates);
    const connect = new ConnectClient(limited.client);
    const { user, InstanceId: at } = await newInstance({}, limited);
    const create = (Username: string) =>
      connect.send(new CreateUserCommand({ ...user, Username, Password: PASSWORD, IdentityInfo: IDENTITY }));
    await create("one");
    await create("two");
    await refuses("LimitExceededException", create("three"), 429);
    const hours = await connect.send(new ListHoursOfOperationsCommand({ InstanceId: at }));
    const HoursOfOperationId = hours.HoursOfOperationSummaryList?.[0]?.Id;
    await connect.send(new CreateQueueCommand({ InstanceId: at, Name: "Sales", HoursOfOperationId }));
  });
});

suite("searching users", async () => {
  const { InstanceId: at, user } = await newInstance();
  await setLevels(at, "Region", "Team");
  const north = await createGroup("North", undefined, at);
  const support = await createGroup("Support", north, at);
  const south = await createGroup("South", undefined, at);
  await client.send(new CreatePredefinedAttributeCommand({ InstanceId: at, Name: "language" }));
  const people = [
    { Username: "alba", HierarchyGroupId: north, Tags: { team: "blue", site: "oslo" } },
    { Username: "bert", HierarchyGroupId: support, Tags: { team: "blue" } },
    { Username: "Albert", HierarchyGroupId: south, Tags: { team: "red" } },
    { Username: "cora" },
  ];
  for (const [level, person] of people.entries()) {
    const PhoneConfig = { AfterContactWorkTimeLimit: 30 };
    const UserId = await createUser({ ...user, ...person, PhoneConfig });
    const spoken = [{ AttributeName: "language", AttributeValue: "French", Level: level + 1 }];
    await client.send(new AssociateUserProficienciesCommand({ InstanceId: at, UserId, UserProficiencies: spoken }));
  }

  async function found(input: Partial<SearchUsersCommandInput>): Promise<string[]> {
    const { Users = [], ApproximateTotalCount } = await client.send(
      new SearchUsersCommand({ InstanceId: at, ...input }),
    );
    assert.equal(ApproximateTotalCount, Users.length);
    return Users.map(({ Username }) => Username ?? "").sort();
  }
  const named = (FieldName: string, Value: string, ComparisonType: "STARTS_WITH" | "CONTAINS" | "EXACT") => ({
    StringCondition: { FieldName, Value, ComparisonType },
  });

  test("conditions on names and profiles, tree by tree", async () => {
    assert.deepEqual(await found({}), ["Albert", "alba", "bert", "cora"]);
    assert.deepEqual(await found({ SearchCriteria: named("Username", "al", "STARTS_WITH") }), ["Albert", "alba"]);
    assert.deepEqual(await found({ SearchCriteria: named("Username", "BERT", "EXACT") }), ["bert"]);
    const both = [named("Username", "al", "STARTS_WITH"), named("Username", "bert", "CONTAINS")];
    assert.deepEqual(await found({ SearchCriteria: { AndConditions: both } }), ["Albert"]);
    assert.deepEqual(await found({ SearchCriteria: { OrConditions: both } }), ["Albert", "alba", "bert"]);
    const [SecurityProfileId = ""] = user.SecurityProfileIds;
    assert.equal((await found({ SearchCriteria: named("SecurityProfileId", SecurityProfileId, "EXACT") })).length, 4);
    assert.equal((await found({ SearchCriteria: named("LastName", "okafor", "EXACT") })).length, 4);
    await refuses("InvalidParameterException", found({ SearchCriteria: named("Password", "x", "EXACT") }));
  });

  test("conditions on groups, tags and proficiencies", async () => {
    const inGroup = (Value: string, HierarchyGroupMatchType: "EXACT" | "WITH_CHILD_GROUPS") => ({
      HierarchyGroupCondition: { Value, HierarchyGroupMatchType },
    });
    assert.deepEqual(await found({ SearchCriteria: inGroup(north, "EXACT") }), ["alba"]);
    assert.deepEqual(await found({ SearchCriteria: inGroup(north, "WITH_CHILD_GROUPS") }), ["alba", "bert"]);
    await refuses("InvalidParameterException", found({ SearchCriteria: { HierarchyGroupCondition: {} } }));

    const blue = { TagKey: "team", TagValue: "blue" };
    const red = { TagKey: "team", TagValue: "red" };
    const oslo = { TagKey: "site", TagValue: "oslo" };
    assert.deepEqual(await found({ SearchFilter: { TagFilter: { TagCondition: blue } } }), ["alba", "bert"]);
    assert.deepEqual(await found({ SearchFilter: { TagFilter: { OrConditions: [[blue, oslo], [red]] } } }), [
      "Albert",
      "alba",
    ]);
    const UserAttributeFilter = { AndCondition: { TagConditions: [blue], ...inGroup(support, "EXACT") } };
    assert.deepEqual(await found({ SearchFilter: { UserAttributeFilter } }), ["bert"]);

    const Conditions = [
      named("name", "language", "EXACT"),
      { NumberCondition: { FieldName: "limit", MinValue: 3, ComparisonType: "GREATER_OR_EQUAL" as const } },
    ];
    const ListCondition = { TargetListType: "PROFICIENCIES" as const, Conditions };
    assert.deepEqual(await found({ SearchCriteria: { ListCondition } }), ["Albert", "cora"]);
  });

  test("a found user has after-contact work in milliseconds, and pages go on where they ended", async () => {
    const { Users = [] } = await client.send(new SearchUsersCommand({ InstanceId: at, MaxResults: 1 }));
    assert.equal(Users[0]?.PhoneConfig?.AfterContactWorkTimeLimit, 30_000);
    assert.deepEqual(Users[0]?.IdentityInfo, { FirstName: "Ada", LastName: "Okafor" });
    const names: (string | undefined)[] = [];
    for await (const page of paginateSearchUsers({ client, pageSize: 2 }, { InstanceId: at })) {
      assert.equal(page.ApproximateTotalCount, 4);
      names.push(...(page.Users ?? []).map(({ Username }) => Username));
    }
    const listed: (string | undefined)[] = [];
    for await (const page of paginateListUsers({ client, pageSize: 2 }, { InstanceId: at })) {
      listed.push(...(page.UserSummaryList ?? []).map(({ Username }) => Username));
    }
    assert.deepEqual(names, listed);
    assert.equal(names.length, 4);
    await refuses("InvalidParameterException", found({ NextToken: "nonsense" }));
  });
});

suite("security profiles", () => {
  const profileCalled = async (SecurityProfileName: string): Promise<string> => {
    const created = await client.send(new CreateSecurityProfileCommand({ InstanceId, SecurityProfileName }));
    return created.SecurityProfileId ?? "";
  };

  test("a security profile is described as it was created, and changed by what is given", async () => {
    const access = {
      AllowedAccessControlTags: { team: "blue" },
      TagRestrictedResources: ["User"],
      HierarchyRestrictedResources: ["User"],
    };
    const Permissions = ["Users.View", "Queues.View", "Users.View"];
    const Actions = [{ Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} }];
    const Content = JSON.stringify({ Version: "2019-10-30", StartAction: "end", Metadata: {}, Actions });
    const Settings = JSON.stringify({ InputParameters: [], OutputParameters: [], Transitions: [] });
    const module = new CreateContactFlowModuleCommand({ InstanceId, Name: "Greeting", Content, Settings });
    const AllowedFlowModules = [{ Type: "MCP" as const, FlowModuleId: (await client.send(module)).Id }];
    const Applications = [{ Namespace: "crm", ApplicationPermissions: ["ACCESS"] }];
    const { SecurityProfileId = "", SecurityProfileArn } = await client.send(
      new CreateSecurityProfileCommand({
        InstanceId,
        SecurityProfileName: "Team leads",
        Description: "Of all teams",
        Permissions,
        Applications,
        AllowedFlowModules,
        AllowedAIAgents: [{ Type: "THIRD_PARTY", Arn: "arn:aws:example:agent" }],
        Tags: { a: "b" },
        ...access,
      }),
    );
    const profile = { InstanceId, SecurityProfileId };
    const { SecurityProfile } = await client.send(new DescribeSecurityProfileCommand(profile));
    const { LastModifiedTime, ...described } = SecurityProfile ?? {};
    assert.ok(LastModifiedTime instanceof Date);
    assert.deepEqual(described, {
      Id: SecurityProfileId,
      OrganizationResourceId: InstanceId,
      Arn: SecurityProfileArn,
      SecurityProfileName: "Team leads",
      Description: "Of all teams",
      Tags: { a: "b" },
      LastModifiedRegion: "us-east-1",
      ...access,
    });
    const first = await client.send(new ListSecurityProfilePermissionsCommand({ ...profile, MaxResults: 1 }));
    assert.deepEqual(first.Permissions, ["Users.View"]);
    const next = { ...profile, NextToken: first.NextToken };
    const second = await client.send(new ListSecurityProfilePermissionsCommand(next));
    assert.deepEqual([second.Permissions, second.NextToken], [["Queues.View"], undefined]);
    const listed = await client.send(new ListSecurityProfileApplicationsCommand(profile));
    assert.deepEqual(listed.Applications, Applications);
    const modules = await client.send(new ListSecurityProfileFlowModulesCommand(profile));
    assert.deepEqual(modules.AllowedFlowModules, AllowedFlowModules);
    const agents = await client.send(new ListSecurityProfileAIAgentsCommand(profile));
    assert.deepEqual(agents.AllowedAIAgents, [{ Type: "THIRD_PARTY", Arn: "arn:aws:example:agent" }]);

    const change = { ...profile, Permissions: ["BasicAgentAccess"], TagRestrictedResources: [] };
    await client.send(new UpdateSecurityProfileCommand(change));
    const changed = await client.send(new DescribeSecurityProfileCommand(profile));
    assert.equal(changed.SecurityProfile?.Description, "Of all teams");
    assert.deepEqual(changed.SecurityProfile?.TagRestrictedResources, []);
    assert.deepEqual(changed.SecurityProfile?.AllowedAccessControlTags, { team: "blue" });
    const permissions = await client.send(new ListSecurityProfilePermissionsCommand(profile));
    assert.deepEqual(permissions.Permissions, ["BasicAgentAccess"]);
    await refuses(
      "ResourceNotFoundException",
      client.send(new UpdateSecurityProfileCommand({ ...profile, AllowedAccessControlHierarchyGroupId: NOBODY })),
    );
    const unknown = { ...profile, AllowedFlowModules: [{ FlowModuleId: NOBODY }] };
    await refuses("ResourceNotFoundException", client.send(new UpdateSecurityProfileCommand(unknown)));
  });

  test("security profiles are listed, searched and deleted", async () => {
    const SecurityProfileId = await profileCalled("Short-lived");
    await refuses("DuplicateResourceException", profileCalled("Short-lived"), 409);
    await refuses("InvalidParameterException", profileCalled("Team/leads"), 400);
    const names: (string | undefined)[] = [];
    for await (const page of paginateListSecurityProfiles({ client, pageSize: 2 }, { InstanceId })) {
      names.push(...(page.SecurityProfileSummaryList ?? []).map(({ Name }) => Name));
    }
    for (const name of ["Admin", "Agent", "Short-lived"]) assert.ok(names.includes(name), name);
    const search = await client.send(
      new SearchSecurityProfilesCommand({
        InstanceId,
        SearchCriteria: { StringCondition: { FieldName: "name", Value: "short", ComparisonType: "STARTS_WITH" } },
      }),
    );
    assert.deepEqual(
      search.SecurityProfiles?.map(({ Id }) => Id),
      [SecurityProfileId],
    );
    await client.send(new DeleteSecurityProfileCommand({ InstanceId, SecurityProfileId }));
    const gone = client.send(new DescribeSecurityProfileCommand({ InstanceId, SecurityProfileId }));
    await refuses("ResourceNotFoundException", gone, 404);
  });

  test("a security profile that a user has cannot be deleted", async () => {
    const SecurityProfileId = await profileCalled("In use");
    const UserId = await createUser({ SecurityProfileIds: [centre.securityProfileId, SecurityProfileId] });
    const remove = () => client.send(new DeleteSecurityProfileCommand({ InstanceId, SecurityProfileId }));
    await assert.rejects(remove(), (error) => {
      assert.ok(error instanceof ResourceInUseException);
      assert.equal(error.ResourceId, SecurityProfileId);
      return true;
    });
    await client.send(new DeleteUserCommand({ InstanceId, UserId }));
    await remove();
  });

  test("of a deletion and a user's creation at once, only one happens", async () => {
    for (let round = 0; round < 5; round++) {
      const SecurityProfileId = await profileCalled(`Contended ${round}`);
      const [deleted, created] = await Promise.allSettled([
        client.send(new DeleteSecurityProfileCommand({ InstanceId, SecurityProfileId })),
        createUser({ SecurityProfileIds: [SecurityProfileId] }),
      ]);
      assert.notEqual(deleted.status, created.status);
    }
  });

  test("an instance has a bounded number of security profiles", async () => {
    const limited = await startTrunkline("--enforce-limits", "--limit", "connect.security-profiles-per-instance=4");
    const connect = new ConnectClient(limited.client);
    const { InstanceId: at } = await newInstance({}, limited);
    const create = connect.send(new CreateSecurityProfileCommand({ InstanceId: at, SecurityProfileName: "Fifth" }));
    await refuses("LimitExceededException", create, 429);
  });
});

suite("the user hierarchy", () => {
  const structureOf = async (at: string) => {
    const described = await client.send(new DescribeUserHierarchyStructureCommand({ InstanceId: at }));
    return described.HierarchyStructure ?? {};
  };
  const update = (at: string, HierarchyStructure: HierarchyStructureUpdate) =>
    client.send(new UpdateUserHierarchyStructureCommand({ InstanceId: at, HierarchyStructure }));

  test("levels are added, renamed under the same id, and removed from below", async () => {
    const { InstanceId: at, arn } = await newInstance();
    assert.deepEqual(await structureOf(at), {});
    await setLevels(at, "Region", "Site");
    const { LevelOne, LevelTwo, LevelThree } = await structureOf(at);
    assert.equal(LevelOne?.Arn, `${arn}/agent-group-level/${LevelOne?.Id}`);
    assert.equal(LevelTwo?.Name, "Site");
    assert.equal(LevelThree, undefined);
    await setLevels(at, "Country", "Site", "Team");
    const renamed = await structureOf(at);
    assert.deepEqual([renamed.LevelOne?.Id, renamed.LevelOne?.Name], [LevelOne?.Id, "Country"]);
    assert.deepEqual(renamed.LevelTwo, LevelTwo);

    await createGroup("Norway", undefined, at);
    await setLevels(at, "Country");
    assert.deepEqual(Object.keys(await structureOf(at)), ["LevelOne"]);
    await assert.rejects(update(at, {}), (error) => {
      assert.ok(error instanceof ResourceInUseException);
      assert.deepEqual([error.ResourceType, error.ResourceId], ["HIERARCHY_LEVEL", LevelOne?.Id]);
      return true;
    });
    await refuses("InvalidParameterException", update(at, { LevelTwo: { Name: "Gap" } }));
    await refuses("InvalidParameterException", update(at, { LevelOne: { Name: "x".repeat(51) } }));
  });

  test("groups form a tree as deep as the structure", async () => {
    const { InstanceId: at, arn } = await newInstance();
    await refuses("InvalidParameterException", createGroup("Nowhere", undefined, at));
    await setLevels(at, "Country", "Site");
    const norway = await createGroup("Norway", undefined, at);
    const oslo = await createGroup("Oslo", `${arn}/agent-group/${norway}`, at);
    await refuses("InvalidParameterException", createGroup("Too deep", oslo, at));
    await refuses("ResourceNotFoundException", createGroup("Orphan", NOBODY, at));
    await refuses("DuplicateResourceException", createGroup("Oslo", norway, at), 409);
    await refuses("InvalidParameterException", createGroup(" ", norway, at));
    const sweden = await createGroup("Sweden", undefined, at);
    await createGroup("Oslo", sweden, at);

    const group = { InstanceId: at, HierarchyGroupId: oslo };
    const { HierarchyGroup } = await client.send(new DescribeUserHierarchyGroupCommand(group));
    assert.equal(HierarchyGroup?.Arn, `${arn}/agent-group/${oslo}`);
    assert.equal(HierarchyGroup?.LevelId, (await structureOf(at)).LevelTwo?.Id);
    assert.deepEqual(Object.keys(HierarchyGroup?.HierarchyPath ?? {}), ["LevelOne", "LevelTwo"]);
    assert.equal(HierarchyGroup?.HierarchyPath?.LevelOne?.Name, "Norway");

    await client.send(new UpdateUserHierarchyGroupNameCommand({ ...group, Name: "Bergen" }));
    const taken = new UpdateUserHierarchyGroupNameCommand({ InstanceId: at, HierarchyGroupId: sweden, Name: "Norway" });
    await refuses("DuplicateResourceException", client.send(taken));
    const listed = await client.send(new ListUserHierarchyGroupsCommand({ InstanceId: at }));
    const names = listed.UserHierarchyGroupSummaryList?.map(({ Name }) => Name).sort();
    assert.deepEqual(names, ["Bergen", "Norway", "Oslo", "Sweden"]);

    const StringCondition = { FieldName: "parentId", Value: norway, ComparisonType: "EXACT" } as const;
    const search = await client.send(
      new SearchUserHierarchyGroupsCommand({ InstanceId: at, SearchCriteria: { StringCondition } }),
    );
    assert.equal(search.ApproximateTotalCount, 1);
    assert.equal(search.UserHierarchyGroups?.[0]?.HierarchyPath?.LevelTwo?.Name, "Bergen");
  });

  test("a group with users or groups below cannot be deleted", async () => {
    await setLevels(InstanceId, "Country", "Site");
    const above = await createGroup("Above");
    const below = await createGroup("Below", above);
    const UserId = await createUser({ HierarchyGroupId: below });
    assert.equal((await describe(UserId)).HierarchyGroupId, below);
    const remove = (HierarchyGroupId: string) =>
      client.send(new DeleteUserHierarchyGroupCommand({ InstanceId, HierarchyGroupId }));
    for (const id of [above, below]) {
      await assert.rejects(remove(id), (error) => {
        assert.ok(error instanceof ResourceInUseException);
        assert.deepEqual([error.ResourceType, error.ResourceId], ["HIERARCHY_GROUP", id]);
        return true;
      });
    }
    await client.send(new UpdateUserHierarchyCommand({ InstanceId, UserId, HierarchyGroupId: above }));
    assert.equal((await describe(UserId)).HierarchyGroupId, above);
    await remove(below);
    await client.send(new UpdateUserHierarchyCommand({ InstanceId, UserId }));
    assert.equal((await describe(UserId)).HierarchyGroupId, undefined);
    await remove(above);
    const gone = client.send(new DescribeUserHierarchyGroupCommand({ InstanceId, HierarchyGroupId: above }));
    await refuses("ResourceNotFoundException", gone, 404);
  });

  test("agents at work are told under a group's new name, also from below it", async () => {
    const centre = await openCentre(server);
    const { connect, InstanceId: at } = centre;
    await setLevels(at, "Country", "Site");
    const norway = await createGroup("Norway", undefined, at);
    const oslo = await createGroup("Oslo", norway, at);
    const UserId = await centre.agent("ada");
    await connect.send(new UpdateUserHierarchyCommand({ InstanceId: at, UserId, HierarchyGroupId: oslo }));
    const rename = { InstanceId: at, HierarchyGroupId: norway, Name: "Norge" };
    await connect.send(new UpdateUserHierarchyGroupNameCommand(rename));
    await server.advance("PT1S");
    const told = (await centre.streams()).agentEvents.map(({ CurrentAgentSnapshot }) => {
      const groups = CurrentAgentSnapshot.Configuration.AgentHierarchyGroups;
      const { Level1, Level2 } = (groups ?? {}) as Record<string, { readonly Name: string } | null>;
      return [Level1?.Name, Level2?.Name];
    });
    assert.deepEqual(told.slice(-2), [
      ["Norway", "Oslo"],
      ["Norge", "Oslo"],
    ]);
    connect.destroy();
  });

  test("an instance has a bounded number of groups", async () => {
    const limited = await startTrunkline("--enforce-limits", "--limit", "connect.hierarchy-groups-per-instance=1");
    const connect = new ConnectClient(limited.client);
    const { InstanceId: at } = await newInstance({}, limited);
    const HierarchyStructure = { LevelOne: { Name: "Country" } };
    await connect.send(new UpdateUserHierarchyStructureCommand({ InstanceId: at, HierarchyStructure }));
    const create = (Name: string) => connect.send(new CreateUserHierarchyGroupCommand({ InstanceId: at, Name }));
    await create("Norway");
    await refuses("LimitExceededException", create("Sweden"), 429);
  });
});

suite("predefined attributes and proficiencies", () => {
  const language = { InstanceId, Name: "Language" };

  test("an attribute is described, listed and searched by its name in any case", async () => {
    const Values = { StringList: ["French", "German"] };
    const AttributeConfiguration = { EnableValueValidationOnAssociation: true };
    const create = new CreatePredefinedAttributeCommand({
      ...language,
      Values,
      Purposes: ["routing"],
      AttributeConfiguration,
    });
    await client.send(create);
    const { PredefinedAttribute } = await client.send(
      new DescribePredefinedAttributeCommand({ InstanceId, Name: "LANGUAGE" }),
    );
    const { LastModifiedTime, ...described } = PredefinedAttribute ?? {};
    assert.ok(LastModifiedTime instanceof Date);
    assert.deepEqual(described, {
      Name: "Language",
      Values,
      Purposes: ["routing"],
      AttributeConfiguration: { EnableValueValidationOnAssociation: true, IsReadOnly: false },
      LastModifiedRegion: "us-east-1",
    });
    const again = new CreatePredefinedAttributeCommand({ InstanceId, Name: "language" });
    await refuses("DuplicateResourceException", client.send(again), 409);

    const first = await client.send(new ListPredefinedAttributesCommand({ InstanceId, MaxResults: 2 }));
    const next = { InstanceId, NextToken: first.NextToken };
    const rest = await client.send(new ListPredefinedAttributesCommand(next));
    const listed = [first, rest].flatMap(({ PredefinedAttributeSummaryList = [] }) => PredefinedAttributeSummaryList);
    const names = listed.map(({ Name }) => Name);
    assert.deepEqual(names, ["connect:Language", "connect:Subtype", "Language"]);

    const StringCondition = { FieldName: "name", Value: "lang", ComparisonType: "CONTAINS" } as const;
    const search = await client.send(
      new SearchPredefinedAttributesCommand({ InstanceId, SearchCriteria: { StringCondition } }),
    );
    assert.equal(search.ApproximateTotalCount, 2);
    assert.deepEqual(search.PredefinedAttributes?.[1]?.Values, Values);
  });

  test("contacts take only the values of an attribute that validates them", async () => {
    const Values = { StringList: ["gold", "silver"] };
    const AttributeConfiguration = { EnableValueValidationOnAssociation: true };
    const tier = { InstanceId, Name: "tier" };
    await client.send(new CreatePredefinedAttributeCommand({ ...tier, Values, AttributeConfiguration }));
    const flows = await client.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }));
    const ContactFlowId = flows.ContactFlowSummaryList?.[0]?.Id;
    const task = (ValueString: string) =>
      client.send(
        new StartTaskContactCommand({
          InstanceId,
          ContactFlowId,
          Name: "Call back",
          SegmentAttributes: { tier: { ValueString } },
        }),
      );
    const { ContactId } = await task("gold");
    await refuses("InvalidParameterException", task("bronze"), 400);
    const contact = { InstanceId, ContactId, SegmentAttributes: { tier: { ValueString: "bronze" } } };
    await refuses("InvalidParameterException", client.send(new UpdateContactCommand(contact)));
    await client.send(new UpdatePredefinedAttributeCommand({ ...tier, Values: { StringList: ["bronze"] } }));
    await client.send(new UpdateContactCommand(contact));
    await client.send(new DeletePredefinedAttributeCommand(tier));
  });

  test("names and values are of allowed characters, and values unique", async () => {
    const create = (Name: string, ...StringList: string[]) =>
      client.send(new CreatePredefinedAttributeCommand({ InstanceId, Name, Values: { StringList } }));
    await refuses("InvalidParameterException", create("aws:language"));
    await refuses("InvalidParameterException", create("connect:Mood"));
    await refuses("InvalidParameterException", create("a*b"));
    await refuses("InvalidParameterException", create("mood", "good", "good"));
    await refuses("InvalidParameterException", create("mood", "aws:good"));
    const missing = { InstanceId, Name: "mood" };
    await refuses("ResourceNotFoundException", client.send(new DescribePredefinedAttributeCommand(missing)), 404);
    await refuses("ResourceNotFoundException", client.send(new UpdatePredefinedAttributeCommand(missing)));
    await refuses("ResourceNotFoundException", client.send(new DeletePredefinedAttributeCommand(missing)));
  });

  test("a system attribute takes more values, and nothing else", async () => {
    const subtype = { InstanceId, Name: "connect:Subtype" };
    const { PredefinedAttribute } = await client.send(new DescribePredefinedAttributeCommand(subtype));
    assert.equal(PredefinedAttribute?.AttributeConfiguration?.IsReadOnly, true);
    const StringList = [...(PredefinedAttribute?.Values?.StringList ?? []), "fax"];
    await client.send(new UpdatePredefinedAttributeCommand({ ...subtype, Values: { StringList } }));
    const fewer = { StringList: ["fax"] };
    await refuses(
      "InvalidParameterException",
      client.send(new UpdatePredefinedAttributeCommand({ ...subtype, Values: fewer })),
    );
    await refuses(
      "InvalidParameterException",
      client.send(new UpdatePredefinedAttributeCommand({ ...subtype, Purposes: ["routing"] })),
    );
    await refuses("InvalidParameterException", client.send(new DeletePredefinedAttributeCommand(subtype)));
  });

  test("a user's proficiencies are added, changed, listed and taken away", async () => {
    const UserId = await createUser();
    const user = { InstanceId, UserId };
    const proficiency = (AttributeValue: string, Level: number, AttributeName = "Language") => ({
      AttributeName,
      AttributeValue,
      Level,
    });
    const associate = (...UserProficiencies: ReturnType<typeof proficiency>[]) =>
      client.send(new AssociateUserProficienciesCommand({ ...user, UserProficiencies }));
    await associate(proficiency("German", 3.0, "language"), proficiency("French", 5));
    await refuses("InvalidParameterException", associate(proficiency("German", 4)));
    await refuses("InvalidParameterException", associate(proficiency("Klingon", 1)));
    await refuses("InvalidParameterException", associate(proficiency("good", 1, "mood")));
    await refuses("InvalidParameterException", associate(proficiency("any", 2.5, "connect:Language")));
    await refuses("InvalidParameterException", associate(proficiency("any", 6, "connect:Language")));
    const eleven = Array.from({ length: 11 }, (_, index) => proficiency(`${index}`, 1, "connect:Language"));
    await refuses("InvalidParameterException", associate(...eleven));
    for (let batch = 0; batch < 48; batch += 8) {
      await associate(
        ...eleven.slice(0, 8).map((given, index) => ({ ...given, AttributeValue: `value ${batch + index}` })),
      );
    }
    await refuses("InvalidParameterException", associate(proficiency("one more", 1, "connect:Language")));

    const change = { ...user, UserProficiencies: [proficiency("German", 4)] };
    await client.send(new UpdateUserProficienciesCommand(change));
    const unknown = { ...user, UserProficiencies: [proficiency("Italian", 4)] };
    await refuses("ResourceNotFoundException", client.send(new UpdateUserProficienciesCommand(unknown)), 404);

    const first = await client.send(new ListUserProficienciesCommand({ ...user, MaxResults: 48 }));
    const rest = await client.send(new ListUserProficienciesCommand({ ...user, NextToken: first.NextToken }));
    assert.deepEqual(rest.UserProficiencyList, [proficiency("French", 5), proficiency("German", 4)]);
    assert.ok(rest.LastModifiedTime instanceof Date);

    const UserProficiencies = [
      { AttributeName: "Language", AttributeValue: "French" },
      { AttributeName: "Language", AttributeValue: "Italian" },
    ];
    await client.send(new DisassociateUserProficienciesCommand({ ...user, UserProficiencies }));
    const left = await client.send(new ListUserProficienciesCommand({ ...user, NextToken: first.NextToken }));
    assert.deepEqual(left.UserProficiencyList, [proficiency("German", 4)]);

    const values = (...StringList: string[]) =>
      client.send(new UpdatePredefinedAttributeCommand({ ...language, Values: { StringList } }));
    await refuses("InvalidParameterException", values("French"));
    await values("German", "Italian");
    await refuses("ResourceInUseException", client.send(new DeletePredefinedAttributeCommand(language)), 409);
    await client.send(new DeleteUserCommand(user));
    await client.send(new DeletePredefinedAttributeCommand(language));
  });

  test("an instance has a bounded number of predefined attributes", async () => {
    const limited = await startTrunkline("--enforce-limits", "--limit", "connect.predefined-attributes-per-instance=2");
    const connect = new ConnectClient(limited.client);
    const { InstanceId: at } = await newInstance({}, limited);
    const create = connect.send(new CreatePredefinedAttributeCommand({ InstanceId: at, Name: "mood" }));
    await refuses("LimitExceededException", create, 429);
  });
});

test("a deleted instance takes its people with it", async () => {
  const { InstanceId: at, user } = await newInstance();
  await setLevels(at, "Country");
  const HierarchyGroupId = await createGroup("Norway", undefined, at);
  const id = await createUser({ ...user, HierarchyGroupId });
  await client.send(new CreatePredefinedAttributeCommand({ InstanceId: at, Name: "mood" }));
  await client.send(new DeleteInstanceCommand({ InstanceId: at }));
  await refuses("ResourceNotFoundException", client.send(new DescribeUserCommand({ InstanceId: at, UserId: id })), 404);
  await server.advance("PT1M");
  const left = [...new StoredRows(folder).all()].filter((row) => row.includes(at));
  const ofPeople = /^connect_(users|queues|security_profiles|hierarchy_\w+|predefined_attributes) /;
  assert.deepEqual(
    left.filter((row) => ofPeople.test(row)),
    [],
  );
});
