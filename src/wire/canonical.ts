import type { Head, Headers } from "./exchange.ts";

/**
 * The canonical request of Signature Version 4: what client and server both hash and sign.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * On the hot path of every request: plain loops and string searches, and no work for what is not there.
 */
export function canonicalRequest(
  head: Head,
  { parameters, signedHeaders, payloadHash, rawPath }: CanonicalParts,
): string {
  const path = rawPath ? head.path : canonicalPath(head.path);
  const query = parameters.length === 0 ? "" : canonicalQuery(parameters);
  const headers = canonicalHeaders(head.headers, signedHeaders);
  return `${head.method}\n${path}\n${query}\n${headers}\n${signedHeaders.join(";")}\n${payloadHash}`;
}

export interface CanonicalParts {
  /** The query's, decoded. */
  readonly parameters: readonly [name: string, value: string][];
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
  /** The path stays as it was sent. */
  readonly rawPath: boolean;
}

/** Percent-encodes all but the unreserved characters of RFC 3986; `encodeURIComponent` leaves five others alone. */
function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Decoded names and values of a raw query, in the order sent. Throws `URIError` for what is not percent-encoded UTF-8. */
export function parseQuery(query: string): [name: string, value: string][] {
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      return equals === -1
        ? [decodeQueryPart(pair), ""]
        : [decodeQueryPart(pair.slice(0, equals)), decodeQueryPart(pair.slice(equals + 1))];
    });
}

/** In a query `+` is a blank, as HTML forms have it: AWS reads and signs it so. */
function decodeQueryPart(text: string): string {
  return decodeURIComponent(text.includes("+") ? text.replaceAll("+", " ") : text);
}

/** Dot segments and doubled slashes removed, then encoded once more: `/a%20b` becomes `/a%2520b`. */
function canonicalPath(path: string): string {
  if (path === "/") return path;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(encodeRfc3986(segment));
  }
  const trailing = path.endsWith("/") && segments.length > 0 ? "/" : "";
  return `/${segments.join("/")}${trailing}`;
}

function canonicalQuery(parameters: CanonicalParts["parameters"]): string {
  return parameters
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function canonicalHeaders(headers: Headers, signed: readonly string[]): string {
  let lines = "";
  for (const name of signed) {
    // Clients that speak HTTP/2 sign the host under the name that it has there.
    const value = headers[name === ":authority" ? "host" : name] ?? "";
    lines += `${name}:${/\s\s|^\s|\s$|[\t\r\n]/.test(value) ? value.trim().replace(/\s+/g, " ") : value}\n`;
  }
  return lines;
}
