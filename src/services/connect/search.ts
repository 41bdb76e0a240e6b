/**
 * The one grammar of Connect's Search operations: a tree of conditions (`SearchCriteria`), a filter (`SearchFilter`), and a
 * page of what both let through, with the count of all of it.
 *
 *     const page = await searchResources(context.store, queues, instance, {
 *       operation: "SearchQueues",
 *       input,
 *       match: [
 *         criteriaMatch<Queue, QueueSearchCriteria>(input.SearchCriteria, {
 *           StringCondition: stringLeaf({ name: (queue) => queue.name, resourceID: (queue) => queue.id }),
 *           QueueTypeCondition: valueLeaf((queue) => queue.type),
 *         }),
 *         tagMatch(input.SearchFilter?.TagFilter),
 *       ],
 *     });
 *     return { Queues: page.items.map(describe), NextToken: page.nextToken, ApproximateTotalCount: page.total };
 *
 * A node of the tree has branches (`OrConditions`, `AndConditions`) and leaves, which differ from operation to operation. Where
 * a node has several of them, all must hold; an empty node or list says nothing and lets everything through (our choice). What
 * the caller cannot mean (a field that there is not, a condition without its field or value) is an InvalidParameterException,
 * whatever there is to be found.
 */
import type {
  BooleanCondition,
  ControlPlaneTagFilter,
  DateComparisonType,
  DateCondition,
  DateTimeComparisonType,
  DateTimeCondition,
  ListCondition,
  NumberComparisonType,
  NumberCondition,
  StringComparisonType,
  StringCondition,
  TagCondition,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Reader } from "../../store/store.ts";
import { type ListedPage, slicePage } from "../list-page.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { invalidNextToken, invalidParameter } from "./errors.ts";
import type { InstanceResource } from "./instance-resources.ts";

/** Whether a resource is among what is searched for. */
export type Match<T> = (item: T) => boolean;

/** Compiles one condition. It throws where the condition makes no sense. */
export type Leaf<T, C> = (condition: C) => Match<T>;

/** What a `FieldName` stands for: the field's value, several of which any may match, or none. */
export type Field<T> = (item: T) => string | readonly string[] | undefined;

/** Conditions of one search (our choice): each is asked of each resource. */
const CONDITIONS_MAX = 100;

/** Resources of a page where the caller names no number. */
const PAGE_SIZE = 100;

/** Documents read at once. */
const READ_SIZE = 1_000;

export interface SearchRequest<T> {
  readonly operation: string;
  /** The page asked for, and with it all that decides what is found: a token continues the same search only. */
  readonly input: {
    readonly InstanceId?: string;
    readonly NextToken?: string | undefined;
    readonly MaxResults?: number | undefined;
  };
  /** All of them must hold. */
  readonly match: readonly Match<T>[];
}

export interface FoundPage<T> extends ListedPage<T> {
  /** `ApproximateTotalCount`, over all pages; here it is exact. */
  readonly total: number;
}

/** A page of those resources of an instance that match, in the order of their ids. */
export async function searchResources<T extends InstanceResource>(
  reader: Reader,
  from: Collection<T>,
  instance: InstanceRef,
  request: SearchRequest<T>,
): Promise<FoundPage<T>> {
  const found = await findAll(reader, from, instanceKey(instance, ""), request.match);
  return foundPage(found, ({ id }) => id, instance, request);
}

/** All documents under a key prefix that match, in the order of their ids. */
export async function findAll<T>(
  reader: Reader,
  from: Collection<T>,
  prefix: string,
  match: readonly Match<T>[],
): Promise<T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(from, { prefix, limit: READ_SIZE, after });
    for (const item of page.documents) if (match.every((matches) => matches(item))) found.push(item);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** The page that a search asks for of all that it found, which lies in the order of its names. */
