import assert from "node:assert/strict";
import { test } from "node:test";
import { matchingTexts } from "../../test/model-inputs.ts";
import { catalog, loadModel } from "../models/catalog.ts";
import type { StringShape } from "../models/model.ts";
import { patternOf } from "./validate-pattern.ts";

/** Each pattern of the models once, with the longest value that it can meet. */
const shapes = new Map<string, StringShape>();
for (const { name } of catalog) {
  for (const shape of Object.values(loadModel(name).shapes)) {
    if (shape.type !== "string" || shape.pattern === undefined) continue;
    const known = shapes.get(shape.pattern);
    if (known === undefined || (shape.max ?? Number.POSITIVE_INFINITY) > (known.max ?? Number.POSITIVE_INFINITY)) {
      shapes.set(shape.pattern, shape);
    }
  }
}

test("every pattern of the models can be held against a value, and some value matches it", () => {
  assert.ok(shapes.size > 300);
  for (const shape of shapes.values()) assert.ok(matchingTexts(shape).length > 0, shape.pattern);
});

// In processor time, so that a busy machine fails nothing. A pattern that tries every way to cut a text takes hours for these.
test("no pattern takes long, whatever it is held against", () => {
  for (const [source, shape] of shapes) {
    const pattern = patternOf(source);
    for (const hostile of hostileTexts(shape)) {
      const milliseconds = millisecondsOf(() => pattern.matches(hostile));
      assert.ok(milliseconds < 500, `${source} took ${milliseconds} ms for ${JSON.stringify(hostile.slice(0, 80))}…`);
    }
  }
});

/** Values that match, each with one of its pieces repeated up to the longest length, and an end that does not fit. */
function hostileTexts(shape: StringShape): string[] {
  const length = Math.min(shape.max ?? 4096, 4096);
  const texts: string[] = [];
  for (const text of matchingTexts(shape).slice(-2)) {
    const stride = Math.max(1, Math.floor(text.length / 5));
    for (let at = 0; at < text.length; at += stride) {
      for (const piece of [text.charAt(at), text.slice(at, at + 2), `${text.charAt(at)}/`]) {
        for (const end of ["\n", "::", "!"]) {
          const room = length - text.length - end.length;
          const repeated = piece.repeat(Math.max(0, Math.floor(room / piece.length)));
          texts.push(text.slice(0, at) + repeated + text.slice(at) + end, text.slice(0, at) + repeated + end);
        }
      }
    }
  }
  return texts;
}

function millisecondsOf(act: () => void): number {
  const begun = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

const cases: readonly (readonly [source: string, value: string, matches: boolean])[] = [
  // From end to end, anchors or not.
  ["[a-zA-Z0-9_.-]+", "orders", true],
  ["[a-zA-Z0-9_.-]+", "or ders", false],
  ["$|^.*[\\S]", "", true],
  ["$|^.*[\\S]", "x", true],
  ["$|^.*[\\S]", " ", false],
  // Escaped once too often, in Connect's phone numbers.
  ["\\\\+[1-9]\\\\d{1,14}$", "+14155550100", true],
  ["\\\\+[1-9]\\\\d{1,14}$", "4155550100", false],
  // Between slashes, in Connect's passwords.
  ["/^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)[a-zA-Z\\d\\S]{8,64}$/", "Passw0rd", true],
  ["/^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)[a-zA-Z\\d\\S]{8,64}$/", "password", false],
  // Unicode classes, and hyphens beside classes.
  ["^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$", "équipe 42", true],
  ["^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$", "aws:x", false],
  ["[\\w/-]+", "a/b-c", true],
  ["[\\s\\w_-]+", "a b", true],
  // Only a beginning.
  ["^arn:[a-z0-9]{1,10}:profile", "arn:aws:profile:us-east-1:111122223333:domains/d", true],
  // Rewritten, and still the same.
  [".*\\S.*", " x ", true],
  [".*\\S.*", "   ", false],
  ["^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$", "\tX-Api Key\t", true],
  ["^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$", "X:Y", false],
  ["^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$", "\t\t", false],
];

for (const [source, value, matches] of cases) {
  test(`${JSON.stringify(value)} ${matches ? "matches" : "does not match"} ${source}`, () => {
    assert.equal(patternOf(source).matches(value), matches);
  });
}
