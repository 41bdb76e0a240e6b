import { type Collection, collection, compositeKey, type Reader } from "../../../store/store.ts";
import type { FlowPlan } from "../../appflow/index.ts";
import { type Domain, inDomain, type Owner } from "../domain.ts";
import { notFound } from "../errors.ts";

/** Brings what an application outside has had until now, batch by batch, and then goes on as an integration. */
export interface Workflow extends Owner {
  /** Of its domain. */
  readonly uid: string;
  readonly domainName: string;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly status: "IN_PROGRESS" | "COMPLETE" | "FAILED" | "CANCELLED";
  /** Why it has failed. */
  readonly error?: string | undefined;
  /** The flow of the integration that it ends with. */
  readonly flowName: string;
  readonly plan: FlowPlan;
  readonly objectType: string;
  readonly roleArn: string;
  /** The step that runs. Absent: none does. */
  readonly activeStep?: string | undefined;
  /** Of the steps that are complete. */
  readonly recordsProcessed: number;
  readonly stepsCompleted: number;
  readonly totalSteps: number;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const workflows: Collection<Workflow> = collection("profiles_workflows", {
  /** The newest first. */
  newest: { type: "text", value: (workflow) => compositeKey(workflow.uid, newestFirst(workflow)) },
  /** Of an account and Region: flows that workflows in progress are going to create. */
  comingFlow: {
    type: "text",
    value: ({ status, account, region, flowName }) =>
      status === "IN_PROGRESS" ? compositeKey(account, region, flowName) : undefined,
  },
});

/** Sorts the newest first, and tells those of one moment apart. */
export function newestFirst({ createdMs, id }: Pick<Workflow, "createdMs" | "id">): string {
  return `${String(Number.MAX_SAFE_INTEGER - createdMs).padStart(16, "0")} ${id}`;
}

export function workflowKey({ uid, id }: Pick<Workflow, "uid" | "id">): string {
  return inDomain({ uid }, id);
}

/** A domain's workflow, or `ResourceNotFoundException`. */
export async function getWorkflowIn(reader: Reader, { uid }: Domain, id: string): Promise<Workflow> {
  const workflow = await reader.get(workflows, workflowKey({ uid, id }));
  if (!workflow) throw notFound(`Workflow ${id} does not exist`);
  return workflow;
}

/** A batch of a workflow: what its source has changed within some time, read by a flow of its own. */
export interface WorkflowStep extends Owner {
  /** Of its domain. */
  readonly uid: string;
  readonly workflowId: string;
  /** Sorts as the steps run: `0002`, and `0002.1` and `0002.2` if that was divided. */
  readonly place: string;
  readonly flowName: string;
  /** `SPLIT`: it was too large, and two others do it. `RETRY`: its run has failed, and there will be another one. */
  readonly status: "NOT_STARTED" | "IN_PROGRESS" | "COMPLETE" | "FAILED" | "SPLIT" | "RETRY";
  readonly message: string;
  readonly recordsProcessed: number;
  /** What of the source it reads, by the times of changes. */
  readonly fromMs: number;
  readonly toMs: number;
  /** How often its run has failed. */
  readonly failures: number;
  /** Of its flow, which is there as long as the step runs. */
  readonly runId?: string | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export const workflowSteps: Collection<WorkflowStep> = collection("profiles_workflow_steps", {
  /** Those that have a run. */
  flow: {
    type: "text",
    value: ({ account, region, flowName, runId }) => runId && compositeKey(account, region, flowName),
  },
});

export function stepKey({ uid, workflowId, place }: Pick<WorkflowStep, "uid" | "workflowId" | "place">): string {
  return inDomain({ uid }, workflowId, place);
}
