/**
 * Reads the objects of a bucket, in the order of their keys: CSV with a header, JSON Lines, JSON and Parquet, also packed with gzip. What cannot be read
 * is a record that says so, and reading goes on behind it, or with the next object.
 *
 * A page is of one object, which the cursor names together with the version of its bytes, so that the same cursor gives the same records whatever
 * happens in the bucket: first those that come next are looked up, and then each is read from its beginning to its end.
 */
import { ModeledError } from "../../../models/modeled-error.ts";
import { type BucketFile, type BucketFiles, OutsideS3Error } from "../../s3/index.ts";
import type { Platform } from "../../service.ts";
import { type Connector, SourceError, type SourcePage, type SourceRequest } from "../connector.ts";
import { flowBucket } from "./flow-bucket.ts";
import { type ObjectBytes, plainBytes, ReplacedError, readPart, UnpackedBytes } from "./object-bytes.ts";
import { isParquet, ParquetReader } from "./parquet-reader.ts";
import { readText, type TextPlace } from "./text-records.ts";
import { keepWarm, takeWarm } from "./warm-readers.ts";

/** Objects that are looked up at once: the cursor, which is written often, holds them. */
const FILES_PER_LOOK = 8;
const LISTED = 1_000;
/** Listings in a row in which nothing is wanted, after which the place is noted. */
const LISTINGS_MAX = 20;

/** Where reading goes on. */
interface S3Cursor {
  /** As they were looked up; the first one is being read. */
  readonly files: readonly BucketFile[];
  /** The key behind which the next are looked for, or how many of the keys that were asked for have been looked up. */
  readonly behind?: string | number | undefined;
  /** All have been looked up. */
  readonly isLast?: true | undefined;
  /** Within the first of `files`. */
  readonly place?: Place | undefined;
}

type Place = { readonly row: number } | (TextPlace & { readonly isPacked?: true | undefined });

export const s3Connector: Connector = {
  type: "S3",
  async read(platform, request) {
    const cursor = (request.cursor as S3Cursor | undefined) ?? { files: [] };
    try {
      const files = flowBucket(platform, request);
      const [file] = cursor.files;
      return file ? await readFile(platform, request, files, cursor, file) : await lookUp(request, files, cursor);
    } catch (error) {
      throw sourceErrorOf(error, request);
    }
  },
  progress(cursor) {
    const { files, place } = cursor as S3Cursor;
    const [file] = files;
    if (!file) return undefined;
    if (!place) return file.key;
    if ("row" in place) return `${file.key}, row ${place.row}`;
    return `${file.key}, byte ${place.at}${place.isPacked ? " unpacked" : ` of ${file.size}`}`;
  },
};

/** Looks up the objects that come next. */
async function lookUp(request: SourceRequest, files: BucketFiles, cursor: S3Cursor): Promise<SourcePage> {
  if (cursor.isLast) return { records: [] };
  const found = request.keys
    ? await findKeys(request.keys, request, files, cursor)
    : await list(request, files, cursor);
  if (found.files.length === 0 && found.isLast) return { records: [] };
  return { records: [], next: { cursor: found } };
}

async function list(request: SourceRequest, files: BucketFiles, { behind }: S3Cursor): Promise<S3Cursor> {
  const prefix = request.properties.BucketPrefix ?? "";
  let after = typeof behind === "string" ? behind : undefined;
  for (let count = 0; count < LISTINGS_MAX; count++) {
    const page = await files.list({ prefix, after, limit: LISTED }, request.signal);
    const wanted = page.files.filter((file) => isWanted(file, request)).slice(0, FILES_PER_LOOK);
    const last = wanted.at(-1);
    if (last && wanted.length === FILES_PER_LOOK) return { files: wanted, behind: last.key };
    if (page.next === undefined) return { files: wanted, isLast: true };
    if (last) return { files: wanted, behind: page.next };
    after = page.next;
  }
  return { files: [], behind: after };
}

async function findKeys(
  keys: readonly string[],
  { signal }: SourceRequest,
  files: BucketFiles,
  { behind }: S3Cursor,
): Promise<S3Cursor> {
  const start = typeof behind === "number" ? behind : 0;
  const next = keys.slice(start, start + FILES_PER_LOOK);
  const found = await Promise.all(next.map((key) => files.find(key, signal)));
  const end = start + next.length;
  return {
    // What is gone since it was stored is not missed.
    files: found.flatMap((file) => (file && file.size > 0 ? [file] : [])),
    behind: end,
    ...(end >= keys.length && { isLast: true }),
  };
}

