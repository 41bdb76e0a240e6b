/**
 * Marketo: leads by bulk extract (`marketo-leads.ts`), all else by its REST API, page by page:
 * https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/rest-api
 */
import type { JsonObject } from "../../../matching/machine.ts";
import { type Connector, SourceError, type SourcePage, type SourceRequest, type SourceWindow } from "../connector.ts";
import type { MarketoProfile } from "../connector-profile.ts";
import { tokenAccess, tokenOf } from "./access-token.ts";
import { type CallMarketo, type LeadsCursor, readLeads } from "./marketo-leads.ts";
import { profileFor } from "./profile-for.ts";
import {
  type Access,
  type Complaint,
  type Dialect,
  isObject,
  type Meaning,
  type SourceAnswer,
  SourceClient,
} from "./source-client.ts";

const PAGE_RECORDS = 300;
/** Of a request for activities. */
const TYPES_MAX = 10;

/** A position in pages of Marketo; absent: at the beginning. */
interface PagesCursor {
  readonly token?: string | undefined;
}

interface ActivitiesCursor extends PagesCursor {
  /** Types that are still to be read; the first ten of them are being read. */
  readonly types: readonly number[];
}

export const marketo: Connector = {
  type: "Marketo",
  async read({ wall, clock }, request) {
    const profile = profileFor(request, "Marketo");
    const { signal, cursor, properties } = request;
    using client = new SourceClient({ wall, signal, profile, dialect, access: accessOf(profile) });
    const call = callerOf(client, profile);
    switch (properties.Object) {
      case "leads": {
        const { leadsSinceMs: sinceMs } = profile.settings;
        return await readLeads(client, call, request, cursor as LeadsCursor | undefined, {
          sinceMs,
          nowMs: clock.now(),
        });
      }
      case "activities":
        return await readActivities(call, request, cursor as ActivitiesCursor | undefined);
      case "lists":
      case "campaigns":
        return await readPages(call, properties.Object, request, cursor as PagesCursor | undefined);
      default:
        throw new SourceError(
          "REQUEST",
          `Marketo has no ${(properties.Object ?? "").slice(0, 100)} to be read; there are leads, activities, lists, campaigns`,
        );
    }
  },
};

/** Static lists, and smart campaigns: https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/static-lists */
async function readPages(
  call: CallMarketo,
  name: string,
  { window }: SourceRequest,
  cursor: PagesCursor = {},
): Promise<SourcePage> {
  const answer = await call(`/rest/v1/${name}.json`, {
    query: { batchSize: String(PAGE_RECORDS), nextPageToken: cursor.token },
  });
  const { nextPageToken: token } = answer.object();
  const records = recordsOf(answer, window, "updatedAt");
  return typeof token !== "string" ? { records } : { records, next: { cursor: { token } satisfies PagesCursor } };
}

/**
 * Activities, of ten types at a time. They do not change, and come in the order of their dates.
 * https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/activities
 */
async function readActivities(
  call: CallMarketo,
  { window }: SourceRequest,
  cursor: ActivitiesCursor | undefined,
): Promise<SourcePage> {
  const types = cursor?.types ?? (await activityTypes(call));
  if (types.length === 0) return { records: [] };
  const answer = await call("/rest/v1/activities.json", {
    query: {
      nextPageToken: cursor?.token ?? (await dateToken(call, window?.fromMs ?? 0)),
      activityTypeIds: types.slice(0, TYPES_MAX).join(","),
      batchSize: String(PAGE_RECORDS),
    },
  });
  const { nextPageToken: token, moreResult } = answer.object();
  const result = answer.listIfAny("result") ?? [];
  const records = recordsOf(answer, window, "activityDate");
  const isBehind =
    window !== undefined && result.length > 0 && result.every((it) => timeMs(it.activityDate) >= window.toMs);
  if (moreResult === true && typeof token === "string" && !isBehind) {
    return { records, next: { cursor: { types, token } satisfies ActivitiesCursor } };
  }
  const left = types.slice(TYPES_MAX);
  return left.length === 0 ? { records } : { records, next: { cursor: { types: left } satisfies ActivitiesCursor } };
}

async function activityTypes(call: CallMarketo): Promise<readonly number[]> {
  return (await call("/rest/v1/activities/types.json")).list("result").map(({ id }) => Number(id));
}