export function foundPage<T>(
  found: readonly T[],
  nameOf: (item: T) => string,
  instance: InstanceRef,
  { operation, input }: Omit<SearchRequest<T>, "match">,
): FoundPage<T> {
  const { InstanceId, NextToken, MaxResults, ...searched } = input;
  const page = slicePage(found, nameOf, {
    of: [operation, instanceKey(instance), searched],
    token: NextToken,
    limit: MaxResults ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { ...page, total: found.length };
}

/** A node of a criteria tree, leaves aside. */
interface Branches<C> {
  readonly OrConditions?: readonly C[] | undefined;
  readonly AndConditions?: readonly C[] | undefined;
}

/** One leaf for each member of a node that is no branch. */
type Leaves<T, C> = { readonly [K in Exclude<keyof C, keyof Branches<C>>]-?: Leaf<T, NonNullable<C[K]>> };

/** Compiles `SearchCriteria`, the SDK's type of which is `C`; without one everything matches. */
export function criteriaMatch<T, C extends Branches<C>>(
  criteria: Validated<C> | undefined,
  leaves: Leaves<T, Validated<C>>,
): Match<T> {
  if (criteria === undefined) return () => true;
  refuseLargeTree(criteria as Tree);
  return nodeMatch(criteria as Tree, leaves as LeafTable<T>);
}

type Tree = Branches<Tree>;
// biome-ignore lint/suspicious/noExplicitAny: leaves take conditions of many types; `Leaves` has paired each with its member.
type LeafTable<T> = Readonly<Record<string, Leaf<T, any>>>;

function refuseLargeTree(root: Tree): void {
  const nodes: Tree[] = [root];
  for (let seen = 0; seen < nodes.length; seen++) {
    refuseTooMany(seen);
    const { OrConditions = [], AndConditions = [] } = nodes[seen] ?? {};
    nodes.push(...OrConditions, ...AndConditions);
  }
}

function refuseTooMany(conditions: number): void {
  if (conditions > CONDITIONS_MAX) throw invalidParameter(`A search may have at most ${CONDITIONS_MAX} conditions`);
}

function nodeMatch<T>(node: Tree, leaves: LeafTable<T>): Match<T> {
  const either = (node.OrConditions ?? []).map((branch) => nodeMatch(branch, leaves));
  const all = (node.AndConditions ?? []).map((branch) => nodeMatch(branch, leaves));
  if (either.length > 0) all.push(anyOf(either));
  all.push(...leafMatches(node, leaves));
  return allOf(all);
}

function leafMatches<T>(node: object, leaves: LeafTable<T>): Match<T>[] {
  return Object.entries(node).flatMap(([name, condition]) => leaves[name]?.(condition) ?? []);
}

function allOf<T>(matches: readonly Match<T>[]): Match<T> {
  return (item) => matches.every((match) => match(item));
}

function anyOf<T>(matches: readonly Match<T>[]): Match<T> {
  return (item) => matches.some((match) => match(item));
}

/** A condition that is nothing but the value wanted (`QueueTypeCondition`, `StatusCondition`). */
export function valueLeaf<T, V>(fieldOf: (item: T) => V): Leaf<T, V> {
  return (wanted) => (item) => fieldOf(item) === wanted;
}

/** `StringCondition` on these fields, upper and lower case alike (our choice). Without a `ComparisonType` it is `EXACT` (our choice). */
export function stringLeaf<T>(fields: Readonly<Record<string, Field<T>>>): Leaf<T, StringCondition> {
  return ({ FieldName, Value, ComparisonType = "EXACT" }) => {
    const field = fieldNamed(fields, FieldName, "StringCondition");
    if (Value === undefined) throw invalidParameter(`The StringCondition on ${FieldName} needs a Value`);
    if (ComparisonType === "CONTAINS" && LENGTH_BOUND_FIELDS.has(FieldName?.toLowerCase() ?? "")) {
      refuseOddLength(Value);
    }
    const compare = stringComparison(Value, ComparisonType);
    return (item) => {
      const values = field(item) ?? [];
      return typeof values === "string" ? compare(values) : values.some(compare);
    };
  };
}

/** The field of a name, in upper or lower case: the documentation itself has `resourceID` and `resourceId`. */
function fieldNamed<F>(fields: Readonly<Record<string, F>>, name: string | undefined, condition: string): F {
  const [, field] = Object.entries(fields).find(([known]) => known.toLowerCase() === name?.toLowerCase()) ?? [];
  if (field === undefined) {
    const known = Object.keys(fields).join(", ");
    throw invalidParameter(`FieldName ${name ?? "(none)"} of a ${condition} is not valid; it is one of ${known}`);
  }
  return field;
}

/**
 * "The name and description fields support "contains" queries with a minimum of 2 characters and a maximum of 25 characters.
 * Any queries with character lengths outside of this range will throw invalid results" (`QueueSearchCriteria` and others).
 */
const LENGTH_BOUND_FIELDS: ReadonlySet<string> = new Set(["name", "description"]);
const CONTAINED_MIN = 2;
const CONTAINED_MAX = 25;

function refuseOddLength(value: string): void {
  if (value.length >= CONTAINED_MIN && value.length <= CONTAINED_MAX) return;
  throw invalidParameter(`A value to be contained has ${CONTAINED_MIN} to ${CONTAINED_MAX} characters`);
}

/** Whether a text compares with the value wanted, upper and lower case alike. */
export function stringComparison(wanted: string, type: StringComparisonType): (text: string) => boolean {
  const lower = wanted.toLowerCase();
  switch (type) {
    case "STARTS_WITH":
      return (text) => text.toLowerCase().startsWith(lower);
    case "CONTAINS":
      return (text) => text.toLowerCase().includes(lower);
    case "EXACT":
      return (text) => text.toLowerCase() === lower;
  }
}

/** Lists that a `ListCondition` may ask about, by `TargetListType`, and the fields of what is in them. */
export interface SearchedList<T, E> {
  readonly elementsOf: (item: T) => readonly E[];
  readonly strings: Readonly<Record<string, Field<E>>>;
  readonly numbers: Readonly<Record<string, (element: E) => number | undefined>>;
}

/** `ListCondition`: one element of the list must meet all of its conditions. */
export function listLeaf<T, E>(lists: Readonly<Record<string, SearchedList<T, E>>>): Leaf<T, ListCondition> {
  return ({ TargetListType, Conditions = [] }) => {
    const list = TargetListType === undefined ? undefined : lists[TargetListType];
    if (!list) throw invalidParameter(`A ListCondition needs a TargetListType: ${Object.keys(lists).join(", ")}`);
    refuseTooMany(Conditions.length);
    const leaves = { StringCondition: stringLeaf(list.strings), NumberCondition: numberLeaf(list.numbers) };
    const meets = allOf(Conditions.flatMap((condition) => leafMatches<E>(condition, leaves)));
    return (item) => list.elementsOf(item).some(meets);
  };
}

/**
 * `NumberCondition`. A range has both bounds, which belong to it; the other comparisons have one, in the member that fits or
 * else in the other (our choice).
 */
export function numberLeaf<T>(
  fields: Readonly<Record<string, (item: T) => number | undefined>>,
): Leaf<T, NumberCondition> {
  return (condition) => {
    const field = fieldNamed(fields, condition.FieldName, "NumberCondition");
    const compare = numberComparison(condition);
    return (item) => {
      const value = field(item);
      return value !== undefined && compare(value);
    };
  };
}

/** `BooleanCondition`. What has no such value is neither true nor false. */
export function booleanLeaf<T>(
  fields: Readonly<Record<string, (item: T) => boolean | undefined>>,
): Leaf<T, BooleanCondition> {
  return ({ FieldName, ComparisonType }) => {
    const field = fieldNamed(fields, FieldName, "BooleanCondition");
    if (ComparisonType === undefined) throw invalidParameter(`The condition on ${FieldName} needs a ComparisonType`);
    return (item) => field(item) === (ComparisonType === "IS_TRUE");
  };
}

/** `DateTimeCondition` on times in milliseconds. A value without a zone is UTC. */
export function timeLeaf<T>(
  fields: Readonly<Record<string, (item: T) => number | undefined>>,
): Leaf<T, DateTimeCondition> {
  return ({ FieldName, MinValue, MaxValue, ComparisonType }) => {
    const field = fieldNamed(fields, FieldName, "DateTimeCondition");
    const compare = numberComparison({
      FieldName,
      MinValue: timeMs(FieldName, MinValue),
      MaxValue: timeMs(FieldName, MaxValue),
      ComparisonType: ComparisonType && TIME_COMPARISONS[ComparisonType],
    });
    return (item) => {
      const value = field(item);
      return value !== undefined && compare(value);
    };
  };
}

const TIME_COMPARISONS: Readonly<Record<DateTimeComparisonType, NumberComparisonType>> = {
  GREATER_THAN: "GREATER",
  GREATER_THAN_OR_EQUAL_TO: "GREATER_OR_EQUAL",
  LESS_THAN: "LESSER",
  LESS_THAN_OR_EQUAL_TO: "LESSER_OR_EQUAL",
  EQUAL_TO: "EQUAL",
  RANGE: "RANGE",
};

function timeMs(fieldName: string | undefined, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const atMs = Date.parse(text.endsWith("Z") ? text : `${text}Z`);
  if (Number.isNaN(atMs))
    throw invalidParameter(`The condition on ${fieldName} has a time that does not exist: ${text}`);
  return atMs;
}

function numberComparison(condition: NumberCondition): (value: number) => boolean {
  const { FieldName, MinValue, MaxValue, ComparisonType } = condition;
  const min = MinValue ?? MaxValue;
  const max = MaxValue ?? MinValue;
  if (min === undefined || max === undefined || ComparisonType === undefined) {
    throw invalidParameter(`The NumberCondition on ${FieldName} needs a value and a ComparisonType`);
  }
  switch (ComparisonType) {
    case "GREATER_OR_EQUAL":
      return (value) => value >= min;
    case "GREATER":
      return (value) => value > min;
    case "LESSER_OR_EQUAL":
      return (value) => value <= max;
    case "LESSER":
      return (value) => value < max;
    case "EQUAL":
      return (value) => value === min;
    case "NOT_EQUAL":
      return (value) => value !== min;
    case "RANGE":
      return (value) => value >= min && value <= max;
  }
}

/** `DateCondition` on fields that are dates written as `YYYY-MM-DD`. */
export function dateLeaf<T>(fields: Readonly<Record<string, (item: T) => string>>): Leaf<T, DateCondition> {
  return ({ FieldName, Value, ComparisonType }) => {
    const field = fieldNamed(fields, FieldName, "DateCondition");
    if (Value === undefined || ComparisonType === undefined) {
      throw invalidParameter(`The DateCondition on ${FieldName} needs a Value and a ComparisonType`);
    }
    const compare = dateComparison(Value, ComparisonType);
    return (item) => compare(field(item));
  };
}

function dateComparison(wanted: string, type: DateComparisonType): (date: string) => boolean {
  switch (type) {
    case "GREATER_THAN":
      return (date) => date > wanted;
    case "LESS_THAN":
      return (date) => date < wanted;
    case "GREATER_THAN_OR_EQUAL_TO":
      return (date) => date >= wanted;
    case "LESS_THAN_OR_EQUAL_TO":
      return (date) => date <= wanted;
    case "EQUAL_TO":
      return (date) => date === wanted;
  }
}

interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
}

/** Compiles a `TagFilter`: an OR of ANDs, an AND, a single tag, or several of them, which must all hold. */
export function tagMatch(filter: Validated<ControlPlaneTagFilter> | undefined): Match<Tagged> {
  const { OrConditions = [], AndConditions = [], TagCondition: single } = filter ?? {};
  refuseTooMany(OrConditions.flat().length + AndConditions.length);
  const all = AndConditions.map(hasTag);
  if (OrConditions.length > 0) all.push(anyOf(OrConditions.map((conditions) => allOf(conditions.map(hasTag)))));
  if (single !== undefined) all.push(hasTag(single));
  return allOf(all);
}

/** Tags are compared as they are; without a value the key is enough (our choice). */
function hasTag({ TagKey: key, TagValue: value }: TagCondition): Match<Tagged> {
  if (key === undefined) throw invalidParameter("A TagCondition needs a TagKey");
  return ({ tags }) => Object.hasOwn(tags, key) && (value === undefined || tags[key] === value);
}

/** The filters that mix tags with an attribute of the resource (`ControlPlaneUserAttributeFilter`, `ContactFlowAttributeFilter`). */
interface AttributeFilter<A> {
  readonly OrConditions?: readonly A[] | undefined;
  readonly AndCondition?: A | undefined;
  readonly TagCondition?: TagCondition | undefined;
}

/**
 * Compiles an attribute filter: an OR of ANDs, an AND, single conditions, or several of them, which must all hold. `leaves` has
 * its conditions that are not on tags: `{ HierarchyGroupCondition: (condition) => (user) => … }`.
 */
export function attributeMatch<T extends Tagged, A extends { TagConditions?: readonly TagCondition[] | undefined }>(
  filter: AttributeFilter<A> | undefined,
  leaves: LeafTable<T> = {},
): Match<T> {
  if (filter === undefined) return () => true;
  const { OrConditions = [], AndCondition, TagCondition: single } = filter;
  const conjunctions = AndCondition === undefined ? OrConditions : [...OrConditions, AndCondition];
  refuseTooMany(conjunctions.flatMap(({ TagConditions = [] }) => TagConditions).length + conjunctions.length);

  const all: Match<T>[] = leafMatches(filter, leaves);
  if (OrConditions.length > 0) all.push(anyOf(OrConditions.map(conjunction)));
  if (AndCondition !== undefined) all.push(conjunction(AndCondition));
  if (single !== undefined) all.push(hasTag(single));
  return allOf(all);

  function conjunction(conditions: A): Match<T> {
    return allOf([...(conditions.TagConditions ?? []).map(hasTag), ...leafMatches(conditions, leaves)]);
  }
}
