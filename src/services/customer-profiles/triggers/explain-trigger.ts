/** What an event trigger made of objects that were ingested, or would make of one, and why: computed again from what was kept. */
import assert from "node:assert/strict";
import { compileEventTrigger, eventTriggerDocument } from "../../../matching/event-trigger.ts";
import type { Explanation } from "../../../matching/explanation.ts";
import { type JsonObject, Machine } from "../../../matching/machine.ts";
import { compositeKey, type ReadingStore } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { type Domain, domains, getDomain } from "../domain.ts";
import { badRequest, notFound } from "../errors.ts";
import { type MappedObject, mapObject } from "../object-types/mapped-object.ts";
import { findObjectType } from "../object-types/object-type.ts";
import { lastRejection } from "../recent-rejections.ts";
import { findObject, listObjects } from "../stored-object.ts";
import { type EventTrigger, eventTriggerArn, getEventTrigger } from "./event-trigger.ts";
import { triggerAt } from "./event-trigger-versions.ts";
import { findIngested, type IngestedEntry, lastIngested } from "./ingested-log.ts";
import { type Decision, decisionKey, listDecisions, triggerDecisions } from "./trigger-decisions.ts";

export interface TriggerQuestion {
  readonly domain: string;
  /** A trigger's name. */
  readonly trigger: string;
  /** Of what: the objects of a profile, one by its unique key, or one that need not have been ingested. Else the last that it looked at. */
  readonly of?: { readonly profileId: string } | { readonly uniqueKey: string } | { readonly object: JsonObject };
}

export interface ExplainedTrigger {
  /** Its ARN. */
  readonly trigger: string;
  /** The youngest first. */
  readonly objects: readonly ExplainedObject[];
  /** Why there is nothing to tell. */
  readonly note?: string;
}

interface ExplainedObject extends Partial<Explanation> {
  /** What became of it. Absent: it was not ingested. */
  readonly outcome?: Decision["outcome"] | "silent";
  /** Why it was capped, has expired or failed. */
  readonly why?: string;
  readonly time?: string;
  readonly profile?: string;
  /** `ProfileObjectUniqueKey`. */
  readonly object?: string;
  readonly version?: number;
  readonly note?: string;
}

/** Objects that are told of at most. */
const TOLD_MAX = 20;
const DECISIONS_MAX = 100;

/** Throws `ResourceNotFoundException` for a domain, a trigger or an object that is not there. */
export async function explainTrigger(question: TriggerQuestion, context: Context): Promise<ExplainedTrigger> {
  const { store } = context;
  const domain = await getDomain(store, context, question.domain);
  const trigger = await getEventTrigger(store, domain, question.trigger);
  const { of } = question;
  const objects =
    of && "object" in of
      ? [await explainUnseen(store, domain, trigger, of.object)]
      : await Promise.all(
          (await placesOf(context, domain, trigger, of)).map((place) => explainPlace(store, domain, trigger, place)),
        );
  const note = objects.length > 0 ? undefined : `${NOTHING}${rejected(store, domain, trigger)}`;
  return { trigger: eventTriggerArn(domain, trigger.name), objects, ...(note && { note }) };
}

const NOTHING = "It has looked at nothing of the kind, or not within the last 7 days.";

/** Objects that were put and are not there. */
function rejected(store: Context["store"], domain: Domain, { objectType }: EventTrigger): string {
  const last = lastRejection(store, domain, objectType);
  if (!last) return "";
  return ` The last object of type ${objectType} was refused at ${new Date(last.timeMs).toISOString()}: ${last.reason}.`;
}

/** Why conditions are met by an object, or are not. Pure. */
export function explainConditions(
  conditions: EventTrigger["conditions"],
  object: JsonObject,
  fields: MappedObject["fields"],
): Explanation {
  const machine = new Machine<true>();
  machine.add(true, compileEventTrigger([...conditions]));
  const explanation = machine.explain(true, eventTriggerDocument(object, fields));
  assert(explanation, "It was added just now");
  return explanation;
}

async function explainUnseen(
  store: ReadingStore,
  domain: Domain,
  { objectType, conditions, segmentFilter }: EventTrigger,
  object: JsonObject,
): Promise<ExplainedObject> {
  const type = await findObjectType(store, domain, objectType);
  if (!type) throw notFound(`Object type ${objectType} does not exist`);
  // What conditions look at is parsed plainly, and what is mapped keeps its numbers as they are written.
  const explanation = explainConditions(conditions, JSON.parse(JSON.stringify(object)), mapObject(type, object).fields);
  if (segmentFilter === undefined) return explanation;
  return {
    ...explanation,
    note: `Which profile it would belong to is not known: segment ${segmentFilter} was not asked.`,
  };
}

