import { ModeledError } from "../models/modeled-error.ts";
import { getInstance, onlyInstanceId, refOf } from "../services/connect/index.ts";
import { type Backtest, backtest, backtestedRule } from "../services/rules/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
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
 */
export async function startBacktest(context: Context, request: PlainRequest): Promise<PlainResponse> {
  const body = bodyOf(await request.body());
  if ("error" in body) return failure(400, body.error);
  try {
    requireMembers(body.value, "backtest", ["rule", "since", "until", "instance", "matches"]);
    const order = await orderOf(context, body.value);
    if (typeof order === "string") return failure(400, order);
    const headers = { "content-type": "application/x-ndjson" };
    return { status: 200, headers, body: lines(context, order, request.signal) };
  } catch (error) {
    if (!(error instanceof ModeledError)) throw error;
    return failure(error.code === "ResourceNotFoundException" ? 404 : 400, error.message);
  }
}

type Order = Omit<Backtest, "lookMs">;

async function orderOf(context: Context, body: Readonly<Record<string, unknown>>): Promise<Order | string> {
  const nowMs = context.clock.now();
  const sinceMs = momentOf(textOf(body, "since") ?? SINCE, nowMs);
  const untilText = textOf(body, "until");
  const untilMs = untilText === undefined ? nowMs + 1 : momentOf(untilText, nowMs);
  if (sinceMs === undefined) return "since is 7d, 12h, PT30M or a time such as 2026-03-01T00:00:00Z";
  if (untilMs === undefined) return "until is 7d, 12h, PT30M or a time such as 2026-03-01T00:00:00Z";
  if (sinceMs >= untilMs) return "since is not before until";
  const matchesMax = countOf(body, "matches") ?? MATCHES_TOLD;
  if (!Number.isInteger(matchesMax) || matchesMax > MATCHES_TOLD_MAX) return `matches is at most ${MATCHES_TOLD_MAX}`;
  if (body.rule === undefined) return "rule is missing: a name, or what CreateRule would be given";
  const named = textOf(body, "instance") ?? (await onlyInstanceId(context));
  const instance = refOf(await getInstance(context.store, context, named));
  const rule = await context.store.durably(() => backtestedRule(context.store, instance, body.rule));
  return { instance, rule, sinceMs, untilMs, nowMs, matchesMax };
}

/** A time, or how long ago. */
function momentOf(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNITS_MS[unit] ?? 0);
  const later = addDuration(nowMs, text);
  const ms = later === undefined ? Date.parse(text) : nowMs - (later - nowMs);
  return Number.isFinite(ms) ? ms : undefined;
}

async function* lines(context: Context, order: Order, signal: AbortSignal): AsyncGenerator<string> {
  for await (const line of backtest(context, order, signal)) {
    // Nothing leaves the process before it is durable.
    await context.store.durable();
    yield `${JSON.stringify(line)}\n`;
  }
}
