/**
 * Chance, seeded: every purpose of every contact, agent or day draws from a stream of its own, so that what one of them draws, or
 * how often, changes nothing for the others.
 */
export interface Chance {
  /** In [0, 1). */
  uniform(): number;
  /** True with this probability. */
  happens(probability: number): boolean;
  exponential(mean: number): number;
  /** Given by its mean, and by the standard deviation of its logarithm. */
  lognormal(mean: number, sigma: number): number;
  weibull(scale: number, shape: number): number;
  poisson(mean: number): number;
  /** 1, 2, 3, …, with this mean. */
  geometric(mean: number): number;
  /** A whole number from 0 on, below `end`. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

/** The stream of a purpose. The same seed, purpose and index give the same draws. */
export function chanceOf(seed: string, purpose: string, index: string | number = ""): Chance {
  const uniform = generator(`${seed}\n${purpose}\n${index}`);
  const positive = (): number => 1 - uniform();
  const normal = (): number => Math.sqrt(-2 * Math.log(positive())) * Math.cos(2 * Math.PI * uniform());
  const below = (end: number): number => Math.floor(uniform() * end);
  return {
    uniform,
    happens: (probability) => uniform() < probability,
    exponential: (mean) => -Math.log(positive()) * mean,
    lognormal: (mean, sigma) => mean * Math.exp(sigma * normal() - (sigma * sigma) / 2),
    weibull: (scale, shape) => scale * (-Math.log(positive())) ** (1 / shape),
    poisson(mean) {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = positive(); product > limit; product *= positive()) count++;
      return count;
    },
    geometric: (mean) => 1 + Math.floor(Math.log(positive()) / Math.log(1 - 1 / Math.max(mean, 1.000001))),
    below,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new RangeError("Nothing to pick from");
      return from[below(from.length)] as T;
    },
  };
}

/** sfc32 ("small fast counter", Chris Doty-Humphrey, PractRand), begun with four hashes of a text; 53 bits a number. */
function generator(text: string): () => number {
  let [a, b, c, counter] = [hash(text, 1), hash(text, 2), hash(text, 3), 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** FNV-1a with a finish that spreads every bit (murmur3's). */
function hash(text: string, salt: number): number {
  let value = 0x811c9dc5 ^ salt;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
