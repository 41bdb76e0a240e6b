/**
 * Salesforce's REST API and Bulk API 2.0, as far as a flow asks them. Written from:
 *
 * - OAuth 2.0 Client Credentials Flow, OAuth 2.0 Refresh Token Flow (Salesforce Help, remoteaccess_oauth_…)
 * - REST API Developer Guide: Query, QueryAll, sObject Describe, Query Options Header, Status Codes and Error Responses
 * - Bulk API 2.0 Developer Guide: Create a Query Job, Get Information About a Query Job, Get Results for a Query Job, Delete a Query Job
 */

import { inOrder, MalformedQuery, parseSoql, type Row, type Soql, valueAt } from "./soql.ts";
import { type Answer, type Asked, csvOf, formOf, StandIn } from "./stand-in.ts";

export interface SObject {
  fields: { name: string; type: string }[];
  rows: Row[];
}

interface OpenQuery {
  readonly soql: Soql;
  /** What it has found, in its order. */
  readonly ids: readonly string[];
  readonly batch: number;
}

interface Job {
  readonly soql: Soql;
  readonly rows: readonly Row[];
  /** How often it answers that it is not ready yet. */
  pollsLeft: number;
}

const API = "/services/data/v60.0";

export class SalesforceStandIn extends StandIn {
  readonly objects: Map<string, SObject> = new Map();
  readonly clientId = "client-of-the-harbour";
  readonly clientSecret = "secret-of-the-harbour";
  /** Whose refresh tokens are good. */
  readonly refreshTokens: Set<string> = new Set();
  /** Calls before the daily limit is reached. */
  callsLeft: number = Number.POSITIVE_INFINITY;
  /** Records of a page, whatever is asked for: Salesforce may give fewer. */
  batchMax = 2000;
  /** Polls in vain before a job is done. */
  jobPolls = 2;
  /** What a new job says instead of finding something. */
  jobFailure: string | undefined;
  readonly #queries = new Map<string, OpenQuery>();
  readonly jobs: Map<string, Job> = new Map();
  #count = 0;

  /** Forgets all queries, as Salesforce does after some time. */
  forgetQueries(): void {
    this.#queries.clear();
  }

  protected isForToken({ url }: Asked): boolean {
    return url.pathname === "/services/oauth2/token";
  }

  protected answer(asked: Asked): Answer {
    const { method, url } = asked;
    if (this.isForToken(asked)) return this.#token(formOf(asked));
    if (!this.isLetIn(asked)) return error(401, "INVALID_SESSION_ID", "Session expired or invalid");
    if (this.callsLeft <= 0) return error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    this.callsLeft -= 1;
    const path = url.pathname.startsWith(`${API}/`) ? url.pathname.slice(API.length + 1) : "";
    const [root = "", kind = "", id = "", part] = path.split("/");
    try {
      switch (`${method} ${root}`) {
        case "GET query":
        case "GET queryAll":
          return kind ? this.#more(kind) : this.#query(asked, root === "queryAll");
        case "GET sobjects":
          return this.#describe(kind);
        case "POST jobs":
          return this.#createJob(asked);
        case "GET jobs":
          return part === "results" ? this.#results(id, url) : this.#jobInfo(id);
        case "DELETE jobs":
          return this.jobs.delete(id) ? { status: 204 } : notFound();
        default:
          return notFound();
      }
    } catch (failure) {
      if (failure instanceof MalformedQuery) return error(400, "MALFORMED_QUERY", failure.message);
      if (failure instanceof Refused) return error(400, failure.code, failure.message);
      throw failure;
    }
  }

