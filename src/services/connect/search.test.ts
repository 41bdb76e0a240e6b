import assert from "node:assert/strict";
import { test } from "node:test";
import type { NumberCondition, UserSearchCriteria } from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import { attributeMatch, criteriaMatch, listLeaf, stringLeaf } from "./search.ts";

interface Person {
  readonly name: string;
  readonly team: string;
  readonly skills: readonly { readonly name: string; readonly level: number }[];
  readonly tags: Readonly<Record<string, string>>;
}

const ada: Person = {
  name: "Ada",
  team: "north",
  skills: [
    { name: "french", level: 2 },
    { name: "sales", level: 5 },
  ],
  tags: { shift: "early", desk: "1" },
};
const ben: Person = { name: "Ben", team: "south", skills: [], tags: { shift: "late" } };

function find(criteria: Validated<UserSearchCriteria>): string[] {
  const matches = criteriaMatch<Person, UserSearchCriteria>(criteria, {
    StringCondition: stringLeaf({
      Username: (person) => person.name,
      skill: ({ skills }) => skills.map(({ name }) => name),
    }),
    ListCondition: listLeaf({
      PROFICIENCIES: {
        elementsOf: (person) => person.skills,
        strings: { name: (skill) => skill.name },
        numbers: { level: (skill) => skill.level },
      },
    }),
    HierarchyGroupCondition:
      ({ Value }) =>
      (person) =>
        person.team === Value,
  });
  return [ada, ben].filter(matches).map(({ name }) => name);
}

const named = (Value: string) => ({ StringCondition: { FieldName: "Username", Value } });

test("all branches and leaves of a node must hold, and an empty one says nothing", () => {
  assert.deepEqual(find({}), ["Ada", "Ben"]);
  assert.deepEqual(find({ OrConditions: [], AndConditions: [{}] }), ["Ada", "Ben"]);
  assert.deepEqual(find({ OrConditions: [named("ada"), named("ben")] }), ["Ada", "Ben"]);
  assert.deepEqual(find({ OrConditions: [named("ada"), named("ben")], ...named("BEN") }), ["Ben"]);
  assert.deepEqual(find({ AndConditions: [named("ada"), named("ben")] }), []);
  assert.deepEqual(find({ ...named("ada"), HierarchyGroupCondition: { Value: "south" } }), []);
});

test("a field of several values matches by any of them", () => {
  assert.deepEqual(find({ StringCondition: { FieldName: "skill", Value: "sales" } }), ["Ada"]);
});

test("one element of a list must meet all conditions on it", () => {
  const withSkill = (name: string, level: NumberCondition) =>
    find({
      ListCondition: {
        TargetListType: "PROFICIENCIES",
        Conditions: [
          { StringCondition: { FieldName: "name", Value: name } },
          { NumberCondition: { FieldName: "level", ...level } },
        ],
      },
    });
  assert.deepEqual(withSkill("sales", { MinValue: 5, ComparisonType: "EQUAL" }), ["Ada"]);
  assert.deepEqual(withSkill("french", { MinValue: 5, ComparisonType: "EQUAL" }), []);
  assert.deepEqual(withSkill("french", { MinValue: 2, ComparisonType: "NOT_EQUAL" }), []);
  assert.deepEqual(withSkill("french", { MinValue: 2, ComparisonType: "GREATER_OR_EQUAL" }), ["Ada"]);
  assert.deepEqual(withSkill("french", { MinValue: 2, ComparisonType: "GREATER" }), []);
  assert.deepEqual(withSkill("french", { MaxValue: 2, ComparisonType: "LESSER_OR_EQUAL" }), ["Ada"]);
  assert.deepEqual(withSkill("french", { MaxValue: 2, ComparisonType: "LESSER" }), []);
  assert.deepEqual(withSkill("french", { MinValue: 1, MaxValue: 3, ComparisonType: "RANGE" }), ["Ada"]);
  assert.throws(() => withSkill("french", { ComparisonType: "EQUAL" }), /needs a value/);
  assert.throws(() => withSkill("french", { MinValue: 1 }), /ComparisonType/);
  assert.throws(() => find({ ListCondition: {} }), /TargetListType/);
});

test("what is wrong deep in a tree is refused, and so is a large one", () => {
  const wrong = { StringCondition: { FieldName: "colour", Value: "red" } };
  assert.throws(() => find({ AndConditions: [{ OrConditions: [named("ada"), wrong] }] }), /FieldName colour/);
  let deep: Validated<UserSearchCriteria> = named("ada");
  for (let level = 0; level < 99; level++) deep = { AndConditions: [deep] };
  assert.deepEqual(find(deep), ["Ada"]);
  assert.throws(() => find({ AndConditions: [{ AndConditions: [deep] }] }), /at most 100 conditions/);
});

test("an attribute filter mixes tags with an attribute", () => {
  const tag = (TagKey: string, TagValue: string) => ({ TagKey, TagValue });
  interface And {
    readonly TagConditions?: readonly { TagKey: string; TagValue: string }[];
    readonly Team?: string;
  }
  const filter = (given: Parameters<typeof attributeMatch<Person, And>>[0] & { Team?: string }) => {
    const matches = attributeMatch<Person, And>(given, { Team: (team: string) => (person) => person.team === team });
    return [ada, ben].filter(matches).map(({ name }) => name);
  };
  assert.deepEqual(filter({ Team: "north" }), ["Ada"]);
  assert.deepEqual(filter({ TagCondition: tag("shift", "late") }), ["Ben"]);
  assert.deepEqual(filter({ AndCondition: { TagConditions: [tag("shift", "early"), tag("desk", "1")] } }), ["Ada"]);
  assert.deepEqual(filter({ AndCondition: { TagConditions: [tag("shift", "early")], Team: "south" } }), []);
  assert.deepEqual(filter({ OrConditions: [{ Team: "south" }, { TagConditions: [tag("desk", "1")] }] }), [
    "Ada",
    "Ben",
  ]);
});
