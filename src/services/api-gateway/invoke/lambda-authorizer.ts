import { BoundedMap } from "../../bounded-map.ts";
import { fullyMatches, PatternError } from "../../bounded-pattern.ts";
import { isJsonObject, parseJsonObject } from "../../json-text.ts";
import { perStore } from "../../per-store.ts";
import { type Call, contextMap, contextValue, GatewayError, headerOf, queryOf } from "./call.ts";
import { callFunction, functionOfUri } from "./lambda-calls.ts";
import { askAuthorizerPolicy } from "./policy-decision.ts";
import { requestContext, requestParts } from "./proxy-event.ts";

/** A function that decides on calls. */
export interface FunctionAuthorizer {
  readonly id: string;
  readonly kind: "TOKEN" | "REQUEST";
  readonly uri: string;
  readonly credentials: string | undefined;
  /** `method.request.header.Authorization`, …: all must be there, and together they are the key under which its answer is kept. */
  readonly identitySources: readonly string[];
  /** What a token must look like before the function is asked. */
  readonly validationExpression: string | undefined;
  readonly resultTtlSeconds: number;
  /** What the function is told, where it is not as with REST APIs. */
  readonly event?: ((identity: readonly string[]) => object) | undefined;
  /** It answers `{"isAuthorized": true}` instead of a policy. */
  readonly isSimple?: boolean;
}

/** What an authorizer has answered. */
export interface AuthorizerAnswer {
  readonly principalId: string;
  /** JSON text, or what it comes to. */
  readonly policy: string | { readonly isAuthorized: boolean };
  readonly context: Readonly<Record<string, string | number | boolean>>;
  readonly usageIdentifierKey: string | undefined;
}

const TIMEOUT_MS = 29_000;
const KEPT_MAX = 10_000;
/** A longer one is asked for anew each time: whoever calls says how many there are. */
const KEPT_CHARACTERS_MAX = 16 * 1024;

const answers = perStore(
  () => new BoundedMap<string, { readonly untilMs: number; readonly answer: AuthorizerAnswer }>(KEPT_MAX),
);

/**
 * Asks an authorizer, or what it has answered before, and holds the call against its policy; what else it says goes into `$context.authorizer`.
 * Throws `GatewayError`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export async function authorizeByFunction(call: Call, authorizer: FunctionAuthorizer, arn: string): Promise<void> {
  const answer = await keptAnswer(call, authorizer, identityOf(call, authorizer), arn);
  const told = contextMap(call.context, "authorizer");
  if (answer.principalId !== "") told.set("principalId", answer.principalId);
  for (const [name, value] of Object.entries(answer.context)) told.set(name, value);
  if (answer.usageIdentifierKey !== undefined) told.set("usageIdentifierKey", answer.usageIdentifierKey);
  const verdict =
    typeof answer.policy === "string"
      ? askAuthorizerPolicy(answer.policy, call, arn)
      : answer.policy.isAuthorized
        ? "allowed"
        : "not-allowed";
  if (verdict === undefined) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  if (verdict !== "allowed") {
    const explicitly = verdict === "denied" ? " with an explicit deny" : "";
    throw new GatewayError("ACCESS_DENIED", `User is not authorized to access this resource${explicitly}`);
  }
}

/** Asks an authorizer, whatever it has answered before, and holds nothing against what it says. Throws `GatewayError`. */
export function askAuthorizer(call: Call, authorizer: FunctionAuthorizer, arn: string): Promise<AuthorizerAnswer> {
  return askFunction(call, authorizer, eventFor(call, authorizer, identityOf(call, authorizer), arn));
}

/** What a call says of who makes it. Throws `GatewayError` (UNAUTHORIZED) where something of it is missing. */
function identityOf(call: Call, authorizer: FunctionAuthorizer): readonly string[] {
  const identity = authorizer.identitySources.map((source) => identityValue(source, call));
  if (authorizer.identitySources.length > 0 && identity.some((value) => !value)) throw new GatewayError("UNAUTHORIZED");
  if (authorizer.kind === "TOKEN") checkToken(authorizer, identity[0] ?? "");
  return identity as string[];
}

function checkToken({ validationExpression }: FunctionAuthorizer, token: string): void {
  if (!validationExpression) return;
  try {
    if (fullyMatches(validationExpression, token)) return;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
  }
  throw new GatewayError("UNAUTHORIZED");
}

function identityValue(source: string, call: Call): string | undefined {
  const [, place, name = ""] =
    /^(?:method\.request\.(?=header|querystring)|(?=context|stageVariables))(\w+)\.(.+)$/.exec(source) ?? [];
  switch (place) {
    case "header":
      return headerOf(call.headers, name);
    case "querystring":
      return queryOf(call.query, name);
    case "context": {
      const value = contextValue(call.context, name);
      return value === undefined ? undefined : String(value);
    }
    case "stageVariables":
      return Object.hasOwn(call.stageVariables, name) ? call.stageVariables[name] : undefined;
    default:
      return undefined;
  }
}

