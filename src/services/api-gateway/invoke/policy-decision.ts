import { compiledPolicy, decide, type PolicyRequest } from "../../policy/index.ts";
import type { Call } from "./call.ts";

export type Verdict = "allowed" | "denied" | "not-allowed";

/** What a policy document of an authorizer says of a call; `undefined` for what is no policy. */
export function askAuthorizerPolicy(document: string, call: Call, resourceArn: string): Verdict | undefined {
  const policy = compiledPolicy(document);
  if (policy === undefined) return undefined;
  const principal = { account: call.stage.account, arn: "" };
  return verdict(decide({ identity: [policy] }, undefined, policyRequest(call, principal, resourceArn)));
}

/** What an API's own policy says of a caller of whom nothing is known. */
export function askResourcePolicy(document: string, call: Call, resourceArn: string): Verdict {
  const policy = compiledPolicy(wholeArns(document, call));
  return verdict(decide({ identity: [] }, policy, policyRequest(call, { account: "", arn: "*" }, resourceArn)));
}

/**
 * The policy of an API with its ARNs in full: `execute-api:/STAGE/METHOD/PATH` speaks of the API that has it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
 */
export function wholeArns(document: string, { stage: { account, region, apiId } }: Call): string {
  return document.replaceAll('"execute-api:/', `"arn:aws:execute-api:${region}:${account}:${apiId}/`);
}

/** Condition keys of a call, beyond those of who signs it. */
export function conditionsOf({ request }: Call): Record<string, readonly string[]> {
  const agent = request.headers.find(([name]) => name.toLowerCase() === "user-agent")?.[1];
  return { "aws:SourceIp": [request.sourceIp], ...(agent !== undefined && { "aws:UserAgent": [agent] }) };
}

function policyRequest(call: Call, principal: PolicyRequest["principal"], resourceArn: string): PolicyRequest {
  const given = new Map(Object.entries(conditionsOf(call)).map(([name, values]) => [name.toLowerCase(), values]));
  return { principal, action: "execute-api:Invoke", resourceArn, keys: (name) => given.get(name) };
}

function verdict(decision: ReturnType<typeof decide>): Verdict {
  if (decision.allowed) return "allowed";
  return decision.explicitly ? "denied" : "not-allowed";
}
