import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JsonObject } from "../../../matching/machine.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import { parseKeepingNumbers } from "../../json-text.ts";
import { compileSource, type Found } from "./field-source.ts";
import { TemplateBudget } from "./source-template.ts";

const RUNS = process.env.TRUNKLINE_FULL === "1" ? 50_000 : 500;

const OBJECT = parseKeepingNumbers(`{
  "scan": {"id": "s-9", "weight": 1.50, "no": 98765432109876543210, "ok": true, "gone": null, "empty": ""},
  "a-b": {"c d": 1},
  "items": [{"sku": "A", "n": 1}, {"n": 2}, {"sku": "C", "tags": ["x", "y"]}],
  "grid": [[1, 2], [3, 4]],
  "html": "<b>&\\"",
  "first": " Ina ", "last": "van  Dyk"
}`) as JsonObject;

function read(source: string, object: JsonObject = OBJECT): Found {
  return compileSource(source, "Fields.f.Source")(object, new TemplateBudget());
}

function refusal(source: string): string {
  try {
    read(source);
  } catch (error) {
    if (error instanceof ModeledError && error.code === "BadRequestException") return error.message;
    throw error;
  }
  return assert.fail(`${source} is taken`);
}

const ACCESSORS: readonly (readonly [source: string, found: Found])[] = [
  ["_source.scan.id", "s-9"],
  ["_source.scan.ok", true],
  ["_source.items[0].n", 1],
  ["_source.scan.weight", "1.50"],
  ["_source.scan.no", "98765432109876543210"],
  ["_source.scan.gone", undefined],
  ["_source.scan.empty", ""],
  ["_source.scan.none.deeper", undefined],
  ["_source.a-b.c d", 1],
  ["_source.items[2].sku", "C"],
  ["_source.items[9].sku", undefined],
  ["_source.grid[1][0]", 3],
  ["_source.items[].sku", ["A", undefined, "C"]],
  ["_source.items[].tags", [undefined, undefined, '["x","y"]']],
  ["_source.scan[].id", undefined],
  ["_source.items[2].tags[]", ["x", "y"]],
  ["_source.grid", "[[1,2],[3,4]]"],
  ["_source.scan", '{"id":"s-9","weight":1.50,"no":98765432109876543210,"ok":true,"gone":null,"empty":""}'],
  ["_source.items.length", undefined],
  ["_source.scan.no.rawJSON", undefined],
  ["_source.scan.id.length", undefined],
  ["_source.constructor.name", undefined],
  ["_source.__proto__", undefined],
];

test("an accessor reads a value, an element, or an array that it walks", () => {
  for (const [source, found] of ACCESSORS) {
    assert.deepEqual(read(source), found, source);
  }
});

test("what is neither an accessor nor a template is refused with its place", () => {
  const bad = [
    "",
    "scan.id",
    "_sourcex.a",
    "_source.",
    "_source..a",
    "_source.a[x]",
    "_source.a[-1]",
    "_source.a[",
    "_source.a{b}",
    "_source.a[][1]",
  ];
  for (const source of bad) assert.match(refusal(source), /^Fields\.f\.Source: /, source);
  assert.equal(refusal("_source.a[].b[].c"), "Fields.f.Source: [] is allowed once.");
});

const TEMPLATES: readonly (readonly [source: string, found: Found])[] = [
  ["{{_source.scan.id}}", "s-9"],
  ["x {{_source.scan.weight}}/{{_source.scan.no}}", "x 1.50/98765432109876543210"],
  ["{{_source.html}}{{{_source.html}}}{{&_source.html}}", '<b>&"<b>&"<b>&"'],
  ["{{_source.scan.none}}", undefined],
  ["{{_source.items.[1].n}}-{{_source.items.0.sku}}-{{_source.[a-b].[c d]}}", "2-A-1"],
  ["{{_source.grid}}", "[[1,2],[3,4]]"],
  ["{{#if _source.scan.ok}}yes{{else}}no{{/if}}", "yes"],
  ["{{#if _source.scan.empty}}a{{else if _source.scan.id}}b{{else}}c{{/if}}", "b"],
  ["{{#unless _source.scan.gone}}none{{/unless}}", "none"],
  ["{{^if _source.none}}none{{/if}}", "none"],
  ["{{#each _source.items}}{{@index}}{{#if @first}}<{{/if}}{{sku}}{{#unless @last}},{{/unless}}{{/each}}", "0<A,1,2C"],
  [
    "{{#each _source.scan}}{{@key}}={{this}};{{/each}}",
    "id=s-9;weight=1.50;no=98765432109876543210;ok=true;gone=;empty=;",
  ],
  [
    "{{#each _source.items as |item i|}}{{i}}{{item.n}}{{../_source.scan.id}}{{@root._source.scan.ok}} {{/each}}",
    "01s-9true 12s-9true 2s-9true ",
  ],
  ["{{#each _source.none}}x{{else}}empty{{/each}}", "empty"],
  ["{{#with _source.scan}}{{id}}{{#with ../_source.items}}{{[0].sku}}{{/with}}{{/with}}", "s-9A"],
  ["{{#with _source.none}}x{{else}}y{{/with}}", "y"],
  ["{{#removeExtraSpace}}  {{_source.first}}   {{_source.last}}{{/removeExtraSpace}}", "Ina van Dyk"],
  ["a{{! nothing }}b{{!-- nothing --}}c", "abc"],
  ["a  {{~_source.scan.id~}}  b", "as-9b"],
  [
    "{{constructor}}{{_source.constructor}}{{_source.__proto__}}{{_source.scan.toString}}{{_source.items.length}}",
    undefined,
  ],
];

