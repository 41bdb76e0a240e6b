/**
 * Event streams (`application/vnd.amazon.eventstream`): a frame an event.
 *
 *     total length u32 | headers length u32 | CRC-32 of these | headers | payload | CRC-32 of all before
 *     header: name length u8 | name | type u8 (7: text) | value length u16 | value
 *
 * All integers big-endian. https://smithy.io/2.0/aws/amazon-eventstream.html
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import type { ServiceModel } from "../models/model.ts";
import { ModeledError } from "../models/modeled-error.ts";
import { structureNamed } from "../models/shapes.ts";

/** How the protocol of the answer writes an event's or exception's payload. */
export interface EventFormat {
  readonly contentType: string;
  encode(shapeName: string, value: unknown): Buffer;
}

/** The member of an output that is a stream of events, if it has one. */
export function eventStreamMember(
  model: ServiceModel,
  outputShape: string,
): { name: string; shape: string } | undefined {
  const output = model.shapes[outputShape];
  if (output?.type !== "structure") return undefined;
  for (const [name, member] of Object.entries(output.members)) {
    const shape = model.shapes[member.shape];
    if (shape?.type === "structure" && shape.eventstream) return { name, shape: member.shape };
  }
  return undefined;
}

/**
 * Frames for events, each an object with one member that names it, as the SDKs' types have them. A `ModeledError` thrown between events
 * ends the stream with an exception frame. Any other failure is our own: the client gets an error frame, and the error goes on to whoever
 * reads the frames.
 */
export async function* encodeEvents(
  model: ServiceModel,
  streamShape: string,
  events: AsyncIterable<unknown>,
  format: EventFormat,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const event of events) yield encodeEvent(model, streamShape, event, format);
  } catch (error) {
    if (error instanceof ModeledError && model.shapes[error.code] !== undefined) {
      yield encodeException(error.code, { message: error.message, ...error.members }, format);
      return;
    }
    yield encodeFrame(
      { ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "" },
      Buffer.alloc(0),
    );
    throw error;
  }
}

/** The frame in which RPC protocols send the other members of the output, before the first event. */
export function encodeInitialResponse(payload: Buffer, contentType: string): Buffer {
  return encodeFrame(
    { ":event-type": "initial-response", ":content-type": contentType, ":message-type": "event" },
    payload,
  );
}

function encodeEvent(model: ServiceModel, streamShape: string, event: unknown, format: EventFormat): Buffer {
  assert.ok(typeof event === "object" && event !== null, `${streamShape} is a stream of objects`);
  const [name, value] = Object.entries(event)[0] ?? [];
  const member = name === undefined ? undefined : structureNamed(model, streamShape).members[name];
  assert.ok(name !== undefined && member !== undefined, `${streamShape} has no event ${name}`);
  const shape = structureNamed(model, member.shape);
  if (shape.exception) return encodeException(name, value, format, member.shape);
  const payloadMember = Object.entries(shape.members).find(([, { eventpayload }]) => eventpayload)?.[0];
  if (payloadMember === undefined) {
    return encodeFrame(eventHeaders(name, format.contentType), format.encode(member.shape, value));
  }
  const bytes = (value as Record<string, unknown>)[payloadMember];
  assert.ok(bytes instanceof Uint8Array, `${member.shape}.${payloadMember} is a blob`);
  return encodeFrame(eventHeaders(name, "application/octet-stream"), Buffer.from(bytes));
}

function encodeException(name: string, value: unknown, format: EventFormat, shapeName = name): Buffer {
  return encodeFrame(
    { ":exception-type": name, ":content-type": format.contentType, ":message-type": "exception" },
    format.encode(shapeName, value),
  );
}

function eventHeaders(name: string, contentType: string): Record<string, string> {
  return { ":event-type": name, ":content-type": contentType, ":message-type": "event" };
}

const TEXT_HEADER = 7;
const PRELUDE_BYTES = 8;
const CHECKSUM_BYTES = 4;

function encodeFrame(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const headerBytes = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const length = PRELUDE_BYTES + CHECKSUM_BYTES + headerBytes.length + payload.length + CHECKSUM_BYTES;
  const frame = Buffer.alloc(length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(headerBytes.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, PRELUDE_BYTES)), PRELUDE_BYTES);
  headerBytes.copy(frame, PRELUDE_BYTES + CHECKSUM_BYTES);
  payload.copy(frame, PRELUDE_BYTES + CHECKSUM_BYTES + headerBytes.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, length - CHECKSUM_BYTES)), length - CHECKSUM_BYTES);
  return frame;
}

function encodeHeader(name: string, value: string): Buffer {
  const header = Buffer.alloc(1 + name.length + 3);
  header.writeUInt8(name.length, 0);
  header.write(name, 1, "latin1");
  header.writeUInt8(TEXT_HEADER, 1 + name.length);
  header.writeUInt16BE(Buffer.byteLength(value), 2 + name.length);
  return Buffer.concat([header, Buffer.from(value)]);
}
