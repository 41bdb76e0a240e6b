import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import type { Store } from "../../store/store.ts";
import { FileSteps } from "../file-steps.ts";
import type { Context, Platform } from "../service.ts";
import { openServiceWorld } from "../world.test.ts";
import { buckets } from "./bucket.ts";
import { openObject, receive, recover, settle, settleRemovals } from "./files.ts";
import { deleteStoredObject, objectId, objects, type StoredObject } from "./object.ts";
import { storeObject } from "./put-object.ts";
import { STORED_LOG } from "./stored-log.ts";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const NO_PART = async (): Promise<boolean> => false;

/** A world with a bucket, whose files lie in a folder that is kept. */
async function openWorld() {
  const path = mkdtempSync(join(tmpdir(), "trunkline-test-"));
  folders.push(path);
  const world = await openServiceWorld({ operations: {} });
  const context: Context = { ...world.context(), folder: { isKept: true, path: () => path, steps: new FileSteps() } };
  const bucket = { name: "calls", account: context.account, region: context.region, createdMs: 0 };
  await context.store.commit(async (unit) => {
    unit.put(buckets, bucket.name, bucket);
    unit.declareLog(STORED_LOG);
  });
  return {
    path,
    context,
    /** The same store and folder, as a process sees them that has just started. */
    restarted: (): Platform => ({ ...context, store: anew(context.store) }),
    uploads: (): string[] => readdirSync(join(path, "uploads")),
    file: (name: string): string | undefined => {
      const file = join(path, "buckets", "calls", name);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** The same store, for whom nothing is remembered yet. */
function anew(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function received(context: Context, key: string, text: string): Promise<StoredObject> {
  const { content, size, md5, checksum } = await receive(context, bodyOf(text), "CRC32");
  const described = { headers: {}, metadata: {}, tags: {}, modifiedMs: 0 };
  const sums = { etag: `"${md5}"`, checksum: { ...checksum, type: "FULL_OBJECT" as const } };
  return { ...described, ...sums, bucket: "calls", key, content, size };
}

async function readObject(platform: Platform, object: StoredObject): Promise<string | undefined> {
  const file = await openObject(platform, object);
  if (file === undefined) return undefined;
  await using opened = file;
  return opened.readFile("utf8");
}

const commitOf = (context: Context, object: StoredObject) =>
  context.store.commit(async (unit) => unit.put(objects, objectId(object), object));

test("a body that breaks off leaves nothing", async () => {
  await using world = await openWorld();
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from("half");
    throw new Error("gone");
  };
  await assert.rejects(receive(world.context, broken(), "CRC32"), /gone/);
  assert.deepEqual(world.uploads(), []);
});

test("a crash before the commit leaves nothing after the next start", async () => {
  await using world = await openWorld();
  await received(world.context, "a.txt", "lost");
  assert.equal(world.uploads().length, 1);
  await recover(world.restarted(), NO_PART);
  assert.deepEqual(world.uploads(), []);
});

test("a crash after the commit leaves an object whole, and the next start puts it in its place", async () => {
  await using world = await openWorld();
  const { context } = world;
  const old = await received(context, "a.txt", "old");
  await storeObject(context, old, { Bucket: "calls" });
  assert.equal(world.file("a.txt"), "old");

  const object = await received(context, "a.txt", "new");
  await commitOf(context, object);
  // It has not been moved yet, and is read nevertheless; what it has replaced is not.
  assert.equal(world.file("a.txt"), "old");
  assert.equal(await readObject(context, object), "new");
  assert.equal(await readObject(context, old), undefined);

  const restarted = world.restarted();
  await recover(restarted, NO_PART);
  assert.deepEqual([world.file("a.txt"), world.uploads()], ["new", []]);
  assert.equal(await readObject(restarted, object), "new");
});

test("an object that is moved to its place while it is opened is read all the same", async () => {
  await using world = await openWorld();
  const { context } = world;
  const object = await received(context, "a.txt", "moved");
  await commitOf(context, object);
  const reading = readObject(context, object);
  mkdirSync(join(world.path, "buckets", "calls"), { recursive: true });
  renameSync(join(world.path, "uploads", object.content), join(world.path, "buckets", "calls", "a.txt"));
  assert.equal(await reading, "moved");
});

test("a crash after an object was deleted leaves no file after the next start", async () => {
  await using world = await openWorld();
  const { context } = world;
  const object = await received(context, "deep/a.txt", "deleted");
  await storeObject(context, object, { Bucket: "calls" });
  await context.store.commit(async (unit) => deleteStoredObject(unit, object));
  assert.equal(world.file("deep/a.txt"), "deleted");
  await recover(world.restarted(), NO_PART);
  assert.deepEqual(readdirSync(join(world.path, "buckets", "calls")), []);
});

test("a file that is removed late does not take the one that came after it", async () => {
  await using world = await openWorld();
  const { context } = world;
  const object = await received(context, "a.txt", "first");
  await storeObject(context, object, { Bucket: "calls" });
  await context.store.commit(async (unit) => deleteStoredObject(unit, object));
  await storeObject(context, await received(context, "a.txt", "second"), { Bucket: "calls" });
  await settleRemovals(context, [object]);
  assert.equal(world.file("a.txt"), "second");
});

test("of two that were committed before either was moved, the later one comes to stand", async () => {
  await using world = await openWorld();
  const { context } = world;
  const [first, second] = [await received(context, "a.txt", "first"), await received(context, "a.txt", "second")];
  await commitOf(context, first);
  await commitOf(context, second);
  await Promise.all([settle(context, second, second.content), settle(context, first, first.content)]);
  assert.deepEqual([world.file("a.txt"), world.uploads()], ["second", []]);
});

test("a file that somebody has changed is not given out as the object", async () => {
  await using world = await openWorld();
  const object = await received(world.context, "a.txt", "as it was");
  await storeObject(world.context, object, { Bucket: "calls" });
  writeFileSync(join(world.path, "buckets", "calls", "a.txt"), "changed by hand");
  await assert.rejects(openObject(world.context, object), /15 bytes where 9 were stored/);
});
