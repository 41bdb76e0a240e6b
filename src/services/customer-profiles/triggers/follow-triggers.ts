/**
 * What event triggers make of an object, in the unit that ingests it:
 *
 *     conditions met ─► young enough ─► profile in the segment ─► under its caps, and counted ─► sent
 *                          └ expired       └ nothing is kept         └ capped                      ├ taken, or owed: fired
 *                                                                                                  └ refused for good: failed, not counted
 *
 * All triggers of a type are asked at once, and those that do not match cost nothing.
 */
import { createHash } from "node:crypto";
import type { Message } from "../../../flow/index.ts";
import { eventTriggerDocument } from "../../../matching/event-trigger.ts";
import type { Unit } from "../../../store/store.ts";
import { derivedUuid } from "../../../time/ids.ts";
import { compactJson, eventText } from "../../eventbridge/index.ts";
import type { Platform } from "../../service.ts";
import type { Domain } from "../domain.ts";
import { integrationArn } from "../integrations/integration.ts";
import type { IngestedObject, ProfileChange } from "../profile-change.ts";
import { Memberships } from "../segments/segment-membership.ts";
import type { StoredObject } from "../stored-object.ts";
import type { StoredProfile } from "../stored-profile.ts";
import { type EventTrigger, eventTriggerArn } from "./event-trigger.ts";
import { recordIngested } from "./ingested-log.ts";
import { countInvocation } from "./trigger-counts.ts";
import { type Decision, type DecisionPlace, keepDecision } from "./trigger-decisions.ts";
import { type Destination, parseDestination } from "./trigger-destination.ts";
import { expirationMs } from "./trigger-limits.ts";
import { triggerSets } from "./trigger-set.ts";
import { TRIGGER_PRINCIPAL, type Undelivered, undeliveredArn } from "./undelivered.ts";

/** Asks the triggers of each object that was ingested. */
export async function followTriggers(unit: Unit, platform: Platform, change: ProfileChange): Promise<void> {
  const { domain, after: profile } = change;
  if (!profile) return;
  for (const { after: object, ingested } of change.objects) {
    if (ingested) await askTriggers(unit, platform, { domain, profile, object, ingested });
  }
}

interface Ingestion {
  readonly domain: Domain;
  readonly profile: StoredProfile;
  readonly object: StoredObject;
  readonly ingested: IngestedObject;
}

async function askTriggers(unit: Unit, platform: Platform, ingestion: Ingestion): Promise<void> {
  const { domain, profile, object, ingested } = ingestion;
  // The time of the ingestion, by which it is found again: a real clock has gone on since.
  const nowMs = object.updatedMs;
  const set = await triggerSets(platform.store).of(unit, domain, object.type);
  recordIngested(unit, {
    uid: domain.uid,
    type: object.type,
    id: object.id,
    version: object.version,
    createdMs: object.createdMs,
    profileId: profile.id,
    content: object.content,
    fields: ingested.mapped.fields,
    acceptedMs: ingested.acceptedMs,
    ingestedMs: nowMs,
    profile: profile.fields,
    revision: set.revision,
  });
  if (set.size === 0) return;
  const document = eventTriggerDocument(JSON.parse(object.content), ingested.mapped.fields);
  const messages: Message[] = [];
  // After all that the object has written, its calculated attributes among it.
  const memberships = new Memberships(unit, platform, domain, profile, nowMs);
  for (const trigger of set.match(document)) {
    const message = await decide(unit, trigger, ingestion, memberships, nowMs);
    if (message) messages.push(message);
  }
  if (messages.length > 0) await platform.flow.send(unit, messages);
}

