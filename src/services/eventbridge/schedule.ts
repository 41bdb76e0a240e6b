import assert from "node:assert/strict";
import type { Timer } from "../../flow/index.ts";
import type { Unit } from "../../store/store.ts";
import { derivedUuid } from "../../time/ids.ts";
import { parseCron } from "../cron-expression.ts";
import type { Platform } from "../service.ts";
import { busLogName } from "./bus.ts";
import { eventText, keyOfScheduled, TIME_MS_MAX } from "./event.ts";
import { openBus } from "./open-bus.ts";
import { type BusRule, RULES, type RuleAddress, ruleArn, ruleKey } from "./rule.ts";

/*
 * Rules on a schedule: a durable timer each, which puts an event on the default bus and sets itself anew.
 *
 * The event's key in the log names the rule, which is how the router knows whose it is; what else matches it gets it too. What was due
 * while nothing ran comes once, late, and after it what is due from now on: as a cron daemon that was away does, and not a flood.
 */

const SCHEDULE = "eventbridge.schedule";

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** "A singular unit for a value of 1, a plural one otherwise": user guide, "Setting a schedule pattern". */
const RATE = /^rate\((?:1 (?<one>minute|hour|day)|(?!1 )(?<many>[1-9]\d{0,8}) (?<unit>minute|hour|day)s)\)$/;
const CRON = /^cron\(([^()]+)\)$/;

/** The first time after a moment, of a schedule that began at another one; `undefined`: never again. */
type NextMs = (sinceMs: number, afterMs: number) => number | undefined;

/** Reads `rate(5 minutes)`, which comes first when that time has passed, or `cron(0 12 * * ? *)`, in UTC; `undefined` for every other text. */
export function parseSchedule(expression: string): NextMs | undefined {
  const { one, many, unit } = RATE.exec(expression)?.groups ?? {};
  const name = (one ?? unit) as keyof typeof UNIT_MS | undefined;
  if (name !== undefined) return rate(Number(many ?? 1) * UNIT_MS[name]);
  const [, fields] = CRON.exec(expression) ?? [];
  try {
    const cron = fields === undefined ? undefined : parseCron(fields, "UTC");
    return cron && ((_sinceMs, afterMs) => cron.nextAfterMs(afterMs));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function rate(periodMs: number): NextMs {
  return (sinceMs, afterMs) => sinceMs + (Math.floor((afterMs - sinceMs) / periodMs) + 1) * periodMs;
}

/** Sets or cancels a rule's timer where what decides on it has changed. A rule that only says the same again keeps its beat. */
export function reschedule(unit: Unit, platform: Platform, before: BusRule | undefined, after: BusRule): void {
  const [old, wanted] = [scheduleOf(before), scheduleOf(after)];
  if (old === wanted) return;
  if (wanted === undefined) unschedule(unit, platform, after);
  else scheduleNext(unit, platform, after, platform.clock.now());
}

export function unschedule(unit: Unit, platform: Platform, rule: RuleAddress): void {
  platform.flow.cancel(unit, timerId(rule));
}

export function startSchedules(platform: Platform): void {
  platform.flow.onTimer(SCHEDULE, (unit, timer) => fire(unit, platform, timer));
}

async function fire(unit: Unit, platform: Platform, { dueMs, payload }: Timer): Promise<void> {
  const rule = await unit.get(RULES, String(payload));
  if (rule === undefined || scheduleOf(rule) === undefined) return;
  const bus = await openBus(unit, platform, rule.bus);
  assert(bus, "Only the default bus has schedules");
  const { account, region } = rule.bus;
  const arn = ruleArn(rule);
  const event = eventText({
    // The same when the unit runs again.
    id: derivedUuid(arn, String(dueMs)),
    source: "aws.events",
    detailType: "Scheduled Event",
    account,
    region,
    timeMs: dueMs,
    resources: [arn],
    detail: "{}",
  });
  unit.append(busLogName(bus), keyOfScheduled(rule.name), event);
  scheduleNext(unit, platform, rule, dueMs);
}

function scheduleNext(unit: Unit, platform: Platform, rule: BusRule, sinceMs: number): void {
  const dueMs = parseSchedule(rule.scheduleExpression ?? "")?.(sinceMs, platform.clock.now());
  if (dueMs === undefined || dueMs > TIME_MS_MAX) unschedule(unit, platform, rule);
  else platform.flow.schedule(unit, { id: timerId(rule), kind: SCHEDULE, dueMs, payload: ruleKey(rule) });
}

function scheduleOf(rule: BusRule | undefined): string | undefined {
  return rule?.state === "DISABLED" ? undefined : rule?.scheduleExpression;
}

function timerId(rule: RuleAddress): string {
  return `${SCHEDULE}/${ruleKey(rule)}`;
}
