/**
 * What is wrong with a policy document, in IAM's words: identities' policies, sessions' policies, and the trust policies of roles.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { isJsonObject, parseJsonObject } from "../json-text.ts";
import { isConditionOperator } from "./condition.ts";
import { listOf } from "./policy.ts";

export type DocumentKind = "identity" | "trust" | "resource";

const SYNTAX = "Syntax errors in policy.";
const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
]);

/** `undefined` for a document that can be used. */
export function findPolicyFault(text: string, kind: DocumentKind): string | undefined {
  const document = parseJsonObject(text);
  if (document === undefined || Object.keys(document).some((name) => !["Version", "Id", "Statement"].includes(name))) {
    return SYNTAX;
  }
  const { Version, Id, Statement } = document;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") return SYNTAX;
  if (Id !== undefined && typeof Id !== "string") return SYNTAX;
  const statements = Statement === undefined ? [] : listOf(Statement);
  if (statements.length === 0) return SYNTAX;
  for (const statement of statements) {
    const fault = isJsonObject(statement) ? statementFault(statement, kind) : SYNTAX;
    if (fault !== undefined) return fault;
  }
  const sids = statements.map((statement) => (statement as { Sid?: unknown }).Sid).filter((sid) => sid !== undefined);
  return new Set(sids).size < sids.length ? "Statement IDs (SID) in a single policy must be unique." : undefined;
}

type Elements = Readonly<Record<string, unknown>>;

function statementFault(statement: Elements, kind: DocumentKind): string | undefined {
  const { Sid, Effect, Condition } = statement;
  if (Object.keys(statement).some((name) => !ELEMENTS.has(name))) return SYNTAX;
  if (Effect !== "Allow" && Effect !== "Deny") return SYNTAX;
  if (Sid !== undefined && (typeof Sid !== "string" || (kind !== "resource" && !/^[A-Za-z0-9]*$/.test(Sid))))
    return SYNTAX;
  return (
    principalFault(statement, kind) ??
    actionFault(statement, kind) ??
    resourceFault(statement, kind) ??
    (Condition === undefined ? undefined : conditionFault(Condition))
  );
}

function principalFault({ Principal, NotPrincipal }: Elements, kind: DocumentKind): string | undefined {
  const given = Principal ?? NotPrincipal;
  if (kind === "identity") return given === undefined ? undefined : "Policy document should not specify a principal.";
  if (given === undefined) return "Missing required field Principal";
  if (Principal !== undefined && NotPrincipal !== undefined) return SYNTAX;
  if (given === "*") return undefined;
  if (!isJsonObject(given) || Object.keys(given).length === 0) return SYNTAX;
  for (const [type, names] of Object.entries(given)) {
    if (!["AWS", "Service", "Federated", "CanonicalUser"].includes(type)) return SYNTAX;
    for (const name of listOf(names)) {
      if (typeof name !== "string") return SYNTAX;
      if (!isPrincipal(type, name)) return `Invalid principal in policy: "${type}":"${name}"`;
    }
  }
  return undefined;
}

function isPrincipal(type: string, name: string): boolean {
  switch (type) {
    case "AWS":
      return name === "*" || /^(\d{12}|arn:aws[\w-]*:(iam|sts)::\d{12}:.+|A[A-Z]{3}[A-Z0-9]{12,})$/.test(name);
    case "Service":
      return /^[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)$/.test(name);
    default:
      return name !== "";
  }
}

function actionFault({ Action, NotAction }: Elements, kind: DocumentKind): string | undefined {
  if (Action !== undefined && NotAction !== undefined) return SYNTAX;
  const actions = textsOf(Action ?? NotAction);
  if (actions === undefined) return SYNTAX;
  if (actions.length === 0) return "Policy statement must contain actions.";
  for (const action of actions) {
    const fault = action === "*" ? undefined : actionNameFault(action);
    if (fault !== undefined) return fault;
    if (kind === "trust" && !/^(\*|sts:.*)$/i.test(action)) {
      return "AssumeRole policy may only specify STS AssumeRole actions.";
    }
  }
  return undefined;
}

function actionNameFault(action: string): string | undefined {
  const [vendor = "", name, ...more] = action.split(":");
  if (name === undefined) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  if (!/^[a-zA-Z0-9-.]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
  return more.length > 0 ? "Actions/Condition can contain only one colon." : undefined;
}

function resourceFault({ Resource, NotResource }: Elements, kind: DocumentKind): string | undefined {
  if (Resource !== undefined && NotResource !== undefined) return SYNTAX;
  const given = Resource ?? NotResource;
  if (kind === "trust") return given === undefined ? undefined : "Has prohibited field Resource";
  if (given === undefined) return kind === "identity" ? "Policy statement must contain resources." : undefined;
  const resources = textsOf(given);
  if (resources === undefined) return SYNTAX;
  if (resources.length === 0) return "Policy statement must contain resources.";
  for (const resource of resources) {
    if (/^\*+$/.test(resource) || resource.startsWith("${")) continue;
    const [, partition] = /^arn:([^:]*):./.exec(resource) ?? [];
    if (partition === undefined && !/^arn:[^:]*\*/.test(resource)) {
      return `Resource ${resource} must be in ARN format or "*".`;
    }
    if (partition !== undefined && !/^(aws[\w-]*|.*[*?].*)$/.test(partition)) {
      return `Partition "${partition}" is not valid for resource "${resource}".`;
    }
  }
  return undefined;
}

function conditionFault(condition: unknown): string | undefined {
  if (!isJsonObject(condition)) return SYNTAX;
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isConditionOperator(operator) || !isJsonObject(keys)) return SYNTAX;
    for (const [key, values] of Object.entries(keys)) {
      if (!key.includes(":")) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
      if (!listOf(values).every((value) => ["string", "number", "boolean"].includes(typeof value))) return SYNTAX;
    }
  }
  return undefined;
}

/** One text, or a list of texts. */
function textsOf(element: unknown): readonly string[] | undefined {
  if (element === undefined) return [];
  const texts = listOf(element);
  return texts.every((text) => typeof text === "string") ? texts : undefined;
}
