/**
 * Reads a document of the flow language and finds what is wrong with it.
 *
 * Whatever the text is, the answer is a flow or a list of problems, in time that grows with the text alone. The stems of the messages
 * are the live service's, as published builders have seen them; what stands behind a stem is our choice.
 */
import { isJsonObject, parseJsonObject } from "../../json-text.ts";
import { type ActionType, findActionType } from "./action-types.ts";
import {
  type Flow,
  type FlowAction,
  type FlowCondition,
  type FlowKind,
  type JsonObject,
  type NamedResource,
  OPERATORS,
  type Operator,
} from "./flow.ts";
import { type Findings, invalidValue, missingProperty, object } from "./parameter-rules.ts";
import { hasKnownReferences } from "./references.ts";

const VERSION = "2019-10-30";

/** "At most 250 actions per flow." */
const ACTIONS_MAX = 250;

const IDENTIFIER_CHARACTERS_MAX = 50;
const FORBIDDEN_IN_IDENTIFIER = /[%:(\\/)=$,;[\]{}]/;
const FORBIDDEN_IDENTIFIERS: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "__defineGetter__",
  "__defineSetter__",
  "toString",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "valueOf",
]);

/** InvalidContactFlowException carries 1 to 50. */
const PROBLEMS_MAX = 50;

/** A flow, or what is wrong with the text, the first problem first. */
export type ParsedFlow = { readonly flow: Flow } | { readonly problems: readonly string[] };

export function parseFlow(content: string, kind: FlowKind): ParsedFlow {
  const document = parseJsonObject(content);
  if (!document) return { problems: ["Invalid JSON content"] };

  const problems: string[] = [];
  const resources: NamedResource[] = [];
  const findings: Findings = {
    problem: (message) => {
      if (problems.length < PROBLEMS_MAX) problems.push(message);
    },
    resource: (resource) => {
      resources.push(resource);
    },
  };
  const actions = readActions(document, findings);
  checkEnvelope(document, actions, findings);
  const identifiers = new Set(actions.map(({ identifier }) => identifier));
  const read = actions.map((action) => readAction(action, kind, identifiers, findings));
  if (problems.length > 0) return { problems };

  return {
    flow: {
      startAction: document.StartAction as string,
      actions: new Map(read.map((action) => [action.identifier, action])),
      resources,
      settings: document.Settings as JsonObject | undefined,
    },
  };
}

/** An action with its place in the document. */
interface RawAction {
  readonly path: string;
  readonly identifier: string;
  readonly json: JsonObject;
}

function readActions(document: JsonObject, findings: Findings): readonly RawAction[] {
  const { Actions: list } = document;
  if (!Array.isArray(list)) return [];
  if (list.length > ACTIONS_MAX) {
    findings.problem(invalidFlowValue("Actions"));
    return [];
  }
  const taken = new Set<string>();
  const actions: RawAction[] = [];
  for (const [at, json] of list.entries()) {
    const path = `Actions[${at}]`;
    if (!isJsonObject(json)) findings.problem(invalidFlowValue(path));
    else if (isMissing(json.Identifier)) findings.problem(missingProperty(`${path}.Identifier`));
    else if (!isIdentifier(json.Identifier) || taken.has(json.Identifier)) {
      findings.problem(invalidFlowValue(`${path}.Identifier`));
    } else {
      taken.add(json.Identifier);
      actions.push({ path, identifier: json.Identifier, json });
    }
  }
  return actions;
}

function isIdentifier(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value !== "" &&
    [...value].length <= IDENTIFIER_CHARACTERS_MAX &&
    !FORBIDDEN_IN_IDENTIFIER.test(value) &&
    !FORBIDDEN_IDENTIFIERS.has(value)
  );
}

function checkEnvelope(document: JsonObject, actions: readonly RawAction[], findings: Findings): void {
  for (const name of ["Version", "StartAction", "Actions"]) {
    if (isMissing(document[name])) findings.problem(`JSON field is missing or null for field name: ${name}`);
  }
  const { Version: version, StartAction: start, Actions: list, Metadata: metadata, Settings: settings } = document;
  if (!isMissing(version) && version !== VERSION) findings.problem(invalidFlowValue("Version"));
  if (!isMissing(list) && !Array.isArray(list)) findings.problem(invalidFlowValue("Actions"));
  if (!isMissing(start) && !actions.some(({ identifier }) => identifier === start)) {
    findings.problem(invalidFlowValue("StartAction"));
  }
  if (!isMissing(metadata) && !isJsonObject(metadata)) findings.problem(invalidFlowValue("Metadata"));
  if (!isMissing(settings) && !isJsonObject(settings)) findings.problem(invalidFlowValue("Settings"));
}

function readAction(
  { path, identifier, json }: RawAction,
  kind: FlowKind,
  identifiers: ReadonlySet<string>,
  findings: Findings,
): FlowAction {
  const { Type: name, Parameters: written, Transitions: transitions } = json;
  if (!isMissing(written) && !isJsonObject(written)) findings.problem(invalidValue(`${path}.Parameters`));
  const parameters = isJsonObject(written) ? written : {};
  const type = readType(name, parameters, kind, path, findings);
  if (type?.parameters) object(type.parameters)(parameters, `${path}.Parameters`, findings);
  return {
    identifier,
    type: typeof name === "string" ? name : "",
    parameters,
    ...readTransitions(transitions, type, { path, identifiers, findings }),
  };
}

