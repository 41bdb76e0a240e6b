import type { Explanation } from "../matching/explanation.ts";
import { ModeledError } from "../models/modeled-error.ts";
import { patternExplainer } from "../services/eventbridge/index.ts";
import { isJsonObject, parseJsonObject } from "../services/json-text.ts";
import { findRecentInvocations } from "../services/lambda/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";
import { parseEventBody } from "./event-body.ts";
import { noFunction } from "./functions.ts";
import { type ShownRecord, shown, tailOf } from "./live.ts";
import { metFields } from "./met-fields.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Of those that do not match so many of the newest are asked how near they came, and so many of the nearest are told of. */
const NEAR_MAX = 200;
const TOLD_MAX = 3;

/** What is looked at: what stands in a stream, on a bus or in the request, and the document that a pattern is asked of. */
interface Candidate {
  readonly candidate: unknown;
  /** `undefined` for what is no JSON object. */
  readonly document: JsonObject | undefined;
}

/**
 * `POST /_trunkline/find` with `{"pattern": {…}, "name": STREAM-OR-BUS, "since": …}` or `{"pattern": {…}, "documents": [{…}]}`: the first of the
 * events of a bus, of the records of a stream (by the documents that they are), of the last invocations of a function (`function/NAME`) or of
 * these documents that matches a pattern in EventBridge's language; an empty one matches all. `since` leaves out what came before a time, or
 * before and with the event, record or invocation of an id.
 *
 * Answers with `found`, absent where there is none, `looked`, at how many, and then `nearest`: up to three that came nearest, the nearest first,
 * with why they do not match. `at` counts them from 0.
 */
export async function find(context: Context, body: Buffer): Promise<PlainResponse> {
  const request = parseEventBody(body);
  if ("error" in request) return failure(400, request.error);
  const { pattern, name, since, documents, ...others } = isJsonObject(request.value) ? request.value : {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return failure(400, `There is no member ${unknown}: ${WANTED}`);
  if (!isJsonObject(pattern)) return failure(400, `pattern is not an object: ${WANTED}`);
  if (since !== undefined && typeof since !== "string") return failure(400, "since is not a time or an id");
  if ((typeof name === "string") === Array.isArray(documents)) return failure(400, WANTED);
  try {
    const explain = Object.keys(pattern).length === 0 ? undefined : patternExplainer(JSON.stringify(pattern));
    if (typeof name !== "string") {
      if (!Array.isArray(documents) || since !== undefined) return failure(400, WANTED);
      const given = JSON.parse(JSON.stringify(documents)) as readonly unknown[];
      return json(
        chosen(
          given.map((document) => candidateOf(document)),
          explain,
        ),
      );
    }
    const candidates = await standing(context, name, since);
    return "status" in candidates ? candidates : json(chosen(candidates, explain));
  } catch (error) {
    if (error instanceof ModeledError) return failure(400, error.message);
    throw error;
  }
}

const WANTED =
  'give {"pattern": {…}, "name": STREAM, BUS or function/NAME} and perhaps "since": TIME or ID, or {"pattern": {…}, "documents": [{…}]}';

async function standing(
  context: Context,
  name: string,
  since: string | undefined,
): Promise<readonly Candidate[] | PlainResponse> {
  const all = name.startsWith(FUNCTION)
    ? await invocationsOf(context, name.slice(FUNCTION.length))
    : await tailed(context, name);
  if ("status" in all) return all;
  if (since === undefined) return all;
  const sinceMs = TIME.test(since) ? Date.parse(since) : Number.NaN;
  if (!Number.isNaN(sinceMs)) return all.filter(({ timeMs }) => timeMs >= sinceMs);
  const before = all.findIndex(({ id }) => id === since);
  return before < 0 ? failure(404, `${name} has nothing of the id ${since}`) : all.slice(before + 1);
}

const FUNCTION = "function/";

async function tailed(context: Context, name: string): Promise<readonly Dated[] | PlainResponse> {
  using tail = await tailOf(context, context, { name, from: "oldest" }, () => {});
  if (tail === undefined) return failure(404, `There is no stream and no event bus ${name} in ${context.region}`);
  const all: Dated[] = [];
  for (let read = await tail.read(); read !== undefined && read.length > 0; read = await tail.read()) {
    all.push(...read.map((item) => (typeof item === "string" ? eventOf(item) : recordOf(shown(item)))));
  }
  // Nothing leaves the process before it is durable.
  await context.store.durable();
  return all;
}

async function invocationsOf(context: Context, name: string): Promise<readonly Dated[] | PlainResponse> {
  const invocations = await findRecentInvocations(context, name);
  if (invocations === undefined) return failure(404, noFunction(context, name));
  return invocations.map((one) => ({
    candidate: one,
    document: { ...one },
    id: one.id,
    timeMs: Date.parse(one.time),
  }));
}

interface Dated extends Candidate {
  readonly id: string | undefined;
  /** The last moment at which it may have come: times of events are whole seconds. */
  readonly timeMs: number;
}

const TIME = /^\d{4}-\d\d-\d\dT/;

function eventOf(text: string): Dated {
  const event = JSON.parse(text) as JsonObject & { readonly id: string; readonly time: string };
  return { candidate: event, document: event, id: event.id, timeMs: Date.parse(event.time) + 999 };
}

function recordOf(record: ShownRecord): Dated {
  const timeMs = record.ApproximateArrivalTimestamp?.getTime() ?? 0;
  return { candidate: record, document: parseJsonObject(record.Data), id: record.SequenceNumber, timeMs };
}

function candidateOf(document: unknown): Candidate {
  return { candidate: document, document: isJsonObject(document) ? document : undefined };
}

function chosen(candidates: readonly Candidate[], explain: ReturnType<typeof patternExplainer> | undefined): object {
  const looked = candidates.length;
  if (explain === undefined) {
    const [first] = candidates;
    return first === undefined ? { looked, nearest: [] } : { looked, found: { at: 0, candidate: first.candidate } };
  }
  const near: { readonly at: number; readonly candidate: unknown; readonly told: Omit<Explanation, "matched"> }[] = [];
  for (const [at, { candidate, document }] of candidates.entries()) {
    const { matched, ...told } = document === undefined ? NO_OBJECT : explain(document);
    if (matched) return { looked, found: { at, candidate } };
    near.push({ at, candidate, told });
  }
  // Of those that came equally near the newest first.
  const nearest = near
    .slice(-NEAR_MAX)
    .reverse()
    .sort((one, other) => metFields(other.told.condition) - metFields(one.told.condition))
    .slice(0, TOLD_MAX);
  return { looked, nearest: nearest.map(({ told, ...rest }) => ({ ...rest, ...told })) };
}

const NO_OBJECT: Explanation = {
  matched: false,
  reason: "it is no JSON object",
  condition: { kind: "all", met: false, of: [] },
};
