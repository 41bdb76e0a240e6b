/** What can be gone to by its name: pages, and what is configured. */
import { signal } from "@preact/signals";
import { instanceId } from "./instance.ts";
import { pages } from "./pages.tsx";
import { lastDomain } from "./profile-domain.ts";
import { href } from "./route.ts";
import { call, region } from "./server.ts";

export interface Choice {
  readonly title: string;
  /** What it is, where it is no page. */
  readonly kind?: string;
  readonly to: string;
}

/** As many as a reader looks through. */
const CHOICES_MAX = 12;
/** Of each kind, by name. */
const NAMED_MAX = 100;
/** How old names may be that are not asked for again. */
const FRESH_MS = 10_000;
const PROFILE_ID = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface Kind {
  readonly kind: string;
  readonly model: string;
  readonly operation: string;
  readonly input: object;
  /** The list in the answer. */
  readonly list: string;
  readonly name: string;
  /** The page of one, or `undefined` where its list must do. */
  path(item: Readonly<Record<string, string>>): readonly string[];
}

const named = signal<readonly Choice[]>([]);
let loadedMs = Number.NEGATIVE_INFINITY;
let loadedFor = "";

/** Loads what has names, where that was not done a moment ago. What the reader may not see is not found. */
export async function loadNamed(): Promise<void> {
  const of = `${region.value} ${instanceId.value} ${lastDomain.value}`;
  if (of === loadedFor && performance.now() - loadedMs < FRESH_MS) return;
  if (of !== loadedFor) named.value = [];
  [loadedFor, loadedMs] = [of, performance.now()];
  const lists = await Promise.all([...kindsOf(instanceId.value), ...kindsIn(lastDomain.value)].map(listed));
  if (of === loadedFor) named.value = lists.flat();
}

/** Where a text can lead to, the pages first. */
export function choicesFor(text: string): readonly Choice[] {
  const wanted = text.toLowerCase();
  const found = pages
    .filter(({ group, title }) => group !== undefined && title.toLowerCase().includes(wanted))
    .map(({ name, title }) => ({ title, to: href(name === "" ? [] : [name]) }));
  if (UUID.test(text) && instanceId.value !== undefined) {
    return [{ title: text, kind: "contact", to: href(["contacts", instanceId.value, text]) }, ...found];
  }
  if (PROFILE_ID.test(text) && lastDomain.value !== undefined) {
    return [{ title: text, kind: "profile", to: href(["profiles", lastDomain.value, text]) }, ...found];
  }
  if (wanted === "") return found;
  return [...found, ...named.value.filter(({ title }) => title.toLowerCase().includes(wanted))].slice(0, CHOICES_MAX);
}

async function listed({ kind, model, operation, input, list, name, path }: Kind): Promise<readonly Choice[]> {
  try {
    const answer = await call<Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>>(
      model,
      operation,
      input,
    );
    return (answer[list] ?? []).map((item) => ({ title: item[name] ?? "", kind, to: href(path(item)) }));
  } catch {
    // Whoever may not list them does not find them here either.
    return [];
  }
}

function kindsOf(InstanceId: string | undefined): readonly Kind[] {
  const plane: readonly Kind[] = [
    {
      kind: "stream",
      model: "kinesis",
      operation: "ListStreams",
      input: { Limit: NAMED_MAX },
      list: "StreamSummaries",
      name: "StreamName",
      path: ({ StreamName = "" }) => ["streams", StreamName],
    },
    {
      kind: "event bus",
      model: "events",
      operation: "ListEventBuses",
      input: { Limit: NAMED_MAX },
      list: "EventBuses",
      name: "Name",
      path: ({ Name = "" }) => ["buses", Name],
    },
    {
      kind: "rule of the default bus",
      model: "events",
      operation: "ListRules",
      input: { Limit: NAMED_MAX },
      list: "Rules",
      name: "Name",
      path: () => ["buses", "default"],
    },
    {
      kind: "function",
      model: "lambda",
      operation: "ListFunctions",
      input: { MaxItems: 50 },
      list: "Functions",
      name: "FunctionName",
      path: ({ FunctionName = "" }) => ["functions", FunctionName],
    },
    {
      kind: "domain of profiles",
      model: "customer-profiles",
      operation: "ListDomains",
      input: { MaxResults: NAMED_MAX },
      list: "Items",
      name: "DomainName",
      path: ({ DomainName = "" }) => ["profiles", DomainName],
    },
    {
      kind: "domain of cases",
      model: "connectcases",
      operation: "ListDomains",
      input: { maxResults: 10 },
      list: "domains",
      name: "name",
      path: ({ domainId = "" }) => ["cases", domainId],
    },
  ];
  if (InstanceId === undefined) return plane;
  const ofInstance = { InstanceId, MaxResults: NAMED_MAX };
  return [
    {
      kind: "queue",
      model: "connect",
      operation: "ListQueues",
      input: { ...ofInstance, QueueTypes: ["STANDARD"] },
      list: "QueueSummaryList",
      name: "Name",
      path: ({ Id = "" }) => ["queues", InstanceId, Id],
    },
    {
      kind: "agent",
      model: "connect",
      operation: "ListUsers",
      input: ofInstance,
      list: "UserSummaryList",
      name: "Username",
      path: ({ Id = "" }) => ["agents", InstanceId, Id],
    },
    {
      kind: "rule",
      model: "connect",
      operation: "ListRules",
      input: ofInstance,
      list: "RuleSummaryList",
      name: "Name",
      path: ({ RuleId = "" }) => ["rules", InstanceId, RuleId],
    },
    ...plane,
  ];
}

/** What has a name in the domain of Customer Profiles that was looked at last. */
function kindsIn(DomainName: string | undefined): readonly Kind[] {
  if (DomainName === undefined) return [];
  const inDomain = { model: "customer-profiles", input: { DomainName, MaxResults: NAMED_MAX }, list: "Items" };
  return [
    {
      ...inDomain,
      kind: "event trigger",
      operation: "ListEventTriggers",
      name: "EventTriggerName",
      path: ({ EventTriggerName = "" }) => ["profiles", DomainName, "triggers", EventTriggerName],
    },
    {
      ...inDomain,
      kind: "segment of profiles",
      operation: "ListSegmentDefinitions",
      name: "SegmentDefinitionName",
      path: ({ SegmentDefinitionName = "" }) => ["profiles", DomainName, "segments", SegmentDefinitionName],
    },
    {
      ...inDomain,
      kind: "object type",
      operation: "ListProfileObjectTypes",
      name: "ObjectTypeName",
      path: ({ ObjectTypeName = "" }) => ["profiles", DomainName, "types", ObjectTypeName],
    },
  ];
}
