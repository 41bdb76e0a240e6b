import type { FilterCriteria } from "@aws-sdk/client-lambda";
import { parseEventPattern } from "../../../matching/event-pattern.ts";
import { type JsonObject, Machine } from "../../../matching/machine.ts";
import { ModeledError } from "../../../models/modeled-error.ts";

/** Whether a record passes: one of the patterns matches it, or there are none. */
export type RecordFilter = (record: JsonObject) => boolean;

/** "Up to ten" with a raised quota: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
const FILTERS_MAX = 10;

/** Compiles the patterns, which are those of EventBridge. Throws `InvalidParameterValueException`. */
export function compileFilter(criteria: FilterCriteria | undefined): RecordFilter {
  const filters = criteria?.Filters ?? [];
  if (filters.length > FILTERS_MAX) {
    throw invalid(`FilterCriteria has more than ${FILTERS_MAX} filters.`);
  }
  if (filters.length === 0) return () => true;
  const machine = new Machine<number>();
  for (const [place, { Pattern }] of filters.entries()) {
    try {
      machine.add(place, parseEventPattern(Pattern ?? ""));
    } catch (error) {
      if (error instanceof ModeledError) throw invalid("Invalid filter pattern definition.");
      throw error;
    }
  }
  return (record) => machine.match(record).length > 0;
}

/** What a pattern is asked about: JSON as its value, anything else as the text that it is. */
export function decodedContent(text: string): unknown {
  const first = text.trimStart()[0];
  if (first !== "{" && first !== "[") return text;
  try {
    return JSON.parse(text);
  } catch {
    // No JSON after all: a pattern for JSON does not match it, one for text may.
    return text;
  }
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterValueException", message);
}
