/**
 * Salesforce, by its REST API: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm
 *
 *     query ─► few records: pages by `nextRecordsUrl` ─► …
 *           └► many: a job of Bulk API 2.0 (`salesforce-bulk.ts`)
 *
 * A page that was handed on in part is not asked for again, since records that have changed meanwhile may have left it: a new query goes on behind
 * the last record. So it does too where Salesforce has forgotten the old query.
 */
import type { JsonObject } from "../../../matching/machine.ts";
import { type Connector, SourceError, type SourcePage, type SourceRecord, type SourceRequest } from "../connector.ts";
import type { SalesforceProfile } from "../connector-profile.ts";
import { isSafe } from "../profile-file.ts";
import { Secret } from "../secret.ts";
import { askForToken, tokenAccess } from "./access-token.ts";
import { profileFor } from "./profile-for.ts";
import { type BulkCursor, type BulkTypes, createJob, readJob, type SalesforceCall } from "./salesforce-bulk.ts";
import {
  DEFAULT_WINDOW_FIELD,
  type SoqlPlace,
  type SoqlQuery,
  soql,
  soqlMs,
  soqlName,
  soqlWithoutOrder,
} from "./salesforce-query.ts";
import { fieldOf, shaped } from "./salesforce-record.ts";
import {
  type Access,
  type Complaint,
  type Dialect,
  isObject,
  type SourceAnswer,
  SourceClient,
  SourceRefusal,
} from "./source-client.ts";

/** Of a page, which then has about 1 MiB. Salesforce gives 200 to 2,000 records in one. */
const PAGE_VALUES = 50_000;
const PAGE_RECORDS_MIN = 200;
const PAGE_RECORDS_MAX = 2_000;
/** Salesforce takes addresses of 16,384 bytes. A longer query goes into the body of a job. */
const QUERY_CHARACTERS_MAX = 12_000;

type Cursor =
  /** The page at this path, or what is behind `after` where Salesforce has forgotten it. */
  { readonly path: string; readonly after: SoqlPlace } | { readonly after: SoqlPlace } | BulkCursor;

export const salesforce: Connector = {
  type: "Salesforce",
  async read({ wall }, request) {
    const profile = profileFor(request, "Salesforce");
    const { signal, cursor } = request;
    using client = new SourceClient({ wall, signal, profile, dialect, access: accessOf(profile) });
    return await new SalesforceReader(client, profile, request).read(cursor as Cursor | undefined);
  },
};

class SalesforceReader {
  readonly #client: SourceClient;
  readonly #profile: SalesforceProfile;
  readonly #request: SourceRequest;
  readonly #object: string;
  /** Absent: all that there are. */
  readonly #wanted: readonly string[] | undefined;
  /** What tells a record's place in the order of a query. */
  readonly #placed: readonly string[];
  /** Fields of those that nobody wants to see. */
  readonly #hidden: ReadonlySet<string>;

