import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { ManualClock, SystemWallClock } from "../time/clock.ts";
import { DataFolderError, openStore } from "./index.ts";
import { folderVersion, MIGRATIONS, migrate } from "./migrations.ts";
import { type Collection, collection, type Store, UniqueIndexError } from "./store.ts";

const root = mkdtempSync(join(tmpdir(), "trunkline-folder-"));
after(() => rmSync(root, { recursive: true }));

const names: Collection<string> = collection<string>("folder_name");

function open(directory: string): Promise<Store> {
  return openStore({ directory, clock: new ManualClock(1000), wall: new SystemWallClock() });
}

async function folderWithContent(name: string): Promise<string> {
  const directory = join(root, name);
  const store = await open(directory);
  await store.commit(async (unit) => {
    unit.declareLog({ name: "calls", keepMs: 5, partitions: 3 });
    for (let number = 0; number < 100; number++) {
      unit.put(names, `${number}`, "x".repeat(1000));
      unit.append("calls", `${number}`, "y".repeat(1000));
    }
  });
  await store.close();
  return directory;
}

/** Opening fails with one line that says so, and the files stay as they are. */
async function assertRefused(directory: string, message: RegExp): Promise<void> {
  const before = contents(directory);
  await assert.rejects(open(directory), (error) => {
    assert(error instanceof DataFolderError);
    assert.match(error.message, message);
    assert(error.message.startsWith(`Data folder ${directory} `));
    assert(!error.message.includes("\n"));
    return true;
  });
  assert.deepEqual(contents(directory), before);
}

/** What is in the files that hold something: a look at a database leaves an empty WAL beside it. */
function contents(directory: string): Record<string, string> {
  const files = readdirSync(directory).filter((name) => !/[.]lock$|-shm$/.test(name));
  const contents = files.map((name) => [name, readFileSync(join(directory, name), "hex")]);
  return Object.fromEntries(contents.filter(([, content]) => content !== ""));
}

test("what was committed is there when the folder is opened again", async () => {
  const directory = await folderWithContent("again");
  const store = await open(directory);
  assert.equal(await store.get(names, "99"), "x".repeat(1000));
  assert.equal(await store.logBytes("calls"), 100_000);
  const bounds = await Promise.all([0, 1, 2].map((partition) => store.bounds("calls", partition)));
  assert.equal(
    bounds.reduce((sum, { next }) => sum + next - 1, 0),
    100,
  );
  const [appended] = await store.commit(async (unit) => [unit.append("calls", "0", "")]);
  assert.equal(appended?.sequence, bounds[appended?.partition ?? 0]?.next);
  await store.close();
});

test("a dropped log counts on after a restart", async () => {
  const directory = join(root, "dropped");
  let store = await open(directory);
  await store.commit(async (unit) => {
    unit.declareLog({ name: "calls", keepMs: 0 });
    for (const key of ["1", "2", "3"]) unit.append("calls", key, "");
  });
  await store.commit(async (unit) => unit.dropLog("calls"));
  await store.close();

  store = await open(directory);
  assert.deepEqual(await store.read("calls", 0, 1, { entries: 10 }), []);
  assert.equal(await store.sweepDropped(10), 3);
  const next = await store.commit(async (unit) => {
    unit.declareLog({ name: "calls", keepMs: 0 });
    return unit.append("calls", "4", "");
  });
  assert.equal(next.sequence, 4);
  await store.close();
});

test("a folder that is open is refused", async () => {
  const directory = join(root, "open");
  const store = await open(directory);
  await assert.rejects(open(directory), { message: `Data folder ${directory} is in use by another process` });
  await store.close();
  await (await open(directory)).close();
});

