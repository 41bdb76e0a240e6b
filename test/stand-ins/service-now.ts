/**
 * ServiceNow's Table API, as far as a flow asks it. Written from:
 *
 * - Table API, GET /now/table/{tableName} (ServiceNow API Reference)
 * - Encoded Queries (ServiceNow SDK guides, encoded-query-guide), on the precedence of ^OR
 * - Inbound REST API rate limiting; OAuth 2.0 token endpoint `oauth_token.do`
 */
import { type Answer, type Asked, formOf, StandIn } from "./stand-in.ts";

type Row = Readonly<Record<string, unknown>>;

export class ServiceNowStandIn extends StandIn {
  readonly tables: Map<string, Row[]> = new Map();
  readonly user = "integration.user";
  readonly password = "password-of-the-harbour";
  readonly clientId = "client-of-the-harbour";
  readonly clientSecret = "secret-of-the-harbour";
  readonly refreshToken = "refresh-of-the-harbour";
  /** What an access control hides from the user: they are taken out of pages that are made already. */
  hidden: (row: Row) => boolean = () => false;
  /** As older releases do. */
  answers404WhereNothingIsFound = false;

  protected isForToken({ url }: Asked): boolean {
    return url.pathname === "/oauth_token.do";
  }

  protected answer(asked: Asked): Answer {
    const { url, headers } = asked;
    if (this.isForToken(asked)) return this.#token(formOf(asked));
    const basic = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString("base64")}`;
    if (headers.authorization !== basic && !this.isLetIn(asked)) {
      return failure(401, "User Not Authenticated", "Required to provide Auth information");
    }
    const [, table = ""] = /^\/api\/now\/table\/(\w+)$/.exec(url.pathname) ?? [];
    const rows = this.tables.get(table);
    return rows ? this.#page(rows, url) : failure(400, `Invalid table ${table}`, null);
  }

  #token(form: Readonly<Record<string, string>>): Answer {
    const isRight =
      form.client_id === this.clientId &&
      form.client_secret === this.clientSecret &&
      (form.grant_type === "client_credentials" ||
        (form.grant_type === "password" && form.username === this.user && form.password === this.password) ||
        (form.grant_type === "refresh_token" && form.refresh_token === this.refreshToken));
    if (!isRight) return { status: 401, body: { error: "server_error", error_description: "access_denied" } };
    return { body: { access_token: this.newToken(), scope: "useraccount", token_type: "Bearer", expires_in: 1799 } };
  }

  #page(rows: readonly Row[], url: URL): Answer {
    const { searchParams } = url;
    const found = select(rows, searchParams.get("sysparm_query") ?? "");
    const offset = Number(searchParams.get("sysparm_offset") ?? 0);
    const limit = Number(searchParams.get("sysparm_limit") ?? 10_000);
    if (found.length === 0 && this.answers404WhereNothingIsFound) {
      return failure(404, "No Record found", "Records matching query not found");
    }
    const next = new URL(url);
    next.searchParams.set("sysparm_offset", String(offset + limit));
    const links = offset + limit < found.length ? { link: `<${url}>;rel="first",<${next}>;rel="next"` } : {};
    const fields = searchParams.get("sysparm_fields")?.split(",");
    const result = found
      .slice(offset, offset + limit)
      .filter((row) => !this.hidden(row))
      // A field that the table does not have is left out.
      .map((row) => (fields ? Object.fromEntries(fields.filter((it) => it in row).map((it) => [it, row[it]])) : row));
    return { headers: { ...links, "x-total-count": String(found.length) }, body: { result } };
  }
}

/** Rows that an encoded query finds, in its order. Conditions on fields that are not there are ignored. */
function select(rows: readonly Row[], query: string): Row[] {
  const parts = query.split("^").filter((part) => part !== "");
  const order = parts.flatMap((part) => (part.startsWith("ORDERBY") ? part.slice(7) : []));
  const groups: string[][] = [];
  for (const part of parts.filter((it) => !it.startsWith("ORDERBY"))) {
    if (part.startsWith("OR")) groups.at(-1)?.push(part.slice(2));
    else groups.push([part]);
  }
  const found = rows.filter((row) => groups.every((any) => any.some((condition) => holds(row, condition))));
  return found.sort((one, other) => {
    for (const field of order) {
      const [a, b] = [String(one[field] ?? ""), String(other[field] ?? "")];
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  });
}

function holds(row: Row, condition: string): boolean {
  const [, field = "", sign, value = ""] = /^([\w.]+)(>=|<=|!=|=|>|<)(.*)$/s.exec(condition) ?? [];
  if (!(field in row)) return true;
  const own = String(row[field]);
  switch (sign) {
    case ">=":
      return own >= value;
    case "<=":
      return own <= value;
    case ">":
      return own > value;
    case "<":
      return own < value;
    default:
      return own === value;
  }
}

function failure(status: number, message: string, detail: string | null): Answer {
  return { status, body: { error: { message, detail }, status: "failure" } };
}