  constructor(client: SourceClient, profile: SalesforceProfile, request: SourceRequest) {
    const { properties, fields, window } = request;
    this.#client = client;
    this.#profile = profile;
    this.#request = request;
    this.#object = soqlName(properties.Object ?? "");
    this.#wanted = properties.EnableDynamicFieldUpdate ? undefined : fields;
    this.#placed = window ? ["Id", window.field ?? DEFAULT_WINDOW_FIELD] : ["Id"];
    const wanted = new Set(this.#wanted?.map((name) => name.toLowerCase()));
    const hidden = this.#placed.map((name) => name.toLowerCase()).filter((name) => this.#wanted && !wanted.has(name));
    this.#hidden = new Set(hidden);
  }

  async read(cursor: Cursor | undefined): Promise<SourcePage> {
    if (cursor === undefined) return this.#query(undefined);
    if ("job" in cursor) return this.#readJob(cursor);
    if (!("path" in cursor)) return this.#query(cursor.after);
    try {
      return this.#pageOf(await this.#call(cursor.path), cursor.after);
    } catch (error) {
      if (isRefusal(error, "INVALID_QUERY_LOCATOR")) return this.#query(cursor.after);
      throw error;
    }
  }

  async #query(after: SoqlPlace | undefined): Promise<SourcePage> {
    const described = this.#wanted === undefined ? await this.#describe() : undefined;
    const query: SoqlQuery = {
      object: this.#object,
      fields: withoutRepeats([...this.#placed, ...(described?.keys() ?? this.#wanted?.map(selectable) ?? [])]),
      window: this.#request.window,
      after,
    };
    const text = soql(query);
    if (text.length > QUERY_CHARACTERS_MAX) return this.#startJob(query, described);
    const answer = await this.#call(`${this.#isWithDeleted ? "queryAll" : "query"}?q=${encodeURIComponent(text)}`, {
      headers: { "sforce-query-options": `batchSize=${pageRecords(query)}` },
    });
    const { totalSize } = answer.object();
    if (Number(totalSize) <= this.#profile.settings.bulkAbove) return this.#pageOf(answer, after);
    try {
      return await this.#startJob(query, described);
    } catch (error) {
      // Some objects and some kinds of fields cannot be had by a job.
      if (error instanceof SourceRefusal && error.code === "REQUEST") return this.#pageOf(answer, after);
      throw error;
    }
  }

  /** `before`: the place that the page is behind. */
  #pageOf(answer: SourceAnswer, before: SoqlPlace | undefined): SourcePage {
    const records = answer.list("records");
    const { nextRecordsUrl: next } = answer.object();
    const bytes = Math.floor(answer.bytes.length / Math.max(1, records.length));
    const page: SourceRecord[] = [];
    let place = before;
    for (const record of records) {
      place = this.#placeOf(record, place);
      page.push({ fields: shaped(record, this.#hidden), bytes, after: { after: place } satisfies Cursor });
    }
    if (typeof next !== "string" || !place) return { records: page };
    return { records: page, next: { cursor: { path: next, after: place } satisfies Cursor } };
  }

  /** A record's place in the order of the query; that of the one before where it has changed since and has left the window. */
  #placeOf(record: JsonObject, before: SoqlPlace | undefined): SoqlPlace {
    const [id, at] = this.#placed.map((name) => fieldOf(record, name));
    const { window } = this.#request;
    if (typeof id !== "string") throw this.#client.error("DATA", "Salesforce answered with a record without Id");
    if (!window) return { id };
    if (typeof at !== "string") {
      throw this.#client.error("DATA", `Salesforce answered with a record without ${this.#placed[1]}`);
    }
    return before && soqlMs(at) >= window.toMs ? before : { id, at };
  }

  async #startJob(query: SoqlQuery, described: Described | undefined): Promise<SourcePage> {
    const types = typesOf(described ?? (await this.#describe()), query.fields);
    return createJob(this.#client, this.#call, {
      query: soqlWithoutOrder(query),
      withDeleted: this.#isWithDeleted,
      limit: pageRecords(query),
      types,
    });
  }

  async #readJob(cursor: BulkCursor): Promise<SourcePage> {
    const { records, ...rest } = await readJob(this.#client, this.#call, cursor);
    const page = records.map((record) =>
      "fields" in record ? { ...record, fields: shaped(record.fields, this.#hidden) } : record,
    );
    return { ...rest, records: page };
  }

  get #isWithDeleted(): boolean {
    return this.#request.properties.IncludeDeletedRecords === true;
  }

  /** All fields that a query and a job can be asked for: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm */
  async #describe(): Promise<Described> {
    const fields = (await this.#call(`sobjects/${this.#object}/describe`)).list("fields");
    const types = fields.map(({ name, type }) => [String(name), String(type)] as const);
    return new Map(types.filter(([, type]) => !["address", "location", "base64"].includes(type)));
  }

  readonly #call = (
    path: string,
    { method = undefined, json, headers }: SalesforceCall = {},
  ): Promise<SourceAnswer> => {
    const { instanceUrl, apiVersion } = this.#profile.settings;
    return this.#client.call((baseUrl = instanceUrl) => {
      const base = new URL(baseUrl);
      const root = base.pathname.replace(/\/$/, "");
      const full = path.startsWith("/") ? path : `${root}/services/data/${apiVersion}/${path}`;
      return {
        ...(method && { method }),
        url: new URL(`${base.origin}${full}`),
        headers: { ...headers, ...(json !== undefined && { "content-type": "application/json" }) },
        ...(json !== undefined && { body: JSON.stringify(json) }),
      };
    });
  };
}

