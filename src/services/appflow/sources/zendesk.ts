/**
 * Zendesk, by its incremental exports: https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/
 *
 * An export is a stream of all that has changed, in the order in which it did; what changes again moves to its end. Tickets and users are read by
 * cursors, all else by times: there a page begins with the second in which the last one ended, whose records come again.
 */
import type { JsonObject } from "../../../matching/machine.ts";
import { type Connector, SourceError, type SourcePage, type SourceRecord, type SourceRequest } from "../connector.ts";
import type { ZendeskProfile } from "../connector-profile.ts";
import { askForToken, basicAuthorization, fixedAccess, tokenAccess } from "./access-token.ts";
import { profileFor } from "./profile-for.ts";
import {
  type Access,
  type Complaint,
  type Dialect,
  isObject,
  type SourceAnswer,
  SourceClient,
  SourceRefusal,
} from "./source-client.ts";

/** Of a page: some 1.5 MiB of tickets. Zendesk lets 10 pages be asked for in a minute. */
const PAGE_RECORDS = 500;
/** What was handed on of a page that is read again is found by the last few of it. */
const TAIL_RECORDS = 8;

/** What has changed in the last minute is not told yet. */
const HELD_BACK_MS = 60_000;
/** Where the clocks are further apart than this nothing is waited for. */
const WAITED_MS_MAX = 180_000;
const WAITS_MAX = 5;

interface Export {
  readonly by: "cursor" | "time";
  /** What its order goes by: a time, or seconds. */
  readonly time: string;
}

const EXPORTS: Readonly<Record<string, Export>> = {
  tickets: { by: "cursor", time: "generated_timestamp" },
  users: { by: "cursor", time: "updated_at" },
  organizations: { by: "time", time: "updated_at" },
  ticket_events: { by: "time", time: "timestamp" },
  ticket_metric_events: { by: "time", time: "time" },
};

interface Cursor {
  /** Zendesk's. */
  readonly cursor?: string | undefined;
  /** Else the page begins with this second. */
  readonly start: number;
  /** Ids of that second which have been read. */
  readonly edge?: readonly string[] | undefined;
  /** The last that were handed on of this page. */
  readonly tail?: readonly string[] | undefined;
  /** How often the end of the window was waited for. */
  readonly waits?: number | undefined;
}

export const zendesk: Connector = {
  type: "Zendesk",
  async read({ wall }, request) {
    const profile = profileFor(request, "Zendesk");
    const { signal, cursor, window } = request;
    using client = new SourceClient({ wall, signal, profile, dialect, access: accessOf(profile) });
    const first: Cursor = { start: Math.floor((window?.fromMs ?? 0) / 1000) };
    return await new ExportReader(client, profile, request).read((cursor as Cursor | undefined) ?? first);
  },
};

class ExportReader {
  readonly #client: SourceClient;
  readonly #baseUrl: string;
  readonly #request: SourceRequest;
  readonly #name: string;
  readonly #export: Export;