function readType(
  name: unknown,
  parameters: JsonObject,
  kind: FlowKind,
  path: string,
  findings: Findings,
): ActionType | undefined {
  const type = typeof name === "string" ? findActionType(name, parameters) : undefined;
  if (isMissing(name)) findings.problem(missingProperty(`${path}.Type`));
  else if (!type?.where.includes(kind)) findings.problem(`Invalid Action type. Path: ${path}.Type`);
  return type;
}

/** Where a transition stands: the path of its action, and the actions it may lead to. */
interface Place {
  readonly path: string;
  readonly identifiers: ReadonlySet<string>;
  readonly findings: Findings;
}

/** The branches of an action. Those of an unknown type are only held to what holds for all. */
function readTransitions(
  written: unknown,
  type: ActionType | undefined,
  place: Place,
): Pick<FlowAction, "next" | "errors" | "conditions"> {
  const { findings } = place;
  const path = `${place.path}.Transitions`;
  if (!isMissing(written) && !isJsonObject(written)) findings.problem(invalidValue(path));
  const { NextAction: next, Errors: errors, Conditions: conditions } = isJsonObject(written) ? written : {};
  const target = isMissing(next) ? undefined : readTarget(next, `${path}.NextAction`, place);
  if (isMissing(next) && type !== undefined && type.next === undefined) {
    findings.problem(missingProperty(`${path}.NextAction`));
  }
  return {
    next: target,
    errors: readErrors(listAt(errors, `${path}.Errors`, findings), type, place),
    conditions: readConditions(listAt(conditions, `${path}.Conditions`, findings), type, place),
  };
}

function readErrors(written: readonly unknown[], type: ActionType | undefined, place: Place): Map<string, string> {
  const { path, findings } = place;
  const errors = new Map<string, string>();
  for (const [at, entry] of written.entries()) {
    const { ErrorType: error, NextAction: next } = isJsonObject(entry) ? entry : {};
    const known = type?.errors === undefined || (typeof error === "string" && Object.hasOwn(type.errors, error));
    if (typeof error !== "string" || !known || errors.has(error)) {
      findings.problem(`Invalid Action error. Error: ${shortened(error)}, Path: ${path}`);
    } else errors.set(error, readTarget(next, `${path}.Transitions.Errors[${at}].NextAction`, place));
  }
  for (const [error, presence] of Object.entries(type?.errors ?? {})) {
    if (presence === "required" && !errors.has(error)) {
      findings.problem(missingProperty(`${path}.Transitions.Errors.${error}`));
    }
  }
  return errors;
}

/** All conditions of an action share one path in problems: the live service names no single one. */
function readConditions(written: readonly unknown[], type: ActionType | undefined, place: Place): FlowCondition[] {
  const { findings } = place;
  const path = `${place.path}.Transitions.Conditions`;
  const conditions: FlowCondition[] = [];
  for (const [at, entry] of written.entries()) {
    const { Condition: condition, NextAction: next } = isJsonObject(entry) ? entry : {};
    const { Operator: operator, Operands: operands } = isJsonObject(condition) ? condition : {};
    const [operand, ...more]: unknown[] = Array.isArray(operands) ? operands : [];
    if (!isOperator(operator) || typeof operand !== "string" || more.length > 0 || !hasKnownReferences(operand)) {
      findings.problem(invalidValue(path));
    } else {
      const target = readTarget(next, `${path}[${at}].NextAction`, place);
      conditions.push({ operator, operand, next: target });
    }
  }
  if (type !== undefined && !conditionsFit(type, conditions)) findings.problem(invalidValue(path));
  return conditions;
}

function conditionsFit({ conditions: shape }: ActionType, conditions: readonly FlowCondition[]): boolean {
  if (shape === undefined) return conditions.length === 0;

  const operands = conditions.map(({ operand }) => operand);
  const { results } = shape;
  return (
    conditions.every(({ operator }) => shape.operators.includes(operator)) &&
    operands.every((operand) => shape.operand?.test(operand) ?? true) &&
    (results === undefined ||
      (operands.length === results.length && results.every((result) => operands.includes(result))))
  );
}

function readTarget(next: unknown, path: string, { identifiers, findings }: Place): string {
  if (typeof next === "string" && identifiers.has(next)) return next;
  findings.problem(isMissing(next) ? missingProperty(path) : invalidValue(path));
  return "";
}

function listAt(value: unknown, path: string, findings: Findings): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMissing(value)) findings.problem(invalidValue(path));
  return [];
}

function isOperator(value: unknown): value is Operator {
  return OPERATORS.includes(value as Operator);
}

function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function invalidFlowValue(path: string): string {
  return `Invalid flow property value. Path: ${path}`;
}

/** What an author wrote, short enough for a message. */
function shortened(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 100) : "(none)";
}
