import { ModeledError } from "../models/modeled-error.ts";
import { explainPattern, explainRule } from "../services/eventbridge/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import { eventOnBus, parseEventBody } from "./event-body.ts";

const WANTED =
  'give {"rule": NAME, BUS/NAME or ARN, "event": {…}} for a rule, {"pattern": {…} or its text, "event": {…}} for a pattern alone';

const STATUS: Readonly<Record<string, number>> = { ResourceNotFoundException: 404, AccessDeniedException: 403 };

/**
 * `POST /_trunkline/explain` with `{"rule": …, "event": …}` or `{"pattern": …, "event": …}`: why the caller's rule, or a pattern, matches
 * an event or does not, condition by condition. The event is in either spelling; see `eventOnBus`.
 */
export async function explain(context: Context, body: Buffer): Promise<PlainResponse> {
  const request = parseEventBody(body);
  if ("error" in request) return failure(400, request.error);
  const { rule, pattern, event, ...others } = isJsonObject(request.value) ? request.value : {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return unclear(`There is no member ${unknown}`);
  if ((rule === undefined) === (pattern === undefined)) return unclear("There is to be either a rule or a pattern");
  if (!isJsonObject(event)) return unclear("event is not an object");
  try {
    const onBus = eventOnBus(event, context);
    if (onBus === undefined) return unclear("event lacks its Source, DetailType or Detail, or has a Time that is none");
    if (typeof rule === "string" && rule !== "") {
      return json(await context.store.durably(() => explainRule(rule, onBus, context)));
    }
    if (rule !== undefined) return unclear("rule is not a name or an ARN");
    if (typeof pattern === "string") return json(explainPattern(pattern, onBus));
    return isJsonObject(pattern)
      ? json(explainPattern(JSON.stringify(pattern), onBus))
      : unclear("pattern is not an object or its text");
  } catch (error) {
    if (error instanceof ModeledError) return failure(STATUS[error.code] ?? 400, error.message);
    throw error;
  }
}

function unclear(problem: string): PlainResponse {
  return failure(400, `${problem}: ${WANTED}`);
}
