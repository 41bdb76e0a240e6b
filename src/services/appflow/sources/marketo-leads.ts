/**
 * Leads of Marketo, by bulk extract: https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/bulk-extract/bulk-lead-extract
 *
 *     a slice of the window ─► export is created ─► enqueued ─► runs, for minutes ─► its file, piece by piece ─► the next slice
 *
 * An export is of at most 31 days, so a window is cut into slices.
 */
import type { JsonObject } from "../../../matching/machine.ts";
import type { SourcePage, SourceRecord, SourceRequest } from "../connector.ts";
import { csvRows, wholeRowsEnd } from "./csv-rows.ts";
import { isObject, type SourceAnswer, type SourceClient } from "./source-client.ts";

/** Asks Marketo below the address of the profile. */
export type CallMarketo = (path: string, more?: MarketoCall) => Promise<SourceAnswer>;

export interface MarketoCall {
  readonly method?: "POST";
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LeadsCursor {
  /** The slice begins here, and the last one ends at `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the slice. Absent: it is to be created. */
  readonly export?: Export | undefined;
  /** Exports of the slice that failed. */
  readonly failures?: number | undefined;
}

type Export =
  | { readonly id: string; readonly stage: "created" | "runs" }
  /** `at`: where the next piece begins. */
  | { readonly id: string; readonly stage: "file"; readonly at: number; readonly bytes: number };

/** At most 31 days, both ends included. */
const SLICE_MS = 30 * 24 * 60 * 60 * 1000;
/** Marketo looks at its exports once a minute. */
const POLL_MS = 60_000;
/** After these the next one is the third. */
const FAILURES_MAX = 2;
/** Of a piece of the file; more where a row is longer than that. */
const PIECE_BYTES = 512 * 1024;
const PIECE_BYTES_MAX = 16 * 1024 ** 2;
/** The names of some thousand fields. */
const HEADER_BYTES = 128 * 1024;

/** `sinceMs`: before it there are no leads. */
export async function readLeads(
  client: SourceClient,
  call: CallMarketo,
  request: SourceRequest,
  cursor: LeadsCursor | undefined,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): Promise<SourcePage> {
  const { window } = request;
  const here = cursor ?? { fromMs: window?.fromMs ?? sinceMs, toMs: window?.toMs ?? nowMs };
  return new LeadsReader(client, call, request).read(here);
}

class LeadsReader {
  readonly #client: SourceClient;
  readonly #call: CallMarketo;
  readonly #wanted: readonly string[] | undefined;
  readonly #timeField: "createdAt" | "updatedAt";

  constructor(client: SourceClient, call: CallMarketo, { fields, window }: SourceRequest) {
    this.#client = client;
    this.#call = call;
    this.#wanted = fields;
    // All leads were created once, whether or not anybody has changed them.
    const field = window ? (window.field ?? "updatedAt") : "createdAt";
    if (field !== "createdAt" && field !== "updatedAt") {
      throw client.error("REQUEST", `Marketo's leads are read by createdAt or updatedAt, and not by ${field}`);
    }
    this.#timeField = field;
  }

  read(cursor: LeadsCursor): Promise<SourcePage> {
    const { export: running } = cursor;
    switch (running?.stage) {
      case undefined:
        return this.#create(cursor);
      case "created":
        return this.#enqueue(cursor, running.id);
      case "runs":
        return this.#poll(cursor, running.id);
      case "file":
        return this.#readPiece(cursor, running);
    }
  }

