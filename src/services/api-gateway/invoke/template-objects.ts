import { BoundedMap } from "../../bounded-map.ts";
import { parseKeepingNumbers } from "../../json-text.ts";
import { type Call, headerOf, lastValues, queryOf } from "./call.ts";
import { JsonPathError, queryJson } from "./json-path.ts";
import { isJsonType } from "./media-types.ts";
import { type Block, parseTemplate, TemplateError } from "./velocity/parse.ts";
import { renderTemplate } from "./velocity/render.ts";
import {
  type Budget,
  type JavaMap,
  JavaObject,
  parseJson,
  print,
  toJson,
  toValue,
  type Value,
} from "./velocity/values.ts";

/** A body that a template looks into and that is not JSON: the request's is the caller's fault. */
export class BodyNotJsonError extends Error {
  override readonly name: string = "BodyNotJsonError";
}

const parsed = new BoundedMap<string, Block>(1000);

/** References that have no value print nothing where they begin with one of these. */
const SILENT: ReadonlySet<string> = new Set(["input", "context", "stageVariables", "util"]);

/** What a template looks at. */
export interface MappedBody {
  readonly body: string;
  /** Absent: JSON. */
  readonly contentType: string | undefined;
}

/**
 * Renders a mapping template: of the request, or of what an integration has answered, whose body is `body`.
 *
 * Throws `TemplateError`, and `BodyNotJsonError`.
 */
export function renderMapping(text: string, call: Call, { body, contentType }: MappedBody): string {
  let template = parsed.get(text);
  if (!template) {
    template = parseTemplate(text);
    parsed.set(text, template);
  }
  const variables: JavaMap = new Map<string, Value>([
    ["input", inputObject(call, body, isJsonType(contentType))],
    ["util", UTIL],
    ["context", call.context],
    ["stageVariables", new Map(Object.entries(call.stageVariables))],
  ]);
  return renderTemplate(template, variables, SILENT);
}

function inputObject(call: Call, body: string, isJson: boolean): JavaObject {
  let document: { readonly value: unknown } | undefined;
  const query = (path: Value, budget: Budget): unknown => {
    if (typeof path !== "string") throw new TemplateError("A JSONPath is a text");
    // A wildcard looks at all of the document; a plain path costs next to nothing.
    if (!document || /[*:]|\.\./.test(path)) budget.characters(body.length);
    document ??= { value: parseBody(body, isJson) };
    try {
      return queryJson(document.value, path);
    } catch (error) {
      if (error instanceof JsonPathError) throw new TemplateError(error.message);
      throw error;
    }
  };
  const path = (given: Value, budget: Budget): Value => {
    const value = toValue(query(given, budget));
    budget.step(sizeOf(value));
    return value;
  };
  return new JavaObject({
    getBody: () => body,
    json: ([wanted], budget) => {
      const found = query(wanted, budget);
      return found === undefined ? '""' : toJson(toValue(found), budget);
    },
    path: ([wanted], budget) => path(wanted, budget),
    params: ([name]) =>
      name === undefined
        ? toValue({ path: call.pathParameters, querystring: lastValues(call.query), header: lastValues(call.headers) })
        : findParameter(call, String(name)),
  });
}

/** In the path, then in the query, then in the headers. */
function findParameter(call: Call, name: string): string | undefined {
  if (Object.hasOwn(call.pathParameters, name)) return call.pathParameters[name];
  return queryOf(call.query, name) ?? headerOf(call.headers, name);
}

/** A body of another type, a form for instance, is one text to templates: `$input.path('$').split('&')`. */
function parseBody(body: string, isJson: boolean): unknown {
  // No body is an empty object, to templates.
  if (body.trim() === "") return {};
  try {
    return parseKeepingNumbers(body);
  } catch (error) {
    if (!isJson) return body;
    throw new BodyNotJsonError((error as Error).message);
  }
}

function sizeOf(value: Value): number {
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 1;
}

const UTIL = new JavaObject({
  escapeJavaScript: ([value], budget) => made(escapeJavaScript(textOf(value, budget)), budget),
  urlEncode: ([value], budget) => made(urlEncode(textOf(value, budget)), budget),
  urlDecode: ([value], budget) => {
    try {
      return made(decodeURIComponent(textOf(value, budget).replaceAll("+", " ")), budget);
    } catch {
      throw new TemplateError("The text is not percent-encoded");
    }
  },
  base64Encode: ([value], budget) => made(Buffer.from(textOf(value, budget)).toString("base64"), budget),
  base64Decode: ([value], budget) => made(Buffer.from(textOf(value, budget), "base64").toString(), budget),
  parseJson: ([value], budget) => {
    const text = textOf(value, budget);
    try {
      return parseJson(text, budget);
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      throw new TemplateError("The text is not JSON");
    }
  },
});

function textOf(value: Value, budget: Budget): string {
  return value === undefined ? "" : print(value, budget);
}

function made(text: string, budget: Budget): string {
  budget.characters(text.length);
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\b": "\\b",
  "\n": "\\n",
  "\t": "\\t",
  "\f": "\\f",
  "\r": "\\r",
  "'": "\\'",
  '"': '\\"',
  "\\": "\\\\",
  "/": "\\/",
};

/** As Apache Commons does it: quotes of both kinds and the slash too. */
function escapeJavaScript(text: string): string {
  return text.replace(
    /[\b\n\t\f\r'"\\/]|[^\x20-\x7e]/g,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

/** As Java's `URLEncoder`: a blank is a plus. */
function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
