/** One profile of Customer Profiles on one axis. */
import {
  type ExplainedTrigger,
  explainTrigger,
  knownOfProfile,
  profileArn,
} from "../../services/customer-profiles/index.ts";
import { auditEntries } from "./case-entries.ts";
import { type Asker, called, calledAll, type Entry, inOrder, iso, isoOf, type Link, type Timeline } from "./entry.ts";
import { historyEntries } from "./profile-entries.ts";

interface ProfileRef {
  readonly domainName: string;
  readonly profileId: string;
}

interface Looking {
  readonly asker: Asker;
  readonly profile: ProfileRef;
  readonly notes: string[];
  readonly related: Link[];
}

type Known = Awaited<ReturnType<typeof knownOfProfile>>;

/** Throws `ResourceNotFoundException` where the caller has no such domain or profile. */
export async function profileTimeline(asker: Asker, profile: ProfileRef): Promise<Timeline> {
  const { context } = asker;
  const known = await knownOfProfile(context, profile);
  const looking: Looking = { asker, profile, notes: [], related: [] };
  if (known.isCut) looking.notes.push("The newest objects and decisions are shown.");
  const history = await historyEntries(asker, profile, undefined, looking.notes);
  const entries = [
    ...history,
    ...olderEntries(known, history),
    ...contactEntries(looking, known),
    ...(await triggerEntries(looking, known)),
    ...(await attributeEntries(looking)),
    ...(await caseEntries(looking)),
  ];
  looking.notes.push(
    "The history is kept for 30 days, the decisions of triggers for 7. Of calculated attributes the values of now are kept alone.",
  );
  return {
    state: `known since ${iso(known.createdMs)}`,
    isOver: false,
    now: iso(context.clock.now()),
    entries: inOrder(entries),
    related: looking.related,
    facts: await facts(looking),
    notes: looking.notes,
  };
}

/** What is from before the history, or stands in no history: standard objects, which were made of others. */
function olderEntries({ createdMs, objects }: Known, history: readonly Entry[]): readonly Entry[] {
  const told = new Set(history.map(({ detail }) => detail));
  const older = objects.filter(({ type, id }) => !type.startsWith("_") && !told.has(id));
  const entries = older.map(
    ({ type, id, content, version, createdMs, updatedMs }): Entry => ({
      id: `object:${type}:${id}`,
      at: iso(updatedMs),
      kind: "object",
      title: `INGESTED ${type}`,
      detail: id,
      document: { type, id, version, createdAt: iso(createdMs), updatedAt: iso(updatedMs), object: parsed(content) },
    }),
  );
  if (history.some(({ title }) => title === "CREATED profile")) return entries;
  const document = { createdAt: iso(createdMs), note: "Only the time is kept." };
  return [...entries, { id: "created", at: iso(createdMs), kind: "profile", title: "CREATED profile", document }];
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content) as unknown;
  } catch {
    // It is shown as it is.
    return content;
  }
}

/** A contact record as it is ingested. */
interface RecordObject {
  readonly contactId?: string;
  readonly instanceArn?: string;
  readonly channel?: string;
  readonly initiationTimestamp?: string;
  readonly disconnectTimestamp?: string;
}

/** Contacts whose records the profile has. */
function contactEntries({ related }: Looking, { objects }: Known): readonly Entry[] {
  return objects.flatMap(({ type, id, content }): readonly Entry[] => {
    if (type !== "CTR") return [];
    const record = (parsed(content) ?? {}) as RecordObject;
    const { contactId, instanceArn, channel = "", initiationTimestamp, disconnectTimestamp } = record;
    if (typeof contactId !== "string" || typeof instanceArn !== "string") return [];
    const beganMs = Date.parse(String(initiationTimestamp));
    if (Number.isNaN(beganMs)) return [];
    const to = ["contacts", instanceArn.slice(instanceArn.lastIndexOf("/") + 1), contactId];
    related.push({ title: `${channel} ${contactId.slice(0, 8)}`, to });
    const endMs = Date.parse(String(disconnectTimestamp));
    return [
      {
        id: `contact:${id}`,
        at: iso(beganMs),
        ...(!Number.isNaN(endMs) && { until: iso(endMs) }),
        kind: "contact",
        title: `${channel} contact`,
        detail: contactId,
        links: [{ title: "Contact", to }],
        document: record,
      },
    ];
  });
}

/** Triggers that are asked what they made of the profile's objects: a domain has up to 20. */
const TRIGGERS_MAX = 20;

async function triggerEntries(looking: Looking, { decisions }: Known): Promise<readonly Entry[]> {
  const { asker, profile, notes } = looking;
  const { items, problem } = await calledAll<{ readonly EventTriggerName: string }>(
    asker,
    ["customer-profiles", "ListEventTriggers"],
    { DomainName: profile.domainName },
    { member: "Items", token: "NextToken", limit: TRIGGERS_MAX },
  );
  if (problem) notes.push(problem);
  const entries: Entry[] = [];
  const explained = new Set<string>();
  for (const { EventTriggerName: trigger } of items) {
    const question = { domain: profile.domainName, trigger, of: { profileId: profile.profileId } };
    for (const object of (await explainTrigger(question, asker.context)).objects) {
      if (object.time === undefined) continue;
      const entry = { ...explainedEntry(trigger, object.time, object), links: [linkTo(profile, trigger)] };
      explained.add(entry.id);
      entries.push(entry);
    }
  }
  for (const { uid, expiresMs, timeMs, ...decision } of decisions) {
    const id = triggerEntryId(decision.trigger, decision.objectId, decision.version, iso(timeMs));
    if (explained.has(id)) continue;
    entries.push({
      id,
      at: iso(timeMs),
      kind: "trigger",
      title: decision.trigger,
      detail: decision.outcome,
      tone: TONES[decision.outcome],
      links: [linkTo(profile, decision.trigger)],
      document: { ...decision, at: iso(timeMs) },
    });
  }
  return entries;
}

