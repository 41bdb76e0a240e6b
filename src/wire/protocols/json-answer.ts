/**
 * JSON answers of any length. A long one comes in slices, between which others get their turn: `GetRecords` answers up to 14 MB, and
 * to write them in one go held up the event loop for 40 ms on an idle machine.
 */
import { setImmediate } from "node:timers/promises";
import { compileOnce } from "../../models/compile-once.ts";
import type { ServiceModel } from "../../models/model.ts";
import { shapeNamed, structureNamed } from "../../models/shapes.ts";
import { formatJson, jsonTree } from "./json.ts";
import { bodyMembers } from "./tree.ts";

/** Characters of a slice; a run of a list's elements is never cut. Measured: twice as long ones cost half as much again, in fresh pages. */
const SLICE_CHARACTERS = 64 * 1024;
const RUN_CHARACTERS = 16 * 1024;

/** What does not fit the model throws: here, or in the stream where it comes after the first slice. */
export function formatJsonAnswer(
  model: ServiceModel,
  shapeName: string,
  output: Record<string, unknown>,
): Buffer | AsyncIterable<Buffer> {
  const list = longestList(model, shapeName)(output);
  if (list === undefined) return formatJson(jsonTree.encode(model, shapeName, output));
  const pieces = piecesOf(model, shapeName, output, list);
  const first = nextSlice(pieces);
  return first.isLast ? first.bytes : slices(first.bytes, pieces);
}

interface List {
  readonly name: string;
  readonly key: string;
  readonly shape: string;
}

/** What makes an answer long is one list of it. */
const longestList = compileOnce<[output: Record<string, unknown>], List | undefined>((model, shapeName) => {
  const lists = bodyMembers(structureNamed(model, shapeName))
    .filter(([, member]) => shapeNamed(model, member.shape).type === "list")
    .map(([name, member]): List => ({ name, key: member.locationName ?? name, shape: member.shape }));
  return (output) => {
    let longest: List | undefined;
    let length = 0;
    for (const list of lists) {
      const value = output[list.name];
      if (!Array.isArray(value) || value.length <= length) continue;
      longest = list;
      length = value.length;
    }
    return longest;
  };
});

/**
 * The answer with its longest list at the end, in runs of elements: 500 small ones one by one take twice the time of one run. How many
 * make a run follows from the last one's length.
 */
function* piecesOf(
  model: ServiceModel,
  shapeName: string,
  output: Record<string, unknown>,
  list: List,
): Generator<string, void, undefined> {
  const { [list.name]: value, ...others } = output;
  const elements = value as unknown[];
  const head = JSON.stringify(jsonTree.encode(model, shapeName, others));
  yield `${head.slice(0, -1)}${head === "{}" ? "" : ","}${JSON.stringify(list.key)}:[`;
  for (let from = 0, count = 1; from < elements.length; ) {
    const run = JSON.stringify(jsonTree.encode(model, list.shape, elements.slice(from, from + count)));
    yield `${from === 0 ? "" : ","}${run.slice(1, -1)}`;
    from += count;
    count = run.length < RUN_CHARACTERS ? count * 2 : Math.ceil(count / 2);
  }
  yield "]}";
}

async function* slices(first: Buffer, pieces: Iterator<string>): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  for (let isLast = false; !isLast; ) {
    await setImmediate();
    const slice = nextSlice(pieces);
    yield slice.bytes;
    isLast = slice.isLast;
  }
}

function nextSlice(pieces: Iterator<string>): { bytes: Buffer; isLast: boolean } {
  let text = "";
  while (text.length < SLICE_CHARACTERS) {
    const { value, done } = pieces.next();
    if (done) return { bytes: Buffer.from(text), isLast: true };
    text += value;
  }
  return { bytes: Buffer.from(text), isLast: false };
}
