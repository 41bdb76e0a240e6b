import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { textOfHtml } from "./html-text.ts";

const words = (html: string): string => textOfHtml(html).trim().replaceAll(/\s+/g, " ");

test("the words of an HTML mail are those that a person reads", () => {
  const cases: readonly (readonly [html: string, text: string])[] = [
    ["<p>Where is it?</p><p>My refund</p>", "Where is it? My refund"],
    ["re<b>fun</b>d<br>now", "refund now"],
    ["<head><title>x</title></head><style>p { a: b }</style>Hello<!-- not > this -->, there", "Hello, there"],
    ["<SCRIPT>if (a < b) say('hi')</Script>text", "text"],
    ["fish &amp; chips &lt;3 &#8364;5 &#x41; &unknown; &#9999999;", "fish & chips <3 €5 A &unknown; &#9999999;"],
    ["1 < 2 and 3 > 2", "1 < 2 and 3 > 2"],
    ['<a href="x">cancel</a>lation <img alt="nothing">', "cancellation"],
    ["<!DOCTYPE html>begin <b unclosed", "begin"],
    ["before <style> never closed", "before"],
    ["plain", "plain"],
    ["", ""],
  ];
  for (const [html, text] of cases) assert.equal(words(html), text, html);
});

test("whatever a mail holds, it has a text that is no longer", () => {
  const part = fc.constantFrom("<", ">", "<!--", "-->", "<script>", "</script", "<b>", "&lt;", "&#1", "a", " ", "&");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const html = parts.join("");
      assert.ok(textOfHtml(html).length <= html.length);
    }),
  );
});