/** A token that stands for a date; activities behind it are told, whether or not those of that very second are. */
async function dateToken(call: CallMarketo, fromMs: number): Promise<string> {
  const sinceDatetime = `${new Date(Math.max(0, fromMs - 1_000)).toISOString().slice(0, 19)}Z`;
  const answer = await call("/rest/v1/activities/pagingtoken.json", { query: { sinceDatetime } });
  return String(answer.object().nextPageToken);
}

/** What of an answer belongs into the window, which is of `time` where it names no other. */
function recordsOf(answer: SourceAnswer, window: SourceWindow | undefined, time: string): SourcePage["records"] {
  const result = answer.listIfAny("result") ?? [];
  const each = Math.floor(answer.bytes.length / Math.max(1, result.length));
  return result.flatMap((fields) => (isInWindow(fields, window, time) ? { fields, bytes: each } : []));
}

function isInWindow(fields: JsonObject, window: SourceWindow | undefined, time: string): boolean {
  if (!window) return true;
  const ms = timeMs(fields[window.field ?? time]);
  // What does not say when it was is rather read twice than not at all.
  return Number.isNaN(ms) || (ms >= (window.fromMs ?? 0) && ms < window.toMs);
}

/** Of `2024-06-10T15:04:05Z`, and of `2024-06-10T15:04:05Z+0000`, as lists have it. */
function timeMs(value: unknown): number {
  return Date.parse(String(value).replace(/Z\+0000$/, "Z"));
}

function callerOf(client: SourceClient, profile: MarketoProfile): CallMarketo {
  return (path, { method, query = {}, json, headers } = {}) => {
    const url = new URL(`${rootOf(profile)}${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return client.call(() => ({
      url,
      ...(method && { method }),
      headers: { ...headers, ...(json !== undefined && { "content-type": "application/json" }) },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    }));
  };
}

/** Marketo shows its address with `/rest` at the end, which bulk extracts do not have. */
function rootOf({ settings }: MarketoProfile): string {
  return settings.baseUrl.replace(/\/(rest|identity)$/, "");
}

/** https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/error-codes */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  600: "token refused",
  601: "token refused",
  602: "token refused",
  603: "AUTH",
  604: "UNAVAILABLE",
  606: "LIMIT",
  607: "LIMIT",
  608: "UNAVAILABLE",
  611: "UNAVAILABLE",
  614: "AUTH",
  615: "LIMIT",
  713: "UNAVAILABLE",
  1029: "LIMIT",
};

const HOUR_MS = 3_600_000;

const dialect: Dialect = {
  vendor: "Marketo",
  complainsInside: true,
  complaint: complaintOf,
  meaning({ status, complaint }) {
    if (complaint?.code === undefined) return undefined;
    return MEANINGS[complaint.code] ?? (status === 200 ? "REQUEST" : undefined);
  },
  limitMs(complaint) {
    // Rates are counted over 20 seconds, quotas over a day.
    const isQuota = complaint?.code === "607" || /daily/i.test(complaint?.message ?? "");
    if (isQuota) return HOUR_MS;
    return complaint?.code === "606" || complaint?.code === "615" ? 20_000 : undefined;
  },
};

/** Of an answer that says that it is no success, or of who gives tokens. */
function complaintOf(body: unknown): Complaint | undefined {
  if (!isObject(body)) return undefined;
  const { success, errors, error, error_description: description } = body;
  if (typeof error === "string") return { code: error, message: String(description ?? "") };
  if (success !== false) return undefined;
  const [first] = Array.isArray(errors) ? errors : [];
  const { code, message } = isObject(first) ? first : {};
  return { code: String(code ?? ""), message: String(message ?? "") };
}

/** https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/authentication */
function accessOf(profile: MarketoProfile): Access {
  const { clientId, clientSecret } = profile.settings;
  return tokenAccess(profile, async (client) => {
    const url = new URL(`${rootOf(profile)}/identity/oauth/token`);
    url.searchParams.set("grant_type", "client_credentials");
    url.searchParams.set("client_id", clientId);
    url.searchParams.set("client_secret", clientSecret.reveal());
    return tokenOf(client, await client.callForToken({ url })).grant;
  });
}
