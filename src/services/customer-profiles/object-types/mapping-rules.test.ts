import assert from "node:assert/strict";
import { test } from "node:test";
import { ModeledError } from "../../../models/modeled-error.ts";
import { checkMapping } from "./mapping-rules.ts";
import { type ObjectMapping, objectMapping } from "./object-mapping.ts";
import { objectTypeTemplates } from "./object-type-template.ts";

type Mapping = Omit<ObjectMapping, "digest">;

const GOOD: Mapping = {
  fields: {
    id: { Source: "_source.id" },
    mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
    no: { Source: "_source.no" },
  },
  keys: {
    one: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] }],
    two: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["mail"] }],
  },
};

function check(change: Partial<Mapping>, allowProfileCreation = true): void {
  checkMapping(objectMapping({ ...GOOD, ...change }), { allowProfileCreation });
}

function keys(change: Record<string, ObjectMapping["keys"][string] | undefined>): Partial<Mapping> {
  const entries = Object.entries({ ...GOOD.keys, ...change }).filter(([, entry]) => entry !== undefined);
  return { keys: Object.fromEntries(entries) as ObjectMapping["keys"] };
}

function fields(change: ObjectMapping["fields"]): Partial<Mapping> {
  return { fields: { ...GOOD.fields, ...change } };
}

const many = <T>(count: number, make: (index: number) => T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, make(index)]));

/** What is wrong, and words of the message, the name of the field or the key among them. */
const REFUSED: readonly (readonly [rule: string, change: Partial<Mapping>, message: RegExp])[] = [
  [
    "1: none is unique",
    keys({ one: [{ FieldNames: ["id"] }] }),
    /^Keys: exactly one key carries UNIQUE, and none of one, two does\.$/,
  ],
  ["1: two are unique", keys({ more: [{ StandardIdentifiers: ["UNIQUE"], FieldNames: ["no"] }] }), /one, more do/],
  [
    "1: two entries of one key",
    keys({
      one: [
        { StandardIdentifiers: ["UNIQUE"], FieldNames: ["id"] },
        { StandardIdentifiers: ["UNIQUE"], FieldNames: ["no"] },
      ],
    }),
    /one, one do/,
  ],
  [
    "2: none of a profile",
    keys({ two: [{ FieldNames: ["mail"] }] }),
    /^Keys: at least one key carries PROFILE, and none of one, two does/,
  ],
  [
    "3: none that stays",
    keys({ two: [{ StandardIdentifiers: ["PROFILE", "LOOKUP_ONLY"], FieldNames: ["mail"] }] }),
    /all of two do/,
  ],
  [
    "3: none that stays",
    keys({ two: [{ StandardIdentifiers: ["PROFILE", "NEW_ONLY"], FieldNames: ["mail"] }] }),
    /all of two do/,
  ],
  [
    "4",
    keys({ one: [{ StandardIdentifiers: ["UNIQUE", "LOOKUP_ONLY"], FieldNames: ["id"] }] }),
    /^Keys\.one: UNIQUE cannot/,
  ],
  [
    "4",
    keys({ one: [{ StandardIdentifiers: ["UNIQUE", "NEW_ONLY"], FieldNames: ["id"] }] }),
    /^Keys\.one: UNIQUE cannot/,
  ],
  [
    "5",
    keys({ more: [{ StandardIdentifiers: ["SECONDARY"], FieldNames: ["no"] }] }),
    /^Keys\.more: SECONDARY needs PROFILE/,
  ],
  ...["_profileId", "_orderId", "_caseId", "_assetId"].map(
    (name) =>
      [
        "6",
        keys({ [name]: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["no"] }] }),
        new RegExp(`^Keys\\.${name}: the key is reserved`),
      ] as const,
  ),
  [
    "7",
    fields({ serial: { Source: "_source.s", Target: "_asset.SerialNumber" } }),
    /^Fields\.serial\.Target: _asset is a target, .* ASSET is needed/,
  ],
  [
    "7",
    fields({ seat: { Source: "_source.s", Target: "_airSegment.Seat.SeatNumber" } }),
    /^Fields\.seat\.Target: .* AIR_SEGMENT is needed/,
  ],
  [
    "8",
    fields({ planet: { Source: "_source.p", Target: "_profile.Planet" } }),
    /^Fields\.planet\.Target: _profile\.Planet names no field/,
  ],
  [
    "9",
    fields({ pid: { Source: "_source.p", Target: "_profile.ProfileId" } }),
    /^Fields\.pid\.Target: _profile\.ProfileId is managed/,
  ],
  [
    "9",
    fields({ oid: { Source: "_source.p", Target: "_order.OrderId" } }),
    /^Fields\.oid\.Target: _order\.OrderId is managed/,
  ],
  [
    "9",
    fields({ eid: { Source: "_source.p", Target: "_webAnalytics.EventId" } }),
    /^Fields\.eid\.Target: _webAnalytics\.EventId is managed/,
  ],
  ["9", fields({ imports: { Source: "_source.p", Target: "_profile.ImportIds" } }), /^Fields\.imports\.Target: /],
  ["9", fields({ found: { Source: "_source.p", Target: "_profile.FoundByItems[]" } }), /^Fields\.found\.Target: /],
  [
    "10",
    fields({
      g: { Source: "_source.g", Target: "_profile.Gender" },
      gs: { Source: "_source.g", Target: "_profile.GenderString" },
    }),
    /^Fields\.g and Fields\.gs: /,
  ],
  [
    "10",
    fields({
      p: { Source: "_source.g", Target: "_profile.PartyType" },
      ps: { Source: "_source.g", Target: "_profile.PartyTypeString" },
    }),
    /^Fields\.p and Fields\.ps: /,
  ],
  ["11", keys({ more: [{ FieldNames: ["nothing"] }] }), /^Keys\.more: nothing of its FieldNames/],
  ["11", keys({ more: [{ FieldNames: ["constructor"] }] }), /^Keys\.more: constructor of its FieldNames/],
  ["11", keys({ more: [{ FieldNames: [] }] }), /^Keys\.more: at least one of FieldNames/],
  ["11", keys({ more: [{}] }), /^Keys\.more: at least one of FieldNames/],
  ["11", keys({ more: [] }), /^Keys\.more: at least one entry/],
  ["12", fields({ "9lives": { Source: "_source.a" } }), /^Fields\.9lives: the name of a field begins with a letter/],
  ["12", fields({ _a: { Source: "_source.a" } }), /^Fields\._a: /],
  ["12", fields({ Tags: { Source: "_source.a" } }), /^Fields\.Tags: the name is not allowed/],
  ["12", keys({ tags: [{ FieldNames: ["no"] }] }), /^Keys\.tags: the name is not allowed/],
  ["13", keys({ _mine: [{ FieldNames: ["no"] }] }), /^Keys\._mine: .* predefined/],
  [
    "14: within a type",
    keys({ two: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["mail"] }, { FieldNames: ["no"] }] }),
    /^Keys\.two: the content types/,
  ],
  [
    "15",
    fields({ at: { Source: "_source.at", Target: "_profile.SourceLastUpdatedTimestamp" } }),
    /^Fields\.at\.Target: a SourceLastUpdatedTimestampFormat/,
  ],
  [
    "15: a pattern",
    {
      ...fields({ at: { Source: "_source.at", Target: "_profile.SourceLastUpdatedTimestamp" } }),
      sourceLastUpdatedTimestampFormat: "YYYY-ww",
    },
    /^SourceLastUpdatedTimestampFormat: .*the letter Y is not built/,
  ],
  [
    "16: fields",
    fields(many(248, () => ({ Source: "_source.a" }))),
    /^Fields: at most 250 are allowed, and 251 are given, the last of them x247/,
  ],
  [
    "16: keys",
    keys(many(9, () => [{ FieldNames: ["no"] }])),
    /^Keys: at most 10 entries are allowed, and 11 are given, the last of them of x8/,
  ],
  [
    "16: entries",
    keys({ more: Array.from({ length: 9 }, () => ({ FieldNames: ["no"] })) }),
    /^Keys: at most 10 entries/,
  ],
  ["17", fields({ t: { Source: "{{#if _source.a}}" } }), /^Fields\.t\.Source: the Handlebars syntax is not valid/],
  [
    "not built",
    fields({ p: { Source: "_source.p", Target: "_profile.EngagementPreferences.Phone[].KeyName" } }),
    /^Fields\.p\.Target: _profile\.EngagementPreferences as a target is not built/,
  ],
  ["a field without a source", fields({ t: { Target: "_profile.FirstName" } }), /^Fields\.t: a Source is needed/],
];

