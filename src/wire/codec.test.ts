import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { invalidInput, requestOf, validInput } from "../../test/model-inputs.ts";
import { catalog, loadModel } from "../models/catalog.ts";
import { ModeledError } from "../models/modeled-error.ts";
import { structureNamed } from "../models/shapes.ts";
import { SeededIds } from "../time/ids.ts";
import { decodeInput, encodeError } from "./codec.ts";

const ids = new SeededIds("codec");
const operations = catalog.flatMap(({ name }) =>
  Object.entries(loadModel(name).operations).map(([operation, { input }]) => ({
    model: loadModel(name),
    operation,
    input,
  })),
);

test("every operation of every model takes inputs that its model allows, and sees them as they were sent", () => {
  for (const { model, operation, input: shapeName } of operations) {
    // Its deprecated `Event` and `Events` share one element, so what was sent cannot be told.
    if (shapeName === undefined || operation === "PutBucketNotification") continue;
    const tokens = Object.entries(structureNamed(model, shapeName).members).filter(
      ([, member]) => member.idempotencyToken,
    );
    fc.assert(
      fc.property(validInput(model, shapeName), (input) => {
        const { labels, ...request } = requestOf(model, operation, input);
        const decoded = decodeInput(model, operation, labels, request, ids) as Record<string, unknown>;
        for (const [name] of tokens) if (input[name] === undefined) delete decoded[name];
        assert.deepEqual(plain(decoded), plain(input));
      }),
      { numRuns: 5, verbose: 0 },
    );
  }
});

test("every operation of every model refuses what its model forbids with an error of the caller's", () => {
  for (const { model, operation } of operations) {
    const anyInvalid = invalidInput(model, operation);
    if (anyInvalid === undefined) continue;
    fc.assert(
      fc.property(anyInvalid, ({ input, wrong }) => {
        const { labels, ...request } = requestOf(model, operation, input);
        const error = refusalOf(() => decodeInput(model, operation, labels, request, ids), wrong);
        const { status } = encodeError(model, operation, error, request, "id");
        assert.ok(status >= 400 && status < 500, `${status} for ${wrong}`);
      }),
      { numRuns: 10, verbose: 0 },
    );
  }
});

test("whatever arrives is an input or an error of the caller's", () => {
  const anyBody = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.jsonValue({ maxDepth: 3 }).map((value) => Buffer.from(JSON.stringify(value))),
    fc.string({ maxLength: 60 }).map((text) => Buffer.from(`<a>${text}</a>`)),
  );
  const contentTypes = [
    "application/x-amz-json-1.1",
    "application/x-amz-cbor-1.1",
    "application/x-www-form-urlencoded",
    "",
  ];
  const anyRequest = fc.record({
    operation: fc.constantFrom(...operations),
    contentType: fc.constantFrom(...contentTypes),
    query: fc.oneof(fc.webQueryParameters(), fc.string({ maxLength: 20 })),
    label: fc.oneof(fc.webSegment(), fc.string({ maxLength: 20 })),
    body: anyBody,
  });
  const property = fc.property(anyRequest, ({ operation: { model, operation }, contentType, query, label, body }) => {
    const names = model.operations[operation]?.uri.matchAll(/\{(\w+)\+?\}/g) ?? [];
    const labels = Object.fromEntries([...names].map(([, name]) => [name, label]));
    const request = { method: "POST", path: "/", query, headers: { "content-type": contentType }, body };
    try {
      decodeInput(model, operation, labels, request, ids);
    } catch (error) {
      assert.ok(error instanceof ModeledError, `${operation}: ${String(error)}`);
      const { status } = encodeError(model, operation, error, request, "id");
      assert.ok(status >= 400 && status < 500, `${operation}: ${status}`);
    }
  });
  fc.assert(property, { numRuns: 5000, verbose: 0 });
});

function refusalOf(decode: () => unknown, wrong: string): ModeledError {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof ModeledError, `${String(error)} for ${wrong}`);
    return error;
  }
  assert.fail(`accepted, although ${wrong}`);
}

/** Buffers and other byte arrays alike. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("hex") };
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, plain(element)]));
}
