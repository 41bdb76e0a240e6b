import { type Call, contextValue, headerOf, type Pairs, queryOf, valuesOf } from "./call.ts";
import { bodyValue, type IntegrationAnswer } from "./parameter-mapping.ts";

/**
 * A value of a parameter mapping of an HTTP API: `$request.header.X`, `$context.X`, `$stageVariables.X`, texts with `${…}` in them, or what it says
 * itself. `undefined`: there is none.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
export function httpMappedValue(expression: string, call: Call, answer?: IntegrationAnswer): string | undefined {
  if (/^\$(request|response|context|stageVariables)\b/.test(expression))
    return namedValue(expression.slice(1), call, answer);
  return expression.replace(/\$\{([^}]+)\}/g, (_all, inner: string) => namedValue(inner, call, answer) ?? "");
}

function namedValue(expression: string, call: Call, answer: IntegrationAnswer | undefined): string | undefined {
  const [, root = "", rest = ""] = /^(request|response|context|stageVariables)\.(.+)$/s.exec(expression) ?? [];
  switch (root) {
    case "context": {
      const value = contextValue(call.context, rest);
      return value === undefined || typeof value === "object" ? undefined : String(value);
    }
    case "stageVariables":
      return Object.hasOwn(call.stageVariables, rest) ? call.stageVariables[rest] : undefined;
    case "request":
      return requestValue(rest, call);
    case "response":
      return answer && responseValue(rest, answer);
    default:
      return undefined;
  }
}

function requestValue(what: string, call: Call): string | undefined {
  const [, place, name = ""] = /^(header|querystring|path|body)(?:\.(.+))?$/s.exec(what) ?? [];
  switch (place) {
    case "header":
      return valuesOf(call.headers, name, { ignoreCase: true }).join(",") || undefined;
    case "querystring":
      return queryOf(call.query, name);
    case "path":
      if (name === "") return call.request.path;
      return Object.hasOwn(call.pathParameters, name) ? call.pathParameters[name] : undefined;
    case "body":
      return bodyValue(call.body, name);
    default:
      return undefined;
  }
}

function responseValue(what: string, { headers, body }: IntegrationAnswer): string | undefined {
  const [, place, name = ""] = /^(header|body)(?:\.(.+))?$/s.exec(what) ?? [];
  return place === "header" ? headerOf(headers, name) : bodyValue(body, name);
}

/** Headers, query and path of a request, or headers and status of an answer, as mappings change them. */
export interface Mappable {
  readonly headers: Pairs;
  readonly query: Pairs;
  readonly path: string | undefined;
  readonly status: number | undefined;
}

/** Applies `append:`, `overwrite:` and `remove:` in their order. */
export function applyMappings(
  mappings: Readonly<Record<string, string>> | undefined,
  of: Mappable,
  call: Call,
  answer?: IntegrationAnswer,
): Mappable {
  let { headers, query, path, status } = of;
  for (const [target, expression] of Object.entries(mappings ?? {})) {
    const [, act = "", place = "", name = ""] =
      /^(append|overwrite|remove):(header|querystring|path|statuscode)(?:\.(.+))?$/.exec(target) ?? [];
    const value = act === "remove" ? undefined : httpMappedValue(expression, call, answer);
    if (act !== "remove" && value === undefined) continue;
    if (place === "header") headers = change(headers, act, name, value, true);
    else if (place === "querystring") query = change(query, act, name, value, false);
    else if (place === "path") path = value;
    else if (place === "statuscode" && /^[1-5]\d\d$/.test(value ?? "")) status = Number(value);
  }
  return { headers, query, path, status };
}

function change(pairs: Pairs, act: string, name: string, value: string | undefined, ignoreCase: boolean): Pairs {
  const same = (one: string): boolean => (ignoreCase ? one.toLowerCase() === name.toLowerCase() : one === name);
  const others = act === "append" ? pairs : pairs.filter(([one]) => !same(one));
  return value === undefined ? others : [...others, [name, value]];
}
