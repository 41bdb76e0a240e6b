/** What is told of flows and their runs beside AppFlow's API, for `/_trunkline/flows` and the command line. */
import type { Reader } from "../../store/store.ts";
import { listBehind } from "../list-page.ts";
import type { Platform } from "../service.ts";
import { connectors } from "./connectors.ts";
import { notFound } from "./errors.ts";
import { runsBefore } from "./execution-records.ts";
import {
  type Flow,
  type FlowRef,
  type FlowRun,
  findFlow,
  findRun,
  flows,
  lastRunOf,
  type RunCounts,
} from "./flow-document.ts";
import { isOff } from "./flows.ts";
import { nextDueMs } from "./schedule.ts";

/** A flow as it is now. Times are ISO 8601. */
export interface FlowStatus {
  readonly name: string;
  readonly connector: string;
  readonly object?: string | undefined;
  readonly trigger: string;
  /** Of a flow with a schedule. */
  readonly schedule?: string | undefined;
  readonly destination: string;
  readonly status: Flow["status"];
  /** `UNHEALTHY`: its last run failed, for the reason that `message` gives. */
  readonly health: "HEALTHY" | "UNHEALTHY";
  readonly message?: string | undefined;
  /** Made for an integration that has no flow of its own: AppFlow's API does not show it. */
  readonly isHidden?: true | undefined;
  readonly nextRun?: string | undefined;
  readonly lastRun?: RunStatus | undefined;
}

/** A run as far as it has come. */
export interface RunStatus extends RunCounts {
  readonly id: string;
  readonly cause: FlowRun["cause"];
  /** `Waiting`: for the end of another one. */
  readonly status: FlowRun["status"] | "Waiting";
  readonly started: string;
  readonly ended?: string | undefined;
  readonly durationMs: number;
  /** What it reads of the source, by the times of changes. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Where in the source it reads, while it does. */
  readonly progress?: string | undefined;
  readonly message?: string | undefined;
}

type Owner = Omit<FlowRef, "name">;

const LISTED_MAX = 1_000;
const RUNS_MAX = 100;

/** The flows of an account in a Region by name, the hidden ones too: 1,000 at most. */
export async function listFlowStatuses(platform: Platform, { account, region }: Owner): Promise<readonly FlowStatus[]> {
  const listing = { collection: flows, under: [account, region], nameOf: ({ name }: Flow) => name };
  const listed = await listBehind(platform.store, listing, undefined, LISTED_MAX);
  return Promise.all(listed.map((flow) => statusOf(platform, flow)));
}

/** A flow with its newest runs, 100 at most, the newest first. Throws `ResourceNotFoundException`. */
export async function showFlow(
  platform: Platform,
  ref: FlowRef,
): Promise<FlowStatus & { readonly runs: readonly RunStatus[] }> {
  const flow = await requireFlow(platform.store, ref);
  const runs = await runsBefore(platform.store, flow, undefined, RUNS_MAX);
  return { ...(await statusOf(platform, flow)), runs: runs.map((run) => runStatusOf(platform, flow, run)) };
}

/** Throws `ResourceNotFoundException`. */
export async function showRun(platform: Platform, ref: FlowRef, id: string): Promise<RunStatus> {
  const flow = await requireFlow(platform.store, ref);
  const run = await findRun(platform.store, ref, id);
  if (run?.flowUid !== flow.uid) throw notFound(`Flow ${ref.name} has no run ${id}`);
  return runStatusOf(platform, flow, run);
}

/** A flow, hidden or not. Throws `ResourceNotFoundException`. */
export async function requireFlow(reader: Reader, ref: FlowRef): Promise<Flow> {
  const flow = await findFlow(reader, ref);
  if (!flow) throw notFound(`There is no flow ${ref.name}`);
  return flow;
}

async function statusOf(platform: Platform, flow: Flow): Promise<FlowStatus> {
  const { name, plan, destinationArn, status, statusMessage, isHidden, scheduledSinceMs } = flow;
  const { source, trigger } = plan;
  const lastRun = await lastRunOf(platform.store, flow);
  const nextMs =
    trigger.type === "Scheduled" && !isOff(flow)
      ? nextDueMs(trigger, { sinceMs: scheduledSinceMs, afterMs: platform.clock.now() })
      : undefined;
  return {
    name,
    connector: source.connector,
    object: source.properties.Object ?? `${source.properties.BucketName}/${source.properties.BucketPrefix ?? ""}`,
    trigger: trigger.type,
    schedule: trigger.type === "Scheduled" ? trigger.expression : undefined,
    destination: destinationArn.split("/")[1] ?? "",
    status,
    health: statusMessage === undefined ? "HEALTHY" : "UNHEALTHY",
    message: statusMessage,
    isHidden,
    nextRun: isoTime(nextMs),
    lastRun: lastRun && runStatusOf(platform, flow, lastRun),
  };
}

function runStatusOf({ clock }: Platform, { plan }: Flow, run: FlowRun): RunStatus {
  const { id, cause, status, isWaiting, startedMs, endedMs, window, counts, message, cursor } = run;
  return {
    id,
    cause,
    status: isWaiting ? "Waiting" : status,
    started: new Date(startedMs).toISOString(),
    ended: isoTime(endedMs),
    durationMs: (endedMs ?? clock.now()) - startedMs,
    from: isoTime(window?.fromMs),
    to: isoTime(window?.toMs),
    ...counts,
    progress: cursor === undefined ? undefined : connectors.get(plan.source.connector)?.progress?.(cursor),
    message,
  };
}

function isoTime(timeMs: number | undefined): string | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString();
}
