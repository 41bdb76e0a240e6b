import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { PathRouter, type Routed } from "./path-router.ts";

function router(...paths: readonly string[]): PathRouter<string> {
  return new PathRouter(
    paths.map((path) => ({ path, methods: { GET: path, ...(path === "/any" && { ANY: "any" }) } })),
  );
}

test("what is written beats a variable, which beats a greedy one", () => {
  const routes = router("/", "/a", "/a/{b}", "/a/{b}/c", "/{d+}", "/a/x", "/any");
  const found = (path: string, method = "GET"): unknown => {
    const route = routes.find(method, path);
    return route && [route.found, route.pathParameters];
  };
  assert.deepEqual(found("/"), ["/", {}]);
  assert.deepEqual(found("/a"), ["/a", {}]);
  assert.deepEqual(found("/a/"), ["/a", {}]);
  assert.deepEqual(found("/a/x"), ["/a/x", {}]);
  assert.deepEqual(found("/a/y%20z"), ["/a/{b}", { b: "y z" }]);
  // The segment that is written leads nowhere here.
  assert.deepEqual(found("/a/x/c"), ["/a/{b}/c", { b: "x" }]);
  assert.deepEqual(found("/a/b/d"), ["/{d+}", { d: "a/b/d" }]);
  assert.deepEqual(found("/q/r/"), ["/{d+}", { d: "q/r" }]);
  assert.equal(found("/a/%ZZ", "PUT"), undefined);
  assert.deepEqual(found("/any", "PUT"), ["any", {}]);
});

const segment = fc.constantFrom("a", "b", "{v}");
const anyPath = fc.tuple(fc.array(segment, { maxLength: 4 }), fc.boolean());

/** The definition: of all routes that fit, the one whose segments are, from the left, written before variable before greedy. */
function byDefinition(routes: readonly Routed<string>[], path: string): string | undefined {
  const sent = path.split("/").filter((part) => part !== "");
  const fitting = routes.flatMap((route) => {
    const parts = route.path.split("/").filter((part) => part !== "");
    const isGreedy = parts.at(-1)?.endsWith("+}") ?? false;
    const fixed = isGreedy ? parts.slice(0, -1) : parts;
    const isLong = isGreedy ? sent.length > fixed.length : sent.length === fixed.length;
    if (!isLong || !fixed.every((part, at) => part.startsWith("{") || part === sent[at])) return [];
    return [
      { route, rank: `${fixed.map((part) => (part.startsWith("{") ? "1" : "0")).join("")}${isGreedy ? "2" : "0"}` },
    ];
  });
  return fitting.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0]?.route.path;
}

test("the router finds what the definition says", () => {
  fc.assert(
    fc.property(
      fc.array(anyPath, { maxLength: 8 }),
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 }),
      (paths, sent) => {
        const unique = [
          ...new Set(paths.map(([parts, isGreedy]) => `/${[...parts, ...(isGreedy ? ["{g+}"] : [])].join("/")}`)),
        ];
        const routes = unique.map((path) => ({ path, methods: { ANY: path } }));
        const path = `/${sent.join("/")}`;
        assert.equal(new PathRouter(routes).find("GET", path)?.found, byDefinition(routes, path));
      },
    ),
  );
});
