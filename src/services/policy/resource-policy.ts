import { BoundedMap } from "../bounded-map.ts";
import type { Keys } from "./glob.ts";
import { askPolicy, compilePolicy, type Policy, type PolicyDocument, type Principal, parsePolicy } from "./policy.ts";

/** What somebody of another account, or a service, wants to do with the resource that has a policy. */
export interface Access {
  readonly principal: Principal;
  /** `kinesis:PutRecord`. */
  readonly action: string;
  readonly resourceArn: string;
  /** Condition keys: `{"aws:SourceArn": ["arn:…"]}`. Those that follow from the principal are there by themselves. */
  readonly conditions?: Readonly<Record<string, readonly string[]>>;
}

/** Whether a resource's policy lets somebody in: a statement allows it and none denies it. Takes the document, or its text. */
export function policyAllows(policy: PolicyDocument | string | undefined, access: Access): boolean {
  const compiled = policy === undefined ? undefined : compiledPolicy(policy);
  if (compiled === undefined) return false;
  return askPolicy(compiled, { ...access, keys: keysOf(access) }).allowed !== undefined;
}

function keysOf({ principal, conditions = {} }: Access): Keys {
  const given = new Map(Object.entries(conditions).map(([name, values]) => [name.toLowerCase(), values]));
  if (principal.account !== "") {
    given.set("aws:principalarn", [principal.roleArn ?? principal.arn]);
    given.set("aws:principalaccount", [principal.account]);
  }
  return (name) => given.get(name);
}

const compiledDocuments = new WeakMap<PolicyDocument, Policy>();
/** Texts that were compiled last. A policy is small, and asked again and again. */
const TEXTS_MAX = 1000;
const compiledTexts = new BoundedMap<string, Policy | undefined>(TEXTS_MAX);

/** Compiled at its first use. `undefined` for a text that is no policy. */
export function compiledPolicy(policy: PolicyDocument | string): Policy | undefined {
  if (typeof policy === "string") {
    if (compiledTexts.has(policy)) return compiledTexts.get(policy);
    const document = parsePolicy(policy);
    const compiled = document && compilePolicy(document);
    compiledTexts.set(policy, compiled);
    return compiled;
  }
  const kept = compiledDocuments.get(policy) ?? compilePolicy(policy);
  compiledDocuments.set(policy, kept);
  return kept;
}

/** A principal of its ARN alone. A session's ARN tells its role's name, not its path. */
export function principalOf(account: string, arn: string): Principal {
  const role = /^arn:(aws[\w-]*):sts::\d{12}:assumed-role\/([^/]+)\//.exec(arn);
  return { account, arn, ...(role && { roleArn: `arn:${role[1]}:iam::${account}:role/${role[2]}` }) };
}
