import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { temporaryFolder } from "../../../../test/server.ts";
import { SystemWallClock } from "../../../time/clock.ts";
import type { Platform } from "../../service.ts";
import { SourceError, type SourceRecord, type SourceRequest } from "../connector.ts";
import { s3Connector } from "./s3-connector.ts";
import { closeWarm } from "./warm-readers.ts";

type Content = string | Uint8Array;
type Request = Partial<Omit<SourceRequest, "properties">> & { readonly prefix?: string };

/** Nobody waits longer than a second: what never ends is told after that. */
class ImpatientWallClock extends SystemWallClock {
  override after(delayMs: number, callback: () => void): Disposable {
    return super.after(Math.min(delayMs, 1000), callback);
  }
}

/** A bucket that lies in a folder. */
class Bucket {
  readonly folder: string = temporaryFolder();
  readonly platform: Platform;

  constructor(files: Readonly<Record<string, Content>> = {}, wall: SystemWallClock = new SystemWallClock()) {
    const buckets = new Map([["exports", { folder: this.folder }]]);
    const connectorProfiles = [{ name: "depot", account: "000000000000", connector: "S3", settings: { buckets } }];
    this.platform = { store: {}, wall, connectorProfiles } as unknown as Platform;
    for (const [key, content] of Object.entries(files)) this.put(key, content);
  }

  put(key: string, content: Content): void {
    mkdirSync(dirname(join(this.folder, key)), { recursive: true });
    writeFileSync(join(this.folder, key), content);
  }

  request({ prefix, ...given }: Request): SourceRequest {
    return {
      account: "000000000000",
      region: "us-east-1",
      properties: { BucketName: "exports", BucketPrefix: prefix },
      signal: new AbortController().signal,
      ...given,
    };
  }

  /** All records, page by page, each page asked for twice, the second time as after a restart. */
  async read(
    given: Request = {},
    { betweenPages = () => {} }: { betweenPages?: () => void } = {},
  ): Promise<SourceRecord[]> {
    const records: SourceRecord[] = [];
    let cursor: unknown;
    for (let pages = 0; pages < 1000; pages++) {
      const request = this.request({ ...given, cursor });
      const page = await s3Connector.read(this.platform, request);
      closeWarm(this.platform);
      const again = await s3Connector.read(this.platform, request);
      assert(isDeepStrictEqual(again, page), "The same cursor gives the same page");
      records.push(...page.records);
      if (!page.next) return records;
      cursor = JSON.parse(JSON.stringify(page.next.cursor));
      betweenPages();
    }
    assert.fail("It never ends");
  }
}

/** What was read, without places of what was not. */
function shown(records: readonly SourceRecord[]): unknown[] {
  return records.map((record) => ("fields" in record ? record.fields : record.unreadable));
}

async function readOne(key: string, content: Content): Promise<unknown[]> {
  return shown(await new Bucket({ [key]: content }).read());
}

test("a CSV file has a record for each row behind its header", async () => {
  const csv = 'id,name,note\r\n1,Ina,"a ""quoted"", note\nof two lines"\r\n\r\n2,"Öl, Ole",\r\n';
  assert.deepEqual(await readOne("a.csv", csv), [
    { id: "1", name: "Ina", note: 'a "quoted", note\nof two lines' },
    { id: "2", name: "Öl, Ole", note: "" },
  ]);
});

test("a byte order mark, a missing end of line, and columns without a name change nothing", async () => {
  assert.deepEqual(await readOne("a.csv", "\ufeffid,name,\n1,Ina,x\n2,Ole,y"), [
    { id: "1", name: "Ina" },
    { id: "2", name: "Ole" },
  ]);
  assert.deepEqual(await readOne("a.json", '\ufeff{"id":1}\n{"id":2}'), [{ id: 1 }, { id: 2 }]);
});

