import { loadModel } from "../models/catalog.ts";
import { ModeledError } from "../models/modeled-error.ts";
import { getInstance, onlyInstanceId, refOf } from "../services/connect/index.ts";
import {
  backtestTrigger,
  onlyDomainName,
  type TriedTrigger,
  triggerBacktest,
} from "../services/customer-profiles/index.ts";
import { isJsonObject } from "../services/json-text.ts";
import { backtest, backtestedRule } from "../services/rules/index.ts";
import type { Context } from "../services/service.ts";
import { decodeInput, type PlainRequest, type PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { bodyOf, countOf, requireMembers, textOf } from "./connect-answer.ts";
import { addDuration } from "./duration.ts";

const MATCHES_TOLD = 100;
const MATCHES_TOLD_MAX = 10_000;
const SINCE = "7d";
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * `POST /_trunkline/backtest` with `{"rule": …}`, a rule's name or what CreateRule would be given, and as one likes `"since"` (7d, PT24H or a time),
 * `"until"`, `"instance"`, `"matches"` (how many are told): what the rule would have matched, without acting. The answer is a JSON document a line: progress, each match with its
 * explanation, and at the end `done` with a histogram. Whoever ends the connection ends the backtest.
 *
 * With `{"trigger": …}` in place of a rule, and `"domain"` where there are several, the same of an event trigger of Customer Profiles: a
 * trigger's name or what CreateEventTrigger would be given.
 */
export async function startBacktest(context: Context, request: PlainRequest): Promise<PlainResponse> {
  const body = bodyOf(await request.body());
  if ("error" in body) return failure(400, body.error);
  try {
    const run = "trigger" in body.value ? await triggerRun(context, body.value) : await ruleRun(context, body.value);
    if (typeof run === "string") return failure(400, run);
    const headers = { "content-type": "application/x-ndjson" };
    return { status: 200, headers, body: lines(context, run(request.signal)) };
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return failure(error.code === "ResourceNotFoundException" ? 404 : 400, error.message);
  }
}

/** Begins a backtest that ends with a signal. */
type Run = (signal: AbortSignal) => AsyncIterable<object>;

async function ruleRun(context: Context, body: Readonly<Record<string, unknown>>): Promise<Run | string> {
  requireMembers(body, "backtest", ["rule", "since", "until", "instance", "matches"]);
  const how = howOf(context, body);
  if (typeof how === "string") return how;
  if (body.rule === undefined) return "rule is missing: a name, or what CreateRule would be given";
  const named = textOf(body, "instance") ?? (await onlyInstanceId(context));
  const instance = refOf(await getInstance(context.store, context, named));
  const rule = await context.store.durably(() => backtestedRule(context.store, instance, body.rule));
  return (signal) => backtest(context, { instance, rule, ...how }, signal);
}

async function triggerRun(context: Context, body: Readonly<Record<string, unknown>>): Promise<Run | string> {
  requireMembers(body, "backtest", ["trigger", "since", "until", "domain", "matches"]);
  const how = howOf(context, body);
  if (typeof how === "string") return how;
  const domain = textOf(body, "domain") ?? (await onlyDomainName(context));
  const tried = triedTrigger(context, domain, body.trigger);
  if (tried === undefined) return "trigger is a name, or what CreateEventTrigger would be given";
  const order = await context.store.durably(() => triggerBacktest(context, domain, tried, how));
  return (signal) => backtestTrigger(context, order, signal);
}

/** What is given is held against the API's model, as CreateEventTrigger would. */
function triedTrigger({ ids }: Context, DomainName: string, trigger: unknown): TriedTrigger | undefined {
  if (typeof trigger === "string") return trigger === "" ? undefined : trigger;
  if (!isJsonObject(trigger)) return undefined;
  const { EventTriggerName = "draft" } = trigger;
  if (typeof EventTriggerName !== "string") return undefined;
  const body = Buffer.from(JSON.stringify(trigger));
  const request = { method: "POST", path: "", query: "", headers: { "content-type": "application/json" }, body };
  const labels = { DomainName, EventTriggerName };
  const model = loadModel("customer-profiles");
  return decodeInput(model, "CreateEventTrigger", labels, request, ids) as TriedTrigger;
}

interface How {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
  readonly matchesMax: number;
}

function howOf(context: Context, body: Readonly<Record<string, unknown>>): How | string {
  const nowMs = context.clock.now();
  const sinceMs = momentOf(textOf(body, "since") ?? SINCE, nowMs);
  const untilText = textOf(body, "until");
  const untilMs = untilText === undefined ? nowMs + 1 : momentOf(untilText, nowMs);
  if (sinceMs === undefined) return "since is 7d, 12h, PT30M or a time such as 2026-03-01T00:00:00Z";
  if (untilMs === undefined) return "until is 7d, 12h, PT30M or a time such as 2026-03-01T00:00:00Z";
  if (sinceMs >= untilMs) return "since is not before until";
  const matchesMax = countOf(body, "matches") ?? MATCHES_TOLD;
  if (!Number.isInteger(matchesMax) || matchesMax > MATCHES_TOLD_MAX) return `matches is at most ${MATCHES_TOLD_MAX}`;
  return { sinceMs, untilMs, nowMs, matchesMax };
}

/** A time, or how long ago. */
function momentOf(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNITS_MS[unit] ?? 0);
  const later = addDuration(nowMs, text);
  const ms = later === undefined ? Date.parse(text) : nowMs - (later - nowMs);
  return Number.isFinite(ms) ? ms : undefined;
}

async function* lines(context: Context, told: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const line of told) {
    // Nothing leaves the process before it is durable.
    await context.store.durable();
    yield `${JSON.stringify(line)}\n`;
  }
}
