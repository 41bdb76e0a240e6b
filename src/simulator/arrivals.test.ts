import assert from "node:assert/strict";
import { test } from "node:test";
import { arrivals } from "./arrivals.ts";
import { DEFAULTS, withChanges } from "./parameters.ts";
import { roster, TEAMS, workingDays } from "./roster.ts";

const MONDAY_MS = Date.parse("2026-03-02T00:00:00Z");
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Without what makes one day differ from another. */
const EVEN = { "day-sigma": 0, "bursts-per-day": 0, agents: 200 };

test("arrivals follow the day's curve, the week and the shares of the channels", () => {
  const all = arrivals("1", withChanges(EVEN), MONDAY_MS, MONDAY_MS + 7 * DAY_MS);
  const [curve, factors] = [DEFAULTS["day-curve"], DEFAULTS["weekday-factors"]];
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const expected = 200 * DEFAULTS["peak-calls-per-agent-hour"] * sum(curve) * sum(factors);
  const count = (channel: string) => all.filter((arrival) => arrival.channel === channel).length;
  const near = (found: number, mean: number, what: string) =>
    assert.ok(Math.abs(found - mean) < 4 * Math.sqrt(mean), `${what}: ${found}, expected ${mean}`);
  near(count("VOICE"), expected, "calls");
  near(count("CHAT"), expected * DEFAULTS["chat-share"], "chats");
  near(count("TASK"), expected * DEFAULTS["task-share"], "tasks");
  near(count("EMAIL"), expected * DEFAULTS["email-share"], "e-mails");
  const calls = all.filter(({ channel, atMs }) => channel === "VOICE" && atMs < MONDAY_MS + DAY_MS);
  const at = (hour: number) => calls.filter(({ atMs }) => Math.floor((atMs - MONDAY_MS) / HOUR_MS) === hour).length;
  assert.ok(at(10) > at(8) && at(8) > at(6) && at(10) > at(19), "the morning is busiest");
});

test("a part of a day has the arrivals that the whole day has there, in order", () => {
  const whole = arrivals("1", DEFAULTS, MONDAY_MS, MONDAY_MS + DAY_MS);
  const [fromMs, untilMs] = [MONDAY_MS + 9 * HOUR_MS, MONDAY_MS + 10 * HOUR_MS];
  const part = arrivals("1", DEFAULTS, fromMs, untilMs);
  assert.deepEqual(
    part,
    whole.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs),
  );
  assert.deepEqual(
    part.map(({ atMs }) => atMs),
    part.map(({ atMs }) => atMs).sort((a, b) => a - b),
  );
  assert.equal(new Set(whole.map(({ key }) => key)).size, whole.length);
});

test("teams and shifts have the shares that they are to have, and every team has all of the usual shifts", () => {
  const agents = roster("1", withChanges({ agents: 200 }));
  const teams = TEAMS.map((team) => agents.filter((agent) => agent.team === team));
  assert.deepEqual(
    teams.map(({ length }) => length),
    [60, 40, 70, 30],
  );
  for (const team of teams) assert.equal(new Set(team.map(({ shiftStart }) => shiftStart)).size, 6);
  assert.equal(agents.filter(({ shiftStart }) => shiftStart === 8).length, 52);
});

test("a shift that goes over midnight is there on both days, and an agent has one shift at a time", () => {
  const parameters = withChanges({ agents: 200 });
  for (const agent of roster("1", parameters)) {
    const days = workingDays("1", parameters, agent, MONDAY_MS, MONDAY_MS + 2 * DAY_MS);
    assert.equal(days.length, agent.shiftStart === 22 ? 3 : 2);
    for (const [index, day] of days.entries()) {
      assert.ok(day.signInMs >= (days[index - 1]?.signOutMs ?? 0));
      for (const { atMs } of day.pauses) assert.ok(atMs < day.signOutMs);
    }
  }
});
