/** One contact on one axis: put together from what Connect, Contact Lens, the rules, Cases, Customer Profiles and EventBridge know of it. */
import {
  attributesOf,
  type Contact,
  type ContactStep,
  casesDomainOfInstance,
  contactHistory,
  contactRecord,
  findUserByArn,
  flowTimelineOf,
  getContact,
  getInstance,
  instanceArn,
  refOf,
  relatedContacts,
  resourceArn,
  transcriptOf,
} from "../../services/connect/index.ts";
import { type AnalysedConversation, analysedConversation } from "../../services/contact-lens/index.ts";
import { findProfileOfContact, parseProfileArn } from "../../services/customer-profiles/index.ts";
import { explainSubject, keptConversation } from "../../services/rules/index.ts";
import { auditEntries } from "./case-entries.ts";
import { deliveryEntries } from "./delivery-entries.ts";
import {
  type Asker,
  called,
  calledAll,
  type Entry,
  inOrder,
  iso,
  isoOf,
  type Link,
  lastPart,
  type Timeline,
} from "./entry.ts";
import { historyEntries } from "./profile-entries.ts";
import { ruleEntries } from "./rule-entries.ts";

interface Place {
  readonly instanceId: string;
  readonly contactId: string;
}

/** What every part of the timeline looks at. */
interface Looking {
  readonly asker: Asker;
  readonly contact: Contact;
  readonly nowMs: number;
  readonly notes: string[];
  readonly related: Link[];
}

/** Throws `ResourceNotFoundException` where the caller has no such contact. */
export async function contactTimeline(asker: Asker, place: Place): Promise<Timeline> {
  const { context } = asker;
  const { store, clock } = context;
  const nowMs = clock.now();
  const instance = refOf(await getInstance(store, context, place.instanceId));
  const contact = await getContact(store, instance, place.contactId, nowMs);
  const looking: Looking = { asker, contact, nowMs, notes: [], related: [] };
  for (const { contactId, relation, channel } of await relatedContacts(store, contact)) {
    const title = `${relation}: ${channel ?? "contact"} ${contactId.slice(0, 8)}`;
    looking.related.push({ title, to: ["contacts", instance.instanceId, contactId] });
  }
  const { steps, gap } = await contactHistory(store, contact, nowMs);
  if (gap) looking.notes.push(`Events from ${gap.since} to ${gap.until} are not kept: ${gap.reason}`);
  const analysed = await analysedConversation(store, contact);
  const entries = [
    ...eventEntries(looking, steps, gap !== undefined),
    ...(await agentEntries(looking, steps)),
    ...(await flowEntries(looking)),
    ...(await transcriptEntries(looking, analysed)),
    ...(await rulesOf(looking, analysed)),
    ...(await casesOf(looking)),
    ...(await profileOf(looking)),
    ...(await recordEntries(looking)),
    ...evaluationEntries(looking),
    ...(await fileEntries(looking, analysed)),
    ...(await deliveryEntries(looking, steps)),
  ];
  return {
    state: contact.completedMs === undefined ? contact.state : "COMPLETED",
    isOver: contact.completedMs !== undefined,
    now: iso(nowMs),
    entries: inOrder(entries),
    related: looking.related,
    facts: factsOf(contact),
    notes: looking.notes,
  };
}

function factsOf(contact: Contact): NonNullable<Timeline["facts"]> {
  const { channel, initiationMethod, customerEndpoint, systemEndpoint, queue, agent, disconnectReason } = contact;
  const seconds = Math.floor(((contact.disconnectMs ?? contact.initiationMs) - contact.initiationMs) / 1_000);
  const facts: readonly (readonly [title: string, value: string | undefined, to?: readonly string[]])[] = [
    ["Channel", channel],
    ["Begun by", initiationMethod],
    ["Customer", customerEndpoint?.address ?? contact.customerId],
    ["Reached", systemEndpoint?.address],
    ["Queue", queue?.name ?? queue?.id, ["queues", contact.instanceId, queue?.id ?? ""]],
    ["Agent", agent?.username, ["agents", contact.instanceId, agent?.id ?? ""]],
    ["Lasted", contact.disconnectMs === undefined ? undefined : minutesText(seconds)],
    ["Ended by", disconnectReason],
  ];
  return facts.flatMap(([title, value, to]) => (value === undefined ? [] : [{ title, value, ...(to && { to }) }]));
}

