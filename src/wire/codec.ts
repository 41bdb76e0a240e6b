/** Requests to inputs and outputs to answers, by the model. The only door of the protocols. */
import assert from "node:assert/strict";
import { catalogEntry, type Dialect } from "../models/catalog.ts";
import { compileOnce } from "../models/compile-once.ts";
import type { OperationModel, ServiceModel } from "../models/model.ts";
import { operationNamed, structureNamed } from "../models/shapes.ts";
import type { Ids } from "../time/ids.ts";
import { encodeEvents, encodeInitialResponse, eventStreamMember } from "./event-stream.ts";
import { inputError, wireError } from "./protocols/errors.ts";
import { documentTree } from "./protocols/json.ts";
import { jsonRpc } from "./protocols/json-rpc.ts";
import { Malformed } from "./protocols/malformed.ts";
import type { Call, Protocol } from "./protocols/protocol.ts";
import { query } from "./protocols/query.ts";
import { restJson } from "./protocols/rest-json.ts";
import { restXml } from "./protocols/rest-xml.ts";
import type { RawRequest, RawResponse } from "./raw-message.ts";
import { validate } from "./validate.ts";
import { problemsMessage } from "./validate-message.ts";

/**
 * The input of an operation, parsed and wholly validated by the model: required members are there, nulls and unknown members are not,
 * missing idempotency tokens are filled in. `labels` are raw path segments by label name.
 *
 * Throws `ModeledError` in the service's own words and codes for whatever is wrong with the request.
 */
export function decodeInput(
  model: ServiceModel,
  operation: string,
  labels: Readonly<Record<string, string>>,
  request: RawRequest,
  ids: Ids,
  onRead: (input: unknown) => void = () => {},
): unknown {
  const call = callOf(model, operation, request);
  return complete(model, call.operation, ids, () => protocolOf(model, request).decodeInput(call, labels), onRead);
}

/** The same of an input that is one JSON document with all members under their own names, as SDKs and the AWS CLI have it. */
export function decodeDocument(model: ServiceModel, operation: string, document: unknown, ids: Ids): unknown {
  const called = operationNamed(model, operation);
  return complete(model, called, ids, () =>
    called.input === undefined ? {} : (documentTree.decode(model, called.input, document) as Record<string, unknown>),
  );
}

/** An output as such a document. */
export function encodeDocument(model: ServiceModel, operation: string, output: unknown): unknown {
  const { output: shape } = operationNamed(model, operation);
  return shape === undefined ? {} : documentTree.encode(model, shape, output);
}

function complete(
  model: ServiceModel,
  operation: OperationModel,
  ids: Ids,
  decode: () => Record<string, unknown>,
  onRead: (input: unknown) => void = () => {},
): Record<string, unknown> {
  const { dialect } = catalogEntry(model.name);
  const input = decoded(decode, dialect, operation);
  onRead(input);
  if (operation.input === undefined) return input;
  fillTokens(model, operation.input)(input, ids);
  const problems = validate(model, operation.input, input);
  if (problems.length > 0) {
    const kind = problems.some((problem) => problem.kind === "missing") ? "missing" : "constraint";
    throw inputError(dialect, operation, kind, problemsMessage(model, problems, dialect.messages));
  }
  return input;
}

function decoded(
  decode: () => Record<string, unknown>,
  dialect: Dialect,
  operation: OperationModel,
): Record<string, unknown> {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw inputError(dialect, operation, error.kind, error.message);
  }
}

const fillTokens = compileOnce<[Record<string, unknown>, Ids], void>((model, shapeName) => {
  const members = Object.entries(structureNamed(model, shapeName).members);
  const tokens = members.filter(([, member]) => member.idempotencyToken).map(([name]) => name);
  return (input, ids) => {
    for (const token of tokens) input[token] ??= ids.uuid();
  };
});

/** The answer to a request that succeeded. An output that does not fit the model is our own mistake, and throws. */
export function encodeOutput(
  model: ServiceModel,
  operation: string,
  answer: unknown,
  request: RawRequest,
  requestId: string,
): RawResponse {
  const call = callOf(model, operation, request);
  // An operation without an output shape may answer with nothing at all.
  const output = answer ?? (call.operation.output === undefined ? {} : undefined);
  assert.ok(typeof output === "object" && output !== null, `${operation} answers with an object`);
  const stream = call.operation.output === undefined ? undefined : eventStreamMember(model, call.operation.output);
  if (stream === undefined)
    return protocolOf(model, request).encodeOutput(call, output as Record<string, unknown>, requestId);
  const { [stream.name]: events, ...head } = output as Record<string, unknown>;
  assert.ok(isAsyncIterable(events), `${operation}.${stream.name} is a stream of events`);
  return encodeStream(call, head, events, stream.shape, requestId);
}

function encodeStream(
  call: Call,
  head: Record<string, unknown>,
  events: AsyncIterable<unknown>,
  streamShape: string,
  requestId: string,
): RawResponse {
  const protocol = protocolOf(call.model, call.request);
  assert.ok(protocol.events !== undefined, `${call.model.name} has a protocol with event streams`);
  const format = protocol.events.format(call);
  const { status, headers, body } = protocol.encodeOutput(call, head, requestId);
  const frames = encodeEvents(call.model, streamShape, events, format);
  assert.ok(body instanceof Uint8Array, "The head of an event stream is no stream itself");
  const initial = protocol.events.startsWithInitialResponse
    ? encodeInitialResponse(body, format.contentType)
    : undefined;
  return {
    status,
    headers: { ...headers, "content-type": "application/vnd.amazon.eventstream" },
    body: initial === undefined ? frames : startingWith(initial, frames),
  };
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  yield first;
  yield* rest;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/**
 * The answer to a request that failed. A `ModeledError` says its code and text, with the status of its shape (or of `Refusal`, or of the
 * errors that all services share). Anything else is the service's internal error, and says nothing of its cause.
 *
 * `model` is absent where the service could not be told from the request; the envelope is then the one that the request looks like.
 */
export function encodeError(
  model: ServiceModel | undefined,
  _operation: string | undefined,
  error: unknown,
  request: RawRequest,
  requestId: string,
): RawResponse {
  return protocolOf(model, request).encodeError(model, wireError(model, error), request, requestId);
}

function callOf(model: ServiceModel, name: string, request: RawRequest): Call {
  return { model, name, operation: operationNamed(model, name), request };
}

function protocolOf(model: ServiceModel | undefined, request: RawRequest): Protocol {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (model === undefined) return request.headers["x-amz-target"] !== undefined ? jsonRpc : isForm ? query : restJson;
  switch (model.protocol) {
    case "json":
      return model.queryCompatible && isQueryRequest(request, isForm) ? query : jsonRpc;
    case "rest-json":
      return restJson;
    case "rest-xml":
      return restXml;
    case "query":
      return query;
  }
}

function isQueryRequest(request: RawRequest, isForm: boolean): boolean {
  return request.headers["x-amz-target"] === undefined && (isForm || request.method === "GET");
}
