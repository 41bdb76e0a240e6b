import type {
  ContactSearchSummary,
  ContactSearchSummarySegmentAttributeValue,
  SearchContactsMatchType,
  SearchContactsRequest,
  SearchContactsResponse,
  SearchContactsTimeRangeType,
  SearchCriteria,
} from "@aws-sdk/client-connect";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { cutPage, LEAST_CHARACTER, pageStart } from "../list-page.ts";
import type { Context } from "../service.ts";
import { type InstanceRef, instanceKey, parseResourceId, resourceArn } from "./arns.ts";
import { attributesOf } from "./contact-attributes.ts";
import { type Contact, contacts, contactTags, retainedUntilMs } from "./contacts.ts";
import { invalidNextToken, invalidParameter, invalidRequest } from "./errors.ts";
import { getInstance } from "./instances.ts";
import { tagMatch } from "./search.ts";

/** "The maximum time range is 8 weeks" (SearchContacts). */
const RANGE_MS_MAX = 56 * 24 * 3_600_000;

/** Contacts of a page where the caller names no number (our choice). */
const PAGE_SIZE = 100;

/** Documents read at once. */
const READ_SIZE = 500;

type Criteria = Validated<SearchCriteria>;

interface TimeColumn {
  readonly index: string;
  readonly timeOf: (contact: Contact) => number | undefined;
}

const TIMES: Readonly<Record<SearchContactsTimeRangeType, TimeColumn>> = {
  INITIATION_TIMESTAMP: { index: "initiated", timeOf: (contact) => contact.initiationMs },
  SCHEDULED_TIMESTAMP: { index: "scheduled", timeOf: (contact) => contact.scheduledMs },
  CONNECTED_TO_AGENT_TIMESTAMP: { index: "connectedToAgent", timeOf: (contact) => contact.agent?.connectedMs },
  DISCONNECT_TIMESTAMP: { index: "disconnected", timeOf: (contact) => contact.disconnectMs },
  ENQUEUE_TIMESTAMP: { index: "enqueued", timeOf: (contact) => contact.queue?.enqueueMs },
};

/** Criteria that Trunkline has nothing to compare with: asked for, they are refused by name. */
const UNKNOWN_CRITERIA: readonly (keyof Criteria)[] = [
  "ContactAnalysis",
  "RoutingCriteria",
  "AdditionalTimeRange",
  "ActiveRegions",
  "AiAgents",
];

/**
 * Contacts of a time range. Criteria of different kinds must all hold; of several values of one kind, any.
 *
 * The first page reads the whole range, since it tells the total; its token carries that on. In the order of the range's own time each
 * page behind it reads no more than it needs; in any other, the whole range again.
 */
export async function searchContacts(
  input: Validated<SearchContactsRequest>,
  context: Context,
): Promise<SearchContactsResponse> {
  const instance = await getInstance(context.store, context, input.InstanceId);
  const criteria = input.SearchCriteria ?? {};
  const unknown = UNKNOWN_CRITERIA.find((name) => criteria[name] !== undefined);
  if (unknown !== undefined) throw invalidRequest(`SearchCriteria.${unknown} is not supported by Trunkline`);
  const order = orderOf(input);
  const { NextToken: token, MaxResults: limit = PAGE_SIZE, ...search } = input;
  const of = ["SearchContacts", instanceKey(instance), JSON.stringify(search)];
  const start = token === undefined ? undefined : parseStart(pageStart({ of, token, refuse: invalidNextToken }));

  const found: Contact[] = [];
  let count = 0;
  for await (const contact of inRange(context.store, instance, input.TimeRange, { order, start, limit })) {
    if (retainedUntilMs(contact.initiationMs) <= context.clock.now()) continue;
    if (!(await matches(context.store, instance, contact, criteria))) continue;
    count += 1;
    if (!order.isOfRange || found.length <= limit) found.push(contact);
    if (order.isOfRange && start && found.length > limit) break;
  }
  const total = start?.total ?? count;
  const rest = order.isOfRange ? found : sorted(found, order, start);
  const page = cutPage(rest, (contact) => `${total} ${order.placeOf(contact)}`, { of, limit });
  return { Contacts: page.items.map(summaryOf), NextToken: page.nextToken, TotalCount: total };
}