test("files with semicolons or tabs instead of commas are read as such", async () => {
  assert.deepEqual(await readOne("a.csv", "id;name\n1;Ina, Dyk\n"), [{ id: "1", name: "Ina, Dyk" }]);
  assert.deepEqual(await readOne("a.tsv", "id\tname\n1\tIna,Dyk\n"), [{ id: "1", name: "Ina,Dyk" }]);
});

test("a header with very many names is read in no time that anybody would notice", { timeout: 20_000 }, async () => {
  const names = Array.from({ length: 100_000 }, (_, place) => `c${place.toString(36)}`);
  const [record] = await readOne("a.csv", `${names.join(",")}\n${names.map((_, place) => place).join(",")}\n`);
  assert.equal(Object.keys(record as object).length, names.length);
  const told = await readOne("b.csv", `${[...names, "c0"].join(",")}\n`);
  assert.deepEqual(told, ["b.csv, byte 0: the header has c0 twice"]);
});

test("a row that is wrong is told, and takes no other with it", async () => {
  const rows = ["id,name", "1,Ina", "2", "3,a,b", '4,5" pipe', '5,"Ole" Dyk', "6,Una", '7,"never closed', "8,Ada", ""];
  const records = await new Bucket({ "a.csv": rows.join("\n") }).read();
  assert.deepEqual(shown(records), [
    { id: "1", name: "Ina" },
    "a.csv, byte 14: the row has 1 values where the header has 2 names",
    "a.csv, byte 16: the row has 3 values where the header has 2 names",
    "a.csv, byte 22: the row has a quote within a value that does not begin with one",
    "a.csv, byte 32: the row has text behind a closing quote",
    { id: "6", name: "Una" },
    "a.csv, byte 50: the row has a quote that is not closed",
  ]);
  assert.deepEqual(
    records.flatMap((record) => ("text" in record ? record.text : [])),
    ["2", "3,a,b", '4,5" pipe', '5,"Ole" Dyk', '7,"never closed\n8,Ada\n'],
  );
});

test("text that is not UTF-8 makes no record", async () => {
  const latin1 = Buffer.concat([
    Buffer.from("id,name\n1,Ina\n"),
    Buffer.from("2,Jörg\n", "latin1"),
    Buffer.from("3,Ö\n"),
  ]);
  assert.deepEqual(await readOne("a.csv", latin1), [
    { id: "1", name: "Ina" },
    "a.csv, byte 14: the row has text that is not UTF-8",
    { id: "3", name: "Ö" },
  ]);
  assert.deepEqual(await readOne("a.jsonl", Buffer.from('{"a":"ö"}\n{"a":1}\n', "latin1")), [
    "a.jsonl, byte 0: text that is not UTF-8",
    { a: 1 },
  ]);
});

for (const [title, content, message] of [
  ["UTF-16 with a mark", Buffer.from("\ufeffid,name\n1,Ina\n", "utf16le"), "a.csv, byte 0: the header is not UTF-8"],
  [
    "UTF-16",
    Buffer.from("id,name\n1,Ina\n", "utf16le"),
    "a.csv, byte 0: the header has zeros: it is no text, or not UTF-8",
  ],
  ["a name twice", "id,id\n1,2\n", "a.csv, byte 0: the header has id twice"],
  ["no names", ",\n1,2\n", "a.csv, byte 0: the header names no column"],
  [
    "lines that end with carriage returns",
    "id\r1\r2\r",
    "a.csv, byte 0: the header has a carriage return without a line feed",
  ],
  ["an open quote", '"id,name\n1,2\n', "a.csv, byte 0: the header has a quote that is not closed"],
] as const) {
  test(`a CSV file whose header has ${title} gives no records, and the next file does`, async () => {
    const bucket = new Bucket({ "a.csv": content, "b.csv": "id\n7\n" });
    assert.deepEqual(shown(await bucket.read()), [message, { id: "7" }]);
  });
}