/** As people say it: `4 min 20 s`. */
function minutesText(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Events that begin a state, which lasts until the next one of them. */
const STATES: ReadonlySet<string> = new Set([
  "INITIATED",
  "CONNECTED_TO_SYSTEM",
  "QUEUED",
  "CONNECTED_TO_AGENT",
  "PAUSED",
  "RESUMED",
  "DISCONNECTED",
]);

function eventEntries({ contact, notes }: Looking, steps: readonly ContactStep[], hasGap: boolean): readonly Entry[] {
  const entries: Entry[] = steps.flatMap((step) => {
    if (step.kind !== "event") return [];
    const { eventType, disconnectReason, updatedProperties, queueInfo, agentInfo } = step.detail;
    const details: Readonly<Record<string, string | undefined>> = {
      DISCONNECTED: disconnectReason,
      CONTACT_DATA_UPDATED: updatedProperties?.join(", "),
      CONNECTED_TO_AGENT: contact.agent?.username ?? (agentInfo && lastPart(agentInfo.agentArn)),
      QUEUED: contact.queue?.name ?? (queueInfo && lastPart(queueInfo.queueArn)),
    };
    const detail = details[eventType];
    return [{ id: `event:${step.id}`, at: step.at, kind: "contact", title: eventType, detail, document: step.detail }];
  });
  const told = new Set(entries.map(({ title }) => title));
  const known: readonly (readonly [title: string, atMs: number | undefined])[] = [
    ["INITIATED", contact.initiationMs],
    ["CONNECTED_TO_SYSTEM", contact.connectedToSystemMs],
    ["QUEUED", contact.queue?.enqueueMs],
    ["CONNECTED_TO_AGENT", contact.agent?.connectedMs],
    ["DISCONNECTED", contact.disconnectMs],
    ["COMPLETED", contact.completedMs],
  ];
  let isForgotten = false;
  for (const [title, atMs] of entries.length > 0 && !hasGap ? [] : known) {
    if (atMs === undefined || told.has(title)) continue;
    // An outbound call has a queue without having waited there; what comes in is connected without an event that says so.
    if (title === "QUEUED" && contact.initiationMethod === "OUTBOUND") continue;
    if (title === "CONNECTED_TO_SYSTEM" && atMs === contact.initiationMs) continue;
    isForgotten = true;
    const document = { eventType: title, at: iso(atMs), note: "Only the time is kept of this event." };
    entries.push({ id: `event:${title}`, at: iso(atMs), kind: "contact", title, document });
  }
  if (isForgotten) notes.push("Of some contact events only the times are kept, as the contact itself knows them.");
  return withEnds(inOrder(entries), contact.completedMs === undefined ? null : iso(contact.completedMs));
}

function withEnds(entries: readonly Entry[], end: string | null): readonly Entry[] {
  return entries.map((entry, place) => {
    if (!STATES.has(entry.title)) return entry;
    const next = entries.slice(place + 1).find(({ title }) => STATES.has(title));
    return { ...entry, until: next?.at ?? end };
  });
}

async function agentEntries(
  { asker: { context }, contact }: Looking,
  steps: readonly ContactStep[],
): Promise<readonly Entry[]> {
  const own = steps.filter((step) => step.kind === "agent");
  const names = new Map<string, string>();
  for (const { agentArn } of own) {
    if (names.has(agentArn)) continue;
    const user = await findUserByArn(context.store, context, agentArn);
    names.set(agentArn, user?.name ?? lastPart(agentArn));
  }
  const entries = own.map((step, place): Entry => {
    const next = own.slice(place + 1).find(({ agentArn }) => agentArn === step.agentArn);
    const others = step.others.length === 0 ? "" : `, with ${step.others.length} other contacts`;
    return {
      id: `agent:${lastPart(step.agentArn)}:${step.at}:${step.state}`,
      at: step.at,
      ...(step.state !== "CLEARED" && { until: next?.at ?? null }),
      kind: "agent",
      title: step.state,
      detail: `${names.get(step.agentArn)}, ${step.status}${others}`,
      tone: step.state === "MISSED" || step.state === "REJECTED" || step.state === "ERROR" ? "bad" : undefined,
      document: step,
    };
  });
  if (entries.length > 0 || !contact.agent) return entries;
  const { agent } = contact;
  return [
    {
      id: `agent:${agent.id}`,
      at: iso(agent.connectedMs),
      until: contact.disconnectMs === undefined ? null : iso(contact.disconnectMs),
      kind: "agent",
      title: "CONNECTED",
      detail: agent.username,
      document: agent,
    },
  ];
}

interface ShownRun {
  readonly flowId: string;
  readonly type: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
  readonly steps: readonly {
    readonly at: string;
    readonly action: string;
    readonly type: string;
    readonly result: string | null;
    readonly branch: string | null;
    readonly notBuilt?: boolean;
  }[];
}

async function flowEntries({ asker, contact }: Looking): Promise<readonly Entry[]> {
  const runs = (await flowTimelineOf(asker.context.store, contact)) as unknown as readonly ShownRun[];
  const entries: Entry[] = [];
  for (const [place, run] of runs.entries()) {
    const { steps, ...flow } = run;
    const id = `flow:${run.startedAt}:${run.type}:${run.flowId}`;
    entries.push({
      id: runs.slice(0, place).some((one) => one.startedAt === run.startedAt && one.flowId === run.flowId)
        ? `${id}:${place}`
        : id,
      at: run.startedAt,
      until: run.endedAt,
      kind: "flow",
      title: run.type,
      detail: run.outcome ?? "goes on",
      tone: run.outcome?.includes("ERROR") ? "bad" : undefined,
      document: { ...flow, steps },
    });
    for (const [number, step] of steps.entries()) {
      const isError = step.branch !== null && /error/i.test(step.branch);
      entries.push({
        id: `${id}:${step.action}:${step.at}:${number}`,
        at: step.at,
        kind: "flow",
        title: step.type,
        detail: [step.notBuilt && "not built", step.result, step.branch].filter(Boolean).join(" → ") || undefined,
        tone: isError ? "warn" : undefined,
        document: step,
      });
    }
  }
  return entries;
}

/** A chat may have 20,000. */
const ITEMS_MAX = 5_000;

async function transcriptEntries(
  { asker, contact, notes }: Looking,
  analysed: AnalysedConversation | undefined,
): Promise<readonly Entry[]> {
  const { store } = asker.context;
  const { items, hasMore } = await transcriptOf(store, contact, ITEMS_MAX);
  if (hasMore) notes.push(`Of what was said or written the first ${ITEMS_MAX} items are shown.`);
  const isEnded = contact.disconnectMs !== undefined;
  const kept =
    analysed || !isEnded || items.length === 0 ? undefined : await keptConversation(store, contact, contact.id);
  const turns = new Map((analysed?.turns ?? kept?.analysis.turns ?? []).map((turn) => [turn.turn.id, turn]));
  const hidesSentiment = analysed?.hidesSentiment ?? kept?.tellsSentiment === false;
  if (turns.size === 0 && items.some(({ type }) => type === "MESSAGE")) {
    notes.push("There is no sentiment: the conversation is not analysed, or its analysis is kept no more.");
  }
  const entries = items.map((item): Entry => {
    const turn = turns.get(item.id);
    const sentiment = hidesSentiment ? undefined : turn?.sentiment;
    return {
      id: `said:${item.id}`,
      at: iso(item.beginMs),
      ...(item.endMs > item.beginMs && { until: iso(item.endMs) }),
      kind: "transcript",
      title: item.type === "EVENT" ? lastPart(item.contentType.replaceAll(".", "/")) : item.content,
      detail: item.displayName,
      speaker: item.speaker,
      ...(sentiment && item.type === "MESSAGE" && { sentiment: { label: sentiment.label, score: sentiment.score } }),
      document: { ...item, ...(turn && { sentiment: turn.sentiment, findings: turn.findings }) },
    };
  });
  return [...entries, ...categoryEntries(analysed, contact)];
}

function categoryEntries(analysed: AnalysedConversation | undefined, contact: Contact): readonly Entry[] {
  if (!analysed) return [];
  const { categories, turns, beganMs, endedMs = contact.disconnectMs ?? beganMs } = analysed;
  const byId = new Map(turns.map(({ turn }) => [turn.id, turn]));
  return categories.flatMap((category) => {
    const { name, pointsOfInterest } = category;
    const points = pointsOfInterest.flatMap((point, place): readonly Entry[] => {
      const turn = byId.get(point[0]?.turnId ?? "");
      if (!turn) return [];
      const words = point.map(({ turnId, offsets }) =>
        byId.get(turnId)?.content.slice(offsets.BeginOffsetChar, offsets.EndOffsetChar),
      );
      return [
        {
          id: `category:${name}:${place}`,
          at: iso(beganMs + turn.beginMs),
          kind: "category",
          title: name,
          detail: `“${words.join("”, “")}”`,
          of: `said:${turn.id}`,
          document: category,
        },
      ];
    });
    if (points.length > 0) return points;
    const whole: Entry = {
      id: `category:${name}`,
      at: iso(endedMs),
      kind: "category",
      title: name,
      detail: "for the contact as a whole",
      document: category,
    };
    return [whole];
  });
}

async function rulesOf({ asker, contact, notes }: Looking, analysed: AnalysedConversation | undefined) {
  const { instanceId, id: subject } = contact;
  const explained = await explainSubject({ instanceId, subject }, asker.context);
  if (explained.note && contact.analytics) notes.push(`Rules: ${explained.note}`);
  const beganMs = analysed?.beganMs ?? contact.agent?.connectedMs ?? contact.initiationMs;
  const heard = analysed?.turns.at(-1)?.turn;
  const lastHeardMs = beganMs + (heard?.endMs ?? 0);
  return ruleEntries(explained, { beganMs, lastHeardMs, turns: new Set(analysed?.turns.map(({ turn }) => turn.id)) });
}

/** Cases of a contact, and changes of each, that are told at most. */
const CASES_MAX = 20;

async function casesOf({ asker, contact, notes, related, nowMs }: Looking): Promise<readonly Entry[]> {
  const domainArn = await casesDomainOfInstance(asker.context.store, contact);
  if (domainArn === undefined) return [];
  const domainId = lastPart(domainArn);
  const contactArn = resourceArn("contact", contact, contact.id);
  const found = await calledAll<{ readonly caseId: string }>(
    asker,
    ["connectcases", "ListCasesForContact"],
    { domainId, contactArn },
    { member: "cases", limit: CASES_MAX },
  );
  if (found.problem) notes.push(found.problem);
  const entries: Entry[] = [];
  const sinceMs = contact.initiationMs;
  const untilMs = (contact.completedMs ?? nowMs) + CHANGED_AFTER_MS;
  for (const { caseId } of found.items) {
    related.push({ title: `case ${caseId.slice(0, 8)}`, to: ["cases", domainId, caseId] });
    entries.push(...(await auditEntries(asker, { domainId, caseId }, { sinceMs, untilMs }, notes)));
  }
  return entries;
}

/** What becomes of a case or a profile for so long after a contact may be because of it. */
const CHANGED_AFTER_MS = 15 * 60_000;

async function profileOf({ asker, contact, notes, related, nowMs }: Looking): Promise<readonly Entry[]> {
  const { context } = asker;
  const asked = { instanceArn: instanceArn(contact), contactId: contact.id, customerId: contact.customerId };
  const arn = await findProfileOfContact(context.store, context, asked, nowMs);
  const ref = arn === undefined ? undefined : parseProfileArn(arn);
  if (!ref) return [];
  const { domainName, profileId } = ref;
  related.push({ title: `profile ${profileId.slice(0, 8)}`, to: ["profiles", domainName, profileId] });
  const span = { sinceMs: contact.initiationMs, untilMs: (contact.completedMs ?? nowMs) + CHANGED_AFTER_MS };
  return historyEntries(asker, { domainName, profileId }, span, notes);
}

async function recordEntries({ asker, contact }: Looking): Promise<readonly Entry[]> {
  if (contact.completedMs === undefined || contact.recordMs === undefined) return [];
  // A record tells whole seconds: it is not told before the contact was completed.
  const atMs = Math.max(contact.recordMs, contact.completedMs);
  return [
    {
      id: "record",
      at: iso(atMs),
      kind: "record",
      title: "Contact record published",
      detail: "its last version",
      document: contactRecord(contact, await attributesOf(asker.context.store, contact)),
    },
  ];
}

function evaluationEntries({ contact }: Looking): readonly Entry[] {
  return Object.entries(contact.evaluations ?? {}).map(([formId, evaluation]) => ({
    id: `evaluation:${evaluation.evaluationId}`,
    at: iso(evaluation.endMs ?? evaluation.startMs),
    kind: "evaluation",
    title: `Evaluation ${evaluation.status}`,
    detail: evaluation.exportLocation,
    document: { formId, ...evaluation },
  }));
}

interface ListedObjects {
  readonly Contents?: readonly { readonly Key: string; readonly LastModified: string; readonly Size: number }[];
}

async function fileEntries(
  { asker, contact, notes }: Looking,
  analysed: AnalysedConversation | undefined,
): Promise<readonly Entry[]> {
  const places = (analysed?.files ?? []).map((file) => ({ ...file, title: "Analysis file" }));
  const [bucket = "", ...key] = contact.transcriptLocation?.split("/") ?? [];
  if (key.length > 0) places.push({ bucket, key: key.join("/"), title: "Chat transcript" });
  const entries: Entry[] = [];
  for (const { bucket, key, title } of places) {
    const input = { Bucket: bucket, Prefix: key, MaxKeys: 1 };
    const { value, problem } = await called<ListedObjects>(asker, "s3", "ListObjectsV2", input);
    const written = value?.Contents?.find(({ Key }) => Key === key);
    if (!written) {
      notes.push(`${title} s3://${bucket}/${key} is not written${problem ? ` (${problem})` : " yet"}.`);
      continue;
    }
    entries.push({
      id: `file:${bucket}/${key}`,
      at: isoOf(written.LastModified),
      kind: "file",
      title: `${title} written`,
      detail: `s3://${bucket}/${key}`,
      document: { bucket, ...written },
    });
  }
  return entries;
}