/** Types by the names of fields. */
type Described = ReadonlyMap<string, string>;

/** A part of an address is asked for with the whole. */
function selectable(name: string): string {
  return name.replace(/^(\w*Address(?:__c)?)\..*$/, "$1");
}

/** Salesforce refuses a name that it is given twice, in whatever case. */
function withoutRepeats(names: readonly string[]): readonly string[] {
  const known = names.map((name) => name.toLowerCase());
  return names.filter((name, place) => known.indexOf(name.toLowerCase()) === place);
}

function pageRecords({ fields }: SoqlQuery): number {
  return Math.min(Math.max(Math.floor(PAGE_VALUES / fields.length), PAGE_RECORDS_MIN), PAGE_RECORDS_MAX);
}

const BULK_TYPES: Readonly<Record<string, keyof BulkTypes>> = {
  boolean: "boolean",
  int: "number",
  long: "number",
  double: "number",
  currency: "number",
  percent: "number",
  datetime: "time",
};

function typesOf(described: Described, names: readonly string[]): BulkTypes {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const ofType = (kept: keyof BulkTypes): readonly string[] =>
    [...described].flatMap(([name, type]) => (BULK_TYPES[type] === kept && wanted.has(name.toLowerCase()) ? name : []));
  return { boolean: ofType("boolean"), number: ofType("number"), time: ofType("time") };
}

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
const dialect: Dialect = {
  vendor: "Salesforce",
  complaint: complaintOf,
  meaning({ status, complaint }) {
    switch (complaint?.code) {
      case "INVALID_SESSION_ID":
        return "token refused";
      case "REQUEST_LIMIT_EXCEEDED":
        return "LIMIT";
      case "QUERY_TIMEOUT":
      case "SERVER_UNAVAILABLE":
        return "UNAVAILABLE";
      default:
        return status === 420 ? "UNAVAILABLE" : undefined;
    }
  },
};

/** A list of errors, or one as OAuth has it. */
function complaintOf(body: unknown): Complaint | undefined {
  const [first] = Array.isArray(body) ? body : [body];
  if (!isObject(first)) return undefined;
  const { errorCode, message, error, error_description: description } = first;
  const code = errorCode ?? error;
  return { code: typeof code === "string" ? code : undefined, message: String(message ?? description ?? "") };
}

function isRefusal(error: unknown, code: string): boolean {
  return error instanceof SourceRefusal && error.vendorCode === code;
}

/** Refresh tokens that took the place of the one in the profile, where Salesforce is told to rotate them. */
const rotated = new WeakMap<SalesforceProfile, Secret>();

/**
 * Client credentials, or the refresh token of a user who has let us in:
 * https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm
 * https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_refresh_token_flow.htm
 */
function accessOf(profile: SalesforceProfile): Access {
  const { instanceUrl, clientId, clientSecret, refreshToken } = profile.settings;
  return tokenAccess(profile, async (client) => {
    const refresh = (rotated.get(profile) ?? refreshToken)?.reveal();
    if (refresh !== undefined) client.hide(refresh);
    const { grant, said } = await askForToken(client, new URL(`${instanceUrl}/services/oauth2/token`), {
      grant_type: refresh === undefined ? "client_credentials" : "refresh_token",
      client_id: clientId,
      client_secret: clientSecret.reveal(),
      refresh_token: refresh,
    });
    if (typeof said.refresh_token === "string") rotated.set(profile, new Secret(said.refresh_token));
    return { ...grant, baseUrl: instanceOf(said.instance_url) };
  });
}

/** Where the API is. It may be elsewhere than where tokens are given. */
function instanceOf(said: unknown): string | undefined {
  if (said === undefined) return undefined;
  const url = typeof said === "string" && URL.canParse(said) ? new URL(said) : undefined;
  if (url && isSafe(url)) return url.href.replace(/\/$/, "");
  throw new SourceError("DATA", "Salesforce gives an instance_url that is no address with https");
}