test("JSON Lines have a record for each line, and a line that is none is told", async () => {
  const lines = ['{"id":1,"a":{"b":[1]}}', "", "not json", "[1]", '{"id":12345678901234567890}', '{"cut":'];
  const records = await readOne("part-0000.jsonl", lines.join("\n"));
  assert.deepEqual(records.slice(0, 3), [
    { id: 1, a: { b: [1] } },
    "part-0000.jsonl, byte 24: it is no JSON",
    "part-0000.jsonl, byte 33: it is no JSON object",
  ]);
  assert.equal(JSON.stringify(records[3]), '{"id":12345678901234567890}', "Its digits are kept");
  assert.equal(records[4], "part-0000.jsonl, byte 65: it is no JSON");
});

test("a record that is nested too deep is told, and takes no other with it", async () => {
  const lines = [1, 2].map((id) => JSON.stringify({ id }));
  const deep = (levels: number): string => `{"id":3,"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  const told = "it is nested deeper than 1000 levels";
  assert.deepEqual(await readOne("a.jsonl", [lines[0], deep(20_000), lines[1]].join("\n")), [
    { id: 1 },
    `a.jsonl, byte 9: ${told}`,
    { id: 2 },
  ]);
  assert.deepEqual(await readOne("a.json", `[${deep(20_000)},${lines[0]}]`), [`a.json, byte 1: ${told}`, { id: 1 }]);
  assert.equal((await readOne("a.jsonl", deep(900))).length, 1);
});

test("JSON may be lines, an array, one object, or objects over several lines", async () => {
  assert.deepEqual(await readOne("a.json", '{"id":1}\n{"id":2}\n'), [{ id: 1 }, { id: 2 }]);
  assert.deepEqual(await readOne("a.json", '[\n  {"id": 1, "x": "]},"},\n{"id":2}\n]\n'), [
    { id: 1, x: "]}," },
    { id: 2 },
  ]);
  assert.deepEqual(await readOne("a.json", '{\n  "id": 1\n}'), [{ id: 1 }]);
  assert.deepEqual(await readOne("a.json", '{\n"id": 1\n}\n{\n"id": 2}'), [{ id: 1 }, { id: 2 }]);
  assert.deepEqual(await readOne("a.json", "[]"), []);
});

test("what is wrong in JSON is told by its place", async () => {
  assert.deepEqual(await readOne("a.json", '[{"id":1} {"id" 2}, 3, {"id":4}'), [
    { id: 1 },
    "a.json, byte 10: it is no JSON",
    "a.json, byte 20: it is no JSON object",
    { id: 4 },
    "a.json, byte 31: the array is not closed",
  ]);
  assert.deepEqual(await readOne("a.json", '[{"id":1},{"id":2'), [
    { id: 1 },
    "a.json, byte 10: the value is not closed",
  ]);
  assert.deepEqual(await readOne("a.json", '[{"id":1}] x'), [
    { id: 1 },
    "a.json, byte 11: there is something behind the array",
  ]);
});

test("an object without a telling name is read as what it looks like", async () => {
  assert.deepEqual(await readOne("export", ' {"id":1}\n'), [{ id: 1 }]);
  assert.deepEqual(await readOne("export", "id\n1\n"), [{ id: "1" }]);
});

test("what gzip has packed is unpacked, whatever its name", async () => {
  assert.deepEqual(await readOne("a.csv.gz", gzipSync("id\n1\n")), [{ id: "1" }]);
  assert.deepEqual(await readOne("a", gzipSync('{"id":1}\n{"id":2}')), [{ id: 1 }, { id: 2 }]);
});

test("packed text that is cut off gives what is whole before that, and no part of a row", async () => {
  const rows = Array.from({ length: 40_000 }, (_, row) => `${row},name ${row}`);
  const packed = gzipSync(`id,name\n${rows.join("\n")}\n`);
  const records = await new Bucket({ "a.csv.gz": packed.subarray(0, packed.length >> 1) }).read();
  const last = records.pop();
  assert(last && "unreadable" in last);
  assert.match(last.unreadable, /it is packed with gzip, and damaged/);
  assert(records.length > 1000);
  assert.deepEqual(
    shown(records),
    rows.slice(0, records.length).map((row, id) => ({ id: String(id), name: row.split(",")[1] })),
  );
});

test("a large file is read page by page, and each page is small", async () => {
  const rows = Array.from({ length: 30_000 }, (_, row) => `${row},"row\n${row}",${"x".repeat(row % 90)}`);
  const csv = `id,name,more\n${rows.join("\r\n")}`;
  for (const [key, content] of [
    ["a.csv", csv],
    ["a.csv.gz", gzipSync(csv)],
  ] as const) {
    const bucket = new Bucket({ [key]: content });
    const pages: number[] = [];
    const records = await bucket.read({}, { betweenPages: () => pages.push(1) });
    assert(pages.length >= 5);
    assert.equal(records.length, rows.length);
    assert(
      records.every(
        (record, id) => "fields" in record && record.fields.id === String(id) && record.fields.name === `row\n${id}`,
      ),
    );
    const bytes = records.reduce((sum, record) => sum + ("fields" in record ? (record.bytes ?? 0) : 0), 0);
    assert(Math.abs(bytes - csv.length) < 100);
  }
});

test("a line that is too long is passed over, and a row or a value that is ends its file", async () => {
  const long = "x".repeat(2_500_000);
  assert.deepEqual(await readOne("a.jsonl", `{"id":1}\n{"id":"${long}"}\n{"id":3}\n`), [
    { id: 1 },
    "a.jsonl, byte 9: the line has more than 1048576 bytes",
    { id: 3 },
  ]);
  const bucket = new Bucket({ "a.csv": `id\n1\n"${long}"\n3\n`, "b.json": `[{"id":"${long}"}]`, "c.csv": "id\n7\n" });
  assert.deepEqual(shown(await bucket.read()), [
    { id: "1" },
    "a.csv, byte 5: it has more than 1048576 bytes",
    "b.json, byte 1: the value has more than 1048576 bytes",
    { id: "7" },
  ]);
});

const parquet = JSON.parse(readFileSync(join(import.meta.dirname, "parquet.cases.json"), "utf8")) as Record<
  string,
  string
>;

for (const [codec, content] of Object.entries(parquet)) {
  test(`Parquet is read by rows: ${codec}`, async () => {
    const rows = await readOne("a.parquet", Buffer.from(content, "base64"));
    assert.equal(rows.length, 30);
    assert.deepEqual(rows[3], {
      id: "g-3",
      visits: 3,
      number: 3,
      score: 0.75,
      isMember: false,
      seen: "2024-06-10T15:00:03.000Z",
      address: { city: "Bremen", n: 3 },
    });
    assert.match(JSON.stringify(rows[1]), /"number":9007199254740993,/);
    assert.match(JSON.stringify(rows[2]), /"seen":null/);
  });
}

const [whole = Buffer.alloc(0), plain = Buffer.alloc(0)] = ["ZSTD", "UNCOMPRESSED"].map((codec) =>
  Buffer.from(parquet[codec] ?? "", "base64"),
);

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = byte;
  return changed;
}

for (const [title, content] of [
  ["cut off", whole.subarray(0, whole.length >> 1)],
  ["cut off before its end", whole.subarray(0, -3)],
  ["changed in its columns", withByte(whole, 40, 255)],
  ["changed in its description", withByte(whole, whole.length - 400, 255)],
  ["changed so that decoding it never ends", withByte(plain, 14, 128)],
] as const) {
  test(`Parquet that is ${title} is told to be damaged`, async () => {
    const files = { "a.parquet": content, "b.csv": "id\n7\n" };
    const bucket = new Bucket(files, title.includes("never") ? new ImpatientWallClock() : undefined);
    const rows = shown(await bucket.read());
    assert.deepEqual(rows.at(-1), { id: "7" });
    assert(rows.length <= 32);
    assert.match(String(rows.at(-2)), /^a.parquet, row \d+: it /);
  });
}

test("objects are read in the order of their keys, those under the prefix and no others", async () => {
  const bucket = new Bucket();
  for (const key of [
    "in/b.csv",
    "in.csv",
    "in/a/z.csv",
    "in/a.csv",
    "in/ä.csv",
    "in/Z.csv",
    "in-2/x.csv",
    "out/a.csv",
  ]) {
    bucket.put(key, `key\n${key}\n`);
  }
  bucket.put("in/empty.csv", "");
  symlinkSync("/etc", join(bucket.folder, "in", "etc"));
  const keys = async (prefix?: string): Promise<unknown[]> =>
    (await bucket.read({ ...(prefix !== undefined && { prefix }) })).map(
      (record) => "fields" in record && record.fields.key,
    );
  assert.deepEqual(await keys("in/"), ["in/Z.csv", "in/a.csv", "in/a/z.csv", "in/b.csv", "in/ä.csv"]);
  assert.deepEqual((await keys("in")).slice(0, 2), ["in-2/x.csv", "in.csv"]);
  assert.deepEqual(await keys("in/a"), ["in/a.csv", "in/a/z.csv"]);
  assert.equal((await keys()).length, 8);
  assert.deepEqual(await keys("../"), []);
});

test("many small objects are all read, each once", async () => {
  const bucket = new Bucket();
  for (let file = 0; file < 50; file++) bucket.put(`in/${String(file).padStart(3, "0")}.csv`, `id\n${file}\n`);
  assert.deepEqual(
    shown(await bucket.read()),
    Array.from({ length: 50 }, (_, id) => ({ id: String(id) })),
  );
});

test("a window takes the objects that were modified within it", async () => {
  const bucket = new Bucket({ "a.csv": "id\na\n", "b.csv": "id\nb\n", "c.csv": "id\nc\n" });
  for (const [key, seconds] of [
    ["a.csv", 100],
    ["b.csv", 200],
    ["c.csv", 300],
  ] as const) {
    utimesSync(join(bucket.folder, key), seconds, seconds);
  }
  const ids = async (fromMs: number | undefined, toMs: number): Promise<unknown[]> =>
    shown(await bucket.read({ window: { fromMs, toMs } }));
  assert.deepEqual(await ids(100_000, 300_000), [{ id: "a" }, { id: "b" }]);
  assert.deepEqual(await ids(100_001, 300_001), [{ id: "b" }, { id: "c" }]);
  assert.deepEqual(await ids(undefined, 100_000), []);
});

test("certain objects are read where a run is for them, and what is gone of them is not missed", async () => {
  const keys = Array.from({ length: 20 }, (_, id) => `${id}.csv`);
  const bucket = new Bucket({ "other.csv": "id\nx\n" });
  for (const [id, key] of keys.entries()) if (id !== 5) bucket.put(key, `id\n${id}\n`);
  const rows = shown(await bucket.read({ keys }));
  assert.deepEqual(
    rows,
    [...keys.keys()].filter((id) => id !== 5).map((id) => ({ id: String(id) })),
  );
});

const LONG = Array.from({ length: 40_000 }, (_, id) => `old ${id}\n`).join("");

test("an object that is replaced while it is read is read anew, and one that is deleted is over", async () => {
  const bucket = new Bucket({ "a.csv": `id\n${LONG}`, "b.csv": "id\nb\n" });
  let pages = 0;
  const records = await bucket.read({}, { betweenPages: () => ++pages === 2 && bucket.put("a.csv", "id\nnew\n") });
  const ids = records.map((record) => "fields" in record && record.fields.id);
  assert.deepEqual(ids.slice(-2), ["new", "b"]);
  assert(ids.length > 1000 && ids.length < 40_000);
  bucket.put("a.csv", `id\n${LONG}`);
  pages = 0;
  const less = await bucket.read({}, { betweenPages: () => ++pages === 2 && rmSync(join(bucket.folder, "a.csv")) });
  assert.deepEqual(shown(less).at(-1), { id: "b" });
  assert(less.length < 40_000);
});

test("an object that is replaced while a run for it reads is left to the run that follows", async () => {
  const bucket = new Bucket({ "a.csv": `id\n${LONG}` });
  let pages = 0;
  const betweenPages = (): unknown => ++pages === 2 && bucket.put("a.csv", "id\nnew\n");
  const records = await bucket.read({ keys: ["a.csv"] }, { betweenPages: () => void betweenPages() });
  assert(!shown(records).some((row) => JSON.stringify(row) === '{"id":"new"}'));
});

test("an object that comes while others are read does not move what has been looked up", async () => {
  const bucket = new Bucket({ "a.csv": `id\n${LONG}`, "c.csv": "id\nc\n" });
  let pages = 0;
  const betweenPages = (): void => void (++pages === 2 && bucket.put("b.csv", "id\nb\n"));
  const records = await bucket.read({}, { betweenPages });
  assert.equal(records.length, 40_001);
});

async function failure(bucket: Bucket, given: Request & { bucketName?: string } = {}): Promise<SourceError> {
  const { bucketName = "exports", ...rest } = given;
  const request = { ...bucket.request(rest), properties: { BucketName: bucketName } };
  try {
    await s3Connector.read(bucket.platform, request);
  } catch (error) {
    assert(error instanceof SourceError, String(error));
    return error;
  }
  assert.fail("It was read");
}

test("a folder that is not there is told without its path", async () => {
  const bucket = new Bucket();
  rmSync(bucket.folder, { recursive: true });
  const { code, message } = await failure(bucket);
  assert.deepEqual([code, message], ["REQUEST", "Bucket exports: its folder is not there"]);
});

test("a profile that is named has the bucket, or nothing is read", async () => {
  const bucket = new Bucket();
  const [profile] = bucket.platform.connectorProfiles ?? [];
  const { code, message } = await failure(bucket, { profile, bucketName: "others" });
  assert.deepEqual([code, message], ["REQUEST", "The connector profile depot has no bucket others"]);
});

const VALUE = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r\n", "ö", " ", "x"), maxLength: 6 });

test("whatever values a CSV file has, they come back, whatever pieces it is read in", async () => {
  const table = fc
    .integer({ min: 1, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(VALUE, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 20 }),
    );
  const written = (value: string): string =>
    /[",\r\n]/.test(value) || value === "" ? `"${value.replaceAll('"', '""')}"` : value;
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), fc.boolean(), async (rows, lineEnd, isEnded) => {
      const names = rows[0]?.map((_, column) => `c${column}`) ?? [];
      const lines = [names, ...rows.map((row) => row.map(written))].map((row) => row.join(","));
      const text = lines.join(lineEnd) + (isEnded ? lineEnd : "");
      const expected = rows.map((row) => Object.fromEntries(row.map((value, column) => [`c${column}`, value])));
      assert.deepEqual(await readOne("a.csv", text), expected);
    }),
    { numRuns: 150 },
  );
});

test("whatever an object is, it is read to its end", async () => {
  const piece = fc.constantFrom(
    '"',
    ",",
    "\n",
    "\r",
    "{",
    "}",
    "[",
    "]",
    ":",
    "1",
    '"a"',
    "\\",
    " ",
    "\u0000",
    "ö",
    "x",
  );
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: piece, maxLength: 60 }),
      fc.constantFrom("a.csv", "a.json", "a.jsonl", "a"),
      async (text, key) => {
        const records = await new Bucket({ [key]: text, "z.csv": "id\nlast\n" }).read();
        assert.deepEqual(shown(records).at(-1), { id: "last" });
        for (const record of records) assert("fields" in record || typeof record.text === "string");
      },
    ),
    { numRuns: 300 },
  );
});
