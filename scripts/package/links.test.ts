import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutDeadLinks } from "./links.ts";

const shipped = (path: string): boolean => ["README.md", "docs/b.md", "docs/pictures/is.png"].includes(path);
const linked = (text: string): string => withoutDeadLinks(text, "docs/a.md", shipped);

test("links to what is not shipped become their words, others stay", () => {
  assert.equal(linked("See [`run`](../examples/run.mjs) and [b](b.md#part)."), "See `run` and [b](b.md#part).");
  const stay = "[up](../README.md) [there](https://example.com/x) [here](#here) ![is](pictures/is.png)";
  assert.equal(linked(stay), stay);
});

test("a picture that is not shipped goes with its line", () => {
  assert.equal(linked("One.\n\n![A map](pictures/map.png)\n\nTwo.\n"), "One.\n\nTwo.\n");
});

test("code is left alone", () => {
  const code = "```md\n[x](nowhere.md)\n```\n";
  assert.equal(linked(code), code);
});
