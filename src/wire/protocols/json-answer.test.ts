import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../../models/catalog.ts";
import { formatJson, jsonTree } from "./json.ts";
import { formatJsonAnswer } from "./json-answer.ts";

const kinesis = loadModel("kinesis");

const recordsOf = (sizes: readonly number[]): Record<string, unknown>[] =>
  sizes.map((size, i) => ({
    SequenceNumber: String(i),
    ApproximateArrivalTimestamp: new Date(i),
    Data: Buffer.alloc(size, "x"),
    PartitionKey: `ключ-${i}`,
  }));

async function collect(body: Buffer | AsyncIterable<Buffer>): Promise<Buffer[]> {
  if (body instanceof Uint8Array) return [body];
  const slices: Buffer[] = [];
  for await (const slice of body) slices.push(slice);
  return slices;
}

const mixed = Array.from({ length: 300 }, (_, i) => (i % 50 === 0 ? 200_000 : i));
const sizesOf: Readonly<Record<string, readonly number[]>> = {
  "no record": [],
  "one record": [10],
  "three records": [0, 1, 2],
  "many small records": Array(5000).fill(100),
  "small records, and big ones among them": mixed,
};

for (const [what, sizes] of Object.entries(sizesOf)) {
  test(`an answer with ${what} says the same as in one piece`, async () => {
    const output = { Records: recordsOf(sizes), NextShardIterator: "next", MillisBehindLatest: 0 };
    const slices = await collect(formatJsonAnswer(kinesis, "GetRecordsOutput", output));
    const whole = formatJson(jsonTree.encode(kinesis, "GetRecordsOutput", output));
    assert.deepEqual(JSON.parse(Buffer.concat(slices).toString()), JSON.parse(whole.toString()));
  });
}

test("a list that has nothing beside it is an answer too", async () => {
  const output = { Records: recordsOf([1]) };
  const [only] = await collect(formatJsonAnswer(kinesis, "GetRecordsOutput", output));
  assert.deepEqual(Object.keys(JSON.parse(String(only))), ["Records"]);
});

test("a short answer is bytes; a long one comes in slices, and others get their turn between them", async () => {
  assert.ok(formatJsonAnswer(kinesis, "GetRecordsOutput", { Records: recordsOf([1, 2]) }) instanceof Buffer);

  const long = formatJsonAnswer(kinesis, "GetRecordsOutput", { Records: recordsOf(Array(1000).fill(1024)) });
  assert.ok(!(long instanceof Uint8Array));
  let slices = 0;
  let turns = 0;
  const count = (): void => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  for await (const slice of long) {
    slices++;
    assert.ok(slice.length < 128 * 1024);
  }
  clearImmediate(immediate);
  assert.ok(slices > 10);
  assert.ok(turns >= slices - 1);
});

test("what does not fit the model throws, behind the first slice too", async () => {
  assert.throws(() => formatJsonAnswer(kinesis, "GetRecordsOutput", { Records: [{ SequenceNumber: 1 }] }));
  const records = [...recordsOf(Array(1000).fill(1024)), { SequenceNumber: 1 }];
  await assert.rejects(collect(formatJsonAnswer(kinesis, "GetRecordsOutput", { Records: records })));
});
