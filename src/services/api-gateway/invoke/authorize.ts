import type { Authorizer, Method } from "@aws-sdk/client-api-gateway";
import { ModeledError } from "../../../models/modeled-error.ts";
import { decideAccess } from "../../iam/index.ts";
import type { Caller } from "../../service.ts";
import type { DeployedRestApi } from "../deployed-api.ts";
import { type Call, contextMap, GatewayError, methodArn } from "./call.ts";
import { authorizeByFunction } from "./lambda-authorizer.ts";
import { askResourcePolicy, conditionsOf, type Verdict, wholeArns } from "./policy-decision.ts";

/**
 * Whether a call may go on: by the API's own policy, its signature, or an authorizer. Throws `GatewayError` where it may not.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
export async function authorize(call: Call, deployed: DeployedRestApi, method: Method): Promise<void> {
  const { request, stage } = call;
  const arn = methodArn(stage, request.stageName, request.method, request.path);
  switch (method.authorizationType ?? "NONE") {
    case "NONE":
      return holdPolicy(call, deployed, arn, "alone");
    case "AWS_IAM":
      return authorizeBySignature(call, deployed, arn);
    case "CUSTOM": {
      // Who is refused by the policy outright does not get as far as the authorizer.
      holdPolicy(call, deployed, arn, "beside");
      const authorizer = findAuthorizer(deployed, method);
      return authorizeByFunction(call, toFunctionAuthorizer(authorizer), arn);
    }
    default:
      call.log.error(
        () =>
          `Execution failed due to configuration error: authorization by ${method.authorizationType} is not built in this version of Trunkline`,
      );
      throw new GatewayError(
        "API_CONFIGURATION_ERROR",
        `${method.authorizationType} is not built in this version of Trunkline`,
      );
  }
}

function findAuthorizer({ authorizers }: DeployedRestApi, { authorizerId }: Method): Authorizer {
  const found = authorizers.find(({ id }) => id === authorizerId);
  if (!found) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
  return found;
}

/** A Lambda authorizer in the terms of REST APIs. */
export function toFunctionAuthorizer(authorizer: Authorizer): Parameters<typeof authorizeByFunction>[1] {
  return {
    id: authorizer.id ?? "",
    kind: authorizer.type === "REQUEST" ? "REQUEST" : "TOKEN",
    uri: authorizer.authorizerUri ?? "",
    credentials: authorizer.authorizerCredentials,
    identitySources: (authorizer.identitySource ?? "")
      .split(",")
      .map((source) => source.trim())
      .filter((source) => source !== ""),
    validationExpression: authorizer.identityValidationExpression,
    resultTtlSeconds: authorizer.authorizerResultTtlInSeconds ?? RESULT_TTL_SECONDS,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html */
const RESULT_TTL_SECONDS = 300;

/** `beside`: another authorization follows, which can allow what the policy does not speak of. */
function holdPolicy(call: Call, { api }: DeployedRestApi, arn: string, role: "alone" | "beside"): void {
  if (!api.policy) return;
  const verdict: Verdict = askResourcePolicy(api.policy, call, arn);
  if (verdict === "denied" || (verdict === "not-allowed" && role === "alone"))
    throw denied(arn, verdict === "denied", "anonymous");
}

function denied(arn: string, explicitly: boolean, who: string): GatewayError {
  const masked = arn.replace(/:\d{8}(\d{4}):/, ":********$1:");
  const reason = explicitly ? " with an explicit deny" : "";
  return new GatewayError(
    "ACCESS_DENIED",
    `User: ${who} is not authorized to perform: execute-api:Invoke on resource: ${masked}${reason}`,
  );
}

async function authorizeBySignature(call: Call, { api }: DeployedRestApi, arn: string): Promise<void> {
  const caller = await verifiedCaller(call);
  tellIdentity(call, caller);
  const decision = await decideAccess(call.platform, {
    caller,
    action: "execute-api:Invoke",
    resourceArn: arn,
    resourceAccount: call.stage.account,
    resourcePolicy: api.policy ? wholeArns(api.policy, call) : undefined,
    conditions: conditionsOf(call),
  });
  if (!decision.allowed) throw new GatewayError("ACCESS_DENIED", decision.message);
}

/** Who has signed a call. Throws `GatewayError` in the gateway's words. */
export async function verifiedCaller(call: Pick<Call, "request">): Promise<Caller> {
  try {
    return await call.request.verify();
  } catch (error) {
    if (error instanceof GatewayError || !(error instanceof ModeledError)) throw error;
    throw new GatewayError(kindOfRefusal(error.code), error.message, 403);
  }
}

function kindOfRefusal(code: string): GatewayError["kind"] {
  switch (code) {
    case "MissingAuthenticationTokenException":
    case "IncompleteSignatureException":
      return "MISSING_AUTHENTICATION_TOKEN";
    case "ExpiredTokenException":
      return "EXPIRED_TOKEN";
    case "RequestEntityTooLargeException":
      return "REQUEST_TOO_LARGE";
    default:
      return "INVALID_SIGNATURE";
  }
}

function tellIdentity({ context }: Call, caller: Caller): void {
  const identity = contextMap(context, "identity");
  const user = caller.principalArn.split("/").at(-1) ?? "";
  identity.set("accessKey", caller.accessKeyId);
  identity.set("accountId", caller.account);
  identity.set("caller", caller.principalArn.endsWith(":root") ? caller.account : user);
  identity.set("user", caller.principalArn.endsWith(":root") ? caller.account : user);
  identity.set("userArn", caller.principalArn);
}
