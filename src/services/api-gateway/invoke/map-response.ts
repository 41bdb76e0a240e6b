import type { Integration, IntegrationResponse, Method } from "@aws-sdk/client-api-gateway";
import { fullyMatches, PatternError } from "../../bounded-pattern.ts";
import { type ApiAnswer, type Call, contextMap, GatewayError, headerOf } from "./call.ts";
import { acceptsBinary, isBinaryType, mediaType } from "./media-types.ts";
import { type IntegrationAnswer, mappedValue } from "./parameter-mapping.ts";
import { BodyNotJsonError, renderMapping } from "./template-objects.ts";
import { TemplateError } from "./velocity/parse.ts";
import { Budget, numberOf, print } from "./velocity/values.ts";

/**
 * The answer of a method that is no proxy, made of what its integration has answered: the first integration response whose pattern fits `selector`,
 * or else the one without a pattern.
 */
export function mapResponse(
  call: Call,
  { method, integration, selector }: { method: Method; integration: Integration; selector: string | undefined },
  answer: IntegrationAnswer,
): ApiAnswer {
  const chosen = select(call, integration.integrationResponses ?? {}, selector);
  const status = Number(chosen.statusCode);
  const declared = method.methodResponses?.[String(chosen.statusCode)]?.responseParameters ?? {};
  const { body, contentType } = mapBody(call, chosen, answer);
  const headers = new Map<string, string>([["content-type", contentType]]);
  for (const [target, expression] of Object.entries(chosen.responseParameters ?? {})) {
    const name = /^method\.response\.header\.(.+)$/.exec(target)?.[1];
    const value =
      name === undefined || !Object.hasOwn(declared, target) ? undefined : mappedValue(expression, call, answer);
    if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value);
  }
  const override = contextMap(call.context, "responseOverride");
  for (const [name, value] of contextMap(override, "header"))
    headers.set(name.toLowerCase(), print(value, new Budget()));
  const overridden = override.get("status");
  const forced = numberOf(overridden) ?? Number(overridden);
  return {
    status: Number.isInteger(forced) && forced >= 100 && forced <= 599 ? forced : status,
    headers: [...headers],
    body,
  };
}

function select(
  call: Call,
  responses: Readonly<Record<string, IntegrationResponse>>,
  selector: string | undefined,
): IntegrationResponse {
  const all = Object.values(responses);
  const fits = ({ selectionPattern }: IntegrationResponse): boolean => {
    if (!selectionPattern || selector === undefined) return false;
    try {
      return fullyMatches(selectionPattern, selector);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      call.log.error(() => `The selection pattern ${selectionPattern} cannot be used: ${error.message}`);
      return false;
    }
  };
  const chosen = all.find(fits) ?? all.find(({ selectionPattern }) => !selectionPattern);
  if (chosen) return chosen;
  call.log.error(
    () =>
      "Execution failed due to configuration error: No match for output mapping and no default output mapping configured.",
  );
  throw new GatewayError("API_CONFIGURATION_ERROR");
}

function mapBody(
  call: Call,
  { responseTemplates = {}, contentHandling }: IntegrationResponse,
  answer: IntegrationAnswer,
): { body: Buffer; contentType: string } {
  const accept = headerOf(call.headers, "accept");
  const answered = headerOf(answer.headers, "content-type");
  const isBinary = isBinaryType(call.binaryMediaTypes, answered);
  const converted = convertResponse(
    answer.body,
    { isBinary, wantsBinary: acceptsBinary(call.binaryMediaTypes, accept) },
    contentHandling,
  );
  const type = chooseTemplate(Object.keys(responseTemplates), accept, answered);
  const template = type === undefined ? undefined : responseTemplates[type];
  if (type === undefined || template === undefined)
    return { body: converted, contentType: answered ?? "application/json" };
  try {
    return {
      body: Buffer.from(renderMapping(template, call, { body: converted.toString(), contentType: answered })),
      contentType: type,
    };
  } catch (error) {
    if (!(error instanceof TemplateError) && !(error instanceof BodyNotJsonError)) throw error;
    call.log.error(() => `Execution failed due to configuration error: Unable to transform response: ${error.message}`);
    throw new GatewayError("API_CONFIGURATION_ERROR");
  }
}

/** By what the client accepts, by what was answered, for JSON, or the one that there is. */
function chooseTemplate(
  types: readonly string[],
  accept: string | undefined,
  answered: string | undefined,
): string | undefined {
  const accepted = accept?.split(",").map((type) => mediaType(type)) ?? [];
  const wanted = [...accepted, mediaType(answered), "application/json"];
  for (const type of wanted) {
    const found = types.find((one) => one.toLowerCase() === type);
    if (found !== undefined) return found;
  }
  return types[0];
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html */
function convertResponse(
  body: Buffer,
  { isBinary, wantsBinary }: { isBinary: boolean; wantsBinary: boolean },
  contentHandling: string | undefined,
): Buffer {
  if (contentHandling === "CONVERT_TO_TEXT" && isBinary) return Buffer.from(body.toString("base64"));
  if (contentHandling === "CONVERT_TO_BINARY" && !isBinary) return Buffer.from(body.toString(), "base64");
  // Without a word of the author, a client that wants bytes gets those that a text stands for.
  if (contentHandling === undefined && wantsBinary && !isBinary && isBase64(body))
    return Buffer.from(body.toString(), "base64");
  return body;
}

function isBase64(body: Buffer): boolean {
  const text = body.toString("latin1");
  return text.length > 0 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