/** What a token carries: how many contacts were found in all, and the place of the last one that was given out. */
interface Start {
  readonly total: number;
  readonly place: string;
}

function parseStart(position: string | undefined): Start {
  const [, total, place] = /^(\d{1,15}) (.+)$/s.exec(position ?? "") ?? [];
  if (total === undefined || place === undefined) throw invalidNextToken();
  return { total: Number(total), place };
}

/** Those behind the start, in their order. */
function sorted(found: readonly Contact[], { placeOf, isDescending }: Order, start: Start | undefined): Contact[] {
  const sign = isDescending ? -1 : 1;
  return found
    .map((contact) => ({ contact, place: placeOf(contact) }))
    .filter(({ place }) => !start || (isDescending ? place < start.place : place > start.place))
    .sort((a, b) => (a.place < b.place ? -sign : sign))
    .map(({ contact }) => contact);
}

/** The contacts of a time range in the order of its time; where the search goes by that, only those behind its start. */
async function* inRange(
  reader: Reader,
  instance: InstanceRef,
  { Type, StartTime, EndTime }: Validated<SearchContactsRequest>["TimeRange"],
  { order, start, limit }: { readonly order: Order; readonly start: Start | undefined; readonly limit: number },
): AsyncGenerator<Contact> {
  const startMs = StartTime.getTime();
  const endMs = EndTime.getTime();
  if (!(startMs <= endMs && endMs - startMs <= RANGE_MS_MAX)) {
    throw invalidParameter("The time range must end after it starts, and span at most 8 weeks");
  }
  const at = (timeMs: number) => Math.min(Math.max(timeMs, 0), Number.MAX_SAFE_INTEGER - 1);
  const goesOn = order.isOfRange && start !== undefined;
  const behind = goesOn ? instanceKey(instance, ...start.place.split(" ")) : undefined;
  const { isDescending } = order;
  const range = {
    index: TIMES[Type].index,
    descending: isDescending,
    from: behind !== undefined && !isDescending ? behind + LEAST_CHARACTER : instanceKey(instance, at(startMs), ""),
    before: behind !== undefined && isDescending ? behind : instanceKey(instance, at(endMs) + 1, ""),
    limit: goesOn ? limit + 1 : READ_SIZE,
  };
  let after: string | undefined;
  do {
    const page = await reader.list(contacts, { ...range, after });
    yield* page.documents;
    after = page.next;
  } while (after !== undefined);
}

async function matches(reader: Reader, instance: InstanceRef, contact: Contact, criteria: Criteria): Promise<boolean> {
  const isAmong = (wanted: readonly string[] | undefined, value: string | undefined) =>
    wanted === undefined || wanted.length === 0 || (value !== undefined && wanted.includes(value));
  const ids = (kind: "user" | "queue", given: readonly string[] | undefined) =>
    given?.map((id) => parseResourceId(kind, instance, id) ?? id);
  const { AgentHierarchyGroups: groups = {} } = criteria;
  const hierarchy = contact.agent?.hierarchy ?? [];
  return (
    isAmong(criteria.Channels, contact.channel) &&
    isAmong(criteria.InitiationMethods, contact.initiationMethod) &&
    isAmong(ids("user", criteria.AgentIds), contact.agent?.id) &&
    isAmong(ids("queue", criteria.QueueIds), contact.queue?.id) &&
    [groups.L1Ids, groups.L2Ids, groups.L3Ids, groups.L4Ids, groups.L5Ids].every((wanted, level) =>
      isAmong(wanted, hierarchy[level]?.id),
    ) &&
    (!criteria.Name || textMatches(criteria.Name.MatchType, criteria.Name.SearchText, contact.name)) &&
    tagMatch(criteria.ContactTags)({ tags: contactTags(contact) }) &&
    attributesMatch(criteria.SearchableSegmentAttributes, (name) => contact.segmentAttributes[name]?.ValueString) &&
    (await contactAttributesMatch(reader, contact, criteria))
  );
}

