/** Profiles that become one: merged by hand, and by the rules of a domain; and what history tells of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AddProfileKeyCommand,
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateProfileCommand,
  type CreateProfileCommandInput,
  CustomerProfilesClient,
  DeleteProfileCommand,
  DeleteProfileKeyCommand,
  GetProfileHistoryRecordCommand,
  GetSimilarProfilesCommand,
  ListProfileHistoryRecordsCommand,
  ListRuleBasedMatchesCommand,
  MergeProfilesCommand,
  type RuleBasedMatchingRequest,
  SearchProfilesCommand,
  UpdateDomainCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const client = new CustomerProfilesClient(server.client);

let domains = 0;
async function openDomain(RuleBasedMatching?: RuleBasedMatchingRequest): Promise<string> {
  const DomainName = `domain-${++domains}`;
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366, RuleBasedMatching }));
  return DomainName;
}

async function create(DomainName: string, fields: Omit<CreateProfileCommandInput, "DomainName">): Promise<string> {
  const { ProfileId = "" } = await client.send(new CreateProfileCommand({ DomainName, ...fields }));
  // No two profiles are made in the same millisecond.
  await server.advance("PT1S");
  return ProfileId;
}

async function profilesOf(DomainName: string, ...ProfileIds: string[]) {
  return (await client.send(new BatchGetProfileCommand({ DomainName, ProfileIds }))).Profiles ?? [];
}

async function search(
  DomainName: string,
  KeyName: string,
  ...Values: string[]
): Promise<readonly (string | undefined)[]> {
  const { Items = [] } = await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values }));
  return Items.map(({ ProfileId }) => ProfileId);
}

const refused = (name: string, message: RegExp) => (error: Error) => {
  assert.equal(error.name, name);
  assert.match(error.message, message);
  return true;
};

test("profiles that are merged by hand know what each of them knew; the main one wins, unless the request says whose it is", async () => {
  const DomainName = await openDomain();
  const main = await create(DomainName, {
    FirstName: "Ina",
    EmailAddress: "ina@main.example",
    PhoneNumber: "+49 421 1",
    Address: { City: "Bremen" },
    Attributes: { depot: "1", tier: "gold" },
  });
  const other = await create(DomainName, {
    FirstName: "Ina-Marie",
    LastName: "Möller",
    PhoneNumber: "+49 421 2",
    Address: { City: "Kiel", Country: "DE" },
    Attributes: { depot: "2", lang: "de" },
  });
  const third = await create(DomainName, { LastName: "Moeller", BirthDate: "1980-01-01" });
  await client.send(new AddProfileKeyCommand({ DomainName, ProfileId: other, KeyName: "_account", Values: ["77"] }));
  const { Message } = await client.send(
    new MergeProfilesCommand({
      DomainName,
      MainProfileId: main,
      ProfileIdsToBeMerged: [other, third],
      FieldSourceProfileIds: { EmailAddress: third, Address: other, Attributes: { depot: other } },
    }),
  );
  assert.ok(Message);
  assert.deepEqual(await profilesOf(DomainName, main, other, third), [
    {
      ProfileId: main,
      FirstName: "Ina",
      LastName: "Möller",
      BirthDate: "1980-01-01",
      PhoneNumber: "+49 421 1",
      Address: { City: "Kiel", Country: "DE" },
      Attributes: { depot: "2", tier: "gold", lang: "de" },
    },
  ]);
  assert.deepEqual(await search(DomainName, "_account", "77"), [main]);
  assert.deepEqual(await search(DomainName, "_phone", "+494211"), [main]);
  assert.deepEqual(await search(DomainName, "_phone", "+494212"), []);
  assert.deepEqual(await search(DomainName, "_email", "ina@main.example"), []);
});

test("a merge with itself, with a stranger or with nobody is refused and changes nothing", async () => {
  const DomainName = await openDomain();
  const one = await create(DomainName, { FirstName: "One" });
  const two = await create(DomainName, { FirstName: "Two" });
  const merge = { DomainName, MainProfileId: one, ProfileIdsToBeMerged: [two] };
  const stranger = "0".repeat(32);
  for (const [input, name, message] of [
    [{ ...merge, ProfileIdsToBeMerged: [two, one] }, "BadRequestException", /into itself/],
    [{ ...merge, ProfileIdsToBeMerged: [two, stranger] }, "ResourceNotFoundException", /does not exist/],
    [{ ...merge, MainProfileId: stranger }, "ResourceNotFoundException", /does not exist/],
    [
      { ...merge, FieldSourceProfileIds: { LastName: stranger } },
      "BadRequestException",
      /FieldSourceProfileIds.LastName/,
    ],
  ] as const) {
    await assert.rejects(
      client.send(new MergeProfilesCommand({ ...input, ProfileIdsToBeMerged: [...input.ProfileIdsToBeMerged] })),
      refused(name, message),
    );
  }
  assert.equal((await profilesOf(DomainName, one, two)).length, 2);
});

test("profiles match at the surest level of their domain's rules, and only the sure ones are merged", async () => {
  const DomainName = await openDomain({
    Enabled: true,
    MatchingRules: [{ Rule: ["EmailAddress", "LastName"] }, { Rule: ["PhoneNumber"] }],
    MaxAllowedRuleLevelForMatching: 2,
    MaxAllowedRuleLevelForMerging: 1,
    AttributeTypesSelector: {
      AttributeMatchingModel: "MANY_TO_MANY",
      EmailAddress: ["EmailAddress", "BusinessEmailAddress"],
      PhoneNumber: ["PhoneNumber", "MobilePhoneNumber"],
    },
    ConflictResolution: { ConflictResolvingModel: "RECENCY" },
  });
  const one = await create(DomainName, { LastName: "Möller", EmailAddress: "Ina@Example.com", FirstName: "I." });
  const two = await create(DomainName, {
    LastName: "MÖLLER ",
    BusinessEmailAddress: "ina@example.com",
    FirstName: "Ina",
    PhoneNumber: "+49 421 77",
  });
  assert.deepEqual(await profilesOf(DomainName, one, two), [
    {
      ProfileId: one,
      FirstName: "Ina",
      LastName: "MÖLLER ",
      EmailAddress: "Ina@Example.com",
      BusinessEmailAddress: "ina@example.com",
      PhoneNumber: "+49 421 77",
    },
  ]);
  const three = await create(DomainName, { MobilePhoneNumber: "+4942177", LastName: "Schmidt" });
  assert.equal((await profilesOf(DomainName, one, three)).length, 2);
  const similar = await client.send(
    new GetSimilarProfilesCommand({
      DomainName,
      MatchType: "RULE_BASED_MATCHING",
      SearchKey: "_profileId",
      SearchValue: three,
    }),
  );
  assert.deepEqual([...(similar.ProfileIds ?? [])].sort(), [one, three].sort());
  assert.equal(similar.RuleLevel, 2);
  const { MatchIds } = await client.send(new ListRuleBasedMatchesCommand({ DomainName }));
  assert.deepEqual(MatchIds, [similar.MatchId]);

  await client.send(new UpdateProfileCommand({ DomainName, ProfileId: three, MobilePhoneNumber: "" }));
  await server.advance("PT1S");
  assert.deepEqual((await client.send(new ListRuleBasedMatchesCommand({ DomainName }))).MatchIds, []);
});

test("profiles that were there before the rules are matched too, and rules that change match anew", async () => {
  const DomainName = await openDomain();
  const people = await Promise.all(
    Array.from({ length: 250 }, (_, place) =>
      client.send(
        new CreateProfileCommand({
          DomainName,
          AccountNumber: `a${place % 125}`,
          PhoneNumber: place < 2 ? "+49 30 1" : `+49 30 2${place}`,
        }),
      ),
    ),
  );
  assert.equal(people.length, 250);
  const RuleBasedMatching = { Enabled: true, MatchingRules: [{ Rule: ["AccountNumber"] }] };
  await client.send(new UpdateDomainCommand({ DomainName, RuleBasedMatching }));
  await server.advance("PT1S");
  const matched = async () => {
    const ids: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListRuleBasedMatchesCommand({ DomainName, NextToken }));
      ids.push(...(page.MatchIds ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return ids.length;
  };
  assert.equal(await matched(), 125);
  await client.send(
    new UpdateDomainCommand({
      DomainName,
      RuleBasedMatching: { Enabled: true, MatchingRules: [{ Rule: ["PhoneNumber"] }] },
    }),
  );
  await server.advance("PT1S");
  assert.equal(await matched(), 1);
  await client.send(new UpdateDomainCommand({ DomainName, RuleBasedMatching: { Enabled: false } }));
  await server.advance("PT1S");
  assert.equal(await matched(), 0);
});

test("rules of matching that could match nothing are refused by their place", async () => {
  const MatchingRules = [{ Rule: ["EmailAddress"] }];
  for (const [RuleBasedMatching, message] of [
    [{ Enabled: true }, /MatchingRules: at least one rule/],
    [{ Enabled: true, MatchingRules: [{ Rule: ["Shoes"] }] }, /MatchingRules\[0\]\.Rule: .* Shoes/],
    [
      { Enabled: true, MatchingRules: [...MatchingRules, { Rule: Array(15).fill("PhoneNumber") }] },
      /MatchingRules\[1\]\.Rule: PhoneNumber stands in it twice/,
    ],
    [{ Enabled: true, MatchingRules, MaxAllowedRuleLevelForMerging: 2 }, /no level 2/],
    [
      {
        Enabled: true,
        MatchingRules,
        AttributeTypesSelector: { AttributeMatchingModel: "ONE_TO_ONE", EmailAddress: ["FaxNumber"] },
      },
      /EmailAddress: FaxNumber is none of/,
    ],
    [
      { Enabled: true, MatchingRules, ConflictResolution: { ConflictResolvingModel: "SOURCE" } },
      /SOURCE needs the name of an object type/,
    ],
  ] as const) {
    await assert.rejects(
      openDomain(RuleBasedMatching as unknown as RuleBasedMatchingRequest),
      refused("BadRequestException", message),
    );
  }
});

test("history tells what happened to a profile, by whom, for 30 days and after it is gone", async () => {
  const DomainName = await openDomain();
  const main = await create(DomainName, { FirstName: "Ina" });
  const other = await create(DomainName, { FirstName: "Else" });
  const key = { DomainName, ProfileId: main, KeyName: "_account", Values: ["5"] };
  await client.send(new AddProfileKeyCommand(key));
  await server.advance("PT1S");
  await client.send(new DeleteProfileKeyCommand(key));
  await server.advance("PT1S");
  await client.send(new MergeProfilesCommand({ DomainName, MainProfileId: main, ProfileIdsToBeMerged: [other] }));
  await server.advance("PT1S");
  await client.send(new DeleteProfileCommand({ DomainName, ProfileId: main }));
  const list = async (more: object = {}) => {
    const input = { DomainName, ProfileId: main, ...more };
    return (await client.send(new ListProfileHistoryRecordsCommand(input))).ProfileHistoryRecords ?? [];
  };
  const records = await list();
  assert.deepEqual(
    records.map(({ ActionType, ObjectTypeName }) => [ActionType, ObjectTypeName]),
    [
      ["DELETED_BY_CUSTOMER", "_profile"],
      ["MERGED", "_profile"],
      ["DELETED_PROFILE_KEY", "_profile"],
      ["ADDED_PROFILE_KEY", "_profile"],
      ["CREATED", "_profile"],
    ],
  );
  assert.ok(records.every(({ PerformedBy }) => PerformedBy === "arn:aws:iam::000000000000:root"));
  assert.equal((await list({ ActionType: "MERGED" })).length, 1);
  assert.equal((await list({ ObjectTypeName: "CTR" })).length, 0);
  const { Id } = records.at(-1) ?? {};
  const got = await client.send(new GetProfileHistoryRecordCommand({ DomainName, ProfileId: main, Id }));
  assert.deepEqual(JSON.parse(got.Content ?? ""), { ProfileId: main, FirstName: "Ina" });
  await server.advance("P30D");
  assert.deepEqual(await list(), []);
  await assert.rejects(
    client.send(new GetProfileHistoryRecordCommand({ DomainName, ProfileId: main, Id })),
    refused("ResourceNotFoundException", /does not exist/),
  );
});
