import assert from "node:assert/strict";
import { test } from "node:test";
import { type Chance, chanceOf } from "./chance.ts";

const DRAWS = 20_000;

/** The mean of many draws is within four standard errors of what it should be: missed by chance once in 16,000, and never by this seed. */
function assertMean(draw: (chance: Chance) => number, expected: number, what: string): void {
  const chance = chanceOf("1", what);
  const drawn = Array.from({ length: DRAWS }, () => draw(chance));
  const mean = drawn.reduce((sum, value) => sum + value, 0) / DRAWS;
  const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS;
  const tolerance = 4 * Math.sqrt(variance / DRAWS);
  assert.ok(Math.abs(mean - expected) < tolerance, `${what}: ${mean}, expected ${expected} ± ${tolerance}`);
}

test("draws have the means that they are given by", () => {
  assertMean((chance) => chance.uniform(), 0.5, "uniform");
  assertMean((chance) => chance.exponential(240), 240, "exponential");
  assertMean((chance) => chance.lognormal(300, 0.8), 300, "lognormal");
  // 150 s with shape 0.8: a mean of about 170 s.
  assertMean((chance) => chance.weibull(150, 0.8), 169.95, "weibull");
  assertMean((chance) => chance.poisson(0.3), 0.3, "poisson");
  assertMean((chance) => chance.geometric(16), 16, "geometric");
  assertMean((chance) => (chance.happens(0.12) ? 1 : 0), 0.12, "happens");
  assertMean((chance) => chance.below(10), 4.5, "below");
});

test("streams of one seed have nothing to do with each other, and come out the same again", () => {
  const drawn = (seed: string, purpose: string, index: number) => {
    const chance = chanceOf(seed, purpose, index);
    return [chance.uniform(), chance.uniform()];
  };
  assert.deepEqual(drawn("1", "patience", 7), drawn("1", "patience", 7));
  const others = [drawn("2", "patience", 7), drawn("1", "talk", 7), drawn("1", "patience", 8)].flat();
  assert.equal(new Set([...drawn("1", "patience", 7), ...others]).size, 8);
});
