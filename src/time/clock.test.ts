import assert from "node:assert/strict";
import { test } from "node:test";
import { movedClock, RealClock, type WallClock } from "./clock.ts";

/** A machine's time that is moved by hand. */
class SteeredWall implements WallClock {
  nowMs = 1_000_000;
  #passedMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  now(): number {
    return this.nowMs;
  }

  monotonicMs(): number {
    return this.#passedMs;
  }

  after(delayMs: number, callback: () => void): Disposable {
    const timer = { atMs: this.#passedMs + delayMs, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.#passedMs += ms;
    for (const timer of [...this.#timers]) {
      if (timer.atMs <= this.#passedMs && this.#timers.delete(timer)) timer.callback();
    }
  }
}

test("a real clock that is put back is moved until it has caught up, and runs by itself from then on", () => {
  const wall = new SteeredWall();
  const clock = new RealClock(wall);
  const called: string[] = [];
  const wake = (name: string, atMs: number): Disposable => clock.wakeAt(atMs, () => called.push(name));
  wake("soon", 1_000_500);
  using gone = wake("gone", 1_000_400);
  assert.equal(movedClock(clock), undefined);

  clock.goBack(10_000);
  assert.equal(movedClock(clock), clock);
  assert.equal(clock.now(), 990_000);
  wake("past", 995_000);
  wake("then", 1_000_200);
  gone[Symbol.dispose]();
  wall.pass(100);
  assert.deepEqual([called, clock.now()], [[], 990_000], "it stands still");
  clock.moveTo(996_000);
  assert.deepEqual(called, ["past"]);

  clock.moveTo(2_000_000);
  assert.deepEqual([movedClock(clock), clock.now()], [undefined, 1_000_100], "no further than now");
  wall.pass(150);
  assert.deepEqual(called, ["past", "then"]);
  wall.pass(1_000);
  assert.deepEqual(called, ["past", "then", "soon"]);
  clock.moveTo(3_000_000);
  assert.equal(clock.now(), wall.nowMs, "a clock that runs is not moved");
});

test("a machine's clock that is set is followed: forward within seconds, back until its time comes again", () => {
  const wall = new SteeredWall();
  const clock = new RealClock(wall);
  const called: string[] = [];
  const hourMs = 3_600_000;
  clock.wakeAt(wall.nowMs + hourMs, () => called.push("in an hour"));
  wall.pass(5_000);
  wall.nowMs += 2 * hourMs;
  wall.pass(10_000);
  assert.deepEqual(called, ["in an hour"]);

  clock.wakeAt(wall.nowMs + 1_000, () => called.push("in a second"));
  wall.nowMs -= hourMs;
  wall.pass(1_000);
  assert.deepEqual(called, ["in an hour"], "its time has not come");
  for (let passedMs = 0; passedMs < hourMs - 1_000; passedMs += 1_000) wall.pass(1_000);
  assert.deepEqual(called, ["in an hour"]);
  wall.pass(1_000);
  assert.deepEqual(called, ["in an hour", "in a second"]);
});