test("a mapping that breaks a rule is refused by the name of what breaks it", () => {
  for (const [rule, change, message] of REFUSED) {
    assert.throws(
      () => check(change),
      (error: unknown) => {
        assert.ok(error instanceof ModeledError, rule);
        assert.equal(error.code, "BadRequestException");
        assert.match(error.message, message, rule);
        return true;
      },
      rule,
    );
  }
});

test("a mapping at the edge of a rule is taken", () => {
  check({});
  // Nothing that stays is needed where no profile is created, or where the profile's id finds it.
  check(keys({ two: [{ StandardIdentifiers: ["PROFILE", "LOOKUP_ONLY"], FieldNames: ["mail"] }] }), false);
  check(
    keys({ two: undefined, _profileId: [{ StandardIdentifiers: ["PROFILE", "LOOKUP_ONLY"], FieldNames: ["no"] }] }),
  );
  check(fields({ kind: { Source: "_source.k", Target: "_communicationRecord.Channel" } }));
  check(keys({ more: [{ StandardIdentifiers: ["ASSET"], FieldNames: ["no"] }] }));
  check({
    ...fields({ stay: { Source: "_source.s", Target: "_hotelStayRevenue.ReservationId" } }),
    ...keys({ more: [{ StandardIdentifiers: ["HOTEL_STAY_REVENUE"], FieldNames: ["no"] }] }),
  });
  check({ sourceLastUpdatedTimestampFormat: "no pattern at all" });
  check(fields({ mail2: { Source: "_source.m", Target: "_profile.EmailAddress" } }));
  check(fields(many(247, () => ({ Source: "_source.a" }))));
  check(keys(many(8, () => [{ FieldNames: ["no"] }])));
});

test("every template's mapping keeps the rules", () => {
  assert.equal(objectTypeTemplates.size, 22);
  for (const { id, mapping, allowProfileCreation } of objectTypeTemplates.values()) {
    assert.doesNotThrow(() => checkMapping(mapping, { allowProfileCreation }), id);
    const names = Object.values(mapping.keys).flatMap((entries) =>
      entries.flatMap(({ FieldNames = [] }) => FieldNames),
    );
    for (const name of names) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/, `${id}: a request could not name ${name}`);
    for (const name of Object.keys(mapping.fields)) assert.match(name, /^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/, id);
  }
});
