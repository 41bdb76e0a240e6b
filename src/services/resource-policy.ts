import { isJsonObject, parseJsonObject } from "./json-text.ts";

/** A resource policy: what the owner of a resource lets other accounts do with it. */
export interface ResourcePolicy {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
  readonly [element: string]: unknown;
}

export type Statement = Readonly<Record<string, unknown>>;

/** What somebody wants to do with the resource that has the policy. */
export interface Access {
  readonly account: string;
  /** `arn:aws:iam::…` of who asks, or the name of a service (`events.amazonaws.com`). */
  readonly principal: string;
  /** `kinesis:PutRecord`. */
  readonly action: string;
  readonly resourceArn: string;
}

/** Reads a policy document; `undefined` where the text is none. A single statement may stand without a list. */
export function parseResourcePolicy(text: string): ResourcePolicy | undefined {
  const document = parseJsonObject(text);
  if (document?.Statement === undefined) return undefined;
  const statements = listOf(document.Statement);
  return statements.every(isStatement) ? { ...document, Statement: statements } : undefined;
}

function isStatement(value: unknown): value is Statement {
  return isJsonObject(value) && (value.Effect === "Allow" || value.Effect === "Deny");
}

/**
 * Whether a policy lets another account do something: a statement allows it and none denies it.
 *
 * Conditions and the `Not…` elements are not evaluated. A statement that has one never allows, and denies whatever else of it
 * applies: what the real service might refuse is refused.
 */
export function policyAllows(policy: ResourcePolicy | undefined, access: Access): boolean {
  const applying = (policy?.Statement ?? []).filter((statement) => applies(statement, access));
  const denied = applying.some(({ Effect }) => Effect === "Deny");
  return !denied && applying.some((statement) => statement.Effect === "Allow" && isEvaluated(statement));
}

function isEvaluated(statement: Statement): boolean {
  return !["Condition", "NotAction", "NotPrincipal", "NotResource"].some((element) => element in statement);
}

/** An element that is not there applies: instead of it there may be its `Not…`. */
function applies({ Principal, Action, Resource, ...others }: Statement, access: Access): boolean {
  return (
    (Principal === undefined ? "NotPrincipal" in others : names(Principal, access)) &&
    (Action === undefined
      ? "NotAction" in others
      : listOf(Action).some((pattern) => globMatches(String(pattern).toLowerCase(), access.action.toLowerCase()))) &&
    (Resource === undefined || listOf(Resource).some((pattern) => globMatches(String(pattern), access.resourceArn)))
  );
}

function names(element: unknown, { account, principal }: Access): boolean {
  if (!isJsonObject(element)) return element === "*";
  const named = [...listOf(element.AWS ?? []), ...listOf(element.Service ?? [])];
  return named.some((name) => ["*", account, `arn:aws:iam::${account}:root`, principal].includes(String(name)));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** `*` stands for any characters, `?` for one. Without a regular expression, whose time a policy could blow up. */
function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resumeAt = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      resumeAt = t;
    } else if (pattern[p] === "?" || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(p));
}
