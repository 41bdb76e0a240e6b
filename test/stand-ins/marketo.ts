/**
 * Marketo's identity, REST and bulk extract APIs, as far as a flow asks them. Written from (Marketo Engage Developer Guide):
 *
 * - Authentication; Error Codes (errors come with status 200); Paging Tokens
 * - Bulk Extract, Bulk Lead Extract: filters of at most 31 days, Create, Enqueue, Get Export Lead Job Status, Get Export Lead File with `Range`
 * - Leads (Describe), Activities, Static Lists
 */
import { type Answer, type Asked, StandIn } from "./stand-in.ts";

type Row = Readonly<Record<string, unknown>>;

interface Export {
  readonly fields: readonly string[];
  readonly filter: Readonly<Record<string, { readonly startAt: string; readonly endAt: string }>>;
  status: "Created" | "Queued" | "Processing" | "Completed" | "Failed";
  file: Buffer;
  records: number;
}

const DAYS_MAX_MS = 31 * 24 * 60 * 60 * 1000;

export class MarketoStandIn extends StandIn {
  readonly clientId = "client-of-the-harbour";
  readonly clientSecret = "secret-of-the-harbour";
  readonly leads: Row[] = [];
  /** Names of the fields of leads. */
  readonly fields: string[] = ["id", "email", "firstName", "note", "createdAt", "updatedAt"];
  readonly activities: Row[] = [];
  readonly activityTypes: number[] = [];
  readonly lists: Row[] = [];
  readonly exports: Map<string, Export> = new Map();
  /** The next exports fail. */
  failures = 0;
  #count = 0;

  protected isForToken({ url }: Asked): boolean {
    return url.pathname === "/identity/oauth/token";
  }

  protected answer(asked: Asked): Answer {
    const { method, url } = asked;
    if (this.isForToken(asked)) return this.#token(url.searchParams);
    if (!this.isLetIn(asked)) return error("602", "Access token expired");
    const [, id = "", act = ""] = /^\/bulk\/v1\/leads\/export\/([\w-]+)\/(\w+)\.json$/.exec(url.pathname) ?? [];
    switch (`${method} ${id ? act : url.pathname}`) {
      case "POST /bulk/v1/leads/export/create.json":
        return this.#create(JSON.parse(asked.body));
      case "POST enqueue":
        return this.#enqueue(id);
      case "GET status":
        return this.#status(id);
      case "GET file":
        return this.#file(id, asked.headers.range);
      case "GET /rest/v1/leads/describe.json":
        return result(this.fields.map((name, place) => ({ id: place, dataType: "string", rest: { name } })));
      case "GET /rest/v1/activities/types.json":
        return result(this.activityTypes.map((type) => ({ id: type, name: `Type ${type}` })));
      case "GET /rest/v1/activities/pagingtoken.json":
        return {
          body: {
            requestId: "1",
            success: true,
            nextPageToken: tokenOf({ since: url.searchParams.get("sinceDatetime") }),
          },
        };
      case "GET /rest/v1/activities.json":
        return this.#activities(url.searchParams);
      case "GET /rest/v1/lists.json":
        return this.#lists(url.searchParams);
      default:
        return error("610", "Requested resource not found");
    }
  }