test("a folder that cannot be made is refused", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  const refusal = (directory: string, why: string) => ({
    name: "DataFolderError",
    message: `Data folder ${directory} cannot be made: ${why}`,
  });
  await assert.rejects(open(file), refusal(file, `${file} is a file`));
  await assert.rejects(open(join(file, "data")), refusal(join(file, "data"), `${file} is a file`));
  const tooLong = join(root, "x".repeat(300));
  await assert.rejects(open(tooLong), refusal(tooLong, `${tooLong}: name too long`));
  if (existsSync("/proc/self")) await assert.rejects(open("/proc/foo"), refusal("/proc/foo", "/proc takes no folders"));
});

test("a folder's parents are made with it", async () => {
  const directory = join(root, "one", "two", "three");
  await (await open(directory)).close();
  await (await open(directory)).close();
});

test("a damaged database is refused and left alone", async () => {
  const garbage = join(root, "garbage");
  mkdirSync(garbage);
  writeFileSync(join(garbage, "trunkline.db"), "x".repeat(10_000));
  await assertRefused(garbage, /is damaged: file is not a database$/);

  const cutShort = await folderWithContent("cut short");
  truncateSync(join(cutShort, "trunkline.db"), 4096 * 5);
  await assertRefused(cutShort, /is damaged: /);

  const overwritten = await folderWithContent("overwritten");
  const pages = readFileSync(join(overwritten, "trunkline.db"));
  writeFileSync(join(overwritten, "trunkline.db"), pages.fill(0xff, 4096));
  await assertRefused(overwritten, /is damaged: /);

  const tableless = await folderWithContent("tableless");
  const database = new DatabaseSync(join(tableless, "trunkline.db"));
  database.exec("DROP TABLE store_logs");
  database.close();
  await assertRefused(tableless, /is damaged: no such table: store_logs$/);

  const locked = await folderWithContent("lock");
  writeFileSync(join(locked, "trunkline.lock"), "x".repeat(10_000));
  await assertRefused(locked, /is damaged: file is not a database$/);

  const empty = await folderWithContent("empty");
  truncateSync(join(empty, "trunkline.db"), 0);
  await assertRefused(empty, /is not Trunkline's|is damaged/);

  const lost = await folderWithContent("lost");
  rmSync(join(lost, "trunkline.db"));
  writeFileSync(join(lost, "trunkline.db-wal"), "what is left");
  await assertRefused(lost, /is damaged: trunkline.db is gone/);
});

test("another program's database is refused and left alone", async () => {
  const directory = join(root, "foreign");
  mkdirSync(directory);
  const database = new DatabaseSync(join(directory, "trunkline.db"));
  database.exec("CREATE TABLE theirs (a)");
  database.close();
  await assertRefused(directory, /is not Trunkline's/);
});

test("a folder of a newer version is refused and left alone, also where only the WAL says so", async () => {
  const directory = await folderWithContent("newer");
  const database = new DatabaseSync(join(directory, "trunkline.db"));
  database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  const crashed = join(root, "newer, crashed");
  cpSync(directory, crashed, { recursive: true });
  database.close();

  const message = new RegExp(`has version ${MIGRATIONS.length + 1}, written by a newer Trunkline`);
  await assertRefused(directory, message);
  assert.notEqual(contents(crashed)["trunkline.db-wal"], undefined);
  await assertRefused(crashed, message);
});

test("a folder of an older version is brought forward", async () => {
  const directory = join(root, "older");
  await (await open(directory)).close();
  const database = new DatabaseSync(join(directory, "trunkline.db"));
  for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
    database.exec(`DROP TABLE ${name}`);
  }
  database.exec("PRAGMA user_version = 0");
  database.close();

  const store = await open(directory);
  await store.commit(async (unit) => unit.put(names, "1", "Ada"));
  await store.close();
  const reopened = new DatabaseSync(join(directory, "trunkline.db"), { readOnly: true });
  assert.equal(folderVersion(reopened), MIGRATIONS.length);
  reopened.close();
});

test("migrations bring an older folder forward, each once, and a failed one leaves its folder's version", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)"]);
  assert.equal(folderVersion(database), 2);

  const more = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "ALTER TABLE a ADD COLUMN y DEFAULT 2"];
  migrate(database, more);
  migrate(database, more);
  assert.equal(folderVersion(database), 3);
  assert.deepEqual(database.prepare("SELECT * FROM a").all(), [{ __proto__: null, x: 1, y: 2 }]);

  assert.throws(() => migrate(database, [...more, "INSERT INTO a VALUES (3, 4); INSERT INTO missing VALUES (1)"]));
  assert.equal(folderVersion(database), 3);
  assert.deepEqual(database.prepare("SELECT count(*) AS rows FROM a").all(), [{ __proto__: null, rows: 1 }]);
});

