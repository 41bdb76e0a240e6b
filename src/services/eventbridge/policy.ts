/** A resource policy as stored and shown: the document that the owner gave, or the statements that PutPermission made. */
export interface Policy {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
  readonly [element: string]: unknown;
}

export type Statement = Readonly<Record<string, unknown>>;

/** Characters of a bus policy, from the service quotas. */
export const POLICY_CHARACTERS_MAX = 10_240;

/** Reads a policy document; `undefined` where the text is none. */
export function parsePolicy(text: string): Policy | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Not JSON: the caller says so in the service's words.
    return undefined;
  }
  if (!isObject(document) || document.Statement === undefined) return undefined;
  const statements = listOf(document.Statement);
  return statements.every(isStatement) ? { ...document, Statement: statements } : undefined;
}

/**
 * Whether a policy lets another account put events: a statement allows it and none denies it.
 *
 * Only simple statements are understood. One with a condition or with a `Not…` element never allows, and denies whatever else of it
 * applies: a request that the real service might refuse is refused.
 */
export function allowsPutEvents(policy: Policy | undefined, account: string): boolean {
  const applying = (policy?.Statement ?? []).filter(
    (statement) => names(statement, account) && concernsPutEvents(statement),
  );
  const denied = applying.some(({ Effect }) => Effect === "Deny");
  return !denied && applying.some((statement) => statement.Effect === "Allow" && isSimple(statement));
}

function isStatement(value: unknown): value is Statement {
  return isObject(value) && (value.Effect === "Allow" || value.Effect === "Deny");
}

function isSimple(statement: Statement): boolean {
  return !["Condition", "NotAction", "NotPrincipal", "NotResource"].some((element) => element in statement);
}

function names({ Principal, ...others }: Statement, account: string): boolean {
  if (Principal === undefined) return "NotPrincipal" in others;
  if (!isObject(Principal)) return Principal === "*";
  const accounts: readonly unknown[] = ["*", account, `arn:aws:iam::${account}:root`];
  return listOf(Principal.AWS).some((name) => accounts.includes(name));
}

function concernsPutEvents({ Action, ...others }: Statement): boolean {
  if (Action === undefined) return "NotAction" in others;
  const all = ["*", "events:*", "events:put*", "events:putevents"];
  return listOf(Action).some((action) => all.includes(String(action).toLowerCase()));
}

function isObject(value: unknown): value is Statement {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