/** A version of an object that was ingested. */
interface Place extends Pick<IngestedEntry, "id" | "version" | "profileId" | "ingestedMs"> {
  readonly decision?: Decision;
}

async function placesOf(
  { store, clock }: Context,
  domain: Domain,
  trigger: EventTrigger,
  of: { readonly profileId: string } | { readonly uniqueKey: string } | undefined,
): Promise<readonly Place[]> {
  const { name, objectType } = trigger;
  const stored = [];
  if (of && "uniqueKey" in of) {
    const object = await findObject(store, domain, objectType, of.uniqueKey, clock.now());
    if (!object) throw notFound(`Object ${of.uniqueKey} of type ${objectType} does not exist`);
    stored.push(object);
  } else if (of) {
    const range = { uid: domain.uid, id: of.profileId, type: objectType };
    stored.push(...(await listObjects(store, range, { limit: TOLD_MAX })).documents);
  }
  const profileId = of && "profileId" in of ? of.profileId : stored[0]?.profileId;
  const decisions = (await listDecisions(store, domain, { trigger: name, profileId }, DECISIONS_MAX)).filter(
    ({ objectId }) => !(of && "uniqueKey" in of) || objectId === of.uniqueKey,
  );
  const places = new Map<string, Place>();
  for (const { id, version, profileId: on, updatedMs } of stored) {
    places.set(`${id} ${version} ${updatedMs}`, { id, version, profileId: on, ingestedMs: updatedMs });
  }
  // Those that it has been silent about are found by nothing else.
  const last = of ? [] : await lastIngested(store, { uid: domain.uid, type: objectType }, TOLD_MAX);
  for (const { id, version, profileId: on, ingestedMs } of last) {
    places.set(`${id} ${version} ${ingestedMs}`, { id, version, profileId: on, ingestedMs });
  }
  for (const decision of decisions) {
    const { objectId: id, version, profileId: on, timeMs } = decision;
    places.set(`${id} ${version} ${timeMs}`, { id, version, profileId: on, ingestedMs: timeMs, decision });
  }
  return [...places.values()].sort((one, other) => other.ingestedMs - one.ingestedMs).slice(0, TOLD_MAX);
}

async function explainPlace(
  store: ReadingStore,
  domain: Domain,
  trigger: EventTrigger,
  place: Place,
): Promise<ExplainedObject> {
  const { uid } = domain;
  const { name, objectType } = trigger;
  const { id, version, ingestedMs } = place;
  const entry = await findIngested(store, { uid, type: objectType, id, version, ingestedMs });
  // Profiles are merged: what was decided of it lies under the one that it was on.
  const profileId = entry?.profileId ?? place.profileId;
  const placed = { uid, trigger: name, profileId, objectId: id, version, timeMs: ingestedMs };
  const decision = place.decision ?? (await store.get(triggerDecisions, decisionKey(placed)));
  const told = {
    outcome: decision?.outcome ?? ("silent" as const),
    ...(decision && whyOf(decision)),
    time: new Date(ingestedMs).toISOString(),
    profile: profileId,
    object: id,
    version,
  };
  if (!entry) return { ...told, note: "The object is kept no more as it was then." };
  const asked = await triggerAt(store, domain, { name, objectType, revision: entry.revision });
  const { conditions, segmentFilter } = asked ?? trigger;
  const explanation = explainConditions(conditions, JSON.parse(entry.content), entry.fields);
  const isFiltered = asked && segmentFilter !== undefined && explanation.matched && told.outcome === "silent";
  return {
    ...told,
    ...explanation,
    ...(isFiltered && { why: `The profile was not in segment ${segmentFilter}.` }),
    ...(!asked && { note: "It had no integration then: this is what it would have made of it as it is now." }),
  };
}

function whyOf({ cap, age, failure }: Decision): Pick<ExplainedObject, "why"> {
  if (failure) return { why: `${failure.code}: ${failure.message}` };
  if (age) return { why: `It came ${age.ms / 1000} s after it had arrived, and is of use for ${age.maxMs / 1000} s.` };
  if (!cap) return {};
  const { max, value, unit, untilMs } = cap;
  return {
    why: `It had fired ${max} times for this profile within ${value} ${unit}, and may again from ${new Date(untilMs).toISOString()}.`,
  };
}

/** The name of a caller's only domain. Throws `BadRequestException` where there is none, or several. */
export async function onlyDomainName({ store, account, region }: Context): Promise<string> {
  const { documents } = await store.list(domains, { prefix: compositeKey(account, region, ""), limit: 2 });
  const [domain] = documents;
  if (domain && documents.length === 1) return domain.name;
  throw badRequest(domain ? "domain is missing: there are several" : "There is no Customer Profiles domain");
}
