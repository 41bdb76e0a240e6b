/**
 * Jobs of Bulk API 2.0, for pulls that a query would take long for:
 * https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm
 *
 *     create ─► poll, until it has found everything ─► pages by locator, which stay as they are ─► delete
 */
import type { JsonObject } from "../../../matching/machine.ts";
import type { SourcePage } from "../connector.ts";
import { type CsvRow, csvRows } from "./csv-rows.ts";
import type { SourceAnswer, SourceClient } from "./source-client.ts";

/** A job as the cursor has it. */
export interface BulkCursor {
  readonly job: string;
  /** How often it was asked for in vain. */
  readonly polls?: number | undefined;
  /** Of the next page. Absent: the first one. */
  readonly locator?: string | undefined;
  readonly stage: "prepares" | "gives" | "is read";
  /** Records of a page. */
  readonly limit: number;
  /** What is no text in the answers of a query, by type: a job gives nothing but texts. */
  readonly types: BulkTypes;
}

/** Names of fields. */
export type BulkTypes = Readonly<Partial<Record<"boolean" | "number" | "time", readonly string[]>>>;

/** Asks Salesforce below `/services/data/VERSION/`, or where a path that begins with a slash leads. */
export type CallSalesforce = (path: string, more?: SalesforceCall) => Promise<SourceAnswer>;

export interface SalesforceCall {
  readonly method?: "POST" | "DELETE";
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const POLL_MS_FIRST = 2_000;
const POLL_MS_MAX = 60_000;

export async function createJob(
  client: SourceClient,
  call: CallSalesforce,
  {
    query,
    withDeleted,
    ...kept
  }: { readonly query: string; readonly withDeleted: boolean } & Pick<BulkCursor, "limit" | "types">,
): Promise<SourcePage> {
  const answer = await call("jobs/query", {
    method: "POST",
    json: { operation: withDeleted ? "queryAll" : "query", query, contentType: "CSV", lineEnding: "LF" },
  });
  const { id } = answer.object();
  if (typeof id !== "string") throw client.error("DATA", "Salesforce answered without a job");
  return waiting({ job: id, stage: "prepares", ...kept });
}

/** Reads on in a job. */
export async function readJob(client: SourceClient, call: CallSalesforce, cursor: BulkCursor): Promise<SourcePage> {
  switch (cursor.stage) {
    case "prepares":
      return prepare(client, call, cursor);
    case "gives":
      return readResults(client, call, cursor);
    case "is read":
      await deleteJob(call, cursor.job);
      return { records: [] };
  }
}

async function prepare(client: SourceClient, call: CallSalesforce, cursor: BulkCursor): Promise<SourcePage> {
  const answer = await call(`jobs/query/${encodeURIComponent(cursor.job)}`);
  const { state, errorMessage = "" } = answer.object();
  switch (state) {
    case "JobComplete":
      return { records: [], next: { cursor: { ...cursor, stage: "gives" } satisfies BulkCursor } };
    case "Failed":
    case "Aborted":
      throw client.error("REQUEST", `Salesforce's job ${cursor.job} is ${state}: ${String(errorMessage)}`);
    default:
      return waiting({ ...cursor, polls: (cursor.polls ?? 0) + 1 });
  }
}

function waiting(cursor: BulkCursor): SourcePage {
  const waitMs = Math.min(POLL_MS_FIRST * 2 ** (cursor.polls ?? 0), POLL_MS_MAX);
  return { records: [], next: { cursor, waitMs } };
}

async function readResults(client: SourceClient, call: CallSalesforce, cursor: BulkCursor): Promise<SourcePage> {
  const locator = cursor.locator === undefined ? "" : `&locator=${encodeURIComponent(cursor.locator)}`;
  const path = `jobs/query/${encodeURIComponent(cursor.job)}/results?maxRecords=${cursor.limit}${locator}`;
  const { headers, bytes } = await call(path, { headers: { accept: "text/csv" } });
  const [names = [], ...rows] = await csvRows(bytes, [""]).catch((error: Error) => {
    throw client.error("DATA", `Salesforce answered with what is no CSV: ${error.message}`);
  });
  const count = headers.get("sforce-numberofrecords");
  if (count !== null && Number(count) !== rows.length) {
    throw client.error("UNAVAILABLE", `Salesforce gave ${rows.length} of ${count} records`);
  }
  const next = headers.get("sforce-locator");
  const isLast = next === null || next === "null";
  const readOn: BulkCursor = isLast ? { ...cursor, stage: "is read" } : { ...cursor, locator: next };
  const read = typeReader(names, cursor.types);
  const size = Math.floor(bytes.length / Math.max(1, rows.length));
  return {
    records: rows.map((row) => ({ fields: read(row), bytes: size })),
    next: { cursor: readOn, ...(isLast && AFTERWARDS) },
  };
}

/** A job is deleted once its records are handed on, not while they are: a process that ends in between would ask for them again. */
const AFTERWARDS = { waitMs: 0 };

/** A job that is not there any more is as good as deleted. */
async function deleteJob(call: CallSalesforce, job: string): Promise<void> {
  try {
    await call(`jobs/query/${encodeURIComponent(job)}`, { method: "DELETE" });
  } catch {
    // Salesforce deletes it after seven days itself; the run has what it wanted.
  }
}

/** Makes of a row what a query would have given. */
function typeReader(names: CsvRow, types: BulkTypes): (row: CsvRow) => JsonObject {
  const typeOf = new Map(
    Object.entries(types).flatMap(([type, fields]) => fields.map((name) => [name.toLowerCase(), type] as const)),
  );
  const columns = names.map((name) => ({
    path: (name ?? "").split("."),
    type: typeOf.get((name ?? "").toLowerCase()),
  }));
  return (row) => {
    const fields: Record<string, unknown> = {};
    for (const [place, { path, type }] of columns.entries()) {
      const text = row[place] ?? null;
      put(fields, path, text === null ? null : typed(text, type));
    }
    return fields;
  };
}

function typed(text: string, type: string | undefined): unknown {
  switch (type) {
    case "boolean":
      return text === "true";
    case "number":
      return Number.isNaN(Number(text)) ? text : Number(text);
    case "time":
      // `2024-06-10T15:04:05.000Z` here, `2024-06-10T15:04:05.000+0000` there.
      return text.replace(/Z$/, "+0000");
    default:
      return text;
  }
}

/** `Account.Name` is the name of the account, as a query has it. */
function put(fields: Record<string, unknown>, [name = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    fields[name] = value;
    return;
  }
  fields[name] ??= {};
  put(fields[name] as Record<string, unknown>, rest, value);
}
