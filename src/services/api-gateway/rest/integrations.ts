import type {
  DeleteIntegrationRequest,
  GetIntegrationRequest,
  Integration,
  Method,
  PutIntegrationRequest,
  UpdateIntegrationRequest,
} from "@aws-sdk/client-api-gateway";
import type { Validated } from "../../../models/validated.ts";
import type { Reader } from "../../../store/store.ts";
import type { Context } from "../../service.ts";
import { badRequest, notBuilt, notFound } from "../errors.ts";
import { element, entry, type PatchTable, patched, text } from "../patch.ts";
import type { Owned } from "./documents.ts";
import { type FoundMethod, getMethodOf, HTTP_METHODS, invalidMapping, type MethodRef, putMethodOf } from "./methods.ts";

const MISSING = "Invalid Integration identifier specified";
const TIMEOUT_MS_MIN = 50;
const TIMEOUT_MS_MAX = 29_000;
const PASSTHROUGH: readonly string[] = ["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"];

export async function getIntegrationOf(
  reader: Reader,
  owner: Owned,
  ref: MethodRef,
  missingMethod?: string,
): Promise<FoundMethod & { integration: Integration }> {
  const found = await getMethodOf(reader, owner, ref, missingMethod);
  const integration = found.method.methodIntegration;
  if (integration === undefined) throw notFound(MISSING);
  return { ...found, integration };
}

/** Gives a method its integration, instead of the one that it has. */
export async function putIntegration(input: Validated<PutIntegrationRequest>, context: Context): Promise<Integration> {
  const { restApiId: _, resourceId, httpMethod, integrationHttpMethod, ...members } = input;
  const integration = withDefaults(
    { ...members, ...(integrationHttpMethod && { httpMethod: integrationHttpMethod }) },
    resourceId,
  );
  return context.store.commit(async (unit) => {
    const found = await getMethodOf(unit, context, input);
    checkIntegration(integration, context);
    checkMapped(integration, found.method);
    putMethodOf(unit, found, httpMethod, { ...found.method, methodIntegration: integration });
    return integration;
  });
}

export function withDefaults(integration: Integration, resourceId: string): Integration {
  const isHttp = integration.type === "HTTP" || integration.type === "HTTP_PROXY";
  return {
    ...(isHttp && { connectionType: "INTERNET" }),
    passthroughBehavior: "WHEN_NO_MATCH",
    timeoutInMillis: TIMEOUT_MS_MAX,
    cacheNamespace: resourceId,
    cacheKeyParameters: [],
    ...integration,
  };
}

const ARN = /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:[^:]+:(.*)$/s;

/** What the model does not say of an integration. */
export function checkIntegration(integration: Integration, { account }: Owned): void {
  const { type, uri, httpMethod, passthroughBehavior, timeoutInMillis, credentials } = integration;
  if (integration.connectionType === "VPC_LINK") throw notBuilt("VPC links, which connectionType asks for, are");
  if (type !== "MOCK" && !httpMethod) throw badRequest("Enumeration value for HttpMethod must be non-empty");
  if (httpMethod && !HTTP_METHODS.includes(httpMethod)) {
    throw badRequest(`Invalid HttpMethod specified. Valid options are ${HTTP_METHODS.join(",")}`);
  }
  if (type === "HTTP" || type === "HTTP_PROXY") {
    if (!/^https?:\/\/\S+$/i.test(uri ?? "")) throw badRequest("Invalid HTTP endpoint specified for URI");
  } else if (type !== "MOCK") {
    const [, target] = ARN.exec(uri ?? "") ?? [];
    if (!uri?.startsWith("arn:")) throw badRequest("Invalid ARN specified in the request");
    if (target === undefined || !/^(?:path|action)\//.test(target)) {
      throw badRequest("AWS ARN for integration must contain path or action");
    }
    if (type === "AWS_PROXY" && !/^arn:[^:]+:apigateway:[^:]+:(?:lambda|firehose):/.test(uri)) {
      throw badRequest(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
      );
    }
  }
  if (passthroughBehavior !== undefined && !PASSTHROUGH.includes(passthroughBehavior)) {
    throw badRequest(`Invalid passthrough behavior specified. Valid options are ${PASSTHROUGH.join(",")}`);
  }
  if (timeoutInMillis !== undefined && !(timeoutInMillis >= TIMEOUT_MS_MIN && timeoutInMillis <= TIMEOUT_MS_MAX)) {
    throw badRequest(`Timeout should be between ${TIMEOUT_MS_MIN} ms and ${TIMEOUT_MS_MAX} ms`);
  }
  const [, owner] = /^arn:aws[a-z-]*:iam::(\d{12}):role\//.exec(credentials ?? "") ?? [];
  if (owner !== undefined && owner !== account) throw badRequest("Cross-account pass role is not allowed.");
  checkContentTypes(integration.requestTemplates);
  for (const [target, source] of Object.entries(integration.requestParameters ?? {})) {
    if (
      !/^integration\.request\.(?:header|querystring|path|multivalueheader|multivaluequerystring)\.\S+$/.test(target)
    ) {
      throw invalidMapping(target);
    }
    if (!/^(?:method\.request\.|context\.|stageVariables\.)\S+$|^'.*'$/s.test(source)) throw invalidMapping(source);
  }
}