  #token(form: Readonly<Record<string, string>>): Answer {
    if (form.client_id !== this.clientId) return oAuthError("invalid_client_id", "client identifier invalid");
    if (form.client_secret !== this.clientSecret) return oAuthError("invalid_client", "invalid client credentials");
    const isRefresh = form.grant_type === "refresh_token";
    if (isRefresh && !this.refreshTokens.has(form.refresh_token ?? "")) {
      return oAuthError("invalid_grant", "expired access/refresh token");
    }
    if (!isRefresh && form.grant_type !== "client_credentials") {
      return oAuthError("unsupported_grant_type", "grant type not supported");
    }
    const token = this.newToken();
    return {
      body: {
        access_token: token,
        signature: "c2lnbmF0dXJl",
        instance_url: this.url,
        id: `${this.url}/id/00Dxx0000000001/005xx0000000001`,
        token_type: "Bearer",
        issued_at: "1718031845217",
      },
    };
  }

  #query(asked: Asked, withDeleted: boolean): Answer {
    const text = asked.url.searchParams.get("q") ?? "";
    const soql = this.#checked(text);
    const ids = this.#found(soql, withDeleted).map(({ Id }) => String(Id));
    const batch = Number(/batchSize=(\d+)/.exec(String(asked.headers["sforce-query-options"] ?? ""))?.[1] ?? 2000);
    this.#count += 1;
    const locator = `01gxx${String(this.#count).padStart(10, "0")}`;
    this.#queries.set(locator, { soql, ids, batch: Math.min(Math.max(batch, 200), this.batchMax) });
    return this.#page(locator, 0);
  }

  #more(locatorAndPlace: string): Answer {
    const [, locator = "", place = ""] = /^(.+)-(\d+)$/.exec(locatorAndPlace) ?? [];
    if (!this.#queries.has(locator)) return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    return this.#page(locator, Number(place));
  }

  #page(locator: string, from: number): Answer {
    const { soql, ids, batch } = this.#queries.get(locator) as OpenQuery;
    const rows = new Map(this.#object(soql.object).rows.map((row) => [row.Id, row]));
    const records = ids.slice(from, from + batch).flatMap((id) => {
      const row = rows.get(id);
      return row ? this.#record(soql, row) : [];
    });
    const next = from + batch;
    const isDone = next >= ids.length;
    return {
      headers: { "sforce-limit-info": "api-usage=18/5000" },
      body: {
        totalSize: ids.length,
        done: isDone,
        ...(!isDone && { nextRecordsUrl: `${API}/query/${locator}-${next}` }),
        records,
      },
    };
  }

  #record({ object, fields }: Soql, row: Row): Row {
    const record: Record<string, unknown> = {
      attributes: { type: object, url: `${API}/sobjects/${object}/${String(row.Id)}` },
    };
    for (const path of fields) {
      const [head = "", ...rest] = path.split(".");
      const name = this.#nameOf(object, head);
      const value = valueAt(row, path) ?? null;
      if (rest.length === 0) record[name] = value;
      else record[name] = { attributes: { type: name }, [rest.join(".")]: value };
    }
    return record;
  }

  #found({ object, where, order }: Soql, withDeleted: boolean): Row[] {
    const rows = this.#object(object).rows.filter((row) => withDeleted || row.IsDeleted !== true);
    return inOrder(rows.filter(where), order);
  }

  #checked(text: string): Soql {
    const soql = parseSoql(text);
    const names = soql.fields.map((name) => name.toLowerCase());
    const twice = names.find((name, place) => names.indexOf(name) !== place);
    if (twice !== undefined) throw new Refused("INVALID_FIELD", `duplicate field selected: ${twice}`);
    for (const field of [...soql.fields, ...soql.order]) this.#nameOf(soql.object, field.split(".")[0] ?? "");
    return soql;
  }

  #object(name: string): SObject {
    const object = this.objects.get(name);
    if (object) return object;
    throw new Refused("INVALID_TYPE", `sObject type '${name}' is not supported.`);
  }

  #nameOf(object: string, field: string): string {
    const found = this.#object(object).fields.find(({ name }) => name.toLowerCase() === field.toLowerCase());
    if (found) return found.name;
    throw new Refused(
      "INVALID_FIELD",
      `No such column '${field}' on entity '${object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.`,
    );
  }

  #describe(name: string): Answer {
    const object = this.objects.get(name);
    return object ? { body: { name, queryable: true, fields: object.fields } } : notFound();
  }

  #createJob({ body }: Asked): Answer {
    const { operation, query } = JSON.parse(body) as { operation: string; query: string };
    const soql = this.#checked(query);
    const compound = soql.fields.find((field) => {
      const type = this.#object(soql.object).fields.find(({ name }) => name === field)?.type ?? "";
      return ["address", "location"].includes(type);
    });
    if (compound) throw new Refused("INVALIDENTITY", "Selecting compound data not supported in Bulk Query");
    this.#count += 1;
    const id = `750xx${String(this.#count).padStart(10, "0")}`;
    this.jobs.set(id, { soql, rows: this.#found(soql, operation === "queryAll"), pollsLeft: this.jobPolls });
    return {
      body: { id, operation, object: soql.object, state: "UploadComplete", contentType: "CSV", lineEnding: "LF" },
    };
  }

  #jobInfo(id: string): Answer {
    const job = this.jobs.get(id);
    if (!job) return notFound();
    if (this.jobFailure !== undefined) return { body: { id, state: "Failed", errorMessage: this.jobFailure } };
    const state = job.pollsLeft > 0 ? "InProgress" : "JobComplete";
    job.pollsLeft -= 1;
    return { body: { id, state, numberRecordsProcessed: job.rows.length } };
  }

  #results(id: string, url: URL): Answer {
    const job = this.jobs.get(id);
    if (!job) return notFound();
    const from = Number(Buffer.from(url.searchParams.get("locator") ?? "", "base64").toString() || 0);
    const limit = Number(url.searchParams.get("maxRecords") ?? 50_000);
    const rows = job.rows.slice(from, from + limit);
    const next = from + limit < job.rows.length ? Buffer.from(String(from + limit)).toString("base64") : "null";
    const { fields } = job.soql;
    const cell = (row: Row, field: string): unknown => {
      const value = valueAt(row, field);
      return typeof value === "string" ? value.replace(/\+0000$/, "Z") : value;
    };
    return {
      headers: { "sforce-locator": next, "sforce-numberofrecords": String(rows.length) },
      body: csvOf(
        fields,
        rows.map((row) => fields.map((field) => cell(row, field))),
      ),
    };
  }
}

class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

function error(status: number, errorCode: string, message: string): Answer {
  return { status, body: [{ message, errorCode }] };
}

function notFound(): Answer {
  return error(404, "NOT_FOUND", "The requested resource does not exist");
}

function oAuthError(name: string, description: string): Answer {
  return { status: 400, body: { error: name, error_description: description } };
}