async function contactAttributesMatch(reader: Reader, contact: Contact, criteria: Criteria): Promise<boolean> {
  if (!criteria.SearchableContactAttributes) return true;
  const attributes = await attributesOf(reader, contact);
  return attributesMatch(criteria.SearchableContactAttributes, (name) => attributes[name]);
}

function attributesMatch(
  wanted: Criteria["SearchableContactAttributes"] | Criteria["SearchableSegmentAttributes"],
  textNamed: (name: string) => string | undefined,
): boolean {
  if (!wanted) return true;
  const verdicts = wanted.Criteria.map(({ Key, Values }) => {
    const value = textNamed(Key);
    return value !== undefined && Values.includes(value);
  });
  return combine(wanted.MatchType, verdicts);
}

function textMatches(type: SearchContactsMatchType, texts: readonly string[], name: string | undefined): boolean {
  const text = name?.toLowerCase() ?? "";
  if (type === "MATCH_EXACT") return texts.some((wanted) => wanted.toLowerCase() === text);
  return combine(
    type,
    texts.map((wanted) => text.includes(wanted.toLowerCase())),
  );
}

function combine(type: SearchContactsMatchType | undefined, verdicts: readonly boolean[]): boolean {
  if (type === "MATCH_ANY") return verdicts.includes(true);
  if (type === "MATCH_NONE") return !verdicts.includes(true);
  return !verdicts.includes(false);
}

/** What contacts are ordered by. */
interface Order {
  /** By the very time that the range is of. */
  readonly isOfRange: boolean;
  readonly isDescending: boolean;
  /** As text. Without a value they come first. */
  readonly placeOf: (contact: Contact) => string;
}

function orderOf({ Sort, TimeRange }: Validated<SearchContactsRequest>): Order {
  const field = Sort?.FieldName ?? "INITIATION_TIMESTAMP";
  const isDescending = (Sort?.Order ?? "DESCENDING") === "DESCENDING";
  if (field === "EXPIRY_TIMESTAMP") throw invalidRequest("Sort by EXPIRY_TIMESTAMP is not supported by Trunkline");
  if (field === TimeRange.Type) {
    const { timeOf } = TIMES[field];
    return { isOfRange: true, isDescending, placeOf: (contact) => `${timeText(timeOf(contact))} ${contact.id}` };
  }
  const first = (contact: Contact): string => {
    if (field === "CHANNEL") return contact.channel;
    if (field === "INITIATION_METHOD") return contact.initiationMethod;
    return timeText(TIMES[field].timeOf(contact));
  };
  const placeOf = (contact: Contact) => `${first(contact)} ${timeText(contact.initiationMs)} ${contact.id}`;
  return { isOfRange: false, isDescending, placeOf };
}

function timeText(timeMs: number | undefined): string {
  return timeMs === undefined ? "" : String(timeMs).padStart(16, "0");
}

function summaryOf(contact: Contact): ContactSearchSummary {
  const attributes = Object.entries(contact.segmentAttributes).flatMap(
    ([name, { ValueString, ValueMap }]): [string, ContactSearchSummarySegmentAttributeValue][] =>
      ValueString === undefined && ValueMap === undefined
        ? []
        : [[name, { ValueString, ValueMap } as ContactSearchSummarySegmentAttributeValue]],
  );
  const { queue, agent } = contact;
  return {
    Arn: resourceArn("contact", contact, contact.id),
    Id: contact.id,
    InitialContactId: contact.initialContactId,
    PreviousContactId: contact.previousContactId,
    InitiationMethod: contact.initiationMethod,
    Channel: contact.channel,
    QueueInfo: queue && { Id: queue.id, EnqueueTimestamp: new Date(queue.enqueueMs) },
    AgentInfo: agent && { Id: agent.id, ConnectedToAgentTimestamp: new Date(agent.connectedMs) },
    InitiationTimestamp: new Date(contact.initiationMs),
    DisconnectTimestamp: contact.disconnectMs === undefined ? undefined : new Date(contact.disconnectMs),
    ScheduledTimestamp: contact.scheduledMs === undefined ? undefined : new Date(contact.scheduledMs),
    SegmentAttributes: Object.fromEntries(attributes),
    Name: contact.name,
    Tags: contactTags(contact),
  };
}