  #token(form: URLSearchParams): Answer {
    const isRight = form.get("client_id") === this.clientId && form.get("client_secret") === this.clientSecret;
    if (!isRight || form.get("grant_type") !== "client_credentials") {
      return { status: 401, body: { error: "unauthorized", error_description: "Bad client credentials" } };
    }
    return {
      body: { access_token: `${this.newToken()}:int`, token_type: "bearer", expires_in: 3599, scope: "a@b.example" },
    };
  }

  protected override isLetIn(asked: Asked): boolean {
    const authorization = asked.headers.authorization?.replace(/:int$/, "");
    return super.isLetIn({ ...asked, headers: { ...asked.headers, ...(authorization && { authorization }) } });
  }

  #create({ fields, filter }: Pick<Export, "fields" | "filter">): Answer {
    const [[name = "", range] = []] = Object.entries(filter);
    const unknown = fields.find((field) => !this.fields.includes(field));
    if (unknown) return error("1006", `Field '${unknown}' not found`);
    if (name !== "createdAt" && name !== "updatedAt")
      return error("1035", "Unsupported filter type for target subscription");
    if (!range || Date.parse(range.endAt) - Date.parse(range.startAt) > DAYS_MAX_MS) {
      return error("1003", "Date range must not exceed 31 days");
    }
    this.#count += 1;
    const id = `ce45a7a1-f19d-4ce2-882c-${String(this.#count).padStart(12, "0")}`;
    this.exports.set(id, { fields, filter, status: "Created", file: Buffer.alloc(0), records: 0 });
    return this.#status(id);
  }

  #enqueue(id: string): Answer {
    const found = this.exports.get(id);
    if (!found) return error("610", "Requested resource not found");
    if (found.status !== "Created") return error("1003", "Job is not in Created state");
    found.status = "Queued";
    return this.#told(id, found);
  }

  /** Each look at a job brings it on. */
  #status(id: string): Answer {
    const found = this.exports.get(id);
    if (!found) return error("610", "Requested resource not found");
    const answer = this.#told(id, found);
    if (found.status === "Queued") found.status = "Processing";
    else if (found.status === "Processing") this.#complete(found);
    return answer;
  }

  #complete(job: Export): void {
    if (this.failures > 0) {
      this.failures -= 1;
      job.status = "Failed";
      return;
    }
    const [[name = "", range] = []] = Object.entries(job.filter);
    const found = this.leads.filter((lead) => {
      const ms = Date.parse(String(lead[name]));
      return ms >= Date.parse(range?.startAt ?? "") && ms <= Date.parse(range?.endAt ?? "");
    });
    const rows = [job.fields, ...found.map((lead) => job.fields.map((field) => lead[field]))];
    job.file = Buffer.from(rows.map((row) => `${row.map(cell).join(",")}\n`).join(""));
    job.records = found.length;
    job.status = "Completed";
  }

  #told(id: string, { status, file, records }: Export): Answer {
    const done = status === "Completed" && {
      fileSize: file.length,
      numberOfRecords: records,
      fileChecksum: "sha256:…",
    };
    return result([{ exportId: id, status, format: "CSV", createdAt: "2026-06-10T00:00:00Z", ...done }]);
  }

  #file(id: string, range = ""): Answer {
    const found = this.exports.get(id);
    if (found?.status !== "Completed") return error("610", "Requested resource not found");
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
    const piece = found.file.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
    return { status: range ? 206 : 200, headers: { "content-type": "text/csv" }, body: piece };
  }

  #activities(query: URLSearchParams): Answer {
    const { since, place = 0 } = JSON.parse(Buffer.from(query.get("nextPageToken") ?? "", "base64url").toString());
    const types = new Set((query.get("activityTypeIds") ?? "").split(",").map(Number));
    if (types.size > 10) return error("1003", "activityTypeIds: at most 10");
    const found = this.activities.filter(({ activityTypeId, activityDate }) => {
      return types.has(Number(activityTypeId)) && Date.parse(String(activityDate)) > Date.parse(since);
    });
    const next = place + Number(query.get("batchSize"));
    const page = found.slice(place, next);
    return {
      body: {
        requestId: "1",
        success: true,
        nextPageToken: tokenOf({ since, place: next }),
        moreResult: next < found.length,
        ...(page.length > 0 && { result: page }),
      },
    };
  }

  #lists(query: URLSearchParams): Answer {
    const { place = 0 } = JSON.parse(Buffer.from(query.get("nextPageToken") ?? "e30", "base64url").toString());
    const next = place + Number(query.get("batchSize"));
    const more = next < this.lists.length && { nextPageToken: tokenOf({ place: next }) };
    return { body: { requestId: "1", success: true, result: this.lists.slice(place, next), ...more } };
  }
}

function tokenOf(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** What has no value is written as `null`. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "null";
  const text = String(value);
  return /[",\n]|^null$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function result(rows: readonly object[]): Answer {
  return { body: { requestId: "d01f#15d672f8560", success: true, result: rows } };
}

function error(code: string, message: string): Answer {
  return { body: { requestId: "e42b#14272d07d78", success: false, errors: [{ code, message }] } };
}