  constructor(client: SourceClient, { settings }: ZendeskProfile, request: SourceRequest) {
    this.#client = client;
    this.#baseUrl = settings.baseUrl;
    this.#request = request;
    this.#name = request.properties.Object ?? "";
    const found = Object.hasOwn(EXPORTS, this.#name) ? EXPORTS[this.#name] : undefined;
    if (!found) {
      const names = Object.keys(EXPORTS).join(", ");
      throw new SourceError("REQUEST", `Zendesk has no export of ${this.#name.slice(0, 100)}; there are ${names}`);
    }
    this.#export = found;
  }

  async read(cursor: Cursor): Promise<SourcePage> {
    const answer = await this.#ask(cursor);
    if (!answer) return waiting(cursor, HELD_BACK_MS);
    const page: ExportPage = answer.object();
    const all = answer.list(this.#name);
    const bytes = Math.floor(answer.bytes.length / Math.max(1, all.length));
    const { tail: _, waits: __, ...here } = cursor;
    const records: SourceRecord[] = [];
    const tail: string[] = [];
    for (const fields of this.#newOf(all, cursor)) {
      tail.push(this.#keyOf(fields));
      if (tail.length > TAIL_RECORDS) tail.shift();
      records.push({ fields, bytes, after: { ...here, tail: [...tail] } satisfies Cursor });
    }
    if (this.#isBehindWindow(all)) return { records };
    const next = this.#nextOf(page, all, cursor);
    if (!page.end_of_stream) return { records, next: { cursor: next } };
    const waitMs = this.#waitMs(answer.headers);
    if (waitMs === undefined || (cursor.waits ?? 0) >= WAITS_MAX) return { records };
    return { ...waiting({ ...next, waits: cursor.waits }, waitMs), records };
  }

  /** `undefined`: where it would begin is not told yet. */
  async #ask({ cursor, start }: Cursor): Promise<SourceAnswer | undefined> {
    const way = this.#export.by === "cursor" ? "/cursor.json" : ".json";
    const url = new URL(`${this.#baseUrl}/api/v2/incremental/${this.#name}${way}`);
    if (cursor === undefined) url.searchParams.set("start_time", String(start));
    else url.searchParams.set("cursor", cursor);
    url.searchParams.set("per_page", String(PAGE_RECORDS));
    try {
      return await this.#client.call(() => ({ url }));
    } catch (error) {
      const isTooRecent = error instanceof SourceRefusal && /too recent/i.test(error.message);
      if (isTooRecent) return undefined;
      throw error;
    }
  }

  /** What of a page was not handed on yet, and belongs into the window. */
  #newOf(all: readonly JsonObject[], { start, edge = [], tail = [] }: Cursor): readonly JsonObject[] {
    const known = new Set(edge);
    const isKnown = (record: JsonObject): boolean => known.has(String(record.id)) && this.#secondOf(record) === start;
    const handedOn = all.findLastIndex((record) => tail.includes(this.#keyOf(record)));
    return all.slice(handedOn + 1).filter((record) => !isKnown(record) && this.#isInWindow(record));
  }

  #isInWindow(record: JsonObject): boolean {
    const { window } = this.#request;
    if (!window) return true;
    const ms = timeMs(record[window.field ?? this.#export.time]);
    // What does not say when it was is rather read twice than not at all.
    return ms === undefined || (ms >= (window.fromMs ?? 0) && ms < window.toMs);
  }

  /** Whether all that comes is of later windows. Only the order of the stream tells. */
  #isBehindWindow(all: readonly JsonObject[]): boolean {
    const { window } = this.#request;
    if (!window || (window.field ?? this.#export.time) !== this.#export.time || all.length === 0) return false;
    return all.every((record) => (timeMs(record[this.#export.time]) ?? 0) >= window.toMs);
  }

  #nextOf(page: ExportPage, all: readonly JsonObject[], { cursor, start, edge }: Cursor): Cursor {
    const { after_cursor: after, end_time: endTime, end_of_stream: isEnd } = page;
    if (this.#export.by === "cursor") {
      if (typeof after === "string" && after !== cursor) return { start, cursor: after };
      if (isEnd) return { start, cursor };
      throw this.#client.error("DATA", `Zendesk's export of ${this.#name} has no cursor that goes on`);
    }
    const end = typeof endTime === "number" ? endTime : start;
    const atEnd = all.filter((record) => this.#secondOf(record) === end).map(({ id }) => String(id));
    // More than a page of one second are told all at once.
    if (atEnd.length >= PAGE_RECORDS) return { start: end + 1 };
    if (!isEnd && end <= start && atEnd.length <= (edge?.length ?? 0)) {
      throw this.#client.error("DATA", `Zendesk's export of ${this.#name} does not go on behind ${end}`);
    }
    return { start: end, edge: atEnd };
  }

  /** For how long the window's end has to be waited for, since it is told a minute later. */
  #waitMs(headers: Headers): number | undefined {
    const nowMs = Date.parse(headers.get("date") ?? "");
    const { window } = this.#request;
    if (!window || Number.isNaN(nowMs)) return undefined;
    const lacksMs = window.toMs + HELD_BACK_MS - nowMs;
    return lacksMs > 0 && lacksMs <= WAITED_MS_MAX ? lacksMs + 1_000 : undefined;
  }

  #keyOf(record: JsonObject): string {
    return `${String(record.id)} ${String(record[this.#export.time])}`;
  }

  #secondOf(record: JsonObject): number | undefined {
    const ms = timeMs(record[this.#export.time]);
    return ms === undefined ? undefined : Math.floor(ms / 1000);
  }
}

interface ExportPage extends JsonObject {
  readonly end_of_stream?: unknown;
  readonly after_cursor?: unknown;
  readonly end_time?: unknown;
}

function waiting(cursor: Cursor, waitMs: number): SourcePage {
  const waits = (cursor.waits ?? 0) + 1;
  if (waits > WAITS_MAX) throw new SourceError("UNAVAILABLE", "Zendesk does not tell yet what the window begins with");
  return { records: [], next: { cursor: { ...cursor, waits } satisfies Cursor, waitMs } };
}

/** A time, or seconds. */
function timeMs(value: unknown): number | undefined {
  const ms = typeof value === "number" ? value * 1000 : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const dialect: Dialect = { vendor: "Zendesk", complaint: complaintOf };

function complaintOf(body: unknown): Complaint | undefined {
  if (!isObject(body)) return undefined;
  const { error, description, error_description: oAuth } = body;
  if (typeof error === "string") return { code: error, message: String(description ?? oAuth ?? "") };
  if (!isObject(error)) return undefined;
  const { title, message } = error;
  return { code: String(title ?? ""), message: String(message ?? "") };
}

/**
 * An API token, an access token, or client credentials:
 * https://developer.zendesk.com/api-reference/introduction/security-and-auth/
 * https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
 */
function accessOf(profile: ZendeskProfile): Access {
  const { baseUrl, access } = profile.settings;
  switch (access.kind) {
    case "api token":
      return fixedAccess(basicAuthorization(`${access.email}/token`, access.apiToken.reveal()));
    case "access token":
      return fixedAccess(`Bearer ${access.accessToken.reveal()}`);
    case "client":
      return tokenAccess(profile, async (client) => {
        const form = {
          grant_type: "client_credentials",
          client_id: access.clientId,
          client_secret: access.clientSecret.reveal(),
          scope: "read",
        };
        return (await askForToken(client, new URL(`${baseUrl}/oauth/tokens`), form, "JSON")).grant;
      });
  }
}
