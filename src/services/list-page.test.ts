import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Collection, collection, compositeKey } from "../store/store.ts";
import { type Listing, listPage, type PageRequest, slicePage } from "./list-page.ts";
import { openServiceWorld } from "./world.test.ts";

const names: Collection<string> = collection("names");

const aName = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom("a", "b", "-", "\u001e", "\u001f") });

test("pages hold what is listed, each name once and in order, however long they are", async () => {
  await using world = await openServiceWorld({ operations: {} });
  const { store } = world.platform;
  let owners = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(aName),
      fc.constantFrom("", "a", "b-"),
      fc.constantFrom(1, 2, 5),
      async (all, prefix, limit) => {
        const owner = `owner-${owners++}`;
        await store.commit(async (unit) => {
          for (const name of all) unit.put(names, compositeKey(owner, name), name);
        });
        const listing: Listing<string> = {
          collection: names,
          under: [owner],
          prefix,
          nameOf: (name) => name,
          keep: (name) => !name.includes("bb"),
        };
        const listed = await readPages((request) => listPage(store, listing, request), limit);
        const expected = all.filter((name) => name.startsWith(prefix) && !name.includes("bb"));
        assert.deepEqual(new Set(listed), new Set(expected));
        assert.equal(listed.length, expected.length);
      },
    ),
  );
});

test("a list that is held is cut into the same pages", async () => {
  const held = ["a", "b", "c", "d", "e"];
  for (const limit of [1, 2, 5, 9]) {
    assert.deepEqual(await readPages(async (request) => slicePage(held, (name) => name, request), limit), held);
  }
});

test("a token of another request is refused with the service's own error", () => {
  const request = { of: ["ListNames", "a"], token: undefined, limit: 1, refuse: () => new Error("no token") };
  const { nextToken } = slicePage(["a", "b"], (name) => name, request);
  assert.throws(() => slicePage(["a", "b"], (name) => name, { ...request, of: ["ListNames", "b"], token: nextToken }), {
    message: "no token",
  });
});

/** All pages, one after the other. Only the last one may be short, and no page is empty but a first one. */
async function readPages(
  read: (
    request: PageRequest,
  ) => Promise<{ readonly items: readonly string[]; readonly nextToken: string | undefined }>,
  limit: number,
): Promise<string[]> {
  const listed: string[] = [];
  let token: string | undefined;
  do {
    const page = await read({ of: ["ListNames"], token, limit, refuse: () => new Error("no token") });
    if (page.nextToken !== undefined) assert.equal(page.items.length, limit);
    if (token !== undefined) assert(page.items.length > 0);
    listed.push(...page.items);
    token = page.nextToken;
  } while (token !== undefined);
  return listed;
}
