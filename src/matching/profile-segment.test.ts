import assert from "node:assert/strict";
import { test } from "node:test";
import type { Group, SegmentGroup } from "@aws-sdk/client-customer-profiles";
import { ModeledError } from "../models/modeled-error.ts";
import { ProfileSegment, SegmentChain, type SegmentDocument } from "./profile-segment.ts";

const NOW = Date.parse("2026-03-10T09:30:00Z");

const loyal: SegmentGroup = {
  Include: "ALL",
  Groups: [
    {
      Type: "ANY",
      Dimensions: [
        {
          ProfileAttributes: {
            Address: { Country: { DimensionType: "INCLUSIVE", Values: ["DE", "AT"] } },
            Attributes: { Visits: { DimensionType: "GREATER_THAN", Values: ["4"] } },
          },
        },
        { CalculatedAttributes: { _orders_count: { DimensionType: "GREATER_THAN_OR_EQUAL", Values: ["10"] } } },
      ],
    },
    {
      Type: "NONE",
      Dimensions: [{ ProfileAttributes: { Attributes: { Staff: { DimensionType: "INCLUSIVE", Values: ["yes"] } } } }],
    },
  ],
};

function documentOf(
  profile: Readonly<Record<string, unknown>>,
  calculated: Readonly<Record<string, string>> = {},
): SegmentDocument {
  return { _profile: profile, _calculated: calculated };
}

function isIn(groups: SegmentGroup, document: SegmentDocument, nowMs = NOW): boolean {
  return new ProfileSegment(groups, "SegmentGroups").matches(document, nowMs);
}

function custom(name: string, DimensionType: string, ...Values: string[]): SegmentGroup {
  const attribute = { DimensionType, Values } as { DimensionType: "EQUAL"; Values: string[] };
  return { Groups: [{ Dimensions: [{ ProfileAttributes: { Attributes: { [name]: attribute } } }] }] };
}

test("a profile belongs to a segment by its fields, by its calculated attributes, and not where it is excluded", () => {
  const german = { Address: { Country: "DE" }, Attributes: { Visits: "5" } };
  assert.equal(isIn(loyal, documentOf(german)), true);
  assert.equal(isIn(loyal, documentOf({ ...german, Attributes: { Visits: "4" } })), false);
  assert.equal(isIn(loyal, documentOf({}, { _orders_count: "10" })), true);
  assert.equal(isIn(loyal, documentOf({ Attributes: { Staff: "yes" } }, { _orders_count: "10" })), false);
  assert.equal(isIn(loyal, documentOf({})), false);
});

test("a segment tells why a profile is not in it, with the values that were compared", () => {
  const segment = new ProfileSegment(custom("Visits", "GREATER_THAN", "{{_calculated_attribute._orders_count}}"), "");
  const { matched, reason } = segment.explain(
    documentOf({ Attributes: { Visits: "3" } }, { _orders_count: "10" }),
    NOW,
  );
  assert.equal(matched, false);
  assert.equal(reason, '_profile.Attributes.Visits is "3", but the rule asks for a value that is a number above 10');
});

test("what a segment rests on is asked once, and named where it is missing", () => {
  const from = (SegmentDefinitionName: string): Group => ({ SourceSegments: [{ SegmentDefinitionName }] });
  const links = [
    ["loyal", new ProfileSegment(loyal, "")],
    ["near", new ProfileSegment({ Groups: [from("loyal"), from("loyal")] }, "")],
  ] as const;
  const chain = new SegmentChain(links);
  assert.equal(chain.matches(documentOf({}, { _orders_count: "10" }), NOW), true);
  assert.deepEqual(links[1][1].sources, ["loyal"]);
  assert.deepEqual(chain.calculated, [{ name: "_orders_count" }]);
  assert.equal(chain.explain(documentOf({}), NOW).reason, "it was not found that the profile is in segment loyal");
});

test("a segment without conditions has every profile", () => {
  for (const groups of [{}, { Groups: [] }, { Groups: [{}] }, { Groups: [{ Dimensions: [], Type: "NONE" }] }]) {
    assert.equal(isIn(groups as SegmentGroup, documentOf({})), true);
  }
});

test("dates move with the time that they are relative to", () => {
  const lastWeek = custom("Seen", "BETWEEN", "-P7D", "P0D");
  const segment = new ProfileSegment(lastWeek, "SegmentGroups");
  const seen = documentOf({ Attributes: { Seen: "2026-03-04T00:00:00Z" } });
  assert.equal(segment.matches(seen, NOW), true);
  assert.equal(segment.matches(seen, NOW + 2 * 86_400_000), false);
  assert.equal(segment.matches(seen, NOW), true);
});

test("a calculated attribute over another range is another value", () => {
  const groups = {
    Groups: [
      {
        Dimensions: [
          {
            CalculatedAttributes: {
              visits: {
                DimensionType: "EQUAL",
                Values: ["1"],
                ConditionOverrides: { Range: { Start: 7, Unit: "DAYS" } },
              },
            },
          },
        ],
      },
    ],
  } as unknown as SegmentGroup;
  const { calculated } = new ProfileSegment(groups, "");
  assert.deepEqual(calculated, [{ name: "visits", range: { start: 7, end: 0 } }]);
  assert.equal(isIn(groups, documentOf({}, { visits: "1" })), false);
  assert.equal(isIn(groups, documentOf({}, { "visits (days 7 to 0)": "1" })), true);
});

test("mistakes are refused with their place", () => {
  const refusals: readonly (readonly [SegmentGroup, string])[] = [
    [custom("Visits", "GREATER_THAN", "four"), 'Attributes["Visits"].Values[0]: GREATER_THAN needs a number.'],
    [custom("Visits", "BETWEEN", "1"), 'Attributes["Visits"].Values: BETWEEN needs exactly 2 values, and 1 are given.'],
    [custom("Visits", "BETWEEN", "1", "b"), 'Attributes["Visits"].Values: BETWEEN needs two numbers or two dates.'],
    [
      custom("Seen", "ON", "2026-03-10", "2026-02-30"),
      'Attributes["Seen"].Values[1]: ON needs a date, or a duration such as -P7D.',
    ],
    [
      custom("Seen", "EQUAL", "Dear {{_profile.FirstName}}"),
      'Attributes["Seen"].Values[0]: {{_profile.FIELD}} or {{_calculated_attribute.NAME}}, with nothing around it, is needed.',
    ],
  ];
  for (const [groups, message] of refusals) {
    assert.throws(
      () => new ProfileSegment(groups, "SegmentGroups"),
      (error) =>
        error instanceof ModeledError &&
        error.message === `SegmentGroups.Groups[0].Dimensions[0].ProfileAttributes.${message}`,
      message,
    );
  }
  const sources = Array.from({ length: 6 }, (_, index) => ({ SegmentDefinitionName: `s${index}` }));
  assert.throws(() => new ProfileSegment({ Groups: [{ SourceSegments: sources }] }, "SegmentGroups"), {
    message: "SegmentGroups.Groups[0].SourceSegments: at most 5 are allowed, and 6 are given.",
  });
  const empty = { Groups: [{ Dimensions: [{}] }] } as unknown as SegmentGroup;
  assert.throws(() => new ProfileSegment(empty, "SegmentGroups"), {
    message:
      "SegmentGroups.Groups[0].Dimensions[0]: exactly one of ProfileAttributes and CalculatedAttributes is needed.",
  });
});