async function keptAnswer(
  call: Call,
  authorizer: FunctionAuthorizer,
  identity: readonly string[],
  arn: string,
): Promise<AuthorizerAnswer> {
  const { platform, stage } = call;
  const nowMs = platform.clock.now();
  // Without an identity source there is nothing that an answer could be kept under.
  const isKept = authorizer.resultTtlSeconds > 0 && identity.length > 0;
  const key = JSON.stringify([stage.apiId, call.stageName, stage.deploymentId, authorizer.id, identity]);
  const kept = isKept ? answers(platform.store).get(key) : undefined;
  if (kept && kept.untilMs > nowMs) return kept.answer;
  const event = authorizer.event?.(identity) ?? eventFor(call, authorizer, identity, arn);
  const answer = await askFunction(call, authorizer, event);
  if (isKept && JSON.stringify([key, answer]).length <= KEPT_CHARACTERS_MAX)
    answers(platform.store).set(key, { untilMs: nowMs + authorizer.resultTtlSeconds * 1000, answer });
  return answer;
}

function eventFor(call: Call, { kind }: FunctionAuthorizer, identity: readonly string[], arn: string): object {
  if (kind === "TOKEN") return { type: "TOKEN", methodArn: arn, authorizationToken: identity[0] };
  return {
    type: "REQUEST",
    methodArn: arn,
    ...requestParts(call, {
      path: call.request.path,
      httpMethod: call.request.method,
      resourcePath: String(contextValue(call.context, "resourcePath") ?? ""),
      headers: call.headers,
      query: call.query,
    }),
    requestContext: requestContext(call),
  };
}

/** Throws `GatewayError`: the function said "Unauthorized", failed, or answered in a form that is none. */
async function askFunction(
  call: Call,
  { id, uri, credentials, isSimple = false }: FunctionAuthorizer,
  event: object,
): Promise<AuthorizerAnswer> {
  const functionArn = functionOfUri(uri);
  if (functionArn === undefined) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  const { account, region, apiId } = call.stage;
  const answer = await callFunction(call, {
    functionArn,
    payload: JSON.stringify(event),
    credentials,
    sourceArn: `arn:aws:execute-api:${region}:${account}:${apiId}/authorizers/${id}`,
    timeoutMs: TIMEOUT_MS,
  });
  if ("timedOut" in answer) throw new GatewayError("AUTHORIZER_FAILURE");
  if ("refused" in answer) {
    call.log.error(() => `Execution failed due to an authorizer error: ${answer.refused.message}`);
    throw new GatewayError(
      answer.refused.code === "AccessDeniedException" ? "AUTHORIZER_CONFIGURATION_ERROR" : "AUTHORIZER_FAILURE",
    );
  }
  if (answer.functionError !== undefined) {
    if (parseJsonObject(answer.answer)?.errorMessage === "Unauthorized") throw new GatewayError("UNAUTHORIZED");
    call.log.error(() => `The authorizer has failed: ${answer.answer}`);
    throw new GatewayError("AUTHORIZER_FAILURE");
  }
  return isSimple ? readSimpleAnswer(answer.answer) : readAnswer(answer.answer);
}

function readSimpleAnswer(text: string): AuthorizerAnswer {
  const { isAuthorized, context } = parseJsonObject(text) ?? {};
  if (typeof isAuthorized !== "boolean") throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  return { principalId: "", policy: { isAuthorized }, context: contextOf(context), usageIdentifierKey: undefined };
}

/** Anything but single values is left out. */
function contextOf(context: unknown): AuthorizerAnswer["context"] {
  if (!isJsonObject(context)) return {};
  const single = Object.entries(context).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return Object.fromEntries(single) as AuthorizerAnswer["context"];
}

function readAnswer(text: string): AuthorizerAnswer {
  const { principalId, policyDocument, context = {}, usageIdentifierKey } = parseJsonObject(text) ?? {};
  const isWellFormed =
    (typeof principalId === "string" || typeof principalId === "number") &&
    isJsonObject(policyDocument) &&
    isJsonObject(context) &&
    Object.values(context).every((value) => ["string", "number", "boolean"].includes(typeof value)) &&
    (usageIdentifierKey === undefined || usageIdentifierKey === null || typeof usageIdentifierKey === "string");
  if (!isWellFormed) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  return {
    principalId: String(principalId),
    policy: JSON.stringify(policyDocument),
    context: context as AuthorizerAnswer["context"],
    usageIdentifierKey: typeof usageIdentifierKey === "string" ? usageIdentifierKey : undefined,
  };
}