test("a template is written without escapes, and reads nothing that the object does not have itself", () => {
  for (const [source, found] of TEMPLATES) assert.deepEqual(read(source), found, source);
});

test("what a template could call is no valid syntax", () => {
  const bad = [
    "{{> partial}}",
    "{{#> layout}}{{/layout}}",
    "{{* decorate}}",
    "{{lookup _source 'a'}}",
    "{{log _source}}",
    "{{_source.a b=1}}",
    "{{'text'}}",
    "{{#list _source.items}}{{/list}}",
    "{{#_source.items}}{{/_source.items}}",
    "{{#if}}{{/if}}",
    "{{#if _source.a _source.b}}{{/if}}",
    "{{#if (lookup _source 'a')}}{{/if}}",
    "{{#removeExtraSpace _source.a}}{{/removeExtraSpace}}",
    "{{#if _source.a}}",
    "{{_source.a",
    "{{}}",
    "{{#if _source.a}}{{/each}}",
  ];
  for (const source of bad)
    assert.match(refusal(source), /^Fields\.f\.Source: the Handlebars syntax is not valid/, source);
});

test("a template that costs too much is refused", () => {
  const elements = Array.from({ length: 1000 }, () => 1);
  const around = "{{#each _source.a}}{{#each ../_source.a}}{{#each ../../_source.a}}{{/each}}{{/each}}{{/each}}";
  assert.throws(() => read(around, { a: elements }), /take too many steps/);
  const big = "{{#each _source.a}}{{#removeExtraSpace}}{{../_source.b}}{{/removeExtraSpace}}{{/each}}";
  assert.throws(() => read(big, { a: elements, b: " ".repeat(10_000) }), /write too much/);
});

const anyPart = fc.oneof(
  fc.constantFrom(
    "_source",
    "a",
    "this",
    "..",
    "@index",
    "@root",
    "constructor",
    "__proto__",
    "prototype",
    "[0]",
    "length",
  ),
  fc.string({ maxLength: 4 }),
);
const anyPath = fc.array(anyPart, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
const { template: anyTemplate } = fc.letrec<{ template: string; piece: string }>((tie) => ({
  template: fc.array(tie("piece"), { maxLength: 4 }).map((pieces) => pieces.join("")),
  piece: fc.oneof(
    { depthSize: "small" },
    fc.string({ maxLength: 6 }),
    anyPath.map((path) => `{{${path}}}`),
    fc
      .tuple(fc.constantFrom("if", "unless", "each", "with", "removeExtraSpace", "lookup"), anyPath, tie("template"))
      .map(([name, path, inner]) => `{{#${name} ${name === "removeExtraSpace" ? "" : path}}}${inner}{{/${name}}}`),
  ),
}));

test("whatever a source is, it is refused by name or makes a value of any object", () => {
  const anyObject = fc.dictionary(
    fc.constantFrom("a", "this", "length", "constructor", "b"),
    fc.jsonValue({ maxDepth: 3 }),
  );
  const anySource = fc.oneof(
    anyTemplate,
    anyPath,
    anyPath.map((path) => `_source.${path}`),
  );
  let taken = 0;
  fc.assert(
    fc.property(anySource, anyObject, (source, object) => {
      try {
        const found = read(source, object as JsonObject);
        for (const value of Array.isArray(found) ? found : [found]) {
          assert.ok(["string", "number", "boolean", "undefined"].includes(typeof value));
          assert.doesNotMatch(String(value), /native code|\[object/);
        }
        taken += 1;
      } catch (error) {
        if (!(error instanceof ModeledError)) throw error;
        assert.equal(error.code, "BadRequestException");
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(taken > 50, `only ${taken} sources were taken`);
});

test("an accessor finds what stands at a path", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/).filter((text) => text !== "__proto__");
  const step = fc.oneof(name, fc.nat({ max: 3 }));
  fc.assert(
    fc.property(fc.tuple(name, fc.array(step, { maxLength: 4 })), fc.string(), ([first, rest], value) => {
      const around = (steps: readonly (string | number)[]): unknown => {
        const [here, ...inner] = steps;
        if (here === undefined) return value;
        return typeof here === "number" ? [...Array.from({ length: here }), around(inner)] : { [here]: around(inner) };
      };
      const steps = rest.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
      assert.equal(read(`_source.${first}${steps}`, around([first, ...rest]) as JsonObject), value);
    }),
  );
});
