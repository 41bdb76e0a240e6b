/**
 * Zendesk's incremental exports, as far as a flow asks them. Written from:
 *
 * - Using the Incremental Exports API; Incremental Exports (API reference): cursor-based and time-based pagination
 * - Rate limits; Announcing a new limit for the Incremental Export API (what changed within the last minute is not told)
 * - Security and authentication; OAuth Tokens for Grant Types
 */
import { type Answer, type Asked, StandIn } from "./stand-in.ts";

type Row = Readonly<Record<string, unknown>> & { readonly id: number };

const EXPORTS: Readonly<Record<string, { readonly time: string; readonly hasCursors: boolean }>> = {
  tickets: { time: "generated_timestamp", hasCursors: true },
  users: { time: "updated_at", hasCursors: true },
  organizations: { time: "updated_at", hasCursors: false },
  ticket_events: { time: "timestamp", hasCursors: false },
};

export class ZendeskStandIn extends StandIn {
  readonly rows: Map<string, Row[]> = new Map();
  readonly email = "ops@harbour.example";
  readonly apiToken = "api-token-of-the-harbour";
  readonly clientId = "client-of-the-harbour";
  readonly clientSecret = "secret-of-the-harbour";
  /** What time it is at Zendesk. */
  nowMs: () => number = () => Date.now();
  /** Pages that may be asked for before the limit of a minute is reached. */
  pagesLeft: number = Number.POSITIVE_INFINITY;

  protected isForToken({ url }: Asked): boolean {
    return url.pathname === "/oauth/tokens";
  }

  protected answer(asked: Asked): Answer {
    if (this.isForToken(asked)) return this.#token(JSON.parse(asked.body));
    const basic = `Basic ${Buffer.from(`${this.email}/token:${this.apiToken}`).toString("base64")}`;
    if (asked.headers.authorization !== basic && !this.isLetIn(asked)) return refused();
    if (this.pagesLeft <= 0) return { status: 429, headers: { "retry-after": "53" }, body: { error: "RateLimited" } };
    this.pagesLeft -= 1;
    const { url } = asked;
    const [, name = "", way] = /^\/api\/v2\/incremental\/(\w+)(\/cursor)?\.json$/.exec(url.pathname) ?? [];
    const kind = EXPORTS[name];
    if (!kind || (way !== undefined) !== kind.hasCursors) {
      return { status: 404, body: { error: "InvalidEndpoint", description: "Not found" } };
    }
    const start = Number(url.searchParams.get("start_time") ?? Number.NaN);
    if (start * 1000 > this.nowMs() - 60_000) {
      const description = "Too recent start_time. Use a start_time older than 1 minute";
      return { status: 422, body: { error: "InvalidValue", description } };
    }
    const answer = kind.hasCursors ? this.#byCursor(name, url, start) : this.#byTime(name, url, start);
    return { headers: { date: new Date(this.nowMs()).toUTCString() }, body: answer };
  }

  #token(form: Readonly<Record<string, string>>): Answer {
    const isRight = form.client_id === this.clientId && form.client_secret === this.clientSecret;
    if (!isRight || form.grant_type !== "client_credentials") {
      const description = "Client authentication failed due to unknown client or invalid credentials.";
      return { status: 401, body: { error: "invalid_client", error_description: description } };
    }
    const token = this.newToken();
    return { body: { access_token: token, token_type: "bearer", scope: form.scope, expires_in: 7200 } };
  }

  /** What has changed, in its order, up to a minute ago. */
  #stream(name: string): readonly Row[] {
    const time = EXPORTS[name]?.time ?? "";
    const rows = (this.rows.get(name) ?? []).filter((row) => secondOf(row[time]) * 1000 <= this.nowMs() - 60_000);
    return rows.sort((one, other) => secondOf(one[time]) - secondOf(other[time]) || one.id - other.id);
  }

  #byCursor(name: string, url: URL, start: number): object {
    const time = EXPORTS[name]?.time ?? "";
    const cursor = Buffer.from(url.searchParams.get("cursor") ?? "", "base64").toString();
    const [second = start, id = -1] = cursor === "" ? [] : cursor.split("||").map(Number);
    const all = this.#stream(name).filter((row) => {
      const own = secondOf(row[time]);
      return own > second || (own === second && row.id > id);
    });
    const page = all.slice(0, limitOf(url));
    const last = page.at(-1);
    const after = Buffer.from(last ? `${secondOf(last[time])}||${last.id}` : `${second}||${id}`).toString("base64");
    return {
      [name]: page,
      after_cursor: after,
      after_url: `${this.url}${url.pathname}?cursor=${encodeURIComponent(after)}`,
      before_cursor: null,
      before_url: null,
      end_of_stream: page.length === all.length,
    };
  }

  #byTime(name: string, url: URL, start: number): object {
    const time = EXPORTS[name]?.time ?? "";
    const all = this.#stream(name).filter((row) => secondOf(row[time]) >= start);
    let length = Math.min(limitOf(url), all.length);
    // A second is told whole.
    const end = secondOf(all[length - 1]?.[time]);
    while (length < all.length && secondOf(all[length]?.[time]) === end) length += 1;
    const page = all.slice(0, length);
    return {
      [name]: page,
      count: page.length,
      end_of_stream: page.length === all.length,
      end_time: page.length === 0 ? null : end,
      next_page: page.length === 0 ? null : `${this.url}${url.pathname}?start_time=${end}`,
    };
  }
}

function secondOf(time: unknown): number {
  return typeof time === "number" ? time : Math.floor(Date.parse(String(time)) / 1000);
}

function limitOf(url: URL): number {
  return Math.min(Number(url.searchParams.get("per_page") ?? 1000), 1000);
}

function refused(): Answer {
  const description = "The access token provided is expired, revoked, malformed or invalid for other reasons.";
  return { status: 401, body: { error: "invalid_token", error_description: description } };
}