/** Keeps what a trigger whose conditions are met decides, and answers with what it sends. */
async function decide(
  unit: Unit,
  trigger: EventTrigger,
  { domain, profile, object, ingested }: Ingestion,
  memberships: Memberships,
  nowMs: number,
): Promise<Message | undefined> {
  const { uri } = trigger;
  const destination = uri === undefined ? undefined : parseDestination(uri);
  if (uri === undefined || !destination) return undefined;
  const decision: Omit<Decision, "outcome" | "expiresMs"> = {
    uid: domain.uid,
    triggerId: trigger.id,
    trigger: trigger.name,
    profileId: profile.id,
    objectType: object.type,
    objectId: object.id,
    version: object.version,
    timeMs: nowMs,
    uri,
  };
  const ageMs = nowMs - ingested.acceptedMs;
  const maxMs = expirationMs(trigger.limits, destination.kind === "campaign");
  if (maxMs !== undefined && ageMs > maxMs) {
    await keepDecision(unit, { ...decision, outcome: "expired", age: { ms: ageMs, maxMs } });
    return undefined;
  }
  if (trigger.segmentFilter !== undefined && !(await memberships.isIn(trigger.segmentFilter))) return undefined;
  const cap = await countInvocation(unit, trigger, profile.id, nowMs);
  if (cap) {
    await keepDecision(unit, { ...decision, outcome: "capped", cap });
    return undefined;
  }
  const clientToken = clientTokenOf(trigger, object);
  await keepDecision(unit, { ...decision, outcome: "fired", clientToken });
  const untilMs = maxMs === undefined ? undefined : ingested.acceptedMs + maxMs;
  return messageTo(destination, domain, object, { ...decision, clientToken, untilMs });
}

interface Fired extends DecisionPlace, Pick<Decision, "triggerId" | "uri"> {
  readonly clientToken: string;
  /** It is of no use later. */
  readonly untilMs: number | undefined;
}

function messageTo(destination: Destination, domain: Domain, object: StoredObject, fired: Fired): Message {
  const { trigger, triggerId, profileId, uri, clientToken, untilMs, timeMs } = fired;
  const request = requestOf(clientToken, object, untilMs);
  const sourceArn = eventTriggerArn(domain, trigger);
  const deliveryId = derivedUuid(domain.uid, triggerId, clientToken);
  const told = { ...request, eventTriggerName: trigger, domainName: domain.name, objectTypeName: object.type };
  const body =
    destination.kind === "campaign"
      ? JSON.stringify(request)
      : destination.kind === "bus"
        ? eventText({
            id: deliveryId,
            source: EVENT_SOURCE,
            detailType: DETAIL_TYPE,
            account: domain.account,
            region: domain.region,
            timeMs,
            resources: [sourceArn],
            detail: JSON.stringify(told),
          })
        : JSON.stringify(told);
  return {
    targetArn: destination.kind === "webhook" ? integrationArn(domain, uri) : destination.address,
    request: {
      deliveryId,
      body,
      // What is sent to a bus says in its key how far it has come.
      ...(destination.kind !== "bus" && { key: profileId }),
      account: domain.account,
      principal: TRIGGER_PRINCIPAL,
      sourceArn,
    },
    event: JSON.stringify({ place: placeOf(fired), body } satisfies Undelivered),
    ruleArn: sourceArn,
    deadLetterArn: undeliveredArn(domain),
    ...(untilMs !== undefined && { eventAgeMsMax: untilMs - timeMs }),
    timeMs,
  };
}

function placeOf({ uid, trigger, profileId, objectId, version, timeMs }: DecisionPlace): DecisionPlace {
  return { uid, trigger, profileId, objectId, version, timeMs };
}

/** Of events on a bus: ours, since the real service sends to none. */
const EVENT_SOURCE = "trunkline.customer-profiles";
const DETAIL_TYPE = "Customer Profiles Event Trigger Fired";

/** The same for the same version of an object. What has been deleted and comes again is another one. */
function clientTokenOf({ name }: EventTrigger, { profileId, id, createdMs, version }: StoredObject): string {
  const object = createHash("sha256").update(`${id} ${createdMs}`).digest("hex").slice(0, 16);
  return `${name}.${profileId}.${object}.${version}`;
}

/** An entry of `profileOutboundRequests`: what campaigns are asked, and all others are told. */
function requestOf(clientToken: string, { profileId, content }: StoredObject, untilMs: number | undefined): object {
  return {
    clientToken,
    profileId,
    ...(untilMs !== undefined && { expirationTime: new Date(untilMs).toISOString() }),
    eventTriggerContext: { sourceEvent: compactJson(content) },
  };
}
