import type { JsonObject } from "../../matching/machine.ts";
import { EVENT_SOURCES, findPath } from "../../matching/rule-function/event-sources.ts";
import { METRICS } from "../../matching/rule-function/metrics.ts";
import type { BuiltSource } from "./sources.ts";

/** A path written bare in a text: `Call back about $.ContactLens.PostCall.ContactId`. Dots at its end belong to the sentence. */
const VARIABLE = /\$\.[A-Za-z0-9_-]+(?:\.+[A-Za-z0-9_-]+)*/g;

export function holdsVariable(text: string): boolean {
  return text.search(VARIABLE) !== -1;
}

/**
 * A text with the values of its variables, each put in once. A path that the event source has, but this contact has no value for, becomes
 * nothing; any other is left as it is (our choice). `values`: a fact document, and what texts may name beside it.
 */
export function withVariables(text: string, source: BuiltSource, values: JsonObject): string {
  return text.replaceAll(VARIABLE, (variable) => {
    const value = valueAt(values, pathOf(variable, source));
    if (value !== undefined) return String(value);
    return isKnown(variable, source) ? "" : variable;
  });
}

/** Where its value stands: a path may have another spelling. */
function pathOf(variable: string, source: BuiltSource): string {
  const found = source === "OnMetricDataUpdate" ? undefined : findPath(EVENT_SOURCES[source], variable);
  return found?.factPath ?? variable.slice("$.".length);
}

/** What texts may name that conditions may not, below the prefix of the event source. */
const NAMED_IN_TEXTS = [
  "ContactId",
  "Agent.AgentName",
  "Queue.QueueName",
  "EvaluationId",
  "Id",
  "CreatedAt",
  "CaseNumber",
  "CreatedDate",
];

/** Texts may name the case, also where conditions ask for its SLA alone. */
const CASE_SOURCES: readonly BuiltSource[] = ["OnCaseCreate", "OnCaseUpdate", "OnSlaBreach"];

function isKnown(variable: string, source: BuiltSource): boolean {
  // Each resource has values of its own for metrics: texts name none.
  if (source === "OnMetricDataUpdate") return METRICS.has(variable.replace("$.MetricData.", ""));
  if (CASE_SOURCES.includes(source)) {
    if (variable === "$.Case.CaseId" || findPath(EVENT_SOURCES.OnCaseUpdate, variable) !== undefined) return true;
  }
  const eventSource = EVENT_SOURCES[source];
  const inTexts = eventSource.prefixes.flatMap((prefix) => NAMED_IN_TEXTS.map((path) => `$.${prefix}${path}`));
  return inTexts.includes(variable) || findPath(eventSource, variable) !== undefined;
}

function valueAt(values: JsonObject, path: string): string | number | boolean | undefined {
  let value: unknown = values;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : undefined;
}
