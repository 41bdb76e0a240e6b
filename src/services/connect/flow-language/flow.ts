import type { ContactFlowType } from "@aws-sdk/client-connect";

/** What a document is: a flow of some type, or a module. */
export type FlowKind = ContactFlowType | "MODULE";

/** A document of the flow language that has passed all checks: what a run goes through. */
export interface Flow {
  readonly startAction: string;
  /** By identifier. Every target of a transition is among them. */
  readonly actions: ReadonlyMap<string, FlowAction>;
  /** What the document names outright rather than by a reference. Whether it exists is for whoever knows the instance to say. */
  readonly resources: readonly NamedResource[];
  /** The settings of a module, where its document has them. */
  readonly settings: JsonObject | undefined;
}

/** One step of a flow. `action-types.ts` says what its parameters may be. */
export interface FlowAction {
  readonly identifier: string;
  readonly type: string;
  /** As they were written: `"5"` and 5, `"True"`, `"true"` and true are the same. References are not resolved. */
  readonly parameters: JsonObject;
  /** Where the flow goes on when neither an error nor a condition decides. */
  readonly next: string | undefined;
  /** Where it goes on after an error, by the error's type; `NoMatchingCondition` is one of them. */
  readonly errors: ReadonlyMap<string, string>;
  /** Tested against the action's result in this order; the first that holds wins. */
  readonly conditions: readonly FlowCondition[];
}

export interface FlowCondition {
  readonly operator: Operator;
  /** Text that may hold references. */
  readonly operand: string;
  readonly next: string;
}

export const OPERATORS = [
  "Equals",
  "TextStartsWith",
  "TextEndsWith",
  "TextContains",
  "NumberGreaterThan",
  "NumberGreaterOrEqualTo",
  "NumberLessThan",
  "NumberLessOrEqualTo",
] as const;

export type Operator = (typeof OPERATORS)[number];

export interface NamedResource {
  readonly kind: "queue" | "contactFlow" | "contactFlowModule" | "hoursOfOperation" | "user";
  readonly idOrArn: string;
  /** Where it is named: `Actions[3].Parameters.QueueId`. */
  readonly path: string;
  /** A flow must be of one of these types. */
  readonly flowTypes?: readonly ContactFlowType[] | undefined;
}

export type JsonObject = Readonly<Record<string, unknown>>;
