/** JSON 1.0 and 1.1: one path, the operation in a header. Kinesis also takes the same trees as CBOR, and answers as it was asked. */
import { catalogEntry } from "../../models/catalog.ts";
import type { ServiceModel } from "../../models/model.ts";
import type { RawRequest } from "../raw-message.ts";
import { cborTree } from "./cbor.ts";
import { formatCbor, parseCbor } from "./cbor-format.ts";
import { errorMembers, fault } from "./errors.ts";
import { formatJson, jsonTree, parseJson } from "./json.ts";
import { formatJsonAnswer } from "./json-answer.ts";
import type { Call, Protocol } from "./protocol.ts";
import type { TreeCodec } from "./tree.ts";

/** JSON or CBOR: how a tree is written. */
interface Encoding {
  readonly contentType: string;
  readonly tree: TreeCodec;
  parse(body: Buffer): unknown;
  format(tree: unknown): Buffer;
  formatAnswer(model: ServiceModel, shapeName: string, output: Record<string, unknown>): Buffer | AsyncIterable<Buffer>;
}

const json = { tree: jsonTree, parse: parseJson, format: formatJson, formatAnswer: formatJsonAnswer };

const encodings: Readonly<Record<"1.0" | "1.1" | "cbor", Encoding>> = {
  "1.0": { contentType: "application/x-amz-json-1.0", ...json },
  "1.1": { contentType: "application/x-amz-json-1.1", ...json },
  cbor: {
    contentType: "application/x-amz-cbor-1.1",
    tree: cborTree,
    parse: parseCbor,
    format: formatCbor,
    formatAnswer: (model, shapeName, output) => formatCbor(cborTree.encode(model, shapeName, output)),
  },
};

function encodingOf(model: ServiceModel | undefined, request: RawRequest): Encoding {
  if (model?.name === "kinesis" && request.headers["content-type"]?.startsWith(encodings.cbor.contentType))
    return encodings.cbor;
  return model?.jsonVersion === "1.0" ? encodings["1.0"] : encodings["1.1"];
}

export const jsonRpc: Protocol = {
  decodeInput({ model, operation, request }) {
    const { tree, parse } = encodingOf(model, request);
    const parsed = request.body.length === 0 ? {} : parse(request.body);
    if (operation.input === undefined) return {};
    return tree.decode(model, operation.input, parsed) as Record<string, unknown>;
  },

  encodeOutput({ model, operation, request }, output, requestId) {
    const { contentType, formatAnswer } = encodingOf(model, request);
    const body = operation.output === undefined ? Buffer.alloc(0) : formatAnswer(model, operation.output, output);
    return { status: 200, headers: { "content-type": contentType, "x-amzn-requestid": requestId }, body };
  },

  encodeError(model, error, request, requestId) {
    const { contentType, tree, format } = encodingOf(model, request);
    const dialect = model && catalogEntry(model.name).dialect;
    const type = dialect?.errorNamespace === undefined ? error.name : `${dialect.errorNamespace}#${error.name}`;
    const members = errorMembers(error, dialect);
    const known = model && error.shape ? (tree.encode(model, error.name, members) as object) : {};
    const body = format({ __type: type, ...textOf(members), ...known });
    const headers: Record<string, string> = { "content-type": contentType, "x-amzn-requestid": requestId };
    if (model?.queryCompatible) headers["x-amzn-query-error"] = `${error.code};${fault(error)}`;
    return { status: error.status, headers, body };
  },

  events: {
    startsWithInitialResponse: true,
    format({ model, request }: Call) {
      const { contentType, tree, format } = encodingOf(model, request);
      return { contentType, encode: (shapeName, value) => format(tree.encode(model, shapeName, value)) };
    },
  },
};

/** Many exceptions of these services have shapes without members, and texts all the same. */
function textOf({ message, Message }: Record<string, unknown>): Record<string, unknown> {
  if (message !== undefined) return { message };
  return Message === undefined ? {} : { Message };
}
