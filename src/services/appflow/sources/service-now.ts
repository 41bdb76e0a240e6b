/**
 * ServiceNow, by its Table API: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html
 *
 * Records come in the order of the field that the window is of, and of their ids, and each page is asked for behind the last record that was read. So
 * it costs the same however far on it is, and misses nothing where records change meanwhile, as one that is counted off (`sysparm_offset`) would.
 */
import type { JsonObject } from "../../../matching/machine.ts";
import { type Connector, SourceError, type SourcePage, type SourceRecord, type SourceRequest } from "../connector.ts";
import type { ServiceNowProfile } from "../connector-profile.ts";
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

/** Of a page, which then has about 1 MiB. */
const PAGE_VALUES = 25_000;
const PAGE_RECORDS_MIN = 100;
const PAGE_RECORDS_MAX = 1_000;
/** Fields of a record of which all are read; tables have some 70 to 150. */
const FIELDS = 120;

const DEFAULT_WINDOW_FIELD = "sys_updated_on";

interface Cursor {
  /** The place of the last record that was read. Absent: at the beginning. */
  readonly after?: Place | undefined;
  /** Behind that place, records that were not shown: those that the user may not see. */
  readonly offset?: number | undefined;
}

interface Place {
  readonly id: string;
  /** The value of the window's field, where there is a window. */
  readonly at?: string | undefined;
}

export const serviceNow: Connector = {
  type: "Servicenow",
  async read({ wall }, request) {
    const profile = profileFor(request, "Servicenow");
    const { signal, cursor = {} } = request;
    using client = new SourceClient({ wall, signal, profile, dialect, access: accessOf(profile) });
    return await new TableReader(client, profile, request).read(cursor as Cursor);
  },
};

class TableReader {
  readonly #client: SourceClient;
  readonly #baseUrl: string;
  readonly #request: SourceRequest;
  readonly #table: string;
  readonly #windowField: string | undefined;
  readonly #limit: number;

  constructor(client: SourceClient, { settings }: ServiceNowProfile, request: SourceRequest) {
    const { properties, window, fields } = request;
    this.#client = client;
    this.#baseUrl = settings.baseUrl;
    this.#request = request;
    this.#table = checkedName(properties.Object ?? "");
    this.#windowField = window && checkedName(window.field ?? DEFAULT_WINDOW_FIELD);
    const records = Math.floor(PAGE_VALUES / (fields?.length ?? FIELDS));
    this.#limit = Math.min(Math.max(records, PAGE_RECORDS_MIN), PAGE_RECORDS_MAX);
  }

