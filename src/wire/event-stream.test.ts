import assert from "node:assert/strict";
import { test } from "node:test";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { loadModel } from "../models/catalog.ts";
import { encodeEvents, encodeInitialResponse } from "./event-stream.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text),
);
const format = {
  contentType: "application/json",
  encode: (_shape: string, value: unknown): Buffer => Buffer.from(JSON.stringify(value)),
};

/** A frame as the SDK's own decoder reads it. */
function read(frame: Uint8Array): { headers: Record<string, unknown>; body: string } {
  const { headers, body } = codec.decode(frame);
  const values = Object.entries(headers).map(([name, { value }]) => [name, value]);
  return { headers: Object.fromEntries(values), body: Buffer.from(body).toString("utf8") };
}

async function* events(...list: (object | Error)[]): AsyncGenerator<unknown> {
  for (const event of list) {
    if (event instanceof Error) throw event;
    yield event;
  }
}

test("frames are what the SDK's decoder reads", () => {
  assert.deepEqual(read(encodeInitialResponse(Buffer.from("{}"), "application/x-amz-json-1.1")), {
    headers: {
      ":event-type": "initial-response",
      ":content-type": "application/x-amz-json-1.1",
      ":message-type": "event",
    },
    body: "{}",
  });
});

test("an event's payload of bytes is the frame's whole payload", async () => {
  const model = loadModel("lambda");
  const stream = events(
    { PayloadChunk: { Payload: Buffer.from("chunk ☎") } },
    { InvokeComplete: { LogResult: "log" } },
  );
  const frames = await collect(encodeEvents(model, "InvokeWithResponseStreamResponseEvent", stream, format));
  assert.deepEqual(frames.map(read), [
    {
      headers: { ":event-type": "PayloadChunk", ":content-type": "application/octet-stream", ":message-type": "event" },
      body: "chunk ☎",
    },
    {
      headers: { ":event-type": "InvokeComplete", ":content-type": "application/json", ":message-type": "event" },
      body: '{"LogResult":"log"}',
    },
  ]);
});

test("a failure of ours ends the stream with an error that says nothing, and reaches whoever reads the frames", async () => {
  const frames: Buffer[] = [];
  const readAll = async (): Promise<void> => {
    const stream = encodeEvents(
      loadModel("kinesis"),
      "SubscribeToShardEventStream",
      events(new Error("disk on fire")),
      format,
    );
    for await (const frame of stream) frames.push(frame);
  };
  await assert.rejects(readAll(), /disk on fire/);
  assert.deepEqual(frames.map(read), [
    { headers: { ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "" }, body: "" },
  ]);
});

async function collect(frames: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const collected: Buffer[] = [];
  for await (const frame of frames) collected.push(frame);
  return collected;
}