function linkTo({ domainName }: ProfileRef, trigger: string): Link {
  return { title: "Event trigger", to: ["profiles", domainName, "triggers", trigger] };
}

const TONES: Readonly<Record<string, "good" | "bad" | "warn">> = {
  fired: "good",
  capped: "warn",
  expired: "warn",
  failed: "bad",
  silent: "bad",
};

function explainedEntry(trigger: string, at: string, object: ExplainedTrigger["objects"][number]): Entry {
  const { outcome = "silent", why, note, matched, reason, condition } = object;
  return {
    id: triggerEntryId(trigger, object.object ?? "", object.version ?? 0, at),
    at,
    kind: "trigger",
    title: trigger,
    detail: [outcome === "silent" ? "did not fire" : outcome, why ?? reason ?? note].filter(Boolean).join(" · "),
    tone: TONES[outcome],
    ...(condition && matched !== undefined && { explanation: { matched, ...(reason && { reason }), condition } }),
    document: { trigger, ...object },
  };
}

function triggerEntryId(trigger: string, object: string, version: number, at: string): string {
  return `trigger:${trigger}:${object}:${version}:${at}`;
}

interface AttributeValue {
  readonly CalculatedAttributeName: string;
  readonly DisplayName?: string;
  readonly Value?: string;
  readonly LastObjectTimestamp?: string;
}

const ATTRIBUTES_MAX = 100;

async function attributeEntries({ asker, profile, notes }: Looking): Promise<readonly Entry[]> {
  const { items, problem } = await calledAll<AttributeValue>(
    asker,
    ["customer-profiles", "ListCalculatedAttributesForProfile"],
    { DomainName: profile.domainName, ProfileId: profile.profileId },
    { member: "Items", token: "NextToken", limit: ATTRIBUTES_MAX },
  );
  if (problem) notes.push(problem);
  return items.flatMap((attribute): readonly Entry[] => {
    const { CalculatedAttributeName: name, Value, LastObjectTimestamp } = attribute;
    if (Value === undefined || LastObjectTimestamp === undefined) return [];
    return [
      {
        id: `attribute:${name}`,
        at: isoOf(LastObjectTimestamp),
        kind: "profile",
        title: `${name} became ${Value}`,
        detail: "calculated attribute, at its last object",
        document: attribute,
      },
    ];
  });
}

const CASES_MAX = 20;

/** Cases whose customer it is, with what was done to them. */
async function caseEntries({ asker, profile, notes, related }: Looking): Promise<readonly Entry[]> {
  const { account, region } = asker.context;
  const stringValue = profileArn({ account, region, ...profile });
  const domains = await calledAll<{ readonly domainId: string }>(
    asker,
    ["connectcases", "ListDomains"],
    {},
    { member: "domains", limit: CASES_MAX },
  );
  if (domains.problem) notes.push(domains.problem);
  const entries: Entry[] = [];
  for (const { domainId } of domains.items) {
    const filter = { field: { equalTo: { id: "customer_id", value: { stringValue } } } };
    const found = await calledAll<{ readonly caseId: string }>(
      asker,
      ["connectcases", "SearchCases"],
      { domainId, filter },
      { member: "cases", limit: CASES_MAX },
    );
    if (found.problem) notes.push(found.problem);
    for (const { caseId } of found.items) {
      related.push({ title: `case ${caseId.slice(0, 8)}`, to: ["cases", domainId, caseId] });
      entries.push(...(await auditEntries(asker, { domainId, caseId }, undefined, notes)));
    }
  }
  return entries;
}

const SEGMENTS_MAX = 50;

/** The segments that it is in, and the streams that are told of it. */
async function facts({ asker, profile }: Looking): Promise<NonNullable<Timeline["facts"]>> {
  const { domainName: DomainName, profileId } = profile;
  const segments = await calledAll<{ readonly SegmentDefinitionName: string }>(
    asker,
    ["customer-profiles", "ListSegmentDefinitions"],
    { DomainName },
    { member: "Items", token: "NextToken", limit: SEGMENTS_MAX },
  );
  const members: string[] = [];
  for (const { SegmentDefinitionName } of segments.items) {
    const { value } = await called<{ readonly Profiles?: readonly { readonly QueryResult?: string }[] }>(
      asker,
      "customer-profiles",
      "GetSegmentMembership",
      { DomainName, SegmentDefinitionName, ProfileIds: [profileId] },
    );
    if (value?.Profiles?.[0]?.QueryResult === "PRESENT") members.push(SegmentDefinitionName);
  }
  const streams = await calledAll<{ readonly EventStreamName: string }>(
    asker,
    ["customer-profiles", "ListEventStreams"],
    { DomainName },
    { member: "Items", token: "NextToken", limit: 5 },
  );
  return [
    { title: "Segments now", value: members.join(", ") || "none" },
    {
      title: "Event stream",
      value:
        streams.items.map(({ EventStreamName }) => EventStreamName).join(", ") || "none: nobody is told of changes",
    },
  ];
}
