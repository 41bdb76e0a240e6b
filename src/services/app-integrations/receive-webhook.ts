import { isUtf8 } from "node:buffer";
import type { SinkOutcome } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { isNestedTooDeep, tellPartnerEvent } from "../eventbridge/index.ts";
import { parseJsonObject } from "../json-text.ts";
import type { Platform } from "../service.ts";
import { type BroughtEvent, type Headers, type ObjectEvent, WebhookError } from "./brought-event.ts";
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

/** What some events of a request have come to. */
interface Taken {
  /** Of those that are on the bus, now or before. */
  readonly ids: readonly string[];
  readonly isNew: boolean;
  readonly outcomes: readonly SinkOutcome[];
}

/** Puts what has not come before on the bus of the webhook's source. Whoever ends in the middle of many has them brought again. */
async function takeIn(platform: Platform, webhook: Webhook, events: readonly BroughtEvent[]): Promise<WebhookAnswer> {
  const taken: Taken[] = [];
  for (let at = 0; at < events.length; at += EVENTS_PER_UNIT) {
    const some = events.slice(at, at + EVENTS_PER_UNIT);
    taken.push(await platform.store.commit((unit) => takeSome(unit, platform, webhook, some)));
  }
  const ids = taken.flatMap((one) => one.ids);
  const outcomes = taken.flatMap((one) => one.outcomes);
  if (ids.length > 0 && taken.every(({ isNew }) => !isNew)) return { events: ids, duplicate: true };
  if (events.length > 0 && ids.length === 0) return { events: ids, note: lost(webhook.source) };
  const [objectEvent] = events.flatMap((event) => event.objectEvent ?? []);
  return {
    events: ids,
    ...givenTo(outcomes),
    ...(objectEvent && typeOf(objectEvent, webhook.source, outcomes.length)),
  };
}

async function takeSome(
  unit: Unit,
  platform: Platform,
  { account, region, source }: Webhook,
  events: readonly BroughtEvent[],
): Promise<Taken> {
  const nowMs = platform.clock.now();
  // It is of this account and source, whatever the sender calls their events.
  const keyOf = (id: string): string => derivedUuid(account, region, source, id);
  const ids: string[] = [];
  const outcomes: SinkOutcome[] = [];
  let isNew = false;
  for (const { id, alias, objectEvent: _, ...rest } of events) {
    const keys = alias === undefined ? [keyOf(id)] : [keyOf(id), keyOf(alias)];
    const seen = await findSeenEvent(unit, keys, nowMs);
    if (seen !== undefined) {
      ids.push(seen);
      continue;
    }
    const event = { ...rest, id: keyOf(id), source, account, region };
    const text = await tellPartnerEvent(unit, event, nowMs);
    if (text === undefined) continue;
    await rememberEvent(unit, event.id, keys, nowMs);
    ids.push(event.id);
    outcomes.push(...(await handOn(unit, platform, event, text)));
    isNew = true;
  }
  return { ids, isNew, outcomes };
}

function lost(source: string): string {
  return `The account has not accepted ${source} by an active event bus of that name: the event is lost`;
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
