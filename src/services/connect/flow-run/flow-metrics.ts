import type { Unit } from "../../../store/store.ts";
import type { Contact } from "../contacts.ts";
import type { FlowKind } from "../flow-language/flow.ts";

/** How a run of a flow or a module ended (`FLOWS_OUTCOME_TYPE` of GetMetricDataV2). */
export type FlowOutcome =
  | "TRANSFERRED_TO_QUEUE"
  | "TRANSFERRED_TO_AGENT"
  | "TRANSFERRED_TO_FLOW"
  | "DISCONNECTED_PARTICIPANT"
  | "ENDED_FLOW_EXECUTION"
  | "RETURNED_TO_FLOW"
  | "DROPPED";

/** What flow metrics are made of: one run of a flow or a module. */
export interface FlowRunFigures {
  /** The flow's or module's. */
  readonly id: string;
  /** The type of the flow, or `MODULE`. */
  readonly kind: FlowKind;
  /** When what it ran was published (`RESOURCE_PUBLISHED_TIMESTAMP`). */
  readonly publishedMs: number;
  readonly startMs: number;
  /** Absent: it has just started. */
  readonly endMs?: number | undefined;
  readonly outcome?: FlowOutcome | undefined;
  /** The flow or queue that came next (`FLOWS_NEXT_RESOURCE_ID`). */
  readonly nextId?: string | undefined;
}

/**
 * Called twice for each run of a flow or a module, in the unit of the change: when it starts, without `endMs`, and when it ends. The
 * contact gives the channel, the subtype and the initiation method. Flow metrics are not built yet: nothing is summed.
 */
export async function sumFlowRun(_unit: Unit, _contact: Contact, _run: FlowRunFigures): Promise<void> {}
