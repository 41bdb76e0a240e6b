/** REST with JSON bodies. */
import { catalogEntry } from "../../models/catalog.ts";
import { errorMembers } from "./errors.ts";
import { type BodyFormat, decodeBound, encodeBound } from "./http-bindings.ts";
import { jsonTree, parseJson } from "./json.ts";
import type { Protocol } from "./protocol.ts";

const json: BodyFormat = {
  contentType: "application/json",
  decode: (model, shapeName, body) => jsonTree.decode(model, shapeName, parseJson(body)) as Record<string, unknown>,
  encode: (model, shapeName, value) => Buffer.from(JSON.stringify(jsonTree.encode(model, shapeName, value))),
};

const HTTP_NO_CONTENT = 204;

export const restJson: Protocol = {
  decodeInput({ model, operation, request }, labels) {
    return decodeBound(model, operation, labels, request, json);
  },

  encodeOutput({ model, name, operation }, output, requestId) {
    const bound =
      operation.output === undefined
        ? { status: undefined, headers: { "content-type": json.contentType }, body: Buffer.from("{}") }
        : encodeBound(model, operation.output, output, name, json);
    const status = bound.status ?? operation.status ?? 200;
    const { "content-type": contentType, ...bare } = bound.headers;
    if (status === HTTP_NO_CONTENT)
      return { status, headers: { ...bare, "x-amzn-requestid": requestId }, body: Buffer.alloc(0) };
    return { status, headers: { ...bound.headers, "x-amzn-requestid": requestId }, body: bound.body };
  },

  encodeError(model, error, _request, requestId) {
    const dialect = model && catalogEntry(model.name).dialect;
    const members = errorMembers(error, dialect);
    if (dialect?.errorsNameTheFault) nameTheFault(members, error.status);
    const bound =
      model && error.shape
        ? encodeBound(model, error.name, members, error.name, json)
        : { headers: {}, body: Buffer.from(JSON.stringify(members)) };
    return {
      status: error.status,
      headers: {
        ...bound.headers,
        "content-type": json.contentType,
        "x-amzn-requestid": requestId,
        "x-amzn-errortype": error.name,
      },
      body: bound.body,
    };
  },

  events: {
    startsWithInitialResponse: false,
    format: ({ model }) => ({
      contentType: json.contentType,
      encode: (shapeName, value) => json.encode(model, shapeName, value, shapeName),
    }),
  },
};

/** Lambda's errors say whose fault they are, and their text in both spellings, since its shapes use either. */
function nameTheFault(members: Record<string, unknown>, status: number): void {
  members.Type ??= status < 500 ? "User" : "Service";
  members.message ??= members.Message;
  members.Message ??= members.message;
}
