import { objectEventType } from "../../app-integrations/index.ts";
import { isJsonObject } from "../../json-text.ts";
import { badRequest } from "../errors.ts";
import type { Integration } from "./integration.ts";
import type { BroughtEvent } from "./integration-kind.ts";

/**
 * An event of an application outside, as it is brought: whole, and wrapped once more, so that what the application has said stands at
 * `detail.event.detail`. Without a type for all of them, those of a kind that has none are not wanted.
 */
export function readApplicationEvent({ objectType, objectTypes = {} }: Integration, text: string): BroughtEvent {
  const event = parsedEvent(text);
  const key = objectEventType(event.detail);
  const type = objectType ?? (key !== undefined && Object.hasOwn(objectTypes, key) ? objectTypes[key] : undefined);
  return { id: event.id, type, object: wrapped(event, text) };
}

interface Event {
  readonly id: string;
  readonly account: unknown;
  readonly time: unknown;
  readonly region: unknown;
  readonly detail: unknown;
}

/** Throws `BadRequestException` for what is no event of EventBridge. */
export function parsedEvent(text: string): Event {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw badRequest("Event: could not be parsed into JSON");
  }
  if (!isJsonObject(event) || typeof event.id !== "string" || !isJsonObject(event.detail)) {
    throw badRequest("Event: it is no event of EventBridge, with an id and a detail");
  }
  const { id, account, time, region, detail } = event;
  return { id, account, time, region, detail };
}

/** The event stays as it was written, to the last digit of its numbers. */
function wrapped({ id, account, time, region }: Event, text: string): string {
  const outer = { version: "0", id, "detail-type": "event", source: "aws.app-integrations", account, time, region };
  return `${JSON.stringify({ ...outer, resources: [] }).slice(0, -1)},"detail":{"event":${text}}}`;
}
