import { type Collection, collection, compositeKey, type LogDeclaration, type Reader } from "../../store/store.ts";
import type { SourceWindow } from "./connector.ts";
import type { FlowPlan } from "./flow-plan.ts";

export interface FlowRef {
  readonly account: string;
  readonly region: string;
  readonly name: string;
}

/** A flow: where records come from, what becomes of each, and when. */
export interface Flow extends FlowRef {
  /** Tells it from earlier flows of its name. */
  readonly uid: string;
  readonly plan: FlowPlan;
  /** The sink inside that takes its records, in the unit that moves the run's cursor. */
  readonly destinationArn: string;
  /** What the records are, where it is no integration that says so. */
  readonly objectType?: string | undefined;
  /** `Draft`: it was never started. `Errored`: its last run failed. `Suspended`: it was stopped, and runs no more by itself. */
  readonly status: "Active" | "Draft" | "Errored" | "Suspended";
  readonly statusMessage?: string | undefined;
  /** How many runs it has had. */
  readonly runCount: number;
  /** The run that reads now. Others wait for its end. */
  readonly activeRunId?: string | undefined;
  /** The run that counts the events of a day as they come, which stays open until that is over. */
  readonly eventRunId?: string | undefined;
  /** Since when it runs by its schedule, where it has one: a rate that has no start counts from then on. */
  readonly scheduledSinceMs: number;
  /** Up to when the last successful incremental run has read. */
  readonly readUntilMs?: number | undefined;
  /** Made by AppFlow's API: it outlives an integration that names it. */
  readonly isOwn?: true | undefined;
  /** Not listed: made for an integration that has no flow of its own. */
  readonly isHidden?: true | undefined;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const flows: Collection<Flow> = collection("appflow_flows", {
  /** Of those that events start, by what these are of. */
  eventSource: { type: "text", value: (flow) => eventSource(flow) },
});

function eventSource({ account, region, name, plan: { trigger, source } }: Flow): string | undefined {
  if (trigger.type !== "Event") return undefined;
  const { connector, properties } = source;
  return compositeKey(account, region, connector, properties.BucketName ?? properties.Object ?? "", name);
}

/** What the `eventSource` of flows begins with that an S3 bucket's objects, or changes of an object of Salesforce, start. */
export function eventSourcePrefix(
  { account, region }: Pick<FlowRef, "account" | "region">,
  connector: "S3" | "Salesforce",
  name: string,
): string {
  return compositeKey(account, region, connector, name, "");
}

export function flowKey({ account, region, name }: FlowRef): string {
  return compositeKey(account, region, name);
}

export function flowArn({ account, region, name }: FlowRef): string {
  return `arn:aws:appflow:${region}:${account}:flow/${name}`;
}

/** `undefined`: it is no ARN of a flow. */
export function parseFlowArn(arn: string): FlowRef | undefined {
  const [, region, account, name] = /^arn:aws[^:]*:appflow:([^:]*):(\d{12}):flow\/(.+)$/.exec(arn) ?? [];
  return region !== undefined && account !== undefined && name !== undefined ? { account, region, name } : undefined;
}

export async function findFlow(reader: Reader, ref: FlowRef): Promise<Flow | undefined> {
  return reader.get(flows, flowKey(ref));
}

/** One time that a flow reads its source. */
export interface FlowRun {
  readonly account: string;
  readonly region: string;
  readonly flowName: string;
  readonly flowUid: string;
  /** A UUID. */
  readonly id: string;
  /** Of its flow's runs: 1 for the first. */
  readonly number: number;
  readonly cause: "on demand" | "schedule" | "event" | "objects";
  readonly status: "InProgress" | "Successful" | "Error" | "CancelStarted" | "Canceled";
  /** It waits for the end of others. */
  readonly isWaiting?: true | undefined;
  /** What it reads of the source. Absent: all. */
  readonly window?: SourceWindow | undefined;
  /** Its window begins where that of the last successful one has ended. */
  readonly isIncremental?: true | undefined;
  readonly keys?: readonly string[] | undefined;
  /** Where the page begins that is read, and how many of its records are done. */
  readonly cursor?: unknown;
  readonly done: number;
  readonly counts: RunCounts;
  /** Counts the units that have moved it. */
  readonly moves: number;
  /** Of the request that has started it. */
  readonly clientToken?: string | undefined;
  /** Attempts in a row that brought nothing. */
  readonly failures: number;
  /** What the last failure was, also one that has passed. */
  readonly message?: string | undefined;
  readonly startedMs: number;
  readonly updatedMs: number;
  /** For how long it runs, or ran. */
  readonly endedMs?: number | undefined;
}

export interface RunCounts {
  readonly read: number;
  /** By a filter. */
  readonly filtered: number;
  /** By a validation. */
  readonly dropped: number;
  /** Told to the dead-letter queue. */
  readonly failed: number;
  readonly ingested: number;
  /** Of what was read, and of what was handed on. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export const NO_COUNTS: RunCounts = {
  read: 0,
  filtered: 0,
  dropped: 0,
  failed: 0,
  ingested: 0,
  bytesRead: 0,
  bytesWritten: 0,
};

export const flowRuns: Collection<FlowRun> = collection("appflow_runs", {
  /** Of one flow, in the order in which they started. */
  started: { type: "text", value: (run) => compositeKey(run.flowUid, run.number) },
  /** Of one flow, those that wait. */
  waiting: { type: "text", value: (run) => run.isWaiting && compositeKey(run.flowUid, run.number) },
  /** By the client tokens of the requests that have started them. */
  token: { type: "text", value: ({ flowUid, clientToken }) => clientToken && compositeKey(flowUid, clientToken) },
  /** Those that are over, of all flows: they go when they are old. */
  ended: { type: "integer", value: ({ endedMs }) => endedMs },
});

export function runKey({
  account,
  region,
  flowName,
  id,
}: Pick<FlowRun, "account" | "region" | "flowName" | "id">): string {
  return compositeKey(account, region, flowName, id);
}

export async function findRun(
  reader: Reader,
  { account, region, name: flowName }: FlowRef,
  id: string,
): Promise<FlowRun | undefined> {
  return reader.get(flowRuns, runKey({ account, region, flowName, id }));
}

/** The run of a flow that started last. */
export async function lastRunOf(reader: Reader, { uid }: Flow): Promise<FlowRun | undefined> {
  const range = { index: "started", prefix: compositeKey(uid, ""), descending: true, limit: 1 };
  return (await reader.list(flowRuns, range)).documents[0];
}

/** Told as each run ends: JSON of `EndedRun`, by the flow's ARN. */
export const RUN_ENDS_LOG: LogDeclaration = { name: "appflow/run-ends", keepMs: 86_400_000, keepBytes: 64 * 1024 ** 2 };

export interface EndedRun {
  readonly account: string;
  readonly region: string;
  readonly flowName: string;
  readonly runId: string;
  readonly status: FlowRun["status"];
  readonly counts: RunCounts;
  readonly message?: string | undefined;
}
