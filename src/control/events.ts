import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { putEventsAsService } from "../services/eventbridge/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json, parseBody } from "./answer.ts";

/** PutEvents takes so many at a time, and so do we, one batch after the other. */
const BATCH_ENTRIES = 10;

/**
 * `POST /_trunkline/events` with an array of events: puts them on their buses as a service of AWS would, so `aws.` sources are
 * allowed. Each is an entry as PutEvents takes it, or an event as a bus carries it. Answers with an outcome for each.
 */
export async function sendEvents(context: Context, body: Buffer): Promise<PlainResponse> {
  const request = parseBody(body);
  if ("error" in request) return failure(400, request.error);
  if (!Array.isArray(request.value)) return failure(400, "The body is not an array of events");
  const entries = request.value.map(entryOf);
  const wrong = entries.indexOf(undefined);
  if (wrong >= 0) return failure(400, `Event ${wrong} is not an object with a source, a detail type and a detail`);

  const outcomes = [];
  for (let at = 0; at < entries.length; at += BATCH_ENTRIES) {
    const batch = entries.slice(at, at + BATCH_ENTRIES) as PutEventsRequestEntry[];
    outcomes.push(...((await putEventsAsService(batch, context)).Entries ?? []));
  }
  return json(outcomes);
}

/** One event in either spelling, as an entry; `undefined` where it is neither. */
function entryOf(event: unknown): PutEventsRequestEntry | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const given = event as Record<string, unknown>;
  const text = (...names: string[]): string | undefined =>
    names.map((name) => given[name]).find((value): value is string => typeof value === "string");
  const detail = given.Detail ?? given.detail;
  const source = text("Source", "source");
  const detailType = text("DetailType", "detail-type");
  if (source === undefined || detailType === undefined || detail === undefined) return undefined;
  const time = text("Time", "time");
  if (time !== undefined && Number.isNaN(Date.parse(time))) return undefined;
  const resources = given.Resources ?? given.resources;
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
