import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type Collection, collection, compositeKey } from "../../store/store.ts";
import { openServiceWorld } from "../world.test.ts";
import { behindDocument, behindPrefix, commonPrefixOf, listKeys } from "./key-listing.ts";

interface Listed {
  readonly key: string;
}

const listed: Collection<Listed> = collection<Listed>("s3_listed");

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom("a", "b", "/", "-", "\0", "\u001e", "\u001f", " ", "é", "\ud7ff", "\uffff", "\u{10ffff}"),
    maxLength,
  });
const anyKey = text(6).filter((key) => key !== "");

/** By the bytes, as the service sorts. */
const inOrder = (keys: Iterable<string>): string[] =>
  [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Everything that a listing has, in one list. */
function listedAsDefined(keys: Iterable<string>, prefix: string, delimiter: string | undefined): string[] {
  const matching = [...keys].filter((key) => key.startsWith(prefix));
  return inOrder(new Set(matching.map((key) => commonPrefixOf(key, prefix, delimiter) ?? key)));
}

test("pages of a listing are, one after another, what the listing is by definition", async () => {
  await using world = await openServiceWorld({ operations: {} });
  const { store } = world.platform;
  let bucketNumber = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyKey, { maxLength: 60 }),
      fc.oneof(fc.constant(""), text(2)),
      fc.option(fc.constantFrom("/", "-", "a/", "\u{10ffff}"), { nil: undefined }),
      fc.integer({ min: 1, max: 5 }),
      async (keys, prefix, delimiter, limit) => {
        const bucket = `bucket-${++bucketNumber}`;
        await store.commit(async (unit) => {
          for (const key of keys) unit.put(listed, compositeKey(bucket, key), { key });
          unit.put(listed, compositeKey(`${bucket}-`, "a"), { key: "of another bucket" });
        });
        const found: string[] = [];
        let from: string | undefined;
        for (;;) {
          const idOf = ({ key }: Listed): string => compositeKey(bucket, key);
          const page = await listKeys(store, { collection: listed, bucket, prefix, delimiter, idOf, from, limit });
          const names = page.entries.map((entry) => ("document" in entry ? entry.document.key : entry.commonPrefix));
          found.push(...names);
          if (!page.isTruncated) break;
          assert.equal(names.length, limit);
          const last = page.entries.at(-1) ?? assert.fail();
          from = "document" in last ? behindDocument(idOf(last.document)) : behindPrefix(bucket, last.commonPrefix);
        }
        assert.deepEqual(found, listedAsDefined(keys, prefix, delimiter));
      },
    ),
  );
});

test("a page with folders reads about as much as it answers with", async () => {
  await using world = await openServiceWorld({ operations: {} });
  const { store } = world.platform;
  await store.commit(async (unit) => {
    for (let folder = 0; folder < 20; folder++) {
      for (let file = 0; file < 200; file++) {
        const key = `${String(folder).padStart(2, "0")}/${file}`;
        unit.put(listed, compositeKey("bucket", key), { key });
      }
    }
  });
  let read = 0;
  const counting = {
    ...store,
    list: async (from, range) => {
      const page = await store.list(from, range);
      read += page.documents.length;
      return page;
    },
  } as typeof store;
  const idOf = ({ key }: Listed): string => compositeKey("bucket", key);
  const page = await listKeys(counting, {
    collection: listed,
    bucket: "bucket",
    prefix: "",
    delimiter: "/",
    idOf,
    limit: 10,
  });
  assert.equal(page.entries.length, 10);
  assert.ok(read <= 11 * 32, String(read));
});
