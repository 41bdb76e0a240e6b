/**
 * What rules on metrics look at: which queues, agents, routing profiles and flows a filter names, and a metric of one of them. Everything
 * is read of one moment, and once, however many rules ask: so a look at all of them costs what their resources cost.
 */
import type { Channel } from "@aws-sdk/client-connect";
import type { JsonObject } from "../../matching/machine.ts";
import type { Answer, MetricFact, MetricGrouping } from "../../matching/rule-function/derived-fact.ts";
import type { Collection, Reader } from "../../store/store.ts";
import { type Agent, availableSlots, findAgent, isWorkedOn } from "./agents.ts";
import { type InstanceRef, instanceKey, type ResourceKind, resourceArn } from "./arns.ts";
import { contactFlowModules } from "./contact-flow-modules.ts";
import { contactFlows } from "./contact-flows.ts";
import { wholeSeconds } from "./contacts.ts";
import { watchedMetrics } from "./get-current-metric-data.ts";
import { getHistoricalMetric, keyValue, sumsOf } from "./historical-metrics.ts";
import type { InstanceResource } from "./instance-resources.ts";
import { type Found, summedParts, unsummedParts } from "./metric-parts.ts";
import { type MetricPart, totalOf } from "./metrics.ts";
import { queues } from "./queues.ts";
import { routingProfileQueues, routingProfiles } from "./routing-profiles.ts";
import { hierarchyGroups, LEVELS } from "./user-hierarchy.ts";
import { users } from "./users.ts";

/** Something that metrics are told of. */
export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** Of a flow: the value of FLOW_TYPE. */
  readonly flowType?: string;
}

const FILTER = "MetricDataFilterBy";
const LEVEL_FILTER = `${FILTER}AgentHierarchy`;

/** Sums are kept by five minutes. */
const PART_MS = 5 * 60_000;

/** Documents that are read at once: a page of a thousand users takes some milliseconds. */
const READ_SIZE = 1_000;
const USERS_READ = 200;

/** Whose metrics, and when. */
interface Asked {
  readonly instance: InstanceRef;
  readonly nowMs: number;
  /** Trailing metrics are asked of this moment, a whole five minutes: sums know what was then. */
  readonly atMs?: number;
  /** Called between two reads of very many, so that others have room. */
  readonly pause?: () => Promise<void>;
}

export class ResourceMetrics {
  readonly #reader: Reader;
  readonly #instance: InstanceRef;
  readonly #asked: Asked;
  readonly #nowMs: number;
  readonly #read = new Map<string, Promise<unknown>>();

  constructor(reader: Reader, asked: Asked) {
    this.#reader = reader;
    this.#instance = asked.instance;
    this.#asked = asked;
    this.#nowMs = asked.nowMs;
  }

  /** Those resources of a kind that a filter names and that are there. */
  async named({ grouping, resources: { filter, ids } }: MetricFact): Promise<readonly Resource[]> {
    const found = new Map<string, Resource>();
    for (const id of new Set(ids)) {
      const resources = await this.#once(`${grouping} ${filter} ${id}`, () => this.#behind(grouping, filter, id));
      for (const resource of resources) found.set(resource.id, resource);
    }
    return [...found.values()];
  }

  /** The value of a metric; nothing where there is no data. Times in seconds, percentages of 100. */
  async valueOf(fact: MetricFact, resource: Resource): Promise<Answer> {
    if (fact.metric === "AGENT_ACTIVITY") return this.#activities(resource);
    if (fact.pastSeconds !== undefined) return this.#trailing(fact, fact.pastSeconds, resource);
    const kind = fact.grouping === "QUEUE" ? "QUEUE" : "ROUTING_PROFILE";
    const { channels } = fact;
    const watched = await this.#once(`now ${kind} ${resource.id} ${channels}`, () =>
      watchedMetrics(this.#reader, this.#instance, { kind, id: resource.id, channels }, this.#nowMs),
    );
    return watched[fact.metric as keyof typeof watched];
  }