  async #create(cursor: LeadsCursor): Promise<SourcePage> {
    const { fromMs, toMs } = cursor;
    if (fromMs >= toMs) return { records: [] };
    const fields = this.#wanted ?? (await this.#describe());
    const answer = await this.#call("/bulk/v1/leads/export/create.json", {
      method: "POST",
      json: {
        fields: [...new Set([...fields, this.#timeField])],
        format: "CSV",
        filter: { [this.#timeField]: { startAt: secondOf(fromMs), endAt: secondOf(sliceEndMs(cursor)) } },
      },
    });
    return turn({ ...cursor, export: { id: this.#exportOf(answer).exportId, stage: "created" } });
  }

  /** One that was enqueued before the server was ended is not enqueued again. */
  async #enqueue(cursor: LeadsCursor, id: string): Promise<SourcePage> {
    const { status } = await this.#status(id);
    if (status === "Created") await this.#call(`${exportPath(id)}/enqueue.json`, { method: "POST" });
    return turn({ ...cursor, export: { id, stage: "runs" } }, POLL_MS);
  }

  async #poll(cursor: LeadsCursor, id: string): Promise<SourcePage> {
    const { status, fileSize, numberOfRecords } = await this.#status(id);
    switch (status) {
      case "Completed":
        if (numberOfRecords === 0 || fileSize === 0) return turn(nextSlice(cursor));
        return turn({ ...cursor, export: { id, stage: "file", at: 0, bytes: fileSize } });
      case "Failed":
      case "Cancelled":
        return this.#again(cursor, `Marketo's export ${id} is ${status}`);
      default:
        return turn(cursor, POLL_MS);
    }
  }

  /** What failed has to be created anew. */
  #again({ fromMs, toMs, failures = 0 }: LeadsCursor, reason: string): SourcePage {
    if (failures >= FAILURES_MAX) throw this.#client.error("REQUEST", `${reason}, for the third time`);
    return turn({ fromMs, toMs, failures: failures + 1 }, POLL_MS);
  }

  async #readPiece(cursor: LeadsCursor, file: Extract<Export, { stage: "file" }>): Promise<SourcePage> {
    const { id, at, bytes } = file;
    const piece = await this.#wholeRows(file);
    const header = at === 0 ? Buffer.alloc(0) : await this.#header(file);
    const [names = [], ...rows] = await csvRows(Buffer.concat([header, piece]), ["", "null"]).catch((error: Error) => {
      throw this.#client.error("DATA", `Marketo answered with what is no CSV: ${error.message}`);
    });
    const size = Math.floor(piece.length / Math.max(1, rows.length));
    const endMs = sliceEndMs(cursor);
    const records = rows.flatMap((row): SourceRecord | readonly SourceRecord[] => {
      const fields = Object.fromEntries(names.map((name, place) => [name ?? "", row[place] ?? null]));
      // The end of a slice is in it for Marketo, and not for us.
      if (Date.parse(String(fields[this.#timeField])) >= endMs) return [];
      return { fields: this.#shown(fields), bytes: size };
    });
    const next = at + piece.length;
    const turned = next < bytes ? turn({ ...cursor, export: { ...file, id, at: next } }) : turn(nextSlice(cursor));
    return { ...turned, records };
  }

  #shown(fields: JsonObject): JsonObject {
    if (!this.#wanted || this.#wanted.includes(this.#timeField)) return fields;
    const { [this.#timeField]: _, ...shown } = fields;
    return shown;
  }

  /** The next piece of a file, up to the last row in it that is whole. */
  async #wholeRows(file: Extract<Export, { stage: "file" }>): Promise<Buffer> {
    for (let size = PIECE_BYTES; size <= PIECE_BYTES_MAX; size *= 4) {
      const piece = await this.#bytes(file, file.at, size);
      if (file.at + piece.length >= file.bytes) return piece;
      const end = wholeRowsEnd(piece);
      if (end > 0) return piece.subarray(0, end);
    }
    throw this.#client.error("DATA", `Marketo's export ${file.id} has a row of more than ${PIECE_BYTES_MAX} bytes`);
  }

  async #header(file: Extract<Export, { stage: "file" }>): Promise<Buffer> {
    const beginning = await this.#bytes(file, 0, HEADER_BYTES);
    const end = beginning.indexOf("\n") + 1;
    return beginning.subarray(0, end);
  }

  async #bytes({ id, bytes }: Extract<Export, { stage: "file" }>, from: number, size: number): Promise<Buffer> {
    const to = Math.min(from + size, bytes);
    const answer = await this.#call(`${exportPath(id)}/file.json`, {
      headers: { accept: "text/csv", range: `bytes=${from}-${to - 1}` },
    });
    const piece = answer.status === 206 ? answer.bytes : answer.bytes.subarray(from, to);
    if (piece.length === to - from) return piece;
    throw this.#client.error("UNAVAILABLE", `Marketo gave ${piece.length} bytes of an export in place of ${to - from}`);
  }

  async #status(id: string): Promise<ExportStatus> {
    return this.#exportOf(await this.#call(`${exportPath(id)}/status.json`));
  }

  #exportOf(answer: SourceAnswer): ExportStatus {
    const [said] = answer.list("result");
    const { exportId, status, fileSize, numberOfRecords } = said ?? {};
    if (typeof exportId !== "string") throw this.#client.error("DATA", "Marketo answered without an export");
    return { exportId, status, fileSize: Number(fileSize ?? 0), numberOfRecords: Number(numberOfRecords ?? 0) };
  }

  /** https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/lead-database/leads */
  async #describe(): Promise<readonly string[]> {
    const answer = await this.#call("/rest/v1/leads/describe.json");
    const names = answer.list("result").map(({ rest }) => (isObject(rest) ? rest.name : undefined));
    return names.filter((name) => typeof name === "string");
  }
}

interface ExportStatus {
  readonly exportId: string;
  readonly status: unknown;
  readonly fileSize: number;
  readonly numberOfRecords: number;
}

function exportPath(id: string): string {
  return `/bulk/v1/leads/export/${encodeURIComponent(id)}`;
}

function turn(cursor: LeadsCursor, waitMs?: number): SourcePage {
  return { records: [], next: { cursor, waitMs } };
}

function nextSlice(cursor: LeadsCursor): LeadsCursor {
  return { fromMs: sliceEndMs(cursor), toMs: cursor.toMs };
}

function sliceEndMs({ fromMs, toMs }: LeadsCursor): number {
  return Math.min(fromMs + SLICE_MS, toMs);
}

/** Without milliseconds, as Marketo wants it: the next whole second, at both ends. */
function secondOf(ms: number): string {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