interface Person {
  readonly name: string;
  readonly age?: number;
}

test("a collection follows a changed declaration of its indexes, with the documents that it holds", async () => {
  const directory = join(root, "indexes");
  const before: Collection<Person> = collection<Person>("folder_person", {
    name: { type: "text", value: ({ name }) => name },
    initial: { type: "text", value: ({ name }) => name.slice(0, 1) },
  });
  let store = await open(directory);
  await store.commit(async (unit) => {
    unit.put(before, "1", { name: "Grace", age: 85 });
    unit.put(before, "2", { name: "Ada", age: 36 });
    unit.put(before, "3", { name: "Mary" });
  });
  await store.close();

  const now: Collection<Person> = collection<Person>("folder_person", {
    name: { type: "text", unique: true, value: ({ name }) => name },
    age: { type: "integer", value: ({ age }) => age },
  });
  store = await open(directory);
  const byAge = await store.list(now, { index: "age", limit: 10 });
  assert.deepEqual(
    byAge.documents.map(({ name }) => name),
    ["Ada", "Grace"],
  );
  const byName = await store.list(now, { index: "name", from: "Grace", limit: 10 });
  assert.deepEqual(
    byName.documents.map(({ name }) => name),
    ["Grace", "Mary"],
  );
  await assert.rejects(store.list(now, { index: "initial", limit: 10 }), /no index initial/);
  await assert.rejects(
    store.commit(async (unit) => unit.put(now, "4", { name: "Ada" })),
    UniqueIndexError,
  );
  await store.close();

  const database = new DatabaseSync(join(directory, "trunkline.db"), { readOnly: true });
  const columns = database.prepare("SELECT name FROM pragma_table_info('folder_person')").all();
  assert.deepEqual(
    columns.map(({ name }) => name),
    ["id", "version", "document", "by_name", "by_age"],
  );
  database.close();
});

test("an index that its documents do not allow fails who uses it, and changes nothing", async () => {
  const directory = join(root, "not unique");
  const before: Collection<Person> = collection<Person>("folder_person");
  let store = await open(directory);
  await store.commit(async (unit) => {
    unit.put(before, "1", { name: "Ada", age: 36 });
    unit.put(before, "2", { name: "Ada", age: 37 });
  });
  await store.close();

  const unique: Collection<Person> = collection<Person>("folder_person", {
    age: { type: "integer", value: ({ age }) => age },
    name: { type: "text", unique: true, value: ({ name }) => name },
  });
  store = await open(directory);
  await assert.rejects(store.get(unique, "1"), UniqueIndexError);
  await assert.rejects(
    store.commit(async (unit) => unit.get(unique, "1")),
    UniqueIndexError,
  );
  await store.close();

  store = await open(directory);
  assert.deepEqual(await store.get(before, "1"), { name: "Ada", age: 36 });
  await store.close();
});

test("one name for two different collections is found out", async () => {
  const store = await open(":memory:");
  await store.get(collection<Person>("folder_person"), "1");
  const other = collection<Person>("folder_person", { age: { type: "integer", value: ({ age }) => age } });
  await assert.rejects(
    store.commit(async (unit) => unit.get(other, "1")),
    /declared twice, differently/,
  );
  await assert.rejects(store.get(other, "1"), /declared twice, differently/);
  await assert.rejects(store.get(collection("store_logs"), "1"), /do not start with store_/);
  await store.close();
});
