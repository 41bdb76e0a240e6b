import { type Call, contextValue, headerOf, type Pairs, queryOf, valuesOf } from "./call.ts";
import { JsonPathError, queryJson } from "./json-path.ts";

/** What an integration has answered, as mapping expressions see it. */
export interface IntegrationAnswer {
  readonly status: number;
  readonly headers: Pairs;
  readonly body: Buffer;
}

/**
 * The value of a mapping expression of a request (`method.request.header.X`, `stageVariables.X`, `context.X`, `'literal'`) or, where there is an
 * answer, of a response (`integration.response.header.X`). `undefined`: there is none, and nothing is set.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
 */
export function mappedValue(expression: string, call: Call, answer?: IntegrationAnswer): string | undefined {
  const literal = /^'(.*)'$/s.exec(expression)?.[1];
  if (literal !== undefined) return literal;
  const [, root = "", rest = ""] =
    /^(method\.request|integration\.response|stageVariables|context)\.(.+)$/s.exec(expression) ?? [];
  switch (root) {
    case "stageVariables":
      return Object.hasOwn(call.stageVariables, rest) ? call.stageVariables[rest] : undefined;
    case "context":
      return textOfContext(contextValue(call.context, rest));
    case "method.request":
      return requestValue(rest, call);
    case "integration.response":
      return answer && responseValue(rest, answer);
    default:
      return undefined;
  }
}

function textOfContext(value: ReturnType<typeof contextValue>): string | undefined {
  return value === undefined || typeof value === "object" ? undefined : String(value);
}

function requestValue(what: string, { headers, query, pathParameters, body }: Call): string | undefined {
  const [, place, name = ""] =
    /^(header|querystring|path|multivalueheader|multivaluequerystring|body)(?:\.(.+))?$/s.exec(what) ?? [];
  switch (place) {
    case "header":
      return headerOf(headers, name);
    case "multivalueheader":
      return joined(valuesOf(headers, name, { ignoreCase: true }));
    case "querystring":
      return queryOf(query, name);
    case "multivaluequerystring":
      return joined(valuesOf(query, name, { ignoreCase: false }));
    case "path":
      return Object.hasOwn(pathParameters, name) ? pathParameters[name] : undefined;
    case "body":
      return bodyValue(body, name);
    default:
      return undefined;
  }
}

function responseValue(what: string, { headers, body }: IntegrationAnswer): string | undefined {
  const [, place, name = ""] = /^(header|multivalueheader|body)(?:\.(.+))?$/s.exec(what) ?? [];
  if (place === "header") return headerOf(headers, name);
  if (place === "multivalueheader") return joined(valuesOf(headers, name, { ignoreCase: true }));
  return place === "body" ? bodyValue(body, name) : undefined;
}

function joined(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(",");
}

/** All of a body, or what a JSONPath without its `$.` finds in it; texts as they are, all else as JSON. */
export function bodyValue(body: Buffer, path: string): string | undefined {
  const text = body.toString();
  if (path === "") return text;
  try {
    const found = queryJson(JSON.parse(text), path.startsWith("$") ? path : `$.${path}`);
    return found === undefined || typeof found === "string" ? found : JSON.stringify(found);
  } catch (error) {
    // A body that is no JSON has no such member.
    if (error instanceof SyntaxError || error instanceof JsonPathError) return undefined;
    throw error;
  }
}