export function checkContentTypes(templates: Readonly<Record<string, string>> | undefined): void {
  const wrong = Object.keys(templates ?? {}).find((type) => !/^[^\s/]+\/[^\s/]+$|^\$default$/.test(type));
  if (wrong === undefined) return;
  throw badRequest(`Validation Result: warnings : [], errors : [Invalid content type specified: ${wrong}]`);
}

/** What an integration takes from the request, the method must have declared. */
function checkMapped({ requestParameters = {} }: Integration, method: Method): void {
  const declared = Object.keys(method.requestParameters ?? {});
  for (const source of Object.values(requestParameters)) {
    if (!/^method\.request\.(?:header|querystring|path)\./.test(source) || declared.includes(source)) continue;
    throw undeclared(source);
  }
}

export function undeclared(source: string): Error {
  return badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${source}]`,
  );
}

export async function getIntegration(input: Validated<GetIntegrationRequest>, context: Context): Promise<Integration> {
  return (await getIntegrationOf(context.store, context, input)).integration;
}

const integrationPaths: PatchTable<Integration> = {
  "/type": {
    replace(draft, value) {
      const types: readonly string[] = ["HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"];
      if (value === undefined || !types.includes(value)) {
        throw badRequest(`Invalid integration type specified. Valid options are ${types.join(",")}`);
      }
      draft.type = value as Exclude<Integration["type"], undefined>;
    },
  },
  "/uri": { replace: text("uri") },
  "/httpMethod": { replace: text("httpMethod") },
  "/credentials": {
    replace: text("credentials"),
    add: text("credentials"),
    remove: (draft) => delete draft.credentials,
  },
  "/connectionType": {
    replace(draft, value) {
      if (value !== "INTERNET" && value !== "VPC_LINK") {
        throw badRequest("Invalid connection type specified. Valid options are INTERNET,VPC_LINK");
      }
      draft.connectionType = value;
    },
  },
  "/connectionId": { replace: text("connectionId"), remove: (draft) => delete draft.connectionId },
  "/passthroughBehavior": { replace: text("passthroughBehavior") },
  "/cacheNamespace": { replace: text("cacheNamespace") },
  "/cacheKeyParameters": element("cacheKeyParameters"),
  "/cacheKeyParameters/{name}": element("cacheKeyParameters"),
  "/contentHandling": {
    replace(draft, value) {
      if (value === undefined || value === "") {
        delete draft.contentHandling;
        return;
      }
      draft.contentHandling = contentHandling(value);
    },
    remove: (draft) => delete draft.contentHandling,
  },
  "/timeoutInMillis": {
    replace: (draft, value) => {
      draft.timeoutInMillis = Number(value);
    },
  },
  "/tlsConfig/insecureSkipVerification": {
    replace: (draft, value) => {
      draft.tlsConfig = { insecureSkipVerification: value?.toLowerCase() === "true" };
    },
  },
  "/requestParameters/{name}": entry("requestParameters", "Invalid parameter name specified"),
  "/requestTemplates/{name}": entry("requestTemplates", "Content-Type specified was not found"),
};

export function contentHandling(value: string): "CONVERT_TO_BINARY" | "CONVERT_TO_TEXT" {
  if (value === "CONVERT_TO_BINARY" || value === "CONVERT_TO_TEXT") return value;
  throw badRequest("Invalid content handling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT");
}

export async function updateIntegration(
  input: Validated<UpdateIntegrationRequest>,
  context: Context,
): Promise<Integration> {
  return context.store.commit(async (unit) => {
    const found = await getIntegrationOf(unit, context, input);
    const draft = patched(found.integration, input.patchOperations, integrationPaths, "names-path");
    draft.cacheKeyParameters ??= [];
    checkIntegration(draft, context);
    checkMapped(draft, found.method);
    putMethodOf(unit, found, input.httpMethod, { ...found.method, methodIntegration: draft });
    return draft;
  });
}

export async function deleteIntegration(input: Validated<DeleteIntegrationRequest>, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    const found = await getIntegrationOf(unit, context, input);
    const { methodIntegration: _, ...method } = found.method;
    putMethodOf(unit, found, input.httpMethod, method);
  });
}