  async #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const reading = this.#read.get(key) ?? read();
    this.#read.set(key, reading);
    return reading as Promise<T>;
  }

  async #behind(grouping: MetricGrouping, filter: string, id: string): Promise<readonly Resource[]> {
    switch (grouping) {
      case "QUEUE": {
        const ids = filter === `${FILTER}Queue` ? [id] : await this.#served("profile", id);
        return this.#existing(queues, "queue", ids);
      }
      case "ROUTING_PROFILE": {
        const ids = filter === `${FILTER}RoutingProfile` ? [id] : await this.#served("queue", id);
        return this.#existing(routingProfiles, "routingProfile", ids);
      }
      case "FLOW":
        return filter === `${FILTER}Flow`
          ? this.#existing(contactFlows, "contactFlow", [id], ({ type }) => ({ flowType: type }))
          : this.#existing(contactFlowModules, "contactFlowModule", [id], () => ({ flowType: "MODULE" }));
      case "AGENT": {
        if (filter === `${FILTER}Agent`) return this.#existing(users, "user", [id]);
        if (filter.startsWith(LEVEL_FILTER)) return this.#inGroup(filter.slice(LEVEL_FILTER.length), id);
        const profiles = filter === `${FILTER}Queue` ? await this.#served("queue", id) : [id];
        const found: Resource[] = [];
        for (const profileId of profiles) found.push(...(await this.#usersBy("routingProfile", profileId)));
        return found;
      }
    }
  }

  async #existing<T extends InstanceResource>(
    from: Collection<T>,
    kind: ResourceKind,
    ids: Iterable<string>,
    more: (found: T) => Partial<Resource> = () => ({}),
  ): Promise<Resource[]> {
    const resources: Resource[] = [];
    for (const id of ids) {
      const found = await this.#reader.get(from, instanceKey(this.#instance, id));
      if (found) resources.push({ id, name: found.name, arn: resourceArn(kind, this.#instance, id), ...more(found) });
    }
    return resources;
  }

  /** The queues that a routing profile serves, or the profiles that serve a queue. */
  async #served(by: "profile" | "queue", id: string): Promise<Set<string>> {
    const range =
      by === "profile"
        ? { prefix: instanceKey(this.#instance, id, "") }
        : { index: "queue", equals: instanceKey(this.#instance, id) };
    const { documents } = await this.#reader.list(routingProfileQueues, { ...range, limit: READ_SIZE });
    return new Set(documents.map(({ queueId, profileId }) => (by === "profile" ? queueId : profileId)));
  }

  async #usersBy(index: "routingProfile" | "hierarchyGroup", id: string): Promise<Resource[]> {
    const range = { index, equals: instanceKey(this.#instance, id), limit: USERS_READ };
    const found: Resource[] = [];
    let after: string | undefined;
    do {
      const page = await this.#reader.list(users, { ...range, after });
      for (const { id: userId, name } of page.documents) {
        found.push({ id: userId, name, arn: resourceArn("user", this.#instance, userId) });
      }
      after = page.next;
      await this.#asked.pause?.();
    } while (after !== undefined);
    return found;
  }

  /** Who is in a group of a level, or in one below. */
  async #inGroup(level: string, groupId: string): Promise<Resource[]> {
    const group = await this.#reader.get(hierarchyGroups, instanceKey(this.#instance, groupId));
    if (!group || LEVELS[group.depth - 1] !== level) return [];
    const found: Resource[] = [];
    const groups = [groupId];
    for (const id of groups) {
      found.push(...(await this.#usersBy("hierarchyGroup", id)));
      const below = { index: "parent", equals: instanceKey(this.#instance, id), limit: READ_SIZE };
      groups.push(...(await this.#reader.list(hierarchyGroups, below)).documents.map((one) => one.id));
    }
    return found;
  }

  /** What an agent who is signed in is at, and for how many seconds: their status, and what their contacts are. */
  async #activities({ id }: Resource): Promise<readonly JsonObject[] | undefined> {
    const agent = await this.#once(`agent ${id}`, () => findAgent(this.#reader, this.#instance, id));
    if (!agent?.isSignedIn) return undefined;
    return activitiesOf(agent).map(([Activity, sinceMs]) => ({
      Activity,
      Seconds: wholeSeconds(sinceMs, this.#nowMs),
    }));
  }

  async #trailing(
    { metric: name, grouping, channels, flowOutcomes, thresholdSeconds: seconds }: MetricFact,
    pastSeconds: number,
    resource: Resource,
  ): Promise<number | undefined> {
    const metric = getHistoricalMetric(name);
    const found: Found =
      grouping === "FLOW"
        ? { dimension: "FLOW_TYPE", id: resource.flowType ?? "" }
        : { dimension: grouping, id: resource.id };
    const parts = (await this.#parts(found, pastSeconds, metric.isOfAgentTimes === true)).filter(
      ({ dimensions }) =>
        (!channels || channels.includes(dimensions.CHANNEL ?? "")) &&
        (grouping !== "FLOW" || resource.id === (dimensions.FLOWS_RESOURCE_ID ?? dimensions.FLOWS_MODULE_RESOURCE_ID)),
    );
    const own = parts.filter(
      ({ dimensions }) => !flowOutcomes || flowOutcomes.includes(keyValue(dimensions, "FLOWS_OUTCOME_TYPE") ?? ""),
    );
    const threshold = seconds === undefined ? undefined : ({ comparison: "LT", seconds } as const);
    const sums = (of: readonly MetricPart[]) => sumsOf(totalOf(of.map(({ figures }) => figures)), threshold);
    return metric.value(sums(own), sums(parts));
  }

  /** Figures of the trailing time, widened to whole five minutes (our choice). */
  async #parts(found: Found, pastSeconds: number, isOfAgentTimes: boolean): Promise<readonly MetricPart[]> {
    const { nowMs, atMs = nowMs } = this.#asked;
    const agoMs = atMs - pastSeconds * 1_000;
    const interval = { startMs: agoMs - (agoMs % PART_MS), endMs: atMs };
    return this.#once(`past ${found.dimension} ${found.id} ${interval.startMs} ${isOfAgentTimes}`, async () => {
      const parts = await summedParts(this.#reader, this.#instance, [found], [interval]);
      if (!isOfAgentTimes) return parts;
      const options = { intervals: [interval], nowMs };
      return [...parts, ...(await unsummedParts(this.#reader, this.#instance, [found], options))];
    });
  }
}

/** Each with the time since when: the names are the documentation's, but for that of the status, which is its id. */
function activitiesOf({ state, settings, idleSinceMs }: Agent): (readonly [string, number])[] {
  const activities: (readonly [string, number])[] = [[state.status.id, state.status.startMs]];
  const channels = Object.keys(settings.concurrency) as Channel[];
  if (state.contacts.length === 0 && channels.some((channel) => availableSlots(state, settings, channel) > 0)) {
    activities.push(["AVAILABLE", idleSinceMs]);
  }
  for (const contact of state.contacts) {
    const { state: step, stateStartMs, connectedMs } = contact;
    if (step === "ENDED") activities.push(["AFTER_CONTACT_WORK", stateStartMs]);
    else if (isWorkedOn(contact)) activities.push(["ON_CONTACT", connectedMs ?? stateStartMs]);
    else if (step === "MISSED" || step === "REJECTED" || step === "ERROR") activities.push([step, stateStartMs]);
    else activities.push(["INCOMING", stateStartMs]);
  }
  return activities;
}
