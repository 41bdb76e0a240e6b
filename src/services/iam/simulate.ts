/** What policies would say of requests that nobody has made. */
import type {
  ContextEntry,
  EvaluationResult,
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
  GetContextKeysForPrincipalPolicyRequest,
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from "@aws-sdk/client-iam";
import type { Validated } from "../../models/validated.ts";
import { compiledPolicy, decide, type IdentityPolicies, type Policy, principalOf } from "../policy/index.ts";
import type { Context } from "../service.ts";
import { checkDocument } from "./documents.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";
import { documentsWithGroups, policiesOf } from "./identified.ts";
import { getIdentity, type IdentityKind, identityArn } from "./identity.ts";
import { more, type Paged, sliceMarked } from "./listed.ts";
import { SIMULATED_MAX } from "./quotas.ts";

export async function simulateCustomPolicy(
  input: Validated<SimulateCustomPolicyRequest>,
  context: Context,
): Promise<SimulatePolicyResponse> {
  const policies: IdentityPolicies = { identity: compile(input.PolicyInputList), ...boundary(input) };
  return simulate(policies, input, input.CallerArn ?? `arn:aws:iam::${context.account}:user/simulated`, context);
}

export async function simulatePrincipalPolicy(
  input: Validated<SimulatePrincipalPolicyRequest>,
  context: Context,
): Promise<SimulatePolicyResponse> {
  const { PolicySourceArn: arn } = input;
  const { kind, identity } = await sourceOf(arn, context);
  const own = await policiesOf(context.store, kind, identity);
  const added = compile(input.PolicyInputList ?? []);
  const policies: IdentityPolicies = { ...own, identity: [...own.identity, ...added], ...boundary(input) };
  return simulate(policies, input, input.CallerArn ?? arn, context);
}

async function sourceOf(arn: string, context: Context) {
  const [, account, kind, name] = /^arn:aws[\w-]*:iam::(\d{12}):(user|role|group)\/(?:.+\/)?([^/]+)$/.exec(arn) ?? [];
  if (kind === undefined || name === undefined)
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  const identity =
    account === context.account ? await getIdentity(context.store, kind as IdentityKind, context, name) : undefined;
  if (identity === undefined || identityArn(kind as IdentityKind, identity) !== arn)
    throw noSuchEntity(`The entity ${arn} cannot be found.`);
  return { kind: kind as IdentityKind, identity };
}

interface Simulation extends Paged {
  readonly ActionNames: readonly string[];
  readonly ResourceArns?: readonly string[] | undefined;
  readonly ResourcePolicy?: string | undefined;
  readonly ResourceOwner?: string | undefined;
  readonly ContextEntries?: readonly ContextEntry[] | undefined;
}

function simulate(
  policies: IdentityPolicies,
  input: Simulation,
  callerArn: string,
  context: Context,
): SimulatePolicyResponse {
  const {
    ActionNames: actions,
    ResourceArns: resources = ["*"],
    ResourcePolicy: resourceText,
    ContextEntries = [],
  } = input;
  if (resourceText !== undefined) checkDocumentInput(resourceText, "resource");
  const resourcePolicy = resourceText === undefined ? undefined : compiledPolicy(resourceText);
  const callerAccount = callerArn.split(":")[4] ?? context.account;
  const owner = /\d{12}/.exec(input.ResourceOwner ?? "")?.[0];
  const principal = principalOf(callerAccount, callerArn);
  const given = new Map(
    ContextEntries.map((entry) => [String(entry.ContextKeyName).toLowerCase(), entry.ContextKeyValues ?? []]),
  );
  const keys = (name: string): readonly string[] | undefined =>
    given.get(name) ??
    (name === "aws:principalarn" ? [callerArn] : name === "aws:principalaccount" ? [callerAccount] : undefined);

  if (actions.length * resources.length > SIMULATED_MAX) {
    throw invalidInput(`At most ${SIMULATED_MAX} pairs of an action and a resource can be simulated at once.`);
  }
  const pairs = actions.flatMap((action) => resources.map((resource) => [action, resource] as const));
  const placeOf = (pair: (typeof pairs)[number]): string => String(pairs.indexOf(pair)).padStart(8, "0");
  const page = sliceMarked(pairs, placeOf, input, [context.account, "Simulate", actions, resources]);
  const results = page.items.map(([action, resourceArn]): EvaluationResult => {
    const missing = new Set<string>();
    const asked = {
      principal,
      action,
      resourceArn,
      keys: (name: string) => {
        const values = keys(name);
        if (values === undefined) missing.add(name);
        return values;
      },
    };
    const foreign = owner !== undefined && owner !== callerAccount;
    const decision = decide(policies, resourcePolicy, asked, { foreign });
    const bounded =
      policies.boundary === undefined ? undefined : decide({ identity: [policies.boundary] }, undefined, asked);
    return {
      EvalActionName: action,
      EvalResourceName: resourceArn,
      EvalDecision: decision.allowed ? "allowed" : decision.explicitly ? "explicitDeny" : "implicitDeny",
      MatchedStatements: [],
      MissingContextValues: [...missing],
      ...(bounded && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: bounded.allowed } }),
    };
  });
  return { EvaluationResults: results, ...more(page) };
}

function boundary({
  PermissionsBoundaryPolicyInputList: texts,
}: {
  PermissionsBoundaryPolicyInputList?: string[] | undefined;
}): {
  boundary?: Policy;
} {
  const [policy] = compile(texts ?? []);
  return policy === undefined ? {} : { boundary: policy };
}

function compile(texts: readonly string[]): readonly Policy[] {
  for (const text of texts) checkDocumentInput(text, "identity");
  return texts.map((text) => compiledPolicy(text)).filter((policy) => policy !== undefined);
}

/** The simulator calls a bad document bad input. */
function checkDocumentInput(text: string, kind: "identity" | "resource"): void {
  try {
    checkDocument(text, kind);
  } catch (error) {
    throw invalidInput(error instanceof Error ? error.message : String(error));
  }
}

export async function getContextKeysForCustomPolicy(
  input: Validated<GetContextKeysForCustomPolicyRequest>,
  _context: Context,
): Promise<GetContextKeysForPolicyResponse> {
  compile(input.PolicyInputList);
  return { ContextKeyNames: contextKeys(input.PolicyInputList) };
}

export async function getContextKeysForPrincipalPolicy(
  input: Validated<GetContextKeysForPrincipalPolicyRequest>,
  context: Context,
): Promise<GetContextKeysForPolicyResponse> {
  const { kind, identity } = await sourceOf(input.PolicySourceArn, context);
  const { PolicyInputList: added = [] } = input;
  compile(added);
  return { ContextKeyNames: contextKeys([...(await documentsWithGroups(context.store, kind, identity)), ...added]) };
}

/** The condition keys and variables that policies name. */
function contextKeys(texts: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const text of texts) {
    for (const [, key] of text.matchAll(/\$\{\s*([\w:/.-]+)/g)) if (key !== undefined) keys.add(key);
    const statements = [JSON.parse(text).Statement].flat() as readonly {
      readonly Condition?: Record<string, object>;
    }[];
    for (const { Condition: block = {} } of statements) {
      for (const named of Object.values(block)) for (const key of Object.keys(named)) keys.add(key);
    }
  }
  return [...keys].sort();
}