/** Folders, which some tools make as objects, and empty objects have no records. */
function isWanted({ key, size, modifiedMs }: BucketFile, { window }: SourceRequest): boolean {
  if (size === 0 || key.endsWith("/")) return false;
  return window === undefined || (modifiedMs >= (window.fromMs ?? 0) && modifiedMs < window.toMs);
}

async function readFile(
  platform: Platform,
  request: SourceRequest,
  files: BucketFiles,
  cursor: S3Cursor,
  file: BucketFile,
): Promise<SourcePage> {
  try {
    const place = cursor.place ?? (await beginningOf(files, file, request.signal));
    const page = await readPage(platform, request, { files, file, place });
    return { records: page.records, next: { cursor: { ...cursor, ...behindPage(cursor, page.place) } } };
  } catch (error) {
    if (!(error instanceof ReplacedError)) throw error;
    return { records: [], next: { cursor: { ...cursor, ...(await replaced(request, files, cursor, file)) } } };
  }
}

function behindPage({ files }: S3Cursor, place: Place | undefined): Pick<S3Cursor, "files" | "place"> {
  return { files: place ? files : files.slice(1), place };
}

/**
 * What takes the place of an object that was replaced while it was read: the new one, from its beginning, where the run has to read that. A run for certain
 * objects does not: the new one has a run of its own.
 */
async function replaced(
  request: SourceRequest,
  files: BucketFiles,
  cursor: S3Cursor,
  { key }: BucketFile,
): Promise<Pick<S3Cursor, "files" | "place">> {
  const now = request.keys ? undefined : await files.find(key, request.signal);
  const rest = cursor.files.slice(1);
  return { files: now && isWanted(now, request) ? [now, ...rest] : rest, place: undefined };
}

interface Reading {
  readonly files: BucketFiles;
  readonly file: BucketFile;
  readonly place: Place;
}

interface FilePage {
  readonly records: SourcePage["records"];
  readonly place: Place | undefined;
}

async function beginningOf(files: BucketFiles, file: BucketFile, signal: AbortSignal): Promise<Place> {
  const beginning = await readPart(files, file, { from: 0, length: Math.min(4, file.size) }, signal);
  if (isParquet(beginning)) return { row: 0 };
  const isPacked = beginning[0] === 0x1f && beginning[1] === 0x8b;
  return { at: 0, ...(isPacked && { isPacked }) };
}

async function readPage(platform: Platform, request: SourceRequest, reading: Reading): Promise<FilePage> {
  const { files, file, place } = reading;
  if ("row" in place) {
    const open = () => new ParquetReader(platform.wall, files, file);
    const page = await withWarm(platform, request, reading, open, (reader) => reader.read(place.row, request.signal));
    return { records: page.records, place: page.next === undefined ? undefined : { row: page.next } };
  }
  const read = (bytes: ObjectBytes) => readText(file.key, bytes, place, request.signal);
  const page = place.isPacked
    ? await withWarm(platform, request, reading, () => new UnpackedBytes(files, file), read)
    : await read(plainBytes(files, file));
  return { records: page.records, place: page.next && { ...page.next, isPacked: place.isPacked } };
}

/** Reads with a reader that is kept for the next page, where there is one. */
async function withWarm<Reader extends { close(): void }, Page extends { readonly next?: unknown }>(
  platform: Platform,
  { account, properties }: SourceRequest,
  { file }: Reading,
  open: () => Reader,
  read: (reader: Reader) => Promise<Page>,
): Promise<Page> {
  const id = JSON.stringify([account, properties.BucketName, file.key, file.version]);
  const reader = takeWarm<Reader>(platform, id) ?? open();
  try {
    const page = await read(reader);
    if (page.next === undefined) reader.close();
    else keepWarm(platform, id, reader);
    return page;
  } catch (error) {
    reader.close();
    throw error;
  }
}

/** What a bucket says, in the terms of sources. */
function sourceErrorOf(error: unknown, { properties }: SourceRequest): unknown {
  const bucket = `Bucket ${properties.BucketName}`;
  if (error instanceof ModeledError) {
    return new SourceError(error.name === "AccessDenied" ? "AUTH" : "REQUEST", `${bucket}: ${error.message}`);
  }
  if (error instanceof OutsideS3Error) return new SourceError(codeOf(error.status), `${bucket}: ${error.message}`);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") return new SourceError("REQUEST", `${bucket}: its folder is not there`);
  if (code === "EACCES" || code === "EPERM") return new SourceError("AUTH", `${bucket}: its folder may not be read`);
  return error;
}

function codeOf(status: number | undefined): SourceError["code"] {
  if (status === undefined || (status >= 500 && status !== 503)) return "UNAVAILABLE";
  if (status === 401 || status === 403) return "AUTH";
  return status === 429 || status === 503 ? "LIMIT" : "REQUEST";
}
