/**
 * A policy: statements that allow or deny. It is compiled once, since each request of somebody who has policies asks them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
import { isJsonObject, parseJsonObject } from "../json-text.ts";
import { type Condition, compileConditions } from "./condition.ts";
import { compileArnPattern, compilePattern, type Keys, type Pattern, type PatternOptions } from "./glob.ts";

/** A policy document as its text says it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly Statement[];
  readonly [element: string]: unknown;
}

export type Statement = Readonly<Record<string, unknown>>;

/** Who asks, as policies name it. */
export interface Principal {
  /** Empty for a service. */
  readonly account: string;
  /** `arn:aws:iam::…:user/ann`, `arn:aws:sts::…:assumed-role/agents/ann`; the name of a service: `events.amazonaws.com`. */
  readonly arn: string;
  /** Of a session: the role it has assumed, `arn:aws:iam::…:role/agents`. */
  readonly roleArn?: string | undefined;
}

/** What somebody asks for. */
export interface PolicyRequest {
  readonly principal: Principal;
  /** `kinesis:PutRecord`. */
  readonly action: string;
  /** `*` where the action is on no resource in particular; only a statement for every resource applies then. */
  readonly resourceArn: string;
  readonly keys: Keys;
}

/**
 * How a policy names whom it allows. What it says of an account, that account's own policies must allow too; what it says of a role or of
 * everybody, a session's limits hold for; what it says of a user or a session by name needs nothing else.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-resource-based.html
 */
export type Reach = "account" | "role" | "self";

/** What one policy says of a request. */
export interface Answer {
  readonly denied: boolean;
  /** Absent: no statement allows it. */
  readonly allowed: Reach | undefined;
}

/** A policy that is ready to be asked. */
export interface Policy {
  readonly statements: readonly CompiledStatement[];
}

interface CompiledStatement {
  readonly effect: "Allow" | "Deny";
  readonly sid: string | undefined;
  applies(request: PolicyRequest): Reach | undefined;
}

/** Reads a policy document; `undefined` where the text is none. A single statement may stand without a list. */
export function parsePolicy(text: string): PolicyDocument | undefined {
  const document = parseJsonObject(text);
  if (document?.Statement === undefined) return undefined;
  const statements = listOf(document.Statement);
  return statements.every(isStatement) ? { ...document, Statement: statements } : undefined;
}

function isStatement(value: unknown): value is Statement {
  return isJsonObject(value) && (value.Effect === "Allow" || value.Effect === "Deny");
}

/**
 * Compiles a document. A statement that has something in it that cannot be understood never allows, and denies whatever else of it
 * applies: what the real service might refuse is refused.
 */
export function compilePolicy(document: PolicyDocument): Policy {
  const options = { variables: document.Version === "2012-10-17" };
  return { statements: document.Statement.map((statement) => compileStatement(statement, options)) };
}

/** Asks a policy. */
export function askPolicy({ statements }: Policy, request: PolicyRequest): Answer {
  let allowed: Reach | undefined;
  for (const statement of statements) {
    const reach = statement.applies(request);
    if (reach === undefined) continue;
    if (statement.effect === "Deny") return { denied: true, allowed: undefined };
    allowed = further(allowed, reach);
  }
  return { denied: false, allowed };
}

const REACHES: readonly (Reach | undefined)[] = [undefined, "account", "role", "self"];

export function further(one: Reach | undefined, other: Reach | undefined): Reach | undefined {
  return REACHES.indexOf(one) > REACHES.indexOf(other) ? one : other;
}

type Applies = (request: PolicyRequest) => boolean;

const always: Applies = () => true;

function compileStatement(statement: Statement, options: PatternOptions): CompiledStatement {
  const { Effect, Sid, Condition: block } = statement;
  const effect = Effect === "Deny" ? "Deny" : "Allow";
  const conditions = block === undefined ? [] : compileConditions(block, options);
  const action = compileActions(statement);
  const resource = compileResources(statement, options);
  const principal = compilePrincipals(statement);
  const isUnderstood =
    conditions !== undefined && action !== undefined && resource !== undefined && principal !== undefined;
  const holds: readonly Condition[] = conditions ?? [];
  return {
    effect,
    sid: typeof Sid === "string" ? Sid : undefined,
    applies: (request) => {
      if (!isUnderstood && effect === "Allow") return undefined;
      if (!(action ?? always)(request) || !(resource ?? always)(request)) return undefined;
      const reach = principal === undefined ? "self" : principal(request.principal);
      return reach !== undefined && holds.every((condition) => condition(request.keys)) ? reach : undefined;
    },
  };
}

/** `undefined` for what is no list of actions. */
function compileActions({ Action, NotAction }: Statement): Applies | undefined {
  const patterns = patternsOf(Action ?? NotAction, (text) => {
    const lower = text.toLowerCase();
    return compilePattern(lower, { variables: false });
  });
  if (patterns === undefined || (Action !== undefined && NotAction !== undefined)) return undefined;
  const wanted = Action !== undefined;
  return ({ action, keys }) => {
    const lower = action.toLowerCase();
    return patterns.some((matches) => matches(lower, keys)) === wanted;
  };
}

/** A statement of a resource's own policy may name none: it is for that resource. */
function compileResources({ Resource, NotResource }: Statement, options: PatternOptions): Applies | undefined {
  if (Resource === undefined && NotResource === undefined) return always;
  if (Resource !== undefined && NotResource !== undefined) return undefined;
  const patterns = patternsOf(Resource ?? NotResource, (text) => compileArnPattern(text, options));
  if (patterns === undefined) return undefined;
  const wanted = Resource !== undefined;
  return ({ resourceArn, keys }) => patterns.some((matches) => matches(resourceArn, keys)) === wanted;
}

function patternsOf(element: unknown, compile: (text: string) => Pattern): readonly Pattern[] | undefined {
  const texts = listOf(element);
  return texts.every((text) => typeof text === "string") ? texts.map(compile) : undefined;
}

type Names = (principal: Principal) => Reach | undefined;

/** An identity's own policy names nobody: it is for that identity. */
function compilePrincipals({ Principal: element, NotPrincipal: not }: Statement): Names | undefined {
  if (element === undefined && not === undefined) return () => "self";
  if (element !== undefined && not !== undefined) return undefined;
  const named = namesOf(element ?? not);
  if (named === undefined) return undefined;
  // Who is named by its role or its account is named.
  if (not !== undefined) return (principal) => (reachOf(named, principal) === undefined ? "role" : undefined);
  return (principal) => reachOf(named, principal);
}

interface Named {
  readonly everybody: boolean;
  readonly names: ReadonlySet<string>;
}

function namesOf(element: unknown): Named | undefined {
  if (element === "*") return { everybody: true, names: new Set() };
  if (!isJsonObject(element)) return undefined;
  const aws = listOf(element.AWS ?? []).map(String);
  const others = [...listOf(element.Service ?? []), ...listOf(element.Federated ?? [])].map(String);
  return { everybody: aws.includes("*"), names: new Set([...aws, ...others]) };
}

function reachOf({ everybody, names }: Named, { arn, account, roleArn }: Principal): Reach | undefined {
  if (names.has(arn)) return "self";
  if (roleArn !== undefined && names.has(roleArn)) return "role";
  if (everybody) return "role";
  if (account === "") return undefined;
  return names.has(account) || names.has(`arn:aws:iam::${account}:root`) ? "account" : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
