import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { putEventsAsService } from "../services/eventbridge/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import { entryOf, parseEventBody } from "./event-body.ts";

/** PutEvents takes so many at a time, and so do we, one batch after the other. */
const BATCH_ENTRIES = 10;

/**
 * `POST /_trunkline/events` with an array of events: puts them on their buses as a service of AWS would, so `aws.` sources are
 * allowed. Each is an entry as PutEvents takes it, or an event as a bus carries it. Answers with an outcome for each.
 */
export async function sendEvents(context: Context, body: Buffer): Promise<PlainResponse> {
  const request = parseEventBody(body);
  if ("error" in request) return failure(400, request.error);
  if (!Array.isArray(request.value)) return failure(400, "The body is not an array of events");
  const entries = request.value.map(entryOf);
  const wrong = entries.indexOf(undefined);
  if (wrong >= 0)
    return failure(
      400,
      `Event ${wrong} is not an object with a source, a detail type and a detail, or has a time that is none`,
    );

  const outcomes = [];
  for (let at = 0; at < entries.length; at += BATCH_ENTRIES) {
    const batch = entries.slice(at, at + BATCH_ENTRIES) as PutEventsRequestEntry[];
    outcomes.push(...((await putEventsAsService(batch, context)).Entries ?? []));
  }
  return json(outcomes);
}
