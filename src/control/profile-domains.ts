import {
  countObjectTypes,
  eventStreamHealth,
  listDecisionsOfProfile,
  listMatches,
  listSegmentMembers,
  listShownProfiles,
  showProfile,
} from "../services/customer-profiles/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { answering } from "./connect-answer.ts";

const PAGE = 50;
const PAGE_MAX = 100;

/**
 * What the APIs of Customer Profiles do not tell of a domain, all below `GET /_trunkline/profile-domains/DOMAIN/`:
 *
 * - `profiles`: the profiles, those that changed on the newest days first; `profiles/ID`: one, with its keys and who wrote its fields;
 *   `profiles/ID/decisions`: what event triggers decided of its objects
 * - `object-types`: how many objects there are of each
 * - `segments/NAME/members`: who belongs to a segment now
 * - `event-stream`: how it is, what waits, and when it told something last
 * - `matches`: profiles that match by the domain's rules
 *
 * Lists take `limit` and `after`, the `nextToken` of the page before.
 */
export async function profileDomainEndpoint(
  context: Context,
  method: string,
  [domain = "", room = "", name, part, ...others]: readonly string[],
  _body: Buffer,
  query: URLSearchParams,
): Promise<PlainResponse | undefined> {
  if (method !== "GET" || domain === "" || name === "" || others.length > 0) return undefined;
  const limit = Number(query.get("limit") ?? PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    return failure(400, `limit is a number from 1 to ${PAGE_MAX}`);
  }
  const page = { token: query.get("after") ?? undefined, limit };
  const read = readingOf(context, { domain, room, name, part }, page);
  return read && answering(() => context.store.durably(read));
}

interface Asked {
  readonly domain: string;
  readonly room: string;
  readonly name: string | undefined;
  readonly part: string | undefined;
}

/** `undefined`: there is nothing of the kind. */
function readingOf(
  context: Context,
  { domain, room, name, part }: Asked,
  page: { readonly token: string | undefined; readonly limit: number },
): (() => Promise<unknown>) | undefined {
  if (name === undefined) {
    if (room === "profiles") return () => listShownProfiles(context, domain, page);
    if (room === "matches") return () => listMatches(context, domain, page);
    if (room === "object-types") return async () => ({ counts: await countObjectTypes(context, domain) });
    if (room === "event-stream") return async () => ({ eventStream: await eventStreamHealth(context, domain) });
    return undefined;
  }
  if (room === "profiles" && part === undefined) return () => showProfile(context, domain, name);
  if (room === "profiles" && part === "decisions") {
    return () => listDecisionsOfProfile(context, { domain, profileId: name }, page.limit);
  }
  if (room === "segments" && part === "members") {
    return () => listSegmentMembers(context, { domain, segment: name }, page);
  }
  return undefined;
}
