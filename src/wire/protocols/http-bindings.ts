/** What REST protocols put beside the body: labels, query, headers, status, and payloads that are the whole body. */
import assert from "node:assert/strict";
import type { Member, OperationModel, ServiceModel, StructureShape } from "../../models/model.ts";
import { shapeNamed, structureNamed } from "../../models/shapes.ts";
import type { RawRequest } from "../raw-message.ts";
import { decodeLabel, parseParameters } from "./parameters.ts";
import { formatText, parseText } from "./text.ts";
import { bodyMembers, setEntry } from "./tree.ts";

/** How a protocol writes the structures that travel in the body. */
export interface BodyFormat {
  readonly contentType: string;
  /** The members of a structure that the body holds. Throws `Malformed`. */
  decode(model: ServiceModel, shapeName: string, body: Buffer): Record<string, unknown>;
  /** `element` names the root, where the format has one. */
  encode(model: ServiceModel, shapeName: string, value: unknown, element: string): Buffer;
}

/** An answer's parts. */
export interface BoundOutput {
  readonly status: number | undefined;
  readonly headers: Record<string, string>;
  readonly body: Buffer | AsyncIterable<Uint8Array>;
}

/** The input of an operation from all parts of its request. Throws `Malformed`. */
export function decodeBound(
  model: ServiceModel,
  operation: OperationModel,
  labels: Readonly<Record<string, string>>,
  request: RawRequest,
  format: BodyFormat,
): Record<string, unknown> {
  if (operation.input === undefined) return {};
  const shape = structureNamed(model, operation.input);
  const input = shape.payload === undefined ? decodeBody(model, operation.input, shape, request, format) : {};
  const query = parseParameters(request.query);
  for (const [name, member] of Object.entries(shape.members)) {
    const value = decodeMember(model, shape, name, member, { operation, labels, query, request, format });
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function decodeBody(
  model: ServiceModel,
  shapeName: string,
  shape: StructureShape,
  request: RawRequest,
  format: BodyFormat,
): Record<string, unknown> {
  return bodyMembers(shape).length === 0 || request.body.length === 0
    ? {}
    : format.decode(model, shapeName, request.body);
}

interface Parts {
  readonly operation: OperationModel;
  readonly labels: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly request: RawRequest;
  readonly format: BodyFormat;
}

function decodeMember(
  model: ServiceModel,
  parent: StructureShape,
  name: string,
  member: Member,
  parts: Parts,
): unknown {
  const { labels, request, format } = parts;
  const key = member.locationName ?? name;
  switch (member.location) {
    case "uri": {
      const label = labels[key];
      // A label cannot be empty; where the path has none, the member is missing.
      return label === undefined || label === ""
        ? undefined
        : parseText(shapeNamed(model, member.shape), decodeLabel(label));
    }
    case "querystring":
      return decodeQueryMember(model, parent, key, member, parts);
    case "header": {
      const text = request.headers[key.toLowerCase()];
      return text === undefined || text === "" ? undefined : decodeHeader(model, member, text);
    }
    case "headers":
      return prefixedHeaders(request.headers, (member.locationName ?? "").toLowerCase());
    case "statusCode":
      return undefined;
    case undefined:
      if (name !== parent.payload) return undefined;
      if (request.payload !== undefined) return request.payload;
      return decodePayload(model, member, parent.required?.includes(name) ?? false, request.body, format);
  }
}

function decodeQueryMember(
  model: ServiceModel,
  parent: StructureShape,
  key: string,
  member: Member,
  { operation, query }: Parts,
): unknown {
  const shape = shapeNamed(model, member.shape);
  if (shape.type === "map") return unboundParameters(operation, parent, query);
  const values = query.get(key);
  if (values === undefined) return undefined;
  if (shape.type === "list") return values.map((value) => parseText(shapeNamed(model, shape.member.shape), value));
  return parseText(shape, String(values[0]));
}

/** A map in the query holds the parameters that neither another member nor the route names. */
function unboundParameters(
  operation: OperationModel,
  parent: StructureShape,
  query: ReadonlyMap<string, readonly string[]>,
): Record<string, unknown> | undefined {
  const bound = new Set(
    Object.entries(parent.members)
      .filter(([, member]) => member.location === "querystring")
      .map(([name, member]) => member.locationName ?? name)
      .concat([...parseParameters(operation.uri.split("?")[1] ?? "").keys()]),
  );
  const rest: Record<string, unknown> = {};
  for (const [name, values] of query) if (!bound.has(name)) setEntry(rest, name, values[0]);
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function decodeHeader(model: ServiceModel, member: Member, text: string): unknown {
  const shape = shapeNamed(model, member.shape);
  if (shape.type !== "list") return parseText(shape, text);
  return text.split(",").map((element) => parseText(shapeNamed(model, shape.member.shape), element.trim()));
}

function prefixedHeaders(headers: RawRequest["headers"], prefix: string): Record<string, unknown> | undefined {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(prefix)) setEntry(found, name.slice(prefix.length), value);
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** Without a body the payload is absent; bytes that are required can well be none. */
function decodePayload(
  model: ServiceModel,
  member: Member,
  required: boolean,
  body: Buffer,
  format: BodyFormat,
): unknown {
  const { type } = shapeNamed(model, member.shape);
  if (body.length === 0) return type === "blob" && required ? body : undefined;
  switch (type) {
    case "blob":
      return body;
    case "string":
      return body.toString("utf8");
    default:
      return format.decode(model, member.shape, body);
  }
}

/** The parts of an answer, or of an error, which is a structure too. `element` names the body's root. */
export function encodeBound(
  model: ServiceModel,
  shapeName: string,
  value: unknown,
  element: string,
  format: BodyFormat,
): BoundOutput {
  const shape = structureNamed(model, shapeName);
  assert.ok(typeof value === "object" && value !== null, `${shapeName} is a structure`);
  const output = value as Record<string, unknown>;

  let status: number | undefined;
  const headers: Record<string, string> = {};
  for (const [name, member] of Object.entries(shape.members)) {
    const bound = output[name];
    if (bound === undefined || bound === null) continue;
    if (member.location === "statusCode") status = Number(bound);
    else if (member.location === "header") headers[headerName(name, member)] = formatHeader(model, member, bound);
    else if (member.location === "headers") Object.assign(headers, formatPrefixed(member, bound));
  }

  const payload = shape.payload === undefined ? undefined : shape.members[shape.payload];
  if (shape.payload === undefined || payload === undefined) {
    headers["content-type"] ??= format.contentType;
    return { status, headers, body: format.encode(model, shapeName, value, element) };
  }
  const body = encodePayload(model, shape.payload, payload, output[shape.payload], format);
  if (body.contentType !== undefined) headers["content-type"] ??= body.contentType;
  return { status, headers, body: body.bytes };
}

function headerName(name: string, member: Member): string {
  return (member.locationName ?? name).toLowerCase();
}

function formatHeader(model: ServiceModel, member: Member, value: unknown): string {
  const shape = shapeNamed(model, member.shape);
  if (shape.type !== "list") return formatText(shape, member, value, "rfc822");
  assert.ok(Array.isArray(value), `${member.shape} is a list`);
  return value
    .map((element) => formatText(shapeNamed(model, shape.member.shape), shape.member, element, "rfc822"))
    .join(",");
}

function formatPrefixed(member: Member, value: unknown): Record<string, string> {
  assert.ok(typeof value === "object" && value !== null, `${member.shape} is a map`);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [`${member.locationName ?? ""}${name}`.toLowerCase(), String(text)]),
  );
}

function encodePayload(
  model: ServiceModel,
  name: string,
  member: Member,
  value: unknown,
  format: BodyFormat,
): { bytes: BoundOutput["body"]; contentType?: string } {
  if (value === undefined || value === null) return { bytes: Buffer.alloc(0) };
  if (typeof value === "string") return { bytes: Buffer.from(value), contentType: "text/plain" };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value), contentType: "application/octet-stream" };
  if (isStream(value)) return { bytes: value, contentType: "application/octet-stream" };
  assert.ok(shapeNamed(model, member.shape).type === "structure", `${member.shape} is bytes or text`);
  return {
    bytes: format.encode(model, member.shape, value, member.locationName ?? name),
    contentType: format.contentType,
  };
}

function isStream(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
