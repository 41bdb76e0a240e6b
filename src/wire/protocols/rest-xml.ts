/** REST with XML bodies: S3. */
import { catalogEntry } from "../../models/catalog.ts";
import { structureNamed } from "../../models/shapes.ts";
import { type BodyFormat, decodeBound, encodeBound } from "./http-bindings.ts";
import type { Protocol } from "./protocol.ts";
import { element, escapeXml, formatXml, parseXml } from "./xml.ts";

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

const xml: BodyFormat = {
  contentType: "application/xml",
  decode: parseXml,
  encode: (model, shapeName, value, name) => {
    const { xmlName = name, xmlUnwrapped } = structureNamed(model, shapeName);
    const children = formatXml(model, shapeName, value, { queryNames: false });
    if (children === "" && !xmlUnwrapped) return Buffer.alloc(0);
    const content = xmlUnwrapped ? children.replace(/^<[^>]*>|<[^>]*>$/g, "") : children;
    const namespace = model.xmlNamespace === undefined ? "" : ` xmlns="${escapeXml(model.xmlNamespace)}"`;
    return Buffer.from(DECLARATION + element(xmlName, content, namespace));
  },
};

export const restXml: Protocol = {
  decodeInput({ model, operation, request }, labels) {
    return decodeBound(model, operation, labels, request, xml);
  },

  encodeOutput({ model, name, operation }, output, requestId) {
    const bound =
      operation.output === undefined
        ? { status: undefined, headers: {}, body: Buffer.alloc(0) }
        : encodeBound(model, operation.output, output, `${name}Result`, xml);
    return {
      status:
        bound.status ?? (bound.headers["content-range"] === undefined ? (operation.status ?? 200) : PARTIAL_CONTENT),
      headers: { ...bound.headers, ...requestHeaders(requestId) },
      body: bound.body,
    };
  },

  encodeError(model, error, request, requestId) {
    if (error.status === NOT_MODIFIED) {
      return {
        status: error.status,
        headers: { ...headersOf(error.members), ...requestHeaders(requestId) },
        body: Buffer.alloc(0),
      };
    }
    const body =
      element("Code", escapeXml(error.code)) +
      element("Message", escapeXml(error.message)) +
      plainMembers(error.members) +
      element("RequestId", escapeXml(requestId)) +
      element("HostId", escapeXml(hostId(requestId)));
    const one = element("Error", body);
    const isWrapped = model !== undefined && catalogEntry(model.name).dialect.errorsAreWrapped;
    return {
      status: error.status,
      headers: { "content-type": xml.contentType, ...requestHeaders(requestId) },
      body:
        request.method === "HEAD"
          ? Buffer.alloc(0)
          : Buffer.from(DECLARATION + (isWrapped ? element("ErrorResponse", one) : one)),
    };
  },

  events: {
    startsWithInitialResponse: false,
    format: ({ model }) => ({
      contentType: "text/xml",
      encode: (shapeName, value) => xml.encode(model, shapeName, value, shapeName),
    }),
  },
};

/** An answer that holds only a part of what was asked for says which part. */
const PARTIAL_CONTENT = 206;
/** This one has no body: what it tells (`ETag`, `Last-Modified`) stands in its headers. */
const NOT_MODIFIED = 304;

function headersOf(members: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** S3's errors name what they are about (`Key`, `BucketName`), mostly beyond what their shapes say, and always as text. */
function plainMembers(members: Readonly<Record<string, unknown>>): string {
  return Object.entries(members)
    .map(([name, value]) => element(name, escapeXml(String(value))))
    .join("");
}

/** S3 names a request twice; the second id is opaque. */
function requestHeaders(requestId: string): Record<string, string> {
  return { "x-amz-request-id": requestId, "x-amz-id-2": hostId(requestId) };
}

function hostId(requestId: string): string {
  return Buffer.from(requestId).toString("base64");
}