  async read(cursor: Cursor): Promise<SourcePage> {
    const answer = await this.#ask(cursor);
    if (!answer) return { records: [] };
    const result = answer.list("result");
    const bytes = Math.floor(answer.bytes.length / Math.max(1, result.length));
    const records = result.map((record): SourceRecord => {
      const after: Cursor = { after: this.#placeOf(record) };
      return { fields: this.#shown(record), bytes, after };
    });
    // A page is short where the user may not see some of its records, so its length does not tell.
    const isLast = !hasNext(answer.headers) && result.length < this.#limit;
    if (isLast) return { records };
    const next = records.at(-1)?.after ?? { ...cursor, offset: (cursor.offset ?? 0) + this.#limit };
    return { records, next: { cursor: next } };
  }

  /** `undefined`: there are none; older releases say so with 404. */
  async #ask({ after, offset }: Cursor): Promise<SourceAnswer | undefined> {
    const url = new URL(`${this.#baseUrl}/api/now/table/${this.#table}`);
    const { searchParams } = url;
    searchParams.set("sysparm_query", this.#query(after));
    searchParams.set("sysparm_limit", String(this.#limit));
    if (offset !== undefined) searchParams.set("sysparm_offset", String(offset));
    const { fields } = this.#request;
    const asked = fields && new Set([...fields, ...this.#placed]);
    if (asked) searchParams.set("sysparm_fields", [...asked].map(checkedName).join(","));
    try {
      return await this.#client.call(() => ({ url }));
    } catch (error) {
      if (error instanceof SourceRefusal && error.vendorCode === "No Record found") return undefined;
      throw error;
    }
  }

  /** An encoded query: https://servicenow.github.io/sdk/guides/encoded-query-guide */
  #query(after: Place | undefined): string {
    const { window } = this.#request;
    const field = this.#windowField;
    const order = [...this.#placed].toReversed().map((name) => `ORDERBY${name}`);
    if (!window || field === undefined) return [...(after ? [`sys_id>${after.id}`] : []), ...order].join("^");
    const from = after?.at ?? (window.fromMs === undefined ? undefined : wholeSecond(window.fromMs));
    return [
      ...(from === undefined ? [] : [`${field}>=${from}`]),
      `${field}<${wholeSecond(window.toMs)}`,
      // An OR is of the conditions beside it alone.
      ...(after?.at === undefined ? [] : [`${field}>${after.at}^ORsys_id>${after.id}`]),
      ...order,
    ].join("^");
  }

  /** What tells a record's place. */
  get #placed(): readonly string[] {
    return this.#windowField === undefined ? ["sys_id"] : ["sys_id", this.#windowField];
  }

  #placeOf(record: JsonObject): Place {
    const { sys_id: id } = record;
    if (typeof id !== "string" || !/^\w+$/.test(id)) {
      throw this.#client.error("DATA", "ServiceNow answered with a record without sys_id");
    }
    const { window } = this.#request;
    const field = this.#windowField;
    if (!window || field === undefined) return { id };
    const at = record[field];
    const ms = typeof at === "string" ? Date.parse(`${at.replace(" ", "T")}Z`) : Number.NaN;
    // ServiceNow leaves out what it does not understand of a query, and would give the whole table each time.
    if (
      typeof at !== "string" ||
      Number.isNaN(ms) ||
      ms >= window.toMs ||
      ms < Math.floor((window.fromMs ?? 0) / 1000) * 1000
    ) {
      throw this.#client.error(
        "REQUEST",
        `ServiceNow does not go by ${field} of ${this.#table}: is it a field with a time?`,
      );
    }
    return { id, at };
  }

  #shown(record: JsonObject): JsonObject {
    const { fields } = this.#request;
    if (!fields) return record;
    const hidden = this.#placed.filter((name) => !fields.includes(name));
    return Object.fromEntries(Object.entries(record).filter(([name]) => !hidden.includes(name)));
  }
}

/** Names of tables and fields, paths over references (`caller_id.email`) included. Throws `SourceError`. */
function checkedName(name: string): string {
  if (/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(name)) return name;
  throw new SourceError("REQUEST", `${name.slice(0, 100)} is no name of a table or a field of ServiceNow`);
}

/**
 * Times of ServiceNow are whole seconds, in UTC: both ends of a window go up to the next one, so that what is before the one end is not after the
 * other.
 */
function wholeSecond(ms: number): string {
  return new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** https://www.rfc-editor.org/rfc/rfc8288 */
function hasNext(headers: Headers): boolean {
  return /;\s*rel="?next"?/i.test(headers.get("link") ?? "");
}

const dialect: Dialect = {
  vendor: "ServiceNow",
  complainsInside: true,
  complaint: complaintOf,
  meaning({ status, complaint }) {
    // Records, and behind them that the rest took too long.
    return status === 200 && complaint ? "UNAVAILABLE" : undefined;
  },
};

function complaintOf(body: unknown): Complaint | undefined {
  if (!isObject(body)) return undefined;
  const { error, error_description: description } = body;
  if (typeof error === "string") return { code: error, message: String(description ?? "") };
  if (!isObject(error)) return undefined;
  const { message, detail } = error;
  return { code: String(message ?? ""), message: String(detail ?? "") };
}

/** Basic authentication, or a token by OAuth 2.0: https://www.servicenow.com/docs/r/platform-security/authentication/c_OAuthApplications.html */
function accessOf(profile: ServiceNowProfile): Access {
  const { baseUrl, access } = profile.settings;
  if (access.kind === "basic") return fixedAccess(basicAuthorization(access.user, access.password.reveal()));
  const { clientId, clientSecret, refreshToken, user, password } = access;
  const grantType = refreshToken ? "refresh_token" : user === undefined ? "client_credentials" : "password";
  return tokenAccess(profile, async (client) => {
    const { grant } = await askForToken(client, new URL(`${baseUrl}/oauth_token.do`), {
      grant_type: grantType,
      client_id: clientId,
      client_secret: clientSecret.reveal(),
      refresh_token: refreshToken?.reveal(),
      username: user,
      password: password?.reveal(),
    });
    return grant;
  });
}
