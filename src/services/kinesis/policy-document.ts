import { ModeledError } from "../../models/modeled-error.ts";

/** What a resource policy can share: https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html */
const SHAREABLE_ACTIONS = new Set([
  "DescribeStreamConsumer",
  "DescribeStream",
  "DescribeStreamSummary",
  "GetRecords",
  "GetShardIterator",
  "ListShards",
  "PutRecord",
  "PutRecords",
  "SubscribeToShard",
]);

/**
 * Whether a policy lets a principal of another account do something: a statement allows it and none denies it.
 *
 * Conditions and the `Not…` elements are not evaluated: a statement that has one never allows, and denies whatever else of it matches.
 */
export function policyAllows(policy: string | undefined, { principal, action, arn }: Access): boolean {
  if (policy === undefined || !SHAREABLE_ACTIONS.has(action)) return false;
  const matching = (statementsOf(policy) ?? []).filter(isStatement).filter((statement) => {
    return (
      matchesPrincipal(statement.Principal, principal) &&
      matchesAny(statement.Action, `kinesis:${action}`.toLowerCase(), (pattern) => pattern.toLowerCase()) &&
      matchesAny(statement.Resource, arn)
    );
  });
  const denied = matching.some((statement) => statement.Effect === "Deny");
  return !denied && matching.some((statement) => statement.Effect === "Allow" && !isConditional(statement));
}

/** What somebody wants: an action, by the operation's name, on the resource that has the policy. */
export interface Access {
  readonly principal: Principal;
  readonly action: string;
  readonly arn: string;
}

export interface Principal {
  readonly account: string;
  /** `arn:aws:iam::…` of who calls, or the name of a service (`events.amazonaws.com`). */
  readonly name: string;
}

/** Policies of at most this many characters, as for other resource policies. Ours: Kinesis documents no bound. */
const POLICY_CHARACTERS_MAX = 20_480;

/** Refuses a text that is no policy document. */
export function assertPolicyDocument(text: string): void {
  if (text.length > POLICY_CHARACTERS_MAX) {
    throw new ModeledError(
      "InvalidArgumentException",
      `The policy is longer than ${POLICY_CHARACTERS_MAX} characters.`,
    );
  }
  const statements = statementsOf(text);
  if (statements === undefined) {
    throw new ModeledError("InvalidArgumentException", "The policy is not a valid JSON policy document.");
  }
  if (!statements.every(isStatement)) {
    throw new ModeledError(
      "InvalidArgumentException",
      "Each statement of the policy must have an Effect of Allow or Deny, a Principal and an Action.",
    );
  }
}

type Statement = Readonly<Record<string, unknown>>;

/** `undefined` where the text is no JSON object with a statement, or a list of them. */
function statementsOf(text: string): readonly unknown[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // Not JSON: the caller says so in the service's words.
    return undefined;
  }
  if (!isObject(document) || document.Statement === undefined) return undefined;
  return listOf(document.Statement);
}

function isStatement(statement: unknown): statement is Statement {
  return (
    isObject(statement) &&
    (statement.Effect === "Allow" || statement.Effect === "Deny") &&
    statement.Principal !== undefined &&
    (statement.Action !== undefined || statement.NotAction !== undefined)
  );
}

function isObject(value: unknown): value is Statement {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isConditional(statement: Statement): boolean {
  return ["Condition", "NotAction", "NotResource", "NotPrincipal"].some((element) => element in statement);
}

function matchesPrincipal(element: unknown, principal: Principal): boolean {
  if (element === "*") return true;
  if (!isObject(element)) return false;
  const named = [...listOf(element.AWS ?? []), ...listOf(element.Service ?? [])];
  const accountRoot = `arn:aws:iam::${principal.account}:root`;
  return named.some((name) => ["*", principal.account, accountRoot, principal.name].includes(String(name)));
}

/** An element that is not there matches: instead of it there may be its `Not…`, see above. */
function matchesAny(element: unknown, text: string, fold: (pattern: string) => string = String): boolean {
  return element === undefined || listOf(element).some((pattern) => globMatches(fold(String(pattern)), text));
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
