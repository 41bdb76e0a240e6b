import { Malformed } from "./malformed.ts";

const ACTION = /(?:^|&)Action=/;

/** Where a request of the query protocol has its parameters: in its form, or in its query, beside which a body of another kind says nothing. */
export function formOf({ query, body }: { readonly query: string; readonly body: Buffer }): string {
  const form = body.toString("utf8");
  const isElsewhere = !ACTION.test(form) && ACTION.test(query);
  return form === "" || isElsewhere ? query : form;
}

/** The parameters of a query string or form, decoded, in order; a name that repeats has several values. Throws `Malformed`. */
export function parseParameters(text: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>();
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = percentDecode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? "" : percentDecode(part.slice(equals + 1));
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return parameters;
}

function percentDecode(text: string): string {
  return decodeLabel(text.replaceAll("+", " "));
}

/** A path segment's value. A plus sign is itself here. Throws `Malformed`. */
export function decodeLabel(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Malformed("malformed", "The request's URI is not correctly percent-encoded.");
  }
}
