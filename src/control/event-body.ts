/** Bodies with events in them. */
import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { completedEvent, isNestedTooDeep, NESTING_MAX } from "../services/eventbridge/index.ts";
import { isJsonObject, parseKeepingNumbers } from "../services/json-text.ts";
import type { Context } from "../services/service.ts";
import { parseBody } from "./answer.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** A detail stands in an event, and that in the body. */
const BODY_NESTING_MAX = NESTING_MAX + 2;

/**
 * A body of JSON, or what is wrong with it: also where it is nested deeper than any event's detail may be. Its numbers are written again as
 * they were.
 */
export function parseEventBody(body: Buffer): { value: unknown } | { error: string } {
  const parsed = parseBody(body);
  if ("error" in parsed) return parsed;
  const text = body.toString("utf8");
  if (!isNestedTooDeep(text, BODY_NESTING_MAX)) return { value: parseKeepingNumbers(text) };
  return { error: `The body is nested too deep: an event's detail may have ${NESTING_MAX} levels` };
}

/**
 * An event as its bus carries it. One without an `id` that PutEvents would take, in either spelling, is completed as PutEvents would;
 * any other is taken as it is.
 *
 * Throws `ModeledError` for an event in PutEvents' spelling that PutEvents would not take; `undefined` where members are missing.
 */
export function eventOnBus(event: JsonObject, context: Context): JsonObject | undefined {
  const asItIs = (): JsonObject => JSON.parse(JSON.stringify(event));
  if (Object.hasOwn(event, "id")) return asItIs();
  const entry = entryOf(event);
  if (entry !== undefined) return { ...completedEvent(entry, context) };
  return ["Source", "DetailType", "Detail"].some((name) => Object.hasOwn(event, name)) ? undefined : asItIs();
}

/**
 * An event in either spelling, that of PutEvents (`Source`, `DetailType`, `Detail`, …) or that of a bus (`source`, `detail-type`,
 * `detail`, …), as an entry of PutEvents; `undefined` where it is neither.
 */
export function entryOf(event: unknown): PutEventsRequestEntry | undefined {
  if (!isJsonObject(event)) return undefined;
  const text = (...names: string[]): string | undefined =>
    names.map((name) => event[name]).find((value): value is string => typeof value === "string");
  const detail = event.Detail ?? event.detail;
  const source = text("Source", "source");
  const detailType = text("DetailType", "detail-type");
  if (source === undefined || detailType === undefined || detail === undefined) return undefined;
  const time = text("Time", "time");
  if (time !== undefined && Number.isNaN(Date.parse(time))) return undefined;
  const resources = event.Resources ?? event.resources;
  const busName = text("EventBusName");
  return {
    Source: source,
    DetailType: detailType,
    Detail: typeof detail === "string" ? detail : JSON.stringify(detail),
    ...(time !== undefined && { Time: new Date(time) }),
    ...(Array.isArray(resources) && { Resources: resources.filter((item) => typeof item === "string") }),
    ...(busName !== undefined && { EventBusName: busName }),
  };
}
