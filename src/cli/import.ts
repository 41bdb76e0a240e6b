import { createReadStream, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "csv-parse";
import { ConfigError } from "../config.ts";
import { SystemWallClock } from "../time/clock.ts";
import { connectTo } from "./api.ts";
import { readTarget, type Target } from "./client.ts";
import { printable } from "./printable.ts";

/** Objects of one request: the most that BatchPutProfileObject takes. */
const BATCH_SIZE = 10;

/** Requests on their way at once: enough that the server always has work. */
const IN_FLIGHT = 16;

/** How often the place is written down from which an interrupted import goes on. */
const SAVE_MS = 1000;

/** Failures that are shown; all are counted. */
const SHOWN_FAILURES = 20;

/** How fast it goes is shown in wall time. */
const wall = new SystemWallClock();

/** Attempts at a request that nobody answers, or that the server could not take. */
const ATTEMPTS = 5;
const PAUSE_MS = 500;

/**
 * `trunkline import FILE --domain D --type T`: puts the rows of a file into a domain of Customer Profiles. Interrupted, it goes on where it was:
 * what was put is written down beside the file, and to put an object once more changes nothing.
 */
export async function importProfiles(args: readonly string[]): Promise<number> {
  const target = readTarget("import", args);
  const [file] = target.names;
  if (file === undefined || target.names.length > 1) throw new ConfigError("import takes one file");
  const { domain, type, format } = target.flags;
  if (typeof domain !== "string" || typeof type !== "string") throw new ConfigError("import needs --domain and --type");
  const place = new Place(file, domain, type);
  if (target.flags.restart) place.forget();
  const rows = rowsOf(file, typeof format === "string" ? format : undefined);
  return new Import(target, { domain, type }, place).run(rows);
}

/** One object of the file. */
interface Row {
  /** From 1: of rows, not of lines. */
  readonly number: number;
  /** JSON. */
  readonly text: string;
}

interface Into {
  readonly domain: string;
  readonly type: string;
}

class Import {
  readonly #send: (rows: readonly Row[]) => Promise<readonly Failure[]>;
  readonly #place: Place;
  #put = 0;
  #failed = 0;
  readonly #startedMs = wall.monotonicMs();
  #shownMs = 0;

  constructor(target: Target, into: Into, place: Place) {
    const api = connectTo(target);
    this.#send = (rows) => putRows(api, into, rows);
    this.#place = place;
  }

  async run(rows: AsyncIterable<Row>): Promise<number> {
    const flying = new Set<Promise<void>>();
    let trouble: unknown;
    const begin = (batch: readonly Row[]): void => {
      const sent = this.#sendBatch(batch)
        .catch((error: unknown) => {
          trouble ??= error;
        })
        .finally(() => flying.delete(sent));
      flying.add(sent);
    };
    let batch: Row[] = [];
    for await (const row of rows) {
      if (trouble !== undefined) break;
      if (row.number <= this.#place.done) continue;
      batch.push(row);
      if (batch.length < BATCH_SIZE) continue;
      begin(batch);
      batch = [];
      if (flying.size >= IN_FLIGHT) await Promise.race(flying);
    }
    if (batch.length > 0 && trouble === undefined) begin(batch);
    await Promise.all(flying);
    if (trouble !== undefined) {
      this.#place.save();
      throw trouble;
    }
    this.#place.forget();
    this.#show(true);
    return this.#failed === 0 ? 0 : 1;
  }

  async #sendBatch(batch: readonly Row[]): Promise<void> {
    const failures = await this.#send(batch);
    for (const { row, message } of failures) {
      this.#failed += 1;
      if (this.#failed <= SHOWN_FAILURES) console.error(printable(`row ${row}: ${message}`));
    }
    this.#put += batch.length - failures.length;
    this.#place.passed(batch);
    this.#show(false);
  }

  #show(isDone: boolean): void {
    const nowMs = wall.monotonicMs();
    if (!isDone && (!process.stderr.isTTY || nowMs - this.#shownMs < 200)) return;
    this.#shownMs = nowMs;
    const seconds = Math.max(0.001, (nowMs - this.#startedMs) / 1000);
    const line = `${this.#put} objects put, ${this.#failed} refused, ${Math.round(this.#put / seconds)} a second`;
    if (isDone) console.log(line);
    else process.stderr.write(`\r${line}\r`);
  }
}

interface Failure {
  readonly row: number;
  readonly message: string;
}

async function putRows(
  api: ReturnType<typeof connectTo>,
  { domain, type }: Into,
  rows: readonly Row[],
): Promise<readonly Failure[]> {
  const body = {
    ObjectTypeName: type,
    Items: rows.map(({ number, text }) => ({ Id: String(number), Object: text })),
  };
  const path = `/domains/${encodeURIComponent(domain)}/profiles/objects/batch-put-profile-object`;
  for (let attempt = 1; ; attempt++) {
    const answer = await api({ service: "profile", method: "PUT", path, body }).catch((error: Error) => error);
    if (!(answer instanceof Error) && answer.status === 200) {
      const { Failed = [] } = answer.body as { Failed?: { Id: string; Message?: string }[] };
      return Failed.map(({ Id, Message = "" }) => ({ row: Number(Id), message: Message }));
    }
    const isPassing = answer instanceof Error || answer.status === 429 || answer.status >= 500;
    if (!isPassing || attempt === ATTEMPTS) {
      const { Message } = (answer instanceof Error ? {} : answer.body) as { Message?: string };
      throw new ConfigError(
        Message ?? (answer instanceof Error ? answer.message : `the server answered ${answer.status}`),
      );
    }
    // The wall clock's timers would let the process end meanwhile.
    await sleep(PAUSE_MS * attempt);
  }
}

/** Which rows are done, as far as the next import needs to know: all up to one. */
class Place {
  /** All rows up to this one are done. */
  done = 0;
  readonly #path: string;
  /** Tells the file from another one of its name. */
  readonly #file: string;
  /** Done, and behind one that is not. */
  readonly #ahead = new Set<number>();
  #savedMs = wall.monotonicMs();

  constructor(file: string, domain: string, type: string) {
    const { size, mtimeMs } = fileStatus(file);
    this.#file = `${size} ${mtimeMs}`;
    this.#path = `${file}.${domain}.${type}.import`;
    if (!existsSync(this.#path)) return;
    const saved = JSON.parse(readFileSync(this.#path, "utf8")) as { file?: string; done?: number };
    if (saved.file === this.#file) this.done = saved.done ?? 0;
    if (this.done > 0) console.error(`going on behind row ${this.done}, where an earlier import ended`);
  }

  passed(rows: readonly Row[]): void {
    for (const { number } of rows) this.#ahead.add(number);
    while (this.#ahead.delete(this.done + 1)) this.done += 1;
    if (wall.monotonicMs() - this.#savedMs >= SAVE_MS) this.save();
  }

  save(): void {
    this.#savedMs = wall.monotonicMs();
    const text = JSON.stringify({ file: this.#file, done: this.done });
    writeFileSync(`${this.#path}.new`, text);
    renameSync(`${this.#path}.new`, this.#path);
  }

  forget(): void {
    this.done = 0;
    rmSync(this.#path, { force: true });
  }
}

function fileStatus(file: string): { size: number; mtimeMs: number } {
  try {
    return statSync(file);
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** By the file's name, unless `format` says it. */
function rowsOf(file: string, format = file.toLowerCase().endsWith(".csv") ? "csv" : "jsonl"): AsyncIterable<Row> {
  if (format === "csv") return csvRows(file);
  if (format === "jsonl") return jsonRows(file);
  throw new ConfigError(`--format: ${format} is neither csv nor jsonl`);
}

/** An object a line; empty lines are none. */
async function* jsonRows(file: string): AsyncGenerator<Row> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    const text = line.trim();
    if (text !== "") yield { number: ++number, text };
  }
}

/** The first line has the names of the members; all values are texts. */
async function* csvRows(file: string): AsyncGenerator<Row> {
  const parser = createReadStream(file).pipe(parse({ columns: true, bom: true, skip_empty_lines: true }));
  let number = 0;
  try {
    for await (const row of parser) yield { number: ++number, text: JSON.stringify(row) };
  } catch (error) {
    throw new ConfigError(`${file}: ${(error as Error).message}`);
  }
}
