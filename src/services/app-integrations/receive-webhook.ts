import { isUtf8 } from "node:buffer";
import type { SinkOutcome } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { offerToFlows } from "../appflow/index.ts";
import { isNestedTooDeep, tellPartnerEvent } from "../eventbridge/index.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Platform } from "../service.ts";
import { type BroughtEvent, type Headers, type ObjectChange, type ObjectEvent, WebhookError } from "./brought-event.ts";
import type { Owner } from "./event-integration.ts";
import { handOn } from "./hand-on.ts";
import { findSeenEvent, rememberEvent } from "./seen-events.ts";
import { NO_WEBHOOK, type Webhook, webhooks } from "./webhook.ts";
import { WEBHOOK_SENDERS } from "./webhook-senders.ts";

/** A partner event is not larger on EventBridge either. */
const BODY_BYTES_MAX = 1024 * 1024;

/** What became of a request. */
export interface WebhookAnswer {
  /** Ids of the events that it has brought, now or before: none where it tells of something that nobody looks at, or that is lost. */
  readonly events: readonly string[];
  /** All of it has come before, and changes nothing. */
  readonly duplicate?: true;
  /** How many integrations of Customer Profiles have been given it, in the same moment. */
  readonly givenTo?: number;
  /** Why some of them cannot ingest it, as their dead-letter queues are told. */
  readonly rejected?: readonly string[];
  /** How many times it has gone through a flow that waits for such changes. */
  readonly flows?: number;
  /** The event type of `ObjectTypeNames` that it is. */
  readonly eventType?: string | null;
  /** What its sender may wonder about. */
  readonly note?: string;
}

/**
 * Takes a request to a webhook's address, and answers once what it brings is durable.
 *
 * Throws `WebhookError`: 404 for no webhook, 401 for a signature that is not right, 413 for a body that is larger than an event, 415 for one
 * that says it is no JSON, 400 for one that is no event. Nothing has changed then.
 */
