import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePageToken, encodePageToken } from "./page-token.ts";

test("a token gives its position back to the same request, and to no other", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string()),
      fc.array(fc.string()),
      fc.string({ unit: "grapheme" }),
      (request, other, position) => {
        const token = encodePageToken(request, position);
        assert.match(token, /^[\w-]+$/);
        assert.equal(decodePageToken(request, token), position);
        if (JSON.stringify(request) !== JSON.stringify(other)) assert.equal(decodePageToken(other, token), undefined);
      },
    ),
  );
});

test("any other text is no token", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(decodePageToken(["a"], text), undefined)));
});
