/** A header, a member of a query or one of a body that a connection or a target adds to its calls. */
export interface HttpParameter {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/** Headers that say how a message is framed or where it goes: nobody sets them but who sends it. */
const OWN_HEADERS = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "range",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

/** By name in lower case; of two with one name the later one. */
export function headersOf(parameters: readonly HttpParameter[]): Record<string, string> {
  const pairs = parameters.map(({ Key = "", Value = "" }): [string, string] => [Key.toLowerCase(), Value]);
  return Object.fromEntries(pairs.filter(([name]) => name !== "" && !OWN_HEADERS.has(name)));
}

/** Adds to what the URL has. */
export function withQuery(url: URL, parameters: readonly HttpParameter[]): URL {
  const added = new URL(url);
  for (const { Key = "", Value = "" } of parameters) added.searchParams.append(Key, Value);
  return added;
}
