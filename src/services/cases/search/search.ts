import type { Platform } from "../../service.ts";
import { type Case, caseKey, cases } from "../case.ts";
import type { DomainRef } from "../domain.ts";
import type { Condition, Place, Sort } from "./condition.ts";
import { type Changes, type FollowedCases, followedCases } from "./followed-cases.ts";
import { findMatches, holds } from "./matches.ts";
import { Pace } from "./pace.ts";
import { Ranking } from "./ranking.ts";

export interface Search {
  readonly condition: Condition;
  readonly sorts: readonly Sort[];
  /** Only what lies behind it. */
  readonly behind?: Place | undefined;
  readonly limit: number;
}

export interface Found {
  /** The first ones, in order. */
  readonly cases: readonly Case[];
  /** How many match in all. */
  readonly total: number;
  /** The place of the last one, where more lie behind it. */
  readonly last?: Place | undefined;
}

/** A page whose cases change while they are read is made anew, but not for ever where they change all the time. */
const ATTEMPTS = 4;

/**
 * Searches the cases of a domain, those of all changes among them that were committed when it was called. The page and the total are of one moment,
 * and so are the cases as they are told.
 */
export async function search(
  { store, wall }: Pick<Platform, "store" | "wall">,
  { domainId }: Pick<DomainRef, "domainId">,
  wanted: Search,
): Promise<Found> {
  const followed = followedCases(store).of({ domainId }, wall);
  const pace = new Pace(wall);
  for (let attempt = 1; ; attempt++) {
    using changes = followed.watch();
    const { ids, ...found } = await find(followed, wanted, changes, pace);
    const keys = ids.map((id) => caseKey({ domainId, id }));
    const read = await Promise.all(keys.map((key) => store.get(cases, key)));
    const isCurrent = !keys.some((key) => changes.committed.has(key));
    if (isCurrent || attempt === ATTEMPTS) return { ...found, cases: read.filter((found) => found !== undefined) };
  }
}

interface FoundIds extends Pick<Found, "total" | "last"> {
  readonly ids: readonly string[];
}

async function find(
  followed: FollowedCases,
  { condition, sorts, behind, limit }: Search,
  changes: Changes,
  pace: Pace,
): Promise<FoundIds> {
  const { index } = followed;
  await followed.upToDate(pace);
  changes.applied.clear();
  const matches = await findMatches(index, condition, pace);
  const ranking = new Ranking(index, sorts, condition);
  await ranking.prepare(matches.count, pace);
  while (!followed.isUpToDate) await followed.upToDate(pace);

  // From here on nothing changes any more: what has changed since it was looked at is looked at again.
  for (const ordinal of changes.applied) {
    matches.put(ordinal, index.cases.has(ordinal) && holds(index, condition, ordinal));
  }
  changes.committed.clear();
  const first = ranking.first(matches, behind, limit + 1);
  const page = first.slice(0, limit);
  const last = page.at(-1);
  return {
    ids: page.map((ordinal) => index.idOf(ordinal)),
    total: matches.count,
    last: last !== undefined && first.length > page.length ? ranking.placeOf(last) : undefined,
  };
}
