import { ModeledError } from "../models/modeled-error.ts";
import { atPlace, decodePageToken, encodePageToken } from "../services/page-token.ts";

/** What a request asks of a list. Everything that is wrong with it throws `InvalidParameterException`. */
export interface ListingQuery {
  text(name: string): string | undefined;
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
  /** ISO 8601. */
  timeMs(name: string): number | undefined;
  /** How many a page may have. */
  readonly limit: number;
  /** Where the page begins, as `nextOf` was told. */
  readonly after: string | undefined;
  /** The `next` of a page, good for the same list and filters only. */
  nextOf(position: string): string;
}

const LIMIT = { default: 50, max: 500 };

/** `of`: which list, and of whom. `names`: what it can be asked; what is misspelt would do nothing, and nobody would notice. */
export function listingQuery(given: URLSearchParams, of: readonly string[], names: readonly string[]): ListingQuery {
  const known = [...names, "limit", "after"];
  for (const name of given.keys())
    if (!known.includes(name)) throw invalid(`There is no ${name}: ask by ${known.join(", ")}`);
  const text = (name: string): string | undefined => given.get(name) || undefined;
  const bound = [...of, ...names.map((name) => text(name) ?? null)];
  const asked = text("limit") ?? String(LIMIT.default);
  const limit = /^\d{1,4}$/.test(asked) ? Number(asked) : 0;
  if (limit < 1 || limit > LIMIT.max) throw invalid(`limit is a number from 1 to ${LIMIT.max}`);
  const token = text("after");
  const after = token === undefined ? undefined : decodePageToken(bound, token);
  if (token !== undefined && after === undefined) throw invalid("after is no place in this list");
  return {
    text,
    oneOf(name, values) {
      const value = text(name);
      const found = values.find((one) => one === value);
      if (value !== undefined && found === undefined) throw invalid(`${name} is one of ${values.join(", ")}`);
      return found;
    },
    timeMs(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const ms = Date.parse(value);
      if (Number.isNaN(ms)) throw invalid(`${name} is no time: give one as 2026-11-30T09:00:00Z`);
      return ms;
    },
    limit,
    after,
    nextOf: (position) => encodePageToken(bound, position),
  };
}

/** Reads a page of the store behind an `after`. */
export function atAfter<R>(read: () => Promise<R>): Promise<R> {
  return atPlace(read, () => invalid("after is no place in this list"));
}

export function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}
