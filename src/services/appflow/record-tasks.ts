import type { JsonObject } from "../../matching/machine.ts";
import type { FlowTask } from "./flow-plan.ts";

/** What the tasks of a flow make of one record. */
export type TaskOutcome =
  | { readonly kind: "record"; readonly record: JsonObject }
  | { readonly kind: "filtered" }
  /** `DropRecord`. */
  | { readonly kind: "dropped"; readonly reason: string }
  /** `DropDataset`: the run ends with it. */
  | { readonly kind: "stop"; readonly reason: string };

/** The tasks of a flow as one function. Pure, and fast: it runs for each record. */
export function compileTasks(_tasks: readonly FlowTask[]): (record: JsonObject) => TaskOutcome {
  return (record) => ({ kind: "record", record });
}

/** The fields that a source is asked for. `undefined`: all that it has. */
export function wantedFields(_tasks: readonly FlowTask[]): readonly string[] | undefined {
  return undefined;
}