export async function receiveWebhook(
  platform: Platform,
  id: string,
  headers: Headers,
  readBody: () => Promise<Buffer>,
): Promise<WebhookAnswer> {
  const webhook = await platform.store.get(webhooks, id);
  if (!webhook) throw new WebhookError(404, NO_WEBHOOK);
  if (Number(headers["content-length"] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  const body = await readBody();
  if (body.length > BODY_BYTES_MAX) throw tooLarge();
  const sender = WEBHOOK_SENDERS[webhook.kind];
  sender.check({ headers, body, wallMs: platform.wall.now() }, webhook.secret);
  if (sender.isTyped) requireJson(headers);

  if (!isUtf8(body)) throw new WebhookError(400, "The body is not UTF-8");
  const text = body.toString("utf8");
  const content = isNestedTooDeep(text) ? undefined : parseJsonObject(text);
  if (content === undefined) throw new WebhookError(400, "The body is no JSON object");
  return takeIn(platform, webhook, sender.events({ headers, text, content, nowMs: platform.clock.now() }));
}

function tooLarge(): WebhookError {
  return new WebhookError(413, `An event has at most ${BODY_BYTES_MAX} bytes`);
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:; *charset="?utf-?8"? *)?;?$/i;

function requireJson({ "content-type": type = "application/json", "content-encoding": encoding }: Headers): void {
  if (!JSON_TYPE.test(type)) throw new WebhookError(415, `Content-Type is ${type}; events come as application/json`);
  if (encoding !== undefined) throw new WebhookError(415, `Content-Encoding is ${encoding}; events come as they are`);
}

/** What is told, remembered and ingested in one unit: some 5 ms where each is ingested, and nothing else is written meanwhile. */
const EVENTS_PER_UNIT = 4;

/** What an event of a request has come to. */
type Taken =
  /** Its account has not accepted the source, and no flow waits for it. */
  | { readonly as: "lost" }
  | { readonly as: "known"; readonly id: string }
  | {
      readonly as: "new";
      readonly id: string;
      readonly isOnBus: boolean;
      /** How many flows it has gone through. */
      readonly flows: number;
      /** What integrations say that were given it. */
      readonly outcomes: readonly SinkOutcome[];
    };

/** Takes events in, a few at a time. Whoever ends in the middle of many has them brought again. */
async function takeIn(platform: Platform, webhook: Webhook, events: readonly BroughtEvent[]): Promise<WebhookAnswer> {
  const taken: Taken[] = [];
  for (const some of unitsOf(events)) {
    for (const event of some) await offerFirstParts(platform, webhook, event);
    const these = await platform.store.commit(async (unit) => {
      const ofUnit: Taken[] = [];
      for (const event of some) ofUnit.push(await takeEvent(unit, platform, webhook, event));
      return ofUnit;
    });
    taken.push(...these);
  }
  return answerOf(webhook, taken, events[0]?.objectEvent);
}

/** Those of one unit each, in their order. One that is divided is alone: its first parts have units of their own before it. */
function unitsOf(events: readonly BroughtEvent[]): readonly (readonly BroughtEvent[])[] {
  const units: BroughtEvent[][] = [];
  for (const event of events) {
    const last = units.at(-1);
    const isFull = !last || last.length === EVENTS_PER_UNIT || last.some(isDivided);
    if (isFull || isDivided(event)) units.push([event]);
    else last.push(event);
  }
  return units;
}

function isDivided({ change }: BroughtEvent): boolean {
  return change !== undefined && change.parts.length > 1;
}

/** Hands the parts of a change to flows, all but the last: that one goes with the event itself, which is known from then on. */
async function offerFirstParts(
  platform: Platform,
  { account, region, source }: Webhook,
  { id: givenId, change }: BroughtEvent,
): Promise<void> {
  const { entityName, parts = [] } = change ?? {};
  if (entityName === undefined) return;
  const keyOf = (given: string): string => derivedUuid(account, region, source, given);
  for (const [place, part] of parts.slice(0, -1).entries()) {
    const isWanted = await platform.store.commit(async (unit) => {
      const nowMs = platform.clock.now();
      const id = keyOf(givenId);
      if ((await findSeenEvent(unit, [id], nowMs)) !== undefined) return false;
      const key = keyOf(JSON.stringify([givenId, place]));
      if ((await findSeenEvent(unit, [key], nowMs)) !== undefined) return true;
      const flows = await offerToFlows(unit, platform, { account, region, entityName, events: [part] });
      if (flows > 0) await rememberEvent(unit, id, [key], nowMs);
      return flows > 0;
    });
    if (!isWanted) return;
  }
}

/** What has not come before goes through flows, to the bus of the webhook's source, and to those who want it at once. */
async function takeEvent(
  unit: Unit,
  platform: Platform,
  { account, region, source }: Webhook,
  { id: givenId, alias, objectEvent: _, change, ...rest }: BroughtEvent,
): Promise<Taken> {
  const nowMs = platform.clock.now();
  // It is of this account and source, whatever the sender calls their events.
  const keyOf = (given: string): string => derivedUuid(account, region, source, given);
  const id = keyOf(givenId);
  const keys = alias === undefined ? [id] : [id, keyOf(alias)];
  const known = await findSeenEvent(unit, keys, nowMs);
  if (known !== undefined) return { as: "known", id: known };

  const event = { ...rest, id, source, account, region };
  const flows = change ? await offerLastPart(unit, platform, { account, region }, change) : 0;
  const text = await tellPartnerEvent(unit, event, nowMs);
  if (text === undefined && flows === 0) return { as: "lost" };
  await rememberEvent(unit, id, keys, nowMs);
  const outcomes = text === undefined ? [] : await handOn(unit, platform, event, text);
  return { as: "new", id, isOnBus: text !== undefined, flows, outcomes };
}

function offerLastPart(
  unit: Unit,
  platform: Platform,
  owner: Owner,
  { entityName, parts }: ObjectChange,
): Promise<number> {
  return offerToFlows(unit, platform, { ...owner, entityName, events: parts.slice(-1) });
}

function answerOf({ source }: Webhook, taken: readonly Taken[], objectEvent: ObjectEvent | undefined): WebhookAnswer {
  const notAccepted = `The account has not accepted ${source} by an active event bus of that name`;
  const events = taken.flatMap((one) => (one.as === "lost" ? [] : one.id));
  const added = taken.filter((one) => one.as === "new");
  if (events.length === 0)
    return taken.length === 0 ? { events } : { events, note: `${notAccepted}: the event is lost` };
  if (added.length === 0) return { events, duplicate: true };
  const flows = added.reduce((sum, one) => sum + one.flows, 0);
  const outcomes = added.flatMap((one) => one.outcomes);
  return {
    events,
    ...givenTo(outcomes),
    ...(flows > 0 && { flows }),
    ...(added.every(({ isOnBus }) => !isOnBus) && { note: `${notAccepted}: flows alone have the event` }),
    ...(objectEvent && typeOf(objectEvent, source, outcomes.length)),
  };
}

function givenTo(outcomes: readonly SinkOutcome[]): Pick<WebhookAnswer, "givenTo" | "rejected"> {
  if (outcomes.length === 0) return {};
  const rejected = outcomes.flatMap((outcome) => (outcome && !outcome.retryable ? outcome.message : []));
  return { givenTo: outcomes.length, ...(rejected.length > 0 && { rejected }) };
}

function typeOf(
  { name, eventType }: ObjectEvent,
  source: string,
  integrations: number,
): Pick<WebhookAnswer, "eventType" | "note"> {
  if (eventType === undefined) {
    return { eventType: null, note: `${name} is an event on the bus; ObjectTypeNames has no event type for it` };
  }
  if (integrations > 0) return { eventType };
  return { eventType, note: `It is an event on the bus; no domain has an integration with events of ${source}` };
}
