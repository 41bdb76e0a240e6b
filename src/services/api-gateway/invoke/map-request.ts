import type { Integration } from "@aws-sdk/client-api-gateway";
import { type Call, contextMap, GatewayError, headerOf, type Pairs } from "./call.ts";
import { isBinaryType, mediaType } from "./media-types.ts";
import { mappedValue } from "./parameter-mapping.ts";
import { BodyNotJsonError, type MappedBody, renderMapping } from "./template-objects.ts";
import { TemplateError } from "./velocity/parse.ts";
import { Budget, print } from "./velocity/values.ts";

/** What an integration is asked, as the method's mappings make it of a call. */
export interface IntegrationRequest {
  readonly headers: Pairs;
  readonly query: Pairs;
  readonly path: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly contentType: string;
}

/** The parameters and the body of an integration that is no proxy. Throws `GatewayError`. */
export function mapRequest(call: Call, integration: Integration): IntegrationRequest {
  const contentType = headerOf(call.headers, "content-type");
  // The template may override parameters, so it comes first.
  const body = mapBody(call, integration, contentType);
  const headers = new Map<string, [string, string]>();
  const query: [string, string][] = [];
  const path: Record<string, string> = Object.create(null);
  for (const [target, expression] of Object.entries(integration.requestParameters ?? {})) {
    const [, place, name = ""] = /^integration\.request\.(header|querystring|path)\.(.+)$/.exec(target) ?? [];
    const value = mappedValue(expression, call);
    if (value === undefined) continue;
    if (place === "header") headers.set(name.toLowerCase(), [name, value]);
    else if (place === "querystring") query.push([name, value]);
    else path[name] = value;
  }
  for (const [name, value] of overrides(call, "header")) headers.set(name.toLowerCase(), [name, value]);
  for (const [name, value] of overrides(call, "path")) path[name] = value;
  const overridden = overrides(call, "querystring");
  const kept = query.filter(([name]) => !overridden.some(([other]) => other === name));
  return {
    headers: [...headers.values()],
    query: [...kept, ...overridden],
    path,
    body,
    contentType: contentType ?? "application/json",
  };
}

/** What a template has set in `$context.requestOverride`. */
function overrides({ context }: Call, place: "header" | "path" | "querystring"): [string, string][] {
  const of = contextMap(contextMap(context, "requestOverride"), place);
  return [...of].map(([name, value]) => [name, print(value, new Budget())]);
}

function mapBody(
  call: Call,
  { requestTemplates = {}, passthroughBehavior, contentHandling }: Integration,
  contentType: string | undefined,
): Buffer {
  const type = mediaType(contentType) ?? "application/json";
  const key = Object.keys(requestTemplates).find((name) => name.toLowerCase() === type);
  const isBinary = isBinaryType(call.binaryMediaTypes, contentType);
  const body = convertRequest(call.body, isBinary, contentHandling);
  const template = key === undefined ? undefined : requestTemplates[key];
  if (template === undefined) {
    const passes =
      passthroughBehavior === "WHEN_NO_TEMPLATES"
        ? Object.keys(requestTemplates).length === 0
        : passthroughBehavior !== "NEVER";
    // A request without a body has nothing that could be of a wrong type, unless its type is asked for.
    if (!passes) throw new GatewayError("UNSUPPORTED_MEDIA_TYPE");
    return body;
  }
  return Buffer.from(render(call, template, { body: body.toString(), contentType }));
}

/** Throws `GatewayError`: 400 for a body that the template looks into and that is no JSON, 500 for a template that is wrong. */
function render(call: Call, template: string, body: MappedBody): string {
  try {
    return renderMapping(template, call, body);
  } catch (error) {
    if (error instanceof BodyNotJsonError) {
      throw new GatewayError("BAD_REQUEST_BODY", `Could not parse request body into json: ${error.message}`);
    }
    if (!(error instanceof TemplateError)) throw error;
    call.log.error(() => `Execution failed due to configuration error: Unable to transform request: ${error.message}`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html */
function convertRequest(body: Buffer, isBinary: boolean, contentHandling: string | undefined): Buffer {
  if (contentHandling === "CONVERT_TO_TEXT" && isBinary) return Buffer.from(body.toString("base64"));
  if (contentHandling === "CONVERT_TO_BINARY" && !isBinary) return Buffer.from(body.toString(), "base64");
  return body;
}
